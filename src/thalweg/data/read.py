"""A table from where it lies: a file, standard input, a DataFrame, or one that is bundled.

What a file holds is recognised and told (`formats`); what the columns are is the schema's
business.
"""

import os
import stat
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from thalweg.data.formats.any_format import Format, read_bytes
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.gzip_blocks import BLOCK
from thalweg.data.names import column_names, likely, listed, other_sheets
from thalweg.data.non_features import (
    groups_of,
    labels_of,
    positive_of,
    require_apart,
    require_target,
    unasked,
)
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.errors import DataError
from thalweg.wording import counted, parameter

_DATASETS = files("thalweg.data") / "datasets"


@dataclass(frozen=True, eq=False)
class Table:
    """A table, its target set apart.

    Parameters
    ----------
    name : str
        The bundled name, the file's name, "standard input" or "DataFrame".
    frame : DataFrame
        The features; rows are numbered from 0.
    target : Series of str, or None
        The label of each row, spaces around it removed; None where none was needed.
    target_name : str or None
    positive : str or None
        The label of the positive class, if it was named.
    notes : tuple of str
        What was recognised, and what was done to the table on the way, a sentence each.
    groups : Series of str, or None
        Which rows go together, where a column says so; it is no feature.
    said : SaidColumns
        What somebody said of single features.
    """

    name: str
    frame: pd.DataFrame
    target: pd.Series | None
    target_name: str | None
    positive: str | None
    notes: tuple[str, ...]
    groups: pd.Series | None = None
    said: SaidColumns = field(default_factory=SaidColumns)


@dataclass(frozen=True, eq=False)
class Whole:
    """A table with all of its columns.

    Parameters
    ----------
    name : str
    frame : DataFrame
        Rows are numbered from 0. Identifiers that are known as such are left out.
    target_name : str or None
        The target, where the table is bundled and knows its own.
    notes : tuple of str
        What was recognised, and what was done to the table on the way, a sentence each.
    """

    name: str
    frame: pd.DataFrame
    target_name: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """A table with all of its columns, and its card, empty if it has none."""

    name: str
    frame: pd.DataFrame
    card: dict[str, Any]
    notes: list[str]


def bundled_tables() -> list[str]:
    """The names of the tables that come with thalweg."""
    return sorted(each.name.removesuffix(".csv") for each in _csv_files())


def table_card(name: str) -> dict[str, Any]:
    """What is known of a bundled table: its columns, source, licence and traps.

    Raises
    ------
    DataError
        If no table of that name is bundled.
    """
    if name not in bundled_tables():
        bundled = bundled_tables()
        guess = likely(name, bundled)
        raise DataError(
            "No bundled table has this name",
            where=f'"{name}"',
            why=f'Did you mean "{guess}"?' if guess else "",
            fix=f"bundled tables are {listed(bundled)}",
        )
    return tomllib.loads((_DATASETS / f"{name}.toml").read_text(encoding="utf-8"))


