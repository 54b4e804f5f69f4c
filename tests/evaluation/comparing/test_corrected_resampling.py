"""The corrected resampled t and the Bayesian correlated t: published figures and false alarms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from thalweg.errors import DataError
from thalweg.evaluation.comparing.corrected_resampling import Chances, corrected_t

# The design study's own ten differences; its figures agree with baycomp 1.0.3 within 1e-15.
TEN = np.array([0.01, 0.02, -0.005, 0.015, 0, 0.012, 0.008, -0.002, 0.018, 0.004])


def test_ten_differences():
    found = corrected_t(TEN, 1, 9)
    assert found.mean == pytest.approx(0.008, abs=1e-12)
    assert found.t == pytest.approx(2.030, abs=5e-4)
    assert found.p == pytest.approx(0.0729, abs=5e-5)
    at_95, at_90 = found.difference().at_95, found.difference().at_90
    assert (at_90.low, at_90.high) == pytest.approx((0.0008, 0.0152), abs=5e-5)
    assert (at_95.low, at_95.high) == pytest.approx((-0.0009, 0.0169), abs=5e-5)
    # Uncorrected, the same differences would be called significant.
    assert stats.ttest_1samp(TEN, 0).pvalue == pytest.approx(0.016, abs=5e-4)


def test_which_side_is_which():
    # baycomp's "left" is the probability that its first argument is better; here the sign says it.
    chances = corrected_t(TEN, 1, 9).chances(0.01, more_is_better=True)
    assert chances.better == pytest.approx(0.312, abs=5e-4)
    assert chances.equal == pytest.approx(0.687, abs=5e-4)
    assert chances.worse == pytest.approx(0.0007, abs=5e-5)
    losses = corrected_t(TEN, 1, 9).chances(0.01)
    assert losses == Chances(chances.better, chances.equal, chances.worse)
    turned = corrected_t(-TEN, 1, 9).chances(0.01)
    assert turned.as_dict() == pytest.approx(chances.as_dict(), abs=1e-15)


def test_the_example_of_baycomp():
    # janezd/baycomp, baycomp/tests: x = 4 2 6, y = 5 7 3: mean 1, variance 16 (1/3 + 1/2), df 2.
    found = corrected_t(np.array([5, 7, 3]) - np.array([4, 2, 6]), 1, 2)
    assert (found.mean, found.df) == (1, 2)
    assert found.scale**2 == pytest.approx(16 * (1 / 3 + 1 / 2), rel=1e-15)


def test_half_widths_in_standard_deviations():
    # Design study: five folds 1.862 s, ten times five folds 1.044 s.
    for n, half in ((5, 1.862), (50, 1.044)):
        unit = np.linspace(-1, 1, n)
        at_95 = corrected_t(unit / np.std(unit, ddof=1), 1, 4).difference().at_95
        assert at_95.high - at_95.value == pytest.approx(half, abs=5e-4)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.randoms())
def test_the_order_of_folds_does_not_matter(differences, random):
    mixed = differences.copy()
    random.shuffle(mixed)
    found, again = (corrected_t(np.array(each), 1, 4) for each in (differences, mixed))
    assert repr(found) == repr(again)
    chances = found.chances(0.1)
    if chances is not None:
        assert chances.worse + chances.equal + chances.better == pytest.approx(1)


def test_folds_of_different_sizes_count_by_the_mean_of_their_ratios():
    found = corrected_t(TEN, np.array([10] * 5 + [30] * 5), np.array([90] * 5 + [70] * 5))
    assert found.scale == corrected_t(TEN, (1 / 9 + 3 / 7) / 2, 1).scale


def test_equal_differences_have_an_unknown_spread_and_not_none():
    found = corrected_t(np.full(5, 0.1), 1, 4)
    assert found.mean == 0.1
    assert math.isnan(found.scale)
    assert math.isnan(found.difference().at_95.low)
    assert found.chances(0.01) is None
    same = corrected_t(np.zeros(5), 1, 4)
    assert (same.t, same.p, same.chances(0.01)) == (0, 1, Chances(0, 1, 0))
    assert math.isnan(corrected_t(np.array([0.1, math.inf]), 1, 4).scale)


def test_one_difference_is_refused():
    with pytest.raises(DataError, match="at least two differences"):
        corrected_t(np.array([0.1]), 1, 4)


def alarms(n_tables, seed=0, n_columns=5):
    """Shares of tables where equal learners are called different: corrected, and naive t.

    100 rows, 10 × 10 folds. Each learner is a linear regression that sees half of the columns, all
    of which have the same distribution, so that neither is better over all tables. It is evaluated
    by its squared error.

    With 2,000 tables of another seed, the corrected t found 4.9 % (naive: 56 %); with one column
    each 6.3 %; by their accuracy 5.8 and 5.4 %; for a numeric target 4.6 and 4.4 %; and with
    columns that tell nothing 0 %. The correction is a rule of thumb: it is not exact.
    """
    random = np.random.default_rng(seed)
    n, called = 100, np.zeros(2)
    for _ in range(n_tables):
        X = random.normal(size=(2, n_columns, n))
        signal = X.sum(axis=(0, 1)) / np.sqrt(n_columns)
        y = (signal + random.normal(size=n) > 0).astype(float)
        folds = np.array([random.permutation(n) % 10 for _ in range(10)])
        train = (folds[:, None, :] != np.arange(10)[None, :, None]).reshape(-1, n).astype(float)
        losses = []
        for columns in X:
            design = np.vstack([np.ones(n), columns])
            gram = np.einsum("fn,an,bn->fab", train, design, design, optimize=True)
            beta = np.linalg.solve(gram, (train @ (design * y).T)[..., None])[..., 0]
            losses.append((((beta @ design) - y) ** 2 * (1 - train)).sum(axis=1) / 10)
        difference = losses[0] - losses[1]
        called += corrected_t(difference, 10, 90).p < 0.05, corrected_t(difference, 0, 1).p < 0.05
    return called / n_tables


def test_few_false_alarms_between_equal_learners():
    corrected, naive = alarms(60)
    assert corrected <= 0.12
    assert naive >= 0.4


@pytest.mark.slow
def test_at_most_6_percent_false_alarms_in_1000_tables():
    corrected, naive = alarms(1000)
    assert corrected <= 0.06
    assert naive >= 0.5  # the design study found 0.56


@pytest.mark.slow
def test_the_worked_example_of_scikit_learn():
    # scikit-learn.org, auto_examples/model_selection/plot_grid_search_stats: moons, support vector
    # classifiers with an RBF and a linear kernel, 10 × 10 folds, AUC.
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    rbf, linear = (
        cross_val_score(SVC(kernel=kernel, random_state=0), X, y, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    )
    found = corrected_t(rbf - linear, 10, 90)
    assert found.t == pytest.approx(0.750, abs=5e-4)
    assert found.p / 2 == pytest.approx(0.227, abs=5e-4)  # theirs is one-sided
    naive = corrected_t(rbf - linear, 0, 1)
    assert naive.t == pytest.approx(2.611, abs=5e-4)
    assert naive.p / 2 == pytest.approx(0.005, abs=5e-4)
    assert found.chances(0.0, more_is_better=True).better == pytest.approx(0.773, abs=5e-4)
    chances = found.chances(0.01, more_is_better=True)
    assert (chances.better, chances.equal, chances.worse) == pytest.approx(
        (0.500, 0.432, 0.068), abs=5e-4
    )
