"""Copies the states of networks that train at the same time, and has them written.

A state is copied by the thread that has the network, between two slices of steps, or by another one
while no thread has it. No network waits for another.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from thalweg.errors import OutputError, Status
from thalweg.network.engine import Engine
from thalweg.training.callbacks import Callback, Resumable
from thalweg.training.checkpoint import run_in_words
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.descent_state import Standing
from thalweg.training.keeping.run_parts import (
    done_part,
    resumed_descent,
    resumed_standing,
    running_part,
)
from thalweg.training.train import Descent
from thalweg.training.training_loop import Run

if TYPE_CHECKING:
    from thalweg.training.keeping.fit_keeper import FitKeeper, KeptRace


def fingerprint(member: Member, engine: Engine) -> str:
    """A hash of what defines a run, without its rows, for which the hash of the fit vouches."""
    words = run_in_words(Course(member, engine), with_data=False)
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


class RaceKeeper:
    """What ``train_many`` asks and says while it trains the networks of one race.

    Attributes
    ----------
    results : dict of int to Descent
        Those of the networks that are done already.
    limit : float or None
        The seconds that each network may take, of which some may be used.

    Raises
    ------
    ValueError
        The parts in the file do not fit the networks.
    """

    def __init__(
        self,
        fit: "FitKeeper",
        race: "KeptRace",
        members: Sequence[Member],
        callbacks: Sequence[Sequence[Callback]],
        engine: Engine,
    ) -> None:
        self.fit, self.race, self.limit = fit, race, race.limit
        self.callbacks = [
            [each for each in several if isinstance(each, Resumable)] for several in callbacks
        ]
        self.results: dict[int, Descent] = {}
        self._standings: dict[int, tuple[Standing, bool]] = {}
        for number, (member, part) in enumerate(zip(members, race.parts, strict=True)):
            if part is None:
                continue
            course, own = Course(member, engine), self.callbacks[number]
            if part.is_done:
                self.results[number] = resumed_descent(part, course, own)
            elif course.by_lbfgs:
                raise ValueError("L-BFGS is done or not, and never in between")
            else:
                standing = resumed_standing(part, course, own)
                self._standings[number] = standing, part.words["stopped"]
        self._lock, self._is_cut, self._is_changed = Lock(), False, False
        self._runs: dict[int, Run] = {}
        self._moving: set[int] = set()
        self._asked: set[int] = set()
        self._began, self._seconds = fit.clock(), race.seconds
        self._epochs = 0

    def standing(self, number: int) -> Standing | None:
        """Where a network was, if it has begun in an earlier process."""
        found = self._standings.get(number)
        return None if found is None else found[0]

    def begun(self, number: int, run: Run) -> None:
        """A network begins, or resumes."""
        part = self.race.parts[number]
        if part is not None:
            run.until -= part.words["seconds"]
            run.crew.stopped |= self._standings[number][1]
        with self._lock:
            self._runs[number] = run

    def may_move(self, number: int) -> bool:
        """Whether a network may make a slice of steps, or end; from now on it is in motion."""
        with self._lock:
            if not self._is_cut:
                self._moving.add(number)
            return not self._is_cut

    def rests(self, number: int, run: Run) -> None:
        """A network is between two slices; write all states if it is time to, and they are there.

        A network that has ended stays in motion until its result is there.
        """
        if run.status not in (Status.RUNNING, Status.INTERRUPTED):
            return
        with self._lock:
            self._moving.discard(number)
            if self._is_cut:
                return
            if not self._asked and self._is_due(run):
                self._asked = {k for k in self._runs if k in self._moving}
                resting = [k for k in self._runs if k not in self._moving]
            else:
                resting = [number] if number in self._asked else []
            for k in resting:
                self._copy(k)
            is_whole = bool(resting) and not self._asked
        if is_whole:
            self._write()

    def ended(self, number: int, run: Run, descent: Descent) -> None:
        """A network is done."""
        part = done_part(descent, self.callbacks[number], _seconds_of(run))
        with self._lock:
            self._moving.discard(number)
            self._runs.pop(number)
            if part is not None:
                self.race.parts[number], self._is_changed = part, True
            was_last = self._asked == {number}
            self._asked.discard(number)
        if was_last:
            self._write()

    def end(self) -> None:
        """All networks are done."""
        if self._is_changed:
            self._write()

    def cut(self) -> None:
        """Ctrl-C or an error ends the race: copy what rests, and write.

        A network that a thread still has keeps its last copy. If the file cannot be written, the
        one that is there stands, and the first error is the one to report.
        """
        self.fit.is_unfinished = True
        with self._lock:
            self._is_cut = True
            for number in self._runs:
                if number not in self._moving:
                    self._copy(number)
        if self._is_changed:
            with suppress(OutputError):
                self._write()

    def _is_due(self, run: Run) -> bool:
        every = self.fit.checkpoint.every_epochs
        if every is not None:
            done = sum(len(each.standing.history) // every for each in self._runs.values())
            if done > self._epochs and not run.standing.within:
                self._epochs = done
                return True
        return self.fit.is_due()

    def _copy(self, number: int) -> None:
        """Copy the state of a network that rests; the caller has the lock."""
        run = self._runs[number]
        self._asked.discard(number)
        if run.course.by_lbfgs or run.trouble or not run.standing.state.step:
            return
        seconds = _seconds_of(run)
        self.race.parts[number] = running_part(run, self.callbacks[number], seconds)
        self._is_changed = True

    def _write(self) -> None:
        self.race.seconds = self._seconds + self.fit.clock() - self._began
        self._is_changed = False
        self.fit.write()


def _seconds_of(run: Run) -> float:
    """How long a network with a time limit has trained; where networks take turns, since it began.

    It counts earlier processes, of which ``RaceKeeper.begun`` has taken the seconds off.
    """
    limit = run.settings.time_limit
    return 0.0 if limit is None else max(0.0, limit - (run.until - run.clock()))
