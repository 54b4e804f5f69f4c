import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import thalweg.data
from thalweg.data.canonical_rows import row_groups
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation import judged_table
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.judging.two_class_metrics import judge, paired_difference
from thalweg.evaluation.splits import holdout_split
from thalweg.evaluation.task_judging import TwoClasses, task_of

WISCONSIN = Path(thalweg.data.__file__).parent / "datasets" / "wisconsin.csv"


def wisconsin():
    table = pd.read_csv(WISCONSIN)
    X = table.drop(columns=["sample_id", "class"])
    return X, X.to_numpy(dtype=np.float64), table["class"].to_numpy(dtype=object)


def blobs(n=200, seed=0):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(n, 2))
    y = np.where(matrix[:, 0] + 0.7 * random.normal(size=n) > 0.3, "ill", "well").astype(object)
    return pd.DataFrame(matrix, columns=["a", "b"]), matrix, y


class Told:
    """A model that answers with given probabilities and notes what it was shown."""

    def __init__(self, answer=lambda X: np.full(len(X), 0.5), classes=("ill", "well")):
        self.answer, self.classes = answer, classes

    def fit(self, X, y):
        self.X, self.y, self.classes_ = X, y, np.array(self.classes, dtype=object)

    def predict_proba(self, X):
        self.asked = X
        p = self.answer(X)
        return np.column_stack([p if name == "ill" else 1 - p for name in self.classes])


class Grouped(Told):
    """The same, fitted with groups."""

    def fit(self, X, y, groups):
        super().fit(X, y)


# ---- the split


@pytest.mark.parametrize("seed", range(12))
def test_a_set_of_equal_rows_overshoots_by_less_than_is_lacking(seed):
    # Two rows are wanted. A set of three brings one too many, a set of four two too many.
    sets = np.repeat(np.arange(5.0), [4, 4, 4, 4, 3])
    _, test = holdout_split(sets[:, None], np.zeros(19, int), fraction=0.1, seed=seed)
    assert sets[test].tolist() == [4, 4, 4]
    # Where only such sets are there, one is taken all the same: the last resort.
    _, test = holdout_split(sets[:16, None], np.zeros(16, int), fraction=0.1, seed=seed)
    assert len(test) == 4
    assert len(set(sets[test])) == 1


def test_split_of_the_wisconsin_table_keeps_its_proportions():
    _, matrix, y = wisconsin()
    groups = row_groups(matrix)
    most_common = np.bincount(groups).argmax()
    drawn = 0
    for seed in range(60):
        train, test = holdout_split(matrix, y, seed=seed)
        assert len(train) + len(test) == len(np.union1d(train, test)) == 699
        assert not set(groups[train]) & set(groups[test])
        # A fifth of the 458 and of the 241, to the row.
        assert (y[test] == "benign").sum() == 92
        assert (y[test] == "malignant").sum() == 48
        drawn += most_common in groups[test]
    # The most common row (27 times) is neither always nor never in the test set.
    assert 2 <= drawn <= 25


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=8, max_size=120),
    st.sampled_from([0.1, 0.2, 0.5]),
    st.integers(0, 10),
)
@settings(max_examples=150, deadline=None)
def test_split_keeps_equal_rows_together_or_says_why_not(rows, fraction, seed):
    X, y = np.array([[r[0]] for r in rows], dtype=float), np.array([r[1] for r in rows])
    kinds = [len(np.unique(X[y == label])) for label in np.unique(y)]
    if min(kinds) < 2:
        said = "too few rows of class" if len(np.unique(X)) > 1 else "rows are equal in every"
        with pytest.raises(DataError, match=said):
            holdout_split(X, y, fraction=fraction, seed=seed)
        return
    try:
        train, test = holdout_split(X, y, fraction=fraction, seed=seed)
    except DataError:
        # Only if the groups are large compared with the test set.
        assert np.bincount(X[:, 0].astype(int)).max() > 1
        return
    assert np.array_equal(np.union1d(train, test), np.arange(len(X)))
    assert len(train) + len(test) == len(X)
    assert not set(X[train, 0]) & set(X[test, 0])
    for label in np.unique(y):
        assert label in y[train]
        assert label in y[test]
        wanted = max(1, round(fraction * (y == label).sum()))
        largest = np.unique(X[y == label], return_counts=True)[1].max()
        assert (y[test] == label).sum() < 2 * wanted or largest > wanted


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_split_is_exact_where_all_rows_differ(seed):
    X, y = np.arange(103.0)[:, np.newaxis], np.arange(103) % 3
    _, test = holdout_split(X, y, seed=seed)
    assert np.bincount(y[test]).tolist() == [7, 7, 7]  # 20 % of 35, 34, 34


