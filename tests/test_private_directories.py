"""A directory that is ours alone, on the whole way to it, and the files in it."""

import os
import stat
from pathlib import Path

import pytest

import strangers
from thalweg import private_directories
from thalweg.private_directories import NotPrivateError


@pytest.fixture
def way(tmp_path):
    """Three directories one in the other, of which the last is to be private."""
    last = Path(os.path.realpath(tmp_path)) / "a" / "b" / "c"
    last.mkdir(mode=0o700, parents=True)
    for each in (last, *last.parents[:2]):
        each.chmod(0o700)
    return last


def opened(path):
    with private_directories.private(path) as place:
        place.write("file", b"kept")
        return place.read("file")


def refused(path):
    with pytest.raises(NotPrivateError) as caught:
        opened(path)
    assert not list(path.glob("file*"))
    return str(caught.value)


def test_what_is_written_is_read_and_nothing_else_lies_there(way):
    assert opened(way) == b"kept"
    assert opened(way) == b"kept"  # over the old one
    assert [each.name for each in way.iterdir()] == ["file"]
    assert stat.S_IMODE((way / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_made_on_the_way_is_ours_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        assert opened(tmp_path / "a" / "b" / "c") == b"kept"
    finally:
        os.umask(before)
    for each in ("a", "a/b", "a/b/c"):
        assert stat.S_IMODE((tmp_path / each).stat().st_mode) == 0o700


@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o770, 0o757, 0o722, 0o702, 0o720])
def test_others_may_write_to_no_directory_on_the_way(way, above, mode):
    path = way.parents[above]
    path.chmod(mode)
    assert refused(way) == f"Others may write to {path}; chmod go-w {path}"
    path.chmod(mode & ~0o022)  # as it says
    assert opened(way) == b"kept"


@pytest.mark.parametrize("mode", [0o1777, 0o1770, 0o755, 0o711])
def test_others_may_pass_through_and_add_beside_it_where_a_directory_is_sticky(way, mode):
    way.parent.chmod(mode)
    assert opened(way) == b"kept"


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o750, 0o770, 0o704, 0o701, 0o710])
def test_others_may_not_even_enter_the_last(way, mode):
    way.chmod(mode)
    assert refused(way) == f"Others may enter {way}; rm -r {way}"


@pytest.mark.parametrize("above", [0, 1, 2])
@pytest.mark.parametrize("sticky", [0, 0o1777])
def test_a_directory_of_another_user_is_refused_wherever_it_lies(monkeypatch, way, above, sticky):
    path = (way, *way.parents)[above]
    if sticky and above < 2:
        way.parents[above].chmod(sticky)
    inode, us = path.stat().st_ino, os.geteuid()
    strangers.see(monkeypatch, inode, st_uid=us + 1)
    assert refused(way).startswith(f"{path} belongs to another user; set ")


def test_the_systems_directories_are_passed_through_and_not_written_to(monkeypatch, way):
    # Root's own tests see the same: with another user's number, all that is root's.
    inode, us = way.parent.stat().st_ino, os.geteuid()
    strangers.see(monkeypatch, inode, st_uid=0)
    assert opened(way) == b"kept"
    monkeypatch.setattr(private_directories.os, "geteuid", lambda: us + 1)
    strangers.see(monkeypatch, way.stat().st_ino, st_uid=0)
    with (
        pytest.raises(NotPrivateError, match="belongs to another user"),
        private_directories.private(way),
    ):
        pass


def test_a_link_is_followed_once_and_not_where_it_appears_on_the_way(monkeypatch, tmp_path, way):
    (tmp_path / "link").symlink_to(way.parent)
    assert opened(tmp_path / "link" / "c") == b"kept"
    (way / "file").unlink()
    # A neighbour puts a link there between the question where it leads and the opening.
    monkeypatch.setattr(private_directories.os.path, "realpath", str)
    with pytest.raises(OSError, match="link"):
        opened(tmp_path / "link" / "c")
    (way.parent / "last").symlink_to(way)
    with pytest.raises(OSError, match="last"):
        opened(way.parent / "last")
    assert list(way.iterdir()) == []


def test_a_file_is_ours_and_a_file(monkeypatch, way):
    opened(way)
    file = way / "file"
    with private_directories.private(way) as place:
        file.chmod(0o620)
        with pytest.raises(NotPrivateError, match="ours alone"):
            place.read("file")
        file.chmod(0o600)
        assert place.read("file") == b"kept"
        with monkeypatch.context() as patch:
            strangers.see(patch, file.stat().st_ino, st_uid=os.geteuid() + 1)
            with pytest.raises(NotPrivateError, match="ours alone"):
                place.read("file")
        (way / "linked").symlink_to(file)
        with pytest.raises(OSError, match="linked"):
            place.read("linked")
        os.mkfifo(way / "pipe", 0o600)  # must not wait for a writer
        with pytest.raises(NotPrivateError, match="ours alone"):
            place.read("pipe")


def test_what_is_read_is_of_the_directory_that_was_looked_at(way):
    opened(way)
    with private_directories.private(way) as place:
        way.rename(way.parent / "away")
        way.mkdir(mode=0o700)
        (way / "file").write_bytes(b"planted")
        assert place.read("file") == b"kept"
        place.write("more", b"x")
    assert [each.name for each in way.iterdir()] == ["file"]


def test_no_handle_stays_open(way):
    def count():
        return len(os.listdir("/dev/fd"))

    before = count()
    opened(way)
    (way / "file").unlink()
    way.chmod(0o777)
    refused(way)
    way.parent.chmod(0o777)
    refused(way)
    assert count() == before


def test_without_handles_the_path_does(monkeypatch, tmp_path):
    # As on Windows, where no mode tells who may do what.
    monkeypatch.setattr(private_directories, "HAS_HANDLES", False)
    assert opened(tmp_path / "a" / "b") == b"kept"
    assert [each.name for each in (tmp_path / "a" / "b").iterdir()] == ["file"]


@pytest.mark.parametrize("has_handles", [True, False])
def test_what_a_killed_writer_left_is_removed_and_what_another_writes_now_is_not(
    monkeypatch, way, has_handles
):
    monkeypatch.setattr(
        private_directories, "HAS_HANDLES", has_handles and private_directories.HAS_HANDLES
    )
    left, now, other = (way / name for name in ("f.0123.part", "g.4567.part", "code"))
    for path in (left, now, other):
        path.write_bytes(b"half")
    old = now.stat().st_mtime - 3600
    for path in (left, other):
        os.utime(path, (old, old))
    assert opened(way) == b"kept"
    assert sorted(each.name for each in way.iterdir()) == ["code", "file", "g.4567.part"]
