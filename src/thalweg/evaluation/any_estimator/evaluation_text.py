"""An evaluation as plain text: rows, metrics with their intervals, and what the sections say."""

import textwrap
from collections.abc import Mapping

import numpy as np

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.task_kinds import TASKS
from thalweg.wording import amount, counted, with_ends

_WIDTH = 88


def head_line(verdict: Verdict) -> str:
    """How rows were evaluated."""
    return f"{verdict.how}."


def short_line(verdict: Verdict) -> str:
    """The kind of rows and the first metrics in a line."""
    kind = TASKS[verdict.task]
    metrics = {metric.key: metric.name for metric in kind.metrics}
    keys = {
        "binary": ("log_loss", "auc"), "multiclass": ("log_loss", "accuracy"),
        "regression": ("rmse", "r2"), "quantiles": ("pinball",),
    }  # fmt: skip
    chosen = keys[verdict.task]
    said = ", ".join(f"{metrics[key]} {_cell(verdict.network.metrics[key])}" for key in chosen)
    return f"{counted(verdict.n_test, f'{verdict.answers.how} row')}; {said}"


def metric_lines(verdict: Verdict) -> str:
    """A line for each metric, a column for the model and for each baseline."""
    judged = {str(verdict.facts.get("subject", "network")): verdict.network, **verdict.baselines}
    rows = [["", *judged]]
    for metric in TASKS[verdict.task].metrics:
        if metric.key in verdict.network.metrics:
            rows.append(
                [metric.name, *(_cell(each.metrics[metric.key]) for each in judged.values())]
            )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([*(line.rstrip() for line in lines), "[95 % interval]"])


def section_paragraphs(said: Mapping[str, str], answers: Answers, n_rounds: int) -> list[str]:
    """What the sections say, a paragraph for each."""
    names = {
        "calibration": "Calibration",
        "threshold": "Threshold",
        "benefit": "Net benefit",
        "abstention": "No answer",
        "coverage": "Coverage",
        "subgroups": "Groups",
    }
    parts = []
    if n_rounds > 1:
        parts.append(
            f"What follows is from the first of {n_rounds} repetitions, with {len(answers):,} rows."
        )
    parts += [f"{names[key]}. {sentence}" for key, sentence in said.items()]
    return [filled(part) for part in parts]


def filled(text: str) -> str:
    """A paragraph in lines of equal width."""
    return textwrap.fill(text, _WIDTH)


def _cell(found: Estimate) -> str:
    if np.isnan(found.value):
        return "undefined"
    if np.isnan(found.low) or np.isnan(found.high) or np.isinf(found.high - found.low):
        return f"{_number(found.value)} [no interval]"
    return with_ends(found.value, found.low, found.high, 3)


def _number(value: float) -> str:
    return amount(value, 3)
