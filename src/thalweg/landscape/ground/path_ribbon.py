"""The loss profile along a training path: cross-sections around the true loss of each point.

A plane cannot follow the path, but a ribbon can. It is like a geological section along a river:
the path is unrolled to a straight line, and the loss is computed across it at each of its points.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.landscape.ground.curvature import Hessian, lanczos
from thalweg.landscape.ground.path_divergence import Sound, sound
from thalweg.landscape.ground.run_over_ribbon import RunOverRibbon
from thalweg.landscape.ground.scale import Scale, cap_of
from thalweg.landscape.ground.terrain import (
    KRYLOV,
    Facts,
    Heights,
    Terrain,
    Watch,
    draws,
    heights,
    heights_at,
)
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.plane import NOTHING_LEFT, Vector, lengths
from thalweg.landscape.runs.path import DescentPath
from thalweg.network.formulas.activations import Array

DIRECTIONS = ("steepest", "random")
# From a warm start, the direction of largest curvature needs few products; this is accurate enough.
PRODUCTS, TOLERANCE = 30, 1e-2
# Below this overlap with the direction before, the caption says that the direction has changed.
TURNED = 0.5
# Cuts at which the width is measured, halvings of it, and the largest width, in ‖θ‖.
CUTS, HALVINGS, WIDEST = 5, 24, 1.0


@dataclass(frozen=True, eq=False)
class Profile:
    """A ribbon along a path.

    Attributes
    ----------
    name, rule : str
        The name and the optimizer of the path.
    along : ndarray of shape (n_along,)
        The path length from the start, Σ ‖θ_(t+1) - θ_t‖, in the space of θ.
    across : ndarray of shape (n_across,)
        Distance from the path, 0 in the middle.
    losses : ndarray of shape (n_across, n_along)
        ``losses[j, i]`` is the loss at θ_i + across[j] · v_i. The middle row is the true loss of
        the cuts. NaN where it is not finite.
    true : ndarray of shape (n_along,)
        The loss at θ_i.
    steps : ndarray of int, shape (n_along,)
    bend : ndarray of shape (n_along,)
        The curvature across the path: vᵢᵀ H vᵢ, for "steepest" the largest eigenvalue of the
        Hessian among the directions at right angles to the path.
    overlap : ndarray of shape (n_along,)
        vᵢ · vᵢ₋₁; the first is 1.
    direction : str
        "steepest" or "random".
    facts : Facts
    seed : int
    masked : int
        Points without a finite loss.
    notes : tuple of str
    diverged : bool
        Whether the run diverged.
    end : float
        The loss at the end of the run; infinite if it became NaN or infinite.
    run : RunOverRibbon
        All recorded points of the run, also those between the cuts, and the gap of the ground
        there.
    """

    name: str
    rule: str
    along: Vector
    across: Vector
    losses: Heights
    true: Heights
    steps: NDArray[np.intp]
    bend: Vector
    overlap: Vector
    direction: str
    facts: Facts
    seed: int
    masked: int
    notes: tuple[str, ...]
    diverged: bool
    end: float
    run: RunOverRibbon

    @property
    def cap(self) -> float:
        """Where a drawing may clip heights, if it says so; no point of the run lies above it."""
        return _cap(self.losses, self.run.true)

    @property
    def turned(self) -> int:
        """The number of cuts whose direction differs from that of the cut before."""
        return int(np.sum(self.overlap < TURNED))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        return {**fields_of(self), "turned": self.turned, "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The sentences that must stand beside the picture."""
        facts = self.facts
        across = {
            "steepest": "each cut follows the direction of largest curvature",
            "random": "each cut follows a random direction",
        }[self.direction]
        drawn = "" if facts.seed is None else f", drawn with seed {facts.seed}"
        said = [
            *self.run.sentences(len(self.along)),
            f"The path is unrolled to a straight line; {across}, at right angles to the path.",
            f"Height: {facts.height}{facts.over}{drawn}.",
        ]
        if self.turned:
            said.append(
                f"At {self.turned} of {len(self.along)} cuts the direction has changed: there, "
                "neighbouring cuts do not belong together."
            )
        if self.masked:
            said.append(f"{self.masked:,} of {self.losses.size:,} points have no finite loss.")
        return said + [f"{note[0].upper()}{note[1:]}." for note in self.notes]


