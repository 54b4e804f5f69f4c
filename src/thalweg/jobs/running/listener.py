"""The interface that receives the messages, warnings and progress of a running job."""

from typing import Protocol

from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.running.outcome import Outcome, Warned
from thalweg.training.progress import ProgressStep
from thalweg.wording import in_python


class Listener(Protocol):
    """Receives what a job reports.

    The thread of the job calls it; other threads may call ``progress``, too. An exception that a
    method raises ends the job.
    """

    def spell(self, name: str, value: str) -> str:
        """How the reader writes a parameter (`thalweg.wording.Spelling`)."""

    def say(self, line: str) -> None:
        """A note for people, such as what was recognised in a file."""

    def warn(self, warning: Warned) -> None:
        """A warning; each is given once for a job."""

    def progress(self, step: ProgressStep) -> None:
        """The progress of a part of the job."""

    def so_far(self, outcome: Outcome) -> None:
        """The outcome so far: first with the data that was read, then with the result.

        Once it is ``settled``, only files are left to write. The last one is what the job returns.
        """


class Nobody:
    """Ignores everything; a subclass overrides what it needs."""

    def spell(self, name: str, value: str) -> str:
        """As in Python."""
        return in_python(name, value)

    def say(self, line: str) -> None:
        """Nothing."""

    def warn(self, warning: Warned) -> None:
        """Nothing."""

    def progress(self, step: ProgressStep) -> None:
        """Nothing."""

    def so_far(self, outcome: Outcome) -> None:
        """Nothing."""


class AsOptions(Nobody):
    """Ignores everything, and spells parameters as the command line does.

    A model file keeps notes about its table. So a job with this listener writes the bytes that the
    command writes.
    """

    def spell(self, name: str, value: str) -> str:
        """As an option."""
        return as_option(name, value)


NOBODY = Nobody()
