"""Deliberate faults in the backward pass, which a gradient check must detect.

A faulty engine returns correct losses and a wrong gradient. It takes the parts of a correct
backward pass and combines them wrongly, as somebody may do who derives it for the first time. If a
fault would change nothing (a forgotten penalty where there is none), planting it is an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError, look_up
from thalweg.network.architecture import Architecture
from thalweg.network.engine import (
    Data,
    Engine,
    Method,
    Noise,
    Objective,
    Order,
    Rows,
    State,
    Steps,
    choose,
)
from thalweg.network.formulas.activations import Array, sigmoid_slope
from thalweg.network.formulas.loss_bodies import as_it_is
from thalweg.network.formulas.losses import loss
from thalweg.network.reference_engine import backward_kept
from thalweg.tracing.row_trace import Trace, trace


class Fault(NamedTuple):
    """One fault.

    Attributes
    ----------
    text : str
        What is wrong, as a sentence.
    gradient : callable
        Trace -> the wrong gradient, penalties included.
    needs : str
        What a network must have so that the fault shows.
    """

    text: str
    gradient: Callable[[Trace], Array]
    needs: str = ""


def _again(right: Trace, dA: Array | None = None, theta: Array | None = None) -> Array:
    """The gradient of a pass that begins with another derivative, or uses another θ."""
    back = backward_kept(
        right.architecture,
        right.theta if theta is None else theta,
        right.passed,
        right.back.dA[-1] if dA is None else dA,
    )
    return back.gradient + (right.gradient - right.back.gradient)


def sigmoid_derivative(right: Trace) -> Array:
    """σ'(Yh) instead of σ'(Z): the slope is taken at the output of the sigmoid."""
    slope = right.gradient_of_prediction
    if slope is None or loss(right.objective.loss).link.__name__ != "probability":
        return right.gradient
    return _again(right, dA=np.nan_to_num(slope * sigmoid_slope(right.prediction)))


def missing_1_over_n(right: Trace) -> Array:
    """The loss is a mean over the rows, the gradient a sum."""
    return _again(right, dA=right.back.dA[-1] * right.n_rows)


def sign(right: Trace) -> Array:
    """Y - Yh instead of Yh - Y: uphill."""
    return _again(right, dA=-right.back.dA[-1])


def last_row_only(right: Trace) -> Array:
    """Each row's gradient replaces the one before, instead of being added."""
    alone = np.zeros_like(right.back.dA[-1])
    alone[:, -1] = right.back.dA[-1][:, -1]
    return _again(right, dA=alone)


def updated_too_early(right: Trace) -> Array:
    """The last layer is updated before the derivative is sent back through it."""
    moved = right.theta.copy()
    last = right.architecture.blocks[-2]
    last.of(moved)[:] -= 0.1 * last.of(right.gradient)
    return _again(right, theta=moved)


def input_before_activation(right: Trace) -> Array:
    """dW is computed with the layer's Z instead of its A."""
    passed = right.passed._replace(A=[right.passed.A[0], *right.passed.Z])
    back = backward_kept(right.architecture, right.theta, passed, right.back.dA[-1])
    return back.gradient + (right.gradient - right.back.gradient)


def slope_at_output(right: Trace) -> Array:
    """A hidden layer's slope is taken at A instead of Z."""
    passed = right.passed._replace(Z=right.passed.A[1:])
    back = backward_kept(right.architecture, right.theta, passed, right.back.dA[-1])
    return back.gradient + (right.gradient - right.back.gradient)


def dropped_bias(right: Trace) -> Array:
    """The first layer's bias is forgotten."""
    gradient = right.gradient
    right.architecture.blocks[1].of(gradient)[:] = 0
    return gradient


def wrong_axis(right: Trace) -> Array:
    """db is summed over the units instead of the rows."""
    gradient = right.gradient
    for block, dZ in zip(right.architecture.blocks[1::2], right.back.dZ, strict=True):
        sums = np.sum(dZ, axis=0)
        block.of(gradient)[:, 0] = np.resize(sums, block.size)
    return gradient


def missing_penalty(right: Trace) -> Array:
    """The penalty is in the loss but not in the gradient."""
    return right.back.gradient.copy()


def penalty_on_biases(right: Trace) -> Array:
    """The penalty also pulls the biases to 0, although the loss does not include them."""
    gradient = right.gradient
    for block in right.architecture.blocks[1::2]:
        block.of(gradient)[:] += right.objective.penalty * block.of(right.theta)
    return gradient


def softmax_diagonal_only(right: Trace) -> Array:
    """The slope of the softmax is Yh (1 - Yh), as of a sigmoid: its Jacobian has other elements."""
    if not loss(right.objective.loss).coupled:
        return right.gradient
    return _again(right, dA=-right.shares * right.data.Y.T * (1 - right.prediction))


def forgotten_link(right: Trace) -> Array:
    """Z - Y instead of Yh - Y, with the last layer's Z: the step from Z to Yh is forgotten."""
    formula = loss(right.objective.loss)
    if formula.link is as_it_is:
        return right.gradient
    return _again(right, dA=right.shares * (right.passed.A[-1] - right.data.Y.T))


