"""Shapley values against all orders of the columns, closed forms and what must hold exactly."""

from itertools import permutations

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.explaining import shapley_rule
from thalweg.network.explaining.answer_links import LinkAnswer
from thalweg.network.explaining.shapley_rule import _averaged_over_orders, shapley_contributions
from thalweg.network.explaining.straight_way import DenseNetwork
from thalweg.network.formulas.losses import loss

NUMBERS, SIGMOID = LinkAnswer(loss("squared_error")), LinkAnswer(loss("sigmoid_cross_entropy"))


def a_network(n_inputs, seed=0):
    rng = np.random.default_rng(seed)
    layers = [
        (rng.standard_normal((n_out, n_in)), rng.standard_normal(n_out))
        for n_in, n_out in ((n_inputs, 8), (8, 6), (6, 1))
    ]
    return DenseNetwork(tuple(layers), Architecture.dense(1, (1, 1), 1, "relu").formulas[:-1])


def one_of(network, background, row, owner, n_columns, answer=SIGMOID):
    return shapley_contributions([network], [background], [row], [owner], n_columns, answer)


def test_relu_of_a_sum():
    formulas = Architecture.dense(2, (1,), 1, "relu").formulas[:-1]
    network = DenseNetwork(
        ((np.ones((1, 2)), -np.ones(1)), (np.ones((1, 1)), np.zeros(1))), formulas
    )
    row, owner = np.array([2.0, 1.0]), np.arange(2)
    found = one_of(network, np.zeros((1, 2)), row, owner, 2, NUMBERS)
    np.testing.assert_allclose(found.columns, [[1.5, 0.5]], rtol=1e-15)


def test_a_product_is_shared_equally():
    # x1 x2 x3 at (1, 2, 3) from 0: v is 6 for the set of all, else 0; 2 for each.
    worth = np.zeros((8, 1))
    worth[7] = 6.0
    sizes = np.array([bin(k).count("1") for k in range(8)])
    np.testing.assert_allclose(_averaged_over_orders(worth, sizes, 3), [[2.0, 2.0, 2.0]])


@pytest.mark.parametrize("n_background", [1, 3])
def test_all_orders_by_brute_force(n_background):
    rng = np.random.default_rng(1)
    owner = np.array([0, 0, 1, 2, 2, 2, 3])
    network = a_network(len(owner))
    background, row = rng.standard_normal((n_background, 7)), rng.standard_normal(7)

    def worth(columns):
        rows = np.where(np.isin(owner, list(columns)), row, background)
        return SIGMOID.value(network.outputs(rows)[None])[:, 0].mean()

    expected = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        for place, column in enumerate(order):
            expected[column] += worth(order[: place + 1]) - worth(order[:place])
    found = one_of(network, background, row, owner, 4)
    np.testing.assert_allclose(found.columns[0], expected / len(orders), atol=1e-14)
    np.testing.assert_allclose(found.base, worth(()), atol=1e-15)
    np.testing.assert_allclose(found.value, worth(range(4)), atol=1e-15)
    assert abs(found.columns.sum() - (found.value - found.base)[0]) < 1e-13


def test_an_unused_column_gets_exactly_zero():
    network, rng = a_network(5), np.random.default_rng(2)
    network.layers[0][0][:, 1] = 0.0
    background, row = rng.standard_normal((2, 5)), rng.standard_normal(5)
    background[:, 3] = row[3]
    found = one_of(network, background, row, np.arange(5), 5).columns[0]
    assert found[1] == 0
    assert found[3] == 0
    assert (found[[0, 2, 4]] != 0).all()


def test_equal_rows_gain_nothing():
    row = np.ones(3)
    found = one_of(a_network(3), row[None], row, np.arange(3), 3)
    assert (found.columns == 0).all()
    assert found.base == found.value


def test_too_many_columns_are_refused(monkeypatch):
    monkeypatch.setattr(shapley_rule, "MOST_COLUMNS", 2)
    row = np.ones(3)
    with pytest.raises(SettingsError, match=r"differs from its base in 3 columns.*2\^3 sets"):
        one_of(a_network(3), np.zeros((1, 3)), row, np.arange(3), 3)
    # Columns that do not differ do not count.
    one_of(a_network(3), np.array([[0.0, 0.0, 1.0]]), row, np.arange(3), 3)
