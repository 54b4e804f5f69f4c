"""The loop: what it descends on, when it ends, and that the best epoch is what comes back."""

import math
from contextlib import nullcontext
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from scipy.optimize import minimize

from descents import CASES, LOSS, Clock, in_slices_of, problem, same
from slow_cases import slow_but
from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError, Status
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Noise, Objective, choose
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.training import training_loop as run_module
from thalweg.training.callbacks import Callback, EpochPath
from thalweg.training.checkpoint import Checkpoint
from thalweg.training.descent import network_memory as memory_module
from thalweg.training.descent.network_memory import TrainingMemory
from thalweg.training.descent.schedules import SCHEDULES
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.history import column, epochs
from thalweg.training.train import train
from thalweg.training.training_loop import Run

ENGINE = choose()


def settings(text="sgd:lr=0.5", batch_size=None, max_epochs=20, **more):
    return Settings(parse_optimizer(text), batch_size, max_epochs, **more)


def exact(architecture, theta, data, rows=None, alpha=0.0):
    weights = data.weights if rows is None else data.weights[rows]
    objective = Objective.over(LOSS, alpha, weights)
    return float(ENGINE.losses(architecture, objective, theta[None], data, rows)[0])


def plain_descent(architecture, theta, data, alpha, rate, epochs):
    """Gradient descent over all rows in the fewest words."""
    objective = Objective.over(LOSS, alpha, data.weights)
    path = [theta.copy()]
    for _ in range(epochs):
        _, gradient = ENGINE.loss_and_gradient(architecture, objective, path[-1], data)
        path.append(path[-1] - rate * gradient)
    return path


def test_all_rows_is_gradient_descent():
    architecture, theta, data = problem()
    path = plain_descent(architecture, theta, data, 0.7, 0.5, 20)
    descent = train(architecture, theta, data, LOSS, 0.7, settings())
    np.testing.assert_allclose(descent.theta, path[-1], rtol=1e-12)
    heights = [exact(architecture, point, data, alpha=0.7) for point in path]
    np.testing.assert_allclose(column(descent.history, "train_loss"), heights[:-1], rtol=1e-12)
    assert descent.status is Status.MAX_EPOCHS
    assert descent.best_epoch == 20
    assert [epoch["steps"] for epoch in descent.history] == list(range(1, 21))


def test_the_start_is_left_alone():
    architecture, theta, data = problem()
    before = theta.copy()
    train(architecture, theta, data, LOSS, 0.0, settings())
    np.testing.assert_array_equal(theta, before)


ENGINES = ["reference", "compiled"]


def test_what_is_kept_stays_so_whoever_asks_for_theta():
    run = Run(Member(*problem(), LOSS, 0.0, settings()))
    while run.status is Status.RUNNING:
        run.advance()
    kept = run.standing.best.kept
    before = kept.state.copy()
    assert kept.ahead > 0, "epochs to replay are wanted, or this test shows nothing"
    first, second = (run.standing.best.kept.theta(run.course) for _ in range(2))
    assert first.tobytes() == second.tobytes() != before.theta.tobytes()
    assert (before.theta.tobytes(), before.step) == (kept.state.theta.tobytes(), kept.state.step)


# The loop is the same for both engines: of the slow one, some cases of each length of a batch.
SLICED = {
    *product(CASES, [True], ["compiled"]),
    ("all rows", False, "reference"), ("oscillating", True, "reference"),
    ("batches", True, "reference"), ("patience", False, "reference"),
    ("diverging", False, "reference"),
    ("all rows", False, "compiled"), ("batches", False, "compiled"),
    ("one row", False, "compiled"), ("average", False, "compiled"),
}  # fmt: skip


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("case", "held_out", "engine"), slow_but(SLICED, product(CASES, [False, True], ENGINES))
)
@given(st.integers(1, 200))
@settings_of_hypothesis(max_examples=6)
def test_the_length_of_a_slice_changes_nothing(case, held_out, engine, steps):
    whole = of_a_case(case, held_out, engine, None)
    assert same(whole, of_a_case(case, held_out, engine, steps))
    if case == "diverging":
        assert whole.status is Status.DIVERGED


@cache
def of_a_case(case, held_out, engine, steps):
    """A training run in slices of so many steps, or as the loop itself slices it."""
    batch_size, text, more = CASES[case]
    # One row at a time, five epochs have more steps than the longest slice.
    chosen = settings(text, batch_size, 5 if batch_size == 1 else 12, **more)
    rows, judges = (np.arange(50), np.arange(50, 60)) if held_out else (None, None)
    each = choose(engine) if steps is None else in_slices_of(steps, engine)
    return train(*problem(), LOSS, 0.1, chosen, rows=rows, held_out=judges, engine=each)


