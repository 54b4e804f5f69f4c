"""``fit_many``: many fits of one table, in threads or by the workers of a Dask cluster."""

from collections.abc import Callable, Iterable
from typing import Any

from thalweg.cluster.spread_on_cluster import Item, Result, Shared, spread_on
from thalweg.parallel_map import spread, usable_threads, working_alone


def fit_many(
    function: Callable[[Shared, Item], Result],
    items: Iterable[Item],
    shared: Shared,
    *,
    client: Any = None,
    n_jobs: int | None = None,
) -> list[Result]:
    """Call a function on a table and every item: a model per target, per group, per seed.

    Parameters
    ----------
    function : callable
        Called as ``function(shared, item)``, such as a fit of the group ``item`` of the table. Its
        result depends on nothing else, and it changes neither.
    items : iterable
        Small values: names, numbers, settings.
    shared : object
        The table, and what else all items need. It is sent to each worker once.
    client : distributed.Client, optional
        Of a Dask cluster, which does the work; docs/cluster.md has examples.
    n_jobs : int, optional
        Without a client: how many items at a time, in threads.

    Returns
    -------
    list
        The results in the order of the items: the same with and without a client.

    Raises
    ------
    ClusterError, SettingsError
        If the cluster cannot do it; if the client or the work cannot be used.
    Exception
        The first one, in item order, that the function raised.
    """
    if client is not None:
        return spread_on(client, function, items, shared)

    def one(item: Item) -> Result:
        with working_alone():
            return function(shared, item)

    return spread(one, items, usable_threads(n_jobs))
