"""The command and the Python of what is asked of a saved model: decide, explain, predict."""

from typing import TYPE_CHECKING, Any

from thalweg.jobs.recipes.command_words import file_words, option_words
from thalweg.jobs.recipes.report_recipes import said_words
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.shell_words import command_of

if TYPE_CHECKING:
    from thalweg.jobs.decide import DecideRequest
    from thalweg.jobs.explain import ExplainRequest
    from thalweg.jobs.predict import PredictRequest

# Fields that are words of a command without an option, or that say which files there are.
_APART = {"model", "table", "reading", "output", "overwrite", "rows", "columns", "effects"}
_SPELLED = {"weight": "weight-column", "ids": "id"}


def recipes_of_decide(request: "DecideRequest") -> dict[str, str]:
    """``command`` and ``python`` of a threshold; both write the model file that is named."""
    return _recipes("decide", request, {})


def recipes_of_explain(request: "ExplainRequest") -> dict[str, str]:
    """``command`` and ``python`` of an explanation of rows."""
    assert request.rows is not None
    said = vars(request.rows) | {
        "method": _unless(request.rows.method, "path"), "target": request.columns.target
    }  # fmt: skip
    return _recipes("explain", request, said)


def recipes_of_predict(request: "PredictRequest") -> dict[str, str]:
    """``command`` and ``python`` of the file of predictions that is named."""
    return _recipes("predict", request, {})


def _recipes(verb: str, request: Any, more: dict[str, Any]) -> dict[str, str]:
    said = {
        _SPELLED.get(name, name): value for name, value in vars(request).items()
        if name not in _APART and type(value) is not bool and not (name == "seed" and value == 0)
    }  # fmt: skip
    flags = [
        f"--{name}" for name, value in vars(request).items()
        if value is True and name not in _APART
    ]  # fmt: skip
    files = {} if request.output is None else {"output": request.output}
    tables = [] if request.table is None else [request.table]
    words = [
        request.model, *tables, *option_words(said | more), *flags,
        *said_words(request.reading), *file_words(files),
    ]  # fmt: skip
    return {
        "command": command_of(["thalweg", verb, *words]),
        "python": request_in_python(request, verb, **files),
    }


def _unless(value: Any, usual: Any) -> Any:
    return None if value == usual else value
