"""Searches that gain nothing, many at once: what their difference and its interval say.

The losses of the trials, as differences from the default, are normal with a mean of 0, and the loss
of a mean prediction is linear in the shares. So no choice among trials is better than the default.
`python tests/helpers/searches_of_nothing.py` prints how often "better" is said.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from thalweg.counter_based_random import generator
from thalweg.tuning.honest_score import Selection
from thalweg.tuning.losses_of_trials import TrialLosses


class Searches(NamedTuple):
    """Of each search: mean difference, variance over rows, variance of the selection."""

    difference: np.ndarray
    of_rows: np.ndarray
    of_selection: np.ndarray
    n_rows: int

    def ends(self, times: float) -> np.ndarray:
        """The two ends of the interval, with the second variance counted so often."""
        error = np.sqrt(self.of_rows + times * np.maximum(self.of_selection, 0))
        half = stdtrit(self.n_rows - 1, 0.975) * error
        return np.stack([self.difference - half, self.difference + half])

    def shrunk(self) -> np.ndarray:
        """The difference with the share of the default in it."""
        found, variance = self.difference, self.of_rows + 3 * self.of_selection
        below = (found < 0) & (self.of_rows > 0)
        squares = np.divide(variance, found**2, out=np.ones_like(found), where=below)
        return np.where(below, np.maximum(0, 1 - squares), 0) * found


def drawn_losses(n_trials, n_rows, n_searches, seed, together=0.0):
    """Losses minus those of the default, shape (n_trials, n_rows, n_searches)."""
    random = np.random.default_rng(seed)
    shape = (n_trials, n_rows, n_searches)
    alone = random.standard_normal(shape, dtype=np.float32)
    shared = random.standard_normal((1, *shape[1:]), dtype=np.float32)
    return np.sqrt(together) * shared + np.sqrt(1 - together) * alone


def searches(losses, n_samples, seed):
    """One slot each: the trial with the lowest mean loss on the drawn rows, or the default."""
    n_trials, n_rows, n_searches = losses.shape
    random = generator(seed, "rows of trials")
    drawn = np.stack([
        np.bincount(random.integers(n_rows, size=n_rows), minlength=n_rows)
        for _ in range(n_samples)
    ])  # fmt: skip
    out = (drawn == 0).astype(np.float32)
    flat = losses.transpose(1, 0, 2).reshape(n_rows, -1)
    means = ((drawn / n_rows).astype(np.float32) @ flat).reshape(n_samples, n_trials, -1)
    best = np.concatenate([np.zeros((n_samples, 1, n_searches)), means], axis=1).argmin(axis=1)
    shares = (best[:, None] == np.arange(1, n_trials + 1)[:, None]).astype(np.float32)
    seen = out.sum(axis=0) > 0
    mixed = out.T[seen] @ shares.reshape(n_samples, -1) / out.sum(axis=0)[seen, None]
    values = (mixed * flat[seen]).reshape(seen.sum(), n_trials, -1).sum(axis=1, dtype=float)
    apart = (shares - shares.mean(axis=0)).transpose(2, 1, 0)
    both = apart @ (means - means.mean(axis=0)).transpose(2, 0, 1) / (n_samples - 1)
    return Searches(
        values.mean(axis=0),
        values.var(axis=0, ddof=1) / seen.sum(),
        np.einsum("skl,slk->s", both, both, dtype=float),
        int(seen.sum()),
    )


def many_searches(n_trials, n_rows, n_samples, n_searches, seed=0, together=0.0, at_once=500):
    """As `searches`, of so many drawn tables."""
    parts = [
        searches(drawn_losses(n_trials, n_rows, at_once, (seed, k), together), n_samples, seed)
        for k in range(n_searches // at_once)
    ]
    joined = (np.concatenate(each) for each in list(zip(*parts, strict=True))[:3])
    return Searches(*joined, parts[0].n_rows)


def as_selection(losses):
    """The same search of one table for `select_and_score`; ``losses`` have shape (n_trials, n)."""
    n_rows = losses.shape[1]
    rows = TrialLosses(
        "loss", "", np.zeros(n_rows), np.ones(n_rows), None, lambda y, predicted: predicted,
        lambda y, parts: parts, lambda y, mean, weights: float("nan"), lambda y, weights: 0.0,
    )  # fmt: skip
    all_trials = np.concatenate([np.zeros((1, n_rows)), losses.astype(float)])
    return Selection(all_trials, rows, keep=1)


if __name__ == "__main__":
    for n_trials in (1, 2, 4, 8, 20, 40):
        for together in (0.0, 0.5):
            found = many_searches(n_trials, 100, 100, 20_000, together=together)
            mean, spread = found.difference.mean(), found.difference.std()
            ratio = found.difference.var() / (found.of_rows + found.of_selection).mean()
            before = found.shrunk() / np.sqrt(np.maximum(found.of_rows, 1e-12))
            at = mean / spread * 20_000**0.5
            said = [np.mean(found.ends(times)[1] < 0) for times in (0, 1, 3)]
            worse = [np.mean(found.ends(times)[0] > 0) for times in (0, 1, 3)]
            print(
                f"{n_trials} trials, correlation {together}: mean {at:+.1f} of its "
                f"errors; with the share {before.mean():+.3f} errors of a difference; variance "
                f"{ratio:.2f} of the formula; below 0 {said[0]:.4f} {said[1]:.4f} {said[2]:.4f}; "
                f"above 0 {worse[0]:.4f} {worse[1]:.4f} {worse[2]:.4f}",
                flush=True,
            )
