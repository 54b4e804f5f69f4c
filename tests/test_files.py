"""Files: a write happens wholly or not at all."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import faulty
import thalweg.files
from faulty import Faulty, os_error
from places import HELPERS
from thalweg.errors import OutputError
from thalweg.files import FileSystem, check_writable, write_atomic

OLD, NEW = b"what stood there", b"the new bytes, a little longer than the old ones" * 50
NEVER = 10**9


def layer(monkeypatch, fake):
    monkeypatch.setattr(thalweg.files, "filesystem", fake)
    return fake


class NoLinks(Faulty):
    """A disk without hard links."""

    def link(self, source, target):
        raise PermissionError(errno.EPERM, "Operation not permitted")


# ---------------------------------------------------------------------------- a write that works


def test_a_new_file_is_written_and_nothing_else(tmp_path):
    write_atomic(tmp_path / "a", NEW)
    write_atomic(str(tmp_path / "empty"), b"")
    assert (tmp_path / "a").read_bytes() == NEW
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty"]


@pytest.mark.parametrize("largest", [1, 7, 2**30])
@pytest.mark.parametrize("disk", [Faulty, NoLinks])
def test_short_writes_make_whole_files(tmp_path, monkeypatch, largest, disk):
    layer(monkeypatch, disk(NEVER, faulty.crash, largest=largest))
    write_atomic(tmp_path / "a", OLD)
    write_atomic(tmp_path / "a", NEW, overwrite=True)
    assert (tmp_path / "a").read_bytes() == NEW
    assert len(list(tmp_path.iterdir())) == 1


def test_bytes_and_name_are_synced_in_the_right_order(tmp_path, monkeypatch):
    fresh = layer(monkeypatch, Faulty(NEVER, faulty.crash))
    write_atomic(tmp_path / "a", OLD)
    assert fresh.done == ["create", "write", "sync", "close", "link", "unlink", "sync_directory"]
    again = layer(monkeypatch, Faulty(NEVER, faulty.crash))
    write_atomic(tmp_path / "a", NEW, overwrite=True)
    assert again.done == [
        "create",
        "write",
        "sync",
        "close",
        "link",
        "replace",
        "sync_directory",
        "unlink",
    ]
    assert set(faulty.OPERATIONS) == set(fresh.done) | set(again.done)


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "real")
    write_atomic(tmp_path / "link", OLD)  # nothing at its end yet
    write_atomic(tmp_path / "link", NEW, overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "far" / "real").read_bytes() == NEW
    assert len(list((tmp_path / "far").iterdir())) == 1
    with pytest.raises(OutputError, match="exists"):
        write_atomic(tmp_path / "link", OLD)


def test_permissions_are_those_of_a_normal_file_or_of_the_replaced_one(tmp_path):
    umask = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", OLD)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
        (tmp_path / "a").chmod(0o600)
        write_atomic(tmp_path / "a", NEW, overwrite=True)
        assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(umask)


# ---------------------------------------------------------------------------- what is refused


def refused_targets(tmp_path):
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    return {
        "exists. Fix: choose another name, or replace it with --force": tmp_path / "file",
        "folder .*nowhere does not exist": tmp_path / "nowhere" / "a",
        "It is a folder": tmp_path / "folder",
        "a pipe": tmp_path / "pipe",
        "a device": Path(os.devnull),
        "Not a directory": tmp_path / "file" / "a",
        "symbolic links": tmp_path / "loop",
        "name too long": tmp_path / ("n" * 300),
    }


@pytest.mark.parametrize("write", [check_writable, lambda path: write_atomic(path, NEW)])
def test_what_cannot_be_written_is_said_and_left_alone(tmp_path, write):
    for message, path in refused_targets(tmp_path).items():
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(OutputError, match=message) as caught:
            write(path)
        assert caught.value.where == str(path)
        assert caught.value.fix
        assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "file").read_bytes() == OLD


def test_overwriting_does_not_reach_beyond_files(tmp_path):
    targets = refused_targets(tmp_path)
    for message in ("It is a folder", "a pipe"):
        with pytest.raises(OutputError, match=message):
            write_atomic(targets[message], NEW, overwrite=True)


def test_check_writable_leaves_nothing(tmp_path, monkeypatch):
    check_writable(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").write_bytes(OLD)
    check_writable(tmp_path / "a", overwrite=True)
    for at in (1, 2, 3):  # create, close, unlink
        layer(monkeypatch, Faulty(at, os_error(errno.EACCES)))
        with pytest.raises(OutputError, match=r"Permission denied.*that you may write in"):
            check_writable(tmp_path / "a", overwrite=True)
    assert (tmp_path / "a").read_bytes() == OLD
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("disk", [Faulty, NoLinks])
def test_a_file_that_comes_meanwhile_is_not_overwritten(tmp_path, monkeypatch, disk):
    class Race(disk):
        def sync(self, handle):
            (tmp_path / "a").write_bytes(OLD)

    layer(monkeypatch, Race(NEVER, faulty.crash))
    with pytest.raises(OutputError, match="exists"):
        write_atomic(tmp_path / "a", NEW)
    assert (tmp_path / "a").read_bytes() == OLD
    assert len(list(tmp_path.iterdir())) == 1


# ---------------------------------------------------------------------------- the count-up loop


def every_fault(tmp_path, monkeypatch, overwrite, make, data=NEW):
    """Let the 1st, 2nd, 3rd … operation fail until none is left; yield what each fault left."""
    target = tmp_path / "a"
    for at in range(1, 200):
        for path in tmp_path.iterdir():
            path.unlink()
        if overwrite:
            target.write_bytes(OLD)
        disk = layer(monkeypatch, make(at))
        try:
            write_atomic(target, data, overwrite=overwrite)
            error = None
        except BaseException as caught:
            error = caught
        assert disk.handles == set(), "a file was left open"
        if at > len(disk.asked):
            assert error is None
            assert target.read_bytes() == data
            assert list(tmp_path.iterdir()) == [target]
            assert at > 7, "too few operations: is the seam still used?"
            return
        found = target.read_bytes() if target.exists() else None
        strays = [path.read_bytes() for path in tmp_path.iterdir() if path != target]
        yield disk, error, found, strays
    raise AssertionError("it never ran clean")


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("largest", [600, 2**30])
@pytest.mark.parametrize("disk", [Faulty, NoLinks])
def test_one_fault_leaves_everything_as_it_was(
    tmp_path, monkeypatch, code, overwrite, largest, disk
):
    def make(at):
        return disk(at, os_error(code), largest=largest)

    for struck, error, found, strays in every_fault(tmp_path, monkeypatch, overwrite, make):
        assert isinstance(error, OutputError)
        assert error.__cause__.errno == code
        assert os.strerror(code) in str(error)
        assert strays == []
        # Only without a second name for the old file can a late failure not be undone.
        final = disk is NoLinks and overwrite and "replace" in struck.done
        assert found == (NEW if final else OLD if overwrite else None)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_disk_that_fails_for_ever_loses_nothing(tmp_path, monkeypatch, code, overwrite):
    def make(at):
        return Faulty(at, os_error(code), for_ever=True)

    for disk, error, found, strays in every_fault(tmp_path, monkeypatch, overwrite, make):
        assert isinstance(error, OutputError)
        if overwrite and "replace" in disk.done:
            assert (found, strays) == (NEW, [OLD])
        elif overwrite:
            assert found == OLD
        else:
            assert found in (None, NEW)
            assert (found == NEW) == ("link" in disk.done)


def test_what_is_done_and_still_reported_as_failed_is_undone(tmp_path, monkeypatch):
    def make(at):
        return Faulty(at, os_error(errno.EIO), performed=True)

    for disk, error, found, strays in every_fault(tmp_path, monkeypatch, True, make):
        assert isinstance(error, OutputError)
        # The eighth and last step forgets the old file: once done, nothing is left to go back to.
        assert (found, strays) == (NEW if disk.at == 8 else OLD, [])


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interrupt_goes_on_and_leaves_everything_as_it_was(
    tmp_path, monkeypatch, overwrite, kind
):
    def make(at):
        return Faulty(at, faulty.raising(kind()))

    for _, error, found, strays in every_fault(tmp_path, monkeypatch, overwrite, make):
        assert type(error) is kind
        assert (found, strays) == (OLD if overwrite else None, [])


def test_a_disk_that_takes_no_bytes_is_an_error(tmp_path, monkeypatch):
    layer(monkeypatch, Faulty(NEVER, faulty.crash, largest=0))
    with pytest.raises(OutputError, match="takes no more"):
        write_atomic(tmp_path / "a", NEW)
    assert list(tmp_path.iterdir()) == []


# Each writer is a process, of which a fork is the quickest to start.
CRASH = """
import os, sys, faulty, thalweg.files
folder, overwrite, data = sys.argv[1], sys.argv[2] == "True", sys.stdin.buffer.read()
for at in range(1, 100):
    writer = os.fork()
    if writer == 0:
        try:
            thalweg.files.filesystem = faulty.Faulty(at, faulty.crash, largest=1000)
            thalweg.files.write_atomic(f"{folder}/{at}", data, overwrite=overwrite)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1])
    print(code, flush=True)
    if code == 0:
        break
