"""The curve of a setting: training and held-out loss of an estimator for values of one setting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from thalweg.evaluation.curves.beside_the_lowest import AboveLowest, above_lowest

if TYPE_CHECKING:
    import pandas as pd

Scale = Literal["log", "linear", "words"]


@dataclass(frozen=True)
class CurvePoint:
    """One value of the setting.

    Attributes
    ----------
    value : object
        As the estimator takes it.
    label : str
        The value in a picture.
    place : float or None
        The value as a number on the axis; None for a word, or for several layers.
    is_default : bool
        Whether it is the estimator as it was given.
    is_asked : bool
        Whether it was asked for; the default is fitted in any case.
    fold_losses, fold_train_losses : tuple of float
        The loss of each fold on its held-out rows, and on its training rows; empty if a fold
        diverged in its first epoch, so that there are no weights to evaluate.
    loss, train_loss : float or None
        Their means, by the weight of the rows.
    n_diverged : int
        Folds that diverged, in their first epoch or later. A loss is then that of an epoch
        before, and is compared with no other.
    seconds : float
    """

    value: Any
    label: str
    place: float | None
    is_default: bool
    is_asked: bool
    fold_losses: tuple[float, ...]
    fold_train_losses: tuple[float, ...]
    loss: float | None
    train_loss: float | None
    n_diverged: int
    seconds: float

    @property
    def is_compared(self) -> bool:
        """Whether it has a loss, and no fold diverged."""
        return self.loss is not None and not self.n_diverged

    @property
    def error(self) -> float | None:
        """The standard error of the held-out loss over folds."""
        return _error(self.fold_losses)

    @property
    def train_error(self) -> float | None:
        """The standard error of the training loss over folds."""
        return _error(self.fold_train_losses)

    @property
    def name(self) -> str:
        """The value in a sentence."""
        if not self.is_default:
            return self.label
        return f"the default, {self.label}" if self.label != "default" else "the default"


def _error(losses: Sequence[float]) -> float | None:
    if len(losses) < 2:
        return None
    return float(np.std(losses, ddof=1) / math.sqrt(len(losses)))


@dataclass(frozen=True, eq=False)
class SettingCurve:
    """The losses of an estimator for values of one setting, all on the same folds.

    Attributes
    ----------
    setting : str
        The name of the parameter.
    points : tuple of CurvePoint
        In the order of the axis; only values whose fit is finished.
    scale : {"log", "linear", "words"}
        How the values are laid out.
    loss_name : str
    fold_weights : tuple of (float, float)
        The weight of the held-out and of the training rows of each fold.
    n_rows : int
        The rows of the table.
    data : str
        The table and the estimator in words.
    seed : int or None
    own_folds : bool
        Whether the folds are the estimator's own, or those of a cross-validation around it.
    n_asked : int
        How many values there would be, with the default.
    ended_by : {"points", "interrupt"}
    seconds : float
        For everything.
    further : str
        The range beyond an end at which the loss is lowest, as ``--over`` takes it; "" if the
        lowest is not at an end, or there are no values beyond it.
    at_bound : bool
        Whether the lowest is at an end beyond which the setting has no values.
    constant_losses : tuple of float
        By fold, the held-out loss of the best constant answer of its training rows.
    """

    setting: str
    points: tuple[CurvePoint, ...]
    scale: Scale
    loss_name: str
    fold_weights: tuple[tuple[float, float], ...]
    n_rows: int
    data: str
    seed: int | None
    own_folds: bool
    n_asked: int
    ended_by: str
    seconds: float
    further: str = ""
    at_bound: bool = False
    constant_losses: tuple[float, ...] = ()

    @property
    def n_folds(self) -> int:
        """How many folds each value has."""
        return len(self.fold_weights)

    @property
    def known(self) -> list[CurvePoint]:
        """The values that are compared: none of their folds diverged."""
        return [each for each in self.points if each.is_compared]

    @property
    def lost(self) -> list[CurvePoint]:
        """The values of which a fold diverged, in its first epoch or later."""
        return [each for each in self.points if not each.is_compared]

    @property
    def lowest(self) -> CurvePoint | None:
        """The value with the lowest held-out loss; None if all diverged."""
        return lowest_of(self.points)

    @property
    def default(self) -> CurvePoint | None:
        """The estimator as it was given; None if it was not finished."""
        return next((each for each in self.points if each.is_default), None)

    @cached_property
    def above(self) -> dict[int, AboveLowest]:
        """How far values are above the lowest, by their places in ``points``."""
        known = [place for place, each in enumerate(self.points) if each.is_compared]
        if len(known) < 2:
            return {}
        losses = [np.array(self.points[place].fold_losses) for place in known]
        means = [self.points[place].loss for place in known]
        n_test, n_train = np.array(self.fold_weights, np.float64).T
        compared = above_lowest(losses, int(np.argmin(means)), n_test, n_train)  # type: ignore[arg-type]
        return {
            place: each for place, each in zip(known, compared, strict=True) if each is not None
        }

    @property
    def constant(self) -> float | None:
        """The mean held-out loss of a constant answer."""
        if not self.constant_losses:
            return None
        held = [weight for weight, _ in self.fold_weights]
        return float(np.average(self.constant_losses, weights=held))

    @cached_property
    def above_constant(self) -> AboveLowest | None:
        """How far a constant answer is above the lowest, as one value more; None if unknown."""
        known = [place for place, each in enumerate(self.points) if each.is_compared]
        if not known or not self.constant_losses:
            return None
        losses = [np.array(self.points[place].fold_losses) for place in known]
        means = [self.points[place].loss for place in known]
        n_test, n_train = np.array(self.fold_weights, np.float64).T
        every = [*losses, np.array(self.constant_losses)]
        return above_lowest(every, int(np.argmin(means)), n_test, n_train)[-1]  # type: ignore[arg-type]

    @property
    def worse(self) -> list[CurvePoint]:
        """The values that are shown to be worse than the lowest."""
        return [self.points[place] for place, each in self.above.items() if each.is_shown]

    @property
    def alike(self) -> list[CurvePoint]:
        """The values that are not shown to be worse, without the lowest itself."""
        return [self.points[place] for place, each in self.above.items() if not each.is_shown]

    def standing(self, point: CurvePoint) -> str:
        """What is known of a value beside the lowest."""
        if not point.is_compared:
            return "diverged"
        if point is self.lowest:
            return "lowest"
        found = self.above[self.points.index(point)]
        return "shown to be worse" if found.is_shown else "not shown to be worse"

    def frame(self) -> "pd.DataFrame":
        """A row for each value."""
        import pandas as pd

        rows = [
            {
                self.setting: each.value,
                "train_loss": each.train_loss,
                "loss": each.loss,
                "standard_error": each.error,
                "seconds": round(each.seconds, 3),
                "n_diverged": each.n_diverged,
                "is_default": each.is_default,
                "beside_lowest": self.standing(each),
            }
            for each in self.points
        ]
        found = pd.DataFrame(rows)
        columns = ["train_loss", "loss", "standard_error"]
        found[columns] = found[columns].astype(np.float64)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        return {
            "setting": self.setting,
            "scale": self.scale,
            "loss_name": self.loss_name,
            "data": self.data,
            "seed": self.seed,
            "n_rows": self.n_rows,
            "n_folds": self.n_folds,
            "folds": "own" if self.own_folds else "around",
            "n_asked": self.n_asked,
            "ended_by": self.ended_by,
            "seconds": round(self.seconds, 3),
            "further": self.further,
            "constant": self.constant,
            "points": [self._plain(place) for place in range(len(self.points))],
        }

    def _plain(self, place: int) -> dict[str, Any]:
        point, above = self.points[place], self.above.get(place)
        value = list(point.value) if isinstance(point.value, tuple) else point.value
        limit = None if above is None or math.isnan(above.at_least) else above.at_least
        return {
            "value": value,
            "label": point.label,
            "is_default": point.is_default,
            "loss": point.loss,
            "standard_error": point.error,
            "train_loss": point.train_loss,
            "train_standard_error": point.train_error,
            "fold_losses": list(point.fold_losses),
            "fold_train_losses": list(point.fold_train_losses),
            "n_diverged": point.n_diverged,
            "seconds": round(point.seconds, 3),
            "beside_lowest": self.standing(point),
            "by": None if above is None else ("ratio" if above.by_ratio else "difference"),
            "beside": None if above is None else above.mean,
            "at_least": limit,
        }


def lowest_of(points: Sequence[CurvePoint]) -> CurvePoint | None:
    """The value with the lowest held-out loss; of equal ones the default, else the first."""
    known = [(each.loss or 0.0, not each.is_default, place) for place, each in enumerate(points)
             if each.is_compared]  # fmt: skip
    return points[min(known)[2]] if known else None
