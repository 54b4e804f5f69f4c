"""The threshold of two classes: the parameter beats what was stored, which beats the costs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.task_judging import TwoClasses
from thalweg.persistence.model_file import load_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = np.where(X[:, 0] + RNG.normal(size=60) > 0, "ill", "well")


def fitted(y=Y, **settings):
    usual = {"max_iter": 2, "early_stopping": False, "random_state": 0, "n_bins": 0}
    return ThalwegClassifier((3,), **{**usual, **settings}).fit(X, y)


def test_predict_uses_the_threshold_that_was_given():
    model = fitted(positive="ill", threshold=0.3)
    assert model.threshold_ == 0.3
    above = model.predict_proba(X)[:, 0] > 0.3
    assert np.array_equal(model.predict(X) == "ill", above)
    assert np.array_equal(model.called(model.predict_proba(X)), model.predict(X))
    # No probability and no weight depends on it.
    plain = fitted(positive="ill")
    assert np.array_equal(plain.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(plain.theta_, model.theta_)
    assert clone(model).threshold == 0.3


def test_a_row_at_the_threshold_is_not_called():
    model = fitted(positive="ill")
    model.threshold_ = float(model.predict_proba(X)[7, 0])
    assert model.predict(X)[7] == "well"


def test_the_parameter_beats_what_was_stored_which_beats_the_costs(tmp_path):
    model = fitted(positive="ill", class_weight={"ill": 9.0})
    assert model.threshold_ == 0.1
    assert model._chosen == by_costs(9.0, 1.0)
    stored = Threshold(0.25, "sensitivity", floor=0.9, how="test", confidence=0.95)
    model._decide(stored)
    assert (model.threshold_, model._chosen) == (0.25, stored)
    model.set_params(threshold=0.4)
    assert model.threshold_ == 0.4
    model.save(tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert (loaded.threshold_, loaded.settings_["threshold"]) == (0.4, 0.4)
    assert np.array_equal(loaded.predict(X), model.predict(X))
    for each in (model, loaded):
        assert each.set_params(threshold=None).threshold_ == 0.25
        assert each._chosen == stored
    model.save(tmp_path / "m", overwrite=True)
    assert "threshold" not in load_model(tmp_path / "m").settings_
    assert model.fit(X, Y).threshold_ == 0.1


@pytest.mark.parametrize(("missed", "alarm"), [(9, 1), (1, 9), (1, 1), (7.3, 0.11), (1e-40, 3e7)])
def test_a_threshold_by_costs_is_the_formula_to_the_bit(tmp_path, missed, alarm):
    exact = alarm / (alarm + missed)
    for positive, weights in (
        ("ill", {"ill": missed, "well": alarm}),
        ("well", {"ill": alarm, "well": missed}),
    ):
        model = fitted(positive=positive, class_weight=weights)
        model.save(tmp_path / "m", overwrite=True)
        assert model.threshold_ == exact == by_costs(missed, alarm).value
        assert load_model(tmp_path / "m").threshold_ == exact
        assert load_model(tmp_path / "m")._chosen == model._chosen


def test_setting_the_attribute_replaces_the_parameter():
    model = fitted(threshold=0.3)
    model.threshold_ = 0.6
    assert (model.threshold_, model.threshold) == (0.6, None)


@pytest.mark.parametrize("wrong", [0, 1, -0.1, 1.5, np.nan, "0.3", True])
def test_a_threshold_is_inside_0_and_1(wrong):
    with pytest.raises((SettingsError, ValueError), match="threshold"):
        fitted(threshold=wrong)


@pytest.mark.parametrize("wrong", [0.0, 1.0, 1.5])
def test_a_threshold_that_is_set_later_is_checked_by_predict(wrong):
    model = fitted().set_params(threshold=wrong)
    with pytest.raises(SettingsError, match="is not between 0 and 1"):
        model.predict(X)


def test_several_classes_have_no_threshold():
    kinds = np.array(["a", "b", "c"])[np.arange(60) % 3]
    with pytest.raises(SettingsError, match="for two classes, and the target has 3") as told:
        fitted(kinds, threshold=0.3)
    assert "class_weight" in told.value.fix
    model = fitted(kinds)
    assert model.threshold_ is None
    with pytest.raises(SettingsError, match="for two classes"):
        model.set_params(threshold=0.3).predict(X)


def test_network_and_rivals_are_judged_at_the_threshold_of_the_model():
    model = fitted(positive="ill", threshold=0.3)
    truth = Y == "ill"
    for answer in (model.predict_proba(X)[:, 0], np.full(60, 0.4)):
        judged = TwoClasses("ill", "well").judge(Answers(truth, answer), model, seed=0)
        assert judged.threshold == 0.3
        assert judged.confusion["true_positive"] == (truth & (answer > 0.3)).sum()


def test_a_model_that_is_not_fitted_calls_nothing():
    with pytest.raises(NotFittedError):
        ThalwegClassifier(threshold=0.2).called(np.ones((1, 2)))


def test_a_warm_start_with_another_threshold_trains_nothing():
    model = fitted(warm_start=True)
    before = model.theta_.copy()
    model.set_params(threshold=0.3).fit(X, Y)
    assert np.array_equal(model.theta_, before)
    assert (model.threshold_, model.settings_["threshold"]) == (0.3, 0.3)
