"""The evaluation of regression, against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, RidgeCV

from thalweg.data.encoding.encoder import fit_encoder
from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging import intervals
from thalweg.evaluation.judging.baselines import TrainingPart, constant_number, ridge_regression
from thalweg.evaluation.judging.regression_metrics import (
    CELLS,
    judge_values,
    residuals,
    rmse_difference,
)
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.splits import holdout_split
from thalweg.evaluation.task_judging import OneNumber

rng = np.random.default_rng(0)


def guesses(n=80, size=1.0):
    y = rng.normal(3, 2, n)
    return y * size, (y + rng.normal(0, 1, n)) * size


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_numbers_are_those_of_scikit_learn(size):
    y, predicted = guesses(size=size)
    found = {name: each.value for name, each in judge_values(y, predicted).metrics.items()}
    y, predicted = y / size, predicted / size
    assert found["rmse"] / size == pytest.approx(sk.root_mean_squared_error(y, predicted))
    assert found["mae"] / size == pytest.approx(sk.mean_absolute_error(y, predicted))
    assert found["r2"] == pytest.approx(sk.r2_score(y, predicted), rel=1e-10)


def levels(n):
    """The levels of the bootstrap that give Student's interval for normally distributed rows."""
    level = stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1))
    return level, 1 - level


def test_the_bootstrap_is_what_a_slow_one_gives(monkeypatch):
    monkeypatch.setattr(intervals, "_RESAMPLES", 150)
    y, predicted = guesses(40)
    _, other = guesses(40)
    judged = judge_values(y, predicted, seed=4)
    difference = rmse_difference(y, predicted, other, seed=4)
    draws = np.random.Generator(np.random.Philox(key=[4, 5], counter=[0, 0, 0, 0]))
    order = np.lexsort((predicted, y))
    a, b = y[order], predicted[order]
    c = other[np.lexsort((other, predicted, y))]
    values = []
    for _ in range(150):
        rows = draws.integers(40, size=40)
        rmse = sk.root_mean_squared_error(a[rows], b[rows])
        of_both = rmse - sk.root_mean_squared_error(a[rows], c[rows])
        values.append((sk.r2_score(a[rows], b[rows]), of_both))
    ends = np.quantile(values, levels(40), axis=0, method="inverted_cdf").T
    for each, (low, high) in zip((judged.metrics["r2"], difference.at_95), ends, strict=True):
        assert (each.low, each.high) == pytest.approx((low, high), abs=1e-11)
    assert difference.value == pytest.approx(
        sk.root_mean_squared_error(y, predicted) - sk.root_mean_squared_error(y, other)
    )


def test_the_order_of_the_rows_does_not_count():
    y, predicted = guesses()
    order = rng.permutation(len(y))
    assert judge_values(y, predicted) == judge_values(y[order], predicted[order])


def test_equal_targets_have_no_r2():
    judged = judge_values(np.full(9, 2.0), np.linspace(1, 3, 9))
    assert np.isnan(judged.metrics["r2"].value)
    assert judged.metrics["mae"].value > 0
    plain = judged.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    perfect = judge_values(np.arange(9.0), np.arange(9.0))
    assert perfect.metrics["rmse"].value == 0
    assert perfect.metrics["r2"].value == 1


def test_counts_for_pictures_hold_every_row_once():
    y, predicted = guesses(500)
    shown = residuals(y, predicted)
    assert shown.counts.shape == (CELLS, CELLS) == (24, 24)
    assert shown.counts.sum() == shown.residuals.sum() == 500
    expected, *_ = np.histogram2d(y, predicted, CELLS, [[shown.low, shown.high]] * 2)
    np.testing.assert_array_equal(shown.counts, expected)
    bars, _ = np.histogram(y - predicted, CELLS, (-shown.reach, shown.reach))
    np.testing.assert_array_equal(shown.residuals, bars)
    same = residuals(np.ones(3), np.ones(3))
    assert same.counts[0, 0] == same.residuals[0] == 3


def test_all_predictions_may_be_on_one_side():
    y = np.array([1.0, 2.0, 9.0, 4.0])
    for side in (-1, 1):
        predicted = y + side * np.array([3.0, 1.0, 1.0, 3.0])
        found = {name: each.value for name, each in judge_values(y, predicted).metrics.items()}
        assert found == pytest.approx({"rmse": np.sqrt(5), "mae": 2, "r2": 1 - 20 / 38})
        assert rmse_difference(y, predicted, y).value == pytest.approx(np.sqrt(5))
        assert rmse_difference(y, y, predicted).value == pytest.approx(-np.sqrt(5))


@pytest.mark.parametrize("side", [-1, 1])
def test_r2_of_a_target_with_one_value_far_out(side):
    y = side * np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    predicted = y + np.array([1.0, -1.0, 2.0, 0.0, -3.0])
    found = judge_values(y, predicted).metrics["r2"].value
    assert found == pytest.approx(sk.r2_score(y, predicted), rel=1e-12)


