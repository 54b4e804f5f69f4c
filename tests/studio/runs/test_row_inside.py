"""A row inside the network of a run: its numbers are those of the library."""

import json

import numpy as np
import pytest

from thalweg.data.read import load_table
from thalweg.errors import DataError, SettingsError
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.presets import Preset
from thalweg.studio.runs.measured_steps import gradient_of_step
from thalweg.studio.runs.row_inside import RowsOfRun
from thalweg.studio.runs.shared_start import SharedStart, all_settings
from thalweg.training.stepping.stepped_run import SteppedRun

RULE = "sgd:lr=0.5"


def at_step(name: str, step: int, hidden: tuple[int, ...] = (4,)):
    """A run of the library after some steps, and the rows of its table."""
    settings = all_settings({"hidden": list(hidden), "steps": 60})
    table = load_table(name, target="y" if name.endswith(".csv") else None)
    member, _ = member_of(table, hidden=hidden, steps=60, held_out=0.2)
    member, last = with_own_batches(member, Preset(RULE, RULE, ""))
    run = SteppedRun(member, last_step=last)
    run.advance(step)
    return run, RowsOfRun(table, settings)


@pytest.fixture(scope="module")
def found():
    return at_step("wisconsin", 12)


def test_the_passes_are_those_of_a_training_row(found):
    run, rows = found
    architecture, theta = run.member.architecture, run.theta
    traced = rows.traced(99, architecture, run.course.objective, theta)
    facts = rows.facts(traced, 99)
    assert facts["rows"][0]["row"] == 100
    X = np.array(facts["passes"][0]["X"])
    # The row is one of those that the run has, as the run has it.
    [place, *_] = np.flatnonzero((run.member.data.X == X).all(axis=1))
    y = float(run.member.data.Y[place, 0])
    assert facts["rows"][0]["y"] == [y]
    (W1, b1), (W2, b2) = architecture.layers(theta)
    hidden = np.maximum(W1 @ X[:, None] + b1, 0)
    z = float((W2 @ hidden + b2)[0, 0])
    one = facts["passes"][0]
    assert one["layers"][1]["Z"] == pytest.approx([z], rel=1e-14)
    assert one["Yh"] == pytest.approx([1 / (1 + np.exp(-z))], rel=1e-14)
    assert one["loss"] == pytest.approx(np.logaddexp(0, -z if y else z), rel=1e-13)
    engine = run.course.engine
    _, gradient = engine.loss_and_gradient(
        architecture, run.course.objective, theta, run.member.data, np.array([place])
    )
    # That of the engine has the weight of equal rows.
    share = run.member.data.weights[place] / run.course.objective.mean_weight
    assert traced.gradient * share == pytest.approx(gradient, rel=1e-12, abs=1e-15)
    assert json.dumps(facts, allow_nan=False)


def test_the_gradient_of_a_step_is_the_one_that_the_step_takes(found):
    run, _ = found
    before, gradient = run.theta.copy(), gradient_of_step(run.run)
    place = run.place()
    again = SteppedRun(run.member, last_step=run.last_step, place=place, first=run.first)
    again.advance(1)
    assert np.array_equal(again.theta, before - 0.5 * gradient)


def test_the_worst_row_and_the_one_near_the_threshold_are_found(found):
    run, rows = found
    architecture, theta = run.member.architecture, run.theta
    every = [
        rows.traced(place, architecture, run.course.objective, theta)
        for place in range(rows.n_rows)
    ]
    losses = [float(each.losses[0]) for each in every]
    shares = [abs(float(each.prediction[0, 0]) - 0.5) for each in every]
    assert losses[rows.picked("worst", architecture, theta)] == max(losses)
    near = rows.picked("near", architecture, theta)
    assert shares[near] == pytest.approx(min(shares), abs=1e-12)


def test_a_row_that_is_left_out_is_refused_and_others_keep_their_numbers():
    settings = all_settings({"hidden": [4]})
    rows = RowsOfRun(load_table("wisconsin", drop_row=["2-3"]), settings)
    assert rows.place_of(1) == 0
    assert (rows.place_of(4), rows.number_of(1)) == (1, 4)
    for number in (2, 700, 0):
        with pytest.raises(DataError, match="There is no row"):
            rows.place_of(number)
    with pytest.raises(DataError) as caught:
        rows.place_of(2)
    assert caught.value.fix == "name one that is used, such as 1 or 4"
    assert rows.place_of(4) == 1
    # The row before and the next one are rows that are used.
    assert (rows.beside(0), rows.beside(1)) == ((None, 4), (1, 5))
    assert rows.beside(rows.n_rows - 1) == (698, None)


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_several_classes_and_numbers_can_be_looked_at(kind, tmp_path):
    path = tmp_path / "t.csv"
    target = {"classes": lambda i: "abc"[i % 3], "numbers": lambda i: i * 1.37}[kind]
    lines = [f"{i % 7},{'xyz'[i % 3]},{target(i)}" for i in range(60)]
    path.write_text("\n".join(["size,kind,y", *lines]) + "\n")
    run, rows = at_step(str(path), 5)
    architecture, theta = run.member.architecture, run.theta
    traced = rows.traced(3, architecture, run.course.objective, theta)
    facts = rows.facts(traced, 3)
    assert json.dumps(facts, allow_nan=False)
    if facts["target"]["classes"]:
        assert sum(facts["passes"][0]["Yh"]) == pytest.approx(1)
        rows.picked("near", architecture, theta)
    else:
        assert facts["target"]["scale"]["scale"] > 0
        with pytest.raises(SettingsError, match="no threshold"):
            rows.picked("near", architecture, theta)


@pytest.mark.parametrize("kind", ["two", "classes", "numbers"])
def test_the_network_of_a_fit_is_looked_into_with_the_inputs_that_it_trains_on(kind, tmp_path):
    path = tmp_path / "t.csv"
    target = {
        "two": lambda i: "yes" if i % 5 < 2 else "no", "classes": lambda i: "abc"[i % 3],
        "numbers": lambda i: i % 11 * 1.37,
    }[kind]  # fmt: skip
    lines = [
        f"{i % 7},{'xyz'[i % 3]},{'' if i % 13 == 0 else i % 9},{target(i)}" for i in range(90)
    ]
    path.write_text("\n".join(["size,kind,gaps,y", *lines]) + "\n")
    table = load_table(str(path), target="y")
    settings = all_settings({"preset": "default", "hidden": [6]})
    start = SharedStart.of(table, settings)
    run = SteppedRun(start.member)
    run.advance(7)
    rows = RowsOfRun(table, settings)
    theta, architecture = run.theta.copy(), run.member.architecture
    place = rows.picked("worst", architecture, theta)
    traced = rows.traced(place, architecture, run.course.objective, theta)
    facts = rows.facts(traced, place)
    assert json.dumps(facts, allow_nan=False)
    assert facts["rows"][0]["row"] == place + 1
    # Each row of the table is a row that the run has, with its inputs and its target.
    data = start.member.data
    for each in (0, 13, place):
        one = rows.traced(each, architecture, run.course.objective, theta)
        same = np.isclose(np.asarray(data.X[:], float), one.data.X, rtol=1e-6).all(axis=1)
        same &= np.isclose(np.asarray(data.Y), one.data.Y, rtol=1e-6).all(axis=1)
        assert same.any(), each
    out = facts["passes"][0]["Yh"]
    if kind == "numbers":
        assert facts["target"]["scale"]["scale"] > 0
    else:
        assert len(facts["target"]["classes"]) == {"two": 2, "classes": 3}[kind]
        rows.picked("near", architecture, theta)
        assert all(0 <= each <= 1 for each in out)
