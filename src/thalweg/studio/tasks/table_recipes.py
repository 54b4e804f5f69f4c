"""The command and the Python that read and use a table as a page has chosen."""

from collections.abc import Mapping
from typing import Any

from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.recipes.report_recipes import recipes_of_fit, said_words
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.shell_words import command_of
from thalweg.studio.wire.table_choices import OF_COLUMNS, OF_READING

# What only a fit asks for: the check has no such option.
_OF_FIT = ("positive", "time", "offset", "ids")


def columns_of(choices: Mapping[str, Any]) -> Columns:
    """What the choices say of columns."""
    return Columns(**{key: choices[key] for key in OF_COLUMNS})


def reading_of(choices: Mapping[str, Any]) -> Reading:
    """What the choices say of reading."""
    return Reading(**{key: choices[key] for key in OF_READING})


def table_recipes(name: str, choices: Mapping[str, Any]) -> dict[str, str]:
    """``command`` and ``python``: a fit where there is a target, otherwise a check."""
    columns, reading = columns_of(choices), reading_of(choices)
    if choices["target"] is not None:
        from thalweg.jobs.fit import FitRequest

        return recipes_of_fit(
            FitRequest(table=name, columns=columns, reading=reading, task=choices["task"])
        )
    from thalweg.jobs.check import CheckRequest

    of_check = Columns(**{k: v for k, v in vars(columns).items() if k not in _OF_FIT})
    request = CheckRequest(
        table=name, group=columns.group, columns=of_check, reading=reading, task=choices["task"]
    )
    words = [*said_words(of_check), *said_words(reading)]
    return {
        "command": command_of(["thalweg", "check", name, *words]),
        "python": request_in_python(request, "check"),
    }
