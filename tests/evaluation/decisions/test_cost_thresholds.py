"""Thresholds by costs: the formula to the bit, and the cheapest of several classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.evaluation.decisions.cost_thresholds import by_costs, cheapest_class
from thalweg.evaluation.judging.multiclass_metrics import judge_classes

COSTS = st.floats(1e-50, 1e50)


@given(COSTS, COSTS)
def test_the_threshold_is_the_formula_to_the_bit_and_that_of_class_weights(missed, alarm):
    found = by_costs(missed, alarm)
    assert found.value == alarm / (alarm + missed)
    assert found.how is None  # no row chose it
    # A model's own threshold with these class weights, whichever class is positive.
    labels = np.array(["a", "b"])
    assert found.value == Classes(labels, np.array([alarm, missed])).threshold_of(1).value
    assert found.value == Classes(labels, np.array([missed, alarm])).threshold_of(0).value


def test_nine_false_alarms_for_a_missed_case_are_a_threshold_of_a_tenth():
    found = by_costs(9, 1)
    assert found.value == 0.1
    assert found.as_dict()["missed"] == 9


@pytest.mark.parametrize("costs", [(0, 1), (1, 0), (-1, 1), (np.nan, 1), (1, np.inf), (1e51, 1)])
def test_costs_that_are_none_are_refused(costs):
    with pytest.raises(SettingsError, match="cost of a"):
        by_costs(*costs)


@pytest.mark.parametrize("cost", [1e308, 1e-308])
def test_the_range_of_costs_is_said(cost):
    """Their ratio is 1, so it is not the ratio that is wrong."""
    with pytest.raises(SettingsError, match="give numbers from 1e-50 to 1e\\+50") as error:
        by_costs(cost, cost)
    assert "are not exact" in str(error.value)
    assert "all rows or none" not in str(error.value)


PROBABILITY = st.lists(st.integers(0, 8), min_size=3, max_size=3).filter(any)


@given(
    st.lists(PROBABILITY, min_size=1, max_size=8),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
)
def test_several_classes_take_the_least_expected_cost(rows, costs):
    p = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    costs = np.array(costs, dtype=float)
    found = cheapest_class(p, costs)
    matrix = costs[:, np.newaxis] * (1 - np.eye(3))
    expected = p @ matrix
    rows_of = np.arange(len(p))
    assert expected[rows_of, found] == pytest.approx(expected.min(axis=1), abs=1e-12)
    by_matrix = cheapest_class(p, matrix)
    assert expected[rows_of, by_matrix] == pytest.approx(expected.min(axis=1), abs=1e-12)
    # The class that a model with these class weights predicts, and the one that is evaluated.
    model = Classes(np.arange(3), costs)
    assert np.array_equal(found, np.argmax(p * costs, axis=1))
    assert np.array_equal(found, model.call(p))
    confusion = judge_classes(found, p, costs).confusion
    assert np.trace(confusion) == len(p)


def test_the_matrix_has_the_true_class_in_its_rows():
    # To answer 1 when 0 is true costs 10; to answer 0 when 1 is true costs 1.
    costs = np.array([[0.0, 10.0], [1.0, 0.0]])
    found = cheapest_class(np.array([[0.2, 0.8], [0.05, 0.95]]), costs)
    assert found.tolist() == [0, 1]  # 0.8 < 2 and 0.95 > 0.5


@given(st.floats(0, 1), st.integers(1, 99), st.integers(1, 99))
def test_two_classes_agree_with_the_threshold(p, missed, alarm):
    threshold = by_costs(missed, alarm).value
    if abs(p - threshold) > 1e-12:
        costs = np.array([alarm, missed], dtype=float)
        assert cheapest_class(np.array([[1 - p, p]]), costs)[0] == (p > threshold)


def test_costs_of_another_shape_and_negative_ones_are_refused():
    with pytest.raises(DataError, match="do not match"):
        cheapest_class(np.ones((2, 3)) / 3, np.ones(2))
    with pytest.raises(SettingsError, match="negative"):
        cheapest_class(np.ones((2, 3)) / 3, -np.ones(3))
