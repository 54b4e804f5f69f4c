from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss

from thalweg.data.canonical_rows import row_groups
from thalweg.errors import DataError
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.splits import fold_splits
from thalweg.evaluation.task_judging import OneNumber, task_of


def table(n=120, seed=0):
    random = np.random.default_rng(seed)
    matrix = random.integers(0, 4, (n, 3)).astype(float)
    y = np.where(matrix[:, 0] + random.normal(size=n) > 1.5, "ill", "well").astype(object)
    return matrix, y


@given(st.integers(2, 6), st.integers(0, 1000))
def test_every_row_is_tested_once_and_equal_rows_in_one_fold(n_folds, seed):
    matrix, y = table()
    splits = fold_splits(matrix, y, n_folds=n_folds, seed=seed)
    assert len(splits) == n_folds
    assert np.array_equal(np.sort(np.concatenate([t for _, t in splits])), np.arange(len(y)))
    groups = row_groups(matrix)
    for train, test in splits:
        assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(len(y)))
        assert set(groups[train]).isdisjoint(groups[test])


def test_folds_keep_the_classes_in_proportion():
    random = np.random.default_rng(0)
    matrix, y = random.normal(size=(200, 2)), np.repeat(["a", "b"], [150, 50])
    for _, test in fold_splits(matrix, y, n_folds=5, seed=3):
        assert np.sum(y[test] == "a") == 30
        assert np.sum(y[test] == "b") == 10


def test_too_few_rows_of_a_class_are_refused():
    with pytest.raises(DataError, match='too few rows of class "b"'):
        fold_splits(np.arange(12.0)[:, None], np.array(["a"] * 10 + ["b"] * 2), n_folds=5, seed=0)


class Spy(LogisticRegression):
    """A baseline that keeps what it was shown."""

    seen: list

    def fit(self, X, y):
        type(self).seen.append(X.index.to_numpy())
        return super().fit(X, y)


def judged(n_repeats, **more):
    matrix, y = table()
    Spy.seen = []
    calls = []
    verdict = judge_by_folds(
        lambda seed: Spy(),
        pd.DataFrame(matrix, columns=list("abc")),
        y,
        positive="ill",
        seed=5,
        matrix=matrix,
        n_folds=4,
        n_repeats=n_repeats,
        on_fold=lambda *_: calls.append(1),
        **more,
    )
    assert len(calls) == 4 * n_repeats
    return verdict, matrix, y


def out_of_fold(matrix, y, seed):
    # The same kind of frame: BLAS rounds otherwise in another layout, and breaks ties.
    X, probability = pd.DataFrame(matrix, columns=list("abc")), np.empty(len(y))
    fold = np.empty(len(y), dtype=int)
    for k, (train, test) in enumerate(fold_splits(matrix, y, n_folds=4, seed=seed)):
        fold[test] = k
        model = LogisticRegression().fit(X.iloc[train], y[train])
        probability[test] = model.predict_proba(X.iloc[test])[:, 0]
    return probability, fold


def test_one_repetition_is_the_judgement_of_the_out_of_fold_probabilities():
    verdict, matrix, y = judged(1)
    probability, fold = out_of_fold(matrix, y, 5)
    expected = judge(y == "ill", probability, seed=5, folds=fold)
    assert verdict.network == expected
    assert verdict.how == "Evaluated by 4-fold cross-validation, once"
    assert (verdict.n_train, verdict.n_test) == (90, 120)
    splits = fold_splits(matrix, y, n_folds=4, seed=5)
    assert [seen.tolist() for seen in Spy.seen] == [train.tolist() for train, _ in splits]


def test_each_repetition_has_models_and_folds_of_its_own_seed():
    matrix, y = table()
    seeds, Spy.seen = [], []
    judge_by_folds(
        lambda seed: seeds.append(seed) or Spy(), pd.DataFrame(matrix, columns=list("abc")), y,
        positive="ill", seed=5, matrix=matrix, n_folds=4, n_repeats=3,
    )  # fmt: skip
    assert seeds == [5] * 4 + [6] * 4 + [7] * 4
    taught = [rows.tolist() for rows in Spy.seen]
    for k, seed in enumerate((5, 6, 7)):
        splits = fold_splits(matrix, y, n_folds=4, seed=seed)
        assert taught[4 * k : 4 * k + 4] == [train.tolist() for train, _ in splits]
    assert taught[:4] != taught[4:8]


def test_repetitions_are_averaged_and_narrow_no_interval():
    verdict, matrix, y = judged(3)
    found = [out_of_fold(matrix, y, 5 + i) for i in range(3)]
    each = [judge(y == "ill", p, seed=5, folds=fold) for p, fold in found]
    for name, estimate in verdict.network.metrics.items():
        for end in ("value", "low", "high"):
            mean = np.mean([getattr(one.metrics[name], end) for one in each])
            assert getattr(estimate, end) == pytest.approx(mean, rel=1e-12)
    missed = np.mean([one.confusion["false_negative"] for one in each])
    assert verdict.network.confusion["false_negative"] == pytest.approx(missed)
    assert sum(verdict.network.confusion.values()) == pytest.approx(120)
    assert verdict.how.endswith("repeated 3 times")
    assert set(verdict.baselines) == {
        "logistic regression", "boosted trees", "always the commoner class"
    }  # fmt: skip


