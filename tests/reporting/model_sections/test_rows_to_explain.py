"""Which rows are explained: by hand, in any order, and none twice."""

import numpy as np
import pytest

from thalweg.reporting.model_sections.explained_section import truth_of_number
from thalweg.reporting.model_sections.rows_to_explain import RowChoice


def two(p, base=0.1, threshold=0.5, matrix=None):
    p = np.array(p)[:, None]
    matrix = np.arange(len(p), dtype=float)[:, None] if matrix is None else np.array(matrix)
    return RowChoice(p, np.array([base]), ["ill"], matrix, threshold, "well").rows()


def test_of_two_classes_the_middle_of_the_other_class_and_the_nearest_to_the_threshold():
    rows = two([0.1, 0.2, 0.45, 0.6, 0.7, 0.9])
    assert [each.place for each in rows] == [4, 2, 3]
    assert [each.head for each in rows] == [
        "in the middle of the rows called ill",
        "nearest to the threshold of 0.5",
        "second nearest to the threshold of 0.5",
    ]
    # With a typical row that is called ill, the middle is that of the others.
    assert two([0.1, 0.2, 0.45, 0.6, 0.7, 0.9], base=0.8)[0].place == 1
    assert two([0.1, 0.2, 0.45, 0.6, 0.7, 0.9], base=0.8)[0].head.endswith("called well")
    # The threshold of the model counts, and not 0.5.
    assert [each.place for each in two([0.1, 0.2, 0.45, 0.6, 0.7, 0.9], threshold=0.17)][1:] == [
        1, 0,
    ]  # fmt: skip


def test_where_all_rows_are_called_alike_the_middle_is_that_of_all():
    rows = two([0.1, 0.2, 0.3])
    assert rows[0][:2] == (1, "in the middle of all rows")


def test_of_several_classes_the_smallest_lead():
    p = np.array([[0.8, 0.1, 0.1], [0.4, 0.35, 0.25], [0.1, 0.8, 0.1], [0.1, 0.5, 0.4],
                  [0.2, 0.7, 0.1], [0.0, 0.1, 0.9]])  # fmt: skip
    choice = RowChoice(p, np.array([0.9, 0.1, 0.0]), ["a", "b", "c"], np.eye(6))
    rows = choice.rows()
    assert [(each.place, each.label) for each in rows] == [(4, "b"), (1, "a"), (3, "b")]


def test_of_numbers_the_median_distance_and_the_largest_errors():
    answers = np.array([[0.0], [1.0], [2.0], [9.0], [-4.0]])
    errors = np.array([3.0, 0.1, 7.0, 1.0, 0.2])
    choice = RowChoice(answers, np.array([0.0]), None, np.eye(5), errors=errors)
    assert [each.place for each in choice.rows()] == [2, 0, 3]  # row 2 is taken already
    assert [each.label for each in choice.rows()] == [None] * 3


def test_no_row_is_explained_twice_and_equal_rows_are_one():
    rows = two([0.49, 0.49, 0.49, 0.7], matrix=[[1.0], [1.0], [1.0], [np.nan]])
    assert [each.place for each in rows] == [3, 0]
    assert [each.place for each in two([0.3])] == [0]


@pytest.mark.parametrize("seed", range(5))
def test_the_choice_is_the_same_for_any_order_of_rows(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 3, (40, 2)).astype(float)
    p = (matrix.sum(axis=1) / 4)[:, None]
    order = rng.permutation(40)
    chosen = [
        RowChoice(p[k], np.array([0.0]), ["ill"], matrix[k], 0.4, "well").rows()
        for k in (np.arange(40), order)
    ]
    found = [matrix[each.place].tolist() for each in chosen[0]]
    assert found == [matrix[order][each.place].tolist() for each in chosen[1]]


@pytest.mark.parametrize(
    ("value", "text"), [(21431.0, "21,431"), (3.25, "3.25"), (-1234.5, "-1,234.5"), (1e22, "1e+22")]
)
def test_a_whole_number_of_the_target_has_no_decimals(value, text):
    assert truth_of_number(value) == text
