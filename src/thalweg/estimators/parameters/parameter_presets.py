"""Presets: what "auto" means in a quick fit, in the default one, and in the best one.

A preset changes no parameter that is given: it only says what stands for "auto". What each is worth
is measured in docs/defaults.md.
"""

from collections.abc import Mapping

from thalweg.estimators.parameters.parameter import Preset, Settings

# The number of folds; and, at the default width, the epochs of the schedule and those of patience
# where folds stop together.
PRESETS: Mapping[Preset, Mapping[str, int]] = {
    "default": {"n_folds": 5, "max_iter": 48, "n_iter_no_change": 6},
    "quick": {"n_folds": 3, "max_iter": 48, "n_iter_no_change": 4},
    "best": {"n_folds": 10, "max_iter": 72, "n_iter_no_change": 9},
}


def auto_of(settings: Settings, name: str) -> int:
    """What "auto" means for a parameter by the preset of these settings."""
    return PRESETS[settings.get("preset", "default")][name]


def folds_of(settings: Settings) -> int:
    """The number of folds."""
    given = settings.get("n_folds", "auto")
    return auto_of(settings, "n_folds") if given == "auto" else int(given)
