"""The classifier: scikit-learn's contract, and what thalweg guarantees beyond it."""

import ast
import itertools
import pickle
import re
import sys
import warnings
from contextlib import nullcontext
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from plain import ONE, PLAIN
from slow_cases import slow_but
from thalweg import (
    DataError,
    DivergenceError,
    DivergenceWarning,
    ThalwegClassifier,
    ThalwegRegressor,
    load_table,
)
from thalweg.counter_based_random import generator
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import Status, ThalwegWarning
from thalweg.estimators.learning import fit_plan as plan_module
from thalweg.estimators.learning import train_networks as learn_module
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.parameters.resolved_parameters import cut_of, dtype_of, settings_of
from thalweg.network.architecture import initial_theta
from thalweg.network.compiled import training_kernels
from thalweg.training import training_loop as run_module
from thalweg.training.descent.training_settings import parse_optimizer

QUICK = {
    "random_state": 0,
    "max_iter": 8,
    "hidden_layer_sizes": (6,),
    "learning_rate_init": 0.05,
}


@pytest.fixture(scope="module")
def wisconsin():
    return load_table("wisconsin")


def noisy(n_samples=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, 4))
    return X, (X[:, 0] + 0.7 * rng.standard_normal(n_samples) > 0).astype(int)


def test_the_raw_table_is_enough(wisconsin):
    model = ThalwegClassifier(random_state=0, positive="malignant")
    assert model.fit(wisconsin.frame, wisconsin.target) is model
    assert model.classes_.tolist() == ["benign", "malignant"]
    assert model.positive_ == "malignant"
    assert model.n_features_in_ == 9
    assert model.feature_names_in_.tolist() == list(wisconsin.frame.columns)
    named = model.encoder_.output_names(model.schema_.names)
    assert named[:9] == list(wisconsin.frame.columns)
    assert named[-1] == "bare_nuclei missing"
    # All between are bins, of which each column has some.
    assert {name.rsplit(" ", 1)[0] for name in named[9:-1]} == set(wisconsin.frame.columns)
    assert model.stopping_ == "folds"
    assert len(model.members_) == 5
    assert model.seed_ == 0
    assert model.score(wisconsin.frame, wisconsin.target) > 0.97
    assert [W.shape for W in model.coefs_] == [(len(named), 128), (128, 128), (128, 1)]
    assert [b.shape for b in model.intercepts_] == [(128,), (128,), (1,)]
    assert model.loss_curve_ == [epoch["train_loss"] for epoch in model.history_]
    assert model.n_iter_ == len(model.history_) >= model.best_epoch_
    assert all(np.isfinite(epoch["valid_loss"]) for epoch in model.history_)


def judged(X, y, n_repeats):
    """Mean fold log-loss of thalweg and of logistic regression, and the share missed."""
    matrix, malignant = infer_schema(X).matrix(X), (y == "malignant").to_numpy()
    losses, missed = {"thalweg": [], "logistic": []}, 0
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    for train, test in folds.split(matrix, malignant):
        model = ThalwegClassifier(random_state=0).fit(X.iloc[train], y.iloc[train])
        p = model.predict_proba(X.iloc[test])[:, 1]
        losses["thalweg"].append(log_loss(malignant[test], p))
        missed += np.sum(malignant[test] & (p <= 0.5))
        encoder = fit_encoder(matrix[train], np.ones(len(train)))
        rival = LogisticRegression(max_iter=1000)
        rival.fit(encoder.encode(matrix[train]), malignant[train])
        q = rival.predict_proba(encoder.encode(matrix[test]))[:, 1]
        losses["logistic"].append(log_loss(malignant[test], q))
    means = {name: float(np.mean(each)) for name, each in losses.items()}
    return means, missed / (malignant.sum() * n_repeats)


