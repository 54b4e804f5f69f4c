"""The simpler model: scikit-learn's logistic and ridge regression, as the same estimators."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge

from thalweg import ThalwegClassifier, ThalwegRegressor, load_table
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.simpler_model import (
    SIMPLER,
    WITHOUT_LAYERS,
    simpler_settings,
    subject_of,
)


def encoded(model, X):
    [network] = model.members_
    return network.encoder.encode(model.schema_.matrix(X))


@pytest.fixture(scope="module")
def breast():
    return load_table("wisconsin")


@pytest.mark.parametrize("C", [1.0, 0.05])
@pytest.mark.parametrize("several", [False, True])
def test_it_predicts_as_logistic_regression_of_scikit_learn(breast, C, several):
    X, y = breast.frame, np.asarray(breast.target)
    if several:
        y = np.where(X["mitoses"] == "1", y, "dividing")
    model = ThalwegClassifier.linear(alpha=1 / C, random_state=0).fit(X, y)
    theirs = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(encoded(model, X), y)
    ours, other = model.predict_proba(X), theirs.predict_proba(encoded(model, X))
    assert np.abs(ours - other).max() < 1e-5
    assert (model.predict(X) == theirs.predict(encoded(model, X))).all()


@pytest.mark.parametrize("alpha", [1.0, 30.0])
def test_it_predicts_as_ridge_regression_of_scikit_learn(alpha):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    X[::9, 1] = np.nan
    y = 40 + 7 * X[:, 0] - 2 * X[:, 2] + rng.normal(size=120)
    model = ThalwegRegressor.linear(alpha=alpha, random_state=0).fit(X, y)
    theirs = Ridge(alpha=alpha).fit(encoded(model, X), y).predict(encoded(model, X))
    # As those of every network, predictions stay in the range of the training targets.
    assert model.predict(X) == pytest.approx(np.clip(theirs, y.min(), y.max()), abs=1e-5)


def test_rows_with_costs_and_weights_are_those_of_scikit_learn(breast):
    X, y = breast.frame[:300], np.asarray(breast.target)[:300]
    weights = np.random.default_rng(0).integers(1, 4, 300)
    model = ThalwegClassifier.linear(random_state=0).fit(X, y, weights)
    theirs = LogisticRegression(tol=1e-10, max_iter=10_000)
    theirs.fit(encoded(model, X), y, weights)
    assert np.abs(model.predict_proba(X) - theirs.predict_proba(encoded(model, X))).max() < 1e-5


def test_it_is_an_estimator_as_any_other():
    model = ThalwegClassifier.linear(positive="ill")
    assert clone(model).get_params() == model.get_params()
    assert model.get_params()["positive"] == "ill"
    assert {name: model.get_params()[name] for name in SIMPLER} == SIMPLER
    assert ThalwegRegressor.linear(alpha=3.0).alpha == 3.0


def test_what_is_about_networks_is_refused_with_its_names():
    assert simpler_settings("ridge", {"alpha": 2.0}, {"category": ["a"]}) == {
        **SIMPLER, "alpha": 2.0, "category": ["a"],
    }  # fmt: skip
    with pytest.raises(SettingsError) as error:
        simpler_settings("logistic", {"alpha": 2.0, "max_iter": 3, "n_bins": 4}, {})
    assert "has nothing to set with max_iter, n_bins" in str(error.value)
    assert "Fix: leave out max_iter, n_bins, or leave out estimator" in str(error.value)


@pytest.mark.parametrize(
    ("kind", "settings", "subject"),
    [
        ("classifier", {}, "the network"),
        ("classifier", SIMPLER, "logistic regression"),
        ("regressor", SIMPLER, "ridge regression"),
        ("classifier", {**SIMPLER, "hidden_layer_sizes": []}, "logistic regression"),
        ("classifier", {**SIMPLER, "alpha": 0.2}, "logistic regression"),
        ("classifier", {**SIMPLER, "n_bins": "auto"}, WITHOUT_LAYERS),
        ("classifier", {**SIMPLER, "early_stopping": "auto"}, WITHOUT_LAYERS),
        ("classifier", {**SIMPLER, "class_weight": "balanced"}, WITHOUT_LAYERS),
        ("classifier", {**SIMPLER, "l1": 0.1}, WITHOUT_LAYERS),
        ("classifier", {**SIMPLER, "optimizer": "sgd:lr=0.1"}, WITHOUT_LAYERS),
        ("regressor", {**SIMPLER, "loss": "absolute_error"}, WITHOUT_LAYERS),
    ],
)
def test_results_call_a_model_what_it_is(kind, settings, subject):
    made = {"classifier": ThalwegClassifier, "regressor": ThalwegRegressor}[kind]
    assert subject_of(kind, {**made().get_params(), **settings}) == subject
