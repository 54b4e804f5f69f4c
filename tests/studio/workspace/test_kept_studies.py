"""The studies of searches: kept for the next time, known if a process was killed, and bounded."""

import errno
import os
from pathlib import Path

import pytest

from thalweg.errors import OutputError
from thalweg.interrupts import Cancellation
from thalweg.studio.workspace.held_workspace import held_workspace
from thalweg.studio.workspace.inner_folder import InnerFolder, NotOursError
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


def test_a_study_whose_server_has_gone_is_cut_off_and_not_cancelled(tmp_path: Path) -> None:
    with held_workspace(tmp_path / "w") as held:
        gone, stays = Cancellation(), Cancellation()
        gone.ask()
        with running_study(held.folder, ONE, {"table": "open"}, gone):
            pass
        assert cut_off(held.folder) == [({"table": "open"}, 0)]
        with running_study(held.folder, ONE, {"table": "open"}, stays):
            pass
        assert cut_off(held.folder) == []


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[", b"[1]", b'{"trials": {"0": "x"}}', b"[" * 100_000,
        b'{"trials": {"1000000000000000": 0.5}}', b'{"trials": {"-5": 0.5}}',
    ],
)  # fmt: skip
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


@pytest.mark.parametrize("name", ["study.journal", "study.journal.trials"])
@pytest.mark.parametrize("kind", ["link", "second name"])
def test_a_search_writes_to_no_place_that_a_link_names(
    name: str, kind: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    with held_workspace(tmp_path / "w") as held:
        with running_study(held.folder, ONE, {}) as study:
            own = study.folder.path
        if kind == "link":
            (own / name).symlink_to(outside)
        else:
            os.link(outside, own / name)
        with pytest.raises(NotOursError), running_study(held.folder, ONE, {}):
            raise AssertionError("the search would begin")
    assert outside.read_bytes() == b""
    assert not (own / "asked.json").exists()


def test_a_study_that_cannot_be_written_is_no_fault_of_thalweg(tmp_path: Path) -> None:
    with held_workspace(tmp_path / "w") as held:
        (held.folder.path / "studies" / ONE / "asked.json").mkdir(parents=True)
        with (
            pytest.raises(OutputError, match="cannot be written"),
            running_study(held.folder, ONE, {}),
        ):
            raise AssertionError("the search would begin")


def test_a_search_that_could_write_nothing_leaves_no_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_workspace(tmp_path / "w") as held:
        studies = held.folder.path / "studies"
        with pytest.raises(OSError, match="journal"), running_study(held.folder, ONE, {}):
            raise OSError("the journal cannot be made")
        assert os.listdir(studies) == []
        with running_study(held.folder, ONE, {}) as study:
            study.note({0: 0.5})
        monkeypatch.setattr(InnerFolder, "created", full)
        for each in (ONE, "2" * 64):
            with pytest.raises(OutputError), running_study(held.folder, each, {}):
                raise AssertionError("the search would begin")
        assert os.listdir(studies) == [ONE]  # it has trials


def full(folder: InnerFolder, name: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