# One repetition tells less: there logistic regression may be ahead by as much as chance allows.
@pytest.mark.parametrize(
    ("n_repeats", "ahead"), [(1, 0.005), pytest.param(10, 0.0005, marks=pytest.mark.slow)]
)
def test_the_defaults_are_as_good_as_logistic_regression_on_wisconsin(wisconsin, n_repeats, ahead):
    losses, missed = judged(wisconsin.frame, wisconsin.target, n_repeats)
    assert losses["thalweg"] <= losses["logistic"] + ahead
    assert missed <= 0.045


def test_no_hidden_layer_is_logistic_regression():
    X, y = noisy()
    alpha = 1.5
    model = ThalwegClassifier(
        (), alpha=alpha, batch_size=10**6, early_stopping=False, max_iter=4000,
        optimizer="sgd:lr=0.5,momentum=0.9", tol=0.0, n_iter_no_change=4000, random_state=0,
        dtype="float64", **PLAIN,
    ).fit(X, y)  # fmt: skip
    encoded = fit_encoder(X, np.ones(len(X))).encode(X)
    exact = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(encoded, y)
    np.testing.assert_allclose(model.coefs_[0][:, 0], exact.coef_[0], atol=1e-6)
    np.testing.assert_allclose(model.intercepts_[0], exact.intercept_, atol=1e-6)


@pytest.mark.parametrize("early_stopping", ["auto", True, False])
def test_weight_two_is_the_row_twice(early_stopping):
    X, y = noisy(60)
    weights = np.arange(60) % 3
    repeated = np.repeat(np.arange(60), weights)
    parameters = {**QUICK, "early_stopping": early_stopping, "batch_size": 7}
    weighted = ThalwegClassifier(**parameters).fit(X, y, sample_weight=weights)
    twice = ThalwegClassifier(**parameters).fit(X[repeated], y[repeated])
    np.testing.assert_array_equal(weighted.theta_, twice.theta_)


@settings(max_examples=15, deadline=None)
@given(st.permutations(list(range(40))), st.sampled_from(["auto", True]))
def test_the_order_of_the_rows_does_not_count(order, early_stopping):
    X, y = noisy(40)
    parameters = {**QUICK, "early_stopping": early_stopping}
    one = ThalwegClassifier(**parameters).fit(X, y)
    other = ThalwegClassifier(**parameters).fit(X[order], y[order])
    np.testing.assert_array_equal(one.theta_, other.theta_)
    assert one.history_ == other.history_


def test_rows_that_only_judge_teach_the_encoder_nothing(monkeypatch):
    X, y = noisy(300)
    splits = []
    plan = plan_module.stopping

    def spy(*arguments):
        splits.append(plan(*arguments))
        return splits[-1]

    monkeypatch.setattr(plan_module, "stopping", spy)
    model = ThalwegClassifier(**QUICK, early_stopping=True).fit(X, y)
    [(training, held_out)] = splits[0].splits
    rows = canonical_rows(X, y.astype(float), np.ones(300))
    cut = cut_of("auto", 300, 4)
    learned = fit_encoder(rows.X[training], np.ones(len(training)), (), cut)
    np.testing.assert_array_equal(model.encoder_.scaling.center, learned.scaling.center)
    np.testing.assert_array_equal(model.encoder_.scaling.scale, learned.scaling.scale)
    assert learned.bins.n_outputs >= 4 * 8
    np.testing.assert_array_equal(model.encoder_.bins.low, learned.bins.low)
    every = fit_encoder(rows.X, np.ones(300))
    assert len(held_out) == 30
    assert not np.array_equal(model.encoder_.scaling.center, every.scaling.center)


