"""Run a command in a network namespace of its own, with its loopback up: `with_loopback.py CMD …`.

Some tests talk to a cluster on 127.0.0.1. Only the standard library is used: this runs before
anything is installed.
"""

import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1

if __name__ == "__main__":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]
    if [line.split(":")[0].strip() for line in lines] != ["lo"]:
        sys.exit("there is a network here")
    os.execvp(sys.argv[1], sys.argv[1:])
