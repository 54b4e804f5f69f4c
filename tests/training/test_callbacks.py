"""Callbacks: when they are told, what they see, and that nothing else comes of it."""

import io
import re
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from descents import CASES, LOSS, problem, same
from slow_cases import slow_but
from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError, Status
from thalweg.network.engine import Objective, Order, State, choose
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.training.callbacks import (
    MOMENTS,
    Callback,
    EpochPath,
    Print,
    StepPath,
    StopWhen,
)
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import train

HELD_OUT = {"rows": np.arange(20, 60), "held_out": np.arange(20)}


def descend(*callbacks, text="adam:lr=0.05", batch_size=8, epochs=4, data=None, **more):
    architecture, theta, table = problem()
    given = {
        key: more.pop(key) for key in ("rows", "held_out", "engine", "progress") if key in more
    }
    chosen = Settings(parse_optimizer(text), batch_size, epochs, **more)
    return train(architecture, theta, table, LOSS, 0.1, chosen, callbacks=callbacks, **given)


class Diary(Callback):
    """Writes all moments down."""

    def __init__(self):
        self.pages = []

    def write(self, name, moment):
        self.pages.append((name, moment, moment.theta.copy()))


def page(name):
    return lambda self, moment: self.write(name, moment)


def only(*names):
    """A diary that listens to these moments alone."""
    return type("Diary", (Diary,), {name: page(name) for name in names})()


def test_the_seven_moments():
    assert MOMENTS == (
        "train_begin", "epoch_begin", "step_begin", "step_end", "epoch_end", "improved",
        "train_end",
    )  # fmt: skip
    silent = Callback()
    assert all(getattr(silent, name)(None) is None for name in MOMENTS)


@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
def test_they_come_in_order(held_out):
    diary = only(*MOMENTS)
    descent = descend(diary, epochs=3, batch_size=30, **held_out)
    step = ["step_begin", "step_end"]
    improved = [] if not held_out else ["improved"]
    first = ["epoch_begin", *step, *step, "epoch_end", *improved]
    # Without held-out rows an epoch is judged by the steps of the next.
    later = ["epoch_begin", *step, *step, "epoch_end", "improved"]
    assert [name for name, *_ in diary.pages] == [
        "train_begin", *first, *later, *later, *([] if held_out else ["improved"]), "train_end",
    ]  # fmt: skip
    assert descent.best_epoch == 3
    losses = [r["train_loss" if not held_out else "valid_loss"] for r in descent.history]
    assert all(after < before for before, after in pairwise(losses))


def test_what_they_see_without_held_out_rows():
    diary = only(*MOMENTS)
    descent = descend(diary, epochs=3, batch_size=30)
    seen = [
        (name, m.epoch, m.step, m.best_epoch, m.record and m.record["steps"])
        for name, m, _ in diary.pages
    ]
    assert seen == [
        ("train_begin", 0, 0, 0, None),
        ("epoch_begin", 1, 0, 0, None),
        ("step_begin", 1, 0, 0, None),
        ("step_end", 1, 1, 0, 1),
        ("step_begin", 1, 1, 0, None),
        ("step_end", 1, 2, 0, 2),
        ("epoch_end", 1, 2, 0, 2),
        ("epoch_begin", 2, 2, 0, None),
        ("step_begin", 2, 2, 0, None),
        ("step_end", 2, 3, 0, 3),
        ("step_begin", 2, 3, 0, None),
        ("step_end", 2, 4, 1, 4),
        ("epoch_end", 2, 4, 1, 4),
        ("improved", 1, 4, 1, 2),
        ("epoch_begin", 3, 4, 1, None),
        ("step_begin", 3, 4, 1, None),
        ("step_end", 3, 5, 1, 5),
        ("step_begin", 3, 5, 1, None),
        ("step_end", 3, 6, 2, 6),
        ("epoch_end", 3, 6, 2, 6),
        ("improved", 2, 6, 2, 4),
        ("improved", 3, 6, 3, 6),
        ("train_end", 3, 6, 3, 6),
    ]
    assert {m.settings.max_epochs for _, m, _ in diary.pages} == {3}
    ends = {m.epoch: theta for name, m, theta in diary.pages if name == "epoch_end"}
    improved = {m.epoch: theta for name, m, theta in diary.pages if name == "improved"}
    for epoch in (1, 2, 3):
        np.testing.assert_array_equal(improved[epoch], ends[epoch])
    np.testing.assert_array_equal(diary.pages[-1][2], descent.theta)
    records = [dict(m.record) for name, m, _ in diary.pages if name == "epoch_end"]
    assert records == descent.history


