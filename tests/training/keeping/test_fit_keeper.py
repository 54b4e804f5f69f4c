"""The file of a fit's checkpoint: damaged, forged, torn, taken, removed."""

import errno
import os

import numpy as np
import pytest

from faulty import Faulty, os_error
from kept_fits import Cut, at_once, bytes_of, cut_at, fitted, left_by
from kept_fits import without_waiting_for_the_disk as without_waiting_for_the_disk
from slow_cases import slow_but
from thalweg import Checkpoint, files
from thalweg.errors import CheckpointError, CheckpointWarning, OutputError, SettingsError
from thalweg.sealed_container import read_sealed, seal
from thalweg.training.keeping.fit_keeper import progress_in_words, remove_finished


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The bytes of a checkpoint with networks that are done and that run, and of the one before."""
    folder = tmp_path_factory.mktemp("made")
    path = folder / "fit.ckpt"
    with cut_at(24), pytest.raises(Cut):
        fitted("scoring", at_once(path), n_jobs=1)
    return path.read_bytes(), (folder / "fit.ckpt.before").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return bytes_of(fitted("scoring"), tmp_path_factory.mktemp("whole"))


@pytest.fixture
def path(tmp_path, kept):
    (tmp_path / "fit.ckpt").write_bytes(kept[0])
    return tmp_path / "fit.ckpt"


def test_the_checkpoint_has_networks_in_several_states(path):
    header, arrays = read_sealed(path)
    (race,) = header["races"]
    states = [each["part"] and each["part"]["state"] for each in race["networks"]]
    assert set(states) <= {None, "running", "done"}
    assert "running" in states
    assert progress_in_words(path).endswith("begun")
    assert arrays


def test_a_torn_newest_file_falls_back_to_the_one_before_and_says_so(path, tmp_path, kept, whole):
    before = path.with_name("fit.ckpt.before")
    before.write_bytes(kept[1])
    for torn in (b"", kept[0][: len(kept[0]) // 2], bytes(len(kept[0])), kept[0][:-1] + b"?"):
        path.write_bytes(torn)
        before.write_bytes(kept[1])
        with pytest.warns(CheckpointWarning, match="goes on from the one before it") as said:
            model = fitted("scoring", path)
        assert "is damaged (" in str(said[0].message)
        assert bytes_of(model, tmp_path) == whole
        assert left_by(path) == []


def test_a_torn_newest_file_does_not_replace_the_one_before(path, kept):
    before = path.with_name("fit.ckpt.before")
    path.write_bytes(kept[0][:100])
    before.write_bytes(kept[1])
    with cut_at(2), pytest.raises(Cut), pytest.warns(CheckpointWarning):
        fitted("scoring", Checkpoint(path, every_seconds=1e9), n_jobs=1)
    read_sealed(path)
    assert before.read_bytes() == kept[1]


def test_two_damaged_files_are_refused_and_left(path, kept):
    before = path.with_name("fit.ckpt.before")
    path.write_bytes(kept[0][:500])
    before.write_bytes(kept[1][:-3])
    with pytest.raises(CheckpointError, match="cannot be resumed") as refused:
        fitted("scoring", path)
    assert "; and the one before (fit.ckpt.before): " in refused.value.why
    assert (path.read_bytes(), before.read_bytes()) == (kept[0][:500], kept[1][:-3])


@pytest.mark.parametrize("name", ["", "."])
def test_what_names_no_file_is_refused(name):
    with pytest.raises(SettingsError, match="names no file"):
        Checkpoint(name)


def test_a_name_that_is_too_long_is_that_of_a_file_that_cannot_be_written(tmp_path):
    path = tmp_path / ("x" * 300)
    assert progress_in_words(path) == ""
    with pytest.raises(OutputError, match="too long"):
        fitted("scoring", path)


def test_a_file_that_is_cut_at_any_byte_is_refused(path, kept):
    # Every byte of the head and of the end, and some between them.
    data = kept[0]
    cuts = [*range(200), *range(200, len(data) - 64, 9001), *range(len(data) - 64, len(data))]
    for length in cuts:
        path.write_bytes(data[:length])
        assert progress_in_words(path) == "", length
    for length in (0, 7, 200, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match="cannot be resumed"):
            fitted("scoring", path)
        assert path.read_bytes() == data[:length]


def running(header):
    return next(
        (f"0/{k}/", each["part"])
        for k, each in enumerate(header["races"][0]["networks"])
        if each["part"] and each["part"]["state"] == "running"
    )


def begin(header):
    return running(header)[0]


def running_no_more(header):
    """Leave what only a network that runs has."""
    for each in header["races"][0]["networks"]:
        if each["part"] and each["part"]["state"] == "done":
            each["part"].pop("place", None)
            each["part"].pop("stopped", None)


FORGED = {
    "another kind": lambda h, a: h.update(kind="checkpoint"),
    "a later format": lambda h, a: h.update(format=2),
    "a further key": lambda h, a: h.update(code="x"),
    "a seed below 0": lambda h, a: h.update(seed=-1),
    "a huge seed": lambda h, a: h.update(seed=2**64),
    "words that are none": lambda h, a: h.update(fit={"data": 1}),
    "races that are none": lambda h, a: h.update(races={}),
    "a race without networks": lambda h, a: h["races"][0].pop("networks"),
    "a race of other networks": lambda h, a: h["races"][0]["networks"].pop(),
    "another title": lambda h, a: h["races"][0].update(title="Another"),
    "seconds that are endless": lambda h, a: h["races"][0].update(seconds=10**300),
    "seconds below 0": lambda h, a: running(h)[1].update(seconds=-1.0),
    "a state that is none": lambda h, a: running(h)[1].update(state="flying"),
    "an end that is a list": lambda h, a: (
        running(h)[1].update(
            {"state": "done", "status": [], "epochs": 0, "best_epoch": 0, "dead_units": []}
        )
        or running_no_more(h)
    ),
    "a list as state": lambda h, a: running(h)[1].update(state=[]),
    "a part that is none": lambda h, a: h["races"][0]["networks"][0].update(part=[1]),
    "a count that is none": lambda h, a: running(h)[1]["place"].update(epochs=True),
    "more epochs than there are": lambda h, a: running(h)[1]["place"].update(epochs=10**6),
    "an array of nobody": lambda h, a: a.update({"0/77/theta": np.zeros(1)}),
    "an array without a network": lambda h, a: a.update({"0/0": np.zeros(1)}),
    "an array of another callback": lambda h, a: a.update({begin(h) + "callback9/x": np.zeros(1)}),
    "a shorter θ": lambda h, a: a.update({begin(h) + "state/theta": np.zeros(1, np.float32)}),
    "θ of another dtype": lambda h, a: a.update(
        {begin(h) + "best/theta": a[begin(h) + "best/theta"].astype(np.float64)}
    ),
    "no scores": lambda h, a: a.pop(begin(h) + "callback0/scores"),
    "too many scores": lambda h, a: a.update({begin(h) + "callback0/scores": np.zeros(99)}),
    "a best score without weights": lambda h, a: a.pop(begin(h) + "callback0/theta"),
    "kept epochs out of order": lambda h, a: a.update(
        {begin(h) + "callback1/epochs": a[begin(h) + "callback1/epochs"][::-1] * 0 - 1}
    ),
    "kept weights of another size": lambda h, a: a.update(
        {begin(h) + "callback1/thetas": np.zeros((1, 1), np.float32)}
    ),
    "a history out of order": lambda h, a: a.update(
        {begin(h) + "history": a[begin(h) + "history"] * 2}
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_file_is_refused_and_left(name, path):
    header, arrays = read_sealed(path)
    FORGED[name](header, arrays)
    forged = seal(header, arrays)
    path.write_bytes(forged)
    with pytest.raises(CheckpointError) as refused:
        fitted("scoring", path)
    assert refused.value.why
    assert path.read_bytes() == forged


def test_another_thalweg_is_refused_and_another_machine_only_said(path, tmp_path, whole):
    header, arrays = read_sealed(path)
    path.write_bytes(seal({**header, "thalweg": "0.0.9"}, arrays))
    with pytest.raises(CheckpointError) as refused:
        fitted("scoring", path)
    assert "thalweg: 0.0.9 → " in refused.value.why
    header["surroundings"]["numpy"] = "1.0"
    path.write_bytes(seal(header, arrays))
    with pytest.warns(CheckpointWarning, match=r"numpy: 1\.0 → "):
        model = fitted("scoring", path)
    assert bytes_of(model, tmp_path) == whole


def test_a_model_file_is_no_checkpoint(path):
    model = fitted("scoring")
    path.unlink()
    model.save(path.with_suffix(".safetensors"))
    other = path.with_suffix(".safetensors")
    before = other.read_bytes()
    with pytest.raises(CheckpointError, match="cannot be resumed"):
        fitted("scoring", other)
    assert other.read_bytes() == before


@pytest.mark.parametrize("has_newest", [False, True])
@pytest.mark.parametrize("kind", ["text", "folder", "dangling link"])
def test_the_place_of_the_one_before_may_not_be_something_else(path, kind, has_newest):
    other = path.with_name("fit.ckpt.before")
    other.unlink(missing_ok=True)
    newest = path.read_bytes()
    if not has_newest:
        path.unlink()
    if kind == "text":
        other.write_text("my notes")
    elif kind == "folder":
        other.mkdir()
    else:
        other.symlink_to("nowhere")
    with cut_at(1) as begun, pytest.raises(CheckpointError, match="is taken") as refused:
        fitted("scoring", path)
    assert begun == []
    assert "move that one away" in refused.value.fix
    assert refused.value.where == str(other)
    if kind == "text":
        assert other.read_text() == "my notes"
    assert other.is_dir() == (kind == "folder")
    assert other.is_symlink() == (kind == "dangling link")
    if has_newest:
        assert path.read_bytes() == newest


def test_a_folder_that_is_not_there_is_an_error_before_training(tmp_path):
    with cut_at(1) as begun, pytest.raises(OutputError, match="does not exist"):
        fitted("folds", tmp_path / "nowhere" / "fit.ckpt")
    assert begun == []


@pytest.mark.parametrize("operation", slow_but((16, 25), range(1, 40)))
def test_a_disk_that_fails_is_an_error_and_the_fit_goes_on_from_what_is_there(
    operation, tmp_path, monkeypatch, whole
):
    path = tmp_path / "kept" / "fit.ckpt"
    path.parent.mkdir()
    full = Faulty(operation, os_error(errno.ENOSPC))
    monkeypatch.setattr(files, "filesystem", full)
    with pytest.raises(OutputError, match="cannot be written"):
        fitted("scoring", at_once(path), n_jobs=1)
    monkeypatch.undo()
    assert bytes_of(fitted("scoring", path), tmp_path) == whole
    assert os.listdir(path.parent) == []


def test_a_disk_without_links_keeps_two_files_too(tmp_path, monkeypatch):
    class Linkless(files.FileSystem):
        def link(self, source, target):
            raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(files, "filesystem", Linkless())
    path = tmp_path / "fit.ckpt"
    with cut_at(4), pytest.raises(Cut):
        fitted("folds", at_once(path), n_jobs=1)
    assert left_by(path) == ["fit.ckpt", "fit.ckpt.before"]
    for each in (path, path.with_name("fit.ckpt.before")):
        read_sealed(each)


def test_only_the_checkpoint_of_a_finished_fit_is_removed(path):
    remove_finished(path)
    assert path.exists()
    fitted("scoring", Checkpoint(path, keep=True))
    assert progress_in_words(path) == "the fit is finished"
    remove_finished(path)
    assert left_by(path) == []
    remove_finished(path)
