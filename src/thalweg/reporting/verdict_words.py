"""Texts that terminal and page share: names of metrics, intervals, how training ended."""

from itertools import takewhile

import numpy as np
from numpy.typing import ArrayLike

from thalweg.errors import Status
from thalweg.estimators.fitted import FitSettings
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.evaluation.answers import UNKNOWN
from thalweg.evaluation.comparing.ruling_sentences import as_rows_of_equal_weight
from thalweg.evaluation.judging.shapes import (
    ClassesData,
    ClassesVerdict,
    EstimateData,
    JudgementData,
    VerdictData,
)
from thalweg.evaluation.task_kinds import TASKS, THE_NETWORK, Metric, TaskKind
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.history import History
from thalweg.wording import Writer, counted, fixed

# So many classes have a confusion matrix that fits on 80 columns, and on a page; with more classes
# the mistakes are listed.
WIDEST_IN_A_TERMINAL, WIDEST_ON_A_PAGE = 8, 12
_JUDGED = {
    "hold-out": "on a hold-out",
    "validation": "on the given validation rows",
    "folds": "on its fold, for the first network",
}


def kind_of(verdict: VerdictData) -> TaskKind:
    """The task of a verdict."""
    return TASKS[verdict["task"]]


def in_order_of_grades(verdict: ClassesVerdict) -> ClassesVerdict:
    """The verdict with all that it has for each class in the order of the grades.

    It is the same where classes have no order: these stay sorted.
    """
    classes, grades = verdict["classes"], verdict.get("grades")
    if not grades:
        return verdict
    places = [classes.index(grade) for grade in grades]

    def ordered(judged: ClassesData) -> ClassesData:
        rows = judged["confusion"]
        return {
            **judged,
            "costs": [judged["costs"][k] for k in places],
            "confusion": [[rows[i][j] for j in places] for i in places],
            "recall": [judged["recall"][k] for k in places],
            "precision": [judged["precision"][k] for k in places],
        }

    baselines = {name: ordered(judged) for name, judged in verdict["baselines"].items()}
    return {
        **verdict,
        "classes": list(grades),
        "network": ordered(verdict["network"]),
        "baselines": baselines,
    }


def of_weights(judged: JudgementData) -> str:
    """That test rows are weighted, behind their number; else ""."""
    if "n_effective" not in judged:
        return ""
    return f", weighted: {as_rows_of_equal_weight(judged['n_effective'])} (Kish)"


def subject(verdict: VerdictData) -> str:
    """What the model of a verdict is called: ``the network``, unless it is none."""
    return verdict.get("subject", THE_NETWORK)


def column_of(verdict: VerdictData) -> str:
    """The name of the model above its column of numbers, beside the baselines."""
    return "network" if subject(verdict) == THE_NETWORK else "this model"


def metrics_of(verdict: VerdictData) -> list[Metric]:
    """The metrics of a judgement and their names, in display order."""
    found = verdict["network"]["metrics"]
    return [metric for metric in kind_of(verdict).metrics if metric.key in found]


def row_name(metric: Metric, unit: str | None) -> str:
    """The name of a metric's row of values and intervals, with their unit: ``RMSE in days``."""
    return f"{metric.name} in {unit}" if unit and metric.in_unit else metric.name


def less_is_better(verdict: VerdictData) -> str:
    """The metrics for which less is better, as text."""
    *first, last = (each.name for each in metrics_of(verdict) if not each.more_is_better)
    names = f"{', '.join(first)} and {last}" if first else last
    return f"of {names}, less is better"


def rows_of_kind(n_rows: float, how: str) -> str:
    """So many rows of a kind of `Answers`: ``400 test rows``, ``1 row of unknown origin``."""
    if how == UNKNOWN:
        return f"{counted(n_rows, 'row')} of unknown origin"
    return counted(n_rows, f"{how.replace(' ', '-')} row")


def interval_of(measured: EstimateData) -> tuple[float, float, float] | None:
    """A value and the ends of its interval; None if it is undefined."""
    value, low, high = measured["value"], measured["low"], measured["high"]
    if value is None or low is None or high is None:
        return None
    return float(value), float(low), float(high)


def with_interval(measured: EstimateData, write: Writer = fixed) -> tuple[str, str]:
    """A value and its interval as text: ``("0.979", "[0.891, 0.996]")``.

    ``write`` gets all three, so that they have the same number of decimals: `wording.even`.
    An undefined number is ``("undefined", "")``. A number whose interval is not known (the mean of
    one row) is not undefined: ``("0.979", "[no interval]")``.
    """
    if measured["value"] is None:
        return "undefined", ""
    ends = interval_of(measured)
    if ends is None:
        return write([float(measured["value"])])[0], "[no interval]"
    value, low, high = write(ends)
    return value, f"[{low}, {high}]"


