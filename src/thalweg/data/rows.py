"""Rows by what is in them: equal ones merged, in an order that only the content decides.

A row of weight 2 is then the same thing as the row twice, under mini-batches, early stopping
and cross-validation alike; a fit does not depend on how the table was sorted; and equal rows
can be kept on one side of a split.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Rows hashed at a time: their temporaries stay in the cache.
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Rows:
    """A table as training sees it.

    Parameters
    ----------
    X : ndarray of float64, shape (n_rows, n_features)
        C-contiguous; NaN where a value is missing.
    y : ndarray of float64, shape (n_rows,) or (n_rows, n_outputs)
    weights : ndarray of float64, shape (n_rows,)
        All above zero.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray


def canonical_rows(X: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Rows:
    """Drop the rows of weight 0, merge equal (x, y) rows, order the rest by content.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        May hold NaN; every NaN equals every other, and -0.0 equals 0.0.
    y : ndarray of float64, shape (n_samples,) or (n_samples, n_outputs)
    weights : ndarray of float64, shape (n_samples,)
        Finite and not negative; the weights of merged rows add.

    Returns
    -------
    Rows
        The same bits for every order of the rows that came in.
    """
    counted = weights > 0
    if not counted.all():
        X, y, weights = X[counted], y[counted], weights[counted]
    order, first = _grouped(_canonical(np.column_stack((X, y))), weights)
    starts = np.flatnonzero(first)
    merged = order[starts]
    return Rows(
        X=_canonical(np.ascontiguousarray(X[merged])),
        y=_canonical(y[merged]),
        weights=np.add.reduceat(weights[order], starts) if len(starts) else weights,
    )


def row_groups(X: np.ndarray) -> np.ndarray:
    """Number the rows so that equal rows, and only they, have the same number.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        May hold NaN; every NaN equals every other, and -0.0 equals 0.0.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        0 … n_groups - 1, ranks in the order of a content hash: a row keeps its number
        however the table is sorted.
    """
    order, first = _grouped(_canonical(np.array(X, dtype=np.float64)))
    groups = np.empty(len(X), dtype=np.int64)
    groups[order] = np.cumsum(first) - 1
    return groups


def data_hash(names: Sequence[str], kinds: Sequence[str], X: np.ndarray, y: Sequence[str]) -> str:
    """The SHA-256 of a table: column names, their kinds, and canonical values.

    The table is taken as given: the order of rows and of columns counts. How it was stored
    does not (text or binary, -0.0 or 0.0, which bits stand for a missing value), so a CSV
    and its DataFrame agree.

    Parameters
    ----------
    names, kinds : sequence of str, length n_features
        The kind says what the numbers of a column mean: of a category its levels, too.
    X : ndarray of float64, shape (n_samples, n_features)
    y : sequence of str, length n_samples
        The label of each row.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    text = json.dumps([list(names), list(kinds), list(y)])
    digest = hashlib.sha256(text.encode("ascii"))
    digest.update(_canonical(np.array(X, dtype="<f8", order="C")).data)
    return digest.hexdigest()


def _canonical(table: np.ndarray) -> np.ndarray:
    """Give equal values equal bits, in place: one zero and one NaN."""
    table += 0.0
    table[np.isnan(table)] = np.nan
    return table


def _grouped(table: np.ndarray, *then_by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order by content, and whether each row in that order is the first of its group.

    ``then_by`` orders the rows of one group, so that a sum over them is always taken in the
    same order.
    """
    hashes = _row_hashes(table)
    order = np.lexsort((*then_by, hashes))
    first, collided = _firsts(table, hashes, order)
    if collided:  # about once in 37 million tables of a million rows
        order = np.lexsort((*then_by, *table.T, hashes))
        first, _ = _firsts(table, hashes, order)
    return order, first


def _firsts(table: np.ndarray, hashes: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, bool]:
    """Where a row differs from the one before it, and whether a hash alone had hidden that."""
    in_order = hashes[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = in_order[1:] != in_order[:-1]
    alike = np.flatnonzero(~first)
    bits = table.view(np.uint64)
    first[alike] = (bits[order[alike]] != bits[order[alike - 1]]).any(axis=1)
    return first, bool(first[alike].any())


def _row_hashes(table: np.ndarray) -> np.ndarray:
    """A 64-bit hash of each row: Σ_j mix(bits_j + key_j), modulo 2⁶⁴.

    The keys are the mixed numbers 1, 2, …, so a value counts differently in each column.
    """
    keys = _mix(np.arange(1, table.shape[1] + 1, dtype=np.uint64))
    bits = table.view(np.uint64)
    hashes = np.empty(len(table), dtype=np.uint64)
    for start in range(0, len(table), _BLOCK):
        rows = slice(start, start + _BLOCK)
        hashes[rows] = _mix(bits[rows] + keys).sum(axis=1, dtype=np.uint64)
    return hashes


def _mix(words: np.ndarray) -> np.ndarray:
    """Scatter 64-bit words, in place: the finaliser of SplitMix64.

    Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA,
    with the constants of Stafford's variant 13.
    """
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words
