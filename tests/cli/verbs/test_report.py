"""``thalweg report`` and ``fit --report``: the page of an evaluated model."""

import json
import os

import pytest

from thalweg import ThalwegClassifier, load_table

QUICK = ("--epochs", "3", "--hidden", "4")


def test_the_page_of_fit_is_the_page_of_the_model(cli, tmp_path):
    code, out, err = cli("fit", "wisconsin", "-o", "m", "--report", "fit.html", *QUICK)
    assert code == 0
    assert "Not a medical device." in out
    assert "Wrote the report to fit.html: open it in a browser." in err
    assert sorted(os.listdir()) == ["fit.html", "m"]
    assert cli("report", "m", "-o", "model.html", "-q") == (0, "", "")
    page = (tmp_path / "fit.html").read_bytes()
    assert (tmp_path / "model.html").read_bytes() == page
    assert len(page) < 450_000
    code, out, _ = cli("report", "m")
    assert out.encode() == page


def test_the_page_holds_the_numbers_of_the_terminal(cli):
    _, out, _ = cli("fit", "wisconsin", "-o", "m", *QUICK, "--json")
    network = json.loads(out)["result"]["judgement"]["network"]
    page = cli("report", "m")[1]
    for estimate in network["metrics"].values():
        for end in ("value", "low", "high"):
            assert f"{estimate[end]:.3f}" in page


def test_with_json_the_page_stands_in_the_document(cli):
    cli("fit", "wisconsin", "-q", "-o", "m", *QUICK)
    page = cli("report", "m")[1]
    code, out, _ = cli("report", "m", "--json")
    assert code == 0
    assert json.loads(out)["result"] == {"model": "m", "file": None, "page": page}


def test_a_report_is_not_replaced_unasked(cli, tmp_path):
    cli("fit", "wisconsin", "-q", "-o", "m", *QUICK)
    (tmp_path / "page.html").write_text("mine")
    for line in ("report m -o page.html", "fit wisconsin --report page.html"):
        code, out, err = cli(*line.split())
        assert (code, out) == (1, "")
        assert "--force" in err
    assert (tmp_path / "page.html").read_text() == "mine"
    assert cli("report", "m", "-o", "page.html", "--force")[0] == 0


def test_a_model_without_a_judgement_has_no_report(cli):
    table = load_table("wisconsin")
    ThalwegClassifier((4,), max_iter=2).fit(table.frame, table.target).save("m")
    code, out, err = cli("report", "m")
    assert (code, out) == (1, "")
    assert "without an evaluation" in err
    assert "thalweg fit TABLE -o FILE" in err


def test_a_file_that_comes_with_semicolons_is_read_and_said(cli, tmp_path):
    table = load_table("wisconsin")
    frame = table.frame.assign(grade=table.target)
    frame.to_csv("eu.csv", index=False, sep=";", decimal=",", encoding="utf-16")
    code, _, err = cli("fit", "eu.csv", "--target", "grade", "-q", *QUICK)
    assert (code, err) == (0, "")
    code, _, err = cli("fit", "eu.csv", "--target", "grade", *QUICK)
    assert "';'" in err or '";"' in err
    wrong = cli("fit", "eu.csv", "--target", "grade", "--encoding", "ascii", *QUICK)
    assert wrong[0] == 1
    assert "Fix: " in wrong[2]


@pytest.mark.parametrize(
    "line",
    [
        "fit t.csv --target y -o x --report x --force",
        "fit t.csv --target y -o x --report ./x",
        "fit t.csv --target y -o t.csv --force",
        "fit t.csv --target y --report ./t.csv --force",
        "report m -o m --force",
        "predict m t.csv -o t.csv --force",
        "predict m t.csv -o ./m --force",
    ],
)
def test_no_output_replaces_what_is_read_or_another_output(cli, tmp_path, line):
    if " m " in f" {line} ":
        cli("fit", "wisconsin", "-q", "-o", "m", *QUICK)
    table = load_table("wisconsin")
    table.frame.assign(y=table.target).to_csv("t.csv", index=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, out, err = cli(*line.split())
    assert (code, out) == (2, "")
    assert "would replace" in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
