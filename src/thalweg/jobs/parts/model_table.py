"""A later table for a saved model: its features, and columns that it lacks."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from thalweg.data.names import listed, other_sheets
from thalweg.data.notation.read_number import as_numbers
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.data.schema.matching import no_kin
from thalweg.errors import DataError, SettingsError
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Features as a model takes them: by name, or as an array.
Features = pd.DataFrame | np.ndarray


def is_model(path: str) -> bool:
    """Whether a file begins as model files do; a table does not."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        begin = file.read(9)
    return begin[4:8] == bytes(4) and begin[8:] == b"{"


def features_for(model: "Model", table: Table) -> Features:
    """The features of a table as a fitted model takes them.

    A model of an array, whose columns have no names, finds x0, x1, … in a table by these.
    """
    if model.schema_.named:
        return table.frame
    replace(model.schema_, named=True).take(table.frame)  # tells of all that is wrong
    return table.frame[list(model.schema_.given_names)].to_numpy()


def rows_of(X: Features, rows: Sequence[int] | np.ndarray) -> Features:
    """Some rows of what `features_for` gave."""
    return X.iloc[np.asarray(rows)] if isinstance(X, pd.DataFrame) else X[rows]


def prepared(
    table: Table,
    model: "Model",
    empty: Sequence[str] = (),
    number: Mapping[str, str | None] | None = None,
) -> Table:
    """The table as a model reads it, with what a person said of its columns.

    Parameters
    ----------
    table : Table
    model : ThalwegClassifier or ThalwegRegressor
    empty : sequence of str
        Columns that the table lacks, and of which no value is known.
    number : mapping of str to str or None, optional
        How the numbers of columns are written in this table, where the model does not know it.

    Raises
    ------
    SettingsError, DataError
        As `with_empty` does; for a column that the table has not.
    """
    table = with_empty(table, empty, model.schema_.given_names)
    said = SaidColumns.of(number).but(table.target_name)
    said.require_known(list(table.frame.columns))
    frame = table.frame
    for name, notation in said.number.items():
        if notation is not None and frame[name].dtype == object:
            cells = pd.Series(as_numbers(frame[name].tolist(), notation), frame.index, object)
            frame = frame.assign(**{name: cells})
    return replace(table, frame=frame)


def with_empty(table: Table, names: Sequence[str], known: Sequence[str]) -> Table:
    """The table with these columns, every cell of them missing.

    Parameters
    ----------
    table : Table
    names : sequence of str
        Those of which no value is known.
    known : sequence of str
        The columns of the model.

    Raises
    ------
    SettingsError
        For a column that the table has, or that the model has not.
    DataError
        Where the table has hardly a column of the model: it is another table.
    """
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


def _require_kin(table: Table, known: Sequence[str]) -> None:
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


def refuse_empty(names: Sequence[str]) -> None:
    """Raise a SettingsError where no table is read for a saved model."""
    if names:
        raise SettingsError(
            f'--empty names "{names[0]}", and no table is read for a saved model',
            why="A column can be lacking only where a model looks for it",
            fix="leave --empty out, or name both",
        )
