"""Learning rate schedules: the rate as a share of its first value, over the training steps.

The progress t runs from 0 to 1: at step i of n, counted from 0, t = i / n. So a schedule does not
depend on rows, batches or epochs, and training that is cut short keeps the rates of the whole.
Easy schedules come first. One of them, ``plateau``, does not know its shares beforehand: it
depends on the losses so far.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError, look_up

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """The numbers that a setting may have: from ``low`` to ``high``.

    Attributes
    ----------
    low, high : float
        The ends; an infinite end is excluded.
    ends : {"[]", "[)", "(]", "()"}
        Whether the ends are included, in interval notation.
    whole : bool
        Whether only whole numbers are allowed.
    """

    low: float
    high: float = math.inf
    ends: str = "[)"
    whole: bool = False

    def has(self, value: float) -> bool:
        """Whether it contains a number."""
        above = value > self.low or (self.ends[0] == "[" and value == self.low)
        below = value < self.high or (self.ends[1] == "]" and value == self.high)
        return above and below and (not self.whole or value % 1 == 0)

    def is_of(self, value: Any) -> bool:
        """Whether a value is a number of the right kind within it."""
        kind: Any = Integral if self.whole else Real
        return type(value) is not bool and isinstance(value, kind) and self.has(value)

    def read(self, name: str, value: str, where: str) -> float:
        """The number in a text; a SettingsError if it is not one of these."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        return self.require(name, number, value, where)

    def require(self, name: str, number: float, said: str, where: str) -> float:
        """The number, if it lies in the range; a SettingsError says how it was ``said``."""
        if not self.has(number):
            raise SettingsError(f"{name}={said} has no meaning", where=where, fix=f"give {self}")
        return number

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        low = f"from {self.low:g}" if self.ends[0] == "[" else f"above {self.low:g}"
        if math.isinf(self.high):
            return f"{kind} {low}{' on' if self.ends[0] == '[' else ''}"
        high = f"{self.high:.0f}" if self.whole else f"{self.high:g}"
        return f"{kind} {low} to {'' if self.ends[1] == ']' else 'below '}{high}"


