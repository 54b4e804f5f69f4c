"""Products of wide networks: in blocks of copies, without, and by SciPy's BLAS, on one core.

    OPENBLAS_NUM_THREADS=1 python -m bench.wide_products [--seconds 1.0] [--core 1]

Calls take turns, each after one of its own that is not timed: else a way would find in the caches
what the one before it read. Times are those that the processor spent in the thread, the shortest
and the median, so that other programs disturb them less. *By rows* is the layout of a forward pass
(A is W), *by columns* that of the gradient of a layer's inputs (A is Wᵀ), and *apart* that of the
gradient of weights (rows of A with room between them).
"""

import argparse
import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import blas
from threadpoolctl import threadpool_limits

from bench.machine import facts
from thalweg.network.compiled.kernel_arguments import zeros
from thalweg.network.compiled.products import product_of
from thalweg.network.compiled.vector_code import padded
from thalweg.network.compiled.wide.blocked_products import blocked_of, room_of

# Layout, rows and columns of C, k.
SQUARES = [(laid, n, n, n) for n in (512, 1_024, 2_048) for laid in ("rows", "columns")]
STEPS = [
    shape
    for n in (256, 512, 1_024, 2_048)
    for shape in (("rows", n, 256, n), ("columns", n, 256, n), ("apart", n, n, 256))
]
Call = Callable[[], Any]


def calls(dtype: Any, laid: str, rows: int, columns: int, k: int) -> dict[str, Call]:
    """The same product three times."""
    rng, size = np.random.default_rng(0), np.dtype(dtype).itemsize
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_ssize_t] * 11)
    made = {"plain": product_of(dtype), "in blocks": blocked_of(dtype)}
    A, B = rng.normal(size=(rows, k)).astype(dtype), rng.normal(size=(k, columns)).astype(dtype)
    b = zeros(dtype, k, padded(columns, size))
    b[:, :columns] = B
    if laid == "columns":
        a, steps = zeros(dtype, k, rows), (1, rows)
        a[:] = A.T
    else:
        width = k if laid == "rows" else padded(k, size)
        a, steps = zeros(dtype, rows, width), (width, 1)
        a[:, :k] = A
    room = room_of(dtype)
    c_step = columns if laid == "apart" else b.shape[1]
    found = {}

    def ours(name: str) -> Call:
        function, C = kind(made[name].address), zeros(dtype, rows, c_step)
        at = (C.ctypes.data, c_step, a.ctypes.data, *steps, b.ctypes.data, b.shape[1])
        found[name] = C

        def call() -> Any:
            return function(*at, rows, columns, k, room.ctypes.data)

        call.memory = a, b, C  # type: ignore[attr-defined]
        return call

    ways: dict[str, Call] = {name: ours(name) for name in made}
    gemm = blas.sgemm if size == 4 else blas.dgemm
    E = zeros(dtype, rows, columns)
    # To Fortran, rows are columns: Cᵀ = Bᵀ Aᵀ.
    of_a = np.ascontiguousarray(A.T).T if laid == "columns" else np.ascontiguousarray(A)
    if laid == "columns":
        ways["BLAS"] = lambda: gemm(1.0, B.T, of_a, trans_b=1, c=E.T, overwrite_c=1)
    else:
        ways["BLAS"] = lambda: gemm(1.0, B.T, of_a.T, c=E.T, overwrite_c=1)
    for each in ways.values():
        each()
    assert found["plain"].tobytes() == found["in blocks"].tobytes()
    np.testing.assert_allclose(E, found["plain"][:, :columns], atol=0.01)
    return ways


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--seconds", type=float, default=1.0)
    reader.add_argument("--core", type=int, default=None)
    reader.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    told = reader.parse_args()
    if told.core is not None:
        os.sched_setaffinity(0, {told.core})
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n")
    print("\nGFLOP/s, fastest (median); shares are medians of the turns\n")
    print("| A by | rows × columns × k | plain | in blocks | BLAS | in blocks ÷ BLAS |")
    print("|---|---|---|---|---|---|")
    with threadpool_limits(1):
        for laid, *shape in SQUARES + STEPS:
            ways = calls(np.dtype(told.dtype), laid, *shape)
            took: dict[str, list[float]] = {name: [] for name in ways}
            end = time.perf_counter() + told.seconds
            while time.perf_counter() < end or len(took["BLAS"]) < 5:
                for name, call in ways.items():
                    call()
                    began = time.thread_time_ns()
                    call()
                    took[name].append(time.thread_time_ns() - began)
            work = 2 * np.prod(shape)
            cells = [f"{work / min(t):.1f} ({work / np.median(t):.1f})" for t in took.values()]
            share = np.median(np.divide(took["BLAS"], took["in blocks"]))
            name = " × ".join(f"{each:,}" for each in shape)
            print("|", " | ".join([laid, name, *cells, f"{share:.3f}"]), "|", flush=True)


if __name__ == "__main__":
    main()
