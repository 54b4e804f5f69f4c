"""Recognise the format and the separator of a file from its bytes, never from its name.

Everything here is a guess by a fixed rule. The strict readers check it on the whole file, and
notes report it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby
from typing import TYPE_CHECKING

from thalweg.data.cells import MISSING, TRUTH
from thalweg.data.header_row import are_names, header_place
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
# A text can begin so, too: PARENT,CHILD.
_ENCRYPTED_MARK = b"PARE"
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
_ENCRYPTED = ("an encrypted Parquet file", "write it again without encryption")
# What is not a table, by patterns of its first characters.
_NO_TABLE = {
    # The length of a head of JSON, in eight bytes.
    rb'(?s).{4}\0{4}\{"': (
        "a model file (.safetensors)",
        "give a table here, and open the model with thalweg studio FILE",
    ),
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
    encrypted = data.startswith(_ENCRYPTED_MARK) and data.endswith(_ENCRYPTED_MARK)
    known = [_ENCRYPTED] if encrypted and b"\0" in data else []
    known += [what for start, what in _FOREIGN.items() if data.startswith(start)]
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
# A header is looked for in so many rows.
_FIRST_ROWS = 24
_BETWEEN_DIGITS = re.compile(r"(?<=\d),(?=\d)")
_NUMERAL = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?")


@dataclass(frozen=True)
class _Seen:
    """The beginning of a text under one separator.

    Attributes
    ----------
    rows, above, valid : as `sample` gives them
    width : int
        The number of cells of most rows, one below the other, at least 2; 0 where there is none.
    header : int or None
        The place of the row that a reader would take for the header; None if the separator does
        not fit.
    top : int or None
        The place of the first row of texts among these, which may be a header.
    """

    rows: list[list[str]]
    above: list[int]
    valid: bool
    width: int
    header: int | None
    top: int | None

    @classmethod
    def of(cls, rows: list[list[str]], above: list[int], valid: bool) -> "_Seen":
        place = header_place(rows)
        body = rows[place:]
        fits = valid and len(body[0]) > 1 and all(len(row) == len(body[0]) for row in body)
        runs = [[*run] for _, run in groupby(range(len(rows)), lambda place: len(rows[place]))]
        longest = max(runs, key=len)
        width = len(rows[longest[0]])
        if width < 2 or 2 * len(longest) <= len(rows) or not valid:
            width, longest = 0, []
        tops = (place for place in longest[:_FIRST_ROWS] if are_names(rows[place]))
        return cls(rows, above, valid, width, place if fits else None, next(tops, None))

    @property
    def line(self) -> int:
        """How many lines are above the header, or above what may be one."""
        place = self.top if self.header is None else self.header
        return self.above[place or 0]

    @property
    def n_words(self) -> int:
        """How many cells below the header are words, not numbers."""
        return sum(_is_word(cell) for row in self.rows[(self.header or 0) + 1 :] for cell in row)

    @property
    def has_decimal_commas(self) -> bool:
        """Whether rows below names have commas, and these stand between digits only."""
        if self.top is None or self.top + 1 >= len(self.rows):
            return False
        cells = [cell for row in self.rows[self.top + 1 :] for cell in row if "," in cell]
        return bool(cells) and all(
            len(_BETWEEN_DIGITS.findall(cell)) == cell.count(",") for cell in cells
        )


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
    header) have as many cells as the header. If several fit, the one whose header is higher up is
    preferred: what is a row of names under one is never a title under another. Then the one with
    the fewest cells that are words, not numbers; in a tie the first of comma, tab, semicolon and
    vertical bar. Two things speak against one that fits: a comma that another separator leaves
    between digits only is a decimal mark; and names that are above its header, if most rows are as
    long as they are. If none fits, it is the one with the highest row of names above rows of that
    length, then the one that gives most cells, and in a tie valid CSV, so that the error of the
    strict reader is useful.
    """
    seen: dict[str, _Seen] = {}
    for separator in SEPARATORS:
        rows, above, valid = sample(beginning, separator)
        if rows:
            seen[separator] = _Seen.of(rows, above, valid)
    others = [each for separator, each in seen.items() if separator != "," and each.width]
    if "," in seen and any(each.has_decimal_commas for each in others):
        del seen[","]
    may_be = {
        separator: each
        for separator, each in seen.items()
        if each.header is not None or each.top is not None
    }
    if len(may_be) == 1:  # words need not be counted
        return next(iter(may_be))
    if may_be:
        return min(may_be, key=lambda separator: _rank(may_be[separator]))
    return max(seen, key=lambda separator: _n_cells(seen[separator]), default=",")


def _rank(seen: _Seen) -> tuple[int, bool, int]:
    """The lowest for the separator that is most likely."""
    fits = seen.header is not None
    return seen.line, not fits, seen.n_words if fits else -seen.width


def _n_cells(seen: _Seen) -> tuple[int, bool]:
    below = {len(row) for row in seen.rows[1:]}
    # A title above the table: one cell, then rows with an equal number of cells.
    title = len(seen.rows[0]) == 1 and len(below) == 1
    return max(below) if title else len(seen.rows[0]), seen.valid


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
