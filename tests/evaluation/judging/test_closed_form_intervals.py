"""Hall's intervals of mean losses and DeLong's of AUCs: formulas, weights, simulations."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit, ndtr

from slow_cases import slow_but
from thalweg.evaluation.judging.closed_form_intervals import (
    ClassLosses,
    auc_estimate,
    hall_ends,
    mean_loss,
)
from thalweg.evaluation.judging.intervals import (
    Estimate,
    auc_variance,
    concordance,
    once,
    proportion,
    ranked,
)
from thalweg.evaluation.judging.regression_metrics import judge_values
from thalweg.evaluation.judging.two_class_metrics import judge

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("losses", [RNG.exponential(size=40), RNG.lognormal(size=7), -np.ones(3)])
def test_halls_transformation_makes_students_quantiles_of_the_ends(losses):
    n, mean = len(losses), losses.mean()
    found = hall_ends(mean, (losses - mean) / n, n)
    if losses.std() == 0:
        assert found == (mean, mean)
        return
    # The cubic g of Hall 1992, forwards: T + γ/√n (T²/3 + 1/6) + (γ/√n)² T³/27.
    skewness = stats.skew(losses) / np.sqrt(n)
    t = (mean - np.array(found)) / (losses.std(ddof=1) / np.sqrt(n))
    cubic = t + skewness * (t**2 / 3 + 1 / 6) + skewness**2 * t**3 / 27
    assert cubic == pytest.approx(np.array([1, -1]) * stats.t.ppf(0.975, n - 1), rel=1e-9)


@pytest.mark.parametrize("values", [np.arange(1.0, 6), 9 + RNG.random(30)])
def test_losses_of_numbers_have_halls_interval_with_a_row_more(values):
    found, more = mean_loss(values, 0), np.append(values, 1.25 * values.max())
    n, skewness = len(more), stats.skew(more) / np.sqrt(len(more))
    df = np.clip(2 * n / (stats.kurtosis(more, fisher=False) - 1), 1, n - 1)
    t = (more.mean() - np.array([found.low, found.high])) / stats.sem(more)
    cubic = t + skewness * (t**2 / 3 + 1 / 6) + skewness**2 * t**3 / 27
    assert cubic == pytest.approx(np.array([1, -1]) * stats.t.ppf(0.975, df), rel=1e-9)
    assert found.value == pytest.approx(values.mean(), rel=1e-14)


def test_losses_of_classes_have_halls_interval_with_the_moments_of_drawn_classes():
    truth, p = of_classes(1.5, 60, 3)
    losses, possible = -np.log(np.where(truth, p, 1 - p)), -np.log(np.stack([1 - p, p], axis=1))
    m = min(truth.sum(), (~truth).sum())
    found = judge(truth, p).metrics["log_loss"]
    chances = 59 / 60 * np.stack([1 - p, p], axis=1) + 1 / 120
    mean = np.sum(chances * possible) / 60
    moments = [
        (
            m * np.mean((losses - losses.mean()) ** k)
            + 10 * np.sum(chances * (possible - mean) ** k) / 60
        )
        / (m + 10)
        for k in (2, 3)
    ]
    skewness = moments[1] / moments[0] ** 1.5 / np.sqrt(60)
    t = (losses.mean() - np.array([found.low, found.high])) / np.sqrt(moments[0] / 59)
    cubic = t + skewness * (t**2 / 3 + 1 / 6) + skewness**2 * t**3 / 27
    assert 0 < skewness < 0.4
    assert cubic == pytest.approx(np.array([1, -1]) * stats.t.ppf(0.975, 59), rel=1e-9)


def test_skewed_losses_reach_farther_up():
    found = mean_loss(np.sort(RNG.lognormal(size=50)), 0)
    assert found.high - found.value > 1.3 * (found.value - found.low)


def test_a_mean_of_losses_is_not_below_0_nor_above_what_is_possible():
    few = np.array([0.0] * 12 + [1.0])
    assert 0 < mean_loss(few, 0).low < 0.02  # a row that loses refutes 0
    # Of losses that are 0 or the highest, it is within Wilson's interval of their share.
    chances = np.full((13, 2), 0.5)
    losses = ClassLosses(2 * few, np.tile([0.0, 2.0], (13, 1)), chances, 6, highest=2.0)
    found, share = mean_loss(losses, 0), proportion(1, 13)
    assert found.high == pytest.approx(2 * share.high, rel=1e-12)
    assert 2 * share.low <= found.low < found.value
    # Rows that all lose the same show no spread: up to Wilson's share may lose the most they can.
    assert mean_loss(np.zeros(9), 0) == Estimate(0, 0, np.inf)
    assert mean_loss(np.ones(1), 0) == Estimate(1, 0, np.inf)
    least, most = np.full(9, 0.1), np.full(9, 0.5)
    chances, ends = np.full((9, 2), 0.5), np.stack([least, most], axis=1)
    found = mean_loss(ClassLosses(least, ends, chances, 4), 0)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1 + 0.4 * proportion(0, 9).high))
    sure = mean_loss(ClassLosses(least, ends[:, [0, 0]], chances, 4), 0)
    assert sure == Estimate(found.value, *[found.value] * 2)
    assert mean_loss(np.array([0.1, 0.4]), 0) == Estimate(0.25, 0, np.inf)


def test_infinite_losses_have_the_interval_of_the_bootstrap():
    found = mean_loss(np.array([0.1] * 30 + [np.inf]), 0)
    assert found.value == found.high == np.inf
    assert found.low == pytest.approx(0.1)


def test_losses_of_any_size_have_an_interval():
    losses = np.sort(RNG.exponential(size=30))
    expected = mean_loss(losses, 0)
    for unit in (1e-200, 1e200):
        found = mean_loss(unit * losses, 0)
        for end in ("value", "low", "high"):
            assert getattr(found, end) == pytest.approx(unit * getattr(expected, end), rel=1e-9)


def test_equal_weights_change_nothing_and_unequal_ones_widen():
    rng = np.random.default_rng(0)
    losses = np.sort(rng.exponential(size=200))
    expected, weights = mean_loss(losses, 0), rng.lognormal(sigma=0.4, size=200)
    alike = mean_loss(losses, 0, np.full(200, 0.3))
    assert vars(alike) == pytest.approx(vars(expected), rel=1e-12)
    found = mean_loss(losses, 0, weights)
    assert found.value == pytest.approx(np.average(losses, weights=weights))
    share = weights / weights.sum()
    spread = np.sqrt(np.sum(share**2 * (losses - found.value) ** 2))
    assert spread < (found.high - found.low) / 3.92 < 2 * spread
    uneven = mean_loss(losses, 0, weights**3)
    assert uneven.high - uneven.low > 1.5 * (expected.high - expected.low)
    assert vars(mean_loss(losses, 0, 7 * weights)) == pytest.approx(vars(found), rel=1e-12)


def of_classes(distance, n, seed, prevalence=0.5):
    """Calibrated probabilities of rows that are normally distributed in each class."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < prevalence
    score = rng.normal(size=n) + np.where(truth, distance / 2, -distance / 2)
    return truth, 1 / (1 + np.exp(-(distance * score + np.log(prevalence / (1 - prevalence)))))


