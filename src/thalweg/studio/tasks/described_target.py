"""The target of a table as a page shows it: its classes or its numbers, and their sentence."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from thalweg.data.column_roles import positive_of
from thalweg.data.doctor.examined_table import Examined, Target
from thalweg.data.label_types import default_positive
from thalweg.data.target_kind import CLASSIFICATION, REGRESSION
from thalweg.jobs.parts.summary_facts import table_lines, value_range
from thalweg.reporting.html_pieces import clipped
from thalweg.studio.tasks.value_histograms import of_numbers

_MOST_CLASSES, _LETTERS = 50, 60


def described_target(
    seen: Examined, positive: str | None, card: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The target; None if there is none.

    Raises
    ------
    DataError
        The positive class is none of its classes.
    """
    target = seen.target
    if target is None:
        return None
    found: dict[str, Any] = {
        "name": target.name, "task": None, "classes": None, "n_classes": None,
        "histogram": None, "positive": None, "sentence": "",
    }  # fmt: skip
    if target.refusal is not None:
        return {**found, "sentence": f"{target.refusal.what}."}
    if target.numbers is not None:
        known = target.numbers[target.known]
        facts = {"classes": None, "range": value_range(known), "unit": _unit(seen)}
        histogram = of_numbers(target.numbers)
        return {**found, "task": REGRESSION, "histogram": histogram,
                "sentence": _sentence(seen, target, facts)}  # fmt: skip
    counts = target.classes
    if positive is None and target.name == card.get("target"):
        positive = card.get("positive")
    labels = pd.Series(list(counts), dtype=object, name=target.name)
    positive = positive_of(positive, labels)
    if positive is None and len(counts) == 2:
        positive = str(default_positive(list(counts))[0])
    shown = list(counts.items())[:_MOST_CLASSES]
    return {
        **found,
        "task": CLASSIFICATION,
        "classes": [{"label": clipped(label, _LETTERS), "rows": n} for label, n in shown],
        "n_classes": len(counts),
        "positive": positive,
        "sentence": _sentence(seen, target, {"classes": counts, "range": None, "unit": None}),
    }


def _unit(seen: Examined) -> str:
    look = seen.target_look
    notation = look.column.notation if look is not None and look.column is not None else None
    return str(getattr(notation, "unit", "") or "")


def _sentence(seen: Examined, target: Target, facts: Mapping[str, Any]) -> str:
    """The line of the target in the summary of a fit."""
    lines = table_lines(
        {"name": "", "rows": seen.n_rows, "columns": [], "missing": {}, "left_out": [],
         "target": target.name, **facts}
    )  # fmt: skip
    return dict(lines)["Target"]
