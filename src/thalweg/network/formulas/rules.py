"""Update rules (SGD, momentum, Adam, …): how θ moves, given its gradient.

A rule knows nothing about layers: every element of θ moves by the same formula, with a memory of at
most three numbers. Numbers that all elements share in one step (such as bias corrections) are
computed once, in ``terms``. ``move`` is the formula for one element. It uses only the functions of
``elementary_functions``, as in ``activations``, so that both engines use it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from thalweg.elementary_functions import sign, sqrt
from thalweg.errors import look_up
from thalweg.network.formulas.activations import Array

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
        counts from 1, ``rate`` is the learning rate of this step, ``constants`` is padded with
        zeros to a length of four.
    move : callable
        ``(theta, gradient, a, b, c, *terms) -> (theta, a, b, c)``, element by element; a, b and
        c are the memory, as far as the rule has one.
    n_slots : int
        How many vectors of memory the rule has, 0 … 3.
    rate : float
        The default learning rate.
    constants : mapping of str to float
        Names and defaults of the rule's constants, at most four, in the order that ``terms``
        takes them. Each lies in [0, 1).
    formula : str
        The rule, as text.
    decay : float
        The default decoupled weight decay of the rule. It is applied around the rule
        (``engine.Method``), not in it.
    """

    name: str
    terms: Callable[[int, float, Constants], Terms]
    move: Callable[..., Moved]
    n_slots: int
    rate: float
    constants: MappingProxyType[str, float]
    formula: str
    decay: float = 0.0

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
        terms = self.terms(step, rate, four(constants))
        theta[:], *kept = self.move(theta, gradient, *memory, *terms)
        for slot, new in zip(slots, kept, strict=False):
            slot[:] = new


def four(constants: tuple[float, ...]) -> Constants:
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


def nesterov(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    rate: float, momentum: float, t2: float, t3: float, t4: float, t5: float,
) -> Moved:  # fmt: skip
    """v ← μ v + g, θ ← θ - η (g + μ v): the gradient is felt a step ahead.

    Nesterov 1983, in the form of Sutskever et al. 2013 (ICML), section 2: v ← μ v - η ∇L(θ + μ v)
    and θ ← θ + v; here θ stands for their θ + μ v, where the gradient is taken.
    """
    velocity = momentum * a + gradient
    return theta - rate * (gradient + momentum * velocity), velocity, b, c


def adagrad_terms(step: int, rate: float, constants: Constants) -> Terms:
    """The rate and ε."""
    return rate, constants[0], 0.0, 0.0, 0.0, 0.0


def adagrad(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    rate: float, epsilon: float, t2: float, t3: float, t4: float, t5: float,
) -> Moved:  # fmt: skip
    """s ← s + g², θ ← θ - η g / (√s + ε) (Duchi, Hazan & Singer 2011, JMLR 12, diagonal form)."""
    total = a + gradient * gradient
    return theta - rate * gradient / (sqrt(total) + epsilon), total, b, c


def rmsprop_terms(step: int, rate: float, constants: Constants) -> Terms:
    """ρ with what it leaves, ε, the share of the velocity that is kept, and the rate."""
    rho, epsilon, momentum, _ = constants
    return rho, 1.0 - rho, epsilon, momentum, rate, 0.0


def rmsprop(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    rho: float, rest: float, epsilon: float, momentum: float, rate: float, t5: float,
) -> Moved:  # fmt: skip
    """s ← ρ s + (1 - ρ) g², v ← μ v + g / (√s + ε), θ ← θ - η v.

    Tieleman & Hinton 2012, lecture 6e of "Neural Networks for Machine Learning"; ε and the
    velocity stand where PyTorch has them, whose α is ρ.
    """
    square = rho * a + rest * gradient * gradient
    velocity = momentum * b + gradient / (sqrt(square) + epsilon)
    return theta - rate * velocity, square, velocity, c


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


def nadam_terms(step: int, rate: float, constants: Constants) -> Terms:
    """1 - β₁, 1 - β₂, μ of this step and of the next, and as in ``adam_terms`` η and ε."""
    beta_1, beta_2, epsilon, momentum_decay = constants
    root = (1.0 - beta_2**step) ** 0.5
    now = beta_1 * (1.0 - 0.5 * 0.96 ** (step * momentum_decay))
    soon = beta_1 * (1.0 - 0.5 * 0.96 ** ((step + 1) * momentum_decay))
    return 1.0 - beta_1, 1.0 - beta_2, now, soon, rate * root, epsilon * root


