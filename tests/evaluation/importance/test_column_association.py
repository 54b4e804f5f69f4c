"""How much columns tell of each other, against SciPy, formulas and simulated independence."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import contingency, spearmanr

from thalweg.evaluation.importance.column_association import associations, cramers_v


def test_numbers_have_the_size_of_spearmans_correlation():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 4)) @ random.normal(size=(4, 4))
    X[:, 2] = np.round(X[:, 2])  # ties
    ours = associations(X, (0, 0, 0, 0))
    np.testing.assert_allclose(ours, np.abs(spearmanr(X).statistic), atol=1e-12)


def test_missing_numbers_leave_the_pairs_that_have_both():
    random = np.random.default_rng(1)
    X = random.normal(size=(400, 2))
    X[:, 1] += X[:, 0]
    X[::5, 0] = np.nan
    both = ~np.isnan(X[:, 0])
    theirs = spearmanr(X[both]).statistic
    assert associations(X, (0, 0))[0, 1] == pytest.approx(theirs, abs=0.01)


def test_weights_are_copies():
    random = np.random.default_rng(2)
    X = np.column_stack([random.normal(size=200), random.integers(1, 4, 200)])
    X = np.column_stack([X, X[:, 0] + random.normal(size=200), (X[:, 1] + 1) % 3 + 1])
    weights = random.integers(1, 4, 200).astype(float)
    copies = np.repeat(np.arange(200), weights.astype(int))
    kinds = (0, 3, 0, 3)
    weighted, repeated = associations(X, kinds, weights), associations(X[copies], kinds)
    # The corrections of V and η count rows, which differ.
    np.testing.assert_allclose(weighted**2, repeated**2, atol=0.01)
    assert weighted[0, 2] == pytest.approx(repeated[0, 2], abs=1e-12)


def test_categories_have_cramers_v_without_its_bias():
    random = np.random.default_rng(3)
    one = random.integers(0, 4, 500)
    other = np.where(random.random(500) < 0.6, one, random.integers(0, 4, 500))
    table = pd.crosstab(one, other).to_numpy()
    n, r, c = table.sum(), *table.shape
    phi = contingency.association(table, "cramer") ** 2 * (min(r, c) - 1)
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    assert cramers_v(one, other, np.ones(500)) == pytest.approx(np.sqrt(phi / least), abs=1e-12)


def test_a_country_is_said_by_its_cities_and_a_renamed_category_by_itself():
    city = np.random.default_rng(0).integers(1, 13, 600).astype(float)
    X = np.column_stack([city, (city - 1) // 4 + 1, 13 - city])
    found = associations(X, (12, 3, 12))
    assert found[0, 1] == pytest.approx(1.0, abs=0.02)
    assert found[0, 2] == pytest.approx(1.0, abs=1e-9)


def test_a_number_that_follows_a_category_is_associated_whatever_the_order_of_levels():
    random = np.random.default_rng(4)
    level = random.integers(1, 6, 1000)
    number = np.array([3.0, 0.0, 9.0, 1.0, 5.0])[level - 1] + 0.1 * random.normal(size=1000)
    found = associations(np.column_stack([level, number]), (5, 0))
    assert found[0, 1] > 0.95


@pytest.mark.parametrize("kinds", [(0, 0), (40, 40), (40, 0)])
def test_unrelated_columns_with_many_levels_have_no_association(kinds):
    random = np.random.default_rng(5)
    found = [
        associations(
            np.column_stack([
                random.integers(1, 41, 200) if n else random.normal(size=200) for n in kinds
            ]), kinds,
        )[0, 1]
        for _ in range(40)
    ]  # fmt: skip
    # Without the corrections the mean is 0.44 for V and 0.44 for η.
    assert np.mean(found) < 0.15
    assert max(found) < 0.4


def test_a_constant_or_empty_column_tells_nothing():
    X = np.column_stack([np.arange(50.0), np.full(50, 3.0), np.full(50, np.nan), np.ones(50)])
    found = associations(X, (0, 0, 0, 2))
    np.testing.assert_array_equal(found, np.eye(4))


def test_a_missing_cell_of_a_category_is_a_level():
    random = np.random.default_rng(6)
    here = random.random(400) < 0.5
    X = np.column_stack([np.where(here, 1.0, np.nan), np.where(here, 1.0, 2.0)])
    assert associations(X, (1, 2))[0, 1] == pytest.approx(1.0, abs=1e-9)
