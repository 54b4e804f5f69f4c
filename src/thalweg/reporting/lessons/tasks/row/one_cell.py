"""Which single cell of a row turns the answer of a network, moved as little as possible.

The page of the lesson searches the same values (``draw/learn/row/change_cell.js``).
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.activations import sigmoid

if TYPE_CHECKING:
    from thalweg.reporting.lessons.tasks.row.traced_row import TracedRow

Floats = NDArray[np.float64]

# Whole numbers up to so many have a step each on a slider; others have so many steps
# (``draw/trace/what_if_row.js``).
FEW = SLIDES = 200


class CellChange(NamedTuple):
    """A cell, moved.

    Attributes
    ----------
    name : str
        Of the column.
    value : float
        The new cell as a number; of a category the number of its level.
    said : str
        The new cell as it is written.
    moved : float
        How far the inputs of the network move: the Euclidean distance.
    Yh : float
    flips : bool
        Whether the answer at 0.5 is another one.
    """

    name: str
    value: float
    said: str
    moved: float
    Yh: float
    flips: bool


def best_cell(row: "TracedRow", encode: Any) -> CellChange | None:
    """The smallest change that turns the answer; if there is none, the one that comes nearest.

    Parameters
    ----------
    row : TracedRow
        With its controls (``facts["changed"]``).
    encode : callable
        Cells as numbers, (n, n_columns), to inputs of the network, (n, n_inputs).

    Returns
    -------
    CellChange or None
        None if no cell can be changed.
    """
    found = [each for control in row.facts["changed"]["controls"]
             for each in _changes(row, control, encode)]  # fmt: skip
    turned = [each for each in found if each.flips]
    if turned:
        return min(turned, key=lambda each: each.moved)
    # Towards the other side: the sign is that of the answer as it is.
    side = 1 if row.Z2 > 0 else -1
    return min(found, key=lambda each: side * each.Yh, default=None)


def _changes(row: "TracedRow", control: dict[str, Any], encode: Any) -> list[CellChange]:
    values, words = slider_values(control)
    place = control["place"]
    pairs = [(v, w) for v, w in zip(values, words, strict=True) if v != row.matrix[0, place]]
    if not pairs:
        return []
    cells = np.repeat(row.matrix, len(pairs), axis=0)
    cells[:, control["places"]] = 0.0
    cells[:, place] = [value for value, _ in pairs]
    X = np.asarray(encode(cells), np.float64)
    A1 = np.maximum(X @ row.W1.T + row.b1, 0)
    Yh = np.asarray(sigmoid(A1 @ row.W2 + row.b2))
    flips = (Yh > 0.5) != (row.Yh > 0.5)
    moved = np.sqrt(((X - row.X) ** 2).sum(axis=1))
    return [
        CellChange(control["name"], value, said, float(moved[k]), float(Yh[k]), bool(flips[k]))
        for k, (value, said) in enumerate(pairs)
    ]


def slider_values(control: dict[str, Any]) -> tuple[list[float], list[str]]:
    """The values that a reader can set, all within the training table, and how they are written."""
    if control["as"] == "list":
        return [float(code) for code, _ in control["levels"]], [w for _, w in control["levels"]]
    if control["as"] != "number":
        return [], []
    low, high = float(control["low"]), float(control["high"])
    step = 1.0 if control["whole"] and high - low <= FEW else (high - low) / SLIDES
    n = round((high - low) / step) if step else 0
    values = [low + k * step for k in range(n + 1)]
    return values, [f"{value:.5g}".replace("-", "−") for value in values]
