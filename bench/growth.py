"""How the time of a step grows with one size at a time, thalweg beside PyTorch eager."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from bench.races import Race, Runner, Stable, run
from bench.workloads import ARTICLE, MIDDLE, Work

BASE = replace(MIDDLE, rows=9_984, epochs=2)
RUNNERS = (Runner("thalweg"), Runner("torch"))


def _rows(n: int) -> Work:
    steps = max(5, min(1000, 2_000_000 // n))
    return replace(ARTICLE, key=f"rows-{n}", rows=n, epochs=steps)


def _columns(n: int) -> Work:
    return replace(BASE, key=f"columns-{n}", sizes=(n, *BASE.sizes[1:]))


def _width(n: int) -> Work:
    return replace(BASE, key=f"width-{n}", sizes=(50, n, n, 1))


def _depth(n: int) -> Work:
    return replace(BASE, key=f"depth-{n}", sizes=(50, *[64] * n, 1))


def _members(n: int) -> Work:
    return replace(ARTICLE, key=f"members-{n}", members=n, epochs=500)


class Way(NamedTuple):
    """One size, and what it makes larger.

    Attributes
    ----------
    key, title : str
    sizes : tuple of int
    work : callable
    runners : tuple of Runner
    """

    key: str
    title: str
    sizes: tuple[int, ...]
    work: Callable[[int], Work]
    runners: tuple[Runner, ...] = RUNNERS


WAYS = (
    Way("rows", "rows in a step, 9-15-1, full batch, GD", (100, 1_000, 10_000, 100_000), _rows),
    Way("columns", "columns, n-64-64-1, batch 256, Adam", (10, 50, 250, 1_250), _columns),
    Way("width", "width, 50-n-n-1, batch 256, Adam", (16, 64, 256, 1_024), _width),
    Way("depth", "depth, 50-64-…-64-1 with n hidden layers, batch 256, Adam", (1, 2, 4, 8), _depth),
    Way(
        "members",
        "members, n networks 9-15-1 at once, a step of each",
        (1, 4, 16, 64),
        _members,
        (Runner("thalweg"), Runner("thalweg", 2)),
    ),
)


def grown(rounds: int, stable: Stable) -> list[tuple[Way, list[Race]]]:
    """Each way with its races, one a size."""
    ran = []
    for way in WAYS:
        works = [replace(way.work(n), title=f"{way.title}: {n:,}") for n in way.sizes]
        ran.append((way, [run(work, way.runners, rounds, stable) for work in works]))
    return ran
