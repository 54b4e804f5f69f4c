"""Metrics for several classes: accuracy, AUC, log-loss, Brier score, recall, with intervals.

==================  ======================================================  =========
metric              formula                                                 interval
==================  ======================================================  =========
accuracy            rows predicted correctly / n                            Wilson
balanced_accuracy   mean over the classes of their recall                   Wilson
auc                 mean over the classes of the AUC against all others     bootstrap
log_loss            -(1/n) Σ log p(true class)                              bootstrap
brier               (1/n) Σ Σₖ (pₖ - yₖ)²                                   bootstrap
recall              of each class: its rows predicted correctly / its rows  Wilson
precision           of each class: correct ones / rows predicted as it      Wilson
==================  ======================================================  =========

If a class has no rows, balanced accuracy and AUC are means over the other classes. A resample of
the bootstrap that lacks a class of the sample would measure something else, and is left out of the
interval of the AUC. If a class has 1 to 5 rows, the interval of the AUC is
[0, 1], as for two classes (`thalweg.evaluation.judging.two_class_metrics`). The AUC is that of
the one-vs-rest curves, with equal weight for each class (Fawcett 2006, section 9.2). For two
classes, this Brier score is twice that of `thalweg.evaluation.judging.two_class_metrics`. The
log-loss is not clipped.

*A constant answer* recognises all rows of one class and none of the others, whatever the rows are:
with k classes its balanced accuracy is exactly 1/k, and the interval is this number alone. Equal
predictions of another model prove nothing, because the rows may be equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.judging.intervals import (
    Estimate,
    auc_estimate,
    bootstrapped,
    concordance,
    mean_of_proportions,
    means,
    once,
    proportion,
    ranked,
)
from thalweg.evaluation.judging.shapes import ClassesData


@dataclass(frozen=True)
class ClassesJudgement:
    """The evaluation of one model on test rows.

    Parameters
    ----------
    n_samples : int
    costs : tuple of float
        Of each class: the class with the largest cost times probability is predicted.
    confusion : tuple of tuple of int (of float if it is a mean over repetitions)
        ``confusion[i][j]``: rows of class i that were predicted as class j.
    metrics : dict of str to Estimate
        ``accuracy balanced_accuracy auc log_loss brier``.
    recall, precision : tuple of Estimate
        Of each class; NaN if it has no rows, or is never predicted.
    """

    n_samples: int
    costs: tuple[float, ...]
    confusion: tuple[tuple[float, ...], ...]
    metrics: dict[str, Estimate]
    recall: tuple[Estimate, ...]
    precision: tuple[Estimate, ...]

    def as_dict(self) -> ClassesData:
        """The evaluation as plain data for JSON."""
        return {
            "n_samples": self.n_samples,
            "costs": list(self.costs),
            "confusion": [list(row) for row in self.confusion],
            "metrics": {name: metric.as_dict() for name, metric in self.metrics.items()},
            "recall": [each.as_dict() for each in self.recall],
            "precision": [each.as_dict() for each in self.precision],
        }


def judge_classes(
    codes: np.ndarray,
    probability: np.ndarray,
    costs: np.ndarray | None = None,
    *,
    seed: int = 0,
    folds: np.ndarray | None = None,
    constant: bool = False,
) -> ClassesJudgement:
    """Evaluate predicted probabilities of several classes against the true classes.

    Parameters
    ----------
    codes : ndarray of int, shape (n_samples,)
        The class of each row, 0 … n_classes - 1.
    probability : ndarray of float, shape (n_samples, n_classes)
        The rows sum to 1.
    costs : ndarray of float, shape (n_classes,), optional
        What a mistake on each class costs; default 1. The class with the largest cost times
        probability is predicted.
    seed, folds
        As in `thalweg.evaluation.judging.two_class_metrics.judge`.
    constant : bool, default False
        Whether the model answers the same for every row (of a fold).

    Returns
    -------
    ClassesJudgement
        It is the same for every order of the rows.

    Raises
    ------
    DataError
        If there is no row, shapes do not match, a code is not a class, or a row has a probability
        that is missing or outside 0 … 1, or another sum than 1.
    """
    codes, probability = checked_classes(codes, probability)
    weights = np.asarray(np.ones(probability.shape[1]) if costs is None else costs, dtype=float)
    called = np.argmax(probability * weights, axis=1)
    order = np.lexsort((called if folds is None else folds, called, *probability.T, codes))
    codes, probability, called = codes[order], probability[order], called[order]
    confusion = _confusion(codes, called, probability.shape[1])
    right, sizes = np.diag(confusion), confusion.sum(axis=1)
    folds = None if folds is None else folds[order]
    auc, log_loss, brier = _bootstrapped(codes, probability, folds, seed)
    return ClassesJudgement(
        n_samples=len(codes),
        costs=tuple(weights.tolist()),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        metrics={
            "accuracy": proportion(int(right.sum()), len(codes)),
            "balanced_accuracy": _balanced(right, sizes, constant and len(set(called)) == 1),
            "auc": auc_estimate(auc, _rarest(sizes)),
            "log_loss": log_loss,
            "brier": brier,
        },
        recall=_proportions(right, sizes),
        precision=_proportions(right, confusion.sum(axis=0)),
    )


def _confusion(codes: np.ndarray, called: np.ndarray, n_classes: int) -> np.ndarray:
    """The rows of each class (down) by predicted class (across)."""
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (codes, called), 1)
    return confusion


def _balanced(right: np.ndarray, sizes: np.ndarray, one_class: bool) -> Estimate:
    """The mean recall; without uncertainty where one class is answered for every row there is."""
    found = mean_of_proportions(right.tolist(), sizes.tolist())
    return Estimate(*[found.value] * 3) if one_class else found


def _rarest(sizes: np.ndarray) -> int:
    """The fewest rows of an existing class, or of all other classes together."""
    return int(min(sizes[sizes > 0].min(), sizes.sum() - sizes.max()))


def log_losses(codes: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """-log p of the true class of each row; ∞ if the prediction is certain and wrong."""
    with np.errstate(divide="ignore"):
        losses: np.ndarray = -np.log(probability[np.arange(len(codes)), codes])
    return losses


def checked_classes(codes: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes as integers and probabilities as floats; raises a DataError if they are invalid."""
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
            f"The class {codes[row]} has no column of probabilities", where=f"row {row}"
        )
    odd = ~((probability >= 0) & (probability <= 1)).all(axis=1)
    odd |= ~(abs(probability.sum(axis=1) - 1) <= 1e-6)
    if odd.any():
        row = int(np.argmax(odd))
        raise DataError(
            f"The probabilities {probability[row].tolist()} are not from 0 to 1 with the sum 1",
            where=f"row {row}",
        )
    return codes.astype(np.intp), probability


def _proportions(right: np.ndarray, of: np.ndarray) -> tuple[Estimate, ...]:
    pairs: Sequence[tuple[int, int]] = list(zip(right.tolist(), of.tolist(), strict=True))
    return tuple(proportion(k, n) for k, n in pairs)


def _bootstrapped(
    codes: np.ndarray, probability: np.ndarray, folds: np.ndarray | None, seed: int
) -> tuple[Estimate, ...]:
    """AUC, log-loss and Brier score of rows in a fixed order."""
    n, n_classes = probability.shape
    truth = codes[:, None] == np.arange(n_classes)
    losses = log_losses(codes, probability), np.sum((probability - truth) ** 2, axis=1)
    ranks = [ranked(truth[:, k], probability[:, k], folds) for k in range(n_classes)]
    defined = [parts for parts in ranks if np.isfinite(concordance(once(n), parts)[0])]

    def measure(counts: np.ndarray) -> np.ndarray:
        # NaN if one of the classes is missing in a resample.
        areas = [concordance(counts, parts) for parts in defined] or [np.full(len(counts), np.nan)]
        return np.stack([np.mean(areas, axis=0), *(means(counts, loss) for loss in losses)])

    return bootstrapped(n, seed, measure)
