"""What a person sees while a descent runs: a bar on a terminal, plain lines in a log."""

import io
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, TextIO

from thalweg.training.history import Epoch

SECONDS_BETWEEN_LINES = 3.0


class Progress(Protocol):
    """Told of every epoch as it ends."""

    def epoch(self, record: Epoch) -> None:
        """One more epoch, with its record of the history."""


class Silent:
    """Says nothing."""

    def epoch(self, record: Epoch) -> None:
        """Nothing."""

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Lines:
    """Plain lines for a log: one every few seconds, and one at the end.

    Parameters
    ----------
    title : str
    total : int
        Epochs that are to come.
    stream : text stream
    clock : callable
        Seconds, from any zero.
    """

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title, self.total, self.stream, self.clock = title, total, stream, clock
        self.done, self.said = 0, clock()

    def __enter__(self) -> "Lines":
        return self

    def epoch(self, record: Epoch) -> None:
        """A line, if the last one was some time ago."""
        self.done += 1
        self.last = record
        if self.clock() - self.said >= SECONDS_BETWEEN_LINES:
            self._say(f"epoch {self.done} of {self.total}")

    def __exit__(self, *_: object) -> None:
        if self.done:
            self._say(f"{self.done} epochs")

    def _say(self, what: str) -> None:
        try:
            print(f"{self.title}: {what}, {_losses(self.last)}", file=self.stream, flush=True)
        except BrokenPipeError:
            raise
        except OSError:
            # A full disk behind the log is no reason to lose the descent.
            self.stream = io.StringIO()
        self.said = self.clock()


class Bar:
    """A bar with the time that is left, gone when the descent has ended.

    Parameters
    ----------
    title : str
    total : int
        Epochs that are to come.
    stream : text stream
        A terminal.
    """

    def __init__(self, title: str, total: int, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bar: Any = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._task = self._bar.add_task(title, total=total, losses="")

    def __enter__(self) -> "Bar":
        self._bar.start()
        return self

    def epoch(self, record: Epoch) -> None:
        """One step of the bar."""
        self._bar.update(self._task, advance=1, losses=_losses(record))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


def watch(title: str, total: int, verbose: int) -> "Silent | Lines | Bar":
    """The progress that fits where standard error goes; ``verbose=0`` is silence."""
    if not verbose or sys.stderr is None:  # None: the shell closed it, 2>&-
        return Silent()
    if sys.stderr.isatty():
        return Bar(title, total, sys.stderr)
    return Lines(title, total, sys.stderr)


def _losses(record: Epoch) -> str:
    text = f"loss {record['train_loss']:.4f}"
    if record["valid_loss"] is not None:
        text += f", held out {record['valid_loss']:.4f}"
    return text