@pytest.mark.parametrize(
    ("batch_size", "rate", "held_out", "engine"),
    slow_but(
        {
            (None, 30, False, "compiled"), (16, 3, True, "compiled"), (16, 30, False, "compiled"),
            (None, 30, True, "reference"), (16, 30, False, "reference"),
        },
        [
            (*each, *more)
            for each in [(None, 30), (16, 3), (16, 30)]
            for more in product([False, True], ENGINES)
        ],
    ),
)  # fmt: skip
@given(st.integers(1, 2000))
@settings_of_hypothesis(max_examples=6)
def test_nor_does_it_change_where_a_loss_explodes(batch_size, rate, held_out, engine, steps):
    architecture, theta, data = overshooting()
    chosen = settings(f"sgd:lr={rate}", batch_size, 500)
    rows, judges = (np.arange(50), np.arange(50, 60)) if held_out else (None, None)
    runs = [
        train(
            architecture, theta, data, "squared_error", 0.0, chosen,
            rows=rows, held_out=judges, engine=each,
        )
        for each in (choose(engine), in_slices_of(steps, engine))
    ]  # fmt: skip
    assert same(*runs)
    assert runs[0].status is Status.DIVERGED
    losses = column(runs[0].history, "train_loss")
    assert np.all(losses[:-1] <= 1e4 * max(1, losses[0]))


@pytest.mark.parametrize(
    ("batch_size", "steps", "calls"),
    [
        (None, 7, [7, 7, 6]),
        (8, 3, [3, 3, 2] * 20),
        (8, 20, [16] * 10),
        (8, 1000, [160]),
    ],
)
def test_a_slice_is_part_of_an_epoch_or_whole_epochs(batch_size, steps, calls):
    architecture, theta, data = problem()
    engine = in_slices_of(steps)
    train(architecture, theta, data, LOSS, 0.0, settings(batch_size=batch_size), engine=engine)
    # What comes behind is the best epoch, run once more.
    assert engine.calls[: len(calls)] == calls


def test_an_engine_that_says_nothing_is_taken_for_a_slow_one():
    architecture, theta, data = problem()
    member = Member(architecture, theta, data, LOSS, 0.0, settings())

    work = 3 * architecture.n_parameters * 60
    silent = type("Silent", (), {})()
    assert Run(member, silent).budget == int(0.1 / (5e-5 + work / 5e9)) == 1963
    engine = in_slices_of(5)
    assert Run(member, engine).budget == 5
    engine.work_per_second = work / run_module.SLICE_SECONDS
    assert Run(member, engine).budget == 1
    engine.work_per_second, engine.step_seconds = work / run_module.SLICE_SECONDS * 7.5, 0.0
    assert Run(member, engine).budget == 7
    engine.work_per_second = 1e300
    assert Run(member, engine).budget == 2**16


def test_a_slice_holds_no_more_rows_than_memory_should(monkeypatch):
    architecture, theta, data = problem()
    monkeypatch.setattr(run_module, "SLICE_ROWS", 200)
    engine = in_slices_of(10_000)
    train(architecture, theta, data, LOSS, 0.0, settings(batch_size=8), engine=engine)
    assert engine.calls == [24] * 6 + [16]


def test_mini_batches_pass_every_row_once_an_epoch_in_a_new_order():
    architecture, theta, data = problem(n_samples=50)
    seen = []

    class Watched(ReferenceEngine):
        def loss_and_gradient(self, architecture, objective, theta, data, rows=None, noise=None):
            seen.append(rows.copy())
            return super().loss_and_gradient(architecture, objective, theta, data, rows, noise)

    rows = np.arange(3, 45)
    chosen = settings(batch_size=8, max_epochs=4)
    descent = train(
        architecture, theta, data, LOSS, 0.0, chosen, rows=rows, engine=Watched()
    )  # fmt: skip
    assert [len(batch) for batch in seen] == [8, 8, 8, 8, 8, 2] * 4
    orders = [np.concatenate(seen[start : start + 6]) for start in range(0, 24, 6)]
    for epoch, order in enumerate(orders):
        np.testing.assert_array_equal(np.sort(order), rows)
        np.testing.assert_array_equal(order, generator(0, "order", epoch).permutation(rows))
    assert len({tuple(order) for order in orders}) == 4
    assert descent.history[-1]["steps"] == 4 * 6


def test_an_order_has_the_epochs_that_were_asked_for_and_no_more():
    architecture, theta, data = problem(n_samples=20)
    course = Course(Member(architecture, theta, data, LOSS, 0.0, settings(batch_size=8)), ENGINE)
    third, fourth = (generator(0, "order", epoch).permutation(np.arange(20)) for epoch in (3, 4))
    np.testing.assert_array_equal(course.order(3).rows, third)
    np.testing.assert_array_equal(course.order(3, 2).rows, [*third, *fourth])


def test_an_epochs_loss_is_the_mean_over_its_rows_with_a_short_last_batch():
    architecture, theta, data = problem(n_samples=11)
    tiny = settings("sgd:lr=1e-12", batch_size=4, max_epochs=1)
    descent = train(architecture, theta, data, LOSS, 0.3, tiny)
    # With a rate that moves nothing every batch sees the same θ.
    expected = exact(architecture, theta, data, alpha=0.3)
    assert descent.history[0]["train_loss"] == pytest.approx(expected, rel=1e-9)


