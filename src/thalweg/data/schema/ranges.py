"""Find numbers outside the range of the training rows, where a model extrapolates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.wording import amount, counted

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beyond:
    """A number outside the training range of its column.

    Attributes
    ----------
    row : int
        Counted from 1.
    column : str
    value : float
    low, high : float
        The smallest and the largest training value.
    """

    row: int
    column: str
    value: float
    low: float
    high: float

    @property
    def distance(self) -> float:
        """The distance to the nearer end of the range, in the unit of the column."""
        return max(self.low - self.value, self.value - self.high)

    def as_dict(self) -> dict[str, Any]:
        """The number and its distance as plain data."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "distance": self.distance,
        }


def beyond(
    names: Sequence[str], matrix: NDArray[np.floating], low: Floats | None, high: Floats | None
) -> list[Beyond]:
    """Find the numbers outside the training range, row by row.

    Parameters
    ----------
    names : sequence of str, length n_features
    matrix : ndarray of float, shape (n_samples, n_features)
        NaN for a missing value, which is never outside.
    low, high : ndarray of float64, shape (n_features,), or None
        From `thalweg.data.encoding.scaling.Scaling`. NaN for a column without numbers; None if
        not known: then nothing is outside.
    """
    if low is None or high is None:
        return []
    rows, columns = np.nonzero((matrix < low) | (matrix > high))
    return [
        Beyond(row + 1, names[j], float(matrix[row, j]), float(low[j]), float(high[j]))
        for row, j in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def summary(found: Sequence[Beyond], n_rows: int, most: int = 6) -> str:
    """A sentence about the numbers outside the range; "" if there are none."""
    if not found:
        return ""
    worst: dict[str, Beyond] = {}
    counts: dict[str, int] = {}
    for each in found:
        counts[each.column] = counts.get(each.column, 0) + 1
        if each.column not in worst or each.distance > worst[each.column].distance:
            worst[each.column] = each
    order = sorted(worst, key=lambda name: -counts[name])
    said = [
        f'"{name}" in {counts[name]:,} (farthest {amount(worst[name].value, 6)} in row '
        f"{worst[name].row:,}; training rows had {amount(worst[name].low, 6)} to "
        f"{amount(worst[name].high, 6)})"
        for name in order[:most]
    ]
    more = f" and {counted(len(order) - most, 'more column')}" if len(order) > most else ""
    rows = len({each.row for each in found})
    return (
        f"Numbers outside the range of the training rows, where the model extrapolates, are in "
        f"{rows:,} of {counted(n_rows, 'row')}: {', '.join(said)}{more}."
    )
