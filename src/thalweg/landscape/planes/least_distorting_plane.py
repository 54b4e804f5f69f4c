"""Choosing a plane: every candidate is measured, and the least distorting one is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import Sound, staying
from thalweg.landscape.ground.terrain import Terrain, Watch
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.distortion import Trail, trail
from thalweg.landscape.planes.movement_share import movement
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.planes.planes_through_runs import CANDIDATES, candidates
from thalweg.landscape.runs.path import DescentPath

# How many points of each path measure a candidate: each costs a loss for every plane, and all of
# them would cost more than the surface. Fewer for finding the best of the planes through three
# points, of which there may be many.
MEASURED, SCREENED = 60, 12


@dataclass(frozen=True)
class Score:
    """The measured quality of a candidate plane.

    Attributes
    ----------
    method, words : str
    gap : float
        The mean over the paths of their misfit, which is the largest of the gaps at the start, at
        the end and at the median.
    start_gap : float
    worst : float
        The largest misfit of a path.
    movement : float
    points, of_points : int
        How many points of all paths were measured, and how many are stored. The figures of the
        drawn plane (`Badge`) are of all stored points.
    """

    method: str
    words: str
    gap: float
    start_gap: float
    worst: float
    movement: float
    points: int
    of_points: int

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen plane, and the scores of all candidates, best first."""

    plane: Plane
    scores: tuple[Score, ...]


def choose_plane(
    terrain: Terrain,
    paths: Sequence[Sound],
    method: str = "auto",
    *,
    seed: int = 0,
    threads: int | None = None,
    watch: Watch | None = None,
) -> Choice:
    """Measure all planes that the paths allow, and take the one with the least distortion.

    Diverged paths are ignored, unless all diverged. The score is the mean misfit of the paths: with
    a median, a plane could win that is exact for three paths and useless for the fourth. If two
    are equal, the plane with more of the movement wins. Of the planes through three points only
    the best is kept.

    Parameters
    ----------
    terrain : Terrain
    paths : sequence of Sound
    method : str
        "auto", or a key of ``planes_through_runs.CANDIDATES``.
    seed : int
    threads : int, optional
    watch : callable, optional
        ``watch(done, all) -> stop``, called with the number of measured planes. If it answers
        True, the best of those is taken.

    Raises
    ------
    SettingsError
        For an unknown method, or one that these paths do not allow.
    """
    if method != "auto" and method not in CANDIDATES:
        raise SettingsError(
            f"There is no plane {method!r}",
            fix=f"take one of auto, random, {', '.join(CANDIDATES)}",
        )
    paths = staying(paths)
    laid = _laid([each.path for each in paths], method, seed)
    # If all diverged, the points where their losses explode are not drawn, and not measured. If
    # nothing but the start is drawn, no plane is better than another in what it shows.
    drawn = [each.before_the_leap for each in paths]
    shows_runs = any(each.path.travel > 0 for each in drawn)
    paths = drawn if shows_runs else paths
    few, thin = ([_thinned(each, most) for each in paths] for most in (SCREENED, MEASURED))
    ways: dict[str, list[Plane]] = {}
    for plane in laid:
        ways.setdefault(plane.method, []).append(plane)
    measured: list[tuple[Plane, Score]] = []
    for planes in ways.values():
        best = planes[0]
        if len(planes) > 1:
            best = min(planes, key=lambda each: score(terrain, each, few, threads).gap)
        measured.append((best, _of_all(score(terrain, best, thin, threads), best, paths)))
        if watch is not None and watch(len(measured), len(ways)):
            break
    measured.sort(key=lambda each: (each[1].gap, -each[1].movement))
    return Choice(measured[0][0], tuple(its for _, its in measured) if shows_runs else ())


def _laid(paths: Sequence[DescentPath], method: str, seed: int) -> list[Plane]:
    """All planes of this method that these paths allow; at least one."""
    if paths and all(path.diverged and not path.travel for path in paths):
        raise SettingsError(
            "There is nothing to draw: every run becomes NaN or infinite in its first step",
            fix="take a smaller rate, such as sgd:lr=0.1",
        )
    laid = candidates(paths, seed, "" if method == "auto" else method)
    if not laid:
        raise SettingsError(
            f"No plane {method!r} can be laid through these {len(paths)} paths",
            why="start-to-end needs one path that ends elsewhere than it began; scaled, ends and "
            "three-points need two or more",
            fix="take plane='auto'",
        )
    return laid


def score(
    terrain: Terrain, plane: Plane, paths: Sequence[Sound], threads: int | None = None
) -> Score:
    """The misfits of these paths on a plane."""
    trails: list[Trail] = [trail(terrain, plane, each.path, each.true, threads) for each in paths]
    misfits = [each.misfit for each in trails]
    return Score(
        plane.method,
        plane.words,
        float(np.mean(misfits)),
        float(np.mean([each.gap[0] for each in trails])),
        max(misfits),
        _share(plane, paths),
        *2 * (sum(len(each.true) for each in paths),),
    )


def _share(plane: Plane, paths: Sequence[Sound]) -> float:
    return movement(plane, [each.path for each in paths])


def _of_all(its: Score, plane: Plane, paths: Sequence[Sound]) -> Score:
    """The score with the movement of all points, as the figures of a picture have it."""
    n_points = sum(len(each.true) for each in paths)
    return replace(its, of_points=n_points, movement=_share(plane, paths))


def _thinned(path: Sound, most: int) -> Sound:
    """A path with fewer points, and their losses."""
    kept = path.path.places(most)
    return path._replace(path=path.path.thinned(most), true=path.true[kept])
