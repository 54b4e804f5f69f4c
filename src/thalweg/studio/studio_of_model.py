"""``model.studio()``: the studio with a model of Python, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from runpy import run_module
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

_OPTION = re.compile(r"--(workspace|port)(?: ([0-9]+))?")
_SECONDS_FOR_END = 10.0
# The exit codes of a studio that somebody has ended.
_ENDED = (0, 130)
# What the process of the studio runs; words of the command line follow.
_PROGRAM = "from thalweg.studio.studio_of_model import run_for_caller; run_for_caller()"


def studio_of_model(
    model: "Model", *, port: int | None = None, workspace: str | None = None, browser: bool = True
) -> None:
    """Keep a fitted model in the workspace of the studio, and open the studio on it.

    It prints the link of the studio, and returns when the studio has ended: by Ctrl-C, or in a
    notebook when the cell is interrupted. The model has no evaluation then; a model file that
    ``thalweg fit`` has written, has one: ``thalweg studio FILE``.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    port : int, optional
        By default a free one.
    workspace : str, optional
        The folder of what is kept; by default one in the user's data.
    browser : bool, default True
        Whether the browser is opened.

    Raises
    ------
    SettingsError
        The studio cannot start.
    """
    from thalweg.persistence.model_file import save_model

    with TemporaryDirectory(prefix="thalweg-") as folder:
        path = Path(folder) / "model.safetensors"
        save_model(model, path)
        words = [sys.executable, "-c", _PROGRAM, "studio", str(path)]
        words += ["--port", str(port)] if port is not None else []
        words += ["--workspace", str(workspace)] if workspace is not None else []
        words += [] if browser else ["--no-browser"]
        _run(words)


def run_for_caller() -> None:
    """Run a command of thalweg until it ends, or the process ends that began it.

    A kernel of a notebook that is killed or started again would leave a studio that nobody sees,
    and that keeps the workspace.
    """

    def watch() -> None:
        sys.stdin.read()  # ends with the caller, who never writes
        signal.raise_signal(signal.SIGINT)
        sleep(_SECONDS_FOR_END)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
    run_module("thalweg", run_name="__main__")


def _run(words: list[str]) -> None:
    """Run the studio, and print what it says, until it ends."""
    said: list[str] = []
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    try:
        for line in process.stdout:
            said = [*said[-20:], line]
            print(line, end="", flush=True)
        code = process.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_FOR_END)
        process.kill()
        process.stdout.close()
        if process.stdin is not None:
            process.stdin.close()
    if code not in _ENDED:
        raise _ended(" ".join("".join(said).split()), code)


def _ended(said: str, code: int) -> SettingsError:
    """The error of a studio that did not start: its own, with parameters in place of options."""
    what, _, fix = said.rpartition("Fix: ")
    if what.startswith("Error: ") and fix:
        fix = _OPTION.sub(lambda found: f"{found[1]}={found[2] or '…'}", fix).rstrip(".")
        return SettingsError(what.removeprefix("Error: ").strip().rstrip("."), fix=fix)
    return SettingsError(
        "The studio has ended", why=said or f"its exit code is {code}",
        fix="see what it says; it needs the extra: pip install 'thalweg[studio]'",
    )  # fmt: skip
