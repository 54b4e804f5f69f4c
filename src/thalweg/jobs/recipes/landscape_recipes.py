"""The command and the Python that make a landscape again: what its page lets one copy."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from thalweg.jobs.recipes.command_words import option_words
from thalweg.landscape.given_values import OF_COLUMNS, READING
from thalweg.landscape.runs.presets import ARTICLE
from thalweg.reporting.landscape.python_recipe import SAVED, keywords, with_view
from thalweg.shell_words import command_of
from thalweg.wording import as_code

if TYPE_CHECKING:
    from thalweg.jobs.landscape import LandscapeRequest


def landscape_recipes(request: "LandscapeRequest", *, is_ground: bool) -> dict[str, str]:
    """The command and the Python of a landscape; each says table, runs, plane and seed.

    Parameters
    ----------
    request : LandscapeRequest
    is_ground : bool
        Whether the table is a function of two parameters.

    Returns
    -------
    dict
        ``command`` and ``Python``; both run as they are, where the files have these paths.
    """
    python = _of_model if request.model is not None else _of_ground if is_ground else _of_table
    return {"command": _command(request), "Python": python(request)}


def _command(request: "LandscapeRequest") -> str:
    """The command that makes the page again, for a shell."""
    network = {
        key: ",".join(map(str, each)) if isinstance(each, list | tuple) else each
        for key, each in request.network.items()
    }
    rules = request.rules or (() if request.model is not None else ARTICLE)
    said: dict[str, Any] = {
        **vars(request.columns), **vars(request.reading), **network,
        "rules": ",".join(rules) or None, "view": request.view, "run": request.run,
        "connect": ",".join(request.connect) or None,
        "plane": request.plane, "grid": request.grid, "seed": request.seed,
    }  # fmt: skip
    del said["stdin"]
    files = [each for each in (request.model, request.table) if each is not None]
    output = ["-o", "race.html"]
    return command_of(["thalweg", "landscape", *files, *option_words(said), *output]) + "\n"


def _of_ground(request: "LandscapeRequest") -> str:
    return _call(request, {})


def _of_table(request: "LandscapeRequest") -> str:
    columns, reading = vars(request.columns), vars(request.reading)
    said = {key: (columns | reading)[key] for key in (*READING, *OF_COLUMNS)}
    away = {request.columns.target, *request.columns.drop}
    for key in ("number", "date"):  # such a word about the target or a dropped column says nothing
        said[key] = {name: form for name, form in (said[key] or {}).items() if name not in away}
    return _call(request, {key: each for key, each in said.items() if each})


def _call(request: "LandscapeRequest", about: Mapping[str, Any]) -> str:
    given: dict[str, Any] = {"plane": request.plane, "seed": request.seed, **about}
    if request.grid is not None:
        given["grid"] = request.grid
    if request.connect:
        given["connect"] = list(request.connect)
    rules = as_code(list(request.rules or ARTICLE))
    arguments = f"{request.table!r}, {rules}, {keywords({**given, **request.network})}"
    return (
        f"from thalweg import race_landscape\n\nshown = race_landscape({arguments})\n"
        f"{_saved(request)}"
    )


def _of_model(request: "LandscapeRequest") -> str:
    """The job itself: it finds the rows of the fit in the table."""
    asked: dict[str, Any] = {"table": request.table, "model": request.model}
    asked |= {key: getattr(request, key) for key in ("rules", "plane", "grid", "seed", "connect")}
    asked |= {key: getattr(request, key) for key in ("view", "run")}
    words = [f"{key}={each!r}" for key, each in asked.items() if each not in (None, ())]
    parts = {"columns": request.columns, "reading": request.reading}
    shown = {key: _not_usual(each) for key, each in parts.items()}
    words += [f"{key}={key.capitalize()}({each})" for key, each in shown.items() if each]
    names = ", ".join(key.capitalize() for key, each in shown.items() if each)
    return (
        "from thalweg.jobs.landscape import LandscapeRequest, landscape\n"
        + (f"from thalweg.jobs.parts.table_options import {names}\n" if names else "")
        + f"\nrequest = LandscapeRequest({', '.join(words)}, profiles=True)\n"
        f"shown = landscape(request).landscape\n{_saved(request)}"
    )


def _saved(request: "LandscapeRequest") -> str:
    return with_view(SAVED, request.view or "plane", request.run)


def _not_usual(said: Any) -> str:
    """The fields of a dataclass that are not at their defaults, as keywords."""
    own = {}
    for each in fields(said):
        usual = each.default_factory() if each.default_factory is not MISSING else each.default
        value = getattr(said, each.name)
        if each.name != "stdin" and value != usual and value not in ([], (), {}):
            own[each.name] = value
    return keywords(own)
