"""What the errors of a target say to do."""

import numpy as np
import pandas as pd
import pytest

from thalweg.errors import DataError
from thalweg.estimators.checked_target import checked_target

TWO_COLUMNS = np.tile([[0, 1], [1, 0]], (5, 1))


def refused(y, *, of_classes=True):
    with pytest.raises(DataError) as told:
        checked_target(y, of_classes=of_classes)
    return told.value


def test_of_several_columns_one_is_taken_or_the_class_that_each_row_is_of():
    of_classes, of_numbers = (refused(TWO_COLUMNS, of_classes=each).fix for each in (True, False))
    first, numbers = of_classes.split("; ")
    assert first == of_numbers
    for fix, found in ((first, [0, 1] * 5), (numbers, [1, 0] * 5)):
        code = fix.partition("y = ")[2]
        assert eval(code, {"np": np, "y": TWO_COLUMNS}).tolist() == found
    column = TWO_COLUMNS[:, :1]
    assert checked_target(column, of_classes=True) is column


@pytest.mark.parametrize(
    ("y", "kind", "fix"),
    [
        ("species", "one text", "give the column itself"),
        (7, "one int", "give a list, an array or a column"),
        ({"species": [0, 1]}, "one dict", "give a list, an array or a column"),
    ],
)
def test_the_name_of_a_column_is_no_target_and_neither_is_one_value(y, kind, fix):
    error = refused(y)
    assert error.what.endswith(kind)
    assert error.fix.startswith(fix)


LABELS = ["a", "b", "b", "a"]


class Labels:
    """An iterable of a user's own."""

    def __iter__(self):
        return iter(LABELS)


@pytest.mark.parametrize("of_classes", [True, False])
@pytest.mark.parametrize(
    "made",
    [
        lambda: (each for each in LABELS),
        lambda: map(str, LABELS),
        lambda: iter(LABELS),
        dict(enumerate(LABELS)).values,
        Labels,
    ],
    ids=["generator", "map", "iterator", "values of a dict", "iterable"],
)
def test_what_gives_its_labels_one_by_one_becomes_a_list_by_the_fix(made, of_classes):
    y = made()
    error = refused(y, of_classes=of_classes)
    assert error.what.endswith(type(y).__name__)
    code = error.fix.partition("column: y = ")[2]
    assert eval(code, {"y": y}) == LABELS
    assert list(checked_target(eval(code, {"y": made()}), of_classes=True)) == LABELS


def test_a_set_is_no_target_and_its_fix_is_no_list_of_it():
    for y in (set(LABELS), frozenset(LABELS)):
        error = refused(y)
        assert error.why == "A set has no order, and equal labels only once"
        assert "list(y)" not in error.fix


def objects(labels):
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


@pytest.mark.parametrize("as_given", [objects, lambda labels: pd.Series(objects(labels))])
@pytest.mark.parametrize("label", [np.zeros(2), (1, 2), {1}])
@pytest.mark.parametrize("row", [1, 2, 7])
def test_a_label_of_several_parts_is_named_in_whichever_row_it_is(as_given, label, row):
    for others, of_classes in ((["a", "b"] * 5, True), ([0.5, 1.5] * 5, False)):
        y = objects(others)
        y[row - 1] = label
        error = refused(as_given(y), of_classes=of_classes)
        assert error.what.startswith(f"A label is of type {type(label).__name__}")
        assert error.where == f"target, row {row}"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ((3.5, 7), 3.5),
        (("km", 7), 7),
        ([3, 4], 3),
        (np.array([3.5, 4.0]), 3.5),
        ({"low": 2, "high": 3}, 2),
        ({"unit": "km", "it's": 3}, 3),
        ({4, 9}, 9),
        (frozenset({4, 9}), 9),
    ],
)
@pytest.mark.parametrize("as_given", [list, objects, lambda cells: pd.Series(objects(cells))])
def test_the_fix_for_several_parts_gives_a_regression_numbers(as_given, cell, number):
    y = as_given([cell, 0.5, *[cell] * 3])
    error = refused(y, of_classes=False)
    assert "text" not in error.fix
    fixed = eval(error.fix.split(": y = ")[1], {"np": np, "y": y})
    assert [*checked_target(fixed, of_classes=False)] == [number, 0.5, *[number] * 3]


@pytest.mark.parametrize("cell", [("km",), (), {"km"}, {"unit": "km"}, np.zeros((2, 2))])
def test_parts_without_a_number_have_no_code_in_the_fix_of_a_regression(cell):
    error = refused(objects([0.5, cell, 1.5]), of_classes=False)
    assert error.fix == "give one number in each cell"


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize(
    ("number", "what", "fix"),
    [(np.nan, "missing value", "fill the values in"), (-np.inf, "infinite", "correct them")],
)
def test_the_first_row_without_a_number_is_named(shape, number, what, fix):
    error = refused(np.array([1.0, 2.0, number, 3.0, np.nan]).reshape(shape))
    assert what in error.what
    assert (error.where, error.fix) == ("first in row 3", f"leave such rows out, or {fix}")
