"""Intervals where rows of one group depend on each other: closed forms, extremes, simulation."""

import numpy as np
import pytest
from scipy import stats

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.calibration.calibration_gate import calibration_gate
from thalweg.evaluation.calibration.calibration_sentences import calibration_sentence
from thalweg.evaluation.calibration.class_calibration import temperature_test
from thalweg.evaluation.calibration.regression_calibration import regression_calibration
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import BETTER, UNDECIDED
from thalweg.evaluation.comparing.paired_differences import paired_difference
from thalweg.evaluation.comparing.ruling_sentences import beside
from thalweg.evaluation.decisions.abstention import abstain, risk_coverage
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.evaluation.decisions.floor_thresholds import by_sensitivity
from thalweg.evaluation.decisions.operating_point import at_threshold
from thalweg.evaluation.decisions.threshold_spread import with_spread
from thalweg.evaluation.dependent_rows import (
    design_effect,
    group_codes,
    independent_number,
    rows_of_mean,
)
from thalweg.evaluation.judging.closed_form_intervals import auc_estimate, mean_loss
from thalweg.evaluation.judging.intervals import ranked, share_of
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.judging.regression_metrics import judge_values, rmse_difference
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.task_judging import task_of

GROUPS, SIZE = 60, 5


def drawn(seed, n_groups=GROUPS, size=SIZE):
    """Groups, classes, calibrated probabilities, numbers and predictions: correlation 0.5."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), size)

    def half():
        shared = rng.normal(size=n_groups)[groups]
        return np.sqrt(0.5) * (shared + rng.normal(size=len(groups)))

    score, noise = half(), half()
    probability = stats.norm.cdf(1.2 * score - 0.8)
    return groups, 1.2 * score - 0.8 + noise > 0, probability, score + half(), score


def same(found, expected):
    return vars(found) == pytest.approx(vars(expected), rel=1e-9)


def test_rows_without_groups_or_alone_in_them_are_independent():
    assert group_codes(None) is None
    assert group_codes(np.array(["b", "a", "c"])) is None
    assert group_codes(np.array(["b", "a", "b"])).tolist() == [1, 0, 1]
    _, y, p, *_ = drawn(0)
    alone = judge(y, p, groups=np.arange(len(y)))
    assert alone == judge(y, p)


def test_equal_rows_of_a_group_are_one_row():
    _, y, p, number, predicted = drawn(1, 40, 1)
    y5, number5, predicted5 = (np.repeat(each, 5) for each in (y, number, predicted))
    groups = np.repeat(np.arange(40), 5)
    one, rank = judge_values(number, predicted), np.empty(40, int)
    # The bootstrap draws the same groups if their order is that of the rows.
    rank[np.lexsort((predicted, number))] = np.arange(40)
    all_rows = judge_values(number5, predicted5, groups=np.repeat(rank, 5))
    for name in ("rmse", "mae", "r2"):
        assert same(all_rows.metrics[name], one.metrics[name]), name
    losses, others = -np.log(np.where(y, p, 1 - p)), np.full(40, 0.7)
    rank[np.argsort(losses - others)] = np.arange(40)
    pair = np.repeat(losses, 5), np.repeat(others, 5)
    found = paired_difference(*pair, 0, groups=np.repeat(rank, 5))
    expected = paired_difference(losses, others, 0)
    assert same(found.at_95, expected.at_95)
    assert same(found.at_90, expected.at_90)
    # Of shares, (z / t)² counts less.
    n = rows_of_mean(y5, None, groups)
    assert n == pytest.approx(40 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 39)) ** 2)
    line = regression_calibration(Answers(number5, predicted5, groups=groups))
    expected = regression_calibration(Answers(number, predicted))
    assert same(line.bias, expected.bias)
    assert same(line.slope, expected.slope)
    assert line.p_value == pytest.approx(expected.p_value, rel=1e-9)


def test_the_design_effect_is_that_of_its_formula_within_its_bounds():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(30), 4)
    values = rng.normal(size=120) + 0.8 * rng.normal(size=30)[groups]
    terms = (values - values.mean()) / 120
    sums = terms.reshape(30, 4).sum(axis=1)
    expected = np.sum(sums**2) * 30 / 29 / (np.sum(terms**2) * 120 / 119)
    assert design_effect(terms, groups, 120, 30) == pytest.approx(expected)
    assert design_effect(np.tile([1.0, -1.0, 1.0, -1.0], 30), groups, 120, 30) == 1
    assert design_effect(np.zeros(120), groups, 120, 30) == 4  # nothing is seen of it
    assert independent_number(6, None, np.array([0, 0, 0, 0, 1, 1])) == pytest.approx(36 / 20)


def test_the_auc_has_obuchowskis_variance_where_each_group_has_both_classes():
    groups, _, _, score, _ = drawn(3)
    truth = np.tile([True, False, True, False, False], GROUPS)
    score = score + 0.9 * truth
    positive, negative = score[truth], score[~truth]
    above = positive[:, np.newaxis] > negative
    theta, (m, n) = above.mean(), above.shape
    V10, V01 = above.mean(axis=1), above.mean(axis=0)
    a = np.bincount(groups[truth], V10 - theta)
    b = np.bincount(groups[~truth], V01 - theta)
    factor = GROUPS / (GROUPS - 1)
    expected = factor * (np.sum(a**2) / m**2 + np.sum(b**2) / n**2 + 2 * np.sum(a * b) / (m * n))
    # Newcombe's variance stands beside it: solve the printed interval for the whole one.
    found = auc_estimate([ranked(truth, score, None)], len(truth), groups=groups)
    alone = auc_estimate([ranked(truth, score, None)], len(truth))
    assert found.value == pytest.approx(theta)

    def variance(each, df):
        half = (stats.logistic.ppf(each.high) - stats.logistic.ppf(each.low)) / 2
        return (half / stats.t.ppf(0.975, df) * theta * (1 - theta)) ** 2

    independent = np.sum((V10 - theta) ** 2) / (m * (m - 1)) + np.sum((V01 - theta) ** 2) / (
        n * (n - 1)
    )
    newcombe = (variance(alone, m - 1) * (m + 10) - m * independent) / 10
    ratio = (variance(found, GROUPS - 1) * (GROUPS + 10) - GROUPS * expected) / 10 / newcombe
    terms = np.zeros(len(truth))
    terms[truth], terms[~truth] = (V10 - theta) / m, (V01 - theta) / n
    assert ratio == pytest.approx(design_effect(terms, groups, len(truth), GROUPS), rel=0.02)


def test_the_line_has_the_jackknife_covariance_of_groups():
    groups, _, _, number, predicted = drawn(4, 25)
    X = np.stack([np.ones(len(number)), predicted], axis=1)
    inverse = np.linalg.inv(X.T @ X)
    away = number - X @ inverse @ X.T @ number
    middle = np.zeros((2, 2))
    for g in range(25):
        rows = groups == g
        hat = X[rows] @ inverse @ X[rows].T
        score = X[rows].T @ np.linalg.solve(np.eye(rows.sum()) - hat, away[rows])
        middle += np.outer(score, score)
    covariance = inverse @ middle @ inverse
    found = regression_calibration(Answers(number, predicted, groups=groups))
    half = stats.t.ppf(0.975, 23) * np.sqrt(np.diag(covariance))
    assert found.slope.high - found.slope.value == pytest.approx(half[1], rel=1e-9)
    assert found.intercept.high - found.intercept.value == pytest.approx(half[0], rel=1e-9)
    assert found.n_rows == 125


def test_the_slope_of_logits_has_the_sandwich_and_chi2_the_mean_design_effect():
    groups, y, p, *_ = drawn(5)
    found = two_class_calibration(Answers(y, p, groups=groups)).weak
    alone = two_class_calibration(Answers(y, p)).weak
    X = np.stack([np.ones(len(y)), np.log(p / (1 - p))], axis=1)
    beta = np.array([found.intercept_at_slope, found.slope.value])
    q = 1 / (1 + np.exp(-X @ beta))
    inverse = np.linalg.inv(X.T @ (X * (q * (1 - q))[:, np.newaxis]))
    sums = np.array([np.bincount(groups, X[:, k] * (y - q)) for k in range(2)])
    covariance = inverse @ sums @ sums.T @ inverse * GROUPS / (GROUPS - 1)
    half = stats.t.ppf(0.975, GROUPS - 1) * np.sqrt(covariance[1, 1])
    assert found.slope.high - found.slope.value == pytest.approx(half, rel=1e-6)
    effect = max(1.0, np.trace(np.linalg.inv(inverse) @ covariance) / 2)
    assert found.chi2 == pytest.approx(alone.chi2 / effect, rel=1e-6)
    assert found.intercept.high - found.intercept.low > 1.2 * (
        alone.intercept.high - alone.intercept.low
    )
    # Two classes as several: one slope without an intercept.
    several = Answers(y.astype(int), np.stack([1 - p, p], axis=1), groups=groups)
    slope = temperature_test(several).slope
    z = X[:, 1]
    q = 1 / (1 + np.exp(-slope.value * z))
    sums = np.bincount(groups, z * (y - q))
    variance = np.sum(sums**2) * GROUPS / (GROUPS - 1) / np.sum(z**2 * q * (1 - q)) ** 2
    half = stats.t.ppf(0.975, GROUPS - 1) * np.sqrt(variance)
    assert slope.high - slope.value == pytest.approx(half, rel=1e-6)


def test_the_gate_counts_groups_and_its_map_does_not():
    groups, y, p, *_ = drawn(5)
    sure = stats.norm.cdf(2 * stats.norm.ppf(p))
    grouped, alone = (calibration_gate(Answers(y, sure, groups=each)) for each in (groups, None))
    assert grouped.calibration == alone.calibration is not None
    assert alone.p_value < grouped.p_value < 0.05


def test_what_takes_rows_as_independent_says_so():
    groups, y, p, *_ = drawn(6)
    grouped = two_class_calibration(Answers(y, p, groups=groups))
    assert np.isnan(grouped.brier.p_value)
    assert "take rows as independent" in calibration_sentence(grouped)
    assert "independent" not in calibration_sentence(two_class_calibration(Answers(y, p)))
    assert 0 < grouped.smooth.ici.high < 1


def test_one_group_says_nothing_about_others():
    groups = np.zeros(150, int)
    _, y, p, number, predicted = drawn(7, 30)
    found = judge(y, p, groups=groups).metrics
    assert (found["log_loss"].low, found["log_loss"].high) == (0, np.inf)
    assert (found["auc"].low, found["auc"].high) == (0, 1)
    assert found["accuracy"].high - found["accuracy"].low > 0.9
    values = judge_values(number, predicted, groups=groups).metrics
    assert (values["rmse"].low, values["rmse"].high) == (0, np.inf)
    assert (values["r2"].low, values["r2"].high) == (-np.inf, 1)
    assert rmse_difference(number, predicted, 0 * predicted, groups=groups).at_95.high == np.inf
    pair = paired_difference(p, 0 * p, 0, groups=groups)
    assert pair.at_95.low == pair.at_90.low == -np.inf
    answers = Answers(y, p, groups=groups)
    assert "fewer than 3 groups" in two_class_calibration(answers).weak.refused
    assert (
        "needs 10 groups"
        in regression_calibration(Answers(number, predicted, groups=groups)).refused
    )


def test_five_groups_show_no_difference():
    groups, y, p, *_ = drawn(8, 5, 40)
    task = task_of(np.array([0, 1]))
    rows, other = Answers(y, p, groups=groups), Answers(y, np.full(200, 0.5), groups=groups)
    found = compare_answers(task, [(rows, other)], margin=None, seed=0)
    assert found.difference.at_95.high < 0
    assert found.verdict == UNDECIDED
    assert "they count as 5 groups, and fewer than 6 cannot show it" in beside("it", found, 200)
    free = compare_answers(task, [(Answers(y, p), other)], margin=None, seed=0)
    assert free.verdict == BETTER
    one = Evaluation.from_predictions(y.astype(int), p, baseline=other.answer, groups=groups)
    assert one.compare("the baseline").is_of_few


def test_the_order_of_the_rows_and_the_names_of_groups_do_not_count():
    groups, y, p, number, predicted = drawn(9, 30)
    p, predicted = p.round(1).clip(0.05, 0.95), predicted.round()
    weights = np.random.default_rng(9).choice([0.5, 1.25, 2.0], len(y))
    expected, mixed = None, np.random.default_rng(0)
    for _ in range(3):
        order = mixed.permutation(len(y))
        of_classes = Answers(y, p, weights, groups=groups).rows(order)
        of_numbers = Answers(number, predicted, weights, groups=groups).rows(order)
        found = (
            str(
                judge(
                    of_classes.truth, of_classes.answer, of_classes.in_rows(), groups=groups[order]
                )
            ),
            str(judge_values(number[order], predicted[order], groups=groups[order])),
            str(two_class_calibration(of_classes).as_dict()),
            str(regression_calibration(of_numbers)),
            str(decision_curve(of_classes, 0.1, 0.4, other=of_classes)),
            str(at_threshold(of_classes, 0.3, missed=3, alarm=1)),
            str(abstain(of_classes, 0.2)),
            str(risk_coverage(of_classes)),
            str(with_spread(of_classes, by_costs(4, 1))),
            str(with_spread(of_classes, by_sensitivity(of_classes, 0.6))),
        )
        assert expected is None or found == expected
        expected = found


def intervals(seed):
    groups, y, p, number, predicted = drawn(seed)
    found = {**judge(y, p, groups=groups).metrics}
    found |= {"rmse": judge_values(number, predicted, groups=groups).metrics["rmse"]}
    answers = Answers(y, p, groups=groups)
    found["O/E"] = two_class_calibration(answers).observed_by_expected
    found["cost"] = at_threshold(answers, 0.2, missed=4, alarm=1).cost
    found["net benefit"] = decision_curve(answers, 0.2, 0.2).model[0]
    found["balanced"] = judge_classes(
        y.astype(int), np.stack([1 - p, p], axis=1), groups=groups
    ).metrics["balanced_accuracy"]
    return found


def truths():
    """The same numbers of a million rows."""
    _, y, p, number, predicted = drawn(99, 200_000)
    called = p > 0.5
    sides = called[y].mean(), (~called[~y]).mean()
    ranks = stats.rankdata(p)
    n = y.sum()
    return {
        "accuracy": (called == y).mean(),
        "sensitivity": sides[0],
        "specificity": sides[1],
        "balanced": np.mean(sides),
        "auc": (ranks[y].sum() - n * (n + 1) / 2) / (n * (len(y) - n)),
        "log_loss": -np.log(np.where(y, p, 1 - p)).mean(),
        "brier": np.mean((p - y) ** 2),
        "rmse": np.sqrt(np.mean((number - predicted) ** 2)),
        "O/E": y.sum() / p.sum(),
        "cost": np.mean(4 * (y & (p <= 0.2)) + (~y & (p > 0.2))),
        "net benefit": np.mean(y & (p > 0.2)) - np.mean(~y & (p > 0.2)) / 4,
    }


@pytest.mark.slow
def test_intervals_hold_the_truth_with_a_correlation_of_one_half():
    true, n_tables = truths(), 400
    held = dict.fromkeys(true, 0)
    for seed in range(n_tables):
        found = intervals(seed)
        for name, value in true.items():
            held[name] += found[name].low <= value <= found[name].high
    # Two standard errors of 400 tables are 0.022 beside 0.95.
    assert {name: n / n_tables for name, n in held.items() if n / n_tables < 0.92} == {}


def test_closed_forms_hold_the_truth_and_rows_taken_as_independent_do_not():
    true, n_tables = truths(), 400
    held = np.zeros((2, 2))
    for seed in range(n_tables):
        groups, y, p, number, predicted = drawn(seed)
        for k, of_group in enumerate((groups, None)):
            right = share_of((p > 0.5) == y, None, of_group)
            rmse = mean_loss((number - predicted) ** 2, 0, None, of_group)
            held[k, 0] += right.low <= true["accuracy"] <= right.high
            held[k, 1] += rmse.low <= true["rmse"] ** 2 <= rmse.high
    grouped, alone = held / n_tables
    assert grouped.min() > 0.92
    assert alone.min() < 0.9
