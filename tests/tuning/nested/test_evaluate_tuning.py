"""What tuning is worth: nested cross-validation, beside losses that scikit-learn computes."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.metrics import log_loss, mean_squared_error

from thalweg import ThalwegClassifier, ThalwegRegressor, evaluate_tuning, tune
from thalweg.errors import DataError, SettingsError, UnfinishedError
from thalweg.evaluation.splits import fold_splits
from thalweg.tuning.nested import evaluate_tuning as module

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 12, "n_folds": 3, "n_bins": 0}
SPACE = {"learning_rate_init": [1e-6, 0.02, 0.05]}


def table(n=180, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 2))
    return X, (X[:, 0] + X[:, 1] + 0.3 * random.normal(size=n) > 0).astype(int)


def worth(estimator, X, y, **more):
    given = {"n_trials": 3, "space": SPACE, "folds": 3, "keep": 2, "seed": 4, **more}
    return evaluate_tuning(estimator, X, y, **given)


@pytest.fixture(scope="module")
def bad():
    """A default that learns nothing."""
    return worth(ThalwegClassifier(learning_rate_init=1e-6, **SMALL), *table())


def test_a_bad_default_is_beaten_and_it_is_said(bad):
    assert bad.tuned.difference.at_95.high < -0.1
    assert bad.sentence().startswith("The tuned model is better than the default on these 180")
    assert bad.folds.chosen.tolist() == ["tuned"] * 3
    assert bad.folds.tuned.tolist() == bad.folds.ensemble.tolist()
    assert "3 searches of 3 returned a tuned model; a search had 3 trials" in str(bad)


def test_losses_are_those_of_fits_and_searches_on_the_training_rows(bad):
    X, y = table()
    splits = fold_splits(X, y, n_folds=3, seed=4)
    estimator = ThalwegClassifier(learning_rate_init=1e-6, random_state=4, **SMALL)
    for (train, test), row in zip(splits, bad.folds.to_dict("records"), strict=True):
        found = tune(
            clone(estimator), X[train], y[train], n_trials=3, space=SPACE, keep=2, random_state=4,
            if_unclear="tuned",
        )  # fmt: skip
        plain = clone(estimator).fit(X[train], y[train])
        for name, model in (("default", plain), ("ensemble", found.model)):
            expected = log_loss(y[test], model.predict_proba(X[test]))
            assert row[name] == pytest.approx(expected, rel=1e-6)
        assert row["expected"] == found.honest.difference.value
        assert (row["n_train"], row["n_test"]) == (len(train), len(test))


def test_the_interval_is_corrected_for_rows_that_folds_have_in_common(bad):
    differences = (bad.folds.tuned - bad.folds.default).to_numpy()
    ratio = (bad.folds.n_test / bad.folds.n_train).mean()
    scale = math.sqrt((1 / 3 + ratio) * differences.var(ddof=1))
    half = stats.t.ppf(0.975, 2) * scale
    found = bad.tuned.difference.at_95
    assert found.value == pytest.approx(differences.mean())
    assert (found.low, found.high) == pytest.approx(
        (differences.mean() - half, differences.mean() + half)
    )
    assert bad.losses["tuned"] - bad.losses["default"] == pytest.approx(found.value)
    plain = bad.as_dict()
    assert plain["tuned"]["value"] == found.value
    assert len(plain["folds"]) == 3


def test_of_noise_nothing_is_claimed():
    X, y = table(120)
    noise = np.random.default_rng(1).permutation(y)
    found = worth(ThalwegClassifier(learning_rate_init=0.02, **SMALL), X, noise)
    assert found.tuned.difference.at_95.high >= 0
    assert "better than the default on" not in found.sentence()
    if not (found.folds.chosen == "tuned").any():
        assert found.sentence().startswith("Tuning changed nothing: in all 3 folds")
        assert found.losses["tuned"] == found.losses["default"]
        assert "The ensemble of each search in any case: " in str(found)


@pytest.mark.slow
def test_noise_is_seldom_called_a_gain():
    claims = 0
    for seed in range(20):
        X, y = table(120, seed)
        noise = np.random.default_rng(seed).permutation(y)
        found = worth(ThalwegClassifier(learning_rate_init=0.02, **SMALL), X, noise, seed=seed)
        claims += found.tuned.difference.at_95.high < 0
    assert claims <= 3


def test_groups_are_split_in_no_fold(monkeypatch):
    X, y = table(120)
    groups, seen = np.repeat(np.arange(30), 4), []
    real = module.tune

    def spy(estimator, X, y, **more):
        seen.append(more["groups"])
        return real(estimator, X, y, **more)

    monkeypatch.setattr(module, "tune", spy)
    found = worth(
        ThalwegClassifier(**SMALL), X, y, groups=groups, n_trials=2, folds=2, repeats=2,
        space={"max_iter": [2, 4]},
    )  # fmt: skip
    assert "2 folds of groups, repeated 2 times" in found.how
    assert found.folds.repetition.tolist() == [1, 1, 2, 2]
    for first, second in (seen[:2], seen[2:]):
        assert set(first) & set(second) == set()
        assert set(first) | set(second) == set(range(30))


def test_windows_of_time_are_predicted_from_the_rows_before(monkeypatch):
    X, y = table(160)
    times = pd.Series(pd.date_range("2020-01-01", periods=160)).sample(frac=1, random_state=0)
    seen, real = [], module.tune

    def spy(estimator, X, y, **more):
        seen.append(more["time_column"])
        return real(estimator, X, y, **more)

    monkeypatch.setattr(module, "tune", spy)
    found = worth(
        ThalwegClassifier(early_stopping="folds", **SMALL), X, y, n_trials=2, folds=2,
        time_column=times.to_numpy(), space={"max_iter": [2, 4]},
    )  # fmt: skip
    assert "on 2 windows of time" in found.how
    assert seen[0].max() < seen[1].max()
    assert len(seen[1]) == found.folds.n_train[1] > found.folds.n_train[0]


def test_several_classes_and_numbers_have_their_own_losses():
    X, _ = table(120)
    frame = pd.DataFrame(X, columns=["a", "b"])
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    space = {"learning_rate_init": [1e-6, 0.05]}
    more = {"space": space, "n_trials": 2, "folds": 2}
    found = worth(ThalwegClassifier(learning_rate_init=1e-6, **SMALL), frame, three, **more)
    assert found.measure == "log-loss"
    assert found.losses["tuned"] < found.losses["default"]
    number = ThalwegRegressor(learning_rate_init=1e-6, random_state=1, **SMALL)
    found = worth(number, frame, X[:, 0], **more)
    assert found.measure == "RMSE"
    splits = fold_splits(X, X[:, 0] * 0, n_folds=2, seed=4)
    train, test = splits[0]
    plain = clone(number).fit(frame.iloc[train], X[train, 0])
    error = mean_squared_error(X[test, 0], plain.predict(frame.iloc[test]))
    assert found.folds.default[0] == pytest.approx(math.sqrt(error), rel=1e-6)
    # What a search expects is in the unit of the losses: a search decides by squared errors.
    wide = worth(number, frame, 1000 * X[:, 0], **more).folds
    assert (wide.expected < -10).all()
    assert (wide.default + wide.expected > 0).all()


def test_weights_of_0_and_whole_numbers_count_as_rows():
    X, y = table(90)
    weights = np.tile([0, 1, 2], 30)
    more = {"space": {"max_iter": [2, 4]}, "n_trials": 2, "folds": 2}
    found = worth(ThalwegClassifier(**SMALL), X, y, sample_weight=weights, **more)
    assert found.n_rows == 90
    assert found.folds.n_test.sum() == 90


def test_a_listener_hears_each_search_and_ctrl_c_ends_all(monkeypatch):
    heard, more = [], {"space": {"max_iter": [2, 4]}, "n_trials": 2, "folds": 2}
    worth(ThalwegClassifier(**SMALL), *table(60), listener=heard.append, **more)
    assert [(each.n_done, each.n_searches) for each in heard] == [(1, 2), (2, 2)]

    class Ended:
        ended_by = "interrupt"

    monkeypatch.setattr(module, "tune", lambda *given, **more: Ended())
    with pytest.raises(UnfinishedError, match="before its last search"):
        worth(ThalwegClassifier(**SMALL), *table(60), **more)


def test_a_column_may_be_the_target():
    X, _ = table(60)
    frame = pd.DataFrame(X[:, :2], columns=["a", "b"])
    number = ThalwegRegressor(random_state=1, **SMALL)
    more = {"n_trials": 1, "folds": 2}
    found = worth(number, frame, None, target="b", **more)
    assert found.losses == worth(number, frame[["a"]], frame["b"], **more).losses
    with pytest.raises(DataError, match="the target y is None"):
        worth(number, frame, None, **more)


def test_what_cannot_be_is_refused():
    X, y = table(40)
    with pytest.raises(SettingsError, match="exclude each other"):
        worth(ThalwegClassifier(**SMALL), X, y, groups=y, time_column=y)
    with pytest.raises(SettingsError, match="folds is 1"):
        worth(ThalwegClassifier(**SMALL), X, y, folds=1)
    with pytest.raises(SettingsError, match="know when to end"):
        worth(ThalwegClassifier(**SMALL), X, y, n_trials=None)
