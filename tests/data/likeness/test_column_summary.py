"""Summaries of columns, beside NumPy's quantiles and counts."""

import numpy as np
import pytest

from thalweg.data.likeness.column_summary import (
    MOST_LEVELS,
    QUANTILE_SHARES,
    column_summaries,
)
from thalweg.data.row_view import Numbers

NAN = np.nan


def summary(values, kind="number", weights=None):
    X = np.asarray(values, float)[:, None]
    weights = np.ones(len(X)) if weights is None else np.asarray(weights, float)
    return next(column_summaries((kind,), Numbers.of(X), weights))


def test_quantiles_are_those_of_the_averaged_inverse():
    values = np.random.default_rng(0).normal(size=137)
    found = summary(values)
    expected = np.quantile(values, QUANTILE_SHARES, method="averaged_inverted_cdf")
    np.testing.assert_allclose(found.quantiles, expected, rtol=1e-15)
    assert found.typical == np.median(values)
    for edge, share in zip(found.edges, found.below, strict=True):
        assert share == pytest.approx(np.mean(values <= edge), abs=1e-15)


def test_repeated_values_have_one_edge_with_its_true_share():
    found = summary([1] * 60 + [2] * 30 + [9] * 10)
    np.testing.assert_array_equal(found.edges, [1, 1.5, 2, 5.5, 9])
    np.testing.assert_allclose(found.below, [0.6, 0.6, 0.9, 0.9, 1.0])


def test_a_weight_is_so_many_rows():
    rng = np.random.default_rng(1)
    values, weights = rng.integers(0, 30, 80).astype(float), rng.integers(1, 6, 80)
    once = summary(values, weights=weights)
    often = summary(np.repeat(values, weights))
    np.testing.assert_array_equal(once.quantiles, often.quantiles)
    np.testing.assert_allclose(once.below, often.below, rtol=1e-12)
    assert once.n == often.n


def test_missing_cells_are_a_share_of_all_rows_and_no_value():
    found = summary([1, NAN, 3, NAN])
    assert (found.missing, found.n, found.n_present, found.typical) == (0.5, 4.0, 2.0, 2.0)


def test_a_light_cell_among_missing_ones_is_there():
    found = summary([1, NAN], weights=[1e-20, 1.0])
    assert found.missing < 1
    assert found.typical == 1.0


@pytest.mark.parametrize("kind", ["boolean", "bound", "category"])
def test_levels_have_their_shares_the_most_common_first(kind):
    found = summary([1, 0, 1, NAN, 1] if kind != "category" else [2, 1, 2, NAN, 2], kind)
    np.testing.assert_allclose(found.shares, [0.75, 0.25])
    assert found.typical == found.codes[0] == (2 if kind == "category" else 1)
    assert found.missing == 0.2


def test_of_many_levels_the_rest_is_one_share():
    values = np.repeat(np.arange(1, 101), np.arange(101, 1, -1))
    found = summary(values, "category")
    assert (len(found.codes), found.n_others) == (MOST_LEVELS, 36)
    np.testing.assert_array_equal(found.codes, np.arange(1, MOST_LEVELS + 1))
    assert found.others == pytest.approx(np.mean(values > MOST_LEVELS))


def test_equally_common_levels_have_the_order_of_their_numbers():
    np.testing.assert_array_equal(summary([3, 1, 2], "category").codes, [1, 2, 3])


@pytest.mark.parametrize(
    ("kind", "typical"), [("empty", NAN), ("identifier", 0.0), ("number", NAN), ("category", NAN)]
)
def test_what_is_typical_of_a_column_without_values(kind, typical):
    values = [0.0, 0.0] if kind == "identifier" else [NAN, NAN]
    np.testing.assert_equal(summary(values, kind).typical, typical)


def test_days_are_not_compared_and_clock_times_are():
    assert not summary([19_000.0, 19_001.5], "date").is_compared
    assert summary([0.25, 0.75], "date").is_compared
