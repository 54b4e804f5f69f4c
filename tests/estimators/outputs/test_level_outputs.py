"""Several quantiles with one network: in order, as linear quantile regression, with coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss

from thalweg import ThalwegRegressor
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.errors import SettingsError
from thalweg.estimators.outputs.level_outputs import Quantiles, in_order
from thalweg.estimators.outputs.target_outputs import widened
from thalweg.estimators.outputs.value_outputs import Values

LEVELS = (0.1, 0.5, 0.9)
TEXT = "quantile:levels=0.1/0.5/0.9"
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}


def uneven(n=200, seed=0):
    """A line whose noise grows with the first column."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 3))
    return X, X[:, 1] + (0.2 + abs(X[:, 0])) * rng.normal(size=n)


def fitted(text=TEXT, **more):
    X, y = uneven()
    return ThalwegRegressor(text, **{**SMALL, **more}).fit(X, y), X, y


def test_the_outputs_are_those_of_one_number_for_each_level():
    y, weights = np.array([1.0, 2.0, 6.0]), np.ones(3)
    one = Values(TEXT).fitted(y, weights)
    outputs = Quantiles(Values(TEXT)).fitted(y, weights)
    assert (outputs.levels, outputs.n_outputs) == (LEVELS, 3)
    assert (outputs.center, outputs.scale) == (one.center, one.scale)
    np.testing.assert_array_equal(outputs.targets(y), np.repeat(one.targets(y), 3, axis=1))
    Z = np.array([[0.0, 5.0, -5.0], [-5.0, 5.0, 0.1]])
    np.testing.assert_allclose(
        outputs.values(Z), [[3, 6, 1], [1, 6, 3 + 0.1 * np.std(y)]], rtol=1e-12
    )
    wide = widened(outputs, np.array([-4.0, 9.0]))
    assert (wide.low, wide.high, wide.levels) == (-4.0, 9.0, LEVELS)


def test_the_mean_comes_before_the_order():
    # Each network crosses, their mean does not: it stays.
    first, second = np.array([[1.0, 0.0]]), np.array([[1.0, 4.0]])
    np.testing.assert_array_equal(in_order([first, second]), [[1.0, 2.0]])
    np.testing.assert_array_equal(in_order([first]), [[0.0, 1.0]])


def test_order_never_makes_the_pinball_loss_larger():
    rng = np.random.default_rng(1)
    y, crossed = rng.normal(size=500), rng.normal(size=(500, 3))
    before, after = (
        sum(mean_pinball_loss(y, q, alpha=level) for q, level in zip(each.T, LEVELS, strict=True))
        for each in (crossed, in_order([crossed]))
    )
    assert after < before


def test_predictions_are_in_order_anywhere():
    model, X, _ = fitted("quantile:levels=0.45/0.5/0.55", early_stopping="folds", n_folds=2)
    rng = np.random.default_rng(2)
    far = np.concatenate([rng.normal(size=(2000, 3)) * 10.0 ** rng.uniform(-2, 6), X])
    far[::7, 1] = np.nan
    found = model.predict(far)
    assert found.shape == (2200, 3)
    assert (np.diff(found, axis=1) >= 0).all()
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(model.levels_, [0.45, 0.5, 0.55])
    assert model.oof_prediction_.shape == (200, 3)
    assert (np.diff(model.oof_prediction_, axis=1) >= 0).all()
    crossing = np.diff(model.members_[0].outputs.values(model._raw(far)[0]), axis=1) < 0
    assert crossing.any()  # so that there was something to put in order


@pytest.mark.slow
def test_a_million_rows_far_outside_never_cross():
    X, y = uneven(300)
    text = "quantile:levels=0.05/0.25/0.5/0.75/0.95"
    model = ThalwegRegressor(text, hidden_layer_sizes=(32, 32), random_state=0).fit(X, y)
    rng = np.random.default_rng(3)
    n_crossed = 0
    for _ in range(10):
        rows = rng.normal(size=(100_000, 3)) * 10.0 ** rng.uniform(-2, 8, (100_000, 1))
        rows[rng.random(rows.shape) < 0.05] = np.nan
        found = model.predict(rows)
        assert np.isfinite(found).all()
        assert (np.diff(found, axis=1) >= 0).all()
        raw = model.members_[0].outputs.values(model._raw(rows[:10_000])[0])
        n_crossed += int((np.diff(raw, axis=1) < 0).any(axis=1).sum())
    assert n_crossed > 0


def test_no_hidden_layer_is_linear_quantile_regression():
    X, y = uneven(301)
    model = ThalwegRegressor(
        TEXT, (), n_bins=0, alpha=0, early_stopping=False, batch_size=301, max_iter=6000,
        optimizer="adam:lr=0.03,schedule=cosine", n_iter_no_change=6000, tol=0, dtype="float64",
        random_state=0,
    ).fit(X, y)  # fmt: skip
    encoded = fit_encoder(X, np.ones(301)).encode(X)
    predicted = model.predict(X)
    for level, found in zip(LEVELS, predicted.T, strict=True):
        exact = QuantileRegressor(quantile=level, alpha=0).fit(encoded, y).predict(encoded)
        np.testing.assert_allclose(found, np.clip(exact, y.min(), y.max()), atol=1e-4)
        ours, best = (mean_pinball_loss(y, each, alpha=level) for each in (found, exact))
        assert ours <= best * (1 + 1e-6)


