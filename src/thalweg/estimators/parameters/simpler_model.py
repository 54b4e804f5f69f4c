"""The simpler model as settings of an estimator: logistic regression, or ridge regression.

Without hidden layers and bins, with all rows in training and L-BFGS, a network is the model of
scikit-learn's `LogisticRegression` (with C = 1 / alpha) or `Ridge` on the same encoded columns. It
has the file, the report and the predictions of every model.
"""

from typing import Final

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.auto_by_width import hidden_units, is_lbfgs, optimizer_text
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR, Settings
from thalweg.evaluation.task_kinds import LOGISTIC as LOGISTIC_REGRESSION
from thalweg.evaluation.task_kinds import RIDGE as RIDGE_REGRESSION
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import parameter

# Scikit-learn's own defaults are C = 1 and alpha = 1. L-BFGS is what "auto" means without hidden
# layers; without held-out rows it has no patience, and ends at the minimum.
SIMPLER: Final[Settings] = {
    "hidden_layer_sizes": (),
    "n_bins": 0,
    "early_stopping": False,
    "alpha": 1.0,
}
# What a command line calls the estimators, with the kind of each.
NETWORK, LOGISTIC, RIDGE = "network", "logistic", "ridge"
KIND_OF = {LOGISTIC: CLASSIFIER, RIDGE: REGRESSOR}
# What results call a model without hidden layers; the names are also those of the baselines.
WITHOUT_LAYERS = "the model without hidden layers"
NAMES = {CLASSIFIER: LOGISTIC_REGRESSION, REGRESSOR: RIDGE_REGRESSION}
# What may be said besides: the penalty, what mistakes cost, the precision, what is no training.
_FREE = frozenset({"alpha", "class_weight", "threshold", "dtype", "unknown"})
# With other values of these, a model without hidden layers is not that of `SIMPLER`.
_PLAIN = {
    "n_bins": 0, "early_stopping": False, "l1": 0, "label_smoothing": 0, "class_weight": None,
}  # fmt: skip
# Those of logistic and of ridge regression.
_LOSSES = ("cross_entropy", "squared_error")  # fmt: skip


def simpler_settings(estimator: str, given: Settings, columns: Settings) -> dict[str, object]:
    """The settings of the simpler model, with those that were given.

    Parameters
    ----------
    estimator : {"logistic", "ridge"}
    given : mapping
        What was said of the training.
    columns : mapping
        What was said of columns.

    Raises
    ------
    SettingsError
        If what was said is about networks alone.
    """
    if of_networks := [name for name in given if name not in _FREE]:
        said = ", ".join(parameter(name) for name in of_networks)
        own = ", ".join(parameter(name) for name in sorted(_FREE - {"unknown"}))
        raise SettingsError(
            f"{parameter('estimator', estimator)} has nothing to set with {said}",
            why=f"It has no hidden layers and no bins, and training ends at the minimum; {own} "
            "may be set",
            fix=f"leave out {said}, or leave out {parameter('estimator')}",
        )
    return {**SIMPLER, **columns, **given}


def subject_of(kind: str, settings: Settings) -> str:
    """What results call the model: ``the network``, or what it is without hidden layers.

    Parameters
    ----------
    kind : {"classifier", "regressor"}
    settings : mapping
        From ``get_params`` or ``settings_``; a parameter that is not there has its default.
    """
    if hidden_units(settings["hidden_layer_sizes"]):
        return THE_NETWORK
    is_plain = all(settings.get(name, usual) == usual for name, usual in _PLAIN.items())
    is_plain = is_plain and settings.get("loss", _LOSSES[0]) in _LOSSES
    return NAMES[kind] if is_plain and is_lbfgs(optimizer_text(settings)) else WITHOUT_LAYERS
