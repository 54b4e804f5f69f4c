"""The way of a run over a ground: arcs for leaps, footprints, the true loss or the ground."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import bowl, line, sheet
from thalweg.landscape.ground.teaching_function import PLAIN
from thalweg.reporting.stage.run_course import course_of
from thalweg.reporting.stage.sheet_ground import ground_of
from thalweg.reporting.stage.stage_looks import stage_looks

WAY = np.random.default_rng(5).uniform(0.2, 1.8, (2, 60))
RUN = line(2 * WAY[0], WAY[1], bowl(2 * WAY[0], WAY[1]) + 0.3)
SHEET = sheet(bowl, n=(41, 41), lines=[RUN])
GROUND = ground_of(SHEET)


@pytest.mark.parametrize("laid", [False, True])
def test_a_course_goes_through_every_point(laid):
    course = course_of(GROUND, RUN, laid=laid, leaps=True)
    at = np.searchsorted(course.time, np.arange(60))
    x, y = GROUND.place(RUN.x, RUN.y)
    assert course.time[at] == pytest.approx(np.arange(60), abs=1e-12)
    assert course.x[at] == pytest.approx(x)
    assert course.y[at] == pytest.approx(y)
    wanted = GROUND.height_at(x, y) if laid else GROUND.height_of(RUN.true)
    assert course.h[at] == pytest.approx(wanted)
    assert course.g == pytest.approx(GROUND.height_at(course.x, course.y))
    assert np.all(np.diff(course.time) > 0)


def test_footprints_are_steps_that_are_long():
    course = course_of(GROUND, RUN, laid=False, leaps=True)
    x, y = GROUND.place(RUN.x, RUN.y)
    long = np.hypot(np.diff(x), np.diff(y)) > 0.045
    assert 40 < long.sum() < 59 or long.all()
    assert len(course.feet) == long.sum()
    assert course.time[course.feet].tolist() == (np.flatnonzero(long) + 1).tolist()
    none = course_of(GROUND, RUN, laid=False, leaps=False)
    assert len(none.feet) == 0
    assert not none.leap.any()


def test_an_arc_rises_by_a_fifth_of_its_length_in_its_middle():
    run = line([1, 3], [1, 1], [1.25, 1.25])
    ground = ground_of(sheet(bowl, n=(41, 41), lines=[run]))
    course = course_of(ground, run, laid=False, leaps=True)
    length = 2 / 4
    chord = ground.height_of(np.array(1.25))
    assert course.h.max() - chord == pytest.approx(0.2 * length, rel=0.01)
    # Where the ground is higher, an arc that lies on it goes over it.
    low = course_of(ground, run, laid=True, leaps=True)
    assert np.all(low.h >= low.g - 1e-12)


def test_a_short_step_lies_on_the_ground_or_is_straight():
    run = line([2, 2.1, 2.15], [1, 1, 1], [0.25, 0.9, 0.25])
    ground = ground_of(sheet(bowl, n=(41, 41), lines=[run]))
    straight = course_of(ground, run, laid=False, leaps=True)
    first = straight.time <= 1
    ends = ground.height_of(np.array([0.25, 0.9]))
    assert straight.h[first] == pytest.approx(np.interp(straight.time[first], [0, 1], ends))
    laid = course_of(ground, run, laid=True, leaps=True)
    assert laid.h == pytest.approx(laid.g)


def test_only_the_last_nine_leaps_stay_in_the_air():
    course = course_of(GROUND, RUN, laid=False, leaps=True)
    leaps = len(course.feet)
    for time in (0.0, 3.5, 20.0, 59.0):
        part = course.until(time)
        assert part.time[-1] == pytest.approx(time)
        flying = {*part.leap[~part.over].tolist()} - {0}
        assert len(flying) == min(9, part.leap.max())
        assert flying == {*range(part.leap.max() - len(flying) + 1, part.leap.max() + 1)}
        assert len(part.feet) == np.sum(course.time[course.feet] <= time)
    assert leaps > 9
    assert stage_looks()["course"]["in_the_air"] == 9


def test_a_run_of_one_point_is_a_course():
    one = line([1.0], [1.0], [2.0])
    course = course_of(GROUND, one, laid=False, leaps=True)
    assert course.until(0.0).time.tolist() == [0.0]
    assert len(course.feet) == 0


def test_a_run_over_empty_cells_crosses_their_floor():
    holed = sheet(lambda x, y: np.nan if 1 < x < 3 else 1 + x, n=(41, 41), lines=[RUN])
    course = course_of(ground_of(holed), RUN, laid=True, leaps=True)
    assert np.isfinite(course.h).all()


def test_the_ground_has_the_loss_at_500_random_places():
    """On the hills every loss is known: the drawn ground is within a thousandth of the range."""
    x, y = np.linspace(*PLAIN.seen[:2], 81), np.linspace(*PLAIN.seen[2:], 81)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    hills = replace(
        sheet(lines=()), x=x, y=y, losses=PLAIN.hills.losses(grid).reshape(81, 81), verdict="exact"
    )
    ground = ground_of(hills)
    places = np.random.default_rng(1).uniform(PLAIN.seen[0], PLAIN.seen[1], (500, 2))
    drawn = ground.loss_of(ground.height_at(*ground.place(*places.T)))
    true = PLAIN.hills.losses(places)
    assert np.abs(drawn - true).max() < 1e-3 * np.ptp(hills.losses)
    # And exactly at the computed ones.
    at = ground.place(*grid[::13].T)
    computed = ground.loss_of(ground.height_at(*at))
    assert computed == pytest.approx(hills.losses.ravel()[::13], abs=1e-12)
