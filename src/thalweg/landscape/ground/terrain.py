"""The loss function that a landscape shows, over a fixed choice of rows.

Surface, paths and curvature of one picture must use the same terrain: a loss on other rows is
another function, so they would not fit together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError
from thalweg.landscape.numbers_in_words import loss_in_words
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Objective, Rows, choose
from thalweg.network.formulas.activations import Array
from thalweg.parallel_map import spread, usable_cores

Heights = NDArray[np.float64]
# Called with (done, all); an answer of True ends the computation.
Watch = Callable[[int, int], bool | None]

# The purposes of random numbers in landscapes; each has a counter of its own.
ROWS, DIRECTION, JIGGLE, WALK, KRYLOV = range(5)

# Above this number, some rows are left out: a surface takes thousands of losses.
MOST_ROWS = 4_000
# With fewer rows, losses are float64: differences along a flat valley are small.
HEIGHTS_FLOAT32_FROM = 20_000
# A chunk of θ takes about 20 ms, and no more memory than this.
CHUNK_WORK = 2**29
CHUNK_BYTES = 2**24
CHUNK_POINTS = 256
# Chunks for each thread between two calls of ``watch``.
CHUNKS_A_LOOK = 4
# Below so many multiply-adds in all, a second thread costs more than it saves.
WORTH_A_THREAD = 2**22


@dataclass(frozen=True)
class Facts:
    """The facts that must stand beside every picture of a terrain.

    Attributes
    ----------
    height : str
        What the height is, in words.
    rows, of_rows : int
        How many rows are used, and of how many; 0 for a formula.
    seed : int or None
        The random seed of the choice of rows; ``None`` if all are used.
    dtype : str
    """

    height: str
    rows: int
    of_rows: int
    seed: int | None
    dtype: str

    @property
    def over(self) -> str:
        """Over which rows, in words; equal rows of a table are one row with a weight."""
        return f" over {self.rows:,} of {self.of_rows:,} different rows" if self.rows else ""


class Terrain(Protocol):
    """A function over the space of θ that a landscape can show."""

    @property
    def n_parameters(self) -> int:
        """The length of θ."""

    @property
    def work(self) -> int:
        """Multiply-adds for one evaluation, roughly."""

    @property
    def facts(self) -> Facts:
        """The facts that must stand beside a picture."""

    def losses(self, thetas: Array) -> Heights:
        """The loss at each point, shape (n, n_parameters) -> (n,); it may be NaN or infinite."""

    def loss_and_gradient(self, theta: Array) -> tuple[float, Heights]:
        """Loss and gradient at one point, in float64."""


@dataclass(frozen=True, eq=False)
class NetworkTerrain:
    """The loss of a network, over a fixed choice of rows, without dropout.

    Attributes
    ----------
    architecture : Architecture
    objective : Objective
        The training loss, penalties included. Give one without penalty to see the loss of the
        data alone.
    data : Data
        Losses are computed in its dtype, gradients always in float64.
    rows : ndarray of int or None
        The rows of ``data`` to use; ``None`` means all.
    of_rows : int
        How many they were chosen from.
    seed : int or None
        The random seed of that choice, if there was one.
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
        """The terrain over all rows, or over ``most`` of them, spread evenly over the targets.

        Parameters
        ----------
        architecture, objective, data
            As in an engine.
        rows : ndarray of int, optional
            The rows to choose from (default: all), such as the training rows.
        most : int, default 4000
            The largest number of rows.
        seed : int, default 0
            The random seed of the choice.
        engine : Engine, optional

        Raises
        ------
        SettingsError
            If there is no row.
        """
        pool = np.arange(len(data.X)) if rows is None else np.asarray(rows, np.intp)
        if not len(pool) or most < 1:
            raise SettingsError(
                f"There is no landscape over {min(len(pool), most)} rows", fix="give at least one"
            )
        chosen, drawn = rows, len(pool) > most
        if drawn:
            chosen = pool[even_choice(data.Y[pool], most, seed)]
            # Σ w ℓ / Σ w of the chosen rows, whose mean weight may differ from that of all.
            mean = float(np.mean(data.weights[chosen], dtype=np.float64))
            objective = replace(objective, mean_weight=mean)
        return cls(
            architecture, objective, data, chosen, len(pool), seed if drawn else None,
            engine or choose(),
        )  # fmt: skip

    @property
    def n_rows(self) -> int:
        """The rows that are used."""
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
        loss = self.objective.loss
        height = loss_in_words(loss) + (" with penalty" if penalty else "")
        return Facts(height, self.n_rows, self.of_rows, self.seed, str(self.data.X.dtype))

    def losses(self, thetas: Array) -> Heights:
        """The loss at each of many θ, shape (n, n_parameters) -> (n,)."""
        given = np.asarray(thetas, self.data.X.dtype)
        # Far out a loss may overflow, and is then infinite.
        with np.errstate(over="ignore", invalid="ignore"):
            return self.engine.losses(
                self.architecture, self.objective, given, self.data, self.rows
            )

    def in_float64(self) -> "NetworkTerrain":
        """The same with losses in float64."""
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
    """``count`` of the rows, spread evenly over the targets, at random among equal ones.

    Every class, and every range of a numeric target, keeps its share, up to one row.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_outputs)
    count, seed : int

    Returns
    -------
    ndarray of int, shape (count,), ascending
    """
    chance = generator(seed, "landscape", ROWS, 0).random(len(Y))
    # The last key has priority.
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
    """The losses at many points, which are made a chunk at a time, in threads.

    A loss depends on its point alone, so the numbers are the same, to the last bit, for any number
    of threads.

    Parameters
    ----------
    terrain : Terrain
    count : int
    points : callable
        ``(first, last) -> points``, shape (last - first, n_parameters).
    threads : int, optional
        Default: the available cores.
    watch : callable, optional
        Called with the number of losses done and of all, about every 0.1 s, in the calling thread.

    Returns
    -------
    ndarray of shape (count,), or None if ``watch`` ended it early
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
    """The losses at given points, shape (n, n_parameters) -> (n,)."""
    found = heights(terrain, len(thetas), lambda first, last: thetas[first:last], threads=threads)
    assert found is not None  # there is no ``watch``
    return found


def draws(seed: int, kind: int, number: int = 0) -> Any:
    """The random generator of one draw for a landscape."""
    return generator(seed, "landscape", kind, number)
