"""Thresholds that keep a floor on sensitivity, specificity or precision, with a confidence.

*Sensitivity.* Let s₍₁₎ ≤ … ≤ s₍ₘ₎ be the probabilities of m positive rows. If rows from s₍ₖ₎ on are
called positive, the sensitivity on new rows has the distribution Beta(m + 1 - k, k), or more if
there are ties, whatever the model (David & Nagaraja 2003, "Order Statistics", section 7.2). The
threshold is that of the largest k with P(Beta(m + 1 - k, k) ≥ floor) ≥ confidence. It is the number
just below s₍ₖ₎, because a row is called positive if its probability is strictly above it.

*Specificity.* The same for the negative rows, from above: the threshold is the k-th largest of
their probabilities, since rows with exactly this probability are not called.

*How many rows.* k = 1 needs floorᵐ ≤ 1 - confidence: 29, 59 and 299 rows of the class for floors of
0.90, 0.95 and 0.99 at 95 %.

*Precision* does not rise with every threshold. So each threshold of a grid is tested (the called
rows of a threshold are binomial; Clopper & Pearson 1934, Biometrika 26:404-413), with Holm's
correction for the number of tests, and the lowest threshold that passes is taken. Angelopoulos,
Bates, Candès, Jordan & Lei 2021, "Learn then test", arXiv:2110.01052.

*The confidence* is for rows that nothing else has used. Where rows chose when training stopped, or
depend on each other, or have fractional weights, the threshold is the same and none is claimed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.decisions.chosen_threshold import Rule, Threshold
from thalweg.evaluation.decisions.cutoffs import in_order
from thalweg.wording import amount, counted, words_of_two

# The thresholds at which a precision is tested, if none are named.
PRECISION_GRID = tuple(k / 20 for k in range(1, 20))

Floats = NDArray[np.float64]


def by_sensitivity(
    answers: Answers, floor: float, confidence: float = 0.95, classes: Sequence[str] = ()
) -> Threshold:
    """The highest threshold that keeps a sensitivity.

    Parameters
    ----------
    answers : Answers
        Of two classes.
    floor : float
        The least sensitivity, between 0 and 1.
    confidence : float, default 0.95
        Between 0 and 1. It is claimed only for test rows.
    classes : sequence of str, optional
        Their names in a refusal, the negative one first.

    Returns
    -------
    Threshold
        Refused if there are too few positive rows (`rows_needed`).

    Raises
    ------
    DataError
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    SettingsError
        If the floor or the confidence is not between 0 and 1.
    """
    truth, probability, weights = in_order(answers)
    _, positive = words_of_two(classes)
    found = _by_order(
        answers, "sensitivity", probability[truth], weights[truth], floor, confidence, positive
    )
    if found.value is None:
        return found
    if found.value == 0:
        why = (
            f"Rows that must be called {positive} for a sensitivity of {amount(floor)} have a "
            "probability of exactly 0, and no threshold calls them. Choose a lower floor, or a "
            "model that is never certain."
        )
        return _refused(found, why)
    return replace(found, value=float(np.nextafter(found.value, 0.0)))


def by_specificity(
    answers: Answers, floor: float, confidence: float = 0.95, classes: Sequence[str] = ()
) -> Threshold:
    """The lowest threshold that keeps a specificity.

    Parameters and errors are those of `by_sensitivity`, with the negative rows.
    """
    truth, probability, weights = in_order(answers)
    mirrored, weights = -probability[~truth][::-1], weights[~truth][::-1]
    negative, _ = words_of_two(classes)
    found = _by_order(answers, "specificity", mirrored, weights, floor, confidence, negative)
    return found if found.value is None else replace(found, value=-found.value + 0.0)


def _by_order(
    answers: Answers,
    by: Rule,
    scores: Floats,
    weights: Floats,
    floor: float,
    confidence: float,
    kind: str,
) -> Threshold:
    """The k-th of some ascending scores, as the value of a threshold that is not one yet."""
    n_class = effective_number(weights) if answers.weights is not None else len(scores)
    m = math.floor(n_class + 1e-9)  # equal weights count every row
    k = largest_rank(m, floor, confidence)
    head = Threshold(
        None, by, floor=floor, how=answers.how, n_samples=len(answers), n_class=n_class
    )
    if k == 0:
        needed = rows_needed(floor, confidence)
        why = (
            f"A {by} of {amount(floor)} with {amount(100 * confidence)} % confidence needs "
            f"{counted(needed, f'{kind} row')}, and there are {m:,}. {_lower(m, confidence)}"
        )
        return _refused(head, why)
    # The highest score below which lies no more than the share (k - 1) / m of the rows: the k-th.
    below = (np.cumsum(weights) - weights) / weights.sum()
    below = below[np.searchsorted(scores, scores)]  # of tied rows the first
    place = int(np.searchsorted(below, (k - 1) / m + 1e-12, side="right")) - 1
    return Threshold(
        float(scores[place]),
        by,
        floor=floor,
        confidence=confidence if may_claim(answers) else None,
        how=answers.how,
        n_samples=len(answers),
        n_class=n_class,
        not_met=_before(place, scores) if answers.weights is None else below[place] * n_class,
    )


def _lower(m: int, confidence: float) -> str:
    """What to do if a floor is too high: the highest one that m rows can show, floorᵐ = 1 - c."""
    best = math.floor(100 * (1 - confidence) ** (1 / m)) / 100 if m else 0.0
    if not 0 < best < 1 or largest_rank(m, best, confidence) == 0:
        return "Choose a lower floor, or give more rows."
    return f"Choose a floor of {amount(best)} or lower, or give more rows."


def _before(place: int, scores: Floats) -> float:
    """How many of some ascending scores are below one of them."""
    return float(np.searchsorted(scores, scores[place]))


def may_claim(answers: Answers) -> bool:
    """Whether a confidence holds for these rows: untouched, independent, and without weights."""
    return answers.how == "test" and answers.groups is None and answers.weights is None


def largest_rank(m: int, floor: float, confidence: float = 0.95) -> int:
    """The largest k with P(Beta(m + 1 - k, k) ≥ floor) ≥ confidence; 0 if there is none.

    The probability falls as k grows, so bisection finds it.
    """
    from scipy.special import betainc

    _require_between(floor, confidence)
    passes, fails = 0, m + 1
    while fails - passes > 1:
        k = (passes + fails) // 2
        if betainc(m + 1 - k, k, floor) <= 1 - confidence:
            passes = k
        else:
            fails = k
    return passes


def rows_needed(floor: float, confidence: float = 0.95) -> int:
    """The fewest rows of the class that can show the floor: floorᵐ ≤ 1 - confidence."""
    _require_between(floor, confidence)
    m = max(1, math.floor(math.log1p(-confidence) / math.log(floor)) - 1)
    while largest_rank(m, floor, confidence) == 0:
        m += 1
    return m


def by_precision(
    answers: Answers,
    floor: float,
    confidence: float = 0.95,
    grid: tuple[float, ...] = PRECISION_GRID,
) -> Threshold:
    """The lowest threshold of a grid that keeps a precision (PPV).

    Parameters
    ----------
    answers, floor, confidence
        As in `by_sensitivity`.
    grid : tuple of float, default 0.05, 0.10, …, 0.95
        The thresholds to test. Name them before you see the rows.

    Returns
    -------
    Threshold
        Refused if no threshold passes.
    """
    from scipy.special import betainc

    _require_between(floor, confidence)
    truth, probability, weights = in_order(answers)
    thresholds = np.unique(np.asarray(grid, dtype=np.float64))
    p_values, sizes, wrong = np.ones((3, len(thresholds)))
    for place, threshold in enumerate(thresholds):
        called = probability > threshold
        n = effective_number(weights[called])
        share = weights[called & truth].sum() / weights[called].sum() if n else 0.0
        sizes[place], wrong[place] = n, n * (1 - share)
        if n * share > 0:  # P(Binomial(n, floor) ≥ n share)
            p_values[place] = betainc(n * share, n * (1 - share) + 1, floor)
    passed = np.flatnonzero(holm(p_values) <= 1 - confidence)
    head = Threshold(None, "precision", floor=floor, how=answers.how, n_samples=len(answers))
    if not len(passed):
        why = (
            f"At none of {counted(len(thresholds), 'threshold')} these rows show a precision of "
            f"{amount(floor)} with {amount(100 * confidence)} % confidence. Choose a lower floor, "
            "or give more rows."
        )
        return _refused(head, why)
    first = int(passed[0])
    return Threshold(
        float(thresholds[first]),
        "precision",
        floor=floor,
        confidence=confidence if may_claim(answers) else None,
        how=answers.how,
        n_samples=len(answers),
        n_class=float(sizes[first]),
        not_met=float(wrong[first]),
    )


def _require_between(floor: float, confidence: float) -> None:
    for name, value in (("floor", floor), ("confidence", confidence)):
        if not 0 < value < 1:
            raise SettingsError(
                f"The {name} is {value}, not between 0 and 1",
                why="No number of rows shows what is always so",
                fix="give a number between 0 and 1, such as 0.95",
            )


def _refused(found: Threshold, why: str) -> Threshold:
    return replace(found, value=None, confidence=None, refused=why)
