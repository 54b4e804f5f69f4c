"""The doctor names texts among numbers, how the column is read, and what reads it as numbers."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.table_check import check_table


def found_in(cells, dtype=None, **said):
    """The findings of one column beside a sound one."""
    n = len(cells)
    column = pd.Series(cells, dtype=dtype or object)
    frame = pd.DataFrame({"lab": column, "age": np.linspace(20, 90, n).round(2)})
    return [each for each in check_table(frame, **said).findings if each.columns == ("lab",)]


def cells(n_numbers, *texts, different=200):
    return [f"{4 + (k % different) / 100:.2f}" for k in range(n_numbers)] + list(texts)


def test_many_texts_among_numbers_are_counted_and_the_column_is_said_to_be_no_numbers():
    every = cells(70, *["low"] * 20, *["clotted"] * 10, different=12)
    [found] = found_in(every)
    assert (found.check, found.severity) == ("mixed types", "caution")
    assert found.what == "Texts among numbers: 'low' in 20 rows, 'clotted' in 10 rows"
    assert found.where == 'column "lab", first row 71'
    assert found.why == (
        "70 cells are numbers, and 30 are text; so the column is read as a category of 14 levels, "
        "and its numbers have no order"
    )
    assert "--missing lab=clotted --missing lab=low" in found.fix
    assert found.rows == tuple(range(71, 101))
    # The fix works as printed, and so does the other one.
    assert found_in(every, missing={"lab": ["clotted", "low"]}) == []
    assert found_in(every, category=["lab"]) == []
    assert found_in(every, dtype="category") == []
    assert found_in(every, text=["lab"]) == []


def test_different_numbers_among_texts_are_said_to_be_no_identifier():
    [found] = found_in(cells(70, *["low"] * 30))
    assert found.check == "mixed types"
    assert found.why.endswith("read as free text, of which only whether a cell is filled counts")
    assert "--category lab" in found.fix


def test_few_numbers_beside_texts_are_a_note():
    [found] = found_in([*["1", "2", "3"] * 20, *["more"] * 9])
    assert (found.severity, found.what) == ("note", "Texts among numbers: 'more' in 9 rows")
    assert "keep the column as it is" in found.fix
    # Words that mostly mean "not known" have a finding of their own.
    [word] = found_in([*["1", "2", "3"] * 20, *["unknown"] * 9])
    assert word.check == "word for missing"


@pytest.mark.parametrize(
    "every",
    [
        ["Bern", "Graz", "Linz"] * 20,
        ["1", "both", "2"] * 20,  # two numbers
        [*["red", "green"] * 20, *["1", "2", "3"] * 5],  # more texts than numbers
        ["01", "02", "03", "04"] * 15,  # codes
    ],
)
def test_levels_are_not_mixed(every):
    assert "mixed types" not in {each.check for each in found_in(every)}


def test_a_column_that_a_fit_refuses_has_its_texts_counted():
    [found] = found_in(cells(90, "low", "low", " low", "see note"))
    assert (found.check, found.severity) == ("mixed types", "severe")
    assert found.why == (
        "In this column 90 cells are numbers, and 4 are other text: 'low' in 3 rows, 'see note' in "
        "1 row"
    )
    texts = [f"text {k}" for k in range(7)]
    [found] = found_in(cells(90, *texts, "text 6"))
    assert "other text: 'text 6' in 2 rows, 'text 0' in 1 row, " in found.why
    assert found.why.endswith("'text 3' in 1 row and 2 more")
