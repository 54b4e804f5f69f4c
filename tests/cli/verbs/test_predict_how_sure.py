"""``thalweg predict --interval --sets --abstain``: how sure predictions are."""

import csv
import io
import json
import shlex

import numpy as np
import pandas as pd
import pytest

from made_files import commands_in, copied_here
from thalweg.cli.options.option_groups import with_usual_level
from thalweg.persistence.model_file import load_model

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models of two classes, of three with odd names, and of a number; and their rows."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 150), 1)})
    u = frame["dose"] - 50 + 9 * rng.normal(size=150)
    frame.assign(ill=(u > 2).astype(int)).to_csv(folder / "two.csv", index=False)
    kinds = np.array(["=low", "mid", "low, or mid"])[np.digitize(u, [-5, 6])]
    frame.assign(ill=kinds).to_csv(folder / "three.csv", index=False)
    frame.assign(ill=np.round(40 + u, 2)).to_csv(folder / "number.csv", index=False)
    with commands_in(folder) as run:
        for name in ("two", "three", "number"):
            run("fit", f"{name}.csv", "--target", "ill", "-o", name, *QUICK)
    return frame, folder


@pytest.fixture
def models(cli, made):
    """The rows; the files are in the folder of the test."""
    frame, folder = made
    copied_here(folder)
    return frame.copy()


def predict(cli, *arguments):
    code, out, err = cli("predict", *arguments)
    assert code == 0, err
    return list(csv.DictReader(io.StringIO(out))), " ".join(err.split())


def test_intervals_are_those_of_python_and_stand_behind_the_number(cli, models):
    found, note = predict(cli, "number", "number.csv", "--interval", "0.95", "--id", "ill")
    assert list(found[0]) == ["ill", "prediction", "low", "high"]
    ends = np.array([[float(row["low"]), float(row["high"])] for row in found])
    assert np.array_equal(ends, load_model("number").predict_interval(models, 0.95))
    said = json.loads(cli("predict", "number", "number.csv", "--interval", "0.95", "--json")[1])
    result = said["result"]
    assert [[row["low"], row["high"]] for row in result["predictions"]] == ends.tolist()
    assert result["sets"] is None
    assert result["abstain"] is None
    # Barber et al. 2021, theorem 4: 1 - 2 α - the smaller term, of 120 rows in five folds.
    floor = 1 - 2 * 0.05 - min(2 * (1 - 1 / 5) / (120 / 5 + 1), (1 - 5 / 120) / 6)
    assert result["interval"] == {
        "kind": "plain", "confidence_level": 0.95, "n_held_out": 120, "floor": pytest.approx(floor),
    }  # fmt: skip
    assert "Intervals at 95 %: about 95 % of new rows, if they are like the training rows," in note
    assert f"CV+ guarantees {int(100 * floor)} % for networks whose held-out rows did not" in note
    assert "here they did" in note


def test_digits_round_intervals_outward(cli, models):
    exact, _ = predict(cli, "number", "number.csv", "--interval", "0.9")
    found, _ = predict(cli, "number", "number.csv", "--interval", "0.9", "--digits", "2")
    for was, row in zip(exact, found, strict=True):
        assert 0 <= float(was["low"]) - float(row["low"]) < 1
        assert 0 <= float(row["high"]) - float(was["high"]) < 1
        assert len(row["low"]) <= 5


def test_sets_are_those_of_python_in_words(cli, models):
    words = ("--label", "1=ill", "--label", "0=well")
    found, note = predict(cli, "two", "two.csv", "--sets", *words)
    assert list(found[0]) == ["prediction", "p_well", "p_ill", "set"]
    said = {
        (True, False): "well", (False, True): "ill",
        (True, True): "cannot tell (either)", (False, False): "no plausible class",
    }  # fmt: skip
    sets = load_model("two").predict_set(models, 0.9).tolist()
    assert [row["set"] for row in found] == [said[tuple(each)] for each in sets]
    counts = pd.Series([row["set"] for row in found]).value_counts()
    assert len(counts) >= 2
    assert "Sets at 90 %: about 90 % of new rows of each class, if they are like" in note
    assert f"{counts.iloc[0]} × {counts.index[0]}" in note
    facts = json.loads(cli("predict", "two", "two.csv", "--sets", "0.9", "--json")[1])["result"]
    assert facts["sets"]["confidence_level"] == 0.9
    assert sum(facts["sets"]["n_held_out"].values()) == 120
    assert sum(facts["sets"]["words"].values()) == 150
    assert facts["interval"] is None


def test_different_sets_of_several_classes_have_different_words(cli, models):
    model = load_model("three")
    tables = [model.predict_set(models, level).tolist() for level in (0.5, 0.8, 0.9)]
    of_words = {}
    for level, sets in zip(("0.5", "0.8", "0.9"), tables, strict=True):
        found, _ = predict(cli, "three", "three.csv", "--sets", level)
        for row, each in zip(found, sets, strict=True):
            assert of_words.setdefault(row["set"], each) == each
    assert len(of_words) >= 4
    # A label that is a formula is guarded; one that reads like two labels is in quotes.
    assert not any(word.startswith("=") for word in of_words)
    assert any('"low, or mid"' in word for word in of_words)


def test_a_set_that_begins_like_a_formula_is_guarded(cli, models):
    found, _ = predict(cli, "two", "two.csv", "--sets", "--label", "1=+b", "--label", "0=@a")
    assert {row["set"] for row in found} <= {
        "'+b", "'@a", "cannot tell (either)", "no plausible class",
    }  # fmt: skip
    assert {row["set"] for row in found} & {"'+b", "'@a"}


