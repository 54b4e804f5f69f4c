"""Abstention: Chow's rule and the risk-coverage line, by closed forms and brute force."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain_rows import uniform
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.abstention import abstain, doubt_of, risk_coverage, surest
from thalweg.evaluation.judging.intervals import proportion

SCORES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=30)


def answers(rows, **other):
    truth, p = zip(*rows, strict=True)
    return answers_of(np.array(truth), np.array(p), **other)


@pytest.mark.parametrize("price", [0.1, 0.25, 0.5])
def test_closed_form_of_chows_rule(price):
    # Cost d - d², coverage 2d: 0.09 and 0.20 at d = 0.1.
    found = abstain(uniform(), price)
    assert found.answered.value == pytest.approx(2 * price, abs=1e-3)
    assert found.cost == pytest.approx(price - price**2, abs=1e-3)


def test_closed_form_of_risk_and_coverage():
    # Risk c / 4 at the coverage c, AURC 1/8.
    found = risk_coverage(uniform())
    risks = [each.value for each in found.risk]
    assert risks == pytest.approx([c / 4 for c in found.coverage], abs=1e-3)
    assert found.aurc == pytest.approx(1 / 8, abs=1e-4)


@given(ROWS, st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5, 1.0]))
def test_a_row_at_the_price_is_answered(rows, price):
    found = abstain(answers(rows), price)
    answered = [(y, p) for y, p in rows if min(p, 1 - p) <= price]
    wrong = sum(y != (p > 0.5) for y, p in answered)
    assert (found.n_answered, found.n_wrong) == (len(answered), wrong)
    n = len(rows)
    assert found.answered == proportion(len(answered), n)
    assert found.cost == pytest.approx((wrong + price * (n - len(answered))) / n)
    if answered:
        assert found.wrong.high == pytest.approx(proportion(wrong, len(answered)).high)


@given(ROWS, st.integers(1, 20))
def test_the_surest_share_takes_all_rows_as_sure_as_its_last(rows, twentieths):
    found = surest(answers(rows), twentieths / 20)
    doubts = sorted(min(p, 1 - p) for _, p in rows)
    last = doubts[-(-twentieths * len(rows) // 20) - 1]
    assert found.n_answered == sum(doubt <= last for doubt in doubts)
    assert found.price == last


@given(ROWS)
def test_the_line_and_its_area_by_brute_force(rows):
    found = risk_coverage(answers(rows))
    doubts = np.array([min(p, 1 - p) for _, p in rows])
    wrong = np.array([y != (p > 0.5) for y, p in rows])
    for c, risk in zip(found.coverage, found.risk, strict=True):
        covered = round(c * len(rows))
        chosen = doubts <= np.sort(doubts)[covered - 1]
        assert chosen.sum() == covered
        assert (risk.value, risk.high) == pytest.approx(
            (wrong[chosen].mean(), proportion(int(wrong[chosen].sum()), covered).high)
        )
    assert found.coverage[-1] == 1
    # The errors of equally sure rows are spread evenly: the area by small steps.
    shares = np.array([wrong[doubts == doubt].mean() for doubt in np.sort(doubts)])
    fine = np.repeat(shares, 500)
    steps = (np.arange(len(fine)) + 0.5) / 500
    line = (np.cumsum(fine) - fine / 2) / 500 / steps
    assert found.aurc == pytest.approx(line.mean(), abs=2e-3)


def test_rows_that_are_all_as_sure_have_one_point():
    found = risk_coverage(answers([(True, 0.75), (False, 0.75), (True, 0.25), (False, 0.25)]))
    assert (found.coverage, found.risk[0].value, found.aurc) == ((1.0,), 0.5, 0.5)


def test_a_long_line_has_at_most_100_points():
    assert len(risk_coverage(uniform(5000)).coverage) == 100


def test_several_classes():
    p = np.array([[0.8, 0.1, 0.1], [0.4, 0.3, 0.3], [0.1, 0.2, 0.7]])
    rows = answers_of(np.array([0, 1, 2]), p)
    found = abstain(rows, 0.3 + 1e-9)
    assert (found.n_answered, found.n_wrong) == (2, 0)
    assert surest(rows, 1).n_wrong == 1
    # Two columns are two classes.
    q = np.array([0.9, 0.4, 0.2])
    two = answers_of(np.array([1, 1, 0]), np.column_stack([1 - q, q]))
    assert risk_coverage(two).aurc == pytest.approx(
        risk_coverage(answers_of(np.array([True, True, False]), q)).aurc
    )


@given(ROWS, st.randoms(use_true_random=False))
def test_order_scale_and_a_row_twice(rows, random):
    truth, p = (np.array(each) for each in zip(*rows, strict=True))
    weights = np.array([random.choice([1.0, 2.0]) for _ in rows])
    order = np.array(random.sample(range(len(rows)), len(rows)))
    one = Answers(truth, p, weights * 0.7)
    assert risk_coverage(one) == risk_coverage(one.rows(order))
    assert abstain(one, 0.2) == abstain(one.rows(order), 0.2)
    whole = answers_of(truth, p, weights)
    assert risk_coverage(one).aurc == pytest.approx(risk_coverage(whole).aurc)
    assert abstain(one, 0.2).cost == pytest.approx(abstain(whole, 0.2).cost)
    assert surest(one, 0.8).answered.value == pytest.approx(surest(whole, 0.8).answered.value)


def test_what_is_no_price_or_share_is_refused():
    rows = answers([(True, 0.9), (False, 0.5)])
    for price in (-0.1, 1.1, np.nan):
        with pytest.raises(SettingsError, match="price"):
            abstain(rows, price)
    for share in (0, 1.1, np.nan):
        with pytest.raises(SettingsError, match="share"):
            surest(rows, share)
    with pytest.raises(DataError):
        abstain(answers([(True, 1.5)]), 0.1)


def test_no_answer_at_all_and_json():
    found = abstain(answers([(True, 0.6), (False, 0.5)]), 0.1)
    assert (found.n_answered, found.cost) == (0, 0.1)
    data = json.loads(json.dumps(found.as_dict()))
    assert data["wrong"]["value"] is None
    assert json.loads(json.dumps(risk_coverage(uniform(10)).as_dict()))["how"] == "test"


def test_the_doubt_of_a_row_is_that_of_the_rule():
    p = np.array([0.05, 0.3, 0.5, 0.9])
    assert doubt_of(np.stack((1 - p, p), axis=1)) == pytest.approx([0.05, 0.3, 0.5, 0.1])
    assert doubt_of(np.array([[0.2, 0.7, 0.1], [0.4, 0.3, 0.3]])) == pytest.approx([0.3, 0.6])
