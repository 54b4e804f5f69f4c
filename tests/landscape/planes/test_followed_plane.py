"""A plane that follows a run: true in the middle of each slice, true losses everywhere."""

import json
from functools import cache

import numpy as np
import pytest

from thalweg import SettingsError, load_table
from thalweg.landscape.planes import followed_plane
from thalweg.landscape.planes.followed_plane import follow, telling_points
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.race import RacePicture, race, race_on_hills

PLAIN = RacePicture(grid=21, profiles=(), sharp=False)


@cache
def raced():
    member, _ = member_of(load_table("wisconsin"), steps=80, hidden=(6,))
    return race(member, ["sgd", "large", "momentum", "sgd:lr=300"], PLAIN)


def followed(number=2, **more):
    found = raced()
    return follow(found.terrain, found.paths[number], found.surface, **more)


def test_the_middle_of_each_slice_has_the_loss_of_the_run_to_the_last_bit():
    for number in (0, 1, 2):
        found, path = followed(number), raced().paths[number]
        assert 2 < len(found.frames) <= 12
        for frame in found.frames:
            theta = path.thetas[np.searchsorted(path.steps, frame.step)]
            (loss,) = raced().terrain.losses(theta[None])
            assert frame.losses[10, 10] == frame.true == loss
        assert found.middle_gap == 0
        assert found.a[10] == found.b[10] == 0


def test_the_fixed_plane_is_off_where_the_followed_one_is_not():
    found, trail = followed(), raced().surface.trail("momentum")
    assert max(each.fixed_gap for each in found.frames) > 0.05
    for frame in found.frames:
        k = int(np.searchsorted(trail.steps, frame.step))
        assert frame.fixed_gap == trail.gap[k]
        assert frame.true == trail.true[k]


def test_heights_at_500_random_places_are_losses_there():
    found, terrain, plane = followed(1), raced().terrain, raced().surface.plane
    random, path = np.random.default_rng(0), raced().paths[1]
    for _ in range(500):
        frame = found.frames[random.integers(len(found.frames))]
        i, j = random.integers(21, size=2)
        theta = np.asarray(path.thetas[np.searchsorted(path.steps, frame.step)], float)
        place = theta + found.a[i] * plane.basis[0] + found.b[j] * plane.basis[1]
        loss, _ = terrain.loss_and_gradient(place)  # another function of the engine
        assert frame.losses[j, i] == pytest.approx(loss, rel=1e-10)


def test_window_and_directions_are_those_of_the_fixed_plane():
    found, surface = followed(), raced().surface
    assert np.ptp(found.a) == pytest.approx(np.ptp(surface.a))
    assert np.ptp(found.b) == pytest.approx(np.ptp(surface.b))
    assert found.axes == surface.plane.axes
    assert {each.losses.shape for each in found.frames} == {(21, 21)}


def test_frames_are_start_end_and_where_most_happens():
    way = np.zeros((101, 3))
    way[:, 0] = np.arange(101)
    steady = telling_points(way, np.ones(101), 11)
    assert steady.tolist() == list(range(0, 101, 10))
    # All of the change of the loss is between points 50 and 60: half of the frames are there.
    falls = np.exp(-np.clip(np.arange(101) - 50.0, 0, 10))
    chosen = telling_points(way, falls, 12)
    assert (chosen[0], chosen[-1]) == (0, 100)
    assert np.sum((chosen >= 50) & (chosen <= 61)) >= 5
    assert telling_points(way[:7], np.ones(7), 12).tolist() == list(range(7))
    assert telling_points(np.zeros((30, 2)), np.ones(30), 12).tolist() == [0, 29]
    below = telling_points(way, np.linspace(1, -1, 101), 11)  # no logarithm there
    assert below.tolist() == list(range(0, 101, 10))


def test_a_run_that_diverged_is_followed_as_far_as_it_is_drawn():
    found = followed(3)
    assert found.frames[-1].step == raced().runners[3].cut.after
    assert found.middle_gap == 0


def test_words_and_plain_data():
    found = followed()
    said = " ".join(found.sentences())
    assert "in the middle the ground has the true loss (gap 0 %)" in said
    assert "only its place changes. The two directions, the size of the window" in said
    assert f"At the same {len(found.frames)} steps the fixed plane is off by" in said
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["middle_gap"] == 0
    assert len(told["frames"][0]["losses"]) == 21


def test_a_function_of_two_parameters_needs_no_other_plane():
    found = race_on_hills(["sgd"], PLAIN)
    with pytest.raises(SettingsError, match="A plane cannot follow a run here"):
        follow(found.terrain, found.paths[0], found.surface)


def test_a_planted_fault_is_seen(monkeypatch):
    """A slice through the projection of the run is not true in its middle."""
    found = raced()
    plane, true = found.surface.plane, followed_plane.heights

    def wrong(terrain, count, points, **more):
        at = points(0, count)
        foot = plane.at(*plane.coordinates(at[count // 2][None]).T)
        return true(terrain, count, lambda i, j: (at - at[count // 2] + foot)[i:j], **more)

    monkeypatch.setattr(followed_plane, "heights", wrong)
    assert followed().middle_gap > 0.01
