"""Read delimited text (CSV) strictly: every row as long as the header, every quote closed.

Cells stay text: ``NA`` stays ``NA``, the id ``007`` stays ``007``, and ``3,14`` stays ``3,14``. The
schema decides what the columns are. The only exception is a decimal mark that the user sets.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterator

import numpy as np
import pandas as pd

from thalweg.data.column_names import READ_AS_TEXT, require_different
from thalweg.data.formats.budget import Budget, text_memory
from thalweg.data.formats.decimals import with_decimal_points
from thalweg.data.formats.formula_injection import may_be_guarded, unguard
from thalweg.data.formats.sniff import SEPARATORS, csv_rows, find_separator, sample
from thalweg.data.formats.text_encoding import Text
from thalweg.data.header_row import header_place, likely_place, say_header, titles_note
from thalweg.errors import DataError
from thalweg.wording import counted, parameter, shown

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
# A first line such as sep=; which Excel writes and reads.
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\r\n])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.I)


def read_text(
    blocks: Callable[[], Iterator[bytes]],
    budget: Budget,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
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
    header_row : int, optional
        The line of the header, from 1; what is above it is left out.
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
    found = OpenedText(blocks, budget, separator, encoding, header_row)
    flat = next(found.batches(), [])
    header = found.header
    if not any(header) and not any(map(str.strip, flat)):
        raise _nothing("There are no filled cells", name)
    cells = np.array(flat, dtype=object).reshape(-1, len(header))
    is_new = decimal is not None and with_decimal_points(header, cells, name, decimal, skip=skip)
    frame = pd.DataFrame(cells, columns=pd.Index(header, dtype=object), dtype=object)
    return frame, found.notes(has_commas=is_new and decimal == ",")


class OpenedText:
    """A delimited text at its first row, which is read once, all at once or in batches.

    Parameters
    ----------
    blocks, budget, separator, encoding, header_row
        As in `read_text`.

    Attributes
    ----------
    header : list of str
        The names of the columns; there once the first batch is read.
    """

    def __init__(
        self,
        blocks: Callable[[], Iterator[bytes]],
        budget: Budget,
        separator: str | None = None,
        encoding: str | None = None,
        header_row: int | None = None,
    ) -> None:
        name = budget.name
        self._budget, self._text = budget, _text(blocks, name, encoding)
        text = self._text
        if text.line == 1 and (marked := _SEPARATOR_LINE.match(text.beginning(1))):
            separator = separator or marked[1]
            text.drop_line(marked.end())
        above = [] if header_row is None else _to_row(text, header_row, name)
        self._is_guess = separator is None
        self._separator = separator or find_separator(text.beginning)
        self._titles, self._likely = (
            _to_header(text, self._separator) if header_row is None else (above, None)
        )
        self._top = text.line
        self.header: list[str] = []
        self._n_guarded, self._is_guarded = 0, False

    def notes(self, *, has_commas: bool = False) -> list[str]:
        """How the text was read; complete after the last row."""
        off = "The quote that guards against formulas was removed from "
        notes = [titles_note(self._titles, self._top)] if self._titles else []
        notes += [f"{off}{counted(self._n_guarded, 'cell')}."] if self._n_guarded else []
        notes += _doubt(self._separator, self.header) if self._is_guess else []
        return [*_how(self._separator, self._text.encoding, has_commas), *notes]

    def batches(self, rows: int | None = None) -> Iterator[list[str]]:
        """All cells of so many rows in one list, row by row; None: of all rows.

        One batch at least, which may be empty.
        """
        budget, separator, likely = self._budget, self._separator, self._likely
        header, cells = self.header, list[str]()
        most, n_batches = None, 0
        first = line = self._text.line
        reader = csv_rows(self._pieces(cells), separator)
        try:
            for row in reader:
                if row and not header:
                    where = f"{budget.name}, line {line}"
                    header += named([cell.strip() for cell in row], where, likely)
                    most = None if rows is None else rows * len(header)
                elif row:  # a blank line is not a row
                    if len(row) != len(header):
                        where = f"{budget.name}, line {line}"
                        raise _ragged(row, header, where, separator, likely)
                    cells += row
                    if len(cells) == most:
                        yield self._unguarded(cells)
                        n_batches += 1
                        cells.clear()
                line = first + reader.line_num
        except csv.Error as error:
            raise _no_csv(error, f"{budget.name}, line {line}") from error
        if cells or not n_batches:
            yield self._unguarded(cells)

    def _unguarded(self, cells: list[str]) -> list[str]:
        if self._is_guarded:  # what is in earlier pieces has no such quote
            self._n_guarded += unguard(self.header) + unguard(cells)
        return cells

    def _pieces(self, cells: list[str]) -> Iterator[str]:
        """The pieces of the text; after each, the memory so far is compared with the budget."""
        n_characters, n_before = 0, 0
        for piece in self._text.pieces():
            self._is_guarded = self._is_guarded or may_be_guarded(piece)
            yield piece
            if len(cells) < n_before:  # a batch was given away
                n_characters = 0
            n_characters, n_before = n_characters + len(piece), len(cells)
            what = f"{len(cells):,} cells so far"
            self._budget.require(text_memory(n_characters, len(cells)), what)


def _text(blocks: Callable[[], Iterator[bytes]], name: str, encoding: str | None) -> Text:
    """The text of a file that is more than blank lines."""
    text = Text(blocks, name, encoding)
    if text.beginning(1):
        return text
    raise _nothing("The file has only blank lines" if text.line > 1 else "The file is empty", name)


def _nothing(what: str, name: str) -> DataError:
    return DataError(what, where=name, fix="give a table with a header and rows")


def _how(separator: str, encoding: str, has_commas: bool) -> list[str]:
    """How a text was read, unless it is UTF-8 with commas between the cells."""
    is_utf8 = encoding.upper() == "UTF-8"
    if separator == "," and is_utf8 and not has_commas:
        return []
    how = SEPARATORS.get(separator, f"'{separator}'")
    how += " with decimal commas" if has_commas else ""
    how += "" if is_utf8 else f", {encoding}"
    return [f"{READ_AS_TEXT} {how}."]


def _doubt(separator: str, header: list[str]) -> list[str]:
    """A note where names hold the sign of another separator than the one that was found."""
    for other in SEPARATORS:
        # A comma in a name, such as "weight, kg", is a plain comma.
        held = [name for name in header if other in name]
        if held and other not in (separator, ","):
            mark = SEPARATORS[separator]
            is_in = f"{counted(len(held), 'name')} of {counted(len(header), 'column')}"
            said = parameter("separator", "tab" if other == "\t" else other)
            return [
                f"{is_in} with {SEPARATORS[other]}, such as {shown(held[0])}: it was taken for a "
                f"text separated by {mark}. If the other sign separates the columns, say {said}."
            ]
    return []


# --- the header ---------------------------------------------------------------------------------


def _drop_lines(text: Text, count: int) -> list[str]:
    """Leave out so many lines at the beginning of a text; these lines."""
    dropped = []
    for _ in range(count):
        line = _LINE.match(text.beginning(1))
        if line is None or not line.end():
            break
        dropped.append(line[0].strip("\r\n"))
        text.drop_line(line.end())
    return dropped


def _to_row(text: Text, row: int, name: str) -> list[str]:
    """Leave out what stands above a row that was named, and say what that was."""
    count = row - text.line
    dropped = _drop_lines(text, count)
    if len(dropped) < count or not text.beginning(1):
        raise DataError(
            f"The header is said to be in row {row:,}, and the file has no such row",
            where=name,
            fix="name the line of the file in which the header stands (--header-row), from 1",
        )
    return dropped


def _to_header(text: Text, separator: str) -> tuple[list[str], int | None]:
    """Leave out titles above the header where they are certain; or the row that may be the header.

    Returns
    -------
    titles : list of str
        The lines that were left out.
    likely : int or None
        The row that looks like the header, where it is not the first and nothing was left out.
    """
    rows, above, valid = sample(text.beginning, separator)
    place = header_place(rows) if valid else 0
    if not place:
        likely = likely_place(rows)
        return [], None if likely is None else text.line + above[likely]
    titles = _drop_lines(text, above[place])
    return [title.strip(separator + ' "') for title in titles], None


# --- rows and cells ---------------------------------------------------------------------------


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


def named(header: list[str], where: str, likely: int | None = None) -> list[str]:
    """The header, if all columns except the first have a name, each another.

    Raises
    ------
    DataError
        Another column has no name; the error gives its position. Or names are duplicates.
    """
    nameless = [place for place, each in enumerate(header, start=1) if not each and place > 1]
    if nameless:
        raise DataError(
            f"Column {nameless[0]} of {len(header)} has no name",
            where=where,
            why="A column is identified by its name",
            fix="name it in the header, or remove what makes it a column, such as an extra "
            "separator at the ends of the lines" + say_header(likely),
        )
    if likely is not None:  # names of groups above the header
        require_different(header, say_header(likely))
    return header


def _ragged(
    row: list[str], header: list[str], where: str, separator: str, likely: int | None
) -> DataError:
    mark = SEPARATORS.get(separator, f"'{separator}'").replace("tabs", "a tab")
    why = f"A cell may be missing, or may contain {mark} without quotes around it"
    return DataError(
        f"A row of {counted(len(row), 'cell')} under a header of {len(header):,}",
        where=f"{where}, separated by {SEPARATORS.get(separator, mark)}",
        why=why if len(header) > 1 else "There may be a title above the header",
        fix="correct the line, and put a cell that contains the separator in double quotes; or "
        f"set {parameter('separator')}" + say_header(likely),
    )
