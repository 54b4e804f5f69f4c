"""Common workflows around both estimators, on columns of every kind."""

import pickle
import subprocess
import sys
import warnings
from itertools import product

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mixed import mixed
from slow_cases import slow_but
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.estimators.learning import fit_plan as plan_module

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

KINDS = [ThalwegClassifier, ThalwegRegressor]
QUICK = {
    "random_state": 0, "max_iter": 8, "hidden_layer_sizes": (6,), "learning_rate_init": 0.05,
    "n_folds": 2,
}  # fmt: skip


def table(kind, n=160, *, rare=False):
    """Columns of every kind, and a target of the one kind or the other.

    Levels of a single row, which a fold may not have seen, are there if so wished.
    """
    frame, ill = mixed(n)
    frame = frame.drop(columns="name")
    if not rare:
        frame["ward"] = [f"W{k % 12}" for k in np.random.default_rng(1).permutation(n)]
    if kind is ThalwegClassifier:
        return frame, ill
    age = frame["age"].fillna(50).to_numpy()
    return frame, np.where(ill == "ill", 20.0, 0.0) + 0.1 * age + (frame["sex"] == "m").to_numpy()


def answers(model, X):
    given = model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)
    return np.asarray(given)


def bits(model):
    return [network.theta.tobytes() for network in model.members_]


@pytest.fixture
def groups_seen(monkeypatch):
    """The groups that each fit was told of."""
    seen, plan = [], plan_module.fit_plan

    def spy(estimator, given, *more):
        seen.append(given.groups)
        return plan(estimator, given, *more)

    monkeypatch.setattr(plan_module, "fit_plan", spy)
    return seen


# ---- weight 2 is the row twice

WAYS = ["cross-validation", "folds", "hold-out", "validation", "none"]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("kind", "way", "n_networks"),
    slow_but(
        {*product([ThalwegClassifier], WAYS, [1]), *product([ThalwegRegressor], WAYS, [2])},
        product(KINDS, WAYS, [1, 2]),
    ),
)
def test_weight_two_is_the_row_twice(kind, way, n_networks):
    X, y = table(kind, rare=True)
    learn, judge = np.arange(120), np.arange(120, 160)
    weights = np.random.default_rng(0).integers(0, 4, 120)
    rows = np.repeat(learn, weights)
    given = way if way in ("cross-validation", "folds", "hold-out") else way == "validation"
    how = {**QUICK, "early_stopping": given, "batch_size": 7, "n_ensemble": n_networks}
    how["unknown"] = "ignore"  # levels that only rows of weight 0 have
    more, again = {}, {}
    if way == "validation":
        twice = np.repeat(judge, 2)  # every judge twice as heavy: the same mean
        more = {"X_val": X.iloc[judge], "y_val": y[judge]}
        again = {"X_val": X.iloc[twice], "y_val": y[twice]}
    weighted = kind(**how).fit(X.iloc[learn], y[learn], sample_weight=weights, **more)
    repeated = kind(**how).fit(X.iloc[rows], y[rows], **again)
    assert weighted.stopping_ == repeated.stopping_ == way
    assert bits(weighted) == bits(repeated)
    assert [w.best_epoch for w in weighted.members_] == [r.best_epoch for r in repeated.members_]
    assert answers(weighted, X).tobytes() == answers(repeated, X).tobytes()
    if n_networks == 1:
        plain = kind(**how).fit(X.iloc[learn], y[learn], **more)
        assert bits(plain) != bits(weighted), "weights that change nothing show nothing"


