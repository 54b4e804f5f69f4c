"""Grades: the same as an independent cumulative model, in any order of labels, and held weights."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from thalweg import ThalwegClassifier, load_model
from thalweg.errors import ModelFileError, SettingsError, ThalwegWarning
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.network.formulas.losses import loss
from thalweg.network.held_weights import are_held
from thalweg.sealed_container import seal, unseal

ORDER = ["low", "mid", "high", "top"]
SMALL = {
    "hidden_layer_sizes": (5,), "max_iter": 4, "random_state": 0, "grades": ORDER, "n_folds": 2,
}  # fmt: skip


def table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    latent = X @ [1.0, -0.5, 0.3, 0.0] + rng.logistic(size=n)
    return X, np.searchsorted([-1.0, 0.5, 2.0], latent)


X, NUMBERS = table()
TEXTS = np.array(ORDER)[NUMBERS]


def thresholds(network):
    z = network.layers[-1][1][:, 0].astype(float)
    return np.concatenate((z[:1], z[0] + np.cumsum(np.logaddexp(0, z[1:]))))


def grades(**changes):
    return ThalwegClassifier(loss="ordinal", **{**SMALL, **changes})


# --- the cumulative model -----------------------------------------------------------------------


def minimised(E, y, n_grades):
    """Coefficients and thresholds of the highest likelihood, by differences of probabilities."""

    def minus_log_likelihood(both):
        beta, steps = both[: E.shape[1]], both[E.shape[1] :]
        c = np.concatenate((steps[:1], steps[0] + np.cumsum(np.exp(steps[1:]))))
        ends = np.concatenate(([-np.inf], c, [np.inf]))
        eta = E @ beta
        p = expit(ends[y + 1] - eta) - expit(ends[y] - eta)
        return -np.mean(np.log(p))

    start = np.zeros(E.shape[1] + n_grades - 1)
    found = minimize(minus_log_likelihood, start, options={"gtol": 1e-9}).x
    steps = found[E.shape[1] :]
    return found[: E.shape[1]], np.concatenate((steps[:1], steps[0] + np.cumsum(np.exp(steps[1:]))))


def test_without_hidden_layers_it_is_an_independent_cumulative_model():
    model = ThalwegClassifier.linear(loss="ordinal", alpha=1e-9, random_state=0).fit(X, NUMBERS)
    [network] = model.members_
    E = network.encoder.encode(X).astype(float)
    beta, c = minimised(E, NUMBERS, 4)
    W, _ = network.layers[0]
    np.testing.assert_allclose(-W[0], beta, atol=1e-4)
    np.testing.assert_allclose(thresholds(network), c, atol=1e-4)
    assert not W[1:].any()


# Of OrderedModel(distr="logit") of statsmodels 0.15.0 on the same 400 encoded rows, gtol 1e-9.
STATSMODELS = {
    "sums": [10.128260146843525, -6.349964909988709, -1.8591893657084113, 11.62567497163414],
    "beta": [1.2920533460652721, -0.43901998981915635, 0.3200653055874231, -0.04213373282932988],
    "thresholds": [-0.7062930405748015, 0.7104903033339015, 2.046511765565108],
}


def test_it_is_the_model_of_statsmodels():
    model = ThalwegClassifier.linear(loss="ordinal", alpha=1e-9, random_state=0).fit(X, NUMBERS)
    [network] = model.members_
    E = network.encoder.encode(X).astype(float)
    np.testing.assert_allclose(E.sum(axis=0), STATSMODELS["sums"], rtol=1e-9)
    np.testing.assert_allclose(-network.layers[0][0][0], STATSMODELS["beta"], atol=1e-4)
    np.testing.assert_allclose(thresholds(network), STATSMODELS["thresholds"], atol=1e-4)


def test_two_grades_are_logistic_regression():
    y = np.where(NUMBERS > 1, "b", "a")
    ours = ThalwegClassifier(loss="ordinal", grades=["b", "a"], hidden_layer_sizes=(5,),
                             max_iter=4, random_state=0).fit(X, y)  # fmt: skip
    usual = ThalwegClassifier(hidden_layer_sizes=(5,), max_iter=4, random_state=0).fit(X, y)
    assert type(ours.members_[0].outputs) is Classes
    np.testing.assert_array_equal(ours.predict_proba(X), usual.predict_proba(X))
    with pytest.raises(AttributeError, match="three labels"):
        _ = ours.grades_


def test_the_start_has_the_shares_of_the_training_rows():
    outputs = Grades(np.array(ORDER), np.ones(4), np.arange(4))
    weights = np.array([3.0, 1.0, 2.0, 2.0])
    fitted = outputs.fitted(np.arange(4.0), weights)
    network = grades(max_iter=1, early_stopping=False, learning_rate_init=1e-12).fit(X, TEXTS)
    shares = np.mean(TEXTS[:, None] == np.array(ORDER), axis=0)
    found = expit(thresholds(network.members_[0]))
    np.testing.assert_allclose(found, np.cumsum(shares)[:-1], atol=2e-3)
    np.testing.assert_allclose(fitted.shares_of_rows, weights / 8, atol=1e-3)


# --- the order ----------------------------------------------------------------------------------


def test_no_name_of_the_labels_changes_the_model():
    linear = ThalwegClassifier.linear
    by_number = linear(loss="ordinal", random_state=0).fit(X, NUMBERS)
    by_text = linear(loss="ordinal", grades=ORDER, random_state=0).fit(X, TEXTS)
    np.testing.assert_array_equal(by_text.classes_, sorted(ORDER))
    assert by_text.grades_.tolist() == ORDER
    in_order = by_text.predict_proba(X)[:, np.argsort(by_text._classes.ranks)]
    np.testing.assert_allclose(in_order, by_number.predict_proba(X), atol=1e-6)
    assert (by_text.predict(X) == np.array(ORDER)[by_number.predict(X)]).mean() > 0.99


def test_the_order_comes_from_a_category_and_from_numbers_in_texts():
    category = pd.Series(pd.Categorical(TEXTS, ORDER, ordered=True))
    assert grades(grades=None).fit(X, category).grades_.tolist() == ORDER
    texts = np.array(["2", "9", "10", "11"])[NUMBERS]
    assert grades(grades=None).fit(X, texts).grades_.tolist() == ["2", "9", "10", "11"]
    unordered = pd.Series(pd.Categorical(TEXTS, ORDER))
    with pytest.raises(SettingsError, match="order of the grades is not known"):
        grades(grades=None).fit(X, unordered)


def test_the_order_comes_from_an_enum_of_polars():
    polars = pytest.importorskip("polars")
    y = polars.Series(TEXTS.tolist(), dtype=polars.Enum(ORDER))
    assert grades(grades=None).fit(X, y).grades_.tolist() == ORDER


@pytest.mark.parametrize(
    ("changes", "what", "fix"),
    [
        ({"grades": None}, "order of the grades is not known",
         "in your order, as in grades=['lowest', '…', 'highest']"),
        ({"grades": ["low", "mid", "high"]}, 'leaves out "top"', "name all labels in your order"),
        ({"grades": [*ORDER, "low"]}, "names 'low' twice", "each label once"),
        ({"label_smoothing": 0.1}, "label_smoothing is not for", "leave label_smoothing out"),
        ({"calibration": "temperature"}, 'is not for loss="ordinal"', "leave calibration out"),
        ({"loss": "poisson", "grades": None}, "is for targets that are numbers",
         'take loss="cross_entropy" or loss="ordinal"'),
        ({"loss": "hinge", "grades": None}, "is not a loss of classes", 'loss="ordinal"'),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_with_a_fix(changes, what, fix):
    with pytest.raises(SettingsError, match=what) as caught:
        ThalwegClassifier(**{"loss": "ordinal", **SMALL, **changes}).fit(X, TEXTS)
    assert fix in str(caught.value.fix) or fix in str(caught.value)


def test_a_search_over_losses_takes_the_order_with_each(tmp_path):
    """A warning says that one of them does not use it; a file keeps it."""
    with pytest.warns(ThalwegWarning, match='grades is not used: loss="cross_entropy"'):
        plain = ThalwegClassifier(loss="cross_entropy", **{**SMALL, "grades": ORDER}).fit(X, TEXTS)
    bare = ThalwegClassifier(loss="cross_entropy", **{**SMALL, "grades": None}).fit(X, TEXTS)
    assert (plain.predict_proba(X) == bare.predict_proba(X)).all()
    assert not hasattr(plain, "grades_")
    plain.save(tmp_path / "plain.safetensors")
    again = load_model(tmp_path / "plain.safetensors")
    assert (again.predict(X) == plain.predict(X)).all()
    search = GridSearchCV(grades(), {"loss": ["ordinal", "cross_entropy"]}, cv=2)
    with pytest.warns(ThalwegWarning, match="grades is not used"):
        search.fit(X, TEXTS)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_grades_without_rows_are_left_out():
    assert grades(grades=["none", *ORDER]).fit(X, TEXTS).grades_.tolist() == ORDER


# --- probabilities ------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    Z=arrays(np.float64, (6, 3), elements=st.floats(-1e4, 1e4)),
    ranks=st.permutations(range(4)),
)
def test_probabilities_are_at_least_0_and_sum_to_1_on_extreme_logits(Z, ranks):
    outputs = Grades(np.arange(4), np.ones(4), np.array(ranks, np.intp))
    p = outputs.shares(Z)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    logs = outputs.log_shares(Z)
    with np.errstate(divide="ignore", under="ignore"):
        np.testing.assert_allclose(np.exp(logs), p, atol=1e-12)
    # -log p of each label is the loss of its target.
    for code in range(4):
        y = np.full(6, float(code))
        np.testing.assert_allclose(
            -logs[:, code], loss("ordinal").value(Z.T, outputs.targets(y).T), rtol=1e-12, atol=1e-12
        )


def test_the_logarithm_of_a_far_grade_is_not_minus_infinity():
    outputs = Grades(np.arange(3), np.ones(3), np.arange(3))
    [logs] = outputs.log_shares(np.array([[1000.0, 2.0]]))
    assert logs[0] == 0.0
    assert logs[1] == pytest.approx(-1000 + log_expit(2.0), rel=1e-12)
    assert logs[2] == pytest.approx(-1000 - np.logaddexp(0, 2), rel=1e-12)


def test_costs_change_predictions_and_no_probability():
    plain = grades().fit(X, TEXTS)
    dear = grades(class_weight={"top": 20}).fit(X, TEXTS)
    np.testing.assert_array_equal(plain.predict_proba(X), dear.predict_proba(X))
    assert (dear.predict(X) == "top").sum() > (plain.predict(X) == "top").sum()
    factor = np.where(plain.classes_ == "top", 20, 1)
    expected = plain.classes_[np.argmax(plain.predict_proba(X) * factor, axis=1)]
    assert (dear.predict(X) == expected).all()


# --- training, and the file ----------------------------------------------------------------------


def all_held(model):
    return all(are_held(each.architecture, "ordinal", each.theta) for each in model.members_)


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_the_weights_of_thresholds_stay_0_however_training_continues():
    model = grades(warm_start=True).fit(X, TEXTS)
    assert all_held(model)
    assert all_held(model.fit(X[:300], TEXTS[:300]))
    assert all_held(model.fit_more(X, TEXTS, 2))
    batchwise = grades().partial_fit(X[:200], TEXTS[:200], classes=ORDER)
    assert all_held(batchwise.partial_fit(X[200:], TEXTS[200:]))
    assert batchwise.grades_.tolist() == ORDER
    for optimizer in ("lbfgs", "sgd:lr=0.1,momentum=0.9", "adam:average=2,decay=0.1,clip=0.5"):
        assert all_held(grades(optimizer=optimizer).fit(X, TEXTS))


def test_a_file_gives_the_same_model(tmp_path):
    model = grades(class_weight={"top": 3}).fit(X, TEXTS)
    model.save(tmp_path / "grades.safetensors")
    again = load_model(tmp_path / "grades.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.grades_.tolist() == ORDER
    assert again.settings_["grades"] == ORDER
    assert clone(again).get_params()["loss"] == "ordinal"


def _held(header, arrays):
    [name] = [each for each in arrays if each.startswith("theta")]
    arrays[name] = arrays[name].copy()
    arrays[name][-4] = 1.0  # the last weight before the three biases


def _twice(header, arrays):
    header["classes"]["grades"] = ["low", "low", "high", "top"]


def _other(header, arrays):
    header["classes"]["grades"] = ["low", "mid", "high", "best"]


def _none(header, arrays):
    del header["classes"]["grades"]


def _of_settings(header, arrays):
    del header["training"]["settings"]["loss"]
    del header["training"]["settings"]["grades"]


def _of_objective(header, arrays):
    header["objective"]["loss"] = "softmax_cross_entropy"


@pytest.mark.parametrize("forge", [_held, _twice, _other, _none, _of_settings, _of_objective])
def test_a_forged_file_is_refused(forge, tmp_path):
    path = tmp_path / "grades.safetensors"
    grades(early_stopping=False).fit(X, TEXTS).save(path)
    header, arrays = unseal(path.read_bytes())
    header, arrays = json.loads(json.dumps(header)), dict(arrays)
    forge(header, arrays)
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError):
        load_model(path)


# --- what is asked of a model ---------------------------------------------------------------------


def test_explanations_add_up():
    model = grades().fit(X, TEXTS)
    found = model.explain(X[:3])
    sums = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(sums, model.predict_proba(X[:3]), atol=1e-6)
    assert found.classes == sorted(ORDER)
    assert np.abs(found.values).max() > 0.01
