"""``thalweg landscape`` and ``model.landscape()``: what they draw, say, refuse and repeat."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fitted_once import once
from mixed import mixed
from slow_cases import slow_but
from stored_pages import without_explained
from thalweg import DataError, SettingsError, ThalwegClassifier, load_table
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import UnseenLevelWarning
from thalweg.estimators.learning.encoded_training_data import Lesson, seen_by
from thalweg.estimators.parameters.auto_by_width import alpha_of
from thalweg.estimators.repeated_descent import retraced
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.parts.rows_of_fit import fitted_rows
from thalweg.landscape.runs.presets import title_of
from thalweg.landscape.runs.stage_watch import StageWatch
from thalweg.persistence.model_file import read_model
from thalweg.reporting.landscape.landscape_display import Landscape
from thalweg.reporting.landscape.model_landscape import OWN, model_landscape
from thalweg.training.train import train

# Some tables here have a column of names, which are warned of; test_identifiers tests that.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

# What runs are called on the terminal, by their ids.
NAMES = {
    "sgd": "small steps (sgd)", "anneal": "shrinking steps (anneal)",
    "large": "large steps (large)", "momentum": "momentum",
}  # fmt: skip
QUICK = ("--steps", "30", "--grid", "11")
MINE = ("--epochs", "3", "--hidden", "4", "--no-trees")
PROGRAM = (sys.executable, "-c", "from thalweg.cli.main import run; run()")


def logits(network, encoded):
    """The outputs of a network with one hidden ReLU layer, in float64, for encoded rows."""
    (W1, b1), (W2, b2) = network.architecture.layers(network.theta.astype(np.float64))
    encoded = encoded.astype(network.theta.dtype).astype(np.float64)
    return (W2 @ np.maximum(W1 @ encoded.T + b1, 0) + b2)[0]


def height(model, z, said):
    """The objective of a fit by its formula: cross-entropy and α / (2 n) ‖W‖²."""
    theta = model.theta_.astype(np.float64)
    weights = sum(np.sum(W * W) for W, _ in model.architecture_.layers(theta))
    return (
        np.mean(np.logaddexp(0, z) - said * z)
        + alpha_of(model.settings_) / (2 * len(said)) * weights
    )


def objective(model, frame, target):
    """The same for a model of one network on a table."""
    (network,) = model.members_
    said = np.asarray(target == model.classes_[1], float)
    rows = canonical_rows(model.schema_.matrix(frame), said, np.ones(len(said)))
    # The levels of training rows have the codes that other rows give.
    lesson = Lesson(rows.X, rows.y, rows.weights, network.outputs)
    every = np.arange(len(rows.X))
    data = seen_by(network.encoder, network.outputs, lesson, network.theta.dtype, every)
    times = rows.weights.astype(int)
    return height(model, logits(network, np.repeat(data.X[:], times, axis=0)), rows.y.repeat(times))


# ---------------------------------------------------------------- the verb


@pytest.mark.parametrize(
    ("form", "begins"),
    # Each is drawn in test_pictures, too.
    slow_but(
        [("png", b"\x89PNG"), ("html", b"<!doctype html>")],
        [("png", b"\x89PNG"), ("svg", b"<?xml"), ("gif", b"GIF89a"), ("html", b"<!doctype html>")],
    ),
)
def test_a_table_gives_a_file_of_each_kind(cli, tmp_path, form, begins):
    four = ("sgd", "anneal", "large", "momentum")
    rules = () if form == "png" else ("--rules", "sgd,momentum")  # for all four: once
    code, out, err = cli("landscape", "wisconsin", "-o", f"it.{form}", *QUICK, *rules)
    assert code == 0, err
    assert (tmp_path / f"it.{form}").read_bytes().startswith(begins)
    assert f"Wrote it.{form}" in err
    for name in rules[1].split(",") if rules else four:
        assert f"\n{NAMES[name]} " in out
    assert "Is the picture honest?" in out
    assert "random walks" in out
    assert "Jiggle every weight by 5 %" in out


def test_one_seed_one_file(cli, tmp_path):
    # Of pictures: test_a_figure_is_the_same_bytes_every_time.
    for name in ("a.html", "b.html", "c.html"):
        seed = 1 if name == "c.html" else 0
        line = ("landscape", "wisconsin", "-o", name, "--seed", seed, "--rules", "sgd", *QUICK)
        assert cli(*line, "-q")[0] == 0
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.html", "b.html", "c.html"))
    assert a == b != c


def test_json_holds_everything(cli):
    code, out, _ = cli("landscape", "wisconsin", "--json", "--rules", "sgd,adam:lr=0.01", *QUICK)
    assert code == 0
    document = json.loads(out)
    assert (document["verb"], document["status"], document["seed"]) == ("landscape", "ok", 0)
    assert document["data"]["rows"] == 699
    found = document["result"]["landscape"]
    assert [each["name"] for each in found["runners"]] == ["sgd", "adam:lr=0.01"]
    assert len(found["surface"]["losses"]) == len(found["surface"]["losses"][0]) == 11
    assert [each["name"] for each in found["profiles"]] == ["sgd", "adam:lr=0.01"]
    assert found["surface"]["badge"]["verdict"] in ("faithful", "fair", "rough", "misleading")


def test_the_whole_story_of_the_article_by_one_name(cli):
    code, out, _ = cli("landscape", "wisconsin", "--json", "--rules", "article", *QUICK)
    assert code == 0
    found = json.loads(out)["result"]["landscape"]
    names = ["sgd", "anneal", "large", "momentum", "one-row", "32-rows", "all-rows"]
    assert [each["name"] for each in found["runners"]] == names
    assert found["runners"][2]["title"] == "large steps"
    assert [each["run"] for each in found["story"]] == names[:5]
    assert found["rates"]["curvatures"][0] > 0
    said = " ".join(cli("landscape", "wisconsin", "--rules", "article", *QUICK, "-q")[1].split())
    for words in ("Rates are shares of 2 / λ", "Small steps: the loss rises in 0 of"):
        assert words in said
    code, _, err = cli("landscape", "hills", "--rules", "one-row", *QUICK)
    assert code == 2
    assert "one-row cannot run on hills" in err


def test_both_functions_of_two_parameters(cli):
    for name, lowest in (("hills", 0.171), ("hills-plain", 0.229)):
        document = json.loads(cli("landscape", name, "--json", "--rules", "sgd", *QUICK)[1])
        found = document["result"]["landscape"]
        assert (document["data"]["name"], found["name"]) == (name, name)
        assert found["places"][0]["loss"] == pytest.approx(lowest, abs=1e-3)


def test_a_constant_after_a_comma_belongs_to_the_rule_before(cli):
    rules = "momentum, adam:lr=0.01,beta_2=0.9,sgd"
    _, out, _ = cli("landscape", "hills", "--json", "--rules", rules, *QUICK)
    runners = json.loads(out)["result"]["landscape"]["runners"]
    assert [each["name"] for each in runners] == ["momentum", "adam:lr=0.01,beta_2=0.9", "sgd"]


def test_a_descent_that_explodes_is_said_and_does_not_own_the_picture(cli):
    code, out, _ = cli("landscape", "wisconsin", "--rules", "sgd:lr=300,sgd", "--grid", "11", "-q")
    assert code == 0
    said = " ".join(out.split())
    assert said.startswith("Small steps go from loss 0.6 to 0.078 in 405 steps")
    assert "plain descent at rate 300 diverged." in said
    assert "plain descent at rate 300 (sgd:lr=300) diverged: ends at " in said
    assert "drawn up to step 0: at step 1 its loss is " in said
    assert "times the start's loss" in said
    assert "rate 300: Jiggle" not in said  # it ended nowhere
    assert max(len(each) for each in re.findall(r"\d+", out)) < 7
    told = json.loads(
        cli("landscape", "wisconsin", "--rules", "sgd:lr=300,sgd", "--grid", "11", "--json")[1]
    )["result"]["landscape"]
    assert [each["diverged"] for each in told["runners"]] == [True, False]
    assert told["surface"]["a"][-1] - told["surface"]["a"][0] < 10  # of weights, not of the leap
    assert told["runners"][0]["end_loss"] > 2 * told["runners"][0]["start_loss"]


@pytest.mark.parametrize(
    "rules", ["sgd:lr=1e9,adam:lr=1e9", "sgd:lr=1e300,sgd", "sgd:lr=1e150,sgd"]
)
def test_of_an_overflow_no_more_is_said_than_that_a_run_diverged(cli, rules, tmp_path):
    line = ("landscape", "wisconsin", "--rules", rules, "--steps", "30", "--grid", "11")
    code, out, err = cli(*line, "-o", str(tmp_path / "it.html"))  # a bare warning is an error here
    assert code == 0
    assert "diverged" in out
    assert "overflow" not in (out + err).replace(str(tmp_path), "")


def test_nobody_stays_and_it_is_drawn_all_the_same(cli):
    code, out, _ = cli(
        "landscape", "wisconsin", "--rules", "sgd:lr=300", *QUICK, "--view", "map", "-o", "it.png"
    )
    assert code == 0
    assert out.startswith("Plain descent at rate 300 diverged.")
    code, _, err = cli("landscape", "wisconsin", "--rules", "sgd:lr=1e300", *QUICK, "-q")
    assert code == 2
    assert "every run becomes NaN or infinite in its first step" in err


def test_a_grid_too_coarse_for_a_run_that_goes_far_is_said(cli):
    line = ("landscape", "wisconsin", "--rules", "sgd:lr=30", "--grid", "11")
    code, out, _ = cli(*line, "-q")
    said = " ".join(out.split())
    assert code == 0
    assert "Is the picture honest? Misleading." in said
    assert "The grid is too coarse for this: take a finer grid" in said
    badge = json.loads(cli(*line, "--json")[1])["result"]["landscape"]["surface"]["badge"]
    assert badge["start_gap"] < 0.05 < 10 < badge["grid"]["start_gap"]


def test_the_worst_point_is_named_beside_the_median(cli):
    line = ("landscape", "wisconsin", "--grid", "11", "--steps", "60")
    code, out, _ = cli(*line, "-q")
    said = " ".join(out.split())
    assert code == 0
    assert re.search(r"The worst single point is off by \d+ %: [\w ]+ at step \d+\.", said)
    assert len(re.findall(r"drawn off by [^;]* at worst by [\w ]+ %, at step \d+", said)) == 4
    badge = json.loads(cli(*line, "--json")[1])["result"]["landscape"]["surface"]
    name, step, size = badge["badge"]["worst_point"]
    trail = next(each for each in badge["trails"] if each["name"] == name)
    assert (trail["worst_step"], trail["worst_gap"]) == (step, size)
    assert size == max(gap for each in badge["trails"] for gap in each["gap"])
    far = title_of(badge["badge"]["most_far"][0], "")
    assert f"Of the points of {far}, " in said


def test_the_help_says_what_is_done(cli):
    told = " ".join(cli("landscape", "--help")[1].split())
    for words in (
        "64,32; or none. [default: 15]", "on the weights, or auto. [default: 0]",
        "[default: 400, for hills 120]",
        "[default: 41, for hills 81]", "Rows in a batch, or auto. [default: auto]",
    ):  # fmt: skip
        assert words in told
    one = ("--rules", "sgd", "-q")
    plain = cli("landscape", "wisconsin", *QUICK, *one)[1]
    written_out = ("--hidden", "15", "--alpha", "0", "--batch-size", "auto", "--activation", "relu")
    code, out, err = cli("landscape", "wisconsin", *QUICK, *written_out, *one)
    assert code == 0, err
    assert out == plain
    hills = ("landscape", "hills", "--rules", "anneal", "--grid", "11", "-q")
    assert cli(*hills)[1] == cli(*hills, "--steps", "120")[1] != cli(*hills, "--steps", "119")[1]


# Of their places more is in test_race and test_pictures.
@pytest.mark.slow
def test_the_hills_name_their_places(cli, tmp_path):
    code, out, _ = cli("landscape", "hills", "--view", "map", "-o", "h.svg", "--grid", "41")
    assert code == 0
    assert "Global minimum: the lowest point of all" in out
    assert "Is the picture honest? Exact." in out
    assert (tmp_path / "h.svg").exists()


def test_a_file_called_hills_is_a_table(cli, tmp_path):
    (tmp_path / "hills").write_text(
        "a,b\n" + "".join(f"{i % 7},{'yn'[i % 2]}\n" for i in range(40))
    )
    code, out, _ = cli("landscape", "hills", "--target", "b", *QUICK)
    assert code == 0
    assert "40 rows" in out


def test_a_model_repeats_its_own_descent(cli):
    assert cli("fit", "wisconsin", "-q", "-o", "m", *MINE, "--early-stopping", "cv")[0] == 0
    code, out, err = cli("landscape", "m", "wisconsin", "--json", "--grid", "11", "--rules", "sgd")
    assert code == 0
    found = json.loads(out)["result"]["landscape"]
    assert [each["name"] for each in found["runners"]] == [OWN, "sgd"]
    assert "the training run of the fit, repeated" in found["about"][0]
    assert "cannot be repeated" not in err
    # It ends at the loss that the saved weights have on the rows of the fit, penalty included.
    model, whole = read_model("m").model, load_table("wisconsin")
    labels = np.asarray(whole.target, object)
    rows = holdout_split(model.schema_.matrix(whole.frame), labels, seed=0)[0]
    wanted = objective(model, whole.frame.iloc[rows], labels[rows])
    assert found["runners"][0]["end_loss"] == pytest.approx(wanted, rel=1e-5)


def test_the_landscape_joins_the_report_when_asked(cli, tmp_path):
    page = ("--report", "fit.html", "--landscape")
    assert cli("fit", "wisconsin", "-q", "-o", "m", *page, *MINE)[0] == 0
    assert cli("report", "m", "-o", "model.html", "--landscape", "wisconsin", "-q")[0] == 0
    shown = (tmp_path / "fit.html").read_bytes()
    of_file = (tmp_path / "model.html").read_bytes()
    assert without_explained(of_file) == without_explained(shown)
    assert b'<section id="landscape">' in shown
    assert b"The plane contains" in shown
    assert len(shown) < 450_000
    assert b'<section id="landscape">' not in cli("report", "m")[1].encode()


def test_a_report_cannot_show_a_descent_over_another_table(cli, tmp_path):
    assert once(cli, "fit", "wisconsin", "-q", "-o", "m", *MINE)[0] == 0
    table = load_table("wisconsin")
    table.frame.assign(**{"class": table.target}).iloc[:300].to_csv("new.csv", index=False)
    code, _, err = cli("report", "m", "-o", "page.html", "--landscape", "new.csv")
    assert code == 1
    assert "was not fitted on this table" in err
    assert not (tmp_path / "page.html").exists()
    code, _, err = cli("fit", "wisconsin", "--landscape")
    assert code == 2
    assert "with --report" in err


def test_over_other_rows_a_model_has_no_descent_to_repeat(cli, tmp_path):
    assert once(cli, "fit", "wisconsin", "-q", "-o", "m", *MINE)[0] == 0
    table = load_table("wisconsin")
    frame = table.frame.iloc[:300].assign(kind=table.target[:300])
    frame.to_csv(tmp_path / "new.csv", index=False)
    code, out, err = cli("landscape", "m", "new.csv", "--target", "kind", "--grid", "11")
    assert code == 0
    assert "cannot be repeated" in err
    assert "on a random plane" in out
    code, _, err = cli("landscape", "m", "new.csv", "--target", "kind", "-o", "it.gif")
    assert code == 2
    assert "No ball rolls here" in err
    code, _, err = cli("landscape", "m", "new.csv", "--target", "kind", "--plane", "ends")
    assert code == 2
    assert "take plane='random'" in err


def test_lbfgs_runs_once_every_step_takes_all_rows_as_the_fix_says(cli):
    line = ("landscape", "wisconsin", "--rules", "lbfgs,sgd", "--steps", "20", "--grid", "11")
    code, _, err = cli(*line)
    assert code == 2
    (mend,) = re.findall(r"--batch-size \d+", " ".join(err.split()))
    # All rows, or more than there are: the same training run.
    for rows in (mend.split()[1], "100000"):
        code, out, err = cli(*line, "--batch-size", rows)
        assert code == 0, err
        assert "20 epochs in batches of 463 rows" in " ".join(out.split())
        assert re.search(r"^L-BFGS \(lbfgs\) +end 0\.0", out, re.M)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("landscape wisconsin -o it.jpg", "not written as .jpg"),
        ("landscape wisconsin -o -", "without an ending"),
        ("landscape wisconsin --rules nobody", "There is no optimizer"),
        ("landscape wisconsin --rules ,", "names no optimizer"),
        ("landscape wisconsin --rules sgd,sgd", "given twice"),
        ("landscape wisconsin --plane flat", "no plane 'flat'"),
        ("landscape wisconsin --view cube", "no view 'cube'"),
        (
            "landscape wisconsin --view profile --run adam --steps 9 --grid 11",
            "no profile of 'adam'",
        ),
        ("landscape wisconsin --grid 50", "no grid of 50"),
        ("landscape hills --hidden 4", "--hidden cannot be used here"),
        ("landscape hills --alpha 0", "--alpha cannot be used here"),
        ("landscape hills --run sgd", "neither is asked for"),
        ("landscape a b c", "3 files are too many"),
    ],
)
def test_what_cannot_be_is_refused_with_a_fix(cli, line, said):
    code, out, err = cli(*line.split())
    assert (code, out) == (2, "")
    assert said in err
    assert "Fix:" in err
    assert os.listdir() == []


def test_a_model_has_its_network(cli):
    once(cli, "fit", "wisconsin", "-q", "-o", "m", *MINE)
    code, _, err = cli("landscape", "m", "wisconsin", "--hidden", "4", "--steps", "9")
    assert code == 2
    assert "--hidden, --steps cannot be used here" in err


def test_nothing_is_replaced_unasked(cli, tmp_path):
    (tmp_path / "it.html").write_text("mine")
    line = ("landscape", "wisconsin", "-o", "it.html", "--rules", "sgd", *QUICK)
    code, out, err = cli(*line)
    assert (code, out) == (1, "")
    assert "--force" in err
    assert (tmp_path / "it.html").read_text() == "mine"
    assert cli(*line, "--force")[0] == 0


def test_ctrl_c_ends_it_without_a_file(cli, monkeypatch, tmp_path):
    from thalweg.network.compiled.compiled_engine import CompiledEngine

    losses, calls, once = CompiledEngine.losses, [], threading.Lock()

    def pressed(self, *arguments):
        calls.append(1)
        # The first are of the runs, these of the grid; two threads may come at once.
        if len(calls) >= 20 and once.acquire(blocking=False):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return losses(self, *arguments)

    monkeypatch.setattr(CompiledEngine, "losses", pressed)
    code, out, err = cli("landscape", "wisconsin", "-o", "it.png", *QUICK)
    assert (code, out) == (130, "")
    assert "Interrupted; no file was left half-written" in err
    assert os.listdir(tmp_path) == []
    assert len(calls) >= 20


@pytest.mark.slow
def test_ctrl_c_ends_the_program_without_a_file(tmp_path):
    """In a process of its own, interrupted in the middle of a large grid."""
    line = (
        ("-m", "thalweg.cli.main") if False else ("-c", "from thalweg.cli.main import run; run()")
    )
    command = [sys.executable, *line, "landscape", "wisconsin", "-o", "it.png", "--grid", "161"]
    started = subprocess.Popen(
        [*command, "--hidden", "64,64", "--steps", "3000"], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    # After it has reported what it read, it computes for a long time.
    assert any("sample_id" in line for line in iter(started.stderr.readline, ""))
    time.sleep(0.4)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=120)
    assert started.returncode == 130, err
    assert out == ""
    assert "Interrupted; no file was left half-written" in err
    assert "Traceback" not in err
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_the_film_of_the_race_is_smaller_than_a_megabyte(tmp_path):
    subprocess.run(
        [*PROGRAM, "landscape", "wisconsin", "-o", "race.gif"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "race.gif").stat().st_size < 1_000_000


# ---------------------------------------------------------------- a fitted model


@pytest.fixture(scope="module")
def table():
    return load_table("wisconsin")


SETTINGS = {
    "folds": {"max_iter": 6},
    "cross-validation": {"max_iter": 6, "early_stopping": "cross-validation"},
    "hold-out": {"early_stopping": True, "max_iter": 12, "optimizer": "sgd:lr=0.3,momentum=0.9"},
    "none": {"early_stopping": False, "max_iter": 5, "alpha": 0.0, "batch_size": 50},
}


@pytest.mark.parametrize("way", SETTINGS)
def test_the_descent_of_a_fit_is_described_bit_for_bit(table, way):
    model = ThalwegClassifier((6,), random_state=5, positive="malignant", **SETTINGS[way])
    model.fit(table.frame, table.target)
    assert model.stopping_ == way
    member, same, *_ = retraced(model, table.frame, table.target)
    assert same
    descent = train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    )  # fmt: skip
    assert np.array_equal(descent.theta, model.theta_)
    assert len(descent.history) == model.best_epoch_


def test_other_rows_are_known_for_others(table):
    model = ThalwegClassifier((3,), max_iter=2, random_state=0).fit(table.frame, table.target)
    member, same, *_ = retraced(model, table.frame[:200], table.target[:200])
    assert not same
    assert member.held_out is None
    # Scaled as the model scales, not by these rows.
    first = model.encoder_.encode(model.schema_.matrix(table.frame[:1]))[0]
    assert np.any(np.all(np.isclose(member.data.X, first), axis=1))
    with pytest.raises(DataError, match="does not know: odd"):
        retraced(model, table.frame[:2], ["odd", "benign"])


def test_a_fit_by_groups_is_not_said_to_be_repeated(table):
    # Its rows were in another order, which the table does not show.
    model = ThalwegClassifier((3,), max_iter=2, early_stopping=False, random_state=0)
    for groups, same in ((None, True), (np.arange(699) // 2, False), (None, True)):
        model.fit(table.frame, table.target, groups=groups)
        assert retraced(model, table.frame, table.target).same is same


def test_a_models_landscape_is_its_own_way(table):
    model = ThalwegClassifier((4,), max_iter=4, early_stopping=False, random_state=0)
    model.fit(table.frame, table.target)
    shown = model.landscape(table.frame, table.target, grid=11, profiles=[OWN], rules=["sgd"])
    assert isinstance(shown, Landscape)
    assert [path.name for path in shown.race.paths] == [OWN, "sgd"]
    # The weights and their path are float32, the heights are not.
    assert (model.theta_.dtype, shown.race.terrain.facts.dtype) == (np.float32, "float64")
    assert np.array_equal(shown.race.paths[0].thetas[-1], model.theta_)
    assert [each.name for each in shown.race.profiles] == [OWN]
    assert shown.sheets[0].lines[0].name == OWN
    wanted = objective(model, table.frame, table.target)
    assert shown.race.runners[0].end_loss == pytest.approx(wanted, rel=1e-9)


def test_of_the_networks_of_the_folds_the_first_is_drawn_over_its_own_rows(table):
    # A small rate, because probabilities near 1 of different networks are nearly the same.
    model = ThalwegClassifier((4,), max_iter=6, learning_rate_init=0.004, random_state=0)
    model.fit(table.frame, table.target)
    shown = model.landscape(table.frame, table.target, grid=11, profiles=())
    first = model.members_[0]
    assert np.array_equal(shown.race.paths[0].thetas[-1], first.theta)
    z = logits(first, first.encoder.encode(model.schema_.matrix(table.frame)))
    # Its fold is where the out-of-fold prediction is its own; it was trained on the others.
    own = np.isclose(model.oof_decision_function_[:, 1], 1 / (1 + np.exp(-z)), rtol=1e-6, atol=0)
    assert 100 < own.sum() < 200
    said = np.asarray(table.target == model.classes_[1], float)
    wanted = height(model, z[~own], said[~own])
    assert shown.race.runners[0].end_loss == pytest.approx(wanted, rel=1e-9)
    assert "network 1 of 5, " in shown.race.about[0]


def test_the_rows_may_come_without_names(table):
    X = infer_schema(table.frame).matrix(table.frame)
    model = ThalwegClassifier((4,), max_iter=2, random_state=0).fit(X, table.target)
    assert model.landscape(X, table.target, grid=11, profiles=()).race.runners[0].name == OWN


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("optimizer", ["adam:lr=0.001", "sgd:lr=0.1", "nesterov:lr=0.01"])
def test_a_model_whose_rule_is_called_as_a_preset_keeps_its_own(optimizer, table):
    # Each is "adam", "sgd" or "nesterov" with default constants, which the presets do not have.
    model = ThalwegClassifier((3,), max_iter=3, optimizer=optimizer, random_state=0)
    model.fit(table.frame, table.target)
    name = optimizer.partition(":")[0]
    race = model.landscape(
        table.frame, table.target, grid=11, profiles=[], rules=[name, "sgd:momentum=0.9"]
    ).race
    assert [path.name for path in race.paths] == [OWN, name, "sgd:momentum=0.9"]
    assert np.array_equal(race.paths[0].thetas[-1], model.theta_)
    assert [trail.name for trail in race.surface.trails] == [OWN, name, "sgd:momentum=0.9"]


def test_whoever_watches_can_end_it(table):
    model = ThalwegClassifier((3,), max_iter=2, random_state=0).fit(table.frame, table.target)
    told = []

    def watch(stage, done, total):
        told.append(stage)
        return stage == "surface"

    checked: StageWatch = watch
    found = model_landscape(model, table.frame, table.target, grid=81, watch=checked)
    assert told[0] == "runs"
    assert not found.race.complete
    assert found.race.profiles == ()
    assert "honest" in str(found)


def test_a_model_that_is_not_fitted_has_no_landscape(table):
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        ThalwegClassifier().landscape(table.frame, table.target)
    model = ThalwegClassifier((3,), max_iter=2, random_state=0).fit(table.frame, table.target)
    with pytest.raises(SettingsError, match="no plane 'odd'"):
        model.landscape(table.frame, table.target, plane="odd")


# ---------------------------------------------------------------- a table of every kind


@pytest.mark.parametrize("way", SETTINGS)
def test_the_descent_over_a_mixed_table_is_described_bit_for_bit(way):
    frame, y = mixed(400)
    model = ThalwegClassifier((6,), random_state=5, **SETTINGS[way]).fit(frame, y)
    assert model.stopping_ == way
    member, same, *_ = retraced(model, frame, y)
    assert same
    descent = train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    )  # fmt: skip
    assert np.array_equal(descent.theta, model.theta_)
    # Other levels are other rows, even if their numbers are the same.
    other = frame.replace({"town": {"Rome": "Paris"}})
    with pytest.warns(UnseenLevelWarning, match="Paris"):
        assert not retraced(model, other, y).same


def test_the_landscape_of_a_mixed_model_has_its_true_heights():
    frame, y = mixed()
    model = ThalwegClassifier((4,), max_iter=4, early_stopping=False, random_state=0).fit(frame, y)
    shown = model.landscape(frame, y, grid=11, profiles=())
    assert np.array_equal(shown.race.paths[0].thetas[-1], model.theta_)
    wanted = objective(model, frame, y)
    assert shown.race.runners[0].end_loss == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("told", [pytest.param((), marks=pytest.mark.slow), ("--category", "code")])
def test_the_part_that_fit_took_of_a_mixed_table_is_found_again(cli, told):
    frame, y = mixed()
    frame.assign(state=y).to_csv("my.csv", index=False)
    one = (*MINE, "--early-stopping", "cv")
    fitted = cli("fit", "my.csv", "--target", "state", *told, *one, "-o", "my.safetensors")
    assert fitted[0] == 0, fitted[2]
    assert "Some levels occur only in held-out rows" in fitted[2]
    code, out, err = cli("landscape", "my.safetensors", "my.csv", "--grid", "11", "--json")
    assert code == 0, err
    found = json.loads(out)["result"]["landscape"]
    assert found["runners"][0]["name"] == OWN
    model = read_model("my.safetensors").model
    own = fitted_rows(model, load_table("my.csv", target="state"))
    assert len(own) == pytest.approx(0.8 * len(y), abs=2)
    wanted = objective(model, frame.iloc[own], y[own])
    assert found["runners"][0]["end_loss"] == pytest.approx(wanted, rel=1e-5)  # six digits
    assert cli("report", "my.safetensors", "--landscape", "my.csv", "-o", "my.html")[0] == 0
    refused = cli("landscape", "my.safetensors", "my.csv", "--category", "code")
    assert (refused[0], "--category cannot be used here" in refused[2]) == (2, True)


@pytest.mark.parametrize(
    "y", [[k + 0.1 for k in range(80)], pytest.param([*"abcd"] * 20, marks=pytest.mark.slow)]
)
def test_the_descent_of_every_task_is_repeated_and_joins_the_report(cli, y):
    pd.DataFrame({"x": np.arange(80) * 17 % 80, "y": y}).to_csv("my.csv", index=False)
    more = ("--target", "y", "-o", "m.safetensors", "--report", "r.html", "--landscape", *MINE)
    code, _, err = cli("fit", "my.csv", *more)
    assert code == 0, err
    assert "Where training went" in Path("r.html").read_text("utf-8")
    code, out, err = cli("landscape", "m.safetensors", "my.csv", "--grid", "11")
    assert code == 0, err
    assert "the training run of the fit, repeated" in out
    assert ("The loss is of the scaled target, (target - " in out) == (y[0] != "a")
    asked = ("--landscape", "my.csv", "-o", "again.html")
    assert cli("report", "m.safetensors", *asked)[0] == 0
    assert "Where training went" in Path("again.html").read_text("utf-8")


def test_a_category_is_declared_to_a_landscape(cli):
    frame, y = mixed()
    frame.assign(state=y).to_csv("my.csv", index=False)
    quick = ("landscape", "my.csv", "--target", "state", "--rules", "sgd", *QUICK)
    sizes = []
    for told in ((), ("--category", "code")):
        code, out, err = cli(*quick, *told)
        assert code == 0, err
        sizes.append(int(out.split("Network ")[1].split("-")[0]))
    # age, smoker, name, code; town 3, sex 1, ward 33; two indicators. As a category, code has 3.
    assert sizes == [43, 45]


def test_rows_that_times_decided_are_said_to_be_lost(cli):
    days = pd.date_range("2021-01-01", periods=80).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"x": np.arange(80) * 17 % 80, "y": ["a", "b"] * 40, "day": days})
    frame.to_csv("my.csv", index=False)
    in_order = ("--target", "y", "--time-column", "day", *MINE)
    code, _, err = cli("fit", "my.csv", *in_order, "-o", "m.safetensors")
    assert code == 0, err
    code, _, err = cli("landscape", "m.safetensors", "my.csv", "--grid", "11")
    assert code == 0, err
    said = " ".join(err.split())
    assert "would take of them at random, so its training cannot be repeated" in said
    assert "If --group, --time-column or --weight-column was given, its rows cannot" in said


def test_the_connecting_line_is_shown_on_rows_that_trained_no_run(cli):
    fit = (
        "fit",
        "wisconsin",
        "--hidden",
        "4",
        "--preset",
        "quick",
        "--no-trees",
        "-o",
        "m.safetensors",
    )
    assert cli(*fit)[0] == 0
    code, out, err = cli(
        "landscape", "m.safetensors", "wisconsin", "--rules", "sgd", "--connect", "model,sgd",
        "--grid", "11", "--json",
    )  # fmt: skip
    assert code == 0, err
    drawn = json.loads(out)["result"]["landscape"]
    curves = drawn["connection"]["curves"]
    assert [each["rows"] for each in curves] == ["training rows"] * 2 + ["held-out rows"] * 2
    # All different rows of the table: those of the drawn network's training, and the others.
    table = load_table("wisconsin")
    matrix = infer_schema(table.frame).matrix(table.frame)
    y = (table.target == "malignant").to_numpy(float)
    n_different = len(canonical_rows(matrix, y, np.ones(len(y))).X)
    assert curves[0]["n_rows"] + curves[2]["n_rows"] == n_different
    assert "no held-out rows" not in " ".join(drawn["connection"]["sentences"])
