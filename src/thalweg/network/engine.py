"""The interface of an engine: five calls, which every engine implements.

Training, prediction and landscapes all use an ``Engine``: the compiled one (``compiled``), or the
reference engine (``reference_engine``), which computes the same.
"""

import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.document import address_space_limit, limit_in_words, says_shortage
from thalweg.errors import EngineWarning, SettingsError, Status
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array
from thalweg.network.formulas.rules import Rule, rule
from thalweg.network.made_inputs import InBins, Made
from thalweg.parallel_map import spread

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Data:
    """One encoded table; a sample is a row and contiguous.

    Attributes
    ----------
    X : ndarray or Made, of shape (n_samples, n_features)
    Y : ndarray of shape (n_samples, n_outputs)
        Targets; (n_samples, 0) if there are none.
    weights : ndarray of float64, shape (n_samples,)
        Always float64, because weights may be larger and smaller than float32 can store.
    """

    X: Any
    Y: Array
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, X: Array | Made, Y: Array | None = None, weights: Array | None = None) -> "Data":
        """Data in the dtype of ``X``; no weights means that every sample weighs 1."""
        n_samples = len(X)
        return cls(
            np.ascontiguousarray(X) if isinstance(X, np.ndarray) else X,
            np.empty((n_samples, 0), X.dtype) if Y is None else Y.astype(X.dtype, order="C"),
            np.ones(n_samples) if weights is None else weights.astype(np.float64),
        )

    @property
    def is_made(self) -> bool:
        """Whether inputs are not there before they are asked for."""
        return not isinstance(self.X, np.ndarray)

    @cached_property
    def in_bins(self) -> bool:
        """Whether many inputs are bins of numbers, given by the bin of each number."""
        # To look for the attributes of a protocol takes longer than a step of a small network.
        return self.is_made and isinstance(self.X, InBins)

    def part(self, rows: Rows) -> "Data":
        """Some rows as data of their own, with inputs that are there."""
        return Data(self.X[rows], self.Y[rows], self.weights[rows])


@dataclass(frozen=True)
class Objective:
    """The height over θ: L(θ) = Σ wᵢ ℓᵢ(θ) / (n w̄) + ½ penalty ‖W‖² + l1 Σ |W|, over n rows.

    Attributes
    ----------
    loss : str
        The text form of the loss ℓ (``losses.loss``).
    penalty : float
        α / Σ w over all training rows, so that it does not depend on the batch (α as in
        scikit-learn with full batches; 1 / C of logistic regression). Biases are not penalised.
    mean_weight : float
        w̄ over all training rows: a batch with large weights takes a longer step.
    l1 : float
        The same for the sum of the absolute weights; its slope at 0 is 0.
    dropout : float
        The share of every hidden layer's outputs that is set to 0, while the others are multiplied
        by 1 / (1 - dropout) (Srivastava et al. 2014, JMLR 15). It acts only with ``Noise``.
    """

    loss: str
    penalty: float = 0.0
    mean_weight: float = 1.0
    l1: float = 0.0
    dropout: float = 0.0

    @classmethod
    def over(
        cls, loss: str, alpha: float, weights: Array, l1: float = 0.0, dropout: float = 0.0
    ) -> "Objective":
        """The objective of training on rows with these weights, of which one is above 0."""
        total = float(np.sum(weights, dtype=np.float64))
        if not total > 0:
            raise SettingsError(
                "There is no row with a weight above 0 to take a mean over",
                fix="give at least one such row",
            )
        return cls.per(total, loss, alpha, total / len(weights), l1, dropout)

    @classmethod
    def per(
        cls,
        total: float,
        loss: str,
        alpha: float,
        mean_weight: float,
        l1: float = 0.0,
        dropout: float = 0.0,
    ) -> "Objective":
        """The objective of training on rows whose weights come to ``total``."""
        return cls(loss, alpha / total, mean_weight, l1 / total, dropout)


class Noise(NamedTuple):
    """Which draw of dropout: one key, one set of masks, whoever computes it."""

    seed: int
    step: int


class Stretch(NamedTuple):
    """Neighbours in θ that a rule moves alike: ``theta[start:stop]``."""

    start: int
    stop: int
    factor: float
    decay: float


