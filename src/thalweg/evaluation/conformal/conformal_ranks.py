"""The arithmetic of conformal prediction: ranks, the fewest rows, and what is guaranteed.

With n rows that the model has not seen and a confidence level 1 - α, the end of an interval is the
⌈(1-α)(n+1)⌉-th smallest of n values. Counted from the largest one it has the rank ⌊α(n+1)⌋. If that
is 0, no value is large enough, and the end is infinite: a rank is never clipped to n.

The level is read as the decimal number that a person typed. As a float, 1 - 0.9 is a little less
than 0.1, and with 9 rows the rank would be 0 instead of 1.
"""

import math
from fractions import Fraction

from scipy.special import betaincinv

from thalweg.errors import SettingsError
from thalweg.wording import parameter

LOWEST_LEVEL = 0.5


def require_level(confidence_level: float, name: str = "confidence_level") -> float:
    """The level as a float; a SettingsError unless it is from 0.5 on and below 1.

    Below 0.5, the lower end of a CV+ interval may be above the upper one. ``name`` is the parameter
    that the error names.
    """
    try:
        level = float(confidence_level)
    except (TypeError, ValueError):
        level = math.nan
    if not LOWEST_LEVEL <= level < 1:
        raise SettingsError(
            f"{parameter(name, confidence_level)} is not a number from "
            f"{LOWEST_LEVEL} on and below 1",
            why="It is the share of new rows for which the answer should be right",
            fix=f"give {parameter(name, 0.9)}, for example",
        )
    return level


def alpha_of(confidence_level: float) -> Fraction:
    """α = 1 - level, without rounding: 1/10 for 0.9."""
    return 1 - Fraction(repr(require_level(confidence_level)))


def rows_as_fraction(n: float) -> Fraction:
    """An effective number of rows; a whole number where it differs only by rounding."""
    whole = round(n)
    return Fraction(whole) if abs(n - whole) <= 1e-9 * max(n, 1.0) else Fraction(n)


def rank_from_the_top(n: float, confidence_level: float, mass: float = 1.0) -> int:
    """The rank of the end of an interval, counted from the largest value; 0 for an infinite end.

    Parameters
    ----------
    n : float
        Rows.
    confidence_level : float
    mass : float, default 1
        The rows that each value stands for. A value is passed over as long as all values down to
        it have a total mass of at most α(n+1) - 1. So the rank is ⌊(α(n+1) - 1) / mass⌋ + 1, which
        is ⌊α(n+1)⌋ for a mass of 1.
    """
    passed_over = alpha_of(confidence_level) * (rows_as_fraction(n) + 1) - 1
    if passed_over < 0:
        return 0
    # 1/3 is no float: a mass is 1 / (a whole number) or a number of rows.
    part = 1 / rows_as_fraction(1 / mass) if mass < 1 else rows_as_fraction(mass)
    return math.floor(passed_over / part) + 1


def fewest_rows(confidence_level: float) -> int:
    """The smallest n for a finite answer, ⌈1/α - 1⌉: 9, 19 and 99 at 90, 95 and 99 %."""
    return math.ceil(1 / alpha_of(confidence_level) - 1)


def highest_level(n: float) -> float:
    """The highest level with at most three decimals that n rows allow, n / (n + 1); 0 if none."""
    level = math.floor(1000 * n / (n + 1)) / 1000
    return level if level >= LOWEST_LEVEL else 0.0


def coverage_floor(n: float, n_folds: int, confidence_level: float, n_repeats: int = 1) -> float:
    """What CV+ guarantees whatever the data are: 1 - 2α - the smaller of two terms.

    The terms are 2(1 - 1/K) / (n/K + 1) and (1 - K/n) / (K + 1), with K folds of equal size. In
    practice the coverage is near 1 - α. (With ``n_repeats`` above 1, the first term alone: it is
    from a mean of p-values, and stays the same for a mean over several divisions into folds.)

    The guarantee assumes that a fold has no influence on its network. A network that is stopped by
    its own fold breaks this, so the measured coverage belongs beside it.
    Barber, Candès, Ramdas & Tibshirani 2021, "Predictive inference with the jackknife+", Annals of
    Statistics 49:486-507, theorem 4.

    Returns
    -------
    float
        From 0 on. For one fold (split conformal prediction) 1 - α.
    """
    alpha = float(alpha_of(confidence_level))
    if n_folds == 1:
        return 1 - alpha
    terms = [2 * (1 - 1 / n_folds) / (n / n_folds + 1)]
    if n_repeats == 1:
        terms.append((1 - n_folds / n) / (n_folds + 1))
    return max(0.0, 1 - 2 * alpha - min(terms))


def split_coverage(n: int, confidence_level: float) -> tuple[float, float]:
    """Between which values the coverage of a split conformal answer lies in 90 % of the cases.

    With l = ⌊α(n+1)⌋, the share of new rows for which the answer is right has the distribution
    Beta(n + 1 - l, l) over the n rows that set it: its 5 % and 95 % quantiles.
    Vovk 2012, "Conditional validity of inductive conformal predictors", section 2.
    """
    rank = rank_from_the_top(n, confidence_level)
    if rank == 0:
        return 1.0, 1.0
    low, high = (float(betaincinv(n + 1 - rank, rank, share)) for share in (0.05, 0.95))
    return low, high
