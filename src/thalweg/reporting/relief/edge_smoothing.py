"""Smooth edges: where depth bends sharply, pixels get a part of their neighbours' colours."""

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats

_OWN, _NEIGHBOUR = 4, 1


def smooth_edges(pixels: Floats, depth: Floats, bend: float) -> NDArray[np.uint8]:
    """Half of each pixel on an edge and an eighth of each neighbour.

    On a plane depth is linear in the picture, so its second difference is 0. A transparent pixel
    has no colour to give, and what it takes is partly transparent.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 4)
        Whole numbers, 0 to 255; alpha is 0 or 255.
    depth : ndarray of shape (height, width)
        Infinite where nothing is.
    bend : float
        A larger second difference is an edge.
    """
    own = depth[1:-1, 1:-1]
    up, down, left, right = depth[:-2, 1:-1], depth[2:, 1:-1], depth[1:-1, :-2], depth[1:-1, 2:]
    with np.errstate(invalid="ignore"):
        calm = (np.abs(up + down - 2 * own) <= bend) & (np.abs(left + right - 2 * own) <= bend)
    empty = np.isinf(own) & np.isinf(up) & np.isinf(down) & np.isinf(left) & np.isinf(right)
    j, i = np.nonzero(~calm & ~empty)
    j, i = j + 1, i + 1
    total, weights = np.zeros((len(j), 3)), np.zeros(len(j))
    for weight, rows, columns in (
        (_OWN, j, i), (_NEIGHBOUR, j - 1, i), (_NEIGHBOUR, j + 1, i), (_NEIGHBOUR, j, i - 1),
        (_NEIGHBOUR, j, i + 1),
    ):  # fmt: skip
        given = pixels[rows, columns]
        part = weight * (given[:, 3] > 0)
        total += part[:, None] * given[:, :3]
        weights += part
    found = pixels.copy()
    found[j, i, :3] = np.floor(total / weights[:, None] + 0.5)
    found[j, i, 3] = np.floor(255 * weights / (_OWN + 4 * _NEIGHBOUR) + 0.5)
    return found.astype(np.uint8)
