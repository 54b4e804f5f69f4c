"""The effect of a category, of true and false, or of two numbers: a bar for each level.

Levels have no order along which differences could be summed, so each level is compared with the
most common one. For level k and the most common level r the difference is the mean of two means:

    ½ mean over rows of level k of f(k, rest) - f(r, rest)
  + ½ mean over rows of level r of f(k, rest) - f(r, rest)

Only rows that have one of the two levels are asked, so the rest is that of such rows. ALE takes the
rows of both levels, too, where it has an order (the R package ALEPlot). But here both groups of
rows count the same: otherwise the rows of r alone would decide about a rare level. For
f = g(level) + h(rest) the difference is g(k) - g(r), whatever depends on what. Bars are centred:
their mean over the rows is 0.
"""

from dataclasses import dataclass

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.effects.accumulated_effects import centred
from thalweg.evaluation.effects.effect_source import Floats, Rows
from thalweg.evaluation.effects.profile import Asking, EffectProfile, MissingProfile
from thalweg.evaluation.effects.quantile_bins import FEWEST_IN_BIN

# Bars of one column; further levels are counted.
MOST_LEVELS = 20
# Rows of the most common level that are moved to each other level; of more, some are drawn.
_MOST_MOVED = 2000


@dataclass(frozen=True, eq=False)
class BarLevels:
    """The levels of a column that have bars: the most common one first.

    Attributes
    ----------
    values, rows : ndarray of float64, shape (n_levels,)
        And how many rows have each.
    n_left_out : int
        How many levels have none, because they have fewer than 20 rows or 20 others have more.
    rows_left_out : float
        How many rows have these.
    """

    values: Floats
    rows: Floats
    n_left_out: int
    rows_left_out: float


def levels_of(values: Floats, counts: Floats) -> BarLevels | None:
    """The levels with 20 rows or more, by their number of rows; None if fewer than two have them.

    Parameters
    ----------
    values, counts : ndarray of float64, shape (n_rows,)
        Not missing; and how many rows each stands for.
    """
    different, codes = np.unique(values, return_inverse=True)
    rows = np.bincount(codes, counts).astype(np.float64)
    order = np.argsort(-rows, kind="stable")
    order = order[rows[order] >= FEWEST_IN_BIN * (1 - 1e-9)][:MOST_LEVELS]
    if len(order) < 2:
        return None
    left = len(different) - len(order)
    return BarLevels(different[order], rows[order], left, float(rows.sum() - rows[order].sum()))


def from_most_common(asking: Asking, levels: BarLevels) -> EffectProfile:
    """The differences of levels from the most common one, centred."""
    n_asked, unlike = 0, []
    curves = np.zeros((len(asking.source.own), len(levels.values), len(asking.source.outputs)))
    resampled = np.zeros((asking.counts.resamples.shape[1], *curves.shape[1:]))
    for place, level in enumerate(levels.values[1:], start=1):
        own = np.flatnonzero(asking.values == level)
        found = _difference(asking, own, level, levels.values[0])
        curves[:, place], resampled[:, place] = found.curves, found.resampled
        unlike.append(found.unlike)
        n_asked += found.n_asked
    # The most common level is as like the rows as anything can be.
    known = None if None in unlike else np.array([0.0, *unlike], np.float64)
    shares = levels.rows / levels.rows.sum()
    missing = None
    without = np.flatnonzero(np.isnan(asking.values))
    n_without = float(asking.counts.counts[without].sum())
    if n_without >= FEWEST_IN_BIN:
        found = _difference(asking, without, np.nan, levels.values[0])
        missing = MissingProfile(
            found.curves - np.einsum("p,mpc->mc", shares, curves),
            found.resampled - np.einsum("p,bpc->bc", shares, resampled),
            n_without,
            found.unlike,
        )
    return EffectProfile(
        levels.values, centred(curves, shares), centred(resampled, shares), levels.rows, known,
        missing=missing, n_asked=n_asked,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Difference:
    curves: Floats
    resampled: Floats
    unlike: float | None
    n_asked: int


def _difference(asking: Asking, own: Rows, level: float, common: float) -> _Difference:
    """f(level, rest) - f(most common level, rest), over the rows of both."""
    others = np.flatnonzero(asking.values == common)
    if len(others) > _MOST_MOVED:
        drawn = generator(asking.counts.seed, "effect rows").permutation(len(others))
        others = others[np.sort(drawn[:_MOST_MOVED])]
    to = np.full(len(others), level)
    here = asking.own(own) - asking.moved(own, np.full(len(own), common))
    there = asking.moved(others, to) - asking.own(others)
    return _Difference(
        (asking.mean(here, own) + asking.mean(there, others)) / 2,
        (asking.resampled_means(here[0], own) + asking.resampled_means(there[0], others)) / 2,
        asking.unlike_share(others, to),
        len(own) + len(others),
    )
