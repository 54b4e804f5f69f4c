"""How many bytes the scripts of pages have, so that none grows unseen."""

import re

import pytest

from lesson_subjects import prepared_for_tests
from small_texts import MINIFIER, minified
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.lessons.derivative_page import derivative_html, formulas_of_curves
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson

KB = 1024
# The whole script of a page.
DERIVATIVE = 26.5 * KB
# Those on one row have the network, the lenses and the words of the trace page.
LESSON = {
    "derivative": 37.5, "fault": 24.2, "threshold": 24.2, "features": 20.3, "article": 21,
    "forward": 63.5, "backward": 62,
    # With the relief, which is the larger part of them.
    "descent": 76, "plane": 65.5,
}  # fmt: skip
# What a lesson adds to its stage, minified: steps, questions, answers, hints, guesses and links.
# The minifier is only there where scripts are made; without it, the joined source is counted.
FRAME, FRAME_SOURCE = 15 * KB, 25 * KB


def script_of(page):
    return re.search(r'<script type="module">(.*?)</script>', page, re.DOTALL)[1].encode()


def test_the_script_of_the_derivative_page_is_small():
    assert len(script_of(derivative_html(show_derivative_lesson().data))) <= DERIVATIVE


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", LESSONS)
def test_the_script_of_a_lesson_is_small(name):
    assert len(script_of(lesson_html(prepared_for_tests(name)))) <= LESSON[name] * KB


def frame_and_base():
    """The script of a lesson without a stage, and that of a page that draws anything at all."""
    frame = 'import { runLesson } from "./learn/step.js";\nrunLesson({});\n'
    base = 'import { byId, html, svg } from "./dom.js";\nbyId(html, svg);\n'
    modules = {"formulas.js": formulas_of_curves()}
    return {
        f"{name}.js": joined(DRAW, "entry.js", {"entry.js": entry, **modules})
        for name, entry in (("frame", frame), ("base", base))
    }


def test_the_frame_of_the_lessons_is_small():
    frame, base = (len(each.encode()) for each in frame_and_base().values())
    assert frame - base <= FRAME_SOURCE


@pytest.mark.slow
@pytest.mark.skipif(not (MINIFIER / "node_modules").exists(), reason="`make scripts` installs it")
def test_the_minified_frame_of_the_lessons_is_small():
    frame, base = (len(each.encode()) for each in minified(frame_and_base()).values())
    assert frame - base <= FRAME
