"""Accept tables of every type (pandas, polars, Arrow, NumPy, SciPy sparse, lists) as one view.

Nothing is interpreted here. A `GivenTable` gives the cells unchanged, column by column, or all at
once if the table is one array of numbers. The schema interprets them.
"""

import functools
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.arrays.small_floats import changes_as_objects, is_small, numpy_type
from thalweg.data.cells import plain_numbers
from thalweg.data.column_names import column_names, require_different
from thalweg.data.dates.date_cells import tz_of, zone_of
from thalweg.data.fixes.not_a_table import a_path, no_table, require_two_dimensions
from thalweg.data.fixes.table_syntax import Library
from thalweg.errors import DataError
from thalweg.wording import counted

# A table of any library, or a `GivenTable`; `table_of` finds out which.
AnyTable: TypeAlias = Any
# Tables of up to this many rows are read cell by cell: getting one column from pandas takes as
# long as reading some hundred cells.
FEW = 32
# From this size on, different integers can become the same float.
_WHOLE = 2.0**53
# The libraries whose tables narwhals reads.
_FRAMES = frozenset({"cudf", "modin", "narwhals", "polars", "pyarrow"})


@dataclass(frozen=True)
class Cells:
    """One column of a given table, unchanged.

    Attributes
    ----------
    values : ndarray, shape (n_rows,)
        Real numbers, NaN if missing; booleans; datetime64; or objects of any type.
    declared : bool
        Whether the table itself declares the column a category (a pandas category, a polars
        Categorical or Enum, an Arrow dictionary).
    zone : str
        Of datetime64 in ``values``, which are in UTC then; empty where they have no time zone.
    rows : ndarray of float64, shape (n_rows,), optional
        How many rows of a larger table each of ``values`` stands for; by default one.
    """

    values: NDArray[Any]
    declared: bool = False
    zone: str = ""
    rows: NDArray[np.float64] | None = None

    @functools.cached_property
    def plain(self) -> NDArray[np.float64] | None:
        """The numbers of objects that are nothing but numerals, converted once; or None."""
        return plain_numbers(self.values)

    def without_datetimes(self) -> "Cells":
        """The same cells, datetime64 as objects: for columns that are not dates."""
        if self.values.dtype.kind != "M":
            return self
        moments = pd.DatetimeIndex(self.values)
        if self.zone:
            moments = moments.tz_localize("UTC").tz_convert(tz_of(self.zone))
        return Cells(moments.to_series().to_numpy(dtype=object), self.declared)


@dataclass(frozen=True)
class GivenTable:
    """A table from the user, of any library.

    Attributes
    ----------
    names : list of str
        All different. Empty if the columns have no names.
    n_rows, n_columns : int
    column : callable
        The cells of the column at a position.
    objects : callable
        All cells as objects, shape (n_rows, n_columns); meant for few rows.
    block : callable
        The table itself, not copied, if it is one array of real numbers, shape (n_rows,
        n_columns); otherwise None.
    take : callable
        The table of the rows at these positions, in this order.
    library : Library
        In whose words a fix is written.
    keys : callable
        The keys of the columns in the table itself, which may be numbers; none without names.
    """

    names: list[str]
    n_rows: int
    n_columns: int
    column: Callable[[int], Cells]
    objects: Callable[[], NDArray[Any]]
    block: Callable[[], NDArray[Any] | None]
    take: Callable[[NDArray[np.intp]], "GivenTable"]
    library: Library = "pandas"
    keys: Callable[[], Sequence[Any]] = tuple

    @property
    def named(self) -> bool:
        """Whether columns are identified by name, not by position."""
        return bool(self.names)

    def all_names(self) -> list[str]:
        """The names, or x0, x1, … if there are none."""
        return self.names or [f"x{place}" for place in range(self.n_columns)]


