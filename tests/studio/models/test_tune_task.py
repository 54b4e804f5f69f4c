"""The task "tune": the bytes of the command, a study that goes on, and the picture on the way."""

import json
import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.messy_table import messy_table
from studio.models.asked_models import AskedModels, asked_models
from thalweg.cli.main import main
from thalweg.interrupts import Cancellation
from thalweg.jobs.tuning.searched_model import SearchProgress
from thalweg.studio.models import tune_task
from thalweg.studio.models.told_progress import UnwantedError
from thalweg.studio.models.tune_task import ToldSearch, study_id
from thalweg.studio.wire.model_requests import all_of_tune
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.studio.workspace.held_workspace import held_workspace
from thalweg.studio.workspace.kept_studies import cut_off, running_study
from thalweg.training.progress import ProgressStep

CHOICES = {"target": "Ill", "ids": ["Patient No"]}


@pytest.fixture
def models(tmp_path: Path) -> Iterator[AskedModels]:
    with asked_models(tmp_path / "w") as found:
        yield found


@pytest.mark.slow
def test_a_search_that_goes_on_gives_the_model_of_the_command(
    models: AskedModels, tmp_path: Path
) -> None:
    table = models.add(messy_table(), "my own.csv")
    asked: dict[str, Any] = {"choices": CHOICES, "seed": 3, "trials": 3}

    def two_trials(told: dict[str, Any]) -> bool:
        return told.get("trials") == 2

    with pytest.raises(UnwantedError):
        models.tune(table, two_trials, **asked)
    assert models.held.models.listed() == []
    assert os.listdir(models.folder) == []
    assert cut_off(models.held.folder) == []  # it was cancelled, and not cut off
    model = models.tune(table, **asked)
    courses = [each["trials"] for each in models.told if "course" in each]
    assert courses[0] >= 1  # those of before are drawn at once
    assert courses[-1] == 3
    kept, data = models.held.models.about(model), models.held.models.read(model)[1]
    assert kept.known["file"] == "my-own-tuned.safetensors"
    assert "--study" not in kept.known["command"]
    search = kept.known["search"]
    assert "What the search was worth" in search
    assert "nothing has seen" not in search  # the held-out rows are locked
    facts = models.ask("model", model=model)
    assert facts["search"] == json.loads(search)
    os.chdir(tmp_path)
    Path("my own.csv").write_bytes(messy_table())
    assert main(shlex.split(kept.known["command"])[1:]) == 0
    assert Path("my-own-tuned.safetensors").read_bytes() == data


@pytest.mark.slow
def test_a_search_that_is_ended_early_gives_the_model_of_the_command_after_ctrl_c(
    models: AskedModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = models.add(messy_table(), "my own.csv")
    asked: dict[str, Any] = {"choices": CHOICES, "seed": 3, "trials": 9}
    model = models.tune(table, finishes=lambda told: told.get("trials") == 2, **asked)
    kept, data = models.held.models.about(model), models.held.models.read(model)[1]
    assert max(each["trials"] for each in models.told if "course" in each) == 2
    assert "What the search was worth" in kept.known["search"]
    assert cut_off(models.held.folder) == []
    os.chdir(tmp_path)
    Path("my own.csv").write_bytes(messy_table())
    heard = SearchProgress.heard

    def pressed(self: SearchProgress, done: Any) -> None:
        heard(self, done)
        if done.n_done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(SearchProgress, "heard", pressed)
    assert main(shlex.split(kept.known["command"])[1:]) == 130
    assert Path("my-own-tuned.safetensors").read_bytes() == data


def test_more_minutes_go_on_and_more_trials_begin_anew() -> None:
    def study(**asked: Any) -> str:
        return study_id(all_of_tune({"table": "open", "choices": {}, **asked}))

    assert study(minutes=1) == study(minutes=9)
    assert study(trials=5) != study(trials=9)
    assert study(minutes=1, seed=1) != study(minutes=1)
    asked = all_of_tune({"table": "open", "choices": {}})
    assert len({study_id(asked, state) for state in (None, "a", "b")}) == 3


def test_each_trial_is_drawn_and_noted(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    run = TaskRun(Packet({}), Cancellation(), lambda packet: told.append(dict(packet.head)))
    with (
        held_workspace(tmp_path / "w") as held,
        running_study(held.folder, "1" * 64, {}) as study,
    ):
        told_to = ToldSearch(run, study)
        told_to.progress(ProgressStep("Search, s", 3, 60, words="trains the default"))
        told_to.progress(ProgressStep("Search, s", 4, 60, trial=(0, 0.5)))
        told_to.progress(ProgressStep("Search, s", 5, 60, trial=(1, None)))
        assert study.trials() == {0: 0.5, 1: None}
        assert [each["trials"] for each in told if "course" in each] == [1, 2]
        assert (told[0]["what"], told[0]["unit"]) == ("Search", "second")
        told.clear()
        ToldSearch(run, study)
        assert told[0]["trials"] == 2
    drawn = json.dumps(told[0]["course"])
    assert "lost" in drawn
    assert "t-even" in drawn


def test_a_search_of_very_many_trials_goes_on_without_their_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune_task, "MOST_SEARCH", 100)
    told: list[bytes] = []
    with (
        held_workspace(tmp_path / "w") as held,
        running_study(held.folder, "1" * 64, {}) as study,
    ):
        study.note(dict.fromkeys(range(9), 0.5))
        run = TaskRun(Packet({}), Cancellation(), lambda packet: told.append(packet.to_bytes()))
        ToldSearch(run, study)
    assert told == []
