"""Makes an engine compute with every formula once, so that all of it is compiled.

It goes through the tables of formulas, and through the ways in which an engine is called. Only a
loss that a user writes (``formula:…``) cannot be compiled ahead of time.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Method, Noise, Objective, Order, State
from thalweg.network.formulas.activations import ACTIVATIONS, Array
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.formulas.rules import RULES

DTYPES = (np.float32, np.float64)
# Layers so large that an engine divides a step among threads, or copies its weights.
_LARGE = (3, 1024, 1024, 1)
_LARGE_BATCH, _LARGE_STEPS = 64, 4
# Seconds to wait for what an engine compiles in the background.
_PATIENCE = 120.0

Call = Callable[[Engine], object]


@dataclass(frozen=True)
class TwoBins:
    """Inputs of one number in two bins: the least that `made_inputs.InBins` describes.

    Attributes
    ----------
    at, output, others, first, starts, below, above
        As there.
    """

    at: NDArray[np.uint8]
    output: Array
    others: Array
    first: int
    starts: NDArray[np.intp]
    below: NDArray[np.float64]
    above: NDArray[np.float64]

    @classmethod
    def of(cls, dtype: type[np.floating], n_rows: int) -> "TwoBins":
        """So many rows of them."""
        at = np.zeros((n_rows, 1), np.uint8)
        ends = np.zeros(2), np.zeros(2)
        starts = np.array([0, 2])
        return cls(at, np.zeros((n_rows, 1), dtype), np.ones((n_rows, 1), dtype), 1, starts, *ends)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_samples, n_features)."""
        return len(self.at), 3

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """Of the inputs."""
        return self.output.dtype

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, rows: NDArray[np.intp] | slice) -> Array:
        """Some rows: one other input, and the outputs of both bins."""
        bins = np.zeros((len(self.at[rows]), 2), self.dtype)
        return np.hstack([self.others[rows], bins])


def every_call() -> Iterator[Call]:
    """The calls of an engine that compile everything, for both dtypes."""
    for dtype in DTYPES:
        for name in ACTIVATIONS:
            for sizes in ((2, 2, 1), (2, 2, 2)):
                yield _gradient(dtype, Architecture(sizes, (name, "identity")), "squared_error")
        for name, loss in LOSSES.items():
            n_outputs = 3 if loss.coupled or loss.rising else 1
            yield _gradient(dtype, Architecture((2, n_outputs), ("identity",)), name)
        for name in RULES:
            for scales in (0.0, 1.0):
                yield _steps(dtype, (2, 2, 1), name, scales=scales)
        yield _steps(dtype, (3, 2, 1), "adam", in_bins=True)
        for in_bins in (False, True):
            yield _steps(dtype, _LARGE, "adam", in_bins=in_bins, threads=2)
        yield from _predictions(dtype)


def compile_every_kernel(engine: Engine, tell: Callable[[int, int], None]) -> None:
    """Compile all that `every_call` needs.

    Parameters
    ----------
    engine : Engine
    tell : callable
        Called with the number of calls that are done, and of all.
    """
    calls = [*every_call()]
    for done, call in enumerate(calls, 1):
        call(engine)
        tell(done, len(calls))
    until = time.monotonic() + _PATIENCE
    while engine_compiles() and time.monotonic() < until:
        time.sleep(0.1)


def engine_compiles() -> bool:
    """Whether an engine still compiles in the background."""
    from thalweg.network.compiled.team.team_threads import is_compiling

    return is_compiling()


def _gradient(dtype: type[np.floating], architecture: Architecture, loss: str) -> Call:
    """L and dL/dθ on two rows, without dropout and with it, and L alone."""
    theta = np.full(architecture.n_parameters, 0.1, dtype)
    shape = 2, architecture.sizes[-1]
    Y = np.zeros(shape)
    Y[:, 0] = 1.0
    data = Data.of(np.ones((2, architecture.sizes[0]), dtype), Y)
    plain, dropped = Objective(loss), Objective(loss, dropout=0.5)

    def call(engine: Engine) -> None:
        engine.loss_and_gradient(architecture, plain, theta, data)
        engine.loss_and_gradient(architecture, dropped, theta, data, noise=Noise(0, 1))
        engine.losses(architecture, plain, theta[None], data)

    return call


def _steps(
    dtype: type[np.floating], sizes: tuple[int, ...], rule: str, *,
    scales: float = 0.0, in_bins: bool = False, threads: int = 1,
) -> Call:  # fmt: skip
    """A few steps by a rule, on as many rows as the threads are worth."""
    architecture = Architecture(sizes, (*["relu"] * (len(sizes) - 2), "identity"))
    n_rows, n_steps = (_LARGE_BATCH, _LARGE_STEPS) if threads > 1 else (2, 1)
    X = TwoBins.of(dtype, n_rows) if in_bins else np.ones((n_rows, sizes[0]), dtype)
    data = Data.of(X, np.ones((n_rows, 1)))
    rows = np.arange(n_rows)

    def call(engine: Engine) -> None:
        known = Method.of(rule)
        method = Method(known.rule, known.constants, scales=scales)
        state = State.begin(architecture, method, np.full(architecture.n_parameters, 1e-3, dtype))
        rates = np.full(n_steps, 1e-6)
        order = Order(rows, n_rows)
        engine.steps(
            architecture, Objective("squared_error"), method, state, data, order, rates, 0, threads
        )
        engine.losses(architecture, Objective("squared_error"), state.theta[None], data)

    return call


def _predictions(dtype: type[np.floating]) -> Iterator[Call]:
    """One row, several rows, and layers so large that their weights are copied."""
    for sizes in ((2, 2, 1), (2, 2, 3), _LARGE):
        architecture = Architecture(sizes, (*["relu"] * (len(sizes) - 2), "identity"))

        def call(engine: Engine, architecture: Architecture = architecture) -> None:
            theta = np.full(architecture.n_parameters, 1e-3, dtype)
            for n_rows in (1, 20):
                X = np.ones((n_rows, architecture.sizes[0]), dtype)
                engine.predict(architecture, theta, Data.of(X))
                engine.predictor([architecture], [theta])(X)

        yield call
