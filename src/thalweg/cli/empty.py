"""Columns that a later table lacks, and of which somebody says that no value is known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from thalweg.errors import DataError, SettingsError
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.data.read import Table

Empty = Annotated[
    list[str] | None,
    typer.Option(
        "--empty",
        metavar="NAME",
        help="A column of the model that the table lacks: no value is known; may be repeated.",
    ),
]


def with_empty(table: "Table", names: Sequence[str] | None, known: Sequence[str]) -> "Table":
    """The table with these columns, every cell of them missing.

    Parameters
    ----------
    table : Table
    names : sequence of str or None
        What `Empty` gave.
    known : sequence of str
        The columns of the model.

    Raises
    ------
    SettingsError
        For a column that the table has, or that the model has not.
    DataError
        Where the table has hardly a column of the model: it is another table.
    """
    from thalweg.data.names import listed

    _require_kin(table, known)
    if not names:
        return table
    for name in names:
        if name in table.frame.columns:
            raise SettingsError(
                f'--empty names "{name}", which is a column of the table',
                where=table.name,
                why="Its cells would be lost",
                fix="leave this --empty out",
            )
        if name not in known:
            raise SettingsError(
                f'--empty names "{name}", which is no column of the model',
                where=f"it has {listed(known)}",
                fix="name one of these columns, spelled as it is there",
            )
    said = f"Taken for empty, since the table lacks them: {listed(names)}."
    frame = table.frame.assign(**dict.fromkeys(names))
    return replace(table, frame=frame, notes=(*table.notes, said))


def _require_kin(table: "Table", known: Sequence[str]) -> None:
    from thalweg.data.names import listed, other_sheets
    from thalweg.data.schema.matching import no_kin

    columns = list(table.frame.columns)
    if no_kin(known, columns):
        sheets = other_sheets(table.notes)
        raise DataError(
            f"The table has {sum(name in columns for name in known)} of the model's "
            f"{counted(len(known), 'column')}",
            where=f"{table.name} has {listed(columns, 6)}; the model was fitted on "
            f"{listed(known, 6)}",
            why=sheets,
            fix="name another sheet with --sheet"
            if sheets
            else "name a table that has these columns; if this one has, see --separator",
        )


def refuse_empty(names: Sequence[str] | None) -> None:
    """Raise a SettingsError where no table is read for a saved model."""
    if names:
        raise SettingsError(
            f'--empty names "{names[0]}", and no table is read for a saved model',
            why="A column can be lacking only where a model looks for it",
            fix="leave --empty out, or name both",
        )
