"""What a page hears of a job while it runs: how far it is, and how long it will still take."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from thalweg.jobs.running.listener import AsOptions
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.training.progress import ProgressStep

_SECONDS_BETWEEN = 0.1


class UnwantedError(KeyboardInterrupt):
    """A page does not want the result any more: the job ends at once, and gives nothing."""


class ToldProgress(AsOptions):
    """A listener of a job that tells a page how far it is.

    Parameters
    ----------
    run : TaskRun
    clock : callable
        A clock in seconds, with any zero.
    """

    def __init__(self, run: TaskRun, clock: Callable[[], float] = time.monotonic) -> None:
        self._run, self._clock, self._lock = run, clock, Lock()
        self._title, self._begun, self._first, self._told = "", 0.0, 0, -_SECONDS_BETWEEN

    def progress(self, step: ProgressStep) -> None:
        """Tell it, a few times a second; end the job if nobody wants it."""
        require_wanted(self._run)
        with self._lock:
            now = self._clock()
            if is_new := step.title != self._title:
                self._title, self._begun, self._first = step.title, now, step.done
            if not is_new and not step.ended and now - self._told < _SECONDS_BETWEEN:
                return
            self._told = now
            told = self._plain(step, now)
        self._run.tell(Packet(told))

    def _plain(self, step: ProgressStep, now: float) -> dict[str, Any]:
        done, left = step.done - self._first, None
        if done > 0 and step.total >= step.done:
            left = (now - self._begun) / done * (step.total - step.done)
        record = step.record or {}
        losses = {
            name: record[name] for name in ("train_loss", "valid_loss")
            if isinstance(record.get(name), float)
        }  # fmt: skip
        return {
            "what": step.title, "done": step.done, "total": step.total, "unit": step.unit,
            "words": step.said, "seconds_left": left, "losses": losses,
        }  # fmt: skip


def require_wanted(run: TaskRun) -> None:
    """Raise an UnwantedError if the page has cancelled the task."""
    if run.cancellation.asked:
        raise UnwantedError