@pytest.mark.slow
def test_coverage_is_near_nominal_where_the_quantiles_are_known():
    rng = np.random.default_rng(4)

    def drawn(n):
        X = rng.uniform(-2, 2, (n, 3))
        mean, sd = np.sin(2 * X[:, 0]) + X[:, 1], 0.3 + np.abs(X[:, 0])
        return X, mean + sd * rng.normal(size=n), mean[:, None] + sd[:, None] * norm.ppf(LEVELS)

    X, y, _ = drawn(4000)
    model = ThalwegRegressor(TEXT, random_state=0).fit(X, y)
    X, y, known = drawn(20_000)
    found = model.predict(X)
    np.testing.assert_allclose((y[:, None] <= found).mean(axis=0), LEVELS, atol=0.025)
    loss, best = (
        np.mean([mean_pinball_loss(y, q, alpha=at) for q, at in zip(each.T, LEVELS, strict=True)])
        for each in (found, known)
    )
    assert loss <= 1.04 * best


def test_the_score_is_the_mean_of_scikit_learns_d2():
    model, X, y = fitted()
    weights = np.random.default_rng(5).uniform(0.5, 2, len(y))
    for own in (None, weights):
        expected = np.mean(
            [
                d2_pinball_score(y, q, alpha=level, sample_weight=own)
                for q, level in zip(model.predict(X).T, LEVELS, strict=True)
            ]
        )
        assert model.score(X, y, own) == pytest.approx(expected, rel=1e-12)


def test_frames_have_a_column_for_each_level():
    model, X, _ = fitted()
    frame = pd.DataFrame(X, index=np.arange(len(X)) + 5)
    as_array = model.predict(X)
    found = model.set_output(transform="pandas").predict(X)
    assert list(found.columns) == ["q0.1", "q0.5", "q0.9"]
    np.testing.assert_array_equal(found.to_numpy(), as_array)
    model = ThalwegRegressor(TEXT, **SMALL).fit(frame, uneven()[1]).set_output(transform="pandas")
    assert model.predict(frame).index.equals(frame.index)
    assert isinstance(model.score(frame, uneven()[1]), float)
    plain = ThalwegRegressor(**SMALL).fit(frame, uneven()[1])
    assert not hasattr(plain, "set_output")  # before a fit there may be several targets


def test_rows_are_their_weights_and_have_no_order():
    X, y = uneven(60)
    weights = np.random.default_rng(6).integers(1, 3, 60)
    one = ThalwegRegressor(TEXT, **SMALL).fit(X, y, weights)
    many, labels = np.repeat(X, weights, axis=0), np.repeat(y, weights)
    order = np.random.default_rng(7).permutation(len(many))
    other = ThalwegRegressor(TEXT, **SMALL).fit(many[order], labels[order])
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


def test_batches_and_further_epochs_keep_the_levels():
    X, y = uneven()
    model = ThalwegRegressor(TEXT, **SMALL)
    model.partial_fit(X[:100], y[:100])
    before = model.predict(X)
    model.partial_fit(X, y)
    assert model.predict(X).shape == before.shape == (200, 3)
    more = clone(model).fit(X, y).fit_more(X, y, 2)
    assert (np.diff(more.predict(X), axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"importance": True}, "importance=True does not go with"),
        ({"interval_kind": "scaled"}, 'interval_kind="scaled" does not go with'),
        ({"scoring": "r2"}, 'scoring="r2" does not go with'),
        ({"calibration": "auto"}, "is for losses that predict the mean"),
    ],
)
def test_what_is_of_one_number_is_refused_before_training(given, what):
    X, y = uneven(40)
    with pytest.raises(SettingsError) as refused:
        ThalwegRegressor(TEXT, **SMALL, **given).fit(X, y)
    assert what in refused.value.what
    assert "leave it out" in refused.value.fix


def test_a_function_may_score_them():
    X, y = uneven(80)

    def inside(model, X, y):
        low, _, high = model.predict(X).T
        return float(np.mean((low <= y) & (y <= high)))

    model = ThalwegRegressor(TEXT, **SMALL, scoring=inside, early_stopping=True).fit(X, y)
    assert len(model.validation_scores_) > 0
    assert 0 <= min(model.validation_scores_) <= max(model.validation_scores_) <= 1


def test_there_are_no_intervals_beside_quantiles():
    model, _, _ = fitted(early_stopping="folds", n_folds=2)
    assert not hasattr(model, "predict_interval")
    with pytest.raises(AttributeError, match=r"it predicts quantiles.*with a loss of one number"):
        model.predict_interval  # noqa: B018
    assert not hasattr(ThalwegRegressor(**SMALL).fit(*uneven(50)), "levels_")
