"""Codes that look like numbers: ``01234``, and ``1E5`` among ``203`` and ``117``."""

import re
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = Literal["", "zeros", "exponents"]

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
