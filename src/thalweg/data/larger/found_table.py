"""What a table is that is read in batches: its columns, its target, and how many rows it has.

It is found in one reading of the columns that are not typed as numbers. Parquet files of numbers
need none.
"""

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.cells import plain_numbers, trimmed
from thalweg.data.column_names import listed
from thalweg.data.encoding.encoder_part import DATE
from thalweg.data.fixes.column_errors import in_one
from thalweg.data.larger.cell_places import CellPlaces
from thalweg.data.larger.column_cells import (
    MOST_TEXTS,
    NUMERALS_KEPT,
    ColumnCells,
    of_dates,
    require_held,
)
from thalweg.data.larger.table_files import (
    Batch,
    Passed,
    TableFiles,
    require_cells,
    require_rows,
    require_target,
    unheard,
)
from thalweg.data.larger.target_labels import LABEL_OF, found_labels, type_of_labels
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.emptied_table import emptied
from thalweg.data.schema.find_columns import find_columns, with_bounds
from thalweg.data.schema.given_table import Cells, GivenTable
from thalweg.data.schema.misfit_messages import no_features
from thalweg.data.schema.schema import Schema
from thalweg.data.target_kind import REGRESSION, no_number
from thalweg.errors import DataError, IdentifierWarning, outer_level
from thalweg.wording import counted, parameter, rows_counted_as_in_file

Floats = NDArray[np.float64]

# A target with more different cells than this is no class.
MOST_CLASSES = 10_000
# What the first reading is called.
COLUMNS_READ = "Reading the columns"


@dataclass(frozen=True)
class LargerColumns:
    """What a person says of the columns of a table.

    Attributes
    ----------
    target : str
    drop : tuple of str
        Columns that are left out.
    said : SaidColumns
        Of single features.
    of_classes : bool
        Whether the target is classes, and no number.
    typed : bool
        Whether classes are of the type that the files give the target, and no texts.
    """

    target: str
    drop: tuple[str, ...] = ()
    said: SaidColumns = field(default_factory=SaidColumns)
    of_classes: bool = True
    typed: bool = False

    def features(self, names: Sequence[str]) -> list[str]:
        """The columns of a table that are features."""
        return [name for name in names if name != self.target and name not in self.drop]

    def as_data(self) -> dict[str, Any]:
        """As plain data, to be compared."""
        return {
            "target": self.target,
            "drop": sorted(self.drop),
            "said": repr(self.said),
            "classes": self.of_classes,
            **({"typed": True} if self.typed else {}),
        }


