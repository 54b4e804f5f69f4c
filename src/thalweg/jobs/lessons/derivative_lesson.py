"""The job of ``thalweg trace --lesson``: what a derivative is, without table and model."""

import os
from dataclasses import dataclass

from thalweg.endings import PAGE, check_ending
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.writing import check_outputs, write_shown
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.reporting.trace.difference_lesson import ShownLesson, show_derivative_lesson
from thalweg.wording import parameter

_PICTURES = (".png", ".svg")


@dataclass(frozen=True, kw_only=True)
class DerivativeRequest:
    """The lesson on derivatives.

    Attributes
    ----------
    output : str, optional
        The HTML file or the picture to write.
    overwrite : bool
    """

    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class DerivativeOutcome(Outcome):
    """The lesson.

    Attributes
    ----------
    shown : ShownLesson
    """

    shown: ShownLesson


def derivative_lesson(
    request: DerivativeRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> DerivativeOutcome:
    """Make the lesson; with ``output`` also write it, as a page or a picture."""
    with JobRun("trace", listener, cancellation) as run:
        output = request.output
        check_outputs({"output": output}, [], overwrite=request.overwrite)
        if output is not None:
            check_ending(output, "A lesson", (*PAGE, *_PICTURES), flag=parameter("output"))
        shown = show_derivative_lesson()
        run.tell(result={"kind": shown.kind, "file": output, shown.kind: shown.data})
        if output is not None:
            _write(run, shown, output, request.overwrite)
        return run.settle(DerivativeOutcome, shown=shown)


def _write(run: JobRun, shown: ShownLesson, output: str, overwrite: bool) -> None:
    if os.path.splitext(output)[1].lower() in _PICTURES:
        from thalweg.reporting.figures.picture import save_figure

        save_figure(shown.figure(), output, overwrite=overwrite)
        run.say(f"Wrote the picture to {output}.")
        return
    from thalweg.reporting.lessons.derivative_page import derivative_html

    request = DerivativeRequest()
    recipes = {
        "command": "thalweg trace --lesson derivative -o slope.html",
        "python": request_in_python(request, "derivative_lesson", output="slope.html"),
    }
    write_shown(run, output, derivative_html(shown.data, recipes), overwrite=overwrite)
    run.say("A lesson with steps and checked answers: thalweg lesson derivative -o lesson.html.")
