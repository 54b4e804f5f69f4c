"""What travels to a worker: the function with what all items share, once; then one item each.

A key says everything that a result depends on: the function, what is shared, the item, and the
version of thalweg. So an item that was done is not done again, and two that differ never share a
result.
"""

import hashlib
import pickle
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from thalweg.errors import SettingsError
from thalweg.wording import amount, shown

# More does not go through a scheduler well.
MOST_BYTES = 1_000_000_000


@dataclass(eq=False)
class PackedWork:
    """A function with what its items share, as bytes: kept by who spreads several times.

    Attributes
    ----------
    blob : bytes
    digest : str
        The SHA-256 of ``blob`` and of the version of thalweg.
    sent : Future or None
        What the workers have of it.
    """

    blob: bytes
    digest: str
    sent: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, function: Any, shared: Any) -> "PackedWork":
        """Pack them; functions of a notebook travel with their text.

        Raises
        ------
        SettingsError
            If they cannot be pickled, or are too large.
        """
        blob = _pickled((function, shared), "The function, or what its items share")
        if len(blob) > MOST_BYTES:
            raise SettingsError(
                f"The table takes {amount(len(blob) / 1e9)} GB, which is too much to send to "
                "each worker",
                why=f"The limit is {amount(MOST_BYTES / 1e9)} GB",
                fix="leave out client=, or give fewer rows or columns",
            )
        return cls(blob, _digest(version_here().encode(), blob))

    @property
    def table_key(self) -> str:
        """The key of what is shared."""
        return f"table-{self.digest}"

    def release(self) -> None:
        """Let the workers forget what they have of it."""
        sent, self.sent = self.sent, None
        if sent is not None:
            sent.release()

    def key_of(self, item: bytes) -> str:
        """The key of the result of a packed item."""
        return f"fit-{_digest(self.digest.encode(), item)}"


def version_here() -> str:
    """The version of thalweg of this process."""
    return version("thalweg")


def packed_item(item: Any) -> bytes:
    """An item as bytes."""
    return _pickled(item, f"The item {shown(item)}")


def _pickled(value: Any, what: str) -> bytes:
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    except Exception as error:
        raise SettingsError(
            f"{what} cannot be sent to a worker",
            where=f"{type(error).__name__}: {error}",
            fix="use functions and values that pickle can write; leave out open files and locks",
        ) from error


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for each in parts:
        found.update(len(each).to_bytes(8, "little") + each)
    return found.hexdigest()
