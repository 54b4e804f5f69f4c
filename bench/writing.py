"""Writes the page of benchmark results, docs/benchmarks.md."""

import statistics
from dataclasses import dataclass
from itertools import pairwise

from bench.bars import US, Bar
from bench.fresh import Fit, Import, Memory
from bench.growth import Way
from bench.races import PRODUCTS, Race, Runner
from bench.rules import Compared

HEAD = """# Benchmarks

`make bench` writes this page. It creates an environment with the other libraries and measures on
your machine; the numbers here are from one run of it. The machine was not idle, so trust the ratios
rather than the absolute times.

```console
$ make bench
$ make bench-quick
```

How it is measured:

- Every contender runs in its own process. In a *round* each one does one pass of the work, one
  after another, and each round begins with a different one. A ratio compares two passes of the same
  round. The tables give the median over the rounds and, in brackets, the lowest and the highest
  value.
- Unless stated otherwise: one thread on one core, float32, and processor time, which counts all
  threads of a process and no other programs. With two threads, the clock is wall time, and on a
  busy machine such numbers mean little.
- The tables are synthetic (`bench/workloads.py`), with 99,840 rows of 50 columns for mini-batches
  (5,120 for the widest network), so that no batch is short. All contenders except scikit-learn
  start from the same weights. A run ends with an error if the losses, or the predictions, do not
  agree.
- **thalweg** uses `train`, with its history and without held-out rows. The extra pass over all rows
  that evaluates the last epoch is part of its time.
- **PyTorch** uses its fused optimizers and takes batches as slices of rows that are shuffled once
  an epoch. *Compiled loss* is `torch.compile` over network and loss; *compiled step* is one graph
  of the whole step, with Adam written out.
- **JAX** runs a whole epoch (full batch: the whole training) in one `jit` over `lax.scan`, with
  donated memory and Adam written out. *Samples as columns* is the same with all matrices
  transposed.
- **scikit-learn** is `MLPClassifier`, and the **article's NumPy** is the article's own loop in
  float64.
- *A large table* has 10⁶ rows of 50 columns. `ThalwegClassifier.fit` includes everything that the
  estimator does before, in and after the epoch: it reads and sorts the rows, fits the encoder,
  encodes the rows batch by batch, and hashes them. scikit-learn's time is that of its `fit`, too,
  which does not scale the columns.
- *Matrix products alone* are the matrix products of a step and nothing else, by SciPy's OpenBLAS
  from compiled code, in whichever layout is faster. GFLOP/s divide the operations of these products
  by the time of the whole step. With *AVX-512*, OpenBLAS was told to use those kernels
  (`OPENBLAS_CORETYPE=SkylakeX`).
- Compilation happens before the clock starts; [Once](#once-imports-first-fits-memory) gives its
  cost.
"""


@dataclass(frozen=True)
class Results:
    """All results of a run."""

    facts: dict[str, str]
    rounds: int
    races: dict[str, Race]
    fits: list[Fit]
    imports: list[Import]
    memories: list[Memory]
    large: list[Memory]
    growth: list[tuple[Way, list[Race]]]
    rules: list[Compared]
    bars: list[Bar]


def page(results: Results) -> str:
    """The whole page, without the parts that were not run."""
    races = results.races
    parts = [
        HEAD,
        _machine(results),
        _bars(results.bars),
        _training([races[key] for key in TRAINED if key in races]),
        _smooth(races),
        _plain("Many networks", races, ("members",), "µs for one step of one network."),
        _plain("A large table", races, ("epoch",), "µs a step; the epoch has 977 steps.")
        + _large(results.large),
        _plain("Prediction", races, ("one-row", "million", "million-by-two"), "µs a call."),
        _once(results.fits, results.imports, results.memories),
        _growth(results.growth),
        _rules(results.rules),
    ]
    return "\n".join(part for part in parts if part)


def table(head: list[str], rows: list[list[str]], words: int = 1) -> str:
    """A Markdown table; the first ``words`` columns are text, the others numbers."""
    line = ["---"] * words + ["---:"] * (len(head) - words)
    return "".join("| " + " | ".join(row) + " |\n" for row in (head, line, *rows))


