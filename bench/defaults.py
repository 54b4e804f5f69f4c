"""What is measured against the defaults of the estimators: one change at a time."""

from typing import Any

from thalweg.estimators.parameters.parameter_table import OPTIMIZER


def _changed(*parts: str) -> str:
    """The default rule with some of its parts put otherwise: old, new, old, new, …"""
    rule = OPTIMIZER
    for old, new in zip(parts[::2], parts[1::2], strict=True):
        if old not in rule:
            raise ValueError(f'"{old}" is no part of the default optimizer, {OPTIMIZER}')
        rule = rule.replace(old, new)
    return rule


CHANGES: dict[str, dict[str, Any]] = {
    "thalweg": {},
    "quick": {"preset": "quick"},
    "best": {"preset": "best"},
    "no bins": {"n_bins": 0},
    "32 bins": {"n_bins": 32},
    "no dropout": {"dropout": 0.0},
    "alpha 0.5": {"alpha": 0.5},
    "alpha 8": {"alpha": 8.0},
    "one layer of 256": {"hidden_layer_sizes": (256,)},
    "two layers of 64": {"hidden_layer_sizes": (64, 64)},
    "Mish": {"activation": "mish"},
    "constant rate 0.001": {"optimizer": _changed("lr=0.004", "lr=0.001", ",schedule=cosine", "")},
    "rate 0.002": {"learning_rate_init": 0.002},
    "rate 0.008": {"learning_rate_init": 0.008},
    "beta_2 0.999": {"optimizer": _changed("beta_2=0.95", "beta_2=0.999")},
    "24 epochs": {"max_iter": 24},
    "96 epochs": {"max_iter": 96},
    "batches of 256": {"batch_size": 256},
    "cross-validation, one network": {"early_stopping": "cross-validation"},
    "cross-validation, five networks": {"early_stopping": "cross-validation", "n_ensemble": 5},
    "hold-out, one network": {"early_stopping": "hold-out"},
    "hold-out, five networks": {"early_stopping": "hold-out", "n_ensemble": 5},
    "folds dealt twice": {"n_ensemble": 2},
}
