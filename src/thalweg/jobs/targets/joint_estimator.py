"""Makes the classifier or the regressor of several targets, with the given settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.jobs.targets.tables_of_targets import TargetTables
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def joint_estimator(
    tables: TargetTables, settings: Mapping[str, Any], seed: int, estimator: str
) -> "Model":
    """An unfitted model of all targets."""
    first = tables.first
    alone = replace(first, table=replace(first.table, positive=None))
    if isinstance(settings.get("class_weight"), dict):
        raise SettingsError(
            f"{parameter('class_weight')} is for one target, and {len(tables.names)} are named",
            fix="leave it out; thalweg decide with "
            f"{parameter('target', tables.names[0])} chooses a threshold for each",
        )
    model = estimator_for(alone, settings, seed, estimator)
    if isinstance(model, ThalwegClassifier):
        model._positives = dict(tables.positives)
    return model
