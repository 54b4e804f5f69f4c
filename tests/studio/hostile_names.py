"""Five hundred names that lead elsewhere where they are taken for paths; and a watch over files."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_UPS = (
    "..", "../..", "../../..", "../../../../../../../..", "....//....//", "..;/", ".../", "%2e%2e",
    "%2e%2e/%2e%2e", "..%2f..%2f", "%252e%252e%252f", "..%c0%af", "..%5c..%5c", "..\\..\\",
    "\uff0e\uff0e/", "\u2025/", "./..", "a/../..", "tables/../..", "..\x00/..",
)  # fmt: skip
_AIMS = (
    "etc/passwd", "secret", "data-secret", "root/.ssh/id_rsa", "lock", "windows/win.ini",
    "about.json", "bytes", "proc/self/environ", "dev/zero",
)  # fmt: skip
_DEVICES = ("CON", "NUL", "PRN", "AUX", "COM1", "LPT9", "CONIN$", "nul.csv", "aux.h.csv", "con ")
_ROOTS = (
    "/", "//", "///", "C:", "C:\\", "C:/", "\\\\server\\share\\", "//server/share/", "\\\\?\\C:\\",
    "\\\\.\\pipe\\", "\\\\.\\PhysicalDrive0", "file:///", "file://localhost/", "~/", "~root/",
    "$HOME/", "%USERPROFILE%\\", "/dev/fd/", "/proc/self/fd/", "/proc/self/cwd/",
)  # fmt: skip
_ODD = (
    "", ".", "..", " ", "\x00", "a\x00.csv", "a\nb", "a\r\nb", "-", "--drop", "-rf", "a" * 300,
    "*", "?", "|id", ";id", "`id`", "$(id)", "<b>", "a:b", "a:stream", "x.csv::$DATA",
    "\u202egpj.x",
    "\ud800", "0" * 63, "0" * 65, "g" * 64, "0" * 63 + "\n", "0" * 63 + "G", "A" * 64,
)  # fmt: skip


def hostile_names() -> list[str]:
    """All of them, each once."""
    found = [*_ODD, *_UPS, *_DEVICES, *_ROOTS]
    found += [f"{up}/{aim}" for up in _UPS for aim in _AIMS]
    found += [f"{root}{aim}" for root in _ROOTS for aim in _AIMS]
    found += [f"{device}{ending}" for device in _DEVICES for ending in (".csv", "/x", ":")]
    return [*dict.fromkeys(found)]


_watched: list[tuple[str, str]] | None = None
_EVENTS = {
    "open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link",
    "os.symlink", "os.truncate", "shutil.rmtree", "os.chmod", "os.utime",
}  # fmt: skip


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watched is not None and event in _EVENTS:
        for each in args[:1]:
            if isinstance(each, str | bytes):
                _watched.append((event, os.fsdecode(each)))


sys.addaudithook(_hook)


@contextmanager
def no_file_outside(root: Path) -> Iterator[None]:
    """Fail if a file outside is touched in the block, by any thread of this process.

    A name alone is opened through the handle of a folder of ours: a test stands in an empty folder
    meanwhile, so that a name alone leads nowhere else.
    """
    global _watched
    _watched, here = [], os.getcwd()
    os.chdir(root.parent)
    try:
        yield
        seen = _watched
    finally:
        _watched = None
        os.chdir(here)
    assert outside_of(root, seen) == []


def outside_of(root: Path, seen: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of the files that were touched, those that are not in the folder."""
    # The walk to a private folder begins at the root of the disk, by handles of folders alone.
    above = {str(each) for each in Path(root.anchor, *root.parts).parents} | {root.anchor}
    return [
        (event, path)
        for event, path in seen
        if not path.startswith((f"{root}{os.sep}", "/dev/null"))
        and path != str(root)
        and (os.sep in path or path in ("..", ""))
        and path not in above
        and not path.endswith((".py", ".pyc", "__pycache__"))
    ]
