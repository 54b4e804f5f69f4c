"""Compiles kernels and keeps the machine code on disk, one directory for each source text.

Numba's own cache detects that a function has changed, but not that a function it calls has; and
two processes that compile at once can corrupt its index. So the code is kept here, one file for
each function and signature, in a directory named after the SHA-256 of every file of ``network`` and
its folders, and of ``elementary_functions``, of which the formulas are made. The files are pickles,
which run code when they are read. So each is opened through the handles of a directory that nobody
else can put a file into (``private_directories``). If there is no such directory, nothing is kept,
and a message says so. With ``THALWEG_CACHE=off`` every process compiles anew and writes nothing. A
file that is damaged, or cannot be written, counts as missing.
"""

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, wraps
from hashlib import sha256
from pathlib import Path
from threading import RLock
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

import llvmlite
import numba
from numba.core.caching import NullCache
from numba.core.ccallback import CFunc
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature
from platformdirs import user_cache_path

from thalweg.interrupts import held_back
from thalweg.network.compiled.code_types import Body, Target, Typed
from thalweg.private_directories import NotPrivateError, elsewhere, private

Made = TypeVar("Made")
Key = TypeVar("Key")

_SEAL = 32  # bytes of SHA-256 at the beginning of a file

# Numba's settings that change the compiled code. Those of the processor (NUMBA_CPU_NAME,
# NUMBA_CPU_FEATURES, NUMBA_ENABLE_AVX) are part of `codegen.magic_tuple`. Others, such as
# NUMBA_NUM_THREADS, which joblib sets in its workers, would only cause needless compilation.
_CHANGE_CODE = (
    "BOUNDSCHECK", "DEBUGINFO", "DEBUG_JIT", "DEBUG_NRT", "DISABLE_INTEL_SVML",
    "EXTEND_VARIABLE_LIFETIMES", "LLVM_REFPRUNE_FLAGS", "LLVM_REFPRUNE_PASS", "LOOP_VECTORIZE",
    "NRT_STATS", "OPT", "SLP_VECTORIZE",
)  # fmt: skip


def compiled_kernel(function: Body, **options: Any) -> Any:
    """``numba.njit``, with the code kept; compiled when it is first called."""
    made = numba.njit(**options)(function)
    if numba.config.DISABLE_JIT:  # then it is the function itself, and nothing is compiled
        return made
    made._cache = _Kept(function, said=True)
    compile_it = made.compile  # Numba calls it where a kernel is called with new types

    def compile_held(signature: Typed) -> Any:
        with held_back():
            return compile_it(signature)

    made.compile = compile_held
    return made


def compiled_loop(function: Body, signature: Typed, *, said: bool = False, **options: Any) -> Any:
    """``numba.cfunc``, with the code kept; it has an ``address``.

    Parameters
    ----------
    function : function
    signature : Numba signature
    said : bool
        Whether to print a message if there is something to compile.
    **options
        Those of ``numba.cfunc``.
    """
    made: Any = CFunc(function, normalize_signature(signature), locals={}, options=options)
    made._cache = _Kept(function, said)
    with held_back():
        made.compile()
    return made


class _Kept(NullCache):
    """The compiled forms of one function on disk, in the place of Numba's cache."""

    def __init__(self, function: Body, said: bool = False) -> None:
        self.name, self.said = f"{function.__module__}.{function.__qualname__}", said

    def load_overload(self, signature: Typed, target: Target) -> Any:
        """What was compiled for the signature by this text on this machine, or None."""
        target.refresh()
        data = self._read(self._file(signature, target.codegen()))
        if data is None:
            if self.said:
                _say()
            return None
        return CompileResult._rebuild(target, *pickle.loads(data))

    def save_overload(self, signature: Typed, compiled: CompileResult) -> None:
        """Keep what was compiled, if there is a place."""
        kept = directory()
        if kept is None:
            return
        data = dumps(compiled._reduce())
        with suppress(OSError), private(kept) as place:  # no space: compiled again next time
            name = self._file(signature, compiled.codegen)
            place.write(name, sha256(data).digest() + data)

    def _file(self, signature: Typed, codegen: Any) -> str:
        # What the machine code depends on besides the text: compiler version and processor.
        versions = sys.version, numba.__version__, llvmlite.__version__
        settings = [os.environ.get(f"NUMBA_{name}") for name in _CHANGE_CODE]
        of = (self.name, str(signature), codegen.magic_tuple(), versions, settings)
        digest = sha256(repr(of).encode()).hexdigest()[:16]
        return f"{self.name.rpartition('.')[2]}-{digest}.code"

    @staticmethod
    def _read(name: str) -> bytes | None:
        kept = directory()
        if kept is None:
            return None
        try:
            # Checked again for every file: the directory may have been moved since.
            with private(kept) as place:
                whole = place.read(name)
        except OSError:
            return None
        sound = len(whole) > _SEAL and sha256(whole[_SEAL:]).digest() == whole[:_SEAL]
        return whole[_SEAL:] if sound else None