def pairs_in_order(
    auc: float,
    true_positive: ArrayLike,
    false_positive: ArrayLike,
    positive: str,
    negative: str,
    *,
    pairs: str = "all pairs",
) -> str:
    """The AUC in words; equal scores are named where there may be some.

    Parameters
    ----------
    auc : float
    true_positive, false_positive : array of int, shape (n_vertices,)
        The ROC curve, as in `thalweg.evaluation.judging.threshold_curves`.
    positive, negative : str
        The names of the classes.
    pairs : str
        Which pairs the AUC is of: in cross-validation those within a fold.
    """
    up, right = np.diff(true_positive), np.diff(false_positive)
    if len(up) == 1:  # straight from end to end
        same = "each score is as common among both"
        return f"The scores do not tell {positive} from {negative}: {same}"
    # Rows of both classes with one score make a slanted step. So may several steps, where the curve
    # has fewer vertices than scores.
    ties = "; equal scores count one half" if np.any(up * right) else ""
    return (
        f"In {_share_of_pairs(auc)} of {pairs}, the {positive} row scores higher than the "
        f"{negative} one{ties}"
    )


def _share_of_pairs(share: float) -> str:
    """A share as text that never rounds to all or nothing."""
    shown = f"{100 * share:.1f}"
    if shown == "100.0" and share < 1:
        shown = "more than 99.9"
    if shown == "0.0" and share > 0:
        shown = "less than 0.1"
    return f"{shown.removesuffix('.0')}\u00a0%"


# What is said of a network that was not trained here, instead of how its training ended.
WEIGHTS_GIVEN = "another program fitted the weights, and they were not trained further"


def training_ended(
    stopping: str,
    status: str,
    best: int,
    ran: int,
    limit: int,
    what: str = "epoch",
    scoring: str | None = None,
    *,
    continued: bool = False,
) -> str:
    """Which epoch, or iteration of L-BFGS, was kept, and why.

    Parameters
    ----------
    stopping : str
        How the number of epochs was found: ``stopping_`` of an estimator.
    status : str
        The name of a `Status`, in small letters.
    best, ran, limit : int
        The epoch that was kept, the number that were run, and the largest allowed number.
    what : {"epoch", "iteration"}
        From `thalweg.training.history.pass_name`.
    scoring : str, optional
        The score that decided instead of the loss.
    continued : bool, default False
        Whether the last epochs are of ``fit_more`` or ``warm_start``: of these the last one is
        kept, whatever its loss.
    """
    if not ran:
        return WEIGHTS_GIVEN
    if continued:
        return f"{what} {best:,} of {ran:,} was kept, after training that continued; " + why_ended(
            status, what
        )
    if stopping == "cross-validation":
        return f"{counted(best, what)} of at most {limit:,}, {cross_validated(status, scoring)}"
    if stopping == "none":  # without held-out rows there is no score
        # The loss of the epoch itself was measured before its steps moved θ, and chose nothing.
        by, scoring = "by the training loss after it", None
    else:
        by = f"by {scoring or 'the loss'} {_JUDGED[stopping]}"
    ended = why_ended(status, what, scoring, stopping)
    return f"{what} {best:,} of {ran:,} was the best {by}; {ended}"


def _of_steps(settings: FitSettings) -> Optimizer:
    optimizer = fitted_optimizer(settings)
    assert isinstance(optimizer, Optimizer)  # L-BFGS has no partial_fit
    return optimizer


def passes_in_batches(settings: FitSettings, history: History) -> int:
    """How many passes at the end are of partial_fit, which has the whole rate in every step."""
    whole = _of_steps(settings).rate
    return sum(1 for _ in takewhile(lambda each: each["rate"] == whole, history[::-1]))


def batches_ended(settings: FitSettings, history: History) -> str:
    """The batches of partial_fit, and the epochs before them."""
    count, all_of = passes_in_batches(settings, history), len(history)
    optimizer = _of_steps(settings)
    name = "batch", "batches"
    # With such a schedule, nothing tells the epochs of an earlier fit from batches.
    if optimizer.schedule.name == "constant":
        name = "epoch or batch", "epochs or batches"
    said = f"{counted(count, *name)} of partial_fit at the constant rate {optimizer.rate:g}"
    return f"{said}, after {counted(all_of - count, 'epoch')}" if count < all_of else said


def why_ended(status: str, what: str, scoring: str | None = None, stopping: str = "") -> str:
    """Why training ended; a score ends it as a callback does, or on folds as patience does."""
    # The networks of folds stop together; the loss of the first one may still have been falling.
    # With L-BFGS each stops by itself.
    of_all = " of all folds together" if stopping == "folds" and what == "epoch" else ""
    if scoring and status in ("patience", "stopped"):
        or_else = ", or a callback asked for it" if status == "stopped" else ""
        return f"{scoring}{of_all} had stopped rising{or_else}"
    sentence = Status[status.upper()].sentence.replace("epoch", what)
    return sentence.replace("the loss had stopped", f"the loss{of_all} had stopped")


def cross_validated(status: str, scoring: str | None = None) -> str:
    """What cross-validation found of the number of epochs."""
    by = f" by {scoring}" if scoring else ""
    if status == "time_limit":
        return f"the best{by} as far as cross-validation came within the time limit"
    return f"as cross-validation found best{by}"
