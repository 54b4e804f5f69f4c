"""Ctrl-C: a fit ends within a second with what it has, or says that it has nothing."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from places import HELPERS
from thalweg import (
    ThalwegClassifier,
    ThalwegRegressor,
    UnfinishedError,
    UnfinishedWarning,
    interrupts,
    load_model,
)
from thalweg.errors import DataError, DivergenceError, Status
from thalweg.estimators.learning import train_networks as learn_module
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.training.callbacks import Callback

FOREVER = {"max_iter": 10**7, "n_iter_no_change": 10**7, "hidden_layer_sizes": (8,)}
LBFGS = {
    "early_stopping": False, "optimizer": "lbfgs", "alpha": 1e-9, "tol": 0.0,
    "hidden_layer_sizes": (64, 64), "activation": "gelu",
}  # fmt: skip
COUNT = int(os.environ.get("INTERRUPTS", "12"))


def rings(n=240, regression=False):
    draw = np.random.default_rng(3)
    X = draw.normal(size=(n, 3))
    inside = (X[:, 0] ** 2 + X[:, 1] ** 2 + 0.3 * draw.normal(size=n)) < 1.2
    return X, inside * 1.0 if regression else inside.astype(int)


@pytest.fixture
def ctrl_c():
    """What sends Ctrl-C to this process, whoever started the tests."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    # To the thread that it comes to in the end; it need not be woken first.
    yield lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def after_slices(monkeypatch, ctrl_c):
    """Have Ctrl-C come when the engine has been asked for so many slices of steps."""

    def arm(count, action=ctrl_c):
        calls, steps, begun = [], CompiledEngine.steps, time.monotonic()

        def counted(self, *arguments):
            calls.append(1)
            if len(calls) == count:
                action()
            if (
                count <= len(calls) < count + 8
                and threading.current_thread() is not threading.main_thread()
            ):
                give_up = time.monotonic() + 0.3
                while interrupts._last_taken < begun and time.monotonic() < give_up:
                    time.sleep(0.01)  # until the main thread has heard of it
                time.sleep(0.02)
            return steps(self, *arguments)

        monkeypatch.setattr(CompiledEngine, "steps", counted)

    return arm


def state(model):
    return {name: pickle.dumps(value) for name, value in vars(model).items()}


def same_network(one, other):
    return one.theta.tobytes() == other.theta.tobytes() and one.best_epoch == other.best_epoch


WAYS = [
    ({}, "folds", 5),
    ({"n_jobs": 1}, "folds", 5),
    ({"early_stopping": "cross-validation"}, "folds", 5),
    ({"early_stopping": "hold-out"}, "hold-out", 1),
    ({"early_stopping": "hold-out", "n_ensemble": 3, "n_jobs": 2}, "hold-out", 3),
    ({"early_stopping": False}, "none", 1),
    ({"early_stopping": False, "n_ensemble": 2, "n_jobs": 1}, "none", 2),
    (LBFGS, "none", 1),
]


def check_interrupted(kind, how, stopping, n_networks, ctrl_c, tmp_path):
    X, y = rings(20_000 if how is LBFGS else 240, regression=kind is ThalwegRegressor)
    model = kind(**FOREVER | how, random_state=0)
    begun = threading.Event()
    monkey = learn_module.train_many

    def watched(members, *given, **named):
        begun.set()
        return monkey(members, *given, **named)

    learn_module.train_many = watched
    sent = []

    def press():
        begun.wait(60)
        time.sleep(0.7)
        sent.append(time.monotonic())
        ctrl_c()

    finger = threading.Thread(target=press)
    finger.start()
    try:
        with pytest.warns(UnfinishedWarning, match="interrupted") as told:
            model.fit(X, y)
        took = time.monotonic() - sent[0]
    finally:
        learn_module.train_many = monkey
        finger.join()
    assert len(told) == 1
    assert told[0].filename == __file__
    assert took < 1.5  # other tests run beside this one; `interrupted.py` measures it
    assert model.stopping_ == stopping
    assert model.status_ is Status.INTERRUPTED
    assert [each.status for each in model.members_] == [Status.INTERRUPTED] * n_networks
    for network in model.members_:
        assert 1 <= network.best_epoch <= len(network.history)
        assert [record["epoch"] for record in network.history] == [
            *range(1, len(network.history) + 1)
        ]
    assert hasattr(model, "oof_score_") == (stopping == "folds")
    # What is left can be carried away, and says what it is.
    model.save(tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.status_ is Status.INTERRUPTED
    assert "it was interrupted" in model._html_repr()
    # θ is that of its epoch, to the last bit, as a fit that was to end there has it.
    shown = model.members_[0]
    if stopping != "none":
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            losses = [record["valid_loss"] for record in shown.history]
        assert shown.best_epoch == 1 + int(np.argmin(losses))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("how", "stopping", "n_networks"), WAYS, ids=str)
