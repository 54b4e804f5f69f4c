"""The ground of a landscape: computed points stay, slopes and levels are known, cells are cut."""

import numpy as np
import pytest

from relief_page import rough, teaching
from thalweg.errors import SettingsError
from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.reporting.relief.block_sides import block_sides
from thalweg.reporting.relief.relief_ground import make_ground, parabolic_slopes, refined

UNEVEN = np.array([0.0, 0.7, 1.0, 2.2, 2.5, 4.0])


def grid(loss, x, y):
    return loss(*np.meshgrid(x, y))


def even(n, m=None):
    return np.linspace(-1, 1, n), np.linspace(-1, 1, m or n)


def test_no_computed_point_moves():
    losses = teaching(41)
    ground = make_ground(losses, whole=True)
    assert ground.h.shape == (81, 81)
    back = ground.loss_of(ground.h[::2, ::2])
    assert np.abs(back - losses).max() < 1e-12 * losses.max()


def test_a_fine_grid_stays_as_it_is():
    ground = make_ground(teaching(121), whole=True)
    assert ground.h.shape == (121, 121)
    assert make_ground(teaching(41), whole=True, fine=False).h.shape == (41, 41)


@pytest.mark.parametrize("x", [np.linspace(0, 4, 6), UNEVEN], ids=["even", "uneven"])
def test_points_between_computed_ones_are_exact_for_parabolas(x):
    between = np.sort(np.concatenate([x, (x[:-1] + x[1:]) / 2]))
    found = refined((3 * x**2 - 5 * x + 2)[None], x, 1)[0]
    assert found == pytest.approx(3 * between**2 - 5 * between + 2, abs=1e-12)


def test_points_between_even_ones_are_those_of_catmull_and_rom():
    values = np.random.default_rng(0).normal(size=9)
    found = refined(values[:, None], np.arange(9.0), 0)[1::2, 0]
    rule = (9 * (values[1:-2] + values[2:-1]) - values[:-3] - values[3:]) / 16
    assert found[1:-1] == pytest.approx(rule, abs=1e-14)


@pytest.mark.parametrize("x", [np.linspace(0, 4, 6), UNEVEN], ids=["even", "uneven"])
def test_slopes_of_a_plane_and_of_a_paraboloid(x):
    y = np.linspace(-2, 1, 5)
    plane, bowl = grid(lambda u, v: 2 * u - 3 * v, x, y), grid(lambda u, v: u**2 + u * v, x, y)
    assert parabolic_slopes(plane, x, 1) == pytest.approx(np.full((5, 6), 2.0))
    assert parabolic_slopes(plane, y, 0) == pytest.approx(np.full((5, 6), -3.0))
    assert parabolic_slopes(bowl, x, 1) == pytest.approx(grid(lambda u, v: 2 * u + v, x, y))
    assert parabolic_slopes(bowl, y, 0) == pytest.approx(grid(lambda u, _: u, x, y))


def test_slopes_of_the_block_are_those_of_its_heights():
    x, y = even(31)
    ground = make_ground(grid(lambda u, v: u + 2 * v, x, y), x=x, y=y, whole=True)
    # The range is 6 and the side is 2: each unit along u rises by 1/6 of the height.
    assert ground.slope_x == pytest.approx(np.full((61, 61), ground.tall * 2 / 6))
    assert ground.slope_y == pytest.approx(np.full((61, 61), ground.tall * 4 / 6))


def test_beside_an_empty_cell_a_slope_is_that_of_the_other_step():
    values = np.array([[0.0, 1.0, 4.0, np.nan, 7.0, 9.0, 13.0]])
    found = parabolic_slopes(values, np.arange(7.0), 1)[0]
    assert found[2] == 3
    assert np.isnan(found[3])
    assert found[4] == 2
    between = refined(values, np.arange(7.0), 1)[0]
    assert np.isnan(between[[5, 6, 7]]).all()
    assert np.isfinite(np.delete(between, [5, 6, 7])).all()


