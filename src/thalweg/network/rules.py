"""Rules of descent: how one flat vector θ moves, given its gradient. Easy ones first.

A rule changes θ and its own memory (``slots``) in place and knows nothing of layers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from thalweg.errors import look_up
from thalweg.network.activations import Array

Update = Callable[..., None]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name : str
    update : callable
        ``update(theta, gradient, slots, step, rate, *constants)``, in place. ``theta`` and
        ``gradient`` have shape (n_parameters,), ``slots`` (n_slots, n_parameters); ``step``
        counts from 1; ``rate`` is the learning rate of this step.
    n_slots : int
        How many vectors of memory the rule keeps.
    rate : float
        The learning rate where none is asked for.
    constants : mapping of str to float
        Names and defaults of the rule's constants, in the order that ``update`` takes them.
        Each lies in [0, 1).
    """

    name: str
    update: Update
    n_slots: int
    rate: float
    constants: MappingProxyType[str, float]


def sgd(
    theta: Array, gradient: Array, slots: Array, step: int, rate: float, momentum: float
) -> None:
    """v ← μ v + g, θ ← θ - η v (Polyak 1964; μ = 0 is plain gradient descent)."""
    del step
    velocity = slots[0]
    velocity *= momentum
    velocity += gradient
    theta -= rate * velocity


def adam(
    theta: Array,
    gradient: Array,
    slots: Array,
    step: int,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², θ ← θ - η m̂ / (√v̂ + ε).

    m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ) (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1).
    """
    m, v = slots
    m *= beta_1
    m += (1 - beta_1) * gradient
    v *= beta_2
    v += (1 - beta_2) * gradient**2
    m_hat = m / (1 - beta_1**step)
    v_hat = v / (1 - beta_2**step)
    theta -= rate * m_hat / (np.sqrt(v_hat) + epsilon)


RULES = {
    each.name: each
    for each in (
        Rule("sgd", sgd, 1, 0.1, MappingProxyType({"momentum": 0.0})),
        Rule(
            "adam",
            adam,
            2,
            0.001,
            MappingProxyType({"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}),
        ),
    )
}


def rule(name: str) -> Rule:
    """The rule of descent of that name; a SettingsError where there is none."""
    return look_up(RULES, "rule of descent", name)
