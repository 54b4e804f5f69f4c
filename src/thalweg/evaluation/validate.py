"""Judge a model on rows that nothing of it has seen, beside what is simpler than it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from thalweg.data.rows import row_groups
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.intervals import Estimate
from thalweg.evaluation.tasks import AnyJudgement, Shown, Task, TwoClasses, other_class
from thalweg.random import generator


class Model(Protocol):
    """Anything with scikit-learn's manners: a network, or a rival of it.

    A classifier also has ``predict_proba`` and ``classes_``, a regressor ``predict``.
    """

    def fit(self, X: Any, y: Any) -> Any:
        """Learn, in place."""


@dataclass(frozen=True)
class Verdict:
    """A network and its baselines, judged on the same rows.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    how : str
        How the judging rows were kept from the training ones, as the beginning of a sentence.
    n_train, n_test : int
    network : Judgement, ClassesJudgement or ValuesJudgement
    baselines : dict of str to the same
        On the same rows.
    difference : Estimate
        Log-loss of the network minus that of logistic regression, or RMSE minus that of ridge
        regression; below 0 the network is better.
    sentence : str
        What follows from the numbers, in words.
    facts : dict
        What the task says of itself: ``positive`` and ``negative``, or ``classes``, as text.
    shown : Curves, Residuals or None
        Counts for pictures, where it is one network that was judged.
    """

    task: str
    how: str
    n_train: int
    n_test: int
    network: AnyJudgement
    baselines: dict[str, AnyJudgement]
    difference: Estimate
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)
    shown: Shown | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, fit for JSON; what pictures show stays apart."""
        return {
            "task": self.task,
            "how": self.how,
            "n_train": self.n_train,
            "n_test": self.n_test,
            **self.facts,
            "network": self.network.as_dict(),
            "baselines": {name: judged.as_dict() for name, judged in self.baselines.items()},
            "difference": self.difference.as_dict(),
            "sentence": self.sentence,
        }


