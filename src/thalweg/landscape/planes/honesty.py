"""How far a picture of a landscape can be trusted: figures that stand beside every slice.

A plane shows two dimensions of hundreds. The points of a path lie beside it, and the loss that
is drawn under them is not the loss that they have. All of that can be measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.terrain import Facts, Heights, Terrain, heights_at
from thalweg.landscape.phrases import percent
from thalweg.landscape.plain import fields_of
from thalweg.landscape.planes.plane import Plane, Vector, lengths
from thalweg.landscape.runs.path import DescentPath

# A loss of 0 has no relative error; from here on down it is taken for this.
SMALLEST_LOSS = 1e-12
EXACT = "exact"
# A picture that is off by more than this misleads.
MISLEADING = 0.25
VERDICTS = ((0.05, "faithful"), (0.15, "fair"), (MISLEADING, "rough"), (np.inf, "misleading"))


@dataclass(frozen=True, eq=False)
class Trail:
    """A path as it falls on a plane.

    Attributes
    ----------
    name, rule, ending : str
    diverged : bool
    steps : ndarray of int, shape (n_points,)
    a, b : ndarray of shape (n_points,)
        Coordinates of the nearest points on the plane.
    true : ndarray of shape (n_points,)
        The loss where the path was.
    drawn : ndarray of shape (n_points,)
        The loss at (a, b), where the picture shows it; computed there, not read off a grid.
    off : ndarray of shape (n_points,)
        The distance beside the plane.
    off_share : ndarray of shape (n_points,)
        The same as a share of the distance from the start.
    gap : ndarray of shape (n_points,)
        |drawn - true| / true.
    best : int
        The point with the lowest true loss; the start is point 0, the end the last.
    end : float
        The loss where the descent itself ended. That of the last point, but for a path that
        diverged, which is drawn up to where its loss explodes; infinite where it left the finite
        numbers.
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
    def worst(self) -> int:
        """The point that is drawn the farthest off."""
        return int(np.argmax(self.gap))

    @property
    def of_points(self) -> int:
        """How many points the way had; there are fewer here where some were left out."""
        return int(self.steps[-1] - self.steps[0]) + 1

    @property
    def far(self) -> float:
        """The share of the points that are drawn off by more than a picture may be."""
        return float(np.mean(self.gap > MISLEADING))

    @property
    def misfit(self) -> float:
        """How far the plane is off for this path: at the start, at the end, or at its median.

        The largest of the three gaps.
        """
        return max(_at_places(self.gap).values())

    @property
    def verdict(self) -> str:
        """The misfit as a word."""
        return verdict(self.misfit)

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        worst = {
            "worst_step": int(self.steps[self.worst]),
            "worst_gap": _plain(float(self.gap[self.worst])),
            "far": self.far,
            "of_points": self.of_points,
        }
        return {**fields_of(self), "misfit": _plain(self.misfit), "verdict": self.verdict, **worst}


