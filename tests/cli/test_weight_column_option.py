"""``--weight-column``: rows that count more, less or not at all; the column is no input."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

from thalweg.data.notation.said_columns import SaidColumns
from thalweg.errors import DataError
from thalweg.jobs.parts.row_weights import weights_of
from thalweg.persistence.model_file import load_model, read_model

QUICK = ("--epochs", "3", "--hidden", "4", "--early-stopping", "off", "--bins", "0")


@pytest.fixture
def survey(tmp_path):
    """120 rows with whole-number weights ("n"), and with others ("w")."""
    rng = np.random.default_rng(0)
    dose = rng.normal(size=120).round(3)
    frame = pd.DataFrame({"dose": dose, "age": rng.integers(20, 90, 120)})
    frame["n"] = rng.integers(0, 4, 120)
    frame["w"] = rng.lognormal(size=120).round(3)
    frame["ill"] = np.where(dose + rng.normal(size=120) > 0, "yes", "no")
    frame["score"] = (dose + rng.normal(size=120)).round(3)
    frame.to_csv(tmp_path / "survey.csv", index=False)
    return frame


def told(cli, *words):
    code, out, err = cli(*words, "--json", *QUICK)
    assert code == 0, err
    return json.loads(out)


FIT = ("fit", "survey.csv", "--target", "ill", "--drop", "score")


@pytest.mark.parametrize("target", ["ill", "score"])
def test_whole_numbers_are_so_many_rows(cli, survey, target):
    other = "score" if target == "ill" else "ill"
    rows = survey.loc[survey.index.repeat(survey["n"])].drop(columns=["n", "w", other])
    rows.to_csv("rows.csv", index=False)
    more = ("--target", target)
    found = told(cli, "fit", "survey.csv", *more, "--drop", other, "--drop", "w",
                 "--weight-column", "n")  # fmt: skip
    plain = told(cli, "fit", "rows.csv", *more)
    assert found["data"]["weights"] == {
        "name": "n", "sum": len(rows), "are_rows": True, "effective": len(rows),
        "why_no_rows": None,
    }  # fmt: skip
    judged, expected = (each["result"]["judgement"] for each in (found, plain))
    assert judged["network"] == expected["network"]
    assert judged["how"].replace("; equal rows stay together", "") in expected["how"]
    assert judged["n_test"] == expected["n_test"]
    assert plain["data"]["weights"] is None


def test_other_weights_are_said_and_kept(cli, survey):
    named = (*FIT, "--drop", "n", "--weight-column", "w")
    found = told(cli, *named, "-o", "m.safetensors", "--report", "page.html")
    judged, facts = found["result"]["judgement"], found["data"]["weights"]
    assert facts["effective"] == pytest.approx(survey["w"].sum() ** 2 / (survey["w"] ** 2).sum())
    assert not facts["are_rows"]
    assert "rows of equal weight (Kish)" in judged["how"]
    assert any('weighted by "w"' in note for note in found["data"]["notes"])
    counts = judged["network"]["confusion"].values()
    assert sum(counts) == pytest.approx(judged["n_test"])
    assert not all(float(each).is_integer() for each in counts)
    file = read_model("m.safetensors")
    assert file.judgement == judged
    assert len(file.model._known.weights_hash) == 64
    assert "w" not in file.model.schema_.names
    with open("page.html", encoding="utf-8") as page:
        assert "rows of equal weight (Kish)" in page.read()
    code, out, _ = cli("show", "m.safetensors")
    assert code == 0
    assert "counts are sums of weights" in out


def test_a_model_is_evaluated_with_the_weights_of_a_table(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "m.safetensors")
    assert load_model("m.safetensors")._known.weights_hash is None
    survey = survey.assign(dose=survey["dose"] + 0.0005)  # rows that did not train it
    survey.to_csv("new.csv", index=False)
    code, out, _ = cli("evaluate", "m.safetensors", "new.csv", "--weight-column", "w", "--json")
    assert code == 0
    found = json.loads(out)
    judged = found["result"]["judgement"]
    model = load_model("m.safetensors")
    right = model.predict(survey) == survey["ill"]
    accuracy = np.average(right, weights=survey["w"])
    assert judged["network"]["metrics"]["accuracy"]["value"] == pytest.approx(accuracy)
    assert judged["network"]["n_effective"] == pytest.approx(found["data"]["weights"]["effective"])
    of_rows = json.loads(
        cli("evaluate", "m.safetensors", "new.csv", "--weight-column", "n", "--json")[1]
    )["result"]["judgement"]
    assert of_rows["n_test"] == survey["n"].sum()


def test_folds_are_weighted(cli, survey):
    named = ("evaluate", *FIT[1:], "--drop", "n", "--weight-column", "w")
    judged = told(cli, *named, "--folds", "3", "--repeats", "2")["result"]["judgement"]
    assert judged["how"].endswith(" rows of equal weight (Kish)")
    assert judged["n_test"] == 120
    assert judged["network"]["n_effective"] < 100


@pytest.mark.parametrize(
    ("cell", "says"),
    [("-1", "-1"), ("much", "'much'"), ("inf", "'inf'"), ("", "The weight is missing in 1 of")],
)
def test_a_bad_weight_is_refused_with_a_fix_that_works(cli, survey, cell, says):
    frame = survey.astype({"w": str})
    frame.loc[7, "w"] = cell
    frame.to_csv("survey.csv", index=False)
    named = (*FIT, "--drop", "n", "--weight-column", "w", *QUICK)
    code, _, err = cli(*named)
    said = " ".join(err.split())
    assert code == 1
    assert says in said
    assert 'column "w"' in said
    assert "row 8" in said
    option, value = ("--drop-missing", "w") if cell == "" else ("--drop-row", "8")
    assert f"{option} {value}" in said
    assert cli(*named, *shlex.split(f"{option} {value}"))[0] == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--weight-column", "ill"), "The target cannot be the column of weights"),
        (("--weight-column", "wt"), 'no column of weights "wt"'),
        (("--weight-column", "w", "--drop", "w"), "A dropped column cannot be the column of"),
        (("--weight-column", "w", "--group", "w"), "The column of groups cannot be the column"),
        (("--weight-column", "w", "--time-column", "w"), "The time column cannot be the column"),
        (("--weight-column", "w", "--landscape", "--report", "r.html"), "with weights of rows"),
    ],
)
def test_a_column_has_one_role(cli, survey, more, says):
    code, _, err = cli(*FIT, "--drop", "n", *more, *QUICK)
    assert code in (1, 2)
    assert says in " ".join(err.split())


def test_the_training_of_weighted_rows_is_not_repeated_without_them(cli, survey):
    named = (*FIT, "--drop", "n", "--weight-column", "w", "-o", "m.safetensors")
    told(cli, *named)
    code, _, err = cli("landscape", "m.safetensors", "survey.csv", "--grid", "11")
    assert code == 0
    assert "--weight-column was given" in " ".join(err.split())


def test_weights_are_read_as_numbers_are():
    cells = pd.Series(["0,5", "1,25", "0"], name="w")
    assert weights_of(cells, SaidColumns()).tolist() == [0.5, 1.25, 0]
    dots = pd.Series(["1.234", "2.500", "1.000"], name="w")
    assert weights_of(dots, SaidColumns()).tolist() == [1.234, 2.5, 1]
    thousands = SaidColumns.of({"w": "1.234,5"})
    assert weights_of(dots, thousands).tolist() == [1234, 2500, 1000]
    for bad in ([0, 0], [True, False], [1.0, float("inf")]):
        with pytest.raises(DataError):
            weights_of(pd.Series(bad, name="w"), SaidColumns())


def decided(cli, *words):
    code, out, err = cli("decide", "model", *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_threshold_is_chosen_by_weighted_rows(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "model")
    others = survey.assign(dose=survey["dose"] + 0.0005)  # no rows of the fit
    others.to_csv("others.csv", index=False)
    repeated = others.loc[others.index.repeat(others["n"])]
    repeated.to_csv("repeated.csv", index=False)
    for rule in (("--missed", "3", "--alarm", "1"), ("--f1",), ("--sensitivity", "0.9")):
        found = decided(cli, "others.csv", "--weight-column", "n", *rule)
        expected = decided(cli, "repeated.csv", *rule)
        for key in ("threshold", "point", "calibration"):
            assert found["result"][key] == expected["result"][key], rule
    assert found["result"]["threshold"]["confidence"] == 0.95
    assert found["data"]["weights"]["effective"] == len(repeated)
    assert any(note.endswith(f"{len(repeated)} rows in all.") for note in found["data"]["notes"])
    # Other weights: Kish's number, and no confidence.
    found = decided(cli, "others.csv", "--weight-column", "w", "--sensitivity", "0.8")["result"]
    w = survey["w"][survey["ill"] == "yes"]
    assert found["threshold"]["n_class"] == pytest.approx(w.sum() ** 2 / np.sum(w**2), rel=1e-6)
    assert found["threshold"]["confidence"] is None
    assert "No confidence is claimed" in found["sentence"]


def test_a_threshold_needs_rows_that_count(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "model")
    survey.assign(dose=survey["dose"] + 0.0005, n=-1).to_csv("odd.csv", index=False)
    code, _, err = cli("decide", "model", "odd.csv", "--weight-column", "n", "--f1")
    assert (code, "A weight is" in err) == (1, True)
    code, _, err = cli("decide", "model", "--weight-column", "n", "--f1")
    assert (code, "--weight-column is about a table" in err) == (2, True)


def checked(cli, *words):
    code, out, _ = cli("check", *words, "--target", "ill", "--json")
    return code, json.loads(out)


def test_the_check_examines_weights_and_not_as_a_feature(cli, survey):
    code, found = checked(cli, "survey.csv", "--weight-column", "n")
    assert "n" not in found["data"]["columns"]
    assert found["data"]["weight"] == "n"
    assert found["result"]["checks"][-1] == "weights"
    assert any(f"{survey['n'].sum()} rows in all" in note for note in found["data"]["notes"])
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    n_columns = found["result"]["columns"]
    assert n_columns == checked(cli, "survey.csv")[1]["result"]["columns"] - 1
    table = survey.astype({"n": object})
    table.loc[[3, 7], "n"] = [-2, "much"]
    table.to_csv("odd.csv", index=False)
    code, found = checked(cli, "odd.csv", "--weight-column", "n")
    assert code == 3
    [wrong] = [each for each in found["result"]["findings"] if each["check"] == "weights"]
    assert (wrong["severity"], wrong["columns"]) == ("severe", ["n"])
    assert "--drop-row 4,8" in wrong["fix"]
    code, found = checked(cli, "odd.csv", "--weight-column", "n", "--drop-row", "4,8")
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    table.loc[[3, 7], "n"] = ["", ""]
    table.to_csv("odd.csv", index=False)
    assert checked(cli, "odd.csv", "--weight-column", "n")[0] == 3
    _, found = checked(cli, "odd.csv", "--weight-column", "n", "--drop-missing", "n")
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    code, _, err = cli("check", "survey.csv", "--weight-column", "ill", "--target", "ill")
    assert (code, "weight" in err) == (1, True)


@pytest.mark.parametrize("verb", ["fit", "evaluate", "of a model", "decide"])
def test_a_weight_that_no_sum_can_hold_is_refused_by_its_row(cli, survey, verb):
    """Only the sixth row has it, which may be another one among the training rows."""
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "m.safetensors")
    survey["w"] = [1e308 if i == 5 else 1.0 for i in range(len(survey))]
    survey.to_csv("far.csv", index=False)
    words = {
        "fit": ("fit", "far.csv", "--target", "ill", "--drop", "n"),
        "evaluate": ("evaluate", "far.csv", "--target", "ill", "--drop", "n"),
        "of a model": ("evaluate", "m.safetensors", "far.csv"),
        "decide": ("decide", "m.safetensors", "far.csv", "--missed", "9", "--alarm", "1"),
    }[verb]
    code, _, err = cli(*words, "--weight-column", "w")
    err = " ".join(err.split())
    assert code == 1
    assert 'column "w", row 6' in err
    assert "give weights from 1e-100 to 1e+100, or 0" in err


def test_large_whole_numbers_are_said_to_be_no_rows(cli, survey):
    survey["n"] = [1_000_000 if i % 40 == 5 else 1 for i in range(len(survey))]
    survey.drop(columns="w").to_csv("survey.csv", index=False)
    found = told(cli, *FIT, "--weight-column", "n")["data"]
    assert not found["weights"]["are_rows"]
    assert "more than 100,000" in found["weights"]["why_no_rows"]
    assert any(
        "sum to more than 100,000 are not taken as numbers" in each for each in found["notes"]
    )
