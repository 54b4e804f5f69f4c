"""The hidden units of one network in the order of another: a permutation that changes no answer."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.planes.plane import Vector
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array

# A new order is taken only if it gains more than this share of all squares: rounding gains less.
GAIN = 1e-12
# Sweeps over the layers; each gains, so that they end by themselves much earlier.
MOST_SWEEPS = 100


@dataclass(frozen=True, eq=False)
class UnitMatch:
    """One network with its hidden units in the order of those of another.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        The other weights, reordered: the same function.
    orders : tuple of ndarray of int
        For each hidden layer: ``orders[l][j]`` is the unit that now stands in place j.
    signs : tuple of ndarray
        1 or -1 for each place: -1 where weights in and out of the unit changed their signs.
    sweeps : int
        Over all hidden layers, until no layer gained.
    before, after : float
        ‖one - other‖ and ‖one - theta‖.
    """

    theta: Vector
    orders: tuple[NDArray[np.intp], ...]
    signs: tuple[Vector, ...]
    sweeps: int
    before: float
    after: float

    @property
    def units(self) -> int:
        """The hidden units."""
        return sum(map(len, self.orders))

    @property
    def moved(self) -> int:
        """How many units stand in another place."""
        return sum(int(np.sum(order != np.arange(len(order)))) for order in self.orders)

    @property
    def flipped(self) -> int:
        """How many units changed their sign."""
        return sum(int(np.sum(sign < 0)) for sign in self.signs)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, but the weights."""
        return {
            "orders": [order.tolist() for order in self.orders],
            "signs": [sign.tolist() for sign in self.signs],
            "units": self.units, "moved": self.moved, "flipped": self.flipped,
            "sweeps": self.sweeps, "distance": self.before, "distance_matched": self.after,
        }  # fmt: skip


def match_units(architecture: Architecture, first: Array, second: Array) -> UnitMatch:
    """Reorder the hidden units of ``second`` so that its weights come closest to ``first``.

    Swapping two hidden units, with the weights into and out of them, leaves the function of a
    network as it is; so does a change of the signs of both where the activation is odd. For unit j
    of ``first`` and unit k of ``second`` in one layer, the gain of putting k into place j is the
    inner product of their weights in (with the bias) and of their weights out, or its absolute
    value where signs may change. The squared distance is -2 Σ gains + what does not depend on the
    layer, so the assignment of the largest sum (Kuhn 1955, the Hungarian method) is the best order
    of a layer, given the others. With one hidden layer it is the best of all. With more, the layers
    are swept until none gains, from the order as it is and from one that was found from the inputs
    on, and the closer of the two is taken; another order of several layers at once may still be
    closer. (Ainsworth, Hayase & Srinivasa 2023, arXiv 2209.04836, "weight matching"; they change no
    signs.)

    Parameters
    ----------
    architecture : Architecture
    first, second : ndarray of shape (n_parameters,)

    Returns
    -------
    UnitMatch
    """
    one: Vector = np.asarray(first, np.float64)
    other: Vector = np.asarray(second, np.float64)
    before = float(np.linalg.norm(one - other))
    starts = [_Order.of(architecture, other)]
    if len(starts[0].orders) > 1:
        # A second way in: each layer by what comes into it, the layers before it in order already.
        starts.append(_Order.of(architecture, other))
        for layer in range(len(starts[1].orders)):
            starts[1].improve(one, layer, 0.0, way_out=False)
    for each in starts:
        each.sweep(one, GAIN * float(one @ one + other @ other))
    best = min(starts, key=lambda each: float(np.linalg.norm(one - each.theta)))
    after = float(np.linalg.norm(one - best.theta))
    return UnitMatch(
        best.theta, tuple(best.orders), tuple(best.signs), best.sweeps, before, after
    )  # fmt: skip


@dataclass
class _Order:
    """An order of the hidden units, on the way to a better one."""

    architecture: Architecture
    theta: Vector
    orders: list[NDArray[np.intp]]
    signs: list[Vector]
    sweeps: int = 0

    @classmethod
    def of(cls, architecture: Architecture, theta: Vector) -> Self:
        """The order as it is."""
        orders = [np.arange(size) for size in architecture.sizes[1:-1]]
        return cls(architecture, theta.copy(), orders, [np.ones(len(each)) for each in orders])

    def sweep(self, one: Vector, least: float) -> None:
        """Improve layer after layer, until none gains more than ``least``."""
        gained = True
        while gained and self.sweeps < MOST_SWEEPS:
            self.sweeps += 1
            gained = sum(self.improve(one, each, least) for each in range(len(self.orders))) > 0

    def improve(self, one: Vector, layer: int, least: float, *, way_out: bool = True) -> bool:
        """Put the units of a layer into their best order; returns whether that gained."""
        from scipy.optimize import linear_sum_assignment  # other races do not need its half second

        gains = _gains(self.architecture, one, self.theta, layer, way_out)
        odd = self.architecture.formulas[layer].odd
        places, order = linear_sum_assignment(np.abs(gains) if odd else gains, maximize=True)
        best = gains[places, order]
        sign = np.where(odd & (best < 0), -1.0, 1.0)
        if way_out and float((sign * best).sum() - np.trace(gains)) <= least:
            return False
        reorder(self.architecture, self.theta, layer, order, sign)
        self.orders[layer] = self.orders[layer][order]
        self.signs[layer] = self.signs[layer][order] * sign
        return True


def _gains(
    architecture: Architecture, one: Vector, theta: Vector, layer: int, way_out: bool
) -> Vector:
    """The inner products of the units of a hidden layer: ``gains[j, k]`` of unit k for place j."""
    (W, b), (V, _) = architecture.layers(one)[layer : layer + 2]
    (P, q), (R, _) = architecture.layers(theta)[layer : layer + 2]
    gains: Vector = W @ P.T + b @ q.T
    return gains + V.T @ R if way_out else gains


def reorder(
    architecture: Architecture, theta: Vector, layer: int, order: Array, sign: Vector
) -> None:
    """Put unit ``order[j]`` of a hidden layer into place j, times its sign; in place."""
    (W, b), (V, _) = architecture.layers(theta)[layer : layer + 2]
    W[:] = W[order] * sign[:, None]
    b[:] = b[order] * sign[:, None]
    V[:] = V[:, order] * sign
