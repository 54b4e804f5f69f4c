"""One network on one core and on several, beside JAX: how much faster a step becomes.

    python -m bench.threads_inside [--threads 2] [--rounds 20] [--epochs 12] [--jax PYTHON]
                                   [--placed]

Each contender is a process of its own, and they take turns in every round, so that what else the
machine does disturbs them alike. A pass is some epochs of 390 batches of 256 rows, and a last look
at all rows. Ratios are those of the passes of one round. ``--jax`` is the Python of an environment
that has JAX. The bars speak of idle cores, so each pass is judged by what disturbed it: the time
in which processes waited for a core (pressure of Linux), and the time of cores that a hypervisor
gave to other machines (*steal*). The last ratio compares the quarter of the passes of each
contender that were disturbed least, and the table says how much they were. Where passes are
never quiet, ``--epochs 2 --rounds 100`` makes them short. *thalweg apart* is two fits of one thread
at the same time, a core each, and its time that of the slower: where other machines share the
cores, half of that is the least that two threads can take. With ``--placed`` our threads have a
core each, where the system places them while cores are idle. A run may be given more weight, where
this is allowed, by

    echo -19 > /proc/self/autogroup
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from bench.machine import facts
from bench.worker import Worker
from bench.workloads import LARGE, MIDDLE, Work

WORKS = {
    "256": replace(LARGE, epochs=12),
    "128": replace(LARGE, sizes=(50, 128, 128, 1), title="50-128-128-1, batch 256", epochs=2),
    "64": replace(MIDDLE, epochs=4),
    "512": replace(LARGE, sizes=(50, 512, 512, 1), title="50-512-512-1, batch 256", epochs=1),
}
# Until the kernel for several threads is compiled in the background.
WARM_SECONDS = 12.0


def disturbed() -> float:
    """Seconds in which some process waited for a core, or a core for a hypervisor; NaN if unknown.

    Linux counts both; the second, per core, in ticks.
    """
    try:
        pressure = Path("/proc/pressure/cpu").read_text(encoding="ascii").splitlines()[0]
        ticks = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    except OSError:
        return float("nan")
    return int(pressure.rpartition("total=")[2]) / 1e6 + int(ticks[8]) / os.sysconf("SC_CLK_TCK")


@dataclass
class Passes:
    """What the passes of a contender took, in microseconds a step, and what disturbed them."""

    times: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def run(self, workers: Sequence[Worker], steps: int) -> None:
        before, begin = disturbed(), time.monotonic()
        with ThreadPoolExecutor(len(workers)) as pool:
            walls = list(pool.map(lambda worker: worker.run()["wall"], workers))
        self.times.append(max(walls) / steps * 1e6)
        self.shares.append((disturbed() - before) / (time.monotonic() - begin))

    def quiet(self) -> tuple[float, float]:
        """The median of the quarter that was disturbed least, and the most that disturbed it."""
        least = np.argsort(self.shares, kind="stable")[: max(3, len(self.shares) // 4)]
        return float(np.median(np.array(self.times)[least])), float(
            np.array(self.shares)[least[-1]]
        )


def measure(work: Work, workers: dict[str, list[Worker]], rounds: int) -> None:
    """Print the times of one work."""
    for each in chain(*workers.values()):
        each.prepare(work)
    until = time.monotonic() + WARM_SECONDS
    while time.monotonic() < until:
        for name, each in workers.items():
            if name.startswith("thalweg"):
                for one in each:
                    one.run()
    found = {name: Passes() for name in workers}
    for number in range(rounds):
        names = list(workers)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].run(workers[name], work.steps)
    print(f"\n{work.title}: microseconds a step, {rounds} rounds")
    print(f"{'':13} {'shortest':>9} {'median':>9} {'quiet':>9} {'disturbed':>18}   ÷ one thread")
    for name, passes in found.items():
        times, (quiet, most) = np.array(passes.times), passes.quiet()
        base = found[f"{name.split()[0]} 1"]
        ratio = np.median(times / np.array(base.times))
        print(
            f"{name:13} {times.min():9.0f} {np.median(times):9.0f} {quiet:9.0f} "
            f"{np.median(passes.shares):7.0%}, quiet {most:4.0%}   all {ratio:.2f}, "
            f"shortest {times.min() / min(base.times):.2f}, quiet {quiet / base.quiet()[0]:.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=None, help="of a pass")
    parser.add_argument("--jax", default=None)
    parser.add_argument("--placed", action="store_true")
    parser.add_argument("--works", nargs="+", choices=WORKS, default=["256"])
    given = parser.parse_args()
    print("; ".join(f"{name}: {value}" for name, value in facts().items()))
    with tempfile.TemporaryDirectory() as scratch:
        workers = {}
        ours = "thalweg-placed" if given.placed else "thalweg"
        for kind, name, python in (("thalweg", ours, None), ("jax", "jax", given.jax)):
            if kind == "thalweg" or python:
                for threads in (1, given.threads):
                    made = Worker(name, threads, scratch, python=python)
                    workers[f"{kind} {threads}"] = [made]
        if given.threads == 2 and hasattr(os, "sched_setaffinity"):
            workers["thalweg apart"] = [Worker("thalweg", 1, scratch) for _ in range(2)]
            for each, core in zip(
                workers["thalweg apart"], sorted(os.sched_getaffinity(0))[-2:], strict=True
            ):
                os.sched_setaffinity(each.process.pid, {core})
        for key in given.works:
            work = WORKS[key]
            work = replace(work, epochs=given.epochs or work.epochs)
            measure(work, workers, given.rounds)
        for each in chain(*workers.values()):
            each.end()


if __name__ == "__main__":
    main()
