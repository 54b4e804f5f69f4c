"""The importance that a fit was asked for: whether it keeps rows for it, and what they showed.

What measures importance is loaded by a fit that was asked for it, and by no other.
"""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from thalweg.errors import DataError, SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.fitted import FitSettings, Fitted
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.interrupted_fit import report_no_importance
from thalweg.estimators.learning.train_networks import Learned, Recipe
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED
from thalweg.interrupts import take_in
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.evaluation.importance.importance_found import Importance

# Why a way to find the number of epochs leaves no row, and what to do.
_BY_FOLDS = f"fit with {parameter('early_stopping', 'folds')}"
_NONE_LEFT = {
    "cross-validation": (
        "Its folds only find the number of epochs, and its networks are trained on all rows",
        _BY_FOLDS,
    ),
    "validation": (
        "The rows of X_val choose the epoch", f"leave out X_val and y_val, and {_BY_FOLDS}"
    ),
    "none": ("No row is held out", _BY_FOLDS),
    "batches": ("partial_fit holds no row out", f"train with fit, and {_BY_FOLDS}"),
}  # fmt: skip
_INTERRUPTED = "Ctrl-C ended the fit before it was measured"


def require_importance(settings: FitSettings, way: str, *, in_time: bool) -> None:
    """Refuse, before anything is trained, an importance for which no row is held out.

    Parameters
    ----------
    settings : dict
        Of the fit.
    way : str
        How the number of epochs is found, as in ``stopping_``; "batches" of `partial_fit`.
    in_time : bool
        Whether rows have an order in time.
    """
    if not settings.get("importance") or (way in ("folds", "hold-out") and not in_time):
        return
    why, fix = _NONE_LEFT.get(way, ("", _BY_FOLDS))
    if in_time:
        role = parameter("time_column")
        why = "Rows in time order are mostly never held out"
        fix = f"leave {role} out, if rows may be held out without regard to time, and {fix}"
    raise SettingsError(
        f"{parameter('importance', True)} needs rows that a network was not trained on, and this "
        "fit keeps none",
        why=why,
        fix=f"{fix}; or leave importance out, and give new rows to thalweg.importance",
    )


def importance_of_fit(
    fitted: Fitted, lesson: Lesson, learned: Learned, networks: Sequence[Network], recipe: Recipe
) -> tuple["Importance | None", str]:
    """The importance that a fit finds at its end, if it was asked for; or why it found none.

    Parameters
    ----------
    fitted : Fitted
    lesson : Lesson
    learned : Learned
    networks : sequence of Network
        Those that answer held-out rows: the kept ones, or each of them at an epoch that its
        held-out rows did not choose.
    recipe : Recipe

    Warns
    -----
    ThalwegWarning
        If the held-out rows do not show it.
    """
    if not fitted.settings.get("importance"):
        return None, ""
    held_out = [rows for _, rows in learned.splits if rows is not None]
    if len(held_out) != len(networks):
        return None, _INTERRUPTED  # with networks of another kind
    from thalweg.estimators.importance.importance_of_fit import fold_importance

    clean = learned.way == "folds" and learned.unseen is not None
    try:
        found = fold_importance(
            fitted, lesson, networks, held_out, OUT_OF_FOLD if clean else STOPPED,
            seed=fitted.seed, threads=recipe.threads, verbose=recipe.verbose,
        )  # fmt: skip
        return found, ""
    except DataError as error:
        what, where, why, fix = error.unspelled
        said = f"{what}{f' ({where})' if where else ''}"
        warnings.warn(
            f"{parameter('importance', True)}: {said}. {why}. "
            f"The model has no feature_importances_. Fix: {fix}; or leave importance out.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )
        return None, said
    except KeyboardInterrupt as sign:
        take_in(sign)
        report_no_importance()
        return None, _INTERRUPTED
