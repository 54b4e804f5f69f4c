"""What a person states: read strictly, with a template that has every key."""

import tomllib

import pytest

from carded import HOSTILE
from thalweg.errors import SettingsError
from thalweg.reporting.card.card_items import COLUMNS, PERSONS
from thalweg.reporting.card.person_texts import (
    EXTRA,
    LONGEST,
    MOST_BYTES,
    persons_of,
    read_persons,
    template,
)
from thalweg.wording import printable

NAMES = ["age", "bmi", *HOSTILE, "with\nbreak", "del\x7f", "lone\ud800"]


def test_the_template_has_every_key_and_all_are_empty():
    found = tomllib.loads(template(NAMES, "my.safetensors"))
    assert {*found} == {*PERSONS, *EXTRA}
    assert all(found[key] == "" for key in found if key != COLUMNS)
    # A name that is no text of TOML is left out.
    assert found[COLUMNS] == dict.fromkeys([name for name in NAMES if name != "lone\ud800"], "")


def test_an_empty_template_states_nothing(tmp_path):
    path = tmp_path / "about.toml"
    path.write_text(template(NAMES[:-1]), encoding="utf-8")
    found = read_persons(path, NAMES)
    assert (dict(found.texts), dict(found.columns), found.r_squared) == ({}, {}, None)


def test_texts_are_read_in_paragraphs():
    found = persons_of({"ethics": " One\n two.\n\n \nThree\x1b.  ", "r_squared": 0.2}, [])
    assert found.paragraphs("ethics") == ["One two.", r"Three\x1b."]
    assert found.paragraphs("funding") == []
    assert found.r_squared == 0.2


def test_blank_texts_are_not_stated():
    assert not persons_of({"ethics": " \n\t ", "columns": {"age": "  "}}, ["age"]).texts
    assert not persons_of({"columns": {"age": "  "}}, ["age"]).columns


@pytest.mark.parametrize(
    ("said", "told", "fix"),
    [
        ({"ethic": "x"}, 'no key "ethic"', 'write "ethics" instead of "ethic"'),
        ({"zzzzz": "x"}, 'no key "zzzzz"', "remove it"),
        ({"columns": {"agee": "x"}}, 'no column "agee"', 'write "age" instead'),
        ({"ethics": 3}, '"ethics" is 3, and no text', 'ethics = "…"'),
        ({"ethics": "x" * (LONGEST + 1)}, "at most 20,000", "shorten it"),
        ({"columns": {"age": "x" * 501}}, "at most 500", "shorten it"),
        ({"columns": "age"}, "no table", "[columns]"),
        ({"r_squared": True}, "not a number above 0", "r_squared = 0.05"),
        ({"r_squared": 0}, "not a number above 0", "r_squared = 0.05"),
        ({"r_squared": float("nan")}, "not a number above 0", "r_squared = 0.05"),
        ({"r_squared": 1.5}, "not a number above 0", "r_squared = 0.05"),
    ],
)
def test_what_no_card_has_is_an_error_with_its_fix(said, told, fix):
    with pytest.raises(SettingsError) as error:
        persons_of(said, ["age", "bmi"])
    assert told in str(error.value)
    assert fix in str(error.value)


def test_an_unknown_key_lists_all_known_ones():
    with pytest.raises(SettingsError) as error:
        persons_of({"ethic": "x"}, [])
    assert all(f'"{key}"' in str(error.value) for key in (*PERSONS, *EXTRA, "r_squared"))


@pytest.mark.parametrize("data", [b"= 3", b"a = '\xff'", b"a = " + b"[" * 100_000])
def test_what_is_no_toml_is_refused(tmp_path, data):
    path = tmp_path / "about.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        read_persons(path, [])


def test_long_and_absent_files_are_refused(tmp_path):
    path = tmp_path / "about.toml"
    with pytest.raises(SettingsError, match="cannot be read"):
        read_persons(path, [])
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(SettingsError, match="more than 1,000,000 bytes"):
        read_persons(path, [])


def test_a_key_of_many_parts_is_refused_before_it_is_parsed(tmp_path):
    """The parser's memory grows with the square of their number: 40 KB took 1.75 GB."""
    (tmp_path / "about.toml").write_text(".".join(["a"] * 20_000) + "=1", encoding="utf-8")
    with pytest.raises(SettingsError, match="more than 50 parts between dots"):
        read_persons(tmp_path / "about.toml", ["age"])


def test_a_number_of_many_digits_is_refused(tmp_path):
    (tmp_path / "about.toml").write_text("r_squared = " + "9" * 5000, encoding="utf-8")
    with pytest.raises(SettingsError, match="a number of too many digits"):
        read_persons(tmp_path / "about.toml", ["age"])


@pytest.mark.parametrize("long", ["x" * 900_000, "x" + " " * 900_000, "a." * 40 + "x" * 900_000])
def test_a_long_line_takes_no_time(tmp_path, long):
    """A search that begins at every letter took more than five minutes."""
    (tmp_path / "about.toml").write_text(f'# {long}\nethics = "none"', encoding="utf-8")
    assert read_persons(tmp_path / "about.toml", ["age"]).texts["ethics"] == "none"


def test_a_name_with_signs_that_turn_or_hide_text_is_escaped_and_read_back():
    """Marks of direction, zero-width signs, breaks, quotes, joiners, and letters beyond ASCII."""
    strange = [
        "\u202ex",
        "a\u200bb",
        "\u2028",
        "\x7f\x85",
        'a"b\\c\n',
        "e\u200d\u0301",
        "Größe",
        "\U0001f9ea",
        "\ufeff",
    ]
    text = template(strange, "\u202e.safetensors")
    assert printable(text.replace("\n", "")) == text.replace("\n", "")
    assert list(tomllib.loads(text)["columns"]) == strange
    assert '"Größe"' in text
