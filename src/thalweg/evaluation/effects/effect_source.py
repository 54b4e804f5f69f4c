"""What effect curves ask: the columns of a table, and answers after one column was moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.wording import amount, even, printable

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]
# What an answer is: log p/(1 - p) of the positive one of two classes, a probability for each class,
# or a predicted number.
Scale: TypeAlias = Literal["log-odds", "probability", "number"]
Values: TypeAlias = Literal["number", "date", "category", "boolean"]


@dataclass(frozen=True)
class AnswerUnit:
    """In what a change of an answer is counted, in every sentence.

    Attributes
    ----------
    scale : Scale
    target : str
        The name of a predicted number; "" if it is not known, and then a change has no unit.
    is_change : bool
        False for answers themselves, of which probabilities are in percent.
    unit : str
        The unit of a predicted number, such as EUR; "" if it is not known.
    """

    scale: Scale = "number"
    target: str = ""
    is_change: bool = True
    unit: str = ""

    @property
    def factor(self) -> float:
        """By what numbers are multiplied: changes of a probability are in percentage points."""
        return 100.0 if self.scale == "probability" else 1.0

    @property
    def words(self) -> str:
        """The unit in words."""
        if self.scale == "number":
            if self.unit:
                return printable(self.unit)
            return f"units of {printable(self.target)}" if self.target else ""
        if self.scale == "log-odds":
            return "log-odds"
        return "percentage points" if self.is_change else "%"

    def number(self, value: float, digits: int = 3, *, signed: bool = True) -> str:
        """A change without its unit; answers themselves have no sign."""
        return amount(self.factor * value, digits, signed=signed and self.is_change)

    def change(self, value: float, digits: int = 3, *, signed: bool = False) -> str:
        """A change with its unit: ``9.2 percentage points``."""
        return f"{self.number(value, digits, signed=signed)} {self.words}".rstrip()

    def interval(self, value: float, low: float, high: float) -> str:
        """A change with its unit and the ends of its interval, if it has one."""
        if low != low:
            return self.change(value, signed=True)
        all_three = [self.factor * each for each in (value, low, high)]
        said, *ends = even(all_three, 3, signed=self.is_change)
        return f"{said} {self.words}".rstrip() + f" [{', '.join(ends)}]"


NO_UNIT = AnswerUnit()


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

    @property
    def too_few_taught(self) -> tuple[str, ...]:
        """For each output why the training rows show no direction; "" if they may, or unknown."""

    @property
    def n_folds(self) -> int:
        """Of how many folds each network was trained without one; 0 if of none, or unknown."""

    @property
    def knows_likeness(self) -> bool:
        """Whether it is known how like the training rows a row is."""

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
