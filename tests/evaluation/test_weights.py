"""Weights: a whole number is so many rows in every metric, curve, comparison, split, interval."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.answers import Answers, answers_of, effective_number
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.intervals import proportion
from thalweg.evaluation.judging.regression_loss import measure_of_loss
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, TwoClasses

N_CLASSES = 3
TASKS = [
    TwoClasses("ill", "well"),
    SeveralClasses(np.array(["a", "b", "c"])),
    OneNumber(),
    OneNumber(measure_of_loss("quantile:level=0.9")),
]
NAMES = ["two classes", "several classes", "number", "quantile"]
each_task = pytest.mark.parametrize("task", TASKS, ids=NAMES)


def rows_of(task, n, seed):
    """A target and two predictions; some of these are equal."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=(2, n)).round(1)
    if isinstance(task, TwoClasses):
        return rng.random(n) < 1 / (1 + np.exp(-score[0])), *(1 / (1 + np.exp(-score)))
    if isinstance(task, SeveralClasses):
        p = rng.dirichlet(np.ones(N_CLASSES), size=(2, n)).round(2)
        p = (p + 0.01) / (p + 0.01).sum(axis=-1, keepdims=True)
        return rng.integers(N_CLASSES, size=n), *p
    return score.sum(axis=0), *score


def everything(task, a, b):
    """All that is said of two models."""
    found = compare_answers(task, [(a, b)], margin=None, seed=1)
    shown = task.shown(a)
    return (
        task.judge(a, None, seed=1).as_dict(),
        task.judge(b, None, seed=1).as_dict(),
        found.as_dict(),
        None if shown is None else shown.as_dict(),
    )


def of_both(task, n, seed, weights, order=None):
    truth, a, b = rows_of(task, n, seed)
    order = np.arange(n) if order is None else order
    return everything(task, *(answers_of(truth[order], p[order], weights[order]) for p in (a, b)))


counts = st.lists(st.integers(0, 4), min_size=1, max_size=25).filter(any)
fractions = st.lists(st.floats(0.01, 3), min_size=2, max_size=25)


@each_task
@settings(max_examples=8)
@given(counts, st.integers(0, 5))
def test_a_whole_number_weight_is_so_many_rows_to_the_bit(task, weights, seed):
    truth, a, b = rows_of(task, len(weights), seed)
    again = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(weights)), weights))
    rows = everything(task, *(Answers(truth[again], p[again]) for p in (a, b)))
    assert repr(of_both(task, len(weights), seed, np.array(weights))) == repr(rows)


@each_task
@settings(max_examples=8)
@given(fractions, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_weighted_rows_changes_nothing(task, weights, seed, random):
    order = list(range(len(weights)))
    random.shuffle(order)
    weights = np.array(weights)
    found = of_both(task, len(weights), seed, weights)
    assert repr(of_both(task, len(weights), seed, weights, np.array(order))) == repr(found)


@each_task
@settings(max_examples=8)
@given(fractions, st.integers(0, 5), st.sampled_from([2.0**-40, 1024.0, 0.3, 1e-100]))
def test_only_the_ratio_of_weights_counts(task, weights, seed, factor):
    weights = np.array(weights) + 1e-3 * np.pi  # no whole numbers, which are rows
    found = flat(of_both(task, len(weights), seed, weights))
    assert flat(of_both(task, len(weights), seed, factor * weights)) == pytest.approx(
        found, rel=1e-6, abs=1e-8, nan_ok=True
    )


def flat(plain):
    """The numbers of plain data, in order."""
    if isinstance(plain, dict):
        plain = list(plain.values())
    if isinstance(plain, list | tuple):
        return [number for each in plain for number in flat(each)]
    return [np.nan if plain is None or isinstance(plain, str) else plain]


@each_task
def test_equal_weights_are_none(task):
    truth, a, b = rows_of(task, 40, 0)
    alike = of_both(task, 40, 0, np.full(40, 0.3))
    assert repr(alike) == repr(everything(task, *(Answers(truth, p) for p in (a, b))))


def two_classes(n=60):
    truth, p, _ = rows_of(TASKS[0], n, 3)
    weights = np.random.default_rng(1).lognormal(size=n)
    return truth, p, weights, TASKS[0].judge(Answers(truth, p, weights), None, seed=0)


def test_metrics_of_two_classes_are_those_of_scikit_learn():
    truth, p, w, judged = two_classes()
    called = p > 0.5
    expected = {
        "accuracy": metrics.accuracy_score(truth, called, sample_weight=w),
        "sensitivity": metrics.recall_score(truth, called, sample_weight=w),
        "specificity": metrics.recall_score(~truth, ~called, sample_weight=w),
        "auc": metrics.roc_auc_score(truth, p, sample_weight=w),
        "log_loss": metrics.log_loss(truth, p, sample_weight=w),
        "brier": metrics.brier_score_loss(truth, p, sample_weight=w),
    }
    found = {name: metric.value for name, metric in judged.metrics.items()}
    assert found == pytest.approx(expected, rel=1e-8)
    matrix = metrics.confusion_matrix(truth, called, sample_weight=w / w.mean())
    assert [*judged.confusion.values()] == pytest.approx(
        [matrix[1, 1], matrix[1, 0], matrix[0, 1], matrix[0, 0]], rel=1e-7
    )


def test_metrics_of_several_classes_are_those_of_scikit_learn():
    truth, p, _ = rows_of(TASKS[1], 60, 3)
    w = np.random.default_rng(1).lognormal(size=60)
    judged = TASKS[1].judge(Answers(truth, p, w), None, seed=0)
    called = p.argmax(axis=1)
    of_class = [
        metrics.roc_auc_score(truth == k, p[:, k], sample_weight=w) for k in range(N_CLASSES)
    ]
    expected = {
        "accuracy": metrics.accuracy_score(truth, called, sample_weight=w),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, called, sample_weight=w),
        "auc": np.mean(of_class),
        "log_loss": metrics.log_loss(truth, p, sample_weight=w),
        "brier": np.average(np.sum((p - np.eye(N_CLASSES)[truth]) ** 2, axis=1), weights=w),
    }
    found = {name: metric.value for name, metric in judged.metrics.items()}
    assert found == pytest.approx(expected, rel=1e-8)
    for own, theirs in ((judged.recall, "recall"), (judged.precision, "precision")):
        score = getattr(metrics, f"{theirs}_score")(truth, called, average=None, sample_weight=w)
        assert [each.value for each in own] == pytest.approx(score, rel=1e-8)


