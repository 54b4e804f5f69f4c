"""Read delimited text (CSV) strictly: every row as long as the header, every quote closed.

Cells stay text: ``NA`` stays ``NA``, the id ``007`` stays ``007``. The schema decides what the
columns are. The only exception are decimal commas: ``3,14`` becomes ``3.14``.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd

from thalweg.data.formats.budget import Budget, text_memory
from thalweg.data.formats.decimals import commas_to_points
from thalweg.data.formats.formula_injection import may_be_guarded, unguard
from thalweg.data.formats.sniff import SEPARATORS, csv_rows, find_separator
from thalweg.data.formats.text_encoding import Text
from thalweg.errors import DataError
from thalweg.wording import counted, parameter

# A first line such as sep=; which Excel writes and reads.
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\r\n])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.I)


def read_text(
    blocks: Callable[[], Iterator[bytes]],
    budget: Budget,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    skip: Collection[str] = (),
) -> tuple[pd.DataFrame, list[str]]:
    """Read a delimited text; separator, decimal sign and encoding are recognised if not given.

    Parameters
    ----------
    blocks : callable
        The bytes of the file from its beginning, a block at a time.
    budget : Budget
        The limits, and the name of the file in errors.
    separator, decimal, encoding : str, optional
    skip : collection of str
        Columns whose decimal commas are not converted.

    Returns
    -------
    frame : DataFrame
        All cells as text, in columns of type object.
    notes : list of str
        How the text was read, if it was not UTF-8 with commas between the cells; and how many
        cells had a quote that guards against formulas (`thalweg.data.formats.formula_injection`).

    Raises
    ------
    DataError
        Something cannot be read; the error names the line, or the column and row.
    """
    name = budget.name
    text = Text(blocks, name, encoding)
    if text.line == 1 and (marked := _SEPARATOR_LINE.match(text.beginning(1))):
        separator = separator or marked[1]
        text.drop_line(marked.end())
    separator = separator or find_separator(text.beginning)
    header, flat, n_guarded = _read_rows(text, separator, budget)
    if not header:
        raise DataError("The file is empty", where=name, fix="give a table with a header and rows")
    cells = np.array(flat, dtype=object).reshape(-1, len(header))
    # A comma that separates cells is not a decimal sign, unless the user says so.
    decimal = decimal or ("." if separator == "," else None)
    has_commas = decimal != "." and commas_to_points(
        header, cells, name, is_given=decimal is not None, skip=skip
    )
    frame = pd.DataFrame(cells, columns=pd.Index(header, dtype=object), dtype=object)
    is_utf8 = text.encoding.upper() == "UTF-8"
    off = f"The quote that guards against formulas was removed from {counted(n_guarded, 'cell')}."
    notes = [off] if n_guarded else []
    if separator == "," and is_utf8 and not has_commas:
        return frame, notes
    how = SEPARATORS.get(separator, f"'{separator}'")
    how += " with decimal commas" if has_commas else ""
    how += "" if is_utf8 else f", {text.encoding}"
    return frame, [f"Read as text separated by {how}.", *notes]


# --- rows and cells ---------------------------------------------------------------------------


def _read_rows(text: Text, separator: str, budget: Budget) -> tuple[list[str], list[str], int]:
    """The header; all cells in one list, row by row; from how many a guarding quote was removed."""
    header: list[str] = []
    cells: list[str] = []
    is_guarded = False
    first = line = text.line

    def pieces() -> Iterator[str]:
        nonlocal is_guarded
        for piece in _counted(text, cells, budget):
            is_guarded = is_guarded or may_be_guarded(piece)
            yield piece

    reader = csv_rows(pieces(), separator)
    try:
        for row in reader:
            if row and not header:
                header = named([cell.strip() for cell in row], f"{budget.name}, line {line}")
            elif row:  # a blank line is not a row
                if len(row) != len(header):
                    raise _ragged(row, header, f"{budget.name}, line {line}", separator)
                cells += row
            line = first + reader.line_num
    except csv.Error as error:
        raise _no_csv(error, f"{budget.name}, line {line}") from error
    return header, cells, unguard(header) + unguard(cells) if is_guarded else 0


def _counted(text: Text, cells: list[str], budget: Budget) -> Iterator[str]:
    """The pieces of a text; after each, the memory so far is compared with the budget."""
    n_characters = 0
    for piece in text.pieces():
        yield piece
        n_characters += len(piece)
        budget.require(text_memory(n_characters, len(cells)), f"{len(cells):,} cells so far")


def _no_csv(error: csv.Error, where: str) -> DataError:
    if "field limit" in str(error):
        return DataError(
            f"A cell of more than {csv.field_size_limit():,} characters, which is the limit",
            where=f"{where}, or the row that begins there",
            why="A model cannot learn from such texts; or a quote is not closed, and the cell "
            "includes all text after it",
            fix="shorten the cell, or leave its column out when the file is made; if no cell is "
            'so long, close the open quote with "',
        )
    return DataError(
        f"The file is not valid CSV: {error}",
        where=where,
        fix='close each quoted cell with ", and write a quote inside it as ""',
    )


def named(header: list[str], where: str) -> list[str]:
    """The header, if all columns except the first have a name.

    Raises
    ------
    DataError
        Another column has no name; the error gives its position.
    """
    nameless = [place for place, each in enumerate(header, start=1) if not each and place > 1]
    if nameless:
        raise DataError(
            f"Column {nameless[0]} of {len(header)} has no name",
            where=where,
            why="A column is identified by its name",
            fix="name it in the header, or remove what makes it a column, such as an extra comma "
            "at the ends of the lines",
        )
    return header


def _ragged(row: list[str], header: list[str], where: str, separator: str) -> DataError:
    mark = SEPARATORS.get(separator, f"'{separator}'").replace("tabs", "a tab")
    why = f"A cell may be missing, or may contain {mark} without quotes around it"
    return DataError(
        f"A row of {counted(len(row), 'cell')} under a header of {len(header):,}",
        where=f"{where}, separated by {SEPARATORS.get(separator, mark)}",
        why=why
        if len(header) > 1
        else "There may be a title above the header, which must be the first line",
        fix="correct the line, and put a cell that contains the separator in double quotes; or "
        f"set {parameter('separator')}",
    )
