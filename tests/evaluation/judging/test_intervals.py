"""Intervals on their own: the ends, infinite and missing values, and how they are written."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binomtest

from thalweg.evaluation.judging import intervals
from thalweg.evaluation.judging.intervals import (
    Estimate,
    Ranks,
    bootstrapped,
    concordance,
    estimate,
    mean_of_proportions,
    means,
    multiplicities,
    once,
    proportion,
)

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("n", [1, 2, 9, 137])
def test_a_proportion_has_the_ends_of_wilsons_interval(n):
    for k in range(n + 1):
        found = proportion(k, n)
        scipys = binomtest(k, n).proportion_ci(method="wilson")
        assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high), rel=1e-12)
        assert 0 <= found.low <= found.value == k / n <= found.high <= 1


@pytest.mark.parametrize("n", [1, 2, 3, 7, 49, 100, 12_345])
def test_none_and_all_have_an_end_without_any_rounding(n):
    none, every = proportion(0, n), proportion(n, n)
    assert (none.low, none.value, every.value, every.high) == (0.0, 0.0, 1.0, 1.0)
    assert 0 < none.high < 1
    assert every.low == pytest.approx(1 - none.high, rel=1e-12)
    if n > 1:
        assert proportion(1, n).low > 0
        assert proportion(n - 1, n).high < 1


def test_a_proportion_of_nothing_is_none():
    assert proportion(0, 0).as_dict() == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(("k", "n"), [(0, 4), (3, 4), (9, 9), (40, 41), (1, 137), (1023, 1024)])
def test_a_mean_of_one_share_or_of_equal_ones_has_wilsons_interval(k, n):
    for m in (1, 2, 5):
        found, known = mean_of_proportions([k] * m, [n] * m), proportion(m * k, m * n)
        ends = [(each.value, each.low, each.high) for each in (found, known)]
        assert ends[0] == pytest.approx(ends[1], abs=1e-9)
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_mean_of_shares_that_are_all_1_is_not_known_for_sure():
    found = mean_of_proportions([100, 5], [100, 5])
    assert found.value == found.high == 1
    # As uncertain as half of the class of 5 rows, whose own interval is [0.566, 1].
    assert 1 - (1 - 0.566) / 2 - 0.01 < found.low < 1 - (1 - 0.566) / 2 + 0.01
    mixed = mean_of_proportions([5, 0], [5, 5])
    assert mixed.low == pytest.approx(1 - mixed.high)
    assert 0.2 < mixed.low < 0.4


def test_a_share_of_no_rows_is_left_out_of_the_mean():
    assert mean_of_proportions([3, 0, 9], [4, 0, 10]) == mean_of_proportions([3, 9], [4, 10])
    assert math.isnan(mean_of_proportions([0, 0], [0, 0]).value)


def coverage(sizes, shares, n_draws=2000):
    """In which share of samples the interval holds the true mean."""
    draws = np.random.default_rng(0).binomial(sizes, shares, (n_draws, len(sizes)))
    if len(set(sizes)) == 1:  # the order of equal classes does not count
        draws = np.sort(draws, axis=1)
    rows, counts = np.unique(draws, axis=0, return_counts=True)
    found = [mean_of_proportions(row.tolist(), sizes) for row in rows]
    held = [each.low - 1e-9 <= np.mean(shares) <= each.high + 1e-9 for each in found]
    return counts @ np.array(held) / n_draws


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(
    ("sizes", "shares"),
    [
        ([5] * 2, [0.99] * 2),
        ([30] * 2, [0.95] * 2),
        ([5] * 3, [0.95] * 3),
        ([10] * 3, [0.9, 1.0, 1.0]),
        ([40, 5], [0.97, 0.95]),
        ([5] * 6, [0.95] * 6),
        ([100] * 6, [0.99] * 6),
    ],
)
def test_the_interval_of_a_mean_of_shares_holds_the_true_mean(sizes, shares):
    assert 0.9 <= coverage(sizes, shares) <= 0.995


@pytest.mark.slow
@pytest.mark.parametrize("m", [2, 3, 6])
@pytest.mark.parametrize("n", [10, 30])
def test_the_interval_of_a_mean_of_shares_holds_the_true_mean_everywhere(m, n):
    for low, high in ((0.5, 0.5), (0.8, 0.8), (0.95, 0.95), (0.6, 0.99)):
        shares = np.linspace(low, high, m).tolist()
        assert coverage([n] * m, shares, 150) >= 0.88
        assert coverage([4 * n] + [n] * (m - 1), shares, 150) >= 0.88


def test_json_knows_both_infinities_and_what_is_missing():
    plain = Estimate(-INF, NAN, INF).as_dict()
    assert plain == {"value": "-Infinity", "low": None, "high": "Infinity"}
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert Estimate(0.0, -1.5, 1e300).as_dict() == {"value": 0.0, "low": -1.5, "high": 1e300}


def by_hand(counts, values):
    """The mean of the rows that were drawn, each as often as it was."""
    return [np.mean(np.repeat(values, each)) for each in counts]


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 2.0, 4.0, 8.0],
        [INF, 2.0, 4.0, 8.0],
        [1.0, -INF, 4.0, 8.0],
        [1.0, 2.0, NAN, 8.0],
        [INF, 2.0, -INF, 8.0],
        [INF, INF, 4.0, 8.0],
        [INF, -INF, NAN, INF],
    ],
)
def test_a_mean_is_infinite_only_where_an_infinite_row_was_drawn(values):
    counts = np.array([[1, 1, 1, 1], [0, 2, 1, 1], [0, 0, 0, 4], [2, 0, 2, 0], [0, 0, 3, 1]])
    with np.errstate(invalid="ignore"):
        expected = by_hand(counts, np.array(values))
    with np.errstate(all="raise"):
        np.testing.assert_allclose(means(counts, np.array(values)), expected, rtol=1e-15)


def test_resamples_are_two_thousand():
    whole = np.concatenate(list(multiplicities(30, seed=2)))
    assert whole.shape == (2000, 30)
    assert whole.dtype == np.int64


def test_a_megabyte_of_multiplicities_is_held_at_a_time():
    sizes = [block.nbytes for block in multiplicities(1000, seed=0)]
    assert all(2**19 < size <= 2**20 for size in sizes[:-1])
    assert 0 < sizes[-1] <= 2**20
    assert once(3).tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("block", [1, 29, 30, 100, 30 * 100, 30 * 1999, 30 * 2000, 2**20])
def test_the_size_of_a_block_changes_no_resample(monkeypatch, block):
    monkeypatch.setattr(intervals, "_RESAMPLES", 200)
    whole = np.concatenate(list(multiplicities(30, seed=2)))
    monkeypatch.setattr(intervals, "_BLOCK", block)
    blocks = list(multiplicities(30, seed=2))
    assert np.array_equal(np.concatenate(blocks), whole)
    assert max(map(len, blocks)) == min(200, max(1, block // 30))
    assert min(map(len, blocks)) > 0


def test_the_bootstrap_measures_the_sample_and_then_its_resamples():
    values = np.random.default_rng(0).normal(size=20)
    order, spread = bootstrapped(
        20, 3, lambda counts: np.stack([means(counts, values), counts.max(axis=1)])
    )
    drawn = np.concatenate(list(multiplicities(20, 3)))
    means_drawn = np.sort(drawn @ values / 20)
    assert order.value == pytest.approx(values.mean(), rel=1e-12)
    # Of 2,000 in order the 32nd and the 1,969th, for the levels of 20 rows.
    level = stats.norm.cdf(-np.sqrt(20 / 19) * stats.t.ppf(0.975, 19))
    assert level == pytest.approx(0.0159, abs=1e-4)
    ends = [int(np.ceil(2000 * each)) - 1 for each in (level, 1 - level)]
    assert (order.low, order.high) == pytest.approx(tuple(means_drawn[ends]))
    assert spread.value == once(20).max() == 1
    assert spread.high >= 2


def test_what_no_resample_has_is_left_aside_and_ends_may_be_infinite():
    some = np.array([NAN] * 900 + list(np.arange(100.0)))
    assert estimate(50.0, some) == Estimate(50.0, 2.0, 97.0)
    assert estimate(50.0, np.array([1.0] * 90 + [INF] * 10)) == Estimate(50.0, 1.0, INF)
    assert [math.isnan(end) for end in (estimate(NAN, some).low, estimate(NAN, some).high)] == (
        [True, True]
    )


def test_a_number_that_no_resample_has_keeps_its_value_without_an_interval():
    found = estimate(0.75, np.array([NAN, NAN]))
    assert found.value == 0.75
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_concordance_counts_the_pairs_that_were_drawn():
    positive, negative = np.array([1.0, 3.0, 3.0, 6.0]), np.array([0.0, 3.0, 3.0, 5.0, 7.0])
    below = np.searchsorted(negative, positive, side="left")
    up_to = np.searchsorted(negative, positive, side="right")
    counts = np.concatenate([once(9), np.random.default_rng(0).integers(0, 3, (50, 9))])
    counts[1, :4], counts[2, 4:] = 0, 0
    counts[3] = [0, 1, 0, 0, 0, 1, 0, 0, 0]  # a single pair, of equal scores
    found = concordance(counts, [Ranks(np.arange(9), below, up_to)])
    for each, auc in zip(counts, found, strict=True):
        p, q = np.repeat(positive, each[:4]), np.repeat(negative, each[4:])
        pairs = [(a > b) + 0.5 * (a == b) for a in p for b in q]
        assert auc == pytest.approx(np.mean(pairs) if pairs else NAN, rel=1e-14, nan_ok=True)


def test_the_interval_of_resamples_contains_the_value():
    for value in (-1.0, 0.5, 2.0):
        found = estimate(value, np.linspace(0.0, 1.0, 2000))
        assert found.low <= found.value == value <= found.high
