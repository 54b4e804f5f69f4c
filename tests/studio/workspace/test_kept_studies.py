"""The studies of searches: kept for the next time, known if a process was killed, and bounded."""

import os
from pathlib import Path

import pytest

from thalweg.studio.workspace.held_workspace import held_workspace
from thalweg.studio.workspace.kept_studies import MOST_STUDIES, cut_off, running_study

ONE = "1" * 64


def test_a_study_that_was_cut_off_is_known_with_its_trials(tmp_path: Path) -> None:
    with held_workspace(tmp_path / "w") as held:
        assert cut_off(held.folder) == []
        with running_study(held.folder, ONE, {"table": "open"}) as study:
            assert study.trials() == {}
            study.note({0: 0.5, 1: None})
            assert cut_off(held.folder) == [({"table": "open"}, 2)]
            asked = (study.folder.path / "asked.json").read_bytes()
        assert cut_off(held.folder) == []
        (held.folder.path / "studies" / ONE / "asked.json").write_bytes(asked)
        with running_study(held.folder, ONE, {"table": "open"}) as study:
            assert study.trials() == {0: 0.5, 1: None}


@pytest.mark.parametrize("text", [b"", b"[", b"[1]", b'{"trials": {"0": "x"}}', b"[" * 100_000])
def test_damaged_notes_are_no_trials(text: bytes, tmp_path: Path) -> None:
    with held_workspace(tmp_path / "w") as held, running_study(held.folder, ONE, {}) as study:
        (study.folder.path / "trials.json").write_bytes(text)
        assert study.trials() == {}


def test_the_oldest_studies_are_removed_and_nothing_that_a_link_names(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("mine")
    with held_workspace(tmp_path / "w") as held:
        for number in range(MOST_STUDIES + 1):
            with running_study(held.folder, f"{number:064x}", {}) as study:
                trials = study.folder.path / "study.journal.trials"
                trials.mkdir()
                (trials / "00000.npy").write_bytes(b"x")
                (trials / "link").symlink_to(outside)
            os.utime(study.folder.path, (number, number))
        left = sorted(os.listdir(held.folder.path / "studies"))
    assert left == [f"{number:064x}" for number in range(1, MOST_STUDIES + 1)]
    assert (outside / "mine").read_text() == "mine"
