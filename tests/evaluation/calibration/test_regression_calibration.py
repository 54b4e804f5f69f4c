"""Bias, intercept and slope of predicted numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f, ttest_1samp

from planted import numbers
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.regression_calibration import regression_calibration


def test_a_planted_line_is_found():
    found = regression_calibration(numbers(20_000, 0, slope=0.7, intercept=0.4))
    assert found.slope.low <= 0.7 <= found.slope.high
    assert found.intercept.low <= 0.4 <= found.intercept.high
    assert found.p_value < 1e-50


def test_the_line_agrees_with_numpy_and_its_covariance_with_the_formula():
    answers = numbers(60, 1, slope=0.8)
    found = regression_calibration(answers)
    X = np.stack([np.ones(60), answers.answer], axis=1)
    inverse = np.linalg.inv(X.T @ X)
    beta = np.polyfit(answers.answer, answers.truth, 1)[::-1]
    leverage = np.einsum("ni,ij,nj->n", X, inverse, X)
    e = (answers.truth - X @ beta) / (1 - leverage)
    covariance = inverse @ (X.T * e**2) @ X @ inverse
    assert found.intercept.value == pytest.approx(beta[0], rel=1e-9)
    assert found.slope.value == pytest.approx(beta[1], rel=1e-9)
    t = 2.0017174841452356  # the 97.5 % quantile of Student's t with 58 degrees of freedom
    assert found.slope.high - beta[1] == pytest.approx(t * covariance[1, 1] ** 0.5, rel=1e-9)
    assert found.intercept.high - beta[0] == pytest.approx(t * covariance[0, 0] ** 0.5, rel=1e-9)
    away = beta - [0, 1]
    wald = away @ np.linalg.inv(covariance) @ away / 2
    assert found.p_value == pytest.approx(f.sf(wald, 2, 58), rel=1e-9)


def test_the_line_agrees_with_statsmodels():
    # statsmodels 0.15.0: OLS(y, add_constant(x)).fit(cov_type="HC3", use_t=True), its conf_int()
    # and f_test("const=0, x1=1").
    i = np.arange(1, 121)
    x = i / 10
    found = regression_calibration(Answers(0.8 * x + np.sin(1.7 * i) * x, x))
    intercept = [-0.10681493348664103, -1.2556683751311815, 1.0420385081578993]
    slope = [0.8264484109654526, 0.5426017811039714, 1.1102950408269339]
    for each, figures in ((found.intercept, intercept), (found.slope, slope)):
        assert [each.value, each.low, each.high] == pytest.approx(figures, rel=1e-9)
    assert found.p_value == pytest.approx(0.01982177341683609, rel=1e-9)


def test_the_bias_has_students_interval():
    answers = numbers(40, 2, intercept=1)
    found = regression_calibration(answers).bias
    interval = ttest_1samp(answers.truth - answers.answer, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_the_test_holds_its_level_where_noise_is_uneven():
    rejected = np.mean(
        [regression_calibration(numbers(100, seed)).p_value < 0.05 for seed in range(400)]
    )
    assert 0.02 <= rejected <= 0.09


@pytest.mark.parametrize(
    ("truth", "predicted", "why"),
    [
        ([1, 2, 3], [1, 2, 3], "a line needs 10 rows; there are 3"),
        (range(10), [5] * 10, "all predictions are equal"),
        (range(10), 1 + np.arange(10) * 1e-16, "equal|rounding"),
    ],
)
def test_what_has_no_line_is_refused_with_a_reason(truth, predicted, why):
    found = regression_calibration(Answers(np.array(truth, float), np.array(predicted, float)))
    assert any(each in found.refused for each in why.split("|"))
    assert math.isfinite(found.bias.value)


def test_the_truth_itself_is_calibrated_and_another_line_without_noise_is_not():
    x = np.arange(20.0)
    assert regression_calibration(Answers(x, x)).p_value == 1
    found = regression_calibration(Answers(0.5 * x + 1, x))
    assert found.p_value < 1e-10
    assert found.slope.value == pytest.approx(0.5)
    assert regression_calibration(Answers(np.zeros(20), np.arange(20.0))).slope.value == 0
    assert regression_calibration(Answers(np.zeros(20), np.zeros(20))).bias.value == 0


@pytest.mark.parametrize("unit", [1e-200, 1e-3, 1e200])
def test_units_change_nothing_but_the_unit(unit):
    answers = numbers(50, 3)
    one = regression_calibration(answers)
    other = regression_calibration(Answers(answers.truth * unit, answers.answer * unit))
    assert other.slope.low == pytest.approx(one.slope.low, rel=1e-9)
    assert other.intercept.high == pytest.approx(one.intercept.high * unit, rel=1e-9)
    assert other.bias.low == pytest.approx(one.bias.low * unit, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-9)


@given(st.integers(0, 20), st.permutations(range(30)))
def test_rows_have_no_order_and_whole_weights_are_rows(seed, order):
    answers = numbers(30, seed)
    one = regression_calibration(answers)
    assert regression_calibration(answers.rows(np.array(order))) == one
    counts = np.random.default_rng(seed).integers(1, 4, 30)
    weighted = regression_calibration(answers_of(answers.truth, answers.answer, counts))
    repeated = regression_calibration(answers.rows(np.repeat(np.arange(30), counts)))
    assert weighted == repeated
    same = regression_calibration(Answers(answers.truth, answers.answer, np.full(30, 0.3)))
    assert same.slope.low == pytest.approx(one.slope.low, rel=1e-9)


def test_one_row_decides_nothing_alone():
    predicted = np.r_[np.zeros(19), 1.0]
    truth = np.r_[np.random.default_rng(0).normal(size=19), 50.0]
    found = regression_calibration(Answers(truth, predicted))
    assert "all predictions but one are equal" in found.refused
