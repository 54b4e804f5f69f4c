"""Several encoders, and networks, in one pass: the bits of one after another."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.encode import fit_encoder
from thalweg.data.frames import FEW
from thalweg.data.panel import panel_of
from thalweg.estimators.members import outputs_of
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, choose

N_LEVELS = (0, 60, 0, 2, 3)


def table(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 5)) * [1, 1, 1e200, 1, 1]
    for j, n in enumerate(N_LEVELS):
        if n:
            X[:, j] = rng.integers(0, n + 1, n_rows)
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


@given(st.integers(0, 2**32), st.integers(1, FEW), st.integers(1, 6), st.sampled_from([4, 8]))
@settings(max_examples=50)
def test_a_panel_gives_what_each_encoder_gives(seed, n_rows, n_encoders, size):
    X, dtype = table(n_rows, seed), np.dtype(f"f{size}")
    encoders = tuple(
        fit_encoder(table(3000, i), np.ones(3000), N_LEVELS) for i in range(n_encoders)
    )
    panel = panel_of(encoders)
    found = panel.encode(X, dtype)
    assert found.dtype == dtype
    for one, encoder in zip(found, encoders, strict=True):
        assert one.tobytes() == encoder.encode(X, dtype).tobytes()


@pytest.mark.parametrize("columns", [[0, 2], [0], [1], [1, 3, 4], [3]])
def test_of_numbers_alone_and_of_categories_alone(columns):
    levels = [N_LEVELS[j] for j in columns]
    for hole in (True, False):
        there = table(900)[:, columns]
        if not hole:
            there = np.nan_to_num(there)
        encoders = tuple(
            fit_encoder(np.roll(there, i, axis=0)[:800], np.ones(800), levels) for i in (0, 1)
        )
        found = panel_of(encoders).encode(there[:7])
        for one, encoder in zip(found, encoders, strict=True):
            assert one.tobytes() == encoder.encode(there[:7]).tobytes()


def test_encoders_whose_outputs_mean_other_things_make_no_panel():
    X = table(500)
    one = fit_encoder(X, np.ones(500), N_LEVELS)
    holes = np.where(np.isnan(X), 1.0, X)
    assert panel_of((one, fit_encoder(holes, np.ones(500), N_LEVELS))) is None
    rare = np.where(X == 3, 2.0, X)
    assert panel_of((one, fit_encoder(rare, np.ones(500), N_LEVELS))) is None
    assert panel_of((one, one)) is panel_of((one, one))


def frame(n_rows=200, seed=3):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 2)), columns=["a", "b"])
    X["town"] = rng.choice(["Bern", "Graz", "Lyon", None], n_rows)
    X["rare"] = np.where(np.arange(n_rows) < 3, "x", rng.choice(["y", "z"], n_rows))
    return X, X["a"] + (X["town"] == "Bern") + 0.3 * rng.normal(size=n_rows)


@pytest.mark.parametrize("rare", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_few_rows_are_predicted_as_they_are_among_many(dtype, rare):
    X, y = frame()
    if not rare:
        X = X.drop(columns="rare")
    X = pd.concat([X] * 2, ignore_index=True)[: 2 * FEW + 9]
    how = {"random_state": 0, "max_iter": 4, "early_stopping": "folds", "dtype": dtype}
    y = y[: len(X)]
    for model, given_out in (
        (ThalwegClassifier(**how).fit(X, y > 0), "predict_proba"),
        (ThalwegClassifier(**how).fit(X, np.digitize(y, [-0.5, 0.5])), "predict_proba"),
        (ThalwegRegressor(**how, n_ensemble=2).fit(X, y), "predict"),
    ):
        alike = len({each.architecture for each in model.members_}) == 1
        assert alike or rare
        ask = getattr(model, given_out)
        full = ask(X)
        for size in (1, 2, 7, FEW, FEW + 1):
            for start in range(0, len(X), size):
                rows = slice(start, start + size)
                assert ask(X[rows]).tobytes() == full[rows].tobytes()
        matrix = model.schema_.matrix(X)[:5]
        together = outputs_of(model.members_, matrix)
        for network, Z in zip(model.members_, together, strict=True):
            assert outputs_of([network], matrix)[0].tobytes() == Z.tobytes()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_networks_predict_what_each_does(engine, dtype):
    rng, engine = np.random.default_rng(2), choose(engine)
    for sizes, n_rows in (((5, 7, 2), 3), ((5, 7, 4, 1), 1), ((5, 1), 600)):
        architecture = Architecture.dense(sizes[0], sizes[1:-1], sizes[-1], "tanh")
        thetas = rng.normal(size=(3, architecture.n_parameters)).astype(dtype)
        tables = rng.normal(size=(3, n_rows, 5)).astype(dtype)
        found = engine.predict(architecture, thetas, Data.of(tables.reshape(-1, 5)))
        each = [
            engine.predict(architecture, theta, Data.of(X))
            for theta, X in zip(thetas, tables, strict=True)
        ]
        assert found.tobytes() == np.concatenate(each).tobytes()


def test_what_is_written_to_a_network_is_seen_in_the_next_prediction():
    X, y = frame()
    model = ThalwegClassifier(random_state=0, max_iter=3, early_stopping="folds").fit(X, y > 0)
    before = model.predict_proba(X[:1])
    again = pickle.loads(pickle.dumps(model))
    other = copy.deepcopy(model)
    model.intercepts_[-1][:] += 1.0
    after = model.predict_proba(X[:1])
    assert after[0, 1] > before[0, 1]
    for each in (again, other):
        assert each.predict_proba(X[:1]).tobytes() == before.tobytes()
    model.members_ = model.members_[1:]
    assert model.predict_proba(X[:1]).tobytes() != after.tobytes()
