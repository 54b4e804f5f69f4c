"""Paired differences: both intervals from the same resamples, and rows for equivalence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg.evaluation.comparing.paired_differences import (
    PairedDifference,
    paired_difference,
    rows_for_equivalence,
)
from thalweg.evaluation.judging.intervals import Estimate, bootstrapped, means

RANDOM = np.random.default_rng(1)
MINE, OTHER = RANDOM.exponential(size=(2, 80))


def test_the_95_percent_interval_is_that_of_test_rows_to_the_bit():
    found = paired_difference(MINE, OTHER, 3)
    difference = np.sort(MINE - OTHER)
    [at_95] = bootstrapped(80, 3, lambda counts: means(counts, difference)[np.newaxis])
    assert found.at_95 == at_95
    assert found.at_95.low < found.at_90.low < found.value < found.at_90.high < found.at_95.high
    assert found.sd == pytest.approx(np.std(MINE - OTHER, ddof=1))
    # About the normal quantiles of the standard error.
    half = 1.645 * found.sd / math.sqrt(80)
    assert found.at_90.high - found.value == pytest.approx(half, rel=0.15)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_rows_does_not_matter(order):
    weights = np.linspace(0.5, 1.7, 12)
    some, other = MINE[:12], OTHER[:12]
    order = np.array(order)
    assert paired_difference(some, other, 0) == paired_difference(some[order], other[order], 0)
    found = paired_difference(some, other, 0, weights)
    assert found == paired_difference(some[order], other[order], 0, weights[order])


def test_weights_of_equal_size_change_nothing_and_their_scale_does_not_count():
    plain = paired_difference(MINE, OTHER, 0)
    equal = paired_difference(MINE, OTHER, 0, np.full(80, 0.3))
    for a, b in ((plain.at_95, equal.at_95), (plain.at_90, equal.at_90)):
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))
    weights = RANDOM.uniform(0.1, 2, 80)
    found, scaled = (paired_difference(MINE, OTHER, 0, weights * by) for by in (1, 1024))
    assert found == scaled
    assert found.value == pytest.approx(np.average(MINE - OTHER, weights=weights))


def test_uneven_weights_widen_the_interval_as_if_there_were_fewer_rows():
    # Kish: half of the rows with 9 times the weight of the others count as 0.61 n rows.
    random = np.random.default_rng(0)
    d, weights = random.normal(size=400), np.repeat([9.0, 1.0], 200)
    n = weights.sum() ** 2 / np.sum(weights**2)
    found = paired_difference(d, np.zeros(400), 0, weights).at_95
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.std(d) / math.sqrt(n), rel=0.1)


def test_infinite_and_undefined_losses():
    mine = np.append(MINE, math.inf)
    assert paired_difference(mine, np.append(OTHER, 0.1), 0).at_90.high == math.inf
    both = paired_difference(mine, np.append(OTHER, math.inf), 0)
    assert math.isnan(both.value)
    assert math.isnan(both.at_90.low)
    assert math.isnan(both.sd)


def test_a_difference_is_of_the_first_minus_the_second():
    a, b = np.arange(40.0) + 3, np.arange(40.0)
    assert paired_difference(a, b, 0).at_95 == Estimate(3.0, 3.0, 3.0)
    assert paired_difference(b, a, 0).at_90 == Estimate(-3.0, -3.0, -3.0)
    a[0] = math.inf
    assert paired_difference(a, b, 0).value == math.inf
    b[0] = math.inf
    with np.errstate(all="raise"):
        assert math.isnan(paired_difference(a, b, 0).value)


def test_a_mirrored_difference():
    found = PairedDifference(Estimate(1, -2, 5), Estimate(1, -1, 4), 3).mirrored()
    assert found == PairedDifference(Estimate(-1, -5, 2), Estimate(-1, -4, 1), 3)


def test_rows_for_equivalence():
    # Design study: about (2.93 sd / margin)²; sd 0.15, margin 0.01: 1,927.
    assert rows_for_equivalence(0.15, 0.01) == 1927
    assert rows_for_equivalence(0.15, 0.01, power=0.9) > 1927
    assert rows_for_equivalence(0.0, 0.01) == 6
    assert rows_for_equivalence(math.nan, 0.01) is None
    assert rows_for_equivalence(0.15, 0.0) is None
    assert rows_for_equivalence(1e300, 1e-300) is None  # no number that is useful


def test_so_many_rows_show_equivalence_four_times_in_five():
    sd, margin = 0.15, 0.05
    n = rows_for_equivalence(sd, margin)
    random = np.random.default_rng(0)
    d = random.normal(0, sd, size=(4000, n))
    half = 1.645 * d.std(axis=1, ddof=1) / math.sqrt(n)
    shown = np.abs(d.mean(axis=1)) + half <= margin
    assert shown.mean() == pytest.approx(0.8, abs=0.025)
