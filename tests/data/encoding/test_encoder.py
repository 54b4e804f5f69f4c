import math
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thalweg.data.encoding import encoder as encoder_module
from thalweg.data.encoding import quantiles
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.scaling import Scaling
from thalweg.errors import DataError

NAN = math.nan
CELLS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, NAN, 1e300, -1e300, 1e-300, 5e-324]),
    st.floats(-1e300, 1e300),
)


@pytest.fixture(autouse=True)
def floating_point_errors_raise():
    with np.errstate(all="raise", under="ignore"):
        yield


@st.composite
def tables(draw, elements=CELLS):
    shape = draw(st.integers(1, 30)), draw(st.integers(1, 3))
    X = draw(arrays(np.float64, shape, elements=elements))
    counts = draw(arrays(np.int64, shape[0], elements=st.integers(0, 4)))
    return X, counts


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


def same(one, other):
    mine, theirs = one.arrays(), other.arrays()
    return mine.keys() == theirs.keys() and all(
        np.array_equal(mine[key], theirs[key], equal_nan=True) for key in mine
    )


def type_2(values, share):
    """Hyndman & Fan's quantile 2 by its definition: a rank, and at a whole rank the mean of two."""
    values = sorted(values)
    rank = share * len(values)
    if rank.denominator == 1:
        return (values[int(rank) - 1] + values[int(rank)]) / 2
    return values[math.ceil(rank) - 1]


@given(tables())
def test_statistics_are_those_of_the_definition_on_repeated_rows(table):
    X, counts = table
    encoder = fit_encoder(X, counts.astype(float))
    for j, values in enumerate(np.repeat(X, counts, axis=0).T):
        known = [float(value) for value in values if value == value]
        assert encoder.missing.indicator[j] == (len(known) < len(values))
        if not known:
            assert (encoder.scaling.center[j], encoder.scaling.scale[j]) == (0.0, 0.0)
            continue
        low, median, high = (type_2(known, Fraction(k, 4)) for k in (1, 2, 3))
        iqr, width, tiny = high - low, max(known) - min(known), sys.float_info.min
        assert encoder.scaling.center[j] == median
        assert encoder.scaling.scale[j] == (
            1 / iqr if iqr >= tiny else 2 / width if width >= tiny else 0.0
        )


@given(arrays(np.float64, st.integers(1, 40), elements=st.integers(-50, 50).map(float)))
def test_quantiles_are_numpys_averaged_inverted_cdf(values):
    expected = np.quantile(values, [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
    encoder = fit_encoder(column(*values), np.ones(len(values)))
    assert encoder.scaling.center[0] == expected[1]
    if expected[2] > expected[0]:
        assert encoder.scaling.scale[0] == 1 / (expected[2] - expected[0])


@given(tables())
def test_weight_two_is_exactly_the_row_twice(table):
    X, counts = table
    weighted = fit_encoder(X, counts.astype(float))
    assert same(weighted, fit_encoder(np.repeat(X, counts, axis=0), np.ones(counts.sum())))


@given(
    tables(st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.5, 7.0, NAN])),
    st.sampled_from([0.1, 1 / 3, 7.0, 1e-9, 1.1e12, math.pi]),
    st.randoms(use_true_random=False),
)
def test_neither_the_unit_of_the_weights_nor_the_row_order_counts(table, unit, random):
    X, counts = table
    order = list(range(len(X)))
    random.shuffle(order)
    once = fit_encoder(X, counts.astype(float))
    again = fit_encoder(X[order], unit * counts[order])
    assert same(once, again)
    assert (np.signbit(once.scaling.center) == np.signbit(again.scaling.center)).all()


@pytest.mark.parametrize("n", [2, 4, 6, 8, 10, 12, 20, 40, 100, 1000])
@pytest.mark.parametrize("weight", [0.1, 0.3, 1.1, 1 / 3, 1e-5])
def test_rounding_of_the_cumulative_weights_flips_no_tie(n, weight):
    encoder = fit_encoder(np.arange(float(n))[:, None], np.full(n, weight))
    assert encoder.scaling.center[0] == (n - 1) / 2


def test_rounded_sums_would_flip_ties_without_the_tolerance():
    sums = np.cumsum(np.full(6, 0.1))
    assert sums[2] > 0.5 * sums[-1]  # three of six rows seem to weigh more than half


