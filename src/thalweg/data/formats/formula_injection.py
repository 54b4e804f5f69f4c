"""Protect texts in a CSV from CSV injection (formulas in spreadsheets), and restore them.

A spreadsheet calculates a cell that begins with =, +, - or @ (OWASP, "CSV injection"), unless a
single quote is before it. It may also calculate their full-width forms, and what follows a tab, a
line end or NUL. In countries with decimal commas a file is read with semicolons or tabs between the
cells, so a cell can begin after each of these. So each piece of a text is guarded. A quote that is
already there gets another one, so that every text can be restored exactly.
"""

import re
from collections.abc import Callable, Sequence

# What a program may take for the end of a cell or line, if it reads the file in another way.
_PARTED = re.compile("([;|\t\r\n\0])")
# A piece that would be calculated, or a guarded one; spreadsheets drop spaces and quotation marks
# before it.
_FORMULA = re.compile(r"""'*[^\S\t\r\n]*["]*[=+\-@＝＋－＠﹢﹣﹦﹫]""")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ONLY_QUOTES = re.compile("'*")
_MAY_BE_GUARDED = re.compile(r"""'[\s"]*[=+\-@＝＋－＠﹢﹣﹦﹫\0]|'[\t\r\n]""")


def guarded(text: str) -> str:
    """The text with a single quote before each piece that a spreadsheet would calculate."""
    return _piece_by_piece(text, _guarded_piece)


def unguarded(text: str) -> str:
    """The original of a text from `guarded`; any other text is unchanged."""
    return _piece_by_piece(text, _unguarded_piece)


def may_be_guarded(lines: str) -> bool:
    """Whether lines of a file may have a text that `guarded` changed: a fast test, rarely true."""
    return "'" in lines and bool(_MAY_BE_GUARDED.search(lines))


def unguard(cells: list[str]) -> int:
    """Remove the quotes of `guarded` from all cells, in place; the number of cells changed."""
    changed = 0
    for place, cell in enumerate(cells):
        if "'" in cell and (bare := unguarded(cell)) != cell:
            cells[place] = bare
            changed += 1
    return changed


def _piece_by_piece(text: str, made: Callable[[str, bool], str]) -> str:
    parts: Sequence[str] = _PARTED.split(text)
    # A spreadsheet also drops a tab at the beginning, so the first piece depends on what follows.
    ends = len(parts) > 1 and parts[1] != ";" and parts[1] != "|"
    pieces = [made(parts[0], ends), *(made(piece, False) for piece in parts[2::2])]
    return "".join(piece + mark for piece, mark in zip(pieces, [*parts[1::2], ""], strict=True))


def _guarded_piece(piece: str, before_a_tab: bool) -> str:
    risky = _FORMULA.match(piece) and not _NUMBER.fullmatch(piece)
    lost = before_a_tab and _ONLY_QUOTES.fullmatch(piece)
    return f"'{piece}" if risky or lost else piece


def _unguarded_piece(piece: str, before_a_tab: bool) -> str:
    bare = piece[1:]
    return bare if piece[:1] == "'" and _guarded_piece(bare, before_a_tab) == piece else piece
