"""Several targets on the command line: fit, evaluate, predict, show, decide, report."""

import io
import json
import shlex
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pandas as pd
import pytest

import thalweg
from thalweg.cli.main import main
from thalweg.persistence.model_file import read_model

NAMES = ["ill", "old one", "c=d"]


class _Done:
    """The exit code and the outputs of a command."""

    def __init__(self, code, stdout, stderr):
        self.exit_code, self.stdout, self.stderr = code, stdout, stderr
        self.output = stdout + stderr


def _run(*words):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*map(str, words)])
        out.flush()
        err.flush()
    return _Done(code, *(each.buffer.getvalue().decode() for each in (out, err)))


def _targets(names):
    return [word for name in names for word in ("--target", name)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("targets")


@pytest.fixture(scope="module")
def table(place):
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 3))
    frame = pd.DataFrame(X.round(4), columns=["a", "b", "c"])
    noise = random.normal(size=(300, 3))
    frame["ill"] = np.where(X[:, 0] + noise[:, 0] > 0, "yes", "no")
    frame["old one"] = np.where(X[:, 1] + noise[:, 1] > 0.8, 1, 0)
    frame["c=d"] = np.where(X[:, 2] + noise[:, 2] > 0, "u", "v")
    frame["x"], frame["y"] = (X[:, 0] + X[:, 1]).round(4), (3 * X[:, 2]).round(4)
    frame["three"] = random.choice(["p", "q", "r"], 300)
    frame.to_csv(place / "t.csv", index=False)
    return place / "t.csv"


@pytest.fixture(scope="module")
def fitted(table, place):
    model = place / "m.safetensors"
    done = _run(
        "fit", table, *_targets(NAMES), "--positive", "old one=1", "--positive", "c=d=u",
        "--drop", "x", "--drop", "y", "--drop", "three", "-o", model, "--report", place / "r.html",
        "--predictions", place / "p.csv", "--no-trees", "--preset", "quick", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return model, json.loads(done.stdout)


def test_json_has_a_judgement_of_each_target(fitted):
    result = fitted[1]["result"]
    assert [each["target"] for each in result["judgements"]] == NAMES
    assert {each["n_test"] for each in result["judgements"]} == {59}
    assert [each["positive"] for each in result["judgements"]] == ["yes", "1", "u"]
    assert [each["target"] for each in fitted[1]["data"]["targets"]] == NAMES


def test_the_evaluation_is_that_of_the_predictions(fitted, place):
    made = pd.read_csv(place / "p.csv")
    for name, yes in zip(NAMES, ["yes", 1, "u"], strict=True):
        truth, p = made[f"{name}_truth"] == yes, made[f"{name}_p_{yes}"]
        loss = -np.log(np.where(truth, p, 1 - p)).mean()
        (found,) = [e for e in fitted[1]["result"]["judgements"] if e["target"] == name]
        assert found["network"]["metrics"]["log_loss"]["value"] == pytest.approx(loss, rel=1e-9)


def test_correlations_are_those_of_the_predictions(fitted, place):
    made, found = pd.read_csv(place / "p.csv"), fitted[1]["result"]["together"]
    truth = np.column_stack(
        [made[f"{n}_truth"] == y for n, y in zip(NAMES, ["yes", 1, "u"], strict=True)]
    )
    p = np.column_stack([made[f"{n}_p_{y}"] for n, y in zip(NAMES, ["yes", "1", "u"], strict=True)])
    np.testing.assert_allclose(found["targets"], np.corrcoef(truth.T.astype(float)), atol=1e-12)
    np.testing.assert_allclose(found["errors"], np.corrcoef((truth - p).T), atol=1e-12)


def test_the_file_keeps_each_evaluation(fitted):
    file = read_model(fitted[0], several=True)
    assert file.targets == tuple(NAMES)
    for name, found in zip(NAMES, fitted[1]["result"]["judgements"], strict=True):
        own = file.of_target(name)
        assert own.judgement["sentence"] == found["sentence"]
        assert own.judgement["network"] == found["network"]
    assert file.together.as_dict() == fitted[1]["result"]["together"]


def test_predict_has_columns_of_each_target(fitted, table):
    done = _run("predict", fitted[0], table, "--quiet", "--id", "a")
    lines = done.stdout.splitlines()
    assert lines[0].split(",")[:4] == ["a", "ill_prediction", "ill_p_no", "ill_p_yes"]
    model, X = thalweg.load_model(fitted[0]), pd.read_csv(table)[["a", "b", "c"]]
    made = pd.read_csv(io.StringIO(done.stdout))
    columns = ["ill_p_yes", "old one_p_1", "c=d_p_u"]
    np.testing.assert_allclose(made[columns], model.predict_proba(X), atol=1e-6)
    one = _run("predict", fitted[0], table, "--quiet", "--target", "old one")
    assert one.stdout.splitlines()[0] == "prediction,p_0,p_1"


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "M", "T", "--row", "2"], ["decide", "M", "--missed", "5", "--alarm", "1"],
        ["trace", "M", "T", "--row", "2"], ["card", "M"], ["drift", "M", "T"],
    ],
)  # fmt: skip
def test_a_verb_asks_for_a_target_and_its_fix_works(words, fitted, table):
    words = [{"M": fitted[0], "T": table}.get(word, word) for word in words]
    refused = _run(*words)
    assert refused.exit_code == 2
    assert "add --target ill, --target 'old one' or --target c=d" in " ".join(
        refused.output.split()
    )
    assert _run(*words, "--target", "old one").exit_code in (0, 3)