def test_the_cross_validated_epoch_is_where_the_refit_ends(monkeypatch):
    X, y = noisy()
    curves, starts = [], []
    by_folds, start = learn_module.by_folds, learn_module.starting_point
    monkeypatch.setattr(
        learn_module,
        "by_folds",
        lambda *given: curves.append(by_folds(*given)) or curves[-1],
    )
    monkeypatch.setattr(
        learn_module,
        "starting_point",
        lambda *given, **more: starts.append(start(*given, **more)) or starts[-1],
    )
    how = {**QUICK, **ONE, "max_iter": 30, "dropout": 0, "n_iter_no_change": 30}
    model = ThalwegClassifier(**how).fit(X, y)
    [found] = [each.curve for each in curves]
    assert len(found) == 30
    best = int(np.argmin(found)) + 1
    assert 1 < best < 30, "the problem must overfit, or this test shows nothing"
    assert model.n_iter_ == model.best_epoch_ == best
    assert [epoch["valid_loss"] for epoch in model.history_] == found[:best].tolist()
    # Five folds and the refit, each from a point of its own.
    assert len({tuple(theta) for _, theta in starts}) == len(starts) == 6


@pytest.mark.parametrize("early_stopping", [False, "auto"])
def test_without_rows_held_out_the_training_loss_ends_it(early_stopping):
    X, y = noisy()
    if early_stopping:  # a class of one row: nothing can be held out
        y = np.arange(len(X)) == 3
    how = {**QUICK, "max_iter": 300, "optimizer": "sgd:lr=0.5", "learning_rate_init": None}
    how |= {"batch_size": 10**6, "early_stopping": early_stopping}
    told = pytest.warns(ThalwegWarning, match="the training loss ends training")
    with told if early_stopping else nullcontext():
        model = ThalwegClassifier(**how, n_iter_no_change=3, tol=0.01).fit(X, y)
    assert (model.stopping_, model.status_) == ("none", Status.PATIENCE)
    # By hand: three epochs in a row that did not lower the lowest loss by the tolerance.
    lowest, waited, ends = np.inf, 0, None
    for epoch, loss in enumerate(model.loss_curve_, 1):
        waited = 0 if loss < lowest - 0.01 else waited + 1
        lowest = min(lowest, loss) if waited == 0 else lowest
        ends = ends or (epoch if waited == 3 else None)
    assert model.n_iter_ == ends < 300
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ThalwegWarning)
        patient = ThalwegClassifier(**how, n_iter_no_change=300).fit(X, y)
    assert (patient.n_iter_, patient.status_) == (300, Status.MAX_EPOCHS)


def test_one_seed_one_result_and_none_records_one():
    X, y = noisy()
    first = ThalwegClassifier(max_iter=5).fit(X, y)
    again = ThalwegClassifier(max_iter=5, random_state=first.seed_).fit(X, y)
    other = ThalwegClassifier(max_iter=5, random_state=first.seed_ + 1).fit(X, y)
    np.testing.assert_array_equal(first.theta_, again.theta_)
    assert first.history_ == again.history_
    assert not np.array_equal(first.theta_, other.theta_)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(0, 2**31))
def test_a_rows_probability_depends_on_that_row_alone(size, seed):
    X, y = noisy(120)
    model = test_a_rows_probability_depends_on_that_row_alone.__dict__.setdefault(
        "model", ThalwegClassifier(**QUICK).fit(X, y)
    )
    whole = model.predict_proba(X)
    rows = np.random.default_rng(seed).choice(120, size)
    np.testing.assert_array_equal(model.predict_proba(X[rows]), whole[rows])


LABELS = [
    (["no", "yes"], "yes"),
    ([False, True], True),
    ([-1, 7], 7),
    ([0.0, 1.0], 1.0),
    (["10", "9"], "9"),
    (["a", "ä"], "ä"),
]


AS_OBJECTS = list(
    itertools.product(
        [(3, 4), (False, True), (0.0, 1.0), (Decimal(1), Decimal(2)), (2**70, 1)],
        [list, np.array, pd.Series, pd.DataFrame],
    )
)


