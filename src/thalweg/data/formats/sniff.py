"""Recognise the format and the separator of a file from its bytes, never from its name.

Everything here is a guess by a fixed rule. The strict readers check it on the whole file, and
notes report it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from thalweg.data.cells import MISSING, TRUTH
from thalweg.data.header_row import header_place
from thalweg.errors import DataError

if TYPE_CHECKING:
    import _csv

# The number of characters that are examined; more only until two rows are complete, or there are
# this many empty lines.
_PREFIX = 1 << 16


class Kind(StrEnum):
    """The format of a file; the value is its name in a sentence."""

    TEXT = "text"
    PARQUET = "Parquet"
    WORKBOOK = "Excel"
    GZIP = "gzip"


# --- the format of a file ---------------------------------------------------------------------

# In a Parquet file, 0x15 follows PAR1; in a text that begins with PAR1 it does not.
_KINDS = {
    b"PAR1\x15": Kind.PARQUET,
    b"PK\x03\x04": Kind.WORKBOOK,
    b"\x1f\x8b": Kind.GZIP,
}
_PARQUET_MARK = b"PAR1"
_SAVE_AGAIN = "open it in the program that made it, and save the table as .xlsx or CSV"
_UNPACK = "unpack it, and give the file in it"
_EXPORT = "export the table as CSV, Parquet or Excel (.xlsx)"
_FOREIGN = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("an old .xls workbook, or a locked one", _SAVE_AGAIN),
    b"PK\x05\x06": ("an empty zip archive", _EXPORT),
    b"ARROW1\0\0": ("an Arrow file (Feather)", "write it as Parquet or CSV"),
    b"\xfd7zXZ\0": ("an xz archive", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("a Zstandard archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _UNPACK),
    b"%PDF-": ("a PDF", _EXPORT),
    b"SQLite format 3\0": ("an SQLite database", _EXPORT),
    b"\x89HDF\r\n\x1a\n": ("an HDF5 file", _EXPORT),
    b"\x93NUMPY": ("a NumPy array", _EXPORT),
    b"$FL2@(#)": ("an SPSS file", _EXPORT),
}
# Text that is not a table, by patterns of its first characters.
_NO_TABLE = {
    rb"BZh[1-9]1AY&SY": ("a bzip2 archive", _UNPACK),
    rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)\b": (
        "a web page",
        "download the table itself",
    ),
    rb"(\xef\xbb\xbf)?\s*<(\?xml|stata_dta)\b": ("XML", _EXPORT),
    rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*[\[{])': ("JSON", _EXPORT),
}
_SUFFIXES = {
    ".csv": Kind.TEXT,
    ".tsv": Kind.TEXT,
    ".tab": Kind.TEXT,
    ".txt": Kind.TEXT,
    ".parquet": Kind.PARQUET,
    ".pq": Kind.PARQUET,
    ".xlsx": Kind.WORKBOOK,
    ".xlsm": Kind.WORKBOOK,
    ".xls": Kind.WORKBOOK,
    ".gz": Kind.GZIP,
}


def kind_of(data: bytes, name: str) -> Kind:
    """The format of a file, by its first bytes; text if they fit no other format.

    Raises
    ------
    DataError
        It is a known format that tables cannot be read from.
    """
    for start, kind in _KINDS.items():
        if data.startswith(start):
            return kind
    # Marks at both ends and no lines between them: a damaged file, and no text.
    marked = data.startswith(_PARQUET_MARK) and data.endswith(_PARQUET_MARK)
    if marked and (b"\n" not in data or b"\0" in data):
        return Kind.PARQUET
    known = [what for start, what in _FOREIGN.items() if data.startswith(start)]
    known += [what for start, what in _NO_TABLE.items() if re.match(start, data[:512], re.I)]
    if known:
        what, fix = known[0]
        raise DataError(
            f"This is {what}; a table cannot be read from it",
            where=name,
            why="Tables are read from delimited text, Parquet and Excel (.xlsx)",
            fix=fix,
        )
    return Kind.TEXT


def name_notes(name: str, kind: Kind) -> list[str]:
    """A note if the ending of a file's name does not fit its content."""
    for suffix, promised in _SUFFIXES.items():
        if name.lower().endswith(suffix) and promised != kind:
            return [f'The name ends in "{suffix}", but the content of the file is {kind}.']
    return []


# --- the separator of a text ------------------------------------------------------------------

SEPARATORS = {",": "','", "\t": "tabs", ";": "';'", "|": "'|'"}
_NUMERAL = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?")


def find_separator(beginning: Callable[[int], str]) -> str:
    """Guess the character between the cells of a text from its beginning.

    Parameters
    ----------
    beginning : callable
        Given a number of characters, at least as many from the beginning of the text; fewer if
        the text is shorter.

    Notes
    -----
    A separator fits if the header has at least two cells, and all rows (except titles above the
    header) have as many cells as the header. If several fit, one without titles is preferred, then
    the one with the fewest cells that are words, not numbers; in a tie the first of comma, tab,
    semicolon and vertical bar. If none fits, it is the one that gives most cells, and in
    a tie valid CSV, so that the error of the strict reader is useful.
    """
    fits: dict[str, tuple[bool, int]] = {}
    widths: dict[str, tuple[int, bool]] = {}
    for separator in SEPARATORS:
        rows, _, valid = sample(beginning, separator)
        if not rows:
            continue
        n_titles = header_place(rows)
        body = rows[n_titles:]
        width = {len(row) for row in body}
        if valid and len(width) == 1 and len(body[0]) > 1:
            n_words = sum(_is_word(cell) for row in body[1:] for cell in row)
            fits[separator] = n_titles > 0, n_words
        below = {len(row) for row in rows[1:]}
        # A title above the table: one cell, then rows with an equal number of cells.
        title = len(rows[0]) == 1 and len(below) == 1
        widths[separator] = max(below) if title else len(rows[0]), valid
    if fits:
        return min(fits, key=lambda separator: fits[separator])
    return max(widths, key=lambda separator: widths[separator], default=",")


def _is_word(cell: str) -> bool:
    word = cell.strip().casefold()
    return not (word in MISSING or word in TRUTH or _NUMERAL.fullmatch(word))


def sample(
    beginning: Callable[[int], str], separator: str
) -> tuple[list[list[str]], list[int], bool]:
    """The complete rows at the beginning of a text; how many lines are above each; if it is valid.

    A row has several lines where a cell holds a line break.
    """
    size = _PREFIX
    while True:
        text = beginning(size + 1)
        is_cut = size < len(text)
        rows: list[list[str]] = []
        above: list[int] = []
        n_blank = n_lines = 0
        valid = True
        try:
            reader = csv_rows([text[:size]], separator)
            for row in reader:
                if row:
                    rows.append(row)
                    above.append(n_lines)
                else:
                    n_blank += 1
                n_lines = reader.line_num
        except csv.Error as error:
            valid = is_cut and "unexpected end" in str(error)
        else:
            rows = rows[:-1] if is_cut else rows
        if len(rows) > 1 or not is_cut or not valid or n_blank > _PREFIX:
            return rows, above, valid
        size *= 4


def csv_rows(pieces: Iterable[str], separator: str) -> "_csv.Reader":
    """Read CSV strictly (RFC 4180, any line break); blank lines are empty rows.

    Parameters
    ----------
    pieces : iterable of str
        The text in pieces; each except the last ends with a line.
    separator : str
    """
    lines = chain.from_iterable(io.StringIO(piece, newline="") for piece in pieces)
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
