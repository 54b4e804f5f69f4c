"""Contributions as they are printed: rounded so that what is printed adds up.

Numbers that are rounded one by one need not add up: 2.75 + 1.65 = 4.40 becomes 2.8 + 1.7 = 4.4. So
both ends are rounded as usual, each contribution is rounded down to a step, and the steps that are
lacking go to the contributions with the largest remainders (the method of Hamilton). No printed
number is a whole step away from its own.
"""

from collections.abc import Sequence
from math import floor, isfinite, log10

# Decimals of a percentage; significant digits of an answer and of the largest contribution.
PERCENT_DECIMALS, _ANSWER_DIGITS, _GAIN_DIGITS = 1, 5, 3
# More digits than these a float does not have; numbers of other sizes are written with powers.
_MOST_DIGITS, _SMALL, _LARGE = 14, 1e-6, 1e15
# What is so near to a step, in steps, is on it.
_ON_A_STEP = 1e-6


def decimals_of_numbers(base: float, answer: float, gains: Sequence[float]) -> int | None:
    """How many decimals the numbers of a waterfall have; None if powers of ten are needed.

    The larger end has five significant digits and the largest contribution three, or more.
    """
    most_gain = max(map(abs, gains), default=0.0)
    end = max(abs(base), abs(answer))
    top = max(end, most_gain)
    if not isfinite(top) or (top and not _SMALL <= top < _LARGE):
        return None
    wanted = [
        digits - 1 - floor(log10(size))
        for size, digits in ((end or top, _ANSWER_DIGITS), (most_gain, _GAIN_DIGITS))
        if size
    ]
    if not wanted:
        return 0
    return max(0, min(max(wanted), _MOST_DIGITS - floor(log10(top))))


def steps_that_add_up(
    base: float, gains: Sequence[float], answer: float, scale: float
) -> list[int]:
    """Contributions in whole steps of ``1 / scale``, which lead from the base to the answer.

    Parameters
    ----------
    base, answer : float
    gains : sequence of float
        ``base + sum(gains) = answer``, up to rounding.
    scale : float
        Steps for each unit.

    Returns
    -------
    list of int
        Their sum is ``round(answer * scale) - round(base * scale)``; each is less than a step away
        from its number, and at most 2 steps if many numbers are on a step and both ends on half of
        one.
    """
    parts = [each * scale for each in gains]
    near = [round(part) for part in parts]
    on_step = [abs(part - k) <= _ON_A_STEP for part, k in zip(parts, near, strict=True)]
    found = [k if on else floor(p) for p, k, on in zip(parts, near, on_step, strict=True)]
    rests = [0.0 if on else p - k for p, k, on in zip(parts, found, on_step, strict=True)]
    order = sorted(range(len(parts)), key=lambda place: -rests[place])
    lacking = round(answer * scale) - round(base * scale) - sum(found)
    if not order:
        return found
    for place in range(abs(lacking)):
        at = order[place % len(order)] if lacking > 0 else order[-1 - place % len(order)]
        found[at] += 1 if lacking > 0 else -1
    return found
