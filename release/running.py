"""How the steps of the release gate run programs, and where they keep what they make."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".release"
DIST = WORK / "dist"
WHEELHOUSE = WORK / "wheelhouse"
INSTALLED = WORK / "installed"
LOCK, LOCK_DEV = ROOT / "release" / "lock.txt", ROOT / "release" / "lock-dev.txt"


class Failed(Exception):
    """A step of the gate found something wrong."""


def run(
    command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> str:
    """Run a program, and return what it printed; a `Failed` with all of that if it fails."""
    done = subprocess.run(
        [str(each) for each in command], cwd=cwd, env=None if env is None else dict(env),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failed(f"{shown(command)}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def shown(command: Sequence[str | Path]) -> str:
    """A command as a person would type it."""
    return " ".join(str(each) for each in command)


def tool(name: str) -> Path:
    """A program of the environment in which the gate runs."""
    return Path(sys.executable).with_name(name)


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def plain_environment(**more: str) -> dict[str, str]:
    """The variables for an installed thalweg: nothing of the caller's Python or pip."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def cut_off(*more: str) -> list[str]:
    """The words before a command that runs it with no network; none where that is not allowed.

    Only root may do so directly; another user needs a user namespace, which some systems refuse.
    """
    program = shutil.which("unshare")
    if program is None:
        return []
    mine = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    words = [program, *mine, "-n", *more]
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else []