@dataclass(frozen=True)
class Method:
    """How θ moves: a rule with its constants, and what stands around it.

    Attributes
    ----------
    rule : Rule
    constants : tuple of float
        In the order of ``rule.constants``.
    decay : float
        Decoupled weight decay: before the rule, W ← W - η decay W (Loshchilov & Hutter 2019,
        arXiv 1711.05101). Biases are not decayed.
    factors : tuple of float
        Factors of the rate, one for each block of θ; empty means 1 everywhere.
    clip : float
        The largest norm of a gradient: a longer gradient is scaled down to this norm.
    scales : float
        The factor of the rate for the scales of the inputs (``formulas.input_scales``), beside that
        of W1; 0: none.
    """

    rule: Rule
    constants: tuple[float, ...]
    decay: float = 0.0
    factors: tuple[float, ...] = ()
    clip: float = np.inf
    scales: float = 0.0

    @classmethod
    def of(cls, name: str, *constants: float) -> "Method":
        """A rule by its name, with its defaults where no constants are given."""
        formula = rule(name)
        return cls(formula, constants or tuple(formula.constants.values()))

    def stretches(self, architecture: Architecture) -> list[Stretch]:
        """θ in as few stretches as the factors and the decay allow."""
        blocks = architecture.blocks
        factors = self.factors or (1.0,) * len(blocks)
        found: list[Stretch] = []
        for block, factor in zip(blocks, factors, strict=True):
            decay = self.decay if block.kind == "weights" else 0.0
            start = block.offset
            if found and found[-1][2:] == (factor, decay):
                start = found.pop().start
            found.append(Stretch(start, block.offset + block.size, factor, decay))
        return found


