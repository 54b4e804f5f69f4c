"""A search whose losses are a known function of its settings: no network is trained."""

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.tuning.honest_score import HonestScore
from thalweg.tuning.running.search_bounds import Bounds
from thalweg.tuning.search_spaces import space_of
from thalweg.tuning.tuned_model import Tuned


def drawn(space, n, seed):
    """Values of trials, even in each dimension."""
    random, found = np.random.default_rng(seed), []
    for _ in range(n):
        row = {}
        for name, each in space.dimensions.items():
            if hasattr(each, "stored"):
                row[name] = list(each.stored)[random.integers(len(each.values))]
                continue
            low, high = each.low - each.whole / 2, each.high + each.whole / 2
            value = (
                np.exp(random.uniform(np.log(low), np.log(high))) if each.log
                else random.uniform(low, high)
            )  # fmt: skip
            row[name] = each.nearest(float(value))
        found.append(row)
    return found


def simulated(
    loss, n=60, space="small", seed=0, *, max_size=None, lost=(), difference=(-0.02, 0.01)
):
    """A `Tuned` of n trials with ``loss(values)``."""
    space = space_of(space, "classifier")
    rows = []
    for number, values in enumerate(drawn(space, n, seed)):
        known = None if number in lost else float(loss(values))
        state = "diverged" if known is None else "complete"
        rows.append(
            {"number": number, "state": state, "loss": known, "seconds": 1.5 + number / 7,
             "bytes": 1000 * (number % 7 + 1), "weight": 0.0, **values}
        )  # fmt: skip
    trials = pd.DataFrame(rows)
    best = [int(each) for each in trials.loss.nsmallest(3).index]
    trials.loc[best, "weight"] = 1 / len(best)
    low, high = difference
    half = (high - low) / 2
    honest = HonestScore(
        "log-loss", Estimate(0.115, 0.1, 0.13), Estimate(0.12, 0.105, 0.135),
        Estimate(low + half, low, high), float(trials.loss.min()), "AUC", 0.97, 0.965, 0.98,
        n, 569, 200,
    )  # fmt: skip
    return Tuned(
        ThalwegClassifier(), ThalwegClassifier(), "default", honest, tuple(best), trials, {}, seed,
        1.0, 123.4, "trials", space=space, bounds=Bounds(n, None, 8, None, max_size),
    )  # fmt: skip
