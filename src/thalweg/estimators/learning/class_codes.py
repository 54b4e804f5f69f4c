"""Class labels: their codes, the positive class, and class weights (costs)."""

from collections.abc import Mapping
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from thalweg.data.label_types import default_positive, of_one_kind, plain_texts, visibly_known
from thalweg.data.target_kind import require_classes
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.wording import parameter, shown

Floats = NDArray[np.float64]


def classes_of(y: NDArray[Any]) -> NDArray[Any]:
    """The different labels, sorted; at least two."""
    y = of_one_kind(y)
    require_classes(y)
    _require_known_type(y)
    labels = np.unique(y)
    if len(labels) < 2:
        raise DataError(
            "The target has one class only",
            where=f"every row is {shown(labels[0])}",
            why="Classification needs at least two",
            fix="give rows of the other class too",
        )
    return labels


def codes_of(y: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """The index of each label, 0 … n_classes - 1."""
    y = as_classes(of_one_kind(np.asarray(y)), labels)
    require_classes(y)
    # Of few rows, mostly different labels are no sign of a number: the classes are known.
    _require_known_type(y if len(y) > 2 * len(labels) else twice(y))
    if y.dtype.kind != labels.dtype.kind and "O" not in (y.dtype.kind, labels.dtype.kind):
        mixed = {y.dtype.kind, labels.dtype.kind} & set("US")
        known = np.zeros(len(y), np.bool_) if mixed else np.isin(y, labels)
    else:
        known = np.isin(y, labels)
    if not known.all():
        row = int(np.argmin(known))
        raise DataError(
            f"The label {shown(y[row])} is not one of the classes",
            where=f"row {row + 1}",
            why=f"They are {', '.join(map(shown, labels[:6]))}" + (" …" if len(labels) > 6 else ""),
            fix="leave such rows out, or fit on rows that have this label, too",
        )
    return np.searchsorted(labels, y).astype(np.float64)


def twice(labels: NDArray[Any]) -> NDArray[Any]:
    """Labels that stand for many rows: scikit-learn takes a target for a number if most differ."""
    return np.concatenate((labels, labels))


def _require_known_type(y: NDArray[Any]) -> None:
    """Raise if scikit-learn, and so its scores, cannot take these labels."""
    try:
        check_classification_targets(y)
    except ValueError as error:
        raise DataError(
            f"The target has no class labels: {str(error).partition('. ')[0]}",
            where=f"row 1 is {shown(y.flat[0])}" if y.size else "",
            why="A label is a number, true or false, or text",
            fix="give texts: y = np.asarray(y).astype(str)",
        ) from error


def as_classes(y: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Texts as the classes are spelled (`visibly_known`); all other labels as they are."""
    y = plain_texts(y)
    if y.ndim != 1 or y.dtype.kind not in "OU" or labels.dtype.kind not in "OU":
        return y
    different = set(y.tolist()) if y.dtype.kind == "U" or all(map(_is_text, y)) else set()
    if different <= set(labels.tolist()):
        return y
    return np.array(visibly_known(y.tolist(), labels.tolist()), dtype=object)


def _is_text(label: object) -> bool:
    return isinstance(label, str)


def positive_class(positive: Label | None, labels: NDArray[Any]) -> Label | None:
    """The label that was named as positive, or the one of `default_positive`."""
    if len(labels) > 2:
        if positive is not None:
            raise SettingsError(
                f"{parameter('positive', positive)} is for two classes, and the target has "
                f"{len(labels)}",
                fix="leave it out: every class is evaluated against all others",
            )
        return None
    if positive is None:
        return default_positive(list(labels))[0]
    (positive,) = visibly_known([positive], labels.tolist())
    if positive not in labels.tolist():
        raise SettingsError(
            f"{parameter('positive', positive)} is not a class of the target",
            fix=f"take {shown(labels[0])} or {shown(labels[1])}",
        )
    label: Label = labels[labels.tolist().index(positive)]
    return label


def class_costs(
    given: Mapping[Label, float] | str | None,
    labels: NDArray[Any],
    codes: Floats,
    weights: Floats,
) -> Floats:
    """The factor of each class in the loss.

    Parameters
    ----------
    given : dict, "balanced" or None
        A class that a dict does not name has the factor 1. "balanced": Σ w / (K Σ w of the class).
    labels : ndarray of shape (n_classes,)
    codes, weights : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of float64, shape (n_classes,)
    """
    if given is None:
        return np.ones(len(labels))
    if isinstance(given, str):
        sums = np.bincount(codes.astype(np.intp), weights, len(labels))
        there = np.where(sums > 0, sums, 1.0)  # a class without weight is refused elsewhere
        balanced: Floats = weights.sum() / (len(labels) * there)
        return balanced
    names = labels.tolist()
    strange = [label for label in given if label not in names]
    if strange:
        raise SettingsError(
            f"{parameter('class_weight')} names {shown(strange[0])}, which is not a class of the "
            "target",
            fix=f"name some of {', '.join(map(shown, names[:6]))}",
        )
    for label, weight in given.items():
        if isinstance(weight, complex | np.complexfloating) or not isinstance(weight, Number):
            raise SettingsError(
                f"{parameter('class_weight')} gives {shown(label)} the weight {shown(weight)}",
                why="A weight is a number",
                fix=f"give a number above 0, as in {parameter('class_weight', {label: 2})}",
            )
    costs = np.array([given.get(label, 1.0) for label in names], dtype=np.float64)
    odd = np.flatnonzero(~((costs >= 1e-50) & (costs <= 1e50)))
    if len(odd):
        raise SettingsError(
            f"{parameter('class_weight')} gives {shown(names[odd[0]])} the weight "
            f"{costs[odd[0]]:g}",
            why="A class with a weight of 0 or less would never be predicted, and have no "
            "probability",
            fix="give weights above 0; to leave a class out, leave its rows out",
        )
    return costs


def require_each_class(codes: Floats, labels: NDArray[Any]) -> None:
    """Raise if a class has no row; rows of weight 0 are already left out."""
    there = np.unique(codes).astype(np.intp)
    if len(there) == len(labels):
        return
    if len(there) < 2:
        what = "one class only"
        where = f"every row is {shown(labels[there[0]])}" if len(there) else "no row is left"
    else:
        lacking = labels[np.setdiff1d(np.arange(len(labels)), there)]
        what, where = "no row of some class", ", ".join(map(shown, lacking[:6]))
    raise DataError(
        f"Without the rows of weight 0, the target has {what}",
        where=where,
        fix="give rows of each class a weight above 0",
    )
