"""``thalweg explain --effects``: the same numbers on the terminal, in files and in Python."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg.persistence.model_file import load_model


@pytest.fixture
def model(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 200), 1), "flat": 1})
    frame["city"] = rng.choice(["Bern", "Graz"], 200)
    u = frame["dose"] - 50 + 6 * rng.normal(size=200)
    frame.assign(ill=np.where(u > 2, "yes", "no")).to_csv("two.csv", index=False)
    frame.assign(cost=np.round(40 + u, 2)).to_csv("number.csv", index=False)
    for name, target in (("two", "ill"), ("number", "cost")):
        code, _, err = cli(
            "fit", f"{name}.csv", "--target", target, "-o", name, "--epochs", "5", "--hidden", "4",
            "--no-trees", "-q",
        )  # fmt: skip
        assert code == 0, err
    return frame


def test_terminal_json_csv_and_python_have_the_same_numbers(cli, model):
    found = thalweg.effects(load_model("two"), model)
    code, out, err = cli("explain", "two", "two.csv", "--effects", "-o", "c.csv")
    assert code == 0, err
    assert out.splitlines() == str(found).splitlines()
    assert max(map(len, out.splitlines())) <= 80
    assert "flat: 100 % of the rows have the value 1" in out
    assert "Wrote 2 effect curves to c.csv." in err
    with open("c.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    frame = found.to_frame()
    assert [float(line["mean"]) for line in lines] == frame["mean"].tolist()
    assert [line["x"] for line in lines] == [str(x) for x in frame["x"]]
    said = json.loads(cli("explain", "two", "two.csv", "--effects", "--json")[1])
    assert said["result"]["effects"] == json.loads(json.dumps(found.as_dict()))
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
        (["--effects", "--row", "3"], "leave out --effects, or --row"),
        (["--effects", "--set", "dose=3"], "leave out --effects, or --row"),
        (["--kind", "pdp"], "give --effects --kind"),
        ([], "--effects for curves of all columns"),
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
