"""Many networks at once come to what each would come to alone."""

import hashlib
import itertools
import json
import os
import signal
import threading
import time
from dataclasses import replace

import joblib
import numpy as np
import pytest

from descents import CASES, LOSS, problem, same
from slow_cases import slow_but
from thalweg import interrupts
from thalweg import parallel_map as spread_module
from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.parallel_map import working_alone
from thalweg.training import many as many_module
from thalweg.training import training_loop as run_module
from thalweg.training.callbacks import Callback
from thalweg.training.descent.pooled_patience import Pool, Pooled
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.many import train_many
from thalweg.training.train import train


def members():
    """Seeds, settings and folds over one table."""
    architecture, theta, data = problem()
    made = [
        Member(
            architecture, theta, data, LOSS, 0.1,
            Settings(parse_optimizer(text), batch_size, 12, seed=seed, **more),
        )
        for batch_size, text, more in CASES.values()
        for seed in (0, 1)
    ]  # fmt: skip
    folds = np.arange(60).reshape(4, 15)
    made += [
        Member(
            architecture, theta, data, LOSS, 0.1,
            Settings(parse_optimizer("adam:lr=0.3"), 8, 12, patience=4),
            np.delete(np.arange(60), held_out), held_out,
        )
        for held_out in folds
    ]  # fmt: skip
    return [
        *made,
        Member(architecture, theta, data, LOSS, 0.1, Settings(parse_optimizer("lbfgs"), None, 7)),
    ]


def one_by_one(given):
    return [
        train(
            each.architecture, each.theta, each.data, each.loss, each.alpha, each.settings,
            rows=each.rows, held_out=each.held_out,
        )
        for each in given
    ]  # fmt: skip


def hash_of(descents):
    """One hash over every bit of them."""
    digest = hashlib.sha256()
    for each in descents:
        digest.update(each.theta.tobytes())
        digest.update(json.dumps([each.history, each.best_epoch, each.status]).encode())
    return digest.hexdigest()


def test_one_hash_for_any_number_of_threads_and_for_one_by_one():
    given = members()
    expected = one_by_one(given)
    assert len({each.theta.tobytes() for each in expected}) > 20
    for threads in (0, 1, 2, 4, None):
        found = train_many(given, threads)
        assert hash_of(found) == hash_of(expected)
        for one, other in zip(expected, found, strict=True):
            assert same(one, other)


def test_no_members_no_descents():
    assert train_many([]) == []
    assert train_many([], threads=3) == []


def test_members_share_the_data():
    seen = []

    class Watched(ReferenceEngine):
        def steps(self, *arguments):
            seen.append(arguments[4])
            return super().steps(*arguments)

    given = [each for each in members() if not each.settings.label_smoothing]
    train_many(given[:6], threads=2, engine=Watched())
    assert {id(data) for data in seen} == {id(given[0].data)}


def test_threads_run_side_by_side():
    meet = threading.Barrier(2, timeout=60)
    names = set()

    class Meeting(ReferenceEngine):
        def steps(self, *arguments):
            meet.wait()
            names.add(threading.current_thread().name)
            return super().steps(*arguments)

    given = [one for one in members() if one.held_out is not None][:2]
    given = [Member(**{**vars(one), "settings": settings_of(1)}) for one in given]
    train_many(given, threads=2, engine=Meeting())
    assert len(names) == 2


class Logged(Callback):
    """Notes whose epoch has ended."""

    def __init__(self, name, log):
        self.name, self.log = name, log

    def epoch_end(self, moment):
        self.log.append(self.name)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_all_go_on_in_turns_unless_one_after_another_is_wanted(threads, one_by_one):
    architecture, theta, data = problem()
    n, n_epochs = 8, 12
    given = [
        Member(
            architecture, theta, data, LOSS, 0.1,
            Settings(parse_optimizer("adam:lr=0.01"), 8, n_epochs, seed=seed),
        )
        for seed in range(n)
    ]  # fmt: skip
    log = []
    callbacks = [[Logged(name, log)] for name in range(n)]
    train_many(given, threads, callbacks=callbacks, one_by_one=one_by_one)
    assert sorted(log) == sorted(list(range(n)) * n_epochs)
    if one_by_one:
        assert log == sorted(log)
    else:
        done = min(i for i in range(len(log)) if log[: i + 1].count(log[i]) == n_epochs)
        # All have begun before one ends, but for those that another thread has just taken up.
        assert len(set(log[:done])) > n - threads


def test_as_many_threads_as_there_are_cores_unless_it_is_said(monkeypatch):
    asked = []

    def watched(function, items, threads, *, halt, aside):
        asked.append(threads)
        return [function(item) for item in items]

    monkeypatch.setattr(many_module, "spread", watched)
    monkeypatch.setattr(many_module, "usable_threads", lambda n: n or 7)
    train_many(members()[:1])
    train_many(members()[:1], threads=3)
    assert asked == [7, 3]


