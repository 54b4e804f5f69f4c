"""The rules by which a column decides, and a later table is read, case by case."""

import math

import numpy as np
import pandas as pd
import pytest

from thalweg.data.header_row import header_place, likely_place, without_units
from thalweg.data.notation.codes import codes_among
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.notation.units import is_unit, is_unit_cell, unit_key
from thalweg.data.notation.written_number import written
from thalweg.data.notation.yes_no import are_yes_no
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError


def frame(**columns):
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})


def read(fitted, later):
    return infer_schema(frame(x=fitted)).matrix(frame(x=later))[:, 0].tolist()


@pytest.mark.parametrize("text", ["0,123", "0.5", "1234,567", "12,3456", "1,234,567", "1,234.5"])
def test_texts_with_one_reading(text):
    assert written(text).is_sure


def test_marks_that_contradict_each_other_in_a_column_are_refused():
    for pair in (["1,234,567", "1,5"], ["1.234.567", "1.5"], ["1,5", "1.5"], ["1 234", "1'234"]):
        with pytest.raises(DataError, match="Two ways"):
            infer_schema(frame(x=[*pair, "7"]))


def test_other_columns_tell_of_a_mark_if_they_agree():
    doubt = ["1,234", "2,500", "7"]
    told = {"y": ["1,5", "2", "3"]}
    assert infer_schema(frame(x=doubt, **told)).matrix(frame(x=doubt, **told))[0, 0] == 1.234
    told = {"y": ["1,234,567", "2", "3"]}
    assert infer_schema(frame(x=doubt, **told)).matrix(frame(x=doubt, **told))[0, 0] == 1234
    for told in (
        {},
        {"y": ["1.5", "2", "3"]},
        {"y": ["1,5", "2", "3"], "z": ["1,234,567", "2", "3"]},
    ):
        with pytest.raises(DataError, match="may be 1234 or"):
            infer_schema(frame(x=doubt, **told))


def test_a_later_cell_of_two_readings_is_as_the_model_says_unless_contradicted():
    german = ["2.528,14", "3,72", "1.000"]
    assert read(german, ["1.234", "1,234", "2528.14", "7"][:2]) == [1234, 1.234]
    assert read(german, ["2528.14", "17"]) == [2528.14, 17]
    for later in (["1.234", "2.5"], ["1,234", "1,234,567"], ["1.234", "2.5"] * 30):
        with pytest.raises(DataError, match="written in another way"):
            read(german, later)
    plain = ["1.5", "2.25", "7"]
    assert read(plain, ["1,234", "1,234,567"]) == [1234, 1234567]
    assert read(plain, ["1,234", "2.5"]) == [1234, 2.5]
    for later in (["1,234"], ["1,234"] * 60):
        with pytest.raises(DataError, match=r"may be 1234 or 1\.234"):
            read(plain, later)


def test_bounds_have_a_column_of_their_own():
    cells = ["<0.5", "3", ">200", "90+", "7.5", "", "12", "8"]
    schema = infer_schema(frame(x=cells))
    assert schema.names == ("x", "x: bound")
    assert schema.given_names == ("x",)
    assert schema.matrix(frame(x=cells))[:, 1].tolist() == pytest.approx(
        [-1, 0, 1, 1, 0, math.nan, 0, 0], nan_ok=True
    )
    assert np.array_equal(
        schema.matrix(frame(x=cells * 20)), np.tile(schema.matrix(frame(x=cells)), (20, 1)), True
    )
    named = infer_schema(frame(**{"x": cells, "x: bound": ["a", "b"] * 4}))
    assert named.names == ("x", "x: bound", "x: bound'")
    assert infer_schema(frame(x=["<1", ">1"] * 9)).kinds == ("category",)
    with pytest.raises(DataError, match="A bound instead of a number"):
        read(["1", "2", "3"], ["<2"])


def test_words_for_yes_and_no():
    for words in (["YES", "no"], ["ja", "Nein", "JA"], ["Oui", "non"], ["Sí", "no"], ["да", "нет"]):
        assert are_yes_no(words)
    for words in (["yes", "no", "maybe"], ["yes", "y", "no"], ["yes", "nein"], ["a", "b"], []):
        assert not are_yes_no(words)
    assert read(["YES", "no", "Yes"], ["yes", "NO", "yEs "]) == [2, 1, 2]


