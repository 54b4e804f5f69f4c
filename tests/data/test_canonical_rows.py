import hashlib
import io
import math
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thalweg.data import canonical_rows as rows_module
from thalweg.data.canonical_rows import (
    MOST_DIGESTS,
    RowDigests,
    canonical_rows,
    data_hash,
    row_groups,
)
from thalweg.data.schema.schema import infer_schema

# Few values, so that rows coincide; NaN and both zeros among them.
CELLS = st.sampled_from([0.0, -0.0, 1.0, -1.5, math.nan, 1e300, 5e-324])
WEIGHTS = st.sampled_from([0.0, 0.1, 0.2, 1.0, 2.0, 1e-12, 1e9])


@st.composite
def tables(draw):
    n, d = draw(st.integers(1, 14)), draw(st.integers(1, 3))
    X = draw(arrays(np.float64, (n, d), elements=CELLS))
    y = draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])))
    weights = draw(arrays(np.float64, n, elements=WEIGHTS))
    return X, y, weights, draw(st.permutations(range(n)))


def key(row):
    """What makes two rows equal, said without any array."""
    return tuple("hole" if value != value else value for value in map(float, row))


def bits(*parts):
    return [part.tobytes() for part in parts]


def of(merged):
    return bits(merged.X, merged.y, merged.weights)


@given(tables())
def test_rows_are_those_of_a_plain_dictionary(table):
    X, y, weights, _ = table
    expected = {}
    for x, target, weight in zip(X, y, weights, strict=True):
        if weight > 0:
            expected.setdefault(key([*x, target]), []).append(weight)
    merged = canonical_rows(X, y, weights)
    found = {
        key([*x, target]): weight
        for x, target, weight in zip(merged.X, merged.y, merged.weights, strict=True)
    }
    assert len(found) == len(merged.weights) == len(expected)
    for row, parts in expected.items():
        assert found[row] == pytest.approx(math.fsum(parts), rel=1e-15)


@given(tables())
def test_the_order_that_came_in_leaves_no_trace(table):
    X, y, weights, order = table
    merged = canonical_rows(X, y, weights)
    shuffled = canonical_rows(X[order], y[order], weights[order])
    assert of(merged) == of(shuffled)
    assert row_groups(X[order]).tolist() == row_groups(X)[order].tolist()


@given(tables())
def test_weight_two_is_the_row_twice_and_weight_zero_no_row(table):
    X, y, weights, _ = table
    counts = np.ceil(np.minimum(weights, 3.0)).astype(int)
    weighted = canonical_rows(X, y, counts.astype(float))
    repeated = canonical_rows(
        np.repeat(X, counts, axis=0), np.repeat(y, counts), np.ones(counts.sum())
    )
    assert of(weighted) == of(repeated)


@given(tables())
def test_equal_rows_and_only_they_have_one_number(table):
    X, *_ = table
    groups = row_groups(X)
    numbers = {}
    for row, group in zip(X, groups, strict=True):
        assert numbers.setdefault(key(row), group) == group
    assert sorted(numbers.values()) == list(range(len(numbers)))


def test_sums_of_awkward_weights_do_not_depend_on_the_order():
    weights = np.random.default_rng(3).permutation([1e16, 1.0, 1.0, 1.0, 0.1, 0.7, 1e-3, 3.0, 1e8])
    X, y = np.zeros((9, 2)), np.ones(9)
    sums = {canonical_rows(X, y, np.roll(weights, k)).weights.tobytes() for k in range(9)}
    assert len(sums) == 1
    # The order matters to a plain sum, or this would show nothing.
    assert len({float(np.add.reduce(np.roll(weights, k))) for k in range(9)}) > 1


def test_one_zero_and_one_nan_come_out():
    strange = np.array([0xFFF8000000000123], dtype=np.uint64).view(np.float64)[0]
    X = np.array([[-0.0, strange], [0.0, np.nan]])
    merged = canonical_rows(X, np.array([-0.0, 0.0]), np.ones(2))
    assert bits(merged.X, merged.y) == bits(np.array([[0.0, np.nan]]), np.array([0.0]))
    assert merged.weights.tolist() == [2.0]


