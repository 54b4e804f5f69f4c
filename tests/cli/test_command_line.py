"""The command line: arguments in, output on the right stream, and exit codes."""

import contextlib
import csv
import errno
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

import thalweg
import thalweg.files
import thalweg.jobs.show
from faulty import Faulty, os_error
from thalweg.cli.main import main
from thalweg.cli.options.training_options import TRAINING, reader_of
from thalweg.data.formats.formula_injection import unguarded
from thalweg.data.read import load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.predictions.predicted_rows import csv_bytes
from thalweg.jobs.sections.about_models import for_model_file
from thalweg.network import engine
from thalweg.persistence.model_file import load_model, read_model, save_model
from thalweg.wording import printable

# As users have it: a machine of developers may have switched Python's buffers off.
BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}
PROGRAM = [str(Path(sys.executable).with_name("thalweg"))]
NEVER = 10**9
QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "--early-stopping", "off", "--bins", "0")


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch):
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def breast(tmp_path_factory):
    """A small model of the bundled table."""
    path = tmp_path_factory.mktemp("models") / "breast.safetensors"
    assert main(["fit", "wisconsin", *QUICK, "-q", "-o", str(path)]) == 0
    return path


def table(path, *, n_rows=60, **columns):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n_rows)
    whole = {"x": x, "z": rng.normal(size=n_rows), "y": np.where(x > 0, "good", "bad"), **columns}
    pd.DataFrame(whole).to_csv(path, index=False)
    return path


