"""Files: writes that happen wholly or not at all, and the sealed container for models.

A write goes to a hidden temporary file beside the target, is synced, and takes the target's
place in one step (Pillai et al. 2014, "All file systems are not created equal", OSDI '14).

A sealed container is one safetensors file: a JSON header, arrays, and as its last 32 bytes the
SHA-256 of everything before them. The reader accepts exactly the bytes that the writer would
have written for the same content, and nothing else. The seal shows damage; it is no signature.
"""

import errno
import hashlib
import json
import math
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import ModelFileError, OutputError


class FileSystem:
    """What a write is made of, one method an operation: the seam that fault tests replace."""

    def create(self, path: Path, mode: int) -> int:
        """Make a new file (never open an old one); the umask applies to ``mode``."""
        binary = getattr(os, "O_BINARY", 0)  # Windows alone has it, and needs it
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of the bytes; returns how many."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Bring the bytes of a file to the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a file."""
        os.close(handle)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; fails if that name is taken."""
        os.link(source, target)

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file over whatever has the new name, in one step."""
        os.replace(source, target)

    def unlink(self, path: Path) -> None:
        """Take a name away; no matter if it is gone already."""
        path.unlink(missing_ok=True)

    def sync_directory(self, directory: Path) -> None:
        """Bring the names in a folder to the disk, where the system has a way to ask for it."""
        if os.name == "nt":
            return
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as why:
            if why.errno not in _NOT_OFFERED:  # some network disks cannot sync a folder
                raise
        finally:
            os.close(handle)


filesystem = FileSystem()

# What a disk answers that has no such operation at all, links above all (FAT, some networks).
_NOT_OFFERED = {errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_MENDS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, or write to another disk"),
    **dict.fromkeys((errno.EACCES, errno.EROFS), "choose a folder that you may write in"),
}


def check_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Raise at once the OutputError of :func:`write_atomic` (a disk that fills up later apart)."""
    with _output_errors(path), ExitStack() as undo:
        target, mode = _target(path, overwrite)
        temporary = _beside(target)
        undo.callback(filesystem.unlink, temporary)
        filesystem.close(filesystem.create(temporary, mode))
        filesystem.unlink(temporary)


def write_atomic(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """Write a file wholly or not at all.

    Whoever looks, at any time, even after a crash, sees either what stood there before or the
    new bytes. A link is followed; the permissions of a replaced file are kept (less the umask);
    the folder must exist.

    Raises
    ------
    OutputError
        Something stands there and may not be replaced, or an operation failed. What stood there
        is intact, and no temporary file is left. Only if the disk refuses the undoing as well
        may a hidden ``.thalweg-….tmp`` stay; after a failed last step, the old bytes are in it.
    """
    with _output_errors(path), ExitStack() as undo:
        target, mode = _target(path, overwrite)
        temporary = _beside(target)
        undo.callback(filesystem.unlink, temporary)
        handle = filesystem.create(temporary, mode)
        try:
            _write_all(handle, data)
            filesystem.sync(handle)
        finally:
            filesystem.close(handle)
        if overwrite and target.exists():
            _replace(temporary, target, undo)
        else:
            _settle(temporary, target, mode, undo)
        undo.pop_all()


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = filesystem.write(handle, rest)
        if written == 0:
            raise OSError(errno.EIO, "The disk takes no more bytes")
        rest = rest[written:]


def _replace(temporary: Path, target: Path, undo: ExitStack) -> None:
    """Put the new file in the place of the old, which keeps a second name until all is done."""
    old = _beside(target)
    undo.callback(filesystem.unlink, old)
    if _link(target, old):
        undo.callback(filesystem.replace, old, target)
    filesystem.replace(temporary, target)
    filesystem.sync_directory(target.parent)
    filesystem.unlink(old)


def _settle(temporary: Path, target: Path, mode: int, undo: ExitStack) -> None:
    """Put the new file where nothing stood; if something came meanwhile, fail."""
    if _link(temporary, target):
        undo.callback(filesystem.unlink, target)
        filesystem.unlink(temporary)
    else:
        # Without links an empty file claims the name: the one case in which a crash shows it.
        handle = filesystem.create(target, mode)
        undo.callback(filesystem.unlink, target)
        filesystem.close(handle)
        filesystem.replace(temporary, target)
    filesystem.sync_directory(target.parent)


def _link(source: Path, target: Path) -> bool:
    """Link, or say that this disk has no links."""
    try:
        filesystem.link(source, target)
    except OSError as why:
        if why.errno not in _NOT_OFFERED:
            raise
        return False
    return True


def _beside(target: Path) -> Path:
    return target.with_name(f".thalweg-{secrets.token_hex(8)}.tmp")


def _target(path: str | os.PathLike[str], overwrite: bool) -> tuple[Path, int]:
    """The real file to write and its permissions, if a file may be written there."""
    target = Path(os.path.realpath(path))
    if not target.parent.exists():
        raise FileNotFoundError(errno.ENOENT, f"The folder {target.parent} does not exist")
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        return target, 0o666
    if not stat.S_ISREG(found):
        raise _refusal(path, "It is a folder, a device or a pipe", "add the name of a file")
    if not overwrite:
        raise FileExistsError
    return target, stat.S_IMODE(found) & 0o777


@contextmanager
def _output_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the operating system says into an OutputError."""
    try:
        yield
    except OutputError:
        raise
    except FileExistsError as why:
        mend = "choose another name, or replace it with --force (in Python: overwrite=True)"
        raise _refusal(path, "A file of that name exists", mend) from why
    except OSError as why:
        mend = _MENDS.get(why.errno or 0, "choose another name or folder, or try again")
        raise _refusal(path, why.strerror or repr(why), mend) from why


