import os
import signal
import threading

import pytest

from thalweg.spread import spread, usable_cores


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