def run(*arguments, **given):
    """Run the program itself."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", **given
    )


def test_the_version_is_said_and_python_runs_it_as_a_module_too():
    ours = run("--version")
    assert (ours.returncode, ours.stdout) == (0, f"thalweg {thalweg.__version__}\n")
    # An error of usage needs no table and no model, and so no heavy import.
    line = [sys.executable, "-m", "thalweg", "show"]
    ended = subprocess.run(line, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "Fix: see thalweg show --help." in ended.stderr


def check_numba_is_missed_once(err):
    said = "Numba is told not to compile (NUMBA_DISABLE_JIT), so the reference engine computes"
    assert err.count(said) == 1
    assert "Fix: unset NUMBA_DISABLE_JIT." in err
    assert "defect" not in err


def test_where_numba_may_not_compile_that_is_said_once(cli, monkeypatch):
    engine._can_compile.cache_clear()
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    try:
        fit = cli("fit", "wisconsin", *QUICK)
    finally:
        monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
        engine._can_compile.cache_clear()
    assert fit.code == 0
    check_numba_is_missed_once(fit.err)


@pytest.mark.slow
def test_where_numba_may_not_compile_the_program_itself_says_it_once(tmp_path):
    given = {"env": {**os.environ, "NUMBA_DISABLE_JIT": "1"}, "cwd": tmp_path}
    fit = run("fit", "wisconsin", "-o", "m.safetensors", *QUICK, **given)
    assert fit.returncode == 0
    check_numba_is_missed_once(fit.stderr)


# ---------------------------------------------------------------------------- the main job


def test_fit_predict_show(cli):
    fit = cli("fit", "wisconsin", "-o", "breast.safetensors")
    assert fit.code == 0
    for words in (
        "wisconsin: 699 rows, 9 columns; 16 cells are missing (bare_nuclei)",
        "class: 458 benign, 241 malignant",
        "82 inputs → 128 relu → 128 relu → 1 logit; 27,265 parameters in float32; "
        "the mean of 5 such networks",
        "was the best by the loss on its fold, for the first network; ",
        "seed 0",
        "logistic regression",
        "boosted trees",
        "sensitivity",
        "These 140 test rows do not show whether",
        "Not a medical device.",
    ):
        assert words in " ".join(fit.out.split()), words
    assert 'Left out "sample_id": an identifier.' in fit.err
    assert "236 rows equal an earlier one" in fit.err
    assert "Saved this model as breast.safetensors." in fit.err
    assert os.listdir() == ["breast.safetensors"]

    predict = cli("predict", "breast.safetensors", "wisconsin")
    assert predict.code == 0
    assert predict.out.splitlines()[0] == "prediction,p_benign,p_malignant"
    assert len(predict.out.splitlines()) == 700

    show = cli("show", "breast.safetensors")
    assert show.code == 0
    assert show.err == ""
    said = " ".join(show.out.split())
    for words in (
        f"a classifier, written by thalweg {thalweg.__version__}",
        "9 numbers: clump_thickness,",
        "class: benign, or malignant above a probability of 0.5",
        load_model("breast.safetensors").data_hash_,
        "27,265 parameters",
        "the mean of 5 such networks",
        "seed 0",
        "Not a medical device.",
    ):
        assert words in said, words
    # The file contains the model that was evaluated, and the evaluation.
    verdict = fit.out[fit.out.index("Trained on") :]
    assert verdict == show.out[show.out.index("Trained on") :]


def test_nothing_is_written_unasked(cli):
    assert cli("fit", "wisconsin", *QUICK).code == 0
    assert os.listdir() == []


def test_the_saved_model_is_the_judged_one_and_never_saw_the_test_part(cli):
    said = cli("fit", "wisconsin", "-o", "m", "--json", "--seed", 3, *QUICK).json
    judged = said["result"]["judgement"]
    loaded = read_model("m")
    assert loaded.judgement == for_model_file(judged)
    assert loaded.target == "class"
    whole = load_table("wisconsin")
    y = whole.target.to_numpy()
    train, test = holdout_split(infer_schema(whole.frame).matrix(whole.frame), y, seed=3)
    assert (len(train), len(test)) == (judged["n_train"], judged["n_test"])
    p = loaded.model.predict_proba(whole.frame.iloc[test])[:, 1]
    metrics = judged["network"]["metrics"]
    truth = y[test] == "malignant"
    assert metrics["log_loss"]["value"] == pytest.approx(log_loss(truth, p), rel=1e-12)
    assert metrics["auc"]["value"] == pytest.approx(roc_auc_score(truth, p), rel=1e-12)
    same = {"max_iter": 3, "early_stopping": False, "n_bins": 0}
    again = ThalwegClassifier((4,), **same, positive="malignant", random_state=3)
    again.fit(whole.frame.iloc[train], y[train])
    assert np.array_equal(again.theta_, loaded.model.theta_)
    assert again.data_hash_ == loaded.model.data_hash_


def test_equal_runs_write_equal_files_however_much_is_said(cli):
    table("t.csv")
    for name, more in {"a": (), "b": ("-q",), "c": ("--json", "-v"), "d": ("--seed", "1")}.items():
        assert cli("fit", "t.csv", "--target", "y", *QUICK, "-o", name, *more).code == 0
    files = {name: Path(name).read_bytes() for name in "abcd"}
    assert files["a"] == files["b"] == files["c"] != files["d"]


def test_every_setting_reaches_the_estimator(cli):
    table("t.csv")
    said = cli(
        "fit", "t.csv", "--target", "y", "--positive", "bad", "--drop", "z", "--json",
        "--hidden", "5,3", "--activation", "tanh", "--optimizer", "sgd:lr=0.2,momentum=0.5",
        "--alpha", "0.5", "--epochs", "7", "--batch-size", "16", "--early-stopping", "off",
        "--dtype", "float32", "--seed", "9", "--dropout", "0.25", "--bins", "2",
        "--learning-rate-init", "0.125", "--ensemble", "2", "--class-weight", "bad=3,good=1",
    ).json  # fmt: skip
    model = said["result"]["model"]
    assert said["seed"] == model["training"]["seed"] == 9
    assert said["data"]["columns"] == ["x"]
    assert model["positive"] == "bad"
    assert model["network"] == {
        "sizes": [3, 5, 3, 1],  # x, and x in two bins
        "activations": ["tanh", "tanh", "identity"],
        "parameters": 42,
        "dtype": "float32",
    }
    settings = model["training"]["settings"]
    wanted = {
        "hidden_layer_sizes": [5, 3],
        "activation": "tanh",
        "optimizer": "sgd:lr=0.2,momentum=0.5",
        "alpha": 0.5,
        "max_iter": 7,
        "batch_size": 16,
        "early_stopping": False,
        "dtype": "float32",
        "dropout": 0.25,
        "n_bins": 2,
        "learning_rate_init": 0.125,
        "n_ensemble": 2,
        "class_weight": {"bad": 3.0, "good": 1.0},
    }
    assert {name: settings[name] for name in wanted} == wanted
    assert model["training"]["epochs"] == 7


def test_no_hidden_layer_is_logistic_regression(cli):
    told = ("--target", "y", "--hidden", "none", "--bins", "0")
    said = cli("fit", table("t.csv"), *told, "--json").json
    assert said["result"]["model"]["network"]["sizes"] == [2, 1]
    assert "2 inputs → 1 logit; 3 parameters" in cli("fit", "t.csv", *told).out


def test_the_help_of_evaluate_says_at_its_head_how_often_it_repeats(cli):
    from thalweg.jobs.evaluate import EvaluateRequest

    said = " ".join(cli("evaluate", "--help").out.split())
    head = "of five folds and three times with new ones unless --folds and --repeats say otherwise"
    assert head in said
    asked = EvaluateRequest(table="t.csv")
    assert (asked.folds, asked.repeats) == (5, 3)


def test_the_help_names_the_estimators_own_defaults(cli):
    said = " ".join(cli("fit", "--help").out.split())
    for parameter in TRAINING:
        option = parameter.option
        told = re.search(rf"{option.flag} {option.metavar} .*?\[default: (.*?)\]", said)[1]
        if option.default:
            assert told == option.default
        elif parameter.default is None:
            assert told == "none"
        else:
            value = reader_of(parameter)(told.replace(" ", ""))  # a long text is on two lines
            assert value == parameter.default, option.flag


def test_without_a_named_class_it_is_said_which_one_is_looked_for(cli):
    said = cli("fit", table("t.csv"), "--target", "y", *QUICK)
    assert 'The positive class is "good", the last in sorted order; --positive' in said.err
    said = cli("fit", "t.csv", "--target", "y", "--positive", "good", *QUICK)
    assert "looked for" not in said.err


def test_a_file_beats_a_bundled_table(cli):
    table("wisconsin")
    assert cli("fit", "wisconsin", "--target", "y", "--json", *QUICK).json["data"]["rows"] == 60


def test_the_table_may_come_from_stdin(cli, breast, monkeypatch):
    data = Path(table("t.csv")).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    said = cli("fit", "-", "--target", "y", "--json", *QUICK)
    assert said.json["data"]["name"] == "standard input"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TWO_PATIENTS.encode())))
    assert cli("predict", breast, "-").out.count("\n") == 3


@pytest.mark.slow  # a quick test of the documentation feeds the program itself by a pipe
def test_the_program_itself_reads_stdin():
    assert "2 rows, 9 columns" in " ".join(run("check", "-", input=TWO_PATIENTS).stdout.split())


# ---------------------------------------------------------------------------- predictions

HEAD = (
    "clump_thickness,cell_size_uniformity,cell_shape_uniformity,marginal_adhesion,"
    "epithelial_cell_size,bare_nuclei,bland_chromatin,normal_nucleoli,mitoses"
)
TWO_PATIENTS = f"{HEAD}\n1,1,1,1,2,1,1,1,1\n10,10,10,10,10,10,10,10,10\n"


def test_predictions_are_the_models_to_the_last_bit(cli, breast):
    said = cli("predict", breast, "wisconsin")
    assert said.err == 'Left out "sample_id": an identifier.\n'
    head, *rows = csv.reader(io.StringIO(said.out))
    frame = load_table("wisconsin").frame
    model = load_model(breast)
    assert head == ["prediction", "p_benign", "p_malignant"]
    assert [row[0] for row in rows] == model.predict(frame).tolist()
    assert [[*map(float, row[1:])] for row in rows] == model.predict_proba(frame).tolist()


def test_columns_are_found_by_name_and_others_left_aside(cli, breast):
    Path("two.csv").write_text(TWO_PATIENTS)
    plain = cli("predict", breast, "two.csv")
    assert plain.err == ""
    frame = pd.read_csv("two.csv")[HEAD.split(",")[::-1]].assign(**{"class": "?", "note": "=1+1"})
    frame.to_csv("more.csv", index=False)
    more = cli("predict", breast, "more.csv")
    assert more.out == plain.out
    assert more.err == 'Ignored, because the model does not predict from them: "note".\n'
    assert cli("predict", breast, "more.csv", "-q").err == ""


def test_predictions_go_where_they_are_sent(cli, breast):
    Path("two.csv").write_text(TWO_PATIENTS)
    plain = cli("predict", breast, "two.csv").out
    assert cli("predict", breast, "two.csv", "-o", "-").out == plain
    to_file = cli("predict", breast, "two.csv", "-o", "p.csv")
    assert (to_file.out, to_file.err) == ("", "Wrote 2 predictions to p.csv.\n")
    assert Path("p.csv").read_text() == plain
    said = cli("predict", breast, "two.csv", "--json").json
    rows = list(csv.DictReader(io.StringIO(plain)))
    assert [{k: str(v) for k, v in row.items()} for row in said["result"]["predictions"]] == rows
    said = cli("predict", breast, "two.csv", "--json", "-o", "p.csv", "--force").json
    asked = {"interval": None, "sets": None, "abstain": None}
    assert said["result"] == {"rows": 2, "file": "p.csv", "threshold": 0.5, **asked}


RISKY = ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0", '+"', "-inf", "+1e"]
SAFE = ["benign", "-1", "+2.5", "-.5", "-1e-5", "1", "", "'x", "a=b", 'say "no"', "a,b", "ä"]


@pytest.mark.parametrize("label", RISKY + SAFE)
def test_a_spreadsheet_calculates_no_label(label):
    text = csv_bytes(["prediction", "p"], [(label, -0.5), (label, 1e-300)]).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[1] for row in rows[1:]] == ["-0.5", "1e-300"]
    assert {row[0] for row in rows[1:]} == {f"'{label}" if label in RISKY else label}


@given(st.text(st.sampled_from("=+-@\t\r\n01.e a'\",;"), max_size=8))
def test_what_starts_like_a_formula_is_a_number_or_quoted(label):
    ((cell,),) = (
        csv.reader(io.StringIO(csv_bytes([], [(label,)]).decode().removeprefix("\n"), newline=""))
        if label
        else (("",),)
    )
    if cell[:1] in tuple("=+-@\t\r"):
        float(cell)
    assert unguarded(cell) == label


def test_labels_that_are_numbers_stay_numbers(cli):
    X = np.arange(20.0).reshape(20, 1)
    model = ThalwegClassifier((2,), max_iter=2, random_state=0).fit(X, np.repeat([-1, 1], 10))
    save_model(model, "m")
    Path("t.csv").write_text("x0\n0\n19\n")
    said = cli("predict", "m", "t.csv")
    assert said.out.splitlines()[0] == "prediction,p_-1,p_1"
    assert {row.split(",")[0] for row in said.out.splitlines()[1:]} <= {"-1", "1"}
    said = cli("predict", "m", "t.csv", "--json").json["result"]["predictions"]
    assert {type(row["prediction"]) for row in said} == {int}
    shown = cli("show", "m")
    assert "not named: -1, or 1 above a probability of 0.5" in " ".join(shown.out.split())
    assert "saved without an evaluation" in shown.out


# ---------------------------------------------------------------------------- mistakes


@pytest.fixture(scope="module")
def messy(breast, tmp_path_factory):
    """Tables and models with all kinds of errors: the bytes of each, made once."""
    folder = tmp_path_factory.mktemp("messy")
    table(folder / "t.csv")
    table(folder / "holes.csv", y=["good", "", "bad"] * 20)
    table(folder / "one.csv", y="good")
    table(folder / "three.csv", y=["good", "bad", "ugly"] * 20)
    table(folder / "text.csv", cost=[f"{i} mg" if i else "2 g" for i in range(60)])
    damaged = bytearray(breast.read_bytes())
    damaged[-100] ^= 1
    return {
        **{path.name: path.read_bytes() for path in folder.iterdir()},
        "model": breast.read_bytes(),
        "damaged": damaged,
        "pickled": b"\x80\x04\x95 and so on",
        "there": b"precious",
        "empty.csv": b"",
        "header.csv": b"x,z,y\n",
        "ragged.csv": b"x,z,y\n1,2,good\n1,2\n",
        "binary.csv": b"x,y\n1,\x00\x01\x02\n",
        "lacks.csv": b"mitoses\n1\n",
        "words.csv": TWO_PATIENTS.replace("10,10", "ten,10", 1).encode(),
    }


@pytest.fixture
def mess(messy, tmp_path):
    """A folder of them."""
    for name, data in messy.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()


# command line -> exit code, code of the error, text in the message
MISTAKES = {
    "fit wiscosnin": (1, "data", 'Did you mean "wisconsin"?'),
    "fit folder": (2, "settings", "name one column with --target"),
    "fit folder --target y": (1, "data", "The folder has no table"),
    "fit t.csv --target yy": (1, "data", 'Did you mean "y"?'),
    "fit t.csv": (1, "data", "name it: --target NAME"),
    "fit holes.csv --target y": (1, "data", "first in row 2"),
    "fit one.csv --target y": (1, "data", "only one class"),
    "fit three.csv --target y --positive bad": (1, "data", "3 different values"),
    "fit text.csv --target y": (1, "data", "--drop cost"),
    "fit empty.csv --target y": (1, "data", "The file is empty"),
    "fit header.csv --target y": (1, "data", "The table is empty"),
    "fit ragged.csv --target y": (1, "data", "line 3"),
    "fit binary.csv --target y": (1, "data", "zero byte"),
    "fit t.csv --target y --positive Good": (1, "data", 'Did you mean "good"?'),
    "fit t.csv --target y --drop x,z": (1, "data", "name each by itself: --drop x --drop z"),
    "fit t.csv --target y --drop q": (1, "data", 'no column to drop "q"'),
    "fit t.csv --target y --drop x --drop z": (1, "data", "no feature columns"),
    "fit wisconsin -o there": (1, "output", "--force"),
    "fit wisconsin -o folder": (1, "output", "It is a folder"),
    "fit wisconsin -o there/m": (1, "output", "Not a directory"),
    "fit wisconsin -o no/m": (1, "output", "does not exist"),
    "fit wisconsin -o -": (2, "settings", "name a file after -o"),
    "fit wisconsin --optimizer sgd:lr": (2, "settings", "'lr' is not name=value"),
    "fit wisconsin --optimizer sgdd": (2, "settings", "take one of sgd, "),
    "fit wisconsin --hidden 64,x": (2, "settings", "give the units of each"),
    "fit wisconsin --hidden 0": (2, "settings", "(--hidden)"),
    "fit wisconsin --activation rel": (2, "settings", "take one of identity, relu"),
    "fit wisconsin --batch-size 0": (2, "settings", "(--batch-size)"),
    "fit wisconsin --early-stopping on": (
        2,
        "settings",
        "take one of auto, cv, folds, holdout",
    ),
    "fit wisconsin --alpha nan": (2, "settings", "give a number from 0 on"),
    "fit wisconsin --dropout half": (2, "settings", "from 0 to below 1, or auto"),
    "fit wisconsin --dropout 1": (2, "settings", "(--dropout)"),
    "fit wisconsin --dtype f4": (2, "settings", "take one of auto, float32, float64"),
    "fit wisconsin --epochs 0": (2, "settings", "from 1 to 1000000000"),
    "fit wisconsin --epochs 9223372036854775808": (2, "settings", "from 1 to 1000000000, or auto"),
    "fit wisconsin --learning-rate-init 0": (2, "settings", "above 0"),
    "fit wisconsin --max-memory much": (2, "settings", "(--max-memory)"),
    "fit wisconsin --max-memory 1KB": (1, "data", "--max-memory 1GB"),
    "fit wisconsin --seed -1": (2, "settings", "--seed"),
    "fit wisconsin --sed 1": (2, "settings", "see thalweg fit --help"),
    "fit": (2, "settings", "TABLE"),
    "fitt wisconsin": (2, "settings", "see thalweg --help"),
    "predict nowhere wisconsin": (1, "model_file", "No such file"),
    "predict pickled wisconsin": (1, "model_file", "looks like a pickle"),
    "predict t.csv model": (1, "model_file", "looks like text (CSV?)"),
    "predict model lacks.csv": (1, "data", '"clump_thickness"'),
    "predict model words.csv": (1, "data", 'column "clump_thickness", row 2'),
    "predict model header.csv": (1, "data", "The table is empty"),
    "predict model wisconsin -o there": (1, "output", "--force"),
    "show damaged": (1, "model_file", "damaged"),
    "show folder": (1, "model_file", "It is a folder"),
}


def contents(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.usefixtures("mess")
@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_gets_a_sentence_with_the_fix_and_leaves_nothing(cli, tmp_path, line):
    code, kind, words = MISTAKES[line]
    before = contents(tmp_path)
    said = cli(*line.split())
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("Error: ")
    assert "\nFix: " in said.err
    assert words in said.err
    assert "Traceback" not in said.err
    as_json = cli(*line.split(), "--json")
    assert (as_json.code, as_json.err) == (code, said.err)
    told = as_json.json
    assert told["status"] == {1: "failed", 2: "usage"}[code]
    assert told["verb"] == (None if line.startswith("fitt") else line.split()[0])
    assert told["result"] is None
    assert told["error"]["code"] == kind
    assert told["error"]["what"]
    assert told["error"]["fix"]
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("line", "said", "not_said"),
    [
        ("--class-weight sick=3", "Error: --class-weight names 'sick', which", "class_weight"),
        ("--class-weight benign=0", "Error: --class-weight gives 'benign' the", "class_weight"),
        ("--loss huber", "Error: --loss is for targets that are numbers", "loss="),
    ],
)
def test_a_message_names_the_option_and_not_the_parameter(cli, line, said, not_said):
    told = cli("fit", "wisconsin", *line.split(), "--json")
    assert told.code == 2
    assert said in told.err
    assert not_said not in told.err
    assert said.removeprefix("Error: ") in told.json["error"]["what"]


def test_what_differs_from_the_default_is_said_by_fit_and_by_show(cli):
    given = ("--optimizer", "adam:lr=0.01", "--hidden", "4", "--epochs", "2", "-o", "m")
    told = (
        "Settings learning rate 0.01 instead of 0.004; beta_2 0.999 instead of 0.95; schedule "
        "constant instead of cosine; average 0 instead of 2; rate of the input scales times 0 "
        "instead of 6; hidden layers 4 instead of 128, 128; epochs 2 instead of 48; patience 24 "
        "instead of 6; dropout 0 instead of 0.2 Training"
    )
    for said in (cli("fit", "wisconsin", *given), cli("show", "m")):
        assert told in " ".join(said.out.split())
    (listed,) = (cli("show", "m", "--json").json["result"]["model"]["training"]["unlike_default"],)
    assert listed == told.removeprefix("Settings ").removesuffix(" Training").split("; ")


def test_the_rate_has_an_option_of_its_own_that_leaves_the_schedule(cli):
    said = cli("fit", "wisconsin", "--learning-rate-init", "0.01", *QUICK, "--json").json
    training = said["result"]["model"]["training"]
    assert training["unlike_default"][0] == "learning rate 0.01 instead of 0.004"
    assert "schedule" not in " ".join(training["unlike_default"])
    assert training["history"][0]["rate"] <= 0.01
    assert training["history"][-1]["rate"] < 0.001  # the end of a cosine


@pytest.mark.parametrize(
    "line",
    [
        "fitt wisconsin",
        pytest.param("fit wiscosnin", marks=pytest.mark.slow),
        pytest.param("fit wisconsin -o no/m", marks=pytest.mark.slow),
    ],
)
def test_the_program_itself_says_it_too(tmp_path, line):
    code, _, words = MISTAKES[line]
    said = run(*line.split(), cwd=tmp_path)
    assert (said.returncode, said.stdout) == (code, "")
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_an_output_is_tried_before_anything_is_trained(cli):
    Path("there").write_text("precious")
    said = cli("fit", "wisconsin", "--epochs", "1000000", "-o", "there")
    assert said.code == 1
    assert "Left out" not in said.err, "not even the table was read"


def test_force_replaces(cli, breast):
    Path("there").write_text("precious")
    assert cli("fit", "wisconsin", *QUICK, "-o", "there", "--force", "-q").code == 0
    assert load_model("there").theta_.tobytes() == load_model(breast).theta_.tobytes()


def test_a_disk_that_fails_leaves_the_old_model(cli, breast, monkeypatch):
    Path("m").write_bytes(breast.read_bytes())
    fit = ("fit", table("t.csv"), "--target", "y", *QUICK, "-o", "m", "--force")
    trying, saving = Faulty(NEVER, os_error(0)), Faulty(NEVER, os_error(0))
    monkeypatch.setattr(thalweg.files, "filesystem", trying)
    thalweg.files.check_writable("m", overwrite=True)
    monkeypatch.setattr(thalweg.files, "filesystem", saving)
    assert cli(*fit).code == 0
    Path("m").write_bytes(breast.read_bytes())
    assert len(saving.asked) > len(trying.asked) + 5
    for k in range(len(trying.asked) + 1, len(saving.asked) + 1):
        monkeypatch.setattr(thalweg.files, "filesystem", Faulty(k, os_error(errno.ENOSPC)))
        said = cli(*fit, "--seed", "1", "-q", "--json")
        assert said.code == 1, k
        assert said.json["error"]["code"] == "output"
        assert said.json["error"]["fix"].startswith("free some space")
        assert said.json["result"]["file"] is None
        assert said.json["result"]["judgement"]["sentence"]
        assert sorted(os.listdir()) == ["m", "t.csv"], k
        assert Path("m").read_bytes() == breast.read_bytes()


# ---------------------------------------------------------------------------- JSON

ENVELOPE = ["thalweg", "schema", "verb", "status", "seed", "data", "result", "warnings", "error"]


def test_json_is_all_there_is_on_stdout(cli, breast):
    fit = " ".join(["fit wisconsin", *QUICK])
    for line in [fit, f"predict {breast} wisconsin", f"show {breast}"]:
        said = cli(*line.split(), "--json")
        assert said.code == 0
        told = json.loads(said.out, parse_constant=lambda text: pytest.fail(text))
        assert list(told) == ENVELOPE
        assert (told["thalweg"], told["schema"]) == (thalweg.__version__, 1)
        assert (told["verb"], told["status"]) == (line.split()[0], "ok")
        assert (told["warnings"], told["error"]) == ([], None)
        assert told["result"]


def test_json_says_the_numbers_that_a_person_sees(cli):
    page = cli("fit", "wisconsin", *QUICK).out
    told = cli("fit", "wisconsin", *QUICK, "--json").json
    judged = told["result"]["judgement"]["network"]
    for name in ("auc", "log_loss", "brier", "accuracy"):
        estimate = judged["metrics"][name]
        for shown in ("{value:.3f} ", "[{low:.3f}, {high:.3f}]"):
            assert shown.format(**estimate) in page, name
    assert f"{judged['confusion']['false_negative']} of {judged['n_positive']}" in page
    model = told["result"]["model"]
    best = model["training"]["best_epoch"]
    assert f"epoch {best} of {model['training']['epochs']} was the best" in page
    assert told["data"]["missing"] == {"bare_nuclei": 16}
    assert told["data"]["classes"] == {"benign": 458, "malignant": 241}


def test_a_warning_is_a_sentence_and_an_entry(cli):
    table("t.csv", y=["rare"] * 2 + ["often"] * 58)
    folds = ("--no-trees", "--epochs", "3", "--hidden", "4", "--bins", "0")
    said = cli("fit", "t.csv", "--target", "y", *folds, "--json")
    assert said.code == 0
    (warning,) = said.json["warnings"]
    assert list(warning) == ["code", "text", "fix"]
    assert "too few different rows to hold some out" in warning["text"]
    assert warning["fix"].startswith("give more different rows")
    assert said.err.count("Warning: ") == 1
    assert f"\nFix: {warning['fix']}" in said.err
    assert "Warning: " in cli("fit", "t.csv", "--target", "y", *folds, "-q").err


def test_a_diverged_descent_fails_with_the_fix(cli):
    said = cli("fit", "wisconsin", "--optimizer", "sgd:lr=1e300", "--json")
    assert said.code == 1
    assert said.json["error"]["code"] == "divergence"
    assert "take a smaller learning rate" in said.err


# ---------------------------------------------------------------------------- streams


def test_quiet_leaves_the_result_alone(cli):
    fit = ("fit", table("t.csv"), "--target", "y", *QUICK)
    loud, quiet = cli(*fit), cli(*fit, "--quiet")
    assert loud.err
    assert (quiet.err, quiet.out) == ("", loud.out)


@pytest.mark.parametrize(
    "verb", ["fit", "evaluate", "decide", "predict", "trace", "landscape", "report", "check"]
)
def test_the_help_of_quiet_says_that_results_are_printed(cli, verb):
    said = " ".join(cli(verb, "--help").out.replace("│", " ").split())
    assert "Print no notes and no progress; results, warnings and errors are still printed." in said


def test_verbose_shows_every_epoch(cli):
    fit = ("fit", table("t.csv"), "--target", "y", *QUICK)
    said = cli(*fit, "-v")
    rows = said.err[said.err.index("epoch  training loss") :].splitlines()
    assert [row.split()[0] for row in rows] == ["epoch", "1", "2", "3"]
    assert said.out == cli(*fit).out


def test_a_log_has_neither_colour_nor_spaces_at_line_ends(cli):
    said = cli("fit", "wisconsin", *QUICK, "-v", "-o", "m")
    assert "\x1b" not in said.out + said.err
    assert not re.search(r"[ \t]$", said.out + said.err, re.MULTILINE)
    assert max(map(len, said.out.splitlines())) <= 80


def on_a_terminal(*arguments, program=PROGRAM, **environment):
    """The output on a terminal of 80 columns, both streams together."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*program, *map(str, arguments)],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40", **environment},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return process.wait(), said.decode()


