import numpy as np
import pytest
from scipy.special import stdtrit
from sklearn.metrics import log_loss, r2_score, roc_auc_score

from helpers.searches_of_nothing import as_selection, drawn_losses, many_searches
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.counter_based_random import generator
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.tuning.greedy_ensemble import Limits
from thalweg.tuning.honest_score import HonestScore, Selection, select_and_score
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


def test_a_difference_below_0_is_not_printed_as_0():
    half = Estimate(-0.05, -0.1, -4e-7)
    found = HonestScore(
        "log-loss", Estimate(0.1, 0.1, 0.1), Estimate(0.15, 0.1, 0.2), half, 0.1, "AUC", 0.9, 0.9,
        0.9, 20, 500, 200,
    )  # fmt: skip
    assert found.is_better
    assert "difference -0.0500000 [-0.1000000, -0.0000004]" in found.sentence()


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
    found = [select_and_score(noise(seed), seed, 20)[1] for seed in range(6)]
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
    _, found = select_and_score(Selection(np.stack([1 - p, p], axis=-1), rows_of(y), 2), 0, 40)
    assert found.is_better
    own = np.where(y == 1, p, 1 - p)
    exact = -np.log(own[1]).mean() + np.log(own[0]).mean()
    assert found.difference.value == pytest.approx(exact, rel=0.15)
    assert found.sentence().startswith("The tuned model is better than the default: log-loss ")


def test_the_default_alone_differs_by_nothing():
    random = np.random.default_rng(4)
    p = random.uniform(0.2, 0.8, size=(1, 50))
    y = (np.arange(50) % 2).astype(float)
    _, found = select_and_score(Selection(np.stack([1 - p, p], axis=-1), rows_of(y), 4), 0, 20)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert not found.is_better


def test_rows_of_a_group_are_drawn_together():
    # Each row six times: without groups, copies of a drawn row would be among those left out.
    random = np.random.default_rng(5)
    y = np.repeat(random.permutation(np.arange(40) % 2), 6).astype(float)
    p = np.repeat(1 / (1 + np.exp(-random.normal(size=(30, 40)))), 6, axis=1)
    both = np.stack([1 - p, p], axis=-1)
    _, grouped = select_and_score(
        Selection(both, rows_of(y, np.repeat(np.arange(40), 6)), 2), 0, 40
    )
    _, alone = select_and_score(Selection(both, rows_of(y), 2), 0, 40)
    assert grouped.loss.value > alone.loss.value + 0.02
    assert grouped.loss.high - grouped.loss.low > 2 * (alone.loss.high - alone.loss.low)


def selection_of(z, y, keep=4, limits=None):
    p = 1 / (1 + np.exp(-z))
    return Selection(np.stack([1 - p, p], axis=-1), rows_of(y), keep, limits)


def test_each_row_is_evaluated_by_the_mean_of_the_selections_that_did_not_draw_it():
    """The whole procedure again, with plain loops."""
    random = np.random.default_rng(6)
    truth = random.normal(size=60)
    y = (random.random(60) < 1 / (1 + np.exp(-2 * truth))).astype(float)
    z = truth + random.normal(size=(5, 60)) * np.array([[2.0], [1], [1], [0.5], [1.5]])
    selection = selection_of(z, y)
    slots, found = select_and_score(selection, 3, 25)
    draws = generator(3, "rows of trials")
    p, seen, shares = 1 / (1 + np.exp(-z)), [[] for _ in y], np.zeros(5)
    for _ in range(25):
        drawn = np.bincount(draws.integers(60, size=60), minlength=60)
        chosen = selection.chosen(drawn.astype(float))
        shares += np.bincount(chosen, minlength=5) / len(chosen) / 25
        for row in np.flatnonzero(drawn == 0):
            seen[row].append(np.mean([p[k, row] for k in chosen]))
    bagged = np.array([np.mean(each) for each in seen])

    def losses(p):
        return -np.log(np.where(y == 1, p, 1 - p))

    d = losses(bagged) - losses(p[0])
    of_rows = d.std(ddof=1) / np.sqrt(60)
    # The share and the interval are of one variance, that of rows and selection.
    error = (found.difference.high - found.difference.value) / stdtrit(59, 0.975)
    assert error > 1.01 * of_rows
    sure = 1 - (error / d.mean()) ** 2
    assert 0.5 < sure < 1
    # What is reported does not contain the share, which all rows choose.
    assert found.loss.value == pytest.approx(losses(bagged).mean(), rel=1e-12)
    assert found.difference.value == pytest.approx(d.mean(), rel=1e-12)
    assert found.second == pytest.approx(roc_auc_score(y, bagged), rel=1e-12)
    assert found.default_share == pytest.approx(1 - sure, rel=1e-9)
    assert found.sentence().endswith(
        f", of the mean over {found.n_resamples} selections of trials."
    )
    of_default = found.sentence_of_default()
    assert of_default.startswith(f"The mean over {found.n_resamples} selections of trials is ")
    assert ", of the mean" not in of_default
    wanted = sure * shares + (1 - sure) * np.eye(5)[0]
    assert np.all(np.abs(np.bincount(slots, minlength=5) / len(slots) - wanted) < 1 / 4)


