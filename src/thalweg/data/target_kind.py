"""Decide whether a target is classes or a number: classification or regression, by one rule.

A target is a **number** if all of its values are numbers, and they are

- whole, with more than ten different ones, or
- not all whole, with more than two different ones.

Any other target is **classes**. A user who names the task or a positive class overrules this.

Why ten: tables write classes as the digits 0 to 9, and hardly ever as larger numbers, while counts,
ages and scores soon have more values than that. Why two for fractions: nobody calls several classes
0.5, 1.0 and 1.5, but no and yes may be written as 0.0 and 0.5.

Where it is used:

- The command line (`number_target`) chooses the task of a table. The cells are read by the rule for
  features (`find_columns`), so written numbers such as ``5,1 Tage`` are numbers here, too.
- The doctor and the landscape of a table (`is_number`, `number_target`) decide as the command line
  does.
- The classifier (`require_classes`) is for classes, so it accepts any number of different whole
  numbers. It refuses fractions, as all of scikit-learn's scores do.
- The regressor (`require_numbers`) accepts every target whose values are numbers.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.fixes.column_errors import ColumnError, Remedy, remedies_of
from thalweg.data.notation.column_notation import ColumnNotation
from thalweg.data.notation.missing_words import MissingWords, without_words
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns, leave_out, say_category
from thalweg.data.notation.written_number import written
from thalweg.data.schema.column_floats import Column, read_column, reader
from thalweg.data.schema.emptied_table import is_word, no_cell_holds
from thalweg.data.schema.find_columns import find_columns
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.errors import DataError, SettingsError
from thalweg.wording import amount, counted, parameter, shown

# A target with more different values than this is a number.
MOST_WHOLE = 10
MOST_WITH_FRACTIONS = 2

# Whole floats from here on are no labels: scikit-learn converts labels to 64-bit integers.
_LABELS_BELOW = 2.0**63

# The tasks that a user may name.
CLASSIFICATION, REGRESSION = "classification", "regression"

Floats = NDArray[np.float64]
Labels = NDArray[Any]


def is_number(values: Floats) -> bool:
    """Whether numbers are quantities, not names of classes."""
    different = np.unique(values)
    return len(different) > (MOST_WITH_FRACTIONS if has_fractions(different) else MOST_WHOLE)


def has_fractions(values: Floats) -> bool:
    """Whether some of the numbers are not whole."""
    return bool((values != np.floor(values)).any())


@dataclass(frozen=True, eq=False)
class NumericTarget:
    """A target that is a number.

    Attributes
    ----------
    values : ndarray of float64, shape (n_samples,)
    notation : NumberNotation or None
        How its cells are written, unless they are plain numbers.
    bounds : tuple of str
        The cells that are bounds, such as ``<0.5``.
    """

    values: Floats
    notation: NumberNotation | None = None
    bounds: tuple[str, ...] = ()

    def notes(self, column: str) -> list[str]:
        """How the target is read, where that is not plain, a sentence each."""
        if self.notation is None:
            return []
        unit = self.notation.unit
        words = replace(self.notation, bounded=False).words
        said = f'The target "{column}" is read as {words}'
        notes = [f'{said}; predictions are in "{unit}".' if unit else f"{said}."]
        if self.bounds:
            notes.append(
                f"{counted(len(self.bounds), 'cell')} of the target {_are(len(self.bounds))}, with "
                "< or >. A bound counts as its number: the model learns the bound there, and is "
                "evaluated by it."
            )
        return notes


def _are(count: int) -> str:
    return "is a bound" if count == 1 else "are bounds"


def numbers_of(
    cells: Sequence[Any] | pd.Series,
    column: str = "",
    said: SaidColumns | None = None,
    features: pd.DataFrame | None = None,
) -> NumericTarget | None:
    """The cells of a target as numbers, by the rule for a feature; None if it is no number.

    Parameters
    ----------
    cells : sequence or Series
        None is missing.
    column : str
        The name of the target.
    said : SaidColumns, optional
        What the user said of columns; what is said of other columns does not matter.
    features : DataFrame, optional
        The other columns, which may prove what a mark means.

    Raises
    ------
    DataError
        If a number may be read in two ways, or a few cells are not numbers.
    """
    own = only(said or SaidColumns(), column)
    alone = pd.DataFrame({column: pd.Series(cells)}).reset_index(drop=True)
    table = table_of(alone)

    def both() -> GivenTable:
        others = pd.DataFrame() if features is None else features.reset_index(drop=True)
        return table_of(pd.concat([others, alone], axis="columns"))

    found = find_target(table, both, own)
    if isinstance(found, DataError):
        raise refused(found, column)
    if found.kind != "number":
        return None
    values = read_column(found, reader(found), table.column(0))
    if not np.isfinite(values).all():
        return None
    return numeric(values, found.notation, cells)


def written_numbers(cells: pd.Series, features: pd.DataFrame) -> NumericTarget | None:
    """A target by the rule of this module, if it is a number that Python's ``float`` cannot read.

    None also for one that may be read in two ways: it stays text, as classes may be.
    """
    try:
        cells.astype(np.float64)
    except (TypeError, ValueError):
        with suppress(DataError):
            target = numbers_of(cells, str(cells.name), features=features)
            return target if target is not None and is_number(target.values) else None
    return None


def numbers_by(
    notation: NumberNotation | None, cells: Sequence[Any] | pd.Series, column: str
) -> NumericTarget:
    """The cells of a target of a later table as numbers, by the notation of the model.

    Raises
    ------
    DataError
        If a cell is not such a number.
    """
    known = Column(column, "number", notation=notation)
    table = table_of(pd.DataFrame({column: pd.Series(cells)}).reset_index(drop=True))
    values = read_column(known, reader(known), table.column(0))
    return numeric(values, notation, cells)


def numeric(
    values: Floats, notation: ColumnNotation | None, cells: Sequence[Any] | pd.Series
) -> NumericTarget:
    """A target as numbers, with what is to be said of its cells."""
    if not isinstance(notation, NumberNotation):
        return NumericTarget(values)
    texts = [cell for cell in cells if isinstance(cell, str)] if notation.bounded else []
    bounds = [text for text in texts if (cell := written(text)) is not None and cell.bound]
    return NumericTarget(values, notation, tuple(bounds))


def find_target(
    alone: GivenTable, both: Callable[[], GivenTable], said: SaidColumns
) -> Column | DataError:
    """What the target is, by the rule for a feature, or why it cannot be read.

    Parameters
    ----------
    alone : GivenTable
        The target.
    both : callable
        Gives the features and, behind them, the target: what one of its cells leaves open may be
        what features prove.
    said : SaidColumns
        Of the target.
    """
    [found] = find_columns(alone, np.ones(alone.n_rows), said)
    if isinstance(found, DataError):
        *_, found = find_columns(both(), np.ones(alone.n_rows), said)
    return found


def target_words(
    alone: GivenTable, both: Callable[[], GivenTable], said: SaidColumns
) -> NDArray[np.bool_]:
    """Which cells of a target are words for a missing value.

    Parameters
    ----------
    alone, both, said
        As for `find_target`.
    """
    [name] = alone.all_names()
    words = said.missing.words(name)
    cells = alone.column(0).values
    plain = np.fromiter((cell in words for cell in cells), np.bool_, len(cells))
    perhaps = np.fromiter(map(words.perhaps, cells), np.bool_, len(cells))
    if (plain == perhaps).all():
        return plain
    found = find_target(alone, both, said)
    if isinstance(found, DataError):
        return perhaps
    if found.kind == "empty":
        found = Column(name, "number")
    return np.fromiter(map(is_word(words, found), cells), np.bool_, len(cells))


def rows_of_words(
    whole: pd.DataFrame, target: str, missing: MissingWords
) -> tuple[NDArray[np.intp], list[str]]:
    """The rows, from 0, whose target is a word for a missing value; or a note that none is."""
    none = np.zeros(0, np.intp)
    if not missing.words(target):
        return none, []
    others = [name for name in whole.columns if name != target]
    unknown = target_words(
        table_of(whole[[target]]),
        lambda: table_of(whole[[*others, target]]),
        SaidColumns(missing=missing),
    )
    if not unknown.any():
        alone = MissingWords.of({target: missing.of_column.get(target, ())})
        return none, no_cell_holds(alone, table_of(whole[[target]]), [])
    if unknown.all():
        raise DataError(
            "Every cell of the target is a word for a missing value",
            where=f'column "{target}"',
            fix="name another target or other words, or "
            + without_words(missing, target, whole[target]),
        )
    return np.flatnonzero(unknown), []


def only(said: SaidColumns, column: str) -> SaidColumns:
    """What is said of one column."""
    number = {name: each for name, each in said.number.items() if name == column}
    date = {name: each for name, each in said.date.items() if name == column}
    return SaidColumns(number, said.category & {column}, said.text & {column}, date, said.missing)


def refused(error: DataError, column: str) -> DataError:
    """The error for a target whose cells contradict each other, with the fixes of a target."""
    what, where, why, fix = error.unspelled
    features_only = (leave_out(column), say_category(column))
    kept = [each for each in fix.split("; ") if not any(said in each for said in features_only)]
    fixes = [
        each.removeprefix("or ").replace("leave them empty", "leave these rows out")
        for each in kept
    ]
    fixes.append(f"if the values are classes, set {parameter('task', CLASSIFICATION)}")
    remedies = [each for each in remedies_of(error) if not {"drop", "category"} & {*each.said}]
    return ColumnError(
        f"{what}, in the target", where=where, why=why, fix="; ".join(fixes),
        remedies=remedies or [Remedy(said={"task": CLASSIFICATION})],
        row=error.row if isinstance(error, ColumnError) else 0,
    )  # fmt: skip


def number_target(
    cells: Sequence[Any] | pd.Series,
    column: str,
    *,
    task: str = "auto",
    positive: str | None = None,
    said: SaidColumns | None = None,
    features: pd.DataFrame | None = None,
) -> NumericTarget | None:
    """The target as numbers; None if it is classes.

    Parameters
    ----------
    cells : sequence or Series, length n_samples
    column : str
        The name of the target, for messages.
    task : {"auto", "classification", "regression"}, default "auto"
        The task that the user named; "auto" uses the rule of this module.
    positive : str, optional
        The positive class, if the user named one: then the target is classes.
    said, features : optional
        As for `numbers_of`.

    Raises
    ------
    SettingsError
        The task is regression, and a positive class is named.
    DataError
        The task is regression, and not all cells are numbers; or as for `numbers_of`.
    """
    if task == REGRESSION and positive is not None:
        raise SettingsError(
            f'A numeric target has no positive class, but "{positive}" is named',
            fix=f"leave out {parameter('positive')}, or set {parameter('task', CLASSIFICATION)}",
        )
    if task == CLASSIFICATION or positive is not None:
        return None
    target = numbers_of(cells, column, said, features)
    if task == REGRESSION:
        if target is None:
            task_of_classes = parameter("task", CLASSIFICATION)
            raise no_number(cells, column, f"a numeric target, or set {task_of_classes}")
        return target
    return target if target is not None and is_number(target.values) else None


def no_number(cells: Sequence[Any] | pd.Series, column: str, name: str, why: str = "") -> DataError:
    """The error for a target that should be numeric; ``name`` says what to name instead."""
    return DataError(
        f"The target is not numeric{why}",
        where=f'column "{column}", such as "{next(iter(cells))}"',
        fix=f"name {name}",
    )


def taken_for_a_number(values: Floats) -> str:
    """A note for the user that the rule of this module takes the target for a number."""
    different = np.unique(values)
    return (
        f"The target is taken for a number: {len(different):,} different values from "
        f"{amount(different[0], 6)} to {amount(different[-1], 6)}. If they are classes, set --task "
        f"{CLASSIFICATION}."
    )


def require_classes(y: Labels) -> None:
    """Refuse numbers with fractions, and huge floats, as names of classes.

    Raises
    ------
    DataError
        A label is a number with a fraction, or a float that is no 64-bit integer.
    """
    if y.dtype.kind != "f":
        return
    # The limit is no number of 16 bits.
    sizes = np.abs(y.astype(np.float64) if y.dtype.itemsize < 8 else y)
    fractions, huge = y != np.floor(y), sizes >= _LABELS_BELOW
    if not (fractions | huge).any():
        return
    row = int(np.argmax(fractions if fractions.any() else huge))
    what = "numbers with fractions" if fractions.any() else "floats from 9.2e18 on"
    raise DataError(
        f"The target has {what}, which are not class labels: Unknown label type: continuous",
        where=f"row {row + 1} is {shown(y[row])}",
        why="scikit-learn takes such a target for a number, and its scores for classes refuse it",
        fix="for a numeric target use ThalwegRegressor; for classes give text: "
        "y = np.asarray(y).astype(str)",
    )


def require_numbers(y: Labels) -> Floats:
    """A target as floats.

    Raises
    ------
    DataError
        A value is not a number.
    """
    try:
        return np.asarray(y).astype(np.float64)
    except (TypeError, ValueError) as bad:
        raise DataError(
            f"The target is not numeric: {str(bad)[:120]}",
            fix="give numbers; for classes use ThalwegClassifier",
        ) from bad
