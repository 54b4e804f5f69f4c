"""Limit the memory and work of reading a file, against zip bombs and other hostile files.

A file of some kilobytes can unpack to more than any memory. So every reader counts while it reads:
bytes after decompression, cells, and the memory that both will take; also what takes time and has
no content (separators without cells, elements that are not cells). Seconds are not limited: a long
table may take long.
"""

import contextlib
import math
import os
import re
import sys
from pathlib import Path

from thalweg.errors import DataError, SettingsError
from thalweg.wording import parameter

# Unless the user gives a limit, a file may take half of the machine's memory, but no more than
# SMALL_FILE bytes or TIMES_ITS_SIZE times its size on disk, whichever is larger. SMALL_FILE is
# enough for a constant column of text with four hundred million cells.
SMALL_FILE = 1 << 32
TIMES_ITS_SIZE = 256
# Data that must be decompressed completely before the first cell is read (parts of a workbook,
# Parquet in gzip): this many bytes, plus this many times the size on disk.
UNPACKED = 48 << 20
UNPACKED_TIMES = 32
# Elements without content: this many, plus so many for each byte of the file and each filled cell.
IDLE = 1 << 17
IDLE_PER_BYTE = 0.5
IDLE_PER_CELL = 32
# For texts: bytes of separators, blanks and line ends in blocks with hardly anything else.
HOLLOW = 1 << 24
HOLLOW_PER_BYTE = 8
# A cell is a reference in a list and one in an array; a text of several characters is also an
# object. All in bytes.
_PLACE, _OBJECT = 16, 56
# An XML element with its content, in bytes.
_ELEMENT = 1024

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([kmgt]?)(i?)b?", re.I)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def memory_of(size: int | str) -> int:
    """A size of memory in bytes, from ``8_000_000_000``, ``"8GB"``, ``"500 MB"`` or ``"2GiB"``.

    Raises
    ------
    SettingsError
        It is not a size, or less than one byte.
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
            f"{size!r} is not a size of memory",
            where=parameter("max_memory"),
            fix="give bytes, or a text such as 500MB or 8GB",
        )
    return int(n_bytes)


def text_memory(n_bytes: int, n_cells: int) -> int:
    """The memory in bytes of a table that is read from a text of so many bytes and cells.

    Python keeps each text of a single character only once.
    """
    each = n_bytes / max(n_cells, 1)
    return int(n_cells * (_PLACE if each <= 2 else _PLACE + _OBJECT + each))


class Budget:
    """The limits for reading one file.

    Parameters
    ----------
    name : str
        The file's name in errors.
    size : int
        Its size on disk, in bytes.
    max_memory : int or str, optional
        The memory that its table may take; by default half of the machine's, and less for a small
        file. If it is given, it also replaces the other limits.

    Attributes
    ----------
    share : float
        The share of the file that has been read, as its reader reports it.
    """

    def __init__(self, name: str, size: int = 0, max_memory: int | str | None = None) -> None:
        self.name = name
        self.size = size
        self.n_filled = 0
        self.share = 1.0
        self._limit = None if max_memory is None else memory_of(max_memory)
        self._half, self._reason = (0, "") if self._limit else half_of_memory()
        self._held = self._unpacked = self._idle = self._hollow = 0

    @property
    def allowed(self) -> int:
        """The memory that the table may take, in bytes."""
        return self._limit or min(self._half, self._of_size)

    @property
    def _of_size(self) -> int:
        return max(SMALL_FILE, TIMES_ITS_SIZE * self.size)

    def hold(self, n_bytes: int, what: str = "", where: str = "") -> None:
        """Count memory that stays in use."""
        self.require(n_bytes, what, where)
        self._held += n_bytes

    def require(self, n_bytes: int, what: str = "", where: str = "") -> None:
        """Raise a DataError if so much more memory than is in use already would be too much."""
        asked = self._held + n_bytes
        if asked > self.allowed:
            raise DataError(
                f"The table would take {of_bytes(asked)} of memory, but only "
                f"{of_bytes(self.allowed)} are allowed",
                where=f"{where or self.name}{f': {what}' if what else ''}",
                why=self._why(),
                fix=f"give fewer rows or columns, or allow more: {_more(asked / self.share)}",
            )

    def unpack(self, n_bytes: int, part: str = "") -> None:
        """Count more decompressed bytes of data that is not text."""
        self._unpacked += n_bytes
        limit = self._limit or min(self._half, UNPACKED + UNPACKED_TIMES * self.size)
        if self._unpacked > limit:
            raise DataError(
                f"The file would unpack to {of_bytes(self._unpacked)} or more, but only "
                f"{of_bytes(limit)} are allowed",
                where=f"{self.name}{f', {part}' if part else ''}: {self.size:,} bytes on disk",
                why="Tables are hardly ever compressed so much",
                fix="save the table as CSV, or allow more: "
                + _more(max(self._unpacked, self.allowed)),
            )

    def idle(self, n: int, what: str, where: str) -> None:
        """Count more elements that are not cells, and cells without content."""
        self._idle += n
        limit = IDLE + IDLE_PER_BYTE * self.size + IDLE_PER_CELL * self.n_filled
        self._require_sense(self._idle, limit, _ELEMENT, what, where)

    def hollow(self, n_bytes: int) -> None:
        """Count more bytes of a text that are separators, blanks and line ends."""
        self._hollow += n_bytes
        limit = HOLLOW + HOLLOW_PER_BYTE * self.size
        what = "bytes of separators and empty lines"
        self._require_sense(self._hollow, limit, _PLACE, what, self.name)

    def _require_sense(self, n: int, limit: float, each: int, what: str, where: str) -> None:
        if self._limit:  # the memory that each of them may take
            limit = max(limit, self._limit / each)
        if n > limit:
            filled = f", and {self.n_filled:,} filled cells" if self.n_filled else ""
            raise DataError(
                f"More than {math.floor(limit):,} {what}{filled}",
                where=f"{where}: {self.size:,} bytes on disk",
                why="They have no content, and would take long to read",
                fix="remove the empty rows and columns and save the table again, or allow more: "
                + _more(max(2 * self.allowed, n * each / self.share)),
            )

    def _why(self) -> str:
        if self._limit:
            return f"This is the limit that {parameter('max_memory')} sets"
        if self._half <= self._of_size:
            return self._reason
        times = "" if self._of_size == SMALL_FILE else f", {TIMES_ITS_SIZE} times its size"
        return f"This is the default limit for a file of {of_bytes(self.size)}{times}"


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
    """Half of the memory that this process may use, in bytes, and a sentence that explains it."""
    memory, whose = usable_memory()
    return memory // 2, f"That is half of the {of_bytes(memory)} of memory {whose}"


def usable_memory() -> tuple[int, str]:
    """The memory that this process may use, in bytes, and in words whose it is."""
    machine = _of_machine()
    limits = [each for each in _of_groups() if 0 < each < machine]
    memory = min(limits, default=machine)
    whose = "that this process may use (a limit of its control group)" if limits else "here"
    return memory, whose


def memory_in_use() -> int:
    """The memory in bytes that this process uses; 0 where the system does not say (not Linux)."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def available_memory(root: Path = Path("/")) -> int | None:
    """The bytes that all processes together have left (MemAvailable); None if it is not known."""
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
        return next(int(each.split()[1]) * 1024 for each in lines if each[:13] == "MemAvailable:")
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def address_space_left() -> int | None:
    """What a limit of the address space (``ulimit -v``) leaves; None if there is none."""
    try:
        import resource  # not on Windows

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        size = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError, ValueError, IndexError):
        return None
    if limit == resource.RLIM_INFINITY:
        return None
    return max(0, limit - size * os.sysconf("SC_PAGE_SIZE"))


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
    """The memory limits of the control groups (Linux) of this process."""
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
                with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
                    found.append(int((each / name).read_text()))
                if each == base:
                    break
    return found
