"""``thalweg trace``: options and output of tracing rows, of gradient checks, and of the lesson."""

from typing import TYPE_CHECKING

from thalweg.cli.console_listener import Talk, file_of
from thalweg.cli.escaped_names import names_of
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import ColumnOptions, Empty, ReadingOptions, with_groups
from thalweg.cli.options.training_options import ARTICLE, NetworkOptions, TracePreset
from thalweg.errors import SettingsError
from thalweg.wording import unescaped

if TYPE_CHECKING:
    from thalweg.reporting.trace.trace_display import Shown


@with_groups
def trace(
    what: verb_options.TraceWhat = None,
    *,
    row: verb_options.TraceRow = None,
    weight: verb_options.TraceWeight = None,
    update: verb_options.TraceUpdate = None,
    steps: verb_options.TraceSteps = 3,
    check: verb_options.TraceCheck = False,
    plant: verb_options.TracePlant = None,
    lesson: verb_options.TraceLesson = None,
    columns: ColumnOptions,
    task: verb_options.Task = None,
    reading: ReadingOptions,
    empty: Empty = None,
    output: verb_options.PageTo = "-",
    force: verb_options.Force = False,
    seed: verb_options.Seed = 0,
    preset: TracePreset = None,
    network: NetworkOptions,
    as_json: verb_options.Json = False,
    quiet: verb_options.Quiet = False,
) -> None:
    """Trace rows through a network and back: every number, and the factors of the chain rule.

    With a TABLE alone, a network is trained on all of its rows first; with MODEL TABLE, rows of the
    table go through that model. Without --row, the row with the largest loss is taken. --check
    compares the gradient with finite differences instead.
    """
    with Talk("trace", as_json=as_json, quiet=quiet) as talk:
        from thalweg.reporting.trace.text import TEXT

        settings = network.settings()
        if preset not in (None, ARTICLE):
            settings["preset"] = preset
        shown: Shown
        if lesson is not None:
            more = any((what, row, weight, update, check, plant)) or steps != 3
            shown = _taught(talk, file_of(output), force, more)
        else:
            from thalweg.jobs.trace import TraceRequest
            from thalweg.jobs.trace import trace as job

            model, table = _model_and_table(what or [])
            read = reading.reading()
            named = unescaped if table is None else names_of(table, read)
            request = TraceRequest(
                model=model, table=table, row=row, weight=weight, update=update, steps=steps,
                check=check, plant=plant, columns=columns.columns(named), reading=read,
                settings=settings, task=task or "auto", article=preset == ARTICLE,
                empty=[*map(unescaped, empty or [])], seed=seed, output=file_of(output),
                overwrite=force,
            )  # fmt: skip
            shown = job(request, talk).shown
        if file_of(output) is None:
            talk.show(TEXT[shown.kind](shown.data))


def _taught(talk: Talk, output: str | None, force: bool, more: bool) -> "Shown":
    """The lesson; ``more`` says whether anything else was asked for, too."""
    from thalweg.jobs.lessons.derivative_lesson import DerivativeRequest, derivative_lesson

    if more:
        raise SettingsError("The lesson needs no table and no model", fix="leave out all else")
    return derivative_lesson(DerivativeRequest(output=output, overwrite=force), talk).shown


def _model_and_table(what: list[str]) -> tuple[str | None, str | None]:
    """The model and the table among the given files."""
    from thalweg.jobs.parts.model_table import is_model

    if len(what) > 2:
        raise SettingsError(
            f"{len(what)} files are too many",
            fix="name TABLE, or MODEL TABLE; a MODEL alone with --check",
        )
    if len(what) == 1:
        return (what[0], None) if is_model(what[0]) else (None, what[0])
    model, table = what or (None, None)
    return model, table
