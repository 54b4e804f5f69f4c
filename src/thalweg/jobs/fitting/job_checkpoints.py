"""The checkpoints of a job: that of the evaluated fit, and that of the refit on all rows.

Both stay until all files of the job are written. A job that is killed in the refit so finds the
first fit done.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from thalweg.errors import SettingsError
from thalweg.jobs.parts.writing import what_it_replaces
from thalweg.jobs.running.job_run import JobRun
from thalweg.training.checkpoint import Checkpoint
from thalweg.training.keeping.fit_keeper import progress_in_words, remove_finished
from thalweg.training.keeping.two_generations import BEFORE
from thalweg.wording import parameter

REFIT = ".refit"


class JobCheckpoints:
    """Gives the fits of a job their checkpoints, and removes these at the end.

    Parameters
    ----------
    asked : Checkpoint or None
        None if there are none.
    """

    def __init__(self, asked: Checkpoint | None) -> None:
        self.asked = asked

    def require_free(self, outputs: Mapping[str, str | None], table: str) -> None:
        """Refuse a place at which a checkpoint would replace another file of the job."""
        if self.asked is None:
            return
        path = os.fspath(self.asked.path)
        others = {os.path.realpath(each): name for name, each in outputs.items() if each}
        for own in (path, path + BEFORE, path + REFIT, path + REFIT + BEFORE):
            other = others.get(os.path.realpath(own))
            replaced = f"the file of {parameter(other)}" if other else ""
            if replaced := replaced or what_it_replaces(own, [table]):
                raise SettingsError(
                    f"{parameter('checkpoint', path)} would replace {replaced}",
                    fix=f"name another file for {parameter('checkpoint')}",
                )

    def give(self, run: JobRun, model: Any, *, refit: bool = False) -> None:
        """The next fit of a model has the checkpoint; says how far that is, if it is there.

        Whether it is one of the same fit is known only after the table is encoded.
        """
        if self.asked is None:
            return
        path = os.fspath(self.asked.path) + (REFIT if refit else "")
        if done := progress_in_words(path):
            run.say(
                f"Found the checkpoint {path}: {done}; this fit goes on from there if it is the "
                "same."
            )
        model._checkpoint = replace(self.asked, path=path, keep=True)

    def remove(self) -> None:
        """All files are written: remove the checkpoints of finished fits, unless they are kept."""
        if self.asked is None or self.asked.keep:
            return
        path = os.fspath(self.asked.path)
        for each in (path + REFIT, path):
            remove_finished(each)
