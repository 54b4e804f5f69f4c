"""The command and the Python that make the page of a trace again: what the page lets one copy."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.recipes.command_words import option_words, setting_words
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.traces.trace_subject import TraceSubject
from thalweg.shell_words import command_of
from thalweg.wording import as_code

if TYPE_CHECKING:
    from thalweg.jobs.trace import TraceRequest

# Columns that `load_table` takes under the same name.
_LOADED = ("target",)
# What the page replaces by the weight that it follows.
_WEIGHT = "{weight}"


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
        ``command``, and ``python``, in which the page writes its weight for ``{weight}``: a call of
        the model, or, where the request says more than that has words for, one of the job; "" for
        a table from standard input.
    """
    return {"command": _command(request, rows), "python": _python(request, subject, rows)}


def check_copies(request: "TraceRequest") -> dict[str, str]:
    """The same of a gradient check; nothing where the table is standard input."""
    if request.table == "-":
        return {}
    command = f"{_command(request, request.row)} -o check.html"
    return {"command": command, "python": request_in_python(request, "trace", output="check.html")}


def _command(request: "TraceRequest", rows: Sequence[int] | str | None) -> str:
    said = {**vars(request.columns), **vars(request.reading)}
    del said["stdin"]
    row = rows if isinstance(rows, str | None) else ",".join(map(str, rows))
    said |= {"row": row, "plant": request.plant, "empty": request.empty, "update": request.update}
    if request.steps != 3:
        said["steps"] = request.steps
    said["seed"] = request.seed or None
    if request.task != "auto":
        said["task"] = request.task
    if request.model is None:
        said |= {"preset": "article" if request.article else None}
    files = [each for each in (request.model, request.table) if each is not None]
    settings = setting_words(request.settings)
    check = ["--check"] if request.check else []
    return command_of(["thalweg", "trace", *files, *settings, *option_words(said), *check])


def _python(request: "TraceRequest", subject: TraceSubject, rows: Sequence[int]) -> str:
    if request.table == "-":
        return ""
    if (
        request.article
        or request.empty
        or subject.kept is not None
        or not _is_plain(request.columns, _LOADED)
        or not _is_plain(request.reading, ("stdin",))
        or (request.update, request.steps, request.task) != (None, 3, "auto")
    ):
        again = replace(request, row=",".join(map(str, rows)), weight=_WEIGHT)
        return request_in_python(again, "trace", output="row.html")
    target = subject.target
    named = "" if target is None or "." not in str(request.table) else f", target={target!r}"
    lines = [f"table = thalweg.load_table({request.table!r}{named})"]
    if request.model is None:
        lines.append(f"model = thalweg.{_made(subject.model)}.fit(table.frame, table.target)")
    else:
        lines.append(f"model = thalweg.load_model({request.model!r})")
    places = [row - 1 for row in rows]
    lines += [
        f"rows = {places}  # counted from 0",
        "asked = table.frame.iloc[rows], table.target.iloc[rows]",
        f'model.trace(*asked, rows={list(rows)}, weight="{_WEIGHT}").save("row.html")',
    ]
    return "\n".join(["import thalweg", "", *lines, ""])


def _is_plain(said: Columns | Reading, allowed: Sequence[str]) -> bool:
    """Whether nothing is said besides what is allowed."""
    return not any(getattr(said, each.name) for each in fields(said) if each.name not in allowed)


def _made(model: Any) -> str:
    """The estimator with the parameters that are not at their defaults."""
    usual = type(model)().get_params()
    own = {name: value for name, value in model.get_params().items() if value != usual[name]}
    return f"{type(model).__name__}({', '.join(f'{k}={as_code(v)}' for k, v in own.items())})"
