"""Several networks: averages, held-out rows, and equal results for any number of threads."""

import warnings
from copy import copy
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fitting import refitted
from plain import ONE, PLAIN
from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg import parallel_map as spread_module
from thalweg.counter_based_random import generator
from thalweg.data.encoding.encoder import Encoder
from thalweg.data.schema.given_table import FEW
from thalweg.errors import Status, ThalwegWarning
from thalweg.estimators.learning import fit_plan as plan_module
from thalweg.estimators.learning import fitted_networks, interrupted_fit
from thalweg.estimators.learning import train_networks as learn_module
from thalweg.estimators.learning import train_networks as network_module
from thalweg.estimators.learning.encoded_training_data import member_seed
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.learning.scoring import BestByScore
from thalweg.training.callbacks import Callback
from thalweg.training.descent import others_epochs
from thalweg.training.history import column
from thalweg.training.progress import progress_told_to

QUICK = {"random_state": 0, "max_iter": 10, "hidden_layer_sizes": (6,), "learning_rate_init": 0.05}


def rings(n_rows=150, n_classes=3, seed=0):
    """Classes by the distance from the middle, which no line can part."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    radius = np.linalg.norm(X[:, :2], axis=1) + 0.15 * rng.normal(size=n_rows)
    edges = np.quantile(radius, np.arange(1, n_classes) / n_classes)
    return X, np.searchsorted(edges, radius)


def bits(model):
    return [network.theta.tobytes() for network in model.members_]


def test_several_classes_are_distinguished():
    X, y = rings(1300)
    names = np.array(["near", "middle", "far"])[y]
    model = ThalwegClassifier(random_state=0, alpha=0.1).fit(X[:300], names[:300])
    assert model.classes_.tolist() == ["far", "middle", "near"]
    assert (model.positive_, model.threshold_, model.n_outputs_) == (None, None, 3)
    assert model.score(X[300:], names[300:]) > 0.8
    p = model.predict_proba(X[300:])
    assert p.shape == (1000, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(model.predict(X[300:]), model.classes_[np.argmax(p, axis=1)])
    logs = model.predict_log_proba(X[300:])
    np.testing.assert_allclose(logs, np.log(p), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(model.decision_function(X[300:]), logs)
    with pytest.raises(SettingsError, match='positive="near" is for two classes'):
        ThalwegClassifier(positive="near").fit(X, names)


def test_two_classes_have_logarithms_that_agree_with_the_decision():
    X, y = rings(200, n_classes=2)
    model = ThalwegClassifier(**QUICK).fit(X, y)
    assert len(model.members_) == 5
    logs, p = model.predict_log_proba(X), model.predict_proba(X)
    np.testing.assert_allclose(np.exp(logs), p, rtol=1e-12)
    np.testing.assert_allclose(
        logs[:, 1] - logs[:, 0], model.decision_function(X), rtol=1e-12, atol=1e-12
    )
    # The prediction for a row depends on that row only.
    assert model.predict_log_proba(X[3:5]).tobytes() == logs[3:5].tobytes()


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("early_stopping", ["cross-validation", True, False, "folds"])
def test_weight_two_is_the_row_twice_for_several_classes(early_stopping):
    X, y = rings(90)
    weights = np.arange(90) % 3
    repeated = np.repeat(np.arange(90), weights)
    how = {**QUICK, "early_stopping": early_stopping, "batch_size": 7, "n_ensemble": 2}
    weighted = ThalwegClassifier(**how).fit(X, y, sample_weight=weights)
    twice = ThalwegClassifier(**how).fit(X[repeated], y[repeated])
    assert bits(weighted) == bits(twice)
    judged_out_of_fold = early_stopping in ("cross-validation", "folds")
    assert hasattr(weighted, "oof_loss_") == hasattr(twice, "oof_loss_") == judged_out_of_fold
    if judged_out_of_fold:
        assert weighted.oof_loss_ == twice.oof_loss_


@pytest.mark.parametrize("early_stopping", ["cross-validation", True, False])
def test_an_ensemble_is_the_mean_of_networks_that_differ(early_stopping):
    X, y = rings()
    many = ThalwegClassifier(**QUICK, early_stopping=early_stopping, n_ensemble=4).fit(X, y)
    assert len(set(bits(many))) == 4
    alone = ThalwegClassifier(**QUICK, early_stopping=early_stopping).fit(X, y)
    assert bits(alone)[0] == bits(many)[0]
    parts = [network.outputs.probabilities(outputs_of([network], X)) for network in many.members_]
    np.testing.assert_allclose(many.predict_proba(X), np.mean(parts, axis=0), rtol=1e-14)
    assert many.theta_ is many.members_[0].theta
    assert len({id(network.encoder) for network in many.members_}) == 1


@pytest.mark.parametrize("early_stopping", [True, "folds"])
def test_networks_on_the_same_rows_take_them_in_orders_of_their_own(monkeypatch, early_stopping):
    X, y = rings()
    seeds = []
    run = learn_module.train_many

    def spy(members, *arguments, **more):
        seeds.extend(member.settings.seed for member in members)
        return run(members, *arguments, **more)

    monkeypatch.setattr(learn_module, "train_many", spy)
    ThalwegClassifier(**QUICK, early_stopping=early_stopping, n_ensemble=3).fit(X, y)
    first = 1 if early_stopping is True else 5
    assert len(seeds) == 3 * first
    assert seeds[:first] == [0] * first
    assert len(set(seeds)) == 1 + 2 * first


def test_few_rows_are_encoded_together_and_many_piece_by_piece(monkeypatch):
    X, y = rings(n_rows=3 * FEW)
    model = ThalwegClassifier(**QUICK).fit(X, y)
    pieces, encode = [], Encoder.encode

    def spy(self, rows, *more):
        pieces.append(len(rows))
        return encode(self, rows, *more)

    monkeypatch.setattr(Encoder, "encode", spy)
    monkeypatch.setattr(fitted_networks, "PIECE", 2 * FEW)
    whole = model.predict_proba(X)
    assert pieces == [2 * FEW] * 5 + [FEW] * 5
    pieces.clear()
    assert model.predict_proba(X[:FEW]).tobytes() == whole[:FEW].tobytes()
    assert pieces == []


def test_the_seeds_of_members_are_drawn_from_32_bits():
    seeds = [member_seed(3, number) for number in range(40)]
    assert seeds[0] == 3
    assert seeds[1:] == [int(generator(3, "member", k).integers(2**32)) for k in range(1, 40)]
    assert 2**31 < max(seeds) < 2**32


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize("n_ensemble", [1, 2])
def test_out_of_fold_numbers_are_of_networks_that_had_not_seen_the_row(
    monkeypatch, kind, n_ensemble
):
    X, y = rings()
    y = y if kind is ThalwegClassifier else X[:, 0] ** 2
    # The networks that the model has are those of the epochs that these rows chose.
    monkeypatch.setattr(others_epochs, "MOST_BYTES", 0)
    plans = []
    plan = plan_module.stopping

    def spy(*arguments):
        plans.append(plan(*arguments))
        return plans[-1]

    monkeypatch.setattr(plan_module, "stopping", spy)
    model = kind(**QUICK, early_stopping="folds", n_ensemble=n_ensemble, dtype="float64").fit(X, y)
    assert len(model.members_) == 5 * n_ensemble
    rows = plan_module.canonical_rows(X, y.astype(float), np.ones(len(y)))
    classes = kind is ThalwegClassifier
    name = "oof_decision_function_" if classes else "oof_prediction_"
    found = getattr(model, name)
    assert len(found) == len(y)
    for row in (0, 77, 149):
        place = int(np.flatnonzero((X[row] == rows.X).all(axis=1))[0])
        told = [
            network
            for network, (_, out) in zip(model.members_, plans[0].splits, strict=True)
            if place in out
        ]
        assert len(told) == n_ensemble
        raw = outputs_of(told, X[row : row + 1])
        expected = (
            told[0].outputs.probabilities(raw)[0]
            if classes
            else np.mean([each.outputs.values(Z) for each, Z in zip(told, raw, strict=True)])
        )
        np.testing.assert_allclose(found[row], expected, rtol=1e-12)
    if classes:
        assert model.oof_score_ == pytest.approx(np.mean(np.argmax(found, axis=1) == y))
        if n_ensemble == 1:
            assert model.oof_loss_ == pytest.approx(log_loss(y, found), rel=1e-9)
    else:
        assert model.oof_score_ == pytest.approx(r2_score(y, found))
    again = kind(**QUICK, early_stopping=True).fit(X, y)
    assert not hasattr(again, name)
    model.set_params(early_stopping=True).fit(X, y)
    assert not hasattr(model, "oof_score_"), "numbers of an earlier fit"


def test_rows_of_weight_0_have_no_out_of_fold_number():
    X, y = rings()
    weights = np.ones(len(y))
    weights[::10] = 0
    model = ThalwegClassifier(**QUICK, early_stopping="folds").fit(X, y, sample_weight=weights)
    lacking = np.isnan(model.oof_decision_function_).any(axis=1)
    np.testing.assert_array_equal(lacking, weights == 0)


def test_a_class_of_one_row_among_several_only_teaches():
    X, y = rings()
    y = y.copy()
    y[7] = 9
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for early_stopping in ("cross-validation", True, "folds"):
            model = ThalwegClassifier(**QUICK, early_stopping=early_stopping).fit(X, y)
            assert model.stopping_ != "none"
            assert model.predict_proba(X).shape == (150, 4)
    lacking = np.isnan(model.oof_decision_function_).any(axis=1)
    assert np.flatnonzero(lacking).tolist() == [7]
    assert 0.3 < model.oof_score_ <= 1


def test_folds_learn_nothing_from_what_they_are_judged_by():
    X, y = rings()
    model = ThalwegClassifier(**QUICK, early_stopping="folds").fit(X, y)
    centers = {network.encoder.scaling.center.tobytes() for network in model.members_}
    assert len(centers) == 5


def test_shuffled_labels_look_like_chance_out_of_fold():
    X, _ = rings(300)
    y = np.random.default_rng(5).integers(0, 2, 300)
    model = ThalwegClassifier(**QUICK, early_stopping="folds").fit(X, y)
    assert abs(model.oof_score_ - 0.5) < 0.09


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize("early_stopping", ["cross-validation", "folds", True])
def test_threads_do_not_count(early_stopping):
    X, y = rings()
    how = {**QUICK, "early_stopping": early_stopping, "n_ensemble": 2, "dropout": 0.1}
    one = ThalwegClassifier(**how, n_jobs=1).fit(X, y)
    two = ThalwegClassifier(**how, n_jobs=2).fit(X, y)
    assert bits(one) == bits(two)
    assert one.settings_ == two.settings_


def test_threads_are_counted_as_scikit_learn_counts(monkeypatch):
    monkeypatch.setattr(spread_module, "usable_cores", lambda: 6)
    monkeypatch.setattr(spread_module, "all_cores", lambda: 6)
    assert [spread_module.usable_threads(n) for n in (None, 1, 3, -1, -2, -9)] == [6, 1, 3, 6, 5, 1]
    for n_jobs in (None, 1, 3, -1, -2):
        ThalwegClassifier(n_jobs=n_jobs)._validate_params()


# ---- rows that judge


def test_rows_can_be_given_to_judge_by():
    X, y = rings(200)
    model = ThalwegClassifier(**{**QUICK, "max_iter": 40}, dtype="float64").fit(
        X[:120], y[:120], X_val=X[120:], y_val=y[120:]
    )
    assert model.stopping_ == "validation"
    losses = [epoch["valid_loss"] for epoch in model.history_]
    assert model.best_epoch_ == int(np.argmin(losses)) + 1
    assert min(losses) == pytest.approx(log_loss(y[120:], model.predict_proba(X[120:])), rel=1e-9)
    poisoned = X[120:] * 1e6
    other = ThalwegClassifier(**QUICK).fit(X[:120], y[:120], X_val=poisoned, y_val=y[120:])
    assert other.encoder_.scaling.center.tobytes() == model.encoder_.scaling.center.tobytes()
    with pytest.raises(SettingsError, match="go together"):
        ThalwegClassifier(**QUICK).fit(X, y, X_val=X)
    with pytest.raises(DataError, match="not one of the classes"):
        ThalwegClassifier(**QUICK).fit(X, y, X_val=X, y_val=y + 1)


def test_groups_stay_together(monkeypatch):
    X, y = rings(120)
    groups = np.array([f"patient {i % 15}" for i in range(120)])
    plans, lessons = [], []
    plan, learn = plan_module.stopping, network_module.learn
    monkeypatch.setattr(plan_module, "stopping", lambda *all: plans.append(plan(*all)) or plans[-1])
    monkeypatch.setattr(
        network_module, "learn", lambda lesson, *all: lessons.append(lesson) or learn(lesson, *all)
    )
    ThalwegClassifier(**QUICK).fit(X, y, groups=groups)
    assert len(plans[0].splits) == 5
    marks = {row.tobytes(): mark for row, mark in zip(X, groups, strict=True)}
    for rows, held_out in plans[0].splits:
        sides = [{marks[lessons[0].X[i].tobytes()] for i in side} for side in (rows, held_out)]
        assert not sides[0] & sides[1]
    with pytest.raises(DataError, match="groups of shape"):
        ThalwegClassifier(**QUICK).fit(X, y, groups=groups[:5])


# ---- stopping by a score


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("early_stopping", [True, "folds"])
def test_a_score_decides_which_epoch_is_kept(early_stopping):
    X, y = rings()
    how = {**QUICK, "max_iter": 25, "early_stopping": early_stopping, "dtype": "float64"}
    model = ThalwegClassifier(**how, scoring="neg_log_loss").fit(X, y)
    by_loss = ThalwegClassifier(**how).fit(X, y)
    # The score is minus the loss, so both must keep the same network.
    assert bits(model) == bits(by_loss)
    scores = model.validation_scores_
    losses = [epoch["valid_loss"] for epoch in model.history_]
    np.testing.assert_allclose(scores, -np.array(losses), rtol=1e-9)
    assert by_loss.validation_scores_ == []


def test_a_score_finds_the_number_of_epochs():
    X, y = rings()
    how = {**QUICK, **ONE, "max_iter": 25}
    model = ThalwegClassifier(**how, scoring="neg_log_loss").fit(X, y)
    assert bits(model) == bits(ThalwegClassifier(**how).fit(X, y))


def test_a_score_may_be_a_function_of_ones_own():
    X, y = rings()
    told = []

    def third(estimator, X, y, sample_weight):
        told.append((X.shape, set(y.tolist()), sample_weight.sum()))
        return 1.0 if len(told) == 3 else 0.0

    model = ThalwegClassifier(**QUICK, early_stopping=True, scoring=third).fit(
        X, np.array(list("abc"))[y]
    )
    assert model.best_epoch_ == 3
    assert told[0][1] == {"a", "b", "c"}
    assert told[0][0][0] == told[0][2] == 15
    regressor = ThalwegRegressor(**QUICK, early_stopping=True, scoring="r2").fit(X, X[:, 0])
    assert regressor.best_epoch_ == int(np.argmax(regressor.validation_scores_)) + 1
    accurate = ThalwegClassifier(**QUICK, early_stopping=True, scoring="accuracy").fit(X, y)
    np.testing.assert_allclose(np.array(accurate.validation_scores_) * 15 % 1, 0, atol=1e-9)
    with pytest.raises(SettingsError, match="neg_log_loss"):
        ThalwegRegressor(**QUICK, early_stopping=True, scoring="neg_log_loss").fit(X, X[:, 0])
    with pytest.raises(SettingsError, match="gave nan, not a number"):
        ThalwegClassifier(**QUICK, early_stopping=True, scoring=lambda *_: np.nan).fit(X, y)


def judged(values, patience, tol=0.0):
    """After how many epochs of these scores there is an end, and which epoch is kept."""
    scores = iter(values)
    jury = BestByScore(lambda theta: next(scores), patience, tol)
    for epoch in range(1, len(values) + 1):
        if jury.epoch_end(SimpleNamespace(epoch=epoch, theta=np.zeros(1))):
            break
    return epoch, jury.best_epoch


def test_patience_counts_epochs_that_raise_the_score_by_less_than_the_tolerance():
    assert judged([0.5, 0.4, 0.4, 0.6, 0.9, 0.9, 0.9, 1.0], patience=3) == (8, 8)
    assert judged([0.5, 0.4, 0.4, 0.4, 0.6], patience=3) == (4, 1)
    # A little better is kept, and is yet a reason to end.
    assert judged([0.5, 0.55, 0.59, 0.58, 0.9], patience=3, tol=0.1) == (4, 3)
    assert judged([0.5, *[0.4] * 99], patience=None) == (100, 1)


def test_where_no_row_can_be_held_out_no_score_is_asked_for():
    X, _ = rings(60)
    y = np.arange(60) == 3
    with pytest.warns(ThalwegWarning, match="no row is held out"):
        model = ThalwegClassifier(**QUICK, early_stopping=True, scoring="accuracy").fit(X, y)
    assert (model.stopping_, model.validation_scores_) == ("none", [])


# ---- time, callbacks, costs


def test_of_a_cross_validation_the_folds_get_four_fifths_of_the_time(monkeypatch):
    X, y = rings()
    limits, by_folds = [], learn_module.by_folds
    monkeypatch.setattr(
        learn_module, "by_folds", lambda *given: limits.append(given[3]) or by_folds(*given)
    )
    ThalwegClassifier(**{**QUICK, **ONE, "max_iter": 2}, time_limit=600.0).fit(X, y)
    assert limits == [480.0]


@pytest.mark.parametrize("ended", [Status.TIME_LIMIT, Status.MAX_EPOCHS])
def test_a_fit_whose_folds_had_no_more_time_says_so(ended, monkeypatch):
    X, y = rings(40)
    by_folds = learn_module.by_folds

    def folds_that_ended(*given):
        found = by_folds(*given)
        return found._replace(descents=[replace(each, status=ended) for each in found.descents])

    monkeypatch.setattr(learn_module, "by_folds", folds_that_ended)
    model = ThalwegClassifier(**{**QUICK, **ONE, **PLAIN, "max_iter": 1}).fit(X, y)
    assert model.status_ is ended


def test_a_time_limit_ends_the_fit_with_what_there_is():
    X, y = rings()
    forever = {**QUICK, "max_iter": 10**7, "n_iter_no_change": 10**7, "time_limit": 0.4}
    for early_stopping in ("cross-validation", True, "folds"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = ThalwegClassifier(**forever, early_stopping=early_stopping).fit(X, y)
        assert 1 <= len(model.history_) < 10**7
        ended = {network.status for network in model.members_}
        assert ended <= {Status.TIME_LIMIT, Status.MAX_EPOCHS}


@pytest.mark.parametrize(
    ("optimizer", "n_jobs", "share"),
    [("adam", 1, 1), ("adam", 2, 1), ("lbfgs", 2, 3), ("lbfgs", 5, 1)],
)
def test_networks_share_a_time_limit_by_how_they_run(optimizer, n_jobs, share, monkeypatch):
    given, within = [], learn_module._within

    def noted(member, time_limit):
        given.append(time_limit)
        return within(member, time_limit)

    monkeypatch.setattr(learn_module, "_within", noted)
    X, y = rings()
    how = {"optimizer": optimizer, "learning_rate_init": None, "n_jobs": n_jobs, "max_iter": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ThalwegClassifier(**{**QUICK, **how}, early_stopping="folds", time_limit=600.0).fit(X, y)
    # A little of it has gone by when they begin.
    assert [limit * share for limit in given] == pytest.approx([600.0] * 5, rel=0.05)


class StopAtOnce(Callback):
    def train_begin(self, moment):
        return True


@pytest.mark.parametrize("way", ["folds", "cross-validation", "hold-out", False])
@pytest.mark.parametrize("cut", ["time", "callback"])
def test_a_network_without_an_epoch_is_refused(way, cut, monkeypatch):
    """A model of starting points would predict noise; and folds without a loss have no score."""
    monkeypatch.setattr("thalweg.training.training_loop.SLICE_SECONDS", 0)  # a step at a time
    X = np.random.default_rng(0).normal(size=(2000, 4))  # an epoch takes far longer than 1 ms
    X = X if cut == "time" else X[:90]
    how = {"hidden_layer_sizes": (3,), "batch_size": 1, "random_state": 0, "max_iter": 1}
    how |= {"time_limit": 1e-9} if cut == "time" else {"callbacks": [StopAtOnce()]}
    model = ThalwegClassifier(**how, early_stopping=way)
    said = "The time limit ended" if cut == "time" else "A callback ended"
    with pytest.raises(SettingsError, match=f"{said} training before every network") as caught:
        model.fit(X, (X[:, 0] > 0).astype(int))
    assert ("time_limit" if cut == "time" else "epoch_end") in caught.value.fix
    assert not hasattr(model, "members_")


@cache
def never_stopped(**more):
    """Networks of folds that run to their last epoch."""
    how = {**QUICK, "max_iter": 40, "early_stopping": "folds", **more}
    return ThalwegClassifier(**how, n_iter_no_change=1000).fit(*rings())


@pytest.mark.parametrize("more", [{}, {"scoring": "neg_log_loss"}, {"n_ensemble": 2}])
@pytest.mark.parametrize("callbacks", [[], pytest.param([Callback()], marks=pytest.mark.slow)])
def test_folds_stop_where_their_mean_says_and_each_keeps_its_own_best(more, callbacks):
    X, y = rings()
    how = {**QUICK, "max_iter": 40, "early_stopping": "folds", **more}
    whole = never_stopped(**more)
    model = ThalwegClassifier(**how, n_iter_no_change=3, tol=1e-3, callbacks=callbacks).fit(X, y)
    if "scoring" in more:
        curves = np.array([[-score for score in each.scores] for each in whole.members_])
    else:
        curves = np.array([column(each.history, "valid_loss") for each in whole.members_])
    # 150 different rows in five equal folds.
    mean, lowest, waited, last = curves.mean(axis=0), np.inf, 0, 0
    for loss in mean:
        waited, last = waited + 1, last + 1
        if loss < lowest - 1e-3:
            lowest, waited = loss, 0
        if waited == 3:
            break
    assert last < 40, "they must stop early, or this test shows nothing"
    for one, full, curve in zip(model.members_, whole.members_, curves, strict=True):
        assert one.history == full.history[:last]
        assert one.best_epoch == int(np.argmin(curve[:last])) + 1
        assert one.status is Status.PATIENCE
    assert len({each.best_epoch for each in model.members_}) > 1


def test_folds_of_a_cross_validation_stop_together_too():
    X, y = rings()
    how = {**QUICK, "max_iter": 40, "early_stopping": "cross-validation"}
    whole = ThalwegClassifier(**how, n_iter_no_change=1000).fit(X, y)
    model = ThalwegClassifier(**how, n_iter_no_change=5).fit(X, y)
    assert model.best_epoch_ <= whole.best_epoch_
    if model.best_epoch_ == whole.best_epoch_:
        assert bits(model) == bits(whole)
    judged = column(model.history_, "valid_loss")
    assert judged.tolist() == column(whole.history_, "valid_loss")[: len(judged)].tolist()


def test_with_lbfgs_each_fold_stops_by_itself():
    X, y = rings()
    how = {**QUICK, "learning_rate_init": None, "optimizer": "lbfgs", "max_iter": 60}
    model = ThalwegClassifier(**how, early_stopping="folds", n_iter_no_change=4).fit(X, y)
    for network in model.members_:
        if network.status is Status.PATIENCE:
            assert len(network.history) >= network.best_epoch + 4
    assert len({len(network.history) for network in model.members_}) > 1


class Told(Callback):
    def __init__(self):
        self.begun, self.epochs = 0, 0

    def train_begin(self, moment):
        self.begun += 1

    def epoch_end(self, moment):
        self.epochs += 1


@pytest.mark.parametrize(
    ("early_stopping", "n_networks"), [("cross-validation", 2), ("auto", 10), (False, 2)]
)
def test_callbacks_hear_of_the_networks_that_are_kept(early_stopping, n_networks):
    X, y = rings()
    told = Told()
    model = ThalwegClassifier(
        **QUICK, early_stopping=early_stopping, n_ensemble=2, callbacks=[told]
    ).fit(X, y)
    assert told.begun == n_networks == len(model.members_)
    assert told.epochs == sum(len(network.history) for network in model.members_)


@pytest.mark.parametrize("costs", [{0: 1, 1: 9}, "balanced"])
def test_costs_move_the_calls_and_not_the_probabilities(costs):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(3000, 1))
    y = (rng.random(3000) < 1 / (1 + np.exp(2.5 - 1.5 * X[:, 0]))).astype(int)
    # Both are at the minimum, where costs have nothing to do with how far a descent has come.
    how = {"hidden_layer_sizes": (), "alpha": 0.01, "early_stopping": False, **PLAIN}
    how |= {"optimizer": "lbfgs", "random_state": 0}
    plain = ThalwegClassifier(**how).fit(X, y)
    costly = ThalwegClassifier(**how, class_weight=costs).fit(X, y)
    np.testing.assert_allclose(costly.predict_proba(X), plain.predict_proba(X), atol=0.02)
    weight = 9 if costs != "balanced" else (y == 0).sum() / (y == 1).sum()
    assert costly.threshold_ == pytest.approx(1 / (1 + weight))
    assert costly.predict(X).sum() > 2 * plain.predict(X).sum()
    p = costly.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(costly.predict(X), (p > costly.threshold_).astype(int))


def test_costs_of_several_classes():
    X, y = rings(300)
    plain = ThalwegClassifier(**QUICK).fit(X, y)
    costly = ThalwegClassifier(**QUICK, class_weight={1: 20}).fit(X, y)
    assert np.sum(costly.predict(X) == 1) > np.sum(plain.predict(X) == 1)
    for wrong, says in (
        ({7: 1}, "not a class of the target"),
        ({1: 0.0}, "would never be predicted"),
        ({1: -1}, "weight -1.*A class with a weight of 0 or less would"),
    ):
        with pytest.raises(SettingsError, match=says):
            ThalwegClassifier(**QUICK, class_weight=wrong).fit(X, y)


def test_probabilities_may_have_names():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    X, y = rings()
    table = pd.DataFrame(X, columns=["x", "y", "z"], index=range(7, 157))
    model = ThalwegClassifier(**QUICK).fit(table, np.array(list("abc"))[y])
    array = model.predict_proba(table)
    frame = model.set_output(transform="pandas").predict_proba(table)
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame.index[0] == 7
    assert frame.to_numpy().tobytes() == array.tobytes()
    logs = model.predict_log_proba(table)
    assert list(logs.columns) == ["a", "b", "c"]
    np.testing.assert_allclose(logs, np.log(array), rtol=1e-9, atol=1e-12)
    polars = model.set_output(transform="polars").predict_proba(table)
    assert isinstance(polars, pl.DataFrame)
    assert isinstance(model.predict_log_proba(table), pl.DataFrame)
    assert isinstance(model.set_output(transform="default").predict_proba(table), np.ndarray)
    assert isinstance(model.set_output().predict_proba(table), np.ndarray)
    with pytest.raises(SettingsError, match="has no meaning"):
        model.set_output(transform="spark")


# ---- in company


def test_several_classes_live_in_scikit_learns_company(tmp_path):
    X, y = rings()
    names = np.array(["a", "b", "c"])[y]
    model = ThalwegClassifier(**QUICK)
    calibrated = CalibratedClassifierCV(model, cv=3).fit(X, names)
    assert calibrated.predict_proba(X).shape == (150, 3)
    groups = np.arange(150) % 10
    scores = cross_validate(
        make_pipeline(StandardScaler(), model), X, names,
        groups=groups, cv=StratifiedGroupKFold(3), scoring=["neg_log_loss", "roc_auc_ovr"],
    )  # fmt: skip
    assert np.isfinite(scores["test_roc_auc_ovr"]).all()
    search = GridSearchCV(model, {"n_ensemble": [1, 2], "early_stopping": [True, "folds"]}, cv=2)
    assert search.fit(X, names).best_score_ > 0.4
    fitted = clone(model).set_params(callbacks=[Told()], class_weight="balanced").fit(X, names)
    ranked = permutation_importance(fitted, X, names, n_repeats=3, random_state=0)
    assert np.argmin(ranked.importances_mean) == 2
    joblib.dump(fitted, tmp_path / "model")
    again = joblib.load(tmp_path / "model")
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()
    assert clone(fitted).get_params()["class_weight"] == "balanced"


def test_out_of_fold_a_row_of_two_groups_is_judged_for_each_by_who_has_not_seen_it():
    rng = np.random.default_rng(0)
    X, groups = np.repeat(rng.normal(size=(60, 3)), 2, axis=0), np.arange(120)
    y = (X[:, 0] > 0).astype(int)
    model = ThalwegClassifier((4,), max_iter=5, random_state=0, early_stopping="folds")
    found = model.fit(X, y, groups=groups).oof_decision_function_[:, 1]
    # Twins are mostly in two folds, hence judged by two networks.
    differ = found[::2] != found[1::2]
    assert differ.mean() > 0.5
    of_each = np.stack([member_probability(model, i, X) for i in range(5)])
    assert (abs(of_each - found) < 1e-12).any(axis=0).all()


def member_probability(model, place, X):
    one = copy(model)
    refitted(one, networks=(model.members_[place],))
    return one.predict_proba(X)[:, 1]


def test_out_of_fold_a_row_of_weight_0_is_not_that_of_another_group():
    X, y = rings()
    X[[1, 2]], y[[1, 2]] = X[[20, 22]], y[[20, 22]]
    groups, weights = np.arange(150) % 7, np.ones(150)
    groups[[1, 2]], weights[[1, 2]] = (99, -1), 0.0
    for twin in (20, 22, 1, 2):
        assert (X[twin] == X).all(axis=1).sum() == 2
    model = ThalwegClassifier(**QUICK, early_stopping="folds")
    found = model.fit(X, y, groups=groups, sample_weight=weights).oof_decision_function_
    assert np.flatnonzero(np.isnan(found).any(axis=1)).tolist() == [1, 2]


def test_after_the_folds_networks_on_all_rows_have_the_time_that_is_left(monkeypatch):
    now, limits, run = [0.0], [], learn_module.train_many

    def spy(members, *given, **named):
        limits.append(members[0].settings.time_limit)
        now[0] += 3.0
        return run(members, *given, **named)

    monkeypatch.setattr(learn_module, "train_many", spy)
    monkeypatch.setattr(interrupted_fit, "time", SimpleNamespace(monotonic=lambda: now[0]))
    X, y = rings()
    ThalwegClassifier(**{**QUICK, **ONE, "max_iter": 2}, time_limit=600.0).fit(X, y)
    assert limits == [480.0, 597.0]


@pytest.mark.parametrize(("early_stopping", "n_networks"), [("folds", 5), (True, 0), (False, 0)])
@pytest.mark.parametrize(
    ("more", "penalty"),
    [({"alpha": 0.0}, False), ({"alpha": 1.0}, True), ({"alpha": 0.0, "l1": 0.1}, True)],
)
def test_progress_tells_of_several_networks_and_of_a_penalty(
    early_stopping, n_networks, more, penalty
):
    X, y = rings(60)
    steps, how = [], {**QUICK, "max_iter": 2}
    with progress_told_to(steps.append):
        ThalwegClassifier(**how, early_stopping=early_stopping, **more).fit(X, y)
    assert {(step.networks, step.penalty) for step in steps} == {(n_networks, penalty)}


def test_few_rows_of_networks_of_several_kinds_have_the_outputs_of_each():
    X, y = rings(60)
    how = {**QUICK, "max_iter": 2, "early_stopping": False}
    networks = [
        ThalwegClassifier(**{**how, "hidden_layer_sizes": sizes}).fit(X, y).members_[0]
        for sizes in ((4,), (6, 3))
    ]
    assert networks[0].kind != networks[1].kind
    each = [outputs_of([network], X[:3])[0] for network in networks]
    np.testing.assert_array_equal(outputs_of(networks, X[:3]), np.stack(each))
