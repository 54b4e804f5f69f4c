"""Boosted trees as a baseline: what scikit-learn gives, for any table, in any order of rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from thalweg.evaluation import task_judging
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.judging.boosted_trees import (
    boosted_classes,
    boosted_numbers,
    boosted_two_classes,
)
from thalweg.evaluation.repeated_cross_validation import judge_by_folds

SETTINGS = {
    "early_stopping": False, "learning_rate": 0.1, "max_iter": 100, "min_samples_leaf": 20,
    "random_state": 0,
}  # fmt: skip
RANDOM = np.random.default_rng(0)
N = 240
X = np.column_stack([RANDOM.normal(size=(N, 2)), RANDOM.integers(1, 5, N)])
X[::9, 0] = np.nan
LEVELS = (0, 0, 4)
SCORE = np.nan_to_num(X[:, 0]) + np.where(X[:, 2] == 2, 2.0, -0.5)
Y = RANDOM.random(N) < 1 / (1 + np.exp(-2 * SCORE))
ONES = np.ones(N)


@pytest.fixture(autouse=True)
def _alone():
    """On a busy machine, threads of scikit-learn wait for each other for seconds."""
    with threadpool_limits(1):
        yield


def sorted_rows(y):
    return np.lexsort((y, *X.T))


def test_of_two_classes_they_are_those_of_scikit_learn():
    order = sorted_rows(Y)
    trees = HistGradientBoostingClassifier(**SETTINGS, categorical_features=[False, False, True])
    wanted = trees.fit(X[order], Y[order]).predict_proba(X)[:, 1]
    found = boosted_two_classes(TrainingPart(X, Y, ONES, LEVELS))(X)
    assert found == pytest.approx(wanted, abs=1e-9)
    # The category is no number: as one, the trees are others.
    numbers = boosted_two_classes(TrainingPart(X, Y, ONES))(X)
    assert np.abs(numbers - wanted).max() > 1e-3


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("key", "level", "loss"),
    [
        ("rmse", 0.0, {"loss": "squared_error"}),
        ("huber", 1.0, {"loss": "squared_error"}),
        ("mae", 0.0, {"loss": "absolute_error"}),
        ("pinball", 0.9, {"loss": "quantile", "quantile": 0.9}),
        ("poisson", 0.0, {"loss": "poisson"}),
        ("gamma", 0.0, {"loss": "gamma"}),
        ("tweedie", 1.5, {"loss": "poisson"}),
    ],
)
@pytest.mark.parametrize("size", [1.0, 1e200])
def test_of_numbers_they_learn_by_the_loss_of_the_network_in_any_unit(key, level, loss, size):
    y = np.exp(SCORE) if key in ("poisson", "gamma", "tweedie") else SCORE + RANDOM.normal(size=N)
    order = sorted_rows(y)
    trees = HistGradientBoostingRegressor(
        **SETTINGS, **loss, categorical_features=[False, False, True]
    )
    # By how common they are, which decides between levels with equal gradients.
    ranks = pd.Series(X[:, 2]).map(pd.Series(X[:, 2]).value_counts().rank(ascending=False))
    ranked = np.column_stack([X[:, :2], ranks - 1])
    wanted = trees.fit(ranked[order], y[order]).predict(ranked)
    part = TrainingPart(X, y * size, ONES, LEVELS)
    found = boosted_numbers(part, key, level)(X) / size
    if size == 1.0:
        assert found.tobytes() == wanted.tobytes()
    else:  # rounding chooses between splits that are nearly as good
        assert np.abs(found - wanted).mean() < 0.005 * np.std(wanted)


def test_a_class_without_training_rows_has_the_probability_0():
    y = RANDOM.choice([0, 2], N)
    found = boosted_classes(TrainingPart(X, y, ONES, LEVELS), 4)(X)
    assert found.shape == (N, 4)
    assert found[:, [1, 3]].tolist() == np.zeros((N, 2)).tolist()
    assert found.sum(axis=1) == pytest.approx(1)


def test_order_and_repetition_change_no_bit():
    plain = boosted_two_classes(TrainingPart(X, Y, ONES, LEVELS))(X)
    assert boosted_two_classes(TrainingPart(X, Y, ONES, LEVELS))(X).tobytes() == plain.tobytes()
    order = RANDOM.permutation(N)
    turned = boosted_two_classes(TrainingPart(X[order], Y[order], ONES, LEVELS))(X)
    assert turned.tobytes() == plain.tobytes()
    counts = RANDOM.integers(1, 4, N)
    again = np.repeat(np.arange(N), counts)
    weighted = boosted_two_classes(TrainingPart(X, Y, counts.astype(float), LEVELS))(X)
    repeated = boosted_two_classes(TrainingPart(X[again], Y[again], np.ones(len(again)), LEVELS))(X)
    assert weighted.tobytes() == repeated.tobytes()
    assert weighted.tobytes() != plain.tobytes()


def test_weights_that_are_no_whole_numbers_count():
    weights = np.where(X[:, 2] == 2, 0.25, 1.75)
    order = np.lexsort((weights, Y, *X.T))
    trees = HistGradientBoostingClassifier(**SETTINGS, categorical_features=[False, False, True])
    trees.fit(X[order], Y[order], sample_weight=weights[order])
    found = boosted_two_classes(TrainingPart(X, Y, weights, LEVELS))(X)
    assert found == pytest.approx(trees.predict_proba(X)[:, 1], abs=1e-9)


def test_tables_that_scikit_learn_refuses_or_warns_of():
    levels = np.arange(1.0, 301.0)
    many = np.repeat(levels, np.where(levels <= 250, 24, 12))
    n, y = len(many), many % 3 == 0
    hard = np.column_stack(
        [
            many,
            np.full(n, np.nan),  # nothing is there
            np.where(np.arange(n) % 2, 1.7e308, -1.7e308),  # the mean of both overflows
            np.full(n, 5e-324),
        ]
    )
    answer = boosted_two_classes(TrainingPart(hard, y, np.ones(n), (300, 0, 0, 0)))
    found = answer(hard)
    # The most common levels are told apart, those beyond the 254 have one answer.
    assert np.mean((found > 0.5)[many <= 250] == y[many <= 250]) > 0.99
    assert len(set(found[(many > 254) & (hard[:, 2] > 0)].tolist())) == 1
    unseen = hard[:3].copy()
    unseen[:, 0] = [999.0, 0.0, np.nan]
    assert len(set(answer(unseen).tolist())) <= 2  # all are missing; the third column differs
    nothing = TrainingPart(np.full((50, 2), np.nan), np.arange(50) % 5 == 0, np.ones(50))
    assert boosted_two_classes(nothing)(np.zeros((2, 2))) == pytest.approx([0.2, 0.2])
    constant = TrainingPart(X, np.full(N, 7.5), ONES)
    assert boosted_numbers(constant)(X[:2]).tolist() == [7.5, 7.5]


def judged(n_rows, by_folds=False, **more):
    matrix = np.random.default_rng(1).normal(size=(n_rows, 2))
    y = np.where(matrix[:, 0] > 0, "ill", "well").astype(object)
    given = {"positive": "ill", "seed": 0, "matrix": matrix, **more}
    frame = pd.DataFrame(matrix, columns=["a", "b"])
    if by_folds:
        return judge_by_folds(
            lambda _: LogisticRegression(), frame, y, **given, n_folds=2, n_repeats=1
        )
    return judge_on_holdout(LogisticRegression(), frame, y, **given)


@pytest.mark.parametrize("by_folds", [False, True])
def test_a_table_that_is_too_small_for_a_split_is_named(by_folds):
    small, large = (76, 84) if by_folds else (48, 52)
    verdict = judged(small, by_folds)
    assert "boosted trees" not in verdict.baselines
    n_train = 38
    assert (
        f"Not compared with boosted trees: they need 40 training rows for one split, and there are "
        f"{n_train}."
    ) in verdict.sentence
    verdict = judged(large, by_folds)
    assert "boosted trees" in verdict.baselines
    assert "Not compared" not in verdict.sentence
    # A row counts as often as its weight says, and nothing is said of trees that nobody wants.
    assert "boosted trees" in judged(small, by_folds, sample_weight=np.full(small, 2)).baselines
    assert "boosted" not in judged(small, by_folds, trees=False).sentence


def test_the_trees_that_tests_share_are_those_of_the_same_rows():
    """An evaluation in a test takes trees of an earlier one (``helpers/kept_trees.py``)."""
    part = TrainingPart(X[:60], Y[:60], ONES[:60], LEVELS)
    shared = task_judging.boosted_two_classes(part)
    assert task_judging.boosted_two_classes(part) is shared
    assert shared(X).tobytes() == boosted_two_classes(part)(X).tobytes()
    for other in (
        part._replace(X=-part.X), part._replace(y=~part.y), part._replace(weights=2 * part.weights),
        part._replace(n_levels=(0,) * len(LEVELS)),
    ):  # fmt: skip
        assert task_judging.boosted_two_classes(other) is not shared
