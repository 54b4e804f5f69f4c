"""Tables of the workspace: kept by content, whole or not at all, and never outside their folder."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.hostile_names import hostile_names, no_file_outside
from thalweg.errors import DataError, OutputError, SettingsError
from thalweg.studio.workspace.held_workspace import held_workspace, tables_of
from thalweg.studio.workspace.kept_files import KeptFiles
from thalweg.studio.workspace.kept_kinds import KINDS

MOST = 1000
EMPTY = {"lock", *(kind.folder for kind in KINDS)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "inner" / "workspace"


@pytest.fixture
def tables(root: Path) -> Iterator[KeptFiles]:
    with held_workspace(root) as held:
        yield held.tables


def add(tables: KeptFiles, name: str, *parts: bytes) -> str:
    upload = tables.upload(name, MOST)
    try:
        for part in parts:
            upload.write(part)
        return upload.finish().id
    finally:
        upload.abandon()


def files_in(root: Path) -> set[str]:
    return {str(each.relative_to(root)) for each in root.rglob("*")}


def test_a_table_is_kept_by_its_bytes_and_read_again(tables: KeptFiles, root: Path) -> None:
    table = add(tables, "my churn.csv", b"a,b\n", b"1,2\n")
    assert table == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert tables.read(table) == ("my churn.csv", b"a,b\n1,2\n")
    assert [each.as_dict() for each in tables.listed()] == [
        {"id": table, "name": "my churn.csv", "bytes": 8}
    ]
    assert files_in(root) == {
        *EMPTY, f"tables/{table}", f"tables/{table}/bytes", f"tables/{table}/about.json"
    }  # fmt: skip
    for each in root.rglob("*"):
        assert each.stat().st_mode & 0o077 == 0, each
    assert add(tables, "renamed.csv", b"a,b\n1,2\n") == table
    assert [each.name for each in tables.listed()] == ["renamed.csv"]
    tables.remove(table)
    assert files_in(root) == EMPTY
    with pytest.raises(DataError, match="no such table"):
        tables.remove(table)


def test_nothing_is_left_of_a_table_that_does_not_come_whole(tables: KeptFiles, root: Path) -> None:
    upload = tables.upload("a.csv", MOST)
    upload.write(b"x" * MOST)
    with pytest.raises(DataError, match="more than"):
        upload.write(b"x")
    upload.abandon()
    with pytest.raises(DataError, match="empty"):
        add(tables, "a.csv")
    killed = tables.upload("gone.csv", MOST)
    killed.write(b"x")
    assert len(files_in(root)) == len(EMPTY) + 2
    tables.sweep()  # as the next server does
    assert killed._file is not None
    killed._file.close()
    assert files_in(root) == EMPTY


class FullDisk:
    """A file on a disk without room, at one of its calls."""

    def __init__(self, file: Any, call: str) -> None:
        self._file, self._call = file, call

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            raise OSError(errno.ENOSPC, "No space left on device")
        return getattr(self._file, name)


@pytest.mark.parametrize("call", ["write", "flush", "fileno"])
def test_a_full_disk_leaves_nothing(call: str, tables: KeptFiles, root: Path) -> None:
    upload = tables.upload("a.csv", MOST)
    upload._file = FullDisk(upload._file, call)  # type: ignore[assignment]

    def keep() -> None:
        upload.write(b"x")
        upload.finish()

    with pytest.raises(OutputError, match="cannot be kept") as told:
        keep()
    upload.abandon()
    assert "No space" in told.value.why
    assert files_in(root) == EMPTY


def test_a_table_that_was_changed_on_the_disk_is_not_another_one(
    tables: KeptFiles, root: Path
) -> None:
    table = add(tables, "a.csv", b"a\n1\n")
    (root / "tables" / table / "bytes").write_bytes(b"a\n2\n")
    with pytest.raises(DataError, match="has changed"):
        tables.read(table)
    for odd in (b'{"name": 3}', b"3", b"[]", b"{"):
        (root / "tables" / table / "about.json").write_bytes(odd)
        assert tables.listed() == []


def test_files_of_a_later_version_which_knows_more_of_them_are_listed(
    tables: KeptFiles, root: Path
) -> None:
    table = add(tables, "a.csv", b"a\n1\n")
    about = root / "tables" / table / "about.json"
    about.write_bytes(b'{"name": "a.csv", "colour": ["red", 3]}')
    assert [(each.id, dict(each.known)) for each in tables.listed()] == [(table, {"name": "a.csv"})]


@pytest.mark.parametrize("left", ["no bytes", "some bytes", "a pipe", "a link", "nothing"])
def test_what_a_cut_off_removal_has_left_does_not_keep_the_table_away(
    left: str, tables: KeptFiles, root: Path
) -> None:
    id_ = add(tables, "a.csv", b"a,b\n", b"1,2\n")
    file = root / "tables" / id_ / "bytes"
    if left == "some bytes":
        file.write_bytes(b"a,b\n")
    else:
        file.unlink()
    if left == "a pipe":
        os.mkfifo(file)
    elif left == "a link":
        file.symlink_to(root)
    elif left == "nothing":
        (file.parent / "about.json").unlink()
    assert add(tables, "b.csv", b"a,b\n", b"1,2\n") == id_
    assert tables.read(id_) == ("b.csv", b"a,b\n1,2\n")
    assert [each.name for each in tables.listed()] == ["b.csv"]


def test_links_and_second_names_are_not_followed(tables: KeptFiles, root: Path) -> None:
    secret = root.parent / "secret.csv"
    secret.write_bytes(b"name,ill\n")
    secret_id = hashlib.sha256(secret.read_bytes()).hexdigest()
    table = add(tables, "a.csv", b"a\n1\n")
    inside = root / "tables" / table / "bytes"
    for put in (os.symlink, os.link):
        inside.unlink()
        put(secret, inside)
        with pytest.raises(DataError, match="no such table"):
            tables.read(table)
    linked = root / "tables" / secret_id
    outside = root.parent / "outside"
    outside.mkdir(mode=0o700)
    (outside / "bytes").write_bytes(secret.read_bytes())
    (outside / "about.json").write_bytes(b'{"name": "x"}')
    linked.symlink_to(outside)
    with no_file_outside(root), pytest.raises(DataError, match="no such table"):
        tables.read(secret_id)
    assert [each.id for each in tables.listed()] == [table]
    tables.remove(secret_id)  # the link, and not what it names
    assert not linked.is_symlink()
    assert {each.name for each in outside.iterdir()} == {"bytes", "about.json"}
    os.mkfifo(root / "tables" / table / "pipe")
    inside.unlink()
    os.mkfifo(inside)
    with pytest.raises(DataError, match="no such table"):  # and does not wait
        tables.read(table)


def test_a_folder_that_is_exchanged_meanwhile_is_not_entered(tables: KeptFiles, root: Path) -> None:
    table = add(tables, "a.csv", b"a\n1\n")
    moved = root / "tables-of-before"
    (root / "tables").rename(moved)
    elsewhere = root.parent / "elsewhere"
    (elsewhere / table).mkdir(parents=True)
    (root / "tables").symlink_to(elsewhere)
    with no_file_outside(root):
        assert tables.read(table)[1] == b"a\n1\n"
        with pytest.raises(SettingsError, match="not the studio's"), tables_of(root) as others:
            others.listed()


def test_no_hostile_id_opens_anything(tables: KeptFiles, root: Path) -> None:
    names = hostile_names()
    assert len(names) >= 500
    with no_file_outside(root):
        for name in names:
            for ask in (tables.about, tables.read, tables.remove):
                with pytest.raises(DataError, match="no such table"):
                    ask(name)


def test_hostile_names_are_data(tables: KeptFiles, root: Path) -> None:
    with no_file_outside(root):
        for place, name in enumerate(hostile_names()[::11]):
            table = add(tables, name, b"a\n%d\n" % place)
            kept = tables.about(table).name
            assert kept
            assert not {"/", "\\", "\x00"} & {*kept}
            tables.remove(table)
    assert files_in(root) == EMPTY


def test_equal_bytes_keep_what_is_not_said_anew(tmp_path):
    known = {"file": "t.safetensors", "table": None, "choices": None, "python": ""}
    with held_workspace(tmp_path / "w") as held:
        for command, more in (("thalweg tune", {"search": "[]"}), ("thalweg fit", {})):
            upload = held.models.upload("t.csv", 9, command=command, **known, **more)
            upload.write(b"model")
            kept = held.models.about(upload.finish().id)
    assert (kept.known["command"], kept.known["search"]) == ("thalweg fit", "[]")
