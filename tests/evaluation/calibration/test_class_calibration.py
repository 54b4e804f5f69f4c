"""One temperature of several classes, and each class against the rest."""

import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from planted import several_classes, two_classes
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.class_calibration import (
    multiclass_calibration,
    temperature_test,
)
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration


def height(answers, slope):
    L = slope * np.log(answers.answer)
    truth = L[np.arange(len(L)), answers.truth]
    return float(np.sum(truth - np.log(np.exp(L).sum(axis=1))))


@pytest.mark.parametrize("slope", [0.6, 1.0, 1.7])
def test_a_planted_slope_is_found(slope):
    found = temperature_test(several_classes(20_000, 1, slope))
    assert found.slope.low <= slope <= found.slope.high
    assert found.slope.high - found.slope.low < 0.07
    assert (found.p_value < 1e-6) == (slope != 1)


def test_slope_and_test_agree_with_scipys_minimum():
    answers = several_classes(200, 1, 0.7)
    found = temperature_test(answers)
    best = minimize_scalar(lambda b: -height(answers, b), bracket=(0.5, 1.5), tol=1e-10)
    assert found.slope.value == pytest.approx(best.x, rel=1e-6)
    assert found.chi2 == pytest.approx(2 * (-best.fun - height(answers, 1.0)), rel=1e-9)
    assert found.p_value == pytest.approx(chi2.sf(found.chi2, 1), rel=1e-12)
    # The interval is ± 1.96 / √(curvature).
    h = 1e-4
    at = [height(answers, found.slope.value + k * h) for k in (-1, 0, 1)]
    error = 1 / math.sqrt(-(at[0] - 2 * at[1] + at[2]) / h**2)
    assert found.slope.high - found.slope.value == pytest.approx(1.959964 * error, rel=1e-3)


def test_the_slope_agrees_with_fifty_digits():
    answers = several_classes(30, 2)
    found = temperature_test(answers)
    with mpmath.workdps(50):
        rows = [[mpmath.log(mpf(float(p))) for p in row] for row in answers.answer]

        def slope(b):
            sums = []
            for row, k in zip(rows, answers.truth.tolist(), strict=True):
                powers = [mpmath.exp(b * each) for each in row]
                sums.append(row[k] - mpmath.fdot(powers, row) / mpmath.fsum(powers))
            return mpmath.fsum(sums)

        exact = mpmath.findroot(slope, found.slope.value)
        assert float(abs(exact / mpf(found.slope.value) - 1)) < 1e-13


def test_two_columns_are_two_classes_without_an_intercept():
    answers = two_classes(300, 0, slope=0.7)
    p = answers.answer
    found = temperature_test(Answers(answers.truth.astype(int), np.stack([1 - p, p], axis=1)))
    best = minimize_scalar(
        lambda b: np.sum(np.logaddexp(0, np.where(answers.truth, -b, b) * np.log(p / (1 - p)))),
        bracket=(0.5, 1.5),
        tol=1e-10,
    )
    assert found.slope.value == pytest.approx(best.x, rel=1e-6)


@pytest.mark.parametrize(
    ("truth", "p", "why"),
    [
        ([0, 1], [[1.0, 0, 0], [1.0, 0, 0]], "1 of the rows have a probability of exactly 0"),
        ([0, 1], [[0.5, 0.5, 0]] * 2, "equally probable"),
        ([0, 1], [[0.6, 0.4, 0], [0.1, 0.8, 0.1]], "likeliest slope is infinite"),
        ([0, 1, 2], [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]], "slope is not above 0"),
    ],
)
def test_what_has_no_slope_is_refused_with_a_reason(truth, p, why):
    found = temperature_test(Answers(np.array(truth), np.array(p)))
    assert why in found.refused
    assert found.as_dict()["slope"]["value"] is None


def test_rows_that_are_certain_and_right_change_no_slope():
    answers = several_classes(100, 3)
    more = Answers(
        np.r_[answers.truth, 2], np.concatenate([answers.answer, [[0.0, 0.0, 1.0, 0.0]]])
    )
    one, other = temperature_test(answers), temperature_test(more)
    assert other.slope.value == pytest.approx(one.slope.value, rel=1e-12)


@given(st.integers(0, 20), st.permutations(range(30)))
def test_rows_have_no_order_and_whole_weights_are_rows(seed, order):
    answers = several_classes(30, seed)
    one = temperature_test(answers)
    assert temperature_test(answers.rows(np.array(order))).as_dict() == one.as_dict()
    weighted = answers_of(answers.truth, answers.answer, np.full(30, 2))
    twice = temperature_test(answers.rows(np.repeat(np.arange(30), 2)))
    assert temperature_test(weighted).as_dict() == twice.as_dict()
    heavier = temperature_test(replace(answers, weights=np.full(30, 3.7)))
    if one.refused is None:
        assert heavier.p_value == pytest.approx(one.p_value, rel=1e-9)


def test_each_class_is_compared_with_the_rest():
    answers = several_classes(400, 4)
    found = multiclass_calibration(answers, seed=3)
    for k, each in enumerate(found.classes):
        of_class = answers_of(answers.truth == k, answers.answer[:, k])
        assert each.as_dict() == two_class_calibration(of_class, seed=3).as_dict()
    assert found.n_rows == 400
    assert len(found.as_dict()["classes"]) == 4
