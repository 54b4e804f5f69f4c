"""How an update rule changes one element of θ, step by step.

The engine makes every step on the traced rows. Beside it, the rule's own two functions, ``terms``
and ``move``, are called for the one element, so that each input and output has a name: the
velocity v of momentum, Adam's m and v, and so on.
"""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from thalweg.errors import SettingsError, Status
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Engine, Method, Order, State, Stretch, choose
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.input_scales import LEAST, to_scaled
from thalweg.network.formulas.rules import Rule, four
from thalweg.tracing.chain_rule import Weight
from thalweg.tracing.row_trace import Trace

# The names of each rule's memory, in the order of its slots.
MEMORY: dict[str, tuple[str, ...]] = {
    "sgd": ("v",),
    "nesterov": ("v",),
    "adagrad": ("s",),
    "rmsprop": ("s", "v"),
    "adam": ("m", "v"),
    "adamw": ("m", "v"),
    "nadam": ("m", "v", "1 - Πμ"),
    "lion": ("m",),
}


class Scaled(NamedTuple):
    """One step of a weight w of the first layer as V · s, where s is the scale of its input.

    Attributes
    ----------
    scale, next_scale : float
        s before and after the step.
    slope : float
        dL/ds, a sum over the units of the first layer, after clipping.
    weight, gradient, moved : float
        V = w / s before the step, dL/dV = s dL/dw after clipping, and V after the step.
    before, after : dict of str to float
        The memory of s.
    held : bool
        Whether the rule alone would move s below `LEAST`, where it stays.
    """

    scale: float
    slope: float
    next_scale: float
    weight: float
    gradient: float
    moved: float
    before: dict[str, float]
    after: dict[str, float]
    held: bool


class Step(NamedTuple):
    """One step of one element.

    Attributes
    ----------
    step : int
        Counted from 1.
    loss : float
        L before the step, on the traced rows.
    gradient : float
        dL/dθ of the element, before clipping and decay.
    clipped : float
        The factor of gradient clipping; 1 without clipping.
    decayed : float
        The factor of weight decay on the element, or on its V; 1 without weight decay.
    terms : dict of str to float
        The numbers that all elements share in a step, by their names in the formula.
    before, after : dict of str to float
        The element's memory.
    theta, moved : float
        The element before and after the step, by the rule's formula.
    engine : float
        The element after the engine's step.
    scaled : Scaled, optional
        For a weight of the first layer, if the method has scales of inputs. Then ``before`` and
        ``after`` are the memory of V.
    """

    step: int
    loss: float
    gradient: float
    clipped: float
    decayed: float
    terms: dict[str, float]
    before: dict[str, float]
    after: dict[str, float]
    theta: float
    moved: float
    engine: float
    scaled: Scaled | None = None


def update(
    trace: Trace,
    weight: Weight,
    method: Method,
    rate: float,
    *,
    steps: int = 3,
    state: State | None = None,
    engine: Engine | None = None,
) -> list[Step]:
    """Train on the traced rows, and record one element of θ.

    Parameters
    ----------
    trace : Trace
    weight : Weight
        From `thalweg.tracing.chain_rule.find_weight`.
    method : Method
        The update rule with its constants, decay, clipping and factors.
    rate : float
        The learning rate of every step.
    steps : int, default 3
        How many steps; fewer if the loss becomes NaN or infinite.
    state : State, optional
        θ and the memory of the rule to start from; default: the trace's θ and an empty memory.
        It is not changed.
    engine : Engine, optional

    Returns
    -------
    list of Step

    Raises
    ------
    SettingsError
        For less than one step.
    """
    if steps < 1:
        raise SettingsError(f"{steps} steps show nothing", fix="take 1 or more")
    engine = engine or choose()
    state = State.begin(trace.architecture, method, trace.theta) if state is None else state.copy()
    found: list[Step] = []
    order = Order(np.arange(trace.n_rows), trace.n_rows)
    # Without a dropout mask nothing is dropped, in the engine's step as in the trace.
    objective = trace.objective if trace.noise else replace(trace.objective, dropout=0.0)
    if trace.noise:
        state.seed, state.step = trace.noise.seed, trace.noise.step
    for _ in range(steps):
        noted = _noted(trace, weight, method, rate, state, engine)
        ran = engine.steps(
            trace.architecture, objective, method, state, trace.data, order,
            np.array([rate]), 0,
        )  # fmt: skip
        if ran.status is Status.DIVERGED:
            break
        found.append(noted._replace(engine=float(state.theta[weight.element])))
    return found