def test_the_curve_is_the_formula():
    center, scale, indicator = np.array([2.0]), np.array([0.7]), np.zeros(1, np.uint8)
    encoder = Encoder.from_arrays({"center": center, "scale": scale, "indicator": indicator})
    with mpmath.workdps(40):
        for x in (-1e9, -7.0, -0.1, 2.0, 2.0 + 1e-12, 2.5, 3.0, 40.0, 1e5, 1e12):
            z = mpmath.mpf(0.7) * (mpmath.mpf(x) - 2)
            exact = z / mpmath.sqrt(1 + (z / 3) ** 2)
            assert encoder.encode(column(x))[0, 0] == pytest.approx(float(exact), rel=1e-15)


def test_closed_forms():
    # 0 … 8: median 4, quartiles 2 and 6. z(16) = 3, and 3/√2 comes of it.
    X = np.arange(9.0)[:, None]
    encoder = fit_encoder(X, np.ones(9))
    assert (encoder.scaling.center[0], encoder.scaling.scale[0]) == (4.0, 0.25)
    assert encoder.encode(column(16.0, 4.0, -8.0))[:, 0] == pytest.approx(
        [3 / math.sqrt(2), 0.0, -3 / math.sqrt(2)], rel=1e-15
    )


def test_a_rare_value_is_scaled_by_the_range_and_a_constant_silenced():
    X = np.column_stack([[0.0] * 9 + [4.0], [5.0] * 10, [NAN] * 10])
    encoder = fit_encoder(X, np.ones(10))
    assert encoder.scaling.center.tolist() == [0.0, 5.0, 0.0]
    assert encoder.scaling.scale.tolist() == [0.5, 0.0, 0.0]
    assert encoder.missing.indicator.tolist() == [False, False, True]
    later = np.array([[4.0, 9.0, 3.0]])
    assert encoder.encode(later).tolist() == [[pytest.approx(2 / math.sqrt(13 / 9)), 0.0, 0.0, 0.0]]


def test_holes_become_the_median_and_are_marked():
    X = np.array([[1.0, NAN, 7.0], [2.0, 5.0, 8.0], [3.0, 6.0, 9.5], [6.0, 9.0, 9.0]])
    encoder = fit_encoder(X, np.ones(4))
    encoded = encoder.encode(X)
    assert encoder.n_outputs == encoded.shape[1] == 4
    assert encoded[:, 3].tolist() == [1.0, 0.0, 0.0, 0.0]
    filled = encoder.encode(np.where(np.isnan(X), encoder.scaling.center, X))
    assert np.array_equal(filled[:, :3], encoded[:, :3])
    assert encoder.output_names(["age", "size", "dose"]) == ["age", "size", "dose", "size missing"]
    # A hole where none was seen counts as the median, and has no mark to set.
    assert encoder.encode(np.full((1, 3), NAN)).tolist() == [[0.0, 0.0, 0.0, 1.0]]


def test_the_ends_of_what_was_seen_are_kept():
    X = np.array(
        [[1.0, NAN, NAN, 2], [-4.0, 9.0, NAN, 1], [7.0, 5.0, NAN, 2], [99.0, -9.0, 1.0, 1]]
    )
    encoder = fit_encoder(X, np.array([1.0, 1, 1, 0]), (0, 0, 0, 2))
    np.testing.assert_array_equal(encoder.scaling.low, [-4, 5, NAN, NAN])
    np.testing.assert_array_equal(encoder.scaling.high, [7, 9, NAN, NAN])


def test_indicators_stand_behind_all_numbers_in_the_order_of_the_columns():
    X = np.array([[NAN, 1.0, 2.0, NAN], [1.0, 2.0, 3.0, 4.0]])
    encoder = fit_encoder(X, np.ones(2))
    assert encoder.output_names("abcd") == ["a", "b", "c", "d", "a missing", "d missing"]
    later = np.array([[1.0, NAN, 2.0, NAN]])
    assert encoder.encode(later)[0, 4:].tolist() == [0.0, 1.0]


def test_rows_of_weight_zero_are_not_there():
    X = np.array([[1.0, 2.0], [2.0, 3.0], [NAN, 1e300]])
    encoder = fit_encoder(X, np.array([1.0, 1.0, 0.0]))
    assert same(encoder, fit_encoder(X[:2], np.ones(2)))
    assert not encoder.missing.indicator.any()


