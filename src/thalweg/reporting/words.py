"""What metrics are called, and in which order they stand; and how a training ended."""

from collections.abc import Mapping
from typing import Any

from thalweg.errors import Status
from thalweg.wording import counted

METRICS = {
    "binary": {
        "accuracy": "accuracy",
        "sensitivity": "sensitivity",
        "specificity": "specificity",
        "auc": "AUC",
        "log_loss": "log-loss",
        "brier": "Brier score",
    },
    "multiclass": {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced acc.",
        "auc": "macro AUC",
        "log_loss": "log-loss",
        "brier": "Brier score",
    },
    "regression": {
        "rmse": "RMSE",
        "mae": "MAE",
        "pinball": "pinball loss",
        "huber": "Huber loss",
        "poisson": "Poisson deviance",
        "r2": "R²",
    },
}
_JUDGED = {
    "hold-out": "by the loss on a hold-out",
    "validation": "by the loss on rows that were given",
    "folds": "by the loss on its fold, for the first network",
    "none": "by the training loss",
}
_MORE_IS_BETTER = {"accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc", "r2"}


def metrics_of(verdict: Mapping[str, Any]) -> dict[str, str]:
    """The metrics that a judgement has, and their names, in the order in which they stand."""
    found = verdict["network"]["metrics"]
    return {key: name for key, name in METRICS[task_of(verdict)].items() if key in found}


def less_is_better(verdict: Mapping[str, Any]) -> str:
    """Of which metrics less is better, in words."""
    *first, last = (name for key, name in metrics_of(verdict).items() if key not in _MORE_IS_BETTER)
    return f"of {', '.join(first)} and {last}, less is better"


def task_of(verdict: Mapping[str, Any]) -> str:
    """``binary``, ``multiclass`` or ``regression``."""
    return str(verdict["task"])


def training_ended(stopping: str, status: str, best: int, ran: int, limit: int) -> str:
    """Which epoch was kept, and why.

    Parameters
    ----------
    stopping : str
        How the number of epochs was found, as ``stopping_`` of an estimator has it.
    status : str
        The name of a `Status`, in small letters.
    best, ran, limit : int
        The epoch that was kept, how many were run, and how many could have been.
    """
    if stopping == "cross-validation":
        return f"{counted(best, 'epoch')} of at most {limit:,}, as cross-validation found best"
    why = Status[status.upper()].sentence
    return f"epoch {best:,} of {ran:,} was the best {_JUDGED[stopping]}; {why}"