def test_any_fit_ends_with_the_best_that_each_network_has(
    how, stopping, n_networks, ctrl_c, tmp_path
):
    check_interrupted(ThalwegClassifier, how, stopping, n_networks, ctrl_c, tmp_path)


# Every way of the regressor in `make test-all`: it is taught by the same code.
OTHERS = [WAYS[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in WAYS[1:])]


@pytest.mark.parametrize(("how", "stopping", "n_networks"), OTHERS, ids=str)
def test_a_regressor_ends_with_the_best_that_each_network_has(
    how, stopping, n_networks, ctrl_c, tmp_path
):
    check_interrupted(ThalwegRegressor, how, stopping, n_networks, ctrl_c, tmp_path)


def test_it_is_the_network_that_a_fit_which_ends_there_would_have(after_slices):
    X, y = rings()
    how = {"hidden_layer_sizes": (8,), "max_iter": 40, "random_state": 0, "early_stopping": True}
    after_slices(12)
    with pytest.warns(UnfinishedWarning, match=r"best epoch so far: \d+ of \d+\. A search"):
        cut = ThalwegClassifier(**how).fit(X, y)
    whole = ThalwegClassifier(**how).fit(X, y)
    n = len(cut.history_)
    assert n < len(whole.history_)
    assert cut.history_ == whole.history_[:n]
    losses = [record["valid_loss"] for record in whole.history_[:n]]
    assert cut.best_epoch_ == 1 + int(np.argmin(losses))


def test_networks_that_had_ended_are_not_called_interrupted(after_slices):
    X, y = rings()
    how = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0, "n_iter_no_change": 3}
    whole = ThalwegClassifier(**how).fit(X, y)
    asked = sum(len(each.history) for each in whole.members_)
    after_slices(asked - 1)
    with pytest.warns(UnfinishedWarning):
        model = ThalwegClassifier(**how).fit(X, y)
    ended = [each.status is not Status.INTERRUPTED for each in model.members_]
    assert 0 < sum(ended) < 5
    for one, other, done in zip(model.members_, whole.members_, ended, strict=True):
        if done:
            assert same_network(one, other)
            assert one.history == other.history
    # The model as a whole says it, whichever network was cut.
    assert model.status_ is Status.INTERRUPTED


@pytest.mark.parametrize("threads", [1, 2])
def test_before_each_network_has_an_epoch_it_is_refused_and_said_which(threads, after_slices):
    X, y = rings()
    model = ThalwegClassifier(**FOREVER, n_jobs=threads)
    before = state(model)
    after_slices(1)
    with pytest.raises(UnfinishedError, match=r"network .*5 of 5.*Fix: .*twice") as refused:
        model.fit(X, y)
    assert isinstance(refused.value, KeyboardInterrupt)
    assert refused.value.code == "interrupted"
    assert state(model) == before
    with pytest.raises(AttributeError, match="not fitted"):
        model.theta_  # noqa: B018


