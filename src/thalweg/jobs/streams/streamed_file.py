"""Predict one file of any size: a reader, several predicting threads, and an ordered writer.

Row i of the output is row i of the input, and all bytes are those of a prediction in memory.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.column_roles import LeftOut
from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.formats.budget import usable_memory
from thalweg.data.formats.parquet import library
from thalweg.data.notation.missing_words import MissingWords
from thalweg.data.read import Opened, Table
from thalweg.data.schema.column_floats import Unseen
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.matching import places_of, unseen_collected
from thalweg.data.schema.misfit_messages import together
from thalweg.data.streams.file_identity import identity
from thalweg.data.streams.ordered_stream import in_order
from thalweg.data.streams.read_batch import ReadBatch, rows_at_once
from thalweg.data.streams.table_in_memory import TableInMemory
from thalweg.data.streams.text_batches import changed
from thalweg.data.streams.texts_beside import TextsOfTable, Unsettled, part_of_a_table
from thalweg.endings import PARQUET
from thalweg.errors import DataError
from thalweg.files import written_atomically
from thalweg.jobs.offsets.table_offsets import rows_named_in_fix
from thalweg.jobs.predictions.answering import AnswerCounts, Answering
from thalweg.jobs.predictions.predicted_columns import PredictedColumns
from thalweg.jobs.streams.part_writers import (
    CsvWriter,
    MadePart,
    ParquetWriter,
    PartWriter,
    kinds_of,
)
from thalweg.jobs.streams.stream_sources import source_of
from thalweg.jobs.targets.predicted_targets import joined_columns
from thalweg.parallel_map import usable_threads
from thalweg.wording import counted, parameter, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.jobs.predict import PredictRequest

# The bytes of cells that are held at once: so many, or a share of the memory if that is less.
_HELD, _SHARE = 1 << 28, 16
# More rows than any table has.
_ANY_ROWS = 1 << 62
Look = Callable[[int], None]


@dataclass
class FileCounts:
    """What is counted of the rows of a stream.

    Attributes
    ----------
    n_rows : int
        Rows that were predicted.
    n_read : int
        Rows of the input, with those that are left out.
    answers : list of AnswerCounts
        Of each target.
    header : list of Table
        For each target, the first row with all columns.
    notes : list of str
        What was recognised in the file.
    """

    n_rows: int = 0
    n_read: int = 0
    answers: list[AnswerCounts] = field(default_factory=list)
    header: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Work:
    """A batch that was answered."""

    part: MadePart
    n_read: int
    answers: list[AnswerCounts]
    unseen: list[list[Unseen]]


class StreamedFile:
    """The prediction of one file.

    Parameters
    ----------
    request : PredictRequest
    answerings : mapping of str to Answering
        By the name of the target; one of the name "" if there is one.
    table : str
        The file.
    is_part : bool
        Whether it is one of a folder: without rows, its predictions have none either.
    """

    def __init__(
        self,
        request: "PredictRequest",
        answerings: Mapping[str, Answering],
        table: str,
        *,
        is_part: bool = False,
    ) -> None:
        source = source_of(table, request.reading)
        self._is_part, self._is_empty = is_part, False
        self._asked, self._answerings, self._source = request, answerings, source
        self._path = table if os.path.isfile(table) else None
        self._before = None if self._path is None else identity(self._path)
        self._card = source.card if isinstance(source, TableInMemory) else {}
        self._rows = request.rows_at_once or rows_at_once(len(source.names))
        dropped = request.drop_row
        known = source.n_rows
        n_rows = _ANY_ROWS if known is None else known
        self._dropped: NDArray[np.intp] = np.sort(rows_named(dropped, n_rows)) if dropped else _NONE

    @property
    def n_rows(self) -> int | None:
        """The rows of the file; None if they are not known before it is read."""
        return self._source.n_rows

    def predicted(self, path: str, *, overwrite: bool, look: Look) -> FileCounts:
        """Write the predictions to a file, completely or not at all.

        Parameters
        ----------
        path : str
            Its ending says the format.
        overwrite : bool
        look : callable
            Gets the number of rows that are done, and may raise.
        """
        counts = self._header()
        texts: TextsOfTable | None = None
        while True:
            try:
                return self._run(path, counts, texts, overwrite=overwrite, look=look)
            except Unsettled:
                texts = self._texts(look)

    # --- the columns -----------------------------------------------------------------------------

    def _header(self) -> FileCounts:
        """The first row with all columns: what it lacks is said before anything is predicted."""
        counts = FileCounts()
        first = next((b for b in self._source.batches(None, 1) if b.n_rows), None)
        if first is None and not self._is_part:
            raise DataError(
                "The table is empty",
                where=f"{self._source.name}: 0 rows, {counted(len(self._source.names), 'column')}",
                fix="give a table with rows and columns",
            )
        self._is_empty = first is None
        frame = self._made_up() if first is None else first.frame()
        for asked in self._answerings.values():
            table = asked.prepared(self._table(frame, asked))
            known = list(asked.model.schema_.given_names)
            _, problems = places_of(known, table_of(table.frame), "ignore")
            if problems:
                raise together(problems)
            counts.header.append(table)
        return counts

    def _made_up(self) -> pd.DataFrame:
        """A row for a table without rows: its answer has the columns of the predictions.

        Numbers are 1, because some models answer no missing one; all else is missing.
        """
        row: dict[str, Any] = dict.fromkeys(self._source.names)
        for asked in self._answerings.values():
            given = asked.model.schema_.given
            numbers = [each.name for each in given if each.kind in ("number", "boolean")]
            offset = asked.model._known.offset
            numbers += [] if offset is None or offset.column is None else [offset.column]
            row |= {name: 1.0 for name in numbers if name in row}
        frame = pd.DataFrame([list(row.values())])
        return frame.set_axis(pd.Index(list(row), dtype=object), axis="columns")

    def _made_up_batch(self) -> ReadBatch:
        """The same as a batch; what is carried along has the types of the file."""

        def nothing(name: str) -> Any:
            return library("pyarrow", self._source.name).nulls(1, self._source.schema_of(name))

        is_typed = self._source.schema_of(self._source.names[0]) is not None
        return ReadBatch(0, 1, 0, 0, self._made_up, nothing if is_typed else None)

    def _table(self, frame: Any, asked: Answering) -> Table:
        opened = Opened(self._source.name, frame, self._card, [])
        return replace(self._asked.reading, stdin=None).table(
            opened, need_target=False, target=asked.file.target, ids=self._asked.ids
        )

    @property
    def _needed(self) -> set[str]:
        """The columns that are read: those of the model, and those that somebody named."""
        request = self._asked
        needed = {*request.ids, *request.number}
        needed |= {*MissingWords.of(request.missing).of_column}
        for asked in self._answerings.values():
            needed |= {*asked.model.schema_.given_names}
            offset = asked.model._known.offset
            if offset is not None and offset.column is not None:
                needed.add(offset.column)
        return needed & {*self._source.names}

    @property
    def _as_whole(self) -> set[str]:
        """The columns whose cells messages or predictions show as they are."""
        columns = [each for a in self._answerings.values() for each in a.model.schema_.given]
        return {*self._asked.ids} | {each.name for each in columns if each.kind != "number"}

    # --- the rows --------------------------------------------------------------------------------

    def _batches(self) -> Iterator[ReadBatch]:
        return self._source.batches(self._needed, self._rows, as_whole=self._as_whole)

    def _run(
        self, path: str, begun: FileCounts, texts: TextsOfTable | None, *,
        overwrite: bool, look: Look,
    ) -> FileCounts:  # fmt: skip
        counts = replace(begun, answers=[AnswerCounts() for _ in self._answerings])
        threads = usable_threads(self._asked.n_jobs)
        most = min(_HELD, usable_memory()[0] // _SHARE)
        with written_atomically(path, overwrite=overwrite) as write:
            writer = self._writer(path, write)

            def work(batch: ReadBatch) -> _Work:
                return self._answered(batch, writer, texts)

            done = in_order(work, self._batches(), threads, weigh=_weight, most=most)
            with closing(done):
                for each in done:
                    writer.write(each.part)
                    self._count(counts, each)
                    look(counts.n_read)
            if self._is_empty:
                writer.write_names(self._answered(self._made_up_batch(), writer, texts).part)
            else:
                self._require_dropped(counts)
            if self._path is not None and identity(self._path) != self._before:
                raise changed(self._path)
            writer.close()
        counts.notes = list(self._source.notes())
        if len(self._dropped):
            counts.notes.append(LeftOut("", "row", self._dropped).note)
        return counts

    def _count(self, counts: FileCounts, work: _Work) -> None:
        counts.n_rows += work.part.n_rows
        counts.n_read += work.n_read
        for known, more, unseen in zip(counts.answers, work.answers, work.unseen, strict=True):
            known.outside.add(more.outside)
            known.sure.add(more.sure)
            known.n_unlike += more.n_unlike
            known.unseen.add(unseen)

    def _writer(self, path: str, write: Callable[[bytes | memoryview], None]) -> PartWriter:
        if not path.lower().endswith(PARQUET):
            return CsvWriter(write)
        several = len(self._answerings) > 1
        by_prefix = {f"{name}_" if several else "": a for name, a in self._answerings.items()}
        ids = {name: self._source.schema_of(name) for name in self._asked.ids}
        return ParquetWriter(write, kinds_of(by_prefix, ids))

    def _kept(self, batch: ReadBatch) -> NDArray[np.intp]:
        """The positions in the file of the rows of a batch that are not left out."""
        rows = np.arange(batch.first, batch.first + batch.n_rows)
        return np.setdiff1d(rows, self._dropped) if len(self._dropped) else rows

    def _answered(self, batch: ReadBatch, writer: PartWriter, texts: TextsOfTable | None) -> _Work:
        kept, n_read, n = self._kept(batch), batch.n_rows, len(self._answerings)
        if not len(kept):
            nothing = MadePart(batch.group, 0, None)
            return _Work(nothing, n_read, [AnswerCounts() for _ in range(n)], [[]] * n)
        frame, here = batch.frame(), kept - batch.first
        if len(kept) < n_read:
            frame = frame.iloc[here].reset_index(drop=True)
        is_whole = self._source.n_rows == len(kept) and not len(self._dropped)
        made: list[PredictedColumns] = []
        counts, unseen = [], []
        with ExitStack() as inside:
            inside.enter_context(rows_counted_as_in_file(kept))
            inside.enter_context(rows_named_in_fix(of_target=False))
            if not is_whole:
                inside.enter_context(part_of_a_table(texts))
            for asked in self._answerings.values():
                table, found, levels = self._table(frame, asked), AnswerCounts(), list[Unseen]()
                read = asked.read(table, part=not is_whole)
                with unseen_collected(_first_of(levels)):
                    columns = asked.answer(read, found)
                found.outside = read.counts
                made.append(columns.with_ids(table.ids, kept if len(self._dropped) else None))
                counts.append(found)
                unseen.append([replace(u, row=int(kept[u.row - 1]) + 1) for u in levels])
        names = list(self._answerings)
        answers = made[0] if len(made) == 1 else joined_columns(names, made, self._asked.ids)
        carried = self._carried(batch, here) if batch.carried is not None else {}
        return _Work(writer.made(answers, carried, batch.group), n_read, counts, unseen)

    def _carried(self, batch: ReadBatch, here: NDArray[np.intp]) -> dict[str, Any]:
        assert batch.carried is not None
        cells = {name: batch.carried(name) for name in self._asked.ids}
        if len(here) < batch.n_rows:
            cells = {name: each.take(here) for name, each in cells.items()}
        return cells

    def _require_dropped(self, counts: FileCounts) -> None:
        """Raise if a row that is to be left out is not there, or none is left."""
        if len(self._dropped):
            rows_named(self._asked.drop_row, counts.n_read)
        if not counts.n_rows:
            raise DataError(
                "No row is left",
                where=counted(counts.n_read, "row"),
                fix=f"name fewer rows in {parameter('drop_row')}",
            )

    # --- texts of the whole table ----------------------------------------------------------------

    def _texts(self, look: Look) -> TextsOfTable:
        """Read the table once for what its texts prove together of the columns of numbers."""
        texts = TextsOfTable()
        for batch in self._batches():
            kept = self._kept(batch)
            if not len(kept):
                continue
            look(0)
            frame = batch.frame().iloc[kept - batch.first].reset_index(drop=True)
            with rows_counted_as_in_file(kept):
                for asked in self._answerings.values():
                    table = asked.prepared(self._table(frame, asked))
                    schema = asked.model.schema_
                    given = schema.table(table.frame)
                    places = {name: j for j, name in enumerate(given.names)}
                    for column in schema.given:
                        if column.kind == "number" and column.name in places:
                            cells = given.column(places[column.name]).values
                            if cells.dtype == object:
                                texts.add(column.name, cells.tolist())
        return texts


_NONE = np.empty(0, dtype=np.intp)


def _weight(batch: ReadBatch) -> int:
    return batch.n_bytes


def _first_of(levels: list[Unseen]) -> Callable[[Sequence[Unseen]], None]:
    """Keeps what the first prediction finds; further ones read the same rows."""

    def collect(unseen: Sequence[Unseen]) -> None:
        if not levels:
            levels.extend(unseen)

    return collect
