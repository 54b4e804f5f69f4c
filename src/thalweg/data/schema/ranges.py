"""Find numbers outside the range of the training rows, where a model extrapolates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.dates.date_cells import moment_text
from thalweg.data.dates.date_reading import DateReading
from thalweg.wording import amount, brief, counted, shown

Floats = NDArray[np.float64]


# What follows the number of a row in a summary.
_THEN = "; training rows had"
_OF_A_ROW = re.compile(rf",? in row [\d,]+{_THEN}")


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
    dates : DateReading or None
        How the column is read, if it is a date.
    cell : str
        The number as the table writes it, if that is a text in another notation than Python's.
    how : str
        The option that says how the column is written, for such a cell.
    """

    row: int
    column: str
    value: float
    low: float
    high: float
    dates: DateReading | None = None
    cell: str = ""
    how: str = ""

    def text(self, value: float) -> str:
        """The value, or an end, as a person reads it."""
        if self.dates is not None:
            return moment_text(self.dates, value)
        # Beside a cell with marks of its own, a comma between thousands could be a decimal comma.
        return amount(value, 6).replace(",", "") if self.cell else amount(value, 6)

    @property
    def read_as(self) -> str:
        """The value, and the cell where it is written in another way."""
        told = self.text(self.value)
        return told if self.cell in ("", told) else f"{shown(self.cell)}, read as {told},"

    @property
    def distance(self) -> float:
        """The distance to the nearer end of the range, in the unit of the column."""
        return max(self.low - self.value, self.value - self.high)

    def as_dict(self) -> dict[str, Any]:
        """The number and its distance as plain data; a date as text, its distance in days."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        plain = {name: end if self.dates is None else self.text(end) for name, end in ends.items()}
        return {
            "row": self.row,
            "column": self.column,
            **plain,
            "distance": self.distance,
        }


def beyond(
    names: Sequence[str],
    matrix: NDArray[np.floating],
    low: Floats | None,
    high: Floats | None,
    dates: Sequence[DateReading | None] = (),
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
    dates : sequence of DateReading or None, length n_features
        How columns of dates are read; empty if there are none.
    """
    if low is None or high is None:
        return []
    rows, columns = np.nonzero((matrix < low) | (matrix > high))
    return [
        Beyond(
            row + 1,
            names[j],
            float(matrix[row, j]),
            float(low[j]),
            float(high[j]),
            dates[j] if dates else None,
        )
        for row, j in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def without_row_numbers(sentence: str) -> str:
    """A sentence of `summary` without the row of a cell, which would point at a person."""
    return _OF_A_ROW.sub(_THEN, sentence)


@dataclass
class OutsideCounts:
    """How many numbers are outside the range, counted over parts of a table.

    Attributes
    ----------
    n_rows : int
        All rows.
    n_outside : int
        Rows with such a number.
    counts : dict of str to int
        Such numbers of each column.
    worst : dict of str to Beyond
        The farthest one of each column, and the first of equal ones.
    """

    n_rows: int = 0
    n_outside: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    worst: dict[str, Beyond] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Sequence[Beyond], n_rows: int) -> "OutsideCounts":
        """Those of a list of all such numbers."""
        made = cls(n_rows, len({each.row for each in found}))
        for each in found:
            made._take(each, 1)
        return made

    @classmethod
    def of_matrix(
        cls,
        names: Sequence[str],
        matrix: NDArray[np.floating],
        low: Floats | None,
        high: Floats | None,
        dates: Sequence[DateReading | None] = (),
    ) -> "OutsideCounts":
        """Those of `beyond`, without an object for each number."""
        made = cls(len(matrix))
        if low is None or high is None:
            return made
        below, above = matrix < low, matrix > high
        outside = below | above
        made.n_outside = int(np.count_nonzero(outside.any(axis=1)))
        columns = np.flatnonzero(outside.any(axis=0))
        for j in columns[np.argsort(outside.argmax(axis=0)[columns], kind="stable")].tolist():
            rows = np.flatnonzero(outside[:, j])
            cells = matrix[rows, j].astype(np.float64)
            row = int(rows[np.argmax(np.maximum(low[j] - cells, cells - high[j]))])
            ends = float(low[j]), float(high[j])
            its = dates[j] if dates else None
            each = Beyond(row + 1, names[j], float(matrix[row, j]), *ends, its)
            made._take(each, len(rows))
        return made

    def add(self, more: "OutsideCounts") -> None:
        """Count further rows, which come later."""
        self.n_rows += more.n_rows
        self.n_outside += more.n_outside
        for name, each in more.worst.items():
            self._take(each, more.counts[name])

    def _take(self, each: Beyond, count: int) -> None:
        name = each.column
        self.counts[name] = self.counts.get(name, 0) + count
        if name not in self.worst or each.distance > self.worst[name].distance:
            self.worst[name] = each

    def sentence(self, most: int = 6, far: float = 0.0) -> str:
        """As `summary` says it."""
        if not self.counts:
            return ""
        worst, counts = self.worst, self.counts
        order = sorted(worst, key=lambda name: -counts[name])
        said = [
            f'"{each.column}" in {counts[each.column]:,} (farthest {each.read_as} in row '
            f"{each.row:,}{_THEN} {each.text(each.low)} to {each.text(each.high)})"
            for each in (worst[name] for name in order[:most])
        ]
        hows = [each.how for each in (worst[name] for name in order[:most]) if each.how]
        first = (
            f" If a cell is read wrongly, say how its column is written: {hows[0]}." if hows else ""
        )
        more = f" and {counted(len(order) - most, 'more column')}" if len(order) > most else ""
        by = f"by more than {far:.0%} of its width " if far else ""
        return brief(
            f"Numbers {by}outside the range of the training rows, where the model extrapolates, "
            f"are in {self.n_outside:,} of {counted(self.n_rows, 'row')}: "
            f"{', '.join(said)}{more}.{first}"
        )


def summary(found: Sequence[Beyond], n_rows: int, most: int = 6, far: float = 0.0) -> str:
    """A sentence about the numbers outside the range; "" if there are none.

    ``found`` are only those that are farther outside than ``far`` times the width of the range.
    """
    return OutsideCounts.of(found, n_rows).sentence(most, far)