# Every third has each of the labels and each of the containers.
@pytest.mark.quick_each(3)
@pytest.mark.parametrize(("labels", "as_given"), slow_but(AS_OBJECTS[::3], AS_OBJECTS))
def test_labels_as_objects_are_refused_with_a_fix_that_works(labels, as_given):
    X, y = noisy()
    cells = np.array([labels[each] for each in y], dtype=object)
    target = cells.tolist() if as_given is list else as_given(cells)
    model = ThalwegClassifier(**QUICK)
    if np.asarray(target).dtype != object:  # a list of plain numbers
        assert model.fit(X, target).score(X, target) > 0.7
        return
    with pytest.raises(DataError, match="Unknown label type") as told:
        model.fit(X, target)
    fixed = eval(told.value.fix.split("y = ")[1], {"np": np, "y": target}).ravel()
    assert model.fit(X, fixed).score(X, fixed) > 0.7
    with pytest.raises(DataError, match="Unknown label type"):
        model.fit_more(X, target)
    search = GridSearchCV(model, {"alpha": [0.1]}, cv=2, scoring="roc_auc", error_score="raise")
    assert search.fit(X, fixed).best_score_ > 0.7


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "Float64", "category"])
def test_labels_of_the_types_of_pandas_are_scored(dtype):
    X, y = noisy()
    target = pd.Series(y).astype(dtype)
    assert ThalwegClassifier(**QUICK).fit(X, target).score(X, target) > 0.7


def test_texts_may_come_as_objects():
    X, y = noisy()
    target = pd.Series([("no", "yes")[each] for each in y], dtype=object)
    model = ThalwegClassifier(**QUICK).fit(X, target)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.score(X, target) > 0.7


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize(("labels", "last"), LABELS)
def test_labels_never_swap(labels, last):
    X, y = noisy()
    target = np.array(labels)[y]
    model = ThalwegClassifier(**QUICK).fit(X, target)
    assert model.classes_.tolist() == sorted(labels)
    assert model.positive_ == last
    plain = ThalwegClassifier(**QUICK).fit(X, y if labels[0] < labels[1] else 1 - y)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert model.score(X, target) > 0.7


def test_the_positive_class_can_be_named(wisconsin):
    X, y = wisconsin.frame, wisconsin.target
    model = ThalwegClassifier(**QUICK, positive="benign").fit(X, y)
    assert model.positive_ == "benign"
    benign = model.predict_proba(X)[:, 0]
    np.testing.assert_array_equal(model.predict(X) == "benign", benign > 0.5)
    model.threshold_ = 0.9
    np.testing.assert_array_equal(model.predict(X) == "benign", benign > 0.9)


def test_balanced_costs_put_the_threshold_at_the_share_of_the_positive_class():
    model = ThalwegClassifier(
        (), class_weight="balanced", optimizer="adam", max_iter=1, early_stopping=False, n_bins=0
    )
    assert model.fit(np.arange(8.0)[:, None], np.arange(8) == 3).threshold_ == 0.125


def test_both_probabilities_keep_their_digits():
    X = np.r_[np.linspace(-1, 1, 40)][:, None]
    model = ThalwegClassifier(**QUICK, alpha=0.0).fit(X, (X[:, 0] > 0).astype(int))
    for network in model.members_:
        network.theta[:] = 0.0
        network.layers[-1][1][:] = 60.0
    probability = model.predict_proba(X[:1])
    assert probability[0, 0] == pytest.approx(np.exp(-60.0), rel=1e-12, abs=0)
    assert probability[0, 1] == 1.0


def test_columns_are_matched_by_name(wisconsin):
    X, y = wisconsin.frame, wisconsin.target
    model = ThalwegClassifier(**QUICK).fit(X, y)
    expected = model.predict_proba(X)
    shuffled = X[list(X.columns[::-1])].assign(note="text that is not asked for")
    np.testing.assert_array_equal(model.predict_proba(shuffled), expected)
    with pytest.raises(DataError, match="mitoses"):
        model.predict(X.drop(columns="mitoses"))


