"""The lesson on thresholds: every number against counts by hand."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg import DataError
from thalweg.evaluation.answers import Answers
from thalweg.reporting.lessons.lesson_page import lesson_html
from thalweg.reporting.lessons.lesson_sheets import sheets_of
from thalweg.reporting.lessons.subject import Subject
from thalweg.reporting.lessons.threshold_tasks import threshold_lesson_tasks


class Model:
    classes_ = np.array(["ill", "well"])
    positive_ = "ill"


def answers(n, seed):
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.3
    z = np.where(truth, 2.0, -2.0) + random.normal(0, 1.5, n)
    return Answers(truth, 1 / (1 + np.exp(-z)))


def subject(n=400, tested=200):
    return Subject(
        Model(), None, np.array([]), "made up", choosing=answers(n, 1), test=answers(tested, 2)
    )


@pytest.fixture(scope="module")
def lesson():
    return threshold_lesson_tasks(subject())


def number(text):
    return float(text.replace(",", "").replace("−", "-"))


def test_theory_is_alarm_over_both(lesson):
    first = lesson.variants["theory"][0]
    assert first.answer == pytest.approx(1 / 101)
    for variant in lesson.variants["theory"]:
        missed, alarm = (float(variant.values[key]) for key in ("missed", "alarm"))
        t = variant.answer
        assert t * missed == pytest.approx((1 - t) * alarm)  # both calls cost the same there


def apart(n, called=True):
    """Answers without a mistake above a third; below it, if no row is called."""
    truth = np.arange(n) % 2 == 0
    return Answers(truth, np.where(truth, 0.9 if called else 0.2, 0.1))


@pytest.mark.parametrize(
    ("choosing", "costs", "said"),
    [
        (answers(400, 1), None, "most alarms come from the many others"),
        (apart(40), (2.0, 1.0), "So few of the others are called"),
        (apart(40, called=False), (2.0, 1.0), "The line calls no row at all."),
    ],
)
def test_where_most_alarms_come_from_follows_from_the_counts(choosing, costs, said):
    made = threshold_lesson_tasks(
        Subject(Model(), None, np.array([]), "made up", choosing=choosing, test=answers(200, 2),
                costs=costs)
    )  # fmt: skip
    for variant in made.variants["rare"]:
        alarms = [number(variant.values[key]) for key in ("n_found", "n_alarms")]
        assert (alarms[0] < alarms[1]) == ("most alarms" in variant.values["whose_alarms"])
        assert said in variant.values["whose_alarms"]


def test_likely_slips_of_the_theory_have_a_word(lesson):
    (theory,) = (step for step in lesson.text.steps if step.key == "theory")
    for variant, lowest in zip(lesson.variants["theory"], lesson.facts["lowest"], strict=True):
        missed, alarm = (float(variant.values[key]) for key in ("missed", "alarm"))
        assert variant.traps["swapped"] == pytest.approx(1 - variant.answer)
        assert variant.traps["odds"] == pytest.approx(variant.answer / (1 - variant.answer))
        assert variant.traps["inverse"] == missed / alarm
        assert {trap["answer"] for trap in theory.question["traps"]} == set(variant.traps)
        low, high = variant.traps["lowest"]
        assert low < lowest["line"] < high
    assert theory.question["rule"] == {"digits": 2}
    assert "Two digits or more" in theory.question["ask"]


def test_the_step_with_the_result_waits_for_the_test_set(lesson):
    (cost,) = (step for step in lesson.text.steps if step.key == "cost")
    assert cost.as_dict()["after"] == ["theory", "test"]


def test_a_rare_class_is_bayes_rule(lesson):
    choosing = answers(400, 1)
    for variant in lesson.variants["rare"]:
        t, pi = variant.revealed["thr"], float(variant.values["rare"]) / 100
        called = choosing.answer > t
        sensitivity = called[choosing.truth].mean()
        false = called[~choosing.truth].mean()
        expected = 100 * sensitivity * pi / (sensitivity * pi + false * (1 - pi))
        assert variant.answer == pytest.approx(expected)
        right, wrong = (number(variant.values[key]) for key in ("n_found", "n_alarms"))
        assert 100 * right / (right + wrong) == pytest.approx(expected, abs=0.5)


def test_the_cost_of_the_test_rows_is_counted(lesson):
    test = answers(200, 2)
    for variant in lesson.variants["cost"]:
        missed, alarm = (float(variant.values[key]) for key in ("missed", "alarm"))
        called = test.answer > variant.revealed["thr"]
        fn, fp = int((~called & test.truth).sum()), int((called & ~test.truth).sum())
        expected = [missed * fn, alarm * fp, (missed * fn + alarm * fp) / 200]
        assert variant.answer == pytest.approx(expected)
        assert (variant.values["test_missed"], variant.values["test_alarms"]) == (f"{fn}", f"{fp}")


def test_the_curve_is_the_mean_cost_at_each_line(lesson):
    choosing, curve = answers(400, 1), lesson.facts["curves"][0]
    for t, value, low, high in zip(
        lesson.facts["grid"], curve["value"], curve["low"], curve["high"], strict=True
    ):
        called = choosing.answer > t
        fn, fp = (~called & choosing.truth).sum(), (called & ~choosing.truth).sum()
        assert value == pytest.approx((100 * fn + fp) / 400)
        assert low <= value <= high
    lowest = lesson.facts["lowest"][0]
    assert min(curve["value"]) == lowest["cost"]
    assert lesson.facts["grid"][int(np.argmin(curve["value"]))] == lowest["line"]


def test_all_steps_about_costs_draw_the_same(lesson):
    for seed in range(30):
        drawn = {lesson.drawn_variant(place, seed).values["missed"] for place in range(1, 6)}
        assert len(drawn) == 1


def test_page_and_sheets_hold_no_cell(lesson):
    page = lesson_html(lesson)
    assert "no cell of the table" in page
    pages = sheets_of(lesson, 2, 5)
    assert "Open the test set" not in pages["student-01.html"]


def test_few_rows_are_refused():
    with pytest.raises(
        DataError, match=r"has \d rows? among the rows.*at least 10 rows of the class"
    ):
        threshold_lesson_tasks(subject(20))


def test_own_costs_are_those_of_all_variants():
    made = threshold_lesson_tasks(replace(subject(), costs=(9.0, 0.5)))
    for variants in made.variants.values():
        assert len(variants) == 3
        assert {(v.values["missed"], v.values["alarm"]) for v in variants} == {("9", "0.5")}
    assert [v.answer for v in made.variants["theory"]] == pytest.approx(3 * [0.5 / 9.5])
    assert len(made.facts["curves"]) == len(made.facts["lowest"]) == 3
