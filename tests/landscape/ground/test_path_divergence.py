"""Descents that diverge: who has, where a picture ends them, and that they own no plane."""

import json
from dataclasses import replace

import numpy as np
import pytest

from grounds import Formula
from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import before_the_explosion, fate, sound, staying
from thalweg.landscape.ground.surface import landscape
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.runs.path import DescentPath
from thalweg.reporting.landscape.landscape_sheet import surface_sheet

GROUND = Formula(3, lambda theta: 1.0 + theta @ theta)
CALM = DescentPath.of(
    "calm", np.array([[1.0, 1, 1], [1, 0.5, 0.5], [0.5, 0.2, 0.1], [0, 0, 0]]), rule="sgd"
)
# It leaps far away at its second step, and ends at 25 times the start's loss.
WILD = DescentPath.of(
    "wild",
    np.array([[1.0, 1, 1], [1, 1.2, 1], [1, 1e6, 3e5], [9, 3, 3.0]]),
    rule="sgd:lr=300",
)


def test_who_ends_above_twice_its_start_has_diverged():
    ground = Formula(1, lambda theta: theta[0])
    for end, lost in ((1.9, False), (2.0, False), (2.1, True), (np.inf, True)):
        path = DescentPath("p", np.array([[1.0], [5.0], [min(end, 1e9)]]), np.arange(3))
        there = Formula(1, lambda theta, end=end: end if theta[0] == min(end, 1e9) else theta[0])
        assert sound(there, path).path.diverged is lost
    # A loss that begins at 0 or below has no multiple.
    for start in (0.0, -1.0):
        assert not sound(
            ground, DescentPath("p", np.array([[start], [1.0]]), np.arange(2))
        ).path.diverged


def test_what_became_of_it_in_words():
    assert fate(0.6, 13.98) == "ends at 23 times the start's loss"
    assert fate(0.6, 2.5e14) == "ends at more than 100 times the start's loss"
    assert fate(0.6, np.inf) == fate(0.6, 0.7) == "became NaN or infinite"


def test_the_frame_serves_the_runs_that_stay():
    both = landscape(GROUND, [WILD, CALM], grid=11)
    alone = landscape(GROUND, [CALM], grid=11)
    for name in ("a", "b", "losses"):
        np.testing.assert_allclose(getattr(both, name), getattr(alone, name))
    assert both.badge.gap == alone.badge.gap
    assert both.norm == alone.norm
    assert [each.diverged for each in both.trails] == [True, False]
    assert both.trails[0].end == GROUND.losses(WILD.thetas[-1:])[0]
    assert "The run wild diverged: it ends at 25 times the start's loss" in " ".join(
        both.badge.sentences()
    )
    json.dumps(both.as_dict(), allow_nan=False)


def test_the_step_to_the_explosion_is_not_drawn_and_the_sentence_says_so():
    """A straight line there could cross low ground, as if the run had come to it."""
    found = landscape(GROUND, [WILD, CALM], grid=11)
    sheet = surface_sheet(found)
    wild, calm = sheet.lines
    assert wild.diverged
    np.testing.assert_array_equal(wild.steps, [0, 1])
    trail = found.trails[0]
    for drawn, true in ((wild.x, trail.a), (wild.y, trail.b), (wild.true, trail.true)):
        np.testing.assert_array_equal(drawn, true[:2])
    np.testing.assert_array_equal(calm.x, found.trails[1].a)
    assert sheet.cut[1] < 10  # not the height that the leap came to
    loss = GROUND.losses(WILD.thetas[2:3])[0]
    assert f"drawn up to step 1 or to the edge: at step 2 its loss is {written(loss)}." in " ".join(
        sheet.sentences
    )


