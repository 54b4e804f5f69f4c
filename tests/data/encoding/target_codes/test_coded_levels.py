"""Target codes as a part of an encoder: of new rows, of training rows, and in a file."""

import numpy as np
import pytest

from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.few_row_encoding import panel_of
from thalweg.data.encoding.lazy_encoded import inputs_of
from thalweg.data.encoding.levels import MOST_OUTPUTS
from thalweg.data.encoding.target_codes.coded_levels import training_codes
from thalweg.data.encoding.target_codes.inner_parts import PARTS
from thalweg.data.encoding.target_codes.level_codes import (
    CodeTarget,
    cross_fitted,
    level_codes,
)
from thalweg.data.row_view import Numbers
from thalweg.errors import DataError

N, N_LEVELS = 4000, 120


def rows(seed=0, n_rows=N, *, is_classes=True):
    """A number, and a category of many levels with effects; some levels are missing."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(1, N_LEVELS + 1, n_rows).astype(float)
    height = np.random.default_rng(9).normal(0, 1.5, N_LEVELS + 1)[levels.astype(int)]
    height += rng.normal(size=n_rows)
    y = (height > 0).astype(float) if is_classes else height
    values = np.column_stack((1 - y, y)) if is_classes else y[:, None]
    X = np.column_stack((rng.normal(size=n_rows), levels))
    X[::17, 1] = np.nan
    part = np.arange(n_rows) % PARTS
    return X, CodeTarget(values, np.ones(n_rows), part, is_classes)


def fitted(seed=0, *, is_classes=True):
    X, target = rows(seed, is_classes=is_classes)
    return X, target, fit_encoder(X, np.ones(len(X)), (0, N_LEVELS), target=target)


def bend(z):
    return z / np.sqrt(1 + (z / 3) ** 2)


@pytest.mark.parametrize("is_classes", [True, False])
def test_levels_that_share_an_output_have_codes_and_the_others_have_none(is_classes):
    X, target, encoder = fitted(is_classes=is_classes)
    (category,) = encoder.codes.categories
    assert category.outputs.shape == (N_LEVELS + 2, 1)
    hot = encoder.levels.categories[0].hot[:-1]
    shared = ~np.isnan(X[:, 1]) & ~np.isin(X[:, 1], hot)
    expected = level_codes(X[shared, 1].astype(int), target.pick(shared), N_LEVELS)
    assert np.array_equal(category.table, expected)
    every = np.column_stack((np.zeros(N_LEVELS + 2), [*range(N_LEVELS + 1), np.nan]))
    found = encoder.encode(every)[:, encoder.coded]
    np.testing.assert_allclose(found[:-1], bend(expected), rtol=1e-12)
    assert not found[[0, -1, *hot]].any()  # not seen, missing, and with an output of its own
    assert np.count_nonzero(found) == N_LEVELS - MOST_OUTPUTS + 1
    names = encoder.output_names(["a", "town"], [(), tuple(map(str, range(N_LEVELS)))])
    assert names[encoder.coded] == ["town target"]
    assert encoder.output_columns()[encoder.coded] == [1]
    assert panel_of([encoder]).encode(every).tobytes() == encoder.encode(every).tobytes()


def test_training_rows_have_the_codes_of_the_other_parts_and_other_rows_those_of_all():
    X, target, encoder = fitted()
    extra, _ = rows(5, 300)
    table = np.concatenate((extra, X))
    training = np.arange(300, 300 + N)
    codes = training_codes(encoder.codes, Numbers.of(table), training, target)
    inputs = inputs_of(encoder, table, np.float64, codes)
    plain = encoder.encode(table)
    outside = np.delete(np.arange(encoder.n_outputs), encoder.coded)
    assert np.array_equal(inputs[:300], plain[:300])
    assert np.array_equal(inputs[:, outside], plain[:, outside])
    (category,) = encoder.codes.categories
    hot = category.category.hot[:-1]
    shared = ~np.isnan(X[:, 1]) & ~np.isin(X[:, 1], hot)
    levels = X[shared, 1].astype(int)
    of_part = cross_fitted(levels, target.pick(shared), N_LEVELS)
    raw = np.stack(of_part)[target.part[shared], levels]
    found = inputs[300:][shared][:, encoder.coded]
    np.testing.assert_allclose(found, bend(raw), rtol=1e-12)
    assert not inputs[300:][~shared][:, encoder.coded].any()
    # Encoded in pieces, as training reads large tables.
    pieces = [
        np.empty((len(part), encoder.coded.stop - encoder.coded.start))
        for part in np.array_split(np.arange(len(table)), 7)
    ]
    for piece, part in zip(pieces, np.array_split(np.arange(len(table)), 7), strict=True):
        codes.encode(Numbers.of(table).pick(part), part, piece)
    assert np.array_equal(np.concatenate(pieces), inputs[:, encoder.coded])


def test_two_categories_of_three_classes_have_two_outputs_each_beside_each_other():
    rng = np.random.default_rng(3)
    n_levels = 60
    # The first levels are the rarest, so that they share the output; some cells are missing.
    share = np.r_[np.full(20, 0.5), np.full(40, 1.0)] / 50
    X = np.column_stack([rng.choice(n_levels, N, p=share) + 1.0 for _ in range(2)])
    effect = rng.normal(0, 2, (2, n_levels + 1))
    height = effect[0, X[:, 0].astype(int)] + effect[1, X[:, 1].astype(int)] + rng.normal(size=N)
    X[::17, 0] = X[::13, 1] = np.nan
    part = np.arange(N) % PARTS
    target = CodeTarget(np.eye(3)[np.digitize(height, [-1, 1])], np.ones(N), part, is_classes=True)
    encoder = fit_encoder(X, np.ones(N), (n_levels, n_levels), target=target)
    codes = encoder.codes
    assert [each.n_outputs for each in codes.categories] == [2, 2]
    assert codes.output_columns() == [0, 0, 1, 1]

    def looked_up(tables_of):
        """The codes of each column, cell by cell."""
        found = np.zeros((N, 4))
        for k, each in enumerate(codes.categories):
            shared = ~(np.isnan(X[:, k]) | np.isin(X[:, k], each.category.hot[:-1]))
            levels = X[shared, k].astype(int)
            assert 1 in levels
            assert 5 in levels
            tables = tables_of(levels, target.pick(shared))
            for row, level in zip(np.flatnonzero(shared), levels, strict=True):
                found[row, 2 * k : 2 * k + 2] = bend(tables[part[row] % len(tables)][level])
        return found

    of_all = looked_up(lambda levels, of: [level_codes(levels, of, n_levels)])
    of_parts = looked_up(lambda levels, of: cross_fitted(levels, of, n_levels))
    assert (np.count_nonzero(of_all, axis=0) > N / 5).all()
    np.testing.assert_allclose(encoder.encode(X)[:, encoder.coded], of_all, rtol=1e-12)
    found = np.full((N, 4), np.nan)
    training_codes(codes, Numbers.of(X), np.arange(N), target).encode(
        Numbers.of(X), slice(None), found
    )
    np.testing.assert_allclose(found, of_parts, rtol=1e-12)


def test_without_a_target_with_few_levels_or_without_effects_there_are_no_codes():
    X, target = rows()
    plain = fit_encoder(X, np.ones(N), (0, N_LEVELS))
    assert plain.codes.n_outputs == 0
    assert not [name for name in plain.arrays() if "code" in name]
    few = X.copy()
    few[:, 1] = np.minimum(few[:, 1], MOST_OUTPUTS)
    y = np.random.default_rng(1).integers(0, 2, N).astype(float)
    noise = CodeTarget(np.column_stack((1 - y, y)), target.counts, target.part, is_classes=True)
    one_each = X.copy()
    one_each[:, 1] = np.arange(1, N + 1)
    for table, n_levels, of in (
        (few, N_LEVELS, target), (few, MOST_OUTPUTS, target), (X, N_LEVELS, noise),
        (one_each, N, target),
    ):  # fmt: skip
        before = fit_encoder(table, np.ones(N), (0, n_levels)).arrays()
        after = fit_encoder(table, np.ones(N), (0, n_levels), target=of).arrays()
        assert before.keys() == after.keys()
        assert all(np.array_equal(before[k], after[k], equal_nan=True) for k in before)


def test_rows_of_weight_0_do_not_count():
    X, target = rows()
    weights = np.ones(N)
    weights[::3] = 0
    kept = np.flatnonzero(weights)
    one = fit_encoder(X, weights, (0, N_LEVELS), target=target)
    other = fit_encoder(X[kept], weights[kept], (0, N_LEVELS), target=target.pick(kept))
    assert one.codes.n_outputs == 1
    assert one.arrays()["target_code/1"].tobytes() == other.arrays()["target_code/1"].tobytes()


def test_codes_come_back_from_their_arrays():
    X, _, encoder = fitted()
    again = Encoder.from_arrays(encoder.arrays())
    assert again.encode(X).tobytes() == encoder.encode(X).tobytes()


def put(place, value):
    def change(array):
        array[place] = value
        return array

    return change


FORGERIES = {
    "rows": lambda a: a[:-1],
    "more rows": lambda a: np.concatenate((a, a)),
    "flat": lambda a: a[:, 0],
    "no codes": lambda a: a[:, :0],
    "three axes": lambda a: a[:, :, None],
    "float32": lambda a: a.astype(np.float32),
    "integers": lambda a: a.astype(np.int64),
    "NaN": put(40, np.nan),
    "infinite": put(40, np.inf),
    "too large": put(40, 1e301),
    "not seen": put(0, 1.0),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_codes_are_refused(name):
    arrays = fitted()[2].arrays()
    arrays["target_code/1"] = FORGERIES[name](arrays["target_code/1"].copy())
    with pytest.raises(DataError, match="wrong type, shape or range"):
        Encoder.from_arrays(arrays)


def test_codes_where_none_belong_are_refused():
    arrays = fitted()[2].arrays()
    hot = int(arrays["hot/1"][0])
    arrays["target_code/1"][hot] = 1.0
    with pytest.raises(DataError, match="wrong type, shape or range"):
        Encoder.from_arrays(arrays)
    arrays = fitted()[2].arrays()
    arrays["target_code/0"] = np.zeros((1, 1))
    with pytest.raises(DataError, match="belongs to no part"):
        Encoder.from_arrays(arrays)