"""


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_crash_leaves_the_old_or_the_new_file_whole(tmp_path, overwrite):
    targets = [tmp_path / str(at) for at in range(1, 100)]
    for target in targets:
        if overwrite:
            target.write_bytes(OLD)
    ended = subprocess.run(
        [sys.executable, "-c", CRASH, tmp_path, str(overwrite)],
        input=NEW, cwd=HELPERS, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    *crashes, last = map(int, ended.stdout.split())
    assert (set(crashes), last) == ({77}, 0)
    tried = targets[: len(crashes) + 1]
    seen = [target.read_bytes() if target.exists() else None for target in tried]
    before = OLD if overwrite else None
    assert len(seen) > 9
    assert set(seen) == {before, NEW}
    assert seen == sorted(seen, key=lambda found: found == NEW), "once new, it stays new"


def test_only_a_disk_without_folder_syncs_is_excused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: os_error(errno.EINVAL)())
    FileSystem().sync_directory(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: os_error(errno.EIO)())
    with pytest.raises(OSError, match="Input/output"):
        FileSystem().sync_directory(tmp_path)


# ---------------------------------------------------------------------------- what is left behind

# After each writer that was killed, it says so and waits.
KILLED = """
import os, signal, sys, faulty, thalweg.files
strike = lambda: os.kill(os.getpid(), signal.SIGKILL)
for at in map(int, sys.argv[2:]):
    writer = os.fork()
    if writer == 0:
        try:
            thalweg.files.filesystem = faulty.Faulty(at, strike)
            thalweg.files.write_atomic(sys.argv[1], b"new", overwrite=True)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]), flush=True)
    sys.stdin.readline()
