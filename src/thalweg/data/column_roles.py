"""Columns that are not features: target, groups and weights of rows, and dropped columns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.arrays.small_floats import is_small
from thalweg.data.cells import (
    Unread,
    missing_cells,
    trimmed,
    whole_text,
    without_marks,
)
from thalweg.data.column_names import (
    NO_COLUMN,
    ColumnsGiven,
    likely,
    listed,
    names_given,
    require_one_name,
)
from thalweg.data.fixes.named_rows import Rows, rows_named
from thalweg.data.label_types import LostLabels, one_class
from thalweg.data.notation.missing_words import (
    MissingWords,
    perhaps_missing,
    rows_left_out,
    rows_without,
    say_missing,
    without_words,
)
from thalweg.data.notation.yes_no import are_yes_no, folded, levels_of
from thalweg.data.target_kind import rows_of_words
from thalweg.errors import DataError, SettingsError
from thalweg.wording import counted, listed_rows, parameter, row_number


def require_apart(
    drop: Sequence[str], target: str | None, group: str | None, names: list[str]
) -> None:
    """Raise a DataError if a column is absent, or has two roles at once."""
    for column in drop:
        require_one_name(column, names)
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
            what, where = "The target cannot be the column of groups", f'column "{group}"'
            raise DataError(what, where=where, fix="name another column for the groups")


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


def require_weight_column(weight: str, others: Mapping[str | None, str], names: list[str]) -> None:
    """Raise a DataError if the column of weights is absent, or is something else, too.

    ``others`` are the columns that have a role, and that role in words.
    """
    require_column("column of weights", weight, names)
    if weight in others:
        raise DataError(
            f"{others[weight]} cannot be the column of weights",
            where=f'column "{weight}"',
            why="A weight says only how much a row counts",
            fix=f"name another column with {parameter('weight_column')}, or leave it out",
        )


class Roles(NamedTuple):
    """What a caller of `thalweg.data.read.load_table` says of the columns."""

    target: str | None
    positive: str | None
    drop: Sequence[str]
    group: str | None
    time_column: str | None
    need_target: bool
    drop_missing: ColumnsGiven
    drop_row: str | Sequence[str | int]
    ids: Sequence[str] = ()
    weight_column: str | None = None
    if_there: Mapping[str, str] = MappingProxyType({})
    inputs: Collection[str] = ()
    may_lack: Mapping[str, str] = MappingProxyType({})

    def with_those_there(self, names: Sequence[str]) -> "Roles":
        """The same with the columns of ``if_there`` that the table has, for roles without one."""
        used = {self.target, self.group, self.time_column, self.weight_column, *self.drop}
        there = {r: name for r, name in self.if_there.items() if name in names and name not in used}
        group = self.group or there.get("group")
        time = self.time_column or (None if group else there.get("time"))
        weight = self.weight_column or there.get("weight")
        return self._replace(group=group, time_column=time, weight_column=weight)

    @property
    def unread(self) -> set[str]:
        """The columns whose cells are not needed."""
        unread = {*self.drop, *([] if self.need_target else [self.target or ""])}
        return unread - {self.time_column, *self.ids, *self.may_lack}


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Rows of a table that are left out for one reason.

    Attributes
    ----------
    column : str
        The column in which they have no value; "" if the user names the rows.
    role : {"target", "time", "group", "weight", "exposure", "offset", "row"}
        What this column is.
    rows : ndarray of int
        Their positions in the table, from 0.
    are_words : bool
        Whether their cells are words for a missing value, instead of empty.
    """

    column: str
    role: str
    rows: NDArray[np.intp]
    are_words: bool = False

    @property
    def note(self) -> str:
        """How many rows are left out, and why, as a sentence."""
        if self.role == "row":
            return f"Left out as {parameter('drop_row')} says: {listed_rows(self.rows)}."
        if self.are_words:
            return rows_left_out(self.column, self.rows)
        return rows_without(self.role, self.column, self.rows)


def _rows_lacking(
    whole: pd.DataFrame,
    roles: Mapping[str, str],
    drop_missing: ColumnsGiven,
    missing: MissingWords,
    gone: NDArray[np.intp],
) -> list[LeftOut]:
    """The rows that the user leaves out because their target, time, group or weight is missing.

    Parameters
    ----------
    whole : DataFrame
    roles : mapping of str to str
        The role of each column whose missing cells may leave rows out.
    drop_missing : str, int, or list of them
        The columns that the user names for that.
    missing : MissingWords
    gone : ndarray of int
        Rows that are left out already.

    Raises
    ------
    SettingsError
        One of the columns has another role: a model reads its missing cells as missing.
    """
    found = []
    is_gone = np.zeros(len(whole), np.bool_)
    is_gone[gone] = True
    for name in dict.fromkeys(names_given("drop_missing", drop_missing)):
        require_column("column", name, list(whole.columns))
        if name not in roles:
            raise SettingsError(
                f'{parameter("drop_missing")} names "{name}", which is neither the target nor a '
                "column of times, groups, weights or exposures",
                why="A row is not left out for a missing value of a feature: the model reads it as "
                "missing",
                fix=f"leave out {parameter('drop_missing', name)}",
            )
        lacks = missing_cells(missing.emptied(whole[name])) & ~is_gone
        is_gone |= lacks
        if lacks.any():
            found.append(LeftOut(name, roles[name], np.flatnonzero(lacks)))
    if is_gone.all():
        raise DataError(
            "No row is left: in each one the target, the time, the group or the weight is missing, "
            "or you name it",
            where=counted(len(whole), "row"),
            fix="name other columns or rows to leave out",
        )
    return found


