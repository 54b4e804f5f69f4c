"""Predictions of a folder: one file of predictions for each file of the folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thalweg.data.column_names import listed
from thalweg.data.larger.table_files import require_whole_part
from thalweg.data.schema.column_floats import Unseen
from thalweg.data.streams.file_identity import identity
from thalweg.data.streams.text_batches import changed
from thalweg.endings import PARQUET
from thalweg.errors import DataError, OutputError, SettingsError
from thalweg.files import FileLock
from thalweg.jobs.predictions.answering import AnswerCounts, Answering
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.streams.finished_parts import ANEW, RECORD, FinishedParts, removed_parts
from thalweg.jobs.streams.predicted_stream import answerings_of, report
from thalweg.jobs.streams.streamed_file import FileCounts, StreamedFile
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.jobs.predict import PredictRequest

_TEXTS = (".csv", ".tsv", ".tab", ".txt")
_TABLES = (*PARQUET, *_TEXTS, *(f"{each}.gz" for each in _TEXTS), ".xlsx", ".xlsm")
_FORMATS = {"csv": ".csv", "parquet": ".parquet"}


@dataclass(frozen=True)
class _Part:
    """A file of the folder, and the name of its predictions."""

    path: str
    name: str
    output: str


class PredictedFolder:
    """The prediction of all files of a folder.

    Parameters
    ----------
    run : JobRun
    request : PredictRequest
        Its table and its output are folders.
    """

    def __init__(self, run: JobRun, request: "PredictRequest") -> None:
        self._run, self._asked = run, request
        self._output = _checked_output(request)
        self._parts, others = _parts_of(request)
        self._notes = []
        if others:
            self._notes.append(f"Left out, because they are no tables: {listed(others, 6)}.")

    def predict(self) -> tuple[int, dict[str, Any]]:
        """Predict all files that are not finished; the number of predictions, and the facts."""
        answerings = answerings_of(self._asked)
        with self._alone():
            return self._all(answerings)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands from the folder of predictions, which is made if it is not there.

        The folder itself is locked, so nothing is left of a process that was killed.
        """
        try:
            if not os.path.isdir(self._output):
                Path(self._output).mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(
                "The folder of predictions cannot be made",
                where=self._output,
                why=error.strerror or str(error),
                fix="name a folder in a folder that there is, in which you may write",
            ) from error
        lock = FileLock()
        if not lock.take(Path(os.path.realpath(self._output))):
            raise OutputError(
                "Another command writes into this folder of predictions now",
                where=self._output,
                why="Two would overwrite each other's files",
                fix="wait until it has ended, or name another folder",
            )
        try:
            _require_free(self._asked, self._output)  # somebody may have written meanwhile
            yield
        finally:
            lock.release()

    def _all(self, answerings: dict[str, Answering]) -> tuple[int, dict[str, Any]]:
        run = self._run
        finished = self._begun()
        total: FileCounts | None = None
        first = n_skipped = n_rows = 0
        done = 0
        try:
            for place, part in enumerate(self._parts):
                run.require_wanted()
                known = self._finished(finished, part)
                if known is None:
                    found = self._predicted(answerings, part, finished, place)
                    total = _joined(total, found, first)
                    read, rows = found.n_read, found.n_rows
                else:
                    n_skipped, read, rows = n_skipped + 1, known["read"], known["rows"]
                first, n_rows, done = first + read, n_rows + rows, done + 1
        except KeyboardInterrupt:
            run.say(self._so_far(done))
            raise
        finally:
            finished.write(self._output)
        self._say_appeared()
        if n_skipped:
            rest = "; what is said of rows is of the others" if total else ""
            self._notes.append(f"Skipped {counted(n_skipped, 'finished file')}{rest}.")
        told: dict[str, Any] = {}
        if total is not None:
            if len(self._parts) > 1:
                self._notes.append(
                    "Rows are counted through all files, in the order of their names."
                )
            total.notes = [*dict.fromkeys([*total.notes, *self._notes])]
            told = report(run, answerings, total)
        else:
            run.say(*self._notes)
        run.say(_wrote(total, len(self._parts) - n_skipped, n_skipped, n_rows, self._output))
        return n_rows, {"parts": len(self._parts), "skipped": n_skipped, **told}

    def _predicted(
        self, answerings: dict[str, Answering], part: _Part, finished: FinishedParts, place: int
    ) -> FileCounts:
        def look(done: int) -> None:
            self._run.stage("files", place, len(self._parts))
            self._run.require_wanted()

        path = os.path.join(self._output, part.output)
        if os.path.islink(path):  # what it leads to is not a file of this folder
            os.unlink(path)
        try:
            before = identity(part.path)
            stream = StreamedFile(self._asked, answerings, part.path, is_part=True)
            overwrite = self._asked.resume or self._asked.overwrite
            found = stream.predicted(path, overwrite=overwrite, look=look)
            if identity(part.path) != before:
                os.unlink(path)
                raise changed(part.path)
        except FileNotFoundError as error:
            raise DataError(
                "A file of the folder is gone",
                where=repr(part.path),
                why=self._so_far(place),
                fix=f"put it back, and go on with {parameter('resume', True)}",
            ) from error
        except DataError as error:
            what, where, why, fix = error.unspelled
            if part.name not in where:
                where = f"{part.name}: {where}" if where else part.name
            raise type(error)(what, where=where, why=why, fix=fix) from error
        known = {
            "of": part.name, "identity": before, "rows": found.n_rows, "read": found.n_read,
            "bytes": os.path.getsize(path),
        }  # fmt: skip
        finished.add(part.output, known, self._output)
        return found

    def _begun(self) -> FinishedParts:
        """The record of finished parts: that of the folder, or a new one."""
        new = FinishedParts.of(self._asked)
        # A folder without files is as good as none: a kill can come before the first of them.
        if self._asked.resume and _files_of(self._output):
            found = new.resumed(self._output)
            inputs = {part.name for part in self._parts}
            gone = [each["of"] for each in found.parts.values() if each["of"] not in inputs]
            if gone:
                raise SettingsError(
                    f"Files that were predicted are not in the folder any more: {listed(gone, 6)}",
                    where=self._asked.table,
                    fix=f"put them back, or predict all files again, with {ANEW}",
                )
            return found
        if self._asked.overwrite and (old := removed_parts(self._output, self._names())):
            self._notes.append(
                f"Removed predictions of before, which are not made again: {listed(old, 6)}."
            )
        new.write(self._output)
        return new

    def _names(self) -> set[str]:
        return {part.output for part in self._parts}

    def _finished(self, finished: FinishedParts, part: _Part) -> dict[str, Any] | None:
        """What is known of a part that is finished; an error if its input is another one now.

        A part whose predictions are not as they were written is predicted again, and that is said.
        """
        known = finished.parts.get(part.output)
        if known is None:
            return None
        path = os.path.join(self._output, part.output)
        if not os.path.isfile(path):
            self._run.say(f'Predicting "{part.name}" again: its predictions, {path}, are gone.')
            return None
        try:
            same = known["of"] == part.name and known["identity"] == identity(part.path)
        except FileNotFoundError:
            same = False
        if not same:
            raise SettingsError(
                f'"{part.name}" has changed since it was predicted',
                where=self._asked.table,
                why=f"Its predictions, {path}, are of what was there",
                fix=f"put back what was there; or remove {path}, and this file alone is predicted "
                f"again; or predict all files again, with {ANEW}",
            )
        size = os.path.getsize(path)
        if size == known["bytes"]:
            return known
        self._run.say(
            f'Predicting "{part.name}" again: {path} has {counted(size, "byte")} now, and '
            f"{known['bytes']:,} were written."
        )
        return None

    def _say_appeared(self) -> None:
        try:
            now, _ = _parts_of(self._asked)
        except (SettingsError, DataError, OSError):
            return
        known = {part.name for part in self._parts}
        if new := [part.name for part in now if part.name not in known]:
            self._notes.append(
                f"Not predicted, because they appeared meanwhile: {listed(new, 6)}; "
                f"{parameter('resume', True)} predicts them."
            )

    def _so_far(self, done: int) -> str:
        return (
            f"{done:,} of {counted(len(self._parts), 'file')} are predicted; the same command with "
            f"{parameter('resume', True)} goes on."
        )


