"""The share of the runs' movement that lies in a plane, compared with that of random walks."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from thalweg.landscape.ground.terrain import WALK, draws
from thalweg.landscape.planes.plane import Plane, Vector
from thalweg.landscape.runs.path import DescentPath
from thalweg.network.blas import one_blas_thread

# How many points of all paths measure the movement, and the random walks.
JUDGED, WALKS = 300, 20


def movement(plane: Plane, paths: Sequence[DescentPath]) -> float:
    """The share of Σ ‖θ_t - origin‖², over all points of all paths, that lies in the plane."""
    inside = everything = 0.0
    for points in _judged(paths):
        inside += float(np.sum(plane.coordinates(points) ** 2))
        everything += float(np.sum((points - plane.origin) ** 2))
    return inside / everything if everything else 1.0


def _judged(paths: Sequence[DescentPath]) -> list[Vector]:
    most = max(10, JUDGED // max(1, len(paths)))
    return [np.asarray(path.thinned(most).thetas, np.float64) for path in paths]


class RandomWalkShare(NamedTuple):
    """The share of random walks in their best plane: mean and standard deviation of the draws."""

    mean: float
    deviation: float


def random_walks(paths: Sequence[DescentPath], *, centred: bool, seed: int = 0) -> RandomWalkShare:
    """The value of ``movement`` for random walks.

    The steps of each path are put in random order with random signs, and the share is that of the
    best plane through the start (or the mean) of these walks. A long random walk has about 76 % of
    its movement in two components (Antognini & Sohl-Dickstein 2018, arXiv 1806.08805: shares
    6 / (π² k²)), so a share says little by itself.

    Parameters
    ----------
    paths : sequence of DescentPath
    centred : bool
        Whether the plane passes through the mean, instead of the start.
    seed : int
    """
    steps = [np.diff(points, axis=0) for points in _judged(paths)]
    lengths = [len(each) for each in steps]
    joined = np.concatenate(steps)
    with one_blas_thread():
        # The shares depend only on products of steps, so the length of θ does not matter.
        gram = joined @ joined.T
        if not np.any(gram):
            return RandomWalkShare(1.0, 0.0)
        gram /= np.max(np.abs(gram))
        shares = [
            _walk_share(gram, lengths, centred, draws(seed, WALK, number))
            for number in range(WALKS)
        ]
    return RandomWalkShare(float(np.mean(shares)), float(np.std(shares, ddof=1)))


def _walk_share(gram: Vector, lengths: list[int], centred: bool, chance: Any) -> float:
    """The share of the first two components of one draw of walks."""
    total = sum(lengths)
    # Each row sums steps to one point of a walk; the start of each path is a point too.
    making = np.zeros((total + len(lengths), total))
    row = first = 0
    for length in lengths:
        order = first + chance.permutation(length)
        signs = chance.integers(0, 2, length) * 2.0 - 1.0
        for i in range(length):
            making[row + 1 + i] = making[row + i]
            making[row + 1 + i, order[i]] += signs[i]
        row, first = row + length + 1, first + length
    if centred:
        making -= making.mean(axis=0)
    values = np.linalg.eigvalsh(making @ gram @ making.T)
    return float(values[-2:].sum() / values.sum())
