"""What a search is worth: a bootstrap over the rows that repeats selection and weighting.

The loss of the best of many trials is too good on the rows that chose it. So rows are drawn with
replacement; trials are selected and weighted on the drawn rows alone, and evaluated on the rows
that were not drawn; many times. No network is trained again, because all predictions are
out-of-fold. (BBC-CV: Tsamardinos, Greasidou & Borboudakis 2018, "Bootstrapping the out-of-sample
predictions for efficient and accurate cross-validation", Machine Learning 107:1895-1922.)

The loss of a row is its mean over the resamples that did not draw it. The difference from the
default is the mean of these losses minus those of the default on the same rows, with a t interval
over rows, or over groups of rows that depend on each other.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from thalweg.counter_based_random import generator
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.tuning.greedy_ensemble import Limits, select
from thalweg.tuning.losses_of_trials import TrialLosses
from thalweg.wording import amount

RESAMPLES, FEWEST_RESAMPLES = 200, 50
# The fewest where the time of a search ends before.
FEWEST_IN_TIME = 20
# Trials that may enter an ensemble, for each slot.
CANDIDATES = 4
# Rows times resamples: beyond, there are fewer resamples.
_MOST_WORK = 4_000_000


@dataclass(frozen=True)
class HonestScore:
    """The loss of the tuned model and of the default, on rows that chose nothing.

    Attributes
    ----------
    loss_name : str
    loss, default_loss, difference : Estimate
        The difference is tuned minus default; below 0 the tuned one is better.
    best_trial_loss : float
        The loss of the best trial on the rows that chose it: too good.
    second_name : str
        AUC, accuracy or R²; "" if there is none.
    second, default_second, best_trial_second : float
        Of the tuned model, the default, and the best trial by this measure on the rows that chose
        it.
    n_trials, n_rows, n_resamples : int
    """

    loss_name: str
    loss: Estimate
    default_loss: Estimate
    difference: Estimate
    best_trial_loss: float
    second_name: str
    second: float
    default_second: float
    best_trial_second: float
    n_trials: int
    n_rows: int
    n_resamples: int

    @property
    def is_better(self) -> bool:
        """Whether the tuned model is shown to be better than the default."""
        return self.difference.high < 0

    def finding(self) -> str:
        """What was found, without its numbers."""
        d = self.difference
        if d.low == d.high == 0:
            return "Nothing but the default was selected"
        if self.is_better:
            return "The tuned model is better than the default"
        if d.low > 0:
            return "The tuned model is worse than the default"
        return "The tuned model is not shown to be better than the default"

    def sentence(self) -> str:
        """What was found, in a sentence."""
        d = self.difference
        ends = f"[{amount(d.low, 3, signed=True)}, {amount(d.high, 3, signed=True)}]"
        by = f"{self.loss_name} {amount(self.loss.value)} instead of "
        by += f"{amount(self.default_loss.value)}, difference {amount(d.value, 3, signed=True)} "
        by += ends
        if d.low == d.high == 0:
            return f"{self.finding()}, with a {self.loss_name} of {amount(self.loss.value)}."
        return f"{self.finding()}: {by}."

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        estimates = ("loss", "default_loss", "difference")
        others = (
            "loss_name", "best_trial_loss", "second_name", "second", "default_second",
            "best_trial_second", "n_trials", "n_rows", "n_resamples",
        )  # fmt: skip
        plain = {name: _plain(getattr(self, name)) for name in others}
        return {**plain, **{name: getattr(self, name).as_dict() for name in estimates}}


def _plain(value: float | int | str) -> float | int | str | None:
    return None if isinstance(value, float) and not np.isfinite(value) else value


class Selection:
    """How trials are selected and weighted: the same on all rows, and on drawn ones.

    Parameters
    ----------
    predicted : ndarray of float64, shape (n_trials, n_rows, …)
        Trial 0 is the default.
    losses : TrialLosses
    keep : int
    limits : Limits or None
    """

    def __init__(
        self, predicted: Floats, losses: TrialLosses, keep: int, limits: Limits | None = None
    ) -> None:
        self.predicted, self.rows, self.keep, self.limits = predicted, losses, keep, limits
        self.parts = losses.parts(predicted)
        self.losses = losses.losses(self.parts)

    def chosen(self, weights: Floats) -> list[int]:
        """The slots of the ensemble by rows of these weights; empty if no trial is allowed."""
        means = self.losses @ weights
        if self.limits is not None:
            means = np.where(self.limits.allowed([]), means, np.inf)
        order = np.argsort(means, kind="stable")[: CANDIDATES * self.keep]
        some = np.sort(order[np.isfinite(means[order])])
        if not len(some):
            return []
        drawn = np.flatnonzero(weights)
        losses, of_rows = self._losses_of(drawn), weights[drawn] / weights.sum()
        limits = None if self.limits is None else self.limits.of(some)
        slots = select(
            self.parts[np.ix_(some, drawn)], lambda mean: losses(mean) @ of_rows,
            self.keep, limits,
        )  # fmt: skip
        return [int(some[slot]) for slot in slots]

    def _losses_of(self, drawn: NDArray[np.intp]) -> Callable[[Floats], Floats]:
        """The losses of some rows; of all rows the function itself."""
        if len(drawn) == len(self.rows.y):
            return self.rows.losses
        return self.rows.of(drawn).losses

    def mean(self, slots: Sequence[int]) -> Floats:
        """The mean prediction of some slots."""
        found: Floats = self.predicted[list(slots)].mean(axis=0)
        return found

    def losses_of(self, slots: Sequence[int]) -> Floats:
        """The losses of that mean, shape (n_rows,)."""
        return self.rows.losses(self.parts[list(slots)].mean(axis=0))


def n_resamples(n_rows: int) -> int:
    """How many resamples there are for so many rows."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, _MOST_WORK // max(1, n_rows)))


