"""The whole way from the cells of a row to the answer of a model, as plain data and formulas.

A writer of another language walks these stages in their order:

1. `ReadColumns`: each own column is read as a number; missing is NaN, a category the number of its
   level.
2. `NetworkStages.panel`: the inputs of a network, by the forms of its encoder, brought into order.
3. `NetworkStages.layers`: W a + b, then the activation by its name; the last one is the identity.
4. `NetworkStages.shift` is subtracted: the logarithms of the costs of classes.
5. The link, then for numbers center + scale · link, within the range of the training targets.
6. The mean of the networks.
7. `AnswerStage.line`, the map of a calibration: of the logit of the mean (two classes), of the
   logarithms of the means (several), or of the mean itself (a number), which is then clipped again.
8. The call: the threshold of two classes, or the largest product of probability and cost.

All that is computed element by element is in `Stages.formulas`, traced from the bodies that the
engines use (`thalweg.network.formulas.expressions.symbols`); nothing of it is written again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.calendar_parts import (
    CALENDAR_BODIES,
    CalendarForm,
    weekday_mark,
    within_years,
)
from thalweg.data.encoding.few_row_encoding import Panel, Places, panel_of
from thalweg.data.encoding.number_formulas import from_median_body, ramp_body, smooth_body
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.schema import Schema
from thalweg.estimators.conformal.error_scales import ErrorScales
from thalweg.estimators.deciding.calibrated_predictions import facing, map_of
from thalweg.estimators.explaining.explained_answer import own_columns
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.level_outputs import Quantiles, names_of_levels
from thalweg.estimators.outputs.several_outputs import single_target
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.formulas.activations import activation
from thalweg.network.formulas.expressions.symbols import Formula, traced
from thalweg.network.formulas.loss_bodies import (
    joined,
    log_of_sum,
    log_share,
    mean,
    probability,
    probability_slope,
)
from thalweg.network.formulas.losses import loss
from thalweg.network.formulas.rising_bodies import risen

AnswerKind: TypeAlias = Literal["two classes", "several classes", "number", "levels"]
_PANEL = "A what-if panel"


@dataclass(frozen=True, eq=False)
class ReadColumns:
    """How cells become numbers.

    Attributes
    ----------
    own : tuple of Column
        The columns of the user's table.
    read : tuple of Column
        The columns of the schema, in the order of the matrix; those behind the own ones are bounds,
        which are read from an own column once more.
    owners : ndarray of int, shape (n_read,)
        The own column of each.
    """

    own: tuple[Column, ...]
    read: tuple[Column, ...]
    owners: Places


@dataclass(frozen=True, eq=False)
class DenseStage:
    """One layer: f(W a + b).

    Attributes
    ----------
    W : ndarray of shape (n_out, n_in), in the dtype of θ
    b : ndarray of shape (n_out,)
    activation : str
        The name of f among the formulas; that of its slope ends in ``_slope``.
    """

    W: NDArray[np.floating]
    b: NDArray[np.floating]
    activation: str


@dataclass(frozen=True, eq=False)
class NetworkStages:
    """One network, from the columns of the schema to its answer.

    Attributes
    ----------
    panel : Panel
        Its encoder: forms, whose outputs are side by side, and the order of these outputs.
    inputs : ndarray of int, shape (n_inputs,)
        The column of the schema that each input reads.
    layers : tuple of DenseStage
    shift : ndarray of float64, shape (n_outputs,)
        To be subtracted from the outputs.
    center, scale, low, high : float
        Of a number; 0, 1 and infinite for classes.
    """

    panel: Panel
    inputs: Places
    layers: tuple[DenseStage, ...]
    shift: Floats
    center: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf

    @property
    def n_weights(self) -> int:
        """The number of its weights and biases."""
        return sum(layer.W.size + layer.b.size for layer in self.layers)


@dataclass(frozen=True, eq=False)
class AnswerStage:
    """From the outputs of the networks to the answer.

    Attributes
    ----------
    kind : {"two classes", "several classes", "number", "levels"}
        "levels": several quantiles of a number, whose means over the networks are sorted.
    labels : tuple of str
        The classes; of two the one whose logit is computed is the second. Of levels their names.
    positive : int
        Of two classes, the place of the positive one, whose probability is the answer.
    line : tuple of float, or None
        Intercept and slope of the map of a calibration.
    low, high : float
        The range of a number after the map.
    threshold : float or None
        Of two classes: the positive one is predicted above this probability.
    costs : ndarray of float64, shape (n_classes,)
        Of several classes: the one with the largest product of cost and probability is predicted.
    ranks : ndarray of intp, shape (n_classes,), or None
        Of grades: the place of each class in their order. The outputs are then those of
        cumulative logits.
    """

    kind: AnswerKind
    labels: tuple[str, ...] = ()
    positive: int = 1
    line: tuple[float, float] | None = None
    low: float = -np.inf
    high: float = np.inf
    threshold: float | None = None
    costs: Floats | None = None
    ranks: Places | None = None


@dataclass(frozen=True, eq=False)
class Stages:
    """A fitted model as stages.

    Attributes
    ----------
    columns : ReadColumns
    networks : tuple of NetworkStages
    answer : AnswerStage
    formulas : mapping of str to Formula
        By what they are for: ``ramp smooth from_median`` and those of dates for the encoder;
        each activation, and its slope; ``link link_slope``, or ``joined share log_share`` of
        several classes, or ``link link_slope risen`` of grades;
        ``log_of_sum minus_log_likely minus_log_unlikely`` for a map.
    scales : tuple of NetworkStages
        For scaled intervals: networks whose mean is the logarithm of the scale of an error.
    """

    columns: ReadColumns
    networks: tuple[NetworkStages, ...]
    answer: AnswerStage
    formulas: Mapping[str, Formula]
    scales: tuple[NetworkStages, ...] = ()

    @property
    def n_weights(self) -> int:
        """The weights and biases of all networks."""
        return sum(each.n_weights for each in (*self.networks, *self.scales))

    @property
    def single(self) -> tuple[NetworkStages, ...]:
        """Each network once, by its first place: an ensemble of a search may repeat some."""
        return tuple({id(each): each for each in self.networks}.values())

    @property
    def places(self) -> list[int]:
        """For each place of the ensemble, which of the single networks stands there."""
        numbers = {id(each): number for number, each in enumerate(self.single)}
        return [numbers[id(each)] for each in self.networks]


def stages_of(
    fitted: Fitted, threshold: float | None = None, *, what: str = _PANEL, levels: bool = False
) -> Stages:
    """The stages of a fitted model.

    Parameters
    ----------
    fitted : Fitted
    threshold : float, optional
        Of two classes, if it is not that of ``fitted``.
    what : str
        What is made of them, as the beginning of a sentence.
    levels : bool
        Whether it may have several quantiles as its answers.

    Raises
    ------
    SettingsError
        If the model has several targets, or several quantiles unless ``levels``.
    """
    if not (levels and isinstance(fitted.first.outputs, Quantiles)):
        one_answer(fitted.first.outputs, what)
    # A network that is repeated stays one.
    different = {id(each): each for each in fitted.networks}
    made = {number: _network(each) for number, each in different.items()}
    networks = tuple(made[id(each)] for each in fitted.networks)
    conformal = fitted.conformal
    scales = tuple(map(_network, conformal.networks)) if isinstance(conformal, ErrorScales) else ()
    if threshold is None and fitted.threshold is not None:
        threshold = fitted.threshold.value
    return Stages(
        _columns(fitted.schema),
        networks,
        _answer(fitted, threshold),
        _formulas(fitted, (*networks, *scales)),
        scales,
    )


def _columns(schema: Schema) -> ReadColumns:
    return ReadColumns(schema.given, schema.columns, own_columns(schema))


def _network(network: Network) -> NetworkStages:
    panel = panel_of([network.encoder])
    layers = tuple(
        DenseStage(W, b[:, 0], name)
        for (W, b), name in zip(network.layers, network.architecture.activations, strict=True)
    )
    read = np.concatenate([form.column for form in panel.forms])[panel.order]
    outputs = single_target(network.outputs)
    if isinstance(outputs, Classes):
        return NetworkStages(panel, read, layers, outputs.shift)
    shift = np.zeros(outputs.n_outputs)
    return NetworkStages(
        panel, read, layers, shift, outputs.center, outputs.scale, outputs.low, outputs.high
    )


def _answer(fitted: Fitted, threshold: float | None) -> AnswerStage:
    outputs, calibration = fitted.outputs, map_of(fitted)
    if isinstance(outputs, Quantiles):
        return AnswerStage("levels", tuple(names_of_levels(outputs.levels)))
    line = None if calibration is None else (calibration.intercept, calibration.slope)
    if isinstance(outputs, Values):
        ranges = [each.outputs for each in fitted.networks if isinstance(each.outputs, Values)]
        low, high = min(each.low for each in ranges), max(each.high for each in ranges)
        return AnswerStage("number", line=line, low=low, high=high)
    labels = tuple(map(str, outputs.labels))
    if len(labels) == 2:
        positive = int(facing(fitted) > 0)
        return AnswerStage("two classes", labels, positive, line, threshold=threshold)
    ranks = outputs.ranks if isinstance(outputs, Grades) else None
    return AnswerStage("several classes", labels, line=line, costs=outputs.costs, ranks=ranks)


def encoder_formulas(forms: Sequence[object]) -> dict[str, Formula]:
    """The formulas that the forms of an encoder need."""
    found = {
        "ramp": traced(ramp_body, "value", "start", "per_unit", "least", "most"),
        "smooth": traced(smooth_body, "third"),
        "from_median": traced(from_median_body, "share", "shift", "scale"),
    }
    if any(isinstance(form, CalendarForm) for form in forms):
        found["within_years"] = traced(within_years, "days")
        found |= {body.__name__: traced(body, "days") for body in CALENDAR_BODIES}
        found["weekday_mark"] = traced(weekday_mark, "days", "weekday")
    return found


def _formulas(fitted: Fitted, networks: tuple[NetworkStages, ...]) -> dict[str, Formula]:
    """The formulas that these networks and their answer need."""
    found = encoder_formulas([form for each in networks for form in each.panel.forms])
    for name in sorted({layer.activation for each in networks for layer in each.layers}):
        formula = activation(name)
        found[name] = traced(formula.value, "z")
        found[f"{name}_slope"] = traced(formula.slope, "z")
    if isinstance(fitted.conformal, ErrorScales):
        found["error_scale"] = traced(mean, "z", 0.0)  # the exponential
    return found | _of_answer(fitted)


def _of_answer(fitted: Fitted) -> dict[str, Formula]:
    """The link, and what a map of probabilities needs."""
    formula = loss(fitted.outputs.loss)
    sums = {
        "joined": traced(joined, "top", "others", "z"),
        "log_of_sum": traced(log_of_sum, "top", "others"),
        "share": traced(loss("softmax_cross_entropy").link, "z", "others"),
    }
    if formula.rising:
        return {
            "risen": traced(risen, "below", "z"),
            "link": traced(probability, "z", 0.0),
            "link_slope": traced(probability_slope, "z", 0.0),
        }
    if formula.coupled:
        return sums | {"log_share": traced(log_share, "z", "others")}
    found = {
        "link": traced(formula.link, "z", formula.constant),
        "link_slope": traced(formula.link_slope, "z", formula.constant),
    }
    if not isinstance(fitted.outputs, Classes):
        return found
    # Minus the logarithms of both probabilities of a logit.
    of_each = {"minus_log_likely": 1.0, "minus_log_unlikely": 0.0}
    found |= {name: traced(formula.element, "z", y, 0.0) for name, y in of_each.items()}
    return found | sums
