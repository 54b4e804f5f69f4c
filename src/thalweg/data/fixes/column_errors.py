"""Errors about single columns that know which options fix them; several of them as one error."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from thalweg.data.fixes.table_syntax import without_cells, without_columns
from thalweg.errors import DataError
from thalweg.shell_words import in_shell

# So many columns are named in one error, and the number of the others. The fix has all of them.
_MOST = 10


@dataclass(frozen=True)
class Remedy:
    """Options that fix the problem of one column.

    Attributes
    ----------
    label : str
        What the user decides with them; "" where there is nothing to decide.
    said : mapping of str to str, None or list of str
        Of each option what it says of the column: an example, a form, nothing, or words.
    european : bool
        Whether it is the habit of most of Europe: decimal commas, the day before the month. A
        table that mixes these with other habits is seldom.
    cell : str
        The cell of a later table that the options empty, as it stands there; "" if they do not.
    """

    label: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    european: bool = False
    cell: str = ""


class ColumnError(DataError):
    """A column that no model can be fitted on, with options that fix it.

    Parameters
    ----------
    what, where, why, fix : str
    remedies : sequence of Remedy
        One for each reading that is possible.
    row : int
        The row of the only cell that is wrong; 0 where there are several.
    column : str
        Its name, where the remedies are options for a later table (`fix_of_each`).
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        fix: str = "",
        remedies: Sequence[Remedy] = (),
        row: int = 0,
        column: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, fix=fix)
        self.remedies = tuple(remedies)
        self.row = row
        self.column = column


def remedies_of(error: DataError) -> tuple[Remedy, ...]:
    """What fixes the problem of a column; where nothing else does, it has to be left out."""
    found = error.remedies if isinstance(error, ColumnError) else ()
    return found or (Remedy(said={"drop": None}),)


def odd_row(problems: Sequence[DataError | None]) -> int:
    """The row whose cells alone are wrong in several columns, such as one of units; 0: none."""
    rows = Counter(each.row for each in problems if isinstance(each, ColumnError) and each.row)
    [(row, count)] = rows.most_common(1) or [(0, 0)]
    return row if count > 1 else 0


def say_odd_row(row: int) -> str:
    """The fix for such a row, behind those of each column; "" where there is none."""
    if not row:
        return ""
    return (
        f"; or say --drop-row {row} on the command line, if row {row} is no case, such as a row of "
        "units"
    )


def and_then(name: str, error: DataError, later: DataError, first_fix: str) -> DataError:
    """The error of a column that has another problem once the first one is fixed.

    Where options fix both, they stand in the place of the ``first_fix``, which is not enough.
    """
    [first] = remedies_of(error)
    remedies = [replace(each, said={**first.said, **each.said}) for each in remedies_of(later)]
    if any("drop" in each.said for each in remedies):
        remedies = []
    what, where, why, fix = error.unspelled
    why = f"{why}. Even without them: {later.unspelled[0]}"
    told = ColumnError(what, where=where, why=why, fix=fix, remedies=remedies)
    if not remedies:
        return told
    both = _fix_of_all([(name, told)]).removeprefix("say ")
    fix = fix.replace(first_fix, both)
    return ColumnError(what, where=where, why=why, fix=fix, remedies=remedies)


def in_one(problems: Sequence[tuple[str, DataError]]) -> DataError:
    """One error for the problems of several columns, with one fix for all of them.

    Parameters
    ----------
    problems : sequence of (str, DataError)
        The name of each column, and its problem.
    """
    first, *others = (problem for _, problem in problems)
    mixed = [each.said for each in remedies_of(first)]
    if not others and all(len(said) == 1 for said in mixed):
        first.problems = tuple(problems)
        return first
    named = others[: _MOST - 1]
    also = [f"{each.what} ({each.where})" if each.where else each.what for each in named]
    more = len(others) - len(named)
    also += [f"and {more} more"] if more else []
    what, where, why, _ = first.unspelled
    if also:
        why = f"{why.removesuffix('.')}. Also: {'; '.join(also)}"
    odd = say_odd_row(odd_row([problem for _, problem in problems]))
    fix = _fix_of_all(problems) + odd
    told = type(first)(what, where=where, why=why, fix=fix)
    told.problems = tuple(problems)
    return told