def test_codes():
    assert codes_among(["01234", "10115"]) == "zeros"
    assert codes_among(["1E5", "203", "117"]) == "exponents"
    for numbers in (["10115", "80331"], ["0", "7"], ["007.5", "1.5"], ["1E5", "2E5"], ["1E5", "3"]):
        assert codes_among(numbers) == ""
    assert infer_schema(frame(x=["01234", "10115", "10115"] * 9)).kinds == ("category",)
    assert infer_schema(frame(x=["201503", "201504"])).kinds == ("number",)
    assert infer_schema(frame(x=["E11.9", "I10", "E11.9"])).kinds == ("category",)


def test_units():
    for one, other in (("×10⁹/L", "x10^9/l"), ("years", "year"), ("KG", "kg"), ("µl", "μl")):
        assert unit_key(one) == unit_key(other)
    assert unit_key("M") != unit_key("m")
    assert is_unit("mL/min/1.73m2")
    assert not is_unit("rooms")
    assert is_unit_cell("(mg/dl)")
    assert not is_unit_cell("m")
    with pytest.raises(DataError, match="Two units"):
        infer_schema(frame(x=["5 kg", "300 g", "7 kg"]))
    with pytest.raises(DataError, match="without"):
        infer_schema(frame(x=["5 kg", 6.0, "7 kg"]))
    # Levels that only look like units stay levels.
    assert infer_schema(frame(x=["1st", "2nd", "3rd"])).kinds == ("category",)
    assert infer_schema(frame(x=["1 room", "2 flats"])).kinds == ("category",)


def test_headers():
    assert header_place([["Title"], ["a", "b"], ["1", "2"]]) == 1
    assert header_place([["a", "b"], ["1", "2"]]) == 0
    assert header_place([["Title"], ["1", "2"], ["3", "4"]]) == 0
    assert header_place([["Title"], ["a", "a"], ["3", "4"]]) == 0
    assert header_place([["Title"], ["a", "b"], ["3", "4", "5"]]) == 0
    assert likely_place([["T", "2021"], ["a", "b", "c"], ["1", "2", "3"]]) == 1
    twice = [["id", "BP", "HR", "BP"], ["1", "120", "70", "130"]]
    assert likely_place([["", "Before", "", "After"], *twice]) == 1
    assert likely_place(twice) is None
    table, notes = without_units(frame(a=["%", "1", "2"], b=["", "x", "y"]))
    assert table["a"].tolist() == ["1", "2"]
    assert '"%"' in notes[0]
    for words in (frame(a=["%", "x", "y"]), frame(a=["kg", "1", "2"], b=["x", "y", "z"])):
        assert without_units(words)[0] is words


@pytest.mark.parametrize(
    "cell",
    [
        "5 kg",
        "5kg",
        "1.234.56 kg",
        "10e5",
        "€5 kg",
        "EUR5 kg",
        "(5 kg)",
        "[5 kg]",
        "kg 5",
        "5 %",
        "-5 kg",
        "<5 kg",
        "10 kg",
        "10 000 kg",
        "100 ml",
        "10 °C",
        "5/m2",
    ],
)
def test_a_row_of_values_is_no_row_of_units(cell):
    table, notes = without_units(frame(w=[cell, "6 kg", "7 kg"]))
    assert len(table) == 3
    assert not notes


@pytest.mark.parametrize(
    "cell",
    [
        "kg",
        "(mg/dl)",
        "%",
        "10^9/L",
        "10⁹/L",
        "10³/µl",
        "x10^9/l",
        "(10^3/ul)",
        "in mm",
        "cm2",
        "ml/min/1.73m2",
        "mg/100 ml",
        "/100ml",
        "€",
        "kg/m2",
        "°C",
    ],
)
def test_a_row_of_units_is_left_out(cell):
    table, notes = without_units(frame(w=[cell, "6", "7"]))
    assert len(table) == 2
    assert len(notes) == 1


