"""``model.studio()``: the studio opens on the model, and ends as the caller wishes."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from thalweg.errors import SettingsError
from thalweg.studio import studio_of_model as tested
from thalweg.studio.workspace.held_workspace import held_workspace

PROGRAM = """
import sys
import numpy as np
import thalweg

X = np.arange(60.0).reshape(30, 2)
model = thalweg.ThalwegClassifier(hidden_layer_sizes=(2,), max_iter=2).fit(X, X[:, 0] > 30)
try:
    model.studio(browser=False, workspace=sys.argv[1])
finally:
    print("it has ended", flush=True)
"""


@pytest.mark.slow
def test_the_studio_opens_on_a_model_until_it_is_interrupted(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        while "http://127.0.0.1:" not in said:
            said = process.stdout.readline()
            assert said
        (kept,) = (root / "models").iterdir()
        assert b"thalweg" in (kept / "bytes").read_bytes()[:200]
        os.kill(process.pid, signal.SIGINT)
        assert "it has ended" in process.stdout.read()
        assert process.wait(20) == 0


@pytest.mark.slow
def test_the_studio_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        while "http://127.0.0.1:" not in said:
            said = process.stdout.readline()
            assert said
        with pytest.raises(SettingsError, match="Another studio"), held_workspace(root):
            pass
        process.kill()
    for _ in range(100):
        with suppress(SettingsError), held_workspace(root):
            return
        time.sleep(0.2)
    pytest.fail("the studio still holds its workspace")


def test_the_error_of_a_studio_names_parameters_and_comes_once() -> None:
    said = "print('Error: Another studio works here (ws).'); print('Fix: name another folder with "
    words = [sys.executable, "-S", "-c", said + "--workspace.'); raise SystemExit(2)"]
    with pytest.raises(SettingsError) as told:
        tested._run(words)
    assert str(told.value) == (
        "Another studio works here (ws). Fix: name another folder with workspace=…."
    )


def test_the_fix_of_a_taken_port_is_in_python() -> None:
    said = "print('Error: Port 1 is taken (--port 1).'); print('Fix: take another: --port 4321.')"
    with pytest.raises(SettingsError) as told:
        tested._run([sys.executable, "-S", "-c", said + "; raise SystemExit(2)"])
    assert told.value.fix == "take another: port=4321"


def test_what_a_studio_says_that_does_not_start_is_in_the_error() -> None:
    words = [sys.executable, "-S", "-c", "print('Port 1 is taken'); raise SystemExit(2)"]
    with pytest.raises(SettingsError, match="The studio has ended") as told:
        tested._run(words)
    assert told.value.why == "Port 1 is taken"
