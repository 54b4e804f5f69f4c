import numpy as np
import pytest
from sklearn.metrics import log_loss, r2_score, roc_auc_score

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.tuning.honest_score import Selection, honest_score
from thalweg.tuning.losses_of_trials import TrialLosses
from thalweg.tuning.trial_fits import TrialTable


def losses_of(model, X, y, weights=None):
    table = TrialTable.of(model.set_params(random_state=0), GivenRows(X, y, weights))
    return table.losses


@pytest.fixture(scope="module")
def binary():
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 2))
    return losses_of(ThalwegClassifier(), X, (X[:, 0] > 0).astype(int), random.integers(1, 4, 80))


def test_loss_and_auc_of_classes_are_scikit_learns(binary):
    p = np.round(np.random.default_rng(1).uniform(0.05, 0.95, len(binary.y)), 1)
    both = np.stack([1 - p, p], axis=1)
    wanted = log_loss(binary.y, p, sample_weight=binary.weights)
    assert binary.mean(both) == pytest.approx(wanted, rel=1e-12)
    auc = roc_auc_score(binary.y, p, sample_weight=binary.weights)
    assert binary.second(both, binary.weights) == pytest.approx(auc, rel=1e-12)
    assert np.isnan(binary.second(both, np.where(binary.y == 1, binary.weights, 0.0)))


def test_loss_and_r2_of_numbers_are_scikit_learns():
    random = np.random.default_rng(2)
    X = random.normal(size=(50, 2))
    found = losses_of(ThalwegRegressor(), X, X[:, 0])
    predicted = found.y + random.normal(size=50)
    assert found.name == "squared error"
    assert found.mean(predicted) == pytest.approx(np.mean((found.y - predicted) ** 2))
    assert found.second(predicted, found.weights) == pytest.approx(r2_score(found.y, predicted))


def rows_of(y, groups=None):
    def losses(y, share):
        return -np.log(share)

    def truth(y, predicted):
        return np.where(y == 1, predicted[..., 1], predicted[..., 0])

    def auc(y, mean, weights):
        seen = weights > 0
        return roc_auc_score(y[seen], mean[seen, 1])

    def shares(y, weights):
        share = np.average(y, weights=weights)
        return np.array([1 - share, share])

    return TrialLosses("log-loss", "AUC", y, np.ones(len(y)), groups, truth, losses, auc, shares)


def noise(seed, n_rows=120, n_trials=30, spread=0.5):
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(n_rows) % 2).astype(float)
    p = 1 / (1 + np.exp(-spread * random.normal(size=(n_trials, n_rows))))
    return Selection(np.stack([1 - p, p], axis=-1), rows_of(y), 3)


def test_of_noise_the_honest_auc_is_a_half_while_that_of_the_best_trial_is_more():
    found = [honest_score(noise(seed), seed, 20) for seed in range(6)]
    assert np.mean([each.second for each in found]) == pytest.approx(0.5, abs=0.04)
    assert np.mean([each.best_trial_second for each in found]) > 0.58
    # The loss of a constant answer is ln 2; that of the best trial looks lower than it is.
    assert np.mean([each.best_trial_loss for each in found]) < np.mean(
        [each.loss.value for each in found]
    )


def test_a_trial_that_is_better_is_shown_to_be_better():
    random = np.random.default_rng(3)
    z = random.normal(size=300) * 2
    y = (random.random(300) < 1 / (1 + np.exp(-z))).astype(float)
    p = 1 / (1 + np.exp(-np.stack([0.3 * z, z])))
    found = honest_score(Selection(np.stack([1 - p, p], axis=-1), rows_of(y), 2), 0, 40)
    assert found.is_better
    own = np.where(y == 1, p, 1 - p)
    exact = -np.log(own[1]).mean() + np.log(own[0]).mean()
    assert found.difference.value == pytest.approx(exact, rel=0.15)
    assert found.sentence().startswith("The tuned model is better than the default: log-loss ")


def test_the_default_alone_differs_by_nothing():
    random = np.random.default_rng(4)
    p = random.uniform(0.2, 0.8, size=(1, 50))
    y = (np.arange(50) % 2).astype(float)
    found = honest_score(Selection(np.stack([1 - p, p], axis=-1), rows_of(y), 4), 0, 20)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert not found.is_better


def test_rows_of_a_group_are_drawn_together():
    # Each row six times: without groups, copies of a drawn row would be among those left out.
    random = np.random.default_rng(5)
    y = np.repeat(random.permutation(np.arange(40) % 2), 6).astype(float)
    p = np.repeat(1 / (1 + np.exp(-random.normal(size=(30, 40)))), 6, axis=1)
    both = np.stack([1 - p, p], axis=-1)
    grouped = honest_score(Selection(both, rows_of(y, np.repeat(np.arange(40), 6)), 2), 0, 40)
    alone = honest_score(Selection(both, rows_of(y), 2), 0, 40)
    assert grouped.loss.value > alone.loss.value + 0.02
    assert grouped.loss.high - grouped.loss.low > 2 * (alone.loss.high - alone.loss.low)