def test_callbacks_hear_of_one_network_after_another_so_that_it_is_refused(after_slices):
    class Ends(Callback):
        def __init__(self):
            self.ends = []

        def train_end(self, moment):
            self.ends.append(moment.epoch)

    X, y = rings()
    told = Ends()
    after_slices(3)
    # Folds are trained without callbacks first: at the same time, as far as the slices reach.
    with pytest.raises(UnfinishedError, match=r"network .*5 of 5"):
        ThalwegClassifier(**FOREVER, callbacks=[told]).fit(X, y)
    assert not told.ends
    told.ends.clear()
    interrupts._last_taken = -np.inf
    after_slices(3)
    with pytest.warns(UnfinishedWarning):
        model = ThalwegClassifier(**FOREVER, early_stopping=True, callbacks=[told]).fit(X, y)
    assert told.ends == [len(model.history_)]


PHASES = [
    "thalweg.estimators.input_tables.infer_schema",
    "thalweg.estimators.learning.fit_plan.canonical_rows",
    "thalweg.estimators.learning.fit_plan.stopping",
    "thalweg.estimators.learning.train_networks.place",
]


@pytest.mark.parametrize("place", PHASES)
@pytest.mark.parametrize("fitted", [False, True])
def test_before_it_descends_the_model_stays_as_it_was(place, fitted, monkeypatch, ctrl_c):
    X, y = rings()
    model = ThalwegClassifier((4,), max_iter=3, random_state=0)
    if fitted:
        model.fit(X[:, :2], y)
    before = state(model)

    def pressed(*_, **__):
        ctrl_c()
        raise AssertionError("Ctrl-C has come by now")

    monkeypatch.setattr(place, pressed)
    with pytest.raises(UnfinishedError, match="before there was anything to keep"):
        model.fit(X, y)
    assert state(model) == before


@pytest.mark.parametrize("error", ["data", "divergence"])
def test_a_fit_that_fails_leaves_the_model_as_it_was(error):
    X, y = rings()
    model = ThalwegClassifier((4,), max_iter=3, random_state=0).fit(X, y)
    model.set_params(learning_rate_init=1e300 if error == "divergence" else None)
    before, predicted = state(model), model.predict_proba(X)
    with pytest.raises(DivergenceError if error == "divergence" else DataError):
        model.fit(np.c_[X, X], y if error == "divergence" else np.zeros(len(y)))
    assert state(model) == before
    np.testing.assert_array_equal(model.predict_proba(X), predicted)


def test_when_only_the_scores_are_to_come_the_model_is_kept_without_them(monkeypatch, ctrl_c):
    X, y = rings()
    how = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    model = ThalwegClassifier(**how).fit(X, 1 - y)  # whose scores must not stay

    def pressed(*_):
        ctrl_c()
        raise AssertionError("Ctrl-C has come by now")

    with monkeypatch.context() as patch:
        patch.setattr("thalweg.estimators.learning.out_of_fold.judged", pressed)
        with pytest.warns(UnfinishedWarning, match="All networks were trained.*oof_score_"):
            model.fit(X, y)
    with pytest.raises(KeyboardInterrupt):  # a second one at once ends what is around it
        interrupts.take_in(KeyboardInterrupt())
    assert not hasattr(model, "oof_score_")
    assert not hasattr(model, "oof_decision_function_")
    assert model.status_ is not Status.INTERRUPTED
    again = ThalwegClassifier(**how).fit(X, y)
    assert model.oof_loss_ == again.oof_loss_
    assert all(map(same_network, model.members_, again.members_))


def test_cross_validation_keeps_the_folds_until_all_networks_have_an_epoch(
    monkeypatch, after_slices
):
    X, y = rings()
    how = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0}
    how["early_stopping"] = "cross-validation"
    train_many, calls = learn_module.train_many, []

    def pressed(members, *given, **named):
        calls.append(len(members))
        if len(calls) == 2:
            after_slices(1)
        return train_many(members, *given, **named)

    monkeypatch.setattr(learn_module, "train_many", pressed)
    with pytest.warns(UnfinishedWarning, match="the networks of the folds; those"):
        model = ThalwegClassifier(**how).fit(X, y)
    assert calls == [5, 1]
    assert (model.stopping_, len(model.members_)) == ("folds", 5)
    assert model.status_ is Status.INTERRUPTED
    monkeypatch.undo()
    as_folds = ThalwegClassifier(**{**how, "early_stopping": "folds", "n_iter_no_change": 6}).fit(
        X, y
    )
    assert all(map(same_network, model.members_, as_folds.members_))
    assert model.oof_score_ == as_folds.oof_score_


