"""Inner parts: rows that belong together are in one part, and parts have equal sizes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.encoding.target_codes.inner_parts import (
    PARTS,
    parts_of_blocks,
    parts_of_groups,
    windows_of_rows,
)


@pytest.mark.parametrize("dealt", [parts_of_blocks, parts_of_groups])
@given(blocks=st.lists(st.integers(-50, 50), min_size=1, max_size=200))
def test_rows_of_one_block_are_in_one_part(dealt, blocks):
    blocks = np.array(blocks)
    part = dealt(blocks)
    assert set(part.tolist()) <= set(range(PARTS))
    for block in np.unique(blocks):
        assert len(set(part[blocks == block].tolist())) == 1


def test_parts_of_single_rows_have_equal_sizes_and_only_the_order_of_the_numbers_counts():
    blocks = np.random.default_rng(0).permutation(1003)
    part = parts_of_blocks(blocks)
    assert np.bincount(part).tolist() == [201, 201, 201, 200, 200]
    assert parts_of_blocks(blocks * 7 + 3).tolist() == part.tolist()
    again = np.repeat(np.arange(1003), 1 + blocks % 3)  # equal rows change no other row's part
    assert np.array_equal(parts_of_blocks(blocks[again]), part[again])


def test_parts_of_groups_have_about_equal_sizes_and_are_random():
    groups = np.repeat(np.arange(400), np.random.default_rng(1).integers(1, 9, 400))
    part = parts_of_groups(groups)
    sizes = np.bincount(part, minlength=PARTS)
    assert sizes.sum() == len(groups)
    assert abs(sizes - len(groups) / PARTS).max() <= 8
    # Groups of neighbouring numbers (a clinic's, say) must not fill a part of their own.
    assert len(set(part[groups < 100].tolist())) == PARTS
    assert parts_of_groups(np.zeros(9, dtype=int)).tolist() == [2] * 9
    # The deal is the same in every version: a fit of the same table gives the same network.
    assert parts_of_groups(np.arange(10)).tolist() == [1, 2, 4, 2, 4, 1, 3, 0, 0, 3]


def test_windows_follow_each_other_and_equal_times_are_together():
    times = np.random.default_rng(2).integers(0, 300, 1000).astype(float)
    part = windows_of_rows(times)
    assert (np.diff(part[np.argsort(times)]) >= 0).all()
    assert np.abs(np.bincount(part) - 200).max() < 15
    for time in np.unique(times):
        assert len(set(part[times == time].tolist())) == 1
    assert windows_of_rows(np.full(7, 3.0)).tolist() == [0] * 7
    assert windows_of_rows(np.array([5.0])).tolist() == [0]
    assert not len(windows_of_rows(np.empty(0)))
    # A row belongs to the window in which the first row of its time is: 12 rows, 2.4 a window.
    early_first = windows_of_rows(np.array([9, 8, 7, 6, 5, 5, 5, 4, 3, 2, 1, 0.0]))
    assert early_first.tolist() == [4, 4, 3, 3, 2, 2, 2, 1, 1, 0, 0, 0]
