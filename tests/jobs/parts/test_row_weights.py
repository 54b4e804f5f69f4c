"""Weights of rows are read by the rules for features, and refused where these refuse."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.notation.number_notation import PLAIN
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.errors import DataError
from thalweg.jobs.parts.row_weights import weights_of

POINTS = ["1.846", "729", "2.500"]


def read(cells, said=None, **beside):
    return weights_of(pd.Series(cells, name="w"), SaidColumns.of(said), pd.DataFrame(beside))


@pytest.mark.parametrize(
    ("cells", "said", "beside", "expected", "shown"),
    [
        (["0,5", "1,25", "0"], None, {}, [0.5, 1.25, 0], "1234,56"),
        (["1.234", "0.5", "2"], None, {}, [1.234, 0.5, 2], "1234.56"),
        (["1.234,5", *POINTS[:2]], None, {}, [1234.5, 1846, 729], "1.234,56"),
        (POINTS, {"w": "1.234,5"}, {}, [1846, 729, 2500], "1.234,56"),
        (POINTS, {"w": "1,234.5"}, {}, [1.846, 729, 2.5], "1,234.56"),
        (POINTS, None, {"a": ["1,5", "2", "3"]}, None, ""),  # which says nothing of a point
        (POINTS, None, {"a": ["1.234,5", "2", "3"]}, [1846, 729, 2500], "1.234,56"),
        (POINTS, None, {"a": ["0.5", "2", "3"]}, [1.846, 729, 2.5], "1234.56"),
        (["2,740", "5", "6"], None, {"a": ["2,933.95", "2", "3"]}, [2740, 5, 6], "1,234.56"),
        (POINTS, {"a": "1.234,5"}, {"a": POINTS}, [1846, 729, 2500], "1.234,56"),
        (["01", "02", "10"], None, {}, [1, 2, 10], None),
        ([1, 2.5, 0], None, {}, [1, 2.5, 0], None),
        (["3", "12", "0"], None, {}, [3, 12, 0], None),
        (["1.000 kg", "2,5 kg", "0 kg"], None, {}, [1000, 2.5, 0], "1.234,56 kg"),
    ],
)
def test_marks_mean_what_cells_prove_or_a_person_says(cells, said, beside, expected, shown):
    if expected is None:
        with pytest.raises(DataError, match=r"1\.846 may be 1846 or 1\.846, in the weights"):
            read(cells, said, **beside)
        return
    found = read(cells, said, **beside)
    assert found.values.tolist() == expected
    assert (found.notation and found.notation.shown) == shown
    assert len(found.notes) == (found.notation is not None and not found.notation.is_plain)


@pytest.mark.parametrize(
    "bad", [[0, 0], [True, False], [1.0, float("inf")], ["yes", "no"], ["<3", "x"]]
)
def test_what_is_no_number_from_0_on_is_refused(bad):
    with pytest.raises(DataError):
        read(bad)


def test_two_notations_and_two_units_are_refused_and_the_fix_leaves_no_column_out():
    for cells in (["1.234,5", "1,234.5"], ["3 kg", "4 g"], ["3 kg", "4"]):
        with pytest.raises(DataError, match="in the weights") as raised:
            read(cells)
        assert "--drop " not in str(raised.value)
        assert "--category" not in str(raised.value)
    assert "--number w " in str(raised.value)
    assert read(["3 kg", "4"], ["w"]).values.tolist() == [3, 4]


def test_a_plain_point_is_known_once_it_is_read():
    assert read(["1.234", "0.5"]).notation == PLAIN
    assert read(POINTS, a=["0.5"] * 3).notation == PLAIN
    assert read(np.array([1.5, 2])).notation is None