def test_decide_keeps_the_threshold_in_the_joint_file(fitted, place):
    out = place / "d.safetensors"
    words = ["--missed", "4", "--alarm", "1", "--target", "ill", "-o", out, "--force"]
    assert _run("decide", fitted[0], *words).exit_code == 0
    file, before = (read_model(path, several=True) for path in (out, fitted[0]))
    assert file.model.threshold_.tolist() == [pytest.approx(0.2), 0.5, 0.5]
    assert [each.judgement for each in file.evaluations] == [
        each.judgement for each in before.evaluations
    ]


def test_show_lists_the_targets_or_one(fitted):
    assert json.loads(_run("show", fitted[0], "--json").stdout)["result"]["targets"] == NAMES
    one = json.loads(_run("show", fitted[0], "--json", "--target", "ill").stdout)["result"]
    assert (one["target"], one["judgement"]["n_test"]) == ("ill", 59)
    assert "has no target" in _run("show", fitted[0], "--target", "b").output


def test_the_overview_and_the_report_of_one(fitted, place):
    page = (place / "r.html").read_text()
    assert "<script src" not in page
    assert "Copy as Python" in page
    for name in NAMES:
        assert name in page
    assert "--target</span> &#x27;old one&#x27; " in page
    again = place / "again.html"
    assert _run("report", fitted[0], "-o", again).exit_code == 0
    assert _run("report", fitted[0], "--target", "ill", "-o", again, "--force").exit_code == 0
    assert "<script" in again.read_text()


def test_evaluate_a_saved_model_on_rows(fitted, table):
    found = json.loads(_run("evaluate", fitted[0], table, "--json").stdout)["result"]
    assert [each["target"] for each in found["judgements"]] == NAMES
    some = json.loads(
        _run("evaluate", fitted[0], table, *_targets(NAMES[:2]), "--json").stdout
    )["result"]  # fmt: skip
    assert some["judgements"] == found["judgements"][:2]


