"""Categories in a file, and the shares by which levels are chosen."""

import math

import numpy as np
import pytest

from thalweg.data.cells import LARGEST
from thalweg.data.encoding import levels
from thalweg.data.encoding.encoder_arrays import StoredArrays
from thalweg.data.encoding.encoder_part import DATE
from thalweg.data.encoding.levels import (
    MOST_OUTPUTS,
    Category,
    Levels,
    fit_category,
    raw_outputs,
)
from thalweg.errors import DataError


def stored(hot, common=(), n_outputs=None, n_levels=4, **change):
    """What a file has of one category of four levels."""
    n = n_outputs if n_outputs is not None else len(hot) + bool(len(common))
    arrays = {
        "center": np.zeros(1),
        "n_levels": np.array([n_levels]),
        "hot/0": np.array(hot, np.int64),
        "common/0": np.array(common, np.float64),
        "book_center/0": np.zeros(n),
        "book_scale/0": np.ones(n),
    }
    return StoredArrays(arrays | change)


RARE = [-1.0, -2.0, -3.0, 0.0, -LARGEST]


@pytest.mark.parametrize(
    ("hot", "common", "n_outputs"),
    [
        ([], [], 0),
        ([4], [], 1),
        ([1, 3], [], 1),
        ([2, 0], RARE, 3),
        ([1, 2, 4], [], 3),
        ([1, 2, 3, 4], [], 4),
        ([1, 3, 4, 0], RARE, 5),
    ],
)
def test_categories_that_a_file_may_have(hot, common, n_outputs):
    made = Category.from_arrays(0, stored(hot, common, n_outputs))
    assert made.n_outputs == n_outputs
    assert made.hot.tolist() == hot
    assert made.outputs.shape == (6, n_outputs)
    assert not made.outputs[-1].any()


@pytest.mark.parametrize(
    ("name", "hot", "common", "n_outputs"),
    [
        ("hot/0", [2, 1, 0], RARE, None),
        ("hot/0", [3, 1], [], 1),
        ("hot/0", [1, 1], [], 1),
        ("hot/0", [1, 2, 2, 0], RARE, None),
        ("hot/0", [0, 1, 2], [], None),
        ("hot/0", [1, 0, 2], [], None),
        ("hot/0", [1, 0, 0], RARE, None),
        ("hot/0", [1, 5], [], 1),
        ("hot/0", [-1, 2, 3], [], None),
        ("hot/0", [[1, 2], [3, 4]], [], None),
        ("common/0", [1, 2, 0], [*RARE[:-1], 1e-9], None),
        ("common/0", [1, 2, 0], [*RARE[:-1], -2 * LARGEST], None),
        ("common/0", [1, 2, 0], [*RARE[:-1], math.nan], None),
        ("common/0", [1, 2, 0], RARE[:-1], None),
        ("common/0", [1, 2, 0], [*RARE, -1.0], None),
        ("common/0", [1, 2, 0], [RARE], None),
        ("book_center/0", [1, 3], [], 2),
        ("book_center/0", [1, 2, 0], RARE, 3),
        ("book_center/0", [2, 0], RARE, 2),
    ],
)
def test_categories_that_no_file_may_have(name, hot, common, n_outputs):
    with pytest.raises(DataError, match=f'array "{name}"'):
        Category.from_arrays(0, stored(hot, common, n_outputs))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("book_center/0", np.array([math.inf])),
        ("book_center/0", np.array([2 * LARGEST])),
        ("book_scale/0", np.array([-1e-300])),
        ("book_scale/0", np.array([math.inf])),
        ("book_scale/0", np.ones(2)),
    ],
)
def test_a_centre_and_a_scale_that_no_file_may_have(name, array):
    with pytest.raises(DataError, match=f'array "{name}"'):
        Category.from_arrays(0, stored([1, 3], n_outputs=1, **{name: array}))


def test_no_category_has_more_outputs_than_there_may_be():
    hot = [*range(1, MOST_OUTPUTS), 0]
    common = np.full(51, -1.0)
    assert Category.from_arrays(0, stored(hot, common, n_levels=50)).n_outputs == MOST_OUTPUTS + 1
    with pytest.raises(DataError, match='array "hot/0"'):
        Category.from_arrays(0, stored([*range(1, MOST_OUTPUTS + 1), 0], common, n_levels=50))


def test_a_level_and_all_others_are_no_pair():
    raw = raw_outputs(3, np.array([2, 0]), np.empty(0))
    assert raw.tolist() == [[0, 1], [0, 1], [1, 0], [0, 1]]
    raw = raw_outputs(3, np.array([1, 2]), np.empty(0))
    assert raw.tolist() == [[0], [-1], [1], [0]]


def test_shares_have_ten_digits():
    # 37 levels of one weight: 1/37 = 0.02702702702702…
    codes = np.repeat(np.arange(1, 38), 3)
    made = fit_category(0, codes, np.full(len(codes), 0.7), 40)
    expected = math.log(float(f"{1 / 37:.9e}"))
    assert made.common.tolist() == pytest.approx([expected] * 41, rel=1e-15)
    assert abs(expected - math.log(1 / 37)) > 1e-12


def test_outputs_begin_with_32_levels():
    for n_levels, n_outputs in ((31, 31), (32, 32), (33, 33)):
        made = fit_category(0, np.arange(1, n_levels + 1), np.ones(n_levels), n_levels)
        assert made.n_outputs == n_outputs
        assert (len(made.common) > 0) == (n_levels == 33)
    # Of equally common ones the first have outputs of their own.
    assert made.hot.tolist() == [*range(1, 32), 0]


def test_the_part_of_a_table_without_categories():
    none = Levels((0, DATE, 0))
    assert none.n_outputs == 0
    assert none.arrays()["n_levels"].tolist() == [0, DATE, 0]
    assert Levels((0, 0)).arrays() == {}
    assert [len(each) for each in none.output_scaling()] == [0] * 4


@pytest.mark.parametrize(("hot", "is_shared"), [((), False), ((1, 2), False), ((1, 0), True)])
def test_levels_share_an_output_only_if_the_last_one_stands_for_others(hot, is_shared):
    none = np.zeros(len(hot))
    category = levels.Category(0, 3, np.array(hot, np.int64), none, none, none)
    assert category.is_shared is is_shared
