"""Read a table of any format from a file or a stream: text, Parquet, Excel, also compressed.

A `Format` has what the user says about the file; `sniff` recognises the rest.
"""

import codecs
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import BinaryIO, TypedDict

import pandas as pd

from thalweg.data.formats.absent_file import absent_file
from thalweg.data.formats.budget import Budget
from thalweg.data.formats.delimited import read_text
from thalweg.data.formats.excel.workbook import read_workbook
from thalweg.data.formats.gzip_blocks import BLOCK, Archive, raw_blocks
from thalweg.data.formats.parquet import read_parquet
from thalweg.data.formats.sniff import Kind, kind_of, name_notes
from thalweg.data.header_row import without_units
from thalweg.errors import DataError, SettingsError
from thalweg.wording import parameter

# Python's codecs for names of hosts and for source code: no table is written in them.
_NOT_OF_TABLES = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape"})


class FormGiven(TypedDict, total=False):
    """What a caller says of how to read a file, by the names of `Format`."""

    separator: str | None
    decimal: str | None
    encoding: str | None
    sheet: str | None
    header_row: int | None


@dataclass(frozen=True)
class Format:
    r"""How to read a file, as far as the user says; None: recognise it.

    Parameters
    ----------
    separator : str, optional
        The one character between the cells of a text; ``"tab"`` and ``"\\t"`` are a tab.
    decimal : {".", ","}, optional
        The decimal sign of a text.
    encoding : str, optional
        The encoding of a text, by any name that Python knows.
    sheet : str, optional
        The sheet of a workbook.
    header_row : int, optional
        The row of the header, from 1: the line of a text, or the row of a sheet.

    Raises
    ------
    SettingsError
        One of them is not valid.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None

    def __post_init__(self) -> None:
        if self.separator in ("tab", "\\t"):
            object.__setattr__(self, "separator", "\t")
        rules = {
            "separator": (_may_separate, "one character, not a letter, digit, quote or space"),
            "decimal": ([".", ","].__contains__, 'either "." or ","'),
            "encoding": (_is_encoding, 'a name such as "utf-8", "cp1252" or "utf-16"'),
            "sheet": (lambda sheet: isinstance(sheet, str), "the name of a sheet"),
            "header_row": (_is_row, "the number of a row, from 1"),
        }
        for name, (holds, meaning) in rules.items():
            value = getattr(self, name)
            if value is not None and not holds(value):
                raise SettingsError(
                    f"{value!r} cannot be the {name.replace('_', ' ')} of a table",
                    fix=f"give {meaning}, or leave out {parameter(name)} to have it recognised",
                )

    @property
    def said(self) -> list[str]:
        """The names of the parameters that are set."""
        return [each.name for each in fields(self) if getattr(self, each.name) is not None]


def read_bytes(
    data: bytes,
    name: str,
    form: Format,
    *,
    skip: Collection[str] = (),
    budget: Budget | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Read a table from the bytes of a file.

    Parameters
    ----------
    data : bytes
    name : str
        The file's name in errors. A note says if its ending does not fit the content.
    form : Format
    skip : collection of str
        Columns that are not needed: their cells are not checked.
    budget : Budget, optional
        The limits of memory and time; by default those for a file of this size.

    Returns
    -------
    frame : DataFrame
    notes : list of str
        What was recognised, unless it is text in UTF-8 with commas between the cells.

    Raises
    ------
    DataError
        It cannot be read as a table, does not fit ``form``, or exceeds the budget.
    """
    budget = Budget(name, len(data)) if budget is None else budget
    kind = kind_of(data, name)
    notes = name_notes(name, kind)
    blocks: Callable[[], Iterator[bytes]] = partial(raw_blocks, data, budget)
    if kind is Kind.GZIP:
        archive = Archive(data, budget)
        kind = kind_of(archive.beginning(), name)
        notes += name_notes(name.removesuffix(".gz"), kind)
        blocks = archive.text_blocks
        data = b"" if kind in (Kind.TEXT, Kind.GZIP) else archive.whole()
    _require_suited(form, kind, name)
    if kind is Kind.TEXT:
        frame, how = _of_text(blocks, budget, form, skip)
    elif kind is Kind.PARQUET:
        frame, how = read_parquet(data, budget, skip=skip)
    elif kind is Kind.WORKBOOK:
        frame, how = read_workbook(data, budget, sheet=form.sheet, header_row=form.header_row)
    else:
        raise DataError(
            "A gzip archive inside a gzip archive",
            where=name,
            fix="decompress it once, with gunzip",
        )
    if kind is not Kind.PARQUET:
        frame, units = without_units(frame)
        how += units
    return frame, notes + how


