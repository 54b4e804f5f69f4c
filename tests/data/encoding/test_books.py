"""Encoded categories, against their definition on repeated rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import OneHotEncoder

from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.levels import MOST_OUTPUTS, Category, fit_category, raw_outputs
from thalweg.errors import DataError

NAN = math.nan


def ones(codes):
    return np.ones(len(codes))


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


def same(one, other):
    mine, theirs = one.arrays(), other.arrays()
    return mine.keys() == theirs.keys() and all(
        np.array_equal(mine[key], theirs[key], equal_nan=True) for key in mine
    )


def bend(z):
    return z / np.sqrt(1 + (z / 3) ** 2)


@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(1, 8)))
def test_few_levels_are_one_hot_and_scaled_as_the_numbers_0_and_1(codes):
    n_levels = 8
    seen = np.unique(codes)
    encoder = fit_encoder(codes[:, None].astype(float), ones(codes), (n_levels,))
    encoded = encoder.encode(codes[:, None].astype(float))
    hot = OneHotEncoder(sparse_output=False).fit_transform(codes[:, None])
    if len(seen) == 2:
        hot = hot[:, 1:] - hot[:, :1]
    # The encoder of numbers is tested by the definition of its quantiles, in test_encode.
    expected = fit_encoder(hot, ones(codes)).encode(hot)
    np.testing.assert_array_equal(encoded, expected)


def test_closed_forms():
    # Ten rows: red 5, green 3, blue 2. A share of a half has its median between 0 and 1.
    codes = column(*[3] * 5, *[2] * 3, *[1] * 2)
    encoder = fit_encoder(codes, np.ones(10), (3,))
    encoded = encoder.encode(column(1, 2, 3, 0, NAN))
    third, rare = 1.0, 2.0  # green: quartiles 0 and 1; blue: quartiles 0 and 0, range 1
    np.testing.assert_allclose(
        encoded,
        [
            [bend(rare), 0.0, -bend(0.5)],
            [0.0, bend(third), -bend(0.5)],
            [0.0, 0.0, bend(0.5)],
            [0.0, 0.0, -bend(0.5)],
            [0.0, 0.0, 0.0],
        ],
        rtol=1e-15,
    )
    names = encoder.output_names(["colour"], [("blue", "green", "red")])
    assert names == ["colour=blue", "colour=green", "colour=red"]


def test_two_levels_share_one_output_and_any_other_lies_between():
    encoder = fit_encoder(column(1, 1, 2, 2), np.ones(4), (5,))
    no, yes, other, unseen, missing = encoder.encode(column(1, 2, 4, 0, NAN))[:, 0]
    assert (no, yes) == (pytest.approx(-bend(0.5), rel=1e-15), pytest.approx(bend(0.5), rel=1e-15))
    assert (other, unseen, missing) == (0.0, 0.0, 0.0)
    assert encoder.output_names(["s"], [("f", "m", "x", "y", "z")]) == ["s=m"]


def test_many_levels_leave_the_rare_ones_together_distinguished_by_how_common_they_are():
    # Level k stands 100 - k times.
    n_levels = 50
    codes = np.repeat(np.arange(1, n_levels + 1), 100 - np.arange(1, n_levels + 1))
    encoder = fit_encoder(codes[:, None].astype(float), ones(codes), (n_levels,))
    (category,) = encoder.levels.categories
    assert category.hot.tolist() == [*range(1, MOST_OUTPUTS), 0]
    names = encoder.output_names(["town"], [tuple(f"t{k:02}" for k in range(n_levels))])
    assert names[:2] == ["town=t00", "town=t01"]
    assert names[-2:] == ["town=…", "town common"]
    assert len(names) == encoder.n_outputs == MOST_OUTPUTS + 1
    raw = raw_outputs(n_levels, category.hot, category.common)
    for level in (1, 31, 32, 50):
        share = (100 - level) / len(codes)
        assert raw[level, -1] == pytest.approx(math.log(share), rel=1e-8)
        assert raw[level, -2] == (level >= MOST_OUTPUTS)
        assert raw[level, :-2].sum() == (level < MOST_OUTPUTS)
    assert np.array_equal(raw[0], raw[50])  # what was not seen counts as the rarest
    encoded = encoder.encode(column(40, 0, NAN, 40))
    assert np.array_equal(encoded[0], encoded[3])
    assert not np.array_equal(encoded[0], encoded[1])
    assert not encoded[2].any()


@given(
    arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([NAN, *range(1, 41)])),
    st.randoms(use_true_random=False),
    st.sampled_from([1.0, 0.1, 1 / 3, 1e-9, 1.1e12, math.pi]),
)
def test_repetition_is_weight_and_neither_unit_nor_order_count(values, random, unit):
    counts = np.array([random.randrange(4) for _ in values])
    order = list(range(len(values)))
    random.shuffle(order)
    X = values[:, None]
    weighted = fit_encoder(X, counts.astype(float), (40,))
    assert same(weighted, fit_encoder(np.repeat(X, counts, axis=0), np.ones(counts.sum()), (40,)))
    assert same(weighted, fit_encoder(X[order], unit * counts[order], (40,)))


def test_neither_unit_nor_order_count_among_many_levels():
    rng = np.random.default_rng(0)
    X = rng.integers(1, 201, (5000, 1)).astype(float)
    weights = rng.integers(0, 5, 5000).astype(float)
    once = fit_encoder(X, weights, (200,))
    assert len(once.levels.categories[0].common) == 201
    order = rng.permutation(5000)
    for unit in (1.0, 0.1, 1 / 3, math.pi):
        assert same(once, fit_encoder(X[order], unit * weights[order], (200,)))


def test_levels_of_other_rows_are_not_known():
    X = column(1, 2, 3, 3)
    encoder = fit_encoder(X, np.array([1.0, 1.0, 0.0, 0.0]), (3,))
    assert same(encoder, fit_encoder(X[:2], np.ones(2), (3,)))
    assert encoder.encode(column(3, 0)).tolist() == [[0.0], [0.0]]


def test_a_category_that_no_row_has_is_no_output():
    encoder = fit_encoder(column(NAN, NAN), np.ones(2), (3,))
    assert encoder.n_outputs == 1  # that it is missing
    assert encoder.encode(column(2, NAN)).tolist() == [[0.0], [1.0]]


def test_numbers_stand_first_then_categories_then_indicators():
    X = np.array([[1.0, 5.0, 1.0, NAN], [2.0, 6.0, 2.0, 1.0], [1.0, NAN, 1.0, 2.0]])
    encoder = fit_encoder(X, np.ones(3), (2, 0, 0, 2))
    names = encoder.output_names(["a", "b", "c", "d"], [("p", "q"), (), (), ("r", "s")])
    assert names == ["b", "c", "a=q", "d=s", "b missing", "d missing"]
    encoded = encoder.encode(X)
    numbers = fit_encoder(X[:, [1, 2]], np.ones(3)).encode(X[:, [1, 2]])
    np.testing.assert_array_equal(encoded[:, :2], numbers[:, :2])
    assert encoded[:, 4].tolist() == [0, 0, 1]
    assert encoded[:, 5].tolist() == [1, 0, 0]
    assert encoder.n_levels == (2, 0, 0, 2)
    assert np.isnan(encoder.scaling.low).tolist() == [True, False, False, True]
    for row in range(3):
        assert encoder.encode(X[row : row + 1]).tobytes() == encoded[row].tobytes()


def sound():
    rng = np.random.default_rng(0)
    X = np.column_stack((rng.integers(1, 60, 400), rng.normal(size=400), rng.integers(1, 3, 400)))
    return fit_encoder(X, np.ones(400), (60, 0, 2)), X


def test_arrays_there_and_back():
    encoder, X = sound()
    back = Encoder.from_arrays(encoder.arrays())
    assert same(encoder, back)
    assert back.encode(X).tobytes() == encoder.encode(X).tobytes()
    assert np.array_equal(back.scaling.high, encoder.scaling.high, equal_nan=True)
    old = {name: encoder.arrays()[name] for name in ("center", "scale", "indicator")}
    assert Encoder.from_arrays(old).scaling.low is None  # of format 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("hot/0", lambda hot: None),
        ("common/0", lambda hot: None),
        ("hot/1", lambda _: np.array([1], np.int64)),
        ("hot/0", lambda hot: hot[::-1].copy()),
        ("hot/0", lambda hot: hot + 60),
        ("hot/0", lambda hot: hot.astype(np.int32)),
        ("hot/0", lambda hot: hot[:-1]),
        ("hot/0", lambda hot: np.concatenate((hot, hot))),
        ("common/0", lambda common: common[:-1]),
        ("common/0", lambda common: -common),
        ("common/0", lambda common: common * NAN),
        ("book_center/0", lambda center: center[:-1]),
        ("book_center/0", lambda center: center * math.inf),
        ("book_scale/0", lambda scale: -scale),
        ("book_scale/2", lambda scale: scale.astype(np.float32)),
        ("n_levels", lambda _: None),
        ("n_levels", lambda n_levels: -n_levels),
        ("n_levels", lambda n_levels: n_levels[:-1]),
        ("n_levels", lambda n_levels: n_levels.astype(float)),
        ("low", lambda _: None),
        ("low", lambda low: low + 1e9),
        ("high", lambda high: high[:-1]),
        ("high", lambda high: high * 1e308),
    ],
)
def test_foreign_arrays_are_refused(name, change):
    stored = sound()[0].arrays()
    with np.errstate(all="ignore"):
        changed = change(stored.get(name))
    if changed is None:
        del stored[name]
    else:
        stored[name] = changed
    with pytest.raises(DataError, match="encoder"):
        Encoder.from_arrays(stored)


def test_a_category_looks_at_no_target():
    # By signature; that levels are chosen by their weight alone is tested above.
    category = fit_category(0, np.array([1, 2, 2]), np.ones(3), 2)
    assert isinstance(category, Category)
    assert category.n_outputs == 1
