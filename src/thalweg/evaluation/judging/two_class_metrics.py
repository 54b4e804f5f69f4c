"""Metrics for two classes: accuracy, sensitivity, AUC, log-loss, Brier score, with intervals.

===========  =================================================  =============
metric       formula                                            interval
===========  =================================================  =============
accuracy     (TP + TN) / n                                      Wilson
sensitivity  TP / (TP + FN)                                     Wilson
specificity  TN / (TN + FP)                                     Wilson
auc          P(p⁺ > p⁻) + ½ P(p⁺ = p⁻), over all (+, -) pairs   DeLong, logit
log_loss     -(1/n) Σ [y log p + (1 - y) log(1 - p)]            Hall
brier        (1/n) Σ (p - y)²                                   Hall
===========  =================================================  =============

*Undefined* is NaN: the sensitivity without a positive row, the specificity without a negative
one, the AUC without both.

*The log-loss is not clipped.* If a probability of exactly 0 or 1 is wrong, the log-loss is
infinite, as the formula says, and so is the end of its interval. (scikit-learn
clips to [2⁻⁵², 1 - 2⁻⁵²], so that such a row costs 36.04.) Otherwise the two agree.

*In cross-validation* the AUC counts pairs within each fold only. Scores of different models cannot
be ranked together: a constant answer is the share of positive training rows, which is smaller if
the fold itself has more of them.

*The intervals* are explained in `judging.intervals` and `judging.closed_form_intervals`. With fewer
than 6 rows of a class (`judging.informative_rows`) the interval of the AUC is [0, 1]: it says
nothing. The bootstrap would contain the true value in 12 % of tables with 1 positive row among 600,
and in 73 % with 3 (89 % with 8, 91 % with 60; true AUC 0.856, 150 tables each).

*Weights* make each sum one of weights, and the counts fractional.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.paired_differences import (
    paired_difference as difference_of_rows,
)
from thalweg.evaluation.dependent_rows import Codes, group_codes
from thalweg.evaluation.judging.closed_form_intervals import ClassLosses, auc_estimate, mean_loss
from thalweg.evaluation.judging.informative_rows import telling_of_codes
from thalweg.evaluation.judging.intervals import (
    Estimate,
    ranked,
    share_of,
)
from thalweg.evaluation.judging.shapes import ConfusionData, TwoClassesData


@dataclass(frozen=True)
class Judgement:
    """The evaluation of one model on test rows.

    Parameters
    ----------
    n_samples, n_positive : int
        The number of test rows, and of those in the positive class (of weighted rows, the sum of
        the weights).
    threshold : float
        A row is predicted positive if its probability is above it.
    confusion : ConfusionData
        Whole numbers, or means over repetitions.
    metrics : dict of str to Estimate
        ``accuracy sensitivity specificity auc log_loss brier``.
    n_effective : float, optional
        Kish's effective number of weighted rows.
    """

    n_samples: int
    n_positive: float
    threshold: float
    confusion: ConfusionData
    metrics: dict[str, Estimate]
    n_effective: float | None = None

    def as_dict(self) -> TwoClassesData:
        """The evaluation as plain data for JSON."""
        plain: TwoClassesData = {
            "n_samples": self.n_samples,
            "n_positive": self.n_positive,
            "threshold": self.threshold,
            "confusion": self.confusion.copy(),
            "metrics": {name: metric.as_dict() for name, metric in self.metrics.items()},
        }
        if self.n_effective is not None:
            plain["n_effective"] = self.n_effective
        return plain


def judge(
    y: np.ndarray,
    probability: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    threshold: float = 0.5,
    seed: int = 0,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Judgement:
    """Evaluate predicted probabilities of the positive class against the true classes.

    Parameters
    ----------
    y : ndarray of bool or 0/1, shape (n_samples,)
        Whether each row is in the positive class.
    probability : ndarray of float, shape (n_samples,)
        The predicted probability of the positive class, 0 … 1.
    weights : ndarray of float, shape (n_samples,), optional
        How many rows each row counts as, above 0: `thalweg.evaluation.answers.Answers.in_rows`.
        Intervals use Kish's effective number of the rows concerned.
    threshold : float, default 0.5
        A row is predicted positive if ``probability > threshold``, strictly.
    seed : int, default 0
        Of the bootstrap.
    folds : ndarray of int, shape (n_samples,), optional
        The fold of each row, if each fold was predicted by a model of its own: the AUC then counts
        pairs within folds.
    groups : ndarray, shape (n_samples,), optional
        Rows of one group depend on each other; intervals then count groups
        (`evaluation.dependent_rows`).

    Returns
    -------
    Judgement
        The same for every order of the rows.

    Raises
    ------
    DataError
        If there is no row, lengths differ, ``y`` contains values other than 0 and 1, or a
        probability is missing or outside 0 … 1.
    """
    y, probability = checked_rows(y, probability)
    order = _order(y, probability, folds, weights, group_codes(groups))
    y, probability = y[order], probability[order]
    folds, weights, codes = (
        None if mark is None else mark[order] for mark in (folds, weights, group_codes(groups))
    )
    called = probability > threshold
    return Judgement(
        n_samples=len(y),
        n_positive=number_of(y, weights),
        threshold=float(threshold),
        confusion=_confusion(y, called, weights),
        metrics=_metrics(y, probability, called, folds, (weights, codes), seed),
        n_effective=None if weights is None else effective_number(weights),
    )


def _metrics(
    y: np.ndarray,
    probability: np.ndarray,
    called: np.ndarray,
    folds: np.ndarray | None,
    marks: tuple[np.ndarray | None, Codes | None],
    seed: int,
) -> dict[str, Estimate]:
    """The metrics of rows in order; ``marks`` are their weights and groups."""
    positive, negative = (
        [None if mark is None else mark[each] for mark in marks] for each in (y, ~y)
    )
    logs = _of_both(y, probability, log_losses_of_two, marks[0])
    return {
        "accuracy": share_of(called == y, *marks),
        "sensitivity": share_of(called[y], *positive),
        "specificity": share_of(~called[~y], *negative),
        "auc": auc_estimate([ranked(y, probability, folds)], len(y), *marks),
        "log_loss": mean_loss(logs, seed, *marks),
        "brier": brier_score(y, probability, *marks),
    }


def _confusion(y: np.ndarray, called: np.ndarray, weights: np.ndarray | None) -> ConfusionData:
    return {
        "true_positive": number_of(called & y, weights),
        "false_negative": number_of(~called & y, weights),
        "false_positive": number_of(called & ~y, weights),
        "true_negative": number_of(~called & ~y, weights),
    }


def number_of(chosen: np.ndarray, weights: np.ndarray | None) -> float:
    """The number of chosen rows, or the sum of their weights."""
    return int(chosen.sum()) if weights is None else float(weights[chosen].sum())


def paired_difference(
    y: np.ndarray,
    p_a: np.ndarray,
    p_b: np.ndarray,
    seed: int = 0,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> PairedDifference:
    """By how much the log-loss of model a exceeds that of model b on the same rows.

    The mean of ℓ(y, p_a) - ℓ(y, p_b) and its bootstrap intervals over the rows.

    Parameters
    ----------
    y : ndarray of bool or 0/1, shape (n_samples,)
    p_a, p_b : ndarray of float, shape (n_samples,)
        The probabilities of the positive class that the two models predict.
    seed : int, default 0
    weights, groups : ndarray, shape (n_samples,), optional
        As in `judge`.

    Returns
    -------
    PairedDifference
        Below 0, a is better. Infinite if one of the two was certain and wrong in a row; NaN if
        both were, because two infinities cannot be compared.

    Raises
    ------
    DataError
        As in `judge`.
    """
    truth, p_a = checked_rows(y, p_a)
    _, p_b = checked_rows(y, p_b)
    of_a, of_b = (log_losses_of_two(truth, each) for each in (p_a, p_b))
    return difference_of_rows(of_a, of_b, seed, weights, groups)


def checked_rows(y: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels as booleans and probabilities as floats; raises a DataError if they are invalid."""
    y, probability = np.asarray(y), np.asarray(probability, dtype=np.float64)
    if y.ndim != 1 or probability.shape != y.shape:
        raise DataError(
            "The labels and the probabilities do not match",
            where=f"shapes {y.shape} and {probability.shape}",
            fix="pass two one-dimensional arrays of the same length",
        )
    if len(y) == 0:
        raise DataError("There is no row to evaluate", fix="pass at least one row")
    for name, bad, rule in (
        ("label", ~np.isin(y, (0, 1)), "0 or 1"),
        ("probability", ~((probability >= 0) & (probability <= 1)), "a number from 0 to 1"),
    ):
        if bad.any():
            row = int(np.argmax(bad))
            found = (y if name == "label" else probability)[row]
            raise DataError(f"A {name} is {found}, not {rule}", where=f"row {row + 1}")
    return y.astype(np.bool_), probability


