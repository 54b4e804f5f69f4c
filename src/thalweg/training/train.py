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
from thalweg.training.descent.network_memory import TrainingMemory, require_memory_for
from thalweg.training.descent.training_settings import Settings
from thalweg.training.descent_inputs import Member
from thalweg.training.history import History
from thalweg.training.progress import Progress
from thalweg.training.training_loop import Run
from thalweg.training.trouble import Trouble, dead_units


@dataclass(frozen=True)
class Descent:
    """The result of a training run.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        θ at the end of the best epoch, or the average of the weights there.
    best_epoch : int
        Counted from 1; 0 if no epoch ended with finite numbers, and then θ is the start.
    status : Status
        Why training ended.
    history : list of dict
        Every finished epoch, also those after the best one.
    trouble : Trouble or None
        If the status is ``DIVERGED``: the layer, the epoch, and what to do.
    dead_units : tuple of int
        For each hidden layer, how many units have a slope of 0 on all training rows
        (``trouble.dead_units``). Empty after Ctrl-C, which skips the pass over the rows.
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
    """Train from θ and return the best epoch.

    With held-out rows, the best epoch is the one with the lowest held-out loss. Without them, the
    loss of an epoch's steps evaluates the θ at its start, and a last pass evaluates the last θ. If
    ``settings.stop_after`` names an epoch, that one is returned. The best epoch is returned however
    training ends. An average of the weights is what held-out rows, the last pass and callers get.

    Parameters
    ----------
    architecture, theta, data, loss, alpha, settings, rows, held_out
        The fields of a ``course.Member``.
    engine, progress : Engine and Progress, optional
    callbacks : sequence of Callback
        Called at seven moments; they change no number.
    checkpoint : Checkpoint, optional
        Where the state is saved during training. If the file exists, training resumes from it,
        and gives the result of a run without a stop, bit for bit.
    clock : callable
        A clock in seconds, with any zero, for the time limit and the checkpoints.

    Returns
    -------
    Descent

    Raises
    ------
    CheckpointError, SettingsError
        The checkpoint is damaged or of another run; or memory is too small for the optimizer.
    """
    member = Member(architecture, theta, data, loss, alpha, settings, rows, held_out)
    _require_memory(member, has_checkpoint=checkpoint is not None)
    run = Run(
        member, engine, callbacks=callbacks, checkpoint=checkpoint, progress=progress, clock=clock
    )
    try:
        run.begin()
        while run.status is Status.RUNNING:
            run.advance()
        run.look()
    except KeyboardInterrupt as sign:
        run.status = Status.INTERRUPTED  # no checkpoint is written after this
        take_in(sign)
        return cut(run)
    return outcome(run)


def _require_memory(member: Member, *, has_checkpoint: bool) -> None:
    needed = TrainingMemory(
        sizes=member.architecture.sizes, dtype=member.theta.dtype,
        optimizer=member.settings.optimizer, has_checkpoint=has_checkpoint, n_thetas=0,
    )  # fmt: skip
    require_memory_for(needed, named="sizes")


def outcome(run: Run) -> Descent:
    """The result of a finished run; the last call of its callbacks."""
    descent, member = _so_far(run), run.course.member
    dead = dead_units(member.architecture, descent.theta, member.data, run.course.rows)
    return replace(descent, dead_units=dead)


def cut(run: Run) -> Descent:
    """The result of a run after Ctrl-C, which may come in the middle of a slice."""
    # A run with held-out rows may have ended in this very slice.
    if run.course.judge is None or run.status is Status.RUNNING:
        run.status = Status.INTERRUPTED
    return _so_far(run)


def _so_far(run: Run) -> Descent:
    # Read in this order, and once each: a thread that was left behind may still change them.
    kept = run.standing.best.kept
    history = run.standing.history.copy()
    theta = kept.theta(run.course)
    run.tell("train_end", history[-1] if history else None, theta)
    return Descent(theta, kept.epoch, run.status, history, run.trouble)
