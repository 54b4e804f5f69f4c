"""The order of grades: named, that of an ordered column, or by number; anything else is refused."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import number_of
from thalweg.data.column_names import listed
from thalweg.data.typing import Label, TargetLike
from thalweg.errors import SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.learning.class_codes import as_classes
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.parameters.parameter import Labels
from thalweg.estimators.parameters.rows.class_parameters import CLASS_LOSSES, ORDINAL
from thalweg.network.formulas.losses import LOSSES
from thalweg.wording import parameter, shown

# Above so many labels, a message does not print them all.
_MOST_NAMED = 60


def order_of_column(y: TargetLike) -> list[Label] | None:
    """The categories of an ordered column of pandas, or of an Enum of polars, in their order."""
    dtype = getattr(y, "dtype", None)
    is_ordered = getattr(dtype, "ordered", False) is True or type(dtype).__name__ == "Enum"
    categories: Any = getattr(dtype, "categories", None)
    return list(categories.to_list()) if is_ordered and hasattr(categories, "to_list") else None


def require_loss(loss: object, label_smoothing: float) -> None:
    """Refuse a loss that is not for classes, and settings that do not go with it.

    Raises
    ------
    SettingsError
    """
    if not isinstance(loss, str):
        raise SettingsError(
            f"{parameter('loss')} is a function, which is for targets that are numbers",
            fix=f"take {' or '.join(parameter('loss', each) for each in CLASS_LOSSES)}; for "
            "numbers take ThalwegRegressor",
        )
    if loss not in CLASS_LOSSES:
        name = loss.partition(":")[0].strip()
        of_numbers = name in LOSSES and name not in CLASS_LOSSES
        raise SettingsError(
            f"{parameter('loss', loss)} is for targets that are numbers"
            if of_numbers
            else f"{parameter('loss', loss)} is not a loss of classes",
            fix=f"take {' or '.join(parameter('loss', each) for each in CLASS_LOSSES)}"
            + ("; for numbers take ThalwegRegressor" if of_numbers else ""),
        )
    if loss == ORDINAL and label_smoothing:
        raise SettingsError(
            f"{parameter('label_smoothing')} is not for {parameter('loss', ORDINAL)}",
            why="It would spread a share of each row over all grades, however far they are",
            fix=f"leave {parameter('label_smoothing')} out",
        )


def warn_of_unused_grades(loss: str, grades: Labels) -> None:
    """Warn if an order is given and the loss knows none: a search may try both losses with it."""
    if loss != ORDINAL and grades is not None:
        warnings.warn(
            f"{parameter('grades')} is not used: {parameter('loss', loss)} knows no order of the "
            f"classes. Fix: add {parameter('loss', ORDINAL)}, or leave {parameter('grades')} out.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )


def outputs_in_order(
    labels: NDArray[Any], costs: Floats, grades: Labels, order: list[Label] | None
) -> Classes:
    """The outputs for grades; of two, the order decides nothing.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Sorted.
    costs : ndarray of shape (n_classes,)
    grades : sequence of labels, or None
        The parameter.
    order : list of labels, or None
        That of the column.
    """
    ranks = ranks_of(labels, grades, order)
    return Classes(labels, costs) if len(labels) == 2 else Grades(labels, costs, ranks)


def ranks_of(labels: NDArray[Any], grades: Labels, order: list[Label] | None) -> NDArray[np.intp]:
    """The place of each label in the order of the grades, from 0.

    Raises
    ------
    SettingsError
        If the order is not known, or ``grades`` leaves a label out or names one twice.
    """
    said = list(grades) if grades is not None else order
    if said is None:
        return _by_number(labels)
    known = labels.tolist()
    named = as_classes(np.array([*said, None], dtype=object)[:-1], labels).tolist()
    places = {label: place for place, label in enumerate(named)}
    if len(places) < len(named):
        twice = next(label for label in named if named.count(label) > 1)
        raise SettingsError(
            f"{parameter('grades')} names {shown(twice)} twice",
            fix="name each label once, from the lowest grade to the highest",
        )
    if left := [label for label in known if label not in places]:
        odd = [label for label in named if label not in known]
        raise SettingsError(
            f"{parameter('grades')} leaves out {listed(left, 6)}",
            where=f"it names {listed(odd, 6)}, which no row has" if odd else "",
            why="Each label of the target needs a place in the order",
            fix=_in_order(known),
        )
    return _ranks(np.array([places[label] for label in known]))


def _by_number(labels: NDArray[Any]) -> NDArray[np.intp]:
    """The order of labels that are numbers, also those that are written as texts."""
    numbers = [number_of(each) if isinstance(each, str) else each for each in labels.tolist()]
    if any(each is None or isinstance(each, str) for each in numbers):
        raise SettingsError(
            "The order of the grades is not known",
            where=f"labels such as {listed(labels[:3].tolist())}",
            why="Texts have no order of their own",
            fix=_in_order(labels.tolist()),
        )
    found = np.array(numbers, dtype=np.float64)
    if len(np.unique(found)) < len(found):
        raise SettingsError(
            "Two labels are the same number, written in two ways",
            where=listed(labels.tolist(), 6),
            why="Which of them is the higher grade is not known",
            fix="write equal grades alike in the table",
        )
    return _ranks(found)


def _ranks(values: NDArray[Any]) -> NDArray[np.intp]:
    return np.argsort(np.argsort(values)).astype(np.intp)


def _in_order(labels: list[Label]) -> str:
    """The fix: the labels, which a person must put in order; nothing that runs as it is printed."""
    return (
        "name all labels in your order, as in "
        f"{parameter('grades', ['lowest', '…', 'highest'])}. Sorted, which says nothing about "
        f"their order, they are {listed(map(str, labels[:_MOST_NAMED]), _MOST_NAMED)}"
    )
