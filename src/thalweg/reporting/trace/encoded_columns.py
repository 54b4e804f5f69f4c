"""The encoded columns of a fitted model: names, raw cells, and how each one is encoded."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.cells import level_of
from thalweg.data.dates.date_cells import moment_text
from thalweg.data.encoding.calendar_parts import (
    HOUR_COSINE,
    HOUR_SINE,
    LATE,
    YEAR_COSINE,
    YEAR_SINE,
)
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.encoding.levels import raw_outputs
from thalweg.data.encoding.target_codes.coded_levels import CodedCategory
from thalweg.data.schema.given_table import GivenTable
from thalweg.data.schema.schema import Schema
from thalweg.estimators.explaining.explained_answer import own_columns
from thalweg.estimators.parameters.auto_by_width import dropout_of
from thalweg.estimators.repeated_descent import as_fitted
from thalweg.network.engine import Data
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.tables.digits import without_dust
from thalweg.reporting.trace.targets.traced_target import output_words, target_of, target_texts
from thalweg.reporting.trace.trace_data import Facts, Names

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# The words for outputs of dates; see `thalweg.reporting.trace.tables.column_tables.KINDS`.
_PARTS = {
    YEAR_SINE: "year", YEAR_COSINE: "year", HOUR_SINE: "hour", HOUR_COSINE: "hour", LATE: "late"
}  # fmt: skip


def column_names(
    model: "Model",
    table: GivenTable,
    matrix: np.ndarray,
    numbers: np.ndarray,
    rows: Sequence[int] | None,
    *,
    supposed: bool,
    subject: str,
) -> Names:
    """The names of the columns, their cells, and the targets of the rows."""
    encoder, schema, taught = model.encoder_, model.schema_, model.members_[0].taught
    settings, raw = as_fitted(model), raw_cells(schema, table, matrix)
    output, other = output_words(model)
    return Names(
        encoder.output_names(schema.names, schema.levels),
        list(range(1, len(numbers) + 1)) if rows is None else list(rows),
        [None if column is None else raw[column] for column in encoder.output_columns()],
        target_texts(model, numbers),
        scaling=scaling_of(encoder, matrix[0]),
        kinds=kinds_of_outputs(encoder, schema.kinds),
        supposed=supposed,
        subject=subject,
        output=output,
        other=other,
        target=target_of(model),
        values=numbers.tolist(),
        own=own_inputs(schema, encoder, raw),
        networks=len(model.members_),
        taught=taught.rows if taught else None,
        taught_weight=taught.weight if taught else None,
        weighted=bool(model._known.weights_hash),
        known=taught is not None,
        dropout=dropout_of(model.settings_, model._kind),
        label_smoothing=float(getattr(settings, "label_smoothing", 0.0)),
        coded=[
            schema.names[each.feature]
            for each in encoder.codes.categories
            if _has_other_codes(each, matrix)
        ],
    )


def _has_other_codes(category: CodedCategory, matrix: np.ndarray) -> bool:
    """Whether one of the rows, as a training row, would have had another target code.

    The code of a missing level, and of one with an output of its own, is always 0. A level that
    training has not seen (0) is not that of a training row.
    """
    levels = matrix[:, category.feature]
    return bool((category.category.share_output(levels) & (levels > 0)).any())


def at_the_ends(data: Data, encoder: Encoder) -> Data:
    """Encoded rows, in which a value at the end of a bin gives exactly 0 where it should."""
    scaling, X = encoder.output_scaling(), data.X.copy()
    bins = np.flatnonzero(~np.isnan(scaling.low))
    X[:, bins] = without_dust(X[:, bins], scaling.scale[bins])
    return replace(data, X=X)


def scaling_of(encoder: Encoder, row: np.ndarray) -> list[Facts | None]:
    """The numbers that enter each encoded number of a row; see `Names`."""
    scaling, found = encoder.output_scaling(), list[tuple[float, float, float]]()
    numbers, ends = encoder.scaling.numbers, (encoder.scaling.low, encoder.scaling.high)
    for j in numbers.tolist():
        low, high = (math.nan if each is None else float(each[j]) for each in ends)
        found.append((float(row[j]), low, high))
    found += [
        (float(row[j]), low, high)
        for j, low, high in zip(
            encoder.bins.feature.tolist(), encoder.bins.low.tolist(), encoder.bins.high.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    for category in encoder.levels.categories:
        raw = raw_outputs(category.n_levels, category.hot, category.common)
        level = row[category.feature]
        own = np.full(raw.shape[1], np.nan) if math.isnan(level) else raw[int(level)]
        ends_of = raw[1:].min(axis=0), raw[1:].max(axis=0)
        found += zip(own.tolist(), *(each.tolist() for each in ends_of), strict=True)

    def plain(value: float) -> float | None:
        return None if math.isnan(value) else value

    known: list[Facts | None] = [
        None
        if encoder.scaling.as_they_are and place < len(numbers)
        else {
            "x": plain(x), "m": m, "s": s, "least": plain(low), "most": plain(high),
            "is_bin": is_bin,
        }
        for place, ((x, low, high), m, s, is_bin) in enumerate(zip(
            found, scaling.center.tolist(), scaling.scale.tolist(),
            (~np.isnan(scaling.low)).tolist(), strict=True,
        ))
    ]  # fmt: skip
    for coded in encoder.codes.categories:
        level = row[coded.feature]
        own = np.full(coded.n_outputs, np.nan) if math.isnan(level) else coded.table[int(level)]
        known += [
            {"x": plain(x), "m": 0.0, "s": 1.0, "least": low, "most": high, "is_bin": False}
            for x, low, high in zip(
                own.tolist(), *(end(coded.table, axis=0).tolist() for end in (np.min, np.max)),
                strict=True,
            )
        ]  # fmt: skip
    return known + [None] * (encoder.n_outputs - len(known))


def kinds_of_outputs(encoder: Encoder, of_columns: Sequence[str]) -> list[str]:
    """What each encoded column is, where it needs a sentence; see `Names`."""
    found = []
    for j in [*encoder.scaling.numbers.tolist(), *encoder.bins.feature.tolist()]:
        if j in encoder.calendar.dates:
            found.append("time" if encoder.scaling.is_within_a_day(j) else "days")
        else:
            found.append("truth" if of_columns[j] == "boolean" else "")
    for category in encoder.levels.categories:
        shares = min(1, len(category.common))  # the last output is how common the level is
        level = "pair" if category.is_pair else "level"
        found += [level] * (category.n_outputs - shares) + ["common"] * shares
    found += ["code"] * encoder.codes.n_outputs
    found += [_PARTS.get(kind, "weekday") for kind in encoder.calendar.kind.tolist()]
    return found + [""] * (encoder.n_outputs - len(found))


def own_inputs(
    schema: Schema, encoder: Encoder, raw: Sequence[Sequence[float | str | None]]
) -> list[Facts]:
    """The columns of the user's table with their cells, and the inputs that each of them has.

    Returns
    -------
    list of dict
        ``name kind raw inputs`` of each column of the table: its cell in each row, and the numbers
        from 1 of its inputs, the indicator of a missing value among them. ``raw`` is None for a
        column that the model does not read.
    """
    columns = np.concatenate([form.column for form in encoder.forms()]).astype(np.intp)
    owners = own_columns(schema)[columns]
    cells = {column.name: raw[j] for j, column in enumerate(schema.columns)}
    return [
        {
            "name": clipped(column.name),
            "kind": column.kind,
            "raw": None if column.name not in cells else list(cells[column.name]),
            "inputs": (np.flatnonzero(owners == place) + 1).tolist(),
        }
        for place, column in enumerate(schema.given)
    ]


def raw_cells(
    schema: Schema, table: GivenTable, matrix: np.ndarray
) -> list[list[float | str | None]]:
    """The cells of each column that a network reads: numbers, or texts; None where missing."""
    found: list[list[float | str | None]] = []
    named = schema.named and table.named
    for j, column in enumerate(schema.columns):
        if column.kind in ("category", "identifier", "boolean"):
            # They are read as codes: show the cells of the table, known levels or not.
            place = table.all_names().index(column.name) if named else j
            cells = table.column(place).values.tolist()
            if column.kind == "boolean":
                cells = [str(c).lower() if isinstance(c, bool | np.bool_) else c for c in cells]
            texts = [(level_of(cell), cell) for cell in cells]
            found.append(
                [clipped(cell if t is None else t) if t != "" else None for t, cell in texts]
            )
        elif column.dates is not None:
            moments = matrix[:, j].tolist()
            found.append([None if math.isnan(v) else moment_text(column.dates, v) for v in moments])
        else:
            found.append([None if math.isnan(v) else v for v in matrix[:, j].tolist()])
    return found
