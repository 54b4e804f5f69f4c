import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from thalweg.data.rows import row_groups
from thalweg.errors import DataError
from thalweg.evaluation.metrics import judge, paired_difference
from thalweg.evaluation.repeated import judge_by_folds
from thalweg.evaluation.splits import fold_splits


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
    """A rival that keeps what it was shown."""

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
        on_fold=lambda: calls.append(1),
        **more,
    )
    assert len(calls) == 4 * n_repeats
    return verdict, matrix, y


def out_of_fold(matrix, y, seed):
    # The same kind of frame: BLAS rounds otherwise in another layout, and breaks ties.
    X, probability = pd.DataFrame(matrix, columns=list("abc")), np.empty(len(y))
    for train, test in fold_splits(matrix, y, n_folds=4, seed=seed):
        model = LogisticRegression().fit(X.iloc[train], y[train])
        probability[test] = model.predict_proba(X.iloc[test])[:, 0]
    return probability


def test_one_repetition_is_the_judgement_of_the_out_of_fold_probabilities():
    verdict, matrix, y = judged(1)
    expected = judge(y == "ill", out_of_fold(matrix, y, 5), seed=5)
    assert verdict.network == expected
    assert verdict.how == "Judged by 4-fold cross-validation, once"
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
    each = [judge(y == "ill", out_of_fold(matrix, y, 5 + i), seed=5) for i in range(3)]
    for name, estimate in verdict.network.metrics.items():
        for end in ("value", "low", "high"):
            mean = np.mean([getattr(one.metrics[name], end) for one in each])
            assert getattr(estimate, end) == pytest.approx(mean, rel=1e-12)
    missed = np.mean([one.confusion["false_negative"] for one in each])
    assert verdict.network.confusion["false_negative"] == pytest.approx(missed)
    assert sum(verdict.network.confusion.values()) == pytest.approx(120)
    assert verdict.how.endswith("repeated 3 times")
    assert set(verdict.baselines) == {"logistic regression", "always the commoner class"}


def test_the_difference_is_network_minus_logistic_regression():
    verdict, matrix, y = judged(1)
    truth = y == "ill"
    network = out_of_fold(matrix, y, 5)
    baseline = verdict.baselines["logistic regression"].metrics["log_loss"].value
    ours = verdict.network.metrics["log_loss"].value
    difference = verdict.comparisons["logistic regression"].difference
    assert difference.value == pytest.approx(ours - baseline, abs=1e-12)
    constant = paired_difference(truth, network, np.full(len(y), truth.mean()), 5)
    assert constant.high < 0
    assert 'The network is better than always answering "' in verdict.sentence


def test_unless_told_otherwise_it_is_five_folds_three_times():
    matrix, y = table()
    Spy.seen = []
    verdict = judge_by_folds(
        lambda seed: Spy(), pd.DataFrame(matrix, columns=list("abc")), y,
        positive="ill", seed=0, matrix=matrix,
    )  # fmt: skip
    assert verdict.how == "Judged by 5-fold cross-validation, repeated 3 times"
    assert (len(Spy.seen), verdict.n_train) == (15, 96)
