"""What terminal and page write of a verdict alike: names of metrics, numbers with their ends."""

from thalweg.evaluation.judging.shapes import EstimateData, VerdictData
from thalweg.evaluation.tasks import TASKS, Metric, TaskKind

# Classes whose confusion matrix fits on 80 columns, and on a page; of more the mistakes are listed.
WIDEST_IN_A_TERMINAL, WIDEST_ON_A_PAGE = 8, 12


def kind_of(verdict: VerdictData) -> TaskKind:
    """The row of the table of tasks that a verdict is about."""
    return TASKS[verdict["task"]]


def metrics_of(verdict: VerdictData) -> list[Metric]:
    """The metrics that a judgement has, in the order in which they stand."""
    found = verdict["network"]["metrics"]
    return [metric for metric in kind_of(verdict).metrics if metric.key in found]


def less_is_better(verdict: VerdictData) -> str:
    """Of which metrics less is better, in words."""
    *first, last = (each.name for each in metrics_of(verdict) if not each.more_is_better)
    return f"of {', '.join(first)} and {last}, less is better"


def interval_of(measured: EstimateData) -> tuple[float, float, float] | None:
    """A value and the ends of its interval; None where it is undefined."""
    value, low, high = measured["value"], measured["low"], measured["high"]
    if value is None or low is None or high is None:
        return None
    return float(value), float(low), float(high)
