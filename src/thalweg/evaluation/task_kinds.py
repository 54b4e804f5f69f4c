"""The table of tasks: what can be asked of a model, a row each.

Whatever depends on the task reads its row here, or stands in a table that is keyed by the row: how
answers are judged (`thalweg.evaluation.tasks`), what a model file must agree with
(`thalweg.persistence.judgement_form`), what a terminal and a page show
(`thalweg.reporting.display`, `thalweg.reporting.page.task_pages`). A new task is a new row and
its entries in these tables; a test looks that no table lacks one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_type_hints

import numpy as np

from thalweg.evaluation.judging.comparison import LOG_LOSS, RMSE
from thalweg.evaluation.judging.shapes import (
    ClassesVerdict,
    CurvesData,
    ResidualsData,
    TwoClassesVerdict,
    ValuesVerdict,
    VerdictHead,
)

LOGISTIC = "logistic regression"
RIDGE = "ridge regression"


@dataclass(frozen=True)
class Metric:
    """A number that answers are judged by.

    Parameters
    ----------
    key : str
        What it is called in plain data.
    name : str
        What it is called in tables.
    more_is_better : bool, default False
    always : bool, default True
        Whether every judgement of the task has it.
    """

    key: str
    name: str
    more_is_better: bool = False
    always: bool = True


@dataclass(frozen=True, eq=False)
class TaskKind:
    """A row of the table.

    Parameters
    ----------
    name : str
        What it is called in plain data.
    of_classes : bool
        Whether the target is classes, and no number.
    losses : tuple of str
        What a network may descend on, without constants.
    output : str
        What an output of the network is called.
    unit : str or None
        Of the loss, where it has a name.
    metrics : tuple of Metric
        In the order in which they stand in tables.
    measure : str
        What models are compared by, if nothing is known of their loss.
    rival, constant : str
        The names of the baselines: a simpler model, and the best constant answer.
    verdict : type
        The shape of a verdict as plain data.
    pictures : type or None
        The shape of the counts that pictures are drawn from.
    told_of_target : str
        What a report tells of the target of the table: ``class_counts`` or ``target_range``.
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

    @property
    def judgement(self) -> type:
        """The shape of a judgement of one model as plain data."""
        found: type = get_type_hints(self.verdict)["network"]
        return found

    @property
    def facts(self) -> tuple[str, ...]:
        """What a verdict says of the classes: the keys that not every verdict has."""
        common = {*VerdictHead.__annotations__, "network", "baselines"}
        return tuple(key for key in self.verdict.__annotations__ if key not in common)

    def strata(self, y: np.ndarray) -> np.ndarray:
        """What splits keep in proportion, shape (n_samples,): classes; of numbers nothing."""
        return y if self.of_classes else np.full(len(y), "any")


TWO_CLASSES = TaskKind(
    name="binary",
    of_classes=True,
    losses=("sigmoid_cross_entropy",),
    output="logit",
    unit="nats",
    metrics=(
        Metric("accuracy", "accuracy", more_is_better=True),
        Metric("sensitivity", "sensitivity", more_is_better=True),
        Metric("specificity", "specificity", more_is_better=True),
        Metric("auc", "AUC", more_is_better=True),
        Metric("log_loss", "log-loss"),
        Metric("brier", "Brier score"),
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
    losses=("softmax_cross_entropy",),
    output="logit",
    unit="nats",
    metrics=(
        Metric("accuracy", "accuracy", more_is_better=True),
        Metric("balanced_accuracy", "balanced acc.", more_is_better=True),
        Metric("auc", "macro AUC", more_is_better=True),
        Metric("log_loss", "log-loss"),
        Metric("brier", "Brier score"),
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
    losses=("squared_error", "absolute_error", "huber", "quantile", "poisson"),
    output="value",
    unit=None,
    metrics=(
        Metric("rmse", "RMSE"),
        Metric("mae", "MAE"),
        # The loss that the network descended on, where it is none of the others.
        Metric("pinball", "pinball loss", always=False),
        Metric("huber", "Huber loss", always=False),
        Metric("poisson", "Poisson deviance", always=False),
        Metric("r2", "R²", more_is_better=True),
    ),
    measure=RMSE,
    rival=RIDGE,
    constant="always the mean",
    verdict=ValuesVerdict,
    pictures=ResidualsData,
    told_of_target="target_range",
)

TASKS = {task.name: task for task in (TWO_CLASSES, SEVERAL_CLASSES, ONE_NUMBER)}


def kind_of_labels(labels: Sequence[object] | None) -> TaskKind:
    """The kind of task of a model: of its classes, or of a number where it has none."""
    if labels is None:
        return ONE_NUMBER
    return TWO_CLASSES if len(labels) == 2 else SEVERAL_CLASSES
