"""Which settings mattered among the trials of a search, as far as the trials can say.

A random forest learns the loss from the settings; `forest_shares` says how much of its variation is
due to each setting alone. `SHUFFLES` other forests have a shadow of each setting, too: a setting
with the same values in a shuffled order, which cannot matter. A setting is shown to matter if its
mean share beside shadows is above that of every shadow. So in about 1 of 20 searches without any
effect a setting is named; and none is where the forest does not predict trials that its trees did
not see.
(Kursa & Rudnicki 2010, "Feature selection with the Boruta package", JSS 36:11, has such shadows.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.reporting.tuning.shown_search import SettingShare
from thalweg.tuning.search_spaces import Dimension, OneOf, Span, Values
from thalweg.tuning.shares.forest_shares import Floats, forest_of, shares_of_forest

# With fewer trials nothing is said.
FEWEST_TRIALS = 20
SHUFFLES, DRAWS = 19, 20
_TREES = 16


@dataclass(frozen=True)
class SettingShares:
    """The settings of a search, the largest share first.

    Attributes
    ----------
    settings : tuple of SettingShare
    together : float
        The share of settings that act together: 1 minus all others.
    by_chance : float
        The largest share of a shadow.
    explained : float
        R² of the forest on trials that its trees did not see; not above 0: it explains nothing.
    n_trials : int
    """

    settings: tuple[SettingShare, ...]
    together: float
    by_chance: float
    explained: float
    n_trials: int

    @property
    def shown(self) -> list[str]:
        """The settings that are shown to matter."""
        return [each.name for each in self.settings if each.matters]


def setting_shares(
    dimensions: dict[str, Dimension], values: Sequence[Values], losses: Floats, seed: int
) -> SettingShares | None:
    """The shares of the settings.

    Parameters
    ----------
    dimensions : dict
        Of the space.
    values : sequence of dict
        Of the trials that have a loss.
    losses : ndarray of float64, shape (n_trials,)
    seed : int

    Returns
    -------
    SettingShares or None
        None for fewer than `FEWEST_TRIALS` trials, or if all losses are equal.
    """
    n = len(losses)
    if n < FEWEST_TRIALS or np.ptp(losses) == 0:
        return None
    names = [name for name, each in dimensions.items() if not _is_single(each)]
    ends = np.array([ends_of(dimensions[name]) for name in names])
    X = np.array(
        [[place_of(dimensions[name], each[name]) for name in names] for each in values]
    ).reshape(n, len(names))
    random = generator(seed, "shares of settings")
    forest = forest_of(X, losses, 4 * _TREES, seed % 2**32, scored=True)
    shares = shares_of_forest(forest, ends)

    def once(X: Floats, y: Floats) -> Floats:
        other = forest_of(X, y, _TREES, int(random.integers(2**32)))
        return shares_of_forest(other, np.tile(ends, (X.shape[1] // len(ends), 1)))

    drawn = []
    for _ in range(DRAWS):
        rows = random.integers(n, size=n)
        drawn.append(once(X[rows], losses[rows]))
    beside = [once(np.hstack((X, random.permuted(X, axis=0))), losses) for _ in range(SHUFFLES)]
    among = np.mean(beside, axis=0)[: len(names)]  # as small as beside shadows
    chance = float(np.max(beside, axis=0)[len(names) :].max())
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    explains = forest.oob_score_ > 0
    matters = explains & (among > chance)
    found = [
        SettingShare(
            name, float(shares[j]), float(low[j]), float(high[j]), float(among[j]), bool(matters[j])
        )
        for j, name in enumerate(names)
    ]
    found.sort(key=lambda each: -each.share)
    rest = max(0.0, 1 - float(shares.sum()))
    return SettingShares(tuple(found), rest, chance, float(forest.oob_score_), n)


def place_of(dimension: Dimension, value: object) -> float:
    """Where a value is: its logarithm where the space is even in it, or the number of a choice."""
    if isinstance(dimension, OneOf):
        return float(list(dimension.stored).index(value))
    assert isinstance(value, int | float)
    return math.log(value) if dimension.log else float(value)


def ends_of(dimension: Dimension) -> tuple[float, float]:
    """Where a dimension begins and ends; a whole number or a choice has a unit around it."""
    if isinstance(dimension, OneOf):
        return -0.5, len(dimension.values) - 0.5
    half = 0.5 if dimension.whole else 0.0
    low, high = dimension.low - half, dimension.high + half
    return (math.log(low), math.log(high)) if dimension.log else (low, high)


def _is_single(dimension: Dimension) -> bool:
    if isinstance(dimension, Span):
        return dimension.low == dimension.high
    return len(dimension.values) == 1
