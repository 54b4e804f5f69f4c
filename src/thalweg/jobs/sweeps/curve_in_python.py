"""The sweep over one setting as Python that makes it again, as docs/tuning.md has it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from thalweg.jobs.parts.training_table import TrainingRequest, TrainingTable
from thalweg.tuning.curves.asked_values import POINTS
from thalweg.tuning.trial_fits import Model
from thalweg.wording import as_code

# What of the roles of columns, and of how a file is read, `load_table` takes.
_COLUMNS = ("target", "drop", "group", "missing", "drop_missing", "drop_row", "ids")
_READING = ("separator", "decimal", "encoding", "sheet", "header_row", "max_memory")


def curve_in_python(
    request: TrainingRequest, table: TrainingTable, model: Model, over: Mapping[str, Any],
    points: int,
) -> str | None:  # fmt: skip
    """Imports and calls of `thalweg.sweep`; None where a column of times or weights is read.

    Parameters
    ----------
    request : TrainingRequest
    table : TrainingTable
        As it was read by the request.
    model : ThalwegClassifier or ThalwegRegressor
        Unfitted, as the sweep has it.
    over, points
        Of the sweep.
    """
    if table.times is not None or table.weights is not None:
        return None
    columns, reading = request.columns, request.reading
    said = {name: getattr(columns, name) for name in _COLUMNS if getattr(columns, name)}
    said |= {name: each for name in _READING if (each := getattr(reading, name)) is not None}
    if table.task.kind.of_classes and _are_numbers(table.table.target):
        said["labels"] = True
    usual = type(model)().get_params()
    settings = {
        name: each for name, each in model.get_params().items() if not _is_same(each, usual[name])
    }
    kind = type(model).__name__
    more = {} if points == POINTS else {"points": points}
    groups = "" if table.groups is None else ", groups=table.groups"
    return "\n".join(
        [
            f"from thalweg import {kind}, load_table, sweep",
            "",
            f"table = load_table({_arguments(said, request.table)})",
            f"model = {kind}({_arguments(settings)})",
            f"over = {as_code(dict(over))}",
            f"shown = sweep(model, table.frame, table.target, {_arguments(more, over='over')}"
            f"{groups})",
            'shown.save("sweep.html")',
            "",
        ]
    )


def _arguments(named: Mapping[str, Any], *first: str, over: str = "") -> str:
    words = [as_code(each) for each in first]
    words += [f"over={over}"] if over else []
    return ", ".join([*words, *(f"{name}={as_code(each)}" for name, each in named.items())])


def _are_numbers(labels: pd.Series | None) -> bool:
    """Whether labels are written numbers, which would be read as numbers."""
    if labels is None:
        return False
    return bool(pd.to_numeric(pd.Series(labels.unique()), errors="coerce").notna().any())


def _is_same(value: Any, usual: Any) -> bool:
    return type(value) is type(usual) and bool(value == usual)
