"""The settings of `importance`: for type checkers, and those that need each other."""

from typing import Any, TypedDict

from thalweg.data.typing import GroupsLike, WeightsLike
from thalweg.errors import SettingsError
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


def require_use_of_client(settings: ImportanceSettings) -> None:
    """Refuse a client of Dask that would have nothing to do."""
    if settings.get("client") is not None and not settings.get("refit"):
        raise SettingsError(
            "client is given without refit=True",
            why="A cluster fits the copies of refit, and nothing else is sent there",
            fix="set refit=True, or leave out client",
        )
