"""Accumulated local effects (ALE) of a number.

In each bin of a column, the rows in it are moved to both of its edges, all else as it is. The mean
difference of the answers is the slope there; the curve is the sum of these differences up to x:

    ALE(x) = Σ over bins up to x of mean over rows in the bin of f(upper, rest) - f(lower, rest) - c

(Apley & Zhu 2020, "Visualizing the effects of predictor variables in black box supervised learning
models", Journal of the Royal Statistical Society B 82:1059-1086). Rows are moved within their bin
only, so the model is hardly asked about combinations that do not occur.

The constant c makes the mean over the rows 0, with the curve interpolated *at each row*. The mean
over the middles of bins would be wrong, because outer bins are wide and rows are not in their
middle.
"""

from dataclasses import replace

import numpy as np

from thalweg.evaluation.effects.effect_source import Floats, Rows
from thalweg.evaluation.effects.profile import Asking, EffectProfile, MissingProfile, grouped_sums
from thalweg.evaluation.effects.quantile_bins import (
    FEWEST_IN_BIN,
    QuantileBins,
    lower_quantiles,
)


def accumulated(asking: Asking, bins: QuantileBins, known: Rows) -> EffectProfile:
    """The ALE of a number, centred, at the edges of the bins.

    Parameters
    ----------
    asking : Asking
    bins : QuantileBins
        Of the rows that have a value.
    known : ndarray of int
        The positions of these rows.
    """
    rows, places = bins.pairs
    n_edges = bins.n + 1
    # Two neighbouring bins ask for the same row at the edge between them: it is asked once.
    wanted = np.concatenate((rows * n_edges + places, rows * n_edges + places + 1))
    asked, back = np.unique(wanted, return_inverse=True)
    at, edge = known[asked // n_edges], asked % n_edges
    answers = asking.moved(at, bins.edges[edge])
    low, high = answers[:, back[: len(rows)]], answers[:, back[len(rows) :]]
    counts, starts = bins.counts[rows], np.searchsorted(places, np.arange(bins.n))
    steps = high - low
    sums = np.add.reduceat(steps * counts[:, np.newaxis], starts, axis=1)
    means = sums / np.add.reduceat(counts, starts)[:, np.newaxis]
    curves = np.concatenate((np.zeros_like(means[:, :1]), np.cumsum(means, axis=1)), axis=1)
    found = EffectProfile(
        bins.edges,
        centred(curves, shares_at_edges(bins)),
        _resampled(asking, bins, known, steps[0], means[0]),
        bins.rows_at_edges,
        asking.unlike_at(at, bins.edges[edge], edge, n_edges),
        n_asked=len(asked),
    )
    return replace(found, missing=_missing(asking, bins, known, found))


def shares_at_edges(bins: QuantileBins) -> Floats:
    """The weight of each edge in the mean of the interpolated curve over the rows."""
    rows, edges, terms = bins.interpolation()
    found = np.bincount(edges, terms * bins.counts[rows], bins.n + 1)
    return np.asarray(found / bins.counts.sum(), np.float64)


def centred(curves: Floats, shares: Floats) -> Floats:
    """Curves (…, n_points, n_outputs) minus their mean with these shares of the points."""
    means = np.einsum("p,...pc->...c", shares, curves)
    found: Floats = curves - means[..., np.newaxis, :]
    return found


def resampled_shares(asking: Asking, bins: QuantileBins, known: Rows) -> Floats:
    """`shares_at_edges` in each resample, (n_resamples, n_edges)."""
    rows, edges, terms = bins.interpolation()
    found = grouped_sums(edges, rows, terms, asking.counts.resamples[known], bins.n + 1)
    normed: Floats = found / found.sum(axis=1, keepdims=True)
    return normed


def _resampled(
    asking: Asking, bins: QuantileBins, known: Rows, steps: Floats, means: Floats
) -> Floats:
    """The centred curve of each resample, (n_resamples, n_edges, n_outputs)."""
    rows, places = bins.pairs
    drawn = asking.counts.resamples[known]
    n_rows = grouped_sums(places, rows, np.ones(len(rows)), drawn, bins.n)
    sums = np.stack([grouped_sums(places, rows, each, drawn, bins.n) for each in steps.T], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = sums / n_rows[..., np.newaxis]
    found = np.where(n_rows[..., np.newaxis] > 0, found, means)  # a bin without a drawn row
    curves = np.concatenate((np.zeros_like(found[:, :1]), np.cumsum(found, axis=1)), axis=1)
    shares = resampled_shares(asking, bins, known)
    return np.asarray(curves - np.einsum("bp,bpc->bc", shares, curves)[:, np.newaxis])


def _missing(
    asking: Asking, bins: QuantileBins, known: Rows, found: EffectProfile
) -> MissingProfile | None:
    """A missing value against the median.

    It is the mean of two differences: of the rows without a value, from the median to no value;
    and of the rows in the bin of the median, from their value to no value. Both begin at the curve.
    """
    without = np.flatnonzero(np.isnan(asking.values))
    n_without = float(asking.counts.counts[without].sum())
    if n_without < FEWEST_IN_BIN:
        return None
    [median] = lower_quantiles(bins.values, bins.counts, np.array([0.5]))
    here = int(np.clip(np.searchsorted(bins.edges, median, side="left") - 1, 0, bins.n - 1))
    inside = np.flatnonzero(bins.place == here)
    near, nothing = known[inside], np.full(len(inside), np.nan)
    emptied = asking.own(without) - asking.moved(without, np.full(len(without), median))
    filled = asking.moved(near, nothing) - asking.own(near)
    width = bins.edges[here + 1] - bins.edges[here]
    along = (median - bins.edges[here]) / width
    ends = found.curves[:, here], found.curves[:, here + 1]
    on = bins.along[inside]
    rise = asking.mean(on[np.newaxis, :, np.newaxis], near)
    curves = (
        asking.mean(emptied, without) + ends[0] + along * (ends[1] - ends[0])
        + asking.mean(filled, near) + ends[0] + rise * (ends[1] - ends[0])
    ) / 2  # fmt: skip
    first = asking.resampled_means(emptied[0], without)
    second = asking.resampled_means(np.column_stack((filled[0], on)), near)
    left, step = (
        found.resampled[:, here],
        np.diff(found.resampled[:, here : here + 2], axis=1)[:, 0],
    )
    resampled = (first + left + along * step + second[:, :-1] + left + second[:, -1:] * step) / 2
    unlike = asking.unlike_share(near, nothing)
    return MissingProfile(curves, resampled, n_without, unlike)
