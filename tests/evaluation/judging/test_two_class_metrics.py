import json
import math
from statistics import NormalDist

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.stats import binomtest
from sklearn import metrics as sk

from thalweg.errors import DataError
from thalweg.evaluation.judging import intervals
from thalweg.evaluation.judging.two_class_metrics import Estimate, judge, paired_difference

NAMES = ["accuracy", "sensitivity", "specificity", "auc", "log_loss", "brier"]


def sample(n, seed=0, decimals=None):
    """Calibrated probabilities and what came of them; few decimals make many ties."""
    random = np.random.default_rng(seed)
    p = random.beta(1.2, 1.6, n)
    y = random.random(n) < p
    return y, p if decimals is None else p.round(decimals)


def same(a, b):
    return a.as_dict() == b.as_dict()


def brute_auc(y, p):
    pairs = [(a > b) + 0.5 * (a == b) for a in p[y] for b in p[~y]]
    return sum(pairs) / len(pairs) if pairs else math.nan


def drawn_rows(n, seed):
    """The resamples, row by row, as judge draws them."""
    for block in intervals.multiplicities(n, seed):
        for counts in block:
            assert counts.sum() == n
            yield np.repeat(np.arange(n), counts)


# A label and a probability that ties often, and meets the threshold itself.
ROWS = st.lists(
    st.tuples(
        st.booleans(),
        st.one_of(st.integers(1, 19).map(lambda k: k / 20), st.floats(1e-9, 1 - 1e-9)),
    ),
    min_size=1,
    max_size=60,
)


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_confusion_is_what_counting_one_by_one_gives(rows):
    y, p = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    counted = dict.fromkeys(
        ("true_positive", "false_negative", "false_positive", "true_negative"), 0
    )
    for truth, probability in rows:
        right = "true" if truth == (probability > 0.5) else "false"
        counted[f"{right}_{'positive' if probability > 0.5 else 'negative'}"] += 1
    judged = judge(y, p)
    assert judged.confusion == counted
    assert (judged.n_samples, judged.n_positive) == (len(y), y.sum())


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_scikit_learn(rows):
    y, p = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = {name: metric.value for name, metric in judge(y, p).metrics.items()}
    called = p > 0.5
    wanted = {
        "accuracy": sk.accuracy_score(y, called),
        "sensitivity": sk.recall_score(y, called) if y.any() else math.nan,
        "specificity": math.nan if y.all() else sk.recall_score(~y, ~called),
        "auc": sk.roc_auc_score(y, p) if 0 < y.sum() < len(y) else math.nan,
        "log_loss": sk.log_loss(y, p, labels=[False, True]),
        "brier": sk.brier_score_loss(y, p, pos_label=True),
    }
    assert list(found) == NAMES
    for name in NAMES:
        assert found[name] == pytest.approx(wanted[name], rel=1e-12, abs=1e-12, nan_ok=True), name


def test_values_are_those_of_scikit_learn_on_many_rows():
    y, p = sample(20_000)
    found = judge(y, p).metrics
    assert found["log_loss"].value == pytest.approx(sk.log_loss(y, p), rel=1e-12)
    assert found["brier"].value == pytest.approx(sk.brier_score_loss(y, p), rel=1e-12)
    assert found["auc"].value == pytest.approx(sk.roc_auc_score(y, p), rel=1e-12)


def test_a_row_exactly_at_the_threshold_is_called_negative():
    judged = judge([1, 0], [0.7, 0.7], threshold=0.7)
    assert judged.confusion["false_negative"] == 1
    assert judged.confusion["true_negative"] == 1
    assert judged.threshold == 0.7


def test_bootstrap_is_what_resampling_row_by_row_gives():
    y, p = sample(25, seed=3)
    p = p.clip(0.01, 0.99)
    losses = -np.log(np.where(y, p, 1 - p))
    differences = np.sort(losses + np.log(np.where(y, p[::-1], 1 - p[::-1])))
    resampled = np.sort([differences[rows].mean() for rows in drawn_rows(len(y), seed=5)])
    assert len(resampled) == 2000
    level = stats.norm.cdf(-np.sqrt(25 / 24) * stats.t.ppf(0.975, 24))
    low, high = (resampled[math.ceil(q * 2000) - 1] for q in (level, 1 - level))
    found = paired_difference(y, p, p[::-1], seed=5)
    assert found.low == pytest.approx(low, rel=1e-12)
    assert found.high == pytest.approx(high, rel=1e-12)


