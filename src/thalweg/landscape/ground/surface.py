"""The loss over a plane: nested grids of losses, with the training paths projected onto it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import Sound, sound, staying
from thalweg.landscape.ground.scale import Scale, between, cap_of
from thalweg.landscape.ground.terrain import Heights, NetworkTerrain, Terrain, Watch, heights
from thalweg.landscape.plain_data import fields_of, plain
from thalweg.landscape.planes.distortion import (
    EXACT,
    Badge,
    GridGap,
    Trail,
    gaps,
    kept_of,
    most_far_of,
    trail,
    verdict,
    worst_of,
    worst_point_of,
)
from thalweg.landscape.planes.least_distorting_plane import Choice, Score, choose_plane
from thalweg.landscape.planes.movement_share import movement, random_walks
from thalweg.landscape.planes.plane import Plane, Vector
from thalweg.landscape.planes.random_directions import random_plane
from thalweg.landscape.runs.path import DescentPath
from thalweg.network.formulas.activations import Array

# Points along an axis: each grid contains the one before it.
COARSEST = 11
GRIDS = (11, 21, 41, 81, 161)
# The margin around the paths, as a share of the window.
MARGIN = 0.15
# The shorter side of a window is at least this share of the longer one.
SLIMMEST = 0.6
# The size of the window of a random plane, as a share of ‖θ‖.
REACH = 1.0


class Window(NamedTuple):
    """The part of a plane that is shown: a from a_low to a_high, b from b_low to b_high."""

    a_low: float
    a_high: float
    b_low: float
    b_high: float


@dataclass(frozen=True, eq=False)
class Surface:
    """The loss over a part of a plane.

    Attributes
    ----------
    plane : Plane
    a : ndarray of shape (n_a,)
    b : ndarray of shape (n_b,)
        Coordinates of the grid along the two axes: distances in the space of θ, so the units of a
        and b have the same length.
    losses : ndarray of shape (n_b, n_a)
        ``losses[j, i]`` is the loss at ``a[i]``, ``b[j]``: rows run along b, as Matplotlib's
        ``contour(a, b, losses)`` takes them. NaN where it is not finite; nothing is filled in.
    trails : tuple of Trail
        The paths projected onto the plane.
    badge : Badge
    scores : tuple of Score
        All candidates, the best first, if the plane was chosen among several.
    norm : float
        ‖θ‖ at the end of the first path (or in the middle), for ticks in per cent of it.
    complete : bool
        False if a finer grid follows, or would have followed if the caller had not ended it.
    """

    plane: Plane
    a: Vector
    b: Vector
    losses: Heights
    trails: tuple[Trail, ...]
    badge: Badge
    scores: tuple[Score, ...]
    norm: float
    complete: bool = True

    @property
    def cap(self) -> float:
        """Where a drawing may clip heights, if it says so; ``losses`` are never clipped.

        The start's loss times 1.5 or the 98th percentile, whichever is more; NaN if there is no
        finite loss.
        """
        return cap_of(self.losses, [float(each.true[0]) for each in self.trails])

    @property
    def scale(self) -> Scale:
        """The scale of heights and colours: over the grid, and over the paths up to the cap."""
        losses = [self.losses.ravel(), *(each.true for each in self.trails)]
        return Scale.of(np.concatenate(losses), self.cap)

    @property
    def above_cap(self) -> int:
        """How many losses of the grid lie above ``cap``."""
        return int(np.sum(self.losses > self.cap))

    def trail(self, name: str) -> Trail:
        """The path of that name."""
        for each in self.trails:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.trails) or "none"
        raise SettingsError(f"There is no path {name!r} here", fix=f"take one of {names}")

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, except the plane's vectors."""
        return {**fields_of(self), "cap": plain(self.cap), "above_cap": self.above_cap}


