"""The race: descents by different rules, from one start, on one surface.

The article's four balls (plain descent, a rate that shrinks, one that is too large, momentum) and
three more, on a network's loss over one's own table, or on a function of two parameters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.hills import (
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
from thalweg.landscape.ground.profile import Profile, profile
from thalweg.landscape.ground.sharpness import Sharpness, sharpness
from thalweg.landscape.ground.sound import sound, staying
from thalweg.landscape.ground.surface import Surface, Window, landscape
from thalweg.landscape.ground.terrain import NetworkTerrain, Terrain, Watch
from thalweg.landscape.plain import fields_of, rounded
from thalweg.landscape.planes.choice import Choice, choose_plane
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.runs.path import MOST_POINTS, DescentPath, record, terrain_of
from thalweg.landscape.runs.presets import HILLS, PRESETS, Preset, check_batches, entries, ground_of
from thalweg.network.engine import Engine, choose
from thalweg.spread import spread, usable_cores
from thalweg.training.course import Course, Member
from thalweg.training.descent.optimizer import Lbfgs, Optimizer
from thalweg.training.descent.settings import parse_optimizer

# Told of (stage, done, all); an answer of True asks for the end.
StageWatch = Callable[[str, int, int], bool | None]


@dataclass(frozen=True, eq=False)
class Runner:
    """One descent of a race, in numbers.

    Attributes
    ----------
    name : str
        As in ``Surface.trails`` and ``Race.profiles``.
    rule, words : str
        Text form of its optimizer, and what it shows ("" where it has no preset).
    ending : str
    diverged : bool
        Whether it left the finite numbers, or ended above twice the loss of its start.
    steps : int
    start_loss, end_loss, best_loss : float
        On the terrain, at the points that were kept; that of the end is infinite where the descent
        left the finite numbers.
    best_step : int
    travel, distance : float
        Of its way, and from the start to the end as the crow flies.
    sharpness : Sharpness or None
        Where it ended; ``None`` where that was not asked for, and of a descent that diverged,
        which ended nowhere.
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
        """All of it as plain data."""
        return fields_of(self)


@dataclass(frozen=True, eq=False)
class Race:
    """Descents from one start, on one surface, and all that belongs beside the picture.

    Attributes
    ----------
    name : str
        Of the table, or "hills".
    about : tuple of str
        What the data and the network are, a sentence each.
    surface : Surface
        Heights over the plane, ``trails`` of all descents, the ``badge``, the ``scores``.
    profiles : tuple of Profile
        The ribbon along the way of each descent that was asked for and moved.
    runners : tuple of Runner
        In the order of ``surface.trails``.
    places : tuple of StationaryPoint
    lines : tuple of HillLine
        Minima, passes and hills, and the ways of the valleys: of the teaching function alone.
    seed : int
    complete : bool
        False where whoever watched ended it before all was there.
    terrain : Terrain
    paths : tuple of DescentPath
        What all of it was made from; not part of ``as_dict``.
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
        """The ribbon along the way of that descent."""
        for each in self.profiles:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.profiles) or "none"
        raise SettingsError(f"There is no profile {name!r} here", fix=f"take one of {names}")

    def as_dict(self, digits: int | None = 6) -> dict[str, Any]:
        """All of it as plain data for JSON.

        Parameters
        ----------
        digits : int or None, default 6
            Numbers are rounded to so many significant digits, which is enough to draw; ``None``
            keeps all.
        """
        data = fields_of(self, "terrain", "paths")
        return data if digits is None else rounded(data, digits)


@dataclass(frozen=True, eq=False)
class RacePicture:
    """What is to be drawn of a race.

    Attributes
    ----------
    plane, grid, window
        As `thalweg.landscape.ground.surface.landscape` takes them.
    profiles : sequence of str, optional
        The runners to make a profile of: all, if not given.
    cuts : int
        Cuts of a profile, and points of a cut; an odd number.
    sharp : bool
        Whether to measure the sharpness at every end.
    seed : int
        Of what is drawn by chance; the descents have that of their settings.
    threads : int, optional
        As many as there are cores, if not given. No number depends on it.
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
    """Let descents run from one start, and draw the loss that they ran on.

    Parameters
    ----------
    member : thalweg.training.course.Member
        Network, start, data, and the settings that all share: batches, epochs, seed. Its
        optimizer is left aside.
    rules : sequence of str
        Names of ``PRESETS``, or text forms of optimizers such as "adam:lr=0.01".
    picture : RacePicture, optional
        What is to be drawn.
    name : str
    about : sequence of str
        Kept as it is.
    most : int, default 1000
        Points kept of each way.
    engine : Engine, optional
    watch : callable, optional
        ``watch(stage, done, all) -> stop``, the stages being "descents", "planes", "surface",
        "profiles" and "sharpness". After an answer of True no stage is begun any more and the
        one under way ends early; the surface is there at least coarsely.

    Returns
    -------
    Race

    Raises
    ------
    SettingsError
        For rules that are not known or stand twice, and profiles of runners that do not run.
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

    heard.of("descents")(0, len(entered))
    paths = spread(descend, entered, picture.threads or usable_cores())
    heard.of("descents")(len(paths), len(entered))
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
    """The same on a function of two parameters, of which nothing has to be cut away.

    Parameters
    ----------
    rules, picture, watch
        As in ``race``. The plane is the whole of it.
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
    heard.of("descents")(len(paths), len(paths))
    sounds = staying([sound(terrain, path, picture.threads) for path in paths])
    seen = picture.window or _seen([each.path for each in sounds])
    picture = replace(picture, plane=whole_plane(), window=seen)
    rates = [float(each.rates(steps - 1, 1, steps)[0]) for each in optimizers]
    drawn = _draw(terrain, paths, entered, rates, picture, heard)
    found = places(terrain)
    about = ("A function of two parameters: what is drawn is all there is.",)
    return replace(drawn, name="hills", about=about, places=found, lines=thalwegs(terrain, found))


