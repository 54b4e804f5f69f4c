"""Class labels: check that all are of one type, so that they can be compared and sorted."""

import numbers
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import Cell, plain_numbers, trimmed
from thalweg.data.column_names import listed
from thalweg.data.notation.yes_no import says_true, yes_of
from thalweg.data.typing import Label
from thalweg.errors import DataError
from thalweg.wording import counted, parameter, shown

# What brings labels back that were left out with their rows, and these labels.
LostLabels: TypeAlias = Sequence[tuple[str, frozenset[str]]]


def plain_texts(y: NDArray[Any]) -> NDArray[Any]:
    """Texts of NumPy's ``StringDType`` as objects, as scikit-learn takes them; others unchanged."""
    return y.astype(object) if y.dtype.kind == "T" else y


def of_one_kind(y: NDArray[Any]) -> NDArray[Any]:
    """Convert labels from an array of objects, as a Series gives it, to an array of their type.

    Integers and floats count as one type: both are numbers.

    Raises
    ------
    DataError
        Labels are of different types, such as 1 and "one", or 1 and true.
    """
    y = plain_texts(y)
    if y.dtype != object or not y.size:
        return y
    labels = y.ravel().tolist()
    kinds = [_kind_of(label) for label in labels]
    require_single(labels)
    other = next((place for place, kind in enumerate(kinds) if kind != kinds[0]), None)
    if other is not None:
        raise DataError(
            f"Labels of different types: {shown(labels[0])} is {kinds[0]}, "
            f"{shown(labels[other])} is {kinds[other]}",
            where=f"target, rows 1 and {other + 1}",
            why="Classes are sorted by their labels, and labels of different types cannot be "
            "compared",
            fix="write all labels as numbers, or all as text: np.array([str(label) for label in "
            "y])",
        )
    plain = len({type(label) for label in labels}) == 1 or kinds[0] == "a number"
    return np.array(y.tolist()) if plain else y


def require_typed(y: NDArray[Any]) -> None:
    """Refuse labels in an array of objects, except texts.

    scikit-learn's scores and searches refuse them (``type_of_target``), so a model that accepts
    them could be fitted and not scored.

    Raises
    ------
    DataError
        The labels are numbers, truth values or other objects; or of different types.
    """
    if y.dtype != object or not y.size or isinstance(y.flat[0], str):
        return
    labels = of_one_kind(y)
    kind = _kind_of(y.flat[0])
    types = {"b": "bool", "i": "int", "f": "float"}
    dtype = types.get(labels.dtype.kind, "str")
    raise DataError(
        "The target is an array of dtype object, and its labels are no texts: Unknown label type: "
        "unknown",
        where=f"row 1 is {shown(y.flat[0])}, {kind}",
        why="scikit-learn's scores and searches refuse such a target",
        fix=f"give it the type of its labels: y = np.asarray(y).astype({dtype})",
    )


_SEVERAL = (tuple, list, set, frozenset, dict, np.ndarray)


def require_single(labels: Collection[object], *, of_classes: bool = True) -> None:
    """Raise a DataError if a label is a tuple, a list or the like."""
    if not any(issubclass(each, _SEVERAL) for each in set(map(type, labels))):
        return  # of a million texts in a tenth of the time
    for row, label in enumerate(labels, start=1):
        if isinstance(label, _SEVERAL):
            raise DataError(
                f"A label is of type {type(label).__name__}: {shown(label)}",
                where=f"target, row {row}",
                why="A label is a number, true or false, or text"
                if of_classes
                else "A regression predicts one number for each row",
                fix=_one_label(label) if of_classes else _one_number(label),
            )


def _one_label(label: object) -> str:
    fix = "make a text of each label: np.array([str(label) for label in y])"
    if isinstance(label, tuple | list | np.ndarray):
        fix += "; or give one part of it: np.array([label[0] for label in y])"
    return fix


