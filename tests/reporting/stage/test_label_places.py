"""Labels that avoid each other, and lines that are hidden where the ground is before them."""

from itertools import combinations

import numpy as np
import pytest

from landscapes import line, sheet
from thalweg.reporting.stage.label_places import Box, Label, place_labels, points_along
from thalweg.reporting.stage.run_strokes import line_of, side_by_side, stretches_of
from thalweg.reporting.stage.stage_scene import Scene, View

FRAME = Box(0, 0, 600, 400)
NOTHING = np.empty((0, 2))


def label(x, y, *, wide=90.0, must=True):
    return Label("a label", (x, y), 8.0, wide, 16.0, must, "#000000")


def test_no_two_labels_overlap_and_none_leaves_the_picture():
    spots = np.random.default_rng(3).uniform((60, 40), (540, 360), (14, 2))
    taken = [Box.around(spot, 8) for spot in spots]
    placed = place_labels(
        [label(*spot) for spot in spots], frame=FRAME, taken=taken, points=NOTHING, unit=1.0
    )
    assert len(placed) == 14
    for one, other in combinations([each.box for each in placed], 2):
        assert not one.overlaps(other)
    for _, box, _ in placed:
        assert not any(box.overlaps(ball) for ball in taken)
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.wide <= 600
        assert box.y + box.tall <= 400


def test_a_label_goes_to_the_side_that_covers_least_of_a_run():
    right = np.column_stack([np.linspace(200, 500, 80), np.full(80, 200.0)])
    ((_, box, led),) = place_labels(
        [label(200, 200)], frame=FRAME, taken=[], points=points_along([right], 5), unit=1.0
    )
    assert not led
    covered = (right[:, 0] > box.x) & (right[:, 0] < box.x + box.wide)
    covered &= (right[:, 1] > box.y) & (right[:, 1] < box.y + box.tall)
    assert not covered.any()


def test_without_room_a_label_moves_away_with_a_line_or_is_left_out():
    wall = [Box(150, 150, 100, 100)]
    far = place_labels([label(200, 200)], frame=FRAME, taken=wall, points=NOTHING, unit=1.0)
    assert [each.led for each in far] == [True]
    full = [Box(0, 0, 600, 400)]
    assert not place_labels([label(200, 200)], frame=FRAME, taken=full, points=NOTHING, unit=1.0)
    # What need not stay gives up sooner.
    free = place_labels(
        [label(200, 200, must=False)], frame=FRAME, taken=wall, points=NOTHING, unit=1.0
    )
    assert free == []


def test_points_of_lines_are_counted_once():
    back = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 0.0], [np.nan, np.nan], [50.0, 50.0]])
    found = points_along([back], 5)
    assert len(found) == 21
    assert len(np.unique(found, axis=0)) == len(found)
    assert len(points_along([np.array([[0.0, 0.0], [1e9, 0.0]])], 5)) <= 20_002


def test_balls_at_one_place_stand_side_by_side():
    spots = [np.array([100.0, 50.0, 0.1]), np.array([101.0, 50.0, 0.1]), np.array([300.0, 9, 0])]
    moved = side_by_side(spots, 1.0)
    assert moved[1][0] - moved[0][0] > 16
    assert moved[2].tolist() == [300.0, 9, 0]


@pytest.fixture(scope="module")
def wall():
    """A run along y, one half of it behind a wall, seen from small x and from large x."""
    run = line(np.full(30, 1.0), np.linspace(0.5, 3.5, 30), np.full(30, 1.0))
    made = sheet(lambda x, y: 9.0 if 1.9 < x < 2.1 else 1.0, y=(0, 4), n=(41, 41), lines=[run])
    return [Scene.of(made, 500, 320, view=View(azimuth=each, laid=True)) for each in (-90, 90)]


def test_a_tube_behind_a_hill_is_never_drawn_over_it(wall):
    before, behind = wall
    for scene in wall:
        for hidden, points in stretches_of(line_of(scene.courses[0], scene.project), scene.hidden):
            # Between the points of a stretch, too, whatever the ends are.
            share = np.linspace(0.05, 0.95, 19)[:, None, None]
            inner = (points[:-1] + share * (points[1:] - points[:-1])).reshape(-1, 4)
            assert np.mean(scene.hidden(inner) != hidden) < 0.02
    hidden = [
        sum(
            len(points)
            for is_hidden, points in stretches_of(
                line_of(scene.courses[0], scene.project), scene.hidden
            )
            if is_hidden
        )
        for scene in (before, behind)
    ]
    assert hidden[0] == 0
    assert hidden[1] > 20


def test_a_line_is_cut_at_the_pixel_where_it_goes_behind():
    points = np.array([[0.0, 0, 0, 0], [100.0, 0, 0, 1], [np.nan] * 4, [0.0, 0, 0, 2]])

    def hidden(each):
        return each[:, 0] > 37.3

    found = stretches_of(points, hidden)
    assert [each.hidden for each in found] == [False, True, False]
    assert found[0].points[-1, 0] == pytest.approx(37.3, abs=100 / 2**6)
    assert found[1].points[0] == pytest.approx(found[0].points[-1])
