"""Texts that no spreadsheet takes for a formula, and the same texts again.

A cell that begins with =, +, - or @ is calculated where a CSV is opened (OWASP, "CSV injection"),
unless a single quote stands before it. Their full-width forms are calculated, too, where a keyboard
writes these, and so may be what stands behind a tab, a line end or NUL. A file that has commas is
opened with semicolons or tabs where a country writes decimal commas, and then a cell begins behind
each of these. So a text is looked at piece by piece. A quote that stands there already gets another
one, so that every text comes back as it was.
"""

import re
from collections.abc import Callable, Sequence

# What parts cells, or lines, for a program that reads the file in another way than it was written.
_PARTED = re.compile("([;|\t\r\n\0])")
# A piece that is calculated, or a guarded one: spaces and quotation marks before it are lost.
_FORMULA = re.compile(r"""'*[^\S\t\r\n]*["]*[=+\-@＝＋－＠﹢﹣﹦﹫]""")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ONLY_QUOTES = re.compile("'*")
_MAY_BE_GUARDED = re.compile(r"""'[\s"]*[=+\-@＝＋－＠﹢﹣﹦﹫\0]|'[\t\r\n]""")


def guarded(text: str) -> str:
    """The text with a single quote before each piece that a spreadsheet would calculate."""
    return _piece_by_piece(text, _guarded_piece)


def unguarded(text: str) -> str:
    """The text that `guarded` was given; any other is what it was."""
    return _piece_by_piece(text, _unguarded_piece)


def may_be_guarded(lines: str) -> bool:
    """Whether some lines of a file could hold a text that `guarded` changed; nearly all do not."""
    return "'" in lines and bool(_MAY_BE_GUARDED.search(lines))


def unguard(cells: list[str]) -> int:
    """Take the quotes of `guarded` off all cells, in place; how many cells had some."""
    changed = 0
    for place, cell in enumerate(cells):
        if "'" in cell and (bare := unguarded(cell)) != cell:
            cells[place] = bare
            changed += 1
    return changed


def _piece_by_piece(text: str, made: Callable[[str, bool], str]) -> str:
    parts: Sequence[str] = _PARTED.split(text)
    # Of the first piece it counts what comes behind: a tab at the beginning is lost, too.
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
