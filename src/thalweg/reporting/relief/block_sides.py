"""The upright sides of a block: around it down to its base, and around empty cells."""

import numpy as np

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.relief.relief_looks import ground_looks

# Outwards along x and y, and the corner of a cell that is the left end of that side.
_SIDES = ((0, -1, 0, 0), (1, 0, 1, 0), (0, 1, 1, 1), (-1, 0, 0, 1))


def block_sides(ground: ReliefGround) -> Floats:
    """Pieces of sides, each as wide as a cell, of shape (n_pieces, 9).

    A piece is x, y and the top at its left, then at its right (seen from outside), its bottom, and
    the unit vector outwards along x and y. Cells without a finite loss are level at 0; the cells
    beside them have sides down to 0.
    """
    base = ground_looks()["heights"]["base"]
    cells = np.pad(ground.cells, 1)
    rows, columns = ground.cells.shape
    found = []
    for out_x, out_y, first_i, first_j in _SIDES:
        beside = np.roll(cells, (-out_y, -out_x), axis=(0, 1))[1:-1, 1:-1]
        edge = np.zeros((rows, columns), bool)
        if out_x:
            edge[:, -1 if out_x > 0 else 0] = True
        else:
            edge[-1 if out_y > 0 else 0] = True
        j, i = np.nonzero(edge | (ground.cells & ~beside))
        i0, j0 = i + first_i, j + first_j
        # From left to right, seen from outside: a quarter turn from the way outwards.
        i1, j1 = i0 - out_y, j0 + out_x
        full = ground.cells[j, i]
        left, right = np.where(full, ground.h[[j0, j1], [i0, i1]], 0.0)
        bottom = np.where(edge[j, i], base, 0.0)
        X, Y = ground.X, ground.Y
        out = np.full(len(i), 1.0)
        found.append([X[i0], Y[j0], left, X[i1], Y[j1], right, bottom, out_x * out, out_y * out])
    return np.concatenate([np.array(each).T for each in found])
