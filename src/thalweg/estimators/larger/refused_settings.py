"""What a fit on a table that is larger than memory cannot do, and says before it begins."""

from typing import Any

from thalweg.errors import SettingsError
from thalweg.estimators.learning.train_networks import Recipe
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.parameters.auto_by_width import is_lbfgs
from thalweg.estimators.parameters.resolved_parameters import HasParameters
from thalweg.network.formulas.losses import loss
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.wording import parameter

# What is fitted on shards, and what is not.
SUCH_A_TABLE = "a folder, or a table that is larger than memory"
IN_MEMORY = f"fit one file that fits into memory ({parameter('max_memory')})"
# The least memory for such a fit, in bytes.
LEAST = 128_000_000


def require_enough(max_memory: int) -> None:
    """Raise a SettingsError for less memory than a fit in shards needs."""
    if max_memory < LEAST:
        raise SettingsError(
            f"{parameter('max_memory', max_memory)} is too little for {SUCH_A_TABLE}",
            why=f"Some windows of rows must be there at a time; {LEAST:,} bytes are the least",
            fix=f"allow more: {parameter('max_memory', '128MB')}",
        )


def require_no_more(given: dict[str, Any]) -> None:
    """Raise a SettingsError if `fit` was given what such a fit does not take.

    Parameters
    ----------
    given : dict
        Arguments of `fit` by their names.
    """
    named = [name for name, value in given.items() if value is not None]
    if named:
        raise SettingsError(
            f"{parameter(named[0])} is not for {SUCH_A_TABLE}",
            why="Such a table is read in passes, with one target, and all its rows count the same",
            fix=f"leave {parameter(named[0])} out, or {IN_MEMORY}",
        )


def require_apt(estimator: HasParameters) -> None:
    """Raise a SettingsError for parameters that such a fit cannot have."""
    asked: dict[str, tuple[bool, str]] = {
        "early_stopping": (
            estimator.early_stopping not in ("auto", True, "hold-out"),
            "There is one network, and held-out rows end its training",
        ),
        "n_folds": (
            estimator.n_folds != "auto",
            "There is one network, and one held-out part of the rows",
        ),
        "n_ensemble": (int(estimator.n_ensemble) > 1, "There is one network"),
        "scoring": (estimator.scoring is not None, "The held-out loss ends training"),
        "scaling": (estimator.scaling == "none", "Numbers are scaled"),
        "interval_kind": (
            getattr(estimator, "interval_kind", "plain") != "plain",
            "Scaled intervals need the errors of all held-out rows in memory",
        ),
        "optimizer": (
            estimator.optimizer != "auto" and is_lbfgs(estimator.optimizer),
            "L-BFGS needs all rows at once",
        ),
        "warm_start": (bool(getattr(estimator, "warm_start", False)), "Training begins anew"),
        "callbacks": (
            bool(getattr(estimator, "_skl_callbacks", ())),
            "scikit-learn's callbacks get all rows at once",
        ),
    }
    for name, (is_refused, why) in asked.items():
        if is_refused:
            value = getattr(estimator, name, None)
            raise SettingsError(
                f"{parameter(name, value)} is not for {SUCH_A_TABLE}",
                why=why,
                fix=f"leave {parameter(name)} at its default, or {IN_MEMORY}",
            )


def require_apt_target(target: TargetOutputs) -> None:
    """Raise a SettingsError for a loss that needs all targets at once."""
    outputs = target.outputs
    if isinstance(outputs, Quantiles) or loss(outputs.loss).written is not None:
        raise SettingsError(
            f"{parameter('loss', outputs.loss)} is not for {SUCH_A_TABLE}",
            why="Its constants are found from all targets at once",
            fix=f"take another loss, such as squared_error, or {IN_MEMORY}",
        )


def require_batches(recipe: Recipe) -> None:
    """Raise a SettingsError for training without mini-batches."""
    if isinstance(recipe.settings.optimizer, Lbfgs) or recipe.settings.batch_size is None:
        raise SettingsError(
            "A network without hidden layers is trained by L-BFGS, which is not for "
            f"{SUCH_A_TABLE}",
            why="L-BFGS needs all rows at once",
            fix=f"set {parameter('optimizer', 'adam')}",
        )
