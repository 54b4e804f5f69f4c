"""The lesson on forward propagation: one row from its cells to its loss, each answer computed."""

import math
import operator
from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.reporting.html_pieces import text
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.row.one_cell import CellChange, best_cell
from thalweg.reporting.lessons.tasks.row.traced_row import (
    TracedRow,
    agreeing,
    digits_of,
    listed,
    product_of,
    subtitle,
    traced_row,
    written,
)

# Which losses are asked for; seed 0 has the first one.
_LOSSES = (1.0, 2.0, 0.5, 3.0)
_MOST_SUMS = 4
# Stops of the page: X, Z1, A1, Z2, Yh, Loss.
X, Z1, A1, Z2, YH, LOSS = range(6)


def forward_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If the network or the row is not for this lesson.
    """
    row = traced_row(subject, changing=True)
    sums = _sums(row)
    best = best_cell(row, subject.model.members_[0].encoder.encode)
    if best is None:
        raise DataError(
            "No cell of this table can be changed in the page",
            where=subject.name,
            why="A number needs a range of two values, a category two levels",
            fix="name a TABLE that has such columns",
        )
    return PreparedLesson(
        lesson_text("forward"),
        {
            "furthest": [_furthest(row)],
            "sum": [_sum(row, unit, column) for unit, column in sums],
            "silent": [_silent(row, unit) for unit, _ in sums],
            "squash": [_squash(row)],
            "price": [_price(row, loss) for loss in _LOSSES],
            "flip": [_flip(row, best)],
        },
        subtitle=subtitle(row, subject),
        script="learn/row/forward_lesson.js",
        styles=("trace/network.css", "learn/row/row.css"),
        modules=row.modules,
        chosen=row.chosen,
        facts=row.facts,
        rows="It holds one row of the table, the weights of the network, and the range or the "
        "levels of each column.",
    )


def _sums(row: TracedRow) -> list[tuple[int, int]]:
    """Units with a sum that is not small, each with one of its largest terms."""
    order = np.argsort(-np.abs(row.Z1), kind="stable")[:_MOST_SUMS]
    pairs = []
    for rank, unit in enumerate(order.tolist()):
        terms = np.argsort(-np.abs(row.W1[unit] * row.X), kind="stable")
        # Not always the largest term: the second and the third one, too, if they are there.
        there = [k for k in terms.tolist()[:3] if row.W1[unit, k] * row.X[k] != 0]
        if there:
            pairs.append((unit, there[rank % len(there)]))
    return pairs or [(int(order[0]), 0)]


def _furthest(row: TracedRow) -> Variant:
    size = np.abs(row.X)
    right = np.flatnonzero(size >= size.max() * (1 - 1e-12)).tolist()
    names = " or ".join(row.inputs[k] for k in right[:4])
    values = {
        "name": names, "x": written(float(row.X[right[0]])),
        "side": "above" if row.X[right[0]] > 0 else "below",
    }  # fmt: skip
    stage = {"at": X, "right": right}
    return Variant(values, None, stage, key=f"{names} ({values['x']})", paper=_cells(row) + LINE)


def _sum(row: TracedRow, unit: int, column: int) -> Variant:
    weight, x = float(row.W1[unit, column]), float(row.X[column])
    term, total = weight * x, float(row.Z1[unit])
    others, said = agreeing(total, [total - term, term], operator.add)
    digits = max(4, digits_of(said))
    w, x_said = agreeing(term, [weight, x], product_of, digits=digits)
    values = {
        "unit": str(unit + 1), "name": row.inputs[column], "w": w, "x": x_said,
        "term": said, "others": others, "total": written(total),
        "place": f"{unit + 1},{column + 1}", "input": str(column + 1),
    }  # fmt: skip
    stage = {"at": Z1, "unit": unit, "input": column}
    return Variant(values, [term, total], stage, paper=_terms(row, unit, column))


def _silent(row: TracedRow, asked: int) -> Variant:
    """Which units are silent; on paper the sum that was asked for before stays empty."""
    units = [unit + 1 for unit in row.silent]
    said = listed(units) if units else "none"
    n = len(row.Z1)
    values = {
        "silent": f"Unit{'s' * (len(units) > 1)} {said}" if units else "None of them",
        "n": str(n), "count": f"{len(units)} of {n}",
    }  # fmt: skip
    cells = ["your sum" if unit == asked else written(float(z)) for unit, z in enumerate(row.Z1)]
    rows = [[str(unit), z] for unit, z in enumerate(cells, 1)]
    paper = table_html("The sums Z1", ["unit", "Z1"], rows) + LINE
    stage = {"at": Z1, "unit": -1, "right": row.silent}
    return Variant(values, None, stage, key=said, paper=paper)


def _squash(row: TracedRow) -> Variant:
    values = {
        "z": written(row.Z2), "yh": written(row.Yh), "positive": row.classes[1],
        "side": "above" if row.Z2 > 0 else "below",
    }  # fmt: skip
    return Variant(values, row.Yh, {"at": Z2}, key=values["yh"])


def _price(row: TracedRow, loss: float) -> Variant:
    own = math.exp(-loss)
    is_positive = row.y == 1
    answer = own if is_positive else 1 - own
    values = {
        "loss": f"{loss:g}", "label": row.label, "positive": row.classes[1],
        "formula": "−log Ŷ" if is_positive else "−log(1 − Ŷ)",
        "own": written(own, 3), "answer": written(answer, 3),
        "last": "That share is Ŷ." if is_positive
        else f"Ŷ is the share of {row.classes[1]}: 1 minus that.",
        "real": written(row.loss, 3), "yh": written(row.Yh, 3),
    }  # fmt: skip
    return Variant(values, answer, {"at": YH}, traps={"other_class": 1 - answer})


def _flip(row: TracedRow, best: CellChange) -> Variant:
    now = row.classes[1 if row.Yh > 0.5 else 0]
    other = row.classes[0 if row.Yh > 0.5 else 1]
    values = {"now": now, "other": other, "yh": written(row.Yh, 3)}
    cell = f"{best.name} to {best.said} moves X by {written(best.moved, 3)}"
    if best.flips:
        said = {
            "aim": f"Change one cell, so that the answer is {other}",
            "how": "A change counts as the network sees it: by how far X moves. The smallest wins.",
            "ask": "Press an input, move its cell, and look at Ŷ.",
        }
    else:
        said = {
            "aim": f"No single cell makes the answer {other}",
            "how": "Each cell was tried over the whole range of the training table, and none "
            "brings Ŷ to the other side of 0.5. Which one brings it nearest?",
            "ask": "Press an input, and move its cell to where Ŷ is nearest to 0.5.",
        }
    said["best"] = f"{cell}: Ŷ is then {written(best.Yh, 3)}."
    return Variant({**values, **said}, None, {"at": LOSS}, key=said["best"])


def _cells(row: TracedRow) -> str:
    return table_html(
        "The row",
        ["input", "cell", "X"],
        [[name, "" if raw is None else f"{raw:g}" if isinstance(raw, float) else str(raw),
          written(float(x))] for name, raw, x in zip(row.inputs, row.raw, row.X, strict=True)],
    )  # fmt: skip


def _terms(row: TracedRow, unit: int, hidden: int) -> str:
    terms: list[list[str]] = [["bias", "", "", written(float(row.b1[unit]))]]
    for column, name in enumerate(row.inputs):
        weight, x = float(row.W1[unit, column]), float(row.X[column])
        term = "?" if column == hidden else written(weight * x)
        terms.append([name, *agreeing(weight * x, [weight, x], product_of), term])
    return table_html("Terms of the sum", ["from", "W", "X", "W · X"], terms)


# An empty line to write on.
LINE = '<p class="fill wide"><span></span></p>'


def table_html(label: str, heads: list[str], rows: list[list[Any]]) -> str:
    """A table for paper; each of a sheet needs a label of its own."""
    head = "".join(f"<th>{text(each)}</th>" for each in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{text(each, 60)}</td>' for each in row)}</tr>" for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{text(label)}">'
        f'<table class="checked"><tr>{head}</tr>{body}</table></div>'
    )
