"""What a lesson shows too early, and keys whose printed numbers fit together."""

import math
import re

import pytest

from lesson_subjects import article_subject, small_subject
from thalweg.reporting.lessons.derivative_tasks import derivative_lesson_tasks
from thalweg.reporting.lessons.fault_tasks import fault_lesson_tasks
from thalweg.reporting.lessons.lesson_page import _writes_thousands
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.prepared_lesson import right_answer
from thalweg.reporting.lessons.tasks.row.backward_tasks import backward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.forward_tasks import forward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.traced_row import agreeing, product_of, written


@pytest.mark.parametrize(
    ("name", "place", "shows"),
    [
        ("forward", 3, 2), ("forward", 4, 3), ("forward", 5, 4), ("forward", 6, 4),
        ("backward", 3, 2), ("backward", 4, 2), ("backward", 5, 4), ("backward", 7, 5),
        ("descent", 3, 2), ("descent", 4, 1), ("descent", 5, 4), ("descent", 7, 3),
        ("plane", 3, 1), ("threshold", 4, 3),
    ],
)  # fmt: skip
def test_a_step_waits_for_the_one_whose_answer_it_shows(name, place, shows):
    steps = lesson_text(name).steps
    assert steps[shows - 1].key in steps[place - 1].after


def test_tasks_on_paper_print_no_answer_of_another_one():
    for name, key in (("plane", "walk"), ("descent", "momentum")):
        (step,) = (each for each in lesson_text(name).steps if each.key == key)
        assert step.paper == "-"
    for step in lesson_text("threshold").steps:
        assert "{threshold}" not in step.text + step.question["ask"]


def numbers(text):
    """The numbers of a formula as they are written."""
    return [float(each.replace("−", "-")) for each in re.findall(r"−?\d+\.?\d*(?:e-?\d+)?", text)]


def digits(text):
    return max(1, len(re.sub(r"\D", "", text).lstrip("0")))


def test_written_factors_give_the_written_product():
    for k in range(200):
        w, x = math.sin(k + 0.3), 2 * math.cos(1.7 * k)
        said = [float(each.replace("−", "-")) for each in agreeing(w * x, [w, x], product_of)]
        assert written(math.prod(said)) == written(w * x)
    assert agreeing(0.5, [0.25, 2.0], product_of) == ["0.25", "2"]


def test_the_keys_of_a_row_hold_as_they_are_written():
    lesson = forward_lesson_tasks(article_subject())
    step = next(each for each in lesson.text.steps if each.key == "sum")
    for variant in lesson.variants["sum"]:
        found = right_answer(step, variant)
        w, x, term, others, again, total = numbers(found)
        assert term == again
        assert written(w * x, digits(variant.values["term"])) == variant.values["term"]
        assert written(others + term) == written(total)
        cells = re.findall(r"<tr>(.*?)</tr>", variant.paper)
        for row in cells[2:]:
            _, weight, value, product = re.findall(r"<td>(.*?)</td>", row)
            if product != "?":
                (a,), (b,) = numbers(weight), numbers(value)
                assert written(a * b) == product, row
    lesson = backward_lesson_tasks(article_subject())
    for order, multiply in zip(lesson.variants["order"], lesson.variants["multiply"], strict=True):
        factors = [numbers(each)[-1] for each in multiply.values["numbers"].split(" · ")]
        assert written(math.prod(factors), 5) == multiply.values["product"]
        on_sheet = re.findall(r"<td>(.*?)</td>", order.paper)[1::2]
        assert (
            written(math.prod(numbers(each)[0] for each in on_sheet), 5)
            == (multiply.values["product"])
        )
    (blame,) = lesson.variants["blame"]
    w, d, product = (blame.values[key] for key in ("w", "d", "blame"))
    assert written(numbers(w)[0] * numbers(d)[0]) == product


def test_the_key_of_paper_has_the_slopes_that_it_asks_for():
    key = sheets_of(derivative_lesson_tasks(), 1, 43)["key.html"]
    assert "h = 1: 7; h = 0.1: 6.1; h = 0.01: 6.01" in key


def test_the_key_names_the_parameters_that_the_check_marks():
    lesson = fault_lesson_tasks(small_subject())
    step = lesson.text.steps[1]
    seen = set()
    for seed in range(200):
        shown, answer = (
            lesson.drawn_variant(0, seed),
            right_answer(step, lesson.drawn_variant(1, seed)),
        )
        name = shown.values["fault"]
        if name in seen:
            continue
        seen.add(name)
        marked = set()
        for block, bias, table in re.findall(
            r'<table class="checked"><tr><th>(W\d)</th>.*?<th>(b\d)</th></tr>(.*?)</table>',
            shown.paper,
        ):
            for row in re.findall(r"<tr>(.*?)</tr>", table):
                *weights, last = re.findall(r"<td>(.*?)</td>", row)
                marked |= {block} if any(each not in ("1.00", "–") for each in weights) else set()
                marked |= {bias} if last not in ("1.00", "–") else set()
        said = re.search(r"The check marks (.*)\.$", answer)[1]
        assert set(said.split(", ")) == marked, name
        # A line that is said to show is one that computes something marked.
        for line, hidden in re.findall(r"Line \d+( \(.*?\))?: d(\w+)", answer):
            if hidden in ("W1", "b1", "W2", "b2"):
                assert (hidden in marked) == (line == ""), name
        assert f"right: {shown.values['right_line']}" in answer
    assert len(seen) == len(lesson.variants["pattern"])


def test_thousands_with_commas_are_seen_in_texts_alone():
    assert _writes_thousands([{"a": "its 67,000 steps"}])
    assert not _writes_thousands([{"a": "1,5", "b": [1, 100], "c": "0.1, 200"}])
    assert not _writes_thousands("1234,567")
