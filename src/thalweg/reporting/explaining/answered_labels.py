"""Which class a model answers for a row: not always the most probable one."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.deciding.calibrated_predictions import probabilities_of
from thalweg.estimators.deciding.decision_rule import CallsClasses
from thalweg.estimators.learning.fitted_networks import outputs_of

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator


def predicted_labels(model: "NetworkEstimator", matrix: NDArray[np.float64]) -> list[str] | None:
    """The classes that a model predicts for rows; None for numbers."""
    if not isinstance(model, CallsClasses):
        return None
    fitted = model._known
    found = model._called(probabilities_of(fitted, outputs_of(fitted.networks, matrix)))
    return [str(each) for each in found]
