"""Search small changes of a row that change the answer, within what the training table had.

The values of a column are its 21 quantiles, or its levels. Every change of one column is tried,
then every change of two. A change is kept if the answer goes beyond its limit by a margin, also for
four of five networks alone, and if the changed row is not unlike the training rows.

A change of two has to need both. If a column has a change that is kept, its values that bring the
answer beyond the limit by themselves are no part of a pair, not even those whose rows are unlike:
beside the nearer change, such a pair says nothing. If all rows of such values are unlike, the other
change may be what makes the row plausible, so they are tried.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.likeness.column_summary import ColumnSummary
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.data.schema.schema import Schema
from thalweg.errors import SettingsError
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.wording import parameter

# A changed row is unlike the training rows from this outlier p on downward.
UNLIKE = 0.05
# The share of the networks whose own answers have to be beyond the limit, too.
_AGREEING = 0.8
MOST_FOUND, MOST_TRIED = 3, 300_000
_BLOCK = 8192

# Which answers (n, n_answers) are beyond the limit by the margin, shape (n,).
Beyond = Callable[[Floats], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Changed:
    """A change that changes the answer.

    Attributes
    ----------
    columns : tuple of int
        The columns of the schema; one or two.
    row : ndarray of float64, shape (n_features,)
        The changed row.
    distance : float
        In interquartile ranges; a change of a level counts as 1.
    outlier_p : float
    n_networks : int
        How many networks alone answer beyond the limit.
    """

    columns: tuple[int, ...]
    row: Floats
    distance: float
    outlier_p: float
    n_networks: int


@dataclass(frozen=True, eq=False)
class Searched:
    """The result of a search.

    Attributes
    ----------
    found : tuple of Changed
        At most `MOST_FOUND`, of one column first, then by distance; none of the same columns.
    n_tried : int
    n_unlike : int
        How many more changes would do, but for rows that are unlike the training rows.
    """

    found: tuple[Changed, ...]
    n_tried: int
    n_unlike: int


class _Tried(NamedTuple):
    """The changes that are kept, and the places of all that give the answer, unlike or not."""

    kept: list[Changed]
    enough: NDArray[np.intp]

    @property
    def n_unlike(self) -> int:
        return len(self.enough) - len(self.kept)


@dataclass(frozen=True, eq=False)
class _Search:
    """A row, and what its changes are measured by."""

    answer: ExplainedAnswer
    likeness: Likeness
    row: Floats
    beyond: Beyond

    def values(self, column: int) -> Floats:
        """The other values of a column."""
        summary = self.likeness.columns[column]
        own = summary.codes
        if len(summary.quantiles):
            own = summary.quantiles
            whole = own == np.round(own)
            if whole[[0, -1]].all() and 2 * whole.sum() > len(own):  # a median of 3 and 4 is none
                own = np.round(own)
        found = np.unique(own)
        others: Floats = found[found != self.row[column]]
        return others

    def sizes(self, column: int, values: Floats) -> Floats:
        """How far values are from that of the row."""
        quantiles, now = self.likeness.columns[column].quantiles, self.row[column]
        if not len(quantiles) or np.isnan(now):
            return np.ones(len(values))
        scale = quantiles[15] - quantiles[5] or quantiles[20] - quantiles[0] or 1.0
        found: Floats = np.abs(values - now) / scale
        return found

    def rows(self, columns: Sequence[int], values: Floats) -> Floats:
        """The changed rows: values (n, n_changed) in these columns."""
        made = np.repeat(self.row[None], len(values), axis=0)
        made[:, list(columns)] = values
        schema = self.answer.fitted.schema
        for column in columns:  # a number that is changed is no bound any more
            for place, each in enumerate(schema.columns):
                if each.source and each.source == schema.columns[column].name:
                    made[:, place] = 0.0
        return made

    def tried(self, columns: tuple[int, ...], values: Floats) -> _Tried:
        """The changes of these columns to values (n, n_changed)."""
        rows = self.rows(columns, values)
        good = np.flatnonzero(self.beyond(self.answer.predicted(rows)))
        if not len(good):
            return _Tried([], good)
        each = self.answer.predicted_by_each(rows[good])
        agreeing = np.sum([self.beyond(own) for own in each], axis=0)
        enough = agreeing >= networks_needed(len(each))
        good, agreeing = good[enough], agreeing[enough]
        p = self.likeness.outlier_p(rows[good]) if len(good) else np.empty(0)
        distance = np.sum(
            [self.sizes(column, values[good, k]) for k, column in enumerate(columns)], axis=0
        )
        found = [
            Changed(columns, rows[place], float(far), float(own), int(many))
            for place, far, own, many in zip(good, distance, p, agreeing, strict=True)
            if own > UNLIKE
        ]
        return _Tried(found, good)


def searched(
    answer: ExplainedAnswer,
    likeness: Likeness,
    row: Floats,
    columns: Sequence[int],
    beyond: Beyond,
) -> Searched:
    """Search the changes of one or two columns that bring an answer beyond its limit.

    Parameters
    ----------
    answer : ExplainedAnswer
    likeness : Likeness
    row : ndarray of float64, shape (n_features,)
    columns : sequence of int
        The columns of the schema that may change.
    beyond : callable
        Which answers are beyond the limit by the margin.

    Raises
    ------
    SettingsError
        If there are too many changes to try.
    """
    search = _Search(answer, likeness, row, beyond)
    values = {column: search.values(column) for column in columns}
    _require_feasible([len(each) for each in values.values()])
    found: list[Changed] = []
    n_tried = n_unlike = 0
    for column in columns:
        tried = search.tried((column,), values[column][:, None])
        n_tried, n_unlike = n_tried + len(values[column]), n_unlike + tried.n_unlike
        if tried.kept:
            found.append(min(tried.kept, key=_distance))
            values[column] = np.delete(values[column], tried.enough)
    if len(found) < MOST_FOUND:
        for pair in combinations(columns, 2):
            best: list[Changed] = []
            for block in _pairs(*(values[each] for each in pair)):
                tried = search.tried(pair, block)
                n_tried, n_unlike = n_tried + len(block), n_unlike + tried.n_unlike
                best = sorted([*best, *tried.kept], key=_distance)[:1]
            found += best
    found.sort(key=lambda each: (len(each.columns), each.distance, each.columns))
    return Searched(tuple(found[:MOST_FOUND]), n_tried, n_unlike)


def networks_needed(n_networks: int) -> int:
    """How many of the networks have to answer beyond the limit, alone: four of five."""
    return ceil(_AGREEING * n_networks - 1e-9)


def changeable(schema: Schema, likeness: Likeness, names: Sequence[str]) -> list[int]:
    """The columns of these names, each once; a column without two values cannot change.

    Raises
    ------
    SettingsError
        For a column that has no values to try.
    """
    places = [schema.names.index(name) for name in dict.fromkeys(names)]
    for place in places:
        summary = likeness.columns[place]
        if not (len(summary.quantiles) or len(summary.codes)) or summary.is_constant:
            raise SettingsError(
                f'{parameter("change")} names "{schema.names[place]}", whose values are not tried',
                why=_why_not(summary),
                fix="leave it out",
            )
    return places


def _why_not(summary: ColumnSummary) -> str:
    """Why the values of a column are not tried."""
    if summary.is_constant:
        return "It is constant in the training table"
    if summary.kind == "identifier":
        return "It is free text or an identifier: the model uses only whether a cell is filled"
    return "It has no value in the training table"


def _require_feasible(counts: Sequence[int]) -> None:
    n_pairs = (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2
    if n_pairs > MOST_TRIED:
        raise SettingsError(
            f"{parameter('change')} names columns with {n_pairs:,} changes of two at a time",
            why=f"At most {MOST_TRIED:,} are tried",
            fix="name fewer columns",
        )


def _distance(changed: Changed) -> float:
    return changed.distance


def _pairs(first: Floats, second: Floats) -> Iterator[Floats]:
    """All pairs of values, some thousands at a time, each (n, 2)."""
    both = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    for start in range(0, len(both), _BLOCK):
        yield both[start : start + _BLOCK]
