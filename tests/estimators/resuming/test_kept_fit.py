"""The checkpoint of a whole fit: wherever it is cut, the same fit ends in the same bytes."""

import signal
import threading
import time
import warnings
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GridSearchCV, cross_val_score

from kept_fits import (
    CLASSES,
    FITS,
    SMALL,
    Cut,
    Ear,
    X,
    all_written,
    at_once,
    bytes_of,
    cut_at,
    fitted,
    left_by,
)
from kept_fits import without_waiting_for_the_disk as without_waiting_for_the_disk
from slow_cases import slow_but
from thalweg import Checkpoint, ThalwegClassifier
from thalweg.errors import CheckpointError, SettingsError, Status, UnfinishedWarning
from thalweg.sealed_container import read_sealed, seal
from thalweg.training import many

# Each way of training, once; the others differ in what the rows and the networks are.
ALL = pytest.mark.parametrize("name", slow_but(("cross-validation", "scoring", "lbfgs"), FITS))


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder / "fit.ckpt"


@cache
def whole_of(name, folder):
    return bytes_of(fitted(name), folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return lambda name: whole_of(name, folder)


@ALL
def test_a_fit_with_a_checkpoint_has_the_bytes_of_one_without_and_leaves_no_file(
    name, path, tmp_path, whole
):
    model = fitted(name, at_once(path), n_jobs=2)
    assert bytes_of(model, tmp_path) == whole(name)
    assert left_by(path) == []


@ALL
def test_a_fit_that_was_cut_twice_ends_in_the_same_bytes(name, path, tmp_path, whole):
    for slices, threads in ((3, 2), (2, 1)):
        with cut_at(slices), suppress(Cut):  # some have fewer slices
            fitted(name, at_once(path, keep=True), n_jobs=threads)
    assert path.exists()
    assert bytes_of(fitted(name, at_once(path), n_jobs=3), tmp_path) == whole(name)


@pytest.mark.slow
@given(
    st.sampled_from(sorted(FITS)),
    st.lists(st.integers(1, 30), min_size=1, max_size=2),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([0.0, 0.01, 1e9]),
)
def test_wherever_a_fit_is_cut_it_ends_in_the_same_bytes(
    whole, tmp_path_factory, name, cuts, threads, every
):
    folder = tmp_path_factory.mktemp("kept")
    kept = Checkpoint(folder / "fit.ckpt", every_seconds=every)
    for slices in cuts:
        with cut_at(slices):
            try:
                fitted(name, kept, n_jobs=threads)
            except Cut:
                continue
            break
    assert bytes_of(fitted(name, kept), folder) == whole(name)


@pytest.mark.parametrize("name", slow_but(["folds"], ["folds", "cross-validation", "scoring"]))
def test_every_file_that_a_fit_writes_leads_to_the_same_bytes(name, path, tmp_path, whole):
    # A kill leaves one of them: with all networks waiting, some running, some done, all done.
    with all_written() as written:
        fitted(name, at_once(path, keep=True), n_jobs=2)
    last = len(written) - 1
    for number in (0, 2, last // 2, last - 1, last):
        path.write_bytes(written[number])
        assert bytes_of(fitted(name, at_once(path)), tmp_path) == whole(name), number
        assert left_by(path) == []


@pytest.mark.parametrize("slices", [7, 12])
def test_a_network_that_is_cut_after_its_steps_keeps_its_last_copy(slices, path, tmp_path, whole):
    with cut_at(slices, moved=True), pytest.raises(Cut):
        fitted("folds", at_once(path), n_jobs=1)
    assert bytes_of(fitted("folds", path), tmp_path) == whole("folds")


def test_a_kept_checkpoint_gives_the_model_without_a_step(path, tmp_path, whole):
    fitted("folds", Checkpoint(path, keep=True))
    assert left_by(path) == ["fit.ckpt", "fit.ckpt.before"]
    with cut_at(1) as begun:
        model = fitted("folds", path)
    assert begun == []
    assert bytes_of(model, tmp_path) == whole("folds")


def test_a_seed_that_nobody_named_is_that_of_the_checkpoint(path):
    with cut_at(4), pytest.raises(Cut):
        fitted("folds", at_once(path), random_state=None)
    first = fitted("folds", at_once(path, keep=True), random_state=None)
    again = fitted("folds", at_once(path), random_state=None)
    assert first.seed_ == again.seed_ != fitted("folds", random_state=None).seed_


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"alpha": 2.0}, "alpha: 'auto' → 2.0"),
        ({"random_state": 1}, "seed: 0 → 1"),
        ({"callbacks": [Ear()]}, "callbacks: none → some"),
        ({"time_limit": 60.0}, "time_limit: None → 60.0"),
    ],
)
def test_a_checkpoint_of_another_fit_is_refused_untouched_with_what_differs(more, said, path):
    with cut_at(4), pytest.raises(Cut):
        fitted("folds", at_once(path))
    before = path.read_bytes()
    with pytest.raises(CheckpointError) as refused:
        fitted("folds", at_once(path), **more)
    assert refused.value.why == f"It differs in 1: {said}"
    assert path.read_bytes() == before


