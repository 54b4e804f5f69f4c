"""The column of exposures or offsets of a table: the jobs work with rates, per unit of exposure.

A network learns rates y / exposure, and its deviance of counts is that of rates with weights
(`thalweg.estimators.offsets.offset_of_fit`). So a table with exposures becomes one of rates and
weights, and every evaluation, baseline and section of it is what it is for other weighted numbers.
Only `thalweg predict` multiplies by the exposure of each row.
"""

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from thalweg.data.column_names import likely, listed
from thalweg.data.fixes.named_rows import in_ranges
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.data.schema.given_table import table_of
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.offsets.given_offsets import (
    AskedOffset,
    OddSizes,
    require_kind,
    sizes_of_fit,
    sizes_of_more,
)
from thalweg.estimators.offsets.offset_of_fit import (
    Floats,
    Kind,
    OffsetOfFit,
    power_of,
    rate_name,
)
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.parameter import Settings
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.rates.rates_of_rows import in_rates, note_of_rates
from thalweg.jobs.parts.table_options import Columns
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Columns of a file of predictions of such a model.
_OF_ROW = [f"{each}_{kind}" for each in ("truth", "prediction") for kind in ("rate", "less_offset")]
OF_PREDICTIONS = frozenset(("row", "repetition", "fold", *_OF_ROW))
# So many options --drop-row a message writes out.
_MOST_LINES = 8


@dataclass(frozen=True, eq=False)
class Apart:
    """The cells of the column of exposures or offsets.

    Attributes
    ----------
    kind : {"offset", "exposure"}
    cells : DataFrame
        One column.
    """

    kind: Kind
    cells: pd.DataFrame

    @property
    def name(self) -> str:
        """The name of the column."""
        return str(self.cells.columns[0])


@dataclass(frozen=True, eq=False)
class InRates:
    """The targets and weights of the rows of a table, per unit of exposure.

    Attributes
    ----------
    values, weights : ndarray of float64, shape (n_rows,)
    offset : OffsetOfFit
    notes : list of str
        What was done, in sentences.
    sizes : ndarray of float64, shape (n_rows,)
        The exposures or offsets themselves.
    """

    values: Floats
    weights: Floats
    offset: OffsetOfFit
    notes: list[str]
    sizes: Floats


def taken_apart(table: Table, columns: Columns) -> tuple[Table, Apart | None]:
    """The table without the column of exposures or offsets, and that column, if one is named.

    Raises
    ------
    SettingsError, DataError
        If two are named, or the table has no such feature.
    """
    if columns.exposure is not None and columns.offset is not None:
        raise SettingsError(
            f"{parameter('exposure')} and {parameter('offset')} are two ways to say the same",
            why="The offset is the logarithm of the exposure",
            fix="name one column",
        )
    name = columns.exposure if columns.offset is None else columns.offset
    if name is None:
        return table, None
    kind: Kind = "exposure" if columns.offset is None else "offset"
    names = [str(each) for each in table.frame.columns]
    if name not in names and name in table.ids.columns:
        # It is carried along, too: the file of predictions has it as it is written.
        if not names:
            raise _nothing_beside(kind, name)
        return table, Apart(kind, table.ids[[name]])
    if name not in names and name in columns.drop:
        raise SettingsError(
            f'{parameter(kind)} names "{name}", and {parameter("drop", name)} leaves it out',
            why="It is no feature anyway",
            fix=f"leave out {parameter('drop', name)}",
        )
    if name not in names and name == str(table.target_name):
        raise SettingsError(
            f'{parameter(kind)} names "{name}", which is the target',
            fix="name another column",
        )
    if name not in names:
        guess = likely(name, names)
        raise DataError(
            f'{parameter(kind)} names "{name}", which is no column beside the target and those of '
            "groups and weights",
            where=f"the other columns are {listed(names)}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix="use one of these names, with exactly this spelling",
        )
    if len(names) == 1:
        raise _nothing_beside(kind, name)
    frame = table.frame.drop(columns=name)
    return replace(table, frame=frame), Apart(kind, table.frame[[name]])


