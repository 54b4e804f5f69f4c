"""The task "fit": the bytes of the command, the errors of the verb, and nothing half-written."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.messy_table import messy_table
from studio.models.asked_models import AskedModels, asked_models
from thalweg.cli.main import main
from thalweg.errors import DataError, SettingsError, ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.studio.models.fit_task import settings_of
from thalweg.studio.models.told_progress import UnwantedError

CHOICES = {"target": "Ill", "ids": ["Patient No"]}


@pytest.fixture
def models(tmp_path: Path) -> Iterator[AskedModels]:
    with asked_models(tmp_path / "w") as found:
        yield found


def test_the_model_file_is_that_of_the_command(models: AskedModels, tmp_path: Path) -> None:
    name = "-my own.CSV"
    model = models.fit(models.add(messy_table(), name), choices=CHOICES, seed=3)
    kept = models.held.models.about(model)
    assert (kept.name, kept.known["file"]) == (name, "my-own.safetensors")
    assert os.listdir(models.folder) == []
    _, data = models.held.models.read(model)
    os.chdir(tmp_path)
    Path(name).write_bytes(messy_table())
    assert main(shlex.split(kept.known["command"])[1:]) == 0
    assert Path("my-own.safetensors").read_bytes() == data
    steps = [each for each in models.told if each.get("done")]
    assert any(each["what"].startswith("Training") for each in steps)
    assert all(each["seconds_left"] is None or each["seconds_left"] >= 0 for each in steps)


@pytest.mark.parametrize(
    ("data", "target"),
    [
        (b"x,y\n" + b"1,a\n2,a\n" * 30, "y"),
        (b"x,y\n1,a\n2,b\n3,a\n", "y"),
        (b"x,y\n" + b"1,a\n2,b\n" * 30, "z"),
        (b"x,y\n" + b"1,a\n2,b\n" * 30, None),
    ],
    ids=["one class", "few rows", "no such column", "no target"],
)
def test_a_bad_table_has_the_error_of_the_verb(
    data: bytes, target: str | None, models: AskedModels, tmp_path: Path
) -> None:
    table = models.add(data, "bad.csv")
    with pytest.raises(ThalwegError) as told:
        models.fit(table, choices={"target": target}, settings={})
    assert os.listdir(models.folder) == []
    assert models.held.models.listed() == []
    os.chdir(tmp_path)
    Path("bad.csv").write_bytes(data)
    with pytest.raises(ThalwegError) as of_verb:
        fit(FitRequest(table="bad.csv", columns=Columns(target=target)))
    assert type(told.value) is type(of_verb.value)
    assert told.value.as_dict(as_option) == of_verb.value.as_dict(as_option)


@pytest.mark.parametrize("when", ["Reading the table", "Training"])
def test_nothing_stays_of_a_fit_that_is_cancelled(when: str, models: AskedModels) -> None:
    table = models.add(messy_table(), "t.csv")
    with pytest.raises(UnwantedError):
        models.fit(
            table, lambda told: told["what"].startswith(when), choices=CHOICES,
            settings={"max_iter": "100000", "early_stopping": "off"},
        )  # fmt: skip
    assert models.told[-1]["what"].startswith(when)
    assert os.listdir(models.folder) == []
    assert models.held.models.listed() == []
    assert [each.name for each in models.held.folder.path.rglob("part-*")] == []


def test_settings_are_the_texts_of_options() -> None:
    said = {"hidden_layer_sizes": "64,32", "alpha": "0.5", "early_stopping": "off"}
    assert settings_of(said) == {
        "hidden_layer_sizes": (64, 32), "alpha": 0.5, "early_stopping": False
    }  # fmt: skip
    with pytest.raises(SettingsError, match="no setting 'nil'"):
        settings_of({"nil": "1"})
    with pytest.raises(SettingsError, match="no setting 'random_state'"):
        settings_of({"random_state": "1"})
    with pytest.raises(SettingsError, match="not a list of hidden layers"):
        settings_of({"hidden_layer_sizes": "many"})


def test_a_table_that_is_not_there_is_said(models: AskedModels) -> None:
    with pytest.raises(DataError, match="no such table"):
        models.fit("0" * 64, choices=CHOICES)
