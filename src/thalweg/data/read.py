"""A table from where it lies: a CSV file, standard input, a DataFrame, or one that is bundled.

Every cell of a CSV is read as text and nothing is guessed here: ``NA`` stays ``NA``, the id
``007`` stays ``007``. What the columns are is the schema's business.
"""

import csv
import io
import os
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from thalweg.data.schema import column_names, likely, listed, missing_cells
from thalweg.errors import DataError

_DATASETS = files("thalweg.data") / "datasets"

# What a file that is no CSV begins with.
_FOREIGN = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


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
        What was done to the table on the way, a sentence each.
    """

    name: str
    frame: pd.DataFrame
    target: pd.Series | None
    target_name: str | None
    positive: str | None
    notes: tuple[str, ...]


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
    need_target: bool = True,
    stdin: BinaryIO | None = None,
) -> Table:
    """Read a table and set its target apart.

    Parameters
    ----------
    source : str, path or DataFrame
        A CSV file (UTF-8, commas, a header), ``"-"`` for standard input, or the name of a
        bundled table, unless a file of that name exists. The index of a DataFrame is ignored.
    target : str, optional
        The column to predict. A bundled table knows its own.
    positive : str, optional
        The label of the positive class. A bundled table knows its own.
    drop : sequence of str
        Columns to leave out.
    need_target : bool, default True
        With False the target is set aside if it is there, and not looked at.
    stdin : binary stream, optional
        What ``"-"`` reads; by default the standard input of the process.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If there is no such table, it cannot be read as one, or its target cannot be learned.
    """
    name, whole, card = _find(source, stdin)
    names = column_names(whole)
    if whole.empty:
        raise DataError(
            "The table is empty",
            where=f"{name}: {len(whole)} rows, {len(names)} columns",
            fix="give a table with data in it",
        )
    whole = whole.set_axis(names, axis="columns").reset_index(drop=True)
    target = card.get("target") if target is None else str(target)
    drop = [drop] if isinstance(drop, str) else [str(column) for column in drop]
    _check_drop(drop, target, names)
    notes = _left_out(names, card, {*drop, target})
    aside = {*drop, *notes, target}
    frame = whole[[column for column in names if column not in aside]]
    if not need_target:
        return Table(name, frame, None, target, positive, tuple(notes.values()))
    labels = _labels(whole[_require_target(target, names, name)])
    if positive is None and target == card.get("target"):
        positive = card.get("positive")
    return Table(name, frame, labels, target, _level(positive, labels), tuple(notes.values()))


# --- the columns and the target ---------------------------------------------------------------


def _check_drop(drop: Sequence[str], target: str | None, names: list[str]) -> None:
    for column in drop:
        _require_column("column to drop", column, names)
        if column == target:
            raise DataError(
                "The target cannot be dropped",
                where=f'column "{column}"',
                fix="name another target, or keep this column",
            )


def _left_out(names: list[str], card: dict[str, Any], aside: set[str | None]) -> dict[str, str]:
    """The columns that are left out unasked, each with a sentence that says so."""
    notes = {
        each["name"]: f'Left out "{each["name"]}": an identifier.'
        for each in card.get("columns", ())
        if each["role"] == "identifier"
    }
    if names[0] == "":
        notes[""] = "Left out the first column, which has no name: row labels."
    return {column: note for column, note in notes.items() if column not in aside}


def _require_column(role: str, column: str, names: list[str]) -> None:
    if column not in names:
        guess = likely(column, names)
        raise DataError(
            f'There is no {role} "{column}"',
            where=f"the table has {listed(names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, spelled as it is there",
        )


def _require_target(target: str | None, names: list[str], table: str) -> str:
    if target is None:
        raise DataError(
            "It is not said which column is the target",
            where=f"{table}; its last columns are {listed(names[-3:])}",
            fix='say --target NAME on the command line, or target="NAME" in Python',
        )
    _require_column("target column", target, names)
    return target


def _labels(cells: pd.Series) -> pd.Series:
    """The labels as text; exactly two different ones, and no holes."""
    column = f'column "{cells.name}"'
    holes = np.flatnonzero(missing_cells(cells))
    if len(holes):
        raise DataError(
            f"The target is missing in {len(holes)} of {len(cells)} rows",
            where=f"{column}, first in row {holes[0] + 1}",
            why="A row without its answer teaches nothing",
            fix="fill in the target, or leave these rows out of the table",
        )
    labels = pd.Series([str(cell).strip() for cell in cells], dtype=object, name=cells.name)
    levels = sorted(labels.unique())
    if len(levels) == 1:
        raise DataError(
            f'The target has one class only: "{levels[0]}"',
            where=f"{column}, all {len(labels)} rows",
            why="There is nothing to tell apart",
            fix="add rows of the other class, or name another target",
        )
    if len(levels) > 2:
        raise DataError(
            f"The target has {len(levels)} classes: {listed(levels)}",
            where=column,
            why="This version tells two classes apart; more classes, and numbers, come later",
            fix="name a target with two classes, or join classes until two are left",
        )
    return labels


def _level(positive: str | None, labels: pd.Series) -> str | None:
    levels = sorted(labels.unique())
    if positive is None:
        return None
    positive = str(positive).strip()
    if positive not in levels:
        guess = likely(positive, levels)
        raise DataError(
            f'The positive class "{positive}" is not among the labels',
            where=f'column "{labels.name}", labels {listed(levels)}',
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="name one of these labels, spelled as it is there",
        )
    return positive


# --- where a table lies -----------------------------------------------------------------------


def _csv_files() -> list[Any]:
    return [each for each in _DATASETS.iterdir() if each.name.endswith(".csv")]


def _find(source: Any, stdin: BinaryIO | None) -> tuple[str, pd.DataFrame, dict[str, Any]]:
    """The name of a table, all of its columns, and its card (empty if it has none)."""
    if isinstance(source, pd.DataFrame):
        return "DataFrame", source, {}
    if not isinstance(source, str | os.PathLike):
        raise DataError(
            "This is nothing that a table can be read from",
            where=f"an object of type {type(source).__name__}",
            fix="give the path of a CSV file, the name of a bundled table, or a DataFrame",
        )
    place = os.fsdecode(source)
    path = Path(place)
    if place == "-":
        return "standard input", _parse((stdin or sys.stdin.buffer).read(), "standard input"), {}
    if place in bundled_tables() and not path.is_file():
        data = (_DATASETS / f"{place}.csv").read_bytes()
        return place, _parse(data, place), table_card(place)
    return path.name, _parse(_bytes_of(path), str(path)), {}


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
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


# --- from bytes to cells ----------------------------------------------------------------------


def _parse(data: bytes, name: str) -> pd.DataFrame:
    """The cells of a CSV as text, all columns of type object."""
    text = _decode(data, name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    header: list[str] = []
    rows: list[list[str]] = []
    line = 1
    try:
        for row in reader:
            if row and not header:
                header = _header(row, name, line)
            elif row:  # a blank line is no row
                if len(row) != len(header):
                    raise _ragged(row, header, name, line)
                rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"The file is not valid CSV: {error}",
            where=f"{name}, line {line}",
            fix='close each quoted cell with ", and write a quote inside one as ""',
        ) from error
    if not header:
        raise DataError("The file is empty", where=name, fix="give a CSV with a header and rows")
    cells = np.array(rows, dtype=object).reshape(len(rows), len(header))
    return pd.DataFrame(cells, columns=pd.Index(header, dtype=object), dtype=object)


def _decode(data: bytes, name: str) -> str:
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise DataError(
                f"This is {what}, not a CSV",
                where=name,
                why="This version reads CSV in UTF-8 only",
                fix="save the table as CSV (in Excel: CSV UTF-8)",
            )
    nul = data.find(b"\0")
    if nul >= 0:
        raise DataError(
            "The file holds a zero byte, which no text has",
            where=f"{name}, line {_line_of(data, nul)}",
            fix="it is damaged or no CSV; export the table again as CSV in UTF-8",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"The file is not text in UTF-8: byte 0x{data[error.start]:02x}",
            where=f"{name}, line {_line_of(data, error.start)}",
            why="It was likely saved in an older encoding, such as Latin-1",
            fix="save it as UTF-8 (in Excel: CSV UTF-8)",
        ) from error


def _line_of(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _header(row: list[str], name: str, line: int) -> list[str]:
    header = [cell.strip() for cell in row]
    if len(header) == 1:
        for separator, words in _OTHER_SEPARATORS.items():
            if separator in header[0]:
                raise DataError(
                    f"The columns seem to be separated by {words}",
                    where=f"{name}, line {line}",
                    why="This version reads comma-separated tables only",
                    fix="save the table with commas between the columns",
                )
    nameless = [place for place, each in enumerate(header, start=1) if not each and place > 1]
    if nameless:
        raise DataError(
            f"Column {nameless[0]} of {len(header)} has no name",
            where=f"{name}, line {line}",
            why="A column is known by its name",
            fix="name it in the header, or remove a comma too many at the ends of the lines",
        )
    return header


def _ragged(row: list[str], header: list[str], name: str, line: int) -> DataError:
    return DataError(
        f"A row of {len(row)} cells under a header of {len(header)}",
        where=f"{name}, line {line}",
        why="A cell may be missing, or hold a comma without quotes around it",
        fix="correct the line; put a cell that holds a comma in double quotes",
    )
