"""A process beside this one that does the items which ended their workers.

Not in this process: what ended a worker, such as a lack of memory, would end the caller's program.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import BinaryIO

from thalweg.cluster.item_on_worker import ItemDone, run_item
from thalweg.cluster.packed_work import PackedWork
from thalweg.interrupts import raise_if_cancelled
from thalweg.parallel_map import all_cores

_LOOK = 0.05
_SERVE = "from thalweg.cluster.process_beside import serve; serve()"


class ProcessBeside:
    """One process for all such items, which is started again if an item ends it.

    Parameters
    ----------
    work : PackedWork
    """

    def __init__(self, work: PackedWork) -> None:
        self._work = work
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, item: bytes) -> ItemDone | None:
        """What comes of a packed item; None if it ended this process, too."""
        with tempfile.TemporaryDirectory(prefix="thalweg-") as folder:
            path = os.path.join(folder, "done")
            process = self._process = self._process or self._started()
            assert process.stdin is not None
            try:
                process.stdin.write(_framed(pickle.dumps((item, path))))
                process.stdin.flush()
            except OSError:
                self.close()
                return None
            while not os.path.exists(path):
                if process.poll() is not None:
                    self.close()
                    return None
                raise_if_cancelled()
                time.sleep(_LOOK)
            with open(path, "rb") as file:
                found = pickle.load(file)
        assert isinstance(found, ItemDone)
        return found

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            with suppress(OSError):  # of what it had not read yet
                process.stdin.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join(each for each in sys.path if each)
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            # Ctrl-C is for the caller, who ends it.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert process.stdin is not None
        with suppress(OSError):  # it has ended; whoever asks it sees that
            process.stdin.write(_framed(self._work.blob) + _framed(self._work.digest.encode()))
            process.stdin.flush()
        return process


def serve() -> None:
    """Do items that come on standard input, until it ends; each result is a file."""
    import cloudpickle

    source = sys.stdin.buffer
    blob, digest = _read(source), _read(source)
    assert blob is not None
    assert digest is not None
    while (asked := _read(source)) is not None:
        item, path = pickle.loads(asked)
        found = run_item(blob, digest.decode(), item, all_cores(), "beside")
        with open(path + ".part", "wb") as file:
            cloudpickle.dump(found, file)
        os.replace(path + ".part", path)


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(8, "little") + data


def _read(source: BinaryIO) -> bytes | None:
    """The next message; None at the end."""
    head = source.read(8)
    if len(head) < 8:
        return None
    return source.read(int.from_bytes(head, "little"))
