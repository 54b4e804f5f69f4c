"""Diagnosis of training problems: where numbers became non-finite, and dead units."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thalweg.network.architecture import Architecture
from thalweg.network.blas import one_blas_thread
from thalweg.network.engine import Data, Noise, Rows, State
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss
from thalweg.network.reference_engine import backward, forward
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent_inputs import Course
from thalweg.training.history import Epoch, watched
from thalweg.wording import amount

# Units are checked on at most so many evenly chosen rows, so many rows at a time.
ROWS_LOOKED_AT = 4096
TILE = 512


@dataclass(frozen=True)
class Trouble:
    """Where training went wrong.

    Attributes
    ----------
    layer : int
        Counted from 1.
    quantity : {"weights", "outputs", "gradient", "loss"}
        What in the layer first became NaN or infinite, or grew most.
    epoch, step : int
        Counted from 1, the steps over the whole run.
    rate : float or None
        The learning rate of that step; None with L-BFGS.
    what : str
        All of this as one sentence, without a full stop.
    fix : str
        What to do about it.
    """

    layer: int
    quantity: str
    epoch: int
    step: int
    rate: float | None
    what: str
    fix: str


class _Found(NamedTuple):
    layer: int
    quantity: str


def not_finite(course: Course, state: State, epoch: int, batch: int, rate: float | None) -> Trouble:
    """Why a step found no finite loss and gradient.

    Parameters
    ----------
    course : Course
    state : State
        The state at the start of the step.
    epoch, batch : int
        Counted from 0.
    rate : float or None
        The learning rate of the step, if it has one.
    """
    data, rows = course.rows_of_step(epoch, batch)
    with one_blas_thread(), np.errstate(all="ignore"):
        found = _first_not_finite(course, state, data, rows)
    step = epoch * course.n_batches + batch
    subject = {
        "weights": "the weights of",
        "outputs": "the outputs of",
        "gradient": "the gradient in",
        "loss": "the loss after",
    }[found.quantity]
    where = f"in epoch {epoch + 1}, step {step + 1}{_at(rate)}"
    what = f"{subject} layer {found.layer} became NaN or infinite {where}"
    fix = _mend(course)
    if state.step == 0:
        what, fix = f"{what}, at the start", "start from smaller weights, or scale the inputs"
    return Trouble(*found, epoch + 1, step + 1, rate, f"Training diverged: {what}", fix)


def exploded(course: Course, state: State, record: Epoch, first: float) -> Trouble:
    """Which layer grew most, if the loss is still finite but many times what it was.

    If none grew, the row that has most of the held-out loss is told instead.

    Parameters
    ----------
    course : Course
    state : State
        The state at the end of the epoch.
    record : dict
        The record of this epoch.
    first : float
        The loss of the first epoch.
    """
    member, epoch, rate = course.member, record["epoch"], record["rate"]
    sizes = [_norms(member.architecture, theta) for theta in (member.theta, state.theta)]
    growth = [after / max(before, 1e-300) for before, after in zip(*sizes, strict=True)]
    layer = int(np.argmax(growth))
    held_out = "" if record["valid_loss"] is None else " on the held-out rows"
    norms = f"from a norm of {amount(sizes[0][layer])} to {amount(sizes[1][layer])}"
    what = (
        f"Training diverged: the loss went from {amount(first)} to {amount(watched(record))}"
        f"{held_out} in epoch {epoch}{_at(rate)}, and the weights of "
    )
    if growth[layer] > 1:
        what += f"layer {layer + 1} grew most, {norms}"
        return Trouble(layer + 1, "weights", epoch, record["steps"], rate, what, _mend(course))
    what += f"no layer grew (those of layer {layer + 1} went {norms})"
    fix = _mend(course)
    if held_out:
        what += f"; {_worst_row(course, state.theta)}"
        fix = f"look for errors in the targets and inputs; or {fix}"
    return Trouble(layer + 1, "loss", epoch, record["steps"], rate, what, fix)


def _worst_row(course: Course, theta: Array) -> str:
    """Which share of the held-out loss one row has, and its target."""
    member, formula = course.member, loss(course.objective.loss)
    rows, data = member.held_out, member.data
    assert rows is not None
    losses = np.zeros(len(rows))
    with one_blas_thread(), np.errstate(all="ignore"):
        for start in range(0, len(rows), TILE):
            part = rows[start : start + TILE]
            passed = forward(member.architecture, theta, data.X[part].T)
            values = formula.value(passed.A[-1], data.Y[part].T).astype(float)
            losses[start : start + TILE] = values * data.weights[part]
    worst = int(np.argmax(losses))
    share = losses[worst] / max(losses.sum(), 1e-300)
    said = f"one of {len(rows):,} held-out rows has {100 * share:.3g} % of that loss"
    target = data.Y[rows[worst]]
    if target.size > 1:
        return said
    typical = float(np.median(np.abs(data.Y[rows])))
    return (
        f"{said}, with a target of {amount(float(target[0]))} in the units of training, where "
        f"half of these targets are within {amount(typical)} of 0"
    )


def _at(rate: float | None) -> str:
    return "" if rate is None else f", learning rate {amount(rate)}"


def _mend(course: Course) -> str:
    if course.by_lbfgs:
        return "take a larger alpha, or start from smaller weights"
    optimizer = course.optimizer
    advice = f"take a smaller learning rate, such as lr={smaller_rate(optimizer):.4g}"
    if np.isinf(optimizer.clip):
        advice += ", or clip the gradient, as clip=1 in the optimizer does"
    return advice


def smaller_rate(optimizer: Optimizer) -> float:
    """A learning rate to try after a run has diverged."""
    # A tenth of the rate; but a tenth of an absurd rate would be as bad.
    return min(optimizer.rate / 10, optimizer.formula.rate)


def _norms(architecture: Architecture, theta: Array) -> list[float]:
    """‖W‖ of each layer, also where its square is beyond the largest float."""
    return [_norm(W.astype(float)) for W, _ in architecture.layers(theta)]


def _norm(W: Array) -> float:
    largest = float(np.max(np.abs(W)))
    return (
        largest * float(np.linalg.norm(W / largest))
        if largest > 1e100
        else float(np.linalg.norm(W))
    )


def _first_not_finite(course: Course, state: State, data: Data, rows: Rows) -> _Found:
    """In the order of the computation: weights and outputs, the loss, then the gradient."""
    architecture, objective = course.member.architecture, course.objective
    for layer, (W, b) in enumerate(architecture.layers(state.theta), 1):
        # The penalty squares the weights, so it overflows first.
        if not np.isfinite(np.sum(W * W if objective.penalty else W) + np.sum(b)):
            return _Found(layer, "weights")
    noise = Noise(state.seed, state.step)
    passed = forward(architecture, state.theta, data.X[rows].T, objective.dropout, noise)
    for layer in range(architecture.n_layers):
        if not (np.isfinite(passed.Z[layer]).all() and np.isfinite(passed.A[layer + 1]).all()):
            return _Found(layer + 1, "outputs")
    formula, Y, w = loss(objective.loss), data.Y[rows].T, data.weights[rows]
    if not np.isfinite(np.sum(formula.value(passed.A[-1], Y) * w)):
        return _Found(architecture.n_layers, "loss")
    dA = formula.slope(passed.A[-1], Y) * (w / (w.size * objective.mean_weight))
    gradient = backward(architecture, state.theta, passed, dA)
    norms = [
        float(np.hypot(np.linalg.norm(dW), np.linalg.norm(db)))
        for dW, db in architecture.layers(gradient)
    ]
    odd = [layer for layer, norm in enumerate(norms, 1) if not np.isfinite(norm)]
    # The gradient is computed backwards, so the last layer comes first.
    return _Found(odd[-1] if odd else int(np.argmax(norms)) + 1, "gradient")


def dead_units(architecture: Architecture, theta: Array, data: Data, rows: Rows) -> tuple[int, ...]:
    """How many units of each hidden layer have a slope of 0 on every training row.

    Such a unit receives no gradient and learns nothing more (with ReLU: a unit that is always
    negative). With more than 4,096 rows, so many evenly chosen rows are checked.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    data : Data
    rows : ndarray of int
        The training rows.

    Returns
    -------
    tuple of int, one a hidden layer
    """
    count = min(len(rows), ROWS_LOOKED_AT)
    picked = rows[np.arange(count) * len(rows) // count]
    hidden = range(architecture.n_layers - 1)
    alive = [np.zeros(architecture.sizes[layer + 1], bool) for layer in hidden]
    with one_blas_thread(), np.errstate(all="ignore"):
        for start in range(0, count, TILE):
            if all(each.all() for each in alive):
                break
            passed = forward(architecture, theta, data.X[picked[start : start + TILE]].T)
            for layer in hidden:
                still = np.flatnonzero(~alive[layer])
                slope = architecture.formulas[layer].slope(passed.Z[layer][still])
                alive[layer][still] = np.any(slope != 0, axis=1)
    return tuple(int(np.sum(~each)) for each in alive)