def landscape(
    terrain: Terrain,
    paths: Sequence[DescentPath] = (),
    *,
    plane: str | Plane | Choice = "auto",
    grid: int = 41,
    centre: Array | None = None,
    scaling: str = "element",
    window: Window | None = None,
    seed: int = 0,
    threads: int | None = None,
    watch: Watch | None = None,
) -> Surface:
    """The loss around training runs, over a plane through the space of θ, and its distortion.

    Parameters
    ----------
    terrain : Terrain
        The loss function, such as ``NetworkTerrain.of(architecture, objective, data)``.
    paths : sequence of DescentPath
        Paths from one start. They may be omitted for a random plane.
    plane : str, Plane or Choice, default "auto"
        "auto" measures every candidate and takes the one that distorts least; "random"; a key of
        ``planes_through_runs.CANDIDATES``; or an existing plane or choice.
    grid : {11, 21, 41, 81, 161}, default 41
        Points along each axis. Coarse grids come first, and no point is computed twice.
    centre : ndarray of shape (n_parameters,), optional
        The point of a random plane; default: the end of the first path.
    scaling : {"element", "filter", "none"}
        How the directions of a random plane are scaled.
    window : Window, optional
        Default: all paths and a margin of 15 %.
    seed : int, default 0
        The random seed of random directions, and of the random walks with which the movement is
        compared.
    threads : int, optional
        Default: the available cores. It changes no number.
    watch : callable, optional
        ``watch(done, all) -> stop``, called with the number of computed losses. If it answers
        True, the last complete grid is returned; the coarsest one is always computed.

    Returns
    -------
    Surface

    Raises
    ------
    SettingsError
        For a grid or a plane that is unknown or not possible.
    """
    *_, last = landscapes(
        terrain, paths, plane=plane, grid=grid, centre=centre, scaling=scaling, window=window,
        seed=seed, threads=threads, watch=watch,
    )  # fmt: skip
    return last


def landscapes(
    terrain: Terrain, paths: Sequence[DescentPath] = (), *, plane: str | Plane | Choice = "auto",
    grid: int = 41, centre: Array | None = None, scaling: str = "element",
    window: Window | None = None, seed: int = 0, threads: int | None = None,
    watch: Watch | None = None,
) -> Iterator[Surface]:  # fmt: skip
    """``landscape``, coarse first: one surface after each grid from 11 × 11 on.

    To end it early, stop iterating.
    """
    if grid not in GRIDS:
        raise SettingsError(
            f"There is no grid of {grid} × {grid} points",
            why="Each grid contains the one before it, so that no point is computed twice",
            fix=f"take one of {', '.join(map(str, GRIDS))}",
        )
    sounds = [sound(terrain, path, threads) for path in paths]
    choice = _plane(terrain, sounds, plane, centre, scaling, seed, threads)
    unfinished = _without_grid(terrain, choice, sounds, seed, threads)
    seen = window or _window(choice.plane, unfinished.trails, unfinished.norm)
    for a, b, losses, complete in _grids(terrain, choice.plane, seen, grid, threads, watch):
        yield _with_grid(replace(unfinished, a=a, b=b, losses=losses, complete=complete))


def on_same_ground(
    surface: Surface, terrain: Terrain, paths: Sequence[DescentPath], *, seed: int = 0,
    threads: int | None = None,
) -> Surface:  # fmt: skip
    """Other paths on the plane and the grid of a surface, with their own figures of distortion.

    It is what ``landscape`` gives for these paths with this plane and this window, without a new
    loss of the grid.

    Parameters
    ----------
    surface : Surface
    terrain : Terrain
        That of the surface.
    paths : sequence of DescentPath
        Such as the same training runs some steps later. They need not begin at one point.
    seed, threads : int
        As in ``landscape``.
    """
    sounds = [sound(terrain, path, threads) for path in paths]
    bare = _without_grid(terrain, Choice(surface.plane, surface.scores), sounds, seed, threads)
    grid = {name: getattr(surface, name) for name in ("a", "b", "losses", "complete")}
    return _with_grid(replace(bare, **grid))


