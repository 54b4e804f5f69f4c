"""ICI, E50, E90 and Emax by a restricted cubic spline: closed forms and calibrated predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted import rows, several_classes, two_classes
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.calibration.probability_rows import probability_rows
from thalweg.evaluation.calibration.smooth_calibration import (
    smooth_calibration,
    spline,
    weighted_quantile,
)


def smooth(answers):
    return smooth_calibration(probability_rows(answers), 0)


def squared(n, seed):
    random = np.random.default_rng(seed)
    q = random.random(n)
    return rows(random.random(n) < q**2, q)


def test_the_square_of_a_uniform_prediction_has_the_distances_of_the_closed_form():
    # q ~ U(0, 1), truth q² (design study, section 1). The curve is a spline with five knots.
    found = smooth_calibration(squared(200_000, 0), 0)
    assert found.n_knots == 5
    assert found.ici.value == pytest.approx(1 / 6, abs=0.004)
    assert found.e50 == pytest.approx(3 / 16, abs=0.006)
    assert found.e90 == pytest.approx(0.2475, abs=0.006)
    assert found.emax == pytest.approx(1 / 4, abs=0.008)
    np.testing.assert_allclose(found.observed, found.at**2, atol=0.01)


def test_calibrated_predictions_show_what_is_said_of_them():
    # The basic interval begins at 0 in 95 of 100 tables; at the same time the ICI is above 0.
    tables = [smooth(two_classes(150, seed)) for seed in range(60)]
    assert np.mean([each.ici.value for each in tables]) == pytest.approx(
        np.mean([each.ici_if_calibrated for each in tables]), rel=0.15
    )
    at_0 = np.mean([each.ici.low == 0 for each in tables])
    assert at_0 >= 0.9
    for each in tables:
        assert (each.ici.low == 0) >= (each.ici.value <= each.ici_if_calibrated_at_most)
        assert 0 <= each.ici.low <= each.ici.value <= each.ici.high


def test_a_planted_error_is_inside_the_interval():
    held = [smooth_calibration(squared(300, seed), 0).ici for seed in range(50)]
    assert np.mean([each.low <= 1 / 6 <= each.high for each in held]) >= 0.88
    assert all(each.low > 0 for each in held)


def test_the_interval_is_the_basic_one():
    # Near 0 the curves that are drawn are farther away than the fitted one, and so is their mean.
    found = [smooth(two_classes(400, seed, slope=0.7)).ici for seed in range(30)]
    above = [each for each in found if each.low > 0]
    assert len(above) > 10
    assert np.mean([each.value - each.low for each in above]) > np.mean(
        [each.high - each.value for each in above]
    )


@pytest.mark.slow
def test_the_interval_of_ici_holds_the_truth_in_many_tables():
    held = [smooth_calibration(squared(300, seed), 0).ici for seed in range(600)]
    calibrated = [smooth(two_classes(200, seed)).ici.low for seed in range(600)]
    assert 0.92 <= np.mean([each.low <= 1 / 6 <= each.high for each in held]) <= 0.975
    assert 0.925 <= np.mean(np.array(calibrated) == 0) <= 0.975


def test_the_spline_is_linear_beyond_the_outer_knots_and_smooth_at_all():
    knots = np.array([-1.0, 0.0, 0.5, 2.0])
    z = np.linspace(-3, 4, 7001)
    curve = spline(z, knots) @ [0.3, 1.0, -2.0, 4.0]
    second = np.diff(curve, 2) / 1e-6
    outside = (z[1:-1] < -1.001) | (z[1:-1] > 2.001)
    assert np.abs(second[outside]).max() < 1e-5
    assert np.abs(np.diff(second)).max() < 0.05  # no jump of the curvature
    assert np.abs(second).max() > 1


@pytest.mark.parametrize(("n", "knots"), [(80, 3), (300, 4), (1000, 5)])
def test_more_rows_have_more_knots(n, knots):
    assert smooth(two_classes(n, 0)).n_knots == knots


def test_few_different_predictions_have_a_line_and_one_has_nothing():
    answers = two_classes(400, 0)
    halves = Answers(answers.truth, np.where(answers.answer > 0.5, 0.7, 0.2))
    found = smooth(halves)
    assert found.n_knots == 0
    shares = [answers.truth[halves.answer == p].mean() for p in (0.2, 0.7)]
    np.testing.assert_allclose(found.observed[[0, -1]], shares, atol=1e-12)
    assert smooth(Answers(answers.truth, np.full(400, 0.3))) is None
    separated = Answers(answers.answer > 0.4, answers.answer)
    assert smooth(separated) is None


def test_certain_rows_are_compared_with_their_observed_share():
    answers = two_classes(300, 0)
    more = np.r_[np.zeros(10, bool), np.ones(30, bool), np.zeros(10, bool)]
    p = np.r_[np.zeros(10), np.ones(40)]
    both = Answers(np.r_[answers.truth, more], np.r_[answers.answer, p])
    alone, found = smooth(answers), smooth(both)
    # The ten of probability 0 are right; of the forty of probability 1 a quarter is not.
    assert found.ici.value == pytest.approx((300 * alone.ici.value + 40 * 0.25) / 350)
    assert found.emax == max(alone.emax, 0.25)


def test_a_weighted_quantile_is_that_of_repeated_rows():
    values, counts = np.arange(6.0), np.array([1, 2, 3, 1, 1, 4])
    for level in (0.0, 0.1, 0.25, 0.5, 0.9, 1.0):
        repeated = np.quantile(np.repeat(values, counts), level, method="inverted_cdf")
        assert weighted_quantile(values, counts / 7, level) == repeated


@given(st.integers(0, 10), st.permutations(range(60)))
def test_the_order_of_rows_changes_no_bit(seed, order):
    answers = two_classes(60, seed)
    one, other = smooth(answers), smooth(answers.rows(np.array(order)))
    assert one.as_dict() == other.as_dict()


def test_a_class_against_the_rest_has_distances_of_its_own():
    answers = several_classes(400, 0, slope=0.5)
    for k in range(4):
        assert smooth(Answers(answers.truth == k, answers.answer[:, k])).ici.low > 0
