"""The file of the command line: another one, or one that was written anew, is another table."""

import os
from pathlib import Path

import pytest

from thalweg.studio.workspace.file_state import state_of, table_of
from thalweg.studio.workspace.kept_files import KeptFile


def model_of(table: str | None, **known: str | None) -> KeptFile:
    return KeptFile("1" * 64, {"name": "t.csv", "table": table, **known}, 9)


def test_the_state_is_of_the_path_the_file_its_size_and_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("x\n1\n")
    first = state_of(str(file))
    monkeypatch.chdir(tmp_path)
    assert state_of("mine.csv") == first
    os.utime(file, ns=(1, 1))
    touched = state_of(str(file))
    file.write_text("x\n12\n")
    os.utime(file, ns=(1, 1))
    other = tmp_path / "other.csv"
    other.write_text("x\n12\n")
    os.utime(other, ns=(1, 1))
    states = [first, touched, state_of(str(file)), state_of(str(other))]
    assert None not in states
    assert len(set(states)) == 4
    assert state_of(str(tmp_path / "none.csv")) is None
    assert state_of(None) is None


def test_a_model_is_of_the_file_of_the_command_line_as_long_as_it_is_that_one() -> None:
    assert table_of(model_of("open", state="a"), "a") == "open"
    for known, state in (({"state": "a"}, "b"), ({"state": "a"}, None), ({}, "a"), ({}, None)):
        assert table_of(model_of("open", **known), state) is None
    for table in (None, "sample:wisconsin", "2" * 64):
        assert table_of(model_of(table), "a") == table


def test_a_file_that_takes_the_place_of_another_one_is_another_state(tmp_path: Path) -> None:
    file, new = tmp_path / "mine.csv", tmp_path / "new.csv"
    for each, words in ((file, "x\n1\n"), (new, "x\n2\n")):
        each.write_text(words)
        os.utime(each, ns=(1, 1))
    first = state_of(str(file))
    os.replace(new, file)
    assert state_of(str(file)) != first
