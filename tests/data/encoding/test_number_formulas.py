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
    from_median_body,
    ramp,
    ramp_body,
    smooth_body,
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


def test_bodies_and_formulas_in_place_have_the_same_bits():
    random = np.random.default_rng(5)
    wild = random.choice([-1.0, 1.0], (300, 8)) * 10.0 ** random.uniform(-300, 300, (300, 8))
    values = np.concatenate((wild, random.normal(size=(300, 8)), np.zeros((1, 8)), -wild[:1]))
    start, per_unit = random.normal(size=8), 10.0 ** random.uniform(-5, 5, 8)
    least, most = np.array([-FAR] * 4 + [0.0] * 4), np.array([FAR] * 4 + [1.0] * 4)
    with np.errstate(over="ignore", under="ignore"):
        bodies = ramp_body(values, start, per_unit, least, most)
    found = ramp(values, start, per_unit, least, most)
    np.testing.assert_array_equal(found.view(np.int64), bodies.view(np.int64))
    shift, scale = random.normal(size=8), random.uniform(size=8)
    measured = found.copy()
    from_median(measured, shift, scale)
    body = from_median_body(bodies, shift, scale)
    np.testing.assert_array_equal(measured.view(np.int64), body.view(np.int64))
    with np.errstate(under="ignore"):
        smooth = smooth_body(bodies)
    clip_smoothly(found)
    np.testing.assert_array_equal(found.view(np.int64), smooth.view(np.int64))
