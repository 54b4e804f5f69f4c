"""Pictures of landscapes: that heights, places and hidden parts are what they are drawn as."""

from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from landscapes import bowl, line, seven, sheet, slope, two
from slow_cases import slow_but
from thalweg import OutputError, SettingsError, race_landscape
from thalweg.landscape.ground.scale import Scale
from thalweg.landscape.ground.teaching_function import PLAIN
from thalweg.landscape.runs.race import RacePicture, race_on_hills
from thalweg.reporting.figures.picture import DARK, LIGHT, WIDTH
from thalweg.reporting.landscape.film import landscape_film
from thalweg.reporting.landscape.landscape_display import VIEWS, Landscape
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_looks import COLORS, COLORS_DARK, DASHES, look
from thalweg.reporting.landscape.landscape_sheet import beside, finding, listed, race_sheets
from thalweg.reporting.landscape.parallel_projection import LIFT, TALL, Camera, Scene, best_camera
from thalweg.reporting.landscape.run_marks import lines_in_pixels, marks_of

# ---------------------------------------------------------------- the scale of heights

some = st.floats(1e-9, 1e9)


@given(some, some, some)
def test_heights_are_logarithms_from_0_to_1(one, other, between):
    low, high = sorted((one, other))
    if high < low * 1.001:
        return
    scale = Scale.of(np.array([low, high, np.nan]), np.inf)
    assert (scale.low, scale.high) == (low, high)
    assert scale.height([low, high]) == pytest.approx([0, 1], abs=1e-9)
    held = min(high, max(low, between))
    wanted = np.log(held / low) / np.log(high / low)
    assert scale.height(between) == pytest.approx(wanted, abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_losses_of_0_and_below_have_heights_too(losses):
    losses = np.array(losses)
    scale = Scale.of(losses, np.inf)
    heights = scale.height(np.sort(losses))
    assert np.all(np.diff(heights) >= 0)
    assert heights.min() >= 0
    assert heights.max() <= 1 + 1e-9
    assert np.isfinite(heights).all()


def test_the_cap_cuts_the_scale_and_no_more():
    scale = Scale.of(np.array([0.1, 1.0, 50.0]), 2.0)
    assert scale.high == 2.0
    assert scale.height([2.0, 50.0]) == pytest.approx([1, 1])
    assert scale.height(1.0) < 1


@given(some, st.floats(1.0001, 1e6))
def test_ticks_are_losses_inside_in_their_order(low, factor):
    scale = Scale.of(np.array([low, low * factor]), np.inf)
    ticks = scale.ticks()
    assert len(ticks) >= 2
    assert ticks == sorted(set(ticks))
    # Three digits may round one over the border, by half a unit of the third.
    assert min(ticks) >= low * 0.994
    assert max(ticks) <= low * factor * 1.006


@pytest.mark.parametrize("spread", [1e-10, 1e-7, 3e-5, 1e-3, 1.0])
def test_no_two_numbers_beside_an_axis_are_the_same(spread):
    flat = sheet(lambda x, y: 0.792026 * (1 + spread * (x + y)))
    flat = replace(flat, x=5 + spread * flat.x, y=5 + spread * flat.y)
    figure = landscape_figure(flat, view="map")
    FigureCanvasAgg(figure).draw()
    ground, bar = figure.axes
    for axis in (ground.xaxis, ground.yaxis, bar.yaxis):
        low, high = sorted(axis.get_view_interval())
        labels = [
            label.get_text() for label, place in
            zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True) if low <= place <= high
        ]  # fmt: skip
        assert labels
        assert len({*labels}) == len(labels)
    # More digits than six have no room: one tick says the height.
    ticks = flat.scale.ticks()
    assert (len(ticks) == 1) == (spread < 1e-6)
    assert min(flat.scale.height(ticks)) > 0
    assert max(flat.scale.height(ticks)) < 1


def test_nothing_finite_is_nothing_to_draw():
    with pytest.raises(SettingsError, match="no finite loss"):
        Scale.of(np.array([np.nan, np.inf]), np.inf)


# ---------------------------------------------------------------- the scene


