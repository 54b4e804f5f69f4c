import _thread
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config

import thalweg
from thalweg import ThalwegClassifier
from thalweg import parallel_map as spread_module
from thalweg.errors import SettingsError
from thalweg.network import engine
from thalweg.parallel_map import all_cores, spread, usable_cores, usable_threads, working_with


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads):
    assert spread(lambda n: n * n, range(20), threads) == [n * n for n in range(20)]


def test_items_run_side_by_side():
    meet = threading.Barrier(2, timeout=10)
    assert spread(lambda n: (meet.wait(), n)[1], [1, 2], threads=2) == [1, 2]


def test_the_first_failure_is_raised():
    def fail(n):
        if n in (2, 5):
            raise ValueError(n)
        return n

    with pytest.raises(ValueError, match="2"):
        spread(fail, range(8), threads=3)


def test_no_items_no_calls():
    assert spread(lambda n: 1 / 0, [], threads=4) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_a_failure_is_passed_to_those_that_still_run(threads):
    halt, begun = threading.Event(), []

    def work(n):
        begun.append(n)
        if n == 1:
            raise ValueError("early")
        # Waits for ever, unless it is told.
        return threads == 1 or halt.wait(60)

    with pytest.raises(ValueError, match="early"):
        spread(work, range(100), threads, halt=halt)
    assert halt.is_set()
    assert sorted(begun)[:2] == [0, 1]
    assert len(begun) < 50


def test_of_two_failures_the_first_in_order_is_raised():
    both = threading.Barrier(2, timeout=60)

    def fail(n):
        both.wait()
        if n == 0:
            # The other one is noticed first; this one is waited for all the same.
            threading.Event().wait(0.05)
        raise ValueError(f"item {n}")

    with pytest.raises(ValueError, match="item 0"):
        spread(fail, range(2), threads=2)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_reaches_those_that_wait(threads):
    halt = threading.Event()

    def work(n):
        if n == 0:
            signal.raise_signal(signal.SIGINT)
        return halt.wait(60)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            spread(work, range(3), threads, halt=halt)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert halt.is_set()


def test_caller_and_workers_share_nothing_that_ctrl_c_could_tear(monkeypatch):
    # Ctrl-C inside of the Python code of an event or a condition leaves its lock in any state. It
    # is never raised there if a caller who waits never enters that code.
    main = threading.get_ident()

    def torn(*arguments, **words):
        assert threading.get_ident() != main, "the caller waits in Python code"
        return wait(*arguments, **words)

    wait = threading.Condition.wait
    monkeypatch.setattr(threading.Condition, "wait", torn)
    monkeypatch.setattr(threading.Condition, "__enter__", torn_enter(main))
    assert spread(lambda n: (time.sleep(0.02), n)[1], range(4), 2) == [0, 1, 2, 3]


def torn_enter(main):
    enter = threading.Condition.__enter__

    def checked(self):
        assert threading.get_ident() != main, "the caller takes a lock in Python code"
        return enter(self)

    return checked


def test_threads_that_end_before_their_first_line_end_the_wait(monkeypatch):
    # As they do where there is no memory for them.
    monkeypatch.setattr(_thread, "start_new_thread", lambda function, arguments: 1)
    with pytest.raises(MemoryError, match="a thread ended before its work"):
        spread(lambda n: n, range(3), 2)


def test_calls_go_on_while_one_thread_is_left(monkeypatch):
    start = _thread.start_new_thread
    begun = []

    def first_dies(function, arguments):
        begun.append(function)
        return start(function, arguments) if len(begun) == 2 else 1

    monkeypatch.setattr(_thread, "start_new_thread", first_dies)
    assert spread(lambda n: n, range(9), 2) == [*range(9)]


def test_nothing_is_reported_where_nothing_fails():
    halt = threading.Event()
    spread(lambda n: n, range(9), 3, halt=halt)
    assert not halt.is_set()


def test_the_cores_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert usable_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert usable_cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1


@pytest.mark.parametrize("way", ["loky", "threading"])
def test_inside_a_search_in_parallel_each_fit_has_one_core(way):
    # What GridSearchCV(n_jobs=2) does: two fits at a time, which must not have all cores each.
    assert Parallel(n_jobs=2, backend=way)(delayed(usable_cores)() for _ in range(2)) == [1, 1]


