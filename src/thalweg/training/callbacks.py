"""Callbacks: user code that runs at seven moments of training.

A callback looks on. It sees θ and cannot change it, and a descent that is watched comes to the
same numbers, to the last bit, as one that is not.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TextIO

import numpy as np

from thalweg.errors import SettingsError
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.settings import Settings
from thalweg.training.history import Epoch, losses_in_words


@dataclass(frozen=True)
class Moment:
    """What a callback is shown.

    Attributes
    ----------
    epoch : int
        The epoch that this is about, counted from 1; how many have ended, when training begins
        or ends.
    step : int
        Steps so far.
    theta : ndarray of shape (n_parameters,)
        A view that cannot be written to, and changes with the next step: copy it to keep it.
        Where training ends and where θ improved it is that of the best epoch.
    record : mapping or None
        Of what has just ended, an epoch or a step, with the keys of the history; ``None`` where
        nothing has.
    best_epoch : int
        The best so far, 0 where there is none.
    settings : Settings
    """

    epoch: int
    step: int
    theta: Array
    record: Mapping[str, Any] | None
    best_epoch: int
    settings: Settings


class Callback:
    """Does nothing, seven times: override what you want to see.

    A method that returns True asks for the end (``Status.STOPPED``). An exception goes through
    to whoever called ``train``.
    """

    def train_begin(self, moment: Moment) -> bool | None:
        """Before the first step, or where a resumed descent goes on."""

    def epoch_begin(self, moment: Moment) -> bool | None:
        """Before the first step of an epoch."""

    def step_begin(self, moment: Moment) -> bool | None:
        """Before a step; whoever listens here or at its end has every step made alone, slowly."""

    def step_end(self, moment: Moment) -> bool | None:
        """After a step; the record is the step's, with the loss that it found before it moved."""

    def epoch_end(self, moment: Moment) -> bool | None:
        """After the last step of an epoch, with its record."""

    def improved(self, moment: Moment) -> bool | None:
        """An epoch turned out to be the best; without held-out rows at the end of the next one.

        The last epoch, which none follows, is then judged where training ends.
        """

    def train_end(self, moment: Moment) -> bool | None:
        """However it ended, Ctrl-C included, but not after an exception; θ is what comes back."""


MOMENTS = tuple(name for name in vars(Callback) if not name.startswith("_"))


@dataclass
class Crew:
    """All callbacks of a descent: who wants to hear of what, and whether one asked to stop."""

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
        """Whether anybody wants to hear of one of these."""
        return any(self.ears[name] for name in moments)

    @property
    def by_step(self) -> bool:
        """Whether every step must be looked at alone."""
        return self.hears("step_begin", "step_end")

    @property
    def by_epoch(self) -> bool:
        """Whether every epoch must be looked at alone."""
        return self.by_step or self.hears("epoch_begin", "epoch_end", "improved")

    def tell(self, name: str, moment: Callable[[], Moment]) -> None:
        """Tell of a moment, which is only made where somebody listens."""
        for ear in self.ears[name]:
            if ear(moment()):
                self.stopped = True


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(getattr(callback, name), "__func__", None) is not getattr(Callback, name)


def moment(
    epoch: int, step: int, theta: Array, record: Epoch | None, best_epoch: int, settings: Settings
) -> Moment:
    """A moment that shows θ and the record, and lets nobody write to them."""
    shown = theta.view()
    shown.flags.writeable = False
    sealed = None if record is None else MappingProxyType(record)
    return Moment(epoch, step, shown, sealed, best_epoch, settings)


class _Path(Callback):
    """The points that a descent comes by; begins anew with every descent."""

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
        """Where the descent begins."""
        self.points, self.epochs, self.steps = [], [], []
        self._keep(moment)

    def _keep(self, moment: Moment) -> None:
        self.points.append(moment.theta.copy())
        self.epochs.append(moment.epoch)
        self.steps.append(moment.step)


class EpochPath(_Path):
    """Keeps θ where the descent begins and at the end of every k-th epoch.

    Parameters
    ----------
    every : int, default 1
        Epochs from one point to the next.

    Attributes
    ----------
    thetas : ndarray of shape (n_points, n_parameters)
    epochs, steps : list of int
        How many had passed at each point.
    """

    def epoch_end(self, moment: Moment) -> None:
        """One more point, where it is due."""
        if moment.epoch % self.every == 0:
            self._keep(moment)


class StepPath(_Path):
    """Keeps θ where the descent begins and after every k-th step.

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

    def step_end(self, moment: Moment) -> None:
        """One more point, where it is due."""
        if moment.step % self.every == 0:
            self._keep(moment)


class Print(Callback):
    """Prints a line every k-th epoch.

    Parameters
    ----------
    every : int, default 1
    stream : text stream, optional
        Standard output, if not given.
    """

    def __init__(self, every: int = 1, stream: TextIO | None = None) -> None:
        if every < 1:
            raise SettingsError(f"every={every} prints nothing", fix="give a whole number from 1")
        self.every, self.stream = every, stream

    def epoch_end(self, moment: Moment) -> None:
        """A line, where it is due."""
        if moment.epoch % self.every == 0 and moment.record is not None:
            line = f"epoch {moment.epoch}: {losses_in_words(moment.record)}"
            print(line, file=self.stream or sys.stdout)


class StopWhen(Callback):
    """Ends the descent after the first epoch that a condition is true for.

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
