"""Dependence of columns: Spearman's correlation, η of ranks, Cramér's V."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from scipy.stats.contingency import association

from thalweg.evaluation.effects.column_dependence import largest_dependence
from thalweg.evaluation.effects.effect_source import ColumnOfRows


def test_of_numbers_it_is_spearmans_correlation():
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=300), 1)
    y, z = np.round(-x + rng.normal(size=300), 1), rng.normal(size=300)
    columns = tuple(ColumnOfRows(name, each) for name, each in zip("xyz", (x, y, z), strict=True))
    found = largest_dependence(columns, np.ones(300))
    r = np.abs(spearmanr(np.column_stack((x, y, z))).statistic)
    np.fill_diagonal(r, 0)
    assert found == pytest.approx(r.max(axis=0))
    twice = largest_dependence(columns, np.full(300, 2.0))
    assert twice == pytest.approx(found)


def test_missing_values_leave_their_pairs_out():
    rng = np.random.default_rng(1)
    x = rng.normal(size=400)
    y = x.copy()
    y[::2] = np.nan
    columns = (ColumnOfRows("x", x), ColumnOfRows("y", y))
    assert largest_dependence(columns, np.ones(400)) == pytest.approx([1, 1], abs=0.02)


def test_of_categories_it_is_cramers_v_without_its_bias_and_eta_with_a_number():
    rng = np.random.default_rng(2)
    a = rng.integers(0, 3, 2000)
    b = np.where(rng.random(2000) < 0.6, a, rng.integers(0, 3, 2000))
    x = rng.normal(size=2000)
    levels = {0.0: "a", 1.0: "b", 2.0: "c"}
    columns = (
        ColumnOfRows("a", a.astype(float), "category", levels),
        ColumnOfRows("b", b.astype(float), "category", levels),
        ColumnOfRows("x", x),
    )
    found = largest_dependence(columns, np.ones(2000))
    table = np.array([[np.sum((a == i) & (b == j)) for j in range(3)] for i in range(3)])
    assert found[:2] == pytest.approx([association(table, "cramer")] * 2, abs=0.01)
    assert found[2] < 0.1
    of_level = (*columns[:2], ColumnOfRows("x", x + 5 * a))
    assert largest_dependence(of_level, np.ones(2000))[2] > 0.8
