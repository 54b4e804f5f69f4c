"""``thalweg sweep``: files, JSON, the command that makes it again, and errors."""

import json
import re
import shlex

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")
QUICK = ("--rates", "0.03,0.3", "--units", "2,5", "--seeds", "2", "--steps", "20")


def test_the_text_and_the_files(cli, tmp_path):
    code, out, _ = cli("sweep", "wisconsin", *QUICK, "-q")
    assert code == 0
    assert out.startswith("The held-out loss is lowest with ")
    for form, begins in (("html", b"<!doctype"), ("png", b"\x89PNG"), ("json", b"{")):
        path = tmp_path / f"map.{form}"
        code, _, err = cli("sweep", "wisconsin", *QUICK, "-o", str(path))
        assert code == 0
        assert f"Wrote {path}" in err.replace("\n", "")
        assert path.read_bytes().startswith(begins)
    assert cli("sweep", "wisconsin", "-o", str(path))[0] == 1  # it is there, before any training
    page = (tmp_path / "map.html").read_text("utf-8")
    data = json.loads(re.findall(r'id="sweep">(.*?)</script>', page)[0])
    command = f"thalweg sweep wisconsin {shlex.join(QUICK)} -o sweep.html"
    assert data["recipes"]["command"] == command


def test_the_command_of_a_page_makes_the_same_page(cli, tmp_path):
    paths = [tmp_path / f"{k}.html" for k in range(2)]
    more = ("--activation", "tanh", "--seed", "3", "--optimizer", "adam", "--drop", "mitoses")
    cli("sweep", "wisconsin", *QUICK, *more, "-o", str(paths[0]))
    page = paths[0].read_text("utf-8")
    command = json.loads(re.findall(r'id="sweep">(.*?)</script>', page)[0])["recipes"]["command"]
    *words, output, name = shlex.split(command)[1:]
    assert (output, name) == ("-o", "sweep.html")
    code, _, err = cli(*words, "-o", str(paths[1]))
    assert code == 0, err
    assert paths[1].read_text("utf-8") == page


def test_json_holds_every_cell(cli):
    code, out, _ = cli("sweep", "wisconsin", *QUICK, "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["verb"], document["status"]) == ("sweep", "ok")
    found = document["result"]["sweep"]
    assert [(each["units"], each["rate"]) for each in found["cells"]] == [
        (2, 0.03), (2, 0.3), (5, 0.03), (5, 0.3)
    ]  # fmt: skip
    assert found["held_rows"] + found["train_rows"] == 699
    assert document["data"]["rows"] == 699


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--rates", "fast"), '"fast" is no list of numbers'),
        (("--units", "2.5"), "no list of whole numbers"),
        (("--rates", "0.3,0.03"), "do not grow"),
        (("-o", "map.gif"), ".gif"),
        (("--optimizer", "lbfgs"), "no learning rate to sweep over"),
        (("--seeds", "1"), "no whole number from 2 on"),
    ],
)
def test_what_cannot_be_swept_is_refused(cli, given, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = cli("sweep", "wisconsin", *given)
    assert code == 2
    assert message in " ".join(err.split())
    assert "Fix:" in err
