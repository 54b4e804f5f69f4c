"""Tests between groups and Holm's correction: published figures, and scipy as a second opinion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.judging.intervals import proportion
from thalweg.evaluation.subgroups.group_contrasts import (
    fisher,
    larger_share,
    of_aucs,
    of_means,
    of_shares,
    of_sizes,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_wilson_intervals_of_newcombe(k, n, low, high):
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I.
    found = proportion(k, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 60), st.data())
def test_fisher_agrees_with_scipy(n, n_rest, data):
    k, k_rest = data.draw(st.integers(0, n)), data.draw(st.integers(0, n_rest))
    table = [[k, n - k], [k_rest, n_rest - k_rest]]
    p = fisher(np.array([k]), n, k_rest, n_rest)[0]
    assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)
    turned = fisher(np.array([k_rest]), n_rest, k, n)[0]
    assert turned == pytest.approx(p, rel=1e-9)


def test_more_shares_are_tested_by_chi_square():
    hits, rows = [10, 20, 5], [40, 50, 30]
    found = of_shares(list(zip(hits, rows, strict=True)))
    table = [hits, [n - k for k, n in zip(hits, rows, strict=True)]]
    expected = stats.chi2_contingency(table)
    assert (found.statistic, found.df, found.p) == pytest.approx(
        (expected.statistic, expected.dof, expected.pvalue)
    )
    assert of_shares([(5, 5), (6, 6), (7, 7)]).p == 1


def test_means_of_two_parts_are_tested_by_welch():
    random = np.random.default_rng(0)
    a, b = random.normal(size=12), random.normal(0.7, 3, size=40)
    found = of_means([(x.mean(), x.var(ddof=1), len(x)) for x in (a, b)])
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.statistic == pytest.approx(expected.statistic**2)
    assert np.isnan(of_means([(0.0, 0.0, 10), (1.0, 1.0, 10)]).p)


def test_sizes_are_tested_by_ranks_with_ties():
    random = np.random.default_rng(1)
    parts = [random.integers(0, 8, size=n).astype(float) for n in (12, 20, 31)]
    ones = [(x, np.ones(len(x))) for x in parts]
    assert of_sizes(ones).p == pytest.approx(stats.kruskal(*parts).pvalue)
    expected = stats.mannwhitneyu(*parts[:2], method="asymptotic", use_continuity=False)
    assert of_sizes(ones[:2]).p == pytest.approx(expected.pvalue)
    # A row of weight 2 is the row twice.
    twice = [(np.repeat(x, 2), np.ones(2 * len(x))) for x in parts]
    weighted = [(x, np.full(len(x), 2.0)) for x in parts]
    assert of_sizes(weighted).p == pytest.approx(of_sizes(twice).p)


def test_the_share_of_pairs_is_the_u_of_the_rank_sum_test():
    random = np.random.default_rng(3)
    a, b = random.integers(0, 9, 40).astype(float), random.integers(2, 12, 70).astype(float)
    expected = stats.mannwhitneyu(a, b).statistic / (40 * 70)
    assert larger_share((a, np.ones(40)), (b, np.ones(70))) == pytest.approx(expected)
    twice = larger_share((np.append(a, a[:5]), np.ones(45)), (b, np.ones(70)))
    weights = np.where(np.arange(40) < 5, 2.0, 1.0)
    assert larger_share((a, weights), (b, np.full(70, 0.5))) == pytest.approx(twice)


def test_equal_aucs_are_no_finding_even_if_all_are_1():
    assert of_aucs([(1.0, 12, 30), (1.0, 40, 80)]).p == 1
    assert of_aucs([(0.8, 12, 30), (0.8, 40, 80)]).p == pytest.approx(1)
    assert of_aucs([(0.5, 40, 40), (0.95, 40, 40)]).p < 1e-6


def rejections(n_tables, n_groups=10, n=40, p=0.2):
    """Shares of tables of equal groups with a finding: unadjusted, by Holm, by max - min."""
    random = np.random.default_rng(0)
    rest = (n_groups - 1) * n
    known = {}
    found, ranges = np.zeros(2), []
    for k in random.binomial(n, p, size=(n_tables, n_groups)):
        total = int(k.sum())
        for each in {*k.tolist()} - {pair[0] for pair in known if pair[1] == total}:
            known[each, total] = fisher(np.array([each]), n, total - each, rest)[0]
        each_p = np.array([known[each, total] for each in k.tolist()])
        found += (each_p < 0.05).any(), (holm(each_p) < 0.05).any()
        ranges.append(np.ptp(k) / n)
    return found / n_tables, np.array(ranges)


def test_ten_equal_groups():
    assert pytest.approx(0.4013, abs=5e-5) == 1 - 0.95**10
    (plain, adjusted), ranges = rejections(500)
    assert plain == pytest.approx(0.332, abs=0.06)
    assert adjusted <= 0.065
    # Why largest minus smallest is never shown: it is about 0.19 for groups that are equal.
    assert ranges.mean() == pytest.approx(0.19, abs=0.01)
    assert ranges.min() > 0


@pytest.mark.slow
def test_ten_equal_groups_in_20000_tables():
    # Design study, of fewer tables: 0.332 unadjusted, 0.041 with Holm; range 0.19, its 95 %
    # quantile 0.275. With 20,000 tables the standard errors are 0.0033 and 0.0014.
    (plain, adjusted), ranges = rejections(20_000)
    assert plain == pytest.approx(0.32, abs=0.013)
    assert adjusted == pytest.approx(0.037, abs=0.006)
    assert ranges.mean() == pytest.approx(0.19, abs=0.005)
    assert np.quantile(ranges, 0.95) == pytest.approx(0.275)


def test_the_auc_test_has_few_false_alarms():
    # A group of 15 and 25 rows, the rest of 60 and 100, normal scores with an AUC of 0.86.
    random = np.random.default_rng(2)
    called = 0
    for _ in range(300):
        aucs = []
        for m, n in ((15, 25), (60, 100)):
            positive, negative = random.normal(1.53, 1, m), random.normal(size=n)
            auc = float(np.mean(positive[:, None] > negative))
            aucs.append((auc, m, n))
        called += of_aucs(aucs).p < 0.05
    assert called / 300 <= 0.07
