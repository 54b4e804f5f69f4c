"""The studio calls nobody: no connection beyond this machine, and no name is looked up."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studio.watched_processes import WatchedProcesses

ALONE = ["unshare", "--map-root-user", "--net"]
# What may be asked for: addresses of this machine, as numbers.
OWN = re.compile(r"\('127\.0\.0\.1', \d+\)|'127\.0\.0\.1'")


def may_be_alone() -> bool:
    """Whether a process may have a network of its own, without any other machine."""
    try:
        return subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_the_whole_journey_calls_nobody(tmp_path: Path) -> None:
    """Also in a namespace without a network, where the system allows one (Linux)."""
    alone, watch = may_be_alone(), WatchedProcesses(tmp_path / "log")
    done = subprocess.run(
        [*(ALONE if alone else []), sys.executable, "-m", "studio.whole_journey", tmp_path / "w"],
        env={**os.environ, **watch.environment}, capture_output=True, text=True, timeout=590,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    if alone:
        assert json.loads(done.stdout.splitlines()[-1]) == ["lo"]
    seen = watch.new()
    hosts = [(event, said) for _, event, said in seen if event.startswith(("socket", "urllib"))]
    assert len({pid for pid, _, _ in seen}) >= 4  # the server, and its workers of three kinds
    assert any(event == "socket.connect" for event, _ in hosts)  # the page, so the watch is awake
    assert [each for each in hosts if not OWN.fullmatch(each[1])] == []
    print(f"{'alone' if alone else 'not alone'}: {len(hosts)} times 127.0.0.1, and nothing else")