def log_losses_of_two(y: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The log-loss of each row, from checked labels and probabilities."""
    # Certain and wrong: ∞. The other term may be subnormal, which is as good as 0.
    with np.errstate(divide="ignore", under="ignore"):
        losses: np.ndarray = -np.where(y, np.log(probability), np.log1p(-probability))
    return losses


def brier_score(
    y: np.ndarray,
    probability: np.ndarray,
    weights: np.ndarray | None = None,
    groups: Codes | None = None,
) -> Estimate:
    """The mean of (p - y)² with its interval, for checked rows; their order does not count."""
    order = _order(y, probability, None, weights, groups)
    y, probability = y[order], probability[order]
    weights, groups = (None if mark is None else mark[order] for mark in (weights, groups))
    losses = _of_both(y, probability, _squared_errors, weights, highest=1.0)
    return mean_loss(losses, 0, weights, groups)


def _order(
    y: np.ndarray,
    probability: np.ndarray,
    folds: np.ndarray | None,
    weights: np.ndarray | None,
    groups: Codes | None,
) -> np.ndarray:
    """Positive rows first, each class by ascending probability: input order has no effect."""
    marks = [mark for mark in (groups, weights, folds) if mark is not None]
    return np.lexsort((*marks, probability, ~y))


def _of_both(
    y: np.ndarray,
    probability: np.ndarray,
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray],
    weights: np.ndarray | None,
    highest: float = np.inf,
) -> ClassLosses:
    """The losses of rows, and those that they would have in each class."""
    possible = [loss(np.full(len(y), each), probability) for each in (False, True)]
    codes = y.astype(np.intp)
    telling = telling_of_codes(codes, weights)
    chances = np.stack([1 - probability, probability], axis=1)
    return ClassLosses(loss(y, probability), np.stack(possible, axis=1), chances, telling, highest)


def _squared_errors(y: np.ndarray, probability: np.ndarray) -> np.ndarray:
    with np.errstate(under="ignore"):
        errors: np.ndarray = (probability - y) ** 2
    return errors
