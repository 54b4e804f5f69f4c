"""The tables of each kind of data: a trace, the gradient check, the derivative lesson.

``SECTIONS`` says for each kind of plain data which tables show it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thalweg.network.gradcheck import FORMULA
from thalweg.reporting.trace.tables.column_tables import column_sections
from thalweg.reporting.trace.tables.digits import number, precise
from thalweg.reporting.trace.tables.grade_tables import grade_sections
from thalweg.reporting.trace.tables.target_tables import (
    calibration_sections,
    rows_section,
    scale_sections,
    softmax_sections,
)
from thalweg.reporting.trace.tables.trace_notes import NOT_KNOWN
from thalweg.reporting.trace.tables.trace_tables import (
    Section,
    chain_sections,
    passes_section,
    shown_rows,
    sum_section,
)
from thalweg.reporting.trace.tables.update_tables import update_sections
from thalweg.wording import counted

Facts = Mapping[str, Any]


def trace_sections(data: Facts) -> list[Section]:
    """The whole trace: rows of a batch, columns, both passes, sums, the chain and the update."""
    return [
        *([rows_section(data)] if len(data["rows"]) > 1 else []),
        *scale_sections(data),
        *column_sections(data),
        *(passes_section(data, r) for r in shown_rows(data)),
        *softmax_sections(data),
        *grade_sections(data),
        *calibration_sections(data),
        *(sum_section(each) for each in data["sums"]),
        *chain_sections(data["chain"], chosen=data["chosen"]),
        *update_sections({**data["update"], "name": data["chain"]["name"]}),
    ]


def check_sections(data: Facts) -> list[Section]:
    """The gradient check, block by block."""
    parts = data["parts"]
    blocks = _blocks(data, "errors")
    rows = [(name, *(_apart(part, name, data["tolerance"]) for part in parts)) for name in blocks]
    words = [
        "The gradient and fourth-order central differences of the loss, with each weight w moved "
        f"alone: {FORMULA}. {_on_rows(data)} The table has the largest relative error in each "
        f"block of θ. Up to {data['tolerance']:g} counts as agreement, and "
        "errors that the rounding of a loss explains are not counted."
    ]
    for part in parts:
        said = f"{part['part']}: {part['compared']:,} of {data['n_parameters']:,} compared"
        if part["shortened"]:
            said += f", {part['shortened']:,} with a shorter step because of a kink"
        if part["redrawn"]:
            said += f", {part['redrawn']:,} on other rows because of a kink"
        if part["left_out"]:
            said += f", {part['left_out']:,} left out because of kinks"
            if part["absent"]:
                said += f", among them all of {', '.join(part['absent'])}"
        words.append(f"{said}.")
    words += _unseen_words(parts)
    if not data["objective_known"]:
        words.append(NOT_KNOWN)
    if data["fault"]:
        words.insert(0, f"Planted on purpose: {data['fault']}. {data['fault_text']}")
    heads = ("block", *(part["part"] for part in parts))
    return [Section(verdict(data), tuple(words), heads, tuple(rows))]


def _on_rows(data: Facts) -> str:
    """On which rows derivatives are compared: the first batch, and others only because of kinks."""
    n, batch = data["n_rows"], data["batch"]
    first = counted(min(n, batch), "random row" if data["drawn"] else "row")
    if n <= batch:
        return f"L is the loss of {first}."
    return (
        f"L is the loss of {first}. Where steps cross a kink it is that of others, {batch} at a "
        f"time, of {n:,} in all."
    )


def lesson_sections(data: Facts) -> list[Section]:
    """Difference quotients at each point, and where they are best."""
    found = []
    for point in data["points"]:
        rows = tuple(
            (f"{h:g}", precise(forward), number(off, 2), precise(central), number(apart, 2))
            for h, forward, off, central, apart in zip(
                data["steps"], point["forward"], point["forward_error"], point["central"],
                point["central_error"], strict=True,
            )
        )  # fmt: skip
        title = f"f(x) = {data['name']} at x = {point['at']:g}, where the slope is "
        heads = ("h", "(f(x+h) - f(x)) / h", "error", "(f(x+h) - f(x-h)) / 2h", "error")
        found.append(Section(f"{title}{number(point['slope'])}", (), heads, rows))
    forward, central = (f"{data['turns'][kind]:g}" for kind in ("forward", "central"))
    words = (
        f"The forward quotient is best at h = {forward}, the central one at h = {central}. For a "
        "larger h the quotient is the slope of a chord, not of the tangent. This is truncation, "
        "which shrinks with h, or with h² for the central one. For a smaller h the difference "
        "keeps too few of the 16 digits of a number. This is rounding, which grows like 1 / h.",
        "For x² the central quotient has no truncation at all: (x + h)² - (x - h)² = 4 x h. So a "
        "small h has no advantage.",
    )
    return [*found, Section("What it says", words if data["name"] == "x²" else words[:1])]


def verdict(data: Facts) -> str:
    """The result of a check, in one sentence."""
    if data["passes"]:
        worst = f"{data['worst']:.1e}" if data["worst"] else "0"
        unseen, absent = (_blocks(data, key) for key in ("unseen", "absent"))
        where = " where it could be compared" if unseen or absent else ""
        said = (
            f"The gradient is right{where}: its largest relative error beyond rounding is {worst}"
        )
        if unseen:
            said += f"; in {', '.join(unseen)}, rounding leaves nothing to compare"
        if absent:
            said += f"; no element of {', '.join(absent)} could be compared"
        return said
    if not data["compares"]:
        return "The check says nothing about the gradient: there was no derivative to compare"
    wrong = [
        name
        for name in _blocks(data, "errors")
        if not all((part["errors"].get(name) or 0) <= data["tolerance"] for part in data["parts"])
    ]
    planted = "caught the planted fault" if data["fault"] else "failed"
    worst = _error(data["worst"])
    return f"The check {planted}: the gradient is wrong in {', '.join(wrong)}, by up to {worst}"


def _blocks(data: Facts, key: str) -> list[str]:
    """The blocks of all parts under this key, each once."""
    return list(dict.fromkeys(name for part in data["parts"] for name in part[key]))


def _unseen_words(parts: Sequence[Facts]) -> list[str]:
    """In which blocks rounding leaves nothing to compare."""
    found: dict[tuple[str, ...], list[str]] = {}
    for part in parts:
        found.setdefault(tuple(part["unseen"]), []).append(part["part"])
    return [
        f"{' and '.join(names)}: in {', '.join(blocks)} all derivatives are 0, or so small that "
        "rounding leaves nothing to compare. There, the check says nothing."
        for blocks, names in found.items()
        if blocks
    ]


def _apart(part: Facts, block: str, tolerance: float) -> str:
    """The error of a block; if rounding alone makes it too large, that is said."""
    if block in part["unseen"]:
        return "nothing to compare"
    apart, error = part["apart"].get(block), part["errors"].get(block)
    if apart is None or error is None:
        return _error(None)
    return f"{_error(apart)} rounding" if apart > tolerance >= error else _error(apart)


def _error(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.1e}"


SECTIONS: dict[str, Callable[[Facts], list[Section]]] = {
    "trace": trace_sections,
    "chain": chain_sections,
    "update": update_sections,
    "check": check_sections,
    "lesson": lesson_sections,
}
