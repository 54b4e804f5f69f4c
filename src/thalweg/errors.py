"""The vocabulary of failure: every error says what, where, why and how to mend it."""

import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

from thalweg.wording import Spelling, in_python, printable, spelled

Entry = TypeVar("Entry")


class ThalwegError(Exception):
    """The root of every error that thalweg raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, as one sentence without a full stop.
    where : str, optional
        The column, row, file, layer or epoch that it was seen at.
    why : str, optional
        Why this cannot be worked with.
    fix : str, optional
        What to do about it, exactly.
    """

    code = "error"

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        self._said = (what, where, why, fix)
        self.what, self.where, self.why, self.fix = map(spelled, self._said)
        # One argument: of two or more OSError would make an errno.
        super().__init__(self.what)

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        mend = f"Mend: {self.fix}" if self.fix else ""
        # A message may quote a stranger's file, and Python's traceback shows it as it is.
        sentences = [printable(part) for part in (self.what + where, self.why, mend) if part]
        return " ".join(s if s.endswith((".", "!", "?")) else f"{s}." for s in sentences)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments would be lost by the default way of pickling an exception.
        return (_rebuild, (type(self), *self._said))

    def as_dict(self, spelling: Spelling = in_python) -> dict[str, str]:
        """The error as plain data: ``{code, what, where, why, fix}``.

        ``spelling`` is how the parameters in it are called where it is read.
        """
        what, where, why, fix = (spelled(part, spelling) for part in self._said)
        return {
            "code": self.code,
            "what": what,
            "where": where,
            "why": why,
            "fix": fix,
        }


def _rebuild(kind: type[ThalwegError], what: str, where: str, why: str, fix: str) -> ThalwegError:
    return kind(what, where=where, why=why, fix=fix)


class DataError(ThalwegError, ValueError):
    """A table cannot be read, or its content cannot be learned from or predicted on."""

    code = "data"


class CellTypeError(DataError, TypeError):
    """A cell of a table is of a type that is neither number nor truth value nor text."""

    code = "cell_type"


class SettingsError(ThalwegError, ValueError):
    """A parameter, or its text form, has no meaning."""

    code = "settings"


def look_up(table: Mapping[str, Entry], kind: str, name: str) -> Entry:
    """The entry of that name in a table of formulas.

    Raises
    ------
    SettingsError
        For a name that is not there; it lists those that are.
    """
    if name not in table:
        raise SettingsError(f"There is no {kind} {name!r}", fix=f"take one of {', '.join(table)}")
    return table[name]


class ModelFileError(ThalwegError, ValueError):
    """A model file is damaged, foreign, or not to be trusted. Nothing in it was executed."""

    code = "model_file"


class ModelVersionError(ModelFileError):
    """A model file is sound, but written in a newer format than this thalweg reads."""

    code = "model_version"


class CheckpointError(ThalwegError, ValueError):
    """A checkpoint is damaged, foreign, or one of another run. It was left as it is."""

    code = "checkpoint"


class OutputError(ThalwegError, OSError):
    """A result cannot be written where it was asked for. What stood there is intact."""

    code = "output"


class DivergenceError(ThalwegError, ArithmeticError):
    """The descent left the finite numbers before a single epoch had ended."""

    code = "divergence"


class UnfinishedError(ThalwegError, KeyboardInterrupt):
    """Ctrl-C came before there was anything to keep. What stood there before is intact."""

    code = "interrupted"


class ThalwegWarning(UserWarning):
    """The root of every warning that thalweg gives."""

    code = "warning"

    def __str__(self) -> str:
        return self.said()

    def said(self, spelling: Spelling = in_python) -> str:
        """The text, with the parameters in it called as they are where it is read."""
        return printable(spelled(super().__str__(), spelling))


class DivergenceWarning(ThalwegWarning):
    """The descent diverged; the best finite epoch was kept."""

    code = "divergence"


class UnfinishedWarning(ThalwegWarning):
    """Ctrl-C ended a fit; the best epoch that each network had was kept."""

    code = "unfinished"


class CheckpointWarning(ThalwegWarning):
    """A checkpoint is taken up where numbers may be rounded otherwise."""

    code = "checkpoint"


class EngineWarning(ThalwegWarning):
    """The fast engine cannot be had; the readable one computes the same, slower."""

    code = "engine"


class IdentifierWarning(ThalwegWarning):
    """Columns of texts that nearly all differ are taken for identifiers.

    Parameters
    ----------
    message : str
    about : tuple of str
        The columns: whoever fits several times may wish to hear it once.
    """

    code = "identifier"

    def __init__(self, message: str, about: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.about = about


class UnseenLevelWarning(ThalwegWarning):
    """Cells of a category hold levels that the model was not fitted on."""

    code = "unseen_level"


class Status(IntEnum):
    """Why a loop ended. Loops and an engine's ``steps`` return it; the door raises or warns."""

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
        """The status as a person would say it."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.RUNNING: "not ended",
    Status.MAX_EPOCHS: "all epochs were run",
    Status.PATIENCE: "the loss had stopped falling",
    Status.INTERRUPTED: "it was interrupted",
    Status.DIVERGED: "the loss left the finite numbers",
    Status.TIME_LIMIT: "its time was up",
    Status.STOPPED: "a callback asked for it",
}


_INSIDE = ("thalweg", "sklearn")


def outer_level() -> int:
    """The ``stacklevel`` of a warning that is to name the line outside of here and scikit-learn.

    Doors lead through methods, and scikit-learn's wrappers, in numbers that differ.
    """
    level = 1
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _INSIDE:
        frame, level = frame.f_back, level + 1
    return level
