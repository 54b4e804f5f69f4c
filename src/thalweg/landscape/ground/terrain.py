"""The loss function that a landscape shows, over a fixed choice of rows.

Surface, paths and curvature of one picture must ask the same terrain, or they would not fit
each other: a loss on other rows is another height.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Objective, Rows, choose
from thalweg.network.formulas.activations import Array
from thalweg.random import generator
from thalweg.spread import spread, usable_cores

Heights = NDArray[np.float64]
# Told of (done, all) heights; an answer of True asks for the end.
Watch = Callable[[int, int], bool | None]

# What the numbers drawn for landscapes are for; each kind has a counter of its own.
ROWS, DIRECTION, JIGGLE, WALK, KRYLOV = range(5)

# Rows beyond so many are left out of the picture: a surface takes thousands of losses.
MOST_ROWS = 4_000
# A table of fewer rows has heights in float64: differences along a flat valley are small.
HEIGHTS_FLOAT32_FROM = 20_000
# A chunk of θ is worth some 20 ms, and takes no more memory than this.
CHUNK_WORK = 2**29
CHUNK_BYTES = 2**24
CHUNK_POINTS = 256
# Chunks a thread between two looks at the one who watches.
CHUNKS_A_LOOK = 4
# Below so many multiply-adds in all a second thread costs more than it brings.
WORTH_A_THREAD = 2**22


@dataclass(frozen=True)
class Facts:
    """What must stand beside every picture of a terrain.

    Attributes
    ----------
    height : str
        What the height is, in words.
    rows, of_rows : int
        The rows that it is measured on, of how many there are; 0 for a formula.
    seed : int or None
        Of the draw of the rows; ``None`` where none was drawn.
    dtype : str
    """

    height: str
    rows: int
    of_rows: int
    seed: int | None
    dtype: str


class Terrain(Protocol):
    """A height over a space of points θ."""

    @property
    def n_parameters(self) -> int:
        """Numbers in a point."""

    @property
    def work(self) -> int:
        """Multiply-adds that one height costs, near enough."""

    @property
    def facts(self) -> Facts:
        """What must stand beside a picture."""

    def losses(self, thetas: Array) -> Heights:
        """The height at each point, shape (n, n_parameters) -> (n,); not finite where it is so."""

    def loss_and_gradient(self, theta: Array) -> tuple[float, Heights]:
        """Height and gradient at one point, in float64."""


@dataclass(frozen=True, eq=False)
class NetworkTerrain:
    """The loss of a network, on a fixed choice of rows. Dropout is off.

    Attributes
    ----------
    architecture : Architecture
    objective : Objective
        What is descended on, penalties included. Give one without penalty to see the loss of
        the data alone.
    data : Data
        Heights are computed in its dtype, slopes always in float64.
    rows : ndarray of int or None
        The rows of ``data`` that count; ``None`` means all.
    of_rows : int
        How many they were chosen from.
    seed : int or None
        Of that choice, where there was one.
    engine : Engine
    """

    architecture: Architecture
    objective: Objective
    data: Data
    rows: Rows | None
    of_rows: int
    seed: int | None
    engine: Engine

    @classmethod
    def of(
        cls,
        architecture: Architecture,
        objective: Objective,
        data: Data,
        rows: Rows | None = None,
        *,
        most: int = MOST_ROWS,
        seed: int = 0,
        engine: Engine | None = None,
    ) -> "NetworkTerrain":
        """The terrain over all rows, or over ``most`` of them, drawn evenly along the targets.

        Parameters
        ----------
        architecture, objective, data
            As an engine takes them.
        rows : ndarray of int, optional
            The rows to choose from (all, if not given), such as those of training.
        most : int, default 4000
            Above so many rows, so many of them are drawn.
        seed : int, default 0
            Of that draw.
        engine : Engine, optional

        Raises
        ------
        SettingsError
            Where there is no row.
        """
        pool = np.arange(len(data.X)) if rows is None else np.asarray(rows, np.intp)
        if not len(pool) or most < 1:
            raise SettingsError(
                f"There is no landscape over {min(len(pool), most)} rows", fix="give at least one"
            )
        chosen, drawn = rows, len(pool) > most
        if drawn:
            chosen = pool[even_choice(data.Y[pool], most, seed)]
            # Σ w ℓ / Σ w of the rows that stayed: these may weigh more or less than all.
            mean = float(np.mean(data.weights[chosen], dtype=np.float64))
            objective = replace(objective, mean_weight=mean)
        return cls(
            architecture, objective, data, chosen, len(pool), seed if drawn else None,
            engine or choose(),
        )  # fmt: skip

    @property
    def n_rows(self) -> int:
        """The rows that count."""
        return len(self.data.X) if self.rows is None else len(self.rows)

    @property
    def n_parameters(self) -> int:
        """The length of θ."""
        return self.architecture.n_parameters

    @property
    def work(self) -> int:
        """Multiply-adds of a forward pass."""
        return self.n_parameters * self.n_rows

    @property
    def facts(self) -> Facts:
        """Loss, rows, seed, dtype."""
        penalty = bool(self.objective.penalty or self.objective.l1)
        height = self.objective.loss.replace("_", " ") + (" with penalty" if penalty else "")
        return Facts(height, self.n_rows, self.of_rows, self.seed, str(self.data.X.dtype))

    def losses(self, thetas: Array) -> Heights:
        """The loss at each of many θ, shape (n, n_parameters) -> (n,)."""
        given = np.asarray(thetas, self.data.X.dtype)
        # Far out a loss may overflow: that is what it is then.
        with np.errstate(over="ignore", invalid="ignore"):
            return self.engine.losses(
                self.architecture, self.objective, given, self.data, self.rows
            )

    def in_float64(self) -> "NetworkTerrain":
        """The same, its heights too in float64."""
        return replace(self, data=self._exact)

    def loss_and_gradient(self, theta: Array) -> tuple[float, Heights]:
        """The loss and its gradient at θ, in float64 whatever the dtype of the data."""
        given = np.asarray(theta, np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            height, gradient = self.engine.loss_and_gradient(
                self.architecture, self.objective, given, self._exact, self.rows
            )
        return height, gradient.astype(np.float64, copy=False)

    @cached_property
    def _exact(self) -> Data:
        data = self.data
        return Data(*(np.asarray(each, np.float64) for each in (data.X[:], data.Y, data.weights)))


def even_choice(Y: Array, count: int, seed: int) -> Rows:
    """``count`` of the rows, spread evenly over the targets, and by chance among equal ones.

    Every class, and every stretch of a number to be predicted, keeps its share, give or take
    one row.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_outputs)
    count, seed : int

    Returns
    -------
    ndarray of int, shape (count,), ascending
    """
    chance = generator(seed, "landscape", ROWS, 0).random(len(Y))
    # The last key counts most.
    order = np.lexsort((chance, *Y.T[::-1]))
    places = (2 * np.arange(count) + 1) * len(Y) // (2 * count)
    return np.sort(order[places])


def heights(
    terrain: Terrain,
    count: int,
    points: Callable[[int, int], Array],
    *,
    threads: int | None = None,
    watch: Watch | None = None,
) -> Heights | None:
    """The heights at many points that are made a chunk at a time, in threads.

    A height depends on its point alone, so the numbers are the same, to the last bit, however
    many threads there are.

    Parameters
    ----------
    terrain : Terrain
    count : int
    points : callable
        ``(first, last) -> points``, shape (last - first, n_parameters).
    threads : int, optional
        As many as there are cores, if not given.
    watch : callable, optional
        Told of the heights done and of all, after every 0.1 s or so, in the thread that called.

    Returns
    -------
    ndarray of shape (count,), or None where ``watch`` asked for the end before it was reached
    """
    by_memory = CHUNK_BYTES // (8 * terrain.n_parameters)
    chunk = max(1, min(CHUNK_WORK // max(1, terrain.work), by_memory, CHUNK_POINTS))
    if count * terrain.work < WORTH_A_THREAD:
        threads = 1
    threads = usable_cores() if threads is None else threads
    # So that each thread has something to do.
    chunk = max(1, min(chunk, -(-count // threads)))
    found = np.empty(count)

    def measure(first: int) -> None:
        last = min(first + chunk, count)
        found[first:last] = terrain.losses(points(first, last))

    look = chunk * threads * CHUNKS_A_LOOK
    for begin in range(0, count, look):
        end = min(begin + look, count)
        spread(measure, range(begin, end, chunk), threads)
        if watch is not None and watch(end, count) and end < count:
            return None
    return found


def heights_at(terrain: Terrain, thetas: Array, threads: int | None = None) -> Heights:
    """The heights at points that are there already, shape (n, n_parameters) -> (n,)."""
    found = heights(terrain, len(thetas), lambda first, last: thetas[first:last], threads=threads)
    assert found is not None  # nobody watches
    return found


def draws(seed: int, kind: int, number: int = 0) -> Any:
    """The generator of one draw for a landscape."""
    return generator(seed, "landscape", kind, number)
