"""A view of numbers: the same rows, statistics, steps and models as from a copy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.canonical_rows import canonical_rows, data_hash
from thalweg.data.encoding import lazy_encoded
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.lazy_encoded import Encoded, inputs_of
from thalweg.data.row_view import Numbers, stacked
from thalweg.data.schema.schema import infer_schema
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State, choose

NAN = np.nan


def grid(n_rows=60, n_columns=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.choice([-0.0, 0.0, 1.0, 2.5, -3.0, NAN], (n_rows, n_columns))
    X[:, 0] = rng.normal(size=n_rows)
    return X


def forms(X):
    """One table, lying in memory in several ways."""
    wide = np.full((len(X), 2 * X.shape[1]), 7.0)
    wide[:, ::2] = X
    return {
        "rows": X.copy(),
        "columns": np.asfortranarray(X),
        "every second column": wide[:, ::2],
        "upside down": X[::-1].copy()[::-1],
    }


@pytest.mark.parametrize("form", forms(grid()))
def test_rows_and_columns_are_those_of_the_array(form):
    X = grid()
    there = forms(X)[form]
    numbers, rows = Numbers.of(there), np.array([5, 0, 0, 59, 17])
    assert Numbers.of(numbers) is numbers
    assert (len(numbers), numbers.shape) == (60, (60, 4))
    some = numbers.pick(rows)
    again = some.pick(np.array([4, 1]))
    for found, expected in (
        (numbers[rows], X[rows]),
        (numbers[3:9], X[3:9]),
        (some[:], X[rows]),
        (some[1:3], X[rows][1:3]),
        (again[:], X[[17, 0]]),
        (some.pick(slice(1, 4))[:], X[rows][1:4]),
        (numbers.pick(slice(1, 4))[:], X[1:4]),
        (stacked((some, again))[:], np.concatenate((X[rows], X[[17, 0]]))),
        *((some.column(j), X[rows, j]) for j in range(4)),
        *((numbers.column(j), X[:, j]) for j in range(4)),
        *zip(numbers.each_column(), X.T, strict=True),
        *zip(again.each_column(), X[[17, 0]].T, strict=True),
    ):
        np.testing.assert_array_equal(found, expected)
        assert not np.signbit(found[found == 0]).any()
        assert found.dtype == np.float64
        assert not np.shares_memory(found, there)


@given(st.integers(0, 2**32), st.sampled_from(sorted(forms(grid()))), st.booleans())
@settings(max_examples=40)
def test_order_statistics_and_hash_are_those_of_a_copy(seed, form, narrow):
    X = grid(seed=seed)
    if narrow:
        X = X.astype(np.float32)
    rng = np.random.default_rng(seed)
    y, weights = rng.integers(0, 2, 60) * 1.0, rng.integers(0, 3, 60) * 0.7
    weights[0] = 1.0
    numbers = Numbers.of(forms(X)[form])
    here, there = (canonical_rows(each, y, weights) for each in (X.astype(float), numbers))
    assert here.X.tobytes() == np.where(np.isnan(there.X[:]), NAN, there.X[:]).tobytes()
    assert (here.y.tobytes(), here.weights.tobytes()) == (
        there.y.tobytes(),
        there.weights.tobytes(),
    )
    one, other = (fit_encoder(each.X, here.weights).arrays() for each in (here, there))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    labels = [str(each) for each in y]
    assert data_hash("abcd", "nnnn", X.astype(float), labels) == data_hash(
        "abcd", "nnnn", numbers, y
    )


def test_nothing_is_copied_that_is_a_float_already():
    X = np.random.default_rng(0).normal(size=(50, 3))
    table = pd.DataFrame(
        {"a": X[:, 0].astype(np.float32), "b": X[:, 1] > 0, "c": list("abcde") * 10}
    )
    numbers = infer_schema(table).numbers(table)
    assert [column.dtype for column in numbers.columns] == [np.float32] * 3
    assert np.shares_memory(numbers.columns[0], table["a"].to_numpy())
    np.testing.assert_array_equal(numbers[:], infer_schema(table).matrix(table))
    for whole in (X, X.astype(np.float32), np.asfortranarray(X)):
        for kind in (np.asarray, pd.DataFrame, lambda each: pd.DataFrame(each, copy=False)):
            given_in = kind(whole)
            numbers = infer_schema(given_in).numbers(given_in)
            lies = numbers.columns[0] if numbers.whole is None else numbers.whole
            assert np.shares_memory(lies, given_in if kind is np.asarray else given_in.to_numpy())
            assert lies.dtype == whole.dtype
    pieces = pd.DataFrame({"a": X[:, 0].copy(), "b": X[:, 1].copy(), "c": X[:, 2].copy()})
    numbers = infer_schema(pieces).numbers(pieces)
    assert all(
        np.shares_memory(column, pieces[name].to_numpy())
        for column, name in zip(numbers.columns, pieces, strict=True)
    )


def described(dtype, dropout=0.0):
    """A network, and its inputs both as an array and made when they are asked for."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(700, 5))
    X[::9, 2] = NAN
    weights, y = rng.integers(0, 3, 700) * 1.0, rng.integers(0, 2, (700, 1)) * 1.0
    encoder = fit_encoder(X, weights)
    architecture = Architecture.dense(encoder.n_outputs, (6, 4), 1, "relu")
    theta = rng.normal(size=architecture.n_parameters).astype(dtype)
    made = Encoded(encoder, Numbers.of(X), np.dtype(dtype))
    objective = Objective.over("sigmoid_cross_entropy", 0.5, weights, 0.1, dropout)
    return architecture, objective, theta, Data.of(made[:], y, weights), Data.of(made, y, weights)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_engine_sees_the_same_inputs_made_or_there(engine, dtype, monkeypatch):
    monkeypatch.setattr(compiled_engine, "WINDOW", 2000)
    engine, rng = choose(engine), np.random.default_rng(4)
    architecture, objective, theta, there, made = described(dtype, dropout=0.2)
    rows = rng.permutation(700)[:600]
    method = Method.of("adam")
    for batch, length, first, steps in ((32, 300, 0, 20), (7, 600, 3, 200), (600, 600, 0, 3)):
        ends = []
        for data in (there, made):
            state = State.at(theta, method.rule, seed=5)
            order, rates = Order(rows, batch, length), np.linspace(0.1, 0.01, steps)
            ran = engine.steps(architecture, objective, method, state, data, order, rates, first)
            ends.append((state.theta, state.slots, ran.losses, ran.gradient_norms))
            assert (len(ran.losses), state.seed) == (steps, 5)
        for one, other in zip(*ends, strict=True):
            assert one.tobytes() == other.tobytes()
    for some in (None, rows):
        one, other = (engine.predict(architecture, theta, each, some) for each in (there, made))
        assert one.tobytes() == other.tobytes()
        for noise in (None, Noise(1, 2)):
            asked = architecture, objective, theta[None]
            one, other = (engine.losses(*asked, each, some, noise) for each in (there, made))
            assert one.tobytes() == other.tobytes()
        one, other = (
            engine.loss_and_gradient(architecture, objective, theta, each, some)
            for each in (there, made)
        )
        assert one[0] == other[0]
        assert one[1].tobytes() == other[1].tobytes()


