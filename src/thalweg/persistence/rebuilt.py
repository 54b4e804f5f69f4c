"""Rebuild a fitted estimator from the header and arrays of a model file, and check all of it.

First the sizes are compared with each other; then each part is checked once, even if many networks
share it. A model that passes can be shown and can predict, and its predictions are finite.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.schema.schema import Schema
from thalweg.errors import SettingsError, Status
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.conformal.error_scales import LOSS_OF_ERRORS
from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import FitSettings, Fitted
from thalweg.estimators.learning.fitted_networks import Network, Taught
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.target_outputs import Outputs
from thalweg.estimators.parameters.auto_by_width import (
    DROPOUT,
    alpha_of,
    dropout_of,
    hidden_units,
    is_lbfgs,
    optimizer_text,
)
from thalweg.estimators.parameters.rows.class_parameters import ORDINAL
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.estimators.targets.positives_of_targets import with_named_positives
from thalweg.network.architecture import Architecture, hidden_activations
from thalweg.network.formulas.losses import own_text, standard_text
from thalweg.network.held_weights import are_held
from thalweg.persistence.decision_forms import calibration_of, require_calibration_of, threshold_of
from thalweg.persistence.estimate_forms import importance_of
from thalweg.persistence.forms.offset_form import offset_of
from thalweg.persistence.forms.repeated_networks import repeated
from thalweg.persistence.header_form import (
    AS_THEY_ARE,
    KINDS,
    Header,
    require_agreement,
    require_form,
    require_sizes,
)
from thalweg.persistence.rebuilt_parts import (
    ALL_TRAINED,
    FOLDS_KNOWN,
    LIKENESS,
    ROWS,
    SCALE,
    classes_of,
    conformal_of,
    history_of,
    likeness_of,
    out_of_fold_of,
    positive_of,
    require_bounded,
    require_finite_penalties,
    require_parameters,
    row_digests_of,
    scores_of,
    taken,
    values_of,
)
from thalweg.persistence.stored_settings import as_settings, is_order_of, unfitted
from thalweg.persistence.targets.rebuilt_targets import outputs_of_targets, with_targets
from thalweg.persistence.targets.target_entries import SCALES, TARGETS
from thalweg.training.descent.optimizer_settings import Lbfgs
from thalweg.training.descent.training_settings import parse_optimizer

Arrays = dict[str, NDArray[Any]]
Model = ThalwegClassifier | ThalwegRegressor

_MANY_COLUMNS = 100
_OTHER_COLUMNS = "the numbers of columns of encoder and schema differ"
_OTHER_INPUTS = "the numbers of network inputs and encoder outputs differ"
_HELD_OUT = ("cross-validation", "folds", "hold-out", "validation")


def array_name(what: str, number: int) -> str:
    """The name of an array of network or encoder ``number``; the first, 0, has no number in it."""
    return f"{what}.{number}" if number else what


def rebuilt(header: Header, arrays: Arrays) -> Model:
    """The model of a header of the newest format and its arrays; a ValueError if not valid."""
    require_sizes(header, arrays)
    with np.errstate(all="ignore"):  # arrays that are not valid must not cause warnings
        _require_encoders(header, arrays)
        require_form(header)
        model = _model(header, arrays)
    require_agreement(header)
    return model


def _require_encoders(header: Header, arrays: Arrays) -> None:
    """Raise a ValueError if encoders do not fit the sizes of a header that lists many columns.

    Its form is not known yet: to read thousands of columns costs more than to ask the arrays. Few
    columns are read first, because the error then says more.
    """
    encoder, schema, architecture = (
        each if type(each := header.get(key)) is dict else {}
        for key in ("encoder", "schema", "architecture")
    )
    count, columns, sizes = encoder.get("count"), schema.get("columns"), architecture.get("sizes")
    if type(columns) is not list or len(columns) < _MANY_COLUMNS or type(count) is not int:
        return
    encoders = _taken_encoders(dict(arrays), count, encoder.get("kind"))
    if any(each.n_features != len(columns) for each in encoders):
        raise ValueError(_OTHER_COLUMNS)
    if type(sizes) is list and sizes and sizes[0] not in {each.n_outputs for each in encoders}:
        raise ValueError(_OTHER_INPUTS)


def _model(header: Header, arrays: Arrays) -> Model:
    """A fitted estimator from parts that are each valid, if they fit each other."""
    settings = _settings_of_the_fit(header)
    model = unfitted(KINDS[header["kind"]], settings, header["training"]["seed"])
    fitted = _fitted(header, arrays, as_settings(model, settings))
    _require_settings(model, fitted)
    model._adopt(with_named_positives(model, fitted))
    return model


def _settings_of_the_fit(header: Header) -> FitSettings:
    """The settings, with the values that ran where "auto" now means another one.

    Earlier files do not have the dropout that ran: "auto" was then the same for all widths. Nor do
    they have the optimizer: it had no scales of inputs.
    """
    kind, training = header["kind"], header["training"]
    settings: FitSettings = training["settings"]
    usual = 0.0 if is_lbfgs(optimizer_text(settings)) else DROPOUT[kind]
    has_layers = bool(hidden_units(settings["hidden_layer_sizes"]))
    # What ran, and what "auto" would mean now.
    found: dict[str, tuple[Any, Any]] = {}
    if settings["alpha"] == "auto":
        found["alpha"] = header["objective"]["alpha"], alpha_of(settings)
    if settings["optimizer"] == "auto":
        now = optimizer_text(settings)
        found["optimizer"] = training.get("optimizer", _without_scales(now)), now
        _require_written(found["optimizer"][0], header["architecture"])
    if has_layers and settings["dropout"] == "auto":
        found["dropout"] = training.get("dropout", usual), dropout_of(settings, kind)
    return settings | {name: ran for name, (ran, now) in found.items() if ran != now}


def _require_written(text: str, architecture: Header) -> None:
    """Raise a ValueError unless a fit of such a network writes this text of an optimizer."""
    try:
        optimizer = parse_optimizer(text)
        if not isinstance(optimizer, Lbfgs):
            sizes, activations = architecture["sizes"], architecture["activations"]
            optimizer.method(Architecture(tuple(sizes), tuple(activations)))
    except SettingsError as error:
        raise ValueError(f"no fit has the optimizer that ran: {error.what}") from error
    if str(optimizer) != text:
        raise ValueError("the optimizer that ran is not written as thalweg writes it")


def _without_scales(text: str) -> str:
    """The text of an optimizer that learns no scales of inputs."""
    optimizer = parse_optimizer(text)
    return str(optimizer if isinstance(optimizer, Lbfgs) else replace(optimizer, scales=0.0))


def _fitted(header: Header, arrays: Arrays, settings: FitSettings) -> Fitted:
    """The result of a fit, from parts that are each valid."""
    training = header["training"]
    left = dict(arrays)
    encoders = _taken_encoders(left, **header["encoder"])
    n_columns = len(header["schema"]["columns"])
    if any(encoder.n_features != n_columns for encoder in encoders):
        raise ValueError(_OTHER_COLUMNS)
    schema = Schema.from_header(header["schema"], named=header["named_columns"])
    of_scale, of_rows = taken(left, SCALE), taken(left, LIKENESS)
    digests = row_digests_of(
        left.pop(ROWS, None), header.get("row_hashes"), header.get("row_salt"),
        training.get("also") in ("epochs", "batches"),
    )  # fmt: skip
    tuned, networks = repeated(header, _checked_networks(header, left, encoders, schema))
    own = taken(left, TARGETS)
    conformal = conformal_of(left, networks, training, _scale_networks(header, of_scale, schema))
    left.update(of_scale)
    if left or (own and "targets" not in header):
        raise ValueError(f"it has superfluous arrays: {', '.join(sorted(left or own))[:200]}")
    outputs, of_classes = networks[0].outputs, header["kind"] == "classifier"
    positive = None
    if isinstance(outputs, Classes):
        positive = positive_of(outputs.labels, header["positive"])
    several = isinstance(outputs, SeveralOutputs)
    offset = offset_of(
        header.get("offset"), None if isinstance(outputs, Classes) or several else outputs.loss,
        schema.given_names, intervals=conformal is not None)  # fmt: skip
    threshold = None
    if not isinstance(outputs, SeveralOutputs):
        threshold = threshold_of(
            header["threshold"], header.get("threshold_from"), cost_threshold(outputs, positive)
        )
    fitted = Fitted(
        tuple(networks),
        schema,
        training["seed"],
        settings,
        training["stopping"],
        header["data_hash"],
        weights_hash=header.get("weights_hash"),
        positive=positive,
        threshold=threshold,
        also=training.get("also"),
        out_of_fold=out_of_fold_of(training, len(networks), of_classes),
        conformal=conformal,
        calibration=calibration_of(header["calibration"]),
        row_digests=digests,
        importance=importance_of(header.get("importance"), schema.given_names),
        offset=offset,
        tuned=tuned,
        likeness=likeness_of(
            of_rows,
            schema,
            networks,
            weighted=bool(header.get("weights_hash")),
            all_trained=training["stopping"] in ALL_TRAINED and training.get("also") in FOLDS_KNOWN,
        ),
    )
    return with_targets(fitted, header, own) if "targets" in header else fitted


def _checked_networks(
    entry: Header, left: Arrays, encoders: list[Encoder], schema: Schema
) -> list[Network]:
    """The networks of an entry with these encoders, for the columns of a schema."""
    if any(encoder.n_features != len(schema.columns) for encoder in encoders):
        raise ValueError("the numbers of columns of encoder and schema differ")
    for encoder in encoders:
        _require_schema(schema, encoder)
    networks = _networks(entry, left, encoders)
    if {each["encoder"] for each in entry["members"]} != set(range(len(encoders))):
        raise ValueError("it has encoders that no network uses")
    return networks


def _scale_networks(header: Header, left: Arrays, schema: Schema) -> list[Network]:
    """The networks of the scale of the errors; none if the header names none."""
    entry = header.get("scale")
    if entry is None:
        return []
    of_errors = {"classes": None, "objective": {"loss": LOSS_OF_ERRORS}}
    encoders = _taken_encoders(left, **entry["encoder"])
    return _checked_networks(entry | of_errors, left, encoders, schema)


def _taken_encoders(arrays: Arrays, count: int, kind: object) -> list[Encoder]:
    """The encoders; their arrays are removed from ``arrays``."""
    if count > len(arrays):
        raise ValueError(f"it names {count} encoders, but has {len(arrays)} arrays")
    parts: list[Arrays] = [{} for _ in range(count)]
    places = {array_name("encoder", k): part for k, part in enumerate(parts)}
    for name in list(arrays):
        stem, _, rest = name.partition("/")
        if stem in places:
            places[stem][rest] = arrays.pop(name)
    return [Encoder.from_arrays(part, as_they_are=kind == AS_THEY_ARE) for part in parts]


def _networks(header: Header, left: Arrays, encoders: list[Encoder]) -> list[Network]:
    """The networks; shared parts are built once, after θ has been checked against the sizes."""
    classes = classes_of(header["classes"]) if header["classes"] is not None else None
    of_loss = header["objective"]["loss"]
    if classes is not None and classes.loss != of_loss:
        raise ValueError("the loss of the objective is not that of its classes")
    bounds = [encoder.output_bounds() for encoder in encoders]
    architectures: dict[tuple[Any, ...], Architecture] = {}
    networks = []
    for k, entry in enumerate(header["members"]):
        if classes is not None and entry["values"] is not None:
            raise ValueError("a classifier must not have values")
        for what in ("theta", "history"):
            if array_name(what, k) not in left:
                raise ValueError(f"it has no array {array_name(what, k)!r}")
        if entry["encoder"] >= len(encoders):
            raise ValueError("a network names an encoder that does not exist")
        theta, encoder = left.pop(array_name("theta", k)), encoders[entry["encoder"]]
        sizes, activations = _layers_of(header, entry)
        # Encoders that were fitted on different folds can have different numbers of outputs.
        n_inputs = encoder.n_outputs if k else sizes[0]
        key = (n_inputs, *sizes[1:], activations)
        if key not in architectures:
            require_parameters(theta, (n_inputs, *sizes[1:]))
            architectures[key] = Architecture((n_inputs, *sizes[1:]), activations)
        architecture = architectures[key]
        require_parameters(theta, architecture.sizes)
        if n_inputs != encoder.n_outputs or ("architecture" in entry and sizes[0] != n_inputs):
            raise ValueError(_OTHER_INPUTS)
        require_bounded(architecture, theta, bounds[entry["encoder"]])
        if not are_held(architecture, of_loss, theta):
            raise ValueError("weights that a loss of grades holds at 0 are not 0")
        status = Status[entry["status"].upper()]
        history = history_of(left.pop(array_name("history", k)), entry["best_epoch"], status)
        scores = scores_of(left.pop(array_name("scores", k), np.zeros(0)), len(history))
        values = left.pop(array_name(SCALES, k), None)
        outputs = _outputs(header, entry, classes, values)
        _require_codes(encoder, outputs)
        if (sizes[-1], activations[-1]) != (outputs.n_outputs, "identity"):
            raise ValueError("the outputs of the network do not fit its target")
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


def _layers_of(header: Header, entry: Header) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The sizes and activations of a network: its own, of another trial of a search, or of all."""
    own: Header = entry.get("architecture") or header["architecture"]
    sizes, activations = tuple(own["sizes"]), tuple(own["activations"])
    if len(sizes) < 2:
        raise ValueError(f"a network cannot have the layers {sizes}")
    if "architecture" in entry and header.get("tuned") is None:
        raise ValueError("only networks of a search have layers of their own")
    return sizes, activations


