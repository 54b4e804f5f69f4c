"""Intercept, slope, joint test and O/E: planted values, other libraries, limits, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

from planted import expit, rows, two_classes
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.probability_rows import logit, probability_rows
from thalweg.evaluation.calibration.weak_calibration import (
    bartlett_factor,
    large_scale,
    weak_calibration,
)
from thalweg.evaluation.judging.intervals import proportion


def weak(answers):
    return weak_calibration(probability_rows(answers))


def test_intercept_and_slope_are_recovered():
    # Design study, section 1: a true logit of a + b z, exactly.
    found = weak(two_classes(50_000, 0, slope=0.8, intercept=0.4))
    assert found.slope.value == pytest.approx(0.8, abs=0.02)
    assert found.intercept_at_slope == pytest.approx(0.4, abs=0.03)
    found = weak(two_classes(50_000, 1, slope=0.6))  # z / 0.6 was stated
    assert found.slope.value == pytest.approx(0.6, abs=0.02)
    assert found.slope.high < 1
    assert found.p_value < 1e-100


def test_slope_and_test_agree_with_scikit_learn():
    answers = two_classes(300, 2, slope=0.7, intercept=-0.5)
    found, z = weak(answers), logit(answers.answer)
    other = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000)
    other.fit(z[:, np.newaxis], answers.truth)
    assert found.slope.value == pytest.approx(other.coef_[0, 0], rel=1e-6)
    assert found.intercept_at_slope == pytest.approx(other.intercept_[0], rel=1e-5)

    def height(p):
        return np.sum(np.log(np.where(answers.truth, p, 1 - p)))

    best = height(other.predict_proba(z[:, np.newaxis])[:, 1])
    assert found.chi2 == pytest.approx(2 * (best - height(answers.answer)), rel=1e-6)
    factor = bartlett_factor(probability_rows(answers))
    assert found.p_value == pytest.approx(chi2.sf(found.chi2 / factor, 2), rel=1e-12)


def test_bartletts_factor_is_the_mean_chi_square_of_calibrated_predictions():
    # McCullagh's sums over pairs of rows, and the mean over redrawn truths.
    z = np.linspace(-1.5, 1.0, 60)
    p, x = expit(z), np.stack([np.ones(60), z])
    second, third = p * (1 - p), p * (1 - p) * (1 - 2 * p)
    fourth = second * (1 - 6 * second)
    inverse = np.linalg.inv(np.einsum("ai,i,bi->ab", x, second, x))
    pairs = np.einsum("ai,ab,bj->ij", x, inverse, x)
    own = np.diag(pairs)
    rho_13 = np.einsum("i,j,i,ij,j->", third, third, own, pairs, own)
    rho_23 = np.einsum("i,j,ij->", third, third, pairs**3)
    excess = (3 * rho_13 + 2 * rho_23 - 3 * np.sum(fourth * own**2)) / 12
    found = bartlett_factor(rows(np.arange(60) % 2, p))
    assert found == pytest.approx(1 + excess / 2, rel=1e-10)
    random, heights = np.random.default_rng(0), []
    for _ in range(400):
        drawn = weak_calibration(rows(random.random(60) < p, p))
        if drawn.refused is None:
            heights.append(drawn.chi2)
    error = np.std(heights) / np.sqrt(len(heights))
    assert abs(np.mean(heights) / 2 - found) < 2.5 * error / 2


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("slope", [1.0, 2.0, 5.0])
def test_the_interval_of_the_ratio_holds_whatever_the_slope_of_the_logits(slope):
    # A variance from the model with the slope 1 holds the true ratio in 76 % of samples at 5.
    random, held = np.random.default_rng(3), 0
    for _ in range(300):
        q = random.beta(1, 4, 300)
        p = expit(slope * np.log(q / (1 - q)))
        ratio = large_scale(rows(random.random(300) < q, p))[1]
        held += ratio.low <= q.sum() / p.sum() <= ratio.high
    assert held >= 279  # 93 %


def test_the_ratio_of_certain_predictions_has_an_interval_with_its_value_inside():
    random = np.random.default_rng(0)
    truth, p = random.random(300) < 0.4, (random.random(300) < 0.5) * 1.0
    ratio = large_scale(rows(truth, p))[1]
    assert ratio.low < ratio.value < ratio.high
    right = large_scale(rows(np.arange(60) % 2, (np.arange(60) % 2) * 1.0))[1]
    assert right.low < 0.95 < right.value == 1 < 1.05 < right.high


def test_the_figures_agree_with_statsmodels():
    # statsmodels 0.15.0: Logit(y, add_constant(z)).fit(), and GLM(y, ones, Binomial(), offset=z).
    i = np.arange(1, 121)
    p = ((37 * i) % 121) / 121
    found = weak_calibration(rows(((53 * i) % 101) / 101 < p**2, p))
    assert found.intercept_at_slope == pytest.approx(-1.2297294698160681, rel=1e-9)
    assert found.slope.value == pytest.approx(1.376580101659535, rel=1e-9)
    half = 1.959963984540054 * 0.2647807628796006
    assert found.slope.high - found.slope.value == pytest.approx(half, rel=1e-6)
    # The interval of the intercept is the score one, and theirs is Wald's: [-1.486, -0.567].
    intercept = [found.intercept.low, found.intercept.high]
    assert found.intercept.value == pytest.approx(-1.0265689640423308, rel=1e-7)
    assert intercept == pytest.approx([-1.4864178, -0.56672013], abs=0.03)


@pytest.mark.parametrize(("k", "n", "p"), [(81, 263, 0.3), (15, 148, 0.2), (10, 20, 0.5)])
def test_equal_predictions_have_wilsons_interval(k, n, p):
    ratio = large_scale(rows(np.arange(n) < k, np.full(n, p)))[1]
    wilson = proportion(k, n)
    assert ratio.value == pytest.approx(wilson.value / p)
    assert ratio.low == pytest.approx(wilson.low / p, rel=1e-9)
    assert ratio.high == pytest.approx(wilson.high / p, rel=1e-9)


def test_intercept_and_ratio_agree_on_whether_something_is_wrong():
    for seed in range(20):
        intercept, ratio = large_scale(probability_rows(two_classes(200, seed, intercept=0.3)))
        assert (intercept.low > 0) == (ratio.low > 1)
        assert (intercept.high < 0) == (ratio.high < 1)
        assert intercept.low < intercept.value < intercept.high


def test_no_positive_row_has_an_upper_limit_and_all_have_a_lower_one():
    intercept, ratio = large_scale(rows(np.zeros(20), np.full(20, 0.25)))
    assert (intercept.value, intercept.low) == (-math.inf, -math.inf)
    assert (ratio.value, ratio.low) == (0, 0)
    assert ratio.high == pytest.approx(proportion(0, 20).high / 0.25)
    intercept, ratio = large_scale(rows(np.ones(20), np.full(20, 0.25)))
    assert intercept.high == math.inf
    assert (ratio.value, ratio.high) == (4, 4)
    assert ratio.low == pytest.approx(proportion(20, 20).low / 0.25)


@pytest.mark.parametrize(
    ("truth", "p", "why"),
    [
        ([1] * 9, [0.5] * 9, "one class"),
        ([0, 1, 1], [0.5] * 3, "all predictions are equal"),
        ([0, 1, 1, 1], [1.0, 1.0, 0.4, 0.3], "1 of the predictions are exactly 0 or 1, and wrong"),
        ([0, 1, 1], [0.0, 1.0, 1.0], "all predictions are exactly 0 or 1"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], "separates the classes"),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], "separates the classes"),
    ],
)
def test_what_has_no_slope_is_refused_with_a_reason(truth, p, why):
    found = weak_calibration(rows(truth, p))
    assert why in found.refused
    assert math.isnan(found.slope.value)
    assert found.as_dict()["slope"] == {"value": None, "low": None, "high": None}


def test_rows_that_are_certain_and_right_change_no_slope():
    answers = two_classes(200, 3)
    more = answers_of(np.r_[answers.truth, True, False], np.r_[answers.answer, 1.0, 0.0])
    alone, together = weak(answers), weak(more)
    assert together.slope.value == pytest.approx(alone.slope.value, rel=1e-12)
    assert together.chi2 == pytest.approx(alone.chi2, rel=1e-9)
    assert together.intercept.value == pytest.approx(alone.intercept.value, rel=1e-9)


def test_predictions_at_the_ends_of_the_numbers_are_fitted():
    p = np.r_[1e-300, 5e-324, 1 - 1e-16, 0.2, 0.4, 0.6]
    found = weak_calibration(rows([0, 0, 1, 1, 0, 1], p))
    assert found.refused is None
    assert found.slope.low < found.slope.value < found.slope.high


@given(st.integers(0, 30), st.permutations(range(40)))
def test_the_order_of_rows_changes_no_bit(seed, order):
    answers = two_classes(40, seed)
    assert weak(answers.rows(np.array(order))) == weak(answers) or math.isnan(
        weak(answers).slope.value
    )


@given(st.integers(0, 30), st.floats(1e-6, 1e6))
def test_weights_are_rows_and_have_no_unit(seed, unit):
    answers = two_classes(60, seed)
    counts = np.random.default_rng(seed).integers(1, 4, 60)
    repeated = weak(answers_of(answers.truth, answers.answer, counts))
    same = weak(answers.rows(np.repeat(np.arange(60), counts)))
    assert repeated.as_dict() == same.as_dict()
    weights = counts + 0.5
    one, other = (
        weak(Answers(answers.truth, answers.answer, each)) for each in (weights, weights * unit)
    )
    if one.refused is None:
        assert other.slope.low == pytest.approx(one.slope.low, rel=1e-6)
        assert other.intercept.high == pytest.approx(one.intercept.high, rel=1e-6)


def test_equal_fractional_weights_are_as_sure_as_their_number_of_rows():
    answers = two_classes(100, 4)
    weighted = weak(Answers(answers.truth, answers.answer, np.full(100, 0.37)))
    plain = weak(answers)
    assert weighted.slope.low == pytest.approx(plain.slope.low, rel=1e-9)
    assert weighted.p_value == pytest.approx(plain.p_value, rel=1e-9)


def test_intervals_hold_what_is_true():
    truth = {"slope": 0.7, "intercept": 0.0}
    held = np.zeros(3)
    for seed in range(100):
        found = weak(two_classes(200, seed, slope=0.7))
        held += [
            found.slope.low <= truth["slope"] <= found.slope.high,
            weak(two_classes(200, seed, intercept=0.5)).intercept.low <= 0.5,
            weak(two_classes(200, seed, intercept=0.5)).intercept.high >= 0.5,
        ]
    assert held[0] >= 90
    assert held[1] + held[2] - 100 >= 90


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "least", "most"), [(60, 0.92, 0.985), (200, 0.93, 0.97), (1000, 0.93, 0.97)]
)
def test_intervals_hold_what_is_true_in_many_tables(n, least, most):
    # The bar of issue 15 has no upper end below 100 rows of a class.
    held, tables = np.zeros(3), 2000
    for seed in range(tables):
        found = weak(two_classes(n, seed))
        _, ratio = large_scale(probability_rows(two_classes(n, seed)))
        each = (found.slope, 1), (found.intercept, 0), (ratio, 1)
        held += [e.low <= true <= e.high for e, true in each]
    assert np.all(held / tables >= least), held / tables
    assert np.all(held / tables <= most), held / tables