def load_table(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    target: str | None = None,
    positive: str | None = None,
    drop: Sequence[str] = (),
    group: str | None = None,
    need_target: bool = True,
    stdin: BinaryIO | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    max_memory: int | str | None = None,
) -> Table:
    """Read a table and set its target apart.

    Parameters
    ----------
    source : str, path or DataFrame
        A file (delimited text with a header, packed by gzip or not; Parquet; Excel),
        ``"-"`` for standard input, or the name of a bundled table, unless a file of that name
        exists. The index of a DataFrame is ignored.
    target : str, optional
        The column to predict. A bundled table knows its own.
    positive : str, optional
        The label of the positive class. A bundled table knows its own.
    drop : sequence of str
        Columns to leave out.
    group : str, optional
        The column that says which rows go together, as those of one patient do: set apart, too.
    need_target : bool, default True
        With False the target is set aside if it is there, and not looked at.
    stdin : binary stream, optional
        What ``"-"`` reads; by default the standard input of the process.
    separator, decimal, encoding, sheet, header_row : optional
        How the file is to be read, see `thalweg.data.formats.any_format.Format`. By default it is
        found out, and told in the notes of the table.
    max_memory : int or str, optional
        The memory that a file's table may take, in bytes or as in ``"8GB"``; by default half of the
        machine's, and less where a small file unfolds to very much.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If there is no such table, or it cannot be read, or its target or groups cannot be used.
    SettingsError
        If one of `separator`, …, `max_memory` has no meaning.
    """
    form = Format(separator, decimal, encoding, sheet, header_row)
    drop = [drop] if isinstance(drop, str) else [str(column) for column in drop]
    target = None if target is None else str(target)  # not looked at: not refused for its cells
    skip = {*drop} if need_target else {*drop, target or ""}
    found = _find(source, stdin, form, skip, max_memory)
    return _set_apart(found, target, positive, drop, group, need_target)


def load_whole(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    target: str | None = None,
    drop: Sequence[str] = (),
    group: str | None = None,
    stdin: BinaryIO | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    max_memory: int | str | None = None,
) -> Whole:
    """Read a table as `load_table` does, with target and group in it, which nothing is asked of."""
    form = Format(separator, decimal, encoding, sheet, header_row)
    found = _find(source, stdin, form, {*drop}, max_memory)
    names, whole = _named(found)
    with _of_its_sheet(found):
        require_apart(drop, target, group, names)
        if target is not None:
            require_target(target, names, found.name)
    target = found.card.get("target") if target is None else target
    left_out = unasked(names, found.card, {*drop, target, group})
    kept = [column for column in names if column not in {*drop, *left_out}]
    return Whole(found.name, whole[kept], target, (*found.notes, *left_out.values()))


def _set_apart(
    found: _Found,
    target: str | None,
    positive: str | None,
    drop: list[str],
    group: str | None,
    need_target: bool,
) -> Table:
    name, card = found.name, found.card
    names, whole = _named(found)
    target = card.get("target") if target is None else target
    with _of_its_sheet(found):
        require_apart(drop, target, group, names)
        if need_target:
            target = require_target(target, names, name)
    left_out = unasked(names, card, {*drop, target, group})
    notes = (*found.notes, *left_out.values())
    aside = {*drop, *left_out, target, group}
    frame = whole[[column for column in names if column not in aside]]
    groups = None if group is None else groups_of(whole[group])
    if not need_target:
        return Table(name, frame, None, target, positive, notes, groups)
    labels, folded = labels_of(whole[target])
    notes = (*notes, *folded)
    if positive is None and target == card.get("target"):
        positive = card.get("positive")
    return Table(name, frame, labels, target, positive_of(positive, labels), notes, groups)


@contextmanager
def _of_its_sheet(found: _Found) -> Iterator[None]:
    """Where a column is lacking, tell which sheet of a workbook was read, and of the others."""
    try:
        yield
    except DataError as told:
        sheets = other_sheets(found.notes)
        if not sheets:
            raise
        why = " ".join(filter(None, (told.why, sheets)))
        fix = f"{told.fix}; or name another sheet ({parameter('sheet')})"
        raise DataError(told.what, where=told.where, why=why, fix=fix) from told


def _named(found: _Found) -> tuple[list[str], pd.DataFrame]:
    """The names of the columns as text, and the table with these, its rows numbered from 0."""
    names = column_names(found.frame)
    if found.frame.empty:
        raise DataError(
            "The table is empty",
            where=f"{found.name}: {counted(len(found.frame), 'row')}, "
            f"{counted(len(names), 'column')}",
            fix="give a table with data in it",
        )
    return names, found.frame.set_axis(names, axis="columns").reset_index(drop=True)


# --- where a table lies -----------------------------------------------------------------------


