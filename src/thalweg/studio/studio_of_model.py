"""``model.studio()``: the studio with a model of Python, in a process of its own."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

_SECONDS_FOR_END = 10.0
# The exit codes of a studio that somebody has ended.
_ENDED = (0, 130)


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
        words = [sys.executable, "-m", "thalweg", "studio", str(path)]
        words += ["--port", str(port)] if port is not None else []
        words += ["--workspace", str(workspace)] if workspace is not None else []
        words += [] if browser else ["--no-browser"]
        _run(words)


def _run(words: list[str]) -> None:
    """Run the studio, and print what it says, until it ends."""
    said: list[str] = []
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
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
    if code not in _ENDED:
        raise SettingsError(
            "The studio has ended", why="".join(said).strip() or f"its exit code is {code}",
            fix="see what it says; it needs the extra: pip install 'thalweg[studio]'",
        )  # fmt: skip
