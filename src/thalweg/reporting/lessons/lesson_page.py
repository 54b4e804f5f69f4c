"""The page of a lesson: one offline file, whose answers are checked in the page."""

from collections.abc import Mapping
from importlib.metadata import version

from thalweg.reporting.html_pieces import text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson

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
    steps = [
        {
            **step.as_dict(),
            "draw": lesson.text.place_of_draw(place),
            "variants": [each.as_dict() for each in lesson.variants_of(step)],
        }
        for place, step in enumerate(lesson.text.steps)
    ]
    data = {
        "name": lesson.text.name, "title": lesson.text.title, "seed": seed, "steps": steps,
        "facts": dict(lesson.facts), "recipes": dict(recipes or {}),
    }  # fmt: skip
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
        data=json_block(data),
    )