def test_values_that_differ_by_little_of_their_range_have_an_r2(monkeypatch):
    """A resample without the value far out: its values differ by 2.4e-7 of the range."""
    monkeypatch.setattr(intervals, "_RESAMPLES", 150)
    y = np.append(np.tile([-1.22e-7, 1.22e-7], 10), 1.0)
    predicted = y + np.append(np.tile([1e-7, -3e-8, 2e-8], 7)[:20], 0.0)
    order = np.lexsort((predicted, y))
    a, b = y[order], predicted[order]
    draws = np.random.Generator(np.random.Philox(key=[4, 5], counter=[0, 0, 0, 0]))
    values = []
    for _ in range(150):
        rows = draws.integers(21, size=21)
        values.append(sk.r2_score(a[rows], b[rows]))
    ends = np.quantile(values, levels(21), method="inverted_cdf")
    assert ends[0] < 0.9, "without the value far out, the errors count"
    found = judge_values(y, predicted, seed=4).metrics["r2"]
    assert (found.low, found.high) == pytest.approx(tuple(ends), rel=1e-3)


def test_two_models_without_an_error_do_not_differ():
    y = np.arange(9.0)
    assert rmse_difference(y, y, y.copy()).at_95 == intervals.Estimate(0.0, 0.0, 0.0)


def test_errors_of_any_size_are_compared():
    y = np.zeros(9)
    small, large = np.full(9, 1e-200), np.full(9, 1e200)
    assert rmse_difference(y, large, small).value == pytest.approx(1e200)
    assert rmse_difference(y, small, large).value == pytest.approx(-1e200)
    sides = np.array([1e200, -1e200, 1e200])
    assert judge_values(sides, -sides).metrics["rmse"].value == pytest.approx(2e200)


@pytest.mark.parametrize("side", [-1, 1])
def test_pictures_reach_as_far_as_the_furthest_value(side):
    y, predicted = side * np.array([1.0, 2.0, 3.0]), side * np.array([0.5, 2.0, 8.0])
    for true, told in ((y, predicted), (predicted, y)):
        shown = residuals(true, told)
        assert (shown.low, shown.high) == ((0.5, 8.0) if side > 0 else (-8.0, -0.5))
        assert shown.reach == 5.0
        assert shown.residuals.sum() == 3
    # True values are the first axis: what is far above its prediction lies in the last row.
    assert residuals(np.array([0.0, 9.0]), np.array([0.0, 0.0])).counts[-1, 0] == 1
    assert residuals(np.array([0.0, 9.0]), np.array([0.0, 0.0])).residuals[-1] == 1
    assert OneNumber().shown(Answers(np.array([0.0, 9.0]), np.array([0.0, 0.0]))).counts[-1, 0] == 1


@pytest.mark.parametrize(
    ("y", "predicted", "says"),
    [
        ([], [], "no row"),
        ([1.0], [1.0, 2.0], "do not match"),
        ([[1.0]], [[1.0]], "do not match"),
        ([np.nan], [1.0], "true value is nan"),
        ([1.0], [np.inf], "predicted value is inf"),
        ([1.0, 2.0, -np.inf, np.nan], [1.0, 2.0, 3.0, 4.0], r"true value is -inf \(row 3\)"),
        ([1.0, 2.0, 3.0], [1.0, np.nan, np.nan], r"predicted value is nan \(row 2\)"),
    ],
)
def test_what_cannot_be_judged_is_refused(y, predicted, says):
    with pytest.raises(DataError, match=says) as told:
        judge_values(np.array(y), np.array(predicted))
    assert told.value.fix


@pytest.mark.parametrize("size", [1.0, 1e150])
def test_the_baselines(size):
    X, y = load_diabetes(return_X_y=True)
    weights = rng.uniform(0.5, 2, len(y))
    encoded = fit_encoder(X, weights).encode(X)
    exact = RidgeCV(np.logspace(-3, 3, 13)).fit(encoded, y, sample_weight=weights)
    part = TrainingPart(X, y * size, weights)
    np.testing.assert_allclose(ridge_regression(part)(X) / size, exact.predict(encoded), rtol=1e-7)
    assert constant_number(part)(X[:2]) / size == pytest.approx(
        [np.average(y, weights=weights)] * 2
    )


def test_a_model_is_judged_on_the_rest_of_the_table():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    matrix, y = X.to_numpy(float), y.to_numpy()
    verdict = judge_on_holdout(LinearRegression(), X, y, task=OneNumber(), seed=0, matrix=matrix)
    train, test = holdout_split(matrix, np.zeros(len(y)), seed=0)
    predicted = LinearRegression().fit(X.iloc[train], y[train]).predict(X.iloc[test])
    assert verdict.network == judge_values(y[test], predicted, seed=0)
    assert (verdict.task, verdict.facts) == ("regression", {})
    assert 0.3 < verdict.network.metrics["r2"].value < 0.7
    assert verdict.shown.residuals.sum() == verdict.n_test == 88
    assert "The network is better than always answering the mean." in verdict.sentence
    by_folds = judge_by_folds(
        lambda seed: LinearRegression(),
        X, y, task=OneNumber(), seed=0, matrix=matrix, n_folds=4, n_repeats=2,
    )  # fmt: skip
    assert json.loads(json.dumps(by_folds.as_dict(), allow_nan=False)) == by_folds.as_dict()
