"""What a verb leaves behind: its result on stdout, its talk on stderr, and an exit code.

With ``--json`` stdout carries one JSON document and nothing else, also where the verb failed.
"""

import contextlib
import io
import json
import math
import os
import re
import sys
import traceback
import warnings
from threading import Event, Thread
from types import TracebackType
from typing import Any, TextIO

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from thalweg import __version__
from thalweg.cli.signals import Stopped, interrupted
from thalweg.cli.training_options import as_option
from thalweg.errors import (
    OutputError,
    SettingsError,
    ThalwegError,
    ThalwegWarning,
)
from thalweg.wording import printable

DONE, FAILED, USAGE, CHECK = 0, 1, 2, 3
# As a shell reports a process that SIGPIPE ended: 128 + 13.
NOBODY_READS = 141

# Below so many columns a table loses words, and at 0 all of them (COLUMNS=0).
_NARROWEST = 40

# Seconds that somebody has to take a document, after the process is told to end.
_PATIENCE = 5.0

_SCHEMA = 1
_STATUS = {DONE: "ok", USAGE: "usage", CHECK: "check"}


class Outcome:
    """The outcome of one verb, gathered inside a ``with`` block.

    An error that leaves the block becomes sentences and an exit code; a warning that is given
    in it becomes a sentence. Neither shows a traceback.

    Parameters
    ----------
    verb : str or None
    as_json : bool
        Whether stdout carries JSON.
    quiet : bool
        Whether to say nothing but warnings and errors.

    Attributes
    ----------
    seed : int or None
    data : dict or None
        What was read, as plain data.
    result : dict or None
        What came of it, as plain data.
    check_failed : bool
        Whether all was done, but a check failed: the exit code says so.
    """

    def __init__(self, verb: str | None, *, as_json: bool = False, quiet: bool = False) -> None:
        self.verb, self.as_json, self.quiet = verb, as_json, quiet
        self.seed: int | None = None
        self.data: dict[str, Any] | None = None
        self.result: dict[str, Any] | None = None
        self.check_failed = False
        self._warnings: list[dict[str, str]] = []
        self._told: set[object] = set()
        self._has_written = False

    @property
    def unicode_talk(self) -> bool:
        """Whether stderr can show more than ASCII."""
        return (getattr(sys.stderr, "encoding", None) or "").lower().startswith("utf")

    def say(self, words: str | RenderableType) -> None:
        """A note, on stderr."""
        if not self.quiet:
            _talk(Text(printable(words), "dim") if isinstance(words, str) else words)

    def show(self, page: RenderableType) -> None:
        """A result for a person, on stdout; with ``--json`` nothing."""
        if not self.as_json:
            stream = _stdout()
            write_stdout(_rendered(page, stream).encode(stream.encoding or "utf-8", "replace"))

    def fail(self, error: BaseException) -> int:
        """Tell an error on stderr, and in JSON; returns the exit code."""
        code, told = _understood(error)
        _talk(_sentences("Error", "bold red", told))
        try:
            self._write_json(code, told)
        except OutputError:  # stdout is full: stderr has said what there is
            pass
        except Stopped as stopped:
            stopped.told = True
            return stopped.exit_code
        return code

    def __enter__(self) -> "Outcome":
        self._filters = warnings.catch_warnings()
        self._filters.__enter__()
        warnings.simplefilter("always", ThalwegWarning)
        warnings.showwarning = self._warned
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._filters.__exit__(kind, error, trace)
        if error is None:
            code = CHECK if self.check_failed else DONE
            try:
                self._write_json(code, None)
            except (OutputError, Stopped) as why:
                error = why
            else:
                if code:
                    raise typer.Exit(code)
                return
        if isinstance(error, typer.Exit | typer.BadParameter):
            return  # typer knows what to do
        if isinstance(error, BrokenPipeError):  # of stderr
            raise typer.Exit(NOBODY_READS) from None
        raise typer.Exit(self.fail(error)) from None

    def _write_json(self, code: int, error: dict[str, str] | None) -> None:
        if not self.as_json or self._has_written:  # one document, whatever comes meanwhile
            return
        document = {
            "thalweg": __version__,
            "schema": _SCHEMA,
            "verb": self.verb,
            "status": _STATUS.get(code, "failed"),
            "seed": self.seed,
            "data": self.data,
            "result": self.result,
            "warnings": self._warnings,
            "error": error,
        }
        text = json.dumps(_finite(document), indent=2, allow_nan=False).replace("\x7f", r"\u007f")
        self._has_written = True
        _write_to_its_end(f"{text}\n".encode("ascii"))

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        del filename, lineno, file, line  # where in the code it came from is no user's concern
        if about := getattr(message, "about", None):
            if (category, about) in self._told:  # by the fit of another fold
                return
            self._told.add((category, about))
        said = message.said(as_option) if isinstance(message, ThalwegWarning) else str(message)
        text, _, fix = said.partition(" Mend: ")
        code = getattr(category, "code", "warning")
        self._warnings.append({"code": code, "text": text, "fix": fix})
        _talk(_sentences("Warning", "bold yellow", {"what": text, "fix": fix}))


