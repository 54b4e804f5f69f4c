"""The chain rule of every task: 200 networks each, mpmath for one row, and the softmax on paper."""

from functools import reduce
from itertools import pairwise

import mpmath
import numpy as np
import pytest

import by_hand
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Noise, Objective, choose
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.tracing.chain_rule import chain
from thalweg.tracing.row_trace import trace
from thalweg.tracing.softmax_jacobian import softmax_jacobian, softmax_slope

CASES = 200
NUMBERS = ("squared_error", "absolute_error", "huber:delta=0.7", "quantile:level=0.8", "poisson")
TASKS = ("softmax_cross_entropy", *NUMBERS)


def outputs_of(text, rng):
    """The outputs of an estimator: several classes, or a number of any unit."""
    if text == "softmax_cross_entropy":
        labels = np.array(sorted("abcdefg"[: int(rng.integers(3, 8))]))
        return Classes(labels, rng.uniform(0.5, 3.0, size=len(labels)))
    return Values(text)


def case(text, number, redraw=0):
    """A random network with the targets and weights that an estimator gives it."""
    rng = np.random.default_rng([37, TASKS.index(text), number, redraw])
    outputs, n = outputs_of(text, rng), 1 + number % 4
    if isinstance(outputs, Classes):
        y = rng.integers(len(outputs.labels), size=n).astype(float)
    else:
        unit = 10.0 ** rng.integers(-3, 6)
        taught = rng.poisson(3.0, 40) + 0.0 if outputs.of_logarithm else rng.normal(2, 1, 40) * unit
        outputs = outputs.fitted(taught, np.ones(40))
        y = taught[:n]
    depth = 1 + number % 4
    sizes = (int(rng.integers(2, 7)), *rng.integers(2, 7, size=depth - 1).tolist(),
             outputs.n_outputs)  # fmt: skip
    names = sorted(ACTIVATIONS)
    hidden = [names[(number + 3 * k) % len(names)] for k in range(depth - 1)]
    architecture = Architecture(sizes, (*hidden, "identity"))
    weights = outputs.costs_of(y) * rng.uniform(0.5, 2.0, size=n)
    data = Data.of(rng.normal(size=(n, sizes[0])), outputs.targets(y), weights)
    dropout = 0.4 if number % 5 == 3 else 0.0
    alpha, l1 = 0.5 * (number % 3 == 1), 0.3 * (number % 7 == 2)
    objective = Objective.over(outputs.loss, alpha, weights, l1, dropout)
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    traced = trace(architecture, objective, theta, data, Noise(number, 0) if dropout else None)
    block = architecture.blocks[int(rng.integers(len(architecture.blocks)))]
    i, j = (int(rng.integers(size)) + 1 for size in block.shape)
    weight = f"{block.name}[{i}]" if block.kind == "biases" else f"{block.name}[{i},{j}]"
    return traced, weight


@pytest.mark.parametrize("text", TASKS)
@pytest.mark.parametrize("n_cases", [4, pytest.param(CASES, marks=pytest.mark.slow)])
def test_factors_make_the_gradient_and_meet_the_difference(text, n_cases):
    compared = redrawn = 0
    for number in range(n_cases):
        for redraw in range(20):
            traced, weight = case(text, number, redraw)
            found = chain(traced, weight, engine=choose())
            if found.difference.step:
                break
            redrawn += 1
        assert found.difference.step, number
        gradient = abs(found.engine)
        assert abs(found.value - found.engine) <= 1e-12 * gradient, (number, weight)
        # What rounding alone may do to a difference of heights (as the gradient check has it).
        height = abs(traced.height) + np.sum(np.abs(traced.theta * traced.gradient))
        doubt = 4 * np.finfo(float).eps * height / found.difference.step
        off = max(abs(found.difference.value - found.engine) - doubt, 0.0)
        assert off <= 1e-6 * gradient, (number, weight)
        compared += gradient > 0
    assert compared >= 0.7 * n_cases
    assert redrawn <= n_cases // 10 + 1


# --- mpmath -----------------------------------------------------------------------------------


def loss_by_mpmath(text, Z, Y):
    """ℓ of one row, from the last layer's Z, in numbers of 40 digits."""
    name, _, constant = text.partition("=")
    constant = mpmath.mpf(constant) if constant else None
    if name == "softmax_cross_entropy":
        total = mpmath.fsum(mpmath.exp(z) for z in Z)
        return -mpmath.fsum(
            y * mpmath.log(mpmath.exp(z) / total) for z, y in zip(Z, Y, strict=True)
        )
    (z,), (y,) = Z, Y
    e = z - y
    return {
        "squared_error": lambda: e**2 / 2,
        "absolute_error": lambda: abs(e),
        "huber:delta": lambda: (
            e**2 / 2 if abs(e) <= constant else constant * (abs(e) - constant / 2)
        ),
        "quantile:level": lambda: max(-constant * e, (1 - constant) * e),
        "poisson": lambda: mpmath.exp(z) - y * z,
    }[name]()


