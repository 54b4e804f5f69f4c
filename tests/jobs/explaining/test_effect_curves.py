"""``thalweg explain --effects``: the same numbers on the terminal, in files and in Python."""

import csv
import io
import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import thalweg
from made_files import commands_in, copied_here
from thalweg.persistence.model_file import load_model


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The table, two models, and the folder of their files."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 400), 1), "flat": 1})
    frame["city"] = rng.choice(["Bern", "Graz"], 400)
    u = frame["dose"] - 50 + 6 * rng.normal(size=400)
    frame.assign(ill=np.where(u > 2, "yes", "no")).to_csv(folder / "two.csv", index=False)
    frame.assign(cost=np.round(40 + u, 2)).to_csv(folder / "number.csv", index=False)
    with commands_in(folder) as run:
        for name, target in (("two", "ill"), ("number", "cost")):
            run(
                "fit", f"{name}.csv", "--target", target, "-o", name, "--epochs", "40", "--hidden",
                "4", "--no-trees", "-q",
            )  # fmt: skip
    return frame, folder


@pytest.fixture
def model(cli, made):
    """The table; its files are in the folder of the test."""
    frame, folder = made
    copied_here(folder)
    return frame.copy()


def test_terminal_json_csv_and_python_have_the_same_numbers(cli, model):
    found = thalweg.effects(load_model("two"), model)
    code, out, err = cli("explain", "two", "two.csv", "--effects", "-o", "c.csv")
    assert code == 0, err
    note = "Of 400 rows, 320 trained the model; the curves show how it computes for these, not how "
    assert out.splitlines() == str(replace(found, notes=(f"{note}well.",))).splitlines()
    assert max(map(len, out.splitlines())) <= 80
    assert "flat: 100 % of the rows have the value 1" in out
    assert "Wrote 2 effect curves to c.csv." in err
    with open("c.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    frame = found.to_frame()
    assert [float(line["mean"]) for line in lines] == frame["mean"].tolist()
    assert [line["x"] for line in lines] == ["" if np.isnan(x) else str(x) for x in frame["x"]]
    assert [line["text"] for line in lines] == [text or "" for text in frame["text"]]
    said = json.loads(cli("explain", "two", "two.csv", "--effects", "--json")[1])
    with_note = json.loads(json.dumps(found.as_dict())) | {"notes": [f"{note}well."]}
    assert said["result"]["effects"] == with_note
    assert said["result"]["caution"] == ""
    assert cli("explain", "two", "two.csv", "--effects", "-o", "c.json")[0] == 0
    with open("c.json", encoding="utf-8") as file:
        assert json.load(file)["effects"] == said["result"]["effects"]


def test_pictures_are_named_by_the_target(cli, model):
    for name, begin in (("p.png", b"\x89PNG"), ("p.svg", b"<?xml")):
        code, _, err = cli("explain", "number", "number.csv", "--effects", "-o", name)
        assert code == 0, err
        with open(name, "rb") as file:
            content = file.read()
        assert content.startswith(begin)
    assert b"The cost varies the most with dose" in content


def test_curves_and_rows_of_a_model_of_noise_begin_with_the_caution(cli):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"dose": rng.normal(size=500).round(2), "city": rng.choice(["a", "b"], 500)}
    )
    frame["ill"] = rng.choice(["no", "yes"], 500)
    frame.to_csv("noise.csv", index=False)
    code, _, err = cli(
        "fit", "noise.csv", "--target", "ill", "-o", "noise", "--report", "noise.html", "--epochs",
        "5", "--hidden", "4", "--no-trees", "-q",
    )  # fmt: skip
    assert code == 0, err
    caution = "The model is not shown to know more than a constant answer: what follows is how it"
    frame.drop(columns="ill").to_csv("bare.csv", index=False)
    for table, asked in (
        ("noise.csv", ["--effects"]), ("bare.csv", ["--effects"]), ("bare.csv", ["--row", "3"]),
    ):  # fmt: skip
        code, out, err = cli("explain", "noise", table, *asked)
        assert code == 0, err
        assert " ".join(out.split()).startswith(caution)
        said = json.loads(cli("explain", "noise", table, *asked, "--json")[1])
        assert said["result"]["caution"].startswith(caution)
    assert cli("explain", "noise", "noise.csv", "--effects", "-o", "n.svg")[0] == 0
    with open("n.svg", encoding="utf-8") as file:
        assert "is not shown to know more than" in file.read()
    with open("noise.html", encoding="utf-8") as file:
        page = file.read()
    assert "weighs most" not in page
    assert f"<b>{caution}" in page


