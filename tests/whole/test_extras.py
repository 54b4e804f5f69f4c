"""Without the packages of the extras: what needs one names it and its command, the rest works."""

import re
import subprocess
import sys
import tomllib

import numpy as np
import pandas as pd
import pytest

import thalweg
from places import ROOT, TESTS
from slow_cases import slow_but
from thalweg import ClusterError, DataError, SettingsError, ThalwegClassifier
from thalweg.cli.main import main

MODEL = str(TESTS / "models" / "wisconsin-format-1.safetensors")


@pytest.fixture
def absent(monkeypatch):
    """Make the import of modules fail as if they were not installed."""

    def remove(*modules):
        for module in modules:
            monkeypatch.setitem(sys.modules, module, None)

    return remove


@pytest.fixture
def parquet(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"x": np.arange(30.0), "y": ["a", "b"] * 15}).to_parquet(path)
    return str(path)


VERBS = {
    "check": ["check", "{}", "--target", "y"],
    "fit": ["fit", "{}", "--target", "y"],
    "larger": ["fit", "{}", "--target", "y", "--max-memory", "1MB"],
    "evaluate": ["evaluate", "{}", "--target", "y"],
    "predict": ["predict", MODEL, "{}"],
    "drift": ["drift", MODEL, "{}"],
    "trace": ["trace", "{}", "--target", "y"],
    "landscape": ["landscape", "{}", "--target", "y"],
}


@pytest.mark.parametrize("verb", slow_but(["fit", "larger", "predict"], VERBS))
def test_a_verb_that_reads_parquet_names_the_extra(verb, absent, parquet, capsys):
    absent("pyarrow", "pyarrow.parquet")
    assert main([word.format(parquet) for word in VERBS[verb]]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "Parquet files cannot be read, because pyarrow is not installed" in said
    assert 'Fix: pip install "thalweg[parquet]", or give the table as CSV' in said


def test_predictions_as_parquet_name_it_and_leave_no_file(absent, tmp_path, capsys):
    absent("pyarrow.parquet")  # pandas has loaded the rest
    assert main(["predict", MODEL, "wisconsin", "-o", str(tmp_path / "p.parquet")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "Parquet files cannot be written, because pyarrow is not installed" in said
    assert 'Fix: pip install "thalweg[parquet]", or write CSV' in said
    assert not any(tmp_path.iterdir())


def test_calls_of_python_that_read_parquet_name_it(absent, parquet):
    absent("pyarrow", "pyarrow.parquet")
    for call in (
        lambda: thalweg.load_table(parquet, target="y"),
        lambda: ThalwegClassifier().fit(parquet, target="y"),
        lambda: ThalwegClassifier().fit(parquet, target="y", max_memory="1MB"),
    ):
        with pytest.raises(DataError, match="pyarrow is not installed") as caught:
            call()
        assert 'pip install "thalweg[parquet]"' in str(caught.value)


def test_a_search_names_the_extra_of_optuna(absent, capsys):
    absent("optuna")
    X, y = [[0.0], [1.0]] * 100, [0, 1] * 100
    with pytest.raises(SettingsError, match="Optuna, which is not installed") as caught:
        thalweg.tune(ThalwegClassifier(), X, y, n_trials=2)
    assert 'Fix: install it: pip install "thalweg[tune]"' in str(caught.value)
    assert main(["tune", "wisconsin", "--trials", "2"]) == 2
    assert 'pip install "thalweg[tune]"' in " ".join(capsys.readouterr().err.split())


def test_a_cluster_names_the_extra_of_dask(absent, capsys):
    absent("distributed")
    X, y = [[0.0], [1.0]] * 20, [0, 1] * 20
    with pytest.raises((SettingsError, ClusterError), match="Dask, which is not installed") as told:
        thalweg.evaluate(ThalwegClassifier(), X, y, client=object())
    assert 'pip install "thalweg[dask]"' in str(told.value)
    assert main(["evaluate", "wisconsin", "--scheduler", "tcp://127.0.0.1:8786"]) == 2
    assert 'pip install "thalweg[dask]"' in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_the_studio_names_its_extra(package, absent, monkeypatch, capsys):
    for name in [each for each in sys.modules if each.startswith("thalweg.studio.")]:
        monkeypatch.delitem(sys.modules, name)
    absent(package, *(each for each in sys.modules if each.startswith(f"{package}.")))
    assert main(["studio", "--no-browser"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"The studio needs {package}, which is not installed" in said
    assert 'Fix: install it: pip install "thalweg[studio]"' in said


# All packages of extras, and what only the tests need, are as if they were not installed.
ALONE = """
import sys
MISSING = {"pyarrow", "optuna", "distributed", "dask", "polars", "openpyxl", "safetensors"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from thalweg.cli.main import main

for words in (
    "fit wisconsin --hidden 4 --preset quick -o m.safetensors --report r.html",
    "predict m.safetensors wisconsin -o p.csv",
    "trace m.safetensors wisconsin --row 2 -o row.html",
    "trace --lesson derivative -o slope.html",
    "landscape hills -o hills.html",
    "landscape hills -o hills.png",
    "show m.safetensors",
    "card m.safetensors -o card.html",
):
    assert main(words.split()) == 0, words
"""


@pytest.mark.slow
def test_the_core_alone_fits_predicts_and_writes_pages_and_pictures(tmp_path):
    run = [sys.executable, "-c", ALONE]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".html", ".csv", ".png"}


def test_the_page_of_installing_lists_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted({*project["optional-dependencies"]} - {"dev"})
