"""What the checks of the table doctor examine: a table, its target, and each column read once."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import level_of, trimmed, whole_text
from thalweg.data.doctor.texts_among import TextsAmongNumbers, texts_among_numbers
from thalweg.data.label_types import LostLabels
from thalweg.data.notation.column_notation import is_yes_no
from thalweg.data.notation.yes_no import folded
from thalweg.data.schema.column_floats import Column, Distinct, distinct, read_column, reader
from thalweg.data.schema.find_columns import notes_of
from thalweg.data.schema.given_table import GivenTable
from thalweg.data.schema.schema import Schema
from thalweg.data.target_kind import CLASSIFICATION, REGRESSION, is_number, no_number, numeric
from thalweg.errors import DataError
from thalweg.shell_words import in_shell
from thalweg.wording import parameter

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Look:
    """One column as the checks examine it.

    Attributes
    ----------
    column : Column or None
        Its name, kind and levels; None if no model can be fitted on it.
    name : str
    different : Distinct
        Its distinct cells.
    values : ndarray of float64, shape (n_rows,)
        Its cells as a schema reads them; all NaN if ``column`` is None.
    refusal : DataError or None
        Why no model can be fitted on it.
    """

    name: str
    column: Column | None
    different: Distinct
    values: Floats
    refusal: DataError | None = None

    @property
    def kind(self) -> str:
        """The kind; "" if there is none."""
        return self.column.kind if self.column else ""

    @functools.cached_property
    def known(self) -> Floats:
        """The values that are not missing."""
        there = ~np.isnan(self.values)
        known: Floats = self.values if there.all() else self.values[there]
        return known

    @functools.cached_property
    def texts(self) -> list[str]:
        """The distinct cells as text; "" for missing ones."""
        texts = [level_of(cell) or "" for cell in self.different.cells]
        if self.column is None or not is_yes_no(self.column.notation):
            return texts
        levels = {folded(level): level for level in self.column.levels}
        return [levels.get(folded(text), text) for text in texts]

    @property
    def labels(self) -> NDArray[np.object_]:
        """The cell of each row as text; "" for a missing one."""
        labels: NDArray[np.object_] = np.array([*self.texts, ""], dtype=object)[
            self.different.codes
        ]
        return labels

    @functools.cached_property
    def trimmed_labels(self) -> NDArray[np.str_]:
        """The cell of each row as levels and groups are compared: without spaces around it."""
        texts = [whole_text(trimmed(text)) for text in self.texts]
        labels: NDArray[np.str_] = np.array([*texts, ""], dtype=np.str_)[self.different.codes]
        return labels

    @functools.cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many rows have each of the distinct cells."""
        codes = self.different.codes
        return np.bincount(codes[codes >= 0], minlength=len(self.different.cells))

    @functools.cached_property
    def texts_among_numbers(self) -> TextsAmongNumbers | None:
        """The texts among the numbers of a column that is read as levels; None if it has none."""
        return texts_among_numbers(self.column, self.different, self.counts)

    @property
    def where(self) -> str:
        """The column, for a sentence."""
        return f'column "{self.name}"'

    def row_of(self, text: str) -> int:
        """The first row that has a text, counted from 1."""
        return min(
            self.different.row(place) for place, each in enumerate(self.texts) if each == text
        )


