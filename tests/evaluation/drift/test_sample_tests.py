"""Tests of two samples, beside SciPy's, and the level that they hold by simulation."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact, kstwobign

from likenesses import likeness
from thalweg.evaluation.drift.sample_tests import (
    distributions,
    kolmogorov_smirnov,
    same_levels,
    same_share,
)

RNG = np.random.default_rng


def summary(values):
    return likeness(np.asarray(values, float)[:, None]).columns[0]


def test_the_distributions_are_those_of_both_samples():
    then, now = RNG(0).normal(size=200), RNG(1).normal(size=150)
    of = summary(then)
    points = [then.min(), *of.edges, then.max()]
    found = distributions(of, now)
    for k, point in enumerate(points[1:], 1):
        np.testing.assert_allclose(
            found[:, k], [np.mean(then <= point), np.mean(now <= point)], atol=1e-14
        )
    np.testing.assert_allclose(found[:, 0], [0.0, np.mean(now < then.min())])


def test_its_p_value_is_that_of_the_limit():
    then, now = RNG(2).normal(size=300), RNG(3).normal(size=200) + 0.3
    gap = np.abs(np.subtract(*distributions(summary(then), now))).max()
    expected = kstwobign.sf(gap * np.sqrt(300 * 200 / 500))
    assert kolmogorov_smirnov(summary(then), now) == pytest.approx(expected, rel=1e-10)


DRAWS = {
    "smooth": lambda rng, n: rng.normal(size=n),
    "skewed": lambda rng, n: rng.lognormal(size=n),
    "whole": lambda rng, n: rng.integers(1, 11, n).astype(float),
    "mostly one value": lambda rng, n: rng.poisson(0.2, n).astype(float),
}


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("n", [40, 400])
@pytest.mark.parametrize("m", [40, 400])
@pytest.mark.parametrize("name", DRAWS)
def test_it_keeps_its_level(n, m, name):
    rng, draw = RNG(n + m), DRAWS[name]
    p = [kolmogorov_smirnov(summary(draw(rng, n)), draw(rng, m)) for _ in range(250)]
    for level in (0.05, 0.2):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 250)


@pytest.mark.parametrize(
    ("then", "now"),
    [([0.0] * 99 + [1.0], [5.0] * 100), ([3.0] * 100, [2.0] * 100), ([3.0] * 100, [4.0] * 100)],
)
def test_values_beyond_the_ends_are_found(then, now):
    assert kolmogorov_smirnov(summary(then), np.array(now)) < 1e-6


def test_levels_are_compared_by_chi_square():
    then, now = np.array([50.0, 30, 20]), np.array([20.0, 30, 50])
    expected = chi2_contingency(np.stack([then, now]), correction=False).pvalue
    assert same_levels(then, now) == pytest.approx(expected, rel=1e-9)


def test_rare_levels_are_joined():
    then, now = np.array([50.0, 40, 3, 2, 1, 4]), np.array([52.0, 38, 2, 4, 2, 2])
    joined = [[50, 40, 10], [52, 38, 10]]
    assert same_levels(then, now) == pytest.approx(chi2_contingency(joined).pvalue, rel=1e-9)


def test_a_rest_that_is_too_small_joins_the_smallest_level():
    then, now = np.array([50.0, 30, 18, 2]), np.array([20.0, 30, 49, 1])
    joined = [[50, 32, 18], [20, 31, 49]]  # of both tables together
    assert same_levels(then, now) == pytest.approx(chi2_contingency(joined).pvalue, rel=1e-9)


def test_two_levels_have_the_exact_test():
    then, now = np.array([30.0, 10]), np.array([20.0, 20])
    expected = fisher_exact([[30, 10], [20, 20]])[1]
    assert same_levels(then, now) == pytest.approx(expected, rel=1e-12)
    assert same_share(10, 40, 20, 40) == pytest.approx(expected, rel=1e-12)


def test_the_exact_test_of_many_rows_is_that_of_chi_square_and_takes_no_time():
    near = chi2_contingency([[300_500, 299_500], [300_900, 300_100]], correction=False)
    found = same_share(300_500, 600_000, 300_900, 601_000)
    assert found == pytest.approx(near.pvalue, rel=1e-6)
    assert 0 <= same_share(5e14, 1e15, 40, 100) <= 1
    assert np.isnan(same_share(0, 1e15, 0, 100))


def test_there_is_nothing_to_test_where_all_rows_are_alike():
    assert np.isnan(same_levels(np.array([10.0, 0]), np.array([20.0, 0])))
    assert np.isnan(same_share(0, 10, 0, 20))
    assert np.isnan(same_share(10, 10, 20, 20))


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize("n_levels", [2, 3, 30])
def test_levels_keep_their_level(n_levels):
    rng = RNG(n_levels)
    shares, p = rng.dirichlet(np.ones(n_levels)), []
    for _ in range(300):
        then, now = (rng.multinomial(n, shares).astype(float) for n in (200, 120))
        p.append(same_levels(then, now))
    for level in (0.05, 0.2):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 300)
