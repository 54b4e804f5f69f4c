"""Decision curve: the net benefit of a model over the thresholds that a person might act at.

*Net benefit* at the threshold t, in positive rows found for each row, with false alarms paid for:

NB(t) = TP / n - FP / n · t / (1 - t)

Calling all rows positive has π - (1 - π) t / (1 - t), with the share π of positive rows, and
calling none has 0. Interventions avoided for each 100 rows: 100 (NB - NB_all) (1 - t) / t.
Vickers & Elkin 2006, "Decision curve analysis", Medical Decision Making 26:565-574.

*Intervals* are paired bootstraps: the model and what it is compared with are evaluated on the same
resamples. Where only all and none are compared, each end is the farther one of the bootstrap's and
of `sum_of_shares`, because the bootstrap's is too narrow if few rows decide. What the model gains
over the better of all and none is the smaller of its gains over each, and so are the ends of its
interval. (At the threshold where all and none are equal, with 1,000 rows of which 100 are positive,
it holds the true gain in 96 % of 600 tables. The bootstrap alone, of the difference to the better
one in each resample, held it in 88 %.)

*Groups.* If rows of one group depend on each other, groups are drawn, and the interval of
`sum_of_shares` counts as many rows as know the net benefit as well (`evaluation.dependent_rows`).

*What differs.* At each threshold only the rows differ that the model puts on the other side than
the better of all and none does. Fewer than 5 such rows say next to nothing (`few`).

*Refused* below 10 rows of a class.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, How, effective_number
from thalweg.evaluation.decisions.cutoffs import in_order, resampled, resampled_groups, with_groups
from thalweg.evaluation.decisions.decision_shapes import DecisionCurveData
from thalweg.evaluation.decisions.operating_point import sum_of_shares
from thalweg.evaluation.dependent_rows import Codes, group_codes, rows_of_mean
from thalweg.evaluation.judging.intervals import Estimate, estimate, proportion
from thalweg.wording import words_of_two

FEWEST_OF_CLASS = 10
FEWEST_THAT_DIFFER = 5
# Of the bootstrap: `cutoffs.resampled`.
_PURPOSE = 2
# The steps between thresholds, in thousandths: the largest one that gives 20 of them.
_STEPS = (10, 5, 2, 1)
_MOST_FAR = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit at some thresholds; the tuples have one entry for each.

    Parameters
    ----------
    how : str
        What kind of rows these are, as in `Answers`.
    n_samples, n_positive : int
    named : bool
        Whether a person named the thresholds.
    thresholds : tuple of float
    model : tuple of Estimate
        The net benefit of the model.
    all, none : tuple of float
        That of calling all rows positive, and none (0).
    gain : tuple of Estimate
        The model less the better of all and none.
    avoided : tuple of float
        Interventions avoided for each 100 rows, compared with calling all rows positive.
    few : tuple of bool
        Whether fewer than 5 rows differ from the better of all and none.
    other : tuple of float or None
        The net benefit of another model.
    gain_over_other : tuple of Estimate or None
        The model less the other model.
    refused : str or None
        Why there is no curve; then the tuples are empty.
    """

    how: How
    n_samples: int
    n_positive: int
    named: bool
    thresholds: tuple[float, ...] = ()
    model: tuple[Estimate, ...] = ()
    all: tuple[float, ...] = ()
    none: tuple[float, ...] = ()
    gain: tuple[Estimate, ...] = ()
    avoided: tuple[float, ...] = ()
    few: tuple[bool, ...] = ()
    other: tuple[float, ...] | None = None
    gain_over_other: tuple[Estimate, ...] | None = None
    refused: str | None = None

    def as_dict(self) -> DecisionCurveData:
        """The curve as plain data for JSON."""
        over = self.gain_over_other
        return {
            "how": self.how,
            "n_samples": self.n_samples,
            "n_positive": self.n_positive,
            "named": self.named,
            "thresholds": [*self.thresholds],
            "model": [each.as_dict() for each in self.model],
            "all": [*self.all],
            "none": [*self.none],
            "gain": [each.as_dict() for each in self.gain],
            "avoided": [*self.avoided],
            "few": [*self.few],
            "other": None if self.other is None else [*self.other],
            "gain_over_other": None if over is None else [each.as_dict() for each in over],
            "refused": self.refused,
        }


