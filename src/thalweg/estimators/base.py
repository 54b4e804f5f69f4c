"""What every estimator does before and after a descent: understand a target, place θ₀, report."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.rows import Rows
from thalweg.errors import (
    DataError,
    DivergenceError,
    DivergenceWarning,
    SettingsError,
    Status,
    UnfinishedWarning,
)
from thalweg.network.activations import ACTIVATIONS
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.random import generator
from thalweg.training.train import Descent

# Below so many training rows θ is float64: there it costs little, and equals a longer sum.
FLOAT32_FROM = 20_000


@dataclass(frozen=True)
class Start:
    """All that a descent begins with."""

    encoder: Encoder
    architecture: Architecture
    theta: NDArray[np.floating]
    data: Data


def starting_point(
    rows: Rows,
    training: NDArray[np.intp],
    n_levels: tuple[int, ...],
    *,
    hidden: tuple[int, ...],
    activation: str,
    dtype: str,
    seed: int,
    member: int = 0,
) -> Start:
    """Encode canonical rows, with the statistics of the training rows alone, and draw θ₀.

    Parameters
    ----------
    rows : Rows
        All rows, those that only judge too.
    training : ndarray of int
        The rows that may be learned from.
    n_levels : tuple of int
        How many levels each column has: 0 where it is no category.
    hidden : tuple of int
        Units of each hidden layer.
    activation : str
    dtype : {"auto", "float32", "float64"}
        ``"auto"``: float64 below 20,000 training rows.
    seed, member : int
        Two members of one seed start from different points.

    Returns
    -------
    Start
    """
    encoder = fit_encoder(rows.X[training], rows.weights[training], n_levels)
    architecture = Architecture.dense(encoder.n_outputs, hidden, 1, activation)
    if dtype == "auto":
        dtype = "float64" if len(training) < FLOAT32_FROM else "float32"
    initialiser = ACTIVATIONS[activation].initialiser
    theta = initial_theta(architecture, initialiser, generator(seed, "weights", member))
    data = Data.of(encoder.encode(rows.X).astype(dtype), rows.y[:, None], rows.weights)
    return Start(encoder, architecture, theta.astype(dtype), data)


def two_classes(y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The two labels, sorted, and 0.0 or 1.0 for each row."""
    if y.dtype == object and len({type(label) for label in y.tolist()}) == 1:
        y = np.array(y.tolist())  # integers or booleans that came as objects, as from a Series
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) > 2:
        # The first words are those that scikit-learn's own checks look for.
        raise DataError(
            "Only binary classification is supported. "
            f"The type of the target is {type_of_target(y)}",
            where=f"{len(classes)} classes: {', '.join(map(str, classes[:6]))}…",
            fix="keep two classes, or join classes to one",
        )
    if len(classes) < 2:
        raise DataError(
            "The target has one class only",
            where=f"every row is {classes[0]}",
            why="There is nothing to tell apart",
            fix="give rows of the other class too",
        )
    return classes, codes.astype(np.float64)


def positive_class(positive: Any, classes: NDArray[Any]) -> Any:
    """The label that was named as positive, or the second in sorted order."""
    if positive is None:
        return classes[1]
    if positive not in classes.tolist():
        raise SettingsError(
            f"positive={positive!r} is not a class of the target",
            fix=f"take {classes[0]!r} or {classes[1]!r}",
        )
    return classes[classes.tolist().index(positive)]


def require_both_classes(rows: Rows, classes: NDArray[Any]) -> None:
    """Rows of weight 0 are gone by now; there must be some of each class left."""
    there = np.unique(rows.y)
    if len(there) < 2:
        raise DataError(
            "After rows of weight 0 are left out the target has one class only",
            where=f"every row is {classes[int(there[0])]}" if len(there) else "no row is left",
            fix="give rows of each class a weight above 0",
        )


def report_ending(descent: Descent) -> None:
    """Raise where nothing came of the descent, warn where it ended otherwise than it should."""
    if descent.trouble:
        what, fix = descent.trouble.what, descent.trouble.fix
        if descent.best_epoch == 0:
            raise DivergenceError(what, why="No epoch had come to finite numbers by then", fix=fix)
        warnings.warn(
            f"{what}. Epoch {descent.best_epoch}, the best before, was kept. Mend: {fix}.",
            DivergenceWarning,
            stacklevel=4,
        )
    if descent.status is Status.INTERRUPTED:
        if descent.best_epoch == 0:
            raise KeyboardInterrupt
        warnings.warn(
            f"The descent was interrupted after epoch {len(descent.history)}; epoch "
            f"{descent.best_epoch}, the best so far, was kept.",
            UnfinishedWarning,
            stacklevel=4,
        )
