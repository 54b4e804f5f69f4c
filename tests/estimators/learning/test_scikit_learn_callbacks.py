"""scikit-learn's own callbacks are called for a fit, its networks and epochs; nothing changes."""

import signal
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mixed import mixed
from thalweg import DivergenceError, ThalwegClassifier, ThalwegRegressor
from thalweg.errors import Status, UnfinishedWarning
from thalweg.estimators.repeated_descent import retraced
from thalweg.training.callbacks import Callback

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

KINDS = [ThalwegClassifier, ThalwegRegressor]
QUICK = {"random_state": 0, "max_iter": 6, "hidden_layer_sizes": (5,), "learning_rate_init": 0.05}
WAYS = ["cross-validation", "folds", "hold-out", False]


def table(kind, n=150):
    frame, ill = mixed(n)
    frame = frame.drop(columns=["name", "ward"])
    return frame, ill if kind is ThalwegClassifier else (ill == "ill") + frame["age"].fillna(0) / 9


class Recorder:
    """Writes down every task, and the model at its end."""

    def __init__(self, stop_at=None):
        self.log, self.models, self.stop_at = [], [], stop_at
        self.epochs_to_come = []

    def setup(self, estimator, context):
        self.log.append(("setup", context.task_name, context.task_id))

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.log.append(("begin", context.task_name, context.task_id))
        self.given = X, y, metadata
        if context.task_name == "network":
            self.epochs_to_come.append(context.max_subtasks)

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.log.append(("end", context.task_name, context.task_id))
        self.models.append((context.task_name, context.task_id, fitted_estimator))
        return context.task_name == "epoch" and context.task_id == self.stop_at

    def teardown(self, estimator, context):
        self.log.append(("teardown", context.task_name, context.task_id))

    def count(self, event, task):
        return sum(each[:2] == (event, task) for each in self.log)


def bits(model):
    return [network.theta.tobytes() for network in model.members_]


def answers(model, X):
    return np.asarray(model.predict_proba(X) if hasattr(model, "classes_") else model.predict(X))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_they_hear_of_each_task_and_change_no_number(kind, way):
    X, y = table(kind)
    how = {**QUICK, "early_stopping": way, "n_ensemble": 2}
    alone = kind(**how).fit(X, y)
    told = Recorder()
    model = kind(**how).set_callbacks(told).fit(X, y)
    assert bits(model) == bits(alone)
    assert answers(model, X).tobytes() == answers(alone, X).tobytes()
    n_networks = 10 if way == "folds" else 2
    assert told.log[:2] == [("setup", "fit", 0), ("begin", "fit", 0)]
    assert told.log[-2:] == [("end", "fit", 0), ("teardown", "fit", 0)]
    epochs = sum(len(network.history) for network in model.members_)
    for event in ("begin", "end"):
        assert told.count(event, "network") == n_networks == len(model.members_)
        assert told.count(event, "epoch") == epochs
    # After a cross-validation the number of epochs is known; else there are at most max_iter.
    most = len(model.history_) if way == "cross-validation" else 6
    assert told.epochs_to_come == [most] * n_networks
    given = told.given
    assert given[0] is X
    assert given[1] is y
    assert given[2] is None


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_model_of_each_moment_is_the_network_of_its_task(kind, way):
    X, y = table(kind)
    weights = np.arange(len(X)) % 3 + 1.0
    told = Recorder()
    model = kind(**QUICK, early_stopping=way, n_ensemble=2, alpha=0.1).set_callbacks(told)
    model.fit(X, y, sample_weight=weights)
    assert told.given[2]["sample_weight"] is weights
    after = [each for name, _, each in told.models if name == "network"]
    assert [len(each.members_) for each in after] == [1] * len(model.members_)
    alone = [each.members_[0].theta.tobytes() for each in after]
    assert alone == [each.theta.tobytes() for each in model.members_]
    root = [each for name, _, each in told.models if name == "fit"]
    assert answers(root[0], X).tobytes() == answers(model, X).tobytes()
    epochs = [each for name, number, each in told.models if name == "epoch"]
    assert {len(each.members_) for each in epochs} == {1}
    assert len({answers(each, X).tobytes() for each in epochs}) == len(epochs)
    # The last network's best epoch was its model at the end of some epoch.
    last = epochs[-len(model.members_[-1].history) :]
    thetas = [each.members_[-1].theta.tobytes() for each in last]
    assert model.members_[-1].theta.tobytes() in thetas
    assert epochs[0].n_iter_ == 1
    assert epochs[0].loss_curve_[0] == model.history_[0]["train_loss"]


def test_they_may_ask_for_the_end():
    X, y = table(ThalwegClassifier)
    told = Recorder(stop_at=2)
    model = ThalwegClassifier(**QUICK, early_stopping=False).set_callbacks(told).fit(X, y)
    assert model.status_ is Status.STOPPED
    assert model.n_iter_ == 3
    model.set_callbacks().fit(X, y)
    assert model.n_iter_ == 6


def test_a_score_of_each_epoch():
    X, y = table(ThalwegClassifier)
    monitor = ScoringMonitor(scoring="neg_log_loss")
    model = ThalwegClassifier(**QUICK, early_stopping=False).set_callbacks(monitor).fit(X, y)
    log = monitor.get_logs(select="most_recent")
    scores = [row["neg_log_loss"] for row in log.data if row["task_name"] == "epoch"]
    assert len(scores) == 6
    best = -log_loss(y, model.predict_proba(X))
    assert scores[model.best_epoch_ - 1] == pytest.approx(best, rel=1e-12)
    assert scores[0] < scores[-1]


