"""How a trace rounds its numbers, so that printed sums add up."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from thalweg.data.encoding.number_formulas import Floats, clipped, from_median, ramp

# Significant digits of a single number.
DIGITS = 6
# As many tell every number from every other.
_ALL = 17
# The largest rounding error of t(x) - t(m), both between 0 and 1: a few roundings of each.
_DUST = 2 * float(np.finfo(np.float64).eps)


def number(value: float | None, digits: int = DIGITS) -> str:
    """A number with six significant digits: ``0.0123457``, ``1.5e-07``; ``–`` for None."""
    return "–" if value is None or math.isnan(value) else f"{value + 0.0:.{digits}g}"


def exact(value: float) -> str:
    """A number with all of its digits, as in a cell of a table: ``1234425``, ``0.1``."""
    found = (number(value, digits) for digits in (15, 16, _ALL))
    return next(each for each in found if float(each) == value)


def precise(value: float | None) -> str:
    """A number with ten significant digits, for comparisons."""
    return number(value, 10)


# The numbers of a scaling (`Names.scaling`), in the order of their table.
SCALING = ("x", "m", "s", "least", "most")


def scaling_numbers(rows: Sequence[tuple[Mapping[str, Any], float]]) -> list[tuple[str, ...]]:
    """x, m, s, min and max of each row, with six digits, or as many more as its number needs.

    Computed from the printed numbers, an encoded number has the digits that are printed of it.
    Numbers that differ are printed so, and in their order.

    Parameters
    ----------
    rows : sequence of (mapping, float)
        Each scaling (`Names.scaling`) with its encoded number.
    """
    groups: dict[Any, list[tuple[Mapping[str, Any], float]]] = {}
    for scaling, encoded in rows:  # the bins of one column have its digits
        groups.setdefault((scaling["x"], scaling["m"]), []).append((scaling, encoded))
    digits = {key: _digits(group) for key, group in groups.items()}
    return [
        tuple(
            "missing"
            if key == "x" and scaling[key] is None
            else number(scaling[key], digits[scaling["x"], scaling["m"]][key])
            for key in SCALING
        )
        for scaling, _ in rows
    ]


def _digits(group: Sequence[tuple[Mapping[str, Any], float]]) -> dict[str, int]:
    """The digits of x, m, s, min and max that are enough for all rows of a column."""
    digits = dict.fromkeys(SCALING, _ALL)
    # First all together, so that numbers of one unit look alike; then each as far as it goes.
    for keys in (SCALING, ("s",), ("least", "most"), ("m",), ("x",)):
        while digits[keys[0]] > DIGITS:
            fewer = digits | {key: digits[key] - 1 for key in keys}
            if not all(_gives(scaling, fewer, encoded) for scaling, encoded in group):
                break
            digits = fewer
    return digits


def _gives(scaling: Mapping[str, Any], digits: Mapping[str, int], encoded: float) -> bool:
    """Whether numbers of so many digits have the order of the scaling, and its encoded number."""
    there = [key for key in SCALING if scaling[key] is not None]
    printed = {key: float(number(scaling[key], digits[key])) for key in there}
    for one, other in combinations([key for key in there if key != "s"], 2):
        before, now = (float(np.sign(each[one] - each[other])) for each in (scaling, printed))
        if before != now:
            return False
    if scaling["x"] is None:  # a missing value becomes 0 by rule
        return True
    return number(_encoded(printed, is_bin=scaling["is_bin"])) == number(encoded)


def _encoded(scaling: Mapping[str, float], *, is_bin: bool) -> float:
    """The encoded number of x: the formulas of `thalweg.data.encoding.number_formulas`."""
    x, m, s = (np.array([scaling[key]]) for key in ("x", "m", "s"))
    if not is_bin:
        return float(clipped(x, m, s)[0])
    low, wide = np.array([scaling["least"]]), scaling["most"] - scaling["least"]
    share, shift = (ramp(each, low, np.array([1.0 / wide]), 0.0, 1.0) for each in (x, m))
    from_median(share, -shift, s)
    return float(without_dust(share, s)[0])


def without_dust(encoded: Floats, scale: Floats) -> Floats:
    """0 where only the rounding of t(x) and t(m) keeps a bin's number from it.

    At an end of the bin t is 0 or 1, but (x - min) · (1 / (max - min)) may be 1 - 1e-16.
    """
    return np.where(np.abs(encoded) <= _DUST * scale, 0.0, encoded)


class SumLine(NamedTuple):
    """One line of a sum: a term, its number as text, and whether that is not its own rounding."""

    name: str
    text: str
    written: str
    moved: bool = False


def sum_lines(
    terms: Sequence[Mapping[str, Any]],
    total: float,
    most: int,
    *,
    rest: float = 0.0,
    n_more: int = 0,
) -> tuple[list[SumLine], str]:
    """The lines of a sum and its total, printed so that they add up to the last digit.

    Parameters
    ----------
    terms : sequence of mapping
        ``name text value``, the most important first.
    total : float
    most : int
        How many terms are printed; the others become ``n more (sum)``.
    rest, n_more : float, int
        Further terms: their sum and number.

    Returns
    -------
    list of SumLine, str
        All numbers have the same decimals, six significant digits of the largest. If rounding
        leaves a difference, the terms that were rounded most absorb it, one unit of the last
        place each.
    """
    shown = list(terms[:most])
    if len(terms) - most == 1 and not n_more:  # the line "1 more" would save no space
        shown = list(terms)
    hidden = terms[len(shown) :]
    values = [float(term["value"]) for term in shown]
    n_more += len(hidden)
    if n_more:
        values.append(math.fsum([*(float(term["value"]) for term in hidden), rest]))
    written, moved, whole = added_up(values, total)
    names = [(str(term["name"]), str(term["text"])) for term in shown]
    if n_more:
        names.append((f"{n_more:,} more", "(sum)"))
        moved[-1] = False  # no other table shows this number
    lines = [
        SumLine(*its, each, is_moved)
        for its, each, is_moved in zip(names, written, moved, strict=True)
    ]
    return lines, whole


def moved_words(lines: Sequence[SumLine]) -> tuple[str, ...]:
    """The sentence about the terms that are not printed with their nearest rounding, if any.

    Without it, a number that another table shows too would have two values in one trace.
    """
    moved = [line.name for line in lines if line.moved]
    if not moved:
        return ()
    printed = "are each printed" if len(moved) > 1 else "is printed"
    return (
        f"So that the printed terms add up, {', '.join(moved)} {printed} one unit of the last "
        "digit away from the nearest rounding.",
    )


def added_up(values: Sequence[float], total: float) -> tuple[list[str], list[bool], str]:
    """Terms and their total with the same decimals, so that the printed numbers add up exactly.

    Also says which of the terms are not rounded to the nearest number.

    This is Hamilton's method of largest remainders, in units of the last decimal.
    """
    finite = [abs(each) for each in (*values, total) if math.isfinite(each)]
    if len(finite) <= len(values) or not any(finite):
        return [number(each) for each in values], [False] * len(values), number(total)
    decimals = DIGITS - 1 - math.floor(math.log10(max(finite)))
    exact = [Decimal(each).scaleb(decimals) for each in (*values, total)]
    *nearest, whole = (round(each) for each in exact)
    units = list(nearest)
    order = sorted(range(len(values)), key=lambda i: units[i] - exact[i])
    left = whole - sum(units)
    # The first in the order were rounded down most, the last were rounded up most.
    if left < 0:
        order.reverse()
    for k in range(abs(left)):
        units[order[k % len(order)]] += 1 if left > 0 else -1
    moved = [one != other for one, other in zip(units, nearest, strict=True)]
    return [_fixed(each, decimals) for each in units], moved, _fixed(whole, decimals)


def _fixed(units: int, decimals: int) -> str:
    """So many units of the last decimal; with a power of ten if that would be long."""
    if not 0 < decimals < 12:
        if not units:
            return "0"
        return f"{units / 10 ** (DIGITS - 1):.{DIGITS - 1}f}e{DIGITS - 1 - decimals:+03d}"
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
