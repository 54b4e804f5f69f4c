"""Rules of descent: how one flat vector θ moves, given its gradient. Easy ones first.

A rule knows nothing of layers: every element of θ moves by the same formula, with a memory of
at most three numbers of its own. What is the same for all elements in one step (corrections of
bias, for example) is computed once, in ``terms``; ``move`` is the formula for an element, held to
the words of ``elementary`` as in ``activations``, so that both engines use it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from thalweg.errors import look_up
from thalweg.network.activations import Array
from thalweg.network.elementary import sqrt

Terms = tuple[float, float, float, float, float, float]
Constants = tuple[float, float, float, float]
Moved = tuple[Array, Array, Array, Array]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name : str
    terms : callable
        ``(step, rate, constants) -> terms``: six numbers, 0 where fewer are needed. ``step``
        counts from 1, ``rate`` is the learning rate of this step, ``constants`` is filled up
        with zeros to a length of four.
    move : callable
        ``(theta, gradient, a, b, c, *terms) -> (theta, a, b, c)``, element by element; a, b and
        c are the memory, as far as the rule keeps one.
    n_slots : int
        How many vectors of memory the rule keeps, 0 … 3.
    rate : float
        The learning rate where none is asked for.
    constants : mapping of str to float
        Names and defaults of the rule's constants, at most four, in the order that ``terms``
        takes them. Each lies in [0, 1).
    formula : str
        The rule, as text.
    """

    name: str
    terms: Callable[[int, float, Constants], Terms]
    move: Callable[..., Moved]
    n_slots: int
    rate: float
    constants: MappingProxyType[str, float]
    formula: str

    def update(
        self,
        theta: Array,
        gradient: Array,
        slots: Array,
        step: int,
        rate: float,
        *constants: float,
    ) -> None:
        """Move θ, shape (n_parameters,), and its memory, (n_slots, n_parameters), in place."""
        memory = [*slots, *([0.0] * (3 - self.n_slots))]
        terms = self.terms(step, rate, padded(constants))
        theta[:], *kept = self.move(theta, gradient, *memory, *terms)
        for slot, new in zip(slots, kept, strict=False):
            slot[:] = new


def padded(constants: tuple[float, ...]) -> Constants:
    """Four constants, the last ones 0."""
    one, two, three, four = (*constants, *([0.0] * (4 - len(constants))))
    return one, two, three, four


def sgd_terms(step: int, rate: float, constants: Constants) -> Terms:
    """The rate, and the share of the velocity that is kept."""
    return rate, constants[0], 0.0, 0.0, 0.0, 0.0


def sgd(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    rate: float, momentum: float, t2: float, t3: float, t4: float, t5: float,
) -> Moved:  # fmt: skip
    """v ← μ v + g, θ ← θ - η v (Polyak 1964; μ = 0 is plain gradient descent)."""
    velocity = momentum * a + gradient
    return theta - rate * velocity, velocity, b, c


def adam_terms(step: int, rate: float, constants: Constants) -> Terms:
    """β₁ and β₂ with what they leave, the corrected rate, and ε, both for √v uncorrected."""
    beta_1, beta_2, epsilon, _ = constants
    root = (1.0 - beta_2**step) ** 0.5
    rate = rate * root / (1.0 - beta_1**step)
    return beta_1, 1.0 - beta_1, beta_2, 1.0 - beta_2, rate, epsilon * root


def adam(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    beta_1: float, rest_1: float, beta_2: float, rest_2: float, rate: float, epsilon: float,
) -> Moved:  # fmt: skip
    """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², θ ← θ - η m̂ / (√v̂ + ε).

    m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ) (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1; the
    corrections are moved into η and ε as in their section 2).
    """
    m = beta_1 * a + rest_1 * gradient
    v = beta_2 * b + rest_2 * gradient * gradient
    return theta - rate * m / (sqrt(v) + epsilon), m, v, c


RULES = {
    each.name: each
    for each in (
        Rule(
            "sgd", sgd_terms, sgd, 1, 0.1,
            MappingProxyType({"momentum": 0.0}),
            "v ← μ v + g, θ ← θ - η v",
        ),
        Rule(
            "adam", adam_terms, adam, 2, 0.001,
            MappingProxyType({"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}),
            "m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², θ ← θ - η m̂ / (√v̂ + ε)",
        ),
    )
}  # fmt: skip


def rule(name: str) -> Rule:
    """The rule of descent of that name; a SettingsError where there is none."""
    return look_up(RULES, "rule of descent", name)
