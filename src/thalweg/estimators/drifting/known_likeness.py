"""The likeness of a fitted model, or why it has none."""

from typing import TYPE_CHECKING

from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.data.likeness.table_likeness import Likeness
    from thalweg.estimators.fitted import Fitted

_EARLIER = (
    "An earlier version of thalweg saved it, without them", "fit the model anew, and save it"
)  # fmt: skip
_WHY = {
    "epochs": (
        "It was trained further on other rows than those of its fit, which it had summarised",
        "fit the model anew, on all rows",
    ),
    # There may have been no fit before.
    "batches": (
        "partial_fit trained it on several batches, and a batch cannot be summarised together with "
        "rows that are not there any more",
        "train a model with fit, on all rows",
    ),
    "weights": (
        "Another program fitted its weights, and its training rows did not come along",
        "fit a model of thalweg on these rows, and save it",
    ),
}


def why_unknown(fitted: "Fitted") -> tuple[str, str]:
    """Why a model has no summaries, and how to get them."""
    return _WHY.get(fitted.also or "", _EARLIER)


def known_likeness(fitted: "Fitted") -> "Likeness":
    """The summaries of the rows of a fit; a SettingsError if there are none."""
    if fitted.likeness is not None:
        return fitted.likeness
    why, fix = why_unknown(fitted)
    raise SettingsError("This model has no summaries of its training rows", why=why, fix=fix)
