"""A regressor with a loss that its user wrote: as a built-in one where they are the same."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

import thalweg
from thalweg import ThalwegRegressor
from thalweg.elementary_functions import maximum, where
from thalweg.errors import SettingsError
from thalweg.evaluation.judging.regression_loss import measure_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = 1000 + 30 * (X[:, 0] - np.abs(X[:, 1]) + RNG.normal(size=120))
ASYMMETRIC = "formula:where(z > y, z - y, 3 * (y - z))"
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 6, "n_folds": 2, "random_state": 0}


def pinball(z, y):
    return maximum(0.75 * (y - z), -0.25 * (z - y) * -1)


def fitted(loss, **more):
    return ThalwegRegressor(loss, **{**SMALL, **more}).fit(X, Y)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("own", "built_in"),
    [
        ("formula:0.5 * (z - y)**2", "squared_error"),
        ("formula:7 * (z - y)**2", "squared_error"),
        ("formula:max(0.75 * (y - z), 0.25 * (z - y))", "quantile:level=0.75"),
        (pinball, "quantile:level=0.75"),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_formula_of_a_built_in_loss_gives_its_predictions(own, built_in, dtype):
    one, other = (fitted(each, dtype=dtype) for each in (own, built_in))
    off = np.abs(one.predict(X) - other.predict(X)).max() / Y.std()
    assert off < (1e-10 if dtype == "float64" else 1e-4)
    assert one.oof_loss_ == pytest.approx(other.oof_loss_, rel=1e-5)


def test_an_asymmetric_loss_predicts_above_a_symmetric_one():
    much, little = (fitted(each, max_iter=30) for each in (ASYMMETRIC, "absolute_error"))
    assert np.mean(much.predict(X) >= Y) > np.mean(little.predict(X) >= Y) + 0.1


def test_parameters_clone_and_pickle():
    model = ThalwegRegressor(pinball, **SMALL)
    assert clone(model).loss is pinball
    assert model.get_params()["loss"] is pinball
    assert "pinball" in repr(model)
    again = pickle.loads(pickle.dumps(fitted(ASYMMETRIC)))
    assert again.loss == ASYMMETRIC
    assert again.predict(X).shape == (120,)


def test_a_saved_function_comes_back_as_its_formula(tmp_path):
    def cost(z, y):
        return where(z > y, z - y, 3 * (y - z))

    model = fitted(cost)
    model.save(tmp_path / "model.safetensors")
    again = thalweg.load_model(tmp_path / "model.safetensors")
    assert again.loss == again.settings_["loss"] == model.settings_["loss"] == ASYMMETRIC
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    one, other = (each.members_[0].outputs for each in (model, again))
    assert one == other
    again.n_iter_no_change = 2
    assert measure_of(again).alone(Y, Y + 1) == pytest.approx(1.0)


def test_it_is_evaluated_by_the_own_loss():
    model = fitted(ASYMMETRIC)
    found = thalweg.evaluate(model, X, Y)
    expected = np.mean(np.where(model.predict(X) > Y, model.predict(X) - Y,
                                3 * (Y - model.predict(X))))  # fmt: skip
    assert found.verdict.network.metrics["own"].value > 0
    assert {each.measure for each in found.verdict.differences.values()} == {"own loss"}
    assert "own loss" in found.text()
    assert found.as_dict()["sections"]["calibration"] is None
    own = measure_of(model)
    assert own.alone(Y, model.predict(X)) == pytest.approx(expected)
    # The best constant is the 0.75 quantile.
    assert own.constant_for(Y, np.ones(120)) == pytest.approx(
        np.quantile(Y, 0.75, method="inverted_cdf"), abs=1.0
    )


def test_a_loss_below_zero_has_an_interval_around_its_mean():
    own = measure_of(fitted("formula:abs(z - y) - 40"))
    found = own.value(Y, Y + RNG.normal(size=120), seed=0)
    assert found.low < found.value < found.high < 0
    assert own.constant_for(Y, np.ones(120)) == pytest.approx(np.median(Y), abs=1.0)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        ("formula:z - y", "falls without end"),
        ("formula:log1p(z - 1000)", "not finite"),
        ("formula:y * 2", "does not have z"),
        ("formula:__import__('os')", "cannot be read"),
        ("formula:abs(z - y) @ 0 1 1 1", "the character '@'"),
        (lambda z, y: np.exp(z - y), "instead of np.where, np.exp"),
        ("formulas:z", "There is no loss"),
    ],
)
def test_bad_losses_are_refused_before_training(loss, says):
    with pytest.raises(SettingsError) as error:
        fitted(loss)
    assert says in str(error.value)


def test_other_ways_to_train():
    more = {"hidden_layer_sizes": (), "dtype": "float64", "optimizer": "lbfgs", "max_iter": 200}
    linear, other = (fitted(each, **more) for each in ("formula:0.5*(z-y)**2", "squared_error"))
    assert np.abs(linear.predict(X) - other.predict(X)).max() < 1e-6 * Y.std()
    batches = ThalwegRegressor(ASYMMETRIC, hidden_layer_sizes=(4,), random_state=0, n_folds=2,
                               optimizer="adam")  # fmt: skip
    batches.partial_fit(X[:60], Y[:60]).partial_fit(X[60:], Y[60:])
    assert np.isfinite(batches.predict(X)).all()
    weighted = ThalwegRegressor(ASYMMETRIC, **SMALL).fit(X, Y, sample_weight=np.ones(120))
    np.testing.assert_array_equal(weighted.predict(X), fitted(ASYMMETRIC).predict(X))
    constant = ThalwegRegressor(ASYMMETRIC, **SMALL).fit(X, np.full(120, 3.0))
    np.testing.assert_array_equal(constant.predict(X), 3.0)
