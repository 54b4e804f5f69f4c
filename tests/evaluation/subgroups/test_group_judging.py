"""Subgroup tables: metrics against other formulas, what is refused, and what the sentence says."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from sklearn.metrics import (
    brier_score_loss,
    mean_pinball_loss,
    recall_score,
    roc_auc_score,
)

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.probability_rows import probability_rows
from thalweg.evaluation.calibration.regression_calibration import regression_calibration
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration
from thalweg.evaluation.calibration.weak_calibration import large_scale
from thalweg.evaluation.judging.intervals import Estimate, proportion
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.judging.regression_metrics import judge_values
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.subgroups.group_judging import judge_groups
from thalweg.evaluation.subgroups.group_measures import fitted_intercept
from thalweg.evaluation.subgroups.group_tables import LEVEL, Subgroups
from thalweg.evaluation.subgroups.named_groups import OTHER, kept_rows
from thalweg.evaluation.subgroups.unnoticed import lower_share


def table(n=400, seed=0):
    random = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-1.5 * random.normal(size=n)))
    site = np.array(["A", "B", "C", "D"], dtype=object)[
        random.choice(4, n, p=[0.5, 0.3, 0.18, 0.02])
    ]
    return random.random(n) < p, p, site


Y, P, SITE = table()
WEIGHTS = np.random.default_rng(5).uniform(0.2, 2, len(Y))
FOUND = judge_groups(Answers(Y, P), {"site": SITE})
GROUPS = {group.name: group for group in FOUND.tables[0].groups}


def metric(group, key):
    return GROUPS[group].metrics[key]


def test_metrics_agree_with_other_formulas():
    for name in "ABC":
        y, p = Y[name == SITE], P[name == SITE]
        group = GROUPS[name]
        assert (group.n, group.events) == (len(y), y.sum())
        value = {key: found.estimate.value for key, found in group.metrics.items()}
        assert value["auc"] == pytest.approx(roc_auc_score(y, p))
        assert value["brier"] == pytest.approx(brier_score_loss(y, p))
        assert value["sensitivity"] == recall_score(y, p > 0.5)
        assert value["specificity"] == recall_score(~y, p <= 0.5)
        assert value["prevalence"] == y.mean()
        assert value["predicted_positive"] == (p > 0.5).mean()
        assert value["observed_expected"] == pytest.approx(y.sum() / p.sum())
        assert all(found.judged for found in group.metrics.values())
        called = proportion(int((y & (p > 0.5)).sum()), int(y.sum()))
        assert group.metrics["sensitivity"].estimate == called


def same_interval(found, other):
    assert [found.value, found.low, found.high] == pytest.approx(
        [other.value, other.low, other.high], rel=1e-9
    )


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_all_rows_have_the_intervals_of_the_main_table(weights):
    answers = answers_of(Y, P, weights)
    overall = judge_groups(answers, {"site": SITE}).overall
    metrics = judge(Y, P, answers.in_rows()).metrics
    for key in ("auc", "brier", "sensitivity", "specificity"):
        same_interval(overall[key], metrics[key])
    found = two_class_calibration(answers)
    same_interval(overall["observed_expected"], found.observed_by_expected)
    same_interval(overall["intercept"], found.weak.intercept)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_all_rows_of_numbers_and_of_classes_have_them_too(weights):
    random = np.random.default_rng(2)
    truth, answer = random.normal(size=(2, len(Y)))
    answers = answers_of(truth, answer + truth, weights)
    overall = judge_groups(answers, {"site": SITE}).overall
    metrics = judge_values(truth, answer + truth, answers.in_rows()).metrics
    for key in ("rmse", "mae"):
        same_interval(overall[key], metrics[key])
    bias = regression_calibration(answers).bias
    same_interval(overall["mean_error"], Estimate(-bias.value, -bias.high, -bias.low))
    codes, p = random.integers(3, size=len(Y)), random.dirichlet([1, 2, 3], len(Y))
    answers = answers_of(codes, p, weights)
    overall = judge_groups(answers, {"site": SITE}).overall
    metrics = judge_classes(codes, p, weights=answers.in_rows()).metrics
    same_interval(overall["brier"], metrics["brier"])


def test_a_group_has_the_interval_of_its_rows_alone():
    found = metric("C", "observed_expected").estimate
    same_interval(found, large_scale(probability_rows(answers_of(Y, P).rows(SITE == "C")))[1])
    none = judge_groups(
        Answers(np.zeros(40, dtype=bool), np.full(40, 0.1)), {"x": np.arange(40) % 2}
    )
    zero = none.tables[0].groups[0].metrics["observed_expected"].estimate
    assert (zero.value, zero.low) == (0, 0)
    assert zero.high == pytest.approx(10 * proportion(0, 20).high)


def log_likelihood(a, y, p):
    z = np.log(p / (1 - p)) + a
    return np.sum(np.where(y, z, 0) - np.log1p(np.exp(z)))


def likeliest(y, p):
    return optimize.minimize_scalar(
        lambda a: -log_likelihood(a, y, p), bounds=(-9, 9), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip


def test_the_intercept_and_its_likelihood_ratio():
    inside = SITE == "C"
    best = likeliest(Y[inside], P[inside])
    found = metric("C", "intercept")
    assert found.estimate.value == pytest.approx(best.x, abs=1e-6)
    assert found.estimate.low < best.x < found.estimate.high
    rest, common = likeliest(Y[~inside], P[~inside]), likeliest(Y, P)
    assert found.rest == pytest.approx(rest.x, abs=1e-6)
    ratio = 2 * (common.fun - best.fun - rest.fun)
    assert found.p == pytest.approx(stats.chi2.sf(ratio, 1), abs=1e-6)


def test_certain_probabilities():
    y, p = np.array([True, False] * 10), np.array([1.0, 0.0] * 4 + [0.7, 0.2] * 6)
    rest = fitted_intercept(y[8:], p[8:], np.ones(12))
    assert fitted_intercept(y, p, np.ones(20)) == rest
    assert math.isnan(fitted_intercept(y, 1 - p, np.ones(20)).intercept)
    wrong = np.where(np.arange(len(Y)) == np.flatnonzero(Y & (SITE == "A"))[0], 0.0, P)
    found = judge_groups(Answers(Y, wrong), {"site": SITE}).tables[0].groups
    assert "exactly 0 or 1" in found[0].metrics["intercept"].why
    assert math.isnan(found[1].metrics["intercept"].p)  # the rest has such a row
    assert found[1].metrics["intercept"].judged


def test_small_groups_show_nothing_and_rates_need_10_rows_of_the_class():
    y, p, site = table(seed=3)
    other = judge_groups(Answers(y, p), {"site": site}).tables[0].groups[-1]
    assert other.name == OTHER
    assert other.n < 10
    assert other.events is None
    assert all(math.isnan(m.estimate.value) for m in other.metrics.values())
    assert not any(m.judged for m in other.metrics.values())
    # 30 rows, of which 9 are positive.
    few = np.append(np.arange(30) < 9, y)
    group = (
        judge_groups(
            Answers(few, np.append(np.linspace(0.1, 0.9, 30), p)),
            {"g": np.array(["a"] * 30 + ["b"] * len(y), dtype=object)},
        )
        .tables[0]
        .groups[0]
    )
    judged = {key: m.judged for key, m in group.metrics.items()}
    assert judged == {
        "prevalence": True, "observed_expected": True, "intercept": False, "sensitivity": False,
        "specificity": True, "auc": False, "brier": True, "predicted_positive": True,
    }  # fmt: skip
    assert group.metrics["sensitivity"].why == "9 positive rows, fewer than 10"
    assert not math.isnan(group.metrics["sensitivity"].estimate.value)  # a hollow dot
    assert math.isnan(group.metrics["sensitivity"].p)


def test_a_probability_at_the_threshold_is_not_predicted_positive():
    y, p = np.arange(40) < 20, np.full(40, 0.3)
    group = judge_groups(Answers(y, p), {"x": np.arange(40) % 2}, threshold=0.3).tables[0].groups[0]
    assert group.metrics["predicted_positive"].estimate.value == 0


def test_a_planted_difference_is_found_and_named():
    y, p, site = table(900, 1)
    low = np.where(site == "C", 1 / (1 + np.exp(2) * (1 - p) / p), p)
    found = judge_groups(Answers(y, low), {"site": site})
    differs = {
        (group.name, key)
        for group in found.tables[0].groups
        for key, m in group.metrics.items()
        if m.differs
    }
    assert ("C", "intercept") in differs
    assert all(
        m.p <= LEVEL for g in found.tables[0].groups for m in g.metrics.values() if m.differs
    )
    assert found.tables[0].heterogeneity["intercept"].p < 1e-6
    assert found.sentence.startswith("Groups differ from the rest by more than random variation")
    assert '"site: C": calibration intercept' in found.sentence
    assert "Others may differ, too" in found.sentence


def test_no_finding_says_what_could_have_gone_unnoticed():
    assert FOUND.sentence.startswith(
        "No group differs from the rest by more than random variation"
        " (3 groups, 4 metrics, 12 tests, with Holm's correction). "
        "This does not show that the groups are alike: in "
    )
    sensitivity = next(u for u in FOUND.tables[0].unnoticed if u.metric == "sensitivity")
    assert sensitivity.group == "C"
    assert f"only below {sensitivity.value:.2g}" in FOUND.sentence
    assert "C" in {u.group for u in FOUND.tables[0].unnoticed}
    assert any("equal error rates" in note for note in FOUND.notes)


def test_what_could_have_gone_unnoticed_is_at_the_level_that_holm_asks_for():
    unnoticed = {u.metric: u for u in FOUND.tables[0].unnoticed}
    y, called = Y[SITE == "C"].sum(), P > 0.5
    rest = Y & (SITE != "C")
    share = lower_share(int(y), called[rest].mean(), int(rest.sum()), 0.05 / FOUND.n_tests)
    assert unnoticed["sensitivity"].value == pytest.approx(share)
    assert unnoticed["sensitivity"].n == y
    assert unnoticed["sensitivity"].difference == pytest.approx(share - called[rest].mean())


def test_a_group_in_which_nothing_can_be_found_is_named():
    y = np.tile([True, False], 60)
    p = np.where(np.arange(120) % 6 == 0, 0.6, 0.4)
    found = judge_groups(Answers(y, p), {"g": (np.arange(120) < 20).astype(int)})
    assert '"g: 1" (10 positive rows), not even a sensitivity of 0 (rest: 0.32)' in found.sentence


def test_adjusted_p_values_are_over_all_tables_and_two_groups_are_one_test():
    sex = np.arange(len(Y)) % 2
    both = judge_groups(Answers(Y, P), {"site": SITE, "sex": sex})
    assert both.n_tests == FOUND.n_tests + 4
    first, second = both.tables[1].groups
    for key in ("sensitivity", "intercept", "auc"):
        assert first.metrics[key].p == pytest.approx(second.metrics[key].p)
        assert first.metrics[key].p_adjusted == second.metrics[key].p_adjusted
    smallest = min(
        m.p for t in both.tables for g in t.groups for m in g.metrics.values() if m.p == m.p
    )
    lowest = min(
        m.p_adjusted
        for t in both.tables for g in t.groups for m in g.metrics.values() if m.p == m.p
    )  # fmt: skip
    assert lowest == pytest.approx(min(1, smallest * both.n_tests))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.booleans())
def test_the_order_of_the_rows_does_not_matter(seed, weighted):
    order = np.random.default_rng(seed).permutation(len(Y))
    weights = WEIGHTS if weighted else None
    mixed = Answers(Y[order], P[order], weights[order] if weighted else None)
    age = np.round(50 + 10 * P, 1)
    again = judge_groups(mixed, {"site": SITE[order], "age": age[order]})
    found = judge_groups(Answers(Y, P, weights), {"site": SITE, "age": age})
    assert again.as_dict() == found.as_dict()


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31))
def test_a_whole_number_weight_is_so_many_rows(seed):
    weights = np.random.default_rng(seed).integers(0, 4, len(Y)).astype(float)
    rows = np.repeat(np.arange(len(Y)), weights.astype(int))
    columns = {"site": SITE[kept_rows(len(Y), weights)]}
    found = judge_groups(answers_of(Y, P, weights), columns)
    assert (
        found.as_dict() == judge_groups(Answers(Y[rows], P[rows]), {"site": SITE[rows]}).as_dict()
    )


def numbers_of(found):
    return [
        (key, m.estimate.value, m.estimate.low, m.estimate.high, m.p)
        for group in found.tables[0].groups for key, m in group.metrics.items()
    ]  # fmt: skip


def test_equal_weights_change_nothing_and_their_scale_does_not_count():
    equal = judge_groups(Answers(Y, P, np.full(len(Y), 0.3)), {"site": SITE})
    for mine, plain in zip(numbers_of(equal), numbers_of(FOUND), strict=True):
        assert mine[1:] == pytest.approx(plain[1:], nan_ok=True, abs=1e-9)
    some, scaled = (judge_groups(Answers(Y, P, WEIGHTS * by), {"site": SITE}) for by in (1.0, 4.0))
    assert some.as_dict() == scaled.as_dict()
    inside = SITE == "C"
    group = some.tables[0].groups[2]
    auc = roc_auc_score(Y[inside], P[inside], sample_weight=WEIGHTS[inside])
    assert group.metrics["auc"].estimate.value == pytest.approx(auc)
    narrow, wide = (g.metrics["brier"].estimate for g in (GROUPS["C"], group))
    assert wide.high - wide.low > narrow.high - narrow.low
    assert any("Kish" in note for note in some.notes)
    dependent = judge_groups(Answers(Y, P, groups=np.arange(len(Y)) // 2), {"site": SITE})
    assert any("independent" in note for note in dependent.notes)


def test_the_auc_of_cross_validation_counts_pairs_within_folds():
    folds = np.arange(len(Y)) % 2
    shifted = np.where(folds == 1, P * 0.1, P)  # the folds cannot be ranked together
    found = judge_groups(Answers(Y, shifted, None, folds, how="cross-validated"), {"site": SITE})
    inside = SITE == "A"
    parts = [inside & (folds == k) for k in (0, 1)]
    pairs = [Y[part].sum() * (~Y[part]).sum() for part in parts]
    expected = np.average([roc_auc_score(Y[part], P[part]) for part in parts], weights=pairs)
    assert found.tables[0].groups[0].metrics["auc"].estimate.value == pytest.approx(expected)


@pytest.mark.parametrize("how", ["training", "out-of-fold"])
def test_rows_that_may_not_judge_are_refused(how):
    found = judge_groups(Answers(Y, P, how=how), {"site": SITE})
    assert "Use test rows or cross-validation" in found.refused
    assert found == Subgroups(refused=found.refused)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()


def test_one_group_is_no_comparison():
    found = judge_groups(Answers(Y, P), {"x": np.ones(len(Y))})
    assert "fewer than two groups" in found.tables[0].refused
    assert found.n_tests == 0
    assert found.sentence == found.tables[0].refused
    with pytest.raises(DataError, match="do not match"):
        judge_groups(Answers(Y, P), {"x": np.ones(3)})
    with pytest.raises(DataError, match="no row"):
        judge_groups(Answers(Y[:0], P[:0]), {})


def test_several_classes():
    random = np.random.default_rng(0)
    p = random.dirichlet(np.ones(3), size=300)
    truth = np.array([random.choice(3, p=each) for each in p])
    group = np.array(["a", "b"], dtype=object)[(np.arange(300) < 100).astype(int)]
    found = judge_groups(Answers(truth, p), {"g": group}, classes=["x", "y", "z"])
    inside = group == "b"
    metrics = found.tables[0].groups[1].metrics
    called = p.argmax(axis=1)
    assert metrics["accuracy"].estimate.value == np.mean(called[inside] == truth[inside])
    recalls = recall_score(truth[inside], called[inside], average=None)
    for k, name in enumerate("xyz"):
        assert metrics[f"recall {name}"].estimate.value == pytest.approx(recalls[k])
    brier = np.square(p[inside] - np.eye(3)[truth[inside]]).sum(axis=1).mean()
    assert metrics["brier"].estimate.value == pytest.approx(brier)
    assert found.n_tests == 4
    assert (
        judge_groups(Answers(truth, p), {"g": group}, predicted=np.zeros(300, dtype=int))
        .overall["recall 0"]
        .value
        == 1
    )
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()


def test_numbers():
    random = np.random.default_rng(0)
    truth = 10 * random.normal(size=300)
    group = np.array(["a", "b", "c"], dtype=object)[np.arange(300) % 3]
    answer = truth + random.normal(size=300) * np.where(group == "c", 3, 1) + (group == "a")
    found = judge_groups(Answers(truth, answer), {"g": group})
    a, _, c = (each.metrics for each in found.tables[0].groups)
    error = (answer - truth)[group == "a"]
    assert a["rmse"].estimate.value == pytest.approx(math.sqrt(np.mean(error**2)))
    assert a["mae"].estimate.value == pytest.approx(np.abs(error).mean())
    mean = a["mean_error"].estimate
    interval = stats.ttest_1samp(error, 0).confidence_interval()
    assert (mean.low, mean.value, mean.high) == pytest.approx(
        (interval.low, error.mean(), interval.high)
    )
    assert a["mean_error"].differs
    assert c["mae"].differs
    rest = (answer - truth)[group != "a"]
    assert a["mean_error"].p == pytest.approx(stats.ttest_ind(error, rest, equal_var=False).pvalue)
    assert math.isnan(a["rmse"].p)
    assert "a higher MAE (rest: " in found.sentence
    assert "a difference in mean error" not in found.sentence
    same = judge_groups(Answers(truth, truth), {"g": group})
    assert "all errors are 0" in same.tables[0].groups[0].metrics["rmse"].why
    assert same.n_tests == 0
    assert json.loads(json.dumps(same.as_dict(), allow_nan=False)) == same.as_dict()


def false_findings(n_tables):
    """The share of tables with a finding, of calibrated probabilities and six equal groups."""
    found = 0
    for seed in range(n_tables):
        random = np.random.default_rng(seed)
        p = 1 / (1 + np.exp(-1.5 * random.normal(size=300)))
        y = random.random(300) < p
        group = np.array(list("abcdef"), dtype=object)[random.integers(0, 6, 300)]
        tables = judge_groups(Answers(y, p), {"g": group}).tables
        found += any(m.differs for g in tables[0].groups for m in g.metrics.values())
    return found / n_tables


def test_few_findings_where_groups_are_equal():
    assert false_findings(12) <= 2 / 12


@pytest.mark.slow
def test_at_most_5_percent_of_tables_of_equal_groups_have_a_finding():
    assert false_findings(400) <= 0.07


def test_what_was_found_is_not_said_to_go_unnoticed():
    random = np.random.default_rng(0)
    group = np.where(np.arange(300) < 47, "a", "b").astype(object)
    error = random.normal(size=300) * np.where(group == "a", 0.4, 1.0)
    found = judge_groups(Answers(np.zeros(300), error), {"g": group})
    assert found.tables[0].groups[0].metrics["mae"].differs
    assert "MAE" in found.sentence.split("Others may differ")[0]
    assert "a higher MAE" not in found.sentence


def test_a_rank_test_is_named_with_what_it_compares_and_not_as_one_of_means():
    """A few large errors make the mean of a group larger whose errors are mostly smaller."""
    random = np.random.default_rng(0)
    error = np.append(random.exponential(0.4, 95), np.full(5, 60.0))
    truth = np.append(error, random.exponential(1.0, 300))
    brand = np.repeat(["A", "B", "C", "D"], 100)
    found = judge_groups(answers_of(truth, np.zeros(400)), {"brand": brand})
    mae = found.tables[0].groups[0].metrics["mae"]
    assert mae.estimate.value > 3 * mae.rest
    part, rest = np.abs(truth[:100]), np.abs(truth[100:])
    pairs = stats.mannwhitneyu(part, rest)
    assert mae.larger == pytest.approx(pairs.statistic / (100 * 300))
    assert mae.as_dict()["larger"] == mae.larger
    smaller = round(100 * (1 - mae.larger))
    assert f'"brand: A": errors tend to be smaller than in the rest, in {smaller} % of' in (
        found.sentence
    )
    assert "(rank-sum test, adjusted p" in found.sentence
    assert any("tested by ranks" in note for note in found.notes)
    assert "larger" not in FOUND.tables[0].groups[0].metrics["auc"].as_dict()


def test_groups_of_a_quantile_are_measured_by_its_loss_and_the_share_below():
    random = np.random.default_rng(1)
    truth, group = random.normal(size=400), np.repeat(["A", "B"], 200)
    # The 0.9 quantile in A, but only the median in B.
    answer = np.where(group == "A", stats.norm.ppf(0.9), 0.0)
    found = judge_groups(answers_of(truth, answer), {"group": group}, quantile=0.9)
    of_b = found.tables[0].groups[1].metrics
    assert [*of_b] == ["pinball", "below"]
    y = truth[200:]
    assert of_b["pinball"].estimate.value == pytest.approx(mean_pinball_loss(y, 0 * y, alpha=0.9))
    assert of_b["below"].estimate.value == np.mean(y <= 0)
    assert of_b["below"].p_adjusted < 0.001
    assert "share at or below the prediction" in found.sentence
    median = judge_groups(answers_of(truth, answer), {"group": group}, quantile=0.5)
    assert [*median.overall] == ["mae", "below"]
