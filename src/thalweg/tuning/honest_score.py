"""Which trials make the ensemble, and what a search is worth: one bootstrap over the rows for both.

Rows are drawn with replacement, and trials are selected and weighted on the drawn rows alone; many
times. The ensemble has each trial by its share over all selections, which moves less with single
rows than one selection on all of them. (Bagging: Breiman 1996, Machine Learning 24:123-140.)

The loss of the best of many trials is too good on the rows that chose it. So each row is evaluated
by the mean prediction of the selections that did not draw it. No network is trained again, because
all predictions are out-of-fold. (Tsamardinos, Greasidou & Borboudakis 2018, "Bootstrapping the
out-of-sample predictions for efficient and accurate cross-validation", Machine Learning
107:1895-1922.) The difference from the default has a t interval over rows, or over groups of rows
that depend on each other. As far as it is uncertain, the default keeps a share of the ensemble.

That share is chosen on all rows, so nothing that is reported contains it. The variance of the
difference has a term of the selection beside that of the rows. With U the means of the trials over
rows, normal with covariance Σ, and π(U) their shares, the difference is U·π - tr(Σ∇π), and its
variance E[π·Σπ + tr(Σ∇πΣ∇π)]. (Stein's formula of second order: Bellec & Zhang 2021,
"Second-order Stein: SURE for SURE and other applications in high-dimensional inference", Annals of
Statistics 49:1864-1903.) By his first formula, Σ∇π is the covariance of the drawn means with the
shares over the bootstrap.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from thalweg.counter_based_random import generator
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.tuning.greedy_ensemble import Limits, apportioned, select
from thalweg.tuning.losses_of_trials import TrialLosses
from thalweg.wording import amount, even

RESAMPLES, FEWEST_RESAMPLES = 200, 50
# The fewest where the time of a search ends before.
FEWEST_IN_TIME = 20
# Trials that may enter an ensemble, for each slot.
CANDIDATES = 4
# Rows times resamples: beyond, there are fewer resamples.
_MOST_WORK = 4_000_000
# A step from the mean prediction towards a trial; less than a slot of an ensemble.
_STEP = 0.01
# How often the variance of the selection counts. Once is its size. The difference and its error
# depend on each other, so "better" was then said of up to 3.2 % of searches that gain nothing.
_OF_SELECTION = 3.0


@dataclass(frozen=True)
class HonestScore:
    """The loss of the tuned model and of the default, on rows that chose nothing.

    Attributes
    ----------
    loss_name : str
    loss, default_loss, difference : Estimate
        The difference is tuned minus default; below 0 the tuned one is better. All are of the
        selections before the default has its share.
    best_trial_loss : float
        The loss of the best trial on the rows that chose it: too good.
    second_name : str
        AUC, accuracy or R²; "" if there is none.
    second, default_second, best_trial_second : float
        Of the tuned model, the default, and the best trial by this measure on the rows that chose
        it.
    n_trials, n_rows, n_resamples : int
    default_share : float
        What of the ensemble the default keeps because it is uncertain whether it is better.
    too_few : str
        Why the rows are too few for any verdict, by the rule of `comparing.margin_rule`; or "".
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
    default_share: float = 0.0
    too_few: str = ""

    @property
    def is_better(self) -> bool:
        """Whether the tuned model is shown to be better than the default."""
        return self.difference.high < 0 and not self.too_few

    def finding(self, subject: str = "The tuned model") -> str:
        """What was found of the tuned model or another ``subject``, without its numbers."""
        d = self.difference
        if d.low == d.high == 0:
            return "Nothing but the default was selected"
        if self.is_better:
            return f"{subject} is better than the default"
        if d.low > 0 and not self.too_few:
            return f"{subject} is worse than the default"
        why = f", as {self.too_few}" if self.too_few else ""
        return f"{subject} is not shown to be better than the default{why}"

    def sentence(self) -> str:
        """What was found, in a sentence."""
        d = self.difference
        if d.low == d.high == 0:
            return f"{self.finding()}, with a {self.loss_name} of {amount(self.loss.value)}."
        return f"{self.finding()}: {self._numbers()}, of the mean over {self._selections()}."

    @property
    def is_cut(self) -> bool:
        """Whether time was left for some of the selections alone, and there were some to make."""
        return self.n_trials > 1 and self.n_resamples < n_resamples(self.n_rows)

    def sentence_of_cut(self) -> str:
        """That the time limit cut the selections; "" if it did not."""
        if not self.is_cut:
            return ""
        return (
            f"The time limit left time for {self.n_resamples} of {n_resamples(self.n_rows)} "
            "selections of trials; the ensemble depends more on the rows drawn."
        )

    def sentence_of_default(self) -> str:
        """Why the ensemble is the default alone."""
        if self.difference.low == self.difference.high == 0:
            return self.sentence()
        return f"{self.finding(f'The mean over {self._selections()}')}: {self._numbers()}."

    def _selections(self) -> str:
        return f"{self.n_resamples} selections of trials"

    def _numbers(self) -> str:
        d = self.difference
        mine, default = even((self.loss.value, self.default_loss.value))
        said, low, high = on_its_side((d.value, d.low, d.high), 0, 3, signed=True)
        return f"{self.loss_name} {mine} instead of {default}, difference {said} [{low}, {high}]"

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        estimates = ("loss", "default_loss", "difference")
        others = (
            "loss_name", "best_trial_loss", "second_name", "second", "default_second",
            "best_trial_second", "n_trials", "n_rows", "n_resamples", "default_share",
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

    @property
    def may_be_default(self) -> bool:
        """Whether the default is within the limits."""
        return self.limits is None or bool(self.limits.allowed([])[0])


def n_resamples(n_rows: int) -> int:
    """How many resamples there are for so many rows."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, _MOST_WORK // max(1, n_rows)))


def select_and_score(
    selection: Selection,
    seed: int,
    resamples: int | None = None,
    until: float | None = None,
    times: list[float] | None = None,
) -> tuple[list[int], HonestScore]:
    """Select on drawn rows, many times; and evaluate each selection on the rows not drawn.

    Parameters
    ----------
    selection : Selection
    seed : int
    resamples : int, optional, by default `n_resamples`
    until : float, optional
        No resample begins after this moment of `time.monotonic`, once there are `FEWEST_IN_TIME`.
    times : list of float, optional, to which the seconds of each resample are added

    Returns
    -------
    slots : list of int
        Those of the ensemble; empty if no trial is allowed.
    score : HonestScore
    """
    rows, n, weights = selection.rows, len(selection.rows.y), selection.rows.weights
    bag, units = _Bag(selection), rows.units
    resamples, each = resamples or n_resamples(n), [] if times is None else times
    fewest = FEWEST_IN_TIME if len(selection.losses) > 1 else 1
    for done, drawn in enumerate(_samples(seed, units, resamples)):
        if until is not None and done >= fewest and time.monotonic() > until:
            resamples = done
            break
        began = time.monotonic()
        bag.add(drawn)
        each.append(time.monotonic() - began)
    more = _OF_SELECTION * bag.variance_of_selection(_samples(seed, units, resamples))
    seen, default, certainty = bag.seen, selection.losses[0], bag.certainty(units, more)
    losses = bag.losses()
    best = int(np.argmin(selection.losses @ weights))
    known = np.where(seen, weights, 0.0)
    tuned, as_it_is = (
        rows.second(each, known) if seen.any() else float("nan")
        for each in (bag.predicted(), selection.predicted[0])
    )
    return bag.slots(certainty), HonestScore(
        rows.name,
        _interval(losses[seen], weights[seen], units[seen]),
        _interval(default[seen], weights[seen], units[seen]),
        _interval(losses[seen] - default[seen], weights[seen], units[seen], more),
        float(selection.losses[best] @ weights / weights.sum()),
        rows.second_name,
        tuned,
        as_it_is,
        _best_second(selection),
        len(selection.losses),
        n,
        resamples,
        1 - certainty,
        rows.too_few,
    )


def _samples(seed: int, units: NDArray[np.intp], n: int) -> Iterator[NDArray[np.intp]]:
    """How often each row is drawn, in n samples of rows or of groups of rows."""
    random, n_units = generator(seed, "rows of trials"), int(units.max()) + 1
    for _ in range(n):
        drawn = random.integers(n_units, size=n_units)
        yield np.bincount(drawn, minlength=n_units)[units]


class _Bag:
    """The selections on several samples of rows: their shares, and what they say of other rows."""

    def __init__(self, selection: Selection) -> None:
        self._selection, n_trials = selection, len(selection.losses)
        self._shares = np.zeros(n_trials)
        self._total = np.zeros_like(selection.predicted[0])
        self._times = np.zeros(len(selection.rows.y))
        self._each: list[Floats] = []

    def add(self, drawn: NDArray[np.intp]) -> None:
        """Select by rows, each as often as it was drawn."""
        selection, out = self._selection, drawn == 0
        slots = selection.chosen(selection.rows.weights * drawn)
        shares = np.bincount(slots, minlength=len(self._shares)) / max(1, len(slots))
        self._each.append(shares)
        if not slots:
            return
        self._shares += shares
        self._total[out] += selection.predicted[slots].mean(axis=0)[out]
        self._times[out] += 1

    @property
    def seen(self) -> NDArray[np.bool_]:
        """The rows that were left out of a sample; all, where none could choose anything."""
        return (self._times > 0) | (len(self._shares) == 1)

    @property
    def is_default(self) -> bool:
        """Whether no sample selected another trial."""
        return not self._shares[1:].any()

    def predicted(self) -> Floats:
        """The mean prediction of each row by the selections that it had no part in."""
        found: Floats = self._selection.predicted[0].copy()
        if self.is_default:  # a mean of equal numbers may differ from them in the last bit
            return found
        times = self._times.reshape(-1, *[1] * (found.ndim - 1))
        np.divide(self._total, times, out=found, where=times > 0)
        return found

    def losses(self) -> Floats:
        """The losses of these predictions, shape (n_rows,)."""
        rows = self._selection.rows
        return rows.losses(rows.parts(self.predicted()))

    def variance_of_selection(self, samples: Iterable[NDArray[np.intp]]) -> float:
        """The variance of the mean loss that comes from the choice of trials, tr(Σ∇πΣ∇π).

        The loss of a trial is linear in its share at the mean prediction: what a loss changes for a
        small step towards this trial, divided by the step.

        Parameters
        ----------
        samples : iterable of ndarray of int, shape (n_rows,)
            Those that were added, in their order.
        """
        if self.is_default:
            return 0.0
        rows, some = self._selection.rows, np.flatnonzero(self._shares)
        here = rows.parts(self.predicted())
        losses = rows.losses(here)
        steps = (_STEP * (self._selection.parts[trial] - here) for trial in some)
        changes = np.array([rows.losses(here + step) - losses for step in steps]) / _STEP
        weighted = (rows.weights * drawn for drawn in samples)
        means = np.array([changes @ (each / each.sum()) for each in weighted])
        shares = np.array(self._each)[:, some]
        both = (shares - shares.mean(axis=0)).T @ (means - means.mean(axis=0)) / (len(means) - 1)
        # The trace of a square of a matrix that is symmetric but for noise.
        return max(0.0, float(np.sum(both * both.T)))

    def certainty(self, units: NDArray[np.intp], more: float) -> float:
        """How far the selections are to be believed to be better than the default."""
        selection, seen = self._selection, self.seen
        if not selection.may_be_default:
            return 1.0
        if self.is_default or not seen.any():
            return 0.0
        differences = self.losses()[seen] - selection.losses[0][seen]
        return _certainty(differences, selection.rows.weights[seen], units[seen], more)

    def slots(self, certainty: float) -> list[int]:
        """The slots of the ensemble."""
        if not self._shares.any():
            return []
        shares = certainty * self._shares / self._shares.sum()
        shares[0] += 1 - certainty
        return apportioned(shares, self._selection.keep, self._selection.limits)


def _certainty(differences: Floats, weights: Floats, units: NDArray[np.intp], more: float) -> float:
    """How far a mean difference from the default is to be believed, from 0 to 1.

    1 - (s / d)² for a mean difference d < 0 with the standard error s, of rows and of ``more``
    variance, and not below 0: the positive part of the shrinkage of James and Stein, by which
    d (1 - s² / d²) estimates a mean.
    """
    mean, error, _ = _mean_and_error(differences, weights, units)
    if not mean < 0 or not np.isfinite(error):
        return 0.0
    return max(0.0, 1 - (error**2 + more) / mean**2)


def _best_second(selection: Selection) -> float:
    found = [selection.rows.second(each, selection.rows.weights) for each in selection.predicted]
    known = [each for each in found if np.isfinite(each)]
    return max(known, default=float("nan"))


def _mean_and_error(
    values: Floats, weights: Floats, units: NDArray[np.intp]
) -> tuple[float, float, int]:
    """The weighted mean, its standard error over independent units, and their number."""
    shares = weights / weights.sum()
    mean = float(shares @ values)
    parts = np.bincount(units, weights=shares * (values - mean))
    n = len(np.unique(units))
    error = float(np.sqrt(np.sum(parts**2) * n / (n - 1))) if n > 1 else float("inf")
    return mean, error, n


def _interval(
    values: Floats, weights: Floats, units: NDArray[np.intp], more: float = 0.0
) -> Estimate:
    """The weighted mean with its t interval over independent units, and more variance if any."""
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"))
    mean, error, n = _mean_and_error(values, weights, units)
    if n < 2:
        return Estimate(mean, -np.inf, np.inf)
    half = float(stdtrit(n - 1, 0.975)) * float(np.hypot(error, np.sqrt(more)))
    return Estimate(mean, mean - half, mean + half)