def test_axes_are_not_swapped():
    scene = Scene.of(sheet(), Camera())
    scale = scene.sheet.scale
    for j, y in enumerate(scene.sheet.y):
        for i, x in enumerate(scene.sheet.x):
            assert scene.Z[j, i] == pytest.approx(TALL * scale.height(slope(x, y)))
    place = scene.place(np.array([1.0]), np.array([2.0]))
    assert scene.ground(*place) == pytest.approx(TALL * scale.height(slope(1.0, 2.0)))
    assert (np.ptp(scene.X), np.ptp(scene.Y)) == pytest.approx((1.0, 0.5))


def test_the_ground_between_four_corners_is_their_mean_in_the_middle():
    scene = Scene.of(sheet(lambda x, y: 1 + x * y), Camera())
    x, y = (scene.X[2] + scene.X[3]) / 2, (scene.Y[1] + scene.Y[2]) / 2
    assert scene.ground(np.array([x]), np.array([y])) == pytest.approx(scene.Z[1:3, 2:4].mean())


def test_an_uneven_grid_keeps_its_places():
    uneven = sheet()
    object.__setattr__(uneven, "x", np.array([0.0, 0.1, 1, 1.5, 2, 2.2, 3, 3.9, 4]))
    scene = Scene.of(uneven, Camera())
    np.testing.assert_allclose(scene.X, uneven.x / 4 - 0.5)
    assert scene.place(np.array([3.0]), np.array([0.0]))[0] == pytest.approx(0.25)


@pytest.mark.parametrize("azimuth", [-150, -60, -30, 30, 120])
def test_what_is_nearer_to_the_eye_is_painted_later(azimuth):
    scene = Scene.of(sheet(n=(6, 7)), Camera(azimuth))
    corners, tops = scene.cells()
    assert len(corners) == 30
    # Along the line of sight, on the floor: the lower on the picture the nearer.
    flat = Scene.of(sheet(lambda x, y: 1.0, n=(6, 7)), Camera(azimuth))
    middles = flat.cells()[0].mean(axis=1)[:, 1]
    assert np.all(np.diff(middles) <= 1e-12)
    assert np.all((tops >= 0) & (tops <= 1))


def test_cells_without_a_loss_are_left_out_and_those_above_the_cap_are_reported():
    holed = sheet(lambda x, y: np.nan if x < 1 and y < 1 else slope(x, y), cap=15.0)
    scene = Scene.of(holed, Camera())
    corners, tops = scene.cells()
    blank = np.isnan(scene.Z)
    touched = blank[:-1, :-1] | blank[1:, :-1] | blank[:-1, 1:] | blank[1:, 1:]
    assert len(corners) == (~touched).sum() < touched.size
    above = holed.losses > 15
    cut = above[:-1, :-1] | above[1:, :-1] | above[:-1, 1:] | above[1:, 1:]
    assert np.sum(tops > 1) == np.sum(cut & ~touched) > 0
    assert (holed.masked, holed.above) == (blank.sum(), above.sum())


def test_a_wall_hides_what_is_behind_it_and_not_what_is_before():
    wall = sheet(lambda x, y: 100.0 if 1.9 < x < 2.1 else 1.0, y=(0.0, 4.0), n=(41, 41))
    for azimuth, side in ((0, 1), (180, -1)):  # the eye at large x, at small x
        scene = Scene.of(wall, Camera(azimuth, 30))
        x = np.array([-0.1, 0.1]) * side
        assert scene.hidden(x, np.zeros(2), np.full(2, 0.01)).tolist() == [True, False]
        assert not scene.hidden(x, np.zeros(2), np.full(2, TALL)).any()
    # From high above the wall hides what is close behind it alone: 0.62 / tan 80° = 0.11.
    scene = Scene.of(wall, Camera(0, 80))
    far = scene.hidden(np.array([-0.05, -0.2]), np.zeros(2), np.full(2, 0.0))
    assert far.tolist() == [True, False]


