"""What a threshold does: counts, shares with intervals, expected cost."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain_rows import beta_1_9, of_counts, uniform
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.operating_point import at_threshold, sum_of_shares
from thalweg.evaluation.judging.intervals import proportion
from thalweg.evaluation.judging.two_class_metrics import judge

SCORES = st.one_of(st.sampled_from([0.0, 0.3, np.nextafter(0.3, 0), 0.5, 1.0]), st.floats(0, 1))
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=40)


def answers(rows, weights=None):
    truth, p = zip(*rows, strict=True)
    return answers_of(np.array(truth), np.array(p), weights)


@given(ROWS, SCORES)
def test_counts_and_shares_are_those_of_the_evaluation(rows, threshold):
    given_ = answers(rows)
    found = at_threshold(given_, threshold)
    judged = judge(given_.truth, given_.answer, threshold=threshold)
    for name in ("true_positive", "false_negative", "false_positive", "true_negative"):
        assert getattr(found, name) == judged.confusion[name]
    for name in ("sensitivity", "specificity", "accuracy"):
        mine, theirs = getattr(found, name), judged.metrics[name]
        assert (mine.value, mine.low, mine.high) == pytest.approx(
            (theirs.value, theirs.low, theirs.high), nan_ok=True
        )
    called = found.true_positive + found.false_positive
    assert found.ppv.low == pytest.approx(proportion(found.true_positive, called).low, nan_ok=True)
    rest = found.true_negative + found.false_negative
    assert found.npv.high == pytest.approx(proportion(found.true_negative, rest).high, nan_ok=True)


def test_a_row_at_the_threshold_is_not_called():
    found = at_threshold(answers([(True, 0.3), (False, 0.3), (True, np.nextafter(0.3, 1))]), 0.3)
    assert (found.true_positive, found.false_positive) == (1, 0)


@given(ROWS, st.tuples(SCORES, SCORES))
def test_no_count_of_called_rows_grows_with_the_threshold(rows, thresholds):
    lower, higher = (at_threshold(answers(rows), each) for each in sorted(thresholds))
    assert lower.true_positive >= higher.true_positive
    assert lower.false_positive >= higher.false_positive


@given(ROWS, SCORES, st.randoms(use_true_random=False))
def test_neither_order_nor_scale_nor_a_row_twice_changes_it(rows, threshold, random):
    weights = np.array([random.choice([1.0, 2.0, 3.0]) for _ in rows])
    order = np.array(random.sample(range(len(rows)), len(rows)))
    whole = answers(rows, weights)  # rows that are there so many times
    truth, p = (np.array(each) for each in zip(*rows, strict=True))
    by_weight = Answers(truth, p, weights * 0.3)
    costs = {"missed": 9, "alarm": 1}
    one = at_threshold(by_weight, threshold, **costs)
    assert one == at_threshold(by_weight.rows(order), threshold, **costs)
    many = at_threshold(whole, threshold, **costs)
    for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy", "cost"):
        same = getattr(many, name).value
        assert getattr(one, name).value == pytest.approx(same, nan_ok=True)
    scaled = at_threshold(Answers(truth, p, weights * 1e300), threshold, **costs)
    assert scaled.cost.high == pytest.approx(one.cost.high)


def test_weights_count_by_their_effective_number():
    weights = np.array([0.5, 1.5, 0.5, 1.5])
    found = at_threshold(
        Answers(np.array([True] * 4), np.array([0.9, 0.9, 0.1, 0.1]), weights), 0.5
    )
    n = 4**2 / 5
    wilson = proportion(n / 2, n)
    assert found.sensitivity.value == 0.5
    assert found.sensitivity.low == pytest.approx(wilson.low)


@pytest.mark.parametrize(("threshold", "cost"), [(0.1, 0.45), (0.5, 1.25)])
def test_closed_form_expected_cost_of_uniform_probabilities(threshold, cost):
    # C_a (1 - t)² / 2 + C_m t² / 2 with 9 and 1.
    found = at_threshold(uniform(), threshold, missed=9, alarm=1)
    assert found.cost.value == pytest.approx(cost, abs=1e-4)


def test_the_formula_is_the_cheapest_threshold_of_calibrated_probabilities():
    costs = [at_threshold(beta_1_9(), t, missed=9, alarm=1).cost.value for t in (0.08, 0.1, 0.12)]
    assert min(costs) == costs[1] == pytest.approx(0.5513, abs=1e-3)


def test_a_cost_without_an_error_has_an_interval_with_a_width():
    found = at_threshold(of_counts(30, 0, 0, 70), 0.5, missed=9, alarm=1)
    assert (found.cost.value, found.cost.low) == (0, 0)
    one, nine = proportion(0, 100).high, 9 * proportion(0, 100).high
    assert found.cost.high == pytest.approx(np.hypot(one, nine))


def test_the_interval_of_a_cost_is_that_of_a_sum_of_two_shares():
    # MOVER (Zou & Donner 2008) by hand: 40 and 50 of 100 rows, correlated by -√(2/3).
    found = at_threshold(of_counts(5, 40, 50, 5), 0.5, missed=2, alarm=1)
    q, r = proportion(40, 100), proportion(50, 100)
    a, b = 2 * (q.value - q.low), r.value - r.low
    low = 1.3 - np.sqrt(a * a + b * b - 2 * np.sqrt(2 / 3) * a * b)
    a, b = 2 * (q.high - q.value), r.high - r.value
    high = 1.3 + np.sqrt(a * a + b * b - 2 * np.sqrt(2 / 3) * a * b)
    assert (found.cost.value, found.cost.low, found.cost.high) == pytest.approx((1.3, low, high))


def test_a_difference_of_two_shares_of_the_same_rows_is_less_sure_than_its_parts():
    q, r = proportion(40, 100), proportion(50, 100)
    found = sum_of_shares((q, r), (1, -1))
    a, b = q.value - q.low, r.high - r.value
    assert found.low == pytest.approx(-0.1 - np.sqrt(a * a + b * b + 2 * np.sqrt(2 / 3) * a * b))


def test_the_interval_of_a_cost_covers_the_true_one():
    # 1,000 tables of 100 rows: 3 % missed, 12 % false alarms, costs 9 and 1.
    random = np.random.default_rng(0)
    drawn = random.multinomial(100, [0.07, 0.03, 0.12, 0.78], size=1000)
    different, times = np.unique(drawn, axis=0, return_counts=True)
    covers = 0
    for counts, n in zip(different, times, strict=True):
        found = at_threshold(of_counts(*counts), 0.5, missed=9, alarm=1)
        covers += n * (found.cost.low <= 9 * 0.03 + 0.12 <= found.cost.high)
    assert 0.93 <= covers / 1000 <= 0.975


def test_the_numbers_are_json():
    found = at_threshold(of_counts(0, 0, 2, 3), 0.5)
    data = json.loads(json.dumps(found.as_dict()))
    assert data["sensitivity"] == {"value": None, "low": None, "high": None}
    assert (data["false_positive"], data["cost"], data["how"]) == (2, None, "test")


def test_what_is_no_threshold_and_half_the_costs_are_refused():
    rows = of_counts(1, 1, 1, 1)
    with pytest.raises(SettingsError, match="from 0 to 1"):
        at_threshold(rows, 1.5)
    with pytest.raises(SettingsError, match="from 0 to 1"):
        at_threshold(rows, np.nan)
    with pytest.raises(SettingsError, match="One of two costs"):
        at_threshold(rows, 0.5, missed=9)
    with pytest.raises(DataError, match="probability"):
        at_threshold(Answers(np.array([True]), np.array([1.5])), 0.5)
