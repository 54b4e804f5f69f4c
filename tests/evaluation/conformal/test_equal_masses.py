"""Lists of a file: short, exact if they are short already, and otherwise on the safe side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.evaluation.conformal.equal_masses import (
    MOST_OF_A_LIST,
    kept_values,
    mass_of,
    unit_weights,
)


def test_a_short_list_is_kept_exactly():
    values = np.array([0.5, 0.1, 0.1, 0.9])
    assert kept_values(values, np.ones(4), 1.0).tolist() == [0.1, 0.1, 0.5, 0.9]
    assert kept_values(values[:0], np.ones(0), 1.0).tolist() == []


@given(
    st.lists(st.tuples(st.integers(0, 20), st.floats(0.01, 3)), min_size=1, max_size=40),
    st.floats(0.05, 7),
)
def test_up_to_every_limit_lies_at_least_as_much_as_before(rows, mass):
    values, weights = np.array(rows, dtype=float).T
    kept = kept_values(values, weights, mass)
    assert set(kept) <= set(values)
    assert len(kept) <= np.ceil(weights.sum() / mass + 1e-9)
    for limit in np.unique(values):
        before, after = weights[values <= limit].sum(), mass * np.sum(kept <= limit)
        assert after >= before - 1e-9
        assert after <= before + mass + 1e-9


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=30), st.sampled_from([1e-200, 3.0, 1e200])
)
def test_unit_weights_sum_to_the_effective_number_at_every_scale(weights, scale):
    weights = np.array(weights)
    units, n = unit_weights(weights, len(weights))
    scaled, same = unit_weights(weights * scale, len(weights))
    assert units.sum() == pytest.approx(n)
    # The mean weight of a row that is drawn by the weights.
    assert np.sum(units**2) / units.sum() == pytest.approx(1)
    assert (same, *scaled) == pytest.approx((n, *units))


def test_equal_weights_are_rows():
    units, n = unit_weights(np.full(7, 0.3), 7)
    assert (units.tolist(), n) == ([1.0] * 7, 7.0)
    assert unit_weights(None, 3)[1] == 3
    assert unit_weights(np.zeros(0), 0)[1] == 0


def test_the_longest_list_decides_how_much_a_value_stands_for():
    lists = np.repeat([0, 1], [MOST_OF_A_LIST, 10])
    assert mass_of(np.ones(len(lists)), lists, 2) == 1
    lists = np.repeat([0, 1], [MOST_OF_A_LIST + 1, 10])
    assert mass_of(np.ones(len(lists)), lists, 2) == 2
    weights = np.full(len(lists), 0.5)
    assert mass_of(weights, lists, 2) == pytest.approx(0.5 * 2_001 / 2_000)