def _one_number(cell: Any) -> str:
    """How to give a number of each cell, if this one has any."""
    fix, parts = "give one number in each cell", {}
    if isinstance(cell, dict):
        parts = cell
    elif not isinstance(cell, np.ndarray) or cell.ndim == 1:
        parts = dict(enumerate(cell))
    keys = [key for key, part in parts.items() if _kind_of(part) == "a number"]
    if not keys:
        return fix
    of_set = isinstance(cell, set | frozenset)
    taken, kind = "max(each)" if of_set else f"each[{keys[0]!r}]", type(cell).__name__
    kind = "np.ndarray" if isinstance(cell, np.ndarray) else kind
    return f"{fix}, as in: y = [{taken} if isinstance(each, {kind}) else each for each in y]"


def visibly_known(labels: Sequence[Any], known: Sequence[Any]) -> list[Any]:
    """Texts as the known labels are spelled, where spaces and invisible marks around them differ.

    Nobody sees these, and a table that is read from a file has none. A label that is known as it
    is stays what it is, and so do all if two known ones differ only in this.
    """
    exact = set(known)
    by_look = {trimmed(each): each for each in known if isinstance(each, str)}
    if len(by_look) < len(exact):
        return list(labels)
    return [
        by_look.get(trimmed(each), each) if isinstance(each, str) and each not in exact else each
        for each in labels
    ]


def default_positive(labels: Sequence[Label]) -> tuple[Label, str]:
    """The positive one of two classes that nobody has named, and why it is that one.

    It is the word for yes of yes and no, or for true of true and false, whatever the order and the
    capitals; otherwise the last in sorted order.
    """
    last = max(labels)  # type: ignore[type-var]  # labels of one type can be compared
    texts = [label for label in labels if isinstance(label, str)]
    yes = yes_of(texts) if len(texts) == len(labels) else None
    if yes is None:
        return last, "the last in sorted order"
    return yes, f"the word for {'true' if says_true(yes) else 'yes'}"


def _kind_of(label: Cell) -> str:
    if isinstance(label, bool | np.bool_):
        return "true or false"
    if isinstance(label, str):
        return "a text"
    if isinstance(label, numbers.Real):
        return "a number"
    return f"of type {type(label).__name__}"


def other_class(y: np.ndarray, positive: Label | None) -> Label:
    """The other one of two classes.

    Raises
    ------
    DataError
        If there are not two classes, or ``positive`` is not one of them.
    """
    classes: list[Label] = np.unique(of_one_kind(y)).tolist()
    named = listed(map(str, classes), 6)
    if len(classes) > 2 and positive is not None:
        raise DataError(
            f"A positive class is named, but the target has {len(classes):,} different values",
            where=named,
            why="Only a target of two classes has a positive class",
            fix=f"leave out {parameter('positive')}",
        )
    if len(classes) != 2:
        raise DataError(
            f"The target has {counted(len(classes), 'class', 'classes')}, "
            "and the evaluation needs two",
            where=named,
            fix="keep the rows of two classes, or choose another target",
        )
    if positive not in classes:
        raise DataError(
            f'The positive class "{positive}" is not in the target',
            fix=f"choose one of {named}",
        )
    return classes[1 - classes.index(positive)]


def is_numeral(label: str) -> bool:
    """Whether a label is a number, with a decimal point or a decimal comma."""
    return plain_numbers(np.array([label.replace(",", ".")], object)) is not None


def one_class(name: str, label: str, n_rows: int, lost: LostLabels = ()) -> DataError:
    """The error for a target that is the same in all rows; the table doctor finds it, too."""
    back = [fix for fix, labels in lost if labels - {label}]
    what, more = f'The target has only one class: "{label}"', "add rows of another class"
    why = "With one class there is nothing to tell apart, neither to learn nor to evaluate"
    if is_numeral(label):
        what, more = f"The target is a number that never changes: {label}", "add rows with others"
        why = "With one value there is nothing to learn or to evaluate: no classes, and no number"
    return DataError(
        what,
        where=f'column "{name}", all {counted(n_rows, "row")}',
        why=why,
        fix="; or ".join([f"{more}, or name another target", *back]),
    )
