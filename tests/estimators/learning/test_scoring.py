"""Scores that stop training: of the positive class, where a score is of one class."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, get_scorer, make_scorer, mean_absolute_error

from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning.scoring import BestByScore, of_positive
from thalweg.estimators.regressor import ThalwegRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 3))
Y = np.where(X[:, 0] + 0.5 * RNG.normal(size=160) > 0.6, "yes", "no")
OF_ONE_CLASS = ["f1", "precision", "recall", "jaccard", "average_precision", "neg_brier_score"]


@pytest.mark.parametrize("scoring", OF_ONE_CLASS)
@pytest.mark.parametrize("positive", ["yes", "no"])
def test_a_score_of_labels_is_that_of_zeros_and_ones(scoring, positive):
    ones = (positive == Y).astype(int)
    expected = get_scorer(scoring)(LogisticRegression().fit(X, ones), X, ones)
    scorer = of_positive(get_scorer(scoring), positive)
    assert scorer(LogisticRegression().fit(X, Y), X, Y) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "f1_macro", "neg_log_loss"])
def test_other_scores_are_unchanged(scoring):
    scorer = get_scorer(scoring)
    assert of_positive(scorer, "yes") is scorer


def test_a_class_that_the_scorer_names_is_kept():
    named = make_scorer(f1_score, pos_label="no")
    assert of_positive(named, "yes") is named


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("positive", [None, "no"])
@pytest.mark.parametrize("scoring", OF_ONE_CLASS)
def test_early_stopping_takes_the_positive_class_of_the_estimator(scoring, positive):
    settings = {
        "hidden_layer_sizes": (4,), "max_iter": 6, "random_state": 0, "positive": positive,
        # With this one, each epoch predicts both classes.
        "optimizer": "adam:lr=0.004,beta_2=0.95,schedule=cosine,average=2", "alpha": 2,
    }  # fmt: skip
    by_name = ThalwegClassifier(**settings, scoring=scoring).fit(X, Y)
    scorer = of_positive(get_scorer(scoring), positive or "yes")
    by_scorer = ThalwegClassifier(**settings, scoring=scorer).fit(X, Y)
    assert np.array_equal(by_name.theta_, by_scorer.theta_)


QUICK = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0, "n_bins": 0}


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("scoring", ["r2", "neg_mean_absolute_error", "neg_max_error"])
@pytest.mark.parametrize("y", [Y, (Y == "yes").astype(int), np.arange(160) % 3])
def test_a_score_of_numbers_is_refused_for_classes(scoring, y):
    with pytest.raises(SettingsError, match=f'scoring="{scoring}" is a score for numbers') as told:
        ThalwegClassifier(**QUICK, scoring=scoring).fit(X, y)
    named = told.value.fix.split('"')[1::2]
    taken = [*named[:2], named[3 if len(set(y)) > 2 else 2]]
    for name in taken:
        ThalwegClassifier(**QUICK, scoring=name).fit(X, y)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "f1", "neg_log_loss"])
def test_a_score_of_classes_is_refused_for_numbers(scoring):
    with pytest.raises(SettingsError, match="is a score for classes") as told:
        ThalwegRegressor(**QUICK, scoring=scoring).fit(X, X[:, 0])
    for name in told.value.fix.split('"')[1::2]:
        ThalwegRegressor(**QUICK, scoring=name).fit(X, X[:, 0])


def test_a_scorer_that_the_user_made_is_taken():
    grades = np.arange(160) % 3
    scorer = make_scorer(mean_absolute_error, greater_is_better=False)
    assert ThalwegClassifier(**QUICK, scoring=scorer).fit(X, grades).validation_scores_[0] <= 0


@pytest.mark.parametrize("scoring", ["roc_auc", "f1_samples"])
def test_a_score_that_fails_is_named(scoring):
    with pytest.raises(SettingsError, match=f'scoring="{scoring}" failed: .*neg_log_loss'):
        ThalwegClassifier(**QUICK, scoring=scoring).fit(X, np.arange(160) % 3)


def test_the_losses_of_the_epochs_are_minus_their_scores():
    scores = [0.5, 0.75, -2.0]
    jury = BestByScore(lambda theta: float(theta[0]), patience=None, tol=0.0)
    for epoch, score in enumerate(scores, 1):
        assert not jury.epoch_end(SimpleNamespace(epoch=epoch, theta=np.array([score])))
    assert (jury.scores, jury.losses) == (scores, [-0.5, -0.75, 2.0])
    assert (jury.best, jury.best_epoch, jury.theta) == (0.75, 2, 0.75)