def _check(entered: Sequence[Preset], picture: RacePicture) -> None:
    names = [entry.name for entry in entered]
    for name in picture.profiles or ():
        if name not in names:
            raise SettingsError(
                f"There is no runner {name!r} to make a profile of",
                fix=f"take one of {', '.join(names)}",
            )


def _last_rate(rule: str, member: Member) -> float:
    """The rate of the last step, where the rule has one; 0 otherwise."""
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
            why="It is no rule for one step at a time",
            fix="take another rule",
        )
    return optimizer


def _seen(paths: Sequence[DescentPath]) -> Window:
    """The usual part of the function, and all that these balls saw of it."""
    points = np.concatenate([path.thetas for path in paths])
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Window(
        min(SEEN.a_low, low[0]), max(SEEN.a_high, high[0]),
        min(SEEN.b_low, low[1]), max(SEEN.b_high, high[1]),
    )  # fmt: skip


class _Heard:
    """Tells the one who watches of each stage, and remembers whether an end was asked for."""

    def __init__(self, watch: StageWatch | None) -> None:
        self.watch, self.stopped = watch, False

    def of(self, stage: str) -> Watch:
        """What a stage has to call."""

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
    """Surface, profiles and sharpness, as far as nobody ends it."""
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
    """The profiles that were asked for, of paths that move, one after the other."""
    wanted = [path for path in paths if picture.profiles is None or path.name in picture.profiles]
    sounds = [(path, sound(terrain, path, picture.threads).before_the_leap) for path in wanted]
    moving = [path for path, sure in sounds if sure.path.travel > 0]
    found: list[Profile] = []
    for path in moving:
        if heard.stopped:
            break
        ribbon = profile(
            terrain, path, cuts=picture.cuts, points=picture.cuts, seed=picture.seed,
            threads=picture.threads, watch=_part(heard, len(found), len(moving)),
        )  # fmt: skip
        if ribbon is not None:
            found.append(ribbon)
    return tuple(found)


def _part(heard: _Heard, number: int, count: int) -> Watch:
    """One of several equal parts of a stage."""
    tell = heard.of("profiles")
    return lambda done, total: tell(number * total + done, count * total)
