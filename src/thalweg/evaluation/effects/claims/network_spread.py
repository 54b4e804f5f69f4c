"""Whether a curve is larger than what networks of other training rows would make of nothing.

Networks of folds share most of their rows, so they have learned the same noise and agree on it. How
far a curve would differ if other rows had been drawn is known from the jackknife: with K folds, and
a network for each that was trained without it, the variance of their mean is

    (K - 1) × the mean square of what the networks differ from their mean by

(Shao & Wu 1989, "A general theory for jackknife variance estimation", Annals of Statistics
17:1176-1197). It is too large, because starting points differ, too: curves of 888 columns of noise
had 0.75 of it on average. So 0.75 of it is the variance here (docs/effects.md has the rates).

The *size* of a curve is its mean square over the rows, and V its variance in the same sense, of the
whole curve at once. V of K networks is uncertain. So it is averaged with the median of V over the
curves of the same page, which counts as much as the others know, at most as four curves (Smyth
2004, "Linear models and empirical Bayes methods", Statistical Applications in Genetics and
Molecular Biology 3:3). The size by that V is compared with an F distribution with 1 degree of
freedom, and K - 1 for each curve that V rests on.

All curves of a page count as tests: of those that are called real, 5 % may be noise
(`comparing.multiple_tests.false_discovery`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc

from thalweg.evaluation.comparing.multiple_tests import false_discovery
from thalweg.evaluation.effects.effect_source import Floats
from thalweg.evaluation.effects.profile import EffectProfile

LEVEL = 0.05
# The median of the other curves counts at most as so many curves.
_MOST_OTHERS = 4
# The part of the variance by the jackknife that comes from rows, as measured.
_OF_ROWS = 0.75


class CurveSize(NamedTuple):
    """The mean square of a curve over the rows, and how far it is from 0 by other rows alone."""

    square: float
    variance: float


def mean_squares(found: EffectProfile, curves: Floats, missing: Floats, n_rows: float) -> Floats:
    """The mean square over the rows of curves of a column, and of a missing value.

    The mean over the rows with a value is 0, so with the share s of rows without one, whose effect
    is m, it is (1 - s) times that of the curve plus s (1 - s) m².

    Parameters
    ----------
    found : EffectProfile
        How many rows each point has, and a missing value.
    curves, missing : ndarray of float64, shape (…, n_points) and (…,)
        ``missing`` counts only if rows have no value.
    n_rows : float
    """
    curve: Floats = curves**2 @ found.rows / found.rows.sum()
    if found.missing is None:
        return curve
    share = found.missing.rows / n_rows
    return np.asarray((1 - share) * (curve + share * missing**2), np.float64)


def size_of(found: EffectProfile, output: int, n_rows: float, n_folds: int) -> CurveSize:
    """The size of the curve of one output.

    Parameters
    ----------
    found : EffectProfile
    output : int
    n_rows : float
        Those with a value and those without.
    n_folds : int
        0 if the networks are not of folds: the variance is then NaN.
    """
    curves = found.curves[:, :, output]
    its = None if found.missing is None else found.missing.curves[:, output]
    missing = np.zeros(len(curves)) if its is None else its
    square = float(mean_squares(found, curves[0], missing[0], n_rows))
    if n_folds < 2:
        return CurveSize(square, np.nan)
    shares = found.rows / found.rows.sum()
    centred = curves[1:] - curves[1:] @ shares[:, np.newaxis]
    apart, and_missing = (each - each.mean(axis=0) for each in (centred, missing[1:]))
    of_networks = mean_squares(found, apart, and_missing, n_rows).mean()
    return CurveSize(square, float(_OF_ROWS * (n_folds - 1) * of_networks))


def are_real(
    sizes: Sequence[CurveSize], outputs: Sequence[str], n_folds: int, n_tests: int
) -> list[bool]:
    """Which curves of a page are larger than noise; all, where the networks are not of folds.

    Parameters
    ----------
    sizes : sequence of CurveSize
    outputs : sequence of str
        The class of each curve: curves of one class are compared.
    n_folds, n_tests : int
        ``n_tests`` counts also curves that were not looked at, because others came first.
    """
    if n_folds < 2:
        return [True] * len(sizes)
    squares, variances = np.array(sizes, np.float64).reshape(-1, 2).T
    p = np.empty(len(sizes))
    of_class = np.array(outputs)
    for output in np.unique(of_class):
        its = np.flatnonzero(of_class == output)
        others = min(len(its) - 1, _MOST_OTHERS)
        typical = np.median(variances[its])
        averaged = (others * typical + variances[its]) / (others + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(squares[its] > 0, squares[its] / averaged, 0.0)
        p[its] = fdtrc(1, (n_folds - 1) * (others + 1), ratio)
    return [bool(each <= LEVEL) for each in false_discovery(p, n_tests)]
