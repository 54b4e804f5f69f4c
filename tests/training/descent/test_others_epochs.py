"""The epoch that the other folds find best: against whole curves and runs, for any threads."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from descents import LOSS, problem
from thalweg.network.architecture import Architecture
from thalweg.network.reference_engine import ReferenceEngine
from thalweg.training.callbacks import EpochPath
from thalweg.training.descent import others_epochs
from thalweg.training.descent.others_epochs import (
    BESIDES,
    Election,
    by_others,
    deals_of,
    keepers_of,
)
from thalweg.training.descent.pooled_patience import MOST_AHEAD, Pooled
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.history import column
from thalweg.training.many import train_many
from thalweg.training.train import train


def members_of(text="adam:lr=0.3,average=1", epochs=30, n_folds=5):
    """Folds that each hold out their part of the rows, the first one more."""
    architecture, theta, data = problem()
    settings = Settings(parse_optimizer(text), None if text == "lbfgs" else 8, epochs)
    fold = np.arange(60) % n_folds
    fold[:7] = 0
    return [
        Member(
            architecture, theta, data, LOSS, 0.1, settings,
            np.flatnonzero(fold != k), np.flatnonzero(fold == k),
        )
        for k in range(n_folds)
    ]  # fmt: skip


def shares_of(members):
    return tuple(float(each.data.weights[each.held_out].sum()) for each in members)


def kept(members, pooled=None, known=None, **how):
    """The runs, what was kept, and how many weights a fold had at the most."""
    keepers = keepers_of(members, shares_of(members), pooled, [None] * len(members), known)
    most = [0]

    class Counts(EpochPath):
        def epoch_end(self, moment):
            super().epoch_end(moment)
            most[0] = max(most[0], *(len(each.kept) for each in keepers))

    paths = [Counts() for _ in members]
    told = [[keeper, path] for keeper, path in zip(keepers, paths, strict=True)]
    runs = train_many(members, callbacks=told, pooled=pooled, **how)
    return runs, by_others(keepers, runs), paths, most[0]


def chosen_by_the_others(curves, shares, number):
    """The epoch with the lowest mean of the other curves, which are all as long."""
    others = [k for k in range(len(curves)) if k != number]
    return 1 + int(
        np.argmin(np.average([curves[k] for k in others], 0, [shares[k] for k in others]))
    )


@pytest.mark.parametrize("text", ["adam:lr=0.3", "adam:lr=0.3,average=1", "lbfgs"])
@pytest.mark.parametrize("threads", [1, 3])
def test_each_fold_is_at_the_epoch_that_the_others_find_best(text, threads):
    members = members_of(text, epochs=12 if text == "lbfgs" else 30)
    pooled = None if text == "lbfgs" else Pooled(5, 0.0, shares_of(members))
    runs, found, paths, most = kept(members, pooled, threads=threads)
    curves = [column(each.history, "valid_loss") for each in runs]
    assert len({len(curve) for curve in curves}) == 1, "as long, so that it is the lowest mean"
    expected = tuple(chosen_by_the_others(curves, shares_of(members), k) for k in range(5))
    assert found.epochs == expected
    assert found.n_ended_earlier == 0
    assert found.epochs != tuple(each.best_epoch for each in runs), "or this test shows nothing"
    for k, epoch in enumerate(expected):
        assert found.losses[k] == curves[k][epoch - 1]
        assert found.thetas[k].tobytes() == paths[k].thetas[epoch].tobytes()
    assert found.shares == shares_of(members)
    if pooled:
        assert most <= pooled.patience + BESIDES


def test_with_much_patience_no_fold_runs_far_ahead():
    members = members_of("adam:lr=0.3", epochs=60)
    pooled = Pooled(50, 0.0, shares_of(members))
    _, found, _, most = kept(members, pooled, threads=2, engine=Slow())
    assert found is not None
    assert most <= MOST_AHEAD + BESIDES


class Slow(ReferenceEngine):
    """Makes the steps of one fold slow."""

    def steps(self, *arguments):
        if len(arguments[5].rows) < 48:
            time.sleep(0.002)
        return super().steps(*arguments)


def test_what_is_kept_changes_no_bit_and_does_not_depend_on_threads():
    members = members_of()
    pooled = Pooled(4, 0.0, shares_of(members))
    alone = train_many(members, 1, pooled=pooled)
    first = None
    for threads in (1, 2, 4):
        runs, found, _, _ = kept(members, pooled, threads=threads)
        assert [each.theta.tobytes() for each in runs] == [each.theta.tobytes() for each in alone]
        assert [each.history for each in runs] == [each.history for each in alone]
        numbers = found.epochs, found.losses, [theta.tobytes() for theta in found.thetas]
        first = first or numbers
        assert numbers == first


def test_folds_that_were_trained_before_are_known_one_by_one():
    members = members_of()
    pooled = Pooled(4, 0.0, shares_of(members))
    runs, found, _, _ = kept(members, pooled)
    curves = [column(each.history, "valid_loss").tolist() for each in runs]
    cut = members_of(epochs=30)
    stop = [len(curves[0])] * 5
    again, other, _, most = kept(
        [replaced(each, stop_after=n) for each, n in zip(cut, stop, strict=True)],
        known=curves, one_by_one=True,
    )  # fmt: skip
    assert [each.history for each in again] == [each.history for each in runs]
    assert (other.epochs, other.losses) == (found.epochs, found.losses)
    assert most <= BESIDES


def test_a_fold_that_ends_last_and_too_early_still_has_its_last_epoch():
    # All others have ended, and agree on a later epoch than it ever reaches.
    members = members_of()
    last = kept(members)[1].epochs[4] - 1
    assert last > 1
    members[4] = replaced(members[4], stop_after=last)
    _, found, paths, _ = kept(members, one_by_one=True)
    assert (found.epochs[4], found.n_ended_earlier) == (last, 1)
    assert found.thetas[4].tobytes() == paths[4].thetas[last].tobytes()


def replaced(member, **changes):
    return replace(member, settings=replace(member.settings, **changes))


def test_a_fold_that_ended_earlier_gives_its_last_epoch_and_is_counted():
    members = members_of()
    shares, last = shares_of(members), kept(members)[1].epochs[2] - 1
    assert last > 1
    members[2] = replaced(members[2], stop_after=last)
    runs, found, paths, _ = kept(members, threads=1)
    assert len(runs[2].history) == last
    assert (found.epochs[2], found.n_ended_earlier) == (last, 1)
    assert found.thetas[2].tobytes() == paths[2].thetas[last].tobytes()
    # The others still hear of it, as far as it came.
    curves = [column(each.history, "valid_loss") for each in runs]
    for k in (0, 1, 3, 4):
        others = [i for i in range(5) if i != k]
        best = replayed([curves[i] for i in others], [shares[i] for i in others])
        assert found.epochs[k] == best
        assert found.thetas[k].tobytes() == paths[k].thetas[best].tobytes()


@pytest.mark.parametrize("rate", [2, 2.4, 1e80])
def test_a_fold_that_diverged_gives_its_last_sound_epoch(rate):
    architecture = Architecture.dense(3, (), 1, "identity")
    members = [
        replace(each, architecture=architecture, theta=np.full(4, 0.1), loss="squared_error")
        for each in members_of("adam:lr=0.02")
    ]
    members[2] = replaced(members[2], optimizer=parse_optimizer(f"sgd:lr={rate}"))
    runs, found, paths, _ = kept(members, threads=2)
    if runs[2].trouble.epoch == 1:
        assert found is None, "there is no epoch"
        return
    sound = runs[2].trouble.epoch - 1
    assert sound < found.epochs[0]
    assert found.epochs[2] == sound
    assert found.thetas[2].tobytes() == paths[2].thetas[sound].tobytes()
    assert found.n_ended_earlier == 1


def replayed(curves, shares):
    """The same rule over whole curves: an epoch must be better over those that reached it."""
    best = 0
    for epoch in range(1, max(map(len, curves)) + 1):
        there = [k for k, curve in enumerate(curves) if len(curve) >= epoch]
        means = [
            np.average([curves[k][i - 1] for k in there], weights=[shares[k] for k in there])
            for i in (epoch, best or epoch)
        ]
        if not best or means[0] < means[1] - 1e-12:
            best = epoch
    return best


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12), min_size=1, max_size=5),
    st.integers(0, 10**6),
)
@settings_of_hypothesis(max_examples=200)
def test_the_election_is_the_same_in_whatever_order_curves_grow(wholes, seed):
    rng = random.Random(seed)
    shares = [rng.randint(1, 4) for _ in wholes]
    curves, ended = [[] for _ in wholes], [False] * len(wholes)
    election = Election(curves, shares)
    while not all(ended):
        k = rng.randrange(len(wholes))
        if len(curves[k]) < len(wholes[k]):
            curves[k].append(float(wholes[k][len(curves[k])]))
        else:
            ended[k] = True
        election.go_on(ended)
    assert election.go_on(ended) == replayed(wholes, shares)


def test_a_loss_that_is_not_a_number_is_never_the_best():
    nan, inf = float("nan"), float("inf")
    assert Election([[nan, 2.0, nan, 1.0, inf]], [1.0]).go_on([True]) == 4
    assert Election([[3.0, 2.0, nan], [3.0, nan, 2.0]], [1.0, 1.0]).go_on([True, True]) == 1


def test_a_new_division_begins_where_a_row_is_held_out_again():
    parts = [np.array([0, 3]), np.array([1]), np.array([2, 4])]
    again = [np.array([0, 1]), np.array([2, 3, 4])]
    assert deals_of(parts) == [[0, 1, 2]]
    assert deals_of([*parts, *again]) == [[0, 1, 2], [3, 4]]
    assert deals_of([parts[0], parts[0]]) == [[0], [1]]
    assert deals_of([]) == []


def test_nothing_is_kept_beyond_the_limit_or_without_another_fold(monkeypatch):
    members = members_of(epochs=30)
    shares, none = shares_of(members), [None] * 5
    pooled = Pooled(5, 0.0, shares)
    needed = (5 + BESIDES) * 5 * members[0].theta.nbytes
    monkeypatch.setattr(others_epochs, "MOST_BYTES", needed)
    assert None not in keepers_of(members, shares, pooled, none)
    assert keepers_of(members, shares, None, none) == none, "30 epochs, if they do not wait"
    patient = Pooled(1000, 0.0, shares)
    assert keepers_of(members, shares, patient, none) == none
    ten = (MOST_AHEAD + BESIDES) * 5 * members[0].theta.nbytes
    monkeypatch.setattr(others_epochs, "MOST_BYTES", ten)
    assert None not in keepers_of(members, shares, patient, none)
    monkeypatch.setattr(others_epochs, "MOST_BYTES", needed - 1)
    assert keepers_of(members, shares, pooled, none) == none
    assert by_others(none, [train_one(each) for each in members_of(epochs=1)]) is None
    monkeypatch.undo()
    assert keepers_of(members[:1], shares[:1], pooled, [None]) == [None]


def train_one(member):
    return train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    )  # fmt: skip
