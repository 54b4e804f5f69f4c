"""Cost curves: closed forms, brute force, and the area that is the Brier score."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain_rows import uniform
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.cost_curve import cost_curve
from thalweg.evaluation.decisions.decision_curve import decision_curve

SCORES = st.one_of(st.sampled_from([0.0, 0.3, 0.5, 1.0, np.nextafter(0.3, 0)]), st.floats(0, 1))
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=30)


def test_closed_form_of_uniform_probabilities():
    # Twice the cost is c (1 - c), and its area 1/6 is the Brier score.
    found = cost_curve(uniform())
    c = np.array(found.shares)
    assert 2 * np.array(found.model) == pytest.approx(c * (1 - c), abs=1e-4)
    assert found.area == pytest.approx(1 / 6, abs=1e-6)


@given(ROWS)
def test_the_area_is_the_brier_score_and_each_cost_brute_force(rows):
    truth, p = (np.array(each) for each in zip(*rows, strict=True))
    found = cost_curve(answers_of(truth, p))
    assert found.area == pytest.approx(np.mean((p - truth) ** 2), abs=1e-12)
    for c, cost in zip(found.shares, found.model, strict=True):
        called = p > c
        brute = (1 - c) * np.mean(truth & ~called) + c * np.mean(~truth & called)
        assert cost == pytest.approx(brute, abs=1e-12)


def test_it_is_the_decision_curve_turned_over():
    random = np.random.default_rng(0)
    p = random.random(100)
    rows = answers_of(random.random(100) < p, p)
    costs, share = cost_curve(rows), rows.truth.mean()
    for t in (0.1, 0.3, 0.5):
        benefit = decision_curve(rows, t, t)
        k = round(100 * t)
        for cost, net in (
            (costs.model[k], benefit.model[0].value),
            (costs.all[k], benefit.all[0]),
            (costs.none[k], 0),
        ):
            assert cost == pytest.approx((1 - t) * share - (1 - t) * net)


def test_order_weights_and_json():
    random = np.random.default_rng(1)
    p, weights = random.random(50), random.random(50) + 0.1
    rows = Answers(random.random(50) < p, p, weights)
    found = cost_curve(rows)
    assert found == cost_curve(rows.rows(random.permutation(50)))
    expected = np.sum(weights * (p - rows.truth) ** 2) / weights.sum()
    assert found.area == pytest.approx(expected)
    assert len(json.loads(json.dumps(found.as_dict()))["model"]) == 101
