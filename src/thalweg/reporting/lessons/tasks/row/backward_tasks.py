"""The lesson on back propagation: from the loss of one row to the derivative of a weight."""

import numpy as np

from thalweg.errors import DataError
from thalweg.reporting.lessons.lesson_texts import LessonText, lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.row.forward_tasks import LINE, table_html
from thalweg.reporting.lessons.tasks.row.traced_row import (
    Floats,
    TracedRow,
    agreeing,
    listed,
    product_of,
    subtitle,
    traced_row,
    written,
)

# Of a product of five factors.
_DIGITS = 5
# The step of a weight, in the page as on paper.
STEP = 1e-3
_MOST_WEIGHTS = 4
# A network without a penalty is asked about these.
_PENALTIES = (0.01, 0.001, 0.1, 0.01)
# Stops of the page on the way back.
LOSS, DZ1, DW = 5, 8, 9
# Of a row without a 0 on the way: a derivative that is at most this share of the largest one.
SMALL = 0.01


def backward_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If the network or the row is not for this lesson.
    """
    row = traced_row(subject)
    _require_a_voice(row, subject)
    words = lesson_text("backward")
    weights = followed_weights(row)
    return PreparedLesson(
        words,
        {
            "up": [_up(row)],
            "blame": [_blame(row)],
            "none": [_none(row, words)],
            "order": [_order(row, *each) for each in weights],
            "multiply": [_multiply(row, *each) for each in weights],
            "penalty": [
                _penalty(row, *each, alpha)
                for each, alpha in zip(weights, _PENALTIES, strict=False)
            ],
            "zero": [_zero(row, words)],
        },
        subtitle=subtitle(row, subject),
        script="learn/row/backward_lesson.js",
        styles=("trace/network.css", "learn/row/row.css"),
        modules=row.modules,
        chosen=row.chosen,
        facts={**row.facts, "step": STEP, "small": SMALL},
        rows="It holds one row of the table and the weights of the network.",
    )


def _require_a_voice(row: TracedRow, subject: Subject) -> None:
    """Refuse a row that no weight of the hidden layer learns from."""
    if not followed_weights(row):
        raise DataError(
            f"No unit is on for row {row.number:,}",
            where=subject.name,
            why="Every derivative of the first layer is 0 then",
            fix="leave out --row (in Python: row): a row with a large loss is then taken",
        )


def gradient_of(row: TracedRow) -> Floats:
    """The derivatives of the weights of the hidden layer, (n_units, n_inputs)."""
    return np.outer(row.dZ1, row.X)


def followed_weights(row: TracedRow) -> list[tuple[int, int]]:
    """Weights with a derivative that is not 0, each of another unit and input where possible.

    The first one has the largest derivative. A step of 0.001 must not switch its unit off.
    """
    sizes = np.abs(gradient_of(row)) * (row.W1 != 0)
    sizes[row.Z1 <= 0] = 0
    sizes[np.outer(10 * STEP / np.maximum(row.Z1, 1e-300), np.abs(row.X)) > 1] = 0
    found: list[tuple[int, int]] = []
    left = sizes.copy()
    while len(found) < _MOST_WEIGHTS and left.max() > SMALL * sizes.max():
        unit, column = divmod(int(left.argmax()), left.shape[1])
        found.append((unit, column))
        left[unit, :] = 0
        left[:, column] = 0
    return found


def factors_of(row: TracedRow, unit: int, column: int) -> list[tuple[str, float]]:
    """The factors of the derivative of W1[unit,column], from the loss to the weight."""
    j, i = unit + 1, column + 1
    return [
        ("∂Loss/∂Ŷ", row.dYh),
        ("σ′(Z₂)", row.slope),
        (f"W₂[1,{j}]", float(row.W2[unit])),
        (f"relu′(Z₁[{j}])", 1.0 if row.Z1[unit] > 0 else 0.0),
        (f"X[{i}]", float(row.X[column])),
    ]


def _written_factors(row: TracedRow, unit: int, column: int) -> list[str]:
    """The factors with so many digits that their product is the one that is written."""
    values = [value for _, value in factors_of(row, unit, column)]
    product = float(gradient_of(row)[unit, column])
    return agreeing(product, values, product_of, digits=_DIGITS)


def _up(row: TracedRow) -> Variant:
    goal = row.classes[int(row.y)]
    right = "down" if row.dZ2 > 0 else "up"
    why = (
        f"The row was {goal}. A {'smaller' if right == 'down' else 'larger'} Z₂ gives {goal} more."
    )
    values = {
        "label": row.label, "z": written(row.Z2), "yh": written(row.Yh), "loss": written(row.loss),
        "positive": row.classes[1], "direction": right.capitalize(), "why": why,
        "d": written(row.dZ2),
    }  # fmt: skip
    choices = [
        {"text": each.capitalize(), "say": f"Right. {why} ∂Loss/∂Z₂ = Ŷ − Y = {values['d']}."
         if each == right else f"It is the other way. {why}"}
        for each in ("up", "down")
    ]  # fmt: skip
    return Variant(values, ["up", "down"].index(right), {"at": LOSS}, {"at": 6}, choices=choices)


def _blame(row: TracedRow) -> Variant:
    size = np.abs(row.dZ1)
    right = np.flatnonzero(size >= size.max() * (1 - 1e-12)).tolist()
    best, loud = right[0], int(np.argmax(row.A1))
    is_loudest = loud in right
    w, d = agreeing(float(row.dZ1[best]), [float(row.W2[best]), row.dZ2], product_of)
    values = {
        "unit": listed([k + 1 for k in right]), "w": w, "d": d,
        "blame": written(float(row.dZ1[best])), "loud": str(loud + 1),
        "also": f"Unit {loud + 1} is the loudest, too; but that is not why."
        if is_loudest else f"Unit {loud + 1} is the loudest, and its weight is "
        f"{written(float(row.W2[loud]))}.",
    }  # fmt: skip
    values["say"] = (
        f"Right: {values['w']} · {values['d']} = {values['blame']}. It is the unit that spoke with "
        f"the largest weight. {values['also']}"
    )
    return Variant(
        values, None, {"at": LOSS, "unit": -1, "right": right}, {"at": DZ1},
        key=f"unit {values['unit']}", paper=_voices(row) + LINE,
    )  # fmt: skip


def _none(row: TracedRow, words: LessonText) -> Variant:
    silent = row.silent
    found = words.more["none"]["silent" if silent else "all_on"]
    units = [unit + 1 for unit in silent]
    several = len(units) != 1
    values = {
        "units": f"Unit{'s' * several} {listed(units)} get{'s' * (not several)} 0."
        if units else "Every unit of this row is on, and gets its blame.",
    }  # fmt: skip
    values |= {key: found[key].format(**values) for key in ("aim", "text", "ask", "why")}
    weighty = max(silent, key=lambda unit: abs(row.W2[unit]), default=0)
    say = {"weight": f"Unit {weighty + 1} has the weight {written(float(row.W2[weighty]))} in W₂."}
    choices = [
        {"text": each["text"], "say": each["say"].format(**say)} for each in found["choices"]
    ]
    return Variant(values, found["answer"], {"at": DZ1, "unit": -1}, choices=choices)


def _order(row: TracedRow, unit: int, column: int) -> Variant:
    factors = factors_of(row, unit, column)
    mixed = _MIXED[(unit + column) % len(_MIXED)]
    values = {
        **_weight_values(row, unit, column),
        "order": " · ".join(name for name, _ in factors),
    }
    stage = {
        "at": DW, "unit": unit, "input": column, "mixed": mixed,
        "factors": [{"name": name, "value": value} for name, value in factors],
    }  # fmt: skip
    said = _written_factors(row, unit, column)
    rows = [[factors[k][0], said[k]] for k in mixed]
    return Variant(
        values,
        None,
        stage,
        key=values["order"],
        paper=table_html("The factors", ["factor", "value"], rows) + LINE,
    )


# Orders in which no factor stands at its own place.
_MIXED = ([4, 2, 0, 1, 3], [3, 4, 1, 0, 2], [2, 0, 4, 1, 3], [1, 3, 4, 2, 0], [3, 0, 1, 4, 2])


def _weight_values(row: TracedRow, unit: int, column: int) -> dict[str, str]:
    product = float(gradient_of(row)[unit, column])
    return {
        "weight": f"W₁[{unit + 1},{column + 1}]", "unit": str(unit + 1),
        "input": row.inputs[column], "product": written(product, _DIGITS),
        "w": written(float(row.W1[unit, column])),
        "wish": "smaller" if product > 0 else "larger",
    }  # fmt: skip


def _multiply(row: TracedRow, unit: int, column: int) -> Variant:
    values = _weight_values(row, unit, column)
    product = float(gradient_of(row)[unit, column])
    half = written(row.dZ2)
    values |= {"z2": half, "numbers": " · ".join(_written_factors(row, unit, column))}
    return Variant(
        values, product, {"at": DW, "unit": unit, "input": column},
        {"at": DW, "unit": unit, "input": column, "move": True},
    )  # fmt: skip


def _penalty(row: TracedRow, unit: int, column: int, supposed: float) -> Variant:
    alpha = row.penalty or supposed
    own = float(gradient_of(row)[unit, column]) * row.share
    added = alpha * float(row.W1[unit, column])
    larger = abs(added) > abs(own)
    (w,) = agreeing(
        added, [float(row.W1[unit, column])], lambda w: float(f"{alpha:.4g}") * w, digits=3
    )
    values = {
        **_weight_values(row, unit, column), "n": f"{row.n_rows:,}",
        "alpha": written(alpha), "own": written(own, 3), "added": written(added, 3), "w": w,
        "whose": f"This network was trained with α = {written(alpha)}: its alpha of "
        f"{written(alpha * row.n_rows)}, divided by {row.n_rows:,}." if row.penalty
        else f"This network was trained without one. Suppose α = {written(alpha)}.",
        "size": "larger" if larger else "smaller",
    }  # fmt: skip
    pulls = "the same way" if added * own > 0 else "the other way"
    say = f"α · W is {values['added']}, the row's share {values['own']}; the penalty pulls {pulls}."
    choices = [
        {"text": name, "say": f"Right: {say}" if is_right else f"It is the other way: {say}"}
        for name, is_right in (("Larger", larger), ("Smaller", not larger))
    ]
    stage = {"at": DW, "unit": unit, "input": column}
    return Variant(values, 0 if larger else 1, stage, choices=choices)


def _zero(row: TracedRow, words: LessonText) -> Variant:
    gradient = gradient_of(row)
    zeros = int((gradient == 0).sum())
    found = words.more["zero"]["there" if zeros else "nowhere"]
    reasons = []
    if row.silent:
        n = len(row.silent)
        reasons.append(f"every weight of unit{'s' * (n > 1)} "
                       f"{listed([unit + 1 for unit in row.silent])}: relu′ is 0")  # fmt: skip
    if (row.X == 0).any():
        empty = [row.inputs[k] for k in np.flatnonzero(row.X == 0).tolist()]
        more = f" and {len(empty) - 3} more" if len(empty) > 3 else ""
        reasons.append(f"every weight from {', '.join(empty[:3])}{more}: X is 0")
    if not zeros:
        unit, column = divmod(int(np.abs(gradient).argmin()), gradient.shape[1])
        reasons.append(f"W₁[{unit + 1},{column + 1}] has the smallest one")
    values = {
        "n": str(gradient.size), "zeros": str(zeros),
        "solution": "; ".join(reasons)[:1].upper() + "; ".join(reasons)[1:] + ".",
    }  # fmt: skip
    values |= {key: found[key].format(**values) for key in ("aim", "text", "ask", "paper")}
    return Variant(values, None, {"at": DW}, key=values["solution"])


def _voices(row: TracedRow) -> str:
    rows = [
        [str(unit), written(float(a)), written(float(w))]
        for unit, (a, w) in enumerate(zip(row.A1, row.W2, strict=True), 1)
    ]
    return table_html("The units", ["unit", "A1", "W2"], rows)
