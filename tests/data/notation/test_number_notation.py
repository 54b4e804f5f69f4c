"""A notation: its example, its words, its plain data, and how a cell is read by it."""

import pytest

from thalweg.data.notation.column_notation import (
    CODES,
    YES_NO,
    YES_NO_FOLDED,
    WordNotation,
    is_yes_no,
    notation_from_data,
)
from thalweg.data.notation.number_notation import PLAIN, NumberNotation, completed, notation_of
from thalweg.data.notation.written_number import NumberReading, written
from thalweg.errors import DataError, SettingsError

GERMAN = NumberNotation(",", ".")


@pytest.mark.parametrize(
    ("notation", "example", "words"),
    [
        (NumberNotation(), "1234", "numbers such as 1234"),
        (PLAIN, "1234.56", "numbers such as 1234.56, decimal point"),
        (
            GERMAN,
            "1.234,56",
            "numbers such as 1.234,56, point between thousands, decimal comma",
        ),
        (
            NumberNotation("", " "),
            "1 234",
            "numbers such as 1 234, space between thousands",
        ),
        (
            NumberNotation(".", "'", "CHF", True),
            "CHF 1'234.56",
            "numbers such as CHF 1'234.56, apostrophe between thousands, decimal point, "
            'unit "CHF"',
        ),
        (NumberNotation("", ",", "$", True), "$1,234", None),
        (NumberNotation(".", "", "kg"), "1234.56 kg", None),
        (NumberNotation(".", "", "$ per kg", True), "$1234.56 per kg", None),
        (NumberNotation(".", "", "EUR /kg", True), "EUR 1234.56 /kg", None),
        (
            NumberNotation(",", "", "mg/l", False, True),
            "<1234,56 mg/l",
            'numbers such as 1234,56 mg/l, decimal comma, unit "mg/l", a bound such as < or > is '
            "read as its number, and has a column of its own",
        ),
    ],
)
def test_the_example_and_the_words(notation, example, words):
    assert notation.example == example
    assert words is None or notation.words == words


def test_what_python_writes_so_too():
    for plain in (NumberNotation(), PLAIN):
        assert plain.is_plain
    for other in (
        NumberNotation(","),
        NumberNotation(".", ","),
        NumberNotation(".", unit="kg"),
        NumberNotation(".", bounded=True),
    ):
        assert not other.is_plain


def test_plain_data_leaves_out_what_is_empty():
    assert PLAIN.as_data() == {"of": "number", "decimal": "."}
    full = NumberNotation(",", ".", "€", True, True)
    assert full.as_data() == {
        "of": "number",
        "decimal": ",",
        "thousands": ".",
        "unit": "€",
        "before": True,
        "bounded": True,
    }
    for notation in (NumberNotation(), PLAIN, full, NumberNotation(".", " ")):
        assert NumberNotation.from_data(notation.as_data()) == notation
        assert notation_from_data(notation.as_data(), "number") == notation
    assert NumberNotation.from_data({"of": "number", "unit": "x" * 40}).unit == "x" * 40


@pytest.mark.parametrize(
    "told",
    [
        {"decimal": ";"},
        {"decimal": " "},
        {"thousands": "_"},
        {"decimal": ".", "thousands": "."},
        {"decimal": ",", "thousands": ","},
        {"decimal": None},
        {"decimal": 1},
        {"unit": 5},
        {"unit": "x" * 41},
        {"before": 1},
        {"bounded": "yes"},
        {"decimal": ".", "colour": "red"},
    ],
)
def test_plain_data_without_meaning_is_refused(told):
    with pytest.raises(DataError, match="of a column of numbers makes no sense"):
        NumberNotation.from_data({"of": "number", **told})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (None, "number"),
        ("number", "number"),
        ([], "number"),
        ({}, "number"),
        ({"of": None}, "number"),
        ({"of": 5}, "number"),
        ({"of": ["number"]}, "number"),
        ({"of": "numbers"}, "number"),
        ({"of": "number"}, "category"),
        ({"of": "codes"}, "number"),
        ({"of": "yes/no"}, "date"),
        ({"of": "dates", "form": "", "grain": "day", "zone": "", "two_digits": False}, "number"),
    ],
)
def test_a_notation_that_is_none_or_of_another_kind_is_refused(data, kind):
    with pytest.raises(DataError, match="is one of codes, dates, number, yes/no, yes/no in"):
        notation_from_data(data, kind)