@given(tables())
def test_what_comes_out_is_finite_bounded_and_monotone(table):
    X, counts = table
    encoder = fit_encoder(X, counts.astype(float))
    encoded = encoder.encode(X)
    assert encoded.flags.c_contiguous
    assert encoded.dtype == np.float64
    assert np.isfinite(encoded).all()
    assert (np.abs(encoded) <= 3.0).all()
    for j, values in enumerate(X.T):
        known = ~np.isnan(values)
        order = np.argsort(values[known])
        # To the last bit: two neighbouring floats may change places by the rounding of √.
        assert (np.diff(encoded[known, j][order]) >= -5e-16).all()


@pytest.mark.parametrize("unit", [1e-300, 1e-150, 1.0, 1e150, 1e299])
def test_the_unit_of_a_column_does_not_matter(unit):
    values = np.array([1.0, 2.0, 4.0, 8.0, -9.0, 3.0])
    plain, scaled = column(*values), column(*(values * unit))
    here = fit_encoder(plain, np.ones(6)).encode(plain)
    there = fit_encoder(scaled, np.ones(6)).encode(scaled)
    assert there == pytest.approx(here, rel=1e-13)


def test_an_outlier_beyond_all_floats_is_three():
    X = column(1e-300, 2e-300, 3e-300, 4e-300)
    encoder = fit_encoder(X, np.ones(4))
    assert encoder.encode(column(1e300, -1e300))[:, 0].tolist() == [3.0, -3.0]


def test_differences_below_the_normal_numbers_count_as_none():
    encoder = fit_encoder(column(0.0, 5e-324, 1e-310), np.ones(3))
    assert encoder.scaling.scale.tolist() == [0.0]


def test_a_row_is_encoded_the_same_alone_and_among_others():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(2 * encoder_module._BLOCK + 77, 3))
    X[rng.random(X.shape) < 0.1] = NAN
    encoder = fit_encoder(X, np.ones(len(X)))
    together = encoder.encode(X)
    block = encoder_module._BLOCK
    for row in (0, block - 1, block, 2 * block, len(X) - 1):
        assert encoder.encode(X[row : row + 1]).tobytes() == together[row].tobytes()
    assert encoder.encode(X[:0]).shape == (0, 6)


def test_fitting_and_encoding_leave_the_table_alone():
    X = column(1.0, NAN, 3.0)
    X.flags.writeable = False
    before = X.tobytes()
    fit_encoder(X, np.ones(3)).encode(X)
    assert X.tobytes() == before


def test_arrays_there_and_back():
    X = np.array([[1.0, NAN], [2.0, 1e300], [5.0, 1e-300]])
    encoder = fit_encoder(X, np.ones(3))
    stored = encoder.arrays()
    assert stored["indicator"].dtype == np.uint8
    back = Encoder.from_arrays(stored)
    assert same(encoder, back)
    assert back.missing.indicator.dtype == np.bool_
    assert back.encode(X).tobytes() == encoder.encode(X).tobytes()


@pytest.mark.parametrize(
    "change",
    [
        {"center": None},
        {"more": np.zeros(2)},
        {"center": np.zeros(3)},
        {"center": np.zeros((2, 1))},
        {"center": np.zeros(2, np.float32)},
        {"center": np.array([0.0, NAN])},
        {"scale": np.array([1.0, -1.0])},
        {"scale": np.array([1.0, math.inf])},
        {"scale": np.array([1.0, NAN])},
        {"scale": np.zeros(1)},
        {"scale": np.zeros(2, np.int64)},
        {"indicator": np.array([0, 2], np.uint8)},
        {"indicator": np.zeros(2, np.bool_)},
        {"indicator": np.zeros(3, np.uint8)},
    ],
    ids=str,
)
def test_foreign_arrays_are_refused(change):
    arrays = known_ends(**change)
    del arrays["low"], arrays["high"]  # of format 1
    arrays = {name: array for name, array in arrays.items() if array is not None}
    with pytest.raises(DataError, match="encoder"):
        Encoder.from_arrays(arrays)


