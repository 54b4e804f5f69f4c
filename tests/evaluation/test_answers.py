"""Answers: whole-number weights are rows, others count by Kish's effective number of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers, answers_of, effective_number

TRUTH = np.array([True, False, True])
ANSWER = np.array([0.9, 0.2, 0.4])


def test_a_whole_number_weight_is_so_many_rows():
    folds, groups = np.array([0, 1, 2]), np.array(["a", "b", "c"])
    found = answers_of(TRUTH, ANSWER, np.array([2.0, 0.0, 3.0]), folds=folds, groups=groups)
    assert found.weights is None
    assert found.truth.tolist() == [True] * 5
    assert found.answer.tolist() == [0.9, 0.9, 0.4, 0.4, 0.4]
    assert found.folds.tolist() == [0, 0, 2, 2, 2]
    assert found.groups.tolist() == ["a", "a", "c", "c", "c"]


def test_other_weights_stay_without_rows_of_weight_0():
    found = answers_of(TRUTH, ANSWER, np.array([0.5, 0.0, 2.0]))
    assert found.weights.tolist() == [0.5, 2.0]
    assert found.answer.tolist() == [0.9, 0.4]
    assert found.effective_n == pytest.approx(2.5**2 / 4.25)


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=20))
def test_the_effective_number_is_between_1_and_the_number_of_rows(weights):
    n = effective_number(np.array(weights))
    assert 1 - 1e-12 <= n <= len(weights) + 1e-12


def test_equal_weights_count_every_row():
    assert effective_number(np.full(7, 0.3)) == pytest.approx(7, abs=1e-12)
    assert effective_number(np.zeros(0)) == 0


@pytest.mark.parametrize(
    ("how", "may"),
    [("test", True), ("cross-validated", True), ("out-of-fold", False), ("training", False)],
)
def test_only_rows_that_chose_nothing_may_judge(how, may):
    assert Answers(TRUTH, ANSWER, how=how).may_judge is may


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1.0, 2.0], "do not match"),
        ([1.0, -2.0, 1.0], "row 2"),
        ([1.0, 2.0, np.nan], "row 3"),
        ([1.0, np.inf, 1.0], "row 2"),
        ([0.0, 0.0, 0.0], "All sample weights are 0"),
    ],
)
def test_bad_weights_are_refused(weights, says):
    with pytest.raises(DataError, match=says):
        answers_of(TRUTH, ANSWER, np.array(weights))


def test_lengths_that_differ_are_refused():
    with pytest.raises(DataError, match="predictions do not match"):
        answers_of(TRUTH, ANSWER[:2])
    with pytest.raises(DataError, match="folds do not match"):
        answers_of(TRUTH, ANSWER, folds=np.array([1]))
