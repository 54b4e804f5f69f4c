"""The intervals or sets that a model has of its own, for the rows that are evaluated."""

from dataclasses import dataclass

import numpy as np

from thalweg.evaluation.any_estimator.wrapped_estimator import WrappedEstimator
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import ONE_NUMBER
from thalweg.evaluation.verdict_sections import labels_of


@dataclass(frozen=True, eq=False)
class OwnHeld:
    """The model's own intervals or sets of the evaluated rows.

    Parameters
    ----------
    task : Task
    model : WrappedEstimator
    places : ndarray of int
        The rows of the table.
    """

    task: Task
    model: WrappedEstimator
    places: np.ndarray

    @classmethod
    def of(cls, task: Task, model: WrappedEstimator, places: np.ndarray) -> "OwnHeld | None":
        """The same; None if the model has none."""
        found = cls(task, model, places)
        return found if hasattr(model.estimator, found._method) else None

    @property
    def _method(self) -> str:
        return "predict_interval" if self.task.kind is ONE_NUMBER else "predict_set"

    def __call__(self, level: float) -> np.ndarray:
        """Intervals, shape (n_samples, 2), or sets, shape (n_samples, n_classes), at a level."""
        found = np.asarray(self.model.asked(self._method, self.places, confidence_level=level))
        if self.task.kind is ONE_NUMBER:
            return found
        own, labels = [*self.model.estimator.classes_], labels_of(self.task)
        return np.stack([found[:, own.index(label)] for label in labels], axis=1)
