"""Commands in processes that are forked from one that has imported what they need: a helper.

A test that kills many commands does not wait for the imports of each.
"""

import multiprocessing
import signal
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess

from thalweg.cli.main import main

_NEEDED = [
    "forked_commands", "typer", "pyarrow.compute", "pyarrow.parquet", "thalweg.cli.verbs.predict",
    "thalweg.jobs.streams.predicted_folder", "thalweg.network.compiled.compiled_engine",
]  # fmt: skip


def started(words: Sequence[str]) -> BaseProcess:
    """A command that runs."""
    start = multiprocessing.get_context("forkserver")
    start.set_forkserver_preload(_NEEDED)
    running = start.Process(target=_run, args=(list(words),))
    running.start()
    return running


def _run(words: list[str]) -> None:
    sys.exit(main(words))


def killed(words: Sequence[str], seconds: float) -> bool:
    """Run a command and kill it after so many seconds; False if it ended before."""
    running = started(words)
    running.join(seconds)
    if running.exitcode is None:
        running.kill()
        running.join()
    assert running.exitcode in (0, -signal.SIGKILL)
    return running.exitcode != 0