def _noted(
    trace: Trace, weight: Weight, method: Method, rate: float, state: State, engine: Engine
) -> Step:
    """The next step of one element, by the rule's own formula."""
    noise = trace.noise and trace.noise._replace(step=state.step)
    loss, gradient = engine.loss_and_gradient(
        trace.architecture, trace.objective, state.theta, trace.data, noise=noise
    )
    rule, i = method.rule, weight.element
    with np.errstate(over="ignore", invalid="ignore"):  # the step before may have diverged
        norm = float(np.linalg.norm(gradient))
    clipped = float(method.clip / norm) if norm > method.clip else 1.0
    stretch = stretch_of(method, trace.architecture, i)
    own_rate = rate * stretch.factor
    decayed = 1 - own_rate * stretch.decay
    terms = rule.terms(state.step + 1, own_rate, four(method.constants))
    slots = [np.float64(slot[i]) for slot in state.slots]
    theta, g = np.float64(state.theta[i]), np.float64(gradient[i])
    scaled = _scaled(trace, method, state, gradient * clipped, i, rate)
    w, slope = (scaled.weight, scaled.gradient) if scaled else (theta, g * clipped)
    with np.errstate(over="ignore", invalid="ignore"):  # and so may this one
        moved, *kept = rule.move(w * decayed, slope, *_three(slots), *terms)
    if scaled:
        scaled = scaled._replace(moved=float(moved))
        moved = moved * scaled.next_scale
    return Step(
        state.step + 1,
        loss,
        float(g),
        clipped,
        decayed,
        dict(zip(term_names(rule), map(float, terms), strict=False)),
        _memory(rule, slots),
        _memory(rule, kept),
        float(theta),
        float(moved),
        float("nan"),
        scaled,
    )


def _scaled(
    trace: Trace, method: Method, state: State, gradient: Array, element: int, rate: float
) -> Scaled | None:
    """A weight of the first layer as V · s, with the next s; its V has not moved yet."""
    first, rule = trace.architecture.blocks[0], method.rule
    if state.scales is None or not method.scales or element >= first.size:
        return None
    V, dV = first.of(state.theta.copy()), first.of(gradient.copy())
    slopes = to_scaled(V, dV, state.scales[0])
    unit, column = divmod(element, first.shape[1])
    s, *memory = (np.float64(each) for each in state.scales[:, column])
    own_rate = rate * stretch_of(method, trace.architecture, element).factor * method.scales
    terms = rule.terms(state.step + 1, own_rate, four(method.constants))
    with np.errstate(over="ignore", invalid="ignore"):
        following, *kept = rule.move(s, np.float64(slopes[column]), *_three(memory), *terms)
    return Scaled(
        float(s), float(slopes[column]), max(float(following), LEAST), float(V[unit, column]),
        float(dV[unit, column]), np.nan, _memory(rule, memory), _memory(rule, kept),
        bool(following < LEAST),
    )  # fmt: skip


def _memory(rule: Rule, slots: Iterable[Any]) -> dict[str, float]:
    """The memory of a rule by its names; the slots that it does not use are left out."""
    return dict(zip(MEMORY[rule.name], map(float, slots), strict=False))


def _three(memory: list[np.float64]) -> list[np.float64]:
    """The memory that a rule takes: of what it does not have, zeros."""
    return [*memory, *([np.float64(0)] * (3 - len(memory)))]


def stretch_of(method: Method, architecture: Architecture, element: int) -> Stretch:
    """The part of θ with an element, which has one factor and one decay."""
    return next(s for s in method.stretches(architecture) if s.start <= element < s.stop)


def term_names(rule: Rule) -> list[str]:
    """The named terms of a rule's formula, without those that it does not use."""
    names = list(inspect.signature(rule.move).parameters)[5:]
    return [name for name in names if name not in {f"t{k}" for k in range(6)}]
