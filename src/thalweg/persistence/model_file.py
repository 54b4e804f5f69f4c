"""The model file: a fitted classifier, whole, in one sealed file that runs no code when read.

The header is JSON and says what everything means; θ, the encoder and the history are arrays.
No clock time and no machine is in it: the same model gives the same bytes.
"""

import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from thalweg.data.cells import LARGEST
from thalweg.data.encode import Encoder
from thalweg.data.schema import Schema
from thalweg.errors import ModelFileError, SettingsError, Status
from thalweg.estimators.classifier import LOSS, ThalwegClassifier, fit_settings, hidden_units
from thalweg.files import read_sealed, seal, unseal, write_atomic
from thalweg.network.architecture import Architecture
from thalweg.persistence.forms import require
from thalweg.persistence.header import (
    FORMAT,
    HEADER,
    HISTORY,
    Header,
    require_agreement,
    require_known_format,
    upgraded,
)
from thalweg.training.history import History
from thalweg.training.settings import parse_optimizer

Arrays = dict[str, NDArray[Any]]

_ENCODER = "encoder/"


@dataclass(frozen=True)
class ModelFile:
    """All that a model file holds.

    Attributes
    ----------
    model : ThalwegClassifier
        Fitted.
    thalweg : str
        The version that wrote the file.
    target : str or None
        The name of the column that was learned, where it was known.
    judgement : dict or None
        How the model did on a test part: what `Verdict.as_dict` gives.
    report : dict or None
        What a report shows beside: ``{"table": …, "curves": …}``.
    """

    model: ThalwegClassifier
    thalweg: str
    target: str | None
    judgement: dict[str, Any] | None
    report: dict[str, Any] | None


def save_model(
    model: object,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    target: str | None = None,
    judgement: dict[str, Any] | None = None,
    report: dict[str, Any] | None = None,
) -> None:
    """Write a fitted classifier to one file, wholly or not at all.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted. Its labels are text, integers, floats or booleans.
    path : str or path
        The folder must exist.
    overwrite : bool, default False
        Whether a file that stands there may be replaced.
    target : str, optional
        The name of the column that was learned.
    judgement : dict, optional
        How this model did on a test part: what `Verdict.as_dict` gives.
    report : dict, optional
        What a report shows beside: ``{"table": …, "curves": …}``, as
        `thalweg.reporting.report.report_data` takes them. Counts and ranges; no row.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The model has not been fitted.
    SettingsError
        The model holds something that a file cannot, such as dates for labels.
    OutputError
        Nothing can be written there; what stood there is intact.
    """
    if type(model) is not ThalwegClassifier:
        raise SettingsError(
            f"A {type(model).__name__} cannot be kept in a model file",
            why="A file holds a ThalwegClassifier, and no subclass of it",
            fix="save the fitted ThalwegClassifier itself",
        )
    check_is_fitted(model)
    try:
        data = seal(_header(model, target, judgement, report), _arrays(model))
        _checked(*unseal(data))  # what could not be read again is not written
    except (TypeError, ValueError) as bad:
        raise SettingsError(
            "This model cannot be kept in a model file",
            why=f"It holds what a file cannot: {bad}",
            fix="use text, numbers, True or False as labels and settings; leave all else as fitted",
        ) from bad
    write_atomic(path, data, overwrite=overwrite)


def load_model(path: str | os.PathLike[str]) -> ThalwegClassifier:
    """Read a fitted classifier from a file that `save_model` wrote.

    It predicts as the saved one did, to the last bit. Nothing in a file is ever executed.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    ThalwegClassifier
        Its ``random_state`` is the seed of the fit, also where that was drawn.

    Raises
    ------
    ModelVersionError
        A newer thalweg wrote the file, in a format that this one does not know.
    ModelFileError
        The file is missing, damaged, foreign or makes no sense.
    """
    return read_model(path).model