def _nothing_beside(kind: Kind, name: str) -> DataError:
    return DataError(
        f'The table has no column to predict from besides "{name}"',
        fix=f"leave out {parameter(kind)}, or give a table with more columns",
    )


@contextmanager
def rows_named_in_fix(*, of_target: bool = True) -> Iterator[None]:
    """Inside the block, an error about exposures says which options leave their rows out.

    ``of_target``: whether the target is read, so that rows without an exposure may be left out.
    """
    try:
        yield
    except OddSizes as odd:
        fixes = ["correct them" if len(odd.rows) > 1 else "correct it"]
        if of_target and odd.are_missing and odd.column is not None:
            fixes.append(f"leave these rows out with {parameter('drop_missing', odd.column)}")
        else:
            rows = textwrap.wrap(" ".join(in_ranges(odd.rows)), 50, break_on_hyphens=False)
            lines = [row.replace(" ", ",") for row in rows[:_MOST_LINES]]
            said = parameter("drop_row", lines if lines[1:] else lines[0])
            few = "" if len(rows) <= _MOST_LINES else "; that is a part of them"
            fixes.append(f"leave the rows out with {said}{few}")
        what, where, why, _ = odd.unspelled
        raise DataError(what, where=where, why=why, fix=", or ".join(fixes)) from odd


def rates_of_table(
    apart: Apart, values: Floats | None, weights: Floats | None, settings: Settings,
    said: SaidColumns,
) -> InRates:  # fmt: skip
    """A table that is read, in rates.

    Parameters
    ----------
    apart : Apart
    values : ndarray of float64 or None
        The target; None if it is classes.
    weights : ndarray of float64 or None
    settings : mapping
        Parameters of the estimator that were given.
    said : SaidColumns
        What is said of columns.
    """
    if values is None:
        raise SettingsError(
            f"{parameter(apart.kind)} is for a target of numbers, and this one has classes",
            fix=f"leave it out, or say {parameter('task', 'regression')}",
        )
    asked = AskedOffset(apart.kind, apart.name)
    text = str(loss(str(settings.get("loss", "squared_error"))))
    require_kind(asked, text)
    with rows_named_in_fix():
        sizes, schema = sizes_of_fit(asked, table_of(apart.cells), len(values), text, said)
    counts = Values(text).numbers(values)
    own = np.ones(len(values)) if weights is None else weights
    rates, own, level = in_rates(counts, own, sizes, power_of(text), None)
    offset = OffsetOfFit(apart.kind, schema, level)
    return InRates(rates, own, offset, [_note(offset, text)], sizes)


def require_exposures(cells: pd.DataFrame, said: SaidColumns) -> None:
    """Raise a DataError unless each cell of a column is an exposure."""
    asked = AskedOffset("exposure", str(cells.columns[0]))
    with rows_named_in_fix():
        sizes_of_fit(asked, table_of(cells), len(cells), "poisson", said)


def with_weights(table: Table, found: InRates) -> tuple[Table, Floats | None]:
    """The table with the weights of its rates, under the name of their column; and these."""
    if np.all(found.weights == 1):
        return table, None
    name = str(found.offset.column) if table.weights is None else str(table.weights.name)
    weights = pd.Series(found.weights, table.frame.index, name=name)
    return replace(table, weights=weights), found.weights


def named_in_rates(
    weights: dict[str, Any] | None, offset: OffsetOfFit | None, text: str
) -> dict[str, Any] | None:
    """The facts of the weights of a table, with the name of what rows are weighted by.

    Of Tweedie's losses that is a power of the exposure: ``years^0.5``.
    """
    power = None if offset is None else power_of(text)
    if weights is None or offset is None or power in (None, 2.0):
        return weights
    assert power is not None
    own, column = weights["name"], str(offset.column)
    name = column if offset.kind == "exposure" else f"exp({column})"
    name = name if power == 1 else f"{name}^{2 - power:g}"
    return {**weights, "name": name if own == column else f"{own} * {name}"}


def _note(offset: OffsetOfFit, text: str) -> str:
    name, power = offset.column, power_of(text)
    if power is None:
        return f'The target is evaluated less the offset "{name}", and so are the baselines.'
    unit = f'per unit of "{name}"' if offset.kind == "exposure" else f'per exp("{name}")'
    return f"{note_of_rates(unit, power)}, and {parameter('predictions')} has rates."


