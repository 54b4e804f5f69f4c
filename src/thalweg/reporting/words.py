"""What the metrics of each kind of question are called, and in which order they stand."""

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
    "regression": {"rmse": "RMSE", "mae": "MAE", "r2": "R²"},
}


def task_of(verdict: Mapping[str, Any]) -> str:
    """``binary``, ``multiclass`` or ``regression``."""
    return str(verdict["task"])
