"""A run in steps: the bits of ``train``, however it is cut; back to any step, and changed there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis.strategies import data as drawn
from hypothesis.strategies import integers, lists, sampled_from

from descents import CASES, LOSS, problem, same
from thalweg.errors import SettingsError, Status
from thalweg.network.engine import Data, State, choose
from thalweg.training.callbacks import StepPath
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.stepping.stepped_run import SteppedRun, keeps_memory
from thalweg.training.train import train

ALL = {**CASES, "lbfgs": (None, "lbfgs:history=5", {})}


def member(case, dtype=np.float64, held_out=False, epochs=9):
    batch_size, rule, more = ALL[case]
    architecture, theta, data = problem()
    data = Data(data.X.astype(dtype), data.Y.astype(dtype), data.weights)
    settings = Settings(parse_optimizer(rule), batch_size, epochs, seed=3, **more)
    rows = (np.arange(45), np.arange(45, 60)) if held_out else (None, None)
    return Member(architecture, theta.astype(dtype), data, LOSS, 0.1, settings, *rows)


def trained(run, callbacks=()):
    with np.errstate(all="ignore"):
        return train(
            run.architecture, run.theta, run.data, run.loss, run.alpha, run.settings,
            rows=run.rows, held_out=run.held_out, callbacks=callbacks,
        )  # fmt: skip


@given(
    sampled_from(sorted(ALL)), sampled_from([np.float32, np.float64]), sampled_from([False, True]),
    lists(integers(1, 40), min_size=1),
)  # fmt: skip
def test_a_run_gives_the_bits_of_train_however_it_is_cut(case, dtype, held_out, cuts):
    asked = member(case, dtype, held_out)
    run, number = SteppedRun(asked), 0
    while run.status is Status.RUNNING:
        steps = cuts[number % len(cuts)]
        made, number = run.advance(steps), number + 1
        assert made == steps or run.status is not Status.RUNNING
    assert same(run.outcome(), trained(asked))


@given(sampled_from(sorted(CASES)), integers(0, 72), integers(0, 72), drawn())
def test_a_run_goes_back_to_any_step_with_its_memory(case, first, second, data):
    asked = member(case, held_out=data.draw(sampled_from([False, True])))
    low, high = sorted((first, second))
    run = SteppedRun(asked)
    with np.errstate(all="ignore"):
        run.advance(low)
    assume(run.status is not Status.DIVERGED)
    place = run.place()
    run.advance(high - low)
    for _ in range(2):  # going back changes neither the run nor the place
        again = SteppedRun(asked, place=place)
        again.advance(run.step - again.step)
        assert again.step == run.step
        for part in ("theta", "slots", "scales"):
            one, other = (getattr(each.run.standing.state, part) for each in (run, again))
            assert (one is None) == (other is None)
            assert one is None or one.tobytes() == other.tobytes()
    for each in (run, again):
        each.advance(10**6)
    assert same(again.outcome(), run.outcome())


def test_a_run_ends_after_a_step_within_an_epoch():
    path = StepPath()
    trained(member("batches"), [path])
    run = SteppedRun(member("batches"), last_step=13)
    assert run.total == 13
    assert run.advance(100) == run.step == 13
    assert run.status is Status.STOPPED
    assert np.array_equal(run.theta, path.points[13])
    assert SteppedRun(run.member, last_step=13, place=run.place()).advance(1) == 0


def test_another_rate_keeps_memory_rows_and_schedule():
    asked = member("batches")
    run = SteppedRun(asked)
    run.advance(13)
    changed = run.changed("adam:lr=0.2,schedule=cosine")
    changed.advance(20)
    # By hand: one engine, two calls a rule, the rates of two schedules.
    course = Course(asked, choose())
    other = Course(replace(asked, settings=changed.member.settings), choose())
    state = State.begin(asked.architecture, course.method, asked.theta, 3)
    for step in range(33):
        at = course if step < 13 else other
        epoch, batch = divmod(step, course.n_batches)
        at.engine.steps(*at.arguments(state, at.order(epoch), at.rates(step, 1), batch))
    assert changed.step == 33
    assert np.array_equal(changed.theta, state.theta)
    assert np.array_equal(changed.run.standing.state.slots, state.slots)
    assert run.step == 13


@pytest.mark.parametrize("rule", ["sgd:lr=0.1", "adam:lr=0.05,average=2", "lbfgs"])
def test_another_rule_begins_anew_at_this_point(rule):
    case = "all rows" if rule == "lbfgs" else "batches"
    run = SteppedRun(member(case), last_step=60)
    run.advance(5)
    changed = run.changed(rule)
    assert (changed.first, changed.step) == (5, 5)
    changed.advance(3)
    path = StepPath()
    trained(replace(changed.member, theta=run.theta), [path])
    assert changed.step == 8
    assert np.array_equal(changed.theta, path.points[3])
    changed.leave()


def test_lbfgs_says_that_it_has_no_place():
    run = SteppedRun(member("lbfgs"))
    run.advance(3)
    with pytest.raises(SettingsError, match="has no place to go back to"):
        run.place()
    run.leave()


def test_a_diverged_run_keeps_its_last_finite_point():
    asked = replace(
        member("batches"), settings=Settings(parse_optimizer("sgd:lr=1e200"), 8, 9, seed=3)
    )
    run = SteppedRun(asked)
    with np.errstate(all="ignore"):
        run.advance(100)
    assert run.status is Status.DIVERGED
    assert np.isfinite(run.theta).all()
    assert run.run.trouble.step >= run.step
    with pytest.raises(SettingsError, match="has diverged"):
        run.place()


def test_memory_fits_the_same_rule_alone():
    one = parse_optimizer("adam:lr=0.1")
    assert keeps_memory(one, parse_optimizer("adam:lr=0.2,beta_1=0.5,schedule=cosine"))
    for other in ("sgd", "adam:average=2", "adam:scales=6", "lbfgs"):
        assert not keeps_memory(one, parse_optimizer(other))
