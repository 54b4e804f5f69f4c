"""The finding of a landscape in one sentence: which runs ended where, in words."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

from thalweg.landscape.ground.scale import Floats
from thalweg.landscape.ground.teaching_function import StationaryPoint
from thalweg.landscape.numbers_in_words import listed, written
from thalweg.reporting.landscape.drawn_run import DrawnRun, is_plural

# A ball that ends so close to a minimum, as a share of the window, has reached it.
NEAR = 0.03
# Losses that are equal to so many digits are a tie: JSON has as many, and float32 cannot separate
# more. A headline shows fewer, if these separate the losses that it names.
TIED, SHOWN = 6, 2
# The digits of the losses that stand below a headline: none of them seems to be rounded otherwise.
BESIDE = 3
# Ends that are closer, as a share of the lowest of them and of the fall to it, have no rank.
CLOSE = 0.01


def goals(lines: Sequence[DrawnRun], places: Sequence[StationaryPoint], x: Floats) -> str:
    """Which balls came to the global minimum, which to another one, and which to none.

    The last place of one that goes up and down to its end says nothing.
    """
    minima = [place for place in places if place.kind.endswith("minimum")]
    reached: dict[str, list[str]] = {}
    for line in lines:
        away = [np.hypot(line.x[-1] - place.a, line.y[-1] - place.b) for place in minima]
        near = away and min(away) <= NEAR * float(np.ptp(x))
        kind = minima[int(np.argmin(away))].kind if near else ""
        kind = "lost" if line.diverged else "restless" if line.wanders else kind
        reached.setdefault(kind, []).append(line.words)
    verbs = {
        "global minimum": ("comes to the global minimum", "come to the global minimum"),
        "local minimum": ("ends in a local minimum", "end in a local minimum"),
        # The sharpness says whether it is still on its way or cannot stay at its rate.
        "": ("ends in no minimum", "end in no minimum"),
        "restless": ("wanders to the end", "wander to the end"),
        "lost": ("diverged", "diverged"),
    }
    said = [
        f"{listed(reached[kind])} {verbs[kind][_many(reached[kind])]}"
        for kind in verbs
        if kind in reached
    ]
    return capital("; ".join(said))


def _many(names: Sequence[str]) -> bool:
    return len(names) > 1 or is_plural(names[0])


def capital(words: str) -> str:
    """The text with a capital first letter."""
    return words[:1].upper() + words[1:]


def finding(lines: Sequence[DrawnRun]) -> str:
    """Which optimizers ended lowest and highest, which wander, and which runs diverged.

    A run that goes up and down to its end has no rank: its last loss says little.
    """
    if not lines:
        return "The loss around one point, on a random plane"
    calm = [each for each in lines if not (each.diverged or each.wanders)]
    restless = [each.words for each in lines if each.wanders]
    lost = [each.words for each in lines if each.diverged]
    start = float(lines[0].true[0])
    said = []
    if restless:
        who = f"{len(restless)} runs" if len(restless) > 2 else listed(restless)
        said.append(f"{who} {'go' if _many(restless) else 'goes'} up and down to the end")
    if calm:
        of = "of the others, " if restless and len(calm) > 1 else ""
        said.append(f"{of}{_ends(calm, start)}")
    if len(lost) > 2:
        said.append(f"{len(lost)} others diverged" if said else f"all {len(lost)} diverged")
    elif lost:
        said.append(f"{listed(lost)} diverged")
    return capital(";\n".join(said))


def _ends(lines: Sequence[DrawnRun], start: float) -> str:
    """Where runs from one start ended: which lowest, which highest, and at which losses.

    Ends that are close together have no rank: the number of steps would decide it.
    """
    low, high = (pick(each.end for each in lines) for pick in (min, max))
    close = CLOSE * max(min(start - low, low), 0.0)
    digits = _parting((low, high), [start, *(each.end for each in lines)], close)
    if not all(_rounds_alike(each, digits) for each in (start, low, high)):
        digits = BESIDE
    lowest, began = written(low, digits), written(start, digits)
    if len(lines) == 1:
        (line,) = lines
        s = ("s", "es") if not is_plural(line.words) else ("", "")
        way = f"stay{s[0]} at loss" if _tied(low, start) else f"go{s[1]} from loss {began} to"
        return f"{line.words} {way} {lowest} in {_steps(line)}"
    at_low = [each for each in lines if _tied(each.end, low, near=close)]
    if len(at_low) == len(lines):
        who = f"all {len(lines)} runs" if len(lines) > 2 else listed([e.words for e in lines])
        return f"{who} end at {_losses(at_low, digits)}, from {began} at the start"
    at_high = [each for each in lines if _tied(each.end, high, near=close)]
    return (
        f"{_several(at_low)} lowest, at {_losses(at_low, digits)}, and {_several(at_high)} "
        f"highest, at {_losses(at_high, digits).split(' ', 1)[1]}, from {began} at the start"
    )


def _losses(lines: Sequence[DrawnRun], digits: int) -> str:
    """The losses of ends that are close together: one number, if they are written alike."""
    low, high = (written(pick(each.end for each in lines), digits) for pick in (min, max))
    return f"loss {low}" if low == high else f"losses {low} to {high}"


def _tied(one: float, other: float, digits: int = TIED, near: float = 0.0) -> bool:
    return abs(one - other) <= near or written(one, digits) == written(other, digits)


def _parting(named: Sequence[float], losses: Sequence[float], near: float) -> int:
    """As few digits as separate the named losses from all losses that are not tied with them."""
    pairs = [(one, other) for one in named for other in losses if not _tied(one, other, near=near)]
    fewest = (n for n in range(SHOWN, TIED) if not any(_tied(*pair, n) for pair in pairs))
    return next(fewest, TIED)


def _rounds_alike(loss: float, digits: int) -> bool:
    """Whether the loss has these digits also if it is rounded from what stands beside it.

    Not so 1.1492 with two digits, 1.1: 1.15 stands beside it.
    """
    if digits >= BESIDE or not np.isfinite(loss):
        return True
    beside = Decimal(f"{loss:.{BESIDE - 1}e}")
    return Context(digits, ROUND_HALF_UP).plus(beside) == Decimal(f"{loss:.{digits - 1}e}")


def _steps(line: DrawnRun) -> str:
    return "1 step" if line.steps[-1] == 1 else f"{line.steps[-1]:,} steps"


def _several(lines: Sequence[DrawnRun]) -> str:
    if len(lines) > 2:
        return f"{len(lines)} runs end"
    names = [each.words for each in lines]
    return f"{listed(names)} end{'' if _many(names) else 's'}"
