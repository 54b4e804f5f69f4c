"""The ground under runs: its numbers are the bits of the library, it is cancelled, and bounded."""

import re
from collections import OrderedDict
from dataclasses import replace
from io import BytesIO
from itertools import count
from typing import ClassVar

import numpy as np
import pytest

import thalweg
from studio.runs.test_live_runs import SOME, opened
from thalweg.errors import DataError, SettingsError
from thalweg.interrupts import Cancellation, Cancelled
from thalweg.landscape.ground.path_ribbon import profile
from thalweg.landscape.ground.surface import Window, landscape
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import held_out_terrain, record, terrain_of
from thalweg.landscape.runs.presets import Preset
from thalweg.network.engine import choose
from thalweg.network.formulas.losses import loss
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_page import sheet_data
from thalweg.reporting.landscape.landscape_sheet import profile_sheet, surface_sheet
from thalweg.reporting.stage.sheet_ground import best_azimuth
from thalweg.studio.ground import held_grounds
from thalweg.studio.ground.ground_tasks import GroundTasks
from thalweg.studio.ground.point_on_ground import judged
from thalweg.studio.runs.run_recipe import ReadTable, run_in_python
from thalweg.studio.tasks.run_tasks import RunTasks
from thalweg.studio.wire.ground_requests import PLANES
from thalweg.studio.wire.packets import Packet

RULES = ("sgd:lr=0.5", "sgd:lr=0.1,momentum=0.9", "adam:lr=0.02")
SMALL = {"steps": 40, "hidden": [4]}


class Asked:
    """A question without a pipe; ``until`` cancels it once so many packets were told."""

    def __init__(self, head, arrays=None, until=None):
        self.asked, self.told = Packet(head, arrays or {}), []
        self.cancellation, self._until = Cancellation(), until

    def tell(self, packet):
        self.told.append(packet)
        if len(self.told) == self._until:
            self.cancellation.ask()


class Studio:
    """The tasks of runs and of grounds, with runs of their own."""

    titles: ClassVar[dict[str, str]] = {}  # in place of those that runs have

    def __init__(self, table="some", rules=RULES, **more):
        self.runs = opened()
        self.of_runs = RunTasks(self.runs, lambda table, choices: []).by_name
        self.ground_tasks = GroundTasks(self.runs, **more)
        self.table = table
        self.ids = self.start(rules)

    def start(self, rules, **settings):
        found = self.of_runs["start-runs"](
            Asked(
                {"table": f"sample:{self.table}", "choices": {}, "settings": SMALL | settings,
                 "rules": rules}
            )
        )  # fmt: skip
        ids = [each["id"] for each in found.head["runs"]]
        self.play(ids)
        return ids

    def play(self, ids, steps=1000):
        for run in ids:
            self.of_runs["advance"](
                Asked({"run": run, "steps": steps, "seconds": 1e9, "after": -1})
            )

    def ask(self, task, ids=None, until=None, **head):
        told, arrays = [], {}
        for i, run in enumerate(self.ids if ids is None else ids):
            path = self.of_runs["path"](Asked({"run": run, "whole": True, "bytes": 1 << 24}))
            rule = self.runs.run(run).definition.last_rule
            title = self.titles.get(run, path.head["title"])
            told.append({"run": run, "rule": rule, **path.head, "title": title})
            arrays |= {f"{name} {i}": each for name, each in path.arrays.items()}
        asked = Asked({"runs": told, **head}, arrays, until)
        self.last = asked
        return self.ground_tasks.by_name[task](asked)

    def held(self, packet):
        return self.ground_tasks._held.ground(packet.head["ground"])


@pytest.fixture(scope="module")
def studio():
    return Studio()


@pytest.fixture(scope="module")
def ground(studio):
    found = studio.ask("ground")
    return found, [*studio.last.told]


def members(rules=RULES):
    """The runs of the library."""
    found, _ = member_of(SOME, hidden=(4,), steps=40, held_out=0.2)
    return [with_own_batches(found, Preset(rule, rule, "")) for rule in rules]


def by_library(ids, **more):
    runs = members()
    paths = [record(run, name, last_step=last) for name, (run, last) in zip(ids, runs, strict=True)]
    return terrain_of(runs[0][0]), paths, landscape(terrain_of(runs[0][0]), paths, **more)


