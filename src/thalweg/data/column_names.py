"""Column names: as text, without duplicates, guessed from misspellings; whose rows they name."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import TYPE_CHECKING, TypeAlias

from thalweg.data.fixes.table_syntax import with_values
from thalweg.errors import DataError
from thalweg.shell_words import in_shell
from thalweg.wording import counted, parameter, shown

if TYPE_CHECKING:
    import pandas as pd  # a command line writes names without it

# One name or several; a name can be a number, as pandas has it.
ColumnName: TypeAlias = str | int
ColumnsGiven: TypeAlias = str | int | Iterable[str | int] | None
# The words in a note before the names of the sheets that were not read.
OTHER_SHEETS = "there are also"
# The words at the beginning of an error about a column that a table lacks.
NO_COLUMN = "There is no "
# The words at the beginning of a note about a text that is not the plainest one.
READ_AS_TEXT = "Read as text separated by"
# Of columns that identify persons, cases or animals, such as patient_id. With fewer different
# values, the column is more likely a property, such as "patient: yes".
_FEWEST = 10
_WHOSE = re.compile(
    r"patient|subject|participant|proband|person|client|donor|\bmrn\b|\bcase|\bfall|\banimal"
    r"|\bmouse|\bpat\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"birth|\bborn\b|\bdob\b|\bbdate\b|geburt|\bgeb\b|\bgebdat|naissance|\bn[ée]e? le\b|nacimiento"
    r"|\bnascita|\bnascimento|geboorte|f[öø]d(?:sel|else)|urodz|narozen",
    re.IGNORECASE,
)


def other_sheets(notes: Iterable[str]) -> str:
    """The note that says which sheet of a workbook was read, if there are others; else ""."""
    return next((note for note in notes if f"; {OTHER_SHEETS} " in note), "")


def name_given(role: str, given: ColumnName | None) -> str | None:
    """A column name as text, from one that a caller gives: 2 is the column with the name 2."""
    return None if given is None else _as_text(role, given)


def _as_text(role: str, given: ColumnName) -> str:
    """A column name as text.

    Raises
    ------
    DataError
        They are values, such as an array; ``role`` is the parameter.
    """
    if isinstance(given, str) or not hasattr(given, "__len__"):
        return str(given)
    raise DataError(
        f"{role} is of type {type(given).__name__}, not the name of a column",
        why="The table has it as a column, and this parameter names it",
        fix=f"add the values to the table, as in X = {with_values(role, 'values')}, and name them: "
        f"{parameter(role, role)}",
    )


def names_given(role: str, given: ColumnsGiven) -> list[str]:
    """Column names as text, from one name or several that a caller gives."""
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [_as_text(role, given)]
    return [_as_text(role, each) for each in given]


def own_name(given: object, names: Sequence[str]) -> str:
    """A column of a model as text: 2 is the column with the name 2; where no name is a number, a
    whole number is the place of a column, from 0 on.
    """
    text = str(given)
    if isinstance(given, bool) or not isinstance(given, Integral):
        return text
    if any(name.isdecimal() for name in names) or not 0 <= int(given) < len(names):
        return text
    return names[int(given)]


def own_names(given: str | int | Iterable[str | int], names: Sequence[str]) -> list[str]:
    """Columns of a model as text (`own_name`), from one name or several that a caller gives."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [own_name(given, names)]
    return [own_name(each, names) for each in given]


def column_names(X: "pd.DataFrame") -> list[str]:
    """The column names of a table as text.

    Raises
    ------
    DataError
        Names have several levels, or there are duplicates.
    """
    if X.columns.nlevels > 1:
        raise DataError(
            f"Column names of {X.columns.nlevels} levels",
            where=f"first column {shown(X.columns[0])}",
            why="A column must have one name",
            fix='join the levels, as in X.columns = ["_".join(map(str, c)) for c in X.columns]',
        )
    names = [str(name) for name in X.columns.tolist()]
    require_different(names)
    return names