def _wrote(total: FileCounts | None, n_files: int, n_skipped: int, n_rows: int, to: str) -> str:
    """What this run wrote, and what the folder has if it had some before."""
    wrote = "Wrote none"
    if total is not None:
        files = counted(n_files, "file")
        wrote = f"Wrote {counted(total.n_rows, 'prediction')} to {files} in {to}"
    return f"{wrote}; {to} has {n_rows:,} in all." if n_skipped else f"{wrote}."


def _joined(total: FileCounts | None, found: FileCounts, first: int) -> FileCounts:
    """The counts of several files, whose rows are numbered one after another."""
    for answers in found.answers:
        worst = answers.outside.worst
        answers.outside.worst = {k: replace(v, row=v.row + first) for k, v in worst.items()}
    if total is None:
        total = replace(found, answers=[AnswerCounts() for _ in found.answers], n_rows=0, n_read=0)
    total.n_rows += found.n_rows
    total.n_read += found.n_read
    total.notes = [*dict.fromkeys([*total.notes, *found.notes])]
    for known, more in zip(total.answers, found.answers, strict=True):
        known.outside.add(more.outside)
        known.sure.add(more.sure)
        known.n_unlike += more.n_unlike
        known.unseen.add([_moved(each, first) for each in more.unseen.all()])
    return total


