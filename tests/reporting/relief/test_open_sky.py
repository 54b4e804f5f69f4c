"""How much of the sky a point sees, against closed forms."""

import numpy as np
import pytest

from thalweg.reporting.relief.open_sky import open_sky

AXIS = np.linspace(-0.5, 0.5, 81)
X, Y = np.meshgrid(AXIS, AXIS)


def test_a_level_ground_sees_all_of_it():
    assert open_sky(np.zeros((81, 81)), AXIS, AXIS) == pytest.approx(np.ones((81, 81)))
    assert open_sky(np.full((30, 81), 0.3), AXIS, AXIS[:30]) == pytest.approx(np.ones((30, 81)))


@pytest.mark.parametrize("slope", [0.3, 1.0, 2.5])
def test_the_bottom_of_a_cone_sees_the_square_of_a_cosine(slope):
    # Everywhere the horizon is at the angle of the slope, and cos² atan m = 1 / (1 + m²).
    found = open_sky(slope * np.hypot(X, Y), AXIS, AXIS)
    assert found[40, 40] == pytest.approx(1 / (1 + slope**2))
    assert found[40, 40] < 1


def test_the_top_of_a_cone_sees_all_of_it():
    assert open_sky(-np.hypot(X, Y), AXIS, AXIS)[40, 40] == 1


def test_at_the_foot_of_a_slope_half_of_the_directions_rise():
    # Beside a plane that rises along x, direction φ rises by m cos φ.
    slope, axis = 0.8, np.linspace(-0.5, 0.5, 401)
    found = open_sky(slope * np.tile(np.maximum(0, axis), (401, 1)), axis, axis)[200, 200]
    rises = slope * np.maximum(0, np.cos(2 * np.pi * np.arange(12) / 12))
    # A direction is that of the nearest points of the mesh.
    assert found == pytest.approx(np.mean(1 / (1 + rises**2)), abs=0.012)


def test_a_long_side_counts_as_it_is_drawn():
    # A trench along x is as deep for a short block as for a long one.
    trench = 2 * np.abs(Y)
    long = open_sky(trench[30:51], AXIS, AXIS[30:51])[10, 40]
    assert long == pytest.approx(open_sky(trench, AXIS, AXIS)[40, 40], abs=0.02)


def test_beyond_the_edge_nothing_rises():
    # No direction from here leads to the corner, and beyond an edge a ray sees nothing.
    corner = np.zeros((81, 81))
    corner[80, 80] = 1.0
    assert open_sky(corner, AXIS, AXIS)[70, 76] == 1


def test_empty_cells_hide_nothing():
    wall = np.where(X > 0.1, 1.0, 0.0)
    assert open_sky(wall, AXIS, AXIS)[40, 40] < 0.8
    wall[X > 0.1] = np.nan
    assert open_sky(wall, AXIS, AXIS)[40, 40] == 1


def test_points_between_are_linear():
    found = open_sky(np.hypot(X, Y), AXIS, AXIS)
    assert found[40, 41] == pytest.approx((found[40, 40] + found[40, 42]) / 2)
    assert found[41, 40] == pytest.approx((found[40, 40] + found[42, 40]) / 2)
    # An even number of points: the last one is computed as well.
    short = open_sky(np.hypot(X, Y)[:80, :80], AXIS[:80], AXIS[:80])
    assert np.isfinite(short).all()
    assert short[40, 41] == pytest.approx(found[40, 41], abs=1e-6)
