"""Groups of columns: found by linkage, and named."""

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.evaluation.importance.column_groups import found_groups, given_groups, group_name

NAMES = ("age", "height", "weight", "city")


def test_columns_are_joined_down_to_a_mean_association_of_0_7():
    association = np.array(
        [[1, 0.9, 0.6, 0.1], [0.9, 1, 0.8, 0.1], [0.6, 0.8, 1, 0.2], [0.1, 0.1, 0.2, 1]]
    )
    # 0 and 1 at 0.9; 2 has a mean of 0.7 with both.
    assert found_groups(association) == [(0, 1, 2)]
    association[0, 2] = association[2, 0] = 0.59
    assert found_groups(association) == [(0, 1)]
    assert found_groups(np.eye(3)) == []
    assert found_groups(np.eye(1)) == []


def test_groups_are_named_by_their_columns_or_places():
    assert given_groups([["weight", "height"], (0, "city")], NAMES) == [(1, 2), (0, 3)]
    # A number that may be a name is one, as pandas has it.
    assert given_groups([[1, 2]], ("2", "1", "5")) == [(0, 1)]
    with pytest.raises(SettingsError, match="no column 0"):
        given_groups([[0, 1]], ("2", "1", "5"))


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ("height", "does not say which columns belong together"),
        (["height", "weight"], "does not say which columns belong together"),
        (7, "does not say which columns belong together"),
        ([["height"]], "fewer than two"),
        ([["height", "weight"], ["height", "age"]], "'height' is named twice.*groups 1 and 2"),
        ([["hieght", "weight"]], "no column 'hieght'.*Did you mean 'height'"),
        ([[0, 4]], "no column 4"),
        ([[0, -1]], "no column -1"),
        ([[0, True]], "no column True"),
    ],
)
def test_other_groups_are_refused(groups, said):
    with pytest.raises(SettingsError, match=said):
        given_groups(groups, NAMES)


def test_a_group_is_named_by_its_members():
    assert group_name(["a", "b"]) == "a, b"
    assert group_name(list("abcdef")) == "a, b, c and 3 more"
