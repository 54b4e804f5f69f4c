"""Threads that run a training kernel together, from one call of the engine to its end.

They are started for each call, which takes some 0.1 s: no thread waits between two calls, none is
left over in a process that was forked, and nothing has to be closed. The thread that calls the
engine is the leader, and the only one whose errors and interrupts count. A thread that cannot
start, or does not come to the gate, is missing, and the others compute its share (``barrier``).
"""

import _thread
import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from threading import Event, Lock
from typing import Any

import numpy as np

from thalweg.network.compiled.kernel_arguments import zeros
from thalweg.network.compiled.team.barrier import LOOKS, LOOKS_WHERE_CORES_ARE_FEW, N_BYTES, Team
from thalweg.parallel_map import all_cores, keep_working

# Multiply-adds of each thread in a step, and of all in a call, from which on a thread pays. Threads
# meet some 12 times in a step, at about 1 µs, and wait for the slowest: measured, a step of fewer
# is hardly faster with another thread. To start one takes about 0.1 ms.
WORK_OF_EACH = 2**20
WORK_OF_CALL = 2**26


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


def begin(kernel: Callable[[Team], Any], size: int, room: int) -> tuple[Team, Any]:
    """Start all but the leader; returns the leader's team, and what must live during its call.

    Parameters
    ----------
    kernel : callable
        Called in each thread with its own team.
    size : int
        How many threads, with the leader.
    room : int
        Bytes of scratch memory for copies that each thread has.
    """
    board = zeros(np.int64, N_BYTES // 8)
    looks = LOOKS if size <= all_cores() else LOOKS_WHERE_CORES_ARE_FEW
    others = board.__array_interface__["data"][0], _rest(), looks, room
    begun = 1
    while begun < size:
        helper = _Helper(kernel, Team(begun, size, *others), board)
        try:
            # As in ``parallel_map``: `threading.Thread.start` may wait for ever.
            _thread.start_new_thread(helper.run, ())
        except (RuntimeError, MemoryError):  # the system gives no more threads
            helper.working.release()
            break
        begun += 1
    return Team(0, begun, *others), board


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

    def __init__(self, kernel: Callable[[Team], Any], team: Team, board: Any) -> None:
        self.kernel, self.team, self.board = kernel, team, board
        self.working, self.halt = Lock(), Event()
        self.working.acquire()
        keep_working(self)

    @property
    def shared(self) -> "_Helper":
        """Who is told to stop: nobody, as the leader decides."""
        return self

    def run(self) -> None:
        """Take part, if memory allows."""
        try:
            self.kernel(self.team)
        except MemoryError:  # it did not come to the gate
            pass
        finally:
            self.working.release()
