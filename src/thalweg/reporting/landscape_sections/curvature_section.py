"""The section of a landscape page about λ: the curvature at both ends of each run, and its rate."""

from collections.abc import Sequence

from thalweg.landscape.ground.curvature_at_ends import (
    END,
    FORMULAS,
    START,
    EndCurvature,
    curvature_words,
)
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.html_pieces import text
from thalweg.reporting.landscape.drawn_run import DrawnRun

_HEADS = (
    "run", "λ at the start", "rate there", "bound there", "λ at the end", "rate there",
    "bound there", "lowest eigenvalue at the end",
)  # fmt: skip
Curved = Sequence[tuple[DrawnRun, tuple[EndCurvature, ...]]]


def curvature_lines(found: Curved) -> list[str]:
    """λ at both ends of each run, and what it means, in lines of text.

    What is not sure at the start is said once: runs share it.
    """
    measured = [(line, both) for line, both in found if both]
    said = _unsure_starts(measured)
    for line, both in measured:
        ends = [each for each in both if each.where == END or each.extremes.found]
        if ends:
            words = " ".join(each.sentence() for each in ends)
            said.append(f"{line.words[:1].upper()}{line.words[1:]}: {words}")
    return [*said, *curvature_words([(line.words, both) for line, both in measured])]


def _unsure_starts(measured: Curved) -> list[str]:
    starts = (both[0].extremes for _, both in measured if not both[0].extremes.found)
    said = (
        f"λ at the start, which the runs share, is {written(each.largest)}; {each.unsure()}, and "
        "no bound of a rate follows."
        for each in starts
    )
    return list(dict.fromkeys(said))


def curvature_html(found: Curved) -> str:
    """The section, or nothing if no curvature was measured."""
    measured = [(line, both) for line, both in found if both]
    if not measured:
        return ""
    said = [
        *_unsure_starts(measured),
        *_unsure_ends(measured),
        *curvature_words([(line.words, both) for line, both in measured]),
    ]
    rows = "".join(_row(line, both) for line, both in measured)
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    words = "".join(f"<li>{text(each, 400)}</li>" for each in said)
    return (
        f'<section class="badge" id="curvature"><h2>{_title(measured)}</h2>'
        f'<div class="scroll"><table class="cards"><caption>λ at the ends of the runs</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div><ul>{words}</ul>"
        "</section>"
    )


def _unsure_ends(measured: Curved) -> list[str]:
    """Why λ is not sure where runs end."""
    return [
        f"{line.words[:1].upper()}{line.words[1:]}: {both[-1].sentence()}"
        for line, both in measured
        if both[-1].where == END and not both[-1].extremes.found
    ]


def _title(measured: Curved) -> str:
    """Which runs begin above the bound of their rate."""
    bound = [line.words for line, both in measured if both[0].bound is not None]
    above = [line.words for line, both in measured if both[0].above]
    if not bound:
        return "How much the loss bends: λ at both ends"
    if not above:
        return "How large may a step be? No run begins above its bound"
    names = above[0] if len(above) == 1 else f"{', '.join(above[:-1])} and {above[-1]}"
    return f"How large may a step be? Above the bound at the start: {text(names)}"


def _row(line: DrawnRun, both: Sequence[EndCurvature]) -> str:
    cells: list[str] = []
    ends = {each.where: each for each in both}
    for where in (START, END):
        end = ends.get(where)
        if end is None:
            cells += ["diverged", "", ""]
            continue
        largest = written(end.extremes.largest)
        error = (
            f" ± {written(end.extremes.residual, 1)} of it" if end.extremes.found else " (not sure)"
        )
        bound = "none" if not end.kind else "not known"
        if end.bound is not None:
            bound = f"{FORMULAS[end.kind]} = {written(end.bound)}"
        above = " (above)" if end.above else ""
        rate = "" if end.rate is None else f"{written(end.rate)}{above}"
        cells += [f"{largest}{error}", rate, bound]
    end = ends.get(END)
    cells.append("" if end is None else _lowest(end))
    shown = "".join(
        f'<td data-label="{head}">{cell}</td>' for head, cell in zip(_HEADS[1:], cells, strict=True)
    )
    return f'<tr><th scope="row"><i data-look="{line.look}"></i>{text(line.words)}</th>{shown}</tr>'


def _lowest(end: EndCurvature) -> str:
    found = written(end.extremes.smallest)
    if not end.extremes.found:
        return f"{found} (not sure)"
    return f"{found}: no minimum" if end.extremes.downwards else f"{found}: curves down nowhere"