def _outputs(
    header: Header, entry: Header, classes: Classes | None, values: NDArray[Any] | None
) -> Outputs:
    """What the outputs of a network mean; ``values`` are the scales of several numbers."""
    if "targets" in header:
        if entry["values"] is not None:
            raise ValueError("several targets must not have the values of one")
        return outputs_of_targets(header, values)
    if values is not None:
        raise ValueError("one target must not have the values of several")
    return values_of(header, entry["values"]) if classes is None else classes


def _require_schema(schema: Schema, encoder: Encoder) -> None:
    """Raise a ValueError if an encoder does not fit the columns of the schema."""
    if encoder.n_levels != schema.n_levels:
        raise ValueError("the categories of encoder and schema differ")
    if not (abs(encoder.scaling.center) <= LARGEST).all():
        raise ValueError("the encoder's centres are too large")


def _require_codes(encoder: Encoder, outputs: Outputs) -> None:
    """Raise a ValueError if a level does not have as many target codes as the target gives.

    A model of one of several targets has the encoder of all, and so the codes of all.
    """
    n_codes = 1  # of a number; the same one for all of its quantiles
    if isinstance(outputs, Classes):
        n_codes = len(outputs.labels) - 1
    elif isinstance(outputs, SeveralOutputs):
        n_codes = outputs.n_outputs
    found = {each.n_outputs for each in encoder.codes.categories}
    if found and (len(found) > 1 or min(found) < n_codes):
        raise ValueError("the target codes of the encoder are not those of its target")


