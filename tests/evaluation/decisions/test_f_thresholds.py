"""The threshold with the best F: closed forms, and the best of all cut-offs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certain_rows import beta_1_9, uniform
from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.f_thresholds import by_f


def test_closed_form_of_uniform_probabilities():
    # F₁(t) = (1 - t²) / (3/2 - t) is best at (3 - √5) / 2.
    found = by_f(uniform(100_000))
    assert found.value == pytest.approx((3 - np.sqrt(5)) / 2, abs=1e-6)
    assert 2 * found.value == pytest.approx(0.763932, abs=1e-5)


def test_beta_1_9_has_its_best_f_at_0165():
    # decide.md, section 2: F* 0.330 at t = 0.165.
    found = by_f(beta_1_9())
    assert found.value == pytest.approx(0.165, abs=5e-4)
    assert 2 * found.value == pytest.approx(0.330, abs=1e-3)


@given(st.lists(st.integers(0, 20), min_size=40, max_size=60), st.sampled_from([0.5, 1, 2]))
def test_it_is_the_best_of_all_cutoffs(twentieths, beta):
    p = np.array(twentieths) / 20
    found = by_f(answers_of(np.arange(len(p)) % 2 == 0, p), beta).value

    def f(called):
        return (1 + beta**2) * p[called].sum() / (beta**2 * p.sum() + called.sum())

    scores = [f(p > t) for t in np.unique(p[p < 1])] + [f(p > 0)] if p.any() else [0.0]
    assert found * (1 + beta**2) == pytest.approx(max(scores))
    if p.any():
        # Just below, too: rounding may put the threshold on either side of a tied score.
        assert max(f(p > found), f(p > found - 1e-12)) == pytest.approx(max(scores))


def test_below_20_positive_rows_it_is_refused():
    p = np.linspace(0.1, 0.9, 40)
    found = by_f(answers_of(np.arange(40) < 19, p))
    assert found.value is None
    assert "needs 20 positive rows, and there are 19" in found.refused
    assert by_f(answers_of(np.arange(40) < 20, p)).refused is None


def test_order_and_weights():
    random = np.random.default_rng(0)
    p = random.random(60)
    truth, weights = random.random(60) < p, random.random(60) + 0.1
    given_ = Answers(truth, p, weights)
    assert by_f(given_) == by_f(given_.rows(random.permutation(60)))
    twice = by_f(answers_of(truth, p, np.full(60, 2.0)))
    assert twice == by_f(answers_of(np.tile(truth, 2), np.tile(p, 2)))


def test_a_beta_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="beta"):
        by_f(uniform(10), 0)
