"""``thalweg trace``: options and output of tracing rows, of gradient checks, and of the lesson."""

from typing import TYPE_CHECKING

from thalweg.cli import options
from thalweg.cli.option_groups import ColumnOptions, Empty, ReadingOptions, with_groups
from thalweg.cli.talk import Talk, file_of
from thalweg.cli.training_options import NetworkOptions
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.reporting.trace.shown_trace import Shown


@with_groups
def trace(
    what: options.TraceWhat = None,
    *,
    row: options.TraceRow = None,
    weight: options.TraceWeight = None,
    update: options.TraceUpdate = None,
    steps: options.TraceSteps = 3,
    check: options.TraceCheck = False,
    plant: options.TracePlant = None,
    lesson: options.TraceLesson = None,
    columns: ColumnOptions,
    reading: ReadingOptions,
    empty: Empty = None,
    output: options.PageTo = "-",
    force: options.Force = False,
    seed: options.Seed = 0,
    network: NetworkOptions,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Trace rows through a network and back: every number, and the factors of the chain rule.

    With a TABLE alone, a network is trained on all of its rows first; with MODEL TABLE, rows of the
    table go through that model. --check compares the gradient with finite differences instead.
    """
    settings = network.settings()
    with Talk("trace", as_json=as_json, quiet=quiet) as talk:
        from thalweg.reporting.trace.text import TEXT

        shown: Shown
        if lesson is not None:
            more = any((what, row, weight, update, check, plant)) or steps != 3
            shown = _taught(talk, file_of(output), force, more)
        else:
            from thalweg.jobs.trace import TraceRequest
            from thalweg.jobs.trace import trace as job

            model, table = _model_and_table(what or [])
            request = TraceRequest(
                model=model,
                table=table,
                row=row,
                weight=weight,
                update=update,
                steps=steps,
                check=check,
                plant=plant,
                columns=columns.columns(),
                reading=reading.reading(),
                settings=settings,
                empty=empty or [],
                seed=seed,
                output=file_of(output),
                overwrite=force,
            )
            shown = job(request, talk).shown
        if file_of(output) is None:
            talk.show(TEXT[shown.kind](shown.data))


def _taught(talk: Talk, output: str | None, force: bool, more: bool) -> "Shown":
    """The lesson; ``more`` says whether anything else was asked for, too."""
    from thalweg.jobs.derivative_lesson import LessonRequest, lesson

    if more:
        raise SettingsError("The lesson needs no table and no model", fix="leave out all else")
    return lesson(LessonRequest(output=output, overwrite=force), talk).shown


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