def test_a_descent_that_breaks_off_does_so_at_the_same_step(monkeypatch):
    monkeypatch.setattr(compiled_engine, "WINDOW", 2000)
    architecture, objective, theta, there, made = described(np.float32)
    method = Method.of("sgd")
    found = []
    for data in (there, made):
        state = State.at(theta, method.rule)
        order, rates = Order(np.arange(700), 50), np.full(14, 1e30)
        ran = choose().steps(architecture, objective, method, state, data, order, rates, 0)
        found.append((ran.status, len(ran.losses), state.step, state.theta.tobytes()))
    assert found[0] == found[1]
    assert found[0][1] < 14


WAYS = ["cross-validation", "folds", "hold-out", False]


def mixed_table():
    """Numbers with missing cells, a category, and two classes."""
    rng = np.random.default_rng(6)
    table = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    table["town"] = rng.choice(["Bern", "Graz", "Lyon", None], 300)
    table.loc[::7, "b"] = NAN
    return table, (table["a"] + rng.normal(size=300) > 0).astype(int)


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("estimator", [ThalwegClassifier, ThalwegRegressor])
def test_a_model_is_the_same_whether_its_inputs_were_kept_or_made(estimator, way, monkeypatch):
    (table, y), models = mixed_table(), []
    monkeypatch.setattr(lazy_encoded, "COMPACT_BELOW", 0)  # steps on bins have other last bits
    for kept in (lazy_encoded.KEPT_BELOW, 0):
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", kept)
        monkeypatch.setattr(compiled_engine, "WINDOW", 2**14)
        model = estimator(random_state=0, max_iter=5, early_stopping=way, dropout=0.1)
        models.append(model.fit(table, y).fit_more(table, y, 2))
    one, other = models
    assert [each.theta.tobytes() for each in one.members_] == [
        each.theta.tobytes() for each in other.members_
    ]
    assert one.history_ == other.history_


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_model_from_bins_is_that_of_the_encoded_table_but_for_rounding(way, dtype, monkeypatch):
    (table, y), models = mixed_table(), []
    for kept in (lazy_encoded.KEPT_BELOW, 0):
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", kept)
        model = ThalwegClassifier(random_state=0, max_iter=5, early_stopping=way, dtype=dtype)
        models.append(model.fit(table, y).fit_more(table, y, 2))
    one, other = models
    for a, b in zip(one.members_, other.members_, strict=True):
        # Adam makes a large step of a slope that is nothing but rounding, in a few places.
        assert np.abs(b.theta - a.theta).mean() < (1e-4 if dtype == "float32" else 1e-12)
        assert a.theta.tobytes() != b.theta.tobytes(), "the second is from bins"


def test_small_inputs_are_kept_and_large_ones_are_not(monkeypatch):
    X = grid()
    encoder = fit_encoder(X, np.ones(60))
    assert isinstance(inputs_of(encoder, X, np.float32), np.ndarray)
    monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", 60 * encoder.n_outputs * 4 - 1)
    made = inputs_of(encoder, X, np.float32)
    assert isinstance(made, Encoded)
    assert (made.shape, len(made), made.dtype) == ((60, encoder.n_outputs), 60, np.float32)
    np.testing.assert_array_equal(made[:], encoder.encode(X).astype(np.float32))


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_table_without_columns_has_rows(order):
    empty = Numbers.of(np.zeros((7, 0), order=order))
    assert (len(empty), empty.shape) == (7, (7, 0))
    assert empty.pick(np.arange(3))[:].shape == (3, 0)
