"""Cells of a later table, read by a notation: one by one, and what their table proves."""

import math
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.read_number import NumberReader, Uncertain, as_numbers, bound_of

GERMAN = NumberNotation(",", ".")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (5, 5.0), (2.5, 2.5), (Decimal("1.25"), 1.25), ("1.234", 1234.0), ("1,234", 1.234),
        ("1.234,5", 1234.5), ("2.5", 2.5), ("7 kg", None), ("<7", None), ("many", None),
        ("true", None), ("1e3", 1000.0), ("1_000", None), ("inf", math.inf), ("-inf", -math.inf),
        ([], None),
    ],
)  # fmt: skip
def test_the_number_of_a_cell(cell, value):
    assert NumberReader(GERMAN)(cell) == value


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "?", " NaN ", None, math.nan])
def test_a_missing_cell_is_nan(cell):
    assert math.isnan(NumberReader(GERMAN)(cell))


def test_units_bounds_and_marks_are_those_of_the_column():
    read = NumberReader(NumberNotation(".", unit="kg", bounded=True))
    assert [read(each) for each in ("5 kg", "5", "5 KG", "5 g", "<5 kg", ">2.5")] == [
        5,
        5,
        5,
        None,
        5,
        2.5,
    ]
    assert NumberReader(NumberNotation())("1,234") is None  # it may be either
    assert pickle.loads(pickle.dumps(read)) == read


@pytest.mark.parametrize(
    ("notation", "cells", "values"),
    [
        # Nothing is open: nothing is looked for.
        (PLAIN, ["1,5", "2.5"], [1.5, 2.5]),
        (NumberNotation(), ["1,234,567", "1.5", 7, None], [1234567, 1.5, 7, None]),
        # The table proves one mark, and the other follows.
        (NumberNotation(), ["1,234", "1,5"], [1.234, 1.5]),
        (NumberNotation(), ["1,234", "1,234,567"], [1234, 1234567]),
        (NumberNotation(), ["1,234", "2.5"], [1234, 2.5]),
        (NumberNotation(), ["1.234", "2,5"], [1234, 2.5]),
        (PLAIN, ["1,234", "2.5"], [1234, 2.5]),
        (PLAIN, ["1,234", "1,234,567"], [1234, 1234567]),
        (NumberNotation(",", " "), ["1 234", "1,234", "5,5"], [1234, 1.234, 5.5]),
        (NumberNotation(","), ["1,234", "1.234.567"], [1.234, 1234567]),
        (NumberNotation(","), ["1,234", "1 234"], [1.234, 1234]),
        # It contradicts itself, or says nothing: open cells stay open.
        (NumberNotation(), ["1,234", "1.5", "1,5"], [None, 1.5, 1.5]),
        (NumberNotation(), ["1,234", "7"], [None, 7]),
        (NumberNotation(), ["1,234", "1 234"], [None, 1234]),
        (NumberNotation(), ["1,234", "1.234", "2.5"], [None, 1.234, 2.5]),
        (NumberNotation("", " "), ["1,234", "2.5"], [None, 2.5]),
    ],
)
def test_what_a_table_proves(notation, cells, values):
    read = NumberReader(notation).for_table(cells)
    assert [None if cell is None else read(cell) for cell in cells] == values


def test_a_table_that_contradicts_the_notation_is_uncertain():
    for cells in (["1.234", "2.5"], ["2.5", "1.234"], ["7", "1.234", 3.0, "2.5", "3.5"]):
        with pytest.raises(Uncertain) as caught:
            NumberReader(GERMAN).for_table(cells)
        assert (caught.value.text, caught.value.other) == ("1.234", "2.5")
        assert str(caught.value) == "1.234"
    # Without an open cell each cell tells by itself.
    assert NumberReader(GERMAN).for_table(["2.5", "3.5"]).notation == GERMAN


def test_a_mark_of_the_notation_is_kept():
    read = NumberReader(NumberNotation(unit="kg", bounded=True)).for_table(["1,234 kg", "2.5 kg"])
    assert read.notation == NumberNotation(".", ",", "kg", False, True)


def test_the_side_of_a_bound():
    cells = ("<0.5", "≤2", ">200", "90+", "7", "many", 7)
    assert [bound_of(each) for each in cells] == [-1, -1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize("cell", ["", " ", "NA", None, float("nan"), pd.NA, np.nan])
def test_a_missing_cell_has_no_side(cell):
    assert math.isnan(bound_of(cell))


def test_the_side_of_a_bound_is_a_float():
    assert all(type(bound_of(each)) is float for each in ("<1", "7", 7))


def test_cells_as_a_person_says_that_they_are_written():
    cells = ["1.234,5", "1.234", "<0,5", ">7", "x", "", None, 5, "7 kg", "≥1.234,25"]
    assert as_numbers(cells, GERMAN) == [
        1234.5,
        1234.0,
        "<0.500000",
        ">7.000000",
        "x",
        "",
        None,
        5,
        "7 kg",
        ">1234.250000",
    ]