def test_one_row_a_step_is_stochastic_descent():
    architecture, theta, data = problem(n_samples=7)
    descent = train(architecture, theta, data, LOSS, 0.0, settings(batch_size=1, max_epochs=2))
    assert descent.history[-1]["steps"] == 14


def test_the_best_held_out_epoch_comes_back_and_its_loss_is_the_one_shown():
    architecture, theta, data = problem(n_samples=40)
    rows, held_out = np.arange(12), np.arange(12, 40)
    chosen = settings("adam:lr=0.2", batch_size=4, max_epochs=60)
    descent = train(architecture, theta, data, LOSS, 0.0, chosen, rows=rows, held_out=held_out)
    valid = column(descent.history, "valid_loss")
    best = int(np.argmin(valid)) + 1
    assert 1 <= best < 60, "the problem must overfit, or this test shows nothing"
    assert descent.best_epoch == best
    assert exact(architecture, descent.theta, data, held_out) == valid.min()
    cut = train(
        architecture, theta, data, LOSS, 0.0,
        settings("adam:lr=0.2", batch_size=4, max_epochs=60, stop_after=best),
        rows=rows, held_out=held_out,
    )  # fmt: skip
    np.testing.assert_array_equal(cut.theta, descent.theta)


def test_held_out_rows_do_not_move_the_descent():
    architecture, theta, data = problem(n_samples=40)
    rows, held_out = np.arange(30), np.arange(30, 40)
    chosen = settings(batch_size=8, max_epochs=5)
    watched = train(architecture, theta, data, LOSS, 0.0, chosen, rows=rows, held_out=held_out)
    poisoned = Data(data.X.copy(), 1 - data.Y, data.weights * 3)
    poisoned.X[held_out] = 1e6
    poisoned.Y[rows], poisoned.weights[rows] = data.Y[rows], data.weights[rows]
    other = train(architecture, theta, poisoned, LOSS, 0.0, chosen, rows=rows, held_out=held_out)
    assert column(other.history, "train_loss").tolist() == (
        column(watched.history, "train_loss").tolist()
    )


def test_patience_counts_epochs_without_a_better_loss():
    architecture, theta, data = problem(n_samples=40)
    rows, held_out = np.arange(12), np.arange(12, 40)
    chosen = settings("adam:lr=0.2", batch_size=4, max_epochs=200, patience=7)
    descent = train(architecture, theta, data, LOSS, 0.0, chosen, rows=rows, held_out=held_out)
    assert descent.status is Status.PATIENCE
    valid = column(descent.history, "valid_loss")
    assert len(valid) == int(np.argmin(valid)) + 1 + 7
    assert descent.best_epoch == len(valid) - 7


def test_tolerance_wants_more_than_a_crumb():
    architecture, theta, data = problem()
    crumbs = settings("sgd:lr=1e-9", max_epochs=100, patience=5, tol=1e-4)
    descent = train(architecture, theta, data, LOSS, 0.0, crumbs)
    assert descent.status is Status.PATIENCE
    assert len(descent.history) == 6


def overshooting(n_samples=60):
    """A network without hidden layer under squared error: the largest stable rate is known."""
    _, _, data = problem(n_samples)
    architecture = Architecture.dense(3, (), 1, "identity")
    return architecture, np.full(4, 0.1), data


@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_descent_that_diverges_gives_the_best_epoch_before(batch_size):
    architecture, theta, data = overshooting()
    chosen = settings("sgd:lr=30", batch_size=batch_size, max_epochs=2000)
    descent = train(architecture, theta, data, "squared_error", 0.0, chosen)
    assert descent.status is Status.DIVERGED
    assert 1 <= descent.best_epoch < len(descent.history) < 2000
    losses = column(descent.history, "train_loss")
    assert np.all(np.isfinite(losses))
    # The epoch behind the best one began at θ, so its loss is θ's.
    assert descent.best_epoch == int(np.argmin(losses[1:])) + 1
    if batch_size is None:
        path = [theta]
        objective = Objective.over("squared_error", 0.0, data.weights)
        for _ in range(descent.best_epoch):
            _, gradient = ENGINE.loss_and_gradient(architecture, objective, path[-1], data)
            path.append(path[-1] - 30 * gradient)
        np.testing.assert_allclose(descent.theta, path[-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("sgd:lr=4,momentum=0.95", {"max_epochs": 6}),
        ("sgd:lr=8,momentum=0.9,schedule=cosine", {"max_epochs": 60, "patience": 3}),
    ],
)
def test_oscillation_without_divergence_gives_the_lowest_point(text, more):
    architecture, theta, data = problem()
    chosen = settings(text, **more)
    descent = train(architecture, theta, data, LOSS, 0.0, chosen)
    losses = [*column(descent.history, "train_loss")[1:]]
    assert min(losses) < losses[-1], "the problem must oscillate, or this test shows nothing"
    assert exact(architecture, descent.theta, data) == pytest.approx(min(losses), rel=1e-12)
    assert descent.best_epoch == int(np.argmin(losses)) + 1


