"""The table of tasks: two classes, several classes, regression, several quantiles.

Code that depends on the task reads its row here, or has a table of its own with a key for each row:
how predictions are evaluated (`thalweg.evaluation.task_judging`), what a model file must agree with
(`thalweg.persistence.judgement_form`), what a terminal and a page show
(`thalweg.reporting.terminal_verdict`, `thalweg.reporting.page.task_kind_pages`). A new task needs a
new row and its entries in these tables; a test checks that no table lacks one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import get_type_hints

import numpy as np

from thalweg.evaluation.judging.shapes import (
    ClassesVerdict,
    CurvesData,
    FanData,
    QuantilesVerdict,
    ResidualsData,
    TwoClassesVerdict,
    ValuesVerdict,
    VerdictHead,
)

# What models are compared by, in words.
LOG_LOSS, RMSE, MAE, OWN_LOSS = "log-loss", "RMSE", "MAE", "own loss"
# The baselines: two simpler models, and one that is not simpler than a network.
LOGISTIC, RIDGE, TREES = "logistic regression", "ridge regression", "boosted trees"
# What a model is called, unless it says what it is (`model_protocol.subject_of`).
THE_NETWORK = "the network"


@dataclass(frozen=True)
class Metric:
    """A metric of predictions.

    Parameters
    ----------
    key : str
        Its name in plain data.
    name : str
        Its name in tables.
    more_is_better : bool, default False
    always : bool, default True
        Whether every evaluation of the task has it.
    in_unit : bool, default False
        Whether it is in the unit of the target.
    highest : float, default inf
        No prediction has more.
    lowest : float, default 0
        No prediction has less.
    """

    key: str
    name: str
    more_is_better: bool = False
    always: bool = True
    in_unit: bool = False
    highest: float = inf
    lowest: float = 0.0


@dataclass(frozen=True, eq=False)
class TaskKind:
    """A row of the table.

    Parameters
    ----------
    name : str
        Its name in plain data.
    of_classes : bool
        Whether the target is classes, and not a number.
    losses : tuple of str
        The losses that a network may have, without constants.
    output : str
        The name of an output of the network.
    unit : str or None
        Of the loss, if it has a name.
    metrics : tuple of Metric
        In the order of tables.
    measure : str
        What models are compared by, if their loss is unknown.
    rival, constant : str
        The names of the baselines: a simpler model, and the best constant prediction.
    verdict : type
        The shape of a verdict as plain data.
    pictures : type or None
        The shape of the counts that pictures are drawn from.
    told_of_target : str
        The field of the report that describes the target: ``class_counts`` or ``target_range``.
    """

    name: str
    of_classes: bool
    losses: tuple[str, ...]
    output: str
    unit: str | None
    metrics: tuple[Metric, ...]
    measure: str
    rival: str
    constant: str
    verdict: type
    pictures: type | None
    told_of_target: str

    def __reduce__(self) -> tuple[object, ...]:
        # A copy is the same row of the table: code asks whether a task `is` one.
        return (_row_named, (self.name,))

    @property
    def judgement(self) -> type:
        """The shape of the evaluation of one model as plain data."""
        found: type = get_type_hints(self.verdict)["network"]
        return found

    @property
    def facts(self) -> tuple[str, ...]:
        """The keys with which a verdict names the classes: those that not every verdict has."""
        common = {*VerdictHead.__annotations__, "network", "baselines"}
        return tuple(key for key in self.verdict.__annotations__ if key not in common)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """What splits stratify by, shape (n_samples,): the classes; in regression, nothing."""
        return y if self.of_classes else np.full(len(y), "any")


TWO_CLASSES = TaskKind(
    name="binary",
    of_classes=True,
    losses=("sigmoid_cross_entropy",),
    output="logit",
    unit="nats",
    metrics=(
        Metric("accuracy", "accuracy", more_is_better=True, highest=1.0),
        Metric("sensitivity", "sensitivity", more_is_better=True, highest=1.0),
        Metric("specificity", "specificity", more_is_better=True, highest=1.0),
        Metric("auc", "AUC", more_is_better=True, highest=1.0),
        Metric("log_loss", "log-loss"),
        Metric("brier", "Brier score", highest=1.0),
    ),
    measure=LOG_LOSS,
    rival=LOGISTIC,
    constant="always the commoner class",
    verdict=TwoClassesVerdict,
    pictures=CurvesData,
    told_of_target="class_counts",
)
SEVERAL_CLASSES = TaskKind(
    name="multiclass",
    of_classes=True,
    losses=("softmax_cross_entropy", "ordinal"),
    output="logit",
    unit="nats",
    metrics=(
        Metric("accuracy", "accuracy", more_is_better=True, highest=1.0),
        Metric("balanced_accuracy", "balanced acc.", more_is_better=True, highest=1.0),
        Metric("auc", "macro AUC", more_is_better=True, highest=1.0),
        Metric("log_loss", "log-loss"),
        Metric("brier", "Brier score", highest=2.0),
        # Of grades alone, which are classes in an order (`evaluation.grades.grade_metrics`).
        Metric("rps", "RPS", always=False, highest=1.0),
        Metric("grade_mae", "MAE in grades", always=False),
        Metric(
            "kappa", "quadratic kappa", more_is_better=True, always=False, highest=1.0, lowest=-1.0
        ),
    ),
    measure=LOG_LOSS,
    rival=LOGISTIC,
    constant="the commonest class",
    verdict=ClassesVerdict,
    pictures=None,
    told_of_target="class_counts",
)
ONE_NUMBER = TaskKind(
    name="regression",
    of_classes=False,
    losses=(
        "squared_error",
        "absolute_error",
        "huber",
        "quantile",
        "poisson",
        "gamma",
        "tweedie",
        "formula",
    ),
    output="value",
    unit=None,
    metrics=(
        Metric("rmse", "RMSE", in_unit=True),
        Metric("mae", "MAE", in_unit=True),
        # The loss of the network, if it is none of the others.
        Metric("pinball", "pinball loss", always=False, in_unit=True),
        Metric("huber", "Huber loss", always=False),
        # Rounding of large counts can take it below 0.
        Metric("poisson", "Poisson deviance", always=False, lowest=-inf),
        Metric("gamma", "gamma deviance", always=False, lowest=-inf),
        Metric("tweedie", "Tweedie deviance", always=False, lowest=-inf),
        # A formula that a person wrote may have values below 0.
        Metric("own", OWN_LOSS, always=False, lowest=-inf),
        Metric("r2", "R²", more_is_better=True, highest=1.0, lowest=-inf),
    ),
    measure=RMSE,
    rival=RIDGE,
    constant="always the mean",
    verdict=ValuesVerdict,
    pictures=ResidualsData,
    told_of_target="target_range",
)

SEVERAL_QUANTILES = TaskKind(
    name="quantiles",
    of_classes=False,
    losses=("quantile",),
    output="quantile",
    unit=None,
    metrics=(Metric("pinball", "pinball loss", in_unit=True),),
    measure="pinball loss over all levels",
    rival=RIDGE,
    constant="always the same quantiles",
    verdict=QuantilesVerdict,
    pictures=FanData,
    told_of_target="target_range",
)

TASKS = {task.name: task for task in (TWO_CLASSES, SEVERAL_CLASSES, ONE_NUMBER, SEVERAL_QUANTILES)}


def _row_named(name: str) -> TaskKind:
    return TASKS[name]


def metric_of(measure: str) -> str:
    """The key of a measure among the metrics: ``log_loss rmse mae pinball``."""
    return measure.split()[0].lower().replace("-", "_")


def kind_of_labels(labels: Sequence[object] | None) -> TaskKind:
    """The task of a model: from the number of its classes, or regression if it has none."""
    if labels is None:
        return ONE_NUMBER
    return TWO_CLASSES if len(labels) == 2 else SEVERAL_CLASSES
