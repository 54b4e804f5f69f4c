"""Named groups stay together, whatever their sizes, and classes are kept in proportion."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.dates.date_reading import DateReading
from thalweg.data.dates.time_windows import TimeOrder
from thalweg.data.group_folds import dealt_groups
from thalweg.errors import DataError
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.splits import fold_splits, holdout_split

SEEDS = st.integers(0, 2**32 - 1)
# A group's name, and whether the row is of the second class.
ROWS = st.lists(st.tuples(st.integers(0, 11), st.booleans()), min_size=12, max_size=150)


def taken_apart(rows):
    names = np.array([f"patient {name}" for name, _ in rows])
    y = np.array(["ill" if ill else "well" for _, ill in rows], dtype=object)
    return np.zeros((len(rows), 1)), y, names


def groups_of_class(y, names):
    return [len(set(names[y == label])) for label in np.unique(y)]


@given(ROWS, SEEDS)
def test_a_holdout_parts_no_group(rows, seed):
    X, y, names = taken_apart(rows)  # all rows are equal, which does not hold them together
    try:
        train, test = holdout_split(X, y, seed=seed, groups=names)
    except DataError:
        # Where a class is known by few groups only, it may be lacking.
        assert min(groups_of_class(y, names)) < 5
        return
    assert np.array_equal(np.union1d(train, test), np.arange(len(y)))
    assert not set(names[train]) & set(names[test])
    assert set(y[train]) == set(y[test]) == set(y)


@given(ROWS, SEEDS, st.integers(2, 6))
def test_folds_part_no_group_and_test_each_row_once(rows, seed, n_folds):
    X, y, names = taken_apart(rows)
    try:
        splits = fold_splits(X, y, n_folds=n_folds, seed=seed, groups=names)
    except DataError:
        assert len(set(names)) < n_folds or min(groups_of_class(y, names)) < n_folds
        return
    assert len(splits) == n_folds
    assert np.array_equal(np.sort(np.concatenate([t for _, t in splits])), np.arange(len(y)))
    for train, test in splits:
        assert len(test)
        assert not set(names[train]) & set(names[test])
        assert set(y[train]) == set(y)


def visits(n_patients=100, seed=0):
    """Patients who come one to six times, and are ill or well for good."""
    rng = np.random.default_rng(seed)
    times, ill = rng.integers(1, 7, n_patients), rng.random(n_patients) < 0.3
    which = np.repeat(np.arange(n_patients), times)
    return np.zeros((len(which), 1)), ill[which], which


def test_the_share_of_rows_and_of_each_class_is_kept():
    X, ill, which = visits()
    _, test = holdout_split(X, ill, seed=1, groups=which)
    assert len(test) == pytest.approx(0.2 * len(ill), abs=3)
    assert ill[test].mean() == pytest.approx(ill.mean(), abs=0.03)
    for _, test in fold_splits(X, ill, n_folds=5, seed=1, groups=which):
        assert len(test) == pytest.approx(0.2 * len(ill), abs=3)
        assert ill[test].mean() == pytest.approx(ill.mean(), abs=0.03)
    _, most = holdout_split(X, ill, fraction=0.75, seed=1, groups=which)
    assert len(most) == pytest.approx(0.75 * len(ill), abs=4)


@pytest.mark.parametrize("fraction", [0.2, 0.25, 0.4])
def test_what_is_held_out_of_most_groups_is_the_rest_of_what_is_held_out_of_few(fraction):
    X, ill, which = visits()
    for seed in range(4):
        few, most = (
            holdout_split(X, ill, fraction=share, seed=seed, groups=which)
            for share in (fraction, 1 - fraction)
        )
        assert np.array_equal(few[1], most[0])
        assert np.array_equal(few[0], most[1])
        assert len(few[1]) == pytest.approx(len(ill) / round(1 / fraction), abs=3)


def test_groups_of_one_size_are_held_out_to_the_row():
    # Drawn one by one they would be, too, but not with a class in proportion.
    which, sizes = np.repeat(np.arange(12), 20), np.tile([1, 19], 6)
    ill = np.arange(240) % 20 < sizes[which]
    for seed in range(8):
        _, test = holdout_split(np.zeros((240, 1)), ill, fraction=1 / 6, seed=seed, groups=which)
        assert (len(test), ill[test].sum()) == (40, 20)


def test_the_order_of_the_table_does_not_count_and_the_seed_does():
    X, ill, which = visits()
    turned = np.random.default_rng(3).permutation(len(ill))
    once = set(which[holdout_split(X, ill, seed=7, groups=which)[1]])
    again = holdout_split(X, ill[turned], seed=7, groups=which[turned])[1]
    assert set(which[turned][again]) == once
    assert set(which[holdout_split(X, ill, seed=8, groups=which)[1]]) != once


def test_the_largest_group_is_tested_about_once_in_five():
    X, ill, which = visits()
    which = np.where(which < 15, 0, which)
    tested = [0 in which[holdout_split(X, ill, seed=s, groups=which)[1]] for s in range(200)]
    assert np.sum(tested) == pytest.approx(40, abs=5 * np.sqrt(200 * 0.2 * 0.8))


def test_a_rare_class_is_on_both_sides_where_it_can_be():
    which = np.repeat(np.arange(20), 10)
    kinds = np.where((which == 3) | (which == 11), 2, np.arange(200) % 2)
    for seed in range(20):
        train, test = holdout_split(np.zeros((200, 1)), kinds, seed=seed, groups=which)
        assert set(kinds[train]) == set(kinds[test]) == {0, 1, 2}


@pytest.mark.parametrize("sizes", [[100, 100, 100, 100, 20], [1, 1, 1, 1, 500], [7] * 5])
def test_as_many_groups_as_folds_are_a_fold_each(sizes):
    which = np.repeat(np.arange(5), sizes)
    for seed in range(10):
        fold = dealt_groups(np.arange(len(which)) % 2, which, 5, np.random.default_rng(seed))
        assert len({tuple(np.unique(which[fold == k])) for k in range(5)}) == 5


def test_a_deal_is_the_best_next_move():
    # By brute force: every group goes where Σ over folds and classes of load² grows the least.
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 30, 400)
    codes = (rng.random(400) < 0.1 + 0.02 * groups).astype(int)
    fold = dealt_groups(codes, groups, 4, np.random.default_rng(0))
    share = np.array([np.bincount(codes[groups == g], minlength=2) for g in range(30)])
    order = np.random.default_rng(0).permutation(30)
    order = sorted(order, key=lambda g: -share[g].sum())
    load, share = np.zeros((4, 2)), share / share.sum(axis=0)
    for group in order:
        after = [np.sum((load + np.outer(np.arange(4) == k, share[group])) ** 2) for k in range(4)]
        chosen = int(fold[groups == group][0])
        assert after[chosen] == pytest.approx(min(after), rel=1e-12)
        load[chosen] += share[group]


@pytest.mark.parametrize(
    ("y", "names", "says"),
    [
        ([0, 1, 0, 1], ["a"] * 4, 'All 4 rows are of one group: "a"'),
        ([0, 1, 0, 0, 0, 0], ["a", "a", "b", "b", "c", "c"], 'class "1".*rows of one group stay'),
    ],
)
def test_what_cannot_be_held_out_is_reported(y, names, says):
    with pytest.raises(DataError, match=says):
        holdout_split(np.zeros((len(y), 1)), np.array(y), seed=0, groups=np.array(names))


@pytest.mark.parametrize(
    ("y", "names", "says"),
    [
        ([0, 1, 0, 1], list("aabb"), r"too few groups for 3 folds \(2 in the table\)"),
        ([0, 1, 1, 0, 0, 0], list("aaabcd"), 'All rows of class "1" are in one fold'),
    ],
)
def test_what_cannot_be_folded_is_reported(y, names, says):
    with pytest.raises(DataError, match=says):
        fold_splits(np.zeros((len(y), 1)), np.array(y), n_folds=3, seed=0, groups=np.array(names))


# ---- judgements


class Spy:
    """Answers the share of the ill, and keeps which rows, of which groups, it was shown."""

    def __init__(self, shown):
        self.shown = shown

    def fit(self, X, y, **more):
        self.shown.append((X.index.to_numpy(), more))
        self.classes_, self.p = np.array(["ill", "well"], dtype=object), np.mean(y == "ill")

    def predict_proba(self, X):
        return np.tile([self.p, 1 - self.p], (len(X), 1))


def judged(how, groups):
    X, ill, which = visits()
    shown, y = [], np.where(ill, "ill", "well").astype(object)
    frame = pd.DataFrame({"x": np.random.default_rng(1).normal(size=len(X))})
    of_table = {"positive": "ill", "seed": 0, "matrix": frame.to_numpy()}
    marks = np.array([f"p{w}" for w in which]) if groups else None
    if how == "folds":
        told = judge_by_folds(
            lambda _: Spy(shown), frame, y, **of_table, n_folds=4, n_repeats=1, groups=marks
        )
    else:
        told = judge_on_holdout(Spy(shown), frame, y, **of_table, groups=marks)
    return told, shown, marks


@pytest.mark.parametrize("seed", range(3))
def test_sets_of_one_row_are_spared_for_the_folds_to_come(seed):
    # A fold may have three of these rows, which would leave too few sets for the others.
    sets = np.repeat(np.arange(5.0), [11, 1, 1, 1, 1])
    splits = fold_splits(sets[:, None], np.zeros(15, int), n_folds=5, seed=seed)
    assert sorted(len(np.unique(sets[test])) for _, test in splits) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("how", ["folds", "hold-out"])
def test_a_judgement_hands_the_groups_on_and_says_so(how):
    told, shown, marks = judged(how, groups=True)
    for rows, more in shown:
        assert more["groups"].tolist() == marks[rows].tolist()
        others = np.setdiff1d(np.arange(len(marks)), rows)
        assert not set(marks[rows]) & set(marks[others])
    if how == "folds":
        assert told.how == "Evaluated by 4-fold cross-validation of 100 groups, once"
    else:
        n, taught = len(shown[0][0]), len(set(marks[shown[0][0]]))
        assert told.how == (
            f"Trained on {n} rows of {taught} groups, evaluated on {len(marks) - n} of "
            f"{100 - taught} others"
        )


@pytest.mark.parametrize("how", ["folds", "hold-out"])
def test_without_groups_a_model_hears_of_none(how):
    told, shown, _ = judged(how, groups=False)
    assert all(more == {} for _, more in shown)
    assert "group" not in told.how


def test_the_test_part_is_as_near_to_a_fifth_as_few_groups_let_it_be():
    """One group of 91 %: the test set is the two others, 9 % together, and not that group."""
    which = np.repeat([0, 1, 2], [20, 16, 364])
    y = np.where(np.arange(400) % 2, "ill", "well").astype(object)
    frame, shown = pd.DataFrame({"x": np.arange(400.0)}), []
    for seed in range(10):
        train, test = holdout_split(np.zeros((400, 1)), y, seed=seed, groups=which)
        assert (len(train), len(test)) == (364, 36)
    told = judge_on_holdout(
        Spy(shown), frame, y, positive="ill", seed=0, matrix=frame.to_numpy(), groups=which
    )
    assert "CAUTION: the test set has 9 % of the rows and not 20 %" in told.sentence
    assert "evaluate, the same --group and --folds 3." in told.sentence
    even = np.arange(400) // 10
    calm = judge_on_holdout(
        Spy(shown), frame, y, positive="ill", seed=0, matrix=frame.to_numpy(), groups=even
    )
    assert "--folds" not in calm.sentence


def test_a_report_of_one_test_group_warns_that_it_says_nothing_of_others():
    which = np.arange(400) // 200
    y = np.where(np.arange(400) % 2, "ill", "well").astype(object)
    frame = pd.DataFrame({"x": np.arange(400.0)})
    told = judge_on_holdout(
        Spy([]), frame, y, positive="ill", seed=0, matrix=frame.to_numpy(), groups=which
    )
    assert "all test rows are of one group, and say nothing about other groups" in told.sentence


# --- in time order --------------------------------------------------------------------------------


def timed(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.4, "ill", "well").astype(object)
    return rng.permutation(n) // 2, y


def test_the_test_set_in_time_order_is_the_latest_rows():
    times, y = timed()
    train, test = holdout_split(np.zeros((300, 1)), y, seed=0, times=times)
    assert times[train].max() < times[test].min()
    assert len(test) == 60
    # No seed and no equal rows have a say.
    again = holdout_split(np.arange(300.0)[:, None], y, seed=9, times=times)
    assert np.array_equal(again[1], test)


def test_folds_in_time_order_are_windows():
    times, y = timed()
    splits = fold_splits(np.zeros((300, 1)), y, n_folds=5, seed=0, times=times)
    assert [(len(train), len(test)) for train, test in splits] == [
        (50, 50), (100, 50), (150, 50), (200, 50), (250, 50),
    ]  # fmt: skip
    for train, test in splits:
        assert times[train].max() < times[test].min()


def test_times_that_cannot_split_the_rows():
    times, y = timed()
    X = np.zeros((300, 1))
    for split in (holdout_split, partial(fold_splits, n_folds=3)):
        with pytest.raises(DataError, match="All 300 rows are of one time"):
            split(X, y, seed=0, times=np.zeros(300))
    with pytest.raises(DataError, match=r"different times for 5 windows.*at most 2"):
        fold_splits(X, y, n_folds=5, seed=0, times=times // 50)
    late = np.where(times > 140, "new", y)
    with pytest.raises(DataError, match='No row of class "new" is among the earlier rows'):
        holdout_split(X, late, seed=0, times=times)
    with pytest.raises(DataError, match='No row of class "new" is earlier than window 5'):
        fold_splits(X, late, n_folds=5, seed=0, times=times)
    early = np.where(times < 10, "old", y)
    with pytest.raises(DataError, match='No row of class "old" is among the latest rows'):
        holdout_split(X, early, seed=0, times=times)


@pytest.mark.parametrize(
    ("of_parts", "label"),
    [
        ("aaab", "b"),  # neither the first window nor the rows before it have a "b"
        ("acdb", "c"),  # the first window has a "c", later ones have "b" and "d"
    ],
)
def test_the_class_that_no_earlier_row_has_is_named(of_parts, label):
    y = np.repeat(list(of_parts), 10)
    said = f'No row of class "{label}" is earlier than window 1'
    with pytest.raises(DataError, match=said) as caught:
        fold_splits(np.zeros((40, 1)), y, n_folds=3, seed=0, times=np.arange(40.0))
    assert caught.value.where == "10 in the table"


@pytest.mark.parametrize("how", ["folds", "hold-out"])
def test_a_judgement_hands_the_times_on_and_says_so(how):
    times, y = timed()
    frame, shown = pd.DataFrame({"x": np.arange(300.0)}), []
    order = TimeOrder("day", times + 19_723.0, DateReading())
    more = {"positive": "ill", "seed": 0, "matrix": frame.to_numpy(), "times": order}
    if how == "folds":
        told = judge_by_folds(lambda _: Spy(shown), frame, y, **more, n_folds=4, n_repeats=2)
        assert told.how == (
            "Evaluated on 4 windows of time, each by what learned from the rows before it, "
            "repeated 2 times: the latest 240 rows (80 %), from 2024-01-31 on"
        )
        assert (told.n_train, told.n_test, len(shown)) == (150, 240, 8)
    else:
        for fraction, said in (
            (0.2, "240 rows, evaluated on the latest 60 (20 % of the rows), from 2024-04-30 on"),
            (0.75, "74 rows, evaluated on the latest 226 (75 % of the rows), from 2024-02-07 on"),
        ):
            told = judge_on_holdout(Spy(shown), frame, y, **more, fraction=fraction)
            assert told.how == f"Trained on {said}"
    for rows, given_more in shown:
        assert given_more["time_column"].tolist() == order.values[rows].tolist()


def test_two_groups_that_are_equally_near_to_a_half_are_both_tested_for_some_seed():
    """A quarter and three quarters of the rows are both a quarter away from a half."""
    which, y = np.repeat([0, 1], [10, 30]), np.arange(40) % 2
    tested = {
        int(which[holdout_split(np.zeros((40, 1)), y, fraction=0.5, seed=seed, groups=which)[1][0]])
        for seed in range(20)
    }
    assert tested == {0, 1}


@pytest.mark.parametrize(("n_test", "warns"), [(316, False), (332, True)])
def test_a_test_set_that_leaves_less_than_half_of_the_training_rows_is_cautioned(n_test, warns):
    """Of 400 rows, 160 should be left for training; half of that is 80."""
    which = np.repeat([0, 1], [400 - n_test, n_test])
    y = np.where(np.arange(400) % 2, "ill", "well").astype(object)
    frame = pd.DataFrame({"x": np.arange(400.0)})
    told = judge_on_holdout(
        Spy([]), frame, y, positive="ill", seed=0, fraction=0.6, matrix=frame.to_numpy(),
        groups=which,
    )  # fmt: skip
    assert told.n_test == n_test
    caution = f"the test set has {100 * n_test / 400:.0f} % of the rows and not 60 %"
    assert (caution in told.sentence) == warns
