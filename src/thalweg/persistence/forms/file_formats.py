"""The formats of model files, and the words with which a file is refused."""

import re
from importlib.metadata import version
from typing import Any

from thalweg.errors import ModelVersionError, ThalwegError

# 1: one network for two classes, numbers and booleans. 2: several networks, any target,
# categories, and the training range of each number.
FORMAT = 2
# Of several targets: 2 with their entries.
FORMAT_OF_SEVERAL = 3


def require_known_format(header: dict[str, Any], where: str) -> None:
    """Raise a ModelVersionError for a format of a newer thalweg."""
    found = header.get("format")
    if type(found) is int and found > FORMAT_OF_SEVERAL:
        named, own = str(header.get("thalweg"))[:30], version("thalweg")
        writer, newer = f"thalweg {named}", _release_of(named) > _release_of(own)
        raise ModelVersionError(
            f"The model file has format {found}, but only formats up to {FORMAT_OF_SEVERAL} are "
            "known here",
            where=where,
            why=f"{writer} wrote it, and this is thalweg {own}"
            if newer
            else f"The file names {writer} as its writer, and thalweg {own} writes no such format",
            fix=f"install {writer} or a newer version"
            if newer
            else "do not trust its source; save the model again with thalweg",
        )


def _release_of(text: str) -> list[int]:
    """The numbers of a version, in the order of releases."""
    return [int(number) for number in re.findall(r"[0-9]{1,9}", text.partition("+")[0])[:3]]


def without_fix(bad: Exception) -> str:
    """What is wrong; the fix of a setting is none of a file."""
    if isinstance(bad, ThalwegError):
        return str(ThalwegError(bad.what, where=bad.where, why=bad.why)).rstrip(".")
    return str(bad)
