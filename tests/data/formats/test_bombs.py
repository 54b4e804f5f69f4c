"""Hostile files of at most 1 MB cost no more than 2 s and 100 MB before they are refused.

The seconds are those of a processor of today. One that is slower, or that shares its core, may take
as much longer as it takes for a piece of work that is measured before and after.
"""

import json
import subprocess
import sys

import pytest

import bombs

SECONDS = 2
# Peaks of memory cannot be lowered again: a process that reads many files has that of the worst.
CHEAP = [name for name, (_, cheap) in bombs.BOMBS.items() if cheap]
# One that is quickly made for the last of them, which costs three seconds to make.
FEW = [*CHEAP[4::18][:-1], "Parquet: a long word of fixed width"]


def refusals(names, folder):
    """What comes of reading these files in one process that does nothing else."""
    paths = []
    for number, name in enumerate(names):
        data = bombs.BOMBS[name][0]()
        assert len(data) <= 10**6, name
        paths.append(folder / f"{number}")
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, bombs.__file__, *map(str, paths)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(names, map(json.loads, done.stdout.splitlines()), strict=True))


def check(told):
    for name, what in told.items():
        assert what["said"], f"{name} was read"
        assert "Fix: " in what["said"], name
        assert what["seconds"] <= SECONDS * what["slowness"], (name, what)
        assert what["megabytes"] <= 100, (name, what)


def test_the_hostile_files_are_many_and_differ():
    assert len(bombs.BOMBS) >= 80
    kinds = {name.partition(":")[0] for name in bombs.BOMBS}
    assert kinds == {"gzip", "text", "Excel", "Parquet"}
    assert {name.partition(":")[0] for name in FEW} == kinds


def test_some_hostile_files_are_refused_at_once(tmp_path):
    check(refusals(FEW, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("name", bombs.BOMBS)
def test_every_hostile_file_is_refused_at_once(tmp_path, name):
    check(refusals([name], tmp_path))