def profile(
    terrain: Terrain,
    path: DescentPath,
    *,
    cuts: int = 41,
    points: int = 41,
    direction: str = "steepest",
    width: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    watch: Watch | None = None,
) -> Profile | None:
    """The loss along a path, and to both sides of it.

    Parameters
    ----------
    terrain : Terrain
    path : DescentPath
    cuts, points : int, default 41
        Cuts, as even as the points of the path allow, and one at its lowest point; points of each.
    direction : {"steepest", "random"}
        Across the path: the direction of largest curvature (the top eigenvector of the Hessian at
        right angles to the path), or a random one that is carried along.
    width : float, optional
        From the path to the side; default: as far as needed to reach the loss of the start in the
        narrowest of five cuts.
    seed, threads : int, optional
    watch : callable, optional
        ``watch(done, all) -> stop``, called with the number of cuts and losses. If it answers
        True, there is no profile.

    Returns
    -------
    Profile, or None if ``watch`` ended it

    Raises
    ------
    SettingsError
        For a path that does not move, or invalid arguments.
    """
    _check(path, cuts, points, direction, width)
    sure = sound(terrain, path, threads).before_the_leap
    path, at = sure.path, _cut_at(sure, cuts)
    thetas, true = np.asarray(path.thetas[at], np.float64), sure.true[at]
    # A cut costs some dozen gradients, but counts as one loss, so that progress stays smooth.
    total = len(at) * (points + 1)
    across = _Across(terrain, direction, seed)
    if not across.all_cuts(thetas, _behind(watch, 0, total)):
        return None
    vectors = np.array(across.vectors)
    half = width or _width(terrain, thetas, vectors, true, threads)
    offsets = half * (np.arange(points) - points // 2) / (points // 2)
    losses = _ribbon(terrain, thetas, vectors, offsets, threads, _behind(watch, len(at), total))
    if losses is None:
        return None
    return Profile(
        path.name, path.rule, _way(path)[at], offsets, losses, true, path.steps[at],
        np.array(across.bends), np.array(across.overlaps), direction, terrain.facts, seed,
        int(np.sum(np.isnan(losses))), sure.notes, path.diverged, sure.end, _run(sure, at, losses),
    )  # fmt: skip


def _ribbon(
    terrain: Terrain,
    thetas: Vector,
    vectors: Vector,
    offsets: Vector,
    threads: int | None,
    watch: Watch | None,
) -> Heights | None:
    """L(θ_i + offsets[j] v_i) at [j, i], NaN where it is not finite."""

    def points(first: int, last: int) -> Array:
        j, i = np.divmod(np.arange(first, last), len(thetas))
        return thetas[i] + offsets[j, None] * vectors[i]

    count = len(offsets) * len(thetas)
    losses = heights(terrain, count, points, threads=threads, watch=watch)
    if losses is None:
        return None
    return np.where(np.isfinite(losses), losses, np.nan).reshape(len(offsets), len(thetas))


def _check(path: DescentPath, cuts: int, points: int, direction: str, width: float | None) -> None:
    if direction not in DIRECTIONS:
        raise SettingsError(
            f"There is no direction {direction!r}", fix=f"take one of {', '.join(DIRECTIONS)}"
        )
    if cuts < 2 or points < 3 or points % 2 == 0:
        raise SettingsError(
            f"{cuts} cuts of {points} points make no profile",
            why="The middle point of a cut is the path itself",
            fix="take at least 2 cuts, and an odd number of points from 3 on",
        )
    if width is not None and not width > 0:
        raise SettingsError(f"A ribbon cannot be {width} wide", fix="give a width above 0")
    if not path.travel > 0:
        raise SettingsError(
            f"{path.name or 'The path'} does not move, and has no profile",
            fix="give a training run of at least one step",
        )


def _way(path: DescentPath) -> Vector:
    """The path length from the start to each point."""
    steps = np.diff(np.asarray(path.thetas, np.float64), axis=0)
    return np.concatenate([[0.0], np.cumsum(lengths(steps))])


def _run(sure: Sound, cuts: NDArray[np.intp], losses: Heights) -> RunOverRibbon:
    """All points of a run, over the ground with these losses."""
    scale = Scale.of(np.append(losses.ravel(), sure.true), _cap(losses, sure.true))
    points = sure.path.steps, _way(sure.path), sure.true
    return RunOverRibbon.over(sure.path.name, points, cuts, scale)


def _cap(losses: Heights, true: Heights) -> float:
    """The cap of a ribbon below a run with these true losses, whose line is never clipped."""
    return max(cap_of(losses, [float(true[0])]), float(np.max(true)))


def _cut_at(sure: Sound, count: int) -> NDArray[np.intp]:
    """Indices of the points for the cuts: evenly along the path, and the lowest one."""
    return np.union1d(_spaced(sure.path, count), [np.argmin(sure.true)])


def _spaced(path: DescentPath, count: int) -> NDArray[np.intp]:
    """Indices of the points nearest to even distances along the path, without duplicates."""
    way = _way(path)
    wanted = np.linspace(0, way[-1], count)
    after = np.clip(np.searchsorted(way, wanted), 1, len(way) - 1)
    nearest = after - (wanted - way[after - 1] < way[after] - wanted)
    nearest[0], nearest[-1] = 0, len(way) - 1
    kept = np.unique(nearest)
    # Points without movement have the same path length.
    return kept[np.concatenate([[True], np.diff(way[kept]) > 0])]


def _tangent(thetas: Vector, number: int) -> Vector:
    """The direction of the path at a point, of length 1; 0 where it turns back on itself."""
    ahead, behind = min(number + 1, len(thetas) - 1), max(number - 1, 0)
    tangent = thetas[ahead] - thetas[behind]
    length = float(np.linalg.norm(tangent))
    return tangent / length if length else tangent


class _Across:
    """The directions across a path, one cut after the other, each found from the one before."""

    def __init__(self, terrain: Terrain, direction: str, seed: int) -> None:
        self.terrain, self.direction = terrain, direction
        self.start = draws(seed, KRYLOV, 2).standard_normal(terrain.n_parameters)
        self.hessian: Hessian | None = None
        self.vectors: list[Vector] = []
        self.bends: list[float] = []
        self.overlaps: list[float] = []

    def all_cuts(self, thetas: Vector, watch: Watch | None) -> bool:
        """The directions at all points; False if ``watch`` ended it."""
        for number, theta in enumerate(thetas):
            self.cut(theta, _tangent(thetas, number))
            if watch is not None and watch(number + 1, len(thetas)):
                return False
        return True

    def cut(self, theta: Vector, tangent: Vector) -> None:
        """The direction at one more point of the path."""

        def level(vector: Vector) -> Vector:
            return vector - (vector @ tangent) * tangent

        self.hessian = hessian = Hessian(self.terrain, theta, self.hessian)
        before = self.vectors[-1] if self.vectors else self.start
        vector = level(before)
        if np.linalg.norm(vector) < NOTHING_LEFT * np.linalg.norm(before):
            vector = level(self.start)  # the path now runs along the old direction
        vector = vector / np.linalg.norm(vector)
        if self.direction == "steepest":
            # Add a little of every direction, so that Lanczos' method can find a new one.
            begin = vector + 0.1 * level(self.start / np.linalg.norm(self.start))
            found = lanczos(
                lambda each: level(hessian(level(each))), begin,
                top=1, most=PRODUCTS, tolerance=TOLERANCE, bottom=False,
            )  # fmt: skip
            vector = level(found.vectors[0])
            vector = vector / np.linalg.norm(vector)
        overlap = float(vector @ before) if self.vectors else 1.0
        self.vectors.append(-vector if overlap < 0 else vector)
        self.overlaps.append(abs(overlap))
        self.bends.append(float(vector @ hessian(vector)))


def _width(
    terrain: Terrain, thetas: Vector, vectors: Vector, true: Heights, threads: int | None
) -> float:
    """How far to the side the loss of the start is reached, in the narrowest of a few cuts.

    ``WIDEST`` times ‖θ‖ if it is not reached.
    """
    widest = WIDEST * (float(np.linalg.norm(thetas[-1])) or 1.0)
    goal = float(true[0])
    # A cut near that loss reaches it at once, and says nothing about the valley.
    deep = np.flatnonzero(true < (goal + float(np.min(true))) / 2)
    if not len(deep):
        return widest
    some = deep[np.linspace(0, len(deep) - 1, min(CUTS, len(deep))).round().astype(np.intp)]

    def reached(half: float) -> bool:
        sides = np.concatenate(
            [thetas[some] + half * vectors[some], thetas[some] - half * vectors[some]]
        )
        # Non-finite losses count as above every goal.
        return not bool(np.all(heights_at(terrain, sides, threads) < goal))

    low, high = 0.0, widest
    if not reached(high):
        return widest
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _behind(watch: Watch | None, done: int, total: int) -> Callable[[int, int], bool] | None:
    """The progress of a part that begins after a given share of the whole."""
    if watch is None:
        return None
    told = watch
    return lambda more, _: bool(told(done + more, total))
