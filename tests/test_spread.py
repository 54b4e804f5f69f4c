import os
import signal
import threading

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config

from thalweg import ThalwegClassifier
from thalweg import spread as spread_module
from thalweg.spread import all_cores, spread, usable_cores


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
def test_a_failure_is_told_to_those_that_still_run(threads):
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


def test_nothing_is_told_where_nothing_fails():
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

    def scoring(estimator, X, y):  # asked for in the thread that trains the network
        names.add(threading.current_thread().name)
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
