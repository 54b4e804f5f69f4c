"""The networks of a fitted model, asked for predictions of rows whose cells are exchanged.

New rows are answered by the mean of all networks, as `predict` does, with the map of a calibration.
Rows of the fit are answered by the networks that held them out, each alone: the answers of several
are not averaged, but their losses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.deciding.calibrated_predictions import (
    calibrated_values,
    map_of,
    probabilities_of,
)
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.importance.split_network import Rows, SplitNetwork
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes, Floats, average
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.evaluation.importance.column_groups import Columns
from thalweg.evaluation.importance.loss_rise import MovedLosses, mean_of_permutations
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.task_judging import TwoClasses


def predictions(fitted: Fitted, networks: Sequence[Network], raw: Floats, task: object) -> Floats:
    """The predictions of some networks of a model, as a task compares them with targets.

    Parameters
    ----------
    fitted : Fitted
        Its classes, and the map of its calibration.
    networks : sequence of Network
    raw : ndarray of float64, shape (n_networks, n_rows, n_outputs)
        Their outputs.
    task : Task
        Of two classes: the probability of the positive one.
    """
    outputs = fitted.outputs
    if isinstance(outputs, Classes):
        shares = probabilities_of(fitted, raw)
        if isinstance(task, TwoClasses):
            return np.ascontiguousarray(shares[:, outputs.labels.tolist().index(task.positive)])
        return shares
    values = [
        each.outputs.values(Z)
        for each, Z in zip(networks, raw, strict=True)
        if isinstance(each.outputs, Values)
    ]
    return calibrated_values(fitted.networks, map_of(fitted), average(values))


@dataclass(frozen=True, eq=False)
class AskedEnsemble:
    """All networks of a model, which answer new rows together.

    Parameters
    ----------
    fitted : Fitted
    splits : tuple of SplitNetwork
        Each network with all rows.
    owns : tuple of ndarray of int
        The columns of the matrix that each column of the table gives.
    losses_of_rows : RowLosses
    donors : ndarray of int, shape (n_permutations, n_rows)
    weights : ndarray of float64, shape (n_rows,), or None
    """

    fitted: Fitted
    splits: tuple[SplitNetwork, ...]
    owns: tuple[NDArray[np.intp], ...]
    losses_of_rows: RowLosses
    donors: Rows
    weights: Floats | None = None

    def losses(self, columns: Columns) -> MovedLosses:
        """Losses with the cells of these columns permuted; of no column: as the rows are."""
        outputs = outputs_of_all(self.splits, self.owns, columns, [self.donors] * len(self.splits))
        networks, task = [each.network for each in self.splits], self.losses_of_rows.task

        def losses_of(raw: Floats, these: Sequence[Network]) -> Floats:
            return self.losses_of_rows.of(predictions(self.fitted, these, raw, task))

        raws = [np.stack(each) for each in zip(*outputs, strict=True)]  # of each permutation
        whole = mean_of_permutations(losses_of(raw, networks) for raw in raws)
        if len(networks) == 1:
            return MovedLosses(whole, np.empty(0))
        alone = mean_of_permutations(
            np.array([
                np.average(losses_of(raw[[m]], [network]), weights=self.weights)
                for m, network in enumerate(networks)
            ])
            for raw in raws
        )  # fmt: skip
        return MovedLosses(whole, alone)

    def answers(self) -> Floats:
        """The predictions for the rows as they are."""
        raw = np.stack([each.outputs() for each in self.splits])
        networks = [each.network for each in self.splits]
        return predictions(self.fitted, networks, raw, self.losses_of_rows.task)


@dataclass(frozen=True, eq=False)
class AskedFolds:
    """Networks of folds, each of which answers the rows that it held out.

    Parameters
    ----------
    fitted : Fitted
    splits : tuple of SplitNetwork
        Each network with its held-out rows.
    held_out : tuple of ndarray of int
        The numbers of these rows.
    owns, losses_of_rows, weights
        As in `AskedEnsemble`.
    donors : tuple of ndarray of int, shape (n_permutations, n_held_out)
        Of each network, among its held-out rows.
    """

    fitted: Fitted
    splits: tuple[SplitNetwork, ...]
    held_out: tuple[Rows, ...]
    owns: tuple[NDArray[np.intp], ...]
    losses_of_rows: RowLosses
    donors: tuple[Rows, ...]
    weights: Floats | None = None

    def losses(self, columns: Columns) -> MovedLosses:
        """Losses with the cells of these columns permuted; of no column: as the rows are."""
        # The map of a calibration was fitted on these answers.
        plain = replace(self.fitted, calibration=None)
        outputs = outputs_of_all(self.splits, self.owns, columns, self.donors)
        n_rows, task = len(self.losses_of_rows.truth), self.losses_of_rows.task
        total, times = np.zeros(n_rows), np.zeros(n_rows)
        of_each = np.zeros(len(self.splits))
        for m, (split, rows, found) in enumerate(
            zip(self.splits, self.held_out, outputs, strict=True)
        ):
            own = mean_of_permutations(
                self.losses_of_rows.of(
                    predictions(plain, [split.network], raw[np.newaxis], task), rows
                )
                for raw in found
            )
            total[rows] += own
            times[rows] += 1
            weights = None if self.weights is None else self.weights[rows]
            of_each[m] = np.average(own, weights=weights)
        return MovedLosses(total / times, of_each)

    def answers(self) -> None:
        """None: several networks may have held a row out, and their losses are averaged."""


def outputs_of_all(
    splits: Sequence[SplitNetwork],
    owns: Sequence[NDArray[np.intp]],
    columns: Columns,
    donors: Sequence[Rows],
) -> list[Floats]:
    """The outputs of each network, shape (n_permutations, n_rows, n_outputs); 1 of no column."""
    if not columns:
        return [each.outputs()[np.newaxis] for each in splits]
    places = np.concatenate([owns[j] for j in columns])
    return [each.moved(places, own) for each, own in zip(splits, donors, strict=True)]
