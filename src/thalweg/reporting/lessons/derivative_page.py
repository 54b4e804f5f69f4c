"""The derivative page: one offline file with a curve, a second point, and the error for every step.

Its formulas are written from their bodies in Python, so the page computes what Python computes.
"""

import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from thalweg.export.javascript import module_text
from thalweg.reporting.html_pieces import folded, table, text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.trace.tables.network_check_tables import lesson_sections
from thalweg.tracing.curves_of_lesson import curve_formulas

_MINUS = re.compile(r"(?<!\w)-(?=\d)")
_STYLES = ("learn/ground.css", "learn/learn.css")
_TITLE = (
    "Two points make a slope. Move them together, and it becomes the derivative, until the digits "
    "run out."
)


def formulas_of_curves() -> str:
    """The module ``formulas.js`` of the page: each curve and its derivatives."""
    return module_text(curve_formulas("x"))


def derivative_html(data: dict[str, Any], recipes: Mapping[str, str] | None = None) -> str:
    """The page.

    Parameters
    ----------
    data : dict
        From `thalweg.reporting.trace.difference_lesson.lesson_data`: the table below the pictures,
        for readers without scripts.
    recipes : mapping, optional
        ``command`` and ``python`` that make it again, for its buttons.
    """
    return filled(
        "learn/page.html",
        body="learn/derivative_body.html",
        styles=_STYLES,
        script="learn/derivative_page.js",
        modules={"formulas.js": formulas_of_curves()},
        version=version("thalweg"),
        title=_TITLE,
        table="".join(_tables(data)),
        recipes=json_block(dict(recipes or {})),
    )


def _tables(data: dict[str, Any]) -> list[str]:
    """The differences at each point, folded, and what they say."""
    found = []
    for section in lesson_sections(data):
        title = _signed(section.title)
        words = "".join(f"<p>{text(each, 2000)}</p>" for each in section.words)
        rows = [[text(_signed(cell)) for cell in row] for row in section.rows]
        numbers = table(section.heads, rows, text(title)) if rows else ""
        found.append(folded(text(title), words + numbers))
    return found


def _signed(words: str) -> str:
    """With true minus signs in front of numbers; the terminal has plain ones."""
    return _MINUS.sub("−", words)