def read_model(path: str | os.PathLike[str]) -> ModelFile:
    """Read all that a model file holds; raises what `load_model` raises."""
    header, arrays = read_sealed(path)
    require_known_format(header, os.fspath(path))
    try:
        header = upgraded(header)
        model = _checked(header, arrays)
    except ValueError as bad:
        raise ModelFileError(
            "The model file makes no sense",
            where=os.fspath(path),
            why=f"Its checksum is right, but thalweg did not write it: {str(bad)[:300]}",
            fix="do not trust its source; save the model again with thalweg",
        ) from bad
    return ModelFile(
        model, header["thalweg"], header["target"], header["judgement"], header["report"]
    )


# --- from a model to plain data ---------------------------------------------------------------


def _header(
    model: ThalwegClassifier,
    target: str | None,
    judgement: dict[str, Any] | None,
    report: dict[str, Any] | None,
) -> Header:
    settings = _settings(model)
    return {
        "format": FORMAT,
        "kind": "classifier",
        "thalweg": version("thalweg"),
        "architecture": {
            "sizes": list(model.architecture_.sizes),
            "activations": list(model.architecture_.activations),
        },
        "objective": {"loss": LOSS, "alpha": settings["alpha"]},
        "schema": model.schema_.to_header(),
        "named_columns": model.schema_.named,
        "encoder": {"kind": "robust"},
        "classes": {"dtype": model.classes_.dtype.str[1:], "labels": _plain(model.classes_)},
        "positive": _plain(model.positive_),
        "threshold": _plain(model.threshold_),
        "calibration": None,
        "training": {
            "settings": settings,
            "seed": model.seed_,
            "best_epoch": model.best_epoch_,
            "stopping": model.stopping_,
            "status": model.status_.name.lower(),
            "history": list(HISTORY),
        },
        "data_hash": model.data_hash_,
        "target": target,
        "judgement": judgement,
        "report": report,
    }


def _settings(model: ThalwegClassifier) -> Header:
    """The parameters of the fit, whatever `set_params` has been told since."""
    return {name: _plain(value) for name, value in model.settings_.items()}


def _arrays(model: ThalwegClassifier) -> Arrays:
    """θ, the encoder's arrays, and the history: a row an epoch, NaN where there is no number."""
    history = [[epoch[key] for key in HISTORY] for epoch in model.history_]
    return {
        "theta": model.theta_,
        "history": np.array(history, dtype=np.float64),  # None becomes NaN
        **{f"{_ENCODER}{name}": array for name, array in model.encoder_.arrays().items()},
    }


def _plain(value: Any) -> Any:
    """NumPy's numbers and any sequence as what JSON knows."""
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


# --- from plain data to a model ---------------------------------------------------------------


def _checked(header: Header, arrays: Arrays) -> ThalwegClassifier:
    """The model of a header and its arrays; a ValueError says what of it makes no sense."""
    require(header, HEADER, "header")
    with np.errstate(all="ignore"):  # of arrays that make no sense, nothing is to be warned
        model = _model(header, arrays)
    require_agreement(header)
    return model


def _model(header: Header, arrays: Arrays) -> ThalwegClassifier:
    """A fitted classifier of parts that each make sense, if they fit each other."""
    of_encoder = {key for key in arrays if key.startswith(_ENCODER)}
    if arrays.keys() - of_encoder != {"theta", "history"}:
        raise ValueError(f"its arrays are {', '.join(sorted(arrays))[:200]}")
    training, architecture = header["training"], header["architecture"]
    model = _unfitted(training["settings"], training["seed"])
    model.settings_ = fit_settings(model.get_params())
    model.schema_ = Schema.from_header(header["schema"], named=header["named_columns"])
    model.encoder_ = Encoder.from_arrays(
        {key.removeprefix(_ENCODER): arrays[key] for key in of_encoder}
    )
    model.architecture_ = Architecture(
        tuple(architecture["sizes"]), tuple(architecture["activations"])
    )
    model.theta_ = arrays["theta"]
    model.classes_, model.positive_ = _classes(header["classes"], header["positive"])
    model.threshold_ = float(header["threshold"])
    model.history_ = _history(arrays["history"])
    model.best_epoch_, model.stopping_ = training["best_epoch"], training["stopping"]
    model.status_ = Status[training["status"].upper()]
    model.seed_, model.data_hash_ = training["seed"], header["data_hash"]
    model.n_features_in_ = len(model.schema_.columns)
    if header["named_columns"]:
        model.feature_names_in_ = np.array(model.schema_.names, dtype=object)
    _require_fit(model)
    return model