@pytest.mark.parametrize("far", [[1e6], [1e6, 1e8]])
def test_if_all_diverge_at_once_the_figures_are_those_of_the_start(far):
    """They spoke of the point where the loss explodes, which no picture shows."""
    paths = [
        DescentPath.of(f"r{k}", np.array([[1.0, 1, 1], [1, by, 1]]), rule="sgd:lr=300")
        for k, by in enumerate(far)
    ]
    found = landscape(GROUND, paths, grid=11)
    assert found.badge.only_start
    words = " ".join(found.badge.sentences())
    assert words.startswith(
        "No run is drawn that could be measured: every run diverged at once, and only the start is "
        "left. Drawn and true loss differ by 0 % there."
    )
    assert found.badge.verdict == "not measured"  # "faithful" would praise a single point
    for wrong in (
        "path lies",
        "paths lie",
        "ends of",
        "to end",
        "at its end",
        "worst single point",
        "overall",
        "end points",
        "movement",
    ):
        assert wrong not in words, wrong
    assert len(found.scores) == 0  # all planes are equal in what is drawn
    # The window shows the loss around the start, and not a plain as wide as the leap.
    assert found.a[-1] - found.a[0] <= 4 * np.sqrt(3)
    (start, *_), *_ = (each.true for each in found.trails)
    assert found.losses.max() < 100 * start
    json.dumps(found.as_dict(), allow_nan=False)


def test_if_all_diverge_later_the_figures_are_those_of_what_is_drawn():
    found = landscape(GROUND, [WILD], grid=11)
    assert not found.badge.only_start
    assert found.badge.worst_point[1] <= 1  # step 2 is the one that leaps
    assert found.a[-1] - found.a[0] < 10
    assert found.plane.axes[0] == "from start to explosion"
    words = " ".join(found.badge.sentences())
    assert "The last drawn points lie off the plane by" in words
    assert "% of the drawn movement; for random walks" in words
    for wrong in ("end points", "its end", "to end", "of the movement"):
        assert wrong not in words, wrong


def test_a_plane_through_explosions_does_not_call_them_ends():
    def plane(method, *paths):
        return landscape(GROUND, paths, plane=method, grid=11).plane

    def of(name, *thetas):
        return DescentPath.of(name, np.array([[1.0, 1, 1], *thetas]))

    other = of("other", [1.2, 1, 1], [3e5, 1, 1e6])
    both = plane("three-points", WILD, other)
    assert both.words == "through the start and the explosions of wild and other"
    assert both.axes == ("to the explosion of wild", "towards the explosion of other")
    # It ends at three times the start's loss, without an explosion: that is its end.
    high = of("high", [1, 1, 3])
    assert plane("three-points", WILD, high).words == (
        "through the start, the explosion of wild and the end of high"
    )
    lost = of("lost", [1, 1, 3], [1, np.inf, 3])
    kinds = [sound(GROUND, path).path.last_point for path in (CALM, WILD, high, lost)]
    assert kinds == ["end", "explosion", "end", "last finite point"]
    assert "last points" in plane("ends", WILD, lost).words
    assert "last points" not in plane("ends", WILD, other).words
    calm = plane("three-points", CALM, of("b", [0, 1, 0]))
    assert calm.words == "through the start and the ends of calm and b"


def test_two_crosses_at_one_point_are_named():
    paths = [
        replace(WILD, name=name, thetas=WILD.thetas[[0, 2]], steps=np.arange(2)) for name in "ab"
    ]
    said = " ".join(surface_sheet(landscape(GROUND, [*paths, CALM], grid=11)).sentences)
    assert "The ✕ of a and b are at one point, and drawn side by side." in said
    said = " ".join(surface_sheet(landscape(GROUND, [paths[0], CALM], grid=11)).sentences)
    assert "side by side" not in said


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([1, 2, 1e8, 5], "up to step 1 or to the edge: at step 2 its loss is 1"),
        ([1, 1e8, 1e9, 1e9], "only at its start: at step 1 its loss is 1"),
        ([1, 2, 3, np.inf], "up to step 2 or to the edge: at step 3 its loss is NaN or infinite"),
        ([1, np.inf], "only at its start: at step 1 its loss is NaN or infinite"),
        ([1, 2, 3, 1e8], "up to step 2 or to the edge: at step 3 its loss is 1"),
        ([1, 2, 5, 6], ""),  # all of it is drawn
    ],
)
def test_the_sentence_is_true_of_what_is_drawn(losses, said):
    ground = Formula(1, lambda theta: float(losses[int(theta[0])]))
    thetas = np.arange(len(losses), dtype=float)[:, None]
    path = replace(DescentPath.of("p", thetas), diverged=True)
    found = sound(ground, path)
    assert (said in found.note) if said else ("drawn" not in found.note)
    n_drawn = before_the_explosion(found.true)
    drawn = found.true[:n_drawn]
    assert np.all(drawn <= 10 * losses[0])
    assert n_drawn == len(losses) or f"at step {n_drawn} its loss" in found.note