def test_split_does_not_depend_on_the_order_of_the_table():
    _, matrix, y = wisconsin()
    shuffled = np.random.default_rng(3).permutation(len(y))
    train, test = holdout_split(matrix, y, seed=7)
    again_train, again_test = holdout_split(matrix[shuffled], y[shuffled], seed=7)
    assert np.array_equal(np.sort(shuffled[again_test]), test)
    assert np.array_equal(np.sort(shuffled[again_train]), train)
    assert not np.array_equal(holdout_split(matrix, y, seed=8)[1], test)


def test_every_row_is_tested_about_as_often_as_any_other():
    X, y = np.arange(40.0)[:, np.newaxis], np.arange(40) % 2
    times = np.zeros(40)
    for seed in range(500):
        times[holdout_split(X, y, seed=seed)[1]] += 1
    assert times.sum() == 500 * 8
    assert np.abs(times - 100).max() < 5 * math.sqrt(500 * 0.2 * 0.8)


def test_split_of_few_large_groups_still_finds_a_test_part():
    X = np.repeat(np.arange(4.0), 50)[:, np.newaxis]
    y = np.tile([0, 1], 100)
    for seed in range(10):
        _, test = holdout_split(X, y, seed=seed)
        assert len(test) == 50  # 20 are wanted of each class, a group brings 25


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[1.0], [2.0], [3.0], [4.0]], ["a", "a", "a", "rare"]),
        ([[1.0], [2.0], [3.0], [9.0], [9.0], [9.0]], ["a", "a", "a", "rare", "rare", "rare"]),
    ],
)
def test_a_class_that_cannot_stand_on_both_sides_is_an_error(X, y):
    with pytest.raises(DataError, match="too few rows of class") as raised:
        holdout_split(np.array(X), np.array(y), seed=0)
    assert '"rare"' in raised.value.what or '"a"' in raised.value.what
    assert "in the table" in raised.value.where
    assert raised.value.why
    assert raised.value.fix


def test_features_that_do_not_differ_are_to_blame_and_not_a_class():
    for X in ([[np.nan]] * 6, [[5.0, np.nan]] * 6):
        with pytest.raises(DataError, match="All 6 rows are equal in every feature") as raised:
            holdout_split(np.array(X), np.array(["a", "rare"] * 3), seed=0)
        assert raised.value.fix == "give a column in which the rows differ"


@pytest.mark.parametrize("fraction", [0, 1, -0.2, 1.5, math.nan])
def test_a_fraction_that_is_none_is_refused(fraction):
    with pytest.raises(SettingsError, match="cannot have the fraction"):
        holdout_split(np.zeros((4, 1)), np.zeros(4), fraction=fraction, seed=0)


# ---- the judgement


def test_model_is_fitted_on_the_training_part_and_judged_on_the_rest():
    X, matrix, y = blobs()
    model = Told()
    verdict = judge_on_holdout(model, X, y, positive="ill", seed=3, matrix=matrix)
    train, test = holdout_split(matrix, y, seed=3)
    pd.testing.assert_frame_equal(model.X, X.iloc[train])
    assert model.y.tolist() == y[train].tolist()
    pd.testing.assert_frame_equal(model.asked, X.iloc[test])
    assert (verdict.n_train, verdict.n_test) == (len(train), len(test))
    assert (verdict.facts["positive"], verdict.facts["negative"]) == ("ill", "well")


@pytest.mark.parametrize("classes", [("ill", "well"), ("well", "ill")])
def test_numbers_are_those_of_judge_on_the_test_rows(classes):
    X, matrix, y = blobs()

    def answer(rows):
        return 1 / (1 + np.exp(-3 * rows["a"].to_numpy()))

    verdict = judge_on_holdout(
        Told(answer, classes), X, y, positive="ill", seed=3, fraction=0.3, matrix=matrix
    )
    train, test = holdout_split(matrix, y, seed=3, fraction=0.3)
    truth, p = y[test] == "ill", answer(X.iloc[test])
    assert verdict.network == judge(truth, p, seed=3)
    rates = {}
    part = TrainingPart(matrix[train], y[train] == "ill", np.ones(len(train)))
    for name, baseline in TwoClasses("ill", "well").baselines().items():
        rates[name] = baseline(part)(matrix[test])
        assert verdict.baselines[name] == judge(truth, rates[name], seed=3)
    for name, rate in rates.items():
        assert verdict.differences[name].difference == paired_difference(truth, p, rate, 3)