def _csv_files() -> list[Any]:
    return [each for each in _DATASETS.iterdir() if each.name.endswith(".csv")]


def standard_input() -> BinaryIO:
    """The bytes that the process is sent; a DataError where the shell has closed it (``<&-``)."""
    if sys.stdin is None:
        raise DataError(
            "There is nothing to read: standard input is closed",
            fix="send the table to it, as in: cat my.csv | thalweg …, or name a file",
        )
    return sys.stdin.buffer


def _find(
    source: Any,
    stdin: BinaryIO | None,
    form: Format,
    skip: Collection[str],
    max_memory: int | str | None,
) -> _Found:
    if isinstance(source, pd.DataFrame):
        if form.said:
            raise DataError(
                f"The {form.said[0]} is named, but a DataFrame is no file",
                where="DataFrame",
                fix="leave it out",
            )
        return _Found("DataFrame", source, {}, [])
    if not isinstance(source, str | os.PathLike):
        raise DataError(
            "This is nothing that a table can be read from",
            where=f"an object of type {type(source).__name__}",
            fix="give the path of a file, the name of a bundled table, or a DataFrame",
        )
    place = os.fsdecode(source)
    path = Path(place)
    name, card = path.name, {}
    budget = Budget("standard input" if place == "-" else place, max_memory=max_memory)
    try:
        if place == "-":
            name = place = "standard input"
            data = _bytes_of_stream(stdin or standard_input(), budget)
        elif place in bundled_tables() and not path.is_file():
            name, data, card = place, (_DATASETS / f"{place}.csv").read_bytes(), table_card(place)
        else:
            data = _bytes_of(path, budget)
        frame, notes = read_bytes(data, place, form, skip=skip, budget=budget)
    except MemoryError as error:
        raise DataError(
            "The table does not fit into memory",
            where=place,
            fix="give fewer rows or columns; if it has not so many, it is damaged",
        ) from error
    return _Found(name, frame, card, notes)


def _bytes_of_stream(stream: BinaryIO, budget: Budget) -> bytes:
    parts = []
    try:
        while part := stream.read(BLOCK):
            budget.size += len(part)
            budget.hold(len(part), "its bytes alone")
            parts.append(part)
    except OSError as error:  # such as a directory
        raise DataError(
            f"Standard input cannot be read: {error.strerror or error}",
            where="standard input",
            fix="feed a file into it, as in < my.csv",
        ) from error
    return b"".join(parts)


def _bytes_of(path: Path, budget: Budget) -> bytes:
    """The bytes of a file; of nothing else, since another thing may never come to an end."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            before = os.fstat(file.fileno())
            is_file = stat.S_ISREG(before.st_mode)
            if is_file:
                budget.size = before.st_size
                budget.hold(budget.size, "its bytes alone")
            data = file.read() if is_file else b""
            after = os.fstat(file.fileno())
    except DataError:  # which is a ValueError, too
        raise
    except FileNotFoundError:
        guess = likely(
            path.name, [*bundled_tables(), *(each.name for each in path.parent.glob("*"))]
        )
        raise DataError(
            "There is no such file, and no bundled table of that name",
            where=repr(str(path)),
            why=f'Did you mean "{guess}"?' if guess else "",
            fix=f"check the path; bundled tables are {listed(bundled_tables())}",
        ) from None
    except (OSError, ValueError) as error:  # ValueError: no path at all, such as one with a NUL
        raise DataError(
            f"The file cannot be read: {getattr(error, 'strerror', None) or error}",
            where=repr(str(path)),
            fix="check the path, and that you may read the file",
        ) from error
    if not is_file:
        raise DataError(
            "This is a device or a pipe, and no file",
            where=repr(str(path)),
            fix="feed it through standard input, with - as the name of the table",
        )
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            "The file changed while it was read",
            where=repr(str(path)),
            fix="wait until it is written, and read it again",
        )
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting: a pipe would wait for somebody who writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