def test_metrics_of_a_number_are_those_of_scikit_learn():
    y, p, _ = rows_of(TASKS[3], 60, 3)
    w = np.random.default_rng(1).lognormal(size=60)
    judged = TASKS[3].judge(Answers(y, p, w), None, seed=0)
    expected = {
        "rmse": metrics.root_mean_squared_error(y, p, sample_weight=w),
        "mae": metrics.mean_absolute_error(y, p, sample_weight=w),
        "r2": metrics.r2_score(y, p, sample_weight=w),
        "pinball": metrics.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9),
    }
    found = {name: metric.value for name, metric in judged.metrics.items()}
    assert found == pytest.approx(expected, rel=1e-8)


def test_the_roc_curve_is_that_of_scikit_learn():
    truth, p, w, judged = two_classes()
    shown = TASKS[0].shown(Answers(truth, p, w))
    x, y = shown.roc_false_positive / shown.n_negative, shown.roc_true_positive / shown.n_positive
    assert np.trapezoid(y, x) == pytest.approx(judged.metrics["auc"].value, rel=1e-3)
    assert shown.n_positive == judged.n_positive
    assert shown.true_positive[500] == judged.confusion["true_positive"]
    assert shown.histogram_negative.sum() == shown.n_negative


def test_intervals_use_the_effective_number_of_the_rows_concerned():
    truth, p, w, judged = two_classes()
    of_class, right = w[truth], (p > 0.5)[truth]
    n = effective_number(of_class)
    expected = proportion(of_class[right].sum() / of_class.sum() * n, n)
    found = judged.metrics["sensitivity"]
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6)
    assert judged.n_effective == pytest.approx(effective_number(w), rel=1e-6)
    without = TASKS[0].judge(Answers(truth, p), None, seed=0)
    for name, metric in judged.metrics.items():  # 60 rows that count as 20
        plain = without.metrics[name]
        assert metric.high - metric.low > 1.15 * (plain.high - plain.low), name


def test_rows_in_order_have_an_auc_of_exactly_1_whatever_the_weights():
    rng = np.random.default_rng(0)
    truth = np.arange(40) >= 20
    judged = TASKS[0].judge(
        Answers(truth, np.linspace(0.1, 0.9, 40), rng.lognormal(size=40)), None, seed=0
    )
    auc = judged.metrics["auc"]
    assert auc.value == auc.high == 1
    assert 0.6 < auc.low < 0.9  # fewer than 20 rows of a class


def test_the_interval_of_weighted_rows_has_the_spread_of_the_weighted_mean():
    rng = np.random.default_rng(0)
    y, p, w = rng.normal(size=1000), np.zeros(1000), rng.uniform(0.5, 2, 1000)
    mae = TASKS[2].judge(Answers(y, p, w), None, seed=0).metrics["mae"]
    share = w / w.sum()
    error = np.sqrt(np.sum(share**2 * (abs(y) - mae.value) ** 2))
    assert error < (mae.high - mae.low) / 3.92 < 1.12 * error


