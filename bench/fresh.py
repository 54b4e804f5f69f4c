"""What happens once: imports, the first fit ever and the next ones, and how much memory it takes.

    python -m bench.fresh first|memory|large NAME

Each number comes from an interpreter that has just been started.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench.contenders import ENTRIES
from bench.races import say
from bench.worker import bind, environment
from bench.workloads import ARTICLE, EPOCH, LARGE, Work

# A fit so short that nearly all of its time is what comes before the first step.
FIRST = replace(ARTICLE, epochs=100)
MEMORY = replace(LARGE, epochs=1)

FITTERS = ("thalweg", "torch", "torch-compile", "jax", "sklearn")
TRAINERS = ("thalweg", "torch", "jax", "sklearn")
LARGE_TRAINERS = ("thalweg-fit", "torch", "sklearn")
# Statements, and the package whose own share of the time is told apart.
IMPORTS = (
    ("import thalweg", "thalweg"),
    ("from thalweg import ThalwegClassifier", "thalweg"),
    ("import torch", "torch"),
    ("import jax.numpy", "jax"),
    ("from sklearn.neural_network import MLPClassifier", "sklearn"),
)
# What -X importtime writes: the module's own microseconds, those with all it imports, its name.
IMPORT_TIME = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s*(\S+)")


@dataclass(frozen=True)
class Fit:
    """The processor's seconds for a short fit, in an interpreter that has imported everything.

    Attributes
    ----------
    title : str
    first : float
        Nothing was ever compiled on this machine.
    cached : float
        Another process has compiled before.
    again : float
        The second fit of a process.
    """

    title: str
    first: float
    cached: float
    again: float


@dataclass(frozen=True)
class Import:
    """Seconds of an import statement in a bare interpreter, and what of it is no library's."""

    statement: str
    whole: float
    own: float


@dataclass(frozen=True)
class Memory:
    """The most memory a process held, in MB: with its libraries alone, and over a fit."""

    title: str
    libraries: float
    fit: float


def fits(repeats: int) -> list[Fit]:
    """Of every contender; of thalweg the medians of so many, since some compilers take long."""
    found = []
    for name in FITTERS:
        say(f"first fit: {ENTRIES[name].title}")
        times = []
        for _ in range(repeats if name == "thalweg" else 1):
            with tempfile.TemporaryDirectory() as home:
                first = _child(home, "first", name)
                times.append((first["first"], _child(home, "first", name)["first"], first["again"]))
        found.append(Fit(ENTRIES[name].title, *map(statistics.median, zip(*times, strict=True))))
    return found


def imports(repeats: int) -> list[Import]:
    """The lowest of so many, since the wall's clock has to do; the files have been read before."""
    found = []
    for statement, package in IMPORTS:
        say(statement)
        times = [_import(statement, package) for _ in range(repeats + 1)]
        found.append(Import(statement, *map(min, zip(*times[1:], strict=True))))
    return found


def _import(statement: str, package: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import site, encodings\n{statement}"],
        env=environment(1, {}),
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [match.groups() for match in map(IMPORT_TIME.match, done.stderr.splitlines()) if match]
    # What every interpreter imports for itself comes before the statement's modules.
    names = [name for _, _, name in lines]
    lines = lines[names.index("site") + 1 :]
    own = sum(int(took) for took, _, name in lines if name.partition(".")[0] == package)
    return sum(int(took) for took, _, _ in lines) / 1e6, own / 1e6


def memories() -> list[Memory]:
    found = []
    with tempfile.TemporaryDirectory() as home:
        for name in TRAINERS:
            say(f"memory: {ENTRIES[name].title}")
            _child(home, "first", name)  # so that no compiler runs in the process that is looked at
            found.append(Memory(ENTRIES[name].title, **_child(home, "memory", name)))
    return found


def large_memories() -> list[Memory]:
    """The same over a table of a million rows, the table itself included."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        for name in LARGE_TRAINERS:
            say(f"memory, 10⁶ rows: {ENTRIES[name].title}")
            _child(home, "large", name)  # compiles
            found.append(Memory(ENTRIES[name].title, **_child(home, "large", name)))
    return found


def _child(home: str, *arguments: str) -> dict[str, float]:
    """Run this file in a process whose user has nothing but an empty home directory."""
    where = {"HOME": home, "XDG_CACHE_HOME": home, "TORCHINDUCTOR_CACHE_DIR": f"{home}/inductor"}
    done = subprocess.run(
        [sys.executable, "-m", "bench.fresh", *arguments],
        env=environment(1, where),
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"bench: {' '.join(arguments)} ended with code {done.returncode}; see above")
    return json.loads(done.stdout.splitlines()[-1])


def _first(name: str) -> dict[str, float]:
    run = ENTRIES[name].make(1).prepare(FIRST)
    times = []
    for _ in range(2):
        began = _processor()
        run()
        times.append(_processor() - began)
    return {"first": times[0], "again": times[1]}


def _processor() -> float:
    """Seconds of this process and of the compilers that it called."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _memory(name: str, work: Work = MEMORY) -> dict[str, float]:
    contender = ENTRIES[name].make(1)
    libraries = _most()
    contender.prepare(work)()
    return {"libraries": libraries, "fit": _most()}


def _most() -> float:
    """Peak resident set so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not by getrusage: on Linux a process inherits the peak of the one that started it.
        (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS


if __name__ == "__main__":
    bind(1)
    what, *rest = sys.argv[1:]
    told = {"first": _first, "memory": _memory, "large": partial(_memory, work=EPOCH)}
    print(json.dumps(told[what](*rest)))
