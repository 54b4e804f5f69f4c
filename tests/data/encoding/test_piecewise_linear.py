"""Numbers in bins, against their definition on repeated rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import KBinsDiscretizer

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.piecewise_linear import Bins, BinsFit, Cut, bin_ends, capped
from thalweg.errors import DataError

NAN = math.nan
FEW = arrays(np.float64, st.integers(1, 60), elements=st.integers(-9, 9).map(float))
MANY = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6))


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


def fitted(values, n_bins, scale=1.0):
    return fit_encoder(values[:, None], np.ones(len(values)), cut=Cut(n_bins, scale))


def test_different_values_are_cut_where_scikit_learn_cuts_them():
    values = np.random.default_rng(0).normal(size=997)
    theirs = KBinsDiscretizer(12, strategy="quantile", quantile_method="averaged_inverted_cdf")
    edges = theirs.fit(values[:, None]).bin_edges_[0]
    np.testing.assert_allclose(bin_ends(values, np.ones(997), 12), edges, rtol=1e-12)


def test_few_values_have_a_bin_for_each_gap():
    assert bin_ends(np.array([3.0, 1, 1, 9, 3]), np.ones(5), 2).tolist() == [1, 3, 9]
    assert len(bin_ends(np.array([0.0, 1, 1, 0]), np.ones(4), 8)) == 0  # it is the number itself
    assert len(bin_ends(np.array([5.0, 5]), np.ones(2), 8)) == 0
    # As many gaps as bins, whatever the weights.
    assert bin_ends(np.arange(4.0), np.array([100.0, 1, 1, 1]), 3).tolist() == [0, 1, 2, 3]
    for n_bins in (0, 1):
        assert len(bin_ends(np.arange(4.0), np.ones(4), n_bins)) == 0


def test_a_value_that_weighs_nearly_nothing_makes_no_bin_too_many():
    weights = np.r_[1e-12, np.ones(9)]
    assert bin_ends(np.arange(10.0), weights, 3).tolist() == [0, 3.5, 6.5, 9]


def test_an_end_at_zero_has_no_sign():
    for n_bins in (2, 8):
        assert not np.signbit(bin_ends(np.array([-0.0, 1, 2, 3, 4, 5]), np.ones(6), n_bins)[0])


def test_by_default_nothing_is_cut_and_outputs_are_not_scaled():
    assert Cut() == (0, 1.0, False, False)
    assert Bins(np.zeros(1, int), np.zeros(1), np.ones(1), np.zeros(1)).scale == 1
    none = BinsFit(Cut()).part()
    assert none.feature.shape == none.low.shape == none.high.shape == (0,)
    assert (none.n_outputs, none.arrays(), none.output_names([], [])) == (0, {}, [])


def test_a_value_that_most_rows_have_takes_one_bin():
    values = np.r_[np.zeros(900), np.arange(1, 101) * 10.0]
    ends = bin_ends(values, np.ones(1000), 8)
    # 0 fills a bin, and a hundred values share seven.
    assert ends[:2].tolist() == [0.0, 5.0]
    held = np.histogram(values, ends)[0]
    assert held[0] == 900
    np.testing.assert_allclose(held[1:], 100 / 7, atol=1)


@given(arrays(np.float64, st.integers(9, 40), elements=st.floats(1e-3, 1e3)), st.integers(2, 8))
def test_masses_are_cut_to_the_level_that_fills_the_bins(mass, n_bins):
    # Found by halving, as one fills vessels with water.
    low, high = 0.0, mass.sum() / n_bins
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(mass, middle).sum() > n_bins * middle else (
            low, middle,
        )  # fmt: skip
    np.testing.assert_allclose(capped(mass, n_bins), np.minimum(mass, low), rtol=1e-9)


def test_a_mass_that_is_its_own_level_is_cut_there():
    # What is below it is lost in the sum.
    assert capped(np.array([5.0, 1.0, 1e-30]), 2).tolist() == [1.0, 1.0, 1e-30]


@given(FEW | MANY, st.integers(2, 9))
def test_the_pieces_together_are_the_way_from_the_median(values, n_bins):
    encoder = fitted(values, n_bins)
    bins, median = encoder.bins, encoder.scaling.center[0]
    if not bins.n_outputs:
        assert len(np.unique(values)) < 3 or np.ptp(values) < 1e-300
        return
    assert 2 <= bins.n_outputs <= n_bins
    assert (bins.low[0], bins.high[-1]) == (values.min(), values.max())
    outside = np.r_[values, values.min() - 1, values.max() + 1]
    pieces = encoder.encode(outside[:, None])[:, 1:]
    assert (abs(pieces) <= 1).all()
    way = np.clip(outside, values.min(), values.max()) - median
    np.testing.assert_allclose(pieces @ (bins.high - bins.low), way, atol=1e-9 * np.ptp(values))


def test_closed_forms():
    encoder = fitted(np.array([0.0, 10, 20, 40, 80]), 4)
    encoded = encoder.encode(column(0, 5, 20, 60, 1000, -7, NAN))
    np.testing.assert_allclose(
        encoded[:, 1:],
        [
            [-1, -1, 0, 0],
            [-0.5, -1, 0, 0],
            [0, 0, 0, 0],
            [0, 0, 1, 0.5],
            [0, 0, 1, 1],
            [-1, -1, 0, 0],
            [0, 0, 0, 0],
        ],
    )
    assert encoder.output_names(["age"]) == ["age", *(f"age {ends}" for ends in ENDS)]
    assert encoder.output_columns() == [0] * 5
    scaling = encoder.output_scaling()
    np.testing.assert_array_equal(scaling.low, [NAN, 0, 10, 20, 40])
    np.testing.assert_array_equal(scaling.high, [NAN, 10, 20, 40, 80])
    np.testing.assert_array_equal(scaling.center, [20] * 5)
    np.testing.assert_array_equal(scaling.scale[1:], 1)
    half = fitted(np.array([0.0, 10, 20, 40, 80]), 4, scale=0.5)
    np.testing.assert_allclose(half.encode(column(5, 60))[:, 1:], encoded[[1, 3], 1:] / 2)
    np.testing.assert_array_equal(half.output_scaling().scale[1:], 0.5)


ENDS = ("0…10", "10…20", "20…40", "40…80")


@given(FEW | MANY, st.randoms(use_true_random=False), st.sampled_from([0.25, 3.0, 1e-9, 1e9]))
def test_repetition_is_weight_and_neither_unit_nor_order_count(values, random, unit):
    weights = np.array([random.choice([1.0, 2.0, 3.0]) for _ in values])
    ends = bin_ends(values, weights, 5)
    repeated = np.repeat(values, weights.astype(int))
    np.testing.assert_array_equal(bin_ends(repeated, np.ones(len(repeated)), 5), ends)
    order = random.sample(range(len(values)), len(values))
    np.testing.assert_array_equal(bin_ends(values[order], weights[order] * unit, 5), ends)


def test_numbers_then_bins_then_categories_then_indicators():
    X = np.array([[1, 0.0, 5, NAN], [2, 1, 6, 1], [1, 2, 5, 2], [2, 9, 5, 3]])
    encoder = fit_encoder(X, np.ones(4), (2, 0, 0, 0), cut=Cut(3))
    names = encoder.output_names(["color", "a", "b", "c"], [["red", "blue"], [], [], []])
    of_bins = ["a 0…1", "a 1…2", "a 2…9", "c 1…2", "c 2…3"]
    assert names == ["a", "b", "c", *of_bins, "color=blue", "c missing"]
    assert encoder.output_columns() == [1, 2, 3, 1, 1, 1, 3, 3, 0, None]
    assert encoder.encode(X).shape == (4, len(names)) == (4, encoder.n_outputs)
    assert [len(each) for each in encoder.output_scaling()] == [9] * 4
    np.testing.assert_array_equal(encoder.encode(X)[0, 6:8], 0)  # missing


@pytest.mark.parametrize("unit", [1e-290, 1e290, 2.0**-1000, 1.0])
def test_the_unit_of_a_column_does_not_matter(unit):
    values = np.random.default_rng(0).integers(0, 1000, 200) / 1024
    expected = fitted(values, 6).encode(values[:, None])
    found = fitted(values * unit, 6).encode(values[:, None] * unit)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_ends_that_lie_too_close_are_one():
    ends = bin_ends(np.array([0.0, 5e-324, 1.0, 2.0]), np.ones(4), 8)
    assert ends.tolist() == [0.0, 1.0, 2.0]
    tiny = np.finfo(np.float64).tiny
    assert bin_ends(np.array([0.0, tiny, 1.0, 2.0]), np.ones(4), 8).tolist() == [0, tiny, 1, 2]


def test_what_is_far_outside_is_held_at_the_ends():
    encoder = fitted(np.array([0.0, 1e-300, 3e-300]), 4)
    encoded = encoder.encode(column(-1e300, 1e300))
    np.testing.assert_allclose(encoded[:, 1:], [[-1, 0], [0, 1]], atol=1e-15)


def test_arrays_there_and_back():
    X = np.random.default_rng(0).normal(size=(50, 3))
    encoder = fit_encoder(X, np.ones(50), cut=Cut(4, 0.7))
    again = Encoder.from_arrays(encoder.arrays())
    np.testing.assert_array_equal(again.encode(X), encoder.encode(X))
    uncut = fit_encoder(X, np.ones(50))
    assert "bin_low" not in uncut.arrays()
    assert Encoder.from_arrays(uncut.arrays()).bins.n_outputs == 0


def test_the_narrowest_bin_and_the_largest_numbers_come_back():
    narrow, large = (
        np.array([0.0, np.finfo(np.float64).tiny, 1.0]),
        np.array([-1.0, 0, 1]) * LARGEST,
    )
    for values in (narrow, large):
        encoder = fitted(values, 2)
        assert (encoder.bins.low[0], encoder.bins.high[-1]) == (values[0], values[-1])
        again = Encoder.from_arrays(encoder.arrays())
        np.testing.assert_array_equal(
            again.encode(values[:, None]), encoder.encode(values[:, None])
        )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("bin_feature", lambda a: a.astype(np.int32)),
        ("bin_feature", lambda a: a[:, None]),
        ("bin_feature", lambda a: a[::-1].copy()),
        ("bin_feature", lambda a: a + 1),
        ("bin_feature", lambda a: a - 1),
        ("bin_feature", lambda a: a + 2),
        ("bin_feature", lambda a: a + 9),
        ("bin_feature", lambda a: np.r_[a[:-1], 99]),
        ("bin_feature", None),
        ("bin_low", None),
        ("bin_low", lambda a: np.r_[-2 * LARGEST, a[1:]]),
        ("bin_low", lambda a: a[:-1]),
        ("bin_low", lambda a: a.astype(np.float32)),
        ("bin_low", lambda a: np.where(a == a[0], NAN, a)),
        ("bin_high", lambda a: np.where(a == a[0], math.inf, a)),
        ("bin_high", lambda a: a - 100),
        ("bin_high", lambda a: np.r_[a[:-1], a[-1] - 100]),
        ("bin_high", lambda a: a + 1),
        ("bin_high", None),
        ("bin_scale", None),
        ("bin_scale", lambda a: a * 0),
        ("bin_scale", lambda a: np.r_[a, a]),
    ],
)
def test_foreign_arrays_are_refused(name, change):
    X = np.array([[0.0, 0, 1], [1, 1, 2], [2, 2, 1], [5, 6, 2]])
    stored = fit_encoder(X, np.ones(4), (0, 0, 2), cut=Cut(3)).arrays()
    if change is None:
        del stored[name]
    else:
        stored[name] = change(stored[name])
    with pytest.raises(DataError, match=name):
        Encoder.from_arrays(stored)


def test_the_names_of_bins_of_large_numbers_differ():
    """Six digits of 1,234,425 are those of 1,234,420."""
    values = np.arange(1_234_400.0, 1_234_420.0)
    encoder = fitted(np.tile(values, 20), 8)
    names = encoder.output_names(["pop"])
    ends = {end for name in names[1:] for end in name.removeprefix("pop ").split("…")}
    assert len(ends) == len({*encoder.bins.low, *encoder.bins.high}) == 9
    assert {len(end) for end in ends} == {7}
