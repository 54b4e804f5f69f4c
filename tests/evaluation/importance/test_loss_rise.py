"""Permutation importance: closed forms, intervals, refusals, and other libraries."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg.errors import DataError
from thalweg.evaluation.comparing.paired_differences import paired_difference
from thalweg.evaluation.importance.loss_rise import UsedRows, mean_rises


def correlated(n: int, seed: int = 0, noise: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """y = x1 + x2 + x3 + ε with a correlation of 0.9 between x1 and x2."""
    random = np.random.default_rng(seed)
    x1, x3 = random.normal(size=(2, n))
    x2 = 0.9 * x1 + np.sqrt(1 - 0.81) * random.normal(size=n)
    X = pd.DataFrame({"x1": x1, "x2": x2, "x3": x3})
    return X, np.asarray(X.sum(axis=1)) + noise * random.normal(size=n)


class Sum(LinearRegression):
    """The true function, fitted or not: what it predicts is the sum of the columns."""

    def predict(self, X):
        return np.asarray(X, dtype=np.float64).sum(axis=1)


def values_of(found: pd.DataFrame, column: str = "value") -> dict[str, float]:
    return dict(zip(found["column"], found[column], strict=True))


def test_the_true_linear_function_has_the_closed_forms_alone_and_in_groups():
    # Alone 2 β² Var = 2; the group 2 (1 + 1 + 2 ρ) = 7.6; a column outside 2.
    X, y = correlated(20_000)
    found = thalweg.importance(Sum().fit(X, y), X, y)
    assert found["column"].tolist()[0] == "x1, x2"
    values = values_of(found)
    for name, true in (("x1, x2", 7.6), ("x1", 2.0), ("x2", 2.0), ("x3", 2.0)):
        # The sample's own variances and correlation move the true values by some 2 %.
        assert values[name] == pytest.approx(true, rel=0.08), name
    low, high = (values_of(found, end) for end in ("low", "high"))
    assert low["x1, x2"] < 7.6 < high["x1, x2"] + 0.1
    assert found.attrs["loss"] == pytest.approx(1.0, rel=0.03)
    assert found.attrs["constant_loss"] == pytest.approx(np.var(y), rel=1e-9)
    assert values_of(found, "share")["x3"] == pytest.approx(
        values["x3"] / (found.attrs["constant_loss"] - found.attrs["loss"]), rel=1e-12
    )


def test_permuted_alone_the_loss_is_that_of_the_sample_moments():
    # Without sampling error of the moments: the mean over derangements is an exact U-statistic,
    # Σ over pairs i ≠ j of (y - f(x with x3 of j))² / (n (n - 1)).
    X, y = correlated(80)
    found = thalweg.importance(Sum().fit(X, y), X, y, groups=None, n_permutations=1000)
    rest, x3 = y - np.asarray(X["x1"] + X["x2"]), X["x3"].to_numpy()
    pairs = (rest[:, np.newaxis] - x3[np.newaxis]) ** 2
    n = len(y)
    exact = (pairs.sum() - np.trace(pairs)) / (n * (n - 1)) - np.mean((rest - x3) ** 2)
    assert values_of(found)["x3"] == pytest.approx(exact, rel=0.02)


def test_refits_lose_what_no_other_column_says():
    # LOCO of x1 is 1 - ρ² = 0.19, of the group 2 + 2 ρ = 3.8, of x3 1.
    X, y = correlated(6_000, seed=3)
    found = thalweg.importance(LinearRegression().fit(X, y), X, y, refit=True)
    lost, low, high = (
        values_of(found, name) for name in ("without", "without_low", "without_high")
    )
    whole = np.mean((y - LinearRegression().fit(X, y).predict(X)) ** 2)
    for name, true in (("x1", 0.19), ("x2", 0.19), ("x3", 1.0), ("x1, x2", 3.8)):
        assert low[name] < true < high[name], name
        rest = X.drop(columns=name.split(", "))
        fitted = LinearRegression().fit(rest, y).predict(rest)
        assert lost[name] == pytest.approx(np.mean((y - fitted) ** 2) - whole, abs=0.003), name
    assert found.attrs["refit_loss"] == pytest.approx(1.0, rel=0.05)
    assert "5 folds of all 6,000 given rows" in found.attrs["rows"]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("of_classes", [False, True])
def test_it_agrees_with_the_permutation_importance_of_scikit_learn(of_classes):
    X, y = correlated(3_000)
    model, scoring = LinearRegression().fit(X, y), "neg_mean_squared_error"
    if of_classes:
        y = np.where(y > 0, "up", "down")
        model, scoring = make_pipeline(StandardScaler(), LogisticRegression()), "neg_log_loss"
        model.fit(X, y)
    theirs = permutation_importance(model, X, y, scoring=scoring, n_repeats=30, random_state=0)
    ours = values_of(thalweg.importance(model, X, y, groups=None, n_permutations=30))
    for name, value, spread in zip(
        X.columns, theirs.importances_mean, theirs.importances_std, strict=True
    ):
        assert ours[name] == pytest.approx(value, abs=4 * spread / np.sqrt(15)), name


def test_intervals_are_those_of_a_paired_difference():
    random = np.random.default_rng(3)
    rises = random.normal(0.3, 1.0, 400)
    [ours] = mean_rises(rises[np.newaxis], UsedRows(400), seed=1)
    theirs = paired_difference(rises, np.zeros(400), seed=1).at_95
    assert ours.value == pytest.approx(theirs.value, rel=1e-12)
    # Other resamples, since rows are in another order: the ends differ by their random error.
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=0.01)
    se = rises.std(ddof=1) / 20
    assert ours.high - ours.low == pytest.approx(2 * 1.966 * se, rel=0.06)


def test_a_group_of_dependent_rows_widens_the_interval():
    X, y = correlated(400)
    X, y = pd.concat([X] * 5, ignore_index=True), np.tile(y, 5)
    model, persons = Sum().fit(X, y), np.tile(np.arange(400), 5)
    alone, grouped = (
        thalweg.importance(model, X, y, row_groups=groups) for groups in (None, persons)
    )
    width = [float(each["high"].iloc[0] - each["low"].iloc[0]) for each in (alone, grouped)]
    assert width[1] == pytest.approx(np.sqrt(5) * width[0], rel=0.1)


def test_a_weight_of_2_is_two_rows():
    X, y = correlated(300)
    weights = np.where(np.arange(300) < 150, 2.0, 1.0)
    copies = np.repeat(np.arange(300), weights.astype(int))
    model = Sum().fit(X, y)
    weighted = thalweg.importance(model, X, y, sample_weight=weights)
    repeated = thalweg.importance(model, X.iloc[copies], y[copies])
    pd.testing.assert_frame_equal(weighted, repeated)
    assert weighted.attrs["n_rows"] == 450


def test_other_weights_weigh_rows_and_donors():
    # Rows of weight 0.5 and 1.5 in two halves of other variance.
    random = np.random.default_rng(1)
    x = np.concatenate([random.normal(0, 1, 4000), random.normal(0, 3, 4000)])
    X, weights = pd.DataFrame({"x": x}), np.repeat([1.5, 0.5], 4000)
    found = thalweg.importance(Sum().fit(X, x), X, x, sample_weight=weights)
    mean = np.average(x, weights=weights)
    variance = np.average((x - mean) ** 2, weights=weights)
    assert found["value"][0] == pytest.approx(2 * variance, rel=0.03)
    without = thalweg.importance(Sum().fit(X, x), X, x)
    assert without["value"][0] == pytest.approx(2 * x.var(), rel=0.03)


def test_the_order_of_rows_changes_nothing():
    X, y = correlated(200)
    model = Sum().fit(X, y)
    order = np.random.default_rng(0).permutation(200)
    one = thalweg.importance(model, X, y)
    other = thalweg.importance(model, X.iloc[order], y[order])
    pd.testing.assert_frame_equal(one, other)


def test_two_exact_copies_share_what_one_says_and_the_group_has_all_of_it():
    random = np.random.default_rng(0)
    x = random.normal(size=2_000)
    X = pd.DataFrame({"a": x, "b": x, "c": random.normal(size=2_000)})
    y = 2 * x + X["c"].to_numpy() + random.normal(size=2_000)
    values = thalweg.importance(Sum().fit(X, y), X, y, refit=False)
    single = X.drop(columns="b").assign(a=2 * x)
    of_one = values_of(thalweg.importance(Sum().fit(single, y), single, y))
    found = values_of(values)
    assert found["a, b"] == pytest.approx(of_one["a"], rel=0.01)
    assert found["a"] == pytest.approx(found["b"], rel=0.1)
    assert 0 < found["a"] < 0.4 * found["a, b"]
    lost = values_of(thalweg.importance(LinearRegression().fit(X, y), X, y, refit=True), "without")
    assert abs(lost["a"]) < 1e-9 < 3 < lost["a, b"]


def test_fewer_than_50_rows_are_refused():
    X, y = correlated(49)
    with pytest.raises(DataError, match=r"at least 50 are needed.*49 rows"):
        thalweg.importance(Sum().fit(X, y), X, y)


def test_a_model_that_knows_nothing_is_refused():
    X, y = correlated(300)
    noise = np.random.default_rng(5).normal(size=300)
    for model, target in ((DummyRegressor().fit(X, y), y), (Sum().fit(X, noise), noise)):
        with pytest.raises(DataError, match="not shown to know more than a constant answer"):
            thalweg.importance(model, X, target)


def test_rows_of_a_single_group_are_refused():
    X, y = correlated(100)
    with pytest.raises(DataError, match="All rows are of one group") as error:
        thalweg.importance(Sum().fit(X, y), X, y, row_groups=np.ones(100))
    # The command line takes the group column of the fit by itself, and has no such parameter.
    assert error.value.fix == "give rows of more groups"


def test_what_is_known_of_the_rows_is_said():
    X, y = correlated(100)
    found = thalweg.importance(Sum().fit(X, y), X, y)
    assert found.attrs["how"] == "origin unknown"
    assert "only if the model was not trained on these rows" in found.attrs["rows"]


def test_a_certain_and_wrong_answer_counts_36_nats_and_not_infinity():
    class Certain(LogisticRegression):
        def predict_proba(self, X):
            up = (np.asarray(X)[:, 0] > 0).astype(float)
            return np.column_stack([1 - up, up])

    x = np.linspace(-1, 1, 200)
    X, y = pd.DataFrame({"x": x}), (x > 0).astype(int)
    found = thalweg.importance(Certain().fit(X, y), X, y)
    # Half of the rows get a cell of the other sign, and a probability of 0.
    assert found["value"][0] == pytest.approx(52 * np.log(2) / 2, rel=0.1)
