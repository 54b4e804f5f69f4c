"""Several encoders, and networks, in one pass: the bits of one after another."""

import copy
import gc
import itertools
import pickle
import weakref

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitting import refitted
from slow_cases import slow_but
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.few_row_encoding import panel_of
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.schema.given_table import FEW
from thalweg.errors import SettingsError
from thalweg.estimators.learning import fitted_networks
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, choose
from thalweg.network.formulas.activations import ACTIVATIONS

N_LEVELS = (0, 60, 0, 2, 3)


def table(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 5)) * [1, 1, 1e200, 1, 1]
    for j, n in enumerate(N_LEVELS):
        if n:
            X[:, j] = rng.integers(0, n + 1, n_rows)
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


CUT = Cut(7, 0.5)


def encoders_of(tables, n_levels=N_LEVELS, cut=CUT):
    return tuple(fit_encoder(X, np.ones(len(X)), n_levels, cut) for X in tables)


def assert_as_each(encoders, X, dtype=np.float64):
    found = panel_of(encoders).encode(X, dtype)
    assert found.dtype == dtype
    ends = np.cumsum([each.n_outputs for each in encoders])
    assert found.shape == (len(X), ends[-1])
    for one, encoder in zip(np.split(found, ends[:-1], axis=1), encoders, strict=True):
        assert one.tobytes() == encoder.encode(X, dtype).tobytes()


@given(
    st.integers(0, 2**32),
    st.integers(1, FEW),
    st.integers(1, 6),
    st.sampled_from([4, 8]),
    st.sampled_from([Cut(), CUT]),
)
@settings(max_examples=50)
def test_a_panel_gives_what_each_encoder_gives(seed, n_rows, n_encoders, size, cut):
    encoders = encoders_of([table(900, i) for i in range(n_encoders)], cut=cut)
    assert_as_each(encoders, table(n_rows, seed), np.dtype(f"f{size}"))


def test_encoders_of_different_layouts_make_a_panel():
    whole, X = table(500), table(FEW, 9)
    holes = np.where(np.isnan(whole), 1.0, whole)  # no indicators
    rare = np.where(whole == 3, 2.0, whole)  # a level less
    few = np.column_stack((np.round(whole[:, :1]), whole[:, 1:]))  # fewer bins
    short = whole[:40]  # of sixty levels each has an output of its own
    encoders = encoders_of([whole, holes, rare, few, short])
    assert len({each.n_outputs for each in encoders}) == 5
    assert len({each.bins.n_outputs for each in encoders}) > 1
    assert len({each.levels.n_outputs for each in encoders}) > 2
    assert_as_each(encoders, X)
    assert_as_each(encoders[::-1], X[:1])
    assert_as_each((*encoders, encoders_of([whole], cut=Cut(5, 2.0))[0]), X[:3])


@pytest.mark.parametrize("columns", [[0, 2], [0], [1], [1, 3, 4], [3]])
@pytest.mark.parametrize("hole", [True, False])
def test_of_numbers_alone_and_of_categories_alone(columns, hole):
    there = table(900)[:, columns]
    if not hole:
        there = np.nan_to_num(there)
    levels = [N_LEVELS[j] for j in columns]
    encoders = encoders_of([np.roll(there, i, axis=0)[:800] for i in (0, 1)], levels)
    for each in (there[:7], np.clip(there[:7], -9, 99).astype(np.float32)):
        assert_as_each(encoders, each)


def test_zeros_have_no_sign_that_depends_on_the_place():
    X = np.arange(-3.0, 4.0)[:, None]  # a bin begins at 0, the median
    encoders = encoders_of([X, X * 2.0], [0])
    assert 0.0 in encoders[0].bins.low
    # A share may be -0.0, by the machine; the sum with a zero that has no sign is none.
    shift = encoders[0].bins.shift
    assert (shift == 0).any()
    assert not np.signbit(shift[shift == 0]).any()
    for n in range(1, 20):
        zeros = np.full((n, 1), -0.0)
        assert_as_each(encoders, zeros)
        alone = panel_of(encoders).encode(zeros[:1])
        assert panel_of(encoders).encode(zeros).tobytes() == alone.tobytes() * n
        bins = encoders[0].encode(zeros)[:, 1:]
        assert not np.signbit(bins[bins == 0]).any()


def frame(n_rows=200, seed=3):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 2)), columns=["a", "b"])
    X["town"] = rng.choice(["Bern", "Graz", "Lyon", None], n_rows)
    X["rare"] = np.where(np.arange(n_rows) < 1, "x", rng.choice(["y", "z"], n_rows))
    return X, X["a"] + (X["town"] == "Bern") + 0.3 * rng.normal(size=n_rows)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("dtype", "rare"),
    slow_but(
        [("float32", True), ("float64", False)],
        itertools.product(["float32", "float64"], [True, False]),
    ),
)
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
        assert (len({each.architecture for each in model.members_}) > 1) == rare
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


