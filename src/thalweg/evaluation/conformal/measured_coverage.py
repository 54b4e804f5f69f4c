"""The measured coverage of intervals and sets, beside the level that was asked for.

The share of test rows whose true value is inside, with Wilson's interval; if rows of one group
depend on each other, as in `evaluation.dependent_rows`. An interval that holds 90 % of all rows may
hold fewer of those with much noise. So the share is given for five bands of rows by the width of
their intervals, and for sets by class.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import Label
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.conformal.class_scores import class_probabilities
from thalweg.evaluation.conformal.conformal_ranks import require_level
from thalweg.evaluation.conformal.conformal_shapes import (
    IntervalCoverageData,
    SetCoverageData,
    WidthBandData,
)
from thalweg.evaluation.conformal.equal_masses import Floats
from thalweg.evaluation.conformal.set_words import set_words
from thalweg.evaluation.dependent_rows import Codes, group_codes, rows_of_mean
from thalweg.evaluation.judging.intervals import Estimate, share_of

N_BANDS = 5
# Of the one-sided test that sets hold fewer than asked for.
_TAIL = 0.025
_NOTHING = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class WidthBand:
    """The coverage of rows whose intervals have widths in a range.

    Parameters
    ----------
    narrowest, widest : float
        The least and the greatest width.
    n_samples : float
        Rows; their effective number if they have weights.
    coverage : Estimate
    """

    narrowest: float
    widest: float
    n_samples: float
    coverage: Estimate

    def as_dict(self) -> WidthBandData:
        """The same as plain data."""
        return {
            "narrowest": _size(self.narrowest),
            "widest": _size(self.widest),
            "n_samples": self.n_samples,
            "coverage": self.coverage.as_dict(),
        }


@dataclass(frozen=True)
class IntervalCoverage:
    """The coverage of intervals.

    Parameters
    ----------
    nominal : float
        The level that was asked for.
    n_samples : float
    coverage : Estimate
    mean_width : float
    by_width : tuple of WidthBand
        From the narrowest fifth of the rows to the widest. Rows with equal widths are in one band.
    refused : str or None
        Why nothing is measured.
    scaled : bool, default False
        Whether the intervals are scaled, that is wide where errors are large.
    """

    nominal: float
    n_samples: float
    coverage: Estimate
    mean_width: float
    by_width: tuple[WidthBand, ...]
    refused: str | None = None
    scaled: bool = False

    def as_dict(self) -> IntervalCoverageData:
        """The same as plain data."""
        return {
            "nominal": self.nominal,
            "n_samples": self.n_samples,
            "coverage": self.coverage.as_dict(),
            "mean_width": None if np.isnan(self.mean_width) else _size(self.mean_width),
            "by_width": [band.as_dict() for band in self.by_width],
            "refused": self.refused,
        }


@dataclass(frozen=True)
class SetCoverage:
    """The coverage of sets of classes.

    Parameters
    ----------
    nominal : float
        The level that was asked for, of each class.
    n_samples : float
    coverage : tuple of Estimate
        Of the rows of each class, the share whose set contains it; NaN without a row.
    words : dict
        The share of the rows with each answer in words, by falling share.
    refused : str or None
        Why nothing is measured.
    fewer : tuple of bool, optional
        Of each class, whether these rows show that its sets hold fewer than asked for: the exact
        one-sided binomial test at 2.5 %, with Holm's correction over the classes.
    n_repeated : int
        How many rows are answered exactly as an earlier row of their class; those that a
        whole-number weight counts are none. Of groups of rows, how many such groups, since rows of
        one group are no independent ones anyway.
    """

    nominal: float
    n_samples: float
    coverage: tuple[Estimate, ...]
    words: dict[str, float]
    refused: str | None = None
    fewer: tuple[bool, ...] | None = None
    n_repeated: int = 0

    def as_dict(self) -> SetCoverageData:
        """The same as plain data."""
        return {
            "nominal": self.nominal,
            "n_samples": self.n_samples,
            "coverage": [each.as_dict() for each in self.coverage],
            "words": dict(self.words),
            "refused": self.refused,
            "fewer": [*(self.fewer or ())],
            "n_repeated": self.n_repeated,
        }


def interval_coverage(
    answers: Answers, intervals: Floats, confidence_level: float = 0.9, *, scaled: bool = False
) -> IntervalCoverage:
    """The measured coverage of intervals of numbers.

    Parameters
    ----------
    answers : Answers
        The true numbers of rows that neither the model nor its residuals have seen.
    intervals : ndarray of shape (n_samples, 2)
    confidence_level : float, default 0.9
        The nominal level.
    scaled : bool, default False
        As in `IntervalCoverage`.
    """
    level, refused = require_level(confidence_level), _why_not(answers)
    if refused is not None:
        return IntervalCoverage(level, len(answers), _NOTHING, float("nan"), (), refused, scaled)
    low, high = intervals.T
    inside = (low <= answers.truth) & (answers.truth <= high)
    width, weights = high - low, answers.counts()
    bands = _bands(_without_noise(width, intervals), weights)
    return IntervalCoverage(
        level,
        answers.effective_n,
        _share(answers, inside),
        _mean(width, weights),
        tuple(
            WidthBand(
                float(width[rows].min()), float(width[rows].max()),
                answers.rows(rows).effective_n, _share(answers.rows(rows), inside[rows]),
            )
            for rows in (np.flatnonzero(bands == k) for k in range(N_BANDS))
            if len(rows)
        ),
        scaled=scaled,
    )  # fmt: skip


def set_coverage(
    answers: Answers,
    sets: NDArray[np.bool_],
    labels: Sequence[Label] | NDArray[np.generic],
    confidence_level: float = 0.9,
) -> SetCoverage:
    """The measured coverage of sets of classes.

    Parameters
    ----------
    answers : Answers
        The true classes of rows that neither the model nor its scores have seen.
    sets : ndarray of bool, shape (n_samples, n_classes)
    labels : sequence of labels, length n_classes
    confidence_level : float, default 0.9
        The nominal level.
    """
    level, refused = require_level(confidence_level), _why_not(answers)
    if refused is not None:
        return SetCoverage(level, len(answers), (_NOTHING,) * len(labels), {}, refused)
    codes, _ = class_probabilities(answers)
    inside = sets[np.arange(len(codes)), codes]
    of_classes = [np.flatnonzero(codes == y) for y in range(len(labels))]
    coverage = [_share(answers.rows(rows), inside[rows]) for rows in of_classes]
    sizes = [_size_of_sample(answers.rows(rows), inside[rows]) for rows in of_classes]
    tested = holm(np.array([_chance(*each, level) for each in zip(coverage, sizes, strict=True)]))
    answered = np.column_stack([codes, answers.answer])
    same = np.unique(answered, axis=0, return_inverse=True)[1].ravel()
    marks = group_codes(answers.groups)
    if marks is None:  # a row with the weight 3 is one row
        marks = np.arange(len(same)) if answers.given is None else answers.given
    n_repeated = len(np.unique(np.stack([same, marks]), axis=1).T) - len(np.unique(same))
    words, weights = set_words(sets, labels), answers.counts()
    different, of_row = np.unique(words, return_inverse=True)
    shares = np.bincount(of_row, weights) / weights.sum()
    ranked = sorted(zip(-shares, different, strict=True))
    told = {str(word): float(-share) for share, word in ranked}
    return SetCoverage(
        level,
        answers.effective_n,
        tuple(coverage),
        told,
        fewer=tuple((tested <= _TAIL).tolist()),
        n_repeated=n_repeated,
    )


def _chance(found: Estimate, n: float, level: float) -> float:
    """P(so few rows are inside, or fewer), of n with the level; NaN without a row."""
    from scipy.special import betainc

    if n == 0:
        return float("nan")
    k = min(found.value * n, n)
    return 1.0 if k >= n else float(betainc(n - k, k + 1, 1 - level))


def _why_not(answers: Answers) -> str | None:
    """Why the coverage of these answers says nothing; None if it does."""
    if not len(answers):
        return "There is no row to measure the coverage on. Fix: give rows with known targets."
    if answers.may_judge:
        return None
    kind = {
        "training": "training rows", "origin unknown": "rows whose origin is not known",
    }.get(answers.how, "the rows that set the intervals")  # fmt: skip
    return (
        f"The coverage of {kind} says nothing about new rows. Fix: measure it on rows that the "
        "model has not seen."
    )


def _share(answers: Answers, inside: NDArray[np.bool_]) -> Estimate:
    """The share of rows inside, with Wilson's interval."""
    return share_of(*_in_order(answers, inside))


