"""The scalers of a pipeline of scikit-learn, folded into the first layer of a network."""

from collections.abc import Sequence

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.from_others.given_weights import LARGEST_WEIGHT, Layers, numbers_of
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.wording import counted, printable

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
        times, plus = _FACTORS[type(scaler)](scaler, W.shape[1])
        with np.errstate(all="ignore"):  # it is checked here
            factor, shift = factor * times, shift * times + plus
            W_scaled, b_scaled = W * factor, b + W @ shift
        if not (_is_sound(W_scaled) and _is_sound(b_scaled)):
            raise DataError(
                "A weight of the first layer is NaN, infinite or above "
                f"{LARGEST_WEIGHT:g} in size once the scaler is folded in",
                where=type(scaler).__name__,
                why="Such a network gives no finite answers",
                fix="leave columns out that are nearly constant or have huge numbers, and fit the "
                "pipeline again",
            )
    return [(W * factor, b + W @ shift), *others]


def _is_sound(numbers: Floats) -> bool:
    return bool((np.abs(numbers) <= LARGEST_WEIGHT).all())


def _of_standard(scaler: object, width: int) -> tuple[Floats, Floats]:
    return _about(scaler, width, "mean_", "with_mean", "with_std")


def _of_robust(scaler: object, width: int) -> tuple[Floats, Floats]:
    return _about(scaler, width, "center_", "with_centering", "with_scaling")


def _about(
    scaler: object, width: int, center: str, has_center: str, has_scale: str
) -> tuple[Floats, Floats]:
    """(x - center) / scale as a factor and a shift."""
    times = _one_over_scale(scaler, width) if getattr(scaler, has_scale) else np.ones(1)
    middle = _vector(scaler, center, width) if getattr(scaler, has_center) else np.zeros(1)
    return times, -middle * times


def _of_min_max(scaler: object, width: int) -> tuple[Floats, Floats]:
    return _vector(scaler, "scale_", width), _vector(scaler, "min_", width)


def _of_max_abs(scaler: object, width: int) -> tuple[Floats, Floats]:
    return _one_over_scale(scaler, width), np.zeros(1)


_FACTORS = {
    StandardScaler: _of_standard,
    RobustScaler: _of_robust,
    MinMaxScaler: _of_min_max,
    MaxAbsScaler: _of_max_abs,
}


def _one_over_scale(scaler: object, width: int) -> Floats:
    scale = _vector(scaler, "scale_", width)
    if not scale.all():
        raise DataError(
            f"The scale of column {int(np.argmin(scale != 0)) + 1} is 0",
            where=f"{type(scaler).__name__}.scale_",
            why="A column is divided by its scale",
            fix="fit the pipeline again: scikit-learn takes 1 for a constant column",
        )
    with np.errstate(over="ignore"):  # the layer is checked
        found: Floats = 1.0 / scale
    return found


def _vector(scaler: object, name: str, width: int) -> Floats:
    where = f"{type(scaler).__name__}.{name}"
    found = numbers_of(getattr(scaler, name, None), where, 1)
    if len(found) != width:
        raise DataError(
            f"The scaler has {counted(len(found), 'number')}, and the first layer takes "
            f"{counted(width, 'column')}",
            where=where,
            fix="fit the pipeline again, and leave its attributes as they are",
        )
    return found
