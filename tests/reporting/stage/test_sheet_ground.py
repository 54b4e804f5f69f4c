"""The ground of a sheet: what is cut, and from where it is seen."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import bowl, line, sheet, slope, two
from thalweg.reporting.stage.sheet_ground import best_azimuth, ground_of
from thalweg.reporting.stage.stage_scene import Scene, View


def test_the_start_is_at_the_back_and_the_end_in_front():
    way = np.linspace(0, 1, 20)
    for start, end in (((0.5, 0.5), (3.5, 1.5)), ((3.5, 1.5), (0.5, 0.5))):
        x, y = (a + way * (b - a) for a, b in zip(start, end, strict=True))
        made = sheet(slope, n=(21, 21), lines=[line(x, y, slope(x, y))])
        scene = Scene.of(made, 300, 200)
        points = scene.on_ground(x, y)
        assert points[-1, 1] > points[0, 1]  # lower on the picture
        assert points[-1, 2] < points[0, 2]  # nearer


def test_the_eye_is_put_where_the_run_is_seen():
    # From the end the wall would hide the first half.
    y = np.linspace(1.8, 0.2, 30)
    run = line(np.full(30, 2.0), y, np.full(30, 1.0))
    made = sheet(lambda x, y: 9.0 if 0.9 < y < 1.1 and x > 1 else 1.0, n=(41, 41), lines=[run])
    assert abs(best_azimuth(made)) > 40
    low = sheet(bowl, n=(41, 41), lines=[run])
    assert abs(abs(best_azimuth(low)) - 24) < 1e-9


def test_heights_reach_above_every_run_that_did_not_diverge():
    calm = line([1, 2], [1, 1], [5.0, 30.0])
    lost = replace(line([1, 2], [1, 1], [5.0, 1e9], diverged=True), end=1e12)
    ground = ground_of(sheet(n=(21, 21), lines=[calm, lost]))
    assert ground.heights.high >= min(30.0, slope(4, 2))
    assert ground.heights.high < 100
    alone = ground_of(sheet(n=(21, 21), lines=[lost]))
    assert alone.heights.high < 100


def test_what_is_cut_is_counted_and_said():
    spike = sheet(lambda x, y: 1e6 if x > 3.9 and y > 1.9 else slope(x, y), n=(41, 41))
    above, high = spike.cut
    ground = ground_of(spike)
    assert above == np.sum(spike.losses > high) == ground.heights.n_cut > 0
    assert high == ground.heights.high < 100


def test_a_profile_is_straight_between_its_cuts_and_a_plane_is_not():
    plane, profile, _ = two().sheets
    assert len(ground_of(plane).x) == 2 * len(plane.x) - 1
    assert len(ground_of(profile).x) == len(profile.x)
    assert ground_of(profile).sides == pytest.approx((1.0, 0.62))
    said = " ".join(plane.sentences)
    assert "no computed loss is changed" in said
    assert "straight between them" in " ".join(profile.sentences)


def test_the_picture_holds_runs_that_fly_above_the_ground():
    run = line([2, 2.05, 2.1], [1, 1, 1], [0.2, 3.0, 0.2])
    made = sheet(bowl, n=(41, 41), lines=[run])
    for azimuth in range(-180, 180, 45):
        scene = Scene.of(made, 300, 200, view=View(azimuth=float(azimuth)))
        course = scene.courses[0]
        points = scene.project(course.x, course.y, course.h)
        assert points[:2].min() > 0
        assert points[0].max() < 300
        assert points[1].max() < 200
