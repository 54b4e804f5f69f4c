"""The settings of `importance` for type checkers."""

from typing import Any, TypedDict

from thalweg.data.typing import GroupsLike, WeightsLike
from thalweg.evaluation.importance.asked_items import ColumnGroups


class ImportanceSettings(TypedDict, total=False):
    """The settings of `importance` by name."""

    groups: ColumnGroups
    refit: bool
    n_permutations: int
    sample_weight: WeightsLike
    row_groups: GroupsLike
    seed: int
    verbose: int
    client: Any
