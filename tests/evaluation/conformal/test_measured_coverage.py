"""Measured coverage: the share of rows inside, by width and by class, with Wilson's interval."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest

import thalweg
from thalweg import ThalwegClassifier
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.conformal.coverage_sentences import coverage_sentence
from thalweg.evaluation.conformal.cv_plus import cv_plus_intervals, pooled_intervals
from thalweg.evaluation.conformal.measured_coverage import interval_coverage, set_coverage
from thalweg.evaluation.conformal.residual_store import residuals_of

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(size=200)
WIDTH = RANDOM.uniform(0.5, 3.0, 200)
INTERVALS = np.stack((-WIDTH, WIDTH), axis=1)


def numbers(**more):
    return Answers(TRUTH, np.zeros(200), **more)


def ends(estimate):
    return estimate.value, estimate.low, estimate.high


def wilson(k, n):
    found = binomtest(int(k), int(n)).proportion_ci(method="wilson")
    return pytest.approx((k / n, found.low, found.high))


def test_the_share_inside_is_given_overall_and_for_each_fifth_by_width():
    found = interval_coverage(numbers(), INTERVALS)
    inside = np.abs(TRUTH) <= WIDTH
    assert ends(found.coverage) == wilson(inside.sum(), 200)
    assert found.mean_width == pytest.approx(2 * WIDTH.mean())
    order = np.argsort(WIDTH)
    assert len(found.by_width) == 5
    for band, rows in zip(found.by_width, np.split(order, 5), strict=True):
        assert (band.narrowest, band.widest) == (2 * WIDTH[rows[0]], 2 * WIDTH[rows[-1]])
        assert band.n_samples == 40
        assert ends(band.coverage) == wilson(inside[rows].sum(), 40)


def test_an_end_belongs_to_its_interval():
    found = interval_coverage(
        Answers(np.array([1.0, 2.0]), np.zeros(2)), np.array([[1.0, 2.0]] * 2)
    )
    assert found.coverage.value == 1


def test_rows_of_equal_widths_are_in_one_band():
    [band] = interval_coverage(numbers(), np.tile([-1.0, 1.0], (200, 1))).by_width
    assert band.n_samples == 200


def test_infinite_intervals_hold_everything_and_are_plain_data():
    found = interval_coverage(numbers(), np.tile([-np.inf, np.inf], (200, 1)))
    data = found.as_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert (data["coverage"]["value"], data["mean_width"]) == (1.0, "Infinity")
    assert data["by_width"][0]["widest"] == "Infinity"


def test_the_order_of_the_rows_does_not_matter():
    weights = RANDOM.uniform(0.1, 2.0, 200)
    answers, order = numbers(weights=weights), RANDOM.permutation(200)
    mixed = interval_coverage(answers.rows(order), INTERVALS[order])
    found = interval_coverage(answers, INTERVALS)
    assert ends(mixed.coverage) == pytest.approx(ends(found.coverage))
    assert mixed.mean_width == found.mean_width
    assert [band.widest for band in mixed.by_width] == [band.widest for band in found.by_width]


def test_a_fractional_weight_counts_by_kish_and_equal_ones_not_at_all():
    equal = interval_coverage(numbers(weights=np.full(200, 0.3)), INTERVALS)
    plain = interval_coverage(numbers(), INTERVALS)
    assert ends(equal.coverage) == pytest.approx(ends(plain.coverage))
    weights = RANDOM.uniform(0.1, 2.0, 200)
    found = interval_coverage(numbers(weights=weights), INTERVALS)
    assert found.coverage.value == pytest.approx(
        np.average(np.abs(TRUTH) <= WIDTH, weights=weights)
    )
    assert found.n_samples == pytest.approx(weights.sum() ** 2 / np.sum(weights**2))
    assert found.coverage.high - found.coverage.low > plain.coverage.high - plain.coverage.low


def test_rows_of_a_group_that_are_alike_count_as_one():
    plain = interval_coverage(numbers(), INTERVALS)
    inside = (INTERVALS[:, 0] <= numbers().truth) & (numbers().truth <= INTERVALS[:, 1])
    groups = np.empty(200, int)
    groups[np.argsort(~inside, kind="stable")] = np.arange(200) // 10
    alike = interval_coverage(numbers(groups=groups), INTERVALS).coverage
    assert alike.value == pytest.approx(plain.coverage.value)
    assert alike.high - alike.low > 2 * (plain.coverage.high - plain.coverage.low)
    mixed = interval_coverage(numbers(groups=np.arange(200) % 20), INTERVALS).coverage
    assert mixed.high - mixed.low < 1.3 * (plain.coverage.high - plain.coverage.low)


@pytest.mark.parametrize("how", ["out-of-fold", "training"])
def test_rows_that_set_the_intervals_measure_nothing(how):
    found = interval_coverage(numbers(how=how), INTERVALS)
    assert "says nothing about new rows" in found.refused
    assert found.as_dict()["coverage"]["value"] is None
    sets = set_coverage(Answers(TRUTH > 0, TRUTH, how=how), np.ones((200, 2), bool), ["a", "b"])
    assert sets.refused
    assert [each["value"] for each in sets.as_dict()["coverage"]] == [None, None]


def test_no_row_measures_nothing():
    found = interval_coverage(Answers(np.zeros(0), np.zeros(0)), np.zeros((0, 2)))
    assert "no row" in found.refused


def test_sets_are_measured_by_class_with_the_shares_of_the_words():
    truth = np.repeat([False, True], [150, 50])
    sets = np.zeros((200, 2), dtype=bool)
    sets[:100, 0] = sets[100:160] = sets[160:190, 1] = True
    found = set_coverage(Answers(truth, truth * 1.0), sets, ["benign", "malignant"])
    assert ends(found.coverage[0]) == wilson(150, 150)
    assert ends(found.coverage[1]) == wilson(40, 50)
    assert found.words == {
        "benign": 0.5, "cannot tell (either)": 0.3, "malignant": 0.15, "no plausible class": 0.05,
    }  # fmt: skip
    assert list(found.words.values()) == sorted(found.words.values(), reverse=True)
    data = found.as_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_a_class_without_a_test_row_has_no_coverage():
    answers = Answers(np.zeros(10, dtype=int), np.full((10, 3), 1 / 3))
    found = set_coverage(answers, np.ones((10, 3), bool), ["a", "b", "c"])
    assert [each["value"] for each in found.as_dict()["coverage"]] == [1.0, None, None]


# --- simulations ------------------------------------------------------------------------------


def simulated(n_tables, n, seed, noise=lambda X: np.ones(len(X)), n_new=200):
    """The coverage of CV+ (and of the pooled form) for least squares with five folds."""
    random, found = np.random.default_rng(seed), []
    for _ in range(n_tables):
        X = random.normal(size=(n + n_new, 6))
        y = X @ np.arange(6.0) + 2 * np.sin(2 * X[:, 0]) + noise(X) * random.normal(size=len(X))
        A = np.column_stack((np.ones(len(X)), X))
        folds, answer, predictions = np.arange(n) % 5, np.empty(n), []
        for k in range(5):
            taught = np.flatnonzero(folds != k)
            weights = np.linalg.lstsq(A[taught], y[taught], rcond=None)[0]
            answer[folds == k] = A[:n][folds == k] @ weights
            predictions.append(A[n:] @ weights)
        residuals = residuals_of(Answers(y[:n], answer, folds=folds, how="out-of-fold"))
        intervals = cv_plus_intervals(residuals, np.array(predictions))
        inside = (intervals[:, 0] <= y[n:]) & (y[n:] <= intervals[:, 1])
        pooled = pooled_intervals(residuals, np.mean(predictions, axis=0))
        found.append((inside.mean(), np.mean((pooled[:, 0] <= y[n:]) & (y[n:] <= pooled[:, 1]))))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("n", [100, 300])
def test_cv_plus_covers_nine_of_ten_new_rows(n):
    assert 0.88 <= simulated(40, n, 0)[0] <= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 300, 1_000])
def test_cv_plus_covers_nine_of_ten_new_rows_over_1000_tables(n):
    found = simulated(1_000, n, 1)
    print(n, found)
    assert 0.88 <= found[0] <= 0.93


def test_the_flag_is_right_for_all_classes_together():
    # Six classes whose sets hold 90 % each: some class is flagged in about 2.5 % of tables.
    random, flagged = np.random.default_rng(0), 0
    codes = np.repeat(np.arange(6), 60)
    p = random.dirichlet(np.ones(6), 360)
    for _ in range(300):
        sets = np.zeros((360, 6), dtype=bool)
        sets[np.arange(360), codes] = random.random(360) < 0.9
        flagged += any(set_coverage(answers_of(codes, p), sets, [*"abcdef"]).fewer)
    assert flagged <= 16  # each class alone at 2.5 % would flag about 40


def test_rows_that_are_answered_alike_are_counted():
    p = np.array([[0.9, 0.1]] * 20 + [[0.8, 0.2], [0.3, 0.7]])
    sets, codes = p > 0.15, np.array([0] * 21 + [1])
    found = set_coverage(answers_of(codes, p), sets, ["x", "y"])
    assert found.n_repeated == 19
    assert "19 rows are answered exactly as an earlier row" in coverage_sentence(found, ["x", "y"])
    assert found.as_dict()["fewer"] == [False, False]


def test_rows_that_a_weight_counts_are_not_repeated():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7]])
    counted = answers_of(np.array([0, 0, 1, 1]), p, np.array([20, 3, 1, 2]))
    assert len(counted) == 26
    assert set_coverage(counted, counted.answer > 0.15, ["x", "y"]).n_repeated == 1


def test_equal_widths_with_rounding_noise_are_in_one_band():
    middle = np.random.default_rng(0).normal(size=300) * 10
    intervals = np.stack([middle - 1.7, middle + 1.7], axis=1)
    assert len(np.unique(intervals[:, 1] - intervals[:, 0])) > 1  # the noise is there
    found = interval_coverage(answers_of(middle, middle), intervals)
    assert [band.n_samples for band in found.by_width] == [300]
    wider = intervals + np.outer(np.arange(300) % 2 * 1e-6, [-1, 1])
    assert len(interval_coverage(answers_of(middle, middle), wider).by_width) == 2


def test_a_row_that_counts_twice_in_an_evaluation_is_no_repeated_answer():
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    y = np.where(x + rng.logistic(size=200) > 0, "p", "q")
    model = ThalwegClassifier((4,), preset="quick", max_iter=20, random_state=0)
    model.fit(x[:100, None], y[:100])
    found = thalweg.evaluate(
        model, x[100:, None], y[100:], how="given", sample_weight=np.arange(100) % 3
    )
    assert "sets of classes at 90 %" in found.text().lower()
    assert "answered exactly" not in found.text()


def test_repeated_answers_count_only_in_further_groups():
    truth = np.arange(40) % 2 == 0
    answer, sets = np.full(40, 0.6), np.ones((40, 2), np.bool_)

    def repeated(groups):
        answers = answers_of(truth, answer, groups=groups)
        return set_coverage(answers, sets, ["a", "b"]).n_repeated

    assert repeated(None) == 38
    assert repeated(truth.astype(int)) == 0  # each group has one answer of its own
    assert repeated(np.arange(40) // 4) == 2 * 10 - 2
