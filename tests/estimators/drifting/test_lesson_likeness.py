"""The likeness of a fit: which rows it is of, and after which training it is kept."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError

SMALL = {"hidden_layer_sizes": (2,), "max_iter": 2, "random_state": 0, "n_bins": 0}


def table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.choice(list("xyz"), n)})
    return X, (X["a"] + rng.normal(size=n) > 0).to_numpy(int)


def likeness_of(model):
    return model._known.likeness


@pytest.mark.parametrize("stopping", ["auto", True, False, "folds", "hold-out", "cross-validation"])
def test_it_is_of_all_rows_however_they_are_held_out(stopping):
    X, y = table()
    found = likeness_of(ThalwegClassifier(early_stopping=stopping, **SMALL).fit(X, y))
    assert found.n == 60
    assert found.typical[0] == np.median(X["a"])
    levels = sorted("xyz")
    assert levels[int(found.typical[1]) - 1] == X["b"].mode()[0]
    np.testing.assert_allclose(found.target, [np.mean(y == 0), np.mean(y == 1)])


def test_rows_of_validation_are_not_among_them():
    X, y = table()
    other = X.assign(a=X["a"] + 100)
    found = likeness_of(ThalwegClassifier(**SMALL).fit(X, y, X_val=other, y_val=y))
    assert (found.n, found.typical[0]) == (60, np.median(X["a"]))


def test_a_number_has_its_mean_and_deviation():
    X, y = table()
    y = y + 5.0
    found = likeness_of(ThalwegRegressor(**SMALL).fit(X, y))
    np.testing.assert_allclose(found.target, [y.mean(), y.std()])


def test_weights_are_rows_and_rows_of_weight_0_are_none():
    X, y = table()
    weights = np.arange(60) % 4
    one = likeness_of(ThalwegClassifier(**SMALL).fit(X, y, sample_weight=weights))
    rows = np.repeat(np.arange(60), weights)
    often = likeness_of(ThalwegClassifier(**SMALL).fit(X.iloc[rows], y[rows]))
    assert one.n == often.n == weights.sum()
    np.testing.assert_array_equal(one.typical, often.typical)
    np.testing.assert_array_equal(one.scores.values, often.scores.values)


def test_weights_that_are_no_rows_have_an_effective_number():
    X, y = table()
    weights = np.random.default_rng(1).random(60) + 0.1
    found = likeness_of(ThalwegClassifier(**SMALL).fit(X, y, sample_weight=weights))
    assert found.n == pytest.approx(weights.sum() ** 2 / np.sum(weights**2))


def test_the_order_of_rows_has_no_effect():
    X, y = table()
    turned = np.random.default_rng(2).permutation(60)
    one = ThalwegClassifier(**SMALL).fit(X, y)
    other = ThalwegClassifier(**SMALL).fit(X.iloc[turned], y[turned])
    np.testing.assert_array_equal(one.unlike(X), other.unlike(X))


def test_training_on_the_same_rows_keeps_it_and_on_others_drops_it():
    X, y = table()
    model = ThalwegClassifier(**SMALL).fit(X, y)
    before = likeness_of(model)
    turned = np.random.default_rng(3).permutation(60)
    model.fit_more(X.iloc[turned], y[turned], epochs=1)
    assert likeness_of(model) is before
    model.fit_more(X[:50], y[:50], epochs=1)
    assert likeness_of(model) is None
    with pytest.raises(SettingsError, match="trained further on other rows"):
        model.unlike(X)


def test_the_first_batch_has_one_and_another_drops_it():
    X, y = table()
    model = ThalwegClassifier(**SMALL).partial_fit(X, y, classes=[0, 1])
    assert likeness_of(model).n == 60
    model.partial_fit(X, y)
    assert likeness_of(model).n == 60
    model.partial_fit(*table(seed=1))
    assert likeness_of(model) is None


def test_a_very_wide_spread_of_a_target_is_finite():
    X, y = table()
    found = likeness_of(ThalwegRegressor(**SMALL).fit(X, (y - 0.5) * 1e250))
    assert np.isfinite(found.target).all()


def test_unlike_is_the_p_of_each_row_in_the_order_of_the_table():
    X, y = table()
    model = ThalwegClassifier(**SMALL).fit(X, y)
    odd = X.copy()
    odd.loc[7, "a"] = 1e6
    p = model.unlike(odd)
    assert p.shape == (60,)
    assert np.argmin(p) == 7
    assert p[7] == pytest.approx(1 / 61)
