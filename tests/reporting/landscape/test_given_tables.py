"""`race_landscape` and `sweep` from Python: tables with words, keywords, recipes, and errors."""

import numpy as np
import pandas as pd
import pytest

from thalweg import load_table, race_landscape, sweep
from thalweg.errors import DataError, SettingsError

QUICK = {"grid": 11, "profiles": (), "steps": 20}
SMALL = {"rates": [0.1], "units": [2], "seeds": 2, "steps": 10}


@pytest.fixture
def frame(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"a": rng.normal(size=80).round(3), "b": rng.normal(size=80).round(3)})
    made["count"] = rng.permutation(np.repeat(np.arange(8), 10))
    made["kind"] = np.where(made["a"] + rng.normal(size=80) > 0, "yes", "no")
    made = made.astype({"a": object})
    made.loc[::9, "a"] = "k.A."
    made.to_csv("kind.csv", index=False)
    return made


def test_words_for_missing_go_with_the_table(frame):
    table = load_table("kind.csv", target="kind", missing={"*": ["k.A."], "kind": ["?"]})
    assert table.said.missing.as_setting() == ["k.A."]
    race_landscape(table, ["sgd"], **QUICK)
    sweep(table, **SMALL)


@pytest.mark.parametrize("given", ["kind.csv", "frame"])
def test_a_table_is_read_with_what_is_said(frame, given):
    table = frame if given == "frame" else given
    said = {"target": "kind", "missing": ["k.A."], "drop": "count"}
    raced = race_landscape(
        table, ["sgd"], hidden=np.int64(3), alpha=np.float64(0.1), **QUICK, **said
    )
    swept = sweep(table, **SMALL, **said)
    for python, name in ((raced.recipes["Python"], "shown"), (swept.recipes["python"], None)):
        assert "np." not in python
        names = {"table": table}
        exec(python, names)
        if name:
            assert names[name].race.runners[0].end_loss == raced.race.runners[0].end_loss
    assert "'followed', run='sgd')" in raced.page("followed", run="sgd")


def test_the_task_is_said(frame):
    said = {"target": "count", "drop": ["a", "kind"]}
    assert "8 classes" in race_landscape("kind.csv", ["sgd"], **QUICK, **said).subtitle
    shown = race_landscape("kind.csv", ["sgd"], task="regression", **QUICK, **said)
    assert "standard deviations" in shown.subtitle
    assert (
        "standard deviations" in sweep("kind.csv", task="regression", **SMALL, **said).sweep.target
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rules": "sgd,momentum"}, "rules=['sgd', 'momentum']"),
        ({"connect": "sgd,momentum"}, "connect=['sgd', 'momentum']"),
        ({"hidden": "8"}, "hidden=(15,)"),
        ({"hiden": 8}, "Did you mean 'hidden'"),
        ({"steps": 10**9}, "steps=1000000"),
        ({"task": "guess"}, "classification"),
    ],
)
def test_errors_of_a_race_have_a_fix(frame, asked, words):
    with pytest.raises(SettingsError) as found:
        race_landscape(**{"table": "kind.csv", "rules": ["sgd"], "target": "count", **asked})
    assert words in str(found.value)


def test_other_errors_have_a_fix(frame):
    with pytest.raises(DataError, match='target="NAME"'):
        race_landscape(frame, ["sgd"])
    with pytest.raises(SettingsError, match="give it to load_table"):
        sweep(load_table("wisconsin"), target="kind")
    with pytest.raises(SettingsError, match="steps=1000000"):
        race_landscape("hills", ["sgd"], steps=10**9)
    with pytest.raises(SettingsError, match="cannot be used here"):
        race_landscape("hills", ["sgd"], target="x")
    with pytest.raises(SettingsError, match=r"units=\(\d+,?\)"):
        sweep("wisconsin", units=[10**9])
    for wrong in ({"rates": "fast"}, {"units": "2"}, {"seeds": 2.5}, {"steps": 10**9}, {"foo": 1}):
        with pytest.raises(SettingsError):
            sweep("wisconsin", **wrong)
