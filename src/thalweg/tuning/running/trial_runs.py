"""Where the trials of a search run: here, one after another, or beside each other on a cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.cluster.packed_work import PackedWork
from thalweg.cluster.spread_on_cluster import spread_packed
from thalweg.errors import Status
from thalweg.estimators.parameters.parameter import Setting
from thalweg.parallel_map import usable_cores
from thalweg.tuning.trial_fits import CutTrial, TrialFit, TrialTable

Changes = Mapping[str, Setting]


class TrialRuns:
    """Runs trials of one table.

    Parameters
    ----------
    table : TrialTable
    threads : int
        Of a trial that runs here.
    client : distributed.Client, optional
    """

    def __init__(self, table: TrialTable, threads: int, client: Any = None) -> None:
        self._table, self._threads, self._client = table, threads, client
        self._work = None if client is None else PackedWork.of(_trial_on_worker, table)

    def __enter__(self) -> "TrialRuns":
        return self

    def __exit__(self, *error: object) -> None:
        if self._work is not None:
            self._work.release()

    def at_once(self, n: int) -> int:
        """How many of ``n`` trials run at the same time."""
        return 1 if self._client is None else n

    def run(
        self, trials: Sequence[Changes], time_limit: float | None = None
    ) -> list[TrialFit | Status | None]:
        """What each trial gave: as `TrialTable.run`, or what cut it."""
        if self._work is None:
            return [_trial(self._table, each, self._threads, time_limit) for each in trials]
        items = [(tuple(sorted(each.items())), time_limit) for each in trials]
        return spread_packed(self._client, self._work, items)


def _trial_on_worker(
    table: TrialTable, item: tuple[tuple[tuple[str, Setting], ...], float | None]
) -> TrialFit | Status | None:
    changes, time_limit = item
    return _trial(table, dict(changes), usable_cores(), time_limit)


def _trial(
    table: TrialTable, changes: Changes, threads: int, time_limit: float | None
) -> TrialFit | Status | None:
    try:
        return table.run(changes, threads, time_limit)
    except CutTrial as cut:
        return cut.status
