"""The output of a verb: its result on stdout, its messages on stderr, and an exit code.

With ``--json``, stdout contains one JSON document and nothing else, even if the verb failed.
"""

import _thread
import contextlib
import errno
import io
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from thalweg.cli.command_line import same_command, would_be_refused
from thalweg.cli.copyable_text import CopyableText
from thalweg.cli.early_end import (
    claim_document,
    claim_interruption,
    end_run,
    has_document,
    interruption,
    is_shortage,
    shortage,
)
from thalweg.cli.signals import Stopped
from thalweg.document import error_parts
from thalweg.errors import OutputError, SettingsError, ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.running.outcome import Outcome, Warned
from thalweg.wording import printable

if TYPE_CHECKING:
    from thalweg.training.progress import Log, Meter, ProgressStep

DONE, FAILED, USAGE, CHECK = 0, 1, 2, 3
# A closed pipe: 128 + 13, as a shell reports a process that SIGPIPE ended.
NOBODY_READS = 141

# With fewer columns a table loses words, and with 0 all of them (COLUMNS=0).
_NARROWEST = 40

# Seconds for the reader to take a JSON document, after a signal asked the process to end.
_PATIENCE = 5.0
# Seconds after which the document is written without the thread, if that has not begun by then.
_SECONDS_TO_BEGIN = 1.0

_STATUS = {DONE: "ok", USAGE: "usage", CHECK: "check"}


