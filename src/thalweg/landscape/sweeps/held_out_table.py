"""A table for a sweep: training rows and held-out rows, encoded by what the training rows know."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.read import Table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.evaluation.splits import holdout_split
from thalweg.landscape.race_on_table import network_target
from thalweg.network.engine import Data

# A quarter of the rows evaluates every cell.
HELD_OUT = 0.25
FEWEST = 10


@dataclass(frozen=True, eq=False)
class HeldOutTable:
    """Rows to learn from, and others to evaluate on.

    Attributes
    ----------
    data : Data
        Different rows; a weight is how often a row occurs.
    train, held_out : ndarray of int
        Which rows of ``data``.
    loss, target : str
        The loss as text form, and the target in words.
    constant_losses : ndarray of float
        The loss of each held-out row with the best constant answer for the training rows.
    """

    data: Data
    train: NDArray[np.intp]
    held_out: NDArray[np.intp]
    loss: str
    target: str
    constant_losses: NDArray[np.float64]

    @property
    def constant(self) -> float:
        """The mean of the constant answer's losses."""
        return float(np.average(self.constant_losses, weights=self.weights))

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights of the held-out rows."""
        return self.data.weights[self.held_out]

    def count(self, rows: NDArray[np.intp]) -> int:
        """How many rows of the table these are."""
        return int(self.data.weights[rows].sum())


def held_out_table(table: Table, seed: int, task: str = "auto") -> HeldOutTable:
    """Split a table; equal rows are on one side, and each class has its share on both.

    ``task`` is as in `thalweg.landscape.race_on_table.network_target`.

    Raises
    ------
    DataError
        For a table without a target, with one value in it, or with fewer than 10 different rows to
        evaluate on.
    """
    target = network_target(table, task)
    schema = infer_schema(table.frame, said=table.said)
    merged = canonical_rows(schema.matrix(table.frame), target.Y, np.ones(len(target.Y)))
    classes = target.loss.endswith("cross_entropy")
    strata = _codes(merged.y) if classes else np.zeros(len(merged.y), np.intp)
    train, held_out = holdout_split(
        merged.X, strata, fraction=HELD_OUT, seed=seed, counts=merged.weights.astype(np.intp)
    )
    if len(held_out) < FEWEST:
        raise DataError(
            f"{len(held_out)} different rows are too few to evaluate on",
            where=table.name,
            why=f"a quarter of the {len(merged.y)} different rows is held out",
            fix=f"give {4 * FEWEST} different rows or more",
        )
    encoder = fit_encoder(merged.X[train], merged.weights[train], schema.n_levels)
    data = Data.of(np.asarray(encoder.encode(merged.X), np.float64), merged.y, merged.weights)
    constant = _constant(data, train, held_out, target.loss)
    return HeldOutTable(data, train, held_out, target.loss, target.words, constant)


def _codes(Y: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.asarray(Y[:, 0] if Y.shape[1] == 1 else Y.argmax(axis=1), np.intp)


def _constant(
    data: Data, train: NDArray[np.intp], held_out: NDArray[np.intp], loss: str
) -> NDArray[np.float64]:
    """The losses of the shares of the classes, or the mean, of the training rows."""
    known = np.average(data.Y[train], axis=0, weights=data.weights[train])
    Y = data.Y[held_out]
    if loss == "squared_error":
        each = 0.5 * np.sum((Y - known) ** 2, axis=1)
    elif Y.shape[1] == 1:
        each = -np.log(np.where(Y[:, 0] == 1, known[0], 1 - known[0]))
    else:
        each = -np.log(np.sum(Y * known, axis=1))
    return np.asarray(each, np.float64)
