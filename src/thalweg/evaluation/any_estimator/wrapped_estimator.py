"""Any estimator with ``fit`` and ``predict``, as what the evaluation asks: clones and given rows.

A clone is fitted, and never the estimator that was passed in. It gets rows of the user's own table,
in the type that the user passed: an array, a DataFrame, a sparse matrix, a list.
"""

import copy
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.utils import _safe_indexing

from thalweg.errors import SettingsError, UnseenLevelWarning
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.task_kinds import THE_NETWORK

# The column of the table that the evaluation splits: the row of the user's table.
PLACE = "place"
_SUBJECT = "the model"


def places_table(n_rows: int) -> pd.DataFrame:
    """The table that the evaluation splits: the number of each row."""
    return pd.DataFrame({PLACE: np.arange(n_rows)})


class WrappedEstimator:
    """An estimator that is fitted and asked by the numbers of the rows of a table.

    Parameters
    ----------
    estimator : object
        With ``fit`` (unless it is fitted) and ``predict``. It is fitted itself: pass a copy.
    X : table of any type
        All rows.
    threshold : float, optional
        Of two classes, in place of the estimator's own.
    """

    def __init__(self, estimator: Any, X: Any, threshold: float | None = None) -> None:
        self.estimator = estimator
        self._X, self._threshold = X, threshold
        own = getattr(estimator, "_subject", None)
        self._subject = str(own) if own else _subject_of(estimator)

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: np.ndarray) -> "WrappedEstimator":
        """Fit the estimator on the rows with these numbers, and with what of ``more`` it takes."""
        groups, weights = more.get("groups"), more.get("sample_weight")
        given: dict[str, np.ndarray] = {}
        if groups is not None and _takes(self.estimator, "groups"):
            given["groups"] = groups
        if weights is not None:
            given |= dict.fromkeys(_weight_arguments(self.estimator), weights)
        self.estimator.fit(self._rows(X), y, **given)
        return self

    def predict(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predictions of the estimator for the rows with these numbers."""
        return np.asarray(self.asked("predict", X))

    @property
    def threshold_(self) -> float | None:
        """Of two classes: the threshold that was given, or the estimator's own."""
        if self._threshold is not None:
            return self._threshold
        own: float | None = getattr(self.estimator, "threshold_", None)
        return own

    @property
    def chosen(self) -> Threshold | float | None:
        """The threshold with its rule, where the estimator knows it."""
        known: Threshold | None = getattr(self.estimator, "_chosen", None)
        return self.threshold_ if known is None or self._threshold is not None else known

    @property
    def members_(self) -> Any:
        """The networks of a thalweg estimator, whose loss evaluates a regression; else None."""
        return getattr(self.estimator, "members_", None)

    @property
    def _classes(self) -> Any:
        """The classes of a thalweg classifier with their costs; else None."""
        return getattr(self.estimator, "_classes", None)

    def asked(self, method: str, X: pd.DataFrame | np.ndarray, **more: Any) -> Any:
        """What a method of the estimator answers for the rows with these numbers."""
        with warnings.catch_warnings():
            # It would count rows within the test rows, where a user cannot look them up.
            warnings.simplefilter("ignore", UnseenLevelWarning)
            return getattr(self.estimator, method)(self._rows(X), **more)

    def _rows(self, X: pd.DataFrame | np.ndarray) -> Any:
        places = X[PLACE].to_numpy() if isinstance(X, pd.DataFrame) else np.asarray(X)
        return _safe_indexing(self._X, places)


class WrappedClassifier(WrappedEstimator):
    """A classifier that gives probabilities."""

    @property
    def classes_(self) -> np.ndarray:
        """The labels, sorted."""
        return np.asarray(self.estimator.classes_)

    def predict_proba(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The probabilities for the rows with these numbers."""
        return np.asarray(self.asked("predict_proba", X))


def wrapping(model: Any, *, of_classes: bool) -> Callable[..., WrappedEstimator]:
    """The class that wraps a model.

    Raises
    ------
    SettingsError
        If it lacks a method.
    """
    if inspect.isclass(model):
        raise SettingsError(
            f"{model.__name__} is a class, not an estimator", fix=f"pass {model.__name__}()"
        )
    name = type(model).__name__
    if of_classes and not hasattr(model, "predict_proba"):
        raise SettingsError(
            f"A {name} gives no class probabilities",
            why="Classification is evaluated by them",
            fix="take a classifier that has predict_proba, or calibrate this one with "
            "sklearn.calibration.CalibratedClassifierCV",
        )
    if not hasattr(model, "predict"):
        raise SettingsError(
            f"A {name} has no predict", fix="pass an estimator with fit and predict"
        )
    return WrappedClassifier if of_classes else WrappedEstimator


def predicts_numbers(model: Any) -> bool:
    """Whether a model is a regressor: it says so, or has nothing of a classifier."""
    if _is(is_regressor, "regressor", model):
        return True
    like_a_classifier = hasattr(model, "predict_proba") or hasattr(model, "classes_")
    return not (like_a_classifier or _is(is_classifier, "classifier", model))


def _is(asks: Callable[[Any], bool], kind: str, model: Any) -> bool:
    try:
        return asks(model)
    except (AttributeError, TypeError):  # not of scikit-learn
        return getattr(model, "_estimator_type", None) == kind


def copy_of(model: Any) -> Any:
    """An unfitted copy of an estimator."""
    if hasattr(model, "get_params"):
        return clone(model)
    return copy.deepcopy(model)


def _subject_of(estimator: Any) -> str:
    return THE_NETWORK if type(estimator).__module__.startswith("thalweg.") else _SUBJECT


def _takes(estimator: Any, argument: str) -> bool:
    found = inspect.signature(estimator.fit).parameters
    return argument in found


def _weight_arguments(estimator: Any) -> list[str]:
    """The arguments of ``fit`` that take sample weights; of a pipeline, those of its steps."""
    if _takes(estimator, "sample_weight"):
        return ["sample_weight"]
    steps = getattr(estimator, "steps", [])
    found = [name for name, step in steps if hasattr(step, "fit") and _takes(step, "sample_weight")]
    if found and found[-1] == steps[-1][0]:
        return [f"{name}__sample_weight" for name in found]
    raise SettingsError(
        f"The fit of a {type(estimator).__name__} takes no sample weights",
        fix="leave out sample_weight, or evaluate an estimator that takes them",
    )