def test_the_block_is_as_tall_as_its_slopes_allow():
    x, y = even(41)
    flat = make_ground(np.full((41, 41), 2.0), whole=True)
    step = make_ground(grid(lambda u, _: np.tanh(20 * u) + u / 2, x, y), whole=True)
    rugged = make_ground(grid(lambda u, v: np.sin(9 * u) * np.sin(9 * v), x, y), whole=True)
    # A plane rises by its height along one side: 0.95 / 1 is too tall.
    plane = make_ground(grid(lambda u, _: u, x, y), whole=True)
    assert [flat.tall, plane.tall, rugged.tall] == [0.42, 0.42, 0.2]
    for ground in (step, make_ground(teaching(), whole=True), rough().ground()):
        assert 0.2 <= ground.tall <= 0.42


def test_85_of_100_places_are_less_steep_than_44_degrees():
    ground = make_ground(teaching(81), whole=True, fine=False)
    assert 0.2 < ground.tall < 0.42  # not clipped
    angles = np.degrees(np.arctan(np.hypot(ground.slope_x, ground.slope_y)))
    assert np.mean(angles < 44) == pytest.approx(0.85, abs=0.02)


def test_dragging_does_not_change_the_block():
    coarse, fine = (make_ground(teaching(81), whole=True, fine=each) for each in (False, True))
    assert coarse.tall == fine.tall
    assert coarse.lines == fine.lines
    assert coarse.heights == fine.heights


def test_a_slice_is_cut_at_its_97th_percentile_or_above_its_runs():
    losses = np.arange(10000.0).reshape(100, 100) + 1
    assert make_ground(losses).heights.high == 9701
    assert make_ground(losses).heights.n_cut == 299
    over = make_ground(losses, highest=9751.0)
    assert over.heights.high == pytest.approx(1 + 1.02 * 9750)
    assert over.heights.n_cut == 10000 - 9946
    assert make_ground(losses, highest=1e9).heights.high == 10000
    whole = make_ground(losses, whole=True)
    assert (whole.heights.high, whole.heights.n_cut, whole.cut.any()) == (10000, 0, False)


def test_a_cut_cell_is_level_and_its_neighbours_do_not_feel_how_far_it_was_cut():
    losses = teaching(41).copy()
    losses[:2, :2] = [[1e3, 1e3], [1e3, 1e3]]
    far = losses.copy()
    far[:2, :2] = 1e14
    one, other = make_ground(losses), make_ground(far)
    assert np.array_equal(one.h, other.h)
    assert one.h[:3, :3] == pytest.approx(np.full((3, 3), one.tall))
    assert one.cut[0, 0]
    assert not one.cut[20, 20]


def test_runs_below_the_grid_lower_the_floor():
    ground = make_ground(np.linspace(1, 2, 25).reshape(5, 5), lowest=0.5)
    assert ground.heights.low == 0.5
    assert ground.h.min() > 0
    assert ground.height_of(0.5) == 0


def test_a_logarithm_is_a_switch():
    losses = np.geomspace(0.01, 100, 81 * 81).reshape(81, 81)
    ground = make_ground(losses, whole=True, logarithmic=True)
    assert ground.height_of(1.0) == pytest.approx(ground.tall / 2)
    assert ground.loss_of(ground.height_of(3.0)) == pytest.approx(3.0)
    linear = make_ground(losses, whole=True)
    assert linear.height_of(50.005) == pytest.approx(linear.tall / 2)


def test_losses_without_a_logarithm_are_refused():
    with pytest.raises(SettingsError, match=r"loss -1 has no logarithm above 0.*base below all"):
        make_ground(np.linspace(-1, 1, 25).reshape(5, 5), logarithmic=True)
    with pytest.raises(SettingsError, match=r"no finite loss.*smaller part"):
        make_ground(np.full((3, 3), np.nan))


def test_contours_of_a_function_are_even_and_about_22():
    ground = make_ground(teaching(), whole=True)
    step = ground.lines.step
    low, high = ground.heights.low, ground.heights.high
    assert step in (0.1, 0.2, 0.05)
    assert 14 <= (high - low) / step <= 33
    losses = np.array([low, 1.0, high])
    assert ground.lines.level(ground.height_of(losses)) == pytest.approx(losses / step)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_contours_of_a_slice_are_a_fifth_higher_each(logarithmic):
    losses = np.geomspace(0.05, 2, 441).reshape(21, 21)
    ground = make_ground(losses, logarithmic=logarithmic)
    assert ground.lines.ratio == 1.2
    levels = ground.lines.level(ground.height_of(0.07 * 1.2 ** np.arange(5)))
    assert np.diff(levels) == pytest.approx(np.ones(4))
    # A whole level is a whole power of the ratio, whatever the floor.
    assert ground.lines.level(ground.height_of(1.2**3)) == pytest.approx(3)
    heights = np.linspace(0.01, ground.tall, 7)
    slopes = (ground.lines.level(heights + 1e-6) - ground.lines.level(heights - 1e-6)) / 2e-6
    assert ground.lines.per_height(heights) == pytest.approx(slopes, rel=1e-6)


