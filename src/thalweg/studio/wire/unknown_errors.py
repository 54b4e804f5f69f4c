"""Errors that nobody has foreseen, in the parts that a page shows."""

from thalweg.studio.workspace.unwritten import ELSEWHERE, NO_ROOM
from thalweg.wording import printable

_LONGEST = 600
_A_FAULT = "this is a fault of thalweg; please report it with these words"


def unknown_error(why: Exception) -> dict[str, str]:
    """An exception that is no error of thalweg."""
    if isinstance(why, OSError) and why.errno in NO_ROOM:
        return told_error("The disk of the workspace is full", why.strerror or "", ELSEWHERE)
    return told_error(f"This failed: {type(why).__name__}: {why}")


def told_error(what: str, why: str = "", fix: str = _A_FAULT) -> dict[str, str]:
    """An error with these words, as `thalweg.errors.ThalwegError.as_dict` has it."""
    return {
        "code": "error", "what": printable(what)[:_LONGEST], "where": "", "why": why, "fix": fix
    }  # fmt: skip
