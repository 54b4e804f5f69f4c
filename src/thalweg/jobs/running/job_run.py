"""A running job: what it reports to its listener, and how a cancellation ends it."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self, TextIO, TypeVar

from thalweg.data.schema.matching import STOPS_WARNING
from thalweg.errors import ThalwegWarning, UnfinishedError
from thalweg.interrupts import Cancellation, heeding
from thalweg.jobs.running.listener import NOBODY, Listener
from thalweg.jobs.running.outcome import Outcome, Warned
from thalweg.training.progress import ProgressStep, progress_told_to
from thalweg.wording import spelled

Final = TypeVar("Final", bound=Outcome)


class JobRun:
    """A running job, as a ``with`` block.

    Inside it every warning goes to the listener and is not shown. Python has only one way of
    showing warnings per process: if two jobs run at the same time in threads, one may receive the
    warnings of the other.

    Parameters
    ----------
    verb : str
    listener : Listener, optional
    cancellation : Cancellation, optional
        Any thread may ask for it. It ends a fit with the best epoch so far, which the job then
        evaluates and keeps; a job to which half of its work is of no use raises UnfinishedError.
    seed : int, optional
    """

    def __init__(
        self,
        verb: str,
        listener: Listener | None,
        cancellation: Cancellation | None,
        seed: int | None = None,
    ) -> None:
        self.listener = listener or NOBODY
        self.cancellation = cancellation or Cancellation()
        self.outcome = Outcome(verb=verb, seed=seed)
        self._given: set[object] = set()

    def __enter__(self) -> Self:
        self._filters = warnings.catch_warnings()
        self._filters.__enter__()
        warnings.simplefilter("always", ThalwegWarning)
        warnings.showwarning = self._warned
        self.listener.so_far(self.outcome)
        return self

    def __exit__(self, *error: Any) -> None:
        self._filters.__exit__(*error)

    def say(self, *lines: str) -> None:
        """Give notes for people."""
        for line in lines:
            self.listener.say(spelled(line, self.listener.spell))

    def tell(self, **known: Any) -> None:
        """Report the outcome so far, with further fields of it."""
        self.outcome = replace(self.outcome, **known)
        self.listener.so_far(self.outcome)

    def read(self, data: dict[str, Any], notes: Iterable[str]) -> dict[str, Any]:
        """Report the data that was read, and notes for people; returns both together."""
        data = {**data, "notes": [spelled(note, self.listener.spell) for note in notes]}
        self.say(*data["notes"])
        self.tell(data=data)
        return data

    def settle(self, kind: type[Final], **more: Any) -> Final:
        """Report the outcome of the whole job; only files may still have to be written."""
        settled = kind(**{**vars(self.outcome), **more, "settled": True})
        self.outcome = settled
        self.listener.so_far(settled)
        return settled

    @contextmanager
    def training(self) -> Iterator[None]:
        """Report the progress of training inside the block, which a cancellation ends."""
        with progress_told_to(self.listener.progress), heeding(self.cancellation):
            yield

    def stage(self, name: str, done: int, total: int) -> bool:
        """Report the progress of a stage; returns whether it should end early."""
        self.listener.progress(ProgressStep(name.capitalize(), done, total))
        return self.cancellation.asked

    def cancelled(self, *_: object) -> bool:
        """Whether a cancellation was asked for; usable as a progress callback."""
        return self.cancellation.asked

    def require_wanted(self) -> None:
        """Raise if a cancellation was asked for; called where half of the work is of no use."""
        if self.cancellation.asked:
            raise UnfinishedError(
                "Cancelled before there was anything to keep",
                why="No file was written",
                fix="start the job again",
            )

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        del filename, lineno, file, line  # users need not know the place in the code
        if about := getattr(message, "about", None):
            if (category, about) in self._given:  # by the fit of another fold
                return
            self._given.add((category, about))
        said = str(message)
        if isinstance(message, ThalwegWarning):
            said = message.said(self.listener.spell)
            if self.outcome.verb != "predict":  # no other verb has this option
                said = said.replace(spelled(STOPS_WARNING, self.listener.spell), "")
        if (category, said) in self._given:  # each of several predictions for a table warns
            return
        self._given.add((category, said))
        text, _, fix = said.partition(" Fix: ")
        warning = Warned(getattr(category, "code", "warning"), text, fix)
        self.outcome = replace(self.outcome, warnings=(*self.outcome.warnings, warning))
        self.listener.warn(warning)
