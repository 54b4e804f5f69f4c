"""The settings of a fit as plain data, and an estimator of them again."""

import numpy as np
from sklearn.metrics import get_scorer_names

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.fitted import FitSettings
from thalweg.estimators.parameters import fit_settings, optimizer_of
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.persistence.forms import Plain

Model = ThalwegClassifier | ThalwegRegressor


def settings_of(fitted: FitSettings) -> FitSettings:
    """The parameters of a fit as a file has them."""
    found = {name: plain(value) for name, value in fitted.items()}
    if isinstance(found.get("class_weight"), dict):
        # In JSON keys are texts, and labels need not be.
        found["class_weight"] = [
            [plain(label), float(weight)] for label, weight in found["class_weight"].items()
        ]
    return found


def unfitted(kind: type[Model], settings: FitSettings, seed: int) -> Model:
    """An estimator with these settings, each of them legal."""
    given = dict(settings)
    if isinstance(given["hidden_layer_sizes"], list):
        given["hidden_layer_sizes"] = tuple(given["hidden_layer_sizes"])
    if isinstance(given.get("class_weight"), list):
        given["class_weight"] = dict(given["class_weight"])
    if given["scoring"] is not None and given["scoring"] not in get_scorer_names():
        given["scoring"] = None  # a function, which no file holds; settings_ has its name
    model = kind(**given, random_state=seed)
    model._validate_params()
    optimizer_of(model)
    return model


def as_settings(model: Model, stored: FitSettings) -> FitSettings:
    """The settings of a fit whose estimator was made again from what a file has of them."""
    return {**fit_settings(model.get_params()), "scoring": stored["scoring"]}


def plain(value: object) -> Plain:
    """NumPy's numbers and any sequence as what JSON knows."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
