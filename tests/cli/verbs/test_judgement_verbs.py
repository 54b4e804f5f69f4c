"""All verbs say the same about a network and simpler models."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from places import MODELS
from thalweg import load_model

QUICK = ("--hidden", "4", "--epochs", "8", "--early-stopping", "off", "--bins", "0", "-q")


@pytest.fixture
def tables(tmp_path):
    rng = np.random.default_rng(0)
    X = np.round(rng.normal(size=(300, 2)), 3)
    u = X[:, 0] + rng.normal(size=300)
    frame = pd.DataFrame(X, columns=["a", "b"])
    frame.assign(state=np.where(u > 0.3, "ill", "well")).to_csv("two.csv", index=False)
    bent = u + 0.15 * (X[:, 1] ** 2 - 1)
    frame.assign(state=np.where(bent > 0.3, "ill", "well")).to_csv("bent.csv", index=False)
    kinds = np.array(["low", "middle", "high"])[np.digitize(u, [-0.5, 0.8])]
    frame.assign(kind=kinds).to_csv("kinds.csv", index=False)
    frame.assign(size=u).to_csv("sizes.csv", index=False)


def judged(cli, *call):
    code, out, err = cli(*call, "--json")
    assert code == 0, err
    return json.loads(out)["result"]["judgement"]


def page_of(path):
    words = re.sub(r"<.*?>", "", Path(path).read_text("utf-8").split("<script")[0])
    return " ".join(words.split())


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("given", "ran"),
    [
        (
            ("--learning-rate-init", "0.01"),
            "adam:lr=0.01,beta_2=0.95,schedule=cosine,average=2,scales=6",
        ),
        (("--optimizer", "adam:lr=0.001"), "adam:lr=0.001"),
    ],
)
def test_the_optimizer_that_ran_is_printed_everywhere(cli, tables, given, ran):
    call = ("two.csv", "--target", "state", *QUICK, "-o", "m", "--report", "r.html")
    code, out, _ = cli("fit", *call, *given)
    assert code == 0
    for said in (out, cli("show", "m")[1]):
        assert re.search(r"^Optimizer +(\S+); batches", said, re.MULTILINE)[1] == ran
    cli("report", "m", "-o", "again.html")
    for page in ("r.html", "again.html"):
        assert re.findall(r"adam:[^; ]+?(?=[;,] )", page_of(page)) == [ran, ran]
    shown = load_model("m")._repr_mimebundle_()["text/html"]
    assert f"<dt>Optimizer</dt><dd>{ran}</dd>" in shown


def test_an_interval_that_merely_holds_0_shows_no_difference(cli, tables):
    """Two columns, 60 held-out rows: neither model is shown to be better, nor both to be equal."""
    small = ("--hidden", "16", "--epochs", "40", "--bins", "0", "--dropout", "0")
    call = ("bent.csv", "--target", "state", *small, "--alpha", "0.1", "--seed", "1", "-q")
    code, out, _ = cli("fit", *call, "-o", "m", "--report", "r.html")
    assert code == 0
    said = " ".join(out.split())
    words = "These 60 test rows do not show whether the network or logistic regression is better"
    assert words in said
    assert "equally good on" not in said
    assert "Prefer" not in said
    assert words in page_of("r.html")
    assert "These 60 rows do not show whether the network or" in page_of("r.html")
    assert words in " ".join(cli("show", "m")[1].split())
    for asked in (("fit", *call), ("show", "m")):
        found = judged(cli, *asked)["differences"]["logistic regression"]
        assert found["verdict"] == "undecided"
        assert found["low"] < 0 < found["high"]
        assert max(-found["low90"], found["high90"]) > found["margin"] == 0.01


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_costs_call_the_rows_of_every_model(cli, tables, verb):
    folds = ("--folds", "2", "--repeats", "1") if verb == "evaluate" else ()
    call = (verb, "two.csv", "--target", "state", "--positive", "ill", *folds, *QUICK)
    weights = ("--class-weight", "ill=5,well=1")
    verdict = judged(cli, *call, *weights)
    thresholds = {
        name: each["threshold"]
        for name, each in ({"network": verdict["network"]} | verdict["baselines"]).items()
    }
    assert set(thresholds.values()) == {1 / 6}, thresholds
    out = cli(*call, *weights)[1]
    said = " ".join(out.split())
    assert "Network and baselines call a row ill above a probability of 0.1667." in said
    # A constant prediction follows the costs, too, and is then not the more common class.
    assert 'So "always the commoner class" calls every row ill; it gives all rows one ' in said
    plain = judged(cli, *call)
    for name, each in plain["baselines"].items():
        assert each["threshold"] == 0.5
        assert each["confusion"] != verdict["baselines"][name]["confusion"]


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_costs_call_the_rows_of_every_model_of_several_classes(cli, tables, verb):
    folds = ("--folds", "2", "--repeats", "1") if verb == "evaluate" else ()
    call = (verb, "kinds.csv", "--target", "kind", *folds, *QUICK, "--class-weight", "low=4")
    verdict = judged(cli, *call)
    for each in (verdict["network"], *verdict["baselines"].values()):
        assert each["costs"] == [1, 4, 1]
    said = " ".join(cli(*call)[1].split())
    rule = "the class with the largest product of cost and probability (costs: high 1, low 4"
    assert rule in said


def test_numbers_are_compared_with_a_margin_in_their_units(cli, tables):
    verdict = judged(cli, "fit", "sizes.csv", "--target", "size", *QUICK)
    for name, each in verdict["differences"].items():
        rmse = verdict["baselines"][name]["metrics"]["rmse"]["value"]
        assert each["margin"] == pytest.approx(rmse / 100)
        assert each["measure"] == "RMSE"


def test_a_margin_and_no_trees_are_asked_for(cli, tables):
    call = ("sizes.csv", "--target", "size", *QUICK)
    folds = ("--folds", "2", "--repeats", "1")
    for verb, more in (("fit", ()), ("evaluate", folds)):
        verdict = judged(cli, verb, *call, *more, "--margin", "3", "--no-trees")
        assert "boosted trees" not in verdict["baselines"]
        for name, each in verdict["differences"].items():
            rmse = verdict["baselines"][name]["metrics"]["rmse"]["value"]
            assert each["margin"] == pytest.approx(3 * rmse, rel=0.05 if more else 1e-9)
            assert (each["margin_from"], each["n_folds"]) == ("asked", 2 if more else None)
            assert (each["chances"] is None) == (not more)
        if more:
            words = "corrected resampled t over 2 folds. The probability that the network is better"
            assert words in verdict["sentence"].replace(")", "")
        assert "(300 % of the RMSE of ridge regression)" in verdict["sentence"]
    assert "boosted trees" in judged(cli, "fit", *call)["baselines"]


def test_a_margin_that_is_none_is_refused_before_anything_is_read(cli, tables):
    for verb in ("fit", "evaluate"):
        for margin in ("0", "-1", "nan", "inf"):
            code, _, err = cli(verb, "not-there.csv", "--target", "y", "--margin", margin)
            assert code == 2
            assert "not a number above 0" in err
            assert "Fix: give --margin 0.01, for example." in " ".join(err.split())


def test_a_saved_model_is_compared_with_nothing(cli, tables):
    call = ("two.csv", "--target", "state", "--positive", "ill", *QUICK)
    assert cli("fit", *call, "-o", "m", "-q")[0] == 0
    for more in (("--margin", "0.1"), ("--no-trees",)):
        code, _, err = cli("evaluate", "m", "two.csv", *more)
        assert code == 2
        assert f"{more[0]} is about the comparison with baselines" in " ".join(err.split())
        assert f"Fix: leave out {more[0]}, or name the table alone" in " ".join(err.split())


def test_the_report_speaks_of_the_class_that_is_looked_for(cli, tables):
    code, _, err = cli(
        "fit", "two.csv", "--target", "state", "--positive", "ill", *QUICK, "--report", "r.html"
    )
    assert code == 0, err
    data = re.search(r'id="report">(.*?)</script>', Path("r.html").read_text("utf-8"), re.S)[1]
    assert json.loads(data)["network"]["logit_of"] == "ill"


def test_a_trace_speaks_of_the_class_that_is_looked_for(cli, tables):
    """The network computes the log-odds of the other class, as the trace does: both are said."""
    call = ("fit", "two.csv", "--target", "state", *QUICK, "--force", "-o", "m")
    assert cli(*call, "--positive", "ill")[0] == 0
    said = " ".join(cli("trace", "m", "two.csv", "--row", "3")[1].split())
    both = r"probability of ill (\S+) \(the network computes the probability of well (\S+)\)"
    ill, well = re.search(both, said).groups()
    assert float(well) + float(ill) == pytest.approx(1, abs=1e-5)
    assert cli(*call, "--positive", "well")[0] == 0
    assert "(the network computes" not in cli("trace", "m", "two.csv", "--row", "3")[1]


@pytest.mark.parametrize("table", ["two.csv", "kinds.csv", "sizes.csv"])
def test_no_page_ranks_columns_by_weights(cli, tables, table):
    target = {"two.csv": "state", "kinds.csv": "kind", "sizes.csv": "size"}[table]
    code, _, err = cli("fit", table, "--target", target, *QUICK, "--report", "r.html")
    assert code == 0, err
    words = page_of("r.html")
    for claim in ("heaviest", "strongest", "of all paths", "share of paths", "% of paths"):
        assert claim not in words.lower(), claim
    html = Path("r.html").read_text("utf-8")
    assert "shares" not in json.loads(re.search(r'id="report">(.*?)</script>', html, re.S)[1]).get(
        "network", {}
    )
    sections = re.findall(r'<section id="(\w+)"', html)
    assert sections[0] == {"two.csv": "roc", "kinds.csv": "classes"}.get(table, "residuals")
    assert "metrics" in sections
    assert sections[-4:] == ["training", "table", "network", "made"]
    assert "<details>" in html[html.index('<section id="network"') :]


# ---- older files


@pytest.mark.parametrize("kind", ["two-classes", "several-classes", "numbers"])
def test_a_model_that_was_judged_before_says_what_it_knows(cli, tmp_path, kind):
    path = str(MODELS / f"judged-before-{kind}.safetensors")
    rival = "ridge regression" if kind == "numbers" else "logistic regression"
    verdict = judged(cli, "show", path)
    assert set(verdict["differences"]) == {rival}
    assert verdict["differences"][rival]["verdict"] == "worse"
    for out in (cli("show", path)[1], page_of_report(cli, path)):
        said = " ".join(out.split())
        assert f"CAUTION: {rival} is better than the network on these 30 test rows" in said
        assert "did not save the difference from a constant prediction" in said
        assert "nan" not in said.split()
        if kind != "numbers":  # the network went by its costs, and the baselines did not
            assert "what they call cannot be compared" in said


def page_of_report(cli, path):
    code, _, err = cli("report", path, "-o", "old.html", "--force")
    assert code == 0, err
    return page_of("old.html")
