"""The compiled engine against the readable one: values, gradients, and θ after fifty steps.

Rounding is all that may differ. What a rule makes of rounding is another matter: Lion takes the
sign of a sum that may be 0, and Adam divides by the gradient, however small. So a problem is fair
where the readable engine itself, begun at a θ that is off by a rounding, ends at the same place
(and moves, and does not diverge); where it does not, another and smaller θ is drawn, with a lower
rate, which must not happen often. Losses whose slopes are a few whole numbers get weights that are
none: their sums would be 0 in one order of the samples, and a rounding in another.
"""

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import by_hand
from slow_cases import slow_but
from thalweg.errors import Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.training_kernels import CHUNK
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import smoothed
from thalweg.network.reference_engine import ReferenceEngine

COMPILED, REFERENCE = CompiledEngine(), ReferenceEngine()

N_STEPS = 50
ALLOWED = 1e-12  # of a norm, in float64
FAIR = 2e-13
LOSSES = [
    "squared_error", "absolute_error", "huber:delta=0.4", "quantile:level=0.8", "poisson",
    "gamma", "tweedie:power=1.3",
    "sigmoid_cross_entropy", "softmax_cross_entropy", "sigmoid_cross_entropy smoothed",
    "softmax_cross_entropy smoothed", "ordinal",
]  # fmt: skip
OF_LOGARITHMS = ("poisson", "gamma", "tweedie")
RULES = {
    "sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.05, "rmsprop": 0.005,
    "adam": 0.005, "adamw": 0.005, "nadam": 0.005, "lion": 0.001,
}  # fmt: skip
DEPTHS = [1, 2, 4, 8]
WIDTHS = [[15], [3, 17], [33, 1, 5], [100, 15], [16, 8], [7, 64, 3]]
PENALTIES = [(0.0, 0.0), (0.7, 0.0), (0.0, 0.4), (0.7, 0.4)]
AROUND = [{}, {"decay": 0.3}, {"factors": True}, {"clip": 0.3}, {"decay": 0.1, "clip": 1.0,
                                                                "factors": True},
          {"scales": 4.0}, {"scales": 2.0, "decay": 0.1, "factors": True}]  # fmt: skip
