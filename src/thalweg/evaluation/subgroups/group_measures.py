"""The metrics of a group: how each is measured, tested and when a group is too small for it.

A share needs 10 rows of its class, a calibration intercept and an AUC need 10 rows of both classes.
All intervals are of 95 %, and count rows by Kish's effective number.

===============  ==================================================  =============================
metric           formula                                             interval
===============  ==================================================  =============================
shares           k / n                                               Wilson
O/E              Σ y / Σ p                                           that of all rows
intercept        a of logit P(y = 1) = a + logit p                   that of all rows
AUC              as in `judging.two_class_metrics`                   DeLong, logit
Brier, MAE, MSE  mean of a size                                      Hall
mean error       mean of prediction - truth                          t
===============  ==================================================  =============================

Each interval is computed by the function that gives the one of all rows: in
`judging.closed_form_intervals`, `calibration.weak_calibration` and
`calibration.regression_calibration`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import expit, logit

from thalweg.evaluation.answers import Answers, effective_number
from thalweg.evaluation.calibration.probability_rows import probability_rows
from thalweg.evaluation.calibration.weak_calibration import large_scale
from thalweg.evaluation.judging.closed_form_intervals import auc_estimate
from thalweg.evaluation.judging.intervals import Estimate, proportion, ranked
from thalweg.evaluation.subgroups import group_contrasts, unnoticed
from thalweg.evaluation.subgroups.group_contrasts import Contrast
from thalweg.wording import counted

RATE_ROWS = 10
_NAN = float("nan")
_NONE_EXPECTED = "no event is expected"
_UNKNOWN = Estimate(_NAN, _NAN, _NAN)
_UNTESTED = Contrast(_NAN, 0, _NAN)


@dataclass(frozen=True, eq=False)
class GroupRows:
    """Some rows with the class that was predicted: bool, 0 … n_classes - 1, or None for numbers.

    ``words`` are those for the negative and the positive class.
    """

    answers: Answers
    called: np.ndarray | None = None
    words: tuple[str, str] = ("negative", "positive")

    def some(self, chosen: np.ndarray) -> "GroupRows":
        """Some of the rows."""
        called = None if self.called is None else self.called[chosen]
        return GroupRows(self.answers.rows(chosen), called, self.words)


class Measured(NamedTuple):
    """A metric of some rows, and why it is not judged; empty if it is."""

    estimate: Estimate
    why: str = ""


class Detectable(NamedTuple):
    """The nearest value that would have been found with 80 % power; NaN if there is none."""

    rest: float
    value: float
    difference: float


class GroupMeasure(Protocol):
    """A metric that can be measured, and perhaps tested, in groups."""

    @property
    def key(self) -> str:
        """Its name in plain data."""

    @property
    def name(self) -> str:
        """Its name in sentences."""

    @property
    def tested(self) -> bool:
        """Whether groups are tested against the rest."""

    def of(self, rows: GroupRows) -> Measured:
        """The metric of some rows."""

    def size(self, rows: GroupRows) -> float:
        """The number of rows that its uncertainty depends on."""

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """The test of no difference between parts, all of which are judged."""

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """What the test at this level would have found."""


class Picked(NamedTuple):
    """The rows that a share is of: whether each is a hit, and its weight."""

    hit: np.ndarray
    weights: np.ndarray

    @property
    def n(self) -> float:
        """The effective number of rows."""
        return effective_number(self.weights)

    @property
    def share(self) -> float:
        """The weighted share of hits."""
        return float(np.average(self.hit, weights=self.weights))

    @property
    def k(self) -> float:
        """The effective number of hits."""
        return self.n if self.hit.all() else self.n * self.share


@dataclass(frozen=True)
class ShareMeasure:
    """The share of hits among some of the rows.

    Parameters
    ----------
    key, name : str
    what : str
        The rows that it is of: "positive", for example.
    pick : callable
        Gives for each row whether it is one of them, and whether it is a hit.
    tested : bool, default True
    """

    key: str
    name: str
    what: str
    pick: Callable[[GroupRows], tuple[np.ndarray, np.ndarray]]
    tested: bool = True

    def picked(self, rows: GroupRows) -> Picked:
        """The rows that the share is of."""
        of, hit = self.pick(rows)
        return Picked(hit[of], rows.answers.counts()[of])

    def of(self, rows: GroupRows) -> Measured:
        """The share with Wilson's interval."""
        picked = self.picked(rows)
        if not len(picked.hit):
            return Measured(_UNKNOWN, _few(0, self.what))
        found = replace(proportion(picked.k, picked.n), value=picked.share)
        return Measured(found, _few(picked.n, self.what))

    def size(self, rows: GroupRows) -> float:
        """The effective number of the rows that it is of."""
        return self.picked(rows).n

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """Fisher's exact test, or χ²."""
        picked = [self.picked(part) for part in parts]
        return group_contrasts.of_shares([(each.k, each.n) for each in picked])

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """The highest share, below that of the rest, that would have been found."""
        mine, other = self.picked(group), self.picked(rest)
        n, n_rest = (math.floor(each.n + 1e-9) for each in (mine, other))
        return _detectable(other.share, unnoticed.lower_share(n, other.share, n_rest, level))


