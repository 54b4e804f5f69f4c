"""Cumulative logits: against fifty digits, by hand, and with Hypothesis."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mpmath import mpf
from scipy.special import expit

import by_hand
from thalweg.network.formulas.loss_kind import cumulated
from thalweg.network.formulas.losses import loss

ORDINAL = loss("ordinal")
MAGNITUDES = [0.0, 1e-30, 1e-8, 1.0, 30.0, 700.0, 1e4]
POINTS = [*MAGNITUDES, *(-m for m in MAGNITUDES[1:])]


def targets_of(grades, n_outputs):
    """1 where a grade ends, -1 where it begins; shape (n_outputs, n_samples)."""
    return np.array([by_hand.ends_of(grade, n_outputs) for grade in grades], float).T


def exact_loss(z, grade):
    """-log(σ(c_y) - σ(c_{y-1})) with as many digits as the difference needs."""
    with mpmath.workdps(30_000 if max(abs(mpf(float(each))) for each in z) > 1000 else 2000):
        c = [mpf(float(z[0]))]
        for each in z[1:]:
            c.append(c[-1] + mpmath.log(1 + mpmath.exp(mpf(float(each)))))
        below = [mpf(0), *(1 / (1 + mpmath.exp(-each)) for each in c), mpf(1)]
        return -mpmath.log(below[grade + 1] - below[grade])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_values_at_the_extremes_are_those_of_mpmath(dtype, part):
    points = [p for p in POINTS if abs(p) <= 700]
    for place, first in enumerate(points):
        for second in points[(place + part) % 3 :: 3]:
            z = np.array([first, second], dtype)
            for grade in range(3):
                found = ORDINAL.value(z[:, None], targets_of([grade], 2).astype(dtype))[0]
                expected = exact_loss(z, grade)
                # c_2 is rounded once, which moves the loss by as much.
                scale = max(abs(expected), abs(mpf(float(first))), abs(mpf(float(second))), 1e-30)
                assert abs(mpf(float(found)) - expected) <= 8 * np.finfo(dtype).eps * scale
                if first == 0 or second in (0.0, 1.0):
                    assert found.dtype == dtype


def test_by_hand():
    # σ(0) = ½, and softplus(log(e - 1)) = 1: the logits are 0 and 1.
    Z = np.array([[0.0] * 3, [np.log(np.e - 1)] * 3])
    value = ORDINAL.value(Z, targets_of([0, 1, 2], 2))
    expected = -np.log([0.5, expit(1) - 0.5, 1 - expit(1)])
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    np.testing.assert_allclose(ORDINAL.predict(Z)[:, 0], [0.5, expit(1)], rtol=1e-15)


@settings(deadline=None)
@given(Z=arrays(np.float64, (3, 4), elements=st.floats(-12, 12)), seed=st.integers(0, 99))
def test_probabilities_of_all_grades_come_to_1_and_are_the_differences(Z, seed):
    each = [np.exp(-ORDINAL.value(Z, targets_of([grade] * 4, 3))) for grade in range(4)]
    np.testing.assert_allclose(np.sum(each, axis=0), 1, rtol=1e-13)
    np.testing.assert_allclose(np.cumsum(each, axis=0)[:-1], ORDINAL.predict(Z), atol=1e-14)
    _, C = cumulated(Z)
    assert (np.diff(C, axis=0) >= 0).all()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_slope_is_the_derivative_of_the_value(seed):
    rng, h = np.random.default_rng(seed), 1e-3
    Z, Y = rng.normal(size=(4, 6)) * 3, targets_of(rng.integers(0, 5, 6), 4)
    for k in range(4):
        e = np.zeros((4, 1))
        e[k] = h
        near = ORDINAL.value(Z + e, Y) - ORDINAL.value(Z - e, Y)
        far = ORDINAL.value(Z + 2 * e, Y) - ORDINAL.value(Z - 2 * e, Y)
        found = (8 * near - far) / (12 * h)
        np.testing.assert_allclose(ORDINAL.slope(Z, Y)[k], found, rtol=1e-8, atol=1e-9)


@settings(deadline=None)
@given(z=arrays(np.float64, (1, 5), elements=st.floats(-1e4, 1e4)))
def test_one_logit_is_the_binary_cross_entropy(z):
    # P(grade 0) = σ(z): the lower grade is the positive class.
    for grade, label in ((0, 1.0), (1, 0.0)):
        Y = targets_of([grade] * 5, 1)
        sigmoid = loss("sigmoid_cross_entropy")
        np.testing.assert_allclose(ORDINAL.value(z, Y), sigmoid.value(z, np.full((1, 5), label)))
        np.testing.assert_allclose(
            ORDINAL.slope(z, Y), sigmoid.slope(z, np.full((1, 5), label)), atol=1e-15
        )