def honest_score(
    selection: Selection,
    seed: int,
    resamples: int | None = None,
    until: float | None = None,
) -> HonestScore:
    """Repeat the selection on drawn rows, and evaluate it on those that were not drawn.

    Parameters
    ----------
    selection : Selection
    seed : int
    resamples : int, optional
        `n_resamples` by default.
    until : float, optional
        No resample begins after this moment of `time.monotonic`, once there are `FEWEST_IN_TIME`.
    """
    rows, default = selection.rows, selection.losses[0]
    n, weights = len(rows.y), rows.weights
    resamples = n_resamples(n) if resamples is None else resamples
    random, units = generator(seed, "rows of trials"), _units(rows, n)
    n_units = int(units.max()) + 1
    total, times = np.zeros(n), np.zeros(n)
    seconds: list[tuple[float, float]] = []
    for done in range(resamples):
        if until is not None and done >= FEWEST_IN_TIME and time.monotonic() > until:
            resamples = done
            break
        drawn = np.bincount(random.integers(n_units, size=n_units), minlength=n_units)[units]
        slots = selection.chosen(weights * drawn)
        out = drawn == 0
        if not slots or not out.any():
            continue
        mean = selection.mean(slots)
        total[out] += (selection.losses_of(slots) - default)[out]
        times[out] += 1
        left = np.where(out, weights, 0.0)
        seconds.append((rows.second(mean, left), rows.second(selection.predicted[0], left)))
    seen = times > 0
    differences = total[seen] / times[seen]
    best = int(np.argmin(selection.losses @ weights))
    second, default_second = (_mean_of([pair[k] for pair in seconds]) for k in (0, 1))
    return HonestScore(
        rows.name,
        _interval(default[seen] + differences, weights[seen], units[seen]),
        _interval(default[seen], weights[seen], units[seen]),
        _interval(differences, weights[seen], units[seen]),
        float(selection.losses[best] @ weights / weights.sum()),
        rows.second_name,
        second,
        default_second,
        _best_second(selection),
        len(selection.losses),
        n,
        resamples,
    )


def _best_second(selection: Selection) -> float:
    found = [selection.rows.second(each, selection.rows.weights) for each in selection.predicted]
    known = [each for each in found if np.isfinite(each)]
    return max(known, default=float("nan"))


def _mean_of(values: Sequence[float]) -> float:
    known = [each for each in values if np.isfinite(each)]
    return float(np.mean(known)) if known else float("nan")


def _units(rows: TrialLosses, n: int) -> NDArray[np.intp]:
    """What is drawn: rows, or groups of rows."""
    if rows.groups is None:
        return np.arange(n)
    found: NDArray[np.intp] = np.unique(rows.groups, return_inverse=True)[1]
    return found


def _interval(values: Floats, weights: Floats, units: NDArray[np.intp]) -> Estimate:
    """The weighted mean with its t interval over independent units."""
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"))
    shares = weights / weights.sum()
    mean = float(shares @ values)
    parts = np.bincount(units, weights=shares * (values - mean))
    n = len(np.unique(units))
    if n < 2:
        return Estimate(mean, -np.inf, np.inf)
    error = float(np.sqrt(np.sum(parts**2) * n / (n - 1)))
    half = float(stdtrit(n - 1, 0.975)) * error
    return Estimate(mean, mean - half, mean + half)
