"""Tuned thresholds and their spread: brute force, and the excess cost of tuning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.cutoffs import cutoffs
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity, by_specificity
from thalweg.evaluation.decisions.threshold_spread import (
    best_cutoff,
    plateau,
    tuned_by_costs,
    with_spread,
)

SCORES = st.sampled_from([0.0, 0.1, 0.25, np.nextafter(0.25, 1), 0.6, 0.8, 1.0])
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=2, max_size=25).filter(
    lambda rows: len({y for y, _ in rows}) == 2
)


def answers(rows, **other):
    truth, p = zip(*rows, strict=True)
    return answers_of(np.array(truth), np.array(p), **other)


def drawn(n, seed, **other):
    """Calibrated answers with p ~ Beta(1, 9)."""
    random = np.random.default_rng(seed)
    p = random.beta(1, 9, n)
    return answers_of(random.random(n) < p, p, **other)


def cost_of(rows, threshold, missed, alarm):
    costs = [missed * (y and p <= threshold) + alarm * (not y and p > threshold) for y, p in rows]
    return np.mean(costs), np.std(costs)


@given(ROWS, st.integers(1, 9), st.integers(1, 9))
def test_the_plateau_is_that_of_brute_force(rows, missed, alarm):
    cut = cutoffs(answers(rows))
    [found] = plateau(cut, cut.positive[np.newaxis], cut.negative[np.newaxis], missed, alarm)
    [best], [least] = best_cutoff(
        cut, cut.positive[np.newaxis], cut.negative[np.newaxis], missed, alarm
    )
    # All thresholds from one score up to the next do the same.
    starts = sorted({0.0, *(p for _, p in rows)})
    costs = [cost_of(rows, t, missed, alarm)[0] for t in starts]
    assert least == pytest.approx(min(costs))
    assert cost_of(rows, best, missed, alarm)[0] == pytest.approx(min(costs))
    first = next(k for k, cost in enumerate(costs) if cost <= min(costs) + 1e-12)
    allowed = min(costs) + cost_of(rows, starts[first], missed, alarm)[1] / np.sqrt(len(rows))
    low = first
    while low > 0 and costs[low - 1] <= allowed + 1e-12:
        low -= 1
    high = first
    while high < len(starts) - 1 and costs[high + 1] <= allowed + 1e-12:
        high += 1
    halfway = (low + high) // 2  # of two in the middle the lower one
    end = starts[halfway + 1] if halfway < len(starts) - 1 else 1.0
    middle = (starts[halfway] + end) / 2
    assert found == (middle if middle < end else starts[halfway])


def test_rows_of_one_class_have_no_best_threshold():
    found = tuned_by_costs(answers([(True, 0.3), (True, 0.5)]), 9, 1)
    assert found.value is None
    assert "one class" in found.refused


def test_a_tuned_threshold_has_its_interval_and_its_folds():
    rows = drawn(600, 0, folds=np.arange(600) % 5)
    found = tuned_by_costs(rows, 9, 1)
    assert found.spread.low <= found.value <= found.spread.high
    assert found.spread.high - found.spread.low < 0.2
    each = [tuned_by_costs(rows.rows(rows.folds == k), 9, 1).value for k in range(5)]
    assert found.spread.folds == tuple(each)
    data = found.as_dict()
    assert data["spread"]["folds"] == each
    assert data["by"] == "tuned costs"


def test_a_fold_of_one_class_chooses_nothing():
    rows = answers_of(np.arange(60) % 2 == 0, np.linspace(0.1, 0.9, 60), folds=np.arange(60) % 2)
    found = tuned_by_costs(rows, 1, 1)
    assert np.isnan(found.spread.folds).all()
    assert found.as_dict()["spread"]["folds"] == [None, None]


def test_the_spread_of_the_formula_is_what_tuning_would_give():
    rows = drawn(300, 1)
    found = with_spread(rows, by_costs(9, 1))
    assert (found.value, found.how) == (0.1, None)
    assert found.spread == tuned_by_costs(rows, 9, 1).spread or found.spread.low > 0


def test_the_spread_of_floors_repeats_the_share_that_is_not_met():
    random = np.random.default_rng(0)
    rows = answers_of(np.ones(400, dtype=bool), random.random(400), folds=np.arange(400) % 4)
    found = with_spread(rows, by_sensitivity(rows, 0.9))
    share = found.not_met / 400
    assert found.spread.low <= found.value <= found.spread.high
    # The percentiles of the same quantile of resampled rows, but for their random error.
    counts = random.multinomial(400, np.full(400, 1 / 400), size=5000).cumsum(axis=1)
    scores = np.sort(rows.answer)
    resampled = scores[np.argmax(counts > found.not_met, axis=1)]
    low, high = (np.searchsorted(scores, np.quantile(resampled, q)) for q in (0.025, 0.975))
    assert np.searchsorted(scores, found.spread.low) == pytest.approx(low, abs=1)
    assert np.searchsorted(scores, found.spread.high) == pytest.approx(high, abs=1)
    for k, threshold in enumerate(found.spread.folds):
        scores = rows.answer[rows.folds == k]
        assert np.mean(scores <= threshold) <= share
        assert np.mean(scores <= np.nextafter(threshold, 1)) > share
    negatives = answers_of(np.zeros(400, dtype=bool), rows.answer, folds=rows.folds)
    other = with_spread(negatives, by_specificity(negatives, 0.9))
    assert other.spread.low <= other.value <= other.spread.high
    for k, threshold in enumerate(other.spread.folds):
        scores = rows.answer[rows.folds == k]
        assert np.mean(scores > threshold) <= share + 1e-12 < np.mean(scores >= threshold)


def test_the_spread_of_f():
    rows = drawn(2000, 2, folds=np.arange(2000) % 5)
    found = with_spread(rows, by_f(rows))
    assert found.spread.low < found.value < found.spread.high
    assert all(0.14 < each < 0.19 for each in found.spread.folds)


def test_without_a_rule_or_a_threshold_there_is_no_spread():
    rows = drawn(50, 0)
    given_ = Threshold(0.3, "given")
    assert with_spread(rows, given_) is given_
    refused = by_sensitivity(rows, 0.99)
    assert with_spread(rows, refused) is refused


@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_weights(rows, random):
    order = np.array(random.sample(range(len(rows)), len(rows)))
    truth, p = (np.array(each) for each in zip(*rows, strict=True))
    weights = np.array([random.choice([0.5, 1.0, 1.5]) for _ in rows])
    one = Answers(truth, p, weights)

    def value(given_):
        cut = cutoffs(given_)
        return plateau(cut, cut.positive[np.newaxis], cut.negative[np.newaxis], 3, 1)[0]

    assert value(one) == value(one.rows(order))
    assert value(one) == value(Answers(truth, p, weights * 2.0**100))


def test_the_same_for_every_order_with_its_bootstrap():
    rows = drawn(200, 3, folds=np.arange(200) % 5)
    order = np.random.default_rng(0).permutation(200)
    assert tuned_by_costs(rows, 9, 1) == tuned_by_costs(rows.rows(order), 9, 1)
    assert tuned_by_costs(rows, 9, 1, seed=1) != tuned_by_costs(rows, 9, 1)


def true_cost(t):
    """Of calibrated p ~ Beta(1, 9) and costs 9 and 1: 9 E[p; p ≤ t] + E[1 - p; p > t]."""
    above = (1 - t) ** 9
    positive = t * above + (1 - t) ** 10 / 10
    return 9 * (0.1 - positive) + above - positive


@pytest.mark.parametrize(
    ("n", "excess", "too_low", "span"),
    [
        (100, 8.2, 0.17, (0.05, 0.23)),
        pytest.param(200, 5.3, 0.12, (0.06, 0.20), marks=pytest.mark.slow),
        pytest.param(500, 3.2, 0.06, (0.06, 0.17), marks=pytest.mark.slow),
        pytest.param(2000, 1.3, 0.03, (0.07, 0.14), marks=pytest.mark.slow),
    ],
)
def test_tuning_costs_more_than_the_formula(n, excess, too_low, span):
    # decide.md, section 2: the cut-off of least cost on n rows, 300 draws.
    assert true_cost(0.1) == pytest.approx(0.5513, abs=1e-4)
    tuned, own, middle = [], [], []
    for seed in range(300):
        cut = cutoffs(drawn(n, 1000 + seed))
        lines = cut.positive[np.newaxis], cut.negative[np.newaxis]
        if not cut.positive.any():
            continue
        [best], [least] = best_cutoff(cut, *lines, 9, 1)
        tuned.append(best)
        own.append(least)
        middle.extend(plateau(cut, *lines, 9, 1))
    costs = true_cost(np.array(tuned))
    assert 100 * (costs.mean() / true_cost(0.1) - 1) == pytest.approx(excess, rel=0.25)
    assert np.mean(costs - np.array(own)) == pytest.approx(too_low, abs=0.02)
    assert np.quantile(tuned, (0.05, 0.95)) == pytest.approx(span, abs=0.025)
    # The middle cut-off of the plateau costs less.
    assert true_cost(np.array(middle)).mean() < costs.mean()
