"""What can be copied from the page of a trace makes the same trace again."""

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier
from thalweg.cli.main import main
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.recipes.command_words import option_words
from thalweg.jobs.trace import TraceRequest
from thalweg.jobs.trace import trace as job
from thalweg.jobs.traces.trace_command import trace_copies
from thalweg.jobs.traces.trace_subject import TraceSubject

SMALL = {
    "hidden_layer_sizes": (3,), "n_bins": 0, "early_stopping": False, "max_iter": 2, "dropout": 0.0
}  # fmt: skip


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b b", "c"])
    frame["ill"] = np.where(frame["a"] + rng.normal(size=40) > 0, "yes", "no")
    frame.to_csv("my table.csv", index=False)
    return "my table.csv"


def again(command, capsys):
    """The trace of a command, as JSON."""
    name, *words = shlex.split(command)
    assert name == "thalweg"
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["result"]["trace"]


def copies_of(shown):
    return shown._of_page()["copies"]


def test_the_command_makes_the_same_trace(table, capsys):
    asked = TraceRequest(
        table=table, columns=Columns(target="ill", drop=["b b"], positive="no"), settings=SMALL,
        seed=3, row="5,2", update="sgd:lr=0.1,momentum=0.9", steps=2,
    )  # fmt: skip
    shown = job(asked).shown
    command = copies_of(shown)["command"]
    assert "--row 5,2" in command
    assert again(command, capsys) == shown.data


def test_without_a_row_the_command_names_the_one_that_was_found(table, capsys):
    shown = job(TraceRequest(table=table, columns=Columns(target="ill"), settings=SMALL)).shown
    found = again(copies_of(shown)["command"], capsys)
    assert found["picked"] is None
    assert {**found, "picked": shown.data["picked"]} == shown.data


def test_the_python_makes_the_same_trace(table):
    shown = job(TraceRequest(table=table, columns=Columns(target="ill"), settings=SMALL)).shown
    text = copies_of(shown)["python"]
    weight = shown.data["chain"]["name"]
    made = made_by(text, weight).data
    assert Path("row.html").exists()
    assert made["update"] == shown.data["update"]
    assert made["chain"]["value"] == shown.data["chain"]["value"]
    assert made["passes"][0]["layers"] == shown.data["passes"][0]["layers"]


def test_a_saved_model_is_loaded(table):
    words = ["--target", "ill", "--hidden", "3", "--bins", "0", "--early-stopping", "off"]
    assert main(["fit", table, *words, "--epochs", "2", "-q", "-o", "m.safetensors"]) == 0
    shown = job(TraceRequest(model="m.safetensors", table=table, row="4")).shown
    copies = copies_of(shown)
    assert copies["command"] == "thalweg trace m.safetensors 'my table.csv' --row 4"
    made = made_by(copies["python"], shown.data["chain"]["name"]).data
    assert made["chain"]["value"] == shown.data["chain"]["value"]


def made_by(text, weight):
    """The trace that lines of Python make and save, after the page wrote its weight into them."""
    names = {}
    called = text.replace("{weight}", weight).replace("model.trace(", "traced = model.trace(")
    exec(called.replace(".save(", "\ntraced.save("), names)
    return names["traced"]


def test_what_a_few_lines_cannot_say_is_a_call_of_the_job(table):
    asked = TraceRequest(
        table=table, columns=Columns(target="ill", drop=["b b"]), settings=SMALL, row="2"
    )
    shown = job(asked).shown
    text = copies_of(shown)["python"].replace("{weight}", "W1[1,1]")
    names = {}
    exec(text.replace("\ntrace(", "\nfound = trace("), names)
    assert Path("row.html").exists()
    assert names["found"].shown.data["passes"] == shown.data["passes"]
    for more in ({"article": True}, {"columns": Columns(drop=["a"])}, {"empty": ["a"]}):
        request = TraceRequest(table="t.csv", **more)
        subject = TraceSubject(ThalwegClassifier(), None, None, "t.csv", target="ill")
        assert "TraceRequest(" in trace_copies(request, subject, [1])["python"]
    standard = TraceRequest(table="-")
    subject = TraceSubject(ThalwegClassifier(), None, None, "-", target="ill")
    assert trace_copies(standard, subject, [1])["python"] == ""


def test_options_are_words():
    said = {"number": {"a": None, "b": "1.5"}, "drop_row": ["3"], "target": None}
    assert option_words(said) == ["--number", "a", "--number", "b=1.5", "--drop-row", "3"]