def test_a_fit_inside_a_search_has_one_thread():
    names, X = set(), np.linspace(-1, 1, 60).reshape(-1, 1)
    # Both are in here at once: a thread that ended would leave its name to the next one.
    both = threading.Barrier(2, timeout=60)

    def scoring(estimator, X, y):  # asked for in the thread that trains the network
        names.add(threading.current_thread().name)
        both.wait()
        return 0.0

    def fit(number):
        model = ThalwegClassifier((3,), max_iter=2, scoring=scoring, random_state=number)
        model.fit(X, X[:, 0] > 0)

    Parallel(n_jobs=2, backend="threading")(delayed(fit)(number) for number in range(2))
    assert len(names) == 2


def test_a_process_that_shares_the_work_of_another_uses_one_core(monkeypatch):
    monkeypatch.setattr(spread_module, "all_cores", lambda: 7)
    assert usable_cores() == 7
    with parallel_config(n_jobs=3):
        assert usable_cores() == 3
    monkeypatch.setattr(spread_module, "parent_process", lambda: "one that started this")
    assert usable_cores() == 1
    assert all_cores() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("n_jobs", [0, 1.5])
def test_no_number_of_threads_is_refused(n_jobs):
    with pytest.raises(ValueError, match="'n_jobs' parameter of ThalwegClassifier must be an int"):
        ThalwegClassifier(n_jobs=n_jobs).fit([[0.0], [1.0]] * 20, [0, 1] * 20)


@pytest.mark.parametrize(("n_jobs", "said"), [(0, "0"), ("2", '"2"'), (1.5, "1.5")])
def test_what_is_no_number_of_threads_is_refused_by_whoever_counts_them(n_jobs, said):
    named = rf"n_jobs={said} is no number of threads.*give n_jobs=1"
    with pytest.raises(SettingsError, match=named):
        usable_threads(n_jobs)


# A fit that would take its 100 seconds, and a main program that ends as soon as it has begun.
LEFT_BEHIND = """
import threading
import numpy as np
from thalweg import ThalwegClassifier

begun = threading.Event()

def scoring(model, X, y):
    begun.set()
    return 0.0

X = np.random.default_rng(0).normal(size=(400, 2))
model = ThalwegClassifier(
    (3,), max_iter=10**6, n_iter_no_change=10**6, time_limit=100, scoring=scoring, n_jobs=2
)
threading.Thread(target=model.fit, args=(X, X[:, 0] > 0), daemon=True).start()
assert begun.wait(60)
print("the end", flush=True)
"""


def test_a_fit_that_nobody_waits_for_does_not_hold_the_process_up():
    environment = {**os.environ, "PYTHONPATH": str(Path(thalweg.__file__).parents[1])}
    child = subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout.readline() == "the end\n"
    since = time.monotonic()
    _, talk = child.communicate(timeout=120)
    assert (child.returncode, talk) == (0, "")
    assert time.monotonic() - since < 30


def test_a_call_that_never_ends_does_not_hold_the_process_up():
    code = (
        "import threading, time\n"
        "from thalweg import parallel_map\n"
        "parallel_map.SECONDS_TO_LEAVE = 0.2\n"
        "begun = threading.Event()\n"
        "def call(item):\n"
        "    begun.set()\n"
        "    time.sleep(100)\n"
        "run = lambda: parallel_map.spread(call, range(3), 2)\n"
        "threading.Thread(target=run, daemon=True).start()\n"
        "begun.wait()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(thalweg.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_what_came_of_a_call_is_let_go():
    class Large:
        pass

    found = spread(lambda n: Large(), range(3), 2)
    known = [weakref.ref(each) for each in found]
    del found
    deadline = time.monotonic() + 10
    while any(each() is not None for each in known) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [each() for each in known] == [None] * 3


def test_where_there_are_no_threads_a_fit_that_names_some_gives_the_same_bits(monkeypatch):
    """As in a browser: there is one core, and starting a thread raises."""
    X = np.random.default_rng(0).normal(size=(60, 2))

    def fitted():
        return ThalwegClassifier(
            (3,), max_iter=2, n_folds=2, early_stopping="folds", random_state=0, n_jobs=3
        ).fit(X, X[:, 0] > 0)

    def refuse(*_):
        raise RuntimeError("can't start new thread")

    usual = fitted()
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(_thread, "start_new_thread", refuse)
    # The same engine, so that bits can be compared.
    monkeypatch.setattr(engine, "cannot_compile", lambda: None)
    assert usable_threads(3) == usable_threads(-1) == usable_threads(None) == all_cores() == 1
    with working_with(4):
        assert usable_cores() == 1
    alone = fitted()
    assert [each.theta.tobytes() for each in alone.members_] == [
        each.theta.tobytes() for each in usual.members_
    ]
    batches = [X[:20], X[20:]]
    assert np.concatenate(list(alone.predict_batches(batches, n_jobs=2))).shape == (60,)
