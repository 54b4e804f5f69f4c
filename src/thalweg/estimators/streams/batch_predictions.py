"""`predict_batches`: predictions for an iterator of batches, which need not fit into memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from thalweg.data.schema.column_floats import Unseen
from thalweg.data.schema.given_table import GivenTable, table_of
from thalweg.data.schema.matching import UnseenCounts, report_unseen, unseen_collected
from thalweg.data.streams.ordered_stream import in_order
from thalweg.data.typing import TableLike
from thalweg.errors import DataError, SettingsError
from thalweg.parallel_map import usable_threads
from thalweg.wording import offered, parameter, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

# The methods that answer each row by itself.
_METHODS = (
    "predict", "predict_proba", "predict_log_proba", "decision_function", "predict_interval",
    "predict_set", "unlike",
)  # fmt: skip
# The bytes of cells that are held at once, and of a cell.
_HELD, _CELL = 1 << 28, 8


class _Batch(NamedTuple):
    """A batch, its number and the position of its first row, both from 0."""

    table: Any
    place: int
    first: int
    n_rows: int
    n_columns: int


class _Answered(NamedTuple):
    """The answers of a batch, None without rows, and its unknown levels."""

    found: Any
    unseen: list[Unseen]


def predict_batches(
    model: "NetworkEstimator",
    batches: Iterable[TableLike],
    *,
    method: str = "predict",
    n_jobs: int | None = None,
) -> Iterator[Any]:
    """Predictions for batches of rows, in order, while further batches are read.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted. Do not change it before the last batch.
    batches : iterable of tables
        DataFrames, Arrow tables or record batches, arrays: what `predict` takes. They are read in
        another thread, and few are held at a time. Each is a table of its own: of numbers that are
        written as text, its own cells prove how they are read.
    method : str, default "predict"
        The method that answers a batch, such as ``"predict_proba"``.
    n_jobs : int, optional
        The batches that are answered at the same time; by default, as many as there are cores.
        The predictions do not depend on it.

    Yields
    ------
    ndarray or frame
        What the method gives for each batch; of a batch without rows, an empty one.

    Raises
    ------
    SettingsError
        The model has no such method.
    DataError
        A batch cannot be read; the error names it, and rows are counted through all batches.

    Warns
    -----
    UnseenLevelWarning
        Once, behind the last batch: levels that the model was not fitted on, in all batches.
    """
    if method not in _METHODS or not hasattr(model, method):
        raise SettingsError(
            f"{parameter('method', method)} does not answer row by row",
            fix=f"give {offered('method', [m for m in _METHODS if hasattr(model, m)])}",
        )
    columns = [each.name for each in model.schema_.columns]
    is_one = isinstance(batches, str | bytes | np.ndarray) or hasattr(batches, "columns")
    if is_one or not isinstance(batches, Iterable):
        raise DataError(
            f"Batches cannot be read from an object of type {type(batches).__name__}",
            fix="give an iterator of DataFrames, such as pd.read_csv(path, chunksize=100_000)",
        )
    return _answers(model, batches, method, usable_threads(n_jobs), columns)


def _answers(
    model: "NetworkEstimator",
    batches: Iterable[TableLike],
    method: str,
    threads: int,
    columns: list[str],
) -> Iterator[Any]:
    def work(batch: _Batch) -> _Answered:
        return _answered(model, method, batch)

    counts, empty, known = UnseenCounts(), 0, None
    done = in_order(work, _numbered(batches), threads, weigh=_weight, most=_HELD)
    for each in done:
        counts.add(each.unseen)
        if each.found is None and known is None:
            empty += 1  # its shape is not known yet
            continue
        if known is None:
            known = each.found[:0]
            yield from [known] * empty
        yield known if each.found is None else each.found
    if known is None:
        yield from [_without_rows(model, method)] * empty if empty else []
    report_unseen(counts.of(columns), model.unknown)


def _without_rows(model: "NetworkEstimator", method: str) -> Any:
    """The answer to no row: that to a row of which nothing is known, without the row.

    Some models take no such row, as with an exposure. Their answer has no columns.
    """
    names = getattr(model, "feature_names_in_", None)
    unknown: Any = np.full((1, model.n_features_in_), np.nan)
    if names is not None:
        unknown = pd.DataFrame([[None] * len(names)], columns=names, dtype=object)
    with suppress(DataError), unseen_collected(lambda _: None):
        return getattr(model, method)(unknown)[:0]
    return np.empty(0)


def _numbered(batches: Iterable[TableLike]) -> Iterator[_Batch]:
    first = 0
    for place, batch in enumerate(batches):
        table: Any = batch
        if type(table).__name__ == "RecordBatch":  # of Arrow
            arrow: Any = import_module("pyarrow")
            table = arrow.Table.from_batches([table])
        with _about(place):
            given: GivenTable = table_of(table)
        yield _Batch(table, place, first, given.n_rows, given.n_columns)
        first += given.n_rows


def _weight(batch: _Batch) -> int:
    return batch.n_rows * batch.n_columns * _CELL


def _answered(model: "NetworkEstimator", method: str, batch: _Batch) -> _Answered:
    if not batch.n_rows:
        return _Answered(None, [])
    levels: list[Unseen] = []

    def collect(unseen: Any) -> None:
        if not levels:
            levels.extend(unseen)

    kept = np.arange(batch.first, batch.first + batch.n_rows)
    with _about(batch.place), rows_counted_as_in_file(kept), unseen_collected(collect):
        found = getattr(model, method)(batch.table)
    return _Answered(found, [replace(each, row=batch.first + each.row) for each in levels])


@contextmanager
def _about(place: int) -> Iterator[None]:
    """Errors in the block name the batch."""
    try:
        yield
    except DataError as error:
        what, where, why, fix = error.unspelled
        name = f"batch {place + 1:,}"
        where = f"{name}: {where}" if where else name
        raise type(error)(what, where=where, why=why, fix=fix) from error
