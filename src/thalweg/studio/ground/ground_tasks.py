"""The tasks of grounds: a plane with a grid that gets finer, other paths on it, one point of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.interrupts import Cancelled
from thalweg.landscape.ground.path_divergence import Sound, sound
from thalweg.landscape.ground.path_ribbon import Profile, profile
from thalweg.landscape.ground.surface import GRIDS, Surface, landscapes, on_same_ground
from thalweg.landscape.planes.least_distorting_plane import Choice, choose_plane
from thalweg.landscape.runs.path import DescentPath
from thalweg.reporting.stage.sheet_ground import best_azimuth
from thalweg.studio.ground.ground_recipe import ground_in_python
from thalweg.studio.ground.held_grounds import GroundNetwork, HeldGround, HeldGrounds, TakenPath
from thalweg.studio.ground.point_on_ground import judged
from thalweg.studio.ground.told_ground import sheet_of, told_ground
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.runs.run_recipe import ReadInPython, ReadTable
from thalweg.studio.wire.packets import Array, Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun

# The finest grid; and the seconds for one, of which a page can ask for more.
FINEST, SECONDS, MORE_SECONDS = 81, 8.0, 120.0
# The runs train at the same time.
THREADS = 1


class GroundTasks:
    """The tasks, for some runs.

    Parameters
    ----------
    runs : OpenRuns
    seconds, more_seconds : float
        What a grid may take, as it is estimated from the losses along the paths.
    clock : callable
        A clock in seconds, with any zero; by default that of the processor, so that what else the
        machine does makes no ground coarser.
    finest : int
        Points along a side of the finest grid.
    read_in_python : callable
        From the id of a table, and how it is read, to the Python that reads it.
    """

    def __init__(
        self, runs: OpenRuns, seconds: float = SECONDS, more_seconds: float = MORE_SECONDS,
        clock: Callable[[], float] = time.process_time, finest: int = FINEST,
        read_in_python: ReadInPython = lambda table, choices: ReadTable("table = None", {}),
    ) -> None:  # fmt: skip
        self._read_in_python = read_in_python
        self._held, self._grids = HeldGrounds(runs), [each for each in GRIDS if each <= finest]
        self._seconds, self._more, self._clock = seconds, more_seconds, clock

    @property
    def by_name(self) -> dict[str, Task]:
        """The tasks by their names."""
        return {
            "load-ground": lambda run: Packet({}), "ground": self.ground,
            "ground-runs": self.grown, "here": self.here, "point": self.point,
            "ground-recipe": self.recipe, "ground-picture": self.picture,
        }  # fmt: skip

    def ground(self, run: TaskRun) -> Packet:
        """A plane for the runs, and its grid, coarse first."""
        asked = run.asked.head
        network, paths = self._network(run), paths_of(run.asked)
        network.terrain.losses(paths[0].thetas[:1])  # the first loss makes what all others need
        began = self._clock()
        sounds = [sound(network.terrain, each, THREADS) for each in paths]
        a_loss = (self._clock() - began) / sum(len(each.thetas) for each in paths)
        limit = self._more if asked.get("finer") else self._seconds
        points, refused = self._finest(network, a_loss, limit)
        method, held, titles = asked.get("plane", "auto"), None, titles_of(run.asked)
        for surface in landscapes(
            network.terrain, paths, plane=_plane(network, sounds, method, run), grid=points,
            seed=network.seed, threads=THREADS, watch=lambda *_: run.cancellation.asked,
        ):  # fmt: skip
            _heed(run)
            held = self._held.hold(
                replace(held, surface=surface) if held
                else _first_held(network, surface, method, titles, _taken(paths, titles))
            )  # fmt: skip
            told = Packet({**told_ground(held, titles), "refused": refused})
            if surface.complete:
                return told
            run.tell(told)
        raise Cancelled

    def grown(self, run: TaskRun) -> Packet:
        """The paths of runs on a ground that is there."""
        held = self._held.ground(run.asked.head["ground"])
        network = self._network(run)
        if network.key != held.network.key:
            raise SettingsError(
                "These runs are not of this ground",
                why="They have another network or other rows",
                fix="make a new plane",
            )
        paths, titles = paths_of(run.asked), titles_of(run.asked)
        surface = on_same_ground(
            held.surface, network.terrain, paths, seed=network.seed, threads=THREADS
        )
        _heed(run)
        held = self._held.hold(replace(held, surface=surface, taken=_taken(paths, titles)))
        return Packet(told_ground(held, titles))

    def here(self, run: TaskRun) -> Packet:
        """The network at a point of a ground."""
        asked = run.asked.head
        held, a, b = self._place(asked)
        theta, network = theta_at(held.surface, a, b), held.network
        sides = [("training rows", network.terrain), ("held-out rows", network.held_out)]
        told = {
            "ground": held.id, "a": a, "b": b, "classes": list(network.classes),
            "sides": [
                {"name": name, **judged(terrain, theta, network.classes)}
                for name, terrain in sides if terrain is not None
            ],
        }  # fmt: skip
        return Packet(told)

    def point(self, run: TaskRun) -> Packet:
        """The weights of the network at a point of a ground."""
        held, a, b = self._place(run.asked.head)
        return Packet({}, {"theta": theta_at(held.surface, a, b)})

    def recipe(self, run: TaskRun) -> Packet:
        """The Python that makes a ground again."""
        held = self._held.ground(run.asked.head["ground"])
        runs = self._held.definitions_of(held)
        table = self._read_in_python(runs[0].table, runs[0].choices)
        return Packet({"python": ground_in_python(held, runs, table)})

    def picture(self, run: TaskRun) -> Packet:
        """A ground as a picture file; or the profile along the run whose path was sent."""
        from thalweg.studio.ground.ground_picture import drawn_ground, drawn_profile

        asked = run.asked.head
        held = self._held.ground(asked["ground"])
        how = asked["form"], asked["look"], self._held.about(held)
        if asked.get("runs"):
            [title] = titles_of(run.asked).values()
            file = drawn_profile(self._profile(run, held), title, *how, dark=asked["dark"])
        else:
            file = drawn_ground(held, *how, dark=asked["dark"])
        return Packet({}, {"file": np.frombuffer(file, np.uint8)})

    def _profile(self, run: TaskRun, held: HeldGround) -> Profile:
        """The loss along a run, exact at its points."""
        [path], end = paths_of(run.asked), self._clock() + self._more
        found = profile(
            held.network.terrain, replace(path, name=path.rule), seed=held.network.seed,
            threads=THREADS,
            watch=lambda *_: run.cancellation.asked or self._clock() > end,
        )  # fmt: skip
        _heed(run)
        if found is None:
            raise SettingsError(
                "The profile of this run takes too long",
                why=f"After {self._more:.0f} s of the processor it was not complete",
                fix="start the run with fewer hidden units",
            )
        return found

    def _place(self, asked: Mapping[str, Any]) -> tuple[HeldGround, float, float]:
        """A ground, and a point on it."""
        held = self._held.ground(asked["ground"])
        surface, a, b = held.surface, float(asked["a"]), float(asked["b"])
        if not (surface.a[0] <= a <= surface.a[-1] and surface.b[0] <= b <= surface.b[-1]):
            raise SettingsError("This point lies off the ground", fix="take one on it")
        return held, a, b

    def _network(self, run: TaskRun) -> GroundNetwork:
        run.tell(Packet({"what": "Measuring the planes through the runs"}))
        return self._held.network_of([each["run"] for each in run.asked.head["runs"]])

    def _finest(
        self, network: GroundNetwork, a_loss: float, limit: float
    ) -> tuple[int, dict[str, object] | None]:
        """The finest grid within a time, and what is said of finer ones that are left out."""
        allowed = [each for each in self._grids if each * each * a_loss <= limit]
        n_weights, n_rows = network.terrain.n_parameters, network.terrain.n_rows
        why = f"a loss of {n_weights:,} weights over {n_rows:,} rows takes {1000 * a_loss:.3g} ms"
        if not allowed:
            raise SettingsError(
                "A ground of this network takes too long", why=f"On this machine {why}",
                fix="start the runs with fewer hidden units",
            )  # fmt: skip
        points, finest = allowed[-1], self._grids[-1]
        if points == finest:
            return points, None
        words = (
            f"The ground has {points} × {points} points: {why}, so {finest} × {finest} would take "
            f"about {finest * finest * a_loss:.0f} s."
        )
        return points, {"words": words, "can": limit < self._more}


def _plane(
    network: GroundNetwork, sounds: Sequence[Sound], method: str, run: TaskRun
) -> str | Choice:
    """The plane that is asked for, through the runs that begin where the first one does.

    A run that was started at a point of its own lies on that plane as well as it can.
    """
    if method == "random":
        return method
    start = sounds[0].path.start
    together = [each for each in sounds if np.array_equal(each.path.start, start)]
    return choose_plane(
        network.terrain, together, method, seed=network.seed, threads=THREADS,
        watch=lambda *_: run.cancellation.asked,
    )  # fmt: skip


def _first_held(
    network: GroundNetwork, surface: Surface, method: str, titles: Mapping[str, str],
    taken: tuple[TakenPath, ...],
) -> HeldGround:  # fmt: skip
    # The view must not turn while the ground gets finer: the coarsest one decides it.
    azimuth = best_azimuth(sheet_of(surface, titles))
    return HeldGround(network, surface, azimuth, method, taken, taken)


def _taken(paths: Sequence[DescentPath], titles: Mapping[str, str]) -> tuple[TakenPath, ...]:
    return tuple(
        TakenPath(each.name, titles[each.name], int(each.steps[-1]), len(each.thetas))
        for each in paths
    )


def _heed(run: TaskRun) -> None:
    if run.cancellation.asked:
        raise Cancelled


def theta_at(surface: Surface, a: float, b: float) -> Array:
    """The point of a plane."""
    theta: Array = surface.plane.at(np.array([a]), np.array([b]))[0]
    return theta


def paths_of(asked: Packet) -> list[DescentPath]:
    """The paths that a packet holds; each is called by the id of its run."""
    return [
        replace(
            DescentPath.of(
                each["run"], asked.arrays[f"theta {i}"], asked.arrays[f"step {i}"].astype(np.intp),
                each["rule"], each["why"],
            ),
            diverged=each["diverged"],
        )
        for i, each in enumerate(asked.head["runs"])
    ]  # fmt: skip


def titles_of(asked: Packet) -> dict[str, str]:
    """What readers call the runs, by their ids; no two are called alike."""
    found: dict[str, str] = {}
    for each in asked.head["runs"]:
        title, n = each["title"], 1
        while title in found.values():
            n += 1
            title = f"{each['title']} ({n})"
        found[each["run"]] = title
    return found
