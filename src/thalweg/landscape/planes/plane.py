"""A plane in the space of θ: its origin, its axes, and the projection of points onto it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.blas import one_blas_thread
from thalweg.network.formulas.activations import Array

Vector = NDArray[np.float64]

# A direction that keeps less than this share of its length is only rounding error.
NOTHING_LEFT = 1e-9


@dataclass(frozen=True, eq=False)
class Plane:
    """All points origin + a · basis[0] + b · basis[1].

    Attributes
    ----------
    method : str
        How it was laid, as a key: "start-to-end", "random" …
    words : str
        The same in words.
    origin : ndarray of shape (n_parameters,)
    basis : ndarray of shape (2, n_parameters)
        Orthonormal, so that a distance on the plane is a distance in the space of θ.
    axes : (str, str)
        What each axis means.
    angle : float
        The angle between the two directions before they were made orthogonal, in degrees; 90 if
        they were orthogonal from the beginning.
    seed : int or None
        The random seed, if it was used.
    notes : tuple of str
        What else readers should know.
    """

    method: str
    words: str
    origin: Vector
    basis: Vector
    axes: tuple[str, str]
    angle: float = 90.0
    seed: int | None = None
    notes: tuple[str, ...] = ()

    def at(self, a: Array, b: Array) -> Vector:
        """The points at coordinates a and b, both of shape (n,) -> (n, n_parameters)."""
        # Element by element: a matrix product could round a point depending on the other points.
        return self.origin + np.multiply.outer(a, self.basis[0]) + b[:, None] * self.basis[1]

    def coordinates(self, thetas: Array) -> Vector:
        """Coordinates of points on the plane, by least squares: (n, n_parameters) -> (n, 2)."""
        with one_blas_thread():
            return (np.asarray(thetas, np.float64) - self.origin) @ self.basis.T

    def off(self, thetas: Array) -> Vector:
        """Distances of points from the plane, shape (n, n_parameters) -> (n,)."""
        foot = self.coordinates(thetas)
        return np.linalg.norm(np.asarray(thetas, np.float64) - self.at(*foot.T), axis=1)

    def as_dict(self) -> dict[str, Any]:
        """Its description as plain data, without its vectors."""
        return {
            "method": self.method,
            "words": self.words,
            "axes": list(self.axes),
            "angle": self.angle,
            "seed": self.seed,
            "notes": list(self.notes),
        }


def lengths(vectors: Array) -> Vector:
    """The length of each row, in float64, without overflow where possible.

    A diverged run has numbers whose squares overflow. Each row is scaled to a size of about 1 by a
    power of two, which changes no digit.
    """
    vectors = np.asarray(vectors, np.float64)
    power = np.frexp(np.max(np.abs(vectors), axis=1, initial=0.0))[1]
    with np.errstate(over="ignore"):  # a length too large for any number
        return np.ldexp(np.linalg.norm(np.ldexp(vectors, -power[:, None]), axis=1), power)


class Basis(NamedTuple):
    """Two orthonormal directions, and the angle between the original ones, in degrees.

    ``angle`` is 0 if the two were the same direction; then there is no basis.
    """

    vectors: Vector
    angle: float


def orthonormal(directions: Sequence[Array] | Array) -> Basis:
    """Make two directions orthonormal, by QR; the first keeps its direction.

    Do this after any scaling of the directions: scaling afterwards would undo it.

    Raises
    ------
    SettingsError
        If a direction has length 0.
    """
    both = np.array(directions, np.float64)
    lengths = np.linalg.norm(both, axis=1)
    if not (np.isfinite(lengths).all() and np.all(lengths > 0)):
        raise SettingsError(
            "A direction without length spans no plane",
            why="All of its numbers are 0, or one is not finite",
            fix="lay the plane another way, such as a random one with scaling='none'",
        )
    with one_blas_thread():
        Q, R = np.linalg.qr((both / lengths[:, None]).T)
    # R[1, 1] is the sine of the angle, up to its sign, and R[0, 1] the cosine.
    signs = np.where(np.diag(R) < 0, -1.0, 1.0)
    sine, cosine = abs(R[1, 1]), R[0, 1] * signs[0]
    angle = float(np.degrees(np.arctan2(sine, cosine)))
    vectors = np.ascontiguousarray((Q * signs).T)
    vectors[:, ~both.any(axis=0)] = 0.0  # elements that neither direction moves stay exactly fixed
    return Basis(vectors, 0.0 if sine < NOTHING_LEFT else angle)


def principal(points: Array, count: int = 2) -> tuple[Vector, Vector]:
    """The directions of the largest spread of points about 0: right singular vectors.

    They are computed from the smaller of the two Gram matrices, which takes milliseconds for a few
    hundred points, however long θ is.

    Parameters
    ----------
    points : ndarray of shape (n, n_parameters)
        Differences from an origin.
    count : int, default 2

    Returns
    -------
    directions : ndarray of shape (n_found, n_parameters)
        Orthonormal, at most ``count``; fewer if the points span fewer dimensions.
    shares : ndarray of shape (n_found,)
        The share of Σ ‖point‖² along each.
    """
    points = np.asarray(points, np.float64)
    size = np.max(np.abs(points), initial=0.0)
    if size == 0:
        return np.empty((0, points.shape[1])), np.empty(0)
    points = points / size
    wide = points.shape[1] > len(points)
    with one_blas_thread():
        gram = points @ points.T if wide else points.T @ points
        values, vectors = np.linalg.eigh(gram)
        values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
        # The rest is rounding error of the Gram matrix, not a direction.
        found = values > np.finfo(float).eps * len(gram) * values[0]
        directions = vectors[:, found].T @ points if wide else vectors[:, found].T
        # Orthonormalise again: dividing by small singular values loses precision.
        Q, R = np.linalg.qr(directions.T)
        directions = (Q * np.where(np.diag(R) < 0, -1.0, 1.0)).T
        total = np.sum(points * points)
        shares = np.sum((points @ directions.T) ** 2, axis=0) / total
    # The sign is arbitrary: let the farthest point have a positive coordinate.
    farthest = points @ directions.T
    farthest = farthest[np.argmax(np.abs(farthest), axis=0), range(len(directions))]
    directions *= np.where(farthest < 0, -1.0, 1.0)[:, None]
    return np.ascontiguousarray(directions), shares
