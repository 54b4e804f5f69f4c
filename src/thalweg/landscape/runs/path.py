"""The path of a training run through the space of θ, recorded while it trains."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.errors import SettingsError, Status
from thalweg.landscape.ground.terrain import HEIGHTS_FLOAT32_FROM, MOST_ROWS, NetworkTerrain
from thalweg.landscape.planes.plane import Vector, lengths
from thalweg.network.engine import Data, Engine, choose
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Moment, StepPath
from thalweg.training.descent.network_memory import TrainingMemory
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Course, Member
from thalweg.training.train import train

# A race with the default number of steps stores every step, for any table: the number of steps is
# below 400 plus one epoch of at most 400 steps (`landscape.race_on_table`).
MOST_POINTS = 1_000
MOST_BYTES = 2**26
# At least so many points are stored, however large the network is.
FEWEST_POINTS = 16
# How a run ends that was to make a certain number of steps, in words.
ALL_STEPS = "all steps were made"
# A sudden fall of the learning rate by this factor is a turn of the path worth keeping.
DROP = 1.5
# At most this share of the points are such turns: the rate may fall at every step.
BENDS = 4


@dataclass(frozen=True, eq=False)
class DescentPath:
    """The recorded points of a training run, in order.

    Attributes
    ----------
    name : str
        The name in a legend.
    thetas : ndarray of shape (n_points, n_parameters)
        All finite: the first is the start, the last the end.
    steps : ndarray of int, shape (n_points,)
        The number of steps before each point.
    rule : str
        The optimizer, in text form (`thalweg.training.descent.training_settings`).
    ending : str
        Why training ended, as a phrase.
    diverged : bool
        Whether θ or the loss became NaN or infinite; the path then ends before.
    last_point : str
        What its last point is, in words: the "end" of the run, or for a run that diverged its
        "explosion" or its "last finite point".

    Raises
    ------
    SettingsError
        For points that do not make a path.
    """

    name: str
    thetas: Array
    steps: NDArray[np.intp]
    rule: str = ""
    ending: str = ""
    diverged: bool = False
    last_point: str = "end"

    def __post_init__(self) -> None:
        if np.ndim(self.thetas) != 2 or not len(self.thetas):
            raise SettingsError(
                f"Points of shape {np.shape(self.thetas)} are no path",
                where=self.name,
                fix="give one row a point, the start first",
            )
        if len(self.steps) != len(self.thetas):
            raise SettingsError(
                f"{len(self.steps)} numbers of steps do not fit {len(self.thetas)} points",
                where=self.name,
                fix="give one number a point",
            )
        if not np.isfinite(self.thetas).all():
            raise SettingsError(
                "A path cannot hold points that are not finite",
                where=self.name,
                why="Such a point would dominate every plane through the path",
                fix="build it with DescentPath.of, which ends a path before them and says so",
            )

    @classmethod
    def of(
        cls, name: str, thetas: Array, steps: Any = None, rule: str = "", ending: str = ""
    ) -> "DescentPath":
        """A path from any points; it ends before the first point that is not finite."""
        thetas = np.asarray(thetas)
        counted = np.arange(len(thetas)) if steps is None else np.asarray(steps, np.intp)
        finite = np.isfinite(thetas).all(axis=1)
        whole = len(thetas) if finite.all() else int(np.argmin(finite))
        return cls(name, thetas[:whole], counted[:whole], rule, ending, whole < len(thetas))

    @property
    def start(self) -> Vector:
        """The starting point, in float64."""
        return np.asarray(self.thetas[0], np.float64)

    @property
    def end(self) -> Vector:
        """The end point, in float64."""
        return np.asarray(self.thetas[-1], np.float64)

    @property
    def travel(self) -> float:
        """The length of the path, Σ ‖θ_(t+1) - θ_t‖ over the stored points."""
        steps = np.diff(np.asarray(self.thetas, np.float64), axis=0)
        return float(np.sum(lengths(steps)))

    @property
    def distance(self) -> float:
        """The straight distance from the start to the end."""
        return float(lengths((self.end - self.start)[None])[0])

    def places(self, most: int) -> NDArray[np.intp]:
        """At most so many indices of points, evenly spaced, including the first and the last."""
        return evenly(len(self.thetas), most)

    def thinned(self, most: int) -> "DescentPath":
        """The path with only these points."""
        kept = self.places(most)
        return replace(self, thetas=self.thetas[kept], steps=self.steps[kept])

    def as_dict(self) -> dict[str, Any]:
        """Its description as plain data, without its points."""
        return {
            "name": self.name,
            "rule": self.rule,
            "points": len(self.thetas),
            "steps": int(self.steps[-1]),
            "travel": self.travel,
            "distance": self.distance,
            "ending": self.ending,
            "diverged": self.diverged,
        }


def evenly(n_points: int, most: int) -> NDArray[np.intp]:
    """At most so many indices of some points, evenly spaced, including the first and the last."""
    return np.linspace(0, n_points - 1, min(most, n_points)).round().astype(np.intp)


class Recorder(StepPath):
    """Records the points of a training run; if there are too many, every second one is dropped.

    The start, the last point, and sudden falls of the learning rate are always kept. The last point
    of a run that averages its weights is the average, which is what the run gives.

    Parameters
    ----------
    most : int, default 1000
        Fewer for a network so large that these would take more than 64 MB.
    last_step : int, optional
        End training after this step, also within an epoch.

    Attributes
    ----------
    thetas : ndarray of shape (n_points, n_parameters)
    epochs, steps : list of int
        The epoch of each point, counted from 1, and how many steps had passed.
    """

    def __init__(self, most: int = MOST_POINTS, last_step: int | None = None) -> None:
        if most < 2:
            raise SettingsError(f"most={most} points are no path", fix="give at least 2")
        super().__init__()
        self.most, self.last_step = most, last_step

    def train_begin(self, moment: Moment) -> None:
        """Record the starting point."""
        self.every, self._bends = 1, {moment.step}
        self._last, self._rate = replace(moment, theta=moment.theta.copy()), 0.0
        self._average: Moment | None = None
        self._room = self._room_for(moment.theta)
        super().train_begin(moment)

    def step_end(self, moment: Moment) -> bool:
        """Record one more point, if it is due or if the rate has just fallen."""
        rate = (moment.record or {}).get("rate") or 0.0
        if rate * DROP <= self._rate and len(self._bends) < self._room // BENDS:
            self._bends.add(self._last.step)
            if self._last.step != self.steps[-1]:
                self._keep(self._last)
        super().step_end(moment)
        self._rate = rate
        self._last = replace(moment, theta=moment.theta.copy())
        if len(self.points) > self._room:
            self._thin()
        return moment.step == self.last_step

    def epoch_end(self, moment: Moment) -> None:
        """Remember the average of the weights, if there is one."""
        optimizer = moment.settings.optimizer
        if isinstance(optimizer, Optimizer) and optimizer.average:
            self._average = replace(moment, theta=moment.theta.copy())

    def train_end(self, moment: Moment) -> None:
        """Record the last point, whichever was the best."""
        if self._last.step != self.steps[-1]:
            self._keep(self._last)
        if self._average and self._average.step == self.steps[-1]:
            self.points[-1] = self._average.theta

    def so_far(self) -> tuple[Array, NDArray[np.intp]]:
        """The points and their steps, if the run ended now; it may go on."""
        ended = copy(self)
        ended.points, ended.epochs, ended.steps = [*self.points], [*self.epochs], [*self.steps]
        ended.train_end(self._last)
        return ended.thetas, np.array(ended.steps, np.intp)

    def packed(self) -> dict[str, NDArray[Any]]:
        """What it knows, as arrays: with them a recorder goes on that has heard nothing."""
        last, average = self._last, self._average or self._last
        counts = (self.every, last.epoch, last.step, average.epoch, average.step)
        arrays = {
            "thetas": self.thetas, "epochs": np.array(self.epochs), "steps": np.array(self.steps),
            "bends": np.array(sorted(self._bends)), "counts": np.array(counts),
            "rate": np.array([self._rate]), "last": last.theta,
        }  # fmt: skip
        return arrays | ({"average": average.theta} if self._average else {})

    def resume(self, arrays: dict[str, NDArray[Any]], theta: Array, settings: Settings) -> None:
        """Know again what was packed.

        Parameters
        ----------
        arrays : dict of str to ndarray
            From a file, so of any shape and content.
        theta : ndarray of shape (n_parameters,)
            Any θ of the run.
        settings : Settings
            Those of the run.

        Raises
        ------
        ValueError
            The arrays are not those of a recorder.
        """
        n, n_bends = (len(arrays.get(name, ())) for name in ("thetas", "bends"))
        point, number = (theta.dtype, theta.shape), np.dtype(np.int64)
        expected = {
            "thetas": (theta.dtype, (n, *theta.shape)), "last": point,
            "epochs": (number, (n,)), "steps": (number, (n,)), "bends": (number, (n_bends,)),
            "counts": (number, (5,)), "rate": (np.dtype(np.float64), (1,)),
        } | ({"average": point} if "average" in arrays else {})  # fmt: skip
        if {name: (each.dtype, each.shape) for name, each in arrays.items()} != expected or not n:
            raise ValueError("Its path is not that of such a run")
        every, epoch, step, average_epoch, average_step = arrays["counts"].tolist()
        if not (every >= 1 and np.all(np.diff(arrays["steps"]) > 0)):
            raise ValueError("Its path is not in the order of its steps")
        self.every, self._bends = every, {*arrays["bends"].tolist()}
        self._rate = float(arrays["rate"][0])
        self._last = Moment(epoch, step, arrays["last"], None, 0, settings)
        self._average = None
        if "average" in arrays:
            average = arrays["average"]
            self._average = Moment(average_epoch, average_step, average, None, 0, settings)
        self._room = self._room_for(theta)
        self.points = [*arrays["thetas"]]
        self.epochs, self.steps = arrays["epochs"].tolist(), arrays["steps"].tolist()

    def _room_for(self, theta: Array) -> int:
        return min(self.most, max(FEWEST_POINTS, MOST_BYTES // theta.nbytes))

    def _thin(self) -> None:
        self.every *= 2
        kept = [
            i for i, step in enumerate(self.steps) if step % self.every == 0 or step in self._bends
        ]
        self.points = [self.points[i] for i in kept]
        self.epochs, self.steps = [self.epochs[i] for i in kept], [self.steps[i] for i in kept]


def memory_of_paths(
    sizes: tuple[int, ...],
    dtype: DTypeLike,
    rules: Sequence[str],
    n_steps: int,
    threads: int,
) -> TrainingMemory:
    """What recorded runs with these optimizers take: several at a time, and the points of all.

    Not all optimizers take the same, so this is the one that takes most alone, or as many as there
    are threads of the one that takes least, whichever is more.
    """
    # When every second point is dropped, half of them are left.
    n_points = min(FEWEST_POINTS // 2, n_steps + 1) * len(rules)
    each = [
        TrainingMemory(
            sizes=sizes, dtype=dtype, optimizer=parse_optimizer(rule),
            n_stored=n_points,
        )
        for rule in rules
    ]  # fmt: skip
    n = min(threads, len(rules))
    least = min(each, key=lambda memory: memory.total)
    several = replace(least, n_networks=n, threads=n)
    return max(*each, several, key=lambda memory: memory.total)


def record(
    member: Member,
    name: str = "",
    *,
    engine: Engine | None = None,
    most: int = MOST_POINTS,
    last_step: int | None = None,
) -> DescentPath:
    """Train and record the path.

    Parameters
    ----------
    member : thalweg.training.descent_inputs.Member
        The training run.
    name : str
        Default: the name of the update rule.
    engine : Engine, optional
    most : int, default 1000
        Points to keep, besides the last one and sudden falls of the rate.
    last_step : int, optional
        End after this step, also within an epoch.

    Returns
    -------
    DescentPath

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C ended training: half of a path is not what was asked for.
    """
    recorder = Recorder(most, last_step)
    descent = train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out, engine=engine,
        callbacks=[recorder],
    )  # fmt: skip
    if descent.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    rule = str(member.settings.optimizer)
    ended = last_step is not None and descent.status in (Status.STOPPED, Status.MAX_EPOCHS)
    path = DescentPath.of(
        name or rule.partition(":")[0], recorder.thetas, recorder.steps, rule,
        ALL_STEPS if ended else descent.status.sentence,
    )  # fmt: skip
    return replace(path, diverged=path.diverged or descent.status is Status.DIVERGED)


def terrain_of(
    member: Member, *, most: int = MOST_ROWS, seed: int = 0, engine: Engine | None = None
) -> NetworkTerrain:
    """The terrain of a training run: its objective over its training rows.

    With fewer than 20,000 rows, losses are computed in float64, whatever the dtype of the run:
    along a flat valley they differ by little.

    Parameters
    ----------
    member : thalweg.training.descent_inputs.Member
    most, seed
        As in ``NetworkTerrain.of``.
    engine : Engine, optional
    """
    course = Course(member, engine or choose())
    terrain = NetworkTerrain.of(
        member.architecture, replace(course.objective, dropout=0.0), course.lesson, member.rows,
        most=most, seed=seed, engine=course.engine,
    )  # fmt: skip
    return terrain.in_float64() if len(member.data.X) < HEIGHTS_FLOAT32_FROM else terrain


def held_out_terrain(
    member: Member, engine: Engine | None = None, spared: Data | None = None
) -> NetworkTerrain | None:
    """The loss over rows that train no run, without penalties; ``None`` if there are none.

    They are ``spared``, or without it the rows that the run holds out.
    """
    if spared is not None:
        if not len(spared.X):
            return None
        member = replace(member, data=spared, rows=None, held_out=np.arange(len(spared.X)))
    course = Course(member, engine or choose())
    if course.judge is None or member.held_out is None:
        return None
    terrain = NetworkTerrain.of(
        member.architecture, course.judge, member.data, member.held_out, engine=course.engine
    )
    return terrain.in_float64() if len(member.data.X) < HEIGHTS_FLOAT32_FROM else terrain
