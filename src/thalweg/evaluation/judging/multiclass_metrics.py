"""Metrics for several classes: accuracy, AUC, log-loss, Brier score, recall, with intervals.

==================  ======================================================  =========
metric              formula                                                 interval
==================  ======================================================  =========
accuracy            rows predicted correctly / n                            Wilson
balanced_accuracy   mean over the classes of their recall                   Wilson
auc                 mean over the classes of the AUC against all others     DeLong
log_loss            -(1/n) Σ log p(true class)                              Hall
brier               (1/n) Σ Σₖ (pₖ - yₖ)²                                   Hall
recall              of each class: its rows predicted correctly / its rows  Wilson
precision           of each class: correct ones / rows predicted as it      Wilson
==================  ======================================================  =========

If a class has no rows, balanced accuracy and AUC are means over the other classes. If a class has 1
to 5 rows, the interval of the AUC is [0, 1], as for two classes
(`thalweg.evaluation.judging.two_class_metrics`). The AUC is that of the one-vs-rest curves, with
equal weight for each class (Fawcett 2006, section 9.2). For two classes, this Brier score is twice
that of `thalweg.evaluation.judging.two_class_metrics`. The log-loss is not clipped.

*A constant answer* recognises all rows of one class and none of the others, whatever the rows are:
with k classes its balanced accuracy is exactly 1/k, and the interval is this number alone. Equal
predictions of another model prove nothing, because the rows may be equal.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import effective_number
from thalweg.evaluation.decisions.cost_thresholds import largest_cost
from thalweg.evaluation.dependent_rows import (
    Codes,
    design_effect,
    group_codes,
    independent_number,
    rows_of_mean,
    z_by_t,
)
from thalweg.evaluation.grades.grade_metrics import GradedRows, grade_metrics
from thalweg.evaluation.judging.closed_form_intervals import ClassLosses, auc_estimate, mean_loss
from thalweg.evaluation.judging.informative_rows import telling_of_codes
from thalweg.evaluation.judging.intervals import (
    Estimate,
    mean_of_proportions,
    part_of,
    proportion,
    ranked,
    share_of,
)
from thalweg.evaluation.judging.shapes import ClassesData


@dataclass(frozen=True)
class ClassesJudgement:
    """The evaluation of one model on test rows.

    Parameters
    ----------
    n_samples : int
        The number of test rows.
    costs : tuple of float
        Of each class: the class with the largest cost times probability is predicted.
    confusion : tuple of tuple of int (of float if it is a mean over repetitions, or of weights)
        ``confusion[i][j]``: rows of class i that were predicted as class j.
    metrics : dict of str to Estimate
        ``accuracy balanced_accuracy auc log_loss brier``.
    recall, precision : tuple of Estimate
        Of each class; NaN if it has no rows, or is never predicted.
    n_effective : float, optional
        Kish's effective number of weighted rows.
    """

    n_samples: int
    costs: tuple[float, ...]
    confusion: tuple[tuple[float, ...], ...]
    metrics: dict[str, Estimate]
    recall: tuple[Estimate, ...]
    precision: tuple[Estimate, ...]
    n_effective: float | None = None

    def as_dict(self) -> ClassesData:
        """The evaluation as plain data for JSON."""
        plain: ClassesData = {
            "n_samples": self.n_samples,
            "costs": list(self.costs),
            "confusion": [list(row) for row in self.confusion],
            "metrics": {name: metric.as_dict() for name, metric in self.metrics.items()},
            "recall": [each.as_dict() for each in self.recall],
            "precision": [each.as_dict() for each in self.precision],
        }
        if self.n_effective is not None:
            plain["n_effective"] = self.n_effective
        return plain


def judge_classes(
    codes: np.ndarray,
    probability: np.ndarray,
    costs: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    *,
    seed: int = 0,
    folds: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    constant: bool = False,
    ranks: np.ndarray | None = None,
) -> ClassesJudgement:
    """Evaluate predicted probabilities of several classes against the true classes.

    Parameters
    ----------
    codes : ndarray of int, shape (n_samples,)
        The class of each row, 0 … n_classes - 1.
    probability : ndarray of float, shape (n_samples, n_classes)
    costs : ndarray of float, shape (n_classes,), optional
        Default 1. The class with the largest cost times probability is predicted.
    weights, seed, folds, groups
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    constant : bool, default False
        Whether the model answers the same for every row (of a fold).
    ranks : ndarray of int, shape (n_classes,), optional
        Of grades: the place of each class in their order; then there are metrics of grades, too.

    Returns
    -------
    ClassesJudgement
        The same for every order of the rows. `checked_classes` raises a DataError for other rows.
    """
    codes, probability = checked_classes(codes, probability)
    costs = np.ones(probability.shape[1]) if costs is None else np.asarray(costs, dtype=float)
    called = largest_cost(probability, costs)
    marks = group_codes(groups), weights, folds
    order = _order(codes, probability, called, *marks)
    codes, probability, called = codes[order], probability[order], called[order]
    of_group, weights, folds = (None if mark is None else mark[order] for mark in marks)
    confusion = _confusion(codes, called, weights, probability.shape[1])
    recall = _Shares.of_rows(confusion, 1, codes, called, weights, of_group)
    precision = _Shares.of_rows(confusion, 0, called, codes, weights, of_group)
    return ClassesJudgement(
        n_samples=len(codes),
        costs=tuple(costs.tolist()),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        metrics={
            "accuracy": share_of(codes == called, weights, of_group),
            "balanced_accuracy": recall.mean(constant and len(set(called)) == 1),
            **_of_probabilities(codes, probability, (weights, of_group), folds, seed),
            **_of_grades(codes, called, probability, ranks, (weights, of_group), seed),
        },
        recall=recall.each(),
        precision=precision.each(),
        n_effective=None if weights is None else effective_number(weights),
    )


def _of_grades(
    codes: np.ndarray,
    called: np.ndarray,
    probability: np.ndarray,
    ranks: np.ndarray | None,
    marks: tuple[np.ndarray | None, np.ndarray | None],
    seed: int,
) -> dict[str, Estimate]:
    """The metrics of grades; none of classes without an order."""
    if ranks is None:
        return {}
    return grade_metrics(GradedRows(codes, called, probability, ranks, *marks), seed)


def _of_probabilities(
    codes: np.ndarray,
    probability: np.ndarray,
    marks: tuple[np.ndarray | None, Codes | None],
    folds: np.ndarray | None,
    seed: int,
) -> dict[str, Estimate]:
    """The metrics that ask for probabilities, and not for the predicted class."""
    weights, groups = marks
    truth = codes[:, np.newaxis] == np.arange(probability.shape[1])
    with np.errstate(divide="ignore"):
        logs = -np.log(probability)
    telling = telling_of_codes(codes, weights)
    of_logs = ClassLosses(log_losses(codes, probability), logs, probability, telling)
    ranks = [ranked(*each, folds) for each in zip(truth.T, probability.T, strict=True)]
    return {
        "auc": auc_estimate(ranks, len(codes), weights, groups),
        "log_loss": mean_loss(of_logs, seed, weights, groups),
        "brier": brier_score_of_classes(codes, probability, weights, groups),
    }


def brier_score_of_classes(
    codes: np.ndarray,
    probability: np.ndarray,
    weights: np.ndarray | None = None,
    groups: Codes | None = None,
) -> Estimate:
    """The mean of Σₖ (pₖ - yₖ)² with its interval, for checked rows; their order does not count."""
    order = _order(codes, probability, codes, groups, weights)
    codes, probability = codes[order], probability[order]
    weights, groups = (None if mark is None else mark[order] for mark in (weights, groups))
    truth = codes[:, np.newaxis] == np.arange(probability.shape[1])
    squares = np.sum((probability - truth) ** 2, axis=1)
    # Σⱼ (pⱼ - yⱼ)² of class k is Σⱼ pⱼ² - 2 pₖ + 1.
    others = np.sum(probability**2, axis=1, keepdims=True) - 2 * probability + 1
    telling = telling_of_codes(codes, weights)
    return mean_loss(ClassLosses(squares, others, probability, telling, 2.0), 0, weights, groups)


def _order(
    codes: np.ndarray, probability: np.ndarray, called: np.ndarray, *marks: np.ndarray | None
) -> np.ndarray:
    """The same order of the rows, however they came."""
    given = [mark for mark in marks if mark is not None]
    return np.lexsort((*given, called, *probability.T, codes))


def _confusion(
    codes: np.ndarray, called: np.ndarray, weights: np.ndarray | None, n_classes: int
) -> np.ndarray:
    """The rows of each class (down) by predicted class (across)."""
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64 if weights is None else np.float64)
    np.add.at(confusion, (codes, called), 1 if weights is None else weights)
    return confusion


class _Shares(NamedTuple):
    """The correct ones among the rows of each class, or of each prediction.

    ``of`` is the number of these rows; with weights, it is Kish's effective number, and with groups
    that of `rows_of_mean`. ``of_mean``: the numbers that count for the mean of all shares.
    """

    right: list[float]
    of: list[float]
    of_mean: list[float]

    @classmethod
    def of_rows(
        cls,
        confusion: np.ndarray,
        axis: int,
        labels: np.ndarray,
        others: np.ndarray,
        weights: np.ndarray | None,
        groups: Codes | None,
    ) -> "_Shares":
        """Of rows with these labels, which are down (axis 1) or across (axis 0)."""
        right, sizes = np.diag(confusion).tolist(), confusion.sum(axis=axis).tolist()
        if weights is None and groups is None:
            return cls(right, sizes, sizes)
        each_class = [np.flatnonzero(labels == k) for k in range(len(right))]
        of = [
            rows_of_mean(
                (others == labels)[rows],
                *(None if mark is None else mark[rows] for mark in (weights, groups)),
            )
            if len(rows)
            else 0.0
            for rows in each_class
        ]
        parts = [part_of(*each) if each[1] else 0.0 for each in zip(right, sizes, of, strict=True)]
        if groups is None:
            return cls(parts, of, of)
        # Classes share groups, so their shares depend on each other: one design effect for all.
        terms = np.zeros(len(labels))
        counts = np.ones(len(labels)) if weights is None else weights
        for k, rows in enumerate(each_class):
            if len(rows):
                off = (others == labels)[rows] - right[k] / sizes[k]
                terms[rows] = counts[rows] / sizes[k] * off
        n, n_groups = (independent_number(len(labels), weights, each) for each in (None, groups))
        shared = design_effect(terms, groups, n, n_groups) / z_by_t(n_groups)
        of_mean = [
            independent_number(len(rows), None if weights is None else weights[rows], None) / shared
            for rows in each_class
        ]
        return cls(parts, of, of_mean)

    def each(self) -> tuple[Estimate, ...]:
        return tuple(proportion(k, n) for k, n in zip(self.right, self.of, strict=True))

    def mean(self, one_class: bool) -> Estimate:
        """The mean; without uncertainty where one class is answered for every row there is."""
        scaled = [
            k if n == of else k / n * of if n else 0.0
            for k, n, of in zip(self.right, self.of, self.of_mean, strict=True)
        ]
        found = mean_of_proportions(scaled, self.of_mean)
        return Estimate(*[found.value] * 3) if one_class else found


def log_losses(codes: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """-log p of the true class of each row; ∞ if the prediction is certain and wrong."""
    with np.errstate(divide="ignore"):
        losses: np.ndarray = -np.log(probability[np.arange(len(codes)), codes])
    return losses


def checked_classes(codes: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes as integers and probabilities as floats.

    Raises a DataError if there is no row, shapes do not match, a code is not a class, or
    probabilities of a row are missing, outside 0 … 1, or have another sum than 1.
    """
    codes, probability = np.asarray(codes), np.asarray(probability, dtype=np.float64)
    if codes.ndim != 1 or probability.ndim != 2 or len(codes) != len(probability):
        raise DataError(
            "The classes and the probabilities do not match",
            where=f"shapes {codes.shape} and {probability.shape}",
            fix="pass a class and a row of probabilities for each row",
        )
    if len(codes) == 0:
        raise DataError("There is no row to evaluate", fix="pass at least one row")
    strange = ~np.isin(codes, np.arange(probability.shape[1]))
    if strange.any():
        row = int(np.argmax(strange))
        raise DataError(
            f"The class {codes[row]} has no column of probabilities", where=f"row {row + 1}"
        )
    odd = ~((probability >= 0) & (probability <= 1)).all(axis=1)
    odd |= ~(abs(probability.sum(axis=1) - 1) <= 1e-6)
    if odd.any():
        row = int(np.argmax(odd))
        raise DataError(
            f"The probabilities {probability[row].tolist()} are not from 0 to 1 with the sum 1",
            where=f"row {row + 1}",
        )
    return codes.astype(np.intp), probability
