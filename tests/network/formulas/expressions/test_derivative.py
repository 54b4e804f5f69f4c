"""Slopes of formulas against 50-digit differences, and what they are at kinks."""

import mpmath
import numpy as np
import pytest

from own_losses import FORMULAS, in_fifty_digits
from thalweg.network.formulas.expressions.built_function import built
from thalweg.network.formulas.expressions.derivative import slope_of
from thalweg.network.formulas.expressions.formula_text import formula_of
from thalweg.network.formulas.expressions.printed_formula import text_of
from thalweg.network.formulas.expressions.symbols import traced


@pytest.mark.parametrize("text", FORMULAS)
def test_the_slope_is_the_derivative_in_fifty_digits(text):
    formula = formula_of(text)
    slope = built(slope_of(formula), "slope")
    drawn = np.random.default_rng(0)
    for z, y in drawn.normal(size=(60, 2)) * 2.5:
        with mpmath.workdps(50):
            h = mpmath.mpf(10) ** -20
            above, below = (in_fifty_digits(formula, z + sign * h, y) for sign in (1, -1))
            expected = float((above - below) / (2 * h))
        assert slope(z, y) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("text", "simplified"),
    [
        ("where(z > y, z - y, 3 * (y - z))", "where(z > y, 1, -3)"),
        ("0.5 * (z - y)**2", "0.5 * (2 * (z - y))"),
        ("abs(z - y)", "sign(z - y)"),
        ("y * y + z", "1"),
        ("floor(z) + sign(z) * 3 + z", "1"),
        ("where(z > y, 2 * z, 2 * z - y)", "2"),
    ],
)
def test_slopes_are_simplified(text, simplified):
    assert text_of(slope_of(formula_of(text))) == simplified


@pytest.mark.parametrize(
    ("text", "at_the_kink"),
    [("abs(z - y)", 0.0), ("max(z - y, 3 * (z - y))", 3.0), ("min(z - y, 3 * (z - y))", 3.0),
     ("where(z > y, z, -2 * z)", -2.0), ("where(z >= y, z, -2 * z)", 1.0)],
)  # fmt: skip
def test_at_a_kink_the_slope_is_what_the_table_says(text, at_the_kink):
    assert built(slope_of(formula_of(text)), "slope")(1.25, 1.25) == at_the_kink


def test_the_slope_of_a_traced_body_is_that_of_the_text():
    assert text_of(slope_of(traced(lambda z, y: (z - y) ** 2, "z", "y"))) == "2 * (z - y)"