# All lines in one process, because its start is what takes the time.
FOUR_LINES = """
import os
from thalweg.cli.main import main
def fit_and_error():
    fit = ["fit", "wisconsin", "--epochs", "9", "--hidden", "4", "--no-trees", "--bins", "0"]
    codes = main(fit), print("BETWEEN"), main(["fit", "no"])
    assert codes == (0, None, 1), codes
fit_and_error()
print("BETWEEN")
os.environ["NO_COLOR"] = "1"
fit_and_error()
"""

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][;m]")


def test_a_terminal_gets_a_bar_and_colours_and_no_color_is_honoured():
    code, said = on_a_terminal("-c", FOUR_LINES, program=[sys.executable])
    assert code == 0, said
    fit, error, *without = said.split("BETWEEN")
    assert "Training" in fit
    assert "━" in fit
    assert COLOUR.search(fit)
    assert "epoch 1 of" not in fit  # no lines of a log
    assert COLOUR.search(error)
    for first, second in ((fit, error), without):
        assert "Not a medical device." in first
        assert "Error" in second
    for said in without:
        assert not COLOUR.search(said)


def test_nothing_read_can_command_the_terminal(cli):
    evil = "\x1b]0;owned\x07\x9b31m\u202etxt"
    X = pd.DataFrame({evil: np.arange(20.0)})
    model = ThalwegClassifier((2,), max_iter=2, random_state=0)
    save_model(model.fit(X, np.repeat(["no", evil], 10)), "m", target=evil)
    said = cli("show", "m")
    assert not set(said.out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert r"\x1b]0;owned\x07\x9b31m\u202etxt" in said.out.replace("\n           ", "")
    X.assign(more=1).to_csv("t.csv", index=False)
    assert "\x1b" not in cli("fit", "t.csv", "--target", "tt").err
    assert cli("show", "m", "--json").json["result"]["target"] == evil


@given(st.text())
def test_what_is_printable_stays_and_no_control_character_does(text):
    said = printable(text)
    assert {unicodedata.category(sign) for sign in said if sign != "\n"}.isdisjoint({"Cc", "Cs"})
    if text.isprintable():
        assert said == text


# ---------------------------------------------------------------------------- endings


@contextlib.contextmanager
def unread_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    # Closing it writes what waits to be written.
    with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "w") as nowhere:
        yield nowhere


