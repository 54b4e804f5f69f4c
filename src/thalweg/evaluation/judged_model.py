"""What can be judged: anything with scikit-learn's manners, a network or a rival of it."""

from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from thalweg.errors import SettingsError


class JudgedModel(Protocol):
    """A classifier, which is also a `ClassModel`, or a regressor."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: np.ndarray) -> object:
        """Learn, in place; ``groups=`` or ``time_column=`` is given where rows have one."""

    def predict(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """A label or a number for each row, shape (n_samples,)."""


@runtime_checkable
class ClassModel(Protocol):
    """What a fitted classifier has."""

    @property
    def classes_(self) -> np.ndarray:
        """The labels that it has learned, sorted."""

    def predict_proba(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Probabilities, shape (n_samples, n_classes)."""


def class_model(model: JudgedModel) -> ClassModel:
    """The model as a classifier.

    Raises
    ------
    SettingsError
        If it is none.
    """
    if not isinstance(model, ClassModel):
        raise SettingsError(
            f"A {type(model).__name__} gives no probabilities of classes",
            why="A target of classes is judged by them",
            fix="take a classifier that has predict_proba and classes_",
        )
    return model
