"""A table that can be parted is parted, however often its rows stand there."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.rows import row_groups
from thalweg.errors import DataError
from thalweg.evaluation.splits import fold_splits, holdout_split

SEEDS = st.integers(0, 2**32 - 1)
# What tells a row from others, and its class.
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=4, max_size=30)


def can_be_parted(groups, y):
    """By brute force: some whole groups hold all classes, and so do the others."""
    held = [set(y[groups == group].tolist()) for group in np.unique(groups)]
    for sides in product((0, 1), repeat=len(held)):
        both = [
            set().union(*(each for each, side in zip(held, sides, strict=True) if side == k))
            for k in (0, 1)
        ]
        if both[0] == both[1] == set(y):
            return True
    return False


@given(ROWS, SEEDS, st.booleans())
def test_a_holdout_is_found_wherever_there_is_one(rows, seed, named):
    names, y = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    X = np.zeros((len(y), 1)) if named else names[:, None].astype(float)
    try:
        train, test = holdout_split(X, y, seed=seed, groups=names if named else None)
    except DataError:
        assert not can_be_parted(names, y)
        return
    assert not set(names[train]) & set(names[test])
    assert set(y[train]) == set(y[test]) == set(y)


def pasted(times, n_rare=3, n=120):
    """A table of two numbers with a rare class, its rows as often as that."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2)).round(3)
    y = np.array(["rare"] * n_rare + ["usual"] * (n - n_rare))
    return np.tile(X, (times, 1)), np.tile(y, times)


@pytest.mark.parametrize("times", [1, 2, 3, 7])
def test_a_table_that_is_pasted_several_times_is_parted_like_the_table(times):
    X, y = pasted(times)
    for seed in range(20):
        train, test = holdout_split(X, y, seed=seed)
        groups = row_groups(X)
        assert not set(groups[train]) & set(groups[test])
        assert (y[test] == "rare").sum() == times
        assert len(test) == pytest.approx(0.2 * len(y), abs=2 * times)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_every_fold_has_each_class_wherever_there_are_so_many_different_rows(times):
    X, y = pasted(times, n_rare=5)
    for seed in range(20):
        for train, test in fold_splits(X, y, n_folds=5, seed=seed):
            assert (y[test] == "rare").sum() == times
            assert set(y[train]) == {"rare", "usual"}
    with pytest.raises(DataError, match=rf"{5 * times} in the table, 5 different.*fewer folds"):
        fold_splits(X, y, n_folds=6, seed=0)


def test_large_sets_of_equal_rows_leave_one_for_each_fold():
    # The rare class: one row six times, and four rows once. There are five different ones.
    X = np.concatenate((np.repeat(1000.0, 6), np.arange(1001, 1005), np.arange(90)))[:, None]
    y = np.array(["rare"] * 10 + ["usual"] * 90)
    for seed in range(20):
        tests = [test for _, test in fold_splits(X, y, n_folds=5, seed=seed)]
        assert sorted((y[test] == "rare").sum() for test in tests) == [1, 1, 1, 1, 6]


def test_three_classes_of_two_groups_each_are_held_out_though_no_fold_has_all():
    y = np.repeat([0, 0, 1, 1, 2, 2], 10)
    names = np.repeat(np.arange(6), 10)
    train, test = holdout_split(np.zeros((60, 1)), y, seed=0, groups=names)
    assert set(y[train]) == set(y[test]) == {0, 1, 2}


def test_fit_takes_a_table_that_was_pasted_twice(cli):
    X, y = pasted(2)
    pd.DataFrame(X, columns=["a", "b"]).assign(label=y).to_csv("twice.csv", index=False)
    code, out, err = cli(
        "fit", "twice.csv", "--target", "label", "--epochs", "2", "--hidden", "4", "-q"
    )
    assert code == 0, err
    assert "judged on 48 held out" in out
