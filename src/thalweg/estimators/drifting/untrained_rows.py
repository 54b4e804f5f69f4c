"""Which rows of a table are compared with those of the fit: the ones that did not train the model.

A training row is on both sides of a comparison, so it can only hide a difference.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import RowDigests
from thalweg.evaluation.any_estimator.row_origin import Origin, which_rows
from thalweg.evaluation.drift.table_drift import FEWEST_ROWS
from thalweg.wording import amount, counted

# Up to this share of repeated rows, and twice its standard error, new rows hardly equal training
# rows. Then the rows that do not seem known are like all new ones.
_FEW_REPEATED = 0.02


class ComparedRows(NamedTuple):
    """The rows of a table that are compared.

    Attributes
    ----------
    places : ndarray of int
        Their positions.
    said : str
        Which ones, in sentences; "" if all, of which none is known as a training row.
    tested : bool
        False if nearly all rows trained the model: then all are shown, and no drift can be found.
    """

    places: NDArray[np.intp]
    said: str
    tested: bool = True


def compared_rows(origin: Origin, digests: RowDigests | None) -> ComparedRows:
    """The rows that are compared.

    Parameters
    ----------
    origin : Origin
        What is known of the rows.
    digests : RowDigests or None
        What the model keeps of its rows.
    """
    every, left = np.arange(origin.n_rows), origin.left
    if origin.away is None:
        return ComparedRows(every, _not_known(origin))
    if not len(origin.away):
        return ComparedRows(every, "")
    if not origin.exact and digests is not None and _repeats(digests):
        return ComparedRows(every, _repeated(origin, digests))
    if len(left) >= FEWEST_ROWS:
        return ComparedRows(left, which_rows(origin, "the model"))
    return ComparedRows(every, _too_few(origin), tested=False)


def _repeats(digests: RowDigests) -> bool:
    """Whether rows of the fit repeat, so that many new rows equal one of them.

    Those that do not seem known would then be the rare ones, and look like drift.
    """
    n = digests.n_rows
    return digests.share_repeated > _FEW_REPEATED + 2 * digests.error_of_share / math.sqrt(n)


def _not_known(origin: Origin) -> str:
    return (
        f"Whether the model was trained on some of these {counted(origin.n_rows, 'row')} is not "
        "known. Training rows can hide drift."
    )


def _repeated(origin: Origin, digests: RowDigests) -> str:
    share = amount(100 * digests.share_repeated, 2)
    return (
        f"The model may have been trained on some of these {counted(origin.n_rows, 'row')}: it "
        f"takes {counted(len(origin.away if origin.away is not None else ()), 'row')} for training "
        f"rows. About {share} % of its training rows equal another one, so new rows can equal "
        "training rows, too, and without these the others would look like drift. All rows are "
        "compared. Training rows among them can hide drift."
    )


def _too_few(origin: Origin) -> str:
    """That the table has no rows by which drift could be found."""
    n, left = origin.n_rows, len(origin.left)
    which = f"all of these {counted(n, 'row')}"
    if left:
        which = f"all but {left:,} of these {counted(n, 'row')}"
    was = "the model was trained on" if origin.exact else "the model takes for training rows"
    said = f"No drift can be found: {was} {which}"
    return (
        f"{said}, and at least {FEWEST_ROWS} others are needed. All rows are shown beside the "
        "training rows, and nothing is tested: give later rows."
    )
