"""``--predictions FILE`` of fit and evaluate: what was predicted for rows that were held out."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from thalweg.jobs.predictions.predicted_columns import predicted
from thalweg.persistence.model_file import load_model

QUICK = (
    "--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--early-stopping", "off", "--bins", "0",
)  # fmt: skip


@pytest.fixture(autouse=True)
def tables(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": np.round(rng.normal(size=120), 3), "b": rng.integers(0, 9, 120)})
    u = frame["a"] + rng.normal(size=120)
    frame["patient"] = [f"p{row:03}" for row in range(120)]
    frame.assign(y=np.where(u > 0.3, "ill", "well")).to_csv("two.csv", index=False)
    kinds = np.array(["low", "middle", "high"])[np.digitize(u, [-0.5, 0.8])]
    frame.assign(y=kinds).to_csv("three.csv", index=False)
    frame.assign(y=np.round(u, 3)).to_csv("number.csv", index=False)


def run(cli, *arguments):
    code, out, err = cli(*arguments)
    assert code == 0, err
    return out


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("table", ["two", "three", "number"])
def test_fit_writes_its_test_rows(cli, table):
    call = ("fit", f"{table}.csv", "--target", "y", *QUICK, "-o", "m", "--json")
    out = run(cli, *call, "--id", "patient", "--predictions", "p.csv")
    result = json.loads(out)["result"]
    assert result["predictions"] == "p.csv"
    found, frame = pd.read_csv("p.csv"), pd.read_csv(f"{table}.csv")
    assert list(found)[:4] == ["row", "patient", "truth", "prediction"]
    assert len(found) == result["judgement"]["n_test"]
    assert found["row"].is_monotonic_increasing
    at = frame.iloc[found["row"] - 1].reset_index(drop=True)
    assert found["patient"].tolist() == at["patient"].tolist()
    assert found["truth"].tolist() == at["y"].tolist()
    model = load_model("m")
    assert model.schema_.names == ("a", "b")  # the identifier is no input
    assert found["prediction"].tolist() == model.predict(at[["a", "b"]]).tolist()
    metrics = result["judgement"]["network"]["metrics"]
    if table == "number":
        error = np.sqrt(np.mean((found["truth"] - found["prediction"]) ** 2))
        assert metrics["rmse"]["value"] == pytest.approx(error, rel=1e-12)
    else:
        p = found[[f"p_{label}" for label in model.classes_]].to_numpy()
        assert metrics["log_loss"]["value"] == pytest.approx(log_loss(found["truth"], p))


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("table", ["two", "three", "number"])
def test_evaluate_writes_each_row_of_each_repetition(cli, table):
    call = ("evaluate", f"{table}.csv", "--target", "y", *QUICK, "--json", "--drop-row", "3")
    folds = ("--folds", "3", "--repeats", "2", "--id", "patient", "--predictions", "p.csv")
    result = json.loads(run(cli, *call, *folds))["result"]
    found, frame = pd.read_csv("p.csv"), pd.read_csv(f"{table}.csv")
    assert list(found)[:6] == ["row", "patient", "repetition", "fold", "truth", "prediction"]
    assert len(found) == 2 * 119
    for repetition in (1, 2):
        part = found[found["repetition"] == repetition]
        assert part["row"].tolist() == [row for row in range(1, 121) if row != 3]
        assert sorted(part["fold"].unique()) == [1, 2, 3]
        at = frame.iloc[part["row"] - 1]
        assert part["truth"].tolist() == at["y"].tolist()
        assert part["patient"].tolist() == at["patient"].tolist()
    folds_of = [found[found["repetition"] == each]["fold"].tolist() for each in (1, 2)]
    assert folds_of[0] != folds_of[1]
    metrics = result["judgement"]["network"]["metrics"]
    parts = [each for _, each in found.groupby("repetition")]
    if table == "number":
        errors = [np.sqrt(np.mean((each["truth"] - each["prediction"]) ** 2)) for each in parts]
        assert metrics["rmse"]["value"] == pytest.approx(np.mean(errors))
    else:
        columns = [f"p_{label}" for label in sorted(frame["y"].unique())]
        losses = [log_loss(each["truth"], each[columns]) for each in parts]
        assert metrics["log_loss"]["value"] == pytest.approx(np.mean(losses))


def test_evaluate_writes_the_rows_that_a_saved_model_is_evaluated_on(cli):
    fit = ("fit", "two.csv", "--target", "y", *QUICK, "-o", "m")
    run(cli, *fit, "--id", "patient", "--predictions", "fit.csv")
    call = ("evaluate", "m", "two.csv", "--id", "patient", "--predictions", "p.csv", "-q")
    judged = json.loads(run(cli, *call, "--json"))["result"]["judgement"]
    found, frame = pd.read_csv("p.csv"), pd.read_csv("two.csv")
    assert list(found) == ["row", "patient", "truth", "prediction", "p_ill", "p_well"]
    # The rows that trained the model are in neither file.
    assert found["row"].tolist() == pd.read_csv("fit.csv")["row"].tolist()
    assert len(found) == judged["n_test"] < len(frame)
    loss = judged["network"]["metrics"]["log_loss"]["value"]
    assert loss == pytest.approx(log_loss(found["truth"], found[["p_ill", "p_well"]]))
    at = frame.iloc[found["row"] - 1]
    assert found["truth"].tolist() == at["y"].tolist()
    assert found["patient"].tolist() == at["patient"].tolist()
    p = load_model("m").predict_proba(at[["a", "b"]])
    assert found[["p_ill", "p_well"]].to_numpy().tolist() == p.tolist()
    code, _, err = cli(*call)
    assert code == 1
    assert "--force" in err
    run(cli, *call, "--force")


def test_a_class_that_a_model_does_not_know_has_probability_0(cli):
    run(cli, "fit", "two.csv", "--target", "y", "--drop", "patient", *QUICK, "-o", "m")
    model, frame = load_model("m"), pd.read_csv("two.csv")[["a", "b"]]
    made = predicted(model, frame, np.array(["ill", "late", "well"]))
    assert made.columns == ["prediction", "p_ill", "p_late", "p_well"]
    found = np.array([row[1:] for row in made.rows])
    assert found[:, [0, 2]].tolist() == model.predict_proba(frame).tolist()
    assert (found[:, 1] == 0).all()


def test_a_formula_is_protected(cli):
    frame = pd.read_csv("two.csv")
    frame["patient"] = '=HYPERLINK("x")'
    frame["y"] = np.where(frame["y"] == "ill", "@ill", "well")
    frame.to_csv("odd.csv", index=False)
    call = ("fit", "odd.csv", "--target", "y", *QUICK, "--id", "patient", "--predictions", "p.csv")
    run(cli, *call)
    for line in Path("p.csv").read_text("utf-8").splitlines()[1:]:
        assert ""","'=HYPERLINK(""x"")",""" in line
        assert ",@ill" not in line


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("fit two.csv --target y --id patient", "name a file with --predictions"),
        ("evaluate two.csv --target y --id patient", "name a file with --predictions"),
        ("evaluate m two.csv --id patient", "name a file with --predictions"),
        ("fit odd.csv --target y --predictions p.csv --id p_ill", "a column of the predictions"),
        (
            "evaluate odd.csv --target y --predictions p.csv --id fold",
            "a column of the predictions",
        ),
        ("fit two.csv --target y --predictions p.xlsx", "write --predictions p.csv"),
        ("evaluate two.csv --target y --predictions p.xlsx", "write --predictions p.csv"),
        ("fit two.csv --target y --predictions -", "name a file after --predictions"),
        ("evaluate two.csv --target y --predictions -", "name a file after --predictions"),
        ("fit two.csv --target y --predictions p.csv -o p.csv", "would replace the file of"),
        ("evaluate two.csv --target y --predictions two.csv --force", "would replace what is read"),
    ],
)
def test_a_mistake_is_said_before_anything_is_trained(cli, line, says):
    pd.read_csv("two.csv").assign(p_ill="a", fold="b").to_csv("odd.csv", index=False)
    before = set(Path().iterdir())
    code, out, err = cli(*line.split())
    assert "Training" not in err
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())
    assert {*Path().iterdir()} == before
