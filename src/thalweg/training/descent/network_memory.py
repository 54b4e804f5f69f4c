"""Refuse networks whose training cannot fit into memory, before any is made.

What a training run keeps for each parameter:

- the starting point θ₀;
- three states (the current one, the best epoch, a spare one), each of them θ and the memory of the
  update rule, such as Adam's two moments;
- with an average of the weights, m and its change, in float64;
- with a score, the θ that has the best one;
- with a checkpoint, the states that are packed into the file.

Besides these, each thread has a gradient, and L-BFGS the arrays of SciPy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from thalweg.data.formats.budget import (
    address_space_left,
    available_memory,
    memory_in_use,
    of_bytes,
    usable_memory,
)
from thalweg.errors import SettingsError
from thalweg.network.formulas.rules import rule
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.wording import counted, parameter

# What Python needs for one network beside its parameters, in bytes: a low estimate.
_NETWORK = 4096
_DOUBLE = 8
# The average of the weights: two arrays in float64.
_AVERAGE = 2 * _DOUBLE
# A checkpoint holds the current state, that of the best epoch, and m, which are copied three times
# on the way to the bytes of the file.
_PACKED, _COPIES = 2, 3
# Numbers in float64 for each parameter while SciPy minimises, besides the pairs of its history.
_LBFGS = 12
# What users call all layers, and not the hidden ones alone.
ALL_SIZES = ("sizes", "dims")
# What they are called where one hidden layer, or its units, are drawn.
PICTURED = ("hidden", "units")
# A fix leaves room for the table and for what else a run takes.
_WITH_ROOM = 0.8
# Fixes are rounded down to so many digits.
_DIGITS = 2


@dataclass(frozen=True, kw_only=True)
class TrainingMemory:
    """What is in memory at the same time while networks are trained: a low estimate.

    Attributes
    ----------
    sizes : tuple of int
        Units of each layer, the inputs first.
    dtype : data type
        Of θ.
    optimizer : Optimizer or Lbfgs
    n_networks, n_folds : int, default 1
        Networks on each fold, and folds: all are kept.
    threads : int, default 1
        How many of them train at the same moment.
    has_checkpoint : bool
        Whether the state is written to a file.
    n_states, n_thetas : int, default 3 and 1
        How many states a run has, and how many further θ: its start, unless that is in memory
        already, and the θ with the best score.
    n_stored : int
        How many points of paths are stored by all runs together.
    """

    sizes: tuple[int, ...]
    dtype: DTypeLike
    optimizer: Optimizer | Lbfgs
    n_networks: int = 1
    n_folds: int = 1
    threads: int = 1
    has_checkpoint: bool = False
    n_states: int = 3
    n_thetas: int = 1
    n_stored: int = 0

    @property
    def n_parameters(self) -> int:
        """The length of θ."""
        return sum((n_from + 1) * n_to for n_from, n_to in pairwise(map(int, self.sizes)))

    @property
    def of_run(self) -> int:
        """Bytes that each run keeps for a parameter, until all have ended."""
        slots = 0 if isinstance(self.optimizer, Lbfgs) else rule(self.optimizer.rule).n_slots
        state = self._itemsize * (1 + slots)
        averaged = isinstance(self.optimizer, Optimizer) and self.optimizer.average > 0
        found = self._itemsize * self.n_thetas + self.n_states * state
        found += _AVERAGE * averaged
        if self.has_checkpoint:
            found += _COPIES * (_PACKED * state + _AVERAGE // 2 * averaged)
        return found

    @property
    def of_thread(self) -> int:
        """Bytes for a parameter that a run needs only while it trains."""
        if isinstance(self.optimizer, Lbfgs):
            return self._itemsize + _DOUBLE * (2 * self.optimizer.history + _LBFGS)
        return self._itemsize

    @property
    def _itemsize(self) -> int:
        return np.dtype(self.dtype).itemsize

    @property
    def total(self) -> int:
        """All of it, in bytes."""
        runs = self.n_networks * self.n_folds
        of_each = runs * self.of_run + min(self.threads, runs) * self.of_thread
        return runs * _NETWORK + self.n_parameters * (of_each + self.n_stored * self._itemsize)

    def of_share(self, share: float) -> "TrainingMemory":
        """The same with this share of the units of each hidden layer, rounded down."""
        first, *hidden, last = self.sizes
        return replace(self, sizes=(first, *(_rounded(units * share) for units in hidden), last))


def _rounded(units: float) -> int:
    """A number of units from 1 on, rounded down to two digits."""
    unit: int = 10 ** max(0, len(str(int(units))) - _DIGITS)
    return max(1, int(units) // unit * unit)


def require_memory_for(needed: TrainingMemory, *, named: str = "hidden_layer_sizes") -> None:
    """Refuse networks whose training cannot fit into memory.

    Parameters
    ----------
    needed : TrainingMemory
    named : str, default "hidden_layer_sizes"
        What the user calls the hidden layers.

    Raises
    ------
    SettingsError
        With the memory that they would take, and what would fit.
    """
    free, said = _free()
    if needed.total <= free:
        return
    folds = f" on each of {needed.n_folds} folds" if needed.n_folds > 1 else ""
    # A picture of a table has no parameter for its number of networks.
    if named in PICTURED or replace(needed, n_networks=1).total > free:
        given = _given(needed, named)
        fits = _largest(needed, _WITH_ROOM * free)
        fix = f"give fewer units in {parameter(named)}"
        fix += f", such as {_given(fits, named)}" if fits else ""
    else:
        given = parameter("n_ensemble", needed.n_networks)
        fix = f"give a smaller {parameter('n_ensemble')}"
    raise SettingsError(
        f"The networks would take {of_bytes(needed.total)} of memory or more while they are "
        f"trained, but {said}",
        where=f"{given}: {counted(needed.n_networks, 'network')}{folds}, each with "
        f"{needed.n_parameters:,} parameters or more, each of which takes {needed.of_run} bytes",
        why="Training keeps the weights, the memory of the optimizer, and copies of both",
        fix=fix,
    )


@contextmanager
def names_what_to_shrink(
    needed: TrainingMemory, n_bytes: int, *, fitted: bool = False
) -> Iterator[None]:
    """Say of a MemoryError in training that the networks are too large, if they exceed the table.

    Parameters
    ----------
    needed : TrainingMemory
    n_bytes : int
        The size of the encoded table.
    fitted : bool
        Whether training continues, so that the networks cannot become smaller.

    Raises
    ------
    SettingsError
    """
    try:
        yield
    except MemoryError as error:
        if needed.total <= n_bytes:
            raise
        several = needed.n_networks > 1
        raise SettingsError(
            "There was not enough memory to train the networks",
            where=f"they take {of_bytes(needed.total)} or more, the encoded table "
            f"{of_bytes(n_bytes)}",
            why="Other programs, or a limit of this process, may leave less than was free before",
            fix=("end other programs, or fit anew: " if fitted else "")
            + f"give fewer units in {parameter('hidden_layer_sizes')}"
            + (f", or a smaller {parameter('n_ensemble')}" if several else ""),
        ) from error


def _free() -> tuple[int, str]:
    """How much memory is free, in bytes and in words: the smallest of all that is known."""
    memory, whose = usable_memory()
    free = max(0, memory - memory_in_use())
    said = f"only {of_bytes(free)} are free of the {of_bytes(memory)} {whose}"
    if free == memory:  # nothing of it is in use, as far as is known
        said = f"there are only {of_bytes(memory)} {whose}"
    available, left = available_memory(), address_space_left()
    if available is not None and available < free:
        free, said = available, f"only {of_bytes(available)} are available on this machine now"
    if left is not None and left < free:
        free = left
        said = f"only {of_bytes(left)} are left of the address space of this process (ulimit -v)"
    return free, said


def _given(needed: TrainingMemory, named: str) -> str:
    """The layers as the user gives them: `hidden` ones, or all."""
    sizes = needed.sizes if named in ALL_SIZES else needed.sizes[1:-1]
    return parameter(named, sizes)


def _largest(needed: TrainingMemory, free: float) -> TrainingMemory | None:
    """The same with as many units as fit; None if none fits."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if needed.of_share(middle).total <= free else (low, middle)
    found = needed.of_share(low)
    return found if found.total <= free and found.sizes != needed.sizes else None
