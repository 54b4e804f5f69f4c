"""What the columns of a table are, and how their cells become numbers.

A schema is learned from the table that a model is fitted on, and reads every later table the
same way: columns are found by name, whatever their order.
"""

import difflib
import numbers
import reprlib
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd

from thalweg.errors import DataError

# Text cells that mean "not known", besides None, NaN, pd.NA and NaT. Upper or lower case and
# spaces around do not matter.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
TRUTH = {"true": True, "false": False}
KINDS = ("number", "boolean")
# Squares and differences of two columns' values stay finite.
LARGEST = 1e300


@dataclass(frozen=True)
class Column:
    """One feature: its name, and its kind, "number" or "boolean" (only 0 and 1 occur)."""

    name: str
    kind: str


@dataclass(frozen=True)
class Schema:
    """The features of a table, in the order in which a model sees them."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def matrix(
        self, X: pd.DataFrame, *, extra: Literal["ignore", "refuse"] = "ignore"
    ) -> np.ndarray:
        """Read the schema's columns from a table.

        Parameters
        ----------
        X : DataFrame
            Its columns may stand in any order.
        extra : {"ignore", "refuse"}
            What to do about columns that the schema does not know.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features)
            C-contiguous; NaN where a value is missing; booleans as 1 and 0.

        Raises
        ------
        DataError
            If columns are absent, superfluous (and refused) or twice there, or a cell does not
            fit its column.
        """
        found = column_names(X)
        place = {name: j for j, name in enumerate(found)}
        _require(self.names, found)
        own = set(self.names)
        unknown = [name for name in found if name not in own]
        if unknown and extra == "refuse":
            raise DataError(
                f"Columns that the model was not fitted on: {listed(unknown)}",
                fix="leave them out",
            )
        read = _read([(column.name, X.iloc[:, place[column.name]]) for column in self.columns])
        matrix = np.empty((len(X), len(self.columns)))
        for j, (column, (values, _)) in enumerate(zip(self.columns, read, strict=True)):
            if column.kind == "boolean":
                _require_truth_values(column.name, values)
            matrix[:, j] = values
        return matrix

    def to_header(self) -> dict[str, Any]:
        """The schema as plain data, for the header of a file."""
        return {"columns": [{"name": each.name, "kind": each.kind} for each in self.columns]}

    @classmethod
    def from_header(cls, header: Any) -> "Schema":
        """Rebuild a schema from what `to_header` gave.

        Raises
        ------
        DataError
            If anything is absent, superfluous, of the wrong type or without meaning.
        """
        entries = header.get("columns") if isinstance(header, Mapping) else None
        if not isinstance(entries, list) or not entries or set(header) != {"columns"}:
            raise DataError("A schema is a list of at least one column, and nothing else")
        for place, entry in enumerate(entries, start=1):
            if (
                not isinstance(entry, Mapping)
                or set(entry) != {"name", "kind"}
                or not isinstance(entry["name"], str)
                or entry["kind"] not in KINDS
            ):
                raise DataError(
                    "A column of a schema has a name, and a kind that is number or boolean",
                    where=f"column {place}",
                )
        names = [entry["name"] for entry in entries]
        if len(set(names)) < len(names):
            raise DataError(f"A schema names a column twice: {listed(_repeated(names))}")
        return cls(tuple(Column(entry["name"], entry["kind"]) for entry in entries))


def infer_schema(X: pd.DataFrame) -> Schema:
    """Find out what the columns of a table are.

    A column whose cells are all true or false (or missing) is boolean; one whose cells are all
    numbers, or text that reads as numbers, is a number; so is an empty one.

    Parameters
    ----------
    X : DataFrame
        Features only.

    Returns
    -------
    Schema

    Raises
    ------
    DataError
        If there is no column, a name stands twice, or a cell is text, a date, infinite or the
        like.
    """
    names = column_names(X)
    if not names:
        raise DataError(
            "The table has no feature columns",
            why="There is nothing to predict from",
            fix="give a table with at least one column besides the target",
        )
    read = _read([(name, X.iloc[:, j]) for j, name in enumerate(names)])
    kinds = [KINDS[is_boolean] for _, is_boolean in read]
    return Schema(tuple(map(Column, names, kinds)))


def column_names(X: pd.DataFrame) -> list[str]:
    """The column names of a table as text.

    Raises
    ------
    DataError
        If names have several levels, or one stands twice.
    """
    if X.columns.nlevels > 1:
        raise DataError(
            f"Column names of {X.columns.nlevels} levels",
            where=f"first column {reprlib.repr(X.columns[0])}",
            why="A column is known by one name",
            fix='join the levels, as in X.columns = ["_".join(map(str, c)) for c in X.columns]',
        )
    names = [str(name) for name in X.columns]
    twice = _repeated(names)
    if twice:
        places = [str(place) for place, name in enumerate(names, start=1) if name == twice[0]]
        raise DataError(
            f"Column names that stand twice: {listed(twice)}",
            where=f"columns {' and '.join(places)}",
            why="A column is known by its name",
            fix="rename one of each, or leave it out of the table",
        )
    return names


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names in quotes, separated by commas, the rest as a number."""
    quoted = [f'"{name}"' for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def likely(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one was likely meant to be, or nothing."""
    by_fold = {each.strip().casefold(): each for each in known}
    close = difflib.get_close_matches(name.strip().casefold(), by_fold, n=1)
    return by_fold[close[0]] if close else ""


def missing_cells(cells: pd.Series) -> np.ndarray:
    """Which cells are missing: None, NaN, pd.NA, NaT or one of the words in `MISSING`."""
    return np.fromiter(
        (isinstance(cell, str) and cell.strip().casefold() in MISSING for cell in cells),
        dtype=np.bool_,
        count=len(cells),
    ) | cells.isna().to_numpy(dtype=np.bool_)


def _repeated(names: list[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _require(names: Iterable[str], found: list[str]) -> None:
    there = set(found)
    absent = [name for name in names if name not in there]
    if absent:
        guesses = [(name, likely(name, found)) for name in absent]
        hints = [f'"{guess}" may be meant for "{name}"' for name, guess in guesses if guess]
        raise DataError(
            f"Columns that the model was fitted on are not in the table: {listed(absent)}",
            where=f"it has {listed(found)}",
            why=", ".join(hints),
            fix="add them under these names; cells may be empty where a value is not known",
        )


def _require_truth_values(name: str, values: np.ndarray) -> None:
    wrong = np.flatnonzero((values != 0.0) & (values != 1.0) & ~np.isnan(values))
    if len(wrong):
        raise DataError(
            f"{values[wrong[0]]:g} instead of true or false",
            where=f'column "{name}", row {wrong[0] + 1}',
            why="When the model was fitted, this column held only true and false",
            fix="write true or false, or 1 or 0, or leave the cell empty if not known",
        )


def _read(columns: list[tuple[str, pd.Series]]) -> list[tuple[np.ndarray, bool]]:
    """The numbers of each column, and whether they are truth values.

    The first column that cannot be read is reported, and all others named with it.
    """
    read = []
    errors: dict[str, DataError] = {}
    for name, cells in columns:
        try:
            read.append(_numbers(name, cells))
        except DataError as error:
            errors[name] = error
    if errors:
        first, *others = errors
        report = errors[first]
        also = f". Nor can these columns be read: {listed(others)}" if others else ""
        raise DataError(report.what, where=report.where, why=report.why + also, fix=report.fix)
    return read


def _numbers(name: str, cells: pd.Series) -> tuple[np.ndarray, bool]:
    """The numbers of one column, and whether they are truth values."""
    kind = cells.dtype
    types = pd.api.types
    if types.is_bool_dtype(kind) and not isinstance(kind, pd.CategoricalDtype):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan), True
    if types.is_numeric_dtype(kind) and not types.is_complex_dtype(kind):
        with np.errstate(over="ignore"):  # a long double may be beyond the floats
            values, is_boolean = cells.to_numpy(dtype=np.float64, na_value=np.nan), False
    else:
        values, is_boolean = _numbers_of_objects(name, cells.to_numpy(dtype=object))
    too_large = np.flatnonzero(np.abs(values) > LARGEST)
    if len(too_large):
        row = int(too_large[0])
        cell = cells.iloc[row]
        shown = reprlib.repr(cell) if isinstance(cell, str) else f"{values[row]:g}"
        raise DataError(
            f"A number that is infinite or far too large: {shown}",
            where=f'column "{name}", row {row + 1}',
            why=f"Numbers must be finite, and not above {LARGEST:g} in size",
            fix="correct the cell, or leave it empty if the value is not known",
        )
    return values, is_boolean


def _numbers_of_objects(name: str, cells: np.ndarray) -> tuple[np.ndarray, bool]:
    """Read cells of any type; a text that occurs often is read once."""
    plain = _plain_numbers(cells)
    if plain is not None:
        return plain, False
    texts: dict[str, float | None] = {}
    read: list[float] = []
    for row, cell in enumerate(cells, start=1):
        if isinstance(cell, str):
            if cell not in texts:
                texts[cell] = _number_of_text(cell)
            value = texts[cell]
        else:
            value = _number_of_object(cell)
        if value is None:
            raise _unreadable(name, row, cell)
        read.append(value)
    values = np.array(read, dtype=np.float64)
    is_truth = np.fromiter((isinstance(value, bool) for value in read), np.bool_, len(read))
    known = np.flatnonzero(~np.isnan(values))
    other = known[is_truth[known] != is_truth[known[:1]]]
    if len(other):
        raise DataError(
            "Both numbers and true or false in one column",
            where=f'column "{name}", row {other[0] + 1}',
            why=f"Row {known[0] + 1} holds {reprlib.repr(cells[known[0]])}, "
            f"this one {reprlib.repr(cells[other[0]])}",
            fix="write either numbers or true and false throughout",
        )
    return values, bool(is_truth[known].any())


def _plain_numbers(cells: np.ndarray) -> np.ndarray | None:
    """The fast way, several times so, for a column of nothing but numerals and empty cells."""
    try:
        if "_" in "".join(cells):
            return None
        return np.where(cells == "", "nan", cells).astype(np.float64)
    except (TypeError, ValueError):  # cells that are not text, or not numerals: one by one then
        return None


def _number_of_text(text: str) -> float | None:
    """The number, a bool for true and false, NaN for missing, None for any other text."""
    word = text.strip().casefold()
    if word in MISSING:
        return np.nan
    if word in TRUTH:
        return TRUTH[word]
    if "_" in word:  # float() reads 12_34 as Python does, but in a table it is a name
        return None
    try:
        return float(word)
    except ValueError:
        return None


def _number_of_object(cell: object) -> float | None:
    """The number, a bool for a truth value, NaN for missing, None for anything else."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return np.nan
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if not isinstance(cell, numbers.Real | Decimal):
        return None
    try:
        return float(cell)
    except OverflowError:  # an integer or fraction beyond the floats
        return np.inf
    except ValueError:  # a Decimal that signals
        return None


def _unreadable(name: str, row: int, cell: object) -> DataError:
    is_text = isinstance(cell, str)
    sort = "Text" if is_text else f"A cell of type {type(cell).__name__}"
    return DataError(
        f"{sort} instead of a number: {reprlib.repr(cell)}",
        where=f'column "{name}", row {row}',
        why="Categories are not supported yet in this version"
        if is_text
        else "A model learns from numbers, true and false only",
        fix=f"leave the column out (--drop {shlex.quote(name)} on the command line), "
        "or code it as numbers",
    )
