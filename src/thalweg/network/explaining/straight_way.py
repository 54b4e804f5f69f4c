"""A network along the straight way between two encoded rows: where it bends, its slopes, its z.

With e(α) = e₀ + α (e₁ - e₀), α from 0 to 1, every unit of the first layer is a straight line in α.
If the hidden activations are relu, leaky_relu or identity, the whole network is piecewise linear
in α: its pieces end where a unit crosses a kink. The crossings of layer 1 cut the way into pieces;
in each of them the units of layer 2 are straight lines, whose crossings cut it further; and so on.
All arithmetic is float64, also where θ is float32.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Activation, Array

Floats = NDArray[np.float64]

PIECEWISE_LINEAR = ("identity", "relu", "leaky_relu")
# Halvings of an interval that find where a bent line crosses a kink: to a rounding of α.
_HALVINGS = 52


@dataclass(frozen=True, eq=False)
class DenseNetwork:
    """A network with its weights in float64, whose last layer has no activation.

    Attributes
    ----------
    layers : tuple of (W, b)
        W (n_out, n_in) and b (n_out,) of each layer.
    formulas : tuple of Activation
        Of each hidden layer.
    """

    layers: tuple[tuple[Floats, Floats], ...]
    formulas: tuple[Activation, ...]

    @classmethod
    def of(
        cls, architecture: Architecture, theta: Array, factor: float = 1.0, shift: Array | float = 0
    ) -> "DenseNetwork":
        """The network of θ, its outputs z replaced by factor · z + shift.

        Parameters
        ----------
        architecture : Architecture
            Its last activation is the identity.
        theta : ndarray of shape (n_parameters,)
        factor : float
        shift : float, or ndarray of shape (n_outputs,)
        """
        if architecture.activations[-1] != "identity":
            raise ValueError("the last layer of a network that is explained has no activation")
        layers = [
            (W.astype(np.float64), b[:, 0].astype(np.float64))
            for W, b in architecture.layers(theta)
        ]
        W, b = layers[-1]
        layers[-1] = factor * W, factor * b + shift
        return cls(tuple(layers), architecture.formulas[:-1])

    @property
    def is_piecewise_linear(self) -> bool:
        """Whether every hidden activation consists of straight lines."""
        return all(formula.name in PIECEWISE_LINEAR for formula in self.formulas)

    def after_first(self, Z: Floats) -> Floats:
        """The outputs z, (n, n_outputs), from those of the first layer, (n, n_units)."""
        for formula, (W, b) in zip(self.formulas, self.layers[1:], strict=True):
            Z = formula.value(Z) @ W.T + b
        return Z

    def outputs(self, encoded: Floats) -> Floats:
        """The outputs z of encoded rows: (n, n_inputs) to (n, n_outputs)."""
        W, b = self.layers[0]
        return self.after_first(encoded @ W.T + b)


@dataclass(frozen=True, eq=False)
class StraightWay:
    """A network along the way from one encoded row to another.

    Attributes
    ----------
    network : DenseNetwork
    start, end : ndarray of float64, shape (n_inputs,)
        e₀ and e₁.
    """

    network: DenseNetwork
    start: Floats
    end: Floats

    @cached_property
    def _first(self) -> tuple[Floats, Floats]:
        """The first layer at α = 0, and how it changes from there to α = 1."""
        W, b = self.network.layers[0]
        return W @ self.start + b, W @ (self.end - self.start)

    def _before(self, alphas: Floats, depth: int) -> list[Floats]:
        """Z of the layers 0 … depth at some α, each (n, n_units)."""
        at_start, change = self._first
        found = [at_start + alphas[:, None] * change]
        for formula, (W, b) in zip(
            self.network.formulas[:depth], self.network.layers[1 : depth + 1], strict=True
        ):
            found.append(formula.value(found[-1]) @ W.T + b)
        return found

    @cached_property
    def breaks(self) -> Floats:
        """The ends of all pieces, rising from 0 to 1: where a unit crosses a kink."""
        alphas, straight = np.array([0.0, 1.0]), True
        for depth, formula in enumerate(self.network.formulas):
            for kink in formula.kinks:
                Z = self._before(alphas, depth)[-1] - kink
                pieces, units = np.nonzero((Z[:-1] > 0) != (Z[1:] > 0))
                low, high = alphas[pieces], alphas[pieces + 1]
                if straight:
                    left, right = Z[pieces, units], Z[pieces + 1, units]
                    crossed = low + (high - low) * (left / (left - right))
                else:
                    crossed = self._roots(depth, kink, units, low, high)
                alphas = np.unique(np.concatenate((alphas, np.clip(crossed, low, high))))
            straight = straight and formula.name in PIECEWISE_LINEAR
        return alphas

    def _roots(
        self, depth: int, kink: float, units: NDArray[np.intp], low: Floats, high: Floats
    ) -> Floats:
        """Where bent lines of some units cross a kink, by halving; one for each interval."""
        if not len(units):
            return low
        which = np.arange(len(units))
        begins_above = self._before(low, depth)[-1][which, units] > kink
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            as_begin = (self._before(middle, depth)[-1][which, units] > kink) == begins_above
            low, high = np.where(as_begin, middle, low), np.where(as_begin, high, middle)
        return (low + high) / 2

    @cached_property
    def _on_pieces(self) -> tuple[Floats, list[Array]]:
        """Of a piecewise linear network: z at the breaks, and each layer's slopes on the pieces."""
        layers = self._before(self.breaks, len(self.network.formulas))
        slopes = [
            formula.slope((Z[:-1] + Z[1:]) / 2)
            for formula, Z in zip(self.network.formulas, layers[:-1], strict=True)
        ]
        return layers[-1], slopes

    @property
    def at_breaks(self) -> Floats:
        """Z at the breaks, shape (n_breaks, n_outputs)."""
        if self.network.is_piecewise_linear:
            return self._on_pieces[0]
        return self.z(self.breaks)

    def _piece_of(self, alphas: Floats) -> NDArray[np.intp]:
        found = np.searchsorted(self.breaks, alphas, side="right") - 1
        return np.clip(found, 0, len(self.breaks) - 2)

    def z(self, alphas: Floats) -> Floats:
        """Z at some α, shape (n, n_outputs)."""
        if not self.network.is_piecewise_linear:
            return self._before(alphas, len(self.network.formulas))[-1]
        return np.column_stack(
            [np.interp(alphas, self.breaks, each) for each in self._on_pieces[0].T]
        )

    def speed(self, alphas: Floats) -> Floats:
        """dz/dα at some α that are no breaks, shape (n, n_outputs)."""
        if self.network.is_piecewise_linear:
            rise, width = np.diff(self._on_pieces[0], axis=0), np.diff(self.breaks)
            steep: Floats = (rise / width[:, None])[self._piece_of(alphas)]
            return steep
        layers = self._before(alphas, len(self.network.formulas))
        change = np.broadcast_to(self._first[1], layers[0].shape)
        for formula, Z, (W, _) in zip(
            self.network.formulas, layers[:-1], self.network.layers[1:], strict=True
        ):
            change = (formula.slope(Z) * change) @ W.T
        return np.asarray(change)

    def contributions(self, alphas: Floats, weights: Floats) -> Floats:
        """(e₁ - e₀)ᵢ Σₙ weightsₙ · ∂z/∂eᵢ at αₙ, for each encoded input i.

        Parameters
        ----------
        alphas : ndarray of float64, shape (n,)
            Inside pieces.
        weights : ndarray of float64, shape (n, n_answers, n_outputs)
            dα times the slope of each answer in each output.

        Returns
        -------
        ndarray of float64, shape (n_answers, n_inputs)
            Exactly 0 where the rows do not differ, or all first weights of an input are 0.
        """
        if self.network.is_piecewise_linear:
            slopes, pieces = self._on_pieces[1], self._piece_of(alphas)
            back: Array = np.zeros((len(self.breaks) - 1, *weights.shape[1:]))
            np.add.at(back, pieces, weights)
        else:
            layers = self._before(alphas, len(self.network.formulas))[:-1]
            formulas = self.network.formulas
            slopes = [formula.slope(Z) for formula, Z in zip(formulas, layers, strict=True)]
            back = weights
        for slope, (W, _) in zip(slopes[::-1], self.network.layers[:0:-1], strict=True):
            below = back.reshape(-1, back.shape[-1]) @ W  # one product, not one for each piece
            back = below.reshape(*back.shape[:2], W.shape[1]) * slope[:, None, :]
        W, _ = self.network.layers[0]
        found: Floats = (self.end - self.start) * (back.sum(axis=0) @ W)
        return found + 0.0  # -0 becomes 0
