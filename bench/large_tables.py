"""Large tables of known truth: how near a default fit comes to it, beside boosted trees.

    python -m bench.large_tables [--tables numbers clicks] [--who thalweg] [--share 1.0] [--seeds 1]

Each rule draws its own rows, so that the best possible loss is known. All losses are on fresh rows;
processor seconds and the largest memory are those of a process of its own with one thread.
LightGBM has to be installed beside thalweg; ``--who thalweg`` does without.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

Floats = np.ndarray[Any, np.dtype[np.float64]]
Random = np.random.Generator

N_FRESH = 100_000


class Truth(NamedTuple):
    """Columns of a table, and the true mean of the target in each row."""

    columns: dict[str, Any]
    mean: Floats


class Rule(NamedTuple):
    """How a table is drawn.

    Attributes
    ----------
    n_rows : int
    classes : bool
        Two classes by the probability `Truth.mean`; otherwise numbers with noise N(0, 1).
    truth : callable
        Draws so many rows; the first generator draws what all rows of a table share.
    """

    n_rows: int
    classes: bool
    truth: Callable[[Random, Random, int], Truth]


class Drawn(NamedTuple):
    """Rows of a table with their target and its true mean."""

    X: pd.DataFrame
    y: Floats
    mean: Floats


def _chance(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _named(x: Floats) -> dict[str, Any]:
    return {f"x{j:02d}": x[:, j] for j in range(x.shape[1])}


def _numbers(shared: Random, random: Random, n: int) -> Truth:
    """Twenty numbers: smooth effects, interactions of pairs, ten columns without an effect."""
    x = random.random((n, 20))
    waves = shared.uniform(1.0, 3.0, 2)
    mean = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    mean += 10 * x[:, 3] + 5 * x[:, 4] + 3 * np.sin(2 * np.pi * waves[0] * x[:, 5]) * x[:, 6]
    mean += 4 * np.abs(x[:, 7] - x[:, 8]) + 2 * np.cos(2 * np.pi * waves[1] * x[:, 9])
    return Truth(_named(x), mean)


def _steps(shared: Random, random: Random, n: int) -> Truth:
    """Thirty numbers: sixty steps along the axes and boxes of two or three, as trees draw them."""
    x = random.normal(size=(n, 30))
    logit = np.zeros(n)
    for _ in range(60):
        at = shared.integers(30, size=shared.integers(1, 4))
        inside = (x[:, at] > shared.normal(0.0, 0.7, len(at))).all(axis=1)
        logit += shared.normal(0.0, 0.7) * inside
    return Truth(_named(x), _chance(logit))


def _clicks(shared: Random, random: Random, n: int) -> Truth:
    """Four categories of 20 to 5,000 levels, of which a few are common, and six numbers."""
    x = random.normal(size=(n, 6))
    columns, logit = _named(x), -1.5 + 0.5 * x[:, 0] + 0.4 * x[:, 1] * x[:, 2]
    for name, n_levels in (("site", 20), ("device", 100), ("advert", 1_000), ("user", 5_000)):
        level = np.minimum(random.zipf(1.3, n) - 1, random.integers(n_levels, size=n))
        logit += shared.normal(0.0, 0.7, n_levels)[level]
        logit += shared.normal(0.0, 0.3, n_levels)[level] * x[:, 3]
        names = np.array([f"{name} {k:04d}" for k in range(n_levels)])
        columns[name] = pd.Categorical.from_codes(level, names.tolist())
    return Truth(columns, _chance(logit))


def _mixed(shared: Random, random: Random, n: int) -> Truth:
    """Numbers of heavy tails, two categories, missing cells, and a smooth rule of two layers."""
    x = random.normal(size=(n, 12))
    kind, region = random.integers(8, size=n), random.integers(40, size=n)
    hidden = np.tanh(x @ shared.normal(0.0, 0.6, (12, 10)) + shared.normal(size=(8, 10))[kind])
    mean = hidden @ shared.normal(0.0, 1.0, 10) + shared.normal(0.0, 0.5, 40)[region]
    seen = np.sinh(1.5 * x)
    seen[:, :3][random.random((n, 3)) < 0.1] = np.nan
    columns = _named(seen)
    columns["kind"] = pd.Categorical.from_codes(kind, list("abcdefgh"))
    columns["region"] = pd.Categorical.from_codes(region, [f"R{k:02d}" for k in range(40)])
    return Truth(columns, mean)


RULES = {
    "numbers": Rule(300_000, False, _numbers),
    "steps": Rule(500_000, True, _steps),
    "mixed": Rule(1_000_000, False, _mixed),
    "clicks": Rule(2_000_000, True, _clicks),
}


def tables(name: str, share: float = 1.0, seed: int = 0) -> tuple[Drawn, Drawn]:
    """Training rows and fresh rows of a table, or of a share of its rows."""
    rule = RULES[name]

    def some(n: int, part: int) -> Drawn:
        random = np.random.default_rng([seed, part])
        found = rule.truth(np.random.default_rng([seed, 0]), random, n)
        if rule.classes:
            y = (random.random(n) < found.mean).astype(np.float64)
        else:
            y = found.mean + random.normal(size=n)
        return Drawn(pd.DataFrame(found.columns), y, found.mean)

    return some(round(rule.n_rows * share), 1), some(N_FRESH, 2)


def loss_of(classes: bool, y: Floats, predicted: Floats) -> float:
    """The log-loss, or the mean squared error."""
    return float(log_loss(y, predicted) if classes else np.mean((y - predicted) ** 2))


def _thalweg(classes: bool, options: dict[str, Any]) -> Any:
    from thalweg import ThalwegClassifier, ThalwegRegressor

    kind = ThalwegClassifier if classes else ThalwegRegressor
    few = np.arange(400.0).reshape(100, 4)
    kind(random_state=0, max_iter=1).fit(few, np.arange(100) % 2)  # loads the compiled code
    return kind(random_state=0, n_jobs=1, **options)


def _lightgbm(classes: bool, options: dict[str, Any]) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if classes else LGBMRegressor
    return kind(random_state=0, n_jobs=1, verbose=-1, **options)


class _Stopped:
    """LightGBM with up to 3,000 trees; a tenth of the rows says how many."""

    def __init__(self, classes: bool, options: dict[str, Any]) -> None:
        self.model = _lightgbm(classes, {"n_estimators": 3000, **options})

    def fit(self, X: pd.DataFrame, y: Floats) -> None:
        from lightgbm import early_stopping

        n = len(X) // 10
        judges, stop = [(X[:n], y[:n])], early_stopping(50, verbose=False)
        self.model.fit(X[n:], y[n:], eval_set=judges, callbacks=[stop])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)


CONTENDERS: dict[str, Callable[[bool, dict[str, Any]], Any]] = {
    "thalweg": _thalweg,
    "LightGBM": _lightgbm,
    "stopped": _Stopped,
}


def one(name: str, who: str, share: float, seed: int, options: dict[str, Any]) -> dict[str, float]:
    """The loss, processor seconds and memory in MB of one fit, in this process."""
    warnings.simplefilter("ignore")
    taught, fresh = tables(name, share, seed)
    classes = RULES[name].classes
    model = CONTENDERS[who](classes, options)
    before = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model.fit(taught.X, taught.y)
    seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    predicted = model.predict_proba(fresh.X)[:, 1] if classes else model.predict(fresh.X)
    best = loss_of(classes, fresh.y, fresh.mean)
    found = loss_of(classes, fresh.y, np.asarray(predicted, dtype=np.float64))
    return {"loss": found, "best": best, "seconds": seconds, "more MB": memory / 1024}


def main() -> None:
    """Print a row for each fit; each runs in a process of its own with one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="*", default=list(RULES))
    parser.add_argument("--who", nargs="*", default=list(CONTENDERS))
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--options", default="{}", help="parameters of the contenders, as JSON")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        options = json.loads(given.options)
        name, who = given.tables[0], given.who[0]
        print(json.dumps(one(name, who, given.share, given.seeds, options)))
        return
    print("table     contender   seed     loss    best  seconds  more MB")
    alone = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "NUMBA")}
    for name in given.tables:
        for seed in range(given.seeds):
            for who in given.who:
                command = [sys.executable, "-m", "bench.large_tables", "--here"]
                command += ["--tables", name, "--who", who, "--share", str(given.share)]
                command += ["--seeds", str(seed), "--options", given.options]
                done = subprocess.run(
                    command, env=os.environ | alone, stdout=subprocess.PIPE, check=True, text=True
                )
                row = json.loads(done.stdout)
                print(
                    f"{name:9} {who:10} {seed:5} {row['loss']:8.5f} {row['best']:7.5f} "
                    f"{row['seconds']:8.1f} {row['more MB']:8.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
