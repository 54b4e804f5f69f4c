"""Load a table from a file, standard input, a DataFrame or the bundled tables.

`formats` recognises and reports the format of a file; the schema decides what the columns are.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.column_names import (
    ColumnName,
    ColumnsGiven,
    column_names,
    listed,
    name_given,
    names_given,
    of_its_sheet,
)
from thalweg.data.column_roles import (
    LeftOut,
    Roles,
    groups_of,
    labels_of,
    left_out_columns,
    lost_labels,
    positive_of,
    require_apart,
    require_column,
    require_target,
    require_time_column,
    require_weight_column,
    rows_without_any,
    without_named,
)
from thalweg.data.formats.any_format import (
    Format,
    FormGiven,
    bytes_of_file,
    bytes_of_stream,
    read_bytes,
    standard_input,
)
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.bundled_tables import bundled_tables, bytes_of_bundled, table_card
from thalweg.data.notation.missing_words import MissingColumns, MissingWords
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.given_table import is_frame, pandas_of, table_of
from thalweg.data.target_kind import written_numbers
from thalweg.data.typing import FrameLike
from thalweg.errors import DataError
from thalweg.wording import counted, parameter, rows_counted_as_in_file


@dataclass(frozen=True, eq=False)
class Table:
    """A table, with its target and groups separated from the features.

    Parameters
    ----------
    name : str
        The bundled name, the file's name, "standard input" or "DataFrame".
    frame : DataFrame
        The features; rows are numbered from 0.
    target : Series of str or float, or None
        The label of each row, without surrounding spaces, or written numbers as floats; None if no
        target was needed.
    target_name : str or None
    positive : str or None
        The label of the positive class, if there is one.
    notes : tuple of str
        What was recognised and what was changed, one sentence each.
    groups : Series of str, or None
        The group of each row, if a column of groups was named; it is not a feature.
    said : SaidColumns
        What the user said of single features; from ``load_table``, the words for a missing value.
    times : Series, or None
        What orders the rows in time, if a column does; it is a feature, too, unless dropped.
    weights : Series, or None
        The cells that say how much each row counts, if a column does; it is not a feature.
    target_cells : Series, or None
        The cells of the target as the table has them.
    left_out : tuple of LeftOut
        The rows of the file that are left out, by the reason.
    kept : ndarray of int, or None
        The positions in the file, from 0, of the rows; None if none is left out.
    words_aside : frozenset of str
        The words for a missing value in every column that target, groups or times have.
    dropped : DataFrame
        The columns that are left out, whose words may say that a row is a total.
    ids : DataFrame
        The cells of the columns that are carried along unchanged.
    """

    name: str
    frame: pd.DataFrame
    target: pd.Series | None
    target_name: str | None
    positive: str | None
    notes: tuple[str, ...]
    groups: pd.Series | None = None
    said: SaidColumns = field(default_factory=SaidColumns)
    times: pd.Series | None = None
    weights: pd.Series | None = None
    target_cells: pd.Series | None = None
    left_out: tuple[LeftOut, ...] = ()
    kept: NDArray[np.intp] | None = None
    words_aside: frozenset[str] = frozenset()
    dropped: pd.DataFrame = field(default_factory=pd.DataFrame)
    ids: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True, eq=False)
class Whole:
    """A table with all of its columns.

    Parameters
    ----------
    name : str
    frame : DataFrame
        Rows are numbered from 0. Known identifiers are left out.
    target_name : str or None
        The target that was named, or that of a bundled table.
    notes : tuple of str
        What was recognised and what was changed, one sentence each.
    dropped : DataFrame
        The columns that are left out, whose words may say that a row is a total.
    """

    name: str
    frame: pd.DataFrame
    target_name: str | None
    notes: tuple[str, ...]
    dropped: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Opened:
    """A table with all of its columns, and its card (empty if it has none), read once."""

    name: str
    frame: pd.DataFrame
    card: dict[str, Any]
    notes: list[str]


def opened(
    source: str | os.PathLike[str],
    *,
    stdin: BinaryIO | None = None,
    max_memory: int | str | None = None,
    **form: Unpack[FormGiven],
) -> Opened:
    """Read a table once, for several calls of `load_table`, which has the same parameters."""
    return _find(source, stdin, Format(**form), (), max_memory)


def load_table(
    source: str | os.PathLike[str] | FrameLike | Opened,
    *,
    target: ColumnName | None = None,
    positive: str | None = None,
    drop: ColumnsGiven = (),
    group: ColumnName | None = None,
    time_column: ColumnName | None = None,
    weight_column: str | None = None,
    need_target: bool = True,
    labels: bool = False,
    stdin: BinaryIO | None = None,
    max_memory: int | str | None = None,
    missing: MissingColumns | MissingWords = None,
    drop_missing: ColumnsGiven = (),
    drop_row: str | Sequence[str | int] = (),
    ids: ColumnsGiven = (),
    if_there: Mapping[str, str] = MappingProxyType({}),
    inputs: Collection[str] = (),
    may_lack: Mapping[str, str] = MappingProxyType({}),
    **form: Unpack[FormGiven],
) -> Table:
    """Read a table, and separate its target from the features.

    Parameters
    ----------
    source : str, path, DataFrame (pandas, polars), Arrow table or Opened
        A file (text with a header, also gzip; Parquet; Excel), ``"-"`` for standard input, or a
        bundled table, unless a file has that name. An index is ignored.
    target, positive, drop, group, time_column, weight_column : optional
        The column to predict, the positive class, columns to leave out; those of groups and
        weights, which are no features; that of the times, a feature.
    need_target, labels : bool
        Not ``need_target``: the target is removed if it is there, and its cells are not read.
        ``labels``: a target of written numbers, such as ``6,7 Tage``, stays text.
    stdin, max_memory : optional
        A stream for ``"-"``; memory, in bytes or as ``"8GB"``, by default half of the machine's.
    missing, drop_missing, drop_row, ids, if_there, inputs, may_lack : optional
        Words for a missing value; those of target, time, group, weight, ``may_lack`` whose missing
        cells leave rows out; rows to leave out, from 1; kept columns; columns of some roles that
        the table may have, if no others are said; columns that stay features; roles of others.
    **form : optional
        As in `thalweg.data.formats.any_format.Format`; by default recognised.

    Returns
    -------
    Table

    Raises
    ------
    DataError, SettingsError
        If it cannot be read, or used so.
    """
    said = Roles(
        name_given("target", target), positive, names_given("drop", drop),
        name_given("group", group), name_given("time_column", time_column), need_target,
        drop_missing, drop_row, names_given("id", ids), weight_column, if_there, inputs, may_lack,
    )  # fmt: skip
    table = _set_apart(_find(source, stdin, Format(**form), said.unread, max_memory), said, missing)
    return table if labels else _with_numbers(table)


def _with_numbers(table: Table) -> Table:
    """The table with written numbers of its target as floats, and a note of how they are read."""
    if table.target_cells is None or table.positive is not None:
        return table
    numbers = written_numbers(table.target_cells, table.frame)
    if numbers is None:
        return table
    values = pd.Series(numbers.values, table.target_cells.index, name=table.target_name)
    return replace(
        table, target=values, notes=(*table.notes, *numbers.notes(str(table.target_name)))
    )


def load_whole(
    source: str | os.PathLike[str] | FrameLike | Opened,
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    group: str | None = None,
    stdin: BinaryIO | None = None,
    max_memory: int | str | None = None,
    weight_column: str | None = None,
    **form: Unpack[FormGiven],
) -> Whole:
    """Read a table as `load_table` does, but with target and group among its columns, unchecked.

    The column of weights is among those that are left out.
    """
    found = _find(source, stdin, Format(**form), {*drop}, max_memory)
    names, whole = _named(found)
    with of_its_sheet(found.notes, names):
        require_apart(drop, target, group, names)
        if target is not None:
            require_target(target, names, found.name)
        if weight_column is not None:
            others: dict[str | None, str] = dict.fromkeys(drop, "A dropped column")
            others |= {group: "The column of groups", target: "The target"}
            require_weight_column(weight_column, others, names)
    target = found.card.get("target") if target is None else target
    left_out = left_out_columns(names, found.card, {*drop, target, group, weight_column})
    away = {*drop, *left_out, weight_column}
    kept = [column for column in names if column not in away]
    dropped = whole[[column for column in names if column in away]]
    return Whole(found.name, whole[kept], target, (*found.notes, *left_out.values()), dropped)


def _checked(roles: Roles, found: Opened, names: list[str]) -> Roles:
    """The roles with the columns that the table has for them; an error if they exclude each other.

    A target that is not needed may be absent.
    """
    if roles.target is None:
        roles = roles._replace(target=found.card.get("target"))
    roles = roles.with_those_there(names)
    target, group, time, weight = roles.target, roles.group, roles.time_column, roles.weight_column
    with of_its_sheet(found.notes, names):
        require_apart(roles.drop, target, group, names)
        if roles.need_target:
            target = require_target(target, names, found.name)
        if time is not None:
            require_time_column(time, target, group, names)
        if weight is not None:
            others: dict[str | None, str] = dict.fromkeys(roles.drop, "A dropped column")
            others |= {time: "The time column", group: "The column of groups"}
            others[target] = "The target"
            require_weight_column(weight, others, names)
        for each in roles.ids:
            require_column("id column", each, names)
    return roles._replace(target=target)


def _set_apart(found: Opened, roles: Roles, words: MissingColumns | MissingWords) -> Table:
    name, card, missing = found.name, found.card, MissingWords.of(words)
    names, whole = _named(found)
    roles = _checked(roles, found, names)
    target, drop, group, time_column = roles.target, roles.drop, roles.group, roles.time_column
    need_target, weight = roles.need_target, roles.weight_column
    left_out = left_out_columns(names, card, {*drop, target, group, weight})
    notes = (*found.notes, *left_out.values())
    aside = {*drop, *left_out, target, *({group, weight} - {*roles.inputs})}
    inputs = {*aside, *roles.inputs}
    if carried := [each for each in roles.ids if need_target and each not in inputs]:
        notes = (*notes, f"Carried along, and no inputs: {listed(carried)}.")
        aside |= {*carried}
    features = [column for column in names if column not in aside]
    if not need_target:
        whole, kept, told = without_named(whole, roles.drop_row)
        groups = None if group is None else groups_of(missing.emptied(whole[group]))
        times = None if time_column is None else whole[time_column]
        frame = whole[features]
        return Table(
            name, frame, None, target, roles.positive, (*notes, *told), groups, times=times,
            weights=None if weight is None else missing.emptied(whole[weight]), kept=kept,
            ids=whole[list(roles.ids)], said=_of_features(missing, features, names),
        )  # fmt: skip
    without, said = rows_without_any(whole, roles, missing)
    with_role = {target, group, time_column, weight} - {None}
    aside_words, kept = missing.held_by(whole[name] for name in with_role), None
    lost = lost_labels(whole[target], without, missing)
    if without:
        gone = np.concatenate([each.rows for each in without])
        kept = np.setdiff1d(np.arange(len(whole)), gone)
        whole = whole.iloc[kept].reset_index(drop=True)
    with rows_counted_as_in_file(kept):
        groups = None if group is None else groups_of(missing.emptied(whole[group]))
        labels, folded = labels_of(whole[target], lost)
    positive = roles.positive
    if positive is None and target == card.get("target"):
        positive = card.get("positive")
    positive = positive_of(positive, labels)
    return Table(
        name, whole[features], labels, target, positive, (*notes, *said, *folded), groups,
        times=None if time_column is None else whole[time_column],
        weights=None if weight is None else missing.emptied(whole[weight]),
        target_cells=whole[target],
        left_out=tuple(without), kept=kept, words_aside=aside_words,
        dropped=whole[[each for each in names if each in {*drop, *left_out}]],
        ids=whole[list(roles.ids)], said=_of_features(missing, features, names),
    )  # fmt: skip


def _of_features(words: MissingWords, features: list[str], names: list[str]) -> SaidColumns:
    """The words for a missing value, without those of single columns that are no features.

    A column that the table does not have stays, so that whoever uses the words refuses it.
    """
    for name in {*names} - {*features}:
        words = words.but(name)
    return SaidColumns(missing=words)


def _named(found: Opened) -> tuple[list[str], pd.DataFrame]:
    """The column names as text, and the table with these names and rows numbered from 0."""
    names = column_names(found.frame)
    if found.frame.empty:
        raise DataError(
            "The table is empty",
            where=f"{found.name}: {counted(len(found.frame), 'row')}, "
            f"{counted(len(names), 'column')}",
            fix="give a table with rows and columns",
        )
    return names, found.frame.set_axis(names, axis="columns").reset_index(drop=True)


# --- the source of a table --------------------------------------------------------------------


def _find(
    source: Any,
    stdin: BinaryIO | None,
    form: Format,
    skip: Collection[str],
    max_memory: int | str | None,
) -> Opened:
    if isinstance(source, Opened):
        return source
    if is_frame(source):
        source = pandas_of(table_of(source))
    if isinstance(source, pd.DataFrame):
        if form.said:
            raise DataError(
                f"The {form.said[0]} is set, but a DataFrame is not a file",
                where="DataFrame",
                fix=f"leave out {parameter(form.said[0])}",
            )
        return Opened("DataFrame", source, {}, [])
    if not isinstance(source, str | os.PathLike):
        raise DataError(
            "A table cannot be read from this object",
            where=f"an object of type {type(source).__name__}",
            fix="give the path of a file, the name of a bundled table, a DataFrame of pandas or "
            "polars, or an Arrow Table",
        )
    place = os.fsdecode(source)
    path = Path(place)
    # A file name need not be text: what is not is written with escapes, as in "caf\xe9.csv".
    name, card = path.name.encode("utf-8", "backslashreplace").decode(), {}
    budget = Budget("standard input" if place == "-" else place, max_memory=max_memory)
    try:
        if place == "-":
            name = place = "standard input"
            data = bytes_of_stream(stdin or standard_input(), budget)
        elif place in bundled_tables() and not path.is_file():
            name, data, card = place, bytes_of_bundled(place), table_card(place)
        else:
            data = bytes_of_file(place, budget, bundled_tables())
        frame, notes = read_bytes(data, place, form, skip=skip, budget=budget)
    except MemoryError as error:
        raise DataError(
            "The table does not fit into memory",
            where=place,
            fix="give fewer rows or columns; if the table is small, the file is damaged",
        ) from error
    return Opened(name, frame, card, notes)
