"""Columns that read as numbers and may be something else: codes, thousands, months."""

import numpy as np
import pytest

from thalweg.data.notation.codes import (
    codes_among,
    may_be_codes,
    may_be_months,
    may_be_thousands,
    proves_point,
)


def cells(*texts):
    return np.array(texts, dtype=object)


def of(*texts):
    """Texts, and the numbers that Python reads in them."""
    return cells(*texts), np.array([float(text or "nan") for text in texts])


@pytest.mark.parametrize(
    "texts",
    [
        ("01234", "10115"),
        ("10115", "01234"),
        ("10115", " 01234"),
        ("10115", "\t01234"),
        ("10115", "007"),
        ("203", "1E5"),
        ("203", "1e5"),
        ("1E5", "203", ""),
        ("203", "", "0117"),
    ],
)
def test_columns_that_are_worth_a_look(texts):
    assert may_be_codes(*of(*texts))


@pytest.mark.parametrize(
    "texts",
    [
        ("10115", "80331"),
        ("10115", " 80331"),
        ("0", "7"),
        ("0.5", "01234"),
        ("1E5", "1.5"),
        ("0", "0", "", "10"),
        ("100", "200"),
        ("7", "\t8"),
    ],
)
def test_columns_that_cannot_be_codes(texts):
    assert not may_be_codes(*of(*texts))


def test_codes_have_nothing_but_digits_or_one_length():
    assert codes_among(["7", "0"]) == ""
    assert codes_among(["7", "00"]) == "zeros"
    assert codes_among(["007", "1234"]) == "zeros"
    assert codes_among(["007", "A12"]) == ""
    assert codes_among(["10E3", "1234"]) == "exponents"
    assert codes_among(["1e5", "203", "2E7"]) == "exponents"
    assert codes_among(["1E5", "2034"]) == ""
    assert codes_among(["1E5", "203", "abc"]) == ""
    assert codes_among(["1E5"]) == ""
    assert codes_among([]) == ""


def test_one_cell_can_show_that_a_point_stands_before_decimals():
    for texts in (["1.234", "567.890"], ["-1.234", "7"], ["+12.345"], ["123.456", "8"]):
        assert may_be_thousands(cells(*texts))
    for sure in ("0.123", "1.5", "1234.567", "1.2345", "1.23", ".123", "1.", "1.234e5", "01.234"):
        assert not may_be_thousands(cells("1.234", sure))
        assert proves_point(cells("1.234", sure))
        # Also where it stands far down.
        assert not may_be_thousands(cells(*["1.234"] * 5000, sure))
    assert not may_be_thousands(cells("1", "234"))
    assert not may_be_thousands(cells())
    assert may_be_thousands(cells(*["1"] * 5000, "1.234"))
    assert may_be_thousands(cells(" 1.234 ", "7"))


def test_only_texts_prove_a_point():
    assert not proves_point(cells("1.234", "7"))
    assert not proves_point(cells("1.5", 2.5))
    assert not proves_point(cells(1.5, 2.5))
    assert not proves_point(np.array([1.5, 2.5]))
    assert not proves_point(np.array(["1.5", "2.5"]))


def test_years_with_a_month():
    nan = np.nan
    assert may_be_months(np.array([201503.0, 202412.0]))
    assert may_be_months(np.array([190001.0, nan]))
    assert may_be_months(np.array([210012.0]))
    assert may_be_months(np.array([200001.0, 200012.0, nan]))
    for others in (
        [],
        [nan],
        [201500.0],
        [201513.0],
        [201503.0, 201500.0],
        [201503.0, 201513.0],
        [201503.5],
        [201503.0, 201504.25, nan],
        [189912.0, 201503.0],
        [210101.0, 201503.0],
        [1903.0],
    ):
        assert not may_be_months(np.array(others)), others
