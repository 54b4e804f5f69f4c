"""How a column of numbers is written, decided from its texts; and the messages against it."""

import pandas as pd
import pytest

from thalweg.data.notation.as_said import contradicts, options, require_as_said
from thalweg.data.notation.decide_number import (
    Decided,
    Proof,
    decide_as_said,
    decide_number,
    in_doubt,
)
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.notation.written_number import written
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError

GERMAN = NumberNotation(",", ".")


def decided(*texts, bare=False):
    return decide_number("x", texts, lambda text: texts.index(text) + 1, bare=bare)


def as_said(said, *texts):
    return decide_as_said("x", texts, lambda text: texts.index(text) + 1, said)


def error_of(function, *arguments, **options):
    with pytest.raises(DataError) as caught:
        function(*arguments, **options)
    return caught.value


@pytest.mark.parametrize(
    ("texts", "notation"),
    [
        (["7", "8"], NumberNotation()),
        (["7", "1.5"], PLAIN),
        (["1,5", "7"], NumberNotation(",")),
        (["1,234,567", "7"], NumberNotation(".", ",")),
        (["1.234.567", "7"], GERMAN),
        (["1 234", "7"], NumberNotation("", " ")),
        (["1'234", "1.5"], NumberNotation(".", "'")),
        (["1.234,5"], GERMAN),
        # The other mark is proven: this one stands between thousands, or before decimals.
        (["1,234", "1.5"], NumberNotation(".", ",")),
        (["1.234", "1,5"], GERMAN),
        (["1 234", "1,234"], NumberNotation(",", " ")),
        (["1'234", "1.234"], NumberNotation(".", "'")),
        (["5 kg", "7.5 kg"], NumberNotation(".", "", "kg")),
        (["$5", "$7"], NumberNotation("", "", "$", True)),
        (["5 year", "7 years"], NumberNotation("", "", "year")),
        (["5", "<7"], NumberNotation("", "", "", False, True)),
        (["5", "7+"], NumberNotation("", "", "", False, True)),
    ],
)
def test_what_a_column_proves(texts, notation):
    for each in (texts, texts[::-1]):
        assert decided(*each) == Decided(notation)


def test_what_nothing_proves_is_in_doubt():
    found = decided("7", "1,234", "2,500")
    assert found == Decided(NumberNotation(), ",", "1,234", 2)
    assert decided("2,500 kg", "1,234 kg") == Decided(NumberNotation(unit="kg"), ",", "2,500 kg", 1)
    assert found.settled(frozenset(","), frozenset()) == Decided(NumberNotation(","))
    assert found.settled(frozenset(), frozenset(",")) == Decided(NumberNotation(".", ","))
    for decimals, thousands in (("", ""), (",", ","), (".", ""), ("", "."), (".", " ")):
        assert found.settled(frozenset(decimals), frozenset(thousands)) == found
    sure = Decided(GERMAN)
    assert sure.settled(frozenset("."), frozenset(",")) == sure


def test_a_proof_names_the_first_text_of_each_mark():
    texts = ["7", "1,234", "1,5", "2,5", "1 234", "5 678", "1.234.567,5"]
    proof = Proof.of([(text, written(text)) for text in texts])
    assert proof.decimals == {",": "1,5"}
    assert proof.thousands == {" ": "1 234", ".": "1.234.567,5"}
    assert proof.conflict() == ("1 234", "1.234.567,5")
    assert Proof({}, {}).conflict() is None
    assert Proof({".": "1.5"}, {",": "1,234,567"}).conflict() is None
    assert Proof({".": "1.5", ",": "1,5"}, {}).conflict() == ("1.5", "1,5")
    assert Proof({".": "1.5"}, {".": "1.234.567"}).conflict() == ("1.234.567", "1.5")
    assert Proof({}, {",": "1,234,567"}).notation == NumberNotation(".", ",")
    assert Proof({",": "1,5"}, {}).notation == NumberNotation(",")


