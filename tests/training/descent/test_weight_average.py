"""The average of the weights: closed forms, a loop by hand, and slices that change nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from descents import LOSS, in_slices_of, problem, same
from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Noise, Objective, choose
from thalweg.training.callbacks import MOMENTS, Callback, EpochPath, StepPath
from thalweg.training.checkpoint import Checkpoint
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent.weight_average import Average
from thalweg.training.descent_inputs import Member
from thalweg.training.train import train
from thalweg.training.training_loop import Run

HELD_OUT = {"rows": np.arange(20, 60), "held_out": np.arange(20)}
ENGINES = ["reference", "compiled"]


def settings(text, batch_size=8, epochs=6, **more):
    return Settings(parse_optimizer(text), batch_size, epochs, **more)


def descend(text, *callbacks, batch_size=8, epochs=6, more=None, **how):
    architecture, theta, data = how.pop("problem", None) or problem()
    chosen = settings(text, batch_size, epochs, **(more or {}))
    return train(architecture, theta, data, LOSS, 0.1, chosen, callbacks=callbacks, **how)


def by_hand(points, n_batches, tau, epoch):
    """The average after an epoch, from θ before and after every step, in the fewest words."""
    taken = points[n_batches::n_batches][:epoch]
    return np.average(taken, axis=0, weights=np.exp(-np.arange(epoch)[::-1] / tau))


@given(st.floats(0.05, 1000), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_it_is_the_mean_whose_weights_fall_by_d(tau, count, seed):
    points = np.random.default_rng(seed).standard_normal((count, 3))
    average = Average(np.zeros(3), tau)
    for point in points:
        average.update(point)
    found = np.empty(3)
    average.write(found)
    weights = np.exp(-np.arange(count)[::-1] / tau)
    expected = np.average(points, axis=0, weights=weights)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_of_one_theta_that_stays_it_is_that_theta():
    for tau in (1e-300, 0.01, 1, 1000):
        average, found = Average(np.zeros(2), tau), np.empty(2)
        for _ in range(30):
            average.update(np.array([3.0, -1e-9]))
            average.write(found)
            np.testing.assert_allclose(found, [3.0, -1e-9], rtol=1e-12)


def test_before_the_first_update_theta_stays():
    theta = np.array([1.0, 2.0], "f")
    Average(np.zeros(2), 1.0).write(theta)
    assert theta.tolist() == [1.0, 2.0]


def test_small_changes_of_float32_are_not_lost():
    # 1 + 2⁻²³ is the next float32; an average in float32 would stay at 1.
    near, next_ = np.ones(1, "f"), np.nextafter(np.ones(1, "f"), np.float32(2))
    average, found = Average(np.zeros(1), 1000.0), np.empty(1)
    for theta in [near] * 1000 + [next_] * 1000:
        average.update(theta)
    average.write(found)
    share = -math.expm1(-1) / -math.expm1(-2)
    assert (found[0] - 1) * 2**23 == pytest.approx(share, rel=1e-6)


def test_an_infinite_theta_warns_of_nothing():
    average, found = Average(np.zeros(2), 1.0), np.empty(2, "f")
    for theta in ([np.inf, 1.0], [-np.inf, 1.0], [3e38, 3e38]):
        average.update(np.array(theta))
    average.write(found)
    assert np.isnan(found[0])


# In training


def a_plane(slope=(0.5, -0.25)):
    """A loss whose gradient is the same everywhere: the absolute error, far above all targets."""
    X = np.array([slope], float)
    return Architecture.dense(2, (), 1, "identity"), np.full(3, 1e3), Data.of(X, np.zeros((1, 1)))


def test_a_constant_gradient_in_closed_form():
    # θ after step n is θ₀ - n η g. With d, the mean age after t updates is known in closed form.
    architecture, theta, data = a_plane()
    tau, rate, t = 1.5, 0.01, 7
    found = train(
        architecture, theta, data, "absolute_error", 0.0,
        settings(f"sgd:lr={rate},average={tau}", None, 9, stop_after=t),
    )  # fmt: skip
    d = math.exp(-1 / tau)
    age = d / (1 - d) - t * d**t / (1 - d**t)
    gradient = np.array([0.5, -0.25, 1.0])
    np.testing.assert_allclose(found.theta, theta - (t - age) * rate * gradient, rtol=1e-13)


def test_a_quadratic_bowl_in_closed_form():
    # One weight, one row of 1, target 0: L = ½ θ² without bias, so θ after n steps is (1 - η)ⁿ θ₀.
    architecture = Architecture.dense(1, (), 1, "identity")
    data = Data.of(np.ones((1, 1)), np.zeros((1, 1)))
    tau, rate, t = 2.0, 0.1, 11
    found = train(
        architecture, np.array([1.0, 0.0]), data, "squared_error", 0.0,
        settings(f"sgd:lr={rate},b1=0,average={tau}", None, 20, stop_after=t),
    )  # fmt: skip
    d, r = math.exp(-1 / tau), 1 - rate
    expected = (1 - d) / (1 - d**t) * r * (r**t - d**t) / (r - d)
    np.testing.assert_allclose(found.theta, [expected, 0.0], rtol=1e-13)


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
@given(
    st.sampled_from([1, 7, 8, 13, 30, None]), st.sampled_from([0.05, 0.3, 1, 20]),
    st.integers(1, 6), st.integers(1, 200),
)  # fmt: skip
@settings_of_hypothesis(max_examples=12)
def test_every_epoch_gives_the_average_of_a_loop_by_hand(
    engine, held_out, batch_size, tau, epoch, steps
):
    text, path = "adam:lr=0.05,schedule=cosine", StepPath()
    descend(text, path, batch_size=batch_size, engine=choose(engine), **held_out)
    n_batches = path.steps[-1] // 6
    ends = EpochPath()
    named = {"stop_after": epoch}
    found = descend(
        f"{text},average={tau}", ends, batch_size=batch_size, more=named,
        engine=in_slices_of(steps, engine), **held_out,
    )  # fmt: skip
    expected = [by_hand(path.thetas, n_batches, tau, e) for e in range(1, epoch + 1)]
    np.testing.assert_allclose(ends.thetas[1:], expected, rtol=1e-10, atol=1e-12)
    chosen = found.best_epoch if held_out else epoch
    assert found.best_epoch == chosen
    assert found.theta.tobytes() == ends.thetas[chosen].tobytes()


def test_the_steps_stay_as_they_are():
    for held_out in ({}, HELD_OUT):
        with_, without = StepPath(), StepPath()
        averaged = descend("adam:lr=0.05,average=1", with_, **held_out)
        plain = descend("adam:lr=0.05", without, **held_out)
        assert with_.thetas.tobytes() == without.thetas.tobytes()
        for one, other in zip(averaged.history, plain.history, strict=True):
            assert {**one, "valid_loss": 0} == {**other, "valid_loss": 0}


@pytest.mark.parametrize("engine", ENGINES)
def test_held_out_rows_evaluate_the_average_and_the_best_one_comes_back(engine):
    architecture, _, data = problem()
    ends = EpochPath()
    text = "adam:lr=0.4,average=0.5"
    found = descend(text, ends, epochs=40, engine=choose(engine), **HELD_OUT)
    judge = Objective.over(LOSS, 0.0, data.weights[:20])
    losses = choose(engine).losses(architecture, judge, ends.thetas[1:], data, np.arange(20))
    valid = [record["valid_loss"] for record in found.history]
    np.testing.assert_allclose(valid, losses, rtol=1e-13)
    best = int(np.argmin(valid)) + 1
    assert 1 <= best < 40, "the problem must overfit, or this test shows nothing"
    assert found.best_epoch == best
    assert found.theta.tobytes() == ends.thetas[best].tobytes()


def test_both_engines_give_the_same():
    text = "adam:lr=0.05,schedule=cosine,average=0.7"
    one, other = (descend(text, engine=choose(name), **HELD_OUT) for name in ENGINES)
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-10)
    assert one.best_epoch == other.best_epoch


def test_without_held_out_rows_the_losses_of_the_steps_choose_the_epoch():
    text = "sgd:lr=4,momentum=0.95"
    plain = descend(text, batch_size=None, epochs=12)
    ends = EpochPath()
    found = descend(f"{text},average=1", ends, batch_size=None, epochs=12)
    # The last epoch is compared by its average; the others as without one.
    assert plain.best_epoch < 12, "the problem must oscillate, or this test shows nothing"
    assert found.best_epoch in (plain.best_epoch, 12)
    assert found.theta.tobytes() == ends.thetas[found.best_epoch].tobytes()
    architecture, _, data = problem()
    objective = Objective.over(LOSS, 0.1, data.weights)
    last = choose().losses(architecture, objective, ends.thetas[-1:], data)[0]
    lowest = min(record["train_loss"] for record in plain.history[1:])
    assert found.best_epoch == (12 if last < lowest else plain.best_epoch)


def test_the_last_look_has_the_noise_of_the_next_step():
    architecture, theta, data = problem()
    more = {"dropout": 0.4, "seed": 11}
    run = Run(Member(
        architecture, theta, data, LOSS, 0.1, settings("sgd:lr=1e-9,average=1", 8, 3, **more)
    ))  # fmt: skip
    while run.status is Status.RUNNING:
        run.advance()
    objective = Objective.over(LOSS, 0.1, data.weights, dropout=0.4)
    # With a rate that moves nothing, θ and its average are the start.
    last = choose().losses(architecture, objective, theta[None], data, None, Noise(11, 24))[0]
    run.standing.best.kept = run.standing.best.kept._replace(loss=np.inf)
    run.look()
    assert run.standing.best.kept.loss == pytest.approx(last, rel=1e-7)


@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
def test_a_descent_that_diverges_gives_the_average_of_the_best_epoch_before(held_out):
    ends = EpochPath()
    architecture = Architecture.dense(3, (), 1, "identity")
    _, _, data = problem()
    chosen = settings("sgd:lr=3,average=1", 16, 500)
    found = train(
        architecture, np.full(4, 0.1), data, "squared_error", 0.0, chosen, callbacks=[ends],
        **held_out,
    )  # fmt: skip
    assert found.status is Status.DIVERGED
    assert np.isfinite(found.theta).all()
    assert found.theta.tobytes() == ends.thetas[found.best_epoch].tobytes()


def test_float32_gives_float32_from_an_average_in_float64():
    architecture, theta, data = problem()
    small = Data.of(data.X.astype("f"), data.Y, data.weights)
    one = (architecture, theta.astype("f"), small)
    path = StepPath()
    descend("adam:lr=0.05", path, problem=one)
    found = descend("adam:lr=0.05,average=1", problem=one, more={"stop_after": 5})
    assert found.theta.dtype == np.float32
    expected = by_hand(path.thetas.astype(np.float64), 8, 1, 5)
    assert found.theta.tobytes() == expected.astype("f").tobytes()


class Stop(Callback):
    """Asks for the end before a step."""

    def __init__(self, step):
        self.step = step

    def step_begin(self, moment):
        return moment.step == self.step


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("held_out", [{}, HELD_OUT])
@given(
    st.integers(1, 20), st.sets(st.integers(1, 29), max_size=3), st.integers(1, 100),
    st.sets(st.sampled_from(MOMENTS), max_size=2),
)  # fmt: skip
@settings_of_hypothesis(max_examples=15)
def test_slices_callbacks_and_stops_leave_every_bit(
    held_out, tmp_path_factory, batch_size, stops, steps, watched
):
    how = {"batch_size": batch_size, **held_out}
    text = "adam:lr=0.05,schedule=cosine,average=0.6"
    whole = descend(text, **how)
    silent = type("Silent", (Callback,), {name: lambda self, moment: None for name in watched})()
    assert same(descend(text, silent, engine=in_slices_of(steps), **how), whole)
    path = tmp_path_factory.mktemp("run") / "kept"
    for step in sorted(stops):
        descend(text, Stop(step), checkpoint=Checkpoint(path), **how)
    assert same(descend(text, checkpoint=Checkpoint(path), **how), whole)


def test_callbacks_see_theta_in_steps_and_the_average_at_the_end_of_an_epoch():
    seen = {name: [] for name in MOMENTS}
    note = {
        name: lambda self, moment, name=name: seen[name].append(moment.theta.copy())
        for name in MOMENTS
    }
    found = descend("adam:lr=0.05,average=1", type("All", (Callback,), note)(), **HELD_OUT)
    path = StepPath()
    descend("adam:lr=0.05", path, **HELD_OUT)
    assert np.array_equal(seen["step_end"], path.thetas[1:])
    assert np.array_equal(seen["step_begin"], path.thetas[:-1])
    assert np.array_equal(seen["epoch_begin"], path.thetas[:-1:5])
    expected = [by_hand(path.thetas, 5, 1, epoch) for epoch in range(1, 7)]
    np.testing.assert_allclose(seen["epoch_end"], expected, rtol=1e-10)
    assert np.array_equal(seen["improved"][-1], found.theta)
    assert np.array_equal(seen["train_end"], [found.theta])


def test_an_average_of_no_epochs_is_no_average():
    plain = settings("adam:lr=0.05")
    assert replace(plain.optimizer, average=0.0) == plain.optimizer
    assert same(descend("adam:lr=0.05,average=0"), descend("adam:lr=0.05"))