def test_a_hole_where_none_was_is_filled(wisconsin):
    X, y = noisy()
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = ThalwegClassifier(**QUICK).fit(frame, y)
    hole = frame.iloc[:1].copy()
    hole.loc[0, "b"] = np.nan
    for network in model.members_:  # each has a median of its own
        filled = frame.iloc[:1].copy()
        filled.loc[0, "b"] = network.encoder.scaling.center[1]
        [of_hole], [of_filled] = (outputs_of([network], each.to_numpy()) for each in (hole, filled))
        np.testing.assert_array_equal(of_hole, of_filled)


def test_divergence_is_a_warning_with_the_best_epoch_or_an_error():
    X, y = noisy()
    wild = {**QUICK, "early_stopping": False, "activation": "identity", "max_iter": 3000}
    with pytest.warns(DivergenceWarning, match="smaller learning rate"):
        model = ThalwegClassifier(
            **{**wild, "learning_rate_init": 3.0}, optimizer="sgd", alpha=300.0
        ).fit(X, y)
    assert model.status_ is Status.DIVERGED
    assert np.all(np.isfinite(model.theta_))
    assert np.all(np.isfinite(model.predict_proba(X)))
    assert 1 <= model.best_epoch_ <= len(model.history_)
    with pytest.raises(DivergenceError, match="smaller learning rate"):
        ThalwegClassifier(**{**wild, "learning_rate_init": 1e300}).fit(X, y)
    for way, where in (("cross-validation", r"\(cross-validation\)"), ("folds", "smaller")):
        with pytest.raises(DivergenceError, match=where):
            ThalwegClassifier(**{**QUICK, "learning_rate_init": 1e300}, early_stopping=way).fit(
                X, y
            )


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"positive": "maybe"}, "not a class of the target"),
        ({"optimizer": "adma"}, "no optimizer"),
        ({"hidden_layer_sizes": (3, 0)}, "whole number of units above 0"),
        ({"hidden_layer_sizes": (2.5,)}, "whole number of units above 0"),
        ({"activation": "swish"}, "activation"),
        ({"max_iter": 0}, "max_iter"),
        ({"alpha": -1}, "alpha"),
        ({"batch_size": 0}, "batch_size"),
        ({"early_stopping": "maybe"}, "early_stopping"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"dtype": "float16"}, "dtype"),
        ({"random_state": -1}, "random_state"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"n_iter_no_change": 0}, "The 'n_iter_no_change' parameter"),
    ],
)
def test_parameters_without_meaning_are_refused(parameters, says):
    X, y = noisy()
    with pytest.raises(ValueError, match=says):
        ThalwegClassifier(**parameters).fit(X, y)


def test_targets_that_cannot_be_learned_are_refused():
    X, y = noisy()
    with pytest.raises(DataError, match="one class only"):
        ThalwegClassifier().fit(X, np.zeros(len(X)))
    with pytest.raises(DataError, match="weight 0"):
        ThalwegClassifier().fit(X, y, sample_weight=(y == 1).astype(float))
    frame = pd.DataFrame({"age": [*range(11), "thirty"] * 10})
    with pytest.raises(DataError, match=r'thirty.*column "age", row 12'):
        ThalwegClassifier().fit(frame, y)


def test_poison_in_rows_that_only_judge_leaves_the_encoder_as_it_is():
    rng = np.random.default_rng(0)
    X = np.column_stack((rng.normal(size=200), rng.integers(1, 61, 200), rng.integers(1, 4, 200)))
    X[::9, 0] = X[::7, 1] = np.nan
    weights = rng.uniform(0.5, 2, 200)
    training = np.sort(rng.permutation(200)[:150])
    judging = np.setdiff1d(np.arange(200), training)
    outputs = Classes.equal(np.array([0, 1]))

    def encoder(X, weights):
        lesson = learn_module.Lesson(X, np.arange(200) % 2.0, weights, outputs, (0, 70, 3))
        return learn_module.place(lesson, training, "float64").encoder

    sound = encoder(X, weights).arrays()
    poisoned, heavy = X.copy(), weights.copy()
    poisoned[judging] = [1e300, 70, 1]
    poisoned[judging[::2]] = np.nan
    heavy[judging] = 1e100
    after = encoder(poisoned, heavy).arrays()
    assert sound.keys() == after.keys()
    assert all(sound[name].tobytes() == after[name].tobytes() for name in sound)
    everywhere = X.copy()
    everywhere[training[0]] = [1e300, 70, 1]
    changed = encoder(everywhere, weights).arrays()
    assert not all(sound[name].tobytes() == changed[name].tobytes() for name in sound)