def _moved(each: Unseen, first: int) -> Unseen:
    return replace(each, row=each.row + first)


def _checked_output(request: "PredictRequest") -> str:
    """The folder of predictions, if it may be written."""
    output = request.output
    if output is None or output.lower().endswith((*PARQUET, ".csv")):
        raise SettingsError(
            "The predictions of a folder go to a folder, a file for each file"
            + ("" if output is None else f", and {output} is the name of a file"),
            where=request.table,
            fix=f"name a folder that is not there yet: {parameter('output', 'predictions')}",
        )
    there, here = os.path.realpath(output), os.path.realpath(request.table)
    if there == here or f"{there}{os.sep}".startswith(f"{here}{os.sep}") or here.startswith(
        f"{there}{os.sep}"
    ):  # fmt: skip
        raise SettingsError(
            "The folder of predictions is the folder that is read, or one of the two is in the "
            "other",
            where=f"{request.table} and {output}",
            why="Predictions would be taken for tables",
            fix=f"name a folder beside it with {parameter('output')}",
        )
    if os.path.lexists(there) and not os.path.isdir(there):
        raise OutputError(
            "The result cannot be written",
            where=output,
            why="It is a file, and predictions of a folder go to a folder",
            fix="name another folder",
        )
    _require_free(request, output)
    return output


def _require_free(request: "PredictRequest", output: str) -> None:
    """Refuse a folder that has files, unless they may be kept or replaced."""
    known = _files_of(output)
    if known and not (request.resume or request.overwrite):
        goes_on = f"go on with {parameter('resume', True)}, " if RECORD in known else ""
        raise OutputError(
            "The folder of predictions is not empty",
            where=output,
            fix=f"{goes_on}name another folder, or predict all files again, with {ANEW}",
        )


def _files_of(folder: str) -> list[str]:
    """The names in a folder; without hidden ones, such as that of a file half written."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [each for each in names if not each.startswith(".")]


def _parts_of(request: "PredictRequest") -> tuple[list[_Part], list[str]]:
    """The tables of the folder in the order of their names, and the names of all else."""
    parts, others = [], []
    for name in sorted(os.listdir(request.table)):
        path = os.path.join(request.table, name)
        if name.startswith((".", "_")):
            continue
        lower = name.lower()
        ending = max((e for e in _TABLES if lower.endswith(e)), key=len, default="")
        if ending:
            require_whole_part(path)
        if not ending or not os.path.isfile(path):
            others.append(name)
            continue
        own = ".parquet" if ending in PARQUET else ".csv"
        to = own if request.part_format is None else _FORMATS[request.part_format]
        parts.append(_Part(path, name, name[: -len(ending)] + to))
    if not parts:
        raise DataError(
            "The folder has no tables",
            where=f"{request.table}: {listed(others, 6) or 'nothing'}",
            fix=f"name a folder of files that end in {', '.join(_TABLES[:3])} or the like",
        )
    taken: dict[str, str] = {}
    for part in parts:
        if other := taken.get(part.output):
            raise SettingsError(
                f'"{other}" and "{part.name}" would have predictions of one name, {part.output}',
                where=request.table,
                fix="rename one of them",
            )
        taken[part.output] = part.name
    return parts, others
