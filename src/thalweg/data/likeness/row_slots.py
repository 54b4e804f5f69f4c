"""Which level a cell has, as a slot, and what it costs: -log of the share of the level."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.data.likeness.column_summary import ColumnSummary

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Slots:
    """The slots of a column: one a kept level, one for the others, one for levels never seen.

    A number that never varied has one level: any other value was never seen.

    Attributes
    ----------
    summary : ColumnSummary
        Of a column with levels, or of a constant one.
    """

    summary: ColumnSummary

    @cached_property
    def codes(self) -> Floats:
        """The kept levels, as the matrix of the schema has them; a constant number."""
        summary = self.summary
        return summary.codes if len(summary.codes) else summary.quantiles[:1]

    @cached_property
    def _order(self) -> Places:
        return np.argsort(self.codes)

    @property
    def n_slots(self) -> int:
        """How many there are."""
        return len(self.codes) + 2

    @property
    def counts(self) -> Floats:
        """The rows of the training table in each slot, shape (n_slots,)."""
        summary = self.summary
        shares = summary.shares if len(summary.codes) else np.ones(1)
        return summary.n_present * np.concatenate((shares, [summary.others, 0.0]))

    def of(self, values: Floats) -> Places:
        """The slot of each value, which is not missing."""
        codes, order = self.codes, self._order
        near = np.minimum(np.searchsorted(codes, values, sorter=order), len(codes) - 1)
        near = order[near]
        slots = np.where(codes[near] == values, near, len(codes) + 1)
        if self.summary.n_others:  # a level that the schema does not know has the number 0
            slots[(slots == len(codes) + 1) & (values > 0)] = len(codes)
        return slots

    def costs(self, counts: Floats, left_out: float = 0.0) -> Floats:
        """-log of the share of a level, by the slot, from the rows in each slot.

        Each level, and any that was never seen, has half a row more than it has (Krichevsky &
        Trofimov 1981, "The performance of universal encoding"), so that no share is 0.

        Parameters
        ----------
        counts : ndarray of float64, shape (..., n_slots)
        left_out : float, default 0
            1 for a row of these that is not to know itself: its level has a row less. The cost is
            then never below that of a new row of this level.
        """
        all_rows = counts.sum(axis=-1, keepdims=True)
        levels = np.ones(self.n_slots)
        levels[-2] = max(self.summary.n_others, 1)
        if self.summary.n_others:
            # No training row knows which of the rare levels it has, so none can be left out there
            # and have a level never seen. Both kinds of rare levels cost the same.
            levels[-2:] = self.summary.n_others + 1
            counts = np.append(counts[..., :-1], counts[..., -2:-1], axis=-1)
        n_levels = len(self.codes) + self.summary.n_others + 1
        total = all_rows - left_out + 0.5 * n_levels
        found: Floats = np.log(total) - np.log(np.maximum(counts - left_out, 0.0) / levels + 0.5)
        return found


def filling_costs(
    missing: Floats, n: Floats | float, left_out: float = 0.0
) -> tuple[Floats, Floats]:
    """-log of the share of filled and of missing cells, from the number of missing ones of n.

    ``left_out`` is as in `Slots.costs`.
    """
    total = np.log(np.asarray(n) + 1.0 - left_out)
    full, none = (np.maximum(each - left_out, 0.0) + 0.5 for each in (n - missing, missing))
    return total - np.log(full), total - np.log(none)
