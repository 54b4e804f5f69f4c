"""Ask an installed thalweg where there is nothing: `bare_surroundings.py SCRATCH PROGRAM`.

No variable but PATH, no home, a read-only working folder; with ``--mounted``, in a mount namespace
of its own, every disk is read-only but SCRATCH, which is empty memory. Where another user can read
the interpreter, it asks as that user, else as root. It prints what it asked, and ends with 1 if an
answer is wrong. Only the standard library is used.
"""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_NOBODY = 65534
_DISKS = {"ext2", "ext3", "ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "f2fs"}


def main(scratch: str, program: str, mounted: bool) -> str:
    """Ask for a fit, predictions and a description."""
    if mounted:
        _take_disks_away(scratch)
    user = _lesser_user(program) if os.geteuid() == 0 else None
    model = f"{scratch}/model.safetensors"
    env = {"PATH": "/usr/bin:/bin"}

    other: dict[str, Any] = {}
    if user is not None:
        other = {"user": user, "group": user, "extra_groups": []}

    def ask(*words: str) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [program, *words],
            cwd="/",
            env=env,
            capture_output=True,
            text=True,
            check=False,
            **other,
        )
        if done.returncode:
            sys.exit(f"thalweg {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    ask("fit", "wisconsin", "-o", model)
    rows = [*csv.DictReader(io.StringIO(ask("predict", model, "wisconsin")))]
    if len(rows) < 600:
        sys.exit(f"only {len(rows)} rows were predicted")
    if "benign" not in ask("show", model):
        sys.exit("show does not name the classes")
    left = sorted(each.name for each in Path(scratch).iterdir())
    if left != ["model.safetensors"]:
        sys.exit(f"more was written than the model: {left}")
    who = f"user {user}" if user is not None else f"user {os.geteuid()}"
    disks = "all disks read-only but a scratch" if mounted else "a scratch"
    return f"fit, predict ({len(rows)} rows) and show, as {who}, no home, {disks}"


def _take_disks_away(scratch: str) -> None:
    def mount(*words: str) -> None:
        subprocess.run(["mount", *words], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, check=True)

    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "size=64m,mode=1777", "none", scratch)
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind, *_ = line.split(" ")
        if kind in _DISKS and place != scratch and not place.startswith(("/dev", "/proc", "/sys")):
            mount("-o", "remount,bind,ro", place)
    for folder in (Path("/"), Path("/tmp")):
        try:
            (folder / f".thalweg-{os.getpid()}").touch()
        except OSError:
            continue
        sys.exit(f"{folder} can still be written to")


def _lesser_user(program: str) -> int | None:
    """A user without rights, if that user can run the program."""
    try:
        tried = subprocess.run(
            [program, "--version"], cwd="/", env={}, user=_NOBODY, group=_NOBODY, extra_groups=[],
            capture_output=True, check=False,
        )  # fmt: skip
    except OSError:  # the folder of the interpreter is closed to others
        return None
    return None if tried.returncode else _NOBODY


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], "--mounted" in sys.argv))
