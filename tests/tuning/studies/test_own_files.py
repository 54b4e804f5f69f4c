"""What has a name of a study and is not the study's is left as it is."""

import json
import os
import stat

import pytest

from thalweg.errors import OutputError, SettingsError
from thalweg.systems import links_of_others
from thalweg.tuning import journal_file
from thalweg.tuning.search_spaces import space_of
from thalweg.tuning.studies import own_files
from thalweg.tuning.study_journal import open_study

SPACE = space_of({"alpha": (0.1, 10.0, "log")}, "classifier")
NOT_ROOT = 12_345


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def begun(path):
    with open_study(path, SPACE, 5, "tpe") as study:
        study.begin({"table": "a"})
        return study.folder


def state_of(folder):
    """Kind, content and place of everything in a folder."""
    found = {}
    for each in sorted(folder.rglob("*")):
        mode = each.lstat().st_mode
        said = os.readlink(each) if stat.S_ISLNK(mode) else ""
        content = each.read_bytes() if stat.S_ISREG(mode) else b""
        found[str(each)] = stat.S_IFMT(mode), said, content
    return found


def place(kind, path):
    """Something of the user's own at a path."""
    if kind == "file":
        path.write_bytes(b"precious")
    elif kind == "folder":
        path.mkdir()
        (path / "own").write_bytes(b"precious")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.with_name("own").write_bytes(b"precious")
        path.symlink_to("own")
    elif kind == "dangling":
        path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("s.journal", "file folder pipe"),
        ("s.journal.lock", "file folder pipe link dangling"),
        ("s.journal.trials", "file folder pipe link dangling"),
        ("s.journal.trials/in-use", "file folder pipe link dangling"),
        ("s.journal.trials/00003.npy", "folder pipe link dangling"),
        ("s.journal.trials/00003.safetensors", "folder pipe link dangling"),
    ],
)
def test_what_is_not_the_study_s_is_left_with_an_error(tmp_path, name, kinds):
    for kind in kinds.split():
        here = tmp_path / kind
        here.mkdir()
        if "/" in name:
            (here / "s.journal.trials").mkdir()
            if not name.endswith("in-use"):
                (here / "s.journal.trials" / "in-use").touch()
        place(kind, here / name)
        before = state_of(here)
        with pytest.raises((OutputError, SettingsError)) as found:
            begun(here / "s.journal")
        assert found.value.fix
        assert "s.journal" in found.value.where
        assert state_of(here) == before, (name, kind)


def test_a_folder_with_files_of_the_user_is_not_that_of_the_trials(tmp_path):
    folder = tmp_path / "s.journal.trials"
    folder.mkdir()
    for name in ("00007.safetensors", "00000.npy", "\u00b2.safetensors"):
        (folder / name).write_bytes(b"precious")
    before = state_of(tmp_path)
    with pytest.raises(OutputError, match=r"has other files, such as '00000\.npy'"):
        begun(tmp_path / "s.journal")
    assert state_of(tmp_path) == before


@pytest.mark.parametrize("name", ["in-use", "t.journal", "00000.npy"])
def test_a_study_is_not_in_the_folder_of_another(tmp_path, name):
    folder = begun(tmp_path / "s.journal")
    before = state_of(tmp_path)
    with pytest.raises(OutputError, match="in the folder of another study"):
        begun(folder / name)
    assert state_of(tmp_path) == before


def test_links_of_the_user_to_another_disk_are_followed(tmp_path):
    here, disk = tmp_path / "here", tmp_path / "disk"
    here.mkdir()
    disk.mkdir()
    (here / "s.journal").symlink_to("../disk/t.journal")
    assert begun(here / "s.journal") == disk / "t.journal.trials"
    assert (disk / "t.journal").read_bytes().startswith(b'{"op_code"')
    (here / "u.journal.trials").symlink_to(disk / "t.journal.trials")
    with (
        open_study(disk / "t.journal", SPACE, 5, "tpe"),
        pytest.raises(SettingsError, match="Another process works on the study"),
    ):
        begun(here / "s.journal")  # the same study under another name
    assert begun(here / "u.journal") == disk / "t.journal.trials"


@pytest.mark.parametrize("name", ["s.journal", "s.journal.trials", "s.journal.lock"])
@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_another_user_placed_in_a_shared_folder_is_not_taken(
    tmp_path, monkeypatch, name, kind
):
    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    begun(own.with_suffix(".journal"))
    (tmp_path / "own.lock").touch()
    of_other = {
        "s.journal": tmp_path / "own.journal",
        "s.journal.trials": tmp_path / "own.journal.trials",
        "s.journal.lock": tmp_path / "own.lock",
    }[name]
    if kind == "link":
        target = "s.journal" if name.endswith("lock") else of_other
        (shared / name).symlink_to(target)
    else:
        of_other.rename(shared / name)
    os.chmod(shared, 0o1777)
    others = {str(shared / name)}

    def as_another(call):
        """What the system says where an entry is another user's, and the folder a third one's."""

        def said(path, *given, **more):
            found = list(call(path, *given, **more))
            if str(path) in others:
                found[stat.ST_UID] = NOT_ROOT
            elif str(path) == str(shared):
                found[stat.ST_UID] = NOT_ROOT + 1
            return os.stat_result(found)

        return said

    before = state_of(tmp_path)
    fake = type("fake", (), dict(vars(os)))
    fake.lstat, fake.stat = staticmethod(as_another(os.lstat)), staticmethod(as_another(os.stat))
    monkeypatch.setattr(links_of_others, "os", fake)
    monkeypatch.setattr(own_files, "os", fake)
    with pytest.raises(OutputError, match="of another user"):
        begun(shared / "s.journal")
    assert state_of(tmp_path) == before


def test_a_lock_of_the_dashboard_is_waited_for_and_one_of_a_killed_process_removed(tmp_path):
    path, lock = tmp_path / "s.journal", tmp_path / "s.journal.lock"
    begun(path)
    lock.symlink_to("elsewhere/s.journal")
    os.utime(lock, (1, 1), follow_symlinks=False)
    begun(path)
    assert not os.path.lexists(lock)


def test_a_disk_that_takes_half_a_line_has_none_of_it(tmp_path, monkeypatch):
    path = tmp_path / "s.journal"
    with open_study(path, SPACE, 5, "tpe") as study:
        study.begin({"table": "a"})
        before, write = path.read_bytes(), os.write

        class Full:
            def __getattr__(self, name):
                return getattr(os, name)

            def write(self, handle, data):
                if len(data) < 60:
                    raise OSError(28, "No space left on device")
                return write(handle, data[:50])

        monkeypatch.setattr(journal_file, "os", Full())
        with pytest.raises(OutputError, match=r"No space left.*Fix: give it room"):
            study.ask(0)
    assert path.read_bytes() == before
    monkeypatch.undo()
    with open_study(path, SPACE, 5, "tpe") as study:
        study.begin({"table": "a"})
        assert study.ask(0).place == 0
    assert all(json.loads(line) for line in path.read_bytes().splitlines())


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "x" * 250])
def test_a_name_that_no_file_can_have_is_an_error(tmp_path, name):
    with pytest.raises(OutputError, match="The study cannot be written"):
        begun(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
