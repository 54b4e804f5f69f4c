"""The command and the Python that make a report again: what its page lets one copy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.recipes.command_words import file_words, option_words, setting_words
from thalweg.jobs.recipes.request_in_python import PAGE, request_in_python
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.jobs.targets.positive_texts import positive_texts
from thalweg.shell_words import command_of

if TYPE_CHECKING:
    from thalweg.jobs.evaluate import EvaluateModelRequest
    from thalweg.jobs.fit import FitRequest
    from thalweg.jobs.report import ReportRequest
    from thalweg.jobs.tuning.searched_model import SearchAsked
    from thalweg.jobs.tuning.tune import TuneRequest

# Fields of a request whose option is called otherwise.
_SPELLED = {
    "first": "from", "last": "to", "time": "time-column", "weight": "weight-column", "ids": "id",
    "targets": "target", "positives": "positive", "n_trials": "trials",
}  # fmt: skip
_ROWS = ("target", "number", "missing", "drop_missing", "drop_row", "group", "weight", "empty")


def recipes_of_fit(request: "FitRequest") -> dict[str, str]:
    """``command`` and ``python`` of the report of a fit; "" where the table is standard input."""
    return _recipes("fit", request, [])


def recipes_of_model_file(request: "FitRequest", verb: str = "fit") -> dict[str, str]:
    """``command`` and ``python`` of the model file of a fit, which the request names.

    ``verb`` is "tune" for the model of a search, whose request is a `TuneRequest`.
    """
    output = str(request.output)
    words = [] if verb == "fit" else _words_of_search(cast("TuneRequest", request).search)
    request = replace(request, columns=request.columns.without_ids())
    return {
        **_recipes(verb, request, words, {"output": output}),
        "python": request_in_python(request, verb, told="AsOptions", output=output),
    }


def recipes_of_tune(request: "TuneRequest") -> dict[str, str]:
    """The same of the report of a search."""
    return _recipes("tune", request, _words_of_search(request.search))


def _words_of_search(asked: "SearchAsked") -> list[str]:
    """The options of what is asked of a search."""
    usual = vars(type(asked)())
    said = {
        _SPELLED.get(name, name): _plain(value)
        for name, value in vars(asked).items() if value != usual[name]
    }  # fmt: skip
    return option_words(said)


def _plain(value: Any) -> Any:
    """A number without a power of ten, which a time or a size on a command line does not have."""
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else value


def _recipes(
    verb: str,
    request: "FitRequest",
    words: Sequence[str],
    files: Mapping[str, str] = MappingProxyType({"report": PAGE}),
) -> dict[str, str]:
    if request.table == "-":
        return {}
    # A command that asks for no file of predictions may carry no column along.
    request = replace(request, columns=request.columns.without_ids())
    words = [
        *words, *setting_words(request.settings),
        *said_words(request.columns), *said_words(request.reading), *said_words(request.sections),
        *_flags(landscape=request.landscape, no_what_if=request.no_what_if, refit=request.refit,
                rows=request.rows, no_trees=request.sections.no_trees),
    ]  # fmt: skip
    if request.task != "auto":
        words += ["--task", request.task]
    if request.estimator != "network":
        words += ["--estimator", request.estimator]
    if request.seed:
        words += ["--seed", str(request.seed)]
    return {
        "command": command_of(["thalweg", verb, request.table, *words, *file_words(files)]),
        "python": request_in_python(request, verb, **files),
    }


def recipes_of_report(request: "ReportRequest") -> dict[str, str]:
    """``command`` and ``python`` of the report of a saved model."""
    rows = request.rows
    tables = (rows and rows.table, request.table, request.landscape)
    if "-" in tables:
        return {}
    words = [request.model]
    if rows is not None:
        words += [rows.table, *_said_of_rows(rows), *said_words(rows.sections)]
    else:
        words += option_words(
            {"target": request.target, "empty": request.empty, "drop_row": request.drop_row}
        )
    words += [
        *said_words(request.reading),
        *option_words({"table": request.table, "trace": request.trace,
                       "landscape": request.landscape}),
        *_flags(no_what_if=request.no_what_if, rows=rows is not None and rows.rows),
    ]  # fmt: skip
    return {
        "command": command_of(["thalweg", "report", *words, *file_words({"output": PAGE})]),
        "python": request_in_python(request, "report", output=PAGE),
    }


def _said_of_rows(rows: "EvaluateModelRequest") -> list[str]:
    said = {_SPELLED.get(name, name): getattr(rows, name) for name in _ROWS}
    return option_words({**said, "seed": rows.seed or None})


def said_words(about: Columns | Reading | AskedSections | Mapping[str, Any]) -> list[str]:
    """The options of what is said of columns, of reading, or of sections."""
    every = about if isinstance(about, Mapping) else vars(about)
    words: list[str] = []
    for name, value in every.items():  # two fields may share an option: target and targets
        if name == "positives" and value:
            value = positive_texts(value, every["targets"])
        if name not in ("stdin", "known", "no_trees", "other_targets"):
            words += option_words({_SPELLED.get(name, name): value})
    return words


def _flags(**given: bool) -> Sequence[str]:
    return [f"--{name.replace('_', '-')}" for name, is_given in given.items() if is_given]