def _unfitted(settings: Header, seed: int) -> ThalwegClassifier:
    hidden = settings["hidden_layer_sizes"]
    if isinstance(hidden, list):
        settings = {**settings, "hidden_layer_sizes": tuple(hidden)}
    model = ThalwegClassifier(**settings, random_state=seed)
    model._validate_params()
    parse_optimizer(model.optimizer)
    return model


def _classes(entry: Header, positive: Any) -> tuple[NDArray[Any], Any]:
    """The two labels as the array they were, and which of them is the positive one."""
    labels = entry["labels"]
    said = [repr(label) for label in labels]  # tells 1 from 1.0, True and "1"
    try:
        # The length comes first: it bounds what the array can take.
        sound = len(labels) == 2 and labels[0] < labels[1]
        classes = np.array(labels if sound else [], dtype=entry["dtype"])
    except (TypeError, OverflowError) as bad:
        raise ValueError(f"its classes are no labels: {bad}") from bad
    if not sound or [repr(label) for label in classes.tolist()] != said:
        raise ValueError("its classes are not two labels of one type in sorted order")
    if repr(positive) not in said:
        raise ValueError("its positive class is none of its classes")
    return classes, classes[said.index(repr(positive))]


def _history(array: NDArray[Any]) -> History:
    if array.dtype != np.float64 or array.ndim != 2 or array.shape[1] != len(HISTORY):
        raise ValueError(f"its history has shape {array.shape} and type {array.dtype}")
    epochs, steps = array[:, 0], array[:, 1]
    counted = np.array_equal(epochs, np.arange(1, len(array) + 1))
    if not (counted and ((steps >= 1) & (steps <= 2**53) & (steps == np.floor(steps))).all()):
        raise ValueError("its history does not count epochs and steps")
    history = [dict(zip(HISTORY, row, strict=True)) for row in array.tolist()]
    for epoch in history:
        epoch["epoch"], epoch["steps"] = int(epoch["epoch"]), int(epoch["steps"])
        for key in ("valid_loss", "rate"):
            if np.isnan(epoch[key]):
                epoch[key] = None
    return history


def _require_fit(model: ThalwegClassifier) -> None:
    """The parts of a model must fit each other."""
    theta, architecture, encoder = model.theta_, model.architecture_, model.encoder_
    rules = {
        "θ does not hold finite floats": theta.dtype in (np.float64, np.float32)
        and bool(np.isfinite(theta).all()),
        "θ has not as many numbers as the network": theta.shape == (architecture.n_parameters,),
        "the encoder has not as many columns as the schema": len(encoder.center)
        == model.n_features_in_,
        "the encoder has not the categories of the schema": encoder.n_levels
        == model.schema_.n_levels,
        "the encoder's centres are too large": bool((abs(encoder.center) <= LARGEST).all()),
        "the network has not as many inputs as the encoder gives": architecture.sizes[0]
        == encoder.n_outputs,
        "the network is not the one of its settings": hidden_units(model.hidden_layer_sizes)
        == architecture.sizes[1:-1]
        and set(architecture.activations[:-1]) <= {model.activation},
        "its positive class is not that of its settings": model.positive is None
        or model.positive == model.positive_,
        "the network does not end in one logit": architecture.sizes[-1] == 1
        and architecture.activations[-1] == "identity",
        "its best epoch is none of its history": model.best_epoch_ <= len(model.history_),
    }
    for complaint, holds in rules.items():
        if not holds:
            raise ValueError(complaint)
