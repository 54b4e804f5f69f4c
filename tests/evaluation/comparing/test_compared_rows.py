"""A comparison names its rows, uses folds of given predictions, and refuses other folds."""

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from thalweg import DataError, Evaluation, evaluate

RANDOM = np.random.default_rng(0)
N = 400
P = RANDOM.uniform(size=N)
NOISY = np.clip(P + RANDOM.normal(0, 0.1, N), 0.01, 0.99)
Y = RANDOM.uniform(size=N) < P
FOLD = np.repeat(np.arange(5), 80)


def compared(how, **more):
    return Evaluation.from_predictions(Y, NOISY, how=how, baseline=P, **more)


def test_folds_of_given_predictions_give_the_corrected_t():
    found = compared("cross-validated", fold=FOLD)
    of_fold = [np.flatnonzero(np.equal(FOLD, k)) for k in range(5)]
    each = [log_loss(Y[k], NOISY[k]) - log_loss(Y[k], P[k]) for k in of_fold]
    half = student.ppf(0.975, 4) * np.sqrt((1 / 5 + 80 / 320) * np.var(each, ddof=1))
    (difference,) = found.verdict.differences.values()
    assert difference.n_folds == found.compare().n_folds == 5
    at_95 = difference.difference.at_95
    expected = [np.mean(each), np.mean(each) - half, np.mean(each) + half]
    np.testing.assert_allclose([at_95.value, at_95.low, at_95.high], expected, rtol=1e-9)
    assert "corrected resampled t over 5 folds" in found.verdict.sentence


@pytest.mark.parametrize("how", ["test", "training", "out-of-fold"])
def test_folds_count_only_in_cross_validation(how):
    assert compared(how, fold=FOLD).compare().n_folds is None
    assert compared("cross-validated").compare().n_folds is None


@pytest.mark.parametrize(
    ("how", "rows"),
    [
        ("test", "400 test rows"),
        ("training", "400 training rows"),
        ("out-of-fold", "400 out-of-fold rows"),
        ("cross-validated", "400 cross-validated rows"),
    ],
)
def test_a_comparison_names_the_kind_of_its_rows(how, rows):
    sentence = compared(how).verdict.sentence
    assert rows in sentence
    assert sentence.startswith("The baseline is better than the model on these")


def test_other_folds_are_refused_from_both_sides():
    X = RANDOM.normal(size=(N, 2))
    five, ten = (
        evaluate(LogisticRegression(), X, Y, how=StratifiedKFold(k), baselines=None)
        for k in (5, 10)
    )
    for one, other in ((five, ten), (ten, five)):
        with pytest.raises(DataError, match="not of the same folds"):
            one.compare(other)
    again = evaluate(LogisticRegression(C=0.1), X, Y, how=StratifiedKFold(5), baselines=None)
    assert five.compare(again).n_folds == 5


def test_predictions_of_folds_in_other_folds_are_refused():
    one, other = (compared("cross-validated", fold=fold) for fold in (FOLD, FOLD[::-1] // 2))
    with pytest.raises(DataError, match="5 and 3 folds"):
        one.compare(other)
    renamed = compared("cross-validated", fold=9 - FOLD)
    assert one.compare(renamed).n_folds == 5
