"""This tree beside an earlier commit, in turns: ``python -m bench.against COMMIT [--only KEY …]``.

Both are measured by their own ``bench``, in processes of their own that take turns, so that
whatever slows the machine down slows both. What counts is the processor's time, of several
processes and of many short passes: on a machine that others use, the least of all is what the
code costs.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from bench.races import RACES, say
from bench.worker import Worker
from bench.workloads import Work

ROOT = Path(__file__).parents[1]
# Where memory and code happen to lie makes a process up to a tenth slower than the next.
PROCESSES, ROUNDS = 5, 5

# Milliseconds of the passes of the one and of the other.
Took = tuple[list[float], list[float]]


def unpacked(commit: str, scratch: Path) -> Path:
    """The tree of a commit."""
    archive = subprocess.run(
        ["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    place = scratch / "tree"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(place, filter="data")
    return place


def raced(work: Work, threads: int, trees: tuple[Path, Path], scratch: str, rounds: int) -> Took:
    """Milliseconds of the passes of both trees."""
    clock = "cpu" if threads == 1 else "wall"
    workers = [Worker("thalweg", threads, scratch, tree) for tree in trees]
    took: Took = ([], [])
    values: tuple[set[float], set[float]] = (set(), set())
    for each in workers:
        each.prepare(work)
    for number in range(rounds):
        for i in (0, 1) if number % 2 else (1, 0):
            one = workers[i].run()
            took[i].append(one[clock] * 1e3)
            values[i].add(one["value"])
    for each in workers:
        each.end()
    if values[0] != values[1]:
        print(f"{work.title}: they come to {values[0]} and {values[1]}, not to the same bits")
    return took


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench.against", description=__doc__.splitlines()[0])
    parser.add_argument("commit")
    parser.add_argument("--only", nargs="+", choices=RACES, default=["million"], metavar="KEY")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="passes of each process")
    asked = parser.parse_args(arguments)
    print("| work | ms, before | now | least, before | now | before ÷ now |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        trees = unpacked(asked.commit, Path(scratch)), ROOT
        for key in asked.only:
            work, runners = RACES[key]
            threads = next(runner.threads for runner in runners if runner.name == "thalweg")
            before: list[float] = []
            now: list[float] = []
            for number in range(asked.processes):
                say(f"{work.title}: {number + 1} of {asked.processes}")
                took = raced(work, threads, trees, scratch, asked.rounds)
                before += took[0]
                now += took[1]
            say("")
            ratio = statistics.median(a / b for a, b in zip(before, now, strict=True))
            middle = f"{statistics.median(before):.4g} | {statistics.median(now):.4g}"
            print(f"| {work.title} | {middle} | {min(before):.4g} | {min(now):.4g} | {ratio:.3f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
