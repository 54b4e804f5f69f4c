"""A network behind its first layer gives what it gives for rows with exchanged cells."""

import numpy as np
import pytest

from mixed import mixed
from thalweg import ThalwegClassifier
from thalweg.estimators.importance.split_network import SplitNetwork, columns_of_outputs
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.network.formulas.activations import ACTIVATIONS


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(), (5,), (6, 4, 3)])
def test_outputs_are_those_of_the_exchanged_rows(hidden, dtype):
    frame, y = mixed(120)
    frame = frame.drop(columns="name")
    model = ThalwegClassifier(hidden, max_iter=3, random_state=0, dtype=dtype).fit(frame, y)
    matrix, [network] = model.schema_.matrix(frame), model.members_[:1]
    split = SplitNetwork(network, matrix)
    np.testing.assert_allclose(
        split.outputs(), outputs_of([network], matrix)[0], rtol=1e-4, atol=1e-5
    )
    donors = np.array([np.roll(np.arange(120), k) for k in (1, 7)])
    for columns in ([0], [1, 3], list(range(matrix.shape[1]))):
        found = split.moved(np.array(columns), donors)
        for k, donor in enumerate(donors):
            moved = matrix.copy()
            moved[:, columns] = matrix[donor][:, columns]
            np.testing.assert_allclose(
                found[k], outputs_of([network], moved)[0], rtol=1e-4, atol=1e-5
            )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_that_of_the_first_layer(activation):
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 3))
    model = ThalwegClassifier(
        (4,), activation, max_iter=2, random_state=0, dtype="float64", early_stopping=False
    ).fit(X, X[:, 0] > 0)
    [network] = model.members_
    donors = np.roll(np.arange(80), 1)[np.newaxis]
    moved = X.copy()
    moved[:, 1] = X[donors[0], 1]
    found = SplitNetwork(network, X).moved(np.array([1]), donors)
    np.testing.assert_allclose(found[0], outputs_of([network], moved)[0], atol=1e-12)


def test_rows_whose_donor_has_the_same_cell_do_not_change_a_bit():
    frame, y = mixed(100)
    frame = frame.drop(columns="name")
    model = ThalwegClassifier((8,), max_iter=3, random_state=0).fit(frame, y)
    split = SplitNetwork(model.members_[0], model.schema_.matrix(frame))
    same = np.arange(100)[np.newaxis]
    np.testing.assert_array_equal(split.moved(np.array([0, 1]), same)[0], split.outputs())


def test_each_output_has_its_column_the_indicators_of_missing_values_too():
    frame, y = mixed(200)
    frame = frame.drop(columns="name")
    model = ThalwegClassifier((4,), max_iter=2, random_state=0).fit(frame, y)
    encoder = model.encoder_
    names = encoder.output_names(model.schema_.names, model.schema_.levels)
    columns = columns_of_outputs(encoder)
    assert len(columns) == len(names) == encoder.n_outputs
    for name, column in zip(names, columns, strict=True):
        assert name.startswith(model.schema_.names[column])
    assert any(name.endswith(" missing") for name in names)
