"""Tables at the door of an estimator: read for a fit, and again for every prediction."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import _check_sample_weight, validate_data

from thalweg.data.schema import Schema, infer_schema
from thalweg.errors import DataError

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Learnable:
    """A table to learn from, read and checked.

    Attributes
    ----------
    schema : Schema
    matrix : ndarray of float64, shape (n_samples, n_features)
        NaN where a value is missing; not to be written to.
    y : ndarray, shape (n_samples,)
    weights : ndarray of float64, shape (n_samples,)
        Not negative.
    """

    schema: Schema
    matrix: Matrix
    y: NDArray[Any]
    weights: Matrix


def read_for_fit(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Learnable:
    """Read a table, find out what its columns are, and check target and weights beside it.

    Sets ``n_features_in_``, and ``feature_names_in_`` where the table has names. A DataFrame may
    hold texts of numbers, booleans and holes; its columns keep their names. Anything else goes
    through scikit-learn's own checks and gets the names x0, x1, …
    """
    y = targets_of(y)
    if isinstance(X, pd.DataFrame):
        schema = infer_schema(X)
        X = pd.DataFrame(schema.matrix(X), columns=list(schema.names))
        X, y = validate_data(estimator, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
    else:
        X, y = validate_data(estimator, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        names = [f"x{i}" for i in range(X.shape[1])]
        schema = infer_schema(pd.DataFrame(X, columns=names))
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    require_sound_weights(weights)
    return Learnable(schema, np.ascontiguousarray(X), y, weights)


def read_for_predict(estimator: Any, X: Any) -> Matrix:
    """The table as numbers, its columns in the order of the fit.

    A DataFrame is matched by column names, whatever their order; columns that the model was not
    fitted on are left aside.
    """
    if isinstance(X, pd.DataFrame) and hasattr(estimator, "feature_names_in_"):
        X = estimator.schema_.matrix(X)
        if not len(X):
            raise DataError("There is no row to predict", fix="give at least one")
        return np.ascontiguousarray(X)
    X = validate_data(estimator, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
    # Through the schema again: what is not a number there is refused here too.
    frame = pd.DataFrame(X, columns=list(estimator.schema_.names))
    return np.ascontiguousarray(estimator.schema_.matrix(frame))


def read_more(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> Learnable:
    """Read a table for a schema that is known already, with target and weights beside it."""
    matrix = np.array(read_for_predict(estimator, X), dtype=np.float64)
    y = np.asarray(validate_data(estimator, y=targets_of(y), reset=False))
    if len(y) != len(matrix):
        raise DataError(
            "Found input variables with inconsistent numbers of samples: "
            f"[{len(matrix)}, {len(y)}]",
            why="A table has one target for each row",
            fix="give X and y of the same rows",
        )
    weights = _check_sample_weight(
        sample_weight, matrix, dtype=np.float64, ensure_non_negative=True
    )
    require_sound_weights(weights)
    return Learnable(estimator.schema_, matrix, y, weights)


def require_sound_weights(weights: Matrix) -> None:
    """A weight of a row is 0, or of a size that sums and quotients of weights can hold."""
    odd = np.flatnonzero((weights != 0) & ((weights < 1e-100) | (weights > 1e100)))
    if len(odd):
        raise DataError(
            f"A sample weight is {weights[odd[0]]:g}",
            where=f"row {odd[0] + 1}",
            why="A row of weight 2 counts as the row twice; this one would count as none, or all",
            fix="give weights from 1e-100 to 1e100, or 0",
        )
    if not weights.any():
        raise DataError(
            "Every sample weight is 0",
            why="There is no row to learn from",
            fix="give weights above 0",
        )


def targets_of(y: Any) -> Any:
    """Nullable and other columns of pandas as plain targets; a hole is refused here."""
    if isinstance(y, list | tuple):
        y = np.asarray(y)
    if isinstance(y, pd.Series) or (isinstance(y, np.ndarray) and y.dtype.kind == "O"):
        holes = np.flatnonzero(np.atleast_1d(pd.isna(y)))
        if len(holes):
            raise DataError(
                f"The target has {len(holes)} holes (NaN or None)",
                where=f"first in row {holes[0] + 1}",
                fix="leave those rows out, or fill the targets in",
            )
    if isinstance(y, pd.Series) and not isinstance(y.dtype, np.dtype):
        return y.to_numpy(dtype=object)
    return y
