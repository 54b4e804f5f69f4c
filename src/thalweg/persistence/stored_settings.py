"""The settings of a fit as plain data, and an estimator of them again."""

from typing import Any

import numpy as np
from sklearn.metrics import get_scorer_names

from thalweg.estimators.parameters.parameter import Kept, Setting
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.estimators.parameters.recipe import fit_settings, optimizer_of

Settings = dict[str, Setting]


def settings_of(model: Any) -> Settings:
    """The parameters of the fit, whatever `set_params` has been told since."""
    return {name: _stored(BY_NAME[name].kept, value) for name, value in model.settings_.items()}


def unfitted(kind: Any, settings: Settings, seed: int) -> Any:
    """An estimator with these settings, each of them legal, and ``settings_`` said."""
    given = {name: _read(BY_NAME[name].kept, value) for name, value in settings.items()}
    model: Any = kind(**given, random_state=seed)
    model._validate_params()
    optimizer_of(model)
    model.settings_ = fit_settings(model.get_params())
    return model


def plain(value: Any) -> Any:
    """NumPy's numbers and any sequence as what JSON knows."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _stored(kept: Kept, value: Setting) -> Setting:
    if kept is Kept.COSTS and isinstance(value, dict):
        # In JSON keys are texts, and labels need not be.
        return [[plain(label), float(weight)] for label, weight in value.items()]
    return plain(value)


def _read(kept: Kept, value: Setting) -> Setting:
    if kept is Kept.SIZES and isinstance(value, list):
        return tuple(value)
    if kept is Kept.COSTS and isinstance(value, list):
        return dict(value)
    if kept is Kept.SCORER and value not in get_scorer_names():
        return None  # a function, which no file holds; settings_ has its name
    return value
