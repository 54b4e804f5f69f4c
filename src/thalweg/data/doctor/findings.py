"""The findings of the table doctor: what is wrong with a table, how severe, and the fix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from thalweg.data.fixes.column_errors import ColumnError
from thalweg.data.fixes.named_rows import in_ranges
from thalweg.errors import DataError
from thalweg.wording import Spelling, spelled

# "severe": the results are wrong, or a fit is not possible. "caution": it may be a problem; only
# somebody who knows the table can tell. "note": good to know.
SEVERITIES = ("severe", "caution", "note")
# Stretches of rows that an option names: what names more is no command that a person reads.
_MOST_RANGES = 200


@dataclass(frozen=True)
class FixByOptions:
    """Options that fix a finding, for a program that offers them as a choice.

    Attributes
    ----------
    said : dict
        By the names of the fields of `thalweg.jobs.parts.table_options.Columns`, as it takes them.
    label : str
        What a person decides with them; "" where there is nothing to decide.
    """

    said: Mapping[str, Any]
    label: str = ""

    @classmethod
    def without(cls, *columns: str) -> "FixByOptions":
        """To leave columns out."""
        return cls({"drop": list(columns)})

    @classmethod
    def without_rows(cls, rows: Sequence[int]) -> "tuple[FixByOptions, ...]":
        """To leave rows out, counted from 1 as in the file; none where they are too many."""
        # Counted first: each stretch would be a list and a text.
        if len(rows) and 1 + np.count_nonzero(np.diff(rows) != 1) > _MOST_RANGES:
            return ()
        return (cls({"drop_row": in_ranges(rows)}),)

    @classmethod
    def of_error(cls, name: str, error: DataError) -> "tuple[FixByOptions, ...]":
        """What options fix the problem of a column; none where none does."""
        found = error.remedies if isinstance(error, ColumnError) else ()
        return tuple(
            cls({option: _of_column(name, option, value) for option, value in each.said.items()},
                each.label)
            for each in found
        )  # fmt: skip


def _of_column(name: str, option: str, said: Any) -> Any:
    """What an option says of one column, as `Columns` has it."""
    if option == "task":
        return said
    return {name: said} if option in ("number", "date", "missing") else [name]


@dataclass(frozen=True)
class Finding:
    """A problem, or possible problem, of a table.

    Attributes
    ----------
    check : str
        The check that found it, such as "leak".
    severity : {"severe", "caution", "note"}
    what, where, why, fix : str
        As in `thalweg.errors.ThalwegError`.
    columns : tuple of str
        The columns that have the problem.
    rows : tuple of int
        The rows that its fix is about, counted from 1 as in the file; of the test table where that
        has the problem, too. Empty where the fix is about whole columns or the whole table.
    fixes : tuple of FixByOptions
        What options fix it, each by itself; empty where none does.
    """

    check: str
    severity: str
    what: str
    where: str
    why: str
    fix: str
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    fixes: tuple[FixByOptions, ...] = field(default=(), compare=False)

    @classmethod
    def of(
        cls,
        check: str,
        error: DataError,
        columns: tuple[str, ...] = (),
        where: str = "",
        rows: tuple[int, ...] = (),
        fixes: tuple[FixByOptions, ...] = (),
    ) -> "Finding":
        """The finding that `thalweg fit` raises this error."""
        what, place, why, fix = error.unspelled
        return cls(check, "severe", what, place or where, why, fix, columns, rows, fixes)

    def spelled(self, spelling: Spelling) -> "Finding":
        """The finding with the parameters in it called as they are where it is read."""
        what, where, why, fix = (
            spelled(text, spelling) for text in (self.what, self.where, self.why, self.fix)
        )
        return replace(self, what=what, where=where, why=why, fix=fix)

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {
            "check": self.check,
            "severity": self.severity,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "fix": self.fix,
            "columns": list(self.columns),
            "rows": list(self.rows),
        }
