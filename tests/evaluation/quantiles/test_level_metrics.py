"""Pinball loss and coverage of several quantiles, against scikit-learn and counting by hand."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn.metrics import mean_pinball_loss

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.quantiles.level_metrics import fan_of, judge_quantiles, losses_of_rows
from thalweg.evaluation.quantiles.levels_of_loss import central_pairs, levels_of_loss

LEVELS = (0.1, 0.25, 0.5, 0.9)


def given(n=400, seed=0):
    """Normal numbers with a spread that grows, and their true quantiles."""
    rng = np.random.default_rng(seed)
    spread = rng.uniform(0.5, 2, n)
    y = spread * rng.normal(size=n)
    return y, spread[:, None] * norm.ppf(LEVELS)


def test_the_pinball_loss_is_scikit_learns():
    y, predicted = given()
    found = judge_quantiles(Answers(y, predicted), LEVELS, 0)
    each = [
        mean_pinball_loss(y, q, alpha=level) for q, level in zip(predicted.T, LEVELS, strict=True)
    ]
    np.testing.assert_allclose([one.value for one in found.pinball], each, rtol=1e-12)
    assert found.metrics["pinball"].value == pytest.approx(np.mean(each), rel=1e-12)
    low, high = found.metrics["pinball"].low, found.metrics["pinball"].high
    assert low < found.metrics["pinball"].value < high
    np.testing.assert_allclose(
        losses_of_rows(Answers(y, predicted), LEVELS).mean(), np.mean(each), rtol=1e-12
    )


def test_weights_count_as_rows_and_their_order_does_not_matter():
    y, predicted = given(60)
    weights = np.random.default_rng(1).integers(1, 4, 60).astype(float)
    found = judge_quantiles(Answers(y, predicted, weights), LEVELS, 0)
    for one, q, level in zip(found.pinball, predicted.T, LEVELS, strict=True):
        expected = mean_pinball_loss(y, q, sample_weight=weights, alpha=level)
        assert one.value == pytest.approx(expected, rel=1e-8)
    order = np.random.default_rng(2).permutation(60)
    again = judge_quantiles(Answers(y[order], predicted[order], weights[order]), LEVELS, 0)
    assert again.as_dict() == found.as_dict()


def test_coverage_is_counted_with_an_exact_interval():
    y, predicted = given()
    found = judge_quantiles(Answers(y, predicted), LEVELS, 0)
    for one, q in zip(found.below, predicted.T, strict=True):
        k = int((y < q).sum())
        exact = binomtest(k, len(y)).proportion_ci(0.95, "exact")
        assert one.value == k / len(y)
        np.testing.assert_allclose([one.low, one.high], [exact.low, exact.high], rtol=1e-9)
    [between] = found.between  # 0.1 and 0.9 alone have their counterpart
    inside = (predicted[:, 0] <= y) & (y <= predicted[:, 3])
    wilson = binomtest(int(inside.sum()), len(y)).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose(
        [between.value, between.low, between.high],
        [inside.mean(), wilson.low, wilson.high],
        rtol=1e-6,
    )


def test_equal_values_count_half():
    y = np.array([1.0, 1.0, 2.0, 3.0])
    found = judge_quantiles(Answers(y, np.tile([1.0, 2.0], (4, 1))), (0.3, 0.6), 0)
    assert [one.value for one in found.below] == [0.25, 0.625]


def test_central_pairs_are_those_of_equal_tails():
    assert central_pairs((0.05, 0.1, 0.5, 0.9, 0.95)) == [(0, 4), (1, 3)]
    assert central_pairs((0.1, 0.2)) == []
    assert central_pairs(levels_of_loss("quantile:levels=0.3/0.7")) == [(0, 1)]


@pytest.mark.parametrize(
    "text", ["quantile:level=0.5", "squared_error", "quantile:levels=a/b", "quantile:levels="]
)
def test_other_losses_have_no_levels(text):
    assert levels_of_loss(text) == ()


def test_a_fan_has_the_medians_of_groups():
    y, predicted = given(400)
    fan = fan_of(Answers(y, predicted), LEVELS)
    assert fan.rows.sum() == 400
    assert len(fan.rows) == 24
    assert fan.rows.min() >= 10
    groups = np.split(np.argsort(predicted[:, 3]), fan.rows.cumsum()[:-1].astype(int))
    exact = [np.quantile(y[g], LEVELS[2], method="averaged_inverted_cdf") for g in groups]
    np.testing.assert_allclose(fan.truth, exact, atol=1e-12)
    medians = np.transpose([np.median(predicted[g], axis=0) for g in groups])
    np.testing.assert_allclose(fan.predicted, medians, atol=1e-12)
    assert (np.diff(fan.predicted, axis=0) >= 0).all()
    assert (np.diff(fan.predicted[2]) >= 0).all()
    assert len(fan_of(Answers(y[:15], predicted[:15]), LEVELS).rows) == 1


def test_rows_of_one_prediction_are_not_divided_by_their_truth():
    y, predicted = given(400)
    same = np.where(np.arange(400)[:, None] < 300, predicted[:1], predicted[1:2])
    fan = fan_of(Answers(y, same), LEVELS)
    assert sorted(fan.rows.tolist()) == [100, 300]
    constant = fan_of(Answers(y, np.tile(predicted[:1], (400, 1))), LEVELS)
    assert constant.rows.tolist() == [400]


def test_a_fan_of_weighted_rows_is_that_of_repeated_rows():
    y, predicted = given(200)
    weights = np.arange(200) % 4 + 1
    fan = fan_of(Answers(y, predicted, weights=weights.astype(float)), LEVELS)
    first = np.argsort(predicted[:, 3])[:10]
    y_first = np.repeat(y[first], weights[first])
    assert fan.truth[0] == np.quantile(y_first, LEVELS[2], method="averaged_inverted_cdf")


def test_what_cannot_be_compared_is_refused():
    y, predicted = given(20)
    with pytest.raises(DataError, match=r"\(20, 3\) are not of 4 levels.*a column for each level"):
        judge_quantiles(Answers(y, predicted[:, :3]), LEVELS, 0)
    predicted[3, 1] = np.nan
    with pytest.raises(DataError, match=r"missing or infinite \(row 4\)"):
        judge_quantiles(Answers(y, predicted), LEVELS, 0)
    with pytest.raises(DataError, match="no row"):
        judge_quantiles(Answers(y[:0], predicted[:0]), LEVELS, 0)