@pytest.mark.parametrize(
    "line", ["--version", pytest.param("check wisconsin -q", marks=pytest.mark.slow)]
)
def test_nobody_reading_is_no_error(line):
    # Each verb in this process: test_whatever_nobody_reads_is_no_error.
    with unread_pipe() as nowhere:
        line = [*PROGRAM, *line.split()]
        ended = subprocess.run(
            line, stdout=nowhere, stderr=subprocess.PIPE, text=True, env=BUFFERED
        )
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("line", ["predict MODEL wisconsin -q", "show MODEL", "show MODEL --json"])
def test_whatever_nobody_reads_is_no_error(breast, monkeypatch, capsys, line):
    codes = []
    with unread_pipe() as nowhere:
        monkeypatch.setattr(sys, "stdout", nowhere)
        codes.append(main(line.replace("MODEL", str(breast)).split()))
        monkeypatch.undo()
    assert codes == [141]
    assert capsys.readouterr().err == ""


class Full(io.BytesIO):
    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "line", ["predict MODEL wisconsin -q", "show MODEL --json", "--version", "--help"]
)
def test_a_full_disk_below_stdout_is_reported(breast, monkeypatch, capsys, line):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Full()))
    assert main(line.replace("MODEL", str(breast)).split()) == 1
    monkeypatch.undo()
    said = capsys.readouterr()
    assert "Error: The result cannot be written (standard output)" in said.err
    assert "No space left" in said.err