def test_a_given_row_twice_judges_twice():
    X, y = table(ThalwegClassifier)
    counts = np.arange(40) % 4 + 1
    judges = 120 + np.repeat(np.arange(40), counts)
    model = ThalwegClassifier(**QUICK, dtype="float64")
    model.fit(X[:120], y[:120], X_val=X.iloc[judges], y_val=y[judges])
    p = model.predict_proba(X[120:])
    by_hand = log_loss(y[120:], p, sample_weight=counts, labels=model.classes_)
    assert min(epoch["valid_loss"] for epoch in model.history_) == pytest.approx(by_hand, rel=1e-9)
    assert by_hand != pytest.approx(log_loss(y[120:], p), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_weight_two_is_the_row_twice_in_groups_and_by_a_score(kind):
    X, y = table(kind)
    weights, groups = np.arange(160) % 3, np.arange(160) % 13
    rows = np.repeat(np.arange(160), weights)
    score = "neg_log_loss" if kind is ThalwegClassifier else "r2"
    for how in ({}, {"scoring": score}, {"early_stopping": "folds", "scoring": score}):
        model = kind(**QUICK, **how)
        weighted = clone(model).fit(X, y, sample_weight=weights, groups=groups)
        repeated = clone(model).fit(X.iloc[rows], y[rows], groups=groups[rows])
        assert bits(weighted) == bits(repeated)


# ---- in the company of scikit-learn


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_pipeline(kind):
    X, y = table(kind)
    alone = kind(**QUICK).fit(X, y)
    through = make_pipeline("passthrough", kind(**QUICK)).fit(X, y)
    assert answers(through, X).tobytes() == answers(alone, X).tobytes()
    name = kind.__name__.lower()
    weights = np.arange(len(X)) % 3
    weighted = make_pipeline("passthrough", kind(**QUICK))
    weighted.fit(X, y, **{f"{name}__sample_weight": weights})
    assert bits(weighted[-1]) == bits(kind(**QUICK).fit(X, y, sample_weight=weights))
    scaled = make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["age"]), remainder="passthrough", verbose_feature_names_out=False
        ),
        kind(**QUICK),
    ).set_output(transform="pandas")
    scaled.fit(X, y)
    assert sorted(scaled[-1].feature_names_in_) == sorted(X.columns)
    kinds = dict(zip(scaled[-1].schema_.names, scaled[-1].schema_.kinds, strict=True))
    assert (kinds["town"], kinds["smoker"], kinds["age"]) == ("category", "boolean", "number")
    assert scaled.score(X, y) > 0.3
    assert isinstance(answers(scaled, X), np.ndarray)


@pytest.mark.parametrize(
    ("kind", "workers"),
    slow_but([(ThalwegClassifier, "threading")], product(KINDS, ["threading", "loky"])),
)
def test_searches_by_two_workers_find_what_one_finds(kind, workers):
    # Of threads here, and of processes, whose start takes seconds, in `make test-all`.
    X, y = table(kind)
    grid = {"alpha": [0.1, 1000.0], "early_stopping": ["hold-out", "folds"]}
    with joblib.parallel_config(backend=workers):
        found = [GridSearchCV(kind(**QUICK), grid, cv=3, n_jobs=n).fit(X, y) for n in (1, 2)]
    one, two = (search.cv_results_["mean_test_score"] for search in found)
    np.testing.assert_array_equal(one, two)
    assert found[1].best_params_["alpha"] == 0.1
    assert bits(found[0].best_estimator_) == bits(found[1].best_estimator_)
    drawn = RandomizedSearchCV(kind(**QUICK), {"alpha": [0.1, 1.0]}, n_iter=2, cv=2, random_state=0)
    assert drawn.fit(X, y).predict(X).shape == (160,)


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize(
    ("n_classes", "method"),
    slow_but(
        [(2, "isotonic"), (3, "sigmoid"), (2, "temperature")],
        product([2, 3], ["sigmoid", "isotonic", "temperature"]),
    ),
)
def test_calibrated(method, n_classes):
    X, y = table(ThalwegRegressor)
    edges = np.quantile(y, np.arange(1, n_classes) / n_classes)
    labels = np.array(["low", "mid", "top"])[np.searchsorted(edges, y)]
    calibrated = CalibratedClassifierCV(ThalwegClassifier(**QUICK), method=method, cv=3)
    p = calibrated.fit(X, labels).predict_proba(X)
    assert p.shape == (160, n_classes)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    assert calibrated.score(X, labels) > 1 / n_classes + 0.1


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("kind", KINDS)
def test_cross_validated_by_groups(kind, groups_seen):
    X, y = table(kind)
    groups = np.array([f"p{k % 20}" for k in range(160)])
    plain = cross_validate(kind(**QUICK), X, y, groups=groups, cv=GroupKFold(4))
    assert np.isfinite(plain["test_score"]).all()
    assert groups_seen == [None] * 4  # the splitter's alone
    groups_seen.clear()
    with config_context(enable_metadata_routing=True):
        model = kind(**QUICK).set_fit_request(groups=True)
        told = cross_validate(
            model, X, y, params={"groups": groups}, cv=GroupKFold(4), return_indices=True
        )
    for seen, rows in zip(groups_seen, told["indices"]["train"], strict=True):
        assert seen.tolist() == groups[rows].tolist()


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("kind", KINDS)
def test_permuted_columns_matter_as_they_should(kind):
    X, y = table(kind, 400)
    model = kind(**{**QUICK, "max_iter": 30}).fit(X, y)
    with joblib.parallel_config(backend="threading"):  # processes would start anew
        ranked = permutation_importance(model, X, y, n_repeats=5, random_state=0, n_jobs=2)
    means = dict(zip(X.columns, ranked.importances_mean, strict=True))
    assert means["town"] == max(means.values())  # of which the target was made
    assert abs(means["code"]) < 0.2 * means["town"]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
