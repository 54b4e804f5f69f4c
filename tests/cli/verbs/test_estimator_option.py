"""``--estimator``: the simpler model by the command that a verdict prints."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from thalweg.evaluation.splits import holdout_split
from thalweg.persistence.model_file import load_model, read_model


@pytest.fixture
def tables(tmp_path):
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(160, 2)), 3)
    u = X[:, 0] + rng.normal(size=160)
    frame = pd.DataFrame(X, columns=["a", "b"])
    frame.assign(state=np.where(u > 0.3, "ill", "well")).to_csv("two.csv", index=False)
    kinds = np.array(["low", "middle", "high"])[np.digitize(u, [-0.5, 0.8])]
    frame.assign(state=kinds).to_csv("kinds.csv", index=False)
    frame.assign(state=u).to_csv("sizes.csv", index=False)
    return X, u


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize(
    ("table", "estimator", "subject"),
    [
        ("two.csv", "logistic", "logistic regression"),
        ("kinds.csv", "logistic", "logistic regression"),
        ("sizes.csv", "ridge", "ridge regression"),
    ],
)
def test_the_simpler_model_has_file_report_and_predictions(cli, tables, table, estimator, subject):
    call = ("fit", table, "--target", "state", "--estimator", estimator, "-q")
    code, out, err = cli(*call, "-o", "m", "--report", "r.html", "--force")
    assert code == 0, err
    said = " ".join(out.split())
    assert f"Estimator {subject}: 2 inputs" in said
    assert f"This model is {subject} itself, and no network: on these" in said
    assert not re.search(rf"network (is|and) .*{subject}", said)
    assert "the network" not in said.lower()
    shown = " ".join(cli("show", "m")[1].split())
    assert f"This model is {subject} itself" in shown
    page = Path("r.html").read_text("utf-8")
    assert "it had never seen, the network" not in page
    assert read_model("m").judgement["subject"] == subject
    code, out, _ = cli("predict", "m", table, "-q")
    assert code == 0
    model, frame = load_model("m"), pd.read_csv(table)
    E = model.members_[0].encoder.encode(model.schema_.matrix(frame[["a", "b"]]))
    found = pd.read_csv(io.StringIO(out))
    trained = train_rows(frame)
    if estimator == "ridge":
        theirs = Ridge(1.0).fit(E[trained], frame["state"][trained]).predict(E)
        low, high = frame["state"][trained].min(), frame["state"][trained].max()
        assert found["prediction"].to_numpy() == pytest.approx(np.clip(theirs, low, high), abs=1e-4)
    else:
        theirs = LogisticRegression(tol=1e-10, max_iter=9999).fit(
            E[trained], frame["state"][trained]
        )
        ours = found.filter(like="p_").to_numpy()
        assert ours == pytest.approx(theirs.predict_proba(E), abs=1e-4)


def train_rows(frame):
    y = frame["state"]
    strata = np.full(len(y), "any") if y.dtype == float else y.to_numpy(object)
    return holdout_split(frame[["a", "b"]].to_numpy(), strata, seed=0)[0]


def test_evaluate_cross_validates_it(cli, tables):
    call = ("evaluate", "two.csv", "--target", "state", "--repeats", "1", "-q")
    code, out, err = cli(*call, "--estimator", "logistic", "--json")
    assert code == 0, err
    judged = json.loads(out)["result"]["judgement"]
    assert judged["subject"] == "logistic regression"
    ours, theirs = judged["network"]["metrics"], judged["baselines"]["logistic regression"]
    difference = ours["log_loss"]["value"] - theirs["metrics"]["log_loss"]["value"]
    assert abs(difference) < 1e-4
    assert "This model is logistic regression itself" in judged["sentence"]


def test_a_network_has_no_subject_and_a_saved_model_its_own(cli, tables):
    quick = ("--hidden", "4", "--epochs", "3")
    code, out, _ = cli("fit", "two.csv", "--target", "state", *quick, "--json")
    assert code == 0
    result = json.loads(out)["result"]
    assert "subject" not in result["judgement"]
    assert result["model"]["subject"] == "the network"
    cli("fit", "two.csv", "--target", "state", "--estimator", "logistic", "-o", "m", "-q")
    code, out, _ = cli("evaluate", "m", "two.csv", "--json")
    assert json.loads(out)["result"]["judgement"]["subject"] == "logistic regression"


def test_without_hidden_layers_but_with_bins_it_is_not_called_a_network(cli, tables):
    code, out, _ = cli("fit", "two.csv", "--target", "state", "--hidden", "none", "-q")
    assert code == 0
    said = " ".join(out.split())
    assert "the model without hidden layers" in said.lower()
    assert "the network" not in said.lower()
    assert "; the mean of 5 such models" in said


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("fit sizes.csv --target state --estimator logistic", "take --estimator ridge, or say"),
        ("fit two.csv --target state --estimator ridge", "take --estimator logistic, or say"),
        ("fit two.csv --target state --estimator tree", "take one of network, logistic, ridge"),
        (
            "fit two.csv --target state --estimator logistic --hidden 8 --bins 4",
            "leave out --hidden, --bins, or leave out --estimator",
        ),
        ("evaluate m two.csv --estimator logistic", "--estimator"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_fix(cli, tables, line, says):
    code, out, err = cli(*line.split())
    assert code == 2
    assert out == ""
    assert says in " ".join(err.split())


def test_the_penalty_and_the_costs_may_be_set(cli, tables):
    call = ("fit", "two.csv", "--target", "state", "--estimator", "logistic", "-q", "--json")
    code, out, err = cli(*call, "--alpha", "0.5", "--class-weight", "ill=5,well=1")
    assert code == 0, err
    settings = json.loads(out)["result"]["model"]["training"]["settings"]
    assert (settings["alpha"], settings["class_weight"]) == (0.5, {"ill": 5.0, "well": 1.0})