def test_a_slice_over_many_decades_has_fewer_contours():
    lines = make_ground(np.geomspace(1e-12, 1, 441).reshape(21, 21)).lines
    assert lines.ratio > 1.2
    assert np.log(1e12) / np.log(lines.ratio) <= 60


def test_losses_around_0_have_even_contours():
    assert np.isfinite(make_ground(np.linspace(-1, 1, 25).reshape(5, 5)).lines.step)


def test_a_place_on_the_axes_and_in_the_block():
    x, y = np.linspace(10, 30, 5), np.linspace(0, 10, 7)
    ground = make_ground(grid(lambda u, v: u * v, x, y), x=x, y=y)
    assert ground.sides == (1.0, 0.5)
    assert ground.place(10.0, 0.0) == (-0.5, -0.25)
    assert ground.place(20.0, 5.0) == (0, 0)
    chosen = make_ground(grid(lambda u, v: u * v, x, y), x=x, y=y, sides=(1.0, 0.62))
    assert chosen.place(30.0, 10.0) == pytest.approx((0.5, 0.31))


def test_heights_between_points_are_those_of_the_triangles():
    h = np.array([[0.0, 1.0], [1.0, 9.0]])
    ground = make_ground(h, whole=True, fine=False)
    # The flatter diagonal joins the two ones: on it the ground is level.
    places = np.array([[-0.25, 0.25], [0.25, -0.25], [0.0, 0.0], [-0.25, -0.25], [0.25, 0.25]]).T
    found = ground.loss_of(ground.height_at(*places))
    assert found == pytest.approx([1, 1, 1, 0.5, 5])
    assert np.isnan(ground.height_at(0.6, 0.0))
    turned = make_ground(h[:, ::-1], whole=True, fine=False)
    assert turned.loss_of(turned.height_at(*places * [[-1], [1]])) == pytest.approx(found)


def test_the_ground_at_500_places_is_the_loss():
    axis = np.linspace(*RELIEF.seen[:2], 81)
    ground = make_ground(teaching(81), x=axis, y=axis, whole=True)
    points = np.random.default_rng(1).uniform(*RELIEF.seen[:2], (500, 2))
    drawn = ground.loss_of(ground.height_at(*ground.place(points[:, 0], points[:, 1])))
    assert np.abs(drawn - RELIEF.hills.losses(points)).max() < 2e-3 * np.ptp(teaching(81))


def test_sides_go_around_the_block_and_around_empty_cells():
    ground = make_ground(np.ones((4, 5)) + np.arange(5), fine=False, whole=True)
    sides = block_sides(ground)
    assert len(sides) == 2 * (3 + 4)
    outwards = sides[:, 7:]
    middles = (sides[:, 0:2] + sides[:, 3:5]) / 2
    # Its outer edges are half a side away from the middle, on the side that they face.
    assert np.sum(middles * outwards, axis=1) == pytest.approx(
        np.where(outwards[:, 0] != 0, ground.sides[0] / 2, ground.sides[1] / 2)
    )
    # Seen from outside the left end comes first.
    ways = sides[:, 3:5] - sides[:, 0:2]
    assert np.all(outwards[:, 0] * ways[:, 1] - outwards[:, 1] * ways[:, 0] > 0)
    assert set(sides[:, 6]) == {-0.05}

    losses = np.ones((6, 6)) + np.arange(6)
    losses[2, 2] = np.nan  # four cells of the inside
    sides = block_sides(make_ground(losses, fine=False, whole=True))
    assert len(sides) == 4 * 5 + 8
    inner = sides[sides[:, 6] == 0]
    assert len(inner) == 8
    assert np.all(inner[:, [2, 5]] >= 0)
