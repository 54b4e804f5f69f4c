"""``thalweg drift``, and ``thalweg predict --unlike``."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from made_files import commands_in, copied_here
from thalweg.persistence.model_file import load_model

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--bins", "0")


def table(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "dose": np.round(rng.normal(50, 9, n) + shift, 1),
            "town": rng.choice(["Ulm", "Bern"], n),
        }
    )
    return frame.assign(ill=np.where(frame["dose"] + 9 * rng.normal(size=n) > 50, "yes", "no"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a model and its table."""
    folder = tmp_path_factory.mktemp("made")
    table(300, 0).to_csv(folder / "then.csv", index=False)
    with commands_in(folder) as run:
        run("fit", "then.csv", "--target", "ill", "-o", "model", *QUICK)
    return folder


@pytest.fixture
def model(cli, made):
    copied_here(made)
    return "model"


def said(out):
    return " ".join(out.split())


def test_a_table_without_drift_passes(cli, model):
    table(200, 1).to_csv("now.csv", index=False)
    code, out, err = cli("drift", model, "now.csv")
    assert code == 0, err
    assert "column then now how much p, adjusted" in said(out)
    assert "No drift was found in 2 columns" in said(out)
    assert "out-of-fold loss of the fit" in said(out)
    assert "Observed by expected (O/E)" in said(out)


def test_a_shifted_column_ends_with_3_and_stands_first(cli, model):
    table(200, 1, shift=9.0).to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv", "-o", "columns.csv")
    assert code == 3
    assert "! dose" in out
    assert "1 of 2 columns has drifted" in said(out)
    with open("columns.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["column"] for line in lines] == ["dose", "town"]
    assert lines[0]["drifted"] == "True"
    code, _, err = cli("drift", model, "now.csv", "-o", "columns.csv")
    assert code == 1
    assert "--force" in err


def test_the_rows_that_trained_the_model_are_left_out_of_the_loss(cli, model):
    code, out, err = cli("drift", model, "then.csv")
    assert code == 0, err
    assert "The model was trained on 240 of these 300 rows. Only the other 60 are used" in said(out)
    assert "lower than then" not in said(out)


def test_the_fix_of_an_unreadable_column_works_as_printed(cli, model):
    cells = table(200, 1).astype({"dose": str})
    cells.loc[3, "dose"] = "unbek."
    cells.to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv")
    assert code == 3
    assert "There is no loss to compare" in said(out)
    assert "needs the true target" not in said(out)
    assert "--missing dose=unbek." in said(out)
    code, out, err = cli("drift", model, "now.csv", "--missing", "dose=unbek.")
    assert code == 0, err
    assert "out-of-fold loss of the fit" in said(out)


def test_json_has_the_same_numbers_as_python(cli, model):
    table(200, 1, shift=9.0).to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv", "--json")
    found = json.loads(out)
    assert (code, found["status"]) == (3, "check")
    from thalweg import drift

    frame = pd.read_csv("now.csv")
    expected = drift(load_model(model), frame[["dose", "town"]], frame["ill"]).as_dict()
    result = {key: found["result"][key] for key in expected}
    assert result == json.loads(json.dumps(expected))


def test_without_the_target_nothing_is_said_of_the_loss(cli, model):
    table(200, 1).drop(columns="ill").to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv")
    assert code == 0
    assert "out-of-fold loss" not in out
    code, _, err = cli("drift", model, "now.csv", "--target", "sick")
    assert code == 1
    assert "sick" in err


def test_a_target_with_missing_cells_is_not_used_and_that_is_said(cli, model):
    frame = table(200, 1)
    frame.loc[3, "ill"] = None
    frame.to_csv("now.csv", index=False)
    code, out, err = cli("drift", model, "now.csv")
    assert code == 0
    assert "out-of-fold loss" not in out
    assert "is missing in 1 row" in said(err)


def test_the_target_may_be_of_one_class_and_have_another_name(cli, model):
    table(200, 1).assign(ill="yes").rename(columns={"ill": "sick"}).to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv", "--target", "sick")
    assert code == 3
    assert "higher than then" in said(out)


def test_columns_that_are_lacking_or_cannot_be_read_fail_and_are_named(cli, model):
    table(60, 1).drop(columns=["town", "ill"]).assign(new=1).to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv")
    assert code == 3
    assert "not in the table" in said(out)
    assert 'Ignored, because the model does not predict from them: "new"' in said(out)
    code, out, _ = cli("drift", model, "now.csv", "--empty", "town")
    assert code == 3
    assert "100 % missing" in said(out)


def test_too_few_rows_are_an_error(cli, model):
    table(29, 1).to_csv("now.csv", index=False)
    code, _, err = cli("drift", model, "now.csv")
    assert code == 1
    assert "29 rows are too few" in said(err)


def test_level_and_least_are_those_that_were_given(cli, model):
    table(200, 1, shift=3.0).to_csv("now.csv", index=False)
    code, out, _ = cli("drift", model, "now.csv", "--level", "0.2", "--least", "0.01", "--json")
    found = json.loads(out)["result"]
    assert (found["level"], found["least"]) == (0.2, 0.01)
    assert code == 3
    assert cli("drift", model, "now.csv", "--least", "0.9")[0] == 0
    code, _, err = cli("drift", model, "now.csv", "--level", "2")
    assert code == 2
    assert "--level" in err


# --- predict --unlike -------------------------------------------------------------------------


def test_unlike_is_a_column_of_p_before_outside(cli, model):
    frame = table(60, 1)
    frame.loc[4, "dose"] = 5_000
    frame.to_csv("now.csv", index=False)
    code, out, err = cli("predict", model, "now.csv", "--unlike", "--outside")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0])[-2:] == ["unlike", "outside"]
    p = load_model(model).unlike(frame)
    assert [float(row["unlike"]) for row in rows] == p.tolist()
    assert np.argmin(p) == 4
    assert "unlike the training rows" not in err


@pytest.mark.parametrize(("n_odd", "n", "says"), [(6, 50, True), (5, 50, False), (8, 49, False)])
def test_a_line_says_that_more_than_a_tenth_of_50_rows_are_unlike(cli, model, n_odd, n, says):
    frame = pd.DataFrame({"dose": [50.0] * n, "town": "Ulm"})
    frame.loc[: n_odd - 1, "dose"] = 5_000
    frame.to_csv("now.csv", index=False)
    code, out, err = cli("predict", model, "now.csv", "--unlike", "--json")
    assert code == 0
    assert json.loads(out)["result"]["unlike"] == {"rows": n_odd, "p": 0.05}
    assert (f"{n_odd} of {n} rows are unlike the training rows" in said(err)) is says


def test_the_table_of_a_fit_with_groups_and_weights_is_recognised(cli):
    """As `thalweg explain` does: its very rows are known, and not by their short hashes."""
    frame, rng = table(300, 0), np.random.default_rng(5)
    frame.assign(ward=rng.integers(0, 60, 300), w=rng.choice([1.5, 2.0, 0.7], 300)).to_csv(
        "then.csv", index=False
    )
    roles = ("--group", "ward", "--weight-column", "w")
    code, _, err = cli("fit", "then.csv", "--target", "ill", *roles, "-o", "model", *QUICK)
    assert code == 0, err
    n_train = load_model("model")._known.row_digests.n_rows
    code, out, err = cli("drift", "model", "then.csv")
    assert code == 0, err
    exact = f"The model was trained on {n_train} of these 300 rows. Only the other {300 - n_train}"
    assert exact in said(out)