def write_stdout(data: bytes) -> None:
    """Write to stdout, at once and whole.

    Raises
    ------
    typer.Exit
        Nobody reads any more, as in ``thalweg … | head``: no reason to say anything.
    OutputError
        Where stdout leads to a file: the disk is full, say.
    """
    stream = _stdout()
    try:
        stream.buffer.write(data)
        stream.flush()
    except BrokenPipeError:
        raise typer.Exit(NOBODY_READS) from None
    except OSError as why:
        raise no_output(why.strerror or str(why)) from why


def _write_to_its_end(data: bytes) -> None:
    """Write to stdout; a signal waits some seconds for the end, for half a document is none.

    A second signal does not wait. (Signals interrupt only the main thread.)
    """
    failed: list[Exception] = []
    done = Event()  # and no join, which Python 3.11 takes for done once it is interrupted

    def write() -> None:
        try:
            write_stdout(data)
        except Exception as error:
            failed.append(error)
        finally:
            done.set()

    Thread(target=write, daemon=True).start()
    try:
        done.wait()
    except Stopped:
        done.wait(_PATIENCE)
        raise
    if failed:
        raise failed[0]


def write_data(text: bytes) -> None:
    """Write lines for programs to stdout; on a terminal, where a person looks, `printable` ones."""
    if _stdout().isatty():
        lines = text.decode("utf-8").split("\n")
        text = "\n".join(map(printable, lines)).encode("utf-8")
    write_stdout(text)


def _finite(value: Any) -> Any:
    """Plain data as JSON has it: NaN is null, ∞ the text "Infinity"."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _understood(error: BaseException) -> tuple[int, dict[str, str]]:
    """The exit code of an error, and the error as plain data."""
    if isinstance(error, Stopped):
        error.told = True
        told = _error("interrupted", interrupted(error.number))
        return error.exit_code, {**told, "signal": error.name}
    if isinstance(error, ThalwegError):
        return USAGE if isinstance(error, SettingsError) else FAILED, error.as_dict(as_option)
    if isinstance(error, MemoryError):
        fix = "give a smaller table, or take a machine with more memory"
        return FAILED, _error("memory", "There is not enough memory", fix)
    if os.environ.get("THALWEG_TRACEBACK"):
        traceback.print_exception(error)
    what = f"This is a defect in thalweg: {type(error).__name__}: {error}"
    fix = "run it again with THALWEG_TRACEBACK=1, and report what it prints"
    return FAILED, _error("defect", what, fix)


def _error(code: str, what: str, fix: str = "") -> dict[str, str]:
    return {"code": code, "what": what, "where": "", "why": "", "fix": fix}


def _sentences(title: str, style: str, told: dict[str, str]) -> Text:
    """What and where, why, and the mend, a line each."""
    where = f" ({told['where']})" if told.get("where") else ""
    lines = [
        Text.assemble((f"{head}: ", shade) if head else "", _sentence(words))
        for head, shade, words in (
            (title, style, told["what"] + where),
            ("", "", told.get("why", "")),
            ("Mend", "bold", told.get("fix", "")),
        )
        if words
    ]
    return Text("\n").join(lines)


def _sentence(words: str) -> str:
    words = printable(words)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _talk(text: RenderableType) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # nobody is left to be told
            sys.stderr.write(_rendered(text, sys.stderr))
            sys.stderr.flush()


class _Paper(io.TextIOWrapper):
    """A text in the making that rich takes for the stream it is meant for."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(io.BytesIO(), stream.encoding or "utf-8", "replace")
        self._is_terminal = stream.isatty()

    def isatty(self) -> bool:
        return self._is_terminal


def _rendered(page: RenderableType, stream: TextIO) -> str:
    """The page with the colours and the width of where it goes; a line of a log stays one line."""
    paper = _Paper(stream)
    console = Console(file=paper, markup=False, emoji=False, highlight=False)
    console.width = max(console.width, _NARROWEST)
    a_log = not console.is_terminal
    console.print(page, soft_wrap=a_log and isinstance(page, Text))
    paper.seek(0)
    text = paper.read()
    return re.sub(r" +$", "", text, flags=re.MULTILINE) if a_log else text


def _stdout() -> TextIO:
    if sys.stdout is None:  # closed by >&- in the shell
        raise no_output("It is closed")
    return sys.stdout


def no_output(why: str) -> OutputError:
    """Stdout cannot be written, and why."""
    return OutputError(
        "The result cannot be written",
        where="standard output",
        why=why,
        fix="free some space, or write elsewhere",
    )
