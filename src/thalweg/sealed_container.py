"""The sealed model container: a safetensors file with a checksum, accepted only if intact.

It has a JSON header, arrays, and as its last 32 bytes the SHA-256 of everything before them. The
reader accepts exactly the bytes that the writer would have written for the same content. The seal
shows damage, but it is not a signature: an attacker can seal a file that costs much time and
memory. So its cost is bounded by counting before it is parsed.
"""

import hashlib
import json
import math
import os
import re
import stat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import ModelFileError

_DTYPES: dict[str, np.dtype[Any]] = {
    code: np.dtype(name)
    for code, name in {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "u1"}.items()
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}
_SEAL = "~seal"
_SEAL_BYTES = 32
# After the eight bytes of the header's length, every sealed file begins with these bytes.
_OPENING = b'{"__metadata__":{"thalweg":"'
# A larger header is refused before it is parsed, which bounds the cost of parsing. Its weight is
# its bytes plus a surcharge for each bracket, because an empty list takes about 60 bytes of memory,
# and for each comma, because a short number takes as much time as ten letters of a text.
# A small file must have a small header: beyond the free weight, each byte of an array adds some.
_MAX_HEADER = 16 * 2**20
_MAX_VALUES = 2**19
_MAX_DEPTH = 32
_OF_A_BRACKET, _OF_A_COMMA = 24, 8
_FREE_WEIGHT = 2**19
_WEIGHT_PER_BYTE = 32
_CONTAINERS = frozenset((dict, list))
_to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False, sort_keys=True).encode
_directory_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
# Every head ends with the position of the seal, which gives the length of the file.
_END = re.compile(
    rb'"~seal":\{"dtype":"U8","shape":\[32\],"data_offsets":\[[0-9]{1,19},([0-9]{1,19})\]\}\} {0,7}'
)
_END_BYTES = 128
# For each array name: the safetensors code of its dtype, and its shape.
Specs = dict[str, tuple[str, tuple[int, ...]]]


class HeaderTooLarge(ValueError):
    """A header is larger than a file may have."""


def require_storable_size(header: dict[str, Any]) -> None:
    """Raise a `HeaderTooLarge` if no file can have this header, whatever its arrays."""
    head, _ = _head(_to_json(_plain(header)), {})
    _check_weight(head, len(head), 2**62)


