"""The race: training runs with different optimizers, from one start, on one surface.

It has the article's four balls (plain gradient descent, a shrinking rate, a rate that is too
large, momentum) and three more, on a network's loss over your own table, or on a function of two
parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.connections.run_connection import (
    Connection,
    check_connected,
    connect,
    without_end,
)
from thalweg.landscape.given_values import require_steps
from thalweg.landscape.ground.path_divergence import sound, staying
from thalweg.landscape.ground.path_ribbon import Profile, profile
from thalweg.landscape.ground.surface import Surface, Window, landscape
from thalweg.landscape.ground.teaching_function import (
    RELIEF,
    HillLine,
    StationaryPoint,
    TeachingGround,
    places,
    roll,
    thalwegs,
    whole_plane,
)
from thalweg.landscape.ground.terrain import NetworkTerrain, Terrain
from thalweg.landscape.plain_data import fields_of, rounded
from thalweg.landscape.planes.least_distorting_plane import Choice, choose_plane
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.runs.measured_runners import RunMeasures, RunSteps
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import (
    MOST_POINTS,
    DescentPath,
    held_out_terrain,
    record,
    terrain_of,
)
from thalweg.landscape.runs.presets import OPTIMIZERS, Preset, check_batches, entries
from thalweg.landscape.runs.race_story import NameCheck, name_checks
from thalweg.landscape.runs.rates_of_table import TableRates, rates_of
from thalweg.landscape.runs.runner import Runner
from thalweg.landscape.runs.stage_watch import HeardStages, StageWatch
from thalweg.network.engine import Data, Engine, choose
from thalweg.parallel_map import spread, usable_cores
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Member


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
    rates : TableRates or None
        Where the learning rates of its presets come from; ``None`` if no run needed them.
    connection : Connection or None
        The straight line between the ends of two runs, if it was requested.
    unconnected : str
        Why there is no line although it was requested, in a sentence; else "".
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
    rates: TableRates | None = None
    connection: Connection | None = None
    unconnected: str = ""

    @property
    def story(self) -> tuple[NameCheck, ...]:
        """Whether the presets among the runs do what their names say."""
        return name_checks(self.runners, self.surface.trails)

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
        data["story"] = [each.as_dict() for each in self.story]
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
    connect : sequence of str
        The names of two runs whose ends are connected; of the hills, none.
    """

    plane: str | Plane = "auto"
    grid: int = 41
    window: Window | None = None
    profiles: Sequence[str] | None = None
    cuts: int = 41
    sharp: bool = True
    seed: int = 0
    threads: int | None = None
    connect: Sequence[str] = ()


def race(
    member: Member,
    rules: Sequence[str | Preset] = OPTIMIZERS,
    picture: RacePicture | None = None,
    *,
    name: str = "",
    about: Sequence[str] = (),
    most: int = MOST_POINTS,
    engine: Engine | None = None,
    watch: StageWatch | None = None,
    spared: Data | None = None,
) -> Race:
    """Train with several optimizers from one start, and draw the loss surface with their paths.

    Parameters
    ----------
    member : thalweg.training.descent_inputs.Member
        Network, start, data, and the settings that all runs share: batches, epochs, random seed.
        Its optimizer is ignored.
    rules : sequence of str
        Names of ``PRESETS``, "article" (`presets.SETS`), or text forms of optimizers such as
        "adam:lr=0.01".
    picture : RacePicture, optional
        What to draw.
    name, about : optional
        Stored in the result.
    most : int, default 1000
        The number of points to store of each path.
    engine, watch : optional
        ``watch(stage, done, all) -> stop``, with the stages "runs", "planes", "surface",
        "profiles" and "sharpness". After an answer of True, no new stage begins and the current
        one ends early; a coarse surface is always there.
    spared : Data, optional
        Rows that train no run, for connected ends; default: those that ``member`` holds out.

    Raises
    ------
    SettingsError
        For unknown or duplicate rules, and for profiles of runs that do not exist.
    """
    picture, engine, heard = picture or RacePicture(), engine or choose(), HeardStages(watch)
    entered = entries(rules)
    _check(entered, picture)
    check_batches(entered, member)
    heard.of("runs")(0, len(entered))
    terrain = terrain_of(member, seed=picture.seed, engine=engine)
    rates = None
    if any(each.needs_rates for each in entered):
        rates = rates_of(member, terrain, engine)
        about = (*about, rates.sentence(entered))
        entered = [each.at(rates.rates) for each in entered]
    runs = [with_own_batches(member, entry) for entry in entered]
    paths = _paths(entered, runs, rates.pilot if rates else None, picture.threads, most, engine)
    heard.of("runs")(len(paths), len(entered))
    drawn = _draw(terrain, paths, entered, [RunSteps.of(*each) for each in runs], picture, heard)
    drawn = replace(drawn, name=name, about=tuple(about), rates=rates)
    return _connected(drawn, terrain, held_out_terrain(member, engine, spared), picture)


