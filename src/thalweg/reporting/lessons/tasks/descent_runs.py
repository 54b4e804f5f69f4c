"""Runs on the teaching ground for the lesson on descent: the four rules, and a map of settings."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.teaching_function import RELIEF, StationaryPoint, places, roll
from thalweg.landscape.runs.presets import HILLS, PRESETS
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent.training_settings import parse_optimizer

Floats = NDArray[np.float64]
STEPS = RELIEF.steps
# Seed 0 has the start of the ground; from all of them small steps end in the local minimum, and
# momentum rolls over the pass.
STARTS = (RELIEF.start, (-1.6, 1.2), (-1.7, 1.4), (-1.8, 1.5), (-2.1, 1.7))
# A run is in the lowest minimum below the first loss, and settled in it from where it stays below
# the second one.
INSIDE, SETTLED = 0.3, 0.2
# So close to a minimum a run has ended in it.
NEAR = 0.1
RATES = tuple(float(f"{each:.3g}") for each in np.geomspace(0.01, 3, 40))
MOMENTA = tuple(round(each / 40, 3) for each in range(40))
# Where a setting of the map ends.
NEITHER, LOWEST, LOCAL, OUTSIDE = range(4)
_PATIENCE = 20


def rule_of(name: str) -> Optimizer:
    """The settings of a preset on this ground."""
    optimizer = parse_optimizer(PRESETS[name].elsewhere[HILLS])
    assert isinstance(optimizer, Optimizer)  # no preset of the hills is L-BFGS
    return optimizer


@cache
def minima() -> tuple[StationaryPoint, StationaryPoint]:
    """The lowest minimum and the local one."""
    lowest, local = (
        next(each for each in known_places() if each.kind == kind)
        for kind in ("global minimum", "local minimum")
    )
    return lowest, local


@cache
def known_places() -> tuple[StationaryPoint, ...]:
    """Minima, passes and hills of the ground, the lowest first."""
    return places(RELIEF.hills, RELIEF.seen)


def edge_of(place: StationaryPoint, momentum: float = 0.0) -> float:
    """The rate above which a minimum holds no run: 2 (1 + μ) / λ.

    λ is the largest curvature there. On ½ λ x², a step of the heavy ball multiplies (x, its last
    change) by a matrix whose eigenvalues both lie inside the unit circle below this rate only
    (Polyak 1964).
    """
    return 2 * (1 + momentum) / place.bends[1]


@dataclass(frozen=True, eq=False)
class Way:
    """The way of a run.

    Attributes
    ----------
    points : ndarray of shape (steps + 1, 2)
    losses : ndarray of shape (steps + 1,)
    """

    points: Floats
    losses: Floats

    @property
    def settled(self) -> int | None:
        """The first step from which the loss stays below `SETTLED`; None if it does not."""
        high = np.flatnonzero(~(self.losses < SETTLED))
        first = int(high[-1]) + 1 if len(high) else 0
        return first if first < len(self.losses) else None

    @property
    def reached(self) -> bool:
        """Whether it was in the lowest minimum at some step."""
        return bool((self.losses < INSIDE).any())

    @property
    def stayed(self) -> bool:
        """Whether it was there in all of its last steps."""
        return bool((self.losses[-_PATIENCE:] < INSIDE).all())

    @property
    def end(self) -> StationaryPoint | None:
        """The minimum in which it ended; None for neither."""
        return next(
            (each for each in minima() if np.hypot(*(self.points[-1] - [each.a, each.b])) < NEAR),
            None,
        )


def way_of(start: tuple[float, float], optimizer: Optimizer) -> Way:
    """The way of a rule from a start."""
    points = roll(RELIEF.hills, np.array(start), optimizer, STEPS).thetas
    return Way(np.asarray(points, np.float64), RELIEF.hills.losses(points))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Where each setting of the map ends.

    Attributes
    ----------
    ends : ndarray of int, shape (n_momenta, n_rates)
    settled : ndarray of int, shape (n_momenta, n_rates)
        The first step from which the loss stays below `SETTLED`; more than the steps for never.
    last : ndarray of shape (n_momenta, n_rates, 2)
        The last points.
    """

    ends: NDArray[np.intp]
    settled: NDArray[np.intp]
    last: Floats

    @property
    def share(self) -> float:
        """The share of the settings that end in the lowest minimum."""
        return float(np.mean(self.ends == LOWEST))


@cache
def outcomes(start: tuple[float, float]) -> Outcomes:
    """Where heavy balls with all rates and momenta end: v ← μ v + ∇f, p ← p - rate v."""
    rates, momenta = (each.reshape(-1, 1) for each in np.meshgrid(RATES, MOMENTA))
    points = np.tile(np.array(start, np.float64), (len(rates), 1))
    speed, last = np.zeros_like(points), np.full(len(rates), -1)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(STEPS + 1):
            losses, slopes = RELIEF.hills.values_and_slopes(points)
            last = np.where(losses < SETTLED, last, step)
            if step < STEPS:
                speed = momenta * speed + slopes
                points = points - rates * speed
    shape = len(MOMENTA), len(RATES)
    ends = ends_of(points).reshape(shape)
    return Outcomes(ends, (last + 1).reshape(shape), points.reshape(*shape, 2))


def ends_of(points: Floats) -> NDArray[np.intp]:
    """Where these last points are, as a number of the map."""
    away = [np.hypot(points[:, 0] - each.a, points[:, 1] - each.b) for each in minima()]
    seen = RELIEF.seen
    inside = np.all((points >= seen[::2]) & (points <= seen[1::2]), axis=1)
    kinds = np.where(away[0] < NEAR, LOWEST, np.where(away[1] < NEAR, LOCAL, NEITHER))
    return np.where(inside, kinds, OUTSIDE)