def test_a_score_is_of_the_network_whose_task_it_is():
    X, y = table(ThalwegClassifier)
    monitor = ScoringMonitor(scoring="neg_log_loss")
    settings = {**QUICK, "early_stopping": False, "n_ensemble": 2}
    model = ThalwegClassifier(**settings).set_callbacks(monitor).fit(X, y)
    rows = monitor.get_logs(select="most_recent").data
    scores = [row["neg_log_loss"] for row in rows if row["task_name"] == "network"]
    alone = []
    for network in model.members_:
        one = ThalwegClassifier(**settings).fit(X, y)
        one._adopt(replace(one._known, networks=(network,)))
        alone.append(-log_loss(y, one.predict_proba(X)))
    assert scores == pytest.approx(alone, rel=1e-12)


def test_inside_searches_and_pipelines(capsys):
    X, y = table(ThalwegClassifier)
    told = Recorder()
    inner = ThalwegClassifier(**QUICK).set_callbacks(told)
    search = GridSearchCV(inner, {"alpha": [0.1, 1.0]}, cv=2).fit(X, y)
    assert told.count("setup", "fit") == 5  # four fits, and that of the best
    assert search.best_estimator_.n_iter_ >= 1
    pipeline = make_pipeline("passthrough", ThalwegClassifier(**QUICK))
    pipeline.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)
    said = capsys.readouterr().out
    assert "ThalwegClassifier" in said
    assert "100%" in said


@pytest.mark.parametrize("kind", KINDS)
def test_a_descent_by_lbfgs_and_a_clone(kind):
    X, y = table(kind)
    told = Recorder()
    model = kind(optimizer="lbfgs", random_state=0, max_iter=5).set_callbacks(told).fit(X, y)
    assert told.count("end", "epoch") == sum(len(each.history) for each in model.members_)
    copy = clone(model)
    told.log.clear()
    assert bits(copy.fit(X, y)) == bits(model)
    assert told.count("end", "epoch") == sum(len(each.history) for each in copy.members_)


def test_what_is_no_callback_is_refused():
    with pytest.raises(TypeError, match="FitCallback"):
        ThalwegRegressor().set_callbacks(7)


class Interrupted(Callback):
    """Ctrl-C in the middle of the third epoch."""

    def step_begin(self, moment):
        if moment.epoch == 3 and moment.step % 5 == 2:
            signal.raise_signal(signal.SIGINT)


def test_an_interrupted_fit_that_is_kept_ends_every_task_that_it_began():
    X, y = table(ThalwegClassifier)
    told = Recorder()
    how = {**QUICK, "batch_size": 32, "early_stopping": False, "callbacks": [Interrupted()]}
    model = ThalwegClassifier(**how).set_callbacks(told)
    with pytest.warns(UnfinishedWarning, match="interrupted"):
        model.fit(X, y)
    begun = [each[1:] for each in told.log if each[0] == "begin"]
    ended = [each[1:] for each in told.log if each[0] == "end"]
    assert begun == [("fit", 0), ("network", 0), ("epoch", 0), ("epoch", 1), ("epoch", 2)]
    assert ended == [("epoch", 0), ("epoch", 1), ("epoch", 2), ("network", 0), ("fit", 0)]
    for _, _, fitted in told.models[2:4]:
        assert answers(fitted, X).tobytes() == answers(model, X).tobytes()


def test_who_watches_a_fit_that_fails_is_let_go():
    X, y = table(ThalwegClassifier)
    told = Recorder()
    model = ThalwegClassifier(**{**QUICK, "learning_rate_init": 1e300}, early_stopping=False)
    with pytest.raises(DivergenceError):
        model.set_callbacks(told).fit(X, y)
    assert told.log[0] == ("setup", "fit", 0)
    assert told.log[-1] == ("teardown", "fit", 0)
    assert told.count("end", "fit") == 0
    # As scikit-learn has it: the end of a task brings a model, and there is none.
    theirs = Recorder()
    with pytest.raises(DivergenceError):
        make_pipeline(model.set_callbacks()).set_callbacks(theirs).fit(X, y)
    assert theirs.log[-1] == ("teardown", "fit", 0)
    assert theirs.count("end", "fit") == 0


@pytest.mark.parametrize("grouped", [False, True])
def test_the_model_of_a_moment_knows_whether_groups_had_a_say(grouped):
    X, y = table(ThalwegClassifier)
    told = Recorder()
    groups = np.arange(len(X)) // 2 if grouped else None
    ThalwegClassifier(**QUICK, early_stopping=False).set_callbacks(told).fit(X, y, groups=groups)
    [model] = [each for name, _, each in told.models if name == "network"]
    assert retraced(model, X, y).same is not grouped


def test_the_model_of_a_moment_is_whole_for_several_classes():
    X = np.random.default_rng(0).normal(size=(90, 2))
    told = Recorder()
    ThalwegClassifier(**QUICK, early_stopping=False).set_callbacks(told).fit(X, np.arange(90) % 3)
    [model] = [each for name, _, each in told.models if name == "network"]
    assert (model.positive_, model.threshold_) == (None, None)
    np.testing.assert_array_equal(model.predict(X), np.argmax(model.predict_proba(X), axis=1))
    assert "ThalwegClassifier" in model._html_repr()
