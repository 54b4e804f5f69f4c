"""`thalweg explain`: cells, columns and classes that are typed, and fixes that work as printed."""

import json
import shlex
import subprocess

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier

ESCAPED, QUOTED = "=neg\x1b[31m", "po\"s'it"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model whose columns, cells and classes hold signs that options hold, too."""
    path, rng = tmp_path_factory.mktemp("typed"), np.random.default_rng(1)
    X = pd.DataFrame({"a": rng.normal(size=120).round(2)})
    X["a=b"] = rng.choice(["=1+1", "x"], 120)
    X["line\nbreak"] = rng.choice(["a,b=c", "z"], 120)
    X["when"] = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 300, 120), "D")
    X["name"] = [f"k{row} x" for row in range(120)]
    y = np.where(X["a"] + rng.normal(0, 0.2, 120) > 0, ESCAPED, QUOTED)
    said = {"max_iter": 60, "hidden_layer_sizes": (8,), "random_state": 0, "n_folds": 2}
    with pytest.warns(UserWarning, match="identifiers"):
        ThalwegClassifier(**said, positive=QUOTED).fit(X, y).save(path / "m")
    X.to_csv(path / "t.csv", index=False)
    return path


@pytest.fixture
def ask(cli, folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda *said: cli("explain", "m", "t.csv", *said)


@pytest.mark.parametrize(
    ("said", "name", "cell"),
    [
        ("line\\nbreak=a,b=c", "line\nbreak", "a,b=c"),
        ("a\\x3db==1+1", "a=b", "=1+1"),
        ("a=0.5", "a", "0.5"),
        ("a=", "a", "missing"),
    ],
)
def test_names_and_cells_may_have_an_equals_sign(ask, folder, said, name, cell):
    table = pd.read_csv(folder / "t.csv")
    row = int(np.flatnonzero(table[name].astype(str) != cell)[0]) + 1
    code, out, err = ask("--row", row, "--set", said, "--json")
    assert code == 0, err
    assert json.loads(out)["result"]["what_if"]["changes"] == {name: cell}


def test_a_text_that_names_two_columns_is_an_error_with_a_way_out(ask):
    code, _, err = ask("--row", "3", "--set", "a=b=x")
    said = " ".join(err.split())
    assert code == 2
    assert 'column "a" with the cell "b=x" or column "a=b" with the cell "x"' in said
    fix = shlex.split(said.partition("Fix: write ")[2].partition(" to change")[0])
    assert ask("--row", "3", *fix)[0] == 0
    code, _, err = ask("--row", "3", "--set", "a=1", "--set", "a=2")
    assert code == 2
    assert '--set names "a" twice' in err


@pytest.mark.parametrize("said", ["a=b", "when=soon"])
def test_a_cell_that_does_not_fit_is_the_options_and_not_the_tables(ask, said):
    code, _, err = ask("--row", "3", "--set", said)
    told = " ".join(err.split())
    assert code == 1
    assert f"(--set {said})" in told
    assert "correct the cell" not in told
    assert "--missing" not in told
    one, _, other = told.partition("such as ")[2].rstrip(".").partition(", or empty it by ")
    for fix in (one, other):
        assert ask("--row", "3", *shlex.split(fix))[0] == 0, fix


def words_of(command):
    """The words of a printed command, as bash reads them."""
    script = f"printf '%s\\0' {command}"
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, check=True)
    return done.stdout.decode("utf-8").split("\0")[:-1]


def test_classes_can_be_copied_from_the_message(ask):
    ask_row = ("--row", "3", "--change", "a")
    code, _, err = ask(*ask_row, "--to", "neither")
    told = " ".join(err.split())
    assert code == 2
    one, other = told.partition("Fix: take ")[2].rstrip(".").split(" or ")
    assert "\x1b" not in told
    codes, errors = [], []
    for fix in (one, other):
        code, _, err = ask(*ask_row, *words_of(fix))
        codes.append(code)
        errors.append(err)
    # One of the two classes is what the model answers: an error that names the row.
    assert sorted(codes) == [0, 2]
    assert "is what the model answers already (row 3)" in " ".join("".join(errors).split())


def test_rows_that_are_there_already_do_not_hide_the_others(ask, folder):
    table = pd.read_csv(folder / "t.csv")
    high, low = int(table["a"].argmax()) + 1, int(table["a"].argmin()) + 1
    code, out, err = ask("--row", f"{high},{low}", "--change", "a", "--to", QUOTED, "--json")
    assert code == 0, err
    found = json.loads(out)["result"]["counterfactuals"]
    assert [each["is_there"] for each in found] == [False, True]
    text = " ".join(ask("--row", f"{high},{low}", "--change", "a", "--to", QUOTED)[1].split())
    assert f"Row {low}: the answer is {QUOTED} already." in text
    assert f"Row {high}: the answer would be {QUOTED} if a were" in text
    assert "Distances are in interquartile ranges" in text


def test_a_column_without_values_says_why(ask):
    code, _, err = ask("--row", "3", "--change", "name")
    assert code == 2
    assert "It is free text or an identifier" in err


def test_an_error_of_a_row_names_that_row(cli, tmp_path):
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(80, 14))).add_prefix("x")
    y = np.where(X["x0"] > 0, "p", "n")
    ThalwegClassifier(max_iter=2, hidden_layer_sizes=(4,), random_state=0).fit(X, y).save(
        tmp_path / "m"
    )
    X.to_csv(tmp_path / "t.csv", index=False)
    ask = ("explain", tmp_path / "m", tmp_path / "t.csv", "--method", "shapley")
    code, _, err = cli(*ask, "--row", "7")
    assert code == 2
    assert "(row 7)" in err
    code, _, err = cli(*ask, "--row", "7", "--drop-row", "2-3")
    assert "(row 7)" in err
