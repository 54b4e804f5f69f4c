"""Probabilities as a data frame with a named column for each class: ``set_output``, and back."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.wording import counted, shown

Container: TypeAlias = Literal["default", "pandas", "polars"]

_KINDS: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda table: import_module("pandas").DataFrame(table),
    "polars": lambda table: import_module("polars").DataFrame(table),
}


class Labelled:
    """A mixin for models whose answers have a column for each class, or for each level."""

    # Not scikit-learn's attribute, which clones inherit: cross_validate and stacking take columns
    # of predict_proba as of an array.
    _given_as: Container = "default"

    def set_output(self, *, transform: Container | None = None) -> Self:
        """Choose what `predict_proba` and `predict_log_proba` return.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            "default" is an array. The others are frames whose columns have the names of the
            classes (for pandas, with the index of the rows). ``None`` changes nothing. The
            parameter has scikit-learn's name. Clones, such as those of ``cross_validate``, return
            arrays. Tools of scikit-learn that take a fitted model (a scorer, a display, a prefit
            stack) need an array: set "default" before.

        Returns
        -------
        self

        Raises
        ------
        SettingsError
            For any other word.
        """
        if transform is not None:
            if transform != "default" and transform not in _KINDS:
                raise SettingsError(
                    f"set_output(transform={transform!r}) has no meaning",
                    fix=f"take default, {' or '.join(_KINDS)}",
                )
            self._given_as = transform
        return self

    def _labelled(self, probabilities: Floats, labels: NDArray[Any], X: object) -> Any:
        """An array as it is, or a frame of the requested kind."""
        if self._given_as == "default":
            return probabilities
        columns = {str(each): probabilities[:, k] for k, each in enumerate(labels.tolist())}
        frame = _KINDS[self._given_as](columns)
        index = getattr(X, "index", None)
        if self._given_as == "pandas" and index is not None and not callable(index):
            frame.index = index
        return frame


# A probability that was rounded, or averaged, may be above 1 by so much.
_ROUNDING = 1e-6


def in_order_of_classes(probability: ArrayLike, labels: NDArray[Any]) -> Floats:
    """Probabilities that a user gives as an array whose columns are in the order of the classes.

    Parameters
    ----------
    probability : array or frame, shape (n_samples, n_classes)
        The columns of a frame are matched by their names, in any order; those of an array, and of
        a frame without names, by their places.
    labels : ndarray of shape (n_classes,)

    Raises
    ------
    DataError
        If there is not one column for each class, or a cell is no probability.
    """
    names = _names(probability)
    order = slice(None) if names is None else _places(names, labels)
    try:
        cells = np.asarray(unmasked(probability), np.float64)
    except (TypeError, ValueError) as bad:
        raise DataError(
            f"The probabilities are not numbers: {str(bad)[:80]}",
            fix="give them as predict_proba does",
        ) from bad
    if cells.ndim != 2 or cells.shape[1] != len(labels):
        raise _misshapen(cells, labels)
    found: Floats = cells[:, order]
    missing = np.flatnonzero(np.isnan(found).any(axis=1))
    if len(missing):
        name = "dropna" if hasattr(probability, "dropna") else "drop_nans"
        without = f"p.{name}()" if hasattr(probability, name) else "p[~np.isnan(p).any(axis=1)]"
        raise DataError(
            f"{counted(len(missing), 'row has', 'rows have')} no probability (NaN)",
            where=f"first in row {missing[0] + 1}",
            why="Out-of-fold probabilities are NaN for rows of weight 0, for the only row of a "
            "class, and, after a fit with time_column, for rows before the first held-out window",
            fix=f"leave such rows out, as in model.called({without}) for probabilities p",
        )
    odd = np.argwhere((found < 0) | (found > 1 + _ROUNDING))
    if len(odd):
        raise DataError(
            f"A probability is {found[tuple(odd[0])]:g}, and not from 0 to 1",
            where=f"row {odd[0][0] + 1}",
            fix="give probabilities as predict_proba does, not logarithms or scores",
        )
    return found


def _names(probability: object) -> list[Any] | None:
    """The names of the columns; None for an array, and for a frame whose columns are counted."""
    columns = getattr(probability, "column_names", None)  # Arrow's, whose columns are arrays
    if columns is None:
        columns = getattr(probability, "columns", None)
    if columns is None or (isinstance(columns, pd.RangeIndex) and columns[0:1].tolist() == [0]):
        return None
    return list(columns)


def _places(names: list[Any], labels: NDArray[Any]) -> NDArray[np.intp]:
    """Where the column of each class is: under its label, or the label as text."""
    for wanted in (labels.tolist(), [str(label) for label in labels.tolist()]):
        if len(names) == len(wanted) and set(names) == set(wanted):
            return np.array([names.index(each) for each in wanted], np.intp)
    raise DataError(
        f"The columns of the probabilities are not the classes: {shown(names)}",
        where=f"the classes are {shown(labels)}",
        fix="name a column for each class; or give an array whose columns are in the order of "
        "classes_: np.asarray(p)",
    )


def _misshapen(cells: Floats, labels: NDArray[Any]) -> DataError:
    fix = "give a row for each sample, with a column for each class, as predict_proba does"
    if cells.ndim == 1 and len(labels) == 2:
        fix = (
            f"if p is the probability of {shown(labels[1])} in each row, give "
            "np.column_stack((1 - p, p)); if it is one row, np.reshape(p, (1, -1))"
        )
    elif cells.ndim == 1:
        fix += "; of one row np.reshape(p, (1, -1))"
    return DataError(
        f"Probabilities of shape {cells.shape} are not of shape (n_samples, {len(labels)})",
        why=f"Each of the {len(labels)} classes has a column: {shown(labels)}",
        fix=fix,
    )
