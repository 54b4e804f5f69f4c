"""A run while it lives: advanced, measured, looked at in any of its steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError, Status
from thalweg.landscape.runs.path import Recorder
from thalweg.network.engine import Engine, choose
from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.measured_steps import MeasuredSteps
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.shared_start import SharedStart
from thalweg.training.callbacks import Callback, Moment
from thalweg.training.checkpoint import run_in_words
from thalweg.training.stepping.place_in_run import PlaceInRun
from thalweg.training.stepping.stepped_run import SteppedRun
from thalweg.training.trouble import smaller_rate

# Stored places: so many at the most, and fewer if these would take more memory.
MOST_PLACES, FEWEST_PLACES, MOST_BYTES = 64, 4, 2**23
# Points of a path, unless they would take more: it is written to the disk again and again.
MOST_POINTS = 1_000


@dataclass(frozen=True)
class Divergence:
    """Where and why a run diverged.

    Attributes
    ----------
    layer, step : int
    quantity : str
    what, fix : str
    rate : float or None
        A smaller rate to try; None for an optimizer without one.
    """

    layer: int
    step: int
    quantity: str
    what: str
    fix: str
    rate: float | None


def most_points(bytes_of_theta: int) -> int:
    """Points of the path of a run, by the size of its network."""
    return min(MOST_POINTS, max(16, MOST_BYTES // bytes_of_theta))


class PathOfRun(Callback):
    """Records θ as the runs of a landscape do; a run that goes on from a place goes on here."""

    def __init__(self, most: int) -> None:
        self.recorder, self.has_begun = Recorder(most), False

    def train_begin(self, moment: Moment) -> None:
        """Record the starting point, once."""
        if not self.has_begun:
            self.recorder.train_begin(moment)
            self.has_begun = True

    def step_end(self, moment: Moment) -> None:
        """Record one more point, if it is due."""
        self.recorder.step_end(moment)

    def epoch_end(self, moment: Moment) -> None:
        """Remember the average of the weights, if there is one."""
        self.recorder.epoch_end(moment)


class LiveRun:
    """A run that goes on when it is told to, from its first step.

    Parameters
    ----------
    definition : RunDefinition
    start : SharedStart
        That of its table and settings.
    theta : ndarray of shape (n_parameters,), optional
        Its own starting point, if the definition has one.
    engine : Engine, optional
    """

    def __init__(
        self,
        definition: RunDefinition,
        start: SharedStart,
        theta: Array | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.definition, self.start, self._theta = definition, start, theta
        self._engine = engine or choose()
        self.path = PathOfRun(most_points(start.member.theta.nbytes))
        self.measured = MeasuredSteps(start.member, lambda: self.stepped.run)
        self.stepped = self._begun([self.path, self.measured])
        self.measured.begins_at(self.stepped.first, self.stepped.step)
        self.places: dict[int, PlaceInRun] = {}
        self.every = 1
        words = run_in_words(self.stepped.course, with_data=False)
        self.words = {**words, "rows": start.digest}
        self._store()

    @property
    def step(self) -> int:
        """How many steps were made, those before a fork included."""
        return self.stepped.step

    @property
    def about(self) -> tuple[str, ...]:
        """Sentences about its rows and its network."""
        return self.start.about

    @property
    def state(self) -> str:
        """Whether it can go on: "open", "diverged" or "ended"."""
        if self.stepped.status is Status.RUNNING:
            return "open"
        return "diverged" if self.stepped.status is Status.DIVERGED else "ended"

    @property
    def why(self) -> str:
        """Why it has ended, in words; "" while it has not."""
        if self.state == "open":
            return ""
        if self.stepped.status is Status.STOPPED:
            return "all steps were made"
        return self.stepped.status.sentence

    @property
    def divergence(self) -> Divergence | None:
        """Where it diverged, if it did."""
        trouble = self.stepped.run.trouble
        if trouble is None:
            return None
        course, first = self.stepped.course, self.stepped.first
        rate = None if course.by_lbfgs else smaller_rate(course.optimizer)
        return Divergence(
            trouble.layer, first + trouble.step, trouble.quantity, trouble.what, trouble.fix, rate
        )

    def advance(self, steps: int, enough: Callable[[], bool] = lambda: False) -> int:
        """Make at most so many steps, until it is enough; returns how many there were."""
        made = 0
        while made < steps and self.state == "open":
            with np.errstate(all="ignore"):
                made += self.stepped.advance(1)
            self._store()
            if enough():
                break
        return made

    def warm_up(self) -> None:
        """Let a copy make the first step: compiled code and memory are loaded by it."""
        if self.step > self.definition.first or self.state != "open":
            return
        copy: SteppedRun
        measured = MeasuredSteps(self.start.member, lambda: copy.run)
        place = self.places.get(self.step)
        copy = self._begun([measured]) if place is None else self._from(place, [measured])
        measured.begins_at(copy.first, copy.step)
        with np.errstate(all="ignore"):
            copy.advance(1)
        copy.leave()

    @property
    def steps_left_in_epoch(self) -> int:
        """Steps to the end of this epoch, or of the next one at the end of an epoch."""
        return self.stepped.course.n_batches - self.stepped.run.standing.within

    def at(self, step: int) -> SteppedRun:
        """The run as it was after a step, with the memory of its optimizer: a copy that goes on.

        Raises
        ------
        SettingsError
            It has not been there.
        """
        self.require_step(step)
        stored = [each for each in self.places if each <= step]
        if stored:
            run = self._from(self.places[max(stored)])
        else:  # only L-BFGS, which has no places
            run = self._begun([])
        with np.errstate(all="ignore"):
            run.advance(step - run.step)
        return run

    def require_step(self, step: int) -> None:
        """Refuse a step at which it has not been."""
        self.definition.require_step(step)
        if step > self.step:
            raise SettingsError(
                f"This run has not been at step {step}",
                why=f"It is at step {self.step}",
                fix="let it go on, or name an earlier step",
            )

    def points(self) -> tuple[Array, NDArray[np.intp]]:
        """The recorded θ, thinned as those of a landscape, and how many steps were before each."""
        thetas, steps = self.path.recorder.so_far()
        return thetas, self.stepped.first + steps

    def resume(self, place: PlaceInRun, places: dict[int, PlaceInRun], every: int) -> None:
        """Go on from a place, after path and measures were restored."""
        self.stepped = self._from(place, [self.path, self.measured])
        self.places, self.every = {**self.places, **places}, every

    def leave(self) -> None:
        """Give up what waits for a next step."""
        self.stepped.leave()

    def _begun(self, callbacks: Sequence[Callback]) -> SteppedRun:
        """The run at its first step."""
        return self.start.stepped_run(self.definition, self._theta, self._engine, callbacks)

    def _from(self, place: PlaceInRun, callbacks: list[Callback] | None = None) -> SteppedRun:
        now = self.stepped
        return SteppedRun(
            now.member, self._engine, callbacks=callbacks or (), last_step=now.last_step,
            place=place, first=now.first,
        )  # fmt: skip

    def _store(self) -> None:
        """Keep this place if it is due; if there are too many, every second one goes."""
        run, first = self.stepped, self.definition.first
        if run.by_lbfgs or (run.step - first) % self.every or run.status is Status.DIVERGED:
            return
        if run.step in self.places:
            return
        place = run.place()
        self.places[run.step] = place
        room = min(MOST_PLACES, max(FEWEST_PLACES, MOST_BYTES // max(1, place.nbytes)))
        while len(self.places) > room:
            self.every *= 2
            self.places = {
                step: each for step, each in self.places.items() if (step - first) % self.every == 0
            }

    def newest_place(self) -> PlaceInRun | None:
        """A place to go on from; None with L-BFGS and after divergence: only the start is one."""
        if self.stepped.by_lbfgs or self.state == "diverged":
            return None
        return self.stepped.place()

    def as_dict(self) -> dict[str, Any]:
        """What a page lists of it."""
        bad = self.divergence
        return {
            "run": self.definition.id, "step": self.step, "total": self.stepped.total,
            "state": self.state, "why": self.why, "epoch": self.stepped.course.n_batches,
            "divergence": None if bad is None else vars(bad),
        }  # fmt: skip
