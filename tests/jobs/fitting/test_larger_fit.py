"""``thalweg fit`` of a table that is larger than its budget, as a person runs it."""

import json
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from larger import mixed_table
from thalweg import load_model
from thalweg.cli.main import main
from thalweg.data.larger import row_records
from thalweg.errors import SettingsError, UnfinishedError
from thalweg.estimators.larger import refused_settings
from thalweg.estimators.larger.fit_of_file import LargerTable
from thalweg.interrupts import Cancellation
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.fitting import larger_fit
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody

SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 2, "n_bins": 8}


@pytest.fixture(autouse=True)
def tiny_shards(monkeypatch):
    monkeypatch.setattr(row_records, "OF_A_SHARD", 1 << 13)
    monkeypatch.setattr(refused_settings, "LEAST", 1)


@pytest.fixture
def asked(tmp_path) -> FitRequest:
    mixed_table(3000).to_parquet(tmp_path / "table.parquet", row_group_size=700)
    return FitRequest(
        table=str(tmp_path / "table.parquet"), columns=Columns(target="target"),
        reading=Reading(max_memory="240KB"), settings=SETTINGS,
        output=str(tmp_path / "model.safetensors"), cache=str(tmp_path / "rows"),
    )  # fmt: skip


def test_the_job_writes_the_model_and_keeps_the_cache(asked, tmp_path):
    outcome = fit(asked)
    assert outcome.data["rows"] == 3500
    assert outcome.result["judgement"] is None
    assert outcome.result["model"]["training"]["stopping"] == "hold-out"
    first = (tmp_path / "model.safetensors").read_bytes()
    assert load_model(tmp_path / "model.safetensors").classes_.tolist() == ["no", "yes"]
    assert (tmp_path / "rows" / "table.json").exists()
    fit(replace(asked, overwrite=True))
    assert (tmp_path / "model.safetensors").read_bytes() == first


def test_a_number_is_recognised_as_in_memory(tmp_path):
    table = tmp_path / "table.parquet"
    mixed_table(2000, regression=True).to_parquet(table, row_group_size=500)
    request = FitRequest(
        table=str(tmp_path / "table.parquet"), columns=Columns(target="target", drop=["few"]),
        reading=Reading(max_memory="150KB"), settings={**SETTINGS, "max_iter": 1},
    )  # fmt: skip
    outcome = fit(request)
    assert outcome.result["model"]["kind"] == "regressor"
    assert "few" not in outcome.data["columns"]
    assert outcome.data["range"]["low"] < 0 < outcome.data["range"]["high"]
    loss, outputs = outcome.data["held_out_loss"], outcome.model.members_[0].outputs
    assert loss["constant"] == pytest.approx(outputs.scale**2)
    mine = 2 * outcome.model.history_[outcome.model.best_epoch_ - 1]["valid_loss"]
    assert loss["value"] == pytest.approx(mine * loss["constant"])


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"report": "r.html"}, "report"),
        ({"refit": True}, "refit"),
        ({"estimator": "logistic"}, "estimator"),
        ({"columns": Columns(target="target", weight="a")}, "weight_column"),
        ({"columns": Columns(target="target", group="ward")}, "group"),
    ],
)
def test_what_is_not_done_is_refused_by_its_name(asked, more, name):
    with pytest.raises(
        SettingsError, match=f"{name}.* is not for a folder, or a table that is larger"
    ):
        fit(replace(asked, **more))


def test_what_is_left_out_and_what_is_empty_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("visits")
    mixed_table(300).to_parquet("visits/a.parquet")
    mixed_table(300).to_csv("visits/b.csv.gz")
    words = ["fit", "visits", "--target", "target", "--hidden", "8", "--epochs", "1"]
    assert main(words) == 0
    said = "Left out, because only files that end in .parquet, .pq, .csv, .tsv, .tab or .txt are "
    assert f'{said}read: "b.csv.gz".' in capsys.readouterr().err.replace("\n", " ")
    mixed_table(300)[:0].to_parquet("visits/a.parquet")
    assert main(words) == 1
    assert "The table is empty (visits/a.parquet: 0 rows" in capsys.readouterr().err


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("visits")
    table = mixed_table(1500)
    for number, start in enumerate(range(0, len(table), 1000)):
        table[start : start + 1000].to_parquet(f"visits/{number}.parquet")
    words = ["fit", "visits", "--target", "target", "--hidden", "8", "--epochs", "2"]
    assert main([*words, "-o", "m.safetensors"]) == 0
    shown = capsys.readouterr()
    assert "fitted on shards" in shown.out
    assert "Evaluate it on rows that are not here: thalweg evaluate m.safetensors" in shown.err
    assert "Held-out      log-loss 0." in shown.out
    assert "the class shares 0.69" in " ".join(shown.out.split())
    assert "No row was held out for a test" in shown.err.replace("\n", " ")
    assert sorted(os.listdir(tmp_path)) == ["m.safetensors", "visits"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "ok"
    assert told["data"]["rows"] == len(table)
    loss, p = told["data"]["held_out_loss"], np.mean(table.target == "yes")
    constant = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert loss["constant"] == pytest.approx(constant)
    assert 0 < loss["value"] < 2 * constant
    assert main(["fit", "visits", "--target", "target", "--refit"]) == 2
    assert "is not for a folder" in capsys.readouterr().err.replace("\n", " ")
    table.assign(seen="2024-03-07").to_parquet("visits/0.parquet")
    os.unlink("visits/1.parquet")
    assert main(words) == 1
    assert "or leave the column out: --drop seen." in capsys.readouterr().err.replace("\n", " ")


def test_the_rows_of_the_target_are_counted_while_its_task_is_not_known(tmp_path):
    frame = pd.DataFrame({"a": np.arange(60.0), "target": 5.0})
    frame.to_parquet(tmp_path / "t.parquet", row_group_size=20)

    steps = []

    class Heard(Nobody):
        def progress(self, step):
            steps.append((step.title, step.done, step.total, step.unit))

    asked = FitRequest(table=str(tmp_path / "t.parquet"), columns=Columns(target="target"))
    table = LargerTable(asked.table, "target", 10**8)
    with JobRun("fit", Heard(), None) as run:
        assert not larger_fit._is_of_numbers(run, asked, table)
    assert steps == [("Reading the target", n, 60, "row") for n in (20, 40, 60)]
    asked_to_end = Cancellation()
    asked_to_end.ask()
    with pytest.raises(UnfinishedError), JobRun("fit", None, asked_to_end) as run:
        larger_fit._is_of_numbers(run, asked, table)
