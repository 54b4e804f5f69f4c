"""How far a picture of a landscape can be trusted: figures that stand beside every slice.

A plane shows two dimensions of hundreds. The points of a path lie beside it, and the loss that
is drawn under them is not the loss that they have. All of that can be measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.path import Path
from thalweg.landscape.plain import fields_of
from thalweg.landscape.plane import Plane, Vector
from thalweg.landscape.terrain import (
    WALK,
    Facts,
    Heights,
    Terrain,
    draws,
    heights_at,
)
from thalweg.landscape.wording import percent
from thalweg.network.blas import one_blas_thread

# A loss of 0 has no relative error; from here on down it is taken for this.
SMALLEST_LOSS = 1e-12
# Points, of all paths together, that movement is judged by, and the random walks beside it.
JUDGED, WALKS = 300, 20
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
        """How far the picture is off for this path: at the start, at the end, or at its median.

        The largest of the three gaps.
        """
        return float(max(self.gap[0], self.gap[-1], np.median(self.gap)))

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
    terrain: Terrain, plane: Plane, path: Path, true: Heights, threads: int | None = None
) -> Trail:
    """Lay a path on a plane, and measure what that does to it.

    Parameters
    ----------
    terrain : Terrain
    plane : Plane
    path : Path
    true : ndarray of shape (n_points,)
        Its losses, as ``sound`` has them.
    threads : int, optional
    """
    thetas = np.asarray(path.thetas, np.float64)
    a, b = np.ascontiguousarray(plane.coordinates(thetas).T)
    foot = plane.at(a, b)
    off = np.linalg.norm(thetas - foot, axis=1)
    away = np.linalg.norm(thetas - path.start, axis=1)
    drawn = heights_at(terrain, foot, threads)
    return Trail(
        path.name, path.rule, path.ending, path.diverged, path.steps, a, b, true, drawn, off,
        np.divide(off, away, out=np.zeros_like(off), where=away > 0), gaps(true, drawn),
        int(np.argmin(true)), float(true[-1]),
    )  # fmt: skip


def gaps(true: Heights, drawn: Heights) -> Vector:
    """|drawn - true| / true; infinite where nothing finite is drawn."""
    apart = np.abs(np.where(np.isfinite(drawn), drawn, np.inf) - true)
    return apart / np.maximum(np.abs(true), SMALLEST_LOSS)


def verdict(misfit: float) -> str:
    """Faithful up to 5 %, fair up to 15 %, rough up to 25 %, misleading above."""
    return next(word for limit, word in VERDICTS if misfit <= limit)


def movement(plane: Plane, paths: Sequence[Path]) -> float:
    """The share of Σ ‖θ_t - origin‖², over all points of all paths, that lies in the plane."""
    inside = everything = 0.0
    for points in _judged(paths):
        inside += float(np.sum(plane.coordinates(points) ** 2))
        everything += float(np.sum((points - plane.origin) ** 2))
    return inside / everything if everything else 1.0


def _judged(paths: Sequence[Path]) -> list[Vector]:
    most = max(10, JUDGED // max(1, len(paths)))
    return [np.asarray(path.thinned(most).thetas, np.float64) for path in paths]


class Walk(NamedTuple):
    """What the best plane holds of random walks: mean and standard deviation over the draws."""

    mean: float
    deviation: float


def random_walks(paths: Sequence[Path], *, centred: bool, seed: int = 0) -> Walk:
    """What ``movement`` would be for walks without any aim.

    Each path's own steps are made in random order and each forth or back by chance; the share
    is that of the best plane through the start (or the mean) for these very walks. A random walk
    of many steps gives some 76 % to two components (Antognini & Sohl-Dickstein 2018, arXiv
    1806.08805: shares 6 / (π² k²)), so that a share says little by itself.

    Parameters
    ----------
    paths : sequence of Path
    centred : bool
        Whether the plane passes through the mean, and not through the start.
    seed : int
    """
    steps = [np.diff(points, axis=0) for points in _judged(paths)]
    lengths = [len(each) for each in steps]
    joined = np.concatenate(steps)
    with one_blas_thread():
        # All that the shares depend on are products of steps: θ may be as long as it likes.
        gram = joined @ joined.T
        if not np.any(gram):
            return Walk(1.0, 0.0)
        gram /= np.max(np.abs(gram))
        shares = [
            _walk_share(gram, lengths, centred, draws(seed, WALK, number))
            for number in range(WALKS)
        ]
    return Walk(float(np.mean(shares)), float(np.std(shares, ddof=1)))


def _walk_share(gram: Vector, lengths: list[int], centred: bool, chance: Any) -> float:
    """The share of the first two components of one draw of walks."""
    total = sum(lengths)
    # Each row makes one point of a walk out of the steps; the start of each path is one too.
    making = np.zeros((total + len(lengths), total))
    row = first = 0
    for length in lengths:
        order = first + chance.permutation(length)
        signs = chance.integers(0, 2, length) * 2.0 - 1.0
        for i in range(length):
            making[row + 1 + i] = making[row + i]
            making[row + 1 + i, order[i]] += signs[i]
        row, first = row + length + 1, first + length
    if centred:
        making -= making.mean(axis=0)
    values = np.linalg.eigvalsh(making @ gram @ making.T)
    return float(values[-2:].sum() / values.sum())


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
        "faithful", "fair", "rough" or "misleading", by ``gap``; "exact" where θ has two numbers
        and nothing is cut away; "not measured" without paths.
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

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data, and the sentences."""
        return {**fields_of(self), "sentences": self.sentences()}

    def sentences(self) -> list[str]:
        """The figures as a person would say them."""
        facts = self.facts
        said = []
        if self.verdict == EXACT:
            said.append("Nothing is cut away: what is drawn is all there is.")
        if self.gap is not None and self.start_gap is not None and self.worst is not None:
            name, place, size = self.worst
            said.append(
                f"Drawn and true loss differ by {percent(self.start_gap)} at the start and by "
                f"{percent(self.gap)} in all; most for {name}, {_PLACES[place]}: {percent(size)}."
            )
            said += self._points()
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


_PLACES = {"start": "at its start", "end": "at its end", "along": "at the median of its way"}


def worst_of(trails: Sequence[Trail]) -> tuple[str, str, float] | None:
    """The path with the largest misfit, and where on it."""
    if not trails:
        return None
    far = max(trails, key=lambda each: each.misfit)
    places = {"start": far.gap[0], "end": far.gap[-1], "along": np.median(far.gap)}
    place = max(places, key=lambda name: places[name])
    return far.name, place, float(places[place])


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
