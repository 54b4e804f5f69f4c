"""The predictions of a fitted model: the mean of its networks, and the map of its calibration.

Without a map they are the mean, to the last bit. With one, the logit of the mean is moved: for two
classes z' = a + b z, with the logit z of the positive class; for several log p'ₖ is the log softmax
of b log pₖ. Numbers are a + b ŷ, clipped to the range of the training targets.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.value_outputs import Values

if TYPE_CHECKING:
    from thalweg.estimators.fitted import Fitted
    from thalweg.estimators.learning.fitted_networks import Network
    from thalweg.evaluation.calibration.recalibration_map import Calibration


def map_of(fitted: "Fitted") -> "Calibration | None":
    """The map of a model; None if its predictions are those of its networks."""
    return None if fitted.calibration is None else fitted.calibration.map


def probabilities_of(fitted: "Fitted", raw: Floats) -> Floats:
    """The probability of each class.

    Parameters
    ----------
    fitted : Fitted
        Of a classifier.
    raw : ndarray of shape (n_networks, n_samples, n_outputs)
        The outputs of all networks.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
    """
    outputs, calibration = _classes(fitted), map_of(fitted)
    if calibration is None:
        return outputs.probabilities(raw)
    return outputs.shares(_moved(fitted, calibration, raw))


def log_probabilities_of(fitted: "Fitted", raw: Floats) -> Floats:
    """The logarithm of the probability of each class, from logits; parameters as above."""
    outputs, calibration = _classes(fitted), map_of(fitted)
    if calibration is None:
        return outputs.log_probabilities(raw)
    return outputs.log_shares(_moved(fitted, calibration, raw))


def decision_of(fitted: "Fitted", raw: Floats) -> Floats:
    """The logit of the second of two classes, or the logarithms of all probabilities."""
    outputs, calibration = _classes(fitted), map_of(fitted)
    if calibration is None:
        return outputs.decision(raw)
    if len(outputs.labels) > 2:
        return log_probabilities_of(fitted, raw)
    return np.ascontiguousarray(_moved(fitted, calibration, raw)[:, 0])


def _classes(fitted: "Fitted") -> Classes:
    outputs = fitted.outputs
    assert isinstance(outputs, Classes)
    return outputs


def _moved(fitted: "Fitted", calibration: "Calibration", raw: Floats) -> Floats:
    """The logits after the map: of the second of two classes, or of all; (n_samples, n_outputs)."""
    outputs = _classes(fitted)
    decision = outputs.decision(raw)
    if len(outputs.labels) > 2:
        return calibration.line(decision)
    sign = facing(fitted)
    return (sign * calibration.line(sign * decision))[:, np.newaxis]


def facing(fitted: "Fitted") -> float:
    """1 if the positive one of two classes is the second, whose logit a network computes; or -1."""
    return 1.0 if _classes(fitted).labels[1] == fitted.positive else -1.0


def calibrated_values(
    networks: Sequence["Network"], calibration: "Calibration | None", values: Floats
) -> Floats:
    """Predicted numbers after the map, within the range of the training targets of all networks.

    Parameters
    ----------
    networks : sequence of Network
        Of a regression: all of the model.
    calibration : Calibration or None
    values : ndarray
        The mean of the networks, or what one of them predicts.
    """
    if calibration is None:
        return values
    ranges = [each.outputs for each in networks if isinstance(each.outputs, Values)]
    low, high = min(each.low for each in ranges), max(each.high for each in ranges)
    with np.errstate(over="ignore"):  # infinity is clipped to the range, too
        moved = calibration.line(values)
    clipped: Floats = np.clip(moved, low, high)
    return clipped
