"""``thalweg studio`` as a process: the link, what it loads, and how it ends."""

import gc
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest

from thalweg.cli.main import main
from thalweg.errors import SettingsError
from thalweg.studio.server.studio_server import HOST, listening
from thalweg.studio.studio import _open
from thalweg.studio.workspace.held_workspace import held_workspace

# What a server never loads: it would be slow to start, and large.
NOT_OF_A_SERVER = {"pandas", "sklearn", "scipy", "numba", "matplotlib", "pyarrow", "thalweg.jobs"}


def started(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "thalweg", "studio", "--no-browser", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def children_of(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(each) for each in found.split()]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_prints_a_link_and_ctrl_c_ends_it_with_its_workers(tmp_path: Path) -> None:
    with started("wisconsin", "--workspace", str(tmp_path / "w")) as studio:
        assert studio.stdout is not None
        assert studio.stderr is not None
        link = studio.stdout.readline().strip()
        assert link.startswith(f"http://{HOST}:")
        with urllib.request.urlopen(link, timeout=20) as answer:
            assert answer.status == 200
            assert "HttpOnly" in answer.headers["set-cookie"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(link.partition("?")[0], timeout=20)
        while not (workers := children_of(studio.pid)):
            assert studio.poll() is None
        studio.send_signal(signal.SIGINT)
        _, said = studio.communicate(timeout=20)
        assert studio.returncode == 130
        assert "Traceback" not in said
        assert "Whoever has this link can open it" in said
        assert link not in said
        assert not any(map(is_alive, workers))
    assert sorted(each.name for each in (tmp_path / "w").iterdir()) == [
        "lock", "models", "predictions", "reports", "tables", "work"
    ]  # fmt: skip


def test_a_server_loads_nothing_that_reads_tables() -> None:
    note = "import sys, thalweg.studio.studio; print(*sorted(sys.modules))"
    run = [sys.executable, "-W", "ignore", "-c", note]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert "thalweg.studio.server.studio_server" in loaded
    assert [name for name in loaded if name in NOT_OF_A_SERVER] == []


def test_what_cannot_be_is_said_before_a_server_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = ["--workspace", str(tmp_path / "w"), "--no-browser"]
    assert main(["studio", str(tmp_path / "nil.csv"), *room]) == 1
    assert "There is no such file" in capsys.readouterr().err
    with listening(None) as taken:
        port = str(taken.getsockname()[1])
        assert main(["studio", "--port", port, *room]) == 2
        assert f"Port {port} is taken" in capsys.readouterr().err
    assert main(["studio", "--port", "70000", *room]) == 2
    capsys.readouterr()
    with held_workspace(tmp_path / "w"):
        assert main(["studio", *room]) == 2
    assert "Another studio works in this workspace" in " ".join(capsys.readouterr().err.split())


def test_the_browser_is_opened_by_a_private_file_and_not_by_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address))
    with held_workspace(tmp_path / "w w") as held:
        _open(held.folder, 'http://127.0.0.1:1/?key=a"b')
        page = held.folder.path / "open.html"
        assert opened == [page.as_uri()]
        assert page.stat().st_mode & 0o077 == 0
        assert "url=http://127.0.0.1:1/?key=a&quot;b" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("ends", ["ready", "error"])
def test_nothing_is_collected_while_it_starts_and_everything_afterwards(
    monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    seen: list[bool] = []

    def job(request: object, ready: Callable[[str], None]) -> None:
        seen.append(gc.isenabled())
        if ends == "error":
            raise SettingsError("The port is taken", fix="name another one")
        ready("http://127.0.0.1/")
        seen.append(gc.isenabled())

    monkeypatch.setattr("thalweg.studio.studio.studio", job)
    assert gc.isenabled()
    assert (main(["studio", "--no-browser"]) == 0) is (ends == "ready")
    assert seen == [False, True][: len(seen)]
    assert gc.isenabled()
