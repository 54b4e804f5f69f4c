"""Columns that may be numbers or groups are named, in one line, with how they are read."""

import numpy as np
import pandas as pd

from thalweg.data.doctor.table_check import check_table
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.find_columns import notes_of_choices
from thalweg.data.schema.schema import infer_schema
from thalweg.wording import spelled

FRAME = pd.DataFrame(
    {
        "age": [str(20 + k) for k in range(60)],
        "stage": ["1", "2", "3", ""] * 15,
        "smoker": ["1", "2", "9"] * 20,
        "sex": ["1", "2"] * 30,  # two numbers are read alike as either
        "half": ["0.5", "1.5", "2"] * 20,
        "grade": ["1", "2", "3", "x"] * 15,
        "ward": ["1", "2", "3", "unknown"] * 15,  # another note asks for the word
        "city": ["Bern", "Graz", "3"] * 20,
    }
)


def notes(**said):
    named = SaidColumns.of(**said)
    schema = infer_schema(FRAME, said=named)
    return notes_of_choices(zip(schema.columns, schema.matrix(FRAME).T, strict=True), named)


def test_whole_numbers_of_few_values_and_texts_among_them_are_named():
    numbers, groups = notes()
    assert numbers == (
        'Read as numbers, which may be codes of groups: "stage" (1, 2, 3), "smoker" (1, 2, 9). If '
        "so, declare them: --category stage --category smoker on the command line, "
        "category=['stage', 'smoker'] in Python."
    )
    assert groups.startswith(
        'Read as groups, though most of their levels are numbers: "grade" (with "x"). If the '
        'texts mean "not known", '
    )
    assert {numbers, spelled(groups)} <= {*check_table(FRAME).notes}


def test_nothing_is_named_of_which_it_is_said():
    assert notes(number=["stage", "smoker"], category=["grade"]) == []
    assert len(notes(category=["stage", "smoker"], missing={"grade": ["x"]})) == 1


def test_of_many_columns_the_first_are_named():
    frame = pd.DataFrame({f"item {k}": np.tile([1, 2, 3, 4], 10) for k in range(12)})
    schema = infer_schema(frame)
    [said] = notes_of_choices(
        zip(schema.columns, schema.matrix(frame).T, strict=True), SaidColumns()
    )
    assert '"item 7" (1, 2, 3, 4) and 4 more. If so, declare them: ' in said
    assert said.count("--category") == 8
