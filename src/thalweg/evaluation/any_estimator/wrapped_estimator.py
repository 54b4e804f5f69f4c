"""Any estimator with ``fit`` and ``predict``, as what the evaluation asks: clones and given rows.

A clone is fitted, and never the estimator that was passed in. It gets rows of the user's own table,
in the type that the user passed: an array, a DataFrame, a sparse matrix, a list.
"""

import copy
import inspect
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.utils import _safe_indexing

from thalweg.errors import DataError, SettingsError, UnseenLevelWarning
from thalweg.evaluation.any_estimator.decided_labels import OwnDecision, inner_models
from thalweg.evaluation.any_estimator.inputs.fit_arguments import fit_arguments
from thalweg.evaluation.rates.last_step import chooses_loss, last_step
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import counted, rows_counted_as_in_file, shown

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
    decision : OwnDecision, optional
        Where the labels of `predict` are kept, for all copies of one estimator.
    unseen : dict, optional
        Where warnings of unseen levels are kept, with the numbers of rows in the table.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        threshold: float | None = None,
        decision: OwnDecision | None = None,
        unseen: dict[str, None] | None = None,
    ) -> None:
        self.estimator = estimator
        self._X, self._threshold, self._decision = X, threshold, decision
        self._unseen: dict[str, None] = {} if unseen is None else unseen
        own = getattr(estimator, "_subject", None)
        self._subject = str(own) if own else _subject_of(estimator)

    @property
    def table(self) -> Any:
        """All rows."""
        return self._X

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: np.ndarray) -> "WrappedEstimator":
        """Fit the estimator on the rows with these numbers, and with what of ``more`` it takes."""
        given = fit_arguments(self.estimator, more.get("groups"), more.get("sample_weight"))
        try:
            self.estimator.fit(self._rows(X), y, **given)
        except UnsetMetadataPassedError as error:
            raise SettingsError(
                f"The {type(self.estimator).__name__} does not know what to do with "
                f"{' and '.join(given)}",
                where=str(error).partition(". ")[0],
                fix="say it for each part with set_fit_request and, in a search, "
                "set_score_request: True or False",
            ) from error
        except ValueError as error:
            if "groups" in given or "'groups' parameter should not be None" not in str(error):
                raise
            raise SettingsError(
                f"The splits inside the {type(self.estimator).__name__} need groups of rows",
                where="evaluated without groups",
                fix="pass groups=, with a value for each row",
            ) from error
        return self

    def predict(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predictions of the estimator for the rows with these numbers."""
        found = np.asarray(self.asked("predict", X))
        if found.dtype.kind not in "iufb":
            try:
                found = found.astype(np.float64)
            except (TypeError, ValueError) as error:
                raise DataError(
                    f"The predict of the {type(self.estimator).__name__} gives no numbers",
                    where=f"values of type {found.dtype}",
                    fix="evaluate a regressor; a classifier needs predict_proba and classes_",
                ) from error
        return found

    @property
    def threshold_(self) -> float | None:
        """Of two classes: the threshold that was given, or the one that the model decides by."""
        if self._threshold is not None or self._decision is None:
            return self._threshold
        return self._decision.at()

    @property
    def members_(self) -> Any:
        """The networks of a thalweg estimator, whose loss evaluates a regression; else None.

        Also of one at the end of a pipeline, or in a search that does not choose between losses.
        """
        if chooses_loss(self.estimator):
            return None
        return getattr(last_step(self.estimator), "members_", None)

    def asked(self, method: str, X: pd.DataFrame | np.ndarray, **more: Any) -> Any:
        """What a method of the estimator answers for the rows with these numbers."""
        places = _places(X)
        with warnings.catch_warnings(record=True) as seen, rows_counted_as_in_file(places):
            warnings.simplefilter("always", UnseenLevelWarning)
            found = getattr(self.estimator, method)(self._rows(X), **more)
        for each in seen:
            if issubclass(each.category, UnseenLevelWarning):
                self._unseen[str(each.message)] = None
            else:
                warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
        return found

    def _rows(self, X: pd.DataFrame | np.ndarray) -> Any:
        return _safe_indexing(self._X, _places(X))


class WrappedClassifier(WrappedEstimator):
    """A classifier that gives probabilities."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: np.ndarray) -> "WrappedClassifier":
        """As of any estimator; whether it gives probabilities may be known only now."""
        super().fit(X, y, **more)
        require_probabilities(self.estimator)
        return self

    @property
    def classes_(self) -> np.ndarray:
        """The labels, sorted."""
        if not hasattr(self.estimator, "classes_"):
            raise SettingsError(
                f"A {type(self.estimator).__name__} has no classes_",
                why="They say which class each column of predict_proba is for",
                fix="set them in its fit: self.classes_ = np.unique(y)",
            )
        return np.asarray(self.estimator.classes_)

    def predict_proba(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The probabilities for the rows with these numbers."""
        found, n_classes = np.asarray(self.asked("predict_proba", X)), len(self.classes_)
        if found.shape != (len(X), n_classes):
            raise DataError(
                f"The predict_proba of the {type(self.estimator).__name__} does not have a column "
                "for each class",
                where=f"shape {found.shape} for {counted(len(X), 'row')}, {n_classes} classes",
                fix="give shape (n_samples, n_classes), with the columns in the order of classes_",
            )
        return found

    @property
    def _classes(self) -> SimpleNamespace | None:
        """The costs of the classes that the model decides by, None if they are equal; the order.

        Of grades alone there is an order: the labels from the lowest grade to the highest.
        """
        costs = None if self._decision is None else self._decision.costs_of(self.classes_)
        found = (getattr(each, "grades_", None) for each in inner_models(self.estimator))
        order = next((each for each in found if each is not None), None)
        if costs is None and order is None:
            return None
        return SimpleNamespace(costs=costs, order=order)

    def decided(self, X: pd.DataFrame | np.ndarray, answer: np.ndarray) -> np.ndarray | None:
        """The classes that `predict` gives, in the codes of the task; None if costs decide.

        Parameters
        ----------
        X : DataFrame or ndarray
            The numbers of rows.
        answer : ndarray of float64
            Their probabilities, as the task asks for them.
        """
        if self._decision is None:
            return None
        labels = np.asarray(self.asked("predict", X))
        strange = ~np.isin(labels, self.classes_) if labels.shape == (len(X),) else np.array([True])
        if strange.any():
            raise DataError(
                f"The predict of the {type(self.estimator).__name__} gives other values than its "
                "classes_",
                where=f"shape {labels.shape}, {shown(labels.flat[int(np.argmax(strange))])}"
                if labels.size
                else f"shape {labels.shape}",
                fix="give a label of classes_ for each row",
            )
        return self._decision.add(self.estimator, answer, labels)


def _places(X: pd.DataFrame | np.ndarray) -> np.ndarray:
    return X[PLACE].to_numpy() if isinstance(X, pd.DataFrame) else np.asarray(X)


def wrapping(
    model: Any, *, of_classes: bool, fitted: bool = False
) -> Callable[..., WrappedEstimator]:
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
    if of_classes and (fitted or not hasattr(type(model), "predict_proba")):
        require_probabilities(model)  # some others have it once they are fitted
    if not hasattr(type(model) if not fitted else model, "predict"):
        raise SettingsError(
            f"A {name} has no predict", fix="pass an estimator with fit and predict"
        )
    return WrappedClassifier if of_classes else WrappedEstimator


def require_probabilities(model: Any) -> None:
    """Raise a SettingsError if a model has no ``predict_proba``."""
    if hasattr(model, "predict_proba"):
        return
    votes = getattr(model, "voting", None) == "hard"
    raise SettingsError(
        f"A {type(model).__name__} gives no class probabilities",
        why="Classification is evaluated by them",
        fix='give it voting="soft"'
        if votes
        else "take a classifier that has predict_proba, or calibrate this one with "
        "sklearn.calibration.CalibratedClassifierCV",
    )


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
        made = clone(model)
        if (rates := getattr(last_step(model), "_rates_of", None)) is not None:
            last_step(made)._rates_of = rates  # its targets are rates
        return made
    return copy.deepcopy(model)


def _subject_of(estimator: Any) -> str:
    return THE_NETWORK if type(estimator).__module__.startswith("thalweg.") else _SUBJECT
