"""Columns that are not features: the target, groups of rows, and columns that are dropped."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread, missing_cells, trimmed
from thalweg.data.column_names import likely, listed
from thalweg.data.notation.missing_words import perhaps_missing, say_missing
from thalweg.data.notation.yes_no import are_yes_no, folded, levels_of
from thalweg.errors import DataError
from thalweg.wording import counted, parameter


def require_apart(
    drop: Sequence[str], target: str | None, group: str | None, names: list[str]
) -> None:
    """Raise a DataError if a column is absent, or has two roles at once."""
    for column in drop:
        require_column("column to drop", column, names)
        if column == target:
            raise DataError(
                "The target cannot be dropped",
                where=f'column "{column}"',
                fix="name another target, or keep this column",
            )
        if column == group:
            raise DataError(
                "The column of groups cannot be dropped",
                where=f'column "{column}"',
                why="It says which rows belong together; the model never uses it as an input",
                fix="do not name it among the columns to drop",
            )
    if group is not None:
        require_column("column of groups", group, names)
        if group == target:
            raise DataError(
                "The target cannot be the column of groups",
                where=f'column "{group}"',
                fix="name another column for the groups",
            )


def require_time_column(time: str, target: str | None, group: str | None, names: list[str]) -> None:
    """Raise where the column that orders the rows is not there, or is to be two things at once."""
    require_column("time column", time, names)
    if time == target:
        raise DataError(
            "The target cannot say in which order the rows come",
            where=f'column "{time}"',
            fix="name another time column",
        )
    if group is not None:
        raise DataError(
            "Rows cannot be split by groups and in time order at once",
            where=f'groups "{group}", times "{time}"',
            fix=f"leave out {parameter('group')} or {parameter('time_column')}",
        )


def left_out_columns(
    names: list[str], card: dict[str, Any], aside: set[str | None]
) -> dict[str, str]:
    """The columns that are left out automatically, each with a sentence that says so."""
    notes = {
        each["name"]: f'Left out "{each["name"]}": an identifier.'
        for each in card.get("columns", ())
        if each["role"] == "identifier"
    }
    if names[0] == "":
        notes[""] = "Left out the first column, which has no name: row labels."
    return {column: note for column, note in notes.items() if column not in aside}


def require_column(role: str, column: str, names: list[str]) -> None:
    """Raise a DataError if no column has this name."""
    if column not in names:
        guess = likely(column, names)
        raise DataError(
            f'There is no {role} "{column}"',
            where=f"the table has {listed(names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, with exactly this spelling",
        )


def require_target(target: str | None, names: list[str], table: str) -> str:
    """The target, if it is named and the table has it; otherwise raise a DataError."""
    if target is None:
        raise DataError(
            "The target column is not named",
            where=f"{table}; its last columns are {listed(names[-3:])}",
            fix=f"name it: {parameter('target', 'NAME')}",
        )
    require_column("target column", target, names)
    return target


def labels_of(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """The labels as text, and notes; a DataError if one is missing, or if all are equal.

    Words for yes and no are one class each, whatever their capitals.
    """
    column = f'column "{cells.name}"'
    labels = _texts(
        cells,
        "target",
        why="A model cannot learn from a row without a target value",
        fix="fill in the target, or leave these rows out of the table",
    )
    notes = []
    spellings = sorted(labels.unique())
    if are_yes_no(spellings) and len(levels := levels_of(spellings)) < len(spellings):
        labels = labels.map(lambda label: levels[folded(label)])
        notes.append(
            f'The target "{cells.name}" is read as yes and no, whatever the capitals: '
            f"{listed(spellings)} are {listed(sorted(levels.values()))}."
        )
    if words := perhaps_missing(sorted(labels.unique())):
        several = len(words) > 1
        own = "classes of their own" if several else "a class of its own"
        they = "they mean" if several else "it means"
        notes.append(
            f'The target "{cells.name}" has {listed(words)} as {own}. If {they} '
            f'"not known", leave their rows out: {say_missing(str(cells.name), words)}.'
        )
    levels_found = sorted(labels.unique())
    if len(levels_found) == 1:
        raise DataError(
            f'The target has only one class: "{levels_found[0]}"',
            where=f"{column}, all {counted(len(labels), 'row')}",
            why="A classifier needs at least two classes",
            fix="add rows of another class, or name another target",
        )
    return labels, notes


def groups_of(cells: pd.Series) -> pd.Series:
    """The group of each row as text; rows of the same text belong together."""
    return _texts(
        cells,
        "group",
        why="A split could separate such a row from the rows that it belongs to",
        fix="fill it in (with a unique name for a row that belongs to no other), or leave these "
        "rows out",
    )


def _texts(cells: pd.Series, role: str, *, why: str, fix: str) -> pd.Series:
    """Cells as text without surrounding spaces; a DataError if one is missing or nested."""
    missing = np.flatnonzero(missing_cells(cells))
    if len(missing):
        raise DataError(
            f"The {role} is missing in {len(missing):,} of {counted(len(cells), 'row')}",
            where=f'column "{cells.name}", first in row {missing[0] + 1}',
            why=why,
            fix=fix,
        )
    unread = next((cell for cell in cells if isinstance(cell, Unread)), None)
    if unread is not None:
        raise DataError(
            f"The {role} has cells of type {unread.sort}",
            where=f'column "{cells.name}"',
            why="A cell must be a number, true or false, or text",
            fix=f"name another {role} column, or write it as text when the file is made",
        )
    return pd.Series([trimmed(str(cell)) for cell in cells], dtype=object, name=cells.name)


def positive_of(positive: str | None, labels: pd.Series) -> str | None:
    """The label of the positive class; None if none is named, a DataError if no row has it."""
    levels = sorted(labels.unique())
    if positive is None:
        return None
    positive = str(positive).strip()
    if positive not in levels and are_yes_no([*levels, positive]):
        positive = {folded(level): level for level in levels}.get(folded(positive), positive)
    if positive not in levels:
        guess = likely(positive, levels)
        raise DataError(
            f'The positive class "{positive}" is not among the labels',
            where=f'column "{labels.name}", labels {listed(levels)}',
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="name one of these labels, with exactly this spelling",
        )
    return positive
