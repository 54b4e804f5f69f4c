"""Words of the refusal of a model file: the order of versions, and an error without its fix."""

import re

from thalweg.errors import ThalwegError


def release_of(text: str) -> list[int]:
    """The numbers of a version, in the order of releases."""
    return [int(number) for number in re.findall(r"[0-9]{1,9}", text.partition("+")[0])[:3]]


def without_fix(bad: Exception) -> str:
    """What is wrong; the fix of a setting is none of a file."""
    if isinstance(bad, ThalwegError):
        return str(ThalwegError(bad.what, where=bad.where, why=bad.why)).rstrip(".")
    return str(bad)