def test_every_resample_holds_n_rows_each_as_likely():
    total = np.zeros(7, dtype=int)
    for block in intervals.multiplicities(7, seed=1):
        assert (block.sum(axis=1) == 7).all()
        total += block.sum(axis=0)
    # Each row is drawn 2,000 times, give or take 5 standard deviations of a binomial.
    assert np.abs(total - 2000).max() < 5 * math.sqrt(14_000 * 1 / 7 * 6 / 7)


def test_resamples_do_not_depend_on_the_size_of_a_block(monkeypatch):
    whole = np.concatenate(list(intervals.multiplicities(30, seed=2)))
    monkeypatch.setattr(intervals, "_BLOCK", 100)
    assert np.array_equal(np.concatenate(list(intervals.multiplicities(30, seed=2))), whole)


@pytest.mark.parametrize("n_rare", [1, 5, 6])
@pytest.mark.parametrize("swapped", [False, True])
def test_the_auc_of_fewer_than_six_rows_of_a_class_has_no_interval_but_all(n_rare, swapped):
    y, p = sample(40, seed=8)
    y[:] = swapped
    y[np.argsort(p)[30 - n_rare : 30]] = not swapped
    auc = judge(y, p).metrics["auc"]
    assert 0 < auc.value < 1
    if n_rare < 6:
        assert (auc.low, auc.high) == (0, 1)
    else:
        assert 0 < auc.low < auc.value < auc.high < 1


@pytest.mark.parametrize("swapped", [False, True])
def test_rows_that_are_all_in_order_do_not_prove_an_auc_of_one(swapped):
    y = np.arange(50) < 8
    p = np.where(y != swapped, 0.9, 0.1)
    auc = judge(y, p).metrics["auc"]
    # As eight of eight rows: 8 / (8 + z²).
    bound = binomtest(8, 8).proportion_ci(method="wilson").low
    expected = (0, 0, 1 - bound) if swapped else (1, bound, 1)
    assert (auc.value, auc.low, auc.high) == pytest.approx(expected)


def test_the_interval_of_rows_in_order_holds_the_auc_of_the_population():
    random, held, ordered = np.random.default_rng(5), 0, 0
    y = np.arange(60) < 20
    for _ in range(300):
        # Two normal distributions 2.8 apart: the AUC is Φ(2.8 / √2) = 0.976.
        score = random.normal(np.where(y, 2.8, 0.0))
        auc = judge(y, 1 / (1 + np.exp(-score))).metrics["auc"]
        ordered += auc.value == 1
        held += auc.value == 1 and auc.low <= 0.976 <= auc.high
    assert ordered > 3, "no sample is in order, and the test shows nothing"
    assert held == ordered


NEAR_ONE = [(0.97, 10, 10), (0.97, 6, 30), (0.99, 30, 60)]
NEAR_ONE += [
    pytest.param(*each, marks=pytest.mark.slow)
    for each in [
        (0.85, 10, 10), (0.99, 10, 10),
        (0.85, 6, 30), (0.99, 6, 30), (0.85, 30, 60), (0.97, 30, 60),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("true", "m", "n"), NEAR_ONE)
def test_the_interval_near_one_holds_the_auc_of_the_population(true, m, n):
    random, held, n_samples = np.random.default_rng(7), 0, 200
    y = np.arange(m + n) < m
    apart = math.sqrt(2) * NormalDist().inv_cdf(true)  # Φ(apart / √2) is the true AUC
    for seed in range(n_samples):
        score = random.normal(np.where(y, apart, 0.0))
        auc = judge(y, 1 / (1 + np.exp(-score)), seed=seed).metrics["auc"]
        held += auc.low <= true <= auc.high
    assert held >= 0.94 * n_samples


def test_one_pair_in_the_wrong_order_among_twenty_rows_proves_little():
    y = np.arange(20) < 10
    p = np.where(y, 0.8, 0.2) + np.linspace(0, 0.1, 20)
    p[0], p[19] = 0.45, 0.5
    auc = judge(y, p).metrics["auc"]
    assert auc.value == pytest.approx(0.99)
    assert auc.low < 0.85
    assert 0.99 < auc.high <= 1


@pytest.mark.parametrize(
    ("auc", "m", "n"), [(0.99, 10, 10), (0.5, 6, 90), (0.8, 30, 31), (0.01, 9, 9)]
)
def test_newcombes_interval_solves_its_equation(auc, m, n):
    for end in intervals.newcombe(auc, m, n):
        q1, q2 = end / (2 - end), 2 * end**2 / (1 + end)  # Hanley and McNeil's, with mean sizes
        extra = (m + n) / 2 - 1
        variance = (end * (1 - end) + extra * (q1 - end**2) + extra * (q2 - end**2)) / (m * n)
        assert abs(auc - end) == pytest.approx(1.959963984540054 * math.sqrt(variance), rel=1e-9)


def test_scores_that_are_all_the_same_have_an_auc_of_one_half_for_sure():
    auc = judge(np.arange(40) < 15, np.full(40, 0.3)).metrics["auc"]
    assert (auc.value, auc.low, auc.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("k", "n"), [(0, 9), (1, 9), (5, 9), (9, 9), (137, 140), (3, 10_000)])
def test_wilson_interval_is_scipys_and_solves_its_equation(k, n):
    y = np.arange(n) < k
    found = judge(np.ones(n), y.astype(float)).metrics["sensitivity"]
    scipys = binomtest(k, n).proportion_ci(method="wilson")
    assert found.value == k / n
    assert found.low == pytest.approx(scipys.low, rel=1e-12, abs=1e-15)
    assert found.high == pytest.approx(scipys.high, rel=1e-12, abs=1e-15)
    # The ends are where (k/n - π)² = z² π (1 - π) / n.
    with mpmath.workdps(50):
        z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf("0.95"))
        share = mpmath.mpf(k) / n
        a, b, c = 1 + z**2 / n, -2 * share - z**2 / n, share**2
        low, high = (float((-b + s * mpmath.sqrt(b * b - 4 * a * c)) / (2 * a)) for s in (-1, 1))
    assert found.low == pytest.approx(low, rel=1e-12, abs=1e-15)
    assert found.high == pytest.approx(high, rel=1e-12, abs=1e-15)