@dataclass(frozen=True)
class Constant:
    """A named number of a formula: its default, and its allowed values."""

    default: float
    range: Range


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    Attributes
    ----------
    name : str
    share : callable
        ``(course, *constants) -> shares``: for t of shape (n,), 0 ≤ t ≤ 1, the factors of the
        learning rate, from 0 to 1.
    constants : mapping of str to Constant
        In the order in which ``share`` takes them.
    formula : str
        The share at t, as text.
    source : str
        The publication.
    answer : callable, optional
        ``(losses, *constants) -> share``: one more factor for the next epoch, from the watched
        loss of every epoch so far.
    """

    name: str
    share: Callable[..., Shares]
    constants: MappingProxyType[str, Constant]
    formula: str
    source: str
    answer: Callable[..., float] | None = None


def constant(course: Shares) -> Shares:
    """Always 1."""
    return np.ones_like(course)


def step(course: Shares, factor: float, every: float) -> Shares:
    """Falls by a factor at every whole multiple of a share of the training."""
    # i / n may be rounded to slightly below the multiple that it stands for.
    return np.asarray(factor ** np.floor(course / every + 1e-9), float)


def exponential(course: Shares, end: float) -> Shares:
    """Falls by the same factor in equal times, to ``end``."""
    return np.asarray(end**course, float)


def inverse(course: Shares, power: float, end: float) -> Shares:
    """(1 + k t)^-power, with k such that it falls to ``end``.

    With end = (1 + n)^-power, n being the number of steps, this is (1 + i)^-power at step i.
    """
    k = end ** (-1 / power) - 1
    return np.asarray((1 + k * course) ** -power, float)


def cosine(course: Shares, end: float) -> Shares:
    """Half a wave, from 1 down to ``end``."""
    return end + (1 - end) * ((1 + np.cos(np.pi * course)) / 2)


def warm_restarts(course: Shares, cycles: float, growth: float, end: float) -> Shares:
    """Half a wave repeatedly, each ``growth`` times as long; the last one ends with training."""
    lengths = growth ** np.arange(cycles)
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1] / lengths.sum()])
    # As in `step`: i / n may be rounded to slightly below the start that it stands for.
    cycle = np.searchsorted(starts, course + 1e-12, side="right") - 1
    done = (course - starts[cycle]) / (lengths / lengths.sum())[cycle]
    return cosine(np.clip(done, 0, 1), end)


def one_cycle(course: Shares, rise: float, start: float, end: float) -> Shares:
    """Half a wave up from ``start`` to 1, then half a wave down to ``end``."""
    up = start + (1 - start) * ((1 - np.cos(np.pi * course / rise)) / 2)
    return np.where(course < rise, up, cosine((course - rise) / (1 - rise), end))


def flat_cosine(course: Shares, flat: float, end: float) -> Shares:
    """1, then from ``flat`` on half a wave down to ``end``."""
    return cosine(np.maximum(course - flat, 0) / (1 - flat), end)


def coslog4(course: Shares) -> Shares:
    """Four waves from 0 to 1 and back, each twice as long as the one before it."""
    return (1 - np.cos(2 * np.pi * np.log2(1 + 15 * course))) / 2


def _by_losses(course: Shares, *constants: float) -> Shares:
    """Always 1: progress alone does not determine it."""
    del constants
    return np.ones_like(course)


def plateau_share(losses: Sequence[float], factor: float, patience: float, end: float) -> float:
    """The share for the next epoch: multiplied by a factor when the loss has stopped falling.

    Parameters
    ----------
    losses : sequence of float
        The watched loss of every epoch so far. There is no other state, so a run that is resumed
        needs nothing more.
    factor : float
    patience : float
        After so many epochs in a row without a new lowest loss, the share is multiplied by
        ``factor``, and the count starts again.
    end : float
        The smallest share.

    Returns
    -------
    float
    """
    reductions, waited, lowest = 0, 0, math.inf
    for loss in losses:
        waited += 1
        if loss < lowest:
            lowest, waited = loss, 0
        if waited == patience:
            reductions, waited = reductions + 1, 0
    return max(end, factor**reductions)


_SHARE = Range(0, 1, "(]")
_END = Constant(0.0, Range(0, 1, "[]"))
# An end of 0 would be reached at once.
_ABOVE_0 = Range(1e-9, 1, "[]")

SCHEDULES = {
    each.name: each
    for each in (
        Schedule("constant", constant, MappingProxyType({}), "1", ""),
        Schedule(
            "step", step,
            MappingProxyType({
                "factor": Constant(0.5, _SHARE), "every": Constant(0.25, Range(0.001, 1, "[]")),
            }),
            "factor^⌊t / every⌋",
            "for example He et al. 2016, arXiv 1512.03385",
        ),
        Schedule(
            "exponential", exponential, MappingProxyType({"end": Constant(0.01, _ABOVE_0)}),
            "exp(-k t), k = -ln end",
            "for example Senior et al. 2013, ICASSP",
        ),
        Schedule(
            "inverse", inverse,
            MappingProxyType({
                "power": Constant(0.5, Range(0.1, 10, "[]")), "end": Constant(0.1, _ABOVE_0),
            }),
            "(1 + k t)^-power, k = end^(-1/power) - 1",
            "Darken & Moody 1990, NIPS 3",
        ),
        Schedule(
            "cosine", cosine, MappingProxyType({"end": _END}),
            "end + (1 - end) c(t), c(t) = ½ (1 + cos πt)",
            "Loshchilov & Hutter 2017, arXiv 1608.03983",
        ),
        Schedule(
            "warm_restarts", warm_restarts,
            MappingProxyType({
                "cycles": Constant(3.0, Range(1, 100, "[]", whole=True)),
                "growth": Constant(2.0, Range(1, 10, "[]")),
                "end": _END,
            }),
            "end + (1 - end) c(u), u = done of the cycle, growth times as long as the last one",
            "Loshchilov & Hutter 2017, arXiv 1608.03983",
        ),
        Schedule(
            "one_cycle", one_cycle,
            MappingProxyType({
                "rise": Constant(0.3, Range(0.001, 0.999, "[]")),
                "start": Constant(0.04, Range(0, 1, "[]")),
                "end": Constant(0.0001, Range(0, 1, "[]")),
            }),
            "start + (1 - start) (1 - c(t / rise)); from rise on "
            "end + (1 - end) c((t - rise) / (1 - rise))",
            "Smith & Topin 2017, arXiv 1708.07120",
        ),
        Schedule(
            "flat_cosine", flat_cosine,
            MappingProxyType({"flat": Constant(0.5, Range(0, 1)), "end": _END}),
            "1; from flat on end + (1 - end) c((t - flat) / (1 - flat))",
            "Holzmüller et al. 2024, arXiv 2407.04491",
        ),
        Schedule(
            "coslog4", coslog4, MappingProxyType({}),
            "½ (1 - cos(2π log₂(1 + 15 t)))",
            "Holzmüller et al. 2024, arXiv 2407.04491",
        ),
        Schedule(
            "plateau", _by_losses,
            MappingProxyType({
                "factor": Constant(0.5, _SHARE),
                "patience": Constant(5.0, Range(1, 1e6, "[]", whole=True)),
                "end": Constant(0.001, Range(0, 1, "[]")),
            }),
            "factor^k, but at least end, after the losses have stopped falling k times",
            "for example Senior et al. 2013, ICASSP",
            plateau_share,
        ),
    )
}  # fmt: skip

WARMUP = Constant(0.0, Range(0, 1))


@dataclass(frozen=True)
class Plan:
    """A schedule with its constants, and a warm-up.

    Attributes
    ----------
    name : str
        The name of the schedule.
    constants : tuple of float
        The constants of the schedule, in its order.
    warmup : float
        The share of training over which the rate also rises linearly from nearly 0. It multiplies
        the share of the schedule, which is not shifted (such a ramp is in Goyal et al. 2017, arXiv
        1706.02677).
    """

    name: str = "constant"
    constants: tuple[float, ...] = ()
    warmup: float = 0.0

    @classmethod
    def of(cls, name: str, *, warmup: float = 0.0, **constants: float) -> "Plan":
        """A schedule by name, with defaults for the constants that are not given."""
        usual = {key: each.default for key, each in schedule(name).constants.items()}
        return cls(name, tuple({**usual, **constants}.values()), warmup)

    @property
    def formula(self) -> Schedule:
        """The schedule itself."""
        return schedule(self.name)

    @property
    def answers(self) -> bool:
        """Whether the rate of an epoch depends on the losses so far."""
        return self.formula.answer is not None

    def shares(self, first: int, count: int, total: int, watched: Sequence[float] = ()) -> Shares:
        """The factors of the learning rate at ``count`` steps, from ``first`` of ``total`` on.

        Parameters
        ----------
        first, count, total : int
            Steps, counted from 0.
        watched : sequence of float
            The watched loss of every epoch before these steps; only for a plan that depends on
            them, and then the steps belong to one epoch.

        Returns
        -------
        ndarray of shape (count,), from 0 to 1
        """
        steps = np.arange(first, first + count)
        # The first step already moves, and without a warm-up the ramp is exactly 1.
        ramp = np.minimum(1, (steps + 1) / (self.warmup * total + 1))
        shares: Shares = ramp * self.formula.share(steps / total, *self.constants)
        if self.formula.answer is None:
            return shares
        return shares * self.formula.answer(watched, *self.constants)


STEADY = Plan()


def schedule(name: str) -> Schedule:
    """The schedule of that name; a SettingsError if there is none."""
    return look_up(SCHEDULES, "schedule", name)
