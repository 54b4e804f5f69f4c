"""The encoder of counts against that of the rows in memory, and the rows themselves."""

import numpy as np
import pytest

from larger import cached, in_memory, mixed_table, small_shards
from thalweg.data.canonical_rows import content_hashes, input_hashes
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.encoding.target_codes.coded_levels import training_codes
from thalweg.data.encoding.target_codes.level_codes import CodeTarget
from thalweg.data.larger import training_counts
from thalweg.data.larger.counted_encoder import CountedColumns, codes_of_rows
from thalweg.data.larger.training_counts import TrainingCounts, count_rows, inner_part
from thalweg.data.row_view import Numbers
from thalweg.data.schema.schema import infer_schema

pytestmark = pytest.mark.usefixtures("small_shards")
CUT = Cut(12, 0.8)
SHARE = 0.1
__all__ = ["small_shards"]


def standard(y):
    return ((y - 0.25) / 1.5)[:, None]


@pytest.fixture(params=[True, False], ids=["classes", "numbers"])
def both(request, tmp_path):
    """A table in shards, its counts, and its canonical rows in memory, without held-out ones."""
    of_classes = request.param
    table = mixed_table(regression=not of_classes)
    table.to_parquet(tmp_path / "table.parquet", row_group_size=700)
    found, shards = cached(tmp_path / "table.parquet", tmp_path / "cache", of_classes=of_classes)
    counts = count_rows(shards, found.schema.n_levels, len(found.classes), SHARE, 10**7)
    rows = in_memory(table, found)
    training = content_hashes(rows.X, rows.y) >= np.uint64(int(SHARE * 2.0**64))
    return table, found, shards, counts, rows, np.flatnonzero(training)


def test_the_schema_and_the_rows_are_those_of_a_fit_in_memory(both):
    table, found, shards, _, rows, _ = both
    assert found.schema == infer_schema(table.drop(columns="target"))
    assert shards.n_shards > 4
    records = np.concatenate([each for _, each in shards.checked()])
    order = np.argsort(records["hash"], kind="stable")
    np.testing.assert_array_equal(shards.layout.matrix(records[order]), rows.X)
    np.testing.assert_array_equal(records["y"][order], rows.y)
    np.testing.assert_array_equal(records["weight"][order], rows.weights)
    assert rows.weights.max() == 2  # rows were merged


def test_counts_are_exact(both):
    _, found, _, counts, rows, training = both
    X, y, w = rows.X[training], rows.y[training], rows.weights[training]
    assert sum(counts.n_training) == len(training)
    assert sum(counts.n_held_out) == len(rows.y) - len(training) > 100
    assert counts.weight == w.sum()
    assert counts.weight + counts.held_out_weight == rows.weights.sum()
    np.testing.assert_array_equal(counts.low, np.nanmin(X, axis=0))
    np.testing.assert_array_equal(counts.high, np.nanmax(X, axis=0))
    np.testing.assert_array_equal(counts.has_missing, np.isnan(X).any(axis=0))
    ward = found.schema.names.index("ward")
    np.testing.assert_array_equal(counts.levels[ward], np.bincount(X[:, ward].astype(int), w))
    if found.classes:
        np.testing.assert_array_equal(counts.target.of_classes, np.bincount(y.astype(int), w))
    else:
        mean = np.average(y, weights=w)
        deviation = np.sqrt(np.average((y - mean) ** 2, weights=w))
        found_there = counts.target.mean, counts.target.deviation
        np.testing.assert_allclose(found_there, (mean, deviation), rtol=1e-12)
        assert (counts.target.low, counts.target.high) == (y.min(), y.max())


def _target(found, rows, training) -> CodeTarget:
    """What codes are computed from in memory, with the inner parts of the shards."""
    y, w = rows.y[training], rows.weights[training]
    values = standard(y)
    if found.classes:
        values = np.asarray(y[:, None] == np.arange(len(found.classes)), np.float64)
    hashes = input_hashes(content_hashes(rows.X, rows.y), rows.y, rows.X.shape[1])[training]
    part = ((hashes >> np.uint64(32)) % np.uint64(5)).astype(np.intp)
    return CodeTarget(values, w / w.mean(), part, bool(found.classes))


def test_the_encoder_is_that_of_a_fit_in_memory(both):
    _, found, shards, counts, rows, training = both
    n_levels, target = found.schema.n_levels, _target(found, rows, training)
    columns = CountedColumns(shards, counts, n_levels, standard, 10**5)
    ours = columns.encoder(CUT)
    X = Numbers.of(rows.X)
    theirs = fit_encoder(X.pick(training), rows.weights[training], n_levels, CUT, target)
    here, there = ours.arrays(), theirs.arrays()
    assert here.keys() == there.keys()
    assert any(name.startswith("target_code") for name in here)
    for name, array in there.items():
        if name.startswith("target_code"):  # sums of the target in another order
            np.testing.assert_allclose(here[name], array, rtol=1e-9, atol=1e-12)
        else:
            np.testing.assert_array_equal(here[name], array, err_msg=name)
    codes = training_codes(theirs.codes, X, training, target)
    for one, other in zip(columns.training_codes(ours), codes.outputs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_training_rows_have_the_codes_of_their_part(both):
    _, found, shards, counts, _, _ = both
    columns = CountedColumns(shards, counts, found.schema.n_levels, standard, 10**5)
    encoder = columns.encoder(CUT)
    outputs = columns.training_codes(encoder)
    records = shards.read(1, counts.n_held_out[1])
    parts = inner_part(records, len(found.schema.names))
    assert set(parts.tolist()) == {0, 1, 2, 3, 4}
    made = codes_of_rows(encoder, outputs, parts, len(records))
    later = codes_of_rows(encoder, outputs, None, len(records))
    X, n = Numbers.of(shards.layout.matrix(records)), encoder.codes.n_outputs
    one, other = np.empty((len(records), n)), np.empty((len(records), n))
    made.encode(X, slice(None), one)
    later.encode(X, slice(None), other)
    np.testing.assert_array_equal(other, encoder.encode(X)[:, encoder.coded])
    assert (one != other).any()


def test_quantiles_of_a_larger_table_are_those_of_the_rows_with_the_smallest_hashes(
    both, monkeypatch
):
    monkeypatch.setattr(training_counts, "SAMPLE", 1000)
    _, found, shards, _, rows, training = both
    n_levels = found.schema.n_levels
    counts: TrainingCounts = count_rows(shards, n_levels, len(found.classes), SHARE, 10**7)
    encoder = CountedColumns(shards, counts, n_levels, standard, 10**5).encoder(CUT)
    few = training[:1000]  # canonical rows are sorted by hash
    theirs = fit_encoder(Numbers.of(rows.X).pick(few), rows.weights[few], n_levels, CUT)
    np.testing.assert_array_equal(encoder.scaling.center, theirs.scaling.center)
    np.testing.assert_array_equal(encoder.bins.low, theirs.bins.low)
    np.testing.assert_array_equal(encoder.scaling.high[0], np.nanmax(rows.X[training, 0]))