def _require_settings(model: Model, fitted: Fitted) -> None:
    """Raise a ValueError if the networks are not those of the settings."""
    architecture = fitted.first.architecture
    sizes, activations = architecture.sizes, architecture.activations
    held_out = fitted.stopping in _HELD_OUT and fitted.also != "batches"
    rules = {
        "the network is not the one of its settings": hidden_units(model.hidden_layer_sizes)
        == sizes[1:-1]
        and activations[:-1] == hidden_activations(model.activation, len(sizes) - 2),
        "its numbers are scaled, or are not, against its settings": all(
            each.encoder.scaling.as_they_are == (model.scaling == "none")
            for each in fitted.networks
        ),
        "only weights of another program have no epoch": all(
            bool(each.history) != (fitted.also == "weights") for each in fitted.networks
        ),
        "it has no held-out loss of its best epoch": not held_out
        or all(each.history[each.best_epoch - 1]["valid_loss"] is not None
               for each in fitted.networks),
    }  # fmt: skip
    if isinstance(model, ThalwegClassifier):
        known = [part.positive for part in fitted.parts] or [fitted.positive]
        rules["its positive class is not that of its settings"] = model.positive is None or set(
            known
        ) == {model.positive}
        outputs = fitted.first.outputs
        is_ordinal = not fitted.parts and model.loss == ORDINAL
        rules["the loss is not that of its settings"] = isinstance(outputs, Grades) == (
            is_ordinal and isinstance(outputs, Classes) and len(outputs.labels) > 2
        )
        rules["the order of its grades is not that of its settings"] = is_order_of(model, outputs)
    else:
        losses = {own_text(each.outputs.loss) for each in fitted.networks}
        rules["the loss is not that of its settings"] = losses == {standard_text(model.loss)}
    for complaint, holds in rules.items():
        if not holds:
            raise ValueError(complaint)
    if not fitted.parts:
        require_calibration_of(fitted)
    if fitted.importance is not None and not fitted.settings.get("importance"):
        raise ValueError("it has an importance of columns that its fit was not asked for")
    require_finite_penalties(fitted.networks, alpha_of(fitted.settings), float(model.l1))