@lru_cache(maxsize=1)
def _say() -> None:
    """Tell a person once what takes so long; nobody may be there to read it."""
    kept, why, _ = _home()
    where = f"once; it is kept in {kept}" if kept else "in every process, as nothing is kept"
    more = "" if kept else f". {why}"
    if sys.stderr is None:  # the shell closed it, 2>&-
        return
    with suppress(OSError, ValueError):
        said = f"thalweg compiles its engine ({where}); this takes some seconds{more}"
        print(said, file=sys.stderr)


def once(make: Callable[[Key], Made]) -> Callable[[Key], Made]:
    """A function of one argument that makes a thing for it once, whichever thread asks first.

    ``functools.cache`` may make it twice and drop one, whose addresses would then be invalid.
    """
    made: dict[Key, Made] = {}
    lock = RLock()

    @wraps(make)
    def kept(argument: Key) -> Made:
        with lock:
            if argument not in made:
                made[argument] = make(argument)
            return made[argument]

    return kept


class Home(NamedTuple):
    """The directory, or why there is none, and the fix."""

    path: Path | None
    why: str = ""
    fix: str = ""


def directory() -> Path | None:
    """The directory, made if need be; ``None`` where nothing is to be kept, or can be."""
    return _home().path


def why_nothing_is_kept() -> tuple[str, str]:
    """Why there is no directory, and the fix."""
    return _home().why, _home().fix


@lru_cache(maxsize=1)
def _home() -> Home:
    if os.environ.get("THALWEG_CACHE", "").lower() == "off":
        return Home(None, "THALWEG_CACHE is off", "unset THALWEG_CACHE")
    room = next(each for each in Path(__file__).parents if each.name == "network")
    sources = {each.relative_to(room).as_posix(): each for each in room.rglob("*.py")}
    if sources:
        sources["../elementary_functions.py"] = room.parent / "elementary_functions.py"
    if not sources:  # nothing distinguishes one version from another
        return Home(None, "It is installed without its text", "install the wheel of thalweg")
    digest = sha256()
    for name, source in sorted(sources.items()):
        digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    path = user_cache_path("thalweg", appauthor=False) / digest.hexdigest()
    try:
        with private(path):
            return Home(path)
    except NotPrivateError as error:
        why, _, fix = str(error).partition("; ")
        return Home(None, str(error), fix or why)
    except OSError as error:  # a home that cannot be written to
        return Home(None, f"{path} cannot be made: {error.strerror}; {elsewhere()}", elsewhere())


def named(function: Body, name: str) -> Any:
    """The function under a name that has one meaning in its module.

    Numba makes symbols from module, name, signature, and the number of functions that the process
    has compiled. Two processes may have the same count, and a third that reads the code of both
    would confuse their functions. So no two compiled functions share a name and a signature.
    """
    function.__name__ = function.__qualname__ = name
    return function


def filled(template: Body, meanings: dict[str, Any], name: str) -> Any:
    """The same function with other meanings for its global names, and a name of its own.

    A closure would do the same, but could not be cached: nothing distinguishes two closures with
    different values. Cached code is found by its name.
    """
    return named(FunctionType(template.__code__, {**template.__globals__, **meanings}), name)
