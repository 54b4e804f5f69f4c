"""The networks of a fitted model, and what they give for rows of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.panel import Panel, panel_of
from thalweg.data.schema.frames import FEW
from thalweg.errors import Status
from thalweg.estimators.learning.target_outputs import Floats, Outputs, Values, average
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, choose
from thalweg.training.history import History
from thalweg.training.train import Descent

# Rows that are encoded at a time, where only their outputs are wanted.
PIECE = 2**15


class Taught(NamedTuple):
    """How much a network learned from.

    Attributes
    ----------
    rows : float
        Σ w of its training rows: their number, where no weights were given.
    weight : float
        Σ w c, with the costs of classes in it: what penalties are divided by.
    """

    rows: float
    weight: float


@dataclass(frozen=True, eq=False)
class Network:
    """One trained network, with all that stands in front of it and behind it.

    Attributes
    ----------
    encoder : Encoder
        Fitted on its training rows.
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    outputs : Classes or Values
        What its outputs mean.
    history : list of dict
    best_epoch : int
    status : Status
    scores : tuple of float
        Of the held-out rows, epoch by epoch, where a score decided and not the loss.
    taught : Taught or None
        What it descended on last; None where an older file does not tell.
    """

    encoder: Encoder
    architecture: Architecture
    theta: NDArray[np.floating]
    outputs: Outputs
    history: History
    best_epoch: int
    status: Status
    scores: tuple[float, ...] = ()
    taught: Taught | None = None

    @cached_property
    def kind(self) -> tuple[Any, ...]:
        """What networks have in common that are predicted together."""
        return self.architecture.sizes[1:], self.architecture.activations, self.theta.dtype

    @property
    def layers(self) -> list[tuple[NDArray[np.floating], NDArray[np.floating]]]:
        """W and b of each layer, views of θ."""
        return self.architecture.layers(self.theta)


def outputs_of(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """What each network gives for the rows of a table.

    Parameters
    ----------
    networks : sequence of Network
        Of one task. Those that share an encoder share what it gives.
    matrix : ndarray of float, shape (n_samples, n_features)

    Returns
    -------
    ndarray of float64, shape (n_networks, n_samples, n_outputs)
        A row's numbers depend on that row alone, to the last bit.
    """
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
    """Networks that answer for few rows together: what encodes for all, and what predicts."""

    panel: Panel
    dtype: np.dtype[Any]
    predict: Callable[[NDArray[np.floating]], NDArray[np.floating]]

    def outputs(self, matrix: NDArray[np.floating]) -> Floats:
        found = self.predict(self.panel.encode(matrix, self.dtype))
        return found.astype(np.float64, copy=False)


def _of_few(networks: Sequence[Network], matrix: NDArray[np.floating]) -> Floats:
    """The same of a few rows, networks that are alike but for their inputs all at once."""
    predictors = _predictors_of(networks)
    if len(predictors) == 1:
        return predictors[0].outputs(matrix)
    return np.concatenate([each.outputs(matrix) for each in predictors])


# To make a predictor takes five times as long as one row does. It is kept for as long as the first
# of its networks lives, and holds none of them, only what they consist of.
_KEPT: WeakKeyDictionary[Network, tuple[list[ref[Network]], list[_Predictor]]] = WeakKeyDictionary()


def _predictors_of(networks: Sequence[Network]) -> list[_Predictor]:
    """One for all networks, or, where they are not alike, each by itself.

    What a network consists of never changes; what stands in its θ may, and is seen.
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
    """The mean of the networks' values, shape (n_samples,)."""
    values = []
    for network, Z in zip(networks, outputs_of(networks, matrix), strict=True):
        assert isinstance(network.outputs, Values)
        values.append(network.outputs.values(Z))
    return average(values)


def continued(network: Network, descent: Descent, taught: Taught) -> Network:
    """A network that went on from where it was, and came to what this descent says."""
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