class Talk:
    """The listener of the command line, as a ``with`` block around a job.

    An error that leaves the block becomes sentences and an exit code; a warning becomes sentences.
    Neither shows a traceback.

    Parameters
    ----------
    verb : str or None
    as_json : bool
        Whether stdout contains JSON.
    quiet : bool
        Whether to print no notes and no progress.
    seed : int, optional
        The seed in the JSON document, needed if the job cannot begin.
    checkpoint : str, optional
        The file from which the same command goes on after a signal. A job may name a folder.
    outputs : sequence of str or None
        The files that a command with a checkpoint writes.

    Attributes
    ----------
    outcome : Outcome
        The outcome so far.
    """

    def __init__(
        self,
        verb: str | None,
        *,
        as_json: bool = False,
        quiet: bool = False,
        seed: int | None = None,
        checkpoint: str | None = None,
        outputs: Sequence[str | None] = (),
    ) -> None:
        self.as_json, self.quiet = as_json, quiet
        self.checkpoint, self._outputs = checkpoint, outputs
        self.outcome = Outcome(verb=verb, seed=seed)
        self._when_settled: Callable[..., None] | None = None
        self._warnings: list[Warned] = []
        self._progress: Log | Meter | None = None

    @property
    def unicode_talk(self) -> bool:
        """Whether stderr can show more than ASCII."""
        return (getattr(sys.stderr, "encoding", None) or "").lower().startswith("utf")

    @property
    def unicode_page(self) -> bool:
        """Whether stdout can."""
        return (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")

    def spell(self, name: str, value: str) -> str:
        """How the command line writes a parameter in a message."""
        return as_option(name, value)

    def say(self, line: str | RenderableType) -> None:
        """Print a note on stderr."""
        self._end_progress()
        if not self.quiet:
            _talk(Text(printable(line), "dim") if isinstance(line, str) else line)

    def warn(self, warning: Warned) -> None:
        """Print a warning on stderr, and keep it for JSON."""
        self._end_progress()
        self._warnings.append(warning)
        parts = {"what": warning.text, "fix": warning.fix}
        _talk(_sentences("Warning", "bold yellow", parts))

    def progress(self, step: "ProgressStep") -> None:
        """Show a bar on a terminal, or occasional lines in a log."""
        from thalweg.training.progress import log_or_meter

        if self.quiet or sys.stderr is None:
            return
        if self._progress is None:
            self._progress = log_or_meter(sys.stderr)
        self._progress.show(step)

    def so_far(self, outcome: Outcome) -> None:
        """Keep the outcome so far."""
        self.outcome = outcome
        if outcome.settled and self._when_settled is not None:
            call, self._when_settled = self._when_settled, None
            call(outcome)

    def when_settled(self, call: Callable[..., None]) -> None:
        """Call a function with the outcome once it is settled, before any file is written."""
        self._when_settled = call

    def show(self, page: RenderableType) -> None:
        """Print a result for people on stdout; nothing with ``--json``."""
        self._end_progress()
        if not self.as_json:
            write_text(_rendered(page, _stdout()))

    def fail(self, error: BaseException) -> int:
        """Report an error on stderr and in JSON; returns the exit code."""
        self._end_progress()
        code, parts = _understood(error)
        if isinstance(error, Stopped):
            parts |= {"why": error.why, **self._going_on()}
        if not isinstance(error, Stopped) or claim_interruption():
            _talk(_sentences("Error", "bold red", parts))
            if parts.get("command"):
                _talk(Text(f"To go on: {printable(parts['command'])}"))
        try:
            self._write_json(code, parts)
        except OutputError:  # stdout is full, and stderr has the first error
            pass
        except Stopped as stopped:  # a whole document stands, and its code with it
            if not has_document():
                return self.fail(stopped)
            stopped.reported = True
            code = stopped.exit_code
        return code

    def going_on(self) -> str:
        """What goes on from the checkpoint once the files are written; "" if there is none."""
        there = self.checkpoint and os.path.exists(self.checkpoint)
        return same_command(any(self._outputs)) if there else ""

    def _going_on(self) -> dict[str, str]:
        """How to go on after a signal, as parts of an error."""
        if not (kept := self.checkpoint or self.outcome.goes_on_from) or not os.path.exists(kept):
            return {}
        replaces = would_be_refused(self._outputs)
        how = " with --force, which replaces its files" if replaces else ""
        fix = f"run the same command again{how}: it goes on from {kept}"
        command = same_command(replaces)
        return {"fix": fix, "checkpoint": kept} | ({"command": command} if command else {})

    def __enter__(self) -> "Talk":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            code = DONE if self.outcome.passed else CHECK
            try:
                self._write_json(code, None)
                end_run()
            except (OutputError, Stopped) as why:
                error = why
            else:
                if code:
                    raise typer.Exit(code)
                return
        if isinstance(error, typer.Exit | typer.BadParameter):
            return  # typer handles these
        if isinstance(error, BrokenPipeError):  # of stderr
            raise typer.Exit(NOBODY_READS) from None
        raise typer.Exit(self.fail(error)) from None

    def _end_progress(self) -> None:
        """Remove the progress bar before other output."""
        progress, self._progress = self._progress, None
        if progress is not None:
            progress.close()

    def _write_json(self, code: int, error: dict[str, str] | None) -> None:
        if not self.as_json or has_document():  # write one document only
            return
        outcome = replace(self.outcome, warnings=tuple(self._warnings))
        document = outcome.plain(_STATUS.get(code, "failed"), error)
        text = json.dumps(document, indent=2, allow_nan=False).replace("\x7f", r"\u007f")
        _write_to_its_end(f"{text}\n".encode("ascii"))


def file_of(output: str) -> str | None:
    """The file of ``-o``; None for "-", which is stdout."""
    return None if output == "-" else output


def require_files(**outputs: str | None) -> None:
    """Raise a SettingsError if one of these files is standard output, or has no name."""
    for flag, path in outputs.items():
        if path in ("-", ""):
            raise SettingsError(
                "Standard output is for what is printed" if path else "An empty text names no file",
                where=flag + (" -" if path else ' ""'),
                fix=f"name a file after {flag}",
            )


def write_text(text: str) -> None:
    """Write text to stdout in its encoding, as `write_stdout` does."""
    write_stdout(text.encode(_stdout().encoding or "utf-8", "replace"))


def write_stdout(data: bytes) -> None:
    """Write all bytes to stdout, and flush it.

    Raises
    ------
    typer.Exit
        If the reader has closed the pipe, as in ``thalweg … | head``. That is no error.
    OutputError
        If stdout cannot be written, for example because the disk is full.
    """
    stream = _stdout()
    try:
        left = memoryview(data)
        while left:  # without a buffer (python -u), a disk that fills up takes a part
            left = left[stream.buffer.write(left) or 0 :]
        stream.flush()
    except BrokenPipeError:
        raise typer.Exit(NOBODY_READS) from None
    except OSError as why:
        raise no_output(why.strerror or str(why), why.errno) from why


def _write_to_its_end(data: bytes) -> None:
    """Write the document to stdout; after a signal, wait some seconds for the rest of it.

    A signal that comes before its first byte prevents it, and the next one says so. One that comes
    later changes nothing, unless the reader does not take the rest: the exit code is that of the
    document. (Signals interrupt only the main thread.)
    """
    failed: list[Exception] = []
    # Plain locks, which change in one step: a signal can leave an Event torn between two. (And
    # join is what Python 3.11 takes for done once it is interrupted.)
    unwritten, first = Lock(), Lock()  # first: of the writer, or of a signal before it
    unwritten.acquire()
    is_written = is_whole = False

    def write() -> None:
        nonlocal is_written, is_whole
        if not first.acquire(blocking=False):
            return
        try:
            if claim_document():
                write_stdout(data)
                end_run()
                is_whole = True
        except Exception as error:
            failed.append(error)
        finally:
            is_written = True
            unwritten.release()

    try:
        try:
            # Not Thread, whose `start` waits for ever for a thread that ends before it has begun.
            _thread.start_new_thread(write, ())
        except (RuntimeError, MemoryError):  # no memory for a thread
            write()
        while not unwritten.acquire(timeout=_SECONDS_TO_BEGIN):
            write()  # unless the thread has begun
    except Stopped as stopped:
        if not first.acquire(blocking=False) and not is_written:
            unwritten.acquire(timeout=_PATIENCE)
        if not is_whole:
            raise
        stopped.reported = True  # the document says all
    if failed:
        raise failed[0]


def write_data(text: bytes) -> None:
    """Write lines for programs to stdout; on a terminal, make them `printable`."""
    if _stdout().isatty():
        lines = text.decode("utf-8").split("\n")
        text = "\n".join(map(printable, lines)).encode("utf-8")
    write_stdout(text)


def _understood(error: BaseException) -> tuple[int, dict[str, str]]:
    """The exit code of an error, and the error as plain data."""
    if isinstance(error, Stopped):
        error.reported = True
        return error.exit_code, interruption(error.number)
    if isinstance(error, ThalwegError):
        return USAGE if isinstance(error, SettingsError) else FAILED, error.as_dict(as_option)
    if is_shortage(error):
        return FAILED, shortage()
    if os.environ.get("THALWEG_TRACEBACK"):
        traceback.print_exception(error)
    what = f"This is a defect in thalweg: {type(error).__name__}: {error}"
    fix = "run it again with THALWEG_TRACEBACK=1, and report what it prints"
    return FAILED, error_parts("defect", what, fix=fix)


def _sentences(title: str, style: str, parts: dict[str, str]) -> Text:
    """What and where, why, and the fix, each on a line of its own."""
    where = f" ({parts['where']})" if parts.get("where") else ""
    lines = [
        Text.assemble((f"{head}: ", shade) if head else "", _sentence(words))
        for head, shade, words in (
            (title, style, parts["what"] + where),
            ("", "", parts.get("why", "")),
            ("Fix", "bold", parts.get("fix", "")),
        )
        if words
    ]
    return Text("\n").join(lines)


def _sentence(words: str) -> str:
    words = printable(words)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _talk(text: RenderableType) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # stderr has no reader any more
            sys.stderr.write(_rendered(text, sys.stderr))
            sys.stderr.flush()


class _Paper(io.TextIOWrapper):
    """A text buffer that rich treats like the stream it will be written to."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(io.BytesIO(), stream.encoding or "utf-8", "replace")
        self._is_terminal = stream.isatty()

    def isatty(self) -> bool:
        return self._is_terminal


def _rendered(page: RenderableType, stream: TextIO) -> str:
    """The page with the colours and the width of its stream; a line of a log stays one line."""
    paper = _Paper(stream)
    console = Console(file=paper, markup=False, emoji=False, highlight=False)
    console.width = max(console.width, _NARROWEST)
    a_log = not console.is_terminal
    if isinstance(page, Text) and not a_log:
        page = CopyableText(page)
    console.print(page, soft_wrap=a_log and isinstance(page, Text))
    paper.seek(0)
    text = paper.read()
    return re.sub(r" +$", "", text, flags=re.MULTILINE) if a_log else text


def _stdout() -> TextIO:
    if sys.stdout is None:  # closed by >&- in the shell
        raise no_output("It is closed")
    return sys.stdout


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def no_output(why: str, number: int | None = None) -> OutputError:
    """The error that stdout cannot be written, with the reason and the system's number of it."""
    other = "send it to a file, as in > result.txt"
    if number is None or number == errno.EBADF:
        other = f"leave out what closes it (>&-), or {other}"
    return OutputError(
        "The result cannot be written",
        where="standard output",
        why=why,
        fix="free some space, or write to another place" if number in _NO_ROOM else other,
    )
