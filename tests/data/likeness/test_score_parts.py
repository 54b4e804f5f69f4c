"""The parts of a score add up to the score."""

import numpy as np

from likenesses import likeness
from thalweg.data.likeness.score_parts import score_parts


def test_the_parts_add_up_to_the_score():
    rng = np.random.default_rng(0)
    n = 400
    X = np.column_stack(
        (rng.normal(size=n), rng.gamma(2, size=n), rng.integers(0, 90, n), rng.integers(0, 2, n))
    ).astype(float)
    X[rng.random((n, 4)) < 0.1] = np.nan
    found_of = likeness(X, kinds=("number", "number", "category", "boolean"))
    parts = score_parts(found_of)
    rows = np.vstack((X[:50], [[9.0, 9.0, 0.0, 1.0], [np.nan] * 4, [0.0, 1.0, 1e6, 0.0]]))
    W = np.zeros((2, 2))
    W[np.tril_indices(2)] = parts.factor
    for row, expected in zip(rows, found_of.unlikeness(rows), strict=True):
        t = np.clip((row[parts.numbers] - parts.center) * parts.scale, -1e8, 1e8)
        away = np.nan_to_num(3 * t / np.sqrt(1 + t**2) - parts.mean)
        found = parts.base + parts.if_missing[np.isnan(row[parts.filled])].sum()
        found += ((W @ away) ** 2).sum()
        for each in parts.levels:
            value = row[each.column]
            if np.isnan(value):
                continue
            place = int(np.argmax(each.codes == value)) if value in each.codes else -1
            other = each.has_others and value > 0
            found += each.costs[place if place >= 0 else (-2 if other else -1)]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