def table_of(X: AnyTable) -> GivenTable:
    """Wrap a table of any type as a `GivenTable`.

    Parameters
    ----------
    X : GivenTable, pandas or polars DataFrame, Arrow table, or what NumPy converts to an array
        NumPy arrays (also masked ones) and SciPy sparse ones must have two dimensions.

    Returns
    -------
    GivenTable
        A view: its cells are those of ``X``, and change if ``X`` is changed.

    Raises
    ------
    DataError
        It is not a table, has complex numbers, or a duplicate column name.
    """
    if isinstance(X, GivenTable):
        return X
    if isinstance(X, pd.DataFrame):
        return _of_pandas(X)
    if type(X) is np.ndarray:
        return _of_array(unmasked(X))
    if isinstance(X, str | os.PathLike):
        raise a_path(X)
    module = type(X).__module__.partition(".")[0]
    if module == "scipy" and hasattr(X, "toarray"):
        require_two_dimensions(X.shape)
        return _of_array(X.toarray())
    if module == "pyspark" or type(X).__name__ == "LazyFrame":
        raise no_table(X, "collect it into memory first, as in X.collect()")
    if is_frame(X):
        return _of_frame(X)
    if hasattr(X, "columns"):
        return _of_pandas(_as_pandas(X))
    return _of_array(_array_of(X))


def _as_pandas(X: AnyTable) -> pd.DataFrame:
    """A table of an unknown library as a DataFrame, with its column names."""
    if callable(getattr(X, "compute", None)):  # dask and similar
        raise no_table(X, "read it into memory first, as in frame.compute()")
    made = X.to_pandas() if callable(getattr(X, "to_pandas", None)) else None
    if made is None and hasattr(X, "__array__"):
        cells, names = np.asarray(X), list(X.columns)
        if cells.ndim == 2 and cells.shape[1] == len(names):
            made = pd.DataFrame(cells, columns=names)
    if not isinstance(made, pd.DataFrame):
        raise no_table(X, "make it a DataFrame of pandas or polars, or an Arrow Table")
    return made


# --- pandas ------------------------------------------------------------------------------------


def _of_pandas(X: pd.DataFrame) -> GivenTable:
    n_rows, n_columns = X.shape
    every: list[pd.Series] = []

    def series(j: int) -> pd.Series:
        if not every:  # all at once: X.iloc[:, j] takes several times as long for each
            every.extend(each for _, each in X.items())
        return every[j]

    def block() -> NDArray[Any] | None:
        if n_rows > FEW and not all(
            isinstance(kind, np.dtype) and kind.kind in "iuf" for kind in X.dtypes
        ):
            return None  # one array of mixed columns would be a copy of every cell
        if n_rows > FEW and n_columns > 1 and not _is_one_array(X):
            return None  # also a copy
        values = X.to_numpy()
        return values if values.dtype.kind in "iuf" else None

    def objects() -> NDArray[Any]:
        if n_rows == 1:  # faster for a mixed row
            row = X.iloc[0]
            if row.dtype == object:  # otherwise its integers may have become floats
                return row.to_numpy()[np.newaxis]
        cells = X.to_numpy(dtype=object)
        others = [j for j, kind in enumerate(X.dtypes) if changes_as_objects(kind)]
        if others:
            cells = cells.copy()  # it may share memory with the table
            for j in others:
                cells[:, j] = _objects(_cells_of_series(series(j)).values)
        return cells

    return GivenTable(
        column_names(X),
        n_rows,
        n_columns,
        column=lambda j: _cells_of_series(series(j)),
        objects=objects,
        block=block,
        take=lambda rows: _of_pandas(X.iloc[rows]),
        keys=X.columns.tolist,
    )


def _is_one_array(X: pd.DataFrame) -> bool:
    """Whether the first and the last column are as far apart in memory as in one array."""
    first, last = (X.iloc[:, j].to_numpy() for j in (0, -1))
    here, there = (each.__array_interface__["data"][0] for each in (first, last))
    steps = {first.itemsize, first.itemsize * len(first)}  # by rows, and by columns
    return first.dtype == last.dtype and (there - here) / (X.shape[1] - 1) in steps


