"""The target of a fit: checks, with a fix each, before scikit-learn's own."""

from collections.abc import Iterable, Mapping, MappingView, Set
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import _check_y

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.label_types import plain_texts, require_single, require_typed
from thalweg.data.typing import TargetLike
from thalweg.errors import DataError
from thalweg.wording import counted, shown

if TYPE_CHECKING:
    from thalweg.estimators.parameters.resolved_parameters import HasParameters

_DAYS = "y = (times - times.min()) / pandas.Timedelta(days=1)"
_TEXTS = "For classes give texts, as in y = numpy.asarray(y).astype(str)"


def checked_target(y: TargetLike, *, of_classes: bool) -> TargetLike:
    """Columns of pandas, polars and Arrow as plain labels; missing values are refused."""
    y = unmasked(y)
    if hasattr(y, "toarray"):
        raise DataError(
            "The target is sparse",
            where=f"of type {type(y).__name__}",
            why="A target has a label or a number for each row, also where it is 0",
            fix=f"make it a dense array: y = y.toarray(){'' if _has_columns(y) else '.ravel()'}",
        )
    if isinstance(y, str | bytes | Mapping) or np.isscalar(y):
        raise _no_values(y)
    if isinstance(y, Iterable) and not hasattr(y, "__getitem__") and not hasattr(y, "__array__"):
        raise _no_places(y)
    is_other = hasattr(y, "__array__") and not isinstance(y, pd.Series | pd.DataFrame)
    if isinstance(y, list | tuple) and isinstance(
        next(iter(y), None), tuple | set | frozenset | dict
    ):
        require_single(y, of_classes=of_classes)
    if isinstance(y, list | tuple) or is_other:
        given, y = y, _array_of(y)
        cells: Iterable[object] = given if isinstance(given, Iterable) else ()
        if y.dtype.kind in "US" and not all(isinstance(each, str) for each in cells):
            y = np.array(given, dtype=object)  # 1 and "one" must not both become texts
    if isinstance(y, np.ndarray):
        y = plain_texts(y)
    if isinstance(y, np.ndarray | pd.DataFrame):
        _require_one_column(np.asarray(y), of_classes=of_classes)
    if isinstance(y, pd.Series) or (isinstance(y, np.ndarray) and y.dtype.kind == "O"):
        missing = np.flatnonzero(np.atleast_1d(pd.isna(y)))
        if len(missing):
            raise DataError(
                f"The target has {counted(len(missing), 'missing value')} (NaN or None)",
                where=f"first in row {missing[0] + 1}",
                fix=f"leave those rows out, or fill the {'labels' if of_classes else 'values'} in",
            )
        if y.dtype.kind == "O":
            require_single(np.asarray(y, dtype=object).ravel(), of_classes=of_classes)
    _require_no_times(np.asarray(y))
    _require_no_bytes(np.asarray(y))
    if isinstance(y, np.ndarray) and y.dtype.kind == "f" and not np.isfinite(y).all():
        row = int(np.argmin(np.isfinite(y)))  # of one column
        is_missing = np.isnan(y.flat[row])
        raise DataError(
            "The target has a missing value: Input y contains NaN"
            if is_missing
            else "The target is infinite: Input y contains infinity",
            where=f"first in row {row + 1}",
            fix="leave such rows out, or fill the values in"
            if is_missing
            else "leave such rows out, or correct them",
        )
    if isinstance(y, pd.Series) and not isinstance(y.dtype, np.dtype):
        return y.to_numpy(dtype=object)
    if of_classes and y is not None:
        require_typed(np.asarray(y))
    return y


def _has_columns(y: Any) -> bool:
    return len(y.shape) == 2 and y.shape[1] > 1


def labels_of_target(estimator: "HasParameters", targets: TargetLike) -> NDArray[Any]:
    """The targets as an array, one per row."""
    if targets is None:
        raise DataError(  # in scikit-learn's words, which its checks look for
            f"This {type(estimator).__name__} estimator requires y to be passed, but the target y "
            "is None",
            fix="give the target of each row",
        )
    return np.asarray(_check_y(targets, estimator=estimator))


def _no_values(y: object) -> DataError:
    """The error for the name of a column, a dict, or one value."""
    kind = "text" if isinstance(y, str) else type(y).__name__
    return DataError(
        f"y should be a 1d array, got an array of shape () instead: the target is one {kind}",
        where=shown(y),
        why="A target has a label or a number for each row",
        fix="give the column itself, as in y = table[name], and leave it out of X"
        if isinstance(y, str)
        else "give a list, an array or a column",
    )