def test_cross_validation_keeps_its_networks_once_each_of_them_has_an_epoch(ctrl_c):
    class Presses(Callback):
        def epoch_end(self, moment):
            if moment.epoch == 3:
                ctrl_c()

    X, y = rings()
    how = {"hidden_layer_sizes": (8,), "max_iter": 12, "random_state": 0, "alpha": 0.01}
    how["early_stopping"] = "cross-validation"
    with pytest.warns(UnfinishedWarning, match="The network keeps its best epoch so far: 2 of 3"):
        model = ThalwegClassifier(**how, callbacks=[Presses()]).fit(X, y)
    assert (model.stopping_, len(model.members_)) == ("cross-validation", 1)
    assert ThalwegClassifier(**how).fit(X, y).history_[:3] == model.history_


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_more_epochs_end_with_the_best_of_them(n_jobs, after_slices):
    X, y = rings()
    model = ThalwegClassifier((8,), max_iter=4, random_state=0, n_jobs=n_jobs).fit(X, y)
    had = [len(each.history) for each in model.members_]
    after_slices(200)  # enough that each network has had a turn, however threads are scheduled
    with pytest.warns(UnfinishedWarning, match="Each network keeps its best epoch"):
        model.fit_more(X, y, epochs=10**7)
    for network, before in zip(model.members_, had, strict=True):
        assert before < network.best_epoch <= len(network.history)
        assert network.status is Status.INTERRUPTED
    before = state(model)
    interrupts._last_taken = -np.inf
    after_slices(1)
    with pytest.raises(UnfinishedError, match="of 5"):
        model.fit_more(X, y, epochs=10**7)
    assert state(model) == before
    # What goes on to its end is not called interrupted any more.
    model.fit_more(X, y, epochs=1)
    assert model.status_ is Status.MAX_EPOCHS


def test_a_batch_is_learned_wholly_or_not_at_all(after_slices):
    X, y = rings()
    model = ThalwegClassifier((8,), n_ensemble=3, random_state=0)
    model.partial_fit(X[:100], y[:100], classes=[0, 1])
    other = pickle.loads(pickle.dumps(model))
    before = state(model)

    def stop():
        raise KeyboardInterrupt

    after_slices(2, stop)  # the first of three networks has learned it by then
    with pytest.raises(UnfinishedError, match="as it was before"):
        model.partial_fit(X[100:], y[100:])
    assert state(model) == before
    model.partial_fit(X[100:], y[100:])
    other.partial_fit(X[100:], y[100:])
    assert all(map(same_network, model.members_, other.members_))


def test_a_warm_start_goes_on_after_an_interrupt(after_slices):
    X, y = rings()
    model = ThalwegClassifier((8,), max_iter=30, random_state=0, warm_start=True)
    after_slices(40)
    with pytest.warns(UnfinishedWarning):
        model.fit(X, y)
    had = len(model.history_)
    model.fit(X, y)
    assert len(model.history_) == had + 30
    model.fit(X, y)  # this one had come to its end
    assert len(model.history_) == had + 30


def test_the_first_ends_a_fit_and_the_second_the_search_around_it(ctrl_c):
    X, y = rings()
    search = GridSearchCV(ThalwegClassifier(**FOREVER), {"alpha": [1.0, 2.0, 3.0]}, cv=2)
    fits = []

    class Scored(ThalwegClassifier):
        def fit(self, X, y):
            fits.append("begun")
            super().fit(X, y)
            fits.append("kept")
            return self

    search.estimator = Scored(**FOREVER)
    Scored.__init__ = ThalwegClassifier.__init__
    presses = [threading.Timer(seconds, ctrl_c) for seconds in (1.0, 2.0)]
    for each in presses:
        each.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnfinishedWarning)
        with pytest.raises(KeyboardInterrupt) as end:
            search.fit(X, y)
    assert type(end.value) is KeyboardInterrupt
    assert fits == ["begun", "kept", "begun"]


