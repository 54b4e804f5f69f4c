"""Intervals and sets of evaluated rows, each from the errors on the rows of the other folds.

So the coverage of conformal prediction can be measured for any estimator: the rows of a fold have
set no interval of their own. Test rows that one model predicted are divided into five parts at
random. Vovk 2015, "Cross-conformal predictors", Annals of Mathematics and Artificial Intelligence
74:9-28.
"""

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.class_scores import class_probabilities, class_scores_of
from thalweg.evaluation.conformal.conformal_ranks import require_level
from thalweg.evaluation.conformal.cv_plus import pooled_intervals
from thalweg.evaluation.conformal.residual_store import residuals_of

_PARTS = 5
# Of the draw, beside those of splits.
_DRAW = 15


def held_by_others(
    answers: Answers, confidence_level: float, labels: list[str] | None, seed: int
) -> np.ndarray:
    """The interval or the set of classes of each row.

    Parameters
    ----------
    answers : Answers
        Of test rows or of cross-validation.
    confidence_level : float
    labels : list of str or None
        The names of the classes; None for numbers.
    seed : int
        Of the parts, where there are no folds.

    Returns
    -------
    ndarray of float, shape (n_samples, 2), or of bool, shape (n_samples, n_classes)

    Raises
    ------
    SettingsError
        If there are too few rows for this level.
    """
    level, parts = require_level(confidence_level), _parts(answers, seed)
    if len(np.unique(parts)) < 2:
        raise SettingsError(
            "Intervals and sets of a row need other rows with a known target",
            where="there is a single fold, or a single group",
            fix="evaluate on more rows, such as by cross-validation",
        )
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for part in np.unique(parts):
        mine, others = np.flatnonzero(parts == part), np.flatnonzero(parts != part)
        found.append((mine, _held(answers.rows(mine), answers.rows(others), level, labels, seed)))
    held = np.empty((len(answers), found[0][1].shape[1]), dtype=found[0][1].dtype)
    for rows, each in found:
        held[rows] = each
    return held


def _held(
    mine: Answers, others: Answers, level: float, labels: list[str] | None, seed: int
) -> np.ndarray:
    # One list of errors: which model made them does not matter here.
    others = Answers(others.truth, others.answer, others.weights, None, others.groups, others.how)
    if labels is None:
        return pooled_intervals(
            residuals_of(others, seed=seed), mine.answer, confidence_level=level
        )
    probabilities = class_probabilities(mine)[1]
    scores, grouped = class_scores_of(others, seed=seed), others.groups is not None
    of = "the folds" if mine.folds is not None else f"{_PARTS} random parts"
    outside = f" outside one of {of}"
    return scores.sets(probabilities, level, labels, grouped=grouped, outside=outside)


def _parts(answers: Answers, seed: int) -> np.ndarray:
    """The part of each row: its fold, or one of five at random; a group is in one part."""
    if answers.folds is not None:
        return np.asarray(answers.folds)
    draw = generator(seed, "folds", _DRAW)
    if answers.groups is not None:
        _, of_row = np.unique(answers.groups, return_inverse=True)
        n_groups = int(of_row.max()) + 1
        return np.asarray(draw.permutation(np.arange(n_groups) % _PARTS)[of_row])
    columns = answers.answer.reshape(len(answers), -1).T
    order = np.lexsort((answers.counts(), *columns, answers.truth))
    parts = np.empty(len(answers), dtype=np.intp)
    parts[order] = draw.permutation(np.arange(len(answers)) % _PARTS)
    return parts
