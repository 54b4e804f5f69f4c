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
QUICK = ("--target", "size", "--hidden", "4", "--epochs", "4", "--bins", "0", "-q")


@pytest.fixture
def table(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(np.round(rng.normal(size=(140, 2)), 3), columns=["a", "b"])
    frame.assign(size=np.round(50 + 9 * frame.a + 5 * rng.normal(size=140), 2)).to_csv(
        "sizes.csv", index=False
    )
    return "sizes.csv"


def test_every_verb_knows_a_model_with_a_loss_of_its_own(cli, table):
    code, out, err = cli("fit", table, *QUICK, "--loss-formula", FORMULA, "-o", "m.safetensors",
                         "--report", "fit.html")  # fmt: skip
    assert code == 0, err
    assert "own loss" in out
    assert f"formula:{FORMULA}" in " ".join(out.split())
    page = Path("fit.html").read_text("utf-8")
    assert "own loss" in page
    assert " @ " not in page.partition("<script")[0]
    code, out, err = cli("show", "m.safetensors", "--json")
    assert code == 0, err
    assert json.loads(out)["result"]["model"]["target"]["loss"] == f"formula:{FORMULA}"
    for call in (
        ("predict", "m.safetensors", table), ("evaluate", "m.safetensors", table),
        ("explain", "m.safetensors", table, "--row", "1"),
        ("trace", "m.safetensors", table, "--row", "1", "-o", "trace.html"),
        ("trace", "m.safetensors", table, "--check"),
        ("drift", "m.safetensors", table),
        ("report", "m.safetensors", table, "-o", "report.html"),
        ("card", "m.safetensors", "-o", "card.md"),
    ):  # fmt: skip
        code, out, err = cli(*call)
        assert code == 0, (call, err)
        assert " @ " not in out, call


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
