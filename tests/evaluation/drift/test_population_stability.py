"""The PSI: an example by hand, and its mean and limit by chance."""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from thalweg.evaluation.drift.population_stability import psi, stability


def test_the_example_by_hand():
    found = psi(np.array([0.5, 0.5]), np.array([0.6, 0.4]))
    assert found == pytest.approx(0.1 * math.log(0.6 / 0.5) - 0.1 * math.log(0.4 / 0.5), abs=1e-15)
    assert found == pytest.approx(0.040547, abs=5e-7)


def test_it_is_symmetric_and_zero_for_equal_shares():
    rng = np.random.default_rng(0)
    one, other = rng.dirichlet(np.ones(6), size=2)
    assert psi(one, other) == pytest.approx(psi(other, one), rel=1e-13)
    assert psi(one, one) == 0.0


def test_mean_and_limit_expected_in_closed_form():
    found = stability(np.full(10, 50.0), np.full(10, 20.0))
    assert found.expected == pytest.approx(9 * (1 / 500 + 1 / 200))
    assert found.limit == pytest.approx((1 / 500 + 1 / 200) * chi2.isf(0.05, 9), rel=1e-10)
    assert found.psi == pytest.approx(0.0, abs=1e-15)
    assert found.excess == pytest.approx(-found.expected)


@pytest.mark.parametrize(
    ("n", "mean", "limit"), [(100, 0.189, 0.361), (500, 0.036, 0.070), (2000, 0.009, 0.0169)]
)
def test_ten_parts_without_drift(n, mean, limit):
    # The values of the study, by simulation; the theory has 0.18, 0.036, 0.009.
    rng = np.random.default_rng(n)
    then, now = rng.multinomial(n, np.full(10, 0.1), size=(2, 4_000)).astype(float)
    found = np.array([stability(*each).psi for each in zip(then, now, strict=True)])
    assert found.mean() == pytest.approx(mean, rel=0.03)
    assert np.quantile(found, 0.95) == pytest.approx(limit, rel=0.06)
    theory = stability(then[0], now[0])
    assert found.mean() == pytest.approx(theory.expected, rel=0.06)
    assert np.quantile(found, 0.95) == pytest.approx(theory.limit, rel=0.10)


def test_an_empty_part_has_half_a_row_on_both_sides():
    found = stability(np.array([10.0, 10.0]), np.array([20.0, 0.0]))
    expected = psi(np.array([0.5, 0.5]), np.array([20.5, 0.5]) / 21)
    assert found.psi == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("parts", [([5.0], [7.0]), ([0.0, 0.0], [1.0, 1.0])])
def test_there_is_none_of_one_part_or_no_row(parts):
    assert math.isnan(stability(*map(np.array, parts)).psi)
