r"""Column names as messages write them: ``Age\n(years)`` names a column with a line break."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from thalweg.errors import ThalwegError
from thalweg.wording import unescaped

if TYPE_CHECKING:
    from thalweg.jobs.parts.table_options import Reading

Naming = Callable[[str], str]


def names_of(table: str, reading: "Reading") -> Naming:
    """How a name on the command line is meant: as it is written, if a column of the table is so.

    The table is read for that only if a name holds an escaped character; standard input, which can
    be read once, is not.
    """
    known: list[frozenset[str]] = []

    def meant(name: str) -> str:
        if (other := unescaped(name)) == name:
            return name
        if not known:
            known.append(_names(table, reading))
        return name if name in known[0] else other

    return meant


def _names(table: str, reading: "Reading") -> frozenset[str]:
    if table == "-":
        return frozenset()
    try:
        whole = reading.whole(table)
    except ThalwegError:  # the verb will say it
        return frozenset()
    return frozenset([*whole.frame.columns, *whole.dropped.columns])
