"""The tables of a trace of grades: cumulative logits, probabilities, and the way back through them.

A cumulative model with proportional odds (McCullagh 1980): the logit of P(grade ≤ k) is a threshold
of the grade, and a score of the row that is the same at all thresholds.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.reporting.trace.tables.digits import moved_words, number, precise, sum_lines
from thalweg.reporting.trace.tables.trace_tables import TERMS, Section, followed_row

Facts = Mapping[str, Any]


def grade_sections(data: Facts) -> list[Section]:
    """The steps of the row that the chain follows; nothing for a model without grades."""
    place = data["chain"]["rows"].index(followed_row(data["chain"]["rows"]))
    found, row = data["passes"][place]["grades"], data["rows"][place]
    if found is None:
        return []
    n_grades = len(found["P"])
    grades = data["target"]["classes"] or [f"grade {k + 1}" for k in range(n_grades)]
    to = data["passes"][place]["to"]
    return [
        _logits(found, row, grades, to),
        _probabilities(found, row, grades),
        _way_back(found, row, grades, to),
    ]


def _logits(found: Facts, row: Facts, grades: list[str], to: str) -> Section:
    """C and Yh at each threshold."""
    Yh, score = row["prediction"], number(found["score"])
    words = (
        f"C[1] = {to}[1] and C[k] = C[k-1] + softplus({to}[k]), so that C rises from grade to "
        "grade. C[k] is the logit of at most grade k: Yh[k] = σ(C[k]).",
        f"C[k] is a threshold, which is the same for all rows, plus the score of the row, {score}. "
        "The score is what the row adds to "
        f"{to}[1]: at every threshold it multiplies the odds Yh[k] / (1 - Yh[k]) by the same "
        f"exp({score}). These are the proportional odds.",
    )
    rows = [
        (f"{k + 1} {grades[k]}", *map(number, (threshold, found["score"], found["C"][k], Yh[k])))
        for k, threshold in enumerate(found["thresholds"])
    ]
    heads = ("at most", "threshold", "score", "C[k]", "Yh[k] = σ(C[k])")
    title = f"The cumulative logits of row {row['row']}"
    return Section(title, words, heads, tuple(rows))


def _probabilities(found: Facts, row: Facts, grades: list[str]) -> Section:
    """P of each grade as a difference, and the loss."""
    g, ends = found["grade"], [*row["prediction"], 1.0]
    own = found["P"][g - 1]
    words = (
        "P[k] = Yh[k] - Yh[k-1], where Yh[0] is 0, and Yh of the last grade is 1. The engine "
        "multiplies σ(C[k]) σ(-C[k-1]) σ(Z[k]) instead, which is the same number without a "
        "difference of two close ones.",
        f"The grade of the row is {grades[g - 1]}: its loss is -log P[{g}] = -log {number(own)} = "
        f"{number(row['loss'])}.",
    )
    rows = [
        (f"{k + 1} {grades[k]}", number(end), number(ends[k - 1] if k else 0.0), number(P))
        for k, (end, P) in enumerate(zip(ends, found["P"], strict=True))
    ]
    title = f"The probability of each grade, row {row['row']}"
    return Section(title, words, ("grade", "Yh[k]", "Yh[k-1]", "P[k]"), tuple(rows))


def _way_back(found: Facts, row: Facts, grades: list[str], to: str) -> Section:
    """The derivative by the output that the chain goes through, threshold by threshold."""
    j, g = found["unit"], found["grade"]
    at, total = f"dLoss_{to}[{j}]", found["at_once"][j - 1]
    share = "" if row["share"] == 1 else f"{number(row['share'])} · "
    moves = "1 for every C[k]" if j == 1 else f"σ({to}[{j}]) for k ≥ {j}, else 0"
    words = [
        f"Loss = -log P[{g}], so dLoss_Yh[k] is {share}-1 / P[{g}] at the threshold where grade "
        f"{g} ends (Y[k] = 1), {share}1 / P[{g}] where it begins (Y[k] = -1), and 0 elsewhere. "
        f"dYh[k]_C[k] = Yh[k] (1 - Yh[k]), and dC[k]_{to}[{j}] is {moves}.",
    ]
    if j == 1:
        ends = [f"Yh[{k}]" for k in (g, g - 1) if 0 < k < len(found["P"])]
        left = f" + {ends[-1]} - 1" if len(ends) == 2 else " - 1" if g == 1 else ""
        added = f"({ends[0]}{left})" if share and left else f"{ends[0]}{left}"
        words.append(
            f"The products add up to {share}{added} = {precise(total)}. The engine "
            f"computes this sum at once."
        )
    title = f"The way back through the thresholds: {at} of row {row['row']}"
    if any(each is None for each in found["products"]):
        small = "P is too small to divide by, so that only the one step has a number."
        return Section(title, (*words, small))
    terms = [
        {
            "name": f"{k + 1} {grades[k]}",
            "text": " · ".join(number(found[key][k]) for key in ("slopes", "link", "column")),
            "value": product,
        }
        for k, product in enumerate(found["products"])
    ]
    order = sorted(terms, key=lambda term: not term["value"])
    lines, written = sum_lines(order, total, TERMS)
    by_name = {term["name"]: k for k, term in enumerate(terms)}
    cells = [
        (
            line.name,
            number(row["y"][by_name[line.name]]) if line.name in by_name else "",
            line.text,
            line.written,
        )
        for line in lines
    ]
    heads = ("at most", "Y", f"dLoss_Yh[k] · dYh[k]_C[k] · dC[k]_{to}[{j}]", "product")
    return Section(title, (*words, *moved_words(lines)), heads, (*cells, (at, "", "", written)), 1)
