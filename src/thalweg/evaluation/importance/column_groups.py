"""Groups of columns that tell the same: columns whose cells are permuted together.

Groups are found by average linkage on 1 - association (`column_association`): two groups are joined
as long as the mean association between their columns is 0.7 or more.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from thalweg.data.column_names import likely, listed, own_name
from thalweg.errors import SettingsError
from thalweg.wording import shown

# The least mean association inside a group.
CUT = 0.7
# As many members as a name of a group has at most.
_MOST_NAMED = 4

Columns = tuple[int, ...]


def found_groups(association: np.ndarray, cut: float = CUT) -> list[Columns]:
    """The groups of two or more columns, each in the order of the table.

    Parameters
    ----------
    association : ndarray of float64, shape (n_columns, n_columns)
        As `column_association.associations` gives it.
    cut : float, default 0.7
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    n = len(association)
    if n < 2:
        return []
    distance = 1 - (association + association.T) / 2
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(np.clip(distance, 0.0, 1.0), checks=False), "average")
    number = fcluster(tree, 1 - cut + 1e-12, criterion="distance")
    groups = [tuple(np.flatnonzero(number == k).tolist()) for k in np.unique(number)]
    return sorted(group for group in groups if len(group) > 1)


def given_groups(groups: Any, names: Sequence[str]) -> list[Columns]:
    """Groups that a person named, as positions of columns.

    Parameters
    ----------
    groups : iterable of iterables of str or int
        The names, or the positions, of the columns of each group.
    names : sequence of str
        Of all columns.

    Raises
    ------
    SettingsError
        If it is no list of lists, or a column is not there, or in two groups.
    """
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise _no_groups(groups)
    found: list[Columns] = []
    seen: dict[int, int] = {}
    for number, group in enumerate(groups, start=1):
        if isinstance(group, str) or not isinstance(group, Iterable):
            raise _no_groups(groups)
        places = tuple(_place(each, names) for each in group)
        for place in places:
            if place in seen:
                raise SettingsError(
                    f"The column {shown(names[place])} is named twice",
                    where=f"groups {seen[place]} and {number} of groups",
                    why="The rows of a group stand under it, so each column belongs to one",
                    fix="name each column once",
                )
            seen[place] = number
        if len(places) < 2:
            raise SettingsError(
                "A group of columns has fewer than two",
                where=f"group {number} of groups",
                why="Each column is permuted alone in any case",
                fix="name two columns or more, or leave the group out",
            )
        found.append(tuple(sorted(places)))
    return found


def _no_groups(groups: Any) -> SettingsError:
    return SettingsError(
        f"groups={shown(groups)} does not say which columns belong together",
        fix='give "auto", None for no groups, or a list of lists of column names, as in '
        'groups=[["height", "weight"]]',
    )


def _place(named: Any, names: Sequence[str]) -> int:
    name = own_name(named, names)
    if name in names:
        return list(names).index(name)
    guess = likely(str(named), list(names))
    raise SettingsError(
        f"There is no column {shown(named)} to put into a group",
        where=f"the columns are {listed(names)}",
        why=f"Did you mean {shown(guess)}?" if guess else "",
        fix="name columns as the table does, or their places from 0 on",
    )


def group_name(members: Sequence[str]) -> str:
    """A group, named by its members: ``age, bmi``; ``age, bmi, chol and 3 more``."""
    if len(members) <= _MOST_NAMED:
        return ", ".join(members)
    first = _MOST_NAMED - 1
    return f"{', '.join(members[:first])} and {len(members) - first} more"
