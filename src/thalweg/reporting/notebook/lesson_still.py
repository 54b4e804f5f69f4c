"""The still picture of a lesson: what its page shows at the end, or its steps."""

from collections.abc import Callable, Mapping
from typing import Any

from thalweg.reporting.figures.picture import LEFT, Picture, balanced
from thalweg.reporting.figures.slope_plot import slope_figure
from thalweg.reporting.figures.stable_rates_plot import RateRun, stable_rates_figure
from thalweg.reporting.lessons.lesson_texts import filled_text
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson
from thalweg.tracing.curves_of_lesson import CURVES

# The points of the article.
_AT = (3.0, -2.0)
_LINE = 17


def lesson_still(lesson: PreparedLesson, seed: int = 0, *, dark: bool = False) -> Picture:
    """A picture for places where the page cannot be shown.

    Parameters
    ----------
    lesson : PreparedLesson
    seed : int, default 0
    dark : bool, default False
    """
    known = _PICTURES.get(lesson.text.name)
    return known(lesson, dark) if known else _of_steps(lesson, seed, dark)


def _of_derivative(lesson: PreparedLesson, dark: bool) -> Picture:
    square = CURVES["square"]
    return slope_figure(square.value, square.slope, _AT, name="x²", dark=dark)


def _of_features(lesson: PreparedLesson, dark: bool) -> Picture:
    facts: Mapping[str, Any] = lesson.facts
    runs = {
        name: RateRun(line["losses"][line["stable"]], facts["rates"][line["stable"]])
        for name, line in facts["lines"].items()
    }
    return stable_rates_figure(facts["steps"], runs, subtitle=lesson.subtitle, dark=dark)


def _of_steps(lesson: PreparedLesson, seed: int, dark: bool) -> Picture:
    """The steps of the lesson as words."""
    parts = []
    for place, step in enumerate(lesson.text.steps, 1):
        values = lesson.drawn_variant(place - 1, seed).values
        parts.append((f"{place}. {step.name}", balanced(filled_text(step.aim, values), 88)))
    height = sum(_LINE * (1 + len(lines)) + 9 for _, lines in parts) + 34
    picture = Picture(lesson.text.title, lesson.subtitle, height, dark)
    top = float(height - 12)
    for name, lines in parts:
        picture.write(LEFT, top, name, size=9.5, weight="bold", va="top")
        for line in lines:
            top -= _LINE
            picture.write(LEFT, top, line, size=9, va="top")
        top -= _LINE + 9
    return picture


_PICTURES: Mapping[str, Callable[[PreparedLesson, bool], Picture]] = {
    "derivative": _of_derivative,
    "features": _of_features,
}