def _without_grid(
    terrain: Terrain, choice: Choice, sounds: Sequence[Sound], seed: int, threads: int | None
) -> Surface:
    """The paths on a plane, and all figures except those of the grid."""
    trails = tuple(
        replace(trail(terrain, choice.plane, each.path, each.true, threads), end=each.end)
        for each in sounds
    )
    calm = [each.before_the_leap for each in staying(sounds)]
    norm = float(np.linalg.norm(calm[0].path.end if calm else choice.plane.origin))
    return Surface(
        choice.plane, np.empty(0), np.empty(0), np.empty((0, 0)), trails,
        _badge(terrain, choice.plane, sounds, trails, seed), choice.scores, norm, False,
    )  # fmt: skip


def _with_grid(surface: Surface) -> Surface:
    """The surface with the figures of its grid."""
    losses = surface.losses
    masked = int(np.sum(~np.isfinite(losses)))
    return replace(surface, badge=surface.badge.on(_grid_gap(surface), losses.size, masked))


def _grid_gap(surface: Surface) -> GridGap | None:
    """The error of the drawn surface below the paths that did not diverge, inside the window.

    Losses above the cap are drawn at the cap, as the picture says: they count as the cap.
    """
    if not np.isfinite(surface.losses).any():
        return None
    scale = surface.scale
    found = {}
    for each in _calm(surface.trails):
        inside = (each.a >= surface.a[0]) & (each.a <= surface.a[-1])
        inside &= (each.b >= surface.b[0]) & (each.b <= surface.b[-1])
        if inside.any():
            ground = between(
                surface.a, surface.b, scale.height(surface.losses), each.a[inside], each.b[inside]
            )
            true = np.minimum(each.true[inside], scale.high)
            found[each.name] = gaps(true, scale.loss(ground))
    return GridGap.of((len(surface.a), len(surface.b)), found)


def _calm(trails: Sequence[Trail]) -> Sequence[Trail]:
    """The paths that did not diverge; if all diverged, what is drawn of each."""
    calm = [each for each in trails if not each.diverged]
    return calm or [each.drawn_part for each in trails]


class _Grid(NamedTuple):
    a: Vector
    b: Vector
    losses: Heights
    complete: bool


def _grids(
    terrain: Terrain,
    plane: Plane,
    window: Window,
    grid: int,
    threads: int | None,
    watch: Watch | None,
) -> Iterator[_Grid]:
    """Grids of the window, each with all points of the one before."""
    losses = np.full((0, 0), np.nan)
    before: _Grid | None = None
    look = _Look(watch, grid * grid)
    for size in GRIDS[: GRIDS.index(grid) + 1]:
        if look.stopped:
            return
        a = np.linspace(window.a_low, window.a_high, size)
        b = np.linspace(window.b_low, window.b_high, size)
        finer = np.full((size, size), np.nan)
        new = np.ones((size, size), bool)
        if before is not None:
            finer[::2, ::2], new[::2, ::2] = losses, False
        j, i = np.nonzero(new)
        look.done, look.deaf = size * size - len(i), before is None
        found = heights(terrain, len(i), _points(plane, a[i], b[j]), threads=threads, watch=look)
        if found is None:
            return
        finer[j, i] = np.where(np.isfinite(found), found, np.nan)
        losses, before = finer, _Grid(a, b, finer, size == grid)
        yield before


@dataclass
class _Look:
    """Calls the ``watch`` function with the progress of all grids, and stores its answer.

    While ``deaf``, the answer is ignored: the coarsest grid is always computed.
    """

    watch: Watch | None
    total: int
    done: int = 0
    deaf: bool = True
    stopped: bool = False

    def __call__(self, more: int, _: int) -> bool:
        if self.watch is not None and self.watch(self.done + more, self.total):
            self.stopped = True
        return self.stopped and not self.deaf


