"""Models of several targets, each fitted once, and asked for one target after the other.

`judge_on_holdout` and `judge_by_folds` evaluate a model of one target. For several, each of them
gets an `OneOfTargets`, whose ``fit`` fits the model of all targets on these rows, unless another
target has done so.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from thalweg.errors import DataError


class JointFits:
    """Fits the models of all targets, and keeps them.

    Parameters
    ----------
    make : callable
        Makes an unfitted model of several targets from a seed.
    Y : DataFrame, shape (n_rows, n_targets)
        All targets, under the index of the rows.
    """

    def __init__(self, make: Callable[[int], Any], Y: pd.DataFrame) -> None:
        self._make, self._Y = make, Y
        self._fitted: dict[tuple[int, bytes], Any] = {}
        self._views: dict[tuple[int, bytes, str], Any] = {}

    def fitted(self, seed: int, X: pd.DataFrame, more: dict[str, Any]) -> tuple[int, bytes]:
        """The key of the model of these rows, which is fitted at the first call."""
        key = seed, np.asarray(X.index).tobytes()
        if key not in self._fitted:
            model = self._make(seed)
            model.fit(X, self._Y.loc[X.index], **more)
            self._fitted[key] = model
        return key

    def view(self, key: tuple[int, bytes], target: str) -> Any:
        """The model of one target."""
        if (*key, target) not in self._views:
            self._views[*key, target] = self._fitted[key].for_target(target)
        return self._views[*key, target]

    @property
    def last(self) -> Any:
        """The model of several targets that was fitted last."""
        return list(self._fitted.values())[-1]

    def one(self, target: str, seed: int) -> "OneOfTargets":
        """An unfitted model of one target."""
        return OneOfTargets(self, target, seed)


class OneOfTargets:
    """A model of one target, whose ``fit`` fits all targets.

    Parameters
    ----------
    fits : JointFits
    target : str
    seed : int
    """

    def __init__(self, fits: JointFits, target: str, seed: int) -> None:
        self._fits, self._target, self._seed = fits, target, seed
        self._view: Any = None

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: Any) -> "OneOfTargets":
        """Fit all targets on these rows, unless that is done."""
        key = self._fits.fitted(self._seed, X, more)
        self._view = self._fits.view(key, self._target)
        return self

    @property
    def view(self) -> Any:
        """The fitted model of this target."""
        return self._view

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__dict__.get("_view") is None:
            raise AttributeError(name)
        return getattr(self._view, name)


def require_both_classes(y: np.ndarray, rows: np.ndarray, name: str, part: str) -> None:
    """Raise unless some rows have every class of a target.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        The labels of all rows.
    rows : ndarray of int
    name : str
        Of the target.
    part : str
        What the rows are called, such as "test".
    """
    lacking = np.setdiff1d(np.unique(y), np.unique(y[rows]))
    if len(lacking):
        raise DataError(
            f'No {part} row has the class "{lacking[0]}"',
            where=f'target "{name}": {np.sum(y == lacking[0]):,} of {len(y):,} rows have it',
            why="All targets are split on the same rows, and each part needs rows of each class",
            fix=f'add rows of this class, or leave the target "{name}" out',
        )
