"""`Effect`: the curve of one column as plain numbers, without any row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.dates.date_numbers import date_text
from thalweg.evaluation.effects.effect_source import ColumnOfRows, Floats, Values
from thalweg.wording import amount, plain_count, printable

EffectKind: TypeAlias = Literal["ale", "pdp"]
# Of what a report takes.
_MOST_COLUMNS, _MOST_POINTS, _MOST_OUTPUTS = 12, 41, 6
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class MissingEffect:
    """The effect of a missing value, on the same scale as the curve.

    Attributes
    ----------
    mean, low, high : float
        The model's own, and its 95 % interval: NaN where there is none.
    members : ndarray of float64, shape (n_networks,)
    rows : float
        How many rows have no value.
    supported : bool
    """

    mean: float
    low: float
    high: float
    members: Floats
    rows: float
    supported: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "mean": self.mean, "low": _known(self.low), "high": _known(self.high),
            "members": self.members.tolist(), "rows": plain_count(self.rows),
            "supported": self.supported,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Effect:
    """The effect of one column on one output.

    Attributes
    ----------
    column : str
    kind : {"ale", "pdp"}
        How it was computed.
    values : {"number", "date", "category", "boolean"}
        What the column holds.
    output : str
        The class; "" for a predicted number.
    x : ndarray of float64, shape (n_points,)
        Values of the column, ascending; a date is the days since 1970-01-01. For bars 0, 1, ….
    levels : tuple of str
        For bars the text of each; empty for a curve.
    mean : ndarray of float64, shape (n_points,)
        Of the model's own answer, which is the mean of its networks.
    members : ndarray of float64, shape (n_networks, n_points)
        Of each network; empty if there is one.
    low, high : ndarray of float64, shape (n_points,)
        The 95 % interval of the mean over resamples of the rows; it holds for all points together.
        NaN where the rows are of too few groups (`RowCounts.too_few_groups`).
    rows_in_bin : ndarray of float64, shape (n_points,)
        How many rows are in the bin that ends here (at the first point, that begins), or have the
        level.
    supported : ndarray of bool, shape (n_points,)
        False where more than half of the rows that were moved here are unlike the training rows.
    missing : MissingEffect or None
        If 20 rows or more have no value.
    bands : ndarray of float64, shape (3, n_points), or None
        The 10, 50 and 90 % quantiles over rows of their own curves, each centred.
    density : ndarray of float64, shape (20,)
        The shares of the rows in 20 steps of equal width from the first x to the last; empty for
        bars.
    size : float
        The standard deviation of the effect over the rows: of the curve, and of a missing value if
        that has a point.
    base : float
        The mean answer over the rows.
    sentence : str
        What the curve does, as far as its intervals support it.
    notes : tuple of str
        What a reader must know.
    """

    column: str
    kind: EffectKind
    values: Values
    output: str
    x: Floats
    levels: tuple[str, ...]
    mean: Floats
    members: Floats
    low: Floats
    high: Floats
    rows_in_bin: Floats
    supported: NDArray[np.bool_]
    missing: MissingEffect | None
    bands: Floats | None
    density: Floats
    size: float
    base: float
    sentence: str
    notes: tuple[str, ...] = ()

    @property
    def has_interval(self) -> bool:
        """Whether the rows can show how far a curve may be from its mean."""
        return not bool(np.isnan(self.low).any())

    @property
    def title(self) -> str:
        """The column, and what its curve does."""
        return f"{self.column}: {self.sentence}"

    def text(self, place: int) -> str:
        """How a point is written: its level, date or number."""
        if self.levels:
            return self.levels[place]
        return date_text(float(self.x[place])) if self.values == "date" else amount(self.x[place])

    def as_dict(self) -> dict[str, Any]:
        """As plain data; the x of bars are their levels, and of dates texts of ISO 8601.

        The ends of an interval that there is not are None.
        """
        whole = self.values == "date" or self.levels
        return {
            "column": self.column,
            "kind": self.kind,
            "values": self.values,
            "output": self.output,
            "x": [self.text(k) for k in range(len(self.x))] if whole else self.x.tolist(),
            "mean": self.mean.tolist(),
            "members": self.members.tolist(),
            "low": [_known(each) for each in self.low.tolist()],
            "high": [_known(each) for each in self.high.tolist()],
            "rows_in_bin": [plain_count(n) for n in self.rows_in_bin.tolist()],
            "supported": self.supported.tolist(),
            "missing": None if self.missing is None else self.missing.as_dict(),
            "bands": None if self.bands is None else self.bands.tolist(),
            "density": self.density.tolist(),
            "size": self.size,
            "base": self.base,
            "sentence": self.sentence,
            "notes": list(self.notes),
        }


def _known(value: float) -> float | None:
    return None if value != value else value


def text_of(column: ColumnOfRows) -> Callable[[float], str]:
    """How a value of a column is written."""
    if column.kind == "date":
        return date_text
    levels = column.levels
    return lambda value: printable(levels[value]) if value in levels else amount(value)


def rounded_text(text: Callable[[float], str], x: Floats) -> Callable[[float], str]:
    """The same, rounded to about a twentieth of the range of x."""
    step = 10.0 ** np.floor(np.log10((x[-1] - x[0]) / 20))
    if step > 1 and text is date_text:
        step = 1.0
    return lambda value: text(round(value / step) * step)


def effects_section(
    effects: Sequence[Effect], order: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The effects for a page: at most 12 columns, 41 points and 6 classes each, 6 digits; no row.

    Parameters
    ----------
    effects : sequence of Effect
    order : sequence of str, optional
        Columns, the most important first; by default those whose curves move answers the most.

    Returns
    -------
    list of dict
        As `Effect.as_dict`, without `bands`; the columns in order, with their classes.
    """
    sizes: dict[str, float] = {}
    for each in effects:
        sizes[each.column] = max(sizes.get(each.column, 0.0), each.size)
    first = [name for name in order or () if name in sizes]
    others = sorted((name for name in sizes if name not in first), key=lambda name: -sizes[name])
    found = []
    for name in [*first, *others][:_MOST_COLUMNS]:
        own = [each for each in effects if each.column == name][:_MOST_OUTPUTS]
        found += [_short(each.as_dict()) for each in own]
    return found


def _short(data: dict[str, Any]) -> dict[str, Any]:
    del data["bands"]
    assert len(data["x"]) <= _MOST_POINTS
    return {key: _rounded(value) for key, value in data.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value
