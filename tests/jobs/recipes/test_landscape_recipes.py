"""The command and the Python of a landscape's page run as they are, and make the same race."""

import json
import re
import shlex
from pathlib import Path

import pytest

from thalweg import ThalwegClassifier, load_table
from thalweg.reporting.landscape.landscape_display import Landscape

QUICK = ("--steps", "30", "--grid", "11")


def recipes_of(page):
    data = re.search(r'id="landscape">(.*?)</script>', Path(page).read_text("utf-8"), re.DOTALL)
    return json.loads(data[1])["recipes"]


def ran(python):
    names = {}
    exec(compile(python, "recipe", "exec"), names)
    return names["shown"]


def ends(landscape):
    return [each.end_loss for each in landscape.race.runners]


CENTRED = (
    "--rules",
    "sgd,adam:lr=0.01,beta_2=0.9",
    "--seed",
    "3",
    "--plane",
    "centred",
    "--hidden",
    "2",
)
DEEP = ("--rules", "sgd,momentum", "--connect", "sgd,momentum", "--hidden", "4,3", "--activation",
        "tanh")  # fmt: skip
ALONG = ("--rules", "sgd,momentum", "--view", "followed", "--run", "momentum")


@pytest.mark.parametrize(
    "more", [CENTRED, *(pytest.param(each, marks=pytest.mark.slow) for each in ((), DEEP, ALONG))]
)
def test_both_recipes_of_a_table_make_the_page_again(cli, tmp_path, more):
    frame = load_table("wisconsin").frame.assign(ill=load_table("wisconsin").target)
    frame.to_csv(tmp_path / "a table.csv", sep=";", index=False)
    line = ("landscape", "a table.csv", "--target", "ill", "--separator", ";", "--category",
            "mitoses", *QUICK, *more)  # fmt: skip
    code, _, err = cli(*line, "-o", "one.html", "-q")
    assert code == 0, err
    recipes = recipes_of(tmp_path / "one.html")
    again = shlex.split(recipes["command"])
    assert again[:2] == ["thalweg", "landscape"]
    for said in ("--rules", "--plane", "--seed"):
        assert said in again
    again[again.index("-o") + 1] = "two.html"
    assert cli(*again[1:], "-q")[0] == 0
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    shown = ran(recipes["Python"])
    assert isinstance(shown, Landscape)
    told = json.loads(cli(*line, "--json")[1])["result"]["landscape"]
    assert ends(shown) == pytest.approx([each["end_loss"] for each in told["runners"]], rel=1e-5)
    assert shown.race.surface.plane.method == told["surface"]["plane"]["method"]
    assert (shown.race.connection is None) == ("--connect" not in more)
    assert (tmp_path / "race.html").is_file()


@pytest.mark.slow
def test_both_recipes_of_a_function_of_two_parameters(cli, tmp_path):
    line = ("landscape", "hills", "--rules", "sgd,momentum", "--grid", "11", "--steps", "20")
    assert cli(*line, "-o", "one.html", "-q")[0] == 0
    shown = ran(recipes_of(tmp_path / "one.html")["Python"])
    told = json.loads(cli(*line, "--json")[1])["result"]["landscape"]
    assert ends(shown) == pytest.approx([each["end_loss"] for each in told["runners"]], rel=1e-5)


@pytest.mark.slow
def test_the_python_of_a_model_finds_the_rows_of_the_fit(cli, tmp_path):
    table = load_table("wisconsin")
    model = ThalwegClassifier(hidden_layer_sizes=4, max_iter=3)
    model.fit(table.frame, table.target).save(tmp_path / "my.safetensors")
    line = ("landscape", "my.safetensors", "wisconsin", "--grid", "11", "--rules", "sgd")
    assert cli(*line, "-o", "one.html", "-q")[0] == 0
    python = recipes_of(tmp_path / "one.html")["Python"]
    shown = ran(python)
    assert [each.name for each in shown.race.runners] == ["model", "sgd"]
    told = json.loads(cli(*line, "--json")[1])["result"]["landscape"]
    assert ends(shown) == pytest.approx([each["end_loss"] for each in told["runners"]], rel=1e-5)


def test_json_holds_the_followed_plane_and_what_cannot_be_is_refused_at_once(cli):
    line = ("landscape", "wisconsin", "--rules", "sgd,momentum", "--hidden", "2", *QUICK)
    told = json.loads(cli(*line, "--view", "followed", "--run", "sgd", "--json")[1])
    along = told["result"]["landscape"]["followed"]
    assert along["middle_gap"] == 0
    middle = len(along["a"]) // 2
    for frame in along["frames"]:
        assert frame["losses"][middle][middle] == frame["true"]
    told = json.loads(cli(*line, "--connect", "sgd,momentum", "--json")[1])
    assert len(told["result"]["landscape"]["connection"]["curves"]) == 2
    for more, words in (
        (("--view", "followed", "-o", "it.png"), "write an .html file"),
        (("--view", "connection", "-o", "it.png"), "--connect sgd,momentum"),
        (("--connect", "sgd"), "name two of sgd, momentum"),
        (("--run", "sgd"), "add --view profile or --view followed"),
    ):
        code, _, err = cli(*line, *more)
        assert code == 2
        assert words in " ".join(err.split())
