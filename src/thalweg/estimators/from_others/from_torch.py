"""`from_torch`: a dense network of PyTorch, from its ``state_dict``, as a fitted estimator.

PyTorch is not imported: tensors say by themselves what their numbers are.
"""

import warnings
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from thalweg.errors import DataError, SettingsError, ThalwegWarning, outer_level
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.from_others.given_weights import (
    PLAIN,
    Layers,
    Model,
    as_classes_of,
    as_values,
    checked_layers,
    numbers_of,
    several_of,
    with_weights,
)
from thalweg.estimators.from_others.order_of_layers import in_order
from thalweg.estimators.outputs.several_outputs import MOST_TARGETS
from thalweg.estimators.parameters.parameter import Setting
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.network.architecture import MOST_LAYERS, hidden_activations
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.wording import counted, shown

# PyTorch's names of activations that are thalweg's, in small letters and without marks.
_NAMES = {name.replace("_", ""): name for name in ACTIVATIONS} | {
    "swish": "silu", "logistic": "sigmoid", "linear": "identity", "none": "identity",
}  # fmt: skip
_OF_NORMS = ("running_mean", "running_var", "num_batches_tracked")
_ALONE = "give the state_dict of dense layers (nn.Linear) with activations between them"


def from_torch(
    state_dict: Mapping[str, Any],
    activation: str | Sequence[str] = "relu",
    *,
    classes: Sequence[Any] | np.ndarray | None = None,
    feature_names: Sequence[str] | None = None,
) -> Model:
    """Bring a dense network of PyTorch over, with its weights.

    Predictions are those of the network on numbers as they are, in float64. Without classes the
    last layer gives a value for each target, and the model is a `ThalwegRegressor`; several targets
    have the names 0, 1, …. With classes it gives logits (one as for ``BCEWithLogitsLoss``, several
    as for ``CrossEntropyLoss``). No training row comes along, so there are no out-of-fold results,
    intervals or summaries of rows.

    Parameters
    ----------
    state_dict : mapping of str to array or tensor
        ``model.state_dict()``, of any names (``0.weight``, ``module.fc1.weight``) and float types.
        Layers are in the order of the numbers in their names; without numbers, in the only order
        that fits their shapes, or number them from the inputs on. A bias may be left out: it is 0.
    activation : str or sequence of str, default "relu"
        Of all hidden layers or one for each; a state_dict does not have it.
    classes : sequence of labels, optional
        In the order of the outputs; of two classes the second is that of the logit.
    feature_names : sequence of str, optional
        The names of the inputs; without them tables are matched by position.

    Returns
    -------
    ThalwegClassifier or ThalwegRegressor
        Fitted.

    Raises
    ------
    DataError, SettingsError
        If it is not the state of a dense network (convolutions, normalisation and recurrent layers
        are refused), or something does not fit its layers.

    Examples
    --------
    >>> from thalweg import from_torch
    >>> state = {"0.weight": [[1.0, -1.0]], "0.bias": [0.5], "2.weight": [[2.0]], "2.bias": [0.0]}
    >>> model = from_torch(state, "relu")
    >>> model.predict([[3.0, 1.0]]).tolist()
    [5.0]
    """
    layers = _layers_of(state_dict, feature_names, classes)
    names = _activations(activation, len(layers) - 1)
    if classes is not None:
        layers, labels = _in_order(layers, classes)
        model: Model = ThalwegClassifier(**_parameters(layers, names))
        return with_weights(model, layers, as_classes_of(labels), feature_names)
    n_outputs = len(layers[-1][0])
    values = as_values() if n_outputs == 1 else several_of([as_values()] * n_outputs)
    model = ThalwegRegressor(**_parameters(layers, names))
    return with_weights(model, layers, values, feature_names)


def _parameters(layers: Layers, names: tuple[str, ...]) -> dict[str, Setting]:
    """The parameters of an estimator with these layers."""
    return {
        **PLAIN,
        "hidden_layer_sizes": tuple(len(W) for W, _ in layers[:-1]),
        "activation": names[0] if len(set(names)) == 1 else names or "relu",
        "alpha": 0.0,
        "optimizer": "adam",
    }


