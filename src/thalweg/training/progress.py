"""Progress output while a network trains: a bar on a terminal, plain lines in a log."""

import io
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, TextIO

from thalweg.training.history import Epoch, losses_in_words
from thalweg.wording import counted

SECONDS_BETWEEN_LINES = 3.0
SECONDS_BETWEEN_FRAMES = 0.05


class Progress(Protocol):
    """The interface of a progress display: called after every epoch and every network."""

    def epoch(self, record: Epoch) -> None:
        """One more epoch has ended, with its record of the history."""

    def network(self, spared: int) -> None:
        """One of several networks is finished, and so many epochs were not needed."""


class Silent:
    """Shows nothing."""

    def epoch(self, record: Epoch) -> None:
        """Nothing."""

    def network(self, spared: int) -> None:
        """Nothing."""

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Count:
    """What the bar and the lines have in common: counts, and the time of the last output."""

    def __init__(self, title: str, total: int, networks: int, clock: Callable[[], float]) -> None:
        self.title, self.total, self.networks, self.clock = title, total, networks, clock
        self.done, self.finished, self.said = 0, 0, clock()
        self.last: Epoch | None = None

    def epoch(self, record: Epoch) -> None:
        """Count one more epoch; the first call counts the epochs before a resumed run."""
        self.done = self.done + 1 if self.last else record["epoch"]
        self.last = record

    def of_networks(self) -> str:
        """How many networks are finished, if there are several."""
        return f"{self.finished} of {counted(self.networks, 'network')}" if self.networks else ""

    def losses(self) -> str:
        """The losses of the last epoch."""
        return losses_in_words(self.last) if self.last else ""


class Lines:
    """Plain lines for a log: one every few seconds, and one at the end.

    Parameters
    ----------
    title : str
    total : int
        The number of epochs, including those before a resumed run.
    stream : text stream
    clock : callable
        A clock in seconds, with any zero.
    networks : int, default 0
        How many networks share it; with 0 they are not mentioned.
    """

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        networks: int = 0,
    ) -> None:
        self.count, self.stream = _Count(title, total, networks, clock), stream

    def __enter__(self) -> "Lines":
        return self

    def epoch(self, record: Epoch) -> None:
        """Print a line, if the last one was some time ago."""
        count = self.count
        count.epoch(record)
        if count.clock() - count.said >= SECONDS_BETWEEN_LINES:
            self._say(f"epoch {count.done} of {count.total}")

    def network(self, spared: int) -> None:
        """One more network is finished, and fewer epochs are to come."""
        self.count.finished += 1
        self.count.total -= spared

    def __exit__(self, *_: object) -> None:
        if self.count.done:
            self._say(counted(self.count.done, "epoch"))

    def _say(self, what: str) -> None:
        parts = (what, self.count.of_networks(), self.count.losses())
        line = f"{self.count.title}: {', '.join(filter(None, parts))}"
        try:
            print(line, file=self.stream, flush=True)
        except BrokenPipeError:
            raise
        except OSError:
            # A full disk under the log must not end training.
            self.stream = io.StringIO()
        self.count.said = self.count.clock()


class Bar:
    """A bar with the remaining time, removed when training has ended.

    Parameters
    ----------
    title : str
    total : int
        The number of epochs, including those before a resumed run.
    stream : text stream
        A terminal.
    clock : callable
        A clock in seconds, with any zero.
    networks : int, default 0
        How many networks share it; with 0 they are not mentioned.
    """

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        networks: int = 0,
    ) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.count = _Count(title, total, networks, clock)
        self._bar: Any = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._task = self._bar.add_task(title, total=total, said="")

    def __enter__(self) -> "Bar":
        self._bar.start()
        return self

    def epoch(self, record: Epoch) -> None:
        """Advance the bar, but not more often than the eye can follow."""
        self.count.epoch(record)
        if self.count.clock() - self.count.said >= SECONDS_BETWEEN_FRAMES:
            self._draw()

    def network(self, spared: int) -> None:
        """One more network is finished, and fewer epochs are to come."""
        self.count.finished += 1
        self.count.total -= spared
        self._draw()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._draw()
        self._bar.stop()

    def _draw(self) -> None:
        count = self.count
        said = ", ".join(filter(None, (count.of_networks(), count.losses())))
        self._bar.update(self._task, completed=count.done, total=count.total, said=said)
        count.said = count.clock()


def watch(title: str, total: int, verbose: int, networks: int = 0) -> "Silent | Lines | Bar":
    """The progress display that suits standard error; ``verbose=0`` shows nothing."""
    if not verbose or sys.stderr is None:  # None: the shell closed it, 2>&-
        return Silent()
    if sys.stderr.isatty():
        return Bar(title, total, sys.stderr, networks=networks)
    return Lines(title, total, sys.stderr, networks=networks)