def test_the_difference_is_network_minus_logistic_regression():
    verdict, matrix, y = judged(1)
    _, fold = out_of_fold(matrix, y, 5)
    found = verdict.differences["logistic regression"]
    rows = verdict.answers, verdict.others["logistic regression"]
    of_each = [
        log_loss(mine.truth, mine.answer) - log_loss(other.truth, other.answer)
        for k in range(4)
        for mine, other in [[each.rows(each.folds == k) for each in rows]]
    ]
    assert found.difference.value == pytest.approx(np.mean(of_each), abs=1e-12)
    assert found.n_folds == 4
    # Half of the interval is 3.182 √(1/4 + 1/3) standard deviations; folds have 30 rows of 120.
    half = found.difference.at_95.high - found.difference.value
    n_test = [np.sum(fold == k) for k in range(4)]
    ratio = np.mean([n / (120 - n) for n in n_test])
    wanted = stats.t.ppf(0.975, 3) * np.sqrt(1 / 4 + ratio) * np.std(of_each, ddof=1)
    assert half == pytest.approx(wanted)


@pytest.mark.parametrize("kinds", [5, 30])
def test_few_different_rows_are_counted_and_judge_nothing(kinds):
    random = np.random.default_rng(0)
    codes = random.integers(0, kinds, 200)
    matrix, y = codes[:, None].astype(float), np.where(random.random(200) < 0.3, "ill", "well")
    verdict = judge_by_folds(
        lambda seed: LogisticRegression(), pd.DataFrame(matrix, columns=["a"]), y.astype(object),
        positive="ill", seed=0, matrix=matrix, n_repeats=1, n_folds=4,
    )  # fmt: skip
    told = f", once, on 200 rows (only {kinds} different rows; equal rows stay together)"
    assert verdict.how.endswith(told)
    assert ("cannot judge a model" in verdict.sentence) == (kinds == 5)
    shown = {each.verdict for each in verdict.differences.values()}
    assert kinds > 5 or shown == {"undecided"}
    assert kinds > 5 or "Fix: add a column in which the rows differ." in verdict.sentence


def test_unless_asked_otherwise_it_is_five_folds_three_times():
    matrix, y = table()
    Spy.seen = []
    verdict = judge_by_folds(
        lambda seed: Spy(), pd.DataFrame(matrix, columns=list("abc")), y,
        positive="ill", seed=0, matrix=matrix,
    )  # fmt: skip
    assert verdict.how == "Evaluated by 5-fold cross-validation, repeated 3 times"
    assert (len(Spy.seen), verdict.n_train) == (15, 96)


@pytest.mark.parametrize("n_classes", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_constant_answer_orders_nothing_whatever_the_folds(n_classes):
    """Each fold's constant is another one; pairs of rows of two folds are no pairs."""
    y = np.array(["a", "b", "c"], dtype=object)[np.arange(53) % 7 % n_classes]
    X = pd.DataFrame({"x": np.arange(53) * 17 % 53})
    verdict = judge_by_folds(
        lambda _: Rate(), X, y, task=task_of(y), seed=0, matrix=X.to_numpy(float), n_folds=10
    )
    for judged in (verdict.network, list(verdict.baselines.values())[-1]):
        auc = judged.metrics["auc"]
        assert (auc.value, auc.low, auc.high) == (0.5, 0.5, 0.5)


class Rate:
    """Answers how common each class was."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.rates = counts / len(y)
        return self

    def predict_proba(self, X):
        return np.tile(self.rates, (len(X), 1))


@dataclass(frozen=True)
class Own(OneNumber):
    """The task of one model, which asks no other one."""

    model: object = None

    def of(self, model):
        return Own(model=model)

    def ask(self, model, X):
        assert model is self.model
        return super().ask(model, X)


def test_each_model_is_asked_by_the_task_of_its_own_fold():
    matrix, _ = table()
    verdict = judge_by_folds(
        lambda _: LinearRegression(), pd.DataFrame(matrix, columns=list("abc")), matrix[:, 0],
        task=Own(), seed=0, matrix=matrix, n_folds=3, n_repeats=1,
    )  # fmt: skip
    assert verdict.network.metrics["rmse"].value < 1e-9


def test_the_auc_of_folds_is_over_the_pairs_of_each():
    rng = np.random.default_rng(3)
    y, p, fold = rng.random(60) < 0.4, rng.random(60), np.arange(60) % 4
    above, pairs = 0.0, 0
    for k in range(4):
        ill, well = p[y & (fold == k)], p[~y & (fold == k)]
        above += (ill[:, None] > well).sum() + 0.5 * (ill[:, None] == well).sum()
        pairs += len(ill) * len(well)
    auc = judge(y, p, folds=fold).metrics["auc"]
    assert auc.value == pytest.approx(above / pairs, rel=1e-14)
    turned = rng.permutation(60)
    assert judge(y[turned], p[turned], folds=fold[turned]).metrics["auc"] == auc
    two = np.stack([1 - p, p], axis=1)
    assert judge_classes(y.astype(int), two, folds=fold).metrics["auc"].value == auc.value
