"""The estimator that a table asks for, with the settings that were given."""

from typing import TYPE_CHECKING, Any

from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.cli.reading import Lesson

# Flags that only one of the two has.
_OF_CLASSES = {"class_weight": "--class-weight"}
_OF_NUMBERS = {"loss": "--loss"}


def estimator_for(
    lesson: "Lesson", settings: dict[str, Any], seed: int, *, verbose: bool = False
) -> Any:
    """An unfitted ThalwegClassifier or ThalwegRegressor.

    Raises
    ------
    SettingsError
        Where a setting is for the other kind of target.
    """
    from thalweg.data.target import CLASSIFICATION, REGRESSION
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.estimators.regressor import ThalwegRegressor
    from thalweg.evaluation.tasks import TWO_CLASSES

    regression = not lesson.task.kind.of_classes
    other = CLASSIFICATION if regression else REGRESSION
    for name, flag in (_OF_CLASSES if regression else _OF_NUMBERS).items():
        if name in settings:
            raise SettingsError(
                f"{flag} is for targets that are {'classes' if regression else 'numbers'}",
                where=f'the target "{lesson.table.target_name}"',
                fix=f"leave it out, or say --task {other}",
            )
    common = {**settings, "random_state": seed, "verbose": int(verbose)}
    if regression:
        return ThalwegRegressor(**common)
    positive = lesson.table.positive if lesson.task.kind is TWO_CLASSES else None
    return ThalwegClassifier(**common, positive=positive)
