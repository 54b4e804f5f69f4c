"""``thalweg trace``: one row through the network and back, in numbers; and two lessons beside."""

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from thalweg.cli import options, training_options
from thalweg.cli.empty import Empty, refuse_empty, with_empty
from thalweg.cli.outcome import Outcome
from thalweg.cli.reading import (
    MaxMemory,
    Reading,
    check_outputs,
    features_for,
    read_table,
    reading_of,
    rows_of,
)
from thalweg.endings import PAGE, check_ending
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Settings
from thalweg.files import write_atomic
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.reporting.trace.shown import Shown

_ROWS = re.compile(r"[1-9][0-9]{0,11}(-[1-9][0-9]{0,11})?")


# Target, positive class, columns to leave out, categories, and how the file is read.
_OfTable = tuple[str | None, str | None, list[str], list[str], Reading]


class _Asked(NamedTuple):
    """What of a model and a table is asked for."""

    row: str | None
    weight: str | None
    update: str | None
    steps: int
    check: bool
    plant: str | None
    seed: int


class _Subject(NamedTuple):
    """A model, and a table to take rows from."""

    model: "ThalwegClassifier"
    X: Any  # as the model takes it
    labels: list[str | None] | None
    name: str


_OF_LESSONS = (*PAGE, ".png", ".svg")


