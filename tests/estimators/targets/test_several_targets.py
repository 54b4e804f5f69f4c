"""A model of several targets as others use it, and the model of each."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError

QUICK = {"random_state": 0, "max_iter": 3, "hidden_layer_sizes": (4,), "n_folds": 2}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
L = X + RNG.normal(size=(120, 3))
Y = (L > 0).astype(int)


@pytest.fixture(scope="module")
def model():
    return ThalwegClassifier(**QUICK).fit(X, Y)


@pytest.fixture(scope="module")
def numbers():
    return ThalwegRegressor(**QUICK).fit(X, L)


def test_a_model_of_each_target_predicts_what_all_predict(model, numbers):
    for t in range(3):
        own = model.for_target(t)
        both = own.predict_proba(X)
        np.testing.assert_allclose(both[:, 1], model.predict_proba(X)[:, t], atol=1e-6)
        np.testing.assert_allclose(
            own.predict_log_proba(X)[:, 1], model.predict_log_proba(X)[:, t], atol=1e-6
        )
        np.testing.assert_allclose(
            own.decision_function(X), model.decision_function(X)[:, t], atol=1e-6
        )
        np.testing.assert_array_equal(own.predict(X), model.predict(X)[:, t])
        assert own.n_outputs_ == 1
        number = numbers.for_target(str(t))
        np.testing.assert_allclose(number.predict(X), numbers.predict(X)[:, t], atol=1e-6)


def test_a_row_is_predicted_by_itself(model, numbers):
    for ask in (model.predict_proba, model.decision_function, numbers.predict):
        many = ask(X)
        for row in (0, 77):
            np.testing.assert_array_equal(ask(X[row : row + 1])[0], many[row])


def test_probabilities_logits_and_labels_belong_together(model):
    p, z = model.predict_proba(X), model.decision_function(X)
    assert p.shape == z.shape == (120, 3)
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)), atol=1e-12)
    np.testing.assert_allclose(np.log(p), model.predict_log_proba(X), atol=1e-12)
    np.testing.assert_array_equal(model.predict(X), (p > 0.5).astype(int))


def test_thresholds_are_one_for_each_label(model):
    own = pickle.loads(pickle.dumps(model))
    own.threshold_ = [0.2, 0.5, 0.9]
    assert own.threshold_.tolist() == [0.2, 0.5, 0.9]
    p = own.predict_proba(X)
    np.testing.assert_array_equal(own.predict(X), (p > [0.2, 0.5, 0.9]).astype(int))
    assert own.for_target(2).threshold_ == 0.9
    assert model.threshold_.tolist() == [0.5] * 3
    one = own.for_target(0)
    one.threshold_ = 0.7
    assert own.threshold_[0] == 0.2
    for wrong in ([0.5, 0.5], [0.5, 0.5, 1.5], "half"):
        with pytest.raises(SettingsError, match="no threshold for each of 3 labels"):
            own.threshold_ = wrong
    assert ThalwegClassifier(threshold=0.8, **QUICK).fit(X, Y).threshold_.tolist() == [0.8] * 3


def test_a_target_that_is_not_there(model):
    for wrong in ("z", 3, -1, 1.0, True, None):
        with pytest.raises(SettingsError, match="There is no target"):
            model.for_target(wrong)
    with pytest.raises(AttributeError, match="it has one target"):
        ThalwegRegressor(**QUICK).fit(X, L[:, 0]).for_target(0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.explain(X),
        lambda model: model.trace(X),
        lambda model: model.what_if(X[:1], {}),
        lambda model: model.counterfactuals(X, "x0"),
        lambda model: model.report("page.html", X, Y),
        lambda model: model.card(),
        lambda model: model.landscape(X, Y),
        lambda model: model.check_gradient(X, Y),
        lambda model: model.oof_importance(X, Y),
        lambda model: model.plot_roc(X, Y),
        lambda model: model.called([[0.5, 0.5]]),
        lambda model: thalweg.importance(model, X, Y[:, 0]),
        lambda model: thalweg.effects(model, X),
        lambda model: thalweg.drift(model, X),
        lambda model: thalweg.evaluate(model, X, Y[:, 0]),
        lambda model: thalweg.model_card(model),
    ],
)
def test_a_question_for_one_target_says_how_to_ask_it(model, ask):
    with pytest.raises(SettingsError, match="has 3") as told:
        ask(model)
    assert "model.for_target('0')" in told.value.fix


@pytest.mark.parametrize("name", ["calibration_", "importance_", "feature_importances_"])
def test_an_attribute_of_one_target_is_not_there(model, name):
    with pytest.raises(AttributeError, match=rf"model\.for_target\('0'\)\.{name}"):
        getattr(model, name)
    assert not hasattr(model, "predict_set")
    assert "predict_proba" in dir(model)


def test_the_model_of_one_target_is_asked_as_any_other(model, numbers, tmp_path):
    own = model.for_target(1)
    assert "x1" in str(own.explain(X[:1]))
    own.trace(X[:1], Y[:1, 1])
    own.report(tmp_path / "page.html", X, Y[:, 1])
    assert "<html" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "x2" in str(thalweg.effects(own, X))
    assert thalweg.drift(own, X) is not None
    more = np.random.default_rng(3).normal(size=(200, 3))
    assert own.predict_set(more).shape == (200, 2)
    assert numbers.for_target(0).predict_interval(more).shape == (200, 2)
    with pytest.raises(SettingsError, match="its folds depend on all of them") as told:
        own.oof_importance(X, Y[:, 1])
    assert "importance=True" in told.value.fix


def test_a_notebook_shows_all_targets(model, numbers):
    assert "<dt>Labels</dt>" in model._repr_html_()
    assert "means over all targets" in numbers._repr_html_()


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("scoring", ["roc_auc", "average_precision", "accuracy", "f1_macro"])
def test_scores_of_scikit_learn(n_labels, scoring):
    scores = cross_val_score(ThalwegClassifier(**QUICK), X, Y[:, :n_labels], cv=2, scoring=scoring)
    assert ((scores > 0) & (scores <= 1)).all()


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("n_labels", [2, 3])
def test_tools_of_scikit_learn(n_labels):
    y, one = Y[:, :n_labels], ThalwegClassifier(**QUICK)
    for method in ("predict_proba", "decision_function", "predict"):
        assert cross_val_predict(one, X, y, cv=2, method=method).shape == y.shape
    search = GridSearchCV(one, {"alpha": [0.1, 10]}, cv=2).fit(X, y)
    assert search.predict(X).shape == y.shape
    assert make_pipeline(StandardScaler(), clone(one)).fit(X, y).predict(X).shape == y.shape
    by_columns = MultiOutputClassifier(one).fit(X, y)
    assert len(by_columns.estimators_) == n_labels
    frame = clone(one).fit(X, y).set_output(transform="pandas").predict_proba(X)
    assert list(frame.columns) == list("012"[:n_labels])


def test_scores_of_several_numbers(numbers):
    from sklearn.metrics import r2_score

    assert numbers.score(X, L) == pytest.approx(r2_score(L, numbers.predict(X)))
    wide = ThalwegRegressor(**QUICK).fit(X, L * 1e200)
    assert np.isfinite(wide.score(X, L * 1e200))


def test_pickles_are_the_same_model(model):
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.targets_ == model.targets_


def _labels():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 2))
    frame = pd.DataFrame({"n": np.where(x[:, 0] > 0, "y", "n")})
    return x, frame.assign(b=np.where(x[:, 1] > 0, "ja", "nein"))


def test_each_label_has_its_own_positive_class_and_the_printed_fix_works(tmp_path):
    x, labels = _labels()
    with pytest.raises(SettingsError, match="not a class of each target") as caught:
        ThalwegClassifier(positive="n", **QUICK).fit(x, labels)
    assert "positive={'n': 'n', 'b': 'ja'}" in str(caught.value)
    model = ThalwegClassifier(positive={"n": "n", "b": "ja"}, **QUICK).fit(x, labels)
    assert model.positive_ == ("n", "ja")
    plain = ThalwegClassifier(**QUICK).fit(x, labels)
    assert plain.positive_ == ("y", "ja")
    np.testing.assert_allclose(
        model.predict_proba(x)[:, 0], 1 - plain.predict_proba(x)[:, 0], atol=1e-6
    )
    one = model.for_target("n")
    assert (one.positive, one.positive_) == ("n", "n")
    one.fit(x, labels["n"])
    model.save(tmp_path / "two.safetensors")
    again = thalweg.load_model(tmp_path / "two.safetensors")
    assert again.positive_ == ("n", "ja")
    assert (again.predict_proba(x) == model.predict_proba(x)).all()
    assert again.positive == model.positive
    again.fit_more(x, labels, epochs=1).save(tmp_path / "more.safetensors")
    assert clone(again).fit(x, labels).positive_ == ("n", "ja")
    for positive, words in (
        ({"c": "ja"}, "a target that there is not: 'c'"),
        ({"b": "n"}, "not a class of each target"),
    ):
        with pytest.raises(SettingsError, match=words):
            ThalwegClassifier(positive=positive, **QUICK).fit(x, labels)
    with pytest.raises(SettingsError, match="y is one target"):
        ThalwegClassifier(positive={"b": "ja"}, **QUICK).fit(x, labels["b"])
    found = thalweg.evaluate(model, x, labels, baselines=None)
    assert found["n"].verdict.as_dict()["positive"] == "n"


def test_a_name_that_is_a_number_is_no_place():
    x, labels = _labels()
    model = ThalwegClassifier(**QUICK).fit(x, labels.set_axis([1, 0], axis=1))
    assert model.targets_ == ("1", "0")
    with pytest.raises(SettingsError, match=r"at that place.*for_target\('1'\)"):
        model.for_target(1)
    assert set(model.for_target("1").classes_) == {"y", "n"}
    same = ThalwegClassifier(**QUICK).fit(x, labels.set_axis([0, 1], axis=1))
    assert set(same.for_target(1).classes_) == {"ja", "nein"}


def test_thresholds_of_each_label_as_a_parameter_are_refused_and_the_fix_works():
    x, labels = _labels()
    model = ThalwegClassifier(**QUICK).fit(x, labels).set_params(threshold=[0.1, 0.2])
    with pytest.raises(SettingsError, match=r"model\.threshold_ = \[0\.1, 0\.2\]"):
        model.predict(x)
    model.threshold_ = [0.1, 0.2]
    expected = (model.predict_proba(x) > [0.1, 0.2]) == (model.predict(x) == ["y", "ja"])
    assert expected.all()


def test_predictions_of_several_numbers_are_frames_with_their_names():
    x, labels = _labels()
    Y = pd.DataFrame({"up": x[:, 0], "down": -x[:, 1]})
    before = clone(ThalwegRegressor(**QUICK).set_output(transform="pandas")).fit(x, Y)
    assert isinstance(before.predict(x), np.ndarray)  # as of the classifier, clones give arrays
    before = ThalwegRegressor(**QUICK).set_output(transform="pandas").fit(x, Y)
    assert list(before.predict(x).columns) == ["up", "down"]
    plain = ThalwegRegressor(**QUICK).fit(x, Y).predict(x)
    table = pd.DataFrame(x, columns=["a", "b"], index=labels.index + 5)
    model = ThalwegRegressor(**QUICK).fit(table, Y)
    frame = model.set_output(transform="pandas").predict(table)
    assert list(frame.columns) == ["up", "down"]
    assert list(frame.index[:2]) == [5, 6]
    assert (frame.to_numpy() == plain).all()
    assert model.score(table, Y) == model.set_output(transform="default").score(table, Y)
