"""Sources of answers for tests of effect curves, and effect curves by loops over rows."""

from itertools import pairwise

import numpy as np

from thalweg.evaluation.effects.any_model_source import TableSource
from thalweg.evaluation.effects.curves_of_columns import WantedCurves, effect_curves
from thalweg.evaluation.effects.row_counts import RowCounts


def curves_of(function, X, weights=None, seed=0, source=None, groups=None, **wanted):
    """The effects of a function of a table."""
    source = source or TableSource(function, X)
    weights = np.ones(len(source.columns[0].values)) if weights is None else np.asarray(weights)
    counts = RowCounts(np.asarray(weights, float), seed, groups)
    return effect_curves(source, counts, WantedCurves(**wanted)).effects


def effect_of(function, X, column="x0", **more):
    """The effect of one column."""
    [found] = curves_of(function, X, columns=[column], **more)
    return found


def normal_pair(n=20_000, rho=0.7, seed=0):
    """Rows of two standard normal columns with a correlation."""
    x1, e = np.random.default_rng(seed).normal(size=(2, n))
    return np.column_stack((x1, rho * x1 + np.sqrt(1 - rho**2) * e))


def at(effect, *points):
    """The curve, interpolated."""
    return np.interp(points, effect.x, effect.mean)


def accumulated_by_loops(function, X, j, edges):
    """ALE at the edges, row by row: centred by the mean of the curve interpolated at each row."""
    steps = []
    for low, high in pairwise(edges):
        differences = []
        for row in X:
            if low <= row[j] <= high:
                below, above = row.copy(), row.copy()
                below[j], above[j] = low, high
                differences.append(float(function(above[None])[0] - function(below[None])[0]))
        steps.append(sum(differences) / len(differences))
    curve = np.concatenate(([0.0], np.cumsum(steps)))
    return curve - np.mean([np.interp(row[j], edges, curve) for row in X])


class Members:
    """Several functions as the networks of one source; the model is their mean."""

    def __init__(self, functions, X, p=None, n_folds=0):
        self.n_folds = n_folds
        self._sources = [TableSource(each, X) for each in functions]
        self._p, self.scale, self.outputs = p, "number", ("",)
        self.columns, self.too_few_taught = self._sources[0].columns, ("",)

    def _joined(self, parts):
        parts = np.concatenate(parts)
        return np.concatenate((parts.mean(axis=0, keepdims=True), parts))

    @property
    def own(self):
        return self._joined([each.own for each in self._sources])

    def answers(self, column, rows, values):
        return self._joined([each.answers(column, rows, values) for each in self._sources])

    def outlier_p(self, column, rows, values):
        return None if self._p is None else self._p(column, rows, values)
