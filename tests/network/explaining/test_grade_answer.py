"""The probabilities of grades and their slopes, against differences and the loss."""

import numpy as np

from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.network.explaining.grade_answer import GradeAnswer

RANKS = np.array([2, 0, 3, 1])
ANSWER = GradeAnswer(RANKS)
Z = np.random.default_rng(0).normal(size=(1, 6, 3)) * 2


def test_the_value_is_that_of_the_outputs():
    outputs = Grades(np.arange(4), np.ones(4), RANKS)
    np.testing.assert_allclose(ANSWER.value(Z), outputs.shares(Z[0]), rtol=1e-13)
    assert ANSWER.unit == 1.0
    assert ANSWER.mean_slopes(Z, Z) is None


def test_slopes_are_those_of_the_value():
    found, h = ANSWER.slopes(Z), 1e-5
    assert found.shape == (1, 6, 4, 3)
    for k in range(3):
        e = np.zeros(3)
        e[k] = h
        difference = (ANSWER.value(Z + e) - ANSWER.value(Z - e)) / (2 * h)
        np.testing.assert_allclose(found[0, :, :, k], difference, atol=1e-9)
