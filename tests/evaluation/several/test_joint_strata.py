"""Strata of rows with several labels."""

import numpy as np

from thalweg.evaluation.several.joint_strata import joint_strata
from thalweg.evaluation.splits import fold_splits, holdout_split


def _labels(n, rates, seed=0):
    random = np.random.default_rng(seed)
    return random.random((n, len(rates))) < rates, random.normal(size=(n, 2))


def test_common_patterns_are_strata_of_their_own():
    codes, X = _labels(400, [0.5, 0.5])
    strata = joint_strata(codes, ["a", "b"], X)
    assert len(np.unique(strata)) == 4
    for stratum in np.unique(strata):
        assert len(np.unique(codes[strata == stratum], axis=0)) == 1


def test_each_class_of_each_label_is_in_both_parts_and_in_proportion():
    codes, X = _labels(500, [0.5, 0.3, 0.02, 0.97])
    strata = joint_strata(codes, list("abcd"), X)
    train, test = holdout_split(X, strata, seed=0)
    for column in codes.T:
        assert abs(column[test].mean() - column.mean()) < 0.03
        for part in (train, test):
            assert 0 < column[part].sum() < len(part)
    for train, _ in fold_splits(X, strata, n_folds=3, seed=0):
        for column in codes.T:
            assert 0 < column[train].sum() < len(train)


def test_equal_rows_count_once():
    codes = np.zeros((60, 2), np.bool_)
    codes[:20, 0] = True
    X = np.arange(60.0)[:, None]
    X[:20] = 0.0  # twenty equal rows are one case, and no pattern of ten
    strata = joint_strata(codes, ["a", "b"], X)
    assert len(np.unique(strata)) == 1  # one case cannot be split
    assert len(np.unique(joint_strata(codes, ["a", "b"], np.arange(60.0)[:, None]))) == 2
