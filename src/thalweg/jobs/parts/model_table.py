"""A new table for a saved model: its features, and columns that it lacks."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from thalweg.data.cells import Cell
from thalweg.data.column_names import listed, other_sheets
from thalweg.data.notation.as_said import require_as_said
from thalweg.data.notation.column_notation import ColumnNotation
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.read_number import as_numbers
from thalweg.data.notation.said_columns import SaidColumns, say_how
from thalweg.data.notation.written_number import written
from thalweg.data.read import Table
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.emptied_table import is_word
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.matching import no_kin
from thalweg.data.schema.misfit_messages import together
from thalweg.data.schema.reverse_notation import reversed_columns
from thalweg.data.target_kind import no_number, numbers_by
from thalweg.errors import DataError, SettingsError
from thalweg.jobs.offsets.table_offsets import later_rates
from thalweg.jobs.parts.totals import beside_totals, warn_of_totals
from thalweg.wording import counted, parameter, row_number

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile
    from thalweg.persistence.rebuilt import Model

# Up to so many names of columns are written out in a message.
_MOST_NAMES = 20
# Features for a model: with column names, or as an array.
Features = pd.DataFrame | np.ndarray


def is_model(path: str) -> bool:
    """Whether a file begins like a model file, which no table does."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        begin = file.read(9)
    return begin[4:8] == bytes(4) and begin[8:] == b"{"


def model_and_table(files: Sequence[str]) -> tuple[str | None, str | None]:
    """The model and the table among the files that a person named."""
    if len(files) > 2:
        raise SettingsError(f"{len(files)} files are too many", fix="name TABLE, or MODEL TABLE")
    if len(files) == 1:
        return (files[0], None) if is_model(files[0]) else (None, files[0])
    model, table = files or (None, None)
    return model, table


def features_for(model: "Model", table: Table) -> Features:
    """The features of a table, in the form that a fitted model needs.

    A model that was fitted on an array finds its columns in a table by the names x0, x1, …
    """
    if model.schema_.named:
        return table.frame
    replace(model.schema_, named=True).take(table.frame)  # raises for a wrong table
    return table.frame[list(model.schema_.given_names)].to_numpy()


def checked_features(model: "Model", table: Table, values: np.ndarray | None = None) -> Features:
    """The features for a model; a row of totals among the cases is said, as when one is fitted.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    table : Table
        As `prepared` gives it.
    values : ndarray of float64, optional
        A numeric target.
    """
    try:
        X = features_for(model, table)
        matrix = model.schema_.matrix(X, unknown="ignore")  # the prediction warns
    except DataError as error:
        raise beside_totals(error, table, values) from error
    warn_of_totals(table, model.schema_, matrix, values)
    return X


def rows_of(X: Features, rows: Sequence[int] | np.ndarray) -> Features:
    """Some rows of features."""
    return X.iloc[np.asarray(rows)] if isinstance(X, pd.DataFrame) else X[rows]


