"""The Python that makes a landscape or a sweep again, as its page lets one copy."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.data.read import Table
from thalweg.landscape.runs.presets import ARTICLE
from thalweg.wording import as_code

SAVED = 'shown.save("race.html")\n'
# What is left out of a call at its default; plane and seed say which picture this is.
_USUAL: dict[str, tuple[Any, ...]] = {
    "grid": (None,), "profiles": (None,), "connect": ((), []), "rules": (ARTICLE, list(ARTICLE)),
}  # fmt: skip


def keywords(given: Mapping[str, Any]) -> str:
    """Keywords of a call."""
    return ", ".join(f"{key}={as_code(each)}" for key, each in given.items())


def race_recipe(table: Any, rules: Sequence[str], given: Mapping[str, Any]) -> str:
    """The call of ``race_landscape``; a table in memory has to be there."""
    head, first = _table(table)
    said = {
        key: each
        for key, each in given.items()
        if key not in _USUAL or not any(each is usual or each == usual for usual in _USUAL[key])
    }
    runs = [] if tuple(rules) == ARTICLE else [as_code(list(rules))]
    arguments = ", ".join([first, *runs, keywords(said)])
    return (
        f"{head}from thalweg import race_landscape\n\nshown = race_landscape({arguments})\n{SAVED}"
    )


def sweep_recipe(table: Any, given: Mapping[str, Any]) -> str:
    """The call of ``sweep``."""
    head, first = _table(table)
    arguments = ", ".join([first, *([keywords(given)] if given else [])])
    return f'{head}from thalweg import sweep\n\nsweep({arguments}).save("sweep.html")\n'


def with_view(python: str, view: str, run: str | None) -> str:
    """The same with the view that is saved, unless it says one already."""
    if view == "plane" or not python.endswith(SAVED):
        return python
    said = f", {view!r}" + ("" if run is None else f", run={run!r}")
    return f"{python.removesuffix(SAVED)}{SAVED[:-2]}{said})\n"


def _table(table: Any) -> tuple[str, str]:
    """A comment about a table in memory, and what stands for the table in the call."""
    if isinstance(table, str | os.PathLike):
        return "", repr(os.fsdecode(table))
    if isinstance(table, Table):
        return "# table: the Table of these rows, from thalweg.load_table\n", "table"
    return "# table: the DataFrame of these rows\n", "table"
