"""What effect curves ask: the columns of a table, and answers after one column was moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]
# What an answer is: log p/(1 - p) of the positive one of two classes, a probability for each class,
# or a predicted number.
Scale: TypeAlias = Literal["log-odds", "probability", "number"]
Values: TypeAlias = Literal["number", "date", "category", "boolean"]


@dataclass(frozen=True, eq=False)
class ColumnOfRows:
    """One column of the rows that effect curves are computed on.

    Attributes
    ----------
    name : str
    values : ndarray of float64, shape (n_rows,)
        NaN if missing; a date is the days since 1970-01-01.
    kind : {"number", "date", "category", "boolean"}
    levels : mapping of float to str
        The texts of the values of a category or of truth values; empty for others.
    unusable : str
        Why the column has no curve, as the end of a sentence; "" if it may have one.
    """

    name: str
    values: Floats
    kind: Values = "number"
    levels: Mapping[float, str] = field(default_factory=dict)
    unusable: str = ""


class EffectSource(Protocol):
    """A model and the rows of a table.

    The first axis of answers is the model's own answer (the mean of its networks), then one answer
    for each network, if there are several. The last axis are the outputs.
    """

    @property
    def columns(self) -> tuple[ColumnOfRows, ...]:
        """All columns, in the order of the table."""

    @property
    def scale(self) -> Scale:
        """What an answer is."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The name of each output: the positive class, all classes, or "" for a number."""

    @property
    def own(self) -> Floats:
        """The answers to the rows themselves, shape (1 + n_networks, n_rows, n_outputs)."""

    def answers(self, column: int, rows: Rows, values: Floats) -> Floats:
        """The answers to some rows after a column was set to these values.

        Parameters
        ----------
        column : int
        rows : ndarray of int, shape (n,)
        values : ndarray of float64, shape (n,)
            Values that the column has in some row, or NaN for a missing one.

        Returns
        -------
        ndarray of float64, shape (1 + n_networks, n, n_outputs)
        """

    def outlier_p(self, column: int, rows: Rows, values: Floats) -> Floats | None:
        """How unlike the training rows the moved rows are: p values, (n,); None if unknown."""
