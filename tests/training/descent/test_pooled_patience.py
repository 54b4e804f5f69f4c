"""Networks of folds stop together: against a replay of whole curves, for any number of threads."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from descents import LOSS, in_slices_of, problem, same
from slow_cases import slow_but
from thalweg.errors import Status
from thalweg.network.architecture import Architecture
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.training import many as many_module
from thalweg.training.callbacks import Callback
from thalweg.training.descent.pooled_patience import Pool, Pooled
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.history import column
from thalweg.training.many import train_many
from thalweg.training.train import train

EPOCHS = 40


def folds(text="adam:lr=0.3", n_folds=5, seed=0, epochs=EPOCHS, batch_size=8, **more):
    """Members that each hold out their part of the rows, not all as large."""
    architecture, theta, data = problem(seed=seed)
    chosen = Settings(parse_optimizer(text), batch_size, epochs, **more)
    fold = np.arange(60) % n_folds
    fold[:7] = 0
    return [
        Member(
            architecture, theta, data, LOSS, 0.1, chosen,
            np.flatnonzero(fold != k), np.flatnonzero(fold == k),
        )
        for k in range(n_folds)
    ]  # fmt: skip


def shares_of(members):
    return tuple(float(each.data.weights[each.held_out].sum()) for each in members)


def alone(member, **changes):
    return train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        replace(member.settings, **changes), rows=member.rows, held_out=member.held_out,
    )  # fmt: skip


def last_epoch(curves, shares, patience, tol):
    """Where the mean of whole curves, of which some may be shorter, has not improved for long."""
    lowest, waited, left = np.inf, 0, None
    for epoch in range(1, max(map(len, curves)) + 1):
        there = [k for k, curve in enumerate(curves) if len(curve) >= epoch]
        means = [
            np.average([curves[k][i] for k in there], weights=[shares[k] for k in there])
            for i in range(epoch)
        ]
        if there != left:
            left, lowest, own = there, np.inf, 0
            for mean in means[:-1]:
                own = 0 if mean < lowest - tol else own + 1
                lowest = mean if mean < lowest - tol else lowest
            waited = min(waited, own)
        waited += 1
        if means[-1] < lowest - tol:
            lowest, waited = means[-1], 0
        if waited >= patience:
            return epoch
    return max(map(len, curves))


def sound_curve(descent):
    """Its held-out losses, but for an epoch in which it diverged."""
    losses = column(descent.history, "valid_loss").tolist()
    return losses[: descent.trouble.epoch - 1] if descent.trouble else losses


def check(members, pooled, **how):
    """Train them together; each is the run without patience, up to the epoch of a replay."""
    found = train_many(members, pooled=pooled, **how)
    wholes = [alone(each) for each in members]
    curves = [sound_curve(each) for each in wholes]
    last = last_epoch(curves, pooled.shares, pooled.patience, pooled.tol)
    for one, whole, member in zip(found, wholes, members, strict=True):
        assert one.history == whole.history[:last]
        cut = alone(member, stop_after=max(1, last))
        if one.status is Status.PATIENCE:
            assert (len(one.history), cut.status) == (last, Status.MAX_EPOCHS)
            cut = replace(cut, status=Status.PATIENCE)
        assert same(one, cut)
    return found, last


@pytest.mark.parametrize(
    "text",
    [
        "adam:lr=0.3,average=1",
        pytest.param("adam:lr=0.3", marks=pytest.mark.slow),
        pytest.param("sgd:lr=2,momentum=0.9", marks=pytest.mark.slow),
    ],
)
@given(
    st.sampled_from([2, 3, 5]), st.integers(1, 9), st.sampled_from([0.0, 1e-3, 0.02]),
    st.integers(0, 3), st.sampled_from([1, 2, 4]), st.booleans(), st.integers(1, 30),
)  # fmt: skip
@settings_of_hypothesis(max_examples=25)
def test_each_fold_is_cut_where_a_replay_of_whole_curves_says(
    text, n_folds, patience, tol, seed, threads, one_by_one, steps
):
    members = folds(text, n_folds, seed)
    pooled = Pooled(patience, tol, shares_of(members))
    found, last = check(
        members, pooled, threads=threads, one_by_one=one_by_one, engine=in_slices_of(steps)
    )
    expected = Status.PATIENCE if last < EPOCHS else Status.MAX_EPOCHS
    assert {each.status for each in found} == {expected}


def test_they_stop_early_and_not_where_one_alone_would():
    members = folds()
    pooled = Pooled(6, 0.0, shares_of(members))
    found, last = check(members, pooled)
    own = [len(alone(each, patience=6).history) for each in members]
    assert last < EPOCHS
    assert len({*own, last}) > 2, "the folds must differ, or this test shows nothing"
    assert len({each.best_epoch for each in found}) > 1, "each keeps its own best epoch"


def test_one_result_for_any_number_of_threads():
    members = folds("adam:lr=0.3,average=0.5")
    pooled = Pooled(4, 1e-4, shares_of(members))
    first = train_many(members, 1, pooled=pooled)
    for threads in (2, 3, 4, 8, None):
        for one, other in zip(first, train_many(members, threads, pooled=pooled), strict=True):
            assert same(one, other)


class Slow(ReferenceEngine):
    """Makes the steps of one fold slow, and notes which epochs were begun."""

    def __init__(self, slow, seconds):
        self.slow, self.seconds = slow, seconds

    def steps(self, *arguments):
        if len(arguments[5].rows) == self.slow:
            time.sleep(self.seconds)
        return super().steps(*arguments)


def test_a_fold_runs_ahead_as_far_as_no_result_depends_on_it():
    members = folds(epochs=30)
    slow = min(len(each.rows) for each in members)
    sizes = [len(each.rows) for each in members]
    assert sizes.count(slow) == 1
    pooled = Pooled(3, 0.0, shares_of(members))
    ahead, epochs = [], [0] * 5

    class Watch(Callback):
        def __init__(self, number):
            self.number = number

        def epoch_end(self, moment):
            epochs[self.number] = moment.epoch
            ahead.append(moment.epoch - min(epochs))

    watches = [[Watch(number)] for number in range(5)]
    found = train_many(members, 4, engine=Slow(slow, 0.01), callbacks=watches, pooled=pooled)
    [expected] = {len(each.history) for each in train_many(members, 1, pooled=pooled)}
    assert [len(each.history) for each in found] == [expected] * 5
    assert 2 <= max(ahead) <= 3


def test_a_thread_that_must_wait_does_not_turn_in_circles(monkeypatch):
    # One fold is slow: the other thread waits for it, and hardly ever looks.
    members = folds(n_folds=2, epochs=6)
    slow = min(len(each.rows) for each in members)
    pooled = Pooled(1, 0.0, shares_of(members))
    looks = []

    class Watched(Pool):
        @property
        def limit(self):
            looks.append(threading.current_thread())
            return super().limit

    monkeypatch.setattr(many_module, "Pool", Watched)
    train_many(members, 2, engine=Slow(slow, 0.3), pooled=pooled)
    assert len(looks) < 400


def diverging(members, number, text="sgd:lr=1e3"):
    """The same, but one of them diverges."""
    one = replace(members[number], settings=replace(
        members[number].settings, optimizer=parse_optimizer(text)
    ))  # fmt: skip
    return [*members[:number], one, *members[number + 1 :]]


DIVERGING = [(1.5, 5), (1.8, 6), (2, 2), (2.4, 1), (2.4, 5), (30, 1), (1e80, 5)]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(
    ("threads", "rate", "patience"),
    slow_but(
        {*((2, *each) for each in DIVERGING), (1, 1.8, 6), (4, 2, 2)},
        [(threads, *each) for threads in (1, 2, 4) for each in DIVERGING],
    ),
)
def test_a_fold_that_diverges_leaves_and_the_others_go_on(threads, rate, patience):
    architecture = Architecture.dense(3, (), 1, "identity")
    members = [
        replace(each, architecture=architecture, theta=np.full(4, 0.1), loss="squared_error")
        for each in folds("adam:lr=0.02", epochs=30)
    ]
    members = diverging(members, 2, f"sgd:lr={rate}")
    pooled = Pooled(patience, 0.0, shares_of(members))
    found, last = check(members, pooled, threads=threads)
    assert found[2].status is Status.DIVERGED, "it must diverge, or this test shows nothing"
    assert len(found[2].history) < last
    others = [each for number, each in enumerate(members) if number != 2]
    rest = replace(pooled, shares=shares_of(others))
    assert {len(each.history) for each in train_many(others, pooled=rest)} == {last}
    assert all(np.isfinite(each.theta).all() for each in found)


def test_where_all_diverge_each_ends_by_itself():
    members = folds("sgd:lr=1e80", n_folds=3)
    found, _ = check(members, Pooled(2, 0.0, shares_of(members)), threads=2)
    assert {each.status for each in found} == {Status.DIVERGED}


def test_a_fold_that_leaves_does_not_make_the_others_look_worse():
    # The mean of the first three falls by 0.1 an epoch; the second has the lowest losses of all.
    pool = Pool(Pooled(3, 0.0, (1.0, 1.0, 2.0)))
    first = [1.0 - 0.1 * epoch for epoch in range(8)]
    third = [2.0 - 0.1 * epoch for epoch in range(8)]
    pool.see(1, [-9.0, -9.5], 2, ended=True)
    pool.see(0, first, 8, ended=False)
    assert (pool.epoch, pool.limit) == (0, 3)
    pool.see(2, third, 2, ended=False)
    assert (pool.epoch, pool.limit) == (2, 5)
    pool.see(2, third, 8, ended=False)
    assert (pool.epoch, pool.limit, pool.over) == (8, 11, False)


def test_the_count_goes_on_when_a_fold_leaves():
    pool = Pool(Pooled(4, 0.0, (1.0, 1.0)))
    pool.see(0, [1.0, 2.0, 2.0, 2.0, 2.0], 5, ended=False)
    pool.see(1, [1.0, 1.0, 1.0], 3, ended=False)
    assert (pool.epoch, pool.patience.waited, pool.limit) == (3, 2, 5)
    pool.see(1, [1.0, 1.0, 1.0], 3, ended=True)
    assert (pool.epoch, pool.over, pool.limit) == (5, True, 5)


def test_epochs_that_improved_the_mean_of_all_do_not_count_later():
    # The first network is best at once. The mean of both falls until the second one leaves.
    pool = Pool(Pooled(3, 0.0, (1.0, 1.0)))
    pool.see(1, [9.0, 5.0, 1.0], 3, ended=True)
    pool.see(0, [1.0, 2.0, 2.0, 2.0], 4, ended=False)
    assert (pool.epoch, pool.over, pool.limit) == (4, False, 6)


def test_epochs_in_which_only_a_network_that_left_was_worse_do_not_count():
    pool = Pool(Pooled(3, 0.0, (1.0, 1.0)))
    pool.see(0, [3.0, 2.0, 1.0, 1.0, 1.0], 5, ended=False)
    pool.see(1, [1.0, 5.0, 50.0], 3, ended=False)
    assert (pool.epoch, pool.patience.waited, pool.limit) == (3, 2, 4)
    pool.see(1, [1.0, 5.0, 50.0], 3, ended=True)
    assert (pool.epoch, pool.over, pool.limit) == (5, False, 6)


def test_the_mean_must_fall_by_more_than_tol_in_the_unit_of_the_losses():
    # Weights 3 and 5: the mean is 4, then 3.7, then 3.4, which is 0.6 below the lowest.
    pool = Pool(Pooled(4, 0.5, (3.0, 5.0)))
    waited = []
    for done in (1, 2, 3):
        pool.see(0, [4.0, 3.2, 2.4], done, ended=False)
        pool.see(1, [4.0, 4.0, 4.0], done, ended=False)
        waited.append((pool.epoch, pool.patience.waited, round(pool.patience.lowest, 12)))
    assert waited == [(1, 0, 4.0), (2, 1, 4.0), (3, 0, 3.4)]


def test_who_is_over_is_over():
    pool = Pool(Pooled(1, 0.0, (1.0,)))
    pool.see(0, [1.0, 1.0, 0.5], 3, ended=False)
    assert (pool.epoch, pool.over, pool.limit) == (2, True, 2)


def test_other_numbers_may_be_pooled_than_losses():
    class Score(Callback):
        """Zigzags, and is best in an epoch of its own."""

        def __init__(self, best):
            self.best, self.losses = best, []

        def epoch_end(self, moment):
            self.losses.append(abs(moment.epoch - self.best) + 0.4 * (moment.epoch % 2))

    members = folds(n_folds=3)
    for threads in (1, 2):
        scores = [Score(best) for best in (4, 7, 9)]
        pooled = Pooled(5, 0.0, shares_of(members), tuple(each.losses for each in scores))
        found = train_many(members, threads, callbacks=[[each] for each in scores], pooled=pooled)
        curves = [[abs(e - best) + 0.4 * (e % 2) for e in range(1, 41)] for best in (4, 7, 9)]
        last = last_epoch(curves, pooled.shares, 5, 0.0)
        assert [len(each.history) for each in found] == [last] * 3
        assert [each.losses for each in scores] == [curve[:last] for curve in curves]


def test_ctrl_c_keeps_what_each_has_and_nobody_waits_for_ever():
    members = folds(epochs=10**6)
    pooled = Pooled(10**6, 0.0, shares_of(members))

    class Press:
        def __init__(self):
            self.count = 0

        def epoch(self, record):
            self.count += 1
            if self.count == 40:
                os.kill(os.getpid(), signal.SIGINT)

        def network(self, spared):
            raise AssertionError("none is finished")

    begin = time.monotonic()
    found = train_many(members, 2, Press(), pooled=pooled)
    assert time.monotonic() - begin < 30
    assert {each.status for each in found} == {Status.INTERRUPTED}
    assert all(each.best_epoch > 0 for each in found)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_an_error_in_one_ends_all(one_by_one):
    class Failing(Callback):
        def epoch_end(self, moment):
            if moment.epoch == 3:
                raise ZeroDivisionError("mine")

    members = folds(n_folds=3)
    pooled = Pooled(6, 0.0, shares_of(members))
    callbacks = [[], [Failing()], []]
    with pytest.raises(ZeroDivisionError, match="mine"):
        train_many(members, 2, callbacks=callbacks, one_by_one=one_by_one, pooled=pooled)


class Peeking(float):
    """A tolerance that looks at a pool while the pool counts an epoch, as another thread may."""

    def __rsub__(self, lowest):
        self.seen.append((self.pool.over, self.pool.limit))
        return float(lowest) - float(self)


def peeking_pool(patience, n_networks):
    tol = Peeking(0.0)
    tol.seen, tol.pool = [], Pool(Pooled(patience, tol, (1.0,) * n_networks))
    return tol.pool, tol.seen


def test_no_thread_sees_patience_over_while_a_better_epoch_is_counted():
    pool, seen = peeking_pool(1, 2)
    for loss in (3.0, 2.0, 1.0):
        done = len(pool.curves[0]) + 1
        for number in range(2):
            pool.see(number, [*pool.curves[number], loss], done, ended=False)
    assert len(seen) == 3
    assert not any(over for over, _ in seen)
    assert not pool.over
    assert pool.limit == 4


def test_no_thread_goes_too_far_while_the_mean_of_those_that_are_left_is_counted_anew():
    pool, seen = peeking_pool(4, 3)
    worse = [1.0, 2.0, 3.0, 4.0]
    for number in range(3):
        pool.see(number, worse, 4, ended=False)
    assert (pool.over, pool.limit) == (False, 5)
    pool.see(2, worse, 4, ended=True)
    seen.clear()
    for number in range(2):
        pool.see(number, [*worse, 5.0], 5, ended=False)
    assert pool.over
    assert {limit for _, limit in seen} == {5}


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_one_that_ends_before_its_first_step_leaves_and_nobody_waits_for_it(threads, one_by_one):
    class Stop(Callback):
        def train_begin(self, moment):
            return True

    members = folds(n_folds=3)
    pooled = Pooled(3, 0.0, shares_of(members))
    found = []

    def run():
        callbacks = [[], [Stop()], []]
        found.extend(
            train_many(members, threads, callbacks=callbacks, one_by_one=one_by_one, pooled=pooled)
        )

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "the others wait for ever"
    assert (found[1].status, len(found[1].history)) == (Status.STOPPED, 0)
    wholes = [column(alone(each).history, "valid_loss").tolist() for each in members]
    wholes[1] = []
    last = last_epoch(wholes, pooled.shares, 3, 0.0)
    assert [len(found[k].history) for k in (0, 2)] == [last, last]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_time_limit_ends_all_of_them(threads):
    members = folds(epochs=10**6, time_limit=0.3)
    found = train_many(members, threads, pooled=Pooled(2, 1e9, shares_of(members)))
    assert {(each.status, len(each.history)) for each in found} == {(Status.PATIENCE, 3)}
    endless = train_many(members, threads, pooled=Pooled(10**6, 0.0, shares_of(members)))
    assert {each.status for each in endless} == {Status.TIME_LIMIT}


def test_one_that_is_asked_to_stop_leaves():
    class Stop(Callback):
        def epoch_end(self, moment):
            return moment.epoch == 2

    members = folds(n_folds=3)
    pooled = Pooled(6, 0.0, shares_of(members))
    found = train_many(members, 2, callbacks=[[], [Stop()], []], pooled=pooled)
    assert (found[1].status, len(found[1].history)) == (Status.STOPPED, 2)
    wholes = [column(alone(each).history, "valid_loss").tolist() for each in members]
    wholes[1] = wholes[1][:2]
    last = last_epoch(wholes, pooled.shares, 6, 0.0)
    assert [len(found[k].history) for k in (0, 2)] == [last, last]


def test_progress_hears_which_epochs_were_spared():
    members, told = folds(n_folds=3), []

    class Tally:
        def epoch(self, record):
            pass

        def network(self, spared):
            told.append(spared)

    found = train_many(members, 2, Tally(), pooled=Pooled(4, 0.0, shares_of(members)))
    assert told == [EPOCHS - len(found[0].history)] * 3