def test_the_default_keeps_all_slots_where_nothing_speaks_for_others_and_none_where_all_does():
    random = np.random.default_rng(7)
    z = random.normal(size=400) * 2
    y = (random.random(400) < 1 / (1 + np.exp(-z))).astype(float)
    worse, _ = select_and_score(selection_of(np.stack([z, 0.2 * z, -z]), y), 0, 30)
    assert worse == [0]
    better, found = select_and_score(selection_of(np.stack([0.0 * z, z]), y), 0, 30)
    assert better == [1]
    assert found.is_better
    # An interval below 0 leaves the default at most the square of one over its t quantile.
    assert 0 < found.default_share < 1 / stdtrit(399, 0.975) ** 2


def test_a_default_beyond_the_limits_has_no_slot():
    random = np.random.default_rng(8)
    z = random.normal(size=80)
    y = (np.arange(80) % 2).astype(float)
    limits = Limits(np.array([[9.0, 1.0]]), np.array([4.0]))
    slots, found = select_and_score(selection_of(np.stack([2 * y - 1, z]), y, 4, limits), 0, 20)
    assert slots == [1]
    assert found.difference.low > 0
    none, _ = select_and_score(
        selection_of(np.stack([z, z]), y, 4, limits._replace(most=np.array([0.5]))), 0, 20
    )
    assert none == []


def test_where_nothing_is_gained_the_difference_is_0_on_average_and_better_is_rarely_said():
    """20,000 searches; the first ones by `select_and_score` itself."""
    first = drawn_losses(4, 40, 500, (1, 0))
    found = many_searches(4, 40, 40, 20_000, seed=1)
    ends = found.ends(3)
    for k in range(12):
        _, score = select_and_score(as_selection(first[:, :, k]), 1, 40)
        wanted = (found.difference[k], *ends[:, k])
        said = (score.difference.value, score.difference.low, score.difference.high)
        assert said == pytest.approx(wanted, abs=2e-6)
    n, spread = len(found.difference), found.difference.std()
    assert n == 20_000
    assert abs(found.difference.mean()) < 3 * spread / n**0.5
    # With the share of the default in it, it is far below 0.
    assert found.shrunk().mean() < -15 * spread / n**0.5
    # The formula of the variance, and what "better" would be without its second term.
    assert found.difference.var() == pytest.approx(
        (found.of_rows + found.of_selection).mean(), rel=0.05
    )
    nominal, noise = 0.025, (0.025 * 0.975 / n) ** 0.5
    assert np.mean(found.ends(0)[1] < 0) > nominal + 5 * noise
    assert np.mean(ends[1] < 0) < nominal + 2 * noise
    assert np.mean(ends[0] > 0) < nominal


@pytest.mark.slow
def test_the_variance_of_the_selection_is_that_of_losses_that_are_not_linear():
    """Of log-losses of mean predictions of several slots, over drawn tables."""
    values, said = [], []
    for seed in range(150):
        random = np.random.default_rng(seed)
        truth = random.normal(size=100)
        y = (random.random(100) < 1 / (1 + np.exp(-truth))).astype(float)
        z = truth + 0.5 * random.normal(size=(6, 100))
        _, found = select_and_score(selection_of(z, y, keep=3), seed, 30)
        values.append(found.difference.value)
        half = (found.difference.high - found.difference.low) / 2
        said.append(half / 1.984)
    assert 0.6 < np.std(values) / np.sqrt(np.mean(np.square(said))) < 1


@pytest.mark.parametrize(
    ("positive", "groups", "why"),
    [
        (3, None, "only 3 rows are of another class than the most common, and fewer than 6 such"),
        (20, np.arange(40) % 5, "they count as 5 groups, and fewer than 6 cannot show it"),
    ],
)
def test_rows_that_are_too_few_for_the_one_rule_show_nothing_better(positive, groups, why):
    y = (np.arange(40) < positive).astype(float)
    share = np.where(y == 1, 0.9, 0.1)
    worse = np.where(y == 1, 0.6, 0.4)
    predicted = np.stack([np.stack([1 - p, p], axis=-1) for p in (worse, share)])
    slots, found = select_and_score(Selection(predicted, rows_of(y, groups), 3), 0, 20)
    assert found.difference.high < 0
    assert not found.is_better
    assert f"is not shown to be better than the default, as {why}" in found.sentence()
    assert "not shown to be better" in found.finding()
    assert set(slots) == {1}
