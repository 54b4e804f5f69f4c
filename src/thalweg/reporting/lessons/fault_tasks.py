"""The lesson on planted faults: a small network, rows of the table, and what each fault spoils."""

from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.export.javascript import module_text
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.expressions.symbols import traced
from thalweg.reporting.html_pieces import text
from thalweg.reporting.lessons.lesson_texts import LessonText, filled_text, lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.trace.model_trace import trace_model
from thalweg.reporting.trace.page.traced_page_data import formulas_of
from thalweg.reporting.trace.table_rows import table_rows
from thalweg.tracing.planted_faults import FAULTS
from thalweg.tracing.row_trace import Trace, trace
from thalweg.wording import counted

# What is drawn and read at a glance.
MOST_UNITS, MOST_DRAWN, MOST_INPUTS = 8, 12, 200
# Large enough to be seen in a ratio; what a fit has is far below.
PENALTY = 0.05
# How far from 1 the ratio of a right derivative may be: `fits` of learn/net.js.
FITS = 1e-4
# A derivative of this size is not compared: there, too.
NOTHING = 1e-9
_PATTERNS = {
    frozenset(blocks.split()): said
    for blocks, said in (
        ("W1 b1 W2 b2", "In all four blocks"),
        ("W1 b1", "In W1 and b1 only"),
        ("W2", "In W2 only"),
        ("b1", "In b1 only"),
        ("W1 W2", "In the weights, in no bias"),
        ("b1 b2", "In the biases, in no weight"),
    )
}