def test_a_walk_passes_its_points_and_has_one_on_every_border():
    run = line([0.1, 3.7, 2.2], [0.3, 1.9, 0.4], [3, 2, 1.5])
    scene = Scene.of(sheet(lines=[run]), Camera())
    walk = scene.walk(run)
    x, y = scene.place(run.x, run.y)
    right, up = scene.camera.screen(x, y, scene.ground(x, y) + LIFT * TALL)
    at = [int(np.flatnonzero(walk.time == i)[0]) for i in range(3)]
    assert walk.right[at] == pytest.approx(right)
    assert walk.up[at] == pytest.approx(up)
    assert np.all(np.diff(walk.time) > 0)
    # 3.6 of 0.5 wide columns cross 7 borders, 1.6 of 0.5 high rows 3; back 3 and 3.
    assert len(walk.time) == 3 + (7 + 3) + (3 + 3)
    assert walk.until(1.0).time[-1] == 1.0
    drawn = list(walk.stretches())
    assert sum(len(right) for _, right, _ in drawn) >= len(walk.right)


def test_a_run_of_one_point_is_a_walk_too():
    run = line([1.0], [1.0], [2.0])
    assert len(Scene.of(sheet(lines=[run]), Camera()).walk(run).time) == 1


def test_the_eye_is_put_where_the_run_is_seen():
    run = line(np.full(20, 2.0), np.linspace(0, 2, 20), bowl(2.0, np.linspace(0, 2, 20)))
    valley = sheet(bowl, n=(41, 41), lines=[run])
    seen = Scene.of(valley, best_camera(valley)).walk(run)
    assert not seen.hidden.any()
    across = Scene.of(valley, Camera(0, 34)).walk(run)
    assert across.hidden.mean() > 0.5  # the test could fail


# ---------------------------------------------------------------- words


def ending(name, end, rule="sgd:lr=0.1", **more):
    return replace(line([0, 1], [0, 0], [2.0, end], name=name, **more), rule=rule)


def test_the_finding_says_what_runs_are_and_names_both_ends():
    low, high = ending("a", 0.0503, "sgd:lr=3"), ending("b", 0.0853, "adam:lr=0.02")
    assert finding([high, low, ending("c", 0.07)]) == (
        "Plain descent at rate 3 (a) ends lowest, at loss 0.05, and Adam at rate 0.02 (b) ends "
        "highest, at 0.085, from 2 at the start"
    )
    assert finding([low]) == "Plain descent at rate 3 (a) goes from loss 2 to 0.05 in 1 step"
    assert finding([ending("a", 2.0)]) == (
        "Plain descent at rate 0.1 (a) stays at loss 2 in 1 step"
    )
    assert "random plane" in finding([])


def test_a_headline_shows_as_many_digits_as_part_the_runs_that_it_names():
    three = [ending("a", 0.08529), ending("b", 0.08492), ending("c", 0.15)]
    assert finding(three) == (
        "Plain descent at rate 0.1 (b) ends lowest, at loss 0.0849, and plain descent at rate 0.1 "
        "(c) ends highest, at 0.15, from 2 at the start"
    )
    # So it is at the other side, and against the start.
    said = finding([ending("a", 0.05), ending("b", 0.1605), ending("c", 0.164)])
    assert "(c) ends highest, at 0.164, from 2" in said
    assert "(a) goes from loss 2 to 1.9996 in" in finding([ending("a", 1.9996)])
    both = finding([ending("a", 0.08529), ending("b", 0.08492)])
    assert "(b) ends lowest, at loss 0.0849," in both
    assert "(a) ends highest, at 0.0853," in both


def test_a_tie_is_what_computation_cannot_part():
    tied = [ending("a", 0.05), ending("b", 0.05 * (1 + 1e-9))]
    assert finding(tied) == "All 2 runs end at loss 0.05, from 2 at the start"
    said = finding([*tied, ending("c", 0.09, "lbfgs")])
    assert said.startswith(
        "Plain descent at rate 0.1 (a) and plain descent at rate 0.1 (b) end lowest, at loss 0.05, "
    )
    assert "L-BFGS (c) ends highest, at 0.09" in said
    many = [ending(str(number), 0.05) for number in range(3)]
    assert finding([*many, ending("c", 0.09)]).startswith("3 runs end lowest, at loss 0.05")