def test_cross_validation_of_numbers(table):
    done = _run(
        "evaluate", table, *_targets(["x", "y"]), "--folds", "2", "--repeats", "1", "--no-trees",
        "--preset", "quick", "--json",
    )  # fmt: skip
    found = json.loads(done.stdout)["result"]["judgements"]
    assert [(each["target"], each["task"], each["n_test"]) for each in found] == [
        ("x", "regression", 300), ("y", "regression", 300),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["ill", "x"], "thalweg fit T --target ill --drop x ; thalweg fit T --target x --drop ill"),
        (
            ["ill", "three"],
            "T --target ill --drop three ; thalweg fit T --target three",
        ),
        (["ill", "ill"], "name each target once"),
        (["ill", "nothing"], 'no target column "nothing"'),
    ],
)
def test_targets_that_do_not_go_together(names, said, table):
    done = _run("fit", table, *_targets(names))
    assert done.exit_code in (1, 2)
    text = " ".join(done.output.replace(str(table), "T").split())
    assert said in text


def test_a_row_without_a_target_is_refused_or_left_out_for_all(table, place):
    frame = pd.read_csv(table)
    frame.loc[[4, 9], "x"] = np.nan
    frame.to_csv(place / "gaps.csv", index=False)
    words = ["fit", place / "gaps.csv", *_targets(["x", "y"]), "--no-trees", "--preset", "quick"]
    assert _run(*words).exit_code == 1
    done = _run(*words, "--drop-missing", "x", "--json")
    assert json.loads(done.stdout)["data"]["rows"] == 298
    assert 'Left out 2 rows without a target: "x" is missing in rows 5 and 10.' in done.stderr


def test_target_of_a_model_of_one(table, place):
    model = place / "one.safetensors"
    drop = [word for name in [*NAMES[1:], "x", "y", "three"] for word in ("--drop", name)]
    done = _run("fit", table, "--target", "ill", *drop, "--no-trees", "--preset", "quick",
                "-o", model)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert _run("show", model, "--target", "ill").exit_code == 0
    assert "is not the target of this model" in _run("show", model, "--target", "b").output


@pytest.mark.parametrize("option", ["--exposure", "--offset"])
def test_an_exposure_of_several_targets_is_refused_before_training(option, table):
    done = _run(
        "fit", table, *_targets(["x", "y"]), option, "a", "--task", "regression", "--loss",
        "tweedie", "--drop", "ill",
    )  # fmt: skip
    text = " ".join(done.output.split())
    assert done.exit_code == 2
    assert f"{option} is for one target, and 2 are named" in text
    assert "one model for each target" in text
    assert "name one, --target x, and leave the others out with --drop y" in text


def test_an_exposure_among_the_targets_is_not_dropped_by_the_fix(table):
    said = ("--exposure", "y", "--loss", "gamma", "--task", "regression")
    text = " ".join(_run("fit", table, *_targets(["x", "y"]), *said).output.split())
    assert '"y" itself among them' in text
    assert "Fix: make one model for each target: name one, --target x; or leave out" in text
    text = " ".join(_run("fit", table, "--target", "x", "--drop", "y", *said).output.split())
    assert '--exposure names "y", and --drop y leaves it out' in text


@pytest.mark.parametrize(
    "option", [("--loss", "quantile:levels=0.1/0.9"), ("--loss-formula", "abs(z - y)")]
)
def test_a_loss_of_one_target_names_the_commands(option, table):
    done = _run("fit", table, *_targets(["x", "y"]), *option, "--drop", "ill", "--epochs", "1",
                "--hidden", "2", "--early-stopping", "off", "--no-trees")  # fmt: skip
    text = " ".join(done.output.split())
    assert "is for one target, and 2 are named" in text
    assert "y has" not in text
    first, _ = text.partition("for each target: ")[2].split(" ; ")
    assert _run(*shlex.split(first)[1:], "-q").exit_code == 0, first


