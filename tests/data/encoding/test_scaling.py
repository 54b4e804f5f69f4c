"""Scaled numbers: which dates are clock times, and what a file may have."""

import numpy as np
import pytest

from thalweg.data.cells import LARGEST
from thalweg.data.encoding.encoder_arrays import StoredArrays, is_bounded, is_vector
from thalweg.data.encoding.encoder_part import FitColumn
from thalweg.data.encoding.scaling import Scaling, ScalingFit
from thalweg.errors import DataError

NAN = np.nan


def scaling(low, high):
    ends = (None if end is None else np.array([end]) for end in (low, high))
    return Scaling(np.arange(1), np.zeros(1), np.ones(1), *ends)


@pytest.mark.parametrize(
    ("low", "high", "within"),
    [
        (0.0, 0.5, True),
        (0.0, 0.999, True),
        (0.25, 0.25, True),
        (0.0, 1.0, False),
        (0.0, 1.5, False),
        (-0.25, 0.5, False),
        (19_000.0, 19_000.5, False),
        (NAN, NAN, False),
        (None, None, False),
        (None, 0.5, False),
        (0.0, None, False),
    ],
)
def test_which_dates_are_clock_times_alone(low, high, within):
    assert scaling(low, high).is_within_a_day(0) == within


def test_categories_have_no_place_among_the_numbers():
    fit = ScalingFit()
    for place, (values, n_levels) in enumerate((([1, 2], 2), ([5, 7], 0), ([], 0), ([3, 9], -1))):
        fit.see(FitColumn.of(place, np.array(values, float), n_levels, np.ones(len(values))))
    part = fit.part()
    assert part.numbers.tolist() == [1, 2, 3]
    assert part.center.tolist() == [0, 6, 0, 6]
    assert part.scale.tolist() == [0, 1 / 2, 0, 1 / 6]
    np.testing.assert_array_equal(part.low, [NAN, 5, NAN, 3])
    np.testing.assert_array_equal(part.high, [NAN, 7, NAN, 9])
    assert part.output_columns() == [1, 2, 3]
    assert part.output_bounds().tolist() == [3.0] * 3
    center, scale, low, high = part.output_scaling()
    assert (center.tolist(), scale.tolist()) == ([6, 0, 6], [1 / 2, 0, 1 / 6])
    assert np.isnan([low, high]).all()


def test_vectors_that_a_file_may_have():
    assert is_vector(np.zeros(2), 2)
    for array in (np.zeros(3), np.zeros((2, 1)), np.zeros(2, np.float32), np.zeros(2, int)):
        assert not is_vector(array, 2)
        assert not is_bounded(array, 2)
    assert is_vector(np.array([NAN, np.inf]), 2)
    assert is_bounded(np.array([LARGEST, -LARGEST]), 2)
    for value in (NAN, np.inf, 2 * LARGEST, -2 * LARGEST):
        assert not is_bounded(np.array([0.0, value]), 2)


def test_what_is_absent_is_named():
    arrays = StoredArrays({"scale": np.ones(1)})
    assert arrays.n_features == 0
    with pytest.raises(DataError) as caught:
        arrays.take("center", "scale")
    assert caught.value.what == "An array of the encoder is absent"
    assert caught.value.where == "arrays center, scale"
    assert caught.value.why == "found ['scale']"
    with pytest.raises(DataError) as caught:
        StoredArrays({f"array {k}": np.zeros(1) for k in range(99)}).take("center")
    assert caught.value.where == "array center"
    assert len(caught.value.why) == 300
    with pytest.raises(DataError) as caught:
        arrays.require({"a": True, "b": False, "c": False}, "Because")
    assert (caught.value.where, caught.value.why) == ('array "b"', "Because")


def test_columns_of_dates_have_minus_one_level():
    def levels(*numbers, n=None, dtype=np.int64):
        n = len(numbers) if n is None else n
        return StoredArrays({"center": np.zeros(n), "n_levels": np.array(numbers, dtype)}).n_levels

    assert levels(-1, 0, 5) == (-1, 0, 5)
    for wrong in ({"n": 4}, {"dtype": np.int32}):
        with pytest.raises(DataError, match='array "n_levels"'):
            levels(-1, 0, 5, **wrong)
    with pytest.raises(DataError, match='array "n_levels"'):
        levels(-2, 0, 5)
