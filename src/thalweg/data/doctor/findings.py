"""The findings of the table doctor: what is wrong with a table, how severe, and the fix."""

from dataclasses import dataclass, replace
from typing import Any

from thalweg.errors import DataError
from thalweg.wording import Spelling, spelled

# "severe": the results are wrong, or a fit is not possible. "caution": it may be a problem; only
# somebody who knows the table can tell. "note": good to know.
SEVERITIES = ("severe", "caution", "note")


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
    """

    check: str
    severity: str
    what: str
    where: str
    why: str
    fix: str
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        check: str,
        error: DataError,
        columns: tuple[str, ...] = (),
        where: str = "",
        rows: tuple[int, ...] = (),
    ) -> "Finding":
        """The finding that `thalweg fit` raises this error."""
        what, place, why, fix = error.unspelled
        return cls(check, "severe", what, place or where, why, fix, columns, rows)

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
