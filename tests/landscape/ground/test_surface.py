"""Surfaces: axes, nested grids, holes, cancelling, and the figures of honesty."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from grounds import Formula, network, parabola, walk
from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import sound
from thalweg.landscape.ground.surface import Window, landscape, landscapes, on_same_ground
from thalweg.landscape.ground.terrain import NetworkTerrain, even_choice, heights
from thalweg.landscape.numbers_in_words import percent
from thalweg.landscape.planes.distortion import (
    gaps,
    trail,
    verdict,
)
from thalweg.landscape.planes.least_distorting_plane import choose_plane, score
from thalweg.landscape.planes.movement_share import movement, random_walks
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.planes.planes_through_runs import candidates
from thalweg.landscape.runs.path import DescentPath, terrain_of
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective, choose
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member

FLAT = Plane("given", "given", np.zeros(3), np.eye(3)[:2], ("a", "b"))


def lopsided(theta):
    """Differs from itself with a and b swapped, or either one mirrored."""
    return 2 + np.sin(theta[0]) + 0.25 * theta[1] ** 3 + theta[2] ** 2


@dataclass
class Counting:
    """A ground that remembers every point it was asked for."""

    inner: Formula
    seen: list
    facts = Formula.facts
    work = 1

    @property
    def n_parameters(self):
        return self.inner.n_parameters

    def losses(self, thetas):
        self.seen += [tuple(theta) for theta in thetas]
        return self.inner.losses(thetas)


def test_axes_of_loss_and_coordinates_are_not_swapped():
    window = Window(-1.0, 2.0, -0.5, 3.0)
    found = landscape(Formula(3, lopsided), plane=FLAT, grid=21, window=window)
    assert (found.a[0], found.a[-1], found.b[0], found.b[-1]) == window
    for j, b in enumerate(found.b):
        for i, a in enumerate(found.a):
            assert found.losses[j, i] == lopsided((a, b, 0))
    assert found.complete


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_grids_are_nested_and_no_point_is_computed_twice(threads):
    ground = Counting(Formula(3, lopsided), [])
    window = Window(-1.1, 2.3, -0.7, 3.3)
    every = list(landscapes(ground, plane=FLAT, grid=41, window=window, threads=threads))
    assert [each.losses.shape for each in every] == [(11, 11), (21, 21), (41, 41)]
    assert [each.complete for each in every] == [False, False, True]
    assert len(ground.seen) == len(set(ground.seen)) == 41**2
    for coarse, fine in pairwise(every):
        np.testing.assert_array_equal(fine.losses[::2, ::2], coarse.losses)
        np.testing.assert_array_equal(fine.a[::2], coarse.a)
    middle = np.abs(every[-1].a - np.linspace(*window[:2], 41))
    assert np.max(middle) < 1e-14


def test_cells_that_are_not_finite_are_masked_and_counted_and_never_filled():
    def holed(theta):
        if theta[0] > 1.45:
            return np.inf
        return np.nan if theta[1] < -0.25 else lopsided(theta)

    window = Window(-1.0, 2.0, -0.5, 3.0)
    found = landscape(Formula(3, holed), plane=FLAT, grid=21, window=window)
    a, b = np.meshgrid(found.a, found.b)
    holes = (a > 1.45) | (b < -0.25)
    np.testing.assert_array_equal(np.isnan(found.losses), holes)
    assert not np.isinf(found.losses).any()
    assert found.badge.masked == holes.sum() > 0
    assert found.badge.cells == 441
    assert any(
        f"{holes.sum()} of 441 points have no finite loss" in s for s in found.badge.sentences()
    )
    assert np.isfinite(found.cap)
    rows = found.as_dict()["losses"]
    assert rows[0] == [None] * 21
    nothing = landscape(Formula(3, lambda theta: np.nan), plane=FLAT, grid=11, window=window)
    assert nothing.badge.masked == 121
    assert np.isnan(nothing.cap)
    assert nothing.as_dict()["cap"] is None


def test_whoever_watches_hears_of_all_heights_and_can_end_it():
    ground, window = Formula(3, lopsided), Window(-1, 1, -1, 1)
    told = []
    landscape(ground, plane=FLAT, grid=41, window=window, watch=lambda *at: told.append(at))
    assert told[-1] == (1681, 1681)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    for after, expected in ((0, 11), (121, 11), (200, 21), (500, 21), (1681, 41)):
        stopped = landscape(
            ground, plane=FLAT, grid=41, window=window, threads=1,
            watch=lambda done, _, after=after: done >= after,
        )  # fmt: skip
        assert len(stopped.a) == expected, after
        assert stopped.complete == (expected == 41)
        np.testing.assert_array_equal(np.isfinite(stopped.losses), True)


def test_the_heights_do_not_depend_on_threads_or_chunks():
    terrain, theta = network((5, 8, 1), n_rows=300)
    points = theta + 0.1 * np.random.default_rng(0).standard_normal((137, len(theta)))
    one = terrain.losses(points)
    for threads in (1, 2, 5):
        many = heights(terrain, len(points), lambda i, j: points[i:j], threads=threads)
        np.testing.assert_array_equal(many, one)
    singly = [terrain.losses(point[None])[0] for point in points]
    np.testing.assert_array_equal(singly, one)


# --- figures of honesty -----------------------------------------------------------------------


def test_a_trail_measures_what_a_plane_does_to_a_path():
    # Height 1 + ½ Σ θ²: the drawn one lacks what lies beside the plane, and nothing else.
    ground = parabola(np.eye(3))
    path = DescentPath.of("p", np.array([[0.0, 0, 0], [1, 0, 0.5], [1, 2, 2]]))
    found = trail(ground, FLAT, path, ground.losses(path.thetas))
    np.testing.assert_allclose(np.column_stack([found.a, found.b]), path.thetas[:, :2])
    np.testing.assert_allclose(found.off, [0, 0.5, 2])
    np.testing.assert_allclose(found.off_share, [0, 0.5 / np.sqrt(1.25), 2 / 3])
    np.testing.assert_allclose(found.true, [1, 1.625, 5.5])
    np.testing.assert_allclose(found.drawn, [1, 1.5, 3.5])
    np.testing.assert_allclose(found.gap, [0, 0.125 / 1.625, 2 / 5.5])
    assert found.best == 0
    assert found.misfit == pytest.approx(2 / 5.5)
    assert found.verdict == "misleading"
    np.testing.assert_array_equal(gaps(np.ones(2), np.array([np.inf, np.nan])), np.inf)


def test_the_badge_speaks_of_the_ground_that_the_grid_draws():
    path = DescentPath.of("p", np.array([[-1.0, -1.0, 0], [0.13, 0.13, 0], [1.0, 1.0, 0]]))

    # A slope without a bend is drawn as it is.
    wide = Window(-1.3, 4, -1.3, 4)  # no cell under the path is cut at the cap
    slope = Formula(3, lambda t: 5 + t[0] + t[1])
    straight = landscape(slope, [path], plane=FLAT, grid=11, window=wide)
    assert straight.badge.grid.gap == pytest.approx(0, abs=1e-12)
    assert (straight.badge.gap, straight.badge.verdict) == (0, "faithful")
    (said,) = [each for each in straight.badge.sentences() if "grid" in each]
    assert said.startswith(
        "The surface that the grid of 11 × 11 points draws below the runs is off by"
    )
    assert "coarse" not in said

    # The path lies in the plane, and in a gorge far narrower than a cell.
    def gorge(theta):
        return 1 + 1e4 * (theta[0] - theta[1]) ** 2 + theta[2] ** 2

    window = Window(-1.3, 1.4, -1.3, 1.3)
    found = landscape(Formula(3, gorge), [path], plane=FLAT, grid=11, window=window)
    assert (found.badge.gap, found.trails[0].verdict) == (0, "faithful")
    assert found.badge.grid.start_gap > 1
    assert found.badge.verdict == "misleading"
    # By hand: the start lies in the cell between the second and the third point along each axis.
    x, y = found.a, found.b
    i, j = np.searchsorted(x, -1) - 1, np.searchsorted(y, -1) - 1
    s, t = (-1 - x[i]) / (x[i + 1] - x[i]), (-1 - y[j]) / (y[j + 1] - y[j])
    corners = found.losses[j : j + 2, i : i + 2]
    drawn = np.array([1 - t, t]) @ corners @ np.array([1 - s, s])
    assert found.badge.grid.start_gap == pytest.approx(drawn - 1)
    (said,) = [each for each in found.badge.sentences() if "grid" in each]
    assert "The grid is too coarse" in said
    assert found.as_dict()["badge"]["grid"]["start_gap"] == found.badge.grid.start_gap
    # A picture shows a function of two parameters completely; its grid can be too coarse.
    flat = Plane("whole", "whole", np.zeros(2), np.eye(2), ("x", "y"))
    both = DescentPath.of("p", path.thetas[:, :2])
    bare = landscape(
        Formula(2, lambda t: gorge((*t, 0))), [both], plane=flat, grid=11, window=window
    )
    assert bare.badge.exact
    assert bare.badge.verdict == "misleading"


def test_verdicts_and_shares_in_words():
    words = [verdict(gap) for gap in (0, 0.05, 0.051, 0.15, 0.2, 0.25, 0.26, np.inf)]
    assert words == ["faithful"] * 2 + ["fair"] * 2 + ["rough"] * 2 + ["misleading"] * 2
    assert [percent(each) for each in (0, 0.004, 0.01, 0.5, 12.3, np.inf)] == [
        "0 %", "less than 1 %", "1 %", "50 %", "1230 %", "an infinite amount"
    ]  # fmt: skip


def test_auto_takes_the_plane_that_lies_least_and_lists_the_others():
    terrain, theta = network((4, 6, 1))
    paths = [walk(name, theta, 40, seed, 0.08) for seed, name in enumerate("abcd")]
    sounds = [sound(terrain, path) for path in paths]
    choice = choose_plane(terrain, sounds)
    methods = [each.method for each in choice.scores]
    assert sorted(methods) == sorted(set(methods))
    assert set(methods) == {
        "through-start", "scaled", "centred", "ends", "ends-scaled", "three-points"
    }  # fmt: skip
    assert [each.gap for each in choice.scores] == sorted(each.gap for each in choice.scores)
    assert choice.plane.method == methods[0]
    for each in choice.scores:
        alone = choose_plane(terrain, sounds, each.method) if each.method != "ends-scaled" else None
        if alone:
            assert alone.scores[0].gap <= each.gap
    # The score by hand, for the usual plane.
    usual = choose_plane(terrain, sounds, "centred")
    misfits = []
    for path in paths:
        foot = usual.plane.at(*usual.plane.coordinates(path.thetas).T)
        gap = np.abs(terrain.losses(foot) / terrain.losses(path.thetas) - 1)
        misfits.append(max(gap[0], gap[-1], np.median(gap)))
    assert usual.scores[0].gap == pytest.approx(np.mean(misfits), rel=1e-9)
    assert usual.scores[0].worst == pytest.approx(max(misfits), rel=1e-9)


def test_of_the_planes_through_three_points_the_best_is_kept():
    terrain, theta = network((4, 6, 1))
    paths = [
        walk(name, theta, 12, seed, 0.2) for name, seed in zip("abcd", (2, 0, 3, 1), strict=True)
    ]
    sounds = [sound(terrain, path) for path in paths]
    gaps_of = {
        plane.words: score(terrain, plane, sounds).gap
        for plane in candidates(paths, only="three-points")
    }
    assert len(gaps_of) == 6
    kept = choose_plane(terrain, sounds, "three-points")
    assert kept.plane.words == min(gaps_of, key=gaps_of.get)
    # The first and the last that were laid are not it, so that it had to be looked for.
    assert kept.plane.words not in (next(iter(gaps_of)), list(gaps_of)[-1])


def test_a_plane_that_is_not_known_or_not_possible_is_refused():
    terrain, theta = network((4, 6, 1))
    path = walk("a", theta, 10, 1)
    with pytest.raises(SettingsError, match=r"no plane 'pca'.*auto, random, start-to-end"):
        landscape(terrain, [path], plane="pca")
    with pytest.raises(SettingsError, match=r"'ends' can be laid.*two or more"):
        landscape(terrain, [path], plane="ends")
    with pytest.raises(SettingsError, match=r"no grid of 40 × 40.*11, 21, 41, 81, 161"):
        landscape(terrain, [path], grid=40)
    with pytest.raises(SettingsError, match="needs a point"):
        landscape(terrain, plane="random")
    with pytest.raises(SettingsError, match="this terrain has none"):
        landscape(parabola(np.eye(3)), plane="random", centre=np.ones(3))
    with pytest.raises(SettingsError, match="no path 'b'"):
        landscape(terrain, [path], grid=11).trail("b")


def test_movement_and_the_share_of_random_walks():
    start = np.zeros(400)
    aimless = walk("w", start, 300, 1)
    of = {plane: choose_plane_of(aimless, plane) for plane in ("through-start", "centred")}
    points = aimless.thetas - of["through-start"].origin
    inside = (points @ of["through-start"].basis.T) ** 2
    assert movement(of["through-start"], [aimless]) == pytest.approx(
        inside.sum() / np.sum(points**2)
    )
    # Theory for many steps in many dimensions: 6 / π² + 6 / (4 π²) = 76 % about the mean.
    share = random_walks([aimless], centred=True)
    assert share.mean == pytest.approx(7.5 / np.pi**2, abs=0.02)
    assert share.deviation < 0.02
    assert random_walks([DescentPath.of("still", np.zeros((3, 2)))], centred=True) == (1.0, 0.0)
    # A path with an aim is held by one direction, its shuffled steps are not.
    aimed = DescentPath.of(
        "a", np.linspace(0, 1, 80)[:, None] * np.ones(400) + 0.02 * walk("", start, 80, 3).thetas
    )
    assert movement(choose_plane_of(aimed, "centred"), [aimed]) > 0.98
    assert random_walks([aimed], centred=True).mean < 0.99


def choose_plane_of(path, method):
    ground = Formula(400, lambda theta: 1 + theta @ theta)
    return choose_plane(ground, [sound(ground, path)], method).plane


def test_a_diverged_path_ends_before_its_loss_explodes():
    ground = Formula(1, lambda theta: np.exp(theta[0]) if theta[0] < 700 else np.inf)
    thetas = np.array([[0.0], [1], [2], [3], [4], [0.5]])
    calm = DescentPath.of("p", thetas)
    assert len(sound(ground, calm).true) == 6
    wild = replace(calm, diverged=True)
    kept = sound(ground, wild)
    np.testing.assert_array_equal(kept.path.steps, [0, 1, 2, 3])
    assert kept.note == (
        "the run p diverged: it became NaN or infinite, and is drawn up to step 2 or to the edge: "
        "at step 3 its loss is 20.1"
    )
    np.testing.assert_array_equal(kept.before_the_leap.path.steps, [0, 1, 2])
    np.testing.assert_array_equal(kept.before_the_leap.true, np.exp([0, 1, 2]))
    far = DescentPath.of("f", np.array([[0.0], [1], [1000]]))
    lost = sound(ground, far)
    assert (len(lost.true), lost.leaps) == (2, False)  # exp overflows: no height is no point
    assert lost.end == np.inf
    with pytest.raises(SettingsError, match="start of p has no finite loss"):
        sound(ground, DescentPath.of("p", np.array([[2000.0], [1]])))


def test_the_window_holds_all_paths_and_is_no_strip():
    terrain, theta = network((4, 6, 1))
    paths = [walk(name, theta, 20, seed) for seed, name in enumerate("ab")]
    found = landscape(terrain, paths, grid=11)
    for each in found.trails:
        assert np.all((found.a[0] < each.a) & (each.a < found.a[-1]))
        assert np.all((found.b[0] < each.b) & (each.b < found.b[-1]))
    sides = np.ptp(found.a), np.ptp(found.b)
    assert min(sides) >= 0.6 * max(sides) * (1 - 1e-12)
    around = landscape(terrain, plane="random", centre=theta, grid=11)
    assert around.a[-1] == pytest.approx(np.linalg.norm(theta))
    assert around.a[5] == around.b[5] == 0
    assert around.losses[5, 5] == terrain.losses(theta[None])[0]
    assert around.badge.verdict == "not measured"
    assert around.badge.gap is None


def test_everything_of_a_surface_is_plain_data():
    import json

    terrain, theta = network((4, 6, 1))
    found = landscape(terrain, [walk("a", theta, 20, 1)], grid=11)
    assert found.plane.method in ("start-to-end", "through-start", "centred")
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert data["losses"][3][4] == found.losses[3, 4]
    assert data["trails"][0]["misfit"] == found.trails[0].misfit
    assert data["badge"]["sentences"] == found.badge.sentences()
    assert data["scores"][0]["gap"] == found.scores[0].gap
    (path,) = (sound(terrain, walk("a", theta, 20, 1)).path,)
    assert found.badge.movement == movement(found.plane, [path])
    for method in ("start-to-end", "centred"):
        badge = landscape(terrain, [path], plane=method, grid=11).badge
        aimless = random_walks([path], centred=method == "centred")
        assert (badge.random_walk, badge.random_walk_deviation) == aimless
    said = " ".join(found.badge.sentences())
    for word in (
        "at the start",
        "off the plane",
        "random walks",
        "40 of 40 different rows",
        "Slice:",
    ):
        assert word in said


# --- the height -------------------------------------------------------------------------------


def big(n_rows, most, seed=0):
    rng = np.random.default_rng(5)
    Y = (np.arange(n_rows) % 10 == 0).astype(float)[:, None]
    data = Data.of(rng.standard_normal((n_rows, 3)), Y, rng.uniform(0.5, 2, n_rows))
    architecture = Architecture.dense(3, (4,), 1, "tanh")
    objective = Objective.over("sigmoid_cross_entropy", 0.5, data.weights)
    terrain = NetworkTerrain.of(architecture, objective, data, most=most, seed=seed)
    return terrain, initial_theta(architecture, "glorot", rng)


def test_rows_are_chosen_once_and_evenly():
    terrain, theta = big(1000, 100)
    assert terrain.facts.rows == 100 == len(set(terrain.rows.tolist()))
    assert (terrain.facts.of_rows, terrain.facts.seed) == (1000, 0)
    assert terrain.data.Y[terrain.rows].sum() == 10  # each class keeps its share
    other, _ = big(1000, 100, seed=1)
    assert not np.array_equal(other.rows, terrain.rows)
    assert terrain.facts.height == "sigmoid cross entropy with penalty"
    of_numbers = replace(terrain, objective=replace(terrain.objective, loss="squared_error"))
    assert of_numbers.facts.height == "half the squared error with penalty"
    # By hand: the weighted mean over these rows, and the penalty of all.
    W1, b1, W2, b2 = (block.of(theta) for block in terrain.architecture.blocks)
    X, y, w = (
        each[terrain.rows] for each in (terrain.data.X, terrain.data.Y[:, 0], terrain.data.weights)
    )
    z = (W2 @ np.tanh(W1 @ X.T + b1) + b2)[0]
    loss = np.sum(w * (np.logaddexp(0, z) - y * z)) / w.sum()
    loss += terrain.objective.penalty / 2 * (np.sum(W1**2) + np.sum(W2**2))
    assert terrain.losses(theta[None])[0] == pytest.approx(loss, rel=1e-12)
    assert terrain.loss_and_gradient(theta)[0] == pytest.approx(loss, rel=1e-12)
    with pytest.raises(SettingsError, match="over 0 rows"):
        NetworkTerrain.of(terrain.architecture, terrain.objective, terrain.data, np.array([], int))


def test_even_choice_spreads_over_numbers_too():
    Y = np.random.default_rng(0).permutation(1000).astype(float)[:, None]
    kept = np.sort(Y[even_choice(Y, 100, 3), 0])
    assert np.all(np.abs(kept - (10 * np.arange(100) + 5)) <= 1)


def test_heights_of_float32_are_float32_and_slopes_exact():
    terrain, theta = network((4, 6, 1))
    small = Data.of(terrain.data.X.astype(np.float32), terrain.data.Y)
    low = NetworkTerrain.of(terrain.architecture, terrain.objective, small, engine=choose())
    assert low.losses(theta[None])[0] == pytest.approx(terrain.losses(theta[None])[0], rel=1e-5)
    assert low.loss_and_gradient(theta)[1].dtype == np.float64
    assert low.facts.dtype == "float32"


@pytest.mark.parametrize(("n_rows", "dtype"), [(19_999, "float64"), (20_000, "float32")])
def test_the_heights_of_a_descent_in_float32_are_float64_below_20_000_rows(n_rows, dtype):
    X = np.random.default_rng(0).normal(size=(n_rows, 4)).astype(np.float32)
    said, theta = (X[:, 0] > X[:, 1]).astype(float), np.float32([0.3, -0.7, 0.1, 0.9, 0.2])
    member = Member(
        Architecture((4, 1), ("identity",)), theta, Data.of(X, said[:, None]),
        "sigmoid_cross_entropy", 5.0, Settings(parse_optimizer("sgd"), 32, 1),
    )  # fmt: skip
    ground = terrain_of(member)
    assert (ground.facts.dtype, ground.n_rows) == (dtype, 4000)
    *W, b = theta.astype(float)
    z, said = X[ground.rows].astype(float) @ W + b, said[ground.rows]
    height = np.mean(np.logaddexp(0, z) - said * z) + 5.0 / (2 * n_rows) * np.dot(W, W)
    near = 1e-12 if dtype == "float64" else 1e-6
    assert ground.losses(theta[None])[0] == pytest.approx(height, rel=near)


def test_other_paths_on_the_same_ground_are_what_landscape_gives():
    """No loss of the grid is computed again, and all else is measured anew."""
    ground = Counting(Formula(3, lopsided), [])
    ways = np.random.default_rng(0).normal(size=(2, 12, 3)).cumsum(axis=1) / 10
    ways[:, 0] = 0.0
    paths = [DescentPath.of(name, way) for name, way in zip("ab", ways, strict=True)]
    first = landscape(ground, paths[:1], grid=21)
    ground.seen.clear()
    again = on_same_ground(first, ground, paths)
    assert again.losses is first.losses
    assert len(ground.seen) == 2 * 2 * 12  # of the paths, and of their feet on the plane
    window = Window(first.a[0], first.a[-1], first.b[0], first.b[-1])
    fresh = landscape(ground, paths, plane=first.plane, window=window, grid=21)
    assert again.badge == fresh.badge
    assert again.losses.tobytes() == fresh.losses.tobytes()
    for mine, its in zip(again.trails, fresh.trails, strict=True):
        for name in ("a", "b", "true", "drawn", "off_share", "gap"):
            assert getattr(mine, name).tobytes() == getattr(its, name).tobytes(), name