def test_a_loss_that_explodes_is_divergence_long_before_it_overflows():
    architecture, theta, data = overshooting()
    descent = train(architecture, theta, data, "squared_error", 0.0, settings("sgd:lr=3", 16, 200))
    assert descent.status is Status.DIVERGED
    losses = column(descent.history, "train_loss")
    assert 1e4 < losses[-1] < 1e300
    assert len(losses) < 200


def test_a_start_that_is_not_finite_ends_at_once():
    architecture, theta, data = problem()
    theta[0] = np.nan
    descent = train(architecture, theta, data, LOSS, 0.0, settings())
    assert descent.status is Status.DIVERGED
    assert descent.best_epoch == 0
    assert descent.history == []


class Interrupt:
    """A progress that a person stops with Ctrl-C."""

    def __init__(self, after):
        self.after = after

    def epoch(self, record):
        if record["epoch"] == self.after:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_the_best_epoch_so_far():
    architecture, theta, data = problem(n_samples=40)
    rows, held_out = np.arange(30), np.arange(30, 40)
    chosen = settings(batch_size=8, max_epochs=50)
    descent = train(
        architecture, theta, data, LOSS, 0.0, chosen,
        rows=rows, held_out=held_out, progress=Interrupt(after=6),
    )  # fmt: skip
    assert descent.status is Status.INTERRUPTED
    assert len(descent.history) == 6
    valid = column(descent.history, "valid_loss")
    assert exact(architecture, descent.theta, data, held_out) == valid.min()


def test_a_run_that_is_halted_ends_after_the_slice_and_says_so():
    architecture, theta, data = problem()
    member = Member(architecture, theta, data, LOSS, 0.0, settings(batch_size=8))
    engine = in_slices_of(3)
    run = Run(member, engine, halted=lambda: len(engine.calls) == 4)
    run.begin()
    for _ in range(4):
        assert run.status is Status.RUNNING
        run.advance()
    assert run.status is Status.INTERRUPTED


def test_a_descent_that_is_cut_keeps_its_schedule():
    architecture, theta, data = problem()
    text = "adam:lr=0.01,schedule=cosine"
    whole = train(architecture, theta, data, LOSS, 0.0, settings(text, 8, 20))
    cut = train(architecture, theta, data, LOSS, 0.0, settings(text, 8, 20, stop_after=7))
    assert cut.history == whole.history[:7]


def test_the_epoch_that_was_named_comes_back_whatever_its_loss():
    architecture, theta, data = problem()
    text = "sgd:lr=4,momentum=0.95"
    free = train(architecture, theta, data, LOSS, 0.0, settings(text, max_epochs=6))
    assert free.best_epoch < 6, "the problem must oscillate, or this test shows nothing"
    named = train(architecture, theta, data, LOSS, 0.0, settings(text, None, 15, stop_after=6))
    assert named.best_epoch == 6
    path = settings(text, None, 15, stop_after=7)
    after = train(architecture, theta, data, LOSS, 0.0, path)
    assert exact(architecture, named.theta, data) == after.history[6]["train_loss"]


def test_one_seed_one_result():
    architecture, theta, data = problem()
    runs = [
        train(architecture, theta, data, LOSS, 0.0, settings(batch_size=8, seed=seed))
        for seed in (3, 3, 4)
    ]
    np.testing.assert_array_equal(runs[0].theta, runs[1].theta)
    assert not np.array_equal(runs[0].theta, runs[2].theta)


def test_float32_stays_float32():
    architecture, theta, data = problem()
    small = Data.of(data.X.astype("f"), data.Y, data.weights)
    descent = train(architecture, theta.astype("f"), small, LOSS, 0.1, settings("adam:lr=0.01", 8))
    assert descent.theta.dtype == np.float32


# What settings add


def test_dropout_falls_on_steps_and_on_the_last_look_and_on_no_judge():
    architecture, theta, data = problem()
    chosen = settings("sgd:lr=1e-9", max_epochs=3, dropout=0.4, seed=11)
    rows, held_out = np.arange(50), np.arange(50, 60)
    descent = train(architecture, theta, data, LOSS, 0.1, chosen, rows=rows, held_out=held_out)
    objective = Objective.over(LOSS, 0.1, data.weights[rows], dropout=0.4)
    expected = [
        ENGINE.losses(architecture, objective, theta[None], data, rows, Noise(11, step))[0]
        for step in range(3)
    ]
    np.testing.assert_allclose(column(descent.history, "train_loss"), expected, rtol=1e-7)
    assert len(set(expected)) == 3
    plain = exact(architecture, theta, data, held_out)
    np.testing.assert_allclose(column(descent.history, "valid_loss"), plain, rtol=1e-7)


def test_with_dropout_the_last_epoch_is_judged_as_the_others_were():
    architecture, theta, data = problem()
    chosen = settings("sgd:lr=1e-9", max_epochs=3, dropout=0.4, seed=11)
    run = Run(Member(architecture, theta, data, LOSS, 0.1, chosen))
    while run.status is Status.RUNNING:
        run.advance()
    objective = Objective.over(LOSS, 0.1, data.weights, dropout=0.4)
    judged = [
        ENGINE.losses(architecture, objective, theta[None], data, None, Noise(11, step))[0]
        for step in (1, 2, 3)
    ]
    run.look()
    assert run.standing.best.kept.epoch == int(np.argmin(judged)) + 1
    assert run.standing.best.kept.loss == pytest.approx(min(judged), rel=1e-7)


