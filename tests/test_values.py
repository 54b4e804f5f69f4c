"""The judgement of numbers, against scikit-learn and by hand."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, RidgeCV

from thalweg.data.encode import fit_encoder
from thalweg.errors import DataError
from thalweg.evaluation import intervals
from thalweg.evaluation.baselines import Constant, RidgeBehindEncoder
from thalweg.evaluation.repeated import judge_by_folds
from thalweg.evaluation.tasks import Numbers
from thalweg.evaluation.validate import judge_on_holdout
from thalweg.evaluation.values import CELLS, judge_values, residuals, rmse_difference

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
        values.append(
            (
                rmse,
                sk.r2_score(a[rows], b[rows]),
                rmse - sk.root_mean_squared_error(a[rows], c[rows]),
            )
        )
    ends = np.quantile(values, (0.025, 0.975), axis=0, method="inverted_cdf").T
    for each, (low, high) in zip(
        (judged.metrics["rmse"], judged.metrics["r2"], difference), ends, strict=True
    ):
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
    assert shown.counts.shape == (CELLS, CELLS)
    assert shown.counts.sum() == shown.residuals.sum() == 500
    expected, *_ = np.histogram2d(y, predicted, CELLS, [[shown.low, shown.high]] * 2)
    np.testing.assert_array_equal(shown.counts, expected)
    bars, _ = np.histogram(y - predicted, CELLS, (-shown.reach, shown.reach))
    np.testing.assert_array_equal(shown.residuals, bars)
    same = residuals(np.ones(3), np.ones(3))
    assert same.counts[0, 0] == same.residuals[0] == 3


@pytest.mark.parametrize(
    ("y", "predicted", "says"),
    [
        ([], [], "no row"),
        ([1.0], [1.0, 2.0], "do not belong together"),
        ([np.nan], [1.0], "true value is nan"),
        ([1.0], [np.inf], "predicted value is inf"),
    ],
)
def test_what_cannot_be_judged_is_refused(y, predicted, says):
    with pytest.raises(DataError, match=says):
        judge_values(np.array(y), np.array(predicted))


@pytest.mark.parametrize("size", [1.0, 1e150])
def test_the_baselines(size):
    X, y = load_diabetes(return_X_y=True)
    weights = rng.uniform(0.5, 2, len(y))
    encoded = fit_encoder(X, weights).encode(X)
    exact = RidgeCV(np.logspace(-3, 3, 13)).fit(encoded, y, sample_weight=weights)
    ours = RidgeBehindEncoder().fit(X, y * size, weights)
    np.testing.assert_allclose(ours.predict(X) / size, exact.predict(encoded), rtol=1e-7)
    mean = Constant().fit(X, y * size, weights)
    assert mean.predict(X[:2]) / size == pytest.approx([np.average(y, weights=weights)] * 2)


def test_a_model_is_judged_on_the_rest_of_the_table():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    matrix, y = X.to_numpy(float), y.to_numpy()
    verdict = judge_on_holdout(LinearRegression(), X, y, task=Numbers(), seed=0, matrix=matrix)
    assert (verdict.task, verdict.facts) == ("regression", {})
    assert 0.3 < verdict.network.metrics["r2"].value < 0.7
    assert verdict.shown.residuals.sum() == verdict.n_test == 88
    assert "The network is better than always answering the mean." in verdict.sentence
    by_folds = judge_by_folds(
        lambda seed: LinearRegression(),
        X, y, task=Numbers(), seed=0, matrix=matrix, n_folds=4, n_repeats=2,
    )  # fmt: skip
    assert json.loads(json.dumps(by_folds.as_dict(), allow_nan=False)) == by_folds.as_dict()