@dataclass(frozen=True)
class Order:
    """Which rows each step descends on, one passage behind the other.

    A passage is ``length`` of the rows, split into batches of ``batch_size``; its last, short
    batch is kept. After the last passage the first one comes again.

    Attributes
    ----------
    rows : ndarray of int, shape (n_passages * length,)
    batch_size : int
    length : int
        The default 0 means all rows: a single passage.
    """

    rows: Rows
    batch_size: int
    length: int = 0

    @property
    def n_batches(self) -> int:
        """Steps in one passage."""
        return -(-(self.length or len(self.rows)) // self.batch_size)

    def batch(self, step: int) -> Rows:
        """The rows of a step, counted from 0."""
        length = self.length or len(self.rows)
        passage, batch = divmod(step, self.n_batches)
        begin = passage * length % len(self.rows)
        start = begin + batch * self.batch_size
        return self.rows[start : min(start + self.batch_size, begin + length)]


@dataclass
class State:
    """Where a descent stands: all that the next step needs.

    ``step`` counts the steps that moved θ; ``seed`` is the random seed of dropout. ``scales`` has
    the scales of the inputs in its first row and the rule's memory of them in the others, shape
    (1 + n_slots, n_inputs); None if the method has none.
    """

    theta: Array
    slots: Array
    step: int = 0
    seed: int = 0
    scales: Array | None = None

    @classmethod
    def at(cls, theta: Array, rule: Rule, seed: int = 0, n_scales: int = 0) -> "State":
        """A fresh start at a copy of θ, with so many scales of inputs."""
        scales = None
        if n_scales:
            scales = np.zeros((1 + rule.n_slots, n_scales), theta.dtype)
            scales[0] = 1
        slots = np.zeros((rule.n_slots, theta.size), theta.dtype)
        return cls(theta.copy(), slots, 0, seed, scales)

    @classmethod
    def begin(
        cls, architecture: Architecture, method: Method, theta: Array, seed: int = 0
    ) -> "State":
        """A fresh start at a copy of θ, with all that the method keeps."""
        return cls.at(theta, method.rule, seed, architecture.sizes[0] if method.scales else 0)

    def copy(self) -> "State":
        """The same place, with memory of its own."""
        scales = None if self.scales is None else self.scales.copy()
        return State(self.theta.copy(), self.slots.copy(), self.step, self.seed, scales)

    def overwrite(self, other: "State") -> None:
        """Be at the same place as another state of the same descent, without new memory."""
        np.copyto(self.theta, other.theta)
        np.copyto(self.slots, other.slots)
        if self.scales is not None and other.scales is not None:
            np.copyto(self.scales, other.scales)
        self.step = other.step


class Steps(NamedTuple):
    """What a run of steps reports: one loss and one ‖gradient‖ a step, taken before it moved."""

    status: Status
    losses: NDArray[np.float64]
    gradient_norms: NDArray[np.float64]


class Engine(Protocol):
    """Five calls. ``rows`` are indices into ``data``; ``None`` means all."""

    def predict(
        self, architecture: Architecture, theta: Array, data: Data, rows: Rows | None = None
    ) -> Array:
        """The last layer's output, shape (n_rows, n_outputs); a row's bits depend on it alone."""

    def predictor(
        self, architectures: Sequence[Architecture], thetas: Sequence[Array]
    ) -> Callable[[Array], Array]:
        """What several networks give for a few rows, as a function of the rows.

        The networks differ only in the number of their inputs. From X (n_rows, sum of n_inputs),
        with the inputs of all networks side by side, the function computes (n_networks, n_rows,
        n_outputs). Everything that does not depend on the rows is done once. θ is read anew in
        each call, unless it is not contiguous: then it is copied once.
        """

    def losses(
        self,
        architecture: Architecture,
        objective: Objective,
        thetas: Array,
        data: Data,
        rows: Rows | None = None,
        noise: Noise | None = None,
        threads: int = 1,
    ) -> NDArray[np.float64]:
        """L at each of many θ, shape (n_thetas, n_parameters) -> (n_thetas,).

        Several ``threads`` may share the rows; they change no bit.
        """

    def loss_and_gradient(
        self,
        architecture: Architecture,
        objective: Objective,
        theta: Array,
        data: Data,
        rows: Rows | None = None,
        noise: Noise | None = None,
    ) -> tuple[float, Array]:
        """L and dL/dθ, shape (n_parameters,)."""

    def steps(
        self,
        architecture: Architecture,
        objective: Objective,
        method: Method,
        state: State,
        data: Data,
        order: Order,
        rates: NDArray[np.float64],
        first: int,
        threads: int = 1,
    ) -> Steps:
        """One step a rate, from batch ``first`` of the order on; moves ``state`` in place.

        An engine may divide each step among so many ``threads``, on which no bit depends.

        Dropout uses ``Noise(state.seed, state.step)``, before the step is counted. It stops at
        the first loss or gradient that is not finite, with ``Status.DIVERGED``; θ is then as it
        was before that step.
        """


def choose(name: str = "auto") -> Engine:
    """The engine of that name, imported when asked for.

    Parameters
    ----------
    name : {"auto", "compiled", "reference"}
        ``auto`` is the compiled engine or, where Numba is missing or told not to compile, the
        reference engine, with one warning.
    """
    if name == "auto":
        name = "compiled" if _can_compile() else "reference"
    if name == "compiled":
        if why := cannot_compile():
            raise SettingsError(why[0], fix=f"{why[1]}, or take 'reference'")
        made: Engine = _loaded("thalweg.network.compiled.compiled_engine").CompiledEngine()
        return made
    if name == "reference":
        from thalweg.network.reference_engine import ReferenceEngine

        return ReferenceEngine()
    raise SettingsError(f"There is no engine {name!r}", fix="take 'compiled' or 'reference'")


@cache
def _loaded(name: str) -> ModuleType:
    """Numba, or what it makes; Ctrl-C must not tear it: half of it, nothing puts right."""
    [module] = spread(import_module, [name], aside=True)
    return module


@cache
def _can_compile() -> bool:
    why = cannot_compile()
    if why:
        warnings.warn(
            f"{why[0]}, so the reference engine computes, about ten times slower. Fix: {why[1]}.",
            EngineWarning,
            stacklevel=3,
        )
    return not why


def _require_threads() -> None:
    """Refuse a NUMBA_NUM_THREADS with which Numba raises, or warns with a traceback."""
    said = os.environ.get("NUMBA_NUM_THREADS")
    # With spaces and signs as int() accepts them; once Numba is imported it is not read again.
    if said is None or "numba" in sys.modules or re.fullmatch(r"\s*\+?0*[1-9][0-9]*\s*", said):
        return
    raise SettingsError(
        "NUMBA_NUM_THREADS is not a number of threads",
        where=f"the environment variable is {said!r}",
        fix="unset NUMBA_NUM_THREADS, or set it to a whole number from 1",
    )


def cannot_compile() -> tuple[str, str] | None:
    """Why nothing can be compiled here, and the fix; or None."""
    _require_threads()
    if sys.platform == "emscripten":
        return (
            "There is no Numba in a browser",
            "fit what takes too long with Python outside a browser, and load its model file here",
        )
    try:
        # Checked before our own modules, which cannot be imported if Numba compiles nothing.
        if _loaded("numba").config.DISABLE_JIT:
            return "Numba is told not to compile (NUMBA_DISABLE_JIT)", "unset NUMBA_DISABLE_JIT"
        _loaded("thalweg.network.compiled.compiled_engine")
    except ImportError as error:  # Numba also raises it where NumPy is too new for it
        limit = address_space_limit()
        if limit is not None and says_shortage(error):
            what = f"There is not enough memory to load Numba ({limit_in_words(limit)})"
            return what, "allow more (ulimit -v unlimited)"
        return f"There is no Numba that works here ({error})", "pip install --upgrade numba"
    return None
