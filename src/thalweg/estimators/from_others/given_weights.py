"""A fitted estimator from the weights of a network that another program fitted.

Numbers enter it as they are (``scaling="none"``). No training row is known: there are no ranges, no
summaries of rows, no held-out rows and no history.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import seed_from
from thalweg.data.canonical_rows import data_hash
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.schema import Schema
from thalweg.errors import DataError, SettingsError, Status
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.learning.class_codes import classes_of, positive_class
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.several_outputs import MOST_TARGETS, OneOutput, SeveralOutputs
from thalweg.estimators.outputs.value_outputs import UNBOUNDED, Values
from thalweg.estimators.parameters.parameter import Setting
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.losses import loss as loss_of
from thalweg.wording import counted, shown

# W of shape (n_out, n_in) and b of shape (n_out,), from the inputs on.
Layers = list[tuple[Floats, Floats]]
Model = ThalwegClassifier | ThalwegRegressor

# The largest weight of a network that can be trained further without overflow.
LARGEST_WEIGHT = 1e15
# The most weights of one layer, 2 GiB: a broadcast array can claim any number.
_MOST_WEIGHTS = 2**28
# What every estimator of given weights has: nothing is scaled, dropped or smoothed.
PLAIN: dict[str, Setting] = {
    "scaling": "none", "n_bins": 0, "dropout": 0.0, "early_stopping": False, "dtype": "float64",
}  # fmt: skip


def checked_layers(layers: Sequence[tuple[object, object]], where: str) -> Layers:
    """The weights and biases of layers as float64, if they are those of a dense network.

    Parameters
    ----------
    layers : sequence of (array-like, array-like)
        W of shape (n_out, n_in) and b of shape (n_out,) of each layer, the first one first.
    where : str
        What they are from, for messages.

    Raises
    ------
    DataError
        If they are no numbers, too large, or their shapes do not fit.
    """
    found: Layers = []
    for number, (weights, biases) in enumerate(layers, 1):
        W = numbers_of(weights, f"{where}, weights of layer {number}", 2)
        b = numbers_of(biases, f"{where}, biases of layer {number}", 1)
        if len(b) != len(W):
            raise DataError(
                f"Layer {number} has {counted(len(W), 'unit')} and "
                f"{counted(len(b), 'bias', 'biases')}",
                where=where,
                fix="give one bias for each unit",
            )
        found.append((W, b))
    for number, ((before, _), (after, _)) in enumerate(pairwise(found), 1):
        if len(before) != after.shape[1]:
            raise DataError(
                f"Layer {number} gives {counted(len(before), 'output')}, and layer {number + 1} "
                f"takes {counted(after.shape[1], 'input')}",
                where=where,
                why="They are not the layers of one dense network, one after another",
                fix="give the weights of a dense network alone, in the order of its layers",
            )
    return found


def numbers_of(values: object, where: str, n_dimensions: int) -> Floats:
    """An array of finite numbers as float64, from an array, a list or a tensor."""
    values = _array_of(values, where)
    if isinstance(values, np.ma.MaskedArray):
        raise _no_numbers(where, "it is a masked array, and a masked number is not there")
    if math.prod(getattr(values, "shape", ()) or (1,)) > _MOST_WEIGHTS:
        raise _too_many(where)
    try:
        found = np.array(values)
        if found.dtype.kind not in "fiu":
            raise _no_numbers(where, f"its type is {found.dtype}")
        found = found.astype(np.float64)
    except MemoryError as error:
        raise _too_many(where) from error
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        if isinstance(error, DataError):
            raise
        raise _no_numbers(where, str(error)) from error
    if found.ndim != n_dimensions or not found.size:
        raise DataError(
            f"An array of shape {found.shape} is not that of a dense layer",
            where=where,
            why="The weights of a dense layer are (outputs, inputs), its biases (outputs,)",
            fix="give the weights of dense layers alone",
        )
    if not bool((np.abs(found) <= LARGEST_WEIGHT).all()):
        raise DataError(
            f"A weight is NaN, infinite or above {LARGEST_WEIGHT:g} in size",
            where=where,
            why="Such a network gives no finite answers",
            fix="train the network again, with a smaller learning rate",
        )
    return found


def _array_of(values: object, where: str) -> object:
    """A tensor as an array, and others as they are; NumPy has no bfloat16 and no float8."""
    if isinstance(values, np.ndarray):
        return values
    for method in ("detach", "cpu", "numpy"):  # what a tensor needs, in this order
        call = getattr(values, method, None)
        if not callable(call):
            continue
        try:
            try:
                values = call()
            except TypeError:
                wider = getattr(values, "double", None)
                if method != "numpy" or not callable(wider):
                    raise
                values = wider().numpy()
        except (TypeError, RuntimeError) as error:
            raise _no_numbers(where, str(error)) from error
    return values


def _too_many(where: str) -> DataError:
    return DataError(
        "This array has too many numbers",
        where=where,
        why=f"A layer has at most {_MOST_WEIGHTS:,} weights, and they must fit into memory",
        fix="give the weights of a smaller network",
    )


def _no_numbers(where: str, why: str) -> DataError:
    return DataError(
        "This is no array of numbers",
        where=where,
        why=why[:200],
        fix="give arrays, or dense tensors of real numbers: tensor.to_dense().double()",
    )


def as_values(loss: str = "squared_error") -> Values:
    """The output of a network for a number: not scaled, and not clipped to any range."""
    return Values(str(loss_of(loss)), 0.0, 1.0, -UNBOUNDED, UNBOUNDED)


def as_classes_of(labels: object) -> Classes:
    """Classes of equal cost, from labels that are sorted already."""
    return Classes.equal(classes_of(np.asarray(labels)))


def several_of(parts: Sequence[OneOutput]) -> SeveralOutputs:
    """The outputs of a network for several targets, which have no names."""
    if len(parts) > MOST_TARGETS:
        raise SettingsError(
            f"A network for {len(parts):,} targets cannot be brought over",
            why=f"One network has at most {MOST_TARGETS:,} targets",
            fix="fit several networks, each for some of the targets, and bring over each",
        )
    return SeveralOutputs(tuple(parts), tuple(map(str, range(len(parts)))))


def with_weights(
    model: Model, layers: Layers, outputs: OneOutput | SeveralOutputs, names: Sequence[str] | None
) -> Model:
    """Give an unfitted estimator these weights, as if it had been fitted.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        With `PLAIN` among its parameters; its activations are those of the hidden layers.
    layers : list of (W, b)
        From `checked_layers`.
    outputs : Classes, Values or SeveralOutputs
    names : sequence of str, or None
        Of the columns; None if the network was fitted without.

    Raises
    ------
    DataError, SettingsError
        If something does not fit.
    """
    model._validate_params()
    n_inputs = layers[0][0].shape[1]
    hidden = tuple(len(W) for W, _ in layers[:-1])
    architecture = Architecture.dense(n_inputs, hidden, len(layers[-1][0]), model.activation)
    theta = np.concatenate([each.ravel() for pair in layers for each in pair])
    schema = Schema(_columns(names, n_inputs), names is not None)
    network = Network(_encoder(n_inputs), architecture, theta, outputs, [], 0, Status.MAX_EPOCHS)
    no_rows: NDArray[np.float64] = np.empty((0, n_inputs))
    fitted = Fitted(
        (network,), schema, seed_from(model.random_state), fit_settings(model.get_params()),
        "none", data_hash(schema.names, schema.codings, no_rows, []), weights_hash="",
        also="weights",
    )  # fmt: skip
    if isinstance(outputs, SeveralOutputs):
        bare = replace(fitted, networks=())
        parts = tuple(_decided(bare, model, each) for each in outputs.parts)
        model._adopt(replace(fitted, parts=parts))
    else:
        model._adopt(_decided(fitted, model, outputs))
    return model


def _decided(fitted: Fitted, model: Model, outputs: OneOutput) -> Fitted:
    """With the positive class of a target, and its threshold."""
    positive = None
    if isinstance(outputs, Classes):
        named = model.positive if isinstance(model, ThalwegClassifier) else None
        positive = positive_class(named, outputs.labels)
    return replace(fitted, positive=positive, threshold=cost_threshold(outputs, positive))


def _encoder(n_inputs: int) -> Encoder:
    """An encoder that passes numbers as they are, and knows no range of them."""
    cut = Cut(as_they_are=True)
    encoder = fit_encoder(np.zeros((1, n_inputs)), np.ones(1), cut=cut)
    return replace(encoder, scaling=replace(encoder.scaling, low=None, high=None))


def _columns(names: Sequence[str] | None, n_inputs: int) -> tuple[Column, ...]:
    if names is None:
        names = [f"x{place}" for place in range(n_inputs)]
    given = list(names)
    odd = any(not isinstance(each, str) or not each for each in given)
    if odd or len(given) != n_inputs or len(set(given)) < len(given):
        if twice := next((each for each in given if given.count(each) > 1), ""):
            raise SettingsError(
                f"{given.count(twice)} names of columns are {shown(twice)}",
                where="feature_names",
                why="Each input has a name of its own",
                fix="give as many different names as the first layer has inputs, in its order",
            )
        raise SettingsError(
            f"{counted(len(given), 'name')} of columns do not fit "
            f"{counted(n_inputs, 'input')} of the network",
            why="Each input has a name of its own, a text that is not empty",
            fix="give as many different names as the first layer has inputs, in its order",
        )
    return tuple(Column(str(name), "number") for name in given)
