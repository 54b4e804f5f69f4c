"""How to read a table, and what its columns are, as far as a user has said it."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, BinaryIO

from thalweg.data.notation.missing_words import MissingColumns, MissingWords
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Opened, Table, Whole, load_table, load_whole, opened
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import SettingsError
from thalweg.jobs.parts.writing import STANDARD_INPUT


@dataclass(frozen=True)
class Reading:
    """How to read a table; what is not given is detected.

    Attributes
    ----------
    separator, decimal, encoding, sheet, header_row, max_memory : optional
        As in `thalweg.data.read.load_table`.
    stdin : callable, optional
        Opens standard input, for a table named "-". A job without it has no standard input.
    known : mapping of str to Opened
        Tables that are read already, by the names that a job has for them.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    max_memory: str | None = None
    stdin: Callable[[], BinaryIO] | None = None
    known: Mapping[str, Opened] = field(default_factory=dict)

    def opened(self, source: str | Opened) -> Opened:
        """The table, read once: `table` takes it, too, for different questions."""
        source = self._known(source)
        return source if isinstance(source, Opened) else opened(source, **self._said(source))

    def table(self, source: str | Opened, **asked: Any) -> Table:
        """The table with its target apart; ``asked`` goes to `load_table`."""
        source = self._known(source)
        said = {} if isinstance(source, Opened) else self._said(source)
        return load_table(source, labels=True, **asked, **said)

    def whole(self, source: str | Opened, **asked: Any) -> Whole:
        """The table with all of its columns; ``asked`` goes to `load_whole`."""
        source = self._known(source)
        said = {} if isinstance(source, Opened) else self._said(source)
        return load_whole(source, **asked, **said)

    def _known(self, source: str | Opened) -> str | Opened:
        return source if isinstance(source, Opened) else self.known.get(source, source)

    def _said(self, source: str) -> dict[str, Any]:
        names = [each.name for each in fields(self) if each.name != "known"]
        said = {name: getattr(self, name) for name in names}
        said["stdin"] = None
        if source == STANDARD_INPUT:
            if self.stdin is None:
                raise SettingsError(
                    "There is no standard input here", where='"-"', fix="name a file"
                )
            said["stdin"] = self.stdin()
        return said


@dataclass(frozen=True)
class Columns:
    """What some columns of a table are.

    Attributes
    ----------
    target : str, optional
        The column to predict; a bundled table knows its own.
    positive : str, optional
        The positive one of two classes.
    drop : sequence of str
        Columns to leave out.
    category : sequence of str
        Columns to read as categories, even if their levels are numbers.
    number : mapping of str to str or None
        Columns of numbers, each with an example of how its numbers are written, or None.
    text : sequence of str
        Columns of free text.
    group : str, optional
        The column that says which rows belong together.
    date : mapping of str to str
        How columns of dates are read.
    time : str, optional
        The column that orders the rows in time.
    missing : list of str, or mapping
        Further words for a missing value.
    drop_missing : sequence of str
        Of target, group, time, weight and exposure: the columns whose missing cells leave their
        rows out.
    drop_row : sequence of str
        Rows to leave out, such as ``"3,17-19"``.
    ids : sequence of str
        Columns that are carried along to the file of predictions, and are no features.
    weight : str, optional
        The column that says how much each row counts.
    exposure, offset : str, optional
        The column of the exposures of the rows, or of what is added to the answer.
    targets : sequence of str
        Several columns to predict with one network; empty for one.
    positives : mapping of str to str
        The positive class of single ones of them.
    other_targets : sequence of str
        Beside ``target``, those of the same network: their missing cells may leave rows out, too.
    """

    target: str | None = None
    positive: str | None = None
    drop: Sequence[str] = ()
    category: Sequence[str] = ()
    group: str | None = None
    number: Mapping[str, str | None] = field(default_factory=dict)
    text: Sequence[str] = ()
    date: Mapping[str, str] = field(default_factory=dict)
    time: str | None = None
    missing: MissingColumns = None
    drop_missing: Sequence[str] = ()
    drop_row: Sequence[str] = ()
    ids: Sequence[str] = ()
    weight: str | None = None
    exposure: str | None = None
    offset: str | None = None
    targets: Sequence[str] = ()
    positives: Mapping[str, str] = field(default_factory=dict)
    other_targets: Sequence[str] = ()

    @property
    def may_lack(self) -> dict[str, str]:
        """Further columns whose missing cells may leave rows out, each with its role."""
        found = dict.fromkeys(self.other_targets, "target")
        sizes = {"exposure": self.exposure, "offset": self.offset}
        return found | {name: role for role, name in sizes.items() if name is not None}

    @property
    def missing_aside(self) -> MissingWords:
        """The words for a missing value of target, group, time and weight: a model keeps them."""
        words = MissingWords.of(self.missing).of_column
        aside = {self.target, self.group, self.time, self.weight, *self.targets}
        return MissingWords((), {name: own for name, own in words.items() if name in aside})

    @property
    def roles(self) -> dict[str, str]:
        """The columns of groups, times and weights, of those that there are."""
        named = {"group": self.group, "time": self.time, "weight": self.weight}
        return {role: name for role, name in named.items() if name is not None}

    def without_ids(self) -> "Columns":
        """The same columns where no file takes the ``ids``: they are left out of the features.

        A column with a role is no feature in any case, and may not be dropped.
        """
        aside = {self.target, *self.targets, *self.roles.values(), *self.may_lack, *self.drop}
        ids = [each for each in self.ids if each not in aside]
        return replace(self, ids=(), drop=[*self.drop, *ids])

    @property
    def said(self) -> SaidColumns:
        """What single columns hold, the target among them."""
        said = SaidColumns.of(self.number, self.category, self.text, self.date, self.missing)
        for name in {*self.drop} - {self.time}:  # whose times are read, though it is no feature
            said = said.but(name)  # the fix of an error may be to drop a column that was named
        return said


def column_notes(table: Table) -> tuple[str, ...]:
    """How the columns of a table are read, such as dates and numbers with a decimal comma."""
    with warnings.catch_warnings():  # whoever trains on the table warns
        warnings.simplefilter("ignore")
        return tuple(infer_schema(table.frame, said=table.said).notes)