def test_stacked(kind):
    X, y = table(kind)
    stack = StackingClassifier if kind is ThalwegClassifier else StackingRegressor
    model = stack([("a", kind(**QUICK)), ("b", kind(**QUICK, alpha=50.0))], cv=3).fit(X, y)
    assert model.score(X, y) > 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_a_clone_is_unfitted_and_alike(kind):
    X, y = table(kind)
    weights = {"class_weight": {"ill": 3.0}} if kind is ThalwegClassifier else {"loss": "huber"}
    model = kind(**QUICK, callbacks=[], scoring=None, unknown="ignore", **weights).fit(X, y)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "members_")
    assert not any(name.endswith("_") for name in vars(copy))
    assert bits(copy.fit(X, y)) == bits(model)


PATCH = """
import sys, joblib, numpy as np, pandas as pd
for path in sys.argv[1:]:
    model, X = joblib.load(path)
    give = getattr(model, "predict_proba", model.predict)
    print(np.asarray(give(X)).tobytes().hex())
"""


@pytest.mark.parametrize("kind", KINDS)
def test_dumped_and_loaded(kind):
    X, y = table(kind)
    model = kind(**QUICK, early_stopping="folds").fit(X, y)
    answered = answers(model, X).tobytes()
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(model, protocol))
        assert answers(again, X).tobytes() == answered
        assert (again.settings_, again.history_) == (model.settings_, model.history_)
    again.fit_more(X, y, epochs=1)  # and it goes on
    assert again.n_iter_ == model.n_iter_ + 1
    begun = kind(**QUICK).partial_fit(
        X, y, **({"classes": ["ill", "well"]} if "C" in kind.__name__ else {})
    )
    rest = pickle.loads(pickle.dumps(begun))
    assert bits(rest.partial_fit(X, y)) == bits(begun.partial_fit(X, y))


