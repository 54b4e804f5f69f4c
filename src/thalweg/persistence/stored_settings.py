"""Convert the settings of a fit to plain data for a model file, and back to an estimator."""

import numpy as np
from sklearn.metrics import get_scorer_names

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.fitted import FitSettings
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_order import ranks_of, require_loss
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.estimators.parameters.parameter import KeptAs, Parameter, Setting
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.estimators.parameters.resolved_parameters import (
    fit_settings,
    optimizer_of,
    said_columns,
)
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.persistence.plain_data_checks import Plain

Model = ThalwegClassifier | ThalwegRegressor


def settings_of(fitted: FitSettings) -> FitSettings:
    """The parameters of a fit as plain data."""
    return {name: _stored(BY_NAME[name], value) for name, value in fitted.items()}


def unfitted(kind: type[Model], settings: FitSettings, seed: int) -> Model:
    """An estimator with these settings, which are validated."""
    given = {name: _read(BY_NAME[name].kept, value) for name, value in settings.items()}
    model = kind(**given, random_state=seed)
    model._validate_params()
    optimizer_of(model)
    said_columns(model)
    return model


def as_settings(model: Model, stored: FitSettings) -> FitSettings:
    """The settings of a fit, from its rebuilt estimator and the stored settings."""
    return {**fit_settings(model.get_params()), "scoring": stored["scoring"]}


def is_order_of(model: ThalwegClassifier, outputs: Outputs) -> bool:
    """Whether a fit with these settings gives classes in this order.

    Settings that name no grades leave the order to the table.
    """
    if model.grades is None:
        return True
    try:
        require_loss(model.loss, model.label_smoothing)
        if not isinstance(outputs, Classes):
            return False
        ranks = ranks_of(outputs.labels, model.grades, None)
    except SettingsError:
        return False
    return not isinstance(outputs, Grades) or np.array_equal(ranks, outputs.ranks)


def plain(value: object) -> Plain:
    """Convert NumPy numbers and sequences to JSON values."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _stored(parameter: Parameter, value: Setting) -> Setting:
    if parameter.kept is KeptAs.COSTS and isinstance(value, dict):
        # Keys in JSON are texts, but labels can be of other types.
        return [[plain(label), float(weight)] for label, weight in value.items()]
    found = plain(value)
    return int(found) if type(found) is bool and not parameter.has_switch else found


def _read(kept: KeptAs, value: Setting) -> Setting:
    if kept in (KeptAs.SIZES, KeptAs.ACTIVATIONS) and isinstance(value, list):
        return tuple(value)
    if kept is KeptAs.COSTS and isinstance(value, list):
        return dict(value)
    if kept is KeptAs.SCORER and value not in get_scorer_names():
        return None  # a function, which a file cannot store; settings_ has its name
    return value
