"""The tasks about a kept model: decided again and again, later tables, answers of bounded size."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.messy_table import messy_table
from studio.models.asked_models import AskedModels, asked_models
from thalweg.errors import DataError, ModelFileError, OutputError, SettingsError
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.studio.models import asked_model, worker_desk
from thalweg.studio.operations.studio_models import kept_model

# The bundled table, so that one fit serves all tests.
CHOICES = {"target": "Ill", "drop": ["Patient No"], "separator": ";"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskedModels]:
    with asked_models(tmp_path_factory.mktemp("models") / "w") as found:
        yield found


@pytest.fixture(scope="module")
def table(models: AskedModels) -> str:
    return models.add(messy_table(), "messy.csv")


@pytest.fixture(scope="module")
def model(models: AskedModels, table: str) -> str:
    return models.fit(table, choices=CHOICES)


def test_a_model_is_decided_again_and_again_and_stays_as_it_was(
    models: AskedModels, model: str
) -> None:
    first = models.ask("set-threshold", model=model, missed=9, alarm=1)
    assert first["document"]["result"]["threshold"]["value"] == 0.1
    assert first["command"].endswith("--missed 9 --alarm 1 -o messy-decided.safetensors")
    second = models.ask("set-threshold", model=first["model"], missed=3, alarm=1)
    assert second["file"] == "messy-decided-again.safetensors"
    third = models.ask("set-threshold", model=second["model"], missed=2, alarm=1)
    assert third["file"] == "messy-decided.safetensors"
    assert len({model, first["model"], second["model"], third["model"]}) == 4
    # With the threshold of the fit, it is the model of the fit, with all that is known of it.
    known = models.held.models.about(model).known
    back = models.ask("set-threshold", model=third["model"], missed=1, alarm=1)
    assert (back["model"], back["file"]) == (model, "messy.safetensors")
    assert models.held.models.about(model).known == known
    assert models.held.models.about(first["model"]).known["table"]
    shown = models.ask("model", model=first["model"])
    assert shown["document"]["result"]["model"]["threshold"] == 0.1
    assert models.ask("model", model=model)["document"]["result"]["model"]["threshold"] == 0.5
    with pytest.raises(SettingsError, match="No rule"):
        models.ask("decide", model=model)
    assert os.listdir(models.folder) == []


def test_the_table_of_the_fit_is_read_as_for_the_fit(
    models: AskedModels, model: str, table: str
) -> None:
    found = models.ask("explain", model=model, table=table, row=7, against=9)
    assert found["command"] == (
        "thalweg explain messy.safetensors messy.csv --row 7 --against 9 --separator ';'"
    )
    said = models.ask("explain", model=model, table=table, row=7, choices={"decimal": ","})
    assert said["command"].endswith("--row 7 --decimal ,")
    with pytest.raises(SettingsError, match="999"):
        models.ask("explain", model=model, table=table, row=999)
    other = models.add(messy_table(30).replace(b"Age", b"Years"), "other.csv")
    with pytest.raises(DataError, match="Age"):
        models.ask("predict", model=model, table=other)
    made = models.ask(
        "predict", model=model, table=other, choices={"empty": ["Age"]}, ids=["Patient No"]
    )
    _, data = models.held.predictions.read(made["predictions"])
    assert data.decode().splitlines()[0] == "Patient No,prediction,p_no,p_yes"
    assert made["bytes"] == len(data)
    # Two files of predictions in one folder have two names.
    assert made["file"] == "other-predictions.csv"
    assert made["command"].endswith("-o other-predictions.csv")
    of_fit = models.ask("predict", model=model, table=table)
    assert of_fit["file"] == "messy-predictions.csv"


def test_columns_kept_and_rows_left_out_are_so_in_predictions(
    models: AskedModels, table: str
) -> None:
    choices = {"target": "Ill", "ids": ["Patient No"], "separator": ";", "drop_row": ["2-4"]}
    model = models.fit(table, choices=choices)
    made = models.ask("predict", model=model, table=table)
    assert made["command"].endswith(
        "--drop-row 2-4 --id 'Patient No' --separator ';' -o messy-predictions.csv"
    )
    assert made["document"]["result"]["rows"] == 117
    lines = models.held.predictions.read(made["predictions"])[1].decode().splitlines()
    assert lines[0] == "row,Patient No,prediction,p_no,p_yes"  # rows are those of the file
    assert len(lines) == 118
    later = models.add(messy_table(30), "later.csv")  # of a new file, all rows are predicted
    made = models.ask("predict", model=model, table=later)
    assert made["document"]["result"]["rows"] == 30
    assert "--id 'Patient No'" in made["command"]
    without = models.add(messy_table(30).replace(b"Patient No", b"Case"), "without.csv")
    assert "--id" not in models.ask("predict", model=model, table=without)["command"]
    assert "--drop-row 2-4" in models.ask("explain", model=model, table=table, row=7)["command"]


def test_a_cell_is_offered_as_its_table_writes_it(models: AskedModels) -> None:
    lines = [
        f"{1000 + 37 * r},{r % 10}5;{1950 + r % 60};{r % 7},{r % 9}1;{r % 2}" for r in range(90)
    ]
    sales = models.add(("sales;since;rate;lost\n" + "\n".join(lines) + "\n").encode(), "sales.csv")
    fitted = models.fit(sales, choices={"target": "lost"})
    found = models.ask("explain", model=fitted, table=sales, row=9)
    [row] = found["document"]["result"]["explanation"]["rows"]
    assert list(row["cells"].values()) == ["1,296.85", "1,958", "1.81"]
    written = found["picture"]["written"]
    assert written == {"sales": "1296,85", "since": "1958", "rate": "1,81"}
    said = models.ask("what-if", model=fitted, table=sales, row=9, set={**written, "sales": "1297"})
    assert "sales = 1,297 instead of 1,296.85" in said["changed"]
    assert "since" not in said["changed"].split(":")[0]


def test_a_report_holds_what_is_ticked(models: AskedModels, model: str, table: str) -> None:
    def made(**ticked: Any) -> tuple[str, str]:
        told = models.ask("report", model=model, **ticked)
        _, data = models.held.reports.read(told["report"])
        return told["command"].removeprefix("thalweg report messy.safetensors "), data.decode()

    command, bare = made(no_what_if=True)
    assert command == "--no-what-if -o report.html"
    assert made(no_what_if=True, table=table)[1] == bare  # a table alone adds nothing
    command, whole = made(table=table, trace="3,9", landscape=True)
    assert command == (
        "--separator ';' --table messy.csv --trace 3,9 --landscape messy.csv -o report.html"
    )
    for part in ('id="trace', 'id="landscape', 'id="what-if'):
        assert part in whole
        assert part not in bare
    with pytest.raises(SettingsError, match="need a table") as told:
        made(landscape=True)
    assert "place Table" in told.value.fix
    for said in ({"missing": {"Age": ["x"]}}, {"number": {"Age": "3.5"}}):
        with pytest.raises(SettingsError, match="as the model knows"):
            made(table=table, trace="3", choices=said)
    with pytest.raises(SettingsError, match="999"):
        made(table=table, trace="999")


def test_the_training_run_of_a_report_is_of_the_rows_of_the_fit(models: AskedModels) -> None:
    rows = models.add(messy_table(), "dropped.csv")
    fitted = models.fit(rows, choices={**CHOICES, "drop_row": ["3", "20-24"]})
    told = models.ask("report", model=fitted, table=rows, landscape=True)
    assert "--drop-row 3 --drop-row 20-24 --separator ';' --landscape" in told["command"]
    other = models.add(messy_table(60), "other-rows.csv")
    with pytest.raises(DataError, match="was not fitted on this table"):
        models.ask("report", model=fitted, table=other, landscape=True, choices={"separator": ";"})


def test_a_model_is_of_the_file_of_the_command_line_until_that_is_written_anew(
    tmp_path: Path,
) -> None:
    file = tmp_path / "my own.csv"
    file.write_bytes(messy_table())
    with asked_models(tmp_path / "w", file) as models:
        model = models.fit("open", choices=CHOICES)
        decided = models.ask("set-threshold", model=model, missed=9, alarm=1)["model"]
        for each in (model, decided):
            assert models.ask("model", model=each)["table"] == "open"
        own = models.ask("predict", model=decided, table="open")
        assert "--separator" in own["command"]
        file.write_bytes(messy_table(150))
        for each in (model, decided):
            assert models.ask("model", model=each)["table"] is None
        later = models.ask("predict", model=decided, table="open")
        assert later["document"]["result"]["rows"] == 150
        assert "--separator" not in later["command"]  # nothing is known of how it is read


@pytest.mark.slow
def test_an_answer_is_never_too_large_for_a_page(
    models: AskedModels, model: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.ask("model", model=model)["page"] is not None
    shown = len(json.dumps(models.ask("model", model=model)["document"]))
    monkeypatch.setattr("thalweg.studio.models.model_tasks.MOST_ANSWER", 2 * shown)
    assert models.ask("model", model=model)["page"] is None
    monkeypatch.setattr(asked_model, "MOST_ANSWER", 500)
    with pytest.raises(DataError, match="too large for a page") as told:
        models.ask("explain", model=model, table=table, row=1)
    assert "thalweg explain messy.safetensors" in told.value.fix


def test_a_model_that_the_command_line_names_is_kept(
    models: AskedModels, model: str, tmp_path: Path
) -> None:
    _, data = models.held.models.read(model)
    path = tmp_path / "My Model.safetensors"
    path.write_bytes(data)
    known = models.held.models.about(model).known
    assert kept_model(models.held.models, str(path)) == model
    assert models.held.models.about(model).known == known
    models.held.models.remove(model)
    assert kept_model(models.held.models, str(path)) == model
    about = models.held.models.about(model)
    assert (about.name, about.known["file"]) == ("My Model.safetensors", "my-model.safetensors")
    assert models.ask("model", model=model)["table"] is None
    with pytest.raises(ModelFileError, match="cannot be read"):
        kept_model(models.held.models, str(tmp_path))
    junk_file = tmp_path / "junk.safetensors"
    junk_file.write_bytes(b"junk")
    with pytest.raises(ModelFileError, match="not a model file"):
        kept_model(models.held.models, str(junk_file))
    junk = models.held.models.upload("x", 9, file="x.safetensors", table=None, choices=None,
                                     command="", python="")  # fmt: skip
    junk.write(b"junk")
    with pytest.raises(ValueError, match="model file"):
        models.ask("model", model=junk.finish().id)


def test_a_time_of_a_zone_can_be_asked_back_as_it_is_written(
    tmp_path: Path, models: AskedModels
) -> None:
    lines = ["when,level,y"]
    for i in range(90):
        lines.append(
            f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}T08:41:{i % 60:02d}+01:00,a-0{i % 4}:00,{i % 7}"
        )
    data = "\n".join(lines).encode() + b"\n"
    table = models.add(data, "times.csv")
    model = models.fit(table, choices={"target": "y"})
    said = models.ask("explain", model=model, table=table, row=3)
    assert said["document"]["result"]["explanation"]["rows"][0]["cells"]["when"] == (
        "2024-03-03T08:41:02"
    )
    assert said["picture"]["written"] == {"when": "2024-03-03T08:41:02+01:00", "level": "a-02:00"}
    changed = models.ask(
        "what-if", model=model, table=table, row=3, set={"when": "2024-03-03T09:41:02+01:00"}
    )
    assert "when = 2024-03-03T09:41:02" in changed["changed"]


def test_a_disk_that_may_not_be_written_is_no_fault_of_the_program(
    models: AskedModels, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, mode: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr(worker_desk, "open", refused, raising=False)
    with pytest.raises(OutputError, match="Nothing can be written into the workspace") as told:
        models.ask("predict", model=model)
    assert told.value.why == os.strerror(errno.EROFS)
    assert "start the studio with --workspace elsewhere" in told.value.fix


def test_each_of_several_targets_is_shown_decided_and_explained(
    tmp_path: Path, models: AskedModels
) -> None:
    lines = ["a,b,y,z"]
    for i in range(120):
        a, b = i * 37 % 23, i * 53 % 19
        lines.append(f"{a},{b},{'yes' if a > 11 else 'no'},{'ill' if b > i % 19 else 'well'}")
    data = "\n".join(lines).encode() + b"\n"
    (tmp_path / "two.csv").write_bytes(data)
    fitted = FitRequest(
        table=str(tmp_path / "two.csv"), columns=Columns(targets=("y", "z")),
        settings={"hidden_layer_sizes": (4,), "max_iter": 2, "early_stopping": "hold-out"},
        sections=AskedSections(no_trees=True), output=str(tmp_path / "two.safetensors"),
    )  # fmt: skip
    fit(fitted)
    model = kept_model(models.held.models, str(tmp_path / "two.safetensors"))
    rows = models.add(data, "two.csv")
    first, second = (models.ask("model", model=model, target=each) for each in (None, "z"))
    assert (first["targets"], first["target"], second["target"]) == (["y", "z"], "y", "z")
    assert (first["page"]["verdict"]["positive"], second["page"]["verdict"]["positive"]) == (
        "yes", "well",
    )  # fmt: skip
    decided = models.ask("set-threshold", model=model, target="z", missed=3, alarm=1)
    assert "--target z" in decided["command"]
    again = models.ask("model", model=decided["model"], target="z")
    assert again["document"]["result"]["model"]["threshold"] == 0.25
    assert again["targets"] == ["y", "z"]
    said = models.ask("explain", model=model, table=rows, target="z", row=3)
    assert "--target z" in said["command"]
    assert "target='z'" in said["python"]
    assert "--target z" in models.ask("report", model=model, target="z")["command"]