def _connected(
    drawn: Race, terrain: NetworkTerrain, held_out: NetworkTerrain | None, picture: RacePicture
) -> Race:
    """The race with the line between the ends of two of its runs, if that was asked for."""
    if not picture.connect or not drawn.complete:
        return drawn
    two = [[each.name for each in drawn.runners].index(name) for name in picture.connect]
    paths, runs = [drawn.paths[i] for i in two], [drawn.runners[i] for i in two]
    if why := without_end(runs):
        return replace(drawn, unconnected=why)
    return replace(drawn, connection=connect(paths, runs, terrain, held_out, picture.threads))


def _paths(
    entered: Sequence[Preset],
    runs: Sequence[tuple[Member, int | None]],
    pilot: DescentPath | None,
    threads: int | None,
    most: int,
    engine: Engine,
) -> list[DescentPath]:
    """The path of each run; the run from which rates were derived is not made twice."""

    def descend(number: int) -> DescentPath:
        name, (run, last_step) = entered[number].name, runs[number]
        if pilot and name == pilot.name and most == MOST_POINTS:
            return pilot
        return record(run, name, engine=engine, most=most, last_step=last_step)

    return spread(descend, range(len(entered)), threads or usable_cores())


def race_on_hills(
    rules: Sequence[str] = OPTIMIZERS,
    picture: RacePicture | None = None,
    *,
    ground: TeachingGround = RELIEF,
    steps: int | None = None,
    watch: StageWatch | None = None,
) -> Race:
    """A race on a function of two parameters, which a picture shows completely.

    Parameters
    ----------
    rules, picture, watch
        As in ``race``. The plane is the whole space.
    ground : TeachingGround, default "hills"
        The function, its start, and the part that is shown.
    steps : int, optional
        Default: those of the ground.

    Returns
    -------
    Race
        With ``places`` and ``lines``.
    """
    picture, steps = picture or RacePicture(grid=81), ground.steps if steps is None else steps
    require_steps(steps)
    terrain, entered = ground.hills, entries(rules, ground.name)
    _check(entered, picture)
    if picture.connect:
        raise SettingsError(
            f"There is nothing to connect on {ground.name}",
            why="A function of two parameters has no hidden units, and the picture shows all of it",
            fix="leave out connect, or take a table",
        )
    heard = HeardStages(watch)
    optimizers = [_steady(entry.rule) for entry in entered]
    paths = [
        roll(terrain, np.array(ground.start), optimizer, steps, entry.name)
        for optimizer, entry in zip(optimizers, entered, strict=True)
    ]
    heard.of("runs")(len(paths), len(paths))
    sounds = staying([sound(terrain, path, picture.threads) for path in paths])
    seen = picture.window or _seen(ground, [each.path for each in sounds])
    picture = replace(picture, plane=whole_plane(), window=seen)
    made = [RunSteps.along(each, steps, steps) for each in optimizers]
    drawn = _draw(terrain, paths, entered, made, picture, heard)
    found = places(terrain, ground.seen)
    about = ("A function of two parameters: the picture shows all of it.",)
    return replace(
        drawn, name=ground.name, about=about, places=found, lines=thalwegs(terrain, found)
    )


def _check(entered: Sequence[Preset], picture: RacePicture) -> None:
    names = [entry.name for entry in entered]
    check_connected(picture.connect, names)
    for name in picture.profiles or ():
        if name not in names:
            raise SettingsError(
                f"There is no run {name!r} to make a profile of",
                fix=f"take one of {', '.join(names)}",
            )


def _steady(rule: str) -> Optimizer:
    optimizer = parse_optimizer(rule)
    if isinstance(optimizer, Lbfgs):
        raise SettingsError(
            "L-BFGS does not run on the hills",
            why="It is not an update rule for single steps",
            fix="take another optimizer",
        )
    return optimizer


def _seen(ground: TeachingGround, paths: Sequence[DescentPath]) -> Window:
    """The usual part of the function, widened to contain all paths."""
    usual = ground.seen
    points = np.concatenate([path.thetas for path in paths])
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Window(
        min(usual.a_low, low[0]), max(usual.a_high, high[0]),
        min(usual.b_low, low[1]), max(usual.b_high, high[1]),
    )  # fmt: skip


def _draw(
    terrain: Terrain,
    paths: Sequence[DescentPath],
    entered: Sequence[Preset],
    steps: Sequence[RunSteps],
    picture: RacePicture,
    heard: HeardStages,
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
    measures = RunMeasures(terrain, picture.sharp, picture.seed, heard)
    runners = measures.runners(entered, paths, surface.trails, steps)
    return Race(
        "", (), surface, profiles, runners, (), (), picture.seed,
        not heard.stopped, terrain, tuple(paths),
    )  # fmt: skip


def _profiles(
    terrain: Terrain, paths: Sequence[DescentPath], picture: RacePicture, heard: HeardStages
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
            threads=picture.threads,
            watch=heard.part(len(found), len(moving), picture.cuts * (picture.cuts + 1)),
        )  # fmt: skip
        if ribbon is not None:
            found.append(ribbon)
    return tuple(found)
