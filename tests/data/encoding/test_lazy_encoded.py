"""An encoded table whose rows are encoded when they are read."""

from itertools import pairwise

import numpy as np
import pytest

from thalweg.data.encoding import lazy_encoded
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.lazy_encoded import Compact, Encoded, inputs_of
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.encoding.target_codes.coded_levels import training_codes
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.data.row_view import Numbers
from thalweg.network.made_inputs import InBins

X = np.random.default_rng(0).normal(size=(50, 3))
ENCODER = fit_encoder(X, np.ones(50))


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 8), (np.float32, 4)])
def test_a_table_is_kept_up_to_a_size(monkeypatch, dtype, size):
    expected = ENCODER.encode(X, dtype)
    for below, is_lazy in ((50 * 3 * size, False), (50 * 3 * size - 1, True)):
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", below)
        inputs = inputs_of(ENCODER, X, dtype)
        assert isinstance(inputs, Encoded) == is_lazy
        assert inputs.shape == (50, 3)
        assert len(inputs) == 50
        assert inputs.nbytes == 50 * 3 * size
        for rows in (slice(None), slice(7, 20), np.array([3, 3, 49])):
            assert inputs[rows].tobytes() == expected[rows].tobytes()
            assert inputs[rows].dtype == dtype


def mixed(n_rows, seed=0, n_bins=12):
    """A table of numbers, ties, missing cells and a category, and its encoder."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 6))
    X[:, 1] = np.round(3 * X[:, 1])
    X[rng.random(n_rows) < 0.2, 2] = np.nan
    X[:, 3] = rng.integers(0, 4, n_rows)
    X[:, 4] = 1.0
    X[:, 5] = np.exp(4 * X[:, 5])
    return X, fit_encoder(X, np.ones(n_rows), (0, 0, 0, 3, 0, 0), Cut(n_bins, 0.5))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(5))
def test_bins_kept_as_five_bytes_expand_to_what_encoding_gives(dtype, seed):
    X, encoder = mixed(700, seed)
    made = Encoded(encoder, Numbers.of(X), np.dtype(dtype))
    kept = Compact.of(made)
    assert (kept.shape, len(kept), kept.dtype, kept.nbytes) == (made.shape, 700, dtype, made.nbytes)
    rng = np.random.default_rng(seed)
    for rows in (slice(None), slice(7, 20), rng.permutation(700)[:300], np.array([3, 3, 699])):
        expected, found = made[rows], kept[rows]
        assert found.dtype == dtype
        assert found.flags.c_contiguous
        # A number at the end of a bin is 1 by one formula, and may be 1 - 2⁻⁵³ by the other.
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-16)
    own = kept.places.at.nbytes + kept.places.output.nbytes + kept.others.nbytes
    assert own == Compact.bytes_of(made) < kept.nbytes


def test_numbers_between_the_ends_of_bins_have_the_same_bits():
    _, encoder = mixed(700)
    X = np.random.default_rng(9).normal(size=(400, 6))
    X[0], X[1] = 1e300, -1e300
    X[:, 3] = 1
    made = Encoded(encoder, Numbers.of(X), np.dtype(np.float32))
    assert Compact.of(made)[:].tobytes() == made[:].tobytes()


def test_rows_know_their_target_codes_when_bins_are_kept_apart():
    rng = np.random.default_rng(3)
    X = np.column_stack((rng.normal(size=2000), rng.integers(1, 90, 2000)))
    y = rng.integers(0, 2, 2000).astype(float)
    target = CodeTarget(np.column_stack((1 - y, y)), np.ones(2000), np.arange(2000) % 5, True)
    encoder = fit_encoder(X, np.ones(2000), (0, 89), Cut(8), target)
    codes = training_codes(encoder.codes, Numbers.of(X), np.arange(2000), target)
    made = Encoded(encoder, Numbers.of(X), np.dtype(np.float64), codes)
    np.testing.assert_allclose(Compact.of(made)[:], made[:], rtol=0, atol=2e-16)


def test_the_form_of_a_table_follows_its_size(monkeypatch):
    X, encoder = mixed(300)
    made = Encoded(encoder, Numbers.of(X), np.dtype(np.float32))
    short = Compact.bytes_of(made)
    for whole, compact, form in (
        (made.nbytes, 0, np.ndarray),
        (made.nbytes - 1, short, Compact),
        (0, short, Compact),
        (0, short - 1, Encoded),
    ):
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", whole)
        monkeypatch.setattr(lazy_encoded, "COMPACT_BELOW", compact)
        assert type(inputs_of(encoder, X, np.float32)) is form


def test_bins_that_a_byte_does_not_count_are_made_when_they_are_read(monkeypatch):
    X = np.random.default_rng(0).normal(size=(3000, 1))
    for n_bins, form in ((256, Compact), (257, Encoded)):
        encoder = fit_encoder(X, np.ones(3000), (0,), Cut(n_bins))
        made = Encoded(encoder, Numbers.of(X), np.dtype(np.float32))
        assert encoder.bins.n_outputs == n_bins
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", made.nbytes - 1)
        assert type(inputs_of(encoder, X, np.float32)) is form
        np.testing.assert_allclose(inputs_of(encoder, X, np.float32)[:], made[:], atol=2e-16)


@pytest.mark.parametrize(
    ("n_rows", "n_bins", "is_compact"), [(100, 12, True), (99, 12, False), (100, 11, False)]
)
def test_an_engine_gets_bins_where_steps_are_faster(monkeypatch, n_rows, n_bins, is_compact):
    """What fits into memory is multiplied as it is, unless rows and bins are many."""
    monkeypatch.setattr(lazy_encoded, "MANY_ROWS", 100)
    rows = np.random.default_rng(1).normal(size=(n_rows, 2))
    encoder = fit_encoder(rows, np.ones(n_rows), (0, 0), Cut(n_bins, 0.5))
    inputs = inputs_of(encoder, rows, np.float32)
    assert isinstance(inputs, Compact) == is_compact
    expected = encoder.encode(rows, np.float32)
    np.testing.assert_allclose(inputs[np.arange(n_rows)], expected, rtol=0, atol=2e-7)


def test_the_bins_that_an_engine_gets_are_the_encoded_table():
    X, encoder = mixed(200)
    kept = Compact.of(Encoded(encoder, Numbers.of(X), np.dtype(np.float64)))
    assert isinstance(kept, InBins)
    expected = encoder.encode(X, np.float64)
    assert kept.first == encoder.binned.start > 0
    place = np.arange(encoder.bins.n_outputs)
    for column, (start, end) in enumerate(pairwise(kept.starts.tolist())):
        own = start + kept.at[:, column].astype(int)
        for k in place[start:end]:
            told = np.where(own > k, kept.below[k], kept.above[k])
            told[own == k] = kept.output[own == k, column]
            np.testing.assert_allclose(told, expected[:, kept.first + k], rtol=0, atol=2e-16)
        # Of the bins beside the median's, each side is 0.
        middle = start + int(np.flatnonzero(kept.below[start:end])[0])
        assert not kept.above[middle + 1 : end].any()
