"""A loss of one's own on the command line, from --loss-formula to every verb with a model."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

from forged_formulas import forged_formulas
from thalweg.cli.options.training_options import _LOSS_FORMULA_OPTION

FORMULA = "where(z > y, z - y, 3 * (y - z))"
QUICK = ("--no-trees", "--target", "size", "--hidden", "4", "--epochs", "4", "--bins", "0", "-q")


@pytest.fixture
def table(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(np.round(rng.normal(size=(140, 2)), 3), columns=["a", "b"])
    frame.assign(size=np.round(50 + 9 * frame.a + 5 * rng.normal(size=140), 2)).to_csv(
        "sizes.csv", index=False
    )
    return "sizes.csv"


def trained(cli, table):
    code, out, err = cli("fit", table, *QUICK, "--loss-formula", FORMULA, "-o", "m.safetensors",
                         "--report", "fit.html")  # fmt: skip
    assert code == 0, err
    return out


def test_a_model_says_its_formula_and_is_evaluated_by_it(cli, table):
    out = trained(cli, table)
    assert "own loss" in out
    assert f"formula:{FORMULA}" in " ".join(out.split())
    page = Path("fit.html").read_text("utf-8")
    assert "own loss" in page
    assert " @ " not in page.partition("<script")[0]
    code, out, err = cli("show", "m.safetensors", "--json")
    assert code == 0, err
    assert json.loads(out)["result"]["model"]["loss"] == f"formula:{FORMULA}"
    code, out, err = cli("predict", "m.safetensors", table)
    assert code == 0, err
    assert out.count("\n") == 141


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        ("evaluate", "m.safetensors", "sizes.csv"),
        ("explain", "m.safetensors", "sizes.csv", "--row", "1"),
        ("trace", "m.safetensors", "sizes.csv", "--row", "1"),
        ("trace", "m.safetensors", "sizes.csv", "--row", "1", "-o", "trace.html"),
        ("trace", "m.safetensors", "sizes.csv", "--check"),
        ("drift", "m.safetensors", "sizes.csv"),
        ("report", "m.safetensors", "sizes.csv", "-o", "report.html"),
        ("card", "m.safetensors", "-o", "card.md"),
        ("landscape", "m.safetensors", "sizes.csv", "-o", "landscape.html"),
    ],
)
def test_every_verb_knows_such_a_model(cli, table, call):
    trained(cli, table)
    code, out, err = cli(*call)
    assert code == 0, err
    assert " @ " not in out


def test_cross_validation_by_it(cli, table):
    code, out, err = cli("evaluate", table, *QUICK[:-1], "--loss-formula", FORMULA, "--folds", "2",
                         "--repeats", "1", "--json", "-q")  # fmt: skip
    assert code == 0, err
    verdict = json.loads(out)["result"]["judgement"]
    assert {each["measure"] for each in verdict["differences"].values()} == {"own loss"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--loss-formula", "z ^ 2"), "--loss-formula, character 3, at the mark"),
        (("--loss-formula", "z - y"), "falls without end"),
        (("--loss-formula", FORMULA, "--loss", "huber"), "leave one of them out"),
        (("--loss", f"formula:{FORMULA} @ 0 1 1 1"), "the character '@'"),
    ],
)
def test_what_cannot_be_a_loss_is_refused(cli, table, more, says):
    code, _, err = cli("fit", table, *QUICK, *more)
    assert code == 2
    assert says in " ".join(err.split())


def test_forged_formulas_on_the_command_line_are_refused_at_once():
    slowest = 0.0
    for text in forged_formulas():
        start = time.perf_counter()
        with pytest.raises(typer.BadParameter, match="loss"):
            _LOSS_FORMULA_OPTION.parser(text)
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 0.05
