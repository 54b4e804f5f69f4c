"""Random directions in θ, scaled per layer so that networks can be compared.

If the weights into a ReLU unit are doubled and those out of it halved, the network computes the
same. Along a direction of plain noise the loss curve then changes; along a direction that is
scaled by the weights themselves it does not.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.errors import SettingsError, look_up
from thalweg.landscape.ground.terrain import DIRECTION, draws
from thalweg.landscape.planes.plane import Plane, Vector, orthonormal
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array

# With more zeros among the weights than this, scaling by each weight leaves too many fixed.
MOST_ZEROS = 0.2


def by_weight(architecture: Architecture, theta: Vector, noise: Vector) -> Vector:
    """d = |θ| n: each weight moves by a share of itself.

    Any rescaling that does not change the function of a ReLU network does not change L(θ + t d)
    either, for every t. A weight of 0 stays 0.
    """
    del architecture
    return np.abs(theta) * noise


def by_neuron(architecture: Architecture, theta: Vector, noise: Vector) -> Vector:
    """For each unit d = n ‖(w, b)‖ / ‖n‖, where (w, b) are its weights and its bias.

    Li, Xu, Taylor, Studer & Goldstein 2018, arXiv 1712.09913, section 4, for dense layers. It is
    invariant to the rescaling of whole layers, but not of single units.
    """
    direction = noise.copy()
    pairs = zip(architecture.layers(theta), architecture.layers(direction), strict=True)
    for (W, b), (dW, db) in pairs:
        wanted = np.sqrt(np.sum(W * W, axis=1, keepdims=True) + b * b)
        there = np.sqrt(np.sum(dW * dW, axis=1, keepdims=True) + db * db)
        dW *= wanted / there
        db *= wanted / there
    return direction


def unscaled(architecture: Architecture, theta: Vector, noise: Vector) -> Vector:
    """d = n: plain noise."""
    del architecture, theta
    return noise


SCALINGS: dict[str, Callable[[Architecture, Vector, Vector], Vector]] = {
    "element": by_weight,
    "filter": by_neuron,
    "none": unscaled,
}
_IN_WORDS = {
    "element": "each weight by a random share of itself",
    "filter": "random, each unit's as long as its weights",
    "none": "random, not scaled",
}


def random_direction(
    architecture: Architecture,
    theta: Array,
    scaling: str = "element",
    *,
    seed: int,
    number: int = 0,
) -> Vector:
    """Normal noise n, scaled by the weights at θ.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    scaling : {"element", "filter", "none"}
    seed, number : int
        Directions with the same seed and different numbers are independent.

    Returns
    -------
    ndarray of shape (n_parameters,), float64
        Not normalised: ‖d‖ is about ‖θ‖, except with "none".
    """
    scale = look_up(SCALINGS, "scaling of directions", scaling)
    noise = draws(seed, DIRECTION, number).standard_normal(architecture.n_parameters)
    return scale(architecture, np.asarray(theta, np.float64), noise)


def random_plane(
    architecture: Architecture, theta: Array, scaling: str = "element", *, seed: int = 0
) -> Plane:
    """The plane through θ along two random directions.

    The directions are scaled first and then made orthonormal, by QR; scaling afterwards would undo
    the right angle. The angle between them before QR is stored (``angle``).

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    scaling : {"element", "filter", "none"}
        "element" is replaced by "filter" if more than 20 % of θ are 0, and the plane's notes say
        so.
    seed : int, default 0

    Returns
    -------
    Plane

    Raises
    ------
    SettingsError
        For an unknown scaling, and if all of θ is 0 and directions are scaled.
    """
    notes = []
    zeros = float(np.mean(np.asarray(theta) == 0))
    if scaling == "element" and zeros:
        notes.append(f"{zeros:.0%} of the weights are 0 and stay 0")
    if scaling == "element" and zeros > MOST_ZEROS:
        scaling = "filter"
        notes = [f"{zeros:.0%} of the weights are 0: scaled by units instead of by weights"]
    directions = [
        random_direction(architecture, theta, scaling, seed=seed, number=number)
        for number in range(2)
    ]
    basis, angle = orthonormal(directions)
    if angle == 0:
        raise SettingsError(
            "Two random directions are the same",
            why="Hardly any weight differs from 0",
            fix="take scaling='none'",
        )
    return Plane(
        "random", f"through one point, along two directions: {_IN_WORDS[scaling]}",
        np.asarray(theta, np.float64).copy(), basis, _AXES, angle, seed, tuple(notes),
    )  # fmt: skip


_AXES = ("first random direction", "second random direction")


def completed(plane_basis: Vector, seed: int) -> Vector:
    """A random direction of length 1 at right angles to the given ones."""
    noise: Any = draws(seed, DIRECTION, 2).standard_normal(plane_basis.shape[1])
    for _ in range(2):
        noise = noise - (plane_basis @ noise) @ plane_basis
    length = float(np.linalg.norm(noise))
    return np.asarray(noise / length)
