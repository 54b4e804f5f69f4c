"""The lesson on thresholds: costs, a rare class, and one look at a test set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.operating_point import OperatingPoint, at_threshold
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.tasks.lowest_cost import LowestCost, lowest_cost
from thalweg.wording import counted, even

# What a miss and a false alarm cost, and how common the class is elsewhere, in 100 rows.
_COSTS = ((100, 1, 1.0), (50, 1, 2.0), (20, 1, 0.5), (30, 2, 1.0), (10, 1, 2.0))
# How common it is elsewhere, with costs of one's own.
_RARE = (1.0, 2.0, 0.5)
# The thresholds of the cost curve: even in log-odds, as the picture is.
_GRID = 1 / (1 + np.exp(-np.linspace(-8, 8, 65)))
FEWEST = 10
# How far from the lowest point of the curve a number may be that was read off it, in log-odds.
_STEP = 0.25
# More dots are one cloud.
MOST_ROWS = 4000


def threshold_lesson_tasks(subject: Subject) -> PreparedLesson:
    """The lesson, for a page or for paper.

    Raises
    ------
    DataError
        If there are too few rows of a class.
    """
    choosing, test = subject.choosing, subject.test
    assert choosing is not None
    assert test is not None
    names = _names(subject)
    for answers, which in ((choosing, "that choose the line"), (test, "of the test set")):
        _require_both_classes(answers, which, names, subject.name)
    pairs: Sequence[tuple[float, float, float]] = _COSTS
    if subject.costs is not None:
        missed, alarm = map(_whole, subject.costs)
        pairs = tuple((missed, alarm, rare) for rare in _RARE)
    words = lesson_text("threshold")
    lowest = [_lowest(choosing, missed, alarm) for missed, alarm, _ in pairs]
    tasks = [
        _tasks(place, *each, choosing, test, names, least)
        for place, (each, least) in enumerate(zip(pairs, lowest, strict=True))
    ]
    # The curves are drawn through their lowest points.
    grid = np.unique(np.concatenate((_GRID, [each.line for each in lowest])))
    keys = [step.key for step in words.steps]
    return PreparedLesson(
        words,
        {key: [each[key] for each in tasks] for key in keys},
        subtitle=f"{names['positive']} or {names['negative']} in {subject.name}: {len(choosing):,} "
        f"held-out rows choose the line, {len(test):,} rows test it.",
        script="learn/threshold_lesson.js",
        styles=("learn/threshold.css", "learn/losses.css"),
        facts={
            "positive": names["positive"],
            "negative": names["negative"],
            "choosing": _rows(choosing),
            "test": _rows(test),
            "grid": grid.tolist(),
            "curves": [_curve(choosing, c, a, grid) for c, a, _ in pairs],
            "lowest": [{"line": each.line, "cost": _cost(each.point).value} for each in lowest],
        },
        rows="It holds probabilities and classes of rows, and no cell of the table.",
    )


def _require_both_classes(answers: Answers, which: str, names: dict[str, str], table: str) -> None:
    """Refuse rows of which a class has only a few."""
    positive = int(answers.truth.sum())
    for name, count in (
        (names["positive"], positive), (names["negative"], len(answers) - positive)
    ):  # fmt: skip
        if count < FEWEST:
            raise DataError(
                f'The class "{name}" has {counted(count, "row")} among the rows {which}',
                where=table,
                why=f"With fewer than {FEWEST} of them the lesson would show nothing but luck",
                fix=f'give a table with at least {FEWEST} rows of the class "{name}"'
                if "test" in which
                else f'fit the model on at least {FEWEST} rows of the class "{name}"',
            )


def _whole(cost: float) -> float:
    """A whole number without its point, as the texts have it."""
    return int(cost) if cost == int(cost) and cost < 1e15 else cost


def _names(subject: Subject) -> dict[str, str]:
    """The words for the two classes."""
    classes = [str(each) for each in subject.model.classes_.tolist()]
    positive = str(subject.model.positive_)
    (negative,) = (each for each in classes if each != positive)
    return {"positive": clipped(positive, 30), "negative": clipped(negative, 30)}


def _rows(answers: Answers) -> dict[str, Any]:
    """Probabilities and classes, at most so many, spread over all of them."""
    n = len(answers)
    kept = np.unique(np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(int))
    return {
        "p": answers.answer[kept].tolist(),
        "positive": answers.truth[kept].astype(int).tolist(),
    }


def _lowest(answers: Answers, missed: float, alarm: float) -> LowestCost:
    formula = by_costs(missed, alarm).value
    assert formula is not None  # costs always give one
    return lowest_cost(answers, formula, missed=missed, alarm=alarm)


def _curve(
    answers: Answers, missed: float, alarm: float, grid: np.ndarray
) -> dict[str, list[float]]:
    """The expected cost of a row at each threshold of the grid, with its interval."""
    costs = [_cost(at_threshold(answers, float(t), missed=missed, alarm=alarm)) for t in grid]
    return {
        "value": [each.value for each in costs],
        "low": [each.low for each in costs],
        "high": [each.high for each in costs],
    }


def _cost(point: OperatingPoint) -> Estimate:
    assert point.cost is not None
    return point.cost


def _tasks(
    place: int, missed: float, alarm: float, rare: float, choosing: Answers, test: Answers,
    names: dict[str, str], lowest: LowestCost,
) -> dict[str, Variant]:  # fmt: skip
    """All steps with one pair of costs."""
    here = lowest.formula
    threshold = here.threshold
    assert threshold is not None
    there = at_threshold(test, threshold, missed=missed, alarm=alarm)
    at_half = _cost(at_threshold(choosing, 0.5, missed=missed, alarm=alarm)).value
    found, alarms = here.sensitivity.value, 1 - here.specificity.value
    n_rare = 100 * rare
    n_found, n_alarms = found * n_rare, alarms * (10_000 - n_rare)
    right = 100 * n_found / (n_found + n_alarms) if n_found + n_alarms else 0.0
    miss_cost, alarm_cost = missed * there.false_negative, alarm * there.false_positive
    cost, chosen = _cost(there), _cost(here)
    inside = chosen.low <= cost.value <= chosen.high
    numbers = {
        "missed": f"{missed:.12g}", "alarm": f"{alarm:.12g}", "threshold": f"{threshold:.3g}",
        "compared": f"There a row costs {_evenly(chosen)[0]}; at 0.5 it is {_few(at_half)}. "
        f"{_reconciled(lowest, len(choosing))}",
        "share": f"{100 * choosing.truth.mean():.0f}", "rare": f"{rare:g}",
        "found": f"{100 * found:.1f}", "alarms": f"{100 * alarms:.1f}",
        "n_rare": f"{n_rare:,.0f}", "n_others": f"{10_000 - n_rare:,.0f}",
        "n_found": f"{n_found:,.0f}", "n_alarms": f"{n_alarms:,.0f}",
        "right_alarms": f"{right:.0f}",
        "whose_alarms": _whose_alarms(n_found, n_alarms, names["positive"]),
        "n_test": f"{len(test):,}",
        "test_missed": f"{there.false_negative:g}", "test_alarms": f"{there.false_positive:g}",
        "n_positive": f"{there.true_positive + there.false_negative:g}",
        "n_negative": f"{there.true_negative + there.false_positive:g}",
        "miss_cost": f"{miss_cost:g}", "alarm_cost": f"{alarm_cost:g}",
        "test_cost": _few(cost.value), "chosen_cost": _evenly(chosen)[0],
        "chosen_interval": " to ".join(_evenly(chosen)[1:]),
        "verdict": "The test set agrees with it." if inside
        else "The cost on the test rows lies outside of it.",
    }  # fmt: skip
    values = {**names, **{name: str(each) for name, each in numbers.items()}}
    stage = {"missed": missed, "alarm": alarm, "costs": place}
    traps = {
        "swapped": missed / (missed + alarm), "odds": alarm / missed, 
        # Below 1 nothing says that it is no probability: a range without a number.
        "inverse": missed / alarm if missed > alarm else [1.0, 0.0],
        "lowest": [_moved(lowest.start, -_STEP), _moved(lowest.end, _STEP)],
    }  # fmt: skip

    def of(answer: Any = None, **more: Any) -> Variant:
        return Variant(values, answer, stage, {"thr": threshold}, **more)

    return {
        "none-missed": Variant(values, None, stage),
        "by-eye": Variant(values, None, stage),
        "theory": of(threshold, traps=traps),
        "rare": of(right),
        "test": Variant(values, None, stage),
        "cost": of([miss_cost, alarm_cost, cost.value]),
    }


def _whose_alarms(found: float, false: float, positive: str) -> str:
    """Which rows most alarms come from, where the class is rare."""
    if not found + false:
        return "The line calls no row at all."
    if found < false:
        return f"Where {positive} is rare, most alarms come from the many others."
    return f"So few of the others are called that half of the alarms or more are {positive}."


def _reconciled(lowest: LowestCost, n: int) -> str:
    """How the lowest point of the curve goes together with the line of the formula."""
    cost = _cost(lowest.point)
    value, low, high = _evenly(cost)
    first = f"On these {n:,} rows the lowest cost is {value}, 95 % interval {low} to {high}"
    if lowest.has_formula:
        return f"{first}: the line of the formula has it."
    more = ""
    if lowest.one_more is not None:
        more = f" One more missed row there makes it {_few(lowest.one_more)}."
    value, low, high = _evenly(lowest.difference)
    apart = f"the difference is {value}, interval {low} to {high}"
    shown = (
        f"Even so it is shown to be cheaper than the formula's line: {apart}. So the probabilities "
        "may not be right."
        if lowest.is_shown
        else f"It is not shown to be cheaper than the formula's line: {apart}."
    )
    return (
        f"{first}, at a line between two rows, {lowest.start:.3g} to {lowest.end:.3g}. These rows "
        f"chose it, so it looks cheaper than on new rows. {shown}{more}"
    )


def _moved(p: float, by: float) -> float:
    """A probability, so much further in log-odds."""
    odds = p / (1 - p) * float(np.exp(by)) if p < 1 else np.inf
    return float(odds / (1 + odds)) if np.isfinite(odds) else 1.0


def _evenly(found: Estimate) -> list[str]:
    """A cost with its interval."""
    said = even((found.value, found.low, found.high), 3)
    return [each.replace("-", "−") for each in said]


def _few(value: float) -> str:
    """A cost with three digits."""
    return f"{value:.3g}".replace("-", "−")
