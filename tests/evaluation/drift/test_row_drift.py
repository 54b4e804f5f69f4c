"""Unlike rows, the loss beside the one of the fit, and the shift that a table could show."""

import math

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from likenesses import likeness
from thalweg.data.likeness.table_likeness import Scores
from thalweg.evaluation.drift.row_drift import loss_change, shift_to_find, unlike_rows
from thalweg.evaluation.drift.sample_tests import kolmogorov_smirnov

RNG = np.random.default_rng


def scores(n):
    return Scores(float(n), np.zeros(1), np.ones(1))


def test_the_number_of_unlike_rows_is_beta_binomial():
    p = np.array([0.01] * 9 + [0.05] + [0.5] * 90)
    found = unlike_rows(p, scores(199))
    assert (found.n_unlike, found.n_rows, found.share) == (10, 100, 0.1)
    assert found.p_value == pytest.approx(betabinom.sf(9, 100, 10, 190), rel=1e-10)


def test_of_very_many_training_rows_it_is_binomial():
    found = unlike_rows(np.array([0.01] * 10 + [0.5] * 90), scores(10**9 - 1))
    assert found.p_value == pytest.approx(binom.sf(9, 100, 0.05), rel=1e-4)


def test_of_18_training_rows_no_p_is_at_5_percent():
    assert math.isnan(unlike_rows(np.full(50, 0.5), scores(18)).p_value)
    assert not math.isnan(unlike_rows(np.full(50, 0.5), scores(19)).p_value)


def test_ranks_of_exchangeable_scores_keep_the_level_that_the_binomial_does_not():
    rng, exact, naive = RNG(0), [], []
    for _ in range(400):
        own, new = np.sort(rng.random(200)), rng.random(1_000)
        p = (1 + 200 - np.searchsorted(own, new)) / 201
        exact.append(unlike_rows(p, scores(200)).p_value)
        naive.append(binom.sf(np.sum(p <= 0.05) - 1, 1_000, 0.05))
    assert np.mean(np.array(exact) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean(np.array(naive) <= 0.05) > 0.15


def test_many_unlike_rows_fail_only_if_they_are_many_and_no_chance():
    few, many = (unlike_rows(np.repeat([0.01, 0.9], n), scores(999)) for n in ([8, 92], [12, 88]))
    for each, fails in ((few, False), (many, True)):
        adjusted = type(each)(each.n_unlike, each.n_rows, each.p_value, 0.001)
        assert adjusted.fails(0.05) is fails
    assert not type(many)(12, 100, 0.2, 0.2).fails(0.05)


def test_the_change_of_the_loss_has_the_error_of_both_samples():
    losses = RNG(1).exponential(size=200)
    found = loss_change(losses, 0.9, 100.0, too_low=False)
    error = losses.std(ddof=1) * np.sqrt(1 / 200 + 1 / 100)
    assert found.change.value == pytest.approx(losses.mean() - 0.9)
    assert found.change.high - found.change.value == pytest.approx(1.959964 * error, rel=1e-6)
    assert found.now.high - found.now.value < found.change.high - found.change.value


def test_a_loss_that_is_too_low_fails_nothing():
    found = loss_change(np.linspace(5, 6, 100), 0.1, 100.0, too_low=True)
    assert found.p_value < 1e-9
    assert not type(found)(found.now, 0.1, found.change, found.p_value, 0.0, True).fails(0.05)
    assert type(found)(found.now, 0.1, found.change, found.p_value, 0.0, False).fails(0.05)


@pytest.mark.parametrize(("n", "m"), [(200, 40), (100, 100), (1000, 300)])
def test_the_shift_that_is_named_is_found_in_about_four_tables_of_five(n, m):
    rng, level = RNG(n), 0.05 / 9
    shift, found = shift_to_find(n, m, level), 0
    for _ in range(300):
        then = likeness(rng.normal(size=(n, 1))).columns[0]
        found += kolmogorov_smirnov(then, rng.normal(size=m) + shift) <= level
    assert 0.7 <= found / 300 <= 0.97


def test_of_very_few_rows_no_shift_is_found():
    assert math.isinf(shift_to_find(3, 3, 0.05))
