"""``train``: trains one network from a starting point θ₀ and returns its best epoch."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from thalweg.errors import Status
from thalweg.interrupts import take_in
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Engine, Rows
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Callback
from thalweg.training.checkpoint import Checkpoint
from thalweg.training.course import Member
from thalweg.training.descent.settings import Settings
from thalweg.training.history import History
from thalweg.training.progress import Progress
from thalweg.training.run import Run
from thalweg.training.trouble import Trouble, dead_units


@dataclass(frozen=True)
class Descent:
    """What a descent came to.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        θ at the end of the best epoch.
    best_epoch : int
        Counted from 1; 0 where no epoch ended with finite numbers, and then θ is the start.
    status : Status
        Why it ended.
    history : list of dict
        Every epoch that ended, those behind the best too.
    trouble : Trouble or None
        Where the status is ``DIVERGED``: the layer, the epoch, and what to do.
    dead_units : tuple of int
        For each hidden layer, how many units have a slope of 0 on all training rows
        (``trouble.dead_units``). Empty after Ctrl-C, which waits for no pass over the rows.
    """

    theta: Array
    best_epoch: int
    status: Status
    history: History
    trouble: Trouble | None = None
    dead_units: tuple[int, ...] = ()


def train(
    architecture: Architecture,
    theta: Array,
    data: Data,
    loss: str,
    alpha: float,
    settings: Settings,
    *,
    rows: Rows | None = None,
    held_out: Rows | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Descent:
    """Descend from θ and come back with the best epoch.

    With held-out rows the best epoch is the one at whose end their loss was lowest. Without,
    the loss of an epoch's steps judges the θ it began with, and one more look judges the last;
    but where ``settings.stop_after`` names the epoch, that one comes back.
    The best epoch is what is returned for every way of ending, a first Ctrl-C included.

    Parameters
    ----------
    architecture, theta, data, loss, alpha, settings, rows, held_out
        What a ``course.Member`` is made of.
    engine : Engine, optional
    progress : Progress, optional
    callbacks : sequence of Callback
        Told of seven moments; the numbers do not depend on them.
    checkpoint : Checkpoint, optional
        Where the descent is kept while it goes on. If the file is there already, the descent
        goes on from it, and comes to what it would have come to without a stop, bit for bit.
    clock : callable
        Seconds, from any zero: for the time limit and the checkpoints.

    Returns
    -------
    Descent

    Raises
    ------
    CheckpointError
        The checkpoint is damaged, or one of another run.
    """
    run = Run(
        Member(architecture, theta, data, loss, alpha, settings, rows, held_out), engine,
        callbacks=callbacks, checkpoint=checkpoint, progress=progress, clock=clock,
    )  # fmt: skip
    try:
        run.begin()
        while run.status is Status.RUNNING:
            run.advance()
        run.look()
    except KeyboardInterrupt as sign:
        run.status = Status.INTERRUPTED  # no checkpoint is written any more
        take_in(sign)
        return cut(run)
    return outcome(run)


def outcome(run: Run) -> Descent:
    """What a run that has ended came to; the last that its callbacks hear of."""
    descent, member = _so_far(run), run.course.member
    dead = dead_units(member.architecture, descent.theta, member.data, run.course.rows)
    return replace(descent, dead_units=dead)


def cut(run: Run) -> Descent:
    """What a run has come to where Ctrl-C found it, in the middle of a slice maybe."""
    # One that is judged by held-out rows may have come to its end in that very slice.
    if run.course.judge is None or run.status is Status.RUNNING:
        run.status = Status.INTERRUPTED
    return _so_far(run)


def _so_far(run: Run) -> Descent:
    # In this order, and once each: a thread that was left behind may still move them on.
    kept = run.standing.best.kept
    history = run.standing.history.copy()
    theta = kept.theta(run.course)
    run.tell("train_end", history[-1] if history else None, theta)
    return Descent(theta, kept.epoch, run.status, history, run.trouble)