def holdout_split(
    X: np.ndarray, y: np.ndarray, *, fraction: float = 0.2, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Part a table in two, each class in proportion, equal rows on one side.

    Groups of equal rows are looked at in random order. One goes to the test part if the rows it
    brings of each class still fit there. Should rows be lacking then, because most groups are
    large, one may also overshoot a class by less than that class lacks.

    (scikit-learn's StratifiedGroupKFold hits the fraction as well, but it places the largest
    groups first: on the Wisconsin table its first fold tests the commonest row under every
    seed, and its other folds under none.)

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        The raw features, NaN where a value is missing.
    y : ndarray, shape (n_samples,)
        Class labels or codes.
    fraction : float, default 0.2
        The wanted share of test rows, of every class: reached to within half a row where
        enough rows are unlike each other.
    seed : int

    Returns
    -------
    train, test : ndarray of int64
        Row numbers, rising. Which row stands where does not depend on the order of the table.

    Raises
    ------
    SettingsError
        If the fraction is not between 0 and 1.
    DataError
        If a class would be missing in one of the parts.
    """
    if not 0 < fraction < 1:
        raise SettingsError(
            f"A test part of {fraction:g} of the rows is not a part",
            fix="choose a fraction between 0 and 1, such as 0.2",
        )
    classes, codes = np.unique(y, return_inverse=True)
    groups = row_groups(X)
    members = np.zeros((groups.max(initial=-1) + 1, len(classes)), dtype=np.int64)
    np.add.at(members, (groups, codes), 1)
    sizes = members.sum(axis=0)

    order = generator(seed, "holdout").permutation(len(members))
    tested = _chosen(members, order, np.clip(np.rint(fraction * sizes), 1, sizes - 1))
    for label, size, n_test in zip(classes, sizes, members[tested].sum(axis=0), strict=True):
        if not 0 < n_test < size:
            raise DataError(
                f'There are too few rows of class "{label}" to hold out a test part',
                where=f"{size} in the table",
                why="Both parts need rows of each class, and equal rows stay in one part",
                fix="add rows of this class",
            )
    return np.flatnonzero(~tested[groups]), np.flatnonzero(tested[groups])


def _chosen(members: np.ndarray, order: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    """Which groups make up the test part.

    Parameters
    ----------
    members : ndarray of int64, shape (n_groups, n_classes)
        Rows of each class in each group.
    order : ndarray of int64, shape (n_groups,)
        The order to look at them.
    lacking : ndarray, shape (n_classes,)
        Wanted test rows of each class.

    Returns
    -------
    ndarray of bool, shape (n_groups,)
    """
    chosen = np.zeros(len(members), dtype=np.bool_)
    for stretch in (1, 2):
        for group in order[~chosen[order]]:
            if not lacking.any():
                return chosen
            # 1: all that is lacking. 2: an overshoot smaller than what is lacking.
            if (members[group] <= np.maximum(stretch * lacking - (stretch - 1), 0)).all():
                chosen[group] = True
                lacking = np.maximum(lacking - members[group], 0)
    return chosen


def judge_on_holdout(
    model: Model,
    X: pd.DataFrame,
    y: np.ndarray,
    *,
    positive: object = None,
    task: Task | None = None,
    seed: int,
    fraction: float = 0.2,
    matrix: np.ndarray,
    n_levels: Sequence[int] = (),
) -> Verdict:
    """Fit a model on one part of a table, and judge it and the baselines on the rest.

    Parameters
    ----------
    model : Model
        Fitted in place, on the training part alone.
    X : pandas.DataFrame, shape (n_samples, n_features)
        The table as the model takes it.
    y : ndarray, shape (n_samples,)
        Labels of classes, or numbers.
    positive : label, optional
        Of two classes the one that is looked for.
    task : Task, optional
        What is asked, where it is not two classes: see `thalweg.evaluation.tasks.task_of`.
    seed, fraction
        Of the split and of the intervals; the share of test rows, 0.2.
    matrix : ndarray of float64, shape (n_samples, n_features)
        The same table as numbers, NaN for a hole: for finding equal rows, and for the baselines.
    n_levels : sequence of int, length n_features
        How many levels each column has, 0 where it is no category; empty where there is none.

    Returns
    -------
    Verdict

    Raises
    ------
    SettingsError, DataError
        As `holdout_split` and `other_class` do.
    """
    if task is None:
        task = TwoClasses(positive, other_class(y, positive))
    train, test = holdout_split(matrix, task.strata(y), fraction=fraction, seed=seed)
    truth = task.truth(y)

    model.fit(X.iloc[train], y[train])
    ours = task.ask(model, X.iloc[test])
    theirs = baseline_answers(task, matrix[train], truth[train], matrix[test], n_levels)

    return _verdict(task, model, truth, (train, test), ours, theirs, seed)


def _verdict(
    task: Task,
    model: Model,
    truth: np.ndarray,
    split: tuple[np.ndarray, np.ndarray],
    ours: np.ndarray,
    theirs: dict[str, np.ndarray],
    seed: int,
) -> Verdict:
    """The answers of a model and of the baselines, judged."""
    train, test = split
    network = task.judge(truth[test], ours, model, seed)
    against = {
        name: task.difference(truth[test], ours, answer, seed) for name, answer in theirs.items()
    }
    return Verdict(
        task=task.name,
        how=f"Trained on {len(train):,} rows, judged on {len(test):,} held out",
        n_train=len(train),
        n_test=len(test),
        network=network,
        baselines={
            name: task.judge(truth[test], answer, None, seed) for name, answer in theirs.items()
        },
        difference=against[task.rival],
        sentence=task.sentence(network, against, truth[train]),
        facts=task.facts(),
        shown=task.shown(truth[test], ours),
    )


def baseline_answers(
    task: Task,
    X_train: np.ndarray,
    truth: np.ndarray,
    X_test: np.ndarray,
    n_levels: Sequence[int] = (),
) -> dict[str, np.ndarray]:
    """What each baseline, fitted on the training part, answers for the rows of the test part."""
    weights = np.ones(len(truth))
    return {
        name: task.ask_baseline(baseline().fit(X_train, truth, weights, n_levels), X_test)
        for name, baseline in task.baselines().items()
    }