def test_rows_with_a_target_say_whether_the_model_knows_something(cli, model, monkeypatch):
    """They decide, not the evaluation of the fit: here the target of new rows is noise."""
    rng = np.random.default_rng(3)
    new = model.assign(dose=np.round(rng.normal(50, 9, 400), 4), ill=rng.choice(["no", "yes"], 400))
    new.to_csv("new.csv", index=False)
    out = cli("explain", "two", "new.csv", "--effects")[1]
    assert out.startswith("The model is not shown to know more than a constant answer")
    assert "trained the model" not in out
    # The table is read once: standard input cannot be read again.
    with open("new.csv", "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read())))
    assert cli("explain", "two", "-", "--effects")[1] == out
    new.drop(columns="ill").to_csv("bare.csv", index=False)
    assert cli("explain", "two", "bare.csv", "--effects")[1].startswith("Effect of each column")


def test_the_page_and_the_terminal_say_the_same_of_the_same_rows(cli, model):
    rng = np.random.default_rng(4)
    new = model.assign(dose=np.round(rng.normal(50, 9, 400), 4))
    new["ill"] = np.where(new["dose"] - 50 + 6 * rng.normal(size=400) > 2, "yes", "no")
    new.to_csv("new.csv", index=False)
    effects = json.loads(cli("explain", "two", "new.csv", "--effects", "--json")[1])["result"]
    code, out, err = cli("evaluate", "two", "new.csv", "--json")
    assert code == 0, err
    curves = json.loads(out)["result"]["judgement"]["sections"]["effects"]["curves"]
    of_page = {each["column"]: each["sentence"] for each in curves}
    of_terminal = {each["column"]: each["sentence"] for each in effects["effects"]["effects"]}
    assert of_page == of_terminal
    assert len(of_page) == 2


def test_some_columns_and_another_kind(cli, model):
    code, out, err = cli(
        "explain", "number", "number.csv", "--effects", "--column", "dose", "--kind", "pdp"
    )
    assert code == 0, err
    assert "partial dependence (PDP)" in out
    assert "city" not in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--effects", "-o", "x.txt"], "let the name end in one of .csv, .json, .png, .svg"),
        (["--effects", "--column", "nose"], 'The model has no column "nose"'),
        (["--effects", "--column", "flat"], "flat: 100 % of the rows have the value 1"),
        (["--effects", "--kind", "ice"], '"ale", "pdp" or "auto"'),
        (["--effects", "--row", "3"], "--row is for another question than --effects"),
        (["--effects", "--set", "dose=3"], "--set is for another question than --effects"),
        (["--effects", "--refit"], "--refit is for another question than --effects"),
        (["--kind", "pdp"], "give --effects --kind"),
    ],
)
def test_what_does_not_fit_together_is_refused(cli, model, options, said):
    code, out, err = cli("explain", "two", "two.csv", *options)
    assert code == (1 if "flat" in options else 2)
    assert out == ""
    assert said in " ".join(err.split())


def test_few_rows_are_refused(cli, model):
    model.assign(ill="yes").iloc[:30].to_csv("few.csv", index=False)
    code, _, err = cli("explain", "two", "few.csv", "--effects")
    assert code == 1
    assert "30 rows are too few for effect curves" in err


def test_curves_of_a_weighted_fit_use_the_weights_or_say_that_they_do_not(cli, model):
    frame = pd.read_csv("two.csv").assign(w=np.linspace(0.5, 1.5, len(model)))
    frame.to_csv("weighted.csv", index=False)
    code, _, err = cli(
        "fit", "weighted.csv", "--target", "ill", "-o", "weighted", "--epochs", "3", "--hidden",
        "2", "--no-trees", "-q", "--weight-column", "w",
    )  # fmt: skip
    assert code == 0, err
    code, out, err = cli("explain", "weighted", "weighted.csv", "--effects")
    assert code == 0, err
    assert "Rows count by their weights" in " ".join(out.split())
    frame.drop(columns="w").to_csv("bare.csv", index=False)
    out = cli("explain", "weighted", "bare.csv", "--effects")[1]
    assert "Here each row counts once, so these curves are not" in " ".join(out.split())
    assert "counts once" not in cli("explain", "two", "two.csv", "--effects")[1]


def test_a_row_of_weight_2_is_two_rows_in_curves_and_their_intervals(cli, model):
    frame = pd.read_csv("two.csv").assign(w=np.random.default_rng(2).integers(0, 3, len(model)))
    frame.to_csv("weights.csv", index=False)
    repeated = frame.loc[np.repeat(frame.index, frame["w"])].drop(columns="w")
    repeated.to_csv("repeated.csv", index=False)
    asked = ("--effects", "--json")
    code, out, err = cli("explain", "two", "weights.csv", *asked, "--weight-column", "w")
    assert code == 0, err
    of_weights, of_rows = (
        json.loads(each)["result"]["effects"]
        for each in (out, cli("explain", "two", "repeated.csv", *asked)[1])
    )
    alone = json.loads(cli("explain", "two", "weights.csv", *asked)[1])["result"]["effects"]
    assert of_weights["rows"] == of_rows["rows"] == frame["w"].sum()
    assert alone["effects"][0]["mean"] != of_rows["effects"][0]["mean"]
    for one, other in zip(of_weights["effects"], of_rows["effects"], strict=True):
        assert one["x"] == other["x"]
        assert one["sentence"] == other["sentence"]
        for key in ("mean", "low", "high", "rows_in_bin"):
            assert one[key] == pytest.approx(other[key], rel=1e-5), key


def test_groups_of_rows_make_intervals_of_curves_wider(cli, model):
    frame = pd.read_csv("two.csv")
    again = pd.concat([frame.assign(person=range(400))] * 3)
    again.to_csv("persons.csv", index=False)

    def width(*options):
        out = cli("explain", "two", "persons.csv", "--effects", "--json", *options)[1]
        curve = json.loads(out)["result"]["effects"]["effects"][0]
        return np.subtract(curve["high"], curve["low"]).mean()

    # Three equal rows of a person say as much as one: √3 as wide.
    assert width("--group", "person") / width() == pytest.approx(np.sqrt(3), rel=0.15)
