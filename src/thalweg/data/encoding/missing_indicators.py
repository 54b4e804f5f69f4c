"""Missing-value indicators: an output for each column that had missing values at the fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thalweg.cluster.stored_fields import StoredFields
from thalweg.data.encoding.encoder_arrays import Arrays, StoredArrays
from thalweg.data.encoding.encoder_part import FitColumn, RowBlock
from thalweg.data.encoding.few_row_encoding import Marks

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MissingIndicators(StoredFields):
    """An output for each column that has an indicator: 1 if the value is missing, 0 otherwise.

    Parameters
    ----------
    indicator : ndarray of bool, shape (n_features,)
        Which columns have one.
    """

    indicator: NDArray[np.bool_]

    @cached_property
    def _columns(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.indicator)

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self._columns)

    def encode(self, block: RowBlock, into: NDArray[np.floating]) -> None:
        """Write the outputs of some rows."""
        into[:] = block.missing[:, self.indicator]

    def output_names(self, names: Sequence[str], levels: Sequence[Sequence[str]]) -> list[str]:
        """``"age missing"`` for each indicator."""
        return [f"{names[j]} missing" for j in self._columns.tolist()]

    def output_columns(self) -> list[int | None]:
        """None for all outputs: none reads the value of its column."""
        return [None] * self.n_outputs

    def output_scaling(self) -> None:
        """None: the outputs are not scaled."""

    def output_bounds(self) -> Floats:
        """The largest size of each output."""
        return np.ones(self.n_outputs)

    def form(self) -> Marks:
        """Its outputs as a form of a panel."""
        return Marks(self._columns)

    def arrays(self) -> Arrays:
        """``indicator`` (uint8)."""
        return {"indicator": self.indicator.astype(np.uint8)}

    @classmethod
    def from_arrays(cls, stored: StoredArrays) -> "MissingIndicators":
        """Rebuild the part from the arrays of a file."""
        (indicator,) = stored.take("indicator")
        holds = (
            indicator.dtype == np.uint8
            and indicator.shape == (stored.n_features,)
            and bool((indicator <= 1).all())
        )
        stored.require({"indicator": holds}, "It must be a uint8 vector of zeros and ones")
        return cls(indicator.astype(np.bool_))


class MissingFit:
    """Finds the columns with missing values."""

    def __init__(self) -> None:
        self._has_missing: list[bool] = []

    def see(self, column: FitColumn) -> None:
        """Note whether the next column has missing values."""
        self._has_missing.append(column.has_missing)

    def part(self) -> MissingIndicators:
        """The part of all columns seen."""
        return MissingIndicators(np.array(self._has_missing, dtype=np.bool_))
