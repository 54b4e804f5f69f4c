"""The watch over a cluster: nothing that Dask is asked may keep a caller waiting for ever.

Dask itself waits without end for a worker that never comes, and for a scheduler that no longer
answers.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from thalweg.cluster.item_on_worker import WorkerFacts, facts_here
from thalweg.cluster.packed_work import version_here
from thalweg.errors import ClusterError, SettingsError
from thalweg.interrupts import raise_if_cancelled
from thalweg.wording import counted

# A scheduler that has not answered for so long is gone; the error comes within 30 s.
SECONDS_WITHOUT_SCHEDULER = 20.0
# How long nobody may be there to run an item.
SECONDS_WITHOUT_WORKER = 60.0
# How long a call to Dask may take that sends no table, and how often the cluster is asked.
SECONDS_FOR_A_CALL, SECONDS_BETWEEN_PULSES = 15.0, 1.0
_LOOK = 0.05

Found = TypeVar("Found")


def within(seconds: float, call: Callable[[], Found]) -> Found:
    """What a call gives, or a TimeoutError; Ctrl-C and a cancellation end the wait.

    The call goes on in a thread of its own if nobody waits any more.
    """
    results: list[Found] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True, name="thalweg asks Dask").start()
    until = time.monotonic() + seconds
    while not done.wait(_LOOK):
        raise_if_cancelled()
        if time.monotonic() > until:
            raise TimeoutError(f"no answer for {seconds:g} s")
    if errors:
        raise errors[0]
    return results[0]


class ClusterWatch:
    """Asks the scheduler again and again who is there.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.workers: dict[str, dict[str, Any]] = {}
        self._answered = self._had_worker = time.monotonic()
        self._ends = threading.Event()
        self._most = 0  # workers at the same time

    def __enter__(self) -> "ClusterWatch":
        self._ask()
        threading.Thread(target=self._run, daemon=True, name="thalweg watches Dask").start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()

    def _ask(self) -> None:
        try:
            found = within(SECONDS_FOR_A_CALL, self.client.scheduler_info)
        except Exception:  # of any kind: what counts is how long there was no answer
            return
        if "workers" in found:  # a client that lost its scheduler has an empty answer
            self.workers, self._answered = dict(found["workers"]), time.monotonic()
            self._most = max(self._most, len(self.workers))

    def _run(self) -> None:
        while not self._ends.wait(SECONDS_BETWEEN_PULSES):
            self._ask()

    @property
    def running(self) -> list[dict[str, Any]]:
        """The workers that take items; one whose memory is full is paused."""
        return [each for each in self.workers.values() if each["status"] == "running"]

    @property
    def slots(self) -> int:
        """How many items the workers run at the same time."""
        return sum(int(each["nthreads"]) for each in self.running)

    def memory_limits(self) -> list[int]:
        """The memory limits of the workers that have one, in bytes."""
        limits = (each.get("memory_limit") for each in self.workers.values())
        return sorted({int(each) for each in limits if each})

    def threads_for(self, n_items: int) -> int:
        """How many threads each of so many items may use, so that no core has two."""
        if not self.running:
            return 1
        share = self.slots // max(1, n_items)
        least = min(int(each["nthreads"]) for each in self.running)
        return max(1, min(share, least))

    def look(self, progress: float) -> None:
        """Raise a ClusterError if nobody is left who could do the work.

        Parameters
        ----------
        progress : float
            When the last item was done, by `time.monotonic`.
        """
        now = time.monotonic()
        if self.client.status in ("closed", "closing"):
            raise ClusterError(
                "The client is closed", where=_address(self.client),
                why="It lost the scheduler, or something closed it",
                fix="start the cluster again, and connect with a new Client",
            )  # fmt: skip
        if now - self._answered > SECONDS_WITHOUT_SCHEDULER:
            raise ClusterError(
                f"The scheduler has not answered for {now - self._answered:.0f} s",
                where=_address(self.client),
                why="Without it nobody knows what the workers do",
                fix="see whether its process runs and can be reached, and connect a new Client",
            )
        if self.slots:
            self._had_worker = now
        if now - max(self._had_worker, progress) > SECONDS_WITHOUT_WORKER:
            raise self._nobody()

    def _nobody(self) -> ClusterError:
        states = Counter(each["status"] for each in self.workers.values())
        if not states:
            address = _address(self.client)
            ended = f"All of its workers ended (there were up to {self._most}), and no other joined"
            return ClusterError(
                f"The cluster has had no worker for {SECONDS_WITHOUT_WORKER:.0f} s",
                where=address,
                why=ended if self._most else "No worker has joined it yet",
                fix=f"see why workers end, start others (dask worker {address}), wait for them "
                "with client.wait_for_workers(1), and make the same call again; with a study, a "
                "search goes on from its last trial",
            )
        said = ", ".join(f"{counted(n, 'worker')} {state}" for state, n in states.items())
        return ClusterError(
            f"No worker has taken an item for {SECONDS_WITHOUT_WORKER:.0f} s",
            where=said,
            why="A worker pauses while its memory is nearly full",
            fix="give the workers more memory, or start more of them",
        )


def _address(client: Any) -> str:
    scheduler = getattr(client, "scheduler", None)
    return str(getattr(scheduler, "address", "") or "no scheduler")


def require_usable(client: Any) -> None:
    """Raise a SettingsError for what is no client, or one that cannot wait here."""
    try:
        import distributed
    except ImportError as error:
        raise SettingsError(
            "client= needs Dask, which is not installed",
            fix='pip install "thalweg[dask]", or leave out client=',
        ) from error
    if not isinstance(client, distributed.Client):
        raise SettingsError(
            f"client is a {type(client).__name__}, not a Client of Dask",
            fix='connect one: distributed.Client("tcp://ADDRESS:8786")',
        )
    if client.asynchronous:
        raise SettingsError(
            "An asynchronous client cannot be waited for here",
            fix="make it without asynchronous=True, or call from a thread of your own",
        )
    if client.status != "running":
        raise ClusterError(
            f"The client is {client.status}", fix="connect a new Client to a running scheduler"
        )
    try:
        distributed.get_worker()
    except ValueError:
        return
    raise SettingsError(
        "A task of Dask cannot spread its work over the cluster",
        why="It would keep a slot while it waits for slots",
        fix="leave out client= inside the task, or call from the program that has the client",
    )


def require_same_version(facts: Iterable[WorkerFacts | Exception], where: str = "") -> None:
    """Raise a ClusterError if a worker has another version of thalweg, or none."""
    for each in facts:
        if isinstance(each, ImportError | AttributeError):
            raise ClusterError(
                f"A worker cannot import what this thalweg {version_here()} needs",
                where=f"{where}{'; ' if where else ''}{type(each).__name__}: {each}",
                why="It has no thalweg, or another version",
                fix=f'install it on all workers: pip install "thalweg[dask]=={version_here()}"',
            )
        if isinstance(each, WorkerFacts) and each.thalweg != version_here():
            raise ClusterError(
                f"A worker has thalweg {each.thalweg}, and this process {version_here()}",
                where=where,
                why="Two versions may give different bits for the same settings",
                fix="install the same version on all machines",
            )


def said_of_processors(facts: Iterable[WorkerFacts]) -> str:
    """What is said of machines that may round differently; else ""."""
    kinds = sorted({each.arithmetic for each in (*facts, facts_here()) if each.arithmetic})
    if len(kinds) < 2:
        return ""
    return (
        "The machines of the cluster, with this one, are not alike: "
        + "; ".join(kinds)
        + ". A fit may differ in its last bits with the machine that it ran on."
    )
