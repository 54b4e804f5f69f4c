"""Quantiles: the share below them against scipy, skewed noise, ties, weights, groups, sentences."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binomtest, gamma

from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.calibration_sentences import calibration_sentence
from thalweg.evaluation.calibration.regression_calibration import quantile_calibration


@pytest.mark.parametrize(("k", "n", "level"), [(81, 100, 0.9), (30, 60, 0.5), (0, 20, 0.1)])
def test_the_share_has_the_exact_interval_and_test_of_scipy(k, n, level):
    truth = np.where(np.arange(n) < k, -1.0, 1.0)
    found = quantile_calibration(Answers(truth, np.zeros(n)), level)
    exact = binomtest(k, n, level)
    ends = exact.proportion_ci(0.95, "exact")
    assert (found.below.low, found.below.high) == pytest.approx((ends.low, ends.high), rel=1e-9)
    tails = [binomtest(k, n, level, alternative=side).pvalue for side in ("less", "greater")]
    assert found.p_value == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_a_right_quantile_of_skewed_noise_is_not_refuted(level):
    random, refuted = np.random.default_rng(0), 0
    for _ in range(400):
        x = random.normal(size=80)
        truth = x + random.gamma(0.5, size=80)
        predicted = x + gamma.ppf(level, 0.5)
        refuted += quantile_calibration(Answers(truth, predicted), level).p_value < 0.05
    assert refuted <= 30  # an exact test rejects in 5 % or less; 3 standard errors above 20


def test_true_values_on_the_prediction_refute_no_level():
    truth = np.array([0.0] * 90 + [1.0] * 10)
    assert quantile_calibration(Answers(truth, np.zeros(100)), 0.9).p_value == 1
    assert quantile_calibration(Answers(truth, np.zeros(100)), 0.5).p_value == 1
    assert quantile_calibration(Answers(truth, np.zeros(100)), 0.99).p_value < 0.001


def test_weights_are_rows_and_groups_are_what_is_counted():
    random = np.random.default_rng(1)
    truth, weights = random.normal(size=50), random.integers(1, 4, 50)
    found = quantile_calibration(answers_of(truth, np.zeros(50), weights), 0.5)
    again = quantile_calibration(Answers(np.repeat(truth, weights), np.zeros(weights.sum())), 0.5)
    assert found == again
    groups = np.arange(50) // 5
    free = quantile_calibration(Answers(truth, np.zeros(50)), 0.5)
    grouped = quantile_calibration(Answers(truth, np.zeros(50), groups=groups), 0.5)
    assert grouped.n_rows == 50
    assert grouped.below.high - grouped.below.low > free.below.high - free.below.low
    # Rows of a group that are alike are one row, which counts (z / t)² for groups are few.
    alike = Answers(np.repeat(truth[::5], 5), np.zeros(50), groups=groups)
    ten = quantile_calibration(alike, 0.5)
    assert ten.below.value == pytest.approx((truth[::5] < 0).mean())
    n = 10 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 9)) ** 2
    k = ten.below.value * n
    assert ten.below.low == pytest.approx(stats.beta.ppf(0.025, k, n - k + 1))
    assert ten.below.high == pytest.approx(stats.beta.ppf(0.975, k + 1, n - k))


def test_the_sentence_says_share_level_and_test():
    random = np.random.default_rng(2)
    truth = random.exponential(size=400)
    right = Answers(truth, np.full(400, np.log(10)))
    text = calibration_sentence(quantile_calibration(right, 0.9))
    assert text.startswith("No error of the level of the predicted 0.9 quantiles shown on 400 test")
    assert "and 90 % should be (exact test at 5 %: p = " in text
    assert text.endswith("This does not show that there is none.")
    text = calibration_sentence(quantile_calibration(right, 0.5))
    assert text.startswith("The predicted medians are too high on 400 test rows")
    text = calibration_sentence(quantile_calibration(right, 0.99))
    assert text.startswith("The predicted 0.99 quantiles are too low on")
