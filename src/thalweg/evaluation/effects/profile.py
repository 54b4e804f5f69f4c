"""The answers of a model as a function of one column, with resamples: what both methods give."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from thalweg.evaluation.effects.effect_source import EffectSource, Floats, Rows
from thalweg.evaluation.effects.row_counts import RowCounts

# A moved row is unlike the training rows if its outlier p is below this.
UNLIKE = 0.05


@dataclass(frozen=True, eq=False)
class MissingProfile:
    """The same for a missing value.

    Attributes
    ----------
    curves : ndarray of float64, shape (1 + n_networks, n_outputs)
    resampled : ndarray of float64, shape (n_resamples, n_outputs)
    rows : float
        How many rows have no value.
    unlike : float or None
        The share of the moved rows that are unlike the training rows.
    """

    curves: Floats
    resampled: Floats
    rows: float
    unlike: float | None


@dataclass(frozen=True, eq=False)
class EffectProfile:
    """Curves of one column, centred: their mean over the rows that have a value is 0.

    Attributes
    ----------
    x : ndarray of float64, shape (n_points,)
        Values of the column: ascending, or in the order of the bars.
    curves : ndarray of float64, shape (1 + n_networks, n_points, n_outputs)
        Of the model's own answer, and of each network.
    resampled : ndarray of float64, shape (n_resamples, n_points, n_outputs)
        The first of the curves in each resample of the rows.
    rows : ndarray of float64, shape (n_points,)
        How many rows are in the bin of each point.
    unlike : ndarray of float64, shape (n_points,), or None
        Of the rows that were moved to each point, the share that is unlike the training rows.
    bands : ndarray of float64, shape (3, n_points, n_outputs), or None
        The 10, 50 and 90 % quantiles of the curves of single rows, each centred.
    missing : MissingProfile or None
    level : ndarray of float64, shape (1 + n_networks, n_outputs), or None
        The mean of each curve before it was centred; None if the method does not know it.
    n_asked : int
        How many rows were moved.
    """

    x: Floats
    curves: Floats
    resampled: Floats
    rows: Floats
    unlike: Floats | None
    bands: Floats | None = None
    missing: MissingProfile | None = None
    level: Floats | None = None
    n_asked: int = 0

    def only(self, points: slice) -> "EffectProfile":
        """Some neighbouring points of a curve, at least two; its centre stays."""
        rows = self.rows[points].copy()
        rows[0] = rows[1]  # of the bin that begins at the first point
        return replace(
            self,
            x=self.x[points],
            curves=self.curves[:, points],
            resampled=self.resampled[:, points],
            rows=rows,
            unlike=None if self.unlike is None else self.unlike[points],
            bands=None if self.bands is None else self.bands[:, points],
        )


@dataclass(frozen=True, eq=False)
class Asking:
    """One column of a source, and the rows that have a value in it.

    Parameters
    ----------
    source : EffectSource
    column : int
    counts : RowCounts
        Of all rows.
    """

    source: EffectSource
    column: int
    counts: RowCounts

    @property
    def values(self) -> Floats:
        """The values of all rows, NaN if missing."""
        return self.source.columns[self.column].values

    def moved(self, rows: Rows, values: Floats) -> Floats:
        """The answers to rows with these values, (1 + n_networks, n, n_outputs)."""
        return self.source.answers(self.column, rows, values)

    def own(self, rows: Rows) -> Floats:
        """The answers to rows as they are."""
        return self.source.own[:, rows]

    def mean(self, answers: Floats, rows: Rows) -> Floats:
        """The mean over rows, (1 + n_networks, n_outputs), from their answers."""
        return self._mean(np.moveaxis(answers, 1, 0), rows)

    def _mean(self, terms: Floats, rows: Rows) -> Floats:
        counts = self.counts.counts[rows]
        found: Floats = np.tensordot(counts / counts.sum(), terms, axes=1)
        return found

    def resampled_means(self, terms: Floats, rows: Rows) -> Floats:
        """The mean over rows of their terms (n, k), in each resample: (n_resamples, k)."""
        drawn = self.counts.resamples[rows]
        sums, n = drawn.T @ terms.astype(np.float32), drawn.sum(axis=0)[:, np.newaxis]
        with np.errstate(invalid="ignore", divide="ignore"):
            found = sums / n
        # A resample without any of these rows varies by nothing.
        return np.where(n > 0, found, self._mean(terms, rows)).astype(np.float64)

    def unlike_share(self, rows: Rows, values: Floats) -> float | None:
        """The share of these moved rows that is unlike the training rows."""
        found = self.unlike_at(rows, values, np.zeros(len(rows), np.intp), 1)
        return None if found is None else float(found[0])

    def unlike_at(self, rows: Rows, values: Floats, places: Rows, n_points: int) -> Floats | None:
        """The share of the rows moved to each point that is unlike the training rows."""
        p = self.source.outlier_p(self.column, rows, values)
        if p is None:
            return None
        counts = self.counts.counts[rows]
        unlike = np.bincount(places, counts * (p < UNLIKE), n_points)
        found: Floats = unlike / np.maximum(np.bincount(places, counts, n_points), 1e-300)
        return found


def grouped_sums(
    places: Rows, rows: Rows, terms: Floats, drawn: NDArray[np.float32], n_places: int
) -> Floats:
    """Σ of the terms at each place, in each resample: (n_resamples, n_places).

    Parameters
    ----------
    places, rows : ndarray of int, shape (n_terms,)
        Where each term counts, and the row of ``drawn`` that it is of.
    terms : ndarray of float64, shape (n_terms,)
    drawn : ndarray of float32, shape (n_rows, n_resamples)
    n_places : int
    """
    shape = (n_places, drawn.shape[0])
    sums = csr_array((terms.astype(np.float32), (places, rows)), shape=shape) @ drawn
    return np.asarray(sums.T, np.float64)
