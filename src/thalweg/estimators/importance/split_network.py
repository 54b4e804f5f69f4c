"""A network behind its first layer: outputs for rows in which the cells of few columns are others.

The first layer is a sum over columns, Z1 = b + Σ_j W_j e_j, with the encoded inputs e_j of column
j. So rows with the cells S of their donors have Z1 + C[donor] - C, with C = Σ_S W_j e_j: nothing is
encoded anew, and only what comes behind the first layer is computed again. A column that the
network does not use changes nothing, to the last bit.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.encoder import Encoder
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, choose

# Rows that are computed at a time: so few that the engine takes no further threads for them, and
# that their hidden outputs stay in the cache.
_MOST_ROWS, _LEAST_ROWS = 2**12, 2**6
_MOST_WORK = 2**26

Rows = NDArray[np.intp]
Array = NDArray[np.floating]


def columns_of_outputs(encoder: Encoder) -> Rows:
    """The column of the table that each output of an encoder reads, missing indicators included."""
    return np.concatenate(
        [np.asarray(form.column, dtype=np.intp) for form in encoder.forms() if form.n_outputs]
        or [np.empty(0, np.intp)]
    )


@dataclass(frozen=True, eq=False)
class SplitNetwork:
    """A network, and rows that it answers.

    Parameters
    ----------
    network : Network
    matrix : ndarray of float, shape (n_rows, n_features)
    """

    network: Network
    matrix: NDArray[np.floating]

    @cached_property
    def _encoded(self) -> Array:
        network = self.network
        return network.encoder.encode(self.matrix, network.theta.dtype)

    @cached_property
    def _reads(self) -> Rows:
        return columns_of_outputs(self.network.encoder)

    @cached_property
    def _first(self) -> Array:
        """Z of the first layer, shape (n_rows, n_units)."""
        W, b = self.network.layers[0]
        return _layer(W, b, self._encoded)

    def prepare(self) -> None:
        """Compute what all items share, so that threads do not compute it twice."""
        self._first, self._reads  # noqa: B018

    def outputs(self) -> Floats:
        """The outputs for the rows as they are, shape (n_rows, n_outputs)."""
        return self._behind(self._first)

    def moved(self, columns: NDArray[np.intp], donors: Rows) -> Floats:
        """The outputs with the cells of some columns from the donor of each row.

        Parameters
        ----------
        columns : ndarray of int
            Of the matrix.
        donors : ndarray of int, shape (n_permutations, n_rows)

        Returns
        -------
        ndarray of float64, shape (n_permutations, n_rows, n_outputs)
        """
        inputs = np.flatnonzero(np.isin(self._reads, columns))
        if not len(inputs):  # nothing of these columns reaches the network
            return np.repeat(self.outputs()[np.newaxis], len(donors), axis=0)
        W, b = self.network.layers[0]
        part = _layer(
            np.ascontiguousarray(W[:, inputs]), np.zeros_like(b),
            np.ascontiguousarray(self._encoded[:, inputs]),
        )  # fmt: skip
        n_rows, n_outputs = len(self.matrix), self.network.architecture.sizes[-1]
        found = np.empty((len(donors), n_rows, n_outputs))
        for k, donor in enumerate(donors):
            for start in range(0, n_rows, self._at_once):
                rows = slice(start, start + self._at_once)
                # Added as one number, which is exactly 0 where the donor has the same cell.
                change = part[donor[rows]] - part[rows]
                found[k, rows] = self._behind(self._first[rows] + change)
        return found

    @cached_property
    def _tail(self) -> tuple[Architecture, Array] | None:
        """What stands behind the first layer, as a network of its own; None if nothing does."""
        architecture, theta = self.network.architecture, self.network.theta
        if architecture.n_layers == 1:
            return None
        begin = architecture.blocks[2].offset
        tail = Architecture(architecture.sizes[1:], architecture.activations[1:])
        return tail, np.ascontiguousarray(theta[begin:])

    @property
    def _at_once(self) -> int:
        work = 1 if self._tail is None else self._tail[0].n_parameters
        return int(np.clip(_MOST_WORK // max(1, work), _LEAST_ROWS, _MOST_ROWS))

    def _behind(self, first: Array) -> Floats:
        """The outputs from Z of the first layer."""
        value = self.network.architecture.formulas[0].value
        if self._tail is None:
            return np.asarray(value(first), np.float64)
        return np.asarray(choose().predict(*self._tail, Data.of(value(first))), np.float64)


def _layer(W: Array, b: Array, inputs: Array) -> Array:
    """W x + b of each row, by the engine: its sums do not depend on threads."""
    architecture = Architecture((W.shape[1], W.shape[0]), ("identity",))
    theta = np.concatenate((W.ravel(), b.ravel()))
    return choose().predict(architecture, theta, Data.of(inputs))
