"""``thalweg report`` and ``fit --report``: the page of an evaluated model."""

import json
import os
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from fitted_once import once
from stored_pages import without_explained
from thalweg import ThalwegClassifier, load_table

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "--early-stopping", "off", "--bins", "0")


def test_the_page_of_fit_is_the_page_of_the_model(cli, tmp_path):
    code, out, err = cli("fit", "wisconsin", "-o", "m", "--report", "fit.html", *QUICK)
    assert code == 0
    assert "Not a medical device." in out
    assert "Wrote the report to fit.html: open it in a browser." in err
    assert sorted(os.listdir()) == ["fit.html", "m"]
    assert cli("report", "m", "-o", "model.html", "-q") == (0, "", "")
    page = (tmp_path / "fit.html").read_bytes()
    of_file = (tmp_path / "model.html").read_bytes()
    assert without_explained(of_file) == without_explained(page)
    assert len(page) < 450_000
    code, out, _ = cli("report", "m")
    assert out.encode() == of_file


def test_the_model_is_left_out_of_the_page_if_that_is_asked_for(cli, tmp_path):
    cli("fit", "wisconsin", "-q", "-o", "m", "--report", "no.html", "--no-what-if", *QUICK)
    cli("report", "m", "-o", "with.html", "-q")
    assert cli("report", "m", "-o", "without.html", "-q", "--no-what-if") == (0, "", "")
    pages = {name: (tmp_path / f"{name}.html").read_text() for name in ("no", "with", "without")}
    holds = {name: 'id="what-if-model"' in page for name, page in pages.items()}
    assert holds == {"no": False, "with": True, "without": False}
    assert without_explained(pages["no"]) == without_explained(pages["without"])
    code, _, err = cli("fit", "wisconsin", "--no-what-if", *QUICK)
    assert code == 2
    assert "--no-what-if is about the report, and no report is asked for" in err


def test_the_page_holds_the_numbers_of_the_terminal(cli):
    _, out, _ = cli("fit", "wisconsin", "-o", "m", *QUICK, "--json")
    network = json.loads(out)["result"]["judgement"]["network"]
    page = cli("report", "m")[1]
    for estimate in network["metrics"].values():
        for end in ("value", "low", "high"):
            assert f"{estimate[end]:.3f}" in page


def test_without_a_table_the_page_goes_to_a_file(cli, tmp_path):
    """The page is that of the evaluation by fit, without baselines of its own."""
    cli("fit", "wisconsin", "-q", "-o", "m", *QUICK, "--no-trees")
    code, out, err = cli("report", "m", "-o", "page.html")
    assert (code, out) == (0, ""), err
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    code, _, err = cli("report", "m", "-o", "page.html", "--force", "--no-trees")
    assert code == 2
    assert "No such option: --no-trees" in err


def test_with_json_the_page_stands_in_the_document(cli):
    once(cli, "fit", "wisconsin", "-q", "-o", "m", *QUICK)
    page = cli("report", "m")[1]
    code, out, _ = cli("report", "m", "--json")
    assert code == 0
    assert json.loads(out)["result"] == {"model": "m", "file": None, "page": page}


def test_a_report_is_not_replaced_unasked(cli, tmp_path):
    once(cli, "fit", "wisconsin", "-q", "-o", "m", *QUICK)
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
        once(cli, "fit", "wisconsin", "-q", "-o", "m", *QUICK)
    table = load_table("wisconsin")
    table.frame.assign(y=table.target).to_csv("t.csv", index=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, out, err = cli(*line.split())
    assert (code, out) == (2, "")
    assert "would replace" in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# ---------------------------------------------------------------- on the rows of another table


def data_of(page):
    return json.loads(re.search(r'id="report">(.*?)</script>', page, re.S)[1])


def words(page):
    page = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


@pytest.fixture
def tables(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(400, 2)).round(5), columns=["a", "b"])
    frame["town"] = rng.choice(["Bern", "Chur"], 400)
    frame["counts"] = rng.integers(0, 3, 400)
    u = frame["a"] + rng.normal(size=400)
    targets = {
        "two": np.where(u > 0.3, "ill", "well"),
        "three": np.array(["low", "middle", "top"])[np.digitize(u, [-0.6, 0.6])],
        "number": u.round(5),
    }
    for name, y in targets.items():
        whole = frame.assign(y=y)
        whole[:250].to_csv(tmp_path / f"{name}.csv", index=False)
        whole[250:].to_csv(tmp_path / f"{name}-new.csv", index=False)


