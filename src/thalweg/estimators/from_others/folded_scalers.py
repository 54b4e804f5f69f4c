"""The scalers of a pipeline of scikit-learn, folded into the first layer of a network."""

from collections.abc import Sequence

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from thalweg.errors import SettingsError
from thalweg.estimators.from_others.given_weights import Layers, numbers_of
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.wording import printable

_CAN = "StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler"


def parts_of(pipeline: object) -> tuple[list[object], object]:
    """The scalers and the last estimator of a pipeline; an estimator alone has no scaler.

    Raises
    ------
    SettingsError
        If a step is no scaler that can be folded.
    """
    if not isinstance(pipeline, Pipeline):
        return [], pipeline
    *steps, (_, last) = pipeline.steps
    scalers = [step for _, step in steps if step is not None and step != "passthrough"]
    for step in scalers:
        if type(step) not in _FACTORS:
            name = printable(type(step).__name__)
            raise SettingsError(
                f"A pipeline with {name} cannot be brought over as it is",
                why=f"Only scalers that are a line for each column can be folded into the first "
                f"layer: {_CAN}",
                fix="bring the network over alone, thalweg.from_sklearn(pipeline[-1]), and give it "
                "pipeline[:-1].transform(X); or fit a ThalwegClassifier or ThalwegRegressor on the "
                "raw table, which needs no preparation",
            )
        if getattr(step, "clip", False):
            raise SettingsError(
                "A MinMaxScaler with clip=True cannot be folded into the first layer",
                why="Clipping is no line",
                fix="bring the network over alone, thalweg.from_sklearn(pipeline[-1]), and give it "
                "pipeline[:-1].transform(X)",
            )
    return scalers, last


def folded(layers: Layers, scalers: Sequence[object]) -> Layers:
    """The same network for unscaled numbers: W₁ (a x + d) + b₁ = (W₁ a) x + (W₁ d + b₁)."""
    if not scalers:
        return layers
    (W, b), *others = layers
    factor, shift = np.ones(W.shape[1]), np.zeros(W.shape[1])
    for scaler in scalers:
        times, plus = (
            np.broadcast_to(each, factor.shape) for each in _FACTORS[type(scaler)](scaler)
        )
        factor, shift = factor * times, shift * times + plus
    return [(W * factor, b + W @ shift), *others]


def _of_standard(scaler: object) -> tuple[Floats, Floats]:
    return _about(scaler, "mean_", "with_mean", "with_std")


def _of_robust(scaler: object) -> tuple[Floats, Floats]:
    return _about(scaler, "center_", "with_centering", "with_scaling")


def _about(scaler: object, center: str, has_center: str, has_scale: str) -> tuple[Floats, Floats]:
    """(x - center) / scale as a factor and a shift."""
    times = 1.0 / _vector(scaler, "scale_") if getattr(scaler, has_scale) else np.ones(1)
    middle = _vector(scaler, center) if getattr(scaler, has_center) else np.zeros(1)
    return times, -middle * times


def _of_min_max(scaler: object) -> tuple[Floats, Floats]:
    return _vector(scaler, "scale_"), _vector(scaler, "min_")


def _of_max_abs(scaler: object) -> tuple[Floats, Floats]:
    return 1.0 / _vector(scaler, "scale_"), np.zeros(1)


_FACTORS = {
    StandardScaler: _of_standard,
    RobustScaler: _of_robust,
    MinMaxScaler: _of_min_max,
    MaxAbsScaler: _of_max_abs,
}


def _vector(scaler: object, name: str) -> Floats:
    return numbers_of(getattr(scaler, name, None), f"{type(scaler).__name__}.{name}", 1)
