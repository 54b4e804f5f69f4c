"""What no training row was like in a row that is explained: numbers, dates and levels."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.schema.ranges import Beyond, beyond
from thalweg.estimators.explaining.cell_texts import unknown_levels
from thalweg.estimators.input_tables import seen_range

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator


@dataclass(frozen=True, eq=False)
class UnusualCells:
    """The cells of one row that no training row was like.

    Attributes
    ----------
    out_of_range : tuple of Beyond
        Numbers and dates outside the range of the training rows.
    unknown_levels : dict of str to str
        Levels that the model was not fitted on, by their columns.
    """

    out_of_range: tuple[Beyond, ...] = ()
    unknown_levels: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; ranges as those of `predict`."""
        return {
            "out_of_range": [each.as_dict() for each in self.out_of_range],
            "unknown_levels": dict(self.unknown_levels),
        }


def unusual_cells(
    model: "NetworkEstimator",
    matrix: NDArray[np.float64],
    cells: NDArray[Any],
    rows: Sequence[int],
) -> list[UnusualCells]:
    """The unusual cells of each row.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    matrix : ndarray of float64, shape (n_rows, n_features)
    cells : ndarray, shape (n_rows, n_columns)
        Of own columns.
    rows : sequence of int
        The numbers of the rows, from 1.
    """
    schema = model.schema_
    measured = {each.name for each in schema.given if each.kind in ("number", "date")}
    found: list[list[Beyond]] = [[] for _ in range(len(matrix))]
    for each in beyond(schema.names, matrix, *seen_range(model), schema.dates):
        if each.column in measured:
            found[each.row - 1].append(replace(each, row=rows[each.row - 1]))
    levels = unknown_levels(schema, matrix, cells)
    return [UnusualCells(tuple(a), b) for a, b in zip(found, levels, strict=True)]
