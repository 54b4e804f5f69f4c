"""One contender in a process of its own, so that no library's threads or settings touch another's.

    python -m bench.worker NAME THREADS

Reads a JSON line for each order and answers with one: ``{"prepare": WORK}``, then ``"pass"`` as
often as wished. Answers are the seconds of a pass by the wall and of the processor. Waits without
burning time in between, and holds the data of one work only.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.contenders import ENTRIES, Pass
from bench.workloads import Work

# Read by OpenMP, OpenBLAS, MKL and XLA when they are loaded.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TORCHINDUCTOR_COMPILE_THREADS",
)


def environment(threads: int, more: Mapping[str, str]) -> dict[str, str]:
    """What a contender's process starts with."""
    variables = dict.fromkeys(THREAD_VARIABLES, str(threads))
    if threads == 1:
        variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return {**os.environ, **variables, "JAX_PLATFORMS": "cpu", **more}


def bind(threads: int) -> None:
    """Keep this process to as many cores as it may have threads, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def timed(run: Pass) -> dict[str, float]:
    """One pass; the processor's seconds are those of all threads of this process."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    value = run()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "value": value,
    }


class Worker:
    """The other end of such a process."""

    def __init__(
        self, name: str, threads: int, scratch: str, tree: Path | None = None,
        python: str | None = None,
    ) -> None:  # fmt: skip
        self.name, self.threads = name, threads
        more = {"TORCHINDUCTOR_CACHE_DIR": f"{scratch}/inductor", **ENTRIES[name].environment}
        if tree is not None:  # another state of the project, with the bench that it came with
            more["PYTHONPATH"] = str(tree / "src")
        self.process = subprocess.Popen(
            [python or sys.executable, "-m", "bench.worker", name, str(threads)],
            env=environment(threads, more),
            cwd=tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions: dict[str, str] = self._answer()

    def prepare(self, work: Work) -> None:
        """Get ready, and do one pass that does not count: there compilers compile."""
        self._order({"prepare": asdict(work)})

    def run(self) -> dict[str, float]:
        """One pass of what was prepared last."""
        return self._order("pass")

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()

    def _order(self, order: str | dict[str, Any]) -> dict[str, Any]:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: {self.name} ended with code {self.process.wait()}; see above")
        return json.loads(line)


def main(name: str, threads: int) -> None:
    # Libraries may print: they get the standard error, the answers keep the pipe.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    bind(threads)
    contender = ENTRIES[name].make(threads)

    def answer(value: dict[str, Any]) -> None:
        print(json.dumps(value), file=answers, flush=True)

    answer(contender.versions())
    for line in sys.stdin:
        order = json.loads(line)
        if order != "pass":
            values = order["prepare"]
            work = Work(**{**values, "sizes": tuple(values["sizes"])})
            run = contender.prepare(work)
        answer(timed(run))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
