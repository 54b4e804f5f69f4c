"""Summaries of the columns of a training table: quantiles, shares of levels, share missing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.encoding.quantiles import quantiles_of_sorted
from thalweg.data.row_view import Numbers

Floats = NDArray[np.float64]

# The shares of the quantiles that are kept: 0, 5, …, 100 %.
QUANTILE_SHARES = np.arange(21) / 20.0
# The kinds of columns that have quantiles, and those that have shares of levels.
WITH_QUANTILES = ("number", "date")
WITH_LEVELS = ("boolean", "category", "bound")
# The most common levels of a category have a share of their own, the others one together.
MOST_LEVELS = 64
# The largest share of missing cells of a column that has a value.
_ALL_BUT_NONE = 1.0 - 2.0**-53


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class ColumnSummary(StoredFields):
    """What is kept of a column of a training table; no value of a row but the quantiles.

    Attributes
    ----------
    kind : str
        As in the schema: "number", "boolean", "category", "identifier", "date", "empty", "bound".
    n : float
        The rows of the table, with missing cells; weights count as rows.
    missing : float
        The share of rows whose cell is missing.
    quantiles : ndarray of float64, shape (21,), or (0,)
        Of a number or a date: the 0, 5, …, 100 % quantiles of its values. None without values, and
        for other kinds.
    below : ndarray of float64, shape (n_edges,)
        The share of the values at or below each of `edges`.
    codes : ndarray of float64, shape (n_kept,)
        Of a category, boolean or bound: its most common levels, as the matrix of the schema has
        them, the most common first.
    shares : ndarray of float64, shape (n_kept,)
        The share of each of them among the cells that are not missing.
    n_others : int
        How many further levels there are, whose shares are not kept.
    rare : tuple of int, or None
        How many of all levels have one row, and how many have two. None in earlier files.
    """

    kind: str
    n: float
    missing: float
    quantiles: Floats = field(default_factory=_nothing)
    below: Floats = field(default_factory=_nothing)
    codes: Floats = field(default_factory=_nothing)
    shares: Floats = field(default_factory=_nothing)
    n_others: int = 0
    rare: tuple[int, int] | None = None

    @cached_property
    def edges(self) -> Floats:
        """The different quantiles from 5 to 95 %, which part the values into bins."""
        return np.unique(self.quantiles[1:-1])

    @property
    def n_present(self) -> float:
        """The rows whose cell is not missing."""
        return self.n * (1.0 - self.missing)

    @property
    def others(self) -> float:
        """The share of all levels without a share of their own."""
        return max(0.0, 1.0 - float(self.shares.sum())) if self.n_others else 0.0

    @property
    def once(self) -> int:
        """How many levels have one row; where that is not known, at most so many."""
        if self.rare is not None:
            return self.rare[0]
        return _with_rows(self.shares * self.n_present, 1) + self.n_others

    @property
    def twice(self) -> int:
        """How many levels have two rows; of further levels, none where that is not known."""
        return _with_rows(self.shares * self.n_present, 2) if self.rare is None else self.rare[1]

    @property
    def is_constant(self) -> bool:
        """Whether it is a number or a date, and all its values are equal."""
        return bool(len(self.quantiles) and self.quantiles[0] == self.quantiles[-1])

    @property
    def is_compared(self) -> bool:
        """Whether its values are numbers that later tables should have, too: no days."""
        if self.kind != "date":
            return bool(len(self.quantiles))
        return bool(len(self.quantiles) and self.quantiles[0] >= 0 and self.quantiles[-1] < 1)

    @property
    def typical(self) -> float:
        """The median or the most common level; NaN if the column has no values.

        Of an identifier, which counts only as filled or missing: 0, which says that it is filled.
        """
        if len(self.quantiles):
            return float(self.quantiles[10])
        if len(self.codes):
            return float(self.codes[0])
        return 0.0 if self.kind == "identifier" and self.missing < 1 else float("nan")


def column_summaries(
    kinds: tuple[str, ...], X: Numbers, weights: Floats
) -> Iterator[ColumnSummary]:
    """The summary of each column of some rows.

    Parameters
    ----------
    kinds : tuple of str, length n_features
    X : Numbers, shape (n_rows, n_features)
        As the matrix of a schema: NaN for a missing value, the number of the level for a category.
    weights : ndarray of float64, shape (n_rows,)
        Above 0; their sum is the number of rows.
    """
    n, equal = float(weights.sum()), bool((weights == weights[0]).all())
    for kind, values in zip(kinds, X.each_column(), strict=True):
        there = ~np.isnan(values)
        if there.all():
            yield _summary(kind, values, weights, n, 0.0)
            continue
        present = float(weights[there].sum())
        missing = float(np.mean(~there)) if equal else max(0.0, 1.0 - present / n)
        if there.any():  # one cell of a tiny weight is one
            missing = min(missing, _ALL_BUT_NONE)
        yield _summary(kind, values[there], weights[there], n, missing)


def _summary(kind: str, values: Floats, weights: Floats, n: float, missing: float) -> ColumnSummary:
    if kind in WITH_QUANTILES and len(values):
        values, weights = _sorted(values, weights)
        inner = quantiles_of_sorted(values, weights, QUANTILE_SHARES[1:-1])
        found = np.concatenate((values[:1], inner, values[-1:]))
        sums = np.cumsum(weights)
        below = sums[np.searchsorted(values, np.unique(inner), side="right") - 1] / sums[-1]
        return ColumnSummary(kind, n, missing, found, below)
    if kind in WITH_LEVELS and len(values):
        levels, places = np.unique(values, return_inverse=True)
        counts = np.bincount(places, weights)
        order = np.lexsort((levels, -counts))[:MOST_LEVELS]
        shares = counts[order] / counts.sum()
        others = len(levels) - len(order)
        rare = _with_rows(counts.astype(np.float64), 1), _with_rows(counts.astype(np.float64), 2)
        return ColumnSummary(
            kind, n, missing, codes=levels[order], shares=shares, n_others=others, rare=rare
        )
    return ColumnSummary(kind, n, missing)


def _with_rows(counts: Floats, n: int) -> int:
    """How many levels have so many rows; weights are rounded, and any row is at least one."""
    return int(np.count_nonzero(np.maximum(np.rint(counts), 1.0) == n))


def _sorted(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    if (weights == weights[0]).all():
        return np.sort(values), weights
    order = np.argsort(values)
    return values[order], weights[order]
