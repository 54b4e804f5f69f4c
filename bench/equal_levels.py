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


def losses(n_levels: int, n_rows: int, seed: int) -> tuple[float, float, float]:
    """The losses of the truth, of the best rule and of thalweg on fresh rows."""
    taught, fresh = drawn(n_levels, n_rows, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ThalwegClassifier(random_state=seed).fit(taught.frame, taught.y)
        found = model.predict_proba(fresh.frame)[:, 1]
    truth, rule = chance(fresh.logit), best_rule(taught, fresh, n_levels)
    return tuple(float(log_loss(fresh.y, each)) for each in (truth, rule, found))  # type: ignore[return-value]


def main() -> None:
    """Print the losses of each seed, and their means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", nargs="+", type=int, default=list(ROWS))
    parser.add_argument("--seeds", type=int, default=5)
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


if __name__ == "__main__":
    main()