@training_options.takes_settings(leave_out=("loss", "class_weight", "n_ensemble"))
def trace(
    what: options.TraceWhat = None,
    row: options.TraceRow = None,
    weight: options.TraceWeight = None,
    update: options.TraceUpdate = None,
    steps: options.TraceSteps = 3,
    check: options.TraceCheck = False,
    plant: options.TracePlant = None,
    lesson: options.TraceLesson = None,
    target: options.Target = None,
    positive: options.Positive = None,
    drop: options.Drop = None,
    category: options.Category = None,
    separator: options.Separator = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    empty: Empty = None,
    max_memory: MaxMemory = None,
    output: options.PageTo = "-",
    force: options.Force = False,
    seed: options.Seed = 0,
    settings: Settings = training_options.NONE_GIVEN,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Follow a row through a network and back: every number, and the chain rule with its factors.

    With a TABLE alone a network is trained on all of it first; with MODEL TABLE rows of the table
    go through that model. --check compares the gradient with differences of the loss instead.
    """
    reading = reading_of(locals())
    asked = _Asked(row, weight, update, steps, check or plant is not None, plant, seed)
    with Outcome("trace", as_json=as_json, quiet=quiet) as outcome:
        check_outputs({"-o": output}, what or [], force=force)
        if output != "-":
            kind, endings = ("A trace", PAGE) if lesson is None else ("A lesson", _OF_LESSONS)
            check_ending(output, kind, endings, flag="-o")
        if lesson is not None:
            if what or asked != _Asked(None, None, None, 3, False, None, seed):
                raise SettingsError(
                    "A lesson is of no table and no model", fix="leave all else out"
                )
            shown = _lesson()
        else:
            of_table = (target, positive, drop or [], category or [], reading)
            subject = _subject(outcome, what or [], of_table, settings, asked, empty)
            shown = _checked(subject, asked) if asked.check else _traced(subject, asked)
        _give(outcome, shown, output, force)


def _subject(
    outcome: Outcome,
    what: list[str],
    of_table: _OfTable,
    settings: Settings,
    asked: _Asked,
    empty: list[str] | None,
) -> _Subject:
    """The model and the table that were named, or a model trained on the table."""
    target, positive, drop, category, reading = of_table
    first_is_model = bool(what) and _is_model(what[0])
    if len(what) < 2:
        refuse_empty(empty)
    if len(what) == 1 and not first_is_model:
        outcome.seed = asked.seed
        return _trained(outcome, what[0], of_table, settings, asked.seed)
    if not what or len(what) > 2 or not (len(what) == 2 or asked.check):
        told = {0: "No table is named", 1: "A model alone has no row to follow"}
        raise SettingsError(
            told.get(len(what), f"{len(what)} files are one too many, or more"),
            fix="name TABLE, or MODEL TABLE; a MODEL alone with --check",
        )
    if settings or positive or drop or category:
        raise SettingsError(
            "A saved model has its settings, its columns and its positive class",
            fix="name MODEL and TABLE without those options, or TABLE alone",
        )
    return _saved(outcome, what, target, reading, empty)


def _is_model(path: str) -> bool:
    """Whether a file begins as model files do; a table does not."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        begin = file.read(9)
    return begin[4:8] == bytes(4) and begin[8:] == b"{"


def _trained(
    outcome: Outcome,
    source: str,
    of_table: _OfTable,
    settings: Settings,
    seed: int,
) -> _Subject:
    """A network trained on all rows of a table."""
    from thalweg.cli.making import estimator_for
    from thalweg.estimators.retrace import require_two_classes

    lesson = read_table(outcome, source, *of_table, "classification")
    table, y = lesson.table, lesson.y
    model = estimator_for(lesson, settings, seed, verbose=not outcome.quiet).fit(table.frame, y)
    require_two_classes(model)
    outcome.say(f"Trained on all {counted(len(y), 'row')} of {table.name}; seed {seed}.")
    return _Subject(model, table.frame, y.tolist(), table.name)


def _saved(
    outcome: Outcome,
    what: list[str],
    target: str | None,
    reading: Reading,
    empty: list[str] | None,
) -> _Subject:
    """A model from a file, and the table to take rows from, if there is one."""
    from thalweg.data.cells import missing_cells
    from thalweg.data.read import load_table
    from thalweg.persistence.model_file import read_model

    file = read_model(what[0])
    if len(what) == 1:
        return _Subject(file.model, None, None, what[0])
    # Every column, the target too: one row has one class, and no target could be learned of it.
    table = load_table(what[1], need_target=False, target="", **reading)
    table = with_empty(table, empty, file.model.schema_.names)
    name, labels = target or file.target, None
    if name in table.frame.columns:
        cells = table.frame[name]
        holes = missing_cells(cells)
        labels = [None if h else str(c).strip() for c, h in zip(cells, holes, strict=True)]
    elif target is not None:
        raise SettingsError(f'There is no column "{target}"', where=table.name, fix="name another")
    outcome.data = {"name": table.name, "rows": len(table.frame), "notes": list(table.notes)}
    for note in table.notes:
        outcome.say(note)
    return _Subject(file.model, features_for(file.model, table), labels, table.name)


def _labels(subject: _Subject, rows: list[int]) -> list[str] | None:
    """What the rows are, if that is known of all of them."""
    found = [subject.labels[row] for row in rows] if subject.labels else [None]
    known = [label for label in found if label is not None]
    return known if len(known) == len(found) else None


def _traced(subject: _Subject, asked: _Asked) -> "Shown":
    from thalweg.reporting.trace.model_trace import trace_model

    rows = _rows(asked.row or "1", len(subject.X))
    return trace_model(
        subject.model,
        rows_of(subject.model, subject.X, rows),
        _labels(subject, rows),
        weight=asked.weight,
        optimizer=asked.update,
        steps=asked.steps,
        rows=[row + 1 for row in rows],
        subject=subject.name,
    )


def traced_rows(
    outcome: Outcome,
    model: str,
    table: str,
    rows: str,
    empty: list[str] | None,
    max_memory: str | None,
) -> dict[str, Any]:
    """The trace of rows of a table through a saved model, as plain data."""
    reading = reading_of({"max_memory": max_memory})
    subject = _saved(outcome, [model, table], None, reading, empty)
    return _traced(subject, _Asked(rows, None, None, 3, False, None, 0)).data


def _rows(text: str, n_rows: int) -> list[int]:
    """``"17"`` or ``"3,17-19"``, counted from 1, as places counted from 0."""
    found: list[int] = []
    for part in (each.strip() for each in text.split(",")):
        if not _ROWS.fullmatch(part):
            raise SettingsError(
                f'"{part}" is no row', where=f"--row {text}", fix="write 17, or 3,17-19"
            )
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not low <= high <= n_rows:
            raise SettingsError(
                f"There is no row {part}",
                where=f"--row {text}",
                fix=f"the table has the rows 1 to {n_rows:,}",
            )
        found += range(low - 1, high)
    return list(dict.fromkeys(found))


def _checked(subject: _Subject, asked: _Asked) -> "Shown":
    from thalweg.reporting.trace.model_trace import check_model_gradient

    for flag, value in (("--weight", asked.weight), ("--update", asked.update)):
        if value is not None:
            raise SettingsError(f"{flag} is of a trace", fix=f"leave out {flag}, or the check")
    rows, X, y = [], None, None
    if subject.X is not None:
        n_rows = len(subject.X)
        rows = _rows(asked.row, n_rows) if asked.row else list(range(n_rows))
        X, y = rows_of(subject.model, subject.X, rows), _labels(subject, rows)
    elif asked.row:
        raise SettingsError("There is no table to take rows from", fix="name MODEL TABLE")
    return check_model_gradient(subject.model, X, y, fault=asked.plant, seed=asked.seed)


def _lesson() -> "Shown":
    from thalweg.reporting.trace.derivative_lesson import show_derivative_lesson

    return show_derivative_lesson()


def _give(outcome: Outcome, shown: "Shown", output: str, force: bool) -> None:
    """The result, where it was asked for; a check that fails is told by the exit code."""
    from thalweg.reporting.trace.text import TEXT

    outcome.result = {"kind": shown.kind, "file": None if output == "-" else output}
    outcome.result[shown.kind] = shown.data
    if output == "-":
        outcome.show(TEXT[shown.kind](shown.data))
    else:
        _write(outcome, shown, output, force)
    outcome.check_failed = shown.kind == "check" and not shown.data["passes"]


def _write(outcome: Outcome, shown: "Shown", output: str, force: bool) -> None:
    """The page, or of the lesson its picture."""
    form = os.path.splitext(output)[1].lower()
    if form in (".png", ".svg") and shown.kind == "lesson":
        from thalweg.reporting.figures.picture import save_figure
        from thalweg.reporting.trace.derivative_lesson import ShownLesson

        assert isinstance(shown, ShownLesson)
        save_figure(shown.figure(), output, overwrite=force)
        outcome.say(f"Wrote the picture to {output}.")
        return
    write_atomic(output, shown.to_html().encode(), overwrite=force)
    outcome.say(f"Wrote the page to {output}: open it in a browser.")
