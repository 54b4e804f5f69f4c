"""The matrix products of a step and nothing else, by SciPy's OpenBLAS: the yardstick.

Called from compiled code into memory that is there already, so that not even a call is paid for.
"""

import time

import numba
import numpy as np
import scipy

from bench.contenders import Pass
from bench.workloads import Array, Work, start, table


@numba.njit
def with_rows(n, W, A, dW, dA):
    """A row is a sample."""
    last = len(W) - 1
    for _ in range(n):
        for i in range(last + 1):
            np.dot(A[i], W[i].T, A[i + 1])
        for j in range(last + 1):
            i = last - j
            np.dot(dA[i + 1].T, A[i], dW[i])
            if i:
                np.dot(dA[i + 1], W[i], dA[i])


@numba.njit
def with_columns(n, W, A, dW, dA):
    """A column is a sample."""
    last = len(W) - 1
    for _ in range(n):
        for i in range(last + 1):
            np.dot(W[i], A[i], A[i + 1])
        for j in range(last + 1):
            i = last - j
            np.dot(dA[i + 1], A[i].T, dW[i])
            if i:
                np.dot(W[i].T, dA[i + 1], dA[i])


class Products:
    """Whichever way of laying the samples is faster on this machine."""

    def __init__(self, threads: int) -> None:
        del threads

    def versions(self) -> dict[str, str]:
        return {"SciPy": scipy.__version__, "Numba": numba.__version__}

    def prepare(self, work: Work) -> Pass:
        batch = work.batch or work.rows
        X = table(work).X[:batch]
        W = tuple(np.ascontiguousarray(each) for each, _ in start(work))

        def scratch(shape: tuple[int, int]) -> Array:
            return np.full(shape, 0.01, np.float32)

        dW = tuple(np.zeros_like(each) for each in W)
        ways = []
        for way, turn in ((with_rows, False), (with_columns, True)):
            shapes = [(n, batch) if turn else (batch, n) for n in work.sizes]
            A = (np.ascontiguousarray(X.T if turn else X), *map(scratch, shapes[1:]))
            ways.append((way, (W, A, dW, tuple(map(scratch, shapes)))))
        best = min(ways, key=lambda each: _seconds(*each))
        way, arrays = best

        def run() -> float:
            way(work.steps, *arrays)
            return float("nan")  # nothing is learned

        return run


def _seconds(way, arrays) -> float:
    way(20, *arrays)
    took = []
    for _ in range(5):
        began = time.process_time()
        way(100, *arrays)
        took.append(time.process_time() - began)
    return min(took)
