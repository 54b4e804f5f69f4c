"""The target of a fit, or several: one column each, with the checks of one target."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.column_names import listed
from thalweg.data.typing import TargetLike
from thalweg.errors import DataError, SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.checked_target import checked_target, labels_of_target
from thalweg.estimators.outputs.several_outputs import (
    MOST_TARGETS,
    about_target,
    column_of,
)

if TYPE_CHECKING:
    from thalweg.estimators.parameters.resolved_parameters import HasParameters

# From so many columns on, a single 1 in every row means classes that exclude each other.
_ONE_HOT_FROM = 3


def read_target(
    estimator: "HasParameters", y: TargetLike, known: Sequence[str] = ()
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The targets of all rows, and their names if there are several.

    Parameters
    ----------
    estimator : HasParameters
    y : array of shape (n_samples,) or (n_samples, n_targets), or a frame
    known : sequence of str
        The targets of a fitted model, whose names a frame has to have.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Of objects if the columns differ in their types.
    names : tuple of str
        Empty for one target.

    Raises
    ------
    DataError
        If a target cannot be learned.
    """
    y, of_classes = unmasked(y), is_classifier(estimator)
    columns = _columns(y)
    if columns is None:
        return labels_of_target(estimator, checked_target(y, of_classes=of_classes)), ()
    names = tuple(columns)
    if len(names) > MOST_TARGETS:
        raise DataError(
            f"y has {len(names):,} columns, and one network has at most {MOST_TARGETS:,} targets",
            fix="fit several models, each for some of the columns",
        )
    if known and _are_named(y) and names != tuple(known):
        fix = f"give them in the order of the fit: y = y[{list(known)!r}]"
        if set(names) != set(known):
            fix = "give the columns with these names; if only the names differ, set "
            fix += f"y.columns = {list(known)!r}"
        raise DataError(
            f"The columns of y are {listed(names)}",
            where=f"the targets of the model are {listed(known)}",
            why="Each column is compared with the target of its name",
            fix=fix,
        )
    read = []
    for name, column in columns.items():
        with about_target(name):
            read.append(labels_of_target(estimator, checked_target(column, of_classes=of_classes)))
    alike = len({each.dtype.kind for each in read}) == 1
    whole = np.column_stack(read if alike else [each.astype(object) for each in read])
    if of_classes and not known:
        _warn_of_one_hot(whole)
    return whole, names


def refuse_several(y: TargetLike) -> None:
    """Raise a SettingsError for several targets in `partial_fit`."""
    columns = _columns(y)
    if columns is not None:
        raise SettingsError(
            f"partial_fit is for one target, and y has {len(columns)} columns",
            fix="fit all rows at once: model.fit(X, y), and model.fit_more for further rows; or "
            "make a model of its own for each column",
        )


def _columns(y: Any) -> dict[str, Any] | None:
    """The columns by their names; None for one target, and for what is refused elsewhere."""
    if hasattr(y, "toarray"):
        return None
    if hasattr(y, "column_names") and hasattr(y, "column"):  # of Arrow
        return _by_name(y.column_names, [y.column(i).to_pylist() for i in range(y.num_columns)])
    if hasattr(y, "get_columns"):  # of polars
        return _by_name(y.columns, [each.to_list() for each in y.get_columns()])
    if isinstance(y, pd.DataFrame):
        return _by_name(y.columns, [y.iloc[:, i] for i in range(y.shape[1])])
    if not isinstance(y, np.ndarray):
        if not isinstance(y, list | tuple) or not isinstance(
            next(iter(y), None), list | np.ndarray
        ):
            return None
        try:
            y = np.asarray(y)
        except ValueError:  # of different lengths
            return None
    if y.ndim != 2 or y.dtype.names is not None:
        return None
    return _by_name(range(y.shape[1]), [column_of(y, t) for t in range(y.shape[1])])


def _by_name(names: Any, columns: list[Any]) -> dict[str, Any] | None:
    texts = [str(name) for name in names]
    if len(texts) < 2:
        return None
    if len(set(texts)) < len(texts):
        twice = next(name for name in texts if texts.count(name) > 1)
        raise DataError(
            f'Two columns of y have the name "{twice}"',
            why="A target is asked for by its name",
            fix="give each column of y a name of its own",
        )
    return dict(zip(texts, columns, strict=True))


def _are_named(y: Any) -> bool:
    columns = getattr(y, "columns", None)
    return columns is not None and not isinstance(columns, pd.RangeIndex)


def _warn_of_one_hot(y: NDArray[Any]) -> None:
    if y.dtype.kind not in "biuf" or y.shape[1] < _ONE_HOT_FROM:
        return
    if ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all():
        warnings.warn(
            "Each row of y has exactly one 1: these may be classes that exclude each other, and "
            "they are learned as labels that do not. Fix: if they do, give the number of the "
            "class: y = np.asarray(y).argmax(axis=1).",
            ThalwegWarning,
            stacklevel=outer_level(),
        )
