"""The model file: a fitted estimator, whole, in one sealed file that runs no code when read.

The header is JSON and says what everything means; θ, encoder and history of each network are
arrays. No clock time and no machine is in it: the same model gives the same bytes.
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
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.members import Network
from thalweg.estimators.outputs import Classes, Values
from thalweg.estimators.parameters import hidden_units
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.files import read_sealed, seal, unseal, write_atomic
from thalweg.network.architecture import Architecture
from thalweg.network.losses import loss
from thalweg.persistence.header import (
    FORMAT,
    HISTORY,
    KINDS,
    Header,
    require_agreement,
    require_form,
    require_known_format,
)
from thalweg.persistence.older import upgraded
from thalweg.persistence.parts import history_of, labels_of, scores_of
from thalweg.persistence.settings import plain, settings_of, unfitted

Arrays = dict[str, NDArray[Any]]
Model = ThalwegClassifier | ThalwegRegressor


@dataclass(frozen=True)
class ModelFile:
    """All that a model file holds.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
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

    model: Model
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
    """Write a fitted estimator to one file, wholly or not at all.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
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
    if not (type(model) is ThalwegClassifier or type(model) is ThalwegRegressor):
        raise SettingsError(
            f"A {type(model).__name__} cannot be kept in a model file",
            why="A file holds a ThalwegClassifier or ThalwegRegressor, and no subclass of one",
            fix="save the fitted estimator itself",
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


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a fitted estimator from a file that `save_model` wrote.

    It predicts as the saved one did, to the last bit. Nothing in a file is ever executed.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    ThalwegClassifier or ThalwegRegressor
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
    model: Model,
    target: str | None,
    judgement: dict[str, Any] | None,
    report: dict[str, Any] | None,
) -> Header:
    settings = settings_of(model)
    outputs, encoders = model.members_[0].outputs, _encoders(model)
    of_classes = isinstance(model, ThalwegClassifier)
    return {
        "format": FORMAT,
        "kind": next(kind for kind, each in KINDS.items() if type(model) is each),
        "thalweg": version("thalweg"),
        "architecture": {
            "sizes": list(model.architecture_.sizes),
            "activations": list(model.architecture_.activations),
        },
        "objective": {"loss": outputs.loss, "alpha": settings["alpha"]},
        "schema": model.schema_.to_header(),
        "named_columns": model.schema_.named,
        "encoder": {"kind": "robust", "count": len(encoders)},
        "classes": _classes_entry(outputs) if isinstance(outputs, Classes) else None,
        "positive": plain(model.positive_) if of_classes else None,
        "threshold": plain(model.threshold_) if of_classes else None,
        "calibration": None,
        "members": [_member(network, encoders) for network in model.members_],
        "training": {
            "settings": settings,
            "seed": model.seed_,
            "stopping": model.stopping_,
            "history": list(HISTORY),
            "out_of_fold": {
                "loss": getattr(model, "oof_loss_", None),
                "score": getattr(model, "oof_score_", None),
            },
            **({"also": model._also} if model._also else {}),
        },
        "data_hash": model.data_hash_,
        "target": target,
        "judgement": judgement,
        "report": report,
    }


def _classes_entry(outputs: Classes) -> Header:
    return {
        "dtype": outputs.labels.dtype.str[1:],
        "labels": plain(outputs.labels),
        "costs": plain(outputs.costs),
    }


def _member(network: Network, encoders: list[Encoder]) -> Header:
    values = network.outputs
    return {
        "encoder": next(i for i, each in enumerate(encoders) if each is network.encoder),
        "best_epoch": network.best_epoch,
        "status": network.status.name.lower(),
        "values": {name: getattr(values, name) for name in ("center", "scale", "low", "high")}
        if isinstance(values, Values)
        else None,
    }


def _encoders(model: Model) -> list[Encoder]:
    """The different encoders, in the order of the networks."""
    return list({id(each.encoder): each.encoder for each in model.members_}.values())


def _arrays(model: Model) -> Arrays:
    """θ and history of each network (a row an epoch, NaN where there is no number), and encoders.

    The names of the first have no number.
    """
    arrays: Arrays = {}
    for k, network in enumerate(model.members_):
        history = [[epoch[key] for key in HISTORY] for epoch in network.history]
        arrays[_name("theta", k)] = network.theta
        arrays[_name("history", k)] = np.array(history, dtype=np.float64)  # None becomes NaN
        if network.scores:
            arrays[_name("scores", k)] = np.array(network.scores)
    for k, encoder in enumerate(_encoders(model)):
        for name, array in encoder.arrays().items():
            arrays[f"{_name('encoder', k)}/{name}"] = array
    return arrays


def _name(what: str, number: int) -> str:
    return f"{what}.{number}" if number else what


# --- from plain data to a model ---------------------------------------------------------------


def _checked(header: Header, arrays: Arrays) -> Model:
    """The model of a header and its arrays; a ValueError says what of it makes no sense."""
    require_form(header)
    with np.errstate(all="ignore"):  # of arrays that make no sense, nothing is to be warned
        model = _model(header, arrays)
    require_agreement(header)
    return model


def _model(header: Header, arrays: Arrays) -> Model:
    """A fitted estimator of parts that each make sense, if they fit each other."""
    training = header["training"]
    model: Model = unfitted(KINDS[header["kind"]], training["settings"], training["seed"])
    model.settings_ = {**model.settings_, "scoring": training["settings"]["scoring"]}
    model.schema_ = Schema.from_header(header["schema"], named=header["named_columns"])
    model.n_features_in_ = len(model.schema_.columns)
    if header["named_columns"]:
        model.feature_names_in_ = np.array(model.schema_.names, dtype=object)
    left = dict(arrays)
    encoders = _taken_encoders(left, header["encoder"]["count"])
    model.members_ = [
        _network(header, k, entry, left, encoders) for k, entry in enumerate(header["members"])
    ]
    if left:
        raise ValueError(f"it has arrays too many: {', '.join(sorted(left))[:200]}")
    if {entry["encoder"] for entry in header["members"]} != set(range(len(encoders))):
        raise ValueError("it has encoders that no network uses")
    if isinstance(model, ThalwegClassifier):
        model.classes_, model.positive_ = labels_of(header["classes"], header["positive"])
        model.threshold_ = None if header["threshold"] is None else float(header["threshold"])
    model.stopping_, model._also = training["stopping"], training.get("also")
    model.seed_, model.data_hash_ = training["seed"], header["data_hash"]
    for name, value in training["out_of_fold"].items():
        if value is not None:
            setattr(model, f"oof_{name}_", float(value))
    for network in model.members_:
        _require_fit(model, network)
    return model


def _taken_encoders(arrays: Arrays, count: int) -> list[Encoder]:
    """The encoders, whose arrays are taken out of the others."""
    if count > len(arrays):
        raise ValueError(f"it speaks of {count} encoders, and has {len(arrays)} arrays")
    encoders = []
    for k in range(count):
        stem = f"{_name('encoder', k)}/"
        own = [name for name in arrays if name.startswith(stem)]
        encoders.append(Encoder.from_arrays({name[len(stem) :]: arrays.pop(name) for name in own}))
    return encoders


def _network(
    header: Header, k: int, entry: Header, left: Arrays, encoders: list[Encoder]
) -> Network:
    for what in ("theta", "history"):
        if _name(what, k) not in left:
            raise ValueError(f"it has no array {_name(what, k)!r}")
    if entry["encoder"] >= len(encoders):
        raise ValueError("a network names an encoder that is not there")
    theta, history = left.pop(_name("theta", k)), history_of(left.pop(_name("history", k)))
    encoder = encoders[entry["encoder"]]
    sizes, activations = (tuple(header["architecture"][key]) for key in ("sizes", "activations"))
    if k:  # what the rows of another fold tell may be more, or less
        sizes = (encoder.n_outputs, *sizes[1:])
    return Network(
        encoder,
        Architecture(sizes, activations),
        theta,
        _outputs(header, entry["values"]),
        history,
        entry["best_epoch"],
        Status[entry["status"].upper()],
        scores_of(left.pop(_name("scores", k), np.zeros(0)), len(history)),
    )


def _outputs(header: Header, values: Header | None) -> Classes | Values:
    if header["kind"] == "classifier":
        if values is not None:
            raise ValueError("a classifier has values")
        labels, _ = labels_of(header["classes"], header["positive"])
        return Classes(labels, np.array(header["classes"]["costs"], dtype=np.float64))
    if values is None or not values["low"] <= values["high"]:
        raise ValueError("a regressor lacks the range of its values")
    text = header["objective"]["loss"]
    outputs = Values(text, **{name: float(value) for name, value in values.items()})
    if str(loss(text)) != text:
        raise ValueError("the loss of the objective is not written as it should be")
    return outputs


def _require_fit(model: Model, network: Network) -> None:
    """The parts of a model must fit each other."""
    theta, architecture, encoder = network.theta, network.architecture, network.encoder
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
        "the network has not the outputs of its target": architecture.sizes[-1]
        == network.outputs.n_outputs
        and architecture.activations[-1] == "identity",
        "its best epoch is none of its history": network.best_epoch <= len(network.history),
    }
    if isinstance(model, ThalwegClassifier):
        rules["its positive class is not that of its settings"] = (
            model.positive is None or model.positive == model.positive_
        )
    else:
        rules["the loss is not that of its settings"] = (
            str(loss(model.loss)) == network.outputs.loss
        )
    for complaint, holds in rules.items():
        if not holds:
            raise ValueError(complaint)
