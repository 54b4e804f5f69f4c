"""A table that can be split is split, however often its rows are repeated."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.canonical_rows import row_groups
from thalweg.errors import DataError
from thalweg.evaluation.splits import fold_splits, holdout_split

SEEDS = st.integers(0, 2**32 - 1)
# What tells a row from others, and its class.
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=4, max_size=30)


def can_be_split(groups, y):
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
        assert not can_be_split(names, y)
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
def test_a_table_that_is_pasted_several_times_is_split_like_the_table(times):
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
    with pytest.raises(
        DataError, match=rf"{5 * times} in the table, 5 of them different.*fewer folds"
    ):
        fold_splits(X, y, n_folds=6, seed=0)


def test_large_sets_of_equal_rows_leave_one_for_each_fold():
    # The rare class: one row six times, and four rows once. There are five different rows.
    X = np.concatenate((np.repeat(1000.0, 6), np.arange(1001, 1005), np.arange(90)))[:, None]
    y = np.array(["rare"] * 10 + ["usual"] * 90)
    for seed in range(20):
        tests = [test for _, test in fold_splits(X, y, n_folds=5, seed=seed)]
        assert sorted((y[test] == "rare").sum() for test in tests) == [1, 1, 1, 1, 6]


@pytest.mark.parametrize(
    ("size", "n_sets", "n_tested"),
    [
        (1, 120, 10),
        (5, 24, 10),
        (6, 20, 12),  # a second set brings two too many, where four are lacking
        (7, 17, 7),  # it would bring four too many, where three are lacking
        (19, 6, 19),
        (20, 6, 20),  # the last resort
    ],
)
def test_ten_rows_are_wanted_and_sets_of_equal_rows_bring(size, n_sets, n_tested):
    sets = np.repeat(np.arange(float(n_sets)), size)
    for seed in range(8):
        y = np.zeros(len(sets), int)
        _, test = holdout_split(sets[:, None], y, fraction=10 / len(sets), seed=seed)
        assert len(test) == n_tested


def test_where_several_sets_overshoot_by_little_each_has_its_chance():
    sets = np.repeat(np.arange(10.0), [11, 12] * 5)  # ten rows are wanted
    found = set()
    for seed in range(20):
        _, test = holdout_split(sets[:, None], np.zeros(115, int), fraction=10 / 115, seed=seed)
        found.add(len(test))
    assert found == {11, 12}


def test_the_last_resort_is_the_set_that_overshoots_the_least_in_all_classes():
    # Of the rare class 12 rows are wanted, of the other one 13; each set is far too large.
    rare, other = np.array([36, 40, 45, 0, 0]), np.array([10, 0, 0, 60, 60])
    sets = np.concatenate((np.repeat(np.arange(5), rare), np.repeat(np.arange(5), other)))
    y = np.repeat(["rare", "usual"], [rare.sum(), other.sum()])
    for seed in range(8):
        order = np.random.default_rng(seed).permutation(5).astype(float)
        _, test = holdout_split(order[sets][:, None], y, fraction=0.1, seed=seed)
        assert set(sets[test]) == {0}


def test_of_two_sets_one_is_left_for_training_however_much_is_to_be_tested():
    sets = np.repeat([0.0, 1.0], 5)
    for seed in range(4):
        train, test = holdout_split(sets[:, None], np.zeros(10, int), fraction=0.9, seed=seed)
        assert (len(train), len(test)) == (5, 5)


def test_the_last_resort_takes_no_set_that_another_class_needs_for_training():
    # Of the rare class one set is tested, so the other is kept, though it overshoots less than
    # the sets that hold usual rows only.
    rare, usual = np.array([10, 5, 0, 0]), np.array([0, 30, 40, 50])
    sets = np.concatenate((np.repeat(np.arange(4), rare), np.repeat(np.arange(4), usual)))
    y = np.repeat(["rare", "usual"], [rare.sum(), usual.sum()])
    for seed in range(8):
        _, test = holdout_split(sets[:, None].astype(float), y, fraction=0.1, seed=seed)
        assert set(sets[test]) == {0, 2}


def test_three_classes_of_two_groups_each_are_held_out_though_no_fold_has_all():
    y = np.repeat([0, 0, 1, 1, 2, 2], 10)
    names = np.repeat(np.arange(6), 10)
    train, test = holdout_split(np.zeros((60, 1)), y, seed=0, groups=names)
    assert set(y[train]) == set(y[test]) == {0, 1, 2}


def test_a_table_without_rows_has_two_parts_without_rows():
    X, y = np.zeros((0, 2)), np.array([])
    assert [part.tolist() for part in holdout_split(X, y, seed=0)] == [[], []]


def test_fit_takes_a_table_that_was_pasted_twice(cli):
    X, y = pasted(2)
    pd.DataFrame(X, columns=["a", "b"]).assign(label=y).to_csv("twice.csv", index=False)
    code, out, err = cli(
        "fit", "twice.csv", "--target", "label", "--epochs", "2", "--hidden", "4", "-q"
    )
    assert code == 0, err
    assert "evaluated on 48 held out" in out
