"""Correlations of targets and of their errors."""

import numpy as np
import pytest

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.several.targets_together import Together, correlations, together_of


def test_weighted_correlations_are_those_of_repeated_rows():
    random = np.random.default_rng(0)
    values, counts = random.normal(size=(50, 3)), random.integers(1, 4, 50)
    repeated = np.corrcoef(np.repeat(values, counts, axis=0).T)
    np.testing.assert_allclose(correlations(values, counts.astype(float)), repeated, atol=1e-12)


def test_phi_of_a_table_of_two_labels():
    a = np.repeat([True, True, False, False], [30, 10, 20, 40])
    b = np.repeat([True, False, True, False], [30, 10, 20, 40])
    answers = {n: Answers(t, np.full(100, 0.5)) for n, t in (("a", a), ("b", b))}
    found = together_of(answers, of_labels=True)
    phi = (30 * 40 - 10 * 20) / np.sqrt(40 * 60 * 50 * 50)  # of the four cells
    assert found.targets[0, 1] == pytest.approx(phi, abs=1e-12)
    assert Together.from_dict(found.as_dict()).as_dict() == found.as_dict()


def test_a_target_of_one_value_has_no_correlation():
    answers = {"a": Answers(np.ones(40), np.ones(40)), "b": Answers(np.arange(40.0), np.ones(40))}
    found = together_of(answers, of_labels=False)
    assert np.isnan(found.targets[0, 1])
    assert found.sentences() == []


def test_independent_errors_are_called_so_in_about_five_of_a_hundred():
    random, wrong = np.random.default_rng(3), 0
    for _ in range(1000):
        errors = random.exponential(size=(60, 3))
        answers = {str(k): Answers(errors[:, k], np.zeros(60)) for k in range(3)}
        said = together_of(answers, of_labels=False).sentences()
        wrong += any("go together, r" in each for each in said)
    assert 20 < wrong < 80


def test_an_r_beyond_the_limit_is_not_rounded_to_the_limit():
    n_rows = 100
    limit = 1.959963984540054 / np.sqrt(n_rows - 1)  # 0.19698, of one pair
    for r, said in ((0.199, "±0.197: a and b +0.199."), (0.4, "±0.20: a and b +0.40.")):
        errors = np.array([[1.0, r], [r, 1.0]])
        found = Together(("a", "b"), errors, errors, float(n_rows), False).sentences()[-1]
        assert r > limit
        assert found == f"Their errors go together, r beyond {said}"
