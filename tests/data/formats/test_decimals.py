import random

import numpy as np
import pytest

from thalweg.data.cells import MISSING
from thalweg.data.formats.decimals import commas_to_points
from thalweg.errors import DataError


def rewritten(*columns, **options):
    """The columns afterwards, and whether there were commas."""
    cells = np.array(columns, dtype=object).T.reshape(-1, len(columns))
    names = [f"c{j}" for j in range(len(columns))]
    had = commas_to_points(names, cells, "my.csv", **options)
    return [list(column) for column in cells.T], had


SURE = ["3,14", "2", "1,5"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["3,14", "2"], ["3.14", "2"]),
        (["-3,14", "+0,5"], ["-3.14", "+0.5"]),
        ([",5", "5,"], [".5", "5."]),
        (["1,5e-3", "2E5"], ["1.5e-3", "2E5"]),
        ([" 3,14 ", "\t2"], [" 3.14 ", "\t2"]),
        (["3,14", "", "NA", " ? "], ["3.14", "", "NA", " ? "]),
        (["3,14", "inf", "nan"], ["3.14", "inf", "nan"]),
        (["0,123"], ["0.123"]),  # no thousands begin with 0
        (["1234,567"], ["1234.567"]),  # nor do four digits stand before them
        (["12,3456"], ["12.3456"]),
        (["1,234", "1,5"], ["1.234", "1.5"]),  # the second tells what the first is
        # More than half are numbers: the rest stays, and the schema will name it.
        (["3,14", "2,5", "unknown"], ["3.14", "2.5", "unknown"]),
        (["3,14", "1.234,56", "2,5"], ["3.14", "1.234,56", "2.5"]),
        (["1.234,56", "1.000.000,5", "2,5"], ["1.234,56", "1.000.000,5", "2.5"]),
        (["1 234,56", "2,5"], ["1 234,56", "2.5"]),
        (["1\u202f234,56", "1\u2019234,5", "2,5"], ["1\u202f234,56", "1\u2019234,5", "2.5"]),
        (["3,14", "2_5", "1"], ["3.14", "2_5", "1"]),
    ],
)
def test_a_decimal_comma_becomes_a_point(before, after):
    assert rewritten(before) == ([after], True)
    assert rewritten(before, is_given=True) == ([after], True)


@pytest.mark.parametrize(
    "words",
    [
        ["a, b", "c, d", "1,5"],
        ["1,2,3", "1,5", "2,3,4"],
        ["1,5", "high"],  # no more than half
        ["x", "", ""],
        ["12,5 mg", "13 mg"],
        ["1,,5", "2"],
        ["--1,5", "2"],
        [",", "1"],
        ["1,5,", "2"],
        ["2", "3"],
        ["", ""],
        ["1,5", "<0,5", "<0,7"],
        ["1,5", "2_5", "3_5"],
        ["1.5", "high", "low"],
    ],
)
def test_words_are_left_alone(words):
    assert rewritten(words) == ([words], False)
    assert rewritten(words, is_given=True) == ([words], False)
    # Nor do they change because another column has decimal commas.
    width = len(words)
    other = (SURE * width)[:width]
    assert rewritten(words, other)[0][0] == words


def test_one_column_tells_for_all():
    assert rewritten(["1,234", "2,345", "1"], SURE) == (
        [["1.234", "2.345", "1"], ["3.14", "2", "1.5"]],
        True,
    )


def refused(*columns, **options):
    with pytest.raises(DataError) as caught:
        rewritten(*columns, **options)
    assert caught.value.where.startswith("my.csv, column")
    assert caught.value.fix
    return str(caught.value)


@pytest.mark.parametrize("number", ["1,234", "-12,345", "+999,000"])
def test_thousands_or_decimals_is_asked(number):
    said = refused(["7", number, "8"], ["a", "b", "c"])
    point, none = number.replace(",", "."), number.replace(",", "")
    assert f"{number} may be {none} or {point}" in said
    assert 'column "c0", row 2' in said
    assert 'set decimal=","' in said
    assert rewritten(["7", number, "8"], is_given=True) == ([["7", point, "8"]], True)
    assert rewritten(["7", number], skip={"c0"}) == ([["7", number]], False)


def test_a_point_beside_commas_is_refused():
    said = refused(["1", "2.345", "7"], SURE)
    assert "The point in 2.345 may be before decimals" in said
    assert 'my.csv, column "c0", row 2' in said
    assert '3,14, column "c1", row 1' in said
    assert "set decimal" in said
    # In one column too, and where only one was said.
    assert 'column "c0", row 2' in refused(["1,5", "2.5"])
    assert "was set to a comma" in refused(["1", "2.5"], is_given=True)
    # But not in a column that does not matter, or holds words.
    assert rewritten(["1", "2.345", "7"], SURE, skip={"c0"})[1]
    dates = ["12.05.2021", "13.05.2021", "1.1.2020"]
    assert rewritten(dates, SURE)[0][0] == dates
    assert rewritten(["1.5 mg", "a", "b"], SURE)[0][0] == ["1.5 mg", "a", "b"]


def test_nothing_is_rewritten_before_all_is_clear():
    cells = np.array([["3,14", "2.5"]], dtype=object)
    with pytest.raises(DataError):
        commas_to_points(["a", "b"], cells, "x")
    assert cells.tolist() == [["3,14", "2.5"]]


def test_an_empty_table_has_no_commas():
    assert rewritten([], []) == ([[], []], False)
    assert rewritten([], is_given=True) == ([[]], False)


def test_any_numbers_written_with_commas_are_the_same_numbers():
    # Against Python's own formatting: each number is written with a point and with a comma.
    rng = random.Random(1)
    for _ in range(200):
        forms = ["{:.6g}", "{:.2f}", "{:e}", "{:.17g}", "{:.0f}"]
        points = [rng.choice(forms).format(rng.gauss(0, 10 ** rng.randint(-9, 9))) for _ in "x" * 9]
        points += ["0.5", *rng.sample(sorted(MISSING), 3)]
        rng.shuffle(points)
        assert rewritten([point.replace(".", ",") for point in points]) == ([points], True)