def beside_rates(table: Table, offset: OffsetOfFit, sizes: Floats) -> Table:
    """The table whose rows carry their exposures or offsets along, into a file of predictions.

    A rate alone does not say how much the row counts. A column whose name the file needs for
    another one stays away.
    """
    name = str(offset.column)
    if offset.column is None or name in table.ids.columns or name in OF_PREDICTIONS:
        return table
    column = pd.Series(sizes, table.frame.index, name=name)
    ids = table.ids if len(table.ids.columns) else pd.DataFrame(index=table.frame.index)
    return replace(table, ids=ids.assign(**{name: column}))


def later_beside_rates(model: "Model", table: Table) -> Table:
    """The same for a later table and a saved model."""
    offset = model._known.offset
    if offset is None:
        return table
    with rows_named_in_fix():
        sizes = sizes_of_more(offset, None, table.frame, model._known.outputs.loss)
    return beside_rates(table, offset, sizes)


def kind_of_answers(offset: OffsetOfFit | None, facts: Mapping[str, Any]) -> str:
    """What an evaluation's predictions are, behind the names of their columns; else "".

    ``thalweg predict`` writes the target itself, as ``prediction``. The facts of the table have
    the name of the rate as its answer.
    """
    if offset is None:
        return ""
    return "less_offset" if facts["answer"] == facts["target"] else "rate"


# --- a saved model -------------------------------------------------------------------------------


def of_rows(model: "Model") -> "Model":
    """The model that predicts rows with their own exposures, of one of rates."""
    if isinstance(model, ThalwegRegressor):
        model._rates_of = None
    return model


def later_rates(model: "Model", table: Table, values: Floats) -> Floats:
    """The target of a later table as a model of rates takes it."""
    offset = model._known.offset
    if offset is None:
        return values
    text = model._known.outputs.loss
    with rows_named_in_fix():
        sizes = sizes_of_more(offset, None, table.frame, text)
    counts = Values(text).numbers(values)
    return in_rates(counts, np.ones(len(counts)), sizes, power_of(text))[0]


def later_rate_weights(model: "Model", table: Table, weights: Floats | None) -> Floats | None:
    """The weights of the rows of a later table for a model of rates; None if each counts once."""
    offset = model._known.offset
    if offset is None:
        return weights
    text = model._known.outputs.loss
    power = power_of(text)
    if power in (None, 2.0):
        return weights
    with rows_named_in_fix():
        sizes = sizes_of_more(offset, None, table.frame, text)
    own = np.ones(len(sizes)) if weights is None else weights
    own = in_rates(np.zeros(len(sizes)), own, sizes, power)[1]
    return None if np.all(own == 1) else own


def offset_notes(model: "Model") -> list[str]:
    """How a model with offsets is evaluated, a sentence or none."""
    offset = model._known.offset
    return [] if offset is None else [_note(offset, model._known.outputs.loss)]


def of_each_row(model: "Model") -> str:
    """What the predictions of a model with offsets are, as a sentence."""
    offset = model._known.offset
    assert offset is not None
    what = "times its exposure" if offset.kind == "exposure" else "with its offset"
    column = "" if offset.column is None else f' in "{offset.column}"'
    return f"Each prediction is that of the row {what}{column}."


def answer_name(model: "Model", target: str) -> str:
    """What a saved model answers, as it is used in sections: its target, or the rate of it."""
    known = model._known
    return rate_name(target, known.offset, "" if known.offset is None else known.outputs.loss)


def answers_in_rates(model: "Model") -> list[str]:
    """That the answers of a model are those of one unit, a sentence or none."""
    offset = model._known.offset
    if offset is None:
        return []
    if power_of(model._known.outputs.loss) is None:
        return ["Answers are without the offset of a row."]
    column = "" if offset.column is None else f' "{offset.column}"'
    unit = f"unit of{column}" if column else "unit"
    unit = unit if offset.kind == "exposure" else "unit of exposure"
    return [f"Answers are rates, for one {unit}."]
