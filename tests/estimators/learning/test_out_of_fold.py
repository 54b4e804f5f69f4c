"""Out-of-fold results: of networks whose held-out rows did not choose the epoch."""

import warnings
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from sklearn.metrics import log_loss, r2_score

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.canonical_rows import canonical_rows
from thalweg.errors import Status, UnfinishedWarning
from thalweg.estimators.learning import fit_plan as plan_module
from thalweg.estimators.learning import train_networks as learn_module
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.estimators.learning.out_of_fold import networks_by_others, out_of_fold
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED
from thalweg.training.callbacks import Callback
from thalweg.training.descent import others_epochs
from thalweg.training.history import column
from thalweg.training.train import train

QUICK = {"random_state": 0, "hidden_layer_sizes": (6,), "learning_rate_init": 0.05, "max_iter": 25}


def table(kind=ThalwegClassifier, n_rows=120, seed=0):
    """Rows with noise, so that the folds do not agree on the best epoch."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    z = X[:, 0] - X[:, 1] * X[:, 2]
    if kind is ThalwegRegressor:
        return X, z + rng.normal(size=n_rows)
    return X, (z + rng.normal(size=n_rows) > 0.5).astype(int)


class Spied:
    """A fit, with the runs and the plan behind it."""

    def __init__(self, monkeypatch, model, X, y, **more):
        self.members, self.plans = [], []
        train_many, plan = learn_module.train_many, plan_module.stopping

        def spy(members, *given, **named):
            self.members.append(list(members))
            return train_many(members, *given, **named)

        def planned(*given):
            self.plans.append(plan(*given))
            return self.plans[-1]

        monkeypatch.setattr(learn_module, "train_many", spy)
        monkeypatch.setattr(plan_module, "stopping", planned)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model = model.fit(X, y, **more)
        monkeypatch.undo()
        self.found = self.model._known.out_of_fold
        self.splits = self.plans[0].splits if self.plans else []


def epochs_by_others(curves, shares, n_folds):
    """For each fold the best epoch of the weighted mean of the other curves of its division."""
    epochs = []
    for k in range(len(curves)):
        first = k - k % n_folds
        others = [i for i in range(first, first + n_folds) if i != k]
        mean = np.average([curves[i] for i in others], axis=0, weights=[shares[i] for i in others])
        epochs.append(1 + int(np.argmin(mean)))
    return epochs


WAYS = {
    "two classes": {},
    "numbers": {},
    "two divisions": {"n_ensemble": 2},
    "score": {"scoring": "roc_auc", "max_iter": 10},
    "without average": {"optimizer": "adam:lr=0.05"},
    "weights": {"class_weight": "balanced"},
}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", WAYS)
def test_a_fold_is_evaluated_at_the_epoch_that_the_others_find_best(monkeypatch, way):
    kind = ThalwegRegressor if way == "numbers" else ThalwegClassifier
    X, y = table(kind)
    how = {**QUICK, **WAYS[way], "dtype": "float64"}
    weights = 1.0 + np.arange(len(y)) % 3 if way == "weights" else None
    fit = Spied(monkeypatch, kind(**how), X, y, sample_weight=weights)
    model, found = fit.model, fit.found
    assert (found.how, found.n_ended_earlier) == (OUT_OF_FOLD, 0)
    [members] = fit.members
    histories = [each.history for each in model.members_]
    curves = [column(history, "valid_loss") for history in histories]
    if "scoring" in how:
        curves = [-np.array(each.scores) for each in model.members_]
    shares = [each.data.weights[each.held_out].sum() for each in members]
    epochs = epochs_by_others(curves, shares, 5)
    assert epochs != [each.best_epoch for each in model.members_], "or this test shows nothing"
    rows = canonical_rows(X, y.astype(float), np.ones(len(y)) if weights is None else weights)
    losses = [history[e - 1]["valid_loss"] for history, e in zip(histories, epochs, strict=True)]
    counts = [rows.weights[held_out].sum() for _, held_out in fit.splits]
    assert model.oof_loss_ == pytest.approx(np.average(losses, weights=counts), rel=1e-12)
    # Each network trained again on its rows alone, and stopped at that epoch.
    total = 0.0
    for network, member, (_, held_out), epoch in zip(
        model.members_, members, fit.splits, epochs, strict=True
    ):
        again = train(
            member.architecture, member.theta, member.data, member.loss, member.alpha,
            replace(member.settings, stop_after=epoch, patience=None), rows=member.rows,
        )  # fmt: skip
        raw = outputs_of([replace(network, theta=again.theta)], rows.X[held_out])
        answer = np.zeros((len(rows.X), 2))
        if kind is ThalwegClassifier:
            answer[held_out] = network.outputs.probabilities(raw)
        else:
            answer[held_out, 0] = network.outputs.values(raw[0])
        total = total + answer
    total /= how.get("n_ensemble", 1)
    answers = found.answers
    places = [int(np.flatnonzero((row == rows.X).all(axis=1))[0]) for row in X]
    if kind is ThalwegRegressor:
        np.testing.assert_array_equal(model.oof_prediction_, total[places, 0])
        np.testing.assert_array_equal(answers.answer, total[:, 0])
        np.testing.assert_array_equal(answers.truth, rows.y)
        assert model.oof_score_ == pytest.approx(r2_score(y, model.oof_prediction_))
        return
    np.testing.assert_allclose(model.oof_decision_function_, total[places], rtol=1e-14)
    times = rows.weights.astype(int)
    np.testing.assert_allclose(answers.answer, np.repeat(total[:, 1], times), rtol=1e-14)
    np.testing.assert_array_equal(answers.truth, np.repeat(rows.y == 1, times))
    if way in ("two classes", "without average"):
        assert model.oof_loss_ == pytest.approx(log_loss(y, model.oof_decision_function_), 1e-9)


def test_the_networks_that_are_kept_are_what_they_were(monkeypatch):
    X, y = table()
    score = {"scoring": "roc_auc", "max_iter": 8}
    for how in ({}, {"n_ensemble": 2}, score, {"optimizer": "lbfgs", "hidden_layer_sizes": ()}):
        model = ThalwegClassifier(**{**QUICK, "learning_rate_init": None, **how})
        now = model.fit(X, y)
        bits = [each.theta.tobytes() for each in now.members_]
        told = [(each.best_epoch, each.history, each.scores) for each in now.members_]
        with monkeypatch.context() as patch:
            patch.setattr(others_epochs, "MOST_BYTES", -1)
            before = model.fit(X, y)
        assert before._known.out_of_fold.how == STOPPED
        assert [each.theta.tobytes() for each in before.members_] == bits
        assert [(each.best_epoch, each.history, each.scores) for each in before.members_] == told


def test_beyond_the_memory_it_is_the_epoch_that_these_rows_chose(monkeypatch):
    X, y = table()
    monkeypatch.setattr(others_epochs, "MOST_BYTES", 0)
    model = ThalwegClassifier(**QUICK).fit(X, y)
    found = model._known.out_of_fold
    assert (found.how, found.answers.how) == (STOPPED, STOPPED)
    best = [each.history[each.best_epoch - 1]["valid_loss"] for each in model.members_]
    assert model.oof_loss_ == pytest.approx(np.mean(best), rel=0.02)  # folds of 24 rows or so
    monkeypatch.undo()
    assert model.fit(X, y).oof_loss_ > found.loss


def test_lbfgs_whose_networks_stop_one_by_one(monkeypatch):
    X, y = table(n_rows=100)
    model = ThalwegClassifier((), n_bins=0, alpha=0.01, optimizer="lbfgs", random_state=0)
    fit = Spied(monkeypatch, model, X, y)
    assert fit.found.how == OUT_OF_FOLD
    curves = [column(each.history, "valid_loss") for each in fit.model.members_]
    shares = [each.data.weights[each.held_out].sum() for each in fit.members[0]]
    epochs, earlier = [], 0
    for k in range(5):
        others, best = [i for i in range(5) if i != k], 1
        for epoch in range(2, 1 + max(len(curves[i]) for i in others)):
            there = [i for i in others if len(curves[i]) >= epoch]
            means = [
                np.average([curves[i][e - 1] for i in there], weights=[shares[i] for i in there])
                for e in (epoch, best)
            ]
            best = epoch if means[0] < means[1] else best
        epochs.append(min(best, len(curves[k])))
        earlier += best > len(curves[k])
    losses = [curve[epoch - 1] for curve, epoch in zip(curves, epochs, strict=True)]
    assert fit.found.n_ended_earlier == earlier
    assert fit.found.loss == pytest.approx(np.average(losses, weights=shares), rel=1e-12)


class Hears(Callback):
    def epoch_end(self, moment):
        """Nothing: being there is enough."""


class Stops(Callback):
    def epoch_end(self, moment):
        return moment.epoch >= 2


def test_callbacks_change_no_out_of_fold_number():
    X, y = table()
    lbfgs = {"optimizer": "lbfgs", "learning_rate_init": None, "hidden_layer_sizes": ()}
    for how in ({}, {"scoring": "roc_auc", "max_iter": 8}, lbfgs):
        alone = ThalwegClassifier(**{**QUICK, **how}).fit(X, y)
        heard = ThalwegClassifier(**{**QUICK, **how}, callbacks=[Hears()]).fit(X, y)
        found = heard._known.out_of_fold
        assert found.how == OUT_OF_FOLD
        assert heard.oof_loss_ == alone.oof_loss_
        np.testing.assert_array_equal(heard.oof_decision_function_, alone.oof_decision_function_)


def test_folds_that_a_callback_ended_are_at_their_last_epoch_and_counted():
    X, y = table()
    model = ThalwegClassifier(**QUICK, callbacks=[Stops()]).fit(X, y)
    found = model._known.out_of_fold
    assert {len(each.history) for each in model.members_} == {2}
    assert found.how == OUT_OF_FOLD
    assert found.n_ended_earlier > 0
    assert np.isfinite(found.loss)


def test_with_cross_validation_the_loss_is_of_the_folds_at_the_others_epochs(monkeypatch):
    X, y = table()
    runs = []
    train_many = learn_module.train_many

    def spy(members, *given, **named):
        runs.append((list(members), train_many(members, *given, **named)))
        return runs[-1][1]

    monkeypatch.setattr(learn_module, "train_many", spy)
    for how in ({}, {"scoring": "roc_auc", "max_iter": 6}):
        runs.clear()
        model = ThalwegClassifier(**{**QUICK, **how}, early_stopping="cross-validation").fit(X, y)
        found = model._known.out_of_fold
        assert (found.how, found.score, found.answers) == (OUT_OF_FOLD, None, None)
        (members, folds), _ = runs
        curves = [column(each.history, "valid_loss") for each in folds]
        if how:
            continue
        shares = [each.data.weights[each.held_out].sum() for each in members]
        epochs = epochs_by_others(curves, shares, 5)
        losses = [curve[epoch - 1] for curve, epoch in zip(curves, epochs, strict=True)]
        assert model.oof_loss_ == pytest.approx(np.average(losses, weights=shares), rel=1e-12)
        assert model.oof_loss_ >= np.average(curves, axis=0, weights=shares).min()


def test_after_a_time_limit_or_ctrl_c_it_is_what_the_epochs_so_far_say(monkeypatch):
    X, y = table()
    model = ThalwegClassifier(**{**QUICK, "max_iter": 10**6}, n_iter_no_change=10**6)
    model.set_params(time_limit=0.3).fit(X, y)
    assert model.status_ is Status.TIME_LIMIT
    found = model._known.out_of_fold
    assert found.how == OUT_OF_FOLD
    assert np.isfinite(found.loss)
    assert np.isfinite(model.oof_decision_function_).all()
    # Interrupted after some slices, with networks that are not equally far.
    train_many = learn_module.train_many

    def pressed(members, *given, **named):
        runs = train_many(members, *given, **named)
        runs[0] = replace(runs[0], status=Status.INTERRUPTED)
        return runs

    monkeypatch.setattr(learn_module, "train_many", pressed)
    with pytest.warns(UnfinishedWarning):
        cut = ThalwegClassifier(**QUICK).fit(X, y)
    assert cut._known.out_of_fold.how == OUT_OF_FOLD


def test_weights_of_the_epoch_that_were_not_kept_are_said_to_lack(monkeypatch):
    X, y = table()
    by_others = learn_module.by_others

    def lost(keepers, descents):
        keepers[0].kept.clear()
        return by_others(keepers, descents)

    monkeypatch.setattr(learn_module, "by_others", lost)
    assert ThalwegClassifier(**QUICK).fit(X, y)._known.out_of_fold.how == STOPPED


def test_answers_have_folds_groups_and_the_positive_class():
    X, y = table()
    names = np.array(["yes", "no"])[y]  # the positive one comes first among the rows, last by name
    groups = np.arange(len(y)) // 2
    model = ThalwegClassifier(**QUICK, positive="no").fit(X, names, groups=groups)
    answers = model._known.out_of_fold.answers
    assert len(answers) == len(y)
    assert answers.truth.sum() == np.sum(names == "no")
    place = int(np.flatnonzero(model.classes_ == "no")[0])
    shown = np.sort(model.oof_decision_function_[:, place])
    np.testing.assert_array_equal(np.sort(answers.answer), shown)
    assert sorted(np.unique(answers.folds)) == [0, 1, 2, 3, 4]
    for group in np.unique(answers.groups):
        assert len(np.unique(answers.folds[answers.groups == group])) == 1
    twice = ThalwegClassifier(**QUICK, n_ensemble=2).fit(X, names)
    assert twice._known.out_of_fold.answers.folds is None


def test_answers_of_several_classes_leave_out_rows_that_were_never_held_out():
    X, y = table()
    y = y + (X[:, 2] > 1)
    y[7] = 9
    model = ThalwegClassifier(**QUICK).fit(X, y)
    answers = model._known.out_of_fold.answers
    assert len(answers) == len(y) - 1
    assert answers.answer.shape == (len(y) - 1, 4)
    assert set(answers.truth) == {0, 1, 2}
    assert answers.truth.dtype.kind == "i"
    assert np.mean(answers.answer.argmax(axis=1) == answers.truth) == pytest.approx(
        model.oof_score_
    )


def too_good(n_rows, n_tables, n_fresh=4000):
    """Out-of-fold minus fresh loss of the same weights, by both choices of the epoch.

    Fresh losses take the true probabilities. The luck of each table, by the loss of the truth on
    its rows, has mean 0, and is a control variate.

    Returns
    -------
    ndarray of shape (2, n_tables)
        By the other folds, and by the held-out rows themselves.
    """
    found, lucks = [], []

    def loss(logit, share):
        return np.mean(np.logaddexp(0, logit) - share * logit)

    for seed in range(n_tables):
        rng = np.random.default_rng([3, n_rows, seed])
        X, fresh = rng.normal(size=(n_rows, 8)), rng.normal(size=(n_fresh, 8))
        truth, of_fresh = (1.5 * rows[:, 0] * rows[:, 1] + rows[:, 2] for rows in (X, fresh))
        y, shares = rng.random(n_rows) < 1 / (1 + np.exp(-truth)), 1 / (1 + np.exp(-of_fresh))
        lucks.append(loss(truth, y) - loss(of_fresh, shares))
        learned = []

        def spied(lesson, runs, *more, learned=learned):
            learned.append(runs)
            return out_of_fold(lesson, runs, *more)

        with patch.object(plan_module, "out_of_fold", spied):
            model = ThalwegClassifier(random_state=seed).fit(X, y)
        counts = [len(held_out) for _, held_out in learned[0].splits]
        both = []
        for networks in (networks_by_others(learned[0]), learned[0].networks):
            held_out = [each.history[each.best_epoch - 1]["valid_loss"] for each in networks]
            unseen = [loss(z, shares) for z in outputs_of(networks, fresh)[..., 0]]
            both.append(np.average(np.subtract(held_out, unseen), weights=counts))
        unseen = [
            loss(z, shares) for z in outputs_of(networks_by_others(learned[0]), fresh)[..., 0]
        ]
        assert both[0] == pytest.approx(model.oof_loss_ - np.average(unseen, weights=counts))
        found.append(both)
    found, lucks = np.array(found).T, np.array(lucks)
    slopes = [np.cov(each, lucks)[0, 1] / np.var(lucks, ddof=1) for each in found]
    return found - np.outer(slopes, lucks)


def test_the_epochs_of_the_others_are_less_flattering_than_the_own_ones():
    by_others, by_itself = too_good(100, 6, 1000).mean(axis=1)
    assert by_itself < by_others - 0.005


@pytest.mark.slow
def test_out_of_fold_losses_of_300_rows_are_those_of_fresh_rows():
    """The bias is at most 0.01 nats; `bench.out_of_fold` measures it at 100 and 1,000 rows, too.

    At 100 rows it is larger: folds with equal shares of the classes alone cost 1/n.
    """
    found = too_good(300, 40)
    means, errors = found.mean(axis=1), found.std(axis=1, ddof=2) / np.sqrt(40)
    assert abs(means[0]) <= 0.01 + errors[0]
    assert means[1] < -0.01, "so the difference can be seen"
