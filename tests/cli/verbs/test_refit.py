"""``thalweg fit --refit``: judged on held-out rows, and then trained on all of them."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg.interrupts import Cancellation
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.running.listener import Nobody
from thalweg.persistence.model_file import load_model, read_model, save_model

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--bins", "0")


@pytest.fixture(autouse=True)
def tables(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": np.round(rng.normal(size=100), 3), "b": rng.integers(0, 9, 100)})
    u = frame["a"] + rng.normal(size=100)
    frame.assign(y=np.where(u > 0.3, "ill", "well")).to_csv("two.csv", index=False)
    frame.assign(y=np.round(u, 3)).to_csv("number.csv", index=False)
    frame["a"] += 0.5
    frame.assign(y=np.where(u > 0.3, "ill", "well")).to_csv("new.csv", index=False)
    frame.assign(y=np.round(u, 3)).to_csv("new_number.csv", index=False)


def refit(cli, table="two.csv", *more):
    call = ("fit", table, "--target", "y", *QUICK, "-o", "m", "--refit", *more)
    code, out, err = cli(*call)
    assert code == 0, err
    return out


def test_the_saved_model_is_that_of_all_rows_and_the_judgement_that_of_the_one_before(cli):
    out = refit(cli, "two.csv", "--json", "--predictions", "p.csv")
    result = json.loads(out)["result"]
    plain = cli("fit", "two.csv", "--target", "y", *QUICK, "-o", "before", "--json")[1]
    before = json.loads(plain)["result"]
    assert before["refit"] is None
    assert result["refit"] == result["judgement"]["refit"] == {"n_rows": 100}
    for key in ("network", "baselines", "differences", "n_train", "n_test"):
        assert result["judgement"][key] == before["judgement"][key]
    frame = pd.read_csv("two.csv")
    model = load_model("m")
    own = load_model("before").set_params(early_stopping="auto")
    theirs = own.fit(frame[["a", "b"]], frame["y"])
    assert np.array_equal(model.theta_, theirs.theta_)
    assert model.data_hash_ == theirs.data_hash_ != before["model"]["data_hash"]
    # The file of the test rows is that of the judged model.
    cli("fit", "two.csv", "--target", "y", *QUICK, "--predictions", "q.csv")
    assert Path("p.csv").read_bytes() == Path("q.csv").read_bytes()


def test_everything_says_of_which_model_the_judgement_is(cli):
    pages = [refit(cli, "two.csv", "--report", "r.html"), cli("show", "m")[1]]
    cli("report", "m", "-o", "again.html")
    for name in ("r.html", "again.html"):
        words = re.sub(r"<.*?>", "", Path(name).read_text("utf-8").split("<script")[0])
        pages.append(words)
    for page in pages:
        said = " ".join(page.split())
        assert "The model before the refit on all 100 rows: trained on 80 rows" in said
        assert "All numbers are of the model before, which was trained on 80 rows" in said
        assert "trained with the same settings on all 100 rows, and was not evaluated" in said
    assert read_model("m").judgement["refit"] == {"n_rows": 100}


@pytest.mark.parametrize(("table", "new"), [("two", "new"), ("number", "new_number")])
def test_its_training_rows_may_not_judge_it(cli, table, new):
    refit(cli, f"{table}.csv")
    code, out, err = cli("evaluate", "m", f"{table}.csv", "-q")
    assert (code, out) == (1, "")
    assert "The model was refitted on all of these rows" in err
    code, out, _ = cli("evaluate", "m", f"{new}.csv", "-q")
    assert code == 0
    said = "There is no sign that the model was trained on some of these 100 rows"
    assert said in " ".join(out.split())


@pytest.mark.parametrize("table", ["two", "number"])
def test_training_rows_of_another_model_are_left_out(cli, table):
    code, _, err = cli("fit", f"{table}.csv", "--target", "y", *QUICK, "-o", "m")
    assert code == 0, err
    said = " ".join(cli("evaluate", "m", f"{table}.csv", "-q")[1].split())
    used = "The model was trained on 80 of these 100 rows. Only the other 20 are used."
    assert used in said


def test_with_groups_and_in_time_order(cli):
    frame = pd.read_csv("two.csv")
    frame["who"], frame["when"] = np.arange(100) // 2, np.arange(100)
    frame.to_csv("more.csv", index=False)
    for more in (("--group", "who"), ("--time-column", "when")):
        refit(cli, "more.csv", *more, "--force")
        assert read_model("m").judgement["refit"] == {"n_rows": 100}


def test_a_landscape_repeats_the_training_of_all_rows(cli):
    refit(cli, "two.csv", "--report", "r.html", "--landscape")
    assert Path("r.html").exists()


def test_one_that_is_cancelled_before_it_keeps_the_evaluated_model():
    cancellation, lines = Cancellation(), []

    class Impatient(Nobody):
        def say(self, line):
            lines.append(line)

        def progress(self, step):
            cancellation.ask()

    request = FitRequest(
        table="two.csv", columns=Columns(target="y"), output="m", refit=True,
        settings={"hidden_layer_sizes": (4,), "max_iter": 60},
    )  # fmt: skip
    outcome = fit(request, Impatient(), cancellation)
    assert outcome.result["refit"] is None
    assert "refit" not in read_model("m").judgement
    assert any("Cancelled before the model was trained on all rows" in s for s in lines)


def test_a_file_whose_refit_has_fewer_rows_is_refused(cli):
    refit(cli)
    file = read_model("m")
    odd = {**file.judgement, "refit": {"n_rows": 79}}
    with pytest.raises(Exception, match="trained again on fewer rows"):
        save_model(file.model, "odd", target="y", judgement=odd, report=file.report)
