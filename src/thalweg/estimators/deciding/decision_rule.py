"""From probabilities to labels: the threshold of two classes, and the costs of several.

The threshold of two classes is, in this order: the parameter ``threshold``; what `thalweg decide`
stored, or a person set as ``threshold_``; the formula of the costs in ``class_weight``.
"""

from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from thalweg.data.typing import Label
from thalweg.errors import SettingsError
from thalweg.estimators.labelled_output import in_order_of_classes
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.several_outputs import asks_one_target
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.estimators.targets.answers_of_targets import (
    chosen_thresholds,
    labels_of_targets,
    thresholds_of_targets,
)
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator as _Estimator
else:
    _Estimator = object  # at run time this is a mixin


def checked_threshold(
    threshold: float | None, n_classes: int, n_labels: int | None = None
) -> float | None:
    """The parameter ``threshold`` of a model with so many classes, or with several labels.

    Raises
    ------
    SettingsError
        If there are more than two classes, or it is not between 0 and 1.
    """
    if threshold is None:
        return None
    given: Any = threshold
    if not isinstance(given, Real):
        raise SettingsError(
            f"{parameter('threshold', threshold)} is not one number",
            why="As a parameter it is one threshold, of several labels that of all of them",
            fix=f"give one number, as in {parameter('threshold', 0.1)}{_of_each(given, n_labels)}",
        )
    if n_classes > 2:
        raise SettingsError(
            f"{parameter('threshold', threshold)} is for two classes, and the target has "
            f"{n_classes}",
            why="Of several classes, the one with the largest product of probability and cost is "
            "predicted",
            fix=f"leave it out; {parameter('class_weight')} says what a mistake on each class "
            "costs",
        )
    if not 0 < float(given) < 1:
        raise SettingsError(
            f"{parameter('threshold', threshold)} is not between 0 and 1",
            why="Probabilities are compared with it, and all rows or none would be above it",
            fix=f"give a number between 0 and 1, as in {parameter('threshold', 0.1)}",
        )
    return float(given)


def _of_each(given: Any, n_labels: int | None) -> str:
    """The end of a fix: how a threshold is set for each of several labels, if there may be some."""
    if n_labels == 1:
        return ""
    sound = isinstance(given, list | tuple | np.ndarray) and len(given) == (n_labels or len(given))
    values: list[Any] = np.asarray(given).tolist() if sound else []
    if not all(isinstance(each, float) and 0 < each < 1 for each in values) or len(values) < 2:
        values = [0.1, 0.5] if n_labels is None else [0.1] * n_labels
    return f"; for one of each label, set it after the fit: model.threshold_ = {values!r}"


def cost_threshold(outputs: Outputs, positive: Label | None) -> Threshold | None:
    """The threshold of two classes by the costs in ``class_weight``; None for other outputs."""
    if not isinstance(outputs, Classes) or positive is None or len(outputs.labels) != 2:
        return None
    return outputs.threshold_of(int(outputs.labels[1] == positive))


class CallsClasses(_Estimator):
    """Predicts labels from probabilities."""

    threshold: float | None

    @property
    def _chosen(self) -> Threshold | None:
        """The threshold that `predict` uses, with its rule; None for more than two classes."""
        self._require_one_target("threshold_")
        fitted, outputs = self._known, self._known.outputs
        assert isinstance(outputs, Classes)
        said = checked_threshold(self.threshold, len(outputs.labels), 1)
        return fitted.threshold if said is None else Threshold(said, "given")

    @property
    def threshold_(self) -> float | None:
        """A row is predicted positive if the probability of that class is above this.

        For several labels an array with the threshold of each; it is set as a list of them.
        """
        if self._known.several is not None:
            found: Any = self._thresholds
            return found  # type: ignore[no-any-return]
        chosen = self._chosen
        return None if chosen is None else chosen.value

    @threshold_.setter
    def threshold_(self, threshold: float | None) -> None:
        if self._known.several is not None:
            self._decide_all(threshold)
            return
        self._decide(None if threshold is None else Threshold(threshold, "given"))

    @property
    def _thresholds(self) -> Floats:
        """The threshold of each of several labels."""
        if self._known.several is None:
            raise self._lacks("_thresholds")
        said = checked_threshold(self.threshold, 2, len(self._known.parts))
        return thresholds_of_targets(self._known, said)

    def _decide_all(self, given: object) -> None:
        """Use other thresholds for several labels from now on, also instead of the parameter."""
        chosen = chosen_thresholds(self._known, given)
        pairs = zip(self._known.parts, chosen, strict=True)
        self.threshold = None
        parts = tuple(replace(part, threshold=each) for part, each in pairs)
        self._adopt(replace(self._known, parts=parts))

    def _labels_of_all(self, probabilities: Floats) -> NDArray[Any]:
        """The labels of several targets for their probabilities, (n_samples, n_targets)."""
        return labels_of_targets(self._known, probabilities, self._thresholds)

    def _decide(self, chosen: Threshold | None) -> None:
        """Use another threshold from now on, also instead of the parameter."""
        self.threshold = None
        self._adopt(replace(self._known, threshold=chosen))

    def called(self, probability: ArrayLike) -> NDArray[Any]:
        """The labels for probabilities from `predict_proba`.

        Parameters
        ----------
        probability : array or frame, shape (n_samples, n_classes)
            An array has the columns in the order of ``classes_``; a frame has them under the names
            of the classes, in any order.

        Raises
        ------
        DataError
            If there is not one column for each class, or a cell is no probability, such as NaN.
        """
        check_is_fitted(self)
        if (several := self._known.several) is not None:
            raise asks_one_target(several.names, "called")
        outputs = self._known.outputs
        assert isinstance(outputs, Classes)
        return self._called(in_order_of_classes(probability, outputs.labels))

    def _called(self, probability: Floats) -> NDArray[Any]:
        threshold, outputs = self.threshold_, self._known.outputs
        assert isinstance(outputs, Classes)
        labels = outputs.labels
        if threshold is None:
            return np.asarray(labels[outputs.call(probability)])
        place = int(labels[1] == self._known.positive)
        return np.asarray(labels[np.where(probability[:, place] > threshold, place, 1 - place)])
