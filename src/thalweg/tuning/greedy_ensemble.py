"""Greedy selection of an ensemble of trials, with replacement; and slots in proportion to shares.

Caruana et al. 2004, "Ensemble selection from libraries of models", ICML: begin with the best trial,
then add the trial, perhaps one that is there already, with which the mean of the predictions has
the lowest loss. Every slot counts the same in the mean, so a trial that is there twice counts
twice. The result is the best beginning of that list, so no slot makes it worse.

Selections on several samples of the rows give each trial a share. Slots follow shares by the method
of Sainte-Laguë (Webster): the next slot is of the trial with the largest share / (2 slots + 1), so
each beginning of the list is in proportion, too.
"""

from collections.abc import Callable, Sequence
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.outputs.class_outputs import Floats

# A later slot has to lower the loss by this share of it: otherwise it would only cost time.
_WORTH = 1e-6


class Limits(NamedTuple):
    """What slots may cost together, and what each trial costs.

    Attributes
    ----------
    costs : ndarray of float64, shape (n_costs, n_trials)
    most : ndarray of float64, shape (n_costs,)
    """

    costs: Floats
    most: Floats

    def of(self, trials: NDArray[np.intp]) -> "Limits":
        """The same for some of the trials."""
        return Limits(self.costs[:, trials], self.most)

    def allowed(self, slots: Sequence[int]) -> NDArray[np.bool_]:
        """Which trials may follow these slots. One that is there already costs nothing more."""
        there = list(set(slots))
        used = self.costs[:, there].sum(axis=1)
        fits: NDArray[np.bool_] = (used[:, None] + self.costs <= self.most[:, None]).all(axis=0)
        fits[there] = True
        return fits


def select(
    predicted: Floats,
    mean_loss: Callable[[Floats], Floats],
    keep: int,
    limits: Limits | None = None,
) -> list[int]:
    """The trials of an ensemble.

    Parameters
    ----------
    predicted : ndarray of float64, shape (n_trials, n_rows, …)
    mean_loss : callable
        Maps means of predictions, shape (n, n_rows, …), to losses, shape (n,).
    keep : int
        The largest number of slots.
    limits : Limits, optional
        Without one that fits, the result is empty.

    Returns
    -------
    list of int
        In the order in which they were chosen, each as seldom as the shares allow.
    """
    slots: list[int] = []
    best: list[int] = []
    lowest, total = np.inf, np.zeros_like(predicted[0])
    for n in range(1, keep + 1):
        found = mean_loss((total + predicted) / n)
        if limits is not None:
            found = np.where(limits.allowed(slots), found, np.inf)
        chosen = int(np.argmin(found))
        if not np.isfinite(found[chosen]):
            break
        slots.append(chosen)
        total = total + predicted[chosen]
        if found[chosen] < lowest - _WORTH * abs(lowest if n > 1 else 0.0):
            lowest, best = float(found[chosen]), list(slots)
    return _reduced(best)


def apportioned(shares: Floats, keep: int, limits: Limits | None = None) -> list[int]:
    """At most ``keep`` slots, as many of each trial as is in proportion to its share.

    Parameters
    ----------
    shares : ndarray of float64, shape (n_trials,)
        A trial with a share is within the limits if it is alone.
    keep : int
    limits : Limits, optional
        The list ends before the first slot that is beyond them.
    """
    slots: list[int] = []
    counts = np.zeros(len(shares))
    for _ in range(keep):
        wanted = int(np.argmax(shares / (2 * counts + 1)))
        if shares[wanted] <= 0 or (limits is not None and not limits.allowed(slots)[wanted]):
            break
        slots.append(wanted)
        counts[wanted] += 1
    return _reduced(slots)


def _reduced(slots: list[int]) -> list[int]:
    """Each trial as seldom as the shares allow, in the order of first choice."""
    counts = {trial: slots.count(trial) for trial in slots}
    common = gcd(*counts.values()) if counts else 1
    left = {trial: count // common for trial, count in counts.items()}
    found = []
    for trial in slots:
        if left[trial]:
            found.append(trial)
            left[trial] -= 1
    return found
