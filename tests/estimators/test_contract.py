"""scikit-learn's own checks with several settings: none fails, and none is expected to."""

import inspect
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.utils.estimator_checks import (
    check_class_weight_classifiers,
    check_estimator,
    check_param_validation,
)

from thalweg import ThalwegClassifier, ThalwegRegressor

# Of each kind one setting is in the quick tests; the others differ in what they fit, and not in
# what a caller sees.
QUICK = {"ThalwegClassifier": "hold-out, few units", "ThalwegRegressor": "hold-out, few units"}
SETTINGS = {
    "defaults": {},
    "hold-out": {"early_stopping": True},
    "hold-out, few units": {"early_stopping": True, "hidden_layer_sizes": (8,), "max_iter": 30},
    "batches of four": {"batch_size": 4, "max_iter": 10},
    "warm start": {"warm_start": True},
    "L-BFGS, few steps": {"optimizer": "lbfgs", "max_iter": 5},
    "L-BFGS": {"optimizer": "lbfgs"},
    "folds": {"early_stopping": "folds"},
    "no stopping": {"early_stopping": False},
    "L-BFGS, no stopping": {"optimizer": "lbfgs", "early_stopping": False},
    "one row a step": {"batch_size": 1, "max_iter": 5, "early_stopping": False},
    "all rows": {"batch_size": 10**6, "optimizer": "sgd:lr=0.05,momentum=0.9", "max_iter": 300},
    "ensemble": {"n_ensemble": 3},
    "folds, dealt twice": {"early_stopping": "folds", "n_ensemble": 2},
    "hold-out for three": {"early_stopping": True, "n_ensemble": 3},
    "dropout": {"dropout": 0.3},
    "dropout, folds": {"dropout": 0.3, "early_stopping": "folds", "batch_size": 8},
    "penalty of sizes, decay": {"l1": 0.5, "weight_decay": 0.01},
    "no hidden layer": {"hidden_layer_sizes": (), "max_iter": 30},
    "no hidden layer, by Adam": {"hidden_layer_sizes": (), "learning_rate_init": 0.05},
    "two units": {"hidden_layer_sizes": (2,)},
    "narrow and deep": {"hidden_layer_sizes": (7, 5, 3), "max_iter": 30},
    "deep, tanh": {"hidden_layer_sizes": (8, 8), "activation": "tanh"},
    "stopped by a score": {"scoring": "neg_median_absolute_error", "early_stopping": True},
    "epochs by a score": {"scoring": "neg_median_absolute_error"},
    "long time": {"time_limit": 1000.0, "n_jobs": 1},
    "a step rate": {"optimizer": "adam:lr=0.01,schedule=step", "max_iter": 30},
    "float64, gelu": {"dtype": "float64", "activation": "gelu", "n_jobs": -1},
    "its own loss": {"loss": "huber", "label_smoothing": 0.1},
}
KINDS = {ThalwegClassifier: 68, ThalwegRegressor: 60}


def estimator(kind, name):
    given = dict(SETTINGS[name])
    classifier = kind is ThalwegClassifier
    for only in ("loss",) if classifier else ("label_smoothing",):
        given.pop(only, None)
    if "scoring" in given and classifier:
        given["scoring"] = "neg_log_loss"
    return kind(random_state=0, **given)


def cases():
    assert len(SETTINGS) == 29
    for name in SETTINGS:
        for kind in KINDS:
            marks = () if name == QUICK[kind.__name__] else (pytest.mark.slow,)
            yield pytest.param(kind, name, id=f"{kind.__name__}-{name}", marks=marks)


@pytest.mark.parametrize(("kind", "name"), list(cases()))
def test_scikit_learns_own_checks(kind, name):
    with warnings.catch_warnings():
        # The checks fit tables with a class of one row and feature names that come and go.
        warnings.simplefilter("ignore")
        results = check_estimator(estimator(kind, name), on_fail=None)
    failed = [
        f"{result['check_name']}: {result['exception']!r}"
        for result in results
        if result["status"] not in ("passed", "skipped")
    ]
    assert failed == []
    skipped = [result["check_name"] for result in results if result["status"] == "skipped"]
    # Needs SCIPY_ARRAY_API, which must be set before SciPy is imported.
    assert skipped == ["check_array_api_input"]
    assert len(results) == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_checked_from_a_table(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_param_validation(kind.__name__, kind(max_iter=3, random_state=0))


@pytest.mark.parametrize("kind", KINDS)
def test_columns_go_by_their_names(kind):
    # scikit-learn's own check of names asks that another order be refused; here it does not count.
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    model = kind(max_iter=3, random_state=0).fit(frame, (frame["a"] > 0).astype(int))
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    turned = frame[["c", "a", "b"]].assign(more=1)
    np.testing.assert_array_equal(model.predict(turned), model.predict(frame))
    with pytest.raises(ValueError, match='"b"'):
        model.predict(frame.drop(columns="b"))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(frame.to_numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_help_of_fit_has_each_parameter_what_it_returns_and_what_it_raises(kind):
    text = inspect.getdoc(kind.fit)
    assert "{" not in text
    for name in list(inspect.signature(kind.fit).parameters)[1:]:
        assert re.search(rf"^(\w+, )*{name}(, \w+)* : ", text, re.MULTILINE), name
    for part in ("Parameters", "Returns", "Raises"):
        assert text.count(f"{part}\n---") == 1


def test_class_weights_do_what_they_do_elsewhere():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_class_weight_classifiers("ThalwegClassifier", ThalwegClassifier(random_state=0))


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_can_be_routed(kind):
    with config_context(enable_metadata_routing=True):
        model = kind().set_fit_request(sample_weight=True, groups=True)
        requests = model.get_metadata_routing().fit.requests
    assert {"sample_weight", "groups", "X_val", "y_val"} <= set(requests)
    assert requests["groups"] is True


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_parameters_has_all_of_them(kind):
    parameters = set(kind().get_params())
    assert parameters == set(kind._parameter_constraints)
    documented = {
        line.split(" : ")[0].strip()
        for line in (kind.__doc__ or "").split("Attributes")[0].splitlines()
        if " : " in line and line.startswith("    ") and not line.startswith("     ")
    }
    assert documented == parameters
    assert np.all([name in kind.__init__.__code__.co_varnames for name in parameters])