def _cells_of_series(cells: pd.Series) -> Cells:
    kind = cells.dtype
    if isinstance(kind, np.dtype) and kind.kind in "biuf":
        return Cells(cells.to_numpy())
    types = pd.api.types
    if isinstance(kind, pd.ArrowDtype) and str(kind).startswith("date"):
        return Cells(cells.to_numpy(dtype=object))  # days, which have no time zone
    if types.is_datetime64_any_dtype(kind):
        zone = zone_of(cells.dt.tz)
        moments = cells.dt.tz_convert("UTC").dt.tz_localize(None) if zone else cells
        return Cells(moments.to_numpy(dtype=f"datetime64[{cells.dt.unit}]"), zone=zone)
    if isinstance(kind, pd.CategoricalDtype):
        # By codes: if a cell is missing, pandas would convert integers to floats.
        levels = _objects([*kind.categories.to_numpy(), None])
        return Cells(levels[cells.cat.codes.to_numpy()], declared=True)
    if types.is_bool_dtype(kind) and not cells.hasnans:
        return Cells(cells.to_numpy(dtype=np.bool_))
    declared = False
    if isinstance(kind, pd.ArrowDtype):
        declared = str(kind).startswith("dictionary")
        exact = kind.kind in "iuf" and not str(kind).startswith("decimal")
    else:
        exact = types.is_numeric_dtype(kind) and not types.is_complex_dtype(kind)
    if exact and not types.is_bool_dtype(kind):
        own = numpy_type(kind) if is_small(kind) else np.float64
        floats = cells.to_numpy(dtype=own, na_value=np.nan)
        is_whole = types.is_integer_dtype(kind)
        return Cells(cells.to_numpy(dtype=object) if is_whole and _loses(floats) else floats)
    return Cells(cells.to_numpy(dtype=object), declared)


# --- polars, Arrow, and all else that narwhals reads -------------------------------------------


def is_frame(X: AnyTable) -> bool:
    """Whether an object is of a library whose tables narwhals reads."""
    module = type(X).__module__.partition(".")[0]
    return module in _FRAMES or hasattr(X, "__narwhals_dataframe__")


def pandas_of(table: GivenTable) -> pd.DataFrame:
    """A table with names as a DataFrame, whose cells read as those of the table do."""
    columns = {}
    for j, name in enumerate(table.names):
        cells = table.column(j)
        column = pd.Series(cells.values)
        if cells.zone:
            column = column.dt.tz_localize("UTC").dt.tz_convert(tz_of(cells.zone))
        columns[name] = column.astype("category") if cells.declared else column
    return pd.DataFrame(columns)


def _of_frame(X: AnyTable) -> GivenTable:
    import narwhals  # only when needed, which is rare

    try:
        frame = narwhals.from_native(X, eager_only=True)
    except narwhals.exceptions.DuplicateError:
        require_different(list(X.column_names))
        raise
    except TypeError as error:
        raise no_table(X, "make it a DataFrame of pandas or polars, or an Arrow Table") from error
    own = type(X).__module__.startswith("narwhals")  # it has narwhals' methods, not polars'
    return _of_narwhals(frame, "frames" if own else _library_of(frame.implementation))


def _of_narwhals(frame: Any, library: Library) -> GivenTable:
    names = [str(name) for name in frame.columns]
    require_different(names)
    n_rows, n_columns = frame.shape

    def objects() -> NDArray[Any]:
        cells = np.empty((n_rows, n_columns), dtype=object)
        for i, row in enumerate(frame.iter_rows()):
            cells[i] = _objects(row)
        for j, kind in enumerate(frame.schema.dtypes()):
            if str(kind) in ("Float16", "Float32"):  # rows have Python's floats
                cells[:, j] = _objects(frame[names[j]].to_numpy())
        return cells

    return GivenTable(
        names,
        n_rows,
        n_columns,
        column=lambda j: _cells_of_narwhals(frame[names[j]]),
        objects=objects,
        block=lambda: None,
        take=lambda rows: _of_narwhals(frame[rows], library),
        library=library,
    )