def trail(
    terrain: Terrain, plane: Plane, path: DescentPath, true: Heights, threads: int | None = None
) -> Trail:
    """Lay a path on a plane, and measure what that does to it.

    Parameters
    ----------
    terrain : Terrain
    plane : Plane
    path : DescentPath
    true : ndarray of shape (n_points,)
        Its losses, as ``sound`` has them.
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
    """The three gaps of a path that a picture is judged by."""
    return {"start": float(gap[0]), "end": float(gap[-1]), "along": float(np.median(gap))}


def gaps(true: Heights, drawn: Heights) -> Vector:
    """|drawn - true| / true; infinite where nothing finite is drawn."""
    apart = np.abs(np.where(np.isfinite(drawn), drawn, np.inf) - true)
    return apart / np.maximum(np.abs(true), SMALLEST_LOSS)


def verdict(misfit: float) -> str:
    """Faithful up to 5 %, fair up to 15 %, rough up to 25 %, misleading above."""
    return next(word for limit, word in VERDICTS if misfit <= limit)


@dataclass(frozen=True)
class Badge:
    """The figures that stand beside a slice.

    Attributes
    ----------
    method, words : str
        How the slice was laid, as a key and for a person.
    facts : Facts
        Height, rows, seed of the rows, dtype.
    seed : int or None
        Of directions drawn by chance.
    gap : float or None
        The mean over the paths of their ``misfit``: what planes are chosen by. ``None`` without
        paths.
    start_gap : float or None
        At the start, which all paths share.
    worst : tuple of (str, str, float) or None
        The path, the place ("start", "end" or "along") and the size of the largest misfit.
    worst_point : tuple of (str, int, float) or None
        The path, the step and the size of the largest gap of a single point.
    most_far : tuple of (str, float) or None
        The path with the largest share of points that are drawn off by more than 25 %, and the
        share.
    kept : tuple of (int, int) or None
        The points of all paths that the figures are of, and how many points the paths had.
    off_plane : tuple of (str, float)
        For each path how far its end lies beside the slice, as a share of its distance from the
        start.
    movement : float or None
        The share of the movement that lies in the plane.
    random_walk, random_walk_deviation : float or None
        What the best plane would hold of aimless walks of the same steps.
    cells, masked : int
        Points of the grid, and how many have no finite height; these are blank, never filled.
    verdict : str
        "faithful", "fair", "rough" or "misleading", by ``gap``, or by that of the grid where it is
        too coarse; "exact" where θ has two numbers and nothing is cut away; "not measured" without
        paths.
    grid : GridGap or None
        What the grid does to the ground between its points, under the paths.
    notes : tuple of str
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

    @property
    def exact(self) -> bool:
        """Whether nothing is cut away: θ has two numbers."""
        return self.gap is not None and self.worst is None

    def on(self, grid: "GridGap | None", cells: int, masked: int) -> "Badge":
        """With the figures of a grid, and a verdict on that, too, where it is too coarse."""
        said = self.verdict
        if grid is not None and self.gap is not None and grid.too_coarse(self.gap):
            said = verdict(grid.gap)
        return replace(self, grid=grid, cells=cells, masked=masked, verdict=said)

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data, and the sentences."""
        return {**fields_of(self), "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The figures as a person would say them."""
        facts = self.facts
        said = []
        if self.exact:
            said.append("Nothing is cut away: what is drawn is all there is.")
        if self.gap is not None and self.start_gap is not None and self.worst is not None:
            name, place, size = self.worst
            said.append(
                f"Drawn and true loss differ by {percent(self.start_gap)} at the start and by "
                f"{percent(self.gap)} in all; most for {name}, {_PLACES[place]}: {percent(size)}."
            )
            said += self._points()
        if self.grid is not None and self.gap is not None:
            said.append(self.grid.sentence(self.gap))
        if self.kept is not None and self.kept[0] < self.kept[1]:
            said.append(
                f"Of {self.kept[1]:,} points of the runs {self.kept[0]:,} were kept; lowest, worst "
                "and median are of these."
            )
        if self.off_plane:
            shares = [share for _, share in self.off_plane]
            low, high = percent(min(shares)), percent(max(shares))
            said.append(
                f"The ends lie beside the plane by {low if low == high else f'{low} to {high}'} "
                "of their way."
            )
        if self.movement is not None and self.random_walk is not None:
            said.append(
                f"The plane holds {percent(self.movement)} of the movement; the best plane "
                f"would hold {percent(self.random_walk)} of an aimless walk of the same steps."
            )
        rows = f" over {facts.rows:,} of {facts.of_rows:,} rows" if facts.rows else ""
        drawn = "" if facts.seed is None else f", drawn with seed {facts.seed}"
        said.append(f"Height: {facts.height}{rows}{drawn}.")
        said.append(f"Slice: {self.words}" + ("." if self.seed is None else f"; seed {self.seed}."))
        if self.masked:
            said.append(f"{self.masked:,} of {self.cells:,} points have no finite loss: blank.")
        return said + [f"{note[0].upper()}{note[1:]}." for note in self.notes]

    def _points(self) -> list[str]:
        """The worst single point, which a median does not tell of."""
        if self.worst_point is None or self.most_far is None:
            return []
        name, step, size = self.worst_point
        said = f"The worst single point is off by {percent(size)}: {name} at step {step:,}."
        name, share = self.most_far
        if share > 0:
            said += f" Of the points of {name}, {percent(share)} are off by more than "
            said += f"{percent(MISLEADING)}."
        return [said]


