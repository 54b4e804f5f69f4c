"""What the processes of a studio ask for: each notes it in a file (`watched/sitecustomize`)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from children import environment

_HERE = Path(__file__).resolve().parent


class WatchedProcesses:
    """The notes of all Pythons that are started with this environment.

    Parameters
    ----------
    log : Path
    """

    def __init__(self, log: Path) -> None:
        self._log, self._read = log, 0
        log.touch()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process is started with."""
        path = os.pathsep.join([str(_HERE / "watched"), environment()["PYTHONPATH"]])
        return {"PYTHONPATH": path, "WATCHED_BY_TESTS": str(self._log)}

    def new(self) -> list[tuple[int, str, str]]:
        """Process, event and argument of everything since the last call."""
        data = self._log.read_bytes()[self._read :]
        self._read += len(data)
        return [(pid, event, said) for pid, event, said in map(json.loads, data.splitlines())]
