"""Makes the classifier or the regressor for a table, with the given settings."""

from typing import TYPE_CHECKING

from thalweg.data.column_names import listed
from thalweg.data.column_roles import label_named
from thalweg.data.target_kind import CLASSIFICATION, REGRESSION
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR, Setting, Settings
from thalweg.estimators.parameters.parameter_table import parameters_of
from thalweg.estimators.parameters.rows.class_parameters import CLASS_LOSSES
from thalweg.estimators.parameters.simpler_model import KIND_OF, NETWORK, simpler_settings
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.jobs.parts.training_table import TrainingTable
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def estimator_for(
    table: TrainingTable, settings: Settings, seed: int, estimator: str = NETWORK
) -> "Model":
    """An unfitted ThalwegClassifier or ThalwegRegressor.

    ``estimator`` is "network", or the simpler model: "logistic" or "ridge".

    Raises
    ------
    SettingsError
        If a setting, or the estimator, is for the other kind of target.
    """
    of_columns = table.table.said.as_settings()
    regression = not table.task.kind.of_classes
    other = CLASSIFICATION if regression else REGRESSION
    kind = REGRESSOR if regression else CLASSIFIER
    its = "classes" if regression else "numbers"
    if estimator not in (NETWORK, *KIND_OF):
        raise SettingsError(
            f"{parameter('estimator', estimator)} is not a known estimator",
            fix=f"take one of {listed([NETWORK, *KIND_OF])}",
        )
    if KIND_OF.get(estimator, kind) != kind:
        own = next(name for name, known in KIND_OF.items() if known == kind)
        raise SettingsError(
            f"{parameter('estimator', estimator)} is for targets that are {its}",
            where=f'the target "{table.table.target_name}"',
            fix=f"take {parameter('estimator', own)}, or say {parameter('task', other)}",
        )
    require_settings_of(kind, settings, str(table.table.target_name))
    if estimator == NETWORK:
        settings = {**of_columns, **settings}
    else:
        settings = simpler_settings(estimator, settings, of_columns)
    if regression:
        model = ThalwegRegressor(**settings, random_state=seed)
        model._rates_of = table.offset
        return model
    if isinstance(costs := settings.get("class_weight"), dict):
        settings["class_weight"] = _costs_of(costs, sorted(set(table.y.tolist())))
    positive = table.table.positive if table.task.kind is TWO_CLASSES else None
    return ThalwegClassifier(**settings, random_state=seed, positive=positive)


def require_settings_of(kind: str, settings: Settings, target: str) -> None:
    """Raise a SettingsError if a setting is for the other kind of target."""
    of_numbers = kind == REGRESSOR
    for name, value in settings.items():
        if not _is_of(kind, name, value):
            said = parameter(name, value) if value in CLASS_LOSSES else parameter(name)
            other = CLASSIFICATION if of_numbers else REGRESSION
            raise SettingsError(
                f"{said} is for targets that are {'classes' if of_numbers else 'numbers'}",
                where=f'the target "{target}"',
                fix=f"leave it out, or say {parameter('task', other)}",
            )


def _is_of(kind: str, name: str, value: Setting) -> bool:
    """Whether a kind of estimator has this parameter; of losses, each has its own."""
    if name == "loss":
        return (value in CLASS_LOSSES) == (kind == CLASSIFIER)
    return any(name == each.name for each in parameters_of(kind))


def _costs_of(given: dict[str, float], levels: list[str]) -> dict[str, float]:
    """The cost of each class that the user names, by the rule for the positive class."""
    costs: dict[str, float] = {}
    for name, cost in given.items():
        label = label_named(name, levels)
        if label in costs:
            raise SettingsError(
                f'{parameter("class_weight")} names "{label}" twice',
                where=listed(list(given)),
                fix="name each class once",
            )
        costs[label] = cost
    return costs
