"""Codes that look like numbers: ``01234``, ``1E5`` among ``203``, and 99 for "not known"."""

import re
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = Literal["", "zeros", "exponents"]

# Numbers that many tables use for "not known". Any other number far away is an outlier.
SENTINELS = frozenset(
    {-1.0, -9.0}
    | {float(f"{sign}{digit * n}") for n in range(2, 10) for digit in "89" for sign in ("", "-")}
    | {float("9" * n + last) for n in range(1, 4) for last in "678"}  # 97, 98, 998, …
)
# So many different numbers are no longer a few answers.
_FEW_OTHERS, _MANY_OTHERS = 5, 20
_LEADING = re.compile("\0[ \t]*0[0-9]")
_EXPONENT = re.compile(r"\d+[eE]\d+", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
# A point before three digits that thousands could have.
_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_LOOKED_AT = 256


def codes_among(words: Collection[str]) -> Codes:
    """Whether different texts, none of them missing, are codes and no numbers.

    They are if all have nothing but digits and one of them begins with a needless 0; or if all are
    of one length, with nothing but digits, or digits with an E between them, and there are both.
    """
    if not words:
        return ""
    digits = [word for word in words if _DIGITS.fullmatch(word)]
    if len(digits) == len(words):
        return "zeros" if any(len(word) > 1 and word[0] == "0" for word in words) else ""
    others = len(words) - len(digits)
    if digits and sum(_EXPONENT.fullmatch(word) is not None for word in words) == others:
        return "exponents" if len({len(word) for word in words}) == 1 else ""
    return ""


def is_apart(value: float, rest: NDArray[np.float64]) -> bool:
    """Whether one of the `SENTINELS` is too far from the other numbers of a column.

    Parameters
    ----------
    value : float
    rest : ndarray of float64
        The others, different and ascending; at least two.
    """
    width, step = rest[-1] - rest[0], float(np.diff(rest).max())
    gap = rest[0] - value if value < rest[0] else value - rest[-1]
    if value == -1.0:
        # -1 among whole numbers that count something.
        return bool(rest[0] >= 0 and (rest == np.floor(rest)).all() and rest[-1] >= 20)
    # A code stands alone: below zero where no value is, or far behind evenly filled values.
    few = len(rest) < _FEW_OTHERS  # such as answers from 1 to 4
    # High outliers say nothing of the gaps where the code stands.
    low = rest if few else rest[: len(rest) // 2 + 1]
    alone = value < 0 <= rest[0] and gap > 2 * float(np.diff(low).max())
    far = gap > (10 * width if few else width)
    inside = len(rest) >= _MANY_OTHERS and gap > max(5 * step, width / 4)
    return bool(far or alone or inside)


def codes_among_classes(labels: Iterable[str]) -> list[str]:
    """The classes that are such a code, where all are whole numbers: 99 beside 1 to 5."""
    try:
        values = {label: float(label) for label in labels}
    except ValueError:
        return []
    rest = np.array(sorted({*values.values()} - SENTINELS))
    if len(rest) < 2 or not np.isfinite(rest).all() or (rest != np.floor(rest)).any():
        return []
    return [
        label for label, value in values.items() if value in SENTINELS and is_apart(value, rest)
    ]


def may_be_codes(cells: NDArray[np.object_], numbers: NDArray[np.float64]) -> bool:
    """Whether it is worth a look at each different text of a column that reads as numbers."""
    with np.errstate(invalid="ignore"):
        if (numbers != np.floor(numbers))[~np.isnan(numbers)].any():
            return False  # a code has no decimals
    joined = "\0" + "\0".join(cells)
    if "E" in joined or "e" in joined:
        return True
    return ("\0000" in joined or "\0 " in joined or "\0\t" in joined) and bool(
        _LEADING.search(joined)
    )


def may_be_thousands(cells: NDArray[np.object_]) -> bool:
    """Whether each point of a column that reads as numbers may stand between thousands.

    In nearly every column one of the first cells says that it does not.
    """
    if _is_sure(cells[:_LOOKED_AT]):
        return False
    joined = "\0".join(cells)
    return "." in joined and not _is_sure(set(cells))


def _is_sure(cells: Iterable[str]) -> bool:
    return any("." in cell and not _GROUP.fullmatch(cell.strip()) for cell in cells)


def may_be_months(numbers: NDArray[np.float64]) -> bool:
    """Whether all numbers are years with a month, such as 201503."""
    known = numbers[~np.isnan(numbers)]
    if not len(known) or (known != np.floor(known)).any() or known.min() < 190_001:
        return False
    month = known % 100
    return bool(known.max() <= 210_012 and month.min() >= 1 and month.max() <= 12)


def proves_point(cells: NDArray[np.generic]) -> bool:
    """Whether texts that read as numbers have a point that can only stand before decimals."""
    if cells.dtype != object or not all(isinstance(cell, str) for cell in cells):
        return False
    return _is_sure(cells)
