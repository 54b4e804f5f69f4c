"""The race: training runs with different optimizers, from one start, on one surface.

It has the article's four balls (plain gradient descent, a shrinking rate, a rate that is too
large, momentum) and three more, on a network's loss over your own table, or on a function of two
parameters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import sound, staying
from thalweg.landscape.ground.path_ribbon import Profile, profile
from thalweg.landscape.ground.sharpness_and_stability import Sharpness, sharpness
from thalweg.landscape.ground.surface import Surface, Window, landscape
from thalweg.landscape.ground.teaching_function import (
    SEEN,
    START,
    TEACHING,
    HillLine,
    Hills,
    StationaryPoint,
    places,
    roll,
    thalwegs,
    whole_plane,
)
from thalweg.landscape.ground.terrain import NetworkTerrain, Terrain, Watch
from thalweg.landscape.plain_data import fields_of, rounded
from thalweg.landscape.planes.least_distorting_plane import Choice, choose_plane
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.runs.path import MOST_POINTS, DescentPath, record, terrain_of
from thalweg.landscape.runs.presets import HILLS, PRESETS, Preset, check_batches, entries, ground_of
from thalweg.network.engine import Engine, choose
from thalweg.parallel_map import spread, usable_cores
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Course, Member

# Called with (stage, done, all); an answer of True ends the race.
StageWatch = Callable[[str, int, int], bool | None]


@dataclass(frozen=True, eq=False)
class Runner:
    """One training run of a race, in numbers.

    Attributes
    ----------
    name : str
        As in ``Surface.trails`` and ``Race.profiles``.
    rule, words : str
        The text form of its optimizer, and what it shows ("" without a preset).
    ending : str
    diverged : bool
        Whether it became NaN or infinite, or ended above twice the loss of its start.
    steps : int
    start_loss, end_loss, best_loss : float
        On the terrain, at the stored points; the loss at the end is infinite if the run became
        NaN or infinite.
    best_step : int
    travel, distance : float
        The length of its path, and the straight distance from the start to the end.
    sharpness : Sharpness or None
        At the end point; ``None`` if it was not requested, and for a diverged run.
    """

    name: str
    rule: str
    words: str
    ending: str
    diverged: bool
    steps: int
    start_loss: float
    end_loss: float
    best_loss: float
    best_step: int
    travel: float
    distance: float
    sharpness: Sharpness | None

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


@dataclass(frozen=True, eq=False)
class Race:
    """Training runs from one start, on one surface, and everything beside the picture.

    Attributes
    ----------
    name : str
        The name of the table, or "hills".
    about : tuple of str
        Sentences about the data and the network.
    surface : Surface
        Losses over the plane, ``trails`` of all runs, the ``badge``, the ``scores``.
    profiles : tuple of Profile
        The requested profiles of runs that moved.
    runners : tuple of Runner
        In the order of ``surface.trails``.
    places : tuple of StationaryPoint
    lines : tuple of HillLine
        Minima, passes and hills, and the valley floors; only of the teaching function.
    seed : int
    complete : bool
        False if the caller ended it early.
    terrain : Terrain
    paths : tuple of DescentPath
        The data behind it; not part of ``as_dict``.
    """

    name: str
    about: tuple[str, ...]
    surface: Surface
    profiles: tuple[Profile, ...]
    runners: tuple[Runner, ...]
    places: tuple[StationaryPoint, ...]
    lines: tuple[HillLine, ...]
    seed: int
    complete: bool
    terrain: Terrain
    paths: tuple[DescentPath, ...]

    def profile(self, name: str) -> Profile:
        """The profile of that run."""
        for each in self.profiles:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.profiles) or "none"
        raise SettingsError(f"There is no profile {name!r} here", fix=f"take one of {names}")

    def as_dict(self, digits: int | None = 6) -> dict[str, Any]:
        """Everything as plain data for JSON.

        Parameters
        ----------
        digits : int or None, default 6
            Numbers are rounded to so many significant digits, enough for drawing; ``None`` keeps
            all digits.
        """
        data = fields_of(self, "terrain", "paths")
        return data if digits is None else rounded(data, digits)


@dataclass(frozen=True, eq=False)
class RacePicture:
    """What to draw of a race.

    Attributes
    ----------
    plane, grid, window
        As in `thalweg.landscape.ground.surface.landscape`.
    profiles : sequence of str, optional
        The runs that get a profile; default: all.
    cuts : int
        Cuts of a profile, and points of a cut; an odd number.
    sharp : bool
        Whether to measure the sharpness at every end point.
    seed : int
        The random seed of the picture; the runs have that of their settings.
    threads : int, optional
        Default: the available cores. It changes no number.
    """

    plane: str | Plane = "auto"
    grid: int = 41
    window: Window | None = None
    profiles: Sequence[str] | None = None
    cuts: int = 41
    sharp: bool = True
    seed: int = 0
    threads: int | None = None


def race(
    member: Member,
    rules: Sequence[str | Preset] = tuple(PRESETS),
    picture: RacePicture | None = None,
    *,
    name: str = "",
    about: Sequence[str] = (),
    most: int = MOST_POINTS,
    engine: Engine | None = None,
    watch: StageWatch | None = None,
) -> Race:
    """Train with several optimizers from one start, and draw the loss surface with their paths.

    Parameters
    ----------
    member : thalweg.training.descent_inputs.Member
        Network, start, data, and the settings that all runs share: batches, epochs, random seed.
        Its optimizer is ignored.
    rules : sequence of str
        Names of ``PRESETS``, or text forms of optimizers such as "adam:lr=0.01".
    picture : RacePicture, optional
        What to draw.
    name : str
    about : sequence of str
        Stored in the result.
    most : int, default 1000
        The number of points to store of each path.
    engine : Engine, optional
    watch : callable, optional
        ``watch(stage, done, all) -> stop``, with the stages "runs", "planes", "surface",
        "profiles" and "sharpness". After an answer of True, no new stage begins and the current
        one ends early; a coarse surface is always there.

    Returns
    -------
    Race

    Raises
    ------
    SettingsError
        For unknown or duplicate rules, and for profiles of runs that do not exist.
    """
    picture, engine = picture or RacePicture(), engine or choose()
    entered = entries(rules, ground_of(member.loss))
    _check(entered, picture)
    check_batches(entered, member)
    heard = _Heard(watch)

    def descend(entry: Preset) -> DescentPath:
        settings = replace(member.settings, optimizer=parse_optimizer(entry.rule))
        mine = replace(member, settings=settings)
        return record(mine, entry.name, engine=engine, most=most)

    heard.of("runs")(0, len(entered))
    paths = spread(descend, entered, picture.threads or usable_cores())
    heard.of("runs")(len(paths), len(entered))
    terrain = terrain_of(member, seed=picture.seed, engine=engine)
    rates = [_last_rate(entry.rule, member) for entry in entered]
    drawn = _draw(terrain, paths, entered, rates, picture, heard)
    return replace(drawn, name=name, about=tuple(about))


def race_on_hills(
    rules: Sequence[str] = tuple(PRESETS),
    picture: RacePicture | None = None,
    *,
    terrain: Hills = TEACHING,
    start: tuple[float, float] = START,
    steps: int = 150,
    watch: StageWatch | None = None,
) -> Race:
    """A race on a function of two parameters, which a picture shows completely.

    Parameters
    ----------
    rules, picture, watch
        As in ``race``. The plane is the whole space.
    terrain : Hills
    start : (float, float)
    steps : int, default 150

    Returns
    -------
    Race
        With ``places`` and ``lines``.
    """
    picture = picture or RacePicture(grid=81)
    entered = entries(rules, HILLS)
    _check(entered, picture)
    heard = _Heard(watch)
    optimizers = [_steady(entry.rule) for entry in entered]
    paths = [
        roll(terrain, np.array(start), optimizer, steps, entry.name)
        for optimizer, entry in zip(optimizers, entered, strict=True)
    ]
    heard.of("runs")(len(paths), len(paths))
    sounds = staying([sound(terrain, path, picture.threads) for path in paths])
    seen = picture.window or _seen([each.path for each in sounds])
    picture = replace(picture, plane=whole_plane(), window=seen)
    rates = [float(each.rates(steps - 1, 1, steps)[0]) for each in optimizers]
    drawn = _draw(terrain, paths, entered, rates, picture, heard)
    found = places(terrain)
    about = ("A function of two parameters: the picture shows all of it.",)
    return replace(drawn, name="hills", about=about, places=found, lines=thalwegs(terrain, found))


def _check(entered: Sequence[Preset], picture: RacePicture) -> None:
    names = [entry.name for entry in entered]
    for name in picture.profiles or ():
        if name not in names:
            raise SettingsError(
                f"There is no run {name!r} to make a profile of",
                fix=f"take one of {', '.join(names)}",
            )


def _last_rate(rule: str, member: Member) -> float:
    """The rate of the last step; 0 for an optimizer without one."""
    optimizer = parse_optimizer(rule)
    if isinstance(optimizer, Lbfgs):
        return 0.0
    settings = replace(member.settings, optimizer=optimizer)
    course = Course(replace(member, settings=settings), choose())
    total = course.n_batches * settings.max_epochs
    return float(optimizer.rates(total - 1, 1, total)[0])


def _steady(rule: str) -> Optimizer:
    optimizer = parse_optimizer(rule)
    if isinstance(optimizer, Lbfgs):
        raise SettingsError(
            "L-BFGS does not run on the hills",
            why="It is not an update rule for single steps",
            fix="take another optimizer",
        )
    return optimizer


def _seen(paths: Sequence[DescentPath]) -> Window:
    """The usual part of the function, widened to contain all paths."""
    points = np.concatenate([path.thetas for path in paths])
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Window(
        min(SEEN.a_low, low[0]), max(SEEN.a_high, high[0]),
        min(SEEN.b_low, low[1]), max(SEEN.b_high, high[1]),
    )  # fmt: skip


class _Heard:
    """Calls the ``watch`` function of the caller, and stores whether it asked to end."""

    def __init__(self, watch: StageWatch | None) -> None:
        self.watch, self.stopped = watch, False

    def of(self, stage: str) -> Watch:
        """The function that a stage calls."""

        def tell(done: int, total: int) -> bool:
            if self.watch is not None and self.watch(stage, done, total):
                self.stopped = True
            return self.stopped

        return tell


def _draw(
    terrain: Terrain,
    paths: Sequence[DescentPath],
    entered: Sequence[Preset],
    rates: Sequence[float],
    picture: RacePicture,
    heard: _Heard,
) -> Race:
    """Surface, profiles and sharpness, unless the race is ended early."""
    plane: str | Plane | Choice = picture.plane
    if isinstance(plane, str) and plane != "random":
        sounds = [sound(terrain, path, picture.threads) for path in paths]
        plane = choose_plane(
            terrain, sounds, plane,
            seed=picture.seed, threads=picture.threads, watch=heard.of("planes"),
        )  # fmt: skip
    surface = landscape(
        terrain, paths, plane=plane, grid=picture.grid, window=picture.window,
        seed=picture.seed, threads=picture.threads, watch=heard.of("surface"),
    )  # fmt: skip
    profiles = _profiles(terrain, paths, picture, heard)
    runners: list[Runner] = []
    for entry, path, rate, trail in zip(entered, paths, rates, surface.trails, strict=True):
        sharp = None
        if picture.sharp and not heard.stopped and not trail.diverged:
            sharp = sharpness(
                terrain, path.thetas[np.searchsorted(path.steps, trail.steps[-1])],
                parse_optimizer(entry.rule), rate,
                weights=isinstance(terrain, NetworkTerrain), seed=picture.seed,
            )  # fmt: skip
            heard.of("sharpness")(len(runners) + 1, len(paths))
        runners.append(
            Runner(
                entry.name, path.rule, entry.words, path.ending, trail.diverged,
                int(path.steps[-1]), float(trail.true[0]), trail.end,
                float(trail.true[trail.best]), int(trail.steps[trail.best]), path.travel,
                path.distance, sharp,
            )
        )  # fmt: skip
    return Race(
        "", (), surface, profiles, tuple(runners), (), (), picture.seed, not heard.stopped,
        terrain, tuple(paths),
    )  # fmt: skip


def _profiles(
    terrain: Terrain, paths: Sequence[DescentPath], picture: RacePicture, heard: _Heard
) -> tuple[Profile, ...]:
    """The requested profiles of paths that move, one after the other."""
    wanted = [path for path in paths if picture.profiles is None or path.name in picture.profiles]
    sounds = [(path, sound(terrain, path, picture.threads).before_the_leap) for path in wanted]
    moving = [path for path, sure in sounds if sure.path.travel > 0]
    found: list[Profile] = []
    for path in moving:
        if heard.stopped:
            break
        ribbon = profile(
            terrain, path, cuts=picture.cuts, points=picture.cuts, seed=picture.seed,
            threads=picture.threads, watch=_part(heard, len(found), len(moving), picture.cuts),
        )  # fmt: skip
        if ribbon is not None:
            found.append(ribbon)
    return tuple(found)


def _part(heard: _Heard, number: int, count: int, cuts: int) -> Watch:
    """The progress of one of several equal parts of a stage, in losses of a usual profile.

    Profiles have different numbers of cuts, but the total of a stage stays the same.
    """
    tell, each = heard.of("profiles"), cuts * (cuts + 1)
    return lambda done, total: tell(number * each + done * each // total, count * each)