def test_theta_and_losses_of_every_step_are_those_of_the_steps_by_hand():
    diary = only("step_begin", "step_end")
    descend(diary, epochs=2, batch_size=25, text="adam:lr=0.05,schedule=cosine")
    architecture, theta, data = problem()
    optimizer = parse_optimizer("adam:lr=0.05")
    state = State.at(theta, optimizer.formula)
    objective = Objective.over(LOSS, 0.1, data.weights)
    points, losses, rates = [theta.copy()], [], []
    for epoch in range(2):
        order = Order(generator(0, "order", epoch).permutation(np.arange(60)), 25)
        for batch in range(3):
            rates.append(0.05 * (1 + np.cos(np.pi * (3 * epoch + batch) / 6)) / 2)
            ran = choose().steps(
                architecture, objective, optimizer.method(architecture), state, data, order,
                np.array(rates[-1:]), batch,
            )  # fmt: skip
            losses.append((ran.losses[0], ran.gradient_norms[0]))
            points.append(state.theta.copy())
    begins = [theta for name, _, theta in diary.pages if name == "step_begin"]
    ends = [theta for name, _, theta in diary.pages if name == "step_end"]
    np.testing.assert_allclose(begins, points[:-1], rtol=1e-13)
    np.testing.assert_allclose(ends, points[1:], rtol=1e-13)
    records = [m.record for name, m, _ in diary.pages if name == "step_end"]
    found = [(r["train_loss"], r["gradient_norm"]) for r in records]
    np.testing.assert_allclose(found, losses, rtol=1e-13)
    np.testing.assert_allclose([r["rate"] for r in records], rates, rtol=1e-13)
    assert {r["valid_loss"] for r in records} == {None}


# Each case once, by turns with rows held out and without.
WATCHED = {(case, turn % 2 == 0) for turn, case in enumerate(CASES)}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("case", "judge"), slow_but(WATCHED, product(CASES, [False, True])))
@given(st.sets(st.sampled_from(MOMENTS), min_size=1))
@settings_of_hypothesis(max_examples=6)
def test_a_descent_that_is_watched_comes_to_the_same_bits(case, judge, names):
    batch_size, text, more = CASES[case]
    held_out = HELD_OUT if judge else {}
    how = {"text": text, "batch_size": batch_size, "epochs": 12, **more, **held_out}
    assert same(descend(only(*names), **how), descend(**how))


class Counting(ReferenceEngine):
    """Counts the steps of every call."""

    def __init__(self):
        self.calls = []

    def steps(self, *arguments):
        self.calls.append(len(arguments[6]))
        return super().steps(*arguments)


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        (["train_begin", "train_end"], [32]),
        (["epoch_begin"], [8] * 4),
        (["epoch_end"], [8] * 4),
        (["improved"], [8] * 4),
        (["step_begin"], [1] * 32),
        (["step_end"], [1] * 32),
    ],
)
def test_a_slice_is_as_short_as_somebody_wants_to_look(names, calls):
    engine = Counting()
    descend(only(*names), engine=engine)
    assert engine.calls[: len(calls)] == calls
    assert sum(engine.calls[len(calls) :]) < 32  # the best epoch, once more


def test_a_method_of_one_object_is_heard_too():
    callback, seen = Callback(), []
    callback.epoch_end = lambda moment: seen.append(moment.epoch)
    descend(callback)
    assert seen == [1, 2, 3, 4]


def test_nobody_can_write_to_what_is_shown():
    class Vandal(Callback):
        def step_end(self, moment):
            with pytest.raises(ValueError, match="read-only"):
                moment.theta[0] = 1.0
            with pytest.raises(TypeError):
                moment.record["train_loss"] = 0.0
            with pytest.raises(AttributeError):
                moment.epoch = 9

    assert same(descend(Vandal()), descend())


@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
@pytest.mark.parametrize(
    ("name", "epochs"),
    [
        ("train_begin", 0),
        ("epoch_begin", 1),
        ("step_begin", 1),
        ("step_end", 1),
        ("epoch_end", 2),
    ],
)
def test_a_callback_may_ask_for_the_end(name, epochs, held_out):
    def ask(self, moment):
        return name == "train_begin" or moment.epoch == 2

    held_out = {**held_out, "text": "sgd:lr=0.2"}
    descent = descend(type("Ask", (Callback,), {name: ask})(), **held_out)
    assert descent.status is Status.STOPPED
    whole = descend(**held_out)
    assert descent.history == whole.history[:epochs]
    assert descent.best_epoch == epochs
    # The steps of an epoch that did not end are as if they had not been.
    cut = descend(stop_after=max(epochs, 1), **held_out)
    start = problem()[1]
    np.testing.assert_array_equal(descent.theta, cut.theta if epochs else start)


def test_where_theta_improved_one_may_stop_too():
    class Stop(Callback):
        def improved(self, moment):
            return moment.best_epoch == 2

    descent = descend(Stop(), text="sgd:lr=0.2", **HELD_OUT)
    assert (descent.status, len(descent.history), descent.best_epoch) == (Status.STOPPED, 2, 2)


