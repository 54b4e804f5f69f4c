"""The table doctor: looks for what makes models wrong that nobody notices.

Each check is a function that yields what it finds; `CHECKS` lists them in the order in which they
are told. What a model could not be fitted on at all is found here, too, in full.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.data.doctor import column_checks, row_checks, target_checks
from thalweg.data.doctor.findings import (
    SEVERITIES,
    Examined,
    Finding,
    Look,
    look_at,
    target_of,
)
from thalweg.data.names import likely, listed
from thalweg.data.non_features import require_apart
from thalweg.data.notation.said_columns import NamedColumns, NumberColumns, SaidColumns
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.find_columns import find_columns, notes_of
from thalweg.data.schema.frames import GivenTable, table_of
from thalweg.data.typing import TableLike
from thalweg.errors import DataError
from thalweg.wording import counted, printable

CHECKS: dict[str, Callable[[Examined], Iterator[Finding]]] = {
    "target missing": target_checks.holes,
    "classes": target_checks.classes,
    "leak": target_checks.leaks,
    "identifier": column_checks.identifiers,
    "readable": column_checks.unreadable,
    "date numbers": column_checks.numbers_that_are_dates,
    "sentinel": column_checks.sentinels,
    "word for missing": column_checks.words_for_missing,
    "spelling": column_checks.spellings,
    "constant": column_checks.constant,
    "twin columns": column_checks.twins,
    "many levels": column_checks.many_levels,
    "missing": column_checks.missing,
    "duplicate rows": row_checks.duplicates,
    "contradictions": row_checks.contradictions,
    "few rows": row_checks.too_few,
    "groups": row_checks.groups_of_rows,
    "rows on both sides": row_checks.overlap,
}


@dataclass(frozen=True)
class Diagnosis:
    """What a check of a table found.

    Attributes
    ----------
    n_rows, n_columns : int
        Of the features.
    findings : tuple of Finding
        The severe ones first.
    notes : tuple of str
        How columns are read whose texts are not plain, a sentence each.
    """

    n_rows: int
    n_columns: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def is_severe(self) -> bool:
        """Whether one of them is severe."""
        return bool(self.counts["severe"])

    def as_dict(self) -> dict[str, Any]:
        """The diagnosis as plain data."""
        return {
            "rows": self.n_rows,
            "columns": self.n_columns,
            "checks": list(CHECKS),
            "counts": self.counts,
            "findings": [finding.as_dict() for finding in self.findings],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        lines = [self.headline]
        for each in self.findings:
            lines.append(f"{each.severity.upper()}  {each.check}: {each.what} ({each.where}).")
            lines.append(f"    {each.why}. Fix: {each.fix}.")
        return "\n".join(map(printable, lines))

    @property
    def headline(self) -> str:
        """How many findings there are, as a sentence."""
        told = ", ".join(f"{count} {severity}" for severity, count in self.counts.items() if count)
        size = f"{counted(self.n_rows, 'row')}, {counted(self.n_columns, 'column')}"
        return f"{size}: {told or 'nothing found'}."


def check_table(
    table: TableLike,
    target: str | None = None,
    *,
    group: str | None = None,
    test: TableLike | None = None,
    number: NumberColumns = None,
    category: NamedColumns = None,
    text: NamedColumns = None,
) -> Diagnosis:
    """Look for what makes models wrong that nobody notices.

    Parameters
    ----------
    table : DataFrame (pandas, polars) or Arrow table
        All columns, the target among them.
    target : str, optional
        The column to predict. Without it, the checks that need one are left out.
    group : str, optional
        The column that says which rows belong together, as those of one patient.
    test : DataFrame or Arrow table, optional
        Rows that are kept for judging: are some of them, or of their groups, in the table, too?
    number, category, text : optional
        What single columns hold, as the estimators take it.

    Returns
    -------
    Diagnosis

    Raises
    ------
    DataError
        If it is no table, has no names, no rows, or none of such a name.
    """
    whole = _named(table)
    aside = [name for name in (target, group) if name is not None]
    for name in aside:
        _require(name, whole)
    require_apart([], target, group, list(whole.names))
    places = dict(zip(whole.names, range(whole.n_columns), strict=True))
    said = SaidColumns.of(number, category, text)
    said.require_known(whole.names)
    columns = find_columns(whole, np.ones(whole.n_rows), said)
    every = {name: look_at(name, whole, place, columns[place]) for name, place in places.items()}
    looks = [look for name, look in every.items() if name not in aside]
    against = None if test is None else _named(test)
    seen = Examined(
        whole,
        looks,
        None if target is None else target_of(every[target]),
        None if group is None else every[group],
        against,
        None if group is None or against is None else _look_by_name(group, against),
        said.text,
    )
    found = [finding for check in CHECKS.values() for finding in check(seen)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    notes = notes_of([column for column in columns if isinstance(column, Column)])
    return Diagnosis(whole.n_rows, len(looks), tuple(found), tuple(notes))


def _look_by_name(name: str, table: GivenTable) -> Look | None:
    """A look at a column, if the table has it."""
    if name not in table.names:
        return None
    place = table.names.index(name)
    found = find_columns(table, np.ones(table.n_rows), SaidColumns())
    return look_at(name, table, place, found[place])


def _named(table: TableLike) -> GivenTable:
    seen = table_of(table)
    if not seen.named:
        raise DataError(
            "A table without names of columns",
            why="What is found is told by column",
            fix="give a DataFrame: pd.DataFrame(X, columns=[…])",
        )
    if not seen.n_rows:
        raise DataError("The table has no rows", fix="give a table with data in it")
    return seen


def _require(name: str, table: GivenTable) -> None:
    if name not in table.names:
        guess = likely(name, table.names)
        raise DataError(
            f'There is no column "{name}"',
            where=f"the table has {listed(table.names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, spelled as it is there",
        )
