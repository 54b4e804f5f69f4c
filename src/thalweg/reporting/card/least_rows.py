"""The least number of rows for a regression: Riley's formula for little overfitting.

Riley, Snell, Ensor, Burke, Harrell, Moons & Collins 2019, "Minimum sample size for developing a
multivariable prediction model: Part II", Statistics in Medicine 38:1276; its default for the R² of
two classes is from Riley et al. 2020, BMJ 368:m441.
"""

import math

from thalweg.reporting.card.card_shapes import Known
from thalweg.wording import amount

SHRINKAGE = 0.9
# Of the largest R² that Cox and Snell's can have, where nobody knows better.
_SHARE_OF_LARGEST = 0.15


def least_rows(n_parameters: int, r_squared: float, shrinkage: float = SHRINKAGE) -> int:
    """The rows that a regression needs so that it overfits no more than a shrinkage.

    Parameters
    ----------
    n_parameters : int
        P: the inputs of the regression.
    r_squared : float
        The R² of Cox and Snell that it is expected to reach, adjusted for overfitting; for a number
        its R². Above 0, below ``shrinkage``.
    shrinkage : float, default 0.9
        S: predictions on new rows have this slope on average.

    Returns
    -------
    int
        n = P / ((S - 1) ln(1 - R² / S)), rounded up.

    Raises
    ------
    ValueError
        A number is outside its range.

    Examples
    --------
    >>> least_rows(30, 0.05)
    5249
    """
    if n_parameters < 1 or not 0 < r_squared < shrinkage < 1:
        raise ValueError("least_rows needs P of 1 or more, and 0 < R² < S < 1")
    return math.ceil(n_parameters / ((shrinkage - 1) * math.log1p(-r_squared / shrinkage)))


def usual_r_squared(share: float) -> float:
    """What is assumed of two classes where nobody knows: 15 % of the largest R² of Cox and Snell.

    Parameters
    ----------
    share : float
        φ, of the rows of the positive class; above 0, below 1.

    Returns
    -------
    float
        0.15 (1 - (φ^φ (1 - φ)^(1 - φ))²).
    """
    null = share * math.log(share) + (1 - share) * math.log1p(-share)
    return _SHARE_OF_LARGEST * -math.expm1(2 * null)


def least_rows_in_words(
    known: Known, train: list[float] | None, r_squared: float | None
) -> tuple[list[str], str]:
    """The sentence about the least number of rows, or why there is none."""
    of_two = len(known.classes) == 2
    if len(known.classes) > 2:
        return [], "The formula for the least number of rows is for two classes or a number."
    if r_squared is None and (not of_two or train is None or min(train) <= 0):
        return [], "For the least number of rows, state the R² that you expect (r_squared)."
    assumed = r_squared
    if assumed is None and train is not None:
        assumed = usual_r_squared(train[1] / sum(train))
        source = "15 % of the largest that these classes allow, which is assumed where nobody " \
            "knows better"  # fmt: skip
    else:
        source = "which the person who made this card expects"
    if assumed is None or assumed >= SHRINKAGE:
        return [], "The formula for the least number of rows needs an R² below 0.9."
    rows = least_rows(known.inputs, assumed)
    kind = "logistic regression" if of_two else "linear regression"
    adjusted = "Cox and Snell's R²" if of_two else "R²"
    return [
        f"A {kind} with so many inputs would need at least {rows:,} training rows to overfit by no "
        f"more than 10 % (Riley's formula, shrinkage S = {SHRINKAGE:g}, {adjusted} "
        f"{amount(assumed, 4)}: {source}). For a network this is a lower bound, and its penalty, "
        "dropout and early stopping are not counted."
    ], ""