FIT = ("--target", "y", "--drop", "town", "--drop", "counts", "-q", *QUICK)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("two", ()),
        ("two", ("--missed", "9", "--alarm", "1", "--by", "town", "--from", "0.05", "--to", "0.2")),
        ("two", ("--weight-column", "counts", "--seed", "3")),
        ("three", ("--by", "town")),
        ("number", ("--by", "town", "--drop-row", "2-9")),
    ],
)
def test_the_page_of_new_rows_has_the_numbers_of_evaluate(cli, tables, name, asked):
    assert cli("fit", f"{name}.csv", *FIT, "--positive", "ill", "-o", "m")[0] == 0 or (
        cli("fit", f"{name}.csv", *FIT, "-o", "m")[0] == 0
    )
    call = ("m", f"{name}-new.csv", *asked)
    told = json.loads(cli("evaluate", *call, "--json")[1])["result"]["judgement"]
    document = json.loads(cli("report", *call, "--json")[1])
    assert document["result"]["judgement"] == told
    code, out, err = cli("report", *call, "-o", "r.html")
    assert (code, out) == (0, "")
    assert "Wrote the report to r.html" in err
    with open("r.html", encoding="utf-8") as file:
        page = file.read()
    assert page == document["result"]["page"]
    assert len(page.encode()) < 450_000
    sections = told.pop("sections")
    assert data_of(page)["verdict"] == told
    assert data_of(page)["seed"] == document["seed"] == (3 if "--seed" in asked else 0)
    text = words(page)
    for key in ("calibration", "threshold", "benefit", "abstention", "coverage"):
        if sections[key] is not None:
            assert " ".join(sections[key]["sentence"].split()) in text
    if sections["subgroups"] is not None:
        assert sections["subgroups"]["sentence"] in text
    assert f"thalweg report · {name}-new.csv" in text
    assert "On 1" in text[: text.index("There is no sign that the model was trained on some of")]
    assert "it had never seen" not in text
    for section in ("training", "table", "network", "made", "metrics"):
        assert f'<section id="{section}"' in page


def test_rows_that_trained_the_model_are_found_and_said(cli):
    once(cli, "fit", "wisconsin", "-q", "-o", "m", *QUICK)
    page = words(cli("report", "m", "wisconsin", "-q")[1])
    assert "On 140 rows, the network found " in page
    assert "The model was trained on 559 of these 699 rows. Only the other 140 are used." in page
    table = load_table("wisconsin")
    X, y = table.frame, table.target
    model = ThalwegClassifier(max_iter=2, hidden_layer_sizes=(4,), random_state=0,
                              positive="malignant").fit(X, y)  # fmt: skip
    model.save("own")  # it has no evaluation, and needs none
    X.assign(**{"class": y}).to_csv("all.csv", index=False)
    page = words(cli("report", "own", "all.csv", "--target", "class", "-q")[1])
    assert "On 699 rows that it was trained on, the network found " in page
    code, _, err = cli("report", "own")
    assert code == 1
    assert "name a TABLE of rows to evaluate it on" in " ".join(err.split())


def test_rows_of_the_evaluated_table_can_be_traced(cli, tables):
    once(cli, "fit", "two.csv", *FIT, "-o", "m")
    page = cli("report", "m", "two-new.csv", "--trace", "3", "-q")[1]
    assert '<section id="trace">' in page
    assert "no row of the table except those that are traced" in words(page)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--missed", "9", "--alarm", "1"), "--missed is about rows to evaluate the model on"),
        (("--by", "town"), "--by is about rows to evaluate the model on"),
        (("--from", "0.1", "--to", "0.2"), "--from is about rows to evaluate the model on"),
        (("--weight-column", "w"), "name MODEL and TABLE, or leave out --weight-column"),
        (("--seed", "0"), "--seed is about rows to evaluate the model on"),
        (("--trace", "3"), "A trace in the report needs a table"),
        (("--table", "two-new.csv"), "after the model: thalweg report MODEL two-new.csv"),
        (("--empty", "a"), "--empty names"),
        (("two-new.csv", "--missed", "9"), "give both, as in --missed 9 --alarm 1"),
        (("two-new.csv", "--by", "nowhere"), 'no column of groups to evaluate "nowhere"'),
        (("two-new.csv", "-o", "two-new.csv", "--force"), "would replace what is read"),
    ],
)
def test_what_is_asked_of_no_rows_is_refused(cli, tables, asked, says):
    once(cli, "fit", "two.csv", *FIT, "-o", "m")
    code, out, err = cli("report", "m", *asked)
    assert code in (1, 2)
    assert out == ""
    assert says in " ".join(err.split())


def test_a_report_and_an_evaluation_group_rows_by_any_column(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200).round(4)})
    frame["y"] = np.where(frame["a"] + rng.normal(size=200) > 0, "ill", "well")
    frame[:140].to_csv("old.csv", index=False)
    frame[140:].assign(who=[f"p{k // 5}" for k in range(60)]).to_csv("new.csv", index=False)
    assert cli("fit", "old.csv", "--target", "y", "-o", "m", "--hidden", "4", "--no-trees", "-q",
               "--epochs", "3")[0] == 0  # fmt: skip

    def accuracy(verb, *asked):
        code, out, err = cli(verb, "m", "new.csv", "--json", *asked)
        assert code == 0, err
        return json.loads(out)["result"]["judgement"]["network"]["metrics"]["accuracy"]

    alone, grouped = accuracy("evaluate"), accuracy("evaluate", "--group", "who")
    assert alone["value"] == pytest.approx(grouped["value"])
    assert alone["low"] != pytest.approx(grouped["low"])
    assert accuracy("report", "--group", "who", "-o", "r.html") == grouped


def test_a_report_offers_nothing_about_baselines(cli):
    said = cli("report", "--help")[1]
    assert "--group" in said
    assert "--margin" not in said
    assert "--no-trees" not in said
