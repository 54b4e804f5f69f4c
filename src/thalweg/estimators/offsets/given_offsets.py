"""The arguments ``offset`` and ``exposure``: an array, a number, or the name of a column.

A column is no feature: it is taken out of the table before its schema is inferred, and a schema of
its own reads it in later tables.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import likely, listed
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.given_table import Cells, GivenTable, table_of
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.typing import TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.offsets.offset_of_fit import Floats, Kind, OffsetOfFit, power_of
from thalweg.wording import counted, listed_rows, parameter, row_numbers, shown

# An array of the numbers of all rows, one number, the name of a column, or none.
OffsetLike: TypeAlias = str | float | ArrayLike | None
# exp of a larger one is far from any amount.
FARTHEST = 200.0
# Exposures that quotients and sums can hold.
_SMALLEST, _LARGEST = np.exp(-FARTHEST), np.exp(FARTHEST)


class AskedOffset(NamedTuple):
    """An offset or an exposure that was given."""

    kind: Kind
    value: Any


class OddSizes(DataError):
    """Exposures or offsets that are none, with all of their rows.

    Attributes
    ----------
    column : str or None
        Where they are, if it is known.
    rows : tuple of int
        All of these rows, from 1, as in the file.
    are_missing : bool
        Whether each of them is missing.
    """

    def __init__(
        self, kind: Kind, values: Floats, odd: NDArray[np.bool_], what: str, why: str,
        column: str | None,
    ) -> None:  # fmt: skip
        self.column, self.rows = column, row_numbers(odd)
        self.are_missing = bool(np.isnan(values[odd]).all())
        found = ["missing" if np.isnan(each) else f"{each:g}" for each in np.unique(values[odd])]
        several = len(self.rows) > 1
        which = f"{counted(len(self.rows), 'row')} of {len(values):,}"
        more = f" or one of {len(found) - 3:,} more numbers" if len(found) > 3 else ""
        place = "" if column is None else f'column "{column}", '
        super().__init__(
            f"The {kind} is {' or '.join(found[:3])}{more}{f' in {which}' if several else ''}, "
            f"and {what}",
            where=f"{place}{listed_rows(np.array(self.rows) - 1)}",
            why=why,
            fix=f"correct {'them' if several else 'it'}, or leave the "
            f"{'rows' if several else 'row'} out",
        )


def asked_of(offset: OffsetLike, exposure: OffsetLike) -> AskedOffset | None:
    """What was given of the two; None without either.

    Raises
    ------
    SettingsError
        If both are given.
    """
    if offset is not None and exposure is not None:
        raise SettingsError(
            "offset and exposure are two ways to say the same",
            why="The offset is the logarithm of the exposure",
            fix="give one of them",
        )
    if offset is not None:
        return AskedOffset("offset", offset)
    return None if exposure is None else AskedOffset("exposure", exposure)


def require_kind(asked: AskedOffset, text: str) -> None:
    """Raise a SettingsError for exposures of a loss that has no rates."""
    if asked.kind == "exposure" and power_of(text) is None:
        raise SettingsError(
            f"{parameter('exposure')} is for the losses poisson, gamma and tweedie, and "
            f"{parameter('loss', text)} is none of them",
            why="They learn a rate, by which the exposure is multiplied",
            fix=f"take {parameter('loss', 'poisson')}; or give {parameter('offset')}, which is "
            "added",
        )


def taken_apart(X: TableLike, asked: AskedOffset) -> tuple[Any, Any]:
    """The table without the column that has the offsets, and its cells; or X, and the array."""
    if not isinstance(asked.value, str):
        return X, asked.value
    table = table_of(X)
    place = _place_of(table, asked.kind, asked.value)
    if table.n_columns == 1:
        raise DataError(
            f"The table has no column besides that of {parameter(asked.kind, asked.value)}",
            fix="give at least one column to predict from",
        )
    return _without(table, place), _only(table, place)


def sizes_of_fit(
    asked: AskedOffset, cells: Any, n_rows: int, text: str, said: SaidColumns | None = None
) -> tuple[Floats, Schema | None]:
    """The exposures (or offsets, of a loss without rates) of the rows of a fit, and their schema.

    Parameters
    ----------
    asked : AskedOffset
    cells : GivenTable or array-like
        As `taken_apart` gives it.
    n_rows : int
    text : str
        The loss.
    said : SaidColumns, optional
        What is said of columns, such as how numbers are written.
    """
    require_kind(asked, text)
    if not isinstance(cells, GivenTable):
        return _checked(asked.kind, _of_array(asked.kind, cells, n_rows), text), None
    schema = schema_of(cells, said)
    return _checked(asked.kind, schema.matrix(cells)[:, 0], text, schema.names[0]), schema


def schema_of(cells: GivenTable, said: SaidColumns | None = None) -> Schema:
    """The schema of a column of numbers alone."""
    name, said = cells.all_names()[0], said or SaidColumns()
    known = {key: how for key, how in said.number.items() if key == name}
    own = SaidColumns(number=known or {name: None}, missing=said.missing)
    schema = infer_schema(cells, said=own)
    if schema.kinds != ("number",):
        raise DataError(
            f'The column "{name}" has no exposures or offsets',
            where=f"it is read as {listed(schema.kinds)}",
            why="Each row needs one number",
            fix="name another column, or give the numbers as an array",
        )
    return schema


def sizes_of_more(
    known: OffsetOfFit | None, asked: AskedOffset | None, X: TableLike, text: str
) -> Floats:
    """The exposures (or offsets) of the rows of a later table, for a model that needs them.

    Parameters
    ----------
    known : OffsetOfFit or None
        Of the fit.
    asked : AskedOffset or None
        What is given with this table.
    X : table
    text : str
        The loss.

    Raises
    ------
    SettingsError
        If the model was fitted without offsets.
    DataError
        If they are not given, and no column has them.
    """
    if known is None:
        assert asked is not None
        raise SettingsError(
            f"The model was fitted without {parameter(asked.kind)}",
            why="Its answers are for rows as they were in the fit",
            fix=f"leave it out, or fit with {asked.kind}=",
        )
    if asked is None:
        if known.schema is None:
            raise DataError(
                f"The model was fitted with {parameter(known.kind)}, and none is given here",
                why="It was an array beside the table, so no column has it",
                fix=f"in Python, give {known.kind}= for these rows, or {known.of_one} for one "
                f'unit; a model whose fit names a column, as in {known.kind}="COLUMN" or '
                f"--{known.kind} COLUMN, can be asked on the command line, too",
            )
        table = table_of(X)
        if known.schema.names[0] not in table.names:
            raise DataError(
                f"The model was fitted with {parameter(known.kind, known.column)}, and the table "
                "has no such column",
                where=f"the table has {listed(table.all_names())}",
                fix=f"add it; a column with {known.of_one[-1]} in each row gives predictions for "
                f"one unit (in Python also {known.of_one})",
            )
        values = known.schema.matrix(table)[:, 0]
        return _checked(known.kind, values, text, known.column)
    require_kind(asked, text)
    if isinstance(asked.value, str):
        table = table_of(X)
        cells = _only(table, _place_of(table, asked.kind, asked.value))
        schema = known.schema if known.column == asked.value else None
        schema = schema_of(cells) if schema is None else schema
        return _checked(asked.kind, schema.matrix(cells)[:, 0], text, asked.value)
    n_rows = table_of(X).n_rows
    return _checked(asked.kind, _of_array(asked.kind, asked.value, n_rows), text)


def without_offsets(X: TableLike, known: OffsetOfFit | None, asked: AskedOffset | None) -> Any:
    """A later table without the column of the offsets, where superfluous columns are refused."""
    named = asked.value if asked is not None and isinstance(asked.value, str) else None
    name = named or (None if known is None else known.column)
    if name is None:
        return X
    table = table_of(X)
    return _without(table, table.names.index(name)) if name in table.names else X


def _place_of(table: GivenTable, kind: Kind, name: str) -> int:
    if name not in table.names:
        guess = likely(name, table.names)
        raise DataError(
            f'There is no column "{name}" for {parameter(kind)}',
            where=f"the table has {listed(table.names)}"
            if table.named
            else "the table has no column names",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix=f"use one of these names, or give an array: {kind}=values",
        )
    return table.names.index(name)


def _of_array(kind: Kind, given: Any, n_rows: int) -> Floats:
    """The numbers of all rows; one number is that of each row."""
    try:
        values = np.asarray(unmasked(given), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{parameter(kind)} is {shown(given)}, and not numbers",
            fix=f"give a number for each row, one number for all, or the name of a column: "
            f'{kind}="NAME"',
        ) from error
    if values.ndim == 0:
        values = np.full(n_rows, float(values))
    if values.shape != (n_rows,):
        raise DataError(
            f"{parameter(kind)} of shape {values.shape} does not belong to {n_rows} rows",
            fix=f"give a number for each row: an array of shape ({n_rows},)",
        )
    return values


def _checked(kind: Kind, values: NDArray[Any], text: str, column: str | None = None) -> Floats:
    """Exposures, from offsets where the loss has rates; a DataError for what is none."""
    of_rates = power_of(text) is not None
    if kind == "exposure":
        odd = ~((values >= _SMALLEST) & (values <= _LARGEST))
        what, why = "an exposure is a number above 0", "The rate of a row is its target / exposure"
    else:
        odd = ~(np.abs(values) <= (FARTHEST if of_rates else 1e300))
        what = f"an offset is a number from -{FARTHEST:g} to {FARTHEST:g}"
        what = what if of_rates else "an offset is a number"
        why = "It is the logarithm of the exposure" if of_rates else "It is added to the answer"
    if odd.any():
        raise OddSizes(kind, values, odd, what, why, column)
    sizes: Floats = np.exp(values) if kind == "offset" and of_rates else values
    return sizes


# --- columns of a table ----------------------------------------------------------------------


def _only(table: GivenTable, place: int) -> GivenTable:
    return _columns(table, [place])


def _without(table: GivenTable, place: int) -> GivenTable:
    return _columns(table, [j for j in range(table.n_columns) if j != place])


def _columns(table: GivenTable, kept: Sequence[int]) -> GivenTable:
    """Some columns of a table, which are read when they are asked for."""
    columns = list(kept)

    def column(j: int) -> Cells:
        return table.column(columns[j])

    def block() -> NDArray[Any] | None:
        found = table.block()
        return None if found is None else np.ascontiguousarray(found[:, columns])

    def keys() -> Sequence[Any]:
        found = table.keys()
        return [found[j] for j in columns] if len(found) else found

    return replace(
        table,
        names=[table.names[j] for j in columns] if table.named else [],
        n_columns=len(columns),
        column=column,
        objects=lambda: table.objects()[:, columns],
        block=block,
        take=lambda rows: _columns(table.take(rows), columns),
        keys=keys,
    )
