"""Progress of training: reported to a listener, as a bar on a terminal, or as lines in a log."""

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, TextIO

from thalweg.training.history import Epoch, losses_in_words, pass_name
from thalweg.wording import counted

SECONDS_BETWEEN_LINES = 3.0
SECONDS_BETWEEN_FRAMES = 0.05


@dataclass(frozen=True)
class ProgressStep:
    """The progress of one task.

    Attributes
    ----------
    title : str
        The name of the task, such as "Training".
    done, total : int
        A total of 0 is not known yet.
    unit : str
        What is counted, such as "epoch"; "" if the title says it.
    finished, networks : int
        How many networks are finished, and how many there are; 0 if there is one, or none.
    record : dict or None
        The record of an epoch that has just ended, with the keys of the history.
    penalty : bool
        Whether a penalty on the weights is part of its loss.
    ended : bool
        Whether this is the last step, however the task ended.
    mean : bool
        Whether the losses of ``record`` are the mean over the best epochs of all networks.
    words : str
        More in words.
    in_log : bool
        Whether it is worth a line of a log; a bar shows everything.
    trial : (int, float or None), optional
        The number and the loss of a trial of a search that has just ended; None if it diverged.
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
    mean: bool = False
    words: str = ""
    in_log: bool = True
    trial: tuple[int, float | None] | None = None

    @classmethod
    def of_rows(cls, title: str, done: int, total: int) -> "ProgressStep":
        """Rows that are read; a total that was counted may be passed."""
        return cls(title, done, max(done, total) if total else 0, "row")

    @property
    def said(self) -> str:
        """More in words: how many networks are done, and the losses."""
        several = f"{self.finished} of {counted(self.networks, 'network')}" if self.networks else ""
        losses = losses_in_words(self.record, penalty=self.penalty) if self.record else ""
        losses = f"mean of their best {self.unit or 'epoch'}s: {losses}" if self.mean else losses
        return ", ".join(filter(None, (several, losses, self.words)))


Tell = Callable[[ProgressStep], None]


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


class Told:
    """Counts epochs and networks, and reports the progress after each of them.

    Parameters
    ----------
    title : str
    total : int
        The number of epochs, including those before a resumed run.
    tell : callable
        Called with a `ProgressStep`.
    networks : int, default 0
        How many networks share it; with 0 they are not mentioned.
    penalty : bool, default False
        Whether a penalty on the weights is part of the loss; then the text says so.
    """

    def __init__(
        self, title: str, total: int, tell: Tell, networks: int = 0, *, penalty: bool = False
    ) -> None:
        self.title, self.total, self.tell, self.networks = title, total, tell, networks
        self.penalty = penalty
        self.done, self.finished = 0, 0
        self.last: Epoch | None = None
        # Of all networks, for the last step; which of them reports last is left to chance.
        self.mean: Epoch | None = None

    def __enter__(self) -> "Told":
        return self

    def epoch(self, record: Epoch) -> None:
        """Count one more epoch; the first call counts the epochs before a resumed run."""
        self.done = self.done + 1 if self.last else record["epoch"]
        self.last = record
        self.tell(self.step())

    def network(self, spared: int) -> None:
        """One more network is finished, and fewer epochs are to come."""
        self.finished += 1
        self.total -= spared

    def step(self, *, ended: bool = False) -> ProgressStep:
        """The current progress."""
        mean = self.mean if ended else None
        what = pass_name([self.last] if self.last else [])
        return ProgressStep(
            self.title, self.done, self.total, what, self.finished, self.networks,
            mean or self.last, self.penalty, ended, mean is not None,
        )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        if self.done:
            self.tell(self.step(ended=True))


class Log:
    """Plain lines for a log: one every few seconds, and one at the end of each task.

    Parameters
    ----------
    stream : text stream
    clock : callable
        A clock in seconds, with any zero.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock, self.said = stream, clock, clock()

    def show(self, step: ProgressStep) -> None:
        """Print a line, if the last one was some time ago."""
        if not step.in_log:
            return
        if step.ended:
            self._say(step, counted(step.done, step.unit))
        elif self.clock() - self.said >= SECONDS_BETWEEN_LINES:
            of_all = f" of {step.total:,}" if step.total else ""
            self._say(step, f"{step.unit} {step.done:,}{of_all}".strip())

    def _say(self, step: ProgressStep, what: str) -> None:
        line = f"{step.title}: {', '.join(filter(None, (what, step.said)))}\n"
        try:
            self.stream.write(line)
            self.stream.flush()
        except BrokenPipeError:
            raise
        except OSError:
            # A full disk under the log must not end training.
            self.stream = io.StringIO()
        self.said = self.clock()

    def close(self) -> None:
        """Nothing: all is written."""


class Meter:
    """A bar for each title with the remaining time, removed when it is closed.

    Parameters
    ----------
    stream : text stream
        A terminal.
    clock : callable
        A clock in seconds, with any zero.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.clock, self.said = clock, clock()
        self.bar: Any = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(20),  # what is said fits beside it in 80 columns
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._tasks: dict[str, Any] = {}
        self.bar.start()

    def show(self, step: ProgressStep) -> None:
        """Advance the bar, but not more often than the eye can follow."""
        if step.title not in self._tasks:
            self._tasks[step.title] = self.bar.add_task(
                step.title, total=step.total or None, completed=step.done, said=step.said
            )
        due = self.clock() - self.said >= SECONDS_BETWEEN_FRAMES
        if due or step.ended or step.done == step.total:
            self.bar.update(
                self._tasks[step.title],
                completed=step.done,
                total=step.total or None,
                said=step.said,
            )
            self.said = self.clock()

    def close(self) -> None:
        """Remove the bars."""
        self.bar.stop()


class ShownProgress(Told):
    """Progress that is shown by a `Log` or a `Meter`, which is closed at the end."""

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
    """Let the training of this thread report its progress, whatever its ``verbose`` is."""
    before = _listening.set(tell)
    try:
        yield
    finally:
        _listening.reset(before)


def watch(
    title: str, total: int, verbose: int, networks: int = 0, *, penalty: bool = False
) -> Silent | Told:
    """The progress for a listener, or for standard error; ``verbose=0`` shows nothing."""
    if tell := _listening.get():
        return Told(title, total, tell, networks, penalty=penalty)
    if not verbose or sys.stderr is None:  # None: the shell closed it, 2>&-
        return Silent()
    return ShownProgress(title, total, log_or_meter(sys.stderr), networks, penalty=penalty)


@contextmanager
def telling(verbose: int) -> Iterator[Tell]:
    """A function that reports progress to the listener or to standard error, as `watch` does."""
    by: Log | Meter | None = None
    tell = _listening.get()
    if tell is None and verbose and sys.stderr is not None:
        by = log_or_meter(sys.stderr)
        tell = by.show
    try:
        yield tell or _nobody
    finally:
        if by is not None:
            by.close()


def _nobody(step: ProgressStep) -> None:
    """Nobody looks."""
    del step


@contextmanager
def counting(title: str, total: int, verbose: int, unit: str = "") -> Iterator[Callable[[], None]]:
    """A function to call after each of so many steps that are no epochs, from any thread.

    It reports to the listener or to standard error, as `watch` does.
    """
    numbers = count(1)
    with telling(verbose) as tell:

        def step() -> None:
            done = next(numbers)  # one step of Python: threads get different numbers
            tell(ProgressStep(title, done, total, unit, ended=done == total))

        yield step


def log_or_meter(stream: TextIO) -> Log | Meter:
    """The display that suits a stream: a bar on a terminal, lines elsewhere."""
    return Meter(stream) if stream.isatty() else Log(stream)
