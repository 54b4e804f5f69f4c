"""Columns as they are typed: names may hold commas, and numbers are places."""

import pytest

from thalweg.jobs.explaining.typed_columns import columns_of, groups_of_columns

KNOWN = ("a,b", "flag", "c", "a, d ", "e\nf")


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("a,b,flag", ["a,b", "flag"]),
        ("flag, a,b ,c", ["flag", "a,b", "c"]),
        (r"a\x2cb,e\nf", ["a,b", "e\nf"]),
        ("c,a, d ", ["c", "a, d "]),
        ("2,4", [2, 4]),
        ("a,flag", ["a", "flag"]),  # the model has no column a: its check says so
    ],
)
def test_the_longest_name_counts_and_a_number_is_a_place(text, group):
    assert groups_of_columns([text], KNOWN) == [group]


def test_a_name_that_is_a_number_is_no_place():
    assert groups_of_columns(["1,2"], ["2", "1"]) == [["1", "2"]]
    assert groups_of_columns(["none"], KNOWN) is None
    assert groups_of_columns(None, KNOWN) == "auto"


def test_columns_to_change_are_split_in_the_same_way():
    assert columns_of(["a,b", "c,flag,c", "a,b,c"], KNOWN) == ["a,b", "c", "flag"]
