"""Limits and intervals as text, rounded so that what is said of them holds for what is printed."""

import math
from collections.abc import Callable, Sequence

from thalweg.wording import amount, even, fixed

# With more digits every number is told from every other.
_ALL_DIGITS = 17


def on_its_side(
    values: Sequence[float],
    at: float,
    digits: int = 4,
    *,
    signed: bool = False,
    write: Callable[[Sequence[float], int], list[str]] | None = None,
) -> list[str]:
    """Numbers of one kind, each printed on that side of ``at`` on which it is.

    A sentence says that an interval is above 0, or does not hold 1. So no end of it may be rounded
    to 0, or to 1: where one would be, all numbers have more digits.

    Parameters
    ----------
    values : sequence of float
        An estimate and the ends of its interval.
    at : float
        What the sentence compares them with.
    digits : int, default 4
    signed : bool, default False
    write : callable, optional
        Writes the numbers with so many digits; by default `even`.

    Examples
    --------
    >>> on_its_side((0.9, 0.8, 0.9996), 1, 3)
    ['0.9000', '0.8000', '0.9996']
    """
    for n in range(digits, _ALL_DIGITS + 1):
        said = even(values, n, signed=signed) if write is None else write(values, n)
        if all(
            (float(text.replace(",", "")) - at) * (value - at) > 0 or value == at
            for value, text in zip(values, said, strict=True)
            if math.isfinite(value)
        ):
            break
    return said


def rounded_down(value: float, digits: int = 4) -> str:
    """A lower limit with so many significant digits, rounded downwards.

    Examples
    --------
    >>> rounded_down(4.7019)
    '4.701'
    """
    if not math.isfinite(value) or value == 0:
        return amount(value, digits)
    near = float(f"{value:.{digits - 1}e}")
    if near > value:
        near -= 10.0 ** (math.floor(math.log10(abs(near))) - digits + 1)
    return amount(near, digits)


def with_least(value: float, least: float, digits: int = 4) -> list[str]:
    """An estimate and its lower limit, both above 0, with the same number of decimals.

    The limit is rounded downwards, and has more decimals where it would be written as 0.

    Examples
    --------
    >>> with_least(0.5604, 0.4786, 3)
    ['0.560', '0.478']
    """
    decimals = max(0, digits - 1 - math.floor(math.log10(float(f"{value:.{digits - 1}e}"))))
    while math.floor(least * 10**decimals) == 0:
        decimals += 1
    return fixed((value, math.floor(least * 10**decimals) / 10**decimals), decimals)