def rows_without_any(
    whole: pd.DataFrame, roles: Roles, missing: MissingWords
) -> tuple[list[LeftOut], list[str]]:
    """The rows that are left out because they have no target, time, group or weight; and notes."""
    target = str(roles.target)
    named = rows_named(roles.drop_row, len(whole))
    words, notes = rows_of_words(whole, target, missing)
    words = np.setdiff1d(words, named)
    found = [LeftOut("", "row", named)] if len(named) else []
    found += [LeftOut(target, "target", words, are_words=True)] if len(words) else []
    may_lack: dict[str | None, str] = {
        roles.weight_column: "weight", roles.time_column: "time", roles.group: "group",
        target: "target",
    }  # fmt: skip
    found += _rows_lacking(
        whole,
        {**roles.may_lack, **{key: role for key, role in may_lack.items() if key is not None}},
        roles.drop_missing, missing, np.union1d(named, words),
    )  # fmt: skip
    return found, [*notes, *(each.note for each in found)]


def without_named(
    whole: pd.DataFrame, drop_row: str | Sequence[str | int]
) -> tuple[pd.DataFrame, Rows | None, list[str]]:
    """A table whose target is not read, without the rows that are named; the others; and notes."""
    named = rows_named(drop_row, len(whole))
    if not len(named):
        return whole, None, []
    if len(named) == len(whole):
        raise DataError(
            "No row is left",
            where=counted(len(whole), "row"),
            fix=f"name fewer rows in {parameter('drop_row')}",
        )
    kept = np.setdiff1d(np.arange(len(whole)), named)
    return whole.iloc[kept].reset_index(drop=True), kept, [LeftOut("", "row", named).note]


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
            f'{NO_COLUMN}{role} "{column}"',
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


def lost_labels(cells: pd.Series, without: Iterable[LeftOut], missing: MissingWords) -> LostLabels:
    """The labels of rows that options leave out of a target, and how to have them back."""
    found = []
    for each in without:
        there = cells.iloc[each.rows].dropna()
        fix = f"name fewer rows in {parameter('drop_row')}" if each.role == "row" else ""
        if each.role == "target":
            fix = without_words(missing, str(cells.name), there)
        if fix:
            found.append((fix, frozenset(trimmed(str(cell)) for cell in there)))
    return found


def labels_of(
    cells: pd.Series, lost: LostLabels = (), n_rows: int | None = None
) -> tuple[pd.Series, list[str]]:
    """The labels as text, and notes; a DataError if one is missing, or if all are equal.

    Words for yes and no are one class each, whatever their capitals. ``n_rows`` is of the table,
    if the cells are its different ones.
    """
    labels = _texts(cells, "target")
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
        raise one_class(str(cells.name), levels_found[0], n_rows or len(labels), lost)
    return labels, notes


def groups_of(cells: pd.Series) -> pd.Series:
    """The group of each row as text; rows of the same text belong together, also of 1 and 1.0."""
    return _texts(cells, "group").map(whole_text)


_WHY_NOT_MISSING = {
    "target": "A model can neither learn from a row without a target value nor be evaluated on it",
    "group": "A split could separate such a row from the rows that it belongs to",
    "weight": "Nothing says how much such a row counts",
}
_FILLED = {
    "target": "fill in the target",
    "group": "fill it in (with a unique name for a row that belongs to no other)",
    "weight": "fill it in (with 0 for a row that does not count)",
}


def is_missing(role: str, name: str, missing: NDArray[np.intp], n_rows: int) -> DataError:
    """The error for rows, from 0, that lack a target, group or weight; the doctor finds it, too."""
    some = len(missing) < n_rows
    leave = f"leave these rows out with {parameter('drop_missing', name)}"
    return DataError(
        f"The {role} is missing in {len(missing):,} of {counted(n_rows, 'row')}",
        where=f'column "{name}", first in row {row_number(int(missing[0]) + 1):,}',
        why=_WHY_NOT_MISSING[role],
        fix=f"{leave if some else 'name another column'}, or {_FILLED[role]}",
    )


def _texts(cells: pd.Series, role: str) -> pd.Series:
    """Cells as text without surrounding spaces; a DataError if one is missing or nested."""
    missing = np.flatnonzero(missing_cells(cells))
    if len(missing):
        raise is_missing(role, str(cells.name), missing, len(cells))
    unread = next((cell for cell in cells if isinstance(cell, Unread)), None)
    if unread is not None:
        raise DataError(
            f"The {role} has cells of type {unread.sort}",
            where=f'column "{cells.name}"',
            why="A cell must be a number, true or false, or text",
            fix=f"name another {role} column, or write it as text when the file is made",
        )
    given = cells.to_numpy() if is_small(cells.dtype) else cells  # as a CSV writes them
    return pd.Series([trimmed(str(cell)) for cell in given], dtype=object, name=cells.name)


def positive_of(positive: str | None, labels: pd.Series) -> str | None:
    """The label of the positive class; None if none is named, a DataError if no row has it."""
    levels = sorted(labels.unique())
    if positive is None:
        return None
    positive = label_named(str(positive), levels)
    if positive not in levels:
        guess = likely(positive, levels)
        raise DataError(
            f'The positive class "{positive}" is not among the labels',
            where=f'column "{labels.name}", labels {listed(levels)}',
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="name one of these labels, with exactly this spelling",
        )
    return positive


def label_named(name: str, levels: Sequence[str]) -> str:
    """The label that a user names: of yes and no in any capitals, of others as it is written."""
    name = trimmed(name)
    if name in levels:
        return name
    alike = [level for level in levels if without_marks(level) == without_marks(name)]
    if len(alike) == 1:  # a mark inside cannot be seen, nor typed
        return alike[0]
    if not are_yes_no([*levels, name]):
        return name
    return {folded(level): level for level in levels}.get(folded(name), name)