def settings_of(epochs, **more):
    return Settings(parse_optimizer("sgd:lr=0.01"), 8, epochs, **more)


def endless(count=3):
    """Members that would run for years."""
    architecture, theta, data = problem()
    return [Member(architecture, theta, data, LOSS, 0.0, settings_of(10**9))] * count


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_what_one_member_raises_ends_the_others(threads):
    failing = replace(endless(1)[0], settings=settings_of(5))

    class Failing(ReferenceEngine):
        def steps(self, *arguments):
            if len(arguments[6]) == 5 * 8:
                raise ValueError("mine")
            return super().steps(*arguments)

    given = [failing, *endless()] if threads == 1 else [*endless(threads - 1), failing, *endless()]
    with pytest.raises(ValueError, match="mine"):
        train_many(given, threads, engine=Failing())


class Stopping:
    """Stops everything at the tenth epoch, or a later one, in this way."""

    def __init__(self, way, epoch=10):
        self.way, self.at, self.epochs = way, epoch, 0

    def epoch(self, record):
        self.epochs += 1
        if self.epochs == self.at:
            self.way()

    def network(self, spared):
        raise AssertionError("none comes to its end")


def interrupt():
    raise KeyboardInterrupt


@pytest.fixture
def ctrl_c():
    """What sends Ctrl-C to this process, whoever started the tests."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, handler)


SPREAD = slow_but([(1, True), (2, False)], itertools.product([1, 2], [False, True]))


@pytest.mark.parametrize(("threads", "one_by_one"), SPREAD)
def test_ctrl_c_in_a_member_ends_the_others(threads, one_by_one):
    found = train_many(endless(), threads, Stopping(interrupt), one_by_one=one_by_one)
    assert {each.status for each in found} == {Status.INTERRUPTED}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("threads", "one_by_one"), SPREAD)
def test_ctrl_c_of_a_person_ends_all_with_the_best_that_each_has(threads, one_by_one, ctrl_c):
    # The signal comes to the main thread, which waits while others compute.
    found = train_many(endless(), threads, Stopping(ctrl_c), one_by_one=one_by_one)
    assert len(found) == 3
    assert {each.status for each in found} == {Status.INTERRUPTED}
    for each in found:
        alone = endless(1)[0]
        if each.best_epoch == 0:  # one after another, the third has not begun
            np.testing.assert_array_equal(each.theta, alone.theta)
            continue
        # The very bits of a descent that was to end there.
        settings = replace(alone.settings, stop_after=each.best_epoch)
        [same_way] = train_many([replace(alone, settings=settings)])
        np.testing.assert_array_equal(each.theta, same_way.theta)
        assert each.history[: each.best_epoch] == same_way.history
    assert found[0].best_epoch > 0


def test_side_by_side_no_member_waits_for_its_first_epoch(ctrl_c, monkeypatch):
    monkeypatch.setattr(run_module, "SLICE_STEPS", 64)
    for threads in (1, 2):
        interrupts._last_taken = -np.inf
        found = train_many(endless(5), threads, Stopping(ctrl_c, epoch=100))
        # Each other thread may hold one that the system has not let run yet.
        assert sum(each.best_epoch == 0 for each in found) < threads, threads


def test_who_has_ended_when_ctrl_c_comes_is_not_called_interrupted(ctrl_c):
    short = replace(endless(1)[0], settings=settings_of(5))
    told = Stopping(ctrl_c, epoch=500)
    told.network = lambda spared: None
    done, cut = train_many([short, *endless(1)], 2, told)
    [alone] = train_many([short])
    assert same(done, alone)
    assert (done.status, cut.status) == (Status.MAX_EPOCHS, Status.INTERRUPTED)


def test_who_had_only_to_judge_its_last_epoch_is_called_interrupted():
    class Pressed(ReferenceEngine):
        def losses(self, *arguments):
            raise KeyboardInterrupt

    short = replace(endless(1)[0], settings=settings_of(5))
    [found] = train_many([short], engine=Pressed(), one_by_one=True)
    assert (len(found.history), found.status) == (5, Status.INTERRUPTED)
    assert 1 <= found.best_epoch <= 4


def test_a_step_that_takes_for_ever_is_left_behind(ctrl_c):
    # As the compiler, or one step over millions of rows, does: nothing can cut it short.
    begun, go_on = threading.Event(), threading.Event()

    class Slow(ReferenceEngine):
        def steps(self, *arguments):
            if begun.is_set():
                go_on.wait(60)
            found = super().steps(*arguments)
            begun.set()
            return found

    rows = np.arange(60)
    judged = replace(endless(1)[0], rows=rows[:40], held_out=rows[40:])
    told = Stopping(lambda: None)
    timer = threading.Timer(0.3, ctrl_c)
    timer.start()
    begin = time.monotonic()
    try:
        [found] = train_many([judged], 1, told, engine=Slow())
        assert time.monotonic() - begin < 1.3
        before, heard = json.dumps(found.history), told.epochs
        theta = found.theta.copy()
    finally:
        go_on.set()
        timer.join()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(10)
    # The step that was left has come to its end, and changed nothing of what was kept.
    assert (found.status, found.best_epoch) == (Status.INTERRUPTED, 1)
    assert json.dumps(found.history) == before
    np.testing.assert_array_equal(found.theta, theta)
    assert told.epochs == heard == 1


@pytest.mark.parametrize("threads", [1, 2])
def test_lbfgs_ends_with_the_others(threads):
    # Far from any end that it would find itself, and looked at after every iteration.
    architecture, theta, data = problem()
    long = Member(
        architecture, theta, data, LOSS, 1e-9, Settings(parse_optimizer("lbfgs"), None, 10**6)
    )
    found = train_many([long, long], threads, Stopping(interrupt))
    assert {each.status for each in found} == {Status.INTERRUPTED}
    assert max(each.best_epoch for each in found) > 0


# Of searches: test_interrupts, test_the_first_ends_a_fit_and_the_second_the_search_around_it.
@pytest.mark.slow
def test_a_second_ctrl_c_within_two_seconds_goes_through(monkeypatch, ctrl_c):
    now = [100.0]
    monkeypatch.setattr(interrupts.time, "monotonic", lambda: now[0])
    train_many(endless(), 2, Stopping(ctrl_c))
    now[0] += 1.9
    with pytest.raises(KeyboardInterrupt):
        train_many(endless(), 2, Stopping(ctrl_c))
    # That one ended a search; the next is a first one again, two seconds after the one taken in.
    now[0] += 0.2
    assert len(train_many(endless(), 2, Stopping(ctrl_c))) == 3


def test_a_second_ctrl_c_while_the_first_is_obeyed_goes_through(monkeypatch, ctrl_c):
    go_on = threading.Event()

    class Slow(ReferenceEngine):
        def steps(self, *arguments):
            go_on.wait(60)
            return super().steps(*arguments)

    monkeypatch.setattr(spread_module, "SECONDS_TO_END", 60)
    timers = [threading.Timer(seconds, ctrl_c) for seconds in (0.2, 0.5)]
    for each in timers:
        each.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            train_many(endless(1), 1, engine=Slow())
    finally:
        go_on.set()


def test_a_sign_of_ones_own_ends_everything():
    class Mine(KeyboardInterrupt):
        pass

    def mine():
        raise Mine

    for one_by_one in (False, True):
        with pytest.raises(Mine):
            train_many(endless(), 2, Stopping(mine), one_by_one=one_by_one)


class Tally:
    """Counts what it is told, and that nobody tells it two things at once."""

    def __init__(self):
        self.epochs, self.spared, self.inside = 0, [], threading.Lock()

    def epoch(self, record):
        assert self.inside.acquire(blocking=False)
        self.epochs += 1
        self.inside.release()

    def network(self, spared):
        assert self.inside.acquire(blocking=False)
        self.spared.append(spared)
        self.inside.release()


@pytest.mark.parametrize("threads", [1, 4])
def test_progress_is_reported_of_the_whole(threads):
    given, tally = members(), Tally()
    found = train_many(given, threads, tally)
    assert tally.epochs == sum(len(each.history) for each in found)
    ends = [each.settings.stop_after or each.settings.max_epochs for each in given]
    assert sorted(tally.spared) == sorted(
        end - len(each.history) for end, each in zip(ends, found, strict=True)
    )
    assert max(tally.spared) > 0
    assert any(each.status is Status.PATIENCE for each in found)


@pytest.mark.parametrize(
    ("start", "rate", "losses"),
    [
        # z ← z (1 - 2 rate) with an input and a bias of 1, so the loss grows by (1 - 2 rate)².
        (1.0, 5.5, [50.0, 5_000.0, 500_000.0]),
        (1.0, 500.5, [500_000.0]),
        (np.nan, 0.1, []),
    ],
)
def test_the_pool_hears_of_the_epochs_before_the_one_that_diverged(
    monkeypatch, start, rate, losses
):
    told = []

    class Heard(Pool):
        def see(self, number, losses, done, *, ended):
            told.append((number, done, ended))
            super().see(number, losses, done, ended=ended)

    monkeypatch.setattr(many_module, "Pool", Heard)
    sound, diverging = (
        Member(
            Architecture((1, 1), ("identity",)), np.array([first, 0.0]),
            Data.of(np.ones((2, 1)), np.zeros((2, 1))), "squared_error", 0.0,
            Settings(parse_optimizer(f"sgd:lr={each}"), None, 9),
            np.array([0]), np.array([1]),
        )
        for first, each in ((1.0, 0.01), (start, rate))
    )  # fmt: skip
    pooled = Pooled(2, 0.0, (1.0, 1.0))
    found = train_many([diverging, sound], threads=1, pooled=pooled)
    history = found[0].history
    assert [each["valid_loss"] for each in history] == pytest.approx(losses)
    before = [done for number, done, _ in told if number == 0]
    assert before == [*range(1, len(losses)), max(0, len(losses) - 1)]
    assert [ended for number, _, ended in told if number == 0][-1]
    # The epochs in which only the one that left was worse do not count.
    assert (found[0].status, len(found[1].history)) == (Status.DIVERGED, 9)


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize(("threads", "one_by_one"), [(1, False), (2, False), (5, False), (5, True)])
def test_threads_without_a_network_help_the_others(threads, one_by_one):
    seen, lock = [], threading.Lock()

    class Counting(ReferenceEngine):
        def steps(self, *arguments):
            with lock:
                seen.append((len(arguments[5].rows), arguments[8]))
            return super().steps(*arguments)

    [long] = endless(1)
    rows = np.arange(60)
    # Three networks of 2 epochs, and then one that goes on.
    given = [replace(long, rows=rows[: 50 + i], settings=settings_of(2)) for i in range(3)]
    given.append(replace(long, rows=rows, settings=settings_of(300)))
    if one_by_one:
        train_many(given, threads, engine=Counting(), one_by_one=True)
        assert {helpers for _, helpers in seen} == {5}
        return
    train_many(given, threads, engine=Counting())
    takers = min(threads, 4)
    # Each has at least its share, and never more than all; the last one has them all in the end.
    assert min(helpers for _, helpers in seen) == threads // takers
    assert max(helpers for _, helpers in seen) <= threads
    assert seen[-1][1] == threads


def test_a_worker_of_joblib_and_work_that_is_alone_help_nobody():
    seen = []

    class Counting(ReferenceEngine):
        def steps(self, *arguments):
            seen.append(arguments[8])
            return super().steps(*arguments)

    short = replace(endless(1)[0], settings=settings_of(3))
    with working_alone():
        train_many([short], engine=Counting())
    with joblib.parallel_config(n_jobs=1):
        train_many([short], engine=Counting())
    assert set(seen) == {1}


def test_networks_that_waited_take_no_slice_after_the_time_limit(monkeypatch):
    architecture, theta, data = problem()
    folds = np.arange(60).reshape(3, 20)
    asked = Settings(parse_optimizer("adam:lr=0.01"), 8, 50, time_limit=30.0)
    given = [
        Member(architecture, theta, data, LOSS, 0.1, asked, np.delete(np.arange(60), f), f)
        for f in folds
    ]
    now, slices, advance = [0.0], [], run_module.Run.advance

    def slowly(run):
        slices.append(run)
        now[0] += 29.0 if len(slices) == 4 else 1.0  # the first one takes its second turn
        advance(run)

    monkeypatch.setattr(run_module.Run, "advance", slowly)
    begun = run_module.Run.__init__
    monkeypatch.setattr(
        run_module.Run, "__init__", lambda *a, **k: begun(*a, **{**k, "clock": lambda: now[0]})
    )
    found = train_many(given, 1)
    assert [each.status for each in found] == [Status.TIME_LIMIT] * 3
    assert len(slices) == 4


def test_networks_that_take_turns_have_one_time_limit_that_begins_with_the_first(monkeypatch):
    architecture, theta, data = problem()
    folds = np.arange(60).reshape(3, 20)
    asked = Settings(parse_optimizer("adam:lr=0.01"), 8, 50, time_limit=30.0)
    given = [
        Member(architecture, theta, data, LOSS, 0.1, asked, np.delete(np.arange(60), f), f)
        for f in folds
    ]
    now, slices, advance = [0.0], [], run_module.Run.advance

    def slowly(run):
        slices.append(run)
        now[0] += 12.0
        advance(run)

    monkeypatch.setattr(run_module.Run, "advance", slowly)
    begun = run_module.Run.__init__
    monkeypatch.setattr(
        run_module.Run, "__init__", lambda *a, **k: begun(*a, **{**k, "clock": lambda: now[0]})
    )
    found = train_many(given, 1)
    assert [each.status for each in found] == [Status.TIME_LIMIT] * 3
    assert len(slices) == 3
