"""Whether a column of a later table has drifted: a test, and how large the difference is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.quantiles import quantiles
from thalweg.data.likeness.column_summary import WITH_LEVELS, ColumnSummary
from thalweg.data.likeness.row_slots import Slots
from thalweg.data.schema.column_floats import Column
from thalweg.evaluation.drift.population_stability import Stability, stability
from thalweg.evaluation.drift.sample_tests import (
    distributions,
    kolmogorov_smirnov,
    same_levels,
    same_share,
)
from thalweg.evaluation.drift.unseen_levels import unseen_share
from thalweg.wording import amount, brief

Floats = NDArray[np.float64]

# Parts of numbers have at least this share of the training rows: ten parts of a smooth column.
_LEAST_PART = 0.075
_NAN = float("nan")
_NOTHING = Stability(_NAN, _NAN, _NAN)
_BOOLEANS = {0.0: "false", 1.0: "true"}
_BOUNDS = {-1.0: 'cells with "<"', 0.0: 'cells without "<" and ">"', 1.0: 'cells with ">"'}


@dataclass(frozen=True)
class Tested:
    """A test of one difference, and the difference.

    Attributes
    ----------
    p_value : float
        NaN if there was nothing to test.
    p_adjusted : float
        Holm's, over all tests of a table; NaN before.
    matters : bool
        Whether the difference is as large as matters.
    """

    p_value: float = _NAN
    p_adjusted: float = _NAN
    matters: bool = False

    def fails(self, level: float) -> bool:
        """Whether the difference is significant and not small."""
        return self.matters and self.p_adjusted <= level


@dataclass(frozen=True)
class ColumnDrift:
    """A column of the training table and of a later one.

    Attributes
    ----------
    column, kind : str
    then, now : str
        What is in the middle, or the level whose share changed most.
    values, missing : Tested
        The test of the values, and of the share of missing cells.
    stability : Stability
        The PSI of the values; NaN if there is none.
    missing_then, missing_now : float
        The share of missing cells.
    level : float
        Of all tests together.
    unread : str
        Why the column cannot be compared; "" if it can.
    beside : str
        What else is said: why its values are not tested, or what a PSI does not show.
    source : str
        The column of the table that it is a part of, if it is not one itself.
    """

    column: str
    kind: str
    then: str
    now: str
    values: Tested = Tested()
    missing: Tested = Tested()
    stability: Stability = _NOTHING
    missing_then: float = _NAN
    missing_now: float = _NAN
    level: float = 0.05
    unread: str = ""
    beside: str = ""
    source: str = ""

    @property
    def own(self) -> str:
        """The column of the user's table: a bound is a part of the column of its number."""
        return self.source or self.column

    @property
    def label(self) -> str:
        """What it is called in a table of columns."""
        return f"{self.source}: < or >" if self.kind == "bound" and self.source else self.column

    @property
    def drifted(self) -> bool:
        """Whether it has drifted, or could not be read."""
        return bool(self.unread) or self.values.fails(self.level) or self.missing.fails(self.level)

    @property
    def p_adjusted(self) -> float:
        """The smaller one of both tests; NaN without a test."""
        return float(np.fmin(self.values.p_adjusted, self.missing.p_adjusted))

    @property
    def how_much(self) -> str:
        """The difference in words."""
        if self.unread:
            return self.unread
        parts = []
        if not np.isnan(self.stability.psi):
            found, limit = (f"{each:.2g}" for each in (self.stability.psi, self.stability.limit))
            parts.append(f"PSI {found} (without drift up to {limit})")
        if abs(self.missing_now - self.missing_then) > 0:  # NaN where nothing is known
            parts.append(
                f"missing {100 * self.missing_then:.3g} % then, {100 * self.missing_now:.3g} % now"
            )
        parts += [each for each in (self.beside, self._why_not) if each]
        return "; ".join(parts) or "no difference"

    @property
    def _why_not(self) -> str:
        """Why a difference that is large or significant, but not both, is no drift."""
        tests = () if self.drifted else (self.values, self.missing)
        if any(each.p_adjusted <= self.level for each in tests):
            return "significant, but too small to matter"
        if any(each.matters and each.p_adjusted > self.level for each in tests):
            return "not significant: chance can make it as large"
        return ""


def own_names(columns: Iterable[ColumnDrift]) -> list[str]:
    """The columns of the user's table that some columns are, or are parts of; each once."""
    return [*dict.fromkeys(each.own for each in columns)]


def column_drift(
    column: Column, summary: ColumnSummary, values: Floats, least: float
) -> ColumnDrift:
    """Compare a column with its summary.

    Parameters
    ----------
    column : Column
        Of the schema.
    summary : ColumnSummary
    values : ndarray of float64, shape (n_rows,)
        As the matrix of the schema has them.
    least : float
        The smallest difference that matters: of a PSI beyond chance, or of a share.
    """
    if summary.kind == "empty":
        return ColumnDrift(column.name, column.kind, "", "", beside="not used: it was empty")
    there = ~np.isnan(values)
    n, m, present = summary.n, len(values), values[there]
    gone = float(np.mean(~there))
    p_gone = _NAN
    if summary.kind != "bound":  # missing with its number
        p_gone = same_share(n * summary.missing, n, float(m - len(present)), m)
    found = ColumnDrift(
        column.name, column.kind, "", "",
        missing=Tested(p_gone, matters=abs(gone - summary.missing) >= least),
        missing_then=summary.missing, missing_now=gone,
    )  # fmt: skip
    if not len(present) or summary.missing == 1:
        whole = [f"{100 * share:.3g} % missing" for share in (summary.missing, gone)]
        return replace(found, then=whole[0], now=whole[1])
    if len(summary.quantiles):
        return _of_numbers(found, summary, present, least)
    if summary.kind in WITH_LEVELS:
        return _of_levels(found, column, summary, present, least)
    filled = [f"{100 * (1 - share):.3g} % filled" for share in (summary.missing, gone)]
    return replace(found, then=filled[0], now=filled[1])