@pytest.mark.parametrize("name", ["two", "three"])
def test_rows_whose_answer_would_be_wrong_too_often_have_none(cli, models, name):
    plain, _ = predict(cli, name, f"{name}.csv")
    p = load_model(name).predict_proba(models)
    doubt = np.sort(np.min(p, axis=1) if name == "two" else 1 - p.max(axis=1))
    price = float(doubt[100])  # a row at the price is answered
    found, note = predict(cli, name, f"{name}.csv", "--abstain", repr(price))
    doubt = np.min(p, axis=1) if name == "two" else 1 - p.max(axis=1)
    for was, row, each in zip(plain, found, doubt, strict=True):
        assert row["prediction"] == ("cannot tell" if each > price else was["prediction"])
        assert {**row, "prediction": ""} == {**was, "prediction": ""}
    n = int((doubt > price).sum())
    assert 0 < n < 50
    assert f"Cannot tell: {n} of 150 rows" in note
    facts = json.loads(cli("predict", name, f"{name}.csv", "--abstain", repr(price), "--json")[1])
    assert facts["result"]["abstain"] == {"price": price, "n_without_answer": n}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two", "--interval", "0.9"), "--interval is for numbers, and the model predicts classes"),
        (("number", "--sets"), "Fix: give --interval 0.9 instead"),
        (("number", "--abstain", "0.1"), "is for classes, and the model predicts numbers"),
        (("number", "--interval", "90"), "Fix: give --interval 0.9, for example"),
        (("two", "--sets", "0.3"), "Fix: give --sets 0.9, for example"),
        (("number", "--interval", "0.999"), "999 held-out rows are needed for intervals at 99.9 %"),
        (("two", "--sets", "0.99", "--label", "1=ill"), "99 held-out rows of class ill are needed"),
        (("two", "--abstain", "1.5"), "--abstain 1.5 is not a price from 0 to 1"),
        (("two", "--abstain", "nan"), "is not a price from 0 to 1"),
        (("two", "--abstain", "0.1", "--threshold", "0.3"), "at the threshold 0.3 a missed case"),
        (("two", "--abstain", "0.1", "--label", "1=cannot tell"), "which is a class, too"),
    ],
)
def test_what_the_model_does_not_have_is_refused(cli, models, arguments, says):
    model, *options = arguments
    code, out, err = cli("predict", model, f"{model}.csv", "-q", *options)
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())


def fix_of(err):
    return " ".join(err.split()).partition("Fix: ")[2].rstrip(".")


@pytest.mark.parametrize(("name", "option"), [("number", "--interval"), ("two", "--sets")])
def test_the_level_in_the_fix_is_possible(cli, models, name, option):
    fix = fix_of(cli("predict", name, f"{name}.csv", "-q", option, "0.999")[2])
    level = fix.removeprefix(f"give {option} ").split(" or less")[0]
    predict(cli, name, f"{name}.csv", option, level)
    assert cli("predict", name, f"{name}.csv", "-q", option, str(float(level) + 0.002))[0] == 2


def test_the_fixes_for_abstention_work(cli, models):
    fix = fix_of(cli("predict", "two", "two.csv", "--abstain", "0.1", "--threshold", "0.3")[2])
    assert "give --threshold 0.5 as well" in fix
    predict(cli, "two", "two.csv", "--abstain", "0.1", "--threshold", "0.5")
    label = ("--label", "1=cannot tell")
    fix = fix_of(cli("predict", "two", "two.csv", "--abstain", "0.1", *label)[2])
    other = shlex.split(fix.partition("word: ")[2])
    assert other == ["--label", "1=unclear"]
    predict(cli, "two", "two.csv", "--abstain", "0.1", *other)


def test_classes_of_different_costs_have_no_single_price(cli, models):
    balanced = ("--target", "ill", "--class-weight", "balanced", *QUICK)
    assert cli("fit", "three.csv", "-o", "costs", *balanced)[0] == 0
    code, _, err = cli("predict", "costs", "three.csv", "--abstain", "0.1")
    assert code == 2
    assert "Fix: leave out --abstain, or fit without --class-weight" in " ".join(err.split())


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(
    ("name", "option", "fitted", "mended"),
    [
        ("number", "--interval=0.9", ("--early-stopping", "off"), "--early-stopping folds"),
        ("two", "--sets", ("--early-stopping", "off"), "--early-stopping folds"),
        (
            "number", "--interval=0.9", ("--estimator", "ridge"),
            "--hidden none and --early-stopping folds instead of --estimator ridge",
        ),
    ],
)  # fmt: skip
def test_a_model_without_held_out_rows_says_how_to_fit(cli, models, name, option, fitted, mended):
    quick = () if "--estimator" in fitted else QUICK
    code, _, err = cli("fit", f"{name}.csv", "--target", "ill", "-o", "m", *fitted, *quick)
    assert code == 0, err
    code, out, err = cli("predict", "m", f"{name}.csv", option, "-q")
    assert (code, out) == (2, "")
    assert "Error: The model has no" in err
    fix = fix_of(err)
    assert fix.startswith(f"fit with {mended}")
    options = shlex.split(mended.partition(" instead of ")[0].replace(" and ", " "))
    code, _, err = cli(
        "fit", f"{name}.csv", "--target", "ill", "-o", "m", "--force", "--epochs", "3", *options
    )
    assert code == 0, err
    predict(cli, "m", f"{name}.csv", option)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("m t --sets", "m t --sets=0.9"), ("m t --sets 0.8", "m t --sets 0.8"),
        ("--sets m t", "--sets=0.9 m t"), ("m t --sets -q", "m t --sets=0.9 -q"),
        ("m t --sets=0.7", "m t --sets=0.7"), ("m -- --sets t", "m -- --sets t"),
    ],
)  # fmt: skip
def test_the_level_of_sets_may_be_left_out(line, read):
    assert with_usual_level(line.split()) == read.split()