def _no_places(y: Iterable[object]) -> DataError:
    """The error for generators, views of a dict and sets, which have no place for each row."""
    why, fix = "NumPy takes it for one object, not for a value for each row", "y = list(y)"
    if isinstance(y, Set) and not isinstance(y, MappingView):
        why = "A set has no order, and equal labels only once"
        fix = "y = table[name], or a list with a value for each row of X"
    return DataError(
        f"y should be a 1d array, and the target is of type {type(y).__name__}",
        where=shown(y),
        why=why,
        fix=f"give a list or a column: {fix}",
    )


def _array_of(y: Any) -> NDArray[Any]:
    try:
        return np.asarray(y)
    except ValueError as error:  # lists of different lengths
        raise DataError(
            "The target has rows of different lengths",
            why=f"A target has one label or number for each row. NumPy says: {error}",
            fix="give one part of each, as in: y = [np.ravel(label)[0] for label in y]",
        ) from error


def _require_one_column(y: NDArray[Any], *, of_classes: bool) -> None:
    """Refuse several columns, records, and complex numbers."""
    if y.dtype.names is not None:
        raise DataError(
            "The target is a record array",
            where=f"with the fields {', '.join(y.dtype.names)}",
            why="A target has one label or number for each row",
            fix=f"give one of them: y = y[{y.dtype.names[0]!r}]",
        )
    if y.dtype.kind == "c":
        raise DataError(
            "Complex data not supported: a target is a real number or a label",
            where=f"an array of {y.dtype}",
            fix="give its real part, imaginary part or magnitude: y = np.abs(y)",
        )
    if y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1):
        return
    if y.ndim == 0:
        raise _no_values(y.item())
    fix = "fit a model for each column, as in y = np.asarray(y)[:, 0]"
    if y.ndim > 2:
        fix = f"give the columns of several targets: y = np.reshape(y, ({len(y)}, -1))"
    if of_classes and y.ndim == 2 and y.dtype.kind in "biuf" and ((y == 0) | (y == 1)).all():
        fix += (
            "; if each column says whether a row is of one class, give the number of the class: "
            "y = np.asarray(y).argmax(axis=1)"
        )
    raise DataError(
        f"y should be a 1d array, got an array of shape {y.shape} instead",
        why="A target has one label or number for each row",
        fix=fix,
    )


def _require_no_times(y: NDArray[Any]) -> None:
    """Refuse times: they are numbers only with a start day and a unit, which the user chooses."""
    first = y.flat[0] if y.size else None
    if isinstance(first, timedelta | np.timedelta64):
        what, why = "durations", "A duration is a number only in a given unit"
        fix = (
            "give them in days, as in y = pandas.to_timedelta(numpy.asarray(y)) / "
            "pandas.Timedelta(days=1)"
        )
    elif isinstance(first, pd.Period):
        what, why = "periods of time", "A time is a number only from a given day, in a given unit"
        fix = (
            "give days, as in times = pandas.PeriodIndex(numpy.asarray(y)).to_timestamp(); "
            f"{_DAYS}. {_TEXTS}"
        )
    elif isinstance(first, time):
        what, why = "times of day", "A time is a number only in a given unit"
        fix = "give hours, as in y = [each.hour + each.minute / 60 for each in y]. " + _TEXTS
    elif isinstance(first, date | np.datetime64):
        what, why = "dates or times", "A time is a number only from a given day, in a given unit"
        fix = f"give days, as in times = pandas.to_datetime(numpy.asarray(y)); {_DAYS}. {_TEXTS}"
    else:
        return
    raise DataError(f"The target contains {what}", where=f"row 1 is {first}", why=why, fix=fix)


def _require_no_bytes(y: NDArray[Any]) -> None:
    """Refuse bytes: they are texts only in an encoding, which the user knows."""
    first = y.flat[0] if y.size else None
    if not isinstance(first, bytes):
        return
    raise DataError(
        "The target contains bytes",
        where=f"row 1 is {first!r}",
        why="Bytes are text only in an encoding, such as UTF-8",
        fix='give text: y = [label.decode("utf-8") for label in y]; for an array of dtype S also '
        "y.astype(str)",
    )