def fix_of_each(problems: Sequence[DataError]) -> str:
    """The fixes of several problems of a later table; options for several columns as one."""
    groups: dict[str, list[DataError]] = {}
    for each in problems:
        fix = each.unspelled[3]
        by_option = isinstance(each, ColumnError) and each.column and each.remedies
        groups.setdefault(fix.partition(": ")[0] if by_option else fix, []).append(each)
    told = []
    for fix, members in groups.items():
        columns = [(e.column, e.remedies) for e in members if isinstance(e, ColumnError)]
        if columns and columns[0][0]:
            both = re.sub("th(e|is) column is", "these columns are", fix)
            fix = f"{both if len(columns) > 1 else fix}: {_ways(columns)}"
        whose = [each.where.rpartition(", row")[0].partition("column ")[2] for each in members]
        named = len(groups) > 1 and all(whose)
        told.append(f"for {', '.join(whose)}: {fix}" if named else fix)
    return "; ".join(told)


def _ways(columns: Sequence[tuple[str, tuple[Remedy, ...]]]) -> str:
    """The options for all columns at once, in each way in which they can be read."""
    ways = []
    for way in range(max(len(remedies) for _, remedies in columns)):
        chosen = [(name, remedies[min(way, len(remedies) - 1)]) for name, remedies in columns]
        labels = [remedy.label for _, remedy in chosen if remedy.label]
        said = f"for {', '.join(labels)} " if labels else ""
        cells = {name: [remedy.cell] for name, remedy in chosen if remedy.cell}
        in_python = f", {without_cells(cells)} in Python" if len(cells) == len(chosen) else ""
        ways.append(f"{said}{_flags(chosen)} on the command line{in_python}")
    return ", ".join(ways)


def _fix_of_all(problems: Sequence[tuple[str, DataError]]) -> str:
    of_column = [
        (name, sorted(remedies_of(problem), key=lambda each: not each.european))
        for name, problem in problems
    ]
    ways = []
    for way in range(max(len(remedies) for _, remedies in of_column)):
        chosen = [(name, remedies[min(way, len(remedies) - 1)]) for name, remedies in of_column]
        labels = dict.fromkeys(remedy.label for _, remedy in chosen if remedy.label)
        said = f"{_flags(chosen)} on the command line, {_arguments(chosen)} in Python"
        ways.append(f"for {', '.join(labels)}: {said}" if labels else said)
    several = "for all of these columns at once, " if len(problems) > 1 else ""
    return f"{several}say {'; or '.join(ways)}"


def _flags(chosen: Sequence[tuple[str, Remedy]]) -> str:
    flags = []
    for name, remedy in chosen:
        for option, said in remedy.said.items():
            if option == "task":  # of the target, which is named already
                flags.append(f"--task {said}")
                continue
            values = said if isinstance(said, list) else [said]
            texts = [name if value is None else f"{name}={value}" for value in values]
            flags += [f"--{option} {in_shell(text)}" for text in texts]
    return " ".join(flags)


def _arguments(chosen: Sequence[tuple[str, Remedy]]) -> str:
    of_option: dict[str, dict[str, Any]] = {}
    for name, remedy in chosen:
        for option, said in remedy.said.items():
            of_option.setdefault(option, {})[name] = said
    dropped, tasks = of_option.pop("drop", {}), of_option.pop("task", {})
    arguments = [f"{option}={said!r}" for option, said in of_option.items()]
    arguments += [without_columns([*dropped])] if dropped else []
    arguments += ["y = y.astype(str)"] if tasks else []
    return ", ".join(arguments)
