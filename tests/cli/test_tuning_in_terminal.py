"""`thalweg evaluate --tune` on the command line."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from thalweg.cli.main import main
from thalweg.cli.tuning_in_terminal import _searches


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 2))
    words = np.where(X[:, 0] > 0, "yes", "no")
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": words})
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    return str(path)


def asked(table, *more):
    return ["evaluate", table, "--target", "y", "--folds", "2", "--repeats", "1", *more]


def test_it_prints_what_tuning_is_worth(table, capsys):
    code = main(asked(table, "--tune", "2trials", "--tune-space", "article", "--hidden", "4",
                      "--epochs", "3", "--json"))  # fmt: skip
    done = capsys.readouterr()
    assert code == 0
    found = json.loads(done.out)["result"]["tuning"]
    assert [each["n_trials"] for each in found["folds"]] == [2, 2]
    assert found["n_rows"] == 80
    assert "2 searches of 2 trials each (2 folds, once)" in done.err
    assert "Search 2 of 2" in done.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--predictions", "p.csv"], "--predictions cannot be said together with --tune"),
        (["--no-trees", "--by", "a"], "--by and --no-trees cannot be said together"),
        (["--estimator", "logistic"], "--estimator cannot be said"),
    ],
)
def test_what_has_no_meaning_beside_it_is_refused(table, capsys, more, said):
    assert main(asked(table, "--tune", "60s", *more)) == 2
    assert said in capsys.readouterr().err


def test_a_saved_model_takes_no_search(table, capsys):
    assert main(["evaluate", "m.safetensors", table, "--tune", "60s"]) == 2
    assert "--tune" in capsys.readouterr().err


def test_losses_below_each_other_have_equal_digits():
    row = {"repetition": 1, "fold": 1, "tuned": 0.5, "ensemble": 0.5, "chosen": "tuned",
           "n_trials": 2, "seconds": 1.0}  # fmt: skip
    folds = pd.DataFrame([{**row, "default": 0.69}, {**row, "default": 0.4866}])
    grid = _searches(SimpleNamespace(folds=folds))
    assert list(grid.columns[2].cells) == ["0.6900", "0.4866"]