def _layers_of(state_dict: object, feature_names: Any, classes: Any) -> Layers:
    """W and b of each layer, from the inputs on."""
    if not isinstance(state_dict, Mapping):
        has_one = callable(getattr(state_dict, "state_dict", None))
        raise SettingsError(
            f"A {type(state_dict).__name__} is no state_dict",
            why="It is a mapping of names to arrays or tensors",
            fix="give model.state_dict()"
            if has_one
            else "give a dict: {'0.weight': …, '0.bias': …}",
        )
    found: dict[str, dict[str, Any]] = {}
    items = list(islice(state_dict.items(), 2 * MOST_LAYERS + 2))
    for key, value in sorted(items, key=lambda item: not isinstance(item[1], Mapping)):
        prefix, _, what = str(key).rpartition(".")
        _require_dense(str(key), what, value)
        found.setdefault(prefix, {})[what] = value
    if not found:
        raise SettingsError("The state_dict has no layer", fix=_ALONE)
    if len(found) > MOST_LAYERS:
        raise SettingsError(f"The state_dict has more than {MOST_LAYERS} layers", fix=_ALONE)
    pairs = {}
    for prefix, parts in found.items():
        if "weight" not in parts:
            raise SettingsError(f"Layer {shown(prefix)} has a bias and no weight", fix=_ALONE)
        W = numbers_of(parts["weight"], f'state_dict, "{prefix}.weight"'.lstrip(), 2)
        pairs[prefix] = W, parts["bias"] if "bias" in parts else np.zeros(len(W))
    shapes = {prefix: (W.shape[1], len(W)) for prefix, (W, _) in pairs.items()}
    n_inputs = None if feature_names is None else len(feature_names)
    n_outputs = range(1, MOST_TARGETS + 1) if classes is None else (1, len(classes))
    order = in_order(shapes, n_inputs, n_outputs)
    return checked_layers([pairs[prefix] for prefix in order], "state_dict")


def _require_dense(key: str, what: str, value: object) -> None:
    """Refuse a key that no dense layer has, and say what it is of."""
    shape = getattr(value, "shape", None)  # lists are looked at later
    n_dimensions = len(shape) if isinstance(shape, tuple) else 2
    if isinstance(value, Mapping):
        raise SettingsError(
            f"{shown(key)} is a dict, and not a tensor",
            where="state_dict",
            why="This may be a checkpoint, which holds a state_dict",
            fix=f"if it is of the network, give it alone: checkpoint[{shown(key)}]",
        )
    of = ""
    if what in _OF_NORMS:
        of = "a normalisation (BatchNorm)"
    elif what == "weight" and n_dimensions == 1:
        of = "a normalisation (BatchNorm, LayerNorm), or of PReLU"
    elif what == "weight" and n_dimensions > 2:
        of = "a convolution, or of a bilinear layer"
    elif what not in ("weight", "bias"):
        of = "no dense layer"
    if of:
        hint = "; fold a BatchNorm into the layer before it first" if "norm" in of else ""
        raise SettingsError(
            f"{shown(key)} is of {of}",
            where="state_dict",
            why="Only dense networks come over: layers W x + b with activations between them",
            fix=_ALONE + hint,
        )


def _activations(said: str | Sequence[str], n_hidden: int) -> tuple[str, ...]:
    """The activation of each hidden layer, by thalweg's names."""
    given = [said] if isinstance(said, str) else said
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise SettingsError(
            "activation is not a name or a list of names",
            where=f"it has the type {type(said).__name__}",
            fix='give activation="relu", or one name for each hidden layer: ["relu", "tanh"]',
        )
    names = [_NAMES.get(each.lower().replace("_", ""), each) for each in map(str, given)]
    found = hidden_activations(names[0] if isinstance(said, str) else tuple(names), n_hidden)
    if "gelu" in found:
        warnings.warn(
            "thalweg's gelu is the form with tanh, as nn.GELU(approximate='tanh') has it. With "
            "PyTorch's default, the form with erf, the outputs of a hidden layer differ by up to "
            "0.0005.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )
    return found


def _labels(classes: Sequence[Any] | np.ndarray) -> np.ndarray:
    """The labels as an array; an error unless they can be sorted."""
    try:
        found = np.asarray(classes)
        np.unique(found)
    except (TypeError, ValueError) as error:
        raise DataError(
            "classes are not labels of one type",
            why=str(error)[:200],
            fix="give texts alone, or numbers alone, in the order of the outputs",
        ) from error
    return found


def _in_order(layers: Layers, classes: Sequence[Any] | np.ndarray) -> tuple[Layers, np.ndarray]:
    """The layers with outputs in the order of the sorted labels, and two outputs as one logit."""
    labels = _labels(classes)
    if labels.ndim != 1 or len(np.unique(labels)) != len(labels) or len(labels) < 2:
        raise DataError(
            f"classes={shown(classes)} are not at least two different labels",
            fix="give classes=[…], the labels in the order of the outputs",
        )
    *others, (W, b) = layers
    if len(W) not in (len(labels), 1 if len(labels) == 2 else len(labels)):
        raise SettingsError(
            f"The last layer has {counted(len(W), 'output')}, and classes names {len(labels)}",
            why="There is one output for each class, or one for two classes",
            fix="give the labels in the order of the outputs",
        )
    order = np.argsort(labels, kind="stable")
    if len(W) == 1:
        sign = 1.0 if order[1] == 1 else -1.0
        W, b = sign * W, sign * b
    elif len(labels) == 2:
        W, b = (each[order[1:]] - each[order[:1]] for each in (W, b))
    else:
        W, b = W[order], b[order]
    return [*others, (W, b)], labels[order]
