"""Net benefit is given at the very threshold in force, and says no more than these rows show."""

import numpy as np
import pytest

from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.computed_sections import sections_of
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.evaluation.decisions.decision_sentences import benefit_sentence
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.reporting.section_lines import section_lines


def rows(n=200, seed=0):
    drawn = np.random.default_rng(seed)
    p = drawn.uniform(size=n) ** 2
    return answers_of(drawn.uniform(size=n) < p, p)


def by_hand(answers, t):
    called = answers.answer > t
    found, alarms = (called & answers.truth).mean(), (called & ~answers.truth).mean()
    share = answers.truth.mean()
    everyone = share - (1 - share) * t / (1 - t)
    return found - alarms * t / (1 - t) - max(everyone, 0.0)


@pytest.mark.parametrize("missed", [1, 2.5, 5, 20, 999, 1 / 2.5])
def test_the_gain_is_that_of_the_threshold_in_force(missed):
    answers, chosen = rows(), by_costs(missed, 1)
    found = sections_of(answers, kind=TWO_CLASSES, threshold=chosen)
    curve = found.benefit
    k = curve.thresholds.index(chosen.value)
    assert curve.gain[k].value == pytest.approx(by_hand(answers, chosen.value), abs=1e-12)
    said = found.sentences()["benefit"]
    assert f"At a threshold of {chosen.value:.4g}" in said
    line = dict(section_lines(found.as_dict(), ["no", "yes"]))["Net benefit"]
    assert line.startswith(f"At {chosen.value:.4g}, ")


def test_a_range_that_was_named_stays_and_says_that_the_threshold_is_outside():
    curve = decision_curve(rows(), 0.05, 0.3, at=0.5)
    assert curve.thresholds[-1] == 0.3
    assert curve == decision_curve(rows(), 0.05, 0.3)
    outside = "The threshold in force, 0.5, is outside the range that was named, 0.05 to 0.3."
    assert benefit_sentence(curve, 0.5).startswith(outside)
    inside = decision_curve(rows(), 0.05, 0.3, at=1 / 6)
    assert 1 / 6 in inside.thresholds
    assert "outside" not in benefit_sentence(inside, 1 / 6)


def test_who_named_costs_is_not_asked_for_them():
    answers = rows()
    of_costs = sections_of(answers, kind=TWO_CLASSES, threshold=by_costs(5, 1)).sentences()
    assert "Nobody named" not in of_costs["benefit"]
    assert "what the two mistakes cost" not in of_costs["benefit"]
    assert "calibrated" in of_costs["benefit"]
    for other in (by_costs(1, 1), Threshold(0.2, "given")):
        said = sections_of(answers, kind=TWO_CLASSES, threshold=other).sentences()["benefit"]
        assert "Nobody named" in said
        assert "what the two mistakes cost" in said


def test_a_model_that_calls_no_row_gains_nothing_and_has_no_interval():
    answers = answers_of(np.array([True, False] * 30), np.full(60, 0.5))
    said = benefit_sentence(decision_curve(answers, at=0.5), 0.5)
    assert "decides as calling no row positive does" in said
    assert "fewer to" not in said