def _detectable(rest: float, value: float | None) -> Detectable:
    found = _NAN if value is None else value
    return Detectable(rest, found, found - rest)


def _few(n: float, what: str, least: int = RATE_ROWS) -> str:
    if n >= least - 1e-9:
        return ""
    return f"{counted(_shown(n), f'{what} row'.strip())}, fewer than {least}"


def _shown(n: float) -> float:
    """A number of rows in words: effective ones have a fraction."""
    return round(n) if abs(n - round(n)) < 1e-9 else math.floor(n * 10) / 10


def _few_of_a_class(rows: GroupRows) -> str:
    """Why a metric of both classes is not judged, or nothing."""
    (m, n), (negative, positive) = _of_classes(rows), rows.words
    return _few(m, positive) or _few(n, negative)


def _of_classes(rows: GroupRows) -> tuple[float, float]:
    """The effective numbers of positive and of negative rows."""
    truth, weights = rows.answers.truth, rows.answers.counts()
    return effective_number(weights[truth]), effective_number(weights[~truth])


def _scaled(rows: GroupRows) -> np.ndarray:
    """The weights, scaled to sum to the effective number of rows; 1 for rows of equal weight."""
    weights = rows.answers.counts()
    if rows.answers.weights is None:
        return weights
    found: np.ndarray = weights * (rows.answers.effective_n / weights.sum())
    return found


class _Fit(NamedTuple):
    intercept: float
    likelihood: float
    information: float


