"""A sweep over one setting: fits the estimator for each value, several values at a time.

The first fit is the estimator as it is, with all threads: it says how long the rest takes. Then
each thread has a value of its own, and trains the folds of that value side by side
(`training.many`); so the threads are busy to the last value. Neither changes a number.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from thalweg.counter_based_random import seed_from
from thalweg.data.typing import GroupsLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import SettingsError, UnfinishedError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.from_others.named_tables import Rows, TargetNames, rows_with_target
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.estimators.parameters.auto_by_width import epochs_of, hidden_units
from thalweg.estimators.parameters.parameter import CLASSIFIER, Setting
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.curves.setting_curve import (
    CurvePoint,
    Scale,
    SettingCurve,
    lowest_of,
)
from thalweg.interrupts import Cancellation, heeding, take_in
from thalweg.parallel_map import spread, usable_threads
from thalweg.tuning.curves.asked_values import (
    POINTS,
    AskedValues,
    asked_values,
    beyond,
    label_of,
)
from thalweg.tuning.curves.fold_fits import FoldLosses, Folds, FoldsAround, OwnFolds
from thalweg.tuning.trial_fits import CutTrial, Model, TrialTable
from thalweg.wording import as_code, shown

# Weights that a network has in addition, in the time that it takes: a step is not for nothing.
_OVERHEAD = 2_000


class PointDone(NamedTuple):
    """What a listener hears after each value.

    Attributes
    ----------
    label : str
    loss : float or None
        None if the value diverged.
    done, total : int
    seconds_left : float
        By the time of the values so far.
    """

    label: str
    loss: float | None
    done: int
    total: int
    seconds_left: float


class _Value(NamedTuple):
    """One value to fit."""

    value: Setting
    changes: dict[str, Setting]
    is_default: bool
    is_asked: bool
    cost: float


@dataclass(eq=False)
class SettingSweep:
    """One sweep; `run` may be ended, and `curve` has what is done.

    Attributes
    ----------
    folds : Folds
    asked : AskedValues
    threads : int
    listener : callable or None
        Called with a `PointDone`, one at a time.
    """

    folds: Folds
    asked: AskedValues
    estimator: Model
    n_rows: int
    threads: int
    listener: Callable[[PointDone], None] | None = None
    ended_by: str = "points"
    seconds: float = 0.0
    _done: dict[int, tuple[FoldLosses, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _running: list[Cancellation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = self._values()

    @property
    def seed(self) -> int:
        """The seed of all fits."""
        return seed_from(self.estimator.random_state)

    @property
    def n_done(self) -> int:
        """How many values are finished."""
        return len(self._done)

    def run(self) -> None:
        """Fit all values.

        Raises
        ------
        UnfinishedError
            If Ctrl-C came before the first was finished. Later, it ends the sweep with those that
            are finished.
        KeyboardInterrupt
            Of a program that ends everything by it; what is finished is kept then, too.
        """
        began = time.monotonic()
        try:
            first = next(k for k, each in enumerate(self.values) if each.is_default)
            self._fit(first, self.threads, began)
            others = [k for k in range(len(self.values)) if k != first]
            ranks = spread_ranks(len(self.values))
            others.sort(key=lambda k: (-self.values[k].cost, ranks[k]))
            outer = max(1, min(self.threads, len(others)))
            inner = max(1, self.threads // outer)
            spread(lambda k: self._apart(k, inner, began), others, outer)
        except CutTrial:
            self.ended_by = "interrupt"
        except KeyboardInterrupt as sign:
            self.ended_by = "interrupt"
            for each in self._running:
                each.ask()
            take_in(sign)
        finally:
            self.seconds = time.monotonic() - began
        if not self._done:
            raise UnfinishedError(
                "Interrupted before the first value was finished",
                why="There is nothing to show",
                fix="start it again",
            )

    def _apart(self, k: int, threads: int, began: float) -> None:
        """Fit one value in a thread that ends if the sweep does."""
        own = Cancellation()
        self._running.append(own)
        with heeding(own):
            self._fit(k, threads, began)

    def _fit(self, k: int, threads: int, began: float) -> None:
        start = time.monotonic()
        found = self.folds.fit(self.values[k].changes, threads)
        seconds = time.monotonic() - start
        with self._lock:
            if self.ended_by == "interrupt":
                return
            self._done[k] = found, seconds
            if self.listener is not None:
                self.listener(self._told(k, found, began))

    def _told(self, k: int, found: FoldLosses, began: float) -> PointDone:
        of = {place: each.cost for place, each in enumerate(self.values)}
        done = sum(of[place] for place in self._done)
        left = sum(of.values()) - done
        seconds = (time.monotonic() - began) * left / done
        loss = _mean(found.losses, [held for held, _ in self.folds.weights])
        return PointDone(label_of(self.values[k].value), loss, self.n_done, len(of), seconds)

    def _values(self) -> list[_Value]:
        """The values in their order, with the estimator as it is."""
        name, found, has_default = self.asked.name, [], False
        for value in self.asked.values:
            changes = {name: value}
            same = not has_default and self.folds.same(changes)
            has_default |= same
            found.append(_Value(value, {} if same else changes, same, True, self._cost(changes)))
        if not has_default:
            own = self.folds.resolved().get(name)
            own = own[0] if isinstance(own, tuple) and len(own) == 1 else own
            raw = self.estimator.get_params()[name]
            found.append(_Value(raw if own is None else own, {}, True, False, self._cost({})))
        if len(found) == 1:
            raise SettingsError(
                f"The sweep has {label_of(found[0].value)} alone of {name}, which is the default",
                why="There is nothing to compare",
                fix="give other values",
            )
        return found

    def _cost(self, changes: Mapping[str, Setting]) -> float:
        """About how long a fit takes beside others: by its weights and its epochs."""
        settings = {**self.estimator.get_params(), **changes}
        sizes = [*hidden_units(settings["hidden_layer_sizes"]), 1]
        weights = sum(a * b for a, b in zip([20, *sizes], sizes, strict=False))
        return float((weights + _OVERHEAD) * epochs_of(settings))

    def curve(self, data: str = "") -> SettingCurve:
        """The losses of the values that are finished."""
        points = [self._point(k) for k in sorted(self._done)]
        scale: Scale = self.asked.scale
        if scale != "words" and all(each.place is not None for each in points if each.is_asked):
            points.sort(key=lambda each: (each.place is None, each.place or 0.0))
        if scale == "log" and any(each.place is not None and each.place <= 0 for each in points):
            scale = "linear"  # the default is 0
        further, at_bound = self._further(points)
        said = "" if further is None else f"over={{{self.asked.name!r}: {as_code(further)}}}"
        return SettingCurve(
            self.asked.name, tuple(points), scale, self.folds.loss_name, self.folds.weights,
            self.n_rows, data, self.seed, isinstance(self.folds, OwnFolds),
            len(self.values), self.ended_by, self.seconds, said, at_bound, self.folds.constant(),
        )  # fmt: skip

    def further(self) -> tuple[float, float] | None:
        """The range beyond an end at which the loss is lowest."""
        return self._further([self._point(k) for k in sorted(self._done)])[0]

    def _point(self, k: int) -> CurvePoint:
        value, (found, seconds) = self.values[k], self._done[k]
        held, trained = zip(*self.folds.weights, strict=True)
        label = label_of(value.value)
        is_number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        place = float(value.value) if is_number and self.asked.scale != "words" else None
        if value.value is None or value.value == "auto":
            label = "default"
        return CurvePoint(
            value.value, label, place, value.is_default, value.is_asked, found.losses,
            found.train_losses, _mean(found.losses, held), _mean(found.train_losses, trained),
            found.n_diverged, seconds,
        )  # fmt: skip

    def _further(self, points: list[CurvePoint]) -> tuple[tuple[float, float] | None, bool]:
        """A range beyond the end at which the loss is lowest; whether the setting ends there."""
        lowest = lowest_of(points)
        if self.asked.scale == "words" or lowest is None or lowest.place is None:
            return None, False
        places = [each.place for each in points if each.place is not None]
        if len(places) < 3 or self.ended_by == "interrupt":
            return None, False
        upwards = lowest.place == max(places)
        if not upwards and lowest.place != min(places):
            return None, False
        found = beyond(self.asked, lowest.place, upwards=upwards)
        return found, found is None


def spread_ranks(n: int) -> list[int]:
    """When each of n values is fitted: the ends first, then the middles of what is left.

    So a sweep that ends early has values of the whole range.
    """
    order = [0, n - 1] if n > 1 else [0]
    gaps = [(0, n - 1)]
    while gaps:
        low, high = gaps.pop(0)
        if high - low > 1:
            middle = (low + high) // 2
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return [order.index(k) for k in range(n)]


def _mean(losses: tuple[float, ...], weights: Any) -> float | None:
    return float(np.average(losses, weights=weights)) if losses else None


def setting_sweep(
    estimator: Model, X: Rows, y: TargetLike | None = None, sample_weight: WeightsLike = None, *,
    over: Mapping[str, Any], points: int = POINTS, cv: Any = None,
    target: TargetNames | None = None, groups: GroupsLike = None, time_column: TimesLike = None,
    n_jobs: int | None = None, listener: Callable[[PointDone], None] | None = None,
) -> SettingSweep:  # fmt: skip
    """A sweep that is ready to run; the parameters are those of `thalweg.sweep`."""
    _require_estimator(estimator)
    asked = asked_values(over, points)
    if asked.name not in estimator.get_params():
        raise SettingsError(
            f"{type(estimator).__name__} has no setting {asked.name}",
            fix="take a setting that it has",
        )
    of_classes = estimator._kind == CLASSIFIER
    X, y = rows_with_target(X, y, target, of_classes=of_classes, is_new=True)
    given = GivenRows(X, y, sample_weight, None, None, groups, time_column)  # type: ignore[arg-type]
    model: Model = clone(estimator).set_params(random_state=seed_from(estimator.random_state))
    model._validate_params()
    for value in asked.values:
        model.__class__(**{**model.get_params(), asked.name: value})._validate_params()
    folds: Folds
    if cv is None:
        folds = OwnFolds(_table_of(model, given))
    else:
        folds = FoldsAround.of(model, given, cv)
    threads = usable_threads(estimator.n_jobs if n_jobs is None else n_jobs)
    return SettingSweep(folds, asked, model, len(y), threads, listener)  # type: ignore[arg-type]


def _table_of(model: Model, given: GivenRows) -> TrialTable:
    """The table with the estimator's own folds."""
    plain = model.early_stopping in (False, True, "hold-out", "cross-validation")
    if plain:
        raise SettingsError(
            f"The estimator has early_stopping={shown(model.early_stopping)}, so it has no folds "
            "whose networks evaluate all rows",
            fix='set early_stopping="folds" in the estimator, or give cv=5: then each value is '
            "fitted five times",
        )
    return TrialTable.of(model, given, "sweep")


def _require_estimator(estimator: object) -> None:
    if isinstance(estimator, ThalwegClassifier | ThalwegRegressor):
        return
    inside = getattr(estimator, "steps", None)
    if inside is not None:
        raise SettingsError(
            "A sweep takes the estimator itself, and this is a pipeline",
            why="Its other steps would learn from the rows that are held out",
            fix="give the estimator alone, which takes the raw table; or use scikit-learn's "
            "validation_curve",
        )
    raise SettingsError(
        f"A sweep over a setting takes a ThalwegClassifier or ThalwegRegressor, not "
        f"{shown(estimator)}",
        fix='give one of them, unfitted, as in sweep(ThalwegClassifier(), X, y, over={"alpha": '
        "(0.01, 10)})",
    )
