"""The learning rate search: a short run whose rate grows until the loss diverges."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError, Status
from thalweg.network.engine import Engine, choose
from thalweg.training.descent.optimizer_settings import RATE
from thalweg.training.descent_inputs import Course, Member

Vector = NDArray[np.float64]

# So many rows measure the loss well enough, and cost little compared with the steps.
JUDGES = 2_000
# The loss has exploded if it is so many times its lowest value so far.
EXPLODED = 4.0
# The suggestion is this share of the rate with the lowest loss, which itself is close to exploding.
# Chosen by measurement (docs/optimizers.md): the rate of the steepest fall is worse.
SAFE = 1 / 3


@dataclass(frozen=True)
class RateSearch:
    """The result of a learning rate search.

    Attributes
    ----------
    rates : ndarray of shape (n_steps,)
        The rate of each step, growing by a constant factor.
    losses : ndarray of shape (n_steps,)
        The loss after each step, always on the same rows, penalties included.
    smoothed : ndarray of shape (n_steps,)
        The running median of three losses.
    start : float
        The loss before the first step.
    exploded : bool
        Whether it ended because the loss exploded, rather than after all rates.
    suggestion : float or None
        A third of the rate at which the smoothed loss is lowest; None where no rate lowered the
        loss.
    still_falling : bool
        Whether the smoothed loss is lowest at the largest rate tried: then a larger one may lower
        it more, and the suggestion says nothing of where the loss would explode.
    """

    rates: Vector
    losses: Vector
    smoothed: Vector
    start: float
    exploded: bool
    suggestion: float | None

    @property
    def lowest(self) -> int:
        """The step with the lowest smoothed loss."""
        return int(np.argmin(self.smoothed))

    @property
    def still_falling(self) -> bool:
        """See the attributes."""
        at_the_end = self.suggestion is not None and self.lowest == len(self.rates) - 1
        return at_the_end and not self.exploded


class RateRange(TypedDict, total=False):
    """The keywords by which `lr_find` is told which rates to go through."""

    low: float
    high: float
    n_steps: int


def lr_find(
    member: Member,
    *,
    engine: Engine | None = None,
    low: float = 1e-7,
    high: float = 10.0,
    n_steps: int = 100,
) -> RateSearch:
    """Descend with a rate that grows from step to step, and watch the loss.

    After Smith (2015, arXiv 1506.01186, section 3.3), but with the loss of fixed rows, so that
    chance differences between batches do not look like an effect of the rate. The schedule, the
    average of the weights and all settings that end training are ignored.

    Parameters
    ----------
    member : Member
        The run for which a rate is needed: its starting point, training rows, objective,
        batches and update rule. It is not changed.
    engine : Engine, optional
    low, high : float
        The first rate and the last.
    n_steps : int
        At least 3.

    Returns
    -------
    RateSearch
        If it is ``still_falling`` at the largest rate tried, try a larger ``high``.

    Raises
    ------
    SettingsError
        For L-BFGS, which has no learning rate; for rates that do not grow; for a starting point
        without a finite loss.
    """
    course = Course(member, engine or choose())
    if course.by_lbfgs:
        raise SettingsError(
            "L-BFGS has no learning rate that could be found",
            why="Its line search finds the length of every step",
            fix="take a rule such as sgd or adam",
        )
    rates = _rates(low, high, n_steps)
    start, losses, exploded = _climb(course, rates)
    return _read(rates, losses, start, exploded)


def _climb(course: Course, rates: Vector) -> tuple[float, list[float], bool]:
    """The loss before the first step and after each step, and whether it exploded."""
    judges = course.rows[:: -(-len(course.rows) // JUDGES)]
    state, order = course.start(), course.order(0)

    def height() -> float:
        return course.height(course.objective, state, course.lesson, judges)

    start = lowest = height()
    if not np.isfinite(start):
        raise SettingsError("The loss is not finite at the start", fix="take another start")
    losses: list[float] = []
    for step in range(len(rates)):
        epoch, batch = divmod(step, course.n_batches)
        if batch == 0:
            order = course.order(epoch)
        arguments = course.arguments(state, order, rates[step : step + 1], batch)
        diverged = course.engine.steps(*arguments).status is Status.DIVERGED
        loss = np.inf if diverged else height()
        if np.isfinite(loss):
            losses.append(loss)
        if not loss <= lowest + (EXPLODED - 1) * abs(lowest):
            return start, losses, True
        lowest = min(lowest, loss)
    return start, losses, False


def _rates(low: float, high: float, n_steps: int) -> Vector:
    if not (RATE.has(low) and RATE.has(high) and low < high and n_steps >= 3):
        raise SettingsError(
            f"Rates cannot grow from {low} to {high} in {n_steps} steps",
            fix="give a first rate above 0, a larger last one, and 3 steps or more",
        )
    return np.geomspace(low, high, n_steps)


def _read(rates: Vector, losses: list[float], start: float, exploded: bool) -> RateSearch:
    n = len(losses)
    smoothed = np.array([np.median(losses[max(0, i - 1) : i + 2]) for i in range(n)])
    lowest = int(np.argmin(smoothed)) if n else 0
    falls = n > 0 and smoothed[lowest] < start
    suggestion = float(rates[lowest] * SAFE) if falls else None
    return RateSearch(rates[:n], np.array(losses), smoothed, start, exploded, suggestion)