@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
@pytest.mark.parametrize(
    "how",
    [
        {"text": "sgd:lr=0.2"},
        {"text": "lbfgs", "batch_size": None},
        {"text": "adam:lr=0.5", "epochs": 12, "patience": 2},
        {"text": "adam:lr=0.5", "epochs": 9, "stop_after": 4},  # returned, whatever its loss
        {"text": "sgd:lr=1e3", "batch_size": None, "epochs": 30},
    ],
)
def test_the_last_improvement_is_what_comes_back(how, held_out):
    diary = only("improved")
    descent = descend(diary, **how, **held_out)
    _, moment, theta = diary.pages[-1]
    assert moment.best_epoch == moment.epoch == descent.best_epoch
    assert dict(moment.record) == descent.history[descent.best_epoch - 1]
    assert theta.tobytes() == descent.theta.tobytes()


def test_all_callbacks_are_called_even_after_one_asked_for_the_end():
    first, second = StopWhen(lambda moment: moment.epoch == 2), only("epoch_end", "train_end")
    descend(first, second)
    assert [(name, m.epoch) for name, m, _ in second.pages] == [
        ("epoch_end", 1),
        ("epoch_end", 2),
        ("train_end", 2),
    ]


def test_the_last_epoch_is_the_last_whoever_asked():
    descent = descend(StopWhen(lambda moment: moment.epoch == 4))
    assert descent.status is Status.MAX_EPOCHS


@pytest.mark.parametrize("name", MOMENTS)
def test_an_exception_goes_through(name):
    def fail(self, moment):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        descend(type("Fail", (Callback,), {name: fail})())


def test_ctrl_c_in_a_callback_is_ctrl_c():
    class Tired(Callback):
        def epoch_end(self, moment):
            if moment.epoch == 3:
                raise KeyboardInterrupt

    diary = only("train_end")
    descent = descend(Tired(), diary)
    assert (descent.status, len(descent.history)) == (Status.INTERRUPTED, 3)
    [(_, moment, theta)] = diary.pages
    assert (moment.epoch, moment.best_epoch) == (3, descent.best_epoch) == (3, 2)
    np.testing.assert_array_equal(theta, descent.theta)


def test_a_step_that_diverges_has_no_end():
    diary = only("step_begin", "step_end", "epoch_end", "train_end")
    descent = descend(diary, text="sgd:lr=1e300", epochs=3)
    assert descent.status is Status.DIVERGED
    names = [name for name, *_ in diary.pages]
    assert names[-2:] == ["step_begin", "train_end"]
    assert names.count("step_begin") == names.count("step_end") + 1


@pytest.mark.parametrize("odd", [print, Callback, "epoch_end"])
def test_what_is_no_callback_is_refused(odd):
    with pytest.raises(SettingsError, match="derive its class"):
        descend(odd)


# Those that are ready


def test_the_path_of_epochs_is_that_of_descents_of_every_length():
    path = EpochPath(every=3)
    descend(path, epochs=8, text="adam:lr=0.05")
    expected = [problem()[1], *(descend(epochs=8, stop_after=n).theta for n in (3, 6))]
    np.testing.assert_array_equal(path.thetas, expected)
    assert path.thetas.shape == (3, expected[0].size)
    assert (path.epochs, path.steps) == ([0, 3, 6], [0, 24, 48])


def test_the_path_of_steps_passes_the_ends_of_the_epochs():
    steps, epochs = StepPath(), EpochPath()
    descend(steps, epochs, epochs=3)
    assert steps.thetas.shape[0] == 25
    np.testing.assert_array_equal(steps.thetas[::8], epochs.thetas)
    assert steps.steps == list(range(25))
    assert steps.epochs == [0, *[1] * 8, *[2] * 8, *[3] * 8]
    some = StepPath(every=5)
    descend(some, epochs=3)
    np.testing.assert_array_equal(some.thetas, steps.thetas[::5])


def test_a_path_begins_anew_with_every_descent():
    path = EpochPath()
    descend(path, epochs=2)
    first = path.thetas
    descend(path, epochs=2)
    np.testing.assert_array_equal(path.thetas, first)


def test_a_path_keeps_the_dtype():
    path, (architecture, theta, data) = EpochPath(), problem()
    small = type(data).of(data.X.astype("f"), data.Y, data.weights)
    chosen = Settings(parse_optimizer("sgd"), 8, 2)
    train(architecture, theta.astype("f"), small, LOSS, 0.1, chosen, callbacks=[path])
    assert path.thetas.dtype == np.float32


def test_print_says_every_kth_epoch(capsys):
    descent = descend(Print(every=2), **HELD_OUT)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"epoch {n}: loss {record['train_loss']:.4f}, held out {record['valid_loss']:.4f}"
        for n, record in enumerate(descent.history, 1)
        if n in (2, 4)
    ]
    stream = io.StringIO()
    descend(Print(stream=stream))
    assert re.fullmatch(r"(epoch [1-4]: loss \d\.\d{4}\n){4}", stream.getvalue())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", [EpochPath, StepPath, Print])
@pytest.mark.parametrize("every", [0, -1])
def test_every_zeroth_is_never(kind, every):
    with pytest.raises(SettingsError, match="from 1"):
        kind(every)
