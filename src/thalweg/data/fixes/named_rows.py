"""Rows that are named by their numbers, such as ``3,17-19``: read, and printed for a message."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.wording import counted, parameter

Rows: TypeAlias = NDArray[np.intp]

_ROW = re.compile(r"[1-9][0-9]{0,11}(-[1-9][0-9]{0,11})?")
_LINE, _MOST_LINES = 50, 8  # characters of an option, and options
_DOTS = ("\N{HORIZONTAL ELLIPSIS}", "...", "..")
_IN_FULL = (
    "write every row, such as 3,17-19; thalweg check TABLE --json prints all rows of each finding"
)


def rows_named(
    said: str | Sequence[str | int], n_rows: int, name: str = "drop_row", *, once: bool = False
) -> Rows:
    """``"17"`` or ``"3,17-19"``, counted from 1, as positions from 0, in the order of the text.

    Raises
    ------
    SettingsError
        A part is no row of a table of so many rows; ``name`` is the parameter. With ``once``, also
        if a row is named twice.
    """
    texts = [said] if isinstance(said, str) else [str(each) for each in said]
    found: list[int] = []
    for text in texts:
        for part in (each.strip() for each in text.split(",")):
            if not _ROW.fullmatch(part):
                raise SettingsError(
                    f'"{part}" is not a row',
                    where=parameter(name, text),
                    fix="write 17, or 3,17-19" if part not in _DOTS else _IN_FULL,
                )
            first, _, last = part.partition("-")
            low, high = int(first), int(last or first)
            if high < low <= n_rows:  # both ends are rows
                raise SettingsError(
                    f"The range {part} runs backwards",
                    where=parameter(name, text),
                    fix=parameter(name, _forwards(text)),
                )
            if not low <= high <= n_rows:
                raise SettingsError(
                    f"There is no row {part}",
                    where=parameter(name, text),
                    fix=f"the table has the rows 1 to {n_rows:,}",
                )
            found += range(low - 1, high)
    rows = np.array([*dict.fromkeys(found)], np.intp)
    if once and len(rows) < len(found):
        twice = next(row for k, row in enumerate(found) if row in found[:k])
        raise SettingsError(
            f"Row {twice + 1:,} is named more than once",
            where=parameter(name, ",".join(texts)),
            why="Each row counts once",
            fix=parameter(name, ",".join(in_ranges(rows + 1))),
        )
    return rows


def _forwards(text: str) -> str:
    """The text of rows with each range from its lower end."""
    parts = [part.strip() for part in text.split(",")]
    return ",".join(
        "-".join(sorted(part.split("-"), key=int)) if _ROW.fullmatch(part) else part
        for part in parts
    )


def in_ranges(rows: Iterable[int]) -> list[str]:
    """Numbers of rows, those that follow each other as one: ``3``, ``17-19``."""
    ends: list[list[int]] = []
    for row in rows:
        if ends and row == ends[-1][1] + 1:
            ends[-1][1] = row
        else:
            ends.append([row, row])
    return [f"{low}-{high}" if high > low else f"{low}" for low, high in ends]


def leaving_out(rows: Sequence[int], check: str) -> str:
    """``--drop-row`` with these rows, as it can be pasted; of very many rows, where they are.

    Parameters
    ----------
    rows : sequence of int
        From 1, as in the file.
    check : str
        The check of the table doctor whose finding has these rows.
    """
    # No longer than a line of a terminal, which would break the list inside a number.
    texts = textwrap.wrap(" ".join(in_ranges(rows)), _LINE, break_on_hyphens=False)
    lines = [text.replace(" ", ",") for text in texts]
    if len(lines) <= _MOST_LINES:
        return parameter("drop_row", lines if lines[1:] else lines[0])
    return (
        f"{parameter('drop_row')} and {all_in_json(check)} ({counted(len(rows), 'row')}; put "
        "quotes around their numbers)"
    )


def all_in_json(check: str) -> str:
    """Where all rows of a finding are, which are too many for a sentence."""
    return f'the "rows" of the finding "{check}" that thalweg check TABLE --json prints'