def number(value: float) -> str:
    """Three digits, no exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _machine(results: Results) -> str:
    rows = [[name, value] for name, value in results.facts.items()]
    rows.append(["rounds", str(results.rounds)])
    waited = [
        each
        for race in results.races.values()
        for runner, passes in race.waited.items()
        if runner.threads == 1
        for each in passes
    ]
    if waited:
        told = f"{statistics.median(waited):.2f}, at most {max(waited):.1f}"
        rows.append(["wall time ÷ processor time, passes with one thread", told])
    return "## Machine and versions\n\n" + table(["", ""], rows, words=2)


def _bars(bars: list[Bar]) -> str:
    if not bars:
        return ""
    rows = [[*bar] for bar in bars]
    return (
        "## Targets\n\nA ÷ B is the time of A divided by the time of B, in one round.\n\n"
        + table(["work", "what", "target", "measured", "met"], rows, words=2)
    )


def _training(races: list[Race]) -> str:
    if not races:
        return ""
    runners = list(dict.fromkeys(runner for race in races for runner in race.seconds))
    head = ["", *(race.work.title for race in races)]

    def cells(of: object, skip: tuple[str, ...] = ()) -> list[list[str]]:
        return [
            [runner.title, *(of(race, runner) if runner in race.seconds else "–" for race in races)]
            for runner in runners
            if runner.name not in skip
        ]

    return (
        "## Training\n\nµs a step:\n\n"
        + table(head, cells(lambda race, runner: number(race.microseconds(runner))))
        + "\nTime divided by that of thalweg:\n\n"
        + table(
            head, cells(lambda race, runner: str(race.ratio(runner, US)), ("thalweg", *PRODUCTS))
        )
        + "\nGFLOP/s (float64 where stated):\n\n"
        + table(head, cells(lambda race, runner: number(race.gflops(runner))))
        + "\nGFLOP/s of thalweg's whole step, as a share of those of the matrix products alone:\n\n"
        + table(
            head,
            [
                [Runner(name).title, *(str(race.ratio(Runner(name), US)) for race in races)]
                for name in PRODUCTS
            ],
        )
    )


def _smooth(races: dict[str, Race]) -> str:
    found = {key: race for key, race in races.items() if key.partition("-")[0] in SIZES}
    found = {key: race for key, race in found.items() if "-" in key}
    if not found:
        return ""
    runners = list(next(iter(found.values())).seconds)
    rows = []
    for key, race in found.items():
        plain = races.get(key.partition("-")[0])
        slower = race.microseconds(US) / plain.microseconds(US) if plain else None
        rows.append(
            [
                race.work.title,
                *(number(race.microseconds(runner)) for runner in runners),
                *(str(race.ratio(runner, US)) for runner in runners[1:]),
                "–" if slower is None else f"{slower:.2f}",
            ]
        )
    head = [
        "work",
        *(runner.title for runner in runners),
        *(f"{runner.title} ÷ thalweg" for runner in runners[1:]),
        "thalweg ÷ with ReLU",
    ]
    return "## Other activations\n\nµs a step, and ratios:\n\n" + table(head, rows)


SIZES = ("small", "middle", "large")
TRAINED = ("article", *SIZES, "wide")


def _plain(title: str, races: dict[str, Race], keys: tuple[str, ...], unit: str) -> str:
    text = ""
    for key in keys:
        if key in races:
            race = races[key]
            rows = [
                [runner.title, number(race.microseconds(runner)), _beside(race, runner)]
                for runner in race.seconds
            ]
            head = [race.work.title, "µs", "÷ thalweg"]
            text += "\n" + table(head, rows)
    return f"## {title}\n\n{unit}\n{text}" if text else ""


def _beside(race: Race, runner: Runner) -> str:
    us = Runner("thalweg", runner.threads)
    if runner != us:
        return str(race.ratio(runner, us))
    return f"{race.ratio(us, US)} of one thread" if US in race.seconds and us != US else "1"


def _once(fits: list[Fit], imports: list[Import], memories: list[Memory]) -> str:
    if not fits:
        return ""
    fit_rows = [
        [fit.title, f"{fit.first:.2f}", f"{fit.cached:.2f}", f"{fit.again:.3f}"] for fit in fits
    ]
    import_rows = [[f"`{i.statement}`", f"{i.whole:.3f}", f"{i.own:.3f}"] for i in imports]
    return (
        "## Once: imports, first fits, memory\n\n"
        "Each number is from an interpreter that has just been started. The first table gives the"
        " processor time of a fit of 100 steps of the article's network, in seconds, with C++"
        " compilers and without imports: if nothing was ever compiled, if another process has"
        " compiled the same before, and for the second fit in one process.\n\n"
        + table(["", "first ever", "compiled before", "second"], fit_rows)
        + "\nImports, in seconds, as `python -X importtime` reports them, the lowest of five:\n\n"
        + table(["", "with all libraries", "the package's own modules"], import_rows)
        + "\nPeak memory, MB, up to the end of one epoch of 50-256-256-1 over 99,840 rows"
        " (20 MB of numbers):\n\n" + _held(memories)
    )


def _held(memories: list[Memory]) -> str:
    rows = [
        [m.title, number(m.libraries), number(m.fit), number(m.fit - m.libraries)] for m in memories
    ]
    return table(["", "libraries", "after the fit", "difference"], rows)


def _large(memories: list[Memory]) -> str:
    if not memories:
        return ""
    return (
        "\nPeak memory, MB, up to the end of that epoch; the table alone is 200 MB of"
        " float32:\n\n" + _held(memories)
    )


def _growth(growth: list[tuple[Way, list[Race]]]) -> str:
    if not growth:
        return ""
    text = (
        "## Growth\n\nµs a step, with one size growing at a time; × compares with the size"
        " before.\n"
    )
    for way, races in growth:
        head = [way.title, *(f"{n:,}" for n in way.sizes)]
        rows = []
        for runner in way.runners:
            times = [race.microseconds(runner) for race in races]
            if way.key == "members":
                times = [t * n for t, n in zip(times, way.sizes, strict=True)]
            steps = [""] + [f" (×{b / a:.2f})" for a, b in pairwise(times)]
            cells = [number(t) + step for t, step in zip(times, steps, strict=True)]
            rows.append([runner.title, *cells])
        text += "\n" + table(head, rows)
    return text


def _rules(rules: list[Compared]) -> str:
    if not rules:
        return ""
    rows = [[f"`{r.ours}`", f"`{r.theirs}`", f"{r.apart:.1e}"] for r in rules]
    return (
        "## Update rules compared with PyTorch's\n\n"
        "‖Δθ‖ / ‖θ‖ after 100 steps over all 500 rows of the article's work in float64, with"
        " gradients from each side's own backward pass. More than 1e-10 ends the run with an"
        " error.\n\n" + table(["thalweg", "PyTorch", "difference"], rows, words=2)
    )
