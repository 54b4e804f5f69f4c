"""The curves of the derivative lesson: their derivatives, and where a difference is best."""

import math

import mpmath
import numpy as np
import pytest

from thalweg.tracing.curves_of_lesson import CURVES, best_step, quotient

EXACT = {
    "square": lambda x: x**2,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "relu": lambda x: x if x > 0 else mpmath.mpf(0),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("x", [3.0, -2.0, 0.7, -0.3, 5.5])
def test_derivatives_are_those_of_mpmath(name, x):
    curve = CURVES[name]
    for order, body in enumerate((curve.value, curve.slope, curve.second, curve.third)):
        expected = float(mpmath.diff(EXACT[name], mpmath.mpf(x), order, h=mpmath.mpf("1e-4")))
        found = float(body(np.array([x]))[0])
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6), order


def test_the_articles_numbers():
    square = CURVES["square"]
    assert quotient(square, 3.0, 0.001) == pytest.approx(6.001, abs=1e-12)
    assert quotient(square, -2.0, 0.001) == pytest.approx(-3.999, abs=1e-11)
    assert float(square.value(np.array([3.001]))[0]) == pytest.approx(9.006001, abs=1e-14)


@pytest.mark.parametrize(
    ("name", "x", "sides"), [("square", 3.0, 1), ("sigmoid", 2.0, 1), ("sigmoid", 2.0, 2)]
)
def test_the_best_step_is_where_measured_errors_are_smallest(name, x, sides):
    # The largest error within a factor of 10 around each step, in exact float64 differences.
    slope = float(CURVES[name].slope(np.array([x]))[0])
    exponents = np.arange(-15, 0, 0.02)
    errors = np.array([abs(quotient(CURVES[name], x, 10**e, sides) - slope) for e in exponents])
    worst = [errors[np.abs(exponents - e) < 0.25].max() for e in exponents]
    measured = exponents[int(np.argmin(worst))]
    assert abs(math.log10(best_step(CURVES[name], x, sides)) - measured) < 1


def test_without_truncation_no_step_is_best():
    assert math.isnan(best_step(CURVES["square"], 3.0, 2))
    assert math.isnan(best_step(CURVES["relu"], 3.0, 1))