def test_names_with_an_equals_sign_have_a_positive_class_of_their_own(place):
    random, path = np.random.default_rng(1), place / "equal.csv"
    frame = pd.DataFrame({"q": random.normal(size=80).round(3)})
    frame["a"], frame["a=b"] = random.choice(["b=c", "u"], 80), random.choice(["c", "v"], 80)
    frame.to_csv(path, index=False)
    said = ("fit", path, *_targets(["a", "a=b"]), "--hidden", "2", "--epochs", "1", "--no-trees",
            "--early-stopping", "off", "--json")  # fmt: skip
    done = _run(*said, "--positive", "a=b=c")
    text = " ".join(json.loads(done.stdout)["error"]["fix"].split())
    words = shlex.split(text.removeprefix("write ").replace(" or ", " "))
    assert words == ["--positive", r"a=b\x3dc", "--positive", r"a\x3db=c"]
    done = _run(*said, *words)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["data"]["targets"]
    assert [each["positive"] for each in found] == ["b=c", "c"]


@pytest.fixture(scope="module")
def with_gaps(table, place):
    frame = pd.read_csv(table)
    frame.loc[[3, 8], "ill"] = None
    frame.loc[8:10, "c=d"] = None
    frame.to_csv(place / "gaps.csv", index=False)
    return place / "gaps.csv"


def test_the_fix_for_a_missing_target_of_a_saved_model_works(fitted, with_gaps):
    refused = _run("evaluate", fitted[0], with_gaps)
    assert "--drop-missing ill" in " ".join(refused.output.split())
    drop = ["--drop-missing", "ill", "--drop-missing", "c=d"]
    done = _run("evaluate", fitted[0], with_gaps, *drop, "--json")
    assert done.exit_code in (0, 3), done.output
    found = json.loads(done.stdout)
    assert found["data"]["rows"] == 296
    assert {(each["column"], each["rows"]) for each in found["data"]["left_out"]} == {
        ("ill", 2), ("c=d", 2),
    }  # fmt: skip
    one = _run("evaluate", fitted[0], with_gaps, *drop, "--target", "old one", "--json")
    assert json.loads(one.stdout)["data"]["rows"] == 296


def test_rows_without_a_target_are_left_out_for_all_and_said_so(with_gaps):
    done = _run(
        "evaluate", with_gaps, *_targets(NAMES[:2]), "--drop-missing", "ill", "--drop", "c=d",
        "--folds", "2", "--repeats", "1", "--no-trees", "--preset", "quick", "--drop", "three",
    )  # fmt: skip
    text = " ".join(done.output.split())
    assert done.exit_code in (0, 3), done.output
    assert "2 rows without a target (ill)" in text
    assert "drop-row" not in text
    assert "by number" not in text


def test_the_commands_for_each_kind_have_all_options_and_work(table, place):
    frame = pd.read_csv(table)
    frame["x"] = frame["x"].map(lambda each: f"{each:.2f}".replace(".", ","))
    frame["a"] = frame["a"].map("{:.3f}".format)
    frame.loc[3, "a"], frame.loc[4, "ill"] = "gone", "gone"
    frame.to_csv(place / "mixed.csv", index=False)
    words = [
        *_targets(["ill", "c=d", "x"]), "--missing", "a=gone", "--missing", "ill=gone", "--number",
        "x=1,5", "--drop", "three", "--drop", "old one", "--drop", "y", "--hidden", "3",
        "--positive", "c=d=u", "--loss", "huber", "--epochs", "3", "--no-trees",
    ]  # fmt: skip
    refused = _run("fit", place / "mixed.csv", *words)
    assert refused.exit_code == 1, refused.output
    text = " ".join(refused.output.split())
    commands = text.split("make one model for each kind: ")[1].rstrip(".").split(" ; ")
    assert len(commands) == 2
    assert "--loss" not in commands[0]
    assert "--loss huber" in commands[1]
    for command in commands:
        assert "--hidden 3" in command
        assert "--missing a=gone" in command
        done = _run(*shlex.split(command)[1:])
        assert done.exit_code in (0, 3), (command, done.output)
