"""Presets: what "auto" means in each, that a given parameter wins, and that files keep them."""

import pickle
import typing

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from thalweg import SettingsError, ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.estimators.parameters.auto_by_width import epochs_of, patience_of
from thalweg.estimators.parameters.parameter import CLASSIFIER, Preset
from thalweg.estimators.parameters.parameter_presets import PRESETS, folds_of
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.estimators.parameters.unlike_default import unlike_default
from thalweg.sealed_container import unseal

KINDS = [ThalwegClassifier, ThalwegRegressor]
TINY = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
X = np.random.default_rng(0).normal(size=(60, 2))
Y = np.arange(60) % 2


def bits(model):
    return [each.theta.tobytes() for each in model.members_]


def test_a_preset_says_what_auto_means_and_nothing_else():
    assert set(PRESETS) == set(typing.get_args(Preset)) == set(BY_NAME["preset"].words)
    for bundle in PRESETS.values():
        assert set(bundle) == set(PRESETS["default"])
        for name, value in bundle.items():
            assert BY_NAME[name].default == "auto"
            assert any(span.has(value) for span in BY_NAME[name].allowed if hasattr(span, "has"))


@pytest.mark.parametrize(
    ("preset", "folds", "epochs", "together", "alone"),
    [("quick", 3, 48, 4, 13), ("default", 5, 48, 6, 20), ("best", 10, 72, 9, 30)],
)
def test_what_each_preset_means(preset, folds, epochs, together, alone):
    settings = ThalwegClassifier(preset=preset).get_params()
    assert folds_of(settings) == folds
    assert epochs_of(settings) == epochs
    assert patience_of(settings, together=True) == together
    assert patience_of(settings, together=False) == alone
    narrow = {**settings, "hidden_layer_sizes": (64,)}
    assert epochs_of(narrow) == 2 * epochs
    assert patience_of(narrow, together=True) == 2 * together
    # L-BFGS without hidden layers comes to the minimum, whatever the preset.
    linear = {**settings, "hidden_layer_sizes": ()}
    assert (epochs_of(linear), patience_of(linear, together=False)) == (768, 20)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_given_wins_over_the_preset(preset):
    given = {"n_folds": 4, "max_iter": 7, "n_iter_no_change": 2}
    settings = ThalwegClassifier(preset=preset, **given).get_params()
    assert folds_of(settings) == 4
    assert epochs_of(settings) == 7
    assert {patience_of(settings, together=each) for each in (True, False)} == {2}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", ["quick", "best"])
def test_a_fit_has_as_many_networks_as_its_preset_has_folds(kind, preset, tmp_path):
    model = kind(**TINY, preset=preset).fit(X, Y)
    assert len(model.members_) == PRESETS[preset]["n_folds"]
    assert model.settings_["preset"] == preset
    assert len(set(bits(model))) == len(model.members_)
    given = {name: value for name, value in PRESETS[preset].items() if name != "max_iter"}
    given["n_iter_no_change"] = patience_of(model.settings_, together=True)
    assert bits(kind(**TINY, **given).fit(X, Y)) == bits(model)
    # It is kept by all that keeps an estimator.
    assert clone(model).get_params() == model.get_params()
    assert pickle.loads(pickle.dumps(model)).get_params() == model.get_params()
    assert bits(kind(**TINY).set_params(preset=preset).fit(X, Y)) == bits(model)
    model.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert loaded.get_params() == model.get_params()
    assert loaded.settings_ == model.settings_
    assert bits(loaded.fit(X, Y)) == bits(model)


@pytest.mark.parametrize("kind", KINDS)
def test_a_default_fit_and_its_file_are_what_they_were(kind, tmp_path):
    model = kind(**TINY).fit(X, Y)
    assert bits(kind(**TINY, preset="default", n_folds="auto").fit(X, Y)) == bits(model)
    model.save(tmp_path / "model")
    settings = unseal((tmp_path / "model").read_bytes())[0]["training"]["settings"]
    assert {"preset", "n_folds"}.isdisjoint(settings)


@pytest.mark.parametrize("way", ["cross-validation", "folds"])
def test_the_number_of_folds_counts_in_both_ways_and_in_groups_and_in_time(way):
    how = {**TINY, "early_stopping": way}
    assert bits(ThalwegRegressor(**how, n_folds=5).fit(X, Y)) == bits(
        ThalwegRegressor(**how).fit(X, Y)
    )
    three = ThalwegRegressor(**how, n_folds=3).fit(X, Y)
    assert len(three.members_) == (3 if way == "folds" else 1)
    assert three.oof_loss_ != ThalwegRegressor(**how).fit(X, Y).oof_loss_
    if way == "folds":
        twice = ThalwegRegressor(**how, n_folds=3, n_ensemble=2).fit(X, Y)
        assert len(set(bits(twice))) == 6
        few = ThalwegRegressor(**how, n_folds=10).fit(X, Y, groups=np.arange(60) % 7)
        assert len(few.members_) == 7
    days = pd.DataFrame({"x": X[:, 0], "day": pd.date_range("2024-01-01", periods=60)})
    timed = ThalwegRegressor(**TINY, preset="quick").fit(days, Y, time_column="day")
    assert (timed.stopping_, len(timed.members_)) == ("cross-validation", 3)
    more = ThalwegRegressor(**TINY, early_stopping="cross-validation", n_folds=7, n_ensemble=3)
    assert len(set(bits(more.fit(X, Y)))) == 3


def test_a_preset_that_is_not_the_default_is_said():
    settings = ThalwegClassifier(preset="quick").get_params()
    assert unlike_default(CLASSIFIER, settings, "folds") == [
        "preset quick instead of default",
        "folds 3 instead of 5",
        "patience 4 instead of 6",
    ]
    settings = ThalwegClassifier(preset="best", max_iter=48).get_params()
    assert unlike_default(CLASSIFIER, settings, "hold-out") == [
        "preset best instead of default",
        "folds 10 instead of 5",
        "patience 30 instead of 20",
    ]


@pytest.mark.parametrize("change", [{"preset": "best"}, {"n_folds": 4}, {"preset": "default"}])
def test_a_fitted_model_keeps_its_preset(change):
    model = ThalwegClassifier(**TINY, preset="quick").fit(X, Y)
    model.fit_more(X, Y, epochs=1)
    with pytest.raises(SettingsError, match="cannot be changed after the fit"):
        model.set_params(**change).fit_more(X, Y, epochs=1)


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match="'preset' parameter of ThalwegClassifier must be a str"):
        ThalwegClassifier(preset="fast").fit(X, Y)


def test_the_command_line_has_presets(cli, tmp_path):
    pd.DataFrame({"x": X[:, 0], "y": Y}).to_csv("table.csv", index=False)
    fit = ("fit", "table.csv", "--target", "y", "--hidden", "3", "--epochs", "2")
    code, out, err = cli(*fit, "--preset", "quick", "-o", "model")
    assert code == 0, err
    assert "preset quick instead of default" in " ".join((out + err).split())
    assert load_model("model").preset == "quick"
    code, out, _ = cli("show", "model")
    assert "preset quick" in " ".join(out.split())
    code, _, err = cli(*fit, "--preset", "fast", "-o", "other")
    assert code == 2
    assert "take one of quick, default, best" in " ".join(err.split())
