"""Many networks at once: descents side by side, in threads, over one copy of the data."""

from collections import deque
from collections.abc import Sequence
from threading import Event, Lock

from thalweg.errors import Status
from thalweg.network.engine import Engine, choose
from thalweg.spread import spread, usable_cores
from thalweg.training.callbacks import Callback
from thalweg.training.course import Member
from thalweg.training.history import Epoch
from thalweg.training.progress import Progress
from thalweg.training.run import Run
from thalweg.training.train import Descent, outcome


def train_many(
    members: Sequence[Member],
    threads: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    callbacks: Sequence[Sequence[Callback]] | None = None,
) -> list[Descent]:
    """Run many descents; each comes to what ``train`` would come to, bit for bit.

    Seeds, settings and folds are members; those that share a ``Data`` share it, and nothing is
    copied.

    Parameters
    ----------
    members : sequence of Member
    threads : int, optional
        How many run at a time; the cores that there are, if not given. No number depends on it.
    progress : Progress, optional
        Told of the epochs of all members, one at a time, and of every member that is done.
    engine : Engine, optional
    callbacks : sequence of sequence of Callback, optional
        Those of each member. One that several members share hears of them at the same time,
        where several run at a time.

    Returns
    -------
    list of Descent, in the order of the members

    Raises
    ------
    BaseException
        What one member raised, Ctrl-C included; the others end after the slice of steps that
        they are in.
    """
    engine = engine or choose()
    threads = usable_cores() if threads is None else threads
    halt = Event()
    shared = _Shared(progress) if progress else None

    def begun(member: Member, told: Sequence[Callback]) -> Run:
        run = Run(member, engine, callbacks=told, progress=shared, halted=halt.is_set)
        run.begin()
        return run

    def ended(run: Run) -> Descent:
        run.look()
        descent = outcome(run)
        if shared:
            shared.network(run.course.end - len(descent.history))
        return descent

    pairs = list(zip(members, callbacks or [()] * len(members), strict=True))
    waiting: deque[tuple[int, Run | None]] = deque((i, None) for i in range(len(pairs)))
    descents: dict[int, Descent] = {}

    def work(_: int) -> None:
        # A slice of each in turn: five networks keep two threads at work to the end, where one
        # after another the fifth would leave a thread with nothing to do.
        while not halt.is_set():
            try:
                number, run = waiting.popleft()
            except IndexError:  # what is left is with other threads
                return
            run = run or begun(*pairs[number])
            while run.status is Status.RUNNING:
                run.advance()
                if threads > 1 and waiting and run.status is Status.RUNNING:
                    waiting.append((number, run))
                    break
            else:
                if not halt.is_set():
                    descents[number] = ended(run)

    spread(work, range(min(threads, len(pairs))), threads, halt=halt)
    return [descents[number] for number in sorted(descents)]


class _Shared:
    """A progress that many threads tell, one after another."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.lock = progress, Lock()

    def epoch(self, record: Epoch) -> None:
        with self.lock:
            self.progress.epoch(record)

    def network(self, spared: int) -> None:
        with self.lock:
            self.progress.network(spared)
