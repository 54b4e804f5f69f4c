"""One step of an update rule in full: every quantity of the rule's formula, by name.

The engine folds the corrections of Adam's empty memory into the learning rate and ε, which saves
two divisions for each weight. Here they are as in the paper: m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ).
The last line, the change, is what the engine's step does, up to rounding.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from thalweg.tracing.update import Step

Numbers = Mapping[str, float]


class Quantity(NamedTuple):
    """One line: its name, its formula, and its value in this step."""

    name: str
    formula: str
    value: float


def in_full(rule: str, constants: Numbers, rate: float, step: Step) -> list[Quantity]:
    """The quantities of one step, in the order in which the rule computes them.

    Parameters
    ----------
    rule : str
        A name in `thalweg.network.formulas.rules.RULES`.
    constants : mapping of str to float
        The constants of the rule.
    rate : float
        The learning rate η of the element, with the factor of its block.
    step : Step

    Returns
    -------
    list of Quantity
        The first is the gradient g that the rule takes (after clipping; of V for a weight with a
        scale of its input), the last one the change that the rule adds.
    """
    scaled = step.scaled
    g = scaled.gradient if scaled else step.gradient * step.clipped
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return [Quantity("g", _of_gradient(step), g), *_LINES[rule](constants, rate, step, g)]


def from_change_to_weight(step: Step) -> list[Quantity]:
    """How the change of `in_full` becomes the weight after the step, line by line.

    Empty for a weight without a scale of its input and without decay: there the change is added.
    With a scale, ``V before + decay + change = V after`` and ``V after · s after`` is the weight.

    Parameters
    ----------
    step : Step

    Returns
    -------
    list of Quantity
        The last is the change of the weight itself.
    """
    scaled = step.scaled
    if not scaled and step.decayed == 1:
        return []
    letter, before = ("V", scaled.weight) if scaled else ("W", step.theta)
    lines = [Quantity(f"{letter} before", "W before / s before" if scaled else "", before)]
    if step.decayed != 1:
        decay = (step.decayed - 1) * before
        lines.append(Quantity("decay", f"{step.decayed - 1:.4g} {letter} before", decay))
    decay_word = " + decay" if step.decayed != 1 else ""
    after = scaled.moved if scaled else step.moved
    added = f"{letter} before{decay_word} + change"
    lines.append(Quantity(f"{letter} after", added, after))
    if scaled:
        lines += [
            Quantity("s before", "the scale of the input", scaled.scale),
            Quantity("s after", "moved by the same rule", scaled.next_scale),
            Quantity("W after", "V after · s after", step.moved),
        ]
    return [*lines, Quantity("change of W", "W after - W before", step.moved - step.theta)]


def _of_gradient(step: Step) -> str:
    clipped = " · clip" if step.clipped != 1 else ""
    return f"s · dL/dW{clipped}" if step.scaled else f"the gradient{clipped}"


def _velocity(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    """Gradient descent, with or without momentum."""
    v = step.after["v"]
    return [Quantity("v", "μ v + g", v), Quantity("change", "-η v", -rate * v)]


def _nesterov(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    v, momentum = step.after["v"], constants["momentum"]
    ahead = g + momentum * v
    return [
        Quantity("v", "μ v + g", v),
        Quantity("g + μ v", "a step ahead", ahead),
        Quantity("change", "-η (g + μ v)", -rate * ahead),
    ]


def _adagrad(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    s = step.after["s"]
    root = math.sqrt(s) + constants["epsilon"]
    return [
        Quantity("s", "s + g²", s),
        Quantity("√s + ε", "", root),
        Quantity("change", "-η g / (√s + ε)", -rate * g / root),
    ]


def _rmsprop(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    s, v = step.after["s"], step.after["v"]
    return [
        Quantity("s", "ρ s + (1 - ρ) g²", s),
        Quantity("√s + ε", "", math.sqrt(s) + constants["epsilon"]),
        Quantity("v", "μ v + g / (√s + ε)", v),
        Quantity("change", "-η v", -rate * v),
    ]


def _moments(constants: Numbers, step: Step) -> tuple[list[Quantity], float, float]:
    """m, v and v̂ of Adam's family; also √v̂ + ε, and m."""
    m, v = step.after["m"], step.after["v"]
    left = 1.0 - constants["beta_2"] ** step.step
    root = math.sqrt(v / left) + constants["epsilon"]
    lines = [
        Quantity("m", "β₁ m + (1 - β₁) g", m),
        Quantity("v", "β₂ v + (1 - β₂) g²", v),
        Quantity("1 - β₂ᵗ", "t is the step", left),
        Quantity("v̂", "v / (1 - β₂ᵗ)", v / left),
        Quantity("√v̂ + ε", "", root),
    ]
    return lines, m, root


def _adam(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    lines, m, root = _moments(constants, step)
    left = 1.0 - constants["beta_1"] ** step.step
    own = [Quantity("1 - β₁ᵗ", "t is the step", left), Quantity("m̂", "m / (1 - β₁ᵗ)", m / left)]
    change = Quantity("change", "-η m̂ / (√v̂ + ε)", -rate * (m / left) / root)
    return [*lines[:2], *own, *lines[2:], change]


def _nadam(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    lines, m, root = _moments(constants, step)
    now, soon, left = step.terms["now"], step.terms["soon"], step.after["1 - Πμ"]
    behind = 1.0 - (1.0 - left) * soon
    ahead = soon * m / behind + (1.0 - now) * g / left
    own = [
        Quantity("1 - Πμ", "Π over the steps so far", left),
        Quantity("m̂", "μ next · m / (1 - Πμ μ next) + (1 - μ now) g / (1 - Πμ)", ahead),
    ]
    change = Quantity("change", "-η m̂ / (√v̂ + ε)", -rate * ahead / root)
    return [*lines[:2], *own, *lines[2:], change]


def _lion(constants: Numbers, rate: float, step: Step, g: float) -> list[Quantity]:
    beta = constants["beta_1"]
    mixed = beta * step.before["m"] + (1.0 - beta) * g
    direction = float(np.sign(mixed))
    return [
        Quantity("c", "β₁ m + (1 - β₁) g", mixed),
        Quantity("sign(c)", "", direction),
        Quantity("m", "β₂ m + (1 - β₂) g, after the step", step.after["m"]),
        Quantity("change", "-η sign(c)", -rate * direction),
    ]


_LINES: dict[str, Callable[[Numbers, float, Step, float], list[Quantity]]] = {
    "sgd": _velocity,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "nadam": _nadam,
    "lion": _lion,
}
