"""The counts of a card: of items and parts, from their facts alone."""

import pytest

from thalweg.reporting.card.card_items import COLUMNS, ITEMS, PERSON, PERSONS, PROGRAM
from thalweg.reporting.card.counted_items import counts_of, counts_sentence, filled_items
from thalweg.reporting.card.person_texts import Persons, persons_of

# The checklist of TRIPOD+AI of 11 January 2024: 27 items in 52 parts.
CHECKLIST = (
    "1 2 3a 3b 3c 4 5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 "
    "16 17 18a 18b 18c 18d 18e 18f 19 20a 20b 20c 21 22 23a 23b 24 25 26 27a 27b 27c"
)
KEYS = [
    asked.key for item in ITEMS for part in item.parts for asked in part.asked
    if asked.by == PROGRAM
]  # fmt: skip
ALL = {key: {"text": ["something"]} for key in KEYS}
COLS = ["age", "bmi"]
EVERYTHING = persons_of(
    {**{key: "something" for key in PERSONS if key != COLUMNS}, COLUMNS: dict.fromkeys(COLS, "x")},
    COLS,
)


def counted(answers, persons):
    return counts_of(filled_items(answers, persons, COLS))


def test_the_items_are_those_of_the_checklist():
    assert [part.number for item in ITEMS for part in item.parts] == CHECKLIST.split()
    assert [item.number for item in ITEMS] == [*range(1, 28)]
    assert len({asked.key for item in ITEMS for part in item.parts for asked in part.asked}) == len(
        [asked for item in ITEMS for part in item.parts for asked in part.asked]
    )


def test_nothing_known_is_nothing_filled():
    found = counted({}, Persons())
    assert found == {
        "items": 27, "program": 0, "you": 0, "both": 0, "partly": 0, "not_stated": 27, "parts": 52,
        "parts_filled": 0,
    }  # fmt: skip
    assert counts_sentence(found).startswith("0 of 27 items filled by the program, 0 by you; 0 ")


def test_everything_known_is_everything_filled_and_by_whom():
    found = counted(ALL, EVERYTHING)
    whose = [{asked.by for part in item.parts for asked in part.asked} for item in ITEMS]
    assert found["program"] == whose.count({PROGRAM})
    assert found["you"] == whose.count({PERSON})
    assert found["both"] == whose.count({PROGRAM, PERSON})
    assert (found["partly"], found["not_stated"], found["parts_filled"]) == (0, 0, 52)


@pytest.mark.parametrize("key", [key for key in PERSONS if key != COLUMNS])
def test_an_empty_text_is_counted_as_not_stated(key):
    # Planted: a blank text, and an answer without a word.
    said = {each: "x" for each in PERSONS if each != COLUMNS} | {key: " \n"}
    persons = persons_of(said | {COLUMNS: dict.fromkeys(COLS, "x")}, COLS)
    before, after = counted(ALL, EVERYTHING), counted(ALL, persons)
    assert after["parts_filled"] == before["parts_filled"] - 1
    assert after["partly"] + after["not_stated"] == 1


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("empty", [{}, {"text": []}, {"text": [], "tables": []}])
def test_an_answer_without_a_word_is_not_filled(key, empty):
    found = counted({**ALL, key: empty}, EVERYTHING)
    assert found["parts_filled"] == 51
    assert found["partly"] + found["not_stated"] == 1


def test_half_an_answer_is_partly():
    found = counted({**ALL, "performance": {"text": ["x"], "partly": "training rows"}}, EVERYTHING)
    assert (found["partly"], found["parts_filled"]) == (1, 51)


def test_columns_are_filled_only_when_all_are_described():
    persons = persons_of({"columns": {"age": "in years"}}, COLS)
    (part,) = [p for item in filled_items({}, persons, COLS) for p in item["parts"]
               if p["number"] == "9b"]  # fmt: skip
    (fact,) = [fact for fact in part["facts"] if fact["key"] == COLUMNS]
    assert fact["status"] == "partly"
    assert fact["why"] == "1 of 2 columns are not described."
    assert fact["tables"][0]["rows"] == [["age", "in years"]]


def test_the_sentence_adds_up():
    found = counted({key: ALL[key] for key in KEYS[::2]}, persons_of({"title": "t"}, COLS))
    whole = sum(found[key] for key in ("program", "you", "both", "partly", "not_stated"))
    assert whole == found["items"] == 27
    said = counts_sentence(found)
    for key in ("program", "you", "partly", "not_stated", "parts_filled"):
        assert f"{found[key]} " in said
