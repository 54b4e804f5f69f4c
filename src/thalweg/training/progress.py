"""What a person sees while a descent runs: a bar on a terminal, plain lines in a log."""

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
    """Told of every epoch as it ends, and of every network where there are many."""

    def epoch(self, record: Epoch) -> None:
        """One more epoch, with its record of the history."""

    def network(self, spared: int) -> None:
        """One network of many is done; it spared itself so many epochs."""


class Silent:
    """Says nothing."""

    def epoch(self, record: Epoch) -> None:
        """Nothing."""

    def network(self, spared: int) -> None:
        """Nothing."""

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Count:
    """What a bar and lines both keep: how far all is, and when something was last said."""

    def __init__(
        self, title: str, total: int, networks: int, clock: Callable[[], float], penalty: bool
    ) -> None:
        self.title, self.total, self.networks, self.clock = title, total, networks, clock
        self.penalty = penalty
        self.done, self.finished, self.said = 0, 0, clock()
        self.last: Epoch | None = None

    def epoch(self, record: Epoch) -> None:
        """One more; the first one says how many a descent that is taken up again has had."""
        self.done = self.done + 1 if self.last else record["epoch"]
        self.last = record

    def of_networks(self) -> str:
        """How many networks are done, where there are many."""
        return f"{self.finished} of {counted(self.networks, 'network')}" if self.networks else ""

    def losses(self) -> str:
        """Those of the epoch that ended last."""
        return losses_in_words(self.last, penalty=self.penalty) if self.last else ""


class Lines:
    """Plain lines for a log: one every few seconds, and one at the end.

    Parameters
    ----------
    title : str
    total : int
        Epochs in all, with those that a descent had before it was taken up again.
    stream : text stream
    clock : callable
        Seconds, from any zero.
    networks : int, default 0
        How many descents share it; 0 speaks of none.
    penalty : bool, default False
        Whether a penalty on the weights is part of the loss; then it is said.
    """

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        networks: int = 0,
        penalty: bool = False,
    ) -> None:
        self.count, self.stream = _Count(title, total, networks, clock, penalty), stream

    def __enter__(self) -> "Lines":
        return self

    def epoch(self, record: Epoch) -> None:
        """A line, if the last one was some time ago."""
        count = self.count
        count.epoch(record)
        if count.clock() - count.said >= SECONDS_BETWEEN_LINES:
            self._say(f"epoch {count.done} of {count.total}")

    def network(self, spared: int) -> None:
        """One more is done, and fewer epochs are to come."""
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
            # A full disk behind the log is no reason to lose the descent.
            self.stream = io.StringIO()
        self.count.said = self.count.clock()


class Bar:
    """A bar with the time that is left, gone when the descent has ended.

    Parameters
    ----------
    title : str
    total : int
        Epochs in all, with those that a descent had before it was taken up again.
    stream : text stream
        A terminal.
    clock : callable
        Seconds, from any zero.
    networks : int, default 0
        How many descents share it; 0 speaks of none.
    penalty : bool, default False
        Whether a penalty on the weights is part of the loss; then it is said.
    """

    def __init__(
        self,
        title: str,
        total: int,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        networks: int = 0,
        penalty: bool = False,
    ) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.count = _Count(title, total, networks, clock, penalty)
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
        """The bar grows, as often as an eye can follow: a short epoch is quicker than that."""
        self.count.epoch(record)
        if self.count.clock() - self.count.said >= SECONDS_BETWEEN_FRAMES:
            self._draw()

    def network(self, spared: int) -> None:
        """One more is done, and fewer epochs are to come."""
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


def watch(
    title: str, total: int, verbose: int, networks: int = 0, *, penalty: bool = False
) -> "Silent | Lines | Bar":
    """The progress that fits where standard error goes; ``verbose=0`` is silence."""
    if not verbose or sys.stderr is None:  # None: the shell closed it, 2>&-
        return Silent()
    if sys.stderr.isatty():
        return Bar(title, total, sys.stderr, networks=networks, penalty=penalty)
    return Lines(title, total, sys.stderr, networks=networks, penalty=penalty)
