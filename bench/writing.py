"""The page of results, docs/benchmarks.md."""

import statistics
from dataclasses import dataclass
from itertools import pairwise

from bench.bars import US, Bar
from bench.fresh import Fit, Import, Memory
from bench.growth import Way
from bench.races import PRODUCTS, Race, Runner
from bench.rules import Compared

HEAD = """# Benchmarks

Written by `make bench`, which makes an environment with the rivals in it and measures on your
machine; what stands here is one run of it. Absolute times are those of this machine, which was not
idle: the ratios are what counts.

```console
$ make bench
$ make bench-quick
```

How it is measured:

- Everybody has a process of their own. In a *round* each does one pass of a work, one after
  another, and each round begins with somebody else; a ratio is that of two passes of the same
  round. Given are the median over the rounds and, in brackets, the lowest and the highest.
- One thread on one core unless said, float32 unless said. There the clock is the processor's, which
  counts all threads of a process and not what other programs took; where somebody runs two
  threads, the clock is the wall's, and on a busy machine such numbers mean little.
- The tables are synthetic (`bench/workloads.py`), 99,840 rows of 50 columns for mini-batches, so
  that no batch is short. Everybody starts from the same weights but for scikit-learn, and a run
  ends with an error where the losses, or the predictions, do not agree.
- **thalweg** goes through `train`, with its history and without held-out rows; the look at all rows
  that judges the last epoch is part of its time.
- **PyTorch** has its fused optimizers and takes batches as slices of rows shuffled once an epoch.
  *Compiled loss* is `torch.compile` over network and loss; *compiled step* is one graph of the
  whole step, Adam written out.
- **JAX** runs a whole epoch (full batch: the whole descent) in one `jit` over `lax.scan`, its
  memory donated, Adam written out. *Samples as columns* is the same with all matrices transposed.
- **scikit-learn** is `MLPClassifier`, and the **article's NumPy** its own loop in float64.
- *A large table* is 10⁶ rows of 50 columns. `ThalwegClassifier.fit` there is all that the estimator
  does before, in and after the epoch: it reads and sorts the rows, measures the columns, encodes
  them batch by batch, and hashes them. scikit-learn's time is that of its `fit`, too, which scales
  nothing.
- *Matrix products alone* are the products of a step and nothing else, by SciPy's OpenBLAS from
  compiled code, in whichever layout is faster; GFLOP/s count these products' operations over the
  time of everything. With *AVX-512* OpenBLAS was told to use those kernels
  (`OPENBLAS_CORETYPE=SkylakeX`).
- Compilers compile before the clock starts; what that costs stands under
  [Once](#once-imports-first-fits-memory).
"""


@dataclass(frozen=True)
class Results:
    """All that a run found."""

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
    """The whole page; a part that was not run is left out."""
    races = results.races
    parts = [
        HEAD,
        _machine(results),
        _bars(results.bars),
        _training([races[key] for key in ("article", "small", "middle", "large") if key in races]),
        _smooth(races),
        _plain("Many networks", races, ("members",), "µs for one step of one network."),
        _plain("A large table", races, ("epoch",), "µs a step, of which there are 977.")
        + _large(results.large),
        _plain("Prediction", races, ("one-row", "million", "million-by-two"), "µs a call."),
        _once(results.fits, results.imports, results.memories),
        _growth(results.growth),
        _rules(results.rules),
    ]
    return "\n".join(part for part in parts if part)


def table(head: list[str], rows: list[list[str]], words: int = 1) -> str:
    """A table of Markdown; so many columns are words, the others numbers."""
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
        rows.append(["the wall's seconds over the processor's, passes of one thread", told])
    return "## Machine and versions\n\n" + table(["", ""], rows, words=2)


def _bars(bars: list[Bar]) -> str:
    if not bars:
        return ""
    rows = [[*bar] for bar in bars]
    return (
        "## What is aimed at\n\nA ÷ B is how many times as long A takes as B, in one round.\n\n"
        + table(["work", "what", "aim", "measured", "held"], rows, words=2)
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
        + "\nHow many times as long as thalweg:\n\n"
        + table(
            head, cells(lambda race, runner: str(race.ratio(runner, US)), ("thalweg", *PRODUCTS))
        )
        + "\nGFLOP/s (float64 where said):\n\n"
        + table(head, cells(lambda race, runner: number(race.gflops(runner))))
        + "\nShare of the GFLOP/s of the matrix products alone that thalweg reaches with all that"
        " a step is:\n\n"
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
        "Each number is from an interpreter that has just been started. A fit of 100 steps of the"
        " article's network, in seconds of the processor, C++ compilers included and imports not:"
        " where nothing was ever compiled, where another process has compiled the same before, and"
        " the second in one process.\n\n"
        + table(["", "first ever", "compiled before", "second"], fit_rows)
        + "\nImports, in seconds, as `python -X importtime` tells them, the lowest of five:\n\n"
        + table(["", "with all libraries", "the package's own modules"], import_rows)
        + "\nThe most memory held, MB, up to the end of one epoch of 50-256-256-1 over 99,840 rows"
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
        "\nThe most memory held, MB, up to the end of that epoch; the table alone is 200 MB of"
        " float32:\n\n" + _held(memories)
    )


def _growth(growth: list[tuple[Way, list[Race]]]) -> str:
    if not growth:
        return ""
    text = "## Growth\n\nµs a step, one size growing at a time; × is against the size before.\n"
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
        "## Rules of descent against PyTorch's\n\n"
        "‖Δθ‖ / ‖θ‖ after 100 steps over all 500 rows of the article's work in float64, gradients"
        " from each side's own backward pass; more than 1e-10 ends the run with an error.\n\n"
        + table(["thalweg", "PyTorch", "apart"], rows, words=2)
    )
