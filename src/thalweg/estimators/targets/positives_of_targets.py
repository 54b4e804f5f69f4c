"""The positive class of each of several labels, where a person names one for each."""

from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.learning.class_codes import positive_class
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.target_outputs import TargetOutputs


def with_own_positive(part: TargetOutputs, estimator: object, name: str) -> TargetOutputs:
    """The outputs of one target, with the positive class that is named for this target.

    Parameters
    ----------
    part : TargetOutputs
        By the parameter ``positive``, which is one label for all targets.
    estimator : object
        Its attribute ``_positives`` has labels by the names of targets, if there are some.
    name : str
    """
    named = getattr(estimator, "_positives", {}).get(name)
    if named is None or not isinstance(part.outputs, Classes):
        return part
    positive = positive_class(named, part.outputs.labels)
    threshold = cost_threshold(part.outputs, positive)
    return part._replace(positive=positive, threshold=threshold)
