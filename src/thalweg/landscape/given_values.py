"""What a caller gives for a picture of a table: the table and how it is read, runs, layers, steps.

All is checked at once, before anything is read or trained, and each error names what works.
"""

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from thalweg.data.column_names import likely
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table, load_table
from thalweg.errors import SettingsError
from thalweg.wording import parameter

# What `load_table` takes under the same names, and what is said of single columns.
READING = (
    "target", "positive", "drop", "missing", "drop_missing", "drop_row",
    "separator", "decimal", "encoding", "sheet", "header_row", "max_memory",
)  # fmt: skip
OF_COLUMNS = ("number", "category", "text", "date")
# A run with more steps than that takes longer than a person waits, and its path much memory.
MOST_STEPS_OF_RUN = 1_000_000
# A comma behind which another run begins, and not another setting of the same one.
_NEXT_RUN = re.compile(r",(?=[a-z][\w-]*(?:[:,]|$))")


def require_known(call: str, given: Iterable[str], own: Sequence[str]) -> None:
    """Refuse keywords that are neither of the call nor about its table.

    Parameters
    ----------
    call : str
        Its name, for the message.
    given : iterable of str
    own : sequence of str
        The keywords of the call alone.

    Raises
    ------
    SettingsError
    """
    known = (*own, *READING, *OF_COLUMNS)
    for name in given:
        if name not in known:
            guess = likely(name, known)
            raise SettingsError(
                f"{call} has no parameter {name!r}",
                why=f"Did you mean {guess!r}?" if guess else "",
                fix=f"leave it out, or take one of {', '.join(known)}",
            )


def about_table(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keywords about the table, and the others."""
    of_table = {key: value for key, value in given.items() if key in (*READING, *OF_COLUMNS)}
    return of_table, {key: value for key, value in given.items() if key not in of_table}


def table_given(source: Any, said: Mapping[str, Any]) -> Table:
    """The table: itself, or read with what is said of it.

    Parameters
    ----------
    source : Table, str, path, DataFrame or Arrow table
    said : mapping
        Of the names in ``READING`` and ``OF_COLUMNS``.

    Returns
    -------
    Table

    Raises
    ------
    SettingsError
        If it is said of a Table how it is read.
    DataError
        As `load_table`.
    """
    reading = {key: value for key, value in said.items() if key in READING}
    if not isinstance(source, Table):
        table = load_table(source, labels=True, **reading)
    elif reading:
        named = ", ".join(map(parameter, reading))
        raise SettingsError(
            f"{named} says how a table is read, and this Table is read already",
            fix=f"leave {named} out here and give it to load_table, or give the file or the "
            "DataFrame in place of the Table",
        )
    else:
        table = source
    columns = {key: value for key, value in said.items() if key in OF_COLUMNS}
    if not columns:
        return table
    read = SaidColumns.of(**columns)
    both = replace(table.said, **{key: getattr(read, key) for key in columns})
    for name in (table.target_name, *table.dropped.columns):
        both = both.but(name)
    return replace(table, said=both)


def listed_runs(name: str, given: Any) -> tuple[str, ...]:
    """Names of runs, given as a list.

    Raises
    ------
    SettingsError
        For one text, which is not split, and for what is no list of texts.
    """
    if isinstance(given, str):
        raise SettingsError(
            f"{parameter(name)} is one text, and not a list",
            fix=f"write {parameter(name, _NEXT_RUN.split(given))}",
        )
    try:
        listed = tuple(given)
    except TypeError:
        listed = (None,)
    if not all(isinstance(each, str) for each in listed):
        raise SettingsError(
            f"{parameter(name, given)} is no list of names",
            fix=f"give texts, as in {parameter(name, ['sgd', 'momentum'])}",
        )
    return tuple(map(str, listed))


def runs_given(
    rules: Any, profiles: Any, connect: Any
) -> tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...]]:
    """The runs, those with a profile (None: all), and those that are connected; `listed_runs`."""
    profiled = None if profiles is None else listed_runs("profiles", profiles)
    return listed_runs("rules", rules), profiled, listed_runs("connect", connect)


def layers_given(given: Any, name: str = "hidden") -> tuple[int, ...]:
    """The units of each hidden layer; one number is one layer.

    Raises
    ------
    SettingsError
    """
    try:
        listed = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
        sizes = tuple(operator.index(each) for each in listed)
    except TypeError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise SettingsError(
            f"{parameter(name, given)} is no list of numbers of units",
            fix=f"give whole numbers from 1 on, as in {parameter(name, (15,))}",
        )
    return sizes


def numbers_given(name: str, given: Any, example: tuple[float, ...]) -> tuple[float, ...]:
    """Numbers, given as a list; one number is a list of one.

    Raises
    ------
    SettingsError
    """
    try:
        listed = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
        return tuple(_number(each) for each in listed)
    except TypeError:
        raise SettingsError(
            f"{parameter(name, given)} is no list of numbers",
            fix=f"give numbers, as in {parameter(name, example)}",
        ) from None


def _number(given: Any) -> float:
    if isinstance(given, str | bool):
        raise TypeError
    return float(given)


def whole_number(name: str, given: Any, low: int, example: int) -> int:
    """A whole number from ``low`` on.

    Raises
    ------
    SettingsError
    """
    try:
        number = operator.index(given)
    except TypeError:
        number = low - 1
    if number < low:
        raise SettingsError(
            f"{parameter(name, given)} is no whole number from {low} on",
            fix=f"give one, as in {parameter(name, example)}",
        )
    return number


def require_steps(steps: Any) -> int:
    """The steps of each run, not more than anybody waits for.

    Raises
    ------
    SettingsError
    """
    number = whole_number("steps", steps, 1, 400)
    if number > MOST_STEPS_OF_RUN:
        raise SettingsError(
            f"{number:,} steps are too many for one run",
            where=parameter("steps", number),
            why="Each step takes time, and on a function of two parameters memory, too",
            fix=f"take {parameter('steps', MOST_STEPS_OF_RUN)} or fewer",
        )
    return number
