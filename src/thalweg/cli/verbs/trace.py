"""``thalweg trace``: one row through the network and back, in numbers; and two lessons beside."""

from thalweg.cli import options
from thalweg.cli.groups import ColumnOptions, Empty, ReadingOptions, with_groups
from thalweg.cli.talk import Talk, file_of
from thalweg.cli.training_options import NetworkOptions
from thalweg.errors import SettingsError


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
    """Follow a row through a network and back: every number, and the chain rule with its factors.

    With a TABLE alone a network is trained on all of it first; with MODEL TABLE rows of the table
    go through that model. --check compares the gradient with differences of the loss instead.
    """
    settings = network.settings()
    with Talk("trace", as_json=as_json, quiet=quiet) as talk:
        from thalweg.jobs.trace import LessonRequest, TraceRequest
        from thalweg.jobs.trace import trace as job
        from thalweg.reporting.trace.text import TEXT

        model, table = _model_and_table(what or [])
        asked = TraceRequest(
            row=row, weight=weight, update=update, steps=steps, check=check, plant=plant, seed=seed
        )
        request: TraceRequest | LessonRequest
        if lesson is not None:
            if what or asked != TraceRequest(seed=seed):
                raise SettingsError(
                    "A lesson is of no table and no model", fix="leave all else out"
                )
            request = LessonRequest(output=file_of(output), overwrite=force)
        else:
            request = TraceRequest(
                **{
                    **vars(asked),
                    "model": model,
                    "table": table,
                    "columns": columns.columns(),
                    "reading": reading.reading(),
                    "settings": settings,
                    "empty": empty or [],
                    "output": file_of(output),
                    "overwrite": force,
                }
            )
        shown = job(request, talk).shown
        if file_of(output) is None:
            talk.show(TEXT[shown.kind](shown.data))


def _model_and_table(what: list[str]) -> tuple[str | None, str | None]:
    """Which of the files that were named is what."""
    from thalweg.jobs.parts.model_table import is_model

    if len(what) > 2:
        raise SettingsError(
            f"{len(what)} files are one too many, or more",
            fix="name TABLE, or MODEL TABLE; a MODEL alone with --check",
        )
    if len(what) == 1:
        return (what[0], None) if is_model(what[0]) else (None, what[0])
    model, table = what or (None, None)
    return model, table
