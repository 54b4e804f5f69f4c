"""The attributes of scikit-learn's MLPs, computed anew from the history."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier

from thalweg import SettingsError, ThalwegClassifier, ThalwegRegressor, load_model

X, Y = load_iris(return_X_y=True)
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 4, "random_state": 0, "n_folds": 2}


def test_losses_are_those_of_the_history():
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    losses = [each["train_loss"] for each in model.history_]
    assert (model.loss_, model.best_loss_) == (losses[-1], min(losses))
    with pytest.raises(AttributeError, match="scoring was not given"):
        model.best_validation_score_  # noqa: B018
    assert not hasattr(model, "best_validation_score_")
    assert not hasattr(ThalwegClassifier(), "loss_")


def test_the_best_score_is_that_of_the_epoch_that_is_kept():
    model = ThalwegClassifier(scoring="accuracy", early_stopping=True, **QUICK).fit(X, Y)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.validation_scores_.index(max(model.validation_scores_)) + 1 == model.best_epoch_


def test_the_output_is_named_as_there():
    for y in (Y, np.minimum(Y, 1)):
        theirs = MLPClassifier((2,), alpha=1.0, solver="lbfgs", max_iter=5000).fit(X, y)
        assert ThalwegClassifier(**QUICK).fit(X, y).out_activation_ == theirs.out_activation_
    for loss, word in (("squared_error", "identity"), ("poisson", "exp")):
        assert ThalwegRegressor(loss, **QUICK).fit(X, Y).out_activation_ == word


def test_an_activation_for_each_layer_in_a_fit_its_clone_and_its_file(tmp_path):
    names = ("relu", "tanh")
    settings = {"max_iter": 2, "random_state": 0, "early_stopping": False, "dtype": "float64"}
    model = ThalwegClassifier((5, 4), names, **settings).fit(X, Y)
    assert model.architecture_.activations == (*names, "identity")
    assert model.settings_["activation"] == names
    (V1, V2, V3), (b1, b2, b3) = model.coefs_, model.intercepts_
    Z = np.tanh(np.maximum(model.encoder_.encode(X) @ V1 + b1, 0) @ V2 + b2) @ V3 + b3
    np.testing.assert_allclose(model.predict_proba(X), softmax(Z, axis=1), rtol=1e-12)
    again = clone(model).fit(X, Y)
    np.testing.assert_array_equal(again.theta_, model.theta_)
    as_list = clone(model).set_params(activation=list(names)).fit(X, Y)
    np.testing.assert_array_equal(as_list.theta_, model.theta_)
    with pytest.raises(SettingsError, match="1 activation, and there are 2 hidden layers"):
        clone(model).set_params(activation=("relu",)).fit(X, Y)
    with pytest.raises(SettingsError, match="cannot be changed after the fit"):
        clone(model).fit(X, Y).set_params(activation=("tanh", "relu")).fit_more(X, Y)
    np.testing.assert_array_equal(
        ThalwegClassifier((5, 4), ("tanh", "tanh"), max_iter=2, random_state=0).fit(X, Y).theta_,
        ThalwegClassifier((5, 4), "tanh", max_iter=2, random_state=0).fit(X, Y).theta_,
    )
    model.save(tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors")
    assert loaded.activation == names
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(
        loaded.fit_more(X, Y, epochs=1).theta_, model.fit_more(X, Y, epochs=1).theta_
    )