def _library_of(implementation: Any) -> Library:
    if implementation.is_polars():
        return "polars"
    if implementation.is_pyarrow():
        return "arrow"
    return "pandas" if implementation.is_pandas_like() else "frames"


def _loses(floats: NDArray[np.float64]) -> bool:
    """Whether two integers may have become one float; as levels they must stay different."""
    return bool((np.abs(floats) >= _WHOLE).any())


def _cells_of_narwhals(cells: Any) -> Cells:
    kind = str(cells.dtype)
    # No other types as arrays: the array of an Arrow dictionary has some level where the cell is
    # null (pyarrow 26), and arrays from polars cannot have 128-bit integers.
    if kind in ("Float16", "Float32", "Float64") or (
        kind.startswith(("Int", "UInt")) and "128" not in kind
    ):
        values = cells.to_numpy()
        if kind.startswith("Float") or values.dtype.kind != "f" or not _loses(values):
            return Cells(values)  # integers are floats here if one is missing
    return Cells(_objects(cells.to_list()), declared=kind.startswith(("Categorical", "Enum")))


def _objects(cells: Any) -> NDArray[Any]:
    """Cells as objects, one element each: NumPy would unpack lists."""
    return np.fromiter(cells, dtype=object, count=len(cells))


# --- arrays ------------------------------------------------------------------------------------


def _array_of(X: AnyTable) -> NDArray[Any]:
    X = unmasked(X)
    try:
        array = np.asarray(X)
        # NumPy would convert [[1, "a"]] to texts.
        return np.array(X, dtype=object) if array.dtype.kind in "US" and _is_listed(X) else array
    except ValueError as error:
        raise DataError(
            "The rows of the table have different lengths",
            where=_ragged(X),
            why=f"NumPy says: {error}",
            fix="give every row one cell for each column, None for a missing value",
        ) from error


def _is_listed(X: AnyTable) -> bool:
    return isinstance(X, list | tuple)


def _ragged(X: AnyTable) -> str:
    """The first row that is not as long as the row before it, for lists; otherwise ""."""
    lengths = [len(row) if hasattr(row, "__len__") else -1 for row in X] if _is_listed(X) else []
    for row, (one, other) in enumerate(itertools.pairwise(lengths), start=2):
        if one != other:
            return f"row {row} has {counted(max(other, 1), 'cell')}, the row before {max(one, 1)}"
    return ""


def _of_array(X: NDArray[Any]) -> GivenTable:
    require_two_dimensions(X.shape)
    if X.dtype.kind == "c":
        raise DataError(
            "Complex data not supported: a cell of a table is a real number",
            where=f"an array of {X.dtype}",
            fix="give real and imaginary parts, or magnitudes and angles, as separate columns",
        )
    if X.dtype.kind == "S":
        raise DataError(
            "The table is an array of bytes",
            where=f'column "x0", row 1, as all others: an array of {X.dtype}',
            why="Bytes are text only in an encoding, such as ASCII",
            fix="give text: X = X.astype(str); where it is not ASCII, X = np.char.decode(X, "
            '"utf-8")',
        )
    is_block = X.dtype.kind in "iuf"
    return GivenTable(
        [],
        X.shape[0],
        X.shape[1],
        column=lambda j: _cells_of_array(X[:, j]),
        objects=lambda: _objects_of_array(X.ravel()).reshape(X.shape),
        block=lambda: X if is_block else None,
        take=lambda rows: _of_array(X[rows]),
        library="arrays",
    )


def _cells_of_array(cells: NDArray[Any]) -> Cells:
    """Numbers, booleans and datetime64 unchanged, all else as objects."""
    return Cells(cells if cells.dtype.kind in "biufM" else _objects_of_array(cells))


def _objects_of_array(cells: NDArray[Any]) -> NDArray[Any]:
    # NumPy would convert a date in nanoseconds to an integer, and a small float to a large one.
    as_it_is = cells.dtype.kind in "mM" or is_small(cells.dtype)
    return _objects(cells) if as_it_is else cells.astype(object)