def prepared(
    table: Table,
    model: "Model",
    empty: Sequence[str] = (),
    number: Mapping[str, str | None] | None = None,
    missing: MissingColumns = None,
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
    missing : list of str, or mapping, optional
        Words for a missing value besides those of the model.

    Raises
    ------
    SettingsError, DataError
        As `with_empty` does; for a column that the table has not; if it has almost none of the
        model's columns, and is another table.
    """
    _require_kin(table, model.schema_.given_names, named=model.schema_.named)
    table = with_empty(table, empty, model.schema_.given_names)
    said = SaidColumns.of(number, missing=missing).but(table.target_name)
    if table.weights is not None and table.weights.name not in table.frame.columns:
        said = said.but(str(table.weights.name))
    said.require_known(list(table.frame.columns))
    frame = table.frame
    if said.missing:
        columns = {each.name: each for each in model.schema_.given}
        tests = {
            name: is_word(said.missing.words(name), columns.get(name)) for name in frame.columns
        }
        frame = frame.assign(
            **{name: said.missing.emptied(frame[name], test) for name, test in tests.items()}
        )
    for name, notation in said.number.items():
        if notation is not None and frame[name].dtype == object:
            known = {each.name: each.notation for each in model.schema_.columns}.get(name)
            cells = _as_said(name, frame[name].tolist(), notation, known)
            frame = frame.assign(**{name: pd.Series(cells, frame.index, object)})
    return replace(table, frame=frame)


def _as_said(
    name: str, cells: list[Cell], said: NumberNotation, known: ColumnNotation | None
) -> list[Cell]:
    """The numbers of a column; an example without a unit is one in the unit of the model."""
    if not said.unit and isinstance(known, NumberNotation):
        said = replace(said, unit=known.unit, before=known.before)
    rows: dict[str, int] = {}
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, str):
            rows.setdefault(cell, row_number(row))
    require_as_said(name, list(rows), rows.__getitem__, said, say_how)
    return as_numbers(cells, said)


def target_numbers(file: "ModelFile", table: Table, said: SaidColumns) -> np.ndarray:
    """The target of a table as the numbers that a regression model predicts, in its unit.

    Of a model with exposures, these are rates.

    Raises
    ------
    DataError
        If it is not numeric, in another unit, or may be read in two ways.
    """
    name, known = str(table.target_name), file.target_notation
    cells = table.target if table.target_cells is None else table.target_cells
    assert cells is not None
    texts = [cell for cell in cells if isinstance(cell, str)]
    if texts and not any(map(written, texts)):
        instead = "the column that the model was trained to predict"
        raise no_number(texts, name, instead, ", and the model predicts numbers")
    notation = said.number.get(name)
    if notation is not None and cells.dtype == object:
        numbers = _as_said(name, cells.tolist(), notation, known)
        cells = pd.Series(numbers, cells.index, object)
    read = numbers_by(known, cells, name)
    require_not_reversed(file, table, pd.Series(cells, name=name), known)
    return later_rates(file.model, table, read.values)


def known_target(file: "ModelFile", table: Table, said: SaidColumns | None = None) -> np.ndarray:
    """The target of a table as a model knows it: labels as texts, or numbers in its unit."""
    if hasattr(file.model, "classes_"):
        return np.asarray(table.target, dtype=object)
    return target_numbers(file, table, said or SaidColumns())


def require_not_reversed(
    file: "ModelFile", table: Table, aside: pd.Series, notation: NumberNotation | None
) -> None:
    """Raise if other columns prove the reverse of how a column of two readings would be read.

    ``aside`` is a target, or weights.
    """
    if aside.dtype != object:
        return
    known = file.model.schema_.given
    features = [each for each in known if each.name in table.frame.columns]
    columns = [*features, Column(str(aside.name), "number", notation=notation)]
    # By place: a column of the model may have the name of the target.
    cells = [table.frame[each.name].reset_index(drop=True) for each in features]
    whole = pd.concat([*cells, aside.reset_index(drop=True)], axis="columns")
    whole.columns = pd.Index(range(len(columns)))
    if problems := reversed_columns(table_of(whole), range(len(columns)), columns):
        raise together(problems)


def with_empty(table: Table, names: Sequence[str], known: Sequence[str]) -> Table:
    """The table with further columns in which every cell is missing.

    Parameters
    ----------
    table : Table
    names : sequence of str
        The columns to add.
    known : sequence of str
        The columns of the model.

    Raises
    ------
    SettingsError
        For a column that the table has, or that the model does not have.
    """
    if not names:
        return table
    for name in names:
        if name in table.frame.columns:
            raise SettingsError(
                f'{parameter("empty")} names "{name}", which is a column of the table',
                where=table.name,
                why="Its cells would be lost",
                fix=f"leave out {parameter('empty', name)}",
            )
        if name not in known:
            raise SettingsError(
                f'{parameter("empty")} names "{name}", which is not a column of the model',
                where=f"the model has {listed(known)}",
                fix="name one of these columns, spelled in the same way",
            )
    note = f"Counted as missing, because the table lacks them: {listed(names)}."
    frame = table.frame.assign(**dict.fromkeys(names))
    return replace(table, frame=frame, notes=(*table.notes, note))


def _require_kin(table: Table, known: Sequence[str], *, named: bool) -> None:
    columns = list(table.frame.columns)
    if not no_kin(known, columns):
        return
    sheets = other_sheets(table.notes)
    fix = (
        f"name another sheet with {parameter('sheet')}"
        if sheets
        else "name a table that has these columns; if this table has them, name its "
        f"{parameter('separator')}"
    )
    why = sheets
    if not named:
        header = ",".join(known) if len(known) <= _MOST_NAMES else f"x0,x1,…,{known[-1]}"
        why = (
            "The model was fitted on a table without column names, so its columns are called by "
            f"their places, and columns of a file are found by name. {sheets}".rstrip()
        )
        fix = (
            f"write {header} as the header of those columns that the model was fitted on, in their "
            f"order then; or {fix}"
        )
    raise DataError(
        f"The table has {sum(name in columns for name in known)} of the model's "
        f"{counted(len(known), 'column')}",
        where=f"{table.name} has {listed(columns, 6)}; the model was fitted on {listed(known, 6)}",
        why=why,
        fix=fix,
    )


def refuse_empty(names: Sequence[str]) -> None:
    """Raise a SettingsError if ``empty`` is given, but no table is read for a saved model."""
    if names:
        raise SettingsError(
            f'{parameter("empty")} names "{names[0]}", and no table is read for a saved model',
            why="Only a saved model can need a column that a table lacks",
            fix=f"leave out {parameter('empty')}, or name a model and a table",
        )


def refuse_rows(rows: Sequence[str]) -> None:
    """Raise a SettingsError if rows are to be left out, but no table is read."""
    if rows:
        raise SettingsError(
            f"{parameter('drop_row', rows[0])} leaves rows out of a table, and none is named",
            fix=f"leave out {parameter('drop_row')}, or name a table",
        )
