"""One sentence about a curve, computed from it, which claims only what its intervals support.

A *change* between two points is claimed if both hold:

- Rows: its interval over resamples of the rows excludes 0. The interval is simultaneous over all
  pairs of points (`thalweg.evaluation.effects.row_counts.half_widths`).
- Networks, if there are several: it has the same sign in all of them, and the 95 % interval of its
  mean over the networks excludes 0. That is the corrected resampled t interval (Nadeau & Bengio
  2003, "Inference for the generalization error", Machine Learning 52:239-281), because networks of
  folds share most of their rows: J of them have the variance of one times 1/J + 1/(J - 1).

- Training rows, if the networks are of folds, which agree on the noise that they share: the curve
  is larger than other rows would make it of nothing (`effects.claims.network_spread`).

A curve is cut into rising and falling parts at its turning points. A part that is smaller than
0.15 of the range of the curve, or is not claimed, is no part: the smallest goes first, and its
neighbours are joined. A stretch is called flat only if all changes in it lie, with their intervals,
within a fifth of the range of the curve, and within two fifths in each network; otherwise it "shows
no clear change".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from thalweg.evaluation.effects.effect_source import NO_UNIT, AnswerUnit, Floats
from thalweg.evaluation.effects.row_counts import half_widths

# Shares of the range of a curve: of a part that counts, of what is left out at the end of a part,
# and of what is flat.
_PART, _END, _FLAT = 0.15, 0.08, 0.2
# A part that goes back by more than this share of its size is no steady one.
_MOSTLY = 0.25
# The share of the drawn values that a flat stretch has at least, and one without a clear change.
_STRETCH, _SHORT = 0.15, 0.05
# A curve within this share of the standard deviation of the answers hardly matters.
_LITTLE = 0.1
_MOST_PARTS = 4
# How a sentence ends about values at which it says nothing.
UNLIKE_TRAINING = "are unlike the training rows"
NO_STATEMENT = f"no statement: most rows moved to other values {UNLIKE_TRAINING}"
# What is said of a curve of one direction, where it is about all values.
THROUGHOUT = "throughout"
NO_EFFECT_MISSING = "no clear effect of a missing one"
# How a sentence begins that claims a direction, or a difference of levels.
_COMPARES = ("higher", "lower")
_CLAIMS = (
    "rises",
    "falls",
    "mostly",
    "turns",
    "is flat",
    "shows no clear change up to",
    *_COMPARES,
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """The points of a curve that may be spoken about, and what supports a claim.

    Attributes
    ----------
    mean : ndarray of float64, shape (n_points,)
    resampled : ndarray of float64, shape (n_resamples, n_points)
    members : ndarray of float64, shape (n_networks, n_points)
    is_real : bool
        Whether the curve is larger than networks of other rows would make of nothing.
    """

    mean: Floats
    resampled: Floats
    members: Floats
    is_real: bool = True

    def as_noise(self) -> "Evidence":
        """The same of a curve that is no larger than noise."""
        return replace(self, is_real=False)

    @cached_property
    def range(self) -> float:
        """The highest minus the lowest point."""
        return float(np.ptp(self.mean))

    @cached_property
    def _rows(self) -> Floats:
        """The half-width of the interval of each change, (n_points, n_points)."""
        pairs = np.triu_indices(len(self.mean), 1)
        deviations = self.resampled - self.mean
        between = deviations[:, pairs[1]] - deviations[:, pairs[0]]
        found = np.zeros((len(self.mean), len(self.mean)))
        found[pairs] = half_widths(between)
        return found + found.T

    def by_rows(self, first: int, last: int) -> int:
        """1 or -1 if the rows support a rise or a fall between two points; else 0."""
        change = float(self.mean[last] - self.mean[first])
        least = max(float(self._rows[first, last]), 1e-9 * self.range)
        return int(np.sign(change)) if abs(change) > least else 0

    def direction(self, first: int, last: int) -> int:
        """1 or -1 if a rise or a fall between two points is claimed; else 0."""
        found = self.by_rows(first, last)
        if not self.is_real:
            return 0
        if not found or len(self.members) < 2:
            return found
        changes, n = self.members[:, last] - self.members[:, first], len(self.members)
        half = stdtrit(n - 1, 0.975) * changes.std(ddof=1) * np.sqrt(1 / n + 1 / (n - 1))
        agree = bool(np.all(found * changes > 0))
        return found if agree and found * changes.mean() > half else 0

    def within(self, first: int, last: int, limit: float) -> bool:
        """Whether a change lies, with its interval, within a limit, and of networks within two."""
        change = abs(float(self.mean[last] - self.mean[first]))
        of_networks = np.abs(self.members[:, last] - self.members[:, first])
        most = float(of_networks.max(initial=0.0))
        return change + float(self._rows[first, last]) <= limit and most <= 2 * limit


class _Part(NamedTuple):
    verb: str
    last: int  # the point at which it ends


def curve_sentence(
    evidence: Evidence, x: Floats, text: Callable[[float], str], low: Floats, high: Floats
) -> str:
    """What a curve does, from its first to its last point.

    Parameters
    ----------
    evidence : Evidence
        At least two points.
    x, low, high : ndarray of float64, shape (n_points,)
        The values of the column, and the ends of the interval.
    text : callable
        How a value is written.
    """
    pivots = _turning_points(evidence)
    if not pivots:
        return _no_direction(evidence, low, high)
    parts = _parts(evidence, x, pivots)
    if len(parts) == 1:
        verb = parts[0].verb
        return f"{verb} {THROUGHOUT}" if verb in ("rises", "falls") else verb
    if len(parts) > _MOST_PARTS:
        top, bottom = (text(x[int(at(evidence.mean))]) for at in (np.argmax, np.argmin))
        return f"turns {len(pivots) - 2} times: highest near {top}, lowest near {bottom}"
    said = [f"{part.verb} up to about {text(x[part.last])}" for part in parts[:-1]]
    return f"{', '.join(said)} and {parts[-1].verb} after"


@dataclass(frozen=True, eq=False)
class MissingEvidence:
    """A missing value beside the mean over the rows that have one.

    Attributes
    ----------
    change : Evidence
        Two points: that mean, which is 0, and a missing value.
    half : float
        Half the width of the interval.
    supported : bool
        Whether at most half of the moved rows are unlike the training rows.
    unit : AnswerUnit
    """

    change: Evidence
    half: float
    supported: bool
    unit: AnswerUnit = NO_UNIT

    @property
    def bound(self) -> float:
        """What the effect, its interval and that of each network stay within."""
        of_networks = np.abs(self.change.members[:, 1]).max(initial=0.0)
        return float(max(abs(self.change.mean[1]) + self.half, of_networks))

    @property
    def sentence(self) -> str:
        """What is claimed; "" if nothing is."""
        sign = self.change.direction(0, 1) if self.supported else 0
        size = self.unit.change(abs(self.change.mean[1]))
        return f"{'higher' if sign > 0 else 'lower'} by {size} if missing" if sign else ""

    @property
    def nothing(self) -> str:
        """That nothing is claimed, with the reason if the rows would support a claim."""
        sign = self.change.by_rows(0, 1)
        if not sign or not self.supported:
            return NO_EFFECT_MISSING
        return f"{NO_EFFECT_MISSING}: {_networks(self.change, *((0, 1) if sign > 0 else (1, 0)))}"


def hardly_matters(
    bound: float,
    missing: MissingEvidence | None,
    spread: float,
    unit: AnswerUnit = NO_UNIT,
) -> str:
    """What is said of a column whose values move the answer by little.

    Parameters
    ----------
    bound : float
        What the curve and its interval stay within.
    missing : MissingEvidence or None
        If missing cells have a point.
    spread : float
        The standard deviation of the answers.
    unit : AnswerUnit
    """
    if missing is None or little(missing.bound, spread):
        most = max(bound, 0.0 if missing is None else missing.bound)
        return f"hardly matters: it moves the answer by {unit.change(most, 2)} or less"
    values = f"a value moves the answer by {unit.change(bound, 2)} or less"
    if missing.sentence:
        return f"{missing.sentence}; {values}"
    if missing.supported:
        return f"{values}; {missing.nothing}"
    return f"{values}; no statement if missing: most rows moved there {UNLIKE_TRAINING}"


def with_missing(said: str, missing: MissingEvidence | None, spread: float) -> str:
    """What is said of a curve and, if it matters, of a missing value; what is claimed first."""
    if missing is None or little(missing.bound, spread):
        return said
    if not missing.sentence:
        return f"{said}; {missing.nothing}" if ":" in missing.nothing else said
    both = (said, missing.sentence) if claims_something(said) else (missing.sentence, said)
    return "; ".join(both)


def compares(sentence: str) -> bool:
    """Whether a sentence begins with a comparison, which needs an "is" before it."""
    return sentence.startswith(_COMPARES)


def claims_something(sentence: str) -> bool:
    """Whether the sentence of a curve claims a direction, or a difference of levels."""
    return sentence.startswith(_CLAIMS)


class EndOfStatement(NamedTuple):
    """An end of the values that a sentence is about, as in "above 64".

    ``share`` is that of the rows beyond it, ``point`` the text of the next point.
    """

    where: str
    share: float
    point: str


def ends_of_statement(
    rows: tuple[Floats, Floats], x: Floats, first: int, last: int, text: Callable[[float], str]
) -> list[EndOfStatement]:
    """Where a statement about some points ends before the curve does, and how many rows are there.

    Parameters
    ----------
    rows : tuple of ndarray of float64, shape (n_rows,)
        The values, NaN if missing, and how many rows each stands for. Rows with a value count, also
        those beyond the points that are drawn.
    x : ndarray of float64, shape (n_points,)
    first, last : int
        The points of the statement.
    text : callable
        How a value is written.
    """
    values, counts = (each[~np.isnan(rows[0])] for each in rows)

    def end(side: str, place: int, point: int, beyond: np.ndarray) -> EndOfStatement:
        share = float(counts[beyond].sum() / counts.sum())
        return EndOfStatement(f"{side} {text(x[place])}", share, text(x[point]))

    found = [end("below", first, first - 1, values < x[first])] if first > 0 else []
    if last < len(x) - 1:
        found.append(end("above", last, last + 1, values > x[last]))
    return found


def no_statement(ends: Sequence[EndOfStatement]) -> str:
    """Of which values and of how many rows a sentence says nothing, and why.

    The rows between the last point of a statement and the next point may be common and like the
    training rows. So only the point is named to which most moved rows are unlike them.
    """
    where = " and ".join(f"{end.where} ({_percent(end.share)} of the rows)" for end in ends)
    points = " and ".join(f"to {end.point}" for end in ends)
    return f"no statement {where}: most rows moved {points} {UNLIKE_TRAINING}"


def _percent(share: float) -> str:
    """A share of rows, never rounded to none or to all."""
    if 0 < share < 0.005:
        return "less than 1 %"
    return "more than 99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def little(bound: float, spread: float) -> bool:
    """Whether a curve that stays within ± bound hardly matters beside the spread of answers."""
    return bound <= _LITTLE * spread


def bars_sentence(evidence: Evidence, levels: Sequence[str]) -> str:
    """Which level has a higher answer than which.

    Parameters
    ----------
    evidence : Evidence
        At least two levels.
    levels : sequence of str
        Their texts.
    """
    top, bottom = int(np.argmax(evidence.mean)), int(np.argmin(evidence.mean))
    if evidence.direction(bottom, top) <= 0:
        if evidence.by_rows(bottom, top) > 0:
            said = _networks(evidence, bottom, top)
            return f"no clear difference between the levels: {said}"
        return "no clear difference between the levels"
    between = ", the others are between" if len(levels) > 2 else ""
    return f"higher for {levels[top]} than for {levels[bottom]}{between}"


def _turning_points(evidence: Evidence) -> list[int]:
    """The points between which the curve rises or falls, as far as that is claimed; or none."""
    mean = evidence.mean
    if evidence.range <= 0:
        return []
    signs = np.sign(np.diff(mean))
    steps = np.flatnonzero(signs)
    turns = steps[1:][signs[steps[1:]] != signs[steps[:-1]]]
    pivots = [0, *turns.tolist(), len(mean) - 1]
    while len(pivots) > 1:
        sizes = np.abs(np.diff(mean[pivots]))
        claimed = [
            size >= _PART * evidence.range and evidence.direction(first, last) != 0
            for size, first, last in zip(sizes, pivots[:-1], pivots[1:], strict=True)
        ]
        if all(claimed):
            return pivots
        place = int(np.argmin(np.where(claimed, np.inf, sizes)))
        if place == 0:
            pivots = pivots[1:]
        elif place == len(sizes) - 1:
            pivots = pivots[:-1]
        else:
            pivots = pivots[:place] + pivots[place + 2 :]
    return []


def _parts(evidence: Evidence, x: Floats, pivots: list[int]) -> list[_Part]:
    """The rising and falling parts, and stretches before and after them."""
    mean, whole = evidence.mean, float(x[-1] - x[0])
    start, end, last = pivots[0], pivots[-1], len(x) - 1
    before = _flat_end(evidence, list(range(start, pivots[1] + 1)))
    after = _flat_end(evidence, list(range(end, pivots[-2] - 1, -1)))
    parts = []
    if (flat := _is_flat(evidence, 0, before)) and x[before] - x[0] >= _STRETCH * whole:
        parts.append(_Part("is flat", before))
    elif x[start] - x[0] >= _SHORT * whole:
        flat = _is_flat(evidence, 0, start)
        parts.append(_Part("is flat" if flat else "shows no clear change", start))
    ends_flat = _is_flat(evidence, after, last) and x[last] - x[after] >= _STRETCH * whole
    for first, then in pairwise(pivots):
        rises = mean[then] > mean[first]
        steps = (1 if rises else -1) * mean[first : then + 1]
        back = float(np.max(np.maximum.accumulate(steps) - steps))
        verb = "rises" if rises else "falls"
        size = abs(float(mean[then] - mean[first]))
        if back > _MOSTLY * size:
            verb = f"{verb} unsteadily"
        elif back > _END * size:
            verb = f"mostly {verb}"
        parts.append(_Part(verb, after if ends_flat and then == end else then))
    if ends_flat:
        parts.append(_Part("is flat", last))
    elif x[last] - x[end] >= _SHORT * whole:
        flat = _is_flat(evidence, end, last)
        parts.append(_Part("is flat" if flat else "shows no clear change", last))
    return parts


def _flat_end(evidence: Evidence, points: list[int]) -> int:
    """The last of some points, counted from the first, up to which the curve hardly moves."""
    mean, limit = evidence.mean, _END * abs(evidence.mean[points[-1]] - evidence.mean[points[0]])
    found = points[0]
    for point in points:
        if abs(mean[point] - mean[points[0]]) > limit:
            break
        found = point
    return found


def _is_flat(evidence: Evidence, first: int, last: int) -> bool:
    limit = _FLAT * evidence.range
    points = range(first, last + 1)
    return all(evidence.within(i, j, limit) for i in points for j in points if i < j)


def _networks(evidence: Evidence, bottom: int, top: int) -> str:
    """Why the networks do not support a change that the rows support."""
    changes = evidence.members[:, top] - evidence.members[:, bottom]
    return "the networks " + ("disagree" if (changes <= 0).any() else "differ too much")


def _no_direction(evidence: Evidence, low: Floats, high: Floats) -> str:
    if bool(np.all((low <= 0) & (high >= 0))):
        return "no clear direction: the interval contains 0 everywhere"
    top, bottom = int(np.argmax(evidence.mean)), int(np.argmin(evidence.mean))
    if evidence.by_rows(bottom, top) > 0 and len(evidence.members) > 1:
        return f"no clear direction: {_networks(evidence, bottom, top)}"
    return "no clear direction: no change is larger than its interval"
