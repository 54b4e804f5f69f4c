"""A job under way: what it tells its listener, and how it is ended early."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self, TextIO, TypeVar

from thalweg.errors import ThalwegWarning, UnfinishedError
from thalweg.interrupts import Cancellation, heeding
from thalweg.jobs.listener import NOBODY, Listener
from thalweg.jobs.outcome import Outcome, Warned
from thalweg.training.progress import ProgressStep, progress_told_to
from thalweg.wording import spelled

Final = TypeVar("Final", bound=Outcome)


class JobRun:
    """A job under way, as a ``with`` block.

    Inside it every warning is told to the listener and not shown. Python keeps one way of showing
    warnings a process: where two jobs run at a time, in threads, one may hear the other's.

    Parameters
    ----------
    verb : str
    listener : Listener, optional
    cancellation : Cancellation, optional
        Asked for from any thread, it ends a fit with the best epoch so far, which the job then
        judges and keeps; a job that has no use for half of its work raises an UnfinishedError.
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
        self._told: set[object] = set()

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
        """Notes for a person."""
        for line in lines:
            self.listener.say(spelled(line, self.listener.spell))

    def tell(self, **known: Any) -> None:
        """Tell the outcome so far, with more fields of it that are known by now."""
        self.outcome = replace(self.outcome, **known)
        self.listener.so_far(self.outcome)

    def read(self, data: dict[str, Any], notes: Iterable[str]) -> dict[str, Any]:
        """Report the data that was read, and the notes for a person; returns both together."""
        data = {**data, "notes": [spelled(note, self.listener.spell) for note in notes]}
        self.say(*data["notes"])
        self.tell(data=data)
        return data

    def settle(self, kind: type[Final], **more: Any) -> Final:
        """Tell the outcome of the whole job: now, or but for files that are still to be written."""
        settled = kind(**{**vars(self.outcome), **more, "settled": True})
        self.outcome = settled
        self.listener.so_far(settled)
        return settled

    @contextmanager
    def training(self) -> Iterator[None]:
        """Progress of what is trained inside is told, and a cancellation ends it."""
        with progress_told_to(self.listener.progress), heeding(self.cancellation):
            yield

    def stage(self, name: str, done: int, total: int) -> bool:
        """How far a stage is; the answer is whether it should end early."""
        self.listener.progress(ProgressStep(name.capitalize(), done, total))
        return self.cancellation.asked

    def cancelled(self, *_: object) -> bool:
        """Whether the end was asked for, as an answer to any progress."""
        return self.cancellation.asked

    def require_wanted(self) -> None:
        """Raise where the end was asked for, and half of the work is of no use."""
        if self.cancellation.asked:
            raise UnfinishedError(
                "Cancelled before there was anything to keep",
                why="No file was written",
                fix="start it again",
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
        del filename, lineno, file, line  # where in the code it came from is no user's concern
        if about := getattr(message, "about", None):
            if (category, about) in self._told:  # by the fit of another fold
                return
            self._told.add((category, about))
        said = str(message)
        if isinstance(message, ThalwegWarning):
            said = message.said(self.listener.spell)
        text, _, fix = said.partition(" Fix: ")
        told = Warned(getattr(category, "code", "warning"), text, fix)
        self.outcome = replace(self.outcome, warnings=(*self.outcome.warnings, told))
        self.listener.warn(told)
