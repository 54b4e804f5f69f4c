"""What thalweg aims at, as numbers that one run of the benchmarks can tell yes or no to."""

from typing import NamedTuple

from bench.fresh import Fit, Import, Memory
from bench.races import Race, Ratio, Runner
from bench.workloads import EPOCH

US, DLNET, PRODUCTS = Runner("thalweg"), Runner("dlnet"), Runner("products")


class Bar(NamedTuple):
    """One aim and what was measured.

    Attributes
    ----------
    work, what, aim, measured : str
    held : str
        "yes" or "no", and where it is known why nobody could: why.
    """

    work: str
    what: str
    aim: str
    measured: str
    held: str


# work -> how many times as long as thalweg the rival must take at least
AHEAD = {
    "article": {
        "torch": 25, "torch-compile": 25, "torch-step": 25, "sklearn": 20, "article": 8, "jax": 3,
        "jax-columns": 3,
    },
    "small": {"torch": 12, "torch-compile": 12, "torch-step": 12, "sklearn": 8, "jax": 1.15},
    "middle": {"torch": 3.5, "torch-compile": 3.5, "torch-step": 3.5, "sklearn": 3.5, "jax": 1.0},
    "epoch": {"torch": 1.0, "sklearn": 1.0},
    "large": {"torch": 1.3, "torch-compile": 1.3, "torch-step": 1.3, "jax": 0.92, "products": 0.85},
    "wide": {"torch": 1.0, "torch-step": 1.0},
    "million": {"jax": 1.0},
}  # fmt: skip
SLOWER_THAN_RELU = 1.3
ONE_ROW_MICROSECONDS = 15
TABLES, TABLE_MB = 2, EPOCH.rows * EPOCH.sizes[0] * 4 / 1e6
FIRST_SECONDS, CACHED_SECONDS, IMPORT_SECONDS = 8, 0.6, 0.3


def judged(
    races: dict[str, Race], fits: list[Fit], imports: list[Import], large: list[Memory]
) -> list[Bar]:
    """All bars whose work was run."""
    bars = []
    for key, aims in AHEAD.items():
        if key in races:
            for name, aim in aims.items():
                bars += _ahead(races[key], Runner(name), US, aim)
    if "article" in races:
        for name, aim in AHEAD["article"].items():
            bars += _ahead(races["article"], Runner(name), DLNET, aim / 2)
    bars += _smooth(races)
    if "members" in races:
        race, two = races["members"], Runner("thalweg", 2)
        bars += _ahead(race, US, two, 1.8) + _ahead(race, Runner("torch"), two, 45)
    if "one-row" in races:
        took = races["one-row"].microseconds(US)
        bars.append(_most(races["one-row"].work.title, "thalweg", took, ONE_ROW_MICROSECONDS, "µs"))
    for key, threads in (("million", 1), ("million-by-two", 2)):
        if key in races:
            for name in ("torch", "torch-pieces", "onnxruntime", "onnxruntime-pieces"):
                us = Runner("thalweg", threads)
                bars += _ahead(races[key], Runner(name, threads), us, 1.0)
    for fit in fits[:1]:
        bars += [
            _most("first fit ever", fit.title, fit.first, FIRST_SECONDS, "s"),
            _most("first fit, compiled before", fit.title, fit.cached, CACHED_SECONDS, "s"),
        ]
    for each in imports[:2]:
        bars.append(
            _most("import", f"`{each.statement}`, libraries aside", each.own, IMPORT_SECONDS, "s")
        )
    for each in large[:1]:
        grown = (each.fit - each.libraries) / TABLE_MB
        bars.append(_most(EPOCH.title, "memory taken ÷ the float32 table", grown, TABLES, ""))
    return bars


def _ahead(race: Race, slow: Runner, fast: Runner, aim: float) -> list[Bar]:
    """One bar, or none where one of the two did not run."""
    if not {slow, fast} <= set(race.seconds):
        return []
    ratio: Ratio = race.ratio(slow, fast)
    what = f"{slow.title} ÷ {fast.title}"
    held = "yes" if ratio.median >= aim else "**no**" + _bound(race, slow, fast, aim)
    return [Bar(race.work.title, what, f"≥ {aim:g}", str(ratio), held)]


def _bound(race: Race, slow: Runner, fast: Runner, aim: float) -> str:
    """Where the aim leaves less time than the matrix products alone take, no program holds it."""
    if fast != US or PRODUCTS not in race.seconds:
        return ""
    products, left = race.microseconds(PRODUCTS), race.microseconds(slow) / aim
    if left > products:
        return ""
    return f": it leaves {left:.3g} µs, and the products alone take {products:.3g}"


def _most(work: str, what: str, value: float, aim: float, unit: str) -> Bar:
    held = "yes" if value <= aim else "**no**"
    return Bar(work, what, f"≤ {aim:g} {unit}".rstrip(), f"{value:.3g} {unit}".rstrip(), held)


def _smooth(races: dict[str, Race]) -> list[Bar]:
    """Other activations than ReLU: ahead of PyTorch, and not much slower than with ReLU."""
    bars = []
    for key, race in races.items():
        size, _, activation = key.partition("-")
        if not activation or size not in ("small", "middle", "large"):
            continue
        bars += _ahead(race, Runner("torch"), US, 1.0) + _ahead(race, Runner("torch-step"), US, 1.0)
        if size == "large" and size in races:
            slower = race.microseconds(US) / races[size].microseconds(US)
            bars.append(
                _most(race.work.title, "thalweg ÷ thalweg with ReLU", slower, SLOWER_THAN_RELU, "")
            )
    return bars
