"""`thalweg explain` without ``--row``: which columns a saved model leans on."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.reporting.importance.importance_lines import importance_lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model, later rows with the target, and the table of the fit, as files."""
    path, random = tmp_path_factory.mktemp("whole"), np.random.default_rng(0)
    X = pd.DataFrame({"dose": random.normal(5, 1, 500).round(3)})
    X["twin"] = (X["dose"] + 0.1 * random.normal(size=500)).round(3)
    X["town"] = random.choice(["Bern", "Oslo"], 500)
    X["noise"] = random.normal(size=500).round(3)
    z = 2 * (X["dose"] - 5) + (X["town"] == "Oslo")
    X["ill"] = np.where(random.random(500) < 1 / (1 + np.exp(-z)), "yes", "no")
    X["person"] = np.arange(500) // 2
    said = {"hidden_layer_sizes": (16,), "preset": "quick", "random_state": 0}
    features = X.drop(columns=["ill", "person"])
    ThalwegClassifier(**said, positive="yes").fit(features[:300], X["ill"][:300]).save(
        path / "m.safetensors"
    )
    ThalwegRegressor(**said).fit(features[["twin", "noise"]], X["dose"]).save(
        path / "r.safetensors"
    )
    quick = {**said, "max_iter": 3, "n_folds": 2, "early_stopping": "folds"}
    ThalwegClassifier(**quick, positive="yes").fit(features[:300], X["ill"][:300]).save(
        path / "q.safetensors"
    )
    X[:300].to_csv(path / "fit.csv", index=False)
    X[300:].to_csv(path / "later.csv", index=False)
    X.to_csv(path / "all.csv", index=False)
    return path


def ask(cli, folder, table, *said, model="m"):
    file = folder / f"{model}.safetensors"
    return cli("explain", file, folder / table, "--target", "ill", *said)


def test_terminal_json_file_and_python_have_the_same_numbers(cli, folder):
    code, out, err = ask(cli, folder, "later.csv", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert data["seed"] == 0
    section = data["result"]["importance"]
    model = thalweg.load_model(folder / "m.safetensors")
    later = pd.read_csv(folder / "later.csv")
    found = thalweg.importance(model, later, later["ill"])
    assert [line["value"] for line in section["lines"]] == found["value"].tolist()
    assert [line["name"] for line in section["lines"]] == found["column"].tolist()
    assert section["title"].startswith("What the network leans on: dose, twin together")
    code, out, _ = ask(cli, folder, "later.csv")
    assert code == 0
    lines = out.rstrip().split("\n")
    assert max(map(len, lines)) <= 80
    for bar in importance_lines(section):
        assert bar in lines
    assert "because another column says the same" in out
    assert "What the network leans on" in out
    code, _, err = ask(cli, folder, "later.csv", "-o", folder / "found.csv")
    assert code == 0
    assert "Wrote the importance of the columns to" in err.replace("\n", " ")
    with open(folder / "found.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["value"]) for row in rows] == found["value"].tolist()
    assert rows[0]["members"] == "dose, twin"


def test_rows_of_the_fit_are_left_out_or_answered_by_their_folds(cli, folder):
    used = {}
    for table in ("fit.csv", "all.csv", "later.csv"):
        code, out, _ = ask(cli, folder, table, "--json")
        assert code == 0
        used[table] = json.loads(out)["result"]["importance"]["found"]
    assert used["fit.csv"]["how"] == "stopped on these rows"
    assert used["fit.csv"]["n_rows"] == 300
    assert used["later.csv"]["how"] == used["all.csv"]["how"] == "test"
    assert used["later.csv"]["n_rows"] == 200
    assert 50 < used["all.csv"]["n_rows"] < 200


def test_refits_groups_and_dependent_rows(cli, folder):
    code, out, _ = ask(
        cli, folder, "later.csv", "--refit", "--groups", "town,noise", "--group", "person",
        "--seed", "3", "--json", model="q",
    )  # fmt: skip
    assert code == 0
    data = json.loads(out)
    section = data["result"]["importance"]
    assert data["seed"] == 3
    assert {line["name"] for line in section["lines"] if line["kind"] == "group"} == {"town, noise"}
    by_name = {line["name"]: line for line in section["lines"]}
    assert by_name["town, noise"]["without"]["value"] is not None
    assert "belong to 100 groups" in " ".join(data["data"]["notes"])
    code, out, _ = ask(cli, folder, "later.csv", "--groups", "none", "--refit", model="q")
    assert code == 0
    assert "without" in out
    assert max(map(len, out.split("\n"))) <= 80
    assert "together" not in out.split("\n\n", maxsplit=2)[1]


def test_a_number_is_measured_by_its_squared_error(cli, folder):
    code, out, _ = cli("explain", folder / "r.safetensors", folder / "all.csv", "--target", "dose")
    assert code == 0
    assert "rise, squared error" in out


@pytest.mark.parametrize(
    ("table", "said", "message"),
    [
        ("later.csv", ("--row", "3", "--refit"), "--refit has no meaning with --row"),
        ("later.csv", ("--against", "3"), "--against has no meaning without --row"),
        ("later.csv", ("--below", "0"), "--below has no meaning without --row"),
        ("later.csv", ("--groups", "dose,twni"), "no column 'twni'"),
        ("later.csv", ("--drop-row", "1-160"), "at least 50 are needed"),
        ("later.csv", ("--target", "town"), "classes that the model does not know"),
    ],
)
def test_errors_say_the_fix(cli, folder, table, said, message):
    code, _, err = cli(
        "explain", folder / "m.safetensors", folder / table,
        *(() if "--target" in said or "--row" in said else ("--target", "ill")), *said,
    )  # fmt: skip
    # What was typed wrongly has the exit code of a wrong use, as with --change.
    assert code == (1 if {"--drop-row", "--target"} & {*said} else 2)
    assert message in err.replace("\n", " ")
    assert "Fix: " in err


def test_small_rises_leave_no_line_longer_than_the_terminal(cli, folder):
    section = json.loads(ask(cli, folder, "later.csv", "--json")[1])["result"]["importance"]
    for line in section["lines"]:
        for end in ("value", "low", "high"):
            line[end] = -0.0123 if end == "low" else 0.0456
    lines = importance_lines(section)
    assert max(map(len, lines)) <= 80
    assert "0.0456 (-0.0123 to 0.0456)" in lines[1]
    section["found"]["measure"], section["found"]["unit"] = "pinball loss at 0.8", ""
    for line in section["lines"]:
        line |= {"value": 10.2, "low": 9.8, "high": 10.6}
    assert max(map(len, importance_lines(section))) <= 80


def test_a_terminal_without_unicode_has_ascii_bars(folder):
    model = thalweg.load_model(folder / "m.safetensors")
    later = pd.read_csv(folder / "later.csv")
    from thalweg.estimators.importance.importance_of_model import find_importance
    from thalweg.evaluation.importance.importance_sentences import importance_section

    section = importance_section(find_importance(model, later, later["ill"]))
    assert "\n".join(importance_lines(section, ascii=True)).isascii()
