"""Every part of an encoder keeps to what the protocol says, and leaves the others alone."""

from dataclasses import dataclass

import numpy as np
import pytest

from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.encoder_arrays import StoredArrays
from thalweg.data.encoding.encoder_part import DATE, FitColumn, RowBlock
from thalweg.data.encoding.few_row_encoding import panel_of
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.errors import DataError

NAMES, LEVELS = ["a", "b", "c", "d"], [(), tuple(f"l{k}" for k in range(40)), (), ()]


def table(n_rows=300, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 4)) + 2
    X[:, 1] = rng.integers(1, 41, n_rows)
    X[:, 3] = rng.integers(18_000 * 24, 20_000 * 24, n_rows) / 24  # dates, to the hour
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


def encoder():
    X = table()
    # Levels that share an output, 32 … 40, differ in the shares of three classes.
    y = np.where(X[:, 1] > 36, 2, np.where(X[:, 1] > 33, 1, 0))
    target = CodeTarget(np.eye(3)[y], np.ones(300), np.arange(300) % 5, is_classes=True)
    cut = Cut(5, 0.5, late_days=True)
    return fit_encoder(X, np.ones(300), (0, 40, 0, DATE), cut, target)


PARTS = ("scaling", "bins", "levels", "codes", "calendar", "missing")


@pytest.mark.parametrize("name", PARTS)
def test_all_that_a_part_says_of_its_outputs_has_their_number(name):
    part, X = getattr(encoder(), name), table(9, 1)
    n = part.n_outputs
    assert n > 1
    assert len(part.output_names(NAMES, LEVELS)) == len(part.output_columns()) == n
    scaling = part.output_scaling()
    assert scaling is None or [len(vector) for vector in scaling] == [n] * 4
    into = np.full((9, n), np.nan)
    part.encode(RowBlock(X, np.isnan(X)), into)
    assert (abs(into) <= part.output_bounds()).all()  # NaN is not
    assert part.output_bounds().shape == (n,)
    form = part.form()
    assert form.n_outputs == n
    assert form.encode(X, np.isnan(X), whole=False).astype(float).tobytes() == into.tobytes()


def test_an_encoder_is_its_parts_in_order():
    whole = encoder()
    assert whole.parts == tuple(getattr(whole, name) for name in PARTS)
    assert whole.n_outputs == sum(part.n_outputs for part in whole.parts)
    names = [name for part in whole.parts for name in part.output_names(NAMES, LEVELS)]
    names[names.index("d")] = "d: days"
    assert whole.output_names(NAMES, LEVELS) == names
    assert len(set(names)) == len(names)
    # Whoever draws outputs takes those that are scaled for the first ones.
    scaled = [part.output_scaling() is not None for part in whole.parts]
    assert scaled == sorted(scaled, reverse=True)
    unscaled = sum(part.n_outputs for part in (whole.codes, whole.calendar, whole.missing))
    assert len(whole.output_scaling().center) == whole.n_outputs - unscaled


def test_no_array_belongs_to_two_parts_and_none_to_no_part():
    whole = encoder()
    kept = [set(part.arrays()) for part in whole.parts]
    assert len(set.union(*kept)) == sum(map(len, kept)) == len(whole.arrays())
    with pytest.raises(DataError, match="belongs to no part"):
        Encoder.from_arrays({**whole.arrays(), "date_center": np.zeros(3)})


@dataclass(frozen=True, eq=False)
class Squares:
    """A form that no part has: the square of each number."""

    column: np.ndarray

    n_outputs = property(lambda self: len(self.column))
    turn = 0

    def encode(self, X, missing, *, whole):
        return np.where(missing, 0.0, X).take(self.column, 1) ** 2

    @classmethod
    def joined(cls, forms):
        return cls(np.concatenate([form.column for form in forms]))


@dataclass
class WithSquares:
    """An encoder with one more part, between the others."""

    inner: Encoder
    column: np.ndarray

    def forms(self):
        first, *others = self.inner.forms()
        return [first, Squares(self.column), *others]


def test_a_panel_takes_a_part_with_a_form_of_its_own():
    X, whole = table(5, 2), encoder()
    encoded = whole.encode(X)
    at = whole.scaling.n_outputs
    columns = [np.array([2, 0]), np.array([0])]
    expected = []
    for column in columns:
        squares = np.nan_to_num(X)[:, column] ** 2
        expected.append(np.column_stack((encoded[:, :at], squares, encoded[:, at:])))
    panel = panel_of([WithSquares(whole, column) for column in columns])
    assert panel.encode(X).tobytes() == np.concatenate(expected, axis=1).tobytes()


def test_a_column_to_fit_has_what_is_there():
    column = FitColumn.of(3, np.array([1.0, np.nan, 4.0]), 0, np.array([1.0, 2.0, 3.0]))
    assert (column.values.tolist(), column.weights.tolist()) == ([1.0, 4.0], [1.0, 3.0])
    assert (column.place, column.n_levels, column.has_missing) == (3, 0, True)
    none = FitColumn.of(0, np.array([np.nan]), 0, np.ones(1))
    assert (none.center_and_scale, len(none.values)) == ((0.0, 0.0), 0)
    whole = FitColumn.of(0, np.array([1.0, 2.0]), 0, np.ones(2))
    assert not whole.has_missing


def test_stored_arrays_are_taken_once_and_all_or_none():
    stored = StoredArrays({"center": np.zeros(2), "low": np.ones(2), "more": np.ones(1)})
    assert (stored.n_features, stored.n_levels) == (2, (0, 0))
    assert stored.take("center")[0].shape == (2,)
    with pytest.raises(DataError, match="array center"):
        stored.take("center")
    with pytest.raises(DataError, match="arrays low, high"):
        stored.take_known("low", "high")
    assert stored.take_known("bin_low", "bin_high") is None
    with pytest.raises(DataError, match="'low', 'more'"):
        stored.require_none_left()
