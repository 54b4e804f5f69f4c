"""What a model of several targets answers: a column for each target, as a model of it alone would.

Every target has its own positive class, threshold and map of calibration. A column depends on its
own outputs only.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    decision_of,
    facing,
    log_probabilities_of,
    map_of,
    probabilities_of,
)
from thalweg.estimators.outputs.class_outputs import Floats, average
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.targets.target_views import decoders_of
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.wording import shown

if TYPE_CHECKING:
    from thalweg.estimators.fitted import Fitted


def probabilities_of_targets(fitted: "Fitted", raw: Floats) -> Floats:
    """The probability of the positive class of each label, shape (n_samples, n_labels)."""
    return _columns(fitted, raw, lambda one, own: _of_positive(one, probabilities_of(one, own)))


def log_probabilities_of_targets(fitted: "Fitted", raw: Floats) -> Floats:
    """The logarithm of it, from logits."""
    return _columns(fitted, raw, lambda one, own: _of_positive(one, log_probabilities_of(one, own)))


def decisions_of_targets(fitted: "Fitted", raw: Floats) -> Floats:
    """The logit of it."""
    return _columns(fitted, raw, lambda one, own: facing(one) * decision_of(one, own))


def values_of_targets(fitted: "Fitted", raw: Floats) -> Floats:
    """The predicted value of each target, shape (n_samples, n_targets)."""
    return _columns(fitted, raw, _value)


def _columns(fitted: "Fitted", raw: Floats, answer: Callable[["Fitted", Floats], Floats]) -> Floats:
    """The answers of each target from its own outputs of all networks."""
    found = np.empty(raw.shape[1:])
    for t, one in enumerate(decoders_of(fitted)):
        found[:, t] = answer(one, raw[:, :, t : t + 1])
    return found


def _of_positive(one: "Fitted", both: Floats) -> Floats:
    return both[:, int(facing(one) > 0)]


def _value(one: "Fitted", own: Floats) -> Floats:
    values = []
    for network, Z in zip(one.networks, own, strict=True):
        assert isinstance(network.outputs, Values)
        values.append(network.outputs.values(Z))
    return calibrated_values(one.networks, map_of(one), average(values))


def thresholds_of_targets(fitted: "Fitted", given: float | None) -> Floats:
    """The threshold of each label: the parameter, or its own."""
    own = [part.threshold.value if part.threshold else 0.5 for part in fitted.parts]
    return np.array(own) if given is None else np.full(len(own), given)


def chosen_thresholds(fitted: "Fitted", given: Any) -> tuple[Threshold, ...]:
    """Thresholds that a user sets, one for each label, or one for all.

    Raises
    ------
    SettingsError
        If there is not one number between 0 and 1 for each.
    """
    try:
        numbers = np.broadcast_to(np.asarray(given, np.float64), (len(fitted.parts),))
        sound = bool(((numbers > 0) & (numbers < 1)).all())
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise SettingsError(
            f"threshold_ = {shown(given)} is no threshold for each of {len(fitted.parts)} labels",
            why="The probability of each label is compared with its own",
            fix="give one number between 0 and 1 for each label, in their order",
        )
    return tuple(Threshold(float(each), "given") for each in numbers)


def labels_of_targets(fitted: "Fitted", probabilities: Floats, thresholds: Floats) -> NDArray[Any]:
    """The label of each target: the positive one where its probability is above the threshold.

    Returns
    -------
    ndarray of shape (n_samples, n_labels)
        In the type of the labels; of objects if the types of several targets differ.
    """
    places = np.array([int(facing(one) > 0) for one in decoders_of(fitted)])
    several = fitted.several
    assert several is not None
    return several.labels(np.where(probabilities > thresholds, places, 1 - places))


def share_all_right(predicted: NDArray[Any], y: NDArray[Any], weights: WeightsLike) -> float:
    """The share of the rows in which every label is right."""
    shares = None if weights is None else np.asarray(weights, np.float64)
    return float(np.average((predicted == y).all(axis=1), weights=shares))
