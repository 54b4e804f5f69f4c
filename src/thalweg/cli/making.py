"""The estimator that a table asks for, with the settings that were given."""

from typing import TYPE_CHECKING, Any

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR, Settings
from thalweg.estimators.parameters.parameter_table import BY_NAME, flag_of

if TYPE_CHECKING:
    from thalweg.cli.reading import Lesson


def estimator_for(lesson: "Lesson", settings: Settings, seed: int, *, verbose: bool = False) -> Any:
    """An unfitted ThalwegClassifier or ThalwegRegressor.

    Raises
    ------
    SettingsError
        Where a setting is for the other kind of target.
    """
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.estimators.regressor import ThalwegRegressor

    regression = lesson.task.name == "regression"
    other = "classification" if regression else "regression"
    kind = REGRESSOR if regression else CLASSIFIER
    for name in settings:
        if kind not in BY_NAME[name].of:
            raise SettingsError(
                f"{flag_of(name)} is for targets that are {'classes' if regression else 'numbers'}",
                where=f'the target "{lesson.table.target_name}"',
                fix=f"leave it out, or say --task {other}",
            )
    common = {**settings, "random_state": seed, "verbose": int(verbose)}
    if regression:
        return ThalwegRegressor(**common)
    positive = lesson.table.positive if lesson.task.name == "binary" else None
    return ThalwegClassifier(**common, positive=positive)
