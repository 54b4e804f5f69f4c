"""Two models' answers: on test rows by the bootstrap, in cross-validation over the folds."""

import math

import numpy as np
import pytest
from scipy import stats

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.compared_answers import compare_answers, rounds_of
from thalweg.evaluation.judging.regression_loss import measure_of_loss
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, TwoClasses

RANDOM = np.random.default_rng(0)
N = 100
TRUTH = RANDOM.random(N) < 0.4
P, Q = np.clip(RANDOM.beta(2, 3, (2, N)), 0.01, 0.99)
FOLDS = np.arange(N) % 5
TWO = TwoClasses("ill", "well")


def answers(answer, truth=TRUTH, folds=FOLDS, weights=None):
    return Answers(truth, answer, weights, folds, how="cross-validated")


def log_losses(p):
    return -np.log(np.where(TRUTH, p, 1 - p))


def test_one_repetition_of_five_folds_is_the_corrected_resampled_t():
    """Half of the interval is 1.862 standard deviations of the five differences."""
    pair = [(answers(P), answers(Q))]
    found = compare_answers(TWO, pair, taught=[np.full(5, 80)], margin=0.05, seed=0)
    of_each = [np.mean((log_losses(P) - log_losses(Q))[k == FOLDS]) for k in range(5)]
    assert found.difference.value == pytest.approx(np.mean(of_each))
    half = found.difference.at_95.high - found.difference.value
    assert half == pytest.approx(1.862 * np.std(of_each, ddof=1), rel=1e-3)
    scale = np.sqrt(1 / 5 + 20 / 80) * np.std(of_each, ddof=1)
    posterior = stats.t(4, np.mean(of_each), scale)
    assert found.chances.better == pytest.approx(posterior.cdf(-0.05))
    assert found.chances.worse == pytest.approx(posterior.sf(0.05))
    assert found.chances.equal == pytest.approx(posterior.cdf(0.05) - posterior.cdf(-0.05))
    assert found.n_folds == 5
    assert found.as_dict()["chances"]["better"] == found.chances.better


def test_repetitions_count_all_folds_with_their_own_training_rows():
    other = np.arange(N) // 20  # other folds of the second repetition
    pairs = [(answers(P), answers(Q)), (answers(P, folds=other), answers(Q, folds=other))]
    taught = [np.full(5, 80), np.array([20, 40, 60, 80, 80])]
    found = compare_answers(TWO, pairs, taught=taught, margin=None, seed=0)
    d = log_losses(P) - log_losses(Q)
    of_each = [np.mean(d[f == k]) for f in (FOLDS, other) for k in range(5)]
    ratio = np.mean([20 / n for n in np.concatenate(taught)])
    scale = np.sqrt(1 / 10 + ratio) * np.std(of_each, ddof=1)
    assert found.n_folds == 10
    assert found.difference.at_90.high == pytest.approx(
        np.mean(of_each) + stats.t.ppf(0.95, 9) * scale
    )


def test_test_rows_are_compared_by_the_bootstrap():
    rows = Answers(TRUTH, P), Answers(TRUTH, Q)
    found = compare_answers(TWO, [rows], margin=None, seed=3)
    assert found.difference == TWO.difference(*rows, 3)
    assert (found.n_folds, found.chances) == (None, None)
    # A single split of cross-validation has a single difference: no spread is known of it.
    one = compare_answers(TWO, [rows], taught=[np.array([80])], margin=None, seed=3)
    assert one.difference == found.difference


def test_a_fold_without_rows_is_left_out():
    pair = [(answers(P), answers(Q))]
    found = compare_answers(TWO, pair, taught=[np.full(6, 80)], margin=None, seed=0)
    assert found.n_folds == 5


def test_an_infinite_loss_in_a_fold_leaves_the_spread_unknown():
    certain = P.copy()
    certain[np.argmax(TRUTH)] = 0.0
    for a, b in ((certain, Q), (Q, certain), (certain, certain)):
        pair = [(answers(a), answers(b))]
        found = compare_answers(TWO, pair, taught=[np.full(5, 80)], margin=None, seed=0)
        assert found.verdict == "undecided"
        assert found.chances is None
        assert not math.isfinite(found.difference.value)
    same = [(answers(P), answers(P.copy()))]
    found = compare_answers(TWO, same, taught=[np.full(5, 80)], margin=None, seed=0)
    assert found.verdict == "equivalent"


@pytest.mark.parametrize("weights", [None, RANDOM.uniform(0.2, 3, N)])
def test_the_measure_alone_is_the_value_of_its_estimate(weights):
    rows = answers(P, weights=weights)
    assert TWO.alone(rows) == pytest.approx(TWO.judge(rows, None, seed=0).metrics["log_loss"].value)
    codes, p = RANDOM.integers(3, size=N), RANDOM.dirichlet(np.ones(3), N)
    three, several = SeveralClasses(np.array(list("abc"))), answers(p, codes, weights=weights)
    judged = three.judge(several, None, seed=0)
    assert three.alone(several) == pytest.approx(judged.metrics["log_loss"].value)
    y, guess = RANDOM.gamma(2, size=(2, N))
    for loss in (
        "squared_error",
        "absolute_error",
        "quantile:level=0.9",
        "huber:delta=1",
        "poisson",
    ):
        task = OneNumber(measure_of_loss(loss, 2.0))
        numbers = answers(guess, y, weights=weights)
        value = task.judge(numbers, None, seed=0).metrics[task.own.key].value
        assert task.alone(numbers) == pytest.approx(value)
        order = RANDOM.permutation(N)
        assert task.alone(numbers.rows(order)) == task.alone(numbers)


def test_other_rows_and_other_repetitions_are_refused():
    with pytest.raises(DataError, match="not for the same rows"):
        compare_answers(TWO, [(answers(P), answers(Q, ~TRUTH))], margin=None, seed=0)
    one = {"network": answers(P)}
    with pytest.raises(DataError, match="same number of repetitions"):
        rounds_of([one], "network", [one, one], "network")
