"""The difference that a test would have found is found in four of five simulated tables."""

import math

import numpy as np
import pytest
from scipy import stats

from thalweg.evaluation.subgroups.group_contrasts import fisher, of_aucs, of_means, of_sizes
from thalweg.evaluation.subgroups.unnoticed import larger_sizes, lower_auc, lower_share, shift

LEVEL = 0.05 / 20


@pytest.mark.parametrize(
    ("n", "rest", "n_rest"), [(14, 0.85, 120), (40, 0.8, 60), (119, 0.9, 300), (300, 0.6, 900)]
)
def test_a_lower_share(n, rest, n_rest):
    share = lower_share(n, rest, n_rest, LEVEL)
    assert 0 < share < rest
    random = np.random.default_rng(0)
    k, k_rest = random.binomial(n, share, 1500), random.binomial(n_rest, rest, 1500)
    pairs, where = np.unique(np.column_stack([k, k_rest]), axis=0, return_inverse=True)
    p = np.array([fisher(pair[:1], n, int(pair[1]), n_rest)[0] for pair in pairs])[where.ravel()]
    lower = k / n < k_rest / n_rest
    assert np.mean(lower & (p <= LEVEL)) == pytest.approx(0.8, abs=0.04)


def test_a_group_can_be_too_small_for_any_share_to_be_found():
    assert lower_share(10, 0.2, 100, LEVEL) is None
    assert lower_share(10, 0.0, 100, LEVEL) is None
    assert lower_share(200, 0.02, 300, LEVEL) is None


def test_a_lower_share_by_hand():
    # Beside 100 of 100, 8 of 10 has p = 10·9 / (110·109) = 0.0075, and 7 of 10 p = 0.0006. At a
    # level of 0.0025, 7 or fewer are found: in 80 % of the groups if P(7 or fewer) = 0.8.
    share = lower_share(10, 1.0, 100, LEVEL)
    assert stats.binom.cdf(7, 10, share) == pytest.approx(0.8)


def test_more_rows_and_fewer_tests_find_smaller_differences():
    found = [lower_share(n, 0.85, 200, LEVEL) for n in (14, 30, 60, 120, 121, 300)]
    assert found == sorted(found)
    assert lower_share(30, 0.85, 200, 0.05) > found[1]


def test_a_lower_auc():
    rest = (0.85, 60.0, 100.0)
    auc = lower_auc(25, 40, rest, 0.05)
    assert 0.4 < auc < 0.85
    random = np.random.default_rng(0)
    called = 0
    for _ in range(400):
        parts = []
        for true, m, n in ((auc, 25, 40), rest):
            # Exponential scores, of which the variance is exact: θ = rate / (1 + rate).
            positive = random.exponential(true / (1 - true), int(m))
            negative = random.exponential(1, int(n))
            parts.append((float(np.mean(positive[:, None] > negative)), m, n))
        called += of_aucs(parts).p < 0.05
    assert called / 400 == pytest.approx(0.8, abs=0.06)
    assert lower_auc(10, 10, (0.35, 20.0, 20.0), LEVEL) is None


def test_a_shift_of_means():
    random = np.random.default_rng(0)
    n, n_rest, sd, sd_rest = 15, 80, 2.0, 1.0
    a, b = sd**2 / n, sd_rest**2 / n_rest
    df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (n_rest - 1))
    far = shift(math.sqrt(a + b), LEVEL, df)
    p = np.array([
        of_means([(x.mean(), x.var(ddof=1), len(x)) for x in (mine, other)]).p
        for mine, other in (
            (random.normal(far, sd, n), random.normal(0, sd_rest, n_rest)) for _ in range(1000)
        )
    ])  # fmt: skip
    assert np.mean(p <= LEVEL) == pytest.approx(0.8, abs=0.04)
    assert shift(1.0, 0.05) == pytest.approx(1.96 + 0.842, abs=1e-3)


def test_larger_sizes():
    random = np.random.default_rng(0)
    sizes = np.abs(random.normal(size=2000))
    factor = larger_sizes(20, sizes[:150], np.ones(150), 0.01)
    called = 0
    for _ in range(400):
        mine, other = factor * np.abs(random.normal(size=20)), np.abs(random.normal(size=150))
        called += of_sizes([(mine, np.ones(20)), (other, np.ones(150))]).p <= 0.01
    assert called / 400 == pytest.approx(0.8, abs=0.1)
    assert larger_sizes(10, np.zeros(50), np.ones(50), 0.01) is None
