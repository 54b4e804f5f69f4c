import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import Status, ThalwegWarning
from thalweg.estimators.epochs import cross_validated_curve, folds, holdout, stopping
from thalweg.training.train import Descent

codes = st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=80).map(np.array)


@given(codes, st.integers(0, 2**32 - 1))
def test_folds_hold_out_every_row_once_and_keep_the_share_of_each_class(y, seed):
    splits = folds(y, seed)
    counts = [np.sum(y == code) for code in np.unique(y)]
    if len(counts) < 2 or min(counts) < 2:
        assert splits == [] or len(counts) == 1
        return
    assert len(splits) == min(5, *counts)
    assert np.array_equal(np.sort(np.concatenate([out for _, out in splits])), np.arange(len(y)))
    sizes = [len(held_out) for _, held_out in splits]
    assert max(sizes) - min(sizes) <= 1
    for rows, held_out in splits:
        assert np.array_equal(np.sort(np.concatenate([rows, held_out])), np.arange(len(y)))
        for code, count in zip(np.unique(y), counts, strict=True):
            assert abs(np.sum(y[held_out] == code) - count / len(splits)) < 1


@given(codes, st.floats(0.05, 0.5), st.integers(0, 2**32 - 1))
def test_the_holdout_keeps_rows_of_each_class_on_both_sides(y, fraction, seed):
    for rows, held_out in holdout(y, fraction, seed):
        assert np.array_equal(np.sort(np.concatenate([rows, held_out])), np.arange(len(y)))
        assert set(y[rows]) == set(y[held_out]) == set(y)
        assert len(held_out) >= min(10, len(y) // 2) - 2


def test_the_holdout_has_the_fraction_and_at_least_ten_rows():
    y = np.repeat([0.0, 1.0], [700, 300])
    [(_, held_out)] = holdout(y, 0.1, seed=0)
    assert len(held_out) == 100
    assert np.sum(y[held_out] == 1) == 30
    [(_, held_out)] = holdout(y[675:725], 0.1, seed=0)
    assert len(held_out) == 10


def test_the_seed_decides():
    y = np.repeat([0.0, 1.0], 50)
    same = [holdout(y, 0.1, seed)[0][1].tolist() for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


@pytest.mark.parametrize(
    ("early_stopping", "n_rows", "way"),
    [
        ("auto", 1999, "cross-validation"),
        ("auto", 2000, "hold-out"),
        (True, 100, "hold-out"),
        (False, 100, "none"),
        (np.False_, 100, "none"),
        (np.True_, 100, "hold-out"),
    ],
)
def test_the_way_follows_the_rows(early_stopping, n_rows, way):
    y = np.arange(n_rows) % 2.0
    found = stopping(early_stopping, y, 0.1, seed=0)
    assert found.way == way
    assert len(found.splits) == {"cross-validation": 5, "hold-out": 1, "none": 0}[way]


@pytest.mark.parametrize("early_stopping", ["auto", True])
def test_a_class_of_one_row_is_said_aloud(early_stopping):
    y = np.array([0.0] * 20 + [1.0])
    with pytest.warns(ThalwegWarning, match="too few different rows"):
        assert stopping(early_stopping, y, 0.1, seed=0).way == "none"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stopping(False, y, 0.1, seed=0)


def descents(*curves, status=Status.MAX_EPOCHS):
    runs = [
        Descent(np.zeros(1), 1, status, [{"valid_loss": value} for value in curve])
        for curve in curves
    ]
    return lambda split, number: runs[number]


def test_the_curve_weighs_rows_and_not_folds():
    splits = [(np.array([2]), np.array([0, 1])), (np.array([0, 1]), np.array([2]))]
    weights = np.array([1.0, 2.0, 1.0])
    curve = cross_validated_curve(splits, weights, descents([4.0, 2.0], [0.0, 6.0]))
    np.testing.assert_allclose(curve, [3.0, 3.0])


def test_a_fold_that_diverged_rules_out_the_epochs_behind():
    splits = [(np.array([1]), np.array([0])), (np.array([0]), np.array([1]))]
    curve = cross_validated_curve(splits, np.ones(2), descents([1.0, 0.5], [1.0]))
    assert curve.tolist() == [1.0, np.inf]


def test_ctrl_c_in_a_fold_ends_the_whole():
    splits = [(np.array([1]), np.array([0]))]
    with pytest.raises(KeyboardInterrupt):
        cross_validated_curve(splits, np.ones(2), descents([1.0], status=Status.INTERRUPTED))
