"""Each Python that has this folder on its path notes which files and hosts it asks for.

The file that ``WATCHED_BY_TESTS`` names gets a line of JSON for each: the process, the event of
the audit (PEP 578), and its first argument as text.
"""

import json
import os
import sys
from typing import Any

_FILES = {
    "open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link",
    "os.symlink", "os.truncate", "os.chmod", "os.utime",
}  # fmt: skip
_HOSTS = {
    "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request",
}  # fmt: skip
# Those of a socket come after the socket itself.
_PLACE = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}

if _path := os.environ.get("WATCHED_BY_TESTS"):
    _log = os.open(_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _FILES or event in _HOSTS:
            said = args[_PLACE.get(event, 0)]
            if isinstance(said, bytes):
                said = os.fsdecode(said)
            line = json.dumps([os.getpid(), event, repr(said) if event in _HOSTS else str(said)])
            os.write(_log, f"{line}\n".encode())

    sys.addaudithook(_hook)