def test_a_headline_has_the_settings_of_a_run_once():
    """As a text form, its name has them: in words they would be there twice."""
    rule = "sgd:lr=1e4,momentum=0.9"
    assert finding([ending(rule, 1.0, rule, diverged=True)]) == f"Momentum ({rule}) diverged"
    assert finding([ending("adam", 1.0, "adam", diverged=True)]).startswith("Adam at rate ")
    long = "sgd:" + "lr=0.1," * 20
    assert len(finding([ending(long, 0.5)])) < 110


@pytest.mark.parametrize(
    ("view", "has", "lacks"),
    [("map", "dotted white: thalweg", "hidden"), ("surface", "dotted: hidden", "off the plane")],
)
def test_a_legend_of_the_hills_explains_the_dotted_lines_of_its_view(view, has, lacks):
    picture = landscape_figure(two().sheets[0], view=view)
    (words,) = [each.get_text() for each in picture.texts if "○ start" in each.get_text()]
    assert has in words
    assert lacks not in words


def test_who_diverged_ends_nowhere_and_is_named():
    low = ending("low", 0.5)
    lost = ending("lost", 1.0, "sgd:lr=300", diverged=True)  # lower by what is drawn of it
    lost = replace(lost, end=50.0)
    assert finding([low, lost]) == (
        "Plain descent at rate 0.1 (low) goes from loss 2 to 0.5 in 1 step;\n"
        "plain descent at rate 300 (lost) diverged"
    )
    assert finding([lost]) == "Plain descent at rate 300 (lost) diverged"
    assert finding([lost] * 3) == "All 3 diverged"
    assert finding([low, *[lost] * 3]).endswith(";\n3 others diverged")
    assert beside(lost) == "diverged: ends at 25 times the start's loss"
    assert beside(replace(lost, end=1e12)) == (
        "diverged: ends at more than 100 times the start's loss"
    )
    assert beside(replace(lost, end=np.inf)) == "diverged: became NaN or infinite"


def test_the_headline_of_the_hills_claims_no_more_than_where_runs_ended():
    said = seven().sheets[0].finding
    assert said == (
        "Anneal and momentum come to the global minimum; sgd, nesterov, rmsprop and adam end in "
        "local minima; large wanders to the end"
    )
    # At its rate it can stay nowhere here, and so it is not on its way to anything.
    picture = RacePicture(grid=11, profiles=())
    shown = Landscape(race_on_hills(("large", "sgd:lr=1e3"), picture, ground=PLAIN))
    words = str(shown)
    assert "Large wanders to the end; sgd:lr=1e3 diverged." in words
    assert "large: With its last learning rate" in words
    assert "it cannot stay here" in words


def test_a_run_on_a_slope_is_not_said_to_stay_there():
    picture = RacePicture(grid=11, profiles=())
    words = str(Landscape(race_on_hills(("sgd:lr=0.01", "adam"), picture, steps=5)))
    assert "stable up to a curvature of 200: the curvature here does not throw it out." in words
    assert words.count("no point of rest, there is a way down.") == 2
    assert "can stay" not in words


def test_the_line_of_a_profile_has_the_true_loss_of_each_step():
    _, profile, _ = two().sheets
    (line,) = profile.lines
    scene = Scene.of(profile)
    walk = scene.walk(line)
    at = np.isin(walk.time, np.arange(len(line.steps)))
    x, y = scene.place(line.x, line.y)
    right, up = scene.camera.screen(x, y, scene.true(line) + LIFT * TALL)
    np.testing.assert_allclose(walk.right[at], right)
    np.testing.assert_allclose(walk.up[at], up)
    assert len(profile.x) < len(line.steps)
    assert profile.verdict == two().race.profiles[0].run.verdict != "exact"
    assert not np.allclose(scene.ground(x, y), scene.true(line), atol=1e-4)


@pytest.mark.parametrize("view", ["both", "map"])
def test_no_run_of_a_profile_is_off_a_plane(view):
    picture = landscape_figure(two().sheets[1], view=view)
    words = " ".join(each.get_text() for each in picture.texts)
    assert "off the plane" not in words
    assert "drawn exactly" in words


