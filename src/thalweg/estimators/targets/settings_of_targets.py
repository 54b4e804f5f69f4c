"""What "auto" means for several labels of a wide table: larger steps, and more folds.

In a table with few rows for its columns, a label that is hard to learn has its lowest loss after a
few epochs, and an easy one much later; but all labels of a network end at one epoch. With larger
steps both lose less by that, and more folds leave more rows to each network. docs/decisions.md has
the figures.
"""

from copy import copy

from thalweg.estimators.fitted import Fitted
from thalweg.estimators.parameters.auto_by_width import (
    adam_text,
    hidden_units,
    is_lbfgs,
    optimizer_text,
)
from thalweg.estimators.parameters.parameter import CLASSIFIER
from thalweg.estimators.parameters.resolved_parameters import HasParameters, folds_at_once
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent.training_settings import parse_optimizer

# A table is wide below so many training rows for each column.
ROWS_FOR_A_COLUMN = 50
# The rate is that of one label times the square root of their number, up to so many times.
MOST_TIMES_THE_RATE = 2.0
# The largest rate that this gives. At 0.026, some networks of narrow layers predict a constant.
LARGEST_RATE = 0.012
# From so many labels on, a fit of more folds still takes less than half the time of single fits.
MANY_LABELS, FOLDS_OF_MANY = 4, 7
# Parameters whose "auto" is resolved here.
RESOLVED = ("optimizer", "n_folds")


def with_settings_of_targets(
    estimator: HasParameters, n_targets: int, shape: tuple[int, int], *, with_folds: bool
) -> HasParameters:
    """A copy of an estimator in which "auto" is what it means for so many targets.

    What a user gives is kept. Tables that are not wide, numbers, and networks without hidden layers
    have the settings of one target.

    Parameters
    ----------
    estimator : HasParameters
    n_targets : int
    shape : (int, int)
        The number of different rows for training, and of columns.
    with_folds : bool
        Whether folds may hold out rows.
    """
    settings = estimator.get_params(deep=False)
    found, (n_rows, n_columns) = copy(estimator), shape
    is_wide = n_rows < ROWS_FOR_A_COLUMN * n_columns
    has_layers = bool(hidden_units(estimator.hidden_layer_sizes))
    if n_targets == 1 or estimator._kind != CLASSIFIER or not (is_wide and has_layers):
        return found
    if estimator.optimizer == "auto" and not is_lbfgs(optimizer_text(settings)):
        found.optimizer = _of_larger_steps(adam_text(settings), n_targets)
    in_folds = with_folds and folds_at_once(estimator.early_stopping, n_rows, 2) > 1
    of_default = estimator.n_folds == "auto" and estimator.preset == "default"
    if in_folds and of_default and n_targets >= MANY_LABELS:
        found.n_folds = FOLDS_OF_MANY
    return found


def _of_larger_steps(text: str, n_targets: int) -> str:
    """The text of an optimizer with a rate for so many targets."""
    optimizer = parse_optimizer(text)
    assert isinstance(optimizer, Optimizer)
    rate = optimizer.rate * min(MOST_TIMES_THE_RATE, n_targets**0.5)
    rate = max(optimizer.rate, min(rate, LARGEST_RATE))
    return str(optimizer.at_rate(float(f"{rate:.2g}")))


def with_settings_that_ran(estimator: HasParameters, fitted: Fitted) -> HasParameters:
    """A copy of an estimator in which "auto" is what ran in the fit."""
    found = copy(estimator)
    for name in RESOLVED:
        if getattr(found, name) == "auto" and name in fitted.settings:
            vars(found)[name] = fitted.settings[name]
    return found
