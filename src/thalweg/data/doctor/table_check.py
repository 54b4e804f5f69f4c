"""The table doctor: check a table for leaks, identifiers, duplicates and other data problems.

Each check yields its findings, in the order of `CHECKS`; also all of those that prevent a fit.
"""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import missing_cells
from thalweg.data.column_names import (
    ColumnName,
    ColumnsGiven,
    likely,
    listed,
    name_given,
    names_given,
)
from thalweg.data.column_roles import LeftOut, lost_labels, require_apart
from thalweg.data.doctor import column_checks, mixed_columns, row_checks, target_checks
from thalweg.data.doctor.examined_table import Examined, Look, look_at, target_of
from thalweg.data.doctor.findings import SEVERITIES, Finding
from thalweg.data.doctor.watched_check import watcher
from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.fixes.table_syntax import AtHand
from thalweg.data.label_types import LostLabels
from thalweg.data.notation.missing_words import MissingColumns, rows_left_out, rows_without
from thalweg.data.notation.said_columns import DateColumns, NamedColumns, NumberColumns, SaidColumns
from thalweg.data.schema.column_floats import Column, Distinct, distinct
from thalweg.data.schema.emptied_table import emptied, no_cell_holds
from thalweg.data.schema.find_columns import find_columns, notes_of, notes_of_choices
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.target_kind import CLASSIFICATION, find_target, only, refused, target_words
from thalweg.data.typing import TableLike
from thalweg.errors import DataError
from thalweg.interrupts import raise_if_cancelled
from thalweg.wording import (
    Spelling,
    counted,
    in_python,
    printable,
    rows_counted_as_in_file,
    spelled,
)

CHECKS: dict[str, Callable[[Examined], Iterator[Finding]]] = {
    "target missing": target_checks.missing,
    "target": target_checks.unreadable,
    "classes": target_checks.classes,
    "test set": target_checks.no_test_set,
    "leak": target_checks.leaks,
    "total row": row_checks.totals,
    "identifier": column_checks.identifiers,
    "readable": column_checks.unreadable,
    "texts among numbers": mixed_columns.mixed,
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
    "few different rows": row_checks.too_few_different,
    "groups": row_checks.groups_of_rows,
    row_checks.TIME_ORDER: row_checks.rows_in_time,
    "rows on both sides": row_checks.overlap,
}