def _refusal(path: str | os.PathLike[str], why: str, fix: str) -> OutputError:
    return OutputError("The result cannot be written", where=os.fspath(path), why=why, fix=fix)


# The sealed container. From here on: bytes in, bytes out.

_DTYPES: dict[str, np.dtype[Any]] = {
    code: np.dtype(name)
    for code, name in {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "u1"}.items()
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}
_SEAL = "~seal"
_SEAL_BYTES = 32
# After the eight bytes of the header's length, every sealed file goes on like this.
_OPENING = b'{"__metadata__":{"thalweg":"'
# A header beyond these is refused before it is parsed: they bound the memory parsing can take.
_MAX_HEADER = 16 * 2**20
_MAX_VALUES = 2**19
_MAX_DEPTH = 32
_to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
# By name: the safetensors code of its dtype, and its shape.
Specs = dict[str, tuple[str, tuple[int, ...]]]


def seal(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Pack a header and arrays into the bytes of a sealed file; the same content, the same bytes.

    Parameters
    ----------
    header : dict
        Text keys; values are None, bool, int, float, str, list or dict of these, at most 32
        deep. NaN and infinities become None.
    arrays : dict of str to ndarray
        float64, float32, int64, int32 or uint8 of any shape, order and byte order. Names are
        printable ASCII.

    Returns
    -------
    bytes
        Length of the header (8 bytes, little-endian), safetensors' JSON with ``header`` as the
        metadata ``thalweg``, arrays in C order (widest numbers first, then by name), ``~seal``.

    Raises
    ------
    TypeError, ValueError
        The header or an array is of a kind, size or depth that a file cannot hold, or a name is
        not allowed.
    """
    specs = {name: (_code(name, array), array.shape) for name, array in arrays.items()}
    head, starts = _head(header, specs)
    _check_head(head, len(head))
    kinds = {name: _DTYPES[code] for name, (code, _) in specs.items()}
    parts = [np.asarray(arrays[name], kinds[name]).tobytes() for name in list(starts)[:-1]]
    body = b"".join([head, *parts])
    return body + hashlib.sha256(body).digest()


def unseal(data: bytes, *, where: str = "") -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Unpack the bytes of a sealed file. The seal is checked before anything is parsed.

    The arrays are owned, writeable, in C order and native byte order. ``where`` is what an error
    calls the bytes: the path of the file.

    Raises
    ------
    ModelFileError
        The bytes are damaged, foreign, or not what :func:`seal` writes. Nothing was executed.
    """
    _check_opening(data, where)
    if hashlib.sha256(memoryview(data)[:-_SEAL_BYTES]).digest() != data[-_SEAL_BYTES:]:
        why = "Its content does not match the checksum at its end: bytes were lost or changed"
        fix = "copy or download it again, or save the model again"
        raise ModelFileError("The model file is damaged", where=where, why=why, fix=fix)
    try:
        header, views = _parse(data)
    except Exception as bad:
        why = f"Its checksum is right, but thalweg did not write it: {str(bad)[:200]}"
        fix = "do not trust its source; save the model again with thalweg"
        raise ModelFileError("The model file is malformed", where=where, why=why, fix=fix) from bad
    return header, {name: np.array(v, v.dtype.newbyteorder("=")) for name, v in views.items()}


def read_sealed(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a sealed file: :func:`unseal` of its bytes.

    Raises
    ------
    ModelFileError
        The file is missing, not to be read, damaged or foreign. A foreign file is refused by
        its first bytes, however large it is.
    """
    where, what = os.fspath(path), "The model file cannot be read"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            why, fix = "It is a folder, a device or a pipe", "name the model file itself"
            raise ModelFileError(what, where=where, why=why, fix=fix)
        with open(path, "rb") as file:
            _check_opening(file.read(1024), where)
            file.seek(0)
            data = file.read()
    except OSError as why:
        fix = "check the path, and that you may read it"
        raise ModelFileError(what, where=where, why=why.strerror or repr(why), fix=fix) from why
    return unseal(data, where=where)


def _parse(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header, and views on the arrays; no array is copied before all has been checked."""
    end = 8 + int.from_bytes(data[:8], "little")
    _check_head(data, end)
    directory = json.loads(data[8:end].decode("ascii"))
    header = json.loads(directory.pop("__metadata__")["thalweg"])
    directory.pop(_SEAL)
    specs = {name: (each["dtype"], tuple(each["shape"])) for name, each in directory.items()}
    # Doubled keys, holes, overlaps, NaN, other metadata, another order: one comparison for all.
    head, starts = _head(header, specs)
    if head != data[:end]:
        raise ValueError("its header is not in the one form that thalweg writes")
    if starts.pop(_SEAL) + _SEAL_BYTES != len(data):
        raise ValueError("its arrays do not fill the file")
    each = specs.items()
    return header, {n: np.ndarray(s, _DTYPES[c], data, starts[n]) for n, (c, s) in each}


def _head(header: dict[str, Any], specs: Specs) -> tuple[bytes, dict[str, int]]:
    """The head of a file in its one form, and where each array begins, the seal last."""
    if not isinstance(header, dict):
        raise TypeError(f"a header is a dict, not {type(header).__name__}")
    for name, (_, shape) in specs.items():
        if not (name.isascii() and name.isprintable()) or name in ("", "__metadata__", _SEAL):
            raise ValueError(f"an array may not have the name {name!r}")
        # Checked before the product is taken: that of a thousand huge numbers takes minutes.
        if len(shape) > 64 or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
            raise ValueError(f"the shape of {name!r} is not one of at most 64 counts")
    order = sorted(specs, key=lambda name: (-_DTYPES[specs[name][0]].itemsize, name))
    directory: dict[str, Any] = {}
    stop = 0
    for name in [*order, _SEAL]:
        code, shape = specs[name] if name != _SEAL else ("U8", (_SEAL_BYTES,))
        start, stop = stop, stop + math.prod(shape) * _DTYPES[code].itemsize
        directory[name] = {"dtype": code, "shape": list(shape), "data_offsets": [start, stop]}
    metadata = {"thalweg": _to_json(_plain(header))}
    text = _to_json({"__metadata__": metadata, **directory}).encode("ascii")
    text += b" " * (-len(text) % 8)  # the arrays begin at a multiple of 8
    head = len(text).to_bytes(8, "little") + text
    return head, {name: len(head) + each["data_offsets"][0] for name, each in directory.items()}


def _check_head(data: bytes, end: int) -> None:
    """Bound what parsing the header ``data[8:end]`` can cost, by counting alone."""
    signs = (b",", b"[", b"{")
    if end > _MAX_HEADER or sum(data.count(sign, 8, end) for sign in signs) > _MAX_VALUES:
        raise ValueError("its header is too large")


def _code(name: str, array: NDArray[Any]) -> str:
    # Not isinstance: a masked array would lose its mask, a matrix its kind.
    if type(array) not in (np.ndarray, np.memmap):
        raise TypeError(f"{name!r} is a {type(array).__name__}, not an array")
    code = _CODES.get(array.dtype.newbyteorder("<"))
    if code is None:
        raise TypeError(f"{name!r} has dtype {array.dtype}; a file holds {[*_DTYPES]}")
    return code


def _plain(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """The same value, keys sorted, None for NaN and infinities; nothing that is not JSON's own."""
    if depth == 0:
        raise ValueError(f"a header is at most {_MAX_DEPTH} deep")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the keys of a header are text")
        return {key: _plain(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, list):
        return [_plain(each, depth - 1) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a header cannot hold a {type(value).__name__}")


def _check_opening(data: bytes, where: str) -> None:
    """Refuse what does not begin as a sealed file, and say what it seems to be instead."""
    if not data.startswith(_OPENING, 8):
        why = f"It looks like {_looks_like(data)}; thalweg reads only what thalweg wrote"
        fix = "name a file that `thalweg fit … -o FILE` or `save` made"
        raise ModelFileError("This is not a model file of thalweg", where=where, why=why, fix=fix)


# First bytes, and what begins with them. Nothing of this is ever opened.
_MAGIC = {
    **{bytes([0x80, protocol]): "a pickle (pickle, joblib)" for protocol in range(2, 6)},
    **{bytes([0x78, level]): "a zlib stream (joblib?)" for level in (0x01, 0x5E, 0x9C, 0xDA)},
    b"\x1f\x8b": "a gzip file (joblib?)",
    b"PK": "a zip archive (npz, torch, Keras, skops, xlsx)",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras)",
    b"\x93NUMPY": "an npy array",
    **{bytes([0x08, version, 0x12]): "an ONNX model" for version in range(1, 16)},
}
_CONTROL = {*range(9), *range(14, 32)}  # bytes that no text has, in ASCII, UTF-8 or Latin-1


def _looks_like(data: bytes) -> str:
    if not data:
        return "an empty file"
    if _CONTROL.isdisjoint(data[:1024]):
        return "JSON" if data.lstrip()[:1] in (b"{", b"[") else "text (CSV?)"
    if data[8:9] == b"{" and data[4:8] == bytes(4):
        return "a safetensors file of another program, or a damaged one"
    kinds = (name for magic, name in _MAGIC.items() if data.startswith(magic))
    return next(kinds, "a binary file of an unknown kind")