def _of_numbers(
    found: ColumnDrift, summary: ColumnSummary, values: Floats, least: float
) -> ColumnDrift:
    say = _day if summary.kind == "date" else _number
    quarters = quantiles(values, np.ones(len(values)), np.array([0.25, 0.5, 0.75])).tolist()
    then = _middle(*(say(summary.quantiles[k]) for k in (5, 10, 15)))
    found = replace(found, then=then, now=_middle(*map(say, quarters)))
    if not summary.is_compared:
        return replace(found, beside="days are not tested: those of later rows are later")
    then_counts, now_counts = _parts(summary, values)
    measured = stability(then_counts, now_counts)
    matters = measured.excess >= least
    if summary.is_constant and (others := float(np.mean(values != summary.quantiles[0]))) > 0:
        matters = others >= least
        found = replace(found, beside=f"{100 * others:.3g} % have another value")
    tested = Tested(kolmogorov_smirnov(summary, values), matters=matters)
    return replace(found, values=tested, stability=measured)


def _parts(summary: ColumnSummary, values: Floats) -> tuple[Floats, Floats]:
    """The rows of both tables in parts that each have about a tenth of the training rows."""
    then, now = distributions(summary, values)[:, 1:-1]
    cuts, last = [], 0.0
    for place, below in enumerate(then.tolist()):
        if below - last >= _LEAST_PART and 1.0 - below >= _LEAST_PART:
            cuts.append(place)
            last = below
    ends = [np.concatenate(([0.0], each[cuts], [1.0])) for each in (then, now)]
    return np.diff(ends[0]) * summary.n_present, np.diff(ends[1]) * len(values)


def _of_levels(
    found: ColumnDrift, column: Column, summary: ColumnSummary, values: Floats, least: float
) -> ColumnDrift:
    slots = Slots(summary)
    then = slots.counts
    now = np.bincount(slots.of(values), minlength=slots.n_slots).astype(np.float64)
    joined = _joined(then, now)
    measured = stability(*joined)
    shares = then / then.sum(), now / now.sum()
    # No training row has a level never seen, but some of new rows like them do.
    expected = unseen_share(summary)
    shares[0][-1] = expected.mean if summary.once else 0.0
    p = same_levels(then, now, n_joined=2)
    if column.kind != "boolean" or np.isnan(p):  # true and false are all that there is
        p = _of_both(p, expected.p_value(int(now[-1]), len(values)))
    more = float(shares[1][-1]) - float(shares[0][-1])
    tested = Tested(p, matters=measured.excess >= least or more >= least)
    most = int(np.argmax(np.abs(shares[0] - shares[1])))
    name = _level(column, summary, most)
    says = [f"{name} {100 * float(share[most]):.3g} %" for share in shares]
    if most == len(then) - 1 and summary.once:
        says[0] = f"about {100 * expected.mean:.2g} % of new rows expected with levels never seen"
    return replace(found, then=says[0], now=says[1], values=tested, stability=measured)


def _of_both(p_seen: float, p_unseen: float) -> float:
    """One p-value of two tests, by Bonferroni; NaN if one level is all that there is."""
    if np.isnan(p_seen):
        return p_unseen if p_unseen < 1 else _NAN
    return min(1.0, 2.0 * min(p_seen, p_unseen))


def _joined(then: Floats, now: Floats) -> tuple[Floats, Floats]:
    """Rare levels are one part; it joins the smallest other one if it is rare itself."""
    large = then >= _LEAST_PART * then.sum()
    large[-2:] = False  # chosen by one of both tables, so no part of their own
    rest = then[~large].sum(), now[~large].sum()
    then, now = then[large], now[large]
    if rest[0] >= _LEAST_PART * (then.sum() + rest[0]) or len(then) < 2:
        kept = rest[0] + rest[1] > 0
        return (np.append(then, rest[0]), np.append(now, rest[1])) if kept else (then, now)
    smallest = int(np.argmin(then))
    then[smallest] += rest[0]
    now[smallest] += rest[1]
    return then, now


def _level(column: Column, summary: ColumnSummary, slot: int) -> str:
    """The name of the level of a slot."""
    if slot == len(summary.codes):
        return "other levels"
    if slot > len(summary.codes):
        return "levels never seen"
    code = float(summary.codes[slot])
    if column.kind == "category":
        return brief(column.levels[int(code) - 1], 30)
    return (_BOOLEANS if column.kind == "boolean" else _BOUNDS)[code]


def _middle(low: str, middle: str, high: str) -> str:
    return middle if low == high else f"{middle} ({low} to {high})"


def _number(value: float) -> str:
    return amount(float(value), 3)


def _day(value: float) -> str:
    """A date, or a clock time, from days since 1970."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=float(value))
    except OverflowError:
        return _number(value)
    return f"{moment:%H:%M}" if 0 <= value < 1 else moment.date().isoformat()
