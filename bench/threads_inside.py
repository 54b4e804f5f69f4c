"""One network on one core and on several, beside JAX: how much faster a step becomes.

    python -m bench.threads_inside [--threads 2] [--rounds 20] [--jax PYTHON] [--placed]

Each contender is a process of its own, and they take turns in every round, so that what else the
machine does disturbs them alike. A pass is some epochs of 390 batches of 256 rows, and a last look
at all rows. Ratios are those of the passes of one round. ``--jax`` is the Python of an environment
that has JAX. The table says how long processes waited for a core in each round (pressure of Linux):
on a busy machine only the quietest rounds say something. With ``--placed`` our threads have a core
each, where the system places them while cores are idle. A run may be given more weight, where this
is allowed, by

    echo -19 > /proc/self/autogroup
"""

import argparse
import tempfile
import time
from dataclasses import replace
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


def waited() -> float:
    """Seconds in which some process of this machine waited for a core; NaN where nobody says."""
    try:
        first = Path("/proc/pressure/cpu").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return float("nan")
    return int(first.rpartition("total=")[2]) / 1e6


def measure(work: Work, workers: dict[str, Worker], rounds: int) -> None:
    """Print the times of one work."""
    for each in workers.values():
        each.prepare(work)
    until = time.monotonic() + WARM_SECONDS
    while time.monotonic() < until:
        for name, each in workers.items():
            if name.startswith("thalweg"):
                each.run()
    times: dict[str, list[float]] = {name: [] for name in workers}
    waits = []
    for number in range(rounds):
        names = list(workers)
        before, begin = waited(), time.monotonic()
        for name in names[number % len(names) :] + names[: number % len(names)]:
            times[name].append(workers[name].run()["wall"] / work.steps * 1e6)
        waits.append((waited() - before) / (time.monotonic() - begin))
    quiet = np.argsort(waits)[: max(3, rounds // 4)]
    print(f"\n{work.title}: microseconds a step, {rounds} rounds")
    print(f"waits for a core: median {np.median(waits):.0%} of the time, "
          f"in the quietest quarter {np.max(np.array(waits)[quiet]):.0%}")  # fmt: skip
    base = {
        kind: np.array(times[f"{kind} 1"]) for kind in ("thalweg", "jax") if f"{kind} 1" in times
    }
    print(f"{'':12} {'shortest':>9} {'median':>9} {'quietest':>9}   ÷ one thread: all, quietest")
    for name, found in times.items():
        all_of, kind = np.array(found), name.split()[0]
        ratio = all_of / base[kind]
        print(
            f"{name:12} {all_of.min():9.0f} {np.median(all_of):9.0f} "
            f"{np.median(all_of[quiet]):9.0f}   {np.median(ratio):.2f}, "
            f"{np.median(ratio[quiet]):.2f}; shortest {all_of.min() / base[kind].min():.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
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
                    workers[f"{kind} {threads}"] = Worker(name, threads, scratch, python=python)
        for key in given.works:
            measure(WORKS[key], workers, given.rounds)
        for each in workers.values():
            each.end()


if __name__ == "__main__":
    main()
