"""What verbs do before they begin: see where they may write, and read a table to learn from."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from thalweg.cli.facts import table_facts
from thalweg.cli.outcome import Outcome
from thalweg.errors import SettingsError
from thalweg.files import check_writable

if TYPE_CHECKING:
    from thalweg.data.read import Table


class Reading(TypedDict):
    """What a person said of how a table is to be read, for `load_table`."""

    separator: str | None
    decimal: str | None
    encoding: str | None
    sheet: str | None


def check_outputs(outputs: dict[str, str | None], inputs: list[str], *, force: bool) -> None:
    """Before anything is done, see whether the files can be written, and cost no other file.

    Parameters
    ----------
    outputs : dict
        A path, or None or "-", behind each flag.
    inputs : list of str
        What the verb reads; it is not replaced even with ``--force``.
    force : bool
    """
    taken = {os.path.realpath(path): "what is read" for path in inputs if os.path.exists(path)}
    for flag, path in outputs.items():
        if path is None or path == "-":
            continue
        real = os.path.realpath(path)
        if real in taken:
            raise SettingsError(
                f"{flag} {path} would replace {taken[real]}", fix=f"name another file behind {flag}"
            )
        taken[real] = f"the file of {flag}"
        check_writable(path, overwrite=force)


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
