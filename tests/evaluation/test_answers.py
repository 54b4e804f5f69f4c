"""Answers: whole-number weights are rows, others count by Kish's effective number of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg import Evaluation
from thalweg.errors import DataError
from thalweg.evaluation.answers import (
    Answers,
    answers_of,
    copies_of,
    effective_number,
    require_comparable_weights,
    why_no_rows,
)

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


def test_whole_numbers_are_rows_up_to_a_sum_that_grows_with_the_table():
    few = np.array([99_998.0, 1.0, 1.0])
    assert len(copies_of(few)) == 100_000
    assert why_no_rows(few) == ""
    more = few + 1
    assert copies_of(more) is None
    assert "more than 100,000" in why_no_rows(more)
    assert why_no_rows(more + 0.5) == ""  # no whole numbers, so nobody takes them for rows
    many = np.full(20_000, 10.0)
    assert len(copies_of(many)) == 200_000
    assert copies_of(many + 1) is None
    # Rows of weight 0 are no rows.
    assert copies_of(np.append(many, 0.0)) is not None
    assert copies_of(np.append(many + 1, np.zeros(20_000))) is None


@pytest.mark.parametrize(
    ("weights", "row", "says"),
    [
        ([1.0, 1e308, 1.0], 2, "1e-100 to 1e\\+100"),
        ([1.0, 1.0, 5e-324], 3, "1e-100 to 1e\\+100"),
        ([1e100, 1.0, 1e100], 2, "give 0 to rows below 1e\\+91"),
        ([2e9, 0.0, 1.0], 3, "more than 1,000,000,000 times"),
    ],
)
def test_weights_that_no_sum_can_hold_are_refused(weights, row, says):
    with pytest.raises(DataError, match=says) as error:
        require_comparable_weights(np.array(weights))
    assert f"row {row}" in str(error.value)
    y, p = ["ill", "well", "ill"], [0.8, 0.3, 0.6]
    with pytest.raises(DataError, match=says):
        Evaluation.from_predictions(y, p, positive="ill", sample_weight=weights)


@pytest.mark.parametrize("heavy", [1e9, 1e6 + 0.5])
@pytest.mark.parametrize("class_of_it", ["ill", "well"])
def test_weights_as_far_apart_as_is_allowed_have_finite_numbers(heavy, class_of_it, tmp_path):
    y, p = ["ill", "well"] * 30, [0.8, 0.3] * 20 + [0.4, 0.6] * 10
    weights = [heavy if label == class_of_it else 1.0 for label in y]
    found = Evaluation.from_predictions(y, p, positive="ill", sample_weight=weights)
    assert "(Kish)" in found.text()
    assert found.calibration() is not None
    found.report(tmp_path / "page.html")


def test_large_whole_numbers_cost_no_more_than_others():
    """A row of weight 10⁶ was a million rows: minutes, and hundreds of megabytes."""
    y, p = ["ill", "well"] * 30, [0.8, 0.3] * 20 + [0.4, 0.6] * 10
    found = Evaluation.from_predictions(y, p, positive="ill", sample_weight=[1e6] + [1] * 59)
    text = " ".join(found.text().split())
    assert (
        "evaluated as test rows, weighted: as 1 row of equal weight (Kish); whole numbers" in text
    )
    assert "more than 100,000 are not taken as numbers of rows" in text
    alike = Evaluation.from_predictions(y, p, positive="ill", sample_weight=[10**6] * 60)
    assert "each of the same weight; whole numbers" in " ".join(alike.text().split())