def decision_curve(
    answers: Answers,
    start: float | None = None,
    stop: float | None = None,
    *,
    at: float | None = None,
    other: Answers | None = None,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> DecisionCurve:
    """The net benefit of a model at the thresholds from ``start`` to ``stop``.

    Parameters
    ----------
    answers : Answers
        Of two classes, with calibrated probabilities.
    start, stop : float, optional
        Between 0 and 1. Default: from 0.01 to 4 times the share of positive rows, but not beyond
        0.5; then ``named`` is False.
    at : float, optional
        The threshold in force: it is one of the thresholds. The default range reaches as far; one
        that was named does not.
    other : Answers, optional
        What another model answers for the same rows, in the same order.
    seed : int, default 0
        Of the bootstrap.
    classes : sequence of str, optional
        Their names in a refusal, the negative one first.

    Returns
    -------
    DecisionCurve
        The same for every order of the rows. Refused below 10 rows of a class.

    Raises
    ------
    DataError
        As in `thalweg.evaluation.judging.two_class_metrics.judge`, or if the other model's answers
        are of other rows.
    SettingsError
        If the thresholds are not between 0 and 1, or the first is above the last.
    """
    truth, probability, weights, groups = with_groups(answers)
    share = float(weights[truth].sum() / weights.sum())
    thresholds = named_thresholds(start, stop, share, at)
    named = start is not None and stop is not None
    head = DecisionCurve(answers.how, len(truth), int(truth.sum()), named)
    counts = [effective_number(weights[rows]) for rows in (truth, ~truth)]
    if min(counts) < FEWEST_OF_CLASS:
        kind = words_of_two(classes)[int(counts[0] <= counts[1])]
        return _refused(head, kind, min(counts), weighted=answers.in_rows() is not None)
    sides = [np.searchsorted(thresholds, probability, side="left")]
    curve = _measured(head, thresholds, truth, (weights, groups), sides, seed)
    if other is None:
        return curve
    # The other model is beside it, and changes nothing in it: not even what the bootstrap draws.
    truth, weights, groups, *both = _paired(answers, other)
    sides = [np.searchsorted(thresholds, each, side="left") for each in both]
    pair = _measured(head, thresholds, truth, (weights, groups), sides, seed)
    return replace(curve, other=pair.other, gain_over_other=pair.gain_over_other)


def require_range(first: float, last: float) -> None:
    """Raise a SettingsError unless two thresholds are in order between 0 and 1."""
    if not 0 < first <= last < 1:
        raise SettingsError(
            f"The thresholds from {first:g} to {last:g} are not in order between 0 and 1",
            why="At 0 and 1 one of the two mistakes would cost nothing",
            fix="give numbers such as 0.05 and 0.3, the lower one first",
        )


def named_thresholds(
    start: float | None, stop: float | None, share: float, at: float | None = None
) -> Floats:
    """The thresholds from ``start`` to ``stop``, with both, in round steps, and ``at``."""
    first = 0.01 if start is None else float(start)
    last = max(min(_MOST_FAR, 4 * share), first + 0.01) if stop is None else float(stop)
    if stop is None and last >= 1:
        last = first
    force = [at] if at is not None and 0 < at < 1 else []
    if force and start is None:
        first = min(first, *force)
    if force and stop is None:
        last = max(last, *force)
    require_range(first, last)
    for step in _STEPS:
        inside = np.arange(1, 1000)
        grid = inside[inside % step == 0] / 1000
        grid = grid[(grid > first) & (grid < last)]
        if len(grid) >= 18:
            break
    force = [each for each in force if first < each < last]
    return np.unique(np.concatenate([[first], grid, force, [last]]))


def _refused(head: DecisionCurve, kind: str, n: float, *, weighted: bool) -> DecisionCurve:
    effectively = "effectively (by their weights) " if weighted else ""
    why = (
        f"A decision curve needs {FEWEST_OF_CLASS} rows of each class, and there are "
        f"{effectively}{int(n)} {kind} ones. Give more rows."
    )
    return replace(head, refused=why)


def _paired(
    answers: Answers, other: Answers
) -> tuple[NDArray[np.bool_], Floats, Codes | None, Floats, Floats]:
    """Truth, weights, groups and both models' answers for the same rows, in canonical order."""
    in_order(other)  # checks the probabilities
    same = len(answers) == len(other) and np.array_equal(answers.truth, other.truth)
    if not same or not np.array_equal(answers.counts(), other.counts()):
        raise DataError(
            "The two models' answers are not for the same rows",
            where=f"{len(answers):,} and {len(other):,} rows",
            why="Models are compared on the same rows",
            fix="predict the same table with both, in the same order, with the same weights",
        )
    truth = np.asarray(answers.truth).astype(np.bool_)
    weights = answers.counts() / answers.counts().max()
    groups = group_codes(answers.groups)
    marks = [mark for mark in (groups, weights) if mark is not None]
    order = np.lexsort((*marks, other.answer, truth, answers.answer))
    groups = None if groups is None else groups[order]
    return truth[order], weights[order], groups, answers.answer[order], other.answer[order]


def _measured(
    head: DecisionCurve,
    thresholds: Floats,
    truth: NDArray[np.bool_],
    marks: tuple[Floats, Codes | None],
    sides: list[NDArray[np.intp]],
    seed: int,
) -> DecisionCurve:
    """The curve, from the number of thresholds below each row's probability (for each model).

    A row with j thresholds strictly below its probability is called positive at the first j.
    """
    (weights, groups), n_cells = marks, len(thresholds) + 1
    key = truth.astype(np.intp)
    for side in sides:
        key = key * n_cells + side
    keys, cell = np.unique(key, return_inverse=True)
    rows = np.bincount(cell, weights).astype(np.float64)
    if groups is None:
        drawn = resampled(rows, effective_number(weights), seed, _PURPOSE)
    else:
        drawn = resampled_groups(cell.reshape(-1), weights, groups, seed, _PURPOSE)
    lines = np.concatenate(
        [rows[np.newaxis] / rows.sum(), drawn / drawn.sum(axis=1, keepdims=True)]
    )
    positive = keys // n_cells ** len(sides) == 1
    places = [keys // n_cells**k % n_cells for k in range(len(sides))][::-1]
    benefit = [_net_benefit(lines, positive, place, thresholds) for place in places]
    odds = thresholds / (1 - thresholds)
    share = lines[:, positive].sum(axis=1, keepdims=True)
    everyone = share - (1 - share) * odds
    found, alarms = (
        _called(lines[:1], each, places[0], len(thresholds))[0] for each in (positive, ~positive)
    )
    p = float(share[0, 0])
    n = _rows_of_sums(truth, (1.0, -odds), sides[0], True, marks)
    over_none = _farther(benefit[0], (found, alarms), (np.ones_like(odds), -odds), n)
    rest = (1 - p - alarms, p - found)
    n = _rows_of_sums(truth, (-1.0, odds), sides[0], False, marks)
    over_all = _farther(benefit[0] - everyone, rest, (odds, -np.ones_like(odds)), n)
    called = np.array([(sides[0] > k).sum() for k in range(len(thresholds))])
    differ = np.where(everyone[0] > 0, len(truth) - called, called)
    curve = replace(
        head,
        thresholds=tuple(thresholds.tolist()),
        model=over_none,
        all=tuple(everyone[0].tolist()),
        none=(0.0,) * len(thresholds),
        gain=tuple(map(_smaller, over_none, over_all)),
        avoided=tuple((100 * (benefit[0] - everyone)[0] / odds).tolist()),
        few=tuple((differ < FEWEST_THAT_DIFFER).tolist()),
    )
    if len(sides) == 1:
        return curve
    return replace(
        curve,
        other=tuple(benefit[1][0].tolist()),
        gain_over_other=_estimates(benefit[0] - benefit[1]),
    )


def _rows_of_sums(
    truth: NDArray[np.bool_],
    values: tuple[float, Floats],
    side: NDArray[np.intp],
    called: bool,
    marks: tuple[Floats, Codes | None],
) -> list[float]:
    """How many rows know a sum over the rows that are called, or are not, at each threshold.

    ``values`` are those of positive rows, and of negative rows at each threshold.
    """
    of_positive, of_negative = values
    if marks[1] is None:
        return [effective_number(marks[0])] * len(of_negative)
    return [
        rows_of_mean(np.where(truth, of_positive, odd) * ((side > k) == called), *marks)
        for k, odd in enumerate(of_negative)
    ]


def _net_benefit(
    lines: Floats, positive: NDArray[np.bool_], place: NDArray[np.intp], thresholds: Floats
) -> Floats:
    """The net benefit of each line at each threshold, shape (n_lines, n_thresholds)."""
    found, alarms = (_called(lines, rows, place, len(thresholds)) for rows in (positive, ~positive))
    benefit: Floats = found - alarms * (thresholds / (1 - thresholds))
    return benefit


def _called(lines: Floats, rows: NDArray[np.bool_], place: NDArray[np.intp], n: int) -> Floats:
    """The share of each line in some cells that are called at each threshold."""
    order = np.argsort(place[rows], kind="stable")
    falling = lines[:, rows][:, order][:, ::-1]
    sums = np.concatenate([np.zeros((len(lines), 1)), np.cumsum(falling, axis=1)], axis=1)
    higher = len(order) - np.searchsorted(place[rows][order], np.arange(n), side="right")
    return sums[:, higher]


def _farther(
    values: Floats, shares: tuple[Floats, Floats], factors: tuple[Floats, Floats], n: list[float]
) -> tuple[Estimate, ...]:
    """`_estimates` of a sum of two shares, with the farther ends of its own interval.

    The shares, the factors and the (effective) number n of rows have an entry for each threshold.
    """
    wider = []
    for k, drawn in enumerate(_estimates(values)):
        # Differences of sums are rounded, perhaps to below 0.
        wilson = [proportion(min(max(float(each[k]), 0.0), 1.0) * n[k], n[k]) for each in shares]
        own = sum_of_shares(wilson, [float(each[k]) for each in factors])
        wider.append(Estimate(drawn.value, min(drawn.low, own.low), max(drawn.high, own.high)))
    return tuple(wider)


def _smaller(one: Estimate, two: Estimate) -> Estimate:
    """The smaller of two differences: its ends, too."""
    return Estimate(*map(min, (one.value, one.low, one.high), (two.value, two.low, two.high)))


def _estimates(values: Floats) -> tuple[Estimate, ...]:
    """Each threshold's value in the first line, with the percentiles of the others."""
    return tuple(estimate(float(each[0]), each[1:]) for each in values.T)
