"""The record of a folder of predictions: which parts are finished, of which input and model."""

import hashlib
import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from thalweg.errors import SettingsError
from thalweg.files import open_file, write_atomic
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.jobs.predict import PredictRequest

# Readers of folders leave names out that begin so.
RECORD = "_thalweg.json"
# How the parts of before are replaced, on the command line and in Python.
ANEW = "--force (in Python: overwrite=True)"
# Of the files that a run left which ended before its last one.
_OTHERS = "The files that are predicted already were predicted {}"
_WHY = "All files of a folder have predictions of the same model, asked for in the same way"
_FORM = 1
# What a request says that does not change the predictions.
_NO_MATTER = ("model", "table", "output", "overwrite", "resume", "n_jobs", "rows_at_once")
_MOST_BYTES = 1 << 28
# So much time passes between two records, in terms of the time that one takes to write: with many
# parts it is long, and a part that no record has is predicted again.
_PAUSE = 20


@dataclass
class FinishedParts:
    """What is known of the finished parts of a folder.

    Attributes
    ----------
    model : str
        SHA-256 of the model file.
    asked : dict
        What was asked, by parameter.
    version : str
        Of the program.
    parts : dict
        By the name of the output: the name, identity and rows of the input, and the size of the
        output.
    """

    model: str
    asked: dict[str, Any]
    version: str
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _next: float = field(default=0.0, init=False, repr=False)
    _is_written: bool = field(default=False, init=False, repr=False)

    @classmethod
    def of(cls, request: "PredictRequest") -> "FinishedParts":
        """Those of a request that has just begun: none."""
        with open(request.model, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        said = {k: _or_none(v) for k, v in vars(request).items() if k not in _NO_MATTER}
        reading = {
            k: _or_none(v)
            for k, v in vars(request.reading).items()
            if k not in ("stdin", "known", "max_memory")
        }
        asked = json.loads(json.dumps({**said, "reading": reading}, default=_plain, sort_keys=True))
        return cls(digest, asked, version("thalweg"))

    def add(self, output: str, part: dict[str, Any], folder: str) -> None:
        """Add a finished part, and write the record if it is time."""
        self.parts[output], self._is_written = part, False
        if time.monotonic() >= self._next:
            self.write(folder)

    def write(self, folder: str) -> None:
        """Write the record into the folder of predictions, if it is not as it is there."""
        if self._is_written:
            return
        begin = time.monotonic()
        said = {"form": _FORM, "model": self.model, "asked": self.asked, "version": self.version}
        text = json.dumps({**said, "parts": self.parts}, indent=1, sort_keys=True)
        write_atomic(os.path.join(folder, RECORD), f"{text}\n".encode(), overwrite=True)
        self._is_written, end = True, time.monotonic()
        self._next = end + _PAUSE * (end - begin)

    def resumed(self, folder: str) -> "FinishedParts":
        """The record of the folder, of the same model and the same request.

        Raises
        ------
        SettingsError
            There is none, or it is of another model, request or version.
        """
        path = os.path.join(folder, RECORD)
        anew = f"give what was given then, to go on; or predict all files again, with {ANEW}"
        try:
            if os.path.getsize(path) > _MOST_BYTES:
                raise ValueError
            with open_file(path) as file:
                found = json.load(file)
            form, known = found.pop("form"), FinishedParts(**found)
            sound = form == _FORM and all(map(_is_part, known.parts.values()))
            sound = sound and isinstance(known.asked, dict)
        except FileNotFoundError:
            raise SettingsError(
                f"There is nothing to resume: no {RECORD} says which files are predicted",
                where=folder,
                fix=f"name the folder of predictions that was not completed, or leave out "
                f"{parameter('resume')}",
            ) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            sound = False
        if not sound:
            raise SettingsError(
                "The record of the files that are predicted already is damaged",
                where=path,
                why="Without it, nothing says which of them are complete, and by which model",
                fix=f"predict all files again, with {ANEW}",
            )
        if known.model != self.model:
            raise SettingsError(
                _OTHERS.format("by another model"), where=folder, why=_WHY, fix=anew
            )
        if known.version != self.version:
            raise SettingsError(
                _OTHERS.format(
                    f"by version {known.version} of thalweg, and this is {self.version}"
                ),
                where=folder,
                why=f"{_WHY}, and the last digits of two versions may differ",
                fix=f"use that version, or predict all files again, with {ANEW}",
            )
        other = [name for name in self.asked if self.asked[name] != known.asked.get(name)]
        if other:
            name = "id" if other[0] == "ids" else other[0]
            raise SettingsError(
                _OTHERS.format(f"with another {parameter(name)}"),
                where=folder,
                why=_WHY,
                fix=anew,
            )
        return known


def removed_parts(folder: str, made: Collection[str]) -> list[str]:
    """Remove the parts of before that are not ``made`` again; their names.

    Whoever reads the folder would take them for predictions of the same run. Only a file that the
    record names, and that has its size, is removed.
    """
    try:
        with open_file(os.path.join(folder, RECORD)) as file:
            known = json.load(file)["parts"]
        old = {name: part for name, part in known.items() if _is_part(part) and name not in made}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []  # there is no record, or a damaged one
    gone = []
    for name, part in sorted(old.items()):
        path = os.path.join(folder, name)
        is_here = os.path.basename(name) == name and not os.path.islink(path)
        if is_here and os.path.isfile(path) and os.path.getsize(path) == part["bytes"]:
            os.unlink(path)
            gone.append(name)
    return gone


def _or_none(value: Any) -> Any:
    """Nothing in a list is nothing: the command line gives an empty one, and Python None."""
    return None if hasattr(value, "__len__") and not len(value) else value


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return dict(value.items())
    return repr(value) if not hasattr(value, "__dict__") else vars(value)


def _is_part(part: Any) -> bool:
    kinds = {"of": str, "identity": dict, "rows": int, "read": int, "bytes": int}
    return isinstance(part, dict) and all(
        type(part.get(name)) is kind for name, kind in kinds.items()
    )
