"""``thalweg evaluate``: a saved model on a table, and training settings on a table alone."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from thalweg.data.read import load_table
from thalweg.persistence.model_file import load_model

QUICK = ("--epochs", "3", "--hidden", "4", "--bins", "0")


def test_a_saved_model_on_a_table(cli, tmp_path):
    table = load_table("wisconsin")
    frame = table.frame.assign(grade=table.target)
    frame[:400].to_csv("first.csv", index=False)
    frame[400:].to_csv("rest.csv", index=False)
    cli("fit", "first.csv", "--target", "grade", "--positive", "malignant", "-o", "m", *QUICK)
    code, out, err = cli("evaluate", "m", "rest.csv", "--json")
    assert code == 0
    assert err == ""
    network = json.loads(out)["result"]["judgement"]["network"]
    model, rest = load_model("m"), table.frame[400:]
    # Many of these rows equal training rows, whose cells are a few whole numbers.
    digests = model._known.row_digests
    left = ~digests.know(digests.of_rows(model.schema_.matrix(rest)))
    known = {tuple(row) for row in table.frame[:400].fillna(-1).to_numpy()}
    equal = np.array([tuple(row) in known for row in rest.fillna(-1).to_numpy()])
    taught = pd.Series(equal).sum()
    assert 30 < left.sum() < 299 - taught / 2
    p = model.predict_proba(rest)[left, 1]
    truth = (table.target[400:] == "malignant").to_numpy()[left]
    assert network["metrics"]["log_loss"]["value"] == pytest.approx(log_loss(truth, p), rel=1e-12)
    assert network["metrics"]["auc"]["value"] == pytest.approx(roc_auc_score(truth, p), rel=1e-12)
    assert network["confusion"]["false_negative"] == np.sum(truth & (p <= 0.5))
    code, out, _ = cli("evaluate", "m", "rest.csv")
    assert code == 0
    assert f"A saved model, evaluated on {left.sum()} rows" in out
    assert (
        "of these 299 rows may be training rows of the model or equal one: the short hashes"
        in " ".join(out.split())
    )
    assert f"log-loss      {log_loss(truth, p):.3f} [" in out


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("target", ["ill", "dose"])
@pytest.mark.parametrize("n_rows", [2, 3, 5, 6])
def test_fewer_than_six_rows_say_that_they_cannot_judge(cli, target, n_rows):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=80)})
    frame[target] = np.where(np.arange(80) % 2, "a", "b") if target == "ill" else frame["x"] * 2
    frame.to_csv("all.csv", index=False)
    frame[:n_rows].to_csv("few.csv", index=False)
    assert cli("fit", "all.csv", "--target", target, "-o", "m", *QUICK)[0] == 0
    out = " ".join(cli("evaluate", "m", "few.csv")[1].split())
    caution = f"CAUTION: {n_rows} test rows cannot judge a model"
    assert (caution in out) == (n_rows < 6)


def test_a_fit_on_few_rows_says_that_its_test_rows_cannot_judge(cli):
    frame = pd.DataFrame({"x": np.arange(12.0), "y": np.where(np.arange(12) % 2, "a", "b")})
    frame.to_csv("t.csv", index=False)
    code, out, _ = cli("fit", "t.csv", "--target", "y", *QUICK, "--early-stopping", "off")
    assert code == 0
    assert "test rows cannot judge a model" in " ".join(out.split())


def test_a_table_alone_by_cross_validation(cli):
    table = load_table("wisconsin")
    few = table.frame.assign(kind=table.target)[:160]
    few.to_csv("few.csv", index=False)
    more = ("--target", "kind", "--folds", "2", "--repeats", "2", "--no-trees", *QUICK)
    arguments = ("evaluate", "few.csv", *more)
    code, out, err = cli(*arguments)
    assert code == 0
    n_ill = int((few["kind"] == "malignant").sum())
    how = f"Evaluated by 2-fold cross-validation, repeated 2 times: {n_ill} malignant, "
    how += f"{160 - n_ill} benign."
    assert how in " ".join(out.split())
    assert "logistic regression" in out
    assert "Repetition 2 of 2 is done." in err
    code, document, _ = cli(*arguments, "--json")
    verdict = json.loads(document)["result"]["judgement"]
    for name in ("log_loss", "auc"):
        assert f" {verdict['network']['metrics'][name]['value']:.3f} " in out
    again = cli(*arguments, "--json")[1]
    assert again == document
    other = cli(*arguments, "--json", "--seed", "1")[1]
    assert json.loads(other)["result"] != json.loads(document)["result"]


def test_settings_reach_the_networks_that_are_judged(cli):
    losses = []
    for hidden in ("none", "8"):
        code, out, _ = cli(
            "evaluate",
            "wisconsin",
            "--repeats",
            "1",
            "--hidden",
            hidden,
            "--epochs",
            "5",
            "--folds",
            "2",
            "--bins",
            "0",
            "--no-trees",
            "--json",
        )
        assert code == 0
        losses.append(json.loads(out)["result"]["judgement"]["network"]["metrics"]["log_loss"])
    assert losses[0] != losses[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nowhere.csv"], 1, "nowhere.csv"),
        (["m", "wisconsin", "--hidden", "3"], 2, "without these options"),
        (["m", "wisconsin", "--drop", "mitoses"], 2, "without these options"),
        (["a", "b", "c"], 2, "3 files are too many"),
        (["wisconsin", "wisconsin"], 1, "model file cannot be read"),
        (["wisconsin", "--folds", "1"], 2, "--folds"),
        (["few.csv", "--target", "y"], 1, "too few rows of class"),
        (["m", "other.csv", "--target", "y"], 1, "0 of the model's 9 columns"),
        ([], 2, "TABLE"),
    ],
)
def test_mistakes_get_a_sentence(cli, arguments, code, says):
    if "m" in arguments:
        cli("fit", "wisconsin", "-q", "-o", "m", *QUICK)
    pd.DataFrame({"x": range(8), "y": ["a"] * 6 + ["b"] * 2}).to_csv("few.csv", index=False)
    pd.DataFrame({"x": range(4), "y": ["maybe", "benign"] * 2}).to_csv("other.csv", index=False)
    found, out, err = cli("evaluate", *arguments)
    assert found == code
    assert out == ""
    assert any(words in err for words in says.split("|")), err
    assert "Traceback" not in err
