"""What is asked: the columns of a table, alone and in groups; and the answer as `Importance`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import How
from thalweg.evaluation.importance.column_association import associations
from thalweg.evaluation.importance.column_groups import Columns, found_groups, given_groups
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.loss_rise import AsksMoved, UsedRows, risen
from thalweg.evaluation.importance.refit_without import N_FOLDS, Refits
from thalweg.wording import shown

# Groups of columns: found, named, or none.
ColumnGroups: TypeAlias = Literal["auto"] | Iterable[Iterable[str | int]] | None
PERMUTATIONS = 10


@dataclass(frozen=True, eq=False)
class AskedItems:
    """Columns, and groups of them.

    Parameters
    ----------
    names : tuple of str
        Of all columns.
    groups : list of tuple of int
    n_permutations, seed : int
    """

    names: tuple[str, ...]
    groups: Sequence[Columns]
    n_permutations: int = PERMUTATIONS
    seed: int = 0

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        groups: ColumnGroups,
        matrix: np.ndarray,
        n_levels: Sequence[int],
        rows: UsedRows,
        n_permutations: int = PERMUTATIONS,
        seed: int = 0,
    ) -> "AskedItems":
        """The items for some rows.

        Parameters
        ----------
        names : sequence of str
        groups : "auto", list of lists, or None
        matrix : ndarray of float64, shape (n_rows, n_columns)
            In which groups are found.
        n_levels : sequence of int
        rows : UsedRows
        n_permutations, seed : int
        """
        if isinstance(groups, str) and groups == "auto":
            found = found_groups(associations(matrix, n_levels, rows.weights))
        else:
            found = [] if groups is None else given_groups(groups, names)
        return cls(tuple(names), found, n_permutations, seed)

    @property
    def items(self) -> list[Columns]:
        """Each column alone, then each group."""
        return [*((j,) for j in range(len(self.names))), *self.groups]

    def found(
        self,
        asks: AsksMoved,
        rows: UsedRows,
        how: How,
        said: str,
        *,
        tell: Callable[[], None] = lambda: None,
        threads: int = 1,
    ) -> Importance:
        """The importance of all items, without refits; raises the errors of `risen`."""
        found = risen(asks, self.items, rows, self.seed, threads=threads, tell=tell)
        losses = asks.losses_of_rows
        return Importance(
            self.names,
            losses.measure,
            losses.unit,
            how,
            said,
            rows.n,
            self.n_permutations,
            found.n_networks,
            found.loss,
            found.constant,
            found.constant_loss,
            found.rises,
        )

    def with_refits(
        self, found: Importance, refits: Refits, tell: Callable[[], None] = lambda: None
    ) -> Importance:
        """The same with what is lost by fitting without each item."""
        loss, estimates = refits.rises(self.items, self.seed, tell)
        rises = tuple(
            replace(rise, without=estimate)
            for rise, estimate in zip(found.rises, estimates, strict=True)
        )
        said = f"{found.rows} The refits are {N_FOLDS} folds of all {refits.rows.n:,} given rows."
        return replace(found, rises=rises, refit_loss=loss, rows=said)


def checked_number(
    name: str, settings: Mapping[str, Any], default: int, least: int, most: int
) -> int:
    """A whole number among the settings; raises a SettingsError if it is none of these."""
    n = settings.get(name, default)
    is_whole = isinstance(n, int | np.integer) and not isinstance(n, bool)
    if not is_whole or not least <= n <= most:
        raise SettingsError(
            f"{name} is {shown(n)}", fix=f"give a whole number from {least} to {most:,}"
        )
    return int(n)