def test_names_are_listed():
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_a_legend_says_how_far_a_run_is_off():
    run = line([0, 1, 2], [0] * 3, [2.0, 1.0, 0.5], off=[0, 0, 0.37], drawn=[2.0, 0.16, 0.5])
    assert beside(run) == ("ends at 0.5; 37 % off the plane; off by 1 %, at worst 84 %: faithful")
    assert run.worst == (pytest.approx(0.84), 1)
    rough = replace(run, misfit=0.1502, verdict="rough")
    assert "off by 15.02 %, at worst 84 %: rough" in beside(rough)


def test_marks_are_at_start_lowest_and_end():
    assert marks_of(line([0, 1, 2], [0] * 3, [3, 1, 2])) == {"start": 0, "best": 1, "end": 2}
    assert marks_of(line([0, 1], [0] * 2, [3, 1])) == {"start": 0, "end": 1}
    lost = line([0, 1, 2], [0] * 3, [3, 1, 9], diverged=True)
    assert marks_of(lost) == {"start": 0, "best": 1, "lost": 2}
    assert marks_of(line([0, 1], [0] * 2, [3, 9], diverged=True)) == {"start": 0, "lost": 1}


@pytest.mark.parametrize("view", ["surface", "map"])
def test_crosses_at_one_point_are_side_by_side_and_above_every_start(view):
    runs = [
        line([1.0], [1.0], [3.0], name="a", diverged=True),
        line([1.0, 3.0], [1.0, 2.0], [3.0, 1.0], name="b", look=1),
        line([1.0], [1.0], [3.0], name="c", look=2, diverged=True),
        line([1.0, 3.0], [1.0, 1.0], [3.0, 2.0], name="d", look=3),
    ]
    figure = landscape_figure(sheet(slope, n=(11, 11), lines=runs), view=view)
    marks = [each for each in figure.axes[0].lines if len(each.get_xdata()) == 1]
    crosses = [each for each in marks if each.get_marker() == "X"]
    starts = [each for each in marks if each.get_marker() == "o" and each.get_zorder() < 9]
    assert (len(crosses), len(starts)) == (2, 4)
    at = [each.get_transform().transform(each.get_xydata())[0] for each in crosses]
    size = crosses[0].get_markersize() * figure.dpi / 72
    assert np.hypot(*(at[0] - at[1])) > size
    assert min(each.get_zorder() for each in crosses) > max(e.get_zorder() for e in starts)


@pytest.fixture(scope="module")
def hills():
    (plane,) = race_landscape("hills", profiles=()).sheets
    return plane


@pytest.mark.parametrize("view", ["surface", "map"])
def test_no_name_lies_on_another_and_no_number_on_a_run(hills, view):
    """On the hills, "pass" lay on "local minimum", and a run on the numbers of contours."""
    plane = hills
    figure = landscape_figure(plane, view=view)
    axes = figure.axes[0]
    names = [each for each in axes.texts if each.get_text() in {p.kind for p in plane.places}]
    boxes = [each.get_window_extent() for each in names]
    assert len(boxes) == len(plane.places)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    if view == "map":
        numbers = [e.get_window_extent() for e in axes.texts if e.get_text()[:1].isdigit()]
        assert numbers
        assert not any(one.overlaps(other) for one in numbers for other in boxes)
        points = lines_in_pixels(axes, plane)
        for box in numbers:
            middle = (box.p0 + box.p1) / 2
            assert np.hypot(*(points - middle).T).min() > 12


def test_a_run_far_beyond_the_picture_costs_nothing():
    far = line([1, 1e30, np.nan], [1, -1e30, 2], [3, 2, 1])
    figure = landscape_figure(sheet(slope, n=(11, 11), lines=[far]), view="map")
    assert len(lines_in_pixels(figure.axes[0], sheet(slope, n=(11, 11), lines=[far]))) < 2000