def fault_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If the network of the subject cannot be shown in fourteen lines.
    """
    words = lesson_text("fault")
    one, two = _traces(subject)
    architecture = one.architecture
    lines = _lines(words, architecture.activations[0])
    shown = [name for name in words.more["faults"] if _wrong_blocks(one, name) in _PATTERNS]
    if not shown:
        raise DataError(
            "No planted fault shows on this row", where=subject.name, fix="take another row"
        )
    faults = {name: words.more["faults"][name] for name in shown}
    seconds = words.more["second"]
    forms = {name: each["forms"] for name, each in {**faults, **seconds}.items()}
    common = {"activation": architecture.activations[0]}
    return PreparedLesson(
        words,
        {
            **{
                step: [_task(step, name, one, lines, faults[name], common) for name in shown]
                for step in ("pattern", "line", "why", "fix")
            },
            "second": [_second(name, each, lines, two) for name, each in seconds.items()],
            "article": [_article(one)],
        },
        subtitle=_subtitle(subject, one),
        script="learn/fault_lesson.js",
        styles=("learn/fault.css",),
        modules={"formulas.js": _formulas(architecture.activations[0])},
        facts=_facts(subject, two, lines, forms, faults),
        rows="It holds two rows of the table, encoded, and a network.",
    )


def _traces(subject: Subject) -> tuple[Trace, Trace]:
    """The row alone, and the row with another one of the other class."""
    labels = subject.labels
    others = np.flatnonzero(labels != labels[subject.row])
    behind = others[others > subject.row]
    other = int(behind[0] if len(behind) else others[0])
    rows = [subject.row, other]
    taken = table_rows(subject.model, subject.rows, rows)
    seen = trace_model(subject.model, taken, labels[rows].tolist()).trace
    architecture = seen.architecture
    sizes = architecture.sizes
    if len(sizes) != 3 or sizes[1] > MOST_UNITS or sizes[0] > MOST_INPUTS or sizes[2] != 1:
        raise DataError(
            f"A network of the layers {'-'.join(map(str, sizes))} is not for this lesson",
            why=f"Its code shows one hidden layer of at most {MOST_UNITS} units, at most "
            f"{MOST_INPUTS} inputs and one output",
            fix="leave out columns with --drop (in Python: drop)"
            if sizes[0] > MOST_INPUTS
            else "name the TABLE alone: a small network is then trained on it",
        )
    objective = Objective("sigmoid_cross_entropy", PENALTY)
    Y = np.round(seen.data.Y)  # without label smoothing: the code of the lesson has 0 and 1

    def of(n: int) -> Trace:
        return trace(architecture, objective, seen.theta, Data.of(seen.data.X[:n], Y[:n]))

    return of(1), of(2)


def _wrong_blocks(right: Trace, fault: str) -> frozenset[str]:
    """The blocks of θ of which the check marks a weight."""
    wrong, true = FAULTS[fault].gradient(right), right.gradient
    compared = np.abs(true) >= NOTHING
    off = np.zeros(len(true), bool)
    off[compared] = np.abs(wrong[compared] / true[compared] - 1) >= FITS
    return frozenset(block.name for block in right.architecture.blocks if block.of(off).any())


def _lines(words: LessonText, activation: str) -> list[dict[str, str]]:
    """The code of the pass, each line with all of its forms."""
    return [
        {key: filled_text(form, {"activation": activation}) for key, form in line.items()}
        for line in words.more["lines"]
    ]


def _task(
    step: str, name: str, one: Trace, lines: list[dict[str, str]], fault: Any,
    common: dict[str, str],
) -> Variant:  # fmt: skip
    """A step about one fault."""
    wrong = _wrong_blocks(one, name)
    places = [i for i, line in enumerate(lines) if line["key"] in fault["forms"]]
    # The check marks no line that computes the right numbers all the same: a sum over one unit.
    seen = [i for i in places if _may_show(lines[i]["key"], wrong)]
    number = seen[0]
    form = fault["forms"][lines[number]["key"]]
    pattern = _PATTERNS[wrong]
    values = {
        "fault": name, "pattern": pattern, "number": str(number + 1),
        "wrong_line": lines[number][form], "right_line": lines[number]["right"],
        "hint": filled_text(fault["hint"], common), "why": filled_text(fault["why"], common),
        "blocks": " ".join(sorted(wrong)),
    }  # fmt: skip
    stage = {"fault": name}
    if step == "pattern":
        all_of_them = list(_PATTERNS.values())
        place = all_of_them.index(pattern)
        near = sorted({place, (place + 1) % len(all_of_them), (place + 3) % len(all_of_them)})
        say = {True: "Right.", False: "Look at the marked cells again, block by block."}
        choices = [{"text": all_of_them[i], "say": say[i == place]} for i in near]
        paper = _code(lines, fault["forms"]) + _ratios(one, name)
        return Variant(values, near.index(place), stage, choices=choices, paper=paper)
    if step == "why":
        return Variant(values, fault["answer"], stage, choices=fault["choices"])
    key = values["right_line"]
    if step == "line":
        said = [_wrong_and_right(lines[i], fault["forms"], i, shows=i in seen) for i in places]
        key = f"{'; '.join(said)}. The check marks {', '.join(sorted(wrong))}."
    return Variant(values, None, stage, key=key)


def _may_show(key: str, wrong: frozenset[str]) -> bool:
    """Whether a wrong line can be the reason: that of a block shows in this block alone."""
    return key[1:] in wrong or key[1:] not in ("W1", "b1", "W2", "b2")


def _wrong_and_right(line: dict[str, str], forms: dict[str, str], i: int, *, shows: bool) -> str:
    """A wrong line and how it should be, for the key."""
    hidden = "" if shows else " (which shows in no ratio here)"
    return f"Line {i + 1}{hidden}: {line[forms[line['key']]]}, and right: {line['right']}"


def _second(name: str, fault: Any, lines: list[dict[str, str]], two: Trace) -> Variant:
    """A fault that one row cannot show."""
    (key, form), = fault["forms"].items()  # fmt: skip
    line = next(line for line in lines if line["key"] == key)
    answer = fault["choices"].index(form)
    say = {
        "sum": "A sum over two rows is twice their mean: the ratios of the biases are 2.",
        "last": "Only the last row counts, and halved: the biases have no common ratio.",
        "minus": "Then the ratios would be negative, with one row, too.",
    }
    choices = [
        {"text": line[each], "say": f"Right. {say[each]}" if i == answer else say[each]}
        for i, each in enumerate(fault["choices"])
    ]
    values = {"wrong_line": line[form]}
    return Variant(values, answer, {"fault": name}, choices=choices, paper=_ratios(two, name))


def _article(one: Trace) -> Variant:
    """The slope of the sigmoid at Z2 and at Ŷ, for the row."""
    z, y = float(one.passed.Z[-1][0, 0]), float(one.prediction[0, 0])
    s = 1 / (1 + np.exp(-y))
    right, wrong = y * (1 - y), s * (1 - s)
    written = {
        "z": z, "y": y, "s": s, "right_slope": right, "wrong": wrong, "ratio": wrong / right
    }  # fmt: skip
    values = {name: f"{value:.4g}".replace("-", "−") for name, value in written.items()}
    return Variant(values, [right, float(wrong), float(wrong / right)])


def _formulas(activation: str) -> str:
    """The module ``formulas.js`` of the page."""
    formulas = formulas_of([activation, "identity"], "sigmoid_cross_entropy")
    # What the planted faults take at a wrong place.
    slope = traced(ACTIVATIONS["sigmoid"].slope, "z")
    return module_text({**formulas, "sigmoid_slope": slope})


def _facts(
    subject: Subject, two: Trace, lines: list[dict[str, str]], forms: Any, faults: Any
) -> dict[str, Any]:
    """The network, the rows, and the gradient of Python, which the page checks itself against."""
    model = subject.model
    inputs = model.encoder_.output_names(model.schema_.names, model.schema_.levels)
    X = two.data.X
    return {
        "sizes": list(two.architecture.sizes),
        "activation": two.architecture.activations[0],
        "theta": two.theta.tolist(),
        "penalty": PENALTY,
        "X": X.tolist(),
        "Y": two.data.Y[:, 0].tolist(),
        "gradient": two.gradient.tolist(),
        "inputs": [str(name)[:60] for name in inputs],
        "shown": _drawn(X),
        "lines": lines,
        "forms": forms,
        "faults": {name: {"fix": each["fix"]} for name, each in faults.items()},
    }


def _subtitle(subject: Subject, one: Trace) -> str:
    sizes = "-".join(map(str, one.architecture.sizes))
    return (
        f"A network {sizes} with {one.architecture.activations[0]}, and row {subject.number} of "
        f"{subject.name}, {subject.labels[subject.row]}; penalty a = {PENALTY:g}."
    )


def _code(lines: list[dict[str, str]], forms: dict[str, str]) -> str:
    """The code of the pass for paper, with its fault."""
    numbered = "\n".join(  # each line alone is a text: in a text the ends of lines are escaped
        text(f"{i:2}  {line[forms.get(line['key'], 'right')]}", 300)
        for i, line in enumerate(lines, 1)
    )
    return f"<pre>{numbered}</pre>"


def _ratios(right: Trace, fault: str) -> str:
    """The check of a fault for paper: the wrong derivative divided by the right one."""
    wrong, true = FAULTS[fault].gradient(right), right.gradient
    parts = []
    counted_rows = counted(len(right.data.X), "row")
    pairs = zip(right.architecture.blocks[::2], right.architecture.blocks[1::2], strict=True)
    for layer, (W, b) in enumerate(pairs):
        n = W.of(true).shape[1]
        shown = range(n) if layer else _drawn(right.data.X)
        rows = []
        for unit in range(b.size):
            both = [(W.of(wrong)[unit, k], W.of(true)[unit, k]) for k in shown]
            both.append((b.of(wrong)[unit, 0], b.of(true)[unit, 0]))
            cells = "".join(f"<td>{_ratio(float(x), float(y))}</td>" for x, y in both)
            rows.append(f"<tr><th>{unit + 1}</th>{cells}</tr>")
        head = "".join(f"<th>{'A' if layer else 'X'}{k + 1}</th>" for k in shown)
        more = n - len(shown)
        parts.append(
            f'<div class="scroll" tabindex="0" role="region" '
            f'aria-label="Ratios of {W.name}, {counted_rows}">'
            f'<table class="checked"><tr><th>{W.name}</th>{head}<th>{b.name}</th></tr>'
            f"{''.join(rows)}</table></div>"
            + (f'<p class="note">{more:,} more inputs are not shown.</p>' if more else "")
        )
    return "".join(parts)


def _drawn(X: np.ndarray) -> list[int]:
    """The inputs whose ratios are shown: the largest ones of the first row."""
    return sorted(np.argsort(-np.abs(X[0]), kind="stable")[:MOST_DRAWN].tolist())


def _ratio(wrong: float, right: float) -> str:
    """A ratio with two decimals; a dash where there is nothing to compare."""
    if abs(right) < NOTHING:
        return "–"
    ratio = wrong / right
    written = f"{ratio:.2f}"
    if written == "1.00" and abs(ratio - 1) > FITS:  # what is not 1 must not be read as 1
        written = f"{ratio:.4f}"
    return written.replace("-", "−")
