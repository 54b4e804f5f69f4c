"""One row of a run's table through the network at a step, and back: what `thalweg trace` shows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.read import Table
from thalweg.data.schema.given_table import table_of
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.task_kinds import kind_of_labels
from thalweg.landscape.race_on_table import EncodedTable, encoded_table
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.losses import loss
from thalweg.network.reference_engine import forward
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.encoded_columns import (
    kinds_of_outputs,
    own_inputs,
    raw_cells,
    scaling_of,
)
from thalweg.reporting.trace.page.traced_page_data import page_data
from thalweg.reporting.trace.targets.traced_target import plain_target
from thalweg.reporting.trace.trace_data import Names, trace_data
from thalweg.studio.wire.run_requests import DEFAULT
from thalweg.tracing.row_trace import Trace, trace

# Rows among which the worst and the nearest to the threshold are looked for.
MOST_LOOKED = 20_000
Facts = dict[str, Any]
_OF_FIT = ("hidden", "activation", "alpha", "batch_size", "held_out", "task", "seed")


@dataclass(frozen=True, eq=False)
class RowsOfRun:
    """The rows of the table of a run, as its network takes them.

    Parameters
    ----------
    table : Table
    settings : mapping
        All settings of the run.
    """

    table: Table
    settings: Mapping[str, Any]

    @cached_property
    def encoded(self) -> EncodedTable:
        """The table as the network takes it."""
        own = self.settings
        if own["preset"] == DEFAULT:
            # The estimators take a second to load, and the article's network needs none.
            from thalweg.studio.runs.own_settings import own_encoded

            return own_encoded(self.table, **{key: own[key] for key in _OF_FIT})
        return encoded_table(self.table, own["task"], own["held_out"], own["seed"])

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """The cells as numbers, a row of the table in each row."""
        found = self.encoded.schema.matrix(self.table.frame)
        return np.asarray(found[:], np.float64)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.encoded.target.Y)

    def number_of(self, place: int) -> int:
        """The number of a row in its file, from 1."""
        return 1 + int(place if self.table.kept is None else self.table.kept[place])

    def place_of(self, number: int) -> int:
        """The place of the row of this number, from 0.

        Raises
        ------
        DataError
            There is no such row.
        """
        kept = self.table.kept
        place = number - 1 if kept is None else int(np.searchsorted(kept, number - 1))
        if not 0 <= place < self.n_rows or self.number_of(place) != number:
            last = self.n_rows - 1
            usable = f"name one from 1 to {self.number_of(last):,}"
            if kept is not None:  # rows between the first and the last are left out, too
                near = sorted({min(max(each, 0), last) for each in (place - 1, place)})
                usable = "name one that is used, such as " + " or ".join(
                    f"{self.number_of(each):,}" for each in near
                )
            raise DataError(
                f"There is no row {number:,} among those that are used",
                where=self.table.name,
                fix=usable,
            )
        return place

    def beside(self, place: int) -> tuple[int | None, int | None]:
        """The numbers of the rows before and after; None where there is none."""
        before = self.number_of(place - 1) if place > 0 else None
        return before, self.number_of(place + 1) if place + 1 < self.n_rows else None

    def picked(self, how: str, architecture: Architecture, theta: Array) -> int:
        """The place of the row with the largest loss, or of the one nearest to the threshold.

        Raises
        ------
        SettingsError
            A number has no threshold.
        """
        looked = np.linspace(0, self.n_rows - 1, min(MOST_LOOKED, self.n_rows))
        places = looked.round().astype(np.intp)
        formula = loss(self.encoded.target.loss)
        X = np.asarray(self.encoded.encoder.encode(self.matrix[places]), np.float64)
        out = forward(architecture, theta.astype(np.float64), X.T).A[-1]
        if how == "worst":
            found = formula.value(out, self.encoded.target.Y[places].T)
            return int(places[np.nanargmax(found)])
        if not self.encoded.target.classes:
            raise SettingsError(
                "A number has no threshold", fix="take the row with the largest loss, or a number"
            )
        shares = np.sort(formula.predict(out), axis=0)
        gap = np.abs(shares[-1] - 0.5) if len(shares) == 1 else shares[-1] - shares[-2]
        return int(places[np.nanargmin(gap)])

    def traced(
        self, place: int, architecture: Architecture, objective: Objective, theta: Array
    ) -> Trace:
        """The two passes of a row; its loss is that of the row alone, and the penalty."""
        X = np.asarray(self.encoded.encoder.encode(self.matrix[[place]]), np.float64)
        data = Data.of(X, self.encoded.target.Y[[place]])
        # The loss of one row as one batch: the weights of the training rows have no part in it.
        alone = Objective(self.encoded.target.loss, penalty=objective.penalty, l1=objective.l1)
        return trace(architecture, alone, theta, data)

    def facts(self, traced: Trace, place: int) -> Facts:
        """The trace as the pictures of a page take it."""
        data = trace_data(traced, self._names(place), steps=1)
        facts = page_data(data, None, {"command": "", "python": ""})
        del facts["update"]  # of the step of the run, which has more rows, the page is told itself
        return dict(_plain(facts))

    def _names(self, place: int) -> Names:
        schema, encoder, target = self.encoded.schema, self.encoded.encoder, self.encoded.target
        matrix = self.matrix[[place]]
        raw = raw_cells(schema, table_of(self.table.frame.iloc[[place]]), matrix)
        own = own_inputs(schema, encoder, raw)
        assert self.table.target is not None
        found = plain_target(target.loss)
        name = str(self.table.target_name)
        if target.classes:
            labels = [clipped(each) for each in target.classes]
            found |= {"task": kind_of_labels(labels).name, "classes": labels}
            row = target.Y[place]
            value = float(row[0] if len(row) == 1 else np.argmax(row))
            output = "probability of each class"
            if len(labels) == 2:
                output = f"probability of {labels[1]}"
        else:
            numbers = target.center + target.scale * target.Y[:, 0]
            found |= {
                "task": kind_of_labels(None).name,
                "scale": {
                    "center": target.center, "scale": target.scale, "low": float(numbers.min()),
                    "high": float(numbers.max()), "of_logarithm": False,
                },
            }  # fmt: skip
            value, output = float(numbers[place]), f"prediction of {name}"
        return Names(
            encoder.output_names(schema.names, schema.levels), [self.number_of(place)],
            [None if column is None else raw[column] for column in encoder.output_columns()],
            [str(self.table.target.iloc[place])], scaling=scaling_of(encoder, matrix[0]),
            kinds=kinds_of_outputs(encoder, schema.kinds), subject=self.table.name, output=output,
            target=found, values=[value], own=own,
        )  # fmt: skip


def _plain(value: Any) -> Any:
    """Plain data for JSON: what is not finite is None."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