def networks(hidden, widths, dtype, seed=2):
    rng = np.random.default_rng(seed)
    architectures = [Architecture.dense(n, hidden[:-1], hidden[-1], "tanh") for n in widths]
    thetas = [rng.normal(size=each.n_parameters).astype(dtype) for each in architectures]
    return architectures, thetas


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("widths", [(5,), (5, 5, 5), (5, 17, 1, 16)])
def test_several_networks_predict_what_each_does(engine, dtype, widths):
    engine = choose(engine)
    for hidden, n_rows in (((7, 2), 3), ((40, 33, 1), 1), ((16, 16, 3), 1), ((1,), 600)):
        architectures, thetas = networks(hidden, widths, dtype)
        X = np.random.default_rng(0).normal(size=(n_rows, sum(widths))).astype(dtype)
        X.flags.writeable = False
        found = engine.predictor(architectures, [np.repeat(t, 2)[::2] for t in thetas])(X)
        assert found.dtype == dtype
        own = np.split(X, np.cumsum(widths)[:-1], axis=1)
        for each in zip(architectures, thetas, own, found, strict=True):
            architecture, theta, inputs, Z = each
            assert engine.predict(architecture, theta, Data.of(inputs)).tobytes() == Z.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_row_has_the_bits_that_it_has_among_others(activation, dtype):
    engine, rng = choose("compiled"), np.random.default_rng(4)
    for hidden in ((37,), (128, 5), (16, 16, 1)):
        architecture = Architecture.dense(9, hidden, 2, activation)
        for size in (0.1, 3.0):
            theta = (size * rng.normal(size=architecture.n_parameters)).astype(dtype)
            X = (size * rng.normal(size=(20, 9))).astype(dtype)
            among = engine.predict(architecture, theta, Data.of(X))
            ask = engine.predictor([architecture], [theta])
            for row, Z in zip(X[:, None], among, strict=True):
                assert ask(row)[0, 0].tobytes() == Z.tobytes()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_networks_that_do_not_go_together_are_refused(engine):
    predictor = choose(engine).predictor
    architectures, thetas = networks((4, 1), (5, 3), np.float64)
    X = np.zeros((1, 8))
    with pytest.raises(SettingsError, match="one dtype"):
        predictor(architectures, [thetas[0], thetas[1].astype(np.float32)])
    with pytest.raises(SettingsError, match="one dtype"):
        predictor(architectures, [each.astype(np.float16) for each in thetas])
    with pytest.raises(SettingsError, match="Rows of 7 numbers"):
        predictor(architectures, thetas)(X[:, :7])
    with pytest.raises(SettingsError, match="in float32 do not fit"):
        predictor(architectures, thetas)(X.astype(np.float32))
    with pytest.raises(SettingsError, match="a θ each"):
        predictor(architectures, thetas[::-1])
    other, own = networks((6, 1), (3,), np.float64)
    with pytest.raises(SettingsError, match="side by side"):
        predictor([architectures[0], *other], [thetas[0], *own])


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_predictor_reads_what_is_in_theta_when_it_is_asked(engine):
    architectures, thetas = networks((4, 1), (5, 3), np.float64)
    predict, X = choose(engine).predictor(architectures, thetas), np.ones((1, 8))
    before = predict(X)
    thetas[1][-1] += 1.0  # the last bias
    np.testing.assert_allclose(predict(X)[:, 0, 0] - before[:, 0, 0], [0.0, 1.0], atol=1e-15)


def test_a_predictor_is_made_once_and_lives_as_long_as_its_model(monkeypatch):
    made = []

    def counted(networks):
        made.append(len(networks))
        return predictor(networks)

    predictor = fitted_networks._predictor
    monkeypatch.setattr(fitted_networks, "_predictor", counted)
    X, y = frame()
    model = ThalwegClassifier(random_state=0, max_iter=3, early_stopping="folds").fit(X, y > 0)
    made.clear()
    for row in range(4):
        model.predict_proba(X[row : row + 1])
    n_made = len(made)
    assert sum(made) == 5
    refitted(model, networks=model.members_[:4])  # fewer, and the first is the same
    model.predict_proba(X[:1])
    model.predict_proba(X[:1])
    assert sum(made[n_made:]) == 4
    first = weakref.ref(model.members_[0])
    del model
    gc.collect()
    assert first() is None


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
    refitted(model, networks=model.members_[1:])
    assert model.predict_proba(X[:1]).tobytes() != after.tobytes()
