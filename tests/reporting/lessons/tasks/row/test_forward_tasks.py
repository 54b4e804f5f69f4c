"""The lesson forward: each answer against a forward pass that is written here."""

import math

import numpy as np
import pytest

from forward_by_hand import by_hand, cells_of
from lesson_subjects import article_subject, few_units_subject
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.lesson_texts import filled_text
from thalweg.reporting.lessons.prepared_lesson import right_answer
from thalweg.reporting.lessons.tasks.row.forward_tasks import forward_lesson_tasks
from thalweg.reporting.lessons.tasks.row.one_cell import best_cell, slider_values
from thalweg.reporting.lessons.tasks.row.traced_row import traced_row

# Rows of the table without missing cells, from 0: two that one cell turns, and one that none does.
FLIPS, STAYS = (1, 216), 190


@pytest.fixture(scope="module", params=[STAYS, *FLIPS, 356])
def both(request):
    subject = article_subject(request.param)
    return forward_lesson_tasks(subject), by_hand(subject, cells_of(subject)), subject


def test_the_input_furthest_from_the_middle_is_that_of_the_largest_size(both):
    lesson, right, _ = both
    (variant,) = lesson.variants["furthest"]
    for place in variant.stage["right"]:
        assert abs(right["X"][place]) == pytest.approx(np.abs(right["X"]).max(), rel=1e-12)
    assert (
        len(variant.stage["right"])
        == np.isclose(np.abs(right["X"]), np.abs(right["X"]).max()).sum()
    )


def test_terms_and_sums_are_those_of_the_pass(both):
    lesson, right, _ = both
    assert len(lesson.variants["sum"]) == 4
    assert len({variant.stage["unit"] for variant in lesson.variants["sum"]}) == 4
    for variant in lesson.variants["sum"]:
        unit, column = variant.stage["unit"], variant.stage["input"]
        term, total = variant.answer
        assert term == pytest.approx(right["W1"][unit, column] * right["X"][column], rel=1e-12)
        assert total == pytest.approx(right["Z1"][unit], rel=1e-12)
        # What the text says leads to the answer within the digits that it says.
        others = float(variant.values["others"].replace("−", "-"))
        product = float(variant.values["w"].replace("−", "-")) * float(
            variant.values["x"].replace("−", "-")
        )
        assert others + product == pytest.approx(total, rel=5e-3)


def test_silent_units_are_those_with_a_negative_sum(both):
    lesson, right, _ = both
    for variant in lesson.variants["silent"]:
        assert variant.stage["right"] == np.flatnonzero(right["Z1"] <= 0).tolist()
    (squash,) = lesson.variants["squash"]
    assert squash.answer == pytest.approx(right["Yh"], rel=1e-12)


def test_at_the_answer_the_loss_is_what_is_asked(both):
    lesson, _, subject = both
    benign = subject.labels[subject.row] == "benign"
    for variant, loss in zip(lesson.variants["price"], (1, 2, 0.5, 3), strict=True):
        share = 1 - variant.answer if benign else variant.answer
        assert -math.log(share) == pytest.approx(loss, rel=1e-12)
        assert variant.traps["other_class"] == pytest.approx(1 - variant.answer)
    assert lesson.variants["price"][0].answer == pytest.approx(0.632 if benign else 0.368, abs=5e-4)


@pytest.mark.parametrize("place", [STAYS, *FLIPS])
def test_the_best_single_cell_is_that_of_a_search_by_hand(place):
    subject = article_subject(place)
    cells, now = cells_of(subject), by_hand(subject, cells_of(subject))
    found = []
    for column, name in enumerate(subject.rows.columns):
        for value in range(1, 11):
            changed = [[*cells[0][:column], float(value), *cells[0][column + 1 :]]]
            then = by_hand(subject, changed)
            flips = (then["Yh"] > 0.5) != (now["Yh"] > 0.5)
            found.append((flips, math.dist(then["X"], now["X"]), then["Yh"], name, float(value)))
    turned = [each for each in found if each[0]]
    assert bool(turned) is (place in FLIPS)
    best = min(turned, key=lambda each: each[1]) if turned else min(found, key=lambda each: each[2])
    row = traced_row(subject, changing=True)
    said = best_cell(row, subject.model.members_[0].encoder.encode)
    assert (said.name, said.value, said.flips) == (best[3], best[4], best[0])
    assert said.moved == pytest.approx(best[1], rel=1e-9)
    assert said.Yh == pytest.approx(best[2], rel=1e-9)


def test_a_row_that_no_cell_turns_is_asked_another_question():
    for place, says in ((STAYS, "No single cell makes"), (FLIPS[0], "Change one cell")):
        (variant,) = forward_lesson_tasks(article_subject(place)).variants["flip"]
        assert variant.values["aim"].startswith(says)
        assert variant.key


def test_a_slider_has_the_values_of_its_range():
    whole = {"as": "number", "low": 1.0, "high": 10.0, "whole": True}
    assert slider_values(whole)[0] == [float(k) for k in range(1, 11)]
    values, words = slider_values({"as": "number", "low": -1.0, "high": 3.0, "whole": False})
    assert (len(values), values[0], values[-1], words[0]) == (201, -1.0, pytest.approx(3.0), "−1")
    assert len(slider_values({"as": "number", "low": 0.0, "high": 5000.0, "whole": True})[0]) == 201
    assert slider_values({"as": "number", "low": 2.0, "high": 2.0, "whole": False})[0] == [2.0]
    assert slider_values({"as": "list", "levels": [[1, "a"], [3, "c"]]}) == ([1.0, 3.0], ["a", "c"])
    assert slider_values({"as": "none"}) == ([], [])


def test_a_row_whose_units_all_speak_says_so():
    lesson = forward_lesson_tasks(few_units_subject(silent=0))
    for variant in lesson.variants["silent"]:
        assert variant.stage["right"] == []
        assert variant.values["silent"] == "None of them"
        assert right_answer(lesson.text.steps[2], variant) == "none"


def test_sheets_do_not_print_the_answer_of_another_step():
    lesson = forward_lesson_tasks(article_subject(STAYS))
    pages = sheets_of(lesson, 4, 1)
    for number in range(1, 5):
        sheet = pages[f"student-{number:02}.html"]
        variant = lesson.drawn_variant(1, number)
        assert variant.values["total"] not in sheet
        assert "your sum" in sheet
        assert variant.values["total"] in pages["key.html"]
        assert lesson.variants["squash"][0].values["yh"] not in sheet
        for words in ("Tap", "tap", "Move Ŷ", "pill", "staircase", "Orange"):
            assert words not in sheet, words


def test_filled_texts_are_short_and_have_no_empty_place(both):
    lesson, *_ = both
    for step in lesson.text.steps:
        for variant in lesson.variants[step.key]:
            question = step.question
            read = [step.aim, step.text, question["ask"]]
            said = [filled_text(each, variant.values) for each in read]
            assert len(" ".join(said).split()) <= 80, step.key
            more = [*question["hints"], question["solution"], question.get("right", "")]
            for each in [*said, *(filled_text(part, variant.values) for part in more)]:
                assert "{" not in each
