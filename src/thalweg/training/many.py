"""Trains many networks at once, in threads, over one copy of the data."""

from collections import deque
from collections.abc import Sequence
from threading import Condition, Event, Lock

from thalweg.errors import Status
from thalweg.interrupts import take_in
from thalweg.network.engine import Engine, choose
from thalweg.parallel_map import spread, usable_threads
from thalweg.training.callbacks import Callback, Crew
from thalweg.training.descent.pooled_patience import Pool, Pooled
from thalweg.training.descent_inputs import Member
from thalweg.training.history import Epoch, History, watched
from thalweg.training.keeping.race_keeper import RaceKeeper
from thalweg.training.progress import Progress
from thalweg.training.train import Descent, cut, outcome
from thalweg.training.training_loop import Run

# How long a thread waits before it checks whether all should end.
SECONDS_BETWEEN_CHECKS = 0.05


def train_many(
    members: Sequence[Member],
    threads: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    callbacks: Sequence[Sequence[Callback]] | None = None,
    *,
    one_by_one: bool = False,
    pooled: Pooled | None = None,
    keeper: RaceKeeper | None = None,
) -> list[Descent]:
    """Train many networks; each gives the result of ``train``, bit for bit.

    Seeds, settings and folds are members. Members that have the same ``Data`` share it without a
    copy. Ctrl-C ends all of them at their current step: each returns its best epoch so far, with
    the status ``INTERRUPTED`` if it had not finished.

    Parameters
    ----------
    members : sequence of Member
    threads : int, optional
        How many threads train; default: the available cores. It changes no result. Each takes a
        network; threads that have none help with the steps of the others, if these are large.
    progress : Progress, optional
        Called with the epochs of all members, one at a time, and for every finished member.
    engine : Engine, optional
    callbacks : sequence of sequence of Callback, optional
        Those of each member. If several members share a callback, it is called from several
        threads at the same time.
    one_by_one : bool, default False
        Run one member after another, in the calling thread, which some displays need. Otherwise
        they run in threads of their own, and Ctrl-C need not wait for the end of a step, or for
        the compiler.
    pooled : Pooled, optional
        All stop after the same epoch, by the mean of their held-out losses; their own settings
        have no patience. One by one, members then take turns of some epochs.
    keeper : RaceKeeper, optional
        Where they resume, and what writes their states to a file.

    Returns
    -------
    list of Descent, in the order of the members

    Raises
    ------
    BaseException
        The exception of one member; the others end after their current slice of steps.
    KeyboardInterrupt
        After a second Ctrl-C within two seconds (``interrupts.take_in``).
    """
    threads = usable_threads(None if threads is None else max(1, threads))
    pairs = list(zip(members, callbacks or [()] * len(members), strict=True))
    turns = _Turns(pairs, engine or choose(), progress, pooled, threads, not one_by_one, keeper)
    takers = turns.takers
    try:
        spread(turns.take, range(takers), threads, halt=turns.halt, aside=not one_by_one)
    except BaseException as sign:
        turns.keep(sign)
        return turns.cut(takers)
    return turns.all_ended()


