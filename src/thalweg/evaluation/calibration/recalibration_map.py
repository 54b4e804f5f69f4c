"""A map that corrects predictions: by intercept and slope of their logits, or of the numbers.

Two classes: logit p' = a + b logit p. Several: p'_k ∝ p_k^b. Numbers: ŷ' = a + b ŷ. The slope b is
above 0, so the order of rows (of two classes, and of numbers) and the most probable class stay.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.calibration.calibration_shapes import CalibrationMapData
from thalweg.evaluation.calibration.probability_rows import expit, logit

# What is predicted, by the names of the table of tasks.
Task: TypeAlias = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
# The kinds of maps of each task.
KINDS: dict[Task, tuple[str, ...]] = {
    "binary": ("temperature", "affine"),
    "multiclass": ("temperature",),
    "regression": ("affine",),
}
# The numbers nearest to 0 and 1: a finite logit never gives 0 or 1 themselves.
_LEAST, _MOST = float(np.nextafter(0.0, 1.0)), float(np.nextafter(1.0, 0.0))
_LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Calibration:
    """A map of predictions.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    kind : {"temperature", "affine"}
        A temperature has the intercept 0.
    intercept, slope : float
        The slope is above 0. The temperature is 1 / slope.
    """

    task: Task
    kind: str
    intercept: float
    slope: float

    @property
    def temperature(self) -> float:
        """1 / slope: above 1, predictions become less sure."""
        return 1 / self.slope

    def line(self, values: np.ndarray) -> np.ndarray:
        """a + b z: of logits of the positive class, of logarithms of probabilities, of numbers.

        Those of several classes need a log softmax afterwards.
        """
        moved: np.ndarray = self.intercept + self.slope * np.asarray(values, dtype=np.float64)
        return moved

    def apply(self, predictions: np.ndarray) -> np.ndarray:
        """Corrected predictions; probabilities of exactly 0 or 1 stay, no others become so.

        Parameters
        ----------
        predictions : ndarray, shape (n_samples,) or (n_samples, n_classes)
            As `Answers.answer`: probabilities of the positive class, of all classes, or numbers.

        Returns
        -------
        ndarray of float64
        """
        given = np.asarray(predictions, dtype=np.float64)
        if self.task == "regression":
            return self.line(given)
        if self.task == "binary":
            # A number times ∞ is ∞, since the slope is above 0.
            moved = expit(self.line(logit(given)))
            inside = (given > 0) & (given < 1)
        else:
            moved = self._softened(given)
            inside = (given > 0) & ((given > 0).sum(axis=1, keepdims=True) > 1)
        found: np.ndarray = np.where(inside, np.clip(moved, _LEAST, _MOST), moved)
        return found

    def _softened(self, given: np.ndarray) -> np.ndarray:
        largest = given.max(axis=1, keepdims=True)
        with np.errstate(divide="ignore", under="ignore"):
            powers = np.exp(self.slope * (np.log(given) - np.log(largest)))
            moved: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return moved

    def as_dict(self) -> CalibrationMapData:
        """Plain data for JSON and model files."""
        return {
            "task": self.task,
            "kind": self.kind,
            "intercept": self.intercept,
            "slope": self.slope,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, str | float]) -> "Calibration":
        """A map from its plain data, which may come from an untrusted file.

        Raises
        ------
        DataError
            If it is not the data of a map.
        """
        tasks = [task for task in TASKS if data.get("task") == task]
        numbers = [data.get(name) for name in ("intercept", "slope")]
        good = (
            {*data} == {"task", "kind", "intercept", "slope"}
            and len(tasks) == 1
            and data["kind"] in KINDS[tasks[0]]
            and all(_is_finite(number) for number in numbers)
        )
        if good:
            intercept, slope = (float(number or 0.0) for number in numbers)
            good = slope > 0 and (data["kind"] != "temperature" or intercept == 0)
        if not good:
            raise DataError(
                "The calibration is not a valid map",
                where="calibration",
                why="it needs a task, a kind, a finite intercept and a slope above 0",
                fix="fit the model again, or calibrate it again",
            )
        return cls(tasks[0], str(data["kind"]), intercept, slope)


def _is_finite(number: str | float | None) -> bool:
    if not isinstance(number, int | float) or isinstance(number, bool):
        return False
    return -_LARGEST <= number <= _LARGEST  # an integer may be larger than every float