class Filling(io.RawIOBase):
    """A disk that fills up: it takes a part of what is written, and then nothing."""

    def __init__(self, room):
        self.room, self.taken = room, b""

    def writable(self):
        return True

    def write(self, data):
        part = bytes(data[: self.room])
        if not part:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room, self.taken = self.room - len(part), self.taken + part
        return len(part)


def test_a_disk_that_takes_only_a_part_is_an_error_without_a_buffer_too(
    breast, monkeypatch, capsys
):
    # As with python -u, and PYTHONUNBUFFERED=1 in containers.
    assert main(["show", str(breast), "--json"]) == 0
    whole = capsys.readouterr().out
    for room, code in ((100, 1), (len(whole) + 10, 0)):
        raw = Filling(room)
        stream = SimpleNamespace(
            buffer=raw, flush=lambda: None, isatty=lambda: False, encoding="utf-8"
        )
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["show", str(breast), "--json"]) == code
        monkeypatch.undo()
        assert ("No space left" in capsys.readouterr().err) == bool(code)
        assert raw.taken.decode() == whole[:room]


# Linux has a disk that is always full.
@pytest.mark.parametrize("disk", [disk for disk in ["/dev/full"] if os.path.exists(disk)])
@pytest.mark.parametrize(
    "line", ["--version", pytest.param("check wisconsin -q", marks=pytest.mark.slow)]
)
def test_the_program_itself_tells_a_full_disk(disk, line):
    # Each verb in this process: test_a_full_disk_below_stdout_is_reported.
    with open(disk, "w") as full:
        ended = subprocess.run(
            [*PROGRAM, *line.split()], stdout=full, stderr=subprocess.PIPE, text=True, env=BUFFERED
        )
    assert ended.returncode == 1
    assert "ignored" not in ended.stderr
    assert ended.stderr.startswith("Error: The result cannot be written")
    assert "No space left on device.\nFix: " in ended.stderr


