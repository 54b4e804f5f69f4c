"""Paths as they are recorded, the ribbon along them, and the race, on tables and on hills."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grounds import Formula, network, parabola, walk
from mixed import mixed
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.read import Table, load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError
from thalweg.landscape import race_on_table as race_on_table_of
from thalweg.landscape.ground.curvature import lanczos
from thalweg.landscape.ground.path_ribbon import profile
from thalweg.landscape.ground.surface import Window
from thalweg.landscape.ground.teaching_function import (
    GROUNDS,
    PLAIN,
    RELIEF,
    Bump,
    Hills,
    places,
    roll,
    thalwegs,
)
from thalweg.landscape.numbers_in_words import percent
from thalweg.landscape.plain_data import plain, rounded
from thalweg.landscape.race_on_table import member_of, network_target, race_on_table
from thalweg.landscape.runs.own_batches import batches
from thalweg.landscape.runs.path import MOST_POINTS, DescentPath, Recorder, record, terrain_of
from thalweg.landscape.runs.presets import (
    ARTICLE,
    HILLS,
    HILLS_PLAIN,
    OPTIMIZERS,
    PRESETS,
    SETS,
    USUAL_RATES,
    entries,
)
from thalweg.landscape.runs.race import RacePicture, race, race_on_hills
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.train import train

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

QUICK = RacePicture(grid=11, profiles=(), sharp=False)


def member(steps=60, **changes):
    found, _ = member_of(load_table("wisconsin"), steps=steps, **changes)
    return found


def ruled(rule, **changes):
    found = member(**changes)
    return replace(found, settings=replace(found.settings, optimizer=parse_optimizer(rule)))


# --- paths ------------------------------------------------------------------------------------


def test_a_recorded_path_is_the_descent_itself():
    mine = ruled("sgd:momentum=0.9")
    path = record(mine, "m")
    assert (path.name, path.rule, path.diverged) == ("m", "sgd:momentum=0.9", False)
    np.testing.assert_array_equal(path.thetas[0], mine.theta)
    # Step by step once more, with the engine's own gradient and the rule by hand.
    terrain, theta, velocity = terrain_of(mine), mine.theta.copy(), 0.0
    from thalweg.network.engine import choose
    from thalweg.training.descent_inputs import Course

    course = Course(mine, choose())
    for step in range(1, 16):
        rows = course.order(0).batch(step - 1)
        _, gradient = course.engine.loss_and_gradient(
            mine.architecture, course.objective, theta, mine.data, rows
        )
        velocity = 0.9 * velocity + gradient
        theta = theta - 0.1 * velocity
        np.testing.assert_allclose(path.thetas[list(path.steps).index(step)], theta, rtol=1e-9)
    assert terrain.facts.rows == 463
    assert path.travel >= path.distance > 0
    assert path.as_dict()["steps"] == path.steps[-1] == 60


@pytest.mark.parametrize("steps", [60, 300])
def test_a_run_that_averages_its_weights_ends_at_the_average(steps):
    plain, mine = ruled("sgd", steps=steps), ruled("sgd:average=1", steps=steps)
    without, path = record(plain, most=20), record(mine, most=20)
    assert path.steps.tolist() == without.steps.tolist()
    np.testing.assert_array_equal(path.thetas[:-1], without.thetas[:-1])
    epochs = replace(mine.settings, stop_after=mine.settings.max_epochs)
    found = train(mine.architecture, mine.theta, mine.data, mine.loss, mine.alpha, epochs)
    np.testing.assert_array_equal(path.thetas[-1], found.theta)
    assert not np.array_equal(path.thetas[-1], without.thetas[-1])


def test_a_descent_that_ctrl_c_ends_is_no_path(monkeypatch):
    def interrupted(self, moment):
        if moment.epoch == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Recorder, "epoch_end", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        record(ruled("sgd"), "m")


def test_the_recorder_thins_and_keeps_ends_and_bends():
    mine = ruled("sgd:schedule=step(factor=0.1,every=0.43)", steps=300)
    every = record(mine, most=1000)
    few = record(mine, most=20)
    assert len(every.thetas) == every.steps[-1] + 1 == 301
    assert 10 <= len(few.thetas) <= 22
    assert (few.steps[0], few.steps[-1]) == (0, 300)
    for fallen in (129, 258):  # the points from which the smaller rate was taken
        assert fallen in few.steps
    np.testing.assert_array_equal(few.thetas, every.thetas[few.steps])
    with pytest.raises(SettingsError, match="most=1"):
        Recorder(1)


def test_a_race_with_nothing_said_keeps_every_step():
    paths = race_on_table(load_table("wisconsin"), ARTICLE, QUICK).paths
    assert [each.steps.tolist() for each in paths] == [list(range(406))] * 4
    # And so it is over a table of any size: whole epochs are run.
    for n_rows in range(2, 60_000, 7):
        batch_size, epochs = batches(n_rows, 400, None)
        steps = epochs * -(-n_rows // (batch_size or n_rows))
        assert 400 <= steps < MOST_POINTS


def test_who_leaves_points_out_says_so_and_over_which_the_worst_is():
    mine = ruled("sgd")
    some, every = (race(mine, ("sgd",), QUICK, most=most).surface for most in (20, 100))
    assert every.badge.kept == (61, 61)
    assert not [each for each in every.badge.sentences() if "kept" in each]
    points = len(some.trails[0].steps)
    assert some.badge.kept == (points, 61)
    assert (
        f"Of 61 points of the runs {points} were stored; lowest, worst and median refer to these."
        in some.badge.sentences()
    )
    assert some.as_dict()["trails"][0]["of_points"] == 61


def test_a_large_network_keeps_fewer_points():
    recorder = Recorder(400)
    from thalweg.training.callbacks import moment

    settings = member().settings
    wide = np.zeros(2**20)
    recorder.train_begin(moment(0, 0, wide, None, 0, settings))
    for step in range(1, 60):
        recorder.step_end(moment(1, step, wide, {"rate": 0.1}, 0, settings))
    assert recorder.thetas.nbytes <= 16 * wide.nbytes


def test_a_path_ends_before_what_is_not_finite_and_refuses_what_is_none():
    thetas = np.array([[0.0, 0], [1, 1], [np.nan, 1], [2, 2]])
    path = DescentPath.of("p", thetas)
    assert (len(path.thetas), path.diverged) == (2, True)
    with pytest.raises(SettingsError, match="not finite"):
        DescentPath("p", thetas, np.arange(4))
    with pytest.raises(SettingsError, match=r"shape \(0, 2\) are no path"):
        DescentPath("p", np.empty((0, 2)), np.empty(0, int))
    with pytest.raises(SettingsError, match="3 numbers of steps do not fit 4"):
        DescentPath("p", np.zeros((4, 2)), np.arange(3))


# --- the ribbon -------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["steepest", "random"])
def test_the_centre_of_a_profile_is_the_true_loss(direction):
    terrain, theta = network((4, 8, 1), "tanh")
    path = walk("w", theta, 60, 2, 0.05)
    found = profile(terrain, path, direction=direction, cuts=13, points=9)
    kept = path.thetas[found.steps]
    true = [terrain.loss_and_gradient(each)[0] for each in kept]
    np.testing.assert_allclose(found.losses[4], true, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found.losses[4], found.true)
    assert found.across[4] == 0
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path.thetas, axis=0), axis=1))])
    np.testing.assert_allclose(found.along, way[found.steps], rtol=1e-12)
    assert (found.steps[0], found.steps[-1]) == (0, 59)
    # Evenly along the way, as nearly as its points allow; and the lowest one.
    wanted = np.linspace(0, way[-1], 13)
    even = np.delete(found.along, np.argmin(found.true))
    assert np.max(np.abs(even - wanted)) <= np.max(np.diff(way))


def leaping():
    """A run that leaps to and fro across a trough while it goes along it."""
    ground = parabola(np.diag([1.0, 9.0, 4.0]))
    steps = np.arange(40)
    to_and_fro = np.where(steps % 3 == 1, 0.8, -0.1) * (steps > 0) * (steps < 39)
    points = np.stack([4 - steps / 10, to_and_fro, np.full(40, 0.5)], axis=1)
    return ground, DescentPath.of("leaps", points)


def test_the_ground_between_the_cuts_of_a_profile_is_measured():
    ground, path = leaping()
    found = profile(ground, path, cuts=7, points=5)
    run = found.run
    true = ground.losses(np.asarray(path.thetas))
    np.testing.assert_array_equal(run.steps, path.steps)
    np.testing.assert_allclose(run.true, true)
    way = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path.thetas, axis=0), axis=1))])
    np.testing.assert_allclose(run.along, way)
    # Between two cuts the ground is straight.
    drawn = np.interp(way, found.along, found.true)
    np.testing.assert_allclose(run.gap, np.abs(drawn - true) / true, atol=1e-9)
    assert (run.gap[found.steps] == 0).all()
    worst = int(np.argmax(run.gap))
    assert run.gap[worst] > 0.25
    assert run.misfit == pytest.approx(np.median(run.gap))
    said = " ".join(found.sentences())
    assert "In 3-D the line has the true loss at all of its 40 points. The ground has" in said
    assert f"at its {len(found.steps)} cuts, and is straight between them." in said
    assert f"Between its cuts the ground below the line is off by {percent(run.misfit)}" in said
    assert f"off by {percent(run.gap[worst])}: leaps at step {worst}." in said
    assert f"{percent(np.mean(run.gap > 0.25))} are off by more than 25 %." in said
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))["run"]
    assert (data["worst_step"], data["verdict"]) == (worst, run.verdict)
    assert data["far"] == np.mean(run.gap > 0.25)
    # With a cut at each of its points, nothing is interpolated.
    whole = profile(ground, path, cuts=4000, points=5)
    assert (whole.run.verdict, len(whole.along)) == ("exact", 40)
    assert whole.sentences()[0].endswith("at all of its 40 points, and the ground too.")


def test_a_profile_has_a_cut_at_the_lowest_point_of_its_run():
    ground, path = leaping()
    thetas = np.asarray(path.thetas).copy()
    thetas[32] = [0.01, 0.0, 0.0]
    path = DescentPath.of("leaps", thetas)
    found = profile(ground, path, cuts=5, points=5)
    lowest = int(np.argmin(ground.losses(thetas)))
    assert lowest == 32 == found.steps[np.argmin(found.true)] == found.run.steps[found.run.best]
    assert found.true.min() == found.run.true.min()
    assert len(found.steps) == 6
    assert (found.steps[0], found.steps[-1]) == (0, 39)


def test_no_point_of_the_run_is_above_the_cap_of_its_profile():
    ground, path = leaping()
    thetas = np.asarray(path.thetas).copy()
    thetas[1] = [0.0, 3.0, 0.0]
    found = profile(ground, DescentPath.of("leaps", thetas), cuts=3, points=5, width=0.1)
    assert 1 not in found.steps
    assert found.cap == found.run.true[1] > 1.5 * found.true[0]


def test_across_runs_where_the_ground_bends_most_at_right_angles_to_the_way():
    # A trough along the first axis: across it bends by 9, along by 1, elsewhere by 4.
    ground = parabola(np.diag([1.0, 9.0, 4.0]))
    path = DescentPath.of("p", [0, 0, 2] + np.linspace(4, 0, 20)[:, None] * np.eye(3)[0])
    found = profile(ground, path, cuts=5, points=5)
    np.testing.assert_allclose(found.bend, 9, rtol=1e-6)
    np.testing.assert_allclose(found.overlap, 1, atol=1e-6)
    assert found.turned == 0
    # 9 + ½ (x² + 9 b²), x being what is left of the way: rows along b, columns along the way.
    b, x = np.meshgrid(found.across, 4 - found.along, indexing="ij")
    np.testing.assert_allclose(found.losses, 9 + 0.5 * (x**2 + 9 * b**2), rtol=1e-5)
    # As wide as the start's height, 9 b² = 16 - x², is reached at the first cut that is deep.
    x = 4 - found.along
    first = np.max(x[x**2 < 8])
    assert found.across[-1] == pytest.approx(np.sqrt((16 - first**2) / 9), rel=1e-3)
    assert profile(ground, path, cuts=5, points=5, width=0.5).across[-1] == 0.5


def test_neighbouring_cuts_run_the_same_way(monkeypatch):
    # An eigenvector has no sign of its own: here it comes the other way round every second time.
    from thalweg.landscape.ground import path_ribbon as module

    signs = iter([1, -1] * 9)

    def turned(*args, **settings):
        found = lanczos(*args, **settings)
        return replace(found, vectors=next(signs) * np.abs(found.vectors))

    monkeypatch.setattr(module, "lanczos", turned)
    ground = Formula(
        2,
        lambda t: 9 + t[0] ** 2 + 4 * t[1] ** 2 + t[1],
        lambda t: np.array([2 * t[0], 8 * t[1] + 1]),
    )
    path = DescentPath.of("p", np.linspace(2, 0, 9)[:, None] * np.eye(2)[0])
    found = profile(ground, path, cuts=6, points=5, width=0.5)
    # f at +½ is 1 above f at -½ on every cut, or 1 below on every cut.
    assert len(set(np.round(found.losses[-1] - found.losses[0], 9))) == 1


def test_holes_of_a_profile_are_counted_and_it_can_be_ended():
    ground = Formula(2, lambda t: np.inf if t[1] > 0.3 else 1 + t @ t, lambda t: 2 * t)
    path = DescentPath.of("p", np.linspace(2, 0, 9)[:, None] * np.array([1.0, 0]))
    found = profile(ground, path, cuts=5, points=5, width=0.5)
    assert found.masked == 5 == np.isnan(found.losses).sum()
    assert "5 of 25 points have no finite loss" in " ".join(found.sentences())
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["masked"] == 5
    told = []
    profile(ground, path, cuts=5, points=5, width=0.5, watch=lambda *at: told.append(at))
    assert told[-1] == (30, 30)
    for after in (1, 3, 6):
        assert (
            profile(
                ground, path, cuts=5, points=5, width=0.5,
                watch=lambda done, _, after=after: done >= after and done < 30,
            ) is None
        ) == (after < 6)  # fmt: skip


def test_profiles_without_meaning_are_refused():
    ground, path = parabola(np.eye(2)), DescentPath.of("p", np.array([[1.0, 0], [0, 0]]))
    for wrong, message in (
        ({"points": 4}, "make no profile"),
        ({"cuts": 1}, "make no profile"),
        ({"direction": "up"}, "no direction 'up'"),
        ({"width": 0.0}, "cannot be 0.0 wide"),
    ):
        with pytest.raises(SettingsError, match=message):
            profile(ground, path, **wrong)
    with pytest.raises(SettingsError, match="does not move"):
        profile(ground, DescentPath.of("still", np.zeros((3, 2))))


# --- the hills --------------------------------------------------------------------------------


def test_slopes_of_the_hills_against_differences():
    rng = np.random.default_rng(0)
    ground = Hills(1.0, 0.3, (Bump(-0.8, 0.4, -0.2, 1.1, 0.3, 35.0), *PLAIN.hills.bumps))
    h = 1e-5
    for point in rng.uniform(-2, 2, (20, 2)):
        value, slope = ground.loss_and_gradient(point)
        assert value == ground.losses(point[None])[0]
        sides = [ground.losses(point + s * h * np.eye(2)) for s in (1, -1)]
        np.testing.assert_allclose(slope, (sides[0] - sides[1]) / (2 * h), atol=1e-9)
        bends = [ground.loss_and_gradient(point + s * h * e)[1] for e in np.eye(2) for s in (1, -1)]
        H = np.array([(bends[0] - bends[1]), (bends[2] - bends[3])]) / (2 * h)
        np.testing.assert_allclose(ground.hessian(point), H, atol=1e-8)
    # Turned by 35 degrees: the hollow is longest along that direction.
    bump = Bump(1.0, 0, 0, 2.0, 0.5, 35.0)
    along = np.array([np.cos(np.radians(35)), np.sin(np.radians(35))])
    assert along @ bump.shape @ along == pytest.approx(1 / 4)


def of_grid(ground, n=701):
    """Places and losses of a fine grid, and whether each inner point is below or above all eight
    neighbours."""
    x = np.linspace(*ground.seen[:2], n)
    a, b = np.meshgrid(x, x)
    f = ground.hills.losses(np.column_stack([a.ravel(), b.ravel()])).reshape(n, n)
    shifts = [f[1 + i : n - 1 + i, 1 + j : n - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    middle, around = shifts.pop(4), np.stack(shifts)
    return f, np.all(middle < around, axis=0).sum(), np.all(middle > around, axis=0).sum()


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_places_are_all_that_a_fine_grid_shows(ground):
    found = places(ground.hills, ground.seen)
    f, low, high = of_grid(ground)
    kinds = [place.kind for place in found]
    assert kinds.count("global minimum") + kinds.count("local minimum") == low == 2
    assert kinds.count("hill") == high == (2 if ground is PLAIN else 3)
    assert found[0].kind == "global minimum"
    assert found[0].loss == pytest.approx(f.min(), abs=1e-4)
    for place in found:
        assert np.linalg.norm(ground.hills.loss_and_gradient((place.a, place.b))[1]) < 1e-10
        assert place.as_dict()["bends"] == list(place.bends)


def test_on_ground_that_rises_to_all_sides_minima_and_hills_are_one_more_than_passes():
    # Euler. The window of "hills" ends in the middle of a slope that falls outwards in places.
    kinds = [place.kind for place in places(PLAIN.hills, PLAIN.seen)]
    assert len(kinds) - 2 * kinds.count("pass") == 1
    kinds = [place.kind for place in places(RELIEF.hills, Window(-8, 8, -8, 8))]
    assert len(kinds) - 2 * kinds.count("pass") == 1


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_places_and_their_kinds_with_30_digits(ground):
    # The formula once more, in mpmath: its roots of the gradient, and the signs of its Hessian.
    mpmath = pytest.importorskip("mpmath")
    hills = ground.hills
    with mpmath.workdps(30):

        def f(x, y):
            total = hills.floor + mpmath.mpf(hills.bowl) / 2 * (x**2 + y**2)
            for bump in hills.bumps:
                turn = mpmath.radians(bump.turn)
                dx, dy = x - bump.x, y - bump.y
                u = mpmath.cos(turn) * dx + mpmath.sin(turn) * dy
                v = mpmath.cos(turn) * dy - mpmath.sin(turn) * dx
                total += bump.height * mpmath.exp(
                    -((u / bump.length) ** 2 + (v / bump.width) ** 2) / 2
                )
            return total

        def slope(x, y):
            return [mpmath.diff(f, (x, y), n) for n in ((1, 0), (0, 1))]

        for place in places(hills, ground.seen):
            x, y = mpmath.findroot(slope, (place.a, place.b), tol=1e-22)
            assert abs(x - place.a) < 1e-10
            assert abs(y - place.b) < 1e-10
            assert float(f(x, y)) == pytest.approx(place.loss, abs=1e-12)
            xx, xy, yy = (mpmath.diff(f, (x, y), n) for n in ((2, 0), (1, 1), (0, 2)))
            middle, apart = (xx + yy) / 2, mpmath.sqrt(((xx - yy) / 2) ** 2 + xy**2)
            assert [float(middle - apart), float(middle + apart)] == pytest.approx(place.bends)
            kind = "pass" if middle - apart < 0 < middle + apart else "hill"
            assert place.kind.endswith("minimum" if middle - apart > 0 else kind)


def test_the_places_of_the_hills_are_high_above_each_other():
    # Hills that rise by a few per cent of the range above the passes are not seen as hills.
    found = places(RELIEF.hills, RELIEF.seen)
    lows = [place.loss for place in found if "minimum" in place.kind]
    between = min(place.loss for place in found if place.kind == "pass")
    hills = [place.loss for place in found if place.kind == "hill"]
    height = max(hills) - min(lows)
    assert lows == pytest.approx([0.171, 0.899], abs=1e-3)
    assert between == pytest.approx(1.068, abs=1e-3)
    assert min(hills) - between > 0.4 * height
    assert between - max(lows) > 0.07 * height


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("seed", [*range(6), 18, 45])
def test_no_place_is_missed_on_other_hills(seed):
    rng = np.random.default_rng([9, seed])
    bumps = [
        Bump(
            rng.uniform(-1, 1), *rng.uniform(-2, 2, 2), *rng.uniform(0.4, 1, 2), 180 * rng.random()
        )
        for _ in range(5)
    ]
    found = places(Hills(1.0, 0.3, tuple(bumps)), Window(-4, 4, -4, 4))
    signs = [1 - 2 * (place.kind == "pass") for place in found]
    assert sum(signs) == 1  # Euler, as above
    assert [place.kind == "global minimum" for place in found].index(True) == 0


def test_what_is_said_of_passes_is_true_of_each():
    passes = {
        name: [place for place in places(ground.hills, ground.seen) if place.kind == "pass"]
        for name, ground in GROUNDS.items()
    }
    assert {name: len(each) for name, each in passes.items()} == {"hills": 2, "hills-plain": 3}
    for name, place in [(name, place) for name, each in passes.items() for place in each]:
        hills = GROUNDS[name].hills
        assert "the lowest way" not in place.words  # from one hollow to the next it is one of them
        at = np.array([place.a, place.b])
        bends, ways = np.linalg.eigh(hills.hessian(at))
        assert bends[0] < 0 < bends[1]
        for sign in (-0.05, 0.05):
            downhill, ridge = hills.losses(at + sign * ways.T)
            assert downhill < place.loss < ridge


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_a_thalweg_runs_downhill_from_its_pass_to_two_level_places(ground):
    found = places(ground.hills, ground.seen)
    lows = np.array([(each.a, each.b) for each in found if "minimum" in each.kind])
    lines = thalwegs(ground.hills, found)
    assert len(lines) == (3 if ground is PLAIN else 2)
    for line in lines:
        top = int(np.argmax(line.losses))
        assert np.all(np.diff(line.losses[top:]) < 0)
        assert np.all(np.diff(line.losses[: top + 1]) > 0)
        for end in (0, -1):
            away = np.linalg.norm(lows - (line.a[end], line.b[end]), axis=1)
            assert away.min() < 2e-3


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_the_story_that_the_hills_tell(ground):
    picture = RacePicture(grid=41, profiles=("sgd",))
    found = race_on_hills(picture=picture, ground=ground)
    assert (found.name, found.rates) == (ground.name, None)
    low, shallow = (each.loss for each in found.places[:2])
    runs = {runner.name: runner for runner in found.runners}
    ends = {name: runner.end_loss for name, runner in runs.items()}
    # Straight down into the hollow that comes first, and there it stays.
    assert ends["sgd"] == pytest.approx(shallow, abs=1e-6)
    # The heavy ball rolls through, over the pass; large leaps get over too.
    assert ends["momentum"] == pytest.approx(low, abs=1e-4)
    assert ends["anneal"] == pytest.approx(low, abs=1e-6)
    # The end of the large leaps hangs on the last bits of exp: it is not quoted, here neither.
    large = runs["large"].behaviour
    assert large.wanders
    assert large.late_high - large.late_low > 0.5
    assert [name for name, each in runs.items() if each.behaviour.wanders] == ["large"]
    assert all(each.holds for each in found.story)
    assert [each.run for each in found.story] == ["sgd", "anneal", "large", "momentum"]
    badge = found.surface.badge
    assert (badge.verdict, badge.gap, badge.masked) == ("exact", 0.0, 0)
    first, of_grid = badge.sentences()[:2]
    assert first.endswith("the plane holds both: the runs are drawn exactly.")
    # What is off is not called exact.
    assert of_grid.startswith("The ground is exact at its points alone: the surface that the grid")
    for each in found.surface.trails:
        np.testing.assert_array_equal(each.drawn, each.true)
        np.testing.assert_allclose(each.off, 0, atol=1e-15)
    assert (found.surface.a[0], found.surface.b[-1]) == (ground.seen.a_low, ground.seen.b_high)
    np.testing.assert_array_equal(
        [each.start for each in found.paths], np.tile(ground.start, (len(OPTIMIZERS), 1))
    )
    assert runs["large"].sharpness.jiggle is None
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_story_of_the_hills_does_not_hang_on_the_last_digits_of_the_start():
    (low, shallow), hills = (
        [each.loss for each in places(RELIEF.hills, RELIEF.seen)[:2]], RELIEF.hills
    )  # fmt: skip
    starts = np.array(RELIEF.start) + np.random.default_rng(0).normal(0, 0.01, (10, 2))
    for name, end in (("sgd", shallow), ("anneal", low), ("momentum", low)):
        optimizer = parse_optimizer(entries([name], HILLS)[0].rule)
        for start in starts:
            path = roll(hills, start, optimizer, RELIEF.steps)
            assert hills.losses(path.thetas[-1:])[0] == pytest.approx(end, abs=1e-3)


def test_rolling_is_the_rule_and_its_schedule():
    ground = parabola(np.diag([2.0, 0.5]))
    path = roll(ground, (1.0, -1.0), parse_optimizer("sgd:lr=0.3,schedule=cosine"), 10)
    theta = np.array([1.0, -1.0])
    for step, point in enumerate(path.thetas[1:]):
        theta = theta - 0.3 * (1 + np.cos(np.pi * step / 10)) / 2 * np.array([2, 0.5]) * theta
        np.testing.assert_allclose(point, theta, rtol=1e-12)
    # Adam counts its steps: m̂ = m / (1 - β₁ᵗ) and so on, by hand.
    path = roll(ground, (1.0, -1.0), parse_optimizer("adam:lr=0.1"), 6)
    theta, m, v = np.array([1.0, -1.0]), 0.0, 0.0
    for step, point in enumerate(path.thetas[1:], 1):
        slope = np.array([2, 0.5]) * theta
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
        theta = theta - 0.1 * m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        np.testing.assert_allclose(point, theta, rtol=1e-9)
    clipped = roll(ground, (30.0, 0.0), parse_optimizer("sgd:lr=0.5,clip=1"), 4)
    np.testing.assert_allclose(np.diff(clipped.thetas[:, 0]), -0.5)
    wild = roll(ground, (1.0, 1.0), parse_optimizer("sgd:lr=1e200"), 9)
    assert wild.diverged
    assert wild.ending == "the loss became NaN or infinite"
    for rule in ("adamw", "sgd:biases=2"):
        with pytest.raises(SettingsError, match="no layers"):
            roll(ground, (1.0, 1.0), parse_optimizer(rule), 3)
    with pytest.raises(SettingsError, match="0 steps"):
        roll(ground, (1.0, 1.0), parse_optimizer("sgd"), 0)
    with pytest.raises(SettingsError, match="does not run on the hills"):
        race_on_hills(["lbfgs"])


# --- the race ---------------------------------------------------------------------------------


def test_a_race_on_wisconsin_in_all_its_parts():
    told = []
    found = race_on_table(
        load_table("wisconsin"), steps=100, picture=RacePicture(grid=21, cuts=9),
        watch=lambda *at: told.append(at),
    )  # fmt: skip
    names = list(OPTIMIZERS)
    assert [each.name for each in found.runners] == names
    assert [each.name for each in found.surface.trails] == names
    assert [each.name for each in found.profiles] == names
    assert found.complete
    assert {stage for stage, _, _ in told} == {
        "runs",
        "planes",
        "surface",
        "profiles",
        "sharpness",
    }
    for stage in ("runs", "planes", "surface", "profiles", "sharpness"):
        counts = [(done, total) for at, done, total in told if at == stage]
        assert counts == sorted(counts)
        assert counts[-1][0] == counts[-1][1]
    assert "699 rows, 463 of them different; malignant or not" in found.about[0]
    assert "Network 10-15-1 (relu), 181 weights" in found.about[1]
    starts = {each.start_loss for each in found.runners}
    assert len(starts) == 1
    for runner, trail, path in zip(found.runners, found.surface.trails, found.paths, strict=True):
        assert runner.end_loss == found.terrain.losses(path.thetas[-1:])[0] == trail.true[-1]
        assert runner.best_loss == trail.true.min()
        assert runner.end_loss < runner.start_loss / 2
        assert found.profile(runner.name).true[0] == runner.start_loss
        assert runner.sharpness.largest > 0
        assert "Jiggle every weight by 5 %" in " ".join(runner.sharpness.sentences())
    small, large = found.rates.rates.small, found.rates.rates.large
    assert found.runners[0].sharpness.stable == pytest.approx(2 / small)
    last = parse_optimizer(found.runners[1].rule).rates(104, 1, 105)[0]
    assert found.runners[1].sharpness.stable == pytest.approx(2 / last)
    assert last == pytest.approx(large / 10, rel=0.01)
    assert found.runners[4].sharpness.stable == pytest.approx(2 * 1.9 / small / 2.8)
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert len(text) < 200_000
    assert "theta" not in text
    full = found.as_dict(digits=None)
    assert full["surface"]["losses"][2][3] == found.surface.losses[2, 3]
    with pytest.raises(SettingsError, match="no profile 'x'"):
        found.profile("x")


def test_a_race_is_the_same_for_any_number_of_threads():
    one, two = (
        race(member(), ARTICLE, replace(QUICK, threads=threads)).as_dict(None) for threads in (1, 2)
    )
    assert one == two


def test_a_race_can_be_ended_at_every_stage():
    for stage in ("runs", "planes", "surface", "profiles"):
        asked = []

        def watch(at, done, total, stage=stage, asked=asked):
            asked.append(at)
            return at == stage and (stage != "profiles" or done >= total / 2)

        found = race(member(), ("sgd", "adam"), RacePicture(grid=21, cuts=5), watch=watch)
        assert not found.complete
        assert len(found.profiles) == (stage == "profiles"), stage
        assert all(each.sharpness is None for each in found.runners)
        assert np.isfinite(found.surface.losses).all()
        assert len(found.surface.a) == (21 if stage == "profiles" else 11)
        assert found.as_dict()["complete"] is False


def test_a_runner_that_diverges_is_drawn_up_to_there_and_said():
    found = race(member(), ["sgd", "sgd:lr=1e6"], replace(QUICK, profiles=None, sharp=True))
    wild = found.runners[1]
    assert wild.diverged
    assert (wild.name, wild.rule) == ("sgd:lr=1e6", "sgd:lr=1000000")
    assert any("and is drawn " in note for note in found.surface.badge.notes)
    assert np.isfinite(found.surface.trails[1].true).all()
    json.dumps(found.as_dict(), allow_nan=False)


def test_who_runs():
    assert [each.name for each in entries(ARTICLE)] == list(ARTICLE)
    assert entries(["large"])[0].rule == "sgd:lr={large}"
    assert entries(["large"])[0].at(USUAL_RATES).rule == "sgd:lr=5"
    assert entries(["anneal"], HILLS)[0].rule == "sgd:lr=2,schedule=cosine"
    assert entries(["sgd"], HILLS_PLAIN)[0].rule == "sgd:lr=0.1"
    assert [each.name for each in entries(["article", "adam"])] == [*SETS["article"], "adam"]
    assert SETS["article"][:4] == ARTICLE
    assert [each.name for each in entries(["article"], HILLS)] == list(ARTICLE)
    assert entries(["adam:lr=0.5"])[0].name == "adam:lr=0.5"
    for preset in PRESETS.values():
        for rule in (preset.at(USUAL_RATES).rule, *preset.elsewhere.values()):
            parse_optimizer(rule)
        assert preset.on_rows or {*preset.elsewhere} == {HILLS, HILLS_PLAIN}
    for wrong, message in (
        ([], "needs optimizers"),
        (["sgd", "sgd"], "given twice"),
        (["fast"], "no optimizer 'fast'"),
        (["adam:speed=1"], "speed"),
        (["article", "large"], "large is given twice"),
    ):
        with pytest.raises(SettingsError, match=message):
            entries(wrong)
    with pytest.raises(SettingsError, match="no run 'adam' to make a profile of"):
        race(member(), ["sgd"], RacePicture(profiles=("adam",)))
    with pytest.raises(SettingsError, match="one-row cannot run on hills"):
        race_on_hills(["sgd", "one-row"])


# --- tables -----------------------------------------------------------------------------------


def table(target, positive=None, n=60):
    frame = pd.DataFrame({"x": np.arange(n) % 7, "z": np.arange(n) ** 2 % 11})
    return Table("t", frame, None if target is None else pd.Series(target), "y", positive, ())


def test_targets_of_every_kind():
    two = network_target(table(["a", "b"] * 30))
    assert (two.loss, two.words) == ("sigmoid_cross_entropy", "b or not")
    np.testing.assert_array_equal(two.Y[:3, 0], [0, 1, 0])
    np.testing.assert_array_equal(network_target(table(["a", "b"] * 30, "a")).Y[:3, 0], [1, 0, 1])
    yes = network_target(table(["ja", "nein"] * 30))  # as fit and trace decide, not by the sorting
    assert yes.words == "ja or not"
    np.testing.assert_array_equal(yes.Y[:3, 0], [1, 0, 1])
    many = network_target(table(["c", "a", "b"] * 20))
    assert many.loss == "softmax_cross_entropy"
    np.testing.assert_array_equal(many.Y[:3], [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    numbers = network_target(table([str(k / 2) for k in range(60)]))
    assert numbers.loss == "squared_error"
    assert numbers.Y.mean() == pytest.approx(0)
    assert numbers.Y.std() == pytest.approx(1)
    with pytest.raises(DataError, match="no target"):
        network_target(table(None))
    with pytest.raises(DataError, match="Every row of the target is a"):
        network_target(table(["a"] * 60))


@pytest.mark.parametrize("labels", [["c", "a", "b"] * 20, [str(k / 2) for k in range(60)]])
def test_a_race_over_more_classes_and_over_numbers(labels):
    found = race_on_table(table(labels), ["sgd", "large"], QUICK, hidden=(5, 4), steps=40)
    assert found.name == "t"
    assert found.runners[0].end_loss < found.runners[0].start_loss


def test_classes_that_would_take_the_memory_are_refused(monkeypatch):
    many, numbers = table(["c", "a", "b"] * 20), table([str(k / 2) for k in range(60)])
    most = 8 * 8 * race_on_table_of.COPIES * 60 * 3
    monkeypatch.setattr(race_on_table_of, "usable_memory", lambda: (most, "here"))
    assert network_target(many).Y.shape == (60, 3)
    monkeypatch.setattr(race_on_table_of, "usable_memory", lambda: (most - 1, "here"))
    with pytest.raises(DataError, match="3 classes of 60 rows would take"):
        network_target(many)
    assert network_target(numbers).Y.shape == (60, 1)


def test_the_steps_of_large_tables_come_through_all_rows():
    n = 2500
    frame = pd.DataFrame({"x": np.arange(n)})
    big = Table("big", frame, pd.Series(np.where(np.arange(n) % 3 == 0, "a", "b")), "y", None, ())
    found, about = member_of(big, steps=50)
    assert (found.settings.batch_size, found.settings.max_epochs) == (50, 1)
    assert "1 epoch in batches of 50 rows" in about[1]
    assert "2,500 rows, 2,500 of them different" in about[0]
    few, _ = member_of(big, steps=50, batch_size=500)
    assert few.settings.max_epochs == 10


def test_plain_data():
    assert plain({"a": np.array([1.5, np.nan]), "b": (np.int64(3), np.inf), 4: None}) == {
        "a": [1.5, None], "b": [3, None], "4": None
    }  # fmt: skip
    assert rounded({"a": [1 / 3, 12345678.9], "b": "c", "d": True, "e": 12345678}, 3) == {
        "a": [0.333, 12300000.0], "b": "c", "d": True, "e": 12345678
    }  # fmt: skip


def test_a_race_over_a_mixed_table():
    frame, y = mixed()
    whole = Table("m", frame, pd.Series(y), "state", "ill", ())
    member_, about = member_of(whole, steps=20)
    schema = infer_schema(frame)
    names = fit_encoder(schema.matrix(frame), np.ones(len(y)), schema.n_levels).output_names(
        schema.names, schema.levels
    )
    assert {"town=Rome", "sex=m", "ward common", "town missing"} < {*names}
    assert member_.architecture.sizes == (len(names), 15, 1)
    X = member_.data.X
    assert np.isfinite(X).all()  # no hole is left
    for name, there in (
        ("sex=m", frame["sex"] == "m"),
        ("town=Rome", frame["town"] == "Rome"),
        ("ward=W01", frame["ward"] == "W01"),
        ("town missing", frame["town"].isna()),
    ):
        output = X[:, names.index(name)]
        assert len(np.unique(output)) == 2
        # Of equal rows there is one, of their weight together.
        assert member_.data.weights[output == output.max()].sum() == there.sum(), name
    assert f"240 rows, {len(X)} of them different; ill or not" in about[0]
    found = race_on_table(whole, ["sgd"], QUICK, steps=60)
    assert found.runners[0].end_loss < found.runners[0].start_loss
