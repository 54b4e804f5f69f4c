"""The names and the order of the metrics of each task."""

from collections.abc import Mapping
from typing import Any

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
_MORE_IS_BETTER = {"accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc", "r2"}


def metrics_of(verdict: Mapping[str, Any]) -> dict[str, str]:
    """The metrics of a judgement and their names, in display order."""
    found = verdict["network"]["metrics"]
    return {key: name for key, name in METRICS[task_of(verdict)].items() if key in found}


def less_is_better(verdict: Mapping[str, Any]) -> str:
    """The metrics for which less is better, in words."""
    *first, last = (name for key, name in metrics_of(verdict).items() if key not in _MORE_IS_BETTER)
    return f"of {', '.join(first)} and {last}, less is better"


def task_of(verdict: Mapping[str, Any]) -> str:
    """The task of a judgement: ``binary``, ``multiclass`` or ``regression``."""
    return str(verdict["task"])
