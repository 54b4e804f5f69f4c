"""A fit of several targets: against fits of one target, scikit-learn, and numbers by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, r2_score

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.estimators.outputs.several_outputs import SeveralOutputs

QUICK = {"random_state": 0, "max_iter": 8, "hidden_layer_sizes": (8,), "n_folds": 3}


def table(n_rows=240, n_targets=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 5))
    return X, X[:, :n_targets] + rng.normal(size=(n_rows, n_targets))


@pytest.fixture(scope="module")
def labelled():
    X, L = table()
    Y = (L > 0).astype(int)
    return ThalwegClassifier(calibration="temperature", importance=True, **QUICK).fit(X, Y), X, Y


@pytest.fixture(scope="module")
def numbered():
    X, L = table()
    L = L * [1, 1000, 1e-4] + [0, 5, 3]
    return ThalwegRegressor(**QUICK).fit(X, L), X, L


def test_two_ridge_regressions_are_one_network_without_hidden_layers():
    X, L = table()
    model = ThalwegRegressor.linear(alpha=3.0, random_state=0).fit(X, L[:, :2])
    for t in range(2):
        one = ThalwegRegressor.linear(alpha=3.0, random_state=0).fit(X, L[:, t])
        np.testing.assert_allclose(model.predict(X)[:, t], one.predict(X), atol=2e-5)
    encoded = model.encoder_.encode(X, np.dtype(float))
    ridge = Ridge(alpha=3.0).fit(encoded, L[:, :2] / L[:, :2].std(axis=0))
    np.testing.assert_allclose(
        model.predict(X), ridge.predict(encoded) * L[:, :2].std(axis=0), atol=2e-5
    )


def test_two_logistic_regressions_are_one_network_without_hidden_layers():
    X, L = table()
    Y = (L[:, :2] > 0.3).astype(int)
    model = ThalwegClassifier.linear(alpha=2.0, random_state=0).fit(X, Y)
    encoded = model.encoder_.encode(X, np.dtype(float))
    for t in range(2):
        by_other = LogisticRegression(C=1 / 2.0, tol=1e-8, max_iter=1000).fit(encoded, Y[:, t])
        p = by_other.predict_proba(encoded)[:, 1]
        np.testing.assert_allclose(model.predict_proba(X)[:, t], p, atol=1e-4)


def test_another_order_of_the_targets_is_the_same_model():
    X, L = table()
    order = [2, 0, 1]
    one = ThalwegRegressor.linear(random_state=0).fit(X, L).predict(X)
    other = ThalwegRegressor.linear(random_state=0).fit(X, L[:, order]).predict(X)
    np.testing.assert_allclose(one[:, order], other, atol=2e-5)


def test_rows_of_weight_two_are_rows_that_are_there_twice(labelled):
    _, X, Y = labelled
    weights = np.where(np.arange(len(X)) % 3 == 0, 2.0, 1.0)
    again = np.repeat(np.arange(len(X)), weights.astype(int))
    shuffled = np.random.default_rng(5).permutation(again)
    by_weight = ThalwegClassifier(**QUICK).fit(X, Y, sample_weight=weights)
    by_rows = ThalwegClassifier(**QUICK).fit(X[shuffled], Y[shuffled])
    np.testing.assert_array_equal(by_weight.predict_proba(X), by_rows.predict_proba(X))
    assert by_weight.oof_loss_ == pytest.approx(by_rows.oof_loss_, rel=1e-12)


def test_one_column_is_one_target_bit_for_bit():
    X, L = table()
    Y = (L[:, :1] > 0).astype(int)
    with pytest.warns(UserWarning, match="column-vector"):
        model = ThalwegClassifier(**QUICK).fit(X, Y)
    one = ThalwegClassifier(**QUICK).fit(X, Y[:, 0])
    np.testing.assert_array_equal(model.theta_, one.theta_)
    assert not hasattr(model, "targets_")


def test_out_of_fold_predictions_are_of_networks_that_did_not_see_the_row(labelled):
    model, X, Y = labelled
    predicted = model.oof_decision_function_
    assert predicted.shape == Y.shape
    losses = [log_loss(Y[:, t], predicted[:, t]) for t in range(3)]
    for t in range(3):
        own = model.for_target(t)
        np.testing.assert_array_equal(own.oof_decision_function_[:, 1], predicted[:, t])
        assert own.oof_loss_ == pytest.approx(losses[t], rel=1e-5)
        assert own.oof_score_ == pytest.approx(np.mean((predicted[:, t] > 0.5) == Y[:, t]))
    assert model.oof_loss_ == pytest.approx(np.mean(losses), rel=1e-5)
    assert model.oof_score_ == np.mean(((predicted > 0.5) == Y).all(axis=1))
    # A network that saw the rows would do better than on new ones.
    assert model.oof_loss_ > np.mean(
        [log_loss(Y[:, t], model.predict_proba(X)[:, t]) for t in range(3)]
    )


def test_out_of_fold_numbers(numbered):
    model, _, L = numbered
    predicted = model.oof_prediction_
    assert model.oof_score_ == pytest.approx(r2_score(L, predicted), rel=1e-9)
    own = [model.for_target(t).oof_loss_ for t in range(3)]
    scales = [network.outputs.parts for network in model.members_]
    assert all(isinstance(network.outputs, SeveralOutputs) for network in model.members_)
    for t in range(3):
        mean = np.mean([parts[t].scale for parts in scales])
        by_hand = np.mean(0.5 * ((L - predicted)[:, t] / mean) ** 2)
        assert own[t] == pytest.approx(by_hand, rel=0.05)  # each fold has a scale of its own


def test_rows_equal_in_one_target_and_not_in_another_are_not_mixed_up():
    # Row i and its twin differ in the second target only. They are two canonical rows, which may
    # be in two folds: each has the prediction of the network that held it out.
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(60, 2)), 2, axis=0)
    Y = np.column_stack((np.repeat(rng.integers(0, 2, 60), 2), np.arange(120) % 2))
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    first = model.for_target(0).oof_decision_function_[:, 1]
    np.testing.assert_array_equal(first, model.oof_decision_function_[:, 0])
    apart = first[::2] != first[1::2]
    assert 0.3 < apart.mean() < 1
    by_networks = np.stack(
        [network.outputs.parts[0].probabilities(_raw(model, X)[[k], :, :1])[:, 1]
         for k, network in enumerate(model.members_)]
    )  # fmt: skip
    assert by_networks.shape == (3, 120)


def _raw(model, X):
    return model._raw(X)


def test_codes_of_categories_do_not_tell_the_targets_of_their_own_rows():
    rng = np.random.default_rng(1)
    level = pd.DataFrame({"ward": [f"W{each:03}" for each in rng.integers(0, 60, 600)]})
    level["x"] = rng.normal(size=600)
    noise = rng.normal(size=(600, 2))
    model = ThalwegRegressor(**QUICK).fit(level, noise)
    assert r2_score(noise, model.oof_prediction_) < 0.02
    codes = {row: rng.normal(size=2) for row in level["ward"].unique()}
    told = np.stack([codes[row] for row in level["ward"]]) + 0.1 * noise
    model = ThalwegRegressor(**(QUICK | {"max_iter": 60})).fit(level, told)
    assert model.encoder_.codes.n_outputs == 2
    assert r2_score(told, model.oof_prediction_) > 0.5


def test_histories_have_means_over_the_targets(labelled):
    model, _, Y = labelled
    held = model.history_[model.best_epoch_ - 1]["valid_loss"]
    assert 0.3 < held < 0.8  # the sum would be three times that
    assert model.for_target(1).history_ == model.history_
    more = model.for_target(1)
    assert more.best_epoch_ == model.best_epoch_
    assert Y.shape[1] == 3


def test_everything_of_one_target_is_there(labelled, numbered):
    model, X, _ = labelled
    for t in range(3):
        own = model.for_target(t)
        assert own.calibration_.map is not None
        assert own.feature_importances_.argmax() == t
        assert own.predict_set(X).shape == (len(X), 2)
        assert own.unlike(X).shape == (len(X),)
        assert own.threshold_ == 0.5
    model, X, L = numbered
    for t in range(3):
        interval = model.for_target(t).predict_interval(X)
        inside = (interval[:, 0] <= L[:, t]) & (L[:, t] <= interval[:, 1])
        assert 0.85 <= inside.mean() <= 1


@pytest.mark.parametrize("way", ["cross-validation", "folds", "hold-out", False])
def test_every_way_of_early_stopping(way):
    X, L = table(120)
    model = ThalwegClassifier(early_stopping=way, **QUICK).fit(X, (L > 0).astype(int))
    own = model.for_target(0)
    p = model.predict_proba(X)
    np.testing.assert_allclose(own.predict_proba(X)[:, 1], p[:, 0], atol=1e-6)
    assert hasattr(model, "oof_loss_") == (way in ("cross-validation", "folds"))
    assert hasattr(own, "oof_loss_") == (way == "folds")
    if way == "cross-validation":
        assert 0.3 < model.oof_loss_ < 0.9
        assert own.stopping_ == "cross-validation"


def test_groups_times_and_rows_of_validation():
    X, L = table(160)
    Y, marks = (L > 0).astype(int), np.arange(160) // 4
    grouped = ThalwegClassifier(**QUICK).fit(X, Y, groups=marks)
    assert grouped.for_target(0)._known.also == "groups"
    assert np.isfinite(grouped.oof_decision_function_).all()
    in_time = ThalwegRegressor(**QUICK).fit(X, L, time_column=np.arange(160))
    assert not hasattr(in_time.for_target(0), "predict_interval")
    validated = ThalwegClassifier(**QUICK).fit(X[:100], Y[:100], X_val=X[100:], y_val=Y[100:])
    assert validated.stopping_ == "validation"
    assert len(ThalwegClassifier(n_ensemble=2, **QUICK).fit(X, Y).members_) == 6


def test_training_goes_on_with_all_targets(labelled):
    _, X, Y = labelled
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    before = model.predict_proba(X)
    model.fit_more(X, Y, 2)
    assert not np.array_equal(model.predict_proba(X), before)
    own = model.for_target(2)
    np.testing.assert_allclose(own.predict_proba(X)[:, 1], model.predict_proba(X)[:, 2], atol=1e-6)
    assert not hasattr(own, "oof_loss_")
    assert not hasattr(own, "predict_set")
    warm = ThalwegClassifier(warm_start=True, **QUICK).fit(X, Y)
    theta = warm.theta_.copy()
    assert np.array_equal(warm.fit(X, Y).theta_, theta)
    assert not np.array_equal(warm.fit(X[:90], Y[:90]).theta_, theta)


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", "f1_macro"])
def test_early_stopping_by_a_score_of_all_labels(labelled, scoring):
    _, X, Y = labelled
    model = ThalwegClassifier(scoring=scoring, **QUICK).fit(X, Y)
    best = model.best_epoch_ - 1
    assert model.validation_scores_[best] == max(model.validation_scores_)
    if scoring == "neg_log_loss":
        assert -model.validation_scores_[best] == pytest.approx(
            model.history_[best]["valid_loss"], rel=1e-4
        )
