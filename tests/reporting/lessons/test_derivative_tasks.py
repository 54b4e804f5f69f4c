"""The numbers of the lesson on derivatives, against exact fractions."""

import re
from fractions import Fraction

import numpy as np
import pytest

from thalweg.reporting.lessons.derivative_page import derivative_html
from thalweg.reporting.lessons.derivative_tasks import decimal, derivative_lesson_tasks, power
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_sheets import seed_of_student, sheets_of
from thalweg.reporting.lessons.prepared_lesson import right_answer
from thalweg.reporting.trace.difference_lesson import show_derivative_lesson

LESSON = derivative_lesson_tasks()
STEPS = {step.key: step for step in LESSON.text.steps}


def exactly(written):
    return Fraction(written.replace("−", "-"))


def test_the_guesses_and_the_products_are_exact():
    for variant in LESSON.variants["guess"]:
        x, h = (exactly(variant.values[key]) for key in ("x", "h"))
        assert exactly(variant.values["slope"]) == ((x + h) ** 2 - x**2) / h == 2 * x + h
        assert variant.answer == float(2 * x + h)
        assert variant.traps["rule"] == float(2 * x)
    for variant in LESSON.variants["by-hand"]:
        x, h = (exactly(variant.values[key]) for key in ("x", "h"))
        expected = [(x + h) ** 2, x**2, (x + h) ** 2 - x**2, 2 * x + h]
        assert variant.answer == [float(each) for each in expected]
        assert exactly(variant.values["x_h"]) == x + h
    first = LESSON.variants["by-hand"][0]
    assert first.answer == [9.006001, 9.0, 0.006001, 6.001]  # the article's


def test_the_slope_between_stairs_is_that_of_rounded_numbers():
    for variant in LESSON.variants["stairs"]:
        x = float(exactly(variant.values["x"]))
        ahead = float(Fraction(x) + Fraction(1e-15))  # rounded once, as the machine does
        square = [float(Fraction(each) ** 2) for each in (ahead, x)]
        assert variant.answer == float(Fraction(square[0]) - Fraction(square[1])) / 1e-15
        assert abs(variant.answer - 2 * x) > 0.05  # the stairs are seen
        assert int(variant.values["ticks"]) == (ahead - x) / np.spacing(x)


def test_the_best_step_has_alike_errors():
    for variant in LESSON.variants["best"]:
        assert 1e-9 < variant.answer < 1e-4
        assert power(variant.answer) == variant.values["best"]


@pytest.mark.parametrize(
    ("value", "text"), [(-3.999, "−3.999"), (9.006000999999999, "9.006001"), (0.001, "0.001")]
)
def test_decimals(value, text):
    assert decimal(value) == text


def test_every_place_of_every_text_is_filled():
    page = lesson_html(LESSON)
    for step in LESSON.text.steps:
        texts = [step.aim, step.text, *(str(each) for each in step.question.values())]
        places = {place for text in texts for place in re.findall(r"\{(\w+)\}", text)}
        for variant in LESSON.variants_of(step):
            assert places <= set(variant.values), step.key
    assert len(page.encode()) < 100_000


def test_each_student_has_a_sheet_and_the_key_has_all_answers():
    pages = sheets_of(LESSON, 12, 42)
    assert list(pages)[:2] == ["student-01.html", "student-02.html"]
    assert list(pages)[-1] == "key.html"
    assert len(pages) == 13
    for number in range(1, 13):
        seed = seed_of_student(42, number)
        sheet = pages[f"student-{number:02}.html"]
        guess = LESSON.drawn_variant(1, seed)
        assert f"x = {guess.values['x']} and at x + h, with h = {guess.values['h']}" in sheet
        answer = right_answer(STEPS["guess"], guess)
        assert answer in pages["key.html"]
        assert answer not in sheet
    assert pages == sheets_of(LESSON, 12, 42)
    assert "B: The check" in pages["key.html"]
    assert all("<script" not in page for page in pages.values())


def test_the_tables_of_the_page_have_true_minus_signs():
    page = derivative_html(show_derivative_lesson().data)
    assert "at x = −2, where the slope is −4" in page
    assert "(f(x+h) - f(x)) / h" in page
    assert ">1e-08<" in page