def test_what_is_undefined_is_nan_and_none():
    only_negative, only_positive = judge([0, 0], [0.2, 0.7]), judge([1, 1], [0.2, 0.7])
    undefined = {"value": None, "low": None, "high": None}
    for judged, names in ((only_negative, {"sensitivity"}), (only_positive, {"specificity"})):
        plain = judged.as_dict()["metrics"]
        assert {name for name in NAMES if plain[name] == undefined} == names | {"auc"}
        assert all(math.isnan(judged.metrics[name].value) for name in names | {"auc"})


def test_a_wrong_certainty_costs_infinitely_much():
    y, p = np.array([1, 0, 1, 0] * 10), np.array([0.9, 0.2, 0.8, 0.1] * 10)
    p[0] = 0.0
    judged = judge(y, p)
    loss = judged.metrics["log_loss"]
    assert (loss.value, loss.high) == (math.inf, math.inf)
    # A third of the resamples do not draw that row; the lowest of these are finite.
    assert 0.1 < loss.low < 0.3
    assert judged.as_dict()["metrics"]["log_loss"]["value"] == "Infinity"
    assert all(math.isfinite(judged.metrics["brier"].as_dict()[end]) for end in ("low", "high"))


@pytest.mark.parametrize("tiny", [1e-17, 1e-100, 5e-324])
def test_a_wrong_near_certainty_is_not_clipped(tiny):
    value = judge([1, 0], [tiny, 0.5]).metrics["log_loss"].value
    assert value == pytest.approx(float((-mpmath.log(tiny) + mpmath.log(2)) / 2), rel=1e-14)


def test_a_right_certainty_costs_nothing():
    assert judge([1, 0], [1.0, 0.0]).metrics["log_loss"] == Estimate(0.0, 0.0, 0.0)


def test_extremes_raise_no_floating_point_error():
    with np.errstate(all="raise"):
        judge([1, 0, 1, 0], [1.0, 0.0, 0.0, 5e-324])
        paired_difference([1, 0, 1], [0.0, 1.0, 1e-310], [0.0, 0.5, 1.0])


def test_one_seed_one_result_and_the_order_of_the_rows_does_not_matter():
    y, p = sample(140, decimals=2)
    p = p.clip(0.01, 0.99)
    shuffled = np.random.default_rng(1).permutation(140)
    assert same(judge(y, p, seed=4), judge(y, p, seed=4))
    assert same(judge(y, p, seed=4), judge(y[shuffled], p[shuffled], seed=4))
    assert same(judge(y, p, seed=4), judge(y, p, seed=5))  # only infinite losses are resampled
    q = p[::-1].copy()
    assert paired_difference(y, p, q, 4) == paired_difference(
        y[shuffled], p[shuffled], q[shuffled], 4
    )
    assert paired_difference(y, p, q, 4) != paired_difference(y, p, q, 5)


def test_labels_may_be_numbers_or_truth_values():
    y, p = sample(30)
    assert same(judge(y, p), judge(y.astype(float), p))
    assert same(judge(y, p), judge(y.astype(int).tolist(), p.tolist()))


