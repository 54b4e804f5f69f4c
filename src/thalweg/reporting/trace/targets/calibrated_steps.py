"""The last step of a model's own prediction, where a calibration corrects it: row by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    facing,
    map_of,
    probabilities_of,
)
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fitted_networks import outputs_of, predicted_values
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.evaluation.calibration.recalibration_map import Calibration
from thalweg.reporting.html_pieces import clipped

Facts = dict[str, Any]


def calibrated_steps(
    model: NetworkEstimator, matrix: np.ndarray, rows: Sequence[int]
) -> Facts | None:
    """What the map of a model does to the prediction of each row.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    matrix : ndarray of shape (n_rows, n_columns)
    rows : sequence of int
        Their numbers.

    Returns
    -------
    dict or None
        ``of task kind intercept slope rows``, with ``row mean z moved answer`` of each; None
        without a map. ``mean`` is the mean of the networks, ``z`` what the map takes (the logit of
        the positive class, the logarithms of all probabilities, or the number itself), ``moved``
        a + b z, and ``answer`` the prediction. For several classes each is a list.
    """
    known = model._known
    calibration = map_of(known)
    if calibration is None:
        return None
    classes = known.outputs
    if not isinstance(classes, Classes):
        steps = _of_numbers(known, calibration, matrix)
    elif len(classes.labels) == 2:
        steps = _of_two(known, classes, calibration, matrix)
    else:
        steps = _of_several(known, classes, calibration, matrix)
    positive = known.positive
    columns = [each.tolist() for each in steps]
    return {
        "of": None if positive is None else clipped(positive),
        "task": calibration.task,
        "kind": calibration.kind,
        "intercept": calibration.intercept,
        "slope": calibration.slope,
        "rows": [
            dict(zip(("row", "mean", "z", "moved", "answer"), each, strict=True))
            for each in zip(rows, *columns, strict=True)
        ],
    }


def _of_two(
    known: Fitted, classes: Classes, calibration: Calibration, matrix: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Of the positive one of two classes."""
    raw, place = outputs_of(known.networks, matrix), int(facing(known) > 0)
    z = facing(known) * classes.decision(raw)
    mean, answer = classes.probabilities(raw), probabilities_of(known, raw)
    return mean[:, place], z, calibration.line(z), answer[:, place]


def _of_several(
    known: Fitted, classes: Classes, calibration: Calibration, matrix: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Of all classes: a log softmax follows the map."""
    raw = outputs_of(known.networks, matrix)
    z = classes.log_probabilities(raw)
    return classes.probabilities(raw), z, calibration.line(z), probabilities_of(known, raw)


def _of_numbers(
    known: Fitted, calibration: Calibration, matrix: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Of a number; the answer is clipped to the range of the training targets."""
    mean = predicted_values(known.networks, matrix)
    with np.errstate(over="ignore"):
        moved = calibration.line(mean)
    return mean, mean, moved, calibrated_values(known.networks, calibration, mean)
