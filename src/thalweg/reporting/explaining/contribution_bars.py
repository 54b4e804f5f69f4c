"""The bars of a waterfall: from the answer for the base to that for the row, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.explaining.cell_texts import column_with_cell
from thalweg.reporting.explaining.adding_up import (
    PERCENT_DECIMALS,
    decimals_of_numbers,
    steps_that_add_up,
)
from thalweg.wording import counted, offered, parameter

if TYPE_CHECKING:
    from thalweg.reporting.explaining.explanation import Explanation


@dataclass(frozen=True)
class Bar:
    """One bar of a waterfall.

    Attributes
    ----------
    name : str
        ``"age = 63"``, ``"age missing"``, or ``"17 others"``.
    column, cell : str
        "" for the other columns together.
    value : float
        The contribution; the bar ends at ``start + value``.
    start : float
    low, high : float
        The least and the largest contribution to the answer of one network.
    n_up, n_down : int
        Of how many networks it is above 0, and below.
    """

    name: str
    column: str
    cell: str
    value: float
    start: float
    low: float
    high: float
    n_up: int
    n_down: int

    @property
    def end(self) -> float:
        """Where the bar ends."""
        return self.start + self.value


@dataclass(frozen=True)
class Waterfall:
    """The bars of one row.

    Attributes
    ----------
    base, answer : float
    base_name : str
        Such as "a typical row".
    row : int
        The number of the row in its table, from 1.
    label : str or None
        The class whose probability it is; None for a number.
    n_networks : int
    bars : tuple of Bar
        The largest first; other columns together last.
    quantity : str
        What a number is: "number", or such as "predicted price".
    decimals : int or None
        Of percentages, or of numbers, as they are printed; below 0, tens and more. None: numbers
        are printed with powers of ten, and need not add up as printed.
    """

    base: float
    answer: float
    base_name: str
    row: int
    label: str | None
    n_networks: int
    bars: tuple[Bar, ...]
    quantity: str
    decimals: int | None

    @cached_property
    def printed(self) -> "Waterfall":
        """The same with the numbers that are printed: the bars add up, from end to end."""
        if self.decimals is None:
            return self
        scale = (1 if self.label is None else 100) * 10.0**self.decimals
        steps = steps_that_add_up(self.base, [bar.value for bar in self.bars], self.answer, scale)
        bars: list[Bar] = []
        first = start = round(self.base * scale)
        for bar, step in zip(self.bars, steps, strict=True):
            low, high = (round(each * scale) / scale for each in (bar.low, bar.high))
            value = step / scale
            bars.append(replace(bar, value=value, start=start / scale, low=low, high=high))
            start += step
        answer = round(self.answer * scale) / scale
        return replace(self, base=first / scale, answer=answer, bars=tuple(bars))

    @property
    def what(self) -> str:
        """What is explained: the probability of a class, or a number."""
        return self.quantity if self.label is None else f"probability of {self.label}"

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number that is drawn."""
        drawn = [self.base, self.answer]
        for bar in self.bars:
            drawn += [bar.end, bar.start + bar.low, bar.start + bar.high]
        return min(drawn), max(drawn)


def waterfall_of(
    explanation: "Explanation", row: int, label: str | None, most: int = 8
) -> Waterfall:
    """The bars of a row of an explanation; see `Explanation.waterfall`."""
    values, members = explanation.values[row], explanation.members[:, row]
    base, answer = explanation.base_values[row], explanation.answers[row]
    place, said = which_class(explanation, row, label)
    if place is not None:
        values, members, base, answer = (
            values[:, place],
            members[..., place],
            base[place],
            answer[place],
        )
    order = np.argsort(-np.abs(values), kind="stable")
    order = order[: np.count_nonzero(values)]
    own, others = (order[:most], order[most:]) if len(order) > most + 1 else (order, order[:0])
    bars: list[Bar] = []
    start = float(base)
    for columns in [*([j] for j in own.tolist()), *([others.tolist()] if len(others) else [])]:
        each = members[:, columns].sum(axis=1)
        value = float(values[columns].sum())
        name, column, cell = _named(explanation, row, columns)
        ends = float(each.min()), float(each.max())
        up, down = int((each > 0).sum()), int((each < 0).sum())
        bars.append(Bar(name, column, cell, value, start, *ends, up, down))
        start += value
    return Waterfall(
        float(base), float(answer), explanation.base, explanation.rows[row], said,
        len(members), tuple(bars), explanation.quantity,
        decimals_of(said, float(base), float(answer), [bar.value for bar in bars]),
    )  # fmt: skip


def decimals_of(
    label: str | None, base: float, answer: float, gains: Sequence[float]
) -> int | None:
    """The decimals of a waterfall: of percentages one, of numbers as their sizes need."""
    return PERCENT_DECIMALS if label is not None else decimals_of_numbers(base, answer, gains)


def _named(explanation: "Explanation", row: int, columns: list[int]) -> tuple[str, str, str]:
    """The name of a bar, its column and its cell."""
    if len(columns) > 1:
        return f"{counted(len(columns), 'other')}", "", ""
    column, cell = explanation.feature_names[columns[0]], explanation.texts[row][columns[0]]
    return column_with_cell(column, cell), column, cell


def which_class(
    explanation: "Explanation", row: int, label: str | None
) -> tuple[int | None, str | None]:
    """The place of the class whose probability is shown, None if there is one answer; its name."""
    classes = explanation.classes
    if classes is not None and label is not None and label not in classes:
        raise SettingsError(
            f"{parameter('label', label)} is no class whose probability is explained",
            fix=f"take {offered('label', classes)}",
        )
    if classes is None or len(classes) == 1:
        return None, None if classes is None else classes[0]
    labels = explanation.labels
    own = label or (classes[0] if labels is None else labels[row])
    return classes.index(own), own
