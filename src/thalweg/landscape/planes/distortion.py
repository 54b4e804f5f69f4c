"""Distortion of a landscape picture: figures that say how far it can be trusted.

A plane shows two of several hundred dimensions. The points of a path lie off the plane, and the
loss that is drawn below them is not their true loss. All of that can be measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.path_divergence import before_the_explosion
from thalweg.landscape.ground.terrain import Facts, Heights, Terrain, heights_at
from thalweg.landscape.numbers_in_words import percent
from thalweg.landscape.plain_data import fields_of, finite_or_none
from thalweg.landscape.planes.plane import Plane, Vector, lengths
from thalweg.landscape.runs.path import DescentPath

# A loss of 0 has no relative error; smaller losses count as this one.
SMALLEST_LOSS = 1e-12
EXACT = "exact"
_BOTH = "The function has two parameters, and the plane holds both: the runs are drawn exactly."
# A picture with a larger error than this is misleading.
MISLEADING = 0.25
VERDICTS = ((0.05, "faithful"), (0.15, "fair"), (MISLEADING, "rough"), (np.inf, "misleading"))


@dataclass(frozen=True, eq=False)
class Trail:
    """A path projected onto a plane.

    Attributes
    ----------
    name, rule, ending : str
    diverged : bool
    steps : ndarray of int, shape (n_points,)
    a, b : ndarray of shape (n_points,)
        Coordinates of the nearest points on the plane.
    true : ndarray of shape (n_points,)
        The loss at the points of the path.
    drawn : ndarray of shape (n_points,)
        The loss at (a, b), which the picture shows; computed there, not read off a grid.
    off : ndarray of shape (n_points,)
        The distance from the plane.
    off_share : ndarray of shape (n_points,)
        The same as a share of the distance from the start.
    gap : ndarray of shape (n_points,)
        |drawn - true| / true.
    best : int
        The point with the lowest true loss; the start is point 0, the end the last.
    end : float
        The loss at the end of the run. It is that of the last point, except for a diverged path,
        which is drawn up to where its loss explodes; infinite if it became NaN or infinite.
    """

    name: str
    rule: str
    ending: str
    diverged: bool
    steps: NDArray[np.intp]
    a: Vector
    b: Vector
    true: Heights
    drawn: Heights
    off: Vector
    off_share: Vector
    gap: Vector
    best: int
    end: float

    @property
    def drawn_part(self) -> "Trail":
        """The same without the point where the loss explodes: no picture shows that."""
        n = before_the_explosion(self.true) if self.diverged else len(self.true)
        kept = ("steps", "a", "b", "true", "drawn", "off", "off_share", "gap")
        return replace(self, **{name: getattr(self, name)[:n] for name in kept})

    @property
    def worst(self) -> int:
        """The point with the largest gap."""
        return int(np.argmax(self.gap))

    @property
    def of_points(self) -> int:
        """How many points the path had; fewer are here if some were left out."""
        return int(self.steps[-1] - self.steps[0]) + 1

    @property
    def far(self) -> float:
        """The share of the points whose gap is larger than acceptable."""
        return float(np.mean(self.gap > MISLEADING))

    @property
    def misfit(self) -> float:
        """The misfit of the plane for this path.

        The largest of three gaps: at the start, at the end, and the median.
        """
        return misfit_of(self.gap)

    @property
    def verdict(self) -> str:
        """The misfit as a word."""
        return verdict(self.misfit)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        worst = {
            "worst_step": int(self.steps[self.worst]),
            "worst_gap": finite_or_none(float(self.gap[self.worst])),
            "far": self.far,
            "of_points": self.of_points,
        }
        return {
            **fields_of(self),
            "misfit": finite_or_none(self.misfit),
            "verdict": self.verdict,
            **worst,
        }


def trail(
    terrain: Terrain, plane: Plane, path: DescentPath, true: Heights, threads: int | None = None
) -> Trail:
    """Project a path onto a plane, and measure the distortion.

    Parameters
    ----------
    terrain : Terrain
    plane : Plane
    path : DescentPath
    true : ndarray of shape (n_points,)
        Its losses, from ``sound``.
    threads : int, optional
    """
    thetas = np.asarray(path.thetas, np.float64)
    a, b = np.ascontiguousarray(plane.coordinates(thetas).T)
    foot = plane.at(a, b)
    off, away = lengths(thetas - foot), lengths(thetas - path.start)
    drawn = heights_at(terrain, foot, threads)
    return Trail(
        path.name, path.rule, path.ending, path.diverged, path.steps, a, b, true, drawn, off,
        np.divide(off, away, out=np.zeros_like(off), where=away > 0), gaps(true, drawn),
        int(np.argmin(true)), float(true[-1]),
    )  # fmt: skip


def _at_places(gap: Vector) -> dict[str, float]:
    """The three gaps of a path by which a picture is rated."""
    return {"start": float(gap[0]), "end": float(gap[-1]), "along": float(np.median(gap))}


def misfit_of(gap: Vector) -> float:
    """The largest of the three gaps of a path: at the start, at the end, and the median."""
    return max(_at_places(gap).values())


def gaps(true: Heights, drawn: Heights) -> Vector:
    """|drawn - true| / true; infinite if the drawn loss is not finite."""
    apart = np.abs(np.where(np.isfinite(drawn), drawn, np.inf) - true)
    return apart / np.maximum(np.abs(true), SMALLEST_LOSS)


def verdict(misfit: float) -> str:
    """Faithful up to 5 %, fair up to 15 %, rough up to 25 %, misleading above."""
    return next(word for limit, word in VERDICTS if misfit <= limit)


def off_by(gap: float) -> str:
    """A gap as text that agrees with its verdict: one of 0.1502 is "15.02 %", which is rough."""
    return percent(gap, [limit for limit, _ in VERDICTS])


@dataclass(frozen=True)
class Badge:
    """The figures that stand beside a slice.

    Attributes
    ----------
    method, words : str
        How the slice was laid, as a key and in words.
    facts : Facts
        Loss, rows, random seed of the rows, dtype.
    seed : int or None
        The random seed of random directions.
    gap : float or None
        The mean ``misfit`` of the paths, by which planes are chosen. ``None`` without paths.
    start_gap : float or None
        At the start, which all paths share.
    worst : tuple of (str, str, float) or None
        The path, the place ("start", "end" or "along") and the size of the largest misfit.
    worst_point : tuple of (str, int, float) or None
        The path, the step and the size of the largest gap of a single point.
    most_far : tuple of (str, float) or None
        The path with the largest share of points with a gap of more than 25 %, and the share.
    kept : tuple of (int, int) or None
        The number of stored points of all paths, and the number of points before thinning.
    off_plane : tuple of (str, float)
        For each path, how far its end lies from the slice, as a share of its distance from the
        start.
    movement : float or None
        The share of the movement that lies in the plane.
    random_walk, random_walk_deviation : float or None
        The share that the best plane would contain of random walks with the same steps.
    cells, masked : int
        Points of the grid, and how many have no finite loss; these are blank, never filled.
    verdict : str
        "faithful", "fair", "rough" or "misleading", by ``gap``, or by that of the grid if it is
        too coarse; "exact" if θ has two numbers; "not measured" without paths, or if only their
        start is drawn.
    grid : GridGap or None
        The error of the grid between its points, below the paths.
    notes : tuple of str
    only_start : bool
        Whether all runs diverged in their first step, so that only their start is drawn.
    of_drawn : bool
        Whether all runs diverged: then the figures are those of what is drawn of them.
    """

    method: str
    words: str
    facts: Facts
    seed: int | None
    gap: float | None
    start_gap: float | None
    worst: tuple[str, str, float] | None
    worst_point: tuple[str, int, float] | None
    most_far: tuple[str, float] | None
    kept: tuple[int, int] | None
    off_plane: tuple[tuple[str, float], ...]
    movement: float | None
    random_walk: float | None
    random_walk_deviation: float | None
    cells: int
    masked: int
    verdict: str
    notes: tuple[str, ...] = ()
    grid: "GridGap | None" = None
    only_start: bool = False
    of_drawn: bool = False

    @property
    def exact(self) -> bool:
        """Whether the picture is complete: θ has two numbers."""
        return self.gap is not None and self.worst is None

    def on(self, grid: "GridGap | None", cells: int, masked: int) -> "Badge":
        """The badge with the figures of a grid, whose verdict counts if the grid is too coarse."""
        said = self.verdict
        measured = None if self.only_start else self.gap
        if grid is not None and measured is not None and grid.too_coarse(measured):
            said = verdict(grid.gap)
        return replace(self, grid=grid, cells=cells, masked=masked, verdict=said)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        return {**fields_of(self), "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The figures as sentences."""
        facts = self.facts
        said = []
        if self.exact:
            said.append(_BOTH)
        if self.only_start and self.start_gap is not None:
            said.append(
                "No run is drawn that could be measured: every run diverged at once, and only the "
                f"start is left. Drawn and true loss differ by {off_by(self.start_gap)} there."
            )
        elif self.gap is not None and self.start_gap is not None and self.worst is not None:
            name, place, size = self.worst
            said.append(
                f"Drawn and true loss differ by {off_by(self.start_gap)} at the start and by "
                f"{off_by(self.gap)} overall; most for {name}, {self._place(place)}: "
                f"{off_by(size)}."
            )
            said += self._points()
        if self.grid is not None and self.gap is not None:
            said.append(self._of_grid(self.grid, self.gap))
        if self.kept is not None and self.kept[0] < self.kept[1]:
            said.append(
                f"Of {self.kept[1]:,} points of the runs {self.kept[0]:,} were stored; lowest, "
                "worst and median refer to these."
            )
        if self.off_plane:
            shares = [share for _, share in self.off_plane]
            low, high = percent(min(shares)), percent(max(shares))
            said.append(
                f"The {'last drawn' if self.of_drawn else 'end'} points lie off the plane by "
                f"{low if low == high else f'{low} to {high}'} of their distance from the start."
            )
        if self.movement is not None and self.random_walk is not None:
            said.append(
                f"The plane contains {percent(self.movement)} of the "
                f"{'drawn movement' if self.of_drawn else 'movement'}; for random walks of "
                f"the same steps, the best plane would contain {percent(self.random_walk)}."
            )
        drawn = "" if facts.seed is None else f", drawn with seed {facts.seed}"
        said.append(f"Height: {facts.height}{facts.over}{drawn}.")
        said.append(f"Slice: {self.words}" + ("." if self.seed is None else f"; seed {self.seed}."))
        if self.masked:
            said.append(f"{self.masked:,} of {self.cells:,} points have no finite loss: blank.")
        return said + [f"{note[0].upper()}{note[1:]}." for note in self.notes]

    def _place(self, place: str) -> str:
        """The place of a misfit, in words."""
        drawn = self.of_drawn and place == "end"
        return "at the last drawn point" if drawn else _PLACES[place]

    def _of_grid(self, grid: "GridGap", gap: float) -> str:
        """The sentence of the grid, beside the ``gap`` of the plane."""
        across, up = grid.points
        begun = "The ground is exact at its points alone: the" if self.exact else "The"
        said = (
            f"{begun} surface that the grid of {across} × {up} points draws below the runs is off "
            f"by {off_by(grid.start_gap)} at the start"
        )
        if not self.only_start:
            said += f" and by {off_by(grid.gap)} overall"
        if not grid.too_coarse(gap):
            return f"{said}."
        name, place, size = grid.worst
        return (
            f"{said}; most for {name}, {self._place(place)}: {off_by(size)}. The grid is too "
            "coarse for this: take a finer grid, or leave out runs that go far."
        )

    def _points(self) -> list[str]:
        """The worst single point, which a median does not show."""
        if self.worst_point is None or self.most_far is None:
            return []
        return [said_of_points(self.worst_point, self.most_far)]


