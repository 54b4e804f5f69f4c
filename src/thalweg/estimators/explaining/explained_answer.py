"""What a model answers, as its explanation sees it: networks, their links, costs and the map.

A probability of two classes is that of the positive one. The costs of classes are subtracted from
the outputs, as `Classes.probabilities` does, and the scale of a target is a factor of the link, so
contributions are in probabilities, or in the unit of the target. Predicted numbers are explained
before they are clipped to the range of the training targets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.schema.schema import Schema
from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    facing,
    map_of,
    probabilities_of,
)
from thalweg.estimators.explaining.calibrated_answer import CalibratedOfSeveral, CalibratedOfTwo
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fitted_networks import Network, outputs_of, predicted_values
from thalweg.estimators.outputs.class_outputs import Classes, Floats, average
from thalweg.estimators.outputs.several_outputs import one_output
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.explaining.answer_links import Answer, LinkAnswer
from thalweg.network.explaining.straight_way import DenseNetwork
from thalweg.network.formulas.losses import loss


@dataclass(frozen=True, eq=False)
class ExplainedAnswer:
    """The answer of a model, by its networks.

    Attributes
    ----------
    fitted : Fitted
    """

    fitted: Fitted

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks of the model."""
        return self.fitted.networks

    @cached_property
    def labels(self) -> list[str] | None:
        """The classes of the answers: one for two classes, all for more; None for numbers."""
        outputs = self.fitted.outputs
        if not isinstance(outputs, Classes):
            return None
        if len(outputs.labels) == 2:
            return [str(self.fitted.positive)]
        return [str(each) for each in outputs.labels]

    @cached_property
    def alone(self) -> list[tuple[DenseNetwork, LinkAnswer]]:
        """Each network with its link, as if it alone were the model, the map included."""
        return [self._alone(network) for network in self.networks]

    def _alone(self, network: Network) -> tuple[DenseNetwork, LinkAnswer]:
        outputs, calibration = one_output(network.outputs), map_of(self.fitted)
        slope = 1.0 if calibration is None else calibration.slope
        link = loss(outputs.loss)
        if isinstance(outputs, Values):
            # The constants a + b · center drop out of every difference: `offsets`.
            made = DenseNetwork.of(network.architecture, network.theta)
            return made, LinkAnswer(link, slope * outputs.scale)
        factor = slope * (facing(self.fitted) if len(outputs.labels) == 2 else 1.0)
        shift = (0.0 if calibration is None else calibration.intercept) - factor * outputs.shift
        made = DenseNetwork.of(network.architecture, network.theta, factor, shift)
        return made, LinkAnswer(link)

    @cached_property
    def together(self) -> tuple[list[DenseNetwork], Answer] | None:
        """All networks with their common answer, if that is not the mean of their answers."""
        calibration, outputs = map_of(self.fitted), self.fitted.outputs
        if calibration is None or len(self.networks) == 1 or not isinstance(outputs, Classes):
            return None
        of_two = len(outputs.labels) == 2
        sign = facing(self.fitted) if of_two else 1.0
        networks = [
            DenseNetwork.of(each.architecture, each.theta, sign, -sign * outputs.shift)
            for each in self.networks
        ]
        made = CalibratedOfTwo(calibration) if of_two else CalibratedOfSeveral(calibration)
        return networks, made

    @cached_property
    def offsets(self) -> Floats:
        """What each network's answer has besides factor · link(z), shape (n_networks,)."""
        calibration = map_of(self.fitted)
        found = np.zeros(len(self.networks))
        for place, network in enumerate(self.networks):
            if isinstance(network.outputs, Values):
                center = np.array(network.outputs.center)
                found[place] = center if calibration is None else calibration.line(center)
        return found

    @property
    def unit(self) -> float:
        """The size that errors are compared with: 1, or the scale of the target."""
        return max(link.unit for _, link in self.alone)

    @property
    def target_scale(self) -> float:
        """Of numbers: the standard deviation of the training targets (of counts, the mean)."""
        outputs = [each.outputs for each in self.networks]
        return max(each.scale for each in outputs if isinstance(each, Values))

    @property
    def target_range(self) -> tuple[float, float] | None:
        """The range of the training targets, to which numbers are clipped; None for classes."""
        ranges = [each.outputs for each in self.networks if isinstance(each.outputs, Values)]
        if not ranges:
            return None
        return min(each.low for each in ranges), max(each.high for each in ranges)

    def encoded(self, matrix: NDArray[np.floating]) -> list[Floats]:
        """The rows of a table as each network sees them, (n_rows, n_inputs of the network)."""
        return [
            each.encoder.encode(matrix, each.theta.dtype).astype(np.float64)
            for each in self.networks
        ]

    def owners(self) -> list[NDArray[np.intp]]:
        """The own column of each input of each network."""
        own = own_columns(self.fitted.schema)
        return [
            own[np.concatenate([form.column for form in each.encoder.forms()]).astype(np.intp)]
            for each in self.networks
        ]

    def predicted(self, matrix: NDArray[np.floating]) -> Floats:
        """What the model answers, shape (n_rows, n_answers), with the arithmetic of `predict`."""
        if not isinstance(self.fitted.outputs, Classes):
            values = predicted_values(self.networks, matrix)
            return calibrated_values(self.networks, map_of(self.fitted), values)[:, None]
        found = probabilities_of(self.fitted, outputs_of(self.networks, matrix))
        return self._answers(found)

    def predicted_by_each(self, matrix: NDArray[np.floating]) -> Floats:
        """What each network alone would answer, shape (n_networks, n_rows, n_answers).

        Numbers are clipped to the range of the training targets, as those of the model are.
        """
        if isinstance(self.fitted.outputs, Classes):
            return self.unclipped_by_each(matrix)
        calibration = map_of(self.fitted)
        found = [
            calibrated_values(self.networks, calibration, predicted_values([each], matrix))
            for each in self.networks
        ]
        return np.stack(found)[..., None]

    def unclipped_by_each(self, matrix: NDArray[np.floating]) -> Floats:
        """The same in float64, and numbers before they are clipped."""
        encoded = self.encoded(matrix)
        found = [
            link.value(network.outputs(rows)[None]) + offset
            for (network, link), rows, offset in zip(self.alone, encoded, self.offsets, strict=True)
        ]
        return np.stack(found)

    def _answers(self, probabilities: Floats) -> Floats:
        """The probabilities that are explained, of those of all classes."""
        if probabilities.shape[1] > 2:
            return probabilities
        place = 1 if facing(self.fitted) > 0 else 0
        return np.ascontiguousarray(probabilities[:, place : place + 1])

    def mean(self, each: list[Floats]) -> Floats:
        """The mean over the networks, summed in the order of the model's own mean."""
        return average(each)


def own_columns(schema: Schema) -> NDArray[np.intp]:
    """The place among the columns of the user's table of each column of the schema.

    The bound of a number such as ``<5`` is a column of the schema that is read from another one.
    """
    places = {column.name: place for place, column in enumerate(schema.given)}
    return np.array([places[column.source or column.name] for column in schema.columns], np.intp)
