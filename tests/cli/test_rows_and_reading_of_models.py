"""A saved model reads the table of its fit: each verb has all options of how to read a table."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier

QUICK = (
    "--no-trees", "--hidden", "3", "--epochs", "3", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip
READ = ("--header-row", "2", "--separator", ";", "--drop-row", "1")


@pytest.fixture
def ward(tmp_path):
    """A title with a second cell, a header, a row of units in words, and 60 rows."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(20, 90, 60), "crp": rng.integers(1, 99, 60)})
    frame["ill"] = np.where(frame["age"] + rng.normal(0, 9, 60) > 55, "yes", "no")
    body = frame.to_csv(index=False, sep=";").split("\n", 1)
    title = "Ward;of 2024;\n"
    (tmp_path / "ward.csv").write_text(f"{title}{body[0]}\nJahre;was auch;\n{body[1]}")
    (tmp_path / "plain.csv").write_text("\n".join(body))
    return frame


def test_a_model_is_used_on_the_file_that_it_was_fitted_on(cli, ward, tmp_path):
    code, _, err = cli("fit", "ward.csv", "--target", "ill", *READ, *QUICK, "-o", "m")
    assert code == 0, err
    code, out, err = cli("predict", "m", "ward.csv", *READ)
    assert code == 0, err
    assert "Left out as --drop-row says: row 1." in err
    told = [line.split(",") for line in out.splitlines()]
    plain = [line.split(",") for line in cli("predict", "m", "plain.csv")[1].splitlines()]
    assert told[0] == ["row", *plain[0]]
    assert [line[0] for line in told[1:]] == [str(row) for row in range(2, 62)]
    assert [line[1:] for line in told[1:]] == plain[1:]
    found = json.loads(cli("predict", "m", "ward.csv", *READ, "--json")[1])["result"]
    assert found["predictions"][0]["row"] == 2
    said = [
        json.loads(cli("evaluate", "m", table, *more, "--json")[1])["result"]
        for table, more in (("ward.csv", READ), ("plain.csv", ()))
    ]
    assert said[0] == said[1]
    code, out, err = cli("trace", "m", "ward.csv", *READ, "--row", "2")
    assert code == 0, err
    assert out.startswith("Row 2 of ward.csv")
    assert out[-900:] == cli("trace", "m", "plain.csv", "--row", "1")[1][-900:]
    more = ("--table", "ward.csv", "--trace", "2", "--landscape", "ward.csv")
    code, _, err = cli("report", "m", *READ, *more, "-o", "r.html")
    assert code == 0, err


def test_rows_cannot_be_left_out_of_no_table(cli, ward):
    assert cli("fit", "ward.csv", "--target", "ill", *READ, *QUICK, "-o", "m")[0] == 0
    for verb in (("report", "m"), ("trace", "m", "--check")):
        code, _, err = cli(*verb, "--drop-row", "1")
        assert code == 2
        assert "and none is named" in err


def test_a_row_of_totals_is_said_to_predict_and_evaluate_too(cli, ward):
    assert cli("fit", "plain.csv", "--target", "ill", *QUICK, "-o", "m")[0] == 0
    sums = ward[["age", "crp"]].sum()
    frame = ward.assign(case=[f"c{row}" for row in range(60)])
    total = {"case": "Summe", "age": sums["age"], "crp": sums["crp"], "ill": "no"}
    pd.concat([frame, pd.DataFrame([total])]).to_csv("total.csv", index=False)
    for verb in ("predict", "evaluate"):
        err = " ".join(cli(verb, "m", "total.csv")[2].split())
        assert "A row of totals among the cases: 'Summe'" in err
        assert "--drop-row 61" in err
        assert "of totals" not in cli(verb, "m", "total.csv", "--drop-row", "61")[2]


@pytest.mark.parametrize("n_columns", [3, 30])
def test_a_model_of_an_array_finds_its_columns_under_x0_and_so_on(cli, tmp_path, n_columns):
    X = np.random.default_rng(0).normal(size=(60, n_columns))
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.where(X[:, 0] > 0, "p", "q")).save(tmp_path / "m")
    frame = pd.DataFrame(X, columns=[f"column {k}" for k in range(n_columns)])
    frame.to_csv(tmp_path / "t.csv", index=False)
    code, _, err = cli("predict", "m", "t.csv")
    assert code == 1
    assert f"The table has 0 of the model's {n_columns} columns" in err
    assert "was fitted on a table without column names" in err
    header = err.partition("Fix: write ")[2].partition(" as the header")[0]
    assert header == ("x0,x1,x2" if n_columns == 3 else "x0,x1,…,x29")
    _, *rows = (tmp_path / "t.csv").read_text().splitlines()
    names = [f"x{k}" for k in range(n_columns)] if "…" in header else header.split(",")
    (tmp_path / "t.csv").write_text("\n".join([",".join(names), *rows]))
    code, out, _ = cli("predict", "m", "t.csv")
    assert code == 0
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == model.predict(X).tolist()
    pd.DataFrame({"x0": X[:, 0], "b": 1}).to_csv(tmp_path / "t.csv", index=False)
    assert "--empty x1" in cli("predict", "m", "t.csv")[2] or n_columns == 30
