"""The frozen description of a network: its layers, and where each ``W`` and ``b`` lies in θ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.errors import SettingsError, look_up
from thalweg.network.formulas.activations import Activation, Array, activation
from thalweg.wording import counted, parameter

# Deeper than any dense network that is used; every layer takes time in traces, checks and pictures.
MOST_LAYERS = 256


class Block(NamedTuple):
    """One piece of θ: ``theta[offset : offset + size].reshape(shape)``."""

    name: str
    offset: int
    shape: tuple[int, int]
    kind: str

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.shape[0] * self.shape[1]

    def of(self, theta: Array) -> Array:
        """The block as a view: writing to it writes to θ."""
        return theta[self.offset : self.offset + self.size].reshape(self.shape)


@dataclass(frozen=True)
class Architecture(StoredFields):
    """A dense network of any depth, as a description without weights.

    Layer l computes Z = W A + b and A = activation(Z); a column of A is a sample.

    Parameters
    ----------
    sizes : tuple of int
        Units of each layer, the inputs first: ``(9, 15, 1)`` has two layers.
    activations : tuple of str
        The activation of each layer, ``len(sizes) - 1`` names.

    Raises
    ------
    SettingsError
        For sizes that are not positive whole numbers, unknown names, or more layers than
        `MOST_LAYERS`.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.sizes) > MOST_LAYERS + 1:
            raise SettingsError(
                f"A network of {len(self.sizes) - 1:,} layers is too deep",
                why=f"At most {MOST_LAYERS} layers can be followed, the last one included",
                fix="take fewer hidden layers",
            )
        whole = all(isinstance(size, Integral) for size in self.sizes)
        if not whole or len(self.sizes) < 2 or min(self.sizes) < 1:
            raise SettingsError(
                f"A network cannot have the layers {self.sizes}",
                why="It needs inputs and at least one layer, each with a whole number of units.",
                fix="name sizes such as (9, 15, 1)",
            )
        if len(self.activations) != len(self.sizes) - 1:
            raise SettingsError(
                f"{len(self.activations)} activations do not fit {len(self.sizes) - 1} layers",
                fix="name one activation a layer",
            )
        for name in self.activations:
            activation(name)

    @classmethod
    def dense(
        cls,
        n_inputs: int,
        hidden: tuple[int, ...],
        n_outputs: int,
        hidden_activation: str | Sequence[str],
    ) -> "Architecture":
        """The usual network: one activation in all hidden layers or one each, none behind the last.

        The last layer has no activation because the loss works from its Z (``losses``).
        """
        of_hidden = hidden_activations(hidden_activation, len(hidden))
        return cls((n_inputs, *hidden, n_outputs), (*of_hidden, "identity"))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every piece of θ in order: W1, b1, W2, b2, … Nobody else computes an offset."""
        blocks, offset = [], 0
        for layer, (n_in, n_out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            for name, columns, kind in (("W", n_in, "weights"), ("b", 1, "biases")):
                block = Block(f"{name}{layer}", offset, (n_out, columns), kind)
                blocks.append(block)
                offset += block.size
        return tuple(blocks)

    @cached_property
    def formulas(self) -> tuple[Activation, ...]:
        """The activation of each layer, looked up."""
        return tuple(activation(name) for name in self.activations)

    @property
    def n_layers(self) -> int:
        """How many layers have weights."""
        return len(self.activations)

    @cached_property
    def n_parameters(self) -> int:
        """The length of θ."""
        return self.blocks[-1].offset + self.blocks[-1].size

    def layers(self, theta: Array) -> list[tuple[Array, Array]]:
        """(W, b) of each layer as views of θ; W is (n_out, n_in), b (n_out, 1)."""
        views = [block.of(theta) for block in self.blocks]
        return list(zip(views[::2], views[1::2], strict=True))


def hidden_activations(said: str | Sequence[str], n_hidden: int) -> tuple[str, ...]:
    """The activation of each hidden layer, from one name for all or one name for each.

    Raises
    ------
    SettingsError
        If the number of names is not that of the hidden layers, or a name is not known.
    """
    names = (said,) * n_hidden if isinstance(said, str) else tuple(said)
    if len(names) != n_hidden:
        raise SettingsError(
            f"{parameter('activation', names)} names {counted(len(names), 'activation')}, and "
            f"there {'is' if n_hidden == 1 else 'are'} {counted(n_hidden, 'hidden layer')}",
            why="It is one name for all hidden layers, or one name for each of them",
            fix="give one name, such as relu"
            + (f"; or {n_hidden} names, the first hidden layer first" if n_hidden > 1 else ""),
        )
    for name in names:
        activation(name)
    return names


def initialisers_of(said: str | Sequence[str], n_hidden: int) -> tuple[str, ...]:
    """The initialiser of each layer: that of its activation; of the last, that of the one before.

    Without hidden layers it is that of the name, or of the identity where none is named.
    """
    names = hidden_activations(said, n_hidden)
    last = names[-1] if names else said if isinstance(said, str) else "identity"
    return tuple(activation(name).initialiser for name in (*names, last))


def article(fan_in: int, fan_out: int) -> float:
    """σ = 1 / √fan_in: the article's, and LeCun's (1998)."""
    del fan_out
    return float(1 / np.sqrt(fan_in))


def he(fan_in: int, fan_out: int) -> float:
    """σ = √(2 / fan_in): keeps the variance through ReLU (He et al. 2015, arXiv 1502.01852)."""
    del fan_out
    return float(np.sqrt(2 / fan_in))


def glorot(fan_in: int, fan_out: int) -> float:
    """σ = √(2 / (fan_in + fan_out)) (Glorot & Bengio 2010, AISTATS)."""
    return float(np.sqrt(2 / (fan_in + fan_out)))


INITIALISERS: dict[str, Callable[[int, int], float]] = {
    each.__name__: each for each in (article, he, glorot)
}


def initial_theta(
    architecture: Architecture,
    initialiser: str | Sequence[str],
    generator: np.random.Generator | np.random.RandomState,
) -> NDArray[np.float64]:
    """A starting point θ: W ~ N(0, σ²) layer by layer, b = 0.

    Parameters
    ----------
    architecture : Architecture
    initialiser : {"article", "he", "glorot"}, or a sequence of them
        Which σ, of all layers or of each.
    generator : numpy.random.Generator or numpy.random.RandomState
        Drawn from in the order W1, W2, …, each row by row.

    Returns
    -------
    ndarray of shape (n_parameters,), float64
    """
    layers = architecture.layers(theta := np.zeros(architecture.n_parameters))
    names = (initialiser,) * len(layers) if isinstance(initialiser, str) else initialiser
    for (W, _), name in zip(layers, names, strict=True):
        deviation = look_up(INITIALISERS, "initialiser", name)
        n_out, n_in = W.shape
        W[:] = generator.standard_normal((n_out, n_in)) * deviation(n_in, n_out)
    return theta
