"""Who runs what, round by round, and the ratios that come of it.

In a round everybody does one pass of a work, one after another, and in the next round somebody
else begins: whatever slows the machine down for a while slows all of them, and the ratio of two
passes of one round hardly notices.
"""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.contenders import ENTRIES
from bench.worker import Worker
from bench.workloads import (
    ARTICLE,
    EPOCH,
    LARGE,
    MEMBERS,
    MIDDLE,
    MILLION,
    MILLION_BY_TWO,
    ONE_ROW,
    SMALL,
    SMOOTH,
    WIDE,
    Work,
)


class Runner(NamedTuple):
    """A contender with its threads."""

    name: str
    threads: int = 1

    @property
    def title(self) -> str:
        return ENTRIES[self.name].title + (f", {self.threads} threads" if self.threads > 1 else "")


TORCH = ("torch", "torch-compile", "torch-step")
PRODUCTS = ("products", "products-avx512")
TRAINING = ("thalweg", *TORCH, "jax", "sklearn", *PRODUCTS)

PREDICTORS = ("thalweg", "torch", "torch-pieces", "onnxruntime", "onnxruntime-pieces", "jax")


def _with_one_thread(*names: str) -> tuple[Runner, ...]:
    return tuple(Runner(name) for name in names)


# The races: a work, and who does it.
RACES: dict[str, tuple[Work, tuple[Runner, ...]]] = {
    work.key: (work, runners)
    for work, runners in (
        (
            ARTICLE,
            _with_one_thread(
                "thalweg",
                "reference",
                "dlnet",
                "article",
                *TORCH,
                "jax",
                "jax-columns",
                "sklearn",
                *PRODUCTS,
            ),
        ),
        (SMALL, _with_one_thread(*TRAINING)),
        (MIDDLE, _with_one_thread("reference", *TRAINING)),
        (LARGE, _with_one_thread(*TRAINING)),
        (WIDE, _with_one_thread("thalweg", "torch", "torch-step", "jax", *PRODUCTS)),
        *((work, _with_one_thread("thalweg", "torch", "torch-step", "jax")) for work in SMOOTH),
        (MEMBERS, (*_with_one_thread("thalweg", "torch", "jax-columns"), Runner("thalweg", 2))),
        (EPOCH, _with_one_thread("thalweg", "thalweg-fit", "torch", "sklearn")),
        (ONE_ROW, _with_one_thread("thalweg", "torch", "onnxruntime", "jax", "sklearn")),
        (MILLION, tuple(Runner(name) for name in PREDICTORS)),
        (MILLION_BY_TWO, tuple(Runner(name, 2) for name in PREDICTORS)),
    )
}


class Ratio(NamedTuple):
    """Of two contenders' seconds, round by round."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g}–{self.high:.3g})"


@dataclass
class Race:
    """One work and the seconds of all its passes.

    Attributes
    ----------
    work : Work
    seconds : dict of Runner to list of float
        One a round: the processor's where nobody uses more than one core, else the wall's.
    waited : dict of Runner to list of float
        Wall's seconds over the processor's: how much the machine gave to others.
    values : dict of Runner to float
        What the last pass came to.
    """

    work: Work
    seconds: dict[Runner, list[float]] = field(default_factory=dict)
    waited: dict[Runner, list[float]] = field(default_factory=dict)
    values: dict[Runner, float] = field(default_factory=dict)

    def add(self, runner: Runner, took: dict[str, float], clock: str) -> None:
        self.seconds.setdefault(runner, []).append(took[clock])
        self.waited.setdefault(runner, []).append(took["wall"] / took["cpu"])
        self.values[runner] = took["value"]

    def microseconds(self, runner: Runner) -> float:
        """A step (or a call), median over the rounds."""
        return statistics.median(self.seconds[runner]) / self.work.steps * 1e6

    def gflops(self, runner: Runner) -> float:
        """Operations of the matrix products alone over the time of everything."""
        return self.work.flops / self.microseconds(runner) / 1e3

    def ratio(self, slow: Runner, fast: Runner) -> Ratio:
        """How many times as long the first takes."""
        each = [a / b for a, b in zip(self.seconds[slow], self.seconds[fast], strict=True)]
        return Ratio(statistics.median(each), min(each), max(each))


class Stable:
    """The running contenders' processes, started when first asked for."""

    def __init__(self, scratch: str) -> None:
        self.scratch = scratch
        self.workers: dict[Runner, Worker] = {}

    def __getitem__(self, runner: Runner) -> Worker:
        if runner not in self.workers:
            self.workers[runner] = Worker(runner.name, runner.threads, self.scratch)
        return self.workers[runner]

    def versions(self) -> dict[str, str]:
        return {k: v for worker in self.workers.values() for k, v in worker.versions.items()}

    def close(self) -> None:
        for worker in self.workers.values():
            worker.end()


def say(text: str) -> None:
    """One line that is written over again, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def run(work: Work, runners: Sequence[Runner], rounds: int, stable: Stable) -> Race:
    """One race; says on the standard error what it is at."""
    race = Race(work)
    clock = "cpu" if all(runner.threads == 1 for runner in runners) else "wall"
    for runner in runners:
        say(f"{work.title}: {runner.title}")
        stable[runner].prepare(work)
    for i in range(rounds):
        say(f"{work.title}: round {i + 1} of {rounds}")
        shift = i % len(runners)
        for runner in (*runners[shift:], *runners[:shift]):
            race.add(runner, stable[runner].run(), clock)
    agree(race)
    say("")
    return race


def agree(race: Race) -> None:
    """Ends the program where a contender did not do the same work as the others.

    Losses differ by the order of the rows and, in scikit-learn, by the starting point; a
    prediction is a logit of the same network.
    """
    values = {
        runner: value
        for runner, value in race.values.items()
        if not runner.name.startswith("products")  # which learn nothing
        and (race.work.kind == "train" or runner.name != "sklearn")
    }
    middle = statistics.median(values.values())
    for runner, value in values.items():
        tolerance = 0.25 * abs(middle) if race.work.kind == "train" else 1e-4
        if not abs(value - middle) <= tolerance:  # nor is NaN the same
            sys.exit(
                f"bench: {race.work.title}: {runner.title} came to {value:.6g}, the others to "
                f"{middle:.6g}; it did not do the same work"
            )
