"""How a verb reads a table to learn from: what was found is kept as facts, and said."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from thalweg.cli.facts import table_facts
from thalweg.cli.outcome import Outcome

if TYPE_CHECKING:
    from thalweg.data.read import Table


class Reading(TypedDict):
    """What a person said of how a table is to be read, for `load_table`."""

    separator: str | None
    decimal: str | None
    encoding: str | None
    sheet: str | None


def read_table(
    outcome: Outcome,
    source: str,
    target: str | None,
    positive: str | None,
    drop: list[str],
    reading: Reading,
) -> tuple["Table", np.ndarray]:
    """The table, with its positive class known, and its features as numbers."""
    from thalweg.data.read import load_table
    from thalweg.data.schema import infer_schema

    table = load_table(source, target=target, positive=positive, drop=drop, **reading)
    matrix = infer_schema(table.frame).matrix(table.frame)
    notes = list(table.notes)
    if table.positive is None:
        table = replace(table, positive=max(np.asarray(table.target)))
        notes.append(
            f'The class looked for is "{table.positive}", the last in sorted order; '
            "--positive names another."
        )
    facts = table_facts(table, matrix)
    if facts["equal_rows"]:
        notes.append(
            f"{facts['equal_rows']:,} rows equal an earlier one; equal rows are not parted "
            "between training and test."
        )
    outcome.data = {**facts, "notes": notes}
    for note in notes:
        outcome.say(note)
    return table, matrix