# In this process: test_dumped_and_loaded.
@pytest.mark.slow
def test_dumped_here_and_loaded_elsewhere(tmp_path):
    answered = []
    for kind in KINDS:
        X, y = table(kind)
        model = kind(**QUICK, early_stopping="folds").fit(X, y)
        joblib.dump((model, X), tmp_path / kind.__name__, compress=3)
        answered.append(answers(model, X).tobytes().hex())
    said = subprocess.run(
        [sys.executable, "-c", PATCH, *(str(tmp_path / kind.__name__) for kind in KINDS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split() == answered


# ---- names


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_names_of_columns_are_kept(kind, library):
    X, y = table(kind)
    frame = X if library is pd else pl.from_pandas(X)
    model = kind(**QUICK).fit(frame, y)
    assert model.feature_names_in_.dtype == object
    assert model.feature_names_in_.tolist() == list(X.columns)
    assert model.n_features_in_ == len(X.columns)
    assert bits(model) == bits(kind(**QUICK).fit(X, y))
    model.fit(np.random.default_rng(0).normal(size=(160, 2)), y)
    assert not hasattr(model, "feature_names_in_")
    assert model.n_features_in_ == 2


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_with_names(library, n_classes):
    X, y = table(ThalwegRegressor)
    labels = np.searchsorted(np.quantile(y, [0.3, 0.6][: n_classes - 1]), y)
    model = ThalwegClassifier(**QUICK).fit(X, labels)
    array = model.predict_proba(X)
    frame = model.set_output(transform=library.__name__).predict_proba(X)
    assert isinstance(frame, library.DataFrame)
    assert list(frame.columns) == [str(k) for k in range(n_classes)]
    assert frame.to_numpy().tobytes() == array.tobytes()
    assert isinstance(model.predict(X), np.ndarray)
    assert isinstance(pickle.loads(pickle.dumps(model)).predict_proba(X), library.DataFrame)


def test_names_do_not_disturb_those_who_score():
    # They take columns out of what predict_proba gives as out of an array.
    X, y = table(ThalwegClassifier)
    model = ThalwegClassifier(**QUICK).set_output(transform="pandas")
    plain = ThalwegClassifier(**QUICK)
    for scoring in ("neg_log_loss", "roc_auc", "neg_brier_score", "average_precision"):
        if scoring != "neg_log_loss":
            y = (np.asarray(y) == "ill").astype(int) if y.dtype == object else y
        scores = [cross_validate(each, X, y, cv=2, scoring=scoring) for each in (model, plain)]
        np.testing.assert_array_equal(*(each["test_score"] for each in scores))
    assert cross_val_predict(model, X, y, method="predict_proba").shape == (160, 2)
    assert StackingClassifier([("a", model)], cv=3).fit(X, y).score(X, y) > 0.5
    with config_context(transform_output="pandas"):  # of transformers
        assert isinstance(plain.fit(X, y).predict_proba(X), np.ndarray)


# ---- costs of classes


def test_costs_are_weights_of_the_loss_and_not_of_the_probability():
    # By hand: a network that can learn nothing but the share of each class.
    y = np.repeat(["ill", "well"], [30, 120])
    X = np.zeros((150, 1)) + (np.arange(150)[:, None] % 2)  # says nothing of y
    model = ThalwegClassifier(
        (), class_weight={"ill": 4, "well": 1}, early_stopping=False, optimizer="lbfgs",
        alpha=1e6, max_iter=500, tol=0.0, random_state=0,
    ).fit(X, y)  # fmt: skip
    # Its logit learned log(4 · 30 / 120) = 0, and what is given is log(120 / 30).
    np.testing.assert_allclose(model.intercepts_[-1], 0.0, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(X)[:, 0], 0.2, atol=1e-6)
    assert model.threshold_ == pytest.approx(0.8)  # of well, the second class


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given_is_left_as_it_is(kind):
    X, y = table(kind)
    before, weights, groups = X.copy(deep=True), np.ones(len(X)), np.arange(len(X)) % 9
    given = [y.copy(), weights.copy(), groups.copy()]
    model = kind(**QUICK).fit(X, y, sample_weight=weights, groups=groups)
    answers(model, X)
    pd.testing.assert_frame_equal(X, before)
    for now, then in zip((y, weights, groups), given, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_warned_of_on_the_way(kind):
    X, y = table(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cross_validate(kind(**QUICK), X, y, cv=3, return_train_score=True)
        # Columns keep their names wherever a second table comes in.
        model = kind(**QUICK).fit(X[:120], y[:120], X_val=X[120:], y_val=y[120:])
        model.fit_more(X, y, epochs=1)
        model.set_params(warm_start=True, alpha=1.0).fit(X, y)
        parts = kind(**QUICK)
        first = {"classes": ["ill", "well"]} if kind is ThalwegClassifier else {}
        parts.partial_fit(X[:80], y[:80], **first).partial_fit(X[80:], y[80:])
        assert parts.score(X, y) == parts.score(pl.from_pandas(X), y)