def true_scores(distance, prevalence=0.5):
    """The true log-loss and Brier score of these rows, by quantiles of both classes."""
    normal = stats.norm.ppf((np.arange(200_001) + 0.5) / 200_001)
    total = np.zeros(2)
    for sign, share in ((1, prevalence), (-1, 1 - prevalence)):
        score = normal + sign * distance / 2
        p = 1 / (1 + np.exp(-(distance * score + np.log(prevalence / (1 - prevalence)))))
        of_truth = p if sign == 1 else 1 - p
        total += share * np.array([-np.mean(np.log(of_truth)), np.mean((1 - of_truth) ** 2)])
    return dict(zip(("log_loss", "brier"), total, strict=True))


@pytest.mark.parametrize(
    ("n", "distance", "prevalence"),
    slow_but(
        [(20, 3.5, 0.5)],
        [
            (n, distance, prevalence)
            for n, prevalence in ((200, 0.5), (500, 0.2), (100, 0.5), (40, 0.5), (20, 0.5))
            for distance in (0.8, 1.5, 2.5, 3.5)
        ],
    ),
)
def test_the_interval_holds_the_true_log_loss_and_brier_score(n, distance, prevalence):
    truths, n_tables = true_scores(distance, prevalence), 1000
    held = dict.fromkeys(truths, 0)
    for seed in range(n_tables):
        metrics = judge(*of_classes(distance, n, seed, prevalence)).metrics
        for name, true in truths.items():
            held[name] += metrics[name].low <= true <= metrics[name].high
    low, high = (0.93, 0.97) if n * prevalence >= 100 else (0.92, 1.0)
    for name, count in held.items():
        assert low - 0.01 < count / n_tables < high + 0.01, name


