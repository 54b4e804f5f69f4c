"""Runs with rows a step of their own: the same steps as an engine makes, and as many of them."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.data.read import load_table
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import (
    MOST_STEPS,
    batches,
    rows_a_step,
    rows_of,
    steps_of,
    with_own_batches,
)
from thalweg.landscape.runs.path import record
from thalweg.landscape.runs.presets import ALL_ROWS, PRESETS, USUAL_RATES
from thalweg.network.engine import choose
from thalweg.training.descent_inputs import Course


def member(steps=60):
    return member_of(load_table("wisconsin"), steps=steps)[0]


@pytest.mark.parametrize(("name", "rows"), [("one-row", 1), ("32-rows", 32), ("all-rows", 463)])
def test_every_run_makes_the_same_steps_as_an_engine_by_hand(name, rows):
    run, last = with_own_batches(member(), PRESETS[name].at(USUAL_RATES))
    path = record(run, name, last_step=last)
    assert (rows_a_step(run), last) == (rows, 60)
    assert path.steps.tolist() == list(range(61))
    assert path.ending == "all steps were made"
    assert not path.diverged
    course, theta = Course(run, choose()), run.theta.copy()
    for step in range(60):
        epoch, batch = divmod(step, course.n_batches)
        chosen = course.order(epoch).batch(batch)
        assert len(chosen) == rows or step % course.n_batches == course.n_batches - 1
        _, slope = course.engine.loss_and_gradient(
            run.architecture, course.objective, theta, run.data, chosen
        )
        theta = theta - USUAL_RATES.medium * slope
        np.testing.assert_allclose(path.thetas[step + 1], theta, rtol=1e-7, atol=1e-12)


def test_a_run_without_rows_of_its_own_keeps_those_of_the_race():
    run, last = with_own_batches(member(), PRESETS["large"].at(USUAL_RATES))
    assert (run.settings.batch_size, last, rows_a_step(run)) == (32, None, 32)
    assert run.settings.max_epochs == member().settings.max_epochs


def test_neither_patience_nor_a_kept_epoch_shortens_them():
    plain = member()
    stopping = replace(plain.settings, patience=1, stop_after=2, tol=1e9)
    shared = replace(plain, settings=stopping, held_out=np.arange(9), rows=np.arange(9, 463))
    assert (steps_of(shared), rows_of(shared)) == (30, 454)
    run, last = with_own_batches(shared, PRESETS["sgd"].at(USUAL_RATES))
    assert (run.settings.patience, run.settings.stop_after, run.held_out) == (None, None, None)
    path = record(run, "sgd", last_step=last)
    assert (last, path.steps[-1]) == (30, 30)


def test_long_races_and_large_tables_are_bounded():
    long = replace(member(), settings=replace(member().settings, max_epochs=1000))
    assert with_own_batches(long, PRESETS["sgd"].at(USUAL_RATES))[1] == MOST_STEPS == 2000
    assert batches(10 * ALL_ROWS, 400, ALL_ROWS) == (ALL_ROWS, 40)
    assert batches(ALL_ROWS, 400, ALL_ROWS) == (None, 400)


def test_rows_that_are_held_out_train_nothing_and_scale_nothing():
    table = load_table("wisconsin")
    whole, _ = member_of(table, steps=60)
    member, about = member_of(table, steps=60, held_out=0.25)
    rows, spared = member.rows, member.held_out
    assert sorted([*rows, *spared]) == list(range(len(whole.data.X)))
    assert len(spared) / len(whole.data.X) == pytest.approx(0.25, abs=0.02)
    share = [member.data.Y[part].mean() for part in (rows, spared)]
    assert share[0] == pytest.approx(share[1], abs=0.02)
    assert f"{len(spared)} of these held out" in about[0]
    # The scale of a column is that of the training rows: their median becomes 0.
    weights = member.data.weights[rows]
    assert np.median(np.repeat(member.data.X[rows, 0], weights.astype(int))) == 0
    assert steps_of(member) >= 60
    assert member_of(table, steps=60, held_out=0.25, seed=1)[0].held_out.tolist() != spared.tolist()