def test_smoothed_targets_are_learned_from_and_held_out_rows_keep_theirs():
    architecture, theta, data = problem()
    rows, held_out = np.arange(50), np.arange(50, 60)
    chosen = settings("sgd:lr=0.5", max_epochs=5, label_smoothing=0.2)
    descent = train(architecture, theta, data, LOSS, 0.1, chosen, rows=rows, held_out=held_out)
    by_hand = Data(data.X, 0.8 * data.Y + 0.1, data.weights)
    other = train(
        architecture, theta, by_hand, LOSS, 0.1, settings("sgd:lr=0.5", max_epochs=5),
        rows=rows, held_out=held_out,
    )  # fmt: skip
    np.testing.assert_allclose(
        column(descent.history, "train_loss"), column(other.history, "train_loss"), rtol=1e-12
    )
    valid = column(descent.history, "valid_loss")
    assert exact(architecture, descent.theta, data, held_out) == valid.min()
    assert (
        exact(architecture, other.theta, by_hand, held_out)
        == column(other.history, "valid_loss").min()
    )


def test_l1_is_a_part_of_the_loss_that_is_descended():
    architecture, theta, data = problem()
    chosen = settings("sgd:lr=1e-9", max_epochs=1, l1=0.7)
    loss = train(architecture, theta, data, LOSS, 0.0, chosen).history[0]["train_loss"]
    weights = sum(np.sum(np.abs(W)) for W, _ in architecture.layers(theta))
    expected = exact(architecture, theta, data) + 0.7 / data.weights.sum() * weights
    assert loss == pytest.approx(expected, rel=1e-12)


def test_decay_factors_and_clipping_reach_the_engine():
    architecture, theta, data = problem()
    text = "sgd:lr=0.1,decay=0.5,clip=0.01,W2=3"
    descent = train(architecture, theta, data, LOSS, 0.0, settings(text, max_epochs=1))
    objective = Objective.over(LOSS, 0.0, data.weights)
    _, gradient = ENGINE.loss_and_gradient(architecture, objective, theta, data)
    expected = theta.copy()
    for block in architecture.blocks:
        rate = 0.3 if block.name == "W2" else 0.1
        if block.kind == "weights":
            block.of(expected)[:] *= 1 - rate * 0.5
        block.of(expected)[:] -= rate * 0.01 / np.linalg.norm(gradient) * block.of(gradient)
    np.testing.assert_allclose(descent.theta, expected, rtol=1e-12)


@pytest.mark.parametrize("held_out", [None, np.arange(10)])
def test_the_time_limit_ends_a_descent_with_the_best_epoch_so_far(held_out):
    architecture, theta, data = problem()
    rows = np.arange(10, 60)
    whole, cut = (
        train(
            architecture, theta, data, LOSS, 0.0, settings(batch_size=8, **more),
            rows=rows, held_out=held_out, clock=Clock(),
            engine=in_slices_of(7),
        )
        for more in ({"max_epochs": 4}, {"max_epochs": 10**9, "time_limit": 3.5})
    )  # fmt: skip
    # The clock is looked at before the first epoch, and after each: at 1, and at 2, 3, 4, 5.
    assert cut.status is Status.TIME_LIMIT
    assert cut.history == whole.history
    assert cut.best_epoch == whole.best_epoch
    np.testing.assert_array_equal(cut.theta, whole.theta)


def test_a_time_limit_inside_an_epoch_gives_the_last_that_ended():
    architecture, theta, data = problem()
    engine = in_slices_of(3)
    limited = settings(batch_size=8, max_epochs=9, time_limit=4.5)
    cut = train(architecture, theta, data, LOSS, 0.0, limited, engine=engine, clock=Clock())
    # Slices of 3, 3, 2, 3 and 3 steps: two of the second epoch.
    assert sum(engine.calls) == 14
    whole = train(architecture, theta, data, LOSS, 0.0, settings(batch_size=8, max_epochs=1))
    assert (cut.status, cut.best_epoch) == (Status.TIME_LIMIT, 1)
    assert cut.history == whole.history
    np.testing.assert_array_equal(cut.theta, whole.theta)


def test_time_that_is_up_at_once_still_is_one_slice():
    architecture, theta, data = problem()
    at_once = settings(batch_size=8, max_epochs=9, time_limit=0.0)
    engine = in_slices_of(3)
    cut = train(architecture, theta, data, LOSS, 0.0, at_once, engine=engine, clock=Clock())
    assert (cut.status, cut.best_epoch, cut.history) == (Status.TIME_LIMIT, 0, [])
    np.testing.assert_array_equal(cut.theta, theta)
    assert engine.calls == [3]


