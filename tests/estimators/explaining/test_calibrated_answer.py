"""The answer of several networks under a map: its value, and its slopes by finite differences."""

import numpy as np
import pytest

from thalweg.estimators.explaining.calibrated_answer import CalibratedOfSeveral, CalibratedOfTwo
from thalweg.evaluation.calibration.recalibration_map import Calibration

TWO = CalibratedOfTwo(Calibration("binary", "affine", 0.4, 1.7))
SEVERAL = CalibratedOfSeveral(Calibration("multiclass", "temperature", 0.0, 0.6))


@pytest.mark.parametrize(("answer", "n"), [(TWO, 1), (SEVERAL, 4)])
def test_the_value_is_the_map_of_the_mean_probability(answer, n):
    Z = 2 * np.random.default_rng(0).standard_normal((3, 6, n))
    if n == 1:
        mean = (1 / (1 + np.exp(-Z))).mean(axis=0)
        expected = answer.calibration.apply(mean[:, 0])[:, None]
    else:
        shares = np.exp(Z) / np.exp(Z).sum(axis=-1, keepdims=True)
        expected = answer.calibration.apply(shares.mean(axis=0))
    np.testing.assert_allclose(answer.value(Z), expected, rtol=1e-12)


@pytest.mark.parametrize(("answer", "n"), [(TWO, 1), (SEVERAL, 4)])
def test_slopes_by_finite_differences(answer, n):
    Z, h = 2 * np.random.default_rng(1).standard_normal((3, 6, n)), 1e-6
    found = answer.slopes(Z)
    for m in range(3):
        for j in range(n):
            step = np.zeros_like(Z)
            step[m, :, j] = h
            slope = (answer.value(Z + step) - answer.value(Z - step)) / (2 * h)
            np.testing.assert_allclose(found[m, :, :, j], slope, atol=1e-8)


@pytest.mark.parametrize("far", [-800.0, 800.0])
def test_far_tails_are_finite(far):
    Z = np.full((2, 1, 1), far)
    assert np.isfinite(TWO.value(Z)).all()
    assert np.isfinite(TWO.slopes(Z)).all()
    many = np.zeros((2, 1, 3))
    many[..., 0] = far
    assert np.isfinite(SEVERAL.value(many)).all()
    assert np.isfinite(SEVERAL.slopes(many)).all()