def height_by_mpmath(text, sizes, theta, x, Y):
    """The loss of a network of tanh as a function of θ."""
    A, layers = list(x), by_hand.layout(sizes)
    for k, (w, b, n_in, n_out) in enumerate(layers):
        Z = [
            mpmath.fsum(theta[w + i * n_in + j] * A[j] for j in range(n_in)) + theta[b + i]
            for i in range(n_out)
        ]
        A = Z if k == len(layers) - 1 else [mpmath.tanh(z) for z in Z]
    return loss_by_mpmath(text, A, Y)


@pytest.mark.parametrize("text", TASKS)
def test_one_row_of_each_task_is_that_of_mpmath(text):
    rng = np.random.default_rng(8)
    outputs = outputs_of(text, rng)
    if isinstance(outputs, Classes):
        y = np.array([1.0])
    else:
        raw = np.array([3.0, 5.0, 11.0, 0.0])
        outputs = outputs.fitted(raw, np.ones(4))
        y = raw[2:3]
    sizes = (3, 2, outputs.n_outputs)
    architecture = Architecture(sizes, ("tanh", "identity"))
    theta, x = rng.normal(size=architecture.n_parameters), rng.normal(size=3)
    Y = outputs.targets(y)
    traced = trace(architecture, Objective(outputs.loss), theta, Data.of(x[None], Y))
    with mpmath.workdps(40):
        exact, inputs = [[mpmath.mpf(v) for v in each] for each in (theta.tolist(), x.tolist())]
        target = [mpmath.mpf(v) for v in Y[0].tolist()]

        def height(k, value):
            moved = [*exact[:k], value, *exact[k + 1 :]]
            return height_by_mpmath(text, sizes, moved, inputs, target)

        assert traced.height == pytest.approx(float(height(0, exact[0])), rel=1e-14)
        gradient = [
            float(
                mpmath.diff(lambda value, k=k: height(k, value), exact[k], h=mpmath.mpf(10) ** -12)
            )
            for k in range(len(exact))
        ]
    assert traced.gradient == pytest.approx(np.array(gradient), rel=1e-12, abs=1e-14)
    for block in architecture.blocks:
        name = f"{block.name}[1]" if block.kind == "biases" else f"{block.name}[1,1]"
        assert chain(traced, name).value == pytest.approx(gradient[block.offset], rel=1e-12)


# --- the softmax ------------------------------------------------------------------------------


@pytest.mark.parametrize("Z", [[0.3, -1.2, 2.0], [40.0, 0.0, -3.0, 1.0], [-700.0, 1.0], [0.0] * 5])
def test_the_jacobian_is_that_of_paper_and_of_mpmath(Z):
    with mpmath.workdps(400):
        powers = [mpmath.exp(mpmath.mpf(z)) for z in Z]
        shares = [each / mpmath.fsum(powers) for each in powers]
        exact = [[p * ((j == k) - q) for k, q in enumerate(shares)] for j, p in enumerate(shares)]
        Yh = np.array([float(each) for each in shares])
        wanted = np.array([[float(each) for each in row] for row in exact])
    # Relative: the diagonal of a Yh next to 1 is the sum of the others, and keeps its digits.
    assert softmax_jacobian(Yh) == pytest.approx(wanted, rel=1e-13, abs=0)
    assert softmax_jacobian(Yh).sum(axis=0) == pytest.approx(np.zeros(len(Z)), abs=1e-16)


@pytest.mark.parametrize("number", range(8))
def test_the_two_steps_are_the_one_step(number):
    traced, _ = case("softmax_cross_entropy", number)
    for r in range(traced.n_rows):
        found = softmax_slope(traced, r)
        Yh, Y, share = traced.prediction[:, r], traced.data.Y[r], traced.shares[r]
        assert found.at_once == pytest.approx(share * (Yh - Y), rel=1e-14, abs=1e-16)
        assert found.products.sum(axis=0) == pytest.approx(found.at_once, rel=1e-12, abs=1e-15)
        assert found.slopes == pytest.approx(-share * Y / Yh, rel=1e-14)
    assert softmax_slope(case("squared_error", number)[0], 0) is None


def test_a_probability_too_small_to_divide_by_has_no_slope():
    architecture = Architecture((1, 3), ("identity",))
    theta = np.array([0.0, 0.0, 0.0, 800.0, 0.0, 0.0])
    traced = trace(
        architecture, Objective("softmax_cross_entropy"), theta,
        Data.of(np.ones((1, 1)), np.array([[0.0, 1.0, 0.0]])),
    )  # fmt: skip
    found = softmax_slope(traced, 0)
    assert np.isnan(found.slopes[1])
    assert found.at_once.tolist() == [1.0, -1.0, 0.0]


def test_layers_of_the_cases_differ():
    shapes = {case(text, k)[0].architecture.sizes for text in TASKS for k in range(12)}
    assert len(shapes) > 40
    assert {reduce(max, (len(s) for s in shapes))} == {5}
    assert all(a >= 1 for s in shapes for a, _ in pairwise(s))
