"""Numbers of a trace as they are written, and sums that add up as they are written."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

# Significant digits of a number that stands alone.
DIGITS = 6


def number(value: float | None, digits: int = DIGITS) -> str:
    """A number with six significant digits: ``0.0123457``, ``1.5e-07``; ``–`` for none."""
    return "–" if value is None or math.isnan(value) else f"{value + 0.0:.{digits}g}"


def precise(value: float | None) -> str:
    """A number with ten significant digits, for those that are compared."""
    return number(value, 10)


class SumLine(NamedTuple):
    """One line of a sum: what is added, and how it is written."""

    name: str
    text: str
    written: str


def sum_lines(
    terms: Sequence[Mapping[str, Any]],
    total: float,
    most: int,
    *,
    rest: float = 0.0,
    n_more: int = 0,
) -> tuple[list[SumLine], str]:
    """The lines of a sum and its total, as they are written: they add up to the last digit.

    Parameters
    ----------
    terms : sequence of mapping
        ``name text value``, the most important first.
    total : float
    most : int
        How many terms are written; the others become ``n more (sum)``.
    rest, n_more : float, int
        What terms there are beside those given.

    Returns
    -------
    list of SumLine, str
        All numbers have the same decimals, six significant digits of the largest. Where what is
        left by rounding is not 0, the terms that were rounded the most take it, one unit of the
        last place each.
    """
    shown = list(terms[:most])
    if len(terms) - most == 1 and not n_more:  # "1 more" would take the line that it saves
        shown = list(terms)
    hidden = terms[len(shown) :]
    values = [float(term["value"]) for term in shown]
    n_more += len(hidden)
    if n_more:
        values.append(math.fsum([*(float(term["value"]) for term in hidden), rest]))
    written, whole = added_up(values, total)
    lines = [
        SumLine(term["name"], term["text"], each)
        for term, each in zip(shown, written, strict=False)
    ]
    if n_more:
        lines.append(SumLine(f"{n_more:,} more", "(sum)", written[-1]))
    return lines, whole


def added_up(values: Sequence[float], total: float) -> tuple[list[str], str]:
    """Terms and their total with the same decimals, so that what is written adds up exactly.

    Hamilton's method of largest remainders, in units of the last decimal.
    """
    finite = [abs(each) for each in (*values, total) if math.isfinite(each)]
    if len(finite) <= len(values) or not any(finite):
        return [number(each) for each in values], number(total)
    decimals = DIGITS - 1 - math.floor(math.log10(max(finite)))
    exact = [Decimal(each).scaleb(decimals) for each in (*values, total)]
    *units, whole = (round(each) for each in exact)
    order = sorted(range(len(values)), key=lambda i: units[i] - exact[i])
    left = whole - sum(units)
    # The first of the order were rounded down the most, the last up the most.
    if left < 0:
        order.reverse()
    for k in range(abs(left)):
        units[order[k % len(order)]] += 1 if left > 0 else -1
    return [_fixed(each, decimals) for each in units], _fixed(whole, decimals)


def _fixed(units: int, decimals: int) -> str:
    """So many units of the last decimal; with a power of ten where that would be long."""
    if not 0 < decimals < 12:
        return f"{units / 10 ** (DIGITS - 1):.{DIGITS - 1}f}e{DIGITS - 1 - decimals:+03d}"
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
