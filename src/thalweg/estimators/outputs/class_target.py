"""The outputs of a classifier: its classes with their costs and, of grades, their order."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import Label, TargetLike
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.deciding.decision_rule import checked_threshold, cost_threshold
from thalweg.estimators.learning.class_codes import (
    class_costs,
    classes_of,
    codes_of,
    positive_class,
    twice,
)
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_order import (
    outputs_in_order,
    require_loss,
    warn_of_unused_grades,
)
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.parameters.parameter import Costs, Labels
from thalweg.estimators.parameters.rows.class_parameters import ORDINAL
from thalweg.wording import parameter, shown


class HasClassParameters(Protocol):
    """The parameters of a classifier that its outputs depend on, and its classes once fitted."""

    loss: str
    grades: Labels
    label_smoothing: float
    positive: Label | Mapping[str, Label] | None
    threshold: float | None
    class_weight: Costs

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels."""

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there are classes."""


def class_target(
    model: HasClassParameters,
    y: NDArray[Any],
    weights: Floats,
    labels: NDArray[Any] | None = None,
    order: list[Label] | None = None,
) -> TargetOutputs:
    """The classes of the target, or of all batches; ``order`` is that of an ordered column."""
    require_loss(model.loss, model.label_smoothing)
    warn_of_unused_grades(model.loss, model.grades)
    batchwise = labels is not None
    if labels is None:
        labels = classes_of(y)
    given = model.positive  # by names of several targets, `with_own_positive` sets each
    positive = positive_class(None if isinstance(given, Mapping) else given, labels)
    checked_threshold(model.threshold, len(labels))
    if batchwise and model.class_weight == "balanced":
        raise SettingsError(
            f"{parameter('class_weight', 'balanced')} cannot be computed from one batch of rows",
            fix=f"set {parameter('class_weight')} to a dict before partial_fit, or use fit",
        )
    codes = codes_of(y, labels)
    costs = class_costs(model.class_weight, labels, codes, weights)
    outputs = Classes(labels, costs)
    if model.loss == ORDINAL:
        outputs = outputs_in_order(labels, costs, model.grades, order)
    return TargetOutputs(outputs, positive, cost_threshold(outputs, positive))


def labels_to_come(model: HasClassParameters, classes: TargetLike | None) -> NDArray[Any]:
    """All labels of all batches of `partial_fit`."""
    if not model.__sklearn_is_fitted__():
        if classes is None:
            raise DataError(
                "The first call of partial_fit needs classes",
                why="A batch need not contain every class",
                fix="give classes=numpy.unique(y) of the whole table",
            )
        if len(set(np.ravel(np.asarray(classes)).tolist())) < 2:
            raise DataError(
                f"classes={shown(classes)} names fewer than two classes",
                why="It has to name all labels of all batches",
                fix="give classes=numpy.unique(y) of the whole table",
            )
        return classes_of(twice(np.asarray(classes)))
    if classes is not None and not np.array_equal(np.unique(np.asarray(classes)), model.classes_):
        raise DataError(
            f"classes={shown(classes)} is not the same as on the last call to partial_fit",
            where=f"then {model.classes_.tolist()}",
            fix="leave it out, or start again with fit",
        )
    return model.classes_
