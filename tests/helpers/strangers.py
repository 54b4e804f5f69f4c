"""Other users of the machine, where a test cannot be one."""

import os

from thalweg import private_directories


def see(monkeypatch, inode, **fields):
    """Have the file of that number seen with other fields of ``os.stat_result``."""
    plain = os.fstat
    places = {"st_mode": 0, "st_uid": 4}

    def fstat(handle):
        found = list(plain(handle))
        if found[1] == inode:
            for name, value in fields.items():
                found[places[name]] = value
        return os.stat_result(found)

    monkeypatch.setattr(private_directories.os, "fstat", fstat)
