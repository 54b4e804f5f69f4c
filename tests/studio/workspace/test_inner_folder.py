"""Folders of the workspace: names are plain, and nothing but their own files is opened."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.hostile_names import hostile_names, no_file_outside
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError, outer_folder

# Letters alone: they are plain names, and lead nowhere.
PLAIN = {"0" * 63, "0" * 65, "g" * 64, "nul.csv"}


def enter(folder: InnerFolder, name: str) -> None:
    with folder.folder(name):
        pass


CALLS: list[Callable[[InnerFolder, str], Any]] = [
    enter,
    InnerFolder.opened,
    InnerFolder.created,
    InnerFolder.has,
    InnerFolder.size,
    InnerFolder.remove,
    InnerFolder.remove_folder,
    lambda folder, name: folder.write(name, b"x"),
    lambda folder, name: folder.rename("a", name),
    lambda folder, name: folder.rename(name, "a"),
]


@pytest.mark.parametrize("has_handle", [True, False])
def test_no_hostile_name_is_one_of_ours(has_handle: bool, tmp_path: Path) -> None:
    root = tmp_path / "w"
    refused = [name for name in hostile_names() if name not in PLAIN]
    assert len(refused) >= 500
    with outer_folder(root) as opened:
        folder = opened if has_handle else InnerFolder(root, None)
        with no_file_outside(root):
            for name in refused:
                for call in CALLS:
                    with pytest.raises(NotOursError):
                        call(folder, name)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("has_handle", [True, False])
def test_links_pipes_and_second_names_are_refused(has_handle: bool, tmp_path: Path) -> None:
    root, secret = tmp_path / "w", tmp_path / "secret"
    secret.write_bytes(b"secret")
    with outer_folder(root) as opened:
        folder = opened if has_handle else InnerFolder(root, None)
        os.symlink(secret, root / "link")
        os.link(secret, root / "second")
        os.mkfifo(root / "pipe")
        os.symlink(tmp_path, root / "elsewhere")
        os.mkdir(root / "inner")
        for name in ("link", "second", "pipe", "elsewhere", "inner"):
            with pytest.raises(NotOursError):
                folder.opened(name)
        for name in ("link", "second", "pipe", "elsewhere"):
            with pytest.raises(NotOursError):
                enter(folder, name)
        folder.write("link", b"ours")  # in its place, not through it
        assert secret.read_bytes() == b"secret"
        assert not (root / "link").is_symlink()
        folder.remove_folder("elsewhere")
        assert secret.exists()
        enter(folder, "inner")
        assert folder.names() == ["inner", "link", "pipe", "second"]


def test_a_file_is_replaced_completely_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with outer_folder(tmp_path / "w") as folder:
        folder.write("about.json", b"old")
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", full)
            with pytest.raises(OSError, match="No space"):
                folder.write("about.json", b"new")
        with folder.opened("about.json") as file:
            assert file.read() == b"old"
        assert folder.names() == ["about.json"]
