"""From the bytes of a file to a table, whatever its format: recognised, read strictly, and told.

What can be said outright is said in a `Format`; what is not is found out by `sniff`.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from functools import partial

import pandas as pd

from thalweg.data.formats.budget import Budget
from thalweg.data.formats.columnar import read_parquet
from thalweg.data.formats.delimited import read_text
from thalweg.data.formats.gzip_blocks import Archive, raw_blocks
from thalweg.data.formats.sniff import Kind, kind_of, name_notes
from thalweg.data.formats.workbook import read_workbook
from thalweg.data.header_row import without_units
from thalweg.errors import DataError, SettingsError


@dataclass(frozen=True)
class Format:
    r"""How a file is to be read, as far as that is said.

    Parameters
    ----------
    separator : str, optional
        The one character between the cells of a text; ``"tab"`` and ``"\\t"`` are a tab.
    decimal : {".", ","}, optional
        The decimal sign of a text.
    encoding : str, optional
        The encoding of a text, by any of the names that Python knows.
    sheet : str, optional
        The sheet of a workbook.
    header_row : int, optional
        The row of the header, from 1: the line of a text, or the row of a sheet.

    Raises
    ------
    SettingsError
        If one of them has no meaning.
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
            "separator": (_may_separate, "one character that is no letter, digit, quote or space"),
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
                    fix=f"give {meaning}, or leave it out: it is then found out",
                )

    @property
    def said(self) -> list[str]:
        """The names of what is said."""
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
        What errors call the file. What its ending promises is compared with what it holds.
    form : Format
    skip : collection of str
        Columns that are not needed: they are not refused for what is in them.
    budget : Budget, optional
        What the file may cost; by default what a file of its size may.

    Returns
    -------
    frame : DataFrame
    notes : list of str
        What was recognised, unless it is text in UTF-8 with commas between the cells.

    Raises
    ------
    DataError
        If it is no table that can be read, not of the format that is said, or too much.
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
            "A gzip archive inside a gzip archive", where=name, fix="unpack it once, with gunzip"
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
    """Refuse what is said of a text or of a workbook where the file is none."""
    for_text = [word for word in form.said if word not in ("sheet", "header_row")]
    wrong = for_text if kind is not Kind.TEXT else []
    is_typed = kind not in (Kind.TEXT, Kind.WORKBOOK)
    wrong += ["header row"] if form.header_row is not None and is_typed else []
    wrong += ["sheet"] if form.sheet is not None and kind is not Kind.WORKBOOK else []
    if wrong:
        raise DataError(
            f"The {wrong[0]} is named, but what the file holds is {kind}",
            where=name,
            fix="leave it out",
        )


def _may_separate(mark: object) -> bool:
    return isinstance(mark, str) and len(mark) == 1 and not (mark.isalnum() or mark in "\"' \r\n\0")


def _is_row(row: object) -> bool:
    return type(row) is int and row > 0


def _is_encoding(name: object) -> bool:
    try:
        return isinstance(name, str) and "a".encode(name) != b""
    except (LookupError, ValueError):  # unknown, no encoding of texts, or no name at all
        return False