def test_it_lives_in_scikit_learns_company(wisconsin):
    X, y = noisy()
    model = ThalwegClassifier(**QUICK)
    assert clone(model).get_params() == model.get_params()
    pipeline = make_pipeline(StandardScaler(), model).fit(X, y)
    assert pipeline.score(X, y) > 0.7
    with parallel_config(backend="threading"):  # of processes: test_around, in `make test-all`
        search = GridSearchCV(model, {"alpha": [0.1, 10.0]}, cv=2, n_jobs=2).fit(X, y)
        assert search.best_score_ > 0.7
        scores = [cross_val_score(model, X, y, cv=3, n_jobs=jobs) for jobs in (1, 2)]
    np.testing.assert_array_equal(*scores)
    fitted = model.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


def test_verbose_speaks_on_standard_error_only(capsys):
    X, y = noisy()
    ThalwegClassifier(**QUICK).fit(X, y)
    assert capsys.readouterr() == ("", "")
    ThalwegClassifier(**QUICK, verbose=1).fit(X, y)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Training: 40 epochs, 5 of 5 networks, mean of their best epochs: loss" in captured.err
    ThalwegClassifier(**QUICK, **ONE, verbose=1).fit(X, y)
    captured = capsys.readouterr()
    assert captured.out == ""
    mean = "5 of 5 networks, mean of their best epochs: loss"
    assert f"Cross-validation: 40 epochs, {mean}" in captured.err
    assert "Training: " in captured.err


def test_the_way_from_fit_to_the_kernel_is_short(monkeypatch):
    X, y = noisy()
    trails = []
    kernel = training_kernels.steps

    def look_back(*arguments):
        frame, trail = sys._getframe(1), []
        while frame is not None:
            if "thalweg" in frame.f_globals.get("__name__", ""):
                trail.append((frame.f_code.co_name, frame.f_code.co_filename))
            frame = frame.f_back
        trails.append(trail)
        return kernel(*arguments)

    monkeypatch.setattr(training_kernels, "steps", look_back)
    ThalwegClassifier(**QUICK).fit(X, y)
    # In the thread of the networks.
    assert [name for name, _ in trails[0]] == ["steps", "advance", "take", "run"]
    assert len({path for _, path in trails[0]}) <= 4


def test_settings_are_those_of_the_fit():
    X, y = noisy()
    model = ThalwegClassifier(**QUICK).fit(X, y)
    model.set_params(alpha=7.0, max_iter=999)
    assert model.settings_["alpha"] == "auto"
    assert model.settings_["max_iter"] == 8
    assert "random_state" not in model.settings_


@pytest.mark.parametrize("weight", [1e307, 1e-300])
def test_a_weight_that_no_sum_can_hold_is_refused(weight):
    X, y = noisy()
    weights = np.ones(len(y))
    weights[4] = weight
    with pytest.raises(DataError, match="row 5"):
        ThalwegClassifier(**QUICK).fit(X, y, sample_weight=weights)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_value_in_the_target_is_reported(missing):
    X, y = noisy()
    target = pd.Series(np.array(["no", "yes"])[y], dtype=object)
    target[6] = missing
    for labels in (target, target.to_numpy()):
        with pytest.raises(DataError, match=r"1 missing value .*first in row 7"):
            ThalwegClassifier(**QUICK).fit(X, labels)


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "string", "category"])
def test_nullable_targets_keep_their_labels(dtype):
    X, y = noisy()
    model = ThalwegClassifier(**QUICK).fit(X, pd.Series(y).astype(dtype))
    plain = {"boolean": [False, True], "string": ["0", "1"]}.get(dtype, [0, 1])
    assert model.classes_.tolist() == plain
    assert [type(label) for label in model.classes_.tolist()] == [type(each) for each in plain]