@pytest.mark.parametrize(("limit", "slices"), [(1.9, 2), (2.0, 2), (2.1, 3)])
def test_the_time_is_up_when_the_limit_is_reached(limit, slices):
    architecture, theta, data = problem()
    limited, engine = settings(batch_size=8, max_epochs=9, time_limit=limit), in_slices_of(3)
    train(architecture, theta, data, LOSS, 0.0, limited, engine=engine, clock=Clock())
    # It begins at 1, and is looked at at 2, 3, 4.
    assert len(engine.calls) == slices


def test_a_descent_that_ended_by_itself_says_so_even_when_its_time_was_up():
    architecture, theta, data = problem()
    limited = settings(max_epochs=5, time_limit=0.0)
    assert train(architecture, theta, data, LOSS, 0.0, limited).status is Status.MAX_EPOCHS


def test_an_epoch_that_was_named_but_not_reached_gives_the_best():
    architecture, theta, data = problem()
    text = "sgd:lr=4,momentum=0.95"
    free = train(architecture, theta, data, LOSS, 0.0, settings(text, max_epochs=6))
    assert free.best_epoch < 6, "the problem must oscillate, or this test shows nothing"
    engine = in_slices_of(1)
    limited = settings(text, max_epochs=15, stop_after=9, time_limit=5.5)
    cut = train(architecture, theta, data, LOSS, 0.0, limited, engine=engine, clock=Clock())
    assert len(cut.history) == 6
    assert (cut.status, cut.best_epoch) == (Status.TIME_LIMIT, free.best_epoch)
    np.testing.assert_array_equal(cut.theta, free.theta)


@pytest.mark.parametrize("judged", [True, False])
def test_a_plateau_lowers_the_rate_of_the_next_epoch(judged):
    architecture, theta, data = problem()
    rows, held_out = np.arange(10), np.arange(10, 60) if judged else None
    # Too large a rate: where nobody judges, only so the losses of training go up.
    first, batch = (0.5, 5) if judged else (32.0, None)
    text = f"adam:lr={first},schedule=plateau(factor=0.25,patience=2,end=0.001)"
    descent = train(
        architecture, theta, data, LOSS, 0.0, settings(text, batch, 30),
        rows=rows, held_out=held_out,
    )  # fmt: skip
    rate, lowest, waited, expected = first, np.inf, 0, []
    for loss in column(descent.history, "valid_loss" if judged else "train_loss"):
        expected.append(max(rate, 0.001 * first))
        waited += 1
        if loss < lowest:
            lowest, waited = loss, 0
        if waited == 2:
            rate, waited = rate / 4, 0
    assert column(descent.history, "rate").tolist() == expected
    assert min(expected) < first / 16, "the losses must stop falling, or this test shows nothing"


@given(
    st.sampled_from(list(SCHEDULES)), st.integers(1, 5000), st.integers(0, 5000), st.data()
)  # fmt: skip
def test_a_rate_does_not_depend_on_how_many_are_asked_for(name, total, first, draw):
    architecture, theta, data = problem()
    assume(first < total and not SCHEDULES[name].answer)
    count = draw.draw(st.integers(1, total - first))
    text = f"sgd:lr=0.3,schedule={name},warmup=0.1"
    course = Course(
        Member(architecture, theta, data, LOSS, 0.0, settings(text, None, total)), ENGINE
    )
    whole = np.concatenate([course.rates(step, 1) for step in range(0, total, 37)])
    np.testing.assert_array_equal(course.rates(0, total)[::37], whole)
    np.testing.assert_array_equal(
        course.rates(first, count), course.rates(0, total)[first:][:count]
    )
    optimizer = parse_optimizer(text)
    np.testing.assert_allclose(course.rates(0, total), optimizer.rates(0, total, total), rtol=1e-13)