def test_runs_keep_their_look_on_every_sheet():
    plane, *profiles = race_sheets(two().race)
    looks = {each.name: each.look for each in plane.lines}
    assert looks == {"sgd": 0, "momentum": 1}
    assert [each.lines[0].look for each in profiles] == [0, 1]
    for profile in profiles:
        middle = profile.losses[len(profile.y) // 2]
        (line,) = profile.lines
        cuts = np.searchsorted(line.x, profile.x)
        assert middle == pytest.approx(line.true[cuts], abs=1e-12)
        # The line has all points of the run, as on the plane, and so the same lowest one.
        (same,) = (each for each in plane.lines if each.name == line.name)
        np.testing.assert_array_equal(line.steps, same.steps)
        np.testing.assert_array_equal(line.true, same.true)
        assert line.best == same.best


def test_eight_runs_have_eight_colours_and_markers():
    for dark in (False, True):
        looks = [look(number, dark=dark) for number in range(8)]
        assert len({each.color for each in looks}) == 8
        assert len({each.marker for each in looks}) == 8
    assert len(DASHES) == 7


def test_dots_alone_are_no_runs_own_dash():
    # They mean that a run is hidden, or off the plane.
    for dash in DASHES[1:]:
        assert max(dash[::2]) >= 2.5


def test_of_fifty_runs_no_two_look_alike():
    looks = [look(number) for number in range(50)]
    for one, other in combinations(looks, 2):
        if one.color == other.color:
            assert one.dash != other.dash
            assert one.marker != other.marker


# What dichromats see, in linear RGB: Viénot, Brettel & Mollon 1999; for tritan eyes the same way.
EYES = {
    "normal": np.eye(3),
    "protan": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deutan": np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]),
    "tritan": np.array(
        [[1.01277, 0.13548, -0.14826], [-0.01243, 0.86812, 0.14431], [0.07589, 0.805, 0.11911]]
    ),
}


def _lab(color, eye):
    """CIELAB (D65) of a colour as an eye sees it."""
    parts = np.array(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(eye @ linear, 1e-3, 1) / [0.9505, 1, 1.0888])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES.values(), ids=EYES)
@pytest.mark.parametrize("colors", [COLORS, COLORS_DARK], ids=["light", "dark"])
def test_every_eye_tells_eight_colours_apart(colors, eye):
    seen = [_lab(color, eye) for color in colors]
    apart = [float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)]
    assert min(apart) >= 10  # a difference of 2.3 is just noticed


def _contrast(one, other):
    def light(color):
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in to_rgb(color)
        ]
        return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_runs_stand_out_from_the_page():
    assert min(_contrast(each, LIGHT.page) for each in COLORS) > 3
    assert min(_contrast(each, DARK.page) for each in COLORS_DARK) > 3


# ---------------------------------------------------------------- figures

# The size of the numbers on contours, which no other words have.
CONTOUR = 7


def crowded():
    """Long names, a run off the plane, one that diverged, holes and a cap."""
    way = np.linspace(0, 1, 30)
    runs = [
        line(4 * way, 2 * way**2, 30 - 25 * way, name="plain"),
        line(4 * way, 1.5 * way, 30 - 20 * way, name="a name without any end" * 3, look=1,
             drawn=20 - 19 * way, off=way),
        line(2 * way, 2 * way, 30 + 30 * way, name="lost", look=2, diverged=True),
    ]  # fmt: skip

    def loss(x, y):
        return np.nan if x > 3 and y < 0.6 else slope(x, y)

    return sheet(loss, n=(21, 21), lines=runs, cap=22.0)