def test_other_rows_weights_groups_and_classes_are_refused_too(path):
    model = ThalwegClassifier(**SMALL)
    with cut_at(4), pytest.raises(Cut):
        model.fit(X, CLASSES, checkpoint=at_once(path))
    for words, given_now in (
        ("data: ", {"X": X.assign(a=X["a"] + 1.0), "y": CLASSES}),
        ("data: ", {"X": X, "y": 1 - CLASSES}),
        ("sample weights: none → ", {"X": X, "y": CLASSES, "sample_weight": 1.0 + CLASSES}),
        ("groups: none → ", {"X": X, "y": CLASSES, "groups": np.arange(len(X))}),
        ("X_val: none → ", {"X": X, "y": CLASSES, "X_val": X[:9], "y_val": CLASSES[:9]}),
    ):
        with pytest.raises(CheckpointError) as refused:
            model.fit(**given_now, checkpoint=path)
        assert words in refused.value.why


def test_a_model_is_as_it_was_before_if_the_checkpoint_is_refused(path):
    model = ThalwegClassifier(**SMALL).fit(X, CLASSES)
    before = model.predict_proba(X)
    path.write_text("not a checkpoint")
    with pytest.raises(CheckpointError, match="cannot be resumed"):
        model.fit(X, CLASSES, checkpoint=path)
    assert path.read_text() == "not a checkpoint"
    assert np.array_equal(model.predict_proba(X), before)


def test_a_search_is_refused_with_the_fix(path):
    search = GridSearchCV(ThalwegClassifier(**SMALL), {"alpha": [1.0]}, error_score="raise")
    with pytest.raises(SettingsError, match="give it to the fit of the best settings"):
        search.fit(X, CLASSES, checkpoint=path)
    with pytest.raises(SettingsError, match="a search or a cross-validation"):
        cross_val_score(
            ThalwegClassifier(**SMALL), X, CLASSES, params={"checkpoint": path}, error_score="raise"
        )
    assert left_by(path) == []


def test_warm_start_is_refused(path):
    with pytest.raises(SettingsError, match="warm_start=False"):
        ThalwegClassifier(**SMALL, warm_start=True).fit(X, CLASSES, checkpoint=path)


def test_callbacks_hear_the_epochs_after_the_cut_and_change_no_number(path, tmp_path):
    every, later = Ear(), Ear()
    whole = fitted("folds", callbacks=[every])
    with cut_at(42), pytest.raises(Cut):  # among the networks of which callbacks hear
        fitted("folds", at_once(path), callbacks=[Ear()])
    model = fitted("folds", at_once(path), callbacks=[later])
    assert bytes_of(model, tmp_path) == bytes_of(whole, tmp_path)
    assert 0 < len(later.epochs) < len(every.epochs)
    assert every.epochs[-len(later.epochs) :] == later.epochs


def test_a_callback_that_raises_leaves_a_checkpoint_of_the_slices_before(path, tmp_path):
    class Bad(Ear):
        def epoch_end(self, moment):
            super().epoch_end(moment)
            if len(self.epochs) == 8:
                raise Cut

    with pytest.raises(Cut):
        fitted("folds", at_once(path), callbacks=[Bad()])
    whole = bytes_of(fitted("folds", callbacks=[Ear()]), tmp_path)
    assert bytes_of(fitted("folds", at_once(path), callbacks=[Ear()]), tmp_path) == whole


def test_the_seconds_of_earlier_processes_count_for_a_time_limit(path):
    # Of 40 seconds all are used up when the fit resumes, so that it ends at once.
    long = {"time_limit": 40.0, "max_iter": 10**6, "n_iter_no_change": 10**6, "n_jobs": 1}
    with cut_at(8), pytest.raises(Cut):
        fitted("folds", at_once(path), **long)
    header, arrays = read_sealed(path)
    (race,) = header["races"]
    assert 0 < race["seconds"] < 40
    assert 30 < race["limit"] <= 40
    for network in race["networks"]:
        if network["part"]:
            network["part"]["seconds"] = 40.0
    path.write_bytes(seal(header, arrays))
    began = time.monotonic()
    model = fitted("folds", path, **long)
    assert time.monotonic() - began < 20
    assert {each.status for each in model.members_} == {Status.TIME_LIMIT}
    assert left_by(path) == []


def test_ctrl_c_keeps_the_checkpoint_and_the_same_fit_goes_on_from_it(path, tmp_path, monkeypatch):
    long = {"max_iter": 100, "n_iter_no_change": 100, "n_jobs": 2}
    whole = bytes_of(fitted("folds", **long), tmp_path)
    advance, slices = many.Run.advance, []

    def then_interrupted(run):
        advance(run)
        slices.append(1)
        if len(slices) == 30:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    monkeypatch.setattr(many.Run, "advance", then_interrupted)
    with pytest.warns(UnfinishedWarning, match="The same fit goes on from its checkpoint"):
        fitted("folds", Checkpoint(path, every_seconds=1e9), **long)
    monkeypatch.undo()
    cut = len(slices)
    with cut_at(0) as begun:
        model = fitted("folds", path, **long)
    assert bytes_of(model, tmp_path) == whole
    assert len(begun) == 500 - cut  # not one slice was lost
    assert left_by(path) == []


def test_without_a_checkpoint_no_handler_of_a_signal_changes(path):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    seen = []

    class Looks(Ear):
        def epoch_end(self, moment):
            seen.append(
                [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
            )

    fitted("folds", path, callbacks=[Looks()])
    assert seen
    assert all(each == before for each in seen)


def test_two_fits_cannot_use_one_file_at_the_same_time(path):
    class Second(Ear):
        def train_begin(self, moment):
            with pytest.raises(CheckpointError, match="Another fit uses this checkpoint now"):
                fitted("folds", path)
            self.epochs.append(0)

    second = Second()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted("folds", path, callbacks=[second])
    assert second.epochs
