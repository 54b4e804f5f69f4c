"""``thalweg sweep --over``: text, files, JSON, the commands that it prints, a signal, errors."""

import json
import re
import shlex

import pytest

from thalweg.cli.signals import Stopped
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.sweeps.setting_sweep_job import SettingSweepRequest, setting_sweep_job
from thalweg.tuning.curves.setting_sweep import SettingSweep

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")
SMALL = ("--hidden", "3", "--preset", "quick", "--epochs", "3")
RATE = ("--over", "learning_rate_init=1e-4..1e-1", "--points", "3")


def test_the_text_and_the_page_with_its_command(cli, tmp_path):
    path = tmp_path / "rate.html"
    code, out, err = cli("sweep", "wisconsin", *RATE, *SMALL, "-o", str(path))
    assert code == 0, err
    assert out.startswith("The loss is lowest at learning_rate_init 0.1")
    assert "The first value is done: 3 more values take at most about " in err.replace("\n", " ")
    page = path.read_text("utf-8")
    data = json.loads(re.findall(r'id="of-curve">(.*?)</script>', page)[0])
    said = ("--over", "learning_rate_init=0.0001..0.1", "--points", "3", *SMALL)
    command = f"thalweg sweep wisconsin {shlex.join(said)} -o sweep.html"
    assert data["recipes"]["command"] == command
    # What is printed to go on beyond the end is taken as it stands.
    further = re.findall(r"To look there: thalweg (sweep .*)", out)[0]
    code, out, err = cli(*shlex.split(further), "-q")
    assert code == 0, err
    assert re.search(r"^ +1  ", out, re.MULTILINE)


def test_one_more_value_takes_time(cli):
    code, _, err = cli("sweep", "wisconsin", "--over", "alpha=3", *SMALL)
    assert code == 0, err
    assert "The first value is done: 1 more value takes at most about " in err.replace("\n", " ")


def test_json_holds_every_value(cli):
    code, out, _ = cli("sweep", "wisconsin", "--over", "hidden=2,2x2", *SMALL, "--json", "-q")
    document = json.loads(out)
    assert (code, document["verb"], document["status"]) == (0, "sweep", "ok")
    found = document["result"]["curve"]
    assert [each["value"] for each in found["points"]] == [2, [2, 2], 3]
    assert [each["is_default"] for each in found["points"]] == [False, False, True]
    assert found["n_folds"] == len(found["points"][0]["fold_losses"]) == 3
    assert document["result"]["file"] is None


def test_a_signal_keeps_what_is_done(monkeypatch, tmp_path):
    fit = SettingSweep._fit

    def stopped(self, *asked):
        fit(self, *asked)
        if self.n_done == 2:
            raise Stopped(2)

    monkeypatch.setattr(SettingSweep, "_fit", stopped)
    path = tmp_path / "part.json"
    request = SettingSweepRequest(
        table="wisconsin", over={"alpha": [1.0, 2.0, 3.0]}, output=str(path),
        settings={"hidden_layer_sizes": (3,), "max_iter": 3, "preset": "quick"},
    )  # fmt: skip
    with pytest.raises(Stopped):
        setting_sweep_job(request)
    found = json.loads(path.read_text("utf-8"))
    assert found["ended_by"] == "interrupt"
    assert 2 <= len(found["points"]) < 4
    assert any("Ctrl-C ended the sweep" in each for each in found["sentences"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--over", "alpha=1..2", "--rates", "1,2"), "--rates is for the map"),
        (("--dropout", "0.2"), "--dropout is for a sweep over one setting"),
        (("--points", "3"), "--points is for a sweep over one setting"),
        (("--group", "mitoses"), "--group is for a sweep over one setting"),
        (("--over", "alpha=1..2", "--points", "0"), "points=0 is not a whole number"),
        (("--over", "alpha=2..1"), "alpha cannot grow from 2 to 1"),
        (("--over", "alpha=0.1..2", "-o", "a.txt"), "html"),
        (
            ("--over", "hidden=8x"),
            '"8x" is not a list of hidden layers (--over). Fix: give the '
            "units of each layer, as in hidden_layer_sizes=64x32",
        ),
    ],
)
def test_what_is_refused(cli, words, said):
    code, _, err = cli("sweep", "wisconsin", *words)
    assert code == 2
    assert said in err.replace("\n", " ")


def test_the_python_of_the_page_gives_the_same_losses(tmp_path, monkeypatch):
    """On a file whose labels are written numbers, with a column left out."""
    monkeypatch.chdir(tmp_path)
    lines = ["a,b,c,y"]
    lines += [f"{(7 * k) % 31},{(5 * k) % 17},{k % 3},{int((7 * k) % 31 > 15)}" for k in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    request = SettingSweepRequest(
        table="t.csv", columns=Columns(target="y", drop=("c",)), over={"alpha": [1.0, 3.0]},
        settings={"hidden_layer_sizes": (2,), "max_iter": 2, "preset": "quick"}, seed=3,
    )  # fmt: skip
    shown = setting_sweep_job(request).shown
    code = shown.recipes["python"]
    assert code.startswith("from thalweg import ThalwegClassifier, load_table, sweep\n")
    assert "jobs" not in code
    names: dict = {}
    exec(code, names)
    assert names["shown"].frame.loss.tolist() == shown.frame.loss.tolist()
    assert (tmp_path / "sweep.html").exists()
