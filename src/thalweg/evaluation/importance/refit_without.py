"""What models lose that are fitted without a column, or without a group of columns.

    L(fitted without S) - L(fitted with all columns)

(LOCO: leave one covariate out), in cross-validation over the given rows: copies of the model are
fitted on four fifths, with and without S, and answer the other fifth. It is small for a column if
another one tells the same, even if the model leans on it. So it is about what the columns tell, and
not about what one fitted model does.

Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018, "Distribution-free predictive inference for
regression", JASA 113:1094-1111, section 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.cluster.spread_on_cluster import spread_on
from thalweg.errors import DataError, SettingsError, ThalwegError
from thalweg.evaluation.any_estimator.wrapped_estimator import places_table, wrapping
from thalweg.evaluation.importance.column_groups import Columns, group_name
from thalweg.evaluation.importance.loss_rise import UsedRows, mean_rises
from thalweg.evaluation.importance.moved_tables import AnyTable
from thalweg.evaluation.importance.row_losses import Floats, RowLosses
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.splits import Splits, fold_splits

N_FOLDS = 5

# A copy to fit, without these columns of the table.
CopyWithout = Callable[[Columns], Any]


@dataclass(frozen=True, eq=False)
class Refits:
    """What is fitted again, and on which rows.

    Parameters
    ----------
    copy_without : callable
        Maps the columns that are left out to an estimator that is not fitted.
    table : AnyTable
        All rows.
    places : tuple of int
        The column of ``table`` that each column of the model is.
    y : ndarray, shape (n_rows,)
        Labels or numbers.
    matrix : ndarray of float64, shape (n_rows, n_columns)
        The same table as numbers: equal rows stay in one fold.
    losses_of_rows : RowLosses
        Of all rows.
    rows : UsedRows
    client : distributed.Client, optional
        Of a Dask cluster, which fits the copies.
    """

    copy_without: CopyWithout
    table: AnyTable
    places: tuple[int, ...]
    y: np.ndarray
    matrix: Floats
    losses_of_rows: RowLosses
    rows: UsedRows
    client: Any = None

    def rises(
        self, items: Sequence[Columns], seed: int, tell: Callable[[], None] = lambda: None
    ) -> tuple[float, list[Estimate | None]]:
        """The loss with all columns, and how far it rises without each item.

        None for an item that has all columns of the model: nothing can be fitted without it.
        """
        strata = self.losses_of_rows.task.kind.strata(self.y)
        splits = fold_splits(
            self.matrix, strata, n_folds=N_FOLDS, seed=seed, groups=self.rows.groups
        )
        asked = [item for item in items if len(item) < len(self.places)]
        whole, *others = self._all_losses([(), *asked], splits, tell)
        found = [each - whole for each in others]
        rises = np.array(found).reshape(len(asked), self.rows.n)
        self.losses_of_rows.require_finite(rises.ravel())
        of_item = dict(zip(asked, mean_rises(rises, self.rows, seed), strict=True))
        return self.rows.mean(whole), [of_item.get(item) for item in items]

    def _all_losses(
        self, items: Sequence[Columns], splits: Splits, tell: Callable[[], None]
    ) -> list[Floats]:
        """The loss of each row without each item, by the copy that was not fitted on it."""
        folds = range(len(splits))
        if self.client is None:
            found = []
            for item in items:
                found.append(
                    _joined(splits, [self.losses_of_fold(item, *splits[j]) for j in folds])
                )
                tell()
            return found
        done = spread_on(
            self.client, _losses_of_fold, [(item, j) for item in items for j in folds],
            (replace(self, client=None), splits),
        )  # fmt: skip
        n = len(splits)
        return [_joined(splits, done[n * k : n * (k + 1)]) for k in range(len(items))]

    def losses_of_fold(self, item: Columns, train: np.ndarray, test: np.ndarray) -> Floats:
        """The losses of the test rows of a fold without an item."""
        task, numbers = self.losses_of_rows.task, places_table(self.rows.n)
        X = self.table.without(tuple(self.places[j] for j in item)) if item else self.table.X
        copy = self.copy_without(item)
        wrapped = wrapping(copy, of_classes=task.kind.of_classes)(copy, X)
        more = {
            name: mark[train]
            for name, mark in (
                ("groups", self.rows.groups), ("sample_weight", self.rows.weights)
            )
            if mark is not None
        }  # fmt: skip
        try:
            wrapped.fit(numbers.iloc[train], self.y[train], **more)
            answer = task.ask(wrapped, numbers.iloc[test])
        except ThalwegError:
            raise
        except Exception as error:
            raise self._failed(item, error) from error
        return self.losses_of_rows.of(answer, test)

    def _failed(self, item: Columns, error: Exception) -> DataError | SettingsError:
        names = [self.table.names[self.places[j]] for j in item]
        without = f" without {group_name(names)}" if item else ""
        return SettingsError(
            f"The model could not be fitted again{without}: {type(error).__name__}: {error}",
            why="A step of a pipeline may need a column by its name",
            fix="leave out refit, or let the steps take whatever columns there are",
        )


def _losses_of_fold(shared: tuple[Refits, Splits], item: tuple[Columns, int]) -> Floats:
    refits, splits = shared
    columns, fold = item
    return refits.losses_of_fold(columns, *splits[fold])


def _joined(splits: Splits, found: Sequence[Floats]) -> Floats:
    """The losses of all rows from those of each fold."""
    losses = np.full(sum(len(test) for _, test in splits), np.nan)
    for (_, test), each in zip(splits, found, strict=True):
        losses[test] = each
    return losses