def test_a_stream_that_knows_ascii_only_gets_what_it_can(breast, monkeypatch):
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["show", str(breast)]) == 0
    monkeypatch.undo()
    ascii_only.flush()
    said = ascii_only.buffer.getvalue().decode("ascii")
    assert "? 4 relu ? 1 logit" in said
    assert "-----+-----" in said  # the rules of a table are drawn in ASCII


@pytest.mark.slow
def test_the_program_itself_gives_a_stream_that_knows_ascii_only_what_it_can(breast):
    said = run("show", breast, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert said.returncode == 0
    assert said.stdout.isascii()
    assert "? 4 relu ? 1 logit" in said.stdout
    assert "-----+-----" in said.stdout  # the rules of a table are drawn in ASCII


@pytest.mark.parametrize("line", ["--help", "-h", "fit --help", "", "--version"])
def test_help_that_nobody_reads_is_no_error(monkeypatch, capfd, line):
    codes = []  # an error in the block could be lost: to close the pipe is one, too
    with unread_pipe() as nowhere:
        monkeypatch.setattr(sys, "stdout", nowhere)
        codes.append(main(line.split()))
    assert codes == [141]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("line", ["--help", "fit -h", "", "--version"])
def test_help_without_a_stdout_is_an_error(monkeypatch, capfd, line):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(line.split()) == 1
    assert "It is closed." in capfd.readouterr().err


# In this process: test_help_without_a_stdout_is_an_error.
@pytest.mark.slow
def test_a_closed_stdout_is_reported():
    command = f'"{PROGRAM[0]}" check wisconsin >&-'
    ended = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "It is closed." in ended.stderr
    assert "leave out what closes it (>&-)" in ended.stderr
    assert "space" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("stopping", ["auto", pytest.param("off", marks=pytest.mark.slow)])
def test_ctrl_c_ends_at_once_and_writes_nothing(tmp_path, stopping):
    talkative = (
        "import thalweg.training.progress as progress, thalweg.cli.main as cli;"
        "progress.SECONDS_BETWEEN_LINES = 0.0; cli.run()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", talkative, "fit", "wisconsin", "--epochs", "1000000",
         "--early-stopping", stopping, "--batch-size", "1", "-o", "m", "--json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background has them ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        for line in process.stderr:
            if ": epoch 1 of" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Error: Interrupted; no file was left half-written." in err
    assert "Traceback" not in err
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert list(tmp_path.iterdir()) == []


def broken(*_):
    raise RuntimeError("two and two are five")


def test_verbose_shows_how_the_losses_ran(cli):
    few = ("--no-trees", "--hidden", "4", "--bins", "0")
    said = cli("fit", "wisconsin", "--epochs", "12", *few, "-v")
    assert said.code == 0
    assert re.search(r"training\s.*[▁▂▃▄▅▆▇█_.:=+*#-]{5}", said.err)
    assert "gradient norm" in said.err


def test_a_defect_is_owned_up_to(cli, breast, monkeypatch):
    monkeypatch.setattr(thalweg.jobs.show, "model_facts", broken)
    said = cli("show", breast, "--json")
    assert said.code == 1
    assert "Error: This is a defect in thalweg: RuntimeError: two and two are five." in said.err
    assert "Traceback" not in said.err
    assert said.json["error"]["code"] == "defect"
    monkeypatch.setenv("THALWEG_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in cli("show", breast).err


def test_too_little_memory_is_no_defect(cli, breast, monkeypatch):
    def starved(*_):
        raise MemoryError

    monkeypatch.setattr(thalweg.jobs.show, "model_facts", starved)
    assert "There is not enough memory" in cli("show", breast).err


# ---------------------------------------------------------------------------- the start


def test_help_is_help(cli):
    assert cli().out == cli("--help").out == cli("-h").out
    for verb in ("fit", "predict", "show"):
        assert f"  {verb} " in cli().out
        said = cli(verb, "--help")
        assert said.code == 0
        assert f"Usage: thalweg {verb}" in said.out
        assert "Examples:" in said.out
        assert max(map(len, said.out.splitlines())) <= 80


def test_what_is_not_used_is_not_imported():
    code = (
        "import sys; from thalweg.cli.main import main; "
        "assert main(['--version']) == main(['--help']) == main(['fit', '--help']) == 0; "
        "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sklearn", "pandas", "scipy", "safetensors"}.isdisjoint(ended.stderr.split())
    assert "numpy" in ended.stderr.split()


def test_a_fit_survives_a_closed_stderr(cli, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert cli("fit", "wisconsin", "-o", "m", *QUICK).code == 0
    assert load_model("m").n_features_in_ == 9


@pytest.mark.slow
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_fit_survives_a_stderr_that_takes_nothing(tmp_path, redirection):
    line = " ".join([f'"{PROGRAM[0]}"', "fit wisconsin -o m", *QUICK, redirection])
    ended = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0
    assert "Not a medical device." in ended.stdout
    assert load_model(tmp_path / "m").n_features_in_ == 9


def test_a_closed_stdin_is_reported(cli, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    said = cli("check", "-")
    assert said.code == 1
    assert "Standard input is closed" in said.err
    assert "defect" not in said.err


@pytest.mark.slow
def test_the_program_itself_reports_a_closed_stdin():
    ended = subprocess.run(
        f'"{PROGRAM[0]}" check - <&-', shell=True, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "Standard input is closed" in ended.stderr
    assert "defect" not in ended.stderr


def test_no_output_replaces_what_standard_input_reads(cli, tmp_path):
    table = tmp_path / "same.csv"
    table.write_text("a,b\n1,2\n")
    before = table.read_bytes()
    (tmp_path / "link.csv").symlink_to(table)
    before_it = os.dup(0)
    try:
        with open(table) as fed:
            os.dup2(fed.fileno(), 0)  # as a shell does
        for path in ("same.csv", "link.csv"):
            said = cli("predict", "x", "-", "--force", "-o", path)
            assert said.code == 2
            assert f"--output {path} would replace what standard input reads" in said.err
    finally:
        os.dup2(before_it, 0)
        os.close(before_it)
    assert (tmp_path / "link.csv").is_symlink()
    assert table.read_bytes() == before


@pytest.mark.parametrize("width", ["0", "1", "10"])
def test_no_word_is_lost_where_the_terminal_says_it_is_narrow(cli, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", "40")
    wide = cli("check", "wisconsin")
    monkeypatch.setenv("COLUMNS", width)
    narrow = cli("check", "wisconsin")
    assert (narrow.code, narrow.out) == (wide.code, wide.out)
    assert len(wide.out) > 500


# Elsewhere every file name is text.
@pytest.mark.parametrize("name", [b"bad\xff.csv"] if sys.platform == "linux" else [])
def test_a_table_whose_file_name_is_no_text_gives_a_model(cli, tmp_path, name):
    X = np.random.default_rng(0).normal(size=(60, 2))
    table = pd.DataFrame(X, columns=["a", "b"]).assign(y=np.where(X[:, 0] > 0, "ill", "well"))
    table.to_csv(tmp_path / os.fsdecode(name), index=False)
    quick = ("--hidden", "2", "--epochs", "2", "-o", "m.safetensors")
    said = cli("fit", os.fsdecode(name), "--target", "y", *quick)
    assert said.code == 0, said.err
    assert "bad\\udcff.csv" in said.out
    said = cli("show", "m.safetensors")
    assert said.code == 0
    assert "m.safetensors" in said.out
