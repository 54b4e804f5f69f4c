"""From a header and arrays to a fitted estimator: what they mean is bounded before it is made.

Sizes are held against each other first, by counting; then each part is looked at once, whatever
number of networks shares it. What passes can be shown, can predict, and does so in finite numbers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.schema.schema import Schema
from thalweg.errors import Status
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.fitted import FitSettings, Fitted, OutOfFold
from thalweg.estimators.learning.ensemble_members import Network, Taught
from thalweg.estimators.learning.target_outputs import Classes
from thalweg.estimators.parameters.recipe import hidden_units
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.losses import loss
from thalweg.persistence.header import (
    KINDS,
    Header,
    require_agreement,
    require_form,
    require_sizes,
)
from thalweg.persistence.parts import (
    classes_of,
    history_of,
    positive_of,
    require_bounded,
    require_finite_penalties,
    require_parameters,
    scores_of,
    values_of,
)
from thalweg.persistence.stored_settings import as_settings, unfitted

Arrays = dict[str, NDArray[Any]]
Model = ThalwegClassifier | ThalwegRegressor

_HELD_OUT = ("cross-validation", "folds", "hold-out", "validation")


def array_name(what: str, number: int) -> str:
    """What an array of the k-th network or encoder is called; the first has no number."""
    return f"{what}.{number}" if number else what


def rebuilt(header: Header, arrays: Arrays) -> Model:
    """The model of a header of today and its arrays; a ValueError says what makes no sense."""
    require_sizes(header, arrays)
    require_form(header)
    with np.errstate(all="ignore"):  # of arrays that make no sense, nothing is to be warned
        model = _model(header, arrays)
    require_agreement(header)
    return model


def _model(header: Header, arrays: Arrays) -> Model:
    """A fitted estimator of parts that each make sense, if they fit each other."""
    training = header["training"]
    model = unfitted(KINDS[header["kind"]], training["settings"], training["seed"])
    fitted = _fitted(header, arrays, as_settings(model, training["settings"]))
    _require_settings(model, fitted)
    model._adopt(fitted)
    return model


def _fitted(header: Header, arrays: Arrays, settings: FitSettings) -> Fitted:
    """What the fit came to, of parts that each make sense."""
    training = header["training"]
    schema = Schema.from_header(header["schema"], named=header["named_columns"])
    left = dict(arrays)
    encoders = _taken_encoders(left, header["encoder"]["count"])
    for encoder in encoders:
        _require_schema(schema, encoder)
    networks = _networks(header, left, encoders)
    if left:
        raise ValueError(f"it has arrays too many: {', '.join(sorted(left))[:200]}")
    if {entry["encoder"] for entry in header["members"]} != set(range(len(encoders))):
        raise ValueError("it has encoders that no network uses")
    outputs, threshold, found = networks[0].outputs, header["threshold"], training["out_of_fold"]
    return Fitted(
        tuple(networks),
        schema,
        training["seed"],
        settings,
        training["stopping"],
        header["data_hash"],
        positive=positive_of(outputs.labels, header["positive"])
        if isinstance(outputs, Classes)
        else None,
        threshold=None if threshold is None else float(threshold),
        also=training.get("also"),
        out_of_fold=None
        if found["loss"] is None
        else OutOfFold(
            float(found["loss"]), None if found["score"] is None else float(found["score"])
        ),
    )


def _taken_encoders(arrays: Arrays, count: int) -> list[Encoder]:
    """The encoders, whose arrays are taken out of the others."""
    if count > len(arrays):
        raise ValueError(f"it speaks of {count} encoders, and has {len(arrays)} arrays")
    parts: list[Arrays] = [{} for _ in range(count)]
    places = {array_name("encoder", k): part for k, part in enumerate(parts)}
    for name in list(arrays):
        stem, _, rest = name.partition("/")
        if stem in places:
            places[stem][rest] = arrays.pop(name)
    return [Encoder.from_arrays(part) for part in parts]


def _networks(header: Header, left: Arrays, encoders: list[Encoder]) -> list[Network]:
    """The networks; what they have in common is made once, and θ is held against it before."""
    sizes, activations = (tuple(header["architecture"][key]) for key in ("sizes", "activations"))
    if len(sizes) < 2:
        raise ValueError(f"a network cannot have the layers {sizes}")
    classes = classes_of(header["classes"]) if header["classes"] is not None else None
    bounds = [encoder.output_bounds() for encoder in encoders]
    architectures: dict[int, Architecture] = {}
    networks = []
    for k, entry in enumerate(header["members"]):
        if classes is not None and entry["values"] is not None:
            raise ValueError("a classifier has values")
        for what in ("theta", "history"):
            if array_name(what, k) not in left:
                raise ValueError(f"it has no array {array_name(what, k)!r}")
        if entry["encoder"] >= len(encoders):
            raise ValueError("a network names an encoder that is not there")
        theta, encoder = left.pop(array_name("theta", k)), encoders[entry["encoder"]]
        # What the rows of another fold tell may be more, or less.
        n_inputs = encoder.n_outputs if k else sizes[0]
        if n_inputs not in architectures:
            require_parameters(theta, (n_inputs, *sizes[1:]))
            architectures[n_inputs] = Architecture((n_inputs, *sizes[1:]), activations)
        architecture = architectures[n_inputs]
        require_parameters(theta, architecture.sizes)
        if n_inputs != encoder.n_outputs:
            raise ValueError("the network has not as many inputs as the encoder gives")
        require_bounded(architecture, theta, bounds[entry["encoder"]])
        status = Status[entry["status"].upper()]
        history = history_of(left.pop(array_name("history", k)), entry["best_epoch"], status)
        scores = scores_of(left.pop(array_name("scores", k), np.zeros(0)), len(history))
        outputs = values_of(header, entry["values"]) if classes is None else classes
        if (sizes[-1], activations[-1]) != (outputs.n_outputs, "identity"):
            raise ValueError("the network has not the outputs of its target")
        networks.append(
            Network(
                encoder,
                architecture,
                theta,
                outputs,
                history,
                entry["best_epoch"],
                status,
                scores,
                Taught(**entry["taught"]) if "taught" in entry else None,
            )
        )
    return networks


def _require_schema(schema: Schema, encoder: Encoder) -> None:
    """An encoder must be one of the columns."""
    if encoder.n_features != len(schema.columns):
        raise ValueError("the encoder has not as many columns as the schema")
    if encoder.n_levels != schema.n_levels:
        raise ValueError("the encoder has not the categories of the schema")
    if not (abs(encoder.scaling.center) <= LARGEST).all():
        raise ValueError("the encoder's centres are too large")


def _require_settings(model: Model, fitted: Fitted) -> None:
    """The networks must be what the settings say."""
    architecture = fitted.first.architecture
    sizes, activations = architecture.sizes, architecture.activations
    held_out = fitted.stopping in _HELD_OUT and fitted.also != "batches"
    rules = {
        "the network is not the one of its settings": hidden_units(model.hidden_layer_sizes)
        == sizes[1:-1]
        and set(activations[:-1]) <= {model.activation},
        "it has no held-out loss of its best epoch": not held_out
        or all(each.history[each.best_epoch - 1]["valid_loss"] is not None
               for each in fitted.networks),
    }  # fmt: skip
    if isinstance(model, ThalwegClassifier):
        rules["its positive class is not that of its settings"] = (
            model.positive is None or model.positive == fitted.positive
        )
    else:
        told = {each.outputs.loss for each in fitted.networks}
        rules["the loss is not that of its settings"] = told == {str(loss(model.loss))}
    for complaint, holds in rules.items():
        if not holds:
            raise ValueError(complaint)
    require_finite_penalties(fitted.networks, float(model.alpha), float(model.l1))