def test_a_rival_is_judged_by_the_same_code_and_one_seed_gives_one_verdict():
    X, matrix, y = blobs()
    rival = LogisticRegression()
    first = judge_on_holdout(rival, X, y, positive="ill", seed=0, matrix=matrix)
    again = judge_on_holdout(LogisticRegression(), X, y, positive="ill", seed=0, matrix=matrix)
    assert first == again
    assert first != judge_on_holdout(rival, X, y, positive="ill", seed=1, matrix=matrix)
    assert first.network.metrics["auc"].value > 0.8


def test_either_class_can_be_the_positive_one():
    X, matrix, y = blobs()
    ill, well = (
        judge_on_holdout(LogisticRegression(), X, y, positive=name, seed=0, matrix=matrix)
        for name in ("ill", "well")
    )
    assert ill.network.metrics["sensitivity"] == well.network.metrics["specificity"]
    assert (well.facts["positive"], well.facts["negative"]) == ("well", "ill")


def test_labels_may_be_numbers():
    X, matrix, y = blobs()
    verdict = judge_on_holdout(
        LogisticRegression(), X, (y == "ill").astype(int), positive=1, seed=0, matrix=matrix
    )
    assert (verdict.facts["positive"], verdict.facts["negative"]) == ("1", "0")
    assert verdict.network.metrics["auc"].value > 0.8


def test_nothing_of_the_test_rows_reaches_what_the_baselines_learned(monkeypatch):
    X, matrix, y = blobs()
    train, test = holdout_split(matrix, y, seed=0)
    monkeypatch.setattr(judged_table, "holdout_split", lambda *_, **__: (train, test))
    poisoned = matrix.copy()
    poisoned[test] = np.random.default_rng(9).normal(size=(len(test), 2)) * 1e6
    poisoned[test[:5]] = np.nan  # would switch on an indicator
    swapped = y.copy()
    swapped[test] = np.where(y[test] == "ill", "well", "ill")

    fitted = []

    def kept(baseline):
        def fit(part):
            fitted.append((part, baseline(part)))
            return fitted[-1][1]

        return fit

    own = {name: kept(each) for name, each in TwoClasses("ill", "well").baselines().items()}
    monkeypatch.setattr(TwoClasses, "baselines", lambda task: own)
    for table, labels in ((matrix, y), (poisoned, swapped)):
        judge_on_holdout(Told(), X, labels, positive="ill", seed=0, matrix=table)

    assert len(fitted) == 6
    for (clean, before), (part, after) in zip(fitted[:3], fitted[3:], strict=True):
        for name in ("X", "y", "weights"):
            assert getattr(part, name).tobytes() == getattr(clean, name).tobytes(), name
        assert after(matrix).tobytes() == before(matrix).tobytes()


@pytest.mark.parametrize(
    ("y", "positive", "says"),
    [
        (["ill", "well"] * 20, "sick", 'choose one of "ill", "well"'),
        (["ill"] * 40, "ill", "1 class, "),
        (["ill", "well", "so-so", "well"] * 10, "ill", "3 different values"),
    ],
)
def test_what_is_not_two_classes_is_refused(y, positive, says):
    matrix = np.arange(40.0)[:, np.newaxis]
    with pytest.raises(DataError, match=says):
        judge_on_holdout(
            Told(), pd.DataFrame(matrix), np.array(y), positive=positive, seed=0, matrix=matrix
        )