def _of_text(
    blocks: Callable[[], Iterator[bytes]], budget: Budget, form: Format, skip: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    said = {"separator": form.separator, "decimal": form.decimal, "encoding": form.encoding}
    return read_text(blocks, budget, **said, header_row=form.header_row, skip=skip)


def _require_suited(form: Format, kind: Kind, name: str) -> None:
    """Refuse options for text, or for workbooks, if the file is of another format."""
    for_text = [word for word in form.said if word not in ("sheet", "header_row")]
    wrong = for_text if kind is not Kind.TEXT else []
    is_typed = kind not in (Kind.TEXT, Kind.WORKBOOK)
    wrong += ["header row"] if form.header_row is not None and is_typed else []
    wrong += ["sheet"] if form.sheet is not None and kind is not Kind.WORKBOOK else []
    if wrong:
        raise DataError(
            f"The {wrong[0]} is set, but the content of the file is {kind}",
            where=name,
            fix=f"leave out {parameter(wrong[0])}",
        )


def _may_separate(mark: object) -> bool:
    return isinstance(mark, str) and len(mark) == 1 and not (mark.isalnum() or mark in "\"' \r\n\0")


def _is_row(row: object) -> bool:
    return type(row) is int and row > 0


def _is_encoding(name: object) -> bool:
    try:
        if not isinstance(name, str) or codecs.lookup(name).name in _NOT_OF_TABLES:
            return False
        return "a".encode(name) != b""
    except (LookupError, ValueError):  # unknown, not an encoding of text, or not a name
        return False


def standard_input() -> BinaryIO:
    """The standard input as bytes; a DataError if the shell has closed it (``<&-``)."""
    if sys.stdin is None:
        raise DataError(
            "Standard input is closed, so there is nothing to read",
            fix="send the table to it, as in: cat my.csv | thalweg …, or name a file",
        )
    return sys.stdin.buffer


def bytes_of_stream(stream: BinaryIO, budget: Budget) -> bytes:
    """All bytes of a stream, within the budget."""
    parts = []
    try:
        while part := stream.read(BLOCK):
            budget.size += len(part)
            budget.hold(len(part), "its bytes alone")
            parts.append(part)
    except OSError as error:  # for example, it is a directory
        raise DataError(
            f"Standard input cannot be read: {error.strerror or error}",
            where="standard input",
            fix="redirect a file to it, as in < my.csv",
        ) from error
    return b"".join(parts)


def bytes_of_file(place: str, budget: Budget, bundled: Sequence[str]) -> bytes:
    """The bytes of a regular file; all else is refused, because it may never end.

    ``bundled`` are the names that might have been meant instead of a file.
    """
    if not place:
        raise DataError(
            "The name of the table is empty",
            where="''",
            fix="give the path of a file, - for standard input, or the name of a bundled table",
        )
    try:
        # Not a Path, which would lose a slash at the end: that says it is a folder.
        with open(place, "rb", opener=_open_at_once) as file:
            before = os.fstat(file.fileno())
            is_file = stat.S_ISREG(before.st_mode)
            if is_file:
                budget.size = before.st_size
                budget.hold(budget.size, "its bytes alone")
            data = file.read() if is_file else b""
            after = os.fstat(file.fileno())
    except DataError:  # also a ValueError
        raise
    except FileNotFoundError:
        raise absent_file(place, bundled) from None
    except (OSError, ValueError) as error:  # ValueError: not a path, such as one with a NUL
        if isinstance(error, OSError) and os.path.isdir(place):
            raise DataError(
                "This is a folder, and one table is read here",
                where=repr(place),
                why="Only fit, and the command thalweg predict, read the parts of a folder, one "
                "after the other",
                fix="name one file in it, or write its parts into one file",
            ) from None
        raise DataError(
            f"The file cannot be read: {getattr(error, 'strerror', None) or error}",
            where=repr(place),
            fix="check the path, and that you may read the file",
        ) from error
    if not is_file:
        raise DataError(
            "This is a device or a pipe, not a file",
            where=repr(place),
            fix="send it to standard input, with - as the name of the table",
        )
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            "The file changed while it was read",
            where=repr(place),
            fix="wait until it is complete, and read it again",
        )
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open without blocking: opening a pipe would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
