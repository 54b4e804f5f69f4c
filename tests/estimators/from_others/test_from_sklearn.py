"""Networks of scikit-learn with their weights: its own predictions are the independent numbers."""

import copy
import json
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    ElasticNet,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    Ridge,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
    scale,
)
from sklearn.tree import DecisionTreeClassifier

from thalweg import (
    DataError,
    SettingsError,
    ThalwegClassifier,
    ThalwegRegressor,
    ThalwegWarning,
    from_sklearn,
    load_model,
)
from thalweg.persistence.model_file import model_bytes
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import unseal

IRIS, CANCER, DIABETES = (
    load(return_X_y=True) for load in (load_iris, load_breast_cancer, load_diabetes)
)
TABLES = {
    "two classes": (MLPClassifier, *CANCER),
    "several": (MLPClassifier, *IRIS),
    "number": (MLPRegressor, *DIABETES),
}
HIDDEN = [(), (8,), (8, 5), (6, 5, 4)]


def fitted(estimator, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y)


def gap(model, theirs, X):
    """The largest difference of predictions, for many rows and for few."""
    ask = "predict_proba" if hasattr(theirs, "predict_proba") else "predict"
    found = [
        np.abs(getattr(model, ask)(rows) - getattr(theirs, ask)(rows)).max() for rows in (X, X[:3])
    ]
    return max(found)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("table", TABLES)
def test_predictions_are_equal_alone_and_behind_scalers(table, hidden, activation, tmp_path):
    kind, X, y = TABLES[table]
    mlp = kind(
        hidden_layer_sizes=hidden, activation=activation, max_iter=8, random_state=0
    )  # fmt: skip
    for theirs in (mlp, make_pipeline(StandardScaler(), MinMaxScaler(), mlp)):
        fitted(theirs, X, y)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = from_sklearn(theirs)
            assert gap(model, theirs, X) < 1e-9
        np.testing.assert_array_equal(
            model.predict(X) if kind is MLPClassifier else y,
            (theirs.predict(X) if kind is MLPClassifier else y),
        )
    model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert (again.best_epoch_, again.history_, again._known.also) == (0, [], "weights")


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler])
@pytest.mark.parametrize(
    ("theirs", "table"),
    [(LogisticRegression(max_iter=5000), IRIS), (LogisticRegression(max_iter=5000), CANCER),
     (Ridge(), DIABETES), (LinearRegression(), DIABETES)],
)  # fmt: skip
def test_linear_models_behind_each_scaler(theirs, table, scaler):
    both = fitted(make_pipeline(scaler(), clone(theirs)), *table)
    assert gap(from_sklearn(both), both, table[0]) < 1e-9
    alone = fitted(clone(theirs), scale(table[0]), table[1])
    assert gap(from_sklearn(alone), alone, scale(table[0])) < 1e-9


def test_names_labels_and_counts_come_along():
    frame, y = load_iris(return_X_y=True, as_frame=True)
    labels = np.array(["c", "a", "b"])[y]
    theirs = fitted(make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=5)), frame, labels)
    model = from_sklearn(theirs)
    assert model.feature_names_in_.tolist() == frame.columns.tolist()
    assert model.classes_.tolist() == ["a", "b", "c"]
    swapped = frame[frame.columns[::-1]]
    np.testing.assert_array_equal(model.predict(swapped), theirs.predict(frame))
    counts = fitted(
        MLPRegressor(loss="poisson", hidden_layer_sizes=(4,), random_state=0, max_iter=20),
        IRIS[0], IRIS[1],
    )  # fmt: skip
    model = from_sklearn(counts)
    assert gap(model, counts, IRIS[0]) < 1e-9
    assert model.out_activation_ == counts.out_activation_ == "exp"


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "settings",
    [{"momentum": 0.0}, {"nesterovs_momentum": False}, {}, {"solver": "adam"}],
)
def test_training_goes_on_as_there_with_full_batches(table, settings):
    """From the same weights: the same curve. Adam's ε is inside another root, hence 1e-5."""
    kind, X, y = TABLES[table]
    X, y = scale(X)[:200], y[:200] if kind is MLPClassifier else scale(y)[:200]
    mlp = fitted(kind(**{
        "hidden_layer_sizes": (6, 5), "activation": "tanh", "solver": "sgd", "tol": 0,
        "batch_size": len(X), "alpha": 0.5, "learning_rate_init": 0.01, "max_iter": 1,
        "random_state": 0, "n_iter_no_change": 1000, **settings,
    }), X, y)  # fmt: skip
    model = from_sklearn(mlp)
    assert model.alpha == 0.5
    theirs = fitted(copy.deepcopy(mlp).set_params(warm_start=True, max_iter=30), X, y)
    model.fit_more(X, y, epochs=30)
    allowed = 1e-5 if mlp.solver == "adam" else 1e-12
    np.testing.assert_allclose(model.loss_curve_, theirs.loss_curve_[-30:], atol=allowed)
    assert model.loss_ == model.loss_curve_[-1]


