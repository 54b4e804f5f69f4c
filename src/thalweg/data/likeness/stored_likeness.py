"""A likeness as arrays for a model file, and back: arrays that no fit gives are refused.

Values of all columns are one behind the other, in the order of the columns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.number_formulas import FARTHEST
from thalweg.data.likeness.column_summary import (
    MOST_LEVELS,
    QUANTILE_SHARES,
    WITH_LEVELS,
    WITH_QUANTILES,
    ColumnSummary,
)
from thalweg.data.likeness.table_likeness import Likeness, Scores
from thalweg.data.likeness.unlike_score import MOST_TOGETHER, Marked, Shape

Array = NDArray[Any]
# The type and the number of dimensions of each array.
_FORMS: dict[str, tuple[type, int]] = {
    "rows": (np.float64, 1),
    "missing": (np.float64, 1),
    "quantiles": (np.float64, 2),
    "below": (np.float64, 1),
    "levels": (np.int64, 2),
    "codes": (np.float64, 1),
    "shares": (np.float64, 1),
    "rare": (np.int64, 2),
    "mean": (np.float64, 1),
    "factor": (np.float32, 1),
    "scores": (np.float64, 1),
    "above": (np.float64, 1),
    "target": (np.float64, 1),
}
# Earlier files do not have it.
_LATER = "rare"
_MOST_N = 1e15
# More than a fit keeps.
_MOST_SCORES = 1000
# C has a row of variance 1 among n + 1, so |W|² ≤ n + 1; and no number varies by more than
# FARTHEST, so the diagonal of W is at least 1 / √(FARTHEST² + 1).
_WEAKEST = 0.99 / np.sqrt(FARTHEST**2 + 1.0)
# The levels and the missing cells of one column cost at most twice log(2 · rows and levels).
_DEAREST = 2.0 * np.log(2.0 * (_MOST_N + 2.0**32))
# Shares are rounded.
_NEAR = 1e-6


def as_arrays(likeness: Likeness) -> dict[str, Array]:
    """The arrays for a file."""
    columns, shape = likeness.columns, likeness.shape
    ramps = [each for each in columns if len(each.quantiles)]
    graded = [each for each in columns if len(each.codes)]
    factor = shape.factor
    if factor.ndim == 2:
        factor = factor[np.tril_indices(len(factor))]
    found = {
        "rows": np.array([likeness.n, likeness.scores.n]),
        "missing": np.array([each.missing for each in columns]),
        "quantiles": _flat([each.quantiles for each in ramps]).reshape(-1, len(QUANTILE_SHARES)),
        "below": _flat([each.below for each in ramps]),
        "levels": np.array(
            [[len(each.codes), each.n_others] for each in graded], dtype=np.int64
        ).reshape(-1, 2),
        "codes": _flat([each.codes for each in graded]),
        "shares": _flat([each.shares for each in graded]),
        "mean": shape.mean,
        "factor": factor.astype(np.float32),
        "scores": likeness.scores.values,
        "above": likeness.scores.above,
        "target": likeness.target,
    }
    rare = [each.rare for each in graded if each.rare is not None]
    if len(rare) == len(graded):
        found[_LATER] = np.array(rare, dtype=np.int64).reshape(-1, 2)
    return found


def _flat(parts: Sequence[Array]) -> Array:
    return np.concatenate([np.empty(0), *parts])


def likeness_from(
    arrays: Mapping[str, Array],
    kinds: Sequence[str],
    n_levels: Sequence[int],
    *,
    weighted: bool = True,
) -> Likeness:
    """The likeness that `as_arrays` gave.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        From a file that anybody may have written.
    kinds : sequence of str, length n_features
        Of the columns of the schema.
    n_levels : sequence of int, length n_features
        How many levels each category has.
    weighted : bool, default True
        Whether the rows may have weights, so that counts need not be whole numbers.

    Raises
    ------
    ValueError
        Something is absent, superfluous, of a wrong shape, or no fit gives it.
    """
    _require_forms(arrays)
    missing = arrays["missing"]
    n, n_scored = _require_rows(arrays["rows"], weighted=weighted)
    _require(len(missing) == len(kinds) and _are_within(missing, 0, 1), "shares of missing cells")
    _require_scores(arrays["scores"], arrays["above"], len(kinds), n_scored)
    _require(bool(np.isfinite(arrays["target"]).all()), "target is not finite")
    ramps = _require_quantiles(arrays, kinds)
    graded = _require_levels(arrays, kinds, n_levels)
    columns = _columns(arrays, kinds, n, ramps, graded)
    few = [(each.rare, each.n_present) for each in columns if each.rare is not None]
    sound = weighted or all(once + 2 * twice <= there + 0.5 for (once, twice), there in few)
    _require(sound, "the number of its rare levels")
    shape = _shape_of(arrays, len(Marked(columns).numbers), n_scored)
    scores = Scores(n_scored, arrays["scores"], arrays["above"])
    return Likeness(columns, shape, scores, arrays["target"])


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise ValueError(f"the likeness of its rows is not that of a fit: {complaint}")


def _are_within(values: Array, low: float, high: float) -> bool:
    """Whether all are numbers from ``low`` to ``high``; NaN is none."""
    return bool(((values >= low) & (values <= high)).all())


def _require_rows(rows: Array, *, weighted: bool) -> tuple[float, float]:
    """The rows of the table, and those of them that have scores."""
    sound = rows.shape == (2,) and _are_within(rows, 1e-300, _MOST_N)
    _require(sound and rows[0] >= 1 - _NEAR, "rows are not two counts")
    _require(rows[1] <= rows[0] * (1 + _NEAR), "more rows have scores than there are")
    whole = weighted or bool((np.abs(rows - np.rint(rows)) <= _NEAR).all())
    _require(whole, "rows without weights are not whole numbers")
    return float(rows[0]), float(rows[1])


def _require_forms(arrays: Mapping[str, Array]) -> None:
    _require({*arrays, _LATER} == _FORMS.keys(), "it has other arrays")
    for name, array in arrays.items():
        kind, n_dimensions = _FORMS[name]
        _require(array.dtype == kind and array.ndim == n_dimensions, f"the form of {name}")


def _require_scores(values: Array, above: Array, n_columns: int, n: float) -> None:
    _require(0 < len(values) == len(above) <= _MOST_SCORES, "the number of its scores")
    _require(bool(np.isfinite(values).all() and (np.diff(values) > 0).all()), "scores do not rise")
    # |W|² is at most n + 1, and |u - m|² at most (2 · 3)² for each number.
    most = n_columns * (_DEAREST + (2 * FARTHEST) ** 2 * (n + 1))
    _require(_are_within(values, -_NEAR * most, most), "scores are too large")
    falls = above[0] == 1 and bool((np.diff(above) < 0).all()) and _are_within(above, 0, 1)
    _require(falls, "shares of scores do not fall from 1")


def _require_quantiles(arrays: Mapping[str, Array], kinds: Sequence[str]) -> list[int]:
    """The places of the columns that have quantiles."""
    filled = (arrays["missing"] < 1).tolist()
    ramps = [j for j, kind in enumerate(kinds) if kind in WITH_QUANTILES and filled[j]]
    found, below = arrays["quantiles"], arrays["below"]
    _require(found.shape == (len(ramps), len(QUANTILE_SHARES)), "the shape of its quantiles")
    rise = _are_within(found, -LARGEST, LARGEST) and bool((found[:, 1:] >= found[:, :-1]).all())
    _require(rise, "quantiles do not rise")
    inner = found[:, 1:-1]
    starts = np.ones(inner.shape, np.bool_)  # of runs of equal quantiles, which are one edge
    starts[:, 1:] = inner[:, 1:] > inner[:, :-1]
    _require(len(below) == np.count_nonzero(starts), "the number of its edges")
    rises = np.diff(below) >= 0  # between two values there may be two edges
    rises[np.cumsum(starts.sum(axis=1))[:-1] - 1] = True  # from one column to the next
    _require(_are_within(below, 1e-300, 1) and bool(rises.all()), "shares below its edges")
    return ramps


def _require_levels(
    arrays: Mapping[str, Array], kinds: Sequence[str], n_levels: Sequence[int]
) -> list[int]:
    """The places of the columns that have shares of levels."""
    filled = (arrays["missing"] < 1).tolist()
    graded = [j for j, kind in enumerate(kinds) if kind in WITH_LEVELS and filled[j]]
    counts, codes, shares = arrays["levels"], arrays["codes"], arrays["shares"]
    _require(counts.shape == (len(graded), 2), "the shape of its levels")
    kept, others = counts.T
    lows, highs = np.array([_ends(kinds[j], n_levels[j]) for j in graded]).reshape(-1, 2).T
    sound = _are_within(kept, 1, MOST_LEVELS) and _are_within(others, 0, 2**31)
    sound = sound and bool((kept + others <= highs - lows + 1).all())
    sound = sound and not bool(((others > 0) & (kept < MOST_LEVELS)).any())
    _require(sound and kept.sum() == len(codes) == len(shares), "the number of its levels")
    of = np.repeat(np.arange(len(graded)), kept)
    whole = (codes >= lows[of]) & (codes <= highs[of]) & (codes == np.floor(codes))
    _require(bool(whole.all()), "levels that the schema does not have")
    order = np.lexsort((codes, of))
    twice = (np.diff(codes[order]) == 0) & (np.diff(of[order]) == 0)
    _require(not twice.any(), "a level is repeated")
    sums = np.bincount(of, shares, minlength=len(graded))
    sound = _are_within(shares, 0, 1) and _are_within(sums[others == 0], 1 - _NEAR, 1 + _NEAR)
    _require(sound and _are_within(sums, 0, 1 + _NEAR), "the shares of its levels")
    if (rare := arrays.get(_LATER)) is not None:
        _require(rare.shape == (len(graded), 2), "the shape of its rare levels")
        sound = _are_within(rare, 0, 2**31) and bool((rare.sum(axis=1) <= kept + others).all())
        _require(sound, "the number of its rare levels")
    return graded


def _ends(kind: str, n_levels: int) -> tuple[int, int]:
    """The least and the greatest code of the levels of a column."""
    return {"boolean": (0, 1), "bound": (-1, 1)}.get(kind, (1, max(n_levels, 0)))


def _columns(
    arrays: Mapping[str, Array],
    kinds: Sequence[str],
    n: float,
    ramps: Sequence[int],
    graded: Sequence[int],
) -> tuple[ColumnSummary, ...]:
    """The summaries, from arrays that are checked."""
    missing = arrays["missing"].tolist()
    columns = {j: ColumnSummary(kind, n, missing[j]) for j, kind in enumerate(kinds)}
    start = 0
    for j, quantiles in zip(ramps, arrays["quantiles"], strict=True):
        end = start + len(np.unique(quantiles[1:-1]))
        below = arrays["below"][start:end]
        columns[j] = ColumnSummary(kinds[j], n, missing[j], quantiles, below)
        start = end
    start = 0
    rare = arrays[_LATER].tolist() if _LATER in arrays else [None] * len(graded)
    for j, (kept, others), few in zip(graded, arrays["levels"].tolist(), rare, strict=True):
        own = slice(start, start + kept)
        codes, shares = arrays["codes"][own], arrays["shares"][own]
        columns[j] = ColumnSummary(
            kinds[j], n, missing[j], codes=codes, shares=shares, n_others=others,
            rare=None if few is None else (few[0], few[1]),
        )  # fmt: skip
        start += kept
    return tuple(columns[j] for j in range(len(kinds)))


def _shape_of(arrays: Mapping[str, Array], d: int, n: float) -> Shape:
    """The shape of so many numbers, of so many rows."""
    mean, packed = arrays["mean"], arrays["factor"].astype(np.float64)
    together = 0 < d <= MOST_TOGETHER
    length = d * (d + 1) // 2 if together else d
    _require(len(mean) == d and len(packed) == length, "the shape of its numbers")
    sound = _are_within(mean, -FARTHEST, FARTHEST)
    strongest = np.sqrt(n + 1) * (1 + _NEAR)
    _require(sound and _are_within(packed, -strongest, strongest), "the spread of its numbers")
    if not together:
        factor = packed if d else packed.reshape(0, 0)
    else:
        factor = np.zeros((d, d))
        factor[np.tril_indices(d)] = packed
    weakest = np.diag(factor) if together else packed
    _require(bool((weakest >= _WEAKEST).all()), "the spread of its numbers")
    return Shape(mean, factor)