def said_of_points(worst: tuple[str, int, float], most_far: tuple[str, float]) -> str:
    """The worst single point, and the share of points that are far off."""
    name, step, size = worst
    said = f"The worst single point is off by {off_by(size)}: {name} at step {step:,}."
    name, share = most_far
    if share > 0:
        said += f" Of the points of {name}, {percent(share)} are off by more than "
        said += f"{percent(MISLEADING)}."
    return said


@dataclass(frozen=True)
class GridGap:
    """The error of the surface that a grid draws below the paths.

    A plane may be true at every point of a path while its picture is wrong: between the points of
    the grid, the surface is drawn from the four corners of a cell, on the scale of its heights.

    Attributes
    ----------
    points : (int, int)
        Of the grid, along each axis.
    gap, start_gap : float
        As in the badge.
    worst : tuple of (str, str, float)
        As in the badge.
    """

    points: tuple[int, int]
    gap: float
    start_gap: float
    worst: tuple[str, str, float]

    @classmethod
    def of(cls, points: tuple[int, int], paths: Mapping[str, Vector]) -> "GridGap | None":
        """Made from the gaps of each path; ``None`` without paths."""
        worst = worst_of(paths)
        if worst is None:
            return None
        misfits = [misfit_of(gap) for gap in paths.values()]
        start_gap = float(np.mean([gap[0] for gap in paths.values()]))
        return cls(points, float(np.mean(misfits)), start_gap, worst)

    def too_coarse(self, gap: float) -> bool:
        """Whether it has a worse verdict than ``gap``, the one of the plane."""
        words = [word for _, word in VERDICTS]
        return words.index(verdict(self.gap)) > words.index(verdict(gap))


_PLACES = {"start": "at the start", "end": "at the end", "along": "at the median of the path"}


def worst_of(paths: Mapping[str, Vector]) -> tuple[str, str, float] | None:
    """The path with the largest misfit, and where on it, from the gaps of each path."""
    found = [
        (name, place, size)
        for name, gap in paths.items()
        for place, size in _at_places(gap).items()
    ]
    return max(found, key=lambda each: each[2], default=None)


def worst_point_of(trails: Sequence[Trail]) -> tuple[str, int, float] | None:
    """The path with the largest gap at a single point, its step, and the gap."""
    if not trails:
        return None
    far = max(trails, key=lambda each: each.gap[each.worst])
    return far.name, int(far.steps[far.worst]), float(far.gap[far.worst])


def kept_of(trails: Sequence[Trail]) -> tuple[int, int]:
    """The number of stored points of all paths, and the number before thinning."""
    return sum(len(each.steps) for each in trails), sum(each.of_points for each in trails)


def most_far_of(trails: Sequence[Trail]) -> tuple[str, float] | None:
    """The path with the largest share of points that are far off, and the share."""
    if not trails:
        return None
    far = max(trails, key=lambda each: each.far)
    return far.name, far.far
