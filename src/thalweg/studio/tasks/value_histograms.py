"""Histograms of the columns of a table, as plain data for a page."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.reporting.html_pieces import clipped

Plain = dict[str, Any]
_BINS, _LEVELS, _LETTERS = 20, 12, 60


def of_numbers(
    values: NDArray[np.floating], text: Callable[[float], str] | None = None
) -> Plain | None:
    """The histogram of numbers; None if all are missing.

    Parameters
    ----------
    values : ndarray of float
        NaN for a missing value.
    text : callable, optional
        A number as text, where the number itself says nothing, such as that of a date.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    try:
        counts, edges = np.histogram(known, bins=_BINS)
    except ValueError:  # the numbers are so close, or so large, that no bin lies between them
        counts, edges = np.array([len(known)]), np.array([known.min(), known.max()])
    found: Plain = {"edges": edges.tolist(), "counts": counts.tolist()}
    return {**found, "ends": [text(edge) for edge in found["edges"]]} if text else found


def of_levels(counts: Mapping[str, int]) -> Plain | None:
    """The rows of the most common texts, and of all others together; None if there is none."""
    if not counts:
        return None
    order = sorted(counts, key=lambda text: -counts[text])
    shown = order[:_LEVELS]
    return {
        "levels": [clipped(text, _LETTERS) for text in shown],
        "counts": [int(counts[text]) for text in shown],
        "others": int(sum(counts[text] for text in order[_LEVELS:])),
    }
