"""Columns of a table that are no features: its target, its groups, what is dropped or left out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread, missing_cells
from thalweg.data.names import likely, listed
from thalweg.data.notation.yes_no import are_yes_no, folded, levels_of
from thalweg.errors import DataError
from thalweg.wording import counted, parameter


def require_apart(
    drop: Sequence[str], target: str | None, group: str | None, names: list[str]
) -> None:
    """Raise where a column is not there, or is to be two things at once."""
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
                "The column of the groups cannot be dropped",
                where=f'column "{column}"',
                why="It says which rows go together, and is no input of the model anyway",
                fix="do not name it among the columns to drop",
            )
    if group is not None:
        require_column("column of groups", group, names)
        if group == target:
            raise DataError(
                "The target cannot say which rows go together",
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


def unasked(names: list[str], card: dict[str, Any], aside: set[str | None]) -> dict[str, str]:
    """The columns that are left out unasked, each with a sentence that says so."""
    notes = {
        each["name"]: f'Left out "{each["name"]}": an identifier.'
        for each in card.get("columns", ())
        if each["role"] == "identifier"
    }
    if names[0] == "":
        notes[""] = "Left out the first column, which has no name: row labels."
    return {column: note for column, note in notes.items() if column not in aside}


def require_column(role: str, column: str, names: list[str]) -> None:
    """Raise where no column has this name."""
    if column not in names:
        guess = likely(column, names)
        raise DataError(
            f'There is no {role} "{column}"',
            where=f"the table has {listed(names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, spelled as it is there",
        )


def require_target(target: str | None, names: list[str], table: str) -> str:
    """The target, where it is named and there."""
    if target is None:
        raise DataError(
            "It is not said which column is the target",
            where=f"{table}; its last columns are {listed(names[-3:])}",
            fix='say --target NAME on the command line, or target="NAME" in Python',
        )
    require_column("target column", target, names)
    return target


def labels_of(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """The labels as text, at least two different ones and no holes; and what is said of them.

    Words for yes and no are one class each, whatever their capitals.
    """
    column = f'column "{cells.name}"'
    labels = _texts(
        cells,
        "target",
        why="A row without its answer teaches nothing",
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
    levels_found = sorted(labels.unique())
    if len(levels_found) == 1:
        raise DataError(
            f'The target has one class only: "{levels_found[0]}"',
            where=f"{column}, all {counted(len(labels), 'row')}",
            why="There is nothing to tell apart",
            fix="add rows of the other class, or name another target",
        )
    return labels, notes


def groups_of(cells: pd.Series) -> pd.Series:
    """Which rows go together, as text without holes: rows of the same text do."""
    return _texts(
        cells,
        "group",
        why="Such a row could be parted from those that it belongs to",
        fix="fill it in (a name of its own for a row that stands alone), or leave these rows out",
    )


def _texts(cells: pd.Series, role: str, *, why: str, fix: str) -> pd.Series:
    """Cells as text, spaces around it removed, where none is missing."""
    holes = np.flatnonzero(missing_cells(cells))
    if len(holes):
        raise DataError(
            f"The {role} is missing in {len(holes):,} of {counted(len(cells), 'row')}",
            where=f'column "{cells.name}", first in row {holes[0] + 1}',
            why=why,
            fix=fix,
        )
    unread = next((cell for cell in cells if isinstance(cell, Unread)), None)
    if unread is not None:
        raise DataError(
            f"The {role} is made of cells of type {unread.sort}",
            where=f'column "{cells.name}"',
            why="A cell holds a number, true or false, or text",
            fix=f"name another {role}, or write it as text when the file is made",
        )
    return pd.Series([str(cell).strip() for cell in cells], dtype=object, name=cells.name)


def positive_of(positive: str | None, labels: pd.Series) -> str | None:
    """The label of the positive class, where one is named and there."""
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
            fix="name one of these labels, spelled as it is there",
        )
    return positive
