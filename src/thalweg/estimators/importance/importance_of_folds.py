"""The importance of columns in cross-validation: each row is answered by the model of its fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from thalweg.data.schema.schema import Schema
from thalweg.errors import DataError
from thalweg.estimators.importance.asked_networks import AskedEnsemble
from thalweg.estimators.importance.importance_of_fit import owned_columns
from thalweg.estimators.importance.split_network import SplitNetwork
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.importance.asked_items import AskedItems
from thalweg.evaluation.importance.chosen_rows import chosen_rows, parts_of
from thalweg.evaluation.importance.column_groups import Columns
from thalweg.evaluation.importance.donor_rows import donor_rows
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.loss_rise import MovedLosses, require_rows
from thalweg.evaluation.importance.row_losses import RowLosses
from thalweg.evaluation.model_protocol import subject_of
from thalweg.evaluation.task_judging import Task

SAID = (
    "Each row is answered by the model of the fold that held it out. Each row trained the models "
    "of the other folds, so the intervals are √2 as wide as those of independent rows."
)
# As many rows are answered by networks, some seconds on one core; and as few rows are asked at
# least.
_MOST_WORK, _LEAST_ROWS, _MOST_PERMUTATIONS = 2_500_000, 300, 10


@dataclass(frozen=True, eq=False)
class _AskedParts:
    """Models, each of which answers rows of its own.

    Parameters
    ----------
    parts : list of (AskedEnsemble, ndarray of int)
        A model with its rows, and their numbers.
    losses_of_rows : RowLosses
        Of all rows.
    """

    parts: Sequence[tuple[AskedEnsemble, np.ndarray]]
    losses_of_rows: RowLosses

    def losses(self, columns: Columns) -> MovedLosses:
        """Losses with the cells of these columns permuted among the rows of each model."""
        found = np.full(len(self.losses_of_rows.truth), np.nan)
        for asked, rows in self.parts:
            found[rows] = asked.losses(columns).rows
        # The spread of models that answered different rows is not that of networks.
        return MovedLosses(found, np.empty(0))

    def answers(self) -> None:
        """None: each model answers rows of its own."""


@dataclass(eq=False)
class FoldModels:
    """The fitted models of the first repetition of a cross-validation, with their held-out rows.

    Parameters
    ----------
    frame : DataFrame
        The whole table.
    n_folds : int
    """

    frame: pd.DataFrame
    n_folds: int
    _found: list[tuple[NetworkEstimator, np.ndarray]] = field(default_factory=list)

    def add(self, model: object, test: np.ndarray) -> None:
        """The model of another fold; ``test`` are rows of the table."""
        if len(self._found) < self.n_folds and isinstance(model, NetworkEstimator):
            self._found.append((model, np.asarray(test)))

    @property
    def subject(self) -> str:
        """What the models are called."""
        return subject_of(self._found[0][0])

    def importance(
        self,
        schema: Schema,
        matrix: np.ndarray,
        truth: np.ndarray,
        task: Task,
        seed: int,
        weights: np.ndarray | None = None,
        groups: np.ndarray | None = None,
        beside: BesideConstant | None = None,
    ) -> Importance:
        """The importance over the held-out rows of all folds.

        Parameters
        ----------
        schema, matrix, truth : Schema, and ndarrays (n_rows, n_features) and (n_rows,)
            Of the whole table; the truth as the task compares it with predictions.
        task : Task
            Of the table.
        seed : int
        weights, groups : ndarray of shape (n_rows,), optional
        beside : BesideConstant, optional
            What the verdict of the cross-validation found.

        Raises
        ------
        DataError
            Below 50 rows, if the models do not know more than a constant answer, or if the columns
            are not read alike in all folds.
        """
        names = self._names(schema)
        n_networks = max(len(model.members_) for model, _ in self._found)
        n_permutations = int(np.clip(600 // len(names), 1, _MOST_PERMUTATIONS))
        most = max(_LEAST_ROWS, _MOST_WORK // (len(names) * n_permutations * n_networks))
        there = np.unique(np.concatenate([rows for _, rows in self._found]))
        chosen = chosen_rows(
            matrix[there], truth[there].astype(np.float64), seed,
            weights=None if weights is None else weights[there],
            groups=None if groups is None else groups[there], most=most,
        )  # fmt: skip
        require_rows(chosen.used)
        places, used = there[chosen.places], replace(chosen.used, of_folds=True)
        owns = owned_columns(schema)
        asked = AskedItems.of(
            names, "auto", matrix[places][:, [own[0] for own in owns]],
            [schema.n_levels[own[0]] for own in owns], used, n_permutations, seed,
        )  # fmt: skip
        losses = RowLosses(
            task.of(self._found[0][0]), truth[places],
            None if beside is None else beside.at(places), beside,
        )  # fmt: skip
        asks = _AskedParts(
            [
                (self._part(k, losses, places, rows, n_permutations, seed, used.weights), rows)
                for k, rows in enumerate(parts_of(places, [rows for _, rows in self._found]))
                if len(rows)
            ],
            losses,
        )
        return asked.found(asks, used, "cross-validated", f"{SAID} {chosen.said}".strip())

    def _names(self, schema: Schema) -> Sequence[str]:
        """The names of the columns; raises a DataError unless all folds read the same ones.

        And a SettingsError of models of several quantiles.
        """
        one_answer(self._found[0][0]._known.outputs, "Importance")
        names = schema.given_names
        if any(model.schema_.given_names != names for model, _ in self._found):
            raise DataError(
                "The folds do not read the columns alike, so that there is no common importance",
                fix="name the kinds of the columns",
            )
        return names

    def _part(
        self,
        k: int,
        losses: RowLosses,
        places: np.ndarray,
        rows: np.ndarray,
        n_permutations: int,
        seed: int,
        weights: np.ndarray | None,
    ) -> AskedEnsemble:
        """The model of a fold with its rows."""
        model = self._found[k][0]
        own = None if weights is None else weights[rows]
        cells = self.frame.iloc[places[rows]]
        matrix = model.schema_.matrix(cells, unknown="ignore")
        splits = tuple(SplitNetwork(network, matrix) for network in model.members_)
        return AskedEnsemble(
            model._known, splits, owned_columns(model.schema_),
            RowLosses(losses.task, losses.truth[rows]),
            donor_rows(len(rows), n_permutations, seed, own, k), own,
        )  # fmt: skip