def seal(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Pack a header and arrays into the bytes of a sealed file; equal content gives equal bytes.

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
    if not isinstance(header, dict):
        raise TypeError(f"a header is a dict, not {type(header).__name__}")
    specs = {name: (_code(name, array), array.shape) for name, array in arrays.items()}
    head, starts = _head(_to_json(_plain(header)), specs)
    _check_weight(head, len(head), starts[_SEAL] - len(head))
    kinds = {name: _DTYPES[code] for name, (code, _) in specs.items()}
    parts = [np.asarray(arrays[name], kinds[name]).tobytes() for name in list(starts)[:-1]]
    body = b"".join([head, *parts])
    return body + hashlib.sha256(body).digest()


def unseal(data: bytes, *, where: str = "") -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Unpack the bytes of a sealed file. The seal is checked before anything is parsed.

    The arrays own their memory, are writeable, in C order and native byte order. ``where`` is the
    path of the file, for error messages.

    Raises
    ------
    ModelFileError
        The bytes are damaged, foreign, or not what :func:`seal` writes. Nothing was executed.
    """
    _check_opening(data, where)
    end = _head_end(data)
    _check_length(end, data[max(0, end - _END_BYTES) : end], len(data), where)
    if hashlib.sha256(memoryview(data)[:-_SEAL_BYTES]).digest() != data[-_SEAL_BYTES:]:
        raise _damaged("Its content does not match the checksum at its end", where)
    try:
        header, views = _parse(data)
        arrays = {name: np.array(v, v.dtype.newbyteorder("=")) for name, v in views.items()}
    except Exception as bad:  # too little memory is one of them
        why = f"The checksum is right, but thalweg did not write this file: {str(bad)[:200]}"
        if isinstance(bad, MemoryError):
            why = f"It has {len(data):,} bytes, and there is not enough memory for them"
        fix = "do not trust its source; save the model again with thalweg"
        raise ModelFileError("The model file is malformed", where=where, why=why, fix=fix) from bad
    return header, arrays


def read_sealed(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a sealed file: :func:`unseal` of its bytes.

    Raises
    ------
    ModelFileError
        The file is missing, unreadable, damaged or of another program. A file of another program
        is refused by its first bytes, and a file of wrong length by its head, whatever its size.
    """
    where, what = os.fspath(path), "The model file cannot be read"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            why, fix = "It is a folder, a device or a pipe", "name the model file itself"
            raise ModelFileError(what, where=where, why=why, fix=fix)
        with open(path, "rb") as file:
            begin = file.read(1024)
            _check_opening(begin, where)
            end = _head_end(begin)
            file.seek(max(0, end - _END_BYTES))
            size = os.fstat(file.fileno()).st_size
            _check_length(end, file.read(min(end, _END_BYTES)), size, where)
            file.seek(0)
            data = file.read()
    except MemoryError as bad:
        why, fix = "There is not enough memory for it", "read it where there is more memory"
        raise ModelFileError(what, where=where, why=why, fix=fix) from bad
    except OSError as why:
        fix = "check the path, and that you may read it"
        raise ModelFileError(what, where=where, why=why.strerror or repr(why), fix=fix) from why
    return unseal(data, where=where)


def _head_end(data: bytes) -> int:
    """The end of a head that begins with these bytes; 8 if it cannot be a head."""
    end = 8 + int.from_bytes(data[:8], "little")
    return end if end <= _MAX_HEADER else 8


def _check_length(end: int, last: bytes, size: int, where: str) -> None:
    """Refuse a file whose length differs from what its head says, without reading all of it."""
    found = _END.fullmatch(last, max(0, last.rfind(b'"~seal"')))
    if found is None:
        raise _damaged("Its head is not whole", where)
    if (length := end + int(found[1])) != size:
        raise _damaged(f"By its head it has {length:,} bytes, and it has {size:,}", where)


def _damaged(why: str, where: str) -> ModelFileError:
    fix = "copy or download it again, or save the model again"
    why = f"{why}: bytes were lost or changed"
    return ModelFileError("The model file is damaged", where=where, why=why, fix=fix)


def _parse(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header, and views on the arrays; no array is copied before all has been checked."""
    end = _head_end(data)
    _check_weight(data, end, len(data) - _SEAL_BYTES - end)
    directory = json.loads(data[8:end].decode("ascii"))
    text = directory.pop("__metadata__")["thalweg"]
    directory.pop(_SEAL)
    specs = {name: (each["dtype"], tuple(each["shape"])) for name, each in directory.items()}
    header = json.loads(text)
    if type(header) is not dict:
        raise TypeError("its header is no object")
    _check_depth(header)
    # Duplicate keys, gaps, overlaps, NaN, other metadata, another order: one comparison finds all.
    if _to_json(header) != text:
        raise ValueError("its header is not in the one form that thalweg writes")
    head, starts = _head(text, specs)
    if head != data[:end]:
        raise ValueError("its head is not in the one form that thalweg writes")
    each = specs.items()  # they fill the file, whose length is that of its head
    return header, {n: np.ndarray(s, _DTYPES[c], data, starts[n]) for n, (c, s) in each}


def _head(text: str, specs: Specs) -> tuple[bytes, dict[str, int]]:
    """The head of a file in its one form, and the offset of each array, with the seal last."""
    for name, (_, shape) in specs.items():
        if not (name.isascii() and name.isprintable()) or name in ("", "__metadata__", _SEAL):
            raise ValueError(f"an array may not have the name {name!r}")
        # Check the numbers before multiplying: a product of a thousand huge ones takes minutes.
        if len(shape) > 64 or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
            raise ValueError(f"the shape of {name!r} is not one of at most 64 counts")
    order = sorted(specs, key=lambda name: (-_DTYPES[specs[name][0]].itemsize, name))
    directory: dict[str, Any] = {}
    stop = 0
    for name in [*order, _SEAL]:
        code, shape = specs[name] if name != _SEAL else ("U8", (_SEAL_BYTES,))
        start, stop = stop, stop + math.prod(shape) * _DTYPES[code].itemsize
        directory[name] = {"dtype": code, "shape": list(shape), "data_offsets": [start, stop]}
    head = _directory_json({"__metadata__": {"thalweg": text}, **directory}).encode("ascii")
    head += b" " * (-len(head) % 8)  # the arrays begin at a multiple of 8
    head = len(head).to_bytes(8, "little") + head
    return head, {name: len(head) + each["data_offsets"][0] for name, each in directory.items()}


def _check_weight(data: bytes, end: int, n_array_bytes: int) -> None:
    """Bound the cost of parsing the head ``data[8:end]``, by counting alone."""
    commas, brackets = data.count(b",", 8, end), data.count(b"[", 8, end) + data.count(b"{", 8, end)
    free = _FREE_WEIGHT + _WEIGHT_PER_BYTE * n_array_bytes
    too_large = end > _MAX_HEADER or commas + brackets > _MAX_VALUES
    if too_large or end + _OF_A_BRACKET * brackets + _OF_A_COMMA * commas > free:
        raise HeaderTooLarge("its header is too large")


def _check_depth(header: dict[str, Any]) -> None:
    """Bound how deep a parsed header is, without one call for each value."""
    level: list[Any] = [header]
    for _ in range(_MAX_DEPTH - 1):
        parts = [each.values() if type(each) is dict else each for each in level]
        parts = [part for part in parts if not _CONTAINERS.isdisjoint(map(type, part))]
        level = [each for part in parts for each in part if type(each) in _CONTAINERS]
        if not level:
            return
    raise ValueError(f"a header is at most {_MAX_DEPTH} deep")


def _code(name: str, array: NDArray[Any]) -> str:
    # isinstance is too weak: a masked array would lose its mask, a matrix its type.
    if type(array) not in (np.ndarray, np.memmap):
        raise TypeError(f"{name!r} is a {type(array).__name__}, not an array")
    code = _CODES.get(array.dtype.newbyteorder("<"))
    if code is None:
        raise TypeError(f"{name!r} has dtype {array.dtype}; a file holds {[*_DTYPES]}")
    return code


_AS_IT_IS = {str, int, bool, type(None)}


def _plain(value: Any, depth: int = _MAX_DEPTH - 1) -> Any:
    """The same value with sorted keys and None for non-finite numbers; only JSON's own types."""
    if type(value) in _AS_IT_IS:  # most are
        return value
    if depth == 0 and isinstance(value, dict | list):
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


def begins_as_sealed(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins like a sealed one, damaged or not; False if it is no file."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(8 + len(_OPENING))[8:] == _OPENING


def _check_opening(data: bytes, where: str) -> None:
    """Refuse bytes that do not begin like a sealed file, and say what they seem to be."""
    if not data.startswith(_OPENING, 8):
        why = f"It looks like {_looks_like(data)}; thalweg reads only what thalweg wrote"
        fix = "name a file that `thalweg fit … -o FILE` or `save` made"
        raise ModelFileError("This is not a model file of thalweg", where=where, why=why, fix=fix)


# The first bytes of other file formats. These files are never opened.
_MAGIC = {
    **{bytes([0x80, protocol]): "a pickle (pickle, joblib)" for protocol in range(2, 6)},
    **{bytes([0x78, level]): "a zlib stream (joblib?)" for level in (0x01, 0x5E, 0x9C, 0xDA)},
    b"\x1f\x8b": "a gzip file (joblib?)",
    b"PK": "a zip archive (npz, torch, Keras, skops, xlsx)",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras)",
    b"\x93NUMPY": "an npy array",
    **{bytes([0x08, version, 0x12]): "an ONNX model" for version in range(1, 16)},
}
_CONTROL = {*range(9), *range(14, 32)}  # bytes that do not occur in text (ASCII, UTF-8, Latin-1)


def _looks_like(data: bytes) -> str:
    if not data:
        return "an empty file"
    if _CONTROL.isdisjoint(data[:1024]):
        return "JSON" if data.lstrip()[:1] in (b"{", b"[") else "text (CSV?)"
    if data[8:9] == b"{" and data[4:8] == bytes(4):
        return "a safetensors file of another program, or a damaged one"
    kinds = (name for magic, name in _MAGIC.items() if data.startswith(magic))
    return next(kinds, "a binary file of an unknown kind")