def test_arrays_are_left_alone_and_come_back_in_row_order():
    X = np.asfortranarray([[-0.0, 2.0], [3.0, np.nan]])
    y, weights = np.array([-0.0, 1.0]), np.array([1.0, 0.0])
    before = bits(X, y, weights)
    for array in (X, y, weights):
        array.flags.writeable = False
    merged = canonical_rows(X, y, weights)
    row_groups(X)
    data_hash(["a", "b"], ["number"] * 2, X, ["p", "q"])
    assert bits(X, y, weights) == before
    assert merged.X.flags.c_contiguous


def test_targets_of_several_outputs_keep_their_shape():
    X = np.array([[1.0], [1.0], [1.0]])
    y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    merged = canonical_rows(X, y, np.ones(3))
    assert sorted(zip(merged.y.tolist(), merged.weights.tolist(), strict=True)) == [
        ([0.0, 1.0], 1.0),
        ([1.0, 0.0], 2.0),
    ]


def test_no_counted_row_leaves_empty_arrays():
    merged = canonical_rows(np.ones((3, 2)), np.ones(3), np.zeros(3))
    assert (merged.X.shape, merged.y.shape, merged.weights.shape) == ((0, 2), (0,), (0,))
    assert row_groups(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize("buckets", [1, 2, 3])
def test_rows_of_one_hash_are_distinguished_by_their_values(monkeypatch, buckets):
    rng = np.random.default_rng(7)
    X = rng.choice([0.0, 1.0, np.nan, -2.0], size=(200, 3))
    y, weights = rng.choice([0.0, 1.0], 200), rng.random(200)
    well_hashed = canonical_rows(X, y, weights)
    honest = rows_module._row_hashes
    monkeypatch.setattr(
        rows_module, "_row_hashes", lambda table: honest(table) % np.uint64(buckets)
    )
    merged = canonical_rows(X, y, weights)
    order = rng.permutation(200)
    assert of(merged) == of(canonical_rows(X[order], y[order], weights[order]))
    contents = [
        {key([*x, target]): weight for x, target, weight in zip(r.X, r.y, r.weights, strict=True)}
        for r in (merged, well_hashed)
    ]
    assert contents[0] == contents[1]
    assert len(merged.y) == len(contents[0])


def test_the_mixer_is_that_of_splitmix64():
    # The first outputs of SplitMix64 from seed 0; its state steps by the golden ratio.
    states = np.arange(1, 4, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert [hex(word) for word in rows_module._mix(states).tolist()] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


def test_hashes_of_near_rows_are_far_apart():
    # Every row of a dense grid gets a hash of its own, and all 64 bits are in use.
    grid = np.stack(np.meshgrid(*[np.arange(10.0)] * 4), axis=-1).reshape(-1, 4)
    hashes = rows_module._row_hashes(grid)
    assert len(np.unique(hashes)) == len(grid) > rows_module._BLOCK
    ones = [float((hashes >> np.uint64(bit) & np.uint64(1)).mean()) for bit in range(64)]
    assert min(ones) > 0.47
    assert max(ones) < 0.53


def test_the_data_hash_is_what_its_description_says():
    X = np.array([[1.5, np.nan], [-0.0, 2.0]])
    text = '[["a", "b\\u00e4"], ["number", "boolean"], ["no", "yes"]]'
    one_nan = 0x7FF8000000000000
    by_hand = hashlib.sha256(
        text.encode() + struct.pack("<dQdd", 1.5, one_nan, 0.0, 2.0)
    ).hexdigest()
    assert data_hash(["a", "bä"], ["number", "boolean"], X, ["no", "yes"]) == by_hand


def test_every_part_of_a_table_counts_in_its_hash():
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    plain = (["ab", "c"], ["number", "number"], X, ["p", "q"])
    others = [
        (["a", "bc"], *plain[1:]),
        (plain[0], ["number", "boolean"], *plain[2:]),
        (*plain[:2], np.nextafter(X, 9.0), plain[3]),
        (*plain[:2], X[::-1], plain[3]),
        (*plain[:2], X, ["q", "p"]),
        (*plain[:2], X, ["p", "q "]),
        (["c", "ab"], ["number", "number"], X, ["p", "q"]),
    ]
    digests = [data_hash(*each) for each in (plain, *others)]
    assert len(set(digests)) == len(digests)
    assert data_hash(plain[0], plain[1], np.asfortranarray(X), plain[3]) == digests[0]


def test_a_csv_and_its_frame_have_one_hash():
    frame = pd.DataFrame(
        {"a": [0.1, np.nan, 1e-7], "b": [True, False, True], "c": pd.array([1, None, 3], "Int64")}
    )
    text = pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str, keep_default_na=False)
    digests = set()
    for table in (frame, text):
        schema = infer_schema(table)
        kinds = [column.kind for column in schema.columns]
        digests.add(data_hash(schema.names, kinds, schema.matrix(table), ["x"] * 3))
    assert len(digests) == 1


def test_a_single_pair_of_rows_with_one_hash_is_distinguished(monkeypatch):
    monkeypatch.setattr(
        rows_module, "_row_hashes", lambda table: np.zeros(table.shape[0], np.uint64)
    )
    assert rows_module.row_groups(np.array([[1.0], [2.0]])).tolist() == [0, 1]
    assert rows_module.row_groups(np.array([[2.0], [2.0]])).tolist() == [0, 0]


# --- hashes of rows ----------------------------------------------------------------------------


def test_hashes_know_the_rows_in_any_order_and_a_fifth_of_the_others():
    rng = np.random.default_rng(5)
    X = np.round(rng.normal(size=(3000, 4)), 3)
    X[::7, 1] = np.nan
    y = rng.choice(["yes", "no"], 3000)
    digests = RowDigests.of("0" * 64, X, y)
    order = rng.permutation(3000)
    assert digests.are(digests.of_rows(X[order]), y[order])
    assert digests.know(digests.of_rows(X[order[:50]])).all()
    other = X.copy()
    other[:, 2] += 1e-3
    # n rows leave a remainder free with probability (1 - 1 / (4 n))ⁿ; both within 4 errors.
    chance = 1 - np.exp(-1 / 4)
    assert digests.by_chance == pytest.approx(chance, abs=4 * np.sqrt(0.16 / 12_000))
    hits = digests.know(digests.of_rows(other)).mean()
    assert hits == pytest.approx(digests.by_chance, abs=4 * np.sqrt(0.172 / 3000))
    assert not digests.are(digests.of_rows(X[:-1]), y[:-1])
    twice = [*range(2999), 0]
    assert not digests.are(digests.of_rows(X[twice]), y[twice])


def test_nobody_can_try_the_targets_of_a_person():
    """Neither a hash nor what the file keeps of it depends on the target of a row."""
    X = np.arange(100.0)[:, None]
    y = np.where(np.arange(100) % 3, "well", "ill")
    turned = np.where(y == "ill", "well", "ill")
    one, other = RowDigests.of("0" * 64, X, y), RowDigests.of("0" * 64, X, turned)
    np.testing.assert_array_equal(one.seen, other.seen)
    # Only the set of all rows tells: one target among them changes the checksum.
    y_one = y.copy()
    y_one[7] = turned[7]
    assert not one.are(one.of_rows(X), y_one)
    assert one.are(one.of_rows(X), y)


def test_hashes_are_those_of_equal_numbers_and_of_the_salt():
    X, y = np.array([[0.0, np.nan], [-0.0, -np.nan]]), ["a", "b"]
    one = RowDigests.of("1" * 64, X, y)
    row = np.array([0.0, np.nan]).tobytes()
    by_hand = hashlib.blake2b(row, key=b"\x11" * 32, digest_size=8).digest()
    assert one.of_rows(X).tolist() == [int.from_bytes(by_hand, "little")] * 2
    assert np.flatnonzero(one.seen).tolist() == [int.from_bytes(by_hand, "little") % 8]
    assert len(one.seen) == 8
    whole = b"".join((9).to_bytes(8, "little") + by_hand + label for label in (b"a", b"b"))
    assert one.checksum == hashlib.blake2b(whole, key=b"\x11" * 32, digest_size=32).hexdigest()
    assert not (RowDigests.of("2" * 64, X, y).of_rows(X) == one.of_rows(X)).any()


def test_hashes_of_further_tables_are_joined_and_end_at_a_limit():
    X, y = np.arange(100.0)[:, None], np.zeros(100)
    first = RowDigests.of("3" * 64, X[:50], y[:50])
    assert first.and_of(X[:50][::-1], y[:50]) is first  # the same rows
    both = first.and_of(X, y)
    assert both.know(both.of_rows(X)).all()
    assert both.checksum is None
    assert not both.are(both.of_rows(X), y)
    assert len(both.seen) == 200
    many = np.arange(MOST_DIGESTS + 1.0)[:, None]
    assert RowDigests.of("3" * 64, many, np.zeros(len(many))) is None
    assert first.and_of(many[:400], np.zeros(400)) is None  # 1 - exp(-2) = 86 % seem known
