"""Weighted quantiles: ties, tiny spreads, and the sign of zero."""

import sys

import numpy as np
import pytest

from thalweg.data.encoding.quantiles import center_and_scale, quantiles, selected

HALF = np.array([0.5])
TINY = sys.float_info.min


@pytest.mark.parametrize(
    ("off", "median"),
    [(0.0, 0.5), (5e-10, 0.5), (-5e-10, 0.5), (1.5e-9, 0.0), (-1.5e-9, 1.0), (0.1, 0.0), (-0.1, 1)],
)
def test_a_share_within_a_billionth_counts_as_equal(off, median):
    for unit in (1.0, 1e-9, 3e12):
        weights = unit * np.array([0.5 + off, 0.5 - off])
        for values in (np.array([0.0, 1.0]), np.array([1.0, 0.0])):
            order = values.argsort()
            assert quantiles(values, weights[order], HALF).tolist() == [median]


def test_equal_weights_and_others_have_the_same_quantiles():
    rng = np.random.default_rng(0)
    shares = np.array([0.1, 0.25, 0.5, 0.9])
    for n in (1, 2, 3, 10, 57):
        values = rng.normal(size=n)
        expected = np.quantile(values, shares, method="averaged_inverted_cdf")
        assert quantiles(values, np.full(n, 0.3), shares).tolist() == expected.tolist()
        # Each row of weight 2 is two rows; the weights are not all equal.
        counts = rng.integers(1, 4, n)
        expected = np.quantile(np.repeat(values, counts), shares, method="averaged_inverted_cdf")
        assert quantiles(values, counts * 0.3, shares) == pytest.approx(expected, rel=1e-15)


def test_zero_has_no_sign():
    for weights in (np.ones(2), np.array([1.0, 2.0])):
        assert not np.signbit(quantiles(np.array([-0.0, -0.0]), weights, HALF)).any()


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.0, 1.0, 2.0, 3.0], 1 / 2),  # quartiles 0.5 and 2.5
        ([0.0, 0.0, 0.0, 0.0, 4.0], 2 / 4),
        ([3.0, 3.0], 0.0),
        ([3.0], 0.0),
        ([0.0, 0.0, TINY, TINY], 1 / TINY),
        ([0.0, 0.0, TINY / 2, TINY / 2], 0.0),
        ([0.0] * 4 + [TINY], 2 / TINY),
        ([0.0] * 4 + [TINY / 2], 0.0),
    ],
)
def test_the_scale(values, scale):
    values = np.array(values)
    with np.errstate(over="ignore"):
        center, found = center_and_scale(values, np.ones(len(values)))
    assert found == scale
    assert center == np.median(values)


def test_a_rank_just_behind_the_values_between_two_of_a_sample():
    # Every 16th value is one of the 4,096 smallest, and they are the sample. Near rank 204 the
    # sample ends with its value 12 + 192 = 204: rank 205 is not among the values up to it.
    values = np.arange(1e6, 1e6 + 2**16)
    values[::16] = np.arange(2.0**12)
    ranks = np.array([203, 204, 205])
    assert selected(values, ranks, ranks + 1).tolist() == [[203, 204, 205], [204, 205, 206]]
