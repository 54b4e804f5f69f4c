"""What verbs do before they begin: see where they may write, and read a table to learn from."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypedDict, cast

import numpy as np
import typer

from thalweg.cli.facts import Facts, table_facts
from thalweg.cli.outcome import Outcome
from thalweg.errors import DataError, SettingsError
from thalweg.files import check_writable
from thalweg.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from thalweg.data.read import Table
    from thalweg.data.schema.schema import Schema
    from thalweg.evaluation.task_formulas import Task


class Reading(TypedDict):
    """What a person said of how a table is to be read, for `load_table`."""

    separator: str | None
    decimal: str | None
    encoding: str | None
    sheet: str | None
    max_memory: str | None


# How much a table may cost to read, beside what `options` has on how it is read.
MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory", metavar="SIZE", help="What a table may take of memory, such as 8GB."
    ),
]


def reading_of(options: Mapping[str, Any]) -> Reading:
    """Of the options of a verb, by name, what was said of how a table is to be read."""
    return cast(Reading, {name: options.get(name) for name in Reading.__annotations__})


def check_outputs(outputs: dict[str, str | None], inputs: list[str], *, force: bool) -> None:
    """Before anything is done, see whether the files can be written, and cost no other file.

    Parameters
    ----------
    outputs : dict
        A path, or None or "-", behind each flag.
    inputs : list of str
        What the verb reads, "-" for standard input; it is not replaced even with ``--force``.
    force : bool
    """
    taken = {os.path.realpath(path): "what is read" for path in inputs if os.path.exists(path)}
    fed = _standard_input() if "-" in inputs else None
    for flag, path in outputs.items():
        if path is None or path == "-":
            continue
        real = os.path.realpath(path)
        if fed and os.path.exists(real) and os.path.samestat(fed, os.stat(real)):
            taken[real] = "what standard input reads"
        if real in taken:
            raise SettingsError(
                f"{flag} {path} would replace {taken[real]}", fix=f"name another file behind {flag}"
            )
        taken[real] = f"the file of {flag}"
        check_writable(path, overwrite=force)


def _standard_input() -> os.stat_result | None:
    """The file that the shell feeds in, as in ``< my.csv``; None where it is closed."""
    try:
        return os.fstat(0)
    except OSError:
        return None


class Lesson(NamedTuple):
    """A table to learn from: as it was read, what its columns are, as numbers; what is asked.

    ``groups`` is the name of the group of each row, where a column says which rows go together.
    """

    table: "Table"
    schema: "Schema"
    matrix: np.ndarray
    y: np.ndarray
    task: "Task"
    groups: np.ndarray | None = None


def read_table(
    outcome: Outcome,
    source: str,
    target: str | None,
    positive: str | None,
    drop: list[str] | None,
    category: list[str] | None,
    reading: Reading,
    task: str = "auto",
    group: str | None = None,
) -> Lesson:
    """The table, with what its target asks for known, and its features as numbers."""
    from thalweg.data.read import load_table
    from thalweg.data.schema.schema import infer_schema
    from thalweg.data.target import number_target, taken_for_a_number
    from thalweg.evaluation.task_formulas import task_of
    from thalweg.evaluation.tasks import TWO_CLASSES

    table = load_table(
        source, target=target, positive=positive, drop=drop or [], group=group, **reading
    )
    table = replace(table, frame=with_categories(table.frame, category or []))
    schema = infer_schema(table.frame)
    matrix = schema.matrix(table.frame)
    notes = list(table.notes)
    labels = np.asarray(table.target, dtype=object)
    values = number_target(
        labels.tolist(), str(table.target_name), task=task, positive=table.positive
    )
    if values is not None and task == "auto":
        notes.append(taken_for_a_number(values))
    y = labels if values is None else values
    asked = task_of(y, table.positive, regression=values is not None)
    if asked.kind is TWO_CLASSES and table.positive is None:
        table = replace(table, positive=max(y))
        notes.append(
            f'The class looked for is "{table.positive}", the last in sorted order; '
            "--positive names another."
        )
    facts = table_facts(table, matrix, values)
    notes += _kept_together(facts)
    notes += [] if group else _whose_rows(table.frame)
    outcome.data = {**facts, "notes": notes}
    for note in notes:
        outcome.say(note)
    groups = None if table.groups is None else table.groups.to_numpy(dtype=str)
    return Lesson(table, schema, matrix, y, asked, groups)


def _kept_together(facts: Facts) -> list[str]:
    """Which rows are not parted between learning and judging, in words."""
    from thalweg.data.rows import repeats_in_words

    n_equal, groups = facts["equal_rows"], facts["groups"]
    if groups is None:
        said = f"{repeats_in_words(n_equal)}; equal rows are not parted between training and test."
        return [said] if n_equal else []
    return [
        f'The rows are of {counted(groups["count"], "group")} ("{groups["name"]}", up to '
        f"{counted(groups['largest'], 'row')} each), which are not parted between training, "
        "stopping and test. Intervals take rows for independent: with groups they are too narrow."
    ]


def _whose_rows(frame: "pd.DataFrame") -> list[str]:
    """Columns that may say which rows go together, in words."""
    from thalweg.data.persons import may_be_groups

    found = {name: frame[name].nunique() for name in frame.columns}
    return [
        f'"{name}" has {n_different:,} different values in {counted(len(frame), "row")}. If rows '
        f"of one value are of one patient or case, say --group {shlex.quote(name)}: else they are "
        "on both sides, and the judgement is too good."
        for name, n_different in found.items()
        if may_be_groups(name, n_different, int(frame[name].notna().sum()))
    ]


def with_categories(frame: "pd.DataFrame", names: list[str]) -> "pd.DataFrame":
    """The table, these columns declared to be categories."""
    from thalweg.data.names import likely, listed

    for name in names:
        if name not in frame.columns:
            guess = likely(name, frame.columns)
            parts = [part.strip() for part in name.split(",")]
            several = len(parts) > 1 and all(part in frame.columns for part in parts)
            flags = " ".join(f"--category {shlex.quote(part)}" for part in parts)
            raise DataError(
                f'There is no feature "{name}" to be a category',
                where=f"the table has {listed(frame.columns)}",
                why=f'Did you mean "{guess}"?' if guess and not several else "",
                fix=f"name each one apart: {flags}"
                if several
                else "use one of these names, spelled as it is there",
            )
    return frame.astype(dict.fromkeys(names, "category"))


def features_for(model: Any, table: "Table") -> Any:
    """The features of a table as a fitted model takes them.

    A model of an array, whose columns have no names, finds x0, x1, … in a table by these.
    """
    if model.schema_.named:
        return table.frame
    replace(model.schema_, named=True).take(table.frame)  # tells of all that is wrong
    return table.frame[list(model.schema_.names)].to_numpy()


def rows_of(model: Any, X: Any, rows: Sequence[int] | np.ndarray) -> Any:
    """Some rows of what `features_for` gave."""
    return X.iloc[rows] if model.schema_.named else X[rows]
