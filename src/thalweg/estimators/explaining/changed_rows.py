"""Rows in which some cells are others: read by the schema of a model, as a table of a person is."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.column_names import likely, listed, own_name
from thalweg.data.schema.schema import Schema
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning
from thalweg.wording import parameter

Read = TypeVar("Read")


def named_changes(schema: Schema, changes: Any) -> dict[str, Any]:
    """The new cells by the name of their column, from a mapping or a Series.

    Raises
    ------
    SettingsError
        If it is no mapping, or names a column twice.
    """
    if not hasattr(changes, "items"):
        raise SettingsError(
            f"{parameter('changes')} is of type {type(changes).__name__}, and no mapping",
            fix=f"give a cell for each column, as in "
            f"{parameter('changes', {schema.given_names[0]: 1})}",
        )
    given = [(own_name(name, schema.given_names), cell) for name, cell in changes.items()]
    found = dict(given)
    if len(found) < len(given):
        raise SettingsError(
            f"{parameter('changes')} names a column twice", fix="give one cell for each column"
        )
    return found


def require_own_columns(schema: Schema, names: Mapping[str, Any] | list[str], what: str) -> None:
    """Raise unless all of these are columns of the model, and there is at least one.

    Parameters
    ----------
    schema : Schema
    names : the names
    what : str
        The parameter that names them.
    """
    if not len(names):
        raise SettingsError(
            f"{parameter(what)} names no column",
            fix=f"name one of {listed(schema.given_names, 8)}",
        )
    for name in names:
        if name not in schema.given_names:
            near = likely(name, schema.given_names)
            raise SettingsError(
                f'{parameter(what)} names "{name}", which is no column of the model',
                where=f"the model has {listed(schema.given_names, 8)}",
                fix=f'write "{near}"' if near else "name one of these columns",
            )


def with_changes(
    schema: Schema,
    cells: NDArray[Any],
    changes: Mapping[str, Any],
    rows: NDArray[np.intp] | None = None,
) -> pd.DataFrame | NDArray[Any]:
    """The table of own cells, in which these columns have these cells.

    Parameters
    ----------
    schema : Schema
    cells : ndarray, shape (n_rows, n_columns)
        Of own columns, as `thalweg.estimators.explaining.cell_texts.own_cells` gives them.
    changes : mapping
        A cell for each column to change, as the table could have it.
    rows : ndarray of int, optional
        The rows to change; default: all.
    """
    places = slice(None) if rows is None else rows
    changed = cells.astype(object)
    for name, cell in changes.items():
        changed[places, schema.given_names.index(name)] = cell
    if not schema.named:
        return changed
    return pd.DataFrame(
        {name: list(changed[:, place]) for place, name in enumerate(schema.given_names)},
        dtype=object,
    )


def read_changed(
    read: Callable[[Mapping[str, Any]], Read],
    changes: Mapping[str, Any],
    spell: Callable[[str, Any], str],
    examples: Mapping[str, Any],
) -> Read:
    """The rows with other cells, as the model reads them; an error names the change, and no cell.

    A level that the model has not learned is no warning here: the answer says it.

    Parameters
    ----------
    read : callable
        Reads the rows in which these cells are others.
    changes : mapping
        As in `with_changes`.
    spell : callable
        How a person asks for a change of a column, from its name and cell.
    examples : mapping
        A cell of each column that can be read.

    Raises
    ------
    DataError
        If a cell does not fit its column.
    """
    try:
        return _quietly(read, changes)
    except DataError as error:
        first = error
    for name, cell in changes.items():
        try:
            _quietly(read, {name: cell})
        except DataError as error:
            what, _, why, _ = error.unspelled
            raise DataError(
                what,
                where=spell(name, cell),
                why=why,
                fix=f'give a cell that "{name}" could have, such as '
                f"{spell(name, examples[name])}, or empty it by {spell(name, None)}",
            ) from error
    raise first


def _quietly(read: Callable[[Mapping[str, Any]], Read], changes: Mapping[str, Any]) -> Read:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenLevelWarning)
        return read(changes)
