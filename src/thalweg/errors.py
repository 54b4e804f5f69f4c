"""Exceptions, warnings and the ``Status`` of a training run; every error says how to fix it."""

import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

from thalweg.wording import Spelling, brief, in_python, printable, spelled

Entry = TypeVar("Entry")
# Characters of what is wrong and where; why and the fix may name many columns.
_LONGEST, _LONGEST_LIST = 600, 8000


class ThalwegError(Exception):
    """The base class of every error that thalweg raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, as one sentence without a full stop.
    where : str, optional
        The column, row, file, layer or epoch where it was found.
    why : str, optional
        Why this is a problem.
    fix : str, optional
        What exactly to do about it.
    """

    code = "error"

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        self._said = (what, where, why, fix)
        told = _briefly(self._said, in_python)
        self.what, self.where, self.why, self.fix = told
        # Pass one argument only: from two or more, OSError would make an errno.
        super().__init__(self.what)

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        fix = f"Fix: {self.fix}" if self.fix else ""
        # A message may quote untrusted text, and Python's traceback prints it unchanged.
        sentences = [printable(part) for part in (self.what + where, self.why, fix) if part]
        return " ".join(s if s.endswith((".", "!", "?")) else f"{s}." for s in sentences)

    def __reduce__(self) -> tuple[object, ...]:
        # The default way of pickling an exception would lose keyword-only arguments.
        return (_rebuild, (type(self), *self._said))

    @property
    def unspelled(self) -> tuple[str, str, str, str]:
        """What, where, why and fix for a new error: the parameters in them are not spelled yet."""
        return self._said

    def as_dict(self, spelling: Spelling = in_python) -> dict[str, str]:
        """The error as plain data: ``{code, what, where, why, fix}``.

        ``spelling`` is how the parameters in it are called where it is read.
        """
        what, where, why, fix = _briefly(self._said, spelling)
        return {
            "code": self.code,
            "what": what,
            "where": where,
            "why": why,
            "fix": fix,
        }


def _briefly(said: tuple[str, str, str, str], spelling: Spelling) -> list[str]:
    """The parts of an error as they are read: what and where quote no more than a few lines."""
    most = (_LONGEST, _LONGEST, *[_LONGEST_LIST] * 2)
    return [brief(spelled(part, spelling), n) for part, n in zip(said, most, strict=True)]


def _rebuild(kind: type[ThalwegError], what: str, where: str, why: str, fix: str) -> ThalwegError:
    return kind(what, where=where, why=why, fix=fix)


class DataError(ThalwegError, ValueError):
    """A table cannot be read, or its content cannot be used for training or prediction.

    Attributes
    ----------
    problems : tuple of (str, DataError)
        If this error reports columns that cannot be read: the name of each, and its problem.
    """

    code = "data"
    problems: "tuple[tuple[str, DataError], ...]" = ()


class CellTypeError(DataError, TypeError):
    """A cell of a table is neither a number nor a boolean nor text."""

    code = "cell_type"


class SettingsError(ThalwegError, ValueError):
    """A parameter, or its text form, is not valid."""

    code = "settings"


def look_up(table: Mapping[str, Entry], kind: str, name: str) -> Entry:
    """The entry of that name in a table of formulas.

    Raises
    ------
    SettingsError
        If there is no such name; the message lists all names.
    """
    if name not in table:
        raise SettingsError(f"There is no {kind} {name!r}", fix=f"take one of {', '.join(table)}")
    return table[name]


class ModelFileError(ThalwegError, ValueError):
    """A model file is damaged, not from thalweg, or not to be trusted. Nothing in it was run."""

    code = "model_file"


class ModelVersionError(ModelFileError):
    """A model file is intact, but its format is newer than this version of thalweg reads."""

    code = "model_version"


class CheckpointError(ThalwegError, ValueError):
    """A checkpoint is damaged, not from thalweg, or of another run. The file is unchanged."""

    code = "checkpoint"


class OutputError(ThalwegError, OSError):
    """A result cannot be written to the given place. An existing file there is unchanged."""

    code = "output"


class ClusterError(ThalwegError, RuntimeError):
    """Workers of a cluster could not do their part. Nothing of it runs any more."""

    code = "cluster"


class DivergenceError(ThalwegError, ArithmeticError):
    """The loss became NaN or infinite before a single epoch had ended."""

    code = "divergence"


class UnfinishedError(ThalwegError, KeyboardInterrupt):
    """Ctrl-C came before there was anything to keep. The model is as it was before."""

    code = "interrupted"


class ThalwegWarning(UserWarning):
    """The base class of every warning that thalweg gives."""

    code = "warning"

    def __str__(self) -> str:
        return self.said()

    def said(self, spelling: Spelling = in_python) -> str:
        """The text, with the parameters in it called as they are where it is read."""
        return printable(spelled(super().__str__(), spelling))


class DivergenceWarning(ThalwegWarning):
    """Training diverged; the best finite epoch was kept."""

    code = "divergence"


class UnfinishedWarning(ThalwegWarning):
    """Ctrl-C ended a fit; the best epoch of each network was kept."""

    code = "unfinished"


class CheckpointWarning(ThalwegWarning):
    """A run resumes from a checkpoint on a system that may round differently."""

    code = "checkpoint"


class ClusterWarning(ThalwegWarning):
    """A cluster did its part in another way than it should, or its machines differ."""

    code = "cluster"


class EngineWarning(ThalwegWarning):
    """The compiled engine is not available; the slower reference engine computes the same."""

    code = "engine"


class IdentifierWarning(ThalwegWarning):
    """Columns identify single rows: texts that differ in nearly every row, or numbers of rows.

    Parameters
    ----------
    message : str
    about : tuple of str
        The columns, so that code with several fits can report each of them once.
    """

    code = "identifier"

    def __init__(self, message: str, about: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.about = about


class TotalRowWarning(ThalwegWarning):
    """A row of a table is the sum or the mean of the rows above it, and no case."""

    code = "total_row"


class UnseenLevelWarning(ThalwegWarning):
    """Cells of a category contain levels that the model was not fitted on."""

    code = "unseen_level"


class Status(IntEnum):
    """Why a loop ended. Loops and an engine's ``steps`` return it; public methods raise or warn."""

    RUNNING = 0
    MAX_EPOCHS = 1
    PATIENCE = 2
    INTERRUPTED = 3
    DIVERGED = 4
    TIME_LIMIT = 5
    STOPPED = 6

    def __str__(self) -> str:
        return self.name

    @property
    def sentence(self) -> str:
        """The status as a phrase for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.RUNNING: "not ended",
    Status.MAX_EPOCHS: "all epochs were run",
    Status.PATIENCE: "the loss had stopped falling",
    Status.INTERRUPTED: "it was interrupted",
    Status.DIVERGED: "the loss became NaN or infinite",
    Status.TIME_LIMIT: "the time limit was reached",
    Status.STOPPED: "a callback asked for it",
}


_INSIDE = ("thalweg", "sklearn")


def outer_level() -> int:
    """The ``stacklevel`` that makes a warning name the first line outside thalweg and scikit-learn.

    The number of frames differs: public methods call each other, and scikit-learn wraps some.
    """
    level = 1
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _INSIDE:
        frame, level = frame.f_back, level + 1
    return level
