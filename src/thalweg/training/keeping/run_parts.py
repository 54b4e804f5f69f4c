"""One training run of a fit in a checkpoint: running, with its standing, or done, with its result.

Whatever a part contains comes from a file, so that it is checked before it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.errors import Status
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Resumable
from thalweg.training.checkpoint import (
    Arrays,
    history_of,
    place_of,
    require_place,
    standing_of,
    table_of,
)
from thalweg.training.descent_inputs import Course
from thalweg.training.descent_state import Standing
from thalweg.training.history import History
from thalweg.training.train import Descent
from thalweg.training.training_loop import Run

RUNNING, DONE = "running", "done"
_KEYS = {
    RUNNING: {"state", "seconds", "place", "stopped"},
    DONE: {"state", "seconds", "epochs", "best_epoch", "status", "dead_units"},
}
# How a run may have ended that is not trained again.
_ENDS = {
    each.name.lower(): each
    for each in (Status.PATIENCE, Status.MAX_EPOCHS, Status.STOPPED, Status.TIME_LIMIT)
}
MOST_SECONDS = 1e12


@dataclass(frozen=True, eq=False)
class RunPart:
    """A run as it is in a file.

    Attributes
    ----------
    words : dict
        Its state and its counts.
    arrays : dict of str to ndarray
        Nobody changes them.
    """

    words: dict[str, Any]
    arrays: Arrays

    @property
    def is_done(self) -> bool:
        """Whether the run has ended, and this is its result."""
        return bool(self.words["state"] == DONE)


def running_part(run: Run, callbacks: Sequence[Resumable], seconds: float) -> RunPart:
    """A run between two slices of steps, as a copy."""
    place, arrays = place_of(run.standing)
    copies = {name: array.copy() for name, array in arrays.items()}
    words = {
        "state": RUNNING, "seconds": seconds, "place": place, "stopped": run.crew.stopped,
    }  # fmt: skip
    return RunPart(words, copies | _of_callbacks(callbacks))


def done_part(descent: Descent, callbacks: Sequence[Resumable], seconds: float) -> RunPart | None:
    """The result of a run; None if it diverged: it does so again, with the same words."""
    status = descent.status.name.lower()
    if status not in _ENDS:
        return None
    words = {
        "state": DONE, "seconds": seconds, "epochs": len(descent.history),
        "best_epoch": descent.best_epoch, "status": status,
        "dead_units": list(descent.dead_units),
    }  # fmt: skip
    arrays = {"theta": descent.theta, "history": table_of(descent.history)}
    return RunPart(words, arrays | _of_callbacks(callbacks))


def _of_callbacks(callbacks: Sequence[Resumable]) -> Arrays:
    return {
        f"callback{i}/{name}": array
        for i, each in enumerate(callbacks)
        for name, array in each.packed().items()
    }


def require_part(words: Any) -> None:
    """Raise a ValueError unless this is a part in words: all its kinds, and counts from 0 on."""
    if type(words) is not dict or words.get("state") not in [*_KEYS]:
        raise ValueError("A network is in no state that is known here")
    if set(words) != _KEYS[words["state"]]:
        raise ValueError("What it says of a network is not complete")
    seconds = words["seconds"]
    if type(seconds) not in (int, float) or not 0 <= seconds < MOST_SECONDS:
        raise ValueError("The seconds of a network are not a number from 0 on")
    if words["state"] == RUNNING:
        require_place(words["place"])
        if type(words["stopped"]) is not bool:
            raise ValueError("It does not say whether a network was stopped")
        return
    dead = words["dead_units"]
    counts = [words["epochs"], words["best_epoch"], *(dead if type(dead) is list else [None])]
    if not all(type(count) is int and 0 <= count < 2**53 for count in counts):
        raise ValueError("A count of a network is not a whole number from 0 on")
    if words["status"] not in [*_ENDS]:
        raise ValueError("A network has ended in a way that is not known here")


def resumed_standing(part: RunPart, course: Course, callbacks: Sequence[Resumable]) -> Standing:
    """The standing of a running part, as a copy; raises a ValueError if the parts do not fit."""
    own, others = _split(part.arrays)
    copies = {name: array.copy() for name, array in own.items()}
    standing = standing_of(course, part.words["place"], copies)
    _resume(callbacks, others, standing.history, course.member.theta, ended=False)
    return standing


def resumed_descent(part: RunPart, course: Course, callbacks: Sequence[Resumable]) -> Descent:
    """The result of a done part; raises a ValueError if the parts do not fit."""
    words, (own, others) = part.words, _split(part.arrays)
    start, done = course.member.theta, words["epochs"]
    expected = {"theta": (start.shape, start.dtype), "history": ((done, 6), np.float64)}
    if {name: (each.shape, each.dtype) for name, each in own.items()} != expected:
        raise ValueError("Its arrays are not those of a network that is done")
    hidden = len(course.member.architecture.sizes) - 2
    if words["best_epoch"] > done or done > course.end or len(words["dead_units"]) != hidden:
        raise ValueError("Its counts of a network do not fit together")
    history = history_of(own["history"], done, course)
    _resume(callbacks, others, history, start, ended=True)
    return Descent(
        own["theta"].copy(), words["best_epoch"], _ENDS[words["status"]], history,
        dead_units=tuple(words["dead_units"]),
    )  # fmt: skip


def _split(arrays: Arrays) -> tuple[Arrays, Arrays]:
    """The arrays of a run, and those of its callbacks."""
    others = {name: each for name, each in arrays.items() if name.startswith("callback")}
    return {name: each for name, each in arrays.items() if name not in others}, others


def _resume(
    callbacks: Sequence[Resumable], arrays: Arrays, history: History, theta: Array, *, ended: bool
) -> None:
    left = dict(arrays)
    for i, each in enumerate(callbacks):
        begin = f"callback{i}/"
        own = {name[len(begin) :]: left.pop(name) for name in arrays if name.startswith(begin)}
        each.resume(own, history, theta, ended=ended)
    if left:
        raise ValueError("It has arrays of callbacks that the fit does not have")
