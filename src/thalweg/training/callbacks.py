"""Callbacks: user code that runs at seven moments of training.

A callback only observes. It sees θ but cannot change it, and a run with callbacks gives the same
numbers, to the last bit, as a run without.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.training_settings import Settings
from thalweg.training.history import Epoch, History, losses_in_words


@dataclass(frozen=True)
class Moment:
    """What a callback receives.

    Attributes
    ----------
    epoch : int
        The current epoch, counted from 1; at the begin and end of training, the number of epochs
        that have ended.
    step : int
        Steps so far.
    theta : ndarray of shape (n_parameters,)
        A read-only view that changes with the next step: copy it to keep it. At the end of
        training, and where the best epoch has improved, it is what the best epoch gives. With an
        average of the weights, that is the average, and so is it at the end of every epoch. Before
        and after a step it is the θ of the steps.
    record : mapping or None
        The record of the epoch or step that has just ended, with the keys of the history;
        ``None`` if none has.
    best_epoch : int
        The best epoch so far; 0 if there is none.
    settings : Settings
    """

    epoch: int
    step: int
    theta: Array
    record: Mapping[str, Any] | None
    best_epoch: int
    settings: Settings


class Callback:
    """The base class of callbacks, whose seven methods do nothing: override those you need.

    A method that returns True ends training (``Status.STOPPED``). An exception is passed on to
    the caller of ``train``.
    """

    def train_begin(self, moment: Moment) -> bool | None:
        """Before the first step, or before a resumed run continues."""

    def epoch_begin(self, moment: Moment) -> bool | None:
        """Before the first step of an epoch."""

    def step_begin(self, moment: Moment) -> bool | None:
        """Before a step; listening to steps makes every step a call of its own, which is slow."""

    def step_end(self, moment: Moment) -> bool | None:
        """After a step; its record has the loss from before the step."""

    def epoch_end(self, moment: Moment) -> bool | None:
        """After the last step of an epoch, with its record."""

    def improved(self, moment: Moment) -> bool | None:
        """An epoch is the best so far; without held-out rows, called at the end of the next one.

        The last epoch has no next one; it is evaluated when training ends.
        """

    def train_end(self, moment: Moment) -> bool | None:
        """However training ended, Ctrl-C included, but not after an exception; θ is the result."""


MOMENTS = tuple(name for name in vars(Callback) if not name.startswith("_"))


class Resumable(Callback):
    """A callback that a checkpoint of a fit stores, because the result depends on what it knows."""

    def packed(self) -> dict[str, NDArray[Any]]:
        """What it knows, as arrays; it may not change them later."""
        raise NotImplementedError

    def resume(
        self, arrays: dict[str, NDArray[Any]], history: History, theta: Array, *, ended: bool
    ) -> None:
        """Know again what was packed.

        Parameters
        ----------
        arrays : dict of str to ndarray
            From a file, so of any shape and content.
        history : list of dict
            The epochs of the run.
        theta : ndarray of shape (n_parameters,)
            Any θ of the run, for the shape and the dtype of others.
        ended : bool
            Whether the run has ended.

        Raises
        ------
        ValueError
            The arrays are not those of such a callback.
        """
        raise NotImplementedError


@dataclass
class Crew:
    """All callbacks of a run: which methods they override, and whether one asked to stop."""

    callbacks: Sequence[Callback] = ()
    stopped: bool = False
    ears: dict[str, list[Callable[[Moment], bool | None]]] = field(init=False)

    def __post_init__(self) -> None:
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise SettingsError(
                    f"{callback!r} is not a callback",
                    fix="derive its class from thalweg.training.callbacks.Callback",
                )
        self.ears = {
            name: [
                getattr(each, name) for each in self.callbacks if _overrides(each, name)
            ]
            for name in MOMENTS
        }  # fmt: skip

    def hears(self, *moments: str) -> bool:
        """Whether any callback overrides one of these methods."""
        return any(self.ears[name] for name in moments)

    @property
    def by_step(self) -> bool:
        """Whether every step must be a call of its own."""
        return self.hears("step_begin", "step_end")

    @property
    def by_epoch(self) -> bool:
        """Whether every epoch must be a call of its own."""
        return self.by_step or self.hears("epoch_begin", "epoch_end", "improved")

    def tell(self, name: str, moment: Callable[[], Moment]) -> None:
        """Call the callbacks of a moment, which is made only if there are any."""
        for ear in self.ears[name]:
            if ear(moment()):
                self.stopped = True


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(getattr(callback, name), "__func__", None) is not getattr(Callback, name)


def moment(
    epoch: int, step: int, theta: Array, record: Epoch | None, best_epoch: int, settings: Settings
) -> Moment:
    """A moment with read-only views of θ and the record."""
    shown = theta.view()
    shown.flags.writeable = False
    sealed = None if record is None else MappingProxyType(record)
    return Moment(epoch, step, shown, sealed, best_epoch, settings)


class _Path(Callback):
    """Records points of a training run; starts again with every run."""

    def __init__(self, every: int = 1) -> None:
        if every < 1:
            raise SettingsError(f"every={every} keeps no point", fix="give a whole number from 1")
        self.every = every
        self.points: list[Array] = []
        self.epochs: list[int] = []
        self.steps: list[int] = []

    @property
    def thetas(self) -> Array:
        """θ at each point, shape (n_points, n_parameters)."""
        return np.array(self.points)

    def train_begin(self, moment: Moment) -> None:
        """Record the starting point."""
        self.points, self.epochs, self.steps = [], [], []
        self._keep(moment)

    def _keep(self, moment: Moment) -> None:
        self.points.append(moment.theta.copy())
        self.epochs.append(moment.epoch)
        self.steps.append(moment.step)


class EpochPath(_Path):
    """Records θ, or the average of the weights, at the start and the end of every k-th epoch.

    Parameters
    ----------
    every : int, default 1
        Epochs from one point to the next.

    Attributes
    ----------
    thetas : ndarray of shape (n_points, n_parameters)
    epochs, steps : list of int
        How many epochs and steps had passed at each point.
    """

    def epoch_end(self, moment: Moment) -> None:
        """Record one more point, if it is due."""
        if moment.epoch % self.every == 0:
            self._keep(moment)


class StepPath(_Path):
    """Records θ at the start and after every k-th step.

    Parameters
    ----------
    every : int, default 1
        Steps from one point to the next.

    Attributes
    ----------
    thetas : ndarray of shape (n_points, n_parameters)
    epochs, steps : list of int
        The epoch of each point, counted from 1, and how many steps had passed.
    """

    def step_end(self, moment: Moment) -> bool | None:
        """Record one more point, if it is due."""
        if moment.step % self.every == 0:
            self._keep(moment)
        return None


class Print(Callback):
    """Prints a line every k-th epoch.

    Parameters
    ----------
    every : int, default 1
    stream : text stream, optional
        Default: standard output.
    """

    def __init__(self, every: int = 1, stream: TextIO | None = None) -> None:
        if every < 1:
            raise SettingsError(f"every={every} prints nothing", fix="give a whole number from 1")
        self.every, self.stream = every, stream

    def epoch_end(self, moment: Moment) -> None:
        """Print a line, if it is due."""
        if moment.epoch % self.every == 0 and moment.record is not None:
            line = f"epoch {moment.epoch}: {losses_in_words(moment.record)}"
            print(line, file=self.stream or sys.stdout)


class StopWhen(Callback):
    """Ends training after the first epoch for which a condition is true.

    Parameters
    ----------
    condition : callable
        Called with the ``Moment`` of every epoch's end.
    """

    def __init__(self, condition: Callable[[Moment], bool]) -> None:
        self.condition = condition

    def epoch_end(self, moment: Moment) -> bool:
        """Whether the condition is true."""
        return self.condition(moment)