@pytest.mark.parametrize(
    "units",
    [
        ("%", "%", "cmol/kg"),
        ("%", "g/kg", "cmol/kg"),
        ("(%)", "(g/kg)", "(cmol/kg)"),
        ("%", "", "mgKOH/g"),
        ("mgKOH/g", "CFU/swab", ""),
        ("kg", "W m^-2", "ind. m⁻²"),
    ],
)
def test_a_row_of_units_may_have_some_that_nobody_knows(units):
    a, b, c = ([unit, "6", "7", "8.5"] for unit in units)
    table, notes = without_units(frame(site=["", "s1", "s2", "s3"], a=a, b=b, c=c))
    assert len(table) == 3
    assert f'"{units[0]}"' in notes[0]


@pytest.mark.parametrize(
    "cells",
    [
        ("n/a", "n/a", ""),  # no unit: newton per ampere
        ("%", "k.A.", ""),
        ("%", "CFU/swab", "3"),  # a row with a number is a case
        ("%", "3/4", ""),
        ("mgKOH/g", "", ""),  # one cell that nobody knows
        ("%", "below detection/limit of it", ""),
        ("%", "12/05/2020", ""),
    ],
)
def test_a_row_that_may_be_a_case_is_no_row_of_units(cells):
    a, b, c = ([cell, "6", "7", "8.5"] for cell in cells)
    table, notes = without_units(frame(a=a, b=b, c=c))
    assert len(table) == 4
    assert not notes


@pytest.mark.parametrize(
    ("form", "date"),
    [
        ("TT.MM.JJJJ", "24.03.2020"),
        ("tt.mm.jj", "24.03.20"),
        ("yyyy-mm-dd", "2020-03-24"),
        ("DD/MM/YYYY", "24/03/2020"),
        ("JJ/MM/AAAA", "24/03/2020"),
        ("TT.MM.JJJJ hh:mm", "24.03.2020 12:45"),
    ],
)
def test_a_form_of_a_date_is_a_unit_above_dates_only(form, date):
    # It kept a whole row of units from being recognised.
    of = {"b": ["cm", "170,3", "6"], "c": ["Tage", "2", "11"]}
    table, notes = without_units(frame(a=[form, date, date], **of))
    assert len(table) == 2
    assert form in notes[0]
    for below in ("5", "a word"):
        assert len(without_units(frame(a=[form, below, below], **of))[0]) == 3
    for other in ("MM.MM.MM", "TT.MM", "12.05.2020", "D-M", "T.M-J"):
        assert len(without_units(frame(a=[other, date, date], **of))[0]) == 3


@pytest.mark.parametrize(
    "text", ["1,5e99999 kg", "1.5e9999kg", "1,5 e3", "1,5 E+05 kg", "1.5 e 3", "1.5D+03"]
)
def test_an_exponent_is_no_unit(text):
    assert written(text) is None
    with pytest.raises(DataError):
        read(["1.5 kg", "2.5 kg", "3.5 kg"], [text])


@pytest.mark.parametrize("text", ["~5", "≈5", "~ 5 kg", "≈ 5.5"])
def test_an_estimate_is_not_read_as_an_exact_number(text):
    assert written(text) is None
    with pytest.raises(DataError):
        read([1.0, 2.0, 3.0], [text])


def test_a_column_that_cannot_be_read_tells_of_a_mark_or_no_column_is_said_not_to():
    leuko = [f"{2 + k % 7}.{100 + k}" for k in range(40)]
    costs = [f"{1 + k % 8}.{100 + k},{10 + k} €" for k in range(39)]
    # Whatever the unit of -999, the others have points between thousands.
    table = pd.DataFrame({"leuko": leuko, "costs": [*costs, "-999"]})
    with pytest.raises(DataError) as told:
        infer_schema(table)
    assert [name for name, _ in told.value.problems] == ["costs"]
    read = infer_schema(table, said=SaidColumns.of(number=["costs"])).matrix(table)
    assert read[0].tolist() == [2100.0, 1100.10]
    with pytest.raises(DataError, match="and no other column that can be read does"):
        infer_schema(table.assign(costs=[*costs, "999 kg"]))
    with pytest.raises(DataError, match="and no other column does"):
        infer_schema(table[["leuko"]])