@pytest.mark.parametrize(
    ("n", "noise", "n_tables"),
    [
        (100, "normal", 400),
        *(
            pytest.param(n, noise, 1000, marks=pytest.mark.slow)
            for n in (20, 50, 100, 300)
            for noise in ("normal", "laplace")
        ),
    ],
)
def test_the_interval_holds_the_true_rmse_mae_and_r2(n, noise, n_tables):
    scale = 1 if noise == "normal" else np.sqrt(0.5)
    truths = {
        "rmse": 1.0,
        "mae": np.sqrt(2 / np.pi) if noise == "normal" else scale,
        "r2": 1 - 1 / (1 + 1.5**2),
    }
    held = dict.fromkeys(truths, 0)
    for seed in range(n_tables):
        rng = np.random.default_rng(seed)
        predicted = 1.5 * rng.normal(size=n)
        errors = rng.normal(size=n) if noise == "normal" else rng.laplace(scale=scale, size=n)
        metrics = judge_values(predicted + errors, predicted).metrics
        for name, true in truths.items():
            held[name] += metrics[name].low <= true <= metrics[name].high
    # The fourth moment of Laplace's errors is twice the normal one, and few rows do not show it.
    low = 0.89 if noise == "laplace" and n < 50 else 0.92 if n < 100 else 0.93
    for name, count in held.items():
        assert low - 0.01 < count / n_tables < 0.98, name


def rows(m, n, distance, seed, spread=1.0):
    """Scores of m positive rows and n negative ones; the positive ones are first."""
    rng = np.random.default_rng(seed)
    truth = np.arange(m + n) < m
    return truth, np.where(
        truth, spread * rng.normal(size=m + n) + distance, rng.normal(size=m + n)
    )


def rates(rng, n_rows):
    """Squared errors of rates, and their exposures: short times lose much, and count little."""
    exposures = rng.uniform(0.02, 1.0, size=n_rows)
    return (rng.poisson(0.5 * exposures) / exposures - 0.5) ** 2, exposures


def test_a_row_of_a_small_weight_does_not_stand_for_a_whole_row():
    # Of 300 rows, eight count 1/40 of the others, and lose 625 times as much.
    rng = np.random.default_rng(3)
    losses, weights = rng.normal(size=300) ** 2, rng.uniform(1.0, 3.0, size=300)
    few = rng.choice(300, 8, replace=False)
    losses[few], weights[few] = 625.0, 0.05
    drawn = rng.integers(300, size=(4000, 300))
    means_of = (weights[drawn] * losses[drawn]).sum(axis=1) / weights[drawn].sum(axis=1)
    low, high = np.quantile(means_of, [0.025, 0.975])
    found = mean_loss(losses, 0, weights)
    assert found.low == pytest.approx(low, rel=0.15)
    assert found.high == pytest.approx(high, rel=0.15)


def test_intervals_of_rates_hold_the_mean_loss_and_are_not_endless():
    # E[w (k / w - m)²] / E[w], with k of Poisson's distribution and the mean m w, is m / E[w].
    true, rng = 0.5 / 0.51, np.random.default_rng(5)
    missed, ratios = 0, []
    for _ in range(300):
        losses, exposures = rates(rng, 200)
        found = mean_loss(losses, 0, exposures)
        missed += not found.low <= true <= found.high
        ratios.append(found.high / found.low)
    assert missed / 300 <= 0.075  # measured: 4 %
    assert np.median(ratios) < 4  # measured: 3.4; by the largest loss alone 14


def measured(truth, score, weights=None, folds=None):
    return auc_estimate([ranked(truth, score, folds)], len(truth), weights)


def by_hand(truth, score):
    """The interval from all pairs of rows, by the formulas of DeLong et al. and of Newcombe."""
    x, y = score[truth], score[~truth]
    pairs = (x[:, np.newaxis] > y) + 0.5 * (x[:, np.newaxis] == y)
    m, n, auc = len(x), len(y), pairs.mean()
    delong = pairs.mean(axis=1).var(ddof=1) / m + pairs.mean(axis=0).var(ddof=1) / n
    few = min(m, n)
    variance = (few * delong + 10 * auc_variance(auc, m, n)) / (few + 10)
    half = stats.t.ppf(0.975, few - 1) * np.sqrt(variance) / (auc * (1 - auc))
    return auc, expit(logit(auc) - half), expit(logit(auc) + half)


