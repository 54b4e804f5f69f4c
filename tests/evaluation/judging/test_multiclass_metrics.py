"""The evaluation of several classes, against scikit-learn and by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit, logit
from sklearn import metrics as sk
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from thalweg.data.encoding.encoder import fit_encoder
from thalweg.errors import DataError
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.baselines import (
    TrainingPart,
    commonest_class,
    softmax_regression,
)
from thalweg.evaluation.judging.conclusion_sentences import worst_class
from thalweg.evaluation.judging.intervals import auc_variance
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.task_judging import SeveralClasses, TwoClasses, task_of
from thalweg.evaluation.task_kinds import ONE_NUMBER

rng = np.random.default_rng(0)


def guesses(n=200, k=4):
    codes = rng.integers(0, k, n)
    p = rng.dirichlet(np.ones(k), n) + 0.8 * (codes[:, None] == np.arange(k))
    return codes, p / p.sum(axis=1, keepdims=True)


def test_numbers_are_those_of_scikit_learn():
    codes, p = guesses()
    called = np.argmax(p, axis=1)
    found = {name: each.value for name, each in judge_classes(codes, p).metrics.items()}
    expected = {
        "accuracy": sk.accuracy_score(codes, called),
        "balanced_accuracy": sk.balanced_accuracy_score(codes, called),
        "auc": sk.roc_auc_score(codes, p, multi_class="ovr", average="macro"),
        "log_loss": sk.log_loss(codes, p),
        "brier": sk.brier_score_loss(codes, p, scale_by_half=False, labels=np.arange(4)),
    }
    assert found == pytest.approx(expected, rel=1e-12)
    judged = judge_classes(codes, p)
    np.testing.assert_array_equal(judged.confusion, sk.confusion_matrix(codes, called))
    recall = sk.recall_score(codes, called, average=None)
    np.testing.assert_allclose([each.value for each in judged.recall], recall)
    precision = sk.precision_score(codes, called, average=None)
    np.testing.assert_allclose([each.value for each in judged.precision], precision)


def test_of_two_classes_it_is_the_other_judgement():
    codes, p = guesses(150, 2)
    two, several = judge(codes == 1, p[:, 1]).metrics, judge_classes(codes, p).metrics
    for name in ("accuracy", "auc", "log_loss"):
        assert several[name].value == pytest.approx(two[name].value, rel=1e-12)
    assert several["brier"].value == pytest.approx(2 * two["brier"].value)
    assert several["accuracy"] == two["accuracy"]


def test_the_interval_of_the_auc_adds_the_errors_of_all_classes_row_by_row():
    codes, p = guesses(60, 3)
    found, terms, variances, areas = judge_classes(codes, p).metrics["auc"], 0.0, [], []
    for k in range(3):
        own, others = codes == k, codes != k
        x, y = p[own, k], p[others, k]
        pairs = (x[:, np.newaxis] > y) + 0.5 * (x[:, np.newaxis] == y)
        placed = np.zeros(60)
        for rows, axis in ((own, 1), (others, 0)):
            n = rows.sum()
            placed[rows] = (pairs.mean(axis=axis) - pairs.mean()) / np.sqrt(n * (n - 1))
        terms += placed / 3
        areas.append(pairs.mean())
        variances.append(auc_variance(pairs.mean(), len(x), len(y)))
    rarest, area = min(np.bincount(codes)), np.mean(areas)
    variance = (rarest * np.sum(terms**2) + 10 * np.mean(variances) / 3) / (rarest + 10)
    half = stats.t.ppf(0.975, rarest - 1) * np.sqrt(variance) / (area * (1 - area))
    ends = (expit(logit(area) - half), expit(logit(area) + half))
    assert (found.value, found.low, found.high) == pytest.approx((area, *ends), abs=1e-12)


def test_balanced_accuracy_of_perfect_rows_is_as_uncertain_as_accuracy():
    codes = np.repeat([0, 1, 2], 10)
    p = 0.04 + 0.88 * (codes[:, None] == np.arange(3))
    found = judge_classes(codes, p).metrics
    balanced, accuracy = found["balanced_accuracy"], found["accuracy"]
    assert (balanced.value, balanced.high) == (1, 1)
    assert balanced.low == pytest.approx(accuracy.low) == pytest.approx(0.886, abs=5e-4)


@pytest.mark.parametrize("sizes", [(9, 5, 1), (3, 2, 2, 1, 1, 1)])
def test_a_constant_answer_has_a_balanced_accuracy_of_exactly_1_in_k(sizes):
    k, codes = len(sizes), np.repeat(np.arange(len(sizes)), sizes)
    constant = np.tile(np.array(sizes) / len(codes), (len(codes), 1))
    judged = judge_classes(codes, constant, constant=True)
    found = judged.metrics["balanced_accuracy"]
    assert (found.value, found.low, found.high) == pytest.approx((1 / k,) * 3)
    # Of another model it may be that only these rows are equal.
    found = judge_classes(codes, constant).metrics["balanced_accuracy"]
    assert found.low < found.value < found.high


def test_two_constants_of_two_folds_that_differ_in_class_are_uncertain():
    codes = np.repeat([0, 1, 2], 8)
    flat = np.array([[0.5, 0.3, 0.2], [0.3, 0.45, 0.25]])[np.arange(24) % 2]
    found = judge_classes(codes, flat, constant=True).metrics["balanced_accuracy"]
    assert found.low < 1 / 3 < found.high


def test_the_constant_baseline_is_known_to_be_one():
    codes, p = guesses(90, 3)
    X = pd.DataFrame(p, columns=list("abc"))
    given = {"task": task_of(codes), "seed": 0, "matrix": p}
    verdicts = [
        judge_on_holdout(LogisticRegression(), X, codes, **given),
        judge_by_folds(lambda seed: LogisticRegression(), X, codes, **given),
    ]
    for verdict in verdicts:
        found = verdict.baselines["the commonest class"].metrics["balanced_accuracy"]
        assert (found.low, found.high) == pytest.approx((1 / 3, 1 / 3))
        network = verdict.network.metrics["balanced_accuracy"]
        assert network.low < network.value <= network.high


def test_the_order_of_the_rows_does_not_count():
    codes, p = guesses()
    order = rng.permutation(len(codes))
    assert judge_classes(codes, p) == judge_classes(codes[order], p[order])


def test_a_class_without_rows_and_certain_mistakes():
    p = np.array([[0.7, 0.3, 0.0], [0.2, 0.8, 0.0], [1.0, 0.0, 0.0]])
    judged = judge_classes(np.array([0, 1, 1]), p)
    assert np.isnan(judged.recall[2].value)
    assert np.isnan(judged.precision[2].value)
    assert judged.metrics["balanced_accuracy"].value == pytest.approx(0.75)
    assert judged.metrics["log_loss"].value == np.inf
    plain = judged.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_class_without_test_rows_does_not_hide_the_auc_of_the_others():
    codes, p = guesses(60, 2)
    judged = judge_classes(codes, np.column_stack((p, np.zeros(60))))
    area, plain = judged.metrics["auc"], judge_classes(codes, p).metrics["auc"]
    assert area.value == pytest.approx(sk.roc_auc_score(codes, p[:, 1]), rel=1e-12)
    assert (area.low, area.high) == pytest.approx((plain.low, plain.high))
    assert area.low > 0.9


def test_costs_call_other_classes_than_the_likeliest():
    codes, p = guesses()
    costs = np.array([1e9, 1, 1, 1])
    judged = judge_classes(codes, p, costs)
    assert judged.metrics["accuracy"].value == pytest.approx(np.mean(codes == 0))
    assert judged.recall[0].value == 1
    assert judged.costs == tuple(costs)
    assert judge_classes(codes, p).costs == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("codes", "p", "says"),
    [
        ([], np.empty((0, 2)), "no row"),
        ([0], np.ones((2, 2)) / 2, "do not match"),
        ([2], [[0.5, 0.5]], "no column of probabilities"),
        ([0], [[0.5, 0.6]], "with the sum 1"),
        ([0], [[0.5, 0.4]], "with the sum 1"),
        ([0], [[np.nan, 1.0]], "with the sum 1"),
        ([0], [[1.0 + 5e-7, 0.0]], "from 0 to 1"),
        ([0], [[-5e-7, 1.0]], "from 0 to 1"),
        ([0], [[1.0]] * 2, "do not match"),
        ([[0]], [[0.5, 0.5]], "do not match"),
        ([0, 1], [0.5, 0.5], "do not match"),
    ],
)
def test_what_cannot_be_judged_is_refused(codes, p, says):
    with pytest.raises(DataError, match=says):
        judge_classes(np.array(codes), np.array(p))


def test_the_first_row_that_cannot_be_judged_is_named():
    codes, p = np.array([0, 1, 0, 1, 0]), np.full((5, 2), 0.5)
    for code in (2, -1):
        with pytest.raises(DataError, match=rf"class {code} has no column of.*\(row 4\)"):
            judge_classes(np.array([0, 1, 0, code, code]), p)
    p[3:] = [0.7, 0.2]
    with pytest.raises(DataError, match=r"probabilities \[0.7, 0.2\].*\(row 4\)"):
        judge_classes(codes, p)


def test_a_sum_may_be_off_by_a_millionth():
    for off in (0.9e-6, -0.9e-6):
        assert judge_classes(np.array([1]), np.array([[0.3, 0.7 + off]])).n_samples == 1
    for off in (1.1e-6, -1.1e-6):
        with pytest.raises(DataError, match="with the sum 1"):
            judge_classes(np.array([1]), np.array([[0.3, 0.7 + off]]))


def test_the_baselines():
    X, y = load_iris(return_X_y=True)
    weights = rng.uniform(0.5, 2, 150)
    encoded = fit_encoder(X, weights).encode(X)
    exact = LogisticRegression(C=1.0, max_iter=10_000).fit(encoded, y, sample_weight=weights)
    part = TrainingPart(X, y, weights)
    np.testing.assert_allclose(
        softmax_regression(part, 3)(X), exact.predict_proba(encoded), rtol=1e-9
    )
    assert softmax_regression(part, 4)(X)[:, 3].tolist() == [0.0] * 150
    rates = [weights[y == k].sum() / weights.sum() for k in range(3)]
    np.testing.assert_allclose(commonest_class(part, 3)(X[:2]), [rates] * 2)
    np.testing.assert_allclose(commonest_class(part, 4)(X[:2]), [[*rates, 0.0]] * 2)


def test_a_model_is_judged_on_the_rest_of_the_table():
    bunch = load_iris(as_frame=True)
    X, y = bunch.data, np.array(["setosa", "versi", "virgin"], object)[bunch.target]
    matrix = X.to_numpy(float)
    task = task_of(y)
    verdict = judge_on_holdout(
        LogisticRegression(max_iter=999), X, y, task=task, seed=0, matrix=matrix
    )
    assert (verdict.task, verdict.facts) == (
        "multiclass",
        {"classes": ["setosa", "versi", "virgin"]},
    )
    assert verdict.n_train + verdict.n_test == 150
    assert verdict.network.metrics["accuracy"].value > 0.8
    assert list(verdict.baselines) == ["logistic regression", "the commonest class"]
    assert "on these 30 test rows" in verdict.sentence
    by_folds = judge_by_folds(
        lambda seed: LogisticRegression(max_iter=999),
        X, y, task=task, seed=0, matrix=matrix, n_folds=3, n_repeats=2,
    )  # fmt: skip
    assert sum(map(sum, by_folds.network.confusion)) == pytest.approx(150)
    assert json.loads(json.dumps(by_folds.as_dict(), allow_nan=False)) == by_folds.as_dict()


def test_the_task_follows_from_the_target():
    assert isinstance(task_of(np.array(["a", "b", "a"])), TwoClasses)
    assert task_of(np.array(["a", "b", "a"])).positive == "b"
    assert isinstance(task_of(np.array([1, 2, 3])), SeveralClasses)
    assert task_of(np.array([1.0, 2.0, 3.5]), regression=True).kind is ONE_NUMBER
    with pytest.raises(DataError, match="3 different values"):
        task_of(np.array([1, 2, 3]), positive=1)
    for named in ({}, {"positive": 1}):
        with pytest.raises(DataError, match="1 class, and the evaluation needs two"):
            task_of(np.array([1, 1, 1]), **named)
    assert task_of(np.array(["a", "b"]), positive="a").negative == "b"
    with pytest.raises(DataError, match='"c" is not in the target'):
        task_of(np.array(["a", "b"]), positive="c")
    with pytest.raises(DataError, match="not one of the classes"):
        SeveralClasses(np.array([1, 2, 3])).truth(np.array([1, 9]))


def test_the_sentence_names_what_is_recognised_least():
    codes, p = np.array([0, 1, 1, 2]), np.eye(3)[[0, 1, 0, 2]] * 0.7 + 0.1
    names = ["x", "y", "z"]
    assert worst_class(judge_classes(codes, p), names) == ('Worst recognised is "y": 1 of 2 rows.')
    assert worst_class(judge_classes(np.arange(3), np.eye(3)), names) == ""
    # A class without rows, wherever it stands, is not the worst.
    for turned in (codes, codes + 1):
        shown = np.insert(np.eye(3)[[0, 1, 0, 2]], 3 if turned is codes else 0, 0.0, axis=1)
        said = worst_class(judge_classes(turned, shown), ["v", *names, "w"][turned is codes :])
        assert said == 'Worst recognised is "y": 1 of 2 rows.'
    # Of two that are recognised alike, the one with the most rows.
    judged = judge_classes(np.array([0, 0, 1, 1, 1, 1]), np.eye(2)[[0, 1, 1, 1, 0, 0]])
    assert worst_class(judged, names) == 'Worst recognised is "y": 2 of 4 rows.'


def test_mean_counts_of_the_worst_class_are_said_to_be_means():
    judged = judge_classes(np.array([0, 0, 1, 1, 1]), np.eye(2)[[0, 0, 1, 0, 0]])
    told = worst_class(replace(judged, confusion=((2.0, 0.0), (1.5, 1.5))), ["x", "y"])
    assert told == 'Worst recognised is "y": on average 1.5 of 3 rows.'
    told = worst_class(replace(judged, confusion=((2.0, 0.0), (2.0, 1.0))), ["x", "y"])
    assert told == 'Worst recognised is "y": 1 of 3 rows.'
