"""The interface of models that can be evaluated: ``fit``, ``predict`` and ``predict_proba``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import shown


class JudgedModel(Protocol):
    """A classifier, which is also a `ClassModel`, or a regressor."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, **more: np.ndarray) -> object:
        """Fit in place; ``groups=`` or ``time_column=`` is passed only where rows have them."""

    def predict(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """A label or a number per row, shape (n_samples,)."""


@runtime_checkable
class ClassModel(Protocol):
    """What a fitted classifier has."""

    @property
    def classes_(self) -> np.ndarray:
        """The class labels it was fitted on, sorted."""

    def predict_proba(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Probabilities, shape (n_samples, n_classes)."""


def fitted_model(model: JudgedModel) -> JudgedModel:
    """What its ``fit`` gave: the model itself, or the one that a search found."""
    found: JudgedModel = getattr(model, "found_model", model)
    return found


def require_one_target(model: object) -> None:
    """Refuse a model of several targets: its answers are a column for each of them.

    Raises
    ------
    SettingsError
    """
    names = getattr(model, "targets_", None)
    if isinstance(names, tuple):
        raise SettingsError(
            f"The model has {len(names)} targets, and one is evaluated at a time",
            where=f"the targets are {listed(names, 6)}",
            fix=f"give the model of one target, model.for_target({shown(names[0])}), and the "
            "column of its values",
        )


def subject_of(model: JudgedModel | None) -> str:
    """What results call a model: what it says itself, or "the network"."""
    return str(getattr(model, "_subject", THE_NETWORK))


def subject_fact(model: JudgedModel | None) -> dict[str, str | list[str]]:
    """``{"subject": …}`` for a verdict on a model that is no network; else empty."""
    subject = subject_of(model)
    return {} if subject == THE_NETWORK else {"subject": subject}


def rulings_of(model: JudgedModel | None, found: Mapping[str, Ruling]) -> dict[str, Ruling]:
    """Rulings that call the model what it is."""
    return {name: replace(each, subject=subject_of(model)) for name, each in found.items()}


def class_model(model: JudgedModel) -> ClassModel:
    """The model, if it is a classifier.

    Raises
    ------
    SettingsError
        If it is not.
    """
    if not isinstance(model, ClassModel):
        raise SettingsError(
            f"A {type(model).__name__} gives no class probabilities",
            why="Classification is evaluated by them",
            fix="take a classifier that has predict_proba and classes_",
        )
    return model
