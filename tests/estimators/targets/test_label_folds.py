"""Folds of rows with several labels, against the counts that Sechidis et al. ask for."""

import numpy as np
import pytest

from thalweg.estimators.learning.early_stopping_splits import folds, holdout, in_time, stopping
from thalweg.estimators.targets.label_folds import label_folds, most_folds, rare_classes


def labels(n_rows, shares, seed=0):
    """Correlated labels with these shares of ones."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n_rows, 1))
    z = common + rng.normal(size=(n_rows, len(shares)))
    return (z < np.quantile(z, shares, axis=0).diagonal()).astype(float)


def test_each_fold_has_its_share_of_every_label():
    codes = labels(1003, [0.5, 0.2, 0.05, 0.02])
    fold = label_folds(codes, np.full(5, 0.2), np.random.default_rng(0))
    assert set(fold) == set(range(5))
    sizes = np.bincount(fold)
    assert sizes.max() - sizes.min() <= 1
    counts = np.stack([codes[fold == k].sum(axis=0) for k in range(5)])
    # The best that whole rows allow, and one more for rows that have several labels.
    assert (counts.max(axis=0) - counts.min(axis=0) <= 2).all()
    drawn = np.random.default_rng(1).permutation(np.arange(1003) % 5)
    by_chance = np.stack([codes[drawn == k].sum(axis=0) for k in range(5)])
    assert (np.ptp(by_chance, axis=0) > np.ptp(counts, axis=0)).all()


def test_the_rarer_class_counts_whichever_it_is():
    codes = labels(400, [0.03, 0.5])
    codes = np.column_stack((1 - codes[:, 0], codes[:, 1]))
    assert rare_classes(codes)[:, 0].sum() == 12
    fold = label_folds(codes, np.full(4, 0.25), np.random.default_rng(0))
    assert [int((codes[fold == k, 0] == 0).sum()) for k in range(4)] == [3, 3, 3, 3]


def test_the_only_row_of_a_class_is_a_training_row_of_all_folds():
    codes = labels(60, [0.5, 0.4])
    codes = np.column_stack((codes, np.arange(60) == 7))
    assert most_folds(codes) == min(24, 30)
    splits = folds(codes, seed=3)
    assert len(splits) == 5
    assert all(7 in rows for rows, _ in splits)
    held_out = np.concatenate([each for _, each in splits])
    assert sorted(held_out.tolist()) == [row for row in range(60) if row != 7]


def test_two_rows_of_a_class_are_in_two_folds():
    codes = np.column_stack((labels(60, [0.5])[:, 0], np.isin(np.arange(60), (3, 4))))
    splits = folds(codes, seed=0)
    assert len(splits) == 2
    for rows, held_out in splits:
        assert codes[rows, 1].sum() == codes[held_out, 1].sum() == 1


def test_folds_depend_on_seed_and_deal_and_not_on_the_order_of_two_calls():
    codes = labels(200, [0.5, 0.2])
    first, again = folds(codes, 1), folds(codes, 1)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0][1], folds(codes, 2)[0][1])
    assert not np.array_equal(first[0][1], folds(codes, 1, deal=1)[0][1])


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_hold_out_has_its_share_of_every_label(share):
    codes = labels(1000, [0.5, 0.2, 0.04])
    [(rows, held_out)] = holdout(codes, share, seed=0)
    assert len(held_out) == pytest.approx(1000 * share, abs=1)
    np.testing.assert_allclose(codes[held_out].sum(axis=0), codes.sum(axis=0) * share, atol=1.5)
    assert sorted([*rows, *held_out]) == list(range(1000))


def test_groups_stay_together_and_every_training_part_has_both_classes():
    codes, groups = labels(300, [0.5, 0.3]), np.arange(300) // 6
    for rows, held_out in folds(codes, 0, groups):
        assert not set(groups[rows]) & set(groups[held_out])
        assert (np.ptp(codes[rows], axis=0) == 1).all()


def test_in_time_a_window_whose_past_lacks_a_class_is_left_out():
    codes, times = labels(100, [0.5, 0.5]), np.arange(100.0)
    codes[:65, 1] = 0
    codes[65, 1] = 1
    splits = in_time("folds", codes, 0.1, times)
    assert 0 < len(splits) < 5
    assert all((np.ptp(codes[rows], axis=0) == 1).all() for rows, _ in splits)


def test_where_a_label_has_too_few_rows_nothing_is_held_out():
    codes = np.zeros((12, 2))
    codes[0, 0] = codes[1, 1] = 1
    with pytest.warns(UserWarning, match="too few different rows"):
        assert stopping("folds", codes, 0.1, 0).way == "none"