def test_as_dict_is_strict_json():
    y, p = sample(20)
    plain = judge(y, p).as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert list(plain) == ["n_samples", "n_positive", "threshold", "confusion", "metrics"]
    json.dumps(judge([1], [0.0]).as_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("y", "p", "where"),
    [
        ([], [], ""),
        ([1, 0], [0.5], "(2,) and (1,)"),
        ([[1, 0]], [[0.5, 0.5]], "(1, 2) and (1, 2)"),
        ([1, 2, 3], [0.5, 0.5, 0.5], "row 2"),
        ([1.0, math.nan], [0.5, 0.5], "row 2"),
        ([1, 0, 1], [0.5, 0.5, math.nan], "row 3"),
        ([1, 0, 1], [0.5, 1.0000001, -1], "row 2"),
        ([1, 0, 1], [-1e-9, 0.5, 0.5], "row 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(y, p, where):
    for call in (lambda: judge(y, p), lambda: paired_difference(y, p, p)):
        with pytest.raises(DataError) as raised:
            call()
        assert where in raised.value.where


def test_paired_difference_is_the_difference_of_the_two_losses():
    y, p = sample(200)
    worse = 0.9 * (1 - p) + 0.05
    found = paired_difference(y, p, worse)
    assert found.value == pytest.approx(sk.log_loss(y, p) - sk.log_loss(y, worse), abs=1e-12)
    assert found.low < found.value < found.high < 0
    turned = paired_difference(y, worse, p)
    assert turned.value == pytest.approx(-found.value, abs=1e-15)
    assert turned.low == pytest.approx(-found.high, rel=0.1)


def test_paired_difference_sees_what_separate_intervals_hide():
    y, p = sample(200)
    nudged = np.where(y, p + 0.01 * (1 - p), p - 0.01 * p)  # every row a little better
    a, b = (judge(y, q).metrics["log_loss"] for q in (nudged, p))
    assert a.high > b.low
    assert paired_difference(y, nudged, p).high < 0


def test_a_model_does_not_differ_from_itself():
    y, p = sample(50)
    assert paired_difference(y, p, p) == Estimate(0.0, 0.0, 0.0)


def test_paired_difference_of_infinite_losses():
    y, fine = np.array([1, 0, 1, 0]), np.array([0.9, 0.1, 0.8, 0.2])
    wrong = np.array([0.0, 0.1, 0.8, 0.2])
    assert paired_difference(y, wrong, fine).value == math.inf
    assert paired_difference(y, fine, wrong).value == -math.inf
    for other in (wrong, np.array([0.9, 1.0, 0.8, 0.2])):
        both = paired_difference(y, wrong, other)
        assert [math.isnan(x) for x in (both.value, both.low, both.high)] == [True] * 3


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    # p ~ U(0.05, 0.95) and y ~ Bernoulli(p): all true values are integrals over p.
    low, high, n, repeats = 0.05, 0.95, 400, 1000

    def mean(f):
        return quad(f, low, high)[0] / (high - low)

    calls = 0.5 * (0.5 + high)  # E[p | p > ½]; as P(p > ½) = ½ and all is symmetric:
    squares = mean(lambda p: p**2)
    # AUC = 1 - P(p⁺ < p⁻), with weights p for the positive and 1 - p for the negative.
    below = mean(lambda s: (1 - s) * (s**2 - low**2) / 2 / (high - low)) / 0.25
    truth = {
        "accuracy": calls,
        "sensitivity": calls,
        "specificity": calls,
        "auc": 1 - below,
        "log_loss": mean(lambda p: -p * math.log(p) - (1 - p) * math.log(1 - p)),
        "brier": 0.5 - squares,
    }
    a, b = 0.6, 0.8  # p_a = ½ + a (p - ½), p_b alike: two models, both too careful
    careful = {c: (lambda p, c=c: 0.5 + c * (p - 0.5)) for c in (a, b)}
    cross = {
        c: mean(lambda p, q=q: -p * math.log(q(p)) - (1 - p) * math.log(1 - q(p)))
        for c, q in careful.items()
    }
    truth["difference"] = cross[a] - cross[b]

    random = np.random.default_rng(20)
    covered = dict.fromkeys(truth, 0)
    for repeat in range(repeats):
        p = random.uniform(low, high, n)
        y = random.random(n) < p
        found = judge(y, p, seed=repeat).metrics
        found["difference"] = paired_difference(y, careful[a](p), careful[b](p), repeat)
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high
    for name, count in covered.items():
        assert 0.93 <= count / repeats <= 0.97, (name, count / repeats)