def test_a_run_that_leaves_is_drawn_to_the_edge():
    away = DescentPath.of(
        "away", np.array([[1.0, 1, 1], [1, 1.2, 1], [1, 5, 1], [1, 1e6, 3e5]]), rule="sgd:lr=300"
    )
    found = landscape(GROUND, [away, CALM], grid=11)
    sheet = surface_sheet(found)
    line = sheet.lines[0]
    np.testing.assert_array_equal(line.steps, [0, 1, 2])
    for places, grid in ((line.x, sheet.x), (line.y, sheet.y)):
        assert grid[0] - 1e-12 <= places.min() <= places.max() <= grid[-1] + 1e-12
    on_edge = [
        np.isclose(place, edge)
        for place, grid in ((line.x[-1], sheet.x), (line.y[-1], sheet.y))
        for edge in (grid[0], grid[-1])
    ]
    assert any(on_edge)
    # On the straight way to its next point, whose loss is told as it is.
    trail = found.trails[0]
    way = np.array([trail.a[2] - trail.a[1], trail.b[2] - trail.b[1]])
    drawn = np.array([line.x[2] - line.x[1], line.y[2] - line.y[1]])
    assert way @ drawn == pytest.approx(np.linalg.norm(way) * np.linalg.norm(drawn))
    assert line.true[-1] == trail.true[2]


def test_where_nobody_stays_all_are_drawn():
    assert [each.path.name for each in staying([sound(GROUND, WILD)])] == ["wild"]
    found = landscape(GROUND, [WILD], grid=11)
    assert max(np.ptp(found.a), np.ptp(found.b)) < 1  # what is drawn of it, without its leap
    assert found.badge.gap is not None


def test_who_leaves_at_once_gets_the_advice_to_go_slower():
    ground = Formula(1, lambda theta: theta[0] if theta[0] < 9 else np.inf)
    with pytest.raises(SettingsError, match=r"in its first step\. Fix: take a smaller rate"):
        landscape(ground, [DescentPath.of("p", np.array([[1.0], [10.0]]))], grid=11)


def test_the_worst_single_point_stands_beside_the_median():
    # The plane lies through the start and both ends; one point in the middle lies far beside it.
    way = np.linspace(0, 1, 9)[:, None]
    one, other = [2.0, 2, 0] - way * [2.0, 0, 0], [2.0, 2, 0] - way * [0, 2.0, 0]
    one[2, 2] = 3.0
    paths = [DescentPath.of(name, thetas) for name, thetas in (("one", one), ("other", other))]
    found = landscape(GROUND, paths, plane="three-points", grid=11)
    badge = found.badge
    gap = 9.0 / (1 + 1.5**2 + 2**2 + 9.0)
    assert badge.gap == pytest.approx(0, abs=1e-12)  # neither end nor median tells of it
    assert badge.worst_point == ("one", 2, pytest.approx(gap))
    assert badge.most_far == ("one", pytest.approx(1 / 9))
    assert (
        "The worst single point is off by 55 %: one at step 2. Of the points of one, 11 % are off "
        "by more than 25 %." in badge.sentences()
    )
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["badge"]["worst_point"] == ["one", 2, pytest.approx(gap)]
    assert told["trails"][0]["worst_step"] == 2
    assert told["trails"][0]["worst_gap"] == pytest.approx(gap)
    assert told["trails"][0]["far"] == pytest.approx(1 / 9)
