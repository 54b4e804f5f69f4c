"""The command and the Python that make the page of a trace again: what the page lets one copy."""

import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from thalweg.estimators.parameters.parameter import spelled
from thalweg.estimators.parameters.parameter_table import BY_NAME, flag_of
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.traces.command_words import option_words
from thalweg.jobs.traces.trace_subject import TraceSubject

if TYPE_CHECKING:
    from thalweg.jobs.trace import TraceRequest

# Columns that `load_table` takes under the same name.
_LOADED = ("target",)


def trace_copies(
    request: "TraceRequest", subject: TraceSubject, rows: Sequence[int]
) -> dict[str, str]:
    """The command and the Python of a trace, without its weight.

    Parameters
    ----------
    request : TraceRequest
    subject : TraceSubject
    rows : sequence of int
        The numbers of the traced rows, from 1, as the file counts them.

    Returns
    -------
    dict
        ``command``, and ``python``: "" where the request says more of the table than a few lines
        of Python repeat.
    """
    return {"command": _command(request, rows), "python": _python(request, subject, rows)}


def _command(request: "TraceRequest", rows: Sequence[int]) -> str:
    said = {**vars(request.columns), **vars(request.reading)}
    del said["stdin"]
    said |= {"row": ",".join(map(str, rows)), "empty": request.empty, "update": request.update}
    if request.steps != 3:
        said["steps"] = request.steps
    if request.task != "auto":
        said["task"] = request.task
    if request.model is None:
        said |= {"seed": request.seed or None, "preset": "article" if request.article else None}
    files = [each for each in (request.model, request.table) if each is not None]
    settings = []
    for name, value in request.settings.items():
        if name == "preset":
            settings += ["--preset", str(value)]
        else:
            settings += [flag_of(name), spelled(BY_NAME[name], value)]
    return shlex.join(["thalweg", "trace", *files, *settings, *option_words(said)])


def _python(request: "TraceRequest", subject: TraceSubject, rows: Sequence[int]) -> str:
    if (
        request.article
        or request.empty
        or subject.kept is not None
        or not _is_plain(request.columns, _LOADED)
    ):
        return ""
    if not _is_plain(request.reading, ("stdin",)) or request.table == "-":
        return ""
    target = subject.target
    named = "" if target is None or "." not in str(request.table) else f", target={target!r}"
    lines = [f"table = thalweg.load_table({request.table!r}{named})"]
    if request.model is None:
        lines.append(f"model = thalweg.{_made(subject.model)}.fit(table.frame, table.target)")
    else:
        lines.append(f"model = thalweg.load_model({request.model!r})")
    places = [row - 1 for row in rows]
    lines.append(f"rows = {places}  # counted from 0")
    return "\n".join(["import thalweg", "", *lines])


def _is_plain(said: Columns | Reading, allowed: Sequence[str]) -> bool:
    """Whether nothing is said besides what is allowed."""
    return not any(getattr(said, each.name) for each in fields(said) if each.name not in allowed)


def _made(model: Any) -> str:
    """The estimator with the parameters that are not at their defaults."""
    usual = type(model)().get_params()
    own = {name: value for name, value in model.get_params().items() if value != usual[name]}
    return f"{type(model).__name__}({', '.join(f'{k}={v!r}' for k, v in own.items())})"