def test_the_message_of_a_text_that_may_be_two_numbers():
    error = in_doubt("x", decided("7", "1,234"))
    assert error.what == "1,234 may be 1234 or 1.234"
    assert error.where == 'column "x", row 2'
    assert error.why == (
        "No cell of the column tells whether the comma stands between thousands or before "
        "decimals, and no other column does"
    )
    assert error.fix == (
        "say how the column is written: for 1234 --number x=1,234.56 on the command line, "
        "number={'x': '1,234.56'} in Python, for 1.234 --number x=1.234,56 on the command line, "
        "number={'x': '1.234,56'} in Python"
    )
    error = in_doubt("x", decided("-1.234 €"))
    assert error.what == "-1.234 € may be -1234 or -1.234"
    assert "whether the point stands" in error.why
    assert "for -1234 --number 'x=1.234,56 €' on" in error.fix
    assert "for -1.234 --number 'x=1,234.56 €' on" in error.fix


def test_two_ways_to_write_numbers():
    error = error_of(decided, "7", "1,5", "2.5")
    assert error.what == "Two ways to write numbers in one column"
    assert error.where == "column \"x\", row 2 holds '1,5', row 3 '2.5'"
    assert error.fix == (
        "leave the column out (--drop x on the command line); or write the numbers of the column "
        "in one way"
    )
    # Each can stand in a notation, and no notation has both.
    error = error_of(decided, "1.234", "7", "2,500")
    assert error.where == "column \"x\", row 1 holds '1.234', row 3 '2,500'"
    error = error_of(decided, "2,500", "7", "3,500", "1.234")
    assert error.where == "column \"x\", row 1 holds '2,500', row 4 '1.234'"


def test_two_units():
    error = error_of(decided, "5 kg", "7 kg", "300 g", "2 lb")
    assert error.what == "Two units in one column"
    assert error.where == "column \"x\", row 1 holds '5 kg', row 3 '300 g'"
    assert error.why == "Numbers of different units cannot be compared"
    assert error.fix == (
        "leave the column out (--drop x on the command line); or write one unit throughout"
    )
    error = error_of(decided, "7", "5 kg", "300 g")
    assert error.what == "Two units in one column"
    assert error.where == "column \"x\", row 1 holds '7', row 2 '5 kg'"
    error = error_of(decided, "5 kg", "8", "6")
    assert error.what == "A number with a unit beside one without"
    assert error.where == "column \"x\", row 1 holds '5 kg', row 2 '8'"
    assert error.fix == (
        "if a cell without a unit is of the same unit, say so: --number x on the command line, "
        "number=['x'] in Python; if not, leave the column out (--drop x on the command line)"
    )
    assert decided("5 kg", "8", bare=True).notation == NumberNotation(unit="kg")
    assert "Two units" in error_of(decided, "5 kg", "8", "3 g", bare=True).what


def test_the_notation_that_a_person_named():
    assert as_said(GERMAN, "1.234", "7") == GERMAN
    assert as_said(GERMAN, "5 kg", "7") == NumberNotation(",", ".", "kg")
    assert as_said(GERMAN, "$5", "7") == NumberNotation(",", ".", "$", True)
    kilos = NumberNotation(",", ".", "KG")
    assert as_said(kilos, "5 kg", "7") == kilos
    assert as_said(kilos, "7") == kilos
    assert as_said(GERMAN, "<5", "7") == NumberNotation(",", ".", "", False, True)
    bounded = NumberNotation(",", ".", "", False, True)
    assert as_said(bounded, "7") == bounded
    assert as_said(bounded, "7 kg") == NumberNotation(",", ".", "kg", False, True)
    assert as_said(GERMAN, "7", "some") == GERMAN
    assert "Two units" in error_of(as_said, GERMAN, "5 kg", "300 g").what
    # Of several spellings the same is kept for every order of the rows.
    for texts in (["5 kg", "7,5 KG"], ["7,5 KG", "5 kg"]):
        assert as_said(NumberNotation(","), *texts) == decided(*texts).notation
        assert decided(*texts).notation.unit == "KG"


