"""Models that were fitted once predict what they predicted then, on any machine (`make same`)."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from places import TESTS
from same.__main__ import KEPT, told
from same.fits import predicted
from same.kinds import KINDS
from thalweg import load_model

BEFORE = np.load(KEPT / "predictions.npz")
# What another processor, NumPy or Numba may round otherwise, beside a prediction of 1.
ALLOWED = {"float32": 2e-6, "float64": 1e-12}


def test_every_kind_is_kept():
    assert {path.stem for path in KEPT.glob("*.safetensors")} == set(KINDS) == set(BEFORE.files)
    assert len(KINDS) >= 40


@pytest.mark.parametrize("name", KINDS)
def test_a_kept_model_predicts_what_it_predicted(name):
    model = load_model(KEPT / f"{name}.safetensors")
    now, before = predicted(model, KINDS[name].later()), BEFORE[name]
    assert now.shape == before.shape
    assert len(np.unique(before)) > 20
    apart = np.abs(now - before) / np.maximum(1.0, np.abs(before))
    assert apart.max() <= ALLOWED[str(model.theta_.dtype)]


def test_a_kept_model_says_what_a_fit_of_today_would_say():
    # Not its bits, which another machine rounds otherwise, but all that a seed decides.
    kept = load_model(KEPT / "no-bins.safetensors")
    again = KINDS["no-bins"].fit()
    assert (again.seed_, again.data_hash_) == (kept.seed_, kept.data_hash_)
    assert again.architecture_ == kept.architecture_
    np.testing.assert_allclose(again.theta_, kept.theta_, atol=2e-3)


def test_a_model_file_of_before_says_what_ran_and_not_what_auto_means_now(tmp_path):
    """These were fitted when "auto" had no scales of inputs, and α = 2."""
    for name in ("two-classes", "number"):
        kept = load_model(KEPT / f"{name}.safetensors")
        assert kept.settings_["optimizer"] == "adam:lr=0.004,beta_2=0.95,schedule=cosine,average=2"
        assert kept.settings_["alpha"] == 2.0
        again = tmp_path / f"{name}.safetensors"
        kept.save(again)
        assert load_model(again).settings_ == kept.settings_
    linear = load_model(KEPT / "logistic-regression.safetensors")
    assert "scales" not in str(linear.settings_["optimizer"])
    today = KINDS["no-bins"].fit()
    today.save(tmp_path / "today.safetensors")
    settings = load_model(tmp_path / "today.safetensors").settings_
    assert (settings["alpha"], settings["optimizer"]) == ("auto", "auto")


def test_it_is_said_which_kinds_differ_and_in_what(capsys):
    before = {"a": {"theta": "1", "file": "2"}, "b": {"theta": "3", "file": "4"}}
    assert told(before, before) == 0
    assert "2 of 2 kinds" in capsys.readouterr().out
    now = {**before, "b": {"theta": "3", "file": "5"}}
    assert told(before, now) == 1
    said = capsys.readouterr().out
    assert "a: the same" in said
    assert "b: other file" in said
    assert "1 of 2 kinds" in said
    assert told({}, now) == 1  # a kind that the base could not fit


@pytest.mark.slow
def test_this_tree_is_the_same_as_itself_and_a_planted_fault_is_seen(tmp_path):
    """Two kinds, by this tree and by a copy in which one formula has moved."""
    import shutil

    source = Path(sys.modules["thalweg"].__file__).parent
    copy = tmp_path / "src" / "thalweg"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    names = ["two-classes", "number"]
    hashes = []
    for tree, fault in ((source.parent, False), (copy.parent, True)):
        if fault:
            (file,) = copy.rglob("quantiles.py")
            text = file.read_text()
            assert "1.0 / (high - low)" in text
            file.write_text(text.replace("1.0 / (high - low)", "1.01 / (high - low)"))
        folder = tmp_path / str(fault)
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-m", "same.fits", str(folder), *names],
            env={"PYTHONPATH": f"{tree}:{TESTS}", "HOME": str(tmp_path)}, check=True,
        )  # fmt: skip
        hashes.append(json.loads((folder / "hashes.json").read_text()))
    assert told(hashes[0], hashes[0]) == 0
    assert told(*hashes) == 1
    assert all(hashes[0][name]["theta"] != hashes[1][name]["theta"] for name in names)


def test_warnings_of_kinds_are_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KINDS["two-classes-of-numbers"].fit()
