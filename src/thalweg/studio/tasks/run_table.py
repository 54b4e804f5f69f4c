"""The table of a run: its features and its target, read as a page has chosen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from thalweg.data.read import Table, load_table
from thalweg.landscape.given_values import OF_COLUMNS
from thalweg.studio.runs.run_recipe import ReadTable
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.tasks.table_recipes import columns_of
from thalweg.studio.wire.table_choices import OF_READING, all_choices

# What is no input of a network.
_BESIDE = ("group", "weight", "exposure", "offset")


def _asked(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``load_table`` that say which columns and rows there are."""
    beside = [choices[role] for role in _BESIDE if choices[role] is not None]
    given = {
        "target": choices["target"],
        "positive": choices["positive"],
        "drop": list(dict.fromkeys([*choices["drop"], *beside, *choices["ids"]])),
        "missing": choices["missing"],
        "drop_missing": choices["drop_missing"],
        "drop_row": choices["drop_row"],
    }
    return {key: each for key, each in given.items() if each}


def run_table(tables: OpenedTables, table: str, said: Mapping[str, Any]) -> Table:
    """The table of a run.

    Raises
    ------
    DataError
        There is no such table, or it cannot be read so.
    """
    choices = all_choices(said)
    named = tables.named(table, choices)
    found = load_table(named.opened, labels=True, **_asked(choices))
    return replace(found, said=columns_of(choices).said.but(found.target_name))


def read_in_python(name: str, said: Mapping[str, Any]) -> ReadTable:
    """The Python that reads the same table, by a public function."""
    choices = all_choices(said)
    reading = {key: choices[key] for key in OF_READING if choices[key] is not None}
    words = "".join(f", {key}={each!r}" for key, each in {**_asked(choices), **reading}.items())
    of_columns = columns_of(choices).said.but(choices["target"])
    told = {key: getattr(of_columns, key) for key in OF_COLUMNS if getattr(of_columns, key)}
    return ReadTable(f"table = thalweg.load_table({name!r}, labels=True{words})", told)