def test_the_penalty_is_that_of_batches():
    X, y = scale(CANCER[0])[:320], CANCER[1][:320]
    settings = {"hidden_layer_sizes": (5,), "alpha": 3.0, "batch_size": 32, "random_state": 0}
    mlp = fitted(
        MLPClassifier(learning_rate_init=1e-12, max_iter=1, solver="sgd", **settings), X, y
    )
    model = from_sklearn(mlp)
    assert model.alpha == 3.0 * 320 / 32
    model.fit_more(X, y, epochs=1)
    np.testing.assert_allclose(model.loss_, mlp.loss_, rtol=1e-9)
    with pytest.warns(ThalwegWarning):
        unfitted = from_sklearn(MLPClassifier(**settings), n_rows=320)
    assert unfitted.alpha == 30.0


def test_settings_are_translated_and_what_differs_is_said():
    mlp = MLPRegressor(
        hidden_layer_sizes=(7, 3), activation="logistic", solver="sgd", momentum=0.8,
        learning_rate="adaptive", learning_rate_init=0.02, shuffle=False, early_stopping=True,
        n_iter_no_change=4, max_iter=33, tol=1e-3, random_state=5, batch_size=17,
    )  # fmt: skip
    with pytest.warns(ThalwegWarning, match="What differs in meaning") as caught:
        model = from_sklearn(mlp)
    said = str(caught[0].message)
    for word in ("alpha", "adaptive", "shuffle", "n_iter_no_change", "scaling", "random_state"):
        assert word in said
    assert all(note in said for note in model.translation_notes)
    assert type(model) is ThalwegRegressor
    own = model.get_params()
    expected = {
        "hidden_layer_sizes": (7, 3), "activation": "sigmoid", "max_iter": 33, "tol": 1e-3,
        "optimizer": "nesterov:lr=0.02,momentum=0.8", "early_stopping": True, "scoring": "r2",
        "n_iter_no_change": 5, "random_state": 5, "batch_size": 17, "scaling": "none",
    }  # fmt: skip
    assert {name: own[name] for name in expected} == expected
    model.fit(scale(DIABETES[0])[:80], DIABETES[1][:80])
    with pytest.warns(ThalwegWarning, match="scalers"):
        behind = from_sklearn(make_pipeline(StandardScaler(), MLPClassifier()))
    assert behind.scaling == "robust"
    with pytest.warns(ThalwegWarning):
        logistic = from_sklearn(LogisticRegression(C=0.25))
    assert (logistic.alpha, logistic.hidden_layer_sizes) == (4.0, ())


def test_a_linear_fit_finds_the_same_minimum():
    X, y = scale(CANCER[0])[:, :6], CANCER[1]
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=5000)
    with pytest.warns(ThalwegWarning):
        model = from_sklearn(theirs).fit(X, y)
    assert gap(model, theirs.fit(X, y), X) < 1e-4


