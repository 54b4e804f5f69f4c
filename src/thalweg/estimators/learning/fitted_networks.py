"""The networks of a fitted model (the ensemble), and their outputs for rows of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.encoding.few_row_encoding import Panel, panel_of
from thalweg.data.schema.given_table import FEW
from thalweg.errors import Status
from thalweg.estimators.outputs.class_outputs import Floats, average
from thalweg.estimators.outputs.level_outputs import Quantiles, in_order
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.engine import Data, choose

if TYPE_CHECKING:
    from thalweg.data.encoding.encoder import Encoder
    from thalweg.estimators.outputs.target_outputs import Outputs
    from thalweg.network.architecture import Architecture
    from thalweg.training.history import History
    from thalweg.training.train import Descent

# The number of rows that are encoded at a time for predictions.
PIECE = 2**15


class Taught(NamedTuple):
    """The total weight of the training rows of a network.

    Attributes
    ----------
    rows : float
        Σ w of its training rows: without sample weights, their number.
    weight : float
        Σ w c, including the costs of classes: penalties are divided by it.
    """

    rows: float
    weight: float

    def after(self, before: "Taught | None") -> "Taught":
        """With the rows that were learned before; None if they are not known."""
        if before is None:
            return self
        return Taught(before.rows + self.rows, before.weight + self.weight)


@dataclass(frozen=True, eq=False)
class Network(StoredFields):
    """One trained network, with its encoder and the meaning of its outputs.

    Attributes
    ----------
    encoder : Encoder
        Fitted on its training rows.
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    outputs : Classes, Values or Quantiles
        What its outputs mean.
    history : list of dict
    best_epoch : int
    status : Status
    scores : tuple of float
        Of the held-out rows, for each epoch, if early stopping used a score and not the loss.
    taught : Taught or None
        The weight of the rows of its last training (after ``partial_fit``, also of the rows before
        that, each time that they were given); None if an older file does not have it.
    """

    encoder: "Encoder"
    architecture: "Architecture"
    theta: NDArray[np.floating]
    outputs: "Outputs"
    history: "History"
    best_epoch: int
    status: Status
    scores: tuple[float, ...] = ()
    taught: Taught | None = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The fields as they were; skops knows no enumerations, and has numbers instead."""
        vars(self).update(state, status=Status(state["status"]))

    @cached_property
    def kind(self) -> tuple[Any, ...]:
        """Networks of the same kind can be predicted together."""
        return self.architecture.sizes[1:], self.architecture.activations, self.theta.dtype

    @property
    def layers(self) -> list[tuple[NDArray[np.floating], NDArray[np.floating]]]:
        """W and b of each layer, views of θ."""
        return self.architecture.layers(self.theta)


def outputs_of(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """The outputs of each network for the rows of a table.

    Parameters
    ----------
    networks : sequence of Network
        Of one task. Those with the same encoder share the encoded rows.
    matrix : ndarray of float, shape (n_samples, n_features)

    Returns
    -------
    ndarray of float64, shape (n_networks, n_samples, n_outputs)
        The outputs of a row depend on that row only, to the last bit.
    """
    own = {id(each): k for k, each in enumerate(networks)}
    if len(own) < len(networks):  # each of them once
        places = {each: k for k, each in enumerate(own)}
        found = outputs_of([networks[k] for k in own.values()], matrix)
        return found[[places[id(each)] for each in networks]]
    if len(matrix) <= FEW:
        return _of_few(networks, matrix)
    found = np.empty((len(networks), len(matrix), networks[0].architecture.sizes[-1]))
    for start in range(0, len(matrix), PIECE):
        rows = slice(start, start + PIECE)
        encoded: dict[tuple[int, str], Data] = {}
        for network, Z in zip(networks, found, strict=True):
            key = id(network.encoder), network.theta.dtype.str
            if key not in encoded:
                encoded[key] = Data.of(network.encoder.encode(matrix[rows], network.theta.dtype))
            Z[rows] = choose().predict(network.architecture, network.theta, encoded[key])
    return found


class _Predictor(NamedTuple):
    """Predicts few rows with several networks at once: their encoders together, and a function."""

    panel: Panel
    dtype: np.dtype[Any]
    predict: Callable[[NDArray[np.floating]], NDArray[np.floating]]

    def outputs(self, matrix: NDArray[np.floating]) -> Floats:
        found = self.predict(self.panel.encode(matrix, self.dtype))
        return found.astype(np.float64, copy=False)


def _of_few(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """The same for few rows: networks of the same kind are predicted all at once."""
    predictors = _predictors_of(networks)
    if len(predictors) == 1:
        return predictors[0].outputs(matrix)
    return np.concatenate([each.outputs(matrix) for each in predictors])


# Making a predictor takes five times as long as predicting one row. It is cached for as long as
# the first of its networks lives, and refers to none of them, only to their parts.
_KEPT: WeakKeyDictionary[Network, tuple[list[ref[Network]], list[_Predictor]]] = WeakKeyDictionary()


def _predictors_of(networks: Sequence[Network]) -> list[_Predictor]:
    """One predictor for all networks, or one for each if their kinds differ.

    The parts of a network are never replaced; the numbers in θ may change, and are read each time.
    """
    known, predictors = _KEPT.get(networks[0], ([], []))
    if len(known) == len(networks) and all(map(_is_of, known, networks)):
        return predictors
    kind = networks[0].kind
    alike = all(each.kind == kind for each in networks)
    parts = [networks] if alike else [[each] for each in networks]
    predictors = [_predictor(part) for part in parts]
    _KEPT[networks[0]] = list(map(ref, networks)), predictors
    return predictors


def _is_of(known: "ref[Network]", network: Network) -> bool:
    return known() is network


def _predictor(networks: Sequence[Network]) -> _Predictor:
    thetas = [each.theta for each in networks]
    predict = choose().predictor([each.architecture for each in networks], thetas)
    return _Predictor(panel_of([each.encoder for each in networks]), thetas[0].dtype, predict)


def predicted_values(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """The mean of the values of all networks, shape (n_samples,).

    Of several quantiles it is put in order, shape (n_samples, n_levels).
    """
    values = []
    for network, Z in zip(networks, outputs_of(networks, matrix), strict=True):
        assert isinstance(network.outputs, Values | Quantiles)
        values.append(network.outputs.values(Z))
    return in_order(values) if isinstance(networks[0].outputs, Quantiles) else average(values)


def continued(network: Network, descent: "Descent", taught: Taught) -> Network:
    """A network after more training: the result of the run, and its history appended."""
    done = len(network.history)
    steps = network.history[-1]["steps"] if done else 0
    history = network.history + [
        {**epoch, "epoch": done + epoch["epoch"], "steps": steps + epoch["steps"]}
        for epoch in descent.history
    ]
    return replace(
        network, theta=descent.theta, history=history, best_epoch=done + descent.best_epoch,
        status=descent.status, scores=(), taught=taught,
    )  # fmt: skip