@dataclass(frozen=True)
class Diagnosis:
    """The findings of a table check.

    Attributes
    ----------
    n_rows, n_columns : int
        The size of the table of features.
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
        """Whether a finding is severe."""
        return bool(self.counts["severe"])

    def spelled(self, spelling: Spelling) -> "Diagnosis":
        """The diagnosis with parameters called as they are where it is read."""
        found = tuple(each.spelled(spelling) for each in self.findings)
        return replace(self, findings=found, notes=tuple(spelled(e, spelling) for e in self.notes))

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
        said = ", ".join(f"{count} {severity}" for severity, count in self.counts.items() if count)
        size = f"{counted(self.n_rows, 'row')}, {counted(self.n_columns, 'column')}"
        return f"{size}: {said or 'nothing found'}."


def check_table(
    table: TableLike,
    target: ColumnName | None = None,
    *,
    group: ColumnName | None = None,
    test: TableLike | None = None,
    number: NumberColumns = None,
    category: NamedColumns = None,
    text: NamedColumns = None,
    date: DateColumns = None,
    missing: MissingColumns = None,
    drop_missing: ColumnsGiven = (),
    drop_row: str | Sequence[str | int] = (),
    drop: ColumnsGiven = (),
    task: str = "auto",
    spelling: Spelling = in_python,
) -> Diagnosis:
    """Look for problems in a table that make a model wrong without anyone noticing.

    Parameters
    ----------
    table : DataFrame (pandas, polars) or Arrow table
        With the target.
    target : str or int, optional
        The name of the column to predict. Without it, checks that need a target are left out.
    group : str or int, optional
        The column that says which rows belong together.
    test : DataFrame or Arrow table, optional
        Test rows: for rows and groups in both tables, and columns, levels, numbers that differ.
    number, category, text, date, missing : optional
        As for the estimators.
    drop_missing : str, int, or list of them, optional
        Columns, such as the target, whose missing cells leave their rows out, of both tables.
    drop_row : str, or list of str or int, optional
        Rows to leave out, from 1, such as ``"3,17-19"``.
    drop, task, spelling : optional
        Columns to leave out, whose words for totals count; as for `fit`; how findings are spelled.

    Returns
    -------
    Diagnosis

    Raises
    ------
    DataError
        It is not a table, has no names or rows, or lacks a column.
    """
    with AtHand(every := _named(table)):
        target, group = name_given("target", target), name_given("group", group)
        _require([name for name in (target, group) if name is not None], every)
        given, dropped = _without(every, names_given("drop", drop), target, group)
        said = SaidColumns.of(number, category, text, date, missing)
        said.require_known(given.names)
        names, gone = names_given("drop_missing", drop_missing), rows_named(drop_row, given.n_rows)
        whole, kept, left_out = _kept(given, target, names, gone, said)
        with rows_counted_as_in_file(kept):
            words, lost = _words_of(dropped, kept), _lost(given, target, gone, kept, said)
            return _examined(
                given, whole, target, group, test, said, left_out, names, words, lost, task
            ).spelled(spelling)


def _without(
    every: GivenTable, drop: Sequence[str], target: str | None, group: str | None
) -> tuple[GivenTable, GivenTable]:
    """The table without the columns that are left out, and these columns."""
    require_apart(list(drop), target, group, list(every.names))
    left = [place for place, name in enumerate(every.names) if name not in drop]
    dropped = [every.names.index(name) for name in drop]
    return _some(every, left) if drop else every, _some(every, dropped)


def _examined(
    given: GivenTable,
    whole: GivenTable,
    target: str | None,
    group: str | None,
    test: TableLike | None,
    said: SaidColumns,
    left_out: list[str],
    drop_missing: Sequence[str],
    dropped: dict[str, Distinct],
    lost: LostLabels,
    task: str,
) -> Diagnosis:
    """The diagnosis of a table whose rows are all those that a fit would take."""
    read = replace(whole, column=functools.cache(whole.column))  # each numeral is converted once
    columns = _found(read, target, said, task)
    left_out = [*no_cell_holds(said.missing, given, columns), *left_out]
    whole, read = (emptied(each, said.missing, whole.names, columns) for each in (whole, read))
    every = _looked_at(read, columns)
    del read  # and what is not kept of it
    looks = [look for name, look in every.items() if name not in (target, group)]
    against, test_kept = None, None
    if test is not None:
        against, test_kept, gone = _tested(_named(test), target, drop_missing, said, columns)
        left_out += [f"In the test table: {note}" for note in gone]
    seen = Examined(
        whole, looks, None if target is None else target_of(every[target], task),
        None if group is None else every[group], against,
        None if group is None or against is None else _look_by_name(group, against),
        said.text, None if target is None else every[target], test_kept,
        dropped, lost, said.category,
    )  # fmt: skip
    notes = notes_of([each for each in columns if isinstance(each, Column) and each.name != target])
    notes += notes_of_choices([(x.column, x.values) for x in looks if x.column], said)
    notes += [*(seen.target.notes if seen.target else []), *said.missing.notes, *left_out]
    watcher().examined(seen, columns, notes)
    found = sorted(_findings(seen), key=lambda finding: SEVERITIES.index(finding.severity))
    return Diagnosis(whole.n_rows, len(looks), tuple(found), tuple(notes))


def _looked_at(whole: GivenTable, columns: Sequence[Column | DataError]) -> dict[str, Look]:
    """Each column of the table, read."""
    every = {}
    for place, name in enumerate(whole.names):
        raise_if_cancelled()
        watcher().reading(place, whole.n_columns)
        every[name] = look_at(name, whole, place, columns[place])
    return every


def _findings(seen: Examined) -> Iterator[Finding]:
    """What each check finds; whoever no longer wants it ends it between two checks."""
    for done, (name, check) in enumerate(CHECKS.items()):
        raise_if_cancelled()
        watcher().checking(name, done, len(CHECKS))
        yield from check(seen)


def _kept(
    table: GivenTable,
    target: str | None,
    drop_missing: Sequence[str],
    named: NDArray[np.intp],
    said: SaidColumns,
) -> tuple[GivenTable, NDArray[np.intp] | None, list[str]]:
    """The table as `_with_target` has it without empty rows, the rows that are left, and notes."""
    _require(drop_missing, table)
    clean, unknown = _with_target(table, target, said)
    gone, notes = np.zeros(table.n_rows, np.bool_), []
    gone[named], unknown = True, np.setdiff1d(unknown, named)
    if len(named):
        notes.append(LeftOut("", "row", named).note)
    if len(unknown):
        gone[unknown] = True
        notes.append(rows_left_out(str(target), unknown))
    for name in dict.fromkeys(drop_missing):
        cells = clean.column(clean.names.index(name)).values
        lacks = missing_cells(pd.Series(cells, dtype=object)) & ~gone
        gone |= lacks
        if lacks.any():
            role = "target" if name == target else "value"
            notes.append(rows_without(role, name, np.flatnonzero(lacks)))
    if not gone.any():
        return clean, None, notes
    kept = np.flatnonzero(~gone)
    return clean.take(kept), kept, notes


def _lost(
    table: GivenTable,
    target: str | None, named: NDArray[np.intp], kept: NDArray[np.intp] | None, said: SaidColumns,
) -> LostLabels:  # fmt: skip
    """The labels of rows that are left out, as the user named them or by their words."""
    if target is None or kept is None:
        return ()
    cells = table.column(table.names.index(target)).values
    others = np.setdiff1d(np.arange(table.n_rows), [*kept, *named])
    without = [LeftOut("", "row", named), LeftOut(target, "target", others, are_words=True)]
    return lost_labels(pd.Series(cells, dtype=object, name=target), without, said.missing)


def _with_target(
    table: GivenTable, target: str | None, said: SaidColumns
) -> tuple[GivenTable, NDArray[np.intp]]:
    """The table without its words for missing values, and the rows whose target is one."""
    clean, none = emptied(table, said.missing, table.names), np.zeros(0, np.intp)
    if target is None or not said.missing.words(target) or target not in table.names:
        return clean, none
    of_target = table.names.index(target)
    others = [place for place in range(table.n_columns) if place != of_target]
    unknown = target_words(
        _some(table, [of_target]), lambda: _some(table, [*others, of_target]), only(said, target)
    )
    return clean, np.flatnonzero(unknown)


def _tested(
    test: GivenTable,
    target: str | None,
    drop_missing: Sequence[str],
    said: SaidColumns,
    columns: list[Column | DataError],
) -> tuple[GivenTable, NDArray[np.intp] | None, list[str]]:
    """As `_kept`, without the words for missing values, by what the columns are."""
    has = [name for name in drop_missing if name in test.names]
    clean, kept, notes = _kept(test, target, has, np.zeros(0, np.intp), said)
    return emptied(clean, said.missing, clean.names, columns), kept, notes


def _found(
    whole: GivenTable, target: str | None, said: SaidColumns, task: str
) -> list[Column | DataError]:
    """What each column is, as `thalweg fit` finds it: the target proves nothing of features."""
    if target is None:
        return find_columns(whole, np.ones(whole.n_rows), said)
    of_target = whole.names.index(target)
    features = [place for place in range(whole.n_columns) if place != of_target]

    def both() -> GivenTable:
        return _some(whole, [*features, of_target])

    found = find_columns(_some(whole, features), np.ones(whole.n_rows), said)
    own = only(said, target)
    if task == CLASSIFICATION:
        own = SaidColumns(category=frozenset({target}), missing=said.missing)
    its = find_target(_some(whole, [of_target]), both, own)
    found.insert(of_target, refused(its, target) if isinstance(its, DataError) else its)
    return found


def _words_of(dropped: GivenTable, kept: NDArray[np.intp] | None) -> dict[str, Distinct]:
    """The cells of columns that are left out, if they are no plain numbers, in the rows kept."""
    cells = {name: dropped.column(place).values for place, name in enumerate(dropped.names)}
    return {
        name: distinct(values if kept is None else values[kept])
        for name, values in cells.items()
        if values.dtype == object
    }


def _some(whole: GivenTable, places: list[int]) -> GivenTable:
    """Some columns of a table, to find their kinds."""
    return replace(
        whole,
        names=[whole.names[place] for place in places],
        n_columns=len(places),
        column=lambda place: whole.column(places[place]),
        objects=lambda: whole.objects()[:, places],
        block=lambda: None,
        take=lambda rows: _some(whole.take(rows), places),
    )


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
            "A table without column names",
            why="Findings name the columns",
            fix="give a DataFrame: pd.DataFrame(X, columns=[…])",
        )
    if not seen.n_rows:
        raise DataError("The table has no rows", fix="give a table with rows")
    return seen


def _require(names: Sequence[str], table: GivenTable) -> None:
    for name in names:
        if name in table.names:
            continue
        guess = likely(name, table.names)
        raise DataError(
            f'There is no column "{name}"',
            where=f"the table has {listed(table.names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, with exactly this spelling",
        )