@given(st.integers(1, 9), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_an_epochs_record_does_not_depend_on_its_neighbours(n_epochs, n_batches, seed):
    random = np.random.default_rng(seed)
    losses, norms, rates = random.uniform(0, 5, (3, n_epochs * n_batches))
    shares = random.uniform(0, 1, n_batches)
    records = epochs(losses, norms, rates, shares / shares.sum(), 4)
    for i, record in enumerate(records):
        here = slice(i * n_batches, (i + 1) * n_batches)
        alone = epochs(losses[here], norms[here], rates[here], shares / shares.sum(), 4 + i)
        assert alone == [record]
        assert record["epoch"] == 5 + i
        assert record["steps"] == (5 + i) * n_batches
        mean = math.fsum(losses[here] * shares) / math.fsum(shares)
        assert record["train_loss"] == pytest.approx(mean, rel=1e-12)
        assert record["gradient_norm"] == pytest.approx(math.fsum(norms[here]) / n_batches)
        assert record["rate"] == rates[here][-1]


# L-BFGS


def by_scipy(architecture, theta, data, alpha, iterations, rows=None):
    """θ after every iteration of SciPy's own, called in the plainest way."""
    weights = data.weights if rows is None else data.weights[rows]
    objective = Objective.over(LOSS, alpha, weights)
    path = [theta.copy()]
    minimize(
        lambda point: ENGINE.loss_and_gradient(architecture, objective, point, data, rows),
        theta, jac=True, method="L-BFGS-B", callback=lambda point: path.append(point.copy()),
        options={"maxcor": 10, "maxiter": iterations, "ftol": 0, "gtol": 0},
    )  # fmt: skip
    return path


def test_lbfgs_is_scipys_with_an_epoch_an_iteration():
    architecture, theta, data = problem()
    path = by_scipy(architecture, theta, data, 0.5, 12)
    descent = train(architecture, theta, data, LOSS, 0.5, settings("lbfgs", max_epochs=12))
    np.testing.assert_allclose(descent.theta, path[-1], rtol=1e-9)
    heights = [exact(architecture, point, data, alpha=0.5) for point in path]
    np.testing.assert_allclose(column(descent.history, "train_loss"), heights[:-1], rtol=1e-9)
    objective = Objective.over(LOSS, 0.5, data.weights)
    norms = [
        np.linalg.norm(ENGINE.loss_and_gradient(architecture, objective, point, data)[1])
        for point in path
    ]
    np.testing.assert_allclose(column(descent.history, "gradient_norm"), norms[:-1], rtol=1e-6)
    assert [(r["epoch"], r["steps"]) for r in descent.history] == [(n, n) for n in range(1, 13)]
    assert {record["rate"] for record in descent.history} == {None}
    assert (descent.status, descent.best_epoch) == (Status.MAX_EPOCHS, 12)
    assert descent.dead_units == (0,)


def test_lbfgs_gives_the_best_held_out_epoch_and_has_patience():
    architecture, theta, data = problem()
    rows, held_out = np.arange(15), np.arange(15, 60)
    chosen = settings("lbfgs", max_epochs=200, patience=6)
    descent = train(architecture, theta, data, LOSS, 0.01, chosen, rows=rows, held_out=held_out)
    valid = column(descent.history, "valid_loss")
    best = int(np.argmin(valid)) + 1
    assert (descent.status, descent.best_epoch, len(valid)) == (Status.PATIENCE, best, best + 6)
    assert exact(architecture, descent.theta, data, held_out) == valid.min()
    path = by_scipy(architecture, theta, data, 0.01, best, rows)
    np.testing.assert_allclose(descent.theta, path[best], rtol=1e-6)


def test_lbfgs_ends_where_the_valley_ends():
    _, _, data = problem()
    architecture, theta = Architecture.dense(3, (), 1, "identity"), np.zeros(4)
    descent = train(architecture, theta, data, LOSS, 1.0, settings("lbfgs", max_epochs=10_000))
    assert descent.status is Status.PATIENCE
    assert len(descent.history) < 200
    objective = Objective.over(LOSS, 1.0, data.weights)
    _, gradient = ENGINE.loss_and_gradient(architecture, objective, descent.theta, data)
    assert np.linalg.norm(gradient) < 1e-7


@pytest.mark.parametrize("epoch", [1, 4])
def test_lbfgs_can_be_looked_at_and_stopped(epoch):
    architecture, theta, data = problem()
    diary, path = [], EpochPath()

    class Look(Callback):
        def step_end(self, moment):
            diary.append(("step", moment.epoch, moment.record["train_loss"], moment.record["rate"]))

        def epoch_begin(self, moment):
            diary.append(("epoch", moment.epoch))

        def epoch_end(self, moment):
            return moment.epoch == epoch

    chosen = settings("lbfgs", max_epochs=12)
    whole = train(architecture, theta, data, LOSS, 0.5, chosen)
    descent = train(architecture, theta, data, LOSS, 0.5, chosen, callbacks=[Look(), path])
    assert (descent.status, descent.best_epoch) == (Status.STOPPED, epoch)
    assert descent.history == whole.history[:epoch]
    np.testing.assert_array_equal(path.thetas[-1], descent.theta)
    assert len(path.thetas) == epoch + 1
    losses = column(whole.history, "train_loss")
    assert diary == [
        page
        for n in range(1, epoch + 1)
        for page in (("epoch", n), ("step", n, losses[n - 1], None))
    ]


def test_lbfgs_keeps_to_the_time_and_to_ctrl_c():
    architecture, theta, data = problem()
    limited = settings("lbfgs", max_epochs=12, time_limit=3.5)
    cut = train(architecture, theta, data, LOSS, 0.5, limited, clock=Clock())
    assert cut.status is Status.TIME_LIMIT
    assert cut.best_epoch == len(cut.history) < 12
    whole = train(architecture, theta, data, LOSS, 0.5, settings("lbfgs", max_epochs=12))
    assert cut.history == whole.history[: len(cut.history)]
    stopped = train(
        architecture, theta, data, LOSS, 0.5, settings("lbfgs", max_epochs=12),
        progress=Interrupt(after=6),
    )  # fmt: skip
    assert (stopped.status, len(stopped.history)) == (Status.INTERRUPTED, 6)


def test_lbfgs_counts_its_steps():
    architecture, theta, data = problem()
    run = Run(Member(architecture, theta, data, LOSS, 0.5, settings("lbfgs", max_epochs=7)))
    run.begin()
    run.advance()
    assert run.standing.state.step == len(run.standing.history) == 7


def test_lbfgs_keeps_float32():
    architecture, theta, data = problem()
    small = Data.of(data.X.astype("f"), data.Y, data.weights)
    descent = train(
        architecture, theta.astype("f"), small, LOSS, 0.1, settings("lbfgs", max_epochs=9)
    )
    assert descent.theta.dtype == np.float32
    losses = column(descent.history, "train_loss")
    assert np.all(np.diff(losses) < 0)


def test_an_epoch_with_more_rows_than_a_slice_should_hold_is_a_slice(monkeypatch):
    architecture, theta, data = problem()
    monkeypatch.setattr(run_module, "SLICE_ROWS", 10)
    engine = in_slices_of(10_000)
    run = Run(Member(architecture, theta, data, LOSS, 0.0, settings(batch_size=8)), engine)
    run.begin()
    run.advance()
    assert (engine.calls, len(run.standing.history)) == ([8], 1)
    # Full batches have no order that takes memory.
    engine = in_slices_of(10_000)
    train(architecture, theta, data, LOSS, 0.0, settings(), engine=engine)
    assert engine.calls[0] == 20


@pytest.mark.parametrize(
    ("start", "factor", "explodes"),
    [(0.5, 19_900, False), (0.5, 20_100, True), (3.0, 9_900, False), (3.0, 10_100, True)],
)
def test_a_loss_explodes_beyond_10_000_times_the_first_or_10_000(start, factor, explodes):
    # L = ½ θ²: a step multiplies θ by 1 - r, and the loss by its square.
    architecture = Architecture.dense(1, (), 1, "identity")
    data = Data.of(np.ones((1, 1)), np.zeros((1, 1)))
    theta = np.array([math.sqrt(2 * start), 0.0])
    chosen = settings(f"sgd:lr={1 + math.sqrt(factor)},biases=0", max_epochs=2)
    descent = train(architecture, theta, data, "squared_error", 0.0, chosen)
    losses = column(descent.history, "train_loss")
    np.testing.assert_allclose(losses, [start, start * factor], rtol=1e-9)
    assert (descent.status is Status.DIVERGED) == explodes


def test_a_held_out_loss_that_explodes_later_is_reported_with_the_weights_of_that_epoch():
    data = Data.of(np.array([[1.0], [1e3]]), np.array([[1.0], [0.0]]))
    descent = train(
        Architecture((1, 1), ("identity",)), np.zeros(2), data, "squared_error", 0.0,
        settings("sgd:lr=0.06"), rows=np.array([0]), held_out=np.array([1]),
    )  # fmt: skip
    # z = w + b approaches 1: w = b = (1 - 0.88^e) / 2, and the judge sees about ½ (1000 w)².
    assert descent.trouble.epoch == 3
    weight = (1 - 0.88**3) / 2
    assert f"from a norm of 0 to {weight:.4g}" in descent.trouble.what


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_the_copies_of_a_checkpoint_are_counted_where_there_is_one(
    monkeypatch, tmp_path, has_checkpoint
):
    architecture, theta, data = problem()
    chosen = settings("adam", max_epochs=1)
    without = TrainingMemory(
        sizes=architecture.sizes, dtype=theta.dtype, optimizer=chosen.optimizer, n_thetas=0
    )
    monkeypatch.setattr(memory_module, "_free", lambda: (without.total, "no more is free"))
    kept = Checkpoint(tmp_path / "run.ckpt") if has_checkpoint else None
    refused = pytest.raises(SettingsError, match="no more is free")
    with refused if has_checkpoint else nullcontext():
        train(architecture, theta, data, LOSS, 0.0, chosen, checkpoint=kept)


def test_a_run_that_had_ended_resumes_at_its_end(tmp_path):
    architecture, theta, data = problem()
    given = (architecture, theta, data, LOSS, 0.0, settings(batch_size=8, stop_after=5))
    first = train(*given, checkpoint=Checkpoint(tmp_path / "kept"))
    again = train(*given, checkpoint=Checkpoint(tmp_path / "kept"))
    assert len(again.history) == 5
    assert same(first, again)


def test_lbfgs_has_a_trouble_only_where_it_diverged():
    architecture, theta, data = problem()
    chosen = settings("lbfgs", max_epochs=5)
    descent = train(architecture, theta, data, LOSS, 0.5, chosen)
    assert (descent.status, descent.trouble) == (Status.MAX_EPOCHS, None)
    theta[0] = np.nan
    descent = train(architecture, theta, data, LOSS, 0.5, chosen)
    assert (descent.status, descent.trouble.layer) == (Status.DIVERGED, 1)
    assert descent.trouble.rate is None


@pytest.mark.parametrize("epoch", [1, 4])
def test_lbfgs_can_be_stopped_before_an_epoch(epoch):
    architecture, theta, data = problem()

    class Stop(Callback):
        def epoch_begin(self, moment):
            return moment.epoch == epoch

    chosen = settings("lbfgs", max_epochs=12)
    whole = train(architecture, theta, data, LOSS, 0.5, chosen)
    descent = train(architecture, theta, data, LOSS, 0.5, chosen, callbacks=[Stop()])
    assert descent.status is Status.STOPPED
    assert descent.history == whole.history[: epoch - 1]
