"""Threads that run a training kernel together, from one call of the engine to its end.

They are started for each call, which takes some 0.1 s: no thread waits between two calls, none is
left over in a process that was forked, and nothing has to be closed. The thread that calls the
engine is the leader, and the only one whose errors and interrupts count. A thread that cannot
start, or does not come to the gate, is missing, and the others compute its share (``barrier``).

The kernel for several threads is compiled in the background, or read from the cache, while the
leader goes on alone: no fit waits for it.
"""

import _thread
import ctypes
import os
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import pairwise
from threading import Event, Lock
from typing import Any

import numpy as np

from thalweg.network.architecture import Architecture
from thalweg.network.compiled.kernel_arguments import zeros
from thalweg.network.compiled.team.barrier import (
    CLOSED,
    LOOKS,
    LOOKS_WHERE_CORES_ARE_FEW,
    N_BYTES,
    Team,
)
from thalweg.network.engine import Stretch
from thalweg.parallel_map import all_cores, keep_working

# Multiply-adds of each thread in a step, and of all in a call, from which on a thread pays.
# Products divide well, but a number that another core wrote must come from there (128 KiB took 70
# to 150 µs more). Two threads take 0.7 of the time of one at this limit, and 0.8 to 0.9 at half of
# it. To start a thread takes about 0.1 ms, as long as 2²³ multiply-adds.
WORK_OF_EACH = 2**22
WORK_OF_CALL = 2**26
# One of so many calls is made the other way, to see which is faster now. While the answer stays the
# same, the calls between become more, up to the second number: with two threads the other way costs
# up to 4 % of the time for one of 16, and 0.5 % for one of 128.
CALLS_BETWEEN_LOOKS, MOST_BETWEEN_LOOKS = 16, 128


def worthwhile(
    threads: int, sizes: Sequence[int], batch_size: int, n_steps: int, *, in_bins: bool
) -> int:
    """How many of the threads pay: each needs enough of a step, and the call enough steps.

    A step has 3 multiply-adds for each weight and row, those of a first layer of bins apart.
    """
    if threads <= 1 or sys.platform == "emscripten":  # emscripten has no threads
        return 1
    weights = sum(a * b for a, b in pairwise(sizes[1:] if in_bins else sizes))
    work = 3 * batch_size * weights
    if n_steps * work < WORK_OF_CALL:
        return 1
    return max(1, min(threads, all_cores(), work // WORK_OF_EACH))


class Pace:
    """Whether several threads are faster at present than one.

    Another program may want the cores, or the system may grant this one less than it shows. So both
    are measured again and again; no bit depends on it.
    """

    def __init__(self) -> None:
        self.seconds: dict[bool, float] = {}
        self.calls, self.between, self.was_faster = 0, CALLS_BETWEEN_LOOKS, True

    def wants_several(self) -> bool:
        """Whether the next call should take them."""
        self.calls += 1
        for each in (True, False):
            if each not in self.seconds:
                return each
        is_faster = self.seconds[True] < self.seconds[False]
        if is_faster != self.was_faster:
            self.calls, self.between, self.was_faster = 0, CALLS_BETWEEN_LOOKS, is_faster
        if self.calls < self.between:
            return is_faster
        self.calls, self.between = 0, min(2 * self.between, MOST_BETWEEN_LOOKS)
        return not is_faster

    def took(self, several: bool, seconds: float) -> None:
        """Take note of the seconds of a step: at once of fewer, and half of more."""
        before = self.seconds.get(several, seconds)
        self.seconds[several] = min(seconds, (before + seconds) / 2)


@lru_cache(maxsize=64)
def pace_of(sizes: tuple[int, ...], batch_size: int, threads: int) -> Pace:
    """What is known of the steps of such a network."""
    return Pace()


def begin(kernel: Callable[[Any], Any], size: int, room: int, kind: Hashable) -> tuple[Any, Any]:
    """Start all but the leader; returns the leader's team, and what must live during its call.

    The team is empty until a kernel of this kind is compiled, which the first call starts.

    Parameters
    ----------
    kernel : callable
        Called in each thread with its own team.
    size : int
        How many threads, with the leader.
    room : int
        Bytes of scratch memory for copies that each thread has.
    kind : hashable
        What the types of the kernel's arguments depend on.
    """
    board = zeros(np.int64, N_BYTES // 8)
    looks = LOOKS if size <= all_cores() else LOOKS_WHERE_CORES_ARE_FEW
    others = board.__array_interface__["data"][0], _rest(), looks, room
    kind = os.getpid(), kind  # in a forked process nobody compiles any more
    if kind not in _ready:
        if kind not in _asked:
            _asked.add(kind)
            board[0] = CLOSED
            _Helper(kernel, Team(1, size, *others), board, lambda: _ready.add(kind)).start()
        return (), None
    begun = 1
    with gated(board):
        while begun < size and _Helper(kernel, Team(begun, size, *others), board).start():
            begun += 1
    return Team(0, begun, *others), board


@contextmanager
def gated(board: Any) -> Iterator[None]:
    """Close the gate if the leader does not come: on a busy machine others wait there for minutes.

    Who comes to the gate adds itself only to the word that it saw, so a plain write is enough. A
    word below 0 is of a leader who went in.
    """
    try:
        yield
    except BaseException:
        if board is not None and board[0] >= 0:
            board[0] = CLOSED
        raise


# The kinds of kernels that are compiled, and those that are at least begun.
_ready: set[Hashable] = set()
_asked: set[Hashable] = set()


def is_compiling() -> bool:
    """Whether a kernel for several threads is still being compiled in the background."""
    return not _asked <= _ready


def in_blocks(
    stretches: Sequence[Stretch], architecture: Architecture
) -> tuple[list[Stretch], list[int]]:
    """The same stretches of θ, one for each block, and the grains by which threads divide them."""
    blocks = []
    for block in architecture.blocks:
        around = next(each for each in stretches if each.start <= block.offset < each.stop)
        blocks.append(around._replace(start=block.offset, stop=block.offset + block.size))
    return blocks, [grain for n_in in architecture.sizes[:-1] for grain in (n_in, 1)]


@cache
def _rest() -> int:
    """The address of the system's function that gives up the core, which takes no argument."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)


class _Helper:
    """A thread that is not the leader. The end of the process waits for it."""

    def __init__(
        self, kernel: Callable[[Any], Any], team: Team, board: Any,
        after: Callable[[], object] = lambda: None,
    ) -> None:  # fmt: skip
        self.kernel, self.team, self.board, self.after = kernel, team, board, after
        self.working, self.halt = Lock(), Event()

    @property
    def shared(self) -> "_Helper":
        """Who is told to stop: nobody, as the leader decides."""
        return self

    def start(self) -> bool:
        """Whether the system has a thread for it."""
        self.working.acquire()
        keep_working(self)
        try:
            # As in ``parallel_map``: `threading.Thread.start` may wait for ever.
            _thread.start_new_thread(self.run, ())
        except (RuntimeError, MemoryError):
            self.working.release()
            return False
        return True

    def run(self) -> None:
        """Take part, if memory allows."""
        try:
            self.kernel(self.team)
            self.after()
        except MemoryError:  # it did not come to the gate
            pass
        finally:
            self.working.release()
