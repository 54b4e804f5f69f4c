"""Tables without a model, their likeness, and the drift between two of them."""

import numpy as np

from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.likeness.table_likeness import likeness_of
from thalweg.data.row_view import Numbers
from thalweg.data.schema.column_floats import Column
from thalweg.evaluation.drift.table_drift import drift_of_columns, settled

# Of every kind that is compared: smooth, skewed, whole and rare numbers, a constant, levels.
KINDS = (
    "number", "number", "number", "boolean", "category", "category", "number", "number", "bound",
)  # fmt: skip
LEVELS = 29


def mixed_rows(rng, n):
    """Rows of `KINDS`, some cells missing."""
    X = np.column_stack(
        [
            rng.normal(size=n),
            rng.exponential(size=n),
            rng.integers(1, 11, n),
            rng.random(n) < 0.1,
            1 + np.minimum(rng.geometric(0.3, n), LEVELS - 1),
            rng.integers(1, 4, n),
            np.ones(n),
            np.minimum(rng.poisson(0.3, n), 9),
            rng.integers(-1, 1, n),
        ]
    ).astype(float)
    X[rng.random(n) < 0.05, 0] = np.nan
    X[rng.random(n) < 0.4, 2] = np.nan
    X[rng.random(n) < 0.01, 5] = np.nan
    return X


def likeness(X, kinds=None, weights=None, groups=None):
    """The likeness of rows, as a fit makes it."""
    weights = np.ones(len(X)) if weights is None else np.asarray(weights, float)
    marks = np.zeros(len(X)) if groups is None else np.asarray(groups, float)
    rows = canonical_rows(Numbers.of(X), marks, weights)
    groups = None if groups is None else rows.y.astype(int)
    kinds = kinds or ("number",) * X.shape[1]
    return likeness_of(kinds, rows.X, rows.weights, weights.sum(), np.zeros(2), groups)


def columns_of(kinds):
    """Columns of a schema."""
    levels = tuple(map(str, range(1, LEVELS + 1)))
    return [
        Column(f"c{j}", kind, levels if kind == "category" else (), None, "c0" * (kind == "bound"))
        for j, kind in enumerate(kinds)
    ]


def drift_between(then, now, kinds=None, level=0.05, least=0.05):
    """The drift of one table beside another."""
    kinds = kinds or ("number",) * then.shape[1]
    found = drift_of_columns(likeness(then, kinds), columns_of(kinds), now, {}, least)
    return settled(found, level)