def test_in_another_thread_a_fit_does_not_hear_of_it(ctrl_c):
    # Ctrl-C comes to the main thread alone, which is somebody else's here.
    X, y = rings()
    done = []
    worker = threading.Thread(
        target=lambda: done.append(ThalwegClassifier((4,), max_iter=5).fit(X, y).status_)
    )
    worker.start()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    worker.join()
    assert done[0] is not Status.INTERRUPTED


def test_a_search_for_the_rate_is_given_up(monkeypatch, after_slices):
    X, y = rings()
    model = ThalwegClassifier((4,), max_iter=3).fit(X, y)
    before = state(model)
    after_slices(5)
    with pytest.raises(KeyboardInterrupt):
        model.lr_find(X, y)
    assert state(model) == before


def fits_in_a_process(*arguments):
    program = HELPERS / "interrupted.py"
    done = subprocess.run(
        [sys.executable, program, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("table", ["wisconsin", "wide", "regression"])
def test_at_any_time_it_is_kept_or_refused_within_a_second(table):
    """`INTERRUPTS=34` has a hundred in all."""
    found = fits_in_a_process(table, COUNT, 7)
    assert len(found) == COUNT
    assert {each["outcome"] for each in found} <= {"kept", "refused"}
    assert all(each["whole"] for each in found)
    assert any(each["outcome"] == "kept" for each in found)
    assert max(each["took"] for each in found) < 1.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_in_the_first_fit_of_a_process_too(seed, monkeypatch):
    # Numba is loaded there; half of it would break every fit after this one.
    monkeypatch.setenv("WITHIN", "2.5")
    for each in fits_in_a_process("wisconsin", 1, seed):
        assert each["outcome"] == "missed" or (each["whole"] and each["took"] < 1.0)


def test_ctrl_c_while_numba_is_loaded_breaks_nothing_and_no_handler_of_a_signal_is_set():
    # In one process, because its start is what takes the time.
    line = (
        "import os, signal, threading, time, sys, builtins\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "all_of = lambda: {n: signal.getsignal(n) for n in signal.valid_signals()}\n"
        "before = all_of()\n"
        "import thalweg, thalweg.cli.main\n"
        "assert all_of() == before\n"
        "import numpy as np\n"
        "from thalweg import ThalwegClassifier, UnfinishedError\n"
        "import thalweg.estimators.classifier\n"
        "X = np.arange(60.).reshape(-1, 1)\n"
        "def press():\n"
        "    while 'numba.core' not in sys.modules: time.sleep(0.001)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=press).start()\n"
        "try: ThalwegClassifier((2,)).fit(X, X[:, 0] > 30); print('missed')\n"
        "except UnfinishedError: print('refused')\n"
        "ThalwegClassifier((2,), max_iter=2).fit(X, X[:, 0] > 30); print('fitted')\n"
        "assert all_of() == before\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", line], check=True, timeout=120, capture_output=True, text=True
    )
    assert done.stdout.split() == ["refused", "fitted"]


# --- cancellation from another thread


def test_a_cancellation_is_taken_once_and_is_no_first_ctrl_c():
    asked = interrupts.Cancellation()
    with interrupts.heeding(asked):
        interrupts.raise_if_cancelled()  # nobody has asked
        asked.ask()
        with pytest.raises(interrupts.Cancelled) as sign:
            interrupts.raise_if_cancelled()
        interrupts.raise_if_cancelled()  # it is taken
    assert asked.asked
    for _ in range(2):  # two jobs of one process may end within two seconds
        interrupts.take_in(sign.value)
    interrupts.take_in(KeyboardInterrupt())


def test_who_does_not_heed_a_cancellation_does_not_hear_it():
    asked = interrupts.Cancellation()
    asked.ask()
    with interrupts.heeding(asked):
        pass
    interrupts.raise_if_cancelled()
    assert asked.take()