def _points(plane: Plane, a: Vector, b: Vector) -> Callable[[int, int], Array]:
    return lambda first, last: plane.at(a[first:last], b[first:last])


def _plane(
    terrain: Terrain,
    paths: Sequence[Sound],
    plane: str | Plane | Choice,
    centre: Array | None,
    scaling: str,
    seed: int,
    threads: int | None,
) -> Choice:
    """The requested plane."""
    if isinstance(plane, Choice):
        return plane
    if isinstance(plane, Plane):
        return Choice(plane, ())
    if plane != "random":
        return choose_plane(terrain, paths, plane, seed=seed, threads=threads)
    if centre is None and not paths:
        raise SettingsError("A random plane needs a point", fix="give a path, or θ as centre")
    if not isinstance(terrain, NetworkTerrain):
        raise SettingsError(
            "A random plane cuts through the weights of a network, and this terrain has none",
            fix="take another plane",
        )
    theta = staying(paths)[0].before_the_leap.path.end if centre is None else centre
    return Choice(random_plane(terrain.architecture, theta, scaling, seed=seed), ())


def _window(plane: Plane, trails: Sequence[Trail], norm: float) -> Window:
    """All points of the paths and a margin, not too narrow; for a random plane by ‖θ‖."""
    trails = _calm(trails)
    reach = REACH * (norm or 1.0) if plane.method == "random" or not trails else 0.0
    a = np.concatenate([[-reach, reach], *(each.a for each in trails)])
    b = np.concatenate([[-reach, reach], *(each.b for each in trails)])
    if not reach:
        a, b = a[2:], b[2:]
    middle = (a.max() + a.min()) / 2, (b.max() + b.min()) / 2
    half = np.array([np.ptp(a), np.ptp(b)]) / 2
    half = np.maximum(half, SLIMMEST * half.max())
    half *= 1 if reach else 1 + MARGIN
    if not half.any():  # all points fall on one
        half[:] = norm or 1.0
    return Window(
        float(middle[0] - half[0]), float(middle[0] + half[0]),
        float(middle[1] - half[1]), float(middle[1] + half[1]),
    )  # fmt: skip


def _badge(
    terrain: Terrain, plane: Plane, paths: Sequence[Sound], trails: Sequence[Trail], seed: int
) -> Badge:
    """All figures except those of the grid."""
    notes = (*plane.notes, *(each.note for each in paths if each.note))
    moving = [each.before_the_leap.path for each in staying(paths)]
    of_drawn = bool(trails) and all(each.diverged for each in trails)
    trails = _calm(trails)
    bare = Badge(
        plane.method, plane.words, terrain.facts, plane.seed, None, None, None, None, None, None,
        (), None, None, None, 0, 0, "not measured", notes, of_drawn=of_drawn,
    )  # fmt: skip
    if not trails:
        return bare
    gap = float(np.mean([each.misfit for each in trails]))
    start_gap = float(np.mean([each.gap[0] for each in trails]))
    if terrain.n_parameters == len(plane.basis):
        return replace(bare, gap=gap, start_gap=start_gap, kept=kept_of(trails), verdict=EXACT)
    worst = worst_of({each.name: each.gap for each in trails})
    bare = replace(
        bare, gap=gap, start_gap=start_gap, worst=worst, worst_point=worst_point_of(trails),
        most_far=most_far_of(trails), kept=kept_of(trails), verdict=verdict(gap),
    )  # fmt: skip
    if all(len(each.steps) == 1 for each in trails):
        return replace(bare, only_start=True, verdict="not measured")
    walk = random_walks(moving, centred=plane.method == "centred", seed=seed)
    return replace(
        bare,
        off_plane=tuple((each.name, float(each.off_share[-1])) for each in trails),
        movement=movement(plane, moving), random_walk=walk.mean,
        random_walk_deviation=walk.deviation,
    )  # fmt: skip
