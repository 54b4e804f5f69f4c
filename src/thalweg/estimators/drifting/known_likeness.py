"""The likeness of a fitted model, or why it has none."""

from thalweg.data.likeness.table_likeness import Likeness
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import Fitted


def known_likeness(fitted: Fitted) -> Likeness:
    """The summaries of the rows of a fit; a SettingsError if there are none."""
    if fitted.likeness is not None:
        return fitted.likeness
    further = fitted.also in ("epochs", "batches")
    raise SettingsError(
        "This model has no summaries of its training rows",
        why="It was trained on further rows, after those that it could summarise"
        if further
        else "An earlier version of thalweg saved it, without them",
        fix="fit the model anew, on all rows" if further else "fit the model anew, and save it",
    )
