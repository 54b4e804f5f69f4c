import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.counter_based_random import generator
from thalweg.data.group_folds import dealt_groups
from thalweg.errors import DivergenceError, Status, ThalwegWarning
from thalweg.estimators.learning import train_networks as learn_module
from thalweg.estimators.learning.early_stopping_splits import folds, holdout, stopping
from thalweg.estimators.learning.encoded_training_data import Lesson, place, starting_point
from thalweg.estimators.learning.train_networks import Recipe, by_folds
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.mean_of_networks import mean_curve
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


def test_classes_that_do_not_part_evenly_leave_the_folds_even():
    # Seven rows each: two folds get one more of every class, and not always the same two.
    sizes = [len(held_out) for _, held_out in folds(np.repeat(np.arange(6.0), 7), seed=0)]
    assert sorted(sizes) == [8, 8, 8, 9, 9]
    sizes = [len(held_out) for _, held_out in folds(np.repeat([0.0, 1.0], 7), seed=0)]
    assert sorted(sizes) == [2, 3, 3, 3, 3]


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
        ("auto", 99_999, "folds"),
        ("auto", 100_000, "hold-out"),
        ("cross-validation", 100, "cross-validation"),
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
    assert len(found.splits) == {"folds": 5, "cross-validation": 5, "hold-out": 1, "none": 0}[way]


@pytest.mark.parametrize("early_stopping", ["auto", True])
def test_a_class_of_one_row_is_said_aloud(early_stopping):
    y = np.array([0.0] * 20 + [1.0])
    with pytest.warns(
        ThalwegWarning, match="too few different rows.*training loss ends.*early_stopping=False"
    ):
        assert stopping(early_stopping, y, 0.1, seed=0).way == "none"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stopping(False, y, 0.1, seed=0)


def given_curve(shares, *curves, troubles=None):
    """The curve of folds that came to these losses; ``troubles``: in which epoch one diverged."""
    runs = [
        Descent(np.zeros(1), 1, Status.MAX_EPOCHS, [{"valid_loss": value} for value in curve])
        for curve in curves
    ]
    for number, epoch in (troubles or {}).items():
        trouble = Trouble(1, "weights", epoch, epoch, 0.1, "It diverged", "take a smaller rate")
        runs[number] = replace(runs[number], status=Status.DIVERGED, trouble=trouble)
    return mean_curve(runs, [np.array(curve) for curve in curves], shares)


def test_the_curve_weighs_rows_and_not_folds():
    curve = given_curve([3.0, 1.0], [4.0, 2.0], [0.0, 6.0])
    np.testing.assert_allclose(curve, [3.0, 3.0])


def test_a_fold_that_diverged_rules_out_the_epochs_behind():
    assert given_curve([2.0, 1.0], [1.0, 0.5], [1.0]).tolist() == [1.0, np.inf]


def test_numbers_without_an_epoch_in_the_history_are_left_out():
    runs = [
        Descent(np.zeros(1), 1, Status.MAX_EPOCHS, [{"valid_loss": 0.0}] * n_epochs)
        for n_epochs in (3, 2)
    ]
    curves = [np.array([3.0, 2.0, 1.0]), np.array([5.0, 4.0, 0.0])]
    assert mean_curve(runs, curves, [1.0, 1.0]).tolist() == [4.0, 3.0, np.inf]


@pytest.mark.parametrize("loss", [np.nan, np.inf, 1e9, 0.1])
def test_the_epoch_that_a_fold_exploded_in_is_ruled_out_too(loss):
    curve = given_curve([2.0, 1.0], [3, 2, 1], [3, 2, loss], troubles={1: 3})
    assert curve.tolist() == [3, 2, np.inf]
    with pytest.raises(DivergenceError, match=r"It diverged \(cross-validation\)"):
        given_curve([2.0, 1.0], [3, 2, 1], [loss], troubles={1: 1})


def lesson(n_rows=40, n_given=0):
    rng = generator(0, "weights", 5)
    X, y = rng.standard_normal((n_rows, 3)), np.arange(n_rows) % 2.0
    weights = rng.uniform(0.5, 4, n_rows)
    return Lesson(X, y, weights, Classes.equal(np.array([0, 1])), n_given=n_given)


def recipe(text="adam:lr=0.05", epochs=6, **more):
    settings = Settings(parse_optimizer(text), 8, epochs)
    return Recipe((4,), "tanh", "float64", 0.1, settings, threads=2, **more)