def texts(figure):
    """Every text that is seen, with its box."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    unseen = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            labels = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
            shown = axes.axison
            unseen |= {label for label, at in labels if not (shown and low <= at <= high)}
        if not axes.axison:
            unseen |= {axes.xaxis.label, axes.yaxis.label}
    return [
        (text, text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in unseen
    ], figure.bbox


def test_words_lie_in_the_same_places_on_a_dark_page():
    light, dark = (texts(landscape_figure(crowded(), dark=each))[0] for each in (False, True))
    assert len(light) == len(dark)
    for (words, box), (others, other) in zip(light, dark, strict=True):
        assert (words.get_text(), box.bounds) == (others.get_text(), other.bounds)


@pytest.mark.parametrize(
    ("which", "dark", "view"),
    slow_but(
        [("crowded", True, "both"), ("plane", False, "map"), ("profile", False, "surface")],
        [
            (*each, view)
            for each in [("crowded", True), ("plane", False), ("profile", False)]
            for view in ("both", "surface", "map")
        ],
    ),
)
def test_no_text_is_cut_and_none_lies_on_another(view, dark, which):
    shown = crowded() if which == "crowded" else two().sheet(which)
    figure = landscape_figure(shown, view=view, subtitle="a table, seed 0", dark=dark)
    found, page = texts(figure)
    for words, box in found:
        assert box.x0 >= -1, words
        assert box.x1 <= page.x1 + 1, words
        assert box.y0 >= -1, words
        assert box.y1 <= page.y1 + 1, words
    # Places and numbers of contours lie where they must; a box around slanting words says little.
    places = {place.kind for place in shown.places}
    free = [
        (words.get_text(), box)
        for words, box in found
        if words.get_text() not in places
        and words.get_rotation() % 90 == 0
        and words.get_fontsize() != CONTOUR
    ]
    assert len(free) > 10
    for (one, a), (other, b) in combinations(free, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 1 or high <= 3, f"{one!r} lies on {other!r}"


def test_everything_that_has_to_stand_there_stands_there():
    words = "\n".join(
        each.get_text() for each, _ in texts(landscape_figure(crowded(), subtitle="of what"))[0]
    )
    for wanted in (
        "A made finding", "of what", "Is this picture honest? Fair.", "A sentence on honesty.",
        "○ start", "✕ diverged", "plain", "first axis", "second axis", "log scale", "thalweg ",
        "more than half of its distance off the plane",
    ):  # fmt: skip
        assert wanted in words, wanted


def rendered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def near(picture, color, far=12):
    wanted = [round(255 * part) for part in to_rgb(color)]
    return int(np.sum(np.abs(picture - wanted).max(axis=-1) <= far))


def test_runs_are_drawn_in_their_colours_and_only_when_asked_for():
    shown = sheet(bowl, n=(21, 21), lines=[
        line([2, 2, 2], [0, 1, 2], [0.45, 0.25, 0.05], look=2),
        line([1, 2, 3], [0, 1, 2], [1.45, 0.25, 1.05], look=3, name="other"),
    ])  # fmt: skip
    for view in ("surface", "map"):
        with_runs = rendered(landscape_figure(shown, view=view))
        without = rendered(landscape_figure(shown, view=view, runs=False))
        for color in (COLORS[2], COLORS[3]):
            assert near(with_runs, color) > near(without, color) + 100


def test_an_upright_line_leads_from_the_ground_to_the_true_loss():
    ends = {"x": [2, 2, 2], "y": [0.2, 1, 1.8]}
    low = line(ends["x"], ends["y"], [bowl(2, y) for y in ends["y"]], look=2)
    high = line(ends["x"], ends["y"], [3.0, 2.9, 3.0], look=2)
    assert stems(sheet(bowl, n=(21, 21), lines=[low])) == []
    shown = sheet(bowl, n=(21, 21), lines=[high])
    scene = Scene.of(shown)
    x, y = scene.place(high.x, high.y)
    lengths = (scene.true(high) - scene.ground(x, y)) * np.cos(np.radians(34))
    assert stems(shown) == pytest.approx(lengths)  # start, lowest, end


def stems(shown):
    """The heights of upright lines, on the picture."""
    lines = [each.get_xydata() for each in landscape_figure(shown, view="surface").axes[0].lines]
    upright = [each for each in lines if len(each) == 2 and each[0, 0] == each[1, 0]]
    return [float(each[1, 1] - each[0, 1]) for each in upright]


def test_what_lies_above_the_cap_is_hatched_on_the_map():
    dark = [
        near(rendered(landscape_figure(sheet(n=(41, 41), cap=cap), view="map")), "#000000")
        for cap in (np.inf, 12.0)
    ]
    assert dark[1] > dark[0] + 300


def test_holes_are_hatched_and_not_filled():
    shown = sheet(lambda x, y: np.nan if x < 2 else slope(x, y), n=(41, 41))
    whole = sheet(n=(41, 41))
    grey = near(rendered(landscape_figure(shown, view="map")), LIGHT.grid, 3)
    assert grey > near(rendered(landscape_figure(whole, view="map")), LIGHT.grid, 3) + 4000


def test_a_figure_is_the_same_bytes_every_time():
    for form, view in (("png", "surface"), ("svg", "map")):
        first, second = (two().rendered(f".{form}", view) for _ in range(2))
        assert first == second
    assert b"<title>" in first


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg"])
def test_both_views_in_one_figure_are_the_same_bytes_every_time(form):
    assert two().rendered(f".{form}", "plane") == two().rendered(f".{form}", "plane")


def test_an_unknown_view_is_refused():
    with pytest.raises(SettingsError, match="no view 'round'"):
        landscape_figure(sheet(), view="round")


# ---------------------------------------------------------------- the film


@pytest.fixture(scope="module")
def film():
    told = []
    shown = two().sheet()
    data = landscape_film(shown, subtitle="two", frames=12, watch=lambda *at: told.append(at))
    return Image.open(BytesIO(data)), told, len(data)


def test_the_film_rolls_and_says_how_far(film):
    image, told, size = film
    assert image.format == "GIF"
    assert told == [(number, 12) for number in range(1, 13)]
    assert 2 <= image.n_frames <= 12  # pictures that show the same may be one
    assert image.info["loop"] == 0
    assert size < 400_000


def test_the_last_picture_of_the_film_is_the_still_picture(film):
    image, _, _ = film
    image.seek(image.n_frames - 1)
    last = np.asarray(image.convert("RGB")).astype(int)
    still = rendered(landscape_figure(two().sheet(), view="surface", subtitle="two"))
    assert last.shape == still.shape
    # But for the few colours that a GIF has, the counter, and wider lines.
    apart = np.abs(last - still).max(axis=-1)
    assert np.mean(apart > 24) < 0.02
    image.seek(0)
    first = np.asarray(image.convert("RGB")).astype(int)
    assert near(last, COLORS[1], 2) > near(first, COLORS[1], 2) + 50


def test_a_film_from_above_and_in_the_dark():
    data = landscape_film(two().sheet(), view="map", frames=3, dark=True)
    image = Image.open(BytesIO(data)).convert("RGB")
    assert image.getpixel((2, 2)) == tuple(round(255 * part) for part in to_rgb(DARK.page))


# ---------------------------------------------------------------- as people get it


def test_a_notebook_is_never_shown_nothing():
    bundle, metadata = two()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png"}
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == WIDTH
    html = bundle["text/html"]
    assert html.count("<iframe") == 1
    assert 'sandbox="allow-scripts"' in html
    assert "<script" not in html.replace("&lt;script", "")
    # Where frames are taken out, words are left.
    assert "Is the picture honest?" in html.split("</iframe>")[1]
    assert "Is the picture honest? Exact." in bundle["text/plain"]
    assert repr(two()) == str(two()) == bundle["text/plain"]


@pytest.mark.parametrize("form", ["png", "svg", "gif", "html"])
def test_it_is_saved_as_its_name_says(form, tmp_path):
    path = tmp_path / f"it.{form}"
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "gif": b"GIF89a", "html": b"<!doctype html>"}
    two().save(path)
    assert path.read_bytes().startswith(begins[form])
    assert len(path.read_bytes()) < 900_000
    if form == "svg":  # the same for all forms
        with pytest.raises(OutputError):
            two().save(path)
    if form != "gif":  # a film from above is in a test of its own
        two().save(path, "map", overwrite=True)


def test_what_cannot_be_saved_or_shown_is_said(tmp_path):
    with pytest.raises(SettingsError, match=r"not written as \.jpg"):
        two().save(tmp_path / "it.jpg")
    with pytest.raises(SettingsError, match="no view 'cube'"):
        two().picture("cube")
    with pytest.raises(SettingsError, match="no profile of 'adam'"):
        two().picture("profile", run="adam")
    assert VIEWS == ("plane", "surface", "map", "profile")


def test_the_profile_is_of_the_one_that_ends_lowest_unless_asked_otherwise():
    ends = {each.name: each.true[-1] for each in two().sheet().lines}
    lowest = min(ends, key=ends.get)
    assert two().sheet("profile").lines[0].name == lowest
    assert two().sheet("profile", "sgd").lines[0].name == "sgd"
