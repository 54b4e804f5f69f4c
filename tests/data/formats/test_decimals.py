import random

import numpy as np
import pytest

from thalweg.data.cells import MISSING
from thalweg.data.formats.decimals import with_decimal_points
from thalweg.errors import DataError


def rewritten(*columns, decimal=",", **options):
    """The columns afterwards, and whether any number was written anew."""
    cells = np.array(columns, dtype=object).T.reshape(-1, len(columns))
    names = [f"c{j}" for j in range(len(columns))]
    had = with_decimal_points(names, cells, "my.csv", decimal, **options)
    return [list(column) for column in cells.T], had


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["3,14", "2"], ["3.14", "2"]),
        (["-3,14", "+0,5"], ["-3.14", "+0.5"]),
        ([",5", "5,"], [".5", "5."]),
        (["1,5e-3", "2E5"], ["1.5e-3", "2E5"]),
        ([" 3,14 ", "\t2"], [" 3.14 ", " 2"]),
        (["3,14", "", "NA", " ? "], ["3.14", "", "NA", " ? "]),
        (["1,234", "7"], ["1.234", "7"]),
        (["3,14", "2,5", "unknown"], ["3.14", "2.5", "unknown"]),
        (["3,14", "1.234,56", "1.234", "2,5"], ["3.14", "1234.56", "1234", "2.5"]),
        (["1 234,56", "2,5"], ["1234.56", "2.5"]),
        (["1\u202f234,56", "1\u2019234,5", "2,5"], ["1234.56", "1234.5", "2.5"]),
        (["12,5 mg", "<0,5 mg"], ["12.5 mg", "<0.5 mg"]),
        (["1,5 €", "2.500 €"], ["1.5 €", "2500 €"]),
        (["3,14", "2_5", "1"], ["3.14", "2_5", "1"]),
    ],
)
def test_a_named_decimal_comma_becomes_a_point(before, after):
    assert rewritten(before) == ([after], True)


def test_a_named_decimal_point_leaves_commas_between_thousands():
    assert rewritten(["1,234", "7"], decimal=".") == ([["1234", "7"]], True)
    assert rewritten(["1,234,567", "$7.5"], decimal=".") == ([["1234567", "$7.5"]], True)
    assert rewritten(["1,5", "7"], decimal=".") == ([["1,5", "7"]], False)
    assert rewritten(["1.5", "7"], decimal=".") == ([["1.5", "7"]], False)


@pytest.mark.parametrize(
    "words",
    [
        ["a, b", "c, d", "1,5"],
        ["1,2,3", "1,5", "2,3,4"],
        ["1,5", "high"],  # no more than half
        ["x", "", ""],
        ["1,,5", "2"],
        ["--1,5", "2"],
        [",", "1"],
        ["2", "3"],
        ["", ""],
        ["12.05.2021", "13.05.2021", "1.1.2020"],
        ["1,5 rooms", "2,5 flats"],
    ],
)
def test_words_are_left_alone(words):
    assert rewritten(words) == ([words], False)


def test_a_point_is_refused_where_the_comma_was_named():
    with pytest.raises(DataError) as caught:
        rewritten(["1", "2"], ["1", "2.5"])
    assert caught.value.where == 'my.csv, column "c1", row 2'
    assert "set to a comma" in caught.value.why
    assert "number" in caught.value.fix
    assert rewritten(["1,5"], ["2.5"], skip={"c1"}) == ([["1.5"], ["2.5"]], True)


def test_nothing_is_rewritten_before_all_is_clear():
    cells = np.array([["3,14", "2.5"]], dtype=object)
    with pytest.raises(DataError):
        with_decimal_points(["a", "b"], cells, "x", ",")
    assert cells.tolist() == [["3,14", "2.5"]]


def test_an_empty_table_has_no_numbers():
    assert rewritten([], []) == ([[], []], False)


def test_any_numbers_written_with_commas_are_the_same_numbers():
    # Against Python's own formatting: each number is written with a point and with a comma.
    rng = random.Random(1)
    for _ in range(200):
        forms = ["{:.6g}", "{:.2f}", "{:e}", "{:.17g}", "{:.0f}"]
        points = [rng.choice(forms).format(rng.gauss(0, 10 ** rng.randint(-9, 9))) for _ in "x" * 9]
        points += ["0.5", *rng.sample(sorted(MISSING), 3)]
        rng.shuffle(points)
        assert rewritten([point.replace(".", ",") for point in points]) == ([points], True)
