"""A written number: its readings, its unit, its bound; and texts that are none."""

import pytest

from thalweg.data.notation.written_number import plain_text, readings_of, written


def parts(text):
    said = written(text)
    return said and ([each.value for each in said.readings], said.unit, said.before, said.bound)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), (" 5 ", 5), ("+5", 5), ("-5", -5), ("- 5", -5), ("+ 5", 5),
        ("\u22125", -5), ("\ufe635", -5), ("\uff0d5", -5), ("\u20135", -5), ("\u2013 5", -5),
        ("(5)", -5), ("( 5.00 )", -5), ("5,00-", -5), ("5.0-", -5), ("0", 0), ("007", 7),
        ("5.", 5), ("5,", 5), (".5", 0.5), (",5", 0.5), ("0,123", 0.123), ("0.123", 0.123),
        ("012,345", 12.345), ("1234,567", 1234.567), ("12,3456", 12.3456), ("1,50", 1.5),
        ("1 234", 1234), ("1\u00a0234", 1234), ("1\u2007234", 1234), ("1\u2009234", 1234),
        ("1\u202f234", 1234), ("1\t234", 1234),
        ("1'234", 1234), ("1\u2019234", 1234), ("1\u02bc234", 1234), ("1\u2032234", 1234),
        ("1 234 567,5", 1234567.5), ("1 234,567", 1234.567), ("1'234,567", 1234.567),
        ("1,234,567", 1234567), ("1.234.567", 1234567), ("1.234.567,8", 1234567.8),
        ("1,234,567.89", 1234567.89), ("1.234,5", 1234.5), ("123.456,7", 123456.7),
        ("12,34,567", 1234567), ("1,23,456", 123456), ("1,23,45,678", 12345678),
        ("12,34,567.8", 1234567.8),
        ("1e3", 1000), ("1,5e3", 1500), ("1.5E-3", 0.0015), ("5e+05", 500000), ("1,234e2", 123.4),
        ("5" * 64, float("5" * 64)),
    ],
)  # fmt: skip
def test_texts_that_say_one_number(text, value):
    assert parts(text) == ([value], "", False, 0)


@pytest.mark.parametrize("whole", ["1", "12", "123"])
@pytest.mark.parametrize("mark", [".", ","])
def test_one_mark_before_three_digits_has_two_readings(whole, mark):
    readings = written(f"{whole}{mark}456").readings
    assert sorted(readings, reverse=True) == [
        (float(whole) * 1000 + 456, "", mark),
        (float(whole) + 0.456, mark, ""),
    ]
    assert not written(f"{whole}{mark}456").is_sure
    assert parts(f"-{whole}{mark}456")[0] == [-each.value for each in readings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-1.234,56 €", (-1234.56, "€", False, 0)),
        ("$5", (5, "$", True, 0)), ("-$5", (-5, "$", True, 0)), ("$-5", (-5, "$", True, 0)),
        ("$ - 5", (-5, "$", True, 0)), ("+$5", (5, "$", True, 0)), ("$(5.00)", (-5, "$", True, 0)),
        ("($5)", (-5, "$", True, 0)), ("(5)%", (-5, "%", False, 0)),
        ("(5) EUR", (-5, "EUR", False, 0)),
        ("$ (5)", (-5, "$", True, 0)), ("(5 kg)", (-5, "kg", False, 0)),
        ("Fr. 5", (5, "Fr.", True, 0)), ("$5 kg", (5, "$ kg", True, 0)),
        ("US$5/kg", (5, "US$ /kg", True, 0)), ("5 %", (5, "%", False, 0)),
        ("5°", (5, "°", False, 0)),
        ("5‰", (5, "‰", False, 0)), ("5£", (5, "£", False, 0)), ("5 ¥", (5, "¥", False, 0)),
        ("5 ₽", (5, "₽", False, 0)), ("5$", (5, "$", False, 0)), ("5 /µl", (5, "/µl", False, 0)),
        ("5 10^9/L", (5, "10^9/L", False, 0)), ("5 ×10⁹/L", (5, "×10⁹/L", False, 0)),
        ("5 x 10**9/l", (5, "x 10**9/l", False, 0)), ("5 10³", (5, "10³", False, 0)),
        ("1.5e3 kg", (1500, "kg", False, 0)), ("1 a b c", (1, "a b c", False, 0)),
        ("<5", (5, "", False, -1)), ("< 5", (5, "", False, -1)), ("<=5", (5, "", False, -1)),
        ("=<5", (5, "", False, -1)), ("≤5", (5, "", False, -1)), ("\u2a7d5", (5, "", False, -1)),
        (">5", (5, "", False, 1)), (">=5", (5, "", False, 1)), ("=>5", (5, "", False, 1)),
        ("≥ 5", (5, "", False, 1)), ("\u2a7e5", (5, "", False, 1)), ("5+", (5, "", False, 1)),
        ("5+ kg", (5, "kg", False, 1)), ("<-5", (-5, "", False, -1)), ("< $5", (5, "$", True, -1)),
    ],
)  # fmt: skip
def test_what_stands_around_a_number(text, found):
    value, *rest = found
    assert parts(text) == ([value], *rest)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "kg", "a5", "5 5", "5/6", "5-6", "5-", "-5-", "-5,0-", "+5,0-", "5,0+-",
        "5,0-+",
        "-$-5", "+$-5", "(-5)", "(5,0-)", "(+5)", "<5+", ">5+", "~5", "1_000", "5,-", "5.-",
        "1..5", "1,,5", "1.5.", "1,234.5.6", "12 34", "1 2345", "1 23", "1,23,45", "123,45,678",
        "1,23,456,789",
        "12.34.567", "1,234,56.7", "1.234,567.8", "1,234'567", "01,234,567", "1234,567,890",
        "0,123,456", "1.234,5e2", "1,234.5e2", "1,234,567e2", "5e1234", "1e3kg",
        "\u0665", "5\u0665", "5" * 65, "1 a b c d", "1 " + "x" * 25, "((5))", "(5) kg",
    ],
)  # fmt: skip
def test_texts_that_say_no_number(text):
    assert written(text) is None


def test_the_parts_are_nothing_where_nothing_is_said():
    said = type(written("5"))(written("5").readings)
    assert said == written("5")


@pytest.mark.parametrize(
    ("text", "k", "plain"),
    [
        ("1.234,56 €", 0, "1234.56 €"),
        ("<1.234,56 €", 0, "<1234.56 €"),
        ("€ 1,234", 0, "€ 1234"),
        ("€ 1,234", 1, "€ 1.234"),
        ("1 234,5 kg/m2", 0, "1234.5 kg/m2"),
        ("1\u2019234", 0, "1234"),
        ("17 %", 0, "17 %"),
        ("-7", 0, "-7"),
    ],
)
def test_a_number_as_python_writes_it_in_one_of_its_readings(text, k, plain):
    assert plain_text(text, written(text).readings[k]) == plain


def test_an_exponent_leaves_one_reading():
    assert [each.value for each in readings_of("1,234")] == [1234, 1.234]
    assert [each.value for each in readings_of("1,234", "e1")] == [12.34]
    assert [each.value for each in readings_of("1234", "e1")] == [12340]
    assert readings_of("1,234,567", "e1") == ()
    assert readings_of("1.234,5", "e1") == ()