def test_notations_of_words():
    for notation in (YES_NO, YES_NO_FOLDED, CODES):
        assert notation_from_data(notation.as_data(), "category") == notation
        with pytest.raises(DataError, match="nothing but its name"):
            WordNotation.from_data({**notation.as_data(), "decimal": "."})
    assert [is_yes_no(each) for each in (YES_NO, YES_NO_FOLDED, CODES, PLAIN, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert YES_NO.words == "yes and no"
    assert YES_NO_FOLDED.words == "yes and no, whatever the capitals"
    assert "names" in CODES.words


@pytest.mark.parametrize(
    ("text", "notation", "value"),
    [
        ("1,234", GERMAN, 1.234),
        ("1.234", GERMAN, 1234),
        ("1,234", NumberNotation(".", ","), 1234),
        ("1,234", NumberNotation(".", " "), None),
        ("1,234", NumberNotation(), None),
        ("1.5", GERMAN, 1.5),  # one reading, and no other
        ("1 234", NumberNotation(), 1234),
        ("1234", PLAIN, 1234),
    ],
)
def test_the_reading_of_a_cell(text, notation, value):
    chosen = notation.chosen(written(text))
    assert (chosen and chosen.value) == value


def test_a_reading_has_no_mark_but_those_of_the_notation():
    assert GERMAN.allows(NumberReading(1.5, ",", ""))
    assert GERMAN.allows(NumberReading(1234.5, ",", "."))
    assert GERMAN.allows(NumberReading(7.0, "", ""))
    assert not GERMAN.allows(NumberReading(1.5, ".", ""))
    assert not GERMAN.allows(NumberReading(1234.0, "", ","))
    assert not GERMAN.allows(NumberReading(1234.5, ",", " "))


def test_a_bare_number_is_of_the_unit_and_spellings_of_a_unit_are_one():
    years = NumberNotation(unit="years")
    for text, fits in (("5", True), ("5 year", True), ("5 Years", True), ("5 kg", False)):
        assert years.fits_unit(written(text)) == fits


def test_the_other_mark_stands_before_decimals():
    assert completed(NumberNotation("", ",")) == NumberNotation(".", ",")
    assert completed(NumberNotation("", ".", "kg", False, True)) == NumberNotation(
        ",", ".", "kg", False, True
    )
    for same in (NumberNotation("", " "), NumberNotation("", "'"), NumberNotation(), PLAIN):
        assert completed(same) == same
    assert completed(NumberNotation(",", " ")) == NumberNotation(",", " ")


@pytest.mark.parametrize(
    ("example", "notation"),
    [
        ("1.234,56", GERMAN),
        ("1,5", NumberNotation(",")),
        ("1,234,567", NumberNotation(".", ",")),
        ("<1 234,5 mg/l", NumberNotation(",", " ", "mg/l", False, True)),
        (">5", NumberNotation("", "", "", False, True)),
        ("5+", NumberNotation("", "", "", False, True)),
        ("€1.5", NumberNotation(".", "", "€", True)),
    ],
)
def test_the_notation_that_an_example_shows(example, notation):
    assert notation_of(example) == notation


def test_examples_that_show_none():
    with pytest.raises(SettingsError) as caught:
        notation_of("many")
    assert caught.value.what == '"many" is no example of a written number'
    assert "1,234.56 or 1.234,56" in caught.value.fix
    with pytest.raises(SettingsError) as caught:
        notation_of("1,234")
    assert caught.value.what == '"1,234" does not show what its mark means'
    assert caught.value.why == "1234 or 1.234 may be meant"
    assert "1,234.56 or 1.234,56" in caught.value.fix