@dataclass(frozen=True)
class GridGap:
    """How far the ground that a grid draws under the paths is off their true losses.

    A plane may be true at every point of a path, and the picture false: between the points of its
    grid the ground is drawn from the four corners of a cell, on the scale of its heights.

    Attributes
    ----------
    points : (int, int)
        Of the grid, along each axis.
    gap, start_gap : float
        As those of the badge.
    worst : tuple of (str, str, float)
        As that of the badge.
    """

    points: tuple[int, int]
    gap: float
    start_gap: float
    worst: tuple[str, str, float]

    @classmethod
    def of(cls, points: tuple[int, int], paths: Mapping[str, Vector]) -> "GridGap | None":
        """Given the gaps of each path; ``None`` without any."""
        worst = worst_of(paths)
        if worst is None:
            return None
        misfits = [max(_at_places(gap).values()) for gap in paths.values()]
        start_gap = float(np.mean([gap[0] for gap in paths.values()]))
        return cls(points, float(np.mean(misfits)), start_gap, worst)

    def too_coarse(self, gap: float) -> bool:
        """Whether it makes a picture worse, by a verdict, that the plane draws off by ``gap``."""
        words = [word for _, word in VERDICTS]
        return words.index(verdict(self.gap)) > words.index(verdict(gap))

    def sentence(self, gap: float) -> str:
        """It in words, beside the ``gap`` of the plane."""
        across, up = self.points
        said = (
            f"The ground that the grid of {across} × {up} points draws under the runs is off by "
            f"{percent(self.start_gap)} at the start and by {percent(self.gap)} in all"
        )
        if not self.too_coarse(gap):
            return f"{said}."
        name, place, size = self.worst
        return (
            f"{said}; most for {name}, {_PLACES[place]}: {percent(size)}. The grid is too coarse "
            "for this: take a finer grid, or leave out runs that go far."
        )


_PLACES = {"start": "at its start", "end": "at its end", "along": "at the median of its way"}


def worst_of(paths: Mapping[str, Vector]) -> tuple[str, str, float] | None:
    """The path with the largest misfit, and where on it; given the gaps of each."""
    found = [
        (name, place, size)
        for name, gap in paths.items()
        for place, size in _at_places(gap).items()
    ]
    return max(found, key=lambda each: each[2], default=None)


def worst_point_of(trails: Sequence[Trail]) -> tuple[str, int, float] | None:
    """The path with the point that is drawn the farthest off, its step, and how far."""
    if not trails:
        return None
    far = max(trails, key=lambda each: each.gap[each.worst])
    return far.name, int(far.steps[far.worst]), float(far.gap[far.worst])


def kept_of(trails: Sequence[Trail]) -> tuple[int, int]:
    """The points of all paths, and how many there were before some were left out."""
    return sum(len(each.steps) for each in trails), sum(each.of_points for each in trails)


def most_far_of(trails: Sequence[Trail]) -> tuple[str, float] | None:
    """The path with the largest share of points that are far off, and the share."""
    if not trails:
        return None
    far = max(trails, key=lambda each: each.far)
    return far.name, far.far


def _plain(number: float) -> float | None:
    return number if np.isfinite(number) else None