"""
SLOW = """
import sys, faulty, thalweg.files
class Slow(faulty.Faulty):
    def sync(self, handle):
        print("writing", flush=True)
        sys.stdin.readline()
thalweg.files.filesystem = Slow(10**9, faulty.crash)
thalweg.files.write_atomic(sys.argv[1], b"slow", overwrite=True)
"""


def strays(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".thalweg-"))


def child(program, *arguments, **pipes):
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=HELPERS, text=True, **pipes,
    )  # fmt: skip


def later(monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


def test_what_killed_writers_left_is_swept_by_the_next_write(tmp_path, monkeypatch):
    target = tmp_path / "a"
    target.write_bytes(OLD)
    found = []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with child(KILLED, target, *range(2, 9), **pipes) as process:
        for _ in range(2, 9):
            assert int(process.stdout.readline()) == -signal.SIGKILL
            found.append(strays(tmp_path))
            process.stdin.write("\n")
            process.stdin.flush()
    assert process.returncode == 0
    assert all(found), "each left a file"
    assert target.read_bytes() in (OLD, b"new")
    later(monkeypatch, 60)
    write_atomic(tmp_path / "b", NEW)
    assert strays(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_the_file_of_a_living_writer_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(OLD)
    later(monkeypatch, 10**6)
    with child(SLOW, tmp_path / "a", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "writing\n"
        assert len(strays(tmp_path)) == 1
        write_atomic(tmp_path / "a", NEW, overwrite=True)
        assert len(strays(tmp_path)) == 1
        process.communicate("\n")
    assert process.returncode == 0
    assert (tmp_path / "a").read_bytes() == b"slow"
    assert strays(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_until_a_write_ends_nobody_can_lock_its_files(tmp_path, monkeypatch, overwrite):
    (tmp_path / "a").write_bytes(OLD)
    seen = []

    class Watched(Faulty):
        def sync_directory(self, directory):
            for path in directory.iterdir():
                with open(path, "rb") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        seen.append(path.name)

    layer(monkeypatch, Watched(NEVER, faulty.crash))
    write_atomic(tmp_path / ("a" if overwrite else "b"), NEW, overwrite=overwrite)
    names = [name if len(name) == 1 else "old" for name in sorted(seen)]
    assert names == (["old", "a"] if overwrite else ["b"])


def test_a_file_of_another_machine_is_left_alone_for_a_day(tmp_path, monkeypatch):
    for name in (".thalweg-00000000-0123456789abcdef.tmp", ".thalweg-0123456789abcdef.tmp"):
        (tmp_path / name).write_bytes(OLD)
    later(monkeypatch, 80_000)
    write_atomic(tmp_path / "a", NEW)
    assert len(strays(tmp_path)) == 2
    later(monkeypatch, 10_000)
    write_atomic(tmp_path / "b", NEW)
    assert strays(tmp_path) == []


def test_a_file_that_has_just_been_made_is_left_alone(tmp_path):
    stray = tmp_path / f"{thalweg.files._ours()}0123456789abcdef.tmp"
    stray.write_bytes(OLD)
    write_atomic(tmp_path / "a", NEW)
    assert strays(tmp_path) == [stray.name]


def test_only_files_of_that_name_are_swept(tmp_path, monkeypatch):
    ours = thalweg.files._ours()
    (tmp_path / "far").write_bytes(OLD)
    (tmp_path / f"{ours}{'a' * 16}.tmp").mkdir()
    os.mkfifo(tmp_path / f"{ours}{'b' * 16}.tmp")
    (tmp_path / f"{ours}{'c' * 16}.tmp").symlink_to(tmp_path / "far")
    (tmp_path / f"{ours}{'d' * 16}.txt").write_bytes(OLD)
    (tmp_path / f"{ours}{'e' * 16}.tmp").write_bytes(OLD)
    (tmp_path / f"{ours}{'f' * 16}.tmp").write_bytes(OLD)
    (tmp_path / f"{ours}{'f' * 16}.tmp").chmod(0o400)
    (tmp_path / f"{ours}notes.tmp").write_bytes(OLD)  # nobody's stray: it is no name of ours
    later(monkeypatch, 60)
    write_atomic(tmp_path / "a", NEW)
    assert [name.removeprefix(ours) for name in strays(tmp_path)] == [
        *(letter * 16 + ".tmp" for letter in "abc"), "d" * 16 + ".txt", "notes.tmp",
    ]  # fmt: skip
    assert (tmp_path / "far").read_bytes() == OLD


def test_a_disk_without_locks_and_a_folder_that_cannot_be_listed_are_no_error(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(fcntl, "flock", lambda *_: os_error(errno.ENOLCK)())
    monkeypatch.setattr(os, "scandir", lambda _: os_error(errno.EACCES)())
    write_atomic(tmp_path / "a", NEW)
    write_atomic(tmp_path / "a", OLD, overwrite=True)
    assert (tmp_path / "a").read_bytes() == OLD


# ---------------------------------------------------------------------------- links of neighbours


def owned(monkeypatch, owners):
    """Let some paths belong to others, as ``os.stat`` and ``os.lstat`` tell it."""

    def telling(real):
        def told(path, *arguments, **options):
            found = real(path, *arguments, **options)
            owner = owners.get(os.fspath(path), found.st_uid)
            fields = list(found)
            fields[stat.ST_UID] = owner
            return os.stat_result(fields)

        return told

    monkeypatch.setattr(os, "stat", telling(os.stat))
    monkeypatch.setattr(os, "lstat", telling(os.lstat))


def write_new(path, *, overwrite):
    write_atomic(path, NEW, overwrite=overwrite)


@pytest.mark.parametrize("write", [check_writable, write_new])
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    ("mode", "of_link", "of_folder", "followed"),
    [
        (0o1777, 4711, None, False),
        (0o1777, None, 4711, True),  # one's own link in /tmp
        (0o1777, 4711, 4711, True),  # that of the folder's owner
        (0o777, 4711, None, True),  # not sticky: as the kernel has it
        (0o1755, 4711, None, True),
    ],
)
def test_a_neighbours_link_in_a_shared_folder_is_not_followed(
    tmp_path, monkeypatch, write, there, mode, of_link, of_folder, followed
):
    shared, mine = tmp_path / "shared", tmp_path / "mine"
    shared.mkdir()
    shared.chmod(mode)
    if there:
        mine.write_bytes(OLD)
    (shared / "link").symlink_to(mine)
    (tmp_path / "way").symlink_to(shared / "link")
    owners = {os.fspath(shared / "link"): of_link, os.fspath(shared): of_folder}
    owned(monkeypatch, {path: owner for path, owner in owners.items() if owner is not None})
    for path in (shared / "link", tmp_path / "way"):
        before = mine.read_bytes() if there else None
        if followed:
            write(path, overwrite=True)
            continue
        with pytest.raises(OutputError, match="link of another user in a shared folder") as no:
            write(path, overwrite=True)
        assert no.value.where == str(path)
        assert "name the file itself" in no.value.fix
        assert (mine.read_bytes() if mine.exists() else None) == before
        assert strays(shared) == strays(tmp_path) == []


def test_a_pipe_is_called_a_pipe_also_behind_a_link():
    line = "from thalweg.files import check_writable; check_writable('/dev/stdout', overwrite=True)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, timeout=60)
    assert "(/dev/stdout). It is a device or a pipe, not a file. Fix: name a file, or give - " in (
        done.stderr
    )


def test_the_limit_of_the_size_of_a_file_is_named(tmp_path, monkeypatch):
    def too_large(handle, data):
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    monkeypatch.setattr(thalweg.files.filesystem, "write", too_large)
    with pytest.raises(OutputError, match=r"File too large.*raise it \(ulimit -f\)"):
        write_atomic(tmp_path / "m", b"123")
    assert list(tmp_path.iterdir()) == []