def test_the_folds_are_those_that_train_runs_one_by_one():
    table, how = lesson(), recipe()
    splits = folds(table.y, seed=0)
    curve = by_folds(table, how, splits).curve
    expected = np.zeros(6)
    for number, (rows, held_out) in enumerate(splits, 1):
        here = place(table, rows, "float64")
        network = starting_point(here, how.hidden, how.activation, 0, number)
        run = train(
            *network, here.data, "sigmoid_cross_entropy", 0.1, how.settings,
            rows=rows, held_out=held_out,
        )  # fmt: skip
        losses = [record["valid_loss"] for record in run.history]
        expected += np.array(losses) * table.weights[held_out].sum() / table.weights.sum()
    np.testing.assert_allclose(curve, expected, rtol=1e-14)


def test_folds_that_diverge_at_once_are_an_error_that_says_where():
    table = lesson()
    with pytest.raises(DivergenceError, match=r"layer . .*cross-validation.*smaller learning"):
        by_folds(table, recipe("sgd:lr=1e300"), folds(table.y, seed=0))


def test_ctrl_c_in_a_fold_ends_all_of_them(monkeypatch):
    calls = []

    def steps(self, *arguments):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return untouched(self, *arguments)

    untouched = CompiledEngine.steps
    monkeypatch.setattr(CompiledEngine, "steps", steps)
    table = lesson()
    found = by_folds(table, recipe(epochs=10**6), folds(table.y, seed=0))
    assert len(calls) < 20
    assert found.curve is None
    assert {each.status for each in found.networks} == {Status.INTERRUPTED}


groups_of_rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 8)), min_size=4, max_size=80
).map(np.array)


@given(groups_of_rows, st.integers(0, 2**32 - 1))
def test_no_group_stands_on_both_sides(table, seed):
    y = table[:, 0].astype(float)
    _, groups = np.unique(table[:, 1], return_inverse=True)
    for splits in (folds(y, seed, groups), holdout(y, 0.1, seed, groups)):
        for rows, held_out in splits:
            assert not set(groups[rows]) & set(groups[held_out])
            assert np.array_equal(np.sort(np.concatenate([rows, held_out])), np.arange(len(y)))
    if groups.max() > 0:
        held = [held_out for _, held_out in folds(y, seed, groups)]
        assert len(held) == min(5, groups.max() + 1)
        assert np.array_equal(np.sort(np.concatenate(held)), np.arange(len(y)))
        assert all(len(each) for each in held)


@pytest.mark.parametrize("seed", range(5))
def test_groups_of_one_class_each_leave_no_fold_empty(seed):
    # Three groups of one class and two of the other: each fold gets one.
    y, groups = np.repeat([0.0, 0, 0, 1, 1], 4), np.repeat(np.arange(5), 4)
    held = [held_out.tolist() for _, held_out in folds(y, seed, groups)]
    assert sorted(held) == [list(range(4 * k, 4 * k + 4)) for k in range(5)]


def test_groups_keep_the_share_of_each_class():
    rng = generator(3, "weights")
    groups = rng.integers(0, 60, 900)
    y = (rng.random(900) < 0.2).astype(float)
    for _, held_out in folds(y, 0, groups):
        assert abs(len(held_out) - 180) < 30
        assert abs(y[held_out].mean() - y.mean()) < 0.04


def test_one_group_cannot_be_parted():
    with pytest.warns(ThalwegWarning, match="too few groups"):
        assert stopping("auto", np.arange(40) % 2.0, 0.1, 0, np.zeros(40, int)).way == "none"


def test_each_deal_of_the_folds_is_another():
    y = np.arange(50) % 2.0
    way, splits = stopping("folds", y, 0.1, seed=0, rounds=3)
    assert (way, len(splits)) == ("folds", 15)
    deals = [tuple(tuple(out) for _, out in splits[5 * k : 5 * k + 5]) for k in range(3)]
    assert len(set(deals)) == 3
    assert deals[0] == tuple(tuple(out) for _, out in folds(y, 0))
    assert len(stopping("cross-validation", y, 0.1, seed=0, rounds=3).splits) == 5


several = st.lists(st.integers(0, 4), min_size=6, max_size=80).map(lambda y: np.array(y, float))


