"""What a file may cost: one account that every reader draws from, and says what is too much.

A file of some kilobytes can promise more than any memory holds. So what is read is counted as it
is read: bytes after unpacking, cells, and the memory that both will take; and what costs time and
says nothing (separators without cells, elements that are no cells). Nothing is counted in
seconds: a long table may take long.
"""

import contextlib
import math
import os
import re
import sys
from pathlib import Path

from thalweg.errors import DataError, SettingsError
from thalweg.wording import parameter

# Unless somebody says how much, a file may take half of the machine's memory, but a small one no
# more than this; a larger one so many times its size on disk. A constant column of text, packed,
# has four hundred million cells in so much.
SMALL_FILE = 1 << 32
TIMES_ITS_SIZE = 256
# What must be unpacked whole before a cell is seen (parts of a workbook, Parquet inside gzip) is
# no table yet, and was packed once already: so many bytes, and so many times the size on disk.
UNPACKED = 48 << 20
UNPACKED_TIMES = 32
# Things that say nothing: so many, and as many again as the file has bytes, or for each cell.
IDLE = 1 << 17
IDLE_PER_BYTE = 0.5
IDLE_PER_CELL = 32
# The same of texts: bytes of separators, blanks and line ends in blocks of hardly anything else.
HOLLOW = 1 << 24
HOLLOW_PER_BYTE = 8
# A cell is a place in a list and one in an array; a text of several characters is an object, too.
_PLACE, _OBJECT = 16, 56
# An element of XML, with what it holds.
_ELEMENT = 1024

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([kmgt]?)(i?)b?", re.I)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def memory_of(size: int | str) -> int:
    """A size of memory in bytes, as in ``8_000_000_000``, ``"8GB"``, ``"500 MB"`` or ``"2GiB"``.

    Raises
    ------
    SettingsError
        If it is none, or no memory at all.
    """
    found = _SIZE.fullmatch(size.strip()) if isinstance(size, str) else None
    if found:
        base = 1024 if found[3] else 1000
        n_bytes = float(found[1]) * base ** _POWERS[found[2].lower()]
    elif isinstance(size, int) and not isinstance(size, bool):
        n_bytes = float(size)
    else:
        n_bytes = 0.0
    if not 1 <= n_bytes < 2**63:
        raise SettingsError(
            f"{size!r} is no size of memory",
            where=parameter("max_memory"),
            fix="give bytes, or a text such as 500MB or 8GB",
        )
    return int(n_bytes)


def text_memory(n_bytes: int, n_cells: int) -> int:
    """What a text of so many bytes and cells takes, read into a table, in bytes.

    Texts of a single character are the same object throughout.
    """
    each = n_bytes / max(n_cells, 1)
    return int(n_cells * (_PLACE if each <= 2 else _PLACE + _OBJECT + each))


