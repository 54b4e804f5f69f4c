"""What a person sees while a descent runs: a bar on a terminal, plain lines in a log."""

import sys
from types import TracebackType
from typing import Any, Protocol, TextIO

from thalweg.training.history import Epoch


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
    """About ten plain lines in all, for a log.

    Parameters
    ----------
    title : str
    total : int
        Epochs that are to come.
    stream : text stream
    """

    def __init__(self, title: str, total: int, stream: TextIO) -> None:
        self.title, self.total, self.stream = title, total, stream
        self.done = 0

    def __enter__(self) -> "Lines":
        return self

    def epoch(self, record: Epoch) -> None:
        """A line for the first epoch, the last, and about every tenth part between."""
        self.done += 1
        every = max(1, self.total // 10)
        if self.done == 1 or self.done == self.total or self.done % every == 0:
            text = f"{self.title}: epoch {self.done} of {self.total}, {_losses(record)}"
            print(text, file=self.stream, flush=True)

    def __exit__(self, *_: object) -> None:
        return None


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
    if not verbose:
        return Silent()
    if sys.stderr.isatty():
        return Bar(title, total, sys.stderr)
    return Lines(title, total, sys.stderr)


def _losses(record: Epoch) -> str:
    text = f"loss {record['train_loss']:.4f}"
    if record["valid_loss"] is not None:
        text += f", held out {record['valid_loss']:.4f}"
    return text