def of_few(kinds=6, n=240, seed=0):
    """Rows with few different features, and classes of which nothing can be known."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, kinds, n)
    matrix = np.column_stack([codes % 2, codes // 2]).astype(float)
    y = np.where(random.random(n) < 0.5, "ill", "well").astype(object)
    return pd.DataFrame(matrix, columns=["a", "b"]), matrix, y


@pytest.mark.parametrize("kinds", [4, 6, 25])
def test_few_different_rows_show_no_difference(kinds):
    X, matrix, y = of_few(kinds)
    worst = Told(lambda X: np.full(len(X), 0.001))
    train, test = holdout_split(matrix, y, seed=0)
    n_different = len(np.unique(matrix[test], axis=0))
    assert 0 < n_different < 6
    assert not set(map(tuple, matrix[test])) & set(map(tuple, matrix[train]))
    verdict = judge_on_holdout(worst, X, y, positive="ill", seed=0, matrix=matrix)
    assert {each.verdict for each in verdict.differences.values()} == {"undecided"}
    told = "all equal" if n_different == 1 else f"only {n_different} different rows"
    assert verdict.how.endswith(f"{len(test)} held out ({told}; equal rows stay together)")
    assert f"CAUTION: these {len(test)} test rows are {told}" in verdict.sentence
    assert "fewer than 6 different rows cannot show it" in verdict.sentence
    assert "is better than" not in verdict.sentence
    fix = "add a column in which" if kinds == 4 else "with thalweg evaluate."
    assert fix in verdict.sentence
    # Rows of other groups count each, and so do all where they differ.
    named = judge_on_holdout(
        Grouped(worst.answer), X, y, positive="ill", seed=0, matrix=matrix,
        groups=np.arange(240) % 60,
    )  # fmt: skip
    assert "different" not in named.how + named.sentence
    assert "worse" in {each.verdict for each in named.differences.values()}


def test_the_folds_of_a_fix_have_different_rows_of_each_class():
    X, matrix, _ = of_few(9)
    different = np.unique(matrix, axis=0, return_inverse=True)[1].ravel()
    y = np.where(different < 3, "ill", "well").astype(object)
    verdict = judge_on_holdout(Told(), X, y, positive="ill", seed=0, matrix=matrix)
    assert "with thalweg evaluate and --folds 3." in verdict.sentence


@pytest.mark.parametrize(("sizes", "folds"), [((5, 5), ""), ((4, 6, 5), " and --folds 4")])
def test_a_fix_names_folds_only_where_the_smallest_class_cannot_have_five(sizes, folds):
    codes = np.arange(240) % sum(sizes)
    matrix, y = codes[:, None].astype(float), np.repeat(["a", "b", "c"][: len(sizes)], sizes)[codes]
    test = holdout_split(matrix, y, seed=0)[1]
    assert len(set(codes[test])) < 6
    verdict = judge_on_holdout(
        LogisticRegression(), pd.DataFrame(matrix, columns=["x"]), y.astype(object),
        task=task_of(y), seed=0, matrix=matrix,
    )  # fmt: skip
    assert f"with thalweg evaluate{folds}." in verdict.sentence


def test_many_different_rows_among_more_are_counted_without_a_caution():
    X, matrix, y = blobs(60)
    many = np.repeat(np.arange(60), 4)
    verdict = judge_on_holdout(
        Told(), X.iloc[many], y[many], positive="ill", seed=0, matrix=matrix[many]
    )
    assert re.search(r"\(only 1\d different rows; equal rows stay together\)$", verdict.how)
    assert "never split" not in verdict.sentence
    twice = np.repeat(np.arange(60), 2)
    verdict = judge_on_holdout(
        Told(), X.iloc[twice], y[twice], positive="ill", seed=0, matrix=matrix[twice]
    )
    assert "different" not in verdict.how


def test_as_dict_is_strict_json():
    X, matrix, y = blobs()
    verdict = judge_on_holdout(Told(), X, y, positive="ill", seed=0, matrix=matrix)
    plain = verdict.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["network"] == verdict.network.as_dict()
    assert list(plain["baselines"]) == list(TwoClasses("ill", "well").baselines())
    assert list(plain["differences"]) == list(TwoClasses("ill", "well").baselines())


def test_the_commoner_class_is_that_of_the_training_part():
    X, matrix, _ = blobs(300)
    for rare in ("ill", "well"):
        other = "well" if rare == "ill" else "ill"
        y = np.where(matrix[:, 0] > 0.8, rare, other).astype(object)
        verdict = judge_on_holdout(
            LogisticRegression(), X, y, positive="ill", seed=0, matrix=matrix
        )
        assert (
            f'better than a constant probability (each row is called "{other}")' in verdict.sentence
        )