def fitted_search():
    """A LogisticRegressionCV, whose warnings about parameters are scikit-learn's own matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegressionCV(Cs=[0.5], cv=2).fit(*IRIS)


SEVERAL = np.column_stack((IRIS[1] == 0, IRIS[1] == 1)).astype(int)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DecisionTreeClassifier(), "A DecisionTreeClassifier cannot"),
        (lambda: MLPClassifier, "cannot be brought over"),
        (lambda: ElasticNet(), "An ElasticNet cannot"),
        (lambda: GridSearchCV(Ridge(), {"alpha": [1]}), r"from_sklearn\(search.best_estimator_\)"),
        (lambda: None, "A NoneType cannot"),
        (
            lambda: make_pipeline(
                ColumnTransformer([("one", OneHotEncoder(), [0])]), MLPClassifier()
            ),
            "A pipeline with ColumnTransformer",
        ),
        (lambda: make_pipeline(MinMaxScaler(clip=True), MLPClassifier()), "clip=True"),
        (lambda: MLPClassifier(solver="newton"), "solver='newton'"),
        (lambda: Ridge(alpha=np.ones(3)), "not one number"),
        (lambda: Ridge(positive=True), "positive=True.*of either sign"),
        (lambda: LogisticRegressionCV(), r"LogisticRegression\(C=…\)"),
        (lambda: fitted_search(), r"Regression\(C=0\.5\)"),
        (lambda: LogisticRegression(l1_ratio=0.5, solver="saga"), "L1 penalty"),
        (
            lambda: fitted(MLPClassifier((3,), max_iter=2), *IRIS).set_params(activation="odd"),
            "activation='odd'",
        ),
    ],
)
def test_what_cannot_come_over_is_refused(make, words):
    with pytest.raises(SettingsError, match=words) as caught:
        from_sklearn(make())
    assert "Fix: " in str(caught.value)


def test_several_targets_come_over():
    labels = fitted(MLPClassifier((3,), max_iter=2), IRIS[0], SEVERAL)
    np.testing.assert_allclose(
        from_sklearn(labels).predict_proba(IRIS[0]), labels.predict_proba(IRIS[0]), atol=1e-6
    )
    numbers = fitted(MLPRegressor(hidden_layer_sizes=(3,), max_iter=2), IRIS[0], SEVERAL)
    np.testing.assert_allclose(
        from_sklearn(numbers).predict(IRIS[0]), numbers.predict(IRIS[0]), atol=1e-6
    )


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e200])
def test_odd_weights_are_refused(odd):
    mlp = fitted(MLPClassifier((3,), max_iter=2), *IRIS)
    mlp.coefs_[0][1, 1] = odd
    with pytest.raises(DataError, match="weights of layer 1"):
        from_sklearn(mlp)
    mlp.coefs_[0] = np.array([["a"]])
    with pytest.raises(DataError, match="no array of numbers"):
        from_sklearn(mlp)
    mlp.coefs_[0] = np.ones((4, 9))
    with pytest.raises(DataError, match="bias"):
        from_sklearn(mlp)
    with pytest.raises(SettingsError, match="n_rows=0"):
        from_sklearn(MLPClassifier(), n_rows=0)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("scale_", np.zeros(4), r"The scale of column 1 is 0 \(StandardScaler\.scale_\)"),
        ("scale_", np.array([1, 1, 1e-300, 1]), "once the scaler is folded in"),
        ("mean_", np.zeros(5), r"5 numbers, and the first layer .* 4 columns \(StandardScaler\.m"),
        ("mean_", np.zeros(1), r"1 number, and"),
    ],
)
def test_a_scaler_that_gives_no_finite_layer_is_refused(name, value, says):
    pipeline = make_pipeline(StandardScaler(), Ridge()).fit(*IRIS)
    setattr(pipeline[0], name, value)
    with pytest.raises(DataError, match=says):
        from_sklearn(pipeline)


def test_what_needs_rows_says_that_none_came_along():
    model = from_sklearn(fitted(MLPClassifier((3,), max_iter=2), *IRIS))
    for name in ("oof_loss_", "oof_score_", "loss_", "importance_", "predict_set"):
        with pytest.raises(AttributeError, match="another program fitted"):
            getattr(model, name)
    for ask in (
        lambda: model.explain(IRIS[0][:1]),
        lambda: model.unlike(IRIS[0]),
        lambda: model.landscape(*IRIS),
        lambda: model.oof_importance(*IRIS),
    ):
        with pytest.raises(SettingsError, match=r"[Aa]nother program fitted"):
            ask()
    assert model.out_of_range(IRIS[0] * 100).empty
    assert "another program" in model._repr_html_()
    assert "median of the training rows" not in str(model.trace(IRIS[0][:1], IRIS[1][:1]))


def test_a_missing_number_is_refused_and_none_is_clipped():
    model = from_sklearn(fitted(MLPRegressor(max_iter=2, random_state=0), *DIABETES))
    X = DIABETES[0].copy()
    X[2, 3] = np.nan
    for ask in (model.predict, lambda X: model.trace(X[2:3], [1.0])):
        with pytest.raises(DataError, match=r'A number is missing .*"x3", row'):
            ask(X)
    X[2, 3] = 1e16
    with pytest.raises(DataError, match=r"A number is 1e\+16"):
        model.predict(X)
    straight = from_sklearn(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]))
    np.testing.assert_allclose(straight.predict([[1e12]]), [2e12])
    with pytest.raises(DataError, match="A number is missing"):
        ThalwegClassifier(scaling="none").fit([[1.0], [np.nan]] * 20, [0, 1] * 20)


def test_numbers_stay_as_they_are_in_a_fit_and_in_its_file(tmp_path):
    X, y = IRIS
    model = ThalwegClassifier((4,), scaling="none", max_iter=2, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.encoder_.encode(X), X)
    assert model.settings_["scaling"] == "none"
    model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.scaling == "none"
    np.testing.assert_array_equal(again.predict_proba(X[:2]), model.predict_proba(X)[:2])
    with pytest.raises(SettingsError, match="exclude each other"):
        ThalwegClassifier(scaling="none", n_bins=4).fit(X, y)
    assert "scaling" not in ThalwegClassifier((4,), max_iter=2).fit(X, y).settings_


def test_importing_thalweg_loads_no_scikit_learn():
    code = "import sys, json, thalweg; print(json.dumps('sklearn' in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) is False


def test_a_frame_with_other_columns_is_read_by_name():
    frame, y = load_iris(return_X_y=True, as_frame=True)
    theirs = fitted(MLPClassifier((3,), max_iter=2, random_state=0), frame, y)
    more = pd.concat([frame, pd.Series(1, frame.index, name="other")], axis=1)
    np.testing.assert_array_equal(from_sklearn(theirs).predict(more), theirs.predict(frame))


def _forged(change):
    """The bytes of a model with weights that came over, read after a change of its header."""
    model = from_sklearn(fitted(MLPClassifier((3, 2), max_iter=2, random_state=0), *IRIS))
    header, arrays = unseal(model_bytes(model))
    header, arrays = copy.deepcopy(header), {k: v.copy() for k, v in arrays.items()}
    change(header, arrays)
    return lambda: rebuilt(header, arrays)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda h, a: h["encoder"].update(kind="robust"), "against its settings"),
        (lambda h, a: h["training"]["settings"].pop("scaling"), "against its settings"),
        (lambda h, a: h["training"].pop("also"), "weights of another program"),
        (lambda h, a: h["members"][0].update(best_epoch=1), "best epoch"),
        (lambda h, a: a.update({"history": np.ones((1, 6))}), "best epoch"),
        (lambda h, a: a["encoder/scale"].__setitem__(0, 2.0), "center and scale"),
        (lambda h, a: h["training"]["settings"].update(activation=["relu"]), "hidden layers"),
        (lambda h, a: h["training"]["settings"].update(activation=["relu", "x"]), "activation"),
        (lambda h, a: h["training"]["settings"].update(activation=["relu", "tanh"]), "the network"),
        (lambda h, a: h["training"]["settings"].update(activation=["relu"] * 999), "entries"),
        (lambda h, a: h["training"]["settings"].update(scaling="log"), "scaling"),
    ],
)
def test_files_that_no_model_gives_are_refused(change, words):
    _forged(lambda h, a: None)()
    with pytest.raises(ValueError, match=words):
        _forged(change)()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"coefs_": None}, "not lists of arrays"),
        ({"coefs_": []}, "0 arrays in coefs_ and 2 in intercepts_"),
        ({"intercepts_": [np.ones(3)]}, "2 arrays in coefs_ and 1 in intercepts_"),
        ({"intercepts_": None}, "not lists of arrays"),
        ({"coefs_": [5, 6]}, "shape ()"),
        ({"t_": "x"}, "t_ or n_iter_"),
        ({"n_iter_": None}, "t_ or n_iter_"),
        ({"n_features_in_": 99}, "takes 2 inputs"),
        ({"out_activation_": "softmax"}, "out_activation_ is not identity"),
        ({"batch_size": -5}, "'batch_size' parameter of MLPRegressor"),
        ({"learning_rate_init": "x"}, "'learning_rate_init' parameter of MLPRegressor"),
        ({"alpha": -1}, "'alpha' parameter of MLPRegressor"),
    ],
)
def test_spoilt_attributes_have_clear_errors(changed, says):
    X = np.random.default_rng(0).normal(size=(50, 2))
    mlp = MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=0)
    fitted(mlp, X, X[:, 0])
    for name, value in changed.items():
        setattr(mlp, name, value)
    with pytest.raises((DataError, SettingsError)) as refused:
        from_sklearn(mlp)
    assert says in str(refused.value)


@pytest.mark.parametrize("class_weight", ["balanced", {"no": 1, "yes": 5}])
def test_class_weight_is_said_and_decides_as_there_also_after_further_epochs(class_weight):
    """Labels are those of scikit-learn; probabilities lose the shift of the weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = np.where(X[:, 0] + rng.logistic(size=400) > 2, "yes", "no")
    theirs = LogisticRegression(class_weight=class_weight, max_iter=1000, tol=1e-10)
    with pytest.warns(ThalwegWarning, match="does not shift predict_proba"):
        fresh = from_sklearn(theirs).set_params(positive="yes")
    fresh.fit(X, y)
    model = from_sklearn(theirs.fit(X, y))
    assert any("does not shift predict_proba" in each for each in model.translation_notes)
    assert model.threshold_ == 0.5
    assert np.allclose(model.predict_proba(X), theirs.predict_proba(X), rtol=0, atol=1e-9)
    model.fit_more(X, y, epochs=20)
    place = list(model.classes_).index(model.positive_)
    own = fresh.threshold_ if model.positive_ == "yes" else 1 - fresh.threshold_
    assert model.threshold_ == pytest.approx(own, rel=1e-12)
    assert model.threshold_ != 0.5
    np.testing.assert_allclose(model.predict_proba(X), fresh.predict_proba(X), atol=2e-4)
    assert (model.predict(X) == theirs.predict(X)).mean() > 0.99
    # Minus the logarithm of the odds of the threshold is the shift.
    shift = np.log(theirs.predict_proba(X)[:, place]) - np.log1p(-theirs.predict_proba(X)[:, place])
    mine = model.predict_proba(X)[:, place]
    found = np.log(mine) - np.log1p(-mine) - np.log(own / (1 - own))
    np.testing.assert_allclose(found, shift, atol=2e-3)


@pytest.mark.parametrize("theirs", [LinearRegression(), Ridge()])
def test_another_shape_of_predictions_is_said(theirs):
    X, y = load_diabetes(return_X_y=True)
    model = from_sklearn(theirs.fit(X, y[:, None]))
    assert any("(n_samples,)" in note for note in model.translation_notes) == (
        theirs.predict(X).ndim == 2
    )
    np.testing.assert_allclose(model.predict(X), np.ravel(theirs.predict(X)), rtol=1e-9)
    assert not any("(n_samples,)" in n for n in from_sklearn(theirs.fit(X, y)).translation_notes)