@pytest.mark.parametrize(("m", "n"), [(6, 6), (20, 50), (90, 30)])
@pytest.mark.parametrize("ties", [1, 8])
def test_the_interval_is_that_of_all_pairs(m, n, ties):
    truth, score = rows(m, n, 1, 0)
    score = np.round(score, ties)
    found = measured(truth, score)
    assert (found.value, found.low, found.high) == pytest.approx(by_hand(truth, score), abs=1e-12)


def test_scores_that_are_all_the_same_have_an_auc_of_a_half_for_sure():
    found = measured(np.arange(20) < 8, np.full(20, 0.3))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_rows_in_order_have_wilsons_interval_of_the_rarest_class():
    truth = np.arange(40) < 15
    found = measured(truth, -np.arange(40.0))
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(15 / (15 + 1.959964**2), rel=1e-6)
    reverse = measured(truth, np.arange(40.0))
    assert (reverse.low, reverse.value) == (0, 0)


def test_fewer_than_six_rows_of_a_class_say_nothing():
    truth, score = rows(5, 100, 1, 0)
    found = measured(truth, score)
    assert (found.low, found.high) == (0, 1)
    assert np.isnan(measured(np.zeros(9, dtype=bool), np.arange(9.0)).value)


def test_only_pairs_within_a_fold_count():
    truth, score = rows(40, 60, 1, 0)
    folds = np.random.default_rng(1).integers(3, size=100)
    shifted = score + 100 * folds
    found = measured(truth, shifted, folds=folds)
    assert found == measured(truth, score, folds=folds)
    assert found.value == concordance(once(100), ranked(truth, score, folds))[0]
    whole = measured(truth, score)
    assert found.high - found.low == pytest.approx(whole.high - whole.low, rel=0.1)


def test_weights_of_whole_numbers_have_the_auc_of_the_rows_and_a_wider_interval():
    truth, score = rows(40, 60, 1, 0)
    weights = np.random.default_rng(1).integers(1, 4, size=100).astype(float)
    again = np.repeat(np.arange(100), weights.astype(int))
    found, of_rows = measured(truth, score, weights), measured(truth[again], score[again])
    assert found.value == pytest.approx(of_rows.value, abs=1e-15)
    assert found.high - found.low > 1.2 * (of_rows.high - of_rows.low)
    assert measured(truth, score, np.full(100, 0.25)) == measured(truth, score)


def test_the_mean_of_several_aucs_knows_that_they_go_together():
    truth, score = rows(40, 60, 1, 0)
    ranks = ranked(truth, score, None)
    one, twice = auc_estimate([ranks], 100), auc_estimate([ranks, ranks], 100)
    assert twice.value == one.value
    # The same AUC twice says no more than once; Newcombe's part of the variance does not know it.
    assert 0.94 < (twice.high - twice.low) / (one.high - one.low) < 1
    absent = ranked(np.zeros(100, dtype=bool), score, None)
    assert auc_estimate([ranks, absent], 100) == one


def coverage(m, n, distance, spread, n_tables):
    auc = ndtr(distance / np.hypot(1, spread))
    found = [measured(*rows(m, n, distance, seed, spread)) for seed in range(n_tables)]
    return np.mean([each.low <= auc <= each.high for each in found])


@pytest.mark.parametrize(
    ("m", "n", "distance", "spread"),
    slow_but(
        [(100, 100, 2.5, 1)],
        [
            (m, n, distance, spread)
            for m, n in ((100, 100), (100, 400), (6, 60), (20, 20), (20, 200), (10, 300))
            for distance, spread in ((0.4, 1), (1.8, 1), (2.5, 1), (3.3, 1), (1.8, 2))
        ],
    ),
)
def test_the_interval_holds_the_true_auc(m, n, distance, spread):
    held = coverage(m, n, distance, spread, 1000)
    # Three standard errors of 1,000 tables are 0.02 beside 0.95.
    assert held > 0.92 - 0.02 if min(m, n) < 100 else 0.93 - 0.005 < held < 0.97 + 0.005


def test_a_constant_has_an_auc_of_a_half_however_few_the_rows():
    known = judge(np.arange(40) < 4, np.full(40, 0.3)).metrics["auc"]
    assert (known.low, known.value, known.high) == (0.5, 0.5, 0.5)
    # Tied on the whole, but not for each row.
    other = judge(np.arange(3) == 1, np.array([0.1, 0.2, 0.3])).metrics["auc"]
    assert (other.low, other.value, other.high) == (0, 0.5, 1)


def test_a_mean_of_tiny_losses_that_is_rounded_to_0_has_an_interval():
    found = judge([False] * 3, [0.0, 0.0, 5e-324]).metrics["log_loss"]
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high >= 0.0
