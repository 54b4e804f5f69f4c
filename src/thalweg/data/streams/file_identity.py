"""What tells a file from a changed one, without reading all of it."""

import hashlib
import os
from typing import Any

# So many bytes of the begin, and as many of the end.
_END = 1 << 16


def identity(path: str) -> dict[str, Any]:
    """What tells a file from a changed one: its size, its time, and the hash of its ends."""
    with open(path, "rb") as file:
        found = os.fstat(file.fileno())
        ends = file.read(_END)
        file.seek(max(found.st_size - _END, 0))
        ends += file.read(_END)
    digest = hashlib.sha256(ends).hexdigest()
    return {"size": found.st_size, "time": found.st_mtime_ns, "ends": digest}
