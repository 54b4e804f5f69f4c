"""Candidate planes through the training paths, by principal components and end points.

No plane contains a start and three or more arbitrary ends, so a plane for several runs must
distort something. ``least_distorting_plane`` measures which one distorts least.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.planes.plane import NOTHING_LEFT, Plane, Vector, orthonormal, principal
from thalweg.landscape.planes.random_directions import completed
from thalweg.landscape.runs.path import DescentPath

# The number of points of each path to which a plane is fitted; more would change nothing.
FITTED = 100


def start_to_end(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """For one path: the line from its start to its end, and its main deviation from that line.

    It contains start and end exactly.
    """
    if len(paths) != 1:
        return []
    points = _from_start(paths)[0]
    axis = points[-1]
    length = float(np.linalg.norm(axis))
    if length <= NOTHING_LEFT * np.max(np.abs(points), initial=0.0):
        return []  # the path returned to its start, so there is no such line
    axis = axis / length
    rest = points - np.multiply.outer(points @ axis, axis)
    strays = np.max(np.abs(rest)) > NOTHING_LEFT * length  # more than rounding error
    sideways = principal(rest, 1)[0] if strays else rest[:0]
    last = paths[0].last_point
    words = f"the line from start to {last}"
    return [
        _plane(
            "start-to-end",
            f"{words}, and the direction that the path strays to most" if strays else words,
            paths[0].start,
            [axis, *sideways],
            (f"from start to {last}", "strays to the side"),
            seed,
            paths,
        )
    ]


def through_start(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """The two directions from the start along which the points of all paths lie farthest."""
    points = np.concatenate(_from_start(paths))
    return [
        _plane(
            "through-start",
            f"through the start, close to the points of {_all(paths)}",
            paths[0].start,
            principal(points)[0],
            _COMPONENTS,
            seed,
            paths,
        )
    ]


def scaled(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """The same, with each path scaled to the same length, so that none outweighs another."""
    if len(paths) < 2:
        return []
    points = _from_start(paths)
    sizes = [np.sqrt(np.sum(each * each)) or 1.0 for each in points]
    same = [each / size for each, size in zip(points, sizes, strict=True)]
    return [
        _plane(
            "scaled",
            "through the start, close to the points of all paths, a long path weighing as a short",
            paths[0].start,
            principal(np.concatenate(same))[0],
            _COMPONENTS,
            seed,
            paths,
        )
    ]


def centred(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """The usual plane: principal components of all points, through their mean."""
    points = np.concatenate(_from_start(paths))
    mean = points.mean(axis=0)
    return [
        _plane(
            "centred",
            "through the mean of all points, close to them (the usual principal components)",
            paths[0].start + mean,
            principal(points - mean)[0],
            _COMPONENTS,
            seed,
            paths,
        )
    ]


def ends(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """Through the start, close to the ends; and the same with every end at the same distance."""
    if len(paths) < 2:
        return []
    far = np.stack([each[-1] for each in _from_start(paths)])
    lengths = np.linalg.norm(far, axis=1, keepdims=True)
    near = far / np.where(lengths > 0, lengths, 1.0)
    start, kinds = paths[0].start, _last_points(paths)
    return [
        _plane(method, words, start, principal(points)[0], _COMPONENTS, seed, paths)
        for method, words, points in (
            ("ends", f"through the start, close to the {kinds} of all paths", far),
            ("ends-scaled", f"through the start, along the bearings of all {kinds}", near),
        )
    ]


def three_points(paths: Sequence[DescentPath], seed: int = 0) -> list[Plane]:
    """Through the start and the ends of two paths, for every two paths."""
    found = []
    far = [each[-1] for each in _from_start(paths)]
    for first, second in combinations(range(len(paths)), 2):
        if not (np.any(far[first]) and np.any(far[second])):
            continue
        basis, angle = orthonormal([far[first], far[second]])
        if angle == 0:
            continue
        pair = paths[first], paths[second]
        names = [path.name for path in pair]
        one, other = (path.last_point for path in pair)
        through = f"the {one}s of {names[0]} and {names[1]}"
        if one != other:
            through = f"the {one} of {names[0]} and the {other} of {names[1]}"
        found.append(
            Plane(
                "three-points",
                f"through the start{',' if one != other else ' and'} {through}",
                paths[0].start.copy(),
                basis,
                (f"to the {one} of {names[0]}", f"towards the {other} of {names[1]}"),
                angle,
            )
        )
    return found


CANDIDATES: dict[str, Callable[[Sequence[DescentPath], int], list[Plane]]] = {
    "start-to-end": start_to_end,
    "through-start": through_start,
    "scaled": scaled,
    "centred": centred,
    "ends": ends,
    "three-points": three_points,
}

_COMPONENTS = ("first component", "second component")


def candidates(paths: Sequence[DescentPath], seed: int = 0, only: str = "") -> list[Plane]:
    """All planes that these paths allow, or those of one method.

    Parameters
    ----------
    paths : sequence of DescentPath
        Paths from one start.
    seed : int
        The seed of a random second direction if all paths lie on one line; the notes say so.
    only : str
        A key of ``CANDIDATES``.

    Raises
    ------
        If no path moves, or if the paths begin at different points.
    """
    if not paths or not any(path.travel > 0 for path in paths):
        raise SettingsError(
            "No plane can be laid through paths that do not move",
            fix="give a training run of at least one step, or take a random plane",
        )
    for path in paths[1:]:
        if not np.array_equal(path.start, paths[0].start):
            raise SettingsError(
                f"The paths {paths[0].name} and {path.name} begin at different points",
                why="A network with its units in another order computes the same from far away in "
                "θ, so the way between two starts says nothing",
                fix="start all runs from one point, or draw a landscape for each",
            )
    ways = [CANDIDATES[only]] if only else list(CANDIDATES.values())
    return [plane for lay in ways for plane in lay(paths, seed)]


def _last_points(paths: Sequence[DescentPath]) -> str:
    """What the last points of these paths are, in words."""
    kinds = {path.last_point for path in paths}
    return f"{kinds.pop()}s" if len(kinds) == 1 else "last points"


def _all(paths: Sequence[DescentPath]) -> str:
    return "all paths" if len(paths) > 1 else "the path"


def _from_start(paths: Sequence[DescentPath]) -> list[Vector]:
    """The points of each path, as differences from the start, thinned for a fit."""
    start = paths[0].start
    return [path.thinned(FITTED).thetas - start for path in paths]


def _plane(
    method: str,
    words: str,
    origin: Vector,
    directions: Sequence[Vector] | Vector,
    axes: tuple[str, str],
    seed: int,
    paths: Sequence[DescentPath],
) -> Plane:
    """A plane along two orthonormal directions, or along one and a random second one."""
    basis = np.array(directions, np.float64)
    origin = np.array(origin, np.float64)
    if len(basis) == 2:
        return Plane(method, words, origin, orthonormal(basis).vectors, axes)
    basis = np.stack([basis[0], completed(basis, seed)])
    lie = "the paths lie" if len(paths) > 1 else "the path lies"
    if any(path.last_point != "end" for path in paths):  # nothing is said of what was cut off
        lie = "what is kept of the runs lies" if len(paths) > 1 else "what is kept of the run lies"
    note = f"{lie} on one line: the second direction is a random one"
    return Plane(method, words, origin, basis, (axes[0], "a random direction"), 90.0, seed, (note,))
