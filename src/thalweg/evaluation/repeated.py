"""Judge a way of modelling on a whole table, by cross-validation that is repeated.

Every row is judged once a repetition, by a network that has not seen it. That says what the
*recipe* is worth on tables of this kind; `validate` says what one trained network is worth.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from thalweg.errors import DataError
from thalweg.evaluation.baselines import BASELINES, COMMONER, LOGISTIC
from thalweg.evaluation.metrics import Estimate, Judgement, judge, paired_difference
from thalweg.evaluation.validate import (
    Model,
    Verdict,
    baseline_probabilities,
    conclusion,
    holdout_split,
    other_class,
    positive_probability,
)

Splits = list[tuple[np.ndarray, np.ndarray]]
Probabilities = dict[str, np.ndarray]

NETWORK = "network"


def fold_splits(X: np.ndarray, y: np.ndarray, *, n_folds: int, seed: int) -> Splits:
    """Part a table into folds, each class in proportion, equal rows in one fold.

    Each fold is a test part that `holdout_split` takes from the rows that are left.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        The raw features, NaN where a value is missing.
    y : ndarray, shape (n_samples,)
        Class labels or codes.
    n_folds : int
        2 or more.
    seed : int

    Returns
    -------
    list of (train, test)
        Row numbers, rising; every row is tested once.

    Raises
    ------
    DataError
        If a class has too few different rows for so many folds.
    """
    for label, count in zip(*np.unique(y, return_counts=True), strict=True):
        if count < n_folds:
            raise DataError(
                f'There are too few rows of class "{label}" for {n_folds} folds',
                where=f"{count} in the table",
                fix="take fewer folds, or add rows of this class",
            )
    left, tests = np.arange(len(y)), []
    for fold in range(n_folds - 1):
        rest, test = holdout_split(X[left], y[left], fraction=1 / (n_folds - fold), seed=seed)
        tests.append(left[test])
        left = left[rest]
    return [(np.setdiff1d(np.arange(len(y)), test), test) for test in [*tests, left]]


def judge_by_folds(
    make_model: Callable[[int], Model],
    X: pd.DataFrame,
    y: np.ndarray,
    *,
    positive: object,
    seed: int,
    matrix: np.ndarray,
    n_levels: Sequence[int] = (),
    n_folds: int = 5,
    n_repeats: int = 3,
    on_fold: Callable[[], None] = lambda: None,
) -> Verdict:
    """Judge a kind of model, and the baselines, by cross-validation that is repeated.

    Parameters
    ----------
    make_model : callable
        An unfitted model from a seed; called once a fold.
    X : pandas.DataFrame, shape (n_samples, n_features)
        The table as the model takes it.
    y, positive
        Labels of two classes, shape (n_samples,), and the one that is looked for.
    seed : int
        Of the splits, the models and the intervals.
    matrix, n_levels
        As `judge_on_holdout` has them.
    n_folds, n_repeats : int
    on_fold : callable
        Told of each fold that is done.

    Returns
    -------
    Verdict
        Numbers and ends of intervals are means over the repetitions; more of these make no
        interval narrower.

    Raises
    ------
    DataError
        As `holdout_split` does, and if there are not two classes or not the positive one.
    """
    negative, truth = other_class(y, positive), y == positive
    rounds: list[Probabilities] = []
    for member in range(seed, seed + n_repeats):
        out_of_fold = {name: np.empty(len(y)) for name in (NETWORK, *BASELINES)}
        for train, test in fold_splits(matrix, y, n_folds=n_folds, seed=member):
            model = make_model(member)
            model.fit(X.iloc[train], y[train])
            judged = baseline_probabilities(matrix[train], truth[train], matrix[test], n_levels)
            judged[NETWORK] = positive_probability(model, X.iloc[test], positive)
            for name, probability in judged.items():
                out_of_fold[name][test] = probability
            on_fold()
        rounds.append(out_of_fold)
    times = "once" if n_repeats == 1 else f"repeated {n_repeats} times"
    how = f"Judged by {n_folds}-fold cross-validation, {times}"
    names = {"positive": str(positive), "negative": str(negative)}
    n_train = round(len(y) * (n_folds - 1) / n_folds)
    return _verdict(rounds, truth, seed, how=how, n_train=n_train, **names)


def _verdict(rounds: list[Probabilities], truth: np.ndarray, seed: int, **facts: Any) -> Verdict:
    """The mean judgement over the repetitions."""
    judged = {
        name: _mean_judgement([judge(truth, each[name], seed=seed) for each in rounds])
        for name in rounds[0]
    }
    against = {
        name: _mean_estimate(
            [paired_difference(truth, each[NETWORK], each[name], seed) for each in rounds]
        )
        for name in BASELINES
    }
    network = judged.pop(NETWORK)
    commoner = facts["positive"] if 2 * truth.sum() > len(truth) else facts["negative"]
    return Verdict(
        **facts,
        n_test=len(truth),
        network=network,
        baselines=judged,
        difference=against[LOGISTIC],
        sentence=conclusion(network, against[LOGISTIC], against[COMMONER], commoner),
    )


def _mean_judgement(judgements: Sequence[Judgement]) -> Judgement:
    first = judgements[0]
    return Judgement(
        first.n_samples,
        first.n_positive,
        first.threshold,
        {name: _mean(each.confusion[name] for each in judgements) for name in first.confusion},
        {
            name: _mean_estimate([each.metrics[name] for each in judgements])
            for name in first.metrics
        },
    )


def _mean_estimate(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(
        *(_mean(getattr(each, end) for each in estimates) for end in ("value", "low", "high"))
    )


def _mean(values: Iterable[Any]) -> float:
    with np.errstate(invalid="ignore"):  # ∞ - ∞ is NaN
        return float(np.mean(list(values)))
