"""The client of a Dask cluster whose scheduler a person names: connected for one job."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from thalweg.cluster.cluster_watch import SECONDS_WITHOUT_SCHEDULER, within
from thalweg.errors import ClusterError, SettingsError
from thalweg.wording import parameter, shown

_ADDRESS = re.compile(r"(?:(\w+)://)?(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})/?")
_OPEN, _ENCRYPTED = ("tcp", "ws", "ucx", "ucxx"), ("tls", "wss")


def require_one_target(scheduler: str | None, targets: Sequence[str]) -> None:
    """Raise a SettingsError for a cluster and several targets, whose fit is one."""
    if scheduler is not None and targets:
        raise SettingsError(
            f"{parameter('scheduler')} evaluates one target",
            why="The fits of several targets are those of all of them together",
            fix="name one of the targets, or leave it out",
        )


def require_address(scheduler: str | None) -> None:
    """Raise a SettingsError for what is no address that a command can connect to."""
    if scheduler is None:
        return
    found = _ADDRESS.fullmatch(scheduler)
    scheme = scheduler.partition("://")[0]
    if scheme in _ENCRYPTED:
        raise SettingsError(
            f"{parameter('scheduler', scheduler)} needs certificates, which no address has",
            fix="connect from Python: Client(address, security=Security(…)) of distributed, and "
            "give it as client=",
        )
    if found is None or (found[1] or "tcp") not in _OPEN or not 0 < int(found[2]) < 2**16:
        raise SettingsError(
            f"{parameter('scheduler', scheduler)} is no address of a scheduler",
            fix="start one with `dask scheduler`, and give the address that it prints, such as "
            "tcp://127.0.0.1:8786",
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
    require_address(scheduler)
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError(
            f"{parameter('scheduler')} needs Dask, which is not installed",
            fix='pip install "thalweg[dask]", or leave it out',
        ) from error
    began = time.monotonic()
    try:
        client = _client_of(Client, scheduler)
    except Exception as error:  # of any kind: what is no scheduler may send anything
        raise ClusterError(
            f"No scheduler of Dask answers at {shown(scheduler)}",
            where=f"{type(error).__name__}: {error}".removesuffix(": "),
            why=f"The wait was {time.monotonic() - began:.0f} s",
            fix="start one with `dask scheduler`, and give the address that it prints, such as "
            "tcp://127.0.0.1:8786",
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=5)


def _client_of(kind: Any, scheduler: str) -> Any:
    """A client within the seconds after which a scheduler counts as gone.

    Dask's own limit does not hold for the first exchange after the connection, so an address where
    something listens and never answers would be waited for without end.
    """
    left = threading.Event()

    def connect() -> Any:
        client = kind(scheduler, timeout=0.95 * SECONDS_WITHOUT_SCHEDULER, set_as_default=False)
        if left.is_set():
            client.close(timeout=5)
        return client

    try:
        return within(SECONDS_WITHOUT_SCHEDULER, connect)
    except BaseException:
        left.set()
        raise