def nadam(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    rest_1: float, rest_2: float, now: float, soon: float, rate: float, epsilon: float,
) -> Moved:  # fmt: skip
    """Adam with m̂ = μₜ₊₁ m / (1 - Πμ μₜ₊₁) + (1 - μₜ) g / (1 - Πμ), μₜ = β₁ (1 - ½ 0.96^(t ψ)).

    Dozat 2016, "Incorporating Nesterov momentum into Adam" (ICLR workshop); Πμ = μ₁ … μₜ, and
    c keeps 1 - Πμ, which is 0 before the first step.
    """
    m = a + rest_1 * (gradient - a)
    v = b + rest_2 * (gradient * gradient - b)
    left = now * c + (1.0 - now)
    ahead = soon / (1.0 - (1.0 - left) * soon) * m + (1.0 - now) / left * gradient
    return theta - rate * ahead / (sqrt(v) + epsilon), m, v, left


def lion_terms(step: int, rate: float, constants: Constants) -> Terms:
    """β₁ and β₂ with what they leave, and the rate."""
    beta_1, beta_2, _, _ = constants
    return beta_1, 1.0 - beta_1, beta_2, 1.0 - beta_2, rate, 0.0


def lion(
    theta: Array, gradient: Array, a: Array, b: Array, c: Array,
    beta_1: float, rest_1: float, beta_2: float, rest_2: float, rate: float, t5: float,
) -> Moved:  # fmt: skip
    """θ ← θ - η sign(β₁ m + (1 - β₁) g), m ← β₂ m + (1 - β₂) g.

    Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv 2302.06675,
    algorithm 2: every element moves by η, or not at all where the sum is 0.
    """
    direction = sign(beta_1 * a + rest_1 * gradient)
    return theta - rate * direction, beta_2 * a + rest_2 * gradient, b, c


_ADAM = MappingProxyType({"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8})
_ADAMS = "m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², θ ← θ - η m̂ / (√v̂ + ε)"

# Rates and constants are those of PyTorch where it has the rule.
RULES = {
    each.name: each
    for each in (
        Rule(
            "sgd", sgd_terms, sgd, 1, 0.1,
            MappingProxyType({"momentum": 0.0}),
            "v ← μ v + g, θ ← θ - η v",
        ),
        Rule(
            "nesterov", sgd_terms, nesterov, 1, 0.01,
            MappingProxyType({"momentum": 0.9}),
            "v ← μ v + g, θ ← θ - η (g + μ v)",
        ),
        Rule(
            "adagrad", adagrad_terms, adagrad, 1, 0.01,
            MappingProxyType({"epsilon": 1e-10}),
            "s ← s + g², θ ← θ - η g / (√s + ε)",
        ),
        Rule(
            "rmsprop", rmsprop_terms, rmsprop, 2, 0.01,
            MappingProxyType({"rho": 0.99, "epsilon": 1e-8, "momentum": 0.0}),
            "s ← ρ s + (1 - ρ) g², v ← μ v + g / (√s + ε), θ ← θ - η v",
        ),
        Rule("adam", adam_terms, adam, 2, 0.001, _ADAM, _ADAMS),
        # Loshchilov & Hutter 2019, arXiv 1711.05101: Adam's move, and a decay of its own.
        Rule("adamw", adam_terms, adam, 2, 0.001, _ADAM, f"W ← W - η λ W, {_ADAMS}", decay=0.01),
        Rule(
            "nadam", nadam_terms, nadam, 3, 0.002,
            MappingProxyType({**_ADAM, "momentum_decay": 0.004}),
            f"{_ADAMS}, m̂ a step ahead",
        ),
        # A tenth of Adam's rate, as the paper advises.
        Rule(
            "lion", lion_terms, lion, 1, 0.0001,
            MappingProxyType({"beta_1": 0.9, "beta_2": 0.99}),
            "θ ← θ - η sign(β₁ m + (1 - β₁) g), m ← β₂ m + (1 - β₂) g",
        ),
    )
}  # fmt: skip


def rule(name: str) -> Rule:
    """The update rule of that name; a SettingsError if there is none."""
    return look_up(RULES, "optimizer", name)