def test_weighted_rows_that_count_as_few_show_no_difference():
    n = 40
    truth, p, weights = np.arange(n) % 2 == 0, np.full(n, 0.5), np.full(n, 1e-6)
    weights[:4] = [1, 1.5, 1, 1.5]
    rows = [Answers(truth, q, weights) for q in (np.where(truth, 0.9, 0.1), p)]
    found = compare_answers(TASKS[0], [tuple(rows)], margin=None, seed=0)
    assert found.verdict == "undecided"
    assert found.n_effective == pytest.approx(25 / 6.5, rel=1e-3)
    assert found.n_telling == pytest.approx(2, rel=1e-3)


def table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 12, size=(n, 2)).astype(float)
    y = np.where(X.sum(axis=1) + rng.normal(size=n) * 4 > 11, "ill", "well")
    return X, y


class Seen:
    """A model that notes what it is fitted on."""

    def __init__(self):
        self.classes_ = np.array(["ill", "well"])

    def fit(self, X, y, **more):
        self.X, self.y, self.more = X, y, more
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(5.5 - np.asarray(X).sum(axis=1) / 2))
        return np.column_stack((p, 1 - p))


def twice(X, y, weights):
    """The rows of a table, as often as they count, in another order."""
    rows = np.random.default_rng(0).permutation(np.repeat(np.arange(len(X)), weights))
    return X[rows], y[rows], rows


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("folds", [False, True])
def test_a_row_of_weight_2_is_judged_like_two_equal_rows(grouped, folds):
    X, y = table()
    weights = np.random.default_rng(5).integers(0, 3, size=len(X))
    groups = np.array([f"g{k % 17}" for k in range(len(X))]) if grouped else None
    more, rows = twice(X, y, weights)[:2], twice(X, y, weights)[2]
    weighted = judged(folds, X, y, groups, weights)
    repeated = judged(folds, *more, groups if groups is None else groups[rows], None)
    assert weighted.network == repeated.network
    assert weighted.how == repeated.how
    assert (weighted.n_train, weighted.n_test) == (repeated.n_train, repeated.n_test)
    assert flat(weighted.as_dict()["baselines"]) == pytest.approx(
        flat(repeated.as_dict()["baselines"]), rel=1e-3, nan_ok=True
    )


def judged(folds, X, y, groups, weights, model=Seen):
    told = {"positive": "ill", "seed": 4, "matrix": X, "groups": groups, "sample_weight": weights}
    frame = pd.DataFrame(X)
    if folds:
        return judge_by_folds(lambda _: model(), frame, y, n_folds=3, n_repeats=2, **told)
    return judge_on_holdout(model(), frame, y, **told)


def test_the_fit_gets_the_weights_of_its_rows_and_no_row_of_weight_0():
    X, y = table()
    X[:, 1] += np.arange(len(X)) / 100
    weights = np.random.default_rng(5).integers(0, 3, size=len(X)) / 4
    model = Seen()
    verdict = judge_on_holdout(
        model, pd.DataFrame(X), y, positive="ill", seed=4, matrix=X, sample_weight=weights
    )
    given = {tuple(row): weight for row, weight in zip(X.tolist(), weights, strict=True)}
    fitted = model.X.to_numpy().tolist()
    assert [given[tuple(row)] for row in fitted] == model.more["sample_weight"].tolist()
    assert min(model.more["sample_weight"]) > 0
    assert verdict.n_train + verdict.n_test == np.count_nonzero(weights)
    assert verdict.how.endswith(", weighted: as 7.3 rows of equal weight (Kish)")
    assert verdict.network.n_effective == pytest.approx(7.348, abs=1e-3)
    assert "weighted" not in judged(False, X, y, None, np.full(len(X), 0.5)).how


def test_a_network_of_weighted_rows_is_that_of_the_rows():
    X, y = table(40)
    weights = np.random.default_rng(5).integers(1, 3, size=len(X))
    more = twice(X, y, weights)[:2]

    def small():
        return ThalwegClassifier((3,), max_iter=5, n_folds=2, random_state=0)

    weighted = judged(False, X, y, None, weights, small)
    assert weighted.network == judged(False, *more, None, None, small).network


def test_baselines_learn_with_the_weights():
    X, y = table()
    weights = np.where(y == "ill", 0.25, 1.5)
    verdict = judged(False, X, y, None, weights)
    share = verdict.baselines["always the commoner class"]
    plain = judged(False, X, y, None, None).baselines["always the commoner class"]
    assert plain.confusion["true_positive"] > 0 == share.confusion["true_positive"]


def test_bad_weights_are_refused():
    X, y = table()
    with pytest.raises(DataError, match="row 3"):
        judged(False, X, y, None, np.where(np.arange(len(X)) == 2, -1.0, 1.0))
    with pytest.raises(DataError, match="do not match"):
        judged(True, X, y, None, np.ones(3), LogisticRegression)
