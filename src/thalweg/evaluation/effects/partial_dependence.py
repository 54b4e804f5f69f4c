"""Partial dependence (PDP): the mean answer if all rows had this value, all else as it is.

    PDP(x) = mean over rows of f(x, rest) - c

(Friedman 2001, "Greedy function approximation: a gradient boosting machine", Annals of Statistics
29:1189-1232). It answers for combinations that do not occur if the column depends on others. So it
is the second choice, for columns that do not. Each row has a curve of its own (ICE: Goldstein et
al. 2015, Journal of Computational and Graphical Statistics 24:44-65), of which only quantiles over
the rows are kept.
"""

from dataclasses import replace

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.effects.accumulated_effects import (
    centred,
    resampled_shares,
    shares_at_edges,
)
from thalweg.evaluation.effects.effect_source import Floats, Rows
from thalweg.evaluation.effects.level_effects import BarLevels
from thalweg.evaluation.effects.profile import Asking, EffectProfile, MissingProfile
from thalweg.evaluation.effects.quantile_bins import FEWEST_IN_BIN, QuantileBins, lower_quantiles

# Every row is asked at every point. Of more rows than this, some are drawn.
MOST_ROWS = 1000
_MOST_FOR_BANDS = 500
_BANDS = np.array([0.1, 0.5, 0.9])


def drawn_rows(asking: Asking, most: int = MOST_ROWS) -> Rows:
    """All rows, or so many of them, drawn at random."""
    n = len(asking.values)
    if n <= most:
        return np.arange(n)
    drawn = generator(asking.counts.seed, "effect rows", asking.column).permutation(n)
    return np.asarray(np.sort(drawn[:most]), np.intp)


def partial(asking: Asking, bins: QuantileBins, known: Rows) -> EffectProfile:
    """The PDP of a number, centred over the rows that have a value, at the edges of the bins.

    Parameters
    ----------
    asking, bins, known
        As in `thalweg.evaluation.effects.accumulated_effects.accumulated`.
    """
    shares = shares_at_edges(bins)
    drawn = resampled_shares(asking, bins, known)
    found = _means(asking, bins.edges, shares, bands=True)
    resampled = found.resampled - np.einsum("bp,bpc->bc", drawn, found.resampled)[:, np.newaxis]
    centre = np.einsum("p,mpc->mc", shares, found.curves)
    return replace(
        found,
        curves=centred(found.curves, shares),
        resampled=resampled,
        rows=bins.rows_at_edges,
        level=centre,
        missing=_missing(asking, centre, np.einsum("bp,bpc->bc", drawn, found.resampled)),
    )


def partial_of_levels(asking: Asking, levels: BarLevels) -> EffectProfile:
    """The PDP of levels, centred over the rows that have one of them."""
    shares = levels.rows / levels.rows.sum()
    found = _means(asking, levels.values, shares, bands=False)
    centre = np.einsum("p,mpc->mc", shares, found.curves)
    return replace(
        found,
        curves=centred(found.curves, shares),
        resampled=centred(found.resampled, shares),
        rows=levels.rows,
        level=centre,
        missing=_missing(asking, centre, np.einsum("p,bpc->bc", shares, found.resampled)),
    )


def row_bands(asking: Asking, bins: QuantileBins) -> Floats:
    """The 10, 50 and 90 % quantiles over rows of their centred curves, (3, n_edges, n_outputs)."""
    rows = drawn_rows(asking, _MOST_FOR_BANDS)
    answers = _at_points(asking, rows, bins.edges)[0]
    return _bands(asking, rows, answers, shares_at_edges(bins))


def _at_points(asking: Asking, rows: Rows, points: Floats) -> Floats:
    """The answers to rows at each point, (1 + n_networks, n_rows, n_points, n_outputs)."""
    answers = asking.moved(np.repeat(rows, len(points)), np.tile(points, len(rows)))
    found: Floats = answers.reshape(len(answers), len(rows), len(points), -1)
    return found


def _means(asking: Asking, points: Floats, shares: Floats, *, bands: bool) -> EffectProfile:
    """The mean answer at each point, not centred."""
    rows = drawn_rows(asking)
    answers = _at_points(asking, rows, points)
    flat = answers[0].reshape(len(rows), -1)
    resampled = asking.resampled_means(flat, rows).reshape(-1, *answers.shape[2:])
    places = np.tile(np.arange(len(points)), len(rows))
    values, moved = np.tile(points, len(rows)), np.repeat(rows, len(points))
    return EffectProfile(
        points,
        asking.mean(answers, rows),
        resampled,
        np.zeros(len(points)),
        asking.unlike_at(moved, values, places, len(points)),
        _bands(asking, rows, answers[0], shares) if bands else None,
        n_asked=len(moved),
    )


def _bands(asking: Asking, rows: Rows, answers: Floats, shares: Floats) -> Floats:
    lying, counts = centred(answers, shares), asking.counts.counts[rows]
    return np.stack(
        [
            [lower_quantiles(lying[:, k, c], counts, _BANDS) for c in range(lying.shape[2])]
            for k in range(lying.shape[1])
        ]
    ).transpose(2, 0, 1)


def _missing(asking: Asking, centre: Floats, drawn_centre: Floats) -> MissingProfile | None:
    without = np.isnan(asking.values)
    n_without = float(asking.counts.counts[without].sum())
    if n_without < FEWEST_IN_BIN:
        return None
    rows = drawn_rows(asking)
    nothing = np.full(len(rows), np.nan)
    answers = asking.moved(rows, nothing)
    return MissingProfile(
        asking.mean(answers, rows) - centre,
        asking.resampled_means(answers[0], rows) - drawn_centre,
        n_without,
        asking.unlike_share(rows, nothing),
    )