def twice_the_error(right: Trace) -> Array:
    """2 (Yh - Y), the slope of (Yh - Y)²; the loss has ½ (Yh - Y)²."""
    if loss(right.objective.loss).name != "squared_error":
        return right.gradient
    return _again(right, dA=2 * right.back.dA[-1])


def error_not_clipped(right: Trace) -> Array:
    """Yh - Y also where the Huber loss is a straight line, whose slope is δ or -δ."""
    if loss(right.objective.loss).name != "huber":
        return right.gradient
    return _again(right, dA=right.shares * (right.passed.A[-1] - right.data.Y.T))


def swapped_sides(right: Trace) -> Array:
    """The quantile loss has τ above the target and 1 - τ below: the two sides are swapped."""
    formula = loss(right.objective.loss)
    if formula.name != "quantile":
        return right.gradient
    others = tuple(1 - each for each in formula.constants)
    swapped = replace(formula, constant=1 - formula.constant, constants=others)
    return _again(right, dA=right.shares * swapped.slope(right.passed.A[-1], right.data.Y.T))


FAULTS = {
    each.__name__: Fault((each.__doc__ or "").strip(), each, needs)
    for each, needs in (
        (sigmoid_derivative, "a sigmoid after the last layer"),
        (missing_1_over_n, "more than one row"),
        (sign, ""),
        (last_row_only, "more than one row"),
        (updated_too_early, "a hidden layer"),
        (input_before_activation, "a hidden layer with an activation"),
        (slope_at_output, "a hidden layer whose slope differs between Z and A, as tanh's does"),
        (dropped_bias, ""),
        (wrong_axis, "more than one row, or more than one unit in a layer"),
        (missing_penalty, "a penalty, alpha above 0"),
        (penalty_on_biases, "a penalty, alpha above 0, and biases that are not 0"),
        (softmax_diagonal_only, "a softmax after the last layer, for several classes"),
        (forgotten_link, "a sigmoid, a softmax or an exponential after the last layer"),
        (twice_the_error, "the loss squared_error"),
        (error_not_clipped, "the loss huber, and a row whose error is larger than its delta"),
        (swapped_sides, "the loss quantile, with a level that is not 0.5"),
    )
}


@dataclass(frozen=True)
class FaultyEngine:
    """The losses of a correct engine, and a gradient with one fault in it.

    Parameters
    ----------
    fault : str
        A name in ``FAULTS``.
    right : Engine
    """

    fault: str
    right: Engine

    def predict(
        self, architecture: Architecture, theta: Array, data: Data, rows: Rows | None = None
    ) -> Array:
        """As in the correct engine."""
        return self.right.predict(architecture, theta, data, rows)

    def predictor(
        self, architectures: Sequence[Architecture], thetas: Sequence[Array]
    ) -> Callable[[Array], Array]:
        """As in the correct engine."""
        return self.right.predictor(architectures, thetas)

    def losses(
        self, architecture: Architecture, objective: Objective, thetas: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None, threads: int = 1,
    ) -> NDArray[np.float64]:  # fmt: skip
        """As in the correct engine."""
        return self.right.losses(architecture, objective, thetas, data, rows, noise, threads)

    def loss_and_gradient(
        self, architecture: Architecture, objective: Objective, theta: Array, data: Data,
        rows: Rows | None = None, noise: Noise | None = None,
    ) -> tuple[float, Array]:  # fmt: skip
        """The correct loss, and the wrong gradient."""
        if rows is not None:
            data = Data.of(data.X[rows], data.Y[rows], data.weights[rows])
        right = trace(architecture, objective, theta, data, noise)
        return right.height, FAULTS[self.fault].gradient(right)

    def steps(
        self, architecture: Architecture, objective: Objective, method: Method, state: State,
        data: Data, order: Order, rates: NDArray[np.float64], first: int, threads: int = 1,
    ) -> Steps:  # fmt: skip
        """As in the correct engine."""
        return self.right.steps(
            architecture, objective, method, state, data, order, rates, first, threads
        )


def plant(fault: str, engine: Engine | None = None) -> FaultyEngine:
    """An engine with that fault in its gradient; a SettingsError if there is no such fault."""
    look_up(FAULTS, "planted fault", fault)
    return FaultyEngine(fault, engine or choose())


def require_to_show(fault: str, traces: Sequence[Trace]) -> None:
    """Raise a SettingsError if the fault changes the gradient in none of these traces."""
    if _shows(fault, traces):
        return
    needs = FAULTS[fault].needs
    others = [name for name in FAULTS if name != fault and _shows(name, traces)]
    raise SettingsError(
        f"The fault {fault} does not show in this network",
        why=f"It needs {needs}" if needs else "The gradient is 0 as it is",
        fix=f"plant one that shows here: {', '.join(others)}" if others else "take another model",
    )


def _shows(fault: str, traces: Sequence[Trace]) -> bool:
    """Whether a fault changes the gradient in any of these traces."""
    wrong = FAULTS[fault].gradient
    return not all(np.array_equal(wrong(each), each.gradient) for each in traces)
