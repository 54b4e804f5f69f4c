"""The codes of levels, against loops, scikit-learn and known variances."""

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder

from thalweg.data.encoding.target_codes.inner_parts import PARTS
from thalweg.data.encoding.target_codes.level_codes import (
    MOST_LOG_ODDS,
    CodeTarget,
    cross_fitted,
    level_codes,
    strength,
)


def drawn(kind, n_rows=3000, n_levels=60, seed=0, spread=1.0):
    """Levels with effects, their target, and counts of 1."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(1, n_levels + 1, n_rows)
    height = rng.normal(0, spread, n_levels + 1)[levels] + rng.normal(size=n_rows)
    if kind == "number":
        values = height[:, None]
    else:
        edges = [0.3] if kind == "two" else [-0.8, 0.2, 1.1]
        values = np.eye(len(edges) + 1)[np.digitize(height, edges)]
    part = rng.integers(0, PARTS, n_rows)
    return levels, CodeTarget(values, np.ones(n_rows), part, kind != "number"), n_levels


def by_loops(levels, target, n_levels):
    """The same definition, one row at a time."""
    n, sums = defaultdict(float), defaultdict(lambda: np.zeros(target.values.shape[1]))
    for level, value, count in zip(levels.tolist(), target.values, target.counts, strict=True):
        n[level] += count
        sums[level] = sums[level] + count * value
    total = sum(n.values())
    mean = sum(sums.values()) / total
    within = between = 0.0
    for level, value, count in zip(levels.tolist(), target.values, target.counts, strict=True):
        within += count * float(((value - sums[level] / n[level]) ** 2).sum())
    for level in n:
        between += n[level] * float(((sums[level] / n[level] - mean) ** 2).sum())
    sigma2 = within / (total - len(n))
    mean_size = (total - sum(each**2 for each in n.values()) / total) / (len(n) - 1)
    tau2 = (between / (len(n) - 1) - sigma2) / mean_size
    codes = np.zeros((n_levels + 1, target.n_codes))
    for level in set(n) - {0}:
        share = n[level] / (n[level] + sigma2 / tau2)
        shrunk = share * sums[level] / n[level] + (1 - share) * mean
        if not target.is_classes:
            codes[level] = shrunk - mean
        else:
            for k in range(1, len(mean)):
                odds = math.log(shrunk[k] / shrunk[0]) - math.log(mean[k] / mean[0])
                codes[level, k - 1] = min(max(odds, -MOST_LOG_ODDS), MOST_LOG_ODDS)
    return codes


@pytest.mark.parametrize("kind", ["two", "several", "number"])
def test_codes_are_those_of_loops(kind):
    levels, target, n_levels = drawn(kind)
    weights = np.random.default_rng(1).choice([0.5, 1.0, 3.0], len(levels))
    levels[:40] = 0  # a level that the table of the fit did not have
    target = CodeTarget(target.values, weights, target.part, target.is_classes)
    found = level_codes(levels, target, n_levels + 2)
    assert found.shape == (n_levels + 3, target.n_codes)
    np.testing.assert_allclose(found, by_loops(levels, target, n_levels + 2), rtol=1e-9, atol=1e-12)
    assert not found[[0, n_levels + 1, n_levels + 2]].any()  # not seen: the mean
    assert found[1:n_levels].all()


@pytest.mark.parametrize("kind", ["two", "several", "number"])
def test_cross_fitted_codes_are_those_of_scikit_learn_with_the_same_strength(kind):
    levels, target, n_levels = drawn(kind, n_rows=1500)
    values = target.values
    y = values[:, 0] if kind == "number" else values.argmax(axis=1)
    task = {"two": "binary", "several": "multiclass", "number": "continuous"}[kind]
    found = cross_fitted(levels, target, n_levels)
    for part, codes in enumerate(found):
        others, own = target.part != part, target.part == part
        n = np.bincount(levels[others])[1:]
        sums = np.stack([np.bincount(levels[others], v)[1:] for v in values[others].T], axis=1)
        mean = values[others].mean(axis=0)
        squares = ((values[others] - mean) ** 2).sum()
        smooth = strength(n.astype(float), sums, mean, float(squares))
        encoder = TargetEncoder(smooth=smooth, target_type=task).fit(
            levels[others, None], y[others]
        )
        theirs = encoder.transform(levels[own, None])
        if kind == "number":
            expected = theirs - mean
        else:
            shares = np.column_stack((1 - theirs, theirs)) if kind == "two" else theirs
            logs, of_all = np.log(shares), np.log(mean)
            expected = (logs[:, 1:] - logs[:, :1]) - (of_all[1:] - of_all[:1])
            expected = np.clip(expected, -MOST_LOG_ODDS, MOST_LOG_ODDS)
        np.testing.assert_allclose(codes[levels[own]], expected, rtol=1e-9, atol=1e-12)


def test_the_strength_is_that_of_known_variances():
    found = []
    for seed in range(40):
        levels, target, n_levels = drawn("number", 4000, 200, seed, spread=0.5)
        n = np.bincount(levels, minlength=n_levels + 1)[1:].astype(float)
        values = target.values
        sums = np.bincount(levels, values[:, 0], n_levels + 1)[1:, None]
        mean = values.mean(axis=0)
        found.append(1 / strength(n, sums, mean, float(((values - mean) ** 2).sum())))
    assert np.mean(found) == pytest.approx(0.5**2, rel=0.05)


def layout(sizes, ratio, scale=1.0):
    """A layout with the mean squares `ratio` between levels and 1 within, times scale²."""
    sizes = np.asarray(sizes, dtype=float)
    effects = np.where(np.arange(len(sizes)) % 2, 1.0, -1.0)
    effects -= np.average(effects, weights=sizes)
    free, between_free = sizes.sum() - len(sizes), len(sizes) - 1
    effects *= math.sqrt(ratio * between_free / (sizes @ effects**2)) * scale
    squares = (ratio * between_free + free) * scale**2
    return sizes, (sizes * (7.0 + effects))[:, None], np.array([7.0]), squares


# Levels of equal size m, ν₁ = levels - 1 and ν₂ = rows - levels degrees of freedom. The mean
# squares are those of χ² with the variances 2/ν, so the variance of F has about 2/ν₁ + 2/ν₂.
@pytest.mark.parametrize(
    ("sizes", "threshold"),
    [
        ([2] * 3, 1 + 2 * math.sqrt(2 / 2 + 2 / 3)),
        ([11] * 11, 1 + 2 * math.sqrt(2 / 10 + 2 / 110)),
        ([1.25] * 2, 1 + 2 * math.sqrt(2 / 1 + 2 / 0.5)),  # rows of fractional weight
        ([2, 1], 1 + 2 * math.sqrt(2 / 1 + 2 / 1)),
    ],
)
def test_levels_count_from_two_standard_errors_on_with_the_strength_of_the_moments(
    sizes, threshold
):
    assert strength(*layout(sizes, 0.99 * threshold)) == math.inf
    for ratio in (1.01 * threshold, 20 * threshold):
        # Of equal sizes: E[between] = σ² + m τ². Of sizes 2 and 1: m is 3 - 5/3.
        m = sizes[0] if len(set(sizes)) == 1 else 3 - 5 / 3
        expected = m / (ratio - 1)
        assert strength(*layout(sizes, ratio)) == pytest.approx(expected, rel=1e-9)
        for scale in (1e-6, 1e6):  # it does not depend on the unit of the target
            assert strength(*layout(sizes, ratio, scale)) == pytest.approx(expected, rel=1e-6)


def test_one_level_a_level_for_each_row_and_no_rows_have_no_strength():
    ones = np.ones((3, 1))
    assert strength(np.ones(3), ones * [[0], [5], [9]], np.array([14 / 3]), 40.0) == math.inf
    assert strength(np.array([4.0]), np.array([[8.0]]), np.array([2.0]), 3.0) == math.inf


@pytest.mark.parametrize("is_classes", [True, False])
def test_no_rows_give_the_code_0(is_classes):
    nothing = np.empty(0, np.intp)
    target = CodeTarget(np.empty((0, 3)), np.empty(0), nothing, is_classes)
    found = level_codes(nothing, target, 4)
    assert found.shape == (5, 2 if is_classes else 3)
    assert not found.any()
    # As for the rows of a part, if all rows that have a level are in it.
    levels, target, n_levels = drawn("two", 500, 20)
    together = CodeTarget(target.values, target.counts, np.full(500, 3), True)
    assert [codes.any() for codes in cross_fitted(levels, together, n_levels)] == [1, 1, 1, 0, 1]


def test_by_hand():
    # Two levels with the means 1 and 5, two rows each: σ² = 1, τ² = (16 - 1) / 2, strength 1/7.5.
    target = CodeTarget(
        np.array([[0.3], [1.7], [4.3], [5.7]]), np.ones(4), np.zeros(4, np.intp), False
    )
    found = level_codes(np.array([1, 1, 2, 2]), target, 2)
    within = 4 * 0.7**2 / 2
    rows = within / ((16 - within) / 2)
    expected = 2 * 2 / (2 + rows)
    np.testing.assert_allclose(found[:, 0], [0.0, -expected, expected], rtol=1e-12)


def test_levels_that_do_not_differ_have_the_code_0():
    nothing = 0
    for seed in range(60):
        levels, target, n_levels = drawn("two", 2000, 300, seed, spread=0.0)
        nothing += not level_codes(levels, target, n_levels).any()
    assert nothing >= 54  # two standard errors
    levels, target, n_levels = drawn("two", 2000, 300, 0, spread=0.7)
    assert level_codes(levels, target, n_levels).any()


@pytest.mark.parametrize("kind", ["two", "number"])
def test_a_level_for_each_row_has_the_code_0(kind):
    _, target, _ = drawn(kind, 500)
    assert not level_codes(np.arange(1, 501), target, 500).any()


def test_levels_of_one_class_alone_are_bounded():
    levels = np.repeat(np.arange(1, 51), 40)
    y = (levels > 25).astype(float)
    values = np.column_stack((1 - y, y))
    target = CodeTarget(values, np.ones(2000), np.zeros(2000, np.intp), True)
    found = level_codes(levels, target, 50)[1:, 0]
    assert found.tolist() == [-4.0] * 25 + [4.0] * 25  # odds of e⁴ = 54.6 to 1
    # A class without a row has no odds.
    absent = CodeTarget(np.column_stack((values, np.zeros(2000))), target.counts, target.part, True)
    assert not level_codes(levels, absent, 50)[:, 1].any()
    assert np.isfinite(level_codes(levels, absent, 50)).all()


ROWS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 1), st.integers(1, 3)), min_size=8)


@settings(max_examples=60)
@given(rows=ROWS, random=st.randoms(use_true_random=False), classes=st.booleans())
def test_a_count_is_a_repetition_and_neither_order_nor_the_names_of_levels_matter(
    rows, random, classes
):
    levels, y, counts = (np.array(each) for each in zip(*rows, strict=True))
    values = np.column_stack((1 - y, y)).astype(float) if classes else y[:, None] * 1.5
    part = np.arange(len(y)) % PARTS
    target = CodeTarget(values, counts.astype(float), part, classes)
    found = level_codes(levels, target, 6)
    again = CodeTarget(
        np.repeat(values, counts, axis=0), np.ones(counts.sum()), np.repeat(part, counts), classes
    )
    np.testing.assert_allclose(level_codes(np.repeat(levels, counts), again, 6), found, atol=1e-9)
    order = np.array(random.sample(range(len(y)), len(y)))
    np.testing.assert_allclose(level_codes(levels[order], target.pick(order), 6), found, atol=1e-9)
    renamed = np.array([0, *random.sample(range(1, 7), 6)])
    np.testing.assert_allclose(level_codes(renamed[levels], target, 6)[renamed], found, atol=1e-9)


@pytest.mark.parametrize("kind", ["two", "several", "number"])
def test_the_code_of_a_row_does_not_depend_on_its_own_target(kind):
    levels, target, n_levels = drawn(kind, 400, 40)
    before = np.stack(cross_fitted(levels, target, n_levels))
    for row in (0, 7, 99):
        values = target.values.copy()
        values[row] = values[row, ::-1] if target.is_classes else values[row] + 9
        after = np.stack(
            cross_fitted(
                levels, CodeTarget(values, target.counts, target.part, target.is_classes), n_levels
            )
        )
        assert np.array_equal(after[target.part[row]], before[target.part[row]])
        assert not np.array_equal(after, before)