def known_ends(**change):
    """The arrays of two columns whose ends are known, and what is changed of them."""
    sound = {
        "center": np.zeros(2),
        "scale": np.ones(2),
        "low": np.array([-1.0, NAN]),
        "high": np.array([1.0, NAN]),
        "indicator": np.zeros(2, np.uint8),
    }
    return sound | change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("low and high", {"low": np.array([2.0, NAN])}),
        ("low and high", {"low": np.array([-math.inf, NAN])}),
        ("low and high", {"high": np.array([1.0, math.inf])}),
        ("low and high", {"low": np.array([-2e300, NAN])}),
        ("low and high", {"low": np.zeros(3)}),
        ("low and high", {"high": np.ones(1)}),
        ("low and high", {"high": np.ones((2, 1))}),
        ("low and high", {"low": np.zeros(2, np.float32)}),
        ("low and high", {"high": np.ones(2, np.int64)}),
        ("n_levels", {"n_levels": np.array([0, -2])}),
        ("n_levels", {"n_levels": np.zeros(3, np.int64)}),
        ("n_levels", {"n_levels": np.zeros(2, np.int32)}),
        ("n_levels", {"n_levels": np.zeros((2, 1), np.int64)}),
        ("indicator", {"indicator": np.zeros((2, 1), np.uint8)}),
        ("indicator", {"indicator": np.array([2, 0], np.uint8)}),
        ("indicator", {"indicator": np.zeros(2, np.int8)}),
        ("center", {"center": np.array([math.inf, 0.0])}),
        ("scale", {"scale": np.ones((2, 1))}),
        ("scale", {"scale": np.array([-1e-300, 1.0])}),
    ],
)
def test_the_array_that_does_not_fit_is_named(name, change):
    with pytest.raises(DataError, match=f'array "{name}"'):
        Encoder.from_arrays(known_ends(**change))


def test_ends_may_stand_where_they_can():
    for low, high in ((1.0, 1.0), (-1e300, 1e300), (NAN, NAN)):
        back = Encoder.from_arrays(known_ends(low=np.array([low, NAN]), high=np.array([high, NAN])))
        np.testing.assert_array_equal(back.scaling.low, [low, NAN])
        np.testing.assert_array_equal(back.scaling.high, [high, NAN])
    silent = Encoder.from_arrays(known_ends(scale=np.zeros(2)))
    assert silent.encode(np.ones((1, 2))).tolist() == [[0.0, 0.0]]


def test_of_many_foreign_arrays_some_are_named():
    with pytest.raises(DataError, match="belongs to no part of the encoder") as refused:
        Encoder.from_arrays(known_ends(**{f"array {k}": np.zeros(2) for k in range(99)}))
    assert refused.value.where.startswith("found ['array 0', 'array 1', ")
    assert len(refused.value.where) == 300


@pytest.mark.parametrize("name", ["low", "high"])
def test_one_end_alone_is_not_stored(name):
    alone = Scaling(np.arange(1), np.zeros(1), np.ones(1), **{name: np.ones(1)})
    assert set(alone.arrays()) == {"center", "scale"}


@pytest.mark.parametrize("name", ["low", "high"])
def test_one_end_without_the_other_is_refused(name):
    arrays = known_ends()
    del arrays[name]
    with pytest.raises(DataError, match=r"absent \(arrays low, high\)"):
        Encoder.from_arrays(arrays)


@pytest.mark.parametrize(
    "kind", ["normal", "few", "sorted", "one", "heavy", "periodic", "reversed"]
)
def test_what_is_selected_of_many_values_is_what_sorting_gives(kind, monkeypatch):
    rng = np.random.default_rng(8)
    n = 2**16 + 77
    values = {
        "normal": rng.normal(size=n),
        "few": rng.integers(0, 4, n) * 1.0,
        "sorted": np.sort(rng.normal(size=n)),
        "reversed": np.sort(rng.normal(size=n))[::-1],
        "one": np.full(n, 3.0),
        "heavy": rng.standard_cauchy(n) * 1e200,
        # What the sample sees is nothing like the rest.
        "periodic": np.where(np.arange(n) % (n // 2**12) == 0, 1e9, rng.normal(size=n)),
    }[kind]
    low = np.array([0, n // 4, n // 2, n - 2])
    expected = np.sort(values)
    for high in (low, low + 1):
        found = quantiles.selected(values, low, high)
        assert found.tobytes() == np.stack((expected[low], expected[high])).tobytes()
    shuffled = rng.permutation(values)
    here, there = (quantiles.center_and_scale(each, np.ones(n)) for each in (values, shuffled))
    monkeypatch.setattr(quantiles, "_MANY", n + 1)
    assert here == there == quantiles.center_and_scale(values, np.ones(n))


def test_a_part_without_outputs_has_no_place():
    encoder = fit_encoder(np.arange(6.0)[:, None], np.ones(6))
    assert encoder.binned == encoder.coded == slice(0)
