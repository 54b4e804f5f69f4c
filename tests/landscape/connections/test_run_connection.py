"""The line between two ends: its losses, its barrier, and what is said of it."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from thalweg import SettingsError, load_table
from thalweg.landscape.connections.matched_units import reorder
from thalweg.landscape.connections.run_connection import HELD_OUT, LineCurve, connect
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.path import held_out_terrain
from thalweg.landscape.runs.race import RacePicture, race, race_on_hills
from thalweg.reporting.landscape.landscape_display import Landscape

TWO = RacePicture(grid=11, profiles=(), sharp=False, connect=("sgd", "momentum"))


@cache
def raced(activation="tanh", hidden=(6,)):
    member, _ = member_of(load_table("wisconsin"), steps=60, hidden=hidden, activation=activation)
    return race(member, ["sgd", "momentum", "sgd:lr=300"], TWO)


def curve(losses, **more):
    return LineCurve("training rows", 9, False, "loss", np.array(losses, float), **more)


def test_the_barrier_is_the_height_above_the_higher_end():
    found = curve([1.0, 3.0, 5.0, 4.0, 2.0])
    assert (found.peak, found.at, found.barrier) == (5.0, 0.5, 3.0)
    assert found.above_ends == 5.0 - 1.5
    assert curve([1.0, 0.5, 2.0]).barrier == 0  # the end is no barrier
    assert curve([1.0, 1.6, 2.0]).above_ends == pytest.approx(0.1)  # above the line, not the end
    assert curve([2.0, 2.0 + 1e-12, 1.0]).barrier == 0  # rounding


@pytest.mark.parametrize(("activation", "hidden"), [("tanh", (6,)), ("relu", (5, 4))])
def test_the_losses_are_those_of_the_points_between_the_ends(activation, hidden):
    found = raced(activation, hidden)
    one, other = (path.end for path in found.paths[:2])
    plain, matched = found.connection.curves
    for k in (0, 17, 50, 100):
        for its, end in ((plain, other), (matched, found.connection.match.theta)):
            loss, _ = found.terrain.loss_and_gradient((1 - k / 100) * one + k / 100 * end)
            assert its.losses[k] == pytest.approx(loss, rel=1e-12)
    # The reordered network is the same function, and so has the same loss.
    assert matched.losses[-1] == pytest.approx(plain.losses[-1], rel=1e-12)
    assert plain.losses[0] == matched.losses[0]
    assert found.connection.match.after <= found.connection.match.before


def test_a_scrambled_end_has_a_barrier_that_matching_takes_away():
    found = raced()
    architecture, path = found.terrain.architecture, found.paths[1]
    moved = path.end.copy()
    reorder(architecture, moved, 0, np.array([3, 0, 5, 1, 2, 4]), np.array([1, -1, 1, 1, -1, 1.0]))
    scrambled = replace(path, thetas=np.stack([path.start, moved]), steps=path.steps[[0, -1]])
    line = connect([found.paths[0], scrambled], found.runners[:2], found.terrain)
    plain, matched = line.curves
    assert plain.barrier > 0.1
    assert matched.barrier < 0.01 * plain.barrier
    assert matched.losses == pytest.approx(found.connection.curves[1].losses, rel=1e-9)
    assert line.finding.startswith("A barrier of 0.")
    assert line.finding.endswith("; with matched units there is none")
    said = " ".join(line.sentences())
    assert "Matching moves 6 of 6 hidden units, and changes the sign of 2: the network" in said
    assert "above its higher end" in said
    assert "no held-out rows can show the line" in said
    told = json.loads(json.dumps(line.as_dict(), allow_nan=False))
    assert told["curves"][0]["barrier"] == plain.barrier
    assert told["match"]["moved"] == 6


def test_held_out_rows_have_curves_of_their_own_without_the_penalty():
    member, _ = member_of(load_table("wisconsin"), steps=60, hidden=(4,), alpha=0.1)
    rows = np.arange(len(member.data.X))
    member = replace(member, rows=rows[::2], held_out=rows[1::2])
    line = race(member, ["sgd", "momentum"], TWO).connection
    assert [each.rows for each in line.curves[2:]] == [HELD_OUT, HELD_OUT]
    assert line.curves[2].n_rows == len(rows[1::2])
    assert not any("no held-out rows" in each for each in line.sentences())
    assert "penalty" in line.curves[0].height
    assert "penalty" not in line.curves[2].height
    ground = held_out_terrain(member)
    assert np.array_equal(ground.rows, rows[1::2])


def test_what_cannot_be_connected_is_refused_with_a_fix():
    member, _ = member_of(load_table("wisconsin"), steps=30, hidden=(4,))
    for connect_, words in (
        (("sgd",), "Two different runs are connected, and not 'sgd'"),
        (("sgd", "sgd"), "Two different runs"),
        (("sgd", "large"), "There is no run 'large' to connect"),
    ):
        with pytest.raises(SettingsError, match=words) as caught:
            race(member, ["sgd", "momentum"], replace(TWO, connect=connect_))
        assert "name two of sgd, momentum" in str(caught.value)
    drawn = race(member, ["sgd", "sgd:lr=300"], replace(TWO, connect=("sgd", "sgd:lr=300")))
    with pytest.raises(SettingsError, match="diverged, and so it has no end to connect"):
        connect(drawn.paths, drawn.runners, drawn.terrain)
    with pytest.raises(SettingsError, match="nothing to connect on hills"):
        race_on_hills(["sgd", "momentum"], TWO)


def test_the_end_of_a_run_that_wanders_is_only_its_last_step():
    member, _ = member_of(load_table("wisconsin"), steps=150, hidden=(6,))
    line = race(member, ["sgd", "large"], replace(TWO, connect=("sgd", "large"))).connection
    assert line.wandering == ("large steps",)
    assert any("large steps is only its last step" in each for each in line.sentences())


def test_a_run_that_diverged_is_not_connected_and_the_rest_is_drawn():
    member, _ = member_of(load_table("wisconsin"), steps=30, hidden=(4,))
    drawn = race(member, ["sgd", "sgd:lr=300"], replace(TWO, connect=("sgd", "sgd:lr=300")))
    assert len(drawn.runners) == 2
    assert drawn.connection is None
    assert "plain descent at rate 300 diverged, with no end to connect." in drawn.unconnected
    assert drawn.as_dict()["unconnected"] == drawn.unconnected
    assert not raced().unconnected
    shown = Landscape(drawn)
    assert drawn.unconnected in str(shown)
    assert f'<section class="badge" id="connection"><p>{drawn.unconnected}' in shown.page()
    with pytest.raises(SettingsError, match="a run to be connected diverged"):
        shown.page("connection")