def fitted_intercept(truth: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> _Fit:
    """The likeliest a of logit P(y = 1) = a + logit p, its log-likelihood and information.

    Rows of a certain and right probability (exactly 0 or 1) say nothing about it. A certain and
    wrong one leaves no likely value: the result is NaN, and so it is without both classes.
    """
    certain = (probability == 0) | (probability == 1)
    if np.any(truth[certain] != (probability[certain] == 1)):
        return _Fit(_NAN, _NAN, _NAN)
    y, z, w = truth[~certain], logit(probability[~certain]), weights[~certain]
    if y.all() or not y.any():
        return _Fit(_NAN, _NAN, _NAN)
    events = float(w[y].sum())
    # The slope Σ w (y - q) falls with a; Newton's step is taken inside a bracket.
    low, high, a = -float(z.max()) - 40, -float(z.min()) + 40, 0.0
    for _ in range(100):
        q = expit(z + a)
        slope, information = events - float(np.sum(w * q)), float(np.sum(w * q * (1 - q)))
        low, high = (a, high) if slope > 0 else (low, a)
        step = a + slope / information if information > 0 else _NAN
        new = step if low <= step <= high else (low + high) / 2
        if abs(new - a) <= 1e-12 * (1 + abs(a)):
            break
        a = new
    z = z + a
    likelihood = -np.sum(w * np.logaddexp(0.0, np.where(y, -z, z)))
    return _Fit(a, float(likelihood), information)


class InterceptMeasure:
    """The calibration intercept: 0 if the mean risk is right; above 0, risks are too low."""

    key, name, tested = "intercept", "calibration intercept", True

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows of the rarer class."""
        return min(_of_classes(rows))

    def _fit(self, rows: GroupRows) -> _Fit:
        return fitted_intercept(rows.answers.truth, rows.answers.answer, _scaled(rows))

    def of(self, rows: GroupRows) -> Measured:
        """The intercept with its interval."""
        if math.isnan(self._fit(rows).intercept):
            certain = "a probability of exactly 0 or 1 is wrong"
            return Measured(_UNKNOWN, _few_of_a_class(rows) or certain)
        found = large_scale(probability_rows(rows.answers))[0]
        return Measured(found, _few_of_a_class(rows))

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """The likelihood ratio of an intercept for each part against a common one."""
        truth, p = (
            np.concatenate([getattr(part.answers, name) for part in parts])
            for name in ("truth", "answer")
        )
        common = fitted_intercept(truth, p, np.concatenate([_scaled(part) for part in parts]))
        each = [self._fit(part).likelihood for part in parts]
        return group_contrasts.of_likelihoods(each, common.likelihood)

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """The distance from the intercept of the rest, in either direction."""
        mine, other = self._fit(group), self._fit(rest)
        far = unnoticed.shift(math.sqrt(1 / mine.information + 1 / other.information), level)
        return Detectable(other.intercept, other.intercept + far, far)


class AucMeasure:
    """The area under the ROC curve; in cross-validation of the pairs within folds."""

    key, name, tested = "auc", "AUC", True

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows of the rarer class."""
        return min(_of_classes(rows))

    def _value(self, rows: GroupRows) -> float:
        truth, score = rows.answers.truth, rows.answers.answer
        weights = rows.answers.counts()
        right = pairs = 0.0
        for order, below, up_to in ranked(truth, score, rows.answers.folds):
            positive, negative = np.split(weights[order], [len(below)])
            reached = np.concatenate([[0.0], np.cumsum(negative)])
            right += float(np.sum(positive * (reached[below] + reached[up_to]))) / 2
            pairs += float(positive.sum() * reached[-1])
        return right / pairs if pairs else _NAN

    def of(self, rows: GroupRows) -> Measured:
        """The AUC with its interval."""
        answers = rows.answers
        parts = ranked(answers.truth, answers.answer, answers.folds)
        found = auc_estimate([parts], len(answers), answers.weights)
        if math.isnan(found.value):
            return Measured(_UNKNOWN, _few_of_a_class(rows) or "no fold has rows of both classes")
        return Measured(found, _few_of_a_class(rows))

    def _part(self, rows: GroupRows) -> tuple[float, float, float]:
        return (self._value(rows), *_of_classes(rows))

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """χ² with Newcombe's variance at the common AUC."""
        return group_contrasts.of_aucs([self._part(part) for part in parts])

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """The highest AUC, below that of the rest, that would have been found."""
        other = self._part(rest)
        return _detectable(other[0], unnoticed.lower_auc(*_of_classes(group), other, level))


class ObservedExpected:
    """Observed events divided by expected ones; above 1, risks are too low. Not tested.

    The intercept says the same, and is tested.
    """

    key, name, tested = "observed_expected", "O/E", False

    def of(self, rows: GroupRows) -> Measured:
        """The ratio with its interval."""
        found = large_scale(probability_rows(rows.answers))[1]
        return Measured(found) if math.isfinite(found.value) else Measured(_UNKNOWN, _NONE_EXPECTED)

    def size(self, rows: GroupRows) -> float:
        """The effective number of rows."""
        return rows.answers.effective_n

    def contrast(self, parts: Sequence[GroupRows]) -> Contrast:
        """None."""
        return _UNTESTED

    def detectable(self, group: GroupRows, rest: GroupRows, level: float) -> Detectable:
        """None."""
        return Detectable(_NAN, _NAN, _NAN)
