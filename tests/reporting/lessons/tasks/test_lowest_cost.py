"""The cheapest line on some rows: against every line counted by hand."""

import numpy as np
import pytest

from lesson_subjects import made_up_answers
from thalweg.evaluation.answers import Answers
from thalweg.reporting.lessons.tasks.lowest_cost import lowest_cost
from thalweg.reporting.lessons.threshold_tasks import _reconciled

COSTS = [(100, 1), (10, 1), (1, 1), (2, 30)]


def cost(answers, line, missed, alarm):
    called = answers.answer > line
    fn, fp = (answers.truth & ~called).sum(), (~answers.truth & called).sum()
    return (missed * fn + alarm * fp) / len(answers)


@pytest.mark.quick_each(4)
@pytest.mark.parametrize(("missed", "alarm"), COSTS)
@pytest.mark.parametrize("seed", range(8))
def test_no_line_is_cheaper(missed, alarm, seed):
    answers = made_up_answers(120, seed)
    formula = alarm / (alarm + missed)
    found = lowest_cost(answers, formula, missed=missed, alarm=alarm)
    lines = np.concatenate(([0.0], answers.answer, np.linspace(0, 1, 999)))
    least = min(cost(answers, line, missed, alarm) for line in lines)
    assert found.point.cost.value == pytest.approx(least)
    assert found.start <= found.line < found.end
    for line in (found.start, found.line, np.nextafter(found.end, 0)):
        assert cost(answers, line, missed, alarm) == pytest.approx(least)
    there = cost(answers, formula, missed, alarm)
    assert found.difference.value == pytest.approx(least - there, abs=1e-12)
    assert found.difference.low <= found.difference.value <= found.difference.high
    if found.has_formula:
        assert found.difference.value == 0
    if found.one_more is not None:
        assert found.one_more == pytest.approx(least + missed / 120)


def test_equal_probabilities_and_ends():
    truth = np.array([True, True, False, False])
    answers = Answers(truth, np.array([1.0, 1.0, 0.0, 0.0]))
    found = lowest_cost(answers, 0.01, missed=99, alarm=1)
    assert (found.start, found.end, found.point.cost.value) == (0.0, 1.0, 0.0)
    assert found.has_formula
    one = lowest_cost(Answers(truth, np.full(4, 0.3)), 0.9, missed=1, alarm=9)
    assert (one.start, one.end, one.one_more) == (0.3, 1.0, None)


def test_the_words_say_what_was_found():
    """Misplaced probabilities are shown to be so; good ones are not."""
    random = np.random.default_rng(0)
    truth = random.random(2000) < 0.3
    good = np.where(truth, 0.9, 0.1) + random.uniform(-0.09, 0.09, 2000)
    wrong = lowest_cost(Answers(truth, good**6), 0.5, missed=1, alarm=1)
    assert wrong.is_shown
    words = _reconciled(wrong, 2000)
    assert "it is shown to be cheaper" in words
    assert "the probabilities may not be right" in words
    right = lowest_cost(Answers(truth, good), 0.5, missed=1, alarm=1)
    assert _reconciled(right, 2000).endswith("the line of the formula has it.")
    few = made_up_answers(200, 1)
    close = lowest_cost(few, 1 / 101, missed=100, alarm=1)
    assert not close.is_shown
    words = _reconciled(close, 200)
    assert "It is not shown to be cheaper" in words
    assert "between two rows" in words
    assert "These rows chose it" in words
    assert f"One more missed row there makes it {close.one_more:.3g}." in words