class _Turns:
    """Training runs that several threads share, a slice of steps at a time.

    Five networks keep two threads busy to the end. One after another, the fifth would leave one
    thread idle.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Member, Sequence[Callback]]],
        engine: Engine,
        progress: Progress | None,
        pooled: Pooled | None,
        threads: int,
        in_slices: bool,
        keeper: RaceKeeper | None = None,
    ) -> None:
        self.pairs, self.engine, self.in_slices = pairs, engine, in_slices
        self.pool, self.keeper = Pool(pooled) if pooled else None, keeper
        self.shared = _Shared(progress) if progress else None
        # Those that still take runs; the other threads help them.
        self.threads, self.takers = threads, min(threads, len(pairs)) if in_slices else 1
        self.halt = Event()
        self.waiting, self.turn = deque(range(len(pairs))), Condition()
        self.runs: dict[int, Run] = {}
        self.descents: dict[int, Descent] = {}
        self.until: float | None = None  # the moment at which their time limit ends
        if keeper:
            self._resume(keeper)

    def _resume(self, keeper: RaceKeeper) -> None:
        """Take the networks that are done already."""
        for number, descent in keeper.results.items():
            self.descents[number] = descent
            self.waiting.remove(number)
            if self.pool:
                losses = [watched(record) for record in descent.history]
                self.pool.see(number, losses, len(losses), ended=True)
            if self.shared:
                settings = self.pairs[number][0].settings
                self._show(descent.history)
                self.shared.network(
                    (settings.stop_after or settings.max_epochs) - len(descent.history)
                )

    def _show(self, history: History) -> None:
        """Show the progress of earlier processes."""
        if self.shared:
            for record in history:
                self.shared.epoch(record)

    def take(self, thread: int) -> None:
        """The work of one thread: take slices until none is left."""
        del thread
        while (number := self._next()) is not None:
            run = self.runs.get(number) or self._begun(number)
            while run.status is Status.RUNNING and self._may_go(run) and self._moves(number):
                if not run.is_out_of_time():
                    run.advance()
                self._pool(number, run)
                if self.keeper:
                    self.keeper.rests(number, run)
                if self.in_slices and self.waiting:
                    break
            if run.status is Status.RUNNING and self.pool and self.pool.over:
                run.status = Status.PATIENCE
            has_ended = run.status is not Status.RUNNING and not self.halt.is_set()
            if has_ended and self._moves(number):
                self.descents[number] = self._ended(number, run)
                # A run knows these turns: in a circle, its weights would wait for the collector.
                del self.runs[number]
            with self.turn:
                if run.status is Status.RUNNING:
                    self.waiting.append(number)
                self.turn.notify_all()

    def _next(self) -> int | None:
        """The next run that may go on; None if there is none that is not with another thread."""
        with self.turn:
            while self.waiting and not self.halt.is_set():
                for _ in range(len(self.waiting)):
                    number = self.waiting.popleft()
                    run = self.runs.get(number)
                    if run is None or self._may_go(run) or (self.pool and self.pool.over):
                        return number
                    self.waiting.append(number)
                # All are at the limit of the pool, and one behind it is with another thread.
                self.turn.wait(SECONDS_BETWEEN_CHECKS)
            self.takers -= 1
        return None

    def _helpers(self) -> int:
        """How many threads there are now for each that takes runs."""
        return self.threads // max(1, self.takers)

    def _moves(self, number: int) -> bool:
        """Whether a run may move; from now on nobody copies its state."""
        return self.keeper is None or self.keeper.may_move(number)

    def _may_go(self, run: Run) -> bool:
        """Whether a run may train one more epoch before others are as far."""
        return self.pool is None or len(run.standing.history) < self.pool.limit

    def _pool(self, number: int, run: Run) -> None:
        """Let the pool see the epochs of a run, but none in which it diverged."""
        if self.pool:
            done = run.trouble.epoch - 1 if run.trouble else len(run.watched)
            ended = run.status is not Status.RUNNING
            self.pool.see(number, run.watched, done, ended=ended)

    def all_ended(self) -> list[Descent]:
        """The results of all runs, in their order; and the last write of a checkpoint."""
        if self.keeper:
            self.keeper.end()
        return [self.descents[number] for number in range(len(self.pairs))]

    def keep(self, sign: BaseException) -> None:
        """Write a checkpoint, if there is one; raise again what is not to end only this fit."""
        if self.keeper:
            self.keeper.cut()
        if not isinstance(sign, KeyboardInterrupt):
            raise sign
        take_in(sign)

    def cut(self, threads: int) -> list[Descent]:
        """The current results of all runs, finished or not."""
        return spread(self._cut, range(len(self.pairs)), threads)

    def _cut(self, number: int) -> Descent:
        if number in self.descents:
            return self.descents[number]
        run = self.runs.get(number)
        if run is None:
            return Descent(self.pairs[number][0].theta, 0, Status.INTERRUPTED, [])
        descent = cut(run)
        # A thread that could not end in time still has this run; its result is dropped.
        run.crew, run.progress = Crew(), None
        return descent

    def _begun(self, number: int) -> Run:
        member, told = self.pairs[number]
        run = Run(
            member, self.engine, callbacks=told, progress=self.shared, halted=self.halt.is_set,
            standing=self.keeper.standing(number) if self.keeper else None,
            threads=self._helpers,
        )  # fmt: skip
        self.runs[number] = run
        # Those that take turns have one time together, which begins with the first.
        if self.in_slices and not run.course.by_lbfgs:
            run.until = self.until = run.until if self.until is None else self.until
        if self.keeper:
            self.keeper.begun(number, run)
            self._show(run.standing.history)
        run.begin()
        # It leaves before its first step, or resumes behind it.
        if run.status is not Status.RUNNING or run.watched:
            self._pool(number, run)
        return run

    def _ended(self, number: int, run: Run) -> Descent:
        run.look()
        descent = outcome(run)
        if self.keeper:
            self.keeper.ended(number, run, descent)
        if self.shared:
            self.shared.network(run.course.end - len(descent.history))
        return descent


class _Shared:
    """A progress that many threads may call, one after another."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.lock = progress, Lock()

    def epoch(self, record: Epoch) -> None:
        with self.lock:
            self.progress.epoch(record)

    def network(self, spared: int) -> None:
        with self.lock:
            self.progress.network(spared)