def _size_of_sample(answers: Answers, inside: NDArray[np.bool_]) -> float:
    """How many independent rows know the share as well as these do."""
    return rows_of_mean(*_in_order(answers, inside))


def _in_order(
    answers: Answers, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Floats | None, Codes | None]:
    """Which rows are inside, weights and groups, in an order that is not that of the table."""
    weights = None if answers.weights is None else answers.weights / answers.weights.max(initial=0)
    codes = group_codes(answers.groups)
    if codes is None:
        return inside, weights, None
    marks = [codes, inside] if weights is None else [weights, codes, inside]
    order = np.lexsort(marks)
    return inside[order], None if weights is None else weights[order], codes[order]


def _without_noise(width: Floats, intervals: Floats) -> Floats:
    """The widths, where those that differ only by the rounding of the ends are one.

    An end has a rounding error of half a unit in its last place, and so a few of them are between
    two equal widths.
    """
    finite = np.abs(intervals[np.isfinite(intervals)])
    noise = 4 * np.finfo(np.float64).eps * finite.max(initial=0.0)
    different, of_row = np.unique(width, return_inverse=True)
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        new = np.append(True, ~(np.diff(different) <= noise))
    found: Floats = different[np.flatnonzero(new)[np.cumsum(new) - 1]][of_row]
    return found


def _bands(width: Floats, weights: Floats) -> NDArray[np.intp]:
    """The band of each row, 0 … 4: the fifth in which the middle of the rows of its width lies."""
    different, of_row = np.unique(width, return_inverse=True)
    sums = np.bincount(of_row, weights, len(different))
    middles = (np.cumsum(sums) - sums / 2) / sums.sum()
    bands = np.minimum((N_BANDS * middles).astype(np.intp), N_BANDS - 1)
    found: NDArray[np.intp] = bands[of_row]
    return found


def _mean(values: Floats, weights: Floats) -> float:
    order = np.lexsort((weights, values))
    return float(np.sum(values[order] * (weights[order] / weights.sum())))


def _size(number: float) -> float | str:
    return "Infinity" if np.isinf(number) else number
