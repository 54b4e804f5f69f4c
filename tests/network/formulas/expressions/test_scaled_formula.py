"""A loss in units of the target, seen by a network: the chain rule, and comparisons of targets."""

import numpy as np
import pytest

from own_losses import FORMULAS
from thalweg.network.formulas.expressions.built_function import built
from thalweg.network.formulas.expressions.checked_loss import units_of
from thalweg.network.formulas.expressions.formula_text import formula_of
from thalweg.network.formulas.expressions.scaled_formula import (
    Units,
    bound,
    scaled_slope,
    scaled_value,
    sides_of,
)
from thalweg.network.formulas.expressions.written_loss import written_loss

UNITS = Units(3.25, 2.5, 7.0, 2.0**-30)


@pytest.mark.parametrize("text", FORMULAS)
def test_value_and_slope_are_those_in_units_of_the_target(text):
    written = written_loss(text)
    z, y = np.random.default_rng(1).normal(size=(2, 50))
    own_z, own_y = UNITS.center + UNITS.scale * z, UNITS.center + UNITS.scale * y
    np.testing.assert_allclose(
        written.element(z, y, *UNITS), written.value(own_z, own_y) / 7.0, rtol=1e-12
    )
    np.testing.assert_allclose(
        np.broadcast_to(written.element_slope(z, y, *UNITS), z.shape),
        written.slope_at(own_z, own_y) * 2.5 / 7.0,
        rtol=1e-12,
    )


def test_numbers_in_the_place_of_units_give_the_same():
    formula = formula_of(FORMULAS[3])
    for of in (scaled_value(formula), scaled_slope(formula)):
        inner = bound(of, UNITS)
        assert inner.arguments == ("z", "y")
        assert built(inner, "f")(0.5, -1.5) == pytest.approx(built(of, "g")(0.5, -1.5, *UNITS))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("threshold", [0.0, 0.1, 4.0, 12.7])
def test_a_target_at_a_threshold_is_not_above_it(threshold, dtype):
    y = np.array([0.0, 0.1, 4.0, 12.7, 3.3, 99.9, 0.1, 4.0])
    center, scale = float(y.mean()), float(y.std())
    written = written_loss(f"where(y > {threshold}, z * 0 + 1, z * 0)")
    units = units_of(written, y, np.full(len(y), 1 / len(y)), center, scale)
    seen = ((y - center) / scale).astype(dtype).astype(np.float64)
    above = np.broadcast_to(written.element(np.zeros(len(y)), seen, *units), y.shape)
    np.testing.assert_array_equal(above > 0, y > threshold)


def test_sides_change_exactly_at_kinks():
    sides = built(sides_of(formula_of("abs(z - y) + max(z, 3) + floor(z / 10)")), "sides")
    here = sides(2.0, 1.0)
    assert sides(2.5, 1.0) == here
    for z in (0.5, 3.5, 11.0):
        assert sides(z, 1.0) != here
    assert sides_of(formula_of("(z - y)**2")) is None
