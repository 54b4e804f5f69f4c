"""``thalweg fit --checkpoint``: cut, and the same command again; and by signals, and by kills."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

from kept_fits import VALUES as Y
from kept_fits import Cut, X, cut_at
from kept_fits import without_waiting_for_the_disk as without_waiting_for_the_disk
from places import ROOT
from thalweg.cli.main import main
from thalweg.training.keeping import fit_keeper

QUICK = ["--target", "y", "--hidden", "3", "--epochs", "6", "--no-trees", "--quiet"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    X.assign(y=["yes" if value > 0 else "no" for value in Y]).to_csv(
        tmp_path / "t.csv", index=False
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fit(*words, output="m.safetensors", table="t.csv"):
    return main(["fit", table, *QUICK, "-o", output, *words])


def kept(*words):
    return fit("--checkpoint", "f.ckpt", "--checkpoint-every", "0s", *words)


def cut(monkeypatch, number, *words):
    """The command ends at this slice as if it was killed: whoever would report it is not there."""
    with cut_at(number):
        assert kept(*words) == 1


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_a_command_that_was_cut_goes_on_to_the_same_bytes(folder, monkeypatch, capsys):
    assert fit("--refit", output="whole.safetensors") == 0
    cut(monkeypatch, 7, "--refit")
    assert names(folder) == ["f.ckpt", "f.ckpt.before", "t.csv", "whole.safetensors"]
    cut(monkeypatch, 30, "--refit")  # in the refit: the first fit is done
    assert "f.ckpt.refit" in names(folder)
    capsys.readouterr()
    assert kept("--refit") == 0
    assert names(folder) == ["m.safetensors", "t.csv", "whole.safetensors"]
    assert (folder / "m.safetensors").read_bytes() == (folder / "whole.safetensors").read_bytes()


def test_killed_between_the_write_and_the_removal_the_checkpoint_is_there_and_of_use(
    folder, monkeypatch
):
    def killed(self):
        raise Cut

    with monkeypatch.context() as then:
        then.setattr("thalweg.jobs.fitting.job_checkpoints.JobCheckpoints.remove", killed)
        assert kept() == 1
    assert names(folder) == ["f.ckpt", "f.ckpt.before", "m.safetensors", "t.csv"]
    first = (folder / "m.safetensors").read_bytes()
    assert kept() == 1  # the model exists
    with cut_at(1) as begun:
        assert kept("--force") == 0
    assert begun == []
    assert (folder / "m.safetensors").read_bytes() == first
    assert names(folder) == ["m.safetensors", "t.csv"]


def test_it_says_where_it_goes_on_from_and_what_differs(folder, monkeypatch, capsys):
    cut(monkeypatch, 7)
    QUICK.remove("--quiet")
    try:
        capsys.readouterr()
        assert kept("--seed", "1") == 1
        said = " ".join(capsys.readouterr().err.split())
        assert "Found the checkpoint f.ckpt: 0 of 5 networks trained, and" in said
        assert "Error: The checkpoint is one of another fit" in said
        assert re.search(r"It differs in 2: data: \w+… → \w+…; seed: 0 → 1", said)
        assert "or delete it to start anew" in said
    finally:
        QUICK.append("--quiet")
    assert kept("--keep-checkpoint") == 0
    assert names(folder) == ["f.ckpt", "f.ckpt.before", "m.safetensors", "t.csv"]


def test_a_checkpoint_may_not_replace_another_file_of_the_job(folder, capsys):
    for path in ("t.csv", "m.safetensors"):
        assert fit("--checkpoint", path) == 2
        assert "would replace" in capsys.readouterr().err


@pytest.mark.slow
def test_several_targets_have_a_checkpoint_too(folder, monkeypatch):
    several = ["--target", "d", "--refit"]
    X.assign(y=["yes" if value > 0 else "no" for value in Y], d=["u", "v"] * (len(Y) // 2)).to_csv(
        "t.csv", index=False
    )
    assert fit(*several, output="whole.safetensors") == 0
    cut(monkeypatch, 7, *several)
    assert kept(*several) == 0
    assert (folder / "m.safetensors").read_bytes() == (folder / "whole.safetensors").read_bytes()
    assert names(folder) == ["m.safetensors", "t.csv", "whole.safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_a_checkpoint_and_says_how_to_go_on(number, folder):
    long = ["--early-stopping", "off", "--ensemble", "3", "--batch-size", "8", "--epochs", "60000"]
    words = [sys.executable, "-m", "thalweg", "fit", "t.csv", *QUICK, *long, "--json"]
    whole = subprocess.run([*words, "-o", "whole.safetensors"], capture_output=True, check=True)
    assert json.loads(whole.stdout)["status"] == "ok"
    command = [
        *words,
        "-o",
        "m.safetensors",
        "--checkpoint",
        "f.ckpt",
        "--checkpoint-every",
        "0.1s",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    while not fit_keeper.progress_in_words(folder / "f.ckpt").endswith("begun"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    error = json.loads(out)["error"]
    assert (error["signal"], error["checkpoint"]) == (number.name, "f.ckpt")
    assert error["fix"] == "run the same command again: it goes on from f.ckpt"
    assert b"Fix: run the same command again: it goes on from f.ckpt." in err
    subprocess.run(command, capture_output=True, check=True)
    assert (folder / "m.safetensors").read_bytes() == (folder / "whole.safetensors").read_bytes()
    assert names(folder) == ["m.safetensors", "t.csv", "whole.safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize("more", [["--kills", "100"], ["--kills", "12", "--command-line"]])
def test_however_often_a_default_fit_is_killed_it_ends_in_the_same_bytes(more):
    done = subprocess.run(
        [sys.executable, "-m", "bench.fit_kills", *more], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "with the same bytes" in done.stdout


@pytest.mark.slow
def test_a_signal_leaves_the_cache_and_says_how_to_go_on(folder):
    (folder / "parts").mkdir()
    (folder / "t.csv").rename(folder / "parts/t.csv")
    words = [sys.executable, "-m", "thalweg", "fit", "parts", "--target", "y", "--seed", "1"]
    long = ["--epochs", "5000", "--batch-size", "8", "--hidden", "400,400"]
    command = [*words, *long, "--cache", "rows", "-o", "m.safetensors", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not (folder / "rows/table.json").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    error = json.loads(out)["error"]
    assert error["fix"] == "run the same command again: it goes on from rows"
    assert b"To go on: thalweg fit parts" in err
    assert not (folder / "m.safetensors").exists()


@pytest.mark.slow
def test_a_cache_that_is_not_used_is_said_and_a_signal_does_not_name_it(folder):
    (folder / "rows").mkdir()
    words = [sys.executable, "-m", "thalweg", "fit", "t.csv", "--target", "y", "--cache", "rows"]
    long = ["--early-stopping", "off", "--ensemble", "3", "--batch-size", "8", "--epochs", "60000"]
    command = [*words, *long, "-o", "m.safetensors", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = process.stderr.readline()
    while said and b"not used" not in said:
        said = process.stderr.readline()
    assert said.split() == b"The table is fitted in memory: --cache is not used.".split()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "rows" not in json.loads(out)["error"].get("fix", "")
    assert b"goes on from" not in err