class Budget:
    """What one file may cost to read.

    Parameters
    ----------
    name : str
        What errors call the file.
    size : int
        Its size on disk, in bytes.
    max_memory : int or str, optional
        How much memory its table may take; by default half of the machine's, and less for a
        small file. Who says it takes the other limits off as well: all that is read is then
        counted against this alone.

    Attributes
    ----------
    share : float
        How much of the file has been read, as far as its reader tells.
    """

    def __init__(self, name: str, size: int = 0, max_memory: int | str | None = None) -> None:
        self.name = name
        self.size = size
        self.n_filled = 0
        self.share = 1.0
        self._said = None if max_memory is None else memory_of(max_memory)
        self._half, self._whence = (0, "") if self._said else half_of_memory()
        self._held = self._unpacked = self._idle = self._hollow = 0

    @property
    def allowed(self) -> int:
        """The memory that the table may take, in bytes."""
        return self._said or min(self._half, self._of_size)

    @property
    def _of_size(self) -> int:
        return max(SMALL_FILE, TIMES_ITS_SIZE * self.size)

    def hold(self, n_bytes: int, what: str = "", where: str = "") -> None:
        """Take memory, and keep it."""
        self.require(n_bytes, what, where)
        self._held += n_bytes

    def require(self, n_bytes: int, what: str = "", where: str = "") -> None:
        """Refuse to take so much more memory than is held already, if it is too much."""
        asked = self._held + n_bytes
        if asked > self.allowed:
            raise DataError(
                f"The table would take {of_bytes(asked)} of memory, and {of_bytes(self.allowed)} "
                "are allowed",
                where=f"{where or self.name}{f': {what}' if what else ''}",
                why=self._why(),
                fix=f"give fewer rows or columns, or allow more: {_more(asked / self.share)}",
            )

    def unpack(self, n_bytes: int, part: str = "") -> None:
        """Unpack so many bytes more of what is no text."""
        self._unpacked += n_bytes
        limit = self._said or min(self._half, UNPACKED + UNPACKED_TIMES * self.size)
        if self._unpacked > limit:
            raise DataError(
                f"The file would unfold to {of_bytes(self._unpacked)} or more, and "
                f"{of_bytes(limit)} are allowed",
                where=f"{self.name}{f', {part}' if part else ''}: {self.size:,} bytes on disk",
                why="No table is packed so tightly, as far as is known",
                fix="save the table as CSV, or allow more: "
                + _more(max(self._unpacked, self.allowed)),
            )

    def idle(self, n: int, what: str, where: str) -> None:
        """Meet so many more things that are no cells, and cells with nothing in them."""
        self._idle += n
        limit = IDLE + IDLE_PER_BYTE * self.size + IDLE_PER_CELL * self.n_filled
        self._require_sense(self._idle, limit, _ELEMENT, what, where)

    def hollow(self, n_bytes: int) -> None:
        """Meet so many more bytes of a text that are separators, blanks and line ends."""
        self._hollow += n_bytes
        limit = HOLLOW + HOLLOW_PER_BYTE * self.size
        what = "bytes of separators and empty lines"
        self._require_sense(self._hollow, limit, _PLACE, what, self.name)

    def _require_sense(self, n: int, limit: float, each: int, what: str, where: str) -> None:
        if self._said:  # what each of them may take
            limit = max(limit, self._said / each)
        if n > limit:
            filled = f", and {self.n_filled:,} filled cells" if self.n_filled else ""
            raise DataError(
                f"More than {math.floor(limit):,} {what}{filled}",
                where=f"{where}: {self.size:,} bytes on disk",
                why="They hold nothing, and would take long to read",
                fix="remove the empty rows and columns and save the table again, or allow more: "
                + _more(max(2 * self.allowed, n * each / self.share)),
            )

    def _why(self) -> str:
        if self._said:
            return "So much was said to be allowed"
        if self._half <= self._of_size:
            return self._whence
        times = "" if self._of_size == SMALL_FILE else f", {TIMES_ITS_SIZE} times its size"
        return f"A file of {of_bytes(self.size)} may take so much{times}, unless more is allowed"


def of_bytes(size: float) -> str:
    """A size in words, as ``"1.5 GB"``."""
    power = min(int(math.log(max(size, 1), 1000)), 4)
    number = f"{size / 1000**power:.3g}" if power else f"{size:,.0f}"
    return f"{number} {['bytes', 'KB', 'MB', 'GB', 'TB'][power]}"


def _more(asked: float) -> str:
    size = f"{math.ceil(asked * 1.1 / 10**9)}GB"
    return parameter("max_memory", size)


# --- the machine ------------------------------------------------------------------------------


def half_of_memory() -> tuple[int, str]:
    """Half of the memory that this process may have, in bytes, and a sentence that says whence."""
    machine = _of_machine()
    limits = [each for each in _of_groups() if 0 < each < machine]
    memory = min(limits, default=machine)
    whose = "that this process may have (a limit of its control group)" if limits else "here"
    return memory // 2, f"That is half of the {of_bytes(memory)} of memory {whose}"


def _of_machine() -> int:
    if sys.platform == "win32":
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
                (f"size{i}", ctypes.c_ulonglong) for i in range(7)
            ]

        status = Status(length=ctypes.sizeof(Status))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.size0)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_groups(root: Path = Path("/")) -> list[int]:
    """The limits of memory of the control groups (Linux) that this process is in."""
    found = []
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            number, controllers, path = line.split(":", 2)
            if number != "0" and "memory" not in controllers.split(","):
                continue
            base = root / "sys/fs/cgroup" / ("" if number == "0" else "memory")
            name = "memory.max" if number == "0" else "memory.limit_in_bytes"
            group = base / path.lstrip("/")
            for each in (group, *group.parents):
                with contextlib.suppress(OSError, ValueError):  # none here, or "max"
                    found.append(int((each / name).read_text()))
                if each == base:
                    break
    return found
