"""The target, the groups and the task that `evaluate` was asked for, checked."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.utils import _safe_indexing

from thalweg.data.column_names import listed
from thalweg.data.group_folds import require_group_of_each, require_several_groups
from thalweg.data.label_types import default_positive, of_one_kind
from thalweg.data.target_kind import has_fractions
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.any_estimator.decided_labels import own_positive
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, task_of, two_classes
from thalweg.wording import counted


def checked_target(target: np.ndarray, n_rows: int, *, regression: bool) -> np.ndarray:
    """The target as labels of one type, or as numbers.

    Raises
    ------
    DataError
        If it does not match the table, has missing values, or is none of the task.
    """
    if target.ndim != 1 or len(target) != n_rows:
        raise DataError(
            "The table and the target do not match",
            where=f"{n_rows:,} rows, a target of shape {target.shape}",
            fix="pass one target for every row"
            + ("" if target.ndim < 2 else ", such as one column: y = numpy.asarray(y)[:, 0]"),
        )
    if not n_rows:
        raise DataError("There is no row to evaluate", fix="pass at least one row")
    missing = np.flatnonzero(pd.isna(target))
    if len(missing):
        raise DataError(
            f"The target has {counted(len(missing), 'missing value')} (NaN or None)",
            where=f"first in row {missing[0] + 1}",
            fix="leave those rows out, or fill them in",
        )
    if regression:
        return _numbers(target)
    labels = of_one_kind(target)
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and has_fractions(labels):
        raise DataError(
            "The target has numbers with fractions, and the model is a classifier",
            where=f"{counted(len(np.unique(labels)), 'different number')} in "
            f"{counted(n_rows, 'row')}",
            fix="evaluate a regressor; or make classes of the numbers, as in "
            'y = np.where(y > 1, "high", "low")',
        )
    return labels


def checked_groups(groups: Any, n_rows: int) -> np.ndarray | None:
    """The groups of rows; a DataError if one is missing, or there is not one for each row."""
    if groups is None:
        return None
    require_several_groups(groups)
    found = np.asarray(groups)
    if found.ndim != 1 or len(found) != n_rows:
        raise DataError(
            "The groups and the table do not match",
            where=f"groups of shape {found.shape}, {n_rows:,} rows",
            fix="pass the group of every row",
        )
    require_group_of_each(found)
    return found.astype(str) if found.dtype == object else found


def checked_task(
    model: Any, y: np.ndarray, positive: Label | None, *, regression: bool, given: bool
) -> Task:
    """The task: the classes are those of the target, or of a fitted model that is given.

    Parameters
    ----------
    model : object
    y : ndarray, shape (n_samples,)
    positive : label or None
        None: that of the model, if it has one, or that of `default_positive`.
    regression, given : bool
        ``given``: the model is fitted.
    """
    if regression:
        return OneNumber()
    classes = _classes_of(model, y) if given else np.unique(y)
    if len(classes) == 2:
        names = classes.tolist()
        if positive is None:
            own = own_positive(model)
            positive = own if own in names else default_positive(names)[0]
        return two_classes(classes, positive)
    if given and positive is None and len(classes) > 2:
        return SeveralClasses(classes)
    return task_of(classes, positive)


def require_fitted(model: Any, X: Any, *, where: str, why: str, fix: str) -> None:
    """Raise a SettingsError if a model that is given has not been fitted.

    Parameters
    ----------
    model, X : object and table
    where, why, fix : str
        Of the error: the caller knows what asks for a fitted model, and what else is possible.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # all rows are predicted later, with their warnings
            model.predict(_safe_indexing(X, [0]))
    except NotFittedError as error:
        raise SettingsError(
            f"The {type(model).__name__} is not fitted",
            where=where,
            why=why,
            fix=fix,
        ) from error


def _classes_of(model: Any, y: np.ndarray) -> np.ndarray:
    """The classes of a fitted model, sorted; all labels must be among them."""
    own = of_one_kind(np.asarray(model.classes_)) if hasattr(model, "classes_") else None
    if own is None or own.ndim != 1:
        return np.unique(y)
    known = set(own.tolist())
    strange = [label for label in np.unique(y).tolist() if label not in known]
    if strange:
        place = int(np.flatnonzero(y == strange[0])[0])
        raise DataError(
            f"The target has labels that the model does not know: {listed(map(str, strange), 5)}",
            where=f"first in row {place + 1}; the classes of the model are "
            f"{listed(map(str, own.tolist()), 6)}",
            fix="write the labels as the model knows them, or leave such rows out",
        )
    return np.unique(own)


def _numbers(y: np.ndarray) -> np.ndarray:
    try:
        return y.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "The target of a regressor is not numbers",
            where=f"a target of type {y.dtype}",
            fix="give numbers, or evaluate a classifier",
        ) from error
