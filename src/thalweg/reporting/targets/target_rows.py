"""The evaluations of several targets side by side: one row for each, by the measure of its task."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from rich import box
from rich.table import Table
from rich.text import Text

from thalweg.evaluation.judging.shapes import EstimateData, VerdictData
from thalweg.evaluation.task_kinds import Metric, metric_of
from thalweg.reporting import comparison_words
from thalweg.reporting.verdict_words import (
    column_of,
    interval_of,
    kind_of,
    metrics_of,
    row_name,
    with_interval,
)
from thalweg.wording import amount, even, printable

Evaluated = Mapping[str, VerdictData]
# A longer name of a target is broken.
_WIDEST_NAME = 12
# An interval fits.
_WIDEST_MODEL = 14


@dataclass(frozen=True)
class TargetRow:
    """One target: the measure by which models are compared, of the model and of each baseline.

    Attributes
    ----------
    name : str
    metric : Metric
    unit : str
        Of the target, for a measure in its unit; else "".
    model : EstimateData
    baselines : dict of str to EstimateData
        The strongest first.
    sentence : str
        The verdict on the model in words.
    column : str
        What the model is called above its numbers.
    ruling : str
        The verdict against the simpler model, of `margin_rule.VERDICTS`; "" without one.
    """

    name: str
    metric: Metric
    unit: str
    model: EstimateData
    baselines: dict[str, EstimateData]
    sentence: str
    column: str = ""
    ruling: str = ""

    @property
    def measure(self) -> str:
        """The name of the measure, with its unit."""
        return row_name(self.metric, self.unit or None)


def target_rows(evaluated: Evaluated, units: Mapping[str, str] | None = None) -> list[TargetRow]:
    """A row for each target.

    Parameters
    ----------
    evaluated : mapping of str to verdict
        By the names of the targets.
    units : mapping of str to str, optional
        The units of numbers.
    """
    return [_row(name, verdict, (units or {}).get(name, "")) for name, verdict in evaluated.items()]


def _row(name: str, verdict: VerdictData, unit: str) -> TargetRow:
    metric = _measure(verdict)
    order = comparison_words.strongest_first(verdict)
    baselines = cast(dict[str, Any], verdict["baselines"])
    found = cast(dict[str, Any], verdict["network"])
    return TargetRow(
        name, metric, unit if metric.in_unit else "", found["metrics"][metric.key],
        {each: baselines[each]["metrics"][metric.key] for each in order},
        _sentence(verdict), column_of(verdict), _ruling(verdict),
    )  # fmt: skip


def _measure(verdict: VerdictData) -> Metric:
    """The measure of the comparisons; without any, the measure of the task."""
    measures = {each["measure"] for each in verdict["differences"].values()}
    measures = measures or {kind_of(verdict).measure}
    key = metric_of(min(measures))
    found = [metric for metric in metrics_of(verdict) if metric.key == key]
    return found[0] if found else metrics_of(verdict)[0]


def _ruling(verdict: VerdictData) -> str:
    found, simpler = verdict["differences"], kind_of(verdict).rival
    return str(found[simpler]["verdict"]) if simpler in found else ""


def _sentence(verdict: VerdictData) -> str:
    """The verdict on the model; of rows without baselines, the conclusion."""
    if not verdict["differences"]:
        return verdict["sentence"]
    return f"{comparison_words.title(verdict)}."


def evaluations_table(rows: list[TargetRow], evaluated: Evaluated) -> Table:
    """One line for each target, for a terminal of 80 columns; the verdict stands below it.

    Parameters
    ----------
    rows : list of TargetRow
    evaluated : mapping of str to verdict
    """
    first = next(iter(evaluated.values()))
    names = list(dict.fromkeys(name for row in rows for name in row.baselines))
    measures = {row.measure for row in rows}
    shared = measures.pop() if len(measures) == 1 else ""
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False,
        caption=f"{f'{shared}, ' if shared else ''}[95 % interval]; less is better",
        caption_justify="left", caption_style="dim",
    )  # fmt: skip
    longest = max(len(printable(row.name)) for row in rows)
    table.add_column("target", overflow="fold", min_width=min(longest, _WIDEST_NAME))
    for head in (column_of(first), *names):
        table.add_column(Text(head), justify="right", max_width=_WIDEST_MODEL)
    for row in rows:
        name = printable(row.name) + ("" if shared else f"\n{printable(row.measure)}")
        cells = [row.model, *(row.baselines.get(each) for each in names)]
        table.add_row(Text(name), *(Text(_cell(each)) for each in cells))
    return table


def _cell(measured: EstimateData | None) -> str:
    if measured is None:
        return ""
    return "\n".join(part for part in with_interval(measured, partial(even, digits=3)) if part)


def _number(value: float) -> str:
    return amount(value, 3)


def axis_of(rows: Sequence[TargetRow]) -> tuple[float, float]:
    """The ends of an axis that holds every finite interval of some rows."""
    ends: list[float] = []
    for row in rows:
        for measured in (row.model, *row.baselines.values()):
            ends += filter(math.isfinite, interval_of(measured) or ())
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
