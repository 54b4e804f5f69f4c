"""Floors: the order statistic, exactly; a confidence only from untouched rows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.floor_thresholds import (
    by_precision,
    by_sensitivity,
    by_specificity,
    largest_rank,
    rows_needed,
)
from thalweg.evaluation.decisions.operating_point import at_threshold

# Ties, neighbours and the ends.
SCORES = st.one_of(st.sampled_from([1e-9, 0.3, np.nextafter(0.3, 0), 0.5, 1.0]), st.floats(0.01, 1))


def positives(scores, **other):
    return answers_of(np.ones(len(scores), dtype=bool), np.asarray(scores, dtype=float), **other)


@pytest.mark.parametrize(("floor", "needed"), [(0.90, 29), (0.95, 59), (0.99, 299)])
def test_the_fewest_rows(floor, needed):
    # floorᵐ ≤ 0.05
    assert rows_needed(floor) == needed
    assert largest_rank(needed - 1, floor) == 0
    assert largest_rank(needed, floor) == 1


@pytest.mark.parametrize(("rank", "first"), [(1, 59), (2, 93), (3, 124), (4, 153)])
def test_the_rank_for_a_floor_of_095(rank, first):
    # As computed by P(Binomial(m, 0.05) ≥ k) ≥ 0.95.
    assert largest_rank(first - 1, 0.95) == rank - 1
    assert largest_rank(first, 0.95) == rank


@given(st.integers(1, 400), st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_the_rank_is_the_largest_that_is_sure_enough(m, floor, confidence):
    k = largest_rank(m, floor, confidence)
    sure = [1 - betainc(m + 1 - each, each, floor) for each in (k, k + 1) if 1 <= each <= m]
    if k:
        assert sure.pop(0) >= confidence - 1e-9
    if k < m:
        assert sure.pop() < confidence + 1e-9


def test_the_sensitivity_of_a_sample_is_a_trap():
    # 60 positives: a sample sensitivity of 0.90 calls from the 7th on, and the true one is then
    # below 0.90 in 61 % of draws; from the 2nd on (the order statistic) in 1.4 % (1.2 % of the
    # draws of a simulation).
    assert largest_rank(60, 0.9) == 2
    assert betainc(54, 7, 0.9) == pytest.approx(0.606, abs=1e-3)
    assert betainc(59, 2, 0.9) == pytest.approx(0.0138, abs=1e-4)
    random = np.random.default_rng(3)
    scores = np.sort(random.random((4000, 60)), axis=1)  # uniform: sensitivity is 1 - threshold
    assert np.mean(1 - scores[:, 6] < 0.9) == pytest.approx(0.61, abs=0.03)
    found = [by_sensitivity(positives(each), 0.9).value for each in scores[:1000]]
    assert np.array_equal(found, np.nextafter(scores[:1000, 1], 0))
    assert np.mean(1 - np.array(found) < 0.9) == pytest.approx(0.0138, abs=0.01)


@pytest.mark.parametrize(
    ("how_many", "ties"),
    [
        (59, False),
        (59, True),
        *(
            pytest.param(m, ties, marks=pytest.mark.slow)
            for m in (93, 200)
            for ties in (False, True)
        ),
    ],
)
def test_a_floor_is_kept_in_at_least_935_of_1000_draws(how_many, ties):
    random = np.random.default_rng(how_many)
    kept = 0
    for _ in range(1000):
        scores = betaincinv(3, 2, random.random(how_many))
        if ties:
            scores = np.ceil(scores * 20) / 20
        threshold = by_sensitivity(positives(scores), 0.95).value
        # The true share of new rows above it; with ties those of the grid from the next step on.
        below = np.floor(threshold * 20) / 20 if ties else threshold
        kept += 1 - betainc(3, 2, below) >= 0.95
    assert kept >= 935


@given(st.lists(SCORES, min_size=29, max_size=80))
def test_exactly_the_rows_from_the_kth_score_on_are_called(scores):
    found = by_sensitivity(positives(scores), 0.9)
    kth = sorted(scores)[largest_rank(len(scores), 0.9) - 1]
    assert found.value < kth  # a row is called if its probability is strictly above
    assert np.nextafter(found.value, 1) == kth
    called = at_threshold(positives(scores), found.value).true_positive
    assert called == sum(score >= kth for score in scores)
    assert found.not_met == pytest.approx(len(scores) - called)


@given(st.lists(SCORES, min_size=29, max_size=80))
def test_specificity_mirrors_it_with_the_score_itself(scores):
    negatives = answers_of(np.zeros(len(scores), dtype=bool), np.array(scores))
    found = by_specificity(negatives, 0.9)
    kth = sorted(scores)[-largest_rank(len(scores), 0.9)]
    assert found.value == kth
    assert at_threshold(negatives, kth).false_positive == sum(score > kth for score in scores)
    assert found.not_met == pytest.approx(sum(score > kth for score in scores))


def test_at_exact_equality_a_tie_is_called_as_one():
    scores = [0.2] * 5 + [0.7] * 60
    found = by_sensitivity(positives(scores), 0.9)
    assert found.value == np.nextafter(0.2, 0)
    assert at_threshold(positives(scores), found.value).true_positive == 65
    assert at_threshold(positives(scores), 0.2).true_positive == 60


def test_too_few_rows_are_refused_with_the_number_that_is_needed():
    found = by_sensitivity(positives(np.linspace(0.1, 0.9, 58)), 0.95)
    assert (found.value, found.confidence) == (None, None)
    assert "needs 59 positive rows, and there are 58" in found.refused
    found = by_specificity(positives(np.linspace(0.1, 0.9, 300)), 0.99)
    assert "needs 299 negative rows, and there are 0" in found.refused


def test_a_floor_that_needs_rows_of_probability_0_is_refused():
    found = by_sensitivity(positives([0.0] * 5 + [0.5] * 60), 0.95)
    assert found.value is None
    assert "exactly 0" in found.refused


@pytest.mark.parametrize("how", ["cross-validated", "out-of-fold", "training"])
def test_only_test_rows_claim_a_confidence(how):
    scores = np.linspace(0.1, 0.9, 60)
    test = by_sensitivity(positives(scores), 0.9)
    other = by_sensitivity(positives(scores, how=how), 0.9)
    assert (test.confidence, other.confidence) == (0.95, None)
    assert replace(other, how="test", confidence=0.95) == test


def test_rows_of_groups_and_rows_with_weights_claim_none():
    scores = np.linspace(0.1, 0.9, 60)
    grouped = by_sensitivity(positives(scores, groups=np.arange(60) // 2), 0.9)
    weighted = by_sensitivity(positives(scores, weights=np.full(60, 0.3)), 0.9)
    plain = by_sensitivity(positives(scores), 0.9)
    assert grouped.value == weighted.value == plain.value
    assert (grouped.confidence, weighted.confidence) == (None, None)


def test_a_heavy_row_may_not_be_overlooked():
    scores, weights = np.linspace(0.1, 0.9, 101), np.full(101, 0.5)
    light = by_sensitivity(positives(scores, weights=weights), 0.9)
    weights[0] = 5.0
    heavy = by_sensitivity(positives(scores, weights=weights), 0.9)
    assert light.value > heavy.value == np.nextafter(scores[0], 0)


@given(st.lists(SCORES, min_size=29, max_size=50), st.randoms(use_true_random=False))
def test_order_and_weight_2_change_nothing(scores, random):
    order = random.sample(range(len(scores)), len(scores))
    one = by_sensitivity(positives(scores), 0.8)
    assert one == by_sensitivity(positives([scores[k] for k in order]), 0.8)
    twice = by_sensitivity(positives(scores, weights=np.full(len(scores), 2.0)), 0.8)
    assert twice == by_sensitivity(positives(scores * 2), 0.8)


def test_a_precision_is_kept_and_the_lowest_threshold_taken():
    random = np.random.default_rng(4)
    p = random.random(3000)
    found = by_precision(answers_of(random.random(3000) < p, p), 0.8)
    # Uniform and calibrated: the precision above t is (1 + t) / 2, so 0.6 keeps 0.8.
    assert 0.6 <= found.value <= 0.7
    assert found.confidence == 0.95
    assert found.not_met < 0.2 * found.n_class


def test_rows_at_a_threshold_of_the_grid_are_not_called():
    truth = np.repeat([True, False], [100, 60])
    found = by_precision(answers_of(truth, np.repeat([0.9, 0.5], [100, 60])), 0.9, grid=(0.5,))
    assert (found.value, found.n_class, found.not_met) == (0.5, 100, 0)


def test_many_tests_of_a_precision_need_more_rows_than_one():
    rows = positives(np.full(40, 0.96))  # 0.9⁴⁰ = 0.015
    assert by_precision(rows, 0.9, grid=(0.5,)).value == 0.5
    assert by_precision(rows, 0.9).value is None  # 19 · 0.015 is above 0.05
    assert by_precision(positives(np.full(60, 0.96)), 0.9).value == 0.05  # 19 · 0.9⁶⁰ = 0.034


def test_a_precision_fails_in_few_draws():
    random = np.random.default_rng(2)
    wrong = 0
    for _ in range(200):
        p = random.random(300)
        found = by_precision(answers_of(random.random(300) < p, p), 0.8)
        wrong += found.value is not None and (1 + found.value) / 2 < 0.8 - 1e-12
    assert wrong <= 0.05 * 200


def test_without_a_threshold_that_passes_a_precision_is_refused():
    found = by_precision(positives(np.linspace(0.01, 0.9, 10)), 0.9)
    assert found.value is None
    assert "precision of 0.9" in found.refused
    with_none = by_precision(answers_of(np.zeros(5, dtype=bool), np.full(5, 0.5)), 0.5)
    assert with_none.value is None


@pytest.mark.parametrize(("floor", "confidence"), [(0, 0.95), (1, 0.95), (0.9, 1), (np.nan, 0.9)])
def test_a_floor_that_no_number_of_rows_shows_is_refused(floor, confidence):
    for rule in (by_sensitivity, by_specificity, by_precision):
        with pytest.raises(SettingsError, match="between 0 and 1"):
            rule(Answers(np.array([True]), np.array([0.5])), floor, confidence)


@pytest.mark.parametrize("m", [2, 7, 24, 58])
def test_a_refusal_names_the_highest_floor_that_so_many_rows_can_show(m):
    refused = by_sensitivity(positives(np.linspace(0.1, 0.9, m)), 0.99).refused
    best = float(refused.partition("Choose a floor of ")[2].partition(" or lower")[0])
    assert best**m <= 0.05 < (best + 0.01) ** m
    assert by_sensitivity(positives(np.linspace(0.1, 0.9, m)), best).confidence == 0.95


def test_a_refusal_without_a_row_names_no_floor():
    assert "Choose a lower floor, or give" in by_specificity(positives([0.5]), 0.9).refused
