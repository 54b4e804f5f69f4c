"""The likeness of a table: the score of a row by hand, and outlier p of rows like the others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likenesses import KINDS, likeness, mixed_rows
from thalweg.data.encoding.number_formulas import clipped
from thalweg.data.encoding.quantiles import center_and_scale
from thalweg.data.likeness.table_likeness import Scores
from thalweg.data.likeness.unlike_score import MOST_TOGETHER

RNG = np.random.default_rng


def test_the_score_of_numbers_is_the_distance_from_their_mean():
    X = RNG(0).normal(size=(200, 3)) @ RNG(1).normal(size=(3, 3))
    found, new = likeness(X), RNG(2).normal(size=(5, 3)) * 3
    ends = [center_and_scale(column.copy(), np.ones(200)) for column in X.T]
    center, scale = map(np.array, zip(*ends, strict=True))
    bent = clipped(X, center, scale)
    away = clipped(new, center, scale) - bent.mean(axis=0)
    factor = found.shape.factor
    distances = np.einsum("ij,jk,ik->i", away, factor.T @ factor, away)
    filled = -3 * np.log(200.5 / 201)  # no cell is missing in any of three columns
    np.testing.assert_allclose(found.unlikeness(new), distances + filled, rtol=1e-10)
    np.testing.assert_allclose(found.shape.mean, bent.mean(axis=0), atol=1e-12)


def test_the_score_of_levels_is_the_logarithm_of_their_shares():
    X = np.repeat([[1.0], [2.0], [np.nan]], [60, 30, 10], axis=0)
    found = likeness(X, ("category",))
    new = np.array([[1.0], [2.0], [0.0], [np.nan]])
    filled, missing = np.log(101 / 90.5), np.log(101 / 10.5)
    # Two levels and one never seen, half a row for each.
    expected = [np.log(91.5 / (k + 0.5)) + filled for k in (60, 30, 0)]
    np.testing.assert_allclose(found.unlikeness(new), [*expected, missing], rtol=1e-12)


def test_p_counts_the_rows_that_are_at_least_as_unlike():
    scores = Scores(9.0, np.array([1.0, 2.0, 5.0]), np.array([9, 4, 1]) / 9)
    found = scores.p_of(np.array([0.0, 1.0, 1.5, 2.0, 5.0, 5.1]))
    np.testing.assert_allclose(found, [1.0, 1.0, 0.5, 0.5, 0.2, 0.1])


def test_few_kept_scores_never_make_p_too_small():
    X = RNG(3).normal(size=(5_000, 2))
    found = likeness(X)
    assert len(found.scores.values) < 400
    assert found.scores.n == 5_000
    # Every hundredth of all rows, by their own p: the kept ones give at most 2.5 % + a row more.
    p = np.sort(found.outlier_p(RNG(4).normal(size=(20_000, 2))))
    expected = np.arange(1, 20_001) / 20_000
    assert np.abs(p - expected).max() < 0.04


@pytest.mark.parametrize(("n", "d"), [(100, 9), (500, 9), (500, 30)])
def test_new_rows_like_the_others_have_a_small_p_as_often_as_it_says(n, d):
    rng, shares = RNG(n + d), []
    turn = rng.normal(size=(d, d))
    for _ in range(30):
        X = rng.normal(size=(n + 500, d)) @ turn
        p = likeness(X[:n]).outlier_p(X[n:])
        shares.append([np.mean(p <= level) for level in (0.01, 0.05, 0.1)])
    found, error = np.mean(shares, axis=0), np.std(shares, axis=0) / np.sqrt(30)
    # Never too often; rather too seldom, as scores of held-out rows are a little too large.
    assert (found <= np.array([0.01, 0.05, 0.1]) + 3 * error).all(), found
    assert (found >= np.array([0.003, 0.03, 0.07])).all(), found


def test_the_study_example_is_found_again():
    # n = 500, d = 9: 0.9 %, 4.8 %, 9.6 % of new rows below 1, 5 and 10 %.
    rng, shares = RNG(5), []
    for _ in range(60):
        X = rng.normal(size=(1_000, 9))
        p = likeness(X[:500]).outlier_p(X[500:])
        shares.append([np.mean(p <= level) for level in (0.01, 0.05, 0.1)])
    np.testing.assert_allclose(np.mean(shares, axis=0), [0.009, 0.048, 0.096], atol=0.006)


def test_a_far_row_a_new_level_a_new_missing_cell_and_another_constant_are_unlike():
    rng = RNG(6)
    X = np.column_stack([rng.normal(size=(300, 2)), rng.integers(1, 4, 300), np.ones(300)])
    found = likeness(X, ("number", "number", "category", "number"))
    usual = np.array([0.0, 0.0, 1.0, 1.0])
    rows = np.tile(usual, (5, 1))
    rows[1, 0], rows[2, 2], rows[3, 1], rows[4, 3] = 1e9, 0.0, np.nan, 2.0
    p = found.outlier_p(rows)
    assert p[0] > 0.5
    assert (p[1:] < 0.07).all(), p


def test_numbers_that_do_not_fit_each_other_are_unlike_though_each_one_is_usual():
    rng = RNG(7)
    x = rng.normal(size=500)
    found = likeness(np.column_stack([x, x + 0.1 * rng.normal(size=500)]))
    p = found.outlier_p(np.array([[1.0, 1.0], [1.0, -1.0]]))
    assert p[0] > 0.2
    assert p[1] <= 1 / 501 * 1.001


def test_days_of_the_calendar_do_not_count():
    X = np.column_stack([RNG(8).normal(size=100), np.arange(100) + 19_000.0])
    found = likeness(X, ("number", "date"))
    late = np.array([[0.0, 25_000.0], [0.0, 19_050.0]])
    assert len(set(found.outlier_p(late))) == 1


def test_equal_rows_and_weights_are_the_same():
    rng = RNG(9)
    X, weights = mixed_rows(rng, 120), rng.integers(1, 8, 120)
    once, often = likeness(X, KINDS, weights), likeness(np.repeat(X, weights, axis=0), KINDS)
    new = mixed_rows(rng, 50)
    np.testing.assert_array_equal(once.outlier_p(new), often.outlier_p(new))
    np.testing.assert_array_equal(once.typical, often.typical)


def test_a_table_of_few_different_rows_is_like_itself():
    # Merged to three rows: each has rows of its level in other parts.
    X = np.repeat([[1.0], [2.0], [3.0]], [50, 30, 20], axis=0)
    p = likeness(X, ("category",)).outlier_p(np.array([[1.0], [2.0], [3.0], [0.0]]))
    np.testing.assert_allclose(p, np.array([101, 51, 21, 1]) / 101, rtol=1e-12)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
@settings(max_examples=40)
def test_of_levels_alone_p_counts_all_rows_that_are_as_rare(counts):
    levels = np.repeat(np.arange(1.0, len(counts) + 1), counts)[:, None]
    p = likeness(levels, ("category",)).outlier_p(np.arange(1.0, len(counts) + 1)[:, None])
    n = sum(counts)
    expected = [(1 + sum(c for c in counts if c <= own)) / (n + 1) for own in counts]
    assert (p >= np.array(expected) * (1 - 1e-12)).all(), (p, expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_has_no_effect_and_p_is_a_probability(seed, n):
    rng = RNG(seed)
    X, new = mixed_rows(rng, n), mixed_rows(rng, 20)
    one, other = likeness(X, KINDS), likeness(X[rng.permutation(n)], KINDS)
    p = one.outlier_p(new)
    np.testing.assert_array_equal(p, other.outlier_p(new))
    np.testing.assert_array_equal(one.typical, other.typical)
    assert ((p > 0) & (p <= 1)).all()
    assert one.n == n


def test_rows_of_a_group_are_scored_by_other_groups():
    rng = RNG(10)
    groups = np.repeat(np.arange(20), 10)
    X = rng.normal(size=20)[groups, None] + 0.01 * rng.normal(size=(200, 1))
    levels = np.column_stack([X, groups + 1.0])
    kinds = ("number", "category")
    # A level that one group alone has is a new one for the others.
    alone = likeness(levels, kinds, groups=groups).scores.values
    together = likeness(levels, kinds).scores.values
    assert alone.min() > together.min() + 2


@pytest.mark.parametrize("d", [MOST_TOGETHER, MOST_TOGETHER + 1])
def test_a_wide_table_has_no_correlations(d):
    X = RNG(11).normal(size=(300, d))
    found = likeness(X)
    assert found.shape.factor.ndim == (2 if d == MOST_TOGETHER else 1)
    p = found.outlier_p(RNG(12).normal(size=(400, d)))
    assert 0 < np.mean(p <= 0.1) < 0.2


def test_of_a_large_table_some_rows_are_scored_and_all_are_counted():
    X = RNG(13).normal(size=(30_000, 2))
    found = likeness(X)
    assert (found.n, found.scores.n) == (30_000, 20_000)
    assert found.typical[0] == np.median(X[:, 0])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_very_few_rows_have_a_likeness(n):
    found = likeness(RNG(14).normal(size=(n, 2)))
    p = found.outlier_p(np.array([[0.0, 0.0], [1e300, -1e300], [np.nan, np.nan]]))
    assert np.isfinite(p).all()
    assert (p >= 1 / (n + 1) * 0.999).all()


def test_a_repeated_number_is_in_the_other_parts_too():
    X = np.repeat([[0.0], [1.0], [2.0]], [400, 80, 20], axis=0)
    p = likeness(X).outlier_p(np.array([[0.0], [1.0], [2.0]]))
    np.testing.assert_allclose(p, [1.0, 101 / 501, 21 / 501], atol=1e-12)
