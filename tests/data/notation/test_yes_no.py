"""Words for yes and no: which is yes, how a level is spelled, and texts of a later table."""

import pytest

from thalweg.data.notation.yes_no import LANGUAGES, are_yes_no, as_known, folded, levels_of, yes_of


@pytest.mark.parametrize(
    ("labels", "yes"),
    [
        (["no", "yes"], "yes"),
        (["Yes", "No"], "Yes"),
        (["JA", "nein"], "JA"),
        (["non", "oui"], "oui"),
        (["T", "F"], "T"),
        (["n", "y"], "y"),
        (["да", "нет"], "да"),
        (["n", "t"], "t"),  # Polish alone: in Indonesian "n" is no word for yes
        ([" yes ", "no"], " yes "),
    ],
)
def test_the_word_for_yes(labels, yes):
    assert yes_of(labels) == yes
    assert yes_of(labels[::-1]) == yes


@pytest.mark.parametrize(
    "labels",
    [
        ["yes"],
        ["yes", "y"],
        ["yes", "Yes"],
        ["yes", "nein"],
        ["yes", "no", "maybe"],
        ["yes", "no", "NO"],
        ["good", "bad"],
        ["yes", "maybe"],
        ["maybe", "no"],
        [],
    ],
)
def test_labels_of_which_none_is_known_to_be_yes(labels):
    assert yes_of(labels) is None


def test_no_language_has_one_word_for_both():
    assert all(yes and no and not yes & no for yes, no in LANGUAGES.values())
    # Nor is a pair of words yes and no in one language, and no and yes in another.
    for yes, no in LANGUAGES.values():
        for one in yes:
            for other in no:
                assert yes_of([other, one]) == one


def test_capitals_and_spaces_do_not_count():
    assert folded("  JA\t") == "ja"
    assert are_yes_no(["JA", " ja", "Nein "])
    assert not are_yes_no(["ja", "j", "nein"])
    assert not are_yes_no(["ja", "nein", "n"])
    assert are_yes_no(["ja"])
    assert are_yes_no(["nein"])
    assert not are_yes_no(["ja", "no"])


def test_texts_of_a_later_table_take_the_spelling_of_the_levels():
    assert as_known(["YES", None, "no "], ["Yes", "No"]) == ["Yes", None, "No"]
    assert as_known(["NO"], ["Yes"]) == ["NO"]
    assert as_known([None], ["Yes", "No"]) == [None]
    # One text that is no such word: all stay as they are.
    assert as_known(["YES", "maybe"], ["Yes", "No"]) == ["YES", "maybe"]
    assert as_known(["A", "b"], ["a", "b"]) == ["A", "b"]


def test_a_level_is_spelled_as_it_is_written_or_without_capitals():
    assert levels_of(["Ja", "Nein"]) == {"ja": "Ja", "nein": "Nein"}
    assert levels_of(["Ja", " Ja ", "Nein"]) == {"ja": "Ja", "nein": "Nein"}
    assert levels_of(["Ja", "JA", "Nein"]) == {"ja": "ja", "nein": "Nein"}
