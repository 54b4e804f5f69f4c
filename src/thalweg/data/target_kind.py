"""Decide whether a target is classes or a number: classification or regression, by one rule.

A target is a **number** if all of its values are numbers, and they are

- whole, with more than ten different ones, or
- not all whole, with more than two different ones.

Any other target is **classes**. A user who names the task or a positive class overrules this.

Why ten: tables write classes as the digits 0 to 9, and hardly ever as larger numbers, while counts,
ages and scores soon have more values than that. Why two for fractions: nobody calls several classes
0.5, 1.0 and 1.5, but no and yes may be written as 0.0 and 0.5.

Where it is used:

- The command line (`number_target`) chooses the task of a table.
- The doctor and the landscape of a table (`is_number`, `number_target`) decide as the command line
  does.
- The classifier (`require_classes`) is for classes, so it accepts any number of different whole
  numbers. It refuses fractions, as all of scikit-learn's scores do.
- The regressor (`require_numbers`) accepts every target whose values are numbers.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import number_of
from thalweg.data.notation.codes import codes_among, may_be_thousands
from thalweg.data.notation.decide_number import decide_as_said, decide_number, in_doubt
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.read_number import NumberReader
from thalweg.data.notation.units import is_unit
from thalweg.data.notation.written_number import written
from thalweg.errors import DataError, SettingsError
from thalweg.wording import amount, parameter, shown

# A target with more different values than this is a number.
MOST_WHOLE = 10
MOST_WITH_FRACTIONS = 2

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


def numbers_of(
    labels: Collection[str], column: str = "", notation: NumberNotation | None = None
) -> Floats | None:
    """Texts as numbers, or None if one is not a finite number; true and false are not numbers.

    Parameters
    ----------
    labels : collection of str
    column : str
        The name of the target, for messages.
    notation : NumberNotation, optional
        How the numbers are written, where that was said.

    Raises
    ------
    DataError
        If a number may be read in two ways.
    """
    words = {label: label.strip() for label in set(labels)}
    read = {label: number_of(label) for label in words}
    plain = not any(value is None or isinstance(value, bool) for value in read.values())
    if notation is None and plain and codes_among(list(words.values())):
        return None
    is_sure = plain and not may_be_thousands(np.array(list(words.values()), dtype=object))
    if notation is not None or not is_sure:
        few = notation is None and not plain and len(words) <= MOST_WITH_FRACTIONS
        if few or not all(map(_is_number, words.values())):
            return None
        read = _written_numbers(labels, column, notation)
        if any(value is None for value in read.values()):
            return None
    values = np.array([read[label] for label in labels], dtype=np.float64)
    return values if np.isfinite(values).all() else None


def _is_number(text: str) -> bool:
    said = written(text)
    return said is not None and (not said.unit or is_unit(said.unit)) and not said.bound


def _written_numbers(
    labels: Collection[str], column: str, notation: NumberNotation | None
) -> dict[str, float | None]:
    """The number of each label, by the notation of all of them; None where it is none."""
    order = list(labels)

    rows: dict[str, int] = {}
    for row, label in enumerate(order, start=1):
        rows.setdefault(label.strip(), row)

    if notation is None:
        decided = decide_number(column, list(rows), rows.__getitem__)
        if decided.doubt:
            raise in_doubt(column, decided)
        notation = decided.notation
    else:
        notation = decide_as_said(column, list(rows), rows.__getitem__, notation)
    read = NumberReader(notation)
    return {label: read(label) for label in set(order)}


def number_target(
    labels: Sequence[str],
    column: str,
    *,
    task: str = "auto",
    positive: str | None = None,
    notation: NumberNotation | None = None,
) -> Floats | None:
    """The values of a target that is a number; None if it is classes.

    Parameters
    ----------
    labels : sequence of str, length n_samples
    column : str
        The name of the target, for messages.
    task : {"auto", "classification", "regression"}, default "auto"
        The task that the user named; "auto" uses the rule of this module.
    positive : str, optional
        The positive class, if the user named one: then the target is classes.
    notation : NumberNotation, optional
        How its numbers are written, if the user said so.

    Raises
    ------
    SettingsError
        The task is regression, and a positive class is named.
    DataError
        The task is regression, and not all labels are numbers.
    """
    if task == REGRESSION and positive is not None:
        raise SettingsError(
            f'A numeric target has no positive class, but "{positive}" is named',
            fix=f"leave out {parameter('positive')}, or set {parameter('task', CLASSIFICATION)}",
        )
    if task == CLASSIFICATION or positive is not None:
        return None
    values = numbers_of(labels, column, notation)
    if task == REGRESSION:
        if values is None:
            task_of_classes = parameter("task", CLASSIFICATION)
            raise no_number(labels, column, f"a numeric target, or set {task_of_classes}")
        return values
    return values if values is not None and is_number(values) else None


def no_number(labels: Sequence[str], column: str, name: str, why: str = "") -> DataError:
    """The error for a target that should be numeric; ``name`` says what to name instead."""
    return DataError(
        f"The target is not numeric{why}",
        where=f'column "{column}", such as "{labels[0]}"',
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
    """Refuse numbers with fractions as names of classes.

    Raises
    ------
    DataError
        A label is a number with a fraction.
    """
    if y.dtype.kind != "f" or not has_fractions(y):
        return
    row = int(np.argmax(y != np.floor(y)))
    raise DataError(
        "The target has numbers with fractions, which are not class labels: Unknown label "
        "type: continuous",
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
            f"The target is not numeric: {str(bad)[:80]}",
            fix="give numbers; for classes use ThalwegClassifier",
        ) from bad
