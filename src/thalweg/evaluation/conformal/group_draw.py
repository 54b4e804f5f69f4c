"""One random row of each group: where rows of a group depend on each other, groups are counted.

Rows of new groups are then like these: one row of each group, drawn at random.
Dunn, Wasserman & Ramdas 2022, "Distribution-free prediction sets for two-layer hierarchical
models", JASA 118:2491-2502, section 3.2 (subsampling once).
"""

from dataclasses import replace

import numpy as np

from thalweg.counter_based_random import generator
from thalweg.evaluation.answers import Answers


def one_of_each_group(
    answers: Answers, seed: int, *, repeats: int = 1, weighted: bool = False
) -> Answers:
    """One row of each group, each drawn with a probability in proportion to its weight.

    Which rows these are depends on their content and on the seed, not on their order. The rows that
    were drawn have no groups: each stands for its group.

    Parameters
    ----------
    answers : Answers
        Without groups they are returned unchanged.
    seed : int
    repeats : int, default 1
        Divisions of all rows into the same number of folds: one row of each group in each of them.
        The folds of a division follow each other.
    weighted : bool, default False
        Whether a row that was drawn has the mean weight of its group, if rows have weights.
        Otherwise it has none: each group counts once.

    Returns
    -------
    Answers
    """
    if answers.groups is None:
        return answers
    columns = answers.answer.reshape(len(answers), -1).T
    groups = np.unique(answers.groups, return_inverse=True)[1].reshape(-1)
    folds = np.zeros(len(answers), np.intp) if answers.folds is None else answers.folds
    if repeats > 1:
        n_folds = max(1, (int(folds.max()) + 1) // repeats)
        groups = np.unique(groups * repeats + folds // n_folds, return_inverse=True)[1].reshape(-1)
    counts = answers.counts()
    order = np.lexsort((counts, *columns, answers.truth, folds, groups))
    groups, weights = groups[order], counts[order] / counts.max()
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    ends = np.append(starts[1:], len(order))
    cumulative = np.append(0.0, np.cumsum(weights))
    drawn = generator(seed, "one of a group").random(len(starts))
    reached = cumulative[starts] + drawn * (cumulative[ends] - cumulative[starts])
    # The row within whose part of the cumulative weight the drawn number lies.
    places = np.searchsorted(cumulative, reached, side="right") - 1
    chosen = order[np.clip(places, starts, ends - 1)]
    kept = None
    if weighted and answers.weights is not None:
        kept = np.add.reduceat(weights, starts) / (ends - starts)
    return replace(answers.rows(chosen), weights=kept, groups=None)
