"""How many bytes the scripts of pages have, so that none grows unseen."""

import re

import pytest

from lesson_subjects import prepared_for_tests
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.lessons.derivative_page import derivative_html, formulas_of_curves
from thalweg.reporting.lessons.known_lessons import LESSONS
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson

KB = 1024
# The whole script of a page.
DERIVATIVE = 41.5 * KB
LESSON = {"derivative": 56.5, "fault": 34.25, "threshold": 33, "features": 29, "article": 30}
# What a lesson adds to its stage: steps, questions, answers, hints, guesses and links.
FRAME = 20.75 * KB


def script_of(page):
    return re.search(r'<script type="module">(.*?)</script>', page, re.DOTALL)[1].encode()


def test_the_script_of_the_derivative_page_is_small():
    assert len(script_of(derivative_html(show_derivative_lesson().data))) <= DERIVATIVE


@pytest.mark.parametrize("name", LESSONS)
def test_the_script_of_a_lesson_is_small(name):
    assert len(script_of(lesson_html(prepared_for_tests(name)))) <= LESSON[name] * KB


def test_the_frame_of_the_lessons_is_small():
    modules = {"formulas.js": formulas_of_curves()}
    frame = 'import { runLesson } from "./learn/step.js";\nrunLesson({});\n'
    base = 'import { byId, html, svg } from "./dom.js";\nbyId(html, svg);\n'
    sizes = [
        len(joined(DRAW, "entry.js", {"entry.js": entry, **modules}).encode())
        for entry in (frame, base)
    ]
    assert sizes[0] - sizes[1] <= FRAME
