"""The settings of a fit as plain data, and an estimator of them again."""

from typing import Any

import numpy as np
from sklearn.metrics import get_scorer_names

from thalweg.estimators.parameters.recipe import fit_settings, optimizer_of

Settings = dict[str, Any]


def settings_of(model: Any) -> Settings:
    """The parameters of the fit, whatever `set_params` has been told since."""
    found = {name: plain(value) for name, value in model.settings_.items()}
    if isinstance(found.get("class_weight"), dict):
        # In JSON keys are texts, and labels need not be.
        found["class_weight"] = [
            [plain(label), float(weight)] for label, weight in found["class_weight"].items()
        ]
    return found


def unfitted(kind: Any, settings: Settings, seed: int) -> Any:
    """An estimator with these settings, each of them legal, and ``settings_`` said."""
    given = dict(settings)
    if isinstance(given["hidden_layer_sizes"], list):
        given["hidden_layer_sizes"] = tuple(given["hidden_layer_sizes"])
    if isinstance(given.get("class_weight"), list):
        given["class_weight"] = dict(given["class_weight"])
    if given["scoring"] is not None and given["scoring"] not in get_scorer_names():
        given["scoring"] = None  # a function, which no file holds; settings_ has its name
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