def same(one, other):
    """Two surfaces, to the last bit."""
    for name in ("a", "b", "losses"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert one.plane.basis.tobytes() == other.plane.basis.tobytes()
    for mine, its in zip(one.trails, other.trails, strict=True):
        for name in ("a", "b", "true", "drawn", "off", "off_share", "gap"):
            assert getattr(mine, name).tobytes() == getattr(its, name).tobytes(), name
    assert one.badge == other.badge
    assert one.scores == other.scores


def test_grid_paths_and_honesty_are_those_of_the_library(studio, ground):
    found, told = ground
    _, _, surface = by_library(studio.ids, grid=81)
    held = studio.held(found)
    same(held.surface, surface)
    titles = {each["run"]: each["words"] for each in found.head["runs"]}
    sheet = surface_sheet(surface, titles)
    assert found.head["sheet"] == sheet_data(sheet, held.azimuth)
    assert found.head["sentences"] == list(sheet.sentences)
    assert any("random walks" in each for each in found.head["sentences"])
    assert (found.head["verdict"], found.head["refused"]) == (sheet.verdict, None)
    # Coarse grids came before, with every point that the finest one has there.
    levels = [each for each in told if "points" in each.head]
    assert [each.head["points"] for each in levels] == [11, 21, 41]
    assert not any(each.head["complete"] for each in levels)
    assert found.head["complete"]
    coarse = landscape(terrain_of(members()[0][0]), by_library(studio.ids)[1], grid=11)
    assert coarse.losses.tobytes() == surface.losses[::8, ::8].tobytes()
    assert held.azimuth == best_azimuth(surface_sheet(coarse, titles))


def test_readers_see_no_id(studio, ground):
    told = str({key: each for key, each in ground[0].head.items() if key not in ("ground", "runs")})
    assert not any(f"of {run}" in told or f"for {run}" in told for run in studio.ids)
    assert [each["words"] for each in ground[0].head["runs"]] == [
        "plain descent at rate 0.5", "momentum 0.9 at rate 0.1", "Adam at rate 0.02",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("method", [each for each in PLANES if each not in ("start-to-end",)])
def test_every_plane_can_be_asked_for(studio, method):
    found = studio.ask("ground", plane=method)
    same(studio.held(found).surface, by_library(studio.ids, grid=81, plane=method)[2])


def test_planes_are_those_of_the_library():
    from thalweg.landscape.planes.planes_through_runs import CANDIDATES

    assert ("auto", *CANDIDATES, "random") == PLANES


def test_runs_grow_on_the_same_ground():
    studio = Studio(finest=21)
    found = studio.ask("ground")
    before = studio.held(found).surface
    [more] = studio.start(["sgd:lr=0.05"])
    ids = [*studio.ids, more]
    grown = studio.ask("ground-runs", ids, ground=found.head["ground"])
    assert grown.head["ground"] == found.head["ground"]
    now = studio.held(grown).surface
    assert now.losses is before.losses
    window = Window(before.a[0], before.a[-1], before.b[0], before.b[-1])
    runs = members((*RULES, "sgd:lr=0.05"))
    paths = [record(run, name, last_step=last) for name, (run, last) in zip(ids, runs, strict=True)]
    fresh = landscape(terrain_of(runs[0][0]), paths, plane=before.plane, window=window, grid=21)
    same(replace(now, scores=()), fresh)


def test_who_has_left_the_ground_is_said(studio):
    fast = Studio(rules=["sgd:lr=0.01"], finest=11)
    found = fast.ask("ground", plane="start-to-end")
    assert found.head["left"] == ""
    far = fast.start(["adam:lr=0.2"])
    grown = fast.ask("ground-runs", [*fast.ids, *far], ground=found.head["ground"])
    assert grown.head["left"].startswith("Adam at rate 0.2 has left this ground.")


def test_a_point_is_what_the_library_says_of_its_weights(studio, ground):
    held = studio.held(ground[0])
    a, b = float(held.surface.a[30]), float(held.surface.b[50])
    found = studio.ask("here", [], ground=held.id, a=a, b=b)
    assert not found.arrays  # a page needs no weights
    theta = studio.ask("point", [], ground=held.id, a=a, b=b).arrays["theta"]
    assert np.array_equal(theta, held.surface.plane.at(np.array([a]), np.array([b]))[0])
    member, _ = members()[0]
    sides = [terrain_of(member), held_out_terrain(member)]
    assert [each["name"] for each in found.head["sides"]] == ["training rows", "held-out rows"]
    for told, terrain in zip(found.head["sides"], sides, strict=True):
        assert told["loss"] == terrain.losses(theta[None])[0]
        rows, data = terrain.rows, terrain.data
        out = choose().predict(member.architecture, theta, data, rows)
        called = loss(member.loss).predict(out.T)[0] >= 0.5
        for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
            both = (data.Y[rows, 0] == i) & (called == j)
            assert told["calls"][i][j] == data.weights[rows][both].sum()
        right = told["calls"][0][0] + told["calls"][1][1]
        assert told["accuracy"] == right / told["counted"]
    assert sum(each["counted"] for each in found.head["sides"]) == 150
    assert found.head["sides"][0]["loss"] == held.surface.losses[50, 30]


def test_a_run_from_a_point_is_that_of_the_library(studio, ground, monkeypatch):
    held = studio.held(ground[0])
    theta = studio.ask("point", [], ground=held.id, a=0.1, b=0.1).arrays["theta"]
    made = studio.of_runs["fork"](
        Asked({"run": studio.ids[0], "rule": "sgd:lr=0.5"}, {"theta": theta})
    ).head["runs"][0]
    studio.play([made["id"]])
    member, last = members()[0]
    path = record(replace(member, theta=theta), last_step=last)
    thetas, _ = studio.runs.run(made["id"]).points()
    assert thetas.tobytes() == path.thetas.tobytes()
    # It begins elsewhere, and is drawn on the plane of the others.
    monkeypatch.setattr(studio.ground_tasks, "_grids", [11])
    both = studio.ask("ground", [*studio.ids, made["id"]])
    assert studio.held(both).surface.plane.basis.tobytes() == held.surface.plane.basis.tobytes()
    trail = studio.held(both).surface.trails[-1]
    assert (trail.a[0], trail.b[0]) == pytest.approx((0.1, 0.1))
    assert trail.off[0] < 1e-12
    assert "from a point" in both.head["runs"][-1]["words"]


def test_a_run_begins_at_a_point_of_a_large_network_with_the_bits_of_the_library():
    """More weights than a page could ever say: they go from worker to worker."""
    studio, settings = Studio(rules=RULES[:1], finest=11), {"hidden": [300], "steps": 3}
    studio.ids = studio.start(["sgd:lr=0.1"], **settings)
    held = studio.held(studio.ask("ground", plane="start-to-end"))
    theta = studio.ask("point", [], ground=held.id, a=0.01, b=0.02).arrays["theta"]
    made = studio.of_runs["fork"](
        Asked({"run": studio.ids[0], "rule": "sgd:lr=0.2"}, {"theta": theta})
    ).head["runs"][0]
    studio.play([made["id"]])
    member, _ = member_of(SOME, hidden=(300,), steps=3, held_out=0.2)
    run, last = with_own_batches(member, Preset("", "sgd:lr=0.2", ""))
    assert run.theta.size > 2_500
    own = held.surface.plane.at(np.array([0.01]), np.array([0.02]))[0]
    path = record(replace(run, theta=own.astype(run.theta.dtype)), last_step=last)
    assert studio.runs.run(made["id"]).points()[0].tobytes() == path.thetas.tobytes()
    python = run_in_python(
        studio.runs.definition_of(made["id"]), 3, ReadTable("table = SOME", {}), path.thetas[0]
    )
    space = {"SOME": SOME}
    exec(compile(python, "recipe", "exec"), space)
    assert space["theta"].tobytes() == path.thetas[-1].tobytes()
    # And a step of a run is a point, too.
    anew = studio.of_runs["fork"](Asked({"run": studio.ids[0], "step": 2, "anew": True}))
    [begun] = anew.head["runs"]
    assert (begun["first"], begun["step"]) == (0, 0)
    start = studio.runs.run(begun["id"]).stepped.theta
    assert start.tobytes() == studio.runs.run(studio.ids[0]).at(2).theta.tobytes()


def test_the_drawn_plane_has_one_share_of_the_movement_wherever_it_stands():
    studio = Studio(finest=11)
    found = studio.ask("ground")

    def share(told):
        [own] = [each for each in told.head["planes"] if each["method"] == surface.plane.method]
        return own["movement"]

    surface = studio.held(found).surface
    assert surface.scores[0].movement == surface.badge.movement
    [more] = studio.start(["adam:lr=0.2"])
    grown = studio.ask("ground-runs", [*studio.ids, more], ground=found.head["ground"])
    for told in (found, grown):
        [said] = [each for each in told.head["sentences"] if "The plane contains" in each]
        assert f"The plane contains {share(told)} of the movement;" in said
    assert share(found) != share(grown)


def test_a_fork_is_drawn_with_the_run_before_it(studio):
    made = studio.of_runs["fork"](Asked({"run": studio.ids[0], "step": 17, "rate": 0.1})).head[
        "runs"
    ][0]
    studio.play([made["id"]])
    thetas, steps = studio.runs.way_of(made["id"])
    before, at = studio.runs.run(studio.ids[0]).points()
    assert np.all(np.diff(steps) > 0)
    assert np.array_equal(thetas[steps <= 17], before[at <= 17])
    own, _ = studio.runs.run(made["id"]).points()
    assert np.array_equal(thetas[steps >= 17], own)
    studio.ask("ground", [studio.ids[0], made["id"]])  # one start, so a plane through both


def test_a_cancelled_ground_ends_between_two_grids(studio):
    with pytest.raises(Cancelled):
        studio.ask("ground", until=2)
    assert [each.head.get("points") for each in studio.last.told] == [None, 11]


def test_a_slow_network_gets_a_coarser_ground_with_a_reason():
    ticks = count(0.0, 1.23)
    studio = Studio(clock=lambda: next(ticks))  # 0.01 s a loss, for the paths of 123 points
    found = studio.ask("ground")
    assert found.head["points"] == 21
    told = found.head["refused"]
    assert told["words"] == (
        "The ground has 21 × 21 points: a loss of 49 weights over 105 rows takes 10 ms, so 81 × 81 "
        "would take about 66 s."
    )  # fmt: skip
    assert told["can"]
    studio.ground_tasks._grids = [11, 21, 41]
    finer = studio.ask("ground", finer=True)
    assert (finer.head["points"], finer.head["refused"]) == (41, None)
    same(studio.held(finer).surface, by_library(studio.ids, grid=41)[2])


def test_a_network_that_is_far_too_slow_or_large_is_refused(monkeypatch):
    ticks = count(0.0, 1000.0)
    with pytest.raises(SettingsError, match="takes too long") as why:
        Studio(rules=RULES[:1], clock=lambda: next(ticks)).ask("ground")
    assert "fewer hidden units" in why.value.fix
    monkeypatch.setattr(held_grounds, "MOST_WEIGHTS", 20)
    with pytest.raises(SettingsError, match="has 49 weights, and a ground takes 20"):
        Studio(rules=RULES[:1]).ask("ground")


def test_runs_of_two_networks_have_no_ground_in_common(studio, ground):
    [other] = studio.start(["sgd:lr=0.5"], hidden=[5])
    with pytest.raises(SettingsError, match="different networks or rows"):
        studio.ask("ground", [*studio.ids, other])
    with pytest.raises(SettingsError, match="not of this ground"):
        studio.ask("ground-runs", [other], ground=ground[0].head["ground"])


def test_what_is_not_there_is_refused_in_words(studio, ground):
    with pytest.raises(DataError, match="not held any more"):
        studio.ask("here", [], ground="0" * 64, a=0.0, b=0.0)
    with pytest.raises(SettingsError, match="off the ground"):
        studio.ask("here", [], ground=ground[0].head["ground"], a=1e9, b=0.0)


def test_the_edges_that_a_page_has_are_on_the_ground(studio, ground):
    # A page holds the axes in float32: some of its edges lie a little beyond those of the surface.
    surface = studio.held(ground[0]).surface
    for a in np.float32(surface.a[[0, -1]]):
        for b in np.float32(surface.b[[0, -1]]):
            told = studio.ask("here", [], ground=ground[0].head["ground"], a=float(a), b=float(b))
            assert (told.head["a"], told.head["b"]) == (a, b)
    for beyond in (-1e-5, 1e-5):
        axis = surface.a[0] if beyond < 0 else surface.a[-1]
        with pytest.raises(SettingsError, match="off the ground"):
            studio.ask("here", [], ground=ground[0].head["ground"],
                       a=float(axis) + beyond * np.abs(surface.a).max(), b=0.0)  # fmt: skip


def test_a_probability_of_a_half_is_no_call_of_the_positive_class(studio, ground):
    # As everywhere else: a row is called positive above 0.5. Without weights each row has 0.5.
    network = studio.held(ground[0]).network
    theta = np.zeros(network.terrain.architecture.n_parameters)
    told = judged(network.terrain, theta, network.classes)
    assert [row[1] for row in told["calls"]] == [0, 0]
    assert told["counted"] == sum(row[0] for row in told["calls"])


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_several_classes_and_numbers_have_a_ground(kind, tmp_path):
    from thalweg.data.read import load_table

    path = tmp_path / "t.csv"
    target = {"classes": lambda i: "abc"[i % 3], "numbers": lambda i: i * 1.37}[kind]
    lines = [f"{i % 7},{'xyz'[i % 3]},{target(i)}" for i in range(60)]
    path.write_text("\n".join(["size,kind,y", *lines]) + "\n")
    table = load_table(str(path), target="y")
    studio = Studio.__new__(Studio)
    studio.runs = opened()
    studio.runs._table_of = lambda name, choices: table
    studio.of_runs = RunTasks(studio.runs, lambda table, choices: []).by_name
    studio.ground_tasks, studio.table = GroundTasks(studio.runs, finest=11), kind
    studio.ids = studio.start(RULES[:2])
    found = studio.ask("ground")
    told = studio.ask("here", [], ground=found.head["ground"], a=0.0, b=0.0).head
    sides = told["sides"]
    if kind == "classes":
        assert told["classes"] == ["a", "b", "c"]
        assert [np.sum(each["calls"]) for each in sides] == [each["counted"] for each in sides]
    else:
        assert told["classes"] == []
        assert all(each["fit"] < 1 and "calls" not in each for each in sides)


@pytest.mark.parametrize("labels", [("benign", "malignant"), ("2", "10")])
@pytest.mark.parametrize("preset", ["article", pytest.param("default", marks=pytest.mark.slow)])
def test_the_classes_of_a_table_of_calls_are_those_of_the_table(preset, labels):
    """Whichever class is the positive one: a fit has its classes in another order."""
    target = SOME.target.map(dict(zip(("benign", "malignant"), labels, strict=True)))
    table = replace(SOME, positive=labels[0], target=target)
    studio = Studio.__new__(Studio)
    studio.runs = opened()
    studio.runs._starts = OrderedDict()
    studio.runs._table_of = lambda name, choices: table
    studio.of_runs = RunTasks(studio.runs, lambda table, choices: []).by_name
    studio.ground_tasks = GroundTasks(studio.runs, finest=11)
    rule = {"article": "sgd:lr=0.5", "default": "default"}[preset]
    made = studio.of_runs["start-runs"](
        Asked(
            {"table": "sample:some", "choices": {}, "settings": {"preset": preset}, "rules": [rule]}
        )
    )
    studio.ids = [each["id"] for each in made.head["runs"]]
    studio.play(studio.ids, 30)
    found = studio.ask("ground")
    trail = studio.held(found).surface.trails[0]
    a, b = float(trail.a[-1]), float(trail.b[-1])
    told = studio.ask("here", [], ground=found.head["ground"], a=a, b=b).head
    calls = np.sum([each["calls"] for each in told["sides"]], axis=0)
    counts = table.target.value_counts()
    assert calls.sum(axis=1).tolist() == [counts[each] for each in told["classes"]]
    assert np.trace(calls) / calls.sum() > 0.8


def program_of(studio, found):
    asked = studio.ask("ground-recipe", [], ground=found.head["ground"])
    imports = [each for each in asked.head["python"].splitlines() if "import" in each]
    assert imports == ["import thalweg"]  # what is not public may change
    assert set(re.findall(r"thalweg\.(\w+)", asked.head["python"])) <= set(thalweg.__all__)
    space = {"SOME": SOME}
    exec(compile(asked.head["python"], "recipe", "exec"), space)
    return space["surface"]


def same_numbers(one, other):
    """Two surfaces whose runs have other names."""
    for name in ("a", "b", "losses"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    for mine, its in zip(one.trails, other.trails, strict=True):
        for name in ("a", "b", "true", "drawn", "off_share", "steps"):
            assert getattr(mine, name).tobytes() == getattr(its, name).tobytes(), name
    for name in ("gap", "start_gap", "movement", "random_walk", "verdict"):
        assert getattr(one.badge, name) == getattr(other.badge, name), name
    assert [each.gap for each in one.scores] == [each.gap for each in other.scores]


def test_the_program_of_a_ground_gives_its_numbers_also_of_runs_that_have_grown():
    studio = Studio(
        rules=("sgd:lr=0.5", "sgd:lr=1e9"), finest=11,
        read_in_python=lambda table, choices: ReadTable("table = SOME", {}),
    )  # fmt: skip
    [grows] = studio.of_runs["start-runs"](
        Asked({"table": "sample:some", "choices": {}, "settings": SMALL, "rules": ["adam:lr=0.02"]})
    ).head["runs"]
    studio.ids = [*studio.ids, grows["id"]]
    studio.play([grows["id"]], 13)
    found = studio.ask("ground")
    same_numbers(program_of(studio, found), studio.held(found).surface)
    studio.play([grows["id"]], 10)
    grown = studio.ask("ground-runs", ground=found.head["ground"])
    assert [each.step for each in studio.held(grown).taken][-1] == 23
    same_numbers(program_of(studio, grown), studio.held(grown).surface)
    made = studio.of_runs["fork"](Asked({"run": grows["id"], "step": 9, "rate": 0.1}))
    forked = studio.ask("ground", [studio.ids[0], made.head["runs"][0]["id"]])
    with pytest.raises(SettingsError, match="began at a step of another run"):
        program_of(studio, forked)


@pytest.mark.slow  # Matplotlib is loaded
def test_pictures_are_those_of_the_library(studio, ground):
    held = studio.held(ground[0])
    # Another test may have started runs on this ground.
    titles = {each.run: each.title for each in held.taken}
    titles |= {each["run"]: each["words"] for each in ground[0].head["runs"]}
    how = {"ground": held.id, "look": "map", "dark": False}
    found = studio.ask("ground-picture", [], form="svg", **how).arrays["file"].tobytes()
    about = " ".join(studio.runs.start_of(studio.runs.definition_of(studio.ids[0])).about)
    expected = BytesIO()
    sheet = surface_sheet(held.surface, titles)
    landscape_figure(sheet, view="map", subtitle=about).savefig(expected, format="svg")
    assert found == expected.getvalue()
    assert found.startswith(b"<?xml")


@pytest.mark.slow  # a profile has some dozen gradients a cut
def test_the_profile_along_a_run_is_that_of_the_library(studio, ground, monkeypatch):
    held = studio.held(ground[0])
    how = {"ground": held.id, "look": "block", "dark": True, "form": "png"}
    monkeypatch.setitem(studio.titles, studio.ids[0], "small steps")
    found = studio.ask("ground-picture", studio.ids[:1], **how).arrays["file"].tobytes()
    member, last = members()[0]
    path = replace(record(member, last_step=last), name=RULES[0], rule=RULES[0])
    along = profile(terrain_of(member), path)
    about = " ".join(studio.runs.start_of(studio.runs.definition_of(studio.ids[0])).about)
    expected = BytesIO()
    sheet = profile_sheet(along, title="small steps")
    assert sheet.finding.startswith("Along their own path, small steps go from loss ")
    landscape_figure(sheet, view="surface", subtitle=about, dark=True).savefig(
        expected, format="png"
    )
    assert found == expected.getvalue()
    hurried = GroundTasks(studio.runs, more_seconds=-1.0)
    hurried._held = studio.ground_tasks._held
    monkeypatch.setattr(studio, "ground_tasks", hurried)
    with pytest.raises(SettingsError, match="takes too long"):
        studio.ask("ground-picture", studio.ids[:1], **how)
