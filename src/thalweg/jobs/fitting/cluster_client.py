"""The client of a Dask cluster whose scheduler a person names: connected for one job."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from thalweg.errors import ClusterError, SettingsError
from thalweg.wording import parameter, shown

_SECONDS_TO_CONNECT = 15


def require_one_target(scheduler: str | None, targets: Sequence[str]) -> None:
    """Raise a SettingsError for a cluster and several targets, whose fit is one."""
    if scheduler is not None and targets:
        raise SettingsError(
            f"{parameter('scheduler')} evaluates one target",
            why="The fits of several targets are those of all of them together",
            fix="name one of the targets, or leave it out",
        )


@contextmanager
def connected(scheduler: str | None) -> Iterator[Any]:
    """The client of the scheduler at an address; None without one. It starts no cluster.

    Raises
    ------
    ClusterError, SettingsError
        If nothing answers there; if Dask is not installed.
    """
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError(
            f"{parameter('scheduler')} needs Dask, which is not installed",
            fix='pip install "thalweg[dask]", or leave it out',
        ) from error
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, KeyError) as error:  # a TimeoutError is an OSError
        raise ClusterError(
            f"No scheduler of Dask answers at {shown(scheduler)}",
            where=f"{type(error).__name__}: {error}",
            why=f"The wait was {_SECONDS_TO_CONNECT} s",
            fix="start one with `dask scheduler`, and give the address that it prints, such as "
            "tcp://127.0.0.1:8786",
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=5)
