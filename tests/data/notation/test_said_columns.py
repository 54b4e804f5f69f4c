"""What a person says of single columns, and how messages ask for it."""

import shlex

import pytest

from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import (
    SaidColumns,
    leave_out,
    say_category,
    say_how,
    say_number,
    say_text,
)
from thalweg.errors import DataError, SettingsError

SAID = SaidColumns.of(
    {"price": "1.234,56", "size": None}, ["town", "code"], ["note"], {"seen": "dmy"}
)


def test_what_is_said_and_the_parameters_that_say_it():
    assert SAID.number == {"price": NumberNotation(",", "."), "size": None}
    assert SAID.category == {"town", "code"}
    assert SAID.text == {"note"}
    assert SAID.date == {"seen": "dmy"}
    assert SAID.names == ["price", "size", "code", "town", "note", "seen"]
    settings = SAID.as_settings()
    assert settings == {
        "number": {"price": "1.234,56", "size": None},
        "category": ["code", "town"],
        "text": ["note"],
        "date": {"seen": "dmy"},
    }
    assert SaidColumns.of(**settings) == SAID
    assert SaidColumns.of().as_settings() == {}
    assert SaidColumns.of(category=["a"]).as_settings() == {"category": ["a"]}


def test_one_text_is_one_name_and_names_become_text():
    assert SaidColumns.of("size", "town", "note") == SaidColumns(
        {"size": None}, frozenset({"town"}), frozenset({"note"})
    )
    assert SaidColumns.of([1, 2], [3], [4], {5: "mdy"}) == SaidColumns(
        {"1": None, "2": None}, frozenset({"3"}), frozenset({"4"}), {"5": "mdy"}
    )
    assert SaidColumns.of({1: "1,5"}).number == {"1": NumberNotation(",")}


def test_all_that_is_said_but_of_one_column():
    assert SAID.but("price") == SaidColumns.of(
        {"size": None}, ["town", "code"], ["note"], {"seen": "dmy"}
    )
    assert SAID.but("town") == SaidColumns.of(
        {"price": "1.234,56", "size": None}, ["code"], ["note"], {"seen": "dmy"}
    )
    assert SAID.but("note").text == frozenset()
    assert SAID.but("seen").date == {}
    for nobody in (None, "nobody"):
        assert SAID.but(nobody) == SAID


@pytest.mark.parametrize(
    "said",
    [
        {"number": ["a"], "category": ["a"]},
        {"number": ["a"], "text": "a"},
        {"category": ["a"], "text": ["a"]},
        {"number": {"a": "1,5"}, "date": {"a": "dmy"}},
        {"category": ["a"], "date": {"a": "dmy"}},
    ],
)
def test_a_column_of_two_kinds_is_refused(said):
    with pytest.raises(SettingsError) as caught:
        SaidColumns.of(**said)
    assert caught.value.what == 'A column is said to hold two things: "a"'
    assert caught.value.fix == "name it once, as number, category, text or date"


def test_a_form_of_dates_without_meaning_is_refused():
    with pytest.raises(SettingsError, match="has no meaning"):
        SaidColumns.of(date={"seen": "dym"})


@pytest.mark.parametrize("kind", ["number", "category", "text", "date"])
def test_a_column_that_the_table_has_not(kind):
    def said(*names):
        return SaidColumns.of(**{kind: dict.fromkeys(names, "dmy") if kind == "date" else names})

    names = ["town", "size", "my note"]
    said(*names).require_known(names)
    said().require_known(names)
    with pytest.raises(DataError) as caught:
        said("size", "tonw").require_known(names)
    assert caught.value.as_dict() == {
        "code": "data",
        "what": f'There is no feature "tonw" to be a {kind}',
        "where": 'the table has "town", "size", "my note"',
        "why": 'Did you mean "town"?',
        "fix": "use one of these names, spelled as it is there",
    }
    with pytest.raises(DataError) as caught:
        said("zzz").require_known(names)
    assert caught.value.why == ""
    with pytest.raises(DataError) as caught:
        said(" town").require_known(names)
    assert caught.value.why == 'Did you mean "town"?'
    assert caught.value.fix == "use one of these names, spelled as it is there"
    # Several names in one: the guess would be one of them, and the fix names each.
    with pytest.raises(DataError) as caught:
        said("town, my note").require_known(names)
    assert caught.value.why == ""
    assert caught.value.fix == f"name each one apart: --{kind} town --{kind} 'my note'"
    with pytest.raises(DataError) as caught:
        said("town,tonw").require_known(names)
    assert caught.value.fix == "use one of these names, spelled as it is there"


def test_how_messages_ask_for_it_goes_into_a_shell_and_into_python():
    name = "it's 5"
    asked = {
        say_number(name): (["--number", name], f"number={[name]!r}"),
        say_number(name, "1,5"): (["--number", f"{name}=1,5"], f"number={ {name: '1,5'}!r}"),
        say_text(name): (["--text", name], f"text={[name]!r}"),
        say_category(name).removeprefix("declare it a category: "): (
            ["--category", name],
            f"category={[name]!r}",
        ),
    }
    for text, (options, python) in asked.items():
        flags, _, said = text.partition(" on the command line, ")
        assert shlex.split(flags) == options
        assert said == f"{python} in Python" or said == python + " in Python"
    flags, _, _ = say_how(name, "1,5").partition(" on the command line")
    assert shlex.split(flags) == ["--number", f"{name}=1,5"]
    drop = leave_out(name).partition("(")[2].partition(" on the")[0]
    assert shlex.split(drop) == ["--drop", name]
