"""The separator of tables with titles above, units and sums, decimal commas and texts."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg import DataError
from thalweg.data.read import load_whole
from thalweg.wording import spelled

GERMAN = ["PatNr", "Geschlecht", "CRP", "Gewicht", "Kosten", "Krank"]
FRENCH = ["patient", "sexe", "âge, ans", "poids", "coût", "malade"]
ENGLISH = ["id", "name", "note", "age", "ill"]
TITLES = ["Auswertung 2023", "Klinik A, Station 3", "Stand 01.02.2023, 14:30", "vertraulich"]


def read(text):
    return load_whole("-", stdin=io.BytesIO(text.encode()))


def row_of(language, place):
    if language == "English":
        return [f"{place}", f'"Smith, J{place}"', f'"a; b{place};c"', f"{20 + place}.5", "no"]
    weight, cost = f"{60 + place},{place % 10}", f"{1 + place % 9}.193,2{place % 10} EUR"
    if language == "French":
        weight, cost = weight, f"1 19{place % 10},20 €"
    return [f"P{place:03}", "wm"[place % 2], f"{10 + place},3", weight, cost, "Nein"]


@st.composite
def texts(draw):
    language = draw(st.sampled_from(["German", "French", "English"]))
    names = {"German": GERMAN, "French": FRENCH, "English": ENGLISH}[language]
    separator = "," if language == "English" else draw(st.sampled_from(";;\t|"))
    rows = [row_of(language, place) for place in range(draw(st.integers(4, 30)))]
    if draw(st.booleans()) and language != "English":
        rows.append(["Summe", "", "345,6", "1.234,5", "", ""])
    if draw(st.booleans()) and language != "English":
        rows.insert(0, ["", "", "mg/l", "kg", "€", ""])
    padding = separator * (len(names) - 1) if draw(st.booleans()) else ""
    n_titles = draw(st.integers(0, 4))
    quoted = [f'"{title}"' if separator in title else title for title in TITLES]
    head = [title + padding for title in quoted[:n_titles]]
    if n_titles and draw(st.booleans()):
        head.insert(draw(st.integers(0, n_titles)), padding)
    shown = [f'"{name}"' if separator in name else name for name in names]
    lines = head + [separator.join(row) for row in [shown, *rows]]
    return "\n".join(lines) + "\n", names


@settings(max_examples=150, deadline=None, derandomize=True)
@given(texts())
def test_titles_units_and_sums_leave_the_separator_alone(made):
    text, names = made
    assert list(read(text).frame.columns) == names


# What stands in tables that people send: the text, and the columns.
ONE_COMMA = "PatNr;CRP;Krank\nP000;23,3;Nein\nP001;18,0;Ja\nP002;15,8;Nein\n"


@pytest.mark.parametrize(
    "title",
    ["Auswertung 2023\n", "Auswertung 2023;;\n", "A\nB\nC\nD\n", "Klinik, Station\n", "\nTitel\n"],
)
def test_a_row_of_data_is_no_header_below_names(title):
    assert list(read(title + ONE_COMMA).frame.columns) == ["PatNr", "CRP", "Krank"]


def test_names_with_a_comma_are_no_reason_for_it():
    text = "Auswertung, 2023\n" + ONE_COMMA.replace("PatNr", "Nr, lang")
    assert list(read(text).frame.columns) == ["Nr, lang", "CRP", "Krank"]


@pytest.mark.parametrize(
    "text",
    [
        "Stand;01.01.2023\n" + ONE_COMMA,  # two cells: no certain title
        "Titel\n" + ONE_COMMA.replace("CRP", "PatNr"),  # one name twice
        "Titel\n" + ONE_COMMA + "Summe;57,1\n",  # a short row at the end
    ],
)
def test_what_cannot_be_read_is_not_read_by_another_separator(text):
    with pytest.raises(DataError) as told:
        read(text)
    assert "P000;23" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Report 2023\nid,name,ill\n1,a;b,no\n2,c;d,yes\n3,e;f,no\n", ["id", "name", "ill"]),
        ("Report; all sites\nid,name,ill\n1,a;b,no\n2,c;d,yes\n", ["id", "name", "ill"]),
        ("Report 2023\nid;name;ill\n1;Doe, Joe;no\n2;Roe, Ann;yes\n", ["id", "name", "ill"]),
        ("a,b,c\n1,2;3,4\n5,6;7,8\n", ["a", "b", "c"]),
        ("x,y\n1,5\n2,6\n", ["x", "y"]),
    ],
)
def test_marks_inside_texts_do_not_separate(text, names):
    assert list(read(text).frame.columns) == names


def test_names_that_hold_the_signs_of_another_separator_are_named():
    notes = spelled(" ".join(read('"a;b",c\n"1;2",3\n').notes))
    assert "1 name of 2 columns with ';', such as 'a;b'" in notes
    assert "separated by ','" in notes
    assert 'separator=";"' in notes
    assert not read("a,b\n1,2\n").notes
    # A separator that was named is not questioned.
    named = load_whole("-", stdin=io.BytesIO(b'"a;b",c\n"1;2",3\n'), separator=",")
    assert not named.notes


def test_all_titles_are_counted():
    notes = read("A\nB\nC\nD\nE\na,b\n1,2\n").notes
    assert any("left out above it: 'A', 'B', 'C' and 2 more." in note for note in notes)
    assert not any("more" in note for note in read("A\nB\na,b\n1,2\n").notes)
