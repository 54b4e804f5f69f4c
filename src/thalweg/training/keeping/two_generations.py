"""The file of a fit's checkpoint and the one before it: written, read, locked and removed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from thalweg.errors import CheckpointError, ModelFileError, OutputError
from thalweg.files import FileLock, check_writable, with_second_name, write_atomic
from thalweg.sealed_container import begins_as_sealed, read_sealed
from thalweg.training.checkpoint import Arrays, refusal

BEFORE = ".before"
# Raises a ValueError if a header and arrays are not those of such a file.
Require = Callable[[dict[str, Any], Arrays], None]


class FoundFile(NamedTuple):
    """What a file contains.

    ``damage`` says what is wrong with the newest file, if this is the one before.
    """

    header: dict[str, Any]
    arrays: Arrays
    damage: str = ""


class TwoGenerations:
    """A file, and beside it the one that it has replaced, with ``.before`` at the end of its name.

    While a fit goes on, it holds a lock, so that no second fit uses the same file.

    Parameters
    ----------
    path : str or path
    require : callable
        Raises a ValueError if a header and the names of the arrays are not those of such a file.

    Raises
    ------
    CheckpointError
        Another process uses the file, or the one beside it is another file.
    OutputError
        The file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], require: Require) -> None:
        check_writable(path, overwrite=True)
        self.path, self.require = Path(os.path.realpath(path)), require
        self.before = self.path.with_name(self.path.name + BEFORE)
        # A damaged file does not replace the one before it.
        self.lock, self.is_sound, self.is_ours = FileLock(), True, False
        if self.path.exists():
            self._claim()
        if os.path.lexists(self.before):
            self._require_ours()

    def read(self) -> FoundFile | None:
        """The newest file that is whole; None if there is none.

        A file that is whole, and not such a checkpoint, is no damage: the one before is not tried.

        Raises
        ------
        CheckpointError
            There is a file, and neither it nor the one before can be used. Both are left.
        """
        found = self.found(self.path, self.require)
        self.is_sound = found is None or not found.damage
        return found

    @staticmethod
    def found(path: str | os.PathLike[str], require: Require) -> FoundFile | None:
        """What `read` gives, without a lock."""
        newest = Path(path)
        before = newest.with_name(newest.name + BEFORE)
        if not newest.exists():
            return None
        try:
            return _read(newest, require)
        except ModelFileError as bad:
            why = bad.why or bad.what
            try:
                if not before.exists():
                    raise refusal(newest, "cannot be resumed", why) from bad
                return _read(before, require)._replace(damage=why)
            except ModelFileError as worse:
                both = f"{why}; and the one before ({before.name}): {worse.why or worse.what}"
                raise refusal(newest, "cannot be resumed", both) from worse

    def write(self, data: bytes) -> None:
        """Replace the file, which becomes the one before; each is there completely at any time."""
        is_there = self.path.exists()
        if is_there and not self.is_ours:  # it has appeared since
            self._claim()
        if is_there and self.is_sound:
            with_second_name(self.path, self.before)
        write_atomic(self.path, data, overwrite=True)
        self.is_sound = self.is_ours = True
        self.lock.take(self.path)

    def remove(self) -> None:
        """Remove both files, the older one first."""
        for each in (self.before, self.path):
            try:
                each.unlink(missing_ok=True)
            except OSError as why:
                raise OutputError(
                    "The checkpoint cannot be removed", where=str(each), why=why.strerror or "",
                    fix="remove it yourself: the fit is finished",
                ) from why  # fmt: skip
        self.lock.release()

    def _claim(self) -> None:
        if not self.lock.take(self.path):
            raise CheckpointError(
                "Another fit uses this checkpoint now",
                where=str(self.path),
                why="Two fits would overwrite each other's state",
                fix="wait for it, or name another file",
            )
        self.is_ours = True

    def _require_ours(self) -> None:
        """Refuse what is at the place of the older generation and is none.

        The first write would replace it, and fail at a folder. A damaged one does no harm beside a
        newest one.
        """
        if self.is_ours and begins_as_sealed(self.before):
            return
        try:
            _read(self.before, self.require)
        except (ModelFileError, CheckpointError) as bad:
            self.lock.release()
            raise CheckpointError(
                "The place of the checkpoint before the newest one is taken",
                where=str(self.before),
                why=f"What has that name is no checkpoint of a fit: {bad.why or bad.what}",
                fix="name another file for the checkpoint, or move that one away",
            ) from bad


def _read(path: Path, require: Require) -> FoundFile:
    header, arrays = read_sealed(path)
    try:
        require(header, arrays)
    except ValueError as bad:
        raise refusal(path, "cannot be resumed", str(bad)) from bad
    return FoundFile(header, arrays)
