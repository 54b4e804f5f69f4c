"""Sentences on decisions: numbers from the rows, confidence only where it is claimed."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain_rows import of_counts
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.computed_sections import sections_of
from thalweg.evaluation.decisions.abstention import abstain, surest
from thalweg.evaluation.decisions.chosen_threshold import Spread, Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.evaluation.decisions.decision_sentences import (
    abstention_sentence,
    benefit_sentence,
    point_sentence,
    threshold_sentence,
    threshold_text,
)
from thalweg.evaluation.decisions.f_thresholds import by_f
from thalweg.evaluation.decisions.floor_thresholds import by_precision, by_sensitivity
from thalweg.evaluation.decisions.operating_point import at_threshold
from thalweg.evaluation.decisions.threshold_spread import tuned_by_costs, with_spread
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.reporting.section_lines import of_which_rows, section_lines


def positives(m, **other):
    return answers_of(np.ones(m, dtype=bool), np.linspace(0.1, 0.9, m), **other)


@pytest.mark.parametrize(("alarm", "told"), [(9.99, "9.99"), (12345.67, "12,345.67"), (10, "10")])
def test_a_cost_has_the_digits_that_were_written(alarm, told):
    point = at_threshold(of_counts(45, 3, 21, 71), 0.5, missed=alarm, alarm=alarm)
    assert f"where a false alarm costs {told}." in point_sentence(point)


def test_a_threshold_by_costs_says_costs_and_counts():
    point = at_threshold(of_counts(45, 3, 21, 71), 0.1, missed=9, alarm=1)
    said = threshold_sentence(by_costs(9, 1), point)
    assert said.startswith("Threshold 0.1: a missed positive row costs as much as 9 false alarms.")
    assert "On 140 test rows, 45 of 48 positive rows are found (0.94 [0.83, 0.98])" in said
    assert "21 of 92 negative ones are false alarms" in said
    assert "a row costs 0.34 [" in said


def test_a_floor_claims_confidence_from_untouched_rows_only():
    said = threshold_sentence(by_sensitivity(positives(60), 0.95))
    assert "the floor on sensitivity is 0.95. 60 of 60 positive test rows are above it." in said
    assert "With 95 % confidence, new rows keep the floor if they are like these." in said
    for how in ("out-of-fold", "cross-validated", "training"):
        said = threshold_sentence(by_sensitivity(positives(60, how=how), 0.95))
        assert f"positive {how.replace(' ', '-')} rows" in said
        assert "No confidence is claimed" in said
        assert "% confidence" not in said


def test_refusals_say_how_many_rows_are_needed():
    said = threshold_sentence(by_sensitivity(positives(20), 0.9))
    assert said.startswith("No threshold. ")
    assert "needs 29 positive rows" in said


@given(st.floats(1e-6, 1 - 1e-9))
def test_a_floor_rounded_for_reading_still_keeps_it(value):
    low = threshold_text(Threshold(value, "sensitivity", floor=0.9))
    high = threshold_text(Threshold(value, "specificity", floor=0.9))
    assert float(low) <= value <= float(high)
    assert float(high) - float(low) <= 1.01e-3 * value
    assert float(threshold_text(Threshold(0.25, "sensitivity", floor=0.9))) == 0.25


def test_f_warns_of_prevalence_and_tuning_of_the_formula():
    random = np.random.default_rng(0)
    p = random.random(300)
    rows = answers_of(random.random(300) < p, p, folds=np.arange(300) % 5)
    said = threshold_sentence(with_spread(rows, by_f(rows)))
    assert "the best expected F1" in said
    assert "another share" in said
    assert re.search(r"from [\d.]+ to [\d.]+ in 95 % of resamples, and from .* over 5 folds", said)
    said = threshold_sentence(tuned_by_costs(rows, 9, 1))
    assert "tuned on these rows" in said
    assert "the formula is better: 0.1." in said
    said = threshold_sentence(with_spread(rows, by_costs(1, 4)))
    assert "costs as much as 0.25 false alarms" in said
    assert "Tuned on the rows instead" in said
    assert "test rows above it are positive" in threshold_sentence(by_precision(rows, 0.5))
    assert threshold_sentence(Threshold(0.3, "given")) == "Threshold 0.3."


def test_net_benefit_in_cases_with_its_interval_and_what_it_does_not_show():
    curve = decision_curve(of_counts(45, 3, 21, 171), 0.1, 0.3)
    said = benefit_sentence(curve, 0.2)
    gain = 100 * curve.gain[10].value
    assert f"as if {gain:.3g} more positive rows were found in every 100 rows" in said
    # The gain is over the better of the two, in each resample.
    assert "by calling no row positive (or all rows, if that is better)" in said
    assert "(95 % interval: " in said
    assert "240 test rows, 48 of them positive" in said
    assert "does not show which threshold is right" in said
    assert "Nobody named" not in said
    assert "includes 0" not in said
    assert "Nobody named the thresholds: 0.01 to 0.5" in benefit_sentence(
        decision_curve(of_counts(45, 3, 21, 171)), 0.2
    )


def test_a_benefit_that_is_not_shown_is_not_denied():
    curve = decision_curve(of_counts(10, 10, 10, 50), 0.3, 0.5)
    said = benefit_sentence(curve, 0.5)
    assert "do not show that the model helps, nor that it does not" in said
    worse = decision_curve(of_counts(5, 25, 60, 60), 0.3, 0.5)
    assert "fewer positive rows" in benefit_sentence(worse, 0.4)
    few = decision_curve(of_counts(46, 2, 1, 2), 0.3, 0.5)
    assert few.refused is not None
    assert benefit_sentence(few, 0.4) == few.refused
    rests = decision_curve(of_counts(46, 2, 90, 2), 0.15, 0.2)
    assert "rests on fewer than 5 rows" in benefit_sentence(rests, 0.15)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("training", "was trained on these rows"),
        ("out-of-fold", "Models of folds answered"),
        ("origin unknown", "origin is not known"),
        ("stopped on these rows", "was stopped on these rows"),
    ],
)
def test_rows_that_chose_something_are_named(how, says):
    rows = of_counts(20, 10, 20, 50, how=how)
    assert says in point_sentence(at_threshold(rows, 0.5))
    assert says in benefit_sentence(decision_curve(rows), 0.2)
    assert says in abstention_sentence(surest(rows, 0.8))


def test_answers_that_are_mostly_wrong_are_no_advice():
    # The five surest rows are all wrong; the others are undecided.
    p = np.append(np.full(5, 0.96), np.linspace(0.4, 0.6, 45))
    rows = answers_of(np.append(np.zeros(5, bool), np.arange(45) % 2 == 0), p)
    said = abstention_sentence(abstain(rows, 0.1))
    assert "the rule would answer the surest 10 %: 5 of 5 wrong" in said
    assert "These rows do not support that: answers pay if up to 10 % are wrong." in said
    line = dict(section_lines(sections_of(rows, kind=TWO_CLASSES, classes=["a", "b"]).as_dict(),
                              ["a", "b"]))["No answer"]  # fmt: skip
    assert "the rule would answer the surest 10 %: 5 of 5 wrong, 100 % [" in line
    assert "]. These rows do not support that: " in line
    few = abstention_sentence(abstain(answers_of(p > 0.5, p), 0.1))
    assert ", the rule would answer the surest 10 %: 0 of 5 wrong" in few
    assert "These rows are too few to show that it pays: answers pay if up to 10 % are" in few
    many = np.tile(p, 20)
    right = abstention_sentence(abstain(answers_of(many > 0.5, many), 0.1))
    assert ", answer the surest 10 %: 0 of 100 wrong" in right
    assert "These rows" not in right


@pytest.mark.parametrize("how", ["training", "origin unknown"])
def test_training_rows_may_flatter_which_is_no_certainty(how):
    rows = of_counts(20, 10, 20, 50, how=how)
    assert "new rows may be worse" in point_sentence(at_threshold(rows, 0.5))
    found = sections_of(rows, kind=TWO_CLASSES, classes=["a", "b"]).as_dict()
    rows = "training rows" if how == "training" else "rows of unknown origin"
    assert of_which_rows(found).startswith(f"For decisions, from 100 {rows}. ")
    assert of_which_rows(found).endswith("new rows may be worse.")


def test_an_end_is_printed_on_its_side_of_what_it_is_compared_with():
    p = np.linspace(0, 1, 141)
    found = replace(surest(answers_of(p > 0.45, p), 0.8), price=0.05)
    above = replace(found, wrong=replace(found.wrong, value=0.02, low=0.01, high=0.0543))
    said = abstention_sentence(above)
    assert "wrong (0.020 [0.010, 0.054]; test rows)" in said
    assert "too few to show that it pays: answers pay if up to 5 % are wrong." in said
    below = replace(found, wrong=replace(found.wrong, value=0.02, low=0.01, high=0.0497))
    assert "answer the surest" in abstention_sentence(below)
    assert "[0.0100, 0.0497]" in abstention_sentence(below)
    curve = decision_curve(of_counts(45, 3, 21, 171), 0.1, 0.3)
    gain = list(curve.gain)
    gain[10] = replace(gain[10], value=0.12, low=2e-7, high=0.3)
    said = benefit_sentence(replace(curve, gain=tuple(gain)), 0.2)
    assert "(95 % interval: 0.00002 more to 30.00000 more;" in said
    assert "includes 0" not in said


def test_abstention_says_how_many_of_the_answers_are_wrong():
    p = np.linspace(0, 1, 141)
    rows = answers_of(p > 0.45, p)
    found = surest(rows, 0.8)
    said = abstention_sentence(found)
    assert said.startswith("If an error costs as much as 2.5 rows without an answer, answer the ")
    assert f"the surest {100 * found.n_answered / 141:.3g} %: " in said
    assert f"{found.n_wrong} of {found.n_answered} wrong (" in said
    assert "rows get no answer." in said
    none = abstention_sentence(abstain(answers_of(np.array([True]), np.array([0.6])), 0.1))
    assert none == (
        "If an error costs as much as 10 rows without an answer, none of 1 test row is answered."
    )


@pytest.mark.parametrize(("by", "text"), [("sensitivity", "0.004417"), ("specificity", "0.004418")])
def test_a_threshold_and_its_resamples_are_rounded_alike(by, text):
    chosen = Threshold(
        0.0044175, by, floor=0.8, how="test", n_class=20,
        spread=Spread(0.0044175, 0.02, (0.0044175,)),
    )  # fmt: skip
    said = threshold_sentence(chosen)
    assert said.startswith(f"Threshold {text}: ")
    assert f"from {text} to 0.02 in 95 % of resamples, and from {text} to {text} over" in said
