"""Where compiled code is kept between processes: one directory for one text of ``network``.

Numba notices that a function has changed, but not that one it calls has; so the directory is
named after the SHA-256 of every file in this room. What it holds are pickles, which run code when
they are read: it belongs to the user alone (mode 0700), and where it does not, nothing is read
from it. ``THALWEG_CACHE=off`` compiles anew in every process and writes nothing.
"""

import os
import stat
from collections.abc import Callable
from functools import lru_cache, wraps
from hashlib import sha256
from pathlib import Path
from threading import Lock, RLock
from types import FunctionType
from typing import Any, TypeVar

import numba
from numba.core import config
from platformdirs import user_cache_path

Made = TypeVar("Made")

_ONE_AT_A_TIME = Lock()


def once(make: Callable[[Any], Made]) -> Callable[[Any], Made]:
    """A function of one argument that makes a thing for it once, whichever thread asks first.

    ``functools.cache`` may make it twice and drop one, whose addresses would then lead nowhere.
    """
    made: dict[Any, Made] = {}
    lock = RLock()

    @wraps(make)
    def kept(argument: Any) -> Made:
        with lock:
            if argument not in made:
                made[argument] = make(argument)
            return made[argument]

    return kept


@lru_cache(maxsize=1)
def directory() -> Path | None:
    """The directory, made if need be; ``None`` where nothing is to be kept, or can be."""
    if os.environ.get("THALWEG_CACHE", "").lower() == "off":
        return None
    digest = sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    path = user_cache_path("thalweg", appauthor=False) / digest.hexdigest()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
    except OSError:
        return None  # a home that cannot be written to: compiled in every process, as with off
    private = os.name == "nt" or (
        found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077 == 0
    )
    return path if private else None


def cached(compiler: Callable[..., Any], function: Any, *arguments: Any, **options: Any) -> Any:
    """``numba.njit`` or ``numba.cfunc`` of a function, kept in ``directory()``."""
    path = directory()
    with _ONE_AT_A_TIME:
        # Numba asks for the place when the function is wrapped, and for that alone.
        before, config.CACHE_DIR = config.CACHE_DIR, str(path or "")
        try:
            return compiler(*arguments, cache=path is not None, **options)(function)
        finally:
            config.CACHE_DIR = before


def filled(template: Any, meanings: dict[str, Any], name: str) -> FunctionType:
    """The same function with other meanings for its global names, and a name of its own.

    A closure would do the same, but is compiled anew in every process: the cache has no way to
    recognise what it closes over. It tells functions apart by their names.
    """
    function = FunctionType(template.__code__, {**template.__globals__, **meanings}, name)
    function.__qualname__ = name
    return function
