"""A category of many equally common levels, with known truth: how near a fit comes to it.

    python -m bench.equal_levels [--levels 400 3000] [--seeds 5]

Each level has an effect on the log-odds, drawn from N(0, 1.5²), and a column of numbers has one,
too. Three losses are printed, all on fresh rows: that of the true probabilities; that of the best
rule that a table of this size allows, which knows how effects are drawn and the effect of the
number, but learns each level's effect from its training rows; and that of thalweg.
"""

import argparse
import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from thalweg.estimators.classifier import ThalwegClassifier

Floats = np.ndarray[Any, np.dtype[np.float64]]

SPREAD = 1.5
SLOPE = 1.0
N_FRESH = 50_000
# Rows for each number of levels.
ROWS = {400: 15_000, 3000: 20_000}
_NODES = 61


class Drawn(NamedTuple):
    """Rows with their true log-odds."""

    level: np.ndarray[Any, np.dtype[np.intp]]
    number: Floats
    logit: Floats
    y: Floats

    @property
    def frame(self) -> pd.DataFrame:
        """The columns that a model sees."""
        names = [f"L{level:05d}" for level in self.level.tolist()]
        return pd.DataFrame({"number": self.number, "level": pd.Categorical(names)})


def drawn(
    n_levels: int, n_rows: int, seed: int, n_fresh: int = N_FRESH, spread: float = SPREAD
) -> tuple[Drawn, Drawn]:
    """Training rows and fresh rows of one table."""
    random = np.random.default_rng(seed)
    effects = random.normal(0.0, spread, n_levels)

    def some(n: int) -> Drawn:
        level, number = random.integers(n_levels, size=n), random.normal(size=n)
        logit = effects[level] + SLOPE * number
        return Drawn(level, number, logit, (random.random(n) < chance(logit)).astype(np.float64))

    return some(n_rows), some(n_fresh)


def chance(logit: Floats) -> Floats:
    """The probability of these log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def best_rule(taught: Drawn, fresh: Drawn, n_levels: int, spread: float = SPREAD) -> Floats:
    """The probabilities of fresh rows, averaged over what the training rows leave open.

    Bayes' rule for each level's effect on the nodes of a Gauss–Hermite rule.
    """
    nodes, mass = np.polynomial.hermite_e.hermegauss(_NODES)
    effects = spread * nodes
    posterior = np.tile(np.log(mass), (n_levels, 1))
    for k, effect in enumerate(effects):
        logit = effect + SLOPE * taught.number
        likely = -np.logaddexp(0.0, np.where(taught.y > 0, -logit, logit))
        posterior[:, k] += np.bincount(taught.level, likely, n_levels)
    posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    each = chance(effects + SLOPE * fresh.number[:, None])
    return np.asarray((each * posterior[fresh.level]).sum(axis=1))


def thalweg(taught: pd.DataFrame, y: Floats, fresh: pd.DataFrame, seed: int) -> Floats:
    """The probabilities of fresh rows, by the defaults."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of levels that the training rows do not have
        model = ThalwegClassifier(random_state=seed).fit(taught, y)
        return np.asarray(model.predict_proba(fresh)[:, 1])


def losses(n_levels: int, n_rows: int, seed: int) -> list[float]:
    """The losses of the truth, of the best rule and of thalweg on fresh rows."""
    taught, fresh = drawn(n_levels, n_rows, seed)
    found = (
        chance(fresh.logit),
        best_rule(taught, fresh, n_levels),
        thalweg(taught.frame, taught.y, fresh.frame, seed),
    )
    return [float(log_loss(fresh.y, each)) for each in found]


def losses_of_noise(n_levels: int | None, n_rows: int, seed: int) -> list[float]:
    """The losses without and with a category that has no effect; None: a level for each row."""
    taught, fresh = drawn(n_levels or n_rows, n_rows, seed, spread=0.0)
    one, other = taught.frame, fresh.frame
    if n_levels is None:
        one["level"] = pd.Categorical([f"ID{row}" for row in range(len(one))])
        other["level"] = pd.Categorical([f"new {row}" for row in range(len(other))])
    without = [each.drop(columns="level") for each in (one, other)]
    found = [
        thalweg(X, taught.y, later, seed) for X, later in (without, (one, other))
    ]  # fmt: skip
    return [float(log_loss(fresh.y, each)) for each in found]


def main() -> None:
    """Print the mean losses over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", nargs="*", type=int, default=list(ROWS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--noise", action="store_true", help="categories without an effect, too")
    asked = parser.parse_args()
    for n_levels in asked.levels:
        n_rows = ROWS.get(n_levels, 20_000)
        found = np.array([losses(n_levels, n_rows, seed) for seed in range(asked.seeds)])
        truth, rule, ours = found.mean(axis=0)
        print(
            f"{n_levels:,} levels, {n_rows:,} rows: truth {truth:.4f}, best rule {rule:.4f} "
            f"(+{rule - truth:.4f}), thalweg {ours:.4f} (+{ours - truth:.4f} above the truth, "
            f"+{ours - rule:.4f} above the best rule)", flush=True,
        )  # fmt: skip
    for n_noise in (3000, None) if asked.noise else ():
        found = np.array([losses_of_noise(n_noise, 20_000, seed) for seed in range(asked.seeds)])
        without, among = found.mean(axis=0)
        what = "a level for each row" if n_noise is None else f"{n_noise:,} levels"
        print(
            f"{what} without an effect, 20,000 rows: {without:.4f} without the column, "
            f"{among:.4f} with it ({100 * (among / without - 1):+.2f} %)", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
