import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DivergenceError, Status, ThalwegWarning
from thalweg.estimators import epochs as epochs_module
from thalweg.estimators.epochs import cross_validated_curve, folds, holdout, stopping
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.random import generator
from thalweg.training.course import Member
from thalweg.training.settings import Settings, parse_optimizer
from thalweg.training.train import Descent, train
from thalweg.training.trouble import Trouble

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
    with pytest.warns(ThalwegWarning, match="too few different rows.*training loss ends"):
        assert stopping(early_stopping, y, 0.1, seed=0).way == "none"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stopping(False, y, 0.1, seed=0)


def members(text="adam:lr=0.05", n_folds=3, epochs=6, **more):
    """Folds of a small table with weights."""
    rng = generator(0, "weights", 5)
    X, y = rng.standard_normal((40, 3)), np.arange(40) % 2.0
    data = Data.of(X, y[:, None], rng.uniform(0.5, 4, 40))
    architecture = Architecture.dense(3, (4,), 1, "tanh")
    theta = initial_theta(architecture, "glorot", generator(0, "weights"))
    settings = Settings(parse_optimizer(text), 8, epochs, **more)
    return data.weights, [
        Member(architecture, theta, data, "sigmoid_cross_entropy", 0.1, settings, rows, held_out)
        for rows, held_out in folds(y, seed=0)[:n_folds]
    ]


def given_curves(monkeypatch, weights, *curves, troubles=None):
    """The curve of folds that came to these losses on rows 0 and 1, on row 2, …

    ``troubles``: the epoch, from 1, that a fold diverged in.
    """
    held_out = [np.array([0, 1]), *(np.array([row]) for row in range(2, 1 + len(curves)))]
    runs = [
        Descent(np.zeros(1), 1, Status.MAX_EPOCHS, [{"valid_loss": value} for value in curve])
        for curve in curves
    ]
    for number, epoch in (troubles or {}).items():
        trouble = Trouble(1, "weights", epoch, epoch, 0.1, "It diverged", "take a smaller rate")
        runs[number] = replace(runs[number], status=Status.DIVERGED, trouble=trouble)
    monkeypatch.setattr(epochs_module, "train_many", lambda *_, **__: runs)
    _, [some, *_] = members()
    return cross_validated_curve(
        [replace(some, held_out=rows) for rows in held_out], np.array(weights)
    )


def test_the_curve_weighs_rows_and_not_folds(monkeypatch):
    curve = given_curves(monkeypatch, [1.0, 2.0, 1.0], [4.0, 2.0], [0.0, 6.0])
    np.testing.assert_allclose(curve, [3.0, 3.0])


def test_a_fold_that_diverged_rules_out_the_epochs_behind(monkeypatch):
    assert given_curves(monkeypatch, np.ones(3), [1.0, 0.5], [1.0]).tolist() == [1.0, np.inf]


@pytest.mark.parametrize("loss", [np.nan, np.inf, 1e9, 0.1])
def test_the_epoch_that_a_fold_exploded_in_is_ruled_out_too(monkeypatch, loss):
    curve = given_curves(monkeypatch, np.ones(3), [3, 2, 1], [3, 2, loss], troubles={1: 3})
    assert curve.tolist() == [3, 2, np.inf]
    with pytest.raises(DivergenceError, match=r"It diverged \(cross-validation\)"):
        given_curves(monkeypatch, np.ones(3), [3, 2, 1], [loss], troubles={1: 1})


def test_the_folds_are_those_that_train_runs_one_by_one():
    weights, folds = members()
    curve = cross_validated_curve(folds, weights)
    expected = np.zeros(6)
    for each in folds:
        run = train(
            each.architecture, each.theta, each.data, each.loss, each.alpha, each.settings,
            rows=each.rows, held_out=each.held_out,
        )  # fmt: skip
        losses = [record["valid_loss"] for record in run.history]
        expected += np.array(losses) * weights[each.held_out].sum() / weights.sum()
    np.testing.assert_allclose(curve, expected, rtol=1e-14)


def test_folds_that_diverge_at_once_are_an_error_that_says_where():
    weights, folds = members("sgd:lr=1e300")
    with pytest.raises(DivergenceError, match=r"layer . .*cross-validation.*smaller learning"):
        cross_validated_curve(folds, weights)


class CtrlC:
    """A person who stops it all, at the fifth epoch of any fold."""

    def __init__(self):
        self.epochs = 0

    def epoch(self, record):
        self.epochs += 1
        if self.epochs == 5:
            raise KeyboardInterrupt

    def network(self, spared):
        raise AssertionError("no fold comes to its end")


def test_ctrl_c_in_a_fold_ends_the_whole():
    weights, folds = members(epochs=10**6)
    with pytest.raises(KeyboardInterrupt):
        cross_validated_curve(folds, weights, CtrlC())
