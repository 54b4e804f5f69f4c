"""The page of a lesson: one offline file, whose answers are checked in the page."""

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from thalweg.reporting.html_pieces import text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson

# 67,000, but no list of numbers such as 1,234,5
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_STYLES = ("learn/ground.css", "learn/learn.css", "learn/lesson.css")


def lesson_html(
    lesson: PreparedLesson, seed: int = 0, recipes: Mapping[str, str] | None = None
) -> str:
    """The page of a lesson.

    Parameters
    ----------
    lesson : PreparedLesson
    seed : int, default 0
        Which variant each step has, unless the link says another one.
    recipes : mapping, optional
        ``command`` and ``python`` that make it again, for its buttons.

    Returns
    -------
    str
        One file of HTML in UTF-8.
    """
    return filled(
        "learn/page.html",
        body="learn/lesson_body.html",
        styles=(*_STYLES, *lesson.styles),
        script=lesson.script,
        modules=lesson.modules,
        chosen=lesson.chosen,
        version=version("thalweg"),
        title=text(lesson.text.title, 200),
        subtitle=text(lesson.subtitle, 400),
        rows=text(lesson.rows, 400),
        data=json_block(lesson_data(lesson, seed, recipes)),
    )


def lesson_data(
    lesson: PreparedLesson, seed: int = 0, recipes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the script of a lesson needs, as plain data: its steps, and the facts of its picture.

    Parameters
    ----------
    lesson, seed, recipes
        As for `lesson_html`.
    """
    steps = [
        {
            **step.as_dict(),
            "draw": lesson.text.place_of_draw(place),
            "variants": [each.as_dict() for each in lesson.variants_of(step)],
        }
        for place, step in enumerate(lesson.text.steps)
    ]
    return {
        "name": lesson.text.name, "title": lesson.text.title, "seed": seed,
        "steps": steps,
        "thousands": _writes_thousands(steps), "facts": dict(lesson.facts),
        "recipes": dict(recipes or {}),
    }  # fmt: skip


def _writes_thousands(value: object) -> bool:
    """Whether a text of the steps writes thousands with commas; an answer may then do so, too."""
    if isinstance(value, str):
        return _THOUSANDS.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(_writes_thousands, value.values()))
    return isinstance(value, list | tuple) and any(map(_writes_thousands, value))