def test_documented_constants():
    model = ThalwegClassifier(n_iter_no_change=7)
    sizes = {4_095: 32, 4_096: 64, 8_192: 128, 19_999: 128, 20_000: 256}
    assert {n: settings_of(model, n, 0).batch_size for n in sizes} == sizes
    assert settings_of(model, 10, 0).patience == 7
    usual = {each: settings_of(each, 10, 0).dropout for each in (model, ThalwegRegressor())}
    assert list(usual.values()) == [0.2, 0.0]
    for how, dropout in (({"optimizer": "lbfgs"}, 0.0), ({"dropout": 0.3}, 0.3)):
        assert settings_of(ThalwegClassifier(**how), 10, 0).dropout == dropout
    adam, lbfgs = map(parse_optimizer, ("adam", "lbfgs"))
    assert (dtype_of("auto", adam), dtype_of("auto", lbfgs)) == ("float32", "float64")
    assert (dtype_of("float64", adam), dtype_of("float32", lbfgs)) == ("float64", "float32")
    scales = {3: 0.25, 500: 0.25, 2_000: 0.5, 8_000: 1.0, 10**6: 1.0}
    assert {n: cut_of("auto", n, 4).scale for n in scales} == scales
    assert cut_of(5, 2_000, 4) == Cut(5, 0.5)
    # A quarter of the root of the rows, from 8 to 32, and 256 of all columns together.
    bins = {(100, 4): 8, (2_500, 4): 12, (20_000, 4): 32, (20_000, 10): 25, (1_000, 61): 4}
    bins |= {(1_000, 128): 2, (100, 0): 8}
    # In large tables 512, but none where rows and columns have more than 3.5·10⁷ numbers.
    bins |= {(10**6, 5): 32, (10**6, 20): 25, (10**6, 50): 0}
    assert {case: cut_of("auto", *case).n_bins for case in bins} == bins
    assert cut_of("auto", 1_000, 129).n_bins == 0
    assert run_module.EXPLODED == 1e4
    assert run_module.SLICE_SECONDS == 0.1


@pytest.mark.parametrize(("activation", "name"), [("relu", "he"), ("tanh", "glorot")])
def test_the_starting_point_fits_the_activation(activation, name):
    X, y = noisy()
    rows = canonical_rows(X, y.astype(float), np.ones(len(y)))
    outputs = Classes.equal(np.array([0, 1]))
    lesson = learn_module.Lesson(rows.X, rows.y, rows.weights, outputs)
    here = learn_module.place(lesson, np.arange(len(y)), "float64")
    architecture, theta = learn_module.starting_point(here, (5,), activation, 3)
    expected = initial_theta(architecture, name, generator(3, "weights", 0))
    np.testing.assert_array_equal(theta, expected)


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_the_defaults_are_those_that_the_documentation_names(kind):
    named = re.findall(r"(?m)^    (\w+) : (?:.*\n)??.*\bdefault (.+)$", kind.__doc__)
    assert {name: ast.literal_eval(value) for name, value in named} == kind().get_params()


def test_columns_of_categories_are_no_numbers():
    X, outputs = np.zeros((5, 5)), Classes.equal(np.array([0, 1]))
    lesson = learn_module.Lesson(X, np.zeros(5), np.ones(5), outputs, (0, 3, 1, 0, 0))
    assert lesson.n_numbers == 3