@dataclass(frozen=True)
class Target:
    """The target of a table.

    Attributes
    ----------
    name : str
    labels : ndarray of str, shape (n_rows,)
        "" if missing.
    numbers : ndarray of float64, shape (n_rows,), or None
        The values of a numeric target; None for classes.
    notes : list of str
        How it is read, where its cells are not plain, a sentence each.
    refusal : DataError or None
        Why no model can be fitted on it.
    """

    name: str
    labels: NDArray[np.object_]
    numbers: Floats | None
    notes: list[str] = field(default_factory=list)
    refusal: DataError | None = None

    @functools.cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a target value."""
        return np.asarray(self.labels != "", dtype=np.bool_)

    @functools.cached_property
    def classes(self) -> dict[str, int]:
        """How many rows each class has, the most common first."""
        names, counts = np.unique(self.labels[self.known].astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return dict(zip(names[order].tolist(), counts[order].tolist(), strict=True))


@dataclass(frozen=True)
class Examined:
    """A table, split into columns for the checks.

    Attributes
    ----------
    table : GivenTable
        The complete table.
    looks : list of Look
        One for each feature.
    target : Target or None
    groups : Look or None
        Which rows belong together.
    test : GivenTable or None
        The test table, without rows that are left out.
    test_groups : Look or None
        Which test rows belong together.
    text : frozenset of str
        Columns of free text, as the user said.
    target_look : Look or None
        The column of the target.
    test_kept : ndarray of int, or None
        The positions of the test rows in their file, from 0; None if none is left out.
    dropped : mapping of str to Distinct
        The columns that are left out, whose words may say that a row is a total.
    lost : LostLabels
        The labels of rows that options leave out.
    category : frozenset of str
        Columns that are categories, as the user said.
    """

    table: GivenTable
    looks: list[Look]
    target: Target | None = None
    groups: Look | None = None
    test: GivenTable | None = None
    test_groups: Look | None = None
    text: frozenset[str] = frozenset()
    target_look: Look | None = None
    test_kept: NDArray[np.intp] | None = None
    dropped: dict[str, Distinct] = field(default_factory=dict)
    lost: LostLabels = ()
    category: frozenset[str] = frozenset()

    def is_declared(self, name: str) -> bool:
        """Whether a column is a category because somebody said so, or its type says it."""
        return name in self.category or self.table.column(self.table.names.index(name)).declared

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.table.n_rows

    @property
    def numbers(self) -> list[Look]:
        """The columns of numbers, and the target where it is one."""
        found = [look for look in self.looks if look.kind == "number"]
        is_number = self.target is not None and self.target.numbers is not None
        return [*found, self.target_look] if is_number and self.target_look else found

    @functools.cached_property
    def schema(self) -> Schema:
        """The schema that a model would be fitted with: all columns that can be read."""
        return Schema(tuple(look.column for look in self.looks if look.column))

    @functools.cached_property
    def matrix(self) -> Floats:
        """The features as the schema reads them, shape (n_rows, n_features)."""
        read = [look.values for look in self.looks if look.column]
        return np.column_stack(read) if read else np.empty((self.n_rows, 0))

    @functools.cached_property
    def contents(self) -> Floats:
        """Numbers that are equal for rows that a model cannot tell apart.

        They are `matrix`, and codes of columns it cannot have.
        """
        if all(look.column for look in self.looks):
            return self.matrix
        found = [look.values if look.column else look.different.codes for look in self.looks]
        return np.column_stack(found).astype(np.float64, copy=False)

    @property
    def identifiers(self) -> list[str]:
        """The columns of which a model sees only whether a cell is filled."""
        return [look.name for look in self.looks if look.kind == "identifier"]

    @functools.cached_property
    def complete(self) -> Floats:
        """Numbers that are equal for equal rows: `contents`, and the texts of identifiers."""
        texts = [look.labels.astype(str) for look in self.looks if look.kind == "identifier"]
        codes = [np.unique(each, return_inverse=True)[1] for each in texts]
        return np.column_stack([self.contents, *codes]) if codes else self.contents


def look_at(name: str, table: GivenTable, place: int, found: Column | DataError) -> Look:
    """Examine a column of a table, for which `find_columns` has found its kind."""
    cells = table.column(place)
    different = distinct(cells.values)
    if isinstance(found, DataError):
        return Look(name, None, different, np.full(table.n_rows, np.nan), found)
    try:
        values = read_column(found, reader(found), cells)
    except DataError as refusal:
        return Look(name, None, different, np.full(table.n_rows, np.nan), refusal)
    return Look(name, found, different, values)


def target_of(look: Look, task: str = "auto") -> Target:
    """The target in a column, by the rule of `thalweg fit`, or as the task says."""
    labels = look.labels
    if task == REGRESSION and look.column is not None and look.kind != "number":
        instead = f"a numeric target, or set {parameter('task', CLASSIFICATION)}"
        return Target(look.name, labels, None, refusal=no_number(look.texts, look.name, instead))
    if look.column is None:
        return Target(look.name, labels, None, refusal=look.refusal)
    if look.kind != "number" or not (task == REGRESSION or is_number(look.known)):
        return Target(look.name, labels, None, notes_of([look.column]))
    cells = [*look.different.cells, None]
    read = numeric(look.values, look.column.notation, [cells[k] for k in look.different.codes])
    return Target(look.name, labels, look.values, read.notes(look.name))


def dropping(names: Sequence[str]) -> str:
    """A fix that leaves columns out."""
    flags = " ".join(f"--drop {in_shell(name)}" for name in names)
    return f"leave {'them' if names[1:] else 'it'} out ({flags} on the command line)"
