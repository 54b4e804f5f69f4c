"""Who is told what a job says while it runs: the command line, a screen, or nobody."""

from typing import Protocol

from thalweg.jobs.outcome import Outcome, Warned
from thalweg.training.progress import ProgressStep
from thalweg.wording import in_python


class Listener(Protocol):
    """Told of a job by its own thread, but for progress, which other threads may tell, too.

    What a method raises ends the job.
    """

    def spell(self, name: str, value: str) -> str:
        """How a parameter is called where a warning is read (`thalweg.wording.Spelling`)."""

    def say(self, line: str) -> None:
        """A note for a person, such as what was recognised in a file."""

    def warn(self, warning: Warned) -> None:
        """Something to be careful about; each is told once a job."""

    def progress(self, step: ProgressStep) -> None:
        """How far something is."""

    def so_far(self, outcome: Outcome) -> None:
        """What there is by now: first what was read, then what came of it.

        Once it is ``settled``, only files are still to be written. The last one is what the job
        returns.
        """


class Nobody:
    """Hears nothing; a subclass hears what it wants to."""

    def spell(self, name: str, value: str) -> str:
        """As Python does."""
        return in_python(name, value)

    def say(self, line: str) -> None:
        """Nothing."""

    def warn(self, warning: Warned) -> None:
        """Nothing."""

    def progress(self, step: ProgressStep) -> None:
        """Nothing."""

    def so_far(self, outcome: Outcome) -> None:
        """Nothing."""


NOBODY = Nobody()