@dataclass(frozen=True, eq=False)
class FoundTable:
    """A table that is read in batches.

    Attributes
    ----------
    schema : Schema
        Its features.
    target : str
    labels : dict of str to str, or None
        The label that each text of the target stands for; None for a number.
    counts : dict of str to int
        How many rows each label has; empty for a number.
    n_rows : int
    small : tuple of bool
        Whether float32 holds each column of the schema exactly.
    label_type : {"", "bool", "int", "float"}
        What the labels are; "" for texts.
    """

    schema: Schema
    target: str
    labels: dict[str, str] | None
    counts: dict[str, int]
    n_rows: int
    small: tuple[bool, ...]
    label_type: str = ""

    @property
    def classes(self) -> list[str]:
        """The labels as texts, in the order of what they are."""
        return sorted(self.counts, key=LABEL_OF[self.label_type])

    @property
    def labels_of_type(self) -> NDArray[Any]:
        """The labels, sorted."""
        return np.array([*map(LABEL_OF[self.label_type], self.classes)])

    @property
    def needed(self) -> list[str]:
        """The columns of the files that are read."""
        return [*self.schema.given_names, self.target]

    def numbers(self, batch: Batch) -> tuple[Floats, Floats]:
        """The features and the target of a batch as numbers.

        Returns
        -------
        matrix : ndarray of float64, shape (n_rows, n_features)
        y : ndarray of float64, shape (n_rows,)
            A class is its place among `classes`.

        Raises
        ------
        DataError
            A cell does not fit its column, or one of the target is missing.
        """
        cells = batch.frame[self.target]
        require_cells(cells, batch)
        features = batch.frame[list(self.schema.given_names)]
        with _rows_of(batch):
            taken = self.schema.take(features)
        matrix = np.asarray(taken.matrix, dtype=np.float64)
        return matrix, self._codes(cells) if self.labels is not None else _numbers(cells, batch)

    def _codes(self, cells: pd.Series) -> Floats:
        assert self.labels is not None
        places = {label: float(place) for place, label in enumerate(self.classes)}
        codes, different = pd.factorize(cells.to_numpy())
        of_each = [places[self.labels[trimmed(str(cell))]] for cell in different.tolist()]
        return np.array(of_each)[codes]

    def settled(self, empty: Collection[int]) -> "FoundTable":
        """The same, where these columns have turned out to have no cell that is filled."""
        columns = [
            Column(each.name, "empty") if place in empty else each
            for place, each in enumerate(self.schema.columns)
        ]
        return replace(self, schema=replace(self.schema, columns=tuple(columns)))

    def as_data(self) -> dict[str, Any]:
        """As plain data, which `from_data` reads."""
        return {
            "schema": self.schema.to_header(), "target": self.target, "labels": self.labels,
            "counts": self.counts, "n_rows": self.n_rows, "small": list(self.small),
            "label_type": self.label_type,
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "FoundTable":
        """Rebuild a table from what `as_data` gave."""
        return cls(
            Schema.from_header(data["schema"]), data["target"], data["labels"], data["counts"],
            data["n_rows"], tuple(data["small"]), data.get("label_type", ""),
        )  # fmt: skip


def find_table(
    files: TableFiles, asked: LargerColumns, rows: int, most: int, passed: Passed = unheard
) -> FoundTable:
    """Find what a table is, in one reading of the columns that are not typed as numbers.

    Parameters
    ----------
    files : TableFiles
    asked : LargerColumns
    rows : int
        Of a batch.
    most : int
        The memory in bytes that different texts may take.
    passed : callable, optional
        Hears how many rows are read.

    Raises
    ------
    DataError
        There are no rows, a column is absent or cannot be read, or the target has one class, or
        too many.
    """
    features = _features(files, asked)
    read = [
        name
        for name in features
        if (name not in files.typed or name in asked.said.category) and name not in asked.said.text
    ]
    seen = {
        name: ColumnCells(name, kept=MOST_TEXTS if name in asked.said.category else NUMERALS_KEPT)
        for name in read
    }
    target = ColumnCells(asked.target, most_texts=MOST_CLASSES, kept=MOST_CLASSES)
    needed = [*read, asked.target] if asked.of_classes else read
    n_rows = files.n_rows
    if needed or n_rows is None:
        batches = files.batches(needed or files.names[:1], rows, COLUMNS_READ, passed)
        n_rows = _see(batches, seen, target if asked.of_classes else None, most)
    require_rows(n_rows, files)
    cells = [seen[n].found() if n in seen else _typed(n in files.truths) for n in features]
    said = asked.said
    if wide := {name for name, each in seen.items() if each.is_identifier}:
        said = replace(said, text=frozenset({*said.text, *wide}))
    schema = _schema(features, cells, said, CellPlaces(files, rows))
    for each in schema.given:
        if each.kind == "category" and each.name in seen and seen[each.name].is_cut:
            raise _many_numerals(each.name)
    _warn_of_identifiers(schema, said, seen)
    labels, counts = found_labels(target) if asked.of_classes else (None, {})
    small = tuple(
        each.kind not in ("number", "bound") or each.name in files.small for each in schema.columns
    )
    kind = type_of_labels(target) if asked.typed and labels is not None else ""
    return FoundTable(schema, asked.target, labels, counts, n_rows, small, kind)


def _features(files: TableFiles, asked: LargerColumns) -> list[str]:
    """The columns that are features; a DataError if the table has not what is said of it."""
    require_target(asked.target, files.names, files.paths[0])
    if absent := [name for name in asked.drop if name not in files.names]:
        raise DataError(
            f"There is no column {listed(absent)} to leave out",
            where=f"{files.paths[0]} has {listed(files.names)}",
            fix="name columns of the table",
        )
    features = asked.features(files.names)
    if not features:
        raise no_features(files.n_rows or 0)
    asked.said.require_known(features)
    files.require_small_groups([*features, asked.target])
    return features


def _see(
    batches: Iterable[Batch], seen: dict[str, ColumnCells], target: ColumnCells | None, most: int
) -> int:
    """Read the cells of columns, and count the rows."""
    n_rows = 0
    columns = [*seen.values(), *([] if target is None else [target])]
    for batch in batches:
        n_rows += len(batch.frame)
        for each in columns:
            each.see(batch.frame[each.name], batch.name)
        if target is not None:
            require_cells(batch.frame[target.name], batch)
            if target.is_identifier or target.n_different > MOST_CLASSES:
                raise _no_classes(target.name)
        require_held(columns, most)
    return n_rows


def _typed(is_truth: bool) -> tuple[Cells, Floats]:
    """What stands for a column whose type says that it is numbers, or true and false."""
    return Cells(np.zeros(1, np.bool_ if is_truth else np.float64)), np.ones(1)


def _schema(
    names: list[str],
    seen: Sequence[tuple[Cells, Floats]],
    said: SaidColumns,
    places: CellPlaces,
) -> Schema:
    """The schema of columns of which each has its own cells, with the rows that they stand for."""
    cells = [each for each, _ in seen]
    n_rows = max(len(each.values) for each in cells)

    def none() -> Any:
        return None

    table = GivenTable(names, n_rows, len(names), cells.__getitem__, none, none, lambda _: table)
    counts = [each for _, each in seen]
    found = find_columns(emptied(table, said.missing, names), counts, said)
    problems = [
        (name, places.placed(name, each, own))
        for name, each, own in zip(names, found, cells, strict=True)
        if isinstance(each, DataError)
    ]
    if problems:
        raise in_one(problems)
    columns = with_bounds([each for each in found if isinstance(each, Column)])
    schema = Schema(columns, missing=said.missing)
    for name, n_levels in zip(schema.names, schema.n_levels, strict=True):
        if n_levels == DATE:
            raise of_dates(name)
    return schema


def _warn_of_identifiers(
    schema: Schema, said: SaidColumns, seen: Mapping[str, ColumnCells]
) -> None:
    """Warn about columns that are taken for identifiers, as `report_identifiers` does."""
    names = tuple(
        each.name
        for each in schema.given
        if each.kind == "identifier"
        and (each.name not in said.text or (each.name in seen and seen[each.name].is_identifier))
    )
    if names:
        warnings.warn(
            IdentifierWarning(
                "Columns of text that differs in nearly every row are taken for identifiers, and "
                f"only whether a cell is filled counts: {listed(names)}. Fix: leave them out when "
                "the file is made; if they are names of groups, declare them "
                f"({parameter('category', list(names))}).",
                names,
            ),
            stacklevel=outer_level(),
        )


def _numbers(cells: pd.Series, batch: Batch) -> Floats:
    """A numeric target; texts must be plain numerals."""
    values = cells.to_numpy()
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    texts = np.array([trimmed(cell) if isinstance(cell, str) else cell for cell in values], object)
    numbers = plain_numbers(texts)
    if numbers is None:
        error = no_number(cells, str(cells.name), "a numeric target")
        what, where, why, fix = error.unspelled
        raise DataError(what, where=f"{where}, in {batch.name}", why=why, fix=fix)
    return numbers


def _many_numerals(name: str) -> DataError:
    return DataError(
        "A column has numerals among other texts, and very many different ones",
        where=f'column "{name}", more than {NUMERALS_KEPT:,}',
        why="Not all of them were kept as levels of a category",
        fix=f"declare it a category: {parameter('category', [name])}; or leave it out",
    )


def _no_classes(name: str) -> DataError:
    return DataError(
        f"The target has more than {counted(MOST_CLASSES, 'class', 'classes')}",
        where=f'column "{name}"',
        why="Each class is an output of the network",
        fix=f"name another target, or fit a {REGRESSION} if it is a number",
    )


@contextmanager
def _rows_of(batch: Batch) -> Iterator[None]:
    """Errors in the block number the rows as their file does, and name it."""
    kept = np.arange(batch.first, batch.first + len(batch.frame))
    try:
        with rows_counted_as_in_file(kept):
            yield
    except DataError as error:
        what, where, why, fix = error.unspelled
        raise DataError(what, where=f"{batch.name}: {where}", why=why, fix=fix) from error