def require_different(names: Sequence[str], instead: str = "") -> None:
    """Raise a DataError if there are duplicate names; ``instead`` is another fix."""
    twice = repeated(names)
    if twice:
        places = [str(place) for place, name in enumerate(names, start=1) if name == twice[0]]
        raise DataError(
            f"Duplicate column names: {listed(twice)}",
            where=f"columns {' and '.join(places)}",
            why="A column is identified by its name",
            fix=f"rename all but one of each name, or leave them out of the table{instead}",
        )


def repeated(names: Sequence[str]) -> list[str]:
    """The duplicate names, each once."""
    if len(set(names)) == len(names):
        return []
    return [name for name, times in Counter(names).items() if times > 1]


def listed(names: Iterable[str], most: int = 12) -> str:
    """Up to ``most`` names in quotes, separated by commas, and the number of the others."""
    quoted = [f'"{name}"' for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def likely(name: str, known: Iterable[str]) -> str:
    """The known name that is most similar to a misspelled one; "" if none is similar."""
    by_fold = {each.strip().casefold(): each for each in known}
    close = difflib.get_close_matches(name.strip().casefold(), by_fold, n=1)
    return by_fold[close[0]] if close else ""


def says_whose(name: str) -> bool:
    """Whether a column of this name may say which person, case or animal a row is about."""
    return _WHOSE.search(_apart(name)) is not None


def says_birth(name: str) -> bool:
    """Whether a column of this name holds dates of birth, which do not say when a row was made."""
    return _BIRTH.search(_apart(name)) is not None


def _apart(name: str) -> str:
    """A name with spaces between its words."""
    return re.sub(r"[_.-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def may_be_groups(name: str, n_different: int, n_known: int) -> bool:
    """Whether a column may say which rows belong together, such as several of one patient.

    Parameters
    ----------
    name : str
    n_different, n_known : int
        The number of its different cells, and of those that are not missing.
    """
    return says_whose(name) and n_different >= _FEWEST and n_known > 1.05 * n_different


def may_be_unseparated(names: Sequence[str], notes: Iterable[str] = ()) -> bool:
    """Whether a text may have been read with the wrong separator.

    Its columns are few and their names hold signs that separate columns elsewhere; or the
    separator was found, and is not the usual comma.
    """
    signs = len(names) == 1 or any(sign in name for name in names for sign in ",;\t|")
    return signs or any(note.startswith(READ_AS_TEXT) for note in notes)


@contextmanager
def of_its_sheet(notes: Sequence[str], names: Sequence[str]) -> Iterator[None]:
    """Add to an error about an absent column how the file was read, where that may be wrong.

    Of a workbook, which sheet was read, and the others; of a text, that its separator can be named.
    """
    try:
        yield
    except DataError as error:
        sheets = other_sheets(notes)
        what, where, why, fix = error.unspelled
        # Other errors, such as of a column with two roles, are the same however the file was read.
        absent = what.startswith(NO_COLUMN)
        if not absent or not (sheets or (not why and may_be_unseparated(names, notes))):
            raise
        instead = (
            f"name another sheet ({parameter('sheet')})"
            if sheets
            else f"name what separates the columns of the file ({parameter('separator')})"
        )
        raise DataError(
            what,
            where=where,
            why=" ".join(filter(None, (why, sheets))),
            fix=f"{fix}; or {instead}",
        ) from error


def require_one_name(dropped: str, names: Sequence[str]) -> None:
    """Raise a DataError if a column to drop is none, but several names with commas."""
    parts = [each.strip() for each in dropped.split(",")]
    if dropped in names or len(parts) == 1 or not all(each in names for each in parts):
        return
    on_the_command_line = " ".join(f"--drop {in_shell(each)}" for each in parts)
    raise DataError(
        f'"{dropped}" is no column to drop, but {counted(len(parts), "name")}',
        why="A comma may be part of a name",
        fix=f"name each by itself: {on_the_command_line}, or in Python drop={parts!r}",
    )