@given(several, st.integers(0, 2**32 - 1))
def test_a_rare_class_among_several_spoils_no_fold(y, seed):
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 3:
        return
    splits = folds(y, seed)
    assert len(splits) == (min(5, counts.max()) if counts.max() > 1 else 0)
    for rows, held_out in [*splits, *holdout(y, 0.2, seed)]:
        assert np.array_equal(np.sort(np.concatenate([rows, held_out])), np.arange(len(y)))
        assert len(held_out)
        assert set(y[rows]) == set(y), "every class is learned"
    held = np.concatenate([out for _, out in splits]) if splits else []
    singles = np.isin(y, classes[counts == 1])
    assert sorted(held) == (np.flatnonzero(~singles).tolist() if splits else [])


def test_rows_are_dealt_one_by_one_and_each_class_goes_on_where_the_one_before_stopped():
    order = [generator(7, "folds", 0).permutation(12), 12 + generator(7, "folds", 1).permutation(9)]
    dealt = np.concatenate(order)
    held = [held_out.tolist() for _, held_out in folds(np.repeat([0.0, 1.0], [12, 9]), seed=7)]
    assert held == [sorted(dealt[k::5].tolist()) for k in range(5)]


def test_a_recipe_that_names_no_threads_runs_one_network_at_a_time(monkeypatch):
    within, limits = learn_module._within, []
    monkeypatch.setattr(
        learn_module, "_within", lambda member, limit: limits.append(limit) or within(member, limit)
    )
    table = lesson()
    settings = Settings(parse_optimizer("lbfgs"), None, 2)
    how = Recipe((4,), "tanh", "float64", 0.1, settings)
    by_folds(table, how, folds(table.y, seed=0), time_limit=600.0)
    assert limits == [120.0] * 5


@pytest.mark.parametrize(
    ("n_rows", "fraction", "n_held_out"),
    [
        (100, 0.1, 10),
        (100, 0.2, 20),
        (100, 0.9, 50),  # at least two groups of folds, so a half at most
        (15, 0.1, 5),  # ten of 15 rows are wanted: two folds, of two groups and of one
    ],
)
def test_of_groups_of_one_size_the_fraction_is_held_out(n_rows, fraction, n_held_out):
    groups = np.arange(n_rows) // 5
    [(rows, held_out)] = holdout(np.zeros(n_rows), fraction, 0, groups)
    assert len(rows) + len(held_out) == n_rows
    assert len(held_out) in (n_held_out, n_rows - n_held_out)
    assert n_rows == 15 or len(held_out) == n_held_out


def test_the_only_row_of_a_class_among_several_is_never_held_out():
    y = np.repeat([0.0, 1.0, 2.0], [12, 1, 7])
    assert 12 not in np.concatenate([held_out for _, held_out in folds(y, seed=0)])


def test_ctrl_c_in_a_fold_leaves_no_curve_though_another_fold_was_done(monkeypatch):
    table, splits = lesson(), None
    splits = folds(table.y, seed=0)
    done = train_many_of(table, splits)
    cut = [done[0], *(replace(each, status=Status.INTERRUPTED) for each in done[1:])]
    monkeypatch.setattr(learn_module, "train_many", lambda *_, **__: cut)
    assert by_folds(table, recipe(), splits).curve is None
    monkeypatch.setattr(learn_module, "train_many", lambda *_, **__: done)
    assert by_folds(table, recipe(), splits).curve is not None


def train_many_of(table, splits):
    """The runs of some folds."""
    kept, run = [], learn_module.train_many

    def spy(*given, **named):
        kept.extend(run(*given, **named))
        return kept

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn_module, "train_many", spy)
        by_folds(table, recipe(), splits)
    return kept


def test_splits_do_not_look_at_validation_rows():
    whole = lesson()
    assert whole.codes.tolist() == whole.y.tolist()
    assert replace(whole, n_given=3).codes.tolist() == whole.y[:-3].tolist()


def test_groups_are_dealt_in_the_order_of_the_seed_and_the_deal():
    groups = np.arange(60) // 3
    for deal, stream in ((0, (0,)), (2, (2, 0))):
        fold = dealt_groups(np.zeros(60, int), groups, 5, generator(7, "folds", *stream))
        held = [held_out.tolist() for _, held_out in folds(np.zeros(60), 7, groups, deal)]
        assert held == [np.flatnonzero(fold == k).tolist() for k in range(5)]
