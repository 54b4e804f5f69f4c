"""The lesson backward: each answer against differences of a loss that is written here."""

import math
import re

import numpy as np
import pytest

from forward_by_hand import by_hand, cells_of
from lesson_subjects import article_subject, few_units_subject
from thalweg import DataError
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.lesson_texts import filled_text
from thalweg.reporting.lessons.prepared_lesson import right_answer
from thalweg.reporting.lessons.tasks.row.backward_tasks import backward_lesson_tasks, factors_of
from thalweg.reporting.lessons.tasks.row.traced_row import traced_row

STEP = 1e-6


def loss_by_hand(subject, moved=None, by=0.0, add_to_sum=None):
    """The loss of the row, with one weight or one sum of a unit moved."""
    right = by_hand(subject, cells_of(subject))
    W1, b1 = right["W1"].copy(), right["Z1"] - right["W1"] @ right["X"]
    if moved is not None:
        W1[moved] += by
    Z1 = W1 @ right["X"] + b1
    if add_to_sum is not None:
        Z1[add_to_sum] += by
    b2 = right["Z2"] - right["W2"] @ np.maximum(right["Z1"], 0)
    z = right["W2"] @ np.maximum(Z1, 0) + b2
    sign = 1 if subject.labels[subject.row] == "malignant" else -1
    return math.log1p(math.exp(-sign * z))


def difference(subject, **what):
    both = [loss_by_hand(subject, by=by, **what) for by in (STEP, -STEP)]
    return (both[0] - both[1]) / (2 * STEP)


@pytest.fixture(scope="module", params=[190, 216, 1])
def both(request):
    subject = article_subject(request.param)
    return backward_lesson_tasks(subject), subject


def test_the_default_row_is_that_of_the_trace_of_the_article():
    assert traced_row(article_subject()).number == 197


def test_five_factors_multiply_to_the_difference_of_losses(both):
    lesson, subject = both
    variants = lesson.variants["order"]
    assert len(variants) == 4
    assert len({(each.stage["unit"], each.stage["input"]) for each in variants}) == 4
    for order, multiply in zip(variants, lesson.variants["multiply"], strict=True):
        place = (order.stage["unit"], order.stage["input"])
        product = math.prod(each["value"] for each in order.stage["factors"])
        expected = difference(subject, moved=place)
        assert product == pytest.approx(expected, rel=1e-6)
        assert multiply.answer == pytest.approx(product, rel=1e-12)
        assert sorted(order.stage["mixed"]) == [0, 1, 2, 3, 4]
        assert all(k != at for at, k in enumerate(order.stage["mixed"]))


def test_up_or_down_lowers_the_loss(both):
    lesson, subject = both
    (variant,) = lesson.variants["up"]
    right = by_hand(subject, cells_of(subject))
    sign = 1 if subject.labels[subject.row] == "malignant" else -1
    way = {"Up": 0.1, "Down": -0.1}[variant.choices[variant.answer]["text"]]
    losses = [math.log1p(math.exp(-sign * (right["Z2"] + by))) for by in (0, way)]
    assert losses[1] < losses[0]
    assert [each["say"].startswith("Right.") for each in variant.choices].count(True) == 1


def test_the_unit_with_the_most_blame_moves_the_loss_most(both):
    lesson, subject = both
    (variant,) = lesson.variants["blame"]
    n = subject.model.architecture_.sizes[1]
    slopes = [difference(subject, add_to_sum=unit) for unit in range(n)]
    assert variant.stage["right"] == [int(np.argmax(np.abs(slopes)))]
    silent = np.flatnonzero(np.array(slopes) == 0).tolist()
    (none,) = lesson.variants["none"]
    assert all(str(unit + 1) in none.values["units"] for unit in silent)
    assert none.choices[none.answer]["text"].startswith("They were silent")


def test_what_is_said_of_loudness_is_computed():
    for place in (190, 216, 1, 99, 605):
        row = traced_row(article_subject(place))
        (variant,) = backward_lesson_tasks(article_subject(place)).variants["blame"]
        is_loudest = int(np.argmax(row.A1)) in variant.stage["right"]
        assert ("is the loudest, too" in variant.values["say"]) is is_loudest


def test_the_penalty_is_compared_with_the_share_of_one_row(both):
    lesson, subject = both
    for variant in lesson.variants["penalty"]:
        place = (variant.stage["unit"], variant.stage["input"])
        own = abs(difference(subject, moved=place)) / 683
        weight = by_hand(subject, cells_of(subject))["W1"][place]
        added = abs(float(variant.values["alpha"]) * weight)
        assert variant.choices[variant.answer]["text"] == ("Larger" if added > own else "Smaller")
        assert variant.values["size"] == variant.choices[variant.answer]["text"].lower()
        assert "without one. Suppose" in variant.values["whose"]
        assert variant.values["n"] == "683"


def test_a_penalty_of_the_network_itself_is_the_one_that_is_asked_for():
    subject = few_units_subject(silent=1)
    row = traced_row(subject)
    assert row.penalty > 0
    for variant in backward_lesson_tasks(subject).variants["penalty"]:
        assert variant.values["whose"] == (
            "This network was trained with α = 1.464·10⁻⁵: its alpha of 0.01, divided by 683."
        )
        assert row.penalty == pytest.approx(0.01 / 683)


def test_derivatives_of_0_are_counted_as_differences_say(both):
    lesson, subject = both
    (variant,) = lesson.variants["zero"]
    n_inputs, n_units, _ = subject.model.architecture_.sizes
    slopes = [difference(subject, moved=(j, i)) for j in range(n_units) for i in range(n_inputs)]
    assert variant.values["zeros"] == str(sum(slope == 0 for slope in slopes))
    assert variant.values["n"] == str(len(slopes))


def test_a_row_without_a_silent_unit_is_asked_another_question():
    subject = few_units_subject(silent=0)
    lesson = backward_lesson_tasks(subject)
    (none,), (zero,) = lesson.variants["none"], lesson.variants["zero"]
    assert none.values["aim"] == "Here no unit is without blame"
    assert none.choices[none.answer]["text"] == "One whose sum Z₁ is negative."
    assert zero.values["aim"] == "Every weight learns something from this row"
    assert "has the smallest one" in zero.values["solution"]


def test_a_row_in_which_no_unit_is_on_is_refused():
    with pytest.raises(DataError, match=r"No unit is on for row .*leave out --row"):
        backward_lesson_tasks(few_units_subject(silent=1, units=1))


def test_factors_have_the_names_of_the_weight():
    row = traced_row(article_subject(190))
    names = [name for name, _ in factors_of(row, 8, 7)]
    assert names == ["∂Loss/∂Ŷ", "σ′(Z₂)", "W₂[1,9]", "relu′(Z₁[9])", "X[8]"]


def test_sheets_keep_the_answers_for_the_key():
    lesson = backward_lesson_tasks(article_subject(190))
    pages = sheets_of(lesson, 4, 3)
    for number in range(1, 5):
        sheet = pages[f"student-{number:02}.html"]
        for place in (3, 4):
            answer = right_answer(lesson.text.steps[place], lesson.drawn_variant(place, number + 2))
            assert answer not in sheet
            assert answer in pages["key.html"]
        for words in ("Tap", "drag", "pill", "Press", "{"):
            assert words not in re.sub(r"(?s)<style>.*?</style>", "", sheet), words


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
