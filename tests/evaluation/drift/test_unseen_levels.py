"""Levels that no training row has: no alarm where there are many levels, and a new one is found."""

import numpy as np
import pytest

from likenesses import likeness
from thalweg.data.likeness.column_summary import ColumnSummary
from thalweg.data.schema.column_floats import Column
from thalweg.evaluation.drift.table_drift import Drift, drift_of_columns, settled
from thalweg.evaluation.drift.unseen_levels import unseen_share


def zipf(n_levels):
    p = 1.0 / np.arange(1, n_levels + 1) ** 0.8
    return p / p.sum()


def compared(rng, p, n, m, new=0.0) -> Drift:
    """The drift of a number and a category; a share of the later rows has a new level."""
    then, now = rng.choice(len(p), n, p=p), rng.choice(len(p), m, p=p)
    now = np.where(rng.random(m) < new, len(p), now)
    codes = {level: 1.0 + place for place, level in enumerate(np.unique(then).tolist())}
    then, now = (np.array([codes.get(each, 0.0) for each in rows.tolist()]) for rows in (then, now))
    columns = [Column("x", "number"), Column("icd", "category", tuple(map(str, codes)))]
    of = likeness(np.column_stack([rng.normal(size=n), then]), ("number", "category"))
    later = np.column_stack([rng.normal(size=m), now])
    return settled(drift_of_columns(of, columns, later, {}), 0.05)


def alarms(n_levels, n, m, k, seed=0):
    rng, p = np.random.default_rng(seed), zipf(n_levels)
    return sum(not compared(rng, p, n, m).passed for _ in range(k))


MANY = [(35, 60, 500), (35, 100, 500), (35, 200, 500), (300, 700, 500), (300, 200, 500)]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(("n_levels", "n", "m"), [*MANY, (1000, 300, 300)])
def test_many_levels_are_no_drift(n_levels, n, m):
    assert alarms(n_levels, n, m, 40) <= 6  # 5 %, and three standard deviations


@pytest.mark.slow
@pytest.mark.parametrize(("n_levels", "n", "m"), [*MANY, (35, 60, 60), (300, 700, 5000)])
def test_many_levels_are_an_alarm_in_at_most_6_percent_of_500_pairs(n_levels, n, m):
    assert alarms(n_levels, n, m, 500, seed=1) <= 30


@pytest.mark.parametrize(("n_levels", "n"), [(4, 60), (4, 700), (35, 200), (300, 700)])
def test_a_new_level_of_17_percent_is_found(n_levels, n):
    rng = np.random.default_rng(2)
    found = [compared(rng, zipf(n_levels), n, 500, new=0.17) for _ in range(20)]
    assert sum("icd" in each.drifted for each in found) >= 19
    assert "levels never seen" in found[0].text()


def test_the_expected_share_is_that_of_new_rows():
    """Beside the share of new rows that have no level of the training rows, of 400 samples."""
    rng, p = np.random.default_rng(3), zipf(200)
    errors, variances, shares = [], [], []
    for _ in range(400):
        counts = np.bincount(rng.choice(200, 150, p=p), minlength=200)
        rare = int((counts == 1).sum()), int((counts == 2).sum())
        found = unseen_share(ColumnSummary("category", 150.0, 0.0, codes=np.ones(1), rare=rare))
        mean, size = found.mean, found.concentration
        variances.append(mean * (1 - mean) / (size + 1))
        shares.append(p[counts == 0].sum())
        errors.append(mean - shares[-1])
    assert np.mean(errors) == pytest.approx(0, abs=0.01)
    assert np.mean(shares) > 0.2
    assert np.var(errors) == pytest.approx(np.mean(variances), rel=0.25)


def test_without_a_rare_level_a_new_one_is_as_probable_as_not_seen_before():
    """(1 - x)ⁿ is the probability that n rows have no row of a level with the share x."""
    found = unseen_share(ColumnSummary("category", 100.0, 0.0, codes=np.ones(1), rare=(0, 0)))
    m = 1_000_000  # the share of so many rows is that of the distribution
    for x in (0.01, 0.03):
        assert found.p_value(round(x * m), m) == pytest.approx((1 - x) ** 100, rel=0.08)
    assert found.p_value(0, 50) == 1.0
