"""Scores that stop training: of the positive class, where a score is of one class."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, get_scorer, make_scorer

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning.scoring import of_positive

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


@pytest.mark.parametrize("positive", [None, "no"])
@pytest.mark.parametrize("scoring", OF_ONE_CLASS)
def test_early_stopping_takes_the_positive_class_of_the_estimator(scoring, positive):
    settings = {
        "hidden_layer_sizes": (4,), "max_iter": 6, "random_state": 0, "positive": positive,
        "learning_rate_init": 0.004,  # with which each epoch predicts both classes
    }  # fmt: skip
    by_name = ThalwegClassifier(**settings, scoring=scoring).fit(X, Y)
    scorer = of_positive(get_scorer(scoring), positive or "yes")
    by_scorer = ThalwegClassifier(**settings, scoring=scorer).fit(X, Y)
    assert np.array_equal(by_name.theta_, by_scorer.theta_)