def test_a_text_that_contradicts_the_notation_that_a_person_named():
    error = error_of(as_said, GERMAN, "1,5", "3.5", "2.5")
    assert error.what == "A number that is not written as you say: '3.5'"
    assert error.where == 'column "x", row 2'
    assert error.why == "You say that this column holds numbers such as 1.234,56"
    # No notation goes with all of them.
    assert error.fix == (
        "write the numbers of the column in one way; or leave the column out (--drop x on the "
        "command line)"
    )
    error = error_of(as_said, GERMAN, "3.5", "7")
    assert error.fix == (
        "say how the column is written: for 3.5 --number x=1,234.56 on the command line, "
        "number={'x': '1,234.56'} in Python"
    )
    error = error_of(as_said, NumberNotation(",", ".", "kg"), "5 g", "7 g")
    assert error.what == "A number that is not written as you say: '5 g'"
    assert "x=1,234.56 g" in error.fix
    assert "x=1.234,56 g" in error.fix
    error = error_of(as_said, NumberNotation(",", ".", "kg"), "$5", "7")
    assert "x=$1,234.56" in error.fix
    error = error_of(as_said, NumberNotation(",", ".", "kg"), "5 g", "7 lb")
    assert error.fix.startswith("write the numbers of the column in one way")


def test_marks_in_another_role():
    for text, notation, wrong in (
        ("1.5", GERMAN, True),
        ("1,5", GERMAN, False),
        ("1.234.567", GERMAN, False),
        ("1,234,567", GERMAN, True),
        ("1,5", PLAIN, True),
        ("1,234,567", PLAIN, False),
        ("1 234", GERMAN, False),
        ("1.5", NumberNotation("", "."), True),
        ("1,5", NumberNotation("", "."), False),
        ("1,5", NumberNotation("", " "), False),
        ("7", GERMAN, False),
    ):
        assert contradicts(written(text), notation) == wrong, text


def test_the_options_of_a_column_largest_number_first():
    def say(name, example):
        return f"{name}={example}"

    none = NumberNotation()
    assert options("x", "1,234", [], none, say) == "for 1234 x=1,234.56, for 1.234 x=1.234,56"
    assert options("x", "1.234", [], none, say) == "for 1234 x=1.234,56, for 1.234 x=1,234.56"
    assert options("x", "-1,234", [], none, say) == "for -1234 x=1,234.56, for -1.234 x=1.234,56"
    assert options("x", "1,234", ["2.5"], none, say) == "for 1234 x=1,234.56"
    assert options("x", "1,234", ["2,5", "some"], none, say) == "for 1.234 x=1.234,56"
    assert options("x", "1,234", ["2,5", "2.5"], none, say) == ""
    assert options("x", "7", [], none, say) == "for 7 x=1,234.56, for 7 x=1.234,56"
    kilos = NumberNotation(unit="kg")
    assert options("x", "1,234", ["2.5 kg", "3"], kilos, say) == "for 1234 x=1,234.56 kg"
    assert options("x", "1,234", ["2.5 g"], kilos, say) == ""


def test_texts_that_are_no_numbers_do_not_count():
    require_as_said("x", ["many", "1,5"], {"1,5": 2}.get, GERMAN, str.__add__)


@pytest.mark.parametrize("form", ["{0} kr.", "{0} Fr.", "Rs. {0}", "{0}"])
def test_a_point_of_the_unit_is_no_mark_of_the_number(form):
    full_width = {ord(sign): chr(0xFEE0 + ord(sign)) for sign in "0123456789,"}
    cells = [form.format("1,234"), form.format("2,500")]
    texts = cells * 20 if form != "{0}" else [cell.translate(full_width) for cell in cells] * 20
    frame = pd.DataFrame({"x": texts})
    with pytest.raises(DataError, match=r"may be 1234 or 1\.234"):
        infer_schema(frame)
    for example, value in (("1,234.56", 1234.0), ("1.234,56", 1.234)):
        said = SaidColumns.of(number={"x": example})
        assert infer_schema(frame, said=said).matrix(frame)[0, 0] == value


def test_one_unit_in_two_inflections_and_two_units():
    found = infer_schema(pd.DataFrame({"stay": ["1 Tag", "2 Tage", "5 Tage"] * 5})).columns[0]
    assert (found.kind, found.notation.unit) == ("number", "Tage")
    for words in (["3 Monate", "2 Jahre", "1 Jahr"], ["3 Tage", "2 Wochen", "1 Tag"]):
        with pytest.raises(DataError, match="Two units in one column"):
            infer_schema(pd.DataFrame({"stay": words * 9}))
