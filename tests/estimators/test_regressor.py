"""The regressor, compared with ridge regression and closed forms."""

import inspect
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance
from sklearn.linear_model import PoissonRegressor, Ridge, RidgeCV, TweedieRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score, cross_validate
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from plain import PLAIN
from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.estimators.learning import out_of_fold
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.outputs.value_outputs import Values

QUICK = {
    "random_state": 0, "max_iter": 12, "hidden_layer_sizes": (6,), "learning_rate_init": 0.05,
    "n_folds": 2,
}  # fmt: skip
LBFGS = {"optimizer": "lbfgs", "learning_rate_init": None}
EXACT = {
    "hidden_layer_sizes": (), "early_stopping": False, "optimizer": "lbfgs",
    "max_iter": 500, "tol": 0.0, "random_state": 0, **PLAIN,
}  # fmt: skip


def hilly(n_rows=160, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    return X, 10 + 4 * np.sin(2 * X[:, 0]) + X[:, 1] + 0.3 * rng.normal(size=n_rows)


@pytest.mark.parametrize("weights", [None, np.arange(160.0)])
def test_the_score_is_that_of_any_scale(weights):
    X, y = hilly()
    model = ThalwegRegressor(**QUICK).fit(X, y)
    usual = r2_score(y, model.predict(X), sample_weight=weights)
    assert model.score(X, y, weights) == usual
    assert model.score(X, pd.Series(y), weights) == model.score(X, y[:, None], weights) == usual
    for scale in (2.0**-990, 2.0**-500, 2.0**500, 2.0**980):
        scaled = ThalwegRegressor(**QUICK).fit(X, y * scale)
        mended = r2_score(y, scaled.predict(X) / scale, sample_weight=weights)
        assert scaled.score(X, y * scale, weights) == mended
    assert (
        scaled.score(X, np.full(160, 2.0**980)) == 0.0
    )  # as scikit-learn has it for equal targets
    assert model.score(X, y * 1e-310) == model.score(X, y * 1e-200) == -np.inf
    for bad, said in ((["a"] * 160, "to float"), ([np.nan] * 160, "NaN"), ([1e300] * 159, "159")):
        with pytest.raises(ValueError, match=said) as ours:
            model.score(X, bad, weights)
        with pytest.raises(ValueError, match=said) as theirs:
            r2_score(bad, model.predict(X), sample_weight=weights)
        assert str(ours.value) == str(theirs.value)


def test_the_raw_table_is_enough():
    X, y = hilly()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame.loc[::9, "c"] = np.nan
    model = ThalwegRegressor(random_state=0, alpha=0.1, max_iter=150)
    assert model.fit(frame, y) is model
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert model.score(frame, y) > 0.85
    assert model.predict(frame).shape == (160,)
    assert (model.stopping_, model.n_outputs_) == ("folds", 1)
    assert len(model.members_) == 5
    assert np.isfinite(model.oof_loss_)


def test_defaults_are_no_worse_than_ridge_regression_on_diabetes():
    X, y = load_diabetes(return_X_y=True)
    ours = cross_val_score(ThalwegRegressor(random_state=0), X, y, cv=5).mean()
    ridge = cross_val_score(RidgeCV(np.logspace(-4, 2, 25)), X, y, cv=5).mean()
    assert ours >= ridge - 0.01


def test_no_hidden_layer_is_ridge_regression():
    X, y = hilly()
    alpha = 3.0
    model = ThalwegRegressor(alpha=alpha, **EXACT).fit(X, y)
    encoded = fit_encoder(X, np.ones(len(X))).encode(X)
    ridge = Ridge(alpha).fit(encoded, y)
    inside = np.clip(ridge.predict(encoded), y.min(), y.max())
    np.testing.assert_allclose(model.predict(X), inside, rtol=1e-5)


def test_counts_without_a_hidden_layer_are_poisson_regression():
    X, _ = hilly()
    y = np.random.default_rng(1).poisson(np.exp(0.5 + 0.4 * X[:, 0])).astype(float)
    model = ThalwegRegressor("poisson", alpha=0.7, **EXACT).fit(X, y)
    encoded = fit_encoder(X, np.ones(len(X))).encode(X)
    # Ours divides targets, and so the deviance, by their mean.
    exact = PoissonRegressor(alpha=0.7 * y.mean() / len(y), tol=1e-10, max_iter=1000)
    expected = exact.fit(encoded, y).predict(encoded)
    np.testing.assert_allclose(model.predict(X), np.clip(expected, y.min(), y.max()), rtol=1e-4)


@pytest.mark.parametrize("power", [1.2, 1.5, 1.8, 2])
def test_amounts_without_a_hidden_layer_are_scikit_learns_linear_models(power):
    X, _ = hilly()
    rng = np.random.default_rng(1)
    y = np.exp(0.5 + 0.4 * X[:, 0]) * rng.gamma(2.0, 0.5, len(X))
    y[rng.random(len(X)) < 0.2] *= power == 2  # of Tweedie's amounts, some are 0
    loss = "gamma" if power == 2 else f"tweedie:power={power}"
    model = ThalwegRegressor(loss, alpha=0.7, **EXACT).fit(X, y)
    encoded = fit_encoder(X, np.ones(len(X))).encode(X)
    # Ours divides targets by their mean, and so the deviance by mean^(2 - power).
    alpha = 0.7 * y.mean() ** (2 - power) / len(y)
    exact = TweedieRegressor(power=power, alpha=alpha, link="log", tol=1e-10, max_iter=10_000)
    expected = exact.fit(encoded, y).predict(encoded)
    np.testing.assert_allclose(model.predict(X), np.clip(expected, y.min(), y.max()), rtol=1e-4)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_a_quantile_has_that_share_of_the_rows_below(level):
    X, y = hilly(600)
    model = ThalwegRegressor(
        f"quantile:level={level}", alpha=0.1, max_iter=200, early_stopping=False, random_state=0,
        n_iter_no_change=20,
    ).fit(X, y)  # fmt: skip
    assert np.mean(y <= model.predict(X)) == pytest.approx(level, abs=0.05)


def test_outliers_move_the_median_less_than_the_mean():
    X, y = hilly(300)
    spoiled = y.copy()
    spoiled[::15] += 500
    scores = {
        loss: ThalwegRegressor(loss, **{**QUICK, "max_iter": 80}).fit(X, spoiled).predict(X)
        for loss in ("squared_error", "absolute_error", "huber:delta=0.1")
    }
    errors = {loss: np.median(abs(found - y)) for loss, found in scores.items()}
    assert errors["absolute_error"] < 0.5 * errors["squared_error"]
    assert errors["huber:delta=0.1"] < 0.5 * errors["squared_error"]


@pytest.mark.parametrize("factor", [1e-200, 1e-30, 1e12, 1e200])
def test_targets_of_any_size_are_learned_alike(factor):
    # Another size means another order of the rows, and so other folds and batches.
    X, y = hilly()
    how = {**QUICK, "early_stopping": False, "batch_size": 1000, "max_iter": 60}
    plain = ThalwegRegressor(**how).fit(X, y)
    scaled = ThalwegRegressor(**how).fit(X, y * factor)
    np.testing.assert_allclose(scaled.predict(X), plain.predict(X) * factor, rtol=1e-6)


def test_predictions_stay_in_the_range_of_the_training_targets():
    X, y = hilly()
    model = ThalwegRegressor(**QUICK).fit(X, y)
    far = model.predict(X * 1e6)
    assert far.min() >= y.min()
    assert far.max() <= y.max()


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("early_stopping", ["auto", True, False, "folds"])
def test_weight_two_is_the_row_twice(early_stopping):
    X, y = hilly(60)
    weights = np.arange(60) % 3
    repeated = np.repeat(np.arange(60), weights)
    how = {**QUICK, "early_stopping": early_stopping, "batch_size": 7}
    weighted = ThalwegRegressor(**how).fit(X, y, sample_weight=weights)
    twice = ThalwegRegressor(**how).fit(X[repeated], y[repeated])
    for one, other in zip(weighted.members_, twice.members_, strict=True):
        np.testing.assert_array_equal(one.theta, other.theta)
    assert weighted.predict(X).tobytes() == twice.predict(X).tobytes()


def test_a_rows_prediction_depends_on_that_row_alone():
    X, y = hilly()
    model = ThalwegRegressor(**QUICK, n_ensemble=9).fit(X, y)
    whole = model.predict(X)
    for size in (1, 2, 7, 33):
        assert model.predict(X[:size]).tobytes() == whole[:size].tobytes()


@pytest.mark.parametrize(
    ("y", "given", "says"),
    [
        (lambda y: np.where(y > 10, "a", "b"), {}, "not numeric"),
        (lambda y: y - 100, {"loss": "poisson"}, r"poisson. is for counts.*row 1"),
        (lambda y: y * 1e305, {}, "above 1e.300"),
        (lambda y: y, {"loss": "cubed"}, "no loss 'cubed'"),
        (lambda y: y, {"loss": "softmax_cross_entropy"}, "is for classification"),
        (lambda y: y, {"loss": "quantile:level=2"}, "no meaning for the loss quantile"),
        (lambda y: y, {"dropout": 1.0}, "dropout"),
        (lambda y: y, {"n_ensemble": 0}, "n_ensemble"),
        (lambda y: y, {"scoring": "nonsense"}, "scoring"),
        (lambda y: y, {"scoring": "r2", "early_stopping": False}, "holds none out"),
        (lambda y: y, {"weight_decay": 0.1, **LBFGS}, "L-BFGS cannot descend"),
        (lambda y: y, {"callbacks": [7]}, "is not a callback"),
    ],
)
def test_what_cannot_be_learned_is_refused(y, given, says):
    X, values = hilly()
    with pytest.raises((DataError, SettingsError, ValueError), match=says):
        ThalwegRegressor(**{**QUICK, **given}).fit(X, y(values))


def test_it_lives_in_scikit_learns_company():
    X, y = hilly()
    model = ThalwegRegressor(**QUICK)
    assert clone(model).get_params() == model.get_params()
    assert make_pipeline(StandardScaler(), model).fit(X, y).score(X, y) > 0.3
    with joblib.parallel_config(backend="threading"):  # of processes: test_around
        search = GridSearchCV(model, {"alpha": [0.1, 10.0]}, cv=2, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.2
    groups = np.arange(160) % 8
    cv = cross_validate(model, X, y, groups=groups, cv=GroupKFold(4))
    assert len(cv["test_score"]) == 4
    fitted = model.fit(X, y)
    ranked = permutation_importance(fitted, X, y, n_repeats=3, random_state=0).importances_mean
    assert np.argmax(ranked) == 0
    again = pickle.loads(pickle.dumps(fitted))
    assert again.predict(X).tobytes() == fitted.predict(X).tobytes()


TIMES = pd.Series(pd.date_range("2020-01-31", periods=60, freq="D"))


@pytest.mark.parametrize("kind", [ThalwegRegressor, ThalwegClassifier])
@pytest.mark.parametrize(
    "y",
    [
        TIMES,
        TIMES.to_numpy(),
        TIMES.dt.tz_localize("UTC"),
        list(TIMES),
        list(TIMES.dt.date),
        pd.DatetimeIndex(TIMES),
    ],
    ids=["pandas", "numpy", "zoned", "stamps", "dates", "index"],
)
def test_a_target_of_times_is_refused_with_a_fix_that_works(kind, y):
    X = np.arange(60.0).reshape(-1, 1)
    with pytest.raises(DataError, match=r"contains dates .*row 1 is 2020-01-31") as refused:
        kind(hidden_layer_sizes=(2,), max_iter=1).fit(X, y)
    # As it is printed.
    code, _, for_classes = refused.value.fix.partition(". For classes give texts, as in ")
    code = code.removeprefix("give days, as in ")
    if kind is ThalwegClassifier:
        code = for_classes
    names = {"y": y, "numpy": np, "pandas": pd}
    exec(code, names)
    if kind is ThalwegRegressor:
        assert names["y"].tolist() == list(range(60))
        kind(hidden_layer_sizes=(2,), max_iter=1).fit(X, names["y"])
    else:
        assert len(set(names["y"])) == 60


@pytest.mark.parametrize("y", [TIMES - TIMES[0], list(TIMES - TIMES[0])], ids=["numpy", "list"])
def test_a_target_of_durations_is_refused_with_a_fix_that_works(y):
    X = np.arange(60.0).reshape(-1, 1)
    with pytest.raises(DataError, match="contains durations") as refused:
        ThalwegRegressor(hidden_layer_sizes=(2,), max_iter=1).fit(X, y)
    names = {"y": y, "numpy": np, "pandas": pd}
    exec(refused.value.fix.removeprefix("give them in days, as in "), names)
    assert names["y"].tolist() == list(range(60))
    ThalwegRegressor(hidden_layer_sizes=(2,), max_iter=1).fit(X, names["y"])


def test_a_far_target_of_hardly_any_weight_leaves_the_score_a_number(monkeypatch):
    y, weights = np.array([-1e300, 0.0, 0.0, 1.0]), np.array([1e-100, 1e100, 1e100, 1e100])
    lesson = Lesson(np.zeros((4, 1)), y, weights, Values("squared_error"))
    monkeypatch.setattr(out_of_fold, "predicted_values", lambda networks, X: np.zeros(len(X)))
    split = np.arange(0), np.arange(4)
    _, score = out_of_fold.judged([None], [split], lesson)
    assert score == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("sizes", [(64,), [8, 8], 64])
def test_layers_as_the_first_argument_are_refused_with_a_fix(sizes):
    """The first argument is the loss, as that of scikit-learn's MLPRegressor is."""
    first = [
        list(inspect.signature(each).parameters)[:3] for each in (ThalwegRegressor, MLPRegressor)
    ]
    assert first[0] == first[1]
    with pytest.raises(SettingsError) as refused:
        ThalwegRegressor(sizes).fit(np.zeros((4, 1)), np.arange(4.0))
    assert f"hidden_layer_sizes={sizes}" in refused.value.fix
