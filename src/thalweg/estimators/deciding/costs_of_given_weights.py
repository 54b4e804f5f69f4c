"""``class_weight`` of a model whose weights came from another program, from its first rows on."""

from dataclasses import replace

from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.input_tables import Learnable
from thalweg.estimators.learning.class_codes import class_costs
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.parameters.resolved_parameters import HasParameters


def with_costs(estimator: HasParameters, fitted: Fitted, read: Learnable) -> Fitted:
    """A fitted model with the costs of its classes, if it came over with ``class_weight``.

    scikit-learn weights rows in training, and its probabilities are shifted by that. So do the
    outputs of what came over. Training that goes on with the same weights keeps the outputs; from
    then on they are decoded as those of a fit here: the shift is taken off the probabilities, and
    the threshold has it. Labels are the same by both.
    """
    asked, outputs = getattr(estimator, "class_weight", None), fitted.networks[0].outputs
    if fitted.also != "weights" or asked is None or not isinstance(outputs, Classes):
        return fitted
    costs = class_costs(asked, outputs.labels, outputs.numbers(read.y), read.weights)
    outputs = replace(outputs, costs=costs)
    networks = tuple(replace(network, outputs=outputs) for network in fitted.networks)
    threshold = cost_threshold(outputs, fitted.positive)
    return replace(fitted, networks=networks, threshold=threshold)
