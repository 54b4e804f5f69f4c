"""How far a descent is: told to whoever listens, as a bar on a terminal, or as lines of a log."""

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from thalweg.training.history import Epoch, losses_in_words
from thalweg.wording import counted

SECONDS_BETWEEN_LINES = 3.0
SECONDS_BETWEEN_FRAMES = 0.05


@dataclass(frozen=True)
class ProgressStep:
    """How far something is.

    Attributes
    ----------
    title : str
        What is under way, such as "Training".
    done, total : int
    unit : str
        What is counted, such as "epoch"; "" where the title says it.
    finished, networks : int
        How many networks are done, and how many there are; 0 where there is one, or none.
    record : dict or None
        Of an epoch that has just ended, with the keys of the history.
    penalty : bool
        Whether a penalty on the weights is part of its loss.
    ended : bool
        Whether this is the last step of it, however it ended.
    """

    title: str
    done: int
    total: int
    unit: str = ""
    finished: int = 0
    networks: int = 0
    record: Epoch | None = None
    penalty: bool = False
    ended: bool = False

    @property
    def said(self) -> str:
        """More in words: how many networks are done, and the losses."""
        several = f"{self.finished} of {counted(self.networks, 'network')}" if self.networks else ""
        losses = losses_in_words(self.record, penalty=self.penalty) if self.record else ""
        return ", ".join(filter(None, (several, losses)))


Tell = Callable[[ProgressStep], None]


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


class Told:
    """Counts epochs and networks, and tells how far all is after each of them.

    Parameters
    ----------
    title : str
    total : int
        Epochs in all, with those that a descent had before it was taken up again.
    tell : callable
        Called with a `ProgressStep`.
    networks : int, default 0
        How many descents share it; 0 speaks of none.
    penalty : bool, default False
        Whether a penalty on the weights is part of the loss; then it is said.
    """

    def __init__(
        self, title: str, total: int, tell: Tell, networks: int = 0, *, penalty: bool = False
    ) -> None:
        self.title, self.total, self.tell, self.networks = title, total, tell, networks
        self.penalty = penalty
        self.done, self.finished = 0, 0
        self.last: Epoch | None = None

    def __enter__(self) -> "Told":
        return self

    def epoch(self, record: Epoch) -> None:
        """One more; the first one says how many a descent that is taken up again has had."""
        self.done = self.done + 1 if self.last else record["epoch"]
        self.last = record
        self.tell(self.step())

    def network(self, spared: int) -> None:
        """One more is done, and fewer epochs are to come."""
        self.finished += 1
        self.total -= spared

    def step(self, *, ended: bool = False) -> ProgressStep:
        """How far all is."""
        return ProgressStep(
            self.title, self.done, self.total, "epoch", self.finished, self.networks, self.last,
            self.penalty, ended,
        )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        if self.done:
            self.tell(self.step(ended=True))


class Log:
    """Plain lines for a log: one every few seconds, and one at the end of what is counted.

    Parameters
    ----------
    stream : text stream
    clock : callable
        Seconds, from any zero.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock, self.said = stream, clock, clock()

    def show(self, step: ProgressStep) -> None:
        """A line, if the last one was some time ago."""
        if step.ended:
            self._say(step, counted(step.done, step.unit))
        elif self.clock() - self.said >= SECONDS_BETWEEN_LINES:
            self._say(step, f"{step.unit} {step.done:,} of {step.total:,}".strip())

    def _say(self, step: ProgressStep, what: str) -> None:
        line = f"{step.title}: {', '.join(filter(None, (what, step.said)))}\n"
        try:
            self.stream.write(line)
            self.stream.flush()
        except BrokenPipeError:
            raise
        except OSError:
            # A full disk behind the log is no reason to lose the descent.
            self.stream = io.StringIO()
        self.said = self.clock()

    def close(self) -> None:
        """Nothing: all is written."""


class Meter:
    """A bar for each title with the time that is left, gone when it is closed.

    Parameters
    ----------
    stream : text stream
        A terminal.
    clock : callable
        Seconds, from any zero.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.clock, self.said = clock, clock()
        self.bar: Any = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._tasks: dict[str, Any] = {}
        self.bar.start()

    def show(self, step: ProgressStep) -> None:
        """The bar grows, as often as an eye can follow: a short epoch is quicker than that."""
        if step.title not in self._tasks:
            self._tasks[step.title] = self.bar.add_task(
                step.title, total=step.total, completed=step.done, said=step.said
            )
        due = self.clock() - self.said >= SECONDS_BETWEEN_FRAMES
        if due or step.ended or step.done == step.total:
            self.bar.update(
                self._tasks[step.title], completed=step.done, total=step.total, said=step.said
            )
            self.said = self.clock()

    def close(self) -> None:
        """The bars go."""
        self.bar.stop()


class ShownProgress(Told):
    """Progress that is shown: by a `Log` or a `Meter`, which is closed at the end."""

    def __init__(
        self, title: str, total: int, by: Log | Meter, networks: int = 0, *, penalty: bool = False
    ) -> None:
        super().__init__(title, total, by.show, networks, penalty=penalty)
        self.by = by

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.by.close()


_listening: ContextVar[Tell | None] = ContextVar("listening", default=None)


@contextmanager
def progress_told_to(tell: Tell) -> Iterator[None]:
    """Have what this thread trains tell how far it is, whatever its ``verbose`` is."""
    before = _listening.set(tell)
    try:
        yield
    finally:
        _listening.reset(before)


def watch(
    title: str, total: int, verbose: int, networks: int = 0, *, penalty: bool = False
) -> Silent | Told:
    """The progress for whoever listens, or as it fits standard error; ``verbose=0`` is silence."""
    if tell := _listening.get():
        return Told(title, total, tell, networks, penalty=penalty)
    if not verbose or sys.stderr is None:  # None: the shell closed it, 2>&-
        return Silent()
    return ShownProgress(title, total, log_or_meter(sys.stderr), networks, penalty=penalty)


def log_or_meter(stream: TextIO) -> Log | Meter:
    """What fits a stream: a bar on a terminal, lines elsewhere."""
    return Meter(stream) if stream.isatty() else Log(stream)
