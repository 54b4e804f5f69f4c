"""The formulas that encode numbers, at their ends."""

import mpmath
import numpy as np
import pytest

from thalweg.data.encoding.number_formulas import (
    FAR,
    FARTHEST,
    clip_smoothly,
    clipped,
    from_median,
    ramp,
)

NAN = np.nan


def test_a_ramp_is_clipped_at_both_ends():
    values = np.array([[-1e300, 0.0], [2.0, 1.0], [3.0, 5.0], [1e300, 9.0]])
    start, per_unit = np.array([2.0, 1.0]), np.array([1e10, 0.25])
    found = ramp(values, start, per_unit, np.array([0.0, -0.5]), np.array([1.0, 1.5]))
    assert found.tolist() == [[0.0, -0.25], [0.0, 0.0], [1.0, 1.0], [1.0, 1.5]]


def test_a_missing_value_counts_as_the_start():
    values = np.array([[NAN, 3.0], [4.0, NAN]])
    found = ramp(values, np.array([2.0, 1.0]), np.ones(2), -9.0, 9.0, np.isnan(values))
    assert found.tolist() == [[0.0, 2.0], [2.0, 0.0]]
    nowhere = np.zeros((1, 2), bool)
    for missing in (None, nowhere):
        assert ramp(values[:1, 1:], np.ones(1), np.ones(1), -9.0, 9.0, missing).tolist() == [[2.0]]


def test_smooth_clipping_against_fifty_digits():
    thirds = np.array([0.0, 1e-300, -1e-9, 0.1, -1.0, 7.0, 1e4, -1e7, FAR, -FAR])
    found = thirds.copy()
    clip_smoothly(found)
    with mpmath.workdps(50):
        for third, one in zip(thirds.tolist(), found.tolist(), strict=True):
            exact = 3 * mpmath.mpf(third) / mpmath.sqrt(1 + mpmath.mpf(third) ** 2)
            assert one == pytest.approx(float(exact), rel=1e-15)
    assert found[-2:].tolist() == [FARTHEST, -FARTHEST]


def test_a_clipped_value_is_scaled_first():
    values = np.array([[5.0, NAN], [2.0, 1.0]])
    found = clipped(values, np.array([2.0, 0.0]), np.array([1.0, 3.0]), np.isnan(values))
    assert found[0, 0] == pytest.approx(3 / np.sqrt(2), rel=1e-15)  # z = 3
    assert found[1, 1] == pytest.approx(3 / np.sqrt(2), rel=1e-15)
    assert (found[0, 1], found[1, 0]) == (0.0, 0.0)


def test_a_share_is_measured_from_the_median():
    share = np.array([[0.0, 0.5], [1.0, 1.0]])
    from_median(share, np.array([-0.25, -1.0]), 2.0)
    assert share.tolist() == [[-0.5, -1.0], [1.5, 0.0]]


def test_what_is_far_away_is_exactly_three():
    # Without a limit the rounding of the root would leave some of them just below.
    thirds = np.random.default_rng(0).uniform(1e8, 4e8, (2000, 1))
    for sign in (1.0, -1.0):
        found = clipped(sign * thirds, np.zeros(1), np.array([3.0]))
        assert (found == sign * FARTHEST).all()
