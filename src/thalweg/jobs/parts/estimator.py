"""The estimator that a table asks for, with the settings that were given."""

from typing import TYPE_CHECKING

from thalweg.data.target import CLASSIFICATION, REGRESSION
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.tasks import TWO_CLASSES
from thalweg.jobs.parts.training_table import EstimatorSettings, TrainingTable

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Flags that only one of the two has.
_OF_CLASSES = {"class_weight": "--class-weight"}
_OF_NUMBERS = {"loss": "--loss"}


def estimator_for(table: TrainingTable, settings: EstimatorSettings, seed: int) -> "Model":
    """An unfitted ThalwegClassifier or ThalwegRegressor.

    Raises
    ------
    SettingsError
        Where a setting is for the other kind of target.
    """
    regression = not table.task.kind.of_classes
    other = CLASSIFICATION if regression else REGRESSION
    for name, flag in (_OF_CLASSES if regression else _OF_NUMBERS).items():
        if name in settings:
            raise SettingsError(
                f"{flag} is for targets that are {'classes' if regression else 'numbers'}",
                where=f'the target "{table.table.target_name}"',
                fix=f"leave it out, or say --task {other}",
            )
    if regression:
        return ThalwegRegressor(**settings, random_state=seed)
    positive = table.table.positive if table.task.kind is TWO_CLASSES else None
    return ThalwegClassifier(**settings, random_state=seed, positive=positive)
