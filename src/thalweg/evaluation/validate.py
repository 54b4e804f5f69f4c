"""Judge a model on rows that nothing of it has seen, beside what is simpler than it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from thalweg.data.rows import row_groups
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.baselines import BASELINES, COMMONER, LOGISTIC
from thalweg.evaluation.curves import Curves, curves
from thalweg.evaluation.metrics import Estimate, Judgement, judge, paired_difference
from thalweg.random import generator


class Model(Protocol):
    """Anything with scikit-learn's manners: a network, or a rival of it."""

    classes_: Any

    def fit(self, X: Any, y: Any) -> Any:
        """Learn, in place."""

    def predict_proba(self, X: Any) -> Any:
        """Probabilities, shape (n_samples, n_classes), columns as in ``classes_``."""


@dataclass(frozen=True)
class Verdict:
    """A network and its baselines, judged on the same rows.

    Parameters
    ----------
    how : str
        How the judging rows were kept from the training ones, as the beginning of a sentence.
    n_train, n_test : int
    positive, negative : str
        The classes, as text.
    network : Judgement
    baselines : dict of str to Judgement
        On the same rows.
    difference : Estimate
        Log-loss of the network minus that of logistic regression; below 0 the network is better.
    sentence : str
        What follows from the numbers, in words.
    curves : Curves or None
        The network's counts at every threshold, where it is one network that was judged.
    """

    how: str
    n_train: int
    n_test: int
    positive: str
    negative: str
    network: Judgement
    baselines: dict[str, Judgement]
    difference: Estimate
    sentence: str
    curves: Curves | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, object]:
        """The verdict as plain data, fit for JSON; the curves stay apart."""
        plain = asdict(replace(self, curves=None)) | {
            "network": self.network.as_dict(),
            "baselines": {name: judged.as_dict() for name, judged in self.baselines.items()},
            "difference": self.difference.as_dict(),
        }
        del plain["curves"]
        return plain


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
    positive: object,
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
        Labels of two classes.
    positive : label
        The class that is looked for.
    seed, fraction
        Of the split and of the intervals; the share of test rows, 0.2.
    matrix : ndarray of float64, shape (n_samples, n_features)
        The same table as numbers, NaN for a hole: for finding equal rows, and for the baselines.
    n_levels : sequence of int, length n_features
        How many levels each column has, 0 where it is no category; empty where there is none.

    Raises
    ------
    SettingsError, DataError
        As `holdout_split` and `other_class` do.
    """
    negative = other_class(y, positive)
    train, test = holdout_split(matrix, y, fraction=fraction, seed=seed)
    truth = y == positive

    model.fit(X.iloc[train], y[train])
    ours = positive_probability(model, X.iloc[test], positive)
    theirs = baseline_probabilities(matrix[train], truth[train], matrix[test], n_levels)

    network = judge(truth[test], ours, seed=seed)
    against = {name: paired_difference(truth[test], ours, p, seed) for name, p in theirs.items()}
    commoner = positive if 2 * truth[train].sum() > len(train) else negative
    return Verdict(
        how=f"Trained on {len(train):,} rows, judged on {len(test):,} held out",
        n_train=len(train),
        n_test=len(test),
        positive=str(positive),
        negative=str(negative),
        network=network,
        baselines={name: judge(truth[test], p, seed=seed) for name, p in theirs.items()},
        difference=against[LOGISTIC],
        sentence=conclusion(network, against[LOGISTIC], against[COMMONER], str(commoner)),
        curves=curves(truth[test], ours),
    )


def other_class(y: np.ndarray, positive: object) -> object:
    """The other one of two classes; a DataError where there are not two, or not this one."""
    classes = list(np.unique(y))
    named = ", ".join(f'"{label}"' for label in classes)
    if len(classes) != 2:
        raise DataError(
            f"The target has {len(classes)} classes, and the judgement needs two",
            where=named[:200],
            fix="keep the rows of two classes, or choose another target",
        )
    if positive not in classes:
        raise DataError(
            f'The positive class "{positive}" is not in the target',
            fix=f"choose one of {named}",
        )
    return classes[1 - classes.index(positive)]


def positive_probability(model: Model, X: pd.DataFrame, positive: object) -> np.ndarray:
    """What a fitted model gives to the class that is looked for, shape (n_samples,)."""
    column = list(model.classes_).index(positive)
    return np.asarray(model.predict_proba(X))[:, column]


def baseline_probabilities(
    X_train: np.ndarray, y_train: np.ndarray, X_test: np.ndarray, n_levels: Sequence[int] = ()
) -> dict[str, np.ndarray]:
    """What each baseline, fitted on the training part, gives to the rows of the test part."""
    weights = np.ones(len(y_train))
    return {
        name: baseline().fit(X_train, y_train, weights, n_levels).predict_positive(X_test)
        for name, baseline in BASELINES.items()
    }


def conclusion(network: Judgement, logistic: Estimate, commonest: Estimate, commoner: str) -> str:
    """What the paired differences of log-loss (network minus baseline) mean for the user."""
    rows = f"on these {network.n_samples} test rows"
    if np.isnan(logistic.value):
        said = [
            f"Log-loss cannot tell the network from logistic regression {rows}: both were "
            "certain of a wrong answer. Prefer logistic regression, the simpler model."
        ]
    elif logistic.high < 0:
        said = [
            f"The network is better than logistic regression {rows}: its log-loss is lower by "
            f"{-logistic.value:.4f} (95 % interval {-logistic.high:.4f} to {-logistic.low:.4f})."
        ]
    elif logistic.low > 0:
        said = [
            f"CAUTION: logistic regression is better than the network {rows}: its log-loss is "
            f"lower by {logistic.value:.4f} (95 % interval {logistic.low:.4f} to "
            f"{logistic.high:.4f}). Use logistic regression, or find out what went wrong."
        ]
    else:
        side = "higher" if logistic.value > 0 else "lower"
        said = [
            f"Logistic regression is as good {rows}: the network's log-loss is "
            f"{abs(logistic.value):.4f} {side}, and the 95 % interval of that difference, "
            f"{logistic.low:+.4f} to {logistic.high:+.4f}, includes 0. Prefer the simpler model."
        ]
    if np.isinf(network.metrics["log_loss"].value):
        said.append(
            "CAUTION: the network gave a wrong answer with certainty (a probability of exactly "
            "0 or 1), so its log-loss is infinite."
        )
    if commonest.high < 0:
        said.append(f'The network beats always answering "{commoner}".')
    else:
        said.append(f'CAUTION: the network is not shown to beat always answering "{commoner}".')
    return " ".join(said)
