"""The positive class of each of several labels, where a person names one for each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from thalweg.data.column_names import listed
from thalweg.data.label_types import default_positive, visibly_known
from thalweg.data.typing import Label
from thalweg.errors import SettingsError
from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.class_codes import positive_class
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import column_of
from thalweg.estimators.outputs.target_outputs import TargetOutputs


def require_positives(estimator: object, y: NDArray[Any], names: tuple[str, ...]) -> None:
    """Refuse a parameter ``positive`` that does not go with several labels, or with one target.

    Parameters
    ----------
    estimator : object
        Its parameter ``positive`` is None, one label for all targets, or labels by names of them.
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    names : tuple of str
        Of several targets; empty for one.

    Raises
    ------
    SettingsError
        The fix has a label for each target.
    """
    positive: Any = getattr(estimator, "positive", None)
    if positive is None:
        return
    if not names:
        if isinstance(positive, Mapping):
            raise SettingsError(
                f"positive={dict(positive)!r} names targets, and y is one target",
                fix="give the positive label alone: positive=label",
            )
        return
    given = dict(positive) if isinstance(positive, Mapping) else {}
    if strange := [each for each in given if each not in names]:
        raise SettingsError(
            f"positive names a target that there is not: {strange[0]!r}",
            where=f"the targets are {listed(names)}",
            fix="name targets by their columns in y, as texts",
        )
    each_of: dict[str, Label] = {}
    odd = []
    for t, name in enumerate(names):
        labels = sorted(set(column_of(y, t).tolist()))
        said = given.get(name) if isinstance(positive, Mapping) else positive
        each_of[name] = default_positive(labels)[0]
        if said is None:
            continue
        (said,) = visibly_known([said], labels)
        if said in labels:
            each_of[name] = said
        else:
            odd.append((name, said, labels))
    if odd:
        name, said, labels = odd[0]
        raise SettingsError(
            f"positive={said!r} is not a class of each target",
            where=f'target "{name}", whose classes are {listed(map(str, labels))}',
            fix=f"name the positive class of each target, as in positive={each_of!r}",
        )


def with_own_positive(part: TargetOutputs, estimator: object, name: str) -> TargetOutputs:
    """The outputs of one target, with the positive class that is named for this target.

    Parameters
    ----------
    part : TargetOutputs
        By the parameter ``positive``, where it is one label for all targets.
    estimator : object
        Its parameter ``positive``, or attribute ``_positives``, has labels by the names of targets.
    name : str
    """
    positive = getattr(estimator, "positive", None)
    by_name = positive if isinstance(positive, Mapping) else getattr(estimator, "_positives", {})
    named = by_name.get(name)
    if named is None or not isinstance(part.outputs, Classes):
        return part
    positive = positive_class(named, part.outputs.labels)
    threshold = cost_threshold(part.outputs, positive)
    return part._replace(positive=positive, threshold=threshold)


def with_named_positives(estimator: Any, fitted: Fitted) -> Fitted:
    """The result of a fit from a file, where each label has its positive class.

    A new fit calls the same classes positive: the parameter has them, where one of them is not that
    of the label alone.
    """
    positives: dict[str, Label] = {}
    several = fitted.several
    if several is None or fitted.settings.get("positive") is not None:
        return fitted
    own = False
    for part, name, outputs in zip(fitted.parts, several.names, several.parts, strict=True):
        if not isinstance(outputs, Classes) or part.positive is None:
            return fitted
        positives[name] = part.positive
        own = own or part.positive != default_positive(outputs.labels.tolist())[0]
    if not own:
        return fitted
    estimator.positive = positives
    return replace(fitted, settings={**fitted.settings, "positive": positives})
