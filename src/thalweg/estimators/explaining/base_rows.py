"""The rows that an answer is compared with: the typical row, a background, or another row."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.drifting.known_likeness import why_unknown
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.input_tables import read_for_predict
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

# Each background row takes as long as a whole explanation.
MOST_BACKGROUND = 100
_FEWER_ROWS = f"give {MOST_BACKGROUND} of them, such as frame.sample(100, random_state=0)"
TYPICAL, AGAINST = "a typical row", "the other row"


class Base(NamedTuple):
    """The rows that answers are compared with.

    Attributes
    ----------
    matrix : ndarray of float64, shape (n_base, n_features)
        As the schema reads them; the base value is the mean of their answers.
    name : str
        What a sentence calls them: `TYPICAL`, `AGAINST`, or "the mean of … rows".
    """

    matrix: NDArray[np.float64]
    name: str


def base_rows(
    model: "NetworkEstimator", background: TableLike | None, against: TableLike | None
) -> Base:
    """The base of an explanation: without either table, the typical row of the model.

    Raises
    ------
    SettingsError
        If both are given; if the model is of an earlier file, which keeps no typical row.
    DataError
        If the background has more than `MOST_BACKGROUND` rows, or ``against`` not one.
    """
    if background is not None and against is not None:
        raise SettingsError(
            f"{parameter('background')} and {parameter('against')} are both given",
            why="An answer is compared with one base",
            fix=f"leave out {parameter('background')} or {parameter('against')}",
        )
    if against is not None:
        return other_row(_read(model, against))
    if background is not None:
        return background_rows(_read(model, background))
    return Base(typical_row(model._known), TYPICAL)


def other_row(matrix: NDArray[np.floating]) -> Base:
    """One other row as the base."""
    if len(matrix) != 1:
        raise DataError(
            f"{parameter('against')} has {counted(len(matrix), 'row')}",
            why="Rows are compared with one other row",
            fix=f"give a table of one row, or {parameter('background')} for the mean of several",
        )
    return Base(np.asarray(matrix, np.float64), AGAINST)


def background_rows(matrix: NDArray[np.floating], fewer: str = _FEWER_ROWS) -> Base:
    """The mean of several rows as the base; ``fewer`` says how to take fewer, if they are many."""
    if len(matrix) > MOST_BACKGROUND:
        raise DataError(
            f"{parameter('background')} has {counted(len(matrix), 'row')}, and at most "
            f"{MOST_BACKGROUND} are averaged over",
            why="Each of them takes as long as a whole explanation",
            fix=fewer,
        )
    return Base(np.asarray(matrix, np.float64), f"the mean of {counted(len(matrix), 'row')}")


def typical_row(fitted: Fitted) -> NDArray[np.float64]:
    """The typical row that a model keeps of its training table, shape (1, n_features)."""
    if fitted.likeness is None:
        why, fix = why_unknown(fitted)
        raise SettingsError(
            "This model keeps no typical row of its training table",
            why=why,
            fix=f"compare with rows of a table, by {parameter('background')} or "
            f"{parameter('against')}; or {fix}",
        )
    return np.asarray(fitted.likeness.typical, np.float64)[None]


def _read(model: "NetworkEstimator", X: TableLike) -> NDArray[np.floating]:
    return read_for_predict(model, X)
