"""The warning about identifier columns: texts that nearly all differ, which a model ignores."""

import warnings

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import level_of
from thalweg.data.column_names import listed, names_given
from thalweg.data.fixes.table_syntax import AtHand, without_columns
from thalweg.data.notation.said_columns import NamedColumns
from thalweg.data.schema.column_floats import Column, distinct
from thalweg.data.schema.given_table import GivenTable
from thalweg.errors import IdentifierWarning, outer_level
from thalweg.shell_words import in_shell
from thalweg.wording import counted

_MOST = 6


def report_identifiers(
    columns: tuple[Column, ...],
    table: GivenTable,
    weights: NDArray[np.float64],
    text: NamedColumns = None,
) -> None:
    """Warn about columns that are taken for identifiers: they may be categories of many levels.

    Parameters
    ----------
    columns : tuple of Column
        The columns of the table, in its order.
    table : GivenTable
    weights : ndarray of float64, shape (n_rows,)
        Rows of weight 0 do not count.
    text : sequence of str, optional
        Columns that were said to be such: nobody needs to be warned.
    """
    known = {*names_given("text", text)}
    found = [
        place
        for place, column in enumerate(columns)
        if column.kind == "identifier" and column.name not in known
    ]
    if not found:
        return
    names = tuple(columns[place].name for place in found)
    said = [_counted(table, place, columns[place].name, weights > 0) for place in found[:_MOST]]
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    flags, drops = (
        " ".join(f"{flag} {in_shell(name)}" for name in names[:_MOST])
        for flag in ("--category", "--drop")
    )
    with AtHand(table):
        dropped = without_columns(names[:_MOST])
    warnings.warn(
        IdentifierWarning(
            "Columns of text that differs in nearly every row are taken for identifiers, and only "
            f"whether a cell is filled counts: {', '.join(said)}{more}. Fix: if they are names of "
            f"groups, declare them: {flags} on the command line, category={[*names[:_MOST]]!r} in "
            f"Python; if not, leave them out: {drops}, or {dropped}.",
            names,
        ),
        stacklevel=outer_level(),
    )


def _counted(table: GivenTable, place: int, name: str, counts: NDArray[np.bool_]) -> str:
    """A column with its number of different texts, and of rows with weight that have one."""
    different = distinct(table.column(place).values)
    texts = np.array([*(level_of(cell) or "" for cell in different.cells), ""], dtype=object)
    known = texts[different.codes[counts]]
    known = known[known != ""]
    return f"{listed([name])} ({len(set(known)):,} texts in {counted(len(known), 'row')})"