DROPOUTS = [0.0, 0.3]
WEIGHTS = ["none", "some", "zeros"]
N_OUTPUTS = [1, 2, 5]
# Rows, and how many a batch: whole, with a short last one, and of more than a chunk.
BATCHES = [(40, 40), (50, 16), (1300, 1300), (1200, 700), (30, 7), (64, 64), (33, 1)]
FACTORS = [list(ACTIVATIONS), LOSSES, list(RULES), DEPTHS, WIDTHS, PENALTIES, AROUND, DROPOUTS,
           WEIGHTS, N_OUTPUTS, BATCHES]  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One line of the table, and a number that tells one draw from another."""

    activation: str
    loss: str
    rule: str
    depth: int
    widths: tuple
    penalties: tuple
    around: dict
    dropout: float
    weights: str
    n_outputs: int
    batches: tuple
    draw: int = 0
    calmer: int = 0

    @cached_property
    def architecture(self):
        n_outputs = max(self.n_outputs, 2) if self.loss.startswith("softmax") else self.n_outputs
        hidden = tuple(itertools.islice(itertools.cycle(self.widths), self.depth - 1))
        return Architecture.dense(self.widths[-1] + 2, hidden, n_outputs, self.activation)

    @cached_property
    def weighting(self):
        counts = self.loss.partition(":")[0] in ("absolute_error", "quantile")
        return "some" if counts and self.weights == "none" else self.weights

    def data(self, dtype=np.float64):
        rng, (n_rows, _) = np.random.default_rng([27, self.draw]), self.batches
        text, _, smooth = self.loss.partition(" ")
        Y = by_hand.targets(text, n_rows, self.architecture.sizes[-1], rng)
        X = rng.normal(size=(n_rows, self.architecture.sizes[0]))
        weights = rng.uniform(0.1, 3.0, n_rows)
        if self.weighting == "none":
            weights[:] = 1.0
        if self.weighting == "zeros":
            weights[rng.random(n_rows) < 0.3] = 0.0
            weights[-1] = 1.0
        Y = smoothed(Y, 0.1) if smooth else Y
        return Data.of(X.astype(dtype), Y, weights)

    def objective(self):
        text, _, _ = self.loss.partition(" ")
        return Objective.over(text, self.penalties[0], self.data().weights, self.penalties[1],
                              self.dropout)  # fmt: skip

    def method(self):
        name, constants = self.rule, ()
        if name == "momentum":
            name, constants = "sgd", (0.9,)
        around = dict(self.around)
        if around.pop("factors", False):
            blocks = len(self.architecture.blocks)
            around["factors"] = tuple(np.random.default_rng(28).uniform(0.5, 2.0, blocks).tolist())
        return replace(Method.of(name, *constants), **around)

    def theta(self):
        rng = np.random.default_rng([29, self.draw])
        theta = initial_theta(self.architecture, "he", rng)
        return (theta + 0.1 * rng.normal(size=theta.size)) * 0.7**self.calmer

    def order(self):
        n_rows, size = self.batches
        return Order(np.random.default_rng([30, self.draw]).permutation(n_rows), size)

    def run(self, engine, theta, data, n_steps=N_STEPS):
        method = self.method()
        state = State.begin(self.architecture, method, theta, seed=self.draw)
        rate = RULES[self.rule] / self.depth / 8**self.calmer  # what is deep is steep
        if self.loss.partition(":")[0] in OF_LOGARITHMS:
            rate /= 4
        rates = np.linspace(rate, rate / 2, n_steps)
        ran = engine.steps(
            self.architecture, self.objective(), method, state, data, self.order(), rates, 0
        )
        return state, ran


def apart(one, other):
    """‖one - other‖ of ‖other‖."""
    unit = max(float(np.max(np.abs(other), initial=0.0)), 1e-300)  # squares of 1e200 overflow
    distance = np.linalg.norm(np.asarray(one, float) / unit - other / unit)
    return float(distance / max(np.linalg.norm(other / unit), 1e-300))


def slightly_off(theta, by=2.0**-51):
    """θ, every element off by about a rounding."""
    signs = np.random.default_rng(31).choice([-1, 1], theta.size)
    return theta * (1 + signs * by)


def fair(problem):
    """The first fair draw; what the readable engine makes of it, and of a θ slightly off."""
    with np.errstate(over="ignore", invalid="ignore"):  # a draw that diverges is not fair
        return _fair(problem)


def _fair(problem):
    for draw in range(5):
        drawn = replace(problem, draw=problem.draw + draw, calmer=draw)
        theta, data = drawn.theta(), drawn.data()
        state, ran = drawn.run(REFERENCE, theta, data)
        if ran.status is Status.RUNNING and apart(theta, state.theta) > 1e-5:
            other, also = drawn.run(REFERENCE, slightly_off(theta), data)
            if apart(other.theta, state.theta) <= FAIR:
                return drawn, state, ran, (other.slots, also.losses, also.gradient_norms)
    raise AssertionError(f"five draws in a row are not fair: {problem}")


def array_of_runs():
    """Each level of a factor with each level of every other one, in 169 runs.

    The orthogonal array of strength 2 over the field of 13 elements (Bose & Bush 1952): no factor
    has more levels.
    """
    for one, two in itertools.product(range(13), repeat=2):
        columns = [one, *((two + k * one) % 13 for k in range(len(FACTORS) - 1))]
        yield tuple(c % len(levels) for c, levels in zip(columns, FACTORS, strict=True))


RUNS = list(array_of_runs())


def test_the_runs_meet_in_every_pair():
    for one, two in itertools.combinations(range(len(FACTORS)), 2):
        pairs = {(run[one], run[two]) for run in RUNS}
        assert len(pairs) == len(FACTORS[one]) * len(FACTORS[two])
    assert max(rows for rows, _ in BATCHES) > 2 * CHUNK


def check_descent(problem):
    """Fifty steps of both engines; returns how many draws were not fair."""
    drawn, plain, expected, off = fair(problem)
    theta, data = drawn.theta(), drawn.data()
    state, ran = drawn.run(COMPILED, theta, data)
    assert ran.status is expected.status is Status.RUNNING
    assert apart(state.theta, plain.theta) <= ALLOWED, drawn
    assert state.step == plain.step
    # Heights and slopes of steep networks, and the moments of gradients near 0, may be far less
    # certain than θ itself: as uncertain as the readable engine has them from a θ slightly off.
    slots, losses, norms = off
    allowed = max(ALLOWED, 10 * apart(losses, expected.losses))
    assert apart(ran.losses, expected.losses) <= allowed, drawn
    allowed = 10 * max(ALLOWED, apart(norms, expected.gradient_norms))
    assert apart(ran.gradient_norms, expected.gradient_norms) <= allowed, drawn
    for slot, other, shaken in zip(state.slots, plain.slots, slots, strict=True):
        assert apart(slot, other) <= 10 * max(ALLOWED, apart(shaken, other)), drawn
    return drawn.draw - problem.draw


# All levels but those of the activation meet in every thirteen runs. In the quick tests one
# activation stands for all, whose formulas test_formula_loops and test_values_and_gradients try.
@pytest.mark.parametrize("activation", slow_but(("relu",), ACTIVATIONS))
def test_theta_after_fifty_steps(activation):
    first = list(ACTIVATIONS).index(activation)
    unfair = 0
    for run in RUNS:
        if run[0] == first:
            levels = [values[level] for values, level in zip(FACTORS, run, strict=True)]
            unfair += check_descent(Problem(*levels, draw=100 * sum(run)))
    assert unfair <= 2  # of 13


@pytest.mark.parametrize("activation", slow_but(("sigmoid",), ACTIVATIONS))
def test_float32_comes_near(activation):
    first = list(ACTIVATIONS).index(activation)
    for run in (each for each in RUNS if each[0] == first):
        levels = [values[level] for values, level in zip(FACTORS, run, strict=True)]
        problem = replace(Problem(*levels, draw=100 * sum(run)), rule="momentum")
        if problem.loss.startswith(("absolute", "quantile")):
            # A float32 may lie on the other side of a kink, and the slope jumps there.
            problem = replace(problem, loss="squared_error")
        drawn, plain, expected, _ = fair(problem)
        theta, data = drawn.theta().astype(np.float32), drawn.data(np.float32)
        state, ran = drawn.run(COMPILED, theta, data)
        assert state.theta.dtype == state.slots.dtype == np.float32
        shaken, _ = drawn.run(REFERENCE, slightly_off(drawn.theta(), 2.0**-23), drawn.data())
        assert apart(state.theta, plain.theta) <= max(1e-4, apart(shaken.theta, plain.theta)), drawn
        assert apart(ran.losses, expected.losses) <= 1e-4, drawn


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_theta_after_fifty_steps_of_the_whole_grid(activation):
    rng = np.random.default_rng(len(activation))
    unfair = dict.fromkeys(LOSSES, 0)
    each = list(itertools.product(LOSSES, RULES, DEPTHS))
    for draw, (loss, rule, depth) in enumerate(each):
        rest = [levels[rng.integers(len(levels))] for levels in FACTORS[4:]]
        unfair[loss] += check_descent(Problem(activation, loss, rule, depth, *rest, draw=draw))
    # With "identity", whose deep products are steepest: 16 of 360, and 14 of 72 for the losses of
    # amounts, whose slopes grow as exp(-z).
    of_amounts = [unfair.pop(loss) for loss in LOSSES if loss.startswith(("gamma", "tweedie"))]
    n_each = len(RULES) * len(DEPTHS)
    assert sum(unfair.values()) <= 0.06 * n_each * len(unfair)
    assert sum(of_amounts) <= 0.2 * n_each * len(of_amounts)


# --- values and gradients -------------------------------------------------------------------------


def values_agree(problem, dtype, rows, noise, allowed):
    architecture, objective = problem.architecture, problem.objective()
    theta, data = problem.theta().astype(dtype), problem.data(dtype)
    if (
        objective.loss.partition(":")[0] in OF_LOGARITHMS
    ):  # exp of what nine tenths of dropout make larger
        theta *= dtype(0.2)
    height, gradient = COMPILED.loss_and_gradient(architecture, objective, theta, data, rows, noise)
    wide = problem.data()
    expected, slopes = REFERENCE.loss_and_gradient(
        architecture, objective, theta.astype(float), wide, rows, noise
    )
    assert gradient.dtype == dtype
    # A height may be a difference of two, and a gradient a sum that is nearly 0: the terms count.
    terms = REFERENCE.loss_and_gradient(
        architecture, Objective("squared_error"), theta.astype(float), wide, rows, noise
    )[0]
    assert abs(height - expected) <= allowed * max(abs(expected), terms, 1e-3)
    for block in architecture.blocks:
        scale = max(np.linalg.norm(block.of(slopes)), 1e-3 * np.linalg.norm(slopes))
        assert np.linalg.norm(block.of(gradient) - block.of(slopes)) <= allowed * scale, block
    thetas = np.stack([theta, theta * dtype(0.5), theta])
    heights = COMPILED.losses(architecture, objective, thetas, data, rows, noise)
    assert heights.dtype == np.float64
    assert heights[0] == heights[2]
    assert abs(heights[0] - height) <= allowed / 10 * max(abs(expected), terms, 1e-3)
    half = REFERENCE.losses(architecture, objective, thetas[1:2].astype(float), wide, rows, noise)
    assert abs(heights[1] - half[0]) <= allowed * max(abs(half[0]), terms, 1e-3)


size = st.one_of(st.integers(1, 40), st.sampled_from([1, 3, 15, 16, 17, 33, 64, 65, 100]))


@st.composite
def problems(draw):
    widths = tuple(draw(st.lists(size, min_size=1, max_size=4)))
    n_rows = draw(st.one_of(st.integers(1, 70), st.sampled_from([511, 512, 513, 1024, 1300])))
    return Problem(
        draw(st.sampled_from(FACTORS[0])), draw(st.sampled_from(LOSSES)), "sgd",
        draw(st.integers(1, 5)), widths, draw(st.sampled_from(PENALTIES)), {},
        draw(st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.9])), draw(st.sampled_from(WEIGHTS)),
        draw(size), (n_rows, n_rows), draw(st.integers(0, 10**6)),
    )  # fmt: skip


@settings(max_examples=3 * settings().max_examples)  # 60; and in `make test-all` 300
@given(problem=problems(), dtype=st.sampled_from([np.float32, np.float64]), data=st.data())
def test_values_and_gradients(problem, dtype, data):
    n_rows, noise, rows = problem.batches[0], None, None
    if data.draw(st.booleans()):
        n = data.draw(st.integers(1, min(2 * n_rows, 700)))
        rows = np.random.default_rng(n).integers(0, n_rows, n)
    if problem.dropout:
        noise = Noise(data.draw(st.integers(0, 2**64 - 1)), data.draw(st.integers(0, 2**40)))
    values_agree(problem, dtype, rows, noise, ALLOWED if dtype == np.float64 else 1e-4)
